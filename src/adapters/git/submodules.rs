//! Submodules: what is recorded, what is checked out, and how they differ, read without running anything; changed by git's program in
//! trusted workspaces only, and never with an address that runs a program.

use super::program::Repo;
use super::{Git, GitError, blocking, open, status, worktree};
use crate::base::diff::{DiffContent, DiffFile, SubmoduleCommit};
use crate::base::trees::{SubmoduleAct, SubmoduleRow, SubmoduleState};
use crate::base::{GitPath, HostKey, Problem, SafeText};
use crate::msg;
use crate::process::Cmd;
use git2::{Oid, Repository, RepositoryOpenFlags, Sort};
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use tokio_util::sync::CancellationToken;

/// Commits that the difference of a submodule lists.
const MAX_COMMITS: usize = 100;
/// Commits that are counted beyond those.
const MAX_COUNTED: usize = 10_000;

impl Git {
    /// Every submodule of the index and of `.gitmodules`, by path; how each stands is `look_at_submodule`'s. Safe in any folder.
    pub fn submodules(&self, root: &Path) -> Result<Vec<SubmoduleRow>, Problem> {
        Ok(list(root)?)
    }

    /// What is checked out in a submodule, and how that differs from what is recorded.
    pub fn look_at_submodule(&self, root: &Path, row: &mut SubmoduleRow) -> Result<(), Problem> {
        let (_, top) = open::open_checkout(root)?;
        look(&top, row);
        Ok(())
    }

    /// Submodules with changes that git throws away together with those of the repository, because its settings let it go into them
    /// (`submodule.recurse`): nothing of theirs is kept here.
    pub fn exposed_submodules(&self, root: &Path) -> Result<Vec<GitPath>, Problem> {
        let (repo, top) = open::open_checkout(root)?;
        let recurses = repo.config().and_then(|config| config.get_bool("submodule.recurse"));
        if !recurses.unwrap_or(false) {
            return Ok(Vec::new());
        }
        let is_lost = |state: &SubmoduleState| matches!(state, SubmoduleState::Modified | SubmoduleState::Conflicted);
        let mut rows = list(root)?;
        for row in &mut rows {
            look(&top, row);
        }
        rows.retain(|row| row.states.iter().any(is_lost));
        Ok(rows.into_iter().map(|row| row.path).collect())
    }

    /// The command that does an act. Refused when an address among those that are meant would run a program.
    pub async fn submodule_cmd(&self, repo: Repo<'_>, act: &SubmoduleAct, cancel: &CancellationToken) -> Result<Cmd, Problem> {
        super::trusted(repo)?;
        let mut args: Vec<OsString> = ["-c", "protocol.ext.allow=never", "submodule"].map(Into::into).to_vec();
        let mut word = |word: &str| args.push(word.into());
        match act {
            SubmoduleAct::Init { .. } => word("init"),
            SubmoduleAct::Update {
                is_recursive,
                takes_newest,
                ..
            } => {
                word("update");
                word("--init");
                word("--progress");
                if *is_recursive {
                    word("--recursive");
                }
                if *takes_newest {
                    word("--remote");
                }
            }
            SubmoduleAct::Sync { .. } => {
                word("sync");
                word("--recursive");
            }
            SubmoduleAct::Deinit { is_forced, .. } => {
                word("deinit");
                if *is_forced {
                    word("--force");
                }
            }
            SubmoduleAct::Add { url, branch, .. } => {
                if runs_a_program(url) || url.trim().is_empty() {
                    return Err(GitError::BadAddress(url.clone()).into());
                }
                word("add");
                word("--progress");
                if let Some(branch) = branch.as_deref().filter(|branch| !branch.trim().is_empty()) {
                    if !git2::Branch::name_is_valid(branch).unwrap_or(false) {
                        return Err(GitError::BadName(branch.to_owned()).into());
                    }
                    word("--branch");
                    word(branch);
                }
            }
        }
        args.push("--".into());
        if let SubmoduleAct::Add { url, path, .. } = act {
            args.extend([url.trim().into(), os(path)]);
            return self.program().cmd(repo, &[], &args, cancel).await;
        }
        let (root, wanted) = (repo.root.to_path_buf(), act.paths().to_vec());
        let rows = blocking(move || meant(&root, &wanted)).await?;
        let goes_out = !matches!(act, SubmoduleAct::Deinit { .. });
        let hostile: Vec<&SubmoduleRow> = rows.iter().filter(|row| goes_out && row.is_hostile).collect();
        if let Some(first) = hostile.first() {
            let list: Vec<String> = hostile
                .iter()
                .map(|row| format!("{}: {}", row.path.display(), row.url))
                .collect();
            return Err(Problem::user(msg!("git-submodule-hostile", path = first.path.display()))
                .code("bad-address")
                .details(list.join("\n"))
                .hint(msg!("git-submodule-hostile-hint")));
        }
        args.extend(rows.iter().map(|row| os(&row.path)));
        self.program().cmd(repo, &[], &args, cancel).await
    }

