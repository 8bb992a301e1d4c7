//! Fetching, pulling and pushing through git and ssh, with a real sshd on this machine: nobody is trusted silently, and one who hangs is
//! left.

use super::jobs::Bench;
use super::page_branching::Front;
use crate::support::cli::Home;
use crate::support::sshd::{Sshd, fingerprint_of, keygen};
use chantier::areas::Update as Any;
use chantier::areas::code::act::Act;
use chantier::areas::code::branching::News;
use chantier::areas::code::{Command, Update};
use chantier::base::git_act::{GitAct, PullMode, Push};
use chantier::base::{HostKey, Problem};
use chantier::engine::{Event as EngineEvent, JobEvent, Outcome};
use egui_kittest::kittest::Queryable as _;
use std::io::Write as _;
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

impl Bench {
    /// A trusted clone of a repository behind ssh, which asks as ssh does where nothing is configured.
    fn behind_ssh(port: u16, dir: &Path) -> Self {
        let bench = Self::with_side();
        let there = dir.join("there.git");
        bench.fixture.run(&["clone", "-q", "--bare", ".", there.to_str().unwrap()]);
        let config = format!(
            "Host *\n  UserKnownHostsFile {dir}/known_hosts\n  GlobalKnownHostsFile /dev/null\n  IdentityFile {dir}/user_key\n  \
             IdentitiesOnly yes\n  IdentityAgent none\n",
            dir = dir.display()
        );
        std::fs::write(dir.join("ssh_config"), config).unwrap();
        let ssh = format!("ssh -F {}", dir.join("ssh_config").display());
        bench.fixture.run(&["config", "core.sshCommand", &ssh]);
        let user = chantier::adapters::user::name();
        let url = format!("ssh://{user}@127.0.0.1:{port}{}", there.display());
        bench.fixture.run(&["remote", "add", "origin", &url]);
        bench
    }

    /// Does it, with this machine's key accepted.
    fn accepting(&mut self, fingerprint: &str, act: GitAct) -> Outcome {
        self.run(Command::AcceptHost {
            fingerprint: fingerprint.to_owned(),
            then: Box::new(Act::Git(act).on(&self.workspace)),
        })
    }

    /// What the progress of an act says.
    fn phases(&mut self, act: GitAct) -> Vec<String> {
        let command = Act::Git(act).on(&self.workspace);
        let id = self.session.link.start(command.into());
        let mut phases = Vec::new();
        let outcome = self.until(|event| match event {
            EngineEvent::Job(job, JobEvent::Progress(progress)) if *job == id => {
                phases.push(format!("{progress:?}"));
                None
            }
            EngineEvent::Job(job, JobEvent::Ended { outcome, .. }) if *job == id => Some(outcome.clone()),
            _ => None,
        });
        assert_eq!(outcome, Outcome::Done, "{}", self.log.join("\n"));
        phases
    }
}

fn problem_of(outcome: Outcome) -> Problem {
    match outcome {
        Outcome::Failed { problem } => problem,
        other => panic!("{other:?}"),
    }
}

fn fetch() -> GitAct {
    GitAct::Fetch {
        remote: Some("origin".to_owned()),
    }
}

/// Somebody else's commit on `main` there.
fn commit_there(bench: &Bench, dir: &Path, name: &str, n_files: usize) {
    let other = dir.join(format!("other-{name}"));
    let there = dir.join("there.git");
    bench
        .fixture
        .run(&["clone", "-q", there.to_str().unwrap(), other.to_str().unwrap()]);
    for n in 0..n_files {
        std::fs::write(other.join(format!("{name}-{n}")), format!("{n}\n")).unwrap();
    }
    bench.fixture.run_in(&other, &["add", "-A"]);
    let maker = ["-c", "user.name=Grace", "-c", "user.email=grace@example.org"];
    bench
        .fixture
        .run_in(&other, &[&maker[..], &["commit", "-q", "-m", name]].concat());
    bench.fixture.run_in(&other, &["push", "-q", "origin", "HEAD:main"]);
}

