//! Acts on branches, tags, remotes and commits: each is one call of git's program, in trusted workspaces, with the user's hooks,
//! credentials and signatures. What git says goes to whoever runs the command; why it failed is put into words here.

use super::commit::find;
use super::open::open;
use super::program::{GitProgram, Repo};
use super::submodules::runs_a_program;
use super::{Git, GitError, blocking, push};
use crate::base::git_act::{GitAct, MergeMode, PullMode, Push, ROOT, ResetMode, Verdict};
use crate::base::repo::{Operation, Refs, RemoteRow, short_oid};
use crate::base::{Problem, SafeText};
use crate::process::Cmd;
use git2::{Repository, RepositoryState};
use std::collections::BTreeSet;
use std::path::Path;
use tokio_util::sync::CancellationToken;

impl Git {
    /// The command that does an act; `Resolve` is not one of git's, see `Git::resolve_conflict`.
    pub async fn act_cmd(&self, repo: Repo<'_>, act: &GitAct, cancel: &CancellationToken) -> Result<Cmd, Problem> {
        super::trusted(repo)?;
        if let GitAct::RunPlan { plan } = act {
            return self.plan_cmd(repo, plan, cancel).await;
        }
        let (root, wanted) = (repo.root.to_path_buf(), act.clone());
        let args = blocking(move || args(&root, &wanted)).await?;
        self.program().cmd(repo, &[], &args, cancel).await
    }
}

/// A commit as it is named in words: `1a2b3c4 Its subject`.
fn called(commit: &git2::Commit<'_>) -> String {
    let summary = commit.summary().ok().flatten().unwrap_or_default();
    format!("{} {}", short_oid(&commit.id().to_string()), SafeText::new(summary))
}

/// The highest version among the tags, final ones before others; None where no tag is one.
pub(super) fn highest_version(root: &Path) -> Result<Option<String>, GitError> {
    let repo = open(root)?;
    let names = repo.tag_names(None).map_err(|error| GitError::of(root, error))?;
    let versions = names.iter().flatten().flatten().filter_map(|name| {
        let text = name.strip_prefix('v').unwrap_or(name);
        semver::Version::parse(text).ok()
    });
    let highest = versions.max_by(|a, b| (a.pre.is_empty(), a).cmp(&(b.pre.is_empty(), b)));
    Ok(highest.map(|version| version.to_string()))
}

/// The other repositories, with the addresses as they are configured.
pub(super) fn remotes(repo: &Repository, root: &Path) -> Result<Vec<RemoteRow>, GitError> {
    let names = repo.remotes().map_err(|error| GitError::of(root, error))?;
    let row = |name: &str| {
        let remote = repo.find_remote(name).ok()?;
        let text = |bytes: &[u8]| SafeText::from_bytes(bytes).into_string();
        Some(RemoteRow {
            name: SafeText::new(name).into_string(),
            url: text(remote.url_bytes()),
            push_url: remote.pushurl_bytes().map(text),
        })
    };
    Ok(names.iter().flatten().flatten().filter_map(row).collect())
}

/// Which branches HEAD has all commits of: one question for all, which git answers from the commit-graph.
pub(super) async fn mark_merged(
    program: &GitProgram,
    repo: Repo<'_>,
    refs: &mut Refs,
    cancel: &CancellationToken,
) -> Result<(), Problem> {
    let args = [
        "for-each-ref",
        "--merged=HEAD",
        "--format=%(refname)",
        "refs/heads",
        "refs/remotes",
    ];
    // Before the first commit HEAD is none to compare with.
    let output = program.read_output(repo, &args, cancel).await?;
    let merged: BTreeSet<String> = output
        .stdout
        .split(|byte| *byte == b'\n')
        .map(|name| SafeText::from_bytes(name).into_string())
        .collect();
    for branch in &mut refs.branches {
        let folder = if branch.is_remote { "refs/remotes/" } else { "refs/heads/" };
        branch.is_merged = merged.contains(&format!("{folder}{}", branch.name));
    }
    Ok(())
}

