//! The panel of the selected thing: heading, facts, actions, thread, undo list. Sections are parted by a line.

use super::action::{self, Action};
use super::button::icon_button_small;
use super::icons::{self, Icon};
use super::state_mark;
use super::text::{self, Cut, Look};
use super::theme::font;
use super::tokens::{CLEAR, Tokens, measure};
use crate::base::{State, Target, Thread, ThreadStep, Timestamp, format};
use egui::{Align, Frame, Layout, Margin, Rect, Response, Role, Sense, Stroke, Ui, UiBuilder, WidgetInfo, pos2, vec2};

/// A section of the detail with its padding and the line below it.
pub fn section_ui<R>(ui: &mut Ui, content: impl FnOnce(&mut Ui) -> R) -> R {
    let t = Tokens::of(ui);
    let inner = Frame {
        fill: CLEAR,
        inner_margin: Margin::symmetric(16, 12),
        ..Frame::NONE
    }
    .show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.spacing_mut().item_spacing.y = measure::SPACE_4;
        content(ui)
    });
    let rect = inner.response.rect;
    ui.painter()
        .hline(rect.x_range(), rect.bottom() - 0.5, Stroke::new(1.0, t.line));
    inner.inner
}

/// A section with a title and, if given, a weak note at its right.
pub fn titled_section_ui<R>(ui: &mut Ui, title: &str, note: &str, content: impl FnOnce(&mut Ui) -> R) -> R {
    section_ui(ui, |ui| {
        ui.horizontal(|ui| {
            text::section(ui, title).widget_info(|| WidgetInfo::labeled(Role::Heading, true, title));
            if !note.is_empty() {
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| text::small(ui, note));
            }
        });
        ui.add_space(2.0);
        content(ui)
    })
}

/// What the detail is about.
pub struct Heading<'a> {
    pub icon: Icon,
    pub name: &'a str,
    /// One weak line below: what kind of thing it is.
    pub note: &'a str,
    /// The chip at the right.
    pub state: Option<(State, &'a str)>,
}

/// Icon, name, chip, and a weak line: the first section.
pub fn heading_ui(ui: &mut Ui, heading: &Heading<'_>) {
    section_ui(ui, |ui| {
        let t = Tokens::of(ui);
        let whole = text::line(ui, heading.name, font::strong(), t.text, f32::INFINITY, Cut::End);
        let chip = heading
            .state
            .map_or(0.0, |(_, word)| state_mark::chip_width(ui, word) + measure::SPACE_8);
        let left = measure::ICON + measure::SPACE_8;
        // What does not fit beside its state gets the next line too, and its state stands below it.
        let fits = left + whole.size().x + chip <= ui.available_width();
        if fits {
            one_line_ui(ui, heading);
        } else {
            ui.horizontal_top(|ui| {
                ui.spacing_mut().item_spacing.x = measure::SPACE_8;
                icons::icon_ui(ui, heading.icon, measure::ICON, t.text_weak, None);
                two_lines_ui(ui, heading.name);
            });
            if let Some((state, word)) = heading.state {
                state_mark::chip_ui(ui, state, word);
            }
        }
        if !heading.note.is_empty() {
            text::small(ui, heading.note);
        }
    });
}

fn one_line_ui(ui: &mut Ui, heading: &Heading<'_>) {
    let t = Tokens::of(ui);
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 20.0), Sense::hover());
    let mut right = ui.new_child(
        UiBuilder::new()
            .max_rect(rect)
            .layout(Layout::right_to_left(Align::Center))
            .id_salt("chip"),
    );
    if let Some((state, word)) = heading.state {
        state_mark::chip_ui(&mut right, state, word);
    }
    let mut left = ui.new_child(
        UiBuilder::new()
            .max_rect(rect)
            .layout(Layout::left_to_right(Align::Center))
            .id_salt("name"),
    );
    left.spacing_mut().item_spacing.x = measure::SPACE_8;
    icons::icon_ui(&mut left, heading.icon, measure::ICON, t.text_weak, None);
    let look = Look {
        font: font::strong(),
        colour: t.text,
        cut: Cut::Middle,
    };
    text::label(&mut left, heading.name, look).widget_info(|| WidgetInfo::labeled(Role::Heading, true, heading.name));
}

