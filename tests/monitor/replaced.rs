//! What is no outage: an instance that a deployment or a restart replaced, and a metric that nobody looked for.

use super::checks::Bench;
use chantier::adapters::store::alerts::AlertRow;
use chantier::adapters::store::deployments::DeploymentRow;
use chantier::adapters::store::holder;
use chantier::adapters::store::instances::{InstanceEnd, InstanceRow};
use chantier::adapters::store::samples::Sample;
use chantier::areas::devops::project::parse;
use chantier::areas::monitor::alerts::{Holds, Looked, Moment, Reading, round, step, words};
use chantier::areas::monitor::subjects;
use chantier::areas::monitor::{Standing, answer};
use chantier::base::{Catalog, Timestamp};
use std::process::{Child, Command};
use tokio_util::sync::CancellationToken;

struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

fn sleeper() -> Killed {
    Killed(Command::new("sleep").arg("600").spawn().unwrap())
}

const FILE: &str = "[[environment]]\nname = \"staging\"\ntarget = { kind = \"process\", run = [\"sleep\", \"600\"] }\n\n\
    [[check]]\nname = \"alive\"\nkind = \"process\"\nenvironment = \"staging\"\nretries = 0\n";

#[test]
fn a_check_asks_the_instances_that_took_the_place_of_those_it_knew() {
    let bench = Bench::new(FILE);
    let world = bench.world();
    let cancel = CancellationToken::new();
    bench.session.runtime().block_on(async {
        let row = DeploymentRow {
            workspace: bench.workspace.id.clone(),
            environment: "staging".to_owned(),
            healthy_from: Some(Timestamp::now()),
            ..super::numbers::deployment()
        };
        let deployment = world.store().deployments().begin(row).await.unwrap();
        let started = |child: &Killed| InstanceRow {
            workspace: Some(bench.workspace.id.clone()),
            environment: Some("staging".to_owned()),
            deployment: Some(deployment.id),
            pid: Some(child.0.id()),
            pid_start: holder::start_of(child.0.id()),
            handle: serde_json::json!({
                "pid": child.0.id(),
                "start_ticks": holder::start_of(child.0.id()),
                "boot_id": std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap().trim(),
                "pgid": child.0.id(),
                "cgroup": null,
                "tag": "some",
            }),
            ..super::numbers::instance("shop-staging-1")
        };
        let instances = world.store().instances();
        let stands = |subject: subjects::Subject| {
            let (world, cancel) = (world.clone(), cancel.clone());
            async move {
                super::next_millisecond();
                answer::ask(&world, &subject, &cancel).await.unwrap().0.standing
            }
        };
        let mut old = sleeper();
        let first = instances.started(started(&old)).await.unwrap();
        let (known, problems) = subjects::checks(&world, &bench.workspace).await.unwrap();
        assert!(problems.is_empty(), "{problems:?}");
        let subject = known[0].clone();
        assert_eq!(stands(subject.clone()).await, Standing::Up);
        // Stopped, and started anew: whoever still knows the old one asks the new one.
        old.0.kill().unwrap();
        old.0.wait().unwrap();
        instances.ended(first.id, InstanceEnd::by("stopped")).await.unwrap();
        assert_eq!(stands(subject.clone()).await, Standing::Unknown, "there is none to ask");
        let new = sleeper();
        let second = instances.started(started(&new)).await.unwrap();
        assert_eq!(stands(subject.clone()).await, Standing::Up);
        let open = || async {
            world
                .store()
                .incidents()
                .list(&bench.workspace.id, true, 10)
                .await
                .unwrap()
                .len()
        };
        assert_eq!(open().await, 0, "nothing was out");
        // One that goes of its own accord is out.
        drop(new);
        instances.ended(second.id, InstanceEnd::by("crashed")).await.unwrap();
        assert_eq!(stands(subject).await, Standing::Down);
        assert_eq!(open().await, 1);
        // Of several it is named.
        let other = sleeper();
        let beside = InstanceRow {
            name: "shop-staging-2".to_owned(),
            ..started(&other)
        };
        instances.started(beside).await.unwrap();
        let (known, _) = subjects::checks(&world, &bench.workspace).await.unwrap();
        super::next_millisecond();
        let (row, _) = answer::ask(&world, &known[0], &cancel).await.unwrap();
        assert_eq!((row.standing, row.what.as_str()), (Standing::Down, "process +1"));
        let is_named = row.message.starts_with("shop-staging-1, process: ") && row.message.ends_with("; 1 of 2 answer");
        assert!(is_named, "{}", row.message);
    });
}

