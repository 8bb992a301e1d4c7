//! One line of output as a layout: terminal colours mapped to readable tokens, the level's word, the matches of a search.

use super::theme::font;
use super::tokens::{CLEAR, Tokens, mix};
use crate::base::log::level_in;
use crate::base::{Level, LogLine, Stream, safe};
use egui::text::{LayoutJob, TextFormat};
use egui::{Color32, Stroke};
use regex::{Regex, RegexBuilder};
use std::ops::Range;

/// More characters of one line are not laid out; the line can be opened whole.
pub const MAX_SHOWN_CHARS: usize = 1000;

#[derive(Clone, Copy, Debug, PartialEq)]
struct Look {
    colour: Option<Color32>,
    bold: bool,
    dim: bool,
    underline: bool,
}

const PLAIN: Look = Look {
    colour: None,
    bold: false,
    dim: false,
    underline: false,
};

/// What a search box holds: nothing, a regular expression, or words that are no valid expression and are taken as they are.
#[derive(Clone, Debug, Default)]
pub struct Search {
    text: String,
    regex: Option<Regex>,
}

impl Search {
    pub fn new(text: &str) -> Self {
        let build = |pattern: &str| {
            RegexBuilder::new(pattern)
                .case_insensitive(true)
                .size_limit(1 << 20)
                .build()
                .ok()
        };
        let regex = if text.is_empty() {
            None
        } else {
            build(text).or_else(|| build(&regex::escape(text)))
        };
        Self {
            text: text.to_owned(),
            regex,
        }
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    pub fn is_empty(&self) -> bool {
        self.regex.is_none()
    }

    pub fn matches(&self, plain: &str) -> bool {
        self.regex.as_ref().is_none_or(|regex| regex.is_match(plain))
    }

    fn ranges(&self, plain: &str) -> Vec<Range<usize>> {
        let Some(regex) = &self.regex else { return Vec::new() };
        regex
            .find_iter(plain)
            .filter(|found| !found.is_empty())
            .take(100)
            .map(|found| found.range())
            .collect()
    }
}

/// The line as it is drawn, and how many characters were left out at its end.
pub fn layout(t: &Tokens, line: &LogLine, search: &Search) -> (LayoutJob, usize) {
    let (plain, mut runs) = parse(t, &line.text);
    let shown_end = plain.char_indices().nth(MAX_SHOWN_CHARS).map_or(plain.len(), |(at, _)| at);
    let left_out = plain[shown_end..].chars().count();
    let has_colour = runs.iter().any(|(_, look)| *look != PLAIN);
    if !has_colour {
        if line.stream == Stream::Note {
            runs = vec![(
                0..plain.len(),
                Look {
                    colour: Some(t.info.text),
                    ..PLAIN
                },
            )];
        } else if let Some((word, level)) = level_in(&plain).filter(|(word, _)| !word.is_empty()) {
            let colour = match level {
                Level::Error => Some(t.danger.text),
                Level::Warn => Some(t.warning.text),
                _ => Some(t.text_weak),
            };
            runs = vec![
                (0..word.start, PLAIN),
                (word.clone(), Look { colour, ..PLAIN }),
                (word.end..plain.len(), PLAIN),
            ];
        }
    }
    let found = search.ranges(&plain);
    let mut job = LayoutJob {
        break_on_newline: false,
        ..LayoutJob::default()
    };
    for (range, look) in runs {
        let mut at = range.start;
        let end = range.end.min(shown_end);
        while at < end {
            let hit = found.iter().find(|hit| hit.end > at);
            let (next, on) = match hit {
                Some(hit) if hit.start <= at => (hit.end.min(end), true),
                Some(hit) => (hit.start.min(end), false),
                None => (end, false),
            };
            job.append(&plain[at..next], 0.0, format(t, look, on));
            at = next;
        }
    }
    (job, left_out)
}

fn format(t: &Tokens, look: Look, found: bool) -> TextFormat {
    let mut colour = look.colour.unwrap_or(if look.dim { t.text_weak } else { t.text });
    let mut background = CLEAR;
    if found {
        background = mix(t.surface_1, t.warning.mark, if t.dark { 0.35 } else { 0.4 });
        colour = t.text;
    }
    let size = super::tokens::measure::TEXT_LOG;
    TextFormat {
        font_id: if look.bold { font::mono_bold(size) } else { font::log() },
        color: colour,
        background,
        underline: if look.underline {
            Stroke::new(1.0, colour)
        } else {
            Stroke::NONE
        },
        ..TextFormat::default()
    }
}

/// The text without colour sequences, and the look of each run of it.
fn parse(t: &Tokens, text: &str) -> (String, Vec<(Range<usize>, Look)>) {
    if !text.contains('\u{1b}') {
        return (text.to_owned(), vec![(0..text.len(), PLAIN)]);
    }
    let mut plain = String::with_capacity(text.len());
    let mut runs = Vec::new();
    let mut look = PLAIN;
    let mut rest = text;
    while let Some(at) = rest.find('\u{1b}') {
        push_run(&mut plain, &mut runs, &rest[..at], look);
        rest = &rest[at + 1..];
        let Some(end) = rest.find('m').filter(|_| rest.starts_with('[')) else {
            continue;
        };
        apply_sgr(t, &rest[1..end], &mut look);
        rest = &rest[end + 1..];
    }
    push_run(&mut plain, &mut runs, rest, look);
    (plain, runs)
}

fn push_run(plain: &mut String, runs: &mut Vec<(Range<usize>, Look)>, text: &str, look: Look) {
    if !text.is_empty() {
        let start = plain.len();
        plain.push_str(text);
        runs.push((start..plain.len(), look));
    }
}

fn apply_sgr(t: &Tokens, parameters: &str, look: &mut Look) {
    let mut codes = parameters.split([';', ':']).map(|code| code.parse::<u16>().unwrap_or(0));
    while let Some(code) = codes.next() {
        match code {
            0 => *look = PLAIN,
            1 => look.bold = true,
            2 => look.dim = true,
            4 => look.underline = true,
            22 => {
                look.bold = false;
                look.dim = false;
            }
            24 => look.underline = false,
            30..=37 => look.colour = Some(t.ansi((code - 30) as u8)),
            90..=97 => look.colour = Some(t.ansi((code - 90) as u8)),
            39 => look.colour = None,
            38 | 48 => {
                let colour = match codes.next() {
                    Some(5) => codes.next().map(|index| t.ansi_256(index.min(255) as u8)),
                    Some(2) => {
                        let mut byte = || codes.next().unwrap_or(0).min(255) as u8;
                        let (r, g, b) = (byte(), byte(), byte());
                        Some(t.readable(r, g, b))
                    }
                    _ => None,
                };
                if code == 38 {
                    look.colour = colour;
                }
            }
            _ => {}
        }
    }
}

/// The words of a line, as they are copied and searched.
pub fn plain(line: &LogLine) -> std::borrow::Cow<'_, str> {
    safe::plain(&line.text)
}
