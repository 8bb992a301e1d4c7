//! The document of a plan: what stands in it, what is wrong with it, and a new one to be filled in. Pure but for reading the folder.

use crate::adapters::{files, http};
use crate::areas::devops::probe::{Ready, what};
use crate::areas::devops::project::{Probe, ProbeKind, ProjectFile, Span, Words};
use crate::base::{Msg, Problem, Timestamp};
use crate::msg;
use serde::{Deserialize, Deserializer, Serialize};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;
use toml::Spanned;

/// Where the plans of a workspace are.
pub const FOLDER: &str = ".chantier/deploy";

/// The parts of a plan, in the order in which they are done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    Preparation,
    /// By those of the stakeholders who have to.
    Approval,
    Migration,
    Stage,
    Verification,
    /// Only when somebody asks for the way back.
    Rollback,
}

/// What a step does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepKind {
    /// A command that has to succeed.
    Run,
    /// A task of the project.
    Task,
    /// Waits for a person.
    Confirm,
    /// Brings the version to an environment.
    Deploy,
    /// Brings the version before back to an environment.
    Return,
    /// Asks until the answer is good.
    Ask,
}

/// What a plan says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Document {
    pub title: Option<String>,
    pub version: String,
    /// Where it is meant to go in the end.
    pub environment: Option<String>,
    pub owner: Option<String>,
    pub text: Option<String>,
    pub schedule: Schedule,
    pub stakeholders: Vec<Stakeholder>,
    pub steps: Vec<(Phase, PlanStep)>,
}

/// When it may be done.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Schedule {
    #[serde(default, deserialize_with = "moment")]
    pub from: Option<Timestamp>,
    #[serde(default, deserialize_with = "moment")]
    pub until: Option<Timestamp>,
    #[serde(default)]
    pub note: Option<String>,
}

impl Schedule {
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.from.is_none_or(|from| now >= from) && self.until.is_none_or(|until| now <= until)
    }
}

/// Somebody whom the deployment concerns.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stakeholder {
    pub name: String,
    #[serde(default)]
    pub role: Option<String>,
    #[serde(default)]
    pub contact: Option<String>,
    /// Nothing is changed before they have said yes.
    #[serde(default)]
    pub approves: bool,
}

/// One step. Exactly one of `run`, `task`, `confirm`, `deploy`, `return` and `ask` says what it does.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanStep {
    /// None: the task's name, or what it does and where.
    #[serde(default)]
    pub name: Option<String>,
    #[serde(default)]
    pub run: Vec<String>,
    #[serde(default)]
    pub task: Option<String>,
    /// What a person is to look at.
    #[serde(default)]
    pub confirm: Option<String>,
    /// Of `confirm`: a file has to show it.
    #[serde(default)]
    pub evidence: bool,
    #[serde(default)]
    pub deploy: Option<String>,
    #[serde(default, rename = "return")]
    pub back: Option<String>,
    #[serde(default)]
    pub ask: Option<Probe>,
    #[serde(default)]
    pub timeout: Option<Span>,
}

impl PlanStep {
    /// Every kind that its keys speak of.
    fn kinds(&self) -> Vec<StepKind> {
        let said = [
            (!self.run.is_empty(), StepKind::Run),
            (self.task.is_some(), StepKind::Task),
            (self.confirm.is_some(), StepKind::Confirm),
            (self.deploy.is_some(), StepKind::Deploy),
            (self.back.is_some(), StepKind::Return),
            (self.ask.is_some(), StepKind::Ask),
        ];
        said.into_iter()
            .filter(|(is_said, _)| *is_said)
            .map(|(_, kind)| kind)
            .collect()
    }

    pub fn kind(&self) -> StepKind {
        self.kinds().first().copied().unwrap_or(StepKind::Confirm)
    }

    /// The environment that it changes.
    pub fn environment(&self) -> Option<&str> {
        self.deploy.as_deref().or(self.back.as_deref())
    }

    /// What it is called.
    pub fn id(&self) -> String {
        if let Some(name) = self.name.as_ref().or(self.task.as_ref()) {
            return name.clone();
        }
        match (&self.deploy, &self.back) {
            (Some(environment), _) => format!("deploy {environment}"),
            (_, Some(environment)) => format!("return {environment}"),
            _ => self.what(),
        }
    }

