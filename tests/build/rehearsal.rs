//! Rehearsals (B11) with a real program in a real sandbox: what it sees there, and how it fails.

use crate::support::cli::{Called, Home, git};
use crate::support::engine::missing;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A service that answers what it sees of the world it runs in.
const SERVER: &str = r#"import http.server, json, os, signal, socket, sys
if os.environ.get("STUBBORN"):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
def reaches(host, port):
    try:
        socket.create_connection((host, port), 1).close()
        return True
    except OSError:
        return False
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        seen = {
            "place": os.environ.get("PLACE"),
            "secret": os.environ.get("OUTER_SECRET"),
            "home": os.environ["HOME"],
            "committed": os.path.exists("committed.txt"),
            "loose": os.path.exists("loose.txt"),
            "name": os.path.basename(__file__),
            "outside": reaches("192.0.2.1", 80) or len([n for n in os.listdir("/proc/sys/net/ipv4/conf") if n not in ("all", "default", "lo")]) > 0,
            "processes": len([n for n in os.listdir("/proc") if n.isdigit()]),
            "version": os.environ.get("VERSION"),
        }
        open("written.txt", "w").write("x")
        body = json.dumps(seen, sort_keys=True).encode()
        self.send_response(200 if self.path == "/seen" else 500)
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *words):
        pass
print("listening", flush=True)
http.server.HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
"#;

fn has_sandbox() -> bool {
    let tried = Command::new("bwrap")
        .args(["--unshare-all", "--ro-bind", "/", "/", "/bin/true"])
        .output();
    let is_there = tried.as_ref().is_ok_and(|output| output.status.success());
    if !is_there {
        missing("sandbox", &format!("bubblewrap does not work here: {tried:?}"));
    }
    is_there
}

/// A repository whose artifact is the service; built.
fn service(home: &Home, environment: &str) -> PathBuf {
    let root = home.path("service");
    std::fs::create_dir_all(&root).unwrap();
    let put = |name: &str, text: &str| std::fs::write(root.join(name), text).unwrap();
    put("server.py", SERVER);
    put("committed.txt", "yes\n");
    put("VERSION", "3.2.1\n");
    put(".gitignore", "out\nwritten.txt\n");
    put(
        "chantier.toml",
        &format!(
            "[release]\nversion_files = [\"VERSION\"]\n[[task]]\nname = \"build\"\nrun = [\"cp\", \"server.py\", \"out\"]\n\
             [[artifact]]\nname = \"server\"\npath = \"out\"\ntask = \"build\"\n{environment}"
        ),
    );
    git(&root, &["init", "-qb", "main"]);
    git(&root, &["config", "user.name", "Ana"]);
    git(&root, &["config", "user.email", "ana@example.org"]);
    git(&root, &["add", "-A"]);
    git(&root, &["commit", "-qm", "service"]);
    put("loose.txt", "not committed\n");
    home.call_in(&root, &["build", "run", "build", "--trust"]).ok();
    root
}

fn environment(run: &str, more: &str) -> String {
    format!(
        "[[environment]]\nname = \"production\"\nenv = {{ PLACE = \"{{environment}}\", VERSION = \"{{version}}\" }}\n{more}\n\
         [environment.target]\nkind = \"process\"\nrun = {run}\nport = 18099\nstop_grace = \"1s\"\n"
    )
}

const PYTHON: &str = r#"["python3", "{artifact:server}"]"#;

fn gate(expect: &str) -> String {
    format!(
        "[[environment.health]]\nkind = \"http\"\nurl = \"http://127.0.0.1:{{port}}/seen\"\ninterval = \"50ms\"\ndeadline = \"40s\"\n{expect}\n"
    )
}

fn rehearse(home: &Home, root: &Path, more: &[&str]) -> (Called, Value) {
    let mut args = vec!["build", "rehearse", "--json"];
    args.extend(more);
    let called = home.call_in(root, &args);
    let answer = called.json();
    (called, answer["result"].clone())
}

