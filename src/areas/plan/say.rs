//! Words that window and command line share: roll-ups, rules, the coverage line.

use super::followed::coverage::Coverage;
use super::front::{CONFLICT, Flaw};
use super::links::{Links, RollUp};
use super::model::Plan;
use super::{Item, estimate, rule_file, state_name};
use crate::areas::devops::project::PlanRule;
use crate::base::format::{decimal, short_oid};
use crate::base::{Catalog, Msg, Problem, SafeText, State};
use crate::msg;
use jiff::civil::Date;
use std::path::{Path, PathBuf};

/// `3 of 8, 42 %, 2d 4h of 6d`.
pub fn roll_up_words(sum: &RollUp, texts: &Catalog) -> String {
    let mut text = texts.msg(&msg!(
        "plan-roll-up",
        n = sum.n_done,
        all = sum.n_all,
        percent = sum.percent()
    ));
    if !sum.effort().is_nothing() {
        let done = sum.effort_done().text();
        let done = if done.is_empty() { "0".to_owned() } else { done };
        text.push_str(&texts.msg(&msg!("plan-roll-up-effort", done = done, all = sum.effort().text())));
    }
    text
}

/// An estimate with its units in the language: `2 d 4 h`. What can not be read stays as it was written.
pub fn estimate_words(text: &str, texts: &Catalog) -> String {
    let Some(effort) = estimate::parse(text) else {
        return SafeText::new(text).into_string();
    };
    let days = (effort.hours / estimate::HOURS_A_DAY).floor();
    let units = [
        (days, "unit-d"),
        (effort.hours - days * estimate::HOURS_A_DAY, "unit-h"),
        (effort.points, "unit-points"),
    ];
    let words = units.into_iter().filter(|(n, _)| *n > 0.0).map(|(n, unit)| {
        let n = (n * 10.0).round() / 10.0;
        let places = usize::from(n.fract() != 0.0);
        format!("{}\u{a0}{}", decimal(n, places, texts), texts.t(unit))
    });
    words.collect::<Vec<_>>().join(" ")
}

/// The filter of what belongs to a milestone.
pub fn forecast_filter(milestone: &Item) -> String {
    format!("milestone:\"{}\"", milestone.title.replace('"', ""))
}

/// What is open of an item that is done; None when nothing is.
pub fn still_open(plan: &Plan, item: &Item) -> Option<Msg> {
    let links = Links::of(plan);
    let is_open = |part: &&&Item| !part.is_done(&plan.workflow);
    let needs: Vec<&str> = links.open_needs(item).iter().map(|need| need.id.as_str()).collect();
    let n_parts = links.children(&item.id).iter().filter(is_open).count();
    let n_criteria = item.criteria.len() - item.n_criteria_done();
    let n_checks = item.checks.iter().filter(|check| !check.is_done).count();
    if needs.len() + n_parts + n_criteria + n_checks == 0 {
        return None;
    }
    let needs = if needs.is_empty() { "0".to_owned() } else { needs.join(", ") };
    Some(msg!(
        "plan-done-open",
        id = item.id.as_str(),
        needs = needs,
        parts = n_parts,
        criteria = n_criteria,
        checks = n_checks
    ))
}

/// A rule in words.
pub fn rule_words(rule: &PlanRule, texts: &Catalog) -> Msg {
    let state = state_name(&rule.to, texts);
    match (rule_file::word(rule.on), &rule.environment) {
        ("commit", _) => msg!("plan-rule-commit", state = state),
        ("merged", _) => msg!("plan-rule-merged", state = state),
        ("tests", _) => msg!("plan-rule-tests", state = state),
        ("criteria", _) => msg!("plan-rule-criteria", state = state),
        ("released", _) => msg!("plan-rule-released", state = state),
        (_, Some(environment)) => msg!(
            "plan-rule-deployed-to",
            state = state,
            environment = SafeText::new(environment)
        ),
        (_, None) => msg!("plan-rule-deployed", state = state),
    }
}

/// The coverage line: `branch … — 3 commits — 12 passed — 2.6.0 — production — healthy`.
pub fn coverage_line(coverage: &Coverage, texts: &Catalog) -> String {
    let none = || "–".to_owned();
    let mut parts = vec![
        coverage
            .branches
            .first()
            .map_or_else(none, |branch| SafeText::new(branch).into_string()),
    ];
    parts.push(match coverage.commits.first() {
        Some(commit) => texts.msg(&msg!(
            "plan-cover-commits",
            n = coverage.n_commits,
            oid = short_oid(&commit.oid)
        )),
        None => none(),
    });
    parts.push(coverage.tests.as_ref().map_or_else(none, |tests| {
        texts.msg(&msg!("plan-cover-tests", passed = tests.n_passed, failed = tests.n_failed))
    }));
    parts.push(
        coverage
            .releases
            .first()
            .map_or_else(none, |version| SafeText::new(version).into_string()),
    );
    let live: Vec<String> = coverage
        .places
        .iter()
        .filter(|place| place.is_live)
        .map(|place| SafeText::new(&place.environment).into_string())
        .collect();
    parts.push(if live.is_empty() { none() } else { live.join(", ") });
    parts.push(match coverage.health {
        State::Running => texts.t("plan-cover-healthy").into_owned(),
        State::Failed => texts.msg(&msg!(
            "plan-cover-incident",
            title = SafeText::new(coverage.incident.as_deref().unwrap_or_default())
        )),
        _ => none(),
    });
    parts.join(" — ")
}

/// The problem of an item that would end before it begins.
pub fn days_crossed(start: Date, due: Date) -> Problem {
    let problem = Problem::user(msg!("plan-cli-days")).code("value");
    problem.hint(msg!("plan-cli-days-hint", start = start.to_string(), due = due.to_string()))
}

/// The path of a file of the plan as it stands in its project.
fn below_project(path: &Path) -> SafeText {
    let starts = |part: &std::path::Component<'_>| {
        let name = part.as_os_str();
        name == ".chantier" || name == "backlog" || name == ".backlog"
    };
    let below: PathBuf = path.components().skip_while(|part| !starts(part)).collect();
    let below = if below.as_os_str().is_empty() {
        path.to_path_buf()
    } else {
        below
    };
    SafeText::new(&below.to_string_lossy())
}

/// A flaw of a file as a problem with its place.
pub(super) fn flawed(path: &Path, flaw: Flaw) -> Problem {
    let hint = if flaw.why.key == CONFLICT {
        msg!("plan-flaw-conflict-hint", file = below_project(path))
    } else {
        msg!("plan-flaw-hint")
    };
    let problem = Problem::config(flaw.why).code("unreadable").details(flaw.details);
    problem.hint(hint).at_place(path, flaw.line, flaw.column)
}
