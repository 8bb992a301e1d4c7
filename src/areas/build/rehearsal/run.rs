//! One rehearsal from the wish to the ledger.

use super::staged::Staged;
use super::{Gate, Order, Rehearsal, Smoke, live};
use crate::adapters::World;
use crate::adapters::secrets::Secrets;
use crate::areas::JobCtx;
use crate::areas::build::Update;
use crate::areas::build::detect;
use crate::areas::build::pipelines::load;
use crate::areas::devops::probe::Ready;
use crate::areas::devops::project::{
    Environment, FILE_NAME, ProjectFile, RehearsalRules, Target, Words, fill, fill_hidden, secrets_in,
};
use crate::base::{Problem, State, Workspace};
use crate::msg;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What is started, and what is asked of it: every word replaced.
pub(super) struct Play {
    pub argv: Vec<String>,
    pub place: Place,
    pub env: BTreeMap<String, String>,
    pub probes: Vec<crate::areas::devops::project::Probe>,
    pub smoke: Vec<Vec<String>>,
    pub rules: RehearsalRules,
    pub grace: Duration,
}

/// Where it begins.
pub(super) enum Place {
    /// In this folder of a checkout, as processes of this machine do.
    Checkout(PathBuf),
    /// In an empty folder of its own, as on a machine that has no checkout.
    Own(PathBuf),
}

/// Fails when what was built does not work in the simulation.
pub async fn run(cx: &JobCtx, world: &World, workspace: &Workspace, order: Order) -> Result<(), Problem> {
    world.trust().check(workspace)?;
    load::settle(cx, world, Some(workspace)).await?;
    let root = workspace.root.clone();
    let detected = cx
        .blocking(move |cx| Ok(detect::detect(&root, &|| cx.is_cancelled())))
        .await?;
    let project = detected.project;
    let is_of_file = |problem: &&Problem| problem.place.as_ref().is_some_and(|place| place.path.ends_with(FILE_NAME));
    let wrong = detected.problems.iter().find(is_of_file);
    let environment = choose(&project, order.environment.as_deref(), wrong)?;
    let mut rehearsal = Rehearsal {
        job: cx.id(),
        environment: environment.name.clone(),
        base: environment.rehearsal.base_words(),
        commit: None,
        version: String::new(),
        state: State::InProgress,
        at: cx.now(),
        ended_at: None,
        ready_ms: None,
        gates: Vec::new(),
        smoke: Vec::new(),
        listens: Vec::new(),
        end: None,
        problem: None,
        last_words: Vec::new(),
    };
    told(cx, world, workspace, &rehearsal).await?;
    let result = Box::pin(play(cx, world, workspace, &project, environment, &order, &mut rehearsal)).await;
    rehearsal.ended_at = Some(cx.now());
    rehearsal.state = match &result {
        Ok(()) if rehearsal.end.as_ref().is_some_and(|end| !end.is_polite) => State::Degraded,
        Ok(()) => State::Done,
        Err(problem) if problem.is_cancelled() => State::Cancelled,
        Err(_) => State::Failed,
    };
    for state in rehearsal
        .gates
        .iter_mut()
        .map(|gate| &mut gate.state)
        .chain(rehearsal.smoke.iter_mut().map(|smoke| &mut smoke.state))
    {
        if matches!(state, State::InProgress | State::Queued) {
            *state = State::Skipped;
        }
    }
    rehearsal.problem = result.as_ref().err().filter(|problem| !problem.is_cancelled()).cloned();
    told(cx, world, workspace, &rehearsal).await?;
    result
}

