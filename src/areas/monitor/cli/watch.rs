//! `chantier watch`: everything that has to be watched, without a window.

use super::alerts;
use crate::areas::cli::{Answer, Here, Verb};
use crate::areas::monitor::{self, Command as Words, UnitAct, Update, WatchUnit};
use crate::areas::{Command, Model};
use crate::base::{Catalog, Problem, format};
use crate::msg;
use serde_json::json;
use std::fmt::Write as _;

/// What can be typed.
#[derive(Clone, Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Watch {
    /// Tell the metrics of the watch to Prometheus at this address of loopback
    #[arg(long, value_name = "ADDRESS")]
    pub listen: Option<String>,
    /// Each answer of each check, not only those that change something
    #[arg(short, long)]
    pub verbose: bool,
    #[command(subcommand)]
    pub verb: Option<WatchVerb>,
}

#[derive(Clone, Debug, clap::Subcommand)]
pub enum WatchVerb {
    /// Start it with your session, as a unit of your own systemd
    Install,
    /// Stop it and remove the unit
    Remove,
    /// Whether the unit runs, and who watches now
    Status,
}

impl Verb for Watch {
    fn commands(&self, _here: &Here) -> Result<Vec<Command>, Problem> {
        let act = match &self.verb {
            None => {
                let words = Words::Watch {
                    workspaces: Vec::new(),
                    listen: self.listen.clone(),
                    with_runbooks: true,
                };
                return Ok(vec![words.into()]);
            }
            Some(WatchVerb::Install) => UnitAct::Install,
            Some(WatchVerb::Remove) => UnitAct::Remove,
            Some(WatchVerb::Status) => UnitAct::Status,
        };
        Ok(vec![Words::KeepUnit { act }.into()])
    }

    fn answer(&self, _here: &Here, model: &Model, texts: &Catalog) -> Answer {
        let unit = model.monitor.unit.as_ref();
        Answer {
            schema: "chantier.watch/1",
            data: json!({ "unit": unit }),
            text: unit.map_or_else(String::new, |unit| text(unit, texts)),
        }
    }

    fn is_endless(&self) -> bool {
        self.verb.is_none()
    }

    fn shows_of(&self, update: &crate::areas::Update, model: &Model, texts: &Catalog) -> Option<String> {
        match update {
            crate::areas::Update::Monitor(update) => line(update, &model.monitor, self.verbose, texts),
            _ => None,
        }
    }
}

/// One live line: when, in which workspace, and what. Of the answers of checks only those that change something, unless each is wanted;
/// `monitor` is as it was before.
pub(super) fn line(update: &Update, monitor: &monitor::model::Model, is_verbose: bool, texts: &Catalog) -> Option<String> {
    let (id, at, words) = match update {
        Update::CheckAnswered { workspace, check } => {
            let mut known = monitor.checks_of(workspace).iter();
            let before = known.find(|row| row.name == check.name).map(|row| row.standing);
            if !is_verbose && before == Some(check.standing) {
                return None;
            }
            (workspace, check.at, super::check_line(check, texts))
        }
        Update::AlertChanged { workspace, alert } => (workspace, alerts::moment_of(alert), alerts::words(alert, texts)),
        Update::ErrorSeen { workspace, error } => (workspace, Some(error.last_at), super::errors::line(error, texts)),
        _ => return None,
    };
    let name = monitor.names.get(id).unwrap_or(&id.0);
    let at = at.map_or_else(String::new, |at| {
        format::local(at).strftime("%Y-%m-%d %H:%M:%S  ").to_string()
    });
    Some(format!("{at}{name:<16} {words}"))
}

fn text(unit: &WatchUnit, texts: &Catalog) -> String {
    let mut text = String::new();
    let words = match (unit.is_written, unit.is_current) {
        (false, _) => msg!("watch-unit-not-written", path = &unit.path),
        (true, true) => msg!("watch-unit-written", path = &unit.path),
        (true, false) => msg!("watch-unit-old", path = &unit.path),
    };
    writeln!(text, "{}", texts.msg(&words)).ok();
    if unit.is_written {
        let words = match &unit.active {
            Some(active) => {
                let enabled = unit.enabled.as_deref().unwrap_or("–");
                msg!("watch-unit-state", active = active.as_str(), enabled = enabled)
            }
            None => msg!("watch-unit-away"),
        };
        writeln!(text, "{}", texts.msg(&words)).ok();
    }
    let words = match unit.watcher {
        Some(pid) => msg!(
            "watch-watched-by",
            pid = pid.to_string(),
            since = unit.watches_since.map(|at| at.to_string()).unwrap_or_default()
        ),
        None => msg!("watch-nobody"),
    };
    writeln!(text, "{}", texts.msg(&words)).ok();
    text
}
