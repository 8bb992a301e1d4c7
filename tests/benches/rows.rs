//! The lists of the pages with very many rows, as the event stream writes them.

use super::N_ROWS;
use super::window::{now, workspace};
use chantier::areas::{Event, Update, plan};
use chantier::base::{JobId, LogLine, Msg, Unit};
use chantier::engine::JobEvent;
use serde_json::{Value, json};

/// Of the history a million rows are scrolled, and so many are read.
const N_COMMITS: usize = 1_000_000;
const N_SEEN: usize = 5_000;
/// Lines of a job that the window keeps.
const LINES_KEPT: usize = 5000;
/// Stands in every row, so that it can be seen that rows are drawn.
pub(crate) const MARK: &str = "zebra";

/// One list of one page.
pub(crate) struct List {
    pub(crate) name: &'static str,
    pub(crate) area: &'static str,
    pub(crate) tab: Option<&'static str>,
    pub(crate) n: usize,
    /// Where the mouse wheel turns.
    pub(crate) at: (f32, f32),
    pub(crate) learn: fn() -> Vec<Event>,
}

pub(crate) fn lists() -> Vec<List> {
    let list = |name, area, tab, learn| List {
        name,
        area,
        tab: Some(tab),
        n: N_ROWS,
        at: (560.0, 480.0),
        learn,
    };
    let mut all = vec![
        list("devops runs", "devops", "runs", devops_runs),
        list("plan table", "plan", "table", plan_items),
        list("plan board", "plan", "board", plan_items),
        list("code changes", "code", "changes", code_changes),
        List {
            n: N_COMMITS,
            ..list("code history", "code", "history", code_history)
        },
        list("build runs", "build", "runs", build_runs),
        list("test results", "test", "results", test_cases),
        list("test runs", "test", "runs", test_runs),
        list("release deliverables", "release", "deliverables", deliverables),
        list("deploy history", "deploy", "history", deployments),
        List {
            tab: None,
            ..list("operate instances", "operate", "", instances)
        },
        list("monitor checks", "monitor", "checks", checks),
        list("monitor history", "monitor", "history", executions),
        List {
            n: LINES_KEPT,
            at: (800.0, 700.0),
            tab: None,
            ..list("activity panel", "devops", "", activity)
        },
    ];
    for list in &mut all {
        if list.name == "code changes" {
            list.at = (340.0, 480.0);
        }
    }
    all
}

/// An update as a recording has it.
fn update(area: &str, update: Value) -> Event {
    let value = json!({ "area": area, "update": update });
    let update: Update = serde_json::from_value(value).unwrap_or_else(|error| panic!("{area}: not an update any more: {error}"));
    Event::Update(update)
}

fn id() -> String {
    workspace("meteo-api").id.0
}

fn rows(row: impl Fn(usize) -> Value) -> Vec<Value> {
    (0..N_ROWS).map(row).collect()
}

/// A minute further back with each row.
fn at(i: usize) -> String {
    (now() - jiff::SignedDuration::from_mins(i as i64)).to_string()
}

fn oid(i: usize) -> String {
    format!("{:040x}", (i as u128 + 1) * 0x9e37_79b9_7f4a_7c15)
}

fn state(i: usize) -> &'static str {
    ["done", "done", "done", "failed", "cancelled"][i % 5]
}

fn devops_runs() -> Vec<Event> {
    let title = |i: usize| serde_json::to_value(Msg::verbatim(&format!("{MARK} {i:06}"))).expect("a message is plain data");
    let rows = rows(|i| {
        json!({
            "id": N_ROWS - i, "parent": null, "workspace": id(), "area": "build", "title": title(i),
            "argv": ["cargo", "build", "--release"], "cwd": "/home/ana/projects/meteo-api", "commit": oid(i), "dirty": null,
            "environment": null, "state": state(i), "queued_at": at(i), "started_at": at(i), "ended_at": at(i),
            "exit_code": 0, "signal": null, "problem": null, "log_bytes": 2048,
        })
    });
    let filter = json!({ "workspace": id(), "area": null, "text": "", "only_failed": false, "before": null });
    vec![update(
        "dev_ops",
        json!({ "learnt": "runs_listed", "filter": filter, "rows": rows, "n_total": N_ROWS }),
    )]
}

fn plan_items() -> Vec<Event> {
    let items = (0..N_ROWS)
        .map(|i| plan::Item {
            id: format!("MT-{i:06}"),
            title: format!("{MARK} {i:06} keeps the last forecast when the source is silent"),
            state: ["ready", "in-progress", "review", "done"][i % 4].to_owned(),
            labels: vec!["core".to_owned()],
            estimate: Some("2d".to_owned()),
            assignee: Some("ana".to_owned()),
            file: format!(".chantier/plan/{i:06}.md").into(),
            ..plan::Item::default()
        })
        .collect();
    let workspace = workspace("meteo-api").id;
    let loaded = plan::Update::Loaded {
        workspace: workspace.clone(),
        workflow: plan::Workflow::default(),
        unreadable: Vec::new(),
        problems: Vec::new(),
    };
    let items = plan::Update::Items { workspace, items };
    vec![Event::Update(items.into()), Event::Update(loaded.into())]
}

