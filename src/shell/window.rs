//! The window on the desktop: opened over a session or a recording, closed with every job ended. When there is no display or
//! no way to draw, one clear line says so and names the command line.

use super::app::App;
use super::front::{Front, Live};
use super::replay::Replay;
use super::{Options, persist};
use crate::adapters::files;
use crate::areas::Update;
use crate::base::{Catalog, Lang, Problem, Settings};
use crate::engine::record;
use crate::msg;
use crate::session::{self, Session};
use crate::ui::tokens::Tokens;
use egui::{Ui, ViewportBuilder, vec2};
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::rc::Rc;

const APP_ID: &str = "chantier";
const MAX_RECORDING_BYTES: u64 = 1 << 30;

/// Opens the window and returns when it is closed.
pub fn open(options: Options) -> ExitCode {
    let spoken = session::language(options.lang, options.home.as_deref());
    let texts = Catalog::new(spoken);
    let opened = if has_display() {
        prepare(options, spoken)
    } else {
        Err(without_display(&options))
    };
    match opened.and_then(run) {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            say(&texts, &problem);
            ExitCode::FAILURE
        }
    }
}

/// An application over a live session or over a recording.
enum Opened {
    Live(Box<App<Live>>),
    Replay(Box<App<Replay>>),
}

fn prepare(options: Options, spoken: Lang) -> Result<(Opened, super::view::Geometry), Problem> {
    if let Some(file) = &options.replay {
        let text = files::read_text(file, MAX_RECORDING_BYTES)?;
        let (events, bad) = record::from_text::<Update>(&text);
        let mut app = App::new(
            Replay::new(events, Settings::default()),
            serde_json::Value::Null,
            options.lang,
            spoken,
        );
        for (line, why) in bad.into_iter().take(20) {
            app.tell(Problem::config(msg!("cli-bad-recording", why = why)).at_place(file, line as u32, 0));
        }
        return Ok((Opened::Replay(Box::new(app)), super::view::Geometry::default()));
    }
    let mut session = Session::open(session::Options {
        home: options.home,
        record: options.record,
        lang: options.lang,
        ..session::Options::default()
    })?;
    let problems = session.take_problems();
    let folder = match &options.path {
        Some(path) => {
            let workspace = session.workspace_at(path)?;
            if options.trust {
                session.world.trust().trust(&workspace)?;
            }
            let known = session
                .runtime()
                .block_on(session.world.store().workspaces().get(&workspace.id))?;
            Some((workspace, known.is_some()))
        }
        None => None,
    };
    // What a program that was killed left half-way is finished or taken back before anything else is asked.
    session.link.start(crate::areas::deploy::Command::Recover.into());
    let live = Live::new(session);
    let saved = live.load();
    let geometry = persist::geometry(&saved);
    let mut app = App::new(live, saved, options.lang, spoken);
    for problem in problems {
        app.tell(problem);
    }
    if let Some((workspace, is_known)) = folder {
        app.open_folder(workspace, is_known);
    }
    Ok((Opened::Live(Box::new(app)), geometry))
}

fn run((opened, geometry): (Opened, super::view::Geometry)) -> Result<(), Problem> {
    match opened {
        Opened::Live(app) => {
            let (result, app) = show(*app, geometry);
            // Every job is asked to end, whatever became of the window.
            if let Some(app) = app {
                app.into_front().close();
            }
            result
        }
        Opened::Replay(app) => show(*app, geometry).0,
    }
}

