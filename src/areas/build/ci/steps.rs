//! One job of another CI in its worktree: conditions, expressions and environment between the steps, as its own runner would do it.

use super::runner::{COMMAND, NOTING, failed_command, hash_of, python, settings};
use super::scope::{During, Standing};
use super::uploads::{self, Roots};
use super::{CiJob, CiStep, Does, Flavor, OS, PYTHON, Workflow, expr, machine, rules};
use crate::adapters::store::pipelines::Given;
use crate::adapters::{files, scan};
use crate::areas::JobCtx;
use crate::areas::build::detect::{Detected, Kind, Source, Task};
use crate::areas::build::matchers::hints::{self, Why};
use crate::areas::build::pipelines::attempt::{Gave, Shared, timed_out};
use crate::areas::build::pipelines::plan::Planned;
use crate::areas::build::pipelines::worktree;
use crate::base::{Place, Problem, SafeText, Workspace};
use crate::msg;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// The code of a failure that the file allows for the exit code it came with.
pub const MAY_FAIL: &str = "may-fail";
/// A file that steps write for later ones.
const MAX_FILE_BYTES: u64 = 8 << 20;

/// What one job is run with.
pub struct Here<'a> {
    pub workspace: &'a Workspace,
    pub detected: &'a Detected,
    /// A folder of the job's own, outside of the worktree.
    pub scratch: PathBuf,
    /// Results and outputs of the jobs that it needs, by name: the context `needs`.
    pub needs: Map<String, Value>,
    /// What the jobs before it told, those that it stands on from afar too: variables of GitLab.
    pub told: Map<String, Value>,
    /// What they left.
    pub given: &'a [Given],
}

/// Runs the steps of a job. A failing step is no error here; a stop is.
pub async fn run(
    shared: &Shared,
    cx: &JobCtx,
    workflow: &Workflow,
    job: &CiJob,
    planned: &Planned,
    here: Here<'_>,
) -> Result<Gave, Problem> {
    let mut run = Run::new(cx, shared, workflow, job, &here);
    let mut gave = Gave::default();
    if let Some(condition) = &job.condition {
        run.standing = standing_of(&here.needs);
        if !run.holds(condition, job.line)? {
            gave.skipped = Some(Problem::user(msg!("build-ci-if-false", condition = condition.as_str())).code("skipped"));
            return Ok(gave);
        }
    }
    run.standing = Standing::Success;
    run.prepare(cx, job).await?;
    let until = planned.job.timeout.map(|span| (Instant::now() + span.0, span.0));
    for (at, step) in job.steps.iter().enumerate() {
        cx.check()?;
        let left = match until {
            Some((until, limit)) => match until.checked_duration_since(Instant::now()) {
                Some(left) => Some(left),
                None => return Ok(timed_out(gave, planned, limit)),
            },
            None => None,
        };
        run.step(cx, &(at + 1).to_string(), step, left, &mut gave).await?;
    }
    for (name, template) in &job.outputs {
        let value = run.fill(template, job.line)?;
        gave.outputs.insert(name.clone(), value.into());
    }
    gave.outputs.extend(run.dotenv()?);
    let is_allowed = |code: &i32| job.may_fail_codes.contains(code);
    if let Some(problem) = gave
        .problem
        .as_mut()
        .filter(|_| gave.exit_code.as_ref().is_some_and(is_allowed))
    {
        MAY_FAIL.clone_into(&mut problem.code);
    }
    files::remove_dir_all(&run.here.scratch).ok();
    Ok(gave)
}

/// How the needed jobs ended, together.
fn standing_of(needs: &Map<String, Value>) -> Standing {
    let is = |word: &str| needs.values().any(|need| need["result"] == word);
    if is("failure") {
        Standing::Failure
    } else if is("cancelled") {
        Standing::Cancelled
    } else if is("skipped") {
        Standing::Skipped
    } else {
        Standing::Success
    }
}

