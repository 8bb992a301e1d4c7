//! The panel below every page: every job of every area with progress, time and Stop, and the output of the selected one.

use super::app::App;
use super::frame::{region, splitter_ui};
use super::front::Front;
use crate::areas::page::{Intent, UiIntent};
use crate::base::{JobId, Problem, State, Target, format, time};
use crate::engine::{JobRow, JobTable, Outcome};
use crate::msg;
use crate::ui::button::{Button, icon_button_small};
use crate::ui::keys;
use crate::ui::log_view::{LogSource, LogState, log_lines_ui};
use crate::ui::page_frame::progress_words;
use crate::ui::text::{self, Cut, Look};
use crate::ui::theme::font;
use crate::ui::tokens::{Tokens, measure};
use crate::ui::{icons, state_mark};
use egui::{Align, Id, Key, Layout, Rect, Role, ScrollArea, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};
use std::collections::BTreeSet;

const HEAD: f32 = 30.0;
const LOG_MIN: f32 = 200.0;
const LIST_MIN: f32 = 240.0;

/// What the panel remembers while the program runs.
#[derive(Debug, Default)]
pub(super) struct Activity {
    selected: Option<JobId>,
    /// The user chose the job: the panel does not jump to a newer one by itself.
    is_pinned: bool,
    /// Jobs whose children are shown or hidden other than by default.
    toggled: BTreeSet<JobId>,
    log: LogState,
    log_of: Option<JobId>,
}

impl Activity {
    pub(super) fn select(&mut self, id: JobId) {
        self.selected = Some(id);
        self.is_pinned = true;
    }

    /// Shows the newest job until the user chooses one.
    pub(super) fn follow(&mut self, jobs: &JobTable, shows_quiet: bool) {
        if self.selected.is_some_and(|id| jobs.get(id).is_none()) {
            self.selected = None;
            self.is_pinned = false;
        }
        if !self.is_pinned {
            let newest = jobs
                .rows()
                .rev()
                .find(|row| row.parent.is_none() && (shows_quiet || !row.quiet));
            self.selected = newest.map(|row| row.id);
        }
    }

    /// The rows in the order in which they are shown, with their depth: what runs first, then the newest.
    fn rows<'a>(&self, jobs: &'a JobTable, shows_quiet: bool) -> Vec<(usize, &'a JobRow)> {
        let mut roots: Vec<&JobRow> = jobs
            .rows()
            .filter(|row| row.parent.is_none() && (shows_quiet || !row.quiet))
            .collect();
        roots.sort_by_key(|row| (!row.is_running(), std::cmp::Reverse(row.id)));
        let mut out = Vec::with_capacity(roots.len());
        for root in roots {
            self.push(jobs, root, 0, &mut out);
        }
        out
    }

    fn push<'a>(&self, jobs: &'a JobTable, row: &'a JobRow, depth: usize, out: &mut Vec<(usize, &'a JobRow)>) {
        out.push((depth, row));
        if self.is_open(row) && depth < 8 {
            for child in jobs.children(row.id) {
                self.push(jobs, child, depth + 1, out);
            }
        }
    }

    /// The children of a running job are shown, those of one that is over are folded away.
    fn is_open(&self, row: &JobRow) -> bool {
        row.is_running() != self.toggled.contains(&row.id)
    }
}

impl<F: Front> App<F> {
    pub(super) fn activity_height(&self, window_height: f32) -> f32 {
        if self.view.activity_open {
            let highest = (window_height * 0.7).max(measure::ACTIVITY_OPEN);
            self.view.activity_height.clamp(90.0, highest)
        } else {
            measure::ACTIVITY_CLOSED
        }
    }

