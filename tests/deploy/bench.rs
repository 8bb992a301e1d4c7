//! A home, a workspace with two environments, a service that misbehaves as it is told, and the running program.

use crate::support::cli::git;
use chantier::adapters::deliver;
use chantier::adapters::process::Detached;
use chantier::adapters::proxy::Proxy;
use chantier::adapters::store::releases::{ReleaseArtifactRow, ReleaseRow};
use chantier::areas::deploy::{Command as Deploy, Environment, What, inputs};
use chantier::areas::{Command, Model};
use chantier::base::{JobId, Problem, Workspace};
use chantier::engine::{Event, JobEvent, Outcome};
use chantier::session::{Options, Session};
use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command as Program, Stdio};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

/// Longer than any job is silent: Swarm may wait a whole minute for a task that never began before it starts the one that comes back.
const SILENCE: Duration = Duration::from_mins(2);

/// The service of `fixtures/mini_server.rs`, compiled once.
pub(crate) fn mini() -> &'static Path {
    static MINI: OnceLock<PathBuf> = OnceLock::new();
    MINI.get_or_init(|| {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/mini_server.rs");
        let text = std::fs::read(&source).unwrap();
        let to = folder.join(format!("mini-{}", &chantier::adapters::files::sha256_of(&text)[..12]));
        if !to.exists() {
            let unfinished = folder.join(format!("mini-{}", std::process::id()));
            let status = Program::new("rustc")
                // It runs on another machine's C library as well.
                .args([
                    "--edition",
                    "2021",
                    "-C",
                    "debuginfo=0",
                    "-C",
                    "target-feature=+crt-static",
                    "-o",
                ])
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

/// Below those that the system gives to connections, which would take it before it is listened on; no two tests get the same, nor one of the
/// seven behind it, which further instances listen on.
pub(crate) fn free_port() -> u16 {
    static GIVEN: Mutex<BTreeSet<u16>> = Mutex::new(BTreeSet::new());
    let mut given = GIVEN.lock().unwrap_or_else(PoisonError::into_inner);
    loop {
        let port = 8 * fastrand::u16(2_500..4_000);
        if !given.contains(&port) && TcpListener::bind(("127.0.0.1", port)).is_ok() {
            given.insert(port);
            return port;
        }
    }
}

/// What the service on the port says of itself; None when nobody answers.
pub(crate) fn ask(port: u16, path: &str) -> Option<String> {
    let mut stream = TcpStream::connect_timeout(&([127, 0, 0, 1], port).into(), Duration::from_secs(1)).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(2))).ok()?;
    let question = format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    stream.write_all(question.as_bytes()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    Some(answer)
}

pub(crate) fn version_at(port: u16) -> Option<String> {
    let answer = ask(port, "/version")?;
    let (_, rest) = answer.split_once("\"version\":\"")?;
    rest.split('"').next().map(str::to_owned)
}

/// A home, a workspace with two environments, and the running program.
pub(crate) struct Bench {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) workspace: Workspace,
    pub(crate) port: u16,
    pub(crate) listen: u16,
    pub(crate) session: Option<Session>,
    pub(crate) model: Model,
    pub(crate) problems: Vec<Problem>,
}

impl Bench {
    pub(crate) fn new() -> Self {
        Self::with("", "10s")
    }

    pub(crate) fn with(extra: &str, deadline: &str) -> Self {
        Self::made(extra, "", "", deadline)
    }

    /// With further lines for the environment `staging`, and for its target. `LISTEN` in them is a port that is free.
    pub(crate) fn made(extra: &str, of_staging: &str, of_target: &str, deadline: &str) -> Self {
        let port = free_port();
        let listen = free_port();
        let mut text = format!("[[artifact]]\nname = \"app\"\npath = \"app\"\n{extra}\n");
        for (name, port) in [("staging", port), ("production", free_port())] {
            let is_staging = name == "staging";
            let further = |lines: &str| {
                let lines = if is_staging { lines } else { "" };
                lines.replace("LISTEN", &listen.to_string())
            };
            let of_environment = further(of_staging);
            let mut of_target = further(of_target).replace("PORT\n", &format!("{port}\n"));
            if !of_target.starts_with("kind = ") {
                of_target =
                    format!("kind = \"process\"\nrun = [\"{{artifact:app}}\"]\nport = {port}\nstop_grace = \"2s\"\n{of_target}");
            }
            text.push_str(&format!(
                r#"
[[environment]]
name = "{name}"
env = {{ PLACE = "{{environment}}" }}
{of_environment}
[environment.target]
{of_target}
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
        let mut bench = Self::of(&text, port, "");
        bench.listen = listen;
        bench
    }

    /// A workspace with this project file, in a home with these settings.
    pub(crate) fn of(project: &str, port: u16, settings: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap().join("app");
        std::fs::create_dir(&root).unwrap();
        std::fs::write(root.join("chantier.toml"), project).unwrap();
        let settings_in = folder.path().join("home/settings");
        std::fs::create_dir_all(&settings_in).unwrap();
        std::fs::write(settings_in.join("settings.toml"), settings).unwrap();
        let mut bench = Self {
            workspace: Workspace::at(&root),
            folder,
            port,
            listen: 0,
            session: None,
            model: Model::default(),
            problems: Vec::new(),
        };
        bench.open();
        let workspace = bench.workspace.clone();
        bench.session().world.trust().trust(&workspace).unwrap();
        bench
    }

    pub(crate) fn home(&self) -> PathBuf {
        self.folder.path().canonicalize().unwrap().join("home")
    }

    pub(crate) fn open(&mut self) {
        let options = Options {
            home: Some(self.home()),
            ..Options::default()
        };
        self.session = Some(Session::open(options).unwrap());
    }

    pub(crate) fn close(&mut self) {
        if let Some(session) = self.session.take() {
            session.close();
        }
    }

    pub(crate) fn session(&mut self) -> &mut Session {
        self.session.as_mut().expect("the session is open")
    }

    /// A release of the service that says it is this version and behaves in this way.
    pub(crate) fn release(&mut self, version: &str, mode: &str) -> PathBuf {
        let commit = format!("{:0<40}", version.replace('.', "a"));
        self.release_of(version, mode, commit)
    }

    /// The same of what the workspace's folder holds now, committed.
    pub(crate) fn release_commit(&mut self, version: &str) {
        let root = self.workspace.root.clone();
        if !root.join(".git").exists() {
            git(&root, &["init", "--quiet"]);
        }
        git(&root, &["add", "--all"]);
        let who = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"];
        git(&root, &[&who[..], &["commit", "--quiet", "--message", version]].concat());
        let commit = git(&root, &["rev-parse", "HEAD"]).trim().to_owned();
        self.release_of(version, "good", commit);
    }

    fn release_of(&mut self, version: &str, mode: &str, commit: String) -> PathBuf {
        let mut bytes = std::fs::read(mini()).unwrap();
        bytes.extend(format!("#MINI version={version} mode={mode}#").bytes());
        self.release_file(version, &bytes, commit)
    }

    /// A release of a program of another kind.
    pub(crate) fn release_file(&mut self, version: &str, bytes: &[u8], commit: String) -> PathBuf {
        let path = self.folder.path().join(format!("built-{version}"));
        std::fs::write(&path, bytes).unwrap();
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        let kept = deliver::look(&path).unwrap().unwrap();
        let workspace = self.workspace.id.clone();
        let row = ReleaseRow {
            id: 0,
            workspace,
            version: version.to_owned(),
            commit,
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

    /// The HAProxy that was started in front of `staging`.
    pub(crate) fn proxy(&mut self) -> Proxy {
        let (workspace, world) = (self.workspace.id.clone(), self.session().world.clone());
        Proxy {
            socket: inputs::folder_of(&world, &workspace, "staging").join("proxy/admin.sock"),
            backend: "instances".to_owned(),
        }
    }

    pub(crate) fn start(&mut self, command: impl Into<Command>) -> JobId {
        self.session().link.start(command.into())
    }

    /// Takes events until the job has ended, or `stop` says so.
    pub(crate) fn until(&mut self, id: JobId, mut stop: impl FnMut(&Model) -> bool) -> Option<Outcome> {
        let runtime = self.session().runtime().clone();
        loop {
            let session = self.session.as_mut().expect("the session is open");
            let event = runtime
                .block_on(async { tokio::time::timeout(SILENCE, session.link.next()).await })
                .expect("something happens in time")
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

    pub(crate) fn run(&mut self, command: impl Into<Command>) -> Outcome {
        let id = self.start(command);
        self.until(id, |_| false).expect("the job ends")
    }

    pub(crate) fn deploy_command(&self, environment: &str, version: &str, confirmed: Option<&str>) -> Deploy {
        Deploy::Run {
            workspace: self.workspace.clone(),
            environment: environment.to_owned(),
            what: What::Version {
                version: version.to_owned(),
            },
            confirmed: confirmed.map(str::to_owned),
        }
    }

    pub(crate) fn deploy(&mut self, version: &str) -> Outcome {
        let command = self.deploy_command("staging", version, None);
        self.run(command)
    }

    pub(crate) fn deployed(&mut self, version: &str) {
        let outcome = self.deploy(version);
        assert_eq!(outcome, Outcome::Done);
        assert_eq!(version_at(self.port).as_deref(), Some(version));
    }

    /// To the version before.
    pub(crate) fn roll_back(&mut self) -> Outcome {
        self.run(Deploy::RollBack {
            workspace: self.workspace.clone(),
            environment: "staging".to_owned(),
            to: None,
            data: None,
            confirmed: None,
        })
    }

    pub(crate) fn stop(&mut self) -> Outcome {
        self.run(Deploy::Stop {
            workspace: self.workspace.clone(),
            environment: "staging".to_owned(),
            confirmed: None,
        })
    }

    pub(crate) fn refreshed(&mut self) -> Environment {
        let workspace = self.workspace.clone();
        assert_eq!(self.run(Deploy::Refresh { workspace }), Outcome::Done);
        self.environment("staging")
    }

    pub(crate) fn environment(&self, name: &str) -> Environment {
        let overview = self
            .model
            .deploy
            .of(&self.workspace.id)
            .and_then(|known| known.overview.value())
            .unwrap();
        overview.environments.iter().find(|one| one.name == name).unwrap().clone()
    }

    /// The instances' processes that live below the home, whoever started them.
    pub(crate) fn processes(&self) -> Vec<u32> {
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

    pub(crate) fn audit_holds(&mut self) {
        let workspace = self.workspace.clone();
        assert_eq!(self.run(Deploy::VerifyAudit { workspace }), Outcome::Done);
    }

    /// The command line on the same home.
    pub(crate) fn program(&self, words: &[&str]) -> Program {
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
            let workspace = self.workspace.clone();
            session.runtime().clone().block_on(async {
                let folder = inputs::folder_of(&world, &workspace.id, "staging").join("proxy");
                for proxy in world.processes().detached_with("CHANTIER_PROXY", &folder.to_string_lossy()) {
                    world.processes().stop_detached(&proxy, Duration::from_millis(500)).await;
                }
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

pub(crate) fn problem_of(outcome: Outcome) -> Problem {
    match outcome {
        Outcome::Failed { problem } => problem,
        other => panic!("failed was expected, not {other:?}"),
    }
}
