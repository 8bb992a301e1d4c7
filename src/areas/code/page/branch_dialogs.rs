//! The dialogs of branches, tags and remotes: a name, a choice, and what will happen said before.

use super::Page;
use crate::areas::code::Command;
use crate::areas::code::act::Act;
use crate::areas::code::branching::Look;
use crate::areas::code::model::RepoModel;
use crate::areas::page::Cx;
use crate::base::git_act::{GitAct, LocalChanges, MergeMode, Push, ResetMode};
use crate::base::operation::{PushPreview, StepAction, SwitchPreview};
use crate::base::repo::short_oid;
use crate::base::{State, Workspace};
use crate::msg;
use crate::ui::dialog::{Answer, Dialog};
use crate::ui::form::{Form, form_ui};
use crate::ui::{state_mark, text};
use egui::Ui;

/// Files and commits that a dialog lists.
const MAX_LISTED: usize = 12;

/// The dialog that is open.
#[derive(Clone, Debug)]
pub(super) enum BranchDialog {
    NewBranch {
        name: String,
        from: String,
        goes_there: bool,
    },
    RenameBranch {
        from: String,
        to: String,
    },
    SetUpstream {
        branch: String,
        upstream: String,
    },
    Merge {
        what: String,
        mode: MergeMode,
        message: String,
    },
    Reset {
        to: String,
        mode: ResetMode,
    },
    NewTag {
        name: String,
        at: String,
        message: String,
        is_signed: bool,
    },
    AddRemote {
        name: String,
        url: String,
    },
    RenameRemote {
        from: String,
        to: String,
    },
    RemoteUrl {
        name: String,
        url: String,
    },
    Switch {
        to: String,
        changes: Option<LocalChanges>,
    },
    Push {
        push: Push,
        is_forced: bool,
    },
}

impl BranchDialog {
    /// `rename-branch:side` and the like.
    fn of(kind: &str, name: &str, repo: Option<&RepoModel>) -> Option<Self> {
        let name = name.to_owned();
        let refs = repo.and_then(|repo| repo.refs.value());
        Some(match kind {
            "new-branch" => Self::NewBranch {
                name: String::new(),
                from: name,
                goes_there: true,
            },
            "rename-branch" => Self::RenameBranch {
                to: name.clone(),
                from: name,
            },
            "set-upstream" => {
                let branch = refs.and_then(|refs| refs.branches.iter().find(|branch| branch.name == name));
                Self::SetUpstream {
                    upstream: branch.and_then(|branch| branch.upstream.clone()).unwrap_or_default(),
                    branch: name,
                }
            }
            "merge" => Self::Merge {
                what: name,
                mode: MergeMode::NoFastForward,
                message: String::new(),
            },
            "reset" => Self::Reset {
                to: name,
                mode: ResetMode::Mixed,
            },
            "new-tag" => Self::NewTag {
                name: String::new(),
                at: name,
                message: String::new(),
                is_signed: false,
            },
            "add-remote" => Self::AddRemote {
                name: if refs.is_some_and(|refs| refs.remotes.is_empty()) {
                    "origin"
                } else {
                    ""
                }
                .to_owned(),
                url: String::new(),
            },
            "rename-remote" => Self::RenameRemote {
                to: name.clone(),
                from: name,
            },
            "remote-url" => {
                let remote = refs.and_then(|refs| refs.remotes.iter().find(|remote| remote.name == name));
                Self::RemoteUrl {
                    url: remote.map(|remote| remote.url.clone()).unwrap_or_default(),
                    name,
                }
            }
            "switch" => Self::Switch { to: name, changes: None },
            "push" => Self::Push {
                push: Push {
                    branch: Some(name).filter(|name| !name.is_empty()),
                    ..Push::default()
                },
                is_forced: false,
            },
            _ => return None,
        })
    }

    /// What has to be looked at first.
    fn look(&self) -> Option<Look> {
        match self {
            Self::Switch { to, .. } => Some(Look::Switch { to: to.clone() }),
            Self::Push { push, .. } => Some(Look::Push { push: push.clone() }),
            _ => None,
        }
    }

