//! Alerts: what follows from readings, and messages to real receivers, also when the program is killed between two steps.

use super::checks::Bench;
use super::servers::{Certificate, MailServer, Web, eventually};
use crate::support::cli::Home;
use chantier::adapters::store::alerts::{AlertRow, Change, SilenceRow};
use chantier::adapters::store::samples::Sample;
use chantier::areas::devops::project::{AlertRule, parse};
use chantier::areas::monitor::alerts::{Channels, Holds, Looked, Moment, Reading, deliver_one, round, step};
use chantier::base::{Timestamp, WorkspaceId};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use tokio_util::sync::CancellationToken;

fn rule(text: &str) -> AlertRule {
    let (file, problems) = parse(
        &format!("[[check]]\nname = \"front\"\nkind = \"tcp\"\naddress = \"127.0.0.1:1\"\n[[alert]]\nname = \"a\"\n{text}\n"),
        Path::new("chantier.toml"),
    );
    assert!(problems.is_empty(), "{problems:?}");
    file.alerts.into_iter().next().unwrap()
}

/// Plays readings at seconds against one rule; gives what was told, in order.
fn play(rule: &AlertRule, readings: &[(i64, char)], is_silenced: impl Fn(i64) -> bool) -> Vec<String> {
    let workspace = WorkspaceId("w".to_owned());
    let mut row: Option<AlertRow> = None;
    let mut told = Vec::new();
    for (second, what) in readings {
        let reading = Reading {
            subject: "front".to_owned(),
            environment: None,
            holds: holds(*what),
            value: None,
            message: what.to_string(),
        };
        let moment = Moment {
            now: Timestamp::from_second(1_800_000_000 + second).unwrap(),
            is_silenced: is_silenced(*second),
            channels: vec!["desk".to_owned()],
        };
        let change = step(&workspace, rule, &reading, row.as_ref(), &moment);
        if let Some(Change {
            alert,
            is_over,
            messages,
        }) = change
        {
            told.extend(messages.iter().map(|(_, what)| format!("{second} {what}")));
            row = (!is_over && alert.resolved_at.is_none()).then_some(AlertRow { id: 1, ..alert });
        }
    }
    told
}

fn holds(c: char) -> Holds {
    match c {
        'y' => Holds::Yes,
        'n' => Holds::No,
        _ => Holds::Unknown,
    }
}

#[test]
fn an_alert_fires_after_its_time_is_told_once_and_once_that_it_is_over() {
    let at_once = rule("check = \"front\"");
    let never = |_| false;
    let on = [(0, 'y'), (5, 'y'), (10, '?'), (15, 'y'), (20, 'n'), (25, 'n')];
    assert_eq!(play(&at_once, &on, never), ["0 fired", "20 resolved"]);
    let later = rule("check = \"front\"\nfor = \"30s\"");
    let short = [(0, 'y'), (20, 'y'), (25, 'n'), (30, 'y'), (50, 'y'), (55, 'n')];
    assert!(play(&later, &short, never).is_empty(), "it never held long enough");
    let long = [(0, 'y'), (29, 'y'), (30, 'y'), (40, 'y'), (41, 'n')];
    assert_eq!(play(&later, &long, never), ["30 fired", "41 resolved"]);
    // A clock that is set back makes nobody wait for ever, and fires nothing.
    let jump = [(1000, 'y'), (0, 'y'), (29, 'y'), (30, 'y')];
    assert_eq!(play(&later, &jump, never), ["30 fired"]);
    let again = rule("check = \"front\"\nrepeat = \"60s\"");
    let lasting = [(0, 'y'), (59, 'y'), (60, 'y'), (61, 'y'), (120, 'y'), (121, 'n')];
    assert_eq!(
        play(&again, &lasting, never),
        ["0 fired", "60 again", "120 again", "121 resolved"]
    );
}

