//! What the page and the command line show of a workspace's environments, read from the ledger, the project file and the machine.

use super::data::Kept;
use super::guide::Decision;
use super::inputs::{self, Inputs};
use super::traffic::Front;
use super::{
    AuditEntry, Built, Deployable, Deployment, Environment, Instance, Judged, Kind, Overview, Rollout as View, Step, StepName,
    acts, continuous, left_out, rehearsal, returns, targets, wishes,
};
use crate::adapters::World;
use crate::adapters::http::raw;
use crate::adapters::store::deployments::{DeploymentRow, StepRow};
use crate::adapters::store::instances::InstanceRow;
use crate::areas::JobCtx;
use crate::areas::devops::project::{self, ProbeKind, Words, fill};
use crate::areas::release::packages;
use crate::base::{Problem, State, Workspace};
use crate::msg;
use std::collections::BTreeMap;

/// Rows of each list.
const SHOWN: u32 = 200;

/// Everything; the project file's problems come beside it.
pub async fn read(cx: &JobCtx, world: &World, workspace: &Workspace) -> Result<(Overview, Vec<Problem>), Problem> {
    let (file, problems) = project::read(&workspace.root)?;
    let store = world.store();
    let mut environments = Vec::new();
    for environment in &file.environments {
        environments.push(one(cx, world, workspace, environment).await?);
    }
    for environment in left_out::all(world, &workspace.id, &file).await? {
        environments.push(Environment {
            is_left_out: true,
            can_scale: false,
            why: Some(msg!("deploy-why-left-out")),
            returns: Vec::new(),
            ..one(cx, world, workspace, &environment).await?
        });
    }
    let history = store.deployments().list(&workspace.id, None, SHOWN).await?;
    let audit = store.audit().list(&workspace.id, None, SHOWN).await?;
    let releases = store.releases().list(&workspace.id, 50).await?;
    let artifacts = store.builds().artifacts(&workspace.id, 50).await?;
    let is_wanted = |name: &str| file.artifact(name).is_some();
    let steps = store.deployments().backups(&workspace.id, None).await?;
    let copies: BTreeMap<i64, Kept> = steps
        .iter()
        .filter_map(|step| Some((step.deployment, Kept::of(step)?)))
        .collect();
    let with_copy = |row: &DeploymentRow| Deployment {
        backup: copies.get(&row.id).cloned(),
        ..deployment(row)
    };
    let overview = Overview {
        environments,
        history: history.iter().map(with_copy).collect(),
        audit: audit
            .into_iter()
            .map(|row| AuditEntry {
                n: row.n,
                at: row.at,
                who: row.who,
                act: row.act,
                environment: row.environment,
                deployment: row.deployment,
                version: row.data["version"].as_str().map(str::to_owned),
                hash: row.hash,
            })
            .collect(),
        releases: releases
            .into_iter()
            .filter(|row| row.withdrawn.is_none() && packages::parts(&row.version).0.is_none())
            .map(|row| Deployable {
                version: row.version,
                commit: row.commit,
                at: row.released_at,
            })
            .collect(),
        built: artifacts.into_iter().find(|row| is_wanted(&row.name)).map(|row| Built {
            job: row.job,
            commit: row.commit,
            at: row.made_at,
        }),
        broken: problems.clone(),
    };
    Ok((overview, problems))
}

