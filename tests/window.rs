//! The real window on a screen of its own (Xvfb), used with the mouse; and screens on which no window can be.

use crate::support::cli::Home;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// An X server without a monitor; ends when dropped.
struct Screen {
    server: Child,
    display: String,
}

impl Drop for Screen {
    fn drop(&mut self) {
        self.server.kill().ok();
        self.server.wait().ok();
    }
}

impl Screen {
    /// None, said loudly, where there is no Xvfb or no xdotool; in CI that is a failure.
    fn open(more: &[&str]) -> Option<Self> {
        let is_here = |program: &str| {
            let path = std::env::var_os("PATH").unwrap_or_default();
            std::env::split_paths(&path).any(|dir| dir.join(program).is_file())
        };
        if !["Xvfb", "xdotool", "import"].into_iter().all(is_here) {
            let without = std::env::var("CHANTIER_TEST_WITHOUT").unwrap_or_default();
            let is_allowed = std::env::var("CI").as_deref() != Ok("true") || without.split(',').any(|name| name == "window");
            assert!(is_allowed, "there is no Xvfb, xdotool or import");
            eprintln!("SKIPPED: there is no Xvfb, xdotool or import");
            return None;
        }
        let mut server = Command::new("Xvfb")
            .args(["-displayfd", "1", "-screen", "0", "1280x800x24", "-nolisten", "tcp"])
            .args(more)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(server.stdout.take().unwrap()).read_line(&mut line).unwrap();
        Some(Self {
            server,
            display: format!(":{}", line.trim()),
        })
    }

    fn program(&self, home: &Home, cwd: &Path, args: &[&str]) -> Command {
        let mut program = home.program(cwd, args);
        program.env("DISPLAY", &self.display).env("LIBGL_ALWAYS_SOFTWARE", "1");
        program
    }

    fn xdotool(&self, args: &[&str]) -> String {
        let output = Command::new("xdotool")
            .args(args)
            .env("DISPLAY", &self.display)
            .output()
            .unwrap();
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    /// The colour of a primary button, which is blue in both themes.
    fn is_button_at(&self, x: u32, y: u32) -> bool {
        let output = Command::new("import")
            .args(["-window", "root", "-crop", &format!("1x1+{x}+{y}"), "-depth", "8", "txt:-"])
            .env("DISPLAY", &self.display)
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        // The first line is a comment.
        let hex = text.rsplit_once('#').map_or("", |(_, hex)| hex);
        let part = |at: usize| hex.get(at..at + 2).and_then(|part| u8::from_str_radix(part, 16).ok());
        match (part(0), part(2), part(4)) {
            (Some(red), Some(_), Some(blue)) => blue > 150 && blue > red.saturating_add(60),
            _ => false,
        }
    }

    fn click(&self, x: u32, y: u32) {
        self.xdotool(&["mousemove", &x.to_string(), &y.to_string(), "click", "1"]);
    }
}

/// Asks until the answer is yes.
fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let since = Instant::now();
    while !is_so() {
        assert!(since.elapsed() < Duration::from_mins(2), "{what}: not within two minutes");
        std::thread::park_timeout(Duration::from_millis(100));
    }
}

#[test]
fn every_page_is_reached_with_the_mouse_and_its_button_does_what_it_says() {
    let Some(screen) = Screen::open(&[]) else { return };
    let home = Home::new();
    let dir = home.sample();
    let mut window = screen
        .program(&home, &dir, &["."])
        .stdout(Stdio::null())
        .stderr(Stdio::inherit())
        .spawn()
        .unwrap();
    let pid = window.id().to_string();
    let mut id = String::new();
    wait_until("the window", || {
        id = screen.xdotool(&["search", "--onlyvisible", "--pid", &pid]);
        id = id.lines().last().unwrap_or_default().to_owned();
        !id.is_empty()
    });
    screen.xdotool(&["windowmove", &id, "0", "0", "windowsize", &id, "1280", "800"]);
    wait_until("its place", || {
        let told = screen.xdotool(&["getwindowgeometry", "--shell", &id]);
        told.contains("X=0\nY=0") && told.contains("WIDTH=1280")
    });
    let title = || screen.xdotool(&["getwindowname", &id]);
    wait_until("the workspace in the title", || title().contains("bonjour"));
    let areas = [
        "DevOps", "Plan", "Code", "Build", "Test", "Release", "Deploy", "Operate", "Monitor",
    ];
    for (at, area) in areas.iter().enumerate() {
        screen.click(60, 59 + 32 * at as u32);
        wait_until(area, || title().contains(area));
    }
    // Build, then its button; Test, then its button: both stand at the right of the page's head.
    let states = |verb: &str| -> Vec<String> {
        let answer = home.call_in(&dir, &[verb, "history", "--json"]).ok().json();
        let runs = answer["result"]["runs"].as_array().cloned().unwrap_or_default();
        runs.iter()
            .map(|run| run["state"].as_str().unwrap_or_default().to_owned())
            .collect()
    };
    for (at, verb) in [(3, "build"), (4, "test")] {
        assert!(states(verb).is_empty(), "{verb}");
        screen.click(60, 59 + 32 * at);
        wait_until(areas[at as usize], || title().contains(areas[at as usize]));
        // The button is there once the page knows what there is to run. One click: while something runs it would stop it.
        wait_until("its button", || screen.is_button_at(1215, 60));
        screen.click(1215, 73);
        wait_until(verb, || !states(verb).is_empty());
        wait_until("its end", || states(verb).iter().all(|state| state != "in_progress"));
        assert_eq!(states(verb), ["done"], "{verb}");
    }
    let term = rustix::process::Pid::from_raw(window.id() as i32).unwrap();
    rustix::process::kill_process(term, rustix::process::Signal::TERM).unwrap();
    assert_eq!(window.wait().unwrap().code(), Some(0));
    let doctor = home.call(&["doctor", "--json"]).ok().json();
    assert_eq!(doctor["result"]["is_sound"], true, "{doctor:#}");
}

/// A screen without any way to draw: one line that names the command line, never a window that stays black.
#[test]
fn row_16_without_gl_there_is_one_clear_line() {
    let Some(screen) = Screen::open(&["-extension", "GLX"]) else {
        return;
    };
    let home = Home::new();
    let output = screen
        .program(&home, &home.path(""), &[])
        .env("__EGL_VENDOR_LIBRARY_FILENAMES", "/nonexistent")
        .env("LIBGL_DRIVERS_PATH", "/nonexistent")
        .output()
        .unwrap();
    let err = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{err}");
    let ours: Vec<&str> = err.lines().filter(|line| line.starts_with("chantier:")).collect();
    assert_eq!(ours.len(), 1, "{err}");
    assert!(ours[0].contains("chantier --help"), "{err}");
}

/// The screen goes away under the window: the program ends, its store is sound, and what ran is found by the next start.
#[test]
fn row_17_when_the_screen_dies_the_next_start_finds_what_ran() {
    let Some(mut screen) = Screen::open(&[]) else { return };
    let home = Home::new();
    let dir = home.sample();
    let mut window = screen
        .program(&home, &dir, &["."])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let pid = window.id().to_string();
    wait_until("the window", || {
        !screen.xdotool(&["search", "--onlyvisible", "--pid", &pid]).is_empty()
    });
    screen.server.kill().unwrap();
    screen.server.wait().unwrap();
    wait_until("its end", || window.try_wait().unwrap().is_some());
    home.call(&["devops", "list"]).ok();
    let doctor = home.call(&["doctor", "--read-data", "--json"]).ok().json();
    assert_eq!(doctor["result"]["is_sound"], true, "{doctor:#}");
}