    pub(super) fn activity_ui(&mut self, ui: &mut Ui, rect: Rect) {
        let t = Tokens::of(ui);
        ui.painter().rect_filled(rect, 0.0, t.surface_1);
        if !self.view.activity_open {
            ui.painter().hline(rect.x_range(), rect.top() + 0.5, Stroke::new(1.0, t.line));
            self.closed_ui(ui, rect);
            return;
        }
        let (head, body) = rect.split_top_bottom_at_y(rect.top() + HEAD);
        self.head_ui(ui, head);
        let widest = (body.width() - LOG_MIN).max(LIST_MIN);
        let list_width = self.view.activity_list_width.clamp(LIST_MIN, widest).min(body.width());
        let (list, log) = body.split_left_right_at_x(body.left() + list_width);
        let mut part = region(ui, list, "jobs", Layout::top_down(Align::Min));
        self.list_ui(&mut part);
        let mut part = region(ui, log, "log", Layout::top_down(Align::Min));
        self.log_ui(&mut part);
        let line = Rect::from_min_max(log.left_top(), pos2(log.left() + 1.0, log.bottom()));
        let moved = splitter_ui(ui, line, "activity-list", &self.t("shell-resize-list"));
        if moved != 0.0 {
            self.view.activity_list_width = (list_width + moved).clamp(LIST_MIN, widest);
        }
        let line = Rect::from_min_max(rect.left_top(), pos2(rect.right(), rect.top() + 1.0));
        let moved = splitter_ui(ui, line, "activity", &self.t("shell-resize-activity"));
        if moved != 0.0 {
            self.view.activity_height = rect.height() - moved;
        }
    }

