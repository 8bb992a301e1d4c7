//! Runbooks that run by themselves: when, what is missed, and by the real watch.

use crate::support::cli::Home;
use chantier::areas::devops::project::{Runbook, Schedule, parse};
use chantier::areas::operate::schedules::{Dues, round};
use chantier::base::Timestamp;
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

fn books(schedule: &str, more: &str) -> Vec<Runbook> {
    let text = format!("[[runbook]]\nname = \"tidy\"\nschedule = \"{schedule}\"\n{more}\n[[runbook.step]]\nrun = [\"true\"]\n");
    let (file, problems) = parse(&text, Path::new("chantier.toml"));
    assert!(problems.is_empty(), "{problems:?}");
    file.runbooks
}

fn at(text: &str) -> Timestamp {
    text.parse().expect("a moment")
}

#[test]
fn a_runbook_is_due_once_and_a_missed_one_is_told_or_made_up_for() {
    let daily = books("30 2 * * * UTC", "");
    let first = round(&daily, &Dues::new(), at("2026-03-01T12:00:00Z"));
    // One that is new does not run at once.
    assert!(first.run.is_empty() && first.missed.is_empty(), "{first:?}");
    assert_eq!(first.dues["tidy"].at, at("2026-03-02T02:30:00Z"));
    let early = round(&daily, &first.dues, at("2026-03-02T02:29:59Z"));
    assert_eq!((&early.run, &early.dues), (&Vec::new(), &first.dues));
    let due = round(&daily, &first.dues, at("2026-03-02T02:30:01Z"));
    assert_eq!(due.run, ["tidy"]);
    assert_eq!(due.dues["tidy"].at, at("2026-03-03T02:30:00Z"));
    let again = round(&daily, &due.dues, at("2026-03-02T02:30:02Z"));
    assert!(again.run.is_empty(), "{again:?}");

    // Three nights without anybody: told once, or run once.
    let morning = at("2026-03-04T08:00:00Z");
    let missed = round(&daily, &first.dues, morning);
    assert!(missed.run.is_empty());
    assert_eq!(missed.missed, [("tidy".to_owned(), at("2026-03-02T02:30:00Z"))]);
    assert_eq!(missed.dues["tidy"].at, at("2026-03-05T02:30:00Z"));
    let made_up = round(&books("30 2 * * * UTC", "catch_up = true"), &first.dues, morning);
    assert_eq!((made_up.run.as_slice(), made_up.missed.len()), (&["tidy".to_owned()][..], 0));

    // Another schedule counts from now; none is forgotten.
    let changed = round(&books("every 6h", ""), &first.dues, at("2026-03-02T03:00:00Z"));
    assert!(changed.run.is_empty());
    assert_eq!(changed.dues["tidy"].at, at("2026-03-02T09:00:00Z"));
    assert_eq!(round(&[], &changed.dues, at("2026-03-03T03:00:00Z")).dues, Dues::new());
}

#[test]
fn a_schedule_that_is_none_is_told_with_its_line() {
    for (lines, code, word) in [
        ("schedule = \"every minute or so\"", "bad-schedule", "every minute or so"),
        ("schedule = \"every 5s\"", "bad-schedule", "every 5s"),
        ("schedule = \"61 2 * * *\"", "bad-schedule", "61 2 * * *"),
        ("schedule = \"0 0 31 2 *\"", "bad-schedule", "0 0 31 2 *"),
        ("schedule = \"@daily\"\nconfirm = true", "", "@daily"),
    ] {
        let text = format!("[[runbook]]\nname = \"x\"\n{lines}\n[[runbook.step]]\nrun = [\"true\"]\n");
        let (file, problems) = parse(&text, Path::new("chantier.toml"));
        let [problem] = problems.as_slice() else {
            panic!("{word}: {problems:?}")
        };
        assert_eq!(problem.code, code, "{word}");
        assert_eq!(
            problem.place.as_ref().and_then(|place| place.line),
            Some(3),
            "{word}: {problem:?}"
        );
        assert!(file.runbooks.is_empty(), "{word}");
    }
}

struct Watch(Child);