/// Shows the window until it is closed, and gives the application back.
fn show<F: Front + 'static>(app: App<F>, geometry: super::view::Geometry) -> (Result<(), Problem>, Option<App<F>>) {
    let shared = Rc::new(RefCell::new(Some(app)));
    let inside = Rc::clone(&shared);
    let mut viewport = ViewportBuilder::default()
        .with_app_id(APP_ID)
        .with_title("Chantier")
        .with_inner_size(vec2(
            geometry.width.clamp(480.0, 16_000.0),
            geometry.height.clamp(320.0, 16_000.0),
        ))
        .with_min_inner_size(vec2(480.0, 320.0))
        .with_maximized(geometry.is_maximized)
        .with_drag_and_drop(true);
    if let Some((x, y)) = geometry.position.filter(|(x, y)| x.is_finite() && y.is_finite()) {
        viewport = viewport.with_position(egui::pos2(x, y));
    }
    if let Ok(icon) = eframe::icon_data::from_png_bytes(include_bytes!("../../assets/icons/icon-256.png")) {
        viewport = viewport.with_icon(icon);
    }
    let native = eframe::NativeOptions {
        viewport,
        persist_window: false,
        ..eframe::NativeOptions::default()
    };
    // Drivers and display servers fail in ways of their own, some of them by a panic.
    let ran = catch_unwind(AssertUnwindSafe(|| {
        eframe::run_native(
            APP_ID,
            native,
            Box::new(move |cc| {
                if let Some(app) = inside.borrow_mut().as_mut() {
                    app.open(&cc.egui_ctx);
                }
                Ok(Box::new(Window(inside)))
            }),
        )
    }));
    let result = match ran {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) => Err(no_window(&error)),
        Err(_) => Err(Problem::environment(msg!("shell-no-window")).hint(msg!("shell-no-window-hint"))),
    };
    let app = shared.try_borrow_mut().ok().and_then(|mut app| app.take());
    (result, app)
}

/// The application as eframe knows it; it is given back when the window is gone.
struct Window<F>(Rc<RefCell<Option<App<F>>>>);

impl<F: Front> eframe::App for Window<F> {
    fn logic(&mut self, ctx: &egui::Context, _frame: &mut eframe::Frame) {
        if let Some(app) = self.0.borrow_mut().as_mut() {
            app.tick(ctx);
        }
    }

    fn ui(&mut self, ui: &mut Ui, _frame: &mut eframe::Frame) {
        if let Some(app) = self.0.borrow_mut().as_mut() {
            app.frame_ui(ui);
        }
    }

    fn on_exit(&mut self, _gl: Option<&eframe::glow::Context>) {
        if let Some(app) = self.0.borrow_mut().as_mut() {
            app.keep_at_exit();
        }
    }

    fn clear_color(&self, visuals: &egui::Visuals) -> [f32; 4] {
        Tokens::table(visuals.dark_mode).surface_1.to_normalized_gamma_f32()
    }
}

fn has_display() -> bool {
    ["WAYLAND_DISPLAY", "WAYLAND_SOCKET", "DISPLAY"]
        .iter()
        .any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
}

/// A recording can be read without a window; one that can not be read is told first.
fn without_display(options: &Options) -> Problem {
    let Some(file) = &options.replay else { return no_display() };
    match files::read_text(file, MAX_RECORDING_BYTES) {
        Ok(_) => no_display().hint(msg!("shell-replay-hint")),
        Err(problem) => problem,
    }
}

fn no_display() -> Problem {
    Problem::environment(msg!("shell-no-display")).hint(msg!("shell-no-window-hint"))
}

fn no_window(error: &eframe::Error) -> Problem {
    let summary = match error {
        eframe::Error::Winit(_) | eframe::Error::WinitEventLoop(_) => msg!("shell-no-display"),
        _ => msg!("shell-no-gl"),
    };
    // Of a driver's long story the last words say why.
    let story = error.to_string();
    let why = story.rsplit(": ").next().unwrap_or_default();
    Problem::environment(summary).details(why).hint(msg!("shell-no-window-hint"))
}

/// One line on the error stream: what happened, the system's own word, what to do instead.
#[expect(clippy::print_stderr, reason = "without a window there is only the terminal")]
fn say(texts: &Catalog, problem: &Problem) {
    let details: String = problem.details.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut line = format!("chantier: {}", texts.msg(&problem.summary));
    if !details.is_empty() {
        line = format!("{line} ({details})");
    }
    if let Some(hint) = &problem.hint {
        line = format!("{line}. {}", texts.msg(hint));
    }
    eprintln!("{line}");
}