#[test]
fn in_a_silence_nobody_is_told_and_afterwards_somebody_is() {
    let at_once = rule("check = \"front\"");
    let on = [(0, 'y'), (5, 'y'), (10, 'y'), (15, 'y'), (20, 'n')];
    assert_eq!(play(&at_once, &on, |second| second < 10), ["10 fired", "20 resolved"]);
    assert!(play(&at_once, &on, |_| true).is_empty());
    let over = [(0, 'y'), (5, 'n'), (10, 'n')];
    assert!(
        play(&at_once, &over, |second| second < 5).is_empty(),
        "that it is over hears only who heard of it"
    );
}

/// Rounds of alerts over real samples, with a clock that the test moves.
#[test]
fn limits_with_hysteresis_absence_and_rates_are_read_from_the_samples() {
    let bench = Bench::new("");
    let world = bench.world();
    let root = bench.root.path().join("chantier.toml");
    let file = r#"
[[alert]]
name = "hot"
metric = "cpu"
above = 80
clear = 60

[[alert]]
name = "silent"
metric = "cpu"
absent = "10m"

[[alert]]
name = "growing"
metric = "memory"
use = "rate"
window = "10m"
above = 1000

[[alert]]
name = "slow"
metric = "latency"
use = "p95"
window = "10m"
above = 500
"#;
    let (file, problems) = parse(file, &root);
    assert!(problems.is_empty(), "{problems:?}");
    let prefix = format!("workspace/{}", bench.workspace.id);
    let now = Timestamp::now();
    let ago = |secs: i64| Timestamp::from_second(now.as_second() - secs).unwrap();
    let sample = |series: &str, secs: i64, value: f64| Sample {
        series: format!("{prefix}/{series}"),
        at: ago(secs),
        value,
    };
    bench.session.runtime().block_on(async {
        let put = |samples: Vec<Sample>| {
            let store = world.store();
            async move { store.samples().insert(samples).await }
        };
        let firing = || async {
            round(&world, &bench.workspace, &file, true, &Looked::default())
                .await
                .unwrap();
            let open = world.store().alerts().open(&bench.workspace.id).await.unwrap();
            let mut names: Vec<String> = open
                .iter()
                .filter(|alert| alert.state == "firing")
                .map(|alert| format!("{} {}", alert.rule, alert.subject))
                .collect();
            names.sort();
            names
        };
        put(vec![sample("instance/prod/shop/cpu", 40, 75.0)]).await.unwrap();
        assert!(firing().await.is_empty());
        put(vec![sample("instance/prod/shop/cpu", 30, 85.0)]).await.unwrap();
        assert_eq!(firing().await, ["hot shop"]);
        // Below the limit, and not yet below where it is over.
        put(vec![sample("instance/prod/shop/cpu", 20, 70.0)]).await.unwrap();
        assert_eq!(firing().await, ["hot shop"]);
        put(vec![sample("instance/prod/shop/cpu", 10, 50.0)]).await.unwrap();
        assert!(firing().await.is_empty());
        put(vec![sample("instance/prod/old/cpu", 3600, 1.0)]).await.unwrap();
        assert_eq!(firing().await, ["silent old"]);
        put(vec![
            sample("instance/prod/shop/memory", 300, 1e6),
            sample("instance/prod/shop/memory", 0, 1.6e6),
        ])
        .await
        .unwrap();
        assert_eq!(firing().await, ["growing shop", "silent old"]);
        let slow = (0..100).map(|n| sample("check/-/front/latency", n * 2, if n < 90 { 100.0 } else { 900.0 }));
        put(slow.collect()).await.unwrap();
        assert_eq!(firing().await, ["growing shop", "silent old", "slow front"]);
    });
}

/// An alert that is firing and has one message for each channel.
async fn fire(bench: &Bench, channels: &[&str]) -> AlertRow {
    let now = Timestamp::now();
    let alert = AlertRow {
        id: 0,
        workspace: bench.workspace.id.clone(),
        rule: "front down".to_owned(),
        subject: "front".to_owned(),
        environment: Some("production".to_owned()),
        severity: "critical".to_owned(),
        state: "firing".to_owned(),
        since: now,
        fired_at: Some(now),
        resolved_at: None,
        told_at: Some(now),
        acked_at: None,
        acked_by: String::new(),
        incident: None,
        value: None,
        message: "down: Nobody listens".to_owned(),
    };
    let change = Change {
        alert,
        is_over: false,
        messages: channels.iter().map(|name| ((*name).to_owned(), "fired")).collect(),
    };
    let world = bench.world();
    world.store().alerts().apply(vec![change]).await.unwrap().remove(0)
}

