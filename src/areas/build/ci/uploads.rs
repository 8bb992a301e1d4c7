//! Files between the jobs of GitHub Actions: what `actions/upload-artifact` keeps under a name, and where `actions/download-artifact`
//! lays it. In the ledger they stand as `NAME/path`.
//! <https://github.com/actions/upload-artifact#readme> <https://github.com/actions/download-artifact#readme>

use crate::adapters::scan;
use crate::adapters::store::builds::ArtifactRow;
use crate::adapters::store::pipelines::Given;
use crate::areas::JobCtx;
use crate::areas::build::artifacts::{self, Wanted};
use crate::areas::build::pipelines::attempt::Shared;
use crate::areas::build::pipelines::{fixed_part, matching};
use crate::base::{Problem, Workspace};
use crate::msg;
use ignore::gitignore::{Gitignore, GitignoreBuilder};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};
use std::sync::PoisonError;

/// What an upload without a name is called.
const NAME: &str = "artifact";

/// The folders of a job: a path of a step means a place in one of them.
pub(super) struct Roots<'a> {
    pub worktree: &'a Path,
    pub scratch: &'a Path,
}

impl<'a> Roots<'a> {
    /// The folder, and the path below it; None: it leads out of both.
    fn place(&self, path: &str) -> Option<(&'a Path, PathBuf)> {
        let path = Path::new(path);
        let (root, inner) = if path.is_absolute() {
            [self.worktree, self.scratch]
                .into_iter()
                .find_map(|root| Some((root, path.strip_prefix(root).ok()?)))?
        } else {
            (self.worktree, path)
        };
        let mut below = PathBuf::new();
        for part in inner.components() {
            match part {
                Component::Normal(name) => below.push(name),
                Component::CurDir => {}
                _ => return None,
            }
        }
        (!below.starts_with("~")).then_some((root, below))
    }
}

/// The files that a step keeps, each with its place in the ledger.
pub(super) async fn keep(
    cx: &JobCtx,
    shared: &Shared,
    (workspace, job): (&Workspace, &str),
    roots: &Roots<'_>,
    with: &BTreeMap<String, String>,
    joins: bool,
) -> Result<Vec<(PathBuf, ArtifactRow)>, Problem> {
    let input = |key: &str| with.get(key).map(|value| value.trim()).filter(|value| !value.is_empty());
    let name = input("name").unwrap_or(NAME).to_owned();
    let mut parts = Path::new(&name).components();
    if !matches!((parts.next(), parts.next()), (Some(Component::Normal(_)), None)) {
        return Err(Problem::config(msg!("build-artifact-leads-out", path = name)).code("leads-out"));
    }
    let with_hidden = input("include-hidden-files") == Some("true");
    let mut wanted = Vec::new();
    for line in input("path")
        .unwrap_or_default()
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
    {
        let (is_out, pattern) = line.strip_prefix('!').map_or((false, line), |pattern| (true, pattern.trim()));
        let Some((root, below)) = roots.place(pattern) else {
            return Err(Problem::config(msg!("build-artifact-leads-out", path = pattern)).code("leads-out"));
        };
        wanted.push((is_out, root.to_path_buf(), below));
    }
    let chosen = cx.blocking(move |_| Ok(choose(&wanted, with_hidden))).await?;
    for path in &chosen.leading_out {
        cx.problem(Problem::config(msg!("build-artifact-leads-out", path = path.as_path())).code("leads-out"))
            .await;
    }
    if chosen.files.is_empty() {
        let path = input("path").unwrap_or_default().lines().collect::<Vec<_>>().join(", ");
        let problem = Problem::config(msg!("build-artifact-missing", name = name.as_str(), path = path)).code("not-found");
        match input("if-no-files-found") {
            Some("error") => return Err(problem),
            Some("ignore") => {}
            _ => cx.problem(problem).await,
        }
        return Ok(Vec::new());
    }
    // Without files there is no artifact.
    if !joins && input("overwrite") != Some("true") && is_taken(shared, job, &name).await? {
        return Err(Problem::user(msg!("build-ci-artifact-taken", name = name)).code("artifact-taken"));
    }
    let files = chosen.files.iter().map(|path| Wanted {
        name: path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        path: path.clone(),
    });
    let kept = artifacts::keep(cx, &shared.world, workspace, files.collect(), &shared.sources).await?;
    if let Some(problem) = kept.lost {
        return Err(problem);
    }
    cx.note(format!("{name}: {}", kept.rows.len()));
    let place = |row: &ArtifactRow| Path::new(&name).join(row.path.strip_prefix(&chosen.base).unwrap_or(&row.path));
    Ok(kept
        .rows
        .into_iter()
        .map(|row| (place(&row), row))
        .map(|(path, row)| (path.clone(), ArtifactRow { path, ..row }))
        .collect())
}

