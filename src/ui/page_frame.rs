//! What every page has in common: header, tabs, body with detail, and the four faces of a value that is fetched.

use super::action::{self, Action};
use super::button::Button;
use super::filter_box::filter_taken_ui;
pub use super::filter_box::{filter_id, filter_ui};
use super::icons::{self, Icon};
use super::offers::Offer;
use super::state_mark;
pub use super::tabs::{Tab, tabs_ui};
use super::text::{self, Cut, Look};
use super::theme::font;
use super::tokens::{CLEAR, Tokens, measure};
use crate::base::{Loadable, Problem, Progress, State, Unit};
use egui::{Align, CornerRadius, Frame, Layout, Margin, Panel, Rect, Role, Sense, Stroke, Ui, UiBuilder, WidgetInfo};
use egui::{pos2, vec2};

/// The top of a page: title, one line that says what is shown, toolbar, filter.
pub struct Header<'a> {
    title: &'a str,
    subtitle: &'a str,
    filter: Option<(&'a mut String, &'a str)>,
    offers: &'a [Offer],
}

/// What the user did in a header.
pub struct HeaderResponse<I> {
    pub asked: Option<I>,
    pub filter_changed: bool,
}

impl<'a> Header<'a> {
    pub fn new(title: &'a str) -> Self {
        Self {
            title,
            subtitle: "",
            filter: None,
            offers: &[],
        }
    }

    /// What is shown, in numbers: `11 workspaces, 4 need attention`.
    pub fn subtitle(mut self, subtitle: &'a str) -> Self {
        self.subtitle = subtitle;
        self
    }

    /// A filter box with its hint.
    pub fn filter(mut self, text: &'a mut String, hint: &'a str) -> Self {
        self.filter = Some((text, hint));
        self
    }

    /// What may be typed next in the filter box.
    pub fn offers(mut self, offers: &'a [Offer]) -> Self {
        self.offers = offers;
        self
    }

    pub fn show<I: Clone + Send + Sync + 'static>(self, ui: &mut Ui, actions: &[Action<I>]) -> HeaderResponse<I> {
        let t = Tokens::of(ui);
        let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), measure::PAGE_HEADER), Sense::hover());
        let inner = rect.shrink2(vec2(measure::GUTTER, 0.0));
        let mut filter_changed = false;
        let filter = self.filter;
        let mut right = ui.new_child(
            UiBuilder::new()
                .max_rect(inner)
                .layout(Layout::right_to_left(Align::Center))
                .id_salt("toolbar"),
        );
        right.spacing_mut().item_spacing.x = measure::SPACE_12;
        let asked = action::toolbar_ui(&mut right, actions, |ui| {
            if let Some((text, hint)) = filter {
                filter_changed = filter_taken_ui(ui, text, hint, self.offers);
            }
        });
        let left_rect = Rect::from_min_max(
            inner.min,
            pos2((right.min_rect().left() - 12.0).max(inner.left()), inner.bottom()),
        );
        let mut left = ui.new_child(
            UiBuilder::new()
                .max_rect(left_rect)
                .layout(Layout::left_to_right(Align::Center))
                .id_salt("title"),
        );
        left.spacing_mut().item_spacing.x = measure::SPACE_12;
        let title = text::label(
            &mut left,
            self.title,
            Look {
                font: font::title(),
                colour: t.text,
                cut: Cut::End,
            },
        );
        title.widget_info(|| WidgetInfo::labeled(Role::Heading, true, self.title));
        if !self.subtitle.is_empty() && left.available_width() > 40.0 {
            text::weak(&mut left, self.subtitle);
        }
        HeaderResponse { asked, filter_changed }
    }
}

/// A bar of 40 with a line below: a title, a summary, small buttons. Draws left to right.
pub fn bar_ui<R>(ui: &mut Ui, height: f32, content: impl FnOnce(&mut Ui) -> R) -> R {
    let t = Tokens::of(ui);
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::hover());
    ui.painter()
        .hline(rect.x_range(), rect.bottom() - 0.5, Stroke::new(1.0, t.line));
    let inner = rect.shrink2(vec2(measure::GUTTER, 0.0));
    let mut child = ui.new_child(UiBuilder::new().max_rect(inner).layout(Layout::left_to_right(Align::Center)));
    child.set_clip_rect(child.clip_rect().intersect(rect));
    content(&mut child)
}

