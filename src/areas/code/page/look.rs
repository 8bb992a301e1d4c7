//! How differences are looked at: with or without white space, and how much of the file stands around a change.

use super::Page;
use crate::areas::AreaId;
use crate::areas::code::DiffKey;
use crate::areas::page::{Action, Cx, Intent, UiIntent};
use crate::base::State;
use crate::base::diff::{DiffFile, DiffLook};
use crate::msg;
use crate::ui::page_frame::empty_ui;
use crate::ui::{icons, state_mark};
use egui::Ui;

/// Lines around a change, one step after the other.
const STEPS: [u32; 5] = [0, 3, 10, 25, DiffLook::WHOLE];

impl Page {
    /// The entries of the menu above a difference.
    pub(super) fn look_actions(&self, cx: &Cx<'_>) -> Vec<Action> {
        let ask = |what: &str| Intent::Ui(UiIntent::PageAction(AreaId::Code, format!("look:{what}")));
        let key = if self.look.ignores_space {
            "code-look-with-space"
        } else {
            "code-look-without-space"
        };
        let mut actions = vec![Action::new("code-look-space", cx.t(key), ask("space")).icon(icons::FILTER)];
        for (what, key, wanted) in [
            ("more", "code-look-more", next(self.look.context)),
            ("less", "code-look-less", before(self.look.context)),
        ] {
            let label = match wanted {
                Some(DiffLook::WHOLE) => cx.t("code-look-whole"),
                Some(n) => cx.msg(&msg!("code-look-around", n = n)),
                None => cx.t(key),
            };
            let why = wanted.is_none().then(|| cx.t("code-look-end"));
            let icon = if what == "more" { icons::ADD } else { icons::REMOVE };
            actions.push(Action::new(key, label, ask(what)).icon(icon).disabled_because(why));
        }
        actions
    }

    /// An act of this menu.
    pub(super) fn look_action(&mut self, what: &str) {
        let look = &mut self.look;
        match what {
            "space" => look.ignores_space = !look.ignores_space,
            "more" => look.context = next(look.context).unwrap_or(look.context),
            _ => look.context = before(look.context).unwrap_or(look.context),
        }
    }
}

fn next(n: u32) -> Option<u32> {
    STEPS.into_iter().find(|step| *step > n)
}

fn before(n: u32) -> Option<u32> {
    STEPS.into_iter().rev().find(|step| *step < n)
}

/// Says above a difference that it leaves something out.
pub(super) fn chip_ui(ui: &mut Ui, cx: &Cx<'_>, look: DiffLook) {
    if look.ignores_space {
        state_mark::chip_ui(ui, State::None, &cx.t("code-look-spaceless"));
    }
}

/// Draws that white space is all that differs; false where there is more to see.
pub(super) fn only_space_ui(ui: &mut Ui, cx: &Cx<'_>, key: &DiffKey, file: &DiffFile) -> bool {
    let is_only_space = key.look.ignores_space && file.says_nothing();
    if is_only_space {
        empty_ui(ui, icons::FILE, &cx.t("code-look-only-space"), None);
    }
    is_only_space
}
