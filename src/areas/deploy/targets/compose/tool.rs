//! The program that reads compose files and makes their containers: `docker compose` where it is there, else `docker-compose`.

use super::super::Site;
use crate::adapters::World;
use crate::adapters::process::{Cause, Cmd, Exit, Processes};
use crate::adapters::secrets::handed;
use crate::areas::JobCtx;
use crate::areas::deploy::settings;
use crate::base::Problem;
use crate::msg;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

const ASKED: Duration = Duration::from_secs(20);
/// Of what it says.
const MAX_SAID: usize = 8 << 20;

/// Marks every run of it: the environment's folder.
const MARK: &str = "CHANTIER_COMPOSE";

fn mark(site: &Site) -> String {
    site.folder.parent().unwrap_or(&site.folder).display().to_string()
}

/// Ends what a program that was killed has left running. Called under the environment's lock.
pub(super) async fn end_lost(site: &Site) {
    let processes = site.world.processes();
    for lost in processes.detached_with(MARK, &mark(site)) {
        processes.stop_detached(&lost, Duration::from_secs(5)).await;
    }
}

/// Its words before those of a project.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tool {
    Plugin,
    Own,
}

impl Tool {
    /// The one that is there, told clearly when none is.
    pub(super) async fn find(world: &World) -> Result<Self, Problem> {
        for tool in [Self::Plugin, Self::Own] {
            let cmd = tool.cmd().arg("version").timeout(ASKED);
            let asked = world.processes().output(cmd, &CancellationToken::new(), MAX_SAID).await;
            if asked.is_ok_and(|output| output.exit.problem("docker compose").is_none()) {
                return Ok(tool);
            }
        }
        Err(Problem::environment(msg!("compose-missing"))
            .code("no-compose")
            .hint(msg!("compose-missing-hint")))
    }

    fn cmd(self) -> Cmd {
        match self {
            Self::Plugin => Cmd::new("docker").arg("compose"),
            Self::Own => Cmd::new("docker-compose"),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Plugin => "docker compose",
            Self::Own => "docker-compose",
        }
    }
}

/// One compose project of a deployment.
pub(super) struct Project<'a> {
    pub(super) site: &'a Site,
    pub(super) tool: Tool,
    pub(super) name: String,
    /// The version's own files, without links in its path.
    pub(super) root: PathBuf,
    pub(super) files: Vec<PathBuf>,
}

impl Project<'_> {
    /// The version, what the project file gives, and where the engine is.
    fn cmd(&self, args: &[&str]) -> Result<Cmd, Problem> {
        let inputs = &self.site.inputs;
        let mut cmd = self.tool.cmd().cwd(&self.root).workspace(&inputs.root);
        cmd = cmd.args(["-p", &self.name, "--project-directory"]).arg(&self.root);
        for file in &self.files {
            cmd = cmd.arg("-f").arg(file);
        }
        let mut words = inputs.words(&self.site.folder).set("instance", "1");
        if let Some(port) = inputs.port(1) {
            words = words.set("port", port.to_string());
            cmd = cmd.env("PORT", port.to_string());
        }
        cmd = cmd
            .env("VERSION", &inputs.version)
            .env("COMMIT", inputs.commit.as_deref().unwrap_or(""))
            .env("ENVIRONMENT", &inputs.environment)
            .env("COMPOSE_ANSI", "never");
        cmd = Processes::findable(cmd, MARK, &mark(self.site));
        for (name, value) in settings::plain(inputs, &words)? {
            cmd = cmd.env(name, value);
        }
        // Compose and the engine get to know where a secret is, not what it is.
        let folder = handed::folder(&super::key(&self.site.folder));
        for name in settings::hidden_names(inputs) {
            cmd = cmd.env(settings::pointer(name), folder.join(name));
        }
        if let Some(host) = self.site.world.docker().host() {
            cmd = cmd.env("DOCKER_HOST", host);
        }
        Ok(cmd.args(args))
    }

    /// Makes the files of the secrets that the project's own files name.
    pub(super) fn hand_over(&self) -> Result<(), Problem> {
        let inputs = &self.site.inputs;
        let mut words = inputs.words(&self.site.folder).set("instance", "1");
        if let Some(port) = inputs.port(1) {
            words = words.set("port", port.to_string());
        }
        let files = settings::files(inputs, &words, self.site.world.secrets())?;
        if files.is_empty() {
            return Ok(());
        }
        handed::give(&super::key(&self.site.folder), &files)
    }

    /// What it answers.
    pub(super) async fn ask(&self, args: &[&str]) -> Result<String, Problem> {
        let cmd = self.cmd(args)?.timeout(ASKED);
        let output = self.site.world.processes().output(cmd, &self.site.stop, MAX_SAID).await?;
        if output.exit.cause == Cause::Cancelled {
            return Err(Problem::cancelled());
        }
        let said = output.success(self.tool.name()).map_err(|problem| problem.code("compose"))?;
        Ok(String::from_utf8_lossy(&said).into_owned())
    }

    /// Does something that may take long; each line goes into the log where there is one.
    pub(super) async fn run(&self, cx: Option<&JobCtx>, args: &[&str]) -> Result<(), Problem> {
        let cmd = self.cmd(args)?;
        let mut last = Vec::new();
        let running = self.site.world.processes().run(cmd, &self.site.stop, None, |batch| {
            for line in batch.log_lines() {
                last.push(line.text.clone());
                if let Some(cx) = cx {
                    cx.log(line);
                }
            }
            let over = last.len().saturating_sub(40);
            last.drain(..over);
        });
        let exit: Exit = running.await?;
        if exit.cause == Cause::Cancelled {
            return Err(Problem::cancelled());
        }
        match exit.problem(self.tool.name()) {
            Some(problem) => Err(problem.code("compose").details(last.join("\n"))),
            None => Ok(()),
        }
    }
}

/// Where a deployment keeps the version's own files.
pub(super) fn root_of(folder: &Path) -> PathBuf {
    folder.join("project")
}
