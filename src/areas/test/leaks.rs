//! What tests leave behind: processes and ports by the tag of their run, files by a temporary folder of the run's own.

use super::frameworks::{CaseId, Framework, Runner, Selection, pytest};
use super::runs::SiteRun;
use crate::adapters::process::Outlived;
use crate::adapters::{World, files, scan};
use crate::areas::JobCtx;
use crate::base::{Msg, Problem, SafeText, Timestamp, Workspace};
use crate::msg;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// Names of each kind that are kept per case.
const MAX_NAMED: usize = 20;
/// Cases that are remembered per workspace, the newest.
const MAX_KEPT: usize = 1000;
/// Times of more cases than this are not kept, and nothing is put down to one of them by its time.
const MAX_SPANS: usize = 50_000;
/// The system tells starts of processes by hundredths of a second, and times of files by its own ticks.
const COARSE_MS: i64 = 20;
/// Variables by which processes are put down to the test that started them.
pub(super) const NAMING: [&str; 4] = [
    "NEXTEST_BINARY_ID",
    "NEXTEST_TEST_NAME",
    "PYTEST_CURRENT_TEST",
    "CHANTIER_CURRENT_TEST",
];
/// What tools keep in the temporary folder by themselves.
const OF_TOOLS: [&str; 6] = [
    "pytest-of-",
    "go-build",
    "rustc",
    "node-compile-cache",
    "v8-compile-cache",
    "npm-",
];

/// What one test, or a run in which nobody knows whose it is, left behind.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Leak {
    /// Command lines; the first twenty of each.
    pub processes: Vec<String>,
    /// In the temporary folder, relative to it.
    pub files: Vec<String>,
    /// TCP ports that were still listened on.
    pub ports: Vec<u16>,
    pub n_processes: u64,
    pub n_files: u64,
    /// The runner itself says that something kept the output open.
    pub is_told: bool,
}

impl Leak {
    /// One line each: what it is by name.
    pub fn lines(&self) -> Vec<String> {
        let more = |n_all: u64, named: &[String]| {
            let n_more = n_all.saturating_sub(named.len() as u64);
            (n_more > 0).then(|| format!("… (+{n_more})"))
        };
        let mut lines = self.processes.clone();
        lines.extend(more(self.n_processes, &self.processes));
        lines.extend(self.files.clone());
        lines.extend(more(self.n_files, &self.files));
        lines.extend(self.ports.iter().map(|port| format!("tcp/{port}")));
        lines
    }

    /// What kind of things, with their numbers.
    pub fn kinds(&self) -> Vec<Msg> {
        let counted = [
            (self.n_processes, msg!("test-left-processes", n = self.n_processes)),
            (self.n_files, msg!("test-left-files", n = self.n_files)),
            (self.ports.len() as u64, msg!("test-left-ports", n = self.ports.len())),
        ];
        let mut kinds: Vec<Msg> = counted.into_iter().filter(|(n, _)| *n > 0).map(|(_, words)| words).collect();
        if kinds.is_empty() {
            kinds.push(msg!("test-left-output"));
        }
        kinds
    }
}

/// A leak and whose it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Leaking {
    pub run: i64,
    /// None when it is not known which test it was.
    pub case: Option<CaseId>,
    pub leak: Leak,
}

/// Follows a run, and says at its end what is left.
pub(super) struct Watch {
    temp: Option<PathBuf>,
    /// The only case that is run: everything is its.
    alone: Option<CaseId>,
    /// When cases ran, in milliseconds since 1970, as far as their tool tells it by its own clock.
    spans: Vec<(CaseId, i64, i64)>,
    told: BTreeSet<CaseId>,
    left: Vec<Outlived>,
    dir: PathBuf,
}

impl Watch {
    /// Makes the temporary folder, unless the tool keeps its cache there.
    pub(super) fn new(run: &SiteRun) -> Self {
        let alone = match &run.selection {
            Selection::Cases(cases) if cases.len() == 1 => cases.first().cloned(),
            _ => None,
        };
        Self {
            temp: temp_folder(run),
            alone,
            spans: Vec::new(),
            told: BTreeSet::new(),
            left: Vec::new(),
            dir: run.site.dir.clone(),
        }
    }

    /// Where programs of this run put temporary files.
    pub(super) fn temp(&self) -> Option<&PathBuf> {
        self.temp.as_ref()
    }

    pub(super) fn ran(&mut self, case: CaseId, from_ms: i64, to_ms: i64) {
        if self.spans.len() < MAX_SPANS {
            self.spans.push((case, from_ms, to_ms));
        }
    }

    /// The tool itself says that something outlived this case.
    pub(super) fn told(&mut self, case: &CaseId) {
        self.told.insert(case.clone());
    }

    pub(super) fn outlived(&mut self, left: Vec<Outlived>) {
        self.left.extend(left);
    }

