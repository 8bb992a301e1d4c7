//! Who has to say yes before a version comes to an environment, and who did: each word stands in the audit log beside the sum of what
//! it was said of, so that other files or settings need another one. A return to a former version needs nobody's.

use super::inputs::{self, Inputs};
use super::{What, journal};
use crate::adapters::World;
use crate::adapters::store::audit::AuditEntry;
use crate::areas::devops::project::{self, Approvals};
use crate::base::{Msg, Problem, SafeText, Timestamp, Workspace};
use crate::msg;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeMap;

/// As they stand in the audit log.
const YES: &str = "approval.yes";
const NO: &str = "approval.no";
/// Entries of the log that are looked through; a word that is older has to be said again.
const LOOKED_THROUGH: u32 = 2_000;

/// Somebody's word on a version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Word {
    pub by: String,
    pub is_yes: bool,
    #[serde(default)]
    pub note: String,
}

/// What an environment asks for, and what was said of what would be deployed now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    pub n_needed: u32,
    /// Those who may; empty: anybody but the one who deploys.
    pub from: Vec<String>,
    /// The last word of each, the newest first.
    pub said: Vec<Said>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    pub at: Timestamp,
    #[serde(flatten)]
    pub word: Word,
}

impl Said {
    /// On one line.
    pub fn words(&self) -> Msg {
        let (by, note) = (self.word.by.as_str(), self.word.note.as_str());
        match (self.word.is_yes, note.is_empty()) {
            (true, true) => msg!("deploy-approved", by = by),
            (true, false) => msg!("deploy-approved-note", by = by, note = note),
            (false, _) => msg!("deploy-refused-note", by = by, note = note),
        }
    }
}

impl Approval {
    /// How many said yes.
    pub fn n_yes(&self) -> u32 {
        self.said.iter().filter(|said| said.word.is_yes).count() as u32
    }

    /// Why nothing may be deployed yet; None when enough said yes and nobody no.
    pub fn obstacle(&self, environment: &str, version: &str) -> Option<Problem> {
        if let Some(no) = self.said.iter().find(|said| !said.word.is_yes) {
            let summary = msg!(
                "deploy-approval-no",
                version = version,
                environment = environment,
                by = &no.word.by
            );
            return Some(Problem::user(summary).code("not-approved").details(&no.word.note));
        }
        if self.n_yes() >= self.n_needed {
            return None;
        }
        let missing: Vec<&str> = self
            .from
            .iter()
            .map(String::as_str)
            .filter(|name| self.said.iter().all(|said| said.word.by != *name))
            .collect();
        let summary = msg!(
            "deploy-approval-lacks",
            version = version,
            environment = environment,
            n = self.n_yes(),
            needed = self.n_needed
        );
        let hint = msg!("deploy-approval-lacks-hint", environment = environment, version = version);
        Some(
            Problem::user(summary)
                .code("needs-approval")
                .details(missing.join("\n"))
                .hint(hint),
        )
    }
}

/// What was said of exactly this; None where the environment asks nobody.
pub async fn of(
    world: &World,
    workspace: &Workspace,
    rules: Option<&Approvals>,
    inputs: &Inputs,
) -> Result<Option<Approval>, Problem> {
    let Some(rules) = rules else { return Ok(None) };
    let sum = inputs.settings_sum();
    let who = journal::who(world);
    let rows = world
        .store()
        .audit()
        .list(&workspace.id, Some(&inputs.environment), LOOKED_THROUGH)
        .await?;
    let mut said: BTreeMap<String, Said> = BTreeMap::new();
    for row in rows {
        let is_yes = match row.act.as_str() {
            YES => true,
            NO => false,
            _ => continue,
        };
        let by = row.data["by"].as_str().unwrap_or_default().to_owned();
        let may = rules.from.contains(&by) || (rules.from.is_empty() && by != who);
        // Newest first: the last word of each counts.
        if row.data["sum"].as_str() != Some(&sum) || !may || said.contains_key(&by) {
            continue;
        }
        let note = row.data["note"].as_str().unwrap_or_default().to_owned();
        let word = Word {
            by: by.clone(),
            is_yes,
            note,
        };
        said.insert(by, Said { at: row.at, word });
    }
    let mut said: Vec<Said> = said.into_values().collect();
    said.sort_by_key(|said| std::cmp::Reverse(said.at));
    Ok(Some(Approval {
        n_needed: rules.needed(),
        from: rules.from.clone(),
        said,
    }))
}

/// Refuses what not enough people said yes to.
pub async fn check(
    world: &World,
    workspace: &Workspace,
    environment: &project::Environment,
    inputs: &Inputs,
) -> Result<(), Problem> {
    let approval = of(world, workspace, environment.approvals.as_ref(), inputs).await?;
    let Some(problem) = approval.and_then(|approval| approval.obstacle(&environment.name, &inputs.label)) else {
        return Ok(());
    };
    journal::audit_refused(world, workspace, &environment.name, &problem).await?;
    Err(problem)
}

/// Writes somebody's word down, beside the sum of what it was said of.
pub async fn say(world: &World, workspace: &Workspace, environment: &str, what: &What, word: &Word) -> Result<(), Problem> {
    world.trust().check(workspace)?;
    let (project, environment) = journal::environment(workspace, environment)?;
    let name = &environment.name;
    let Some(rules) = &environment.approvals else {
        return Err(Problem::user(msg!("deploy-approval-not-asked", environment = name))
            .code("no-approvals")
            .hint(msg!("deploy-approval-not-asked-hint", environment = name)));
    };
    let by = SafeText::new(word.by.trim()).into_string();
    if by.is_empty() || !(rules.from.is_empty() || rules.from.contains(&by)) {
        let problem = Problem::user(msg!("deploy-approval-not-yours", by = &by, environment = name)).code("not-an-approver");
        let names = rules.from.join(", ");
        return Err(if names.is_empty() {
            problem
        } else {
            problem.hint(msg!("deploy-approval-not-yours-hint", names = names))
        });
    }
    let who = journal::who(world);
    if rules.from.is_empty() && by == who {
        return Err(Problem::user(msg!("deploy-approval-own", by = &by))
            .code("own-approval")
            .hint(msg!("deploy-approval-own-hint")));
    }
    let inputs = inputs::gather(world, workspace, &project, &environment, what).await?;
    let entry = AuditEntry {
        who,
        act: if word.is_yes { YES } else { NO }.to_owned(),
        workspace: Some(workspace.id.clone()),
        environment: Some(name.clone()),
        deployment: None,
        data: json!({
            "version": inputs.label,
            "commit": inputs.commit,
            "sum": inputs.settings_sum(),
            "by": by,
            "note": SafeText::new(word.note.trim()).into_string(),
        }),
    };
    world.store().audit().append(entry).await.map(drop)
}
