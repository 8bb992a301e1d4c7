//! Two commits, or a commit and the files, beside each other: the panel at the right, and the way there.

use super::Page;
use super::detail::file_list_ui;
use crate::areas::code::Command;
use crate::areas::code::model::RepoModel;
use crate::areas::page::Cx;
use crate::base::diff::DiffOf;
use crate::base::repo::{Comparison, End};
use crate::base::{Loadable, Target, Workspace, format};
use crate::msg;
use crate::ui::detail::{Fact, Heading, facts_ui, heading_ui, section_ui, titled_section_ui};
use crate::ui::page_frame::{LoadableView, loadable_ui};
use crate::ui::{button::Button, icons, text};
use egui::Ui;

/// What is compared: the older side, and the newer one or None for the files.
pub(super) type Pair = (String, Option<String>);

impl Page {
    /// From now on the panel shows these two.
    pub(super) fn compare(&mut self, from: String, to: Option<String>) {
        self.pair = Some((from, to));
        self.commit_file = None;
    }

    pub(super) fn comparison_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, repo: &RepoModel, pair: &Pair) {
        self.asked.comparison(cx, workspace, pair, repo.n_readings);
        let nothing = Loadable::Loading { previous: None };
        let known = repo.comparison.as_ref().filter(|(known, _)| known == pair);
        let comparison = known.map_or(&nothing, |(_, comparison)| comparison);
        let view = LoadableView {
            icon: icons::COMMIT,
            empty: "",
            empty_action: None,
            progress: None,
        };
        loadable_ui(
            ui,
            comparison,
            &view,
            |_| false,
            |ui, found| self.compared_ui(ui, cx, workspace, pair, found),
        );
    }

    fn compared_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, pair: &Pair, found: &Comparison) {
        let n_files = found.files.len() as u64 + u64::from(found.n_unlisted);
        let changed = cx.msg(&msg!("code-n-files", n = n_files));
        heading_ui(
            ui,
            &Heading {
                icon: icons::COMMIT,
                name: &cx.t("code-compared"),
                note: &format!("{changed}, +{} −{}", found.n_added, found.n_removed),
                state: None,
            },
        );
        let link = |label: &str, end: &End| {
            let target = Target::Commit {
                workspace: workspace.id.clone(),
                oid: end.oid.clone(),
            };
            Fact::link(cx.t(label), format::short_oid(&end.oid), &end.summary, target)
        };
        let mut facts = vec![link("code-compare-from", &found.from)];
        facts.push(match &found.to {
            Some(to) => link("code-compare-to", to),
            None => Fact::text(cx.t("code-compare-to"), cx.t("code-blame-checkout")),
        });
        if let Some(target) = facts_ui(ui, &facts) {
            cx.ask(crate::areas::page::Intent::Go(target));
        }
        section_ui(ui, |ui| {
            ui.horizontal_wrapped(|ui| {
                let swap = cx.t("code-compare-swap");
                if let (Some(to), true) = (&pair.1, ui.add(Button::new(&swap).small()).clicked()) {
                    self.compare(to.clone(), Some(pair.0.clone()));
                }
                let end = cx.t("code-compare-end");
                if ui.add(Button::new(&end).small()).clicked() {
                    self.pair = None;
                    self.commit_file = None;
                }
            });
        });
        titled_section_ui(ui, &cx.t("code-files"), &n_files.to_string(), |ui| {
            if n_files == 0 {
                text::weak(ui, &cx.t("code-compare-same"));
            }
            let of = DiffOf::Between {
                from: pair.0.clone(),
                to: pair.1.clone(),
            };
            self.follow_file(cx, workspace, file_list_ui(ui, cx, &of, &found.files, found.n_unlisted));
        });
    }
}

impl super::asked::Asked {
    /// Again when the files were read anew, if they are one of the sides.
    fn comparison(&mut self, cx: &Cx<'_>, workspace: &Workspace, pair: &Pair, reading: u64) {
        let wanted = (pair.clone(), if pair.1.is_none() { reading } else { 0 });
        if self.comparison.as_ref() != Some(&wanted) {
            self.comparison = Some(wanted);
            cx.ask(Command::Compare {
                workspace: workspace.clone(),
                from: pair.0.clone(),
                to: pair.1.clone(),
                paths: Vec::new(),
            });
        }
    }
}
