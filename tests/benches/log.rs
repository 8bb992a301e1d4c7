//! P-LOG-1: searching a log of 1 GiB, the number of every line that is hit. P-LOG-2: opening it: the first lines, the count, memory.

#![allow(clippy::print_stdout, reason = "a benchmark prints its lines")]

mod measure;

use chantier::adapters::log_file::LogFile;
use chantier::base::Timestamp;
use chantier::base::log::LogFilter;
use measure::{Took, alternate, head, line, note, run, skip, status_number};
use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::process::Command;
use std::time::Instant;

const BYTES: u64 = 1 << 30;
/// What is looked for: once in a million lines, in one of eight, and as an expression.
const NEEDLES: [(&str, &str); 3] = [
    ("rare words", "index out of bounds"),
    ("every eighth line", "ERROR"),
    ("expression", r"ms=40[0-9]{2} user=\d+"),
];

fn main() {
    head();
    let place = tempfile::tempdir().expect("a temporary folder can be made");
    let path = place.path().join("big.log");
    let n_lines = write_log(&path).expect("1 GiB can be written");
    open(&path, place.path(), n_lines);
    for (name, pattern) in NEEDLES {
        search(&path, place.path(), name, pattern);
    }
    lnav(&path);
}

/// A log as services write it, the same in every run.
fn write_log(path: &Path) -> std::io::Result<u64> {
    let mut random = fastrand::Rng::with_seed(7);
    let mut out = BufWriter::with_capacity(1 << 20, std::fs::File::create(path)?);
    let levels = ["INFO ", "INFO ", "INFO ", "INFO ", "DEBUG", "DEBUG", "WARN ", "ERROR"];
    let parts = ["api", "build", "deploy", "worker", "db", "proxy", "scheduler", "metrics"];
    let words = [
        "request done",
        "cache miss for key",
        "step finished",
        "connection reset by peer, retry",
    ];
    let (mut n_bytes, mut n_lines) = (0, 0_u64);
    let mut text = String::new();
    while n_bytes < BYTES {
        use std::fmt::Write as _;
        text.clear();
        let secs = 1_760_000_000 + n_lines / 140;
        let at = Timestamp::from_second(secs as i64).unwrap_or_default();
        let (a, b, c) = (random.usize(0..8), random.usize(0..8), random.usize(0..4));
        let (id, ms, user) = (random.u64(..), random.u32(0..4096), random.u32(0..65536));
        write!(
            text,
            "{at} {} {}: {} id={id:016x} ms={ms} user={user}",
            levels[a], parts[b], words[c]
        )
        .ok();
        if n_lines % 1_000_003 == 777 {
            text.push_str(" panic: index out of bounds");
        }
        text.push('\n');
        out.write_all(text.as_bytes())?;
        n_bytes += text.len() as u64;
        n_lines += 1;
    }
    out.flush()?;
    Ok(n_lines)
}

/// Threads of ours count as well.
fn own_cpu_ms() -> f64 {
    measure::process_cpu_ms(std::process::id())
}

fn timed<T>(work: impl FnOnce() -> T) -> (Took, T) {
    let (cpu, since) = (own_cpu_ms(), Instant::now());
    let value = work();
    let took = Took {
        wall: since.elapsed().as_secs_f64() * 1e3,
        cpu: own_cpu_ms() - cpu,
    };
    (took, value)
}

fn open_log(path: &Path, cache: &Path) -> LogFile {
    LogFile::open(path, cache, &|| true).expect("the file is there")
}

fn open(path: &Path, cache: &Path, n_lines: u64) {
    let first = || {
        let file = open_log(path, cache);
        assert_eq!(file.lines(0, 60).expect("it can be read").len(), 60);
    };
    let (ours, peer) = alternate(
        || timed(first).0,
        || run(Command::new("head").arg("-n60").arg(path)).map_or(Took::default(), |(took, _)| took),
    );
    line(
        "P-LOG-2 first screen of 1 GiB, wall",
        (ours.wall, peer.wall),
        "ms",
        "<= 50 ms (peer: head)",
    );
    let (ours, peer) = alternate(
        || {
            timed(|| {
                let file = open_log(path, cache);
                assert_eq!(file.count(&|| true).expect("it can be counted"), n_lines);
            })
            .0
        },
        || run(Command::new("wc").arg("-l").arg(path)).map_or(Took::default(), |(took, _)| took),
    );
    line("P-LOG-2 lines counted, wall", (ours.wall, peer.wall), "ms", "<= 3 of wc -l");
    let before = status_number(std::process::id(), "RssAnon");
    let file = open_log(path, cache);
    file.count(&|| true).expect("it can be counted");
    for page in 0..2000 {
        file.lines(page * (n_lines / 2000), 256).expect("it can be read");
    }
    let after = status_number(std::process::id(), "RssAnon");
    line(
        "P-LOG-2 memory, opened and scrolled",
        ((after - before).max(0.0) / 1024.0, 0.0),
        "MiB",
        "<= 64 MiB",
    );
    let (took, ()) = timed(|| {
        for page in 0..1000 {
            file.lines((page * 7919 * 1013) % n_lines, 60).expect("it can be read");
        }
    });
    line("P-LOG-2 a screen anywhere, wall", (took.wall / 1000.0, 0.0), "ms", "-");
}

fn search(path: &Path, cache: &Path, name: &str, pattern: &str) {
    if !measure::has_program("rg") {
        skip("P-LOG-1", "ripgrep is not installed");
        return;
    }
    let file = open_log(path, cache);
    let filter = LogFilter {
        pattern: Some(pattern.to_owned()),
        ..LogFilter::default()
    };
    let sieve = filter.sieve().expect("it is an expression");
    let mut n_ours = 0;
    let mut n_peer = String::new();
    let (ours, peer) = alternate(
        || {
            let (took, hits) = timed(|| file.search(&sieve, Timestamp::UNIX_EPOCH, &|| true, &|_, _| {}));
            n_ours = hits.expect("it can be read").n_hits;
            took
        },
        || {
            let mut rg = Command::new("rg");
            rg.args(["-c", "--no-config", pattern]).arg(path);
            run(&mut rg).map_or(Took::default(), |(took, told)| {
                told.trim().clone_into(&mut n_peer);
                took
            })
        },
    );
    assert_eq!(n_ours.to_string(), n_peer, "both find the same");
    line(
        &format!("P-LOG-1 {name}, wall"),
        (ours.wall, peer.wall),
        "ms",
        "<= 1.2 of rg -c",
    );
    line(&format!("P-LOG-1 {name}, cpu"), (ours.cpu, peer.cpu), "ms", "-");
}

/// Once: it takes its time.
fn lnav(path: &Path) {
    if !measure::has_program("lnav") {
        skip("P-LOG, lnav", "lnav is not installed");
        return;
    }
    let mut lnav = Command::new("lnav");
    lnav.args(["-n", "-q", "-c", ":filter-in index out of bounds"]).arg(path);
    if let Some((took, _)) = run(&mut lnav) {
        note(&format!(
            "lnav shows the rare words of the same file after {:.0} ms",
            took.wall
        ));
    }
}
