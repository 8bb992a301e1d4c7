//! `chantier deploy <verb>`.

mod lines;

use super::approvals::Word;
use super::data::Choice;
use super::guide::Decision;
use super::plans::cli::PlanVerb;
use super::{Command as Words, Deployment, Preview, Update, What, rehearsal};
use crate::areas::cli::{Answer, Here, Verb as AreaVerb};
use crate::areas::{Command, Model};
use crate::base::{Catalog, JobId, Problem, State, format, safe};
use crate::msg;
use lines::{deployment_line, environment_line, recovered_line, return_lines, weighed_text};
use serde_json::json;
use std::fmt::Write as _;

#[derive(Clone, Debug, clap::Subcommand)]
pub enum Verb {
    /// The environments, and what runs in them
    List,
    /// Bring a version to an environment (default: the newest release)
    Run {
        environment: String,
        version: Option<String>,
        /// What this build left, released or not
        #[arg(long, value_name = "RUN", conflicts_with = "version")]
        build: Option<u64>,
        /// What was built last, released or not
        #[arg(long, conflicts_with_all = ["version", "build"])]
        built: bool,
        /// Only tell what would change
        #[arg(long)]
        preview: bool,
        /// The environment's name once more: needed where it is protected
        #[arg(long, value_name = "ENVIRONMENT")]
        yes: Option<String>,
    },
    /// Bring back a deployment that was healthy there, with its version and its settings (default: the one before)
    Rollback {
        environment: String,
        /// The deployment to return to, as `deploy history` numbers it, or its version
        deployment: Option<String>,
        /// The data become what they were before the newer version changed them; what they are now is copied first
        #[arg(long, conflicts_with = "keep_data")]
        restore_data: bool,
        /// The data stay as they are
        #[arg(long)]
        keep_data: bool,
        /// Only tell what it means for the data
        #[arg(long)]
        preview: bool,
        #[arg(long, value_name = "ENVIRONMENT")]
        yes: Option<String>,
    },
    /// Deploy a version (default: the newest release) on a clone of an environment and take it back there: are the data what they were
    Rehearse {
        environment: String,
        version: Option<String>,
        /// What this build left, released or not
        #[arg(long, value_name = "RUN", conflicts_with = "version")]
        build: Option<u64>,
        /// What was built last, released or not
        #[arg(long, conflicts_with_all = ["version", "build"])]
        built: bool,
    },
    /// Say yes, or no, to a version (default: the newest release) before it is deployed
    Approve {
        environment: String,
        version: Option<String>,
        /// Who says it
        #[arg(long = "as", value_name = "NAME")]
        by: String,
        /// It must not be deployed
        #[arg(long)]
        no: bool,
        /// What was looked at, or why not
        #[arg(long, value_name = "TEXT", default_value = "")]
        note: String,
    },
    /// Let a canary go on to its next step
    Promote {
        environment: String,
        /// Every request to the new version, without any further pause
        #[arg(long)]
        full: bool,
        #[arg(long, value_name = "ENVIRONMENT")]
        yes: Option<String>,
    },
    /// Deploy each green commit of the branch that [environment.continuous] names, until it is stopped
    Follow {
        environment: String,
        /// Only the commit that the branch is at now
        #[arg(long)]
        once: bool,
    },
    /// Give up what is being deployed, and bring the version before back
    Abort { environment: String },
    /// Say what becomes of a deployment whose step failed and that asks (on_failure = "ask")
    Decide {
        environment: String,
        decision: Choices,
        /// Why it goes on all the same; needed for `ignore`
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
        /// The environment's name once more: needed to ignore a failure where it is protected
        #[arg(long, value_name = "ENVIRONMENT")]
        yes: Option<String>,
    },
    /// Stop every instance of an environment
    Stop {
        environment: String,
        #[arg(long, value_name = "ENVIRONMENT")]
        yes: Option<String>,
    },
    /// Every deployment, newest first
    History { environment: Option<String> },
    /// One deployment with its steps
    Show { deployment: i64 },
    /// Who did what, when
    Audit {
        #[command(subcommand)]
        act: Option<AuditAct>,
    },
    /// Finish or take back what was left half-way
    Recover,
    /// Deployments as files: prepared, approved, run step by step, reported
    Plan {
        #[command(subcommand)]
        act: PlanVerb,
    },
}

/// What can be decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Choices {
    /// The failed step is tried again
    Retry,
    /// It goes on as if the step had succeeded
    Ignore,
    /// It ends here and everything stays as it is
    Abort,
    /// The version before comes back
    Rollback,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::Subcommand)]
pub enum AuditAct {
    /// Walk along the chain: is every entry there and as it was written
    Verify,
}

