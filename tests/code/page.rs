//! The page of Code, drawn without a screen: what it shows, and the commands that come out of keys and clicks.

use crate::support::window::{Collected, now, three_workspaces, window, window_with, workspace};
use chantier::adapters::git::graph::Lanes;
use chantier::areas::code::act::Act;
use chantier::areas::code::branching::Look;
use chantier::areas::code::history::search::Wanted;
use chantier::areas::code::{Command, DiffKey, HistoryQuery, Incident, Released, Tested, Update, Weather};
use chantier::areas::page::{Intent, UiIntent};
use chantier::areas::{AreaId, Command as Any};
use chantier::base::diff::{DiffContent, DiffFile, DiffLine, DiffLook, DiffOf, Hunk, HunkId, LineEnd, LineKind, LineRef};
use chantier::base::repo::*;
use chantier::base::settings::ThemeChoice;
use chantier::base::{GitPath, Lang, State};
use chantier::shell::App;
use egui::{Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use std::collections::BTreeMap;

type Window = Harness<'static, App<Collected>>;

fn status() -> Status {
    let entry = |path: &str, staged, unstaged| StatusEntry {
        path: path.into(),
        renamed_from: None,
        staged,
        unstaged,
        conflict: None,
        is_submodule: false,
    };
    Status {
        summary: RepoSummary {
            head: Head::Branch { name: "main".into() },
            oid: Some("3f9c2ab0123456789abcdef0123456789abcdef0".into()),
            head_time: Some(now()),
            upstream: Some("origin/main".into()),
            is_upstream_gone: false,
            n_ahead: 2,
            n_behind: 1,
            n_staged: 1,
            n_unstaged: 2,
            n_untracked: 1,
            n_conflicted: 0,
            n_paths: 3,
            operation: None,
            is_bare: false,
            is_shallow: false,
            is_linked_worktree: false,
        },
        entries: vec![
            entry("crates/http/src/balance.rs", Some(Change::Modified), Some(Change::Modified)),
            entry("crates/http/src/health.rs", None, Some(Change::Deleted)),
            entry("notes.md", None, Some(Change::Untracked)),
        ],
        n_unlisted: 0,
    }
}

fn key() -> DiffKey {
    DiffKey {
        of: DiffOf::Both,
        path: "notes.md".into(),
        old_path: None,
        look: DiffLook::default(),
    }
}

fn hunk() -> HunkId {
    HunkId {
        old_start: 1,
        old_lines: 1,
        new_start: 1,
        new_lines: 1,
        digest: 42,
    }
}

fn diff() -> DiffFile {
    let line = |kind, text: &str| DiffLine {
        kind,
        old_no: Some(1),
        new_no: Some(1),
        text: text.into(),
        spans: Vec::new(),
        end: LineEnd::Lf,
        index_no: (kind == LineKind::Removed).then_some(1),
    };
    DiffFile {
        path: "notes.md".into(),
        old_path: None,
        change: Change::Modified,
        old_mode: 0o100_644,
        new_mode: 0o100_644,
        n_added: 1,
        n_removed: 1,
        content: DiffContent::Text {
            hunks: vec![Hunk {
                id: hunk(),
                header: "fn pick".into(),
                lines: vec![line(LineKind::Removed, "old words"), line(LineKind::Added, "new words")],
            }],
        },
    }
}

fn commits(n: usize) -> Vec<CommitRow> {
    let oid = |at: usize| format!("{at:040x}");
    let mut lanes: Lanes = Lanes::default();
    let mut row = |at: usize| CommitRow {
        oid: oid(at),
        parents: if at + 1 < n { vec![oid(at + 1)] } else { Vec::new() },
        summary: format!("commit number {at}"),
        author: "Maëlle Roy".into(),
        authored: now(),
        committed: now(),
        refs: Vec::new(),
        graph: lanes.row(at as u32, &[at as u32 + 1]),
    };
    (0..n).map(&mut row).collect()
}

fn stash() -> StashRow {
    StashRow {
        n: 0,
        oid: "ef".repeat(20),
        message: "half done".into(),
        branch: Some("main".into()),
        base: "ab".repeat(20),
        at: now(),
        n_files: 3,
        untracked: None,
    }
}

/// Everything that the page can show, of the first workspace.
fn tell(front: &mut Collected) {
    let id = workspace("meteo-api").id;
    let refs = Refs {
        branches: vec![BranchRow {
            name: "side".into(),
            is_remote: false,
            is_current: false,
            oid: "ab".repeat(20),
            summary: "on the side".into(),
            author: "Ana".into(),
            committed: Some(now()),
            upstream: None,
            is_upstream_gone: false,
            n_ahead: 0,
            n_behind: 0,
            elsewhere: None,
            is_merged: false,
        }],
        tags: vec![TagRow {
            name: "v1".into(),
            oid: "cd".repeat(20),
            is_annotated: true,
            summary: "one".into(),
            tagged: Some(now()),
        }],
        remotes: vec![RemoteRow {
            name: "origin".into(),
            url: "git@example.org:meteo/api.git".into(),
            push_url: None,
        }],
    };
    let undo = UndoEntry {
        id: 7,
        kind: UndoKind::Discard,
        at: now(),
        paths: vec![GitPath::from("a.rs")],
        n_paths: 1,
        subject: String::new(),
        moves: Vec::new(),
        n_bytes: 0,
        is_undone: false,
        is_left_behind: false,
        is_interrupted: false,
    };
    let help = CommitHelp {
        signs_with: Some("ssh".into()),
        hooks: vec!["pre-commit".into()],
        messages: vec!["fix(http): time out".into()],
        summaries: ["fix(http): time out", "feat: retry", "docs: why"].map(String::from).into(),
        ..CommitHelp::default()
    };
    let weather = Weather {
        built: Some(State::Done),
        tested: Some(Tested {
            state: State::Failed,
            n_passed: 3,
            n_failed: 2,
        }),
        released: Some(Released {
            version: "2.5.0".into(),
            is_withdrawn: false,
        }),
        deployed: vec![("production".into(), State::Running); 3],
        incident: Some(Incident {
            id: 18,
            title: "slow answers".into(),
            is_open: true,
        }),
        pipelines: Vec::new(),
    };
    let query = HistoryQuery {
        is_all: true,
        ..HistoryQuery::default()
    };
    for update in [
        Update::StatusRead {
            workspace: id.clone(),
            number: 1,
            status: Box::new(status()),
        },
        Update::DiffStarted {
            workspace: id.clone(),
            what: key(),
        },
        Update::DiffRead {
            workspace: id.clone(),
            what: key(),
            diff: Box::new(diff()),
        },
        Update::HistoryStarted {
            workspace: id.clone(),
            query: query.clone(),
        },
        Update::HistoryOutlined {
            workspace: id.clone(),
            query,
            outline: HistoryOutline {
                stamp: "one".into(),
                n_rows: 1_000_000,
                is_whole: true,
                n_lanes: 3,
                graph: GraphFile::Used,
                n_loose: 0,
            },
            first: 0,
            rows: commits(300),
        },
        Update::WeatherRead {
            workspace: id.clone(),
            weather: BTreeMap::from([(format!("{:040x}", 0), weather)]),
        },
        Update::RefsRead {
            workspace: id.clone(),
            refs,
        },
        Update::StashesRead {
            workspace: id.clone(),
            stashes: vec![stash()],
        },
        Update::CommitHelpRead {
            workspace: id.clone(),
            help: Box::new(help),
        },
        Update::UndoRead {
            workspace: id,
            entries: vec![undo],
        },
    ] {
        front.tell(update);
    }
}

fn open_in(theme: ThemeChoice, lang: Lang) -> Window {
    let mut front = Collected::new(theme, lang);
    three_workspaces(&mut front);
    tell(&mut front);
    let mut harness = window(front);
    harness.run();
    let id = workspace("meteo-api").id;
    harness.state_mut().ask(Intent::Ui(UiIntent::SelectWorkspace(Some(id))));
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Num3);
    harness.run();
    harness
}

