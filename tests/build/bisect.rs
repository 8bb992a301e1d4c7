//! Bisect run: the search over lines and merges, and real searches in real repositories, with failures that come and go in the way.

use crate::support::cli::{Called, Home, git};
use chantier::areas::build::bisect::search::{Next, Range, Reading, Verdict, most_steps, read};
use chantier::areas::test::frameworks::{CaseId, Framework};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

fn line(n: usize) -> Range {
    let parent = |i: usize| i.checked_sub(1).map(|i| i.to_string()).into_iter().collect();
    Range::new((0..n).map(|i| (i.to_string(), parent(i))).collect())
}

/// Searches with a perfect judge; gives what was found, and steps and rounds.
fn search(range: &Range, at_once: usize, judge: impl Fn(usize) -> Verdict) -> (Next, usize, usize) {
    let mut verdicts = BTreeMap::from([(range.commits.last().unwrap().clone(), Verdict::Bad)]);
    let (mut steps, mut rounds) = (0, 0);
    loop {
        match range.next(&verdicts, at_once) {
            Next::Probe(places) => {
                assert!(!places.is_empty() && places.len() <= at_once);
                rounds += 1;
                for place in places {
                    steps += 1;
                    let was = verdicts.insert(range.commits[place].clone(), judge(place));
                    assert_eq!(was, None, "a commit is looked at once");
                }
            }
            end => return (end, steps, rounds),
        }
    }
}

#[test]
fn a_line_is_halved_and_cut_into_as_many_parts_as_there_are_places() {
    for n in [1, 2, 3, 7, 100, 1000] {
        let range = line(n);
        for guilty in (0..n).step_by(1 + n / 97) {
            let judge = |place: usize| if place >= guilty { Verdict::Bad } else { Verdict::Good };
            let (found, steps, _) = search(&range, 1, judge);
            assert_eq!(found, Next::Found(guilty), "{n}");
            assert!(steps <= most_steps(n, 1) as usize, "{n} {guilty}: {steps}");
            for at_once in [2, 3, 8] {
                let (found, _, rounds) = search(&range, at_once, judge);
                assert_eq!(found, Next::Found(guilty));
                assert!(
                    rounds <= most_steps(n, at_once) as usize + 1,
                    "{n} {guilty} {at_once}: {rounds}"
                );
            }
        }
    }
    assert_eq!((most_steps(1000, 1), most_steps(1, 1), most_steps(1000, 4)), (10, 0, 5));
}

#[test]
fn merges_are_searched_like_lines_and_what_can_not_be_told_is_gone_around() {
    for seed in 0..60 {
        let mut random = fastrand::Rng::with_seed(seed);
        let n = random.usize(2..120);
        // Each commit has one or two parents among the last ones; the last joins all tips.
        let mut parents: Vec<Vec<usize>> = vec![Vec::new()];
        for i in 1..n {
            let mut of = vec![random.usize(i.saturating_sub(6)..i)];
            if random.u8(0..4) == 0 {
                of.push(random.usize(i.saturating_sub(6)..i));
                of.dedup();
            }
            parents.push(of);
        }
        let tips: Vec<usize> = (0..n - 1).filter(|i| !parents.iter().any(|of| of.contains(i))).collect();
        parents[n - 1].extend(tips.into_iter().filter(|tip| *tip != n - 1));
        parents[n - 1].sort_unstable();
        parents[n - 1].dedup();
        let names = |of: &[usize]| of.iter().map(ToString::to_string).collect();
        let range = Range::new(parents.iter().enumerate().map(|(i, of)| (i.to_string(), names(of))).collect());
        let guilty = random.usize(0..n);
        // Bad is what has the guilty one before it.
        let mut is_bad = vec![false; n];
        for i in 0..n {
            is_bad[i] = i == guilty || parents[i].iter().any(|parent| is_bad[*parent]);
        }
        if !is_bad[n - 1] {
            continue;
        }
        let judge = |place: usize| if is_bad[place] { Verdict::Bad } else { Verdict::Good };
        for at_once in [1, 4] {
            let (found, steps, _) = search(&range, at_once, judge);
            assert_eq!(found, Next::Found(guilty), "seed {seed}");
            assert!(steps <= n, "seed {seed}: {steps}");
        }
        // Some can not be told: the guilty one is among what is left.
        let skipped: Vec<bool> = (0..n).map(|i| i + 1 < n && random.u8(0..4) == 0).collect();
        let (found, ..) = search(&range, 1, |place| if skipped[place] { Verdict::Skip } else { judge(place) });
        match found {
            Next::Found(place) => assert_eq!(place, guilty, "seed {seed}"),
            Next::Unclear(places) => assert!(places.contains(&guilty), "seed {seed}"),
            Next::Probe(_) => unreachable!("it has ended"),
        }
    }
}