/// The arguments, once everything that the act names was found.
fn args(root: &Path, act: &GitAct) -> Result<Vec<String>, GitError> {
    let repo = open(root)?;
    let mut args = Args::new(root, &repo);
    match act {
        GitAct::RenameBranch { from, to } => {
            args.words(&["branch", "--move"]).branch(from)?.new_branch(to)?;
        }
        GitAct::DeleteBranch { name, is_forced } => {
            args.words(&["branch", if *is_forced { "-D" } else { "-d" }]).branch(name)?;
        }
        GitAct::SetUpstream { branch, upstream } => {
            args.words(&["branch"]);
            match upstream {
                Some(upstream) => {
                    find(&repo, upstream)?;
                    args.word(format!("--set-upstream-to={upstream}"));
                }
                None => {
                    args.words(&["--unset-upstream"]);
                }
            }
            args.branch(branch)?;
        }
        GitAct::Merge { what, mode, message } => {
            args.words(&["merge", "--no-edit", "--progress"]);
            args.words(match mode {
                MergeMode::Auto => &[],
                MergeMode::FastForward => &["--ff-only"],
                MergeMode::NoFastForward => &["--no-ff"],
                MergeMode::Squash => &["--squash"],
            });
            if let Some(message) = message.as_ref().filter(|message| !message.trim().is_empty()) {
                args.words(&["-m", message]);
            }
            args.revision(what)?;
        }
        GitAct::Rebase {
            onto,
            since,
            is_autosquash,
            keeps_merges,
        } => {
            // Interactive for autosquash's sake; the list is taken as git writes it.
            args.words(&["rebase", "--autostash"]);
            args.words(if *is_autosquash {
                &["--interactive", "--autosquash"]
            } else {
                &["--no-autosquash"]
            });
            if *keeps_merges {
                args.words(&["--rebase-merges"]);
            }
            match since {
                Some(since) if since == ROOT => args.words(&["--root", "--onto"]).revision(onto)?,
                Some(since) => args.words(&["--onto"]).revision(onto)?.revision(since)?,
                None => args.revision(onto)?,
            };
        }
        GitAct::CherryPick {
            commits,
            mainline,
            notes_origin,
        } => {
            args.words(&["cherry-pick", "--allow-empty"]);
            if *notes_origin {
                args.words(&["-x"]);
            }
            args.commits(commits, *mainline)?;
        }
        GitAct::Revert { commits, mainline } => {
            args.words(&["revert", "--no-edit"]).commits(commits, *mainline)?;
        }
        GitAct::Reset { to, mode } => {
            args.words(match mode {
                ResetMode::Soft => &["reset", "--soft"],
                ResetMode::Mixed => &["reset", "--mixed"],
                ResetMode::Hard => &["reset", "--hard"],
            });
            args.oid(to)?;
        }
        GitAct::CreateTag {
            name,
            at,
            message,
            is_signed,
        } => {
            args.words(&["tag"]);
            match (message.as_ref().filter(|message| !message.trim().is_empty()), is_signed) {
                (Some(message), false) => args.words(&["--annotate", "-m", message]),
                (Some(message), true) => args.words(&["--sign", "-m", message]),
                (None, true) => args.words(&["--sign", "-m", name]),
                (None, false) => args.words(&["--no-sign"]),
            };
            args.tag_name(name)?;
            if let Some(at) = at {
                args.oid(at)?;
            }
        }
        GitAct::DeleteTag { name } => {
            args.words(&["tag", "--delete"]).tag(name)?;
        }
        GitAct::AddRemote { name, url } => {
            args.words(&["remote", "add"]).remote_name(name)?.url(url)?;
        }
        GitAct::RenameRemote { from, to } => {
            args.words(&["remote", "rename", "--no-progress"])
                .remote(from)?
                .remote_name(to)?;
        }
        GitAct::SetRemoteUrl { name, url } => {
            args.words(&["remote", "set-url"]).remote(name)?.url(url)?;
        }
        GitAct::RemoveRemote { name } => {
            args.words(&["remote", "remove"]).remote(name)?;
        }
        GitAct::PruneRemote { name } => {
            args.words(&["remote", "prune"]).remote(name)?;
        }
        GitAct::Fetch { remote } => {
            // What went away is kept before git may clean up: see `tidy_cmd`.
            args.words(&["fetch", "--progress", "--prune", "--no-auto-maintenance"]);
            match remote {
                Some(remote) => args.remote(remote)?,
                None => {
                    args.some_remote(None)?;
                    args.words(&["--all"])
                }
            };
        }
        GitAct::Pull { mode } => {
            args.words(&["pull", "--progress"]);
            args.words(match mode {
                PullMode::Configured if says_how_to_pull(&repo) => &[],
                // What git would do, without a page of advice where it can not.
                PullMode::Configured => &["--ff-only"],
                PullMode::Merge => &["--no-rebase", "--no-edit"],
                PullMode::Rebase => &["--rebase", "--autostash"],
                PullMode::FastForward => &["--ff-only"],
            });
        }
        GitAct::Push { push } => args.push(push)?,
        GitAct::PushTag { remote, name } => {
            let remote = push::remote_of_tags(args.repo, args.root, remote.as_deref())?;
            args.not_as_mirror(&remote).words(&["push", "--progress", &remote]);
            args.tag(name)?;
            let name = args.list.pop().unwrap_or_default();
            args.word(format!("refs/tags/{name}"));
        }
        GitAct::DeleteRemoteBranch { remote, name } => {
            args.not_as_mirror(remote)
                .words(&["push", "--progress", "--delete"])
                .remote(remote)?;
            args.checked(&format!("refs/heads/{name}"))?;
        }
        GitAct::DeleteRemoteTag { remote, name } => {
            args.not_as_mirror(remote)
                .words(&["push", "--progress", "--delete"])
                .remote(remote)?;
            args.checked(&format!("refs/tags/{name}"))?;
        }
        GitAct::Continue => args.step("--continue")?,
        GitAct::Skip => args.step("--skip")?,
        GitAct::Abort => args.step("--abort")?,
        GitAct::BisectStart { bad, good } => {
            let under_way = super::operation::kind(&repo);
            match under_way {
                Some(Operation::Bisect) => return Err(GitError::BisectUnderWay),
                Some(_) => return Err(GitError::OtherUnderWay),
                None => {}
            }
            args.words(&["bisect", "start"]).oid(bad)?;
            for good in good {
                args.oid(good)?;
            }
            args.words(&["--"]);
        }
        GitAct::Bisect { verdict } => {
            let terms = super::operation::bisect_terms(&repo);
            args.in_bisect()?.words(&["bisect"]).word(match verdict {
                Verdict::Good => terms.good,
                Verdict::Bad => terms.bad,
                Verdict::Skip => "skip".to_owned(),
            });
        }
        GitAct::BisectReset => {
            args.in_bisect()?.words(&["bisect", "reset"]);
        }
        GitAct::Restore { revision, paths } => {
            args.words(&["restore", "--worktree", "--source"])
                .oid(revision)?
                .words(&["--"]);
            let tree = find(&repo, revision)?.tree().map_err(|error| GitError::of(root, error))?;
            for path in paths {
                if path.as_bytes() == b"." {
                    args.word(":/".to_owned());
                    continue;
                }
                let is_there = tree.get_path(&path.to_path_buf()).is_ok();
                let name = std::str::from_utf8(path.as_bytes()).ok().filter(|_| is_there);
                let name = name.ok_or_else(|| GitError::NoSuchPath(path.display()))?;
                args.word(format!(":(top,literal){name}"));
            }
        }
        // Done elsewhere: these are no arguments of git's.
        GitAct::RunPlan { .. } | GitAct::Resolve { .. } => {}
    }
    Ok(args.list)
}