    /// One line: what runs, and the key that opens the panel.
    fn closed_ui(&mut self, ui: &mut Ui, rect: Rect) {
        let t = Tokens::of(ui);
        let name = self.t("shell-activity");
        let response = ui.interact(rect, Id::unique("shell-activity-strip"), Sense::click());
        response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &name));
        if response.clicked() {
            self.view.activity_open = true;
            ui.ctx().request_repaint();
        }
        if response.hovered() || response.has_focus() {
            ui.painter().rect_filled(rect.shrink2(vec2(0.0, 1.0)), 0.0, t.surface_2);
        }
        let inner = rect.shrink2(vec2(measure::GUTTER, 0.0));
        let mut right = region(ui, inner, "key", Layout::right_to_left(Align::Center));
        let keys = text::shortcut_text(ui.ctx(), &keys::ACTIVITY);
        text::key_cap(&mut right, &keys);
        let room = Rect::from_min_max(inner.min, pos2(right.min_rect().left() - 12.0, inner.bottom()));
        let mut left = region(ui, room, "jobs", Layout::left_to_right(Align::Center));
        left.spacing_mut().item_spacing.x = measure::SPACE_12;
        icons::icon_ui(&mut left, icons::CHEVRON_RIGHT, measure::ICON_SMALL, t.text_weak, None);
        text::medium(&mut left, &name);
        let running: Vec<_> = self.model.jobs.running().take(3).collect();
        if running.is_empty()
            && let Some(last) = self.model.jobs.rows().rev().find(|row| row.parent.is_none() && !row.quiet)
        {
            let title = self.texts.msg(&last.title);
            state_mark::label_small_ui(&mut left, last.state, &title);
        }
        for row in running {
            let mut words = self.job_title(row);
            if row.progress.is_some() {
                words = format!("{words} · {}", progress_words(&left, row.progress.as_ref()));
            }
            state_mark::label_small_ui(&mut left, row.state, &words);
            if let Some(fraction) = row.progress.as_ref().and_then(|progress| progress.fraction())
                && left.available_width() > 130.0
            {
                state_mark::bar_ui(&mut left, 120.0, Some(fraction), t.accent.mark, &words);
            }
        }
    }

    fn job_title(&self, row: &JobRow) -> String {
        let title = self.texts.msg(&row.title);
        let name = row
            .workspace
            .as_ref()
            .and_then(|id| self.model.devops.workspace(id))
            .map(|workspace| workspace.name.as_str());
        match name {
            Some(name) if self.workspace.is_none() && !title.contains(name) => format!("{name} · {title}"),
            _ => title,
        }
    }

    fn head_ui(&mut self, ui: &mut Ui, rect: Rect) {
        let inner = rect.shrink2(vec2(measure::GUTTER, 0.0));
        let t = Tokens::of(ui);
        ui.painter()
            .hline(rect.x_range(), rect.bottom() - 0.5, Stroke::new(1.0, t.line));
        let mut right = region(ui, inner, "tools", Layout::right_to_left(Align::Center));
        right.spacing_mut().item_spacing.x = measure::SPACE_8;
        let keys = text::shortcut_text(ui.ctx(), &keys::ACTIVITY);
        text::key_cap(&mut right, &keys);
        let close = self.t("shell-activity-close");
        if icon_button_small(&mut right, icons::CHEVRON_DOWN, &close).clicked() {
            self.view.activity_open = false;
            ui.ctx().request_repaint();
        }
        let quiet = self.t(if self.view.shows_quiet_jobs {
            "shell-hide-quiet"
        } else {
            "shell-show-quiet"
        });
        if icon_button_small(&mut right, icons::EYE, &quiet).clicked() {
            self.view.shows_quiet_jobs = !self.view.shows_quiet_jobs;
            self.activity.follow(&self.model.jobs, self.view.shows_quiet_jobs);
        }
        if let Some(row) = self.activity.selected.and_then(|id| self.model.jobs.get(id)) {
            let copy = self.t("ui-log-copy");
            if !row.lines.is_empty() && icon_button_small(&mut right, icons::COPY, &copy).clicked() {
                let lines: Vec<_> = row.lines.iter().map(|line| crate::base::safe::plain(&line.text)).collect();
                self.ask_ui(UiIntent::Copy(lines.join("\n")));
            }
            if !row.quiet {
                let label = self.t("shell-show-run");
                if right.add(Button::new(&label).small().bare()).clicked() {
                    self.ask(Intent::Go(Target::Run { job: row.id }));
                }
            }
            let stop = self.t("shell-stop");
            if row.is_running() && right.add(Button::new(&stop).small().icon(icons::STOP)).clicked() {
                self.ask(Intent::Cancel(row.id));
            }
        }
        let room = Rect::from_min_max(inner.min, pos2(right.min_rect().left() - 12.0, inner.bottom()));
        let mut left = region(ui, room, "title", Layout::left_to_right(Align::Center));
        left.spacing_mut().item_spacing.x = measure::SPACE_16;
        let look = Look {
            font: font::semibold(measure::TEXT_BODY),
            colour: t.text,
            cut: Cut::End,
        };
        text::label(&mut left, &self.texts.t("shell-activity"), look);
        let n_running = self.model.jobs.running().count();
        let n_ended = self
            .model
            .jobs
            .rows()
            .filter(|row| !row.is_running() && row.parent.is_none() && !row.quiet)
            .count();
        if n_running > 0 {
            text::weak(&mut left, &self.texts.msg(&msg!("shell-n-running", n = n_running)));
        }
        text::weak(&mut left, &self.texts.msg(&msg!("shell-n-ended", n = n_ended)));
    }

    fn list_ui(&mut self, ui: &mut Ui) {
        let rows = self.activity.rows(&self.model.jobs, self.view.shows_quiet_jobs);
        if rows.is_empty() {
            ui.add_space(measure::SPACE_12);
            ui.horizontal(|ui| {
                ui.add_space(measure::GUTTER);
                let words = text::tr(ui, "shell-no-jobs");
                text::weak(ui, &words);
            });
            return;
        }
        let mut asked = Vec::new();
        ui.spacing_mut().item_spacing.y = 0.0;
        ScrollArea::vertical()
            .auto_shrink([false, false])
            .id_salt("job-list")
            .show_rows(ui, measure::ROW, rows.len(), |ui, range| {
                for (depth, row) in &rows[range] {
                    let has_children = self.model.jobs.children(row.id).next().is_some();
                    self.job_ui(ui, row, *depth, has_children, &mut asked);
                }
            });
        for ask in asked {
            match ask {
                JobAsk::Select(id) => self.activity.select(id),
                JobAsk::Toggle(id) => {
                    if !self.activity.toggled.remove(&id) {
                        self.activity.toggled.insert(id);
                    }
                }
                JobAsk::Stop(id) => self.ask(Intent::Cancel(id)),
            }
            ui.ctx().request_repaint();
        }
    }

    fn job_ui(&self, ui: &mut Ui, row: &JobRow, depth: usize, has_children: bool, asked: &mut Vec<JobAsk>) {
        let t = Tokens::of(ui);
        let title = self.texts.msg(&row.title);
        let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), measure::ROW), Sense::click());
        let selected = self.activity.selected == Some(row.id);
        let spoken = format!("{title}, {}", self.t(row.state.key()));
        response.widget_info(|| WidgetInfo::selected(Role::ListItem, true, selected, &spoken));
        if selected {
            ui.painter().rect_filled(rect, 0.0, t.accent.weak);
            ui.painter()
                .rect_filled(Rect::from_min_size(rect.min, vec2(2.0, rect.height())), 0.0, t.accent.mark);
        } else if response.hovered() || response.has_focus() {
            ui.painter().rect_filled(rect, 0.0, t.surface_2);
        }
        if response.clicked() {
            asked.push(JobAsk::Select(row.id));
            response.request_focus();
        }
        let delete = ui.input(|input| input.key_pressed(Key::Delete));
        if response.has_focus() && row.is_running() && delete {
            asked.push(JobAsk::Stop(row.id));
        }
        let y = rect.center().y;
        let mut x = rect.left() + measure::GUTTER + depth as f32 * 16.0;
        if has_children {
            let fold = Rect::from_center_size(pos2(x + 2.0 - 8.0, y), vec2(14.0, 20.0));
            let open = self.activity.is_open(row);
            let toggle = ui.interact(fold, response.id.with("fold"), Sense::click());
            let word = self.t(if open { "ui-fold" } else { "ui-unfold" });
            toggle.widget_info(|| WidgetInfo::labeled(Role::Button, true, &word));
            let icon = if open { icons::CHEVRON_DOWN } else { icons::CHEVRON_RIGHT };
            icons::paint(ui.painter(), fold.center(), icon, 12.0, t.text_weak);
            if toggle.clicked() {
                asked.push(JobAsk::Toggle(row.id));
            }
        }
        state_mark::paint(ui.painter(), t, pos2(x + 6.0, y), 11.0, row.state);
        x += 20.0;

        let mut right = rect.right() - measure::GUTTER;
        let small = Look {
            font: font::small(),
            colour: t.text_weak,
            cut: Cut::End,
        };
        if row.is_running() {
            let stop = Rect::from_center_size(pos2(right - 5.0, y), vec2(20.0, 20.0));
            let button = ui.interact(stop, response.id.with("stop"), Sense::click());
            let word = self.texts.msg(&msg!("shell-stop-job", title = &title));
            button.widget_info(|| WidgetInfo::labeled(Role::Button, true, &word));
            let colour = if button.hovered() || button.has_focus() {
                t.text
            } else {
                t.text_weak
            };
            let square = Rect::from_center_size(stop.center(), vec2(7.0, 7.0));
            ui.painter()
                .rect_stroke(square, 1.0, Stroke::new(1.3, colour), egui::StrokeKind::Inside);
            if button.on_hover_text(word).clicked() {
                asked.push(JobAsk::Stop(row.id));
            }
            right -= 22.0;
        }
        let at_right = Rect::from_min_max(pos2((right - 150.0).max(x), rect.top()), pos2(right, rect.bottom()));
        text::paint_line(ui, at_right, &self.job_time(row), &small, Align::Max);
        right -= 158.0;
        if let Some(progress) = row.progress.as_ref().filter(|_| row.is_running()) {
            let words = progress.fraction().map_or_else(
                || progress_words(ui, Some(progress)),
                |fraction| format::percent(f64::from(fraction), &self.texts),
            );
            let numbers = Rect::from_min_max(pos2((right - 44.0).max(x), rect.top()), pos2(right, rect.bottom()));
            if let Some(fraction) = progress.fraction() {
                text::paint_line(ui, numbers, &words, &small, Align::Min);
                let bar = Rect::from_min_size(pos2(numbers.left() - 52.0, y - 2.0), vec2(44.0, 4.0));
                if bar.left() > x + 60.0 {
                    ui.painter().rect_filled(bar, measure::RADIUS_BAR, t.surface_3);
                    let done = Rect::from_min_size(bar.min, vec2(bar.width() * fraction, 4.0));
                    ui.painter().rect_filled(done, measure::RADIUS_BAR, t.accent.mark);
                }
            } else {
                let wide = Rect::from_min_max(pos2((right - 96.0).max(x), rect.top()), numbers.max);
                text::paint_line(ui, wide, &words, &small, Align::Max);
            }
            right -= 104.0;
        }
        let name = row
            .workspace
            .as_ref()
            .and_then(|id| self.model.devops.workspace(id))
            .map(|workspace| workspace.name.clone());
        if let Some(name) = name.filter(|_| right - x > 240.0) {
            let place = Rect::from_min_max(pos2(right - 92.0, rect.top()), pos2(right, rect.bottom()));
            text::paint_line(
                ui,
                place,
                &name,
                &Look {
                    cut: Cut::Middle,
                    ..small
                },
                Align::Min,
            );
            right -= 100.0;
        }
        let colour = if row.state == State::Failed {
            t.text
        } else {
            state_mark::word_colour(t, State::Done)
        };
        let look = Look {
            font: font::body(),
            colour,
            cut: Cut::End,
        };
        let place = Rect::from_min_max(pos2(x, rect.top()), pos2(right.max(x), rect.bottom()));
        text::paint_line(ui, place, &title, &look, Align::Min);
    }

    /// Elapsed while it runs; afterwards how long it took, or why it failed.
    fn job_time(&self, row: &JobRow) -> String {
        let from = row.started_at.unwrap_or(row.queued_at);
        let to = row.ended_at.unwrap_or(self.now);
        let took = format::duration_secs(time::secs_between(from, to), &self.texts);
        match row.state {
            State::Queued => self.t("state-queued"),
            State::Failed | State::Cancelled => {
                format!("{} · {}", self.t(row.state.key()), format::ago(to, self.now, &self.texts))
            }
            _ => took,
        }
    }

    /// Why it failed first, then the output.
    fn log_ui(&mut self, ui: &mut Ui) {
        let Some(id) = self.activity.selected else { return };
        if self.activity.log_of != Some(id) {
            self.activity.log_of = Some(id);
            self.activity.log = LogState::default();
        }
        let Some(row) = self.model.jobs.get(id) else { return };
        if let Some(Outcome::Failed { problem }) = &row.outcome {
            why_ui(ui, problem);
        }
        let source = LogSource::ring(id.0, row.n_skipped, &row.lines);
        log_lines_ui(ui, "shell-activity", &mut self.activity.log, &source);
    }
}

