//! The secrets of the program: their names, where each is kept and who refers to it; a value is typed unseen and never shown.

use super::super::secrets::{Act, Secret, Seen};
use crate::adapters::secrets::{Place, check_name};
use crate::areas::config::Command;
use crate::areas::page::Cx;
use crate::base::{Hidden, SafeText, State, format};
use crate::msg;
use crate::ui::button::Button;
use crate::ui::dialog::{Answer, Dialog};
use crate::ui::form::form_ui;
use crate::ui::page_frame::{self, LoadableView};
use crate::ui::tokens::measure;
use crate::ui::{Ui, icons, state_mark, text};
use egui::{Align, Layout};

/// What is typed here; it is forgotten as soon as it is sent.
#[derive(Default)]
pub(super) struct Security {
    name: String,
    value: String,
    passphrase: String,
    passphrase_again: String,
    /// The secret that is to be removed, when the user says so.
    removing: Option<String>,
}

pub(super) fn command(cx: &Cx<'_>, act: Act) -> Command {
    Command::Secrets {
        root: cx.workspace.map(|workspace| workspace.root.clone()),
        act,
    }
}

impl Security {
    pub(super) fn ui(&mut self, ui: &mut Ui, cx: &Cx<'_>) {
        let (sentence, list) = (cx.t("config-secrets-empty"), cx.t("config-secrets-list"));
        let view = LoadableView {
            icon: icons::LOCK,
            empty: &sentence,
            empty_action: Some(&list),
            progress: None,
        };
        text::strong(ui, &cx.t("config-secrets-title"));
        text::paragraph_weak(ui, &cx.t("config-secrets-words"));
        let ask = page_frame::loadable_ui(
            ui,
            &cx.model.config.secrets,
            &view,
            |_| false,
            |ui, seen| self.seen_ui(ui, cx, seen),
        );
        if ask.is_some() {
            cx.ask(command(cx, Act::List));
        }
        self.dialog_ui(ui, cx);
    }

