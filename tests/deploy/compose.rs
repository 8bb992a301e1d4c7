//! Deployments of compose projects with the real engine: what has not changed runs on, a bad version goes back by itself, what reaches
//! out is refused, and what a kill -9 leaves comes to one version again.

use super::bench::{Bench, free_port, problem_of, version_at};
use super::faults::kill_at;
use crate::support::engine::{docker, docker_at, import_busybox, is_there, missing, remove_images, unique};
use chantier::areas::deploy::{Command as Deploy, StepName, What};
use chantier::areas::operate::Command as Operate;
use chantier::base::State;
use chantier::engine::Outcome;
use std::process::Command as Program;

/// What was made in the machine's engine goes with the test.
struct Made {
    /// The compose project, and the image that everything is based on.
    name: String,
}

impl Made {
    fn label(&self) -> String {
        format!("label=com.docker.compose.project={}", self.name)
    }

    /// Id and state of a service's container.
    fn container(&self, service: &str) -> (String, String) {
        let service = format!("label=com.docker.compose.service={service}");
        let words = ["ps", "-a", "--no-trunc", "--filter", &self.label(), "--filter", &service];
        let told = docker(None, &[&words[..], &["--format", "{{.ID}} {{.State}}"]].concat());
        assert_eq!(told.lines().count(), 1, "{told}");
        let (id, state) = told.split_once(' ').unwrap();
        (id.to_owned(), state.to_owned())
    }

    fn n_containers(&self) -> usize {
        docker(None, &["ps", "-q", "--filter", &self.label()]).lines().count()
    }
}

impl Drop for Made {
    fn drop(&mut self) {
        let ids = |words: &[&str]| String::from_utf8_lossy(&docker_at(None, words).stdout).into_owned();
        for id in ids(&["ps", "-aq", "--filter", &self.label()]).lines() {
            docker_at(None, &["rm", "-fv", id]);
        }
        for id in ids(&["network", "ls", "-q", "--filter", &self.label()]).lines() {
            docker_at(None, &["network", "rm", id]);
        }
        remove_images(&format!("reference={}*", self.name));
        remove_images(&format!("label=chantier.test={}", self.name));
    }
}

const HEALTH: &str = r#"
[[environment.health]]
kind = "http"
url = "http://127.0.0.1:{port}/health"
interval = "50ms"
timeout = "1s"
healthy_after = 2
deadline = "3s"
[[environment.health]]
kind = "http"
url = "http://127.0.0.1:{port}/version"
expect_text = "\"version\":\"{version}\""
interval = "50ms"
deadline = "20s"
"#;

