//! `chantier build <verb>`.

pub(super) mod ci;
pub mod docker;
pub(super) mod more;
pub(super) mod pipeline;
pub(super) mod rehearsal;
pub(super) mod timeline;

use super::detect::Task;
use super::detect::since::Mark;
use super::model::Builds;
use super::rehearsal::Order;
use super::{Artifact, Command as Words, RunRow, Update};
use crate::areas::cli::{Answer, Here, Verb as AreaVerb};
use crate::areas::{Command, Model};
use crate::base::{Catalog, JobId, Place, Problem, State, WriteTo, format};
use crate::msg;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::path::PathBuf;

#[derive(Clone, Debug, clap::Subcommand)]
pub enum Verb {
    /// What can be run here: tasks of chantier.toml and of the build tools
    Tasks {
        /// Say which are new, changed or gone since the checkout left this branch, tag or commit
        #[arg(long, value_name = "REV")]
        since: Option<String>,
    },
    /// Run a task by id or name; without one, the one that builds the project
    Run {
        task: Option<String>,
        /// On this commit, in a clean worktree: the checkout stays as it is
        #[arg(long, value_name = "REV")]
        commit: Option<String>,
        /// In this terminal: it reads your keys, and prints as if you had started it
        #[arg(long, conflicts_with = "commit")]
        tty: bool,
    },
    /// Pipelines: jobs in clean worktrees of a commit
    Pipeline(pipeline::Pipeline),
    /// Files of GitHub Actions and GitLab CI: what of them runs here, and run it
    Ci {
        #[command(subcommand)]
        verb: ci::Verb,
    },
    /// Start pipelines on each new commit and on changes, until it is stopped
    Watch {
        /// Every workspace that was added, not only this one
        #[arg(long)]
        all: bool,
    },
    /// Runs, newest first
    History {
        /// Only of this task
        task: Option<String>,
        /// So many at most
        #[arg(long, default_value_t = 30)]
        limit: usize,
    },
    /// Duration, warnings and size of a task's builds over time, and the commits that moved them
    Trend {
        /// Without one, the task that builds the project
        task: Option<String>,
    },
    /// What a run spent its time on, and the chain that made it last as long as it did; without a number the newest run
    Timeline {
        run: Option<u64>,
        /// Also write it there as OTLP in JSON, for a collector of traces
        #[arg(long, value_name = "FILE")]
        otlp: Option<PathBuf>,
        /// Write over a file that is there
        #[arg(long, requires = "otlp")]
        force: bool,
    },
    /// Build a commit twice in clean worktrees and compare what comes out
    Reproduce {
        /// Without one, the task that builds the project
        task: Option<String>,
        #[arg(long, value_name = "REV", default_value = "HEAD")]
        commit: String,
    },
    /// Run what was built in a simulation of an environment's system, and ask whether it works; `rehearsals` lists them
    Rehearse {
        /// Without one, the last of chantier.toml
        environment: Option<String>,
        /// Build this commit in a clean worktree for it, instead of what was built last
        #[arg(long, value_name = "REV")]
        commit: Option<String>,
    },
    /// Rehearsals, newest first
    Rehearsals,
    /// Read a tool's output with problem matchers: what would be found in it
    Match {
        /// Problem matchers as `[[matcher]]` of chantier.toml or as VS Code's JSON; without it, the project's own and the ones built in
        #[arg(long, value_name = "FILE")]
        matcher: Option<PathBuf>,
        /// The output; `-` is standard input
        #[arg(default_value = "-")]
        output: PathBuf,
    },
    /// What builds gave, newest first
    Artifacts {
        /// So many at most
        #[arg(long, default_value_t = 50)]
        limit: usize,
    },
    /// One run: why it failed, its messages and artifacts
    Show { run: u64 },
    #[command(flatten)]
    Docker(docker::DockerVerb),
}