/// A long name, cut where two lines are too few for it.
fn two_lines_ui(ui: &mut Ui, name: &str) {
    let t = Tokens::of(ui);
    let words = name.split(['\n', '\r']).next().unwrap_or_default();
    let mut job = egui::text::LayoutJob::simple(words.to_owned(), font::strong(), t.text, ui.available_width().max(40.0));
    job.wrap.max_rows = 2;
    let galley = ui.painter().layout_job(job);
    let is_cut = galley.elided;
    let (rect, response) = ui.allocate_exact_size(galley.size(), Sense::hover());
    ui.painter().galley(rect.min, galley, t.text);
    response.widget_info(|| WidgetInfo::labeled(Role::Heading, true, name));
    if is_cut {
        response.on_hover_text(name);
    }
}

/// The value of a fact.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Text(String),
    Mono(String),
    /// Cut in the middle.
    Path(String),
    /// A link and weak words behind it.
    Link {
        text: String,
        note: String,
        target: Target,
    },
    State(State, String),
    /// Nothing there.
    Absent,
}

/// One row of facts. The labels are as wide as the longest of them wants it, within limits.
#[derive(Clone, Debug, PartialEq)]
pub struct Fact {
    pub label: String,
    pub value: Value,
    /// The exact value on hover: a whole time, a whole hash.
    pub hover: String,
}

impl Fact {
    pub fn new(label: impl Into<String>, value: Value) -> Self {
        Self {
            label: label.into(),
            value,
            hover: String::new(),
        }
    }

    pub fn text(label: impl Into<String>, value: impl Into<String>) -> Self {
        let value: String = value.into();
        Self::new(label, if value.is_empty() { Value::Absent } else { Value::Text(value) })
    }

    pub fn mono(label: impl Into<String>, value: impl Into<String>) -> Self {
        Self::new(label, Value::Mono(value.into()))
    }

    pub fn path(label: impl Into<String>, value: impl Into<String>) -> Self {
        Self::new(label, Value::Path(value.into()))
    }

    pub fn link(label: impl Into<String>, text: impl Into<String>, note: impl Into<String>, target: Target) -> Self {
        Self::new(
            label,
            Value::Link {
                text: text.into(),
                note: note.into(),
                target,
            },
        )
    }

    pub fn state(label: impl Into<String>, state: State, word: impl Into<String>) -> Self {
        Self::new(label, Value::State(state, word.into()))
    }

    pub fn hover(mut self, hover: impl Into<String>) -> Self {
        self.hover = hover.into();
        self
    }

    /// What is copied.
    fn plain(&self) -> &str {
        match &self.value {
            Value::Text(text) | Value::Mono(text) | Value::Path(text) | Value::State(_, text) | Value::Link { text, .. } => text,
            Value::Absent => "",
        }
    }
}

/// A section of facts; the target of the link that was clicked. A value is copied with the small button that hover shows.
pub fn facts_ui(ui: &mut Ui, facts: &[Fact]) -> Option<Target> {
    section_ui(ui, |ui| fact_rows_ui(ui, facts))
}

/// The rows of `facts_ui` without the section around them.
pub fn fact_rows_ui(ui: &mut Ui, facts: &[Fact]) -> Option<Target> {
    ui.spacing_mut().item_spacing.y = 0.0;
    let t = Tokens::of(ui);
    let width_of = |fact: &Fact| {
        let line = text::line(ui, &fact.label, font::body(), t.text_weak, f32::INFINITY, Cut::End);
        line.size().x + measure::SPACE_8
    };
    let widest = facts.iter().map(width_of).fold(measure::FACT_LABEL, f32::max);
    // Where there is much room the words are whole.
    let most = measure::FACT_LABEL_MOST.max(ui.available_width() * 0.3);
    let label_width = widest.min(most).min(ui.available_width() * 0.5);
    facts
        .iter()
        .enumerate()
        .fold(None, |clicked, (i, fact)| fact_ui(ui, i, fact, label_width).or(clicked))
}