fn channels(bench: &Bench, text: &str) -> Channels {
    let (file, problems) = parse(text, &bench.root.path().join("chantier.toml"));
    assert!(problems.is_empty(), "{problems:?}");
    Channels {
        workspace: bench.workspace.clone(),
        channels: file.channels,
    }
}

/// Delivers everything that waits, whatever its time.
async fn deliver(bench: &Bench, channels: &Channels, alert: i64) -> Vec<(String, String, u32)> {
    let world = bench.world();
    let store = world.store().alerts();
    for row in store.deliveries(vec![alert]).await.unwrap() {
        deliver_one(&world, channels, row.id, &CancellationToken::new()).await.ok();
    }
    let rows = store.deliveries(vec![alert]).await.unwrap();
    rows.into_iter().map(|row| (row.channel, row.state, row.n_tries)).collect()
}

fn one(channel: &str, state: &str, n_tries: u32) -> Vec<(String, String, u32)> {
    vec![(channel.to_owned(), state.to_owned(), n_tries)]
}

#[test]
fn a_webhook_gets_the_alert_and_is_asked_again_until_it_takes_it() {
    let web = Web::start(503, "not now");
    let bench = Bench::new("");
    let text = format!(
        "[[notify]]\nname = \"hook\"\nkind = \"webhook\"\nurl = \"http://127.0.0.1:{}/alerts\"\nheaders = {{ X-Team = \"ops\" }}\n",
        web.port()
    );
    let channels = channels(&bench, &text);
    bench.session.runtime().block_on(async {
        let alert = fire(&bench, &["hook"]).await;
        assert_eq!(deliver(&bench, &channels, alert.id).await, one("hook", "queued", 1));
        web.say(200, "");
        assert_eq!(deliver(&bench, &channels, alert.id).await, one("hook", "done", 2));
        assert_eq!(
            deliver(&bench, &channels, alert.id).await,
            one("hook", "done", 2),
            "it is not sent again"
        );
        // What is refused for good is given up at once, and said.
        web.say(404, "");
        let second = fire(&bench, &["hook"]).await;
        assert_eq!(deliver(&bench, &channels, second.id).await, one("hook", "failed", 1));
        let third = fire(&bench, &["nobody"]).await;
        assert_eq!(deliver(&bench, &channels, third.id).await, one("nobody", "failed", 1));
    });
    let seen = web.seen.lock().unwrap().clone();
    assert_eq!(seen.len(), 3);
    let key = |n: usize| {
        let head: &str = &seen[n].head;
        let line = head.lines().find(|line| line.to_lowercase().starts_with("idempotency-key"));
        line.unwrap().to_owned()
    };
    assert_eq!(key(0), key(1), "the same message is known by its key");
    assert_ne!(key(1), key(2));
    assert!(seen[0].head.starts_with("POST /alerts"));
    assert!(seen[0].head.to_lowercase().contains("x-team: ops"));
    let body: Value = serde_json::from_str(&seen[1].body).unwrap();
    assert_eq!(body["alert"]["rule"], "front down");
    assert_eq!(body["alert"]["severity"], "critical");
    assert_eq!(body["what"], "fired");
}