impl Verb {
    /// The return to a deployment, or what it means for the data; None for every other verb.
    fn back(&self, here: &Here, to: Option<i64>) -> Option<Words> {
        let Self::Rollback {
            environment,
            preview,
            restore_data,
            keep_data,
            yes,
            ..
        } = self
        else {
            return None;
        };
        let (workspace, environment) = (here.workspace.clone(), environment.clone());
        if *preview {
            return Some(Words::WeighData {
                workspace,
                environment,
                to,
            });
        }
        Some(Words::RollBack {
            workspace,
            environment,
            to,
            data: match (restore_data, keep_data) {
                (true, _) => Some(Choice::Restore),
                (_, true) => Some(Choice::Keep),
                _ => None,
            },
            confirmed: yes.clone(),
        })
    }
}

impl AreaVerb for Verb {
    fn commands(&self, here: &Here) -> Result<Vec<Command>, Problem> {
        let workspace = here.workspace.clone();
        let words = match self {
            Self::List | Self::History { .. } | Self::Audit { act: None } => Words::Refresh { workspace },
            Self::Run {
                environment,
                version,
                build,
                built,
                preview,
                yes,
            } => {
                let what = what(version.as_ref(), *build, *built);
                let environment = environment.clone();
                if *preview {
                    Words::Preview {
                        workspace,
                        environment,
                        what,
                    }
                } else {
                    Words::Run {
                        workspace,
                        environment,
                        what,
                        confirmed: yes.clone(),
                    }
                }
            }
            // Which deployment of a version: what there is to return to says it.
            Self::Rollback { deployment, .. } => match deployment.as_ref().map(|word| word.parse::<i64>().ok()) {
                Some(None) => Words::Refresh { workspace },
                to => return Ok(self.back(here, to.flatten()).map(Command::from).into_iter().collect()),
            },
            Self::Rehearse {
                environment,
                version,
                build,
                built,
            } => Words::Rehearse {
                workspace,
                environment: environment.clone(),
                what: what(version.as_ref(), *build, *built),
            },
            Self::Stop { environment, yes } => Words::Stop {
                workspace,
                environment: environment.clone(),
                confirmed: yes.clone(),
            },
            Self::Promote { environment, full, yes } => Words::Promote {
                workspace,
                environment: environment.clone(),
                is_full: *full,
                confirmed: yes.clone(),
            },
            Self::Follow { environment, once } => Words::Follow {
                workspace,
                environment: environment.clone(),
                once: *once,
            },
            Self::Abort { environment } => Words::Abort {
                workspace,
                environment: environment.clone(),
            },
            Self::Approve {
                environment,
                version,
                by,
                no,
                note,
            } => Words::Approve {
                workspace,
                environment: environment.clone(),
                what: what(version.as_ref(), None, false),
                word: Word {
                    by: by.clone(),
                    is_yes: !no,
                    note: note.clone(),
                },
            },
            Self::Decide {
                environment,
                decision,
                reason,
                yes,
            } => Words::Decide {
                workspace,
                environment: environment.clone(),
                decision: match decision {
                    Choices::Retry => Decision::Retry,
                    Choices::Ignore => Decision::Ignore {
                        reason: reason.clone().unwrap_or_default(),
                    },
                    Choices::Abort => Decision::Abort,
                    Choices::Rollback => Decision::RollBack,
                },
                confirmed: yes.clone(),
            },
            Self::Show { deployment } => Words::Show {
                workspace,
                id: *deployment,
            },
            Self::Audit {
                act: Some(AuditAct::Verify),
            } => Words::VerifyAudit { workspace },
            Self::Recover => Words::Recover,
            Self::Plan { act } => act.command(here),
        };
        Ok(vec![words.into()])
    }

    fn then(&self, here: &Here, model: &Model) -> Result<Vec<Command>, Problem> {
        let Self::Rollback {
            environment,
            deployment: Some(version),
            ..
        } = self
        else {
            return Ok(Vec::new());
        };
        if version.parse::<i64>().is_ok() {
            return Ok(Vec::new());
        }
        let overview = model.deploy.of(&here.workspace.id).and_then(|known| known.overview.value());
        let found = overview.and_then(|overview| overview.environments.iter().find(|one| one.name == *environment));
        let returns = found.map_or(&[][..], |one| &one.returns);
        let mut before = returns.iter().filter(|one| one.healthy_until.is_some());
        let Some(back) = before
            .clone()
            .find(|one| one.version == *version || Some(&*one.version) == version.strip_prefix('v'))
        else {
            let problem = msg!("deploy-no-version-there", version = version, environment = environment);
            let mut names: Vec<&str> = before.by_ref().map(|one| one.version.as_str()).collect();
            names.dedup();
            let problem = Problem::user(problem).code("not-found");
            return Err(if names.is_empty() {
                problem.hint(msg!("deploy-no-return-hint"))
            } else {
                problem.hint(msg!("deploy-no-version-there-hint", names = names.join(", ")))
            });
        };
        let words = self.back(here, Some(back.deployment));
        Ok(words.map(Command::from).into_iter().collect())
    }

