//! Every version of the workspace as a table: when, from which commit, what is in it, where it runs; and one of them in detail.

use crate::areas::AreaId;
use crate::areas::page::{Action, Cx, Intent, UiIntent, commit_ui, no_hits_ui};
use crate::areas::release::{Check, Command, Deliverable};
use crate::base::{State, Target, Workspace, format};
use crate::msg;
use crate::ui::detail::{self, Fact, Heading};
use crate::ui::page_frame::{self, LoadableAsk, LoadableView, loadable_ui};
use crate::ui::table::{Column, Table, TableState, row_key};
use crate::ui::{Ui, action, icons, state_mark, text};
use egui::{Align, Layout};
use serde::{Deserialize, Serialize};

/// What the tab remembers.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Made {
    table: TableState,
    #[serde(skip)]
    lines: Vec<usize>,
    #[serde(skip)]
    made_from: Option<(u64, String, String)>,
}

fn list<'a>(cx: &Cx<'a>) -> &'a [Deliverable] {
    let known = cx.workspace.and_then(|workspace| cx.model.release.of(&workspace.id));
    known.and_then(|known| known.deliverables.value()).map_or(&[], Vec::as_slice)
}

impl Made {
    pub(super) fn reveal(&mut self, version: &str) {
        self.table.select_only(row_key(version));
    }

    pub(super) fn selected<'a>(&self, cx: &Cx<'a>) -> Option<&'a Deliverable> {
        let key = self.table.single()?;
        list(cx).iter().find(|one| row_key(&one.version) == key)
    }

    pub(super) fn body_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace) {
        let Some(known) = cx.model.release.of(&workspace.id) else {
            page_frame::loading_ui(ui, None);
            return;
        };
        let empty = cx.t("release-none");
        let fill = cx.t("release-button-any");
        let view = LoadableView {
            icon: icons::PACKAGE,
            empty: &empty,
            empty_action: Some(&fill),
            progress: None,
        };
        match loadable_ui(ui, &known.deliverables, &view, Vec::is_empty, |ui, rows| {
            self.table_ui(ui, cx, rows);
        }) {
            Some(LoadableAsk::Retry) => cx.ask(Command::List {
                workspace: workspace.clone(),
            }),
            Some(LoadableAsk::Fill) => {
                cx.ask(Intent::Ui(UiIntent::PageAction(AreaId::Release, "release".to_owned())));
            }
            None => {}
        }
    }

    fn arrange(&mut self, cx: &Cx<'_>, rows: &[Deliverable]) {
        let sort = self.table.sort.as_ref();
        let sort_word = sort
            .map(|sort| format!("{} {}", sort.column, sort.descending))
            .unwrap_or_default();
        let from = (cx.model.release.generation, cx.filter.to_owned(), sort_word);
        if self.made_from.as_ref() == Some(&from) {
            return;
        }
        self.made_from = Some(from);
        let filter = cx.filter.trim().to_lowercase();
        let has = |one: &Deliverable| {
            let places = one.places.iter().map(|place| place.environment.as_str());
            [one.version.as_str(), one.commit.as_str(), one.notes.as_str()]
                .into_iter()
                .chain(places)
                .any(|text| text.to_lowercase().contains(&filter))
        };
        self.lines = (0..rows.len()).filter(|i| filter.is_empty() || has(&rows[*i])).collect();
        if let Some(sort) = sort {
            self.lines.sort_by(|a, b| {
                let (a, b) = (&rows[*a], &rows[*b]);
                let ordered = match sort.column.as_str() {
                    "date" => a.at.cmp(&b.at),
                    "commit" => a.commit.cmp(&b.commit),
                    "size" => size(a).cmp(&size(b)),
                    _ => semver::Version::parse(&a.version)
                        .ok()
                        .cmp(&semver::Version::parse(&b.version).ok()),
                };
                if sort.descending { ordered.reverse() } else { ordered }
            });
        }
    }

    fn table_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, rows: &[Deliverable]) {
        self.arrange(cx, rows);
        if self.lines.is_empty() {
            no_hits_ui(ui, cx, "release-filter-nothing");
            return;
        }
        let column = |id: &'static str, key: &str, width: f32| Column::new(id, cx.t(key), width);
        let columns = [
            column("version", "release-col-version", 110.0).always(),
            column("date", "release-col-date", 110.0),
            column("commit", "release-col-commit", 80.0),
            column("tag", "release-col-tag", 90.0).unsortable(),
            column("files", "release-col-files", 60.0).right().unsortable(),
            column("size", "release-col-size", 80.0).right(),
            column("places", "release-col-places", 200.0).fill().unsortable(),
        ];
        let name = cx.t("release-tab-deliverables");
        let lines = &self.lines;
        let row_of = |row: usize| lines.get(row).and_then(|i| rows.get(*i));
        let mut asked = None;
        {
            let table = Table::new("release-made", &name, &columns, lines.len())
                .key(|row| row_of(row).map_or(0, |one| row_key(&one.version)))
                .label(|row| row_of(row).map(|one| one.version.clone()).unwrap_or_default())
                .copy(|row| {
                    let line = |one: &Deliverable| format!("{}\t{}\t{}", one.version, one.commit, one.at);
                    row_of(row).map(line).unwrap_or_default()
                })
                .menu(|ui, row| {
                    if let Some(one) = row_of(row) {
                        asked = action::menu_ui(ui, &actions(cx, one)).or(asked.take());
                    }
                });
            table.show(ui, &mut self.table, |ui, row, column| {
                if let Some(one) = row_of(row) {
                    cell_ui(ui, cx, one, columns[column].id);
                }
            });
        }
        if let Some(intent) = asked {
            cx.ask(intent);
        }
    }
}