#[test]
fn a_mail_is_handed_in_behind_starttls_and_a_password() {
    let folder = tempfile::tempdir().unwrap();
    let Some(certificate) = Certificate::make(folder.path(), 30) else {
        return;
    };
    let server = MailServer::start(Some(certificate.config.clone()));
    let bench = Bench::new("");
    let world = bench.world();
    let text = format!(
        "[[notify]]\nname = \"mail\"\nkind = \"email\"\nserver = \"localhost\"\nport = {}\nca = \"{}\"\nuser = \"ops\"\n\
         password = \"secret:smtp\"\nfrom = \"Chantier <chantier@shop.example>\"\nto = [\"ops@shop.example\", \"b@shop.example\"]\n",
        server.served.port,
        certificate.ca.display()
    );
    let channels = channels(&bench, &text);
    bench.session.runtime().block_on(async {
        let password = chantier::base::Hidden::new("tuer-auf-9");
        world.secrets().set("smtp", &password).await.unwrap();
        let alert = fire(&bench, &["mail"]).await;
        assert_eq!(deliver(&bench, &channels, alert.id).await, one("mail", "done", 1));
        // A server that is not the one that is trusted gets no word.
        let strange = channels_without_ca(&channels);
        let second = fire(&bench, &["mail"]).await;
        assert_eq!(deliver(&bench, &strange, second.id).await, one("mail", "queued", 1));
        // For now it does not want it; then it will never.
        *server.refuses.lock().unwrap() = Some("450 later".to_owned());
        let third = fire(&bench, &["mail"]).await;
        assert_eq!(deliver(&bench, &channels, third.id).await, one("mail", "queued", 1));
        *server.refuses.lock().unwrap() = Some("550 nobody here".to_owned());
        assert_eq!(deliver(&bench, &channels, third.id).await, one("mail", "failed", 2));
    });
    let mails = server.mails();
    assert_eq!(mails.len(), 1, "{mails:#?}");
    let mail = &mails[0];
    assert!(mail.was_encrypted);
    assert!(mail.login.starts_with("AUTH PLAIN "), "{}", mail.login);
    assert_eq!(mail.to.len(), 2);
    assert!(mail.data.contains(": front down (front)"), "{}", mail.data);
    assert!(mail.data.contains("down: Nobody listens"));
    assert!(mail.data.contains("Auto-Submitted: auto-generated"));
    assert!(mail.data.contains("Message-ID: <chantier-"), "{}", mail.data);
}

fn channels_without_ca(channels: &Channels) -> Channels {
    use chantier::areas::devops::project::alerts::ChannelKind;
    let mut channels = channels.clone();
    if let ChannelKind::Email(email) = &mut channels.channels[0].kind {
        email.ca = None;
    }
    channels
}

#[test]
fn a_command_gets_the_alert_on_its_input() {
    let bench = Bench::new("");
    let text = "[[notify]]\nname = \"tell\"\nkind = \"command\"\nrun = [\"sh\", \"-c\", \"cat > told.json\"]\n\
                [[notify]]\nname = \"broken\"\nkind = \"command\"\nrun = [\"false\"]\n";
    let channels = channels(&bench, text);
    bench.session.runtime().block_on(async {
        let alert = fire(&bench, &["tell"]).await;
        assert_eq!(deliver(&bench, &channels, alert.id).await, one("tell", "done", 1));
        let second = fire(&bench, &["broken"]).await;
        assert_eq!(deliver(&bench, &channels, second.id).await, one("broken", "queued", 1));
    });
    let told = std::fs::read_to_string(bench.root.path().join("told.json")).unwrap();
    let told: Value = serde_json::from_str(&told).unwrap();
    assert_eq!(told["alert"]["subject"], "front");
}

#[test]
fn what_was_being_sent_when_the_program_died_is_not_sent_twice() {
    let web = Web::start(200, "");
    let bench = Bench::new("");
    let text = format!(
        "[[notify]]\nname = \"hook\"\nkind = \"webhook\"\nurl = \"http://127.0.0.1:{}/\"\n",
        web.port()
    );
    let channels = channels(&bench, &text);
    let world = bench.world();
    bench.session.runtime().block_on(async {
        let store = world.store().alerts();
        // Killed after it was written and before it was taken: it is sent.
        let first = fire(&bench, &["hook"]).await;
        store.give_up_unsure().await.unwrap();
        assert_eq!(deliver(&bench, &channels, first.id).await, one("hook", "done", 1));
        // Killed after it was taken: nobody knows, so it is said and not sent.
        let second = fire(&bench, &["hook"]).await;
        let row = store.deliveries(vec![second.id]).await.unwrap().remove(0);
        store.take(row.id).await.unwrap().unwrap();
        assert!(
            store.take(row.id).await.unwrap().is_none(),
            "two programs never send the same"
        );
        assert_eq!(store.give_up_unsure().await.unwrap(), 1);
        assert_eq!(deliver(&bench, &channels, second.id).await, one("hook", "unsure", 1));
    });
    assert_eq!(web.bodies().len(), 1);
}

