//! The plan of an interactive rebase: read from the history, and given to git as the list that it would let one edit. Messages that
//! were written beforehand travel as commits (`fixup -C`, what `git commit --fixup=reword:` makes), so no editor ever opens, and an
//! interrupted rebase can be continued by any git.

use super::commit::find;
use super::keep_merges::Shape;
use super::open::{open, open_checkout};
use super::program::Repo;
use super::{Git, GitError, blocking, undo};
use crate::base::git_act::ROOT;
use crate::base::operation::{PlanFault, PlanStep, RebasePlan, StepAction};
use crate::base::repo::short_oid;
use crate::base::{Problem, SafeText, Timestamp};
use crate::process::Cmd;
use git2::{BranchType, Oid, Repository, Sort};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use tokio_util::sync::CancellationToken;

/// Commits that one plan may hold.
pub(super) const MAX_STEPS: usize = 1000;
/// A constant command for git's editor hook: the prepared list, named by the environment, becomes git's list.
const TAKE_LIST: &str = "cp \"$CHANTIER_TODO\"";

impl Git {
    /// Commits by name, with those of ranges (`main~3..main`) in the order in which they are picked, or taken back.
    pub fn commits_named(&self, root: &Path, names: &[String], newest_first: bool) -> Result<Vec<String>, Problem> {
        Ok(commits_named(root, names, newest_first)?)
    }

    /// The commits after `since` (all with `ROOT`; those that the upstream does not have when None), all of them picked.
    pub fn rebase_plan(&self, root: &Path, since: Option<&str>, onto: Option<&str>) -> Result<RebasePlan, Problem> {
        Ok(plan(root, since, onto)?)
    }

    /// The command that carries out a plan.
    pub async fn plan_cmd(&self, repo: Repo<'_>, plan: &RebasePlan, cancel: &CancellationToken) -> Result<Cmd, Problem> {
        super::trusted(repo)?;
        let (root, wanted) = (repo.root.to_path_buf(), plan.clone());
        let (list, base, onto) = blocking(move || prepare(&root, &wanted)).await?;
        let mut args = vec![
            "rebase",
            "--interactive",
            "--autostash",
            "--no-autosquash",
            "--no-update-refs",
        ];
        // A commit that is there already was chosen by the user; git's own list leaves out no other one.
        let merges = if plan.keeps_merges {
            "--rebase-merges"
        } else {
            "--no-rebase-merges"
        };
        args.extend(["--empty=drop", "--reapply-cherry-picks", merges]);
        match &base {
            Some(base) => {
                args.extend(["--onto", onto.as_deref().unwrap_or(base), base]);
            }
            None => {
                args.push("--root");
                if let Some(onto) = &onto {
                    args.extend(["--onto", onto]);
                }
            }
        }
        let cmd = self.program().cmd(repo, &[], &args, cancel).await?;
        Ok(cmd.env("GIT_SEQUENCE_EDITOR", TAKE_LIST).env("CHANTIER_TODO", &list))
    }
}

fn commits_named(root: &Path, names: &[String], newest_first: bool) -> Result<Vec<String>, GitError> {
    let repo = open(root)?;
    let of = |error| GitError::of(root, error);
    let mut all = Vec::new();
    for name in names {
        let Some((from, to)) = name.split_once("..") else {
            all.push(find(&repo, name)?.id().to_string());
            continue;
        };
        let or_head = |name: &str| find(&repo, if name.is_empty() { "HEAD" } else { name }).map(|commit| commit.id());
        let mut walk = repo.revwalk().map_err(of)?;
        let order = if newest_first {
            Sort::TOPOLOGICAL
        } else {
            Sort::TOPOLOGICAL | Sort::REVERSE
        };
        walk.set_sorting(order).map_err(of)?;
        walk.push(or_head(to)?).map_err(of)?;
        walk.hide(or_head(from)?).map_err(of)?;
        let before = all.len();
        for oid in walk {
            all.push(oid.map_err(of)?.to_string());
            if all.len() > MAX_STEPS {
                return Err(GitError::TooManySteps(MAX_STEPS));
            }
        }
        if all.len() == before {
            return Err(GitError::NoSuchRevision(name.clone()));
        }
    }
    Ok(all)
}

