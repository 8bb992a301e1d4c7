//! The files of other CIs in a checkout or a commit, with the facts of repository and machine that they are read with. Runs nothing.

use super::{Choice, Facts, Workflow, github, gitlab, versions};
use crate::adapters::World;
use crate::adapters::git::Git;
use crate::adapters::process::Processes;
use crate::adapters::scan;
use crate::areas::JobCtx;
use crate::base::{Problem, Workspace};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Larger files are not read.
const MAX_BYTES: u64 = 4 << 20;

/// What was found.
#[derive(Clone, Debug, Default)]
pub struct Found {
    pub workflows: Vec<Workflow>,
    pub problems: Vec<Problem>,
}

/// Where the texts come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum From {
    /// As they stand in the folder.
    Checkout,
    Commit(String),
}

/// Every file of another CI, read with what is chosen of it. A folder that is no repository has none.
pub async fn all(cx: &JobCtx, world: &World, workspace: &Workspace, from: From, choice: &Choice) -> Result<Found, Problem> {
    let found = read_with(cx, world, workspace, &from, choice, BTreeMap::new()).await?;
    let programs = versions::asked_for(&found.workflows);
    if programs.is_empty() {
        return Ok(found);
    }
    let known = versions::of(cx, world, programs).await?;
    read_with(cx, world, workspace, &from, choice, known).await
}

async fn read_with(
    cx: &JobCtx,
    world: &World,
    workspace: &Workspace,
    from: &From,
    choice: &Choice,
    versions: BTreeMap<String, String>,
) -> Result<Found, Problem> {
    let (git, processes) = (world.git().clone(), world.processes().clone());
    let (root, name) = (workspace.root.clone(), workspace.name.clone());
    let (from, choice) = (from.clone(), choice.clone());
    cx.blocking(move |_| read(&git, &processes, (&root, &name), &from, &choice, &versions))
        .await
}

