//! Operate: instances found by rule, their acts and their output, with real processes, real files and, where there is one, a
//! real container engine; and with an engine that says nothing.

mod acted;
mod again;
mod arrived;
mod ends;
mod engine;
mod far;
mod formats;
mod found;
mod host;
mod inspected;
mod lives;
mod logs;
mod looked_at;
mod scale;
mod schedules;
mod units;
mod whole_lines;

use crate::support::cli::Home;
use chantier::adapters::docker::{Container, Engine, Fault, Memory};
use chantier::adapters::store::holder;
use chantier::adapters::store::instances::InstanceRow;
use chantier::areas::operate::containers::Containers;
use chantier::areas::operate::find::{self, Scope};
use chantier::areas::operate::model::Model;
use chantier::areas::operate::{Instance, InstanceKind, Update};
use chantier::base::{State, Workspace, WorkspaceId};
use chantier::session::{Options, Session};
use serde_json::Value;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Ends with the test, however it ends.
struct Service(Child);

impl Drop for Service {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// Until it is true; a test that waits longer has failed.
fn wait_until(what: &str, mut is_true: impl FnMut() -> bool) {
    let since = Instant::now();
    while !is_true() {
        assert!(since.elapsed() < Duration::from_secs(30), "{what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn workspace(home: &Home, name: &str) -> std::path::PathBuf {
    let dir = home.path(name);
    std::fs::create_dir(&dir).unwrap();
    home.call(&["devops", "add", dir.to_str().unwrap()]).ok();
    dir
}

fn instances(listed: &Value) -> Vec<Value> {
    listed["result"]["instances"].as_array().unwrap().clone()
}

#[test]
fn a_server_in_a_workspaces_folder_is_found_by_its_port_and_stopped() {
    let home = Home::new();
    let dir = workspace(&home, "site");
    let elsewhere = workspace(&home, "other");
    let port = free_port();
    let mut server = Service(
        Command::new("python3")
            .args(["-m", "http.server", "--bind", "127.0.0.1", &port.to_string()])
            .current_dir(&dir)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap(),
    );
    wait_until("python answers", || TcpStream::connect(("127.0.0.1", port)).is_ok());
    let listed = home.call_in(&dir, &["operate", "list", "--json"]).ok().json();
    let found: Vec<Value> = instances(&listed)
        .into_iter()
        .filter(|instance| instance["kind"] == "process")
        .collect();
    assert_eq!(found.len(), 1, "{listed}");
    assert_eq!(found[0]["pid"], server.0.id());
    assert_eq!(found[0]["ports"], serde_json::json!([port]));
    assert_eq!(found[0]["state"], "running");
    assert!(found[0]["memory_bytes"].as_u64().unwrap() > 1_000_000);
    // It belongs to one workspace, not to the other.
    let listed = home.call_in(&elsewhere, &["operate", "list", "--json"]).ok().json();
    assert!(
        instances(&listed).iter().all(|instance| instance["kind"] != "process"),
        "{listed}"
    );
    // It can be stopped, and what did not start here can not be started here.
    let id = found[0]["id"].as_str().unwrap();
    home.call_in(&dir, &["operate", "stop", id]).ok();
    assert!(server.0.try_wait().unwrap().is_some(), "it has ended");
    assert!(TcpStream::connect(("127.0.0.1", port)).is_err());
}

#[test]
fn a_killed_instance_is_noticed_as_crashed() {
    let home = tempfile::tempdir().unwrap();
    let root = tempfile::tempdir().unwrap();
    let workspace = Workspace::at(&root.path().canonicalize().unwrap());
    let options = Options {
        home: Some(home.path().to_path_buf()),
        ..Options::default()
    };
    let session = Session::open(options).unwrap();
    let mut child = Service(Command::new("sleep").arg("600").spawn().unwrap());
    let pid = child.0.id();
    let row = InstanceRow {
        id: 0,
        name: "app-1".to_owned(),
        workspace: Some(workspace.id.clone()),
        environment: Some("staging".to_owned()),
        deployment: None,
        kind: "process".to_owned(),
        version: Some("1.0.0".to_owned()),
        pid: Some(pid),
        pid_start: holder::start_of(pid),
        container: None,
        handle: Value::Null,
        port: None,
        log_path: None,
        started_at: session.world.clock().now(),
        ended_at: None,
        exit_code: None,
        signal: None,
        cause: String::new(),
    };
    let world = session.world.clone();
    let seen = session.runtime().block_on(async {
        let row = world.store().instances().started(row).await.unwrap();
        child.0.kill().unwrap();
        child.0.wait().unwrap();
        let workspaces = [workspace];
        let scope = Scope {
            workspaces: &workspaces,
            is_all: false,
            patience: Duration::ZERO,
        };
        find::look(&world, &scope, &mut find::Memory::default()).await.unwrap();
        world.store().instances().get(row.id).await.unwrap().unwrap()
    });
    assert_eq!(seen.cause, "crashed");
    assert!(seen.ended_at.is_some());
    session.close();
}

fn an_instance(id: &str, state: State, cpu: Option<f64>) -> Instance {
    Instance {
        id: id.to_owned(),
        name: id.to_owned(),
        kind: InstanceKind::Deployed,
        state,
        cpu_percent: cpu,
        memory_bytes: Some(1),
        n_processes: 1,
        ..Instance::default()
    }
}

#[test]
fn a_new_watch_does_not_blank_the_processor_time_and_rings_stay_bounded() {
    let mut model = Model::default();
    let seen = |cpu: Option<f64>| Update::Seen {
        at: "2026-03-14T15:09:26Z".parse().unwrap(),
        instances: vec![an_instance("1", State::Running, cpu), an_instance("2", State::Failed, None)],
        problems: Vec::new(),
    };
    model.apply(seen(Some(12.0)));
    model.apply(seen(None));
    assert_eq!(model.get("1").unwrap().cpu_percent, Some(12.0));
    assert_eq!(model.get("2").unwrap().cpu_percent, None);
    assert_eq!(model.rings["1"].cpu.len(), 1, "what was not measured is not drawn");
    for _ in 0..500 {
        model.apply(seen(Some(1.0)));
    }
    assert!(model.rings["1"].cpu.len() <= 120);
    model.apply(Update::Seen {
        at: "2026-03-14T15:09:27Z".parse().unwrap(),
        instances: Vec::new(),
        problems: Vec::new(),
    });
    assert!(model.rings.is_empty(), "what is gone is forgotten");
}

#[test]
fn what_is_wrong_is_counted_for_the_workspace_that_it_belongs_to() {
    let (mine, other) = (Workspace::at(Path::new("/a")).id, Workspace::at(Path::new("/b")).id);
    let mut model = Model::default();
    assert_eq!(model.n_ill(Some(&mine)), None, "nobody looked");
    let of = |id: &str, workspace: Option<&WorkspaceId>, state: State| Instance {
        workspace: workspace.cloned(),
        ..an_instance(id, state, None)
    };
    model.apply(Update::Seen {
        at: "2026-03-14T15:09:26Z".parse().unwrap(),
        instances: vec![
            of("1", Some(&mine), State::Failed),
            of("2", Some(&other), State::Running),
            of("3", None, State::Failed),
        ],
        problems: Vec::new(),
    });
    assert_eq!((model.n_ill(Some(&mine)), model.n_ill(Some(&other))), (Some(1), Some(0)));
    assert_eq!(model.n_ill(None), Some(1), "what is no workspace's is not counted");
}

// ---- Containers, with an engine of our own that can fall silent ----

const ID: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

/// Answers like an engine with one container; silent while told so.
fn fake_engine(socket: &Path, is_silent: Arc<AtomicBool>) {
    let listener = UnixListener::bind(socket).unwrap();
    std::thread::spawn(move || {
        let mut held = Vec::new();
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            if is_silent.load(Ordering::SeqCst) {
                held.push(stream);
                continue;
            }
            let mut head = Vec::new();
            let mut byte = [0_u8; 1];
            while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|n| n == 1) {
                head.push(byte[0]);
            }
            let asked = String::from_utf8_lossy(&head).into_owned();
            let body = if asked.contains("/version") {
                r#"{"ApiVersion":"1.41","MinAPIVersion":"1.12","Version":"x"}"#.to_owned()
            } else if asked.contains("/containers/json") {
                format!(
                    r#"[{{"Id":"{ID}","Names":["/web"],"Image":"registry:5000/web:1.4.0","State":"running","Status":"Up 2 hours",
                    "Created":1700000000,"Labels":{{"com.docker.compose.project":"shop"}},
                    "Ports":[{{"PrivatePort":80,"PublicPort":8080,"Type":"tcp"}},{{"PrivatePort":9000,"Type":"tcp"}}]}}]"#
                )
            } else if asked.contains("/json") {
                r#"{"State":{"Status":"running","Running":true,"Pid":0,"StartedAt":"2026-03-14T13:00:00.5Z",
                    "FinishedAt":"0001-01-01T00:00:00Z","ExitCode":0},"RestartCount":3}"#
                    .to_owned()
            } else {
                r#"{"message":"nothing like it"}"#.to_owned()
            };
            let length = body.len();
            let answer = format!(
                "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
            );
            stream.write_all(answer.as_bytes()).ok();
        }
    });
}

