//! `chantier code <verb>`.

use super::act::Act;
use super::model::RepoModel;
use super::{Acted, BlameKey, Command as Words, HistoryQuery, Update};
use crate::areas::cli::{Answer, Handed, Here, Verb as AreaVerb};
use crate::areas::{Command, Model};
use crate::base::diff::{DiffLook, DiffOf};
use crate::base::repo::{UndoEntry, Which};
use crate::base::{Catalog, GitPath, Problem};
use crate::msg;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

mod bisect;
mod branching;
mod branching_text;
mod commit;
pub mod host;
mod lines;
mod log;
pub mod names;
mod part;
mod stash;
pub mod text;
pub mod trees;
mod uncovered;

use part::{LookArgs, Part, Way, ends};
pub use stash::StashVerb;
use text::Marks;
use uncovered::Missed;

#[derive(Clone, Debug, clap::Subcommand)]
pub enum Verb {
    /// What changed: staged, not staged, untracked, in conflict
    Status,
    /// Make the folder of the workspace a git repository
    Init,
    /// Differences between index and files
    Diff {
        paths: Vec<PathBuf>,
        /// Between HEAD and index instead
        #[arg(long)]
        staged: bool,
        /// HEAD, index and files in one, staged lines marked with `*`
        #[arg(long, conflicts_with = "staged")]
        both: bool,
        /// Mark added lines that no test ran with `!`, as the last coverage report says
        #[arg(long, conflicts_with = "staged")]
        coverage: bool,
        #[command(flatten)]
        look: LookArgs,
    },
    /// Put changes into the index (no path is everything)
    Stage {
        paths: Vec<PathBuf>,
        #[command(flatten)]
        part: Part,
    },
    /// Take changes out of the index (no path is everything)
    Unstage {
        paths: Vec<PathBuf>,
        #[command(flatten)]
        part: Part,
    },
    /// Make files what the index says; what is thrown away is kept, and `undo` brings it back
    Discard {
        #[arg(required = true)]
        paths: Vec<PathBuf>,
        #[command(flatten)]
        part: Part,
    },
    /// Commit what is staged, with the configured hooks and signature
    Commit(commit::CommitArgs),
    /// Add files and folders that are not tracked to `.gitignore`
    Ignore {
        #[arg(required = true)]
        paths: Vec<PathBuf>,
    },
    /// Put changes away, and get them back
    #[command(subcommand)]
    Stash(StashVerb),
    /// Commits, children before parents
    Log {
        /// Start at this branch, tag or commit; `main..side` is what side has beside main
        revision: Option<String>,
        #[arg(short = 'n', long = "max-count", default_value_t = 30, value_parser = clap::value_parser!(u64).range(..=50_000))]
        n: u64,
        #[arg(long, default_value_t = 0)]
        skip: u64,
        /// Of every branch and tag
        #[arg(long)]
        all: bool,
        #[command(flatten)]
        search: log::Search,
    },
    /// Who wrote each line of a file, and when
    Blame {
        file: PathBuf,
        /// As it is at this commit, branch or tag (default: as it is in the checkout)
        #[arg(long, value_name = "REVISION")]
        rev: Option<String>,
        /// As it was before this line, counted from 1, was changed last
        #[arg(long, value_name = "LINE", value_parser = clap::value_parser!(u32).range(1..))]
        before: Option<u32>,
    },
    /// Which files differ between two commits, branches or tags, or between one and the files of the checkout
    Compare {
        /// Also both sides: `main..side`, or `main...side` for what side did since they parted
        from: String,
        /// Leave it out to compare with the files
        to: Option<String>,
        paths: Vec<PathBuf>,
        /// With the differences
        #[arg(short, long)]
        patch: bool,
        #[command(flatten)]
        look: LookArgs,
    },
    /// Write git's index of the history, which makes reading and searching it quick
    CommitGraph,
    /// One commit: facts, message, files
    Show {
        #[arg(default_value = "HEAD")]
        commit: String,
        /// With the differences
        #[arg(short, long)]
        patch: bool,
        /// Mark added lines that no test ran with `!`, as the last coverage report says
        #[arg(long, requires = "patch")]
        coverage: bool,
        #[command(flatten)]
        look: LookArgs,
    },
    /// Branches, tags and remotes
    Branches,
    #[command(flatten)]
    Branching(branching::Verb),
    #[command(flatten)]
    Trees(trees::Verb),
    /// Take back what was done last
    Undo(TakeArgs),
    /// Do again what was taken back
    Redo(TakeArgs),
    /// What was done, what it moved, and what can be taken back or done again
    Timeline {
        /// What taking this entry back would put in place
        #[arg(long, value_name = "ID")]
        entry: Option<u64>,
    },
    /// Lines that say TODO, FIXME and the like, with author and age
    Todos {
        /// Without looking for who wrote them
        #[arg(long)]
        no_authors: bool,
    },
    /// Open a file in your editor, at a line
    Open {
        /// `FILE`, `FILE:LINE` or `FILE:LINE:COLUMN`
        #[arg(value_name = "FILE[:LINE]")]
        place: String,
    },
    /// Tell changes as they happen, until stopped
    Watch,
}

