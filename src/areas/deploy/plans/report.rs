//! What was done, for those who were not there: a plan, its steps, who confirmed what and what shows it, as Markdown or as one HTML page.

use super::{Phase, Plan, Step, StepKind};
use crate::adapters::store::deployments::DeploymentRow;
use crate::areas::test::report::{escaped, head};
use crate::base::{Catalog, Lang, State, Timestamp, format};
use crate::msg;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How a report is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    #[default]
    Markdown,
    Html,
}

impl Form {
    pub(super) fn ending(self) -> &'static str {
        match self {
            Self::Markdown => "md",
            Self::Html => "html",
        }
    }
}

/// A piece of a report, whatever it is written in.
enum Block {
    Heading(u8, String),
    Words(String),
    Rows(Vec<String>, Vec<Vec<String>>),
    Output(String),
}

pub(super) fn text(
    plan: &Plan,
    deployments: &BTreeMap<i64, DeploymentRow>,
    form: Form,
    workspace: &str,
    lang: Lang,
    now: Timestamp,
) -> String {
    let texts = Catalog::new(lang);
    let blocks = blocks(plan, deployments, workspace, &texts, now);
    match form {
        Form::Markdown => blocks.iter().map(markdown).collect::<Vec<_>>().join("\n"),
        Form::Html => html(&plan.title, &texts, &blocks),
    }
}

fn blocks(
    plan: &Plan,
    deployments: &BTreeMap<i64, DeploymentRow>,
    workspace: &str,
    texts: &Catalog,
    now: Timestamp,
) -> Vec<Block> {
    let t = |key: &str| texts.t(key).into_owned();
    let mut facts = vec![
        (t("deploy-plan-outcome"), t(plan.state_key())),
        (t("deploy-plan-version"), plan.version.clone()),
        (t("deploy-plan-workspace"), workspace.to_owned()),
    ];
    let mut more = |key: &str, value: Option<String>| facts.extend(value.map(|value| (t(key), value)));
    more("deploy-plan-environment", plan.environment.clone());
    more("deploy-plan-owner", plan.owner.clone());
    more(
        "deploy-plan-window",
        plan.window(|at| format!("{at:.0}")).map(|words| texts.msg(&words)),
    );
    more("deploy-plan-window-note", plan.schedule.note.clone());
    if let Some(begun) = &plan.begun {
        more("deploy-plan-commit", Some(format::short_oid(&begun.commit).to_owned()));
        more("deploy-plan-begun", Some(format!("{:.0}, {}", begun.at, begun.by)));
        more("deploy-plan-ended", begun.ended_at.map(|ended| format!("{ended:.0}")));
        let took = begun.ended_at.unwrap_or(now).duration_since(begun.at).as_secs_f64();
        more("deploy-plan-took", Some(format::duration_secs(took, texts)));
        more("deploy-plan-reason", begun.reason.clone());
        more("deploy-plan-outside-why", begun.outside.clone());
    }
    // Who reads of the second run is told that there was a first one.
    for before in &plan.before {
        let ended = before.ended_at.map_or_else(String::new, |ended| format!(" – {ended:.0}"));
        let reason = before
            .reason
            .as_ref()
            .map_or_else(String::new, |reason| format!(", {reason}"));
        more(
            "deploy-plan-before",
            Some(format!("{:.0}{ended}, {}{reason}", before.at, before.by)),
        );
    }
    let mut blocks = vec![Block::Heading(1, plan.title.clone())];
    blocks.extend(plan.text.clone().map(Block::Words));
    blocks.push(Block::Rows(
        Vec::new(),
        facts.into_iter().map(|(name, value)| vec![name, value]).collect(),
    ));
    if !plan.stakeholders.is_empty() {
        blocks.push(Block::Heading(2, t("deploy-plan-stakeholders")));
        let heads = [
            "deploy-plan-name",
            "deploy-plan-role",
            "deploy-plan-contact",
            "deploy-plan-approves",
        ]
        .map(t);
        let rows = plan.stakeholders.iter().map(|one| {
            let said = plan
                .steps
                .iter()
                .find(|step| step.phase == Phase::Approval && step.name == format!("approval {}", one.name));
            let said = said.and_then(|step| step.confirmed.as_ref());
            let yes = match (one.approves, said) {
                (true, Some(said)) => format!("{:.0}", said.at),
                (true, None) => t("deploy-plan-not-yet"),
                (false, _) => String::new(),
            };
            vec![
                one.name.clone(),
                one.role.clone().unwrap_or_default(),
                one.contact.clone().unwrap_or_default(),
                yes,
            ]
        });
        blocks.push(Block::Rows(heads.to_vec(), rows.collect()));
    }
    let mut phase = None;
    for step in &plan.steps {
        if step.phase.is_back() && step.state == State::Queued && !plan.is_back {
            // A way back that nobody went is told as what it would be.
            if phase.replace(step.phase) != Some(step.phase) {
                let is_over = plan.begun.is_some() && !plan.is_open();
                let key = if is_over {
                    "deploy-plan-rollback-planned"
                } else {
                    step.phase.key()
                };
                blocks.push(Block::Heading(2, t(key)));
            }
            blocks.push(Block::Words(step.name.clone()));
            continue;
        }
        if phase.replace(step.phase) != Some(step.phase) {
            blocks.push(Block::Heading(2, t(step.phase.key())));
        }
        told(step, deployments, texts, &mut blocks);
    }
    blocks
}

