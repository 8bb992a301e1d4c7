//! The tab Conflicts: the files that git could not merge, and the three-way editor of the chosen one.

use super::conflict_lines::Shown;
use super::{Page, conflict_lines};
use crate::areas::AreaId;
use crate::areas::code::Command;
use crate::areas::code::act::Act;
use crate::areas::code::branching::{Look, conflict_key};
use crate::areas::code::model::RepoModel;
use crate::areas::page::{Action, Cx, Intent, UiIntent};
use crate::base::git_act::GitAct;
use crate::base::operation::{
    Choice, ConflictFile, ConflictKind, ConflictSide, ConflictSort, ConflictText, Resolution, SegmentKind, Side,
};
use crate::base::repo::short_oid;
use crate::base::{GitPath, Loadable, State, Workspace, format};
use crate::msg;
use crate::ui::button::{Button, icon_button_small, tick_ui};
use crate::ui::detail::{Fact, fact_rows_ui};
use crate::ui::page_frame::{LoadableAsk, LoadableView, bar_ui, empty_ui, loadable_ui, split_bottom_ui};
use crate::ui::table::{Column, Table, TableState, row_key};
use crate::ui::tokens::{Tokens, measure};
use crate::ui::{action, icons, state_mark, text};
use egui::{Align, Key, Layout, Modifiers, Panel, Ui};

const LIST_WIDTH: f32 = 250.0;
const RESULT_HEIGHT: f32 = 260.0;

/// What the user decided about the chosen file.
#[derive(Default)]
pub(super) struct Editor {
    table: TableState,
    path: Option<GitPath>,
    /// The reading of the status at which it was asked for.
    read_at: Option<u64>,
    /// The versions that the choices are about.
    of: Option<[Option<String>; 3]>,
    pub(super) choices: Vec<Choice>,
    /// The conflict that keys act on.
    pub(super) at: usize,
    hides_base: bool,
    /// The conflict whose text gets the keys: it was asked for.
    pub(super) writes: Option<usize>,
    pub(super) shown: Shown,
}

impl Editor {
    fn follow(&mut self, conflict: &ConflictText) {
        let oid = |side: &Option<ConflictSide>| side.as_ref().map(|side| side.oid.clone());
        let of = [oid(&conflict.file.base), oid(&conflict.file.ours), oid(&conflict.file.theirs)];
        if self.of.as_ref() != Some(&of) {
            self.of = Some(of);
            self.choices = vec![Choice::Open; conflict.n_conflicts()];
            self.at = 0;
            self.shown = Shown::default();
            self.shown.reveal(0);
        }
    }

    pub(super) fn n_open(&self) -> usize {
        self.choices.iter().filter(|choice| **choice == Choice::Open).count()
    }

    /// Decides one conflict, and goes to the next that is open.
    pub(super) fn choose(&mut self, at: usize, choice: Choice) {
        let moves_on = !matches!(choice, Choice::Edited { .. } | Choice::Open);
        self.writes = matches!(choice, Choice::Edited { .. }).then_some(at);
        if let Some(known) = self.choices.get_mut(at) {
            *known = choice;
            self.at = at;
        }
        if moves_on && let Some(next) = (at..self.choices.len()).find(|next| self.choices[*next] == Choice::Open) {
            self.go(next);
        }
    }

    pub(super) fn go(&mut self, at: usize) {
        if at < self.choices.len() {
            self.at = at;
            self.shown.reveal(at);
        }
    }
}

fn page_action(word: &str) -> Intent {
    Intent::Ui(UiIntent::PageAction(AreaId::Code, word.to_owned()))
}

fn resolve(workspace: &Workspace, path: &GitPath, resolution: Resolution, is_forced: bool) -> Intent {
    let act = GitAct::Resolve {
        path: path.clone(),
        resolution,
        is_forced,
    };
    Act::Git(act).on(workspace).into()
}

fn sort_key(sort: ConflictSort) -> Option<&'static str> {
    match sort {
        ConflictSort::Text => None,
        ConflictSort::Binary => Some("code-conflict-binary"),
        ConflictSort::Submodule => Some("code-conflict-submodule"),
        ConflictSort::Link => Some("code-conflict-link"),
        ConflictSort::Mixed => Some("code-conflict-mixed"),
    }
}

