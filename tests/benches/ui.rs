//! P-UI-2: what a frame of the whole window costs with 100,000 rows on each page that lists, drawn without a screen while it
//! is scrolled, beside a bare list of egui with as many rows.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark prints its lines")]

mod measure;
mod rows;
#[path = "../support/window.rs"]
#[allow(dead_code, reason = "the tests use the rest")]
mod window;

use chantier::areas::page::{Intent, UiIntent};
use chantier::base::settings::ThemeChoice;
use chantier::base::{Catalog, Lang, LogLine, Target};
use chantier::shell::App;
use chantier::ui::log_view::{LogSource, LogState, log_ui};
use chantier::ui::{text, theme};
use egui::{Context, Event, Modifiers, MouseWheelSource, MouseWheelUnit, RawInput, Rect, Shape, TouchPhase, Ui, pos2, vec2};
use measure::{ROUNDS, head, line, median, note, percentile, skip, thread_cpu_ms};
use rows::MARK;
use window::{Collected, now, three_workspaces, workspace};

const N_ROWS: usize = 100_000;
const SIZE: egui::Vec2 = vec2(1280.0, 800.0);
const WARM_UP: usize = 60;
const FRAMES: usize = 60;

/// A context of egui that is driven as a window drives it, without a screen.
struct Screen {
    ctx: Context,
    time: f64,
    frame: u64,
}

impl Screen {
    fn new() -> Self {
        Self {
            ctx: Context::default(),
            time: 0.0,
            frame: 0,
        }
    }

    /// One frame with the mouse wheel over `at`: its CPU time up to the triangles, and how many of its texts carry the mark.
    fn frame(&mut self, at: egui::Pos2, draw: impl FnMut(&mut Ui)) -> (f64, usize) {
        self.time += 1.0 / 60.0;
        self.frame += 1;
        // Some way down, then up again, so that the end is never reached.
        let way = if self.frame % 200 < 150 { -97.0 } else { 61.0 };
        let wheel = Event::MouseWheel {
            unit: MouseWheelUnit::Point,
            delta: vec2(0.0, way),
            phase: TouchPhase::Move,
            source: MouseWheelSource::Wheel,
            modifiers: Modifiers::NONE,
        };
        let input = RawInput {
            screen_rect: Some(Rect::from_min_size(pos2(0.0, 0.0), SIZE)),
            time: Some(self.time),
            events: vec![Event::PointerMoved(at), wheel],
            focused: true,
            ..RawInput::default()
        };
        let since = thread_cpu_ms();
        let mut output = self.ctx.run_ui(input, draw);
        let drawn = thread_cpu_ms() - since;
        let shapes = std::mem::take(&mut output.shapes);
        let n_marked = shapes.iter().map(|shape| marked(&shape.shape)).sum();
        let since = thread_cpu_ms();
        let triangles = self.ctx.tessellate(shapes, output.pixels_per_point);
        let took = drawn + thread_cpu_ms() - since;
        drop(triangles);
        output.drop_without_applying_deltas();
        (took, n_marked)
    }
}

fn marked(shape: &Shape) -> usize {
    match shape {
        Shape::Text(text) => usize::from(text.galley.text().contains(MARK)),
        Shape::Vec(all) => all.iter().map(marked).sum(),
        _ => 0,
    }
}

/// What is drawn on one side, frame by frame.
trait Side {
    fn draw(&mut self, ui: &mut Ui);
}

impl<D: FnMut(&mut Ui)> Side for D {
    fn draw(&mut self, ui: &mut Ui) {
        self(ui);
    }
}

fn main() {
    // `cargo bench --bench ui -- build` measures the pages that have this in their name.
    let wanted = std::env::args()
        .skip(1)
        .find(|word| !word.starts_with('-'))
        .unwrap_or_default();
    head();
    for list in rows::lists() {
        if !list.name.contains(&wanted) {
            continue;
        }
        let mut app = app(&list);
        measure(list.name, list.n, pos2(list.at.0, list.at.1), &mut |ui: &mut Ui| {
            app.tick(ui.ctx());
            app.frame_ui(ui);
        });
    }
    if "log view".contains(&wanted) {
        let lines: Vec<LogLine> = (0..N_ROWS)
            .map(|i| {
                LogLine::note(
                    now(),
                    format!("{MARK} {i:06} \u{1b}[32mcompiled\u{1b}[0m in 0.{:03} s", i % 1000),
                )
            })
            .collect();
        let mut state = LogState::default();
        measure("log view", N_ROWS, pos2(600.0, 500.0), &mut |ui: &mut Ui| {
            if ui.ctx().cumulative_pass_nr() < 1 {
                text::install(ui.ctx(), &Catalog::new(Lang::En));
                theme::apply(ui.ctx(), ThemeChoice::Dark, 1.0);
            }
            log_ui(ui, "log", "cargo build", &mut state, &LogSource::slice(1, &lines));
        });
    }
}

/// The window on the page of a list, with its rows learnt.
fn app(list: &rows::List) -> App<Collected> {
    let mut front = Collected::new(ThemeChoice::Dark, Lang::En);
    three_workspaces(&mut front);
    front.events.extend((list.learn)());
    let app = App::new(front, serde_json::Value::Null, None, Lang::En);
    app.ask(Intent::Ui(UiIntent::SelectWorkspace(Some(workspace("meteo-api").id))));
    app.ask(Intent::Go(Target::Page {
        area: list.area.to_owned(),
        tab: list.tab.map(str::to_owned),
    }));
    if list.name == "activity panel" {
        app.ask(Intent::Ui(UiIntent::ShowJob(chantier::base::JobId(1))));
    }
    app
}

fn measure(name: &str, n: usize, at: egui::Pos2, ours: &mut dyn Side) {
    let mut peer = |ui: &mut Ui| {
        egui::ScrollArea::vertical()
            .auto_shrink(false)
            .show_rows(ui, 18.0, n, |ui, range| {
                for i in range {
                    ui.label(format!("{MARK} {i:06} cargo build --release --locked, done in 41 s"));
                }
            });
    };
    let (mut screen, mut bare) = (Screen::new(), Screen::new());
    let mut first = 0.0_f64;
    let mut n_marked = 0;
    for _ in 0..WARM_UP {
        let (took, marks) = screen.frame(at, |ui| ours.draw(ui));
        first = first.max(took);
        n_marked = marks;
        bare.frame(at, &mut peer);
    }
    if n_marked == 0 {
        skip(&format!("P-UI-2 {name}"), "the page draws none of the rows");
        return;
    }
    let (mut medians, mut bare_medians) = (Vec::new(), Vec::new());
    let (mut all, mut bare_all) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let took: Vec<f64> = (0..FRAMES).map(|_| screen.frame(at, |ui| ours.draw(ui)).0).collect();
        let bare_took: Vec<f64> = (0..FRAMES).map(|_| bare.frame(at, &mut peer).0).collect();
        medians.push(median(&took));
        bare_medians.push(median(&bare_took));
        all.extend(took);
        bare_all.extend(bare_took);
    }
    let name = format!("P-UI-2 {name} {n} rows");
    line(
        &format!("{name}, frame"),
        (median(&medians), median(&bare_medians)),
        "ms",
        "<= 4 ms",
    );
    line(
        &format!("{name}, p99"),
        (percentile(&all, 0.99), percentile(&bare_all, 0.99)),
        "ms",
        "<= 8 ms",
    );
    note(&format!(
        "{name}: {n_marked} marked texts on the screen, the longest of the first {WARM_UP} frames {first:.1} ms"
    ));
}
