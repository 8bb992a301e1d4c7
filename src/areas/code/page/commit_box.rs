//! The commit box: the message, what is done with it, and the button.

use super::{Page, act};
use crate::areas::code::message;
use crate::areas::code::model::RepoModel;
use crate::areas::page::{Cx, Intent};
use crate::base::repo::{CommitHelp, Status};
use crate::base::{JobId, State, Workspace};
use crate::msg;
use crate::ui::button::{Button, tick_ui};
use crate::ui::form::choice_button_ui;
use crate::ui::input::Input;
use crate::ui::text::{self, Cut, Look};
use crate::ui::theme::font;
use crate::ui::tokens::{Tokens, measure};
use crate::ui::{icons, keys, state_mark};
use egui::{Align, Frame, Id, Key, Layout, Ui};
use serde::{Deserialize, Serialize};

/// A first line that is longer is cut by most readers of a log.
const SUMMARY_CHARS: usize = 72;

/// What the user writes.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Draft {
    pub(super) summary: String,
    pub(super) body: String,
    pub(super) is_amend: bool,
    pub(super) is_signed_off: bool,
    /// Without the hooks, this once.
    #[serde(skip)]
    pub(super) skips_hooks: bool,
    /// The template, or the message that git proposes for a merge, as it was put into the box.
    template: Option<String>,
    /// The message of the commit to amend was put into the box.
    is_filled: bool,
    /// As it was put there.
    amended: Option<String>,
    /// The commit that was the last one when "Amend" was ticked.
    amended_of: Option<String>,
}

impl Draft {
    /// Nothing is written that one would miss.
    pub(super) fn is_empty(&self) -> bool {
        self.summary.trim().is_empty() && self.body.trim().is_empty()
    }

    pub(super) fn message(&self) -> String {
        let (summary, body) = (self.summary.trim(), self.body.trim_end());
        if body.is_empty() {
            summary.to_owned()
        } else {
            format!("{summary}\n\n{body}")
        }
    }

    /// The commit that is to be amended.
    pub(super) fn amends(&self) -> Option<&str> {
        self.amended_of.as_deref().filter(|_| self.is_amend)
    }

    fn fill(&mut self, text: &str) {
        let (summary, body) = text.split_once('\n').unwrap_or((text, ""));
        summary.clone_into(&mut self.summary);
        body.trim_start_matches('\n').clone_into(&mut self.body);
    }

    /// Why it can not be committed.
    pub(super) fn obstacle(&self, status: Option<&Status>, cx: &Cx<'_>) -> Option<String> {
        let status = status?;
        let summary = &status.summary;
        if committing(cx).is_some() {
            return Some(cx.t("code-committing"));
        }
        if summary.n_conflicted > 0 {
            return Some(cx.msg(&msg!("code-unresolved", n = summary.n_conflicted)));
        }
        if summary.n_staged == 0 && !self.is_amend && summary.operation.is_none() {
            return Some(cx.t("code-nothing-staged"));
        }
        let is_untouched = summary.operation.is_none() && self.template.as_ref() == Some(&self.message());
        if is_untouched {
            return Some(cx.t("code-message-is-template"));
        }
        self.summary.trim().is_empty().then(|| cx.t("code-no-message"))
    }
}

/// The commit of this workspace that is being made: its hooks may take their time.
fn committing(cx: &Cx<'_>) -> Option<JobId> {
    let workspace = &cx.workspace?.id;
    let mut running = cx.model.jobs.running();
    let is_commit = |key: &str| ["code-job-commit", "code-job-amend", "code-job-fixup"].contains(&key);
    let job = running.find(|job| is_commit(job.title.key.as_ref()) && job.workspace.as_ref() == Some(workspace))?;
    Some(job.id)
}

