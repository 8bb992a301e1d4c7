//! P-UI-1 and P-UI-3: from the start of the program to the first frame with real rows, and what an idle window costs; on a
//! virtual screen of its own, beside a bare window of eframe, which is this benchmark itself.

#![allow(clippy::print_stdout, reason = "a benchmark prints its lines")]

mod measure;

use measure::{ROUNDS, chantier, command, has_program, head, line, median, note, process_cpu_ms, run, skip, status_number};
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Set for the run that is the peer.
const BARE: &str = "CHANTIER_BENCH_BARE";
const POLL: Duration = Duration::from_millis(4);
/// A picture that stays the same for so long is the last one.
const CALM: Duration = Duration::from_millis(2500);
const LIMIT: Duration = Duration::from_secs(40);
const IDLE: Duration = Duration::from_secs(10);

fn main() {
    if std::env::var_os(BARE).is_some() {
        bare();
        return;
    }
    head();
    note(
        "rerun's viewer, the peer that P-UI-1 names, can not be had offline: beside us stands a bare eframe window with as many rows",
    );
    for program in ["Xvfb", "xdotool"] {
        if !has_program(program) {
            skip("P-UI-1, P-UI-3", &format!("there is no {program}"));
            return;
        }
    }
    let place = tempfile::tempdir().expect("a temporary folder can be made");
    let Some(screen) = Screen::open(place.path()) else {
        skip("P-UI-1, P-UI-3", "Xvfb does not start");
        return;
    };
    for name in ["meteo-api", "boutique-web", "alertes-crue"] {
        let dir = place.path().join(name).to_string_lossy().into_owned();
        let mut sample = command(chantier(), place.path());
        sample
            .arg("--home")
            .arg(place.path().join("home"))
            .args(["devops", "sample", &dir]);
        if run(&mut sample).is_none() {
            skip("P-UI-1, P-UI-3", "the three workspaces can not be made");
            return;
        }
    }
    let ours = || {
        let mut command = command(chantier(), place.path());
        command.arg("--home").arg(place.path().join("home"));
        command
    };
    let peer = || {
        let mut command = command(std::env::current_exe().expect("this program has a path"), place.path());
        command.env(BARE, "1");
        command
    };
    starts(&screen, ours, peer);
    idle(&screen, ours, peer);
}

/// The peer: a window with three rows and nothing else.
fn bare() {
    struct Bare;
    impl eframe::App for Bare {
        fn ui(&mut self, ui: &mut egui::Ui, _frame: &mut eframe::Frame) {
            egui::CentralPanel::default().show(ui, |ui| {
                for name in ["meteo-api", "boutique-web", "alertes-crue"] {
                    ui.label(name);
                }
            });
        }
    }
    let native = eframe::NativeOptions {
        viewport: egui::ViewportBuilder::default().with_inner_size([1280.0, 800.0]),
        ..eframe::NativeOptions::default()
    };
    eframe::run_native("bare", native, Box::new(|_| Ok(Box::new(Bare)))).expect("a window can be opened");
}

/// A virtual screen whose pixels lie in a file.
struct Screen {
    server: Child,
    name: String,
    pixels: PathBuf,
    log: PathBuf,
}

impl Drop for Screen {
    fn drop(&mut self) {
        self.server.kill().ok();
        self.server.wait().ok();
    }
}

/// One picture: every fourth line of the screen.
type Picture = Vec<u8>;

impl Screen {
    fn open(place: &Path) -> Option<Self> {
        let mut server = Command::new("Xvfb")
            .args([
                "-displayfd",
                "1",
                "-screen",
                "0",
                "1280x800x24",
                "-nolisten",
                "tcp",
                "-noreset",
                "-fbdir",
            ])
            .arg(place)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        let mut number = String::new();
        BufReader::new(server.stdout.take()?).read_line(&mut number).ok()?;
        let number = number.trim().to_owned();
        if number.is_empty() {
            server.kill().ok();
            server.wait().ok();
            return None;
        }
        Some(Self {
            server,
            name: format!(":{number}"),
            pixels: place.join("Xvfb_screen0"),
            log: place.join("window.err"),
        })
    }

