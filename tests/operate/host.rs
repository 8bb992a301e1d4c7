//! This machine, events and far machines: what is read of the system's files and of what engines and managers say, and real signals.

use chantier::adapters::docker::EngineEvent;
use chantier::adapters::machine::{MachineLooks, sensors};
use chantier::adapters::masks::Masks;
use chantier::adapters::{host::Host, ssh};
use chantier::areas::Event;
use chantier::areas::devops::machines;
use chantier::areas::operate::events::{of_engine, of_journal};
use chantier::areas::operate::far;
use chantier::areas::operate::host::AfterSignal;
use chantier::areas::operate::model::Model;
use chantier::areas::operate::{Command, Update};
use chantier::base::happening::{Happening, HappeningKind};
use chantier::base::host::{HostPort, HostSignal, SensorKind};
use chantier::base::{State, Timestamp};
use chantier::engine::JobEvent;
use chantier::session::{Options, Session};
use std::collections::BTreeMap;
use std::process::{Child, Stdio};

struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

fn sleeper() -> Ended {
    let child = std::process::Command::new("sleep")
        .arg("600")
        .stdin(Stdio::null())
        .spawn()
        .unwrap();
    Ended(child)
}

#[test]
fn a_look_at_the_machine_sees_a_child_with_its_parent_owner_and_command() {
    let child = sleeper();
    let now: Timestamp = "2026-03-14T15:09:26Z".parse().unwrap();
    // The kernel counts the pages of a process that has just begun only after some of them.
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(30);
    let (look, seen) = loop {
        let look = MachineLooks::default().look(&Host::default(), &Masks::new(), now);
        let seen = look
            .processes
            .iter()
            .find(|process| process.pid == child.0.id())
            .unwrap()
            .clone();
        if seen.memory_bytes > 0 || std::time::Instant::now() > deadline {
            break (look, seen);
        }
    };
    assert_eq!(
        (seen.name.as_str(), seen.command.as_str(), seen.parent),
        ("sleep", "sleep 600", std::process::id())
    );
    assert!(
        !seen.user.is_empty() && seen.memory_bytes > 0 && seen.n_threads == 1 && seen.start > 0,
        "{seen:?}"
    );
    assert_eq!(seen.cpu_percent, None, "it takes two looks");
    assert!(look.memory_bytes > look.memory_used_bytes && look.memory_used_bytes > 0 && look.n_cpus > 0);
    assert!(look.interfaces.iter().any(|one| one.name == "lo"));
}

#[test]
fn a_port_is_told_with_the_process_that_listens() {
    let open = std::net::TcpListener::bind("0.0.0.0:0").unwrap();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let mut looks = MachineLooks::default();
    let look = looks.look(&Host::default(), &Masks::new(), Timestamp::UNIX_EPOCH);
    let own = |port: u16| {
        let mut ports = look.ports.iter();
        ports.find(|one| one.port == port && one.pid == std::process::id())
    };
    assert_eq!(
        own(port).map(HostPort::shown),
        Some(format!("127.0.0.1:{port}")),
        "{:?}",
        look.ports
    );
    let everywhere = own(open.local_addr().unwrap().port()).unwrap();
    assert!(everywhere.is_open() && !own(port).unwrap().is_open());
    assert!(everywhere.shown().starts_with("*:"), "{everywhere:?}");
}

#[test]
fn a_secret_on_a_command_line_is_not_shown() {
    let masks = Masks::new();
    masks.add("6006006006");
    let child = std::process::Command::new("sleep").arg("6006006006").spawn().unwrap();
    let child = Ended(child);
    let look = MachineLooks::default().look(&Host::default(), &masks, Timestamp::UNIX_EPOCH);
    let seen = look.processes.iter().find(|process| process.pid == child.0.id()).unwrap();
    assert!(
        seen.command.starts_with("sleep ") && !seen.command.contains("6006006006"),
        "{}",
        seen.command
    );
}

