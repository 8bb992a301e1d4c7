//! `chantier code <verb>` for branches, tags, remotes, joining histories, and conflicts.

use super::absolute;
use super::branching_text::{conflict_line, conflict_text, plan_text, push_text, switch_text, under_way};
use super::host::Host;
use super::names::{RemoteVerb, TagVerb};
use crate::areas::cli::{Answer, Here};
use crate::areas::code::Command as Words;
use crate::areas::code::act::Act;
use crate::areas::code::branching::{Branching, Look};
use crate::areas::code::model::RepoModel;
use crate::base::Catalog;
use crate::base::git_act::{GitAct, LocalChanges, MergeMode, PullMode, Push, ROOT, ResetMode};
use crate::base::operation::{Choice, RebasePlan, Resolution, Side};
use crate::msg;
use serde_json::{Value, json};
use std::path::PathBuf;

#[derive(Clone, Debug, clap::Subcommand)]
pub enum Verb {
    /// Acts on branches
    #[command(subcommand)]
    Branch(BranchVerb),
    /// Acts on tags
    #[command(subcommand)]
    Tag(TagVerb),
    /// Acts on other repositories
    #[command(subcommand)]
    Remote(RemoteVerb),
    /// Go to a branch, or to any commit; local changes come along unless that would overwrite one
    Switch {
        name: String,
        /// Put local changes away, and bring them back there
        #[arg(long)]
        stash: bool,
        /// Put local changes away, and leave them there
        #[arg(long, conflicts_with = "stash")]
        stash_only: bool,
        /// Only say what becomes of local changes
        #[arg(long)]
        preview: bool,
    },
    /// Join another branch into the current one
    Merge {
        what: String,
        /// Only without a merge commit
        #[arg(long, group = "merge-mode")]
        ff_only: bool,
        /// Always with a merge commit
        #[arg(long, group = "merge-mode")]
        no_ff: bool,
        /// Stage the changes, without a commit
        #[arg(long, group = "merge-mode")]
        squash: bool,
        #[arg(short, long)]
        message: Option<String>,
    },
    /// Show the commits an interactive rebase would go through; with --plan does it, with --onto puts them elsewhere
    Rebase {
        /// The commit below them (default: where the upstream parts)
        since: Option<String>,
        /// From the very first commit on
        #[arg(long, conflicts_with = "since")]
        root: bool,
        /// Put the commits onto this one
        #[arg(long)]
        onto: Option<String>,
        /// Put `fixup!` and `squash!` commits behind those that they mean
        #[arg(long)]
        autosquash: bool,
        /// Keep merges instead of leaving them out
        #[arg(long, conflicts_with = "plan")]
        rebase_merges: bool,
        /// Leave merges out of the plan; else they are made again where they are
        #[arg(long, conflicts_with = "rebase_merges")]
        no_rebase_merges: bool,
        /// Other branches that stand on the commits move along, as with `rebase.updateRefs`
        #[arg(long, conflicts_with = "onto")]
        update_refs: bool,
        /// Do this plan: JSON as this verb prints it, or git's list (`-` reads standard input)
        #[arg(long, value_name = "FILE")]
        plan: Option<PathBuf>,
    },
    /// Do the changes of other commits again, here
    #[command(visible_alias = "cherry-pick")]
    Pick {
        #[arg(required = true)]
        commits: Vec<String>,
        /// Say in the message where it came from
        #[arg(short = 'x')]
        note: bool,
        /// Of a merge: what it changed beside this parent, counted from 1
        #[arg(short, long, value_name = "PARENT", value_parser = clap::value_parser!(u32).range(1..))]
        mainline: Option<u32>,
    },
    /// Take the changes of commits back with new commits
    Revert {
        #[arg(required = true)]
        commits: Vec<String>,
        /// Of a merge: what it changed beside this parent, counted from 1
        #[arg(short, long, value_name = "PARENT", value_parser = clap::value_parser!(u32).range(1..))]
        mainline: Option<u32>,
    },
    /// Set the current branch to a commit; index and files as told
    Reset {
        #[arg(default_value = "HEAD")]
        to: String,
        /// Leave index and files alone
        #[arg(long, group = "reset-mode")]
        soft: bool,
        /// Set the index too (the default)
        #[arg(long, group = "reset-mode")]
        mixed: bool,
        /// Set index and files too; `undo` brings back what they had
        #[arg(long, group = "reset-mode")]
        hard: bool,
    },
    /// Get the branches of every other repository, or of one
    Fetch {
        remote: Option<String>,
        #[command(flatten)]
        host: Host,
    },
    /// Get the upstream's commits into the current branch
    Pull {
        #[arg(long, group = "pull-mode")]
        rebase: bool,
        #[arg(long, group = "pull-mode")]
        merge: bool,
        #[arg(long, group = "pull-mode")]
        ff_only: bool,
        #[command(flatten)]
        host: Host,
    },
    /// Send a branch's commits
    Push {
        /// Default: the current one
        branch: Option<String>,
        #[arg(long)]
        remote: Option<String>,
        /// Overwrite the branch there if it still is where the last fetch saw it; says what goes
        #[arg(long)]
        force_with_lease: bool,
        /// Also annotated tags of what is sent
        #[arg(long)]
        tags: bool,
        /// Follow the branch there from now on
        #[arg(short = 'u', long)]
        set_upstream: bool,
        /// Into the branch that it follows, also where that has another name
        #[arg(long, conflicts_with = "set_upstream")]
        into_upstream: bool,
        /// Only say what it would do
        #[arg(long)]
        preview: bool,
        #[command(flatten)]
        host: Host,
    },
    /// Go on with the merge, rebase, pick or revert that is under way
    Continue,
    /// Leave out the current step of what is under way
    Skip,
    /// Give up what is under way; everything is as it was before
    Abort,
    /// Search for the commit from which on something fails
    Bisect {
        #[command(subcommand)]
        verb: super::bisect::BisectVerb,
    },
    /// Put files into the checkout as a commit, a branch or a tag has them; the index stays
    Restore {
        revision: String,
        #[arg(required = true)]
        paths: Vec<PathBuf>,
    },
    /// Files in conflict; with a file, its conflicts one by one
    Conflicts { file: Option<PathBuf> },
    /// Resolve a file in conflict
    #[command(group = clap::ArgGroup::new("how").required(true))]
    Resolve {
        file: PathBuf,
        /// The whole file as the current branch has it
        #[arg(long, group = "how")]
        ours: bool,
        /// The whole file as the other side has it
        #[arg(long, group = "how")]
        theirs: bool,
        /// The whole file as both sides began
        #[arg(long, group = "how")]
        base: bool,
        /// Both sides at every conflict
        #[arg(long, group = "how", value_name = "ORDER", num_args = 0..=1, require_equals = true, default_missing_value = "ours-first",
              value_parser = ["ours-first", "theirs-first"])]
        both: Option<String>,
        /// As it stands, edited by hand
        #[arg(long, group = "how")]
        mark: bool,
        /// With --ours, --theirs or --base: only at the conflicts, the rest as it was merged
        #[arg(long)]
        blocks: bool,
        /// Also when conflict marks are left
        #[arg(long)]
        force: bool,
    },
}