/// The user's settings say what becomes of a pull where both sides have commits.
fn says_how_to_pull(repo: &Repository) -> bool {
    let head = repo.head().ok();
    let branch = head.as_ref().and_then(|head| head.shorthand().ok());
    let own = branch.map(|branch| format!("branch.{branch}.rebase"));
    let Ok(config) = repo.config().and_then(|mut config| config.snapshot()) else {
        return false;
    };
    let keys = ["pull.rebase", "pull.ff"].into_iter().chain(own.as_deref());
    keys.into_iter().any(|key| config.get_entry(key).is_ok())
}

/// Arguments that were looked at: none of a name's can be taken for an option.
struct Args<'a> {
    root: &'a Path,
    repo: &'a Repository,
    list: Vec<String>,
}

impl<'a> Args<'a> {
    fn new(root: &'a Path, repo: &'a Repository) -> Self {
        Self {
            root,
            repo,
            list: Vec::new(),
        }
    }

    fn word(&mut self, word: String) -> &mut Self {
        self.list.push(word);
        self
    }

    fn words(&mut self, words: &[&str]) -> &mut Self {
        self.list.extend(words.iter().map(|word| (*word).to_owned()));
        self
    }

    /// A name as the user gave it, when it means a commit: git puts it into its messages.
    fn revision(&mut self, name: &str) -> Result<&mut Self, GitError> {
        if name.starts_with('-') {
            return Err(GitError::NoSuchRevision(name.to_owned()));
        }
        find(self.repo, name)?;
        Ok(self.word(name.to_owned()))
    }

