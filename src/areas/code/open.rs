//! Files opened in the user's editor, at a line.

use super::Update;
use crate::adapters::World;
use crate::adapters::editor::{self, Place};
use crate::areas::{JobCtx, JobSpec};
use crate::base::{GitPath, Problem, Workspace};
use crate::msg;

/// The job that opens a file. A relative path counts from the top of the repository, else from the workspace.
pub(super) fn opening(world: World, workspace: Workspace, place: (GitPath, u32, u32), is_at_terminal: bool) -> JobSpec {
    let id = workspace.id.clone();
    let title = msg!("code-job-open", path = place.0.display());
    JobSpec::new("code", title, move |cx| open(cx, world, workspace, place, is_at_terminal)).workspace(&id)
}

/// Opens a file in the user's editor.
pub async fn open(
    cx: JobCtx,
    world: World,
    workspace: Workspace,
    (path, line, column): (GitPath, u32, u32),
    is_at_terminal: bool,
) -> Result<(), Problem> {
    let (git, root, inside) = (world.git().clone(), workspace.root.clone(), path.to_path_buf());
    let file = cx
        .blocking(move |_| {
            let below_top = git.top(&root).map(|top| top.join(&inside));
            Ok(below_top
                .ok()
                .filter(|file| crate::adapters::scan::is_file(file))
                .unwrap_or_else(|| root.join(&inside)))
        })
        .await?;
    let log = world.dirs().logs.join("editor.log");
    let configured = world.settings().general.editor.clone();
    let place = Place { file, line, column };
    if is_at_terminal && let Some(argv) = editor::at_terminal(world.processes(), &configured, &workspace.root, &place)? {
        cx.update(Update::Opened {
            workspace: workspace.id,
            argv,
            is_left: true,
        })
        .await;
        return Ok(());
    }
    let opened = editor::open(world.processes(), &configured, &workspace.root, &log, &place);
    let argv = cx.until_cancelled(opened).await??;
    cx.update(Update::Opened {
        workspace: workspace.id,
        argv,
        is_left: false,
    })
    .await;
    Ok(())
}