async fn play(
    cx: &JobCtx,
    world: &World,
    workspace: &Workspace,
    project: &ProjectFile,
    environment: &Environment,
    order: &Order,
    rehearsal: &mut Rehearsal,
) -> Result<(), Problem> {
    let staged = Staged::make(cx, world, workspace, project, environment, order.revision.as_deref()).await?;
    rehearsal.commit.clone_from(&staged.commit);
    rehearsal.version.clone_from(&staged.version);
    cx.sources(staged.commit.clone(), None, None).await;
    let result = async {
        let secrets = environment.env.values().flat_map(|value| secrets_in(value));
        let secrets: Vec<String> = secrets.collect();
        world.secrets().resolve(secrets.iter().map(String::as_str)).await?;
        let play = prepare(environment, &staged.words, world.secrets())?;
        rehearsal.gates = play
            .probes
            .iter()
            .map(|probe| {
                let ready = Ready {
                    kind: probe.kind.clone(),
                    timeout: probe.timeout.0,
                };
                Gate {
                    what: ready.what(),
                    state: State::Queued,
                    n_tries: 0,
                    last: None,
                }
            })
            .collect();
        rehearsal.smoke = play
            .smoke
            .iter()
            .map(|argv| Smoke {
                command: argv.join(" "),
                state: State::Queued,
                exit_code: None,
                ms: 0,
                last_words: Vec::new(),
            })
            .collect();
        told(cx, world, workspace, rehearsal).await?;
        live::run(cx, world, workspace, &staged, play, rehearsal).await
    };
    let result = result.await;
    let removed = staged.remove(cx, world).await;
    result.and(removed)
}

fn prepare(environment: &Environment, words: &Words, secrets: &Secrets) -> Result<Play, Problem> {
    let (run, place) = match &environment.target {
        Target::Process { run, dir, .. } => (run, Place::Checkout(dir.clone())),
        Target::Ssh { run, dir, unit, .. } if !run.is_empty() => {
            let name = unit.as_deref().unwrap_or("app").trim_end_matches(".service");
            let own = dir.clone().unwrap_or_else(|| Path::new("/opt").join(name));
            (run, Place::Own(own))
        }
        other @ (Target::Ssh { .. } | Target::Docker { .. } | Target::Compose { .. } | Target::Swarm { .. }) => {
            let problem = Problem::config(msg!("build-rehearsal-no-run", environment = environment.name.as_str()));
            return Err(problem.hint(msg!("build-rehearsal-no-run-hint", kind = other.kind())));
        }
    };
    let port = environment.target.port();
    let mut words = words.clone().set("environment", &environment.name).set("instance", "1");
    if let Some(port) = port {
        words = words.set("port", port.to_string());
    }
    let fill_all = |list: &[String]| list.iter().map(|word| fill(word, &words)).collect::<Result<Vec<_>, _>>();
    let mut env = BTreeMap::new();
    for (name, value) in &environment.env {
        let value = fill_hidden(value, &words, |name| secrets.value(name))?;
        env.insert(name.clone(), value.reveal().to_owned());
    }
    if let Some(port) = port {
        env.insert("PORT".to_owned(), port.to_string());
    }
    let mut probes = environment.health.clone();
    for probe in &mut probes {
        probe.kind = Ready::new(&probe.kind, probe.timeout.0, &words)?.kind;
    }
    let smoke = environment.rehearsal.smoke.iter().filter(|argv| !argv.is_empty());
    Ok(Play {
        argv: fill_all(run)?,
        place,
        env,
        probes,
        smoke: smoke.map(|argv| fill_all(argv)).collect::<Result<_, _>>()?,
        rules: environment.rehearsal.clone(),
        grace: environment.target.stop_grace(),
    })
}

/// The environment of this name, else the last one. What can not be read of the file may be the one that is meant.
fn choose<'a>(project: &'a ProjectFile, name: Option<&str>, wrong: Option<&Problem>) -> Result<&'a Environment, Problem> {
    if let Some(wrong) = wrong.filter(|_| name.is_none_or(|name| project.environment(name).is_none())) {
        return Err(wrong.clone());
    }
    let names = || {
        project
            .environments
            .iter()
            .map(|one| one.name.as_str())
            .collect::<Vec<_>>()
            .join(", ")
    };
    match name {
        Some(name) => project.environment(name).ok_or_else(|| {
            Problem::user(msg!("build-rehearsal-no-such", environment = name))
                .code("not-found")
                .hint(msg!("build-rehearsal-no-such-hint", names = names()))
        }),
        None => project
            .environments
            .last()
            .ok_or_else(|| Problem::config(msg!("build-rehearsal-none")).hint(msg!("build-rehearsal-none-hint"))),
    }
}

/// Into the ledger and to whoever looks.
pub(super) async fn told(cx: &JobCtx, world: &World, workspace: &Workspace, rehearsal: &Rehearsal) -> Result<(), Problem> {
    rehearsal.keep(world, &workspace.id).await?;
    cx.update(Update::RehearsalChanged {
        workspace: workspace.id.clone(),
        rehearsal: Box::new(rehearsal.clone()),
    })
    .await;
    Ok(())
}