    /// Title and the word of the button.
    fn words(&self, cx: &Cx<'_>) -> (String, String) {
        let (title, confirm) = match self {
            Self::NewBranch { .. } => ("code-new-branch-title", "code-create"),
            Self::RenameBranch { from, .. } | Self::RenameRemote { from, .. } => {
                return (cx.msg(&msg!("code-rename-title", name = from)), cx.t("code-rename-do"));
            }
            Self::SetUpstream { branch, .. } => {
                return (
                    cx.msg(&msg!("code-set-upstream-title", name = branch)),
                    cx.t("code-set-upstream-do"),
                );
            }
            Self::Merge { what, .. } => return (cx.msg(&msg!("code-merge-title", name = what)), cx.t("code-merge-do")),
            Self::Reset { to, .. } => {
                let name = short_name(to);
                return (cx.msg(&msg!("code-reset-title", name = name)), cx.t("code-reset-do"));
            }
            Self::NewTag { .. } => ("code-new-tag-title", "code-create"),
            Self::AddRemote { .. } => ("code-add-remote-title", "code-add-remote-do"),
            Self::RemoteUrl { name, .. } => {
                return (
                    cx.msg(&msg!("code-remote-url-title", name = name)),
                    cx.t("code-remote-url-do"),
                );
            }
            Self::Switch { to, .. } => {
                let words = cx.msg(&msg!("code-switch-to", name = short_name(to)));
                return (words.clone(), words);
            }
            Self::Push { is_forced: true, .. } => ("code-push-title", "code-push-force-do"),
            Self::Push { .. } => ("code-push-title", "code-push"),
        };
        (cx.t(title), cx.t(confirm))
    }

    fn is_danger(&self) -> bool {
        matches!(
            self,
            Self::Reset {
                mode: ResetMode::Hard,
                ..
            } | Self::Push { is_forced: true, .. }
        )
    }

    /// Draws the fields; whether the dialog may be confirmed.
    fn fields(&mut self, form: &mut Form<'_>, cx: &Cx<'_>, repo: Option<&RepoModel>) -> bool {
        let is_there = |text: &str| !text.trim().is_empty();
        match self {
            Self::NewBranch { name, from, goes_there } => {
                form.text(&cx.t("code-column-name"), name, &cx.t("code-branch-name-hint"), None);
                form.text(&cx.t("code-branch-from"), from, "HEAD", None);
                form.tick(&cx.t("code-branch-go"), goes_there);
                is_there(name)
            }
            Self::RenameBranch { from, to } | Self::RenameRemote { from, to } => {
                form.text(&cx.t("code-new-name"), to, from, None);
                is_there(to) && to.trim() != from
            }
            Self::SetUpstream { upstream, .. } => {
                let refs = repo.and_then(|repo| repo.refs.value());
                let remote = refs
                    .into_iter()
                    .flat_map(|refs| &refs.branches)
                    .filter(|branch| branch.is_remote);
                let mut choices = vec![(String::new(), cx.t("code-no-upstream-choice"))];
                choices.extend(remote.map(|branch| (branch.name.clone(), branch.name.clone())));
                form.choice(&cx.t("code-column-upstream"), upstream, &choices);
                true
            }
            Self::Merge { mode, message, .. } => {
                let choices = [
                    (MergeMode::Auto, cx.t("code-merge-auto")),
                    (MergeMode::NoFastForward, cx.t("code-merge-no-ff")),
                    (MergeMode::FastForward, cx.t("code-merge-ff")),
                    (MergeMode::Squash, cx.t("code-merge-squash")),
                ];
                form.choice(&cx.t("code-merge-mode"), mode, &choices);
                if matches!(mode, MergeMode::Auto | MergeMode::NoFastForward) {
                    form.lines(
                        &cx.t("code-column-message"),
                        message,
                        3,
                        &cx.t("code-merge-message-hint"),
                        None,
                    );
                }
                true
            }
            Self::Reset { mode, .. } => {
                let choices = [
                    (ResetMode::Soft, cx.t("code-reset-soft")),
                    (ResetMode::Mixed, cx.t("code-reset-mixed")),
                    (ResetMode::Hard, cx.t("code-reset-hard")),
                ];
                form.choice(&cx.t("code-reset-mode"), mode, &choices);
                form.note(&cx.t("code-reset-note"));
                true
            }
            Self::NewTag {
                name,
                at,
                message,
                is_signed,
            } => {
                form.text(&cx.t("code-column-name"), name, "v1.0.0", None);
                form.text(&cx.t("code-tag-at"), at, "HEAD", None);
                form.lines(&cx.t("code-column-message"), message, 3, &cx.t("code-tag-message-hint"), None);
                form.tick(&cx.t("code-tag-sign"), is_signed);
                is_there(name)
            }
            Self::AddRemote { name, url } => {
                form.text(&cx.t("code-column-name"), name, "origin", None);
                form.code(&cx.t("code-address"), url, "git@host:owner/name.git", None);
                is_there(name) && is_there(url)
            }
            Self::RemoteUrl { url, .. } => {
                form.code(&cx.t("code-address"), url, "", None);
                is_there(url)
            }
            Self::Switch { to, changes } => {
                let preview = repo
                    .and_then(|repo| repo.branching.switch.as_ref())
                    .filter(|known| known.to == *to);
                let Some(preview) = preview else {
                    form.note(&cx.t("code-preview-wait"));
                    return false;
                };
                switch_fields(form, cx, preview, changes)
            }
            Self::Push { push, is_forced } => {
                let preview = repo.and_then(|repo| repo.branching.push.as_ref());
                let Some(preview) = preview else {
                    form.note(&cx.t("code-preview-wait"));
                    return false;
                };
                push_fields(form, cx, preview, push, is_forced)
            }
        }
    }

