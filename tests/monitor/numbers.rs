//! What is computed from what was measured: tiers against brute force, percentiles, before and after, budgets, forecasts, the status
//! page, and the time of the work behind a squashed commit.

use super::checks::Bench;
use crate::support::cli::{Home, git};
use chantier::adapters::store::deployments::DeploymentRow;
use chantier::adapters::store::holder::Holder;
use chantier::adapters::store::instances::InstanceRow;
use chantier::adapters::store::samples::{Point, Sample};
use chantier::areas::monitor::history::percentile;
use chantier::areas::monitor::{compare, dora, lead, objectives};
use chantier::areas::release::packages;
use chantier::base::{State, Timestamp, WorkspaceId};
use std::path::Path;

pub(crate) fn deployment() -> DeploymentRow {
    DeploymentRow {
        id: 0,
        workspace: WorkspaceId("w".to_owned()),
        environment: "production".to_owned(),
        version: "1.0.0".to_owned(),
        commit: None,
        release: None,
        previous: None,
        kind: "deploy".to_owned(),
        state: State::Done,
        who: "ada".to_owned(),
        job: None,
        started_at: Timestamp::now(),
        ended_at: None,
        healthy_from: None,
        healthy_until: None,
        inputs: serde_json::Value::Null,
        problem: None,
        holder: Holder::default(),
    }
}

pub(crate) fn instance(name: &str) -> InstanceRow {
    InstanceRow {
        id: 0,
        name: name.to_owned(),
        workspace: None,
        environment: None,
        deployment: None,
        kind: "process".to_owned(),
        version: None,
        pid: None,
        pid_start: None,
        container: None,
        handle: serde_json::Value::Null,
        port: None,
        log_path: None,
        started_at: Timestamp::now(),
        ended_at: None,
        exit_code: None,
        signal: None,
        cause: String::new(),
    }
}