    fn seen_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, seen: &Seen) {
        if let Some(problem) = &seen.hindrance {
            page_frame::problem_card_ui(ui, problem, false);
        }
        if seen.secrets.is_empty() {
            text::weak(ui, &cx.t("config-secrets-empty"));
        }
        for secret in &seen.secrets {
            ui.push_id(&secret.name, |ui| self.secret_ui(ui, cx, secret));
        }
        ui.add_space(measure::SPACE_8);
        if seen.is_locked {
            self.unlock_ui(ui, cx);
        }
        self.set_ui(ui, cx, seen);
        if !seen.is_locked {
            self.protect_ui(ui, cx, seen.is_protected);
        }
    }

    fn secret_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, secret: &Secret) {
        ui.horizontal(|ui| {
            ui.set_min_height(measure::ROW);
            ui.spacing_mut().item_spacing.x = measure::SPACE_8;
            state_mark::mark_ui(ui, state(secret));
            text::mono(ui, SafeText::new(&secret.name).as_str());
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                if secret.place.is_some() {
                    let remove = cx.msg(&msg!("config-secret-remove-named", name = secret.name.as_str()));
                    if ui
                        .add(Button::new(&cx.t("config-secret-remove")).small().hover(&remove))
                        .clicked()
                    {
                        self.removing = Some(secret.name.clone());
                    }
                }
                let word = cx.t(if secret.place.is_some() {
                    "config-secret-replace"
                } else {
                    "config-secret-give"
                });
                if ui.add(Button::new(&word).small()).clicked() {
                    self.name.clone_from(&secret.name);
                    self.value.clear();
                }
                if let Some(at) = secret.set_at {
                    text::small(ui, &format::ago(at, cx.now, cx.texts));
                }
                text::small(ui, &cx.t(place_key(secret)));
            });
        });
        for one in &secret.uses {
            let words = format!("{}  {}", SafeText::new(&one.workspace), SafeText::new(&one.place));
            text::small(ui, &words).on_hover_text(SafeText::new(&one.file.to_string_lossy()).as_str());
        }
    }

    fn unlock_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>) {
        text::paragraph_weak(ui, &cx.t("config-secrets-locked"));
        let label = cx.t("config-passphrase");
        form_ui(ui, "config-unlock", |form| {
            form.secret(&label, &mut self.passphrase, None);
        });
        let can = !self.passphrase.is_empty();
        if ui
            .add_enabled(can, Button::new(&cx.t("config-unlock")).icon(icons::LOCK))
            .clicked()
        {
            let passphrase = Hidden::new(std::mem::take(&mut self.passphrase));
            cx.ask(command(cx, Act::Unlock { passphrase }));
        }
        ui.add_space(measure::SPACE_8);
    }

    /// A pass phrase for the files, another one, or none any more.
    fn protect_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, is_protected: bool) {
        ui.add_space(measure::SPACE_16);
        text::medium(ui, &cx.t("config-passphrase-title"));
        let (label, again) = (cx.t("config-passphrase"), cx.t("config-passphrase-twice"));
        let differs = !self.passphrase_again.is_empty() && self.passphrase_again != self.passphrase;
        let error = differs.then(|| cx.t("config-passphrase-differs"));
        form_ui(ui, "config-protect", |form| {
            form.secret(&label, &mut self.passphrase, None);
            form.secret(&again, &mut self.passphrase_again, error.as_deref());
        });
        let can = !self.passphrase.is_empty() && self.passphrase == self.passphrase_again;
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = measure::SPACE_8;
            let word = cx.t(if is_protected {
                "config-passphrase-change"
            } else {
                "config-protect"
            });
            if ui.add_enabled(can, Button::new(&word).icon(icons::LOCK)).clicked() {
                self.passphrase_again.clear();
                let passphrase = Some(Hidden::new(std::mem::take(&mut self.passphrase)));
                let lang = cx.texts.lang();
                cx.ask(command(cx, Act::Protect { passphrase, lang }));
            }
            if is_protected && ui.add(Button::new(&cx.t("config-unprotect"))).clicked() {
                cx.ask(command(cx, Act::Unprotect));
            }
        });
    }

    fn set_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, seen: &Seen) {
        text::medium(ui, &cx.t("config-secret-new"));
        let (name_label, value_label) = (cx.t("config-secret-name"), cx.t("config-secret-value"));
        let is_wrong = !self.name.is_empty() && check_name(&self.name).is_err();
        let error = is_wrong.then(|| cx.t("secret-name-wrong-hint"));
        form_ui(ui, "config-secret", |form| {
            form.code(&name_label, &mut self.name, "db_password", error.as_deref());
            form.secret(&value_label, &mut self.value, None);
            let note = match seen.place {
                Some(Place::Keyring) => "config-secret-goes-keyring",
                _ => "config-secret-goes-file",
            };
            form.note(&cx.t(note));
        });
        let can = !is_wrong && !self.name.is_empty() && !self.value.is_empty() && seen.hindrance.is_none();
        if ui
            .add_enabled(can, Button::new(&cx.t("config-secret-set")).primary())
            .clicked()
        {
            cx.ask(command(
                cx,
                Act::Set {
                    name: std::mem::take(&mut self.name),
                    value: Some(Hidden::new(std::mem::take(&mut self.value))),
                    lang: cx.texts.lang(),
                },
            ));
        }
    }

    fn dialog_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>) {
        let Some(name) = self.removing.clone() else { return };
        let title = cx.msg(&msg!("config-secret-remove-named", name = name.as_str()));
        let words = cx.t("config-secret-remove-ask");
        let dialog = Dialog::new("config-secret-remove", &title, &title).danger(true);
        match dialog.show(ui.ctx(), |ui| {
            text::paragraph(ui, &words);
            true
        }) {
            Answer::Open => {}
            Answer::Cancelled => self.removing = None,
            Answer::Confirmed => {
                self.removing = None;
                cx.ask(command(cx, Act::Remove { name }));
            }
        }
    }
}

fn state(secret: &Secret) -> State {
    match secret.place {
        None => State::Failed,
        Some(_) if secret.is_open => State::Degraded,
        Some(_) => State::Done,
    }
}

fn place_key(secret: &Secret) -> &'static str {
    match secret.place {
        _ if secret.is_open => "config-secret-open",
        Some(Place::Keyring) => "config-secret-in-keyring",
        Some(Place::File) => "config-secret-in-file",
        None => "config-secret-not-there",
    }
}