#[test]
fn sensors_are_read_with_their_limits() {
    let folder = tempfile::tempdir().unwrap();
    let chip = folder.path().join("hwmon0");
    std::fs::create_dir(&chip).unwrap();
    for (name, text) in [
        ("name", "coretemp\n"),
        ("temp1_input", "48500\n"),
        ("temp1_label", "Package id 0\n"),
        ("temp1_crit", "100000\n"),
        ("fan1_input", "1180\n"),
        ("temp2_input", "nonsense\n"),
    ] {
        std::fs::write(chip.join(name), text).unwrap();
    }
    let all = sensors(folder.path());
    assert_eq!(all.len(), 2);
    assert_eq!(
        (all[0].name.as_str(), all[0].kind, all[0].value),
        ("coretemp Package id 0", SensorKind::Temperature, 48.5)
    );
    assert_eq!(all[0].limit, Some(100.0));
    assert_eq!(
        (all[1].name.as_str(), all[1].kind, all[1].value),
        ("coretemp fan1", SensorKind::Fan, 1180.0)
    );
    assert_eq!(sensors(&folder.path().join("none")), []);
}

/// Asks, and applies what is heard until the job has ended. Gives the model and whether it ended well.
fn asked(command: Command) -> (Model, bool) {
    let home = tempfile::tempdir().unwrap();
    let options = Options {
        home: Some(home.path().join("h")),
        ..Options::default()
    };
    let mut session = Session::open(options).unwrap();
    let job = session.link.start(command.into());
    let mut model = Model::default();
    let runtime = session.runtime().clone();
    let is_done = runtime.block_on(async {
        loop {
            match session.link.next().await.expect("the engine runs") {
                Event::Update(chantier::areas::Update::Operate(update)) => model.apply(update),
                Event::Job(id, JobEvent::Ended { outcome, .. }) if id == job => return outcome.is_done(),
                _ => {}
            }
        }
    });
    session.close();
    (model, is_done)
}

#[test]
fn a_process_is_halted_goes_on_and_is_ended_and_each_time_looked_at() {
    let mut child = sleeper();
    let pid = child.0.id();
    let tell = |signal| {
        asked(Command::Signal {
            pid,
            start: None,
            signal,
        })
    };
    for (signal, after) in [
        (HostSignal::Stop, AfterSignal::Stopped),
        (HostSignal::Cont, AfterSignal::Runs),
        (HostSignal::Term, AfterSignal::Ended),
    ] {
        let (model, is_done) = tell(signal);
        assert!(is_done);
        assert_eq!(model.signalled, Some((pid, signal, after)));
    }
    child.0.wait().unwrap();
    let (_, is_done) = tell(HostSignal::Term);
    assert!(!is_done, "nobody has that number any more");
}

#[test]
fn another_process_with_the_same_number_gets_no_signal_and_the_first_one_neither() {
    let mut child = sleeper();
    for (pid, start) in [(child.0.id(), Some(1)), (1, None), (std::process::id(), None)] {
        let (model, is_done) = asked(Command::Signal {
            pid,
            start,
            signal: HostSignal::Kill,
        });
        assert!(!is_done && model.signalled.is_none(), "{pid}");
    }
    assert!(child.0.try_wait().unwrap().is_none(), "it lives");
}

fn engine_event(action: &str) -> EngineEvent {
    EngineEvent {
        at: Timestamp::UNIX_EPOCH,
        is_service: false,
        id: "abc".to_owned(),
        name: "web".to_owned(),
        image: "shop:1".to_owned(),
        action: action.to_owned(),
        exit_code: (action == "die").then_some(137),
        signal: None,
        labels: BTreeMap::new(),
    }
}

#[test]
fn events_of_the_engine_mean_what_they_say() {
    let of = |action: &str| of_engine(engine_event(action)).map(|one| (one.state, one.what.key.to_string()));
    assert_eq!(of("start"), Some((State::Running, "event-started".to_owned())));
    assert_eq!(of("die"), Some((State::Failed, "event-ended-code".to_owned())));
    assert_eq!(of("oom"), Some((State::Failed, "event-oom".to_owned())));
    assert_eq!(
        of("health_status: unhealthy"),
        Some((State::Failed, "event-unhealthy".to_owned()))
    );
    assert_eq!(of("exec_create: sh"), None);
    assert_eq!(of("attach"), None);
}