    /// The submodules that are meant: all when no path is named.
    pub async fn meant_submodules(&self, repo: Repo<'_>, act: &SubmoduleAct) -> Result<Vec<SubmoduleRow>, Problem> {
        let (root, wanted) = (repo.root.to_path_buf(), act.paths().to_vec());
        blocking(move || {
            let (_, top) = open::open_checkout(&root)?;
            let mut rows = meant(&root, &wanted)?;
            for row in &mut rows {
                look(&top, row);
            }
            Ok(rows)
        })
        .await
    }

    /// Makes the files of a submodule what its HEAD says, untracked ones gone; to be marked before.
    pub async fn clear_submodule(&self, repo: Repo<'_>, cancel: &CancellationToken) -> Result<(), Problem> {
        super::trusted(repo)?;
        self.program()
            .write(repo, &["reset", "--hard", "--quiet"], &[], cancel)
            .await?;
        self.program().write(repo, &["clean", "-ffdq"], &[], cancel).await?;
        Ok(())
    }
}

/// Why git did not do an act on submodules, from its own words.
pub fn submodule_problem(repo: Repo<'_>, problem: Problem, words: &str) -> Problem {
    if problem.is_cancelled() || HostKey::of_problem(&problem).is_some() {
        return problem;
    }
    let says = |signs: &[&str]| signs.iter().any(|sign| words.contains(sign));
    let user = |summary| Problem::user(summary).details(words);
    if says(&["transport 'file' not allowed"]) {
        return user(msg!("git-submodule-file"))
            .code("file-protocol")
            .hint(msg!("git-submodule-file-hint"));
    }
    if says(&["not allowed"]) && says(&["transport '"]) {
        return user(msg!("git-submodule-transport")).code("bad-address");
    }
    if says(&["contains local modifications"]) {
        return user(msg!("git-submodule-dirty"))
            .code("dirty")
            .hint(msg!("git-submodule-dirty-hint"));
    }
    if says(&["already exists in the index", "already exists and is not a valid git repo"]) {
        return user(msg!("git-worktree-exists")).code("exists");
    }
    if says(&["not our ref", "did not contain", "unable to find current revision"]) {
        return user(msg!("git-submodule-no-commit"))
            .code("missing-commit")
            .hint(msg!("git-submodule-no-commit-hint"));
    }
    super::program::explain(repo, problem.details(words))
}

/// `ext::sh -c …` and other helpers, and what git would take for an option.
pub fn runs_a_program(url: &str) -> bool {
    let url = url.trim_start();
    let helper = url.split_once("::").map(|(helper, _)| helper);
    let is_helper =
        helper.is_some_and(|helper| !helper.is_empty() && helper.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c)));
    url.starts_with('-') || is_helper || url.chars().any(char::is_control)
}

fn os(path: &GitPath) -> OsString {
    OsStr::from_bytes(path.as_bytes()).to_owned()
}

