//! Reads `.gitlab-ci.yml` with its local includes, `extends`, `!reference` and `rules`. What can not be told here is said.
//! <https://docs.gitlab.com/ci/yaml/>

mod files;
mod inputs;
mod judge;
mod order;
mod values;

use super::runner::COMMAND;
use super::yaml::{Key, Node};
use super::{CiJob, CiStep, Does, Facts, Flavor, Keeps, Lack, Read, Weight, Workflow, actions, keys, rules};
use crate::areas::devops::project::pipeline::MAX_CELLS;
use crate::base::{Msg, Problem};
use crate::msg;
use files::{Including, Referring, over};
use judge::{is_only, verdict};
use order::{Staged, order};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
pub(super) use values::OF_COMMIT;
use values::{cells, in_project, known_at_reading, predefined, slug, span_ms, variable_pairs};

pub(super) const ID: &str = "gitlab";
pub(super) const FILE: &str = ".gitlab-ci.yml";
/// Jobs that extend each other.
const MAX_LEVELS: usize = 12;
/// Words at the top of the file that name no job.
const KEYWORDS: &[&str] = &[
    "default",
    "include",
    "stages",
    "types",
    "variables",
    "workflow",
    "image",
    "services",
    "cache",
    "before_script",
    "after_script",
    "spec",
];

/// The file of a repository.
pub(super) fn read(text: &str, facts: &Facts<'_>) -> Read {
    let mut including = Including {
        facts,
        known: &known_at_reading(&predefined(facts, text)),
        seen: BTreeSet::new(),
        lacks: Vec::new(),
        problems: Vec::new(),
    };
    let root = including.file(Path::new(FILE), text, None);
    let mut problems = including.problems;
    let Some(root) = root else { return (None, problems) };
    let included = including.seen.iter().filter_map(|(path, _)| (facts.text)(path));
    let texts: Vec<String> = included.chain([text.to_owned()]).collect();
    let predefined = predefined(facts, &texts.join("\n"));
    let root = Referring { root: &root }.resolved(&root, 0);
    let mut file = File::new(root, facts, known_at_reading(&predefined), including.lacks);
    file.check_workflow();
    let mut jobs = Vec::new();
    let entries: Vec<(Key, Node)> = file.root.entries().to_vec();
    for (key, job) in &entries {
        if key.text.starts_with('.') || KEYWORDS.contains(&key.text.as_str()) || job.entries().is_empty() {
            continue;
        }
        match file.extended(&key.text, 0) {
            Ok(job) => {
                problems.extend(keys::unknown(&job, keys::GITLAB, &key.text, (Path::new(FILE), text)));
                jobs.extend(file.jobs(key, &job));
            }
            // What it extends may stand in the file that can not be had.
            Err(why) if !file.lacks.is_empty() => {
                let mut left = file.job(key, job, &(String::new(), Vec::new()));
                left.job.left_out = Some(why);
                jobs.push(left);
            }
            Err(why) => problems.push(Problem::config(why).code("config").at_place(FILE, key.line, 1)),
        }
    }
    if jobs.is_empty() && problems.is_empty() {
        problems.push(Problem::config(msg!("build-ci-no-jobs")).code("config").at_place(FILE, 1, 1));
    }
    let stages = file.stages();
    let mut workflow = Workflow {
        id: ID.to_owned(),
        flavor: Flavor::Gitlab,
        path: FILE.into(),
        name: "GitLab CI".to_owned(),
        on: vec!["push".to_owned()],
        contexts: [("variables".to_owned(), variables_value(&predefined))].into_iter().collect(),
        env: file.own,
        jobs: Vec::new(),
        lacks: file.lacks,
    };
    order(&mut workflow, jobs, &stages);
    problems.extend(workflow.missing_needs(&file.root));
    (Some(workflow), problems)
}

fn variables_value(variables: &BTreeMap<String, String>) -> Value {
    let map: Map<String, Value> = variables
        .iter()
        .map(|(name, value)| (name.clone(), value.as_str().into()))
        .collect();
    Value::Object(map)
}

/// The whole file, and what every job shares.
struct File<'a> {
    root: Node,
    facts: &'a Facts<'a>,
    known: BTreeMap<String, String>,
    /// Variables of the file as they stand.
    own: Vec<(String, String)>,
    lacks: Vec<Lack>,
}

impl<'a> File<'a> {
    fn new(root: Node, facts: &'a Facts<'a>, known: BTreeMap<String, String>, lacks: Vec<Lack>) -> Self {
        Self {
            own: variable_pairs(root.get("variables")),
            root,
            facts,
            known,
            lacks,
        }
    }

