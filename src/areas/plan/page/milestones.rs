//! Milestones: progress of each, burn-down and burn-up from the history of the items, and the forecast with its data.

use super::{Page, key_of, words};
use crate::areas::page::{Cx, Intent};
use crate::areas::plan::forecast::{Forecast, MIN_SAMPLES};
use crate::areas::plan::links::Links;
use crate::areas::plan::milestones::{self, Burn};
use crate::areas::plan::model::{Beside, Plan};
use crate::areas::plan::say::forecast_filter;
use crate::areas::plan::{Command, Item};
use crate::base::{State, Target, Workspace, format};
use crate::msg;
use crate::ui::button::Button;
use crate::ui::detail;
use crate::ui::plot::{Chart, ChartState, Marker, Series};
use crate::ui::state_mark::{bar_ui, label_ui, mark_ui};
use crate::ui::text;
use crate::ui::tokens::{Tokens, measure};
use crate::ui::{Ui, icons, page_frame};
use egui::{Frame, Margin, ScrollArea};
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// What the milestones remember.
#[derive(Default)]
pub(super) struct MilestonesState {
    /// Id of the one that is shown.
    open: Option<String>,
    down: ChartState,
    up: ChartState,
    runs: ChartState,
    /// The forecasts that were asked for, with the number of the history.
    asked: Option<(String, u64)>,
}

/// Seconds since 1970 at the noon of a day.
fn moment(day: Date) -> f64 {
    let at = day.at(12, 0, 0, 0).to_zoned(TimeZone::UTC);
    at.map_or(0.0, |at| at.timestamp().as_second() as f64)
}

