//! `chantier code worktree <verb>` and `chantier code submodule <verb>`.

use super::absolute;
use super::text::changes_words;
use crate::areas::cli::{Answer, Here};
use crate::areas::code::Command as Words;
use crate::areas::code::act::Act;
use crate::areas::code::model::RepoModel;
use crate::areas::code::trees::Ask;
use crate::base::repo::short_oid;
use crate::base::trees::{CheckedOut, SubmoduleAct, SubmoduleRow, WorktreeAct, WorktreeRow};
use crate::base::{Catalog, GitPath};
use serde_json::json;
use std::path::{Path, PathBuf};

#[derive(Clone, Debug, clap::Subcommand)]
pub enum Verb {
    /// Other checkouts of the repository, each with a branch of its own
    #[command(subcommand)]
    Worktree(WorktreeVerb),
    /// Repositories inside this one
    #[command(subcommand)]
    Submodule(SubmoduleVerb),
}

#[derive(Clone, Debug, clap::Subcommand)]
pub enum SubmoduleVerb {
    /// Every submodule: what is recorded, what is checked out, and how they differ
    List,
    /// Take addresses over into the repository's settings (no path is all)
    Init { paths: Vec<PathBuf> },
    /// Fetch what is missing, and check the recorded commits out (no path is all)
    Update {
        paths: Vec<PathBuf>,
        /// Submodules of submodules too
        #[arg(short, long)]
        recursive: bool,
        /// The newest commit of the followed branch instead of the recorded one
        #[arg(long)]
        newest: bool,
    },
    /// Take changed addresses over (no path is all)
    Sync { paths: Vec<PathBuf> },
    /// Empty folders; the repositories stay in `.git/modules`
    Deinit {
        #[arg(required = true)]
        paths: Vec<PathBuf>,
        /// Also with changes: they are kept in the submodule's own undo timeline
        #[arg(long)]
        force: bool,
    },
    /// Add a repository at a path
    Add {
        url: String,
        path: PathBuf,
        /// The branch that `update --newest` follows
        #[arg(short, long)]
        branch: Option<String>,
    },
}

#[derive(Clone, Debug, clap::Subcommand)]
pub enum WorktreeVerb {
    /// Every checkout: path, branch, what changed, locks
    List,
    /// Make one
    Add {
        /// A branch that is there
        #[arg(required_unless_present_any = ["new_branch", "detach"])]
        branch: Option<String>,
        /// A new branch
        #[arg(short = 'b', long, value_name = "NAME", conflicts_with_all = ["branch", "detach"])]
        new_branch: Option<String>,
        /// Where the new branch begins (default: HEAD)
        #[arg(long, value_name = "REVISION", requires = "new_branch")]
        from: Option<String>,
        /// A commit, on no branch
        #[arg(long, value_name = "REVISION", conflicts_with = "branch")]
        detach: Option<String>,
        /// Where (default: beside the main checkout)
        #[arg(long)]
        path: Option<PathBuf>,
    },
    /// Remove one; `undo` brings it back
    Remove {
        /// Its path, the last part of it, or its branch
        worktree: PathBuf,
        /// Also with changes: they are kept in the undo timeline
        #[arg(long)]
        force: bool,
    },
    /// Keep one from being removed, moved and pruned
    Lock {
        worktree: PathBuf,
        #[arg(long, default_value = "")]
        reason: String,
    },
    /// Let one be removed, moved and forgotten again
    Unlock { worktree: PathBuf },
    /// Put one elsewhere
    Move { worktree: PathBuf, to: PathBuf },
    /// Forget those whose folders are gone
    Prune {
        /// Only say which
        #[arg(long)]
        preview: bool,
    },
}

impl Verb {
    pub(super) fn commands(&self, here: &Here) -> Vec<Words> {
        vec![match self {
            Self::Worktree(verb) => verb.command(here),
            Self::Submodule(verb) => verb.command(here),
        }]
    }

    /// None where the answer is that of any act.
    pub(super) fn answer(&self, repo: &RepoModel, texts: &Catalog) -> Option<Answer> {
        let verb = match self {
            Self::Worktree(verb) => verb,
            Self::Submodule(SubmoduleVerb::List) => return Some(submodules(repo, texts)),
            Self::Submodule(_) => return None,
        };
        let (schema, data, text) = match verb {
            WorktreeVerb::List => {
                let rows = repo.trees.worktrees.value().map(Vec::as_slice).unwrap_or_default();
                let text = rows.iter().map(|row| worktree_line(row, texts)).collect();
                ("chantier.code.worktrees/1", json!({ "worktrees": rows }), text)
            }
            WorktreeVerb::Prune { preview: true } => {
                let stale = &repo.trees.stale;
                let mut text: String = stale
                    .iter()
                    .map(|entry| format!("{}: {}\n", entry.name, entry.reason))
                    .collect();
                if stale.is_empty() {
                    text = format!("{}\n", texts.t("code-worktree-nothing-stale"));
                }
                ("chantier.code.stale-worktrees/1", json!({ "stale": stale }), text)
            }
            _ => return None,
        };
        Some(Answer { schema, data, text })
    }
}