    fn oid(&mut self, name: &str) -> Result<&mut Self, GitError> {
        let oid = find(self.repo, name)?.id().to_string();
        Ok(self.word(oid))
    }

    /// Several commits. Beside which parent the changes of a merge count has to be said.
    fn commits(&mut self, names: &[String], mainline: Option<u32>) -> Result<&mut Self, GitError> {
        let mut oids = Vec::with_capacity(names.len());
        for name in names {
            let commit = find(self.repo, name)?;
            let n_parents = commit.parent_count();
            if n_parents > 1 && mainline.is_none() {
                return Err(GitError::WhichParent(
                    called(&commit),
                    commit.parents().map(|parent| called(&parent)).collect(),
                ));
            }
            if let Some(parent) = mainline
                && !(1..=n_parents.max(1)).contains(&(parent as usize))
            {
                return Err(GitError::NoSuchParent(called(&commit), parent, n_parents));
            }
            oids.push(commit.id().to_string());
        }
        if let Some(parent) = mainline {
            self.word("--mainline".to_owned()).word(parent.to_string());
        }
        self.list.extend(oids);
        Ok(self)
    }

    fn branch(&mut self, name: &str) -> Result<&mut Self, GitError> {
        let is_there = self.repo.find_reference(&format!("refs/heads/{name}")).is_ok();
        let is_unborn = self.repo.head().is_err();
        if name.starts_with('-') || !(is_there || is_unborn) {
            return Err(GitError::NoSuchRevision(name.to_owned()));
        }
        Ok(self.word(name.to_owned()))
    }

    fn new_branch(&mut self, name: &str) -> Result<&mut Self, GitError> {
        if !git2::Branch::name_is_valid(name).unwrap_or(false) {
            return Err(GitError::BadName(name.to_owned()));
        }
        Ok(self.word(name.to_owned()))
    }

    fn tag(&mut self, name: &str) -> Result<&mut Self, GitError> {
        if name.starts_with('-') || self.repo.find_reference(&format!("refs/tags/{name}")).is_err() {
            return Err(GitError::NoSuchRevision(name.to_owned()));
        }
        Ok(self.word(name.to_owned()))
    }

    fn tag_name(&mut self, name: &str) -> Result<&mut Self, GitError> {
        if !git2::Tag::is_valid_name(name) {
            return Err(GitError::BadName(name.to_owned()));
        }
        Ok(self.word(name.to_owned()))
    }

    fn checked(&mut self, reference: &str) -> Result<&mut Self, GitError> {
        if !git2::Reference::is_valid_name(reference) {
            return Err(GitError::BadName(reference.to_owned()));
        }
        Ok(self.word(reference.to_owned()))
    }

    fn remote(&mut self, name: &str) -> Result<&mut Self, GitError> {
        if self.repo.find_remote(name).is_err() {
            return Err(GitError::NoSuchRemote(name.to_owned()));
        }
        Ok(self.word(name.to_owned()))
    }

    fn remote_name(&mut self, name: &str) -> Result<&mut Self, GitError> {
        if name.starts_with('-') || !git2::Remote::is_valid_name(name) {
            return Err(GitError::BadName(name.to_owned()));
        }
        Ok(self.word(name.to_owned()))
    }