fn now() -> chantier::base::Timestamp {
    "2026-03-14T15:09:26Z".parse().unwrap()
}

fn everything() -> Scope<'static> {
    Scope {
        workspaces: &[],
        is_all: true,
        patience: Duration::ZERO,
    }
}

#[tokio::test]
async fn a_silent_engine_is_one_problem_and_its_containers_become_unknown() {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("engine.sock");
    let is_silent = Arc::new(AtomicBool::new(false));
    fake_engine(&socket, Arc::clone(&is_silent));
    let engine = Engine::at(&format!("unix://{}", socket.display())).time_limit(Duration::from_secs(1));
    let mut containers = Containers::default();
    containers.ask(&engine);
    containers.wait(Duration::from_secs(10)).await;
    assert!(containers.problem().is_none(), "{:?}", containers.problem());
    let seen = containers.instances(&everything(), "here", now());
    assert_eq!(seen.len(), 1);
    assert_eq!((seen[0].name.as_str(), seen[0].state), ("web", State::Running));
    assert_eq!(seen[0].version.as_deref(), Some("1.4.0"), "the port of a registry is no tag");
    assert_eq!(seen[0].environment.as_deref(), Some("shop"));
    assert_eq!(seen[0].ports, [8080], "only what is published on this machine");
    assert_eq!(seen[0].n_restarts, 3);
    assert!(seen[0].ended_at.is_none(), "the year 1 is never");
    // Nobody who looks at another workspace sees it.
    let other = Scope {
        is_all: false,
        ..everything()
    };
    assert!(containers.instances(&other, "here", now()).is_empty());

    is_silent.store(true, Ordering::SeqCst);
    let since = Instant::now();
    containers.ask(&engine);
    // A look does not wait for it, and until the limit everything stays as it was.
    containers.wait(Duration::from_millis(10)).await;
    assert_eq!(containers.instances(&everything(), "here", now())[0].state, State::Running);
    containers.wait(Duration::from_secs(10)).await;
    assert!(since.elapsed() < Duration::from_secs(4), "{:?}", since.elapsed());
    assert_eq!(containers.problem().unwrap().code, "engine-silent");
    let seen = containers.instances(&everything(), "here", now());
    assert_eq!((seen.len(), seen[0].state), (1, State::Unknown));
    // It is not asked again at once.
    containers.ask(&engine);
    let since = Instant::now();
    containers.wait(Duration::from_secs(10)).await;
    assert!(since.elapsed() < Duration::from_millis(500));
}

