//! Colours of source text, found beside the frame by one thread and kept for what was shown last.

use super::tokens::Tokens;
use crate::base::diff::LineKind;
use egui::{Color32, Context};
use std::collections::{HashMap, VecDeque};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use syntect::parsing::{ParseState, Scope, ScopeStack, SyntaxReference, SyntaxSet};

/// More lines than this stay plain.
const MAX_LINES: usize = 4000;
const MAX_LINE_BYTES: usize = 600;
const MAX_KEPT: usize = 400;

/// What a piece of source text is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Class {
    #[default]
    Plain,
    Keyword,
    Text,
    Number,
    Type,
    Comment,
}

impl Class {
    pub fn colour(self, t: &Tokens) -> Color32 {
        match self {
            Self::Plain => t.text,
            Self::Keyword => t.syntax.keyword,
            Self::Text => t.syntax.string,
            Self::Number => t.syntax.number,
            Self::Type => t.syntax.type_name,
            Self::Comment => t.syntax.comment,
        }
    }
}

/// The pieces of a line: where each ends (in bytes) and what it is.
pub type Runs = Vec<(usize, Class)>;

struct Request {
    key: u64,
    path: String,
    lines: Vec<(LineKind, String)>,
    ctx: Context,
}

struct Service {
    requests: SyncSender<Request>,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    /// None: asked for, not there yet.
    found: HashMap<u64, Option<Arc<Vec<Runs>>>>,
    order: VecDeque<u64>,
}

fn service() -> Option<&'static Service> {
    static SERVICE: OnceLock<Option<Service>> = OnceLock::new();
    let service = SERVICE.get_or_init(|| {
        let (requests, inbox) = sync_channel(64);
        let worker = std::thread::Builder::new()
            .name("syntax".to_owned())
            .spawn(move || work(&inbox));
        // Without a thread the text is plain, which is no failure.
        worker.is_ok().then(|| Service {
            requests,
            kept: Mutex::default(),
        })
    });
    service.as_ref()
}

/// The runs of these lines, when they are known; asks for them otherwise and repaints once they are. `key` names path and content.
pub fn runs(ctx: &Context, key: u64, path: &str, lines: impl FnOnce() -> Vec<(LineKind, String)>) -> Option<Arc<Vec<Runs>>> {
    let service = service()?;
    // Never wait in a frame.
    let mut kept = service.kept.try_lock().ok()?;
    if let Some(found) = kept.found.get(&key) {
        return found.clone();
    }
    let request = Request {
        key,
        path: path.to_owned(),
        lines: lines(),
        ctx: ctx.clone(),
    };
    if service.requests.try_send(request).is_ok() {
        kept.found.insert(key, None);
        kept.order.push_back(key);
        while kept.order.len() > MAX_KEPT {
            if let Some(old) = kept.order.pop_front() {
                kept.found.remove(&old);
            }
        }
    }
    None
}

fn work(inbox: &Receiver<Request>) {
    let syntaxes = SyntaxSet::load_defaults_newlines();
    let classes = Classes::new();
    while let Ok(request) = inbox.recv() {
        let found = Arc::new(highlight(&syntaxes, &classes, &request.path, &request.lines));
        if let Some(service) = service() {
            let mut kept = service.kept.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(slot) = kept.found.get_mut(&request.key) {
                *slot = Some(found);
            }
        }
        request.ctx.request_repaint();
    }
}

/// Removed lines are read in one stream with the context, added lines in another: each side is a text that makes sense.
fn highlight(syntaxes: &SyntaxSet, classes: &Classes, path: &str, lines: &[(LineKind, String)]) -> Vec<Runs> {
    if lines.len() > MAX_LINES {
        return Vec::new();
    }
    let Some(syntax) = syntax_of(syntaxes, path, lines) else {
        return lines.iter().map(|(_, line)| simple(line)).collect();
    };
    let mut old = (ParseState::new(syntax), ScopeStack::new());
    let mut new = (ParseState::new(syntax), ScopeStack::new());
    let mut all = Vec::with_capacity(lines.len());
    for (kind, line) in lines {
        let text = if line.len() > MAX_LINE_BYTES {
            "\n".to_owned()
        } else {
            format!("{line}\n")
        };
        let mut runs = Runs::new();
        if *kind != LineKind::Added {
            runs = parse(syntaxes, classes, &mut old, &text);
        }
        if *kind != LineKind::Removed {
            runs = parse(syntaxes, classes, &mut new, &text);
        }
        all.push(runs);
    }
    all
}

fn syntax_of<'a>(syntaxes: &'a SyntaxSet, path: &str, lines: &[(LineKind, String)]) -> Option<&'a SyntaxReference> {
    let name = path.rsplit('/').next().unwrap_or(path);
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    let token = match extension {
        "ts" | "tsx" | "jsx" | "mjs" | "cjs" | "vue" => "js",
        "zsh" | "ksh" => "sh",
        "yml" => "yaml",
        "svg" | "xsd" | "xslt" => "xml",
        other => other,
    };
    let plain = &syntaxes.find_syntax_plain_text().name;
    let by_name = syntaxes.find_syntax_by_extension(name);
    let by_token = by_name.or_else(|| {
        if token.is_empty() {
            None
        } else {
            syntaxes.find_syntax_by_extension(token)
        }
    });
    let found = by_token.or_else(|| syntaxes.find_syntax_by_first_line(lines.first().map_or("", |(_, line)| line)));
    found.filter(|syntax| &syntax.name != plain)
}

