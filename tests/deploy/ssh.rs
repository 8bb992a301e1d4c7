//! Deployments to a real machine with systemd, over real ssh: versions and the way back, kills and cuts at every step, keys that are not
//! the known ones.

use super::bench::{Bench, problem_of};
use super::faults::{at, check_killed};
use super::host::Host;
use chantier::adapters::process::{Cmd, shell_quoted};
use chantier::areas::deploy::{Command as Deploy, StepName};
use chantier::areas::operate::logs::LogOrder;
use chantier::areas::operate::{Command as Operate, Instance};
use chantier::base::State;
use chantier::engine::Outcome;
use std::io::Write;
use std::net::TcpListener;
use std::path::Path;
use std::time::Duration;

const PORT: u16 = 8080;

/// One environment on the machine; `more` goes into its target.
fn project(more: &str, deadline: &str) -> String {
    format!(
        r#"
[project]
name = "Shop & Co"
[[artifact]]
name = "app"
path = "app"
[[environment]]
name = "staging"
[environment.env]
PLACE = "it's $HOME `id` %h \\ {{environment}}"
[environment.target]
kind = "ssh"
host = "prod"
port = {PORT}
stop_grace = "2s"
keep = 2
{more}
[[environment.health]]
kind = "http"
url = "http://127.0.0.1:{{port}}/health"
interval = "100ms"
timeout = "5s"
healthy_after = 2
deadline = "{deadline}"
[[environment.health]]
kind = "command"
run = ["test", "-d", "/run/systemd/system"]
deadline = "{deadline}"
"#
    )
}

const RUN: &str = "run = [\"{artifact:app}\"]";

fn bench(dir: &Path, project: &str) -> Bench {
    let program = Host::ssh_program(dir);
    let settings = format!("[tools.paths]\nssh = \"{}\"\n", program.display());
    Bench::of(project, PORT, &settings)
}

/// The machine, the workspace, and the folder that both stand in.
fn machine(more: &str, deadline: &str) -> Option<(tempfile::TempDir, Host, Bench)> {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().canonicalize().unwrap();
    let host = Host::start(&dir)?;
    let bench = bench(&dir, &project(more, deadline));
    Some((folder, host, bench))
}

fn done(bench: &mut Bench, host: &Host, version: &str) {
    let outcome = bench.deploy(version);
    assert_eq!(outcome, Outcome::Done, "{version}: {}", host.try_sh("journalctl -n 30"));
    assert_eq!(host.version_at(PORT).as_deref(), Some(version));
}

/// Another project file, which the user trusts too.
fn rewrite(bench: &mut Bench, project: &str) {
    std::fs::write(bench.workspace.root.join("chantier.toml"), project).unwrap();
    let workspace = bench.workspace.clone();
    bench.session().world.trust().trust(&workspace).unwrap();
}

fn instance(bench: &mut Bench) -> Instance {
    let workspaces = vec![bench.workspace.clone()];
    assert_eq!(bench.run(Operate::List { workspaces }), Outcome::Done);
    let found = bench.model.operate.all().iter().find(|one| one.deployment.is_some());
    found.expect("the unit is listed").clone()
}

