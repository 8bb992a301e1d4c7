//! Terminals: the cells and what hostile output may do to them, a real shell, and the window's keys, pointer and clipboard.

use crate::support::window::{Collected, three_workspaces, window_at, workspace};
use chantier::areas::devops::terminal::grid::{Grid, KEPT};
use chantier::areas::devops::terminal::{SessionEnd, TerminalPlace};
use chantier::areas::{Command, Event, Model, devops};
use chantier::base::screen::{CellAt, Ink, MouseWish, Screen, ScreenInput, SelectBy, pasted};
use chantier::base::settings::ThemeChoice;
use chantier::base::{JobId, Lang, Workspace};
use chantier::engine::{JobEvent, Outcome};
use chantier::session::{Options, Session};
use chantier::shell::App;
use chantier::ui::terminal::key_bytes;
use egui::{Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;

fn grid(bytes: &[u8]) -> Grid {
    let mut grid = Grid::new((40, 6));
    grid.feed(bytes);
    grid
}

fn at(row: u16, column: u16, is_right_half: bool) -> CellAt {
    CellAt {
        row,
        column,
        is_right_half,
    }
}

#[test]
fn colours_styles_and_wide_letters_come_out_as_runs() {
    let screen =
        grid("a\x1b[1;31mred\x1b[0m \x1b[38;5;208m\x1b[48;2;1;2;3mx\x1b[0m\r\n漢字 \x1b[7minv\x1b[0m\x1b[4munder".as_bytes())
            .screen();
    let line = &screen.lines[0];
    assert_eq!(
        (line[1].text.as_str(), line[1].ink, line[1].style.bold),
        ("red", Ink::Table(1), true)
    );
    let coloured = line.iter().find(|run| run.text == "x").unwrap();
    assert_eq!((coloured.ink, coloured.ground), (Ink::Table(208), Ink::Rgb(1, 2, 3)));
    let wide: Vec<(u16, u16)> = screen.lines[1][..2].iter().map(|run| (run.column, run.width)).collect();
    assert_eq!(wide, [(0, 2), (2, 2)]);
    assert!(screen.lines[1].iter().any(|run| run.text == "inv" && run.style.inverse));
    assert!(screen.lines[1].iter().any(|run| run.text == "under" && run.style.underline));
    assert_eq!(screen.line(1), "漢字 invunder");
}

#[test]
fn what_a_program_prints_does_nothing_outside_the_cells() {
    let hostile: &[u8] = b"\x1b]0;title\x07\x1b]52;c;ZXZpbA==\x07\x1b]52;c;?\x07\x1b[21t\x1b[20t\x1b[14t\x1b[18t\x1b]10;?\x07\x1b]11;?\x07\
        \x1b]4;1;?\x07\x1bP$qm\x1b\\\x1b]8;;javascript:alert(1)\x07bad\x1b]8;;\x07 \x1b]8;;file:///etc/passwd\x07file\x1b]8;;\x07 \
        \x1b]8;;https://example.org/x\x07good\x1b]8;;\x07\x1b[8;200;300t\x1b[?u\x1b]1337;File=inline=1:AAAA\x07\x1b[>c";
    let mut grid = grid(hostile);
    let screen = grid.screen();
    assert_eq!(screen.line(0), "bad file good");
    assert_eq!(screen.links, ["https://example.org/x"]);
    let of = |word: &str| screen.lines[0].iter().find(|run| run.text.contains(word)).unwrap().link;
    assert_eq!((of("bad"), of("file"), of("good")), (None, None, Some(0)));
    assert_eq!((screen.columns, screen.rows), (40, 6), "it does not resize itself");
    let told = String::from_utf8(grid.take_replies()).unwrap();
    assert!(
        !told.contains("title") && !told.contains("evil") && !told.contains("rgb:"),
        "{told:?}"
    );
}

#[test]
fn questions_of_fixed_form_are_answered_and_a_flood_of_them_is_bounded() {
    let mut grid = grid(b"ab\x1b[6n");
    assert_eq!(grid.take_replies(), b"\x1b[1;3R");
    grid.feed(&b"\x1b[6n".repeat(100_000));
    assert!(grid.take_replies().len() <= 16 * 1024);
}

#[test]
fn any_bytes_in_any_pieces_are_survived() {
    let mut rng = fastrand::Rng::with_seed(8);
    let mut grid = Grid::new((2, 1));
    for round in 0..400 {
        let bytes: Vec<u8> = (0..rng.usize(0..600))
            .map(|_| {
                if rng.u8(0..4) == 0 {
                    *rng.choice(b"\x1b[];?0123456789mHJKhlt\x07P".iter()).unwrap()
                } else {
                    rng.u8(..)
                }
            })
            .collect();
        grid.feed(&bytes);
        let (columns, rows) = (rng.u16(0..3000), rng.u16(0..700));
        match round % 8 {
            0 => drop(grid.take_in(ScreenInput::Resize { columns, rows })),
            1 => drop(grid.take_in(ScreenInput::Scroll(rng.i32(-50..50)))),
            2 => drop(grid.take_in(ScreenInput::Select {
                at: at(rows, columns, false),
                by: SelectBy::Word,
            })),
            3 => drop(grid.take_in(ScreenInput::SelectTo(at(columns, rows, true)))),
            4 => drop(grid.take_in(ScreenInput::Search {
                words: "a".to_owned(),
                towards_newer: rng.bool(),
            })),
            _ => {}
        }
        if round % 16 == 0 {
            let screen = grid.screen();
            assert_eq!(screen.lines.len(), usize::from(screen.rows));
            drop(grid.selected());
        }
    }
    grid.stop_waiting();
    assert!(grid.screen().n_above as usize <= KEPT);
}

#[test]
fn a_selection_is_copied_as_words_also_over_a_wrapped_line() {
    let mut grid = grid("one two\r\n".as_bytes());
    grid.feed("x".repeat(45).as_bytes());
    grid.take_in(ScreenInput::Select {
        at: at(0, 5, false),
        by: SelectBy::Word,
    });
    assert_eq!(grid.selected().as_deref(), Some("two"));
    grid.take_in(ScreenInput::Select {
        at: at(1, 0, false),
        by: SelectBy::Line,
    });
    assert_eq!(
        grid.selected().unwrap().trim_end(),
        "x".repeat(45),
        "one line, though it takes two rows"
    );
    assert!(grid.screen().has_selection);
    grid.take_in(ScreenInput::SelectNothing);
    assert_eq!((grid.selected(), grid.screen().has_selection), (None, false));
}

#[test]
fn what_scrolled_away_is_kept_found_and_bounded() {
    let mut grid = Grid::new((40, 6));
    for i in 0..KEPT + 500 {
        grid.feed(format!("line {i}\r\n").as_bytes());
    }
    let screen = grid.screen();
    assert_eq!(screen.n_above as usize, KEPT);
    let wanted = format!("line {}", KEPT - 100);
    grid.take_in(ScreenInput::Search {
        words: wanted.clone(),
        towards_newer: false,
    });
    let screen = grid.screen();
    assert_eq!(screen.search, Some(true));
    assert!(screen.offset > 0 && screen.text().contains(&wanted), "{}", screen.text());
    assert!(
        screen
            .lines
            .iter()
            .flatten()
            .any(|run| run.style.current && run.text == wanted)
    );
    // Older and newer go through all hits.
    grid.take_in(ScreenInput::Search {
        words: "line 77".to_owned(),
        towards_newer: false,
    });
    let newest = grid.screen().offset;
    grid.take_in(ScreenInput::Search {
        words: "line 77".to_owned(),
        towards_newer: false,
    });
    let older = grid.screen();
    assert!(older.offset >= newest);
    grid.take_in(ScreenInput::Search {
        words: "nowhere to be found".to_owned(),
        towards_newer: false,
    });
    assert_eq!(grid.screen().search, Some(false));
    grid.take_in(ScreenInput::Keys(b"x".to_vec()));
    assert_eq!(grid.screen().offset, 0, "typing goes to the newest");
}

#[test]
fn plain_addresses_are_links_without_the_end_of_the_sentence() {
    let screen = grid(b"see https://example.org/a?b=1, or ftp://x").screen();
    assert_eq!(screen.links, ["https://example.org/a?b=1"]);
    let long = format!("http://example.org/{}", "y".repeat(60));
    let screen = grid(long.as_bytes()).screen();
    assert_eq!(screen.links, [long], "also over two rows");
}

#[test]
fn modes_are_told_and_a_full_screen_program_leaves_no_trace() {
    let mut grid = grid(b"before\r\n\x1b[?1049h\x1b[?1h\x1b[?1002h\x1b[?1006h\x1b[?2004h\x1b[2J\x1b[HTOP");
    let screen = grid.screen();
    assert_eq!(screen.line(0), "TOP");
    let modes = screen.modes;
    assert!(modes.app_cursor && modes.bracketed_paste && modes.sgr_mouse && modes.full_screen && modes.wheel_arrows);
    assert_eq!(modes.mouse, MouseWish::Drags);
    assert_eq!(grid.take_in(ScreenInput::Paste("a\nb".to_owned())), b"\x1b[200~a\rb\x1b[201~");
    grid.feed(b"\x1b[?1049l");
    assert_eq!(grid.screen().line(0), "before");
}

#[test]
fn what_is_pasted_can_not_end_its_own_brackets() {
    let hostile = "ls\x1b[201~\r\nrm -rf ~\u{9b}31m\u{7}\tx";
    let bytes = pasted(hostile, true);
    assert_eq!(bytes, b"\x1b[200~ls[201~\rrm -rf ~31m\tx\x1b[201~");
    assert_eq!(pasted("a\r\nb\rc", false), b"a\rb\rc");
}

#[test]
fn keys_are_sent_in_xterms_forms() {
    let plain = chantier::base::screen::Modes::default();
    let app = chantier::base::screen::Modes {
        app_cursor: true,
        ..plain
    };
    let check = |key, modifiers, modes, wanted: &[u8]| {
        assert_eq!(
            key_bytes(key, modifiers, modes).as_deref(),
            Some(wanted),
            "{key:?} {modifiers:?}"
        );
    };
    check(Key::ArrowUp, Modifiers::NONE, plain, b"\x1b[A");
    check(Key::ArrowUp, Modifiers::NONE, app, b"\x1bOA");
    check(Key::ArrowLeft, Modifiers::CTRL, app, b"\x1b[1;5D");
    check(Key::Home, Modifiers::SHIFT, plain, b"\x1b[1;2H");
    check(Key::Delete, Modifiers::NONE, plain, b"\x1b[3~");
    check(Key::F5, Modifiers::ALT, plain, b"\x1b[15;3~");
    check(Key::F1, Modifiers::NONE, plain, b"\x1bOP");
    check(Key::A, Modifiers::CTRL, plain, b"\x01");
    check(Key::Z, Modifiers::CTRL | Modifiers::ALT, plain, b"\x1b\x1a");
    check(Key::Space, Modifiers::CTRL, plain, b"\x00");
    check(Key::Tab, Modifiers::SHIFT, plain, b"\x1b[Z");
    check(Key::Backspace, Modifiers::NONE, plain, b"\x7f");
    check(Key::Enter, Modifiers::ALT, plain, b"\x1b\r");
    assert_eq!(key_bytes(Key::A, Modifiers::NONE, plain), None, "its text comes by itself");
}

/// A session in a home of its own that applies what it hears.
struct Bench {
    session: Option<Session>,
    model: Model,
    _home: tempfile::TempDir,
}

impl Bench {
    fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        let options = Options {
            home: Some(home.path().join("h")),
            ..Options::default()
        };
        Self {
            session: Some(Session::open(options).unwrap()),
            model: Model::default(),
            _home: home,
        }
    }

    fn ask(&mut self, command: devops::Command) -> JobId {
        self.session.as_mut().unwrap().link.start(command.into())
    }

    /// Takes in events until this is so.
    fn until(&mut self, is_it: impl Fn(&Model) -> bool) {
        let Self { session, model, .. } = self;
        let session = session.as_mut().unwrap();
        let runtime = session.runtime().clone();
        runtime.block_on(async {
            while !is_it(model) {
                let event = session.link.next().await.expect("the engine runs");
                model.apply(event);
            }
        });
    }

    fn ended(&mut self, id: JobId) -> Outcome {
        self.until(|model| model.jobs.get(id).is_some_and(|row| row.outcome.is_some()));
        self.model.jobs.get(id).unwrap().outcome.clone().unwrap()
    }

    fn keys(&mut self, id: JobId, keys: &str) {
        let input = ScreenInput::Keys(keys.as_bytes().to_vec());
        self.ask(devops::Command::TellTerminal { id, input });
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        if let Some(session) = self.session.take() {
            session.close();
        }
    }
}

