//! gitui as a peer: in a terminal of tmux's, from its start until its log has counted the last commit.

use super::measure::{Took, alternate, command, has_program, line, run, skip};
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// A tmux server of its own, and the one session in it.
const SERVER: &str = "chantier-bench";
const POLL: Duration = Duration::from_millis(10);
const LIMIT: Duration = Duration::from_mins(3);

/// P-GIT-1 beside gitui: all commits of HEAD counted in its log, beside all of ours with their lanes.
pub(super) fn history(root: &Path, ours: &mut dyn FnMut() -> Took) {
    const NAME: &str = "P-GIT-1 history beside gitui";
    for program in ["gitui", "tmux"] {
        if !has_program(program) {
            skip(
                NAME,
                &format!("there is no {program}, and so no peer; `cargo install gitui --locked` gets gitui"),
            );
            return;
        }
    }
    let counted = run(command("git", root).args(["rev-list", "--count", "HEAD"])).unwrap().1;
    let n: u64 = counted.trim().parse().unwrap();
    let empty = tempfile::tempdir().unwrap();
    if until_counted(root, empty.path(), n).is_none() {
        skip(NAME, "gitui does not show how many commits there are");
        return;
    }
    let (ours, peer) = alternate(ours, || until_counted(root, empty.path(), n).unwrap_or_default());
    line(NAME, (ours.wall, peer.wall), "ms", "<= 0.5");
}

/// Starts gitui, goes to its log, and waits for `/n` on the screen. None when it does not come.
fn until_counted(root: &Path, empty: &Path, n: u64) -> Option<Took> {
    let tmux = |args: &[&str]| {
        run(command("tmux", root)
            .env("TERM", "xterm-256color")
            .args(["-L", SERVER])
            .args(args))
    };
    let since = Instant::now();
    let gitui = format!("gitui --directory '{}'", root.display());
    let bare = run(command("git", root).args(["rev-parse", "--is-bare-repository"]))?.1;
    let gitui = match bare.trim() {
        "true" => format!("{gitui} --workdir '{}'", empty.display()),
        _ => gitui,
    };
    tmux(&["new-session", "-d", "-s", "gitui", "-x", "160", "-y", "50", &gitui])?;
    let mut is_there = false;
    let mut is_asked = false;
    while !is_there && since.elapsed() < LIMIT {
        sleep(POLL);
        let Some((_, screen)) = tmux(&["capture-pane", "-p", "-t", "gitui"]) else {
            break;
        };
        if !is_asked && screen.contains("Log [2]") {
            is_asked = tmux(&["send-keys", "-t", "gitui", "2"]).is_some();
        }
        let counted = format!("/{n}");
        is_there = screen
            .match_indices(&counted)
            .any(|(at, word)| !screen[at + word.len()..].starts_with(|c: char| c.is_ascii_digit()));
    }
    let took = Took {
        wall: since.elapsed().as_secs_f64() * 1e3,
        cpu: 0.0,
    };
    tmux(&["kill-server"]);
    is_there.then_some(took)
}