#[derive(Clone, Debug, clap::Subcommand)]
pub enum BranchVerb {
    /// Make a branch
    Create {
        name: String,
        /// Where it starts (default: HEAD)
        from: Option<String>,
        /// Go there
        #[arg(short, long)]
        switch: bool,
    },
    /// Give a branch another name
    Rename { from: String, to: String },
    /// Delete a branch
    Delete {
        name: String,
        /// Also when its commits are nowhere else
        #[arg(long)]
        force: bool,
        /// Delete the branch of this remote instead
        #[arg(long)]
        remote: Option<String>,
        #[command(flatten)]
        host: Host,
    },
    /// Let a branch follow another one
    Upstream {
        branch: String,
        #[arg(required_unless_present = "unset")]
        upstream: Option<String>,
        /// Follow none
        #[arg(long, conflicts_with = "upstream")]
        unset: bool,
    },
}

impl Verb {
    pub(super) fn commands(&self, here: &Here) -> Vec<Words> {
        let workspace = &here.workspace;
        let look = |look| Words::Look {
            workspace: workspace.clone(),
            look,
        };
        let path = |path: &PathBuf| absolute(here, path);
        match self {
            Self::Switch { name, preview: true, .. } => vec![look(Look::Switch { to: name.clone() })],
            Self::Rebase {
                since,
                root,
                onto,
                autosquash,
                plan,
                update_refs,
                no_rebase_merges,
                ..
            } if plan.is_some() || onto.is_none() => vec![look(Look::Plan {
                moves_branches: *update_refs,
                leaves_merges: *no_rebase_merges,
                since: from(since.as_ref(), *root),
                onto: onto.clone(),
                is_autosquash: *autosquash,
                file: plan.as_ref().map(|file| input_file(here, file)),
            })],
            Self::Push {
                force_with_lease,
                preview,
                ..
            } if *force_with_lease || *preview => vec![look(Look::Push { push: self.push(None) })],
            Self::Conflicts { file } => {
                let mut commands = vec![look(Look::UnderWay)];
                commands.extend(file.as_ref().map(|file| look(Look::Conflict { path: path(file) })));
                commands
            }
            _ => self.act(here).map(|act| act.on(workspace)).into_iter().collect(),
        }
    }

