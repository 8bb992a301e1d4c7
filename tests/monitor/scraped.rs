//! What targets tell: counters and gauges, what is left out of much, and how it is asked for.

use super::checks::Bench;
use super::servers::Web;
use chantier::adapters::store::samples::Sample;
use chantier::areas::devops::project::{ProjectFile, parse};
use chantier::areas::monitor::alerts::{Looked, round};
use chantier::areas::monitor::{Metric, Query, alerts, history, scrape};
use chantier::base::Timestamp;
use tokio_util::sync::CancellationToken;

const TOLD: &str = "# TYPE conns_count gauge\nconns_count 7\n# TYPE accepted counter\naccepted 2180\n# TYPE h histogram\n\
                    h_bucket{le=\"1\"} 3\nh_bucket{le=\"+Inf\"} 4\nh_sum 5\nh_count 4\nplain_total 1\nplain 2\n";

fn file(bench: &Bench, text: &str) -> ProjectFile {
    let (file, problems) = parse(text, &bench.root.path().join("chantier.toml"));
    assert!(problems.is_empty(), "{problems:?}");
    file
}

fn target(web: &Web) -> String {
    format!(
        "[[scrape]]\nname = \"t\"\nurl = \"http://127.0.0.1:{}/metrics\"\n",
        web.port()
    )
}

#[test]
fn the_kind_of_a_metric_is_what_its_target_says_and_it_is_asked_for_alone() {
    let web = Web::start(200, TOLD);
    let bench = Bench::new("");
    let world = bench.world();
    let file = file(&bench, &target(&web));
    bench.session.runtime().block_on(async {
        let never = CancellationToken::new();
        let found = scrape::once(&world, &bench.workspace.id, &file.scrapes[0], &never).await;
        assert!(found.is_cut.is_none(), "{:?}", found.is_cut);
        let before = found.samples.iter().map(|sample| Sample {
            series: sample.series.clone(),
            at: Timestamp::from_second(sample.at.as_second() - 10).unwrap(),
            value: sample.value / 2.0,
        });
        let own = Sample {
            series: format!("workspace/{}/instance/prod/shop/cpu", bench.workspace.id),
            ..found.samples[0].clone()
        };
        let all: Vec<Sample> = before.chain(found.samples.clone()).chain([own]).collect();
        world.store().samples().insert(all).await.unwrap();
        let find = |scraped: &[&str]| {
            let query = Query {
                secs: 3600,
                scraped: scraped.iter().map(|name| (*name).to_owned()).collect(),
                ..Query::default()
            };
            history::find(&world, &bench.workspace, query)
        };
        let all = find(&[]).await.unwrap();
        assert!(all.charts.iter().any(|chart| chart.metric == Metric::Cpu), "{:?}", all.charts);
        for (name, is_rate) in [
            ("conns_count", false),
            ("accepted", true),
            ("h_count", true),
            ("plain_total", true),
            ("plain", false),
        ] {
            let chart = all.scraped.iter().find(|chart| chart.metric == name).unwrap();
            assert_eq!(chart.is_rate, is_rate, "{name}");
        }
        let one = find(&["accepted"]).await.unwrap();
        assert!(one.charts.is_empty(), "{:?}", one.charts);
        assert_eq!(one.scraped.len(), 1);
        for (name, code) in [("h_bucket", "not-possible"), ("h", "")] {
            let problem = find(&[name]).await.err().unwrap();
            let hint = format!("{:?}", problem.hint);
            assert!(hint.contains("h_count, h_sum") && !hint.contains("accepted"), "{hint}");
            if !code.is_empty() {
                assert_eq!(problem.code, code);
            }
        }
    });
}

#[test]
fn a_rate_goes_on_where_a_counter_begins_anew() {
    let bench = Bench::new("");
    let world = bench.world();
    let text = "[[scrape]]\nname = \"srv\"\nurl = \"http://127.0.0.1:1/metrics\"\n\
                [[alert]]\nname = \"busy\"\nmetric = \"my_total\"\nuse = \"rate\"\nwindow = \"1m\"\nabove = 5\n\
                [[alert]]\nname = \"odd\"\nmetric = \"my_totl\"\nabove = 5\n";
    let file = file(&bench, text);
    std::fs::write(bench.workspace.root.join("chantier.toml"), text).unwrap();
    let now = Timestamp::now();
    // Ten a second, and begun anew half a minute ago.
    let values = [(50, 100.0), (40, 200.0), (30, 300.0), (20, 50.0), (10, 150.0), (0, 250.0)];
    let samples = values.map(|(ago, value)| Sample {
        series: format!("workspace/{}/scrape/-/srv/my_total", bench.workspace.id),
        at: Timestamp::from_second(now.as_second() - ago).unwrap(),
        value,
    });
    bench.session.runtime().block_on(async {
        world.store().samples().insert(samples.to_vec()).await.unwrap();
        round(&world, &bench.workspace, &file, true, &Looked::default())
            .await
            .unwrap();
        let open = world.store().alerts().open(&bench.workspace.id).await.unwrap();
        assert_eq!(open.len(), 1, "{open:?}");
        assert_eq!(open[0].state, "firing");
        let rate = open[0].value.unwrap();
        assert!((rate - 9.0).abs() < 0.01, "{rate}");
        // A name that nobody tells is seen.
        let (found, _) = alerts::find(&world, &bench.workspace).await.unwrap();
        let unheard: Vec<&str> = found
            .rules
            .iter()
            .filter(|rule| rule.is_unheard)
            .map(|rule| &*rule.name)
            .collect();
        assert_eq!(unheard, ["odd"]);
    });
}

#[test]
fn what_a_target_tells_beyond_what_is_kept_is_said() {
    let web = Web::start(200, TOLD);
    let bench = Bench::new("");
    let world = bench.world();
    let text = target(&web);
    assert_eq!(file(&bench, &text).scrapes[0].max_series, 2000);
    let file = file(&bench, &format!("{text}max_series = 3\n"));
    let never = CancellationToken::new();
    let asked = scrape::once(&world, &bench.workspace.id, &file.scrapes[0], &never);
    let found = bench.session.runtime().block_on(asked);
    assert_eq!(found.samples.len(), 4, "with its own up");
    let problem = found.is_cut.unwrap();
    assert_eq!(problem.code, "left-out");
    let said = format!("{:?}", problem.summary);
    assert!(said.contains('8') && said.contains('3'), "{said}");
}
