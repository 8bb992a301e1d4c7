//! Test plans: `.chantier/tests/*.toml` and `*.md`, cases that people carry out or that a test does. What is found is a run like any other.

use super::frameworks::{CaseId, Finished, Framework, Limits};
use super::model::named;
use super::{Update, What, plan_text, results, source};
use crate::adapters::{World, files, scan};
use crate::areas::JobCtx;
use crate::base::{Problem, SafeText, State, Workspace};
use crate::msg;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// Where the plans stand.
pub const FOLDER: &str = ".chantier/tests";
/// Largest file that shows what was found, in bytes.
const MAX_EVIDENCE: u64 = 64 << 20;
/// The runner's word of what people found.
pub const RUNNER: &str = "manual";

/// A plan: what is carried out by hand, in order.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Plan {
    /// The file's name without its ending.
    #[serde(skip_deserializing)]
    pub name: String,
    /// It stands in a Markdown file, whose boxes are ticked.
    #[serde(skip)]
    pub is_markdown: bool,
    pub title: String,
    #[serde(rename = "case")]
    pub cases: Vec<PlanCase>,
}

/// One case of a plan.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanCase {
    /// Short and steady: results are remembered under it.
    pub id: String,
    #[serde(default)]
    pub title: String,
    #[serde(default)]
    pub steps: Vec<String>,
    #[serde(default)]
    pub expected: String,
    /// A test that does the same by itself, as `test list` names it.
    #[serde(default)]
    pub test: Option<String>,
}

impl Plan {
    /// The case under which results are remembered.
    pub fn case_id(&self, case: &PlanCase) -> CaseId {
        CaseId::new(Framework::Manual, &self.name, &case.id)
    }
}

/// Reads every plan of a workspace; one that is broken is told and the others are kept. Blocks.
pub fn read(root: &Path) -> (Vec<Plan>, Vec<Problem>) {
    let (mut plans, mut problems) = (Vec::new(), Vec::new());
    let folder = root.join(FOLDER);
    let both = ["toml", "md"].map(|ending| scan::with_ending(&folder, 0, ending));
    for path in both.into_iter().flatten() {
        let name = path
            .file_stem()
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default();
        let text = match files::read_text(&path, files::MAX_TEXT_BYTES) {
            Ok(text) => text,
            Err(problem) => {
                problems.push(problem);
                continue;
            }
        };
        let is_markdown = path.extension().is_some_and(|ending| ending == "md");
        let parsed = if is_markdown {
            plan_text::parse(&name, &text)
        } else {
            parse(&name, &text)
        };
        match parsed {
            Ok(_) if plans.iter().any(|known: &Plan| known.name == name) => {
                let problem = Problem::config(msg!("test-plan-twice", name = name));
                problems.push(problem.at_place(&path, 1, 1));
            }
            Ok(plan) if plan.cases.is_empty() && !text.trim().is_empty() => {
                let problem = Problem::config(msg!("test-plan-no-cases", name = name));
                problems.push(problem.at_place(&path, 1, 1).hint(msg!("test-plan-no-cases-hint")));
            }
            Ok(plan) => plans.push(Plan { is_markdown, ..plan }),
            Err((why, line)) => {
                let problem = Problem::config(msg!("test-plan-broken", name = name, why = why));
                problems.push(problem.at_place(&path, line, 1));
            }
        }
    }
    (plans, problems)
}

/// The plan in a text; else why not, and the line.
pub fn parse(name: &str, text: &str) -> Result<Plan, (String, u32)> {
    let mut plan: Plan = toml::from_str(text.trim_start_matches('\u{feff}')).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start).min(text.len());
        let line = text.get(..at).unwrap_or_default().matches('\n').count() + 1;
        (error.message().lines().next().unwrap_or_default().to_owned(), line as u32)
    })?;
    name.clone_into(&mut plan.name);
    let mut seen = std::collections::BTreeSet::new();
    if let Some(twice) = plan.cases.iter().find(|case| !seen.insert(case.id.clone())) {
        return Err((format!("id = \"{}\"", twice.id), 0));
    }
    Ok(plan)
}