/// Body and detail side by side; the detail is `width` wide at first and can be resized. The width survives in egui's memory.
pub fn split_ui<C: ?Sized>(
    ui: &mut Ui,
    id: &str,
    width: f32,
    cx: &mut C,
    detail: impl FnOnce(&mut Ui, &mut C),
    body: impl FnOnce(&mut Ui, &mut C),
) {
    let room = ui.available_width();
    let widest = (room * 0.6).max(120.0);
    Panel::right(("ui-split", id))
        .frame(Frame {
            fill: CLEAR,
            ..Frame::NONE
        })
        .resizable(true)
        .default_size(width.min(widest))
        .size_range(160.0_f32.min(widest)..=widest)
        .show(ui, |ui| {
            egui::ScrollArea::vertical().auto_shrink([false, false]).show(ui, |ui| {
                ui.spacing_mut().item_spacing.y = 0.0;
                detail(ui, cx);
            });
        });
    egui::CentralPanel::no_frame().show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        body(ui, cx);
    });
}

/// A panel at the bottom of the body (compare, logs) that can be resized.
pub fn split_bottom_ui<C: ?Sized>(
    ui: &mut Ui,
    id: &str,
    height: f32,
    cx: &mut C,
    bottom: impl FnOnce(&mut Ui, &mut C),
    body: impl FnOnce(&mut Ui, &mut C),
) {
    let highest = (ui.available_height() * 0.75).max(60.0);
    Panel::bottom(("ui-split-bottom", id))
        .frame(Frame {
            fill: CLEAR,
            ..Frame::NONE
        })
        .resizable(true)
        .default_size(height.min(highest))
        .size_range(60.0_f32.min(highest)..=highest)
        .show(ui, |ui| {
            // A content that is small for a moment, while it is loaded, does not make the panel small for good.
            ui.expand_to_include_rect(ui.max_rect());
            ui.spacing_mut().item_spacing.y = 0.0;
            bottom(ui, cx);
        });
    egui::CentralPanel::no_frame().show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        body(ui, cx);
    });
}

/// Nothing here: one sentence what belongs here, and the one action that fills it. True when the action was pressed.
pub fn empty_ui(ui: &mut Ui, icon: Icon, sentence: &str, action: Option<&str>) -> bool {
    choices_ui(ui, icon, sentence, action.as_slice()).is_some()
}

/// The same with one button for each thing that can be chosen; the place of the one that was pressed.
pub fn choices_ui(ui: &mut Ui, icon: Icon, sentence: &str, choices: &[&str]) -> Option<usize> {
    let t = Tokens::of(ui);
    let mut pressed = None;
    ui.vertical_centered(|ui| {
        ui.add_space((ui.available_height() * 0.22).clamp(16.0, 160.0));
        icons::icon_ui(ui, icon, 28.0, t.line_strong, None);
        ui.add_space(measure::SPACE_8);
        ui.scope(|ui| {
            ui.set_max_width(420.0_f32.min(ui.available_width()));
            ui.add(egui::Label::new(egui::RichText::new(sentence).color(t.text_weak)).wrap());
        });
        if choices.is_empty() {
            return;
        }
        ui.add_space(measure::SPACE_12);
        let height = ui.available_height().max(measure::ROW * 3.0);
        egui::ScrollArea::vertical()
            .max_height(height)
            .id_salt("choices")
            .show(ui, |ui| {
                for (at, choice) in choices.iter().enumerate() {
                    if ui.add(Button::new(choice)).clicked() {
                        pressed = Some(at);
                    }
                    ui.add_space(measure::SPACE_4);
                }
            });
    });
    pressed
}

/// How a value that is not there yet is explained.
pub struct LoadableView<'a> {
    pub icon: Icon,
    /// What belongs here.
    pub empty: &'a str,
    /// The one action that fills it.
    pub empty_action: Option<&'a str>,
    pub progress: Option<&'a Progress>,
}

/// What the user asked of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoadableAsk {
    Retry,
    Fill,
}