    fn stages(&self) -> Vec<String> {
        let said = self.root.get("stages").map(Node::texts).filter(|stages| !stages.is_empty());
        let mut stages = said.unwrap_or_else(|| ["build", "test", "deploy"].map(str::to_owned).to_vec());
        stages.retain(|stage| stage != ".pre" && stage != ".post");
        stages.insert(0, ".pre".to_owned());
        stages.push(".post".to_owned());
        stages
    }

    fn check_workflow(&mut self) {
        let Some(workflow) = self.root.get("workflow").cloned() else {
            return;
        };
        let Some(rules) = workflow.get("rules") else { return };
        let mut lacks = Vec::new();
        let verdict = verdict(rules, &rules::settled(&self.own, &self.known), self.facts, &mut lacks);
        if verdict.as_ref().is_none_or(|verdict| verdict.when == "never") {
            lacks.push(Lack {
                weight: Weight::Differs,
                what: msg!("build-ci-no-pipeline", branch = self.facts.branch.as_str()),
                line: Some(workflow.line),
            });
        }
        self.own.extend(verdict.into_iter().flat_map(|verdict| verdict.variables));
        self.lacks.extend(lacks);
    }

    /// A job over the jobs that it extends.
    fn extended(&self, name: &str, level: usize) -> Result<Node, Msg> {
        let job = self
            .root
            .get(name)
            .ok_or_else(|| msg!("build-ci-no-such-extends", name = name))?;
        if level > MAX_LEVELS {
            return Err(msg!("build-ci-extends-too-deep", name = name));
        }
        let mut base: Option<Node> = None;
        for above in job.get("extends").map(Node::texts).unwrap_or_default() {
            let above = self.extended(&above, level + 1)?;
            base = Some(match base {
                Some(before) => over(&before, &above),
                None => above,
            });
        }
        Ok(base.map_or_else(|| job.clone(), |base| over(&base, job)))
    }

    /// What the job says, else what `default` or the top of the file does.
    fn word<'n>(&'n self, job: &'n Node, key: &str) -> Option<&'n Node> {
        let inherits = match job.get("inherit").and_then(|inherit| inherit.get("default")) {
            Some(words) => words.truth().unwrap_or_else(|| words.texts().iter().any(|word| word == key)),
            None => true,
        };
        let shared = || {
            self.root
                .get("default")
                .and_then(|default| default.get(key))
                .or_else(|| self.root.get(key))
        };
        job.get(key).or_else(|| inherits.then(shared).flatten())
    }

    /// Variables of the file that the job does not take over.
    fn without(&self, job: &Node) -> BTreeSet<String> {
        let Some(words) = job.get("inherit").and_then(|inherit| inherit.get("variables")) else {
            return BTreeSet::new();
        };
        let (all, taken) = (words.truth() == Some(true), words.texts());
        let names = self.own.iter().map(|(name, _)| name);
        names.filter(|name| !all && !taken.contains(name)).cloned().collect()
    }

    fn jobs(&self, key: &Key, job: &Node) -> Vec<Staged> {
        let cells = cells(job);
        if cells.is_empty() || cells.len() > MAX_CELLS {
            let mut one = self.job(key, job, &(String::new(), Vec::new()));
            one.job.left_out = Some(if cells.is_empty() {
                msg!("build-ci-no-cells")
            } else {
                msg!("build-ci-too-many-cells", n = cells.len())
            });
            return vec![one];
        }
        cells.iter().map(|cell| self.job(key, job, cell)).collect()
    }

