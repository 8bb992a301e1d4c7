//! The tab of searches for guilty commits: how far each is, its looks, and what it found.

use super::Command;
use crate::areas::build::bisect::search::{Verdict, most_steps};
use crate::areas::build::bisect::{Command as Words, End, Search, Spec};
use crate::areas::page::{Action, Cx, Intent};
use crate::base::{State, Target, Workspace, format};
use crate::msg;
use crate::ui::detail::{self, Fact, Heading};
use crate::ui::table::{Column, Table, TableState, row_key};
use crate::ui::{Ui, action, icons, page_frame, state_mark, text, why};
use serde::{Deserialize, Serialize};

const DIFF_LINES: usize = 400;

/// What the tab remembers.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Bisects {
    table: TableState,
    #[serde(skip)]
    is_loaded: Option<crate::base::WorkspaceId>,
}

fn state(search: &Search) -> (State, &'static str) {
    match (&search.ended, search.is_running) {
        (Some(End::Found { .. }), _) => (State::Done, "bisect-state-found"),
        (Some(End::Unclear { .. }), _) => (State::Degraded, "bisect-state-unclear"),
        (None, true) => (State::InProgress, "bisect-state-running"),
        (None, false) => (State::Interrupted, "bisect-state-stopped"),
    }
}

impl Bisects {
    fn chosen<'a>(&self, searches: &'a [Search]) -> Option<&'a Search> {
        let key = self.table.single()?;
        searches.iter().find(|search| row_key(&search.key) == key)
    }

    pub(super) fn ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace) {
        if self.is_loaded.as_ref() != Some(&workspace.id) {
            self.is_loaded = Some(workspace.id.clone());
            cx.ask(Command::Bisect(Words::Load {
                workspace: workspace.clone(),
            }));
        }
        let searches = cx.model.build.searches(&workspace.id);
        if searches.is_empty() {
            page_frame::empty_ui(ui, icons::SEARCH, &cx.t("bisect-empty"), None);
            return;
        }
        let columns = [
            Column::new("state", cx.t("build-col-state"), 116.0).always().unsortable(),
            Column::new("what", cx.t("bisect-col-question"), 220.0)
                .fill()
                .always()
                .unsortable(),
            Column::new("range", cx.t("bisect-col-range"), 150.0).unsortable(),
            Column::new("left", cx.t("bisect-col-left"), 110.0).right().unsortable(),
            Column::new("rounds", cx.t("bisect-col-rounds"), 80.0).right().unsortable(),
            Column::new("when", cx.t("build-col-when"), 96.0).unsortable(),
        ];
        let name = cx.t("bisect-tab");
        let mut asked = None;
        let table = Table::new("build-bisects", &name, &columns, searches.len())
            .single()
            .key(|row| searches.get(row).map_or(0, |search| row_key(&search.key)))
            .label(|row| {
                searches
                    .get(row)
                    .map(|search| search.spec.question.words())
                    .unwrap_or_default()
            })
            .menu(|ui, row| {
                if let Some(search) = searches.get(row) {
                    asked = action::menu_ui(ui, &actions(cx, workspace, search)).or(asked.take());
                }
            });
        table.show(ui, &mut self.table, |ui, row, column| {
            let Some(search) = searches.get(row) else { return };
            match columns[column].id {
                "state" => {
                    let (state, key) = state(search);
                    state_mark::label_ui(ui, state, &cx.t(key));
                }
                "what" => drop(text::medium(ui, &search.spec.question.words())),
                "range" => {
                    let ends = format!("{}..{}", format::short_oid(&search.good), format::short_oid(&search.bad));
                    text::mono(ui, &ends);
                }
                "left" => drop(text::body(ui, &format!("{} / {}", search.n_left, search.n_range))),
                "rounds" => {
                    let most = most_steps(search.n_range, search.at_once as usize);
                    text::body(ui, &format!("{} / {most}", search.n_rounds()));
                }
                _ => drop(text::body(ui, &format::ago(search.started_at, cx.now, cx.texts))),
            }
        });
        if let Some(intent) = asked {
            cx.ask(intent);
        }
    }

    pub(super) fn has_detail(&self, cx: &Cx<'_>, workspace: &Workspace) -> bool {
        self.chosen(cx.model.build.searches(&workspace.id)).is_some()
    }

    pub(super) fn detail_ui(&self, ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace) {
        let Some(search) = self.chosen(cx.model.build.searches(&workspace.id)) else {
            return;
        };
        let (of, key) = state(search);
        let name = search.spec.question.words();
        let note = cx.msg(&msg!(
            "bisect-counts",
            steps = search.n_steps(),
            rounds = search.n_rounds(),
            repeats = search.n_repeats(),
            n = search.n_range
        ));
        let word = cx.t(key);
        detail::heading_ui(
            ui,
            &Heading {
                icon: icons::SEARCH,
                name: &name,
                note: &note,
                state: Some((of, &word)),
            },
        );
        let commit = |oid: &str| Target::Commit {
            workspace: workspace.id.clone(),
            oid: oid.to_owned(),
        };
        let mut facts = vec![
            Fact::link(cx.t("bisect-good"), format::short_oid(&search.good), "", commit(&search.good)),
            Fact::link(cx.t("bisect-bad"), format::short_oid(&search.bad), "", commit(&search.bad)),
        ];
        if let Some(End::Found {
            commit: found, carriers, ..
        }) = &search.ended
        {
            let oid = format::short_oid(&found.oid);
            facts.push(Fact::link(
                cx.t("bisect-guilty"),
                oid,
                found.summary.clone(),
                commit(&found.oid),
            ));
            facts.push(Fact::text(cx.t("bisect-author"), found.author.clone()));
            facts.push(Fact::text(cx.t("bisect-in-releases"), carriers.releases.join(", ")));
            facts.push(Fact::text(cx.t("bisect-in-instances"), carriers.instances.join(", ")));
        }
        if let Some(target) = detail::facts_ui(ui, &facts) {
            cx.ask(Intent::Go(target));
        }
        if let Some(intent) = detail::actions_ui(ui, &actions(cx, workspace, search)) {
            cx.ask(intent);
        }
        narrowing_ui(ui, cx, search);
        match &search.ended {
            Some(End::Found { diff, .. }) => {
                detail::titled_section_ui(ui, &cx.t("bisect-diff"), "", |ui| why::output_ui(ui, diff, DIFF_LINES));
            }
            Some(End::Unclear { commits }) => {
                detail::titled_section_ui(ui, &cx.t("bisect-one-of"), "", |ui| {
                    why::output_ui(ui, &commits.join("\n"), DIFF_LINES);
                });
            }
            None => {}
        }
    }
}