async fn one(
    cx: &JobCtx,
    world: &World,
    workspace: &Workspace,
    environment: &project::Environment,
) -> Result<Environment, Problem> {
    let store = world.store();
    let deployments = store.deployments();
    let live = deployments.live(&workspace.id, &environment.name).await?;
    let live = live.filter(|row| row.kind != Kind::Stop.word());
    let rows = deployments.list(&workspace.id, Some(&environment.name), SHOWN).await?;
    if let Some(live) = &live {
        targets::revive(world, live).await?;
    }
    let running = store.instances().running(Some(&workspace.id)).await?;
    let mut instances = Vec::new();
    for row in running
        .iter()
        .filter(|row| row.environment.as_deref() == Some(&environment.name))
    {
        instances.push(instance(world, row).await);
    }
    instances.sort_by(|a, b| a.name.cmp(&b.name));
    let n = environment.target.instances();
    let live_inputs = live.as_ref().and_then(|live| Inputs::of(live).ok());
    let n_wanted = live_inputs.as_ref().map_or(n, Inputs::n_instances);
    let n_up = instances.iter().filter(|row| row.state == State::Running).count() as u32;
    let busy = rows
        .first()
        .is_some_and(|row| row.ended_at.is_none() && row.holder.is_alive() && row.state != State::Interrupted);
    let last_failed = rows
        .first()
        .is_some_and(|row| row.state == State::Failed && row.kind == Kind::Rollback.word());
    // Somebody had it left where it failed.
    let is_left = rows
        .first()
        .is_some_and(|row| row.state == State::Failed && running.iter().any(|one| one.deployment == Some(row.id)));
    let left_half_way = rows.first().is_some_and(|row| row.ended_at.is_none() && !busy);
    let mut state = match &live {
        _ if busy => State::InProgress,
        _ if left_half_way => State::Interrupted,
        None => State::None,
        Some(_) if instances.iter().any(|row| row.state == State::Unknown) => State::Unknown,
        Some(_) if n_up == 0 => State::Failed,
        Some(_) if n_up < n_wanted || last_failed || is_left => State::Degraded,
        Some(_) => State::Running,
    };
    let mut why = rows
        .first()
        .filter(|_| state == State::Degraded && n_up >= n_wanted)
        .map(|row| {
            let version = row.version.as_str();
            if last_failed {
                msg!("deploy-why-return-failed", version = version)
            } else {
                msg!("deploy-why-left", version = version)
            }
        });
    let target = match &environment.target {
        project::Target::Ssh { host, .. } => format!("ssh {host}"),
        project::Target::Docker { host: Some(host), .. } => format!("docker {host}"),
        other => other.kind().to_owned(),
    };
    let left = rows.first().filter(|row| acts::is_left(row));
    if let Some(left) = left.filter(|_| state == State::Failed) {
        why = Some(msg!("deploy-why-left", version = left.version.as_str()));
    }
    if state == State::Unknown {
        why = Some(msg!("deploy-why-silent", target = target.as_str()));
    }
    let locked_by = deployments
        .lock_of(&workspace.id, &environment.name)
        .await?
        .filter(|lock| lock.holder.is_alive())
        .map(|lock| lock.owner);
    let waits = match rows.first().filter(|_| busy) {
        Some(row) => wishes::waits(world, row).await?,
        None => None,
    };
    let asks = match rows.first().filter(|_| busy) {
        Some(row) => wishes::asks(world, row).await?,
        None => None,
    };
    // As it was deployed: what the file says since is the next one's.
    let traffic = match &live_inputs {
        Some(inputs) => inputs.traffic.clone(),
        None => environment.traffic.clone(),
    };
    let shares = match (&traffic, instances.is_empty()) {
        (Some(traffic), false) => {
            let folder = inputs::folder_of(world, &workspace.id, &environment.name).join("proxy");
            let front = Front::new(world, traffic.clone(), workspace.root.clone(), folder);
            if state == State::Running && front.is_another().await.unwrap_or(false) {
                (state, why) = (State::Degraded, Some(msg!("deploy-why-front")));
            }
            let mut rows = running.clone();
            rows.retain(|row| row.environment.as_deref() == Some(&environment.name));
            let shares = front.shares(&rows).await;
            // Whoever asks it for the service gets no answer, however well the instances are.
            if state == State::Running {
                match &shares {
                    Err(_) => (state, why) = (State::Degraded, Some(msg!("deploy-why-front"))),
                    Ok(shares) if shares.iter().all(|share| share.percent == 0) => {
                        let told = msg!("deploy-why-front-none", environment = environment.name.as_str());
                        (state, why) = (State::Degraded, Some(told));
                    }
                    Ok(_) => {}
                }
            }
            shares.unwrap_or_default()
        }
        _ => Vec::new(),
    };
    if !busy {
        let lost = lost(world, live.as_ref(), n_wanted, &instances).await?;
        instances.extend(lost);
        instances.sort_by(|a, b| a.name.cmp(&b.name));
    }
    let rehearsals = rehearsal::of_environment(world, &workspace.id, &environment.name).await?;
    Ok(Environment {
        rollback: live.as_ref().map(|live| {
            let mut proven = rehearsal::proven_of(&rehearsals, live, cx.now());
            // What really happened since says more than a rehearsal.
            let has_failed = |row: &DeploymentRow| {
                row.kind == Kind::Rollback.word()
                    && row.state == State::Failed
                    && row.version == proven.version
                    && proven.at.is_some_and(|at| row.started_at > at)
            };
            if proven.state == State::Done && rows.iter().any(has_failed) {
                proven.state = State::Failed;
            }
            proven
        }),
        rehearsal: rehearsals.into_iter().next(),
        continuous: continuous::of(world, workspace, environment).await?,
        can_scale: live_inputs.is_some_and(|mut inputs| inputs.target.set_instances(n_wanted)),
        is_left_out: false,
        name: environment.name.clone(),
        is_protected: environment.is_protected(),
        state,
        why,
        returns: returns::of(cx, world, &rows, live.as_ref(), left).await?,
        stands: rows
            .first()
            .filter(|row| (is_left || asks.is_some()) && live.as_ref().is_none_or(|live| live.id != row.id))
            .filter(|row| running.iter().any(|one| one.deployment == Some(row.id)))
            // Where what shall run does, beside it, that is what answers.
            .filter(|_| running.iter().all(|one| one.deployment != live.as_ref().map(|live| live.id)))
            .map(deployment),
        live: live.as_ref().map(deployment),
        n_wanted,
        locked_by,
        urls: urls(environment, traffic.as_ref(), &running),
        strategy: environment.strategy.word().to_owned(),
        traffic: shares,
        waits,
        asks,
        asks_on_failure: environment.guided().is_some(),
        approvals: environment.approvals.clone(),
        target,
        instances,
    })
}