    /// The file is a window dump: a header that names its own size and the colours, then the lines.
    fn picture(&self) -> Option<Picture> {
        let mut file = std::fs::File::open(&self.pixels).ok()?;
        let mut header = [0; 100];
        file.read_exact(&mut header).ok()?;
        let word = |at: usize| u32::from_be_bytes([header[at * 4], header[at * 4 + 1], header[at * 4 + 2], header[at * 4 + 3]]);
        let (n_lines, n_bytes) = (u64::from(word(5)), u64::from(word(12)));
        let first = u64::from(word(0)) + u64::from(word(19)) * 12;
        let mut picture = Vec::new();
        let mut line = vec![0; n_bytes as usize];
        for at in (0..n_lines).step_by(4) {
            file.seek(SeekFrom::Start(first + at * n_bytes)).ok()?;
            file.read_exact(&mut line).ok()?;
            picture.extend_from_slice(&line);
        }
        Some(picture)
    }

    /// Whether a window is there, as a user of the display server is told.
    fn is_mapped(&self) -> bool {
        let found = Command::new("xdotool")
            .args(["search", "--onlyvisible", "--name", "."])
            .env("DISPLAY", &self.name)
            .stderr(Stdio::null())
            .output();
        found.is_ok_and(|found| !found.stdout.trim_ascii().is_empty())
    }

    fn start(&self, command: &mut Command) -> Option<Child> {
        let log = std::fs::File::create(&self.log).ok()?;
        command.env("DISPLAY", &self.name).env_remove("WAYLAND_DISPLAY");
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).spawn().ok()
    }

    fn end(&self, mut child: Child) {
        // As a window manager would, so that what is kept is kept.
        let pid = child.id().to_string();
        Command::new("kill").args(["-TERM", &pid]).status().ok();
        for _ in 0..500 {
            if child.try_wait().is_ok_and(|ended| ended.is_some()) {
                break;
            }
            sleep(Duration::from_millis(10));
        }
        child.kill().ok();
        child.wait().ok();
        // The next one starts on an empty screen.
        for _ in 0..200 {
            if !self.is_mapped() {
                break;
            }
            sleep(Duration::from_millis(10));
        }
    }

    fn why(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }
}

/// Milliseconds from the start.
#[derive(Clone, Copy, Debug, Default)]
struct Start {
    mapped: f64,
    painted: f64,
    /// The names of the workspaces stand where they stay.
    rows: f64,
    /// Nothing changes any more.
    complete: f64,
    /// CPU used until then.
    cpu: f64,
}

fn start(screen: &Screen, command: &mut Command) -> Result<Start, String> {
    let empty = screen.picture().ok_or("the screen can not be read")?;
    let since = Instant::now();
    let child = screen.start(command).ok_or("it does not start")?;
    let mut seen: Vec<(Instant, Picture, f64)> = Vec::new();
    let mut mapped = None;
    loop {
        if mapped.is_none() && screen.is_mapped() {
            mapped = Some(since.elapsed());
        }
        if let Some(picture) = screen.picture() {
            let last = seen.last().map_or(&empty, |(_, picture, _)| picture);
            if picture != *last {
                seen.push((Instant::now(), picture, process_cpu_ms(child.id())));
            }
        }
        let is_calm = seen.last().is_some_and(|(at, _, _)| at.elapsed() > CALM);
        if (is_calm && mapped.is_some()) || since.elapsed() > LIMIT {
            break;
        }
        sleep(POLL);
    }
    screen.end(child);
    let (Some(mapped), Some((_, last, cpu))) = (mapped, seen.last()) else {
        return Err(format!("no window within {} s: {}", LIMIT.as_secs(), screen.why()));
    };
    let ms = |at: Instant| at.duration_since(since).as_secs_f64() * 1e3;
    let first_like = |region: (usize, usize, usize, usize)| {
        let like = |(_, picture, _): &&(Instant, Picture, f64)| differing(picture, last, region) < 0.002;
        seen.iter().find(like).map_or(f64::NAN, |(at, _, _)| ms(*at))
    };
    Ok(Start {
        mapped: mapped.as_secs_f64() * 1e3,
        painted: ms(seen[0].0),
        rows: first_like(NAMES),
        complete: first_like((0, 0, 1280, 780)),
        cpu: *cpu,
    })
}

/// The part of the window where the names of the workspaces stand: left, top, right, bottom.
const NAMES: (usize, usize, usize, usize) = (220, 100, 420, 400);

/// The share of the pixels of a region that differ between two pictures.
fn differing(a: &Picture, b: &Picture, (left, top, right, bottom): (usize, usize, usize, usize)) -> f64 {
    let mut n = (0_u32, 0_u32);
    for line in top / 4..bottom / 4 {
        for x in left..right {
            let at = (line * 1280 + x) * 4;
            n.0 += u32::from(a.get(at..at + 3) != b.get(at..at + 3));
            n.1 += 1;
        }
    }
    f64::from(n.0) / f64::from(n.1.max(1))
}

