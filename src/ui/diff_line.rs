//! One line of a difference: its numbers, its sign, its words in syntax colours, the changed ones on their own fill.

use super::syntax::{self, Runs};
use super::text;
use super::theme::font;
use super::tokens::{CLEAR, Tokens, measure};
use crate::base::diff::{DiffFile, DiffLine, Hunk, LineEnd, LineKind};
use egui::text::{LayoutJob, TextFormat};
use egui::{Align2, Color32, Context, CursorIcon, Rect, Role, Sense, Ui, WidgetInfo, pos2, vec2};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

const MAX_SHOWN_BYTES: usize = 2000;

/// Which side of a difference a cell shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Both,
    Old,
    New,
}

/// Widths of what stands left of the words.
pub(super) struct Gutter {
    tick: f32,
    number: f32,
    side_by_side: bool,
}

impl Gutter {
    pub(super) fn new(largest: u32, ticks: bool, side_by_side: bool) -> Self {
        let digits = largest.max(99).to_string().len() as f32;
        Self {
            tick: if ticks { 24.0 } else { 8.0 },
            number: digits * 7.3 + 10.0,
            side_by_side,
        }
    }

    fn words(&self) -> f32 {
        let numbers = if self.side_by_side { 1.0 } else { 2.0 };
        self.tick + numbers * self.number + 20.0
    }
}

/// Which lines stand in each row. Side by side, a run of removed lines stands beside the added ones that follow it.
pub(super) fn rows(hunk: &Hunk, side_by_side: bool) -> Vec<(Option<usize>, Option<usize>)> {
    if !side_by_side {
        return (0..hunk.lines.len()).map(|line| (Some(line), None)).collect();
    }
    let mut rows = Vec::with_capacity(hunk.lines.len());
    let mut i = 0;
    while i < hunk.lines.len() {
        let run = |from: usize, kind: LineKind| hunk.lines[from..].iter().take_while(|line| line.kind == kind).count();
        let n_removed = run(i, LineKind::Removed);
        let n_added = run(i + n_removed, LineKind::Added);
        for k in 0..n_removed.max(n_added) {
            let left = (k < n_removed).then_some(i + k);
            let right = (k < n_added).then_some(i + n_removed + k);
            rows.push((left, right));
        }
        if n_removed + n_added == 0 {
            rows.push((Some(i), Some(i)));
        }
        i += (n_removed + n_added).max(1);
    }
    rows
}

/// The syntax colours of a hunk, when they are known.
pub(super) fn hunk_runs(ctx: &Context, file: &DiffFile, hunk: &Hunk) -> Option<Arc<Vec<Runs>>> {
    let mut hasher = DefaultHasher::new();
    file.path.as_bytes().hash(&mut hasher);
    hunk.id.hash(&mut hasher);
    let lines = || hunk.lines.iter().map(|line| (line.kind, line.text.clone())).collect();
    syntax::runs(ctx, hasher.finish(), &file.path.display(), lines)
}

/// Paints the line; the width from the left edge of the cell that its words need.
pub(super) fn paint(
    ui: &Ui,
    cell: Rect,
    line: &DiffLine,
    runs: Option<&Runs>,
    gutter: &Gutter,
    side: Side,
    offset_x: f32,
    selected: bool,
) -> f32 {
    let t = Tokens::of(ui);
    let painter = ui.painter_at(cell);
    let (fill, word_fill, sign, sign_colour) = match line.kind {
        LineKind::Context => (CLEAR, CLEAR, "", t.text_weak),
        LineKind::Added => (t.diff.added, t.diff.added_word, "+", t.success.text),
        LineKind::Removed => (t.diff.removed, t.diff.removed_word, "-", t.danger.text),
    };
    painter.rect_filled(cell, 0.0, if selected { t.accent.weak } else { fill });
    let name = match line.kind {
        LineKind::Context => line.text.clone(),
        _ => format!("{sign}{}", line.text),
    };
    let row = ui.interact(
        cell,
        ui.scope_id().with(("diff-line", cell.min.x as i32, cell.min.y as i32)),
        Sense::hover(),
    );
    row.widget_info(|| WidgetInfo::labeled(Role::Label, true, &name));
    let y = cell.center().y;
    let mut x = cell.left() + gutter.tick;
    let numbers: &[Option<u32>] = match side {
        Side::Both => &[line.old_no, line.new_no],
        Side::Old => &[line.old_no],
        Side::New => &[line.new_no],
    };
    for number in numbers {
        x += gutter.number;
        if let Some(number) = number {
            painter.text(
                pos2(x - 6.0, y),
                Align2::RIGHT_CENTER,
                number.to_string(),
                font::code(),
                t.text_weak,
            );
        }
    }
    painter.text(pos2(x + 4.0, y), Align2::LEFT_CENTER, sign, font::code(), sign_colour);
    let words_left = cell.left() + gutter.words();
    let galley = painter.layout_job(layout(t, line, runs, word_fill));
    let mut width = galley.size().x;
    let words = ui.painter_at(cell.with_min_x(words_left - 2.0));
    words.galley(pos2(words_left - offset_x, y - galley.size().y / 2.0), galley, t.text);
    let note = match line.end {
        LineEnd::None => Some("ui-diff-no-newline"),
        LineEnd::CrLf if line.kind != LineKind::Context => Some("ui-diff-crlf"),
        LineEnd::Lf | LineEnd::CrLf => None,
    };
    if let Some(note) = note {
        let at = pos2(words_left - offset_x + width + 12.0, y);
        width += 12.0
            + words
                .text(at, Align2::LEFT_CENTER, text::tr(ui, note), font::small(), t.text_weak)
                .width();
    }
    gutter.words() + width + 24.0
}

