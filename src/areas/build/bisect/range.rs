//! The two ends of a search: the commit that is bad, the last one at which the ledger has it green, and all between them.

use super::search::Range;
use super::{Carriers, Question};
use crate::adapters::World;
use crate::adapters::git::program::Repo;
use crate::areas::JobCtx;
use crate::areas::test::frameworks::CaseId;
use crate::base::{Problem, SafeText, State, Workspace};
use crate::msg;
use std::path::Path;

/// Builds of a task that are looked through for a green one.
const BUILDS: u32 = 500;
const RELEASES: u32 = 200;
/// Good commits of a search by hand that are looked at.
const MAX_ENDS: usize = 50;
/// A longer difference is cut; the commit has it all.
const MAX_DIFF: usize = 64 * 1024;

async fn git(cx: &JobCtx, world: &World, top: &Path, args: &[&str]) -> Result<String, Problem> {
    let repo = Repo {
        root: top,
        is_trusted: true,
    };
    let bytes = world.git_program().read(repo, args, cx.cancel_token()).await?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Every commit that the bad end has and the good one has not.
pub(super) async fn range(
    cx: &JobCtx,
    world: &World,
    top: &Path,
    good: &str,
    bad: &str,
    first_parent: bool,
) -> Result<Range, Problem> {
    if !is_before(cx, world, top, good, bad).await {
        let problem = Problem::user(msg!("bisect-not-before", good = short(good), bad = short(bad))).code("bad-range");
        return Err(problem.hint(msg!("bisect-not-before-hint")));
    }
    let without = format!("^{good}");
    let mut args = vec!["rev-list", "--topo-order", "--reverse", "--parents"];
    args.extend(first_parent.then_some("--first-parent"));
    args.extend([bad, &without]);
    let listed = git(cx, world, top, &args).await?;
    let commits = listed.lines().map(|line| {
        let mut words = line.split(' ').map(str::to_owned);
        let oid = words.next().unwrap_or_default();
        let n_parents = if first_parent { 1 } else { usize::MAX };
        (oid, words.take(n_parents).collect())
    });
    Ok(Range::new(commits.collect()))
}

/// The commit and those before it on its own line, newest first.
pub(super) async fn first_parents(cx: &JobCtx, world: &World, top: &Path, from: &str) -> Result<Vec<String>, Problem> {
    let listed = git(cx, world, top, &["rev-list", "--first-parent", from]).await?;
    Ok(listed.lines().map(str::to_owned).collect())
}

pub(super) fn short(oid: &str) -> &str {
    crate::base::repo::short_oid(oid)
}

/// Whether one commit is the other or leads to it.
async fn is_before(cx: &JobCtx, world: &World, top: &Path, earlier: &str, later: &str) -> bool {
    git(cx, world, top, &["merge-base", "--is-ancestor", earlier, later])
        .await
        .is_ok()
}

/// Ends of a search.
#[derive(Default)]
pub(super) struct Ends {
    pub(super) bad: Option<String>,
    pub(super) good: Option<String>,
}

/// What a search by hand that is under way (`git bisect`) knows by now: the bad commit, and of the good ones the one next to it.
pub(super) async fn by_hand(cx: &JobCtx, world: &World, top: &Path) -> Result<Ends, Problem> {
    let args = ["for-each-ref", "--format=%(refname) %(objectname)", "refs/bisect"];
    let known = git(cx, world, top, &args).await?;
    let refs = known
        .lines()
        .filter_map(|line| line.strip_prefix("refs/bisect/")?.split_once(' '));
    let refs: Vec<(&str, &str)> = refs.collect();
    let Some((_, bad)) = refs.iter().find(|(name, _)| *name == "bad") else {
        return Ok(Ends::default());
    };
    let mut nearest: Option<(u64, &str)> = None;
    for (_, good) in refs.iter().filter(|(name, _)| name.starts_with("good-")).take(MAX_ENDS) {
        let between = git(cx, world, top, &["rev-list", "--count", &format!("{good}..{bad}")]).await?;
        let n = between.trim().parse().unwrap_or(u64::MAX);
        if nearest.is_none_or(|(known, _)| n < known) && is_before(cx, world, top, good, bad).await {
            nearest = Some((n, good));
        }
    }
    Ok(Ends {
        bad: Some((*bad).to_owned()),
        good: nearest.map(|(_, good)| good.to_owned()),
    })
}

/// The last commit before the bad one at which the ledger has it green, from a clean checkout; None where it has none.
pub(super) async fn last_green(
    cx: &JobCtx,
    world: &World,
    workspace: &Workspace,
    top: &Path,
    question: &Question,
    bad: &str,
) -> Result<Option<String>, Problem> {
    let mut green: Vec<String> = Vec::new();
    match question {
        Question::Task { task } => {
            let builds = world.store().builds().list(&workspace.id, None, BUILDS).await?;
            let is_meant = |known: &str| known == task || known.rsplit(':').next() == Some(task);
            let good = builds
                .into_iter()
                .filter(|row| row.state == State::Done && row.dirty.is_none() && is_meant(&row.task));
            green.extend(good.filter_map(|row| row.commit));
        }
        Question::Test { name } => {
            let history = world.store().tests().history(&workspace.id).await?;
            let clean = |run: i64| history.runs.get(&run).filter(|run| run.dirty.is_none());
            for case in &history.cases {
                let id = CaseId::from_stored(&case.suite, &case.name);
                if !id.is_some_and(|id| is_named(&id, name)) {
                    continue;
                }
                let good = case.strip.iter().rev().filter(|point| point.state == State::Done);
                green.extend(good.filter_map(|point| clean(point.run)?.commit.clone()));
            }
        }
        Question::Command { .. } => {}
    }
    for oid in green {
        if oid != bad && is_before(cx, world, top, &oid, bad).await {
            return Ok(Some(oid));
        }
    }
    Ok(None)
}

/// A test's whole text, its name, or the last part of it.
pub(super) fn is_named(id: &CaseId, word: &str) -> bool {
    id.is_called(word) || id.name.rsplit("::").next() == Some(word)
}

/// Releases that have the commit in them, and running instances of such a version.
pub(super) async fn carriers(
    cx: &JobCtx,
    world: &World,
    workspace: &Workspace,
    top: &Path,
    oid: &str,
) -> Result<Carriers, Problem> {
    let mut carriers = Carriers::default();
    for release in world.store().releases().list(&workspace.id, RELEASES).await? {
        if is_before(cx, world, top, oid, &release.commit).await {
            carriers.releases.push(release.version);
        }
    }
    // Versions that were made with other tools stand in tags alone.
    let contains = format!("--contains={oid}");
    let args = [
        "for-each-ref",
        "--sort=-version:refname",
        "--format=%(refname:lstrip=2)",
        contains.as_str(),
        "refs/tags",
    ];
    let tags = git(cx, world, top, &args).await?;
    for tag in tags.lines().take(RELEASES as usize) {
        let is_known = |version: &String| {
            tag.strip_suffix(version.as_str())
                .is_some_and(|before| !before.ends_with(|c: char| c.is_ascii_digit() || c == '.'))
        };
        if !carriers.releases.iter().any(is_known) {
            carriers.releases.push(SafeText::new(tag).into_string());
        }
    }
    for instance in world.store().instances().running(Some(&workspace.id)).await? {
        let Some(deployment) = instance.deployment else { continue };
        let deployment = world.store().deployments().get(deployment).await?;
        let Some(commit) = deployment.and_then(|deployment| deployment.commit) else {
            continue;
        };
        if is_before(cx, world, top, oid, &commit).await {
            let environment = instance.environment.unwrap_or_default();
            carriers
                .instances
                .push(format!("{} {environment}", instance.name).trim().to_owned());
        }
    }
    Ok(carriers)
}

/// The commit's difference, made safe to be shown.
pub(super) async fn diff(cx: &JobCtx, world: &World, top: &Path, oid: &str) -> Result<String, Problem> {
    let args = [
        "diff-tree",
        "--root",
        "--no-commit-id",
        "--stat",
        "-p",
        "-M",
        "-m",
        "--first-parent",
        oid,
    ];
    let mut text = git(cx, world, top, &args).await?;
    text.truncate(text.floor_char_boundary(MAX_DIFF));
    Ok(SafeText::multiline(&text).into_string())
}
