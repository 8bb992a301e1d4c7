//! Deployments with real processes: gates, the way back, the lock, what a kill -9 leaves, the audit log.

use chantier::adapters::deliver;
use chantier::adapters::process::Detached;
use chantier::adapters::store::releases::{ReleaseArtifactRow, ReleaseRow};
use chantier::areas::deploy::gate::{Counter, Verdict};
use chantier::areas::deploy::probe::Tried;
use chantier::areas::deploy::{Command as Deploy, Environment, RecoveredBy, StepName, What};
use chantier::areas::{Command, Model};
use chantier::base::{JobId, Problem, State, Workspace};
use chantier::engine::{Event, JobEvent, Outcome};
use chantier::session::{Options, Session};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command as Program, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// The service of `fixtures/mini_server.rs`, compiled once.
fn mini() -> &'static Path {
    static MINI: OnceLock<PathBuf> = OnceLock::new();
    MINI.get_or_init(|| {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/mini_server.rs");
        let text = std::fs::read(&source).unwrap();
        let to = folder.join(format!("mini-{}", &chantier::adapters::files::sha256_of(&text)[..12]));
        if !to.exists() {
            let unfinished = folder.join(format!("mini-{}", std::process::id()));
            let status = Program::new("rustc")
                .args(["--edition", "2021", "-C", "debuginfo=0", "-o"])
                .arg(&unfinished)
                .arg(&source)
                .status()
                .unwrap();
            assert!(status.success());
            std::fs::rename(&unfinished, &to).unwrap();
        }
        to
    })
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// What the service on the port says of itself; None when nobody answers.
fn ask(port: u16, path: &str) -> Option<String> {
    let mut stream = TcpStream::connect_timeout(&([127, 0, 0, 1], port).into(), Duration::from_secs(1)).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(2))).ok()?;
    let question = format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    stream.write_all(question.as_bytes()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    Some(answer)
}

fn version_at(port: u16) -> Option<String> {
    let answer = ask(port, "/version")?;
    let (_, rest) = answer.split_once("\"version\":\"")?;
    rest.split('"').next().map(str::to_owned)
}

/// A home, a workspace with two environments, and the running program.
struct Bench {
    folder: tempfile::TempDir,
    workspace: Workspace,
    port: u16,
    session: Option<Session>,
    model: Model,
    problems: Vec<Problem>,
}

impl Bench {
    fn new() -> Self {
        Self::with("", "10s")
    }

    fn with(extra: &str, deadline: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap().join("app");
        std::fs::create_dir(&root).unwrap();
        let port = free_port();
        let mut text = format!("[[artifact]]\nname = \"app\"\npath = \"app\"\n{extra}\n");
        for (name, port) in [("staging", port), ("production", free_port())] {
            text.push_str(&format!(
                r#"
[[environment]]
name = "{name}"
env = {{ PLACE = "{{environment}}" }}
[environment.target]
kind = "process"
run = ["{{artifact:app}}"]
port = {port}
stop_grace = "2s"
[[environment.health]]
kind = "http"
url = "http://127.0.0.1:{{port}}/health"
interval = "50ms"
timeout = "1s"
healthy_after = 2
deadline = "{deadline}"
[[environment.health]]
kind = "http"
url = "http://127.0.0.1:{{port}}/version"
expect_text = "\"version\":\"{{version}}\""
interval = "50ms"
deadline = "{deadline}"
"#
            ));
        }
        std::fs::write(root.join("chantier.toml"), text).unwrap();
        let mut bench = Self {
            workspace: Workspace::at(&root),
            folder,
            port,
            session: None,
            model: Model::default(),
            problems: Vec::new(),
        };
        bench.open();
        let workspace = bench.workspace.clone();
        bench.session().world.trust().trust(&workspace).unwrap();
        bench
    }

    fn home(&self) -> PathBuf {
        self.folder.path().canonicalize().unwrap().join("home")
    }

    fn open(&mut self) {
        let options = Options {
            home: Some(self.home()),
            ..Options::default()
        };
        self.session = Some(Session::open(options).unwrap());
    }

    fn close(&mut self) {
        if let Some(session) = self.session.take() {
            session.close();
        }
    }

    fn session(&mut self) -> &mut Session {
        self.session.as_mut().expect("the session is open")
    }