fn fact_ui(ui: &mut Ui, index: usize, fact: &Fact, label_width: f32) -> Option<Target> {
    let t = Tokens::of(ui);
    let (rect, row) = ui.allocate_exact_size(vec2(ui.available_width(), 22.0), Sense::hover());
    let mut label_ui = ui.new_child(
        UiBuilder::new()
            .max_rect(Rect::from_min_size(rect.min, vec2(label_width - 4.0, rect.height())))
            .layout(Layout::left_to_right(Align::Center))
            .id_salt((index, "label")),
    );
    text::weak(&mut label_ui, &fact.label);
    let hovered = ui.rect_contains_pointer(rect);
    let can_copy = hovered && !fact.plain().is_empty();
    let value_rect = Rect::from_min_max(pos2(rect.left() + label_width, rect.top()), rect.max);
    let mut value_ui = ui.new_child(
        UiBuilder::new()
            .max_rect(value_rect)
            .layout(Layout::left_to_right(Align::Center))
            .id_salt((index, "value")),
    );
    value_ui.spacing_mut().item_spacing.x = 5.0;
    if can_copy {
        value_ui.set_max_width((value_rect.width() - 24.0).max(0.0));
    }
    let mut clicked = None;
    let shown: Response = match &fact.value {
        Value::Text(value) => text::body(&mut value_ui, value),
        Value::Mono(value) => {
            let look = Look {
                font: font::code(),
                colour: t.text,
                cut: Cut::Middle,
            };
            text::label(&mut value_ui, value, look)
        }
        Value::Path(value) => text::path(&mut value_ui, value),
        Value::State(state, word) => state_mark::label_ui(&mut value_ui, *state, word),
        Value::Absent => text::absent(&mut value_ui),
        Value::Link {
            text: words,
            note,
            target,
        } => {
            let link = text::link(&mut value_ui, words);
            if link.clicked() {
                clicked = Some(target.clone());
            }
            if !note.is_empty() {
                text::body(&mut value_ui, note);
            }
            link
        }
    };
    if !fact.hover.is_empty() {
        shown.on_hover_text(&fact.hover);
    }
    if can_copy {
        let at = Rect::from_min_max(pos2(rect.right() - 22.0, rect.top()), rect.max);
        let mut copy_ui = ui.new_child(UiBuilder::new().max_rect(at).id_salt((index, "copy")));
        let name = text::say(ui, &crate::msg!("ui-copy-of", what = fact.label.as_str()));
        if icon_button_small(&mut copy_ui, icons::COPY, &name).clicked() {
            ui.ctx().copy_text(fact.plain().to_owned());
        }
    }
    let spoken = format!("{}, {}", fact.label, fact.plain());
    row.widget_info(|| WidgetInfo::labeled(Role::Group, true, &spoken));
    clicked
}

/// A row with short values at its right, each right-aligned in a column of this width and whole; what `left` draws takes the rest.
pub fn columns_ui(ui: &mut Ui, width: f32, values: &[String], left: impl FnOnce(&mut Ui)) -> Response {
    let (rect, row) = ui.allocate_exact_size(vec2(ui.available_width(), 22.0), Sense::hover());
    let mut right = rect.right();
    for (index, value) in values.iter().enumerate().rev() {
        let cell = Rect::from_min_max(pos2(right - width, rect.top()), pos2(right, rect.bottom()));
        right -= width;
        let place = UiBuilder::new()
            .max_rect(cell)
            .layout(Layout::right_to_left(Align::Center))
            .id_salt((index, "column"));
        if !value.is_empty() {
            text::small(&mut ui.new_child(place), value);
        }
    }
    let place = UiBuilder::new()
        .max_rect(rect.with_max_x((right - measure::SPACE_8).max(rect.left())))
        .layout(Layout::left_to_right(Align::Center))
        .id_salt("left");
    left(&mut ui.new_child(place));
    row
}

