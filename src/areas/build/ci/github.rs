//! Reads a workflow of GitHub Actions. What can not be told before it runs is said, never guessed.
//! <https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax>

use super::cells::{cells, filled, short, strategy_of};
use super::events::{self, collect};
use super::scope::Before;
use super::yaml::{self, Node};
use super::{CiJob, CiStep, Does, Facts, Flavor, Lack, OS, Read, Weight, Workflow, actions, expr, keys, machine};
use crate::base::repo::CommitDetail;
use crate::base::{Msg, Problem};
use crate::msg;
use serde_json::{Map, Value, json};
use std::path::{Path, PathBuf};

pub(super) const PREFIX: &str = "github:";
pub(super) const FOLDER: &str = ".github/workflows";

/// One file of `.github/workflows`.
pub(super) fn read(path: &Path, text: &str, facts: &Facts<'_>) -> Read {
    let root = match yaml::read(text) {
        Ok(root) => root,
        Err(flaw) => {
            let problem = Problem::config(msg!("build-ci-yaml"))
                .code("yaml")
                .details(flaw.why)
                .at_place(path, flaw.line, flaw.column);
            return (None, vec![problem]);
        }
    };
    let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let Some(jobs) = root.get("jobs").filter(|jobs| !jobs.entries().is_empty()) else {
        let problem = Problem::config(msg!("build-ci-no-jobs"))
            .code("config")
            .at_place(path, root.line.max(1), 1);
        return (None, vec![problem]);
    };
    let on = root.get("on").map(events::names).unwrap_or_default();
    let head = (facts.head)(text);
    let as_on = |event: &str| read_as(path, (&root, jobs), (&file, &on), event, (facts, head.as_ref()));
    let all = events::asked(&on, facts).map_or_else(|| events::known(&on), |event| vec![event]);
    let mut workflow = as_on(all[0]);
    // A job that was asked for by name may be meant for another event.
    let runs = |workflow: &Workflow| {
        let is_wanted = |job: &&CiJob| {
            facts
                .wanted
                .is_some_and(|wanted| job.is_called(wanted) || job.title == wanted)
        };
        let mut meant = workflow.jobs.iter().filter(is_wanted).peekable();
        meant.peek().is_none() || meant.any(|job| job.left_out.is_none())
    };
    if !runs(&workflow)
        && let Some((event, mut other)) = all[1..]
            .iter()
            .map(|event| (event, as_on(event)))
            .find(|(_, other)| runs(other))
    {
        other.lacks.push(Lack {
            weight: Weight::Differs,
            what: msg!("build-ci-as-event", event = *event),
            line: root.get("on").map(|on| on.line),
        });
        workflow = other;
    }
    let mut problems = workflow.missing_needs(jobs);
    for (key, job) in jobs.entries() {
        problems.extend(keys::wrong_of_github((&key.text, key.line), job, (path, text)));
    }
    (Some(workflow), problems)
}

/// The file as it is on an event.
fn read_as(
    path: &Path,
    (root, jobs): (&Node, &Node),
    (file, on): (&str, &[String]),
    event: &str,
    (facts, head): (&Facts<'_>, Option<&CommitDetail>),
) -> Workflow {
    let name = root.get("name").and_then(Node::text).unwrap_or_else(|| file.to_owned());
    let told = events::told(root, (&name, path), event, facts, head);
    let mut workflow = Workflow {
        id: format!("{PREFIX}{file}"),
        flavor: Flavor::Github,
        path: path.to_path_buf(),
        name,
        on: on.to_vec(),
        contexts: told.contexts,
        env: pairs(root.get("env")),
        jobs: Vec::new(),
        lacks: told.lacks,
    };
    for (key, job) in jobs.entries() {
        let before = Before::new(&workflow.contexts);
        let cells = match cells(job, &before) {
            Ok(cells) => cells,
            Err(why) => {
                let mut cell = Reading::new(&workflow, root, facts, (Map::new(), Map::new())).job(&key.text, key.line, job);
                cell.left_out.get_or_insert(why.clone());
                cell.lacks.push(Lack {
                    weight: Weight::LeftOut,
                    what: why,
                    line: job.get("strategy").map(|node| node.line),
                });
                workflow.jobs.push(cell);
                continue;
            }
        };
        let n_cells = cells.len();
        for (at, cell) in cells.into_iter().enumerate() {
            let strategy = strategy_of(job, (at, n_cells), &Before::new(&workflow.contexts));
            let mut read = Reading::new(&workflow, root, facts, (cell, strategy)).job(&key.text, key.line, job);
            let n_same = workflow.jobs.iter().filter(|known| known.key == read.key).count();
            if n_same > 0 {
                read.key = format!("{} #{}", read.key, n_same + 1);
            }
            workflow.jobs.push(read);
        }
    }
    if let Some(why) = told.left_out {
        for job in &mut workflow.jobs {
            job.left_out = Some(why.clone());
        }
    }
    workflow.settle();
    workflow
}

pub(super) fn pairs(node: Option<&Node>) -> Vec<(String, String)> {
    let entries = node.map(Node::entries).unwrap_or_default();
    entries
        .iter()
        .map(|(key, value)| (key.text.clone(), value.text().unwrap_or_default()))
        .collect()
}

/// One cell of one job being read.
pub(super) struct Reading<'a> {
    root: &'a Node,
    pub(super) facts: &'a Facts<'a>,
    pub(super) contexts: Map<String, Value>,
    matrix: Map<String, Value>,
    strategy: Map<String, Value>,
    pub(super) lacks: Vec<Lack>,
    pub(super) tools: Vec<String>,
    /// How many actions use each other around what is read.
    pub(super) level: usize,
}