    /// A release of the service that says it is this version and behaves in this way.
    fn release(&mut self, version: &str, mode: &str) -> PathBuf {
        let path = self.folder.path().join(format!("built-{version}"));
        let mut bytes = std::fs::read(mini()).unwrap();
        bytes.extend(format!("#MINI version={version} mode={mode}#").bytes());
        std::fs::write(&path, bytes).unwrap();
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        let kept = deliver::look(&path).unwrap().unwrap();
        let workspace = self.workspace.id.clone();
        let row = ReleaseRow {
            id: 0,
            workspace,
            version: version.to_owned(),
            commit: format!("{:0<40}", version.replace('.', "a")),
            tag: None,
            previous: None,
            notes: String::new(),
            channel: "stable".to_owned(),
            job: None,
            released_at: chantier::base::Timestamp::now(),
            withdrawn: None,
        };
        let artifact = ReleaseArtifactRow {
            id: 0,
            release: 0,
            name: "app".to_owned(),
            path: path.clone(),
            sha256: kept.sha256,
            bytes: kept.bytes,
        };
        let session = self.session();
        let store = session.world.store().clone();
        session
            .runtime()
            .clone()
            .block_on(async { store.releases().record(row, vec![artifact]).await })
            .unwrap();
        path
    }

    fn start(&mut self, command: impl Into<Command>) -> JobId {
        self.session().link.start(command.into())
    }

    /// Takes events until the job has ended, or `stop` says so.
    fn until(&mut self, id: JobId, mut stop: impl FnMut(&Model) -> bool) -> Option<Outcome> {
        let runtime = self.session().runtime().clone();
        loop {
            let session = self.session.as_mut().expect("the session is open");
            let event = runtime
                .block_on(async { tokio::time::timeout(Duration::from_secs(60), session.link.next()).await })
                .expect("something happens within a minute")
                .expect("the engine runs");
            if let Event::Job(_, JobEvent::Problem(problem)) = &event {
                self.problems.push(problem.clone());
            }
            let ended = match &event {
                Event::Job(job, JobEvent::Ended { outcome, .. }) if *job == id => Some(outcome.clone()),
                _ => None,
            };
            self.model.apply(event);
            if ended.is_some() || stop(&self.model) {
                return ended;
            }
        }
    }

    fn run(&mut self, command: impl Into<Command>) -> Outcome {
        let id = self.start(command);
        self.until(id, |_| false).expect("the job ends")
    }

    fn deploy_command(&self, environment: &str, version: &str, confirmed: Option<&str>) -> Deploy {
        Deploy::Run {
            workspace: self.workspace.clone(),
            environment: environment.to_owned(),
            what: What::Version {
                version: version.to_owned(),
            },
            confirmed: confirmed.map(str::to_owned),
        }
    }

    fn deploy(&mut self, version: &str) -> Outcome {
        let command = self.deploy_command("staging", version, None);
        self.run(command)
    }

    fn deployed(&mut self, version: &str) {
        let outcome = self.deploy(version);
        assert_eq!(outcome, Outcome::Done);
        assert_eq!(version_at(self.port).as_deref(), Some(version));
    }

    fn refreshed(&mut self) -> Environment {
        let workspace = self.workspace.clone();
        assert_eq!(self.run(Deploy::Refresh { workspace }), Outcome::Done);
        self.environment("staging")
    }

    fn environment(&self, name: &str) -> Environment {
        let overview = self
            .model
            .deploy
            .of(&self.workspace.id)
            .and_then(|known| known.overview.value())
            .unwrap();
        overview.environments.iter().find(|one| one.name == name).unwrap().clone()
    }

    /// The instances' processes that live below the home, whoever started them.
    fn processes(&self) -> Vec<u32> {
        let home = self.home();
        let mut found = Vec::new();
        for entry in std::fs::read_dir("/proc").unwrap().flatten() {
            let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else {
                continue;
            };
            if std::fs::read_link(entry.path().join("exe")).is_ok_and(|exe| exe.starts_with(&home)) {
                found.push(pid);
            }
        }
        found
    }

    fn audit_holds(&mut self) {
        let workspace = self.workspace.clone();
        assert_eq!(self.run(Deploy::VerifyAudit { workspace }), Outcome::Done);
    }