#[tokio::test]
async fn an_engine_that_is_away_is_no_problem_and_one_that_talks_nonsense_is() {
    let folder = tempfile::tempdir().unwrap();
    let nowhere = folder.path().join("no.sock");
    let away = Engine::at(&format!("unix://{}", nowhere.display()));
    let mut containers = Containers::default();
    containers.ask(&away);
    containers.wait(Duration::from_secs(10)).await;
    assert!(containers.problem().is_none());
    assert!(containers.instances(&everything(), "here", now()).is_empty());
    // A socket that was left behind by an engine that died.
    drop(UnixListener::bind(&nowhere).unwrap());
    assert!(matches!(away.containers(&mut Memory::default()).await, Err(Fault::Away)));
    // One that somebody named is not silently none.
    let named = |name: &str| (name == "DOCKER_HOST").then(|| "tcp://127.0.0.1:1".into());
    let mut containers = Containers::default();
    containers.ask(&Engine::from_vars(named));
    containers.wait(Duration::from_secs(10)).await;
    assert_eq!(containers.problem().map(|problem| problem.code.as_str()), Some("no-engine"));

    let socket = folder.path().join("nonsense.sock");
    let listener = UnixListener::bind(&socket).unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mut stream = stream;
            let mut some = [0_u8; 64];
            stream.read(&mut some).ok();
            stream.write_all(b"220 mail.example.org ESMTP\r\n").ok();
        }
    });
    let broken = Engine::at(&format!("unix://{}", socket.display()));
    let fault = broken.containers(&mut Memory::default()).await.unwrap_err();
    assert_eq!(fault.problem().code, "engine-broken", "{fault:?}");
}

// ---- Containers of a real engine ----

