//! Cells, cursor and the mark of how far it is scrolled.

use super::Cells;
use crate::base::screen::{Cursor, CursorShape, Ink, Run, Screen};
use crate::theme::font;
use crate::tokens::{Tokens, contrast, measure, mix};
use egui::text::{LayoutJob, TextFormat};
use egui::{Color32, Painter, Rect, Stroke, StrokeKind, pos2, vec2};

/// Words on a coloured ground are legible from this contrast on.
const LEGIBLE: f32 = 4.5;
const BAR: f32 = 4.0;

/// Everything that is in sight; `hovered` is the link under the pointer.
pub(super) fn screen(
    painter: &Painter,
    t: &Tokens,
    cells: &Cells,
    screen: &Screen,
    (has_focus, is_live): (bool, bool),
    hovered: Option<u16>,
) {
    for (row, line) in screen.lines.iter().enumerate() {
        for run in line {
            run_at(painter, t, cells, row as u16, run, hovered);
        }
    }
    if let (Some(cursor), true) = (screen.cursor, is_live) {
        cursor_at(painter, t, cells, screen, cursor, has_focus);
    }
}

fn run_at(painter: &Painter, t: &Tokens, cells: &Cells, row: u16, run: &Run, hovered: Option<u16>) {
    let rect = cells.rect(row, run.column, run.width);
    let (ink, ground) = colours(t, run);
    if let Some(ground) = ground {
        painter.rect_filled(rect, 0.0, ground);
    }
    if !run.style.hidden {
        words(painter, rect, run, ink);
    }
    let is_link = run.link.is_some();
    if run.style.underline || is_link {
        let colour = if is_link && run.link == hovered { t.accent.text } else { ink };
        let stroke = Stroke::new(
            1.0,
            if run.style.underline {
                ink
            } else {
                mix(colour, t.surface_1, 0.4)
            },
        );
        painter.hline(rect.x_range(), rect.bottom() - 1.5, stroke);
    }
    if run.style.strike {
        painter.hline(rect.x_range(), rect.center().y, Stroke::new(1.0, ink));
    }
}

fn words(painter: &Painter, rect: Rect, run: &Run, ink: Color32) {
    if run.text.bytes().all(|byte| byte == b' ') {
        return;
    }
    let font_id = if run.style.bold {
        font::mono_bold(measure::TEXT_BODY)
    } else {
        font::mono(measure::TEXT_BODY)
    };
    let format = TextFormat {
        font_id,
        color: ink,
        italics: run.style.italic,
        ..TextFormat::default()
    };
    let galley = painter.layout_job(LayoutJob::single_section(run.text.clone(), format));
    let is_foreign = !run.text.is_ascii();
    let at = pos2(rect.left(), rect.top() + (rect.height() - galley.size().y) / 2.0);
    if is_foreign {
        // Another font's letter may be wider than its cell.
        let room = rect.expand2(vec2(0.5, 0.0)).intersect(painter.clip_rect());
        painter.with_clip_rect(room).galley(at, galley, ink);
    } else {
        painter.galley(at, galley, ink);
    }
}

/// Ink and ground; no ground is that of the page.
fn colours(t: &Tokens, run: &Run) -> (Color32, Option<Color32>) {
    let style = run.style;
    let mut ink = match run.ink {
        Ink::Default => t.text,
        Ink::Table(index) => t.ansi_256(index),
        Ink::Rgb(r, g, b) => t.readable(r, g, b),
    };
    let mut ground = match run.ground {
        Ink::Default => None,
        Ink::Table(0) => Some(t.surface_0),
        Ink::Table(8) => Some(t.surface_3),
        Ink::Table(index @ 1..=15) => Some(t.ansi(index)),
        Ink::Table(index) => Some(t.exact_256(index)),
        Ink::Rgb(r, g, b) => Some(t.exact(r, g, b)),
    };
    if style.dim {
        ink = mix(ink, ground.unwrap_or(t.surface_1), 0.35);
    }
    if style.inverse {
        let old = ink;
        ink = ground.unwrap_or(t.surface_1);
        ground = Some(old);
    }
    if style.current {
        ground = Some(t.warning.mark);
    } else if style.selected {
        ground = Some(t.accent.weak);
    } else if style.found {
        ground = Some(t.warning.weak);
    }
    if let Some(ground) = ground {
        ink = legible(t, ink, ground);
    }
    (ink, ground)
}

/// Moved towards the text or the page until it can be read on its ground.
fn legible(t: &Tokens, ink: Color32, ground: Color32) -> Color32 {
    if contrast(ink, ground) >= LEGIBLE {
        return ink;
    }
    let ends = [t.text, t.surface_0];
    let towards = if contrast(ends[0], ground) >= contrast(ends[1], ground) {
        ends[0]
    } else {
        ends[1]
    };
    let steps = (1..=10).map(|step| mix(ink, towards, step as f32 / 10.0));
    let mut last = towards;
    for colour in steps {
        last = colour;
        if contrast(colour, ground) >= LEGIBLE {
            break;
        }
    }
    last
}

fn cursor_at(painter: &Painter, t: &Tokens, cells: &Cells, screen: &Screen, cursor: Cursor, has_focus: bool) {
    let line = screen.lines.get(usize::from(cursor.row));
    let under = line.and_then(|line| {
        line.iter()
            .find(|run| (run.column..run.column + run.width).contains(&cursor.column))
    });
    let width = under
        .filter(|run| run.width == 2 && !run.text.is_ascii())
        .map_or(1, |run| run.width);
    let rect = cells.rect(cursor.row, cursor.column, width);
    let colour = t.accent.mark;
    if !has_focus {
        painter.rect_stroke(rect, 0.0, Stroke::new(1.0, colour), StrokeKind::Inside);
        return;
    }
    match cursor.shape {
        CursorShape::Block => {
            painter.rect_filled(rect, 0.0, colour);
            let Some(run) = under else { return };
            let at = usize::from(cursor.column - run.column);
            let text = if run.text.is_ascii() {
                run.text.get(at..=at).unwrap_or_default().to_owned()
            } else {
                run.text.clone()
            };
            words(painter, rect, &Run { text, ..run.clone() }, t.surface_1);
        }
        CursorShape::Underline => {
            painter.rect_filled(
                Rect::from_min_max(pos2(rect.left(), rect.bottom() - 2.0), rect.max),
                0.0,
                colour,
            );
        }
        CursorShape::Bar => {
            painter.rect_filled(
                Rect::from_min_max(rect.min, pos2(rect.left() + 2.0, rect.bottom())),
                0.0,
                colour,
            );
        }
    }
}

/// Where what is in sight lies in what is kept.
pub(super) fn bar(painter: &Painter, t: &Tokens, room: Rect, screen: &Screen) {
    if screen.n_above == 0 || screen.offset == 0 {
        return;
    }
    let all = screen.n_above as f32 + f32::from(screen.rows);
    let height = (f32::from(screen.rows) / all * room.height()).max(24.0);
    let share = 1.0 - screen.offset as f32 / screen.n_above.max(1) as f32;
    let top = room.top() + share * (room.height() - height);
    let rect = Rect::from_min_size(pos2(room.right() - BAR - 2.0, top), vec2(BAR, height));
    painter.rect_filled(rect, f32::from(measure::RADIUS_BAR), t.line_strong);
}