impl WorktreeVerb {
    fn command(&self, here: &Here) -> Words {
        let ask = |ask| Words::Ask {
            workspace: here.workspace.clone(),
            ask,
        };
        let act = match self {
            Self::List => return ask(Ask::Worktrees),
            Self::Prune { preview: true } => return ask(Ask::Stale),
            Self::Add {
                branch,
                new_branch,
                from,
                detach,
                path,
            } => WorktreeAct::Add {
                what: match (branch, new_branch, detach) {
                    (_, Some(name), _) => CheckedOut::NewBranch {
                        name: name.clone(),
                        from: from.clone(),
                    },
                    (_, _, Some(revision)) => CheckedOut::Detached {
                        revision: revision.clone(),
                    },
                    (branch, ..) => CheckedOut::Branch {
                        name: branch.clone().unwrap_or_default(),
                    },
                },
                path: path.as_ref().map(|path| absolute(here, path)),
            },
            Self::Remove { worktree, force } => WorktreeAct::Remove {
                path: named(here, worktree),
                is_forced: *force,
            },
            Self::Lock { worktree, reason } => WorktreeAct::Lock {
                path: named(here, worktree),
                reason: reason.clone(),
            },
            Self::Unlock { worktree } => WorktreeAct::Unlock {
                path: named(here, worktree),
            },
            Self::Move { worktree, to } => WorktreeAct::Move {
                path: named(here, worktree),
                to: absolute(here, to),
            },
            Self::Prune { preview: false } => WorktreeAct::Prune,
        };
        Act::Worktree(act).on(&here.workspace)
    }
}

/// A word is a name (a branch may have `/` in it); a path begins with `/` or `.`.
fn named(here: &Here, worktree: &Path) -> GitPath {
    let is_path = worktree.is_absolute() || worktree.starts_with(".") || worktree.starts_with("..");
    if is_path {
        absolute(here, worktree)
    } else {
        GitPath::of_path(worktree)
    }
}

fn worktree_line(row: &WorktreeRow, texts: &Catalog) -> String {
    let mut words = Vec::new();
    if row.is_bare {
        words.push("bare".to_owned());
    } else {
        words.push(row.head_name());
    }
    if row.branch.is_none() && !row.is_bare {
        words.push(texts.t("code-detached").into_owned());
    }
    if let Some(summary) = &row.summary {
        words.push(changes_words(summary, texts));
    }
    if let Some(reason) = &row.locked {
        let locked = texts.t("code-worktree-locked").into_owned();
        words.push(if reason.is_empty() {
            locked
        } else {
            format!("{locked} ({reason})")
        });
    }
    if let Some(reason) = &row.prunable {
        words.push(format!("{} ({reason})", texts.t("code-worktree-stale")));
    }
    let mark = if row.is_current { '*' } else { ' ' };
    format!("{mark} {}  {}\n", row.path.display(), words.join(", "))
}

impl SubmoduleVerb {
    fn command(&self, here: &Here) -> Words {
        let all = |paths: &[PathBuf]| paths.iter().map(|path| absolute(here, path)).collect();
        let act = match self {
            Self::List => {
                return Words::Ask {
                    workspace: here.workspace.clone(),
                    ask: Ask::Submodules,
                };
            }
            Self::Init { paths } => SubmoduleAct::Init { paths: all(paths) },
            Self::Update {
                paths,
                recursive,
                newest,
            } => SubmoduleAct::Update {
                paths: all(paths),
                is_recursive: *recursive,
                takes_newest: *newest,
            },
            Self::Sync { paths } => SubmoduleAct::Sync { paths: all(paths) },
            Self::Deinit { paths, force } => SubmoduleAct::Deinit {
                paths: all(paths),
                is_forced: *force,
            },
            Self::Add { url, path, branch } => SubmoduleAct::Add {
                url: url.clone(),
                path: absolute(here, path),
                branch: branch.clone(),
            },
        };
        Act::Submodule(act).on(&here.workspace)
    }
}

fn submodules(repo: &RepoModel, texts: &Catalog) -> Answer {
    let rows = repo.trees.submodules.value().map(Vec::as_slice).unwrap_or_default();
    let line = |row: &SubmoduleRow| {
        let oid = row.checked_out.as_deref().or(row.recorded.as_deref()).map_or("-", short_oid);
        let mut words: Vec<String> = row.states.iter().map(|state| texts.t(state.key()).into_owned()).collect();
        if row.is_hostile {
            words.push(texts.t("code-submodule-hostile").into_owned());
        }
        if words.is_empty() {
            words.push(texts.t("code-submodule-as-recorded").into_owned());
        }
        format!("{oid} {}  {}\n", row.path.display(), words.join(", "))
    };
    Answer {
        schema: "chantier.code.submodules/1",
        data: json!({ "submodules": rows }),
        text: if rows.is_empty() {
            format!("{}\n", texts.t("git-no-submodules"))
        } else {
            rows.iter().map(line).collect()
        },
    }
}