#[test]
fn fetching_pulling_and_pushing_go_through_ssh_and_tell_how_far_they_are() {
    let home = tempfile::tempdir().unwrap();
    let dir = home.path().canonicalize().unwrap();
    let Some(sshd) = Sshd::start(&dir) else { return };
    sshd.is_known_by(&dir.join("host_key"));
    let mut bench = Bench::behind_ssh(sshd.port, &dir);
    commit_there(&bench, &dir, "first", 300);
    let phases = bench.phases(fetch());
    assert!(phases.iter().any(|phase| phase.contains("Receiving objects")), "{phases:?}");
    assert_eq!(bench.fixture.text(&["log", "-1", "--format=%s", "origin/main"]), "first");
    bench.fixture.run(&["branch", "-q", "--set-upstream-to=origin/main", "main"]);
    bench.done(GitAct::Pull {
        mode: PullMode::FastForward,
    });
    assert!(bench.fixture.path("first-0").exists());
    bench.fixture.write("mine", "1\n");
    bench.fixture.commit_all("mine");
    let phases = bench.phases(GitAct::Push { push: Push::default() });
    assert!(phases.iter().any(|phase| phase.contains("Writing objects")), "{phases:?}");
    // Somebody was quicker: said with what to do, and nothing is overwritten.
    commit_there(&bench, &dir, "second", 1);
    bench.fixture.write("mine", "2\n");
    bench.fixture.commit_all("mine too");
    let rejected = bench.fails(GitAct::Push { push: Push::default() });
    assert_eq!(rejected.code, "rejected", "{rejected:?}");
    assert!(rejected.hint.is_some());
    bench.done(GitAct::Pull { mode: PullMode::Rebase });
    bench.done(GitAct::Push { push: Push::default() });
    let there = [
        "--git-dir",
        dir.join("there.git").to_str().unwrap(),
        "log",
        "-3",
        "--format=%s",
        "main",
    ]
    .map(str::to_owned);
    let there: Vec<&str> = there.iter().map(String::as_str).collect();
    assert_eq!(bench.fixture.text(&there), "mine too\nsecond\nmine");
}

#[test]
fn a_host_key_that_is_unknown_or_another_one_is_never_accepted() {
    let home = tempfile::tempdir().unwrap();
    let dir = home.path().canonicalize().unwrap();
    let Some(sshd) = Sshd::start(&dir) else { return };
    let mut bench = Bench::behind_ssh(sshd.port, &dir);
    let unknown = bench.fails(fetch());
    assert_eq!(unknown.code, "host-unknown", "{unknown:?}");
    let key = HostKey::of_problem(&unknown).unwrap();
    assert_eq!(key.host, format!("[127.0.0.1]:{0} ([127.0.0.1]:{0})", sshd.port));
    assert_eq!((key.kind.as_str(), &key.fingerprint), ("ED25519", &sshd.fingerprint()));
    assert!(unknown.hint.is_some());
    assert_eq!(sshd.known(), "", "nothing was accepted");
    keygen(&dir.join("another_key"));
    sshd.is_known_by(&dir.join("another_key"));
    let known = sshd.known();
    for act in [
        fetch(),
        GitAct::Push {
            push: Push {
                remote: Some("origin".to_owned()),
                ..Push::default()
            },
        },
    ] {
        let changed = bench.fails(act);
        assert_eq!(changed.code, "host-changed", "{changed:?}");
        assert!(changed.details.contains("SHA256:"), "{changed:?}");
        assert!(changed.hint.is_some());
    }
    let accepting = bench.accepting(&sshd.fingerprint(), fetch());
    assert_eq!(problem_of(accepting).code, "host-changed", "also where it was accepted");
    assert_eq!(sshd.known(), known);
    // One who may not enter is another thing than one who is not known.
    sshd.is_known_by(&dir.join("host_key"));
    std::fs::remove_file(dir.join("authorized")).unwrap();
    let refused = bench.fails(fetch());
    assert_eq!(refused.code, "no-access", "{refused:?}");
}

#[test]
fn an_unknown_host_is_accepted_only_with_its_own_fingerprint_and_by_ssh_itself() {
    let home = tempfile::tempdir().unwrap();
    let dir = home.path().canonicalize().unwrap();
    let Some(sshd) = Sshd::start(&dir) else { return };
    let mut bench = Bench::behind_ssh(sshd.port, &dir);
    let command = Act::Git(fetch()).on(&bench.workspace);
    bench.session.link.start(command.clone().into());
    let told = bench.until(|event| match event {
        EngineEvent::Update(Any::Code(Update::Branching {
            news: News::HostUnknown { key, again },
            ..
        })) => Some((key.fingerprint.clone(), (**again).clone())),
        _ => None,
    });
    assert_eq!(told, (sshd.fingerprint(), command));
    keygen(&dir.join("another_key"));
    let another = fingerprint_of(&dir.join("another_key"));
    for wrong in [another.as_str(), "yes", "SHA256:*"] {
        let code = problem_of(bench.accepting(wrong, fetch())).code;
        assert!(["host-unknown", "no-fingerprint"].contains(&code.as_str()), "{wrong}: {code}");
        assert_eq!(sshd.known(), "", "{wrong}");
    }
    let accepted = bench.accepting(&sshd.fingerprint(), fetch());
    assert_eq!(accepted, Outcome::Done, "{}", bench.log.join("\n"));
    let public = std::fs::read_to_string(dir.join("host_key.pub")).unwrap();
    let key = public.split_whitespace().nth(1).unwrap();
    assert_eq!(sshd.known().matches(key).count(), 1, "{}", sshd.known());
    // From now on it is known.
    bench.done(fetch());
    assert_eq!(sshd.known().lines().count(), 1);
    // And where the user forbids to ask, nobody is asked.
    std::fs::remove_file(dir.join("known_hosts")).unwrap();
    let config = dir.join("ssh_config");
    let strict = std::fs::read_to_string(&config).unwrap() + "  StrictHostKeyChecking yes\n";
    std::fs::write(&config, strict).unwrap();
    let accepting = bench.accepting(&sshd.fingerprint(), fetch());
    for problem in [bench.fails(fetch()), problem_of(accepting)] {
        assert_eq!(problem.code, "host-unknown", "{problem:?}");
        assert_eq!(HostKey::of_problem(&problem), None);
    }
    assert_eq!(sshd.known(), "");
}