    fn url(&mut self, url: &str) -> Result<&mut Self, GitError> {
        if url.trim().is_empty() || runs_a_program(url) {
            return Err(GitError::BadAddress(url.to_owned()));
        }
        Ok(self.word(url.trim().to_owned()))
    }

    /// The remote that was named, else the current branch's, else `origin`, else the first.
    fn some_remote(&self, wanted: Option<&str>) -> Result<String, GitError> {
        let remotes = self.repo.remotes().map_err(|error| GitError::of(self.root, error))?;
        let names: Vec<String> = remotes.iter().flatten().flatten().map(str::to_owned).collect();
        let configured = || {
            let head = self.repo.head().ok()?;
            let buffer = self.repo.branch_upstream_remote(head.name().ok()?).ok()?;
            buffer.as_str().ok().map(str::to_owned)
        };
        let found = match wanted {
            Some(wanted) => names.iter().find(|name| *name == wanted).cloned(),
            None => configured()
                .filter(|name| names.contains(name))
                .or_else(|| names.iter().find(|name| *name == "origin").or_else(|| names.first()).cloned()),
        };
        match (found, wanted) {
            (Some(found), _) => Ok(found),
            (None, Some(wanted)) => Err(GitError::NoSuchRemote(wanted.to_owned())),
            (None, None) => Err(GitError::NoRemote),
        }
    }

    /// A remote that is set up as a mirror would get every ref there is, ours for taking back among them.
    fn not_as_mirror(&mut self, remote: &str) -> &mut Self {
        let key = format!("remote.{remote}.mirror");
        let is_mirror = self.repo.config().and_then(|config| config.get_bool(&key));
        if is_mirror.unwrap_or(false) {
            self.word("-c".to_owned()).word(format!("{key}=false"));
        }
        self
    }

    fn push(&mut self, push: &Push) -> Result<(), GitError> {
        let target = push::target(self.repo, self.root, push)?;
        self.not_as_mirror(&target.remote).words(&["push", "--progress"]);
        if target.sets_upstream {
            self.words(&["--set-upstream"]);
        }
        if push.with_tags {
            self.words(&["--follow-tags"]);
        }
        let there = target.there;
        if let Some(lease) = &push.lease {
            let oid = find(self.repo, lease)?.id().to_string();
            self.word(format!("--force-with-lease={there}:{oid}"));
        }
        self.word(target.remote);
        self.branch(&target.branch)?;
        self.list.pop();
        self.word(format!("{}:{there}", target.local));
        Ok(())
    }

    fn in_bisect(&mut self) -> Result<&mut Self, GitError> {
        match super::operation::kind(self.repo) {
            Some(Operation::Bisect) => Ok(self),
            _ => Err(GitError::NotBisecting),
        }
    }

    /// The operation that is under way, one step on.
    fn step(&mut self, how: &str) -> Result<(), GitError> {
        let operation = super::operation::read(self.repo).ok_or(GitError::NothingUnderWay)?;
        let command = match (operation.kind, how) {
            (Operation::Merge, "--skip") => return Err(GitError::NoSkipInMerge),
            (Operation::Bisect, "--continue") => return Err(GitError::NoContinueInBisect),
            (Operation::Bisect, "--skip") => {
                self.words(&["bisect", "skip"]);
                return Ok(());
            }
            (Operation::Bisect, _) => {
                self.words(&["bisect", "reset"]);
                return Ok(());
            }
            (Operation::Merge, _) => "merge",
            (Operation::Rebase, _) => "rebase",
            (Operation::CherryPick, _) => "cherry-pick",
            (Operation::Revert, _) => "revert",
            (Operation::ApplyMailbox, _) => "am",
        };
        if how == "--continue" && self.repo.index().is_ok_and(|index| index.has_conflicts()) {
            return Err(GitError::StillInConflict);
        }
        // A commit of the user's own may have ended the only step; the sequencer then knows nothing of it.
        if self.repo.state() == RepositoryState::Clean && operation.kind == Operation::Merge {
            return Err(GitError::NothingUnderWay);
        }
        self.words(&[command, how]);
        Ok(())
    }
}