    /// What follows once it is known what there is.
    pub(super) fn then(&self, here: &Here, known: &Branching) -> Vec<Words> {
        let act = match self {
            Self::Rebase { plan: Some(_), .. } => known.plan.value().map(|plan| GitAct::RunPlan {
                plan: Box::new(plan.clone()),
            }),
            Self::Push {
                force_with_lease: true,
                preview: false,
                ..
            } => known.push.as_ref().map(|preview| GitAct::Push {
                push: self.push(preview.there.clone()),
            }),
            _ => None,
        };
        act.map(|act| Act::Git(act).on(&here.workspace)).into_iter().collect()
    }

    fn push(&self, lease: Option<String>) -> Push {
        let Self::Push {
            branch,
            remote,
            tags,
            set_upstream,
            into_upstream,
            ..
        } = self
        else {
            return Push::default();
        };
        Push {
            remote: remote.clone(),
            branch: branch.clone(),
            sets_upstream: *set_upstream,
            lease,
            with_tags: *tags,
            goes_upstream: *into_upstream,
        }
    }

    fn act(&self, here: &Here) -> Option<Act> {
        Some(Act::Git(match self {
            Self::Switch {
                name, stash, stash_only, ..
            } => {
                return Some(Act::Switch {
                    to: name.clone(),
                    changes: match (stash, stash_only) {
                        (true, _) => LocalChanges::StashAndApply,
                        (_, true) => LocalChanges::Stash,
                        _ => LocalChanges::Carry,
                    },
                });
            }
            Self::Branch(verb) => return Some(verb.act()),
            Self::Tag(verb) => verb.act(),
            Self::Remote(verb) => verb.act(),
            Self::Merge {
                what,
                ff_only,
                no_ff,
                squash,
                message,
            } => GitAct::Merge {
                what: what.clone(),
                mode: match (ff_only, no_ff, squash) {
                    (true, ..) => MergeMode::FastForward,
                    (_, true, _) => MergeMode::NoFastForward,
                    (.., true) => MergeMode::Squash,
                    _ => MergeMode::Auto,
                },
                message: message.clone(),
            },
            Self::Rebase {
                since,
                root,
                onto,
                autosquash,
                rebase_merges,
                ..
            } => GitAct::Rebase {
                onto: onto.clone()?,
                since: from(since.as_ref(), *root),
                is_autosquash: *autosquash,
                keeps_merges: *rebase_merges,
            },
            Self::Pick { commits, note, mainline } => GitAct::CherryPick {
                commits: commits.clone(),
                mainline: *mainline,
                notes_origin: *note,
            },
            Self::Revert { commits, mainline } => GitAct::Revert {
                commits: commits.clone(),
                mainline: *mainline,
            },
            Self::Reset { to, soft, hard, .. } => GitAct::Reset {
                to: to.clone(),
                mode: match (soft, hard) {
                    (true, _) => ResetMode::Soft,
                    (_, true) => ResetMode::Hard,
                    _ => ResetMode::Mixed,
                },
            },
            Self::Fetch { remote, .. } => GitAct::Fetch { remote: remote.clone() },
            Self::Pull {
                rebase, merge, ff_only, ..
            } => GitAct::Pull {
                mode: match (rebase, merge, ff_only) {
                    (true, ..) => PullMode::Rebase,
                    (_, true, _) => PullMode::Merge,
                    (.., true) => PullMode::FastForward,
                    _ => PullMode::Configured,
                },
            },
            Self::Push { .. } => GitAct::Push { push: self.push(None) },
            Self::Continue => GitAct::Continue,
            Self::Skip => GitAct::Skip,
            Self::Abort => GitAct::Abort,
            Self::Bisect { verb } => verb.act()?,
            Self::Restore { revision, paths } => GitAct::Restore {
                revision: revision.clone(),
                paths: paths.iter().map(|path| absolute(here, path)).collect(),
            },
            Self::Resolve {
                file,
                ours,
                theirs,
                base,
                both,
                blocks,
                force,
                ..
            } => {
                let side = match (ours, theirs, base) {
                    (true, ..) => Some((Side::Ours, Choice::Ours)),
                    (_, true, _) => Some((Side::Theirs, Choice::Theirs)),
                    (.., true) => Some((Side::Base, Choice::Base)),
                    _ => None,
                };
                let resolution = match (side, both.as_deref(), blocks) {
                    (Some((_, choice)), _, true) => Resolution::EveryBlock { choice },
                    (Some((side, _)), ..) => Resolution::Whole { side },
                    (None, Some("theirs-first"), _) => Resolution::EveryBlock {
                        choice: Choice::TheirsThenOurs,
                    },
                    (None, Some(_), _) => Resolution::EveryBlock {
                        choice: Choice::OursThenTheirs,
                    },
                    (None, None, _) => Resolution::AsItIs,
                };
                GitAct::Resolve {
                    path: absolute(here, file),
                    resolution,
                    is_forced: *force,
                }
            }
            Self::Conflicts { .. } => return None,
        }))
    }