fn docker(args: &[&str]) -> String {
    let output = Command::new("docker").args(args).output().unwrap();
    assert!(
        output.status.success(),
        "docker {args:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// Whether an engine answers; where one must, that it does not is a failure.
async fn has_engine() -> bool {
    let answer = Engine::from_env().containers(&mut Memory::default()).await;
    let is_there = answer.is_ok() && Path::new("/bin/busybox").exists();
    if !is_there {
        let without = std::env::var("CHANTIER_TEST_WITHOUT").unwrap_or_default();
        let is_allowed = std::env::var("CI").as_deref() != Ok("true") || without.split(',').any(|name| name == "docker");
        assert!(is_allowed, "no container engine answers: {answer:?}");
        eprintln!("SKIPPED: no container engine answers, or there is no static busybox");
    }
    is_there
}

/// Removed with the test, however it ends.
struct Removed(String);

impl Drop for Removed {
    fn drop(&mut self) {
        Command::new("docker").args(["rm", "-f", &self.0]).output().ok();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_container_is_found_measured_stopped_started_and_its_output_is_read() {
    if !has_engine().await {
        return;
    }
    let home = Home::new();
    let dir = workspace(&home, "boxed");
    let id = Workspace::at(&dir.canonicalize().unwrap()).id;
    let image = format!("{}:7", crate::support::engine::unique("operate"));
    let image = image.as_str();
    let _base = crate::support::engine::Removed(vec![("image", image.to_owned())]);
    let import = "mkdir -p $0/bin && cp /bin/busybox $0/bin/ && ln -sf busybox $0/bin/sh && tar -C $0 -c . | docker import - $1";
    let tree = home.path("tree");
    let status = Command::new("sh")
        .args(["-ec", import, tree.to_str().unwrap(), image])
        .status()
        .unwrap();
    assert!(status.success());
    let name = format!("chantier-test-{}", std::process::id());
    let script = "trap 'echo bye; exit 0' TERM; echo hello; echo oops >&2; while :; do busybox sleep 0.1; done";
    let labels = [
        format!("org.chantier.workspace={id}"),
        "org.chantier.environment=staging".to_owned(),
    ];
    let _removed = Removed(name.clone());
    docker(&[
        "run",
        "-d",
        "--network",
        "none",
        "--name",
        &name,
        "--label",
        &labels[0],
        "--label",
        &labels[1],
        image,
        "/bin/sh",
        "-c",
        script,
    ]);
    let one = || {
        let listed = home.call_in(&dir, &["operate", "list", "--json"]).ok().json();
        assert_eq!(listed["result"]["problems"], serde_json::json!([]), "{listed}");
        let all = instances(&listed);
        assert_eq!(all.len(), 1, "{listed}");
        all[0].clone()
    };
    let seen = one();
    assert_eq!(
        (seen["name"].as_str().unwrap(), seen["state"].as_str().unwrap()),
        (name.as_str(), "running")
    );
    assert_eq!(
        (seen["environment"].as_str(), seen["version"].as_str()),
        (Some("staging"), Some("7"))
    );
    assert!(seen["memory_bytes"].as_u64().unwrap() > 10_000, "{seen}");
    assert!(seen["cpu_percent"].as_f64().is_some(), "{seen}");
    let lines = || {
        let read = home.call_in(&dir, &["operate", "logs", &name, "--json"]).ok().json();
        serde_json::from_value::<Vec<String>>(read["result"]["lines"].clone()).unwrap()
    };
    let mut said = lines();
    said.sort();
    assert_eq!(said, ["hello", "oops"]);
    home.call_in(&dir, &["operate", "stop", &name]).ok();
    assert_eq!(one()["state"], "none");
    assert!(lines().contains(&"bye".to_owned()));
    home.call_in(&dir, &["operate", "start", &name]).ok();
    let started = one();
    assert_eq!(started["state"], "running");
    home.call_in(&dir, &["operate", "restart", &name]).ok();
    assert_eq!(one()["state"], "running");
    assert_ne!(one()["pid"], started["pid"]);
    // Killed by itself with an error: failed, with the engine's words.
    docker(&["rm", "-f", &name]);
    docker(&[
        "run",
        "--network",
        "none",
        "--name",
        &name,
        "--label",
        &labels[0],
        "-d",
        image,
        "/bin/sh",
        "-c",
        "exit 7",
    ]);
    wait_until("it has ended", || one()["state"] != "running");
    let seen = one();
    assert_eq!(seen["state"], "failed", "{seen}");
    assert!(seen["note"].as_str().unwrap().contains("(7)"), "{seen}");
}

#[test]
fn the_engines_words_become_states() {
    let container = |state: &str, status: &str, exit_code: i64| Container {
        id: ID.to_owned(),
        state: state.to_owned(),
        status: status.to_owned(),
        exit_code: Some(exit_code),
        ..Container::default()
    };
    let state = |container: &Container| {
        chantier::areas::operate::containers::instance(container, &everything(), "", now())
            .unwrap()
            .state
    };
    assert_eq!(state(&container("running", "Up 2 minutes (healthy)", 0)), State::Running);
    assert_eq!(state(&container("running", "Up 2 minutes (unhealthy)", 0)), State::Degraded);
    assert_eq!(state(&container("paused", "Up 2 minutes (Paused)", 0)), State::Degraded);
    assert_eq!(state(&container("exited", "Exited (0)", 0)), State::None);
    assert_eq!(state(&container("exited", "Exited (143)", 143)), State::None);
    assert_eq!(state(&container("exited", "Exited (1)", 1)), State::Failed);
    assert_eq!(state(&container("dead", "Dead", 0)), State::Failed);
    assert_eq!(state(&container("created", "Created", 0)), State::None);
    // What is wrong with it is said in words.
    let why = |container: &Container| {
        let seen = chantier::areas::operate::containers::instance(container, &everything(), "", now()).unwrap();
        (seen.state, seen.why.map(|why| why.key.to_string()))
    };
    let said = |state, key: &str| (state, Some(key.to_owned()));
    let mut one = container("exited", "Exited (137)", 137);
    assert_eq!(why(&one), said(State::None, "operate-why-killed"));
    one.was_oom_killed = true;
    assert_eq!(why(&one), said(State::Failed, "operate-why-oom"));
    let mut one = container("restarting", "Restarting (1) 2 seconds ago", 1);
    assert_eq!(why(&one), said(State::Degraded, "operate-why-restarting"));
    one.n_restarts = 3;
    assert_eq!(why(&one), said(State::Degraded, "operate-why-loop-code"));
    // Up again for a moment it is still in its loop; up for a while it is not.
    one.state = "running".to_owned();
    one.exit_code = None;
    one.started_at = "2026-03-14T15:09:20Z".parse().ok();
    assert_eq!(why(&one), said(State::Degraded, "operate-why-loop"));
    one.started_at = "2026-03-14T15:00:00Z".parse().ok();
    assert_eq!(why(&one), (State::Running, None));
    let mut one = container("created", "Created", 127);
    assert_eq!(why(&one), said(State::None, "operate-why-created"));
    assert_eq!(
        why(&container("exited", "Exited (0)", 0)),
        said(State::None, "operate-why-ended")
    );
    one.error = "exec: \"nothing\": not found".to_owned();
    assert_eq!(why(&one), said(State::Failed, "operate-why-engine"));
}

/// A task of a Swarm service has the name that people know it by, and belongs to its service.
#[test]
fn a_task_of_a_service_is_named_by_its_place() {
    let label = |name: &str, value: &str| (format!("com.docker.{name}"), value.to_owned());
    let one = Container {
        id: ID.to_owned(),
        name: "shop_web.1.cemcl2js1q2i".to_owned(),
        state: "running".to_owned(),
        labels: [
            label("stack.namespace", "shop"),
            label("swarm.service.name", "shop_web"),
            label("swarm.task.id", "cemcl2js1q2i"),
            label("swarm.task.name", "shop_web.1.cemcl2js1q2i"),
        ]
        .into(),
        ..Container::default()
    };
    let seen = chantier::areas::operate::containers::instance(&one, &everything(), "", now()).unwrap();
    assert_eq!(seen.name, "shop_web.1");
    assert_eq!(
        (seen.service.as_deref(), seen.project.as_deref()),
        (Some("shop_web"), Some("shop"))
    );
}

#[test]
fn who_listens_is_known_at_once_and_forgotten_at_once() {
    let mut listeners = chantier::adapters::ports::Listeners::new(Duration::ZERO);
    let mut hears = |port: u16| {
        let found = listeners.look().expect("the system tells");
        let mut own = found.iter().filter(|listening| listening.pid == std::process::id());
        own.any(|listening| listening.ports.contains(&port))
    };
    let socket = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let port = socket.local_addr().expect("it has one").port();
    assert!(hears(port));
    // The second answer comes from what is kept.
    assert!(hears(port));
    let other = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    assert!(hears(other.local_addr().expect("it has one").port()));
    drop(socket);
    // A child that another test just started may hold it until it becomes its program, and another test may be given the same port.
    let until = Instant::now() + Duration::from_secs(20);
    while hears(port) {
        assert!(Instant::now() < until, "it is heard for ever");
        std::thread::yield_now();
    }
}