#[test]
fn versions_go_to_a_machine_with_systemd_and_come_back() {
    let Some((_folder, host, mut bench)) = machine(RUN, "20s") else {
        return;
    };
    for version in ["1.0.0", "1.1.0", "1.2.0", "1.3.0"] {
        bench.release(version, "good");
        done(&mut bench, &host, version);
    }
    let dir = "/opt/Shop---Co";
    assert_eq!(host.sh("systemctl is-active Shop---Co"), "active");
    assert_eq!(host.sh("systemctl is-enabled Shop---Co"), "enabled");
    assert!(host.sh(&format!("readlink {dir}/current")).starts_with("releases/1.3.0-"));
    // The current one and two more.
    let kept = host.sh(&format!("ls {dir}/releases"));
    let versions: Vec<&str> = kept.lines().map(|line| line.split('-').next().unwrap()).collect();
    assert_eq!(versions, ["1.1.0", "1.2.0", "1.3.0"]);
    assert_eq!(host.sh(&format!("find {dir} -name '*.part-*'")), "");
    // Settings are for root alone, and arrive as they were written.
    assert_eq!(host.sh(&format!("stat -c %a {dir}/current/environment")), "600");
    let answer = host.ask(PORT, "/").unwrap();
    assert!(answer.contains(r"it's $HOME `id` %h \ staging"), "{answer}");

    // A bad version goes by itself, and the one before answers again, with the files that are there.
    bench.release("2.0.0", "broken");
    let project = std::fs::read_to_string(bench.workspace.root.join("chantier.toml")).unwrap();
    let hasty = project.replace("deadline = \"20s\"", "deadline = \"2s\"");
    rewrite(&mut bench, &hasty);
    let problem = problem_of(bench.deploy("2.0.0"));
    assert_eq!(problem.code, "unhealthy", "{problem:?}");
    assert!(problem.details.contains("mini 2.0.0"), "its last words: {}", problem.details);
    assert_eq!(problem.hint.unwrap().key, "deploy-returned");
    assert_eq!(host.version_at(PORT).as_deref(), Some("1.3.0"));
    bench.release("2.0.1", "dies");
    let problem = problem_of(bench.deploy("2.0.1"));
    assert!(["died", "unhealthy"].contains(&problem.code.as_str()), "{problem:?}");
    let log = host.try_sh("journalctl -n 40 -o short-precise");
    assert_eq!(
        host.version_at(PORT).as_deref(),
        Some("1.3.0"),
        "{problem:?} {:?}\n{log}",
        bench.problems
    );
    assert_eq!(host.n_running(), 1);
    rewrite(&mut bench, &project);

    assert_eq!(bench.roll_back(), Outcome::Done);
    assert_eq!(host.version_at(PORT).as_deref(), Some("1.2.0"));
    assert_eq!(host.n_running(), 1);

    // Operate sees it, reads its journal, stops and starts it.
    let unit = instance(&mut bench);
    assert_eq!((unit.state, unit.machine.as_str()), (State::Running, "prod"));
    let order = LogOrder {
        instances: vec![unit.clone()],
        n_lines: Some(50),
        ..LogOrder::default()
    };
    let shown = bench.run(Operate::ShowLogs { order });
    assert_eq!(shown, Outcome::Done);
    let log = bench.model.operate.log.as_ref().unwrap();
    assert!(log.lines.iter().any(|line| line.text.contains("mini 1.2.0")), "{log:?}");
    let instances = vec![unit];
    assert_eq!(
        bench.run(Operate::Restart {
            instances,
            grace_secs: None
        }),
        Outcome::Done
    );
    let unit = instance(&mut bench);
    assert_eq!(unit.state, State::Running);
    let instances = vec![unit];
    assert_eq!(
        bench.run(Operate::Stop {
            instances,
            grace_secs: None
        }),
        Outcome::Done
    );
    assert_eq!(host.n_running(), 0);
    done(&mut bench, &host, "1.3.0");
    let stop = Deploy::Stop {
        workspace: bench.workspace.clone(),
        environment: "staging".to_owned(),
        confirmed: None,
    };
    assert_eq!(bench.run(stop), Outcome::Done);
    assert_eq!(host.n_running(), 0);
    assert_eq!(
        host.try_sh("systemctl is-enabled Shop---Co"),
        "disabled",
        "it does not come back with the machine"
    );
    bench.audit_holds();
}

fn check_there(mode: &str, points: &[(StepName, &str)]) {
    let Some((_folder, host, bench)) = machine(RUN, "4s") else {
        return;
    };
    check_killed(bench, mode, points, |_| (host.version_at(PORT), host.n_running()));
}

#[test]
fn a_deployment_to_a_machine_that_is_killed_at_any_step_is_finished_or_taken_back() {
    let mut points = Vec::new();
    let steps = [
        StepName::Lock,
        StepName::Check,
        StepName::Stage,
        StepName::Stop,
        StepName::Start,
        StepName::Gate,
        StepName::Verify,
    ];
    for step in steps {
        points.push((step, "in_progress"));
        if step != StepName::Verify {
            points.push((step, "done"));
        }
    }
    check_there("good", &points);
}