fn summary() -> Value {
    json!({
        "head": { "branch": { "name": "main" } }, "oid": oid(0), "head_time": at(0), "upstream": "origin/main",
        "is_upstream_gone": false, "n_ahead": 0, "n_behind": 0, "n_staged": 0, "n_unstaged": N_ROWS, "n_untracked": 0,
        "n_conflicted": 0, "operation": null, "is_bare": false, "is_shallow": false, "is_linked_worktree": false,
    })
}

fn head_of(value: &mut Value) {
    let head = chantier::base::repo::Head::Branch { name: "main".to_owned() };
    value["head"] = serde_json::to_value(head).expect("a head is plain data");
}

fn code_changes() -> Vec<Event> {
    let entries =
        rows(|i| json!({ "path": format!("src/part{:03}/{MARK}_{i:06}.rs", i / 1000), "staged": null, "unstaged": "modified" }));
    let mut summary = summary();
    head_of(&mut summary);
    let status = json!({ "summary": summary, "entries": entries, "n_unlisted": 0 });
    vec![update(
        "code",
        json!({ "learnt": "status_read", "workspace": id(), "number": 1, "status": status }),
    )]
}

fn code_history() -> Vec<Event> {
    let line = |from: u16, to: u16| json!({ "from": from, "to": to, "color": from });
    let row = |i: usize| {
        json!({
            "oid": oid(i), "parents": [oid(i + 1)], "summary": format!("{MARK} {i:06}: keep the last forecast"), "author": "Ana",
            "authored": at(i), "committed": at(i),
            "graph": {
                "lane": i % 3, "color": i % 3, "is_merge": false,
                "upper": [line(0, 0), line(1, 1), line(2, 2)], "lower": [line(0, 0), line(1, 1), line(2, 2)],
            },
        })
    };
    let rows: Vec<Value> = (0..N_SEEN).map(row).collect();
    let outline = json!({
        "stamp": "bench", "n_rows": N_COMMITS, "is_whole": true, "n_lanes": 3, "graph": "used", "n_loose": 0,
    });
    let query = json!({ "is_all": true });
    let mut events = code_changes_none();
    events.push(update(
        "code",
        json!({ "learnt": "history_started", "workspace": id(), "query": query }),
    ));
    events.push(update(
        "code",
        json!({
            "learnt": "history_outlined", "workspace": id(), "query": query, "outline": outline, "first": 0, "rows": rows,
        }),
    ));
    events
}

fn code_changes_none() -> Vec<Event> {
    let mut summary = summary();
    head_of(&mut summary);
    let status = json!({ "summary": summary, "entries": [], "n_unlisted": 0 });
    vec![update(
        "code",
        json!({ "learnt": "status_read", "workspace": id(), "number": 1, "status": status }),
    )]
}

fn build_runs() -> Vec<Event> {
    let runs = rows(|i| {
        json!({
            "job": N_ROWS - i, "task": format!("task:{MARK} {i:06}"), "source": "project", "state": state(i), "started_at": at(i),
            "duration_ms": 41_000, "n_errors": i % 3, "n_warnings": i % 7, "commit": oid(i), "is_dirty": false, "bytes": 2_400_000,
        })
    });
    vec![
        update(
            "build",
            json!({ "learnt": "tasks_found", "workspace": id(), "tasks": [], "problems": [] }),
        ),
        update(
            "build",
            json!({ "learnt": "artifacts_loaded", "workspace": id(), "artifacts": [] }),
        ),
        update("build", json!({ "learnt": "runs_loaded", "workspace": id(), "runs": runs })),
    ]
}

fn test_run(i: usize) -> Value {
    json!({
        "id": N_ROWS - i, "job": N_ROWS - i, "runner": "nextest", "title": format!("{MARK} {i:06}"), "commit": oid(i), "is_dirty": false,
        "started_at": at(i), "ended_at": at(i), "state": state(i), "n_passed": 640, "n_failed": i % 3, "n_skipped": 2, "n_flaky": 0,
        "duration_ms": 12_000,
    })
}