fn list(root: &Path) -> Result<Vec<SubmoduleRow>, GitError> {
    let (repo, top) = open::open_checkout(root)?;
    let of = |error| GitError::of(root, error);
    let mut rows: BTreeMap<GitPath, SubmoduleRow> = BTreeMap::new();
    let row = |path: &GitPath| SubmoduleRow {
        path: path.clone(),
        folder: GitPath::of_path(&top.join(path.to_path_buf())),
        name: String::new(),
        url: String::new(),
        branch: None,
        recorded: None,
        checked_out: None,
        head_name: None,
        is_registered: false,
        is_hostile: false,
        states: Vec::new(),
        is_looked_at: false,
    };
    let index = repo.index().map_err(of)?;
    for entry in index.iter().filter(|entry| entry.mode == worktree::SUBMODULE) {
        let path = GitPath::new(entry.path.clone());
        let known = rows.entry(path.clone()).or_insert_with(|| row(&path));
        if entry.flags >> 12 & 3 > 0 {
            known.states = vec![SubmoduleState::Conflicted];
        } else {
            known.recorded = Some(entry.id.to_string());
        }
    }
    let local = repo.config().and_then(|mut config| config.snapshot()).map_err(of)?;
    for (name, settings) in modules(&top) {
        let Some(path) = settings.get("path").map(|path| GitPath::from(path.trim_end_matches('/'))) else {
            continue;
        };
        let known = rows.entry(path.clone()).or_insert_with(|| row(&path));
        let text = |key: &str| settings.get(key).map(|text| SafeText::new(text).into_string());
        known.name = SafeText::new(&name).into_string();
        known.url = text("url").unwrap_or_default();
        known.branch = text("branch");
        let registered = local.get_string(&format!("submodule.{name}.url")).ok();
        known.is_registered = registered.is_some();
        let addresses = settings.get("url").into_iter().chain(&registered);
        known.is_hostile = addresses.into_iter().any(|url| runs_a_program(url))
            || settings.get("update").is_some_and(|how| how.trim_start().starts_with('!'));
    }
    Ok(rows.into_values().collect())
}

/// What `.gitmodules` says, by name; as a link it is nobody's, as git has it.
fn modules(top: &Path) -> BTreeMap<String, BTreeMap<String, String>> {
    let mut modules: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    let file = top.join(".gitmodules");
    if !file.symlink_metadata().is_ok_and(|meta| meta.is_file()) {
        return modules;
    }
    let Ok(config) = git2::Config::open(&file) else {
        return modules;
    };
    let Ok(mut entries) = config.entries(Some("submodule\\..*")) else {
        return modules;
    };
    while let Some(Ok(entry)) = entries.next() {
        let (Ok(name), Ok(value)) = (entry.name(), entry.value()) else {
            continue;
        };
        if let Some((name, key)) = name.strip_prefix("submodule.").and_then(|rest| rest.rsplit_once('.')) {
            modules
                .entry(name.to_owned())
                .or_default()
                .insert(key.to_owned(), value.to_owned());
        }
    }
    modules
}

fn meant(root: &Path, wanted: &[GitPath]) -> Result<Vec<SubmoduleRow>, GitError> {
    let (_, top) = open::open_checkout(root)?;
    let mut rows = list(root)?;
    if rows.is_empty() {
        return Err(GitError::NoSubmodules);
    }
    if wanted.is_empty() {
        // Those that are only in `.gitmodules` are nothing that git could update.
        rows.retain(|row| row.recorded.is_some());
        return Ok(rows);
    }
    let mut meant = Vec::new();
    for path in wanted {
        let inside = match path.to_path_buf().strip_prefix(&top) {
            Ok(inside) => GitPath::of_path(inside),
            Err(_) => path.clone(),
        };
        match rows.iter().find(|row| row.path == inside) {
            Some(row) => meant.push(row.clone()),
            None => return Err(GitError::NoSubmodule(path.display())),
        }
    }
    Ok(meant)
}

/// The repository in a submodule's folder; None when it is not initialised, or a link stands in the way.
fn open_inside(top: &Path, path: &GitPath) -> Option<Repository> {
    let folder = worktree::locate(top, path).ok()?;
    if !folder.symlink_metadata().ok()?.is_dir() {
        return None;
    }
    let none: [&Path; 0] = [];
    let repo = Repository::open_ext(&folder, RepositoryOpenFlags::NO_SEARCH, none).ok()?;
    let is_here = repo.workdir().and_then(|at| at.canonicalize().ok()) == folder.canonicalize().ok();
    is_here.then_some(repo)
}

