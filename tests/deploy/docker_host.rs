//! Deployments to the engine of another machine, over real ssh: this machine plays the other one, with a socket that only that way uses.

use super::bench::{Bench, free_port, problem_of, version_at};
use super::docker::{CHECKS, Made, SERVE, check_kills};
use crate::support::engine::{import_busybox, is_there, unique};
use crate::support::sshd::Sshd;
use chantier::areas::deploy::StepName;
use chantier::areas::operate::Command as Operate;
use chantier::areas::operate::logs::LogOrder;
use chantier::base::State;
use chantier::engine::Outcome;
use std::path::{Path, PathBuf};

struct There {
    sshd: Sshd,
    socket: PathBuf,
    _folder: tempfile::TempDir,
}

impl There {
    /// The engine can be reached at its socket, or not.
    fn answers(&self, answers: bool) {
        std::fs::remove_file(&self.socket).ok();
        if answers {
            std::os::unix::fs::symlink("/var/run/docker.sock", &self.socket).unwrap();
        }
    }
}

fn bench(of_environment: &str) -> Option<(There, Bench, Made)> {
    if !is_there() || !Path::new("/var/run/docker.sock").exists() {
        return None;
    }
    let folder = tempfile::tempdir().unwrap();
    let sshd = Sshd::start(folder.path())?;
    sshd.is_known_by(&folder.path().join("host_key"));
    let program = sshd.ssh_program("prod");
    let socket = folder.path().join("engine.sock");
    let there = There {
        sshd,
        socket,
        _folder: folder,
    };
    there.answers(true);
    let image = unique("host");
    let port = free_port();
    let project = format!(
        "[[artifact]]\nname = \"app\"\npath = \"app\"\n[[environment]]\nname = \"staging\"\n{of_environment}\n[environment.target]\n\
         kind = \"docker\"\nhost = \"prod\"\nsocket = \"{}\"\nimage = \"{image}:v{{version}}\"\ndockerfile = \"Dockerfile\"\n\
         port = {port}\ninside_port = 80\nstop_grace = \"1s\"\n{SERVE}\n\
         [[environment.health]]\nkind = \"http\"\nurl = \"http://127.0.0.1:{{port}}/health\"\ninterval = \"50ms\"\ndeadline = \"5s\"\n\
         [[environment.health]]\nkind = \"command\"\nrun = [\"/bin/busybox\", \"test\", \"-s\", \"/of/commit\"]\ndeadline = \"20s\"\n{CHECKS}",
        there.socket.display()
    );
    let settings = format!("[tools.paths]\nssh = \"{}\"\n", program.display());
    let bench = Bench::of(&project, port, &settings);
    import_busybox(None, &bench.folder.path().join("tree"), &format!("{image}:base"));
    let write = |path: &str, text: String| std::fs::write(bench.workspace.root.join(path), text).unwrap();
    write(
        "Dockerfile",
        format!("FROM {image}:base\nLABEL chantier.test={image}\nCOPY of /of\n"),
    );
    std::fs::create_dir(bench.workspace.root.join("of")).unwrap();
    write("of/commit", "a file of the commit".to_owned());
    let home = bench.home();
    Some((there, bench, Made { home, image }))
}

fn release(bench: &mut Bench, version: &str) {
    std::fs::write(bench.workspace.root.join("of/version"), version).unwrap();
    bench.release_commit(version);
}