fn secs(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

#[test]
fn percentiles_are_those_of_the_sorted_values() {
    let values: Vec<f64> = (1..=100).map(f64::from).collect();
    assert_eq!(percentile(&values, 0.5), Some(50.0));
    assert_eq!(percentile(&values, 0.95), Some(95.0));
    assert_eq!(percentile(&values, 0.99), Some(99.0));
    assert_eq!(percentile(&values, 1.0), Some(100.0));
    assert_eq!(percentile(&[7.0], 0.95), Some(7.0));
    assert_eq!(percentile(&[], 0.5), None);
}

/// Three days of a series at uneven seconds, written in batches of uneven size, some twice.
#[test]
fn every_tier_is_what_brute_force_on_the_samples_gives() {
    let bench = Bench::new("");
    let world = bench.world();
    let mut random = fastrand::Rng::with_seed(7);
    let from = 1_800_000_000_i64;
    let mut samples: Vec<Sample> = Vec::new();
    let mut at = from * 1000;
    while at < (from + 3 * 86_400) * 1000 {
        at += 1000 + random.i64(0..40_000);
        samples.push(Sample {
            series: "s".to_owned(),
            at: Timestamp::from_millisecond(at).unwrap(),
            value: (random.f64() - 0.3) * 1000.0,
        });
    }
    let end = at / 1000 + 1;
    bench.session.runtime().block_on(async {
        let mut rest = samples.as_slice();
        while !rest.is_empty() {
            let n = random.usize(1..400).min(rest.len());
            world.store().samples().insert(rest[..n].to_vec()).await.unwrap();
            // The same samples again change nothing.
            if random.bool() {
                assert_eq!(world.store().samples().insert(rest[..n].to_vec()).await.unwrap(), 0);
            }
            rest = &rest[n..];
        }
        // As it came, by the minute, by the hour: the fewer points are asked for, the coarser the tier.
        for max_points in [20_000, 2000, 300, 60, 5, 1] {
            let points = world
                .store()
                .samples()
                .query("s", secs(from), secs(end), max_points)
                .await
                .unwrap();
            assert!(points.len() <= max_points, "{max_points}: {}", points.len());
            let n: u64 = points.iter().map(|point| point.n).sum();
            assert_eq!(n, samples.len() as u64, "{max_points}: no sample is lost or doubled");
            check(&points, &samples, end);
        }
    });
}

/// Each point tells exactly what the samples from its time to that of the next one have in common.
fn check(points: &[Point], samples: &[Sample], end: i64) {
    let starts: Vec<i64> = points.iter().map(|point| point.at.as_millisecond()).collect();
    for (i, point) in points.iter().enumerate() {
        let to = starts.get(i + 1).copied().unwrap_or(end * 1000);
        let of: Vec<f64> = samples
            .iter()
            .filter(|sample| (starts[i]..to).contains(&sample.at.as_millisecond()))
            .map(|sample| sample.value)
            .collect();
        assert_eq!(point.n as usize, of.len());
        assert_eq!(point.min, of.iter().copied().fold(f64::INFINITY, f64::min));
        assert_eq!(point.max, of.iter().copied().fold(f64::NEG_INFINITY, f64::max));
        let mean = of.iter().sum::<f64>() / of.len() as f64;
        assert!((point.mean - mean).abs() < 1e-6, "{} {mean}", point.mean);
    }
}

#[test]
fn a_deployment_is_compared_with_what_was_before_it() {
    let bench = Bench::new("");
    let world = bench.world();
    let workspace = bench.workspace.id.clone();
    let now = Timestamp::now().as_second();
    bench.session.runtime().block_on(async {
        let first = DeploymentRow {
            workspace: workspace.clone(),
            started_at: secs(now - 7200),
            healthy_from: Some(secs(now - 7190)),
            ..deployment()
        };
        world.store().deployments().begin(first.clone()).await.unwrap();
        let second = DeploymentRow {
            version: "1.1.0".to_owned(),
            started_at: secs(now - 1000),
            healthy_from: Some(secs(now - 900)),
            ..first
        };
        let second = world.store().deployments().begin(second).await.unwrap();
        let sample = |series: &str, secs_ago: i64, value: f64| Sample {
            series: format!("workspace/{workspace}/{series}"),
            at: secs(now - secs_ago),
            value,
        };
        let mut samples = Vec::new();
        for n in 0..100 {
            // Between the two states it is neither; another environment does not count.
            samples.push(sample("instance/production/shop-1/cpu", 1010 + n, 10.0));
            samples.push(sample("instance/production/shop-1/cpu", 950, 9999.0));
            samples.push(sample(
                "instance/production/shop-2/cpu",
                10 + n,
                if n < 90 { 15.0 } else { 40.0 },
            ));
            samples.push(sample("instance/test/shop-9/cpu", 10 + n, 500.0));
            samples.push(sample("check/-/production/latency", 1010 + n, 200.0));
            samples.push(sample("check/-/production/latency", 10 + n, 100.0));
        }
        world.store().samples().insert(samples).await.unwrap();
        let found = compare::find(&world, &bench.workspace, None, 3600).await.unwrap();
        assert_eq!(found.deployment, second.id);
        assert_eq!(
            (found.version.as_str(), found.before_version.as_deref()),
            ("1.1.0", Some("1.0.0"))
        );
        let of = |metric: &str| found.differences.iter().find(|one| one.metric == metric).unwrap();
        let cpu = of("cpu");
        let (before, after) = (cpu.before.unwrap(), cpu.after.unwrap());
        assert_eq!((before.n, before.median, before.p95), (100, 10.0, 10.0));
        assert_eq!((after.n, after.median, after.p95), (100, 15.0, 40.0));
        assert!((cpu.change.unwrap() - 0.5).abs() < 1e-9);
        assert!((of("latency").change.unwrap() + 0.5).abs() < 1e-9);
        assert_eq!(found.differences.len(), 2, "{:#?}", found.differences);
        let missing = compare::find(&world, &bench.workspace, Some(4711), 3600).await.unwrap_err();
        assert_eq!(missing.code, "not-found");
    });
}

#[test]
fn an_error_budget_is_what_an_objective_allows_to_fail() {
    let near = |a: f64, b: f64| assert!((a - b).abs() < 1e-9, "{a} {b}");
    near(objectives::budget_left(0.99, 1.0), 1.0);
    near(objectives::budget_left(0.99, 0.995), 0.5);
    near(objectives::budget_left(0.99, 0.99), 0.0);
    near(objectives::budget_left(0.99, 0.98), -1.0);
}

#[test]
fn a_disk_is_full_when_its_pace_says_so() {
    let now = secs(1_800_000_000);
    let at = |hour: i64, free: f64| ((1_800_000_000 - hour * 3600) as f64, free);
    // A gigabyte less every hour, one large file that came and went, and 100 GB left.
    let mut points: Vec<(f64, f64)> = (0..48).rev().map(|hour| at(hour, (100 + hour) as f64 * 1e9)).collect();
    points[20].1 = 5e9;
    let found = objectives::forecast(&points, now).unwrap();
    assert!((found.bytes_per_day + 24e9).abs() < 1e8, "{found:?}");
    let hours = (found.full_at.unwrap().as_second() - now.as_second()) / 3600;
    assert!((99..=101).contains(&hours), "{hours}");
    let grows: Vec<(f64, f64)> = (0..48).rev().map(|hour| at(hour, (100 - hour) as f64 * 1e9)).collect();
    assert_eq!(objectives::forecast(&grows, now).unwrap().full_at, None);
    assert_eq!(objectives::forecast(&points[46..], now), None, "an hour says nothing");
    assert_eq!(objectives::forecast(&[], now), None);
}

#[test]
fn a_patch_is_the_same_wherever_it_stands() {
    let diff = "diff --git a/x b/x\nindex 12..34 100644\n--- a/x\n+++ b/x\n@@ -1,3 +1,4 @@\n a\n+b\n c\n";
    let moved = diff
        .replace("@@ -1,3 +1,4 @@", "@@ -90,3 +90,4 @@ fn f")
        .replace("12..34", "56..78");
    assert_eq!(lead::patch_of(diff), lead::patch_of(&moved));
    assert_ne!(lead::patch_of(diff), lead::patch_of(&diff.replace("+b", "+d")));
    assert_eq!(lead::patch_of(""), None);
}

/// A return that failed too lengthens the outage, and is none of its own; a second version that fails is.
#[test]
fn a_return_that_fails_is_no_outage_of_its_own() {
    let at = |hours: i64| Timestamp::from_second(1_700_000_000 + hours * 3600).unwrap();
    let row = |kind: &str, hours: i64, is_healthy: bool| DeploymentRow {
        kind: kind.to_owned(),
        started_at: at(hours),
        healthy_from: is_healthy.then(|| at(hours)),
        ..deployment()
    };
    let rows = [
        row("deploy", 0, true),
        row("deploy", 1, false),
        row("rollback", 2, false),
        row("deploy", 7, true),
        row("deploy", 10, false),
        row("rollback", 11, true),
        // Somebody takes a good version back, and that goes wrong.
        row("rollback", 20, false),
        row("deploy", 22, false),
    ];
    let found: Vec<(Timestamp, Option<Timestamp>)> = dora::outages(&rows).iter().map(|outage| (outage.from, outage.to)).collect();
    let wanted = [(at(1), Some(at(7))), (at(10), Some(at(11))), (at(20), None), (at(22), None)];
    assert_eq!(found, wanted);
}

#[test]
fn a_commit_that_states_a_version_is_told_from_work() {
    for subject in ["1.2.0", "v1.2.0", "core 1.2.0", "1.2.0 [skip ci]"] {
        assert!(packages::is_subject(&format!("chore(release): {subject}")), "{subject}");
    }
    assert!(packages::is_subject(&packages::subject(Some("core"), "2.0.0-rc.1")));
    for subject in [
        "chore(release): sign the archives",
        "chore: 1.2.0",
        "feat: chore(release): 1.2.0",
        "",
    ] {
        assert!(!packages::is_subject(subject), "{subject}");
    }
}

/// A branch of three commits over two days, squashed into one on main and deployed an hour later.
#[test]
fn the_lead_time_of_a_squashed_commit_begins_with_the_work_behind_it() {
    let home = Home::new();
    let dir = home.path("shop");
    std::fs::create_dir(&dir).unwrap();
    let at = |hours_ago: i64| {
        Timestamp::from_second(Timestamp::now().as_second() - hours_ago * 3600)
            .unwrap()
            .to_string()
    };
    let commit = |message: &str, hours_ago: i64| {
        let when = at(hours_ago);
        let output = std::process::Command::new("git")
            .args([
                "-c",
                "user.name=Ada",
                "-c",
                "user.email=a@b.c",
                "-c",
                "commit.gpgsign=false",
                "commit",
                "-q",
                "-m",
                message,
            ])
            .current_dir(&dir)
            .env("GIT_AUTHOR_DATE", &when)
            .env("GIT_COMMITTER_DATE", &when)
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    let write = |name: &str, text: &str| {
        std::fs::write(dir.join(name), text).unwrap();
        git(&dir, &["add", "."]);
    };
    git(&dir, &["init", "-q", "-b", "main"]);
    let environment = "[[environment]]\nname = \"production\"\ntarget = { kind = \"process\", run = [\"true\"] }\n";
    write("chantier.toml", environment);
    commit("first", 100);
    write("more", "words\n");
    commit("second", 98);
    // What a release writes is no work: it takes no time, and is not counted.
    write("VERSION", "1.0.0\n");
    commit("chore(release): 1.0.0", 90);
    // Of the first version all is new.
    git(&dir, &["tag", "v1.0.0"]);
    let first = git(&dir, &["rev-parse", "HEAD"]);
    git(&dir, &["checkout", "-q", "-b", "work"]);
    for (n, hours_ago) in [(1, 50), (2, 40), (3, 30)] {
        write(&format!("part{n}"), "words\n");
        commit(&format!("part {n}"), hours_ago);
    }
    git(&dir, &["checkout", "-q", "main"]);
    git(&dir, &["merge", "-q", "--squash", "work"]);
    commit("all of it", 2);
    write("VERSION", "1.1.0\n");
    commit("chore(release): 1.1.0", 1);
    let squashed = git(&dir, &["rev-parse", "HEAD"]);
    home.call(&["devops", "add", dir.to_str().unwrap(), "--trust"]).ok();
    let options = chantier::session::Options {
        home: Some(home.path("home")),
        ..chantier::session::Options::default()
    };
    let session = chantier::session::Session::open(options).unwrap();
    let workspace = chantier::base::Workspace::at(&dir.canonicalize().unwrap());
    session.runtime().block_on(async {
        for (oid, hours_ago) in [(&first, 90), (&squashed, 1)] {
            let healthy = Timestamp::from_second(Timestamp::now().as_second() - hours_ago * 3600).unwrap();
            let row = DeploymentRow {
                workspace: workspace.id.clone(),
                commit: Some(oid.trim().to_owned()),
                started_at: healthy,
                healthy_from: Some(healthy),
                ..deployment()
            };
            session.world.store().deployments().begin(row).await.unwrap();
        }
    });
    session.close();
    let dora = home.call_in(&dir, &["monitor", "dora", "--json"]).ok().json()["result"]["dora"].clone();
    assert_eq!(dora["n_deployments"], 2, "{dora}");
    assert_eq!(dora["n_changes"], 5, "the first two, and three for the squashed one: {dora}");
    // 10 and 8 h for the first two, 49, 39 and 29 h for the parts: the median is 29 h, not the single hour of the squash.
    let hours = dora["lead_time_secs"].as_f64().unwrap() / 3600.0;
    assert!((28.5..29.5).contains(&hours), "{hours}");
}

#[test]
fn the_status_page_is_one_file_that_loads_nothing() {
    let home = Home::new();
    let dir = home.path("site");
    std::fs::create_dir(&dir).unwrap();
    let web = super::servers::Web::start(200, "ok");
    let check = |name: &str, port: u16| {
        format!(
            "[[check]]\nname = \"{name}\"\nkind = \"http\"\nurl = \"http://127.0.0.1:{port}/\"\ntimeout = \"20s\"\nslo = 99.9\n\n"
        )
    };
    let file = [check("front <b>", web.port()), check("back", super::Server::on(0).port)];
    std::fs::write(dir.join("chantier.toml"), file.concat()).unwrap();
    home.call(&["devops", "add", dir.to_str().unwrap(), "--trust"]).ok();
    home.call_in(&dir, &["monitor", "check", "run", "--trust"]);
    home.call_in(&dir, &["monitor", "page", "--to", "status.html"]).ok();
    let html = std::fs::read_to_string(dir.join("status.html")).unwrap();
    assert!(html.contains("One check is down"), "{html}");
    assert!(html.contains("front &lt;b&gt;") && !html.contains("front <b>"));
    for word in ["<script", "http://", "https://", "@import", "<link", "<img"] {
        assert!(!html.contains(word), "{word}");
    }
    assert_eq!(html.matches("<article class=\"check\">").count(), 2);
    assert_eq!(html.matches("title=\"").count(), 180, "ninety days of each");
    let french = home
        .call_in(&dir, &["--lang", "fr", "monitor", "page", "--to", "etat.html"])
        .ok();
    assert!(french.out.contains("etat.html"));
    assert!(std::fs::read_to_string(dir.join("etat.html")).unwrap().contains("en panne"));
    let slo = home.call_in(&dir, &["monitor", "slo", "--json"]).ok().json()["result"]["objectives"].clone();
    let of = |name: &str| {
        let rows = slo["rows"].as_array().unwrap();
        rows.iter().find(|row| row["name"] == name).unwrap().clone()
    };
    assert_eq!(of("front <b>")["budget_left"], 1.0, "{slo}");
    assert_eq!(of("back")["share"], 0.0);
    assert!(of("back")["budget_left"].as_f64().unwrap() < 0.0);
    assert!(Path::new(&dir.join("status.html")).exists());
}