#[test]
fn looks_that_contradict_each_other_are_read_by_how_the_bad_end_fails() {
    use Verdict::{Bad, Good, Skip};
    let pass = |looks: &[Verdict]| read(looks, Reading::PassMeansGood);
    let fail = |looks: &[Verdict]| read(looks, Reading::FailureMeansBad);
    assert_eq!((pass(&[]), fail(&[])), (None, None));
    assert_eq!((pass(&[Bad, Good]), fail(&[Good, Bad])), (Some(Good), Some(Bad)));
    assert_eq!((pass(&[Bad, Bad]), fail(&[Good, Good])), (Some(Bad), Some(Good)));
    assert_eq!((pass(&[Skip]), fail(&[Skip, Good])), (Some(Skip), Some(Good)));
}

/// A repository of so many commits on one line; the content of `value` is the commit's number, and `guilty` breaks it.
fn repository(home: &Home, name: &str, n: usize, guilty: usize, check: &str) -> PathBuf {
    let dir = home.path(name);
    std::fs::create_dir(&dir).unwrap();
    git(&dir, &["init", "-q", "-b", "main"]);
    git(&dir, &["config", "user.name", "Ada"]);
    git(&dir, &["config", "user.email", "ada@example.org"]);
    let mut stream = String::new();
    for i in 1..=n {
        let message = if i == guilty {
            "Make it faster".to_owned()
        } else {
            format!("Change {i}")
        };
        let value = format!("{i}\n");
        let state = if i >= guilty { "broken\n" } else { "fine\n" };
        write!(
            stream,
            "commit refs/heads/main\ncommitter Ada <ada@example.org> {} +0000\ndata {}\n{message}\n",
            1_700_000_000 + i,
            message.len() + 1
        )
        .unwrap();
        for (file, text) in [("value", value.as_str()), ("state", state), ("check.sh", check)] {
            write!(stream, "M 100755 inline {file}\ndata {}\n{text}\n", text.len()).unwrap();
        }
    }
    let mut import = Command::new("git")
        .args(["fast-import", "--quiet"])
        .current_dir(&dir)
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    import.stdin.take().unwrap().write_all(stream.as_bytes()).unwrap();
    assert!(import.wait().unwrap().success());
    git(&dir, &["reset", "-q", "--hard"]);
    home.call(&["devops", "add", dir.to_str().unwrap()]).ok();
    home.call_in(&dir, &["devops", "trust"]).ok();
    dir
}

fn bisect(home: &Home, dir: &Path, args: &[&str], command: &[&str]) -> Called {
    let mut all = vec!["--json", "code", "bisect", "run"];
    all.extend(args);
    if !command.is_empty() {
        all.push("--");
        all.extend(command);
    }
    home.call_in(dir, &all)
}

fn guilty_of(result: &Value) -> &str {
    result["search"]["ended"]["commit"]["summary"].as_str().unwrap_or_default()
}

/// The user's checkout is as it was, and nothing is left beside it.
fn assert_untouched(dir: &Path, head: &str) {
    assert_eq!(git(dir, &["rev-parse", "HEAD"]), head);
    assert_eq!(git(dir, &["symbolic-ref", "HEAD"]).trim(), "refs/heads/main");
    assert_eq!(git(dir, &["status", "--porcelain"]), "");
    assert_eq!(git(dir, &["worktree", "list"]).lines().count(), 1);
}

