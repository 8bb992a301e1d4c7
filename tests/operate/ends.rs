//! How containers end: in the time and by the signal that they were made with.

use super::workspace;
use crate::support::cli::Home;
use crate::support::engine::{Removed, docker, import_busybox, is_there, unique};
use std::time::{Duration, Instant};

#[test]
fn a_container_gets_the_time_that_it_was_made_with_to_end() {
    if !is_there() {
        return;
    }
    let home = Home::new();
    let dir = workspace(&home, "shop");
    let (image, slow, usual) = (unique("ends-base"), unique("ends-slow"), unique("ends-usual"));
    let names = [
        ("container", slow.clone()),
        ("container", usual.clone()),
        ("image", image.clone()),
    ];
    let _removed = Removed(names.to_vec());
    import_busybox(None, &home.path("tree"), &image);
    // Longer than the setting of this program, shorter than what each container may take.
    let script = "trap 'echo saving; sleep 6; echo saved; exit 0' USR1 TERM; while :; do sleep 1; done";
    let run = |name: &str, more: &[&str]| {
        let mut args = vec!["run", "-d", "--network", "none", "--name", name];
        args.extend(more);
        args.extend([image.as_str(), "sh", "-c", script]);
        docker(None, &args);
    };
    run(&slow, &["--stop-timeout", "30", "--stop-signal", "USR1"]);
    run(&usual, &[]);
    let told = home.call_in(&dir, &["operate", "stop", "--all", &slow]).ok();
    assert!(told.out.contains("USR1") && told.out.contains("30 s"), "{}", told.out);
    let ends = |name: &str| {
        docker(None, &["inspect", "-f", "{{.State.ExitCode}}", name])
            .trim()
            .to_owned()
    };
    assert!(docker(None, &["logs", &slow]).contains("saved"), "{}", told.out);
    assert_eq!(ends(&slow), "0");
    // One that says nothing has as long as `docker stop` gives it.
    home.call_in(&dir, &["operate", "stop", "--all", &usual]).ok();
    assert_eq!(ends(&usual), "0");
    // Whoever cannot wait says so.
    docker(None, &["start", &usual]);
    let since = Instant::now();
    let told = home
        .call_in(&dir, &["operate", "stop", "--all", "--grace", "1s", &usual])
        .ok();
    assert!(since.elapsed() < Duration::from_secs(6), "{}", told.out);
    assert_eq!(ends(&usual), "137");
}

#[test]
fn a_container_stands_still_and_goes_on() {
    if !is_there() {
        return;
    }
    let home = Home::new();
    let dir = workspace(&home, "shop");
    let (image, name) = (unique("still-base"), unique("still"));
    let _removed = Removed(vec![("container", name.clone()), ("image", image.clone())]);
    import_busybox(None, &home.path("tree"), &image);
    let script = "trap 'echo ended; exit 0' TERM; while :; do sleep 1; done";
    docker(
        None,
        &["run", "-d", "--network", "none", "--name", &name, &image, "sh", "-c", script],
    );
    let state = || docker(None, &["inspect", "-f", "{{.State.Status}}", &name]).trim().to_owned();
    let call = |verb: &str| home.call_in(&dir, &["operate", verb, "--all", &name]);
    call("pause").ok();
    assert_eq!(state(), "paused");
    call("start").ok();
    assert_eq!(state(), "running");
    assert_ne!(call("start").code, 0, "it runs already");
    // Stopped while it stands still it ends as politely as any other.
    call("pause").ok();
    call("stop").ok();
    assert_eq!(state(), "exited");
    assert!(docker(None, &["logs", &name]).contains("ended"));
}

/// What it writes is found however long a line is, and who follows it sees its next life.
#[test]
fn a_container_that_is_followed_is_followed_into_its_next_life() {
    if !is_there() {
        return;
    }
    let home = Home::new();
    let dir = workspace(&home, "shop");
    let (image, name) = (unique("lives-base"), unique("lives"));
    let _removed = Removed(vec![("container", name.clone()), ("image", image.clone())]);
    import_busybox(None, &home.path("tree"), &image);
    let script =
        "trap 'exit 0' TERM; echo begun; yes x | head -n 20000 | tr -d '\\n'; echo ' NEEDLE'; while :; do sleep 0.2; done";
    docker(
        None,
        &["run", "-d", "--network", "none", "--name", &name, &image, "sh", "-c", script],
    );
    let found = home
        .call_in(&dir, &["operate", "logs", "--all", &name, "--grep", "NEEDLE$"])
        .ok()
        .out;
    assert_eq!(found.lines().count(), 1, "{found}");
    home.call_in(
        &dir,
        &["operate", "logs", "--all", &name, "--grep", "NEEDLE", "--to", "out.log"],
    )
    .ok();
    assert_eq!(std::fs::read(dir.join("out.log")).unwrap().len(), 20_000 + " NEEDLE\n".len());
    let told = home.path("told");
    let mut followed = home
        .program(&dir, &["operate", "logs", "--all", &name, "--follow"])
        .stdout(std::fs::File::create(&told).unwrap())
        .spawn()
        .unwrap();
    let wait_for = |n: usize| {
        let begun = Instant::now();
        let lives = || std::fs::read_to_string(&told).unwrap_or_default().matches("begun").count();
        while lives() < n && begun.elapsed() < Duration::from_mins(1) {
            std::thread::park_timeout(Duration::from_millis(50));
        }
        lives()
    };
    assert_eq!(wait_for(1), 1);
    docker(None, &["restart", "-t", "5", &name]);
    let n = wait_for(2);
    followed.kill().ok();
    followed.wait().ok();
    assert_eq!(
        n,
        2,
        "what was told is not told again: {}",
        std::fs::read_to_string(&told).unwrap().len()
    );
}

/// Who follows a container that never rests sees its lines while they come, also the last ones of those that were there.
#[test]
fn a_container_that_never_rests_is_followed() {
    if !is_there() {
        return;
    }
    let home = Home::new();
    let dir = workspace(&home, "shop");
    let (image, name) = (unique("busy-base"), unique("busy"));
    let _removed = Removed(vec![("container", name.clone()), ("image", image.clone())]);
    import_busybox(None, &home.path("tree"), &image);
    let script = "n=0; while :; do n=$((n+1)); echo line $n; sleep 0.03; done";
    docker(
        None,
        &["run", "-d", "--network", "none", "--name", &name, &image, "sh", "-c", script],
    );
    let told = home.path("told");
    let mut followed = home
        .program(&dir, &["operate", "logs", "--all", &name, "--follow", "-n", "5"])
        .stdout(std::fs::File::create(&told).unwrap())
        .spawn()
        .unwrap();
    let lines = || std::fs::read_to_string(&told).unwrap_or_default().lines().count();
    let begun = Instant::now();
    while lines() < 20 && begun.elapsed() < Duration::from_mins(1) {
        std::thread::park_timeout(Duration::from_millis(50));
    }
    followed.kill().ok();
    followed.wait().ok();
    assert!(lines() >= 20, "{} lines", lines());
}