impl Drop for Watch {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

#[test]
fn the_watch_runs_what_is_due_and_a_kill_runs_nothing_twice() {
    let home = Home::new();
    let dir = home.path("site");
    std::fs::create_dir(&dir).expect("made");
    let file = "[[runbook]]\nname = \"tick\"\nschedule = \"* * * * *\"\n\n[[runbook.step]]\nrun = [\"sh\", \"-c\", \"date +%Y%m%d%H%M >> ticks\"]\n";
    std::fs::write(dir.join("chantier.toml"), file).expect("written");
    home.call(&["devops", "add", dir.to_str().expect("text"), "--trust"]).ok();
    let watch = || {
        let mut program = home.program(&dir, &["watch", "--events"]);
        Watch(
            program
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .expect("it starts"),
        )
    };
    let ticks = || std::fs::read_to_string(dir.join("ticks")).unwrap_or_default();
    let first = watch();
    let since = Instant::now();
    while ticks().is_empty() {
        assert!(since.elapsed() < Duration::from_mins(3), "it never ran");
        std::thread::sleep(Duration::from_millis(200));
    }
    let list = || home.call_in(&dir, &["operate", "runbook", "list", "--json"]).json();
    let mut listed = list();
    while listed["result"]["runbooks"][0]["last"]["state"] != "done" {
        assert!(since.elapsed() < Duration::from_mins(3), "{listed:#}");
        std::thread::sleep(Duration::from_millis(200));
        listed = list();
    }
    let book = &listed["result"]["runbooks"][0];
    assert_eq!(book["schedule"], "* * * * *", "{listed:#}");
    assert!(book["next"].is_string(), "{listed:#}");
    // Killed in the minute of the run: who watches next knows that it ran.
    drop(first);
    let second = watch();
    std::thread::sleep(Duration::from_secs(20));
    drop(second);
    let told = ticks();
    let minutes: Vec<&str> = told.lines().collect();
    let mut once = minutes.clone();
    once.dedup();
    assert_eq!(minutes, once, "a minute has one run");
}

/// The night in which the hour from two to three is left out has its run, and only one; what runs every hour goes on every hour.
#[test]
fn a_time_that_summer_time_leaves_out_comes_so_much_later() {
    let next = |schedule: &str, after: &str| Schedule::new(schedule).next(at(after)).unwrap().to_string();
    let nightly = "30 2 * * * Europe/Paris";
    assert_eq!(next(nightly, "2027-03-27T12:00:00Z"), "2027-03-28T01:30:00Z");
    assert_eq!(next(nightly, "2027-03-28T01:30:00Z"), "2027-03-29T00:30:00Z");
    assert_eq!(next(nightly, "2027-03-26T12:00:00Z"), "2027-03-27T01:30:00Z");
    let often = "*/20 * * * * Europe/Paris";
    for (after, wanted) in [
        ("2027-03-28T00:40:00Z", "2027-03-28T01:00:00Z"),
        ("2027-03-28T01:00:00Z", "2027-03-28T01:20:00Z"),
        // In autumn the hour comes twice.
        ("2027-10-31T00:40:00Z", "2027-10-31T01:00:00Z"),
        ("2027-10-31T01:40:00Z", "2027-10-31T02:00:00Z"),
    ] {
        assert_eq!(next(often, after), wanted, "{after}");
    }
}

/// What is made for one at a time is refused while another program is at it, wherever from.
#[test]
fn a_runbook_does_not_run_twice_at_once() {
    let home = Home::new();
    let dir = super::workspace(&home, "site");
    let script = "echo began >> began; while [ ! -e go ]; do sleep 0.1; done";
    let file = format!("[[runbook]]\nname = \"slow\"\n\n[[runbook.step]]\nrun = [\"sh\", \"-c\", \"{script}\"]\n");
    std::fs::write(dir.join("chantier.toml"), file).unwrap();
    home.call(&["devops", "trust", dir.to_str().unwrap()]).ok();
    let run = ["operate", "runbook", "run", "slow"];
    let mut first = home
        .program(&dir, &run)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let began = || std::fs::read_to_string(dir.join("began")).unwrap_or_default();
    super::wait_until("it runs", || !began().is_empty());
    let second = home.call_in(&dir, &["operate", "runbook", "run", "slow", "--json"]);
    std::fs::write(dir.join("go"), "").unwrap();
    let told = second.json();
    assert_eq!(told["problems"][0]["code"], "busy", "{told:#}");
    let hint = told["problems"][0]["hint"].to_string();
    assert!(hint.contains("Run "), "the run is named: {told:#}");
    assert!(first.wait().unwrap().success());
    assert_eq!(began(), "began\n");
    home.call_in(&dir, &run).ok();
    assert_eq!(began(), "began\nbegan\n");
}

/// A worker that a step started is ended with the step; the run went well, and says what it did not leave running.
#[test]
fn what_a_step_leaves_running_is_named() {
    let home = Home::new();
    let dir = super::workspace(&home, "site");
    let book = |name: &str, script: &str| {
        format!("[[runbook]]\nname = \"{name}\"\n\n[[runbook.step]]\nrun = [\"sh\", \"-c\", \"{script}\"]\n\n")
    };
    let leaves = "setsid sleep 301 >/dev/null 2>&1 </dev/null & echo started";
    std::fs::write(
        dir.join("chantier.toml"),
        book("leaves", leaves) + &book("clean", "echo done"),
    )
    .unwrap();
    home.call(&["devops", "trust", dir.to_str().unwrap()]).ok();
    let run = |name: &str| home.call_in(&dir, &["operate", "runbook", "run", name, "--json"]).ok().json();
    let told = run("leaves");
    let [problem] = told["problems"].as_array().unwrap().as_slice() else {
        panic!("{told:#}")
    };
    assert_eq!(problem["code"], "left-behind", "{told:#}");
    assert!(problem["details"].to_string().contains("sleep 301"), "{told:#}");
    assert_eq!(run("clean")["problems"].as_array().unwrap().len(), 0);
}
