//! What is known of one instance, what is handed to a command in it, and what the engine told while somebody watched.

use super::{Service, free_port, instances, wait_until, workspace};
use crate::support::cli::Home;
use crate::support::engine::{Removed, docker, import_busybox, is_there, unique};
use chantier::areas::operate::details::{self, Details, of_container};
use chantier::areas::operate::{Instance, InstanceKind, named};
use serde_json::json;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Command, Stdio};

#[test]
fn a_container_tells_how_it_was_made_and_no_value_that_may_be_secret() {
    let told = json!({
        "Path": "sh", "Args": ["-c", "serve --port 80"], "Created": "2026-03-14T15:09:26Z",
        "Config": { "Image": "shop:1", "Env": ["PASSWORD=tuer-auf-9", "PATH=/bin"], "Labels": { "team": "ops" }, "WorkingDir": "/srv" },
        "HostConfig": { "RestartPolicy": { "Name": "on-failure", "MaximumRetryCount": 3 }, "Memory": 67_108_864, "NanoCpus": 500_000_000 },
        "NetworkSettings": { "Ports": { "80/tcp": [{ "HostIp": "127.0.0.1", "HostPort": "8080" }], "81/tcp": null },
            "Networks": { "bridge": { "IPAddress": "172.17.0.2" } } },
        "Mounts": [{ "Type": "volume", "Name": "data", "Source": "/var/lib/x", "Destination": "/data", "RW": false }],
        "State": { "Status": "running", "Health": { "Log": [{ "End": "2026-03-14T15:10:00.1Z", "ExitCode": 1, "Output": "no database\n" }] } }
    });
    let mut details = Details::default();
    of_container(&told, &mut details);
    let all: Vec<String> = details
        .facts
        .iter()
        .map(|known| format!("{} {}", known.what.key, known.values.join(" | ")))
        .collect();
    let all = all.join("\n");
    for part in [
        "operate-known-image shop:1",
        "operate-known-command sh -c 'serve --port 80'",
        "operate-known-restart on-failure:3",
        "operate-known-limits memory 64 MiB | cpus 0.5",
        "operate-col-ports 127.0.0.1:8080 → 80/tcp | 81/tcp",
        "operate-known-networks bridge 172.17.0.2",
        "operate-known-mounts data → /data (ro)",
        "operate-known-variables PASSWORD | PATH",
        "operate-known-labels team=ops",
        "operate-known-health 2026-03-14T15:10:00  1  no database",
    ] {
        assert!(all.contains(part), "{part}\n{all}");
    }
    assert!(!all.contains("tuer-auf-9"), "{all}");
}

#[test]
fn a_container_is_shown_and_a_command_in_it_reads_the_input() {
    if !is_there() {
        return;
    }
    let home = Home::new();
    let dir = workspace(&home, "shop");
    let (image, name) = (unique("shown-base"), unique("shown"));
    let _removed = Removed(vec![("container", name.clone()), ("image", image.clone())]);
    import_busybox(None, &home.path("tree"), &image);
    docker(
        None,
        &[
            "run",
            "-d",
            "--network",
            "none",
            "--name",
            &name,
            "-e",
            "PLACE=here",
            &image,
            "sleep",
            "600",
        ],
    );
    let shown = home.call_in(&dir, &["operate", "show", "--all", &name]).ok().out;
    assert!(
        shown.contains(&image) && shown.contains("sleep 600") && shown.contains("PLACE"),
        "{shown}"
    );
    let exec = ["operate", "exec", "--all", "--interactive", &name, "--", "cat"];
    let mut child = home
        .program(&dir, &exec)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut to = child.stdin.take().unwrap();
    to.write_all(b"one\ntwo\n").unwrap();
    drop(to);
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    assert_eq!(String::from_utf8_lossy(&output.stdout), "one\ntwo\n");
    // What the engine knows no more is no failure: it is looked at again and again.
    let bench = crate::monitor::checks::Bench::new("");
    let world = bench.world();
    let gone = Instance {
        kind: InstanceKind::Container,
        container: Some("0".repeat(64)),
        ..Instance::default()
    };
    let known = bench.session.runtime().block_on(details::find(&world, &gone)).unwrap();
    assert!(known.facts.is_empty(), "{known:?}");
    // What it writes is what comes out: a dump that is taken out is the dump.
    let line = r"printf '1\tx\r\n\000\377'; yes x | head -c 100000 | tr -d '\n'; seq 1 50000; echo said >&2; printf last";
    let dump = ["operate", "exec", "--all", &name, "--", "sh", "-c", line];
    let output = home.program(&dir, &dump).output().unwrap();
    let mut wanted = b"1\tx\r\n\x00\xff".to_vec();
    wanted.extend(b"x".repeat(50_000));
    wanted.extend((1..=50_000).flat_map(|n| format!("{n}\n").into_bytes()));
    wanted.extend(b"last");
    assert!(output.stdout == wanted, "{} bytes of {}", output.stdout.len(), wanted.len());
    assert!(String::from_utf8_lossy(&output.stderr).contains("said"));
    // Who takes no more ends it.
    let endless = ["operate", "exec", "--all", &name, "--", "sh", "-c", "yes"];
    let mut child = home.program(&dir, &endless).stdout(Stdio::piped()).spawn().unwrap();
    let mut first = [0; 4];
    child.stdout.take().unwrap().read_exact(&mut first).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(141));
    // Without being asked to it reads nothing, and ends.
    let silent = ["operate", "exec", "--all", &name, "--", "cat"];
    assert_eq!(home.call_in(&dir, &silent).ok().out, "");
}

