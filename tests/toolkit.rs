//! The toolkit of the window: every widget in both themes, both languages and at any size, by its accessible name.

mod detail;
mod dialogs;
mod differences;
mod keys;
mod logs;
mod look;
mod tables;
mod tabs;
mod ticks;
mod widgets;

use chantier::base::diff::{DiffContent, DiffFile, DiffLine, Hunk, HunkId, LineEnd, LineKind};
use chantier::base::settings::ThemeChoice;
use chantier::base::{Catalog, Change, GitPath, Lang, State, Target, Thread, ThreadKind, ThreadStep, Timestamp, WorkspaceId};
use chantier::ui::{text, theme};
use egui::{Modifiers, Role, Ui};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};

/// A window that draws `draw` with the toolkit's theme and catalog.
pub(crate) fn window<'a, S: 'a>(
    size: [f32; 2],
    choice: ThemeChoice,
    lang: Lang,
    state: S,
    mut draw: impl FnMut(&mut Ui, &mut S) + 'a,
) -> Harness<'a, S> {
    Harness::builder()
        .with_size(size)
        .with_max_steps(12)
        .with_step_dt(0.1)
        .build_ui_state(
            move |ui, state| {
                theme::apply(ui.ctx(), choice, 1.0);
                text::install(ui.ctx(), &Catalog::new(lang));
                draw(ui, state);
            },
            state,
        )
}

/// Dark, English, large enough.
pub(crate) fn plain<'a, S: 'a>(state: S, draw: impl FnMut(&mut Ui, &mut S) + 'a) -> Harness<'a, S> {
    window([1000.0, 700.0], ThemeChoice::Dark, Lang::En, state, draw)
}

/// A file to which lines were added.
pub(crate) fn added(path: &str, lines: &[String]) -> DiffFile {
    let n = lines.len() as u32;
    let line = |(no, text): (u32, &String)| DiffLine {
        kind: LineKind::Added,
        old_no: None,
        new_no: Some(no),
        text: text.clone(),
        spans: Vec::new(),
        end: LineEnd::Lf,
        index_no: None,
    };
    let hunk = Hunk {
        id: HunkId {
            old_start: 1,
            old_lines: 0,
            new_start: 1,
            new_lines: n,
            digest: 1,
        },
        header: String::new(),
        lines: (1..).zip(lines).map(line).collect(),
    };
    DiffFile {
        path: GitPath::new(path),
        old_path: None,
        change: Change::Modified,
        old_mode: 0o100_644,
        new_mode: 0o100_644,
        n_added: n,
        n_removed: 0,
        content: DiffContent::Text { hunks: vec![hunk] },
    }
}

pub(crate) fn click<S>(harness: &mut Harness<'_, S>, name: &str) {
    harness.get_by_label(name).click();
    harness.run();
}

/// Types into the text field of this name.
pub(crate) fn type_into<S>(harness: &mut Harness<'_, S>, name: &str, words: &str) {
    let is_field = |role| matches!(role, Role::TextInput | Role::MultilineTextInput);
    let field = harness
        .get_all_by_label(name)
        .find(|node| is_field(node.accesskit_node().role()));
    field.expect("a field of this name").focus();
    harness.run();
    harness.event(egui::Event::Text(words.to_owned()));
    harness.run();
}

/// The last text that was put on the clipboard.
pub(crate) fn copied<S>(harness: &Harness<'_, S>) -> Option<String> {
    let commands = &harness.output().platform_output.commands;
    commands.iter().rev().find_map(|command| match command {
        egui::OutputCommand::CopyText(text) => Some(text.clone()),
        _ => None,
    })
}

pub(crate) fn has<S>(harness: &Harness<'_, S>, name: &str) -> bool {
    harness.query_all_by_label(name).next().is_some()
}

pub(crate) fn is_disabled<S>(harness: &Harness<'_, S>, name: &str) -> bool {
    harness.get_by_label(name).accesskit_node().is_disabled()
}

pub(crate) fn now() -> Timestamp {
    Timestamp::from_second(1_795_000_000).unwrap()
}

pub(crate) fn target(id: &str) -> Target {
    Target::Release {
        workspace: WorkspaceId("0123456789ab".to_owned()),
        version: id.to_owned(),
    }
}

pub(crate) fn thread() -> Thread {
    let step = |kind, state, name: &str, linked: bool| ThreadStep {
        kind,
        state,
        name: name.to_owned(),
        note: String::new(),
        target: linked.then(|| target(name)),
        at: linked.then(now),
    };
    Thread {
        steps: vec![
            step(ThreadKind::Commit, State::Done, "7d20e51", true),
            step(ThreadKind::Release, State::Queued, "2.6.0", true),
            step(ThreadKind::Instance, State::Unknown, "", false),
        ],
    }
}

pub(crate) const CTRL: Modifiers = Modifiers::COMMAND;
