//! The rules of a plan in `chantier.toml`: written as `[[plan.rules]]`, everything else of the file stays as it is.

use crate::adapters::files::{self, Beneath};
use crate::areas::devops::project::{FILE_NAME, PlanEvent, PlanRule, parse};
use crate::base::{Problem, SafeText, Workspace};
use crate::msg;
use std::path::Path;
use toml_edit::{ArrayOfTables, DocumentMut, Item as TomlItem, Table, value};

/// The rules that suit most projects.
pub fn usual(workflow: &super::Workflow, production: &str) -> Vec<PlanRule> {
    let mut rules = Vec::new();
    if let Some(busy) = workflow.columns.get(1).filter(|_| workflow.columns.len() > 2) {
        rules.push(PlanRule {
            on: PlanEvent::Commit,
            to: busy.state.clone(),
            environment: None,
        });
    }
    if workflow.columns.len() > 3 {
        rules.push(PlanRule {
            on: PlanEvent::Tests,
            to: workflow.columns[workflow.columns.len() - 2].state.clone(),
            environment: None,
        });
    }
    rules.push(PlanRule {
        on: PlanEvent::Deployed,
        to: workflow.last().to_owned(),
        environment: Some(production.to_owned()),
    });
    rules
}

/// The word of an event, as the file has it.
pub fn word(event: PlanEvent) -> &'static str {
    match event {
        PlanEvent::Commit => "commit",
        PlanEvent::Merged => "merged",
        PlanEvent::Tests => "tests",
        PlanEvent::Criteria => "criteria",
        PlanEvent::Released => "released",
        PlanEvent::Deployed => "deployed",
    }
}

/// Reads `deployed@production=done` or `commit=in-progress`.
pub fn from_words(typed: &str) -> Result<PlanRule, Problem> {
    let wrong = || {
        Problem::user(msg!("plan-rule-wrong", typed = SafeText::new(typed)))
            .code("rule")
            .hint(msg!("plan-rule-hint"))
    };
    let (when, to) = typed.split_once('=').ok_or_else(wrong)?;
    let (event, environment) = match when.split_once('@') {
        Some((event, environment)) => (event, Some(environment.trim().to_owned())),
        None => (when, None),
    };
    let all = [
        PlanEvent::Commit,
        PlanEvent::Merged,
        PlanEvent::Tests,
        PlanEvent::Criteria,
        PlanEvent::Released,
        PlanEvent::Deployed,
    ];
    let on = all.into_iter().find(|known| word(*known) == event.trim()).ok_or_else(wrong)?;
    if to.trim().is_empty() || environment.is_some() && on != PlanEvent::Deployed {
        return Err(wrong());
    }
    Ok(PlanRule {
        on,
        to: to.trim().to_owned(),
        environment,
    })
}

/// Writes the rules; states that the workflow does not know are refused. Blocks.
pub fn write(workspace: &Workspace, rules: &[PlanRule]) -> Result<(), Problem> {
    let (workflow, _) = super::stamps::workflow(workspace);
    for rule in rules {
        if workflow.column_of(&rule.to).is_none() {
            let known: Vec<&str> = workflow.columns.iter().map(|column| column.state.as_str()).collect();
            return Err(Problem::user(msg!("plan-no-state", word = SafeText::new(&rule.to)))
                .hint(msg!("plan-remark-words-hint", words = known.join(", "))));
        }
    }
    let path = workspace.root.join(FILE_NAME);
    let text = files::read_text_if_there(&path, files::MAX_TEXT_BYTES)?.unwrap_or_default();
    let refused = |details: String| {
        Problem::config(msg!("plan-rule-file"))
            .code("unreadable")
            .details(details)
            .hint(msg!("plan-flaw-hint"))
            .at_place(&path, 0, 0)
    };
    let mut doc: DocumentMut = text
        .parse()
        .map_err(|error: toml_edit::TomlError| refused(error.message().to_owned()))?;
    let plan = doc.entry("plan").or_insert_with(|| {
        let mut table = Table::new();
        table.set_implicit(true);
        TomlItem::Table(table)
    });
    let plan = plan.as_table_mut().ok_or_else(|| refused("plan".to_owned()))?;
    if rules.is_empty() {
        plan.remove("rules");
    } else {
        let mut tables = ArrayOfTables::new();
        for rule in rules {
            let mut table = Table::new();
            table["on"] = value(word(rule.on));
            if let Some(environment) = &rule.environment {
                table["environment"] = value(environment);
            }
            table["to"] = value(&rule.to);
            tables.push(table);
        }
        plan.insert("rules", TomlItem::ArrayOfTables(tables));
    }
    let text = doc.to_string();
    // Read again before it counts.
    let (file, problems) = parse(&text, &path);
    if file.plan.rules != rules {
        return Err(problems.into_iter().next().unwrap_or_else(|| refused(String::new())));
    }
    Beneath::open(&workspace.root)?.write_atomic(Path::new(FILE_NAME), text.as_bytes())
}
