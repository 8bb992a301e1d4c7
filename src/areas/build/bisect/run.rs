//! The job of a search: ends first, then rounds of looks, each written to the ledger before it is used; the boundary is looked at again.

use super::range::{self, Ends, carriers, diff, last_green, short};
use super::search::{Next, Range, Reading, Verdict, read};
use super::{Command, End, Look, Search, Spec, Update, back, ledger, look};
use crate::adapters::World;
use crate::areas::build::pipelines::load::settle;
use crate::areas::build::pipelines::worktree::{commit_of, top};
use crate::areas::{JobCtx, JobSpec, build};
use crate::base::repo::CommitRow;
use crate::base::{GraphRow, Problem, Progress, Unit, Workspace};
use crate::engine::Overlap;
use crate::msg;
use futures::StreamExt as _;
use futures::stream::FuturesUnordered;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

const AREA: &str = "build";
/// Looks at once, unless more are asked for.
const MAX_AT_ONCE: u32 = 8;

pub fn plan(world: World, command: Command) -> JobSpec {
    match command {
        Command::Run { workspace, spec } => {
            let id = workspace.id.clone();
            let title = msg!("bisect-job-run", what = spec.question.words());
            JobSpec::new(AREA, title, move |cx| async move { run(&cx, &world, &workspace, spec).await })
                .workspace(&id)
                .key(format!("build/bisect/{id}"), Overlap::Refuse)
                // Worktrees are removed before it ends.
                .stop_limit(Duration::from_mins(1))
        }
        Command::Load { workspace } => JobSpec::new(AREA, msg!("bisect-job-load"), move |cx| async move {
            let searches = ledger::list(&world, &workspace.id).await?;
            tell(&cx, &workspace, Update::Loaded { searches }).await;
            Ok(())
        })
        .key("build/bisects", Overlap::Latest)
        .quiet(),
        Command::Forget { workspace, key } => JobSpec::new(AREA, msg!("bisect-job-forget"), move |cx| async move {
            ledger::forget(&world, &workspace.id, &key).await?;
            tell(&cx, &workspace, Update::Forgotten { key }).await;
            Ok(())
        }),
    }
}

async fn tell(cx: &JobCtx, workspace: &Workspace, update: Update) {
    let workspace = workspace.id.clone();
    cx.update(build::Update::Bisect { workspace, update }).await;
}

/// What a search holds while it runs.
struct Searcher<'a> {
    cx: &'a JobCtx,
    world: &'a World,
    workspace: &'a Workspace,
    range: Range,
    search: Search,
    round: u32,
}

async fn run(cx: &JobCtx, world: &World, workspace: &Workspace, mut spec: Spec) -> Result<(), Problem> {
    world.trust().check(workspace)?;
    settle(cx, world, Some(workspace)).await?;
    let top = top(world, workspace).await?;
    let ends = match (&spec.bad, &spec.good) {
        (None, None) => range::by_hand(cx, world, &top).await?,
        _ => Ends::default(),
    };
    let bad = spec.bad.as_deref().or(ends.bad.as_deref()).unwrap_or("HEAD");
    let bad = commit_of(cx, world, workspace, bad).await?;
    spec.question = look::meant(cx, world, workspace, spec.question, &bad).await?;
    let mut looks = Vec::new();
    let good = match spec.good.as_ref().or(ends.good.as_ref()) {
        Some(good) => commit_of(cx, world, workspace, good).await?,
        None => match last_green(cx, world, workspace, &top, &spec.question, &bad).await? {
            Some(good) => good,
            None => {
                let found = Box::pin(back::good(cx, world, workspace, &top, &spec.question, &bad));
                let (good, seen) = found.await?;
                looks = seen;
                good
            }
        },
    };
    let range = range::range(cx, world, &top, &good, &bad, spec.first_parent).await?;
    let question = serde_json::to_string(&spec.question).unwrap_or_default();
    let key = ledger::key(&question, &good, &bad, spec.first_parent);
    let cores = std::thread::available_parallelism().map_or(1, usize::from) as u32;
    let at_once = spec.at_once.unwrap_or_else(|| cores.min(MAX_AT_ONCE)).max(1);
    let known = ledger::get(world, &workspace.id, &key)
        .await?
        .filter(|known| known.ended.is_none());
    let n_range = range.commits.len();
    let search = match known {
        Some(known) => {
            cx.note(format!("{} / {n_range}", known.looks.len()));
            Search {
                spec,
                at_once,
                is_running: true,
                ..known
            }
        }
        None => Search {
            key,
            spec,
            good,
            bad,
            reading: Reading::default(),
            n_range,
            n_left: n_range,
            at_once,
            looks,
            started_at: cx.now(),
            ended: None,
            is_running: true,
        },
    };
    let round = search.looks.iter().map(|look| look.round).max().unwrap_or(0);
    let mut searcher = Searcher {
        cx,
        world,
        workspace,
        range,
        search,
        round,
    };
    searcher.keep().await?;
    let result = searcher.finish(&top).await;
    searcher.search.is_running = false;
    searcher.keep().await?;
    result
}

