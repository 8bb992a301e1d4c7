//! Local actions of GitHub that are made of steps: read into the steps of the job that uses them, and run with inputs and outputs of
//! their own.
//! <https://docs.github.com/actions/reference/workflows-and-actions/metadata-syntax>

use super::github::{Reading, pairs};
use super::scope::{Before, Standing};
use super::steps::Run;
use super::yaml::{self, Node};
use super::{CiStep, expr};
use crate::areas::JobCtx;
use crate::areas::build::pipelines::attempt::Gave;
use crate::base::Problem;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Actions that use each other.
const MAX_LEVELS: usize = 9;

/// An action as a step uses it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Composite {
    /// Its folder.
    pub path: PathBuf,
    /// What the step gives, else what the action says; with expressions in them.
    pub inputs: Vec<(String, String)>,
    pub outputs: Vec<(String, String)>,
    pub steps: Vec<CiStep>,
}

impl Reading<'_> {
    /// The action of this repository that a step uses; None: there is none, or it is not made of steps.
    pub(super) fn composite(&mut self, uses: &str, step: &Node) -> Option<Composite> {
        let path = PathBuf::from(uses.strip_prefix("./")?.trim_end_matches('/'));
        let files = ["action.yml", "action.yaml"].map(|file| path.join(file));
        let text = files.iter().find_map(|file| (self.facts.text)(file))?;
        let root = yaml::read(&text).ok()?;
        let runs = root.get("runs")?;
        if runs.get("using").and_then(Node::text).as_deref() != Some("composite") || self.level >= MAX_LEVELS {
            return None;
        }
        let given = pairs(step.get("with"));
        let declared = root.get("inputs").map(Node::entries).unwrap_or_default();
        let inputs = declared.iter().map(|(key, input)| {
            let given = given
                .iter()
                .find(|(name, _)| *name == key.text)
                .map(|(_, value)| value.clone());
            let value = given.or_else(|| input.get("default").and_then(Node::text));
            (key.text.clone(), value.unwrap_or_default())
        });
        let inputs: Vec<(String, String)> = inputs.collect();
        let known: Map<String, Value> = inputs
            .iter()
            .map(|(name, text)| {
                let value = expr::fill(text, &Before::new(&self.contexts)).unwrap_or_else(|_| text.clone());
                (name.clone(), value.into())
            })
            .collect();
        let outer = self.contexts.insert("inputs".to_owned(), Value::Object(known));
        let (n_lacks, n_tools) = (self.lacks.len(), self.tools.len());
        self.level += 1;
        let mut steps: Vec<CiStep> = Vec::new();
        for inner in runs.get("steps").map(Node::items).unwrap_or_default() {
            let mut inner = self.step(inner, None, None);
            // Lines of another file would mislead.
            inner.line = step.line;
            let own = std::mem::take(&mut inner.env);
            inner.env = pairs(step.get("env")).into_iter().chain(own).collect();
            steps.push(inner);
        }
        self.level -= 1;
        if let Some(outer) = outer {
            self.contexts.insert("inputs".to_owned(), outer);
        }
        if !self.may_run(step) {
            self.lacks.truncate(n_lacks);
            self.tools.truncate(n_tools);
        }
        for lack in &mut self.lacks[n_lacks..] {
            lack.line = Some(step.line);
        }
        let outputs = root.get("outputs").map(Node::entries).unwrap_or_default();
        let output = |(key, output): &(yaml::Key, Node)| {
            let value = output.get("value").and_then(Node::text).unwrap_or_default();
            (key.text.clone(), value)
        };
        let outputs = outputs.iter().map(output).collect();
        Some(Composite {
            path,
            inputs,
            outputs,
            steps,
        })
    }
}

impl Run<'_> {
    /// Runs the steps of an action; what they set stays, what they tell is the action's own.
    pub(super) async fn composite(
        &mut self,
        cx: &JobCtx,
        number: &str,
        (step, action): (&CiStep, &Composite),
        left: Option<Duration>,
        gave: &mut Gave,
    ) -> Result<(), Problem> {
        let until = left.map(|left| Instant::now() + left);
        let mut inputs = Map::new();
        for (name, template) in &action.inputs {
            inputs.insert(name.clone(), self.fill(template, step.line)?.into());
        }
        let outer_inputs = self.contexts.insert("inputs".to_owned(), Value::Object(inputs));
        let outer_steps = self.contexts.insert("steps".to_owned(), json!({}));
        let outer_path = self.set_action_path(Some(self.folder_of(&action.path).into()));
        let outer_untold = std::mem::take(&mut self.untold);
        let outer_standing = std::mem::replace(&mut self.standing, Standing::Success);
        let before = (gave.problem.take(), gave.why.take(), gave.exit_code.take());
        for (at, inner) in action.steps.iter().enumerate() {
            cx.check()?;
            let left = until.map(|until| until.saturating_duration_since(Instant::now()));
            let number = format!("{number}.{}", at + 1);
            Box::pin(self.step(cx, &number, inner, left, gave)).await?;
        }
        let of_step = (gave.why.take(), gave.exit_code.take());
        let failed = gave.problem.take();
        (gave.problem, gave.why, gave.exit_code) = before;
        let mut outputs = Map::new();
        for (name, template) in &action.outputs {
            // Of a failed action they may stand on a step that did not run.
            match self.fill(template, step.line) {
                Ok(value) => {
                    outputs.insert(name.clone(), value.into());
                }
                Err(_) if failed.is_some() => {}
                Err(problem) => return Err(problem),
            }
        }
        self.standing = outer_standing;
        self.untold = outer_untold;
        self.set_action_path(outer_path);
        for (name, outer) in [("inputs", outer_inputs), ("steps", outer_steps)] {
            self.contexts.insert(name.to_owned(), outer.unwrap_or_else(|| json!({})));
        }
        self.conclude(step, failed, of_step, outputs, gave)
    }

    fn folder_of(&self, path: &Path) -> String {
        self.here.workspace.root.join(path).display().to_string()
    }

    /// `github.action_path`; gives what it was.
    fn set_action_path(&mut self, path: Option<Value>) -> Option<Value> {
        let github = self.contexts.get_mut("github").and_then(Value::as_object_mut)?;
        match path {
            Some(path) => github.insert("action_path".to_owned(), path),
            None => github.remove("action_path"),
        }
    }
}
