//! A rehearsal of the way back: its stages, the rows of each table, and the words for what is proven.

use super::live;
use crate::areas::deploy::rehearsal::{Proven, Rehearsal, Table};
use crate::areas::page::Cx;
use crate::base::{State, format, safe};
use crate::msg;
use crate::ui::page_frame::problem_card_ui;
use crate::ui::tokens::{Tokens, measure};
use crate::ui::{Ui, state_mark, text, theme};
use egui::{Align, Layout, Sense, Stroke, UiBuilder, vec2};

/// The one that runs, else the last one.
pub(super) fn newest<'a>(cx: &Cx<'a>, environment: &str) -> Option<&'a Rehearsal> {
    let workspace = cx.workspace?;
    let known = cx.model.deploy.of(&workspace.id)?;
    let told = known.rehearsals.get(environment);
    let read = || {
        let overview = known.overview.value()?;
        let one = overview.environments.iter().find(|one| one.name == environment)?;
        one.rehearsal.as_ref()
    };
    match (told, read()) {
        (Some(told), Some(read)) if told.id < read.id || (told.id == read.id && told.is_running() && !read.is_running()) => {
            Some(read)
        }
        (told, read) => told.or(read),
    }
}

/// `Rollback proven 12 min ago`.
pub(super) fn proven_words(cx: &Cx<'_>, proven: &Proven) -> String {
    let ago = proven.at.map_or_else(String::new, |at| format::ago(at, cx.now, cx.texts));
    cx.msg(&proven.words(&ago))
}

/// The same where its label says what it is about.
pub(super) fn proven_short(cx: &Cx<'_>, proven: &Proven) -> String {
    let ago = proven.at.map_or_else(String::new, |at| format::ago(at, cx.now, cx.texts));
    cx.msg(&proven.short(&ago))
}

/// What stands for it: what is not proven wants a look, and hinders nothing.
pub(super) fn proven_state(proven: &Proven) -> State {
    match proven.state {
        State::None => State::Unknown,
        state => state,
    }
}

pub(super) fn card_ui(ui: &mut Ui, cx: &Cx<'_>, rehearsal: &Rehearsal) {
    let t = Tokens::of(ui);
    let mut frame = theme::card_frame(t);
    frame.inner_margin = egui::Margin::same(16);
    frame.show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.spacing_mut().item_spacing.y = measure::SPACE_4;
        head_ui(ui, cx, rehearsal);
        ui.add_space(measure::SPACE_8);
        for stage in &rehearsal.stages {
            let times = (stage.started_at, stage.ended_at);
            live::line_ui(ui, cx, stage.state, stage.name.key(), stage.note.as_ref(), times);
        }
        if !rehearsal.tables.is_empty() {
            ui.add_space(measure::SPACE_12);
            tables_ui(ui, cx, rehearsal);
        }
        if let Some(problem) = &rehearsal.problem {
            ui.add_space(measure::SPACE_12);
            problem_card_ui(ui, problem, false);
        }
    });
}

fn head_ui(ui: &mut Ui, cx: &Cx<'_>, rehearsal: &Rehearsal) {
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = measure::SPACE_8;
        let title = msg!(
            "deploy-rehearsal-of",
            from = &rehearsal.from,
            version = &rehearsal.version,
            environment = &rehearsal.environment
        );
        text::strong(ui, &cx.msg(&title));
        state_mark::chip_ui(ui, rehearsal.state, &cx.t(rehearsal.state.key()));
    });
    ui.horizontal(|ui| {
        let when = format::ago(rehearsal.started_at, cx.now, cx.texts);
        text::small(ui, &cx.msg(&msg!("deploy-by", who = &rehearsal.who, when = when)));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let stop = rehearsal.is_running().then_some("deploy-rehearsal-stop");
            live::job_ui(ui, cx, rehearsal.job, stop);
        });
    });
}

fn tables_ui(ui: &mut Ui, cx: &Cx<'_>, rehearsal: &Rehearsal) {
    let t = Tokens::of(ui);
    row_ui(ui, |ui, column| {
        let key = match column {
            0 => "deploy-rehearsal-col-table",
            1 => "deploy-rehearsal-rows-before",
            2 => "deploy-rehearsal-rows-between",
            3 => "deploy-rehearsal-rows-after",
            _ => return,
        };
        text::small(ui, &cx.t(key));
    });
    let y = ui.cursor().top() - 2.0;
    ui.painter().hline(ui.max_rect().x_range(), y, Stroke::new(1.0, t.line));
    for table in &rehearsal.tables {
        row_ui(ui, |ui, column| cell_ui(ui, cx, table, column));
    }
}

fn cell_ui(ui: &mut Ui, cx: &Cx<'_>, table: &Table, column: usize) {
    let rows = match column {
        0 => {
            text::mono(ui, &safe::plain(&table.name));
            return;
        }
        1 => table.before,
        2 => table.between,
        3 => table.after,
        _ => {
            let (state, key) = match (table.is_same, table.is_written) {
                (true, _) => (State::Done, "deploy-rehearsal-same-rows"),
                (false, true) => (State::Skipped, "deploy-rehearsal-own-rows"),
                (false, false) => (State::Failed, "deploy-rehearsal-other-rows"),
            };
            state_mark::label_small_ui(ui, state, &cx.t(key));
            return;
        }
    };
    text::body(ui, &rows.map_or_else(|| "–".to_owned(), |rows| format::count(rows, cx.texts)));
}

/// Five columns over the whole width; numbers stand at the right.
fn row_ui(ui: &mut Ui, mut cell: impl FnMut(&mut Ui, usize)) {
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), measure::ROW_DENSE), Sense::hover());
    let parts = [0.30, 0.12, 0.12, 0.12, 0.34];
    let mut left = rect.left();
    for (column, part) in parts.iter().enumerate() {
        let width = rect.width() * part;
        let gap = if column == 4 { measure::SPACE_16 } else { 0.0 };
        let place = egui::Rect::from_min_size(egui::pos2(left + gap, rect.top()), vec2(width - gap, rect.height()));
        left += width;
        let layout = match column {
            1..=3 => Layout::right_to_left(Align::Center),
            _ => Layout::left_to_right(Align::Center),
        };
        let builder = UiBuilder::new().max_rect(place).id_salt(column).layout(layout);
        // A cell with nothing in it must not move what comes after the row.
        let mut own = ui.new_child(builder);
        own.set_clip_rect(ui.clip_rect().intersect(place.expand(1.0)));
        cell(&mut own, column);
    }
}