/// Nothing is left of it: no worktree, no file of its own, no process.
fn is_clean(home: &Home, root: &Path) {
    assert_eq!(git(root, &["worktree", "list"]).lines().count(), 1);
    let status = git(root, &["status", "--porcelain"]);
    assert_eq!(status.trim(), "?? loose.txt");
    assert!(!root.join("written.txt").exists());
    let left = Command::new("pgrep")
        .args(["-f", home.path("service").to_str().unwrap()])
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&left.stdout), "");
}

#[test]
fn a_program_sees_its_settings_a_clean_commit_and_no_network() {
    if !has_sandbox() {
        return;
    }
    let home = Home::new();
    let expect = r#"expect_text = "\"committed\": true, \"home\": \"/tmp\", \"loose\": false, \"name\": \"out\", \"outside\": false, \"place\": \"production\"""#;
    let smoke = "[environment.rehearsal]\nsmoke = [[\"python3\", \"-c\", \"import urllib.request as u, os; print(u.urlopen('http://127.0.0.1:18099/seen').read().decode()); print(os.getcwd())\"]]";
    let root = service(&home, &format!("{}{}{smoke}\n", environment(PYTHON, ""), gate(expect)));
    let output = home
        .program(&root, &["build", "rehearse", "--json"])
        .env("OUTER_SECRET", "hunter2")
        .output()
        .unwrap();
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    let seen = &answer["result"];
    assert_eq!(seen["state"], "done", "{answer:#}");
    assert_eq!(seen["version"], "3.2.1");
    assert_eq!(seen["commit"], git(&root, &["rev-parse", "HEAD"]).trim());
    assert_eq!(seen["gates"][0]["state"], "done");
    assert_eq!(seen["listens"], serde_json::json!(["127.0.0.1:18099"]));
    assert_eq!(seen["end"]["is_polite"], true);
    let said = seen["smoke"][0]["last_words"].to_string();
    assert!(
        said.contains(r#"\"secret\": null"#) && said.contains(r#"\"version\": \"3.2.1\""#),
        "{said}"
    );
    assert!(said.contains(root.to_str().unwrap()), "it runs where it will run: {said}");
    is_clean(&home, &root);

    // Kept, for later looks and for the window.
    let listed = home.call_in(&root, &["build", "rehearsals", "--json"]).ok().json();
    assert_eq!(listed["result"]["rehearsals"][0]["job"], seen["job"]);

    // Of a commit: built for it, whatever the checkout says now.
    std::fs::write(root.join("server.py"), "raise SystemExit(1)\n").unwrap();
    let (_, built) = rehearse(&home, &root, &["--commit", "HEAD"]);
    assert_eq!(built["state"], "done", "{built:#}");
}

#[test]
fn what_does_not_work_there_is_told() {
    if !has_sandbox() {
        return;
    }
    let home = Home::new();
    let text = |run: &str, more: &str, gates: &str| format!("{}{gates}", environment(run, more));
    let check = |root: &Path, toml: &str, code: &str, says: &str| {
        let path = root.join("chantier.toml");
        let before = std::fs::read_to_string(&path).unwrap();
        let head = before.split("[[environment]]").next().unwrap();
        std::fs::write(&path, format!("{head}{toml}")).unwrap();
        let (called, seen) = rehearse(&home, root, &["--trust"]);
        assert_eq!(called.code, 1, "{seen:#}");
        assert_eq!(seen["state"], "failed", "{seen:#}");
        assert_eq!(seen["problem"]["code"], code, "{seen:#}");
        assert!(seen["problem"].to_string().contains(says), "{says}: {seen:#}");
        git(root, &["checkout", "-q", "chantier.toml"]);
        is_clean(&home, root);
    };
    let root = service(&home, &text(PYTHON, "", &gate("")));
    let late = gate("expect_text = \"never\"").replace("40s", "10s");
    check(&root, &text(PYTHON, "", &late), "unhealthy", "never");
    let dies = r#"["python3", "-c", "import sys; print('no room', flush=True); sys.exit(7)"]"#;
    check(&root, &text(dies, "", &gate("")), "died", "no room");
    check(
        &root,
        &text(r#"["/opt/app", "{artifact:server}"]"#, "", &gate("")),
        "not-found",
        "/opt/app",
    );
    let smoke = "[environment.rehearsal]\nsmoke = [[\"python3\", \"-c\", \"raise SystemExit('not so')\"]]\n";
    check(&root, &text(PYTHON, "", &format!("{}{smoke}", gate(""))), "smoke", "not so");
    let base = "[environment.rehearsal]\nbase = \"nowhere\"\n";
    check(
        &root,
        &text(PYTHON, "", &format!("{}{base}", gate(""))),
        "not-found",
        "nowhere",
    );

    // It works, and does not end when it is asked to.
    let path = root.join("chantier.toml");
    let stubborn = std::fs::read_to_string(&path)
        .unwrap()
        .replace("env = { ", "env = { STUBBORN = \"1\", ");
    std::fs::write(&path, stubborn).unwrap();
    let (called, seen) = rehearse(&home, &root, &["--trust"]);
    assert_eq!((called.code, &seen["state"]), (0, &"degraded".into()), "{seen:#}");
    assert_eq!(seen["end"]["is_polite"], false);
}

/// A system of its own: busybox and nothing else.
#[test]
fn a_base_folder_is_the_whole_system() {
    if !has_sandbox() || !Path::new("/bin/busybox").exists() {
        return;
    }
    let home = Home::new();
    let base = home.path("base");
    std::fs::create_dir_all(base.join("usr/bin")).unwrap();
    std::fs::copy("/bin/busybox", base.join("usr/bin/busybox")).unwrap();
    std::os::unix::fs::symlink("usr/bin", base.join("bin")).unwrap();
    let rules = format!(
        "[environment.rehearsal]\nbase = \"{}\"\nwritable = [\"/var/lib/app\"]\nsmoke = [[\"busybox\", \"touch\", \"/var/lib/app/x\"], [\"busybox\", \"ls\", \"/\"]]\n",
        base.display()
    );
    let run = r#"["busybox", "httpd", "-f", "-p", "127.0.0.1:18099"]"#;
    let gates = gate("expect_text = \"yes\"").replace("/seen", "/committed.txt");
    let gates = format!(
        "{gates}[[environment.health]]\nkind = \"command\"\nrun = [\"busybox\", \"test\", \"-d\", \"/var/lib/app\"]\nhealthy_after = 2\ninterval = \"20ms\"\n"
    );
    let root = service(&home, &format!("{}{gates}{rules}", environment(run, "")));
    let (_, seen) = rehearse(&home, &root, &[]);
    assert_eq!(seen["state"], "done", "{seen:#}");
    assert_eq!(
        (&seen["gates"][1]["state"], &seen["gates"][1]["n_tries"]),
        (&"done".into(), &2.into()),
        "{seen:#}"
    );
    assert_eq!(seen["base"], base.to_str().unwrap());
    let listed = seen["smoke"][1]["last_words"].to_string();
    assert!(listed.contains("bin") && !listed.contains("etc"), "{listed}");
    is_clean(&home, &root);
    // What that system does not have can not be run.
    let path = root.join("chantier.toml");
    let text = std::fs::read_to_string(&path).unwrap().replace(run, PYTHON);
    std::fs::write(&path, text).unwrap();
    let (_, seen) = rehearse(&home, &root, &["--trust"]);
    assert_eq!(seen["problem"]["code"], "not-found", "{seen:#}");
}

#[test]
fn a_rehearsal_that_is_stopped_leaves_nothing() {
    if !has_sandbox() {
        return;
    }
    let home = Home::new();
    let root = service(
        &home,
        &format!("{}{}", environment(PYTHON, ""), gate("expect_text = \"never\"")),
    );
    let mut program = home.program(&root, &["build", "rehearse"]);
    let mut child = program.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let runs = || {
        let found = Command::new("pgrep")
            .args(["-f", "python3 .*/worktrees/job-"])
            .output()
            .unwrap();
        String::from_utf8_lossy(&found.stdout).into_owned()
    };
    let ours = home.path("");
    while !runs().lines().any(|pid| {
        let environ = std::fs::read_to_string(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        environ.contains(ours.to_str().unwrap())
    }) {
        assert!(child.try_wait().unwrap().is_none(), "it ended too early");
        std::thread::yield_now();
    }
    rustix::process::kill_process(rustix::process::Pid::from_child(&child), rustix::process::Signal::INT).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    is_clean(&home, &root);
    let listed = home.call_in(&root, &["build", "rehearsals", "--json"]).ok().json();
    assert_eq!(listed["result"]["rehearsals"][0]["state"], "cancelled");
}

/// The root file system of an image, taken once, with the environment that it brings.
#[test]
fn an_image_of_the_engine_is_the_whole_system() {
    use crate::support::engine::{docker, import_busybox, is_there, unique};
    if !has_sandbox() || !is_there() {
        return;
    }
    let home = Home::new();
    let image = unique("rehearsal");
    let plain = format!("{image}-plain");
    import_busybox(None, &home.path("tree"), &plain);
    let context = home.path("context");
    std::fs::create_dir_all(&context).unwrap();
    let recipe = format!("FROM {plain}\nENV COLOUR=green\nRUN echo from the image > /marked\n");
    std::fs::write(context.join("Dockerfile"), recipe).unwrap();
    docker(None, &["build", "-q", "-t", &image, context.to_str().unwrap()]);
    let rules = format!(
        "[environment.rehearsal]\nimage = \"{image}\"\nsmoke = [[\"cat\", \"/marked\"], [\"sh\", \"-c\", \"echo $COLOUR in $PLACE\"]]\n"
    );
    let run = r#"["busybox", "httpd", "-f", "-p", "127.0.0.1:18099"]"#;
    let gates = gate("expect_text = \"yes\"").replace("/seen", "/committed.txt");
    let root = service(&home, &format!("{}{gates}{rules}", environment(run, "")));
    for _ in 0..2 {
        let (_, seen) = rehearse(&home, &root, &[]);
        assert_eq!(seen["state"], "done", "{seen:#}");
        assert_eq!(seen["base"], image.as_str());
        assert_eq!(seen["smoke"][0]["last_words"][0], "from the image");
        assert_eq!(seen["smoke"][1]["last_words"][0], "green in production");
    }
    is_clean(&home, &root);
    let left = docker(
        None,
        &[
            "ps",
            "-aq",
            "--filter",
            "label=chantier.rehearsal",
            "--filter",
            &format!("ancestor={image}"),
        ],
    );
    assert_eq!(left, "", "the container that lent its files is gone");
    docker(None, &["rmi", "-f", &image, &plain]);
    // It was taken once: what is kept goes on without the image's engine holding it.
    let kept = std::fs::read_dir(home.path("home/cache/rehearsals")).unwrap().count();
    assert_eq!(kept, 1);
    let (called, seen) = rehearse(&home, &root, &[]);
    assert_eq!((called.code, &seen["problem"]["code"]), (1, &"not-found".into()), "{seen:#}");
}

/// What was built of a commit that was taken back, as that of a release is, is nothing to rehearse.
#[test]
fn what_was_built_of_a_commit_that_was_taken_back_is_not_rehearsed() {
    if !has_sandbox() {
        return;
    }
    let home = Home::new();
    let root = service(&home, &format!("{}{}", environment(PYTHON, ""), gate("")));
    let head = git(&root, &["rev-parse", "HEAD"]);
    std::fs::write(root.join("VERSION"), "3.2.2\n").unwrap();
    git(&root, &["commit", "-qam", "chore(release): 3.2.2"]);
    home.call_in(&root, &["build", "run", "build"]).ok();
    git(&root, &["reset", "-q", "--hard", "HEAD~1"]);
    let (_, seen) = rehearse(&home, &root, &[]);
    assert_eq!(seen["state"], "done", "{seen:#}");
    assert_eq!(
        (&seen["version"], seen["commit"].as_str()),
        (&Value::from("3.2.1"), Some(head.trim()))
    );
}

/// A secret has its value inside, which nobody else reads; one that nobody has set is not rehearsed without.
#[test]
fn a_rehearsal_is_given_its_secrets_and_shows_none() {
    if !has_sandbox() {
        return;
    }
    let home = Home::new();
    let rules = "[environment.rehearsal]\nsmoke = [[\"sh\", \"-c\", \"test ${#TOKEN} = 12 && echo got=$TOKEN $URL\"]]\n";
    let settings = environment(PYTHON, "").replace(
        "env = { ",
        "env = { TOKEN = \"secret:tok\", URL = \"http://u:{secret:tok}@x\", ",
    );
    let root = service(&home, &format!("{settings}{}{rules}", gate("")));
    let (called, seen) = rehearse(&home, &root, &[]);
    assert_eq!(called.code, 1, "nobody has set it: {seen:#}");
    assert!(called.out.contains("tok"), "{}", called.out);
    home.set_secret("tok", "hunter2-open");
    let (called, seen) = rehearse(&home, &root, &[]);
    assert_eq!((called.code, &seen["state"]), (0, &"done".into()), "{}", called.out);
    assert!(!called.out.contains("hunter2-open"), "{}", called.out);
    assert!(seen["smoke"][0]["last_words"][0].as_str().unwrap().starts_with("got=***"));
    is_clean(&home, &root);
}

/// What can not be read of the file may be the environment that is meant.
#[test]
fn another_environment_is_not_rehearsed_in_place_of_one_that_is_wrong() {
    let home = Home::new();
    let wrong = environment(PYTHON, "").replace("port = 18099", "port = 18099\n[[environment.gate]]\nx = 1");
    let right = environment(PYTHON, "").replace("\"production\"", "\"dev\"");
    let root = service(&home, &format!("{right}{wrong}"));
    for args in [&[][..], &["production"]] {
        let (called, _) = rehearse(&home, &root, args);
        let problem = called.json()["problems"][0].clone();
        assert_eq!(
            (called.code, problem["kind"].as_str()),
            (1, Some("config")),
            "{args:?} {problem:#}"
        );
        assert!(problem["place"]["line"].as_u64().is_some(), "{problem:#}");
    }
}

#[test]
fn a_rehearsal_says_how_the_program_crashed_and_that_it_was_built_before() {
    if !has_sandbox() {
        return;
    }
    let home = Home::new();
    let crash = r#"["sh", "-c", "kill -SEGV $$"]"#;
    let root = service(&home, &environment(crash, ""));
    let (called, seen) = rehearse(&home, &root, &[]);
    assert_eq!(called.code, 1, "{seen:#}");
    let text = home.call_in(&root, &["build", "rehearse"]).err;
    assert!(text.contains("sh was ended by SIGSEGV"), "{text}");
    let stale = |called: &Called| {
        let answer = called.json();
        let problems = answer["problems"].as_array().unwrap().clone();
        problems.iter().any(|problem| problem["code"] == "stale")
    };
    // Settings name no artifact here, so nothing that was built is rehearsed.
    assert!(!stale(&called), "{}", called.out);
    let path = root.join("chantier.toml");
    let text = std::fs::read_to_string(&path).unwrap().replace(crash, PYTHON);
    std::fs::write(&path, text).unwrap();
    git(&root, &["commit", "-qam", "start it"]);
    let (called, _) = rehearse(&home, &root, &["--trust"]);
    assert!(stale(&called), "it was built one commit before: {}", called.out);
    home.call_in(&root, &["build", "run", "build", "--trust"]).ok();
    let (called, _) = rehearse(&home, &root, &[]);
    assert!(!stale(&called), "{}", called.out);
}