    /// What it does, in one line.
    pub fn what(&self) -> String {
        match self.kind() {
            StepKind::Run => self.run.join(" "),
            StepKind::Task => self.task.clone().unwrap_or_default(),
            StepKind::Confirm => self.confirm.clone().unwrap_or_default(),
            StepKind::Deploy | StepKind::Return => self.environment().unwrap_or_default().to_owned(),
            StepKind::Ask => self.ask.as_ref().map_or_else(String::new, |probe| what(&probe.kind)),
        }
    }
}

/// As it stands in the file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    #[serde(default)]
    title: Option<String>,
    version: String,
    #[serde(default)]
    environment: Option<Spanned<String>>,
    #[serde(default)]
    owner: Option<String>,
    #[serde(default)]
    text: Option<String>,
    #[serde(default)]
    schedule: Option<Spanned<Schedule>>,
    #[serde(default)]
    stakeholder: Vec<Stakeholder>,
    #[serde(default)]
    preparation: Vec<Spanned<PlanStep>>,
    #[serde(default)]
    migration: Vec<Spanned<PlanStep>>,
    #[serde(default)]
    stage: Vec<Spanned<PlanStep>>,
    #[serde(default)]
    verification: Vec<Spanned<PlanStep>>,
    #[serde(default)]
    rollback: Vec<Spanned<PlanStep>>,
}

/// With an offset, or in the time of this machine; a date is its first moment.
fn moment<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Timestamp>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Written {
        Text(String),
        Toml(toml::value::Datetime),
    }
    let Some(written) = Option::<Written>::deserialize(from)? else {
        return Ok(None);
    };
    let text = match written {
        Written::Text(text) => text,
        Written::Toml(moment) => moment.to_string(),
    };
    let local = || {
        let moment: jiff::civil::DateTime = text.parse()?;
        moment.to_zoned(jiff::tz::TimeZone::system()).map(|zoned| zoned.timestamp())
    };
    let found: Result<Timestamp, jiff::Error> = text.parse().or_else(|_| local());
    found.map(Some).map_err(serde::de::Error::custom)
}

