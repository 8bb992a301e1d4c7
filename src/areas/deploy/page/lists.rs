//! The history of deployments and the audit log as tables.

use super::outcome_word;
use crate::areas::deploy::{AuditEntry, Command, Deployment, Overview, Verdict};
use crate::areas::page::{Cx, commit_ui, no_hits_ui};
use crate::base::{State, Workspace, format, time};
use crate::msg;
use crate::ui::page_frame;
use crate::ui::table::{Column, Table, TableState};
use crate::ui::{Ui, state_mark, text};
use serde::{Deserialize, Serialize};

/// Which rows are shown, made anew when the model, the filter or the sorting has changed.
#[derive(Default)]
struct Lines {
    rows: Vec<usize>,
    made_from: Option<(u64, String, String)>,
}

impl Lines {
    fn arrange<T>(
        &mut self,
        cx: &Cx<'_>,
        table: &TableState,
        rows: &[T],
        text: impl Fn(&T) -> String,
        order: impl Fn(&T, &T, &str) -> std::cmp::Ordering,
    ) {
        let sort = table.sort.as_ref();
        let sort_word = sort
            .map(|sort| format!("{} {}", sort.column, sort.descending))
            .unwrap_or_default();
        let from = (cx.model.deploy.generation, cx.filter.to_owned(), sort_word);
        if self.made_from.as_ref() == Some(&from) {
            return;
        }
        self.made_from = Some(from);
        let filter = cx.filter.trim().to_lowercase();
        let matches = |row: &T| filter.is_empty() || text(row).to_lowercase().contains(&filter);
        self.rows = (0..rows.len()).filter(|i| matches(&rows[*i])).collect();
        if let Some(sort) = sort {
            self.rows.sort_by(|a, b| {
                let ordered = order(&rows[*a], &rows[*b], &sort.column);
                if sort.descending { ordered.reverse() } else { ordered }
            });
        }
    }
}

#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct History {
    table: TableState,
    #[serde(skip)]
    lines: Lines,
}

impl History {
    pub(super) fn reveal(&mut self, id: i64) {
        self.table.select_only(id as u64);
    }

    pub(super) fn selected<'a>(&self, cx: &Cx<'a>) -> Option<&'a Deployment> {
        let key = self.table.single()?;
        super::overview(cx)?.history.iter().find(|row| row.id as u64 == key)
    }

    pub(super) fn body_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, overview: &Overview) {
        let rows = &overview.history;
        let words = |row: &Deployment| {
            let commit = row.commit.as_deref().unwrap_or_default();
            format!("{} {} {} {commit} {}", row.id, row.environment, row.version, row.who)
        };
        self.lines.arrange(cx, &self.table, rows, words, |a, b, column| match column {
            "environment" => a.environment.cmp(&b.environment),
            "version" => a.version.cmp(&b.version),
            "state" => a.state.cmp(&b.state),
            "who" => a.who.cmp(&b.who),
            _ => a.id.cmp(&b.id),
        });
        if self.lines.rows.is_empty() {
            no_hits_ui(ui, cx, "deploy-filter-nothing");
            return;
        }
        let column = |id: &'static str, key: &str, width: f32| Column::new(id, cx.t(key), width);
        let columns = [
            column("id", "deploy-col-id", 48.0).right(),
            column("date", "deploy-col-date", 100.0),
            column("environment", "deploy-col-environment", 110.0),
            column("version", "deploy-col-version", 110.0).always(),
            column("state", "deploy-col-state", 172.0),
            // Why a deployment failed is what one looks for in its row.
            column("why", "deploy-col-why", 200.0).fill().unsortable(),
            column("commit", "deploy-fact-commit", 76.0).unsortable(),
            column("took", "deploy-col-took", 64.0).right().unsortable(),
            column("who", "deploy-fact-who", 80.0),
        ];
        let name = cx.t("deploy-tab-history");
        let lines = &self.lines.rows;
        let row_of = |row: usize| lines.get(row).and_then(|i| rows.get(*i));
        let before = self.table.single();
        {
            let table = Table::new("deploy-history", &name, &columns, lines.len())
                .key(|row| row_of(row).map_or(0, |one| one.id as u64))
                .label(|row| {
                    row_of(row)
                        .map(|one| format!("{}, {}, {}", one.id, one.environment, one.version))
                        .unwrap_or_default()
                })
                .copy(|row| row_of(row).map(&words).unwrap_or_default());
            table.show(ui, &mut self.table, |ui, row, column| {
                if let Some(one) = row_of(row) {
                    deployment_cell_ui(ui, cx, one, columns[column].id);
                }
            });
        }
        // The steps of what was just selected are read from the journal.
        if let Some(id) = self.table.single().filter(|_| self.table.single() != before) {
            cx.ask(Command::Show {
                workspace: workspace.clone(),
                id: id as i64,
            });
        }
    }
}

