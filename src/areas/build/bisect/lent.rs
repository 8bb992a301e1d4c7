//! What a clean worktree borrows of the checkout: installed packages, which no commit holds.

use crate::adapters::scan::{self, Wanted};
use crate::adapters::{World, files};
use crate::areas::JobCtx;
use crate::base::Problem;
use crate::msg;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Folders below the root that may be packages of their own.
const DEPTH: usize = 4;

/// Folders of installed packages, by the file that says which ones a package needs.
fn folders_of(manifest: &str) -> &'static [&'static str] {
    match manifest {
        "package.json" => &["node_modules"],
        "pyproject.toml" | "setup.py" | "setup.cfg" | "requirements.txt" | "tox.ini" | "pytest.ini" => &[".venv", "venv"],
        _ => &[],
    }
}

/// Links the folders of the checkout into the worktree, where a test finds what it needs; gives their paths. The checkout's are used as
/// they are: what they hold is that of now, not of the commit.
pub(super) async fn lend(cx: &JobCtx, world: &World, checkout: &Path, there: &Path) -> Result<Vec<PathBuf>, Problem> {
    let (from, to) = (checkout.to_path_buf(), there.to_path_buf());
    let lent = cx
        .blocking(move |cx| {
            let is_manifest = |path: &Path| {
                path.file_name()
                    .and_then(|name| name.to_str())
                    .is_some_and(|name| !folders_of(name).is_empty())
            };
            let wanted = |path: &Path| if is_manifest(path) { Wanted::Path } else { Wanted::No };
            // A project of Python may have none of these files.
            let mut folders = BTreeSet::from([".venv", "venv"].map(PathBuf::from));
            for found in scan::walk(&to, DEPTH, &|| cx.is_cancelled(), wanted) {
                let (dir, name) = (found.path.parent().unwrap_or(Path::new("")), found.path.file_name());
                let names = folders_of(name.and_then(|name| name.to_str()).unwrap_or_default());
                folders.extend(names.iter().map(|name| dir.join(name)));
            }
            folders.retain(|folder| scan::is_dir(&from.join(folder)) && !scan::is_dir(&to.join(folder)));
            for folder in &folders {
                files::link(&from.join(folder), &to.join(folder))?;
            }
            Ok(folders)
        })
        .await?;
    if !lent.is_empty() {
        let names: Vec<String> = lent.iter().map(|folder| folder.display().to_string()).collect();
        cx.note(world.texts().msg(&msg!("bisect-lent", names = names.join(", "))));
    }
    Ok(lent.into_iter().collect())
}

/// Where Python looks first: a package that was installed to be edited stands in the checkout, and its sources are not those of the commit.
pub(super) fn python_path(there: &Path) -> String {
    let sources = there.join("src");
    let folders = [sources.as_path(), there];
    let there = folders.into_iter().filter(|folder| scan::is_dir(folder));
    there.map(|folder| folder.display().to_string()).collect::<Vec<_>>().join(":")
}
