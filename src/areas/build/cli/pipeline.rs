//! `chantier build pipeline <verb>`.

use crate::areas::build::ci::Weight;
use crate::areas::build::model::Builds;
use crate::areas::build::pipelines::{JobRow, Of, PipelineRun, StartedBy, on_key};
use crate::areas::build::{Command as Words, Update};
use crate::areas::cli::{Answer, Here};
use crate::base::{Catalog, Problem, State, Timestamp, format, time};
use crate::msg;
use serde_json::json;
use std::fmt::Write as _;

/// `chantier build pipeline NAME` is `chantier build pipeline run NAME`.
#[derive(Clone, Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct Pipeline {
    #[command(subcommand)]
    pub verb: Option<Verb>,
    #[command(flatten)]
    pub run: Option<Run>,
}

#[derive(Clone, Debug, clap::Args)]
pub struct Run {
    name: String,
    /// The commit: an id, a branch, a tag, HEAD~2
    #[arg(long, value_name = "REV", default_value = "HEAD", conflicts_with = "changes")]
    commit: String,
    /// What is saved now, with what is not committed
    #[arg(long)]
    changes: bool,
    /// Take over no earlier result
    #[arg(long)]
    anew: bool,
}

impl Pipeline {
    /// The list where nothing was said, which clap does not let through.
    pub(super) fn verb(&self) -> Verb {
        match (&self.verb, &self.run) {
            (Some(verb), _) => verb.clone(),
            (None, Some(run)) => Verb::Run(run.clone()),
            (None, None) => Verb::List { limit: LISTED },
        }
    }
}

/// Runs that are listed unless it is said otherwise.
const LISTED: usize = 20;

#[derive(Clone, Debug, clap::Subcommand)]
pub enum Verb {
    /// Pipelines of chantier.toml and their runs, newest first
    List {
        /// So many runs at most
        #[arg(long, default_value_t = LISTED)]
        limit: usize,
    },
    /// Run a pipeline on a commit, in clean worktrees beside the checkout
    Run(Run),
    /// One run with its jobs; without a number the newest
    Show { run: Option<i64> },
    /// Take up a run where it stopped: what is done stays done; without a number the newest that was interrupted
    Resume { run: Option<i64> },
    /// Stop a run, whichever program runs it
    Stop { run: i64 },
}

impl Verb {
    /// The run that was named is there.
    pub(super) fn check(&self, builds: &Builds) -> Result<(), Problem> {
        match self {
            Self::Show { run: Some(id) } if builds.pipeline_run(*id).is_none() => {
                Err(Problem::user(msg!("build-no-pipeline-run", run = *id)).code("not-found"))
            }
            _ => Ok(()),
        }
    }

    pub(super) fn commands(&self, here: &Here) -> Vec<Words> {
        let workspace = here.workspace.clone();
        match self {
            Self::List { .. } | Self::Show { .. } => vec![Words::Refresh { workspace }],
            Self::Run(Run {
                name,
                commit,
                changes,
                anew,
            }) => vec![Words::RunPipeline {
                workspace,
                pipeline: name.clone(),
                of: if *changes {
                    Of::Changes
                } else {
                    Of::Commit {
                        revision: commit.clone(),
                    }
                },
                started_by: StartedBy::Hand,
                is_anew: *anew,
            }],
            Self::Resume { run } => vec![Words::ResumePipeline { workspace, run: *run }],
            Self::Stop { run } => vec![Words::StopPipeline { workspace, run: *run }],
        }
    }

    pub(super) fn lists_project(&self) -> bool {
        matches!(self, Self::List { .. })
    }

    pub(super) fn answer(&self, builds: &Builds, now: Timestamp, texts: &Catalog) -> Answer {
        let run = match self {
            Self::List { limit } => return list(builds, *limit, texts),
            Self::Show { run: None } => builds.pipeline_runs().first(),
            Self::Show { run: Some(id) } | Self::Stop { run: id } => builds.pipeline_run(*id),
            Self::Run(_) | Self::Resume { .. } => return run_answer(builds, now, texts),
        };
        let mut text = String::new();
        if let Some(run) = run {
            text = run_text(run, now, texts);
        } else if matches!(self, Self::Show { .. }) {
            text.push_str(&texts.t("build-pipeline-runs-empty"));
            text.push('\n');
        }
        Answer {
            schema: "chantier.build.pipeline/1",
            data: json!({ "run": run }),
            text,
        }
    }
}

/// The run that changed last in this session.
pub(super) fn run_answer(builds: &Builds, now: Timestamp, texts: &Catalog) -> Answer {
    let run = builds.last_pipeline_run.and_then(|id| builds.pipeline_run(id));
    Answer {
        schema: "chantier.build.pipeline/1",
        data: json!({ "run": run }),
        text: run.map(|run| run_text(run, now, texts)).unwrap_or_default(),
    }
}