impl Page {
    pub(super) fn milestones_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, plan: &Plan) {
        let all = self.shown.milestones(plan);
        if all.is_empty() {
            page_frame::empty_ui(ui, icons::FLAG, &cx.t("plan-milestones-none"), None);
            return;
        }
        let beside = cx.model.plan.beside(&workspace.id);
        let open = self.milestones.open.clone();
        let open = all
            .iter()
            .find(|known| Some(&known.id) == open.as_ref())
            .or_else(|| all.first());
        let Some(open) = open.cloned() else { return };
        ScrollArea::vertical()
            .auto_shrink([false, false])
            .id_salt("plan-milestones")
            .show(ui, |ui| {
                Frame::NONE.inner_margin(Margin::symmetric(16, 12)).show(ui, |ui| {
                    ui.spacing_mut().item_spacing.y = measure::SPACE_8;
                    for known in all.iter() {
                        if self.row_ui(ui, cx, plan, beside, known, known.id == open.id) {
                            self.milestones.open = Some(known.id.clone());
                            if let Some(item) = plan.items.get(&known.file) {
                                self.select(item);
                            }
                        }
                    }
                    ui.add_space(measure::SPACE_8);
                    if let Some(milestone) = plan.items.get(&open.file) {
                        self.charts_ui(ui, cx, workspace, plan, beside, milestone);
                    }
                });
            });
    }

    fn row_ui(&self, ui: &mut Ui, cx: &Cx<'_>, plan: &Plan, beside: Option<&Beside>, known: &Known, is_open: bool) -> bool {
        let Some(item) = plan.items.get(&known.file) else {
            return false;
        };
        let t = Tokens::of(ui);
        let mut clicked = false;
        let frame = crate::ui::theme::card_frame(t);
        let frame = if is_open { frame.fill(t.accent.weak) } else { frame };
        frame.show(ui, |ui| {
            ui.set_width(ui.available_width());
            ui.horizontal(|ui| {
                ui.spacing_mut().item_spacing.x = measure::SPACE_12;
                mark_ui(
                    ui,
                    if known.n_done == known.n_all && known.n_all > 0 {
                        State::Done
                    } else {
                        State::InProgress
                    },
                );
                if text::link(ui, &item.title).clicked() {
                    clicked = true;
                }
                let share = known.n_done as f32 / known.n_all.max(1) as f32;
                let words = msg!(
                    "plan-milestone-line",
                    n = known.n_done,
                    all = known.n_all,
                    percent = (share * 100.0) as u32
                );
                let words = cx.msg(&words);
                bar_ui(ui, 160.0, Some(share), t.accent.mark, &words);
                text::weak(ui, &words);
                if let Some(due) = item.due {
                    let due_words = cx.msg(&msg!("plan-due-on", day = words::day(cx, due)));
                    if words::is_late(cx, plan, item) {
                        label_ui(ui, State::Degraded, &due_words);
                    } else {
                        text::weak(ui, &due_words);
                    }
                }
                let by = beside
                    .and_then(|beside| beside.forecasts.get(&forecast_filter(item)))
                    .and_then(|by| by.date(85));
                if let Some(day) = by {
                    let words = cx.msg(&msg!("plan-forecast-sure", day = words::day(cx, day), sure = 85));
                    let is_late = item.due.is_some_and(|due| day > due);
                    label_ui(ui, if is_late { State::Degraded } else { State::Done }, &words);
                }
            });
        });
        clicked
    }

    fn charts_ui(
        &mut self,
        ui: &mut Ui,
        cx: &Cx<'_>,
        workspace: &Workspace,
        plan: &Plan,
        beside: Option<&Beside>,
        milestone: &Item,
    ) {
        let number = beside.map_or(0, |beside| beside.history_number);
        let filter = forecast_filter(milestone);
        let forecast = beside.and_then(|beside| beside.forecasts.get(&filter));
        let is_asked = self.milestones.asked.as_ref().is_some_and(|(asked, _)| *asked == filter);
        if forecast.is_none() && !is_asked {
            self.milestones.asked = Some((filter.clone(), number));
            cx.ask(Command::Forecast {
                workspace: workspace.clone(),
                filter: filter.clone(),
                seed: None,
            });
        }
        let Some(history) = beside.and_then(|beside| beside.history.as_ref()) else {
            text::weak(ui, &cx.t("plan-burn-none"));
            return;
        };
        let day = words::today(cx);
        let burn = self.shown.burn(plan, number, &milestone.file, day, || {
            milestones::burn(plan, history, milestone, cx.now, &TimeZone::system())
        });
        let note = cx.msg(&msg!("plan-history-note", n = history.n_commits));
        detail::titled_section_ui(ui, &milestone.title, &note, |ui| {
            if burn.points.is_empty() {
                text::weak(ui, &cx.t("plan-burn-none"));
                return;
            }
            self.burn_ui(ui, cx, &burn, forecast);
        });
        detail::titled_section_ui(ui, &cx.t("plan-forecast-title"), "", |ui| {
            self.forecast_ui(ui, cx, workspace, forecast, &filter);
        });
        let target = Target::Item {
            workspace: workspace.id.clone(),
            id: milestone.id.clone(),
        };
        debug_assert!(
            key_of(milestone) != 0 || !milestone.id.is_empty(),
            "a milestone is known by its file"
        );
        if text::link(ui, &milestone.id).clicked() {
            cx.ask(Intent::Go(target));
        }
    }

    fn burn_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, burn: &Burn, forecast: Option<&Forecast>) {
        let (Some(first), Some(last)) = (burn.points.first(), burn.points.last()) else {
            return;
        };
        let end = burn.due.into_iter().chain([last.day]).max().unwrap_or(last.day);
        let end = forecast.and_then(|forecast| forecast.date(85)).map_or(end, |by| by.max(end));
        let range = (moment(first.day), moment(end).max(moment(first.day) + 86_400.0 * 2.0));
        let line = |value: fn(&milestones::Point) -> f64| {
            burn.points
                .iter()
                .map(|point| [moment(point.day), value(point)])
                .collect::<Vec<_>>()
        };
        let mut down = vec![Series::new(
            cx.t("plan-burn-left"),
            0,
            line(|point| (point.n_all - point.n_done) as f64),
        )];
        let top = burn.points.iter().map(|point| point.n_all).max().unwrap_or(0) as f64;
        if let Some(due) = burn.due.filter(|due| *due > first.day) {
            let even = vec![[moment(first.day), top], [moment(due), 0.0]];
            down.push(Series::new(cx.t("plan-burn-ideal"), 3, even).dashed());
        }
        let mut markers = Vec::new();
        if let Some(due) = burn.due {
            markers.push(Marker::flag(moment(due), cx.t("plan-burn-due"), true));
        }
        if let Some(by) = forecast.and_then(|forecast| forecast.date(85)) {
            let words = cx.msg(&msg!("plan-forecast-sure", day = words::day(cx, by), sure = 85));
            markers.push(Marker::flag(moment(by), words, false));
        }
        let whole = |value: f64| format!("{value:.0}");
        let title = cx.t("plan-burn-down");
        Chart::new("plan-burn-down", &title, "", range, &down)
            .markers(&markers)
            .value(whole)
            .height(190.0)
            .show(ui, &mut self.milestones.down);
        let up = [
            Series::new(cx.t("plan-burn-all"), 2, line(|point| point.n_all as f64)).dashed(),
            Series::new(cx.t("plan-burn-done"), 1, line(|point| point.n_done as f64)),
        ];
        let title = cx.t("plan-burn-up");
        Chart::new("plan-burn-up", &title, "", range, &up)
            .markers(&markers)
            .value(whole)
            .height(190.0)
            .show(ui, &mut self.milestones.up);
    }

    fn forecast_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, forecast: Option<&Forecast>, filter: &str) {
        let Some(forecast) = forecast else {
            // A question that failed is told by its job; it can be asked again.
            let again = cx.t("plan-forecast-ask");
            if ui.add(Button::new(&again).small()).clicked() {
                self.milestones.asked = None;
            }
            return;
        };
        if forecast.n_open == 0 {
            text::weak(ui, &cx.t("plan-forecast-nothing"));
            return;
        }
        if forecast.is_too_little() {
            let words = msg!(
                "plan-forecast-little",
                n = forecast.samples.len(),
                done = forecast.n_done,
                least = MIN_SAMPLES
            );
            text::weak(ui, &cx.msg(&words));
            return;
        }
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = measure::SPACE_16;
            for (sure, day) in &forecast.by {
                let words = cx.msg(&msg!("plan-forecast-sure", day = words::day(cx, *day), sure = *sure));
                if *sure == 85 {
                    text::strong(ui, &words);
                } else {
                    text::weak(ui, &words);
                }
            }
            let again = cx.t("plan-forecast-ask");
            if ui.add(Button::new(&again).small()).clicked() {
                cx.ask(Command::Forecast {
                    workspace: workspace.clone(),
                    filter: filter.to_owned(),
                    seed: None,
                });
            }
        });
        let mut sum = 0_u32;
        let points: Vec<[f64; 2]> = forecast
            .days
            .iter()
            .map(|(day, n)| {
                sum += n;
                [moment(*day), f64::from(sum) * 100.0 / f64::from(forecast.trials.max(1))]
            })
            .collect();
        if let (Some(first), Some(last)) = (points.first(), points.last()) {
            let range = (first[0], last[0].max(first[0] + 86_400.0));
            let title = cx.t("plan-forecast-chart");
            let series = [Series::new(title.clone(), 0, points.clone())];
            Chart::new("plan-forecast", &title, "%", range, &series)
                .limit(85.0, "85 %")
                .value(|value| format!("{value:.0} %"))
                .height(170.0)
                .show(ui, &mut self.milestones.runs);
        }
        let words = msg!(
            "plan-forecast-data",
            open = forecast.n_open,
            busy = forecast.n_busy,
            n = forecast.samples.len(),
            median = format::decimal(forecast.median().unwrap_or_default(), 1, cx.texts),
            lanes = format::decimal(forecast.in_work, 1, cx.texts),
            trials = forecast.trials
        );
        text::paragraph_weak(ui, &cx.msg(&words));
    }
}

/// A milestone with its numbers, worked out once per change.
#[derive(Clone, Debug)]
pub(super) struct Known {
    pub(super) id: String,
    pub(super) file: std::path::PathBuf,
    pub(super) n_done: usize,
    pub(super) n_all: usize,
}

/// Every milestone in the order of the list.
pub(super) fn known(plan: &Plan) -> Vec<Known> {
    let links = Links::of(plan);
    let known = |item: &Item| {
        let members = milestones::members(plan, &links, item);
        Known {
            id: item.id.clone(),
            file: item.file.clone(),
            n_done: members.iter().filter(|item| item.is_done(&plan.workflow)).count(),
            n_all: members.len(),
        }
    };
    milestones::in_order(plan).into_iter().map(known).collect()
}
