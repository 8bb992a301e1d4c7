//! P-RUN-1 and P-RUN-2: what running tests and builds through Chantier costs over the bare tool.

#![allow(clippy::print_stdout, reason = "a benchmark prints its lines")]

mod measure;

use measure::{Took, alternate, chantier, command, has_program, head, line, note, run, skip};
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

const N_TESTS: usize = 2000;
/// A build with nothing to do is short: so many of them count as one.
const NO_OPS: usize = 5;

fn main() {
    head();
    if !has_program("cargo") {
        skip("P-RUN-1, P-RUN-2", "there is no cargo");
        return;
    }
    let place = tempfile::tempdir().expect("a temporary folder can be made");
    builds(place.path());
    if has_program("cargo-nextest") {
        tests(place.path());
    } else {
        skip("P-RUN-1", "there is no cargo-nextest");
    }
}

fn ours(place: &Path, cwd: &Path, args: &[&str]) -> Command {
    let mut command = command(chantier(), cwd);
    command.arg("--home").arg(place.join("home")).arg("--trust").args(args);
    command
}

fn cargo(cwd: &Path, args: &[&str]) -> Command {
    let mut command = command("cargo", cwd);
    command.args(args);
    command
}

fn took(command: &mut Command) -> Took {
    run(command).map_or_else(|| panic!("{command:?} failed half-way"), |(took, _)| took)
}

/// A package of empty tests, one process each.
fn tests(place: &Path) {
    let dir = place.join("two-thousand");
    let mut source = String::new();
    for i in 0..N_TESTS {
        writeln!(source, "#[test]\nfn empty_{i:04}() {{}}\n").expect("a string takes everything");
    }
    let files = [
        (
            "Cargo.toml",
            "[package]\nname = \"two-thousand\"\nversion = \"0.1.0\"\nedition = \"2021\"\n\n[workspace]\n",
        ),
        ("src/lib.rs", source.as_str()),
        (".config/nextest.toml", "[profile.default]\nfail-fast = false\n"),
    ];
    for (name, text) in files {
        let path = dir.join(name);
        std::fs::create_dir_all(path.parent().expect("it has a folder")).expect("a folder can be made");
        std::fs::write(path, text).expect("a file can be written");
    }
    let bare = ["nextest", "run"];
    let Some((built, _)) = run(&mut cargo(&dir, &bare)) else {
        skip("P-RUN-1", "cargo nextest run fails by itself");
        return;
    };
    note(&format!("the first bare run, with its build: {:.0} ms", built.wall));
    let Some((_, json)) = run(&mut ours(place, &dir, &["--json", "test", "run"])) else {
        skip("P-RUN-1", "chantier test run fails");
        return;
    };
    if !json.contains(&N_TESTS.to_string()) {
        skip("P-RUN-1", &format!("chantier does not count {N_TESTS} tests: {json:.300}"));
        return;
    }
    let (a, b) = alternate(
        || took(&mut ours(place, &dir, &["test", "run"])),
        || took(&mut cargo(&dir, &bare)),
    );
    line(
        "P-RUN-1 2,000 tests, wall",
        (a.wall, b.wall),
        "ms",
        "<= 1.03 of cargo nextest run",
    );
    line(
        "P-RUN-1 2,000 tests, cpu",
        (a.cpu, b.cpu),
        "ms",
        "<= 1.03 of cargo nextest run",
    );
    note(&format!(
        "P-RUN-1 over the bare tool: {:+.0} ms wall, {:+.0} ms cpu",
        a.wall - b.wall,
        a.cpu - b.cpu
    ));
}

/// The sample, built by its own task and by the words of that task.
fn builds(place: &Path) {
    let dir = place.join("bonjour");
    let path = dir.to_string_lossy().into_owned();
    if run(&mut ours(place, place, &["devops", "sample", &path])).is_none() {
        skip("P-RUN-2", "the sample can not be unpacked");
        return;
    }
    let bare = ["build", "--release", "--locked"];
    if run(&mut ours(place, &dir, &["build", "run", "build"])).is_none() || run(&mut cargo(&dir, &bare)).is_none() {
        skip("P-RUN-2", "the sample does not build");
        return;
    }
    let (a, b) = alternate(
        || many(|| took(&mut ours(place, &dir, &["build", "run", "build"]))),
        || many(|| took(&mut cargo(&dir, &bare))),
    );
    report("no-op", a, b);
    let fresh = || drop(std::fs::remove_dir_all(dir.join("target")));
    let (a, b) = alternate(
        || {
            fresh();
            took(&mut ours(place, &dir, &["build", "run", "build"]))
        },
        || {
            fresh();
            took(&mut cargo(&dir, &bare))
        },
    );
    report("full", a, b);
    let (a, b) = alternate(
        || many(|| took(&mut ours(place, &dir, &["devops", "list"]))),
        || many(|| took(&mut command("true", &dir))),
    );
    line(
        "start and end of chantier, wall",
        (a.wall, b.wall),
        "ms",
        "a fixed cost, of `true`",
    );
    line(
        "start and end of chantier, cpu",
        (a.cpu, b.cpu),
        "ms",
        "a fixed cost, of `true`",
    );
}

fn many(one: impl Fn() -> Took) -> Took {
    let all: Vec<Took> = (0..NO_OPS).map(|_| one()).collect();
    Took {
        wall: all.iter().map(|took| took.wall).sum::<f64>() / NO_OPS as f64,
        cpu: all.iter().map(|took| took.cpu).sum::<f64>() / NO_OPS as f64,
    }
}

fn report(name: &str, a: Took, b: Took) {
    let target = "<= 1.02 of cargo build";
    line(&format!("P-RUN-2 sample, {name}, wall"), (a.wall, b.wall), "ms", target);
    line(&format!("P-RUN-2 sample, {name}, cpu"), (a.cpu, b.cpu), "ms", target);
    note(&format!(
        "P-RUN-2 {name} over the bare tool: {:+.1} ms wall, {:+.1} ms cpu",
        a.wall - b.wall,
        a.cpu - b.cpu
    ));
}