    /// The command line on the same home.
    fn program(&self, words: &[&str]) -> Program {
        let mut program = Program::new(env!("CARGO_BIN_EXE_chantier"));
        program
            .arg("--home")
            .arg(self.home())
            .args(words)
            .current_dir(&self.workspace.root)
            .stdin(Stdio::null());
        program
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        let session = self.session.take();
        if let Some(session) = session {
            let world = session.world.clone();
            session.runtime().clone().block_on(async {
                for row in world.store().instances().running(None).await.unwrap_or_default() {
                    if let Ok(handle) = serde_json::from_value::<Detached>(row.handle) {
                        world.processes().stop_detached(&handle, Duration::from_millis(500)).await;
                    }
                }
            });
            session.close();
        }
        let left = self.processes();
        for pid in &left {
            drop(Program::new("kill").args(["-9", &pid.to_string()]).status());
        }
        if !std::thread::panicking() {
            assert!(left.is_empty(), "instances that nobody knows of were left: {left:?}");
        }
    }
}

fn problem_of(outcome: Outcome) -> Problem {
    match outcome {
        Outcome::Failed { problem } => problem,
        other => panic!("failed was expected, not {other:?}"),
    }
}

#[test]
fn a_gate_holds_after_so_many_good_tries_in_a_row_before_its_deadline() {
    let good = || Tried::Good {
        took_ms: 1.0,
        status: Some(200),
    };
    let bad = || Tried::WrongStatus {
        status: 503,
        expected: 200,
    };
    let at = Duration::from_millis;
    let mut counter = Counter::new(3, at(1000));
    let tries = [
        (good(), 0, Verdict::GoOn),
        (good(), 100, Verdict::GoOn),
        (bad(), 200, Verdict::GoOn),
        (good(), 300, Verdict::GoOn),
        (good(), 400, Verdict::GoOn),
        (good(), 500, Verdict::Holds),
    ];
    for (tried, ms, verdict) in tries {
        assert_eq!(counter.on(tried, at(ms)), verdict, "{ms} ms");
    }
    let mut late = Counter::new(2, at(100));
    assert_eq!(late.on(good(), at(50)), Verdict::GoOn);
    assert_eq!(
        late.on(good(), at(150)),
        Verdict::GivenUp,
        "what comes after the deadline does not count"
    );
}

#[test]
fn a_version_is_deployed_replaced_and_brought_back() {
    let mut bench = Bench::new();
    bench.release("1.0.0", "good");
    bench.deployed("1.0.0");
    let first = bench.environment("staging");
    assert_eq!(first.state, State::Running);
    assert_eq!(first.live.as_ref().map(|live| live.version.as_str()), Some("1.0.0"));
    assert_eq!(first.instances.len(), 1);
    assert!(
        ask(bench.port, "/").unwrap().contains("\"place\":\"staging\""),
        "words in env are filled"
    );
    let rollout = bench
        .model
        .deploy
        .of(&bench.workspace.id)
        .unwrap()
        .rollout("staging")
        .unwrap();
    assert_eq!(rollout.state, State::Done);
    let states: Vec<State> = rollout.steps.iter().map(|step| step.state).collect();
    assert_eq!(states, [State::Done; 7]);
    assert!(
        rollout
            .gates
            .iter()
            .all(|gate| gate.state == State::Done && gate.n_good == gate.n_needed)
    );

    bench.release("1.1.0", "good");
    bench.deployed("1.1.0");
    assert_eq!(bench.processes().len(), 1, "the old one is gone");

    // The instances outlive the program, and are found again.
    bench.close();
    assert_eq!(version_at(bench.port).as_deref(), Some("1.1.0"));
    bench.open();
    let found = bench.refreshed();
    assert_eq!(found.state, State::Running);
    let versions: Vec<&str> = found.returns.iter().map(|one| one.version.as_str()).collect();
    assert_eq!(versions, ["1.1.0", "1.0.0"]);
    assert!(found.returns.iter().all(|one| one.obstacle.is_none()));

    let back = Deploy::RollBack {
        workspace: bench.workspace.clone(),
        environment: "staging".to_owned(),
        to: None,
        confirmed: None,
    };
    assert_eq!(bench.run(back), Outcome::Done);
    assert_eq!(version_at(bench.port).as_deref(), Some("1.0.0"));
    assert_eq!(bench.processes().len(), 1);

    let stop = Deploy::Stop {
        workspace: bench.workspace.clone(),
        environment: "staging".to_owned(),
        confirmed: None,
    };
    assert_eq!(bench.run(stop), Outcome::Done);
    assert_eq!(version_at(bench.port), None);
    assert_eq!(bench.environment("staging").state, State::None);
    assert!(bench.processes().is_empty());
    bench.audit_holds();
}