#[test]
fn the_planted_commit_among_a_thousand_is_found_with_a_flaky_test_in_the_way() {
    let home = Home::new();
    let seen = home.path("seen");
    std::fs::create_dir(&seen).unwrap();
    // Every third commit fails the first time that it is looked at, whatever its state.
    let check = format!(
        "n=$(cat value)\nif [ $((n % 3)) = 0 ] && [ ! -e {0}/$n ]; then touch {0}/$n; exit 1; fi\ngrep -q fine state\n",
        seen.display()
    );
    let dir = repository(&home, "thousand", 1000, 617, &check);
    let head = git(&dir, &["rev-parse", "HEAD"]);
    let good = ["--good", "HEAD~999"];
    let one = bisect(&home, &dir, &[&good[..], &["--jobs", "1"]].concat(), &["sh", "check.sh"])
        .ok()
        .json();
    let result = &one["result"];
    assert_eq!(guilty_of(result), "Make it faster", "{one}");
    assert_eq!(result["search"]["n_range"], 999);
    assert_eq!(result["most_steps"], 10);
    let (steps, repeats) = (result["n_steps"].as_u64().unwrap(), result["n_repeats"].as_u64().unwrap());
    assert!(steps <= 10, "{steps} steps");
    // The two ends, and of each look that failed at most two more; and the boundary once more.
    assert!(repeats <= 2 + 2 + 10 * 2 + 6, "{repeats} repeats");
    let diff = result["search"]["ended"]["diff"].as_str().unwrap();
    assert!(diff.contains("-fine") && diff.contains("+broken"), "{diff}");
    assert_untouched(&dir, &head);
}

#[test]
fn several_commits_are_looked_at_at_once_and_what_can_not_be_told_is_left_out() {
    let home = Home::new();
    let check = "n=$(cat value)\n[ $((n % 5)) = 2 ] && exit 125\ngrep -q fine state\n";
    let dir = repository(&home, "several", 200, 121, check);
    let head = git(&dir, &["rev-parse", "HEAD"]);
    let args = ["--good", "HEAD~199", "--jobs", "3", "--repeats", "0"];
    let found = bisect(&home, &dir, &args, &["sh", "check.sh"]).ok().json();
    assert_eq!(guilty_of(&found["result"]), "Make it faster", "{found}");
    let rounds = found["result"]["n_rounds"].as_u64().unwrap();
    assert!(rounds <= 8, "{rounds} rounds");
    assert_untouched(&dir, &head);
    // Only 122 (which can not be told) and 123 are left when 121 can not be told either.
    let check = "n=$(cat value)\n[ $n -ge 119 ] && [ $n -le 122 ] && exit 125\ngrep -q fine state\n";
    let dir = repository(&home, "unclear", 200, 121, check);
    let called = bisect(&home, &dir, &["--good", "HEAD~199", "--jobs", "2"], &["sh", "check.sh"]);
    assert_eq!(called.code, 1);
    let told = called.json();
    assert_eq!(told["problems"][0]["code"], "unclear", "{told}");
    let left = told["result"]["search"]["ended"]["commits"].as_array().unwrap().len();
    assert_eq!(left, 5, "119 to 122, and 123 which is bad: {told}");
}

#[test]
fn a_search_that_was_killed_goes_on_with_the_verdicts_it_had() {
    let home = Home::new();
    let log = home.path("looked");
    let check = format!("cat value >> {}\nsleep 0.3\ngrep -q fine state\n", log.display());
    let dir = repository(&home, "killed", 400, 250, &check);
    let head = git(&dir, &["rev-parse", "HEAD"]);
    let args = [
        "code",
        "bisect",
        "run",
        "--events",
        "--good",
        "HEAD~399",
        "--jobs",
        "1",
        "--repeats",
        "0",
        "--",
        "sh",
        "check.sh",
    ];
    let mut running = home.program(&dir, &args).stdout(Stdio::piped()).spawn().unwrap();
    let mut known = Vec::new();
    for text in BufReader::new(running.stdout.take().unwrap()).lines().map_while(Result::ok) {
        let event: Value = serde_json::from_str(&text).unwrap();
        let looks = event
            .pointer("/event/update/update/update/search/looks")
            .and_then(Value::as_array);
        if let Some(looks) = looks.filter(|looks| looks.len() >= 5) {
            known = looks.iter().map(|look| look["oid"].as_str().unwrap().to_owned()).collect();
            break;
        }
    }
    assert!(known.len() >= 5, "it told its verdicts");
    running.kill().unwrap();
    running.wait().unwrap();
    let found = bisect(
        &home,
        &dir,
        &["--good", "HEAD~399", "--jobs", "1", "--repeats", "0"],
        &["sh", "check.sh"],
    );
    let found = found.ok().json();
    assert_eq!(guilty_of(&found["result"]), "Make it faster", "{found}");
    let looks = found["result"]["search"]["looks"].as_array().unwrap();
    let oids: Vec<&str> = looks.iter().map(|look| look["oid"].as_str().unwrap()).collect();
    assert_eq!(oids[..known.len()], known, "what was known is used");
    let mut once = oids.clone();
    once.sort_unstable();
    once.dedup();
    assert_eq!(once.len(), oids.len(), "no commit is looked at twice");
    assert!(found["result"]["n_steps"].as_u64().unwrap() <= 9);
    assert_untouched(&dir, &head);
}

