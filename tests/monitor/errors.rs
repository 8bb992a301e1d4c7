//! The error inbox: real traces of six languages, counted once, with the commit that planted the defect.

use super::checks::Bench;
use chantier::adapters::store::deployments::DeploymentRow;
use chantier::adapters::store::instances::InstanceRow;
use chantier::areas::monitor::ErrorGroup;
use chantier::areas::monitor::errors;
use chantier::areas::monitor::errors::traces::{Language, Reader, Trace};
use chantier::base::{State, Timestamp};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

fn fixture(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/traces").join(name);
    std::fs::read_to_string(path).unwrap()
}

fn traces(text: &str) -> Vec<Trace> {
    let mut reader = Reader::default();
    let mut found: Vec<Trace> = text.lines().filter_map(|line| reader.push(line)).collect();
    found.extend(reader.end());
    found
}

/// Each file holds one defect twice, with other values, between lines of a log.
#[test]
fn a_defect_has_one_fingerprint_in_every_language() {
    let mut all = std::collections::BTreeSet::new();
    for (name, language, kind, place, function) in [
        ("rust.log", Language::Rust, "panic", "./a.rs:1", "a::shop::price"),
        ("python.log", Language::Python, "ValueError", "/srv/shop/a.py:8", "handle"),
        (
            "javascript.log",
            Language::JavaScript,
            "TypeError",
            "/srv/shop/a.js:2",
            "price",
        ),
        (
            "javascript-uncaught.log",
            Language::JavaScript,
            "TypeError",
            "/srv/shop/b.js:1",
            "Shop.pay",
        ),
        (
            "go.log",
            Language::Go,
            "panic",
            "/srv/shop/g/main.go:11",
            "main.(*Order).Price",
        ),
        (
            "java.log",
            Language::Java,
            "java.lang.ArrayIndexOutOfBoundsException",
            "Shop.java:2",
            "Shop.price",
        ),
        (
            "cpp-asan.log",
            Language::Cpp,
            "AddressSanitizer: heap-use-after-free",
            "/srv/shop/a.cpp:6",
            "use(int)",
        ),
        ("cpp-assert.log", Language::Cpp, "Assertion", "a.cpp:8", "void check(int)"),
    ] {
        let found = traces(&fixture(name));
        assert_eq!(found.len(), 2, "{name}: {found:#?}");
        for trace in &found {
            assert_eq!(trace.language, language, "{name}");
            assert_eq!(trace.kind, kind, "{name}");
            let at = trace.place().unwrap();
            assert_eq!(format!("{}:{}", at.file, at.line), place, "{name}: {:#?}", trace.frames);
            assert_eq!(at.function, function, "{name}");
            assert!(!trace.lines.iter().any(|line| line.contains("order taken")), "{name}");
        }
        assert_ne!(found[0].message, "", "{name}");
        assert_eq!(found[0].fingerprint(), found[1].fingerprint(), "{name}: {found:#?}");
        assert!(all.insert(found[0].fingerprint()), "{name} is told from the others");
    }
    let thrown = traces(&fixture("cpp-throw.log"));
    assert_eq!(thrown.len(), 2, "{thrown:#?}");
    assert_eq!(
        (thrown[0].kind.as_str(), thrown[0].message.as_str()),
        ("std::runtime_error", "order 9")
    );
    assert_eq!(thrown[0].fingerprint(), thrown[1].fingerprint());
}

