//! From a pipeline as it is written to the jobs that run: one per cell of a matrix, each with what it waits for and its column. Pure.

use super::JobRow;
use crate::areas::build::ci::Lack;
use crate::areas::build::detect::{self, Detected, Kind, Source, Task};
use crate::areas::devops::project::pipeline::{PipelineJob, Step};
use crate::areas::devops::project::{FILE_NAME, Pipeline, Words, fill_known};
use crate::base::{Msg, Place, Problem, State};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

/// One job that runs.
#[derive(Clone, Debug, PartialEq)]
pub struct Planned {
    pub key: String,
    /// What its file calls it; empty where it is called by its key.
    pub title: String,
    pub job: PipelineJob,
    /// The values of its cell.
    pub cell: BTreeMap<String, String>,
    /// Keys.
    pub needs: Vec<String>,
    /// Keys of those whose files and outputs it gets; None: all that it stands on.
    pub takes: Option<BTreeSet<String>>,
    /// So many jobs of its name run at once.
    pub max_at_once: Option<usize>,
    /// When one job of its name fails, those that have not begun do not begin.
    pub fails_fast: bool,
    pub column: usize,
    /// Why it never starts on this machine.
    pub left_out: Option<Msg>,
    /// It starts when what it needs is over, however that ended.
    pub waits_for_end: bool,
    /// What is not as it is where its file belongs.
    pub notes: Vec<Lack>,
}

/// What one step does.
#[derive(Clone, Debug, PartialEq)]
pub enum Does {
    Task(Task),
    /// All tests of the runner with this word, or of all of them.
    Test(Option<String>),
}

/// The jobs of a pipeline in the order of the file. The pipeline must have no ring.
pub fn expand(pipeline: &Pipeline) -> Vec<Planned> {
    let mut planned: Vec<Planned> = Vec::new();
    for job in &pipeline.jobs {
        for cell in job.cells() {
            let key = if cell.is_empty() {
                job.name.clone()
            } else {
                let values: Vec<String> = cell.iter().map(|(name, value)| format!("{name}={value}")).collect();
                format!("{} ({})", job.name, values.join(", "))
            };
            planned.push(Planned {
                key,
                title: String::new(),
                job: job.clone(),
                cell,
                needs: Vec::new(),
                takes: None,
                max_at_once: None,
                fails_fast: false,
                column: 0,
                left_out: None,
                waits_for_end: false,
                notes: Vec::new(),
            });
        }
    }
    let keys: Vec<(String, String)> = planned.iter().map(|one| (one.job.name.clone(), one.key.clone())).collect();
    for one in &mut planned {
        let names = pipeline.needs(&one.job);
        one.needs = keys
            .iter()
            .filter(|(name, _)| names.contains(name))
            .map(|(_, key)| key.clone())
            .collect();
    }
    set_columns(&mut planned);
    planned
}

/// As far right as the longest way there.
pub(in crate::areas::build) fn set_columns(planned: &mut [Planned]) {
    for _ in 0..planned.len() {
        let columns: BTreeMap<String, usize> = planned.iter().map(|one| (one.key.clone(), one.column)).collect();
        let mut is_same = true;
        for one in planned.iter_mut() {
            let column = one
                .needs
                .iter()
                .filter_map(|need| columns.get(need))
                .map(|column| column + 1)
                .max()
                .unwrap_or(0);
            is_same &= column == one.column;
            one.column = column;
        }
        if is_same {
            break;
        }
    }
}

/// How a job looks that has not run.
pub fn unrun(planned: &Planned) -> JobRow {
    JobRow {
        title: planned.title.clone(),
        column: planned.column,
        needs: planned.needs.clone(),
        may_fail: planned.job.allow_failure,
        left_out: planned.left_out.clone(),
        notes: planned.notes.clone(),
        ..JobRow::new(planned.key.clone(), State::Queued)
    }
}