pub fn deployment(row: &DeploymentRow) -> Deployment {
    let left_half_way = row.ended_at.is_none() && !row.holder.is_alive();
    Deployment {
        id: row.id,
        environment: row.environment.clone(),
        version: row.version.clone(),
        commit: row.commit.clone(),
        kind: Kind::from_word(&row.kind),
        state: if left_half_way { State::Interrupted } else { row.state },
        who: row.who.clone(),
        job: row.job,
        started_at: row.started_at,
        ended_at: row.ended_at,
        healthy_from: row.healthy_from,
        healthy_until: row.healthy_until,
        problem: row.problem.clone(),
        backup: None,
    }
}

async fn instance(world: &World, row: &InstanceRow) -> Instance {
    Instance {
        id: row.id,
        name: row.name.clone(),
        version: row.version.clone().unwrap_or_default(),
        pid: row.pid,
        port: row.port,
        state: targets::of_instance(row).state(world, row).await,
        started_at: row.started_at,
        ended_at: row.ended_at,
    }
}

/// Those that an environment wants and that died, as far as the number that runs is too small.
async fn lost(world: &World, live: Option<&DeploymentRow>, n_wanted: u32, known: &[Instance]) -> Result<Vec<Instance>, Problem> {
    let Some(live) = live else { return Ok(Vec::new()) };
    let mut past = world.store().instances().of_deployment(live.id).await?;
    past.retain(|row| row.has_crashed() && known.iter().all(|one| one.name != row.name));
    past.sort_by(|a, b| a.name.cmp(&b.name).then(b.id.cmp(&a.id)));
    past.dedup_by(|a, b| a.name == b.name);
    past.truncate((n_wanted as usize).saturating_sub(known.len()));
    let died = past.into_iter().map(|row| Instance {
        id: row.id,
        name: row.name,
        version: row.version.unwrap_or_default(),
        pid: None,
        port: row.port,
        state: State::Failed,
        started_at: row.started_at,
        ended_at: row.ended_at,
    });
    Ok(died.collect())
}

/// Why somebody ignored that it was not healthy; None where nobody had to.
pub(super) async fn ignored(world: &World, deployment: i64) -> Result<Option<String>, Problem> {
    let steps = world.store().deployments().steps(deployment).await?;
    let decided = |step: &StepRow| serde_json::from_value::<Decision>(step.result["decision"].clone()).ok();
    Ok(steps.iter().rev().find_map(|step| match decided(step)? {
        Decision::Ignore { reason } => Some(reason),
        _ => None,
    }))
}

