//! Who brought the line that an error comes from, in the commit that was deployed.

use crate::adapters::World;
use crate::adapters::git::{BlameTold, Git};
use crate::adapters::store::errors::{ErrorRow, Suspect};
use crate::base::blame::{BlameCommit, BlameRun};
use crate::base::{GitPath, Problem, Workspace};
use std::path::{Path, PathBuf};

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
    let path = in_repository(file, files.iter().map(|file| file.path.as_path()))?;
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

/// The file of the repository that a trace names: the one whose path its path ends with, the longest where several do; by its name
/// alone when only one has that name.
fn in_repository<'a>(named: &str, files: impl Iterator<Item = &'a Path> + Clone) -> Option<PathBuf> {
    let named = named.replace('\\', "/");
    let named = Path::new(named.trim_start_matches("./"));
    let by_path = files
        .clone()
        .filter(|file| named.ends_with(file))
        .max_by_key(|file| file.components().count());
    if let Some(found) = by_path {
        return Some(found.to_path_buf());
    }
    // Java names the file alone, and an artifact stands in another folder than in the repository.
    let name = named.file_name()?;
    let named_so: Vec<&Path> = files.filter(|file| file.file_name() == Some(name)).collect();
    match named_so[..] {
        [only] => Some(only.to_path_buf()),
        _ => None,
    }
}