impl AreaVerb for Verb {
    fn commands(&self, here: &Here) -> Result<Vec<Command>, Problem> {
        let workspace = here.workspace.clone();
        Ok(match self {
            Self::Tasks { since: Some(since) } => vec![
                Words::Refresh {
                    workspace: workspace.clone(),
                }
                .into(),
                Words::CompareTasks {
                    workspace,
                    since: Some(since.clone()),
                }
                .into(),
            ],
            Self::Tasks { since: None }
            | Self::History { .. }
            | Self::Artifacts { .. }
            | Self::Trend { .. }
            | Self::Rehearsals => {
                vec![Words::Refresh { workspace }.into()]
            }
            Self::Run { task, tty: true, .. } => vec![
                Words::RunOnTerminal {
                    workspace,
                    task: task.clone(),
                }
                .into(),
            ],
            Self::Run { task, commit: None, .. } => vec![
                Words::Run {
                    workspace,
                    task: task.clone(),
                }
                .into(),
            ],
            Self::Run {
                task,
                commit: Some(revision),
                ..
            } => vec![
                Words::RunAt {
                    workspace,
                    task: task.clone(),
                    revision: revision.clone(),
                }
                .into(),
            ],
            Self::Timeline { run, otlp, force } => vec![
                Words::ShowTimeline {
                    workspace,
                    job: run.map(JobId),
                    otlp: otlp.as_ref().map(|file| WriteTo::new(here.cwd.join(file), *force)),
                }
                .into(),
            ],
            Self::Reproduce { task, commit } => vec![
                Words::Reproduce {
                    workspace,
                    task: task.clone(),
                    revision: commit.clone(),
                }
                .into(),
            ],
            Self::Rehearse { environment, commit } => vec![
                Words::Rehearse {
                    workspace,
                    order: Order {
                        environment: environment.clone(),
                        revision: commit.clone(),
                    },
                }
                .into(),
            ],
            Self::Match { matcher, output } => vec![
                Words::Match {
                    workspace,
                    matcher: matcher.as_ref().map(|file| here.cwd.join(file)),
                    output: if output.as_os_str() == "-" {
                        output.clone()
                    } else {
                        here.cwd.join(output)
                    },
                }
                .into(),
            ],
            Self::Pipeline(of) => of.verb().commands(here).into_iter().map(Command::from).collect(),
            Self::Ci { verb } => verb.commands(here)?.into_iter().map(Command::from).collect(),
            Self::Watch { all } => vec![
                Words::WatchPipelines {
                    workspaces: if *all { Vec::new() } else { vec![workspace] },
                }
                .into(),
            ],
            Self::Docker(verb) => verb.commands(here),
            Self::Show { run } => {
                let show = Words::ShowRun {
                    workspace: workspace.clone(),
                    job: JobId(*run),
                };
                vec![Words::Refresh { workspace }.into(), show.into()]
            }
        })
    }

    fn then(&self, here: &Here, model: &Model) -> Result<Vec<Command>, Problem> {
        Ok(match self {
            Self::Docker(verb) => verb.then(here, model),
            Self::Ci { verb } => {
                if let Some(builds) = model.build.get(&here.workspace.id) {
                    verb.check(builds)?;
                }
                Vec::new()
            }
            Self::Pipeline(of) => {
                if let Some(builds) = model.build.get(&here.workspace.id) {
                    of.verb().check(builds)?;
                }
                Vec::new()
            }
            _ => Vec::new(),
        })
    }

    fn shows(&self, update: &crate::areas::Update, texts: &Catalog) -> Option<String> {
        match self {
            Self::Docker(verb) => verb.shows(update, texts),
            _ => None,
        }
    }

    fn lists_project(&self) -> bool {
        match self {
            Self::Tasks { .. } => true,
            Self::Pipeline(of) => of.verb().lists_project(),
            Self::Ci { verb } => matches!(verb, ci::Verb::List | ci::Verb::Show { .. }),
            _ => false,
        }
    }

    fn exit_code(&self, model: &Model) -> Option<u8> {
        match self {
            Self::Docker(verb) => verb.exit_code(model),
            _ => None,
        }
    }