fn size(one: &Deliverable) -> u64 {
    one.artifacts.iter().map(|file| file.bytes).sum()
}

fn cell_ui(ui: &mut Ui, cx: &Cx<'_>, one: &Deliverable, column: &str) {
    match column {
        "version" => {
            text::medium(ui, &one.version);
            if one.withdrawn.is_some() {
                state_mark::mark_ui(ui, State::Failed);
            }
        }
        "date" => {
            text::weak(ui, &format::ago(one.at, cx.now, cx.texts)).on_hover_text(one.at.to_string());
        }
        "commit" => match cx.workspace {
            Some(workspace) => commit_ui(ui, cx, &workspace.id, Some(&one.commit), false),
            None => drop(text::absent(ui)),
        },
        "tag" => match &one.tag {
            Some(tag) => {
                state_mark::tag_ui(ui, tag, state_mark::TagLook::Plain);
            }
            None => {
                text::absent(ui);
            }
        },
        "files" if one.artifacts.is_empty() => {
            text::absent(ui);
        }
        "files" => {
            text::body(ui, &one.artifacts.len().to_string());
        }
        "size" if one.artifacts.is_empty() => {
            text::absent(ui);
        }
        "size" => {
            text::body(ui, &format::bytes(size(one), cx.texts));
        }
        _ => {
            let mut is_first = true;
            for place in one.places.iter().filter(|place| place.until.is_none()) {
                state_mark::label_ui(ui, State::Running, &place.environment);
                is_first = false;
            }
            if is_first {
                text::absent(ui);
            }
        }
    }
}

/// What can be done with a version: detail, context menu and palette show the same.
pub(super) fn actions(cx: &Cx<'_>, one: &Deliverable) -> Vec<Action> {
    let mut actions = Vec::new();
    if let Some(file) = one.artifacts.first().and_then(|file| file.path.parent()) {
        let copy = Intent::Ui(UiIntent::Copy(file.display().to_string()));
        actions.push(Action::new("release-copy-folder", cx.t("release-copy-folder"), copy).icon(icons::FOLDER));
    }
    let sums: String = one
        .artifacts
        .iter()
        .map(|file| format!("{}  {}\n", file.sha256, file.name))
        .collect();
    if !sums.is_empty() {
        let copy = Intent::Ui(UiIntent::Copy(sums));
        actions.push(Action::new("release-copy-sums", cx.t("release-copy-sums"), copy).icon(icons::COPY));
    }
    if let Some(workspace) = cx.workspace {
        let (workspace, version) = (workspace.clone(), one.version.clone());
        let verify = Command::Verify {
            workspace: workspace.clone(),
            version: version.clone(),
        };
        if one.id == 0 {
            let again = Command::Again {
                workspace: workspace.clone(),
                version: version.clone(),
            };
            actions.push(Action::new("release-again", cx.t("release-again"), again.into()).icon(icons::PACKAGE));
        } else {
            actions.push(Action::new("release-verify", cx.t("release-verify"), verify.into()).icon(icons::CHECK));
        }
        if one.withdrawn.is_some() {
            let restore = Command::Withdraw {
                workspace,
                version,
                reason: None,
            };
            actions.push(Action::new("release-restore", cx.t("release-restore"), restore.into()).icon(icons::UNDO));
        } else {
            let ask = super::intent(&format!("withdraw:{version}"));
            actions.push(
                Action::new("release-withdraw", cx.t("release-withdraw"), ask)
                    .icon(icons::STOP)
                    .danger(),
            );
        }
    }
    let deploy = Target::Page {
        area: AreaId::Deploy.word().to_owned(),
        tab: None,
    };
    actions.push(Action::new("release-to-deploy", cx.t("release-to-deploy"), Intent::Go(deploy)).icon(icons::UPLOAD));
    actions
}