impl Page {
    pub(super) fn commit_box_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, repo: &RepoModel, status: &Status) {
        let t = Tokens::of(ui);
        let line = ui.available_rect_before_wrap();
        ui.painter()
            .hline(line.x_range(), line.top() + 0.5, egui::Stroke::new(1.0, t.line));
        self.asked.commit_help(cx, workspace, repo.n_acts);
        self.fill_amended(cx, workspace, repo);
        self.fill_template(&repo.commit_help);
        Frame {
            inner_margin: egui::Margin::symmetric(10, 10),
            ..Frame::NONE
        }
        .show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = measure::SPACE_8;
            let width = ui.available_width();
            let help = &repo.commit_help;
            let is_custom = message::is_the_custom(&help.summaries);
            self.message_helps_ui(ui, cx, help);
            let n_chars = self.draft.summary.chars().count();
            let summary = Input::new(Id::unique("code-summary"), &cx.t("code-summary"))
                .hint(&cx.t("code-summary-hint"))
                .width(width)
                .wrong(n_chars > SUMMARY_CHARS)
                .show(ui, &mut self.draft.summary);
            // As with a line break: what is typed next belongs to the text below.
            if summary.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter) && input.modifiers.is_none()) {
                ui.memory_mut(|memory| memory.request_focus(Id::unique("code-body")));
            }
            Input::new(Id::unique("code-body"), &cx.t("code-body"))
                .hint(&cx.t("code-body-hint"))
                .width(width)
                .rows(3)
                .show(ui, &mut self.draft.body);
            let looks_so = self.draft.summary.contains(':') && message::parts(&self.draft.summary).is_some();
            if let Some(remark) = message::remark(&self.draft.message()).filter(|_| is_custom || looks_so) {
                state_mark::label_small_ui(ui, State::Degraded, &cx.msg(&remark));
            }
            ui.horizontal(|ui| {
                let word = cx.t("code-amend");
                if tick_ui(ui, &mut self.draft.is_amend, &word, &word).changed() {
                    self.draft.is_filled = false;
                    self.draft.amended_of = None;
                    // The message of a commit that stays as it is would become that of the next one.
                    let amended = self.draft.amended.take();
                    if !self.draft.is_amend && amended.as_ref() == Some(&self.draft.message()) {
                        self.draft.fill("");
                    }
                }
                let word = cx.t("code-signoff");
                tick_ui(ui, &mut self.draft.is_signed_off, &word, &word);
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                    let look = Look {
                        font: font::small(),
                        colour: if n_chars > SUMMARY_CHARS { t.danger.text } else { t.text_weak },
                        cut: Cut::End,
                    };
                    let words = cx.msg(&msg!("code-summary-chars", n = n_chars, limit = SUMMARY_CHARS));
                    text::label(ui, &words, look);
                });
            });
            if let Some(remote) = help.published_at.as_ref().filter(|_| self.draft.is_amend) {
                let words = cx.msg(&msg!("code-amend-published", remote = remote));
                state_mark::label_small_ui(ui, State::Degraded, &words).on_hover_text(cx.t("code-amend-published-hint"));
            }
            if let Some(format) = &help.signs_with {
                let words = cx.msg(&msg!("code-signs-with", format = format));
                text::small(ui, &words);
            }
            if !help.hooks.is_empty() {
                let words = cx.msg(&msg!("code-run-hooks", names = help.hooks.join(", ")));
                let mut runs_hooks = !self.draft.skips_hooks;
                tick_ui(ui, &mut runs_hooks, &words, &words);
                self.draft.skips_hooks = !runs_hooks;
            }
            let n_staged = status.summary.n_staged;
            let label = if self.draft.is_amend {
                cx.t("code-amend-button")
            } else {
                cx.msg(&msg!("code-commit-button", n = n_staged))
            };
            let why = self.draft.obstacle(Some(status), cx);
            if let Some(job) = committing(cx) {
                ui.horizontal(|ui| {
                    state_mark::label_ui(ui, State::InProgress, &cx.t("code-committing"));
                    if ui.add(Button::new(&cx.t("code-committing-stop")).small()).clicked() {
                        cx.ask(Intent::Cancel(job));
                    }
                });
                return;
            }
            let keys = text::shortcut_text(ui.ctx(), &keys::PRIMARY);
            let button = Button::new(&label)
                .primary()
                .wide()
                .note(&keys)
                .disabled_because(why.as_deref());
            if ui.add(button).clicked() && why.is_none() {
                cx.ask(act::commit(workspace, &self.draft));
            }
        });
    }

    /// Type and scope of a conventional message, and the messages that were written before.
    fn message_helps_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, help: &CommitHelp) {
        ui.horizontal_wrapped(|ui| {
            let parts = message::parts(&self.draft.summary);
            let (mut kind, mut scope) = parts.unwrap_or_default();
            let none = (String::new(), cx.t("code-message-type"));
            let kinds = message::TYPES.iter().map(|kind| ((*kind).to_owned(), (*kind).to_owned()));
            let kinds: Vec<(String, String)> = std::iter::once(none).chain(kinds).collect();
            let mut is_changed = choice_button_ui(ui, icons::TAG, &mut kind, &kinds);
            let scopes = message::scopes(&help.summaries);
            if !kind.is_empty() && !scopes.is_empty() {
                let none = (None, cx.t("code-message-scope"));
                let scopes = scopes.into_iter().take(20).map(|scope| (Some(scope.clone()), scope));
                let scopes: Vec<(Option<String>, String)> = std::iter::once(none).chain(scopes).collect();
                is_changed |= choice_button_ui(ui, icons::FILTER, &mut scope, &scopes);
            }
            if is_changed && !kind.is_empty() {
                self.draft.summary = message::with_type(&self.draft.summary, &kind, scope.as_deref());
            }
            if !help.messages.is_empty() {
                let mut chosen = usize::MAX;
                let summary = |text: &String| text.lines().next().unwrap_or_default().to_owned();
                let title = (usize::MAX, cx.t("code-last-messages"));
                let messages = help.messages.iter().map(summary).enumerate();
                let messages: Vec<(usize, String)> = std::iter::once(title).chain(messages).collect();
                if choice_button_ui(ui, icons::HISTORY, &mut chosen, &messages)
                    && let Some(text) = help.messages.get(chosen)
                {
                    self.draft.fill(text);
                }
            }
        });
    }

    /// `commit.template`, or what git proposes for the merge that is under way, stands in an empty box once.
    fn fill_template(&mut self, help: &CommitHelp) {
        let draft = &mut self.draft;
        // The merge that proposed it was given up, or is done.
        let proposed = help.template.as_ref().map(|template| {
            let mut filled = Draft::default();
            filled.fill(template);
            filled.message()
        });
        if draft.template.is_some() && draft.template != proposed && draft.template.as_ref() == Some(&draft.message()) {
            draft.fill("");
            draft.template = None;
        }
        let is_empty = draft.summary.is_empty() && draft.body.is_empty();
        if let (Some(template), true) = (&help.template, is_empty && !draft.is_amend) {
            let before = draft.template.take();
            draft.fill(template);
            draft.template = Some(draft.message());
            // The user took it out.
            if before == draft.template {
                draft.fill("");
            }
        }
    }

    /// Amending starts from the message that is there.
    fn fill_amended(&mut self, cx: &Cx<'_>, workspace: &Workspace, repo: &RepoModel) {
        let head = repo.status.value().and_then(|status| status.summary.oid.clone());
        let Some(head) = head.filter(|_| self.draft.is_amend) else {
            return;
        };
        let draft = &mut self.draft;
        let is_moved = draft.amended_of.as_ref().is_some_and(|of| *of != head);
        if is_moved && draft.is_filled && (draft.is_empty() || draft.amended.as_ref() == Some(&draft.message())) {
            // Another commit is the last one by now, and nothing was written: its message is the one to begin from.
            draft.fill("");
            (draft.is_filled, draft.amended_of) = (false, None);
        }
        draft.amended_of.get_or_insert_with(|| head.clone());
        if draft.is_filled || !draft.summary.is_empty() {
            return;
        }
        match &repo.commit {
            Some((revision, commit)) if *revision == head => {
                if let Some(commit) = commit.value() {
                    self.draft.summary.clone_from(&commit.summary);
                    self.draft.body.clone_from(&commit.body);
                    self.draft.is_filled = true;
                    self.draft.amended = Some(self.draft.message());
                }
            }
            _ => self.asked.commit(cx, workspace, &head),
        }
    }
}