#[test]
fn containers_of_another_machine_are_deployed_kept_and_brought_back_over_ssh() {
    let Some((there, mut bench, made)) = bench("") else { return };
    for version in ["1.0.0", "2.0.0", "3.0.0"] {
        release(&mut bench, version);
    }
    bench.deployed("1.0.0");
    bench.deployed("2.0.0");
    let problem = problem_of(bench.deploy("3.0.0"));
    assert_eq!(problem.code, "unhealthy", "{problem:?}");
    assert_eq!(problem.hint.unwrap().key, "deploy-returned");
    assert_eq!(version_at(bench.port).as_deref(), Some("2.0.0"));
    assert_eq!(bench.roll_back(), Outcome::Done);
    assert_eq!(version_at(bench.port).as_deref(), Some("1.0.0"));
    assert_eq!(made.containers().len(), 1);

    let workspaces = vec![bench.workspace.clone()];
    assert_eq!(bench.run(Operate::List { workspaces }), Outcome::Done);
    let instance = bench
        .model
        .operate
        .all()
        .iter()
        .find(|one| one.deployment.is_some())
        .unwrap()
        .clone();
    assert_eq!(
        (instance.state, instance.machine.as_str(), instance.pid),
        (State::Running, "prod", None)
    );
    let order = LogOrder {
        instances: vec![instance],
        n_lines: Some(10),
        ..LogOrder::default()
    };
    let shown = bench.run(Operate::ShowLogs { order });
    assert_eq!(shown, Outcome::Done);

    // An engine that is not heard is not known to have lost anything, and nothing is changed.
    there.answers(false);
    let unknown = bench.refreshed();
    assert_eq!(unknown.state, State::Unknown);
    assert_eq!(unknown.why.unwrap().key.as_ref(), "deploy-why-silent");
    let problem = problem_of(bench.deploy("2.0.0"));
    assert_eq!(
        (problem.code.as_str(), problem.summary.key.as_ref()),
        ("unreachable", "docker-host-away")
    );
    there.answers(true);
    assert_eq!(bench.refreshed().state, State::Running);
    assert_eq!(version_at(bench.port).as_deref(), Some("1.0.0"));

    // Who is not known is not spoken to.
    bench.close();
    let known = std::fs::read(there.sshd.dir.join("known_hosts")).unwrap();
    std::fs::write(there.sshd.dir.join("known_hosts"), "").unwrap();
    bench.open();
    assert_eq!(problem_of(bench.deploy("2.0.0")).code, "host-unknown");
    bench.close();
    std::fs::write(there.sshd.dir.join("known_hosts"), known).unwrap();
    bench.open();
    assert_eq!(bench.stop(), Outcome::Done);
    assert_eq!(made.containers(), Vec::<String>::new());
    bench.audit_holds();
}

#[test]
fn containers_of_another_machine_come_to_one_version_after_a_kill() {
    let Some((_there, mut bench, made)) = bench("strategy = \"rolling\"") else {
        return;
    };
    release(&mut bench, "1.0.0");
    bench.deployed("1.0.0");
    let points = [
        (StepName::Stage, "in_progress"),
        (StepName::Stop, "done"),
        (StepName::Start, "in_progress"),
        (StepName::Gate, "done"),
    ];
    check_kills(bench, &made, &points, release);
}

#[test]
fn what_another_machine_can_not_do_is_told_before() {
    for (of_environment, key) in [
        ("strategy = \"blue_green\"", "devops-strategy-host"),
        ("traffic = { kind = \"haproxy\", listen = 9 }", "devops-traffic-host"),
    ] {
        let project = format!(
            "[[environment]]\nname = \"staging\"\n{of_environment}\n[environment.target]\nkind = \"docker\"\nhost = \"prod\"\n\
             image = \"a\"\nport = 8080\n"
        );
        let (_, problems) = chantier::areas::devops::project::parse(&project, Path::new("chantier.toml"));
        assert!(problems.iter().any(|problem| problem.summary.key == key), "{problems:?}");
    }
    for (of_environment, key) in [
        ("strategy = \"rolling\"", "devops-strategy-compose"),
        ("traffic = { kind = \"haproxy\", listen = 9 }", "devops-traffic-compose"),
    ] {
        let project = format!(
            "[[environment]]\nname = \"staging\"\n{of_environment}\n[environment.target]\nkind = \"compose\"\nport = 8080\n"
        );
        let (_, problems) = chantier::areas::devops::project::parse(&project, Path::new("chantier.toml"));
        assert!(problems.iter().any(|problem| problem.summary.key == key), "{problems:?}");
    }
}
