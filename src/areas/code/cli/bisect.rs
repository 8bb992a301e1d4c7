//! `chantier code bisect`: verdicts by hand, and the search that asks a test, a task or a command.

use crate::areas::build::bisect::search::{Verdict as Said, most_steps};
use crate::areas::build::bisect::{Command as Words, End, Question, Search, Spec};
use crate::areas::build::{Command as Build, Update as BuildUpdate};
use crate::areas::cli::{Answer, Here};
use crate::areas::{Command, Model};
use crate::base::Catalog;
use crate::base::git_act::{GitAct, Verdict};
use crate::base::repo::short_oid;
use crate::msg;
use serde_json::json;

#[derive(Clone, Debug, clap::Subcommand)]
pub enum BisectVerb {
    /// Begin to bisect by hand, between a commit that is bad and one or more that are good
    Start {
        /// A commit where it fails
        bad: String,
        /// Commits before it where it does not
        #[arg(required = true)]
        good: Vec<String>,
    },
    /// The commit that a bisect stands at is good
    Good,
    /// The commit that a bisect stands at is bad
    Bad,
    /// The commit that a bisect stands at can not be told
    Skip,
    /// End the bisect, and go back to where it was begun
    Reset,
    /// Search the commit from which on something fails, in clean worktrees; goes on where it was stopped
    Run(BisectRun),
    /// Searches so far, newest first
    List,
}

#[derive(Clone, Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("question").required(true))]
pub struct BisectRun {
    /// A task by id or name
    #[arg(long, group = "question")]
    pub task: Option<String>,
    /// A test by name
    #[arg(long, group = "question")]
    pub test: Option<String>,
    /// A command: exit code 0 is good, 125 can not be told, 128 and more ends the search
    #[arg(last = true, group = "question")]
    pub command: Vec<String>,
    /// A commit that is good; the last green one of the history when not given
    #[arg(long, value_name = "REV")]
    pub good: Option<String>,
    /// A commit that is bad; HEAD when not given
    #[arg(long, value_name = "REV")]
    pub bad: Option<String>,
    /// Only along the first parents: merges as a whole
    #[arg(long)]
    pub first_parent: bool,
    /// So many commits at once; what the cores allow when not given
    #[arg(short, long, value_name = "N")]
    pub jobs: Option<u32>,
    /// Further looks at a commit that fails, until it passes once
    #[arg(long, value_name = "N", default_value_t = 2)]
    pub repeats: u32,
}

impl BisectRun {
    fn spec(&self) -> Spec {
        let question = match (&self.task, &self.test) {
            (Some(task), _) => Question::Task { task: task.clone() },
            (_, Some(name)) => Question::Test { name: name.clone() },
            _ => Question::Command {
                argv: self.command.clone(),
            },
        };
        Spec {
            question,
            good: self.good.clone(),
            bad: self.bad.clone(),
            first_parent: self.first_parent,
            at_once: self.jobs,
            repeats: self.repeats,
        }
    }
}

impl BisectVerb {
    /// Of the steps by hand.
    pub fn act(&self) -> Option<GitAct> {
        let judged = |verdict| GitAct::Bisect { verdict };
        Some(match self {
            Self::Start { bad, good } => GitAct::BisectStart {
                bad: bad.clone(),
                good: good.clone(),
            },
            Self::Good => judged(Verdict::Good),
            Self::Bad => judged(Verdict::Bad),
            Self::Skip => judged(Verdict::Skip),
            Self::Reset => GitAct::BisectReset,
            Self::Run(_) | Self::List => return None,
        })
    }

    /// None for the steps by hand, which are acts of git.
    pub fn commands(&self, here: &Here) -> Option<Vec<Command>> {
        let workspace = here.workspace.clone();
        let words = match self {
            Self::Start { .. } | Self::Good | Self::Bad | Self::Skip | Self::Reset => return None,
            Self::Run(run) => Words::Run {
                workspace,
                spec: run.spec(),
            },
            Self::List => Words::Load { workspace },
        };
        Some(vec![Build::Bisect(words).into()])
    }

    pub fn answer(&self, here: &Here, model: &Model, texts: &Catalog) -> Option<Answer> {
        let searches = model.build.searches(&here.workspace.id);
        Some(match self {
            Self::Start { .. } | Self::Good | Self::Bad | Self::Skip | Self::Reset => return None,
            Self::Run(_) => {
                let last = searches.first();
                Answer {
                    schema: "chantier.code.bisect-run/1",
                    data: json!({
                        "search": last,
                        "n_steps": last.map(Search::n_steps),
                        "n_rounds": last.map(Search::n_rounds),
                        "n_repeats": last.map(Search::n_repeats),
                        "most_steps": last.map(|search| most_steps(search.n_range, 1)),
                    }),
                    text: last.map(|search| found(search, texts)).unwrap_or_default(),
                }
            }
            Self::List => Answer {
                schema: "chantier.code.bisects/1",
                data: json!({ "searches": searches }),
                text: searches.iter().map(|search| line_of(search, texts)).collect(),
            },
        })
    }

    /// Each look, as it comes.
    pub fn shows(&self, update: &crate::areas::Update, texts: &Catalog) -> Option<String> {
        let crate::areas::Update::Build(BuildUpdate::Bisect { update, .. }) = update else {
            return None;
        };
        let crate::areas::build::bisect::Update::Changed { search } = update else {
            return None;
        };
        let look = search.looks.last().filter(|_| search.is_running && search.ended.is_none())?;
        let word = match look.verdict {
            Said::Good => texts.t("bisect-good"),
            Said::Bad => texts.t("bisect-bad"),
            Said::Skip => texts.t("bisect-skip"),
        };
        let left = texts.msg(&msg!("bisect-left", n = search.n_left));
        Some(format!("{}  {word}  {left}", short_oid(&look.oid)))
    }
}

fn line_of(search: &Search, texts: &Catalog) -> String {
    let state = match &search.ended {
        Some(End::Found { commit, .. }) => format!("{} {}", short_oid(&commit.oid), commit.summary),
        Some(End::Unclear { commits }) => texts.msg(&msg!("bisect-unclear", n = commits.len())),
        None => texts.msg(&msg!("bisect-left", n = search.n_left)),
    };
    format!(
        "{}..{}  {}  {state}\n",
        short_oid(&search.good),
        short_oid(&search.bad),
        search.spec.question.words()
    )
}

fn found(search: &Search, texts: &Catalog) -> String {
    let counts = texts.msg(&msg!(
        "bisect-counts",
        steps = search.n_steps(),
        rounds = search.n_rounds(),
        repeats = search.n_repeats(),
        n = search.n_range
    ));
    match &search.ended {
        Some(End::Found { commit, carriers, diff }) => {
            let head = texts.msg(&msg!(
                "bisect-found",
                commit = short_oid(&commit.oid),
                summary = commit.summary.as_str()
            ));
            let list = |names: &[String]| {
                if names.is_empty() {
                    "–".to_owned()
                } else {
                    names.join(", ")
                }
            };
            let carried = texts.msg(&msg!(
                "bisect-carried",
                releases = list(&carriers.releases),
                instances = list(&carriers.instances)
            ));
            format!(
                "{diff}\n{head}\n{}, {}\n{carried}\n{counts}\n",
                commit.author, commit.authored
            )
        }
        Some(End::Unclear { commits }) => {
            let lines: String = commits.iter().map(|oid| format!("{oid}\n")).collect();
            format!("{lines}{counts}\n")
        }
        None => format!("{counts}\n"),
    }
}