/// A bad version never stays: the one before answers again, and the problem says why first.
fn check_returns(mode: &str, word: &str, code: &str) {
    let mut bench = Bench::with("", "2s");
    bench.release("1.0.0", "good");
    bench.deployed("1.0.0");
    bench.release("2.0.0", mode);
    let problem = problem_of(bench.deploy("2.0.0"));
    assert_eq!(problem.code, code, "{problem:?}");
    let catalog = chantier::base::Catalog::new(chantier::base::Lang::En);
    let why = catalog.msg(&problem.summary);
    assert!(why.contains(word), "{why}");
    assert!(
        problem.details.contains("mini 2.0.0"),
        "its last words are told: {}",
        problem.details
    );
    let hint = catalog.msg(problem.hint.as_ref().unwrap());
    assert!(hint.contains("1.0.0 runs again"), "{hint}");
    assert_eq!(version_at(bench.port).as_deref(), Some("1.0.0"));
    assert_eq!(bench.processes().len(), 1);
    let environment = bench.environment("staging");
    assert_eq!(environment.state, State::Running);
    assert_eq!(environment.live.unwrap().version, "1.0.0");
    let overview = bench.model.deploy.of(&bench.workspace.id).unwrap().overview.value().unwrap();
    let states: Vec<(&str, State)> = overview.history.iter().map(|row| (row.version.as_str(), row.state)).collect();
    assert_eq!(
        states,
        [("1.0.0", State::Done), ("2.0.0", State::Failed), ("1.0.0", State::Done)]
    );
    bench.audit_holds();
}

#[test]
fn a_version_whose_health_is_bad_goes_and_the_one_before_comes_back() {
    check_returns("broken", "503", "unhealthy");
}

#[test]
fn a_version_that_dies_is_noticed_at_once() {
    let began = Instant::now();
    check_returns("dies", "exit code 3", "died");
    assert!(began.elapsed() < Duration::from_secs(60));
}

#[test]
fn a_version_that_never_listens_is_given_up_at_the_deadline() {
    check_returns("silent", "nobody listened", "unhealthy");
}

#[test]
fn a_version_whose_health_flaps_never_holds() {
    check_returns("flaps", "/health", "unhealthy");
}

#[test]
fn a_version_that_hangs_is_given_up_at_the_deadline() {
    check_returns("hangs", "did not answer", "unhealthy");
}

#[test]
fn the_first_version_that_fails_leaves_nothing_behind() {
    let mut bench = Bench::with("", "1s");
    bench.release("1.0.0", "broken");
    let problem = problem_of(bench.deploy("1.0.0"));
    assert_eq!(problem.hint.unwrap().key, "deploy-nothing-before");
    assert!(bench.processes().is_empty());
    assert_eq!(bench.environment("staging").state, State::None);
}

#[test]
fn a_protected_environment_wants_its_name_and_a_release() {
    let mut bench = Bench::new();
    bench.release("1.0.0", "good");
    for confirmed in [None, Some("staging"), Some("")] {
        let command = bench.deploy_command("production", "1.0.0", confirmed);
        assert_eq!(problem_of(bench.run(command)).code, "needs-confirmation");
    }
    assert!(bench.processes().is_empty());
    let built = Deploy::Run {
        workspace: bench.workspace.clone(),
        environment: "production".to_owned(),
        what: What::Built,
        confirmed: Some("production".to_owned()),
    };
    assert_eq!(problem_of(bench.run(built)).code, "needs-release");
    let command = bench.deploy_command("production", "1.0.0", Some("production"));
    assert_eq!(bench.run(command), Outcome::Done);
    let overview = bench.model.deploy.of(&bench.workspace.id).unwrap().overview.value().unwrap();
    let refused = overview.audit.iter().filter(|entry| entry.act == "deploy.refused").count();
    assert_eq!(refused, 3, "a refusal is audited");
    bench.audit_holds();
}

#[test]
fn an_artifact_that_was_changed_is_refused_before_anything_is_stopped() {
    let mut bench = Bench::new();
    bench.release("1.0.0", "good");
    bench.deployed("1.0.0");
    let path = bench.release("1.1.0", "good");
    let mut file = std::fs::OpenOptions::new().append(true).open(&path).unwrap();
    file.write_all(b"#MINI version=6.6.6 mode=good#").unwrap();
    drop(file);
    assert_eq!(problem_of(bench.deploy("1.1.0")).code, "artifact-changed");
    std::fs::remove_file(&path).unwrap();
    assert_eq!(problem_of(bench.deploy("1.1.0")).code, "artifact-gone");
    assert_eq!(version_at(bench.port).as_deref(), Some("1.0.0"));
    assert_eq!(bench.processes().len(), 1);
}

