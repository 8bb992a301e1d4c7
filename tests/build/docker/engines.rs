//! Engines that go away and come back, that say nothing, and that mean harm.

use super::project;
use crate::support::cli::Home;
use crate::support::engine::{OwnEngine, docker, import_busybox};
use chantier::adapters::docker::{Engine, Fault, Memory};
use std::io::{BufRead as _, BufReader, Read as _};
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::Stdio;
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// The next event that is meant, or a failure.
fn wait_for(lines: &mpsc::Receiver<String>, limit: Duration, is_meant: impl Fn(&serde_json::Value) -> bool) -> serde_json::Value {
    let since = Instant::now();
    let mut heard = Vec::new();
    while let Some(left) = limit.checked_sub(since.elapsed()) {
        let Ok(line) = lines.recv_timeout(left) else { break };
        let event: serde_json::Value = serde_json::from_str(&line).unwrap();
        if is_meant(&event) {
            return event;
        }
        heard.push(line);
    }
    panic!("not heard within {limit:?}:\n{}", heard.join("\n"));
}

fn heard<'a>(event: &'a serde_json::Value, word: &str) -> Option<&'a serde_json::Value> {
    fn find<'a>(value: &'a serde_json::Value, word: &str) -> Option<&'a serde_json::Value> {
        match value {
            serde_json::Value::Object(map) if map.get("heard").is_some_and(|heard| heard == word) => Some(value),
            serde_json::Value::Object(map) => map.values().find_map(|value| find(value, word)),
            serde_json::Value::Array(all) => all.iter().find_map(|value| find(value, word)),
            _ => None,
        }
    }
    find(event, word)
}

#[test]
fn an_engine_that_stops_is_said_and_found_again_without_a_restart() {
    let Some(mut engine) = OwnEngine::start() else { return };
    let home = Home::new();
    let dir = project(&home, &[("a", "a")]);
    import_busybox(Some(&engine.host()), &engine.path("tree"), "base:1");
    docker(
        Some(&engine.host()),
        &["create", "--name", "quiet", "--network", "none", "base:1", "true"],
    );
    let mut watching = home
        .program(&dir, &["build", "container", "watch", "--events"])
        .env("DOCKER_HOST", engine.host())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let (to, lines) = mpsc::channel();
    let out = BufReader::new(watching.stdout.take().unwrap());
    std::thread::spawn(move || {
        for line in out.lines().map_while(Result::ok) {
            if to.send(line).is_err() {
                return;
            }
        }
    });
    let has = |event: &serde_json::Value, name: &str| {
        let held = heard(event, "seen").and_then(|seen| seen["held"]["containers"].as_array());
        held.is_some_and(|all| all.iter().any(|row| row["name"] == name))
    };
    wait_for(&lines, Duration::from_secs(20), |event| has(event, "quiet"));
    // What happens there is seen at once.
    docker(
        Some(&engine.host()),
        &["create", "--name", "second", "--network", "none", "base:1", "true"],
    );
    wait_for(&lines, Duration::from_secs(5), |event| has(event, "second"));
    engine.down();
    let lost = wait_for(&lines, Duration::from_secs(5), |event| heard(event, "lost").is_some());
    assert_eq!(heard(&lost, "lost").unwrap()["problem"]["code"], "no-engine", "{lost}");
    engine.up();
    wait_for(&lines, Duration::from_secs(5), |event| {
        has(event, "quiet") && has(event, "second")
    });
    // And asked for something, it answers.
    let listed = home
        .program(&dir, &["build", "container", "list", "--json"])
        .env("DOCKER_HOST", engine.host())
        .output()
        .unwrap();
    assert!(listed.status.success());
    let pid = rustix::process::Pid::from_child(&watching);
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
    assert!(watching.wait().unwrap().success());
}

/// Answers every request with what it is told to.
fn hostile(socket: &Path, answer: impl Fn(&str, &mut dyn std::io::Write) -> std::io::Result<()> + Send + Sync + 'static) {
    let listener = UnixListener::bind(socket).unwrap();
    let answer = std::sync::Arc::new(answer);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let answer = std::sync::Arc::clone(&answer);
            std::thread::spawn(move || {
                let mut stream = stream;
                let mut head = Vec::new();
                let mut byte = [0_u8; 1];
                while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|n| n == 1) {
                    head.push(byte[0]);
                }
                let asked = String::from_utf8_lossy(&head).into_owned();
                if asked.contains("/version") {
                    let body = r#"{"ApiVersion":"1.41","MinAPIVersion":"1.12","Version":"x"}"#;
                    whole(&mut stream, body).ok();
                } else {
                    answer(&asked, &mut stream).ok();
                }
            });
        }
    });
}

