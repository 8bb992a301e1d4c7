//! Differences that are no lines: pictures, and the commits between two states of a submodule.

use crate::areas::code::{Command, DiffKey};
use crate::areas::page::Cx;
use crate::base::diff::{DiffContent, DiffFile, SubmoduleCommit};
use crate::base::picture::Picture;
use crate::base::repo::short_oid;
use crate::base::{Loadable, Workspace, format};
use crate::msg;
use crate::ui::page_frame::{bar_ui, loading_ui, problem_ui};
use crate::ui::picture::{PictureState, Shown, pictures_ui, texture, ways_ui};
use crate::ui::text;
use crate::ui::tokens::{Tokens, measure};
use egui::{Margin, ScrollArea, TextureHandle, Ui, vec2};

/// The pictures that are on the screen.
#[derive(Default)]
pub(super) struct View {
    state: PictureState,
    asked: Option<(DiffKey, u64)>,
    /// Made of the pictures with this number.
    textures: Option<(DiffKey, u64, [Option<TextureHandle>; 2])>,
}

/// Draws the difference if it is one of these. `reading` counts the readings of the files.
pub(super) fn special_ui(
    ui: &mut Ui,
    cx: &Cx<'_>,
    workspace: &Workspace,
    (key, reading): (&DiffKey, u64),
    file: &DiffFile,
    view: &mut View,
) -> bool {
    match &file.content {
        DiffContent::Picture { .. } => view.ui(ui, cx, workspace, key, reading),
        DiffContent::Submodule {
            old,
            new,
            commits,
            n_unlisted,
        } => commits_ui(ui, cx, (old, new), commits, *n_unlisted),
        DiffContent::Text { .. } if file.path.file_name().to_lowercase().ends_with(".svg") => {
            bar_ui(ui, 28.0, |ui| drop(text::small(ui, &cx.t("code-picture-svg"))));
            return false;
        }
        _ => return false,
    }
    true
}

impl View {
    fn ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, key: &DiffKey, reading: u64) {
        let wanted = (key.clone(), reading);
        if self.asked.as_ref() != Some(&wanted) {
            self.asked = Some(wanted);
            cx.ask(Command::ShowPictures {
                workspace: workspace.clone(),
                what: key.clone(),
            });
        }
        let repo = cx.model.code.repo(&workspace.id);
        let known = repo.and_then(|repo| repo.pictures.as_ref()).filter(|(known, _)| known == key);
        let Some((_, pictures)) = known else {
            return loading_ui(ui, None);
        };
        if let Loadable::Failed { problem, .. } = pictures {
            problem_ui(ui, problem, false);
            return;
        }
        let Some(pictures) = pictures.value() else {
            return loading_ui(ui, None);
        };
        let n = repo.map_or(0, |repo| repo.n_pictures);
        let is_known = self.textures.as_ref().is_some_and(|(known, at, _)| known == key && *at == n);
        if !is_known {
            let made = [(&pictures.old, "code-picture-old"), (&pictures.new, "code-picture-new")].map(|(side, name)| {
                let pixels = side.as_ref()?.pixels.as_ref()?;
                texture(ui, name, pixels.width, pixels.height, &pixels.rgba)
            });
            self.textures = Some((key.clone(), n, made));
        }
        let Some((_, _, [old, new])) = &self.textures else { return };
        let caption = |side: &Option<Picture>| {
            side.as_ref()
                .map_or_else(|| "–".to_owned(), |side| format::picture(&side.facts, cx.texts))
        };
        let words = [caption(&pictures.old), caption(&pictures.new)];
        bar_ui(ui, 34.0, |ui| {
            if old.is_some() && new.is_some() {
                ways_ui(ui, &mut self.state);
            }
            text::weak(ui, &format!("{} → {}", words[0], words[1]));
        });
        let shown = |side: &Option<Picture>, made: &Option<TextureHandle>, caption: usize| {
            let (facts, texture) = (&side.as_ref()?.facts, made.clone()?);
            Some((texture, vec2(facts.width as f32, facts.height as f32), words[caption].clone()))
        };
        let (old, new) = (shown(&pictures.old, old, 0), shown(&pictures.new, new, 1));
        pictures_ui(
            ui,
            &mut self.state,
            old.as_ref()
                .map(|(texture, size, caption)| Shown {
                    texture,
                    size: *size,
                    caption,
                })
                .as_ref(),
            new.as_ref()
                .map(|(texture, size, caption)| Shown {
                    texture,
                    size: *size,
                    caption,
                })
                .as_ref(),
        );
    }
}

fn commits_ui(
    ui: &mut Ui,
    cx: &Cx<'_>,
    (old, new): (&Option<String>, &Option<String>),
    commits: &[SubmoduleCommit],
    n_unlisted: u32,
) {
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
            if n_unlisted > 0 {
                text::weak(ui, &cx.msg(&msg!("code-n-more", n = n_unlisted)));
            }
            if old == new {
                text::weak(ui, &cx.t("code-submodule-changed-inside"));
            }
            if commits.is_empty() && old != new && old.is_some() && new.is_some() {
                text::weak(ui, &cx.t("code-submodule-no-commits"));
            }
        });
    });
}