fn read(
    git: &Git,
    processes: &Processes,
    (root, name): (&Path, &str),
    from: &From,
    choice: &Choice,
    versions: &BTreeMap<String, String>,
) -> Result<Found, Problem> {
    let here = |path: &Path| scan::is_dir(&root.join(path)) || scan::is_file(&root.join(path));
    if *from == From::Checkout && !here(Path::new(github::FOLDER)) && !here(Path::new(gitlab::FILE)) {
        return Ok(Found::default());
    }
    let head = git.head_of(root).unwrap_or_default();
    let top = git.top(root).unwrap_or_else(|_| root.to_path_buf());
    let inside = root.strip_prefix(&top).unwrap_or(Path::new("")).to_path_buf();
    let oid = match from {
        From::Commit(oid) => Some(oid.clone()),
        From::Checkout => head.oid.clone(),
    };
    // Only GitLab asks for other files; a walk of a large tree is not for every look at the page.
    let wants_all = *from != From::Checkout || here(Path::new(gitlab::FILE));
    let mut paths: Vec<PathBuf> = match oid.as_ref().filter(|_| wants_all) {
        Some(oid) => git.files_at(root, oid)?.into_iter().map(|file| file.path).collect(),
        None => Vec::new(),
    };
    if inside != Path::new("") {
        let below = |path: PathBuf| path.strip_prefix(&inside).ok().map(Path::to_path_buf);
        paths = paths.into_iter().filter_map(below).collect();
    }
    if *from == From::Checkout {
        // Workflows that are not committed yet are files too.
        for file in scan::every_file(&root.join(github::FOLDER)) {
            if let Ok(path) = file.strip_prefix(root)
                && !paths.iter().any(|known| known == path)
            {
                paths.push(path.to_path_buf());
            }
        }
    }
    let text = |path: &Path| match from {
        From::Checkout => scan::read_text(&root.join(path), MAX_BYTES),
        From::Commit(oid) => git.text_at(root, oid, &inside.join(path)).ok().flatten(),
    };
    let is_head = oid.is_none() || oid == head.oid;
    let branch = head.branch.clone().filter(|_| is_head);
    let default_branch = head.default_branch.clone().unwrap_or_else(|| {
        let is_there = |branch: &&str| git.resolve(root, &format!("refs/heads/{branch}")).is_ok();
        ["main", "master"].into_iter().find(is_there).unwrap_or("main").to_owned()
    });
    let origin = head.origin.clone();
    let repository = origin.as_deref().and_then(slug_of).unwrap_or_else(|| format!("local/{name}"));
    let never_below = root.to_path_buf();
    let has_program = |program: &str| processes.resolve(program, Some(&never_below)).is_ok();
    // A look at the checkout reads no commit that nothing asks for.
    let commit = oid.clone().unwrap_or_default();
    let head = |text: &str| {
        let mut of_commit = ["github.event", "toJSON(github)"].iter().chain(gitlab::OF_COMMIT);
        let is_asked = *from != From::Checkout || of_commit.any(|name| text.contains(name));
        is_asked.then(|| git.commit(root, &commit).ok()).flatten()
    };
    let base = || branch_here(git, root, &default_branch);
    let known_changes = RefCell::new(BTreeMap::new());
    let changed = |since: Option<&str>| {
        let read = || {
            let from = match since {
                None => format!("{commit}^"),
                Some(since) => format!("{}...{commit}", branch_here(git, root, since)?),
            };
            let compared = git
                .compare(root, &from, Some(&commit))
                .ok()
                .filter(|all| all.n_unlisted == 0)?;
            let paths = compared
                .files
                .iter()
                .flat_map(|file| file.old_path.iter().chain([&file.path]));
            let paths = paths.filter_map(|path| path.to_path_buf().strip_prefix(&inside).ok().map(Path::to_path_buf));
            Some(paths.collect::<Vec<PathBuf>>())
        };
        let mut known = known_changes.borrow_mut();
        known.entry(since.map(str::to_owned)).or_insert_with(read).clone()
    };
    let facts = Facts {
        repository,
        host: origin.as_deref().and_then(host_of),
        branch: branch.unwrap_or_else(|| default_branch.clone()),
        default_branch: default_branch.clone(),
        commit: oid.unwrap_or_default(),
        actor: git.user_name(root).unwrap_or_else(|| "local".to_owned()),
        head: &head,
        changed: &changed,
        base: &base,
        is_on_host: choice.is_on_host,
        wanted: choice.job.as_deref(),
        event: choice.event.as_deref(),
        inputs: &choice.inputs,
        has_program: &has_program,
        versions,
        text: &text,
        paths: &paths,
    };
    let mut found = Found::default();
    for path in github::files(&paths) {
        if let Some(text) = text(&path) {
            found.take(github::read(&path, &text, &facts));
        }
    }
    if let Some(text) = text(Path::new(gitlab::FILE)) {
        found.take(gitlab::read(&text, &facts));
    }
    Ok(found)
}

/// The commit of a branch as the remote had it last, else as it is here, or of another revision.
fn branch_here(git: &Git, root: &Path, name: &str) -> Option<String> {
    let name = name.strip_prefix("refs/heads/").unwrap_or(name);
    let places = ["refs/remotes/origin/", "refs/heads/", "refs/tags/", ""].map(|place| format!("{place}{name}"));
    places.iter().find_map(|place| git.resolve(root, place).ok())
}

impl Found {
    fn take(&mut self, (workflow, problems): super::Read) {
        self.workflows.extend(workflow);
        self.problems.extend(problems);
    }
}

/// `owner/name` of an address of a remote: the last two parts of its path.
fn slug_of(url: &str) -> Option<String> {
    let url = url.trim_end_matches('/').trim_end_matches(".git");
    let path = match url.split_once("://") {
        Some((_, rest)) => rest.split_once('/')?.1,
        None => url.split_once(':').map_or(url, |(_, path)| path),
    };
    let mut parts = path.rsplit('/').filter(|part| !part.is_empty());
    let (name, owner) = (parts.next()?, parts.next()?);
    Some(format!("{owner}/{name}"))
}

/// The machine of an address of a remote; a folder has none.
fn host_of(url: &str) -> Option<String> {
    let rest = match url.split_once("://") {
        Some(("file", _)) => return None,
        Some((_, rest)) => rest.split('/').next()?,
        None => url.split_once(':').map(|(host, _)| host).filter(|host| !host.contains('/'))?,
    };
    let host = rest.rsplit('@').next().unwrap_or(rest);
    let host = host.split(':').next().unwrap_or(host);
    (!host.is_empty()).then(|| host.to_owned())
}
