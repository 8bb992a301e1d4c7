//! One line: its number, time and source, its text as it is or taken apart, the trace that is folded into it, and the whole of it.

use super::found::Shown;
use super::{LogSource, LogState, clock_time};
use crate::base::log::{LogForm, fields_of};
use crate::base::{LogLine, Stream, format};
use crate::button::icon_button_small;
use crate::log_text;
use crate::theme::font;
use crate::tokens::Tokens;
use crate::{icons, text};
use egui::{Align, Layout, Rect, Role, ScrollArea, Sense, Ui, UiBuilder, WidgetInfo, pos2, vec2};
use std::borrow::Cow;

/// Lines are numbered in so many points where a file is shown.
pub(super) const NUMBERS: f32 = 74.0;

/// The line as it is drawn: structured ones as a message or as columns.
fn formed<'a>(state: &mut LogState, line: &'a LogLine) -> Cow<'a, LogLine> {
    if state.form == LogForm::Raw || line.stream == Stream::Note {
        return Cow::Borrowed(line);
    }
    let Some(fields) = fields_of(&log_text::plain(line)) else {
        return Cow::Borrowed(line);
    };
    let text = if state.form == LogForm::Columns {
        state.columns.learn(&fields);
        state.columns.row(&fields)
    } else {
        fields.as_message()
    };
    Cow::Owned(LogLine { text, ..line.clone() })
}

pub(super) fn line_ui(
    ui: &Ui,
    state: &mut LogState,
    source: &LogSource<'_>,
    shown: Shown,
    line: &LogLine,
    rect: Rect,
    room: Rect,
) {
    let t = Tokens::of(ui);
    let painter = ui.painter();
    let number = shown.number;
    let formed = formed(state, line);
    let row = ui.interact(rect.intersect(room), ui.scope_id().with(("line", number)), Sense::hover());
    row.widget_info(|| WidgetInfo::labeled(Role::Label, true, log_text::plain(&formed)));
    if state.selected().is_some_and(|range| range.contains(&number)) {
        painter.rect_filled(rect, 0.0, t.accent.weak);
    } else if row.hovered() {
        painter.rect_filled(rect, 0.0, t.surface_2);
    }
    if state.marks.contains(&number) {
        icons::paint(
            painter,
            pos2(room.left() + 6.0, rect.center().y),
            icons::BOOKMARK,
            11.0,
            t.accent.mark,
        );
    } else if line.stream == Stream::Err {
        let bar = Rect::from_min_size(pos2(room.left() + 4.0, rect.top() + 3.0), vec2(2.0, rect.height() - 6.0));
        painter.rect_filled(bar, 1.0, t.line_strong);
    }
    let mut x = rect.left() + 12.0;
    let y_of = |height: f32| rect.center().y - height / 2.0;
    if source.is_paged {
        let texts = text::catalog(ui.ctx());
        let galley = painter.layout_no_wrap(format::count(number + 1, &texts), font::log(), t.text_weak);
        let right = x + NUMBERS - 10.0 - galley.size().x;
        painter.galley(pos2(right, y_of(galley.size().y)), galley, t.text_weak);
        x += NUMBERS;
    }
    if state.times {
        let galley = painter.layout_no_wrap(clock_time(line.at), font::log(), t.text_weak);
        painter.galley(pos2(x, y_of(galley.size().y)), galley, t.text_weak);
        x += 92.0;
    }
    if let (Some(origin), true) = (&source.origin, source.sources.len() > 1) {
        let lane = origin(number.saturating_sub(source.first) as usize);
        painter.rect_filled(
            Rect::from_center_size(pos2(x + 4.0, rect.center().y), vec2(8.0, 8.0)),
            2.0,
            t.lane(lane),
        );
        let at = Rect::from_min_size(pos2(x + 14.0, rect.top()), vec2(84.0, rect.height()));
        let look = text::Look {
            font: font::log(),
            colour: t.text,
            cut: text::Cut::Middle,
        };
        let name = source.sources.get(lane).map_or("", String::as_str);
        text::paint_line(ui, at, name, &look, Align::Min);
        x += 104.0;
    }
    let (job, left_out) = log_text::layout(t, &formed, &state.search);
    let galley = painter.layout_job(job);
    let mut width = galley.size().x;
    painter.galley(pos2(x, y_of(galley.size().y)), galley, t.text);
    let texts = text::catalog(ui.ctx());
    if left_out > 0 {
        let more = format!("… +{}", format::count(left_out as u64, &texts));
        let name = text::tr(ui, "ui-log-whole-line");
        let (clicked, taken) = link_ui(ui, pos2(x + width + 4.0, rect.top()), rect, &more, &name, ("more", number));
        width += taken;
        if clicked {
            state.opened = Some(number);
        }
    }
    if shown.n_below > 0 {
        width += trace_ui(ui, state, source, shown, pos2(x + width + 10.0, rect.top()), rect);
    }
    state.widest = state.widest.max(x + width + 80.0 - rect.left()).min(60_000.0);
}

