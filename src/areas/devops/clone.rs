//! A repository from elsewhere becomes a workspace: git's program brings it, with the user's credentials and settings of ssh.

use super::exec;
use super::jobs::{AREA, add};
use crate::adapters::git::{GitError, Repo, access_problem, progress_of, runs_a_program};
use crate::adapters::{World, files, walk};
use crate::areas::{JobCtx, JobSpec};
use crate::base::{Problem, SafeText};
use crate::msg;
use std::path::{Path, PathBuf};

/// Lines of git's that may explain a failure.
const MAX_WORDS: usize = 400;

/// What git calls the folder of a repository from this address: `https://host/team/tool.git` is `tool`.
pub fn folder_name(url: &str) -> String {
    let url = url.trim().trim_end_matches('/');
    let url = url.strip_suffix("/.git").unwrap_or(url);
    let name = url.rsplit(['/', ':']).next().unwrap_or_default();
    name.strip_suffix(".git").unwrap_or(name).to_owned()
}

pub(super) fn cloning(world: World, url: String, into: PathBuf, group: String) -> JobSpec {
    let title = msg!("devops-job-clone", url = SafeText::new(url.trim()));
    JobSpec::new(AREA, title, move |cx| clone(cx, world, url, into, group))
}

async fn clone(cx: JobCtx, world: World, url: String, into: PathBuf, group: String) -> Result<(), Problem> {
    let url = url.trim();
    if url.is_empty() || runs_a_program(url) {
        return Err(GitError::BadAddress(url.to_owned()).into());
    }
    let was_there = into.exists();
    if was_there && !(into.is_dir() && walk::names(&into).is_empty()) {
        let problem = Problem::user(msg!("devops-clone-not-empty", path = into.as_path())).code("not-empty");
        return Err(problem.hint(msg!("devops-clone-not-empty-hint")));
    }
    let parent = into.parent().unwrap_or(Path::new("/"));
    files::create_dir_all(parent)?;
    let repo = Repo {
        root: parent,
        is_trusted: true,
    };
    let program = world.git().program();
    let args = [
        "clone".as_ref(),
        "--progress".as_ref(),
        "--".as_ref(),
        url.as_ref(),
        into.as_os_str(),
    ];
    let cmd = program.cmd(repo, &[], &args, cx.cancel_token()).await?;
    let mut words: Vec<String> = Vec::new();
    let told = exec::run_watched(
        &cx,
        &world,
        cmd.clone(),
        |line| {
            if let Some(progress) = progress_of(line.bytes) {
                cx.progress(progress);
            }
        },
        |line| {
            if words.len() < MAX_WORDS {
                words.push(crate::base::safe::plain(&line.text).into_owned());
            }
        },
    )
    .await;
    let failure = match told {
        Ok(exit) => exit.problem("git clone"),
        Err(problem) => Some(problem),
    };
    if let Some(problem) = failure {
        // git removes what it has brought unless it was killed.
        if !was_there && into.exists() {
            files::remove_dir_all(&into)?;
        }
        if problem.is_cancelled() {
            return Err(problem);
        }
        let words = words.join("\n");
        let unknown = program.unknown_host(&cmd, &words, cx.cancel_token()).await;
        return Err(unknown.or_else(|| access_problem(&words)).unwrap_or_else(|| {
            Problem::environment(msg!("devops-clone-failed", url = SafeText::new(url)))
                .code("clone-failed")
                .details(words)
        }));
    }
    add(cx, world, into, group).await
}
