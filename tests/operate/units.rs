//! Services of systemd: what its own tools print, as instances and as lines.

use chantier::adapters::systemd::{Manager, parse_show};
use chantier::areas::operate::units::{entry_of, instance, of_id};
use chantier::areas::operate::{Instance, InstanceKind, far};
use chantier::base::{Level, State, Stream};
use std::path::Path;

fn fixture(name: &str) -> String {
    std::fs::read_to_string(
        Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/fixtures/systemd")
            .join(name),
    )
    .unwrap()
}

#[test]
fn units_become_instances_that_say_why_they_failed() {
    let units = parse_show(&fixture("show.txt"));
    let seen: Vec<Instance> = units.iter().map(|unit| instance(Manager::System, unit, "here")).collect();
    let one = |name: &str| {
        seen.iter()
            .find(|one| one.name == name)
            .unwrap_or_else(|| panic!("{name}: {seen:#?}"))
    };
    let why = |one: &Instance| one.why.as_ref().map(|why| why.key.to_string());
    let up = one("shop-up.service");
    assert_eq!((up.state, up.kind, why(up)), (State::Running, InstanceKind::Unit, None));
    assert!(
        up.pid.is_some() && up.memory_bytes.is_some() && up.started_at.is_some(),
        "{up:#?}"
    );
    let failed = one("shop-exit.service");
    assert_eq!(
        (failed.state, why(failed).as_deref()),
        (State::Failed, Some("operate-why-exit"))
    );
    assert!(failed.ended_at.is_some() && failed.pid.is_none());
    let killed = one("shop-signal.service");
    assert_eq!(
        (killed.state, why(killed).as_deref()),
        (State::Failed, Some("operate-why-signal"))
    );
    let falls = one("shop-loop.service");
    assert_eq!(
        (falls.state, why(falls).as_deref()),
        (State::Degraded, Some("operate-why-loop"))
    );
    assert_eq!(one("shop-off.service").state, State::None);
    let limit = one("shop-limit.service");
    assert_eq!(
        (limit.state, why(limit).as_deref()),
        (State::Failed, Some("operate-why-start-limit"))
    );
    assert_eq!(of_id(&limit.id), Some((Manager::System, "shop-limit.service")));
    assert_eq!(of_id("unit:nobody:x"), None);
    // A part that is missing loses that part only.
    assert!(parse_show("").is_empty());
    assert_eq!(parse_show("Id=x.service\nMainPID=many\nMemoryCurrent=[not set]").len(), 1);
}

#[test]
fn entries_of_the_journal_become_lines() {
    let now = "2026-11-26T18:00:00Z".parse().unwrap();
    let text = fixture("journal.jsonl");
    let entries = text.lines().filter_map(|line| entry_of(line.as_bytes(), now));
    let lines: Vec<_> = entries.map(|(line, _)| line).collect();
    assert_eq!(lines.len(), text.lines().count());
    assert!(lines.iter().all(|line| line.at != now), "each has the journal's time");
    let error = lines.iter().find(|line| line.text.contains("no stock")).unwrap();
    assert_eq!(
        (error.stream, error.level()),
        (Stream::Err, Some(Level::Error)),
        "its severity is said"
    );
    assert!(lines.iter().any(|line| line.text.contains("caf\u{e9}")));
    assert_eq!(entry_of(b"no JSON", now), None);
    assert_eq!(entry_of(br#"{"MESSAGE":null}"#, now), None);
}

/// A service that was stopped on another machine stays in the list, so that it can be started again; one that did its work is done.
#[test]
fn units_at_rest_and_units_that_are_done_are_told_as_such() {
    let block = |name: &str, active: &str, sub: &str, more: &str| {
        format!("Id={name}\nLoadState=loaded\nActiveState={active}\nSubState={sub}\nResult=success\n{more}\n\n")
    };
    let own = "FragmentPath=/etc/systemd/system/ticker.service\nUnitFileState=disabled\nType=simple";
    let ran =
        "FragmentPath=/lib/systemd/system/ssh.service\nUnitFileState=enabled\nType=notify\nInactiveEnterTimestamp=@1700000000";
    let never = "FragmentPath=/lib/systemd/system/idle.service\nUnitFileState=static\nType=simple";
    let once = "FragmentPath=/lib/systemd/system/setup.service\nUnitFileState=static\nType=oneshot";
    let text = [
        "=chantier=units\n".to_owned(),
        block("ticker.service", "inactive", "dead", own),
        block("ssh.service", "inactive", "dead", ran),
        block("idle.service", "inactive", "dead", never),
        block("setup.service", "active", "exited", once),
        block("ticker.service", "inactive", "dead", own),
        "=chantier=containers\n".to_owned(),
    ]
    .concat();
    let seen = far::parse("box", &text);
    let told: Vec<(&str, State)> = seen.iter().map(|one| (one.name.as_str(), one.state)).collect();
    assert_eq!(
        told,
        [
            ("ticker.service", State::None),
            ("ssh.service", State::None),
            ("setup.service", State::Done)
        ]
    );
    assert!(seen.iter().all(|one| !one.is_running()));
}