#[test]
fn a_version_to_return_to_that_is_gone_is_known_before() {
    let mut bench = Bench::new();
    bench.release("1.0.0", "good");
    bench.deployed("1.0.0");
    bench.release("1.1.0", "good");
    bench.deployed("1.1.0");
    let first = bench.refreshed().returns[1].deployment;
    let folder = bench
        .home()
        .join("data/deployments")
        .join(&bench.workspace.id.0)
        .join("staging")
        .join(first.to_string());
    assert!(folder.is_dir());
    std::fs::remove_dir_all(folder).unwrap();
    let obstacle = bench.refreshed().returns[1].obstacle.clone().unwrap();
    assert_eq!(obstacle.key, "deploy-obstacle-gone");
    let back = Deploy::RollBack {
        workspace: bench.workspace.clone(),
        environment: "staging".to_owned(),
        to: Some(first),
        confirmed: None,
    };
    assert_eq!(problem_of(bench.run(back)).code, "artifact-gone");
    assert_eq!(version_at(bench.port).as_deref(), Some("1.1.0"), "nothing was touched");
}

#[test]
fn a_port_that_somebody_else_has_is_found_before_anything_is_stopped() {
    let mut bench = Bench::new();
    bench.release("1.0.0", "good");
    let other = TcpListener::bind(("127.0.0.1", bench.port)).unwrap();
    assert_eq!(problem_of(bench.deploy("1.0.0")).code, "port-taken");
    drop(other);
    bench.deployed("1.0.0");
}

#[test]
fn an_untrusted_workspace_deploys_nothing() {
    let mut bench = Bench::new();
    bench.release("1.0.0", "good");
    let workspace = bench.workspace.clone();
    bench.session().world.trust().revoke(&workspace).unwrap();
    assert!(problem_of(bench.deploy("1.0.0")).is_untrusted());
    assert!(bench.processes().is_empty());
}

#[test]
fn a_deployment_that_is_stopped_half_way_brings_the_version_before_back() {
    let mut bench = Bench::with("", "30s");
    bench.release("1.0.0", "good");
    bench.deployed("1.0.0");
    bench.release("2.0.0", "broken");
    let command = bench.deploy_command("staging", "2.0.0", None);
    let id = bench.start(command);
    let workspace = bench.workspace.id.clone();
    let ended = bench.until(id, |model| {
        let rollout = model.deploy.of(&workspace).and_then(|known| known.rollout("staging"));
        rollout.is_some_and(|rollout| rollout.version == "2.0.0" && rollout.gates.iter().any(|gate| gate.n_tries > 1))
    });
    assert_eq!(ended, None, "it waits at its gates");
    bench.session().link.cancel(id);
    assert_eq!(bench.until(id, |_| false), Some(Outcome::Cancelled));
    assert_eq!(version_at(bench.port).as_deref(), Some("1.0.0"));
    assert_eq!(bench.processes().len(), 1);
    let told = bench
        .problems
        .iter()
        .any(|problem| problem.summary.key == "deploy-cancelled-returned");
    assert!(told, "it is said which version runs: {:?}", bench.problems);
    bench.deployed("1.0.0");
}

#[test]
fn two_deployments_at_once_are_kept_apart_within_and_between_programs() {
    let mut bench = Bench::with("", "30s");
    bench.release("1.0.0", "broken");
    let command = bench.deploy_command("staging", "1.0.0", None);
    let id = bench.start(command.clone());
    let workspace = bench.workspace.id.clone();
    bench.until(id, |model| {
        let rollout = model.deploy.of(&workspace).and_then(|known| known.rollout("staging"));
        rollout.is_some_and(|rollout| rollout.gates.iter().any(|gate| gate.n_tries > 0))
    });
    // The same program: the engine refuses.
    let second = bench.start(command);
    assert_eq!(problem_of(bench.until(second, |_| false).unwrap()).code, "refused");
    // Another program: the lock does, and names who has it.
    let other = bench
        .program(&["deploy", "run", "staging", "1.0.0", "--json"])
        .output()
        .unwrap();
    assert_eq!(other.status.code(), Some(1));
    let text = String::from_utf8_lossy(&other.stdout).into_owned();
    assert!(
        text.contains("locked") && text.contains(&std::process::id().to_string()),
        "{text}"
    );
    bench.session().link.cancel(id);
    assert_eq!(bench.until(id, |_| false), Some(Outcome::Cancelled));
    assert!(bench.processes().is_empty());
}

