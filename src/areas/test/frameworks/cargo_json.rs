//! cargo's JSON stream (`--message-format=json-diagnostic-rendered-ansi`): compiler messages and what was made, as plain data.

use crate::base::{Place, Problem, SafeText};
use crate::msg;
use cargo_metadata::diagnostic::{Applicability, Diagnostic as RustDiagnostic, DiagnosticLevel, DiagnosticSpan};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// How bad a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    Error,
    Warning,
    Note,
}

impl Severity {
    pub fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }

    pub fn from_word(word: &str) -> Self {
        match word {
            "error" => Self::Error,
            "warning" => Self::Warning,
            _ => Self::Note,
        }
    }
}

/// One message of a compiler or linter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Diagnostic {
    pub severity: Severity,
    pub message: String,
    /// `E0308`, `unused_variables`, `-Wformat=`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Relative to the workspace where it lies inside.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// The tool's whole text, colours taken out.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub rendered: String,
    /// The tool's own proposal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suggestion: Option<String>,
    /// Who says it: `rustc`, `gcc`, `cargo` ...
    pub source: String,
}

/// One line of the stream.
#[derive(Clone, Debug, PartialEq)]
pub enum Message {
    /// The message as data, and as cargo would have printed it, in colours.
    Diagnostic(Box<Diagnostic>, String),
    Made(Made),
    /// The build is over.
    BuildFinished {
        success: bool,
    },
    /// A script of a package ran, and the like.
    Other,
}

/// Something that cargo made, or found made.
#[derive(Clone, Debug, PartialEq)]
pub struct Made {
    pub package: String,
    pub target: String,
    /// The first kind: `lib`, `bin`, `test`, `example`, `bench`, `proc-macro`, `custom-build`.
    pub kind: String,
    pub executable: Option<PathBuf>,
    pub is_test: bool,
    /// It was there already.
    pub is_fresh: bool,
}

impl Made {
    /// The binary's id as cargo-nextest writes it: `pkg`, `pkg::it`, `pkg::bin/main`.
    pub fn binary_id(&self) -> String {
        match self.kind.as_str() {
            "test" => format!("{}::{}", self.package, self.target),
            "bin" | "example" | "bench" => format!("{}::{}/{}", self.package, self.kind, self.target),
            "proc-macro" => format!("{}::proc-macro/{}", self.package, self.target),
            _ => self.package.clone(),
        }
    }
}

/// Whether a line of standard output is one of cargo's messages.
pub fn is_message(bytes: &[u8]) -> bool {
    bytes.starts_with(b"{\"reason\":")
}

/// Reads one line; None when it is not cargo's. `dir` is the folder that cargo's relative paths start from, relative to the workspace.
pub fn parse(bytes: &[u8], dir: &Path) -> Option<Message> {
    if !is_message(bytes) {
        return None;
    }
    match serde_json::from_slice(bytes).ok()? {
        cargo_metadata::Message::CompilerMessage(message) => {
            let rendered = message
                .message
                .rendered
                .clone()
                .unwrap_or_else(|| message.message.message.clone());
            Some(Message::Diagnostic(Box::new(diagnostic(&message.message, dir)), rendered))
        }
        cargo_metadata::Message::CompilerArtifact(artifact) => Some(Message::Made(Made {
            package: package_name(&artifact.package_id.repr, artifact.manifest_path.as_std_path()),
            target: artifact.target.name.clone(),
            kind: artifact.target.kind.first().map(ToString::to_string).unwrap_or_default(),
            executable: artifact.executable.map(PathBuf::from),
            is_test: artifact.profile.test,
            is_fresh: artifact.fresh,
        })),
        cargo_metadata::Message::BuildFinished(end) => Some(Message::BuildFinished { success: end.success }),
        _ => Some(Message::Other),
    }
}

/// `path+file:///p/tiny#0.1.0` names the package by its folder, `..#name@0.1.0` says it; older: `name 0.1.0 (path+..)`.
fn package_name(id: &str, manifest: &Path) -> String {
    if let Some((name, _)) = id.split_once(' ') {
        return name.to_owned();
    }
    if let Some((name, _)) = id.rsplit_once('#').and_then(|(_, end)| end.split_once('@')) {
        return name.to_owned();
    }
    let folder = manifest.parent().and_then(Path::file_name);
    folder.map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

fn diagnostic(message: &RustDiagnostic, dir: &Path) -> Diagnostic {
    let severity = match message.level {
        DiagnosticLevel::Ice | DiagnosticLevel::Error => Severity::Error,
        DiagnosticLevel::Warning => Severity::Warning,
        _ => Severity::Note,
    };
    let span = message.spans.iter().find(|span| span.is_primary).or(message.spans.first());
    let place = span.map(|span| {
        let span = outermost(span);
        Place {
            path: dir.join(&span.file_name),
            line: Some(span.line_start as u32),
            column: Some(span.column_start as u32),
        }
    });
    let rendered = message
        .rendered
        .as_deref()
        .map(|text| super::plain(text.as_bytes()))
        .unwrap_or_default();
    Diagnostic {
        severity,
        message: SafeText::multiline(&message.message).into_string(),
        code: message.code.as_ref().map(|code| SafeText::new(&code.code).into_string()),
        place,
        rendered: SafeText::multiline(rendered.trim_end()).into_string(),
        suggestion: suggestion(message).map(|text| SafeText::multiline(&text).into_string()),
        source: "rustc".to_owned(),
    }
}

/// Where the user wrote it: the place of the macro's call, when the message points into a macro of another package.
fn outermost(span: &DiagnosticSpan) -> &DiagnosticSpan {
    let mut span = span;
    while Path::new(&span.file_name).is_absolute() || span.file_name.starts_with('<') {
        let Some(expansion) = &span.expansion else { break };
        span = &expansion.span;
    }
    span
}

fn suggestion(message: &RustDiagnostic) -> Option<String> {
    let child = message.children.iter().find(|child| child.level == DiagnosticLevel::Help)?;
    let replacement = child.spans.iter().find_map(|span| {
        let sure = span.suggestion_applicability.as_ref() != Some(&Applicability::HasPlaceholders);
        span.suggested_replacement
            .as_ref()
            .filter(|text| sure && !text.trim().is_empty())
    });
    Some(match replacement {
        Some(text) if !child.message.contains(text.trim()) => format!("{}: {}", child.message, text.trim()),
        _ => child.message.clone(),
    })
}

/// The problem of a run whose sources do not compile.
pub fn does_not_compile(error: &Diagnostic) -> Problem {
    let mut problem = Problem::user(msg!("test-does-not-compile", what = error.message.as_str()))
        .code("does-not-compile")
        .details(&error.rendered);
    problem.place.clone_from(&error.place);
    if let Some(code) = error.code.as_deref().filter(|code| code.starts_with('E')) {
        problem = problem.hint(msg!("test-explain-hint", code = code));
    }
    problem
}
