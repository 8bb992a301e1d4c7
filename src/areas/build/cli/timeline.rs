//! The answer of `build timeline`.

use crate::areas::build::model::Builds;
use crate::areas::build::timeline::Timeline;
use crate::areas::cli::Answer;
use crate::base::{Catalog, format};
use crate::msg;
use serde_json::json;
use std::fmt::Write as _;

/// Columns of a bar.
const WIDTH: usize = 40;

pub(super) fn answer(builds: &Builds, texts: &Catalog) -> Answer {
    let timeline = builds.timeline.as_ref();
    Answer {
        schema: "chantier.build.timeline/1",
        data: json!({ "timeline": timeline, "duration_ms": timeline.map(Timeline::duration_ms), "critical_ms": timeline.map(Timeline::critical_ms) }),
        text: timeline.map(|timeline| text_of(timeline, texts)).unwrap_or_default(),
    }
}

/// A bar for each span, those of the critical path filled; then the path in words.
fn text_of(timeline: &Timeline, texts: &Catalog) -> String {
    let mut text = String::new();
    let from = timeline.spans.first().map_or(0, |span| span.start.as_millisecond());
    let total = timeline.duration_ms().max(1) as f64;
    let time = |ms: u64| format::duration_secs(ms as f64 / 1000.0, texts);
    for span in &timeline.spans {
        let column = |at: i64| ((((at - from) as f64 / total) * WIDTH as f64) as usize).min(WIDTH);
        let (start, end) = (column(span.start.as_millisecond()), column(span.end.as_millisecond()));
        let sign = if span.is_critical { "#" } else { "-" };
        let bar = format!("{}{}", " ".repeat(start.min(WIDTH - 1)), sign.repeat((end - start).max(1)));
        let name = format!("{}{}", "  ".repeat(span.depth), span.name);
        let name: String = name.chars().take(44).collect();
        writeln!(text, "{name:<44} |{bar:<WIDTH$}| {:>9}", time(span.duration_ms())).expect("a string takes every write");
    }
    if timeline.spans.len() < 2 {
        writeln!(text, "{}", texts.t("build-timeline-bare")).expect("a string takes every write");
        return text;
    }
    let path = texts.msg(&msg!(
        "build-timeline-critical",
        time = time(timeline.critical_ms()),
        all = time(timeline.duration_ms())
    ));
    writeln!(text, "{path}").expect("a string takes every write");
    for span in timeline.critical() {
        writeln!(text, "  {:>9}  {}", time(span.duration_ms()), span.name).expect("a string takes every write");
    }
    text
}