#[test]
fn a_silence_covers_what_it_names_until_its_end() {
    let now = Timestamp::from_second(1_800_000_000).unwrap();
    let silence = SilenceRow {
        id: 1,
        workspace: WorkspaceId("w".to_owned()),
        rule: "a".to_owned(),
        subject: String::new(),
        at: now,
        until: Timestamp::from_second(1_800_000_060).unwrap(),
        by: String::new(),
        reason: String::new(),
    };
    assert!(silence.covers("a", "x", now));
    assert!(!silence.covers("b", "x", now));
    assert!(!silence.covers("a", "x", silence.until));
}

/// A workspace with a check, a rule and a webhook, watched by the real program.
pub(super) struct World {
    pub(super) home: Home,
    pub(super) dir: PathBuf,
    pub(super) front: Web,
    pub(super) hook: Web,
}

impl World {
    pub(super) fn new() -> Self {
        let home = Home::new();
        let dir = home.path("shop");
        std::fs::create_dir(&dir).unwrap();
        let (front, hook) = (Web::start(200, "ok"), Web::start(200, ""));
        let file = format!(
            r#"[[check]]
name = "front"
kind = "http"
url = "http://127.0.0.1:{}/"
interval = "1s"
timeout = "30s"

[[alert]]
name = "front down"
check = "front"
severity = "critical"
incident = true

[[notify]]
name = "hook"
kind = "webhook"
url = "http://127.0.0.1:{}/"
"#,
            front.port(),
            hook.port()
        );
        std::fs::write(dir.join("chantier.toml"), file).unwrap();
        home.call(&["devops", "add", dir.to_str().unwrap(), "--trust"]).ok();
        Self { home, dir, front, hook }
    }

    pub(super) fn watch(&self) -> Killed {
        let mut command = self.home.program(&self.dir, &["watch"]);
        Killed(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap())
    }

    pub(super) fn whats(&self) -> Vec<String> {
        let what = |body: &String| {
            let json: Value = serde_json::from_str(body).unwrap();
            json["what"].as_str().unwrap().to_owned()
        };
        self.hook.bodies().iter().map(what).collect()
    }

    fn alerts(&self) -> Value {
        self.home.call_in(&self.dir, &["monitor", "alerts", "--json"]).ok().json()["result"].clone()
    }
}

/// Killed with the test, without a word.
pub(super) struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

#[test]
fn a_watcher_that_is_killed_again_and_again_tells_each_thing_once() {
    let world = World::new();
    let asked_again = |n: usize| {
        let begun = world.front.seen.lock().unwrap().len();
        eventually("the check is asked", || world.front.seen.lock().unwrap().len() >= begun + n);
    };
    let watcher = world.watch();
    asked_again(2);
    world.front.say(500, "");
    eventually("somebody is told", || !world.hook.bodies().is_empty());
    // Killed at some time while the alert goes on, three times.
    drop(watcher);
    for _ in 0..3 {
        let watcher = world.watch();
        asked_again(2);
        drop(watcher);
    }
    assert_eq!(world.whats(), ["fired"]);
    let alerts = world.alerts();
    assert_eq!(alerts["alerts"][0]["state"], "firing", "{alerts}");
    let incident = alerts["alerts"][0]["incident"].as_i64().unwrap();
    // Somebody looks after it.
    let id = alerts["alerts"][0]["id"].to_string();
    world.home.call_in(&world.dir, &["monitor", "alerts", "ack", &id]).ok();
    world.front.say(200, "ok");
    let watcher = world.watch();
    eventually("that it is over is told", || world.whats().len() > 1);
    drop(watcher);
    let watcher = world.watch();
    asked_again(3);
    drop(watcher);
    assert_eq!(world.whats(), ["fired", "resolved"]);
    let alerts = world.alerts();
    assert_eq!(alerts["alerts"].as_array().unwrap().len(), 1, "{alerts}");
    assert_eq!(alerts["alerts"][0]["state"], "resolved");
    assert!(!alerts["alerts"][0]["acked_by"].as_str().unwrap().is_empty());
    assert_eq!(alerts["alerts"][0]["incident"].as_i64(), Some(incident));
    let nobody = world
        .home
        .call_in(&world.dir, &["monitor", "alerts", "ack", "4711", "--json"]);
    assert_eq!(nobody.code, 1);
    assert_eq!(nobody.json()["problems"][0]["code"], "not-found");
    let tested = world
        .home
        .call_in(&world.dir, &["monitor", "alerts", "test", "--json"])
        .ok()
        .json();
    assert_eq!(tested["result"]["channels"][0]["problem"], Value::Null, "{tested}");
    assert_eq!(world.whats().last().unwrap(), "test");
}

