//! When the changes of a deployment were made. A commit that was squashed, rebased or picked has the time of the work it stands for,
//! found by what it changes (its patch), as long as that work still stands in some branch.

use crate::adapters::World;
use crate::adapters::git::program::Repo;
use crate::areas::JobCtx;
use crate::areas::release::packages;
use crate::base::{Timestamp, Workspace};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;

/// Commits on top of the work that is deployed first that may be of releases.
const MAX_RELEASES: usize = 10;
/// Commits of one deployment that are counted, and of those whose patches are looked at.
const MAX_COMMITS: usize = 1000;
const MAX_PATCHES: usize = 200;
/// Branches that may hold the work of a squash.
const MAX_BRANCHES: usize = 60;

type Patch = [u8; 32];

/// When the commits were made that `commit` has and `before` has not; of the first deployment those since the tag before it, all of the
/// first version, and at least the last work. Those that a release made are no work. Nothing where git does not know them.
pub async fn commit_times(
    world: &World,
    workspace: &Workspace,
    before: Option<&str>,
    commit: &str,
    cx: &JobCtx,
) -> Vec<Timestamp> {
    let git = Git { world, workspace, cx };
    let is_oid = |text: &str| text.len() >= 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !is_oid(commit) {
        return Vec::new();
    }
    let first_of = match before {
        Some(_) => None,
        None => git.tag_before(commit).await,
    };
    let since = before
        .filter(|before| is_oid(before) && *before != commit)
        .or(first_of.as_deref());
    // Of the first version that was ever made all is new; of what nobody called a version only the last work is known to be.
    let is_first_version = since.is_none() && git.has_tag(commit).await;
    let range = match since {
        Some(before) => vec![commit.to_owned(), format!("^{before}")],
        None if is_first_version => vec![commit.to_owned()],
        None => vec![format!("--max-count={MAX_RELEASES}"), commit.to_owned()],
    };
    let mut times = git.times(&range).await;
    if since.is_none() && !is_first_version {
        times.truncate(1);
    }
    let made = git.work_behind(&range, commit).await;
    let mut all = Vec::new();
    for (oid, time) in std::mem::take(&mut times) {
        match made.get(&oid) {
            Some(work) => all.extend(work.iter().copied()),
            None => all.push(time),
        }
    }
    all.into_iter().filter_map(|secs| Timestamp::from_second(secs).ok()).collect()
}

struct Git<'a> {
    world: &'a World,
    workspace: &'a Workspace,
    cx: &'a JobCtx,
}

