//! A time line as OTLP in JSON: one trace, one span for each stretch. <https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding>

use super::{Span, Timeline};
use crate::adapters::files::sha256_of;
use crate::base::State;
use serde_json::{Value, json};

/// The document that a collector takes at `/v1/traces`. The same run gives the same ids.
pub fn document(timeline: &Timeline, service: &str) -> Value {
    let root = timeline.spans.first();
    let seed = format!("{}/{}", timeline.job.0, root.map_or(0, |span| span.start.as_millisecond()));
    let trace = &sha256_of(seed.as_bytes())[..32];
    let id = |at: usize| sha256_of(format!("{seed}/{at}").as_bytes())[..16].to_owned();
    let spans: Vec<Value> = timeline
        .spans
        .iter()
        .enumerate()
        .map(|(at, span)| {
            let mut value = json!({
                "traceId": trace,
                "spanId": id(at),
                "name": span.name,
                "kind": 1,
                "startTimeUnixNano": nanos(span.start),
                "endTimeUnixNano": nanos(span.end),
                "attributes": attributes(timeline, span),
                "links": span.needs.iter().map(|need| json!({ "traceId": trace, "spanId": id(*need) })).collect::<Vec<_>>(),
                "status": { "code": if span.state == State::Failed { 2 } else { 1 } },
            });
            if let Some(parent) = span.parent {
                value["parentSpanId"] = id(parent).into();
            }
            value
        })
        .collect();
    json!({ "resourceSpans": [{
        "resource": { "attributes": [text("service.name", service)] },
        "scopeSpans": [{ "scope": { "name": "chantier", "version": env!("CARGO_PKG_VERSION") }, "spans": spans }],
    }] })
}

fn attributes(timeline: &Timeline, span: &Span) -> Vec<Value> {
    let mut all = vec![
        text("chantier.kind", span.kind.word()),
        json!({ "key": "chantier.critical", "value": { "boolValue": span.is_critical } }),
        text("cicd.pipeline.task.run.result", span.state.word()),
    ];
    if span.parent.is_none() {
        all.push(text("cicd.pipeline.name", &timeline.title));
        all.push(text("cicd.pipeline.run.id", &timeline.job.0.to_string()));
        if let Some(commit) = &timeline.commit {
            all.push(text("vcs.ref.head.revision", commit));
        }
    }
    all
}

fn text(key: &str, value: &str) -> Value {
    json!({ "key": key, "value": { "stringValue": value } })
}

/// 64-bit numbers are texts in OTLP's JSON.
fn nanos(at: crate::base::Timestamp) -> String {
    at.as_nanosecond().to_string()
}
