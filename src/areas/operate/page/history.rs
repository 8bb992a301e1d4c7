//! The tab of the log history: what every life of the workspace's instances wrote, searched over days, counted by time.

use crate::areas::operate::Command;
use crate::areas::operate::logs::LogOrder;
use crate::areas::operate::logs::lives::Lives;
use crate::areas::page::Cx;
use crate::base::log::LogFilter;
use crate::base::{State, Timestamp, Workspace, format};
use crate::engine::Outcome;
use crate::msg;
use crate::ui::button::{Button, segments_ui};
use crate::ui::input::Input;
use crate::ui::log_view::{LogResponse, LogSource, LogState, lines_of, log_ui};
use crate::ui::plot::{Chart, ChartState, Series};
use crate::ui::table::row_key;
use crate::ui::tokens::measure;
use crate::ui::{Ui, icons, page_frame, state_mark};
use egui::{Align, Id, Key, Layout};
use serde::{Deserialize, Serialize};

/// Lines of each life that are shown at most.
const LINES: u32 = 1000;
const CHART: f32 = 120.0;
/// Parts of the time in which lines are counted.
const PARTS: u32 = 120;

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
enum Span {
    Hour,
    #[default]
    Day,
    Week,
    Month,
}

impl Span {
    const ALL: [Self; 4] = [Self::Hour, Self::Day, Self::Week, Self::Month];

    fn secs(self) -> u32 {
        match self {
            Self::Hour => 3600,
            Self::Day => 86_400,
            Self::Week => 7 * 86_400,
            Self::Month => 30 * 86_400,
        }
    }

    fn key(self) -> &'static str {
        match self {
            Self::Hour => "operate-span-hour",
            Self::Day => "operate-span-day",
            Self::Week => "operate-span-week",
            Self::Month => "operate-span-month",
        }
    }
}

/// What was asked for.
#[derive(Clone, Debug, PartialEq)]
struct Asked {
    log: String,
    from: Timestamp,
    until: Timestamp,
}

/// What the tab remembers.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct LogHistory {
    words: String,
    span: Span,
    state: LogState,
    chart: ChartState,
    #[serde(skip)]
    asked: Option<Asked>,
    #[serde(skip)]
    series: Vec<Series>,
    /// What `series` was made from.
    #[serde(skip)]
    made_from: Option<(u64, u64)>,
}

impl LogHistory {
    /// Another log has taken the place of this one.
    pub(super) fn forget(&mut self) {
        self.asked = None;
    }

    fn search(&mut self, cx: &Cx<'_>, workspace: &Workspace) {
        let secs = self.span.secs();
        let until = cx.now;
        let from = Timestamp::from_second(until.as_second() - i64::from(secs)).unwrap_or(until);
        let words = self.words.trim();
        let mut filter = LogFilter {
            pattern: (!words.is_empty()).then(|| format!("(?i){words}")),
            since: Some(from),
            whole: true,
            ..LogFilter::default()
        };
        // What is no expression is taken as it is, as in every other log.
        if filter.sieve().is_err() {
            filter.pattern = None;
            filter.text = Some(words.to_owned());
        }
        let order = LogOrder {
            lives: Some(Lives {
                workspace: workspace.id.clone(),
                environment: cx.environment.map(ToOwned::to_owned),
                version: None,
                names: Vec::new(),
            }),
            n_lines: Some(LINES),
            count_secs: Some((secs / PARTS).max(1)),
            filter,
            ..LogOrder::default()
        };
        self.asked = Some(Asked {
            log: order.name(),
            from,
            until,
        });
        self.chart.zoom = None;
        cx.ask(Command::ShowLogs { order });
    }