#[derive(Clone, Debug, clap::Args)]
pub struct TakeArgs {
    /// How many steps
    #[arg(value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    steps: u32,
    /// Exactly this entry, as `timeline` numbers them
    #[arg(long, value_name = "ID", conflicts_with = "steps")]
    entry: Option<u64>,
    /// Also where something changed since; what stands there now is kept as an entry of its own
    #[arg(long)]
    force: bool,
}

impl TakeArgs {
    fn which(&self) -> Which {
        match self.entry {
            Some(id) => Which::Entry { id },
            None => Which::Last { n: self.steps },
        }
    }
}

impl AreaVerb for Verb {
    fn commands(&self, here: &Here) -> Result<Vec<Command>, Problem> {
        let workspace = || here.workspace.clone();
        let paths = |paths: &[PathBuf]| paths.iter().map(|path| absolute(here, path)).collect::<Vec<_>>();
        let act = |act: Act| act.on(&here.workspace);
        let words = match self {
            Self::Status => Words::Refresh { workspace: workspace() },
            Self::Init => Words::Init { workspace: workspace() },
            Self::Diff {
                paths: of_paths,
                staged,
                both,
                coverage,
                look,
            } => {
                let diffs = Words::ShowDiffs {
                    workspace: workspace(),
                    of: diff_of(*staged, *both),
                    paths: paths(of_paths),
                    look: look.look(),
                    is_forced: look.large,
                };
                let coverage = coverage.then(|| known_coverage(here));
                return Ok(std::iter::once(diffs.into()).chain(coverage).collect());
            }
            Self::Stage { paths: wanted, part } => {
                let paths = paths(wanted);
                act(part.act(Way::Stage, &paths)?.unwrap_or(Act::Stage { paths }))
            }
            Self::Unstage { paths: wanted, part } => {
                let paths = paths(wanted);
                act(part.act(Way::Unstage, &paths)?.unwrap_or(Act::Unstage { paths }))
            }
            Self::Discard { paths: wanted, part } => {
                let paths = paths(wanted);
                act(part.act(Way::Discard, &paths)?.unwrap_or(Act::Discard { paths }))
            }
            Self::Commit(args) => act(args.act(here)),
            Self::Ignore { paths: wanted } => act(Act::Ignore { paths: paths(wanted) }),
            Self::Stash(StashVerb::Show { stash }) => {
                let revision = stash.revision();
                let show = Words::ShowCommit {
                    workspace: workspace(),
                    revision: revision.clone(),
                };
                let diffs = Words::ShowDiffs {
                    workspace: workspace(),
                    of: DiffOf::Commit { oid: revision },
                    paths: Vec::new(),
                    look: DiffLook::default(),
                    is_forced: false,
                };
                return Ok(vec![show.into(), diffs.into()]);
            }
            Self::Stash(verb) => verb.command(here),
            Self::Log {
                revision,
                n,
                skip,
                all,
                search,
            } => {
                search.check()?;
                let history = Words::LoadHistory {
                    workspace: workspace(),
                    query: search.query(here, revision.clone(), *all),
                    first: *skip,
                    n: *n,
                };
                let weather = search.weather.then(|| Words::LoadWeather { workspace: workspace() });
                return Ok(std::iter::once(history).chain(weather).map(Command::from).collect());
            }
            Self::Blame { file, rev, before } => {
                let (workspace, path, revision) = (workspace(), absolute(here, file), rev.clone());
                let what = BlameKey { path, revision };
                match before {
                    Some(line) => Words::BlameBefore {
                        workspace,
                        what,
                        line: line.saturating_sub(1),
                    },
                    None => Words::Blame {
                        workspace,
                        what,
                        line: None,
                    },
                }
            }
            Self::Compare {
                from,
                to,
                paths: wanted,
                patch,
                look,
            } => {
                let (from, to) = ends(from, to.as_deref());
                let compare = Words::Compare {
                    workspace: workspace(),
                    from: from.clone(),
                    to: to.clone(),
                    paths: paths(wanted),
                };
                let of = DiffOf::Between { from, to };
                let diffs = Words::ShowDiffs {
                    workspace: workspace(),
                    of,
                    paths: paths(wanted),
                    look: look.look(),
                    is_forced: look.large,
                };
                return Ok(if *patch {
                    vec![compare.into(), diffs.into()]
                } else {
                    vec![compare.into()]
                });
            }
            Self::CommitGraph => Words::WriteCommitGraph {
                workspace: workspace(),
                query: HistoryQuery::default(),
            },
            Self::Show {
                commit,
                patch,
                coverage,
                look,
            } => {
                let show = Words::ShowCommit {
                    workspace: workspace(),
                    revision: commit.clone(),
                };
                let of = DiffOf::Commit { oid: commit.clone() };
                let diffs = Words::ShowDiffs {
                    workspace: workspace(),
                    of,
                    paths: Vec::new(),
                    look: look.look(),
                    is_forced: look.large,
                };
                let mut commands = vec![show.into(), Words::LoadWeather { workspace: workspace() }.into()];
                commands.extend(patch.then(|| diffs.into()));
                commands.extend(coverage.then(|| known_coverage(here)));
                return Ok(commands);
            }
            Self::Branches => Words::LoadRefs { workspace: workspace() },
            Self::Branching(branching::Verb::Bisect { verb }) if verb.commands(here).is_some() => {
                return Ok(verb.commands(here).unwrap_or_default());
            }
            Self::Branching(verb) => return Ok(verb.host().on_all(verb.commands(here))),
            Self::Trees(verb) => return Ok(verb.host().on_all(verb.commands(here))),
            Self::Undo(args) => act(Act::TakeBack {
                which: args.which(),
                is_forced: args.force,
            }),
            Self::Redo(args) => act(Act::Redo {
                which: args.which(),
                is_forced: args.force,
            }),
            Self::Timeline { entry: None } => Words::LoadUndo { workspace: workspace() },
            Self::Timeline { entry: Some(id) } => Words::ShowUndo {
                workspace: workspace(),
                id: *id,
            },
            Self::Todos { no_authors } => Words::LoadTodos {
                workspace: workspace(),
                with_authors: !no_authors,
            },
            Self::Open { place } => {
                let (path, line, column) = part::split_place(&here.cwd, place);
                let (workspace, path) = (workspace(), absolute(here, &path));
                if here.has_terminal {
                    Words::OpenAtTerminal {
                        workspace,
                        path,
                        line,
                        column,
                    }
                } else {
                    Words::OpenInEditor {
                        workspace,
                        path,
                        line,
                        column,
                    }
                }
            }
            Self::Watch => Words::Watch { workspace: workspace() },
        };
        Ok(vec![words.into()])
    }

