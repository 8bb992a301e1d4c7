//! `chantier build ci <verb>`.

use crate::areas::build::Command as Words;
use crate::areas::build::ci::{Choice, Lack};
use crate::areas::build::model::Builds;
use crate::areas::build::pipelines::{CiFile, Defined, JobRow, Of};
use crate::areas::cli::{Answer, Here};
use crate::base::{Catalog, Problem, Timestamp};
use crate::msg;
use serde_json::json;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

#[derive(Clone, Debug, clap::Subcommand)]
pub enum Verb {
    /// Files of GitHub Actions and GitLab CI in this checkout, and how much of them runs here
    List,
    /// The jobs of one file, or of all: what they wait for, and what is not as it is there
    Show {
        /// Its id, file name or name
        file: Option<String>,
    },
    /// Run a file, or one job with what it needs, in clean worktrees of a commit
    Run {
        /// A job by name
        job: Option<String>,
        /// The file, where several have jobs
        #[arg(long, value_name = "FILE")]
        file: Option<String>,
        /// The commit: an id, a branch, a tag, HEAD~2
        #[arg(long, value_name = "REV", default_value = "HEAD", conflicts_with = "changes")]
        commit: String,
        /// What is saved now, with what is not committed
        #[arg(long)]
        changes: bool,
        /// The event of GitHub to run it on: push, pull_request, workflow_dispatch, …
        #[arg(long, value_name = "NAME")]
        event: Option<String>,
        /// What it is given as an input; without an event it is started by hand. May be given several times
        #[arg(long, value_name = "NAME=VALUE")]
        input: Vec<String>,
        /// Run jobs on this machine that want a container or a runner of your own
        #[arg(long)]
        on_host: bool,
    },
}

impl Verb {
    pub(super) fn commands(&self, here: &Here) -> Result<Vec<Words>, Problem> {
        let workspace = here.workspace.clone();
        Ok(match self {
            Self::List | Self::Show { .. } => vec![Words::Refresh { workspace }],
            Self::Run {
                job,
                file,
                commit,
                changes,
                event,
                input,
                on_host,
            } => vec![Words::RunCi {
                workspace,
                workflow: file.clone(),
                of: if *changes {
                    Of::Changes
                } else {
                    Of::Commit {
                        revision: commit.clone(),
                    }
                },
                choice: Choice {
                    job: job.clone(),
                    is_on_host: *on_host,
                    event: event.clone(),
                    inputs: given(input)?,
                },
            }],
        })
    }

    /// A file that was named must be there, and in what is shown nothing may be wrong.
    pub(super) fn check(&self, builds: &Builds) -> Result<(), Problem> {
        let Self::Show { file: wanted } = self else {
            return Ok(());
        };
        let all = || {
            builds
                .pipelines()
                .iter()
                .filter_map(|defined| Some((defined, defined.ci.as_ref()?)))
        };
        let wanted = wanted.as_ref();
        let meant = wanted.and_then(|wanted| all().find(|(defined, file)| is_called(defined, file, wanted)));
        let is_meant = |problem: &&Problem| {
            let path = problem.place.as_ref().map_or(Path::new(""), |place| place.path.as_path());
            match (wanted, meant) {
                (None, _) => true,
                // What a file of GitLab includes is part of it.
                (Some(_), Some((_, file))) => path == file.path || !(is_workflow(path) || is_workflow(&file.path)),
                (Some(wanted), None) => path == Path::new(wanted) || path.file_name().is_some_and(|name| name == wanted.as_str()),
            }
        };
        let n_wrong = builds.ci_problems.iter().filter(is_meant).count();
        if n_wrong > 0 {
            return Err(Problem::config(msg!("build-ci-wrong", n = n_wrong)).code("config"));
        }
        let Some(wanted) = wanted else { return Ok(()) };
        if meant.is_some() {
            return Ok(());
        }
        let names: Vec<String> = all().map(|(_, file)| file.path.display().to_string()).collect();
        let problem = Problem::user(msg!("build-ci-no-such", file = wanted.as_str())).code("not-found");
        Err(if names.is_empty() {
            problem.hint(msg!("build-ci-none"))
        } else {
            problem.hint(msg!("build-ci-no-such-hint", files = names.join(", ")))
        })
    }