fn plan(root: &Path, since: Option<&str>, onto: Option<&str>) -> Result<RebasePlan, GitError> {
    let repo = open(root)?;
    let of = |error| GitError::of(root, error);
    let head = find(&repo, "HEAD")?;
    let onto = onto.map(|name| find(&repo, name)).transpose()?;
    let base = match since {
        // Nothing stands below the very first commit.
        Some(ROOT) => None,
        Some(name)
            if name
                .strip_suffix('^')
                .is_some_and(|of| find(&repo, of).is_ok_and(|commit| commit.parent_count() == 0)) =>
        {
            None
        }
        Some(name) => Some(find(&repo, name)?.id()),
        None => {
            let other = match &onto {
                Some(onto) => onto.id(),
                None => upstream(&repo).ok_or_else(|| match branch(&repo) {
                    Some(branch) => GitError::NoUpstream(branch),
                    None => GitError::NotOnABranch,
                })?,
            };
            repo.merge_base(head.id(), other).ok()
        }
    };
    let shape = Shape::read(&repo, root, base, head.id())?;
    let mut plan = RebasePlan {
        base: base.map(|base| base.to_string()),
        base_summary: onto
            .as_ref()
            .map(git2::Commit::id)
            .or(base)
            .and_then(|below| summary(&repo, below))
            .unwrap_or_default(),
        onto: onto
            .map(|onto| onto.id().to_string())
            .filter(|onto| Some(onto) != base.map(|base| base.to_string()).as_ref()),
        branch: branch(&repo),
        head: Some(head.id().to_string()),
        moves_branches: repo
            .config()
            .is_ok_and(|config| config.get_bool("rebase.updateRefs").unwrap_or(false)),
        ..RebasePlan::default()
    };
    let branches = other_branches(&repo);
    let published = published(&repo, base, head.id());
    for (oid, run, is_merge) in shape.commits() {
        if is_merge {
            plan.n_merges += 1;
            continue;
        }
        let commit = repo.find_commit(oid).map_err(of)?;
        let message = String::from_utf8_lossy(commit.message_bytes()).into_owned();
        plan.steps.push(PlanStep {
            action: StepAction::Pick,
            oid: oid.to_string(),
            summary: SafeText::new(message.trim_start().lines().next().unwrap_or_default()).into_string(),
            author: SafeText::from_bytes(commit.author().name_bytes()).into_string(),
            authored: Timestamp::from_second(commit.author().when().seconds()).ok(),
            old_message: message,
            message: None,
            is_published: published.contains(&oid),
            run,
            branches: branches.get(&oid).cloned().unwrap_or_default(),
        });
    }
    plan.keeps_merges = plan.n_merges > 0;
    // As git's own list would begin.
    if repo
        .config()
        .is_ok_and(|config| config.get_bool("rebase.autosquash").unwrap_or(false))
    {
        plan.autosquash();
    }
    Ok(plan)
}

fn branch(repo: &Repository) -> Option<String> {
    let head = repo.head().ok().filter(git2::Reference::is_branch)?;
    Some(SafeText::from_bytes(head.shorthand_bytes()).into_string())
}

/// Local branches by the commit that they stand on; none that a worktree has checked out, which git moves for nobody.
fn other_branches(repo: &Repository) -> BTreeMap<Oid, Vec<String>> {
    let mut found: BTreeMap<Oid, Vec<String>> = BTreeMap::new();
    let listed = repo.branches(Some(BranchType::Local));
    for (branch, _) in listed.into_iter().flatten().flatten() {
        let Some((oid, name)) = branch.get().target().zip(branch.name().ok().flatten()) else {
            continue;
        };
        if !branch.is_head() && !undo::is_in_another_checkout(repo, &format!("refs/heads/{name}")) {
            found.entry(oid).or_default().push(name.to_owned());
        }
    }
    found
}

fn upstream(repo: &Repository) -> Option<Oid> {
    let head = repo.head().ok()?;
    let name = repo.branch_upstream_name(head.name().ok()?).ok()?;
    repo.find_reference(std::str::from_utf8(&name).ok()?)
        .ok()?
        .peel_to_commit()
        .ok()
        .map(|commit| commit.id())
}

fn summary(repo: &Repository, oid: Oid) -> Option<String> {
    let commit = repo.find_commit(oid).ok()?;
    let message = String::from_utf8_lossy(commit.message_bytes()).into_owned();
    Some(SafeText::new(message.trim_start().lines().next()?).into_string())
}

/// Commits between base and head that a branch of another repository has.
fn published(repo: &Repository, base: Option<Oid>, head: Oid) -> BTreeSet<Oid> {
    let ours = |hides_remotes: bool| -> Option<BTreeSet<Oid>> {
        let mut walk = repo.revwalk().ok()?;
        walk.push(head).ok()?;
        if let Some(base) = base {
            walk.hide(base).ok()?;
        }
        if hides_remotes {
            walk.hide_glob("refs/remotes/*").ok()?;
        }
        walk.collect::<Result<_, _>>().ok()
    };
    let all = ours(false).unwrap_or_default();
    let private = ours(true).unwrap_or_default();
    all.difference(&private).copied().collect()
}

