//! Lines by which a script tells a runner of GitHub what is wrong where: `::error file=a.c,line=3,col=2::text`. Pure.
//! <https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands>

use super::{Diagnostic, Severity};
use crate::base::{Place, SafeText};

/// The message of such a line.
pub(super) fn parse(line: &str) -> Option<Diagnostic> {
    let (head, text) = line.trim_start().strip_prefix("::")?.split_once("::")?;
    let (word, said) = head.split_once(' ').unwrap_or((head, ""));
    let severity = match word {
        "error" => Severity::Error,
        "warning" => Severity::Warning,
        "notice" => Severity::Note,
        _ => return None,
    };
    let pairs = said.split(',').filter_map(|pair| pair.split_once('='));
    let pairs: Vec<(&str, String)> = pairs.map(|(name, value)| (name.trim(), plain(value))).collect();
    let of = |wanted: &str| {
        pairs
            .iter()
            .find(|(name, _)| *name == wanted)
            .map(|(_, value)| value.as_str())
    };
    let number = |name: &str| of(name).and_then(|value| value.trim().parse().ok());
    let text = plain(text);
    let message = match of("title").filter(|title| !title.is_empty()) {
        Some(title) => format!("{title}: {text}"),
        None => text,
    };
    Some(Diagnostic {
        severity,
        message: SafeText::multiline(&message).into_string(),
        code: None,
        place: of("file").filter(|file| !file.is_empty()).map(|file| Place {
            path: file.into(),
            line: number("line"),
            column: number("col"),
        }),
        rendered: String::new(),
        suggestion: None,
        source: "github".to_owned(),
    })
}

/// Without the signs that stand for others.
fn plain(text: &str) -> String {
    let signs = [("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")];
    signs
        .iter()
        .fold(text.to_owned(), |text, (sign, meant)| text.replace(sign, meant))
}