    fn job(&self, key: &Key, job: &Node, (cell_key, cell): &(String, Vec<(String, String)>)) -> Staged {
        let mut lacks = Vec::new();
        let lack = |weight, what, line| Lack {
            weight,
            what,
            line: Some(line),
        };
        let stage = job.get("stage").and_then(Node::text).unwrap_or_else(|| "test".to_owned());
        let full_name = format!("{}{cell_key}", key.text);
        let mut env = vec![("CI_JOB_STAGE".to_owned(), stage.clone())];
        env.push(("CI_JOB_NAME_SLUG".to_owned(), slug(&full_name)));
        env.extend(variable_pairs(job.get("variables")));
        env.extend(cell.iter().cloned());
        let mut known = self.known.clone();
        known.insert("CI_JOB_NAME".to_owned(), full_name.clone());
        let without = self.without(job);
        let filled = |env: &[(String, String)]| {
            let taken = self.own.iter().filter(|(name, _)| !without.contains(name));
            let own: Vec<(String, String)> = taken.chain(env).cloned().collect();
            rules::settled(&own, &known)
        };
        let mut variables = filled(&env);
        let mut when = job
            .get("when")
            .and_then(Node::text)
            .unwrap_or_else(|| "on_success".to_owned());
        let mut start_in = job.get("start_in").and_then(Node::text);
        let allow = job.get("allow_failure");
        let mut is_gate = when == "manual" && allow.is_some_and(|allow| allow.truth() != Some(true));
        let codes = allow.and_then(|allow| allow.get("exit_codes")).map(Node::texts);
        let mut may_fail = codes.is_none() && allow.is_some_and(|allow| allow.truth().unwrap_or(!allow.is_null()));
        let codes = codes.unwrap_or_default();
        let mut may_fail_codes: Vec<i32> = codes.iter().filter_map(|code| code.parse().ok()).collect();
        let mut left_out = None;
        if let Some(rules) = job.get("rules") {
            match verdict(rules, &variables, self.facts, &mut lacks) {
                Some(verdict) => {
                    when = verdict.when;
                    start_in = verdict.start_in.or(start_in);
                    if let Some(may) = verdict.may_fail {
                        may_fail = may;
                        may_fail_codes.clear();
                    }
                    is_gate = when == "manual" && !may_fail;
                    env.extend(verdict.variables);
                    variables = filled(&env);
                }
                None => {
                    "never".clone_into(&mut when);
                    is_gate = false;
                }
            }
        } else if !is_only(job, &variables, self.facts, &mut lacks) {
            "never".clone_into(&mut when);
            is_gate = false;
        }
        let is_wanted = self
            .facts
            .wanted
            .is_some_and(|wanted| wanted == key.text || wanted == full_name);
        match when.as_str() {
            "never" => left_out = Some(msg!("build-ci-rules-never", branch = self.facts.branch.as_str())),
            "manual" if !is_wanted => left_out = Some(msg!("build-ci-manual")),
            "delayed" => {
                let what = msg!("build-ci-delayed", after = start_in.unwrap_or_default());
                lacks.push(lack(Weight::Differs, what, key.line));
            }
            _ => {}
        }
        if let Some(image) = self.word(job, "image").filter(|image| !image.is_null()) {
            let name = image.get("name").unwrap_or(image).text().unwrap_or_default();
            let name = rules::expand(&name, &variables);
            let weight = if self.facts.is_on_host {
                Weight::Differs
            } else {
                Weight::LeftOut
            };
            lacks.push(lack(weight, msg!("build-ci-container", image = name), image.line));
        }
        if let Some(services) = self.word(job, "services").filter(|services| !services.items().is_empty()) {
            let names = services
                .items()
                .iter()
                .filter_map(|one| one.get("name").unwrap_or(one).text());
            let what = msg!("build-ci-services", names = names.collect::<Vec<_>>().join(", "));
            lacks.push(lack(Weight::LeftOut, what, services.line));
        }
        if let Some(trigger) = job.get("trigger") {
            lacks.push(lack(Weight::LeftOut, msg!("build-ci-triggers"), trigger.line));
        }
        let tags = self.word(job, "tags").map(Node::texts).unwrap_or_default();
        let is_other = |tag: &&String| {
            ["windows", "win32", "win64", "macos", "osx", "darwin", "freebsd", "openbsd"]
                .iter()
                .any(|word| tag.to_lowercase().contains(word))
        };
        if let Some(tag) = tags.iter().find(is_other) {
            lacks.push(lack(
                Weight::LeftOut,
                msg!("build-ci-other-system", runner = tag.as_str()),
                key.line,
            ));
        }
        if let Some(environment) = job.get("environment").filter(|_| !is_wanted) {
            let name = environment.get("name").unwrap_or(environment).text().unwrap_or_default();
            let action = environment.get("action").and_then(Node::text).unwrap_or_default();
            if !matches!(action.as_str(), "prepare" | "verify" | "access") {
                lacks.push(lack(
                    Weight::LeftOut,
                    msg!("build-ci-deploys", environment = name),
                    environment.line,
                ));
            }
        }
        for file in self.word(job, "secrets").into_iter().chain(job.get("id_tokens")) {
            for (name, _) in file.entries() {
                lacks.push(lack(
                    Weight::Differs,
                    msg!("build-ci-secret", name = name.text.as_str()),
                    name.line,
                ));
            }
        }
        let mut script = self.word(job, "before_script").map(Node::texts).unwrap_or_default();
        script.extend(job.get("script").map(Node::texts).unwrap_or_default());
        if let Some(node) = job.get("script") {
            let mut sudo = Vec::new();
            node.items().iter().for_each(|line| actions::of_script(line, &mut sudo));
            lacks.extend(sudo.into_iter().take(1));
        }
        let line_of = |name: &str| job.get(name).map_or(key.line, |node| node.line);
        let mut steps = vec![self.step("script", &script, line_of("script"))];
        let after = self.word(job, "after_script").map(Node::texts).unwrap_or_default();
        if !after.is_empty() {
            let mut step = self.step("after_script", &after, line_of("after_script"));
            step.condition = Some("always()".to_owned());
            "true".clone_into(&mut step.may_fail);
            step.timeout_ms = Some(5 * 60_000);
            steps.push(step);
        }
        if script.is_empty() && job.get("trigger").is_none() {
            left_out = left_out.or(Some(msg!("build-ci-empty-step")));
        }
        let retry = self.word(job, "retry");
        // It may be meant for failures of the runner alone.
        let retry_when = retry.and_then(|retry| retry.get("when")).map(Node::texts).unwrap_or_default();
        let is_retried = |word: &String| matches!(word.as_str(), "always" | "script_failure");
        let retry = retry
            .filter(|_| retry_when.is_empty() || retry_when.iter().any(is_retried))
            .map(|retry| retry.get("max").unwrap_or(retry).json());
        let artifacts = self.word(job, "artifacts");
        let of_artifacts = |key: &str| artifacts.and_then(|artifacts| artifacts.get(key));
        let mut inside = |node: Option<&Node>| {
            let mut paths = Vec::new();
            for text in node.map(Node::texts).unwrap_or_default() {
                let path = rules::expand(&text, &variables);
                let path = Path::new(in_project(&path).trim_end_matches('/'));
                let leads_out = path.components().any(|part| !matches!(part, std::path::Component::Normal(_)));
                if leads_out || path.as_os_str().is_empty() {
                    let what = msg!("build-ci-artifact-not-kept", path = text);
                    lacks.push(lack(Weight::Skipped, what, node.map_or(key.line, |node| node.line)));
                } else {
                    paths.push(path.to_path_buf());
                }
            }
            paths
        };
        let kept = inside(of_artifacts("paths"));
        let dotenv = inside(of_artifacts("reports").and_then(|reports| reports.get("dotenv")));
        for (name, _) in of_artifacts("reports").map(Node::entries).unwrap_or_default() {
            if name.text != "dotenv" {
                let what = msg!("build-ci-report", name = name.text.as_str());
                lacks.push(lack(Weight::Skipped, what, name.line));
            }
        }
        let excluded = of_artifacts("exclude").map(Node::texts).unwrap_or_default();
        let excluded = excluded.iter().map(|text| rules::expand(text, &variables));
        let excluded = excluded.map(|path| in_project(&path).to_owned()).collect();
        let keeps = match of_artifacts("when").and_then(Node::text).as_deref() {
            Some("always") => Keeps::Always,
            Some("on_failure") => Keeps::OnFailure,
            _ => Keeps::OnSuccess,
        };
        let left_out = left_out.or_else(|| {
            let lack = lacks.iter().find(|lack| lack.weight == Weight::LeftOut);
            lack.map(|lack| lack.what.clone())
        });
        let needs = job.get("needs");
        Staged {
            stage,
            has_needs: needs.is_some(),
            is_gate: is_gate && !is_wanted,
            is_wanted,
            job: CiJob {
                key: full_name,
                name: key.text.clone(),
                line: key.line,
                needs: needs.map(|needs| order::needs(needs, &self.root)).unwrap_or_default(),
                takes: order::takes(job, &self.root),
                matrix: cell
                    .iter()
                    .map(|(name, value)| (name.clone(), value.as_str().into()))
                    .collect(),
                condition: match when.as_str() {
                    "always" => Some("always()".to_owned()),
                    "on_failure" => Some("failure()".to_owned()),
                    _ => None,
                },
                env,
                steps,
                timeout_ms: self.word(job, "timeout").and_then(Node::text).and_then(|text| span_ms(&text)),
                retry: retry.and_then(|retry| retry.as_u64()).unwrap_or(0).min(2) as u32,
                may_fail,
                artifacts: kept,
                excluded,
                keeps_untracked: of_artifacts("untracked").and_then(Node::truth) == Some(true),
                keeps,
                dotenv,
                may_fail_codes,
                without,
                left_out,
                lacks,
                ..CiJob::default()
            },
        }
    }

    fn step(&self, name: &str, lines: &[String], line: u32) -> CiStep {
        let has_bash = (self.facts.has_program)("bash");
        let mut script = String::from(if has_bash { "set -eo pipefail\n" } else { "set -e\n" });
        // As its runner does: then `$PWD` is written as `$CI_PROJECT_DIR` is.
        script.push_str("cd \"$CI_PROJECT_DIR\"\n");
        for command in lines {
            let shown = command.lines().next().unwrap_or_default().replace('\'', r"'\''");
            let note = format!("printf %s '{shown}' 2>/dev/null >|\"${COMMAND}\" || :");
            script.push_str(&format!("printf '%s\\n' '$ {shown}'\n{note}\n{command}\n"));
        }
        CiStep {
            id: None,
            name: name.to_owned(),
            line,
            condition: None,
            env: Vec::new(),
            does: Does::Run {
                script,
                shell: vec![if has_bash { "bash" } else { "sh" }.to_owned(), "{0}".to_owned()],
                dir: None,
            },
            may_fail: String::new(),
            timeout_ms: None,
        }
    }
}