/// The four faces of a value: never "empty" while loading, the previous value dimmed, a failure with its reason and Retry.
/// `is_empty` tells whether a value that is there has nothing to show.
pub fn loadable_ui<T>(
    ui: &mut Ui,
    value: &Loadable<T>,
    view: &LoadableView<'_>,
    is_empty: impl FnOnce(&T) -> bool,
    content: impl FnOnce(&mut Ui, &T),
) -> Option<LoadableAsk> {
    let mut ask = None;
    let fill = |ui: &mut Ui| empty_ui(ui, view.icon, view.empty, view.empty_action).then_some(LoadableAsk::Fill);
    match value {
        Loadable::Empty => ask = fill(ui),
        Loadable::Ready { value } if is_empty(value) => ask = fill(ui),
        Loadable::Ready { value } => content(ui, value),
        Loadable::Loading { previous } => {
            let late = is_late(ui);
            match previous {
                Some(previous) if late => {
                    loading_line_ui(ui, view.progress);
                    ui.scope(|ui| {
                        ui.multiply_opacity(0.55);
                        content(ui, previous);
                    });
                }
                Some(previous) => content(ui, previous),
                None => loading_ui(ui, view.progress),
            }
        }
        Loadable::Failed { problem, previous } => {
            if problem_ui(ui, problem, true) {
                ask = Some(LoadableAsk::Retry);
            }
            if let Some(previous) = previous {
                ui.scope(|ui| {
                    ui.multiply_opacity(0.55);
                    content(ui, previous);
                });
            }
        }
    }
    ask
}

/// Whether the loading that is shown here has lasted a third of a second: a refresh that is quicker must not flicker.
fn is_late(ui: &Ui) -> bool {
    const PATIENCE: f64 = 0.3;
    let id = ui.scope_id().with("loading-since");
    let (now, frame) = (ui.input(|input| input.time), ui.ctx().cumulative_pass_nr());
    let (since, seen) = ui.data(|data| data.get_temp::<(f64, u64)>(id)).unwrap_or((now, frame));
    // Not drawn for a while means that another loading began.
    let since = if frame.saturating_sub(seen) > 2 { now } else { since };
    ui.data_mut(|data| data.insert_temp(id, (since, frame)));
    let late = now - since >= PATIENCE;
    if !late {
        ui.ctx().request_repaint_after_secs((PATIENCE - (now - since)) as f32 + 0.01);
    }
    late
}

/// Loading with nothing to show yet: the count so far, and a bar when the total is known.
pub fn loading_ui(ui: &mut Ui, progress: Option<&Progress>) {
    let t = Tokens::of(ui);
    let words = progress_words(ui, progress);
    ui.vertical_centered(|ui| {
        ui.add_space((ui.available_height() * 0.25).clamp(16.0, 160.0));
        text::weak(ui, &words);
        ui.add_space(measure::SPACE_8);
        let fraction = progress.and_then(Progress::fraction);
        if fraction.is_some() {
            state_mark::bar_ui(ui, 240.0_f32.min(ui.available_width()), fraction, t.accent.mark, &words);
        }
    });
}

/// Loading above the previous value: one thin line.
fn loading_line_ui(ui: &mut Ui, progress: Option<&Progress>) {
    let t = Tokens::of(ui);
    let words = progress_words(ui, progress);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 2.0), Sense::hover());
    let fraction = progress.and_then(Progress::fraction).unwrap_or(1.0);
    let colour = if progress.and_then(Progress::fraction).is_some() {
        t.accent.mark
    } else {
        t.surface_3
    };
    ui.painter().rect_filled(rect, 0.0, t.surface_3);
    ui.painter()
        .rect_filled(Rect::from_min_size(rect.min, vec2(rect.width() * fraction, 2.0)), 0.0, colour);
    response.widget_info(|| WidgetInfo::labeled(Role::ProgressIndicator, true, &words));
    response.on_hover_text(words);
}

