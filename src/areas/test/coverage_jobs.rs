//! Takes over coverage files, and says what of a change no test ran.

use super::coverage::{self, Coverage, Covered, Lines};
use super::{Update, source};
use crate::adapters::{World, files, scan};
use crate::areas::JobCtx;
use crate::base::diff::{DiffLook, DiffOf, LineKind};
use crate::base::{GitPath, Problem, Timestamp, Workspace};
use crate::msg;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Largest report that is read, in bytes.
const MAX_BYTES: u64 = 256 << 20;

/// What the ledger keeps: the newest coverage of a workspace.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Kept {
    pub at: Timestamp,
    pub commit: Option<String>,
    /// The sources were not those of the commit alone.
    #[serde(default)]
    pub is_dirty: bool,
    /// The report's file name.
    pub from: String,
    /// Of the one before, in percent.
    pub percent_before: Option<f64>,
    pub files: BTreeMap<PathBuf, Vec<(u32, u64)>>,
}

impl Kept {
    pub(super) fn covered(&self) -> Covered {
        self.coverage().covered()
    }

    fn coverage(&self) -> Coverage {
        let lines = |lines: &Vec<(u32, u64)>| lines.iter().copied().collect::<Lines>();
        Coverage {
            files: self.files.iter().map(|(path, own)| (path.clone(), lines(own))).collect(),
        }
    }
}

/// One file as it is shown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FileRow {
    pub path: PathBuf,
    pub covered: Covered,
    /// Lines that no test ran.
    pub missed: Vec<u32>,
    /// The file was written after the report: its lines may be others.
    pub is_stale: bool,
    /// Lines of a change, and those of them that no test ran.
    pub changed: Option<(u64, Vec<u32>)>,
}

/// Coverage as it is shown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Shown {
    pub at: Timestamp,
    pub commit: Option<String>,
    /// The sources were not those of the commit alone.
    #[serde(default)]
    pub is_dirty: bool,
    pub from: String,
    pub covered: Covered,
    pub percent_before: Option<f64>,
    /// By path.
    pub files: Vec<FileRow>,
    /// Where the workspace stands in its repository.
    #[serde(default)]
    pub below: PathBuf,
}

impl Shown {
    /// Lines, ascending, of the new side of a difference that no test ran. `path` counts from the top of the repository. None where
    /// the report is of another version of the file.
    pub fn missed_in(&self, of: &DiffOf, path: &GitPath) -> Option<&[u32]> {
        let path = path.to_path_buf();
        let path = path.strip_prefix(&self.below).ok()?;
        let row = self.files.binary_search_by(|row| row.path.as_path().cmp(path)).ok()?;
        let row = &self.files[row];
        let is_this = match of {
            DiffOf::Unstaged | DiffOf::Both | DiffOf::Between { to: None, .. } => !row.is_stale,
            DiffOf::Commit { oid } | DiffOf::Between { to: Some(oid), .. } => {
                !self.is_dirty && self.commit.as_deref() == Some(oid)
            }
            DiffOf::Staged => false,
        };
        is_this.then_some(row.missed.as_slice())
    }
}

fn kv_name(workspace: &Workspace) -> String {
    format!("test-coverage/{}", workspace.id.0)
}

pub(super) async fn kept(world: &World, workspace: &Workspace) -> Result<Option<Kept>, Problem> {
    world.store().kv().get(&kv_name(workspace)).await
}

/// Reads a report and keeps it.
pub(super) async fn import(cx: JobCtx, world: World, workspace: Workspace, file: PathBuf) -> Result<(), Problem> {
    let report = Report {
        path: file,
        module: None,
    };
    keep(&cx, &world, &workspace, vec![report]).await
}

/// A coverage file, and what the paths in it mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Report {
    pub path: PathBuf,
    /// Of go: the module's path, and its folder below the workspace.
    pub module: Option<(String, PathBuf)>,
}

/// Reads reports and keeps them as one.
pub(super) async fn keep(cx: &JobCtx, world: &World, workspace: &Workspace, reports: Vec<Report>) -> Result<(), Problem> {
    let sources = source::stamp(cx, source::read(world, workspace).await).await;
    let root = workspace.root.clone();
    let from: Vec<String> = reports
        .iter()
        .filter_map(|report| Some(report.path.file_name()?.to_string_lossy().into_owned()))
        .collect();
    let (coverage, problems) = cx
        .blocking(move |_| {
            let (mut all, mut problems) = (Coverage::default(), Vec::new());
            for report in reports {
                let text = files::read_text(&report.path, MAX_BYTES)?;
                let (mut coverage, found) = coverage::parse(&text, &report.path)?;
                if let Some((module, dir)) = &report.module {
                    coverage = coverage::of_module(coverage, module, dir);
                }
                problems.extend(found);
                let dir = report.path.parent().unwrap_or(Path::new("")).to_path_buf();
                let named = coverage::relative(coverage, &root, &dir, &|below| scan::is_file(&root.join(below)));
                all.files.extend(named.files);
            }
            let is_here = |path: &PathBuf| scan::is_file(&root.join(path));
            let Some(first) = all.files.keys().next().filter(|_| !all.files.keys().any(is_here)) else {
                return Ok((all, problems));
            };
            let problem = msg!("test-coverage-elsewhere", n = all.files.len(), path = first.as_path());
            Err(Problem::user(problem)
                .code("not-found")
                .hint(msg!("test-coverage-elsewhere-hint")))
        })
        .await?;
    for problem in problems {
        cx.problem(problem).await;
    }
    let before = kept(world, workspace).await?;
    let kept = Kept {
        at: cx.now(),
        commit: sources.commit,
        is_dirty: sources.dirty.is_some(),
        from: from.join(", "),
        percent_before: before.and_then(|before| before.covered().percent()),
        files: coverage
            .files
            .into_iter()
            .map(|(path, lines)| (path, lines.into_iter().collect()))
            .collect(),
    };
    world.store().kv().set(&kv_name(workspace), &kept).await?;
    tell(cx, world, workspace, None).await
}

