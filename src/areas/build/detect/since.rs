//! The tasks that are new since a branch: those of the checkout beside those of the commit from which the two went apart.

use super::{Detected, Task, detect, wanted};
use crate::adapters::World;
use crate::adapters::files::Scratch;
use crate::adapters::git::Git;
use crate::adapters::scan::{self, Wanted};
use crate::areas::JobCtx;
use crate::areas::build::Update;
use crate::areas::devops::project::FILE_NAME;
use crate::base::{Problem, Workspace};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// Files that a build file may read.
const READ_BY_OTHERS: [&str; 5] = ["mk", "make", "inc", "just", "cmake"];
/// Folders deep, as far as includes stand.
const DEPTH: usize = 5;
/// Files of a commit that are looked at.
const MAX_FILES: usize = 20_000;

/// What a task is beside those of before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    New,
    /// It runs another command, elsewhere or with other settings.
    Changed,
}

/// The tasks of before.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Since {
    /// The branch or commit that was asked about.
    pub revision: String,
    /// Where the checkout and it went apart.
    pub commit: String,
    pub before: Vec<Task>,
}

impl Since {
    pub fn mark(&self, task: &Task) -> Option<Mark> {
        let Some(before) = self.before.iter().find(|before| before.id == task.id) else {
            return Some(Mark::New);
        };
        let what = |task: &Task| (task.argv.clone(), task.dir.clone(), task.env.clone(), task.timeout_ms);
        (what(before) != what(task)).then_some(Mark::Changed)
    }

    /// Those that are there no more.
    pub fn gone<'a>(&'a self, now: &'a [Task]) -> impl Iterator<Item = &'a Task> {
        self.before
            .iter()
            .filter(|before| !now.iter().any(|task| task.id == before.id))
    }
}

/// The job: tells what was read.
pub async fn run(cx: JobCtx, world: World, workspace: Workspace, since: Option<String>) -> Result<(), Problem> {
    let (git, root) = (world.git().clone(), workspace.root.clone());
    let cache = world.dirs().cache.clone();
    let since = match since {
        Some(revision) => {
            let look = move |cx: &JobCtx| read(&git, &root, &revision, &cache, &|| cx.is_cancelled());
            Some(cx.blocking(move |cx| look(cx)).await?)
        }
        None => None,
    };
    cx.check()?;
    cx.update(Update::TasksCompared {
        workspace: workspace.id,
        since,
    })
    .await;
    Ok(())
}

/// Reads the build files of the commit, laid out below `cache`; the checkout stays as it is. Blocks.
pub fn read(git: &Git, root: &Path, revision: &str, cache: &Path, is_over: &dyn Fn() -> bool) -> Result<Since, Problem> {
    let commit = git
        .resolve(root, &format!("{revision}...HEAD"))
        .or_else(|_| git.resolve(root, revision))?;
    let scratch = Scratch::new(cache, "tasks")?;
    // Images are called after the folder.
    let name = Path::new(root.file_name().unwrap_or_default());
    lay_out(git, root, &commit, (&scratch, name), is_over)?;
    let Detected { tasks, .. } = detect(&scratch.path().join(name), is_over);
    Ok(Since {
        revision: revision.to_owned(),
        commit,
        before: tasks,
    })
}

fn lay_out(
    git: &Git,
    root: &Path,
    commit: &str,
    (scratch, name): (&Scratch, &Path),
    is_over: &dyn Fn() -> bool,
) -> Result<(), Problem> {
    // A workspace may be a part of its repository.
    let is_top = |dir: &&Path| scan::is_dir(&dir.join(".git")) || scan::is_file(&dir.join(".git"));
    let top = root.ancestors().find(is_top).unwrap_or(root);
    let part = root.strip_prefix(top).unwrap_or(Path::new(""));
    let mut n_files = 0;
    for file in git.files_at(root, commit)? {
        let Ok(below) = file.path.strip_prefix(part) else { continue };
        let is_read = below
            .extension()
            .is_some_and(|ending| READ_BY_OTHERS.iter().any(|known| ending == *known));
        let wants = if below == Path::new(FILE_NAME) {
            Wanted::Text
        } else {
            wanted(below)
        };
        let is_plain = below.components().all(|part| matches!(part, std::path::Component::Normal(_)));
        if !(is_read || wants != Wanted::No) || !is_plain || file.blob().is_none() || below.components().count() > DEPTH {
            continue;
        }
        n_files += 1;
        if n_files > MAX_FILES || is_over() {
            break;
        }
        // What is only there needs no content.
        let text = match wants {
            Wanted::Path => String::new(),
            _ => git.text_at(root, commit, &file.path)?.unwrap_or_default(),
        };
        scratch.write(&name.join(below), text.as_bytes())?;
    }
    Ok(())
}