    /// None where the answer is that of any act.
    pub(super) fn answer(&self, repo: &RepoModel, texts: &Catalog) -> Option<Answer> {
        let known = &repo.branching;
        let (schema, data, text) = match self {
            Self::Switch { preview: true, .. } => (
                "chantier.code.switch-preview/1",
                json!(known.switch),
                known.switch.as_ref().map(|preview| switch_text(preview, texts)),
            ),
            Self::Push {
                preview: true,
                force_with_lease,
                ..
            } => {
                let mut data = json!(known.push);
                if let (Some(preview), Value::Object(fields)) = (&known.push, &mut data) {
                    let is_refused = preview.n_overwritten > 0 && !force_with_lease;
                    fields.insert("is_refused".to_owned(), is_refused.into());
                }
                let text = known.push.as_ref();
                let text = text.map(|preview| push_text(preview, *force_with_lease, texts));
                ("chantier.code.push-preview/1", data, text)
            }
            Self::Rebase {
                plan: None, onto: None, ..
            } => (
                "chantier.code.plan/1",
                json!(known.plan.value()),
                known.plan.value().map(|plan| plan_text(plan, texts)),
            ),
            Self::Conflicts { file: None } => (
                "chantier.code.conflicts/1",
                json!({ "operation": known.operation, "conflicts": known.conflicts }),
                Some(match under_way(known, texts) {
                    nothing if nothing.is_empty() => format!("{}\n", texts.t("code-conflicts-none")),
                    words => words,
                }),
            ),
            Self::Conflicts { file: Some(_) } => {
                let conflict = known.conflict.as_ref().and_then(|(_, conflict)| conflict.value());
                let text = conflict.map(|conflict| {
                    let mut text = format!("{}\n", conflict_line(&conflict.file, texts));
                    let n = conflict.n_conflicts();
                    // A file that one side deleted has no lines to choose from.
                    let words = match n {
                        0 => texts.t("git-no-blocks-hint").into_owned(),
                        _ => texts.msg(&msg!("code-cli-conflicts", n = n)),
                    };
                    text.push_str(&format!("{words}\n"));
                    text + &conflict_text(conflict, texts)
                });
                ("chantier.code.conflict/1", json!(conflict), text)
            }
            _ => return None,
        };
        Some(Answer {
            schema,
            data,
            text: text.unwrap_or_default(),
        })
    }

    /// What an act said before: what a forced push took away, and that published commits were rebased.
    pub(super) fn said_before(&self, repo: &RepoModel, texts: &Catalog) -> String {
        match self {
            Self::Push {
                force_with_lease: true, ..
            } => repo
                .branching
                .push
                .as_ref()
                .map_or_else(String::new, |preview| push_text(preview, true, texts)),
            Self::Rebase { plan: Some(_), .. } => {
                let n = repo.branching.plan.value().map_or(0, RebasePlan::n_published);
                if n == 0 {
                    return String::new();
                }
                format!("{}\n", texts.msg(&msg!("code-rebase-published", n = n)))
            }
            _ => String::new(),
        }
    }
}

/// The commit below those that are rebased.
fn from(since: Option<&String>, is_root: bool) -> Option<String> {
    if is_root { Some(ROOT.to_owned()) } else { since.cloned() }
}

impl BranchVerb {
    fn act(&self) -> Act {
        Act::Git(match self {
            Self::Create { name, from, switch } => {
                return Act::CreateBranch {
                    name: name.clone(),
                    from: from.clone(),
                    goes_there: *switch,
                };
            }
            Self::Rename { from, to } => GitAct::RenameBranch {
                from: from.clone(),
                to: to.clone(),
            },
            Self::Delete {
                name,
                remote: Some(remote),
                ..
            } => GitAct::DeleteRemoteBranch {
                remote: remote.clone(),
                name: name.clone(),
            },
            Self::Delete { name, force, .. } => GitAct::DeleteBranch {
                name: name.clone(),
                is_forced: *force,
            },
            Self::Upstream { branch, upstream, .. } => GitAct::SetUpstream {
                branch: branch.clone(),
                upstream: upstream.clone(),
            },
        })
    }
}

pub(super) fn input_file(here: &Here, file: &PathBuf) -> PathBuf {
    if file.as_os_str() == "-" {
        file.clone()
    } else {
        here.cwd.join(file)
    }
}
