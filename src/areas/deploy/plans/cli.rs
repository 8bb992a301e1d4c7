//! `chantier deploy plan <act>`.

use super::{Act, Form, Plan, Step};
use crate::areas::cli::{Answer, Here};
use crate::areas::deploy::Command;
use crate::areas::deploy::cli::preview_text;
use crate::areas::deploy::model::Known;
use crate::base::{Catalog, State, WriteTo, format, safe};
use crate::msg;
use serde_json::json;
use std::fmt::Write as _;
use std::path::PathBuf;

#[derive(Clone, Debug, clap::Subcommand)]
pub enum PlanVerb {
    /// Every plan, and how far it is
    List,
    /// Write a plan to be filled in: `.chantier/deploy/NAME.toml`
    New {
        name: String,
        /// The version it deploys (default: the newest release)
        #[arg(long, value_name = "VERSION")]
        release: Option<String>,
        /// Where it goes in the end (default: the last environment)
        #[arg(long)]
        environment: Option<String>,
    },
    /// What is wrong with a plan, and what each of its deployments would change
    Check { name: String },
    /// The steps of a plan, and what became of them
    Show { name: String },
    /// Begin a plan, or go on with it, up to the step that waits for somebody
    Run {
        name: String,
        /// The name of a protected environment that it changes, once more
        #[arg(long, value_name = "ENVIRONMENT")]
        yes: Vec<String>,
        /// Why it is run outside its window
        #[arg(long, value_name = "REASON")]
        outside_window: Option<String>,
        /// Once more, though it was carried out to its end
        #[arg(long)]
        again: bool,
    },
    /// Say that what a step waits for is so, and go on
    Confirm {
        name: String,
        step: String,
        /// What was looked at, and what was seen
        #[arg(long, default_value = "")]
        note: String,
        /// A file that shows it; a copy is kept with the plan
        #[arg(long, value_name = "FILE")]
        evidence: Option<PathBuf>,
    },
    /// Leave out the next step, and go on
    Skip {
        name: String,
        step: String,
        /// Why, for the report
        reason: String,
    },
    /// Go the way back that the plan says
    Rollback {
        name: String,
        #[arg(long, value_name = "ENVIRONMENT")]
        yes: Vec<String>,
    },
    /// End a plan where it stands
    End {
        name: String,
        /// Why, for the report
        reason: String,
    },
    /// Write what was done, who confirmed it and what shows it
    Report {
        name: String,
        #[arg(long, value_enum, default_value_t = Form::Markdown)]
        form: Form,
        /// The file to write
        #[arg(long, value_name = "FILE")]
        to: Option<PathBuf>,
        /// Write over a file that is there
        #[arg(long, requires = "to")]
        force: bool,
        /// Of which run, as `show` numbers them (default: the last one)
        #[arg(long, value_name = "NUMBER")]
        run: Option<usize>,
    },
}

impl PlanVerb {
    pub fn command(&self, here: &Here) -> Command {
        let absolute = |path: &PathBuf| here.cwd.join(path);
        let act = match self.clone() {
            Self::List | Self::Show { .. } => Act::List,
            Self::New {
                name,
                release,
                environment,
            } => Act::New {
                name,
                version: release,
                environment,
                lang: here.lang,
            },
            Self::Check { name } => Act::Check { name },
            Self::Run {
                name,
                yes,
                outside_window,
                again,
            } => Act::Run {
                name,
                confirmed: yes,
                outside: outside_window,
                again,
            },
            Self::Confirm {
                name,
                step,
                note,
                evidence,
            } => Act::Confirm {
                name,
                step,
                note,
                evidence: evidence.as_ref().map(absolute),
            },
            Self::Skip { name, step, reason } => Act::Skip { name, step, reason },
            Self::Rollback { name, yes } => Act::Back { name, confirmed: yes },
            Self::End { name, reason } => Act::End { name, reason },
            Self::Report {
                name,
                form,
                to,
                force,
                run,
            } => Act::Report {
                name,
                form,
                lang: here.lang,
                to: to.as_ref().map(|to| WriteTo::new(absolute(to), force)),
                run,
            },
        };
        Command::Plan {
            workspace: here.workspace.clone(),
            act,
        }
    }