/// A bar at the left end of a line that wants a look; it says why.
pub(super) fn mark_ui(ui: &Ui, cell: Rect, words: &str) {
    let bar = Rect::from_min_size(cell.min, vec2(4.0, cell.height()));
    ui.painter().rect_filled(bar, 0.0, Tokens::of(ui).warning.mark);
    let id = ui.scope_id().with(("diff-mark", cell.min.x as i32, cell.min.y as i32));
    let response = ui.interact(bar.expand2(vec2(4.0, 0.0)), id, Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, words));
    response.on_hover_text(words);
}

fn layout(t: &Tokens, line: &DiffLine, runs: Option<&Runs>, word_fill: Color32) -> LayoutJob {
    let mut end = line.text.len().min(MAX_SHOWN_BYTES);
    while !line.text.is_char_boundary(end) {
        end -= 1;
    }
    let mut job = LayoutJob {
        break_on_newline: false,
        ..LayoutJob::default()
    };
    let mut at = 0;
    let mut run = 0;
    let empty = Runs::new();
    let runs = runs.unwrap_or(&empty);
    while at < end {
        while run < runs.len() && runs[run].0 <= at {
            run += 1;
        }
        let (run_end, class) = runs.get(run).copied().unwrap_or((end, syntax::Class::Plain));
        let span = line.spans.iter().find(|span| span.end as usize > at);
        let (span_end, changed) = match span {
            Some(span) if span.start as usize <= at => (span.end as usize, true),
            Some(span) => (span.start as usize, false),
            None => (end, false),
        };
        let mut next = run_end.min(span_end).min(end).max(at + 1);
        while !line.text.is_char_boundary(next) {
            next += 1;
        }
        let format = TextFormat {
            font_id: font::code(),
            color: if changed { t.text } else { class.colour(t) },
            background: if changed { word_fill } else { CLEAR },
            expand_bg: 1.5,
            ..TextFormat::default()
        };
        job.append(&line.text[at..next], 0.0, format);
        at = next;
    }
    if end < line.text.len() {
        job.append("…", 0.0, TextFormat::simple(font::code(), t.text_weak));
    }
    job
}

/// A few lines of source around a place, one of them marked; for the first error of a run. Gives the number of the line that was
/// clicked.
pub fn source_ui(
    ui: &mut Ui,
    path: &str,
    first_no: u32,
    lines: &[String],
    marked: Option<u32>,
    message: Option<&str>,
) -> Option<u32> {
    let mut clicked = None;
    let t = Tokens::of(ui);
    let mut hasher = DefaultHasher::new();
    (path, first_no, lines).hash(&mut hasher);
    let to_parse = || lines.iter().map(|line| (LineKind::Context, line.clone())).collect();
    let runs = syntax::runs(ui.ctx(), hasher.finish(), path, to_parse);
    let number_width = (first_no as usize + lines.len()).to_string().len() as f32 * 7.3 + 16.0;
    let extra = usize::from(message.is_some() && marked.is_some());
    let height = (lines.len() + extra) as f32 * 20.0;
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::hover());
    let painter = ui.painter_at(rect);
    painter.rect(rect, measure::RADIUS, t.surface_1, (1.0, t.line), egui::StrokeKind::Inside);
    let mut y = rect.top();
    for (i, line) in lines.iter().enumerate() {
        let number = first_no + i as u32;
        let row = Rect::from_min_size(pos2(rect.left() + 1.0, y), vec2(rect.width() - 2.0, 20.0));
        let is_marked = marked == Some(number);
        let spoken = ui.interact(row, ui.scope_id().with(("source", i, rect.min.y as i32)), Sense::click());
        spoken.widget_info(|| WidgetInfo::labeled(Role::Link, true, line));
        if spoken.clicked() {
            clicked = Some(number);
        }
        if spoken.on_hover_cursor(CursorIcon::PointingHand).hovered() && marked != Some(number) {
            painter.rect_filled(row, 0.0, t.surface_2);
        }
        if is_marked {
            painter.rect_filled(row, 0.0, t.danger.weak);
        }
        let at = pos2(row.left() + number_width - 6.0, row.center().y);
        painter.text(at, Align2::RIGHT_CENTER, number.to_string(), font::code(), t.text_weak);
        let plain = DiffLine {
            kind: LineKind::Context,
            old_no: None,
            new_no: None,
            text: line.clone(),
            spans: Vec::new(),
            end: LineEnd::Lf,
            index_no: None,
        };
        let galley = painter.layout_job(layout(t, &plain, runs.as_ref().and_then(|runs| runs.get(i)), CLEAR));
        painter.galley(
            pos2(row.left() + number_width + 4.0, row.center().y - galley.size().y / 2.0),
            galley,
            t.text,
        );
        y += 20.0;
        if let Some(message) = message.filter(|_| is_marked) {
            let row = Rect::from_min_size(pos2(rect.left() + 1.0, y), vec2(rect.width() - 2.0, 20.0));
            painter.rect_filled(row, 0.0, t.danger.weak);
            let words = row.with_min_x(row.left() + number_width + 4.0);
            let look = text::Look {
                font: font::code(),
                colour: t.danger.text,
                cut: text::Cut::End,
            };
            text::paint_line(ui, words, message, &look, egui::Align::Min);
            y += 20.0;
        }
    }
    clicked
}