    fn then(&self, here: &Here, model: &Model) -> Result<Vec<Command>, Problem> {
        let repo = model.code.repo(&here.workspace.id);
        Ok(match (self, repo) {
            (Self::Branching(verb), Some(repo)) => verb.host().on_all(verb.then(here, &repo.branching)),
            _ => Vec::new(),
        })
    }

    fn shows(&self, update: &crate::areas::Update, texts: &Catalog) -> Option<String> {
        match self {
            Self::Branching(branching::Verb::Bisect { verb }) => verb.shows(update, texts),
            _ => None,
        }
    }

    fn hands_over(&self, here: &Here, model: &Model) -> Option<Handed> {
        let Self::Open { .. } = self else { return None };
        let repo = model.code.repo(&here.workspace.id).filter(|repo| repo.is_open_left)?;
        Some(Handed {
            argv: repo.opened.clone(),
            dir: here.cwd.clone(),
            env: BTreeMap::new(),
        })
    }

    fn answer(&self, here: &Here, model: &Model, texts: &Catalog) -> Answer {
        let nothing = RepoModel::default();
        let repo = model.code.repo(&here.workspace.id).unwrap_or(&nothing);
        let answer = |schema, data, text| Answer { schema, data, text };
        if let Self::Branching(branching::Verb::Bisect { verb }) = self
            && let Some(answer) = verb.answer(here, model, texts)
        {
            return answer;
        }
        let said_before = match self {
            Self::Branching(verb) => match verb.answer(repo, texts) {
                Some(answer) => return answer,
                None => verb.said_before(repo, texts),
            },
            Self::Trees(verb) => match verb.answer(repo, texts) {
                Some(answer) => return answer,
                None => String::new(),
            },
            _ => String::new(),
        };
        match self {
            Self::Status => {
                let mut data = json!(repo.status.value());
                if let Value::Object(fields) = &mut data {
                    fields.insert("under_way".to_owned(), branching_text::json_of(&repo.branching));
                }
                let words = text::status(repo, texts) + &branching_text::under_way(&repo.branching, texts);
                answer("chantier.code.status/1", data, words)
            }
            Self::Diff {
                staged,
                both,
                coverage,
                look,
                ..
            } => {
                let missed = match coverage {
                    true => Missed::of(here, model, diff_of(*staged, *both)),
                    false => Missed::unknown(),
                };
                let data = json!({ "staged": staged, "files": repo.diffs, "n_unread": repo.n_diffs_unread, "missed": missed.json(&repo.diffs) });
                let is_both = *both && !*staged;
                let marks = Marks {
                    staged: is_both,
                    numbers: !is_both && look.is_usual(),
                };
                answer("chantier.code.diff/1", data, text::diffs(repo, texts, &missed, marks))
            }
            Self::Log { skip, n, search, .. } => answer(
                "chantier.code.log/1",
                log::json(repo, *skip, *n, search.weather),
                log::text(repo, *skip, *n, search.weather, texts),
            ),
            Self::Blame { .. } => answer("chantier.code.blame/1", lines::blame_json(repo), lines::blame(repo, texts)),
            Self::Compare { patch, .. } => {
                let (data, mut words) = lines::comparison(repo, *patch);
                if *patch {
                    words.push_str(&text::diffs(repo, texts, &Missed::unknown(), Marks::default()));
                }
                answer("chantier.code.compare/1", data, words)
            }
            Self::CommitGraph => answer(
                "chantier.code.commit-graph/1",
                json!(repo.history.outline.value()),
                log::outline(repo, texts),
            ),
            Self::Stash(StashVerb::List) => {
                let data = json!({ "stashes": repo.stashes.value() });
                answer("chantier.code.stashes/1", data, text::stashes(repo, texts))
            }
            Self::Stash(StashVerb::Show { .. }) => {
                let commit = repo.commit.as_ref().and_then(|(_, commit)| commit.value());
                let data = json!({ "stash": commit, "diffs": repo.diffs });
                answer(
                    "chantier.code.stash/1",
                    data,
                    text::diffs(repo, texts, &Missed::unknown(), Marks::default()),
                )
            }
            Self::Show { patch, coverage, .. } => {
                let commit = repo.commit.as_ref().and_then(|(_, commit)| commit.value());
                let mut data = json!(commit);
                let weather = commit.and_then(|commit| repo.weather.get(&commit.oid));
                if let Value::Object(fields) = &mut data {
                    fields.insert("weather".to_owned(), json!(weather));
                }
                let missed = match commit.filter(|_| *coverage) {
                    Some(commit) => Missed::of(here, model, DiffOf::Commit { oid: commit.oid.clone() }),
                    None => Missed::unknown(),
                };
                if let (true, Value::Object(fields)) = (patch, &mut data) {
                    fields.insert("diffs".to_owned(), json!(repo.diffs));
                    fields.insert("missed".to_owned(), missed.json(&repo.diffs));
                }
                let weather = weather.map(|weather| log::weather_words(weather, texts));
                let mut words = commit.map_or_else(String::new, |commit| text::commit(commit, weather.as_deref(), texts));
                if *patch {
                    words.push_str(&text::diffs(repo, texts, &missed, Marks::default()));
                }
                answer("chantier.code.commit/1", data, words)
            }
            Self::Branches => answer("chantier.code.branches/1", json!(repo.refs.value()), text::refs(repo)),
            Self::Timeline { entry: None } => {
                let data = json!({ "entries": repo.undo.value() });
                answer("chantier.code.timeline/1", data, text::undo(repo, texts))
            }
            Self::Timeline { entry: Some(_) } => {
                let detail = repo.undo_detail.as_ref().and_then(|(_, detail)| detail.value());
                let words = detail.map_or_else(String::new, |detail| text::undo_detail(detail, texts));
                answer("chantier.code.timeline-entry/1", json!(detail), words)
            }
            Self::Todos { .. } => {
                let todos = repo.todos.value().map(Vec::as_slice).unwrap_or_default();
                answer("chantier.code.todos/1", json!({ "todos": todos }), part::todos(todos))
            }
            Self::Open { .. } => {
                let text = format!("{}\n", repo.opened.join(" "));
                answer("chantier.code.open/1", json!({ "argv": repo.opened }), text)
            }
            Self::Watch => answer("chantier.code.watch/1", json!({ "watching": repo.watching }), String::new()),
            _ => {
                // What stopped on the way says how it goes on.
                let under_way = match &repo.last_act {
                    Some(_) => branching_text::under_way(&repo.branching, texts),
                    None => String::new(),
                };
                let data = json!({ "act": repo.last_act.as_ref().map(|acted| acted_json(acted, texts)), "status": repo.status.value().map(|status| &status.summary) });
                answer(
                    "chantier.code.act/1",
                    data,
                    said_before + &text::act(repo, texts) + &under_way,
                )
            }
        }
    }