#[test]
fn what_the_engine_told_while_somebody_watched_is_kept() {
    if !is_there() {
        return;
    }
    let home = Home::new();
    let dir = workspace(&home, "shop");
    let (image, name) = (unique("kept-base"), unique("kept"));
    let _removed = Removed(vec![("container", name.clone()), ("image", image.clone())]);
    import_busybox(None, &home.path("tree"), &image);
    let mut watch = home
        .program(&dir, &["watch"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    docker(None, &["run", "--network", "none", "--name", &name, &image, "true"]);
    // An engine that remembers nothing of it: what was kept is told.
    let kept = || {
        let args = ["operate", "events", "--all", "--kind", "container"];
        let output = home
            .program(&dir, &args)
            .env("DOCKER_HOST", "tcp://127.0.0.1:1")
            .output()
            .unwrap();
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    wait_until("its end is kept", || kept().lines().any(|line| line.contains(&name)));
    watch.kill().unwrap();
    watch.wait().unwrap();
    assert!(kept().contains(&name), "{}", kept());
    // Of another workspace it is not told.
    let own = home
        .program(&dir, &["operate", "events", "--kind", "container"])
        .env("DOCKER_HOST", "tcp://127.0.0.1:1")
        .output()
        .unwrap();
    assert!(!String::from_utf8_lossy(&own.stdout).contains(&name));
}

#[test]
fn what_an_interpreter_runs_names_it() {
    let python = "python3.11 /srv/app/manage.py runserver";
    for (name, argv, wanted) in [
        ("python3", "python3 -u -m http.server 8000", "http.server"),
        ("python3.11", python, "manage.py"),
        ("python3", "python3 -W ignore -c import_this", "python3"),
        ("node", "node --require ts-node/register --inspect index.js", "index.js"),
        ("MainThread", "node /srv/app/server.mjs", "server.mjs"),
        ("java", "java -Xmx1g -cp lib/* org.shop.Main --port 80", "Main"),
        ("java", "java -jar /srv/shop.jar", "shop.jar"),
        ("php", "php -S localhost:8000 -t public router.php", "router.php"),
        ("deno", "deno run --allow-net main.ts", "main.ts"),
        // A program of its own name, whatever runs it.
        ("gunicorn", "python3 /usr/bin/gunicorn app:app", "gunicorn"),
        ("redis-server", "redis-server *:6379", "redis-server"),
        ("python3", "", "python3"),
    ] {
        let words: Vec<String> = argv.split_ascii_whitespace().map(str::to_owned).collect();
        assert_eq!(named::name_of(name, &words), wanted, "{argv}");
    }
}

/// A server that nobody deployed tells what it is, where its output goes, and that it stands still.
#[test]
fn a_found_process_tells_what_it_is_and_is_named_by_its_number() {
    let home = Home::new();
    let dir = workspace(&home, "site");
    let port = free_port();
    let output = std::fs::File::create(dir.join("n.log")).unwrap();
    let mut server = Service(
        Command::new("python3")
            .args(["-u", "-m", "http.server", "--bind", "127.0.0.1", &port.to_string()])
            .current_dir(&dir)
            .stdout(output.try_clone().unwrap())
            .stderr(output)
            .spawn()
            .unwrap(),
    );
    wait_until("python answers", || TcpStream::connect(("127.0.0.1", port)).is_ok());
    let pid = server.0.id().to_string();
    let call = |args: &[&str]| home.call_in(&dir, &[&["operate"], args].concat()).ok();
    let found = || instances(&call(&["list", "--json"]).json());
    assert_eq!(found()[0]["name"], "http.server");
    let shown = call(&["show", &pid]).out;
    for part in ["-m http.server", "Working folder", "Started by", "n.log"] {
        assert!(shown.contains(part), "{part}\n{shown}");
    }
    let logs = call(&["logs", &pid]).out;
    assert!(logs.contains("Serving HTTP"), "{logs}");
    let signal = |name: &str| {
        let sent = Command::new("kill").args(["-s", name, &pid]).status().unwrap();
        assert!(sent.success());
    };
    signal("STOP");
    wait_until("it stands still", || found()[0]["state"] == "degraded");
    assert_eq!(found()[0]["why"]["key"], "operate-why-suspended");
    signal("CONT");
    wait_until("it goes on", || found()[0]["state"] == "running");
    call(&["stop", &pid]);
    assert!(server.0.try_wait().unwrap().is_some(), "it has ended");
}