impl Page {
    fn conflict_of<'a>(&self, repo: &'a RepoModel) -> Option<&'a ConflictText> {
        let path = self.editor.path.as_ref()?;
        let (known, conflict) = repo.branching.conflict.as_ref()?;
        (known == path).then(|| conflict.value()).flatten()
    }

    pub(super) fn conflict_actions(&self, cx: &Cx<'_>, workspace: &Workspace, repo: &RepoModel) -> Vec<Action> {
        let Some(conflict) = self.conflict_of(repo) else {
            return Vec::new();
        };
        let path = &conflict.file.path;
        let mut actions = Vec::new();
        if conflict.file.has_blocks() {
            let n_open = self.editor.n_open();
            let why = (n_open > 0).then(|| cx.msg(&msg!("code-conflict-n-open", n = n_open)));
            let choices = self.editor.choices.clone();
            // That it was edited was said above the blocks.
            let intent = resolve(workspace, path, Resolution::Blocks { choices }, conflict.is_edited);
            actions.push(
                Action::new("code-resolve-file", cx.t("code-resolve-file"), intent)
                    .primary()
                    .disabled_because(why),
            );
            for (id, word, key) in [
                ("code-take-ours", "conflict:ours", Key::Num1),
                ("code-take-theirs", "conflict:theirs", Key::Num2),
                ("code-take-both", "conflict:both", Key::Num3),
                ("code-take-base", "conflict:base", Key::Num4),
                ("code-conflict-next", "conflict:next", Key::ArrowDown),
                ("code-conflict-previous", "conflict:previous", Key::ArrowUp),
            ] {
                actions.push(
                    Action::new(id, cx.t(id), page_action(word))
                        .shortcut(Modifiers::ALT, key)
                        .palette_only(),
                );
            }
        }
        actions.extend(whole_actions(cx, workspace, &conflict.file));
        actions.push(Action::new(
            "code-resolve-as-it-is",
            cx.t("code-resolve-as-it-is"),
            resolve(workspace, path, Resolution::AsItIs, false),
        ));
        actions.push(
            Action::new(
                "code-resolve-with-marks",
                cx.t("code-resolve-with-marks"),
                resolve(workspace, path, Resolution::AsItIs, true),
            )
            .confirm(cx.t("code-resolve-with-marks"), cx.t("code-resolve-with-marks-text")),
        );
        actions
    }

    /// `conflict:ours` and the like; false for everything else.
    pub(super) fn conflict_action(&mut self, word: &str) -> bool {
        let Some(word) = word.strip_prefix("conflict:") else {
            return false;
        };
        let at = self.editor.at;
        match word {
            "ours" => self.editor.choose(at, Choice::Ours),
            "theirs" => self.editor.choose(at, Choice::Theirs),
            "both" => self.editor.choose(at, Choice::OursThenTheirs),
            "base" => self.editor.choose(at, Choice::Base),
            "next" => self.editor.go(at + 1),
            _ => self.editor.go(at.saturating_sub(1)),
        }
        true
    }

    pub(super) fn conflicts_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, repo: &RepoModel) {
        let files = &repo.branching.conflicts;
        if files.is_empty() {
            empty_ui(ui, icons::CHECK, &cx.t("code-conflicts-none"), None);
            return;
        }
        let is_there = |path: &GitPath| files.iter().any(|file| file.path == *path);
        if !self.editor.path.as_ref().is_some_and(is_there) {
            self.choose_conflict(files[0].path.clone());
        }
        let room = ui.available_width();
        Panel::left("code-conflicts")
            .frame(egui::Frame::NONE)
            .resizable(true)
            .default_size(LIST_WIDTH.min(room * 0.4))
            .size_range(140.0_f32.min(room * 0.4)..=(room * 0.5).max(141.0))
            .show(ui, |ui| self.list_ui(ui, cx, workspace, files));
        egui::CentralPanel::no_frame().show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            self.editor_ui(ui, cx, workspace, repo);
        });
    }

    /// The editor of a file that was chosen elsewhere.
    pub(super) fn conflict_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, repo: &RepoModel, path: &GitPath) {
        if self.editor.path.as_ref() != Some(path) {
            self.choose_conflict(path.clone());
        }
        self.editor_ui(ui, cx, workspace, repo);
    }

    fn choose_conflict(&mut self, path: GitPath) {
        self.editor.table.select_only(row_key(&path.quoted()));
        self.editor.read_at = None;
        self.editor.path = Some(path);
        self.editor.of = None;
        self.editor.choices.clear();
    }

    fn list_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, files: &[ConflictFile]) {
        let columns = [Column::new("file", cx.t("code-column-file"), 200.0)
            .fill()
            .unsortable()
            .always()];
        let name = cx.t("code-tab-conflicts");
        let spoken = |file: &ConflictFile| format!("{}, {}", file.path.display(), cx.t(conflict_key(file.kind)));
        let table = Table::new("code-conflicts", &name, &columns, files.len())
            .no_header()
            .single()
            .row_height(40.0)
            .key(|row| files.get(row).map_or(0, |file| row_key(&file.path.quoted())))
            .label(|row| files.get(row).map_or_else(String::new, spoken))
            .menu(|ui, row| {
                if let Some(file) = files.get(row) {
                    let asked = action::menu_ui(ui, &whole_actions(cx, workspace, file));
                    cx.intents.borrow_mut().extend(asked);
                }
            });
        let response = table.show(ui, &mut self.editor.table, |ui, row, _| {
            let Some(file) = files.get(row) else { return };
            ui.vertical(|ui| {
                ui.spacing_mut().item_spacing.y = 0.0;
                ui.add_space(3.0);
                text::path(ui, &file.path.display());
                let mut words = cx.t(conflict_key(file.kind));
                if let Some(key) = sort_key(file.sort) {
                    words = format!("{words}, {}", cx.t(key));
                }
                if let Some(from) = &file.renamed_from {
                    words = cx.msg(&msg!("code-conflict-renamed", path = from.display()));
                }
                state_mark::label_small_ui(ui, State::Degraded, &words);
            });
        });
        if response.selection_changed || response.clicked.is_some() {
            let key = self.editor.table.single();
            let file = files.iter().find(|file| Some(row_key(&file.path.quoted())) == key);
            if let Some(file) = file.filter(|file| self.editor.path.as_ref() != Some(&file.path)) {
                self.choose_conflict(file.path.clone());
            }
        }
    }

    fn editor_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, repo: &RepoModel) {
        let Some(path) = self.editor.path.clone() else { return };
        // The file may have been changed elsewhere; what was decided stays.
        if self.editor.read_at.replace(repo.n_readings) != Some(repo.n_readings) {
            cx.ask(Command::Look {
                workspace: workspace.clone(),
                look: Look::Conflict { path: path.clone() },
            });
        }
        let nothing = Loadable::Loading { previous: None };
        let known = repo.branching.conflict.as_ref().filter(|(known, _)| *known == path);
        let conflict = known.map_or(&nothing, |(_, conflict)| conflict);
        let view = LoadableView {
            icon: icons::MERGE,
            empty: "",
            empty_action: None,
            progress: None,
        };
        let editor = &mut self.editor;
        let ask = loadable_ui(
            ui,
            conflict,
            &view,
            |_| false,
            |ui, conflict| {
                editor.follow(conflict);
                if conflict.file.has_blocks() {
                    blocks_ui(ui, cx, editor, conflict);
                } else {
                    whole_ui(ui, cx, workspace, conflict);
                }
            },
        );
        if ask == Some(LoadableAsk::Retry) {
            self.choose_conflict(path);
        }
    }
}