#[test]
fn a_bad_deployment_to_a_machine_that_is_killed_while_it_is_taken_back_is_taken_back() {
    check_there(
        "broken",
        &[
            (StepName::Start, "done"),
            (StepName::Gate, "in_progress"),
            (StepName::CleanUp, "in_progress"),
            (StepName::Return, "in_progress"),
        ],
    );
}

/// Kills the process of the unit; back when systemd has started it again.
fn crash(host: &Host) {
    let unit = "Shop---Co";
    host.sh(&format!(
        "old=$(systemctl show -p MainPID --value {unit}); kill -9 $old; \
         until new=$(systemctl show -p MainPID --value {unit}) && [ $new != 0 ] && [ $new != $old ] && \
         systemctl is-active -q {unit}; do sleep 0.1; done"
    ));
}

#[test]
fn a_unit_that_systemd_has_started_again_is_still_one() {
    let Some((_folder, host, mut bench)) = machine(RUN, "20s") else {
        return;
    };
    bench.release("1.0.0", "good");
    done(&mut bench, &host, "1.0.0");
    crash(&host);
    assert_eq!(instance(&mut bench).state, State::Running);
    // It is whole: to recover it does nothing, and does not fail.
    let recovered = Deploy::Rebuild {
        workspace: bench.workspace.clone(),
        environment: "staging".to_owned(),
        version: None,
        confirmed: None,
    };
    assert_eq!(bench.run(recovered), Outcome::Done, "{:?}", bench.problems);
    bench.release("2.0.0", "good");
    done(&mut bench, &host, "2.0.0");
    assert_eq!((bench.refreshed().instances.len(), host.n_running()), (1, 1));
    // Also in the middle of a deployment, and nobody was there to see it.
    bench.release("3.0.0", "good");
    at(&mut bench, "3.0.0", StepName::Gate, "in_progress", |child| {
        child.kill().unwrap();
        crash(&host);
    });
    assert_eq!(bench.run(Deploy::Recover), Outcome::Done, "{:?}", bench.problems);
    let found = bench.model.deploy.recovered.clone();
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(host.version_at(PORT), found[0].runs);
    let environment = bench.refreshed();
    assert_eq!((environment.instances.len(), environment.state), (1, State::Running));
    done(&mut bench, &host, "1.0.0");
    assert_eq!((bench.refreshed().instances.len(), host.n_running()), (1, 1));
}

/// Nothing is assumed of a machine that does not answer; when it does again, the next recovery finds out.
#[test]
fn a_machine_that_falls_silent_in_the_middle_is_unknown_until_it_answers() {
    let Some((_folder, host, mut bench)) = machine(RUN, "60s") else {
        return;
    };
    bench.release("1.0.0", "good");
    bench.release("2.0.0", "good");
    done(&mut bench, &host, "1.0.0");
    for step in [StepName::Stop, StepName::Start] {
        at(&mut bench, "2.0.0", step, "in_progress", |_| host.freeze());
        let environment = bench.refreshed();
        assert_eq!(environment.state, State::Interrupted, "{step:?}");
        assert!(
            environment.instances.iter().all(|one| one.state == State::Unknown),
            "{:?}",
            environment.instances
        );
        let history = bench.model.deploy.of(&bench.workspace.id).unwrap().overview.value().unwrap();
        let newest = &history.history[0];
        assert_eq!((newest.version.as_str(), newest.state), ("2.0.0", State::Interrupted));
        assert_eq!(newest.problem.as_ref().unwrap().code, "unreachable");
        assert_eq!(
            newest.problem.as_ref().unwrap().hint.as_ref().unwrap().key,
            "deploy-unknown-hint"
        );
        // It still does not answer: nothing changes.
        let problem = problem_of(bench.run(Deploy::Recover));
        assert_eq!(problem.code, "unreachable", "{problem:?}");
        host.thaw();
        assert_eq!(bench.run(Deploy::Recover), Outcome::Done);
        let found = bench.model.deploy.recovered.clone();
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(host.version_at(PORT), found[0].runs);
        assert_eq!(host.n_running(), 1);
        assert_eq!(bench.refreshed().state, State::Running);
        if found[0].runs.as_deref() != Some("1.0.0") {
            done(&mut bench, &host, "1.0.0");
        }
    }
    bench.audit_holds();
}