/// Checks the plan, makes the commits that carry messages, and writes git's list. Gives the list's file, the base and where to.
fn prepare(root: &Path, plan: &RebasePlan) -> Result<(PathBuf, Option<String>, Option<String>), GitError> {
    let (repo, _) = open_checkout(root)?;
    let id = |name: &String| find(&repo, name).map(|commit| commit.id());
    // What came since stands in no step, and would be left out.
    if let Some(head) = &plan.head
        && (find(&repo, "HEAD")?.id().to_string() != *head || branch(&repo) != plan.branch)
    {
        return Err(GitError::PlanMoved(
            plan.branch.clone().unwrap_or_else(|| short_oid(head).to_owned()),
        ));
    }
    let base = plan.base.as_ref().map(id).transpose()?;
    let onto = plan.onto.as_ref().map(id).transpose()?;
    let shape = if plan.keeps_merges {
        Shape::read(&repo, root, base, find(&repo, "HEAD")?.id())?
    } else {
        Shape::default()
    };
    let mut plan = plan.clone();
    for step in plan
        .steps
        .iter_mut()
        .filter(|step| plan.keeps_merges && step.action.has_commit())
    {
        step.oid = find(&repo, &step.oid)?.id().to_string();
    }
    if plan.keeps_merges {
        plan.set_runs(&shape.runs());
    }
    if let Some(fault) = plan.fault() {
        let step = match fault {
            PlanFault::Empty | PlanFault::NoCommand(_) => String::new(),
            PlanFault::NothingToJoin(at) | PlanFault::NoMessage(at) | PlanFault::AcrossMerges(at) => {
                format!("{} {}", short_oid(&plan.steps[at].oid), plan.steps[at].summary)
            }
        };
        return Err(GitError::Plan(fault, step.trim().to_owned()));
    }
    let file = repo.path().join("chantier-todo");
    std::fs::write(&file, todo(&repo, root, &plan, &shape)?).map_err(|error| GitError::file(&file, error))?;
    Ok((file, base.map(|base| base.to_string()), onto.map(|onto| onto.to_string())))
}

/// git's list (git-rebase(1), "Interactive mode").
fn todo(repo: &Repository, root: &Path, plan: &RebasePlan, shape: &Shape) -> Result<String, GitError> {
    if plan.keeps_merges {
        return shape.list(repo, root, plan);
    }
    let mut lines = Lines::default();
    for at in 0..plan.steps.len() {
        lines.step(repo, root, plan, at)?;
    }
    let mut list = lines.end();
    // All dropped is a plan too; an empty list would mean that git shall do nothing.
    if plan.steps.iter().all(|step| step.action == StepAction::Drop) {
        list.push_str("noop\n");
    }
    Ok(list)
}

/// git's list while it is written.
#[derive(Default)]
pub(super) struct Lines {
    list: String,
    /// Names of commits that are joined stand on what comes of all of them.
    waiting: Vec<String>,
}

impl Lines {
    pub(super) fn line(&mut self, word: &str, rest: &str) {
        writeln!(self.list, "{word} {rest}").expect("writing to a String does not fail");
    }

    /// For what comes next, this comes first; what joins the commit before is not next.
    pub(super) fn wait(&mut self, line: String) {
        self.waiting.push(line);
    }

    pub(super) fn flush(&mut self) {
        for line in std::mem::take(&mut self.waiting) {
            self.list.push_str(&line);
            self.list.push('\n');
        }
    }

    pub(super) fn end(mut self) -> String {
        self.flush();
        self.list
    }

    pub(super) fn step(&mut self, repo: &Repository, root: &Path, plan: &RebasePlan, at: usize) -> Result<(), GitError> {
        let step = &plan.steps[at];
        let rest = &plan.steps[at + 1..];
        if !step.action.joins() && step.action != StepAction::Drop {
            self.flush();
        }
        let branches = step.branches.iter().filter(|_| plan.moves_branches);
        let branches = branches.map(|branch| format!("update-ref refs/heads/{branch}"));
        if !step.action.has_commit() {
            self.line(step.action.word(), &step.summary.replace('\n', " "));
            self.waiting.extend(branches);
            return Ok(());
        }
        let commit = find(repo, &step.oid)?;
        let oid = commit.id().to_string();
        match (step.action, written(step).filter(|_| !is_replaced(rest))) {
            (StepAction::Reword, Some(message)) => {
                self.line("pick", &oid);
                self.line("fixup -C", &carry(repo, root, &commit, message)?);
            }
            (StepAction::Squash, Some(message)) => {
                self.line("fixup", &oid);
                self.line("fixup -C", &carry(repo, root, &commit, message)?);
            }
            // git mixes the messages of everything it squashes, also into one that comes later.
            (StepAction::Squash, None) if is_replaced(rest) => self.line("fixup", &oid),
            (StepAction::Reword, None) => self.line("pick", &oid),
            (action, _) => self.line(action.word(), &oid),
        }
        self.waiting.extend(branches);
        Ok(())
    }
}

