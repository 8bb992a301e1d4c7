//! Test plans: `.chantier/tests/*.toml`, cases that people carry out. What they find is a run like any other.

use super::frameworks::{CaseId, Finished, Framework};
use super::{Update, results, source};
use crate::adapters::{World, scan};
use crate::areas::JobCtx;
use crate::base::{Problem, SafeText, State, Workspace};
use crate::msg;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// Where the plans stand.
pub const FOLDER: &str = ".chantier/tests";
/// The runner's word of what people found.
pub const RUNNER: &str = "manual";

/// A plan: what is carried out by hand, in order.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Plan {
    /// The file's name without its ending.
    #[serde(skip_deserializing)]
    pub name: String,
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
    for path in scan::with_ending(&root.join(FOLDER), 0, "toml") {
        let name = path
            .file_stem()
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default();
        let text = scan::read_text(&path, 4 << 20).unwrap_or_default();
        match parse(&name, &text) {
            Ok(plan) => plans.push(plan),
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

/// Remembers what somebody found: a run of one case.
pub(super) async fn record(
    cx: JobCtx,
    world: World,
    workspace: Workspace,
    plan: String,
    case: String,
    state: State,
    note: String,
) -> Result<(), Problem> {
    let plans = load(&cx, &workspace).await?;
    let found = plans.iter().find(|known| known.name == plan);
    let found = found.ok_or_else(|| Problem::user(msg!("test-no-plan", name = plan.as_str())).code("not-found"))?;
    let one = found.cases.iter().find(|known| known.id == case);
    let one = one
        .ok_or_else(|| Problem::user(msg!("test-no-plan-case", name = case.as_str(), plan = plan.as_str())).code("not-found"))?;
    let sources = source::stamp(&cx, source::read(&world, &workspace).await).await;
    let tests = world.store().tests();
    cx.update(Update::JobStarted {
        workspace: workspace.id.clone(),
        job: cx.id(),
    })
    .await;
    let row = results::new_run(&workspace.id, cx.id(), RUNNER, &plan, &sources, cx.now());
    let row = tests.start_run(row).await?;
    cx.update(Update::RunStarted {
        workspace: workspace.id.clone(),
        run: Box::new(results::run_row(row.clone())),
    })
    .await;
    let mut result = Finished::new(found.case_id(one), state);
    result.message = SafeText::multiline(note.trim()).into_string();
    tests.add_results(row.id, vec![results::stored(&result)]).await?;
    cx.update(Update::Results {
        workspace: workspace.id.clone(),
        run: row.id,
        started: Vec::new(),
        finished: vec![result],
        n_total: Some(1),
    })
    .await;
    let ended = if state == State::Failed { State::Failed } else { State::Done };
    let ended = results::run_row(tests.end_run(row.id, ended, 0).await?);
    cx.update(Update::RunEnded {
        workspace: workspace.id.clone(),
        run: Box::new(ended),
        trouble: None,
    })
    .await;
    cx.update(Update::JobEnded {
        workspace: workspace.id,
        job: cx.id(),
    })
    .await;
    Ok(())
}