pub(super) struct Run<'a> {
    shared: &'a Shared,
    workflow: &'a Workflow,
    job: &'a CiJob,
    pub(super) here: &'a Here<'a>,
    pub(super) contexts: Map<String, Value>,
    /// What steps have set for those after them.
    set: BTreeMap<String, String>,
    /// Folders before the path, the newest first.
    path: Vec<PathBuf>,
    pub(super) standing: Standing,
    /// Ids of steps that do not run here: what they would tell is not known.
    pub(super) untold: BTreeSet<String>,
    started_at: String,
}

impl<'a> Run<'a> {
    fn new(cx: &JobCtx, shared: &'a Shared, workflow: &'a Workflow, job: &'a CiJob, here: &'a Here<'a>) -> Self {
        let mut contexts = workflow.contexts.clone();
        let root = here.workspace.root.display().to_string();
        if let Some(Value::Object(github)) = contexts.get_mut("github") {
            github.insert("workspace".to_owned(), root.as_str().into());
            github.insert("job".to_owned(), job.name.as_str().into());
            github.insert("run_id".to_owned(), shared.run.to_string().into());
            github.insert("run_number".to_owned(), shared.run.to_string().into());
        }
        let runner = json!({ "os": OS, "arch": machine(), "name": "chantier", "environment": "self-hosted", "debug": "",
            "temp": here.scratch.join("temp"), "tool_cache": here.scratch.join("tools"), "workspace": root });
        contexts.insert("runner".to_owned(), runner);
        contexts.insert("matrix".to_owned(), Value::Object(job.matrix.clone()));
        contexts.insert("needs".to_owned(), Value::Object(here.needs.clone()));
        contexts.insert("steps".to_owned(), json!({}));
        contexts.insert("secrets".to_owned(), json!({}));
        contexts.insert("strategy".to_owned(), Value::Object(job.strategy.clone()));
        Self {
            shared,
            workflow,
            job,
            here,
            contexts,
            set: BTreeMap::new(),
            path: Vec::new(),
            standing: Standing::Success,
            untold: BTreeSet::new(),
            started_at: cx.now().to_string(),
        }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.here.scratch.join(name)
    }

    /// Folders and files of the runner, and what its setup steps would have put on the path.
    async fn prepare(&mut self, cx: &JobCtx, job: &CiJob) -> Result<(), Problem> {
        for folder in ["temp", "tools", "bin"] {
            files::create_dir_all(&self.file(folder))?;
        }
        let event = self.contexts.get("github").map(|github| github["event"].to_string());
        files::write_atomic(&self.file("event.json"), event.unwrap_or_default().as_bytes())?;
        files::write_atomic(&self.file("noting.sh"), NOTING.as_bytes())?;
        self.path.push(self.file("bin"));
        if job.tools.iter().any(|tool| tool == PYTHON)
            && let Some(folder) = python(cx, &self.shared.world, &self.here.scratch).await?
        {
            self.path.insert(0, folder);
        }
        Ok(())
    }

    fn scope<'s>(&'s self, hash: &'s dyn Fn(&[String]) -> String) -> During<'s> {
        During {
            contexts: &self.contexts,
            standing: self.standing,
            hash,
        }
    }

    pub(super) fn fill(&self, text: &str, line: u32) -> Result<String, Problem> {
        if self.workflow.flavor == Flavor::Gitlab || !text.contains("${{") {
            return Ok(text.to_owned());
        }
        let root = self.here.workspace.root.clone();
        let hash = move |patterns: &[String]| hash_of(&root, patterns);
        self.is_told(text, line)?;
        expr::fill(text, &self.scope(&hash)).map_err(|why| self.wrong(&why, text, line))
    }

    /// What a step that does not run here would have told is not nothing.
    fn is_told(&self, text: &str, line: u32) -> Result<(), Problem> {
        let asked = expr::inside(text).into_iter().chain((!text.contains("${{")).then_some(text));
        let mut ids = asked.flat_map(|inner| expr::names_of("steps", inner));
        let Some(id) = ids.find(|id| self.untold.contains(id)) else {
            return Ok(());
        };
        Err(self.wrong(&format!("steps.{id} can not be told here"), text, line))
    }