#[test]
fn what_breaks_off_ends_the_search_and_wrong_ends_are_said() {
    let home = Home::new();
    let dir = repository(
        &home,
        "ends",
        20,
        10,
        "[ \"$(cat value)\" = 15 ] && kill -9 $$\ngrep -q fine state\n",
    );
    let code = |args: &[&str], command: &[&str]| {
        let called = bisect(&home, &dir, args, command);
        assert_eq!(called.code, 1, "{}", called.out);
        called.json()["problems"].as_array().unwrap().last().unwrap()["code"].clone()
    };
    assert_eq!(code(&["--good", "HEAD~19"], &["true"]), "bad-range", "the bad end is good");
    assert_eq!(
        code(&["--good", "HEAD~3"], &["sh", "check.sh"]),
        "bad-range",
        "the good end is bad"
    );
    assert_eq!(
        code(&["--good", "HEAD", "--bad", "HEAD~5"], &["false"]),
        "bad-range",
        "the wrong way round"
    );
    assert_eq!(code(&[], &["false"]), "no-good-commit", "no commit is good");
    let called = bisect(&home, &dir, &["--good", "HEAD~19", "--bad", "HEAD~5"], &["sh", "check.sh"]);
    assert_eq!(
        called.code, 1,
        "killed by a signal says nothing of the sources: {}",
        called.out
    );
}

#[test]
fn where_no_commit_is_known_to_be_good_one_is_looked_for() {
    let home = Home::new();
    let dir = repository(&home, "unknown", 60, 23, "grep -q fine state\n");
    let head = git(&dir, &["rev-parse", "HEAD"]);
    let found = bisect(&home, &dir, &["--repeats", "0", "--jobs", "1"], &["sh", "check.sh"])
        .ok()
        .json();
    assert_eq!(guilty_of(&found["result"]), "Make it faster", "{found}");
    let looks = found["result"]["search"]["looks"].as_array().unwrap();
    // 0, 1, 2, 4, 8, 16, 32, 59 back, and then the halves of what is between.
    assert!(looks.len() <= 14, "{}", looks.len());
    assert_untouched(&dir, &head);
}

#[test]
fn a_task_is_searched_from_the_last_green_run_of_the_history() {
    let home = Home::new();
    let toml = "[project]\nname = \"task\"\n\n[[task]]\nname = \"check\"\nkind = \"check\"\nrun = [\"sh\", \"check.sh\"]\n";
    let dir = repository(&home, "task", 40, 30, "grep -q fine state\n");
    // The task is younger than the first commits: those can not be told.
    std::fs::write(dir.join("chantier.toml"), toml).unwrap();
    git(&dir, &["checkout", "-q", "-b", "old", "HEAD~20"]);
    git(&dir, &["add", "chantier.toml"]);
    git(&dir, &["commit", "-q", "-m", "Say how it is checked"]);
    home.call_in(&dir, &["--trust", "build", "run", "check"]).ok();
    git(&dir, &["checkout", "-q", "main"]);
    git(&dir, &["merge", "-q", "--no-edit", "old"]);
    let failed = home.call_in(&dir, &["--trust", "build", "run", "check"]);
    assert_eq!(failed.code, 1, "{}", failed.err);
    let found = home.call_in(
        &dir,
        &["--json", "--trust", "code", "bisect", "run", "--task", "check", "--jobs", "1"],
    );
    let told = found.json();
    // Commits of the main line have no such task before the merge, which is all that can be said.
    assert_eq!(
        told["problems"].as_array().unwrap().last().unwrap()["code"],
        "unclear",
        "{told}"
    );
    let first = home.call_in(
        &dir,
        &[
            "--json",
            "--trust",
            "code",
            "bisect",
            "run",
            "--task",
            "check",
            "--first-parent",
            "--good",
            "HEAD~40",
            "--jobs",
            "1",
        ],
    );
    assert!(first.json()["result"]["search"]["n_range"].as_u64().unwrap() <= 41);
    let list = home.call_in(&dir, &["--json", "code", "bisect", "list"]).ok().json();
    assert_eq!(list["result"]["searches"].as_array().unwrap().len(), 2, "{list}");
}

