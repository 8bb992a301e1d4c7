//! Which cases a run is of, in which order, and within which limits.

use super::frameworks::{CaseId, Framework, Limits, Selection, Site, cargo_test, imports, mocha};
use super::jobs::{list_cases, no_such};
use super::model::named;
use super::source::Sources;
use super::{What, placed, results};
use crate::adapters::store::tests::{CaseHistory, TestHistory};
use crate::adapters::{World, scan};
use crate::areas::JobCtx;
use crate::areas::devops::project;
use crate::base::{Problem, State, Workspace};
use crate::msg;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Of a source that a line is looked for in, so much is read.
const MAX_SOURCE: u64 = 4 << 20;

/// The cases that are meant; None means all.
pub(super) async fn choose(
    cx: &JobCtx,
    world: &World,
    workspace: &Workspace,
    what: &What,
    history: &TestHistory,
    sites: &[Site],
    sources: &Sources,
) -> Result<Option<Vec<CaseId>>, Problem> {
    let complete = results::newest_complete(history, sites);
    let ids = |wanted: &dyn Fn(&CaseHistory) -> bool| -> Vec<CaseId> {
        let there = history.cases.iter().filter(|case| !results::is_gone(case, &complete));
        let wanted = there.filter(|case| wanted(case));
        wanted
            .filter_map(|case| CaseId::from_stored(&case.suite, &case.name))
            .collect()
    };
    match what {
        What::All | What::Changed(_) => Ok(None),
        What::Cases(cases) => Ok(Some(cases.clone())),
        What::Failed => {
            let failed = ids(&is_red);
            let none = || {
                Problem::user(msg!("test-none-failed"))
                    .code("no-tests")
                    .hint(msg!("test-none-failed-hint"))
            };
            if failed.is_empty() {
                return Err(none());
            }
            if is_unchanged(history, sources) {
                return Ok(Some(failed));
            }
            // One that was removed or renamed meanwhile can not be run, and some tools then run nothing.
            let (listed, trouble) = list_cases(cx, world, workspace, history, sites).await?;
            if let Some(problem) = trouble {
                cx.problem(problem).await;
                return Ok(Some(failed));
            }
            let there: Vec<CaseId> = failed.into_iter().filter(|case| is_there(case, &listed)).collect();
            if there.is_empty() { Err(none()) } else { Ok(Some(there)) }
        }
        What::Named(words) => {
            let known = ids(&|_| true);
            let asked = words;
            let (placed, words) = split_places(cx, workspace, words).await?;
            let words = &words;
            let mut found = named(known.iter(), words);
            let mut trouble = None;
            let is_one = |word: &String| known.iter().any(|case| case.is_called(word));
            if !words.iter().all(is_one) || !placed.is_empty() {
                // Perhaps it is new, or a group that something new belongs to: the tools know.
                let (listed, kept_from) = list_cases(cx, world, workspace, history, sites).await?;
                trouble = kept_from;
                // What a tool does not list any more is gone, though an earlier run had it.
                let there = known.iter().filter(|case| trouble.is_some() || is_there(case, &listed));
                let there = there.chain(&listed);
                let there: BTreeSet<CaseId> = there.cloned().collect();
                let all: BTreeSet<CaseId> = known.iter().chain(&listed).cloned().collect();
                found = Vec::new();
                let cases: Vec<CaseId> = there.iter().cloned().collect();
                for at in &placed {
                    found.extend(placed::at_line(&cases, &at.file, &at.source, at.line));
                }
                for word in words {
                    let word = std::slice::from_ref(word);
                    let of_word = named(there.iter(), word);
                    found.extend(if of_word.is_empty() {
                        named(all.iter(), word)
                    } else {
                        of_word
                    });
                }
                found.sort_unstable();
                found.dedup();
            }
            match trouble {
                // It may be among those that could not be collected.
                Some(problem) if found.is_empty() => return Err(problem),
                Some(problem) if !concerns(&problem, asked) => cx.note(world.texts().msg(&problem.summary)),
                Some(problem) => cx.problem(problem).await,
                None if found.is_empty() => return Err(no_such(&asked.join(", "))),
                None => {}
            }
            Ok(Some(found))
        }
    }
}

/// What could not be collected may belong to what was asked for.
fn concerns(problem: &Problem, words: &[String]) -> bool {
    let place = problem.place.as_ref().map(|place| place.path.display().to_string());
    let told = format!("{:?} {}", problem.summary, place.unwrap_or_default());
    let mut parts = told.split(|c: char| c.is_whitespace() || "\":,".contains(c));
    parts.any(|part| {
        words
            .iter()
            .any(|word| Path::new(part).starts_with(word.trim_end_matches('/')))
    })
}

/// A line of a file of the workspace.
struct Placed {
    file: PathBuf,
    line: u32,
    source: String,
}