#[test]
fn entries_of_the_journal_are_units_and_the_kernels_kills() {
    let unit = br#"{"MESSAGE_ID":"d9b373ed55a64feb8242e02dbe79a49c","UNIT":"shop.service","UNIT_RESULT":"exit-code","__REALTIME_TIMESTAMP":"1700000000000000","__CURSOR":"c1"}"#;
    let one = of_journal(unit).unwrap();
    assert_eq!(
        (one.kind, one.state, one.name.as_str()),
        (HappeningKind::Unit, State::Failed, "shop.service")
    );
    let kill = br#"{"_TRANSPORT":"kernel","MESSAGE":"Out of memory: Killed process 4711 (python3) total-vm:1kB","__REALTIME_TIMESTAMP":"1700000000000000"}"#;
    let one = of_journal(kill).unwrap();
    assert_eq!((one.kind, one.name.as_str()), (HappeningKind::Kernel, "python3"));
    for other in [
        &br#"{"_TRANSPORT":"kernel","MESSAGE":"usb 1-1: new device","__REALTIME_TIMESTAMP":"1"}"#[..],
        br#"{"MESSAGE_ID":"39f53479d3a045ac8e11786248231fbf","UNIT":"x.mount","__REALTIME_TIMESTAMP":"1"}"#,
        br#"{"MESSAGE_ID":"00","UNIT":"x.service","__REALTIME_TIMESTAMP":"1"}"#,
        b"no json",
    ] {
        assert_eq!(of_journal(other), None);
    }
}

#[test]
fn events_stand_in_the_order_in_which_they_happened_and_stay_bounded() {
    let mut model = Model::default();
    model.apply(Update::EventsOpened {
        since: Timestamp::UNIX_EPOCH,
    });
    let event = |secs: i64| Happening {
        at: Timestamp::from_second(secs).unwrap(),
        key: secs.to_string(),
        ..of_engine(engine_event("start")).unwrap()
    };
    model.apply(Update::Happened {
        events: vec![event(10), event(30)],
    });
    model.apply(Update::Happened { events: vec![event(20)] });
    let order: Vec<i64> = model.events.iter().map(|one| one.at.as_second()).collect();
    assert_eq!(order, [10, 20, 30]);
    let many = (100..20_000).map(event).collect();
    model.apply(Update::Happened { events: many });
    assert_eq!(model.events.len(), 5000);
    assert_eq!(model.events.back().unwrap().at.as_second(), 19_999);
    model.apply(Update::EventsOpened {
        since: Timestamp::UNIX_EPOCH,
    });
    assert!(model.events.is_empty());
}

#[test]
fn the_names_of_the_ssh_configuration_are_those_without_patterns() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join(".ssh");
    std::fs::create_dir_all(folder.join("more.d")).unwrap();
    std::fs::write(
        folder.join("config"),
        "Include more.d/*.conf\nInclude config\n# a note\nHost web-1 web-2 *.example.org !bad -oops\n  User ops\nhost=db\nMatch host x\nHost *\n",
    )
    .unwrap();
    std::fs::write(folder.join("more.d/a.conf"), "Host \"edge\"\n").unwrap();
    std::fs::write(folder.join("more.d/b.txt"), "Host not-this\n").unwrap();
    assert_eq!(ssh::config::names_in(&folder), ["edge", "web-1", "web-2", "db"]);
    assert_eq!(ssh::config::names_in(&home.path().join("none")), Vec::<String>::new());
    let told = ssh::config::parse("web-1", "user ops\nhostname 192.0.2.7\nport 2222\nproxyjump gate\n");
    assert_eq!(
        (told.address().as_str(), told.jump.as_deref()),
        ("ops@192.0.2.7:2222", Some("gate"))
    );
}