    fn name(&self) -> Option<&str> {
        match self {
            Self::List => None,
            Self::New { name, .. }
            | Self::Check { name }
            | Self::Show { name }
            | Self::Run { name, .. }
            | Self::Confirm { name, .. }
            | Self::Skip { name, .. }
            | Self::Rollback { name, .. }
            | Self::End { name, .. }
            | Self::Report { name, .. } => Some(name),
        }
    }

    pub fn answer(&self, known: Option<&Known>, texts: &Catalog) -> Answer {
        let plans = known.and_then(|known| known.plans.as_deref()).unwrap_or_default();
        let Some(name) = self.name() else {
            let text = if plans.is_empty() {
                format!("{}\n", texts.t("deploy-plans-none"))
            } else {
                plans.iter().map(|plan| plan_line(plan, texts)).collect()
            };
            return Answer {
                schema: "chantier.deploy.plans/1",
                data: json!({ "plans": plans }),
                text,
            };
        };
        let plan = plans.iter().find(|plan| plan.name == name);
        let text = match (self, plan) {
            (Self::Show { .. }, None) => format!("{}\n", texts.msg(&msg!("deploy-plan-none-such", name = name))),
            (_, None) => String::new(),
            (Self::New { .. }, Some(plan)) => format!("{}\n", plan.path.display()),
            (Self::Report { .. }, Some(plan)) => plan
                .report
                .as_ref()
                .map_or_else(String::new, |path| format!("{}\n", path.display())),
            (Self::Check { .. }, Some(plan)) => plan.previews.iter().map(|one| preview_text(one, texts)).collect(),
            (_, Some(plan)) => plan_text(plan, texts),
        };
        Answer {
            schema: "chantier.deploy.plan/1",
            data: json!({ "plan": plan }),
            text,
        }
    }
}

fn plan_line(plan: &Plan, texts: &Catalog) -> String {
    let (n_done, n_all) = plan.progress();
    format!(
        "{:<20} {:<14} {:<12} {:<14} {n_done}/{n_all}  {}\n",
        plan.name,
        texts.t(plan.state_key()),
        plan.version,
        plan.environment.as_deref().unwrap_or("–"),
        safe::plain(&plan.title)
    )
}

fn plan_text(plan: &Plan, texts: &Catalog) -> String {
    let mut text = plan_line(plan, texts);
    for problem in &plan.problems {
        writeln!(text, "! {}", texts.msg(&problem.summary)).ok();
    }
    let mut phase = None;
    for step in &plan.steps {
        if phase.replace(step.phase) != Some(step.phase) {
            writeln!(text, "{}", texts.t(step.phase.key())).ok();
        }
        writeln!(text, "  {}", step_line(step, texts)).ok();
    }
    for (at, begun) in plan.before.iter().enumerate() {
        let begun_at = format::local(begun.at).strftime("%Y-%m-%d %H:%M").to_string();
        let n = (plan.n_forgotten + at + 1).to_string();
        let said = msg!("deploy-plan-run-before", n = n, at = begun_at, by = begun.by.as_str());
        writeln!(text, "{}", texts.msg(&said)).ok();
    }
    if plan.is_changed && plan.is_open() {
        writeln!(text, "! {}", texts.t("deploy-plan-changed")).ok();
        writeln!(text, "  {}", texts.msg(&msg!("deploy-plan-changed-hint", name = &plan.name))).ok();
    }
    if let Some(step) = plan.next().filter(|_| plan.is_open()) {
        let said = if step.waits {
            msg!("deploy-plan-waits", name = &plan.name, step = &step.name)
        } else {
            msg!("deploy-plan-next", name = &plan.name, step = &step.name)
        };
        writeln!(text, "{}", texts.msg(&said)).ok();
    }
    text
}

/// What became of a step, in one line.
pub fn step_line(step: &Step, texts: &Catalog) -> String {
    let state = if step.waits { State::Degraded } else { step.state };
    let word = if step.waits {
        texts.t("deploy-plan-step-waits")
    } else {
        texts.t(state.key())
    };
    let mut notes = Vec::new();
    notes.extend(step.note.as_ref().map(|note| texts.msg(note)));
    if let Some(said) = step.confirmed.as_ref().filter(|said| !said.note.is_empty()) {
        notes.push(said.note.clone());
    }
    if let Some(skipped) = &step.skipped {
        notes.push(format!("{}: {}", skipped.by, skipped.reason));
    }
    format!("{word:<14} {:<28} {}", safe::plain(&step.name), notes.join("; "))
}
