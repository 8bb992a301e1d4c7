//! The inventory of TODO and the like: where, who, how old, and which item of the plan it names.

use super::{Update, chain};
use crate::adapters::World;
use crate::adapters::git::{Repo, TodoFile};
use crate::areas::JobCtx;
use crate::areas::plan::folder::Folder;
use crate::base::repo::Todo;
use crate::base::{Problem, Progress, Unit, Workspace};
use std::collections::BTreeSet;

/// Files whose authors are looked for; more of them say only where.
const MAX_BLAMED: usize = 2_000;

pub(super) async fn load(cx: &JobCtx, world: &World, workspace: &Workspace, with_authors: bool) -> Result<(), Problem> {
    let id = &workspace.id;
    cx.update(Update::TodosStarted { workspace: id.clone() }).await;
    let result = read(cx, world, workspace).await;
    let files = match result {
        Ok(files) => files,
        Err(problem) => {
            cx.update(Update::TodosFailed {
                workspace: id.clone(),
                problem: problem.clone(),
            })
            .await;
            return Err(problem);
        }
    };
    let todos: Vec<Todo> = files.iter().flat_map(|file| file.todos.iter().cloned()).collect();
    cx.update(Update::TodosRead {
        workspace: id.clone(),
        todos,
    })
    .await;
    if with_authors {
        find_authors(cx, world, workspace, &files).await?;
    }
    keep(cx, world, workspace).await
}

/// For the next session; what can not be kept is found again.
async fn keep(cx: &JobCtx, world: &World, workspace: &Workspace) -> Result<(), Problem> {
    let (git, root) = (world.git().clone(), workspace.root.clone());
    let kept = cx.blocking(move |_| Ok(git.keep_todos(&root))).await?;
    if let Err(problem) = kept {
        cx.problem(problem).await;
    }
    Ok(())
}

async fn find_authors(cx: &JobCtx, world: &World, workspace: &Workspace, files: &[TodoFile]) -> Result<(), Problem> {
    let id = &workspace.id;
    let repo = repo(world, workspace);
    let n_files = files.len().min(MAX_BLAMED) as u64;
    for (n, file) in files.iter().take(MAX_BLAMED).enumerate() {
        cx.check()?;
        cx.progress(Progress::of(n as u64, n_files, Unit::Files));
        // A file that git can not blame (new, in conflict) has no authors yet.
        let Ok(authors) = world.git().todo_authors(repo, file, cx.cancel_token()).await else {
            continue;
        };
        if !authors.is_empty() {
            cx.update(Update::TodosBlamed {
                workspace: id.clone(),
                path: file.path.clone(),
                authors,
            })
            .await;
        }
    }
    Ok(())
}

fn repo<'a>(world: &World, workspace: &'a Workspace) -> Repo<'a> {
    Repo {
        root: &workspace.root,
        is_trusted: world.trust().check(workspace).is_ok(),
    }
}

async fn read(cx: &JobCtx, world: &World, workspace: &Workspace) -> Result<Vec<TodoFile>, Problem> {
    let (git, repo, cancel) = (world.git(), repo(world, workspace), cx.cancel_token());
    let status = git.status_now(repo, cancel).await?;
    let words = world.settings().code.todo_words.clone();
    let mut files = git.todos(repo, &words, &status, cancel).await?;
    let planned = workspace.clone();
    let items: BTreeSet<String> = cx
        .blocking(move |_| Ok(Folder::open(&planned).and_then(|folder| folder.all()).unwrap_or_default()))
        .await?
        .into_iter()
        .map(|item| item.id)
        .collect();
    for todo in files.iter_mut().flat_map(|file| &mut file.todos) {
        let named = chain::words_like_ids(&todo.text);
        todo.item = named.into_iter().find(|id| items.contains(*id)).map(str::to_owned);
    }
    Ok(files)
}