fn deployment_cell_ui(ui: &mut Ui, cx: &Cx<'_>, one: &Deployment, column: &str) {
    match column {
        "id" => {
            text::weak(ui, &one.id.to_string());
        }
        "date" => {
            text::weak(ui, &format::ago(one.started_at, cx.now, cx.texts)).on_hover_text(one.started_at.to_string());
        }
        "environment" => {
            text::body(ui, &one.environment);
        }
        "version" => {
            text::medium(ui, &one.version);
        }
        "commit" => match cx.workspace {
            Some(workspace) => commit_ui(ui, cx, &workspace.id, one.commit.as_deref(), false),
            None => drop(text::absent(ui)),
        },
        "state" => {
            state_mark::label_ui(ui, one.state, &outcome_word(cx, one.kind, one.state));
        }
        "took" => match one.ended_at {
            Some(ended) => {
                let secs = time::secs_between(one.started_at, ended);
                text::body(ui, &format::duration_secs(secs, cx.texts));
            }
            None => {
                text::absent(ui);
            }
        },
        "who" => {
            text::body(ui, &one.who);
        }
        _ => match &one.problem {
            Some(problem) => {
                text::weak(ui, &cx.msg(&problem.summary));
            }
            None => {
                text::absent(ui);
            }
        },
    }
}

#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Audit {
    table: TableState,
    #[serde(skip)]
    lines: Lines,
}

impl Audit {
    pub(super) fn body_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, overview: &Overview) {
        let verdict = cx.model.deploy.of(&workspace.id).and_then(|known| known.verdict.as_ref());
        page_frame::bar_ui(ui, 36.0, |ui| verdict_ui(ui, cx, verdict));
        let rows = &overview.audit;
        let words = |row: &AuditEntry| {
            let environment = row.environment.as_deref().unwrap_or_default();
            format!(
                "{} {} {} {environment} {}",
                row.n,
                row.who,
                act_words(cx, &row.act),
                row.version.as_deref().unwrap_or_default()
            )
        };
        self.lines.arrange(cx, &self.table, rows, words, |a, b, column| match column {
            "who" => a.who.cmp(&b.who),
            "act" => a.act.cmp(&b.act),
            "environment" => a.environment.cmp(&b.environment),
            _ => a.n.cmp(&b.n),
        });
        if self.lines.rows.is_empty() {
            no_hits_ui(ui, cx, "deploy-filter-nothing");
            return;
        }
        let column = |id: &'static str, key: &str, width: f32| Column::new(id, cx.t(key), width);
        let columns = [
            column("n", "deploy-col-id", 56.0).right().always(),
            column("date", "deploy-col-date", 160.0),
            column("who", "deploy-fact-who", 90.0),
            column("act", "deploy-col-act", 190.0),
            column("environment", "deploy-col-environment", 110.0),
            column("version", "deploy-col-version", 100.0).unsortable(),
            column("hash", "deploy-col-hash", 140.0).fill().unsortable(),
        ];
        let name = cx.t("deploy-tab-audit");
        let lines = &self.lines.rows;
        let row_of = |row: usize| lines.get(row).and_then(|i| rows.get(*i));
        Table::new("deploy-audit", &name, &columns, lines.len())
            .dense()
            .key(|row| row_of(row).map_or(0, |one| one.n as u64))
            .label(|row| row_of(row).map(&words).unwrap_or_default())
            .copy(|row| {
                row_of(row)
                    .map(|one| format!("{}\t{}\t{}", one.at, words(one), one.hash))
                    .unwrap_or_default()
            })
            .show(ui, &mut self.table, |ui, row, column| {
                let Some(one) = row_of(row) else { return };
                match columns[column].id {
                    "n" => text::weak(ui, &one.n.to_string()),
                    "date" => text::weak(ui, &format::local(one.at).strftime("%Y-%m-%d %H:%M:%S").to_string()),
                    "who" => text::body(ui, &one.who),
                    "act" => text::body(ui, &act_words(cx, &one.act)).on_hover_text(&one.act),
                    "environment" => text::body(ui, one.environment.as_deref().unwrap_or("–")),
                    "version" => text::body(ui, one.version.as_deref().unwrap_or("–")),
                    _ => text::mono(ui, one.hash.get(..16).unwrap_or_default()).on_hover_text(&one.hash),
                };
            });
    }
}