fn parse(syntaxes: &SyntaxSet, classes: &Classes, state: &mut (ParseState, ScopeStack), text: &str) -> Runs {
    let Ok(ops) = state.0.parse_line(text, syntaxes) else {
        return Runs::new();
    };
    let mut runs = Runs::new();
    let end = text.len().saturating_sub(1);
    let mut at = 0;
    let mut push = |runs: &mut Runs, to: usize, stack: &ScopeStack| {
        let to = to.min(end);
        if to > at {
            let class = classes.of(stack, text.get(at..to).unwrap_or_default().trim());
            match runs.last_mut() {
                Some(last) if last.1 == class => last.0 = to,
                _ => runs.push((to, class)),
            }
            at = to;
        }
    };
    for (offset, op) in ops {
        push(&mut runs, offset, &state.1);
        if state.1.apply(&op).is_err() {
            return Runs::new();
        }
    }
    push(&mut runs, end, &state.1);
    runs
}

/// Scopes by the class they mean; the innermost that is known counts.
struct Classes(Vec<(Scope, Class)>);

impl Classes {
    fn new() -> Self {
        let table = [
            ("comment", Class::Comment),
            ("string", Class::Text),
            ("constant.character", Class::Text),
            ("constant.numeric", Class::Number),
            ("constant.language", Class::Number),
            ("storage.type.numeric", Class::Type),
            ("storage.type.rust", Class::Type),
            ("storage.type.java", Class::Type),
            ("storage.type.c", Class::Type),
            ("entity.name.type", Class::Type),
            ("entity.name.class", Class::Type),
            ("entity.name.struct", Class::Type),
            ("entity.name.enum", Class::Type),
            ("entity.name.trait", Class::Type),
            ("entity.name.impl", Class::Type),
            ("entity.name.tag", Class::Keyword),
            ("entity.name.section", Class::Keyword),
            ("entity.other.attribute-name", Class::Type),
            ("support.type", Class::Type),
            ("support.class", Class::Type),
            ("support.macro", Class::Type),
            ("keyword.operator", Class::Plain),
            ("keyword", Class::Keyword),
            ("storage", Class::Keyword),
            ("variable.language", Class::Keyword),
        ];
        Self(
            table
                .into_iter()
                .filter_map(|(name, class)| Some((Scope::new(name).ok()?, class)))
                .collect(),
        )
    }

    /// Grammars call `let` and `u64` alike, and `as` an operator: the word itself decides.
    fn of(&self, stack: &ScopeStack, word: &str) -> Class {
        const DECLARES: [&str; 18] = [
            "let",
            "fn",
            "struct",
            "enum",
            "trait",
            "impl",
            "type",
            "mod",
            "union",
            "const",
            "static",
            "class",
            "interface",
            "func",
            "var",
            "def",
            "function",
            "namespace",
        ];
        let known = |scope: &Scope| {
            self.0
                .iter()
                .find(|(prefix, _)| prefix.is_prefix_of(*scope))
                .map(|(_, class)| *class)
        };
        match stack.as_slice().iter().rev().find_map(known).unwrap_or_default() {
            Class::Type if DECLARES.contains(&word) => Class::Keyword,
            Class::Plain if matches!(word, "as" | "in" | "is" | "not" | "and" | "or") => Class::Keyword,
            class => class,
        }
    }
}

/// For formats without a grammar here (TOML, Dockerfile, ini): comments, quoted text, numbers, section heads.
fn simple(line: &str) -> Runs {
    let mut runs = Runs::new();
    let trimmed = line.trim_start();
    if trimmed.starts_with('#') || trimmed.starts_with("//") || trimmed.starts_with(';') {
        return vec![(line.len(), Class::Comment)];
    }
    if trimmed.starts_with('[') && trimmed.trim_end().ends_with(']') && !trimmed.contains(['"', ',']) {
        return vec![(line.len(), Class::Keyword)];
    }
    let bytes = line.as_bytes();
    let mut i = 0;
    while i < bytes.len() {
        let start = i;
        let class = match bytes[i] {
            quote @ (b'"' | b'\'') => {
                i += 1;
                while i < bytes.len() && bytes[i] != quote {
                    i += if bytes[i] == b'\\' { 2 } else { 1 };
                }
                i = (i + 1).min(bytes.len());
                Class::Text
            }
            b'#' if start > 0 && bytes[start - 1].is_ascii_whitespace() => {
                i = bytes.len();
                Class::Comment
            }
            b'0'..=b'9' if start == 0 || !(bytes[start - 1].is_ascii_alphanumeric() || bytes[start - 1] == b'_') => {
                while i < bytes.len() && (bytes[i].is_ascii_alphanumeric() || matches!(bytes[i], b'.' | b'_')) {
                    i += 1;
                }
                Class::Number
            }
            _ => {
                i += 1;
                Class::Plain
            }
        };
        while !line.is_char_boundary(i) {
            i += 1;
        }
        match runs.last_mut() {
            Some(last) if last.1 == class => last.0 = i,
            _ => runs.push((i, class)),
        }
    }
    runs
}