/// How many lines are folded into this one, to open and close them; and what the last of them says, where this one says nothing.
fn trace_ui(ui: &Ui, state: &mut LogState, source: &LogSource<'_>, shown: Shown, at: egui::Pos2, rect: Rect) -> f32 {
    let t = Tokens::of(ui);
    let texts = text::catalog(ui.ctx());
    let is_open = state.lines.is_open(shown.number);
    let count = format::count(shown.n_below as u64, &texts);
    let words = if is_open { format!("−{count}") } else { format!("+{count}") };
    let name = text::say(ui, &crate::msg!("ui-log-trace", n = shown.n_below));
    let mut width = 0.0;
    let says_nothing = source
        .get(shown.number)
        .is_some_and(|line| log_text::plain(line).trim_start().starts_with("Traceback (most"));
    if says_nothing
        && !is_open
        && let Some(last) = state.lines.last_below(shown.number).and_then(|last| source.get(last))
    {
        let words: String = log_text::plain(last).trim().chars().take(200).collect();
        let galley = ui.painter().layout_no_wrap(words, font::log(), t.danger.text);
        width = galley.size().x + 10.0;
        ui.painter()
            .galley(pos2(at.x, rect.center().y - galley.size().y / 2.0), galley, t.danger.text);
    }
    let (clicked, taken) = link_ui(ui, pos2(at.x + width, at.y), rect, &words, &name, ("trace", shown.number));
    if clicked {
        state.lines.toggle(shown.number);
    }
    width + taken + 10.0
}

/// A few words in a line that can be clicked; and how wide they are.
fn link_ui(ui: &Ui, at: egui::Pos2, rect: Rect, words: &str, name: &str, id: (&str, u64)) -> (bool, f32) {
    let t = Tokens::of(ui);
    let galley = ui.painter().layout_no_wrap(words.to_owned(), font::log(), t.accent.text);
    let width = galley.size().x;
    let place = Rect::from_min_size(pos2(at.x - 3.0, rect.top() + 1.0), vec2(width + 6.0, rect.height() - 2.0));
    let link = ui.interact(place, ui.scope_id().with(id), Sense::CLICK);
    link.widget_info(|| WidgetInfo::labeled(Role::Link, true, name));
    let fill = if link.hovered() { t.surface_3 } else { t.surface_2 };
    ui.painter().rect_filled(place, 3.0, fill);
    ui.painter()
        .galley(pos2(at.x, rect.center().y - galley.size().y / 2.0), galley, t.accent.text);
    (link.clicked(), width + 6.0)
}

/// What was asked in the panel of a whole line.
pub(super) enum Asked {
    Nothing,
    Close,
    Code,
}

/// The whole line, wrapped and selectable.
pub(super) fn whole_line_ui(ui: &mut Ui, panel: Rect, line: &LogLine, has_code: bool) -> Asked {
    let t = Tokens::of(ui);
    ui.painter().rect_filled(panel, 0.0, t.surface_2);
    ui.painter().hline(panel.x_range(), panel.top(), (1.0, t.line));
    let mut inner = ui.new_child(
        UiBuilder::new()
            .max_rect(panel.shrink2(vec2(12.0, 6.0)))
            .id_salt("whole-line"),
    );
    let mut asked = Asked::Nothing;
    inner.horizontal(|ui| {
        let title = text::tr(ui, "ui-log-whole-line");
        text::section(ui, &format!("{title}, {}", clock_time(line.at)));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let close = text::tr(ui, "ui-close");
            if icon_button_small(ui, icons::CLOSE, &close).clicked() {
                asked = Asked::Close;
            }
            let copy = text::tr(ui, "ui-log-copy-line");
            if icon_button_small(ui, icons::COPY, &copy).clicked() {
                ui.ctx().copy_text(log_text::plain(line).into_owned());
            }
            let code = text::tr(ui, "ui-log-code");
            if has_code && icon_button_small(ui, icons::CODE, &code).clicked() {
                asked = Asked::Code;
            }
        });
    });
    ScrollArea::vertical()
        .auto_shrink([false, false])
        .id_salt("whole-line-text")
        .show(&mut inner, |ui| {
            let look = egui::RichText::new(log_text::plain(line)).font(font::log()).color(t.text);
            ui.add(egui::Label::new(look).wrap().selectable(true));
        });
    asked
}
