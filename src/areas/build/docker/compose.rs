//! Compose projects, through the compose program that is found: `docker compose`, `docker-compose` or `podman-compose`.

use super::building::check_trust;
use super::look::once;
use super::{ComposeAct, ComposeProject};
use crate::adapters::World;
use crate::adapters::process::{Cmd, RawLine};
use crate::areas::JobCtx;
use crate::areas::test::frameworks::Shown;
use crate::areas::test::stream::{self, Listen};
use crate::base::{Problem, Workspace};
use crate::msg;
use std::time::Duration;

const ASK: Duration = Duration::from_secs(10);
const LOG_LINES: &str = "200";

struct Output;

impl Listen for Output {
    fn line(&mut self, _line: &RawLine<'_>) -> Shown {
        Shown::AsIs
    }

    async fn pause(&mut self, _cx: &JobCtx) {}
}

/// The words that call the compose program; None when there is none.
async fn program(cx: &JobCtx, world: &World, workspace: &Workspace) -> Result<Option<Vec<&'static str>>, Problem> {
    let processes = world.processes();
    let is_there = |name: &str| processes.resolve(name, Some(&workspace.root)).is_ok();
    if is_there("docker") {
        let cmd = Cmd::new("docker")
            .args(["compose", "version"])
            .timeout(ASK)
            .workspace(&workspace.root);
        let asked = processes.output(cmd, cx.cancel_token(), 64 * 1024).await;
        if asked.is_ok_and(|output| output.exit.is_success()) {
            return Ok(Some(vec!["docker", "compose"]));
        }
        cx.check()?;
    }
    let others = ["docker-compose", "podman-compose"];
    Ok(others.into_iter().find(|name| is_there(name)).map(|name| vec![name]))
}

pub(super) async fn run(
    cx: JobCtx,
    world: World,
    workspace: Workspace,
    act: ComposeAct,
    project: ComposeProject,
) -> Result<(), Problem> {
    let folder = check_trust(&world, &workspace, &project.folder)?;
    let Some(words) = program(&cx, &world, &workspace).await? else {
        let problem = Problem::environment(msg!("docker-no-compose")).code("no-compose");
        return Err(problem.hint(msg!("docker-no-compose-hint")));
    };
    let (name, first) = words.split_first().unwrap_or((&"docker", &[]));
    let mut cmd = Cmd::new(name).args(first).cwd(&folder);
    if let Some(name) = &project.name {
        cmd = cmd.args(["-p", name]);
    }
    for file in &project.files {
        cmd = cmd.arg("-f").arg(file);
    }
    cmd = match act {
        ComposeAct::Up => cmd.args(["up", "-d"]),
        ComposeAct::Down => cmd.arg("down"),
        ComposeAct::Pull => cmd.arg("pull"),
        ComposeAct::Logs => cmd.args(["logs", "--no-color", "--follow", "--tail", LOG_LINES]),
    };
    // The same engine as everywhere here.
    if let Ok(engine) = world.docker().info().await
        && *name != "podman-compose"
    {
        cmd = cmd.env("DOCKER_HOST", engine.host);
    }
    let owner = if folder.starts_with(&workspace.root) {
        workspace
    } else {
        Workspace::at(&folder)
    };
    let exit = stream::run(&cx, &world, &owner, cmd, &mut Output).await;
    once(&cx, &world).await.ok();
    exit?.problem(name).map_or(Ok(()), Err)
}