fn open() -> Window {
    open_in(ThemeChoice::Dark, Lang::En)
}

fn go(harness: &mut Window, tab: &str) {
    let area = AreaId::Code.word().to_owned();
    let target = chantier::base::Target::Page {
        area,
        tab: Some(tab.to_owned()),
    };
    harness.state_mut().ask(Intent::Go(target));
    harness.run();
}

fn asked(harness: &mut Window) -> Vec<Command> {
    let commands = std::mem::take(&mut harness.state_mut().front().commands);
    let of_code = |command| {
        if let Any::Code(command) = command {
            Some(command)
        } else {
            None
        }
    };
    commands.into_iter().filter_map(of_code).collect()
}

#[test]
fn every_tab_is_drawn_in_every_look() {
    for theme in [ThemeChoice::Dark, ThemeChoice::Light] {
        for lang in Lang::ALL {
            let mut harness = open_in(theme, lang);
            for tab in ["changes", "history", "branches", "stashes", "undo"] {
                go(&mut harness, tab);
            }
        }
    }
}

#[test]
fn files_are_staged_and_hunks_discarded() {
    let mut harness = open();
    let first = asked(&mut harness);
    assert!(
        first.iter().any(|command| matches!(command, Command::Watch { .. })),
        "{first:?}"
    );
    harness.get_by_label("Stage all").click();
    harness.run();
    assert!(matches!(&asked(&mut harness)[..], [Command::Act { act: Act::Stage { paths }, .. }] if paths.is_empty()));
    harness.get_by_label("notes.md, untracked").click();
    harness.run();
    let commands = asked(&mut harness);
    assert!(
        matches!(&commands[..], [Command::ShowDiff { what, .. }] if *what == key()),
        "{commands:?}"
    );
    harness.get_by_label("Stage hunk").click();
    harness.run();
    let hunk = diff().hunks()[0].clone();
    let chosen: Vec<LineRef> = hunk.lines.iter().filter_map(LineRef::of).collect();
    assert_eq!(chosen.len(), 2);
    let staged = |harness: &mut Window| match asked(harness).pop() {
        Some(Command::Act {
            act: Act::StageLines { lines, .. },
            ..
        }) => lines,
        other => panic!("{other:?}"),
    };
    assert_eq!(staged(&mut harness), chosen);
    harness.get_by_label("Discard").click();
    harness.run();
    assert!(matches!(&asked(&mut harness)[..], [Command::Act { act: Act::DiscardLines { lines, .. }, .. }] if *lines == chosen));
    harness.get_by_label("+ new words").click();
    harness.run();
    assert_eq!(staged(&mut harness), chosen[1..]);
    // The box that was clicked is where the keys begin; space ticks what Shift selected.
    harness.get_by_label("Difference").focus();
    harness.key_press_modifiers(Modifiers::SHIFT, Key::ArrowUp);
    harness.key_press(Key::Space);
    harness.run();
    assert_eq!(staged(&mut harness), chosen);
}