impl<'a> Reading<'a> {
    fn new(
        workflow: &Workflow,
        root: &'a Node,
        facts: &'a Facts<'a>,
        (matrix, strategy): (Map<String, Value>, Map<String, Value>),
    ) -> Self {
        let mut contexts = workflow.contexts.clone();
        contexts.insert("matrix".to_owned(), Value::Object(matrix.clone()));
        if !strategy.is_empty() {
            contexts.insert("strategy".to_owned(), Value::Object(strategy.clone()));
        }
        Self {
            root,
            facts,
            contexts,
            matrix,
            strategy,
            lacks: Vec::new(),
            tools: Vec::new(),
            level: 0,
        }
    }

    fn lacks(&mut self, weight: Weight, what: Msg, line: u32) {
        self.lacks.push(Lack {
            weight,
            what,
            line: Some(line),
        });
    }

    fn job(mut self, name: &str, line: u32, job: &Node) -> CiJob {
        let values: Vec<String> = self.matrix.values().map(short).filter(|value| !value.is_empty()).collect();
        let key = if values.is_empty() {
            name.to_owned()
        } else {
            format!("{name} ({})", values.join(", "))
        };
        let title = job.get("name").and_then(Node::text);
        let title = title.and_then(|title| expr::fill(&title, &Before::new(&self.contexts)).ok());
        let title = title.unwrap_or_default();
        let is_wanted = self
            .facts
            .wanted
            .is_some_and(|wanted| [name, key.as_str(), title.as_str()].contains(&wanted));
        self.secrets(job);
        self.runner(job);
        if let Some(uses) = job.get("uses") {
            let what = msg!("build-ci-called", workflow = uses.text().unwrap_or_default());
            self.lacks(Weight::LeftOut, what, uses.line);
        }
        if let Some(services) = job.get("services").filter(|services| !services.entries().is_empty()) {
            let names: Vec<&str> = services.entries().iter().map(|(key, _)| key.text.as_str()).collect();
            self.lacks(
                Weight::LeftOut,
                msg!("build-ci-services", names = names.join(", ")),
                services.line,
            );
        }
        if let Some(container) = job.get("container").filter(|container| !container.is_null()) {
            let image = container.get("image").unwrap_or(container).text().unwrap_or_default();
            let weight = if self.facts.is_on_host {
                Weight::Differs
            } else {
                Weight::LeftOut
            };
            self.lacks(weight, msg!("build-ci-container", image = image), container.line);
        }
        if let Some(environment) = job.get("environment").filter(|_| !is_wanted) {
            let to = environment.get("name").unwrap_or(environment).text().unwrap_or_default();
            self.lacks(Weight::LeftOut, msg!("build-ci-deploys", environment = to), environment.line);
        }
        let condition = job.get("if").and_then(Node::text).map(|text| bare(&text));
        let is_dynamic = |text: &str| expr::mentions(text, &["needs", "always", "failure", "cancelled", "success"]);
        let mut is_false = None;
        if let Some(text) = condition.as_deref().filter(|text| !is_dynamic(text)) {
            let line = job.get("if").map_or(line, |node| node.line);
            match expr::evaluate(text, &Before::new(&self.contexts)) {
                Ok(value) if !expr::truth(&value) => is_false = Some(msg!("build-ci-if-false", condition = text)),
                Ok(_) => {}
                Err(why) => self.lacks(Weight::LeftOut, msg!("build-ci-if-unknown", why = why), line),
            }
        }
        let defaults = |what: &str| {
            let of = |node: &Node| node.get("defaults")?.get("run")?.get(what)?.text();
            of(job).or_else(|| of(self.root))
        };
        let (shell, dir) = (defaults("shell"), defaults("working-directory"));
        let steps: Vec<CiStep> = job
            .get("steps")
            .map(Node::items)
            .unwrap_or_default()
            .iter()
            .map(|step| self.step(step, shell.as_deref(), dir.as_deref()))
            .collect();
        let told = |node: Option<&Node>| node.and_then(|node| filled(node, &Before::new(&self.contexts)).ok());
        let minutes = told(job.get("timeout-minutes")).and_then(|value| value.as_f64());
        let may_fail = told(job.get("continue-on-error")).is_some_and(|value| expr::truth(&value));
        let is_empty = !steps
            .iter()
            .any(|step| matches!(step.does, Does::Run { .. } | Does::Composite(_)));
        let has_reason = is_false.is_some() || self.lacks.iter().any(|lack| lack.weight == Weight::LeftOut);
        let passed_over = self.lacks.iter_mut().find(|lack| is_empty && lack.weight == Weight::Skipped);
        let has_only_actions = passed_over.is_some() && !has_reason && job.get("outputs").is_none();
        if let Some(lack) = passed_over {
            // With none of its steps run, the job would say that all is well without having looked.
            lack.weight = Weight::LeftOut;
        }
        let left_out = is_false.or_else(|| {
            let lack = self.lacks.iter().find(|lack| lack.weight == Weight::LeftOut);
            lack.map(|lack| lack.what.clone())
        });
        CiJob {
            key,
            name: name.to_owned(),
            line,
            needs: job.get("needs").map(Node::texts).unwrap_or_default(),
            matrix: self.matrix,
            condition,
            env: pairs(job.get("env")),
            outputs: pairs(job.get("outputs")),
            steps,
            timeout_ms: minutes.map(|minutes| (minutes * 60_000.0).max(1.0) as u64),
            may_fail,
            title,
            strategy: self.strategy,
            has_only_actions,
            left_out,
            lacks: self.lacks,
            tools: self.tools,
            ..CiJob::default()
        }
    }