#[test]
fn the_command_line_names_the_fingerprint_and_how_to_accept_it() {
    let home = tempfile::tempdir().unwrap();
    let dir = home.path().canonicalize().unwrap();
    let Some(sshd) = Sshd::start(&dir) else { return };
    let bench = Bench::behind_ssh(sshd.port, &dir);
    let program = Home::new();
    let top = bench.fixture.root.clone();
    for verb in [&["code", "fetch"][..], &["code", "repos", "fetch"]] {
        let refused = program.call_in(&top, &[verb, &["--trust"]].concat());
        assert_ne!(refused.code, 0);
        let hint = format!("--accept-host {}", sshd.fingerprint());
        assert!(refused.err.contains(&hint), "{}\n{}", refused.out, refused.err);
        assert_eq!(sshd.known(), "");
    }
    let accepted = program.call_in(
        &top,
        &["code", "repos", "fetch", "--trust", "--accept-host", &sshd.fingerprint()],
    );
    accepted.ok();
    assert_eq!(sshd.known().lines().count(), 1);
    program.call_in(&top, &["code", "fetch", "--trust"]).ok();
}

#[test]
fn the_window_asks_who_an_unknown_machine_is_and_accepts_on_a_yes() {
    let home = tempfile::tempdir().unwrap();
    let dir = home.path().canonicalize().unwrap();
    let Some(sshd) = Sshd::start(&dir) else { return };
    let Bench { fixture, session, .. } = Bench::behind_ssh(sshd.port, &dir);
    drop(session);
    let mut front = Front::open(fixture);
    front.go("branches");
    front.press("Fetch");
    assert!(front.harness.query_by_label_contains("Is this the right machine?").is_some());
    assert!(
        front
            .harness
            .query_all_by_label_contains(&sshd.fingerprint())
            .next()
            .is_some()
    );
    // Enter is no yes.
    front.key(egui::Modifiers::NONE, egui::Key::Enter);
    front.press("Cancel");
    assert!(front.harness.query_by_label_contains("Is this the right machine?").is_none());
    assert_eq!(sshd.known(), "");
    front.press("Fetch");
    front.press("Accept the key and try again");
    assert_eq!(sshd.known().lines().count(), 1);
    assert_eq!(
        front.git(&["log", "-1", "--format=%s", "origin/main"]),
        front.git(&["log", "-1", "--format=%s", "main"])
    );
}

/// Processes that have this word among their arguments.
fn left_with(word: &str) -> usize {
    let entries = std::fs::read_dir("/proc").unwrap().flatten();
    let has = |entry: &std::fs::DirEntry| {
        let words = std::fs::read(entry.path().join("cmdline")).unwrap_or_default();
        String::from_utf8_lossy(&words).contains(word)
    };
    entries.filter(has).count()
}

/// A server that says who it is and then nothing more; the connection is handed over.
fn silent_server() -> (u16, std::sync::mpsc::Receiver<TcpStream>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (tell, told) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let mut stream = stream;
            stream.write_all(b"SSH-2.0-OpenSSH_9.2\r\n").unwrap();
            if tell.send(stream).is_err() {
                return;
            }
        }
    });
    (port, told)
}

#[test]
fn a_server_that_hangs_after_its_banner_is_left_on_stop_and_on_ctrl_c() {
    let home = tempfile::tempdir().unwrap();
    let dir = home.path().canonicalize().unwrap();
    let (port, connected) = silent_server();
    let mut bench = Bench::behind_ssh(port, &dir);
    let word = format!("127.0.0.1:{port}");
    let command = Act::Git(fetch()).on(&bench.workspace);
    let id = bench.session.link.start(command.into());
    let wait = Duration::from_secs(30);
    let first = connected.recv_timeout(wait).unwrap();
    let since = Instant::now();
    bench.session.link.cancel(id);
    assert_eq!(bench.ended(id), Outcome::Cancelled);
    // QUALITY: within 5 s; one more for a machine that is busy with the other tests.
    assert!(since.elapsed() < Duration::from_secs(6), "{:?}", since.elapsed());
    assert_eq!(left_with(&word), 0);
    drop(first);
    let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_chantier"))
        .args(["code", "fetch", "--trust"])
        .current_dir(&bench.fixture.root)
        .env("CHANTIER_HOME", dir.join("home"))
        .env("HOME", &dir)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let second = connected.recv_timeout(wait).unwrap();
    let since = Instant::now();
    let pid = rustix::process::Pid::from_raw(child.id() as i32).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(since.elapsed() < Duration::from_secs(6), "{:?}", since.elapsed());
    assert_eq!(left_with(&word), 0);
    drop(second);
}