/// A section of small buttons.
pub fn actions_ui<I: Clone + Send + Sync + 'static>(ui: &mut Ui, actions: &[Action<I>]) -> Option<I> {
    section_ui(ui, |ui| action::small_buttons_ui(ui, actions))
}

/// The thread of the selected thing; the target that was clicked. Steps that have not happened stay as rings.
pub fn thread_ui(ui: &mut Ui, thread: &Thread, now: Timestamp) -> Option<Target> {
    let title = text::tr(ui, "ui-thread");
    titled_section_ui(ui, &title, "", |ui| thread_rows_ui(ui, thread, now))
}

/// The rows of `thread_ui` without the section around them.
pub fn thread_rows_ui(ui: &mut Ui, thread: &Thread, now: Timestamp) -> Option<Target> {
    ui.spacing_mut().item_spacing.y = 0.0;
    let mut clicked = None;
    for (i, step) in thread.steps.iter().enumerate() {
        let is_last = i + 1 == thread.steps.len();
        clicked = thread_row_ui(ui, i, step, is_last, now).or(clicked);
    }
    clicked
}

fn thread_row_ui(ui: &mut Ui, index: usize, step: &ThreadStep, is_last: bool, now: Timestamp) -> Option<Target> {
    let t = Tokens::of(ui);
    let texts = text::catalog(ui.ctx());
    let (rect, row) = ui.allocate_exact_size(vec2(ui.available_width(), measure::ROW_GRAPH), Sense::hover());
    let center = pos2(rect.left() + measure::MARK / 2.0, rect.center().y);
    if !is_last {
        ui.painter().vline(
            center.x,
            center.y + 7.0..=center.y + measure::ROW_GRAPH - 7.0,
            Stroke::new(1.0, t.line_strong),
        );
    }
    state_mark::paint(ui.painter(), t, center, measure::MARK, step.state);
    let kind = texts.t(step.kind.key()).into_owned();
    let kind_left = rect.left() + 20.0;
    let kind_width = measure::THREAD_KIND.min((rect.width() - 20.0) * 0.4);
    let kind_rect = Rect::from_min_size(pos2(kind_left, rect.top()), vec2(kind_width, rect.height()));
    text::paint_line(
        ui,
        kind_rect,
        &kind,
        &Look {
            font: font::small(),
            colour: t.text_weak,
            cut: Cut::End,
        },
        Align::Min,
    );
    let mut right = rect.right();
    if let Some(at) = step.at {
        let age = format::age(at, now, &texts);
        let age_rect = Rect::from_min_max(pos2(rect.right() - 60.0, rect.top()), rect.max);
        let look = Look {
            font: font::small(),
            colour: t.text_weak,
            cut: Cut::End,
        };
        right -= text::paint_line(ui, age_rect, &age, &look, Align::Max) + 8.0;
    }
    let value_rect = Rect::from_min_max(pos2(kind_left + kind_width + 6.0, rect.top()), pos2(right, rect.bottom()));
    let mut value_ui = ui.new_child(
        UiBuilder::new()
            .max_rect(value_rect)
            .layout(Layout::left_to_right(Align::Center))
            .id_salt(("step", index)),
    );
    value_ui.spacing_mut().item_spacing.x = 5.0;
    let mut clicked = None;
    let state_word = texts.t(step.state.key()).into_owned();
    if step.name.is_empty() && step.note.is_empty() {
        // A step that nothing is known of has not happened.
        let word = match step.state {
            State::Unknown => texts.t("ui-not-yet").into_owned(),
            _ => state_word.clone(),
        };
        text::small(&mut value_ui, &word);
    }
    if !step.name.is_empty() {
        match &step.target {
            Some(target) if text::link_small(&mut value_ui, &step.name).clicked() => clicked = Some(target.clone()),
            Some(_) => {}
            None => {
                let look = Look {
                    font: font::small(),
                    colour: t.text,
                    cut: Cut::Middle,
                };
                text::label(&mut value_ui, &step.name, look);
            }
        }
    }
    let note = step.note_in(&texts);
    if !note.is_empty() && value_ui.available_width() > 12.0 {
        text::label(
            &mut value_ui,
            &note,
            Look {
                font: font::small(),
                colour: t.text,
                cut: Cut::End,
            },
        );
    }
    let spoken = format!("{kind}, {state_word}, {} {note}", step.name);
    row.widget_info(|| WidgetInfo::labeled(Role::Group, true, spoken.trim()));
    clicked
}

