//! `chantier code worktree <verb>`, `chantier code submodule <verb>` and `chantier code repos <verb>`.

use super::absolute;
use super::host::Host;
use super::text::changes_words;
use crate::areas::cli::{Answer, Here};
use crate::areas::code::Command as Words;
use crate::areas::code::act::Act;
use crate::areas::code::model::RepoModel;
use crate::areas::code::trees::Ask;
use crate::base::repo::short_oid;
use crate::base::repos::{Drift, RepoDiff, RepoRow};
use crate::base::trees::{CheckedOut, SubmoduleAct, SubmoduleRow, WorktreeAct, WorktreeRow};
use crate::base::{Catalog, GitPath, WriteTo};
use crate::msg;
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
    /// Several repositories in one workspace, with or without a manifest of Google's Repo
    #[command(subcommand)]
    Repos(ReposVerb),
}

impl super::Verb {
    /// About all repositories of the workspace, wherever in it one stands.
    pub fn is_of_workspace(&self) -> bool {
        matches!(self, Self::Trees(Verb::Repos(_)))
    }
}

#[derive(Clone, Debug, clap::Subcommand)]
pub enum ReposVerb {
    /// Every repository: branch, what changed, what the manifest wants and how far it is from that
    List {
        /// This manifest instead of the one that is found
        #[arg(long, value_name = "FILE")]
        manifest: Option<PathBuf>,
    },
    /// Fetch all of them, a few at a time
    Fetch {
        #[arg(long, value_name = "FILE")]
        manifest: Option<PathBuf>,
        #[command(flatten)]
        host: Host,
    },
    /// Tell the exact commits of all, as a manifest
    Freeze {
        #[arg(long, value_name = "FILE")]
        manifest: Option<PathBuf>,
        /// Write it there; as TOML when the name ends so
        #[arg(short, long, value_name = "FILE")]
        output: Option<PathBuf>,
        /// Write over a file that is there
        #[arg(long, requires = "output")]
        force: bool,
    },
    /// Which commits came in between two manifests or frozen states, by repository
    Diff {
        from: PathBuf,
        /// Leave it out to compare with what is checked out
        to: Option<PathBuf>,
    },
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
        #[command(flatten)]
        host: Host,
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
        #[command(flatten)]
        host: Host,
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
            Self::Repos(verb) => verb.command(here),
        }]
    }

    /// None where the answer is that of any act.
    pub(super) fn answer(&self, repo: &RepoModel, texts: &Catalog) -> Option<Answer> {
        let verb = match self {
            Self::Worktree(verb) => verb,
            Self::Submodule(SubmoduleVerb::List) => return Some(submodules(repo, texts)),
            Self::Submodule(_) => return None,
            Self::Repos(verb) => return Some(verb.answer(repo, texts)),
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
                    .map(|entry| {
                        let words = msg!("code-said-of", what = entry.name.as_str(), words = entry.reason.as_str());
                        format!("{}\n", texts.msg(&words))
                    })
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
                ..
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
            Self::Add { url, path, branch, .. } => SubmoduleAct::Add {
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

impl ReposVerb {
    fn command(&self, here: &Here) -> Words {
        let file = |file: &Option<PathBuf>| file.as_ref().map(|file| here.cwd.join(file));
        let ask = match self {
            Self::List { manifest } => Ask::Repos {
                manifest: file(manifest),
            },
            Self::Fetch { manifest, .. } => Ask::FetchRepos {
                manifest: file(manifest),
            },
            Self::Freeze { manifest, output, force } => Ask::FreezeRepos {
                manifest: file(manifest),
                to: file(output).map(|file| WriteTo::new(file, *force)),
            },
            Self::Diff { from, to } => Ask::CompareRepos {
                from: here.cwd.join(from),
                to: file(to),
            },
        };
        Words::Ask {
            workspace: here.workspace.clone(),
            ask,
        }
    }

    fn answer(&self, repo: &RepoModel, texts: &Catalog) -> Answer {
        let trees = &repo.trees;
        match self {
            Self::List { .. } | Self::Fetch { .. } => {
                let repos = trees.repos.value().cloned().unwrap_or_default();
                let mut text: String = repos.rows.iter().map(|row| repo_line(row, texts)).collect();
                for problem in &repos.problems {
                    let line = problem.place.as_ref().and_then(|place| place.line).unwrap_or(0);
                    text.push_str(&format!("! {line}: {}\n", texts.msg(&problem.summary)));
                }
                if repos.is_cut {
                    text.push_str(&format!("{}\n", texts.t("code-repos-cut")));
                }
                Answer {
                    schema: "chantier.code.repos/1",
                    data: json!(repos),
                    text,
                }
            }
            Self::Freeze { .. } => {
                let frozen = &trees.frozen;
                let mut text = match &frozen.file {
                    Some(file) => format!("{file}\n"),
                    None => frozen.text.clone(),
                };
                for one in &frozen.repositories {
                    for (is_so, key) in [(one.is_dirty, "code-frozen-dirty"), (one.is_unpushed, "code-frozen-unpushed")] {
                        if is_so && frozen.file.is_some() {
                            let words = msg!("code-said-of", what = one.path.as_str(), words = texts.t(key).into_owned());
                            text.push_str(&format!("{}\n", texts.msg(&words)));
                        }
                    }
                }
                Answer {
                    schema: "chantier.code.repos-frozen/1",
                    data: json!(frozen),
                    text,
                }
            }
            Self::Diff { .. } => {
                let diffs = trees.repos_diff.value().map(Vec::as_slice).unwrap_or_default();
                Answer {
                    schema: "chantier.code.repos-diff/1",
                    data: json!({ "repositories": diffs }),
                    text: diffs.iter().map(|diff| repo_diff_lines(diff, texts)).collect(),
                }
            }
        }
    }
}

fn repo_line(row: &RepoRow, texts: &Catalog) -> String {
    let head = row
        .summary
        .as_ref()
        .map_or_else(String::new, |summary| super::text::summary(summary, texts));
    let drift = match &row.problem {
        Some(problem) => texts.msg(&problem.summary),
        None => drift_words(&row.drift, texts),
    };
    let wanted = row.project.as_ref().map_or("-", |project| project.revision.as_str());
    format!("{}  {head}  [{wanted}: {drift}]\n", row.path.display())
}

fn repo_diff_lines(diff: &RepoDiff, texts: &Catalog) -> String {
    let name = |revision: &Option<String>| match revision.as_deref() {
        Some(oid) if oid.len() == 40 => short_oid(oid).to_owned(),
        Some(name) => name.to_owned(),
        None => "-".to_owned(),
    };
    let mut out = format!("{} {}..{}\n", diff.path, name(&diff.from), name(&diff.to));
    for commit in &diff.commits {
        let sign = if commit.is_removed { '<' } else { '>' };
        out.push_str(&format!("  {sign} {} {}\n", short_oid(&commit.oid), commit.summary));
    }
    if diff.n_unlisted > 0 {
        out.push_str(&format!("  {}\n", texts.msg(&msg!("code-n-more", n = diff.n_unlisted))));
    }
    out
}

/// How far a repository is from what the manifest wants: also for the window.
pub fn drift_words(drift: &Drift, texts: &Catalog) -> String {
    match drift {
        Drift::NotInManifest => texts.t("code-drift-none").into_owned(),
        Drift::NotHere => texts.t("code-drift-not-here").into_owned(),
        Drift::InStep => texts.t("code-drift-in-step").into_owned(),
        Drift::NoSuchRevision => texts.t("code-drift-no-revision").into_owned(),
        Drift::Apart { n_ahead, n_behind } => texts.msg(&msg!("code-drift-apart", ahead = *n_ahead, behind = *n_behind)),
    }
}