#[test]
fn a_commit_is_made_by_keys_alone() {
    let mut harness = open();
    asked(&mut harness);
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Enter);
    harness.run();
    assert!(asked(&mut harness).is_empty(), "there is no message yet");
    harness.get_by_label("First line of the message").focus();
    harness.run();
    harness.event(egui::Event::Text("Weigh instances".to_owned()));
    harness.run();
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Enter);
    harness.run();
    let commands = asked(&mut harness);
    assert!(
        matches!(&commands[..], [Command::Act { act: Act::Commit(act), .. }] if act.message == "Weigh instances" && !act.is_amend),
        "{commands:?}"
    );
}

#[test]
fn commits_branches_and_undo_entries_are_acted_on() {
    let mut harness = open();
    go(&mut harness, "history");
    asked(&mut harness);
    // Two of the three environments and the incident have no room, and are counted.
    harness.get_by_label("+3");
    harness.get_by_label("commit number 2, Maëlle Roy").click();
    harness.run();
    let commands = asked(&mut harness);
    let wanted = format!("{:040x}", 2);
    let is_shown = matches!(&commands[..], [Command::ShowCommit { revision, .. }] if *revision == wanted);
    assert!(is_shown, "{commands:?}");
    // A second row, and the two are compared.
    harness
        .get_by_label("commit number 5, Maëlle Roy")
        .click_modifiers(Modifiers::COMMAND);
    harness.run();
    let commands = asked(&mut harness);
    let (older, newer) = (format!("{:040x}", 5), format!("{:040x}", 2));
    assert!(
        matches!(&commands[..], [Command::Compare { from, to, .. }] if *from == older && to.as_ref() == Some(&newer)),
        "{commands:?}"
    );
    go(&mut harness, "branches");
    asked(&mut harness);
    harness.get_all_by_label("side").next().unwrap().click();
    harness.run();
    harness.get_by_label("Switch to side").click();
    harness.run();
    let commands = asked(&mut harness);
    assert!(
        matches!(&commands[..], [Command::Look { look: Look::Switch { to }, .. }] if to == "side"),
        "there are local changes: what becomes of them is said first, {commands:?}"
    );
    harness.key_press(Key::Escape);
    harness.run();
    go(&mut harness, "undo");
    asked(&mut harness);
    harness
        .get_by_role_and_label(egui::accesskit::Role::Button, "Take back")
        .click();
    harness.run();
    assert!(matches!(
        &asked(&mut harness)[..],
        [Command::Act {
            act: Act::TakeBack {
                which: Which::Entry { id: 7 },
                is_forced: false
            },
            ..
        }]
    ));
}