#[test]
fn a_machine_whose_key_is_unknown_or_another_one_is_never_gone_on_to() {
    let Some((_folder, host, mut bench)) = machine(RUN, "20s") else {
        return;
    };
    bench.release("1.0.0", "good");
    std::fs::write(host.known_hosts(), "").unwrap();
    let unknown = problem_of(bench.deploy("1.0.0"));
    assert_eq!(unknown.code, "host-unknown", "{unknown:?}");
    let told = format!("{unknown:?}");
    assert!(told.contains(&host.fingerprint()), "{told}");
    assert_eq!(unknown.hint.unwrap().key, "ssh-host-key-hint");
    assert_eq!(
        std::fs::read_to_string(host.known_hosts()).unwrap(),
        "",
        "nothing was accepted"
    );
    host.is_known();
    done(&mut bench, &host, "1.0.0");
    // Somebody else answers now.
    bench.close();
    host.sh("rm -f /etc/ssh/ssh_host_*; ssh-keygen -q -A; systemctl restart ssh");
    bench.open();
    bench.release("2.0.0", "good");
    let changed = problem_of(bench.deploy("2.0.0"));
    assert_eq!(changed.code, "host-changed", "{changed:?}");
    assert!(changed.details.contains("SHA256:"), "{changed:?}");
    assert_eq!(host.version_at(PORT).as_deref(), Some("1.0.0"));
    let unknown = bench.refreshed();
    assert_eq!(unknown.instances[0].state, State::Unknown);
    assert_eq!(unknown.why.unwrap().key.as_ref(), "deploy-why-silent");
}

#[test]
fn a_unit_that_is_called_otherwise_takes_the_place_of_the_one_before() {
    let Some((_folder, host, mut bench)) = machine(RUN, "20s") else {
        return;
    };
    bench.release("1.0.0", "good");
    done(&mut bench, &host, "1.0.0");
    rewrite(
        &mut bench,
        &project(&format!("{RUN}\ndir = \"/opt/Shop---Co\"\nunit = \"till\""), "20s"),
    );
    bench.release("1.1.0", "good");
    done(&mut bench, &host, "1.1.0");
    let gone = |name: &str| host.try_sh(&format!("cat /etc/systemd/system/{name}.service 2>/dev/null"));
    assert_eq!((host.n_running(), gone("Shop---Co").as_str()), (1, ""));
    assert_eq!(bench.roll_back(), Outcome::Done);
    assert_eq!(host.version_at(PORT).as_deref(), Some("1.0.0"));
    assert_eq!((host.n_running(), gone("till").as_str()), (1, ""));
    assert_eq!(host.sh("systemctl is-enabled Shop---Co"), "enabled");
    bench.audit_holds();
}

/// Another machine of the same people, whose ledger knows nothing of what runs there.
#[test]
fn what_was_deployed_from_another_machine_is_taken_over() {
    let Some((folder, host, mut first)) = machine(RUN, "20s") else {
        return;
    };
    let dir = folder.path().canonicalize().unwrap();
    first.release("1.0.0", "good");
    done(&mut first, &host, "1.0.0");
    let mut other = bench(&dir, &project(RUN, "20s"));
    other.release("1.1.0", "good");
    done(&mut other, &host, "1.1.0");
    assert_eq!(host.n_running(), 1);
}