fn shows(model: &Model, id: JobId, word: &str) -> bool {
    let session = model.devops.terminals.iter().find(|session| session.id == id);
    let screen = session.and_then(|session| session.screen.as_ref());
    screen.is_some_and(|screen| (0..screen.lines.len()).any(|row| screen.line(row) == word))
}

#[test]
fn a_shell_is_a_job_that_hears_every_key_in_order_and_ends_with_its_code() {
    let mut bench = Bench::new();
    let id = bench.ask(devops::Command::OpenTerminal {
        place: TerminalPlace::Home,
    });
    bench.until(|model| model.devops.terminals.iter().any(|session| session.screen.is_some()));
    let input = ScreenInput::Resize { columns: 77, rows: 21 };
    bench.ask(devops::Command::TellTerminal { id, input });
    // One key after the other: none may overtake another.
    for key in "stty size; tty >/dev/null && echo a-$((6*7))-tty\r".chars() {
        bench.keys(id, &key.to_string());
    }
    bench.until(|model| shows(model, id, "21 77") && shows(model, id, "a-42-tty"));
    bench.keys(id, "exit 3\r");
    assert_eq!(bench.ended(id), Outcome::Done, "a shell that ends with a code has not failed");
    let session = &bench.model.devops.terminals[0];
    assert_eq!(session.ended.as_ref().and_then(|end| end.code), Some(3));
    let jobs = bench.session.as_ref().unwrap().world.store().clone();
    let runtime = bench.session.as_ref().unwrap().runtime().clone();
    let row = runtime.block_on(async { jobs.jobs().get(id).await.unwrap().unwrap() });
    assert_eq!(row.exit_code, Some(3));
    assert!(row.log_bytes > 0, "what it printed is kept");
    bench.ask(devops::Command::ForgetTerminal { id });
    bench.until(|model| model.devops.terminals.is_empty());
}

