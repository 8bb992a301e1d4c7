//! The packages of a monorepo with versions of their own: the last and the next one of each.

use super::intent;
use crate::areas::page::{Action, Cx, Intent};
use crate::areas::release::PackageNext;
use crate::base::{Target, Workspace};
use crate::ui::table::{Column, Table, TableState, row_key};
use crate::ui::{Ui, action, icons, page_frame, text};
use serde::{Deserialize, Serialize};

/// What the tab remembers.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Packages {
    table: TableState,
}

/// A click asks for the next version of one.
pub(super) const LOOK: &str = "package:";

fn actions(cx: &Cx<'_>, one: &PackageNext) -> Vec<Action> {
    let look = if one.goes_with_whole {
        intent("whole")
    } else {
        intent(&format!("{LOOK}{}", one.package.name))
    };
    vec![Action::new("release-package-look", cx.t("release-package-look"), look).icon(icons::TAG)]
}

impl Packages {
    pub(super) fn body_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace) {
        let known = cx.model.release.of(&workspace.id);
        let rows = known.map_or(&[][..], |known| known.packages.as_slice());
        if rows.is_empty() {
            page_frame::empty_ui(ui, icons::PACKAGE, &cx.t("release-packages-none"), None);
            return;
        }
        let column = |id: &'static str, key: &str, width: f32| Column::new(id, cx.t(key), width).unsortable();
        let columns = [
            column("package", "release-col-package", 180.0).always(),
            column("last", "release-col-last", 90.0),
            column("next", "release-col-next", 90.0),
            column("changes", "release-col-changes", 90.0).right(),
            column("why", "release-col-why", 300.0).fill(),
        ];
        let name = cx.t("release-tab-packages");
        let mut asked = None;
        let opened = {
            let table = Table::new("release-packages", &name, &columns, rows.len())
                .key(|row| rows.get(row).map_or(0, |one| row_key(&one.package.name)))
                .label(|row| rows.get(row).map(|one| one.package.name.clone()).unwrap_or_default())
                .copy(|row| rows.get(row).map(line).unwrap_or_default())
                .menu(|ui, row| {
                    if let Some(one) = rows.get(row) {
                        asked = action::menu_ui(ui, &actions(cx, one)).or(asked.take());
                    }
                });
            table
                .show(ui, &mut self.table, |ui, row, column| {
                    if let Some(one) = rows.get(row) {
                        cell_ui(ui, cx, one, columns[column].id);
                    }
                })
                .activated
        };
        if let Some(one) = opened.and_then(|row| rows.get(row)) {
            asked = actions(cx, one).into_iter().next().map(|action| action.intent);
        }
        if let Some(intent) = asked {
            cx.ask(intent);
            cx.ask(Intent::Go(Target::Page {
                area: "release".to_owned(),
                tab: Some(super::NEXT.to_owned()),
            }));
        }
    }
}

fn line(one: &PackageNext) -> String {
    let last = one.last.as_ref().map_or("", |last| last.version.as_str());
    let next = one.next.as_ref().map_or("", |next| next.version.as_str());
    format!("{}\t{last}\t{next}\t{}", one.package.name, one.n_changes)
}

fn cell_ui(ui: &mut Ui, cx: &Cx<'_>, one: &PackageNext, column: &str) {
    match column {
        "package" => {
            text::medium(ui, &one.package.name).on_hover_text(one.package.path.display().to_string());
        }
        "last" => match &one.last {
            Some(last) => {
                text::weak(ui, &last.version).on_hover_text(&last.tag);
            }
            None => {
                text::absent(ui);
            }
        },
        "next" => match &one.next {
            Some(next) => {
                text::medium(ui, &next.version);
            }
            None => {
                text::absent(ui);
            }
        },
        "changes" => {
            text::body(ui, &crate::base::format::count(one.n_changes, cx.texts));
        }
        _ => {
            let why = one.next.as_ref().map(|next| &next.why);
            let why = why.or(one.problem.as_ref().map(|problem| &problem.summary));
            if let Some(why) = why {
                text::weak(ui, &cx.msg(why));
            }
        }
    }
}