#[test]
fn what_belongs_to_others_on_the_machine_stays_theirs() {
    let Some((folder, host, mut first)) = machine(RUN, "20s") else {
        return;
    };
    let dir = folder.path().canonicalize().unwrap();
    first.release("1.0.0", "good");
    done(&mut first, &host, "1.0.0");
    let more = |more: &str| project(&format!("{RUN}\n{more}"), "20s");
    let check = |project: String, code: &str| {
        let mut other = bench(&dir, &project);
        other.release("1.0.0", "good");
        let problem = problem_of(other.deploy("1.0.0"));
        assert_eq!(problem.code, code, "{problem:?}");
        assert_eq!(host.version_at(PORT).as_deref(), Some("1.0.0"));
    };
    check(more("unit = \"ssh\"\ndir = \"/opt/another\""), "foreign");
    check(more("dir = \"/opt/Shop---Co\"\nunit = \"another\""), "foreign");
    check(more("unit = \"another\"\ndir = \"/opt/another\""), "port-taken");
    host.sh("mkdir -p /mnt/small && mount -t tmpfs -o size=1m small /mnt/small");
    let elsewhere = more("dir = \"/mnt/small/app\"\nunit = \"another\"").replace("port = 8080", "port = 8090");
    check(elsewhere, "disk-full");
    for bad in ["dir = \"relative\"", "dir = \"/opt/../etc\"", "dir = \"/\"", "unit = \"a b\""] {
        let mut other = bench(&dir, &more(bad));
        other.release("1.0.0", "good");
        assert!(matches!(other.deploy("1.0.0"), Outcome::Failed { .. }), "{bad}");
    }
}

#[test]
fn a_user_who_may_use_sudo_deploys_a_unit_of_the_projects_own() {
    let unit = "user = \"nobody\"\nunit_file = \"deploy/shop.service\"";
    let Some((_folder, host, mut bench)) = machine(unit, "20s") else {
        return;
    };
    let text = "[Service]\nExecStart={artifact:app}\nEnvironmentFile={dir}/current/environment\nDynamicUser=no\nUser=nobody\n";
    std::fs::create_dir(bench.workspace.root.join("deploy")).unwrap();
    std::fs::write(bench.workspace.root.join("deploy/shop.service"), text).unwrap();
    host.sh("useradd -m builder; mkdir -m 700 /home/builder/.ssh; cp /root/.ssh/authorized_keys /home/builder/.ssh; chown -R builder: /home/builder");
    host.write_config("builder");
    bench.release("1.0.0", "good");
    let problem = problem_of(bench.deploy("1.0.0"));
    assert_eq!(problem.code, "no-root", "{problem:?}");
    host.sh("echo 'builder ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/builder");
    done(&mut bench, &host, "1.0.0");
    assert_eq!(host.sh("ps -o user= -p $(systemctl show -p MainPID --value shop)"), "nobody");
    // The unit comes back with its version.
    let other = text.replace("DynamicUser=no\n", "Environment=NEW=1\n");
    std::fs::write(bench.workspace.root.join("deploy/shop.service"), other).unwrap();
    bench.release("2.0.0", "good");
    done(&mut bench, &host, "2.0.0");
    assert!(host.sh("cat /etc/systemd/system/shop.service").contains("NEW=1"));
    assert_eq!(bench.roll_back(), Outcome::Done);
    assert!(!host.sh("cat /etc/systemd/system/shop.service").contains("NEW=1"));
    assert_eq!(host.version_at(PORT).as_deref(), Some("1.0.0"));
}

/// A server that says who it is and then nothing more.
#[test]
fn a_server_that_hangs_after_its_banner_is_left() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().canonicalize().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (tell, connected) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            stream.write_all(b"SSH-2.0-OpenSSH_9.2\r\n").ok();
            if tell.send(stream).is_err() {
                return;
            }
        }
    });
    std::fs::create_dir(dir.join("machine")).unwrap();
    let config = format!("Host prod\n  HostName 127.0.0.1\n  Port {port}\n");
    std::fs::write(dir.join("machine/config"), config).unwrap();
    let mut bench = bench(&dir, &project(RUN, "20s"));
    bench.release("1.0.0", "good");
    let problem = problem_of(bench.deploy("1.0.0"));
    assert_eq!(problem.code, "unreachable", "{problem:?}");
    drop(connected.recv().unwrap());
    assert_eq!(bench.environment("staging").state, State::None, "nothing was changed");
    // And a wish to stop is heard while it hangs.
    let command = bench.deploy_command("staging", "1.0.0", None);
    let id = bench.start(command);
    let hangs = connected.recv_timeout(Duration::from_mins(2)).unwrap();
    bench.session().link.cancel(id);
    assert_eq!(bench.until(id, |_| false), Some(Outcome::Cancelled));
    drop(hangs);
}

