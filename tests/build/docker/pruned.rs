//! What pruning names before is what it removes, and what the `docker` command would remove.

use super::project;
use crate::support::cli::Home;
use crate::support::engine::{OwnEngine, docker, docker_at, import_busybox};
use chantier::adapters::docker::{Engine, Fault};
use chantier::base::docker::{Kind, PrunePlan, PruneWhat};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;

/// Used and unused things of every kind: chains of layers, tags on tags, a paused container.
fn lay_out(engine: &OwnEngine) {
    let host = engine.host();
    let at = |args: &[&str]| docker(Some(&host), args);
    import_busybox(Some(&host), &engine.path("tree"), "base:1");
    let folder = engine.path("ctx");
    std::fs::create_dir_all(&folder).unwrap();
    let build = |tag: &str, text: &str| {
        std::fs::write(folder.join("Dockerfile"), text).unwrap();
        docker(
            Some(&host),
            &["build", "-q", "--network", "none", "-t", tag, folder.to_str().unwrap()],
        )
    };
    build(
        "app:1",
        "FROM base:1\nRUN echo one > /one\nRUN echo two > /two\nRUN echo three > /three\n",
    );
    // The tag moves on: the old top and the layers that only it needed have no name any more.
    build("app:1", "FROM base:1\nRUN echo one > /one\nRUN echo zwei > /two\nENV A=1\n");
    build("child:1", "FROM app:1\nRUN echo child > /child\n");
    build("lonely:1", "FROM base:1\nRUN echo lonely > /lonely\n");
    build("held:1", "FROM base:1\nRUN echo held > /held\n");
    build("held:1", "FROM base:1\nRUN echo other > /held\n");
    at(&["volume", "create", "kept"]);
    at(&["volume", "create", "stopped"]);
    at(&["volume", "create", "free"]);
    at(&["network", "create", "alone"]);
    at(&[
        "run",
        "-d",
        "--network",
        "none",
        "--name",
        "runs",
        "-v",
        "kept:/k",
        "base:1",
        "sleep",
        "600",
    ]);
    at(&["run", "-d", "--network", "none", "--name", "halted", "held:1", "sleep", "600"]);
    at(&["pause", "halted"]);
    at(&[
        "run",
        "--network",
        "none",
        "--name",
        "ended",
        "-v",
        "stopped:/s",
        "-v",
        "/anonymous",
        "child:1",
        "touch",
        "/x",
    ]);
    at(&["create", "--network", "none", "--name", "created", "lonely:1", "true"]);
}

/// Everything there is, by kind and id.
fn things(host: &str) -> BTreeSet<(String, String)> {
    let ids = |kind: &str, args: &[&str]| -> Vec<(String, String)> {
        let listed = docker(Some(host), args);
        listed.lines().map(|id| (kind.to_owned(), id.to_owned())).collect()
    };
    let mut all = BTreeSet::new();
    all.extend(ids("container", &["ps", "-aq", "--no-trunc"]));
    all.extend(ids("image", &["images", "-aq", "--no-trunc"]));
    all.extend(ids("volume", &["volume", "ls", "-q"]));
    all.extend(ids("network", &["network", "ls", "-q", "--no-trunc"]));
    all
}

fn items(value: &Value) -> BTreeSet<(String, String)> {
    let all = value.as_array().unwrap().iter();
    let pair = |item: &Value| {
        (
            item["kind"].as_str().unwrap().to_owned(),
            item["id"].as_str().unwrap().to_owned(),
        )
    };
    all.map(pair).collect()
}

fn prune(home: &Home, dir: &Path, host: &str, args: &[&str]) -> Value {
    let mut all = vec!["build", "prune", "--json"];
    all.extend(args);
    let output = home.program(dir, &all).env("DOCKER_HOST", host).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}");
    serde_json::from_str::<Value>(&text).unwrap()["result"].clone()
}