#[test]
fn a_program_of_a_trusted_workspace_has_a_terminal_of_its_own() {
    let mut bench = Bench::new();
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("inside")).unwrap();
    let workspace = Workspace::at(folder.path());
    bench.session.as_ref().unwrap().world.trust().trust(&workspace).unwrap();
    let script = "tty >/dev/null && read word && echo \"$word $TIDE $(basename $PWD)\"; read word; exit 4";
    let id = bench.ask(devops::Command::OpenTerminal {
        place: TerminalPlace::Program {
            dir: workspace.root.join("inside"),
            workspace,
            name: "tests::adds".to_owned(),
            argv: ["sh", "-c", script].map(str::to_owned).to_vec(),
            env: [("TIDE".to_owned(), "high".to_owned())].into(),
        },
    });
    bench.until(|model| model.devops.terminals.iter().any(|session| session.screen.is_some()));
    bench.keys(id, "hears\r");
    bench.until(|model| shows(model, id, "hears high inside"));
    bench.keys(id, "\r");
    assert_eq!(bench.ended(id), Outcome::Done);
    let session = &bench.model.devops.terminals[0];
    assert_eq!(session.ended.as_ref().and_then(|end| end.code), Some(4));
}

#[test]
fn stopping_a_terminal_ends_what_runs_in_it() {
    let mut bench = Bench::new();
    let id = bench.ask(devops::Command::OpenTerminal {
        place: TerminalPlace::Home,
    });
    bench.until(|model| model.devops.terminals.iter().any(|session| session.screen.is_some()));
    bench.keys(id, "trap '' TERM; echo ready-$((1+1)); sleep 987654\r");
    bench.until(|model| shows(model, id, "ready-2"));
    bench.session.as_mut().unwrap().link.cancel(id);
    assert_eq!(bench.ended(id), Outcome::Cancelled);
    assert!(bench.model.devops.terminals[0].ended.is_some());
    let processes = bench.session.as_ref().unwrap().world.processes().clone();
    assert_eq!(processes.tagged_pids(), Vec::<u32>::new());
}