/// The first address of each instance, without its path.
fn urls(environment: &project::Environment, traffic: Option<&project::Traffic>, running: &[InstanceRow]) -> Vec<String> {
    let mut out = Vec::new();
    let is_up = running
        .iter()
        .any(|row| row.environment.as_deref() == Some(&environment.name));
    if let Some(project::Traffic::Haproxy {
        listen: Some(port),
        bind,
        mode: project::Mode::Http,
        ..
    }) = traffic
        && is_up
    {
        let host = if bind == "0.0.0.0" { "127.0.0.1" } else { bind.as_str() };
        out.push(format!("http://{host}:{port}/"));
    }
    for instance in running
        .iter()
        .filter(|row| row.environment.as_deref() == Some(&environment.name))
    {
        // Where the host's own address is meant, a browser here would ask the wrong machine.
        let is_elsewhere = targets::ssh::handle(instance).is_some() || targets::docker::handle(instance).is_some();
        let words = Words::default()
            .set("environment", &environment.name)
            .set("instance", "1")
            .set("version", "")
            .set("commit", "")
            .set("port", instance.port.unwrap_or(0).to_string());
        for probe in &environment.health {
            let ProbeKind::Http { url, .. } = &probe.kind else { continue };
            if !targets::of_instance(instance).is_asked(instance, &probe.kind) {
                continue;
            }
            if let Ok(url) = fill(url, &words)
                && !(is_elsewhere && raw::question(&url).is_ok_and(|question| raw::is_loopback(&question.host)))
            {
                let host_end = url.find("://").map_or(0, |at| at + 3);
                let end = url[host_end..].find('/').map_or(url.len(), |at| host_end + at);
                let base = format!("{}/", &url[..end]);
                if !out.contains(&base) {
                    out.push(base);
                }
            }
        }
    }
    out
}

/// One deployment with its steps, as it stands in the journal.
pub async fn past(world: &World, id: i64) -> Result<Option<View>, Problem> {
    let deployments = world.store().deployments();
    let Some(row) = deployments.get(id).await? else {
        return Ok(None);
    };
    let steps = deployments.steps(id).await?;
    let previous = match row.previous {
        Some(previous) => deployments.get(previous).await?.map(|row| row.version),
        None => None,
    };
    let shown = deployment(&row);
    let rollback = match &previous {
        Some(previous) if row.kind == Kind::Deploy.word() && *previous != row.version => {
            let rehearsals = rehearsal::of_environment(world, &row.workspace, &row.environment).await?;
            Some(rehearsal::proven_between(
                &rehearsals,
                previous,
                &row.version,
                row.commit.as_deref(),
                world.clock().now(),
            ))
        }
        _ => None,
    };
    Ok(Some(View {
        rollback,
        deployment: row.id,
        environment: shown.environment,
        version: shown.version,
        commit: shown.commit,
        previous,
        kind: shown.kind,
        who: shown.who,
        job: shown.job,
        state: shown.state,
        started_at: shown.started_at,
        ended_at: shown
            .ended_at
            .or(Some(row.started_at).filter(|_| shown.state == State::Interrupted)),
        steps: steps.iter().filter_map(step).collect(),
        gates: Vec::new(),
        traffic: Vec::new(),
        judged: steps.iter().rev().find_map(judged),
        aborted_by: None,
        asks: None,
        problem: shown.problem,
    }))
}

fn judged(row: &StepRow) -> Option<Judged> {
    serde_json::from_value(row.result["judged"].clone()).ok()
}

fn step(row: &StepRow) -> Option<Step> {
    let problem = serde_json::from_value::<Problem>(row.result["problem"].clone()).ok();
    let decided = serde_json::from_value::<Decision>(row.intent["decision"].clone()).ok();
    let asked_by = row.intent["who"].as_str().map(|who| match &decided {
        Some(Decision::Ignore { reason }) => msg!("deploy-note-ignored", who = who, reason = reason.as_str()),
        Some(decision) => msg!("deploy-note-decided", who = who, choice = decision.word()),
        None => msg!("deploy-note-asked", who = who),
    });
    let measured = judged(row).map(|judged| msg!("deploy-note-judged", n = judged.n_answers, what = judged.line()));
    let percent = row.intent["percent"]
        .as_u64()
        .map(|percent| msg!("deploy-note-weight", percent = percent as u32));
    Some(Step {
        name: StepName::from_word(&row.name)?,
        state: row.state,
        note: problem.map(|problem| problem.summary).or(asked_by).or(measured).or(percent),
        started_at: Some(row.started_at),
        ended_at: row.ended_at,
    })
}
