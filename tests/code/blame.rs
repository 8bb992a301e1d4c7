//! Blame and comparison of random repositories beside what git's program says of them.

use super::fixture::{Fixture, cases, path};
use crate::support::cli::Home;
use chantier::adapters::git::BlameTold;
use chantier::base::blame::{BlameCommit, BlameRun};
use chantier::base::{GitPath, Problem};
use std::fmt::Write;

#[derive(Default)]
struct Told {
    lines: Vec<String>,
    commits: Vec<BlameCommit>,
    runs: Vec<BlameRun>,
}

fn told(fixture: &Fixture, file: &str, revision: Option<&str>) -> Told {
    let mut told = Told::default();
    blame(fixture, file, revision, &mut told).unwrap();
    told
}

fn blame(fixture: &Fixture, file: &str, revision: Option<&str>, told: &mut Told) -> Result<(), Problem> {
    let mut take = |part| match part {
        BlameTold::Text { lines, .. } => told.lines = lines,
        BlameTold::Runs { commits, runs } => {
            told.commits.extend(commits);
            told.runs.extend(runs);
        }
    };
    fixture.git.blame(&fixture.root, &path(file), revision, &|| false, &mut take)
}

/// `commit original-line path`, line by line; the commit is zeros when there is none.
fn ours(told: &Told) -> Vec<String> {
    let mut lines = vec![String::new(); told.lines.len()];
    for run in &told.runs {
        let commit = &told.commits[run.commit as usize];
        for n in 0..run.n {
            let line = &mut lines[(run.line + n) as usize];
            assert!(line.is_empty(), "a line is told once");
            let oid = commit.oid.clone().unwrap_or_else(|| "0".repeat(40));
            write!(line, "{oid} {} {}", run.original + n + 1, commit.path.quoted()).unwrap();
        }
    }
    lines
}

fn gits(fixture: &Fixture, file: &str, revision: Option<&str>) -> Vec<String> {
    let mut args = vec!["blame", "--line-porcelain"];
    args.extend(revision);
    args.extend(["--", file]);
    let answer = String::from_utf8_lossy(&fixture.run(&args)).into_owned();
    let mut lines = Vec::new();
    let mut head = String::new();
    for line in answer.lines() {
        if let Some(name) = line.strip_prefix("filename ") {
            lines.push(format!("{head} {}", GitPath::from_quoted(name).quoted()));
        } else if line.len() > 41 && line.as_bytes()[..40].iter().all(u8::is_ascii_hexdigit) && line.as_bytes()[40] == b' ' {
            let mut words = line.split(' ');
            head = format!("{} {}", words.next().unwrap(), words.next().unwrap());
        }
    }
    lines
}

fn same(fixture: &Fixture, file: &str, revision: Option<&str>) {
    let (ours, gits) = (ours(&told(fixture, file, revision)), gits(fixture, file, revision));
    for (at, (one, other)) in ours.iter().zip(&gits).enumerate() {
        assert_eq!(one, other, "line {} of {file} at {revision:?}", at + 1);
    }
    assert_eq!(ours.len(), gits.len());
}

/// Code-like lines, of which many are alike.
fn random_line(rng: &mut fastrand::Rng) -> String {
    match rng.u8(..6) {
        0 => "}".to_owned(),
        1 => String::new(),
        2 => format!("    let x = {};", rng.u8(..9)),
        _ => format!("fn f{}() {{", rng.u16(..)),
    }
}

fn change(rng: &mut fastrand::Rng, lines: &mut Vec<String>) {
    for _ in 0..rng.usize(1..5) {
        let at = rng.usize(..=lines.len());
        let n = rng.usize(..6).min(lines.len() - at);
        let new: Vec<String> = (0..rng.usize(..7)).map(|_| random_line(rng)).collect();
        lines.splice(at..at + n, new);
    }
}

fn text(lines: &[String], is_open: bool) -> String {
    let text = lines.join("\n");
    if is_open || text.is_empty() { text } else { text + "\n" }
}