/// As servers, structured loggers and newer versions of the languages write them; each file holds one defect twice.
#[test]
fn a_defect_is_found_however_its_trace_is_written() {
    for (name, language, kind, message, place, n_lines) in [
        (
            "go-http.log",
            Language::Go,
            "panic",
            "runtime error: index out of range [5] with length 3",
            "/srv/app/api.go:42",
            10,
        ),
        ("go-zap.log", Language::Go, "error", "failed: boom", "/srv/app/main.go:12", 5),
        (
            "json-python.log",
            Language::Python,
            "TimeoutError",
            "bank",
            "/srv/app/pay.py:3",
            7,
        ),
        (
            "json-java.log",
            Language::Java,
            "java.lang.IllegalStateException",
            "no stock",
            "Stock.java:33",
            4,
        ),
        (
            "json-pino.log",
            Language::JavaScript,
            "TypeError",
            "Cannot read properties of undefined (reading 'id')",
            "/srv/app/orders.js:12",
            4,
        ),
        (
            "rust-error.log",
            Language::Rust,
            "error",
            "could not read the config",
            "./src/config.rs:12",
            11,
        ),
        ("python-group.log", Language::Python, "ValueError", "1", "/srv/app/t.py:5", 10),
        (
            "node-cause.log",
            Language::JavaScript,
            "Error",
            "boom",
            "/srv/app/app.js:3",
            7,
        ),
    ] {
        let found = traces(&fixture(name));
        assert_eq!(found.len(), 2, "{name}: {found:#?}");
        for trace in &found {
            assert_eq!(trace.language, language, "{name}");
            assert_eq!((trace.kind.as_str(), trace.message.as_str()), (kind, message), "{name}");
            let at = trace.place().unwrap();
            assert_eq!(format!("{}:{}", at.file, at.line), place, "{name}: {:#?}", trace.frames);
            assert_eq!(trace.lines.len(), n_lines, "{name}: {:#?}", trace.lines);
        }
        assert_eq!(found[0].fingerprint(), found[1].fingerprint(), "{name}");
    }
    // What was recovered from is written by a logger of its own; a stack that nothing broke is no error.
    let stack = |call: &str| {
        let text = "recovered: no stock\ngoroutine 5 [running]:\nruntime/debug.Stack()\n\t/usr/local/go/src/runtime/debug/stack.go:24 +0x5e\n\
                    CALL\n\t/usr/local/go/src/runtime/panic.go:920 +0x270\nmain.orders(0x1, 0x2)\n\t/srv/app/api.go:42 +0x1d\n";
        traces(&text.replace("CALL", call))
    };
    let recovered = stack("panic({0x6a1b20, 0xc0000180a8})");
    assert_eq!(recovered.len(), 1);
    assert_eq!(
        (recovered[0].kind.as_str(), recovered[0].message.as_str()),
        ("panic", "recovered: no stock")
    );
    assert_eq!(recovered[0].place().unwrap().function, "main.orders");
    assert_eq!(stack("main.dump(0x1)"), Vec::new());
}

#[test]
fn what_only_looks_like_a_trace_is_none() {
    let text = "INFO the last Error: none\nTypeError: nothing follows\nINFO fine\njava.lang.String: a class\nok\npanic: no, calm\nok\n\
                Traceback\n  at noon (12:30)\nfatal error: none\nok\nError: none\n\nok\n{\"stack\":\"a\\nb\"}\n{\"msg\":\"a\\nb\"\n";
    assert_eq!(traces(text), Vec::new());
    // A line that moved is the same defect, another function is not.
    let python = |line: u32, function: &str| {
        format!(
            "Traceback (most recent call last):\n  File \"/srv/a.py\", line {line}, in {function}\n    x\nKeyError: 'a'\nINFO\n"
        )
    };
    let print = |text: &str| traces(text)[0].fingerprint();
    assert_eq!(print(&python(3, "f")), print(&python(30, "f")));
    assert_ne!(print(&python(3, "f")), print(&python(3, "g")));
}