enum JobAsk {
    Select(JobId),
    Toggle(JobId),
    Stop(JobId),
}

/// What went wrong and what to do, in two lines.
fn why_ui(ui: &mut Ui, problem: &Problem) {
    let t = Tokens::of(ui);
    let summary = text::say(ui, &problem.summary);
    let hint = problem.hint.as_ref().map(|hint| text::say(ui, hint));
    let first_detail = crate::base::SafeText::new(
        problem
            .details
            .lines()
            .find(|line| !line.trim().is_empty())
            .unwrap_or_default(),
    );
    let n_lines = 1 + usize::from(hint.is_some()) + usize::from(!first_detail.as_str().is_empty());
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 8.0 + 20.0 * n_lines as f32), Sense::hover());
    ui.painter().rect_filled(rect, 0.0, t.danger.weak);
    let mut part = region(ui, rect.shrink2(vec2(12.0, 4.0)), "why", Layout::top_down(Align::Min));
    part.spacing_mut().item_spacing.y = 2.0;
    state_mark::label_ui(&mut part, State::Failed, &summary);
    if !first_detail.as_str().is_empty() {
        text::mono(&mut part, first_detail.as_str())
            .on_hover_text(crate::base::SafeText::multiline(&problem.details).into_string());
    }
    if let Some(hint) = hint {
        text::small(&mut part, &hint);
    }
}