/// Some(true): everything that it needs is there. Some(false): it can never start. None: it waits.
pub(super) fn verdict(planned: &Planned, states: &BTreeMap<String, (State, bool)>) -> Option<bool> {
    if planned.left_out.is_some() {
        return Some(false);
    }
    let mut is_ready = true;
    for need in &planned.needs {
        match states.get(need) {
            Some((State::Done, _) | (State::Failed, true)) => {}
            Some((State::Failed | State::Skipped | State::Cancelled | State::Interrupted, _)) if planned.waits_for_end => {}
            Some((State::Failed | State::Skipped | State::Cancelled | State::Interrupted, _)) | None => return Some(false),
            Some(_) => is_ready = false,
        }
    }
    is_ready.then_some(true)
}

impl Planned {
    /// The words in braces that its commands, settings and paths may use.
    pub fn words(&self, pipeline: &str, commit: &str) -> Words {
        let words = Words::default()
            .set("pipeline", pipeline)
            .set("job", &self.job.name)
            .set("commit", commit);
        self.cell.iter().fold(words, |words, (name, value)| words.set(name, value))
    }

    /// What the steps see of the run, then what the file sets; a later one of the same name counts.
    pub fn env(&self, pipeline: &Pipeline, step: &Step, words: &Words, commit: &str) -> BTreeMap<String, String> {
        let mut env = BTreeMap::from([
            ("CI".to_owned(), "true".to_owned()),
            ("CHANTIER_PIPELINE".to_owned(), pipeline.name.clone()),
            ("CHANTIER_JOB".to_owned(), self.key.clone()),
            ("CHANTIER_COMMIT".to_owned(), commit.to_owned()),
        ]);
        for (name, value) in &self.cell {
            let name: String = name
                .chars()
                .map(|c| {
                    if c.is_ascii_alphanumeric() {
                        c.to_ascii_uppercase()
                    } else {
                        '_'
                    }
                })
                .collect();
            env.insert(format!("MATRIX_{name}"), value.clone());
        }
        for (name, value) in pipeline.env.iter().chain(&self.job.env).chain(&step.env) {
            env.insert(name.clone(), fill_known(value, words));
        }
        env
    }

    /// The steps in their order.
    pub fn steps(&self) -> Vec<Step> {
        if self.job.run.is_empty() {
            return self.job.steps.clone();
        }
        vec![Step {
            run: self.job.run.clone(),
            ..Step::default()
        }]
    }

    /// What a step does in this worktree, with its environment.
    pub fn does(&self, pipeline: &Pipeline, step: &Step, detected: &Detected, commit: &str) -> Result<Does, Problem> {
        let words = self.words(&pipeline.name, commit);
        if let Some(test) = &step.test {
            return Ok(Does::Test((test != "all").then(|| fill_known(test, &words))));
        }
        let env = self.env(pipeline, step, &words, commit);
        if let Some(word) = &step.task {
            let word = fill_known(word, &words);
            let mut task = detect::find(&detected.tasks, &word)?.clone();
            let own = std::mem::replace(&mut task.env, env);
            for (name, value) in own {
                task.env.entry(name).or_insert(value);
            }
            return Ok(Does::Task(task));
        }
        let argv: Vec<String> = step.run.iter().map(|word| fill_known(word, &words)).collect();
        let dir = self.job.dir.join(step.dir.as_deref().unwrap_or(Path::new("")));
        let dir: PathBuf = dir.components().filter(|part| *part != Component::CurDir).collect();
        let name = step.name.clone().unwrap_or_else(|| argv.join(" "));
        Ok(Does::Task(Task {
            id: format!("pipeline:{}/{}", pipeline.name, self.key),
            name,
            source: Source::Project,
            kind: Kind::Other,
            argv,
            dir,
            place: Place {
                path: FILE_NAME.into(),
                line: None,
                column: None,
            },
            env,
            timeout_ms: None,
            has_pty: false,
            note: String::new(),
        }))
    }
}