    /// Which machine it wants.
    fn runner(&mut self, job: &Node) {
        let Some(node) = job.get("runs-on") else { return };
        let wanted = match filled(node, &Before::new(&self.contexts)) {
            Ok(wanted) => wanted,
            Err(why) => return self.lacks(Weight::LeftOut, msg!("build-ci-runner-unknown", why = why), node.line),
        };
        let labels: Vec<String> = match &wanted {
            Value::String(label) => vec![label.clone()],
            Value::Array(labels) => labels.iter().map(expr::text_of).collect(),
            Value::Object(map) => map.values().flat_map(texts).collect(),
            _ => Vec::new(),
        };
        let all = labels.join(", ");
        let is = |word: &str| labels.iter().any(|label| label.to_lowercase().contains(word));
        let here = std::env::consts::ARCH;
        let is_other_machine = (here == "x86_64" && is("-arm")) || (here == "aarch64" && is("x64"));
        if is("windows") || is("macos") {
            self.lacks(Weight::LeftOut, msg!("build-ci-other-system", runner = all), node.line);
        } else if is_other_machine {
            self.lacks(
                Weight::Differs,
                msg!("build-ci-other-machine", runner = all, machine = here),
                node.line,
            );
        } else if !is("ubuntu") && !is("linux") {
            let weight = if self.facts.is_on_host {
                Weight::Differs
            } else {
                Weight::LeftOut
            };
            self.lacks(weight, msg!("build-ci-own-runner", runner = all), node.line);
        }
    }

    /// Secrets that the job, its steps included, asks for: none of them is here.
    fn secrets(&mut self, job: &Node) {
        let mut found: Vec<(String, u32)> = Vec::new();
        collect(job, &mut |text, line| {
            for inner in expr::inside(text) {
                for name in expr::names_of("secrets", inner) {
                    if !found.iter().any(|(known, _)| *known == name) {
                        found.push((name, line));
                    }
                }
            }
        });
        for (name, line) in found {
            self.lacks(Weight::Differs, msg!("build-ci-secret", name = name), line);
        }
    }

    /// A step that will not run asks for nothing; where it can not be told it may run.
    pub(super) fn may_run(&self, step: &Node) -> bool {
        let Some(condition) = step.get("if").and_then(Node::text) else {
            return true;
        };
        let mut contexts = self.contexts.clone();
        contexts.insert("runner".to_owned(), json!({ "os": OS, "arch": machine() }));
        expr::evaluate(&bare(&condition), &Before::new(&contexts)).map_or(true, |value| expr::truth(&value))
    }