/// One row of the undo list.
#[derive(Clone, Debug, PartialEq)]
pub struct UndoRow {
    /// What was done: `Discarded hunk in health.rs`.
    pub label: String,
    pub at: Timestamp,
    /// Why it can not be undone any more.
    pub disabled_because: Option<String>,
}

/// What can be undone, newest first; the index of the row that was clicked.
pub fn undo_ui(ui: &mut Ui, rows: &[UndoRow], now: Timestamp) -> Option<usize> {
    let t = Tokens::of(ui);
    let texts = text::catalog(ui.ctx());
    ui.spacing_mut().item_spacing.y = 0.0;
    let mut clicked = None;
    for (i, row) in rows.iter().enumerate() {
        let enabled = row.disabled_because.is_none();
        let sense = if enabled { Sense::click() } else { Sense::hover() };
        let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), measure::ROW_GRAPH), sense);
        let name = texts.msg(&crate::msg!("ui-undo-of", what = row.label.as_str()));
        response.widget_info(|| WidgetInfo::labeled(Role::Button, enabled, &name));
        if response.hovered() && enabled || response.has_focus() {
            ui.painter()
                .rect_filled(rect.expand2(vec2(6.0, 0.0)), measure::RADIUS_CHIP, t.surface_2);
        }
        let colour = if enabled { t.text } else { t.text_weak };
        icons::paint(
            ui.painter(),
            pos2(rect.left() + 6.0, rect.center().y),
            icons::UNDO,
            13.0,
            t.text_weak,
        );
        let age = format::age(row.at, now, &texts);
        let small = Look {
            font: font::small(),
            colour: t.text_weak,
            cut: Cut::End,
        };
        let used = text::paint_line(ui, rect, &age, &small, Align::Max);
        let words = Rect::from_min_max(
            pos2(rect.left() + 18.0, rect.top()),
            pos2(rect.right() - used - 8.0, rect.bottom()),
        );
        text::paint_line(
            ui,
            words,
            &row.label,
            &Look {
                font: font::small(),
                colour,
                cut: Cut::End,
            },
            Align::Min,
        );
        let response = response.on_hover_text(row.disabled_because.as_deref().unwrap_or(&name));
        if response.clicked() {
            clicked = Some(i);
        }
    }
    clicked
}

/// How much of something is taken: its name and what is said of it on one line, and a bar below, red when hardly anything is left.
pub fn share_ui(ui: &mut Ui, name: &str, hover: &str, said: &str, share: f32) {
    let t = Tokens::of(ui);
    ui.horizontal(|ui| {
        let room = ui.available_width() * 0.45;
        let look = Look {
            font: font::body(),
            colour: t.text,
            cut: Cut::Middle,
        };
        text::label_within(ui, name, look, room).on_hover_text(hover);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| text::small(ui, said));
    });
    let colour = if share > 0.95 { t.danger.mark } else { t.accent.mark };
    state_mark::bar_ui(ui, ui.available_width(), Some(share), colour, &format!("{name} {said}"));
    ui.add_space(measure::SPACE_8);
}