#[test]
fn a_check_that_goes_up_and_down_gives_one_alert() {
    let world = World::new();
    let _watcher = world.watch();
    for n in 0..14 {
        world.front.say(if n % 2 == 0 { 500 } else { 200 }, "");
        let begun = world.front.seen.lock().unwrap().len();
        eventually("the check is asked", || world.front.seen.lock().unwrap().len() > begun);
    }
    assert_eq!(world.whats(), ["fired"], "one alert, not one for each time");
    world.front.say(200, "ok");
    eventually("it is over", || world.whats().len() > 1);
    assert_eq!(world.whats(), ["fired", "resolved"]);
}

/// A channel that does not answer: however long the alert goes on, one message waits for it, and none once somebody looks after it.
#[test]
fn repeats_do_not_pile_up_for_a_channel_that_does_not_answer() {
    let bench = Bench::new("[[check]]\nname = \"front\"\nkind = \"tcp\"\naddress = \"127.0.0.1:1\"\n");
    let world = bench.world();
    bench.session.runtime().block_on(async {
        let store = world.store().alerts();
        let alert = fire(&bench, &["hook", "desk"]).await;
        let again = |channels: &[&str]| Change {
            alert: alert.clone(),
            is_over: false,
            messages: channels.iter().map(|name| ((*name).to_owned(), "again")).collect(),
        };
        for _ in 0..10 {
            store.apply(vec![again(&["hook"])]).await.unwrap();
        }
        let rows = store.deliveries(vec![alert.id]).await.unwrap();
        let of_hook = rows.iter().filter(|row| row.channel == "hook").count();
        assert_eq!(of_hook, 1, "{rows:#?}");
        // Who took the first one hears that it goes on.
        for row in &rows {
            store.take(row.id).await.unwrap().unwrap();
            store.delivery(row.id, |row| "done".clone_into(&mut row.state)).await.unwrap();
        }
        store.apply(vec![again(&["hook", "desk"])]).await.unwrap();
        assert_eq!(store.deliveries(vec![alert.id]).await.unwrap().len(), 4);
        store.forget_repeats(alert.id).await.unwrap();
        assert_eq!(store.deliveries(vec![alert.id]).await.unwrap().len(), 2);
    });
}

#[test]
fn a_list_of_alerts_tells_each_channel_once_and_nothing_of_what_it_could_not_do() {
    let world = World::new();
    world.front.say(500, "");
    let watcher = world.watch();
    eventually("somebody is told", || !world.hook.bodies().is_empty());
    // A second program that waits for the first knows what fires.
    let mut second = world.home.program(&world.dir, &["watch", "--events"]);
    let second = super::watching::Watching::start(&mut second);
    let known = second.next("alerts_loaded").to_string();
    assert!(known.contains("\"state\":\"firing\""), "{known}");
    let incidents = second.next("incidents").to_string();
    assert!(incidents.contains("front down"), "{incidents}");
    drop(watcher);
    let call = |args: &[&str]| world.home.call_in(&world.dir, args);
    let listed = call(&["monitor", "alerts", "--open"]).ok().out;
    assert_eq!(listed.lines().filter(|line| line.contains("hook")).count(), 1, "{listed}");
    let nobody = call(&["monitor", "alerts", "ack", "999"]);
    assert!(nobody.code == 1 && nobody.out.is_empty(), "{}", nobody.out);
}