impl Searcher<'_> {
    /// In the ledger first, then told.
    async fn keep(&mut self) -> Result<(), Problem> {
        self.search.n_left = self.range.suspects(&self.verdicts()).len().max(1);
        ledger::put(self.world, &self.workspace.id, &self.search).await?;
        let search = Box::new(self.search.clone());
        tell(self.cx, self.workspace, Update::Changed { search }).await;
        Ok(())
    }

    fn verdicts(&self) -> BTreeMap<String, Verdict> {
        let mut looks: BTreeMap<&str, Vec<Verdict>> = BTreeMap::new();
        for look in &self.search.looks {
            looks.entry(&look.oid).or_default().push(look.verdict);
        }
        let read = |(oid, looks): (&str, Vec<Verdict>)| Some((oid.to_owned(), read(&looks, self.search.reading)?));
        looks.into_iter().filter_map(read).collect()
    }

    fn n_looks(&self, oid: &str) -> u32 {
        self.search.looks.iter().filter(|look| look.oid == oid).count() as u32
    }

    /// The looks that a round wants, and those again that contradict what would be concluded from them.
    async fn looks(&mut self, oids: Vec<String>, is_repeat: bool) -> Result<(), Problem> {
        self.round += 1;
        let (cx, world, workspace) = (self.cx, self.world, self.workspace);
        let question = self.search.spec.question.clone();
        // What a killed search left is found by this name.
        let owner = format!("job-{}", cx.id().0);
        let begin = |oid: String, n: u32, is_repeat: bool| {
            let (question, owner) = (question.clone(), owner.clone());
            async move {
                let began = cx.now();
                let name = format!("{}-{n}", short(&oid));
                let place = (owner.as_str(), name.as_str());
                let title = msg!("bisect-job-look", commit = short(&oid));
                let of = oid.clone();
                let question = &question;
                let verdict = cx
                    .span(title, |cx| async move {
                        Box::pin(look::look(&cx, world, workspace, question, &of, place)).await
                    })
                    .await;
                (oid, n, is_repeat, began, verdict)
            }
        };
        let mut running = FuturesUnordered::new();
        for oid in oids {
            let n = self.n_looks(&oid);
            running.push(begin(oid, n, is_repeat));
        }
        let mut failed = None;
        while let Some((oid, n, was_repeat, began, verdict)) = running.next().await {
            let verdict = match verdict {
                Ok(verdict) => verdict,
                Err(problem) => {
                    // The others end too, with their worktrees removed; what they say is kept.
                    failed.get_or_insert(problem);
                    continue;
                }
            };
            let at = cx.now();
            self.search.looks.push(Look {
                oid: oid.clone(),
                verdict,
                at,
                duration_ms: (at.as_millisecond() - began.as_millisecond()).max(0) as u64,
                is_repeat: was_repeat,
                round: self.round,
            });
            self.keep().await?;
            self.progress();
            let is_doubtful = match self.search.reading {
                Reading::PassMeansGood => verdict == Verdict::Bad,
                Reading::FailureMeansBad => verdict == Verdict::Good,
            };
            let is_end = oid == self.search.bad;
            if is_doubtful && failed.is_none() && !is_end && n < self.search.spec.repeats {
                running.push(begin(oid, n + 1, true));
            }
        }
        failed.map_or(Ok(()), Err)
    }

    fn progress(&self) {
        let most = u64::from(super::search::most_steps(self.search.n_range, self.search.at_once as usize));
        let left = u64::from(super::search::most_steps(self.search.n_left, self.search.at_once as usize));
        self.cx.progress(
            Progress::of(most.saturating_sub(left), most, Unit::Steps).saying(msg!("bisect-left", n = self.search.n_left)),
        );
    }

    /// The bad end fails, the good one does not; whether it always fails says how looks are read.
    async fn ends(&mut self) -> Result<(), Problem> {
        let (good, bad) = (self.search.good.clone(), self.search.bad.clone());
        let repeats = self.search.spec.repeats;
        while self.n_looks(&bad) <= repeats {
            let is_first = self.n_looks(&bad) == 0;
            self.looks(vec![bad.clone()], !is_first).await?;
        }
        let of = |search: &Search, oid: &str| -> Vec<Verdict> {
            let looks = search.looks.iter().filter(|look| look.oid == oid);
            looks.map(|look| look.verdict).collect()
        };
        let at_bad = of(&self.search, &bad);
        if at_bad.iter().all(|verdict| *verdict == Verdict::Skip) {
            let problem = Problem::user(msg!("bisect-bad-is-unclear", commit = short(&bad))).code("bad-range");
            return Err(problem.hint(msg!("bisect-bad-is-unclear-hint")));
        }
        if !at_bad.contains(&Verdict::Bad) {
            let problem = Problem::user(msg!("bisect-bad-is-good", commit = short(&bad))).code("bad-range");
            return Err(problem.hint(msg!("bisect-bad-is-good-hint")));
        }
        if at_bad.contains(&Verdict::Good) {
            self.search.reading = Reading::FailureMeansBad;
            self.cx
                .problem(Problem::user(msg!("bisect-flaky", n = at_bad.len())).code("flaky"))
                .await;
        }
        if self.n_looks(&good) == 0 {
            self.looks(vec![good.clone()], false).await?;
        }
        if read(&of(&self.search, &good), self.search.reading) == Some(Verdict::Bad) {
            let problem = Problem::user(msg!("bisect-good-is-bad", commit = short(&good))).code("bad-range");
            return Err(problem.hint(msg!("bisect-good-is-bad-hint")));
        }
        self.keep().await
    }

    async fn finish(&mut self, top: &Path) -> Result<(), Problem> {
        self.ends().await?;
        let mut confirmed: Option<(usize, u32)> = None;
        loop {
            self.cx.check()?;
            let found = match self.range.next(&self.verdicts(), self.search.at_once as usize) {
                Next::Probe(places) => {
                    let oids = places.into_iter().map(|place| self.range.commits[place].clone()).collect();
                    self.looks(oids, false).await?;
                    continue;
                }
                Next::Unclear(places) => {
                    let commits = places.into_iter().map(|place| self.range.commits[place].clone()).collect();
                    self.search.ended = Some(End::Unclear { commits });
                    return Err(Problem::user(msg!("bisect-unclear", n = self.search.n_left)).code("unclear"));
                }
                Next::Found(place) => place,
            };
            let oid = self.range.commits[found].clone();
            // The boundary is looked at once more: both of its sides when failures come and go.
            let wanted = self.search.spec.repeats;
            if confirmed != Some((found, wanted)) && wanted > 0 {
                confirmed = Some((found, wanted));
                let mut again = Vec::new();
                if oid != self.search.bad {
                    again.push(oid.clone());
                }
                if self.search.reading == Reading::FailureMeansBad {
                    again.extend(self.last_good());
                }
                if !again.is_empty() {
                    self.looks(again, true).await?;
                    continue;
                }
            }
            return self.found(top, &oid).await;
        }
    }

    /// The good commit that was looked at last before the boundary.
    fn last_good(&self) -> Option<String> {
        let verdicts = self.verdicts();
        let good = self
            .range
            .commits
            .iter()
            .rev()
            .find(|oid| verdicts.get(*oid) == Some(&Verdict::Good));
        Some(good.cloned().unwrap_or_else(|| self.search.good.clone()))
    }

    async fn found(&mut self, top: &Path, oid: &str) -> Result<(), Problem> {
        let (git, root, of) = (self.world.git().clone(), self.workspace.root.clone(), oid.to_owned());
        let detail = self.cx.blocking(move |_| git.commit(&root, &of)).await?;
        let commit = CommitRow {
            oid: detail.oid,
            parents: detail.parents,
            summary: detail.summary,
            author: detail.author,
            authored: detail.authored,
            committed: detail.committed,
            refs: detail.refs,
            graph: GraphRow::default(),
        };
        let carriers = carriers(self.cx, self.world, self.workspace, top, oid).await?;
        let diff = diff(self.cx, self.world, top, oid).await?;
        self.search.ended = Some(End::Found {
            commit: Box::new(commit),
            carriers,
            diff,
        });
        Ok(())
    }
}