impl Git<'_> {
    async fn read(&self, args: &[String]) -> String {
        let repo = Repo {
            root: &self.workspace.root,
            is_trusted: false,
        };
        let answer = self
            .world
            .git_program()
            .read(repo, args, self.cx.cancel_token())
            .await
            .unwrap_or_default();
        String::from_utf8_lossy(&answer).into_owned()
    }

    async fn ask(&self, words: &[&str], range: &[String]) -> String {
        let mut args: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        args.extend(range.iter().cloned());
        args.push("--".to_owned());
        self.read(&args).await
    }

    /// The tag below a commit that is nearest to it.
    async fn tag_before(&self, commit: &str) -> Option<String> {
        let args = ["describe", "--tags", "--abbrev=0", &format!("{commit}^")].map(str::to_owned);
        let tag = self.read(&args).await;
        let name = Some(tag.trim()).filter(|tag| !tag.is_empty() && !tag.starts_with('-'))?;
        Some(format!("refs/tags/{name}"))
    }

    async fn has_tag(&self, commit: &str) -> bool {
        let args = ["tag", "--points-at", commit].map(str::to_owned);
        !self.read(&args).await.trim().is_empty()
    }

    /// Commits with the time when each was made: of a rebased one, when it was written first. Those that state a version are no work.
    async fn times(&self, range: &[String]) -> Vec<(String, i64)> {
        let max = format!("--max-count={MAX_COMMITS}");
        let has_own = range.iter().any(|word| word.starts_with("--max-count"));
        let words: &[&str] = if has_own {
            &["log", "--format=%H %ct %at %s"]
        } else {
            &["log", "--format=%H %ct %at %s", &max]
        };
        let text = self.ask(words, range).await;
        text.lines()
            .filter_map(|line| {
                let mut parts = line.splitn(4, ' ');
                let oid = parts.next()?.to_owned();
                let committed: i64 = parts.next()?.parse().ok()?;
                let written: i64 = parts.next()?.parse().ok()?;
                if packages::is_subject(parts.next().unwrap_or_default()) {
                    return None;
                }
                // An author's clock that is far off says nothing.
                let is_likely = written <= committed && committed - written < 365 * 86_400;
                Some((oid, if is_likely { written } else { committed }))
            })
            .collect()
    }

    /// Of squashed commits the times of the commits that they stand for.
    async fn work_behind(&self, range: &[String], commit: &str) -> BTreeMap<String, Vec<i64>> {
        let mut found = BTreeMap::new();
        let branches = self.branches_without(commit).await;
        if branches.is_empty() {
            return found;
        }
        let patches = self.patches(range).await;
        if patches.is_empty() {
            return found;
        }
        for branch in branches {
            if self.cx.check().is_err() {
                return BTreeMap::new();
            }
            let base = self.read(&["merge-base".to_owned(), commit.to_owned(), branch.clone()]).await;
            let base = base.trim();
            if base.is_empty() {
                continue;
            }
            let diff = self
                .ask(&["diff", "--no-color", "--no-renames", "-U3"], &[format!("{base}..{branch}")])
                .await;
            let Some(oid) = patch_of(&diff).and_then(|patch| patches.get(&patch)) else {
                continue;
            };
            let work = self.times(&[branch.clone(), format!("^{base}")]).await;
            // One commit that was only moved has its own time already.
            if !work.is_empty() {
                found.insert(oid.clone(), work.into_iter().map(|(_, time)| time).collect());
            }
        }
        found
    }

    /// Branches, here and of remotes, whose work is not in this commit as it is.
    async fn branches_without(&self, commit: &str) -> Vec<String> {
        let args = [
            "for-each-ref",
            "--format=%(objectname)",
            "--sort=-committerdate",
            "--no-merged",
            commit,
            &format!("--count={MAX_BRANCHES}"),
            "refs/heads",
            "refs/remotes",
        ];
        let text = self.read(&args.map(str::to_owned)).await;
        let mut tips: Vec<String> = text.lines().map(|line| line.trim().to_owned()).collect();
        tips.sort();
        tips.dedup();
        tips.retain(|tip| !tip.is_empty());
        tips
    }

    async fn patches(&self, range: &[String]) -> BTreeMap<Patch, String> {
        let max = format!("--max-count={MAX_PATCHES}");
        let mut words = vec![
            "log",
            "--no-merges",
            "--no-color",
            "--no-renames",
            "-U3",
            "-p",
            "--format=%x00%H",
        ];
        if !range.iter().any(|word| word.starts_with("--max-count")) {
            words.push(&max);
        }
        let text = self.ask(&words, range).await;
        text.split('\0')
            .filter_map(|part| {
                let (oid, diff) = part.split_once('\n')?;
                Some((patch_of(diff)?, oid.trim().to_owned()))
            })
            .collect()
    }
}

/// What a diff changes, wherever in the files (as `git patch-id` sees it): without places, blob names and white space. None when it
/// changes nothing.
pub fn patch_of(diff: &str) -> Option<Patch> {
    let mut hash = Sha256::new();
    let mut has_any = false;
    for line in diff.lines() {
        if line.starts_with("index ") || line.starts_with("@@") || line.trim().is_empty() {
            continue;
        }
        has_any |= line.starts_with('+') || line.starts_with('-');
        for word in line.split_ascii_whitespace() {
            hash.update(word.as_bytes());
        }
        hash.update(b"\n");
    }
    has_any.then(|| hash.finalize().into())
}
