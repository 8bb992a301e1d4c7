//! The tab of the time line: what a run spent its time on, the critical path marked, and what would have to be shortened first.

use crate::areas::build::model::Builds;
use crate::areas::build::timeline::{Span, Timeline};
use crate::areas::build::{Command, RunRow};
use crate::areas::page::Cx;
use crate::base::{JobId, State, Workspace, format};
use crate::msg;
use crate::ui::detail::{self, Fact, Heading};
use crate::ui::form::choice_ui;
use crate::ui::spans::{Bar, spans_ui};
use crate::ui::{Ui, icons, page_frame, text};
use serde::{Deserialize, Serialize};

const CHOICE: f32 = 420.0;
/// Runs that can be chosen.
const RUNS: usize = 50;

/// What the tab remembers.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Lines {
    /// None: the newest run.
    #[serde(skip)]
    run: Option<JobId>,
    #[serde(skip)]
    asked: Option<JobId>,
    #[serde(skip)]
    span: Option<usize>,
}

impl Lines {
    /// Shows this run from now on.
    pub(super) fn choose(&mut self, run: JobId) {
        self.run = Some(run);
        self.span = None;
    }

    pub(super) fn ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, builds: &Builds) {
        let is_over = |run: &&RunRow| run.state != State::InProgress;
        let runs: Vec<&RunRow> = builds.runs().iter().filter(is_over).take(RUNS).collect();
        let known = self.run.filter(|job| builds.run(*job).is_some());
        let Some(wanted) = known.or_else(|| runs.first().map(|run| run.job)) else {
            page_frame::empty_ui(ui, icons::HISTORY, &cx.t("build-runs-empty"), None);
            return;
        };
        if self.asked != Some(wanted) {
            self.asked = Some(wanted);
            self.span = None;
            cx.ask(Command::ShowTimeline {
                workspace: workspace.clone(),
                job: Some(wanted),
                otlp: None,
            });
        }
        let mut chosen = wanted.0;
        let choices: Vec<(u64, String)> = runs.iter().map(|run| (run.job.0, label(cx, run))).collect();
        page_frame::bar_ui(ui, 44.0, |ui| {
            ui.set_max_width(CHOICE);
            if choice_ui(ui, &cx.t("build-col-run"), &mut chosen, &choices) {
                self.choose(JobId(chosen));
            }
        });
        let Some(timeline) = builds.timeline.as_ref().filter(|timeline| timeline.job == wanted) else {
            return;
        };
        let from = timeline.spans.first().map_or(0, |span| span.start.as_millisecond());
        let bars: Vec<Bar> = timeline.spans.iter().map(|span| bar(cx, span, from)).collect();
        let name = cx.msg(&msg!("build-timeline-of", task = timeline.title.as_str()));
        let axis = |ms: f64| format::duration_secs(ms / 1000.0, cx.texts);
        if let Some(at) = spans_ui(ui, "build-timeline", &name, &bars, self.span, axis) {
            self.span = (self.span != Some(at)).then_some(at);
        }
    }

    pub(super) fn detail_ui(&self, ui: &mut Ui, cx: &Cx<'_>, builds: &Builds) {
        let Some(timeline) = &builds.timeline else { return };
        let Some(root) = timeline.spans.first() else { return };
        let shown = self.span.and_then(|at| timeline.spans.get(at)).unwrap_or(root);
        detail::heading_ui(
            ui,
            &Heading {
                icon: icons::HISTORY,
                name: &shown.name,
                note: &cx.t(shown.kind.key()),
                state: Some((shown.state, &cx.t(shown.state.key()))),
            },
        );
        let time = |ms: u64| format::duration_secs(ms as f64 / 1000.0, cx.texts);
        let after = (shown.start.as_millisecond() - root.start.as_millisecond()).max(0) as u64;
        let mut facts = vec![
            Fact::text(cx.t("build-col-time"), time(shown.duration_ms())),
            Fact::text(cx.t("build-timeline-after"), time(after)),
        ];
        let key = if shown.is_critical {
            "build-timeline-is-critical"
        } else {
            "build-timeline-beside"
        };
        facts.push(Fact::text(cx.t("build-timeline-path"), cx.t(key)));
        detail::facts_ui(ui, &facts);
        path_ui(ui, cx, timeline);
    }
}

/// The critical path, the longest first: where shortening helps.
fn path_ui(ui: &mut Ui, cx: &Cx<'_>, timeline: &Timeline) {
    let mut path = timeline.critical();
    if path.is_empty() {
        detail::section_ui(ui, |ui| text::paragraph_weak(ui, &cx.t("build-timeline-bare")));
        return;
    }
    path.sort_by_key(|span| std::cmp::Reverse(span.duration_ms()));
    let time = |ms: u64| format::duration_secs(ms as f64 / 1000.0, cx.texts);
    let note = time(timeline.critical_ms());
    detail::titled_section_ui(ui, &cx.t("build-timeline-critical-title"), &note, |ui| {
        for span in path.iter().take(20) {
            ui.horizontal(|ui| {
                text::medium(ui, &time(span.duration_ms()));
                text::weak(ui, &span.name);
            });
        }
    });
}

fn label(cx: &Cx<'_>, run: &RunRow) -> String {
    let time = format::duration_secs(run.duration_ms as f64 / 1000.0, cx.texts);
    format!("{}  {}  {}  {time}", run.job, run.task, cx.t(run.state.key()))
}

fn bar(cx: &Cx<'_>, span: &Span, from: i64) -> Bar {
    let note = format::duration_secs(span.duration_ms() as f64 / 1000.0, cx.texts);
    let path = if span.is_critical {
        format!(", {}", cx.t("build-timeline-is-critical"))
    } else {
        String::new()
    };
    Bar {
        name: span.name.clone(),
        said: format!("{}, {}, {note}{path}", span.name, cx.t(span.kind.key())),
        note,
        depth: span.depth,
        start: (span.start.as_millisecond() - from) as f64,
        end: (span.end.as_millisecond() - from) as f64,
        state: span.state,
        is_marked: span.is_critical && span.parent.is_some(),
    }
}