fn blocks_ui(ui: &mut Ui, cx: &Cx<'_>, editor: &mut Editor, conflict: &ConflictText) {
    bar_ui(ui, 36.0, |ui| {
        ui.spacing_mut().item_spacing.x = measure::SPACE_8;
        let n = editor.choices.len();
        if icon_button_small(ui, icons::UP, &cx.t("code-conflict-previous")).clicked() {
            editor.go(editor.at.saturating_sub(1));
        }
        if icon_button_small(ui, icons::DOWN, &cx.t("code-conflict-next")).clicked() {
            editor.go(editor.at + 1);
        }
        text::medium(ui, &cx.msg(&msg!("code-conflict-of", at = editor.at + 1, of = n)));
        let n_open = editor.n_open();
        if n_open == 0 {
            state_mark::label_ui(ui, State::Done, &cx.t("code-conflict-all-decided"));
        } else {
            state_mark::label_ui(ui, State::Degraded, &cx.msg(&msg!("code-conflict-n-open", n = n_open)));
        }
        if conflict.is_edited {
            state_mark::label_ui(ui, State::InProgress, &cx.t("code-conflict-edited"))
                .on_hover_text(cx.t("code-conflict-edited-hint"));
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let mut shows_base = !editor.hides_base;
            let word = cx.t("code-side-base");
            if tick_ui(ui, &mut shows_base, &word, &cx.t("code-conflict-show-base")).changed() {
                editor.hides_base = !shows_base;
            }
        });
    });
    let sides: &[Side] = if editor.hides_base {
        &[Side::Ours, Side::Theirs]
    } else {
        &[Side::Ours, Side::Base, Side::Theirs]
    };
    editor.shown.follow(conflict, &editor.choices);
    split_bottom_ui(
        ui,
        "code-conflict-result",
        RESULT_HEIGHT,
        editor,
        |ui, editor| conflict_lines::result_ui(ui, cx, editor, conflict),
        |ui, editor| conflict_lines::sides_ui(ui, cx, editor, conflict, sides),
    );
}

