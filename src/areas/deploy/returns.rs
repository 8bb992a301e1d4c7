//! What an environment can return to: a version with the settings of its time.

use super::inputs::{self, Inputs};
use super::{Change, Kind, overview, preview};
use crate::adapters::World;
use crate::adapters::store::deployments::DeploymentRow;
use crate::areas::JobCtx;
use crate::base::{Msg, Problem, Timestamp, format, safe};
use crate::msg;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// How many there are to return to.
const RETURNS: usize = 10;
/// Settings that are told where there is little room.
const TOLD: usize = 3;

/// A version, with the settings of its time, that an environment can return to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Return {
    pub deployment: i64,
    pub version: String,
    pub commit: Option<String>,
    pub who: String,
    pub healthy_from: Timestamp,
    /// None while it is the live one.
    pub healthy_until: Option<Timestamp>,
    /// Why it can not be brought back; None when its files are there and unchanged.
    pub obstacle: Option<Msg>,
    /// It never was healthy: its failure was ignored, for this reason.
    #[serde(default)]
    pub ignored: Option<String>,
    /// The settings of its time that are not those of what runs.
    #[serde(default)]
    pub changes: Vec<Change>,
}

impl Return {
    /// How it was there: until when it was healthy, or that it never was.
    pub fn how(&self) -> Msg {
        match (&self.ignored, self.healthy_until) {
            (Some(reason), _) => msg!("deploy-return-ignored", reason = reason.as_str()),
            (None, Some(until)) => {
                let until = format::local(until).strftime("%Y-%m-%d %H:%M").to_string();
                msg!("deploy-return-healthy", until = until)
            }
            (None, None) => msg!("deploy-return-now"),
        }
    }

    /// What would be set otherwise, in short: `FLAG = two, − OTHER`.
    pub fn differs(&self) -> String {
        let mut told: Vec<String> = self
            .changes
            .iter()
            .take(TOLD)
            .map(|change| {
                let place = change.place.strip_prefix("env.").unwrap_or(&change.place);
                match &change.after {
                    Some(after) => format!("{place} = {}", safe::plain(after)),
                    None => format!("− {place}"),
                }
            })
            .collect();
        if self.changes.len() > TOLD {
            told.push("…".to_owned());
        }
        told.join(", ")
    }
}

/// Each version once with the same settings, with what differs from what runs, and with the answer whether its files are still there and
/// unchanged: that must be known before it is needed.
pub(super) async fn of(
    cx: &JobCtx,
    world: &World,
    rows: &[DeploymentRow],
    live: Option<&DeploymentRow>,
    left: Option<&DeploymentRow>,
) -> Result<Vec<Return>, Problem> {
    let mut seen = BTreeSet::new();
    let mut candidates: Vec<(Return, Inputs)> = Vec::new();
    let live_inputs = live.and_then(|live| Inputs::of(live).ok());
    let releases = world.store().releases();
    for row in rows {
        let Some(healthy_from) = row.healthy_from else { continue };
        // A stop names the version that it ended, which can come back all the same.
        let is_stop = row.kind == Kind::Stop.word();
        if is_stop || candidates.len() >= RETURNS || !seen.insert(inputs::identity(row)) {
            continue;
        }
        let one = Return {
            deployment: row.id,
            version: row.version.clone(),
            commit: row.commit.clone(),
            who: row.who.clone(),
            healthy_from,
            healthy_until: if live.is_some_and(|live| live.id == row.id) {
                // It ended with what was left as it failed.
                left.map(|left| left.started_at)
            } else {
                row.healthy_until
            },
            obstacle: match row.release {
                Some(release) => releases.get(release).await?.and_then(|release| {
                    let withdrawn = inputs::not_withdrawn(&release).err()?;
                    Some(withdrawn.summary)
                }),
                None => None,
            },
            ignored: overview::ignored(world, row.id).await?,
            changes: Vec::new(),
        };
        if let Ok(inputs) = Inputs::of(row) {
            let changes = live_inputs.as_ref().map(|live| preview::settings_between(live, &inputs));
            let one = Return {
                changes: changes.unwrap_or_default(),
                ..one
            };
            candidates.push((one, inputs.again_from(&inputs::folder(world, row))));
        }
    }
    cx.blocking(move |cx| {
        let mut out = Vec::new();
        for (mut one, inputs) in candidates {
            cx.check()?;
            if let (None, Err(problem)) = (&one.obstacle, inputs.check_parts()) {
                one.obstacle = Some(match problem.code.as_str() {
                    "artifact-gone" => msg!("deploy-obstacle-gone"),
                    "artifact-changed" => msg!("deploy-obstacle-changed"),
                    _ => problem.summary,
                });
            }
            out.push(one);
        }
        Ok(out)
    })
    .await
}