    fn is_endless(&self) -> bool {
        matches!(self, Self::Watch)
    }
}

fn diff_of(is_staged: bool, is_both: bool) -> DiffOf {
    match (is_staged, is_both) {
        (true, _) => DiffOf::Staged,
        (false, true) => DiffOf::Both,
        (false, false) => DiffOf::Unstaged,
    }
}

fn known_coverage(here: &Here) -> Command {
    let show = crate::areas::test::Command::ShowCoverage {
        workspace: here.workspace.clone(),
        against: None,
    };
    show.into()
}

/// Without what a toast says.
fn acted_json(acted: &Acted, texts: &Catalog) -> Value {
    let step = |entry: &UndoEntry| json!({ "id": entry.id, "kind": entry.kind, "title": texts.msg(&text::undo_title(entry)), "at": entry.at });
    let steps: Vec<Value> = acted.steps.iter().map(step).collect();
    json!({ "act": acted.act, "undo": acted.undo, "taken": acted.taken, "steps": steps, "n_pruned": acted.n_pruned, "head": acted.head })
}

/// The path as it is from the top of the file system, `.` and `..` taken out: git knows no such parts.
pub(super) fn absolute(here: &Here, path: &Path) -> GitPath {
    let base = if here.cwd.starts_with(&here.workspace.root) {
        &here.cwd
    } else {
        &here.workspace.root
    };
    let mut whole = PathBuf::new();
    for part in base.join(path).components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                whole.pop();
            }
            part => whole.push(part),
        }
    }
    GitPath::of_path(&whole)
}

/// What is told while it happens: for `watch`.
pub fn line(update: &Update, texts: &Catalog) -> Option<String> {
    match update {
        Update::Noticed { summary, .. } => Some(text::summary(summary, texts)),
        Update::Watching {
            watching: Some(watching),
            ..
        } => Some(texts.msg(&msg!("code-watching", n = watching.n_folders))),
        _ => None,
    }
}