/// The words that name a line of a file, and the others.
async fn split_places(cx: &JobCtx, workspace: &Workspace, words: &[String]) -> Result<(Vec<Placed>, Vec<String>), Problem> {
    let (root, words) = (workspace.root.clone(), words.to_vec());
    cx.blocking(move |_| {
        let mut placed = Vec::new();
        let mut others = Vec::new();
        for word in words {
            let at = placed::split(&word).and_then(|(file, line)| {
                let file = file.strip_prefix(&root).unwrap_or(file);
                let file = imports::normal(file);
                let source = scan::read_text(&root.join(&file), MAX_SOURCE)?;
                Some(Placed { file, line, source })
            });
            match at {
                Some(at) => placed.push(at),
                None => others.push(word),
            }
        }
        Ok((placed, others))
    })
    .await
}

/// Each red case was told of the sources as they are now: it is there.
fn is_unchanged(history: &TestHistory, sources: &Sources) -> bool {
    let of_now = |case: &CaseHistory| {
        let run = case.strip.last().and_then(|point| history.runs.get(&point.run));
        run.is_some_and(|run| run.commit.is_some() && run.commit == sources.commit && run.dirty == sources.dirty)
    };
    history.cases.iter().filter(|case| is_red(case)).all(of_now)
}

fn is_red(case: &CaseHistory) -> bool {
    case.strip.last().is_some_and(|point| point.state == State::Failed)
}

/// Whether a case that was told once is still among what the tools list; what no tool can list is.
fn is_there(case: &CaseId, listed: &[CaseId]) -> bool {
    if case.is_stand_in() || listed.iter().all(|other| other.framework != case.framework) {
        return true;
    }
    let is_it = |other: &CaseId| {
        // A subtest of go is known by the test around it, a program without a list of tests by its suite alone.
        let is_around = case.framework == Framework::Go && case.name.split('/').next() == Some(other.name.as_str());
        // A hook of Mocha that failed is known by the tests of its group.
        let around = case.above();
        let is_in_group = || around.last().is_none_or(|group| other.above().contains(group));
        let is_hook = case.framework == Framework::Mocha && case.path().last().is_some_and(|name| mocha::is_hook(name));
        // A fixture of unittest's by those of its class or module: `B::(setUpClass)`.
        let fixture = case.name.strip_suffix(')').and_then(|name| name.rsplit_once('('));
        let is_fixture = case.framework == Framework::Unittest && fixture.is_some_and(|(group, _)| other.name.starts_with(group));
        other.suite == case.suite && (other.name == case.name || is_around || is_fixture || (is_hook && is_in_group()))
    };
    listed.iter().any(is_it) || (case.framework == Framework::Cargo && case.name == "main")
}

pub(super) fn known_names(cases: &[CaseHistory]) -> cargo_test::Known {
    let mut known = cargo_test::Known::new();
    for case in cases {
        if let Some(suite) = case.suite.strip_prefix("cargo/") {
            known.entry(suite.to_owned()).or_default().insert(case.name.clone());
        }
    }
    known
}

/// What of the chosen cases this site runs; None when it has none of them.
pub(super) fn selection_for(site: &Site, sites: &[Site], chosen: Option<&[CaseId]>) -> Option<Selection> {
    let Some(chosen) = chosen else { return Some(Selection::All) };
    let framework = site.runner.framework();
    let is_only = sites.iter().filter(|other| other.runner.framework() == framework).count() == 1;
    let is_here = |case: &&CaseId| {
        site.tells(case) && (is_only || !framework.has_file_suites() || Path::new(&case.suite).starts_with(&site.dir))
    };
    let mine: Vec<CaseId> = chosen.iter().filter(is_here).cloned().collect();
    if mine.is_empty() {
        return None;
    }
    Some(if site.runner.can_select() {
        Selection::Cases(mine)
    } else {
        Selection::All
    })
}

/// What failed last goes first, by itself, and once more in its place among the others.
pub(super) fn red_first(plans: Vec<(Site, Selection)>, sites: &[Site], history: &TestHistory) -> Vec<(Site, Selection)> {
    let red: Vec<CaseId> = history
        .cases
        .iter()
        .filter(|case| is_red(case))
        .filter_map(|case| CaseId::from_stored(&case.suite, &case.name))
        .collect();
    let mut ordered = Vec::new();
    for (site, selection) in &plans {
        let mine = selection_for(site, sites, Some(&red)).filter(|mine| mine != selection && site.runner.can_select());
        let wanted = match (mine, selection) {
            (Some(Selection::Cases(red)), Selection::Cases(chosen)) => {
                let both: Vec<CaseId> = red.into_iter().filter(|case| chosen.contains(case)).collect();
                (!both.is_empty()).then_some(Selection::Cases(both))
            }
            (mine, _) => mine,
        };
        ordered.extend(wanted.map(|wanted| (site.clone(), wanted)));
    }
    ordered.extend(plans);
    ordered
}

/// What was not said is as the project says it.
pub(super) async fn with_rules(cx: &JobCtx, workspace: &Workspace, limits: &Limits) -> Result<Limits, Problem> {
    let root = workspace.root.clone();
    let (project, _) = cx.blocking(move |_| project::read(&root)).await?;
    Ok(Limits {
        case_timeout: limits.case_timeout.or(project.test.timeout.map(|timeout| timeout.0)),
        jobs: limits.jobs.or(project.test.jobs),
        ..limits.clone()
    })
}