    fn is_endless(&self) -> bool {
        matches!(self, Self::Follow { once: false, .. })
    }

    fn lists_project(&self) -> bool {
        matches!(self, Self::List)
    }

    fn answer(&self, here: &Here, model: &Model, texts: &Catalog) -> Answer {
        let known = model.deploy.of(&here.workspace.id);
        let overview = known.and_then(|known| known.overview.value());
        match self {
            Self::List => Answer {
                schema: "chantier.deploy.list/1",
                data: json!({ "environments": overview.map(|overview| &overview.environments) }),
                text: overview.map_or_else(String::new, |overview| {
                    let lines = overview.environments.iter();
                    lines
                        .map(|one| environment_line(one, texts) + &return_lines(one, texts))
                        .collect()
                }),
            },
            Self::Run {
                environment,
                preview: true,
                ..
            }
            | Self::Approve { environment, .. } => {
                let preview = known.and_then(|known| known.previews.get(environment));
                Answer {
                    schema: "chantier.deploy.preview/1",
                    data: json!({ "preview": preview }),
                    text: preview.map_or_else(String::new, |preview| preview_text(preview, texts)),
                }
            }
            Self::Rollback {
                environment,
                preview: true,
                ..
            } => {
                let weighed = known.and_then(|known| known.weighed.get(environment));
                Answer {
                    schema: "chantier.deploy.rollback-preview/1",
                    data: json!({ "weighed": weighed }),
                    text: weighed.map_or_else(String::new, |weighed| weighed_text(weighed, texts)),
                }
            }
            Self::Run { environment, .. }
            | Self::Rollback { environment, .. }
            | Self::Promote { environment, .. }
            | Self::Abort { environment }
            | Self::Follow { environment, .. }
            | Self::Decide { environment, .. }
            | Self::Stop { environment, .. } => {
                let rollout = known.and_then(|known| known.rollout(environment));
                let found = overview.and_then(|overview| overview.environments.iter().find(|one| one.name == *environment));
                Answer {
                    schema: "chantier.deploy.run/1",
                    data: json!({ "rollout": rollout, "environment": found }),
                    text: found.map_or_else(String::new, |found| environment_line(found, texts)),
                }
            }
            Self::Rehearse { environment, .. } => {
                let rehearsal = known.and_then(|known| known.rehearsals.get(environment));
                Answer {
                    schema: "chantier.deploy.rehearse/1",
                    data: json!({ "rehearsal": rehearsal }),
                    text: rehearsal.map_or_else(String::new, |rehearsal| rehearsal::cli::text(rehearsal, texts)),
                }
            }
            Self::History { environment } => {
                let rows: Vec<&Deployment> = overview
                    .map_or(&[][..], |overview| &overview.history)
                    .iter()
                    .filter(|row| environment.as_ref().is_none_or(|name| row.environment == *name))
                    .collect();
                Answer {
                    schema: "chantier.deploy.history/1",
                    text: rows.iter().map(|row| deployment_line(row, texts)).collect(),
                    data: json!({ "deployments": rows }),
                }
            }
            Self::Show { deployment } => {
                let rollout = known.and_then(|known| known.rollouts.get(deployment));
                let mut text = String::new();
                for step in rollout.map_or(&[][..], |rollout| &rollout.steps) {
                    let note = step.note.as_ref().map_or_else(String::new, |note| texts.msg(note));
                    writeln!(
                        text,
                        "{:<12} {:<28} {note}",
                        texts.t(step.state.key()),
                        texts.t(step.name.key())
                    )
                    .ok();
                }
                if let Some(proven) = rollout.and_then(|rollout| rollout.rollback.as_ref()) {
                    writeln!(text, "{}", rehearsal::cli::proven_words(proven, texts)).ok();
                }
                if let Some(problem) = rollout.and_then(|rollout| rollout.problem.as_ref()) {
                    writeln!(text, "{}\n{}", texts.msg(&problem.summary), problem.details).ok();
                }
                Answer {
                    schema: "chantier.deploy.show/1",
                    data: json!({ "rollout": rollout }),
                    text,
                }
            }
            Self::Audit { act: None } => {
                let entries = overview.map_or(&[][..], |overview| &overview.audit);
                let mut text = String::new();
                for entry in entries {
                    writeln!(
                        text,
                        "{:>6}  {}  {:<12} {:<20} {:<14} {:<10} {}",
                        entry.n,
                        format::local(entry.at).strftime("%Y-%m-%d %H:%M:%S"),
                        entry.who,
                        entry.act,
                        entry.environment.as_deref().unwrap_or("–"),
                        entry.version.as_deref().unwrap_or("–"),
                        entry.hash.get(..12).unwrap_or_default()
                    )
                    .ok();
                }
                Answer {
                    schema: "chantier.deploy.audit/1",
                    data: json!({ "entries": entries }),
                    text,
                }
            }
            Self::Audit { act: Some(_) } => {
                let verdict = known.and_then(|known| known.verdict.as_ref());
                let text = verdict.map_or_else(String::new, |verdict| {
                    let said = match verdict.broken_at {
                        None => msg!("deploy-audit-whole", n = verdict.n_entries),
                        Some(n) => msg!("deploy-audit-broken", n = n.to_string()),
                    };
                    format!("{}\n{}\n", texts.msg(&said), verdict.head)
                });
                Answer {
                    schema: "chantier.deploy.audit-verify/1",
                    data: json!({ "verdict": verdict }),
                    text,
                }
            }
            Self::Plan { act } => act.answer(known, texts),
            Self::Recover => {
                let found = &model.deploy.recovered;
                let text = if found.is_empty() {
                    format!("{}\n", texts.t("deploy-recovered-nothing"))
                } else {
                    found.iter().map(|one| recovered_line(one, texts)).collect()
                };
                Answer {
                    schema: "chantier.deploy.recover/1",
                    data: json!({ "recovered": found }),
                    text,
                }
            }
        }
    }
}