/// Tells the plans.
pub(super) async fn load(cx: &JobCtx, workspace: &Workspace) -> Result<Vec<Plan>, Problem> {
    let root: PathBuf = workspace.root.clone();
    let (plans, problems) = cx.blocking(move |_| Ok(read(&root))).await?;
    for problem in problems {
        cx.problem(problem).await;
    }
    cx.update(Update::PlansRead {
        workspace: workspace.id.clone(),
        plans: plans.clone(),
    })
    .await;
    Ok(plans)
}

fn no_plan(name: &str) -> Problem {
    Problem::user(msg!("test-no-plan", name = name)).code("not-found")
}

fn no_case(name: &str, plan: &str) -> Problem {
    Problem::user(msg!("test-no-plan-case", name = name, plan = plan)).code("not-found")
}

/// What somebody found when a case was carried out.
pub(super) struct Record {
    pub plan: String,
    pub case: String,
    pub state: State,
    pub note: String,
    /// A file that shows it, such as a picture; a copy is kept.
    pub evidence: Option<PathBuf>,
}

/// Remembers what somebody found: a run of one case.
pub(super) async fn record(cx: JobCtx, world: World, workspace: Workspace, record: Record) -> Result<(), Problem> {
    let plans = load(&cx, &workspace).await?;
    let plan = plans.iter().find(|known| known.name == record.plan);
    let plan = plan.ok_or_else(|| no_plan(&record.plan))?;
    let case = plan.cases.iter().find(|known| known.id == record.case);
    let case = case.ok_or_else(|| no_case(&record.case, &record.plan))?;
    let mut result = Finished::new(plan.case_id(case), record.state);
    result.message = SafeText::multiline(record.note.trim()).into_string();
    if let Some(file) = record.evidence {
        let folder = world.dirs().data.join("evidence");
        result.output = cx.blocking(move |_| keep_evidence(&file, &folder)).await?;
    }
    cx.update(Update::JobStarted {
        workspace: workspace.id.clone(),
        job: cx.id(),
    })
    .await;
    let outcome = note_results(&cx, &world, &workspace, plan, vec![(case.id.clone(), result)]).await;
    cx.update(Update::JobEnded {
        workspace: workspace.id,
        job: cx.id(),
    })
    .await;
    outcome
}

/// A copy under its content's own name; where it stands and its sum, as the result's output. Blocks.
fn keep_evidence(file: &Path, folder: &Path) -> Result<String, Problem> {
    let bytes = files::read_input(file, MAX_EVIDENCE)?;
    let sum = files::sha256_of(&bytes);
    let name = file.file_name().map(|name| name.to_string_lossy().into_owned());
    let to = folder.join(format!("{}-{}", sum.get(..16).unwrap_or(&sum), name.unwrap_or_default()));
    files::create_dir_all(folder)?;
    files::write_atomic(&to, &bytes)?;
    Ok(format!("{}\nsha256 {sum}", to.display()))
}

