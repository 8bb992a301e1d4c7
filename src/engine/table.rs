//! The model of all jobs: what the activity panel shows. Pure: changes only in `apply`.

use super::{JobEvent, Outcome};
use crate::base::{JobId, LogLine, Msg, Problem, Progress, State, Timestamp, WorkspaceId};
use std::collections::{BTreeMap, VecDeque};
use std::path::PathBuf;

/// Lines of output kept per job; the log file has them all.
pub const LINES_KEPT: usize = 5000;
/// Ended jobs kept; the ledger has them all.
const ENDED_KEPT: usize = 200;

/// One job as far as it was told.
#[derive(Clone, Debug, PartialEq)]
pub struct JobRow {
    pub id: JobId,
    pub title: Msg,
    pub area: String,
    pub workspace: Option<WorkspaceId>,
    pub parent: Option<JobId>,
    pub quiet: bool,
    pub state: State,
    pub queued_at: Timestamp,
    pub started_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
    pub progress: Option<Progress>,
    pub argv: Vec<String>,
    pub cwd: Option<PathBuf>,
    pub exit_code: Option<i32>,
    pub outcome: Option<Outcome>,
    pub problems: Vec<Problem>,
    pub lines: VecDeque<LogLine>,
    /// Lines that came and are not in `lines`.
    pub n_skipped: u64,
    /// Changes with every line, so that a view knows when to look again.
    pub generation: u64,
}

impl JobRow {
    pub fn is_running(&self) -> bool {
        self.ended_at.is_none()
    }
}

/// All jobs of this program's run, oldest first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct JobTable {
    rows: BTreeMap<JobId, JobRow>,
    ended: VecDeque<JobId>,
    /// Changes with every event.
    pub generation: u64,
}

impl JobTable {
    pub fn get(&self, id: JobId) -> Option<&JobRow> {
        self.rows.get(&id)
    }

    pub fn rows(&self) -> impl DoubleEndedIterator<Item = &JobRow> {
        self.rows.values()
    }

    /// Jobs that are not over, without housekeeping and without children.
    pub fn running(&self) -> impl DoubleEndedIterator<Item = &JobRow> {
        self.rows
            .values()
            .filter(|row| row.is_running() && !row.quiet && row.parent.is_none())
    }

    pub fn children(&self, id: JobId) -> impl Iterator<Item = &JobRow> {
        self.rows
            .range(id..)
            .map(|(_, row)| row)
            .filter(move |row| row.parent == Some(id))
    }

    pub fn apply(&mut self, id: JobId, event: &JobEvent) {
        self.generation += 1;
        if let JobEvent::Queued {
            title,
            area,
            workspace,
            parent,
            quiet,
            at,
            ..
        } = event
        {
            let row = JobRow {
                id,
                title: title.clone(),
                area: area.clone(),
                workspace: workspace.clone(),
                parent: *parent,
                quiet: *quiet,
                state: State::Queued,
                queued_at: *at,
                started_at: None,
                ended_at: None,
                progress: None,
                argv: Vec::new(),
                cwd: None,
                exit_code: None,
                outcome: None,
                problems: Vec::new(),
                lines: VecDeque::new(),
                n_skipped: 0,
                generation: 0,
            };
            self.rows.insert(id, row);
            return;
        }
        let Some(row) = self.rows.get_mut(&id) else { return };
        row.generation += 1;
        match event {
            JobEvent::Queued { .. } | JobEvent::Sources { .. } => {}
            JobEvent::Started { at } => {
                row.state = State::InProgress;
                row.started_at = Some(*at);
            }
            JobEvent::Progress(progress) => row.progress = Some(progress.clone()),
            JobEvent::Log { lines, skipped } => {
                row.n_skipped += skipped;
                row.lines.extend(lines.iter().cloned());
                let over = row.lines.len().saturating_sub(LINES_KEPT);
                row.lines.drain(..over);
                row.n_skipped += over as u64;
            }
            JobEvent::Command { argv, cwd } => {
                row.argv.clone_from(argv);
                row.cwd = Some(cwd.clone());
            }
            JobEvent::Exit { code, .. } => row.exit_code = *code,
            JobEvent::Problem(problem) => row.problems.push(problem.clone()),
            JobEvent::Ended { outcome, at } => {
                row.ended_at = Some(*at);
                row.state = match outcome {
                    Outcome::Done => State::Done,
                    Outcome::Cancelled => State::Cancelled,
                    Outcome::Failed { .. } => State::Failed,
                };
                if let Outcome::Failed { problem } = outcome {
                    row.problems.push(problem.clone());
                }
                row.outcome = Some(outcome.clone());
                self.ended.push_back(id);
                while self.ended.len() > ENDED_KEPT {
                    if let Some(oldest) = self.ended.pop_front() {
                        self.rows.remove(&oldest);
                    }
                }
            }
        }
    }
}