/// Runs a deployment in a program of its own and kills that as soon as the step has this state.
fn kill_at(bench: &mut Bench, version: &str, step: StepName, state: &str) {
    bench.close();
    let mut child = bench
        .program(&["deploy", "run", "staging", version, "--events"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mark = format!("\"name\":\"{}\",\"state\":\"{state}\"", step.word());
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut seen = false;
    for line in lines.map_while(Result::ok) {
        if line.contains(&mark) {
            seen = true;
            break;
        }
    }
    assert!(seen, "{step:?} {state} comes");
    child.kill().unwrap();
    child.wait().unwrap();
    bench.open();
}

fn check_killed(mode: &str, points: &[(StepName, &str)]) {
    let mut bench = Bench::with("", "3s");
    bench.release("1.0.0", "good");
    bench.deployed("1.0.0");
    for (i, (step, state)) in points.iter().enumerate() {
        let version = format!("2.0.{i}");
        bench.release(&version, mode);
        eprintln!("{step:?} {state}");
        kill_at(&mut bench, &version, *step, state);
        eprintln!("killed");
        assert_eq!(bench.run(Deploy::Recover), Outcome::Done);
        let found = bench.model.deploy.recovered.clone();
        assert_eq!(found.len(), 1, "{step:?} {state}: {found:?}");
        let runs = found[0].runs.clone().unwrap();
        let now = version_at(bench.port);
        assert_eq!(now.as_ref(), Some(&runs), "{step:?} {state}");
        assert_eq!(bench.processes().len(), 1, "{step:?} {state}: never two versions");
        if mode != "good" {
            assert_eq!(runs, "1.0.0", "{step:?} {state}");
            assert_ne!(found[0].did, RecoveredBy::Finished);
        }
        let environment = bench.refreshed();
        assert_eq!(environment.state, State::Running, "{step:?} {state}");
        assert_eq!(environment.live.unwrap().version, runs);
        assert_eq!(environment.locked_by, None);
        assert_eq!(bench.run(Deploy::Recover), Outcome::Done);
        assert!(bench.model.deploy.recovered.is_empty(), "a second recovery finds nothing");
        if runs != "1.0.0" {
            bench.deployed("1.0.0");
        }
    }
    bench.audit_holds();
}

#[test]
fn a_deployment_killed_at_any_step_is_finished_or_taken_back() {
    check_killed(
        "good",
        &[
            (StepName::Lock, "in_progress"),
            (StepName::Check, "in_progress"),
            (StepName::Stage, "in_progress"),
            (StepName::Stop, "in_progress"),
            (StepName::Stop, "done"),
            (StepName::Start, "in_progress"),
            (StepName::Start, "done"),
            (StepName::Gate, "in_progress"),
            (StepName::Gate, "done"),
            (StepName::Verify, "in_progress"),
        ],
    );
}

#[test]
fn a_bad_deployment_killed_while_it_is_taken_back_is_taken_back() {
    check_killed(
        "broken",
        &[
            (StepName::Start, "done"),
            (StepName::Gate, "in_progress"),
            (StepName::CleanUp, "in_progress"),
            (StepName::Return, "in_progress"),
        ],
    );
}

#[test]
fn the_next_deployment_recovers_first() {
    let mut bench = Bench::new();
    bench.release("1.0.0", "good");
    bench.deployed("1.0.0");
    bench.release("2.0.0", "good");
    kill_at(&mut bench, "2.0.0", StepName::Start, "in_progress");
    bench.release("3.0.0", "good");
    bench.deployed("3.0.0");
    assert_eq!(bench.processes().len(), 1);
    assert_eq!(bench.refreshed().state, State::Running);
}

#[test]
fn a_build_goes_where_no_confirmation_is_needed() {
    let mut bench = Bench::new();
    let outcome = bench.run(Deploy::Run {
        workspace: bench.workspace.clone(),
        environment: "staging".to_owned(),
        what: What::Built,
        confirmed: None,
    });
    assert_eq!(problem_of(outcome).summary.key, "deploy-not-built");
    let outcome = bench.run(Deploy::Run {
        workspace: bench.workspace.clone(),
        environment: "nowhere".to_owned(),
        what: What::Latest,
        confirmed: None,
    });
    assert_eq!(problem_of(outcome).summary.key, "deploy-no-environment");
    assert_eq!(problem_of(bench.deploy("9.9.9")).summary.key, "deploy-no-such-version");
}