/// Runs the tests that cases of a plan name, and remembers what they found as if somebody had carried the cases out.
pub(super) async fn run(
    cx: JobCtx,
    world: World,
    workspace: Workspace,
    plan: String,
    case: Option<String>,
) -> Result<(), Problem> {
    world.trust().check(&workspace)?;
    let plans = load(&cx, &workspace).await?;
    let plan = plans.iter().find(|known| known.name == plan).ok_or_else(|| no_plan(&plan))?;
    if let Some(case) = case
        .as_deref()
        .filter(|case| plan.cases.iter().all(|known| known.id != *case))
    {
        return Err(no_case(case, &plan.name));
    }
    let is_wanted = |known: &&PlanCase| case.as_ref().is_none_or(|case| known.id == *case);
    let wanted = plan.cases.iter().filter(is_wanted);
    let with_test: Vec<(&PlanCase, String)> = wanted.filter_map(|case| Some((case, case.test.clone()?))).collect();
    if with_test.is_empty() {
        let problem = Problem::user(msg!("test-plan-no-tests", name = plan.name.as_str())).code("no-tests");
        return Err(problem.hint(msg!("test-plan-no-tests-hint")));
    }
    let before = world
        .store()
        .tests()
        .runs(&workspace.id, 1)
        .await?
        .first()
        .map_or(0, |run| run.id);
    let names: Vec<String> = with_test.iter().map(|(_, test)| test.clone()).collect();
    let what = What::Named(names);
    let outcome = super::jobs::run(cx.clone(), world.clone(), workspace.clone(), what, Limits::default()).await;
    if outcome.as_ref().is_err_and(Problem::is_cancelled) {
        return outcome;
    }
    let history = world.store().tests().history(&workspace.id).await?;
    let ran: Vec<(CaseId, State)> = history
        .cases
        .iter()
        .filter_map(|known| {
            let last = known.strip.last().filter(|point| point.run > before)?;
            Some((CaseId::from_stored(&known.suite, &known.name)?, last.state))
        })
        .collect();
    let mut found = Vec::new();
    for (case, test) in with_test {
        let ids = named(ran.iter().map(|(id, _)| id), std::slice::from_ref(&test));
        let states = ran.iter().filter(|(id, _)| ids.contains(id)).map(|(_, state)| *state);
        // The worst of them; a test that did not run says nothing.
        let worst = states.min_by_key(|state| match state {
            State::Failed => 0,
            State::Done => 2,
            _ => 1,
        });
        let Some(state) = worst else { continue };
        let mut result = Finished::new(plan.case_id(case), state);
        result.message = SafeText::new(&test).into_string();
        found.push((case.id.clone(), result));
    }
    if !found.is_empty() {
        note_results(&cx, &world, &workspace, plan, found).await?;
    }
    outcome
}

/// A run of results, each with the id of its case; boxes of a Markdown plan are ticked by it.
async fn note_results(
    cx: &JobCtx,
    world: &World,
    workspace: &Workspace,
    plan: &Plan,
    found: Vec<(String, Finished)>,
) -> Result<(), Problem> {
    let sources = source::stamp(cx, source::read(world, workspace).await).await;
    let tests = world.store().tests();
    let row = results::new_run(&workspace.id, cx.id(), RUNNER, &plan.name, &sources, cx.now());
    let row = tests.start_run(row).await?;
    cx.update(Update::RunStarted {
        workspace: workspace.id.clone(),
        run: Box::new(results::run_row(row.clone())),
    })
    .await;
    let rows = found.iter().map(|(_, result)| results::stored(result)).collect();
    tests.add_results(row.id, rows).await?;
    let ticks: Vec<(String, bool)> = found
        .iter()
        .map(|(id, result)| (id.clone(), result.state == State::Done))
        .collect();
    let has_failed = found.iter().any(|(_, result)| result.state == State::Failed);
    cx.update(Update::Results {
        workspace: workspace.id.clone(),
        run: row.id,
        started: Vec::new(),
        n_total: Some(found.len() as u64),
        finished: found.into_iter().map(|(_, result)| result).collect(),
    })
    .await;
    let ended = if has_failed { State::Failed } else { State::Done };
    let ended = results::run_row(tests.end_run(row.id, ended, 0).await?);
    cx.update(Update::RunEnded {
        workspace: workspace.id.clone(),
        run: Box::new(ended),
        trouble: None,
    })
    .await;
    if plan.is_markdown {
        let (root, name) = (workspace.root.clone(), plan.name.clone());
        cx.blocking(move |_| tick(&root, &name, &ticks)).await?;
    }
    Ok(())
}

fn tick(root: &Path, name: &str, ticks: &[(String, bool)]) -> Result<(), Problem> {
    let path = Path::new(FOLDER).join(format!("{name}.md"));
    let below = files::Beneath::open(root)?;
    let before = below.read_text(&path, 4 << 20)?;
    let mut text = before.clone();
    for (id, is_passed) in ticks {
        text = plan_text::ticked(&text, id, *is_passed).unwrap_or(text);
    }
    if text == before {
        return Ok(());
    }
    below.write_atomic(&path, text.as_bytes())
}