    fn wrong(&self, why: &str, text: &str, line: u32) -> Problem {
        let of = text.lines().find(|line| line.contains("${{")).unwrap_or(text).trim();
        Problem::config(msg!("build-ci-expression", what = of))
            .code("expression")
            .details(why)
            .at_place(&self.workflow.path, line, 1)
    }

    /// Whether a condition holds; one that asks nothing about what failed wants that nothing has.
    fn holds(&self, condition: &str, line: u32) -> Result<bool, Problem> {
        let root = self.here.workspace.root.clone();
        let hash = move |patterns: &[String]| hash_of(&root, patterns);
        let asks = expr::mentions(condition, &["success", "failure", "always", "cancelled"]);
        if !asks && self.standing != Standing::Success {
            return Ok(false);
        }
        self.is_told(condition, line)?;
        // A condition may be a text with expressions in it.
        let value = if condition.contains("${{") {
            expr::fill_value(condition, &self.scope(&hash))
        } else {
            expr::evaluate(condition, &self.scope(&hash))
        };
        value
            .map(|value| expr::truth(&value))
            .map_err(|why| self.wrong(&why, condition, line))
    }

    /// What every step sees, then what the file sets, what steps have set, and the step's own.
    fn env(&mut self, step: &CiStep) -> Result<BTreeMap<String, String>, Problem> {
        let mut env = BTreeMap::from([
            ("CI".to_owned(), "true".to_owned()),
            ("CHANTIER_PIPELINE".to_owned(), self.workflow.id.clone()),
            ("CHANTIER_JOB".to_owned(), self.job.key.clone()),
            (COMMAND.to_owned(), self.file("command").display().to_string()),
            // There each job has a machine of its own.
            ("TMPDIR".to_owned(), self.file("temp").display().to_string()),
        ]);
        match self.workflow.flavor {
            Flavor::Github => {
                self.github_env(&mut env);
                let mut own: BTreeMap<String, String> = BTreeMap::new();
                self.contexts.insert("env".to_owned(), json!({}));
                for of in [&self.workflow.env, &self.job.env] {
                    for (name, template) in of {
                        own.insert(name.clone(), self.fill(template, step.line)?);
                    }
                    self.contexts.insert("env".to_owned(), json!(own));
                }
                own.extend(self.set.clone());
                self.contexts.insert("env".to_owned(), json!(own));
                for (name, template) in &step.env {
                    own.insert(name.clone(), self.fill(template, step.line)?);
                }
                self.contexts.insert("env".to_owned(), json!(own));
                env.extend(own);
            }
            Flavor::Gitlab => {
                let shared = self.workflow.contexts.get("variables").and_then(Value::as_object);
                for (name, value) in shared.into_iter().flatten() {
                    env.insert(name.clone(), expr::text_of(value));
                }
                let root = self.here.workspace.root.display().to_string();
                for (name, value) in [
                    ("CI_PROJECT_DIR", root.as_str()),
                    ("CI_BUILDS_DIR", root.as_str()),
                    ("CI_JOB_NAME", &self.job.key),
                    (
                        "CI_JOB_STATUS",
                        if self.standing == Standing::Success {
                            "success"
                        } else {
                            "failed"
                        },
                    ),
                    ("CI_PIPELINE_ID", &self.shared.run.to_string()),
                    ("CI_PIPELINE_IID", &self.shared.run.to_string()),
                    ("CI_JOB_STARTED_AT", &self.started_at),
                    ("CI_JOB_ID", &self.shared.run.to_string()),
                ] {
                    env.insert(name.to_owned(), value.to_owned());
                }
                let taken = self.workflow.env.iter().filter(|(name, _)| !self.job.without.contains(name));
                let own: Vec<(String, String)> = taken.chain(&self.job.env).cloned().collect();
                let told = self
                    .here
                    .told
                    .iter()
                    .map(|(name, value)| (name.clone(), expr::text_of(value)));
                let told: BTreeMap<String, String> = told.collect();
                let own: Vec<(String, String)> = own.into_iter().filter(|(name, _)| !told.contains_key(name)).collect();
                env.extend(told);
                env = rules::settled(&own, &env);
            }
        }
        let base = self.shared.world.processes().base_env();
        let old = base.get(std::ffi::OsStr::new("PATH")).cloned().unwrap_or_default();
        let all = self.path.iter().cloned().chain(std::env::split_paths(&old));
        if let Ok(joined) = std::env::join_paths(all) {
            env.entry("PATH".to_owned())
                .or_insert_with(|| joined.to_string_lossy().into_owned());
        }
        Ok(env)
    }