fn starts(screen: &Screen, ours: impl Fn() -> Command, peer: impl Fn() -> Command) {
    let (mut a, mut b) = (Vec::new(), Vec::new());
    for round in 0..=ROUNDS {
        let pair = start(screen, &mut ours()).and_then(|one| Ok((one, start(screen, &mut peer())?)));
        match pair {
            Ok((one, other)) if round > 0 => {
                a.push(one);
                b.push(other);
            }
            Ok((one, other)) => note(&format!("P-UI-1 first start, caches cold: ours {one:.0?}, peer {other:.0?}")),
            Err(why) => {
                skip("P-UI-1", &why);
                return;
            }
        }
    }
    let both = |of: fn(&Start) -> f64| {
        let middle = |all: &[Start]| median(&all.iter().map(of).collect::<Vec<_>>());
        (middle(&a), middle(&b))
    };
    let target = "<= 0.5 of rerun's 354-992 ms";
    line("P-UI-1 window mapped", both(|start| start.mapped), "ms", target);
    line("P-UI-1 first frame painted", both(|start| start.painted), "ms", target);
    line(
        "P-UI-1 first frame with the workspaces' rows",
        both(|start| start.rows),
        "ms",
        target,
    );
    line("P-UI-1 board complete", both(|start| start.complete), "ms", "-");
    line("P-UI-1 cpu until then", both(|start| start.cpu), "ms", "-");
}

/// What an open window costs when nothing happens.
#[derive(Clone, Copy, Debug)]
struct Rest {
    cpu_percent: f64,
    n_wakes: f64,
    n_pictures: usize,
    rss: f64,
    rss_anon: f64,
}

fn rest(screen: &Screen, command: &mut Command) -> Result<Rest, String> {
    let child = screen.start(command).ok_or("it does not start")?;
    let pid = child.id();
    let since = Instant::now();
    while !screen.is_mapped() && since.elapsed() < LIMIT {
        sleep(POLL);
    }
    sleep(Duration::from_secs(6));
    let (cpu, wakes) = (process_cpu_ms(pid), status_number(pid, "voluntary_ctxt_switches"));
    let since = Instant::now();
    let mut pictures = vec![screen.picture()];
    while since.elapsed() < IDLE {
        sleep(Duration::from_millis(100));
        let picture = screen.picture();
        if pictures.last() != Some(&picture) {
            pictures.push(picture);
        }
    }
    let rest = Rest {
        cpu_percent: (process_cpu_ms(pid) - cpu) / (IDLE.as_secs_f64() * 10.0),
        n_wakes: status_number(pid, "voluntary_ctxt_switches") - wakes,
        n_pictures: pictures.len() - 1,
        rss: status_number(pid, "VmRSS") / 1024.0,
        rss_anon: status_number(pid, "RssAnon") / 1024.0,
    };
    let is_alive = Path::new(&format!("/proc/{pid}")).exists() && rest.rss > 0.0;
    screen.end(child);
    if is_alive {
        Ok(rest)
    } else {
        Err(format!("it ended: {}", screen.why()))
    }
}

fn idle(screen: &Screen, ours: impl Fn() -> Command, peer: impl Fn() -> Command) {
    let pair = rest(screen, &mut ours()).and_then(|one| Ok((one, rest(screen, &mut peer())?)));
    let (a, b) = match pair {
        Ok(pair) => pair,
        Err(why) => {
            skip("P-UI-3", &why);
            return;
        }
    };
    line(
        "P-UI-3 idle 10 s, cpu of one core",
        (a.cpu_percent, b.cpu_percent),
        "%",
        "<= 0.2 %",
    );
    line(
        "P-UI-3 idle 10 s, wakes of the window's thread",
        (a.n_wakes, b.n_wakes),
        "",
        "0 repaints, so about 0",
    );
    line(
        "P-UI-3 idle 10 s, changes of the picture",
        (a.n_pictures as f64, b.n_pictures as f64),
        "",
        "0",
    );
    line("P-UI-3 RSS", (a.rss, b.rss), "MiB", "<= 110 MiB");
    line("P-UI-3 RssAnon", (a.rss_anon, b.rss_anon), "MiB", "-");
}
