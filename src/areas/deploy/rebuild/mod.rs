//! `chantier recover ENV`: what an environment should hold, and does not, is started again in the version that the journal says; where the
//! journal is lost too, in one whose files are kept.

pub mod cli;

use super::inputs::{self, Inputs};
use super::rollout::Rollout;
use super::{Kind, What, acts, journal, targets};
use crate::adapters::{World, files};
use crate::areas::JobCtx;
use crate::areas::devops::project::{Environment, ProjectFile};
use crate::areas::release::found;
use crate::areas::release::procedure::again;
use crate::base::{Msg, Problem, Workspace};
use crate::msg;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// What a recovery of an environment found and did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rebuilt {
    pub environment: String,
    /// What runs now.
    pub version: String,
    /// Where the version is known from.
    pub from: From,
    /// Instances that ran and were left alone.
    pub kept: Vec<String>,
    /// Instances that were started again.
    pub started: Vec<String>,
    /// The requests were sent to them again.
    pub has_routed: bool,
}

impl Rebuilt {
    /// What it comes to, in one sentence.
    pub fn words(&self) -> Msg {
        let (version, environment) = (self.version.as_str(), self.environment.as_str());
        match (self.started.len(), self.has_routed) {
            (0, false) => msg!("deploy-rebuilt-nothing", version = version, environment = environment),
            (0, true) => msg!("deploy-rebuilt-routed", version = version, environment = environment),
            (n, _) => msg!("deploy-rebuilt", version = version, environment = environment, n = n),
        }
    }
}

/// Where it is known from what should run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum From {
    Journal,
    /// The files of a version that are kept; nothing is known of what ran.
    Files,
}

/// Makes an environment hold what it should. `version` is needed where the journal says nothing and the files leave a choice.
pub async fn rebuild(
    cx: &JobCtx,
    world: &World,
    workspace: &Workspace,
    environment: &str,
    version: Option<&str>,
    confirmed: Option<&str>,
) -> Result<Rebuilt, Problem> {
    let (project, environment) = acts::allowed(world, workspace, environment, confirmed).await?;
    acts::locked(cx, world, workspace, &environment.name, async |_| {
        let deployments = world.store().deployments();
        let live = deployments.live(&workspace.id, &environment.name).await?;
        match live {
            Some(live) if live.kind != Kind::Stop.word() => {
                if let Some(other) = version.filter(|version| *version != live.version) {
                    let told = msg!(
                        "deploy-rebuild-other",
                        version = &live.version,
                        environment = &environment.name,
                        other = other
                    );
                    return Err(Problem::user(told)
                        .code("other-version")
                        .hint(msg!("deploy-rebuild-other-hint")));
                }
                cx.sources(live.commit.clone(), None, Some(environment.name.clone())).await;
                let inputs = Inputs::of(&live)?;
                let inputs = inputs.again_from(&inputs::folder(world, &live));
                let who = live.who.clone();
                let rollout = Rollout::of_row(cx, world, workspace, live.clone(), inputs, None, who, false);
                journal::audit(world, &journal::who(world), "rebuild.begin", &live, json!(null)).await?;
                let result = Box::pin(rollout.make_whole()).await;
                rollout.show_live(result.as_ref().err()).await;
                let act = if result.is_ok() { "rebuild.done" } else { "rebuild.failed" };
                let told = match &result {
                    Ok(whole) => json!({ "started": whole.started, "kept": whole.kept, "routed": whole.has_routed }),
                    Err(problem) => json!({ "code": problem.code }),
                };
                journal::audit(world, &journal::who(world), act, &live, told).await?;
                let whole = result?;
                Ok(Rebuilt {
                    environment: environment.name.clone(),
                    version: live.version,
                    from: From::Journal,
                    kept: whole.kept,
                    started: whole.started,
                    has_routed: whole.has_routed,
                })
            }
            _ => {
                let known = deployments.list(&workspace.id, Some(&environment.name), 1).await?;
                if !known.is_empty() {
                    return Err(Problem::user(msg!("deploy-rebuild-nothing", environment = &environment.name))
                        .code("not-found")
                        .hint(msg!("deploy-rebuild-nothing-hint", environment = &environment.name)));
                }
                Box::pin(from_files(cx, world, workspace, &project, &environment, version)).await
            }
        }
    })
    .await
}

/// Nothing is known of the environment: a version whose files are kept is deployed as if it were the first.
async fn from_files(
    cx: &JobCtx,
    world: &World,
    workspace: &Workspace,
    project: &ProjectFile,
    environment: &Environment,
    version: Option<&str>,
) -> Result<Rebuilt, Problem> {
    found::again(cx, world, workspace, project).await?;
    let releases = world.store().releases().list(&workspace.id, 50).await?;
    let mut versions: Vec<&str> = releases
        .iter()
        .filter(|row| row.withdrawn.is_none())
        .map(|row| row.version.as_str())
        .collect();
    versions.dedup();
    let version = match (version, versions.as_slice()) {
        (Some(version), _) => version,
        (None, [only]) => only,
        (None, []) => {
            let hint = match again::newest(world, workspace, project, cx.cancel_token()).await? {
                Some(version) => msg!("release-elsewhere-hint", version = version),
                None => msg!("deploy-rebuild-unknown-hint"),
            };
            return Err(Problem::user(msg!("deploy-rebuild-unknown", environment = &environment.name))
                .code("not-found")
                .hint(hint));
        }
        (None, several) => {
            let shown = several.iter().take(5).copied().collect::<Vec<_>>().join(", ");
            return Err(Problem::user(msg!("deploy-rebuild-unknown", environment = &environment.name))
                .code("needs-version")
                .hint(msg!("deploy-rebuild-choose-hint", versions = shown)));
        }
    };
    let what = What::Version {
        version: version.to_owned(),
    };
    let inputs = inputs::gather(world, workspace, project, environment, &what).await?;
    set_aside(world, workspace, environment).await?;
    cx.sources(inputs.commit.clone(), None, Some(environment.name.clone())).await;
    let version = inputs.label.clone();
    // What stands in the database is for whatever ran, which nobody knows: it stays as it is.
    let inputs = Inputs {
        data: super::data::Data::Keep,
        ..inputs
    };
    Box::pin(acts::roll_out(cx, world, workspace, inputs, Kind::Deploy)).await?;
    let running = world.store().instances().running(Some(&workspace.id)).await?;
    let ours = running
        .into_iter()
        .filter(|row| row.environment.as_deref() == Some(&environment.name));
    Ok(Rebuilt {
        environment: environment.name.clone(),
        version,
        from: From::Files,
        kept: Vec::new(),
        started: ours.map(|row| row.name).collect(),
        has_routed: environment.traffic.is_some(),
    })
}

/// Folders of deployments that nobody knows make room for new ones of the same number, and what still runs from them is ended.
async fn set_aside(world: &World, workspace: &Workspace, environment: &Environment) -> Result<(), Problem> {
    let folder = inputs::folder_of(world, &workspace.id, &environment.name);
    for entry in files::list_dir(&folder).unwrap_or_default() {
        let name = entry.name.to_string_lossy().into_owned();
        if !entry.is_dir || name.parse::<i64>().is_err() {
            continue;
        }
        targets::end_lost(
            world,
            &entry.path,
            environment.target.instances(),
            environment.target.stop_grace(),
        )
        .await;
        let aside = folder.join(format!("lost-{name}-{}", world.clock().now().as_millisecond()));
        files::rename(&entry.path, &aside)?;
    }
    Ok(())
}
