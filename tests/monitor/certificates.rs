//! Certificates that stand for themselves, why others are refused in words of the reader, and addresses whose password nobody sees.

use super::checks::{Bench, check};
use super::servers::{Served, Web, openssl, server_config};
use crate::support::engine::missing;
use chantier::areas::devops::project::parse;
use chantier::areas::monitor::Standing;
use chantier::base::SafeText;
use std::io::{Read as _, Write as _};
use std::path::Path;

/// One that signed itself, as `openssl req -x509` makes it.
fn of_itself(folder: &Path, name: &str, more: &[&str]) -> Option<(String, std::sync::Arc<rustls::ServerConfig>)> {
    let (key, pem) = (format!("{name}.key"), format!("{name}.pem"));
    let mut args = vec!["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost"];
    args.extend(["-keyout", &key, "-out", &pem]);
    args.extend(more);
    if !openssl(folder, &args) {
        missing("openssl", "there is no openssl that makes certificates");
        return None;
    }
    let path = folder.join(&pem);
    Some((path.display().to_string(), server_config(&path, &folder.join(&key))))
}

#[test]
fn a_certificate_that_is_named_itself_is_trusted_and_no_other_and_only_for_its_name_and_time() {
    let folder = tempfile::tempdir().unwrap();
    let san = "subjectAltName=DNS:localhost,IP:127.0.0.1";
    let Some((own, config)) = of_itself(folder.path(), "own", &["-days", "300", "-addext", san]) else {
        return;
    };
    let Some((other, _)) = of_itself(folder.path(), "other", &["-days", "300", "-addext", san]) else {
        return;
    };
    let Some((far, far_config)) = of_itself(
        folder.path(),
        "far",
        &["-days", "300", "-addext", "subjectAltName=DNS:shop.example"],
    ) else {
        return;
    };
    let (web, far_web) = (
        Web::with_tls(200, "ok", Some(config)),
        Web::with_tls(200, "ok", Some(far_config)),
    );
    let at = |port: u16| format!("address = \"localhost:{port}\"\n");
    let url = |port: u16| format!("url = \"https://localhost:{port}/\"\n");
    let ca = |path: &str| format!("ca = \"{path}\"\n");
    let plain = Served::start(|mut stream| {
        stream.read(&mut [0; 1024]).ok();
        stream
            .write_all(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")
            .ok();
    });
    let silent = Served::start(drop);
    let (port, far_port) = (web.port(), far_web.port());
    let file = [
        check("web", "http", &(url(port) + &ca(&own))),
        check("tls", "tls", &(at(port) + &ca(&own))),
        check(
            "by-address",
            "http",
            &format!("url = \"https://127.0.0.1:{port}/\"\n{}", ca(&own)),
        ),
        check("unknown", "http", &url(port)),
        check("unknown-tls", "tls", &at(port)),
        check("other", "http", &(url(port) + &ca(&other))),
        check("name", "http", &(url(far_port) + &ca(&far))),
        check("name-tls", "tls", &(at(far_port) + &ca(&far))),
        check("no-tls", "http", &url(plain.port)),
        check("no-tls-tls", "tls", &at(plain.port)),
        check("closed", "http", &format!("url = \"http://127.0.0.1:{}/\"\n", silent.port)),
    ];
    let bench = Bench::new(&file.concat());
    bench.stands("web", Standing::Up, "200");
    bench.stands("tls", Standing::Up, "The certificate is good for");
    bench.stands("by-address", Standing::Up, "200");
    // One fact, one verdict, and no word of a library.
    for name in ["unknown", "unknown-tls", "other"] {
        bench.stands(name, Standing::Wrong, "signed by");
    }
    for name in ["name", "name-tls"] {
        bench.stands(name, Standing::Wrong, "is for shop.example, not for localhost");
    }
    for name in ["no-tls", "no-tls-tls"] {
        bench.stands(name, Standing::Down, "No TLS is spoken");
    }
    bench.stands("closed", Standing::Down, "Closes the connection");
}

/// One that signed itself and ended with the first day of 2024.
fn ended(folder: &Path) -> Option<(String, std::sync::Arc<rustls::ServerConfig>)> {
    let settings = "[ca]\ndefault_ca = d\n[d]\ndatabase = index.txt\nserial = serial\nnew_certs_dir = .\ndefault_md = sha256\n\
        policy = p\n[p]\ncommonName = supplied\n";
    for (name, text) in [
        ("ca.cnf", settings),
        ("index.txt", ""),
        ("serial", "1000\n"),
        ("leaf.ext", "subjectAltName=DNS:localhost\n"),
    ] {
        std::fs::write(folder.join(name), text).unwrap();
    }
    let ask = [
        "req",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-subj",
        "/CN=localhost",
        "-keyout",
        "ended.key",
        "-out",
        "ended.csr",
    ];
    let mut sign = vec![
        "ca",
        "-batch",
        "-selfsign",
        "-config",
        "ca.cnf",
        "-keyfile",
        "ended.key",
        "-in",
        "ended.csr",
    ];
    sign.extend(["-startdate", "20230101000000Z", "-enddate", "20240101120000Z"]);
    sign.extend(["-extfile", "leaf.ext", "-out", "ended.pem"]);
    if !(openssl(folder, &ask) && openssl(folder, &sign)) {
        missing("openssl", "there is no openssl that makes certificates");
        return None;
    }
    let path = folder.join("ended.pem");
    Some((path.display().to_string(), server_config(&path, &folder.join("ended.key"))))
}

#[test]
fn a_certificate_that_ended_is_told_with_its_day() {
    let folder = tempfile::tempdir().unwrap();
    let Some((path, config)) = ended(folder.path()) else {
        return;
    };
    let web = Web::with_tls(200, "ok", Some(config));
    let file = [
        check(
            "tls",
            "tls",
            &format!("address = \"localhost:{}\"\nca = \"{path}\"\n", web.port()),
        ),
        check(
            "http",
            "http",
            &format!("url = \"https://localhost:{}/\"\nca = \"{path}\"\n", web.port()),
        ),
    ];
    let bench = Bench::new(&file.concat());
    for name in ["tls", "http"] {
        bench.stands(name, Standing::Wrong, "The certificate ended on 2024-01-01, ");
    }
}

#[test]
fn the_password_of_an_address_is_shown_to_nobody() {
    for (url, shown) in [
        ("http://user:pw@127.0.0.1:80/auth", "http://user:***@127.0.0.1:80/auth"),
        ("https://user:p:w@x/?q=a:b@c", "https://user:***@x/?q=a:b@c"),
        ("https://user@x/", "https://user@x/"),
        ("http://x/a:b@c", "http://x/a:b@c"),
        ("x", "x"),
    ] {
        assert_eq!(SafeText::url(url).as_str(), shown);
    }
    let web = Web::start(200, "ok");
    let url = format!("url = \"http://user:hidden-word@127.0.0.1:{}/\"\n", web.port());
    let bench = Bench::new(&check("front", "http", &url));
    let row = bench.ask("front");
    assert_eq!(row.standing, Standing::Up, "{row:?}");
    assert!(!format!("{row:?}").contains("hidden-word"), "{row:?}");
}

#[test]
fn a_window_without_a_length_is_no_window_of_a_whole_day() {
    let text = |to: &str| {
        format!(
            "[[check]]\nname = \"a\"\nkind = \"tcp\"\naddress = \"127.0.0.1:1\"\nmaintenance = [{{ from = \"05:00\", to = \"{to}\" }}]\n"
        )
    };
    let problems = |to: &str| parse(&text(to), Path::new("chantier.toml")).1;
    assert!(problems("06:00").is_empty(), "{:?}", problems("06:00"));
    assert!(problems("04:00").is_empty(), "over midnight");
    let found = problems("05:00");
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(format!("{found:?}").contains("has no length"), "{found:?}");
}