fn test_cases() -> Vec<Event> {
    let cases = rows(|i| {
        json!({
            "case": { "framework": "cargo", "suite": format!("meteo-core{}", i / 50_000), "name": format!("forecast::{MARK}_{i:06}") },
            "strip": if i % 50 == 0 { "ppppf" } else { "ppppp" }, "run": 1, "duration_ms": i % 900,
        })
    });
    let loaded = json!({ "learnt": "cases_loaded", "workspace": id(), "cases": cases, "is_first": true, "is_last": true });
    let runs: Vec<Value> = (0..3).map(test_run).collect();
    vec![
        update("test", json!({ "learnt": "sites_found", "workspace": id(), "sites": [] })),
        update("test", loaded),
        update("test", json!({ "learnt": "runs_loaded", "workspace": id(), "runs": runs })),
    ]
}

fn test_runs() -> Vec<Event> {
    let mut events = test_cases();
    events.push(update(
        "test",
        json!({ "learnt": "runs_loaded", "workspace": id(), "runs": rows(test_run) }),
    ));
    events
}

fn deliverables() -> Vec<Event> {
    let all = rows(|i| {
        json!({
            "id": i + 1, "version": format!("{}.{}.0-{MARK}", i / 100, i % 100), "commit": oid(i), "tag": format!("v{i}"), "previous": null,
            "at": at(i), "notes": "### Added\n\n- a thing\n", "withdrawn": null, "artifacts": [], "places": [],
        })
    });
    vec![update(
        "release",
        json!({ "learnt": "listed", "workspace": id(), "deliverables": all }),
    )]
}

fn deployments() -> Vec<Event> {
    let history = rows(|i| {
        json!({
            "id": N_ROWS - i, "environment": if i % 2 == 0 { "staging" } else { "production" }, "version": format!("{i:06}-{MARK}"),
            "commit": oid(i), "kind": "deploy", "state": state(i), "who": "ana", "job": i, "started_at": at(i), "ended_at": at(i),
            "healthy_from": at(i), "healthy_until": null, "problem": null,
        })
    });
    let overview = json!({ "environments": [], "history": history, "audit": [], "releases": [], "built": null });
    vec![update(
        "deploy",
        json!({ "learnt": "refreshed", "workspace": id(), "overview": overview }),
    )]
}

fn instances() -> Vec<Event> {
    let all = rows(|i| {
        json!({
            "id": i.to_string(), "name": format!("{MARK}-{i:06}"), "kind": "deployed", "workspace": id(), "environment": "staging",
            "version": "2.5.0", "machine": "local", "state": "running", "note": "", "pid": i + 2, "pid_start": 1, "container": null,
            "ports": [8000 + i % 1000], "cpu_percent": (i % 90) as f64, "memory_bytes": 40_000_000, "n_processes": 1, "n_restarts": 0,
            "started_at": at(i), "ended_at": null, "log_path": null, "deployment": 1,
        })
    });
    vec![update(
        "operate",
        json!({ "learnt": "seen", "at": at(0), "instances": all, "problems": [] }),
    )]
}

fn checks() -> Vec<Event> {
    let all = rows(|i| {
        json!({
            "name": format!("{MARK} {i:06}"), "environment": "staging", "what": "GET http://127.0.0.1:8080/health", "interval_secs": 10.0,
            "state": if i % 9 == 0 { "failed" } else { "running" }, "since": at(i), "at": at(0), "latency_ms": 1.25, "message": "200 OK",
            "uptime": 0.999, "recent": [1.0, 1.2, null, 1.1, 1.4, 1.0, 1.2, 1.1],
        })
    });
    vec![update(
        "monitor",
        json!({ "learnt": "checks_loaded", "workspace": id(), "checks": all }),
    )]
}

fn executions() -> Vec<Event> {
    let all = rows(|i| {
        json!({
            "id": N_ROWS - i, "name": format!("{MARK}-{i:06}"), "environment": "staging", "version": "2.5.0", "deployment": 1, "pid": 7,
            "started_at": at(i), "ended_at": at(i), "exit_code": 0, "signal": null, "cause": "stopped", "state": state(i),
        })
    });
    vec![
        update(
            "monitor",
            json!({ "learnt": "checks_loaded", "workspace": id(), "checks": [] }),
        ),
        update(
            "monitor",
            json!({ "learnt": "executions_listed", "workspace": id(), "executions": all }),
        ),
    ]
}

/// A job with as many lines as the window keeps of one.
fn activity() -> Vec<Event> {
    let queued = JobEvent::Queued {
        title: Msg::verbatim("cargo build"),
        area: "build".to_owned(),
        workspace: Some(workspace("meteo-api").id),
        parent: None,
        quiet: false,
        at: now(),
        asked: None,
    };
    let lines = (0..N_ROWS)
        .map(|i| LogLine::note(now(), format!("{MARK} {i:06} compiled")))
        .collect();
    let progress = chantier::base::Progress::of(812, 1204, Unit::Tests);
    let events = [
        queued,
        JobEvent::Started { at: now() },
        JobEvent::Progress(progress),
        JobEvent::Log { lines, skipped: 0 },
    ];
    events.map(|event| Event::Job(JobId(1), event)).into()
}