    fn github_env(&self, env: &mut BTreeMap<String, String>) {
        let github = self.contexts.get("github").and_then(Value::as_object);
        for (name, value) in github.into_iter().flatten() {
            if !value.is_object() && name != "token" {
                env.insert(format!("GITHUB_{}", name.to_uppercase()), expr::text_of(value));
            }
        }
        let runner = self.contexts.get("runner").and_then(Value::as_object);
        for (name, value) in runner
            .into_iter()
            .flatten()
            .filter(|(_, value)| !value.as_str().is_some_and(str::is_empty))
        {
            env.insert(format!("RUNNER_{}", name.to_uppercase()), expr::text_of(value));
        }
        env.insert("GITHUB_ACTIONS".to_owned(), "true".to_owned());
        for (name, file) in [
            ("GITHUB_ENV", "env"),
            ("GITHUB_OUTPUT", "output"),
            ("GITHUB_PATH", "path"),
            ("GITHUB_STATE", "state"),
            ("GITHUB_STEP_SUMMARY", "summary"),
            ("GITHUB_EVENT_PATH", "event.json"),
        ] {
            env.insert(name.to_owned(), self.file(file).display().to_string());
        }
    }

    pub(super) async fn step(
        &mut self,
        cx: &JobCtx,
        number: &str,
        step: &CiStep,
        left: Option<Duration>,
        gave: &mut Gave,
    ) -> Result<(), Problem> {
        let name = step.name.as_str();
        let status = match self.standing {
            Standing::Success | Standing::Skipped => "success",
            Standing::Failure => "failure",
            Standing::Cancelled => "cancelled",
        };
        self.contexts.insert("job".to_owned(), json!({ "status": status }));
        // What can not be told is no matter where the step does not run.
        let env = self.env(step);
        let runs = match &step.condition {
            Some(condition) => self.holds(condition, step.line)?,
            None => self.standing == Standing::Success,
        };
        if !runs {
            cx.note(format!("{number}. {name}: if = false"));
            self.note_step(step, "skipped", "skipped", Map::new());
            return Ok(());
        }
        let (script, shell, dir) = match &step.does {
            Does::Run { script, shell, dir } => (script, shell, dir),
            Does::Upload { with, .. } | Does::Download { with } => {
                cx.note(format!("{number}. {name}"));
                env?;
                let failed = self.share(cx, step, with, gave).await?;
                return self.conclude(step, failed, (None, None), Map::new(), gave);
            }
            Does::Composite(action) => {
                cx.note(format!("{number}. {name}"));
                env?;
                return Box::pin(self.composite(cx, number, (step, action), left, gave)).await;
            }
            Does::Here { .. } => {
                cx.note(format!("{number}. {name}: ok"));
                self.note_step(step, "success", "success", Map::new());
                return Ok(());
            }
            Does::Checkout { path } => {
                cx.note(format!("{number}. {name}: {}", path.display()));
                let folder = self.here.workspace.root.join(path);
                let shared = self.shared;
                let failed = worktree::add_inside(cx, &shared.world, &shared.workspace, &shared.oid, &folder).await;
                if failed.as_ref().is_err_and(Problem::is_cancelled) {
                    return failed;
                }
                let failed = failed
                    .err()
                    .map(|problem| problem.at_place(&self.workflow.path, step.line, 1));
                return self.conclude(step, failed, (None, None), Map::new(), gave);
            }
            Does::Skipped { why } => {
                cx.note(format!("{number}. {name}: --"));
                self.note_step(step, "skipped", "skipped", Map::new());
                // A cache that is not there is told as one that holds nothing.
                self.untold.extend(step.id.clone().filter(|_| why.key != "build-ci-cache"));
                return Ok(());
            }
        };
        let mut env = env?;
        self.note_commands(shell, &mut env);
        cx.note(format!("{number}. {name}"));
        let file = self.file(&format!("{number}.sh"));
        let script = self.fill(script, step.line)?;
        files::write_atomic(&file, script.as_bytes())?;
        for name in ["env", "output", "path", "state", "summary", "command"] {
            files::write_atomic(&self.file(name), b"")?;
        }
        let argv = shell
            .iter()
            .map(|word| word.replace("{0}", &file.display().to_string()))
            .collect();
        let dir = match dir {
            Some(dir) => PathBuf::from(self.fill(dir, step.line)?),
            None => PathBuf::new(),
        };
        let task = Task {
            id: format!("pipeline:{}/{}", self.workflow.id, self.job.key),
            name: name.to_owned(),
            source: Source::Project,
            kind: Kind::Other,
            argv,
            dir: dir
                .components()
                .filter(|part| *part != std::path::Component::CurDir)
                .collect(),
            place: Place {
                path: self.workflow.path.clone(),
                line: Some(step.line),
                column: None,
            },
            env,
            timeout_ms: step.timeout_ms,
            has_pty: false,
            note: String::new(),
        };
        let before = (gave.problem.take(), gave.why.take(), gave.exit_code.take());
        let n_errors = gave.n_errors;
        self.shared
            .task(cx, self.here.workspace, self.here.detected, task, left, gave)
            .await?;
        if gave.n_errors == n_errors {
            self.name_command(&script, gave);
        }
        let of_step = (gave.why.take(), gave.exit_code.take());
        let failed = gave.problem.take();
        (gave.problem, gave.why, gave.exit_code) = before;
        let outputs = self.read_files();
        // Written as nobody can read it, it fails the step as a failing script does.
        let (outputs, failed) = match outputs {
            Ok(outputs) => (outputs, failed),
            Err(problem) => (
                Map::new(),
                failed.or(Some(problem.at_place(&self.workflow.path, step.line, 1))),
            ),
        };
        self.conclude(step, failed, of_step, outputs, gave)
    }