/// Twelve commits of a pytest project, trusted; the eighth breaks `test_double`. `after` is called behind each.
fn tested(home: &Home, after: impl Fn(usize, &Path)) -> PathBuf {
    let dir = home.path("tested");
    std::fs::create_dir(&dir).unwrap();
    git(&dir, &["init", "-q", "-b", "main"]);
    git(&dir, &["config", "user.name", "Ada"]);
    git(&dir, &["config", "user.email", "ada@example.org"]);
    std::fs::write(dir.join("pytest.ini"), "[pytest]\n").unwrap();
    std::fs::write(dir.join(".gitignore"), "__pycache__/\n.pytest_cache/\n").unwrap();
    let test = "from calc import double\n\ndef test_double():\n    assert double(2) == 4\n\ndef test_other():\n    assert True\n";
    std::fs::write(dir.join("test_calc.py"), test).unwrap();
    for i in 1..=12 {
        let body = if i >= 8 { "n + 3" } else { "n * 2" };
        std::fs::write(dir.join("calc.py"), format!("# {i}\ndef double(n):\n    return {body}\n")).unwrap();
        git(&dir, &["add", "-A"]);
        git(&dir, &["commit", "-q", "-m", &format!("Change {i}")]);
        if i == 2 {
            home.call(&["devops", "add", dir.to_str().unwrap()]).ok();
            home.call_in(&dir, &["devops", "trust"]).ok();
        }
        after(i, &dir);
    }
    dir
}

#[test]
fn a_test_is_searched_by_its_name() {
    let home = Home::new();
    let dir = tested(&home, |i, dir| {
        if i == 2 {
            home.call_in(dir, &["test", "run"]).ok();
        }
    });
    assert_eq!(home.call_in(&dir, &["test", "run"]).code, 1);
    let found = bisect(&home, &dir, &["--test", "test_double", "--repeats", "0", "--jobs", "2"], &[])
        .ok()
        .json();
    let result = &found["result"];
    assert_eq!(guilty_of(result), "Change 8", "{found}");
    assert_eq!(result["search"]["n_range"], 10, "from the last green run in the history");
    assert!(
        result["search"]["ended"]["carriers"]["releases"]
            .as_array()
            .unwrap()
            .is_empty()
    );
}

#[test]
fn a_test_that_was_never_run_here_is_found_by_its_short_name() {
    let home = Home::new();
    let dir = tested(&home, |_, _| ());
    let search = |name: &str| {
        bisect(
            &home,
            &dir,
            &["--good", "HEAD~10", "--test", name, "--repeats", "0", "--jobs", "2"],
            &[],
        )
    };
    let found = search("test_double").ok().json();
    assert_eq!(guilty_of(&found["result"]), "Change 8", "{found}");
    let unknown = search("test_nothing").json();
    assert_eq!(
        unknown["problems"].as_array().unwrap().last().unwrap()["code"],
        "not-found",
        "{unknown}"
    );
    let worktrees = git(&dir, &["worktree", "list"]);
    assert_eq!(worktrees.lines().count(), 1, "{worktrees}");
}