#[test]
fn every_line_has_the_commit_that_git_says() {
    cases(25, |rng| {
        let fixture = Fixture::new();
        let n = rng.usize(20..700);
        let mut lines: Vec<String> = (0..n).map(|_| random_line(rng)).collect();
        let mut file = "src/main.rs".to_owned();
        let mut other = lines.clone();
        fixture.write(&file, text(&lines, false));
        fixture.commit_all("one");
        fixture.run(&["branch", "side"]);
        for round in 0..14 {
            match rng.u8(..8) {
                0 => {
                    let to = format!("src/moved {round}.rs");
                    fixture.run(&["mv", &file, &to]);
                    file = to;
                    fixture.commit_all("move");
                }
                1 | 2 => {
                    fixture.run(&["switch", "-q", "side"]);
                    change(rng, &mut other);
                    let there = fixture.text(&["ls-files", "src"]);
                    fixture.write(there.trim_matches('"'), text(&other, false));
                    fixture.commit_all("on the side");
                    fixture.run(&["switch", "-q", "main"]);
                }
                3 => {
                    let (code, ..) = fixture.try_run(&fixture.root, &["merge", "-q", "--no-edit", "-X", "ours", "side"]);
                    if code != 0 {
                        fixture.run(&["merge", "--abort"]);
                    }
                    if let Ok(now) = std::fs::read_to_string(fixture.path(&file)) {
                        lines = now.lines().map(str::to_owned).collect();
                    }
                }
                _ => {
                    change(rng, &mut lines);
                    fixture.write(&file, text(&lines, rng.u8(..5) == 0));
                    fixture.commit_all("change");
                }
            }
            if !fixture.path(&file).is_file() {
                return;
            }
        }
        same(&fixture, &file, Some("HEAD"));
        same(&fixture, &file, None);
        pack(rng, &fixture);
        same(&fixture, &file, Some("HEAD"));
        change(rng, &mut lines);
        fixture.write(&file, text(&lines, false));
        same(&fixture, &file, None);
    });
}

/// Everything goes into one pack, with short chains of deltas or long ones, and bases that are named by place or by id.
fn pack(rng: &mut fastrand::Rng, fixture: &Fixture) {
    let depth = format!("--depth={}", rng.choice([0, 1, 5, 50]).unwrap());
    let by_place = format!("repack.useDeltaBaseOffset={}", rng.bool());
    fixture.run(&["-c", &by_place, "repack", "-q", "-a", "-d", "-f", "--window=50", &depth]);
}

/// Versions that begin with a byte that is no text, the newest last, in a file so large that only what differs is compared.
fn large(fixture: &Fixture, rng: &mut fastrand::Rng, n: usize) -> String {
    let file = "long.csv";
    let mut lines: Vec<String> = (0..40_000).map(|at| format!("{at},{:016x}", rng.u64(..))).collect();
    for round in 0..n {
        for _ in 0..3 {
            let at = rng.usize(..lines.len());
            let new: Vec<String> = (0..rng.usize(..9)).map(|_| format!("{round},{:016x}", rng.u64(..))).collect();
            lines.splice(at..(at + rng.usize(..9)).min(lines.len()), new);
        }
        let mut bytes = b"\xff\xfe\n".to_vec();
        bytes.extend_from_slice(text(&lines, false).as_bytes());
        fixture.write(file, bytes);
        fixture.commit_all("longer");
    }
    file.to_owned()
}

#[test]
fn a_large_file_is_read_from_every_kind_of_pack() {
    cases(2, |rng| {
        let fixture = Fixture::new();
        let file = large(&fixture, rng, 12);
        same(&fixture, &file, Some("HEAD"));
        for _ in 0..3 {
            pack(rng, &fixture);
            same(&fixture, &file, Some("HEAD"));
        }
        same(&fixture, &file, Some("HEAD~4"));
    });
}

#[test]
fn a_damaged_pack_never_shows_a_wrong_line() {
    cases(2, |rng| {
        let fixture = Fixture::new();
        let file = large(&fixture, rng, 4);
        pack(rng, &fixture);
        let truth = gits(&fixture, &file, Some("HEAD"));
        let folder = fixture.path(".git/objects/pack");
        let files = || std::fs::read_dir(&folder).unwrap().map(|file| file.unwrap().path());
        let pack = files().find(|file| file.extension() == Some("pack".as_ref())).unwrap();
        let good = std::fs::read(&pack).unwrap();
        std::fs::remove_file(&pack).unwrap();
        for _ in 0..12 {
            let mut bad = good.clone();
            let at = rng.usize(12..bad.len() - 20);
            bad[at] ^= 1 << rng.u8(..8);
            if rng.u8(..4) == 0 {
                bad.truncate(at);
            }
            std::fs::write(&pack, &bad).unwrap();
            let mut told = Told::default();
            let result = blame(&fixture, &file, Some("HEAD"), &mut told);
            if result.is_ok() {
                assert_eq!(ours(&told), truth, "byte {at}");
            }
        }
    });
}