    fn act(&self) -> Act {
        let name = |text: &str| text.trim().to_owned();
        Act::Git(match self {
            Self::NewBranch {
                name: new,
                from,
                goes_there,
            } => {
                return Act::CreateBranch {
                    name: name(new),
                    from: Some(name(from)).filter(|from| !from.is_empty()),
                    goes_there: *goes_there,
                };
            }
            Self::Switch { to, changes } => {
                return Act::Switch {
                    to: to.clone(),
                    changes: changes.unwrap_or_default(),
                };
            }
            Self::RenameBranch { from, to } => GitAct::RenameBranch {
                from: from.clone(),
                to: name(to),
            },
            Self::SetUpstream { branch, upstream } => GitAct::SetUpstream {
                branch: branch.clone(),
                upstream: Some(upstream.clone()).filter(|upstream| !upstream.is_empty()),
            },
            Self::Merge { what, mode, message } => GitAct::Merge {
                what: what.clone(),
                mode: *mode,
                message: Some(name(message)).filter(|message| !message.is_empty()),
            },
            Self::Reset { to, mode } => GitAct::Reset {
                to: to.clone(),
                mode: *mode,
            },
            Self::NewTag {
                name: new,
                at,
                message,
                is_signed,
            } => GitAct::CreateTag {
                name: name(new),
                at: Some(name(at)).filter(|at| !at.is_empty()),
                message: Some(name(message)).filter(|message| !message.is_empty()),
                is_signed: *is_signed,
            },
            Self::AddRemote { name: new, url } => GitAct::AddRemote {
                name: name(new),
                url: name(url),
            },
            Self::RenameRemote { from, to } => GitAct::RenameRemote {
                from: from.clone(),
                to: name(to),
            },
            Self::RemoteUrl { name: of, url } => GitAct::SetRemoteUrl {
                name: of.clone(),
                url: name(url),
            },
            Self::Push { push, .. } => GitAct::Push { push: push.clone() },
        })
    }
}

/// A full commit id is shown short.
fn short_name(name: &str) -> &str {
    let is_id = name.len() >= 40 && name.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_id { short_oid(name) } else { name }
}

fn switch_fields(form: &mut Form<'_>, cx: &Cx<'_>, preview: &SwitchPreview, changes: &mut Option<LocalChanges>) -> bool {
    let n_lost = preview.overwritten.len() as u32 + preview.n_unlisted;
    let is_lossy = n_lost > 0;
    let ui = form.ui();
    if is_lossy {
        state_mark::label_ui(ui, State::Degraded, &cx.msg(&msg!("code-switch-overwrites", n = n_lost)));
        let paths = preview.overwritten.iter().take(MAX_LISTED).map(crate::base::GitPath::display);
        list_ui(ui, cx, paths, n_lost as usize);
    } else {
        state_mark::label_ui(ui, State::Done, &cx.msg(&msg!("code-switch-carries", n = preview.n_carried)));
    }
    if !preview.replaced.is_empty() {
        let words = msg!("code-switch-replaces", n = preview.replaced.len());
        state_mark::label_ui(ui, State::Degraded, &cx.msg(&words));
        let paths = preview.replaced.iter().take(MAX_LISTED).map(crate::base::GitPath::display);
        list_ui(ui, cx, paths, preview.replaced.len());
    }
    let mut chosen = changes.unwrap_or(if is_lossy {
        LocalChanges::StashAndApply
    } else {
        LocalChanges::Carry
    });
    let mut choices = vec![
        (LocalChanges::StashAndApply, cx.t("code-switch-stash-apply")),
        (LocalChanges::Stash, cx.t("code-switch-stash")),
    ];
    if !is_lossy {
        choices.insert(0, (LocalChanges::Carry, cx.t("code-switch-carry")));
    }
    form.choice(&cx.t("code-switch-changes"), &mut chosen, &choices);
    *changes = Some(chosen);
    true
}