#[test]
fn a_preview_is_what_pruning_removes_and_what_docker_would() {
    let home = Home::new();
    let dir = project(&home, &[("a", "a")]);
    let cases: [(&[&str], &[&[&str]]); 3] = [
        (&[], &[&["system", "prune", "-f"]]),
        (&["--all"], &[&["system", "prune", "-a", "-f"]]),
        (
            &["--all", "--volumes"],
            &[&["system", "prune", "-a", "-f"], &["volume", "prune", "-f"]],
        ),
    ];
    for (args, theirs) in cases {
        // The peer's answer, on a twin.
        let Some(twin) = OwnEngine::start() else { return };
        lay_out(&twin);
        let before = things(&twin.host());
        let named = items(&prune(&home, &dir, &twin.host(), args)["plan"]["items"]);
        assert_eq!(things(&twin.host()), before, "a preview removes nothing");
        for args in theirs {
            docker(Some(&twin.host()), args);
        }
        if args.contains(&"--volumes") {
            // From 1.42 on an engine spares named volumes unless it is told not to; before there was nothing to tell.
            docker_at(Some(&twin.host()), &["volume", "prune", "-a", "-f"]);
        }
        let gone: BTreeSet<_> = before.difference(&things(&twin.host())).cloned().collect();
        assert_eq!(named, gone, "{args:?}: what the docker command removes");
        drop(twin);

        let Some(engine) = OwnEngine::start() else { return };
        lay_out(&engine);
        let before = things(&engine.host());
        let plan = prune(&home, &dir, &engine.host(), args)["plan"].clone();
        let named = items(&plan["items"]);
        let mut again = args.to_vec();
        again.push("--yes");
        let pruned = prune(&home, &dir, &engine.host(), &again);
        let gone: BTreeSet<_> = before.difference(&things(&engine.host())).cloned().collect();
        assert_eq!(named, gone, "{args:?}: what is removed");
        assert_eq!(items(&pruned["removed"]), named);
        assert_eq!(pruned["kept"], serde_json::json!([]));
        assert_eq!(pruned["bytes"], plan["bytes"]);
        assert!(named.len() >= 5, "{named:?}");
    }
}

/// The preview with the volumes, and what carries it out.
fn planned(host: &str) -> (tokio::runtime::Runtime, Engine, PrunePlan) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let engine = Engine::at(host);
    let what = PruneWhat {
        all_images: false,
        volumes: true,
    };
    let plan = runtime
        .block_on(engine.prune_plan(what))
        .unwrap_or_else(|fault| panic!("{fault:?}"));
    (runtime, engine, plan)
}

/// Between the preview and the removal somebody names a nameless image, starts an ended container and uses a volume: these stay, the rest
/// of the list goes, and nothing that is not on it.
#[test]
fn what_came_into_use_after_the_preview_stays() {
    let Some(own) = OwnEngine::start() else { return };
    lay_out(&own);
    let host = own.host();
    let before = things(&host);
    let (runtime, engine, plan) = planned(&host);
    let nameless = plan
        .items
        .iter()
        .find(|item| item.kind == Kind::Image && !item.follows && item.tags.is_empty());
    let nameless = nameless.expect("the old top of app:1").id.clone();
    docker(Some(&host), &["tag", &nameless, "saved:1"]);
    docker(
        Some(&host),
        &[
            "run",
            "-d",
            "--network",
            "none",
            "--name",
            "later",
            "-v",
            "free:/f",
            "base:1",
            "sleep",
            "600",
        ],
    );
    let (mut removed, mut kept) = (BTreeSet::new(), BTreeSet::new());
    for item in &plan.items {
        let kind = serde_json::to_value(item.kind).unwrap();
        let pair = (kind.as_str().unwrap().to_owned(), item.id.clone());
        match runtime.block_on(engine.prune_one(item)) {
            Ok(()) => removed.insert(pair),
            Err(Fault::Gone | Fault::Refused { .. }) => kept.insert(pair),
            Err(fault) => panic!("{item:?}: {fault:?}"),
        };
    }
    let after = things(&host);
    let gone: BTreeSet<_> = before.difference(&after).cloned().collect();
    assert_eq!(gone, removed, "what is told as removed is what is gone");
    assert!(kept.contains(&("image".to_owned(), nameless)), "{kept:?}");
    assert!(kept.contains(&("volume".to_owned(), "free".to_owned())), "{kept:?}");
    assert!(removed.contains(&("volume".to_owned(), "stopped".to_owned())), "{removed:?}");
    assert_eq!(removed.len() + kept.len(), plan.items.len());
    assert_eq!(docker(Some(&host), &["images", "-q", "saved:1"]).lines().count(), 1);
}

/// A volume has no id: one that somebody made anew under the same name, with what nobody saw, is not what was meant.
#[test]
fn a_volume_that_was_made_anew_after_the_preview_stays() {
    let Some(own) = OwnEngine::start() else { return };
    let host = own.host();
    let made = |name: &str| docker(Some(&host), &["volume", "inspect", "-f", "{{.CreatedAt}}", name]);
    for name in ["anew", "same"] {
        docker(Some(&host), &["volume", "create", name]);
    }
    let (runtime, engine, plan) = planned(&host);
    assert_eq!(plan.items.len(), 2, "{:?}", plan.items);
    // The engine tells the time to the second.
    let before = made("anew");
    while made("anew") == before {
        docker(Some(&host), &["volume", "rm", "anew"]);
        docker(Some(&host), &["volume", "create", "anew"]);
    }
    for item in &plan.items {
        let removed = runtime.block_on(engine.prune_one(item));
        assert_eq!(removed.is_ok(), item.name == "same", "{item:?}: {removed:?}");
    }
    assert_eq!(docker(Some(&host), &["volume", "ls", "-q"]), "anew");
}