/// The rows that are read are those that are seen, at the end of a million as at the beginning.
#[test]
fn rows_are_read_where_they_are_looked_at() {
    let mut harness = open();
    go(&mut harness, "history");
    let first = asked(&mut harness);
    assert!(
        first
            .iter()
            .any(|command| matches!(command, Command::LoadHistory { first: 0, query, .. } if query.is_all)),
        "{first:?}"
    );
    harness.get_by_label("commit number 1, Maëlle Roy").click();
    harness.run();
    asked(&mut harness);
    harness.key_press(Key::End);
    harness.run();
    let commands = asked(&mut harness);
    let rows = commands.iter().find_map(|command| match command {
        Command::LoadRows { stamp, first, n, .. } => Some((stamp.clone(), *first..*first + *n)),
        _ => None,
    });
    let (stamp, rows) = rows.unwrap();
    assert!(stamp == "one" && rows.contains(&999_999) && rows.start > 999_000, "{rows:?}");
    harness.get_by_label("1000000");
}

#[test]
fn the_words_of_the_box_are_looked_for() {
    let wanted = Wanted::parse("fix \"two words\" author:ada path:src/a.rs since:\"2 weeks ago\" until: regex:a|b content:x:y");
    assert_eq!(wanted.words, ["fix", "two words"]);
    assert_eq!(wanted.author.as_deref(), Some("ada"));
    assert_eq!(wanted.paths, [GitPath::from("src/a.rs")]);
    assert_eq!((wanted.since.as_deref(), wanted.until), (Some("2 weeks ago"), None));
    assert_eq!(
        (wanted.regex.as_deref(), wanted.content.as_deref()),
        (Some("a|b"), Some("x:y"))
    );
    let mut harness = open();
    go(&mut harness, "history");
    asked(&mut harness);
    harness
        .state_mut()
        .ask(Intent::Ui(UiIntent::Filter("follow:notes.md".to_owned())));
    harness.run();
    let commands = asked(&mut harness);
    assert!(
        matches!(&commands[..], [Command::LoadHistory { query, .. }] if query.wanted.is_following && query.wanted.paths == [GitPath::from("notes.md")]),
        "{commands:?}"
    );
}