fn written(step: &PlanStep) -> Option<&str> {
    step.message.as_deref().filter(|message| !message.trim().is_empty())
}

/// Of the steps that follow, one that joins the same commit gives it a message of its own.
fn is_replaced(rest: &[PlanStep]) -> bool {
    let joined = rest
        .iter()
        .take_while(|step| step.action.joins() || step.action == StepAction::Drop);
    joined
        .filter(|step| written(step).is_some())
        .any(|step| step.action == StepAction::Squash)
}

/// An empty commit on this one that only carries a message.
fn carry(repo: &Repository, root: &Path, commit: &git2::Commit<'_>, message: &str) -> Result<String, GitError> {
    let of = |error| GitError::of(root, error);
    let tree = commit.tree().map_err(of)?;
    let first = commit.summary().ok().flatten().unwrap_or_default().to_owned();
    let message = format!("amend! {first}\n\n{}\n", message.trim_end());
    let (author, committer) = (commit.author(), commit.committer());
    let oid = repo
        .commit(None, &author, &committer, &message, &tree, &[commit])
        .map_err(of)?;
    Ok(oid.to_string())
}

/// Reads a plan that somebody wrote: JSON as `rebase_plan` gives it, alone or as the result in a document of ours, or git's list, where what stands behind the commit of a reword
/// is its new first line. `known` are the commits that it may name.
pub fn parse_plan(text: &str, place: &str, known: &RebasePlan) -> Result<RebasePlan, Problem> {
    if text.trim_start().starts_with('{') {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Document { result: RebasePlan },
            Plan(RebasePlan),
        }
        if let Ok(Written::Document { result } | Written::Plan(result)) = serde_json::from_str(text) {
            return Ok(result);
        }
        // Of the plan itself, the error has a place.
        return serde_json::from_str(text).map_err(|error| {
            Problem::user(crate::msg!("git-plan-unreadable"))
                .code("bad-plan")
                .details(&error)
                .at_place(place, error.line() as u32, error.column() as u32)
        });
    }
    let mut plan = RebasePlan {
        steps: Vec::new(),
        moves_branches: true,
        ..known.clone()
    };
    for (at, line) in text.lines().enumerate() {
        // The message is that of this commit; of an `amend!` what stands below its first line.
        let replaced = ["fixup -C ", "fixup -c ", "f -C ", "f -c "]
            .iter()
            .find_map(|word| line.trim().strip_prefix(word));
        let brings_message = replaced.is_some();
        let line = replaced.map_or_else(|| line.to_owned(), |rest| format!("squash {rest}"));
        let mut words = line.trim().splitn(3, char::is_whitespace);
        let word = words.next().unwrap_or_default();
        if word.is_empty() || word.starts_with('#') || word == "noop" {
            continue;
        }
        let oid = words.next().unwrap_or_default();
        if word == "update-ref"
            && let Some(branch) = oid.strip_prefix("refs/heads/")
            && known.branches().any(|known| known == branch)
            && let Some(step) = plan.steps.last_mut()
        {
            step.branches.push(branch.to_owned());
            continue;
        }
        let step = StepAction::of_word(word).and_then(|action| {
            if !action.has_commit() {
                let (_, command) = line.trim().split_once(char::is_whitespace).unwrap_or_default();
                return Some(PlanStep {
                    action,
                    summary: command.trim().to_owned(),
                    ..PlanStep::default()
                });
            }
            let step = known.steps.iter().find(|step| oid.len() >= 4 && step.oid.starts_with(oid))?;
            Some(PlanStep {
                action,
                branches: Vec::new(),
                ..step.clone()
            })
        });
        let Some(mut step) = step else {
            return Err(Problem::user(crate::msg!("git-plan-odd-line", line = line.trim()))
                .code("bad-plan")
                .at_place(place, at as u32 + 1, 1));
        };
        if brings_message {
            let own = step.old_message.trim();
            let below = own.split_once("\n\n").map_or("", |(_, below)| below.trim());
            let is_amend = own.starts_with("amend! ") && !below.is_empty();
            step.message = Some(if is_amend { below.to_owned() } else { own.to_owned() });
        }
        let rest = words.next().unwrap_or_default().trim().trim_start_matches("# ");
        if step.action == StepAction::Reword && !rest.is_empty() {
            let body = step.old_message.split_once("\n\n").map_or("", |(_, body)| body);
            step.message = Some(format!("{rest}\n\n{body}").trim_end().to_owned());
        }
        plan.steps.push(step);
    }
    Ok(plan)
}