    /// The answer, and the lines that shall be written to a file.
    pub(super) fn body_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>) -> (LogResponse, Vec<String>) {
        let nothing = (LogResponse::default(), Vec::new());
        let Some(workspace) = cx.workspace else {
            page_frame::empty_ui(ui, icons::LOG, &cx.t("operate-history-workspace"), None);
            return nothing;
        };
        self.bar_ui(ui, cx, workspace);
        let Some(asked) = self.asked.clone() else {
            if page_frame::empty_ui(
                ui,
                icons::HISTORY,
                &cx.t("operate-history-empty"),
                Some(&cx.t("operate-history-search")),
            ) {
                self.search(cx, workspace);
            }
            return nothing;
        };
        let log = cx.model.operate.log.as_ref().filter(|log| log.log == asked.log);
        let job = cx.model.jobs.rows().rev().find(|job| job.title.key == "operate-job-logs");
        let (Some(log), false) = (
            log,
            job.is_some_and(|job| matches!(job.outcome, Some(Outcome::Failed { .. }))),
        ) else {
            match job.and_then(|job| job.outcome.as_ref()) {
                Some(Outcome::Failed { problem }) => drop(page_frame::problem_ui(ui, problem, false)),
                _ => page_frame::loading_ui(ui, None),
            }
            return nothing;
        };
        if self.made_from != Some((log.life, log.generation)) {
            self.made_from = Some((log.life, log.generation));
            let at = |at: Timestamp| at.as_millisecond() as f64 / 1000.0;
            let line = |name: &str, lane: usize, of: &dyn Fn(&crate::areas::operate::logs::LogCount) -> u64| {
                let points = log.counts.iter().map(|count| [at(count.at), of(count) as f64]);
                Series::new(cx.t(name), lane, points.collect()).gap_secs(f64::from(log.count_secs) * 1.5)
            };
            self.series = vec![
                line("operate-history-lines", 0, &|count| count.n),
                line("operate-history-errors", 1, &|count| count.n_errors),
            ];
        }
        if !log.counts.is_empty() {
            let secs = |at: Timestamp| at.as_millisecond() as f64 / 1000.0;
            let title = cx.msg(&msg!(
                "operate-history-counted",
                part = format::duration_secs(f64::from(log.count_secs), cx.texts)
            ));
            let span = (secs(asked.from), secs(asked.until));
            let frame = egui::Frame::NONE.inner_margin(egui::Margin::symmetric(16, 8));
            frame.show(ui, |ui| {
                Chart::new("operate-history", &title, "", span, &self.series)
                    .height(CHART)
                    .value(|value| format::decimal(value, 0, cx.texts))
                    .show(ui, &mut self.chart);
            });
        }
        let title = cx.msg(&msg!("operate-history-of", n = log.sources.len()));
        let key = row_key(&format!("{} {}", log.log, log.life));
        let source = LogSource::ring(key, log.n_dropped, &log.lines)
            .origin(&log.sources, |i| usize::from(log.origins.get(i).copied().unwrap_or(0)))
            .exported()
            .with_code();
        let response = log_ui(ui, "operate-history", &title, &mut self.state, &source);
        let lines = if response.export {
            lines_of(&self.state, &source)
        } else {
            Vec::new()
        };
        (response, lines)
    }

    fn bar_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace) {
        page_frame::bar_ui(ui, 44.0, |ui| {
            ui.spacing_mut().item_spacing.x = measure::SPACE_8;
            let hint = cx.t("operate-history-hint");
            let field = Input::new(Id::unique("operate-history-words"), &hint)
                .hint(&hint)
                .icon(icons::SEARCH)
                .width(280.0)
                .show(ui, &mut self.words);
            let has_entered = field.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
            let labels: Vec<String> = Span::ALL.iter().map(|span| cx.t(span.key())).collect();
            let choices: Vec<(Span, &str)> = Span::ALL.into_iter().zip(labels.iter().map(String::as_str)).collect();
            let is_other = segments_ui(ui, &mut self.span, &choices) && self.asked.is_some();
            let pressed = ui.add(Button::new(&cx.t("operate-history-search")).primary()).clicked();
            if has_entered || pressed || is_other {
                self.search(cx, workspace);
            }
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                if let Some(name) = cx.environment {
                    state_mark::label_small_ui(ui, State::None, name);
                }
            });
        });
    }
}