#[test]
fn a_workspace_that_is_not_trusted_gets_no_shell() {
    let mut bench = Bench::new();
    let folder = tempfile::tempdir().unwrap();
    let workspace = Workspace::at(folder.path());
    let id = bench.ask(devops::Command::OpenTerminal {
        place: TerminalPlace::Workspace { workspace },
    });
    let Outcome::Failed { problem } = bench.ended(id) else {
        panic!("it opened")
    };
    assert_eq!(problem.code, "untrusted");
}

/// The window on a terminal that shows this.
fn terminal_window(screen: Screen) -> Harness<'static, App<Collected>> {
    let mut front = Collected::new(ThemeChoice::Dark, Lang::En);
    three_workspaces(&mut front);
    let id = JobId(7);
    front.events.push_back(Event::Job(
        id,
        JobEvent::Started {
            at: crate::support::window::now(),
        },
    ));
    front.tell(devops::Update::TerminalOpened {
        id,
        place: TerminalPlace::Workspace {
            workspace: workspace("meteo-api"),
        },
    });
    front.tell(devops::Update::TerminalShown {
        id,
        screen: Box::new(screen),
    });
    window_at(front, &workspace("meteo-api"), "devops", Some("terminal"))
}

fn typed(harness: &mut Harness<'static, App<Collected>>) -> Vec<ScreenInput> {
    let commands = std::mem::take(&mut harness.state_mut().front().commands);
    commands
        .into_iter()
        .filter_map(|command| match command {
            Command::DevOps(devops::Command::TellTerminal { id: JobId(7), input }) => Some(input),
            _ => None,
        })
        .collect()
}