fn look(top: &Path, row: &mut SubmoduleRow) {
    let is_conflicted = row.states.contains(&SubmoduleState::Conflicted);
    row.is_looked_at = true;
    row.states.clear();
    if is_conflicted {
        row.states.push(SubmoduleState::Conflicted);
    }
    let Some(repo) = open_inside(top, &row.path) else {
        row.states.push(if row.recorded.is_none() && !is_conflicted {
            SubmoduleState::NotRecorded
        } else {
            SubmoduleState::NotInitialised
        });
        return;
    };
    let head = repo.head().ok();
    row.checked_out = head.as_ref().and_then(git2::Reference::target).map(|oid| oid.to_string());
    row.head_name = head
        .filter(git2::Reference::is_branch)
        .and_then(|head| head.shorthand().ok().map(|name| SafeText::new(name).into_string()));
    if let Some(recorded) = &row.recorded {
        let oid = Oid::from_str(recorded).ok();
        if oid.is_some_and(|oid| repo.find_commit(oid).is_err()) {
            row.states.push(SubmoduleState::MissingCommit);
        }
        if row.checked_out.as_ref() != Some(recorded) {
            row.states.push(SubmoduleState::NewCommits);
        }
    }
    let summary = repo.workdir().and_then(|folder| status::summary(folder).ok());
    match summary {
        Some(summary) => {
            if summary.n_staged + summary.n_unstaged + summary.n_conflicted > 0 {
                row.states.push(SubmoduleState::Modified);
            }
            if summary.n_untracked > 0 {
                row.states.push(SubmoduleState::Untracked);
            }
        }
        None => row.states.push(SubmoduleState::Unreadable),
    }
}

/// Adds the commits between the two sides to the difference of a submodule, where its repository has them.
pub(super) fn fill(root: &Path, file: &mut DiffFile) {
    let DiffContent::Submodule {
        old,
        new,
        commits,
        n_unlisted,
    } = &mut file.content
    else {
        return;
    };
    let Ok((repo, top)) = open::open_checkout(root) else { return };
    // Not checked out any more, its repository may still be there.
    let kept = || {
        let modules = modules(&top);
        let is_it = |settings: &BTreeMap<String, String>| {
            settings
                .get("path")
                .is_some_and(|path| path.as_bytes() == file.path.as_bytes())
        };
        let (name, _) = modules.iter().find(|(_, settings)| is_it(settings))?;
        let path = GitPath::from(name.as_str());
        let folder = worktree::locate(&repo.commondir().join("modules"), &path).ok()?;
        Repository::open_bare(folder).ok()
    };
    let Some(inside) = open_inside(&top, &file.path).or_else(kept) else {
        return;
    };
    let oid = |oid: &Option<String>| oid.as_deref().and_then(|oid| Oid::from_str(oid).ok());
    let (Some(old), Some(new)) = (oid(old), oid(new)) else {
        return;
    };
    for (from, to, is_removed) in [(old, new, false), (new, old, true)] {
        let Ok((found, n_more)) = between(&inside, from, to, is_removed) else {
            continue;
        };
        commits.extend(found);
        *n_unlisted += n_more;
    }
}

pub(super) fn between(
    repo: &Repository,
    from: Oid,
    to: Oid,
    is_removed: bool,
) -> Result<(Vec<SubmoduleCommit>, u32), git2::Error> {
    let mut walk = repo.revwalk()?;
    walk.set_sorting(Sort::TOPOLOGICAL | Sort::TIME)?;
    walk.push(to)?;
    walk.hide(from)?;
    let mut commits = Vec::new();
    let mut n_more = 0;
    for oid in walk.take(MAX_COUNTED) {
        if commits.len() == MAX_COMMITS {
            n_more += 1;
            continue;
        }
        let commit = repo.find_commit(oid?)?;
        let summary = commit.summary_bytes().unwrap_or_default();
        commits.push(SubmoduleCommit {
            oid: commit.id().to_string(),
            summary: SafeText::from_bytes(summary).into_string(),
            is_removed,
        });
    }
    Ok((commits, n_more))
}