#[test]
fn a_crash_is_a_failure_and_versions_of_other_tools_carry_the_commit() {
    let home = Home::new();
    let dir = repository(&home, "crash", 30, 20, "grep -q fine state || kill -SEGV $$\n");
    git(&dir, &["tag", "v1.0.0", "HEAD~25"]);
    git(&dir, &["tag", "v2.0.0", "HEAD~4"]);
    git(&dir, &["tag", "v10.0.0"]);
    let range = ["--good", "HEAD~29"];
    // The program dies, or the shell says so of its last command.
    for command in [&["sh", "check.sh"][..], &["sh", "-c", "sh check.sh; exit $?"]] {
        let told = bisect(&home, &dir, &range, command).ok().json();
        assert_eq!(guilty_of(&told["result"]), "Make it faster", "{told}");
        let carriers = &told["result"]["search"]["ended"]["carriers"];
        assert_eq!(carriers["releases"], json!(["v10.0.0", "v2.0.0"]), "{told}");
    }
    let skipped = home.call_in(
        &dir,
        &["code", "bisect", "run", "--good", "HEAD~29", "--", "sh", "-c", "exit 125"],
    );
    assert!(
        skipped.code == 1 && skipped.err.contains("can not be told"),
        "{}",
        skipped.err
    );
}

#[test]
fn a_test_is_called_as_its_own_tool_writes_it() {
    let of = |framework, suite: &str| CaseId::new(framework, suite, "T::test_add");
    let cases = [
        (of(Framework::Pytest, "tests/test_calc.py"), "tests/test_calc.py::T::test_add"),
        (of(Framework::Unittest, "tests/test_calc.py"), "tests.test_calc.T.test_add"),
    ];
    for (case, own) in cases {
        for word in [own, "T::test_add", &case.text()] {
            assert!(case.is_called(word), "{word}");
        }
        assert!(!case.is_called("test_add") && !case.is_called("tests/test_calc.py"));
    }
}

#[test]
fn a_test_finds_the_packages_that_are_installed_in_the_checkout_and_the_sources_of_the_commit() {
    let home = Home::new();
    let dir = home.path("venv");
    std::fs::create_dir_all(dir.join("src")).unwrap();
    std::fs::create_dir(dir.join("tests")).unwrap();
    git(&dir, &["init", "-q", "-b", "main"]);
    git(&dir, &["config", "user.name", "Ada"]);
    git(&dir, &["config", "user.email", "ada@example.org"]);
    std::fs::write(dir.join(".gitignore"), ".venv/\n__pycache__/\n").unwrap();
    std::fs::write(dir.join("tests/__init__.py"), "").unwrap();
    let test = "import unittest, parts, calc\n\nclass T(unittest.TestCase):\n    def test_m(self):\n        self.assertEqual(calc.double(parts.two), 4)\n";
    std::fs::write(dir.join("tests/test_m.py"), test).unwrap();
    for i in 1..=6 {
        let body = if i >= 4 { "n + 3" } else { "n * 2" };
        std::fs::write(dir.join("src/calc.py"), format!("# {i}\ndef double(n):\n    return {body}\n")).unwrap();
        git(&dir, &["add", "-A"]);
        git(&dir, &["commit", "-q", "-m", &format!("Change {i}")]);
    }
    let made = Command::new("python3")
        .args(["-m", "venv", "--without-pip", ".venv"])
        .current_dir(&dir)
        .status();
    assert!(made.unwrap().success());
    let lib = std::fs::read_dir(dir.join(".venv/lib"))
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();
    std::fs::write(lib.join("site-packages/parts.py"), "two = 2\n").unwrap();
    // As a package that was installed to be edited.
    let sources = format!("{}\n", dir.join("src").display());
    std::fs::write(lib.join("site-packages/calc.pth"), sources).unwrap();
    home.call_in(&dir, &["devops", "trust"]).ok();
    assert_eq!(home.call_in(&dir, &["test", "run"]).code, 1);
    let found = bisect(
        &home,
        &dir,
        &["--good", "HEAD~5", "--test", "test_m", "--repeats", "0", "--jobs", "1"],
        &[],
    );
    let found = found.ok().json();
    assert_eq!(guilty_of(&found["result"]), "Change 4", "{found}");
    assert!(dir.join(".venv/bin/python").exists(), "what was lent is still there");
}

/// `git bisect` by hand says both ends, and stands somewhere between them.
#[test]
fn a_search_goes_on_from_what_was_found_by_hand() {
    let home = Home::new();
    let dir = repository(&home, "byhand", 20, 10, "grep -q fine state\n");
    git(&dir, &["bisect", "start", "HEAD", "HEAD~19"]);
    let found = bisect(&home, &dir, &["--repeats", "0"], &["sh", "check.sh"]).ok().json();
    assert_eq!(guilty_of(&found["result"]), "Make it faster", "{found}");
    git(&dir, &["bisect", "reset"]);
}
