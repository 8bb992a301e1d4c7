//! What is known of the configuration. Pure: changes only in `apply`. The window reads its settings from here.

use super::secrets::Seen;
use super::{Health, ProjectCheck, Row, Tools, Update};
use crate::base::{Loadable, Problem, Settings};
use std::collections::BTreeMap;
use std::path::PathBuf;

#[derive(Clone, Debug, Default)]
pub struct Model {
    /// The settings in force: the defaults until the file was read.
    pub settings: Settings,
    pub file: PathBuf,
    pub rows: Loadable<Vec<Row>>,
    /// What is wrong with the settings file.
    pub problems: Vec<Problem>,
    pub is_watched: bool,
    /// Bytes that are kept, by the key of the setting that limits them; empty before anybody looked.
    pub used: BTreeMap<String, u64>,
    /// Counts the loads, for what is worked out from the rows and kept.
    pub generation: u64,
    pub tools: Loadable<Tools>,
    pub health: Loadable<Health>,
    pub secrets: Loadable<Seen>,
    pub project: Option<ProjectCheck>,
    /// The project file that was written last, with its text.
    pub written: Option<(PathBuf, String)>,
}

impl Model {
    pub fn row(&self, key: &str) -> Option<&Row> {
        self.rows.value()?.iter().find(|row| row.key == key)
    }

    pub fn apply(&mut self, update: Update) {
        match update {
            Update::LoadStarted => self.rows.start(),
            Update::Loaded {
                file,
                settings,
                rows,
                problems,
            } => {
                self.file = file;
                self.settings = *settings;
                self.problems = problems;
                self.rows.finish(rows);
                self.generation += 1;
            }
            Update::LoadFailed { problem } => failed(&mut self.rows, problem),
            Update::Watching { is_on } => self.is_watched = is_on,
            Update::Measured { used } => self.used = used,
            Update::ToolsStarted => self.tools.start(),
            Update::ToolsFound(tools) => self.tools.finish(tools),
            Update::ToolsFailed { problem } => failed(&mut self.tools, problem),
            Update::DoctorStarted => self.health.start(),
            Update::DoctorDone(health) => self.health.finish(health),
            Update::DoctorFailed { problem } => failed(&mut self.health, problem),
            Update::SecretsStarted => self.secrets.start(),
            Update::SecretsListed(seen) => self.secrets.finish(*seen),
            Update::SecretsFailed { problem } => failed(&mut self.secrets, problem),
            Update::ProjectChecked(check) => self.project = Some(check),
            Update::ProjectWritten { file, text } => self.written = Some((file, text)),
        }
    }
}

fn failed<T>(value: &mut Loadable<T>, problem: Problem) {
    if problem.is_cancelled() {
        value.give_up();
    } else {
        value.fail(problem);
    }
}