/// Something stands under the name in this run already; from now on it does. What the job itself left when it ran before does not count.
async fn is_taken(shared: &Shared, job: &str, name: &str) -> Result<bool, Problem> {
    if !shared
        .names
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .insert(name.to_owned())
    {
        return Ok(true);
    }
    let rows = shared.world.store().pipelines().jobs(shared.run).await?;
    let mut others = rows.iter().filter(|row| row.key != job).flat_map(|row| &row.gives);
    Ok(others.any(|given| given.path.starts_with(name)))
}

/// What patterns choose.
#[derive(Default)]
struct Chosen {
    files: BTreeSet<PathBuf>,
    /// Links out of the job's folders.
    leading_out: Vec<PathBuf>,
    /// The folder that is the top of what is kept: the lowest that all patterns stand in.
    base: PathBuf,
}

fn choose(wanted: &[(bool, PathBuf, PathBuf)], with_hidden: bool) -> Chosen {
    let mut chosen = Chosen::default();
    let mut bases: Vec<PathBuf> = Vec::new();
    for (is_out, root, below) in wanted {
        let pattern = if below.as_os_str().is_empty() {
            "*".into()
        } else {
            below.to_string_lossy()
        };
        let (found, leading_out) = matching(root, &pattern);
        let is_hidden = |path: &Path| {
            path.components()
                .any(|part| part.as_os_str().to_string_lossy().starts_with('.'))
        };
        let is_meant = |path: &PathBuf| (with_hidden || !is_hidden(path)) && !path.starts_with(".git");
        let found = found.into_iter().filter(is_meant).map(|path| root.join(path));
        if *is_out {
            let out: BTreeSet<PathBuf> = found.collect();
            chosen.files.retain(|path| !out.contains(path));
        } else {
            chosen.files.extend(found);
            chosen.leading_out.extend(leading_out);
            bases.push(root.join(fixed_part(below)));
        }
    }
    let mut bases = bases.into_iter();
    if let Some(mut base) = bases.next() {
        for other in bases {
            while !other.starts_with(&base) && base.pop() {}
        }
        if scan::is_file(&base) {
            base.pop();
        }
        chosen.base = base;
    }
    chosen
}

/// Lays out the files that earlier jobs kept: those of one name, or of all names each in a folder of its own.
pub(super) async fn lay_out(
    cx: &JobCtx,
    shared: &Shared,
    roots: &Roots<'_>,
    given: &[Given],
    with: &BTreeMap<String, String>,
) -> Result<(), Problem> {
    let input = |key: &str| with.get(key).map(|value| value.trim()).filter(|value| !value.is_empty());
    let to = input("path").unwrap_or_default();
    let Some((root, below)) = roots.place(to) else {
        return Err(Problem::config(msg!("build-artifact-leads-out", path = to)).code("leads-out"));
    };
    let pattern = input("pattern").map(glob).transpose()?;
    let is_merged = input("merge-multiple") == Some("true");
    let meant = given.iter().filter_map(|file| {
        let name = file.path.components().next()?;
        let inner = file.path.strip_prefix(name).ok()?;
        let path = match (input("name"), &pattern) {
            (Some(wanted), _) => (Path::new(wanted) == Path::new(&name)).then(|| inner.to_path_buf())?,
            (None, Some(pattern)) if !pattern.matched(Path::new("/").join(name), false).is_ignore() => return None,
            (None, _) if is_merged => inner.to_path_buf(),
            (None, _) => file.path.clone(),
        };
        Some(Given { path, ..file.clone() })
    });
    let meant: Vec<Given> = meant.collect();
    if let (true, Some(name)) = (meant.is_empty(), input("name")) {
        return Err(Problem::user(msg!("build-ci-no-artifact", name = name)).code("not-found"));
    }
    cx.note(format!("{}: {}", if to.is_empty() { "." } else { to }, meant.len()));
    shared.lay_out(cx, &root.join(below), &meant).await
}

fn glob(pattern: &str) -> Result<Gitignore, Problem> {
    let wrong = |error| Problem::config(msg!("build-ci-no-artifact", name = pattern)).details(error);
    let mut builder = GitignoreBuilder::new("/");
    builder.add_line(None, &format!("/{pattern}")).map_err(wrong)?;
    builder.build().map_err(wrong)
}