#[test]
fn a_step_before_a_change_goes_to_the_line_as_it_was() {
    let fixture = Fixture::new();
    fixture.write("a", "one\ntwo\nthree\nfour\n");
    let first = fixture.commit_all("first");
    fixture.write("a", "new\none\ntwo\n3\nfour\n");
    let second = fixture.commit_all("second");
    fixture.run(&["mv", "a", "b"]);
    let third = fixture.commit_all("third");
    let before = |revision: &str, file: &str, line| fixture.git.before_line(&fixture.root, revision, &path(file), line).unwrap();
    assert_eq!(before(&second, "a", 3), Some((first.clone(), path("a"), 2)));
    assert_eq!(before(&second, "a", 4), Some((first.clone(), path("a"), 3)));
    assert_eq!(before(&second, "a", 1), Some((first.clone(), path("a"), 0)));
    assert_eq!(before(&third, "b", 3), Some((second, path("a"), 3)));
    assert_eq!(before(&first, "a", 0), None);
    let problem = fixture
        .git
        .blame(&fixture.root, &path("no"), Some("HEAD"), &|| false, &mut |_| {})
        .unwrap_err();
    assert_eq!(problem.code, "not-found");
}

#[test]
fn any_two_states_are_compared() {
    let fixture = Fixture::new();
    fixture.write("same", "same\n");
    fixture.write("old name", "a\nb\nc\nd\ne\n");
    fixture.write("gone", "x\n");
    fixture.commit_all("one");
    fixture.run(&["tag", "v1"]);
    fixture.run(&["mv", "old name", "new name"]);
    fixture.run(&["rm", "-q", "gone"]);
    fixture.write("new", "1\n2\n");
    fixture.commit_all("two");
    fixture.write("same", "not the same\n");
    let list = |from: &str, to: Option<&str>| {
        let found = fixture.git.compare(&fixture.root, from, to).unwrap();
        let line = |file: &chantier::base::repo::CommitFile| {
            let counts = (file.n_added.unwrap_or(0), file.n_removed.unwrap_or(0));
            format!("{} {} +{} -{}", file.change.letter(), file.path.display(), counts.0, counts.1)
        };
        found.files.iter().map(line).collect::<Vec<_>>()
    };
    assert_eq!(list("v1", Some("main")), ["D gone +0 -1", "A new +2 -0", "R new name +0 -0"]);
    assert_eq!(list("main", Some("v1")), ["A gone +1 -0", "D new +0 -2", "R old name +0 -0"]);
    assert_eq!(list("main", None), ["M same +1 -1"]);
    assert_eq!(
        list("v1", None),
        ["D gone +0 -1", "A new +2 -0", "R new name +0 -0", "M same +1 -1"]
    );
    assert_eq!(
        fixture.git.compare(&fixture.root, "v1", Some("nothing")).unwrap_err().code,
        "not-found"
    );
}

#[test]
fn the_command_line_goes_before_the_last_change_of_a_line() {
    let fixture = Fixture::new();
    fixture.write("a", "one\ntwo\nthree\n");
    let first = fixture.commit_all("first");
    fixture.write("a", "new\none\n2\nthree\n");
    fixture.commit_all("second");
    let home = Home::new();
    let run = |args: &[&str]| home.call_in(&fixture.root, &[&["--trust", "code", "blame", "a"], args].concat());
    let before = run(&["--before", "3", "--json"]).ok().json();
    assert_eq!(before["result"]["rev"], first.as_str());
    assert_eq!(before["result"]["lines"][1]["text"], "two");
    // What stands since the file began, and what is not there, is said.
    for (line, said) in [("2", "nothing before it"), ("9", "no line 9")] {
        let told = run(&["--before", line]);
        assert_eq!(told.code, 1);
        assert!(told.err.contains(said), "{}", told.err);
    }
}