/// A workspace whose `staging` is a compose project of a site that is built, and of a store that is not.
fn bench() -> Option<(Bench, Made)> {
    if !is_there() {
        return None;
    }
    let has = |program: &str, words: &[&str]| {
        let ran = Program::new(program).args(words).output();
        ran.is_ok_and(|output| output.status.success())
    };
    if !has("docker-compose", &["version"]) && !has("docker", &["compose", "version"]) {
        missing("compose", "neither docker compose nor docker-compose is there");
        return None;
    }
    let made = Made { name: unique("compose") };
    let port = free_port();
    let project = format!(
        "[[environment]]\nname = \"staging\"\nenv = {{ WORD = \"of {{environment}}\" }}\n[environment.target]\nkind = \"compose\"\n\
         project = \"{}\"\nport = {port}\nstop_grace = \"1s\"\n{HEALTH}",
        made.name
    );
    let bench = Bench::of(&project, port, "");
    import_busybox(None, &bench.folder.path().join("tree"), &format!("{}:base", made.name));
    let write = |path: &str, text: String| {
        let path = bench.workspace.root.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write(
        "site/Dockerfile",
        format!("FROM {0}:base\nLABEL chantier.test={0}\nCOPY www /www\n", made.name),
    );
    write("conf/word", "settings".to_owned());
    Some((bench, made))
}

fn compose(made: &Made, more: &str) -> String {
    format!(
        r#"services:
  store:
    image: {0}:base
    command: ["/bin/busybox", "sleep", "100000"]
    stop_signal: KILL
    volumes: ["./data:/data"]
  migrate:
    image: {0}:base
    command: ["/bin/busybox", "true"]
  web:
    build: site
    depends_on: [store]
    stop_signal: KILL
    environment:
      MINE: "${{WORD}} ${{VERSION}} ${{GREETING:-nobody}}"
    ports: ["127.0.0.1:${{PORT}}:80"]
    volumes: ["./conf:/conf:ro"]
    command: ["/bin/busybox", "httpd", "-f", "-p", "80", "-h", "/www"]
    healthcheck:
      test: ["CMD", "/bin/busybox", "test", "-s", "/conf/word"]
      interval: 1s
{more}"#,
        made.name
    )
}

fn release(bench: &mut Bench, made: &Made, version: &str, is_good: bool) {
    let root = bench.workspace.root.clone();
    std::fs::create_dir_all(root.join("site/www")).unwrap();
    std::fs::write(root.join("compose.yaml"), compose(made, "")).unwrap();
    std::fs::write(root.join("site/www/version"), format!("{{\"version\":\"{version}\"}}")).unwrap();
    let health = root.join("site/www/health");
    if is_good {
        std::fs::write(health, "fine").unwrap();
    } else {
        std::fs::remove_file(health).unwrap();
    }
    bench.release_commit(version);
}

#[test]
fn what_a_version_changes_of_a_project_is_made_anew_and_comes_back() {
    let Some((mut bench, made)) = bench() else { return };
    // What belongs to this machine and to no commit is there all the same.
    std::fs::write(bench.workspace.root.join(".gitignore"), ".env\n").unwrap();
    std::fs::write(bench.workspace.root.join(".env"), "GREETING=bonjour\n").unwrap();
    for (version, is_good) in [("1.0.0", true), ("2.0.0", true), ("3.0.0", false)] {
        release(&mut bench, &made, version, is_good);
    }
    bench.deployed("1.0.0");
    let (store, web) = (made.container("store").0, made.container("web").0);
    let env = docker(None, &["inspect", "--format", "{{.Config.Env}}", &web]);
    assert!(env.contains("MINE=of staging 1.0.0 bonjour"), "{env}");
    let found = bench.refreshed();
    assert_eq!((found.state, found.instances.len()), (State::Running, 3));
    assert_eq!(found.urls, [format!("http://127.0.0.1:{}/", bench.port)]);
    assert!(
        found.instances.iter().all(|one| one.state == State::Running),
        "{:?}",
        found.instances
    );
    bench.deployed("2.0.0");
    assert_eq!(made.container("store").0, store, "what has not changed runs on");
    assert_ne!(made.container("web").0, web);
    assert_eq!(bench.environment("staging").instances.len(), 3);

    // It outlives the program.
    bench.close();
    bench.open();
    assert_eq!(bench.refreshed().state, State::Running);

    let problem = problem_of(bench.deploy("3.0.0"));
    assert_eq!(problem.code, "unhealthy", "{problem:?}");
    assert_eq!(problem.hint.unwrap().key, "deploy-returned");
    assert_eq!(version_at(bench.port).as_deref(), Some("2.0.0"));
    assert_eq!(made.container("store"), (store.clone(), "running".to_owned()));

    assert_eq!(bench.roll_back(), Outcome::Done, "{:?}", bench.problems);
    assert_eq!(version_at(bench.port).as_deref(), Some("1.0.0"));
    assert_eq!(made.container("store").0, store);

    // Other variables of this machine are another deployment, and one to return from.
    std::fs::write(bench.workspace.root.join(".env"), "GREETING=salut\n").unwrap();
    bench.deployed("1.0.0");
    let env = || docker(None, &["inspect", "--format", "{{.Config.Env}}", &made.container("web").0]);
    assert!(env().contains("of staging 1.0.0 salut"), "{}", env());
    assert_eq!(bench.roll_back(), Outcome::Done, "{:?}", bench.problems);
    assert!(env().contains("of staging 1.0.0 bonjour"), "{}", env());
    std::fs::write(bench.workspace.root.join(".env"), "GREETING=bonjour\n").unwrap();

    let operated = bench.program(&["operate", "list", "--json"]).output().unwrap();
    let told = String::from_utf8_lossy(&operated.stdout).into_owned();
    assert!(
        told.contains("app-staging-web-1") && told.contains("app-staging-store-2"),
        "{told}"
    );

    assert_eq!(bench.stop(), Outcome::Done);
    assert_eq!(made.n_containers(), 0);
    assert_eq!(made.container("store").0, store, "what it keeps is not thrown away");
    // What was built for a deployment that is forgotten goes.
    let built = format!("{}-web", made.name);
    let tags = || docker(None, &["images", "--format", "{{.Tag}}", &built]);
    let failed = bench
        .model
        .deploy
        .of(&bench.workspace.id)
        .unwrap()
        .overview
        .value()
        .unwrap()
        .history
        .iter();
    let failed = failed.filter(|row| row.version == "3.0.0").map(|row| row.id).next().unwrap();
    assert!(tags().lines().any(|tag| tag == failed.to_string()), "{}", tags());
    let folder = bench
        .home()
        .join("data/deployments")
        .join(&bench.workspace.id.0)
        .join("staging");
    std::fs::remove_dir_all(folder.join(failed.to_string())).unwrap();
    bench.deployed("2.0.0");
    assert!(!tags().lines().any(|tag| tag == failed.to_string()), "{}", tags());
    bench.audit_holds();
}

#[test]
fn what_reaches_out_of_a_project_is_refused_before_anything_runs() {
    let Some((mut bench, made)) = bench() else { return };
    release(&mut bench, &made, "1.0.0", true);
    let root = bench.workspace.root.clone();
    for (i, (more, is_seen_before)) in [
        ("    privileged: true\n", true),
        ("    network_mode: host\n", true),
        ("    cap_add: [SYS_ADMIN]\n", true),
        ("    extra_hosts: [\"a:1.1.1.1\"]\n  other:\n    image: busybox\n    volumes: [\"/:/host\"]\n", true),
        ("  other:\n    image: busybox\n    volumes: [{type: bind, source: \"../..\", target: /host}]\n", true),
        ("  other:\n    image: busybox\n    volumes: [\"/var/run/docker.sock:/s\"]\n", true),
        ("  other:\n    image: busybox\n    volumes: [\"there:/host\"]\nvolumes:\n  there:\n    driver_opts: {type: none, o: bind, device: /etc}\n", true),
        ("  other:\n    image: busybox\n    volumes: [\"${WHERE:-/etc}:/host\"]\n", false),
        ("  other:\n    image: busybox\n    volumes: [\"./out:/host\"]\n", false),
    ]
    .into_iter()
    .enumerate()
    {
        let version = format!("1.1.{i}");
        std::fs::remove_file(root.join("out")).ok();
        std::os::unix::fs::symlink("/etc", root.join("out")).unwrap();
        std::fs::write(root.join("compose.yaml"), compose(&made, more)).unwrap();
        bench.release_commit(&version);
        if is_seen_before {
            let asked = bench.run(Deploy::Preview {
                workspace: bench.workspace.clone(),
                environment: "staging".to_owned(),
                what: What::Version { version: version.clone() },
            });
            assert_eq!(asked, Outcome::Done);
            let preview = &bench.model.deploy.of(&bench.workspace.id).unwrap().previews["staging"];
            let is_told = preview.obstacles.iter().any(|problem| problem.code == "reaches-out");
            assert!(is_told, "{more}: {:?}", preview.obstacles);
        }
        let problem = problem_of(bench.deploy(&version));
        assert_eq!(problem.code, "reaches-out", "{more}: {problem:?}");
        assert_eq!(made.n_containers(), 0, "{more}");
    }
}

#[test]
fn a_project_that_a_killed_deployment_left_comes_to_one_version() {
    let Some((mut bench, made)) = bench() else { return };
    release(&mut bench, &made, "1.0.0", true);
    bench.deployed("1.0.0");
    let store = made.container("store").0;
    for (i, (step, state)) in [
        (StepName::Stage, "in_progress"),
        (StepName::Start, "in_progress"),
        (StepName::Start, "done"),
        (StepName::Gate, "done"),
        (StepName::Stop, "in_progress"),
        (StepName::Verify, "in_progress"),
    ]
    .into_iter()
    .enumerate()
    {
        let version = format!("2.0.{i}");
        release(&mut bench, &made, &version, true);
        kill_at(&mut bench, &version, step, state);
        let outcome = bench.run(Deploy::Recover);
        assert_eq!(outcome, Outcome::Done, "{step:?} {state}: {:?}", bench.problems);
        let runs = bench.model.deploy.recovered[0].runs.clone();
        assert_eq!(version_at(bench.port), runs, "{step:?} {state}");
        assert_eq!(
            made.container("store"),
            (store.clone(), "running".to_owned()),
            "{step:?} {state}"
        );
        assert_eq!(bench.refreshed().state, State::Running, "{step:?} {state}");
        assert_eq!(bench.environment("staging").instances.len(), 3, "{step:?} {state}");
    }
    bench.audit_holds();
}

/// A folder for data that the compose file names by a relative path is one for all versions, and recovering leaves it alone.
#[test]
fn data_in_a_folder_of_the_project_stay_through_versions_and_a_recovery() {
    let Some((mut bench, made)) = bench() else { return };
    for version in ["1.0.0", "2.0.0"] {
        release(&mut bench, &made, version, true);
    }
    bench.deployed("1.0.0");
    let store = made.container("store").0;
    let inside = |words: &str| docker(None, &["exec", &store, "/bin/busybox", "sh", "-c", words]);
    inside("echo first >> /data/rows");
    bench.deployed("2.0.0");
    assert_eq!(made.container("store").0, store, "what has not changed runs on");
    inside("echo second >> /data/rows");
    assert_eq!(bench.roll_back(), Outcome::Done, "{:?}", bench.problems);
    assert_eq!(inside("cat /data/rows").trim(), "first\nsecond");

    // What is lost is made anew from files that are there; they are not touched.
    docker(None, &["rm", "-f", &made.container("web").0]);
    let id = bench
        .environment("staging")
        .live
        .as_ref()
        .map(|row| row.id)
        .expect("something is live");
    let folder = bench
        .home()
        .join("data/deployments")
        .join(&bench.workspace.id.0)
        .join("staging");
    let own = folder.join(id.to_string()).join("project");
    let sizes = || -> Vec<(String, u64)> {
        ["compose.yaml", "site/Dockerfile", "site/www/version", "conf/word"]
            .map(|name| (name.to_owned(), std::fs::metadata(own.join(name)).expect("there").len()))
            .to_vec()
    };
    let before = sizes();
    let workspace = bench.workspace.clone();
    let recovered = bench.run(Deploy::Rebuild {
        workspace,
        environment: "staging".to_owned(),
        version: None,
        confirmed: None,
    });
    assert_eq!(recovered, Outcome::Done, "{:?}", bench.problems);
    assert_eq!(sizes(), before);
    assert_eq!(version_at(bench.port).as_deref(), Some("1.0.0"));
    assert_eq!(made.container("store").0, store);
    assert_eq!(inside("cat /data/rows").trim(), "first\nsecond");

    // One that is started again by itself starts no other: what has done its one thing does not do it again.
    let began = || {
        docker(
            None,
            &["inspect", "--format", "{{.State.StartedAt}}", &made.container("migrate").0],
        )
    };
    let before = began();
    let listed = Operate::List {
        workspaces: vec![bench.workspace.clone()],
    };
    assert_eq!(bench.run(listed), Outcome::Done);
    let mut all = bench.model.operate.all().to_vec();
    all.retain(|one| one.deployment.is_some() && one.name.contains("web"));
    let restarted = bench.run(Operate::Restart {
        instances: all,
        grace_secs: None,
    });
    assert_eq!(restarted, Outcome::Done, "{:?}", bench.problems);
    assert_eq!(began(), before);
    assert_eq!(made.container("web").1, "running");

    // The gates are watched where they are asked, not at the store, which has no port.
    let checked = bench.program(&["monitor", "check", "run"]).output().unwrap();
    let told = String::from_utf8_lossy(&checked.stdout).into_owned() + &String::from_utf8_lossy(&checked.stderr);
    assert!(checked.status.success() && !told.contains("braces"), "{told}");
    // Somebody stops one and starts it again, and somebody looked meanwhile.
    let look = |bench: &Bench| bench.program(&["operate", "list"]).output().unwrap();
    docker(None, &["stop", "--time", "1", &made.container("web").0]);
    look(&bench);
    assert_eq!(bench.refreshed().state, State::Degraded);
    docker(None, &["start", &made.container("web").0]);
    look(&bench);
    let found = bench.refreshed();
    assert_eq!(
        (found.state, found.instances.len()),
        (State::Running, 3),
        "{:?}",
        found.instances
    );
}