#[test]
fn the_facts_of_a_machine_are_read_leniently() {
    let text = "=chantier=uname\npont-02\nLinux 6.1.0\nx86_64\n=chantier=os\nNAME=\"Debian\"\nPRETTY_NAME=\"Debian GNU/Linux 12\"\n=chantier=cpu\n\
        processor\t: 0\nmodel name\t: Xeon\nprocessor\t: 1\n=chantier=memory\nMemTotal: 2000 kB\nMemAvailable: 500 kB\n=chantier=load\n0.42 0.1 0.1 1/2 3\n\
        =chantier=uptime\n86400.5 1\n=chantier=disks\nFilesystem Type 1024-blocks Used Available Capacity Mounted on\n/dev/vda1 ext4 1000 400 600 40% /\n\
        tmpfs tmpfs 10 0 10 0% /run\n=chantier=engine\nDocker Engine - Community 26.1.4\n=chantier=tool:git\n/usr/bin/git\ngit version 2.39.5\n";
    let (machine, engine) = machines::facts(text);
    assert_eq!(
        (machine.name.as_str(), machine.os.as_str(), machine.n_cpus),
        ("pont-02", "Debian GNU/Linux 12", 2)
    );
    assert_eq!((machine.memory_bytes, machine.memory_used_bytes), (2_048_000, 1_536_000));
    assert_eq!(
        (machine.uptime_secs, machine.disks.len(), machine.disks[0].free_bytes),
        (86_400, 1, 614_400)
    );
    assert_eq!(engine.as_deref(), Some("Docker Engine - Community 26.1.4"));
    let git = machine.tools.iter().find(|tool| tool.name == "git").unwrap();
    assert_eq!(
        (git.path.as_deref().unwrap().to_str(), git.version.as_str()),
        (Some("/usr/bin/git"), "git version 2.39.5")
    );
    assert!(machine.tools.iter().any(|tool| tool.path.is_none()));
    let (nothing, engine) = machines::facts("sh: not a shell\n");
    assert_eq!((nothing.name.as_str(), nothing.n_cpus, engine), ("", 0, None));
}

#[test]
fn units_and_containers_of_another_machine_are_instances() {
    let text = "=chantier=units\nId=shop.service\nLoadState=loaded\nActiveState=active\nSubState=running\nResult=success\nMainPID=77\n\n\
        Id=old.service\nLoadState=loaded\nActiveState=failed\nSubState=failed\nResult=exit-code\nExecMainCode=1\nExecMainStatus=3\n\n\
        Id=idle.service\nLoadState=loaded\nActiveState=inactive\nSubState=dead\n\
        =chantier=containers\n\
        {\"ID\":\"0123456789abcdef\",\"Names\":\"web\",\"Image\":\"shop:1.2\",\"State\":\"running\",\"Status\":\"Up 2 hours (healthy)\",\"Ports\":\"0.0.0.0:8080->80/tcp, :::8080->80/tcp\",\"Labels\":\"com.docker.compose.project=shop\"}\n\
        {\"ID\":\"fedcba9876543210\",\"Names\":\"job\",\"Image\":\"job\",\"State\":\"exited\",\"Status\":\"Exited (1) 3 hours ago\"}\n{broken\n";
    let all = far::parse("pont-02", text);
    let short: Vec<(&str, State)> = all.iter().map(|one| (one.name.as_str(), one.state)).collect();
    assert_eq!(
        short,
        [
            ("shop.service", State::Running),
            ("old.service", State::Failed),
            ("web", State::Running),
            ("job", State::Failed)
        ]
    );
    assert!(
        all.iter()
            .all(|one| one.machine == "pont-02" && one.pid.is_none() && one.container.is_none())
    );
    assert_eq!(
        (all[2].version.as_deref(), all[2].ports.as_slice(), all[2].project.as_deref()),
        (Some("1.2"), &[8080][..], Some("shop"))
    );
    assert_eq!(far::of_id(&all[0].id), Some(("pont-02", "unit", "shop.service")));
    assert_eq!(far::of_id(&all[2].id), Some(("pont-02", "container", "0123456789abcdef")));
    assert_eq!(far::of_id("unit:system:x.service"), None);
}