/// Whatever is in a word, the shell on the other side reads the same.
#[tokio::test]
async fn words_arrive_at_a_shell_as_they_are() {
    let words = [
        "plain",
        "",
        "it's",
        "a b\tc",
        "$(touch /tmp/x) `id` $HOME ${x}",
        "\"double\" 'single' \\ back\\\\slash",
        "; rm -rf / #",
        "line\nline\n",
        "*?[a]{b,c}~!",
        "-n --",
        "é 日本 \u{202e}",
        "&& || | < > &",
    ];
    let line: Vec<String> = words.iter().map(|word| shell_quoted(word)).collect();
    let script = format!("for word in {}; do printf '%s\\0' \"$word\"; done", line.join(" "));
    let processes = chantier::adapters::process::Processes::new(
        chantier::adapters::process::ProcessConfig::default(),
        chantier::adapters::masks::Masks::new(),
        chantier::base::Clock::system(),
    );
    let cmd = Cmd::new("sh").args(["-c", &script]).timeout(Duration::from_mins(1));
    let said = processes
        .output(cmd, &tokio_util::sync::CancellationToken::new(), 1 << 16)
        .await;
    let said = String::from_utf8(said.unwrap().stdout).unwrap();
    let heard: Vec<&str> = said.trim_end_matches('\0').split('\0').collect();
    assert_eq!(heard[0], "plain");
    assert_eq!(said.split('\0').take(words.len()).collect::<Vec<_>>(), words);
}

/// A program of Python or of a shell is run by another file than itself; and what somebody changed there is told before anything is ended.
#[test]
fn a_script_is_deployed_and_a_unit_that_could_not_start_again_is_not_stopped() {
    let Some((_folder, host, mut bench)) = machine(RUN, "20s") else {
        return;
    };
    bench.release("1.0.0", "good");
    done(&mut bench, &host, "1.0.0");
    host.sh("cp $(find -L /opt/Shop---Co/current/ -name built-1.0.0) /usr/local/bin/served");
    let script = "#!/bin/sh\ncat >&2 <<'END'\nTraceback (most recent call last):\n  File \"/srv/app.py\", line 3, in <module>\n    \
                  raise ValueError('no such shop')\nValueError: no such shop\nEND\nexec /usr/local/bin/served \"$@\"\n";
    bench.release_file("2.0.0", script.as_bytes(), "2".repeat(40));
    assert_eq!(bench.deploy("2.0.0"), Outcome::Done, "{:?}", bench.problems);
    assert_eq!(host.sh("systemctl is-active Shop---Co"), "active");

    // What it wrote and what it uses are seen from here.
    let errors = bench.program(&["monitor", "errors"]).output().unwrap();
    let errors = String::from_utf8_lossy(&errors.stdout).into_owned();
    assert!(errors.contains("ValueError: no such shop"), "{errors}");
    let unit = instance(&mut bench);
    assert!(unit.n_processes > 0 && unit.memory_bytes.is_some(), "{unit:?}");

    let drift = |bench: &mut Bench| {
        let unit = instance(bench);
        let workspace = bench.workspace.clone();
        let instances = vec![unit];
        assert_eq!(bench.run(Operate::FindDrift { workspace, instances }), Outcome::Done);
        let found = bench.model.operate.drifts[0].clone();
        (found.items, found.problems)
    };
    let (items, problems) = drift(&mut bench);
    assert!(items.is_empty() && problems.is_empty(), "{items:?} {problems:?}");
    host.sh("echo MODE=hacked >> /opt/Shop---Co/current/environment");
    let (_, problems) = drift(&mut bench);
    assert_eq!(problems[0].code, "artifact-changed", "{problems:?}");
    let instances = vec![instance(&mut bench)];
    let refused = bench.run(Operate::Restart {
        instances,
        grace_secs: None,
    });
    assert_eq!(problem_of(refused).hint.unwrap().key, "ssh-file-differs-hint");
    assert_eq!(host.sh("systemctl is-active Shop---Co"), "active", "it goes on");
}
