//! Whether a test is flaky: run again and again, alone, under load and in company, until its results say what it depends on.

use super::compare::normalised;
use super::frameworks::{CaseId, Finished, Heard, Limits, Parser, Selection, Shown};
use super::jobs::{find_sites, no_such};
use super::runs::SiteRun;
use super::showing::meant;
use super::starting::command_of;
use super::stream::{self, Listen};
use super::{Update, source};
use crate::adapters::process::RawLine;
use crate::adapters::{World, scan};
use crate::areas::JobCtx;
use crate::base::{Problem, Progress, State, Timestamp, Unit, Workspace};
use crate::msg;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Runs of everything beside the test.
const COMPANY: u32 = 2;

/// What the results say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It fails whatever is around it: the code or the test is wrong.
    Genuine,
    /// Alone and with nothing changed it passes and fails.
    Flaky,
    /// It depends on what is around it: load, other tests, or what was there when it failed.
    Environment,
    /// It passed every time, and never failed before.
    Steady,
}

impl Verdict {
    pub fn word(self) -> &'static str {
        match self {
            Self::Genuine => "genuine",
            Self::Flaky => "flaky",
            Self::Environment => "environment",
            Self::Steady => "steady",
        }
    }

    pub fn key(self) -> &'static str {
        match self {
            Self::Genuine => "test-verdict-genuine",
            Self::Flaky => "test-verdict-flaky",
            Self::Environment => "test-verdict-environment",
            Self::Steady => "test-verdict-steady",
        }
    }

    pub fn state(self) -> State {
        match self {
            Self::Genuine => State::Failed,
            Self::Flaky | Self::Environment => State::Degraded,
            Self::Steady => State::Done,
        }
    }
}

/// Results under one condition.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Tries {
    pub n_runs: u32,
    pub n_failed: u32,
    pub min_ms: Option<u64>,
    pub max_ms: Option<u64>,
}

impl Tries {
    fn add(&mut self, result: &Finished) {
        self.n_runs += 1;
        self.n_failed += u32::from(result.state == State::Failed);
        if let Some(ms) = result.duration_ms {
            self.min_ms = Some(self.min_ms.map_or(ms, |known| known.min(ms)));
            self.max_ms = Some(self.max_ms.map_or(ms, |known| known.max(ms)));
        }
    }

    fn always_fails(&self) -> bool {
        self.n_runs > 0 && self.n_failed == self.n_runs
    }

    fn is_mixed(&self) -> bool {
        self.n_failed > 0 && self.n_failed < self.n_runs
    }
}

/// What was found out about a test.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    pub case: CaseId,
    pub verdict: Verdict,
    /// Why: a text by key, such as `test-flaky-alone`.
    pub because: String,
    pub alone: Tries,
    pub load: Tries,
    pub company: Tries,
    /// Of the results that were remembered before.
    pub past: Tries,
    /// What the failures said, normalised, with their number.
    pub errors: BTreeMap<String, u32>,
    pub commit: Option<String>,
    pub is_dirty: bool,
    pub at: Timestamp,
}

/// The verdict, and the key of why.
pub fn judge(alone: &Tries, load: &Tries, company: &Tries, past: &Tries) -> (Verdict, &'static str) {
    let all = [alone, load, company];
    let ran = || all.iter().filter(|tries| tries.n_runs > 0);
    if ran().all(|tries| tries.always_fails()) {
        return (Verdict::Genuine, "test-flaky-always");
    }
    if alone.is_mixed() {
        return (Verdict::Flaky, "test-flaky-alone");
    }
    if alone.always_fails() {
        return (Verdict::Environment, "test-flaky-needs-others");
    }
    if load.n_failed > 0 {
        return (Verdict::Environment, "test-flaky-load");
    }
    if company.n_failed > 0 {
        return (Verdict::Environment, "test-flaky-company");
    }
    if past.n_failed > 0 {
        return (Verdict::Environment, "test-flaky-gone");
    }
    (Verdict::Steady, "test-flaky-never")
}

/// The name under which the ledger keeps the reports of a workspace.
pub(super) fn kv_name(workspace: &Workspace) -> String {
    format!("test-flaky/{}", workspace.id.0)
}