#[test]
fn what_nobody_looked_for_is_not_absent() {
    let bench = Bench::new("");
    let world = bench.world();
    let text = "[[alert]]\nname = \"gone\"\nmetric = \"cpu\"\nabsent = \"10s\"\n";
    let (file, problems) = parse(text, &bench.root.path().join("chantier.toml"));
    assert!(problems.is_empty(), "{problems:?}");
    let now = Timestamp::now();
    let ago = |secs: i64| Timestamp::from_second(now.as_second() - secs).unwrap();
    let sample = Sample {
        series: format!("workspace/{}/instance/prod/shop/cpu", bench.workspace.id),
        at: ago(27),
        value: 1.0,
    };
    // Somebody looked once a second; `asleep` are the seconds before now in which nobody did.
    let looked = |asleep: std::ops::Range<i64>| {
        let mut looked = Looked::default();
        for secs in (0..60).rev().filter(|secs| !asleep.contains(secs)) {
            looked.now(ago(secs));
        }
        looked
    };
    let slept = looked(1..26);
    assert!(slept.secs_since(ago(27), now) < 5.0, "{}", slept.secs_since(ago(27), now));
    assert!((looked(0..0).secs_since(ago(27), now) - 27.0).abs() < 1.5);
    bench.session.runtime().block_on(async {
        world.store().samples().insert(vec![sample]).await.unwrap();
        let mut just_begun = Looked::default();
        just_begun.now(now);
        for looked in [&slept, &just_begun] {
            let changed = round(&world, &bench.workspace, &file, true, looked).await.unwrap();
            assert!(changed.is_empty(), "{changed:?}");
        }
        let awake = looked(0..0);
        let changed = round(&world, &bench.workspace, &file, true, &awake).await.unwrap();
        assert_eq!(changed.len(), 1, "it is absent for whoever looked");
        // What fires goes on when nobody can say better.
        let changed = round(&world, &bench.workspace, &file, true, &just_begun).await.unwrap();
        assert!(changed.is_empty(), "{changed:?}");
    });
}

#[test]
fn an_alert_that_is_over_still_says_why_it_fired() {
    let bench = Bench::new("");
    let text =
        "[[check]]\nname = \"state\"\nkind = \"tcp\"\naddress = \"127.0.0.1:1\"\n[[alert]]\nname = \"down\"\ncheck = \"state\"\n";
    let (file, problems) = parse(text, &bench.root.path().join("chantier.toml"));
    assert!(problems.is_empty(), "{problems:?}");
    let reading = |holds, message: &str, value| Reading {
        subject: "state".to_owned(),
        environment: None,
        holds,
        value: Some(value),
        message: message.to_owned(),
    };
    let moment = |second: i64| Moment {
        now: Timestamp::from_second(second).unwrap(),
        is_silenced: false,
        channels: vec!["hook".to_owned()],
    };
    let at = |reading: &Reading, before: Option<&AlertRow>, second| {
        step(&bench.workspace.id, &file.alerts[0], reading, before, &moment(second)).unwrap()
    };
    let fired = at(&reading(Holds::Yes, "wrong: Answers 500 instead of 200", 60.0), None, 100).alert;
    let over = at(&reading(Holds::No, "up: Answers 200", 30.0), Some(&fired), 200);
    assert_eq!(over.alert.state, "resolved");
    assert_eq!(over.alert.message, "wrong: Answers 500 instead of 200");
    assert_eq!(over.alert.value, Some(60.0));
    assert_eq!(over.messages.len(), 1, "who was told hears that it is over");
    let texts = Catalog::new(chantier::base::Lang::En);
    let (_, text) = words("resolved", &over.alert, &bench.workspace, &texts);
    assert!(text.starts_with("It was: wrong: Answers 500"), "{text}");
    let (title, text) = words("again", &over.alert, &bench.workspace, &texts);
    assert!(title.contains("warning, still firing"), "{title}");
    assert!(!text.contains('Z') && text.contains("since: 19"), "{text}");
    assert!(text.starts_with("wrong: Answers 500"), "{text}");
}