fn actions(cx: &Cx<'_>, workspace: &Workspace, search: &Search) -> Vec<Action> {
    let mut actions = Vec::new();
    if search.ended.is_none() {
        let job = cx
            .model
            .jobs
            .running()
            .find(|job| job.title.key == "bisect-job-run")
            .map(|job| job.id);
        match job.filter(|_| search.is_running) {
            Some(job) => {
                actions.push(Action::new("bisect-stop", cx.t("bisect-stop"), Intent::Cancel(job)).icon(icons::STOP));
            }
            None => {
                // The same ends: the search goes on where it was.
                let spec = Spec {
                    good: Some(search.good.clone()),
                    bad: Some(search.bad.clone()),
                    ..search.spec.clone()
                };
                let run = Command::Bisect(Words::Run {
                    workspace: workspace.clone(),
                    spec,
                });
                actions.push(Action::new("bisect-resume", cx.t("bisect-resume"), run.into()).icon(icons::RUN));
            }
        }
    }
    let forget = Command::Bisect(Words::Forget {
        workspace: workspace.clone(),
        key: search.key.clone(),
    });
    let why = search.is_running.then(|| cx.t("bisect-forget-running"));
    actions.push(
        Action::new("bisect-forget", cx.t("bisect-forget"), forget.into())
            .icon(icons::DELETE)
            .danger()
            .disabled_because(why)
            .confirm(cx.t("bisect-forget"), cx.t("bisect-forget-text")),
    );
    actions
}

/// Look by look, newest first.
fn narrowing_ui(ui: &mut Ui, cx: &Cx<'_>, search: &Search) {
    let note = cx.msg(&msg!("bisect-left", n = search.n_left));
    detail::titled_section_ui(ui, &cx.t("bisect-looks"), &note, |ui| {
        let share = search.n_left as f32 / search.n_range.max(1) as f32;
        let colour = state_mark::mark_colour(crate::ui::tokens::Tokens::of(ui), State::InProgress);
        state_mark::bar_ui(ui, 240.0, Some(share), colour, &note);
        for look in search.looks.iter().rev() {
            ui.horizontal(|ui| {
                ui.spacing_mut().item_spacing.x = 8.0;
                let (state, key) = match look.verdict {
                    Verdict::Good => (State::Done, "bisect-good"),
                    Verdict::Bad => (State::Failed, "bisect-bad"),
                    Verdict::Skip => (State::Skipped, "bisect-skip"),
                };
                state_mark::label_small_ui(ui, state, &cx.t(key));
                text::mono(ui, format::short_oid(&look.oid));
                text::weak(ui, &format::duration_secs(look.duration_ms as f64 / 1000.0, cx.texts));
                if look.is_repeat {
                    text::weak(ui, &cx.t("bisect-again"));
                }
            });
        }
    });
}