/// `812 of 1,204 tests`, the job's own word, or that it is loading.
pub fn progress_words(ui: &Ui, progress: Option<&Progress>) -> String {
    let Some(progress) = progress else {
        return text::tr(ui, "ui-loading");
    };
    if let Some(message) = &progress.message {
        return text::say(ui, message);
    }
    let texts = text::catalog(ui.ctx());
    if let Some(total) = progress.total {
        match progress.unit {
            Unit::Bytes => {
                let (done, total) = (
                    crate::base::format::bytes(progress.done, &texts),
                    crate::base::format::bytes(total, &texts),
                );
                text::say(ui, &crate::msg!("ui-progress-of", done = done, total = total))
            }
            Unit::Percent => crate::base::format::percent(f64::from(progress.fraction().unwrap_or(0.0)), &texts),
            Unit::Steps | Unit::Files | Unit::Tests => {
                let (done, total) = (
                    crate::base::format::count(progress.done, &texts),
                    crate::base::format::count(total, &texts),
                );
                text::say(ui, &crate::msg!("ui-progress-of", done = done, total = total))
            }
        }
    } else if progress.unit == Unit::Bytes {
        crate::base::format::bytes(progress.done, &texts)
    } else {
        text::say(ui, &crate::msg!("ui-progress-count", n = progress.done))
    }
}

/// A failure: what happened, the program's own words, where, what can be done. True when Retry was pressed.
pub fn problem_ui(ui: &mut Ui, problem: &Problem, can_retry: bool) -> bool {
    let mut retry = false;
    Frame::NONE.inner_margin(Margin::symmetric(16, 12)).show(ui, |ui| {
        retry = problem_card_ui(ui, problem, can_retry);
    });
    retry
}

/// `problem_ui` without the margin, for a detail.
pub fn problem_card_ui(ui: &mut Ui, problem: &Problem, can_retry: bool) -> bool {
    let label = can_retry.then(|| text::tr(ui, "ui-retry"));
    problem_card_with_ui(ui, problem, label.as_deref())
}

/// The same with a button of the caller's. True when it was pressed.
pub fn problem_card_with_ui(ui: &mut Ui, problem: &Problem, button: Option<&str>) -> bool {
    let t = Tokens::of(ui);
    let mut is_pressed = false;
    let frame = Frame {
        fill: t.danger.weak,
        stroke: Stroke::new(1.0, t.danger.mark),
        corner_radius: CornerRadius::same(measure::RADIUS),
        inner_margin: Margin::same(12),
        ..Frame::NONE
    };
    frame.show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.spacing_mut().item_spacing.y = measure::SPACE_4;
        let summary = text::say(ui, &problem.summary);
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = measure::ICON_GAP;
            state_mark::mark_ui(ui, State::Failed);
            let look = egui::RichText::new(&summary)
                .font(font::medium(measure::TEXT_BODY))
                .color(t.text);
            ui.add(egui::Label::new(look).wrap().selectable(true));
        });
        if !problem.details.is_empty() {
            let details = crate::base::SafeText::multiline(&problem.details).into_string();
            egui::ScrollArea::vertical()
                .max_height(140.0)
                .auto_shrink([false, true])
                .id_salt("problem-details")
                .show(ui, |ui| {
                    let look = egui::RichText::new(details).font(font::log()).color(t.text);
                    ui.add(egui::Label::new(look).wrap().selectable(true));
                });
        }
        if let Some(place) = &problem.place {
            let mut at = place.path.display().to_string();
            if let Some(line) = place.line {
                at = format!("{at}:{line}");
            }
            text::label(
                ui,
                &at,
                Look {
                    font: font::code(),
                    colour: t.text_weak,
                    cut: Cut::Middle,
                },
            );
        }
        if let Some(hint) = &problem.hint {
            let hint = text::say(ui, hint);
            ui.horizontal(|ui| {
                ui.spacing_mut().item_spacing.x = measure::ICON_GAP;
                icons::icon_ui(ui, icons::IDEA, measure::ICON_SMALL, t.info.text, None);
                ui.add(
                    egui::Label::new(egui::RichText::new(hint).color(t.text))
                        .wrap()
                        .selectable(true),
                );
            });
        }
        if button.is_none() && problem.details.is_empty() {
            return;
        }
        ui.add_space(measure::SPACE_4);
        ui.horizontal(|ui| {
            if let Some(label) = button {
                is_pressed = ui.add(Button::new(label).small()).clicked();
            }
            let copy = text::tr(ui, "ui-copy-details");
            if !problem.details.is_empty() && ui.add(Button::new(&copy).small()).clicked() {
                ui.ctx().copy_text(format!("{summary}\n{}", problem.details));
            }
        });
    });
    is_pressed
}
