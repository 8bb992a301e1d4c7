//! Answers over HTTP that are more than a status and plain words: redirections, long bodies, other ways to write characters.

use super::checks::{Bench, check};
use super::servers::{Served, eventually};
use crate::support::engine::{self, Removed, docker, unique};
use chantier::areas::monitor::{Standing, scrape};
use std::io::{Read as _, Write as _};
use std::sync::{Arc, Mutex};

/// Answers as a path says.
fn server() -> Served {
    Served::start(|mut stream| {
        let mut bytes = Vec::new();
        let mut one = [0; 1];
        while !bytes.ends_with(b"\r\n\r\n") && stream.read(&mut one).is_ok_and(|n| n == 1) {
            bytes.push(one[0]);
        }
        let head = String::from_utf8_lossy(&bytes).into_owned();
        let path = head.split(' ').nth(1).unwrap_or_default();
        let (first, body): (&str, Vec<u8>) = match path {
            "/there" => ("302 Found\r\nLocation: /ok", Vec::new()),
            "/round" => ("302 Found\r\nLocation: /round", Vec::new()),
            "/latin" => ("200 OK\r\nContent-Type: text/html; charset=ISO-8859-1", b"caf\xe9".to_vec()),
            "/marked" => ("200 OK\r\nContent-Type: application/json", b"\xef\xbb\xbf{\"n\": 3}".to_vec()),
            "/far" => ("200 OK", [vec![b'x'; 1 << 20], b"TAIL".to_vec()].concat()),
            "/farther" => ("200 OK", [vec![b'x'; 5 << 20], b"TAIL".to_vec()].concat()),
            _ => ("200 OK", b"fine".to_vec()),
        };
        let head = format!(
            "HTTP/1.1 {first}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes()).ok();
        stream.write_all(&body).ok();
    })
}

#[test]
fn an_answer_that_sends_elsewhere_is_followed_where_that_is_asked_for_and_else_named() {
    let server = server();
    let of = |name: &str, path: &str, rest: &str| {
        let url = format!("url = \"http://127.0.0.1:{}{path}\"\n{rest}", server.port);
        check(name, "http", &url)
    };
    let file = [
        of("stays", "/there", ""),
        of("goes", "/there", "redirects = 5\nexpect_text = \"fine\""),
        of("round", "/round", "redirects = 5"),
        of("wanted", "/there", "expect_status = 302"),
    ];
    let bench = Bench::new(&file.concat());
    bench.stands("stays", Standing::Wrong, "302 instead of 200: go to /ok");
    bench.stands("goes", Standing::Up, "200");
    bench.stands("round", Standing::Wrong, "still 302 after 5 redirections");
    bench.stands("wanted", Standing::Up, "302");
}

/// What is written for one server stays at it: on the same one a redirection keeps the headers, to another none goes.
#[test]
fn headers_do_not_leave_the_server_that_they_are_for() {
    let seen = || {
        let heads = Arc::new(Mutex::new(Vec::<String>::new()));
        let kept = heads.clone();
        let answering = move |to: String| {
            Served::start(move |mut stream| {
                let mut bytes = Vec::new();
                let mut one = [0; 1];
                while !bytes.ends_with(b"\r\n\r\n") && stream.read(&mut one).is_ok_and(|n| n == 1) {
                    bytes.push(one[0]);
                }
                let head = String::from_utf8_lossy(&bytes).to_lowercase();
                let first = match head.split(' ').nth(1) {
                    Some("/near") => "302 Found\r\nLocation: /ok".to_owned(),
                    Some("/far") => format!("302 Found\r\nLocation: {to}"),
                    Some("/file") => "302 Found\r\nLocation: file:///etc/passwd".to_owned(),
                    _ => "200 OK".to_owned(),
                };
                kept.lock().unwrap().push(head);
                write!(stream, "HTTP/1.1 {first}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").ok();
            })
        };
        (heads, answering)
    };
    let (far_heads, far) = seen();
    let far = far(String::new());
    let (heads, near) = seen();
    let near = near(format!("http://localhost:{}/ok", far.port));
    let of = |name: &str, path: &str| {
        let rest = "redirects = 3\nheaders = { Authorization = \"Basic eDp5\", X-Api-Key = \"k1\" }";
        check(
            name,
            "http",
            &format!("url = \"http://127.0.0.1:{}{path}\"\n{rest}", near.port),
        )
    };
    let bench = Bench::new(&[of("near", "/near"), of("far", "/far"), of("file", "/file")].concat());
    bench.stands("near", Standing::Up, "200");
    bench.stands("far", Standing::Up, "200");
    bench.stands("file", Standing::Wrong, "302");
    let has_key = |head: &String| head.contains("x-api-key: k1") && head.contains("authorization: basic");
    assert!(heads.lock().unwrap().iter().all(has_key), "{heads:?}");
    let far_heads = far_heads.lock().unwrap();
    assert_eq!(far_heads.len(), 1);
    assert!(
        !far_heads[0].contains("x-api-key") && !far_heads[0].contains("authorization"),
        "{far_heads:?}"
    );
}

#[test]
fn a_body_is_read_as_it_is_written_and_how_much_of_it_is_said() {
    let server = server();
    let of = |name: &str, path: &str, rest: &str| {
        // A header makes it a question of its own, not one of a gate.
        let url = format!(
            "url = \"http://127.0.0.1:{}{path}\"\nheaders = {{ X-Probe = \"a\" }}\n{rest}",
            server.port
        );
        check(name, "http", &url)
    };
    let file = [
        of("latin", "/latin", "expect_text = \"café\""),
        of("marked", "/marked", "json = [{ path = \"n\", equals = 3 }]"),
        of("far", "/far", "expect_text = \"TAIL\""),
        of("farther", "/farther", "expect_text = \"TAIL\""),
    ];
    let bench = Bench::new(&file.concat());
    bench.stands("latin", Standing::Up, "200");
    bench.stands("marked", Standing::Up, "200");
    bench.stands("far", Standing::Up, "200");
    bench.stands("farther", Standing::Wrong, "in its first 4 MB");
}

#[test]
fn a_container_that_falls_again_and_again_is_wrong_also_in_a_good_moment() {
    if !engine::is_there() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let (image, name) = (unique("falls-base"), unique("falls"));
    let _removed = Removed(vec![("container", name.clone()), ("image", image.clone())]);
    engine::import_busybox(None, folder.path(), &image);
    docker(
        None,
        &[
            "run",
            "-d",
            "--network",
            "none",
            "--restart",
            "always",
            "--name",
            &name,
            &image,
            "sh",
            "-c",
            "exit 3",
        ],
    );
    let file = format!("[[check]]\nname = \"loop\"\nkind = \"container\"\ncontainer = \"{name}\"\n");
    let bench = Bench::new(&file);
    eventually("three restarts", || {
        docker(None, &["inspect", "-f", "{{.RestartCount}}", &name])
            .parse::<u32>()
            .unwrap()
            >= 3
    });
    let seen = bench.ask("loop");
    assert!(seen.message.contains("again and again"), "{seen:?}");
    docker(None, &["update", "--restart", "no", &name]);
}

#[test]
fn a_page_that_holds_no_metric_is_no_target_that_is_up() {
    let server = server();
    let bench = Bench::new(&format!(
        "[[scrape]]\nname = \"page\"\nurl = \"http://127.0.0.1:{}/ok\"\n",
        server.port
    ));
    let world = bench.world();
    let (file, _) = chantier::areas::devops::project::parse(
        &std::fs::read_to_string(bench.root.path().join("chantier.toml")).unwrap(),
        &bench.root.path().join("chantier.toml"),
    );
    let never = tokio_util::sync::CancellationToken::new();
    let asked = scrape::once(&world, &bench.workspace.id, &file.scrapes[0], &never);
    let found = bench.session.runtime().block_on(asked);
    assert_eq!(found.samples.len(), 1);
    assert!(
        found.samples[0].series.ends_with("/up") && found.samples[0].value == 0.0,
        "{:?}",
        found.samples
    );
    let said = found.problem.unwrap().summary;
    assert!(format!("{said:?}").contains("fine"), "{said:?}");
}