fn told(step: &Step, deployments: &BTreeMap<i64, DeploymentRow>, texts: &Catalog, blocks: &mut Vec<Block>) {
    let t = |key: &str| texts.t(key).into_owned();
    blocks.push(Block::Heading(3, format!("{} – {}", step.name, t(step.state.key()))));
    let mut rows: Vec<Vec<String>> = Vec::new();
    let mut row = |key: &str, value: String| rows.push(vec![t(key), value]);
    if let Some(what) = step.more() {
        row("deploy-plan-what", what.to_owned());
    }
    if let Some(note) = &step.note {
        row("deploy-plan-found", texts.msg(note));
    }
    if let Some(said) = &step.confirmed {
        row("deploy-plan-confirmed", format!("{}, {:.0}", said.by, said.at));
        if !said.note.is_empty() {
            row("deploy-plan-said", said.note.clone());
        }
        if let Some(file) = &said.evidence {
            row(
                "deploy-plan-evidence",
                format!("{} (SHA-256 {})", file.path.display(), file.sha256),
            );
        }
    }
    if let Some(skipped) = &step.skipped {
        row(
            "deploy-plan-left-out",
            format!("{}, {:.0}: {}", skipped.by, skipped.at, skipped.reason),
        );
    }
    if let (Some(began), Some(ended)) = (step.began_at, step.at)
        && step.kind != StepKind::Confirm
    {
        let took = format::duration_secs(ended.duration_since(began).as_secs_f64(), texts);
        row("deploy-plan-when", format!("{began:.0}, {took}"));
    }
    if let Some(job) = step.job.filter(|_| step.kind != StepKind::Confirm) {
        row("deploy-plan-run-number", job.to_string());
    }
    if let Some(deployed) = step.deployment.and_then(|id| deployments.get(&id)) {
        let words = msg!(
            "deploy-plan-deployment",
            id = deployed.id.to_string(),
            version = &deployed.version,
            environment = &deployed.environment,
            state = t(deployed.state.key())
        );
        row("deploy-plan-deployed", texts.msg(&words));
    }
    if !rows.is_empty() {
        blocks.push(Block::Rows(Vec::new(), rows));
    }
    if !step.output.trim().is_empty() {
        blocks.push(Block::Output(step.output.clone()));
    }
}

fn markdown(block: &Block) -> String {
    let cell = |text: &String| plain(text).replace('|', "\\|").replace('\n', " ");
    let line = |cells: &[String]| format!("| {} |\n", cells.iter().map(cell).collect::<Vec<_>>().join(" | "));
    match block {
        Block::Heading(level, text) => format!("{} {}\n", "#".repeat(usize::from(*level)), plain(text)),
        Block::Words(text) => format!("{}\n", plain(text)),
        Block::Rows(heads, rows) => {
            let n = rows.first().map_or(heads.len(), Vec::len);
            let empty = vec![String::new(); n];
            let heads = if heads.is_empty() { &empty } else { heads };
            let mut out = line(heads);
            out.push_str(&format!("|{}\n", "---|".repeat(n)));
            for row in rows {
                out.push_str(&line(row));
            }
            out
        }
        // A fence that is longer than any in the output.
        Block::Output(text) => {
            let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
            let fence = "`".repeat((longest + 1).max(3));
            format!("{fence}text\n{}\n{fence}\n", text.trim_end())
        }
    }
}

/// What would be read as marks is written as what it is.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if "\\`*_[]<>#".contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

fn html(title: &str, texts: &Catalog, blocks: &[Block]) -> String {
    let mut out = head(title, texts);
    for block in blocks {
        let written = match block {
            Block::Heading(level, text) => format!("<h{level}>{}</h{level}>\n", escaped(text)),
            Block::Words(text) => format!("<p>{}</p>\n", escaped(text)),
            Block::Output(text) => format!("<pre>{}</pre>\n", escaped(text.trim_end())),
            Block::Rows(heads, rows) => {
                // What a row is about stands first, as its head.
                let line = |cells: &[String], n_heads: usize| {
                    let cells = cells.iter().enumerate().map(|(at, cell)| {
                        let tag = if at < n_heads { "th" } else { "td" };
                        format!("<{tag}>{}</{tag}>", escaped(cell))
                    });
                    format!("<tr>{}</tr>\n", cells.collect::<String>())
                };
                let head = if heads.is_empty() {
                    String::new()
                } else {
                    line(heads, heads.len())
                };
                let body: String = rows.iter().map(|row| line(row, 1)).collect();
                format!("<table>{head}{body}</table>\n")
            }
        };
        out.push_str(&written);
    }
    out.push_str("</body></html>\n");
    out
}