#[test]
fn the_window_sends_keys_and_leaves_the_terminal_with_the_keys_of_the_pages() {
    let mut harness = terminal_window(grid(b"$ ").screen());
    let first = typed(&mut harness);
    assert!(
        matches!(first[..], [ScreenInput::Resize { columns, rows }] if columns > 60 && rows > 10),
        "{first:?}"
    );
    harness.event(egui::Event::Text("ls".to_owned()));
    harness.key_press_modifiers(Modifiers::CTRL | Modifiers::COMMAND, Key::K);
    harness.key_press(Key::Enter);
    harness.run();
    let bytes: Vec<u8> = typed(&mut harness)
        .into_iter()
        .flat_map(|input| match input {
            ScreenInput::Keys(bytes) => bytes,
            _ => Vec::new(),
        })
        .collect();
    assert_eq!(bytes, b"ls\x0b\r");
    harness.event(egui::Event::Text("?".to_owned()));
    harness.run();
    assert_eq!(
        typed(&mut harness),
        [ScreenInput::Keys(b"?".to_vec())],
        "no help over a terminal"
    );
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Num2);
    harness.run();
    assert!(harness.query_by_label("Terminal meteo-api").is_none(), "Ctrl+2 opens Plan");
    assert_eq!(typed(&mut harness), []);
}

#[test]
fn the_key_that_closes_the_search_is_none_for_the_shell() {
    let mut harness = terminal_window(grid(b"$ ls").screen());
    harness.key_press_modifiers(Modifiers::CTRL | Modifiers::COMMAND | Modifiers::SHIFT, Key::F);
    harness.run();
    harness.run();
    assert!(
        harness.query_all_by_label("Close the search").next().is_some(),
        "the search is open"
    );
    typed(&mut harness);
    harness.key_press(Key::Escape);
    harness.run();
    harness.event(egui::Event::Text("e".to_owned()));
    harness.run();
    let sent: Vec<ScreenInput> = typed(&mut harness)
        .into_iter()
        .filter(|input| matches!(input, ScreenInput::Keys(_)))
        .collect();
    assert_eq!(sent, [ScreenInput::Keys(b"e".to_vec())]);
}

#[test]
fn the_window_says_how_a_shell_ended_and_opens_it_again() {
    let mut harness = terminal_window(grid(b"$ exit 4").screen());
    typed(&mut harness);
    let end = SessionEnd {
        code: Some(4),
        ..SessionEnd::default()
    };
    harness
        .state_mut()
        .front()
        .tell(devops::Update::TerminalEnded { id: JobId(7), end });
    harness.run();
    harness.get_by_label("The shell has ended with 4");
    harness.get_all_by_label("Open again").next().unwrap().click();
    harness.run();
    let commands = &harness.state_mut().front().commands;
    let again = devops::Command::OpenTerminal {
        place: TerminalPlace::Workspace {
            workspace: workspace("meteo-api"),
        },
    };
    assert!(commands.contains(&again.into()), "{commands:?}");
}

#[test]
fn what_is_copied_goes_to_the_clipboard_once_and_only_when_a_person_asks() {
    let mut harness = terminal_window(grid(b"\x1b]52;c;ZXZpbA==\x07$ ").screen());
    let copied = |harness: &Harness<'static, App<Collected>>| -> Vec<String> {
        let commands = &harness.output().platform_output.commands;
        commands
            .iter()
            .filter_map(|command| match command {
                egui::OutputCommand::CopyText(text) => Some(text.clone()),
                _ => None,
            })
            .collect()
    };
    assert_eq!(copied(&harness), Vec::<String>::new());
    let text = "selected words".to_owned();
    harness
        .state_mut()
        .front()
        .tell(devops::Update::TerminalCopied { text: text.clone() });
    harness.step();
    let first = copied(&harness);
    harness.step();
    let second = copied(&harness);
    let all: Vec<String> = [first, second].concat();
    assert_eq!(all.iter().filter(|one| **one == text).count(), 1, "{all:?}");
}