/// The same where something is kept, and nothing where not.
pub(super) async fn load(cx: JobCtx, world: World, workspace: Workspace) -> Result<(), Problem> {
    match kept(&world, &workspace).await? {
        Some(_) => tell(&cx, &world, &workspace, None).await,
        None => Ok(()),
    }
}

/// Tells what is kept, with the lines of a change: of what differs from a revision, or from HEAD.
pub(super) async fn show(cx: JobCtx, world: World, workspace: Workspace, against: Option<String>) -> Result<(), Problem> {
    if tell(&cx, &world, &workspace, against).await.is_err() {
        cx.check()?;
        return Err(Problem::user(msg!("test-no-coverage"))
            .code("not-found")
            .hint(msg!("test-no-coverage-hint")));
    }
    Ok(())
}

pub(super) async fn tell(cx: &JobCtx, world: &World, workspace: &Workspace, against: Option<String>) -> Result<(), Problem> {
    let Some(kept) = kept(world, workspace).await? else {
        return Err(Problem::user(msg!("test-no-coverage")).code("not-found"));
    };
    let git = world.git().clone();
    let root = workspace.root.clone();
    let shown = cx
        .blocking(move |cx| {
            let changed = changed_lines(&git, &root, against.as_deref().unwrap_or("HEAD"), &kept, &|| {
                cx.is_cancelled()
            });
            let written_at = std::time::SystemTime::from(kept.at);
            let coverage = kept.coverage();
            let covered = coverage.covered();
            let rows = coverage.files.into_iter().map(|(path, lines)| FileRow {
                covered: Covered::of(&lines),
                missed: lines.iter().filter(|(_, hits)| **hits == 0).map(|(line, _)| *line).collect(),
                is_stale: scan::modified(&root.join(&path)).is_some_and(|at| at > written_at),
                changed: changed.get(&path).map(|own| {
                    let counted = own.iter().filter(|line| lines.contains_key(line));
                    let missed = own.iter().filter(|line| lines.get(line) == Some(&0));
                    (counted.count() as u64, missed.copied().collect())
                }),
                path,
            });
            Ok(Shown {
                covered,
                files: rows.collect(),
                at: kept.at,
                commit: kept.commit,
                is_dirty: kept.is_dirty,
                from: kept.from,
                percent_before: kept.percent_before,
                below: git
                    .top(&root)
                    .ok()
                    .and_then(|top| Some(root.strip_prefix(top).ok()?.to_path_buf()))
                    .unwrap_or_default(),
            })
        })
        .await?;
    cx.update(Update::CoverageShown {
        workspace: workspace.id.clone(),
        coverage: Box::new(shown),
    })
    .await;
    Ok(())
}

/// Lines that were added or changed since a revision, in files that the coverage knows.
fn changed_lines(
    git: &crate::adapters::git::Git,
    root: &Path,
    revision: &str,
    kept: &Kept,
    is_over: &dyn Fn() -> bool,
) -> BTreeMap<PathBuf, Vec<u32>> {
    let of = DiffOf::Between {
        from: revision.to_owned(),
        to: None,
    };
    let mut found = BTreeMap::new();
    let Ok(top) = git.top(root) else { return found };
    let below = root.strip_prefix(&top).unwrap_or(Path::new(""));
    let Ok(compared) = git.compare(root, revision, None) else {
        return found;
    };
    for file in compared.files {
        let path = file.path.to_path_buf();
        let Ok(own) = path.strip_prefix(below) else { continue };
        if is_over() || !kept.files.contains_key(own) {
            continue;
        }
        let named: GitPath = file.path.clone();
        let Ok(diff) = git.diff(root, &of, &named, file.old_path.as_ref(), DiffLook::default(), false) else {
            continue;
        };
        let added = diff
            .hunks()
            .iter()
            .flat_map(|hunk| &hunk.lines)
            .filter(|line| line.kind == LineKind::Added);
        found.insert(own.to_path_buf(), added.filter_map(|line| line.new_no).collect());
    }
    found
}