    /// Bash notes which command fails, unless something else is to be read before its scripts.
    fn note_commands(&self, shell: &[String], env: &mut BTreeMap<String, String>) {
        let is_bash = shell.first().is_some_and(|program| program == "bash");
        let base = self.shared.world.processes().base_env();
        let is_taken = env.contains_key("BASH_ENV") || base.contains_key(std::ffi::OsStr::new("BASH_ENV"));
        if is_bash && !is_taken {
            env.insert("BASH_ENV".to_owned(), self.file("noting.sh").display().to_string());
        }
    }

    /// A script that failed without an error that could be read failed by its command, not by the last line that it printed.
    fn name_command(&self, script: &str, gave: &mut Gave) {
        let (Some(problem), Some(code)) = (&mut gave.problem, gave.exit_code) else {
            return;
        };
        if !(problem.code.is_empty() || problem.code == "build-failed") {
            return;
        }
        let noted = files::read_text(&self.file("command"), MAX_FILE_BYTES).unwrap_or_default();
        let Some(command) = failed_command(&noted, script, code) else {
            return;
        };
        let command = self.shared.world.masks().mask_str(&command).into_owned();
        let mut message = format!("{}: exit {code}", SafeText::new(&command).into_string());
        let why = gave.why.take();
        // The echo of a command is no word of it.
        let said = why.as_ref().map(|why| why.message.as_str());
        if let Some(said) = said.filter(|said| hints::looks_like_error(said) && !said.starts_with("$ ")) {
            message = format!("{message}: {said}");
        }
        problem.details.clone_from(&message);
        gave.why = Some(Why {
            message,
            code: None,
            place: None,
            hint: why.and_then(|why| why.hint),
            lines: Vec::new(),
        });
    }

