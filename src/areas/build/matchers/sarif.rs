//! SARIF 2.1.0, the JSON of static checkers and newer compilers (`gcc -fdiagnostics-format=sarif-stderr`, clang, ESLint). Pure.
//! The format: OASIS, "Static Analysis Results Interchange Format", sections 3.27 to 3.30.

use super::{Diagnostic, Severity};
use crate::base::{Place, SafeText};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// Results of one file that are read.
const MAX_RESULTS: usize = 10_000;

/// A line that may be a whole document.
pub fn is_document(line: &[u8]) -> bool {
    line.starts_with(b"{") && memchr::memmem::find(line, b"\"runs\"").is_some() && memchr::memmem::find(line, b"sarif").is_some()
}

/// The messages of a document, None when it is none. `dir` is where relative paths start.
pub fn parse(text: &[u8], dir: &Path) -> Option<Vec<Diagnostic>> {
    let json: Value = serde_json::from_slice(text).ok()?;
    let runs = json.get("runs")?.as_array()?;
    let mut told = Vec::new();
    for run in runs {
        let driver = run.pointer("/tool/driver");
        let source = driver
            .and_then(|driver| driver.get("name"))
            .and_then(Value::as_str)
            .unwrap_or("sarif");
        let results = run.get("results").and_then(Value::as_array).into_iter().flatten();
        for result in results.take(MAX_RESULTS) {
            told.push(diagnostic(result, run, driver, source, dir));
        }
    }
    Some(told)
}

fn diagnostic(result: &Value, run: &Value, driver: Option<&Value>, source: &str, dir: &Path) -> Diagnostic {
    let rule = driver.and_then(|driver| {
        let rules = driver.get("rules")?.as_array()?;
        let by_index = result
            .get("ruleIndex")
            .and_then(Value::as_u64)
            .and_then(|at| rules.get(at as usize));
        by_index.or_else(|| rules.iter().find(|rule| rule.get("id") == result.get("ruleId")))
    });
    let of_rule = rule.and_then(|rule| rule.pointer("/defaultConfiguration/level"));
    let level = result.get("level").or(of_rule).and_then(Value::as_str).unwrap_or("warning");
    let text = |value: Option<&Value>| {
        value
            .and_then(Value::as_str)
            .map(|text| SafeText::multiline(text).into_string())
    };
    let message = text(result.pointer("/message/text"))
        .or_else(|| text(result.pointer("/message/markdown")))
        .unwrap_or_default();
    let physical = result.pointer("/locations/0/physicalLocation");
    let region = physical.and_then(|physical| physical.get("region"));
    let number = |name: &str| region?.get(name)?.as_u64().map(|n| n as u32);
    let artifact = physical.and_then(|physical| physical.get("artifactLocation"));
    let uri = artifact.and_then(|artifact| artifact.get("uri")).and_then(Value::as_str);
    let base = artifact
        .and_then(|artifact| artifact.get("uriBaseId"))
        .and_then(Value::as_str)
        .and_then(|id| run.get("originalUriBaseIds")?.get(id)?.get("uri")?.as_str());
    let place = uri.map(|uri| Place {
        path: path(uri, base, dir),
        line: number("startLine"),
        column: number("startColumn"),
    });
    let snippet = text(region.and_then(|region| region.pointer("/snippet/text")))
        .or_else(|| text(physical.and_then(|physical| physical.pointer("/contextRegion/snippet/text"))));
    Diagnostic {
        severity: match level {
            "error" => Severity::Error,
            "warning" => Severity::Warning,
            _ => Severity::Note,
        },
        rendered: snippet
            .map(|snippet| format!("{message}\n{snippet}"))
            .unwrap_or_else(|| message.clone()),
        message,
        code: result
            .get("ruleId")
            .and_then(Value::as_str)
            .map(|code| SafeText::new(code).into_string()),
        place,
        suggestion: text(result.pointer("/fixes/0/description/text")),
        source: SafeText::new(source).into_string(),
    }
}

fn path(uri: &str, base: Option<&str>, dir: &Path) -> PathBuf {
    let decoded = |uri: &str| PathBuf::from(unescaped(uri.strip_prefix("file://").unwrap_or(uri)));
    let path = decoded(uri);
    match base {
        Some(base) if path.is_relative() => decoded(base).join(path),
        _ if path.is_relative() => dir.join(path),
        _ => path,
    }
}

/// Without `%20` and the like.
fn unescaped(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let hex = |at: usize| tail.get(at).and_then(|byte| char::from(*byte).to_digit(16));
        if *first == b'%'
            && let (Some(high), Some(low)) = (hex(0), hex(1))
        {
            bytes.push((high * 16 + low) as u8);
            rest = &tail[2..];
        } else {
            bytes.push(*first);
            rest = tail;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