/// Reads the text of a plan; what is wrong comes with its line.
pub fn parse(text: &str, path: &Path, project: &ProjectFile) -> Result<Document, Vec<Problem>> {
    let raw: Raw = toml::from_str(text).map_err(|error| {
        let why = error.message().lines().next().unwrap_or_default().to_owned();
        let problem = Problem::config(msg!("deploy-plan-broken", why = why)).hint(msg!("deploy-plan-broken-hint"));
        vec![problem.at_byte(path, text, error.span().map_or(0, |span| span.start))]
    })?;
    let mut problems = Vec::new();
    let mut tell =
        |wrong: Msg, hint: Msg, start: usize| problems.push(Problem::config(wrong).hint(hint).at_byte(path, text, start));
    let names: Vec<&str> = project.environments.iter().map(|one| one.name.as_str()).collect();
    let known = || msg!("deploy-no-environment-hint", names = names.join(", "));
    if let Some(environment) = raw
        .environment
        .as_ref()
        .filter(|name| !names.contains(&name.get_ref().as_str()))
    {
        let name = environment.get_ref().as_str();
        tell(msg!("deploy-no-environment", name = name), known(), environment.span().start);
    }
    if let Some(schedule) = &raw.schedule
        && let (Some(from), Some(until)) = (schedule.get_ref().from, schedule.get_ref().until)
        && from >= until
    {
        tell(
            msg!("deploy-plan-window-empty"),
            msg!("deploy-plan-window-empty-hint"),
            schedule.span().start,
        );
    }
    let approvals = raw.stakeholder.iter().filter(|one| one.approves).map(|one| PlanStep {
        name: Some(format!("approval {}", one.name)),
        confirm: Some(one.role.clone().unwrap_or_default()),
        ..PlanStep::default()
    });
    let mut steps: Vec<(Phase, PlanStep)> = Vec::new();
    let mut seen: BTreeSet<String> = approvals.clone().map(|step| step.id()).collect();
    let is_staged = !raw.stage.is_empty();
    let phases = [
        (Phase::Preparation, raw.preparation),
        (Phase::Migration, raw.migration),
        (Phase::Stage, raw.stage),
        (Phase::Verification, raw.verification),
        (Phase::Rollback, raw.rollback),
    ];
    for (phase, listed) in phases {
        if phase == Phase::Migration {
            steps.extend(approvals.clone().map(|step| (Phase::Approval, step)));
        }
        for step in listed {
            let start = step.span().start;
            let step = step.into_inner();
            let kinds = step.kinds();
            let id = Some(step.id()).filter(|id| !id.is_empty());
            // One that says nothing has no name either: then its part of the file is told.
            let id = id.unwrap_or_else(|| format!("[[{}]]", format!("{phase:?}").to_lowercase()));
            if kinds.len() != 1 {
                tell(
                    msg!("deploy-plan-step-kinds", step = &id),
                    msg!("deploy-plan-step-kinds-hint"),
                    start,
                );
            }
            let is_stray = kinds.iter().any(|kind| match kind {
                StepKind::Deploy => phase != Phase::Stage,
                StepKind::Return => phase != Phase::Rollback,
                _ => false,
            });
            if is_stray {
                tell(
                    msg!("deploy-plan-step-place", step = &id),
                    msg!("deploy-plan-step-place-hint"),
                    start,
                );
            }
            let asked = step.ask.as_ref().map(|probe| &probe.kind);
            if asked.is_some_and(|kind| !matches!(kind, ProbeKind::Http { .. } | ProbeKind::Tcp { .. })) {
                tell(
                    msg!("deploy-plan-step-ask", step = &id),
                    msg!("deploy-plan-step-ask-hint"),
                    start,
                );
            }
            let words = Words::default().set("version", "").set("commit", "");
            if let Some(wrong) = asked.and_then(|kind| wrong_question(kind, &words)) {
                let hint = wrong.hint.unwrap_or_else(|| msg!("deploy-plan-step-ask-hint"));
                tell(wrong.summary, hint, start);
            }
            if step.evidence && step.confirm.is_none() {
                tell(
                    msg!("deploy-plan-step-evidence", step = &id),
                    msg!("deploy-plan-step-evidence-hint"),
                    start,
                );
            }
            if let Some(name) = step.environment().filter(|name| !names.contains(name)) {
                tell(msg!("deploy-no-environment", name = name), known(), start);
            }
            if let Some(task) = step.task.as_deref().filter(|task| project.task(task).is_none()) {
                let hint = msg!("release-step-no-task-hint");
                tell(msg!("release-step-no-task", task = task), hint, start);
            }
            if !seen.insert(id.clone()) {
                tell(
                    msg!("deploy-plan-step-twice", step = &id),
                    msg!("deploy-plan-step-twice-hint"),
                    start,
                );
            }
            steps.push((phase, step));
        }
    }
    if !is_staged {
        tell(msg!("deploy-plan-no-stage"), msg!("deploy-plan-no-stage-hint"), 0);
    }
    // Without words of its own the way back returns what was deployed, the last first.
    if !steps.iter().any(|(phase, _)| phase.is_back()) {
        let deployed: Vec<String> = steps.iter().filter_map(|(_, step)| step.deploy.clone()).collect();
        steps.extend(deployed.into_iter().rev().map(|environment| {
            let back = Some(environment);
            (
                Phase::Rollback,
                PlanStep {
                    back,
                    ..PlanStep::default()
                },
            )
        }));
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    Ok(Document {
        title: raw.title,
        version: raw.version.strip_prefix('v').unwrap_or(&raw.version).to_owned(),
        environment: raw.environment.map(Spanned::into_inner),
        owner: raw.owner,
        text: raw.text,
        schedule: raw.schedule.map(Spanned::into_inner).unwrap_or_default(),
        stakeholders: raw.stakeholder,
        steps,
    })
}

/// The names of the plans of a workspace, in their order.
pub(super) fn names(root: &Path) -> Result<Vec<String>, Problem> {
    let folder = root.join(FOLDER);
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    for entry in files::list_dir(&folder)? {
        let path = Path::new(&entry.name);
        if path.extension().is_some_and(|extension| extension == "toml")
            && let Some(name) = path.file_stem().and_then(|name| name.to_str())
        {
            found.push(name.to_owned());
        }
    }
    found.sort();
    Ok(found)
}

/// Where a plan of this name stands, relative to the workspace; its name must be able to be a file's.
pub(super) fn path_of(name: &str) -> Result<PathBuf, Problem> {
    let is_plain = |c: char| c.is_alphanumeric() || "-_. ".contains(c);
    if name.trim() != name || name.is_empty() || name.starts_with('.') || !name.chars().all(is_plain) {
        return Err(Problem::user(msg!("deploy-plan-bad-name", name = name)).hint(msg!("deploy-plan-bad-name-hint")));
    }
    Ok(Path::new(FOLDER).join(format!("{name}.toml")))
}

/// A plan to be filled in: every environment up to the one that is meant, with its gates as they are in the project file. What people
/// read in it is in their language.
pub(super) fn template(
    title: &str,
    version: &str,
    environment: &str,
    (project, texts): (&ProjectFile, &crate::base::Catalog),
) -> String {
    let quoted = |text: &str| toml::Value::String(text.to_owned()).to_string();
    let said = |key: &str| quoted(&texts.t(key));
    let comment = |key: &str| texts.t(key).lines().map(|line| format!("# {line}\n")).collect::<String>();
    let mut text = format!(
        "{}title = {}\nversion = {}\nenvironment = {}\n# owner = {}\n# text = {}\n\n",
        comment("deploy-plan-file-head"),
        quoted(title),
        quoted(version),
        quoted(environment),
        said("deploy-plan-file-owner"),
        said("deploy-plan-file-text"),
    );
    text.push_str(&comment("deploy-plan-file-schedule"));
    text.push_str("# [schedule]\n# from = 2027-01-15T20:00:00+01:00\n# until = 2027-01-15T23:00:00+01:00\n");
    text.push_str(&format!("# note = {}\n\n", said("deploy-plan-file-note")));
    text.push_str(&comment("deploy-plan-file-approves"));
    text.push_str(&format!(
        "# [[stakeholder]]\n# name = \"Ada Lovelace\"\n# role = {}\n# contact = \"ada@example.org\"\n# approves = true\n\n",
        said("deploy-plan-file-role")
    ));
    text.push_str(&comment("deploy-plan-file-steps"));
    text.push_str(&format!(
        "\n[[preparation]]\nname = {}\nrun = [\"df\", \"-h\", \".\"]\n\n# [[migration]]\n# task = \"migrate\"\n",
        said("deploy-plan-file-room")
    ));
    let mut on_the_way = Vec::new();
    for one in &project.environments {
        on_the_way.push(one.name.as_str());
        if one.name == environment {
            break;
        }
    }
    for name in &on_the_way {
        text.push_str(&format!("\n[[stage]]\ndeploy = {}\n", quoted(name)));
    }
    text.push_str(&format!(
        "\n[[verification]]\nname = {}\nconfirm = {}\n\n{}",
        said("deploy-plan-file-reach"),
        said("deploy-plan-file-look"),
        comment("deploy-plan-file-back"),
    ));
    for name in on_the_way.iter().rev() {
        text.push_str(&format!("\n[[rollback]]\nreturn = {}\n", quoted(name)));
    }
    text
}

/// What is wrong with a question before anybody asks it: a word in braces that nobody knows, an address that is none.
fn wrong_question(kind: &ProbeKind, words: &Words) -> Option<Problem> {
    let ready = match Ready::new(kind, Duration::ZERO, words) {
        Ok(ready) => ready,
        Err(problem) => return Some(problem),
    };
    let is_address = match ready.kind() {
        ProbeKind::Http { url, .. } => http::is_address(url),
        ProbeKind::Tcp { address } => address
            .rsplit_once(':')
            .is_some_and(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok()),
        _ => true,
    };
    (!is_address).then(|| Problem::config(msg!("deploy-gate-bad-address", what = ready.what())))
}
