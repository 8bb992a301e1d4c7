//! The container engine through the program: images built and looked into, containers run, what is in use protected.

mod engines;
mod ignored;
mod page;
mod pruned;
mod read;

use crate::support::cli::{Called, Home};
use crate::support::engine::{Removed, docker, docker_at, import_busybox, is_there, missing, unique};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// A workspace that is trusted, with these files.
fn project(home: &Home, files: &[(&str, &str)]) -> PathBuf {
    let dir = home.path("shop");
    for (name, text) in files {
        let path = dir.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    home.call(&["devops", "add", dir.to_str().unwrap()]).ok();
    home.call_in(&dir, &["devops", "trust"]).ok();
    dir
}

fn call(home: &Home, dir: &Path, args: &[&str]) -> Called {
    let mut all = vec!["--json", "build"];
    all.extend(args);
    home.call_in(dir, &all)
}

fn result(home: &Home, dir: &Path, args: &[&str]) -> Value {
    call(home, dir, args).ok().json()["result"].clone()
}

fn steps(result: &Value) -> Vec<(String, String, u64)> {
    let steps = result["steps"].as_array().unwrap().iter();
    let words = |step: &Value| {
        (
            step["instruction"].as_str().unwrap().to_owned(),
            step["state"].as_str().unwrap().to_owned(),
            step["line"].as_u64().unwrap_or(0),
        )
    };
    steps.map(words).collect()
}

/// A problem of a call that failed: its code and details.
fn problem(called: &Called) -> Value {
    assert_ne!(called.code, 0, "{}", called.out);
    called.json()["problems"][0].clone()
}

#[test]
fn an_image_is_built_with_steps_and_its_container_is_run_measured_and_removed() {
    if !is_there() {
        return;
    }
    let home = Home::new();
    let (base, tag, name) = (unique("base"), unique("image"), unique("web"));
    let base = format!("{base}:1");
    let tag = format!("{tag}:1");
    let _removed = Removed(vec![
        ("container", name.clone()),
        ("image", tag.clone()),
        ("image", format!("{tag}-2")),
        ("image", base.clone()),
    ]);
    import_busybox(None, &home.path("tree"), &base);
    let text = format!(
        "# what it is built on\nARG GREETING=hello\nFROM {base}\n\nARG WHO=you\nCOPY page /www/\nRUN echo built for \\\n    $WHO > /who\nCMD [\"/bin/sh\", \"-c\", \"trap 'exit 0' TERM; echo up; while :; do sleep 0.2; done\"]\n"
    );
    let dir = project(&home, &[("Dockerfile", &text), ("page", "hello\n")]);
    let build = ["image", "build", "-t", &tag, "--build-arg", "WHO=me", "."];
    let built = result(&home, &dir, &build);
    let told = steps(&built);
    let lines: Vec<u64> = told.iter().map(|(.., line)| *line).collect();
    assert_eq!(lines, [2, 3, 5, 6, 7, 9], "{told:?}");
    assert!(told.iter().all(|(_, state, _)| state == "done"), "{told:?}");
    assert!(built["image"].as_str().unwrap().starts_with("sha256:"), "{built}");
    // The same again comes from the cache, and says so.
    let told = steps(&result(&home, &dir, &build));
    let cached: Vec<bool> = told.iter().map(|(_, state, _)| state == "cached").collect();
    assert_eq!(cached, [false, false, true, true, true, true], "{told:?}");
    let listed = result(&home, &dir, &["image", "list"]);
    let image = listed["images"]
        .as_array()
        .unwrap()
        .iter()
        .find(|image| image["tags"][0] == tag.as_str());
    assert_eq!(image.unwrap()["users"], serde_json::json!([]));
    let history = result(&home, &dir, &["image", "history", &tag]);
    let newest = history["history"][0]["created_by"].as_str().unwrap();
    assert!(newest.contains("CMD"), "{history}");
    let runs = home.call_in(&dir, &["build", "history", "--json"]).ok().json();
    assert_eq!(runs["result"]["runs"][0]["task"], format!("docker:{tag}").as_str(), "{runs}");

    let made = result(
        &home,
        &dir,
        &["container", "run", "-d", "--name", &name, "-e", "COLOUR=red", &tag],
    );
    assert_eq!(made["container"]["state"], "running", "{made}");
    let said = result(&home, &dir, &["container", "exec", &name, "--", "cat", "/who"]);
    assert_eq!(
        (said["code"].as_i64(), said["lines"][0].as_str()),
        (Some(0), Some("built for me"))
    );
    let said = result(&home, &dir, &["container", "exec", &name, "--", "sh", "-c", "echo $COLOUR"]);
    assert_eq!(said["lines"][0], "red");
    let failed = call(&home, &dir, &["container", "exec", &name, "--", "sh", "-c", "exit 7"]);
    assert_eq!(
        (failed.code, failed.json()["result"]["code"].as_i64()),
        (7, Some(7)),
        "{}",
        failed.out
    );
    let stats = result(&home, &dir, &["container", "stats", &name]);
    let stats = &stats["stats"][0];
    assert!(stats["memory_bytes"].as_u64().unwrap() > 10_000, "{stats}");
    assert!(stats["cpu_percent"].as_f64().is_some(), "{stats}");
    let top = result(&home, &dir, &["container", "top", &name]);
    assert!(!top["top"]["processes"].as_array().unwrap().is_empty(), "{top}");
    assert_eq!(
        result(&home, &dir, &["container", "logs", &name])["lines"],
        serde_json::json!(["up"])
    );

    // In use: refused, and who uses it is said.
    let refused = problem(&call(&home, &dir, &["image", "remove", &tag]));
    assert_eq!(refused["code"], "in-use", "{refused}");
    let state = |name: &str| {
        let all = result(&home, &dir, &["container", "list"]);
        let all = all["containers"].as_array().unwrap().clone();
        all.iter()
            .find(|row| row["name"] == name)
            .map(|row| row["state"].as_str().unwrap().to_owned())
    };
    call(&home, &dir, &["container", "pause", &name]).ok();
    assert_eq!(state(&name).as_deref(), Some("paused"));
    call(&home, &dir, &["container", "unpause", &name]).ok();
    call(&home, &dir, &["container", "kill", &name]).ok();
    call(&home, &dir, &["container", "start", &name]).ok();
    assert_eq!(state(&name).as_deref(), Some("running"));
    let other = format!("{name}-x");
    call(&home, &dir, &["container", "rename", &name, &other]).ok();
    assert_eq!((state(&name), state(&other).as_deref()), (None, Some("running")));
    call(&home, &dir, &["container", "rename", &other, &name]).ok();
    call(&home, &dir, &["container", "stop", &name]).ok();
    assert_eq!(state(&name).as_deref(), Some("exited"));
    call(&home, &dir, &["container", "remove", &name]).ok();
    assert_eq!(state(&name), None);

    // Tagged, saved, removed, and back from the file.
    let second = format!("{tag}-2");
    call(&home, &dir, &["image", "tag", &tag, &second]).ok();
    call(&home, &dir, &["image", "save", &second, "-o", "image.tar"]).ok();
    call(&home, &dir, &["image", "remove", &second]).ok();
    call(&home, &dir, &["image", "remove", &tag]).ok();
    let has = |tag: &str| {
        let listed = result(&home, &dir, &["image", "list"]);
        let images = listed["images"].as_array().unwrap().clone();
        images
            .iter()
            .any(|image| image["tags"].as_array().unwrap().iter().any(|known| known == tag))
    };
    assert!(!has(&tag) && !has(&second));
    call(&home, &dir, &["image", "load", "image.tar"]).ok();
    assert!(has(&second) && !has(&tag));
    let ended = call(&home, &dir, &["image", "run", "--rm", &second, "sh", "-c", "exit 5"]);
    assert_eq!(ended.code, 5, "the program's own: {}", ended.out);
    let made = result(&home, &dir, &["image", "run", "--rm", &second, "cat", "/who"]);
    assert!(made["container"].is_null(), "it was removed after its end: {made}");
    call(&home, &dir, &["image", "remove", &second]).ok();
}

#[test]
fn an_error_of_a_build_is_linked_to_its_line() {
    if !is_there() {
        return;
    }
    let home = Home::new();
    let base = format!("{}:1", unique("base"));
    let removed = Removed(vec![("image", base.clone())]);
    import_busybox(None, &home.path("tree"), &base);
    let id = docker(None, &["inspect", "--format", "{{.Id}}", &base]);
    let good = format!("FROM {base}\n# comment\nRUN echo fine \\\n  && echo more\n\nRUN echo broken >&2; exit 3\n");
    let bad = format!("FROM {base}\n\nFETCH nothing\n");
    let gone = format!("FROM {base}\nCOPY nowhere /\n");
    let dir = project(&home, &[("Dockerfile", &good), ("Bad", &bad), ("Gone", &gone)]);
    for (file, line, word) in [
        ("Dockerfile", 6, "non-zero code: 3"),
        ("Bad", 3, "FETCH"),
        ("Gone", 2, "nowhere"),
    ] {
        let called = call(&home, &dir, &["image", "build", "-f", file]);
        let told = problem(&called);
        assert_eq!(told["code"], "build-failed", "{told}");
        assert_eq!(told["place"]["line"], line, "{told}");
        assert!(told["details"].as_str().unwrap().contains(word), "{told}");
    }
    // What did not end well stands in the history with its message.
    let runs = home.call_in(&dir, &["build", "history", "--json"]).ok().json();
    assert_eq!(runs["result"]["runs"][0]["state"], "failed");
    assert_eq!(runs["result"]["runs"][0]["n_errors"], 1);
    let told = problem(&call(&home, &dir, &["image", "build", "-f", "Nothing"]));
    assert_eq!(told["code"], "not-found");
    // The test leaves nothing behind either: no image without a name, of the step before the broken one.
    drop(removed);
    let all = docker(None, &["images", "-aq", "--no-trunc"]);
    let parents = ["inspect", "--type", "image", "--format", "{{.Parent}}"]
        .into_iter()
        .chain(all.lines());
    let parents = docker_at(None, &parents.collect::<Vec<_>>()).stdout;
    assert!(!String::from_utf8_lossy(&parents).contains(&id));
}

#[test]
fn a_stage_is_a_target_and_any_folder_a_context() {
    if !is_there() {
        return;
    }
    let home = Home::new();
    let (base, tag) = (format!("{}:1", unique("base")), format!("{}:1", unique("stage")));
    let _removed = Removed(vec![("image", tag.clone()), ("image", base.clone())]);
    import_busybox(None, &home.path("tree"), &base);
    let text = format!("FROM {base} AS one\nRUN touch /one\nFROM one AS two\nRUN touch /two\n");
    let dir = project(&home, &[("deep/down/Dockerfile", &text)]);
    result(&home, &dir, &["image", "build", "-t", &tag, "--target", "one", "deep/down"]);
    let files = docker(None, &["run", "--rm", "--network", "none", &tag, "ls", "/"]);
    assert!(files.contains("one") && !files.contains("two"), "{files}");
}

#[test]
fn an_untrusted_workspace_builds_no_image_and_starts_no_project() {
    let home = Home::new();
    let dir = home.path("strange");
    std::fs::create_dir(&dir).unwrap();
    std::fs::write(dir.join("Dockerfile"), "FROM scratch\n").unwrap();
    std::fs::write(dir.join("docker-compose.yml"), "services: {}\n").unwrap();
    home.call(&["devops", "add", dir.to_str().unwrap()]).ok();
    for args in [["build", "image", "build"], ["build", "compose", "up"]] {
        let called = home.call_in(&dir, &args);
        assert_eq!(called.code, 3, "{args:?}: {}\n{}", called.out, called.err);
    }
    // A trusted workspace does not vouch for a folder elsewhere.
    let ours = project(&home, &[("a", "a")]);
    let called = home.call_in(&ours, &["build", "image", "build", dir.to_str().unwrap()]);
    assert_eq!(called.code, 3, "{}", called.err);
}

#[test]
fn a_container_that_reaches_out_is_refused_and_named() {
    if !is_there() {
        return;
    }
    let home = Home::new();
    let base = format!("{}:1", unique("base"));
    let _removed = Removed(vec![("image", base.clone())]);
    import_busybox(None, &home.path("tree"), &base);
    let dir = project(&home, &[("a", "a")]);
    let before = docker(None, &["ps", "-aq", "--filter", &format!("ancestor={base}")]);
    let cases: [&[&str]; 5] = [
        &["-v", "/:/host"],
        &["-v", "/var/run/docker.sock:/s"],
        &["-v", "/etc/:/e:ro"],
        &["--network", "host"],
        &["--privileged"],
    ];
    for extra in cases {
        let mut args = vec!["container", "run"];
        args.extend(extra);
        args.extend([base.as_str(), "true"]);
        let told = problem(&call(&home, &dir, &args));
        assert_eq!(told["code"], "reaches-out", "{extra:?}: {told}");
    }
    let after = docker(None, &["ps", "-aq", "--filter", &format!("ancestor={base}")]);
    assert_eq!(before, after, "nothing was made");
    let told = problem(&call(&home, &dir, &["container", "run", "-p", "80:99999", &base]));
    assert_eq!(told["code"], "bad-port", "{told}");
    let told = problem(&call(&home, &dir, &["container", "run", "chantier-docker-no-such:1"]));
    assert_eq!(told["code"], "not-found", "nothing is pulled: {told}");
}

#[test]
fn a_command_in_a_container_has_a_terminal_of_its_own() {
    if !is_there() {
        return;
    }
    let Ok(python) = std::env::var("CHANTIER_TEST_PYTHON").or_else(|_| Ok::<_, ()>("python3".to_owned())) else {
        return;
    };
    let home = Home::new();
    let (base, name) = (format!("{}:1", unique("base")), unique("tty"));
    let _removed = Removed(vec![("container", name.clone()), ("image", base.clone())]);
    import_busybox(None, &home.path("tree"), &base);
    docker(
        None,
        &["run", "-d", "--network", "none", "--name", &name, &base, "sleep", "60"],
    );
    let dir = project(&home, &[("a", "a")]);
    // A terminal of 71 columns and 23 rows; then a key is typed there.
    let script = r#"
import fcntl, os, pty, struct, sys, termios
pid, fd = pty.fork()
if pid == 0:
    os.execv(sys.argv[1], sys.argv[1:])
fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", 23, 71, 0, 0))
said, typed = b"", False
while True:
    try:
        piece = os.read(fd, 4096)
    except OSError:
        break
    if not piece:
        break
    said += piece
    if b"ready" in said and not typed:
        typed = True
        os.write(fd, b"salut\n")
code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
sys.stdout.write(said.decode() + "\ncode %d\n" % code)
"#;
    let program = env!("CARGO_BIN_EXE_chantier");
    let inside =
        "tty; while ! stty size | grep -q 71; do sleep 0.1; done; stty size; echo ready; read word; echo got $word; exit 4";
    let inside = inside.replace("grep -q 71", "/bin/busybox grep -q 71");
    let output = std::process::Command::new(python)
        .args([
            "-c",
            script,
            program,
            "build",
            "container",
            "exec",
            "-t",
            &name,
            "--",
            "sh",
            "-c",
            &inside,
        ])
        .current_dir(&dir)
        .env("CHANTIER_HOME", home.path("home"))
        .env("LC_ALL", "C")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    for word in ["/dev/pts/", "23 71", "got salut", "code 4"] {
        assert!(
            said.contains(word),
            "{word}: {said}\n{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
}

#[test]
fn a_compose_project_is_known_by_its_labels_and_goes_up_and_down() {
    if !is_there() {
        return;
    }
    if std::process::Command::new("docker-compose").arg("version").output().is_err() {
        missing("compose", "there is no docker-compose");
        return;
    }
    let home = Home::new();
    let base = format!("{}:1", unique("base"));
    let _removed = Removed(vec![("image", base.clone())]);
    import_busybox(None, &home.path("tree"), &base);
    let project_name = unique("compose");
    let text = format!(
        "version: '3'\nservices:\n  web:\n    image: {base}\n    command: sh -c 'echo bonjour; sleep 60'\n    network_mode: none\n    stop_grace_period: 0s\n"
    );
    let dir = home.path(&project_name);
    std::fs::create_dir(&dir).unwrap();
    std::fs::write(dir.join("docker-compose.yml"), text).unwrap();
    home.call(&["devops", "add", dir.to_str().unwrap()]).ok();
    home.call_in(&dir, &["devops", "trust"]).ok();
    call(&home, &dir, &["compose", "up"]).ok();
    let known = || {
        let all = result(&home, &dir, &["compose", "list"])["projects"]
            .as_array()
            .unwrap()
            .clone();
        all.into_iter().find(|project| project["name"] == project_name.as_str())
    };
    let found = known().expect("its containers say whose they are");
    assert_eq!(
        (found["n_running"].as_u64(), &found["services"]),
        (Some(1), &serde_json::json!(["web"]))
    );
    assert_eq!(found["folder"], dir.canonicalize().unwrap().to_str().unwrap());
    // From elsewhere by its name: the labels say where it is.
    let elsewhere = project(&home, &[("a", "a")]);
    let called = call(&home, &elsewhere, &["compose", "down", &project_name]);
    assert_eq!(called.code, 0, "{}\n{}", called.out, called.err);
    assert_eq!(known(), None);
}
