//! Differences that are no lines: the commits between two states of a submodule.

use crate::areas::page::Cx;
use crate::base::diff::{DiffContent, DiffFile};
use crate::base::repo::short_oid;
use crate::msg;
use crate::ui::text;
use crate::ui::tokens::{Tokens, measure};
use egui::{Margin, ScrollArea, Ui};

/// Draws the difference if it is one of these.
pub(super) fn special_ui(ui: &mut Ui, cx: &Cx<'_>, file: &DiffFile) -> bool {
    let DiffContent::Submodule {
        old,
        new,
        commits,
        n_unlisted,
    } = &file.content
    else {
        return false;
    };
    let t = Tokens::of(ui);
    let short = |oid: &Option<String>| oid.as_deref().map_or("–", short_oid).to_owned();
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        egui::Frame::new().inner_margin(Margin::same(12)).show(ui, |ui| {
            text::weak(ui, &cx.msg(&msg!("ui-diff-submodule", old = short(old), new = short(new))));
            ui.add_space(measure::SPACE_8);
            for commit in commits {
                ui.horizontal(|ui| {
                    let (sign, colour) = if commit.is_removed {
                        ("−", t.danger.text)
                    } else {
                        ("+", t.success.text)
                    };
                    text::coloured(ui, sign, colour);
                    text::mono(ui, short_oid(&commit.oid));
                    text::body(ui, &commit.summary);
                });
            }
            if *n_unlisted > 0 {
                text::weak(ui, &cx.msg(&msg!("code-n-more", n = *n_unlisted)));
            }
            if commits.is_empty() && old != new && old.is_some() && new.is_some() {
                text::weak(ui, &cx.t("code-submodule-no-commits"));
            }
        });
    });
    true
}