fn push_fields(form: &mut Form<'_>, cx: &Cx<'_>, preview: &PushPreview, push: &mut Push, is_forced: &mut bool) -> bool {
    let mut own = preview;
    if !preview.elsewhere.is_empty() {
        let all = || std::iter::once(preview).chain(&preview.elsewhere);
        let choices: Vec<_> = all().map(|at| (Some(at.remote.clone()), at.remote.clone())).collect();
        push.remote.get_or_insert_with(|| preview.remote.clone());
        form.choice(&cx.t("code-push-remote"), &mut push.remote, &choices);
        own = all().find(|at| Some(&at.remote) == push.remote.as_ref()).unwrap_or(preview);
    }
    if let Some(other) = &own.other {
        let name = |preview: &PushPreview| preview.to.clone().unwrap_or_else(|| preview.branch.clone());
        let choices = [(false, name(own)), (true, name(other))];
        form.choice(&cx.t("code-push-where"), &mut push.goes_upstream, &choices);
    }
    let preview = own.other.as_deref().filter(|_| push.goes_upstream).unwrap_or(own);
    let ui = form.ui();
    let n_lost = preview.n_overwritten;
    match &preview.to {
        Some(to) => {
            let words = msg!("code-push-brings", n = preview.n_new, to = to);
            text::paragraph(ui, &cx.msg(&words));
        }
        None => drop(text::paragraph(
            ui,
            &cx.msg(&msg!("code-push-first", name = preview.branch.as_str())),
        )),
    }
    if n_lost > 0 {
        let words = if *is_forced {
            msg!("code-push-overwrites", n = n_lost)
        } else {
            msg!("code-push-refused", n = n_lost)
        };
        state_mark::label_ui(ui, State::Degraded, &cx.msg(&words));
        let commits = preview.overwritten.iter().take(MAX_LISTED);
        let lines = commits.map(|commit| format!("{} {}", short_oid(&commit.oid), commit.summary));
        list_ui(ui, cx, lines, n_lost as usize);
        form.tick(&cx.t("code-push-force"), is_forced);
    } else {
        *is_forced = false;
    }
    form.tick(&cx.t("code-push-tags"), &mut push.with_tags);
    push.sets_upstream = !push.goes_upstream && (preview.to.is_none() || own.other.is_some());
    push.lease = if *is_forced { preview.there.clone() } else { None };
    n_lost == 0 || *is_forced
}

fn list_ui(ui: &mut Ui, cx: &Cx<'_>, lines: impl Iterator<Item = String>, n_all: usize) {
    let mut n_shown = 0;
    for line in lines {
        text::path(ui, &line);
        n_shown += 1;
    }
    if n_all > n_shown {
        text::small(ui, &cx.msg(&msg!("code-n-more", n = n_all - n_shown)));
    }
}

impl Page {
    /// Opens the dialog that an action names; false when it names none.
    pub(super) fn open_dialog(&mut self, id: &str, cx: &Cx<'_>) -> bool {
        let Some((workspace, repo)) = super::repo(cx) else {
            return false;
        };
        let Some((kind, name)) = id.split_once(':') else {
            return false;
        };
        match kind {
            "rebase-from" => {
                self.open_rebase(cx, Some(format!("{name}^")), None);
                return true;
            }
            "rebase-reword" | "rebase-squash" | "rebase-drop" => {
                let action = StepAction::of_word(kind.trim_start_matches("rebase-")).unwrap_or_default();
                self.open_rebase_of(cx, name, action);
                return true;
            }
            "bisect-good" | "bisect-bad" => {
                super::go_to_search(cx, kind.trim_start_matches("bisect-"), name);
                return true;
            }
            "rebase-upstream" => {
                self.open_rebase(cx, None, None);
                return true;
            }
            "rebase-onto" => {
                self.open_rebase(cx, None, Some(name.to_owned()));
                return true;
            }
            _ => {}
        }
        let Some(dialog) = BranchDialog::of(kind, name, repo) else {
            return false;
        };
        if let Some(look) = dialog.look() {
            cx.ask(Command::Look {
                workspace: workspace.clone(),
                look,
            });
        }
        self.dialog = Some(dialog);
        true
    }

    pub(super) fn branch_dialog_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>) {
        let (Some(dialog), Some((workspace, repo))) = (&mut self.dialog, super::repo(cx)) else {
            return;
        };
        let (title, confirm) = dialog.words(cx);
        let has_lines = matches!(dialog, BranchDialog::Merge { .. } | BranchDialog::NewTag { .. });
        let mut frame = Dialog::new("code-branches", &title, &confirm).danger(dialog.is_danger());
        if has_lines {
            frame = frame.enter_is_a_new_line();
        }
        let answer = frame.show(ui.ctx(), |ui| {
            let mut is_whole = false;
            let response = form_ui(ui, "code-branches", |form| is_whole = dialog.fields(form, cx, repo));
            response.valid && is_whole
        });
        match answer {
            Answer::Open => {}
            Answer::Cancelled => self.dialog = None,
            Answer::Confirmed => {
                ask(cx, workspace, dialog);
                self.dialog = None;
            }
        }
    }
}

fn ask(cx: &Cx<'_>, workspace: &Workspace, dialog: &BranchDialog) {
    cx.ask(dialog.act().on(workspace));
}