/// The protocol for the one test that the name means.
pub(super) async fn run(cx: JobCtx, world: World, workspace: Workspace, name: String, repeat: u32) -> Result<(), Problem> {
    world.trust().check(&workspace)?;
    let sites = find_sites(&cx, &world, &workspace).await?;
    let history = world.store().tests().history(&workspace.id).await?;
    let (case, _) = meant(&history, &sites, &name)?;
    let site = sites.iter().find(|site| site.tells(&case) && site.runner.can_select());
    let Some(site) = site.cloned() else {
        let problem = Problem::user(msg!("test-not-alone", name = case.text())).code("not-supported");
        return Err(problem.hint(msg!("test-not-alone-hint")));
    };
    let sources = source::stamp(&cx, source::read(&world, &workspace).await).await;
    let mut past = Tries::default();
    let of_case = history
        .cases
        .iter()
        .find(|known| known.suite == case.stored_suite() && known.name == case.name);
    for point in of_case.into_iter().flat_map(|known| &known.strip) {
        past.n_runs += 1;
        past.n_failed += u32::from(point.state == State::Failed || point.flaky);
    }
    let mut probe = Probe {
        site_run: SiteRun {
            world: world.clone(),
            workspace: workspace.clone(),
            site,
            selection: Selection::Cases(vec![case.clone()]),
            title: String::new(),
            sources: sources.clone(),
            known: super::choosing::known_names(&history.cases),
            limits: Limits {
                is_fresh: true,
                ..Limits::default()
            },
        },
        case: case.clone(),
        errors: BTreeMap::new(),
        n_done: 0,
        n_all: u64::from(repeat) * 2 + u64::from(COMPANY),
    };
    let mut alone = Tries::default();
    for _ in 0..repeat {
        probe.once(&cx, &mut alone).await?;
    }
    let mut load = Tries::default();
    let busy = Busy::start();
    for _ in 0..repeat {
        probe.once(&cx, &mut load).await?;
    }
    drop(busy);
    let mut company = Tries::default();
    probe.site_run.selection = Selection::All;
    for _ in 0..COMPANY {
        probe.once(&cx, &mut company).await?;
    }
    if alone.n_runs == 0 {
        return Err(no_such(&name));
    }
    let (verdict, because) = judge(&alone, &load, &company, &past);
    let report = Report {
        case: case.clone(),
        verdict,
        because: because.to_owned(),
        alone,
        load,
        company,
        past,
        errors: probe.errors,
        commit: sources.commit,
        is_dirty: sources.dirty.is_some(),
        at: cx.now(),
    };
    let kv = kv_name(&workspace);
    let mut kept: BTreeMap<String, Report> = world.store().kv().get(&kv).await?.unwrap_or_default();
    kept.insert(case.text(), report.clone());
    world.store().kv().set(&kv, &kept).await?;
    cx.update(Update::FlakyJudged {
        workspace: workspace.id,
        report: Box::new(report),
    })
    .await;
    Ok(())
}

/// Runs the test once more and leaves no trace in its history.
struct Probe {
    site_run: SiteRun,
    case: CaseId,
    errors: BTreeMap<String, u32>,
    n_done: u64,
    n_all: u64,
}

impl Probe {
    async fn once(&mut self, cx: &JobCtx, tries: &mut Tries) -> Result<(), Problem> {
        cx.check()?;
        let run = &self.site_run;
        let junit = run.world.dirs().cache.join(format!("junit-{}.xml", cx.id().0));
        let start = run.start(cx, &junit).await?;
        for argv in &start.prepare {
            super::runs::prepare(cx, &run.world, &run.workspace, &run.site, argv).await?;
        }
        let mut ear = Ear {
            parser: start.parser,
            case: self.case.clone(),
            result: None,
            trouble: None,
        };
        for argv in start.commands {
            let mut cmd = command_of(&run.workspace, &run.site, &argv);
            for (name, value) in &start.env {
                cmd = cmd.env(name, value);
            }
            let exit = stream::run(cx, &run.world, &run.workspace, cmd, &mut ear).await?;
            let mut heard = Vec::new();
            ear.parser.finish(exit.code, &mut heard);
            ear.take(heard);
        }
        // Some tools say only there why it failed.
        if scan::is_file(&junit) {
            let (found, _) = super::runs::read_report(cx, &run.world, junit.clone()).await?;
            let mut found = ear.parser.details(found).into_iter();
            ear.result = found.find(|result| result.case == self.case).or(ear.result);
        }
        crate::adapters::files::remove_file(&junit)?;
        self.n_done += 1;
        cx.progress(Progress {
            total: Some(self.n_all),
            ..Progress::count(self.n_done, Unit::Tests)
        });
        match (ear.result, ear.trouble) {
            (Some(result), _) => {
                tries.add(&result);
                if result.state == State::Failed {
                    *self.errors.entry(normalised(&result.message)).or_default() += 1;
                }
                Ok(())
            }
            (None, Some(problem)) => Err(problem),
            (None, None) => Ok(()),
        }
    }
}

/// Hears the one test.
struct Ear {
    parser: Box<dyn Parser>,
    case: CaseId,
    result: Option<Finished>,
    trouble: Option<Problem>,
}

impl Ear {
    fn take(&mut self, heard: Vec<Heard>) {
        for heard in heard {
            match heard {
                Heard::Finished { result, .. } if result.case == self.case => self.result = Some(result),
                Heard::Trouble(problem) => self.trouble = self.trouble.take().or(Some(*problem)),
                _ => {}
            }
        }
    }
}

impl Listen for Ear {
    fn line(&mut self, line: &RawLine<'_>) -> Shown {
        let mut heard = Vec::new();
        let shown = self.parser.line(line.stream, line.bytes, &mut heard);
        self.take(heard);
        shown
    }

    async fn pause(&mut self, _cx: &JobCtx) {}
}

/// Keeps every core busy until it is dropped.
struct Busy(Arc<AtomicBool>);

impl Busy {
    fn start() -> Self {
        let is_over = Arc::new(AtomicBool::new(false));
        let n_cores = std::thread::available_parallelism().map_or(1, usize::from);
        for _ in 0..n_cores * 2 {
            let is_over = Arc::clone(&is_over);
            drop(tokio::task::spawn_blocking(move || {
                while !is_over.load(Ordering::Relaxed) {
                    for _ in 0..100_000 {
                        std::hint::spin_loop();
                    }
                }
            }));
        }
        Self(is_over)
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}