#[test]
fn a_stash_is_put_back_and_a_message_is_looked_at() {
    let mut harness = open();
    harness.get_by_label("First line of the message").focus();
    harness.run();
    harness.event(egui::Event::Text("weigh instances".to_owned()));
    harness.run();
    assert!(harness.query_by_label("No type, like “fix: …”").is_some());
    harness.get_by_label("Sign off").click();
    harness.run();
    asked(&mut harness);
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Enter);
    harness.run();
    let commands = asked(&mut harness);
    assert!(
        matches!(&commands[..], [Command::Act { act: Act::Commit(act), .. }] if act.is_signed_off),
        "{commands:?}"
    );
    go(&mut harness, "stashes");
    harness.get_all_by_label("half done").next().unwrap().click();
    harness.run();
    asked(&mut harness);
    harness.get_by_label("Pop").click();
    harness.run();
    let commands = asked(&mut harness);
    assert!(
        matches!(&commands[..], [Command::Act { act: Act::StashApply { stash, pops: true }, .. }] if *stash == self::stash().oid),
        "{commands:?}"
    );
}

#[test]
fn a_message_that_is_being_written_waits_in_its_workspace_and_over_a_restart() {
    let message = |harness: &Window| {
        let field = harness.query_by_label("First line of the message")?;
        field.value()
    };
    let choose = |harness: &mut Window, name: &str| {
        let id = workspace(name).id;
        harness.state_mut().ask(Intent::Ui(UiIntent::SelectWorkspace(Some(id))));
        harness.run();
    };
    let mut harness = open();
    harness.get_by_label("First line of the message").focus();
    harness.run();
    harness.event(egui::Event::Text("weigh instances".to_owned()));
    harness.run();
    choose(&mut harness, "boutique-web");
    assert_ne!(message(&harness).as_deref(), Some("weigh instances"));
    choose(&mut harness, "meteo-api");
    assert_eq!(message(&harness).as_deref(), Some("weigh instances"));
    harness.state_mut().keep_at_exit();
    let saved = harness.state_mut().front().saved.clone().expect("the state is kept");
    let mut front = Collected::new(ThemeChoice::Dark, Lang::En);
    three_workspaces(&mut front);
    tell(&mut front);
    let mut harness = window_with(front, saved);
    harness.run();
    assert_eq!(message(&harness).as_deref(), Some("weigh instances"));
}

#[test]
fn nothing_is_watched_any_more_when_all_workspaces_are_shown() {
    let mut harness = open();
    let watching = Update::Watching {
        workspace: workspace("meteo-api").id,
        watching: Some(chantier::areas::code::Watching {
            n_folders: 12,
            max_folders: 1000,
            is_polling: false,
        }),
    };
    harness.state_mut().front().tell(watching);
    harness.run();
    asked(&mut harness);
    harness.state_mut().ask(Intent::Ui(UiIntent::SelectWorkspace(None)));
    harness.run();
    let commands = asked(&mut harness);
    assert!(
        matches!(&commands[..], [Command::StopWatch { workspace: left }] if left.id == workspace("meteo-api").id),
        "{commands:?}"
    );
}

#[test]
fn a_difference_is_looked_at_as_one_likes_and_a_key_says_why_not() {
    let mut harness = open();
    harness.get_by_label("notes.md, untracked").click();
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Enter);
    harness.run();
    assert!(harness.query_all_by_label("A commit needs a message").next().is_some());
    asked(&mut harness);
    for (act, wanted) in [
        ("space", (3, true)),
        ("more", (10, true)),
        ("space", (10, false)),
        ("less", (3, false)),
    ] {
        let act = UiIntent::PageAction(AreaId::Code, format!("look:{act}"));
        harness.state_mut().ask(Intent::Ui(act));
        harness.run();
        let commands = asked(&mut harness);
        let look = commands.iter().find_map(|command| match command {
            Command::ShowDiff { what, .. } => Some((what.look.context, what.look.ignores_space)),
            _ => None,
        });
        assert_eq!(look, Some(wanted), "{commands:?}");
    }
}
