//! Who brought the line that an error comes from, in the commit that was deployed.

use crate::adapters::World;
use crate::adapters::git::{BlameTold, Git};
use crate::adapters::store::errors::{ErrorRow, Suspect};
use crate::areas::operate::places::meant;
use crate::base::blame::{BlameCommit, BlameRun};
use crate::base::{GitPath, Problem, Workspace};
use std::path::Path;

/// Looks for the suspect and writes it down. Where git does not know the commit or the file, nothing is found.
pub(super) async fn find(world: &World, workspace: &Workspace, row: ErrorRow) -> Result<ErrorRow, Problem> {
    let Some(commit) = row.last_commit.clone().or(row.first_commit.clone()) else {
        return Ok(row);
    };
    let Some((file, line)) = row
        .place
        .rsplit_once(':')
        .and_then(|(file, line)| Some((file.to_owned(), line.parse::<u32>().ok()?)))
    else {
        return Ok(row);
    };
    let (git, root) = (world.git().clone(), workspace.root.clone());
    let found = tokio::task::spawn_blocking(move || blamed(&git, &root, &commit, &file, line)).await;
    let Ok(Some(suspect)) = found else { return Ok(row) };
    world
        .store()
        .errors()
        .change(row.id, move |row| row.suspect.clone_from(&suspect))
        .await
}

fn blamed(git: &Git, root: &Path, commit: &str, file: &str, line: u32) -> Option<Suspect> {
    let files = git.files_at(root, commit).ok()?;
    let path = meant(&files, file)?;
    let git_path = GitPath::from(path.to_str()?);
    let mut commits: Vec<BlameCommit> = Vec::new();
    let mut runs: Vec<BlameRun> = Vec::new();
    let mut tell = |told: BlameTold| {
        if let BlameTold::Runs {
            commits: more,
            runs: found,
        } = told
        {
            commits.extend(more);
            runs.extend(found);
        }
    };
    git.blame(root, &git_path, Some(commit), &|| false, &mut tell).ok()?;
    let wanted = line.checked_sub(1)?;
    let run = runs.iter().find(|run| run.line <= wanted && wanted < run.line + run.n)?;
    let by = commits.get(run.commit as usize)?;
    Some(Suspect {
        commit: by.oid.clone(),
        author: by.author.clone(),
        summary: by.summary.clone(),
        at: Some(by.authored),
        path: path.to_string_lossy().into_owned(),
        line,
    })
}