/// An entry's act in words: what was done, and how far it came. The log itself keeps `deploy.done`.
fn act_words(cx: &Cx<'_>, act: &str) -> String {
    let Some((kind, end)) = act.split_once('.') else {
        return act.to_owned();
    };
    let kind = match kind {
        "deploy" => "deploy-kind-deploy",
        "rollback" => "deploy-kind-rollback",
        "stop" => "deploy-kind-stop",
        "scale" => "deploy-act-scale",
        "recover" => "deploy-act-recover",
        "rebuild" => "deploy-act-rebuild",
        "rehearse" => "deploy-act-rehearse",
        "plan" => "deploy-act-plan",
        "approval" => "deploy-act-approval",
        "release" => "deploy-act-release",
        _ => return act.to_owned(),
    };
    let end = match end {
        "begin" => "deploy-act-begin",
        "refused" => "deploy-act-refused",
        "promote" => "deploy-act-promote",
        "abort" => "deploy-act-abort",
        "decide" => "deploy-act-decide",
        "confirm" => "deploy-act-confirm",
        "skip" => "deploy-act-skip",
        "back" => "deploy-act-back",
        "went-back" => "deploy-act-went-back",
        "end" => "deploy-act-end",
        "outside" => "deploy-act-outside",
        "yes" => "deploy-act-yes",
        "no" => "deploy-act-no",
        "withdraw" => "deploy-act-withdraw",
        "restore" => "deploy-act-restore",
        "unknown" => State::Unknown.key(),
        other => match State::from_word(other) {
            State::Unknown => return act.to_owned(),
            state => state.key(),
        },
    };
    cx.msg(&msg!("deploy-act-words", what = cx.t(kind), end = cx.t(end)))
}

fn verdict_ui(ui: &mut Ui, cx: &Cx<'_>, verdict: Option<&Verdict>) {
    match verdict {
        None => {
            state_mark::label_ui(ui, State::Unknown, &cx.t("deploy-audit-unverified"));
        }
        Some(Verdict { broken_at: Some(n), .. }) => {
            state_mark::label_ui(ui, State::Failed, &cx.msg(&msg!("deploy-audit-broken", n = n.to_string())));
        }
        Some(verdict) => {
            state_mark::label_ui(ui, State::Done, &cx.msg(&msg!("deploy-audit-whole", n = verdict.n_entries)));
            text::small(ui, &format::ago(verdict.at, cx.now, cx.texts)).on_hover_text(&verdict.head);
        }
    }
}