    fn is_endless(&self) -> bool {
        match self {
            Self::Watch { .. } => true,
            Self::Docker(verb) => verb.is_endless(),
            _ => false,
        }
    }

    fn answer(&self, here: &Here, model: &Model, texts: &Catalog) -> Answer {
        let none = Builds::default();
        let builds = model.build.get(&here.workspace.id).unwrap_or(&none);
        match self {
            Self::Docker(verb) => verb.answer(model, texts),
            Self::Tasks { .. } => tasks_answer(builds, texts),
            Self::Pipeline(of) => of.verb().answer(builds, pipeline::latest(builds), texts),
            Self::Ci { verb } => verb.answer(builds, pipeline::latest(builds), texts),
            Self::Trend { task } => more::trend(builds, task.as_deref(), texts),
            Self::Timeline { .. } => timeline::answer(builds, texts),
            Self::Reproduce { .. } => more::reproduce(builds, texts),
            Self::Rehearse { .. } => rehearsal::one(builds, texts),
            Self::Rehearsals => rehearsal::all(builds, texts),
            Self::Match { .. } => more::matched(builds, texts),
            Self::Watch { .. } => Answer {
                schema: "chantier.build.watch/1",
                data: json!({ "runs": builds.pipeline_runs() }),
                text: String::new(),
            },
            Self::Run { .. } => run_answer("chantier.build.run/1", builds, builds.last, texts),
            Self::Show { run } => run_answer("chantier.build.show/1", builds, Some(JobId(*run)), texts),
            Self::History { task, limit } => {
                let is_meant = |run: &&RunRow| {
                    task.as_ref()
                        .is_none_or(|task| run.task == *task || run.task.rsplit(':').next() == Some(task))
                };
                let runs: Vec<&RunRow> = builds.runs().iter().filter(is_meant).take(*limit).collect();
                let text = runs.iter().map(|run| run_line(run, texts)).collect();
                Answer {
                    schema: "chantier.build.history/1",
                    data: json!({ "runs": runs }),
                    text,
                }
            }
            Self::Artifacts { limit } => {
                let artifacts: Vec<&Artifact> = builds.artifacts().iter().take(*limit).collect();
                let text = artifacts.iter().map(|artifact| artifact_line(artifact, texts)).collect();
                Answer {
                    schema: "chantier.build.artifacts/1",
                    data: json!({ "artifacts": artifacts }),
                    text,
                }
            }
        }
    }
}

fn tasks_answer(builds: &Builds, texts: &Catalog) -> Answer {
    let main = builds.main_task().map(|task| task.id.clone());
    let mut text = String::new();
    let mut rows: Vec<Value> = Vec::new();
    let width = builds
        .tasks()
        .iter()
        .map(|task| task.id.chars().count())
        .max()
        .unwrap_or(0)
        .clamp(20, 48);
    for task in builds.tasks() {
        let last = builds.runs_of(&task.id).next();
        let mark = if main.as_ref() == Some(&task.id) { '*' } else { ' ' };
        let state = last.map(|run| texts.t(run.state.key())).unwrap_or_default();
        let since = builds.since.as_ref().and_then(|since| since.mark(task));
        let word = match since {
            Some(Mark::New) => texts.t("build-task-new"),
            Some(Mark::Changed) => texts.t("build-task-changed"),
            None => "".into(),
        };
        let word = builds.since.as_ref().map(|_| format!("{word:<9} ")).unwrap_or_default();
        writeln!(text, "{mark} {word}{:<width$} {:<11} {}", task.id, state, task.command_line())
            .expect("a string takes every write");
        let mut row = serde_json::to_value(task).unwrap_or_default();
        row["since"] = serde_json::to_value(since).unwrap_or_default();
        row["command"] = task.command_line().into();
        row["last_run"] = serde_json::to_value(last).unwrap_or_default();
        rows.push(row);
    }
    let gone: Vec<&Task> = builds.since.iter().flat_map(|since| since.gone(builds.tasks())).collect();
    for task in &gone {
        let word = texts.t("build-task-gone");
        writeln!(text, "  {word:<9} {:<width$} {:<11} {}", task.id, "", task.command_line()).expect("a string takes every write");
    }
    let since = builds
        .since
        .as_ref()
        .map(|since| json!({ "revision": since.revision, "commit": since.commit, "gone": gone }));
    Answer {
        schema: "chantier.build.tasks/1",
        data: json!({ "main": main, "tasks": rows, "since": since, "problems": builds.problems }),
        text,
    }
}