/// Take one side as a whole: named for what that does to the file.
fn whole_actions(cx: &Cx<'_>, workspace: &Workspace, file: &ConflictFile) -> Vec<Action> {
    let one = |side: Side, known: bool, take: &'static str, delete: &'static str| {
        let key = if known { take } else { delete };
        let intent = resolve(workspace, &file.path, Resolution::Whole { side }, false);
        Action::new(key, cx.t(key), intent)
    };
    let mut actions = vec![
        one(Side::Ours, file.ours.is_some(), "code-whole-ours", "code-whole-ours-deleted"),
        one(
            Side::Theirs,
            file.theirs.is_some(),
            "code-whole-theirs",
            "code-whole-theirs-deleted",
        ),
    ];
    if file.kind == ConflictKind::BothDeleted {
        actions.truncate(1);
    }
    if file.base.is_some() {
        actions.push(one(Side::Base, true, "code-whole-base", "code-whole-base"));
    }
    actions
}

/// A conflict without stretches: what each side is, and which one to take.
fn whole_ui(ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, conflict: &ConflictText) {
    let file = &conflict.file;
    let t = Tokens::of(ui);
    egui::Frame::NONE
        .inner_margin(egui::Margin::symmetric(16, 16))
        .show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = measure::SPACE_8;
            ui.horizontal(|ui| {
                icons::icon_ui(ui, icons::MERGE, measure::ICON, t.warning.text, None);
                text::strong(ui, &file.path.display());
            });
            text::paragraph_weak(ui, &cx.t(why_key(file)));
            let describe = |side: &Option<ConflictSide>| match side {
                None => cx.t("code-conflict-no-file"),
                Some(side) if side.size == 0 => short_oid(&side.oid).to_owned(),
                Some(side) => format!(
                    "{}, {:06o}, {}",
                    format::bytes(side.size, cx.texts),
                    side.mode,
                    short_oid(&side.oid)
                ),
            };
            let named = |key: &str, name: &str| {
                if name.is_empty() {
                    cx.t(key)
                } else {
                    format!("{} ({name})", cx.t(key))
                }
            };
            let mut facts = vec![
                Fact::text(named("code-side-ours", &conflict.ours_name), describe(&file.ours)),
                Fact::text(named("code-side-theirs", &conflict.theirs_name), describe(&file.theirs)),
                Fact::text(cx.t("code-side-base"), describe(&file.base)),
            ];
            if let Some(from) = &file.renamed_from {
                facts.push(Fact::path(cx.t("code-conflict-former-path"), from.display()));
            }
            fact_rows_ui(ui, &facts);
            ui.add_space(measure::SPACE_8);
            ui.horizontal_wrapped(|ui| {
                for action in whole_actions(cx, workspace, file) {
                    if ui.add(Button::new(&action.label)).clicked() {
                        cx.ask(action.intent);
                    }
                }
            });
        });
}

fn why_key(file: &ConflictFile) -> &'static str {
    match (file.sort, file.kind) {
        (_, ConflictKind::DeletedByUs) => "code-conflict-why-deleted-by-us",
        (_, ConflictKind::DeletedByThem) => "code-conflict-why-deleted-by-them",
        (_, ConflictKind::AddedByUs | ConflictKind::AddedByThem | ConflictKind::BothDeleted) => "code-conflict-why-renamed",
        (ConflictSort::Submodule, _) => "code-conflict-why-submodule",
        (ConflictSort::Link, _) => "code-conflict-why-link",
        (ConflictSort::Mixed, _) => "code-conflict-why-mixed",
        (ConflictSort::Binary | ConflictSort::Text, _) => "code-conflict-why-binary",
    }
}

/// The number of a conflict among all stretches.
pub(super) fn number_of(conflict: &ConflictText, segment: usize) -> usize {
    let before = conflict.segments.iter().take(segment);
    before.filter(|segment| segment.kind == SegmentKind::Conflict).count()
}
