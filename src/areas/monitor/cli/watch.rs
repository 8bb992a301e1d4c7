//! `chantier watch`: everything that has to be watched, without a window.

use crate::areas::cli::{Answer, Here, Verb};
use crate::areas::monitor::{Command as Words, UnitAct, WatchUnit};
use crate::areas::{Command, Model};
use crate::base::{Catalog, Problem};
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