pub(super) fn detail_ui(ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, one: &Deliverable) {
    let (state, key) = if one.withdrawn.is_some() {
        (State::Failed, "release-state-withdrawn")
    } else if one.id == 0 {
        (State::Unknown, "release-state-elsewhere")
    } else {
        (State::Done, "release-state-made")
    };
    let word = cx.t(key);
    let note = one.tag.clone().unwrap_or_default();
    detail::heading_ui(
        ui,
        &Heading {
            icon: icons::TAG,
            name: &one.version,
            note: &note,
            state: Some((state, &word)),
        },
    );
    let commit = Target::Commit {
        workspace: workspace.id.clone(),
        oid: one.commit.clone(),
    };
    let mut facts = vec![
        Fact::text(cx.t("release-col-date"), format::ago(one.at, cx.now, cx.texts)).hover(one.at.to_string()),
        Fact::link(cx.t("release-col-commit"), format::short_oid(&one.commit), "", commit),
    ];
    if let Some(previous) = &one.previous {
        let target = Target::Release {
            workspace: workspace.id.clone(),
            version: previous.clone(),
        };
        facts.push(Fact::link(cx.t("release-fact-previous"), previous.clone(), "", target));
    }
    if let Some(why) = one.withdrawn.as_ref().filter(|_| one.words.is_empty()) {
        facts.push(Fact::text(cx.t("release-state-withdrawn"), why.clone()));
    }
    let mut go = detail::facts_ui(ui, &facts);
    let known = cx.model.release.of(&workspace.id);
    if let Some(checks) = known.and_then(|known| known.verified.get(&one.version)) {
        verified_ui(ui, cx, checks);
    }
    if !one.places.is_empty() {
        detail::titled_section_ui(ui, &cx.t("release-col-places"), "", |ui| {
            for place in &one.places {
                ui.horizontal(|ui| {
                    let (state, said) = place.told(cx.now, cx.texts);
                    state_mark::mark_ui(ui, state);
                    if text::link(ui, &place.environment).clicked() {
                        go = Some(Target::Environment {
                            workspace: workspace.id.clone(),
                            name: place.environment.clone(),
                        });
                    }
                    text::small(ui, &cx.msg(&said));
                });
            }
        });
    }
    if !one.artifacts.is_empty() {
        detail::titled_section_ui(ui, &cx.t("release-col-files"), "", |ui| {
            for file in &one.artifacts {
                ui.horizontal(|ui| {
                    let size = format::bytes(file.bytes, cx.texts);
                    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                        text::small(ui, &size);
                        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                            text::body(ui, &file.name).on_hover_text(file.path.display().to_string());
                        });
                    });
                });
                let sum = format!("SHA-256 {}", file.sha256.get(..16).unwrap_or_default());
                text::small(ui, &sum).on_hover_text(&file.sha256);
            }
        });
    }
    if !one.words.is_empty() {
        detail::titled_section_ui(ui, &cx.t("release-words"), "", |ui| {
            for word in &one.words {
                text::paragraph(ui, &cx.msg(&word.line()));
            }
        });
    }
    if let Some(intent) = detail::actions_ui(ui, &actions(cx, one)) {
        cx.ask(intent);
    }
    if !one.notes.trim().is_empty() {
        detail::titled_section_ui(ui, &cx.t("release-notes"), "", |ui| {
            text::paragraph(ui, one.notes.trim());
        });
    }
    let of = Target::Release {
        workspace: workspace.id.clone(),
        version: one.version.clone(),
    };
    let shown = cx.thread(&of).and_then(|thread| detail::thread_ui(ui, thread, cx.now));
    if let Some(target) = go.or(shown) {
        cx.ask(Intent::Go(target));
    }
}

/// Above the files, where it is seen: what is wrong with one of them, and whether the whole is signed.
fn verified_ui(ui: &mut Ui, cx: &Cx<'_>, checks: &[Check]) {
    detail::titled_section_ui(ui, &cx.t("release-verified"), "", |ui| {
        let Some((signature, files)) = checks.split_last() else {
            return;
        };
        let n_good = files.iter().filter(|check| check.state == State::Done).count();
        if n_good > 0 {
            state_mark::label_ui(ui, State::Done, &cx.msg(&msg!("release-verified-good", n = n_good)));
        }
        let wrong = files.iter().filter(|check| check.state != State::Done);
        for check in wrong.chain([signature]) {
            state_mark::label_ui(ui, check.state, &cx.msg(&check.name));
            text::small(ui, &cx.msg(&check.found));
        }
    });
}
