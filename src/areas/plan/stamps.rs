//! What stands in the folder of items and what `chantier.toml` says of it, without reading the items themselves.

use super::folder::hash;
use super::workflow::Workflow;
use super::{FOLDER, backlog};
use crate::adapters::files::{self, Beneath};
use crate::areas::devops::project;
use crate::base::{Problem, SafeText, Timestamp, Workspace};
use crate::msg;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// More files than this are not read; the rest is told as a problem.
const MAX_FILES: usize = 20_000;
/// Folders below the folder of items.
const MAX_DEPTH: usize = 4;

/// What tells that a file may have been changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stamp {
    len: u64,
    modified: Option<Timestamp>,
}

/// Every file of a plan with its stamp.
pub type Stamps = BTreeMap<PathBuf, Stamp>;

/// The folders whose files are items, below the root: ours, and those of Backlog.md.
pub fn folders(root: &Path) -> Vec<PathBuf> {
    let home = backlog::home(root).unwrap_or_else(|| PathBuf::from(backlog::USUAL));
    vec![
        PathBuf::from(FOLDER),
        home.join(backlog::TASKS),
        home.join(backlog::COMPLETED),
        home.join(backlog::MILESTONES),
    ]
}

/// Looks at names, sizes and times only.
pub fn stamps(workspace: &Workspace) -> Result<Stamps, Problem> {
    let mut out = Stamps::new();
    let mut open: Vec<(PathBuf, usize)> = folders(&workspace.root).into_iter().map(|folder| (folder, 0)).collect();
    // What no item can be written to is no empty plan.
    if let Ok(beneath) = Beneath::open(&workspace.root) {
        let looked = open.iter().map(|(folder, _)| beneath.read(folder, 0));
        if let Some(problem) = looked.filter_map(Result::err).find(|problem| problem.code == "leads-out") {
            return Err(problem);
        }
    }
    while let Some((folder, depth)) = open.pop() {
        let entries = match files::list_dir(&workspace.root.join(&folder)) {
            Ok(entries) => entries,
            Err(problem) if problem.code == "not-found" => continue,
            Err(problem) => return Err(problem),
        };
        for entry in entries {
            // Backlog.md looks into no folder of its folders, and neither does git's own.
            let is_open = folder.starts_with(FOLDER) && depth < MAX_DEPTH && !entry.name.to_string_lossy().starts_with('.');
            if entry.is_dir && is_open {
                open.push((folder.join(&entry.name), depth + 1));
                continue;
            }
            // What people say of the folder is no item.
            let is_about = entry.name.eq_ignore_ascii_case("readme.md");
            let is_item = !entry.is_dir && !is_about && entry.path.extension().is_some_and(|ending| ending == "md");
            if is_item && out.len() < MAX_FILES {
                let stamp = Stamp {
                    len: entry.len,
                    modified: entry.modified,
                };
                out.insert(folder.join(&entry.name), stamp);
            }
        }
    }
    Ok(out)
}

/// The project's rules for the plan, and what its file says wrongly about them.
pub fn workflow(workspace: &Workspace) -> (Workflow, Vec<Problem>) {
    let path = workspace.root.join(project::FILE_NAME);
    let (rules, problems) = match project::read_text(&workspace.root) {
        Ok(None) => (project::PlanRules::default(), Vec::new()),
        Ok(Some(text)) => {
            let (file, mut problems) = project::parse(&text, &path);
            // The other sections' faults are told by the pages that use them.
            let lines = plan_lines(&text);
            problems.retain(|problem| {
                let line = problem.place.as_ref().and_then(|place| place.line).unwrap_or(0);
                lines.contains(&line)
            });
            problems.extend(lost(&file, &text, workspace));
            (file.plan, problems)
        }
        Err(problem) => (project::PlanRules::default(), vec![problem]),
    };
    (of_rules(rules, workspace), problems)
}

fn of_rules(mut rules: project::PlanRules, workspace: &Workspace) -> Workflow {
    // A project of Backlog.md says its states there, unless it says them here.
    if rules.states == project::PlanRules::default().states && backlog::at_home(workspace).is_some() {
        rules.states = backlog::statuses(&workspace.root);
    }
    Workflow::from_rules(&rules, &workspace.name)
}

/// States and environments that the project file names for the plan and does not have.
pub fn lost(file: &project::ProjectFile, text: &str, workspace: &Workspace) -> Vec<Problem> {
    let path = workspace.root.join(project::FILE_NAME);
    let start = text.find("[plan").unwrap_or(0);
    let mut problems = Vec::new();
    let mut tell = |problem: Problem, word: &str, known: &[&str]| {
        let at = text[start..].find(word).map_or(start, |at| start + at);
        let problem = problem.hint(msg!("plan-remark-words-hint", words = known.join(", ")));
        problems.push(problem.at_byte(&path, text, at));
    };
    let environments = file.environments.iter().map(|environment| environment.name.as_str());
    let environments: Vec<&str> = environments.collect();
    let rules = &file.plan;
    for name in rules.rules.iter().filter_map(|rule| rule.environment.as_deref()) {
        if !environments.is_empty() && !environments.contains(&name) {
            let problem = Problem::config(msg!("plan-rule-environment", name = SafeText::new(name)));
            tell(problem.code("no-environment"), name, &environments);
        }
    }
    let workflow = of_rules(rules.clone(), workspace);
    let states: Vec<&str> = workflow.columns.iter().map(|column| column.state.as_str()).collect();
    let moves = rules
        .transitions
        .iter()
        .flat_map(|(from, to)| std::iter::once(from).chain(to));
    let named = rules
        .rules
        .iter()
        .map(|rule| &rule.to)
        .chain(rules.limits.keys())
        .chain(moves);
    for state in named.collect::<BTreeSet<_>>() {
        if workflow.column_of(state).is_none() {
            let problem = Problem::config(msg!("plan-no-state", word = SafeText::new(state)));
            tell(problem.code("no-state"), state, &states);
        }
    }
    problems
}

/// What tells that `chantier.toml`, or the settings of Backlog.md, were changed.
pub fn rules_hash(workspace: &Workspace) -> String {
    let ours = match files::read(&workspace.root.join(project::FILE_NAME), files::MAX_TEXT_BYTES) {
        Ok(bytes) => hash(&bytes),
        Err(problem) => problem.code,
    };
    format!("{ours} {}", hash(backlog::settings_text(&workspace.root).as_bytes()))
}

/// The lines of the `[plan]` tables, from 1.
fn plan_lines(text: &str) -> BTreeSet<u32> {
    let mut is_inside = false;
    let mut out = BTreeSet::new();
    for (number, line) in (1_u32..).zip(text.lines()) {
        let line = line.trim_start();
        if line.starts_with('[') {
            is_inside = ["[plan]", "[plan.", "[[plan."].iter().any(|head| line.starts_with(head));
        }
        if is_inside {
            out.insert(number);
        }
    }
    out
}