    /// Keeps files, or lays them out. Gives why it failed.
    async fn share(
        &self,
        cx: &JobCtx,
        step: &CiStep,
        with: &[(String, String)],
        gave: &mut Gave,
    ) -> Result<Option<Problem>, Problem> {
        let filled = with
            .iter()
            .map(|(name, value)| Ok((name.clone(), self.fill(value, step.line)?)));
        let with: BTreeMap<String, String> = filled.collect::<Result<_, Problem>>()?;
        let roots = Roots {
            worktree: &self.here.workspace.root,
            scratch: &self.here.scratch,
        };
        let shared = if let Does::Upload { joins, .. } = step.does {
            uploads::keep(cx, self.shared, (self.here.workspace, &self.job.key), &roots, &with, joins)
                .await
                .map(|kept| gave.uploads.extend(kept))
        } else {
            uploads::lay_out(cx, self.shared, &roots, self.here.given, &with).await
        };
        match shared {
            Ok(()) => Ok(None),
            Err(problem) if problem.is_cancelled() => Err(problem),
            Err(problem) => Ok(Some(problem.at_place(&self.workflow.path, step.line, 1))),
        }
    }

    /// What a step came to, for those after it and for the job.
    pub(super) fn conclude(
        &mut self,
        step: &CiStep,
        failed: Option<Problem>,
        (why, exit_code): (Option<Why>, Option<i32>),
        outputs: Map<String, Value>,
        gave: &mut Gave,
    ) -> Result<(), Problem> {
        let allowed =
            step.may_fail == "true" || (step.may_fail.contains("${{") && self.fill(&step.may_fail, step.line)? == "true");
        let outcome = if failed.is_some() { "failure" } else { "success" };
        let conclusion = if failed.is_some() && !allowed { "failure" } else { "success" };
        self.note_step(step, outcome, conclusion, outputs);
        if let Some(problem) = failed.filter(|_| !allowed) {
            self.standing = Standing::Failure;
            // The first failure that counts is the job's.
            if gave.problem.is_none() {
                (gave.problem, gave.why, gave.exit_code) = (Some(problem), why, exit_code);
            }
        }
        Ok(())
    }

    fn note_step(&mut self, step: &CiStep, outcome: &str, conclusion: &str, outputs: Map<String, Value>) {
        let (Some(id), Some(Value::Object(steps))) = (&step.id, self.contexts.get_mut("steps")) else {
            return;
        };
        let told = json!({ "outcome": outcome, "conclusion": conclusion, "outputs": outputs });
        steps.insert(id.clone(), told);
    }

    /// The variables that the job left in files for those that need it.
    fn dotenv(&self) -> Result<Map<String, Value>, Problem> {
        let mut found = Map::new();
        for path in &self.job.dotenv {
            let path = self.here.workspace.root.join(path);
            if !scan::is_file(&path) {
                continue;
            }
            let text = files::read_text(&path, MAX_FILE_BYTES)?;
            let pairs = text.lines().filter_map(|line| line.split_once('='));
            found.extend(pairs.map(|(name, value)| (name.trim().to_owned(), value.trim().into())));
        }
        Ok(found)
    }

    /// What the step wrote for later ones; gives its outputs.
    fn read_files(&mut self) -> Result<Map<String, Value>, Problem> {
        if self.workflow.flavor == Flavor::Gitlab {
            return Ok(Map::new());
        }
        let text = |name: &str| files::read_text(&self.file(name), MAX_FILE_BYTES);
        let (env, output, path) = (text("env")?, text("output")?, text("path")?);
        for folder in path.lines().map(str::trim).filter(|line| !line.is_empty()) {
            self.path.insert(0, PathBuf::from(folder));
        }
        let read = |name: &str, text: &str| {
            let wrong = |line: String| msg!("build-ci-no-setting", file = name, line = line);
            settings(text).map_err(|line| Problem::user(wrong(line)).code("setting"))
        };
        self.set.extend(read("GITHUB_ENV", &env)?);
        let outputs = read("GITHUB_OUTPUT", &output)?;
        Ok(outputs.into_iter().map(|(name, value)| (name, value.into())).collect())
    }
}