/// The latest time that any job of a run tells.
pub(super) fn latest(builds: &Builds) -> Timestamp {
    let jobs = builds.pipeline_runs().iter().flat_map(|run| &run.jobs);
    jobs.filter_map(|job| job.ended_at.or(job.started_at))
        .max()
        .unwrap_or_default()
}

fn run_text(run: &PipelineRun, now: Timestamp, texts: &Catalog) -> String {
    let jobs = run.jobs.iter().map(|job| job_text(job, now, texts));
    std::iter::once(run_line(run, texts)).chain(jobs).collect()
}

fn list(builds: &Builds, limit: usize, texts: &Catalog) -> Answer {
    let mut text = String::new();
    for pipeline in builds.pipelines() {
        let on: Vec<String> = pipeline.on.iter().map(|on| texts.t(on_key(*on)).into_owned()).collect();
        let last = builds.pipeline_runs().iter().find(|run| run.pipeline == pipeline.name);
        let state = last.map_or_else(
            || texts.t("build-never").into_owned(),
            |run| texts.t(run.state.key()).into_owned(),
        );
        let n = texts.msg(&msg!("build-n-jobs", n = pipeline.jobs.len()));
        writeln!(text, "* {:<24} {state:<12} {n}  {}", pipeline.name, on.join(", ")).expect("a string takes every write");
    }
    let runs: Vec<&PipelineRun> = builds.pipeline_runs().iter().take(limit).collect();
    for run in &runs {
        text.push_str(&run_line(run, texts));
    }
    if text.is_empty() {
        text = format!("{}\n", texts.t("build-no-pipelines-hint"));
    }
    Answer {
        schema: "chantier.build.pipelines/1",
        data: json!({ "pipelines": builds.pipelines(), "runs": runs, "problems": builds.problems }),
        text,
    }
}

fn run_line(run: &PipelineRun, texts: &Catalog) -> String {
    let dirty = if run.is_dirty { "+" } else { "" };
    let n_done = run.count(State::Done);
    let time = run
        .ended_at
        .map(|end| format::duration_secs(time::secs_between(run.started_at, end), texts))
        .unwrap_or_default();
    format!(
        "{:>6}  {:<12} {:<20} {}{dirty}  {n_done}/{}  {time}\n",
        run.id,
        texts.t(run.state.key()),
        run.pipeline,
        format::short_oid(&run.commit),
        run.jobs.len()
    )
}

fn job_text(job: &JobRow, now: Timestamp, texts: &Catalog) -> String {
    let mut text = format!("        {}\n", job_words(job, now, texts));
    if let Some(problem) = &job.problem {
        writeln!(text, "            {}", texts.msg(&problem.summary)).expect("a string takes every write");
        if job.why.is_none() && !problem.details.is_empty() {
            let at = problem.place.as_ref().map(|place| format!("{}: ", place.text()));
            writeln!(text, "            {}{}", at.unwrap_or_default(), problem.details).expect("a string takes every write");
        }
    }
    if let Some(why) = &job.why {
        let place = why.place.as_ref();
        let at = place.map(|place| format!("{}: ", place.text()));
        writeln!(text, "            {}{}", at.unwrap_or_default(), why.message).expect("a string takes every write");
    }
    if job.left_out.is_none() {
        for lack in job.notes.iter().filter(|lack| lack.weight == Weight::Skipped) {
            writeln!(text, "            - {}", texts.msg(&lack.what)).expect("a string takes every write");
        }
    }
    text
}

/// `test (python=3.12)  done  1.2 s`.
fn job_words(job: &JobRow, now: Timestamp, texts: &Catalog) -> String {
    let time = job
        .started_at
        .map(|start| format::duration_secs(time::secs_between(start, job.ended_at.unwrap_or(now)), texts))
        .unwrap_or_default();
    let mut words = format!("{:<32} {:<12} {time}", job.key, texts.t(job.state.key()));
    if !job.title.is_empty() && job.title != job.key {
        write!(words, "  {}", job.title).expect("a string takes every write");
    }
    if job.state == State::Failed && job.may_fail {
        words.push_str("  ");
        words.push_str(&texts.t("build-failure-allowed"));
    }
    if job.attempt > 1 {
        words.push_str("  ");
        words.push_str(&texts.msg(&msg!("build-attempt", n = job.attempt)));
    }
    if let Some(from) = job.reused_from {
        words.push_str("  ");
        words.push_str(&texts.msg(&msg!("build-reused", run = from)));
    }
    words
}

/// One live line: a job of a pipeline began or ended.
pub(super) fn line(update: &Update, texts: &Catalog) -> Option<String> {
    let job = match update {
        Update::PipelineJobChanged { job, .. } => job,
        Update::PipelinesWatched { is_watched: true, .. } => return Some(texts.t("build-line-watching").into_owned()),
        _ => return None,
    };
    let now = job.ended_at.or(job.started_at)?;
    Some(job_words(job, now, texts).trim_end().to_owned())
}