fn git(root: &Path, args: &[&str], date: &str) -> String {
    let output = Command::new("git")
        .args([
            "-c",
            "user.name=Ada",
            "-c",
            "user.email=ada@shop.example",
            "-c",
            "commit.gpgsign=false",
        ])
        .args(args)
        .current_dir(root)
        .env("GIT_AUTHOR_DATE", date)
        .env("GIT_COMMITTER_DATE", date)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "git {args:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// A shop whose second commit plants a defect, deployed in a version, with a log.
struct Shop {
    bench: Bench,
    planted: String,
    log: PathBuf,
}

impl Shop {
    fn new() -> Self {
        let bench = Bench::new("");
        let root = bench.root.path().to_path_buf();
        std::fs::create_dir(root.join("shop")).unwrap();
        let write = |text: &str| std::fs::write(root.join("shop/a.py"), text).unwrap();
        git(&root, &["init", "-q", "-b", "main"], "2026-11-01T10:00:00Z");
        write("def price(order):\n    return order.total\n");
        git(&root, &["add", "."], "2026-11-01T10:00:00Z");
        git(&root, &["commit", "-q", "-m", "The shop"], "2026-11-01T10:00:00Z");
        write("def price(order):\n    return order[\"total\"] / order[\"n\"]\n");
        git(&root, &["commit", "-q", "-am", "Prices by line"], "2026-11-02T10:00:00Z");
        let planted = git(&root, &["rev-parse", "HEAD"], "2026-11-02T10:00:00Z");
        std::fs::write(root.join("README"), "later").unwrap();
        git(&root, &["add", "."], "2026-11-03T10:00:00Z");
        git(&root, &["commit", "-q", "-m", "Words"], "2026-11-03T10:00:00Z");
        let log = root.join("shop.log");
        std::fs::write(&log, "INFO begins\n").unwrap();
        Self { bench, planted, log }
    }

    fn write(&self, text: &str) {
        let mut file = std::fs::OpenOptions::new().append(true).open(&self.log).unwrap();
        file.write_all(text.as_bytes()).unwrap();
    }

    fn crash(&self, n: u32) {
        self.write(&format!(
            "INFO order {n}\nTraceback (most recent call last):\n  File \"/srv/app/shop/a.py\", line 2, in price\n    return\n\
             ZeroDivisionError: division by zero in {n}\nINFO goes on\n"
        ));
    }

    /// A new deployment of this version whose instance writes the log.
    async fn deploy(&self, version: &str) {
        let world = self.bench.world();
        let commit = git(self.bench.root.path(), &["rev-parse", "HEAD"], "2026-11-03T10:00:00Z");
        let deployment = DeploymentRow {
            workspace: self.bench.workspace.id.clone(),
            environment: "production".to_owned(),
            version: version.to_owned(),
            commit: Some(commit),
            state: State::Done,
            started_at: Timestamp::now(),
            healthy_from: Some(Timestamp::now()),
            ..super::numbers::deployment()
        };
        let deployment = world.store().deployments().begin(deployment).await.unwrap();
        let instance = InstanceRow {
            workspace: Some(self.bench.workspace.id.clone()),
            environment: Some("production".to_owned()),
            deployment: Some(deployment.id),
            version: Some(version.to_owned()),
            log_path: Some(self.log.clone()),
            ..super::numbers::instance("shop-1")
        };
        world.store().instances().started(instance).await.unwrap();
    }

    async fn round(&self) -> Vec<ErrorGroup> {
        let world = self.bench.world();
        errors::round(&world, &self.bench.workspace).await.unwrap()
    }

    async fn list(&self) -> Vec<ErrorGroup> {
        let world = self.bench.world();
        errors::list(&world, &self.bench.workspace).await.unwrap()
    }
}

#[test]
fn a_defect_is_counted_once_for_each_time_and_its_commit_is_suspected() {
    let shop = Shop::new();
    let runtime = shop.bench.session.runtime();
    runtime.block_on(async {
        shop.deploy("1.0.0").await;
        assert!(shop.round().await.is_empty());
        shop.crash(7);
        let news = shop.round().await;
        assert_eq!(news.len(), 1, "{news:#?}");
        assert_eq!(news[0].state, "new");
        assert_eq!(news[0].first_version.as_deref(), Some("1.0.0"));
        let suspect = news[0].suspect.as_ref().unwrap();
        assert_eq!(suspect.commit, shop.planted);
        assert_eq!((suspect.author.as_str(), suspect.summary.as_str()), ("Ada", "Prices by line"));
        assert_eq!((suspect.path.as_str(), suspect.line), ("shop/a.py", 2));
        // What was read is not read again; what is cut in the middle is counted when it is whole.
        assert!(shop.round().await.is_empty());
        shop.write("Traceback (most recent call last):\n  File \"/srv/app/shop/a.py\", li");
        shop.round().await;
        shop.write("ne 2, in price\n    return\nZeroDivisionError: again\nINFO goes on\n");
        shop.round().await;
        shop.crash(9);
        shop.crash(10);
        shop.round().await;
        assert_eq!(shop.list().await[0].n, 4);
        // Truncated and written anew.
        std::fs::write(&shop.log, "").unwrap();
        shop.crash(1);
        shop.round().await;
        assert_eq!(shop.list().await[0].n, 5);
    });
}

#[test]
fn an_error_that_is_resolved_comes_back_in_a_later_version_only() {
    let shop = Shop::new();
    let runtime = shop.bench.session.runtime();
    runtime.block_on(async {
        shop.deploy("1.0.0").await;
        shop.crash(1);
        shop.round().await;
        let id = shop.list().await[0].id;
        let world = shop.bench.world();
        world
            .store()
            .errors()
            .change(id, |row| {
                "resolved".clone_into(&mut row.state);
                row.resolved_in = Some("1.1.0".to_owned());
            })
            .await
            .unwrap();
        shop.crash(2);
        assert!(shop.round().await.is_empty(), "the old version still has it");
        assert_eq!(shop.list().await[0].state, "resolved");
        shop.deploy("1.1.0").await;
        std::fs::write(&shop.log, "").unwrap();
        shop.crash(3);
        let news = shop.round().await;
        assert_eq!(news.len(), 1, "{news:#?}");
        assert_eq!(news[0].state, "back");
        assert_eq!(shop.list().await[0].n, 3);
    });
}