fn whole(stream: &mut dyn std::io::Write, body: &str) -> std::io::Result<()> {
    let n = body.len();
    stream.write_all(format!("HTTP/1.1 200 OK\r\nContent-Length: {n}\r\nConnection: close\r\n\r\n{body}").as_bytes())
}

fn anonymous_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("RssAnon:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gigabyte_of_json_is_refused_and_not_held() {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("s");
    hostile(&socket, |asked, stream| {
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n")?;
        if asked.contains("/events") {
            stream.write_all(b"{\"status\":\"")?;
            let piece = vec![b'x'; 1 << 20];
            return (0..1024).try_for_each(|_| stream.write_all(&piece));
        }
        stream.write_all(b"[")?;
        let piece = r#"{"Id":"0123456789","Names":["/x"]},"#.repeat(32 * 1024);
        for _ in 0..1024 {
            stream.write_all(piece.as_bytes())?;
        }
        Ok(())
    });
    let engine = Engine::at(&format!("unix://{}", socket.display()));
    let before = anonymous_kib();
    let since = Instant::now();
    let faults = [
        engine.containers(&mut Memory::default()).await.unwrap_err(),
        engine.holdings().await.unwrap_err(),
        engine.history("abc").await.unwrap_err(),
        engine.disk().await.unwrap_err(),
    ];
    for fault in faults {
        assert!(matches!(fault, Fault::TooMuch), "{fault:?}");
        assert_eq!(fault.problem().code, "engine-broken");
    }
    // One line that does not end, where a stream of small ones is expected.
    let mut events = engine.events().await.unwrap();
    let told = futures::StreamExt::next(&mut events).await.unwrap();
    assert!(matches!(told, Err(Fault::TooMuch)), "{told:?}");
    assert!(since.elapsed() < Duration::from_secs(25), "{:?}", since.elapsed());
    let grown = anonymous_kib().saturating_sub(before);
    assert!(grown < 400 * 1024, "{grown} KiB");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_socket_ends_every_question() {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("s");
    // It says which version it speaks, and nothing more.
    hostile(&socket, |_, _| {
        std::thread::park();
        Ok(())
    });
    let engine = Engine::at(&format!("unix://{}", socket.display())).time_limit(Duration::from_secs(1));
    let since = Instant::now();
    let silent = |fault: Option<Fault>| assert!(matches!(fault, Some(Fault::Silent(_))), "{fault:?}");
    silent(engine.holdings().await.err());
    silent(engine.start("abc").await.err());
    silent(engine.inspect(chantier::base::docker::Kind::Image, "abc").await.err());
    silent(engine.create_volume(Some("x"), None).await.err());
    silent(engine.top("abc").await.err());
    silent(engine.logs("abc", Some(1), true, chantier::base::Timestamp::now).await.err());
    assert!(since.elapsed() < Duration::from_secs(15), "{:?}", since.elapsed());
}

#[tokio::test]
async fn hostile_names_and_labels_never_act_and_stand_in_no_path() {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("s");
    let long = "n".repeat(200_000);
    let body = format!(
        r#"[{{"Id":"0123456789ab","Names":["/\u001b]0;owned\u0007\u202eevil"],"Image":"\u001b[2Jimage","State":"run\u001b[31mning",
        "Status":"Up\r\nSet-Cookie: x","Command":"{long}","Labels":{{"com.docker.compose.project":"\u001b]52;c;AAAA\u0007","k\u0000":null}},
        "Ports":[{{"PrivatePort":80,"PublicPort":8080,"Type":"\u001b[5m"}}],"Mounts":null,"NetworkSettings":null}},
        {{"Id":7}}, null, "text"]"#
    );
    hostile(&socket, move |asked, stream| {
        let answer = if asked.contains("/containers/json") {
            body.as_str()
        } else {
            "[]"
        };
        whole(stream, answer)
    });
    let engine = Engine::at(&format!("unix://{}", socket.display()));
    let held = engine.holdings().await.unwrap();
    assert_eq!(held.containers.len(), 1, "what can not be read is left out, the others stay");
    let row = &held.containers[0];
    let texts = [&row.name, &row.image, &row.state, &row.status, &row.command, &row.ports[0]];
    let labels = row.labels.iter().flat_map(|(key, value)| [key, value]);
    for text in texts.into_iter().chain(labels) {
        assert!(!text.chars().any(char::is_control), "{text:?}");
        assert!(text.chars().count() < 20_000);
    }
    for name in ["../../secrets", "a?force=1", "a b", "a\r\nX: y", "", "a/%2e%2e/b"] {
        let fault = engine.inspect(chantier::base::docker::Kind::Volume, name).await.unwrap_err();
        assert!(matches!(fault, Fault::Refused { status: 400, .. }), "{name:?}: {fault:?}");
    }
}