    /// The only test that ran at this time.
    fn whose(&self, at: Timestamp) -> Option<&CaseId> {
        if self.alone.is_some() {
            return self.alone.as_ref();
        }
        let at = at.as_millisecond();
        let is_then = |span: &&(CaseId, i64, i64)| span.1 - COARSE_MS <= at && at <= span.2 + COARSE_MS;
        let mut then = self.spans.iter().filter(is_then);
        let one = then.next()?;
        // A subtest is part of its test.
        let (is_above, inner) = then.fold((true, &one.0), |(is_above, inner), span| {
            let (outer, deeper) = if span.0.name.len() < inner.name.len() {
                (&span.0, inner)
            } else {
                (inner, &span.0)
            };
            (is_above && deeper.above().contains(outer), deeper)
        });
        is_above.then_some(inner)
    }

    /// What a process says itself, in a variable that its test tool has set.
    fn named(&self, left: &Outlived) -> Option<CaseId> {
        let of = |name: &str| {
            left.env
                .iter()
                .find(|(known, _)| known == name)
                .map(|(_, value)| value.as_str())
        };
        if let (Some(binary), Some(name)) = (of("NEXTEST_BINARY_ID"), of("NEXTEST_TEST_NAME")) {
            return Some(CaseId::new(Framework::Cargo, binary, name));
        }
        if let Some(case) = of("CHANTIER_CURRENT_TEST") {
            let case = pytest::case_of(case, &self.dir)?;
            return Some(CaseId {
                framework: Framework::Unittest,
                ..case
            });
        }
        let current = of("PYTEST_CURRENT_TEST")?;
        pytest::case_of(current.rsplit_once(" (")?.0, &self.dir)
    }

    /// What is left now, by test; the temporary folder is removed.
    pub(super) async fn settle(&mut self, cx: &JobCtx, run: i64) -> Result<Vec<Leaking>, Problem> {
        let mut found: BTreeMap<Option<CaseId>, Leak> = BTreeMap::new();
        for case in std::mem::take(&mut self.told) {
            found.entry(Some(case)).or_default().is_told = true;
        }
        for left in std::mem::take(&mut self.left) {
            let case = self.named(&left).or_else(|| self.whose(left.started_at).cloned());
            let leak = found.entry(case).or_default();
            leak.n_processes += 1;
            put(&mut leak.processes, left.command);
            leak.ports.extend(left.ports);
        }
        if let Some(temp) = self.temp.take() {
            let files = cx
                .blocking(move |_| {
                    let found = scan::entries(&temp);
                    files::make_writable(&temp);
                    files::remove_dir_all(&temp)?;
                    Ok(found)
                })
                .await?;
            for (path, at) in files {
                let name = SafeText::new(&path.to_string_lossy()).into_string();
                if OF_TOOLS.iter().any(|tool| name.starts_with(tool)) {
                    continue;
                }
                let case = at.and_then(|at| self.whose(at)).or(self.alone.as_ref()).cloned();
                let leak = found.entry(case).or_default();
                leak.n_files += 1;
                put(&mut leak.files, name);
            }
        }
        Ok(found.into_iter().map(|(case, leak)| Leaking { run, case, leak }).collect())
    }
}

impl Drop for Watch {
    /// A run that was given up has its folder removed all the same.
    fn drop(&mut self) {
        if let Some(temp) = self.temp.take() {
            files::remove_dir_all(&temp).ok();
        }
    }
}

fn put(names: &mut Vec<String>, name: String) {
    if names.len() < MAX_NAMED {
        names.push(name);
    }
}

/// A folder of the run's own, with a short path: sockets may stand in it.
fn temp_folder(run: &SiteRun) -> Option<PathBuf> {
    if matches!(run.site.runner, Runner::Vitest | Runner::Jest) || run.site.env.contains_key("TMPDIR") {
        return None;
    }
    let env = run.world.processes().base_env();
    let known = env.get(std::ffi::OsStr::new("TMPDIR"));
    let above = known.map_or_else(|| PathBuf::from("/tmp"), PathBuf::from);
    let path = above.join(format!("chantier-{:08x}", fastrand::u32(..)));
    files::create_private_dir(&path).ok()?;
    Some(path)
}

fn kv_name(workspace: &Workspace) -> String {
    format!("test-leaks/{}", workspace.id.0)
}

/// What is remembered: the newest leak of each case.
pub(super) async fn kept(world: &World, workspace: &Workspace) -> Result<Vec<Leaking>, Problem> {
    Ok(world.store().kv().get(&kv_name(workspace)).await?.unwrap_or_default())
}

/// Remembers what was found in a run; what its cases left before is over.
pub(super) async fn remember(world: &World, workspace: &Workspace, run: i64, found: &[Leaking]) -> Result<(), Problem> {
    let before = kept(world, workspace).await?;
    let mut rows: Vec<Leaking> = Vec::new();
    for row in &before {
        let is_over = match &row.case {
            Some(case) => {
                let again = world
                    .store()
                    .tests()
                    .result(&workspace.id, &case.stored_suite(), &case.name, Some(run))
                    .await?;
                again.is_some()
            }
            None => false,
        };
        if !is_over {
            rows.push(row.clone());
        }
    }
    rows.extend(found.iter().cloned());
    let n_over = rows.len().saturating_sub(MAX_KEPT);
    rows.drain(..n_over);
    if rows == before {
        return Ok(());
    }
    world.store().kv().set(&kv_name(workspace), &rows).await
}