fn what(version: Option<&String>, build: Option<u64>, built: bool) -> What {
    match (version, build, built) {
        (Some(version), _, _) => What::Version {
            version: version.clone(),
        },
        (None, Some(build), _) => What::Build { job: JobId(build) },
        (None, None, true) => What::Built,
        (None, None, false) => What::Latest,
    }
}

/// What a deployment would change, and what would hinder it.
pub fn preview_text(preview: &Preview, texts: &Catalog) -> String {
    let head = msg!(
        "deploy-preview-head",
        environment = &preview.environment,
        from = preview.from.as_deref().unwrap_or("–"),
        to = &preview.version
    );
    let counts = msg!(
        "deploy-preview-instances",
        stopped = preview.n_stopped,
        started = preview.n_started
    );
    let mut text = format!("{}\n{}\n", texts.msg(&head), texts.msg(&counts));
    for change in &preview.changes {
        if let Some(before) = &change.before {
            writeln!(text, "- {} = {}", change.place, safe::plain(before)).ok();
        }
        if let Some(after) = &change.after {
            writeln!(text, "+ {} = {}", change.place, safe::plain(after)).ok();
        }
    }
    for step in &preview.steps {
        let note = step.note.as_ref().map_or_else(String::new, |note| texts.msg(note));
        writeln!(text, "  {:<28} {note}", texts.t(step.name.key())).ok();
    }
    for said in preview.approval.iter().flat_map(|approval| &approval.said) {
        writeln!(text, "  {}", texts.msg(&said.words())).ok();
    }
    if let Some(proven) = &preview.rollback {
        writeln!(text, "  {}", rehearsal::cli::proven_words(proven, texts)).ok();
    }
    for problem in &preview.obstacles {
        writeln!(text, "! {}", texts.msg(&problem.summary)).ok();
        if let Some(hint) = &problem.hint {
            writeln!(text, "  {}", texts.msg(hint)).ok();
        }
    }
    text
}

/// One live line for people, for what they want to see while it happens: each step once, when it has ended.
pub fn line(update: &Update, texts: &Catalog) -> Option<String> {
    if let Update::PlanChanged { plan, .. } = update {
        // Each step once, when it has ended; the next one is not begun yet then.
        let is_between = plan.runs && plan.steps.iter().all(|step| step.state != State::InProgress);
        let last = plan
            .steps
            .iter()
            .filter(|step| step.at.is_some() && is_between)
            .max_by_key(|step| step.at)?;
        return Some(super::plans::cli::step_line(last, texts));
    }
    if let Update::Followed { tried, .. } = update {
        let commit = format::short_oid(&tried.commit);
        let why = tried.problem.as_ref();
        let why = why.map_or_else(String::new, |problem| format!("  {}", texts.msg(&problem.summary)));
        return Some(format!("{:<12} {commit}{why}", texts.t(tried.state.key())));
    }
    if let Update::RehearsalChanged { rehearsal, .. } = update {
        return rehearsal::cli::line(rehearsal, texts);
    }
    let Update::RolloutChanged { rollout, .. } = update else {
        return None;
    };
    if !rollout.is_running() {
        return None;
    }
    let last = rollout.steps.iter().rev().find(|step| step.started_at.is_some())?;
    // The gates tell every try; the step they belong to is told once.
    last.ended_at?;
    let note = last
        .note
        .as_ref()
        .map_or_else(String::new, |note| format!("  {}", texts.msg(note)));
    Some(format!(
        "{:<12} {}{note}",
        texts.t(last.state.key()),
        texts.t(last.name.key())
    ))
}