fn run_answer(schema: &'static str, builds: &Builds, job: Option<JobId>, texts: &Catalog) -> Answer {
    let run = job.and_then(|job| builds.run(job));
    let detail = job.and_then(|job| builds.detail(job));
    let mut text = String::new();
    if let Some(why) = detail.and_then(|detail| detail.why.as_ref()) {
        let at = why.place.as_ref();
        let place = at.map(Place::text).unwrap_or_default();
        let code = why.code.as_deref().map(|code| format!(" [{code}]")).unwrap_or_default();
        writeln!(text, "{}{code}\n{place}", why.message).expect("a string takes every write");
        for (number, line) in &why.lines {
            let mark = if at.and_then(|place| place.line) == Some(*number) {
                '>'
            } else {
                ' '
            };
            writeln!(text, "{mark} {number:>5}  {line}").expect("a string takes every write");
        }
    }
    text.extend(run.map(|run| run_line(run, texts)));
    for artifact in detail.into_iter().flat_map(|detail| &detail.artifacts) {
        text.push_str(&artifact_line(artifact, texts));
    }
    let data = json!({
        "run": run,
        "why": detail.and_then(|detail| detail.why.as_ref()),
        "diagnostics": detail.map_or(&[] as &[_], |detail| detail.diagnostics.as_slice()),
        "artifacts": detail.map_or(&[] as &[_], |detail| detail.artifacts.as_slice()),
    });
    Answer { schema, data, text }
}

fn run_line(run: &RunRow, texts: &Catalog) -> String {
    let commit = run.commit.as_deref().map_or("-", format::short_oid);
    let dirty = if run.is_dirty { "+" } else { "" };
    let counts = texts.msg(&msg!("build-counts", errors = run.n_errors, warnings = run.n_warnings));
    // Of a run whose program was killed nobody knows how long it took.
    let time = if matches!(run.state, State::Interrupted | State::InProgress) {
        "-".to_owned()
    } else {
        format::duration_secs(run.duration_ms as f64 / 1000.0, texts)
    };
    let size = run.bytes.map(|bytes| format::bytes(bytes, texts)).unwrap_or_default();
    format!(
        "{:>6}  {:<11} {:<24} {commit}{dirty}  {time}  {counts}  {size}\n",
        run.job.to_string(),
        texts.t(run.state.key()),
        run.task
    )
}

fn artifact_line(artifact: &Artifact, texts: &Catalog) -> String {
    let commit = artifact.commit.as_deref().map_or("-", format::short_oid);
    let size = format::bytes(artifact.bytes, texts);
    let short = artifact.sha256.get(..12).unwrap_or(&artifact.sha256);
    let kept = artifact
        .stored
        .as_ref()
        .map(|path| path.display().to_string())
        .unwrap_or_default();
    format!("{:<20} {short}  {size:>9}  {commit}  {kept}\n", artifact.name)
}

/// One live line for people, for what they want to see while it happens.
pub fn line(update: &Update, texts: &Catalog) -> Option<String> {
    if let Update::Docker(update) = update {
        return docker::line(update, texts);
    }
    let Update::RunStarted { run, .. } = update else {
        return pipeline::line(update, texts);
    };
    // One that is told when it is over was told all the time.
    (run.state == State::InProgress).then(|| texts.msg(&msg!("build-line-started", task = run.task.as_str())))
}