    pub(super) fn answer(&self, builds: &Builds, now: Timestamp, texts: &Catalog) -> Answer {
        let files = builds
            .pipelines()
            .iter()
            .filter_map(|defined| Some((defined, defined.ci.as_ref()?)));
        let files: Vec<(&Defined, &CiFile)> = files.collect();
        match self {
            Self::List => {
                let mut text: String = files.iter().map(|(defined, file)| file_line(defined, file, texts)).collect();
                if text.is_empty() {
                    text = format!("{}\n", texts.t("build-ci-none"));
                }
                Answer {
                    schema: "chantier.build.ci/1",
                    data: json!({ "files": files.iter().map(|(defined, _)| defined).collect::<Vec<_>>() }),
                    text,
                }
            }
            Self::Show { file: wanted } => {
                let is_meant = |(defined, file): &&(&Defined, &CiFile)| {
                    wanted.as_ref().is_none_or(|wanted| is_called(defined, file, wanted))
                };
                let meant: Vec<&(&Defined, &CiFile)> = files.iter().filter(is_meant).collect();
                let mut text = String::new();
                for (defined, file) in &meant {
                    text.push_str(&file_line(defined, file, texts));
                    file.lacks
                        .iter()
                        .for_each(|lack| text.push_str(&lack_line(lack, "    ", texts)));
                    defined.jobs.iter().for_each(|job| text.push_str(&job_text(job, texts)));
                }
                if text.is_empty() {
                    text = format!("{}\n", texts.t("build-ci-none"));
                }
                Answer {
                    schema: "chantier.build.ci/1",
                    data: json!({ "files": meant.iter().map(|(defined, _)| defined).collect::<Vec<_>>() }),
                    text,
                }
            }
            Self::Run { .. } => super::pipeline::run_answer(builds, now, texts),
        }
    }
}

/// What `NAME=VALUE` words say.
fn given(words: &[String]) -> Result<BTreeMap<String, String>, Problem> {
    let pair = |word: &String| match word.split_once('=') {
        Some((name, value)) => Ok((name.to_owned(), value.to_owned())),
        None => Err(Problem::user(msg!("build-ci-no-value", input = word.as_str())).code("usage")),
    };
    words.iter().map(pair).collect()
}

fn is_workflow(path: &Path) -> bool {
    path.starts_with(".github")
}

fn is_called(defined: &Defined, file: &CiFile, wanted: &str) -> bool {
    defined.name == wanted
        || file.name == wanted
        || file.path.as_os_str() == wanted
        || file.path.file_name().is_some_and(|name| name == wanted)
}

fn file_line(defined: &Defined, file: &CiFile, texts: &Catalog) -> String {
    let n_here = defined.jobs.iter().filter(|job| job.left_out.is_none()).count();
    let n = texts.msg(&msg!("build-ci-n-here", n = n_here, all = defined.jobs.len()));
    format!(
        "* {:<24} {n}  {}  ({})\n",
        defined.name,
        file.path.display(),
        file.on.join(", ")
    )
}

fn job_text(job: &JobRow, texts: &Catalog) -> String {
    let mut text = String::new();
    let word = texts.t(if job.left_out.is_none() {
        "build-ci-here"
    } else {
        "build-ci-left-out"
    });
    let needs = if job.needs.is_empty() {
        String::new()
    } else {
        format!("  < {}", job.needs.join(", "))
    };
    let title = if job.title.is_empty() || job.title == job.key {
        String::new()
    } else {
        format!("  {}", job.title)
    };
    writeln!(text, "    {:<40} {word}{title}{needs}", job.key).expect("a string takes every write");
    let is_noted = job
        .left_out
        .as_ref()
        .is_some_and(|why| job.notes.iter().any(|lack| lack.what == *why));
    if let Some(why) = job.left_out.as_ref().filter(|_| !is_noted) {
        writeln!(text, "        - {}", texts.msg(why)).expect("a string takes every write");
    }
    job.notes
        .iter()
        .for_each(|lack| text.push_str(&lack_line(lack, "        ", texts)));
    text
}

fn lack_line(lack: &Lack, indent: &str, texts: &Catalog) -> String {
    let line = lack.line.map(|line| format!("{line}: ")).unwrap_or_default();
    format!("{indent}- {line}{} ({})\n", texts.msg(&lack.what), texts.t(lack.weight.key()))
}