    pub(super) fn step(&mut self, step: &Node, shell: Option<&str>, dir: Option<&str>) -> CiStep {
        let text = |key: &str| step.get(key).and_then(Node::text);
        let run = step.get("run");
        let uses = text("uses");
        let action = uses.as_deref().filter(|_| run.is_none());
        let action = action.and_then(|uses| self.composite(uses, step));
        let before = Before::new(&self.contexts);
        let first_line = |text: &str| text.trim().lines().next().unwrap_or_default().to_owned();
        let name = text("name")
            .or_else(|| uses.clone())
            .or_else(|| run.and_then(Node::text).map(|text| first_line(&text)));
        let name = name.unwrap_or_default();
        let name = expr::fill(&name, &before).unwrap_or(name);
        let line = step.line;
        let does = match (action, run, uses) {
            (Some(action), ..) => Does::Composite(action),
            (None, Some(run), _) => {
                actions::of_script(run, &mut self.lacks);
                let said = text("shell").or_else(|| shell.map(str::to_owned)).unwrap_or_default();
                let shell = expr::fill(&said, &before)
                    .map_err(|why| msg!("build-ci-shell-unknown", why = why))
                    .and_then(|shell| shell_of(Some(shell.trim()).filter(|shell| !shell.is_empty()), self.facts));
                match shell {
                    Ok(shell) => Does::Run {
                        script: run.text().unwrap_or_default(),
                        shell,
                        dir: text("working-directory").or_else(|| dir.map(str::to_owned)),
                    },
                    Err(why) => {
                        if self.may_run(step) {
                            // What comes after it stands on it.
                            let weight = if is_aside(step) { Weight::Skipped } else { Weight::LeftOut };
                            self.lacks(weight, why.clone(), run.line);
                        }
                        Does::Skipped { why }
                    }
                }
            }
            (None, None, Some(uses)) => {
                let with: Vec<(String, String)> = pairs(step.get("with"))
                    .into_iter()
                    .map(|(name, value)| {
                        let value = expr::fill(&value, &before).unwrap_or(value);
                        (name, value)
                    })
                    .collect();
                let runs = self.may_run(step);
                let known = actions::known(&uses, &with, self.facts);
                if let Some((weight, what)) = known.lack.filter(|_| runs) {
                    self.lacks(weight, what, line);
                }
                self.tools.extend(known.tool.filter(|_| runs).map(str::to_owned));
                known.does
            }
            (None, None, None) => Does::Skipped {
                why: msg!("build-ci-empty-step"),
            },
        };
        let minutes = step
            .get("timeout-minutes")
            .and_then(|node| filled(node, &Before::new(&self.contexts)).ok()?.as_f64());
        CiStep {
            id: text("id"),
            name,
            line,
            condition: text("if").map(|text| bare(&text)),
            env: pairs(step.get("env")),
            does,
            may_fail: text("continue-on-error").unwrap_or_default(),
            timeout_ms: minutes.map(|minutes| (minutes * 60_000.0).max(1.0) as u64),
        }
    }
}

/// A step that runs after a failure, or that may fail: no other stands on it.
fn is_aside(step: &Node) -> bool {
    let text = |key: &str| step.get(key).and_then(Node::text);
    let is_told = text("if").is_some_and(|condition| expr::mentions(&bare(&condition), &["failure", "cancelled"]));
    is_told || text("continue-on-error").is_some_and(|word| word == "true")
}

/// A condition without the braces around all of it.
fn bare(text: &str) -> String {
    let trimmed = text.trim();
    match trimmed.strip_prefix("${{").and_then(|rest| rest.strip_suffix("}}")) {
        Some(inner) if !inner.contains("${{") => inner.trim().to_owned(),
        _ => trimmed.to_owned(),
    }
}

/// The program and arguments of a shell; `{0}` is the file of the script.
fn shell_of(shell: Option<&str>, facts: &Facts<'_>) -> Result<Vec<String>, Msg> {
    let has_bash = (facts.has_program)("bash");
    let words = match shell {
        None if has_bash => "bash -e {0}",
        None => "sh -e {0}",
        Some("bash") => "bash --noprofile --norc -eo pipefail {0}",
        Some("sh") => "sh -e {0}",
        Some("python") => "python3 {0}",
        Some("pwsh") => "pwsh -File {0}",
        Some(shell @ ("cmd" | "powershell")) => return Err(msg!("build-ci-shell", shell = shell)),
        Some(other) => other,
    };
    let argv: Vec<String> = words.split_whitespace().map(str::to_owned).collect();
    let program = argv.first().cloned().unwrap_or_default();
    if !(facts.has_program)(&program) {
        return Err(msg!("build-ci-shell", shell = program));
    }
    Ok(argv)
}

fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::Array(items) => items.iter().map(expr::text_of).collect(),
        other => vec![expr::text_of(other)],
    }
}

/// The workflow files among these.
pub(super) fn files(paths: &[PathBuf]) -> Vec<PathBuf> {
    let is_one = |path: &&PathBuf| {
        path.parent() == Some(Path::new(FOLDER))
            && path
                .extension()
                .is_some_and(|extension| extension == "yml" || extension == "yaml")
    };
    paths.iter().filter(is_one).cloned().collect()
}
