//! Reads `.gitlab-ci.yml` with its local includes, `extends`, `!reference` and `rules`. What can not be told here is said.
//! <https://docs.gitlab.com/ci/yaml/>

mod files;
mod values;

use super::yaml::{Key, Node, Yaml};
use super::{CiJob, CiStep, Does, Facts, Flavor, Keeps, Lack, Read, Weight, Workflow, actions, rules};
use crate::areas::devops::project::pipeline::MAX_CELLS;
use crate::base::{Msg, Problem};
use crate::msg;
use files::{Referring, matching, over, with_includes};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use values::{cells, in_project, known_at_reading, predefined, span_ms, variable_pairs};

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
    let mut problems = Vec::new();
    let mut lacks = Vec::new();
    let mut seen = BTreeSet::new();
    let Some(root) = with_includes(Path::new(FILE), text, facts, &mut seen, &mut lacks, &mut problems) else {
        return (None, problems);
    };
    let root = Referring { root: &root }.resolved(&root, 0);
    let mut file = File::new(root, facts, lacks);
    file.check_workflow();
    let mut jobs = Vec::new();
    let entries: Vec<(Key, Node)> = file.root.entries().to_vec();
    for (key, job) in &entries {
        if key.text.starts_with('.') || KEYWORDS.contains(&key.text.as_str()) || job.entries().is_empty() {
            continue;
        }
        match file.extended(&key.text, 0) {
            Ok(job) => jobs.extend(file.jobs(key, &job)),
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
        contexts: [("variables".to_owned(), variables_value(&predefined(facts)))]
            .into_iter()
            .collect(),
        env: file.own,
        jobs: Vec::new(),
        lacks: file.lacks,
    };
    workflow.jobs = with_needs(jobs, &stages);
    workflow.settle();
    for job in &workflow.jobs {
        for need in &job.needs {
            if !workflow.jobs.iter().any(|known| known.name == *need) {
                let what = msg!("build-ci-no-such-need", job = job.name.as_str(), need = need.as_str());
                problems.push(Problem::config(what).code("config").at_place(FILE, job.line, 1));
            }
        }
    }
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

/// A job with its stage, and whether it says itself what it needs.
struct Staged {
    job: CiJob,
    stage: String,
    has_needs: bool,
}

/// What `rules` come to.
struct Verdict {
    when: String,
    may_fail: Option<bool>,
    variables: Vec<(String, String)>,
}

impl<'a> File<'a> {
    fn new(root: Node, facts: &'a Facts<'a>, lacks: Vec<Lack>) -> Self {
        Self {
            own: variable_pairs(root.get("variables")),
            root,
            facts,
            known: known_at_reading(facts),
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
        let verdict = self.verdict(rules, &rules::settled(&self.own, &self.known), &mut lacks);
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
        let inherits = job
            .get("inherit")
            .and_then(|inherit| inherit.get("default"))
            .and_then(Node::truth)
            != Some(false);
        let shared = || {
            self.root
                .get("default")
                .and_then(|default| default.get(key))
                .or_else(|| self.root.get(key))
        };
        job.get(key).or_else(|| inherits.then(shared).flatten())
    }

    /// The first rule that holds; None when none does.
    fn verdict(&self, rules: &Node, variables: &BTreeMap<String, String>, lacks: &mut Vec<Lack>) -> Option<Verdict> {
        for rule in rules.items() {
            if let Some(condition) = rule.get("if").and_then(Node::text) {
                match rules::holds(&condition, variables) {
                    Ok(true) => {}
                    Ok(false) => continue,
                    Err(why) => {
                        lacks.push(Lack {
                            weight: Weight::Differs,
                            what: msg!("build-ci-rule-unknown", why = why),
                            line: Some(rule.line),
                        });
                        continue;
                    }
                }
            }
            if let Some(exists) = rule.get("exists") {
                let patterns: Vec<String> = exists.get("paths").unwrap_or(exists).texts();
                let patterns = patterns.iter().map(|pattern| rules::expand(pattern, variables));
                let patterns: Vec<String> = patterns.map(|pattern| in_project(&pattern).to_owned()).collect();
                if matching(self.facts.paths, &patterns).is_empty() {
                    continue;
                }
            }
            if rule.get("changes").is_some() {
                lacks.push(Lack {
                    weight: Weight::Differs,
                    what: msg!("build-ci-changes"),
                    line: Some(rule.line),
                });
            }
            return Some(Verdict {
                when: rule
                    .get("when")
                    .and_then(Node::text)
                    .unwrap_or_else(|| "on_success".to_owned()),
                may_fail: rule.get("allow_failure").and_then(Node::truth),
                variables: variable_pairs(rule.get("variables")),
            });
        }
        None
    }

    /// `only` and `except`, as far as a push to a branch is meant; None: the job is not in the pipeline.
    fn is_only(&self, job: &Node, variables: &BTreeMap<String, String>) -> bool {
        let refs = |node: &Node| match &node.value {
            Yaml::Map(_) => node.get("refs").map(Node::texts),
            _ => Some(node.texts()),
        };
        let is_meant = |wanted: &String| {
            let (plain, project) = wanted.split_once('@').unwrap_or((wanted, &self.facts.repository));
            if project != self.facts.repository {
                return false;
            }
            matches!(plain, "branches" | "pushes") || rules::names_branch(plain, &self.facts.branch)
        };
        let holds = |node: &Node| {
            let by_ref = refs(node).is_none_or(|refs| refs.iter().any(is_meant));
            let conditions = node.get("variables").map(Node::texts).unwrap_or_default();
            let by_variable =
                conditions.is_empty() || conditions.iter().any(|text| rules::holds(text, variables).unwrap_or(false));
            (by_ref, by_variable)
        };
        let only = job
            .get("only")
            .map(holds)
            .is_none_or(|(by_ref, by_variable)| by_ref && by_variable);
        let except = job.get("except").is_some_and(|except| {
            let (by_ref, by_variable) = holds(except);
            let has_variables = except.get("variables").is_some();
            let has_refs = refs(except).is_some();
            (has_refs && by_ref) || (has_variables && by_variable)
        });
        only && !except
    }

    fn jobs(&self, key: &Key, job: &Node) -> Vec<Staged> {
        let cells = cells(job);
        if cells.len() > MAX_CELLS {
            let mut one = self.job(key, job, &(String::new(), Vec::new()));
            one.job.left_out = Some(msg!("build-ci-too-many-cells", n = cells.len()));
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
        let mut env = vec![("CI_JOB_STAGE".to_owned(), stage.clone())];
        env.extend(variable_pairs(job.get("variables")));
        env.extend(cell.iter().cloned());
        let mut known = self.known.clone();
        known.insert("CI_JOB_NAME".to_owned(), format!("{}{cell_key}", key.text));
        let filled = |env: &[(String, String)]| {
            let own: Vec<(String, String)> = self.own.iter().chain(env).cloned().collect();
            rules::settled(&own, &known)
        };
        let mut variables = filled(&env);
        let mut when = job
            .get("when")
            .and_then(Node::text)
            .unwrap_or_else(|| "on_success".to_owned());
        let allow = job.get("allow_failure");
        let codes = allow.and_then(|allow| allow.get("exit_codes")).map(Node::texts);
        let mut may_fail = codes.is_none() && allow.is_some_and(|allow| allow.truth().unwrap_or(!allow.is_null()));
        let codes = codes.unwrap_or_default();
        let mut may_fail_codes: Vec<i32> = codes.iter().filter_map(|code| code.parse().ok()).collect();
        let mut left_out = None;
        if let Some(rules) = job.get("rules") {
            match self.verdict(rules, &variables, &mut lacks) {
                Some(verdict) => {
                    when = verdict.when;
                    if let Some(may) = verdict.may_fail {
                        may_fail = may;
                        may_fail_codes.clear();
                    }
                    env.extend(verdict.variables);
                    variables = filled(&env);
                }
                None => "never".clone_into(&mut when),
            }
        } else if !self.is_only(job, &variables) {
            "never".clone_into(&mut when);
        }
        let names = [key.text.clone(), format!("{}{cell_key}", key.text)];
        let is_wanted = self
            .facts
            .wanted
            .is_some_and(|wanted| names.iter().any(|name| name == wanted));
        match when.as_str() {
            "never" => left_out = Some(msg!("build-ci-rules-never", branch = self.facts.branch.as_str())),
            "manual" | "delayed" if !is_wanted => left_out = Some(msg!("build-ci-manual")),
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
        let retry = self.word(job, "retry").map(|retry| retry.get("max").unwrap_or(retry).json());
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
            job: CiJob {
                key: format!("{}{cell_key}", key.text),
                name: key.text.clone(),
                line: key.line,
                needs: needs.map(|needs| self.needs(needs)).unwrap_or_default(),
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
                outputs: Vec::new(),
                steps,
                timeout_ms: self.word(job, "timeout").and_then(Node::text).and_then(|text| span_ms(&text)),
                retry: retry.and_then(|retry| retry.as_u64()).unwrap_or(0).min(2) as u32,
                may_fail,
                artifacts: kept,
                keeps,
                dotenv,
                may_fail_codes,
                title: String::new(),
                strategy: Map::new(),
                has_only_actions: false,
                left_out,
                lacks,
                tools: Vec::new(),
            },
        }
    }

    /// What a job needs that is there; what it only may need is left away when it is not.
    fn needs(&self, needs: &Node) -> Vec<String> {
        let name = |item: &Node| {
            let name = item.get("job").map_or_else(|| item.text(), Node::text)?;
            let is_optional = item.get("optional").and_then(Node::truth) == Some(true);
            let is_elsewhere = item.get("project").is_some() || item.get("pipeline").is_some();
            (!is_elsewhere && (!is_optional || self.root.get(&name).is_some())).then_some(name)
        };
        match &needs.value {
            Yaml::List(items) => items.iter().filter_map(name).collect(),
            _ => name(needs).into_iter().collect(),
        }
    }

    fn step(&self, name: &str, lines: &[String], line: u32) -> CiStep {
        let has_bash = (self.facts.has_program)("bash");
        let mut script = String::from(if has_bash { "set -eo pipefail\n" } else { "set -e\n" });
        for command in lines {
            let shown = command.lines().next().unwrap_or_default().replace('\'', r"'\''");
            script.push_str(&format!("printf '%s\\n' '$ {shown}'\n{command}\n"));
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

/// Jobs with what they wait for: what they say, else everything of the stages before.
fn with_needs(staged: Vec<Staged>, stages: &[String]) -> Vec<CiJob> {
    let place = |stage: &str| stages.iter().position(|known| known == stage);
    let facts: Vec<(String, Option<usize>, bool, bool)> = staged
        .iter()
        .map(|one| {
            (
                one.job.name.clone(),
                place(&one.stage),
                one.has_needs,
                one.job.left_out.is_none(),
            )
        })
        .collect();
    staged
        .into_iter()
        .map(|mut one| {
            match place(&one.stage) {
                None => one.job.left_out = Some(msg!("build-ci-no-such-stage", stage = one.stage.as_str())),
                Some(mine) if !one.has_needs => {
                    let mut needs = BTreeSet::new();
                    for at in (0..mine).rev() {
                        let of_stage: Vec<_> = facts.iter().filter(|fact| fact.1 == Some(at) && fact.3).collect();
                        needs.extend(of_stage.iter().map(|fact| fact.0.clone()));
                        // Those waited for everything before, unless one says itself what it needs.
                        if !of_stage.is_empty() && !of_stage.iter().any(|fact| fact.2) {
                            break;
                        }
                    }
                    one.job.needs = needs.into_iter().collect();
                }
                Some(_) => {}
            }
            one.job
        })
        .collect()
}
