//! Results and what hangs together: tests, deployments, locks, audit, the thread in both directions, small things.

use super::{NOON_MS, artifact, at, block_on, build, case, check, deployment, instance, new_job, release, test_run, workspace};
use chantier::adapters::store::Store;
use chantier::adapters::store::audit::AuditEntry;
use chantier::adapters::store::deployments::{DeploymentRow, LockAnswer};
use chantier::adapters::store::incidents::IncidentRow;
use chantier::adapters::store::instances::InstanceEnd;
use chantier::adapters::store::releases::ReleaseArtifactRow;
use chantier::adapters::store::tests::{CaseResult, OUTPUT_BYTES, STRIP, TestRunRow};
use chantier::adapters::store::thread::ThreadEnd;
use chantier::adapters::store::undo::UndoRow;
use chantier::base::{Clock, JobId, Problem, State, Workspace};
use chantier::msg;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::time::Duration;

#[test]
fn the_thread_is_followed_from_both_ends() {
    check(|store, _| async move {
        let ws = workspace();
        store.threads().link_item(&ws, "P-1", "c1").await?;
        store.threads().link_item(&ws, "P-2", "c2").await?;
        store.jobs().queued(new_job(1)).await?;
        store.jobs().context(JobId(1), Some("c1".to_owned()), None, None).await?;
        store.builds().record(build(1, "c1"), vec![artifact(1, "c1", "aa11")]).await?;
        let run = store.tests().start_run(test_run("c1")).await?;
        let made = store
            .releases()
            .record(
                release("1.2.0", "c1"),
                vec![ReleaseArtifactRow {
                    id: 0,
                    release: 0,
                    name: "shop.tar.gz".to_owned(),
                    path: PathBuf::from("dist/shop.tar.gz"),
                    sha256: "bb22".to_owned(),
                    bytes: 99,
                }],
            )
            .await?;
        let of_release = DeploymentRow {
            commit: None,
            release: Some(made.id),
            ..deployment("1.2.0", "staging")
        };
        let live = store.deployments().begin(of_release).await?;
        let other = store.deployments().begin(deployment("1.3.0", "staging")).await?;
        let ran = store.instances().started(instance("shop-1", Some(live.id))).await?;
        let incident = store
            .incidents()
            .open(IncidentRow {
                id: 0,
                workspace: ws.clone(),
                environment: Some("staging".to_owned()),
                title: "down".to_owned(),
                opened_at: at(NOON_MS),
                opened_by: "check:http".to_owned(),
                closed_at: None,
                cause: String::new(),
                deployment: Some(live.id),
                notes: String::new(),
            })
            .await?;
        let ends = [
            ThreadEnd::Item {
                workspace: ws.clone(),
                id: "P-1".to_owned(),
            },
            ThreadEnd::Commit {
                workspace: ws.clone(),
                oid: "c1".to_owned(),
            },
            ThreadEnd::Artifact {
                sha256: "aa11".to_owned(),
            },
            ThreadEnd::Artifact {
                sha256: "bb22".to_owned(),
            },
            ThreadEnd::Run { job: JobId(1) },
            ThreadEnd::Release { id: made.id },
            ThreadEnd::Version {
                workspace: ws.clone(),
                version: "1.2.0".to_owned(),
            },
            ThreadEnd::Deployment { id: live.id },
            ThreadEnd::Instance { id: ran.id },
            ThreadEnd::Incident { id: incident.id },
        ];
        for from in ends {
            let rows = store.threads().follow(from.clone()).await?;
            assert_eq!(rows.items, ["P-1"], "{from:?}");
            assert_eq!(rows.commits, ["c1"], "{from:?}");
            assert_eq!(rows.builds, [build(1, "c1")], "{from:?}");
            assert_eq!((rows.artifacts.len(), &rows.artifacts[0].sha256[..]), (1, "aa11"), "{from:?}");
            assert_eq!(rows.tests, std::slice::from_ref(&run), "{from:?}");
            assert_eq!(rows.releases, std::slice::from_ref(&made), "{from:?}");
            assert_eq!(rows.deployments, std::slice::from_ref(&live), "{from:?}");
            assert_eq!(rows.instances, std::slice::from_ref(&ran), "{from:?}");
            assert_eq!(rows.incidents, std::slice::from_ref(&incident), "{from:?}");
        }
        let nothing = store.threads().follow(ThreadEnd::Instance { id: 99 }).await?;
        assert_eq!(nothing, chantier::adapters::store::thread::ThreadRows::default());
        assert_eq!(
            store.threads().follow(ThreadEnd::Deployment { id: other.id }).await?.commits,
            ["c-1.3.0"]
        );
        assert_eq!(store.releases().by_sha256("bb22").await?, vec![made]);
        Ok(())
    });
}

#[test]
fn one_test_that_passes_alone_does_not_make_the_others_good() {
    check(|store, _| async move {
        let (ws, tests) = (workspace(), store.tests());
        let run = async |row: TestRunRow, results: Vec<CaseResult>, state: State| {
            let run = tests.start_run(row).await?;
            tests.add_results(run.id, results).await?;
            tests.end_run(run.id, state, 1).await
        };
        let standing = async |dirty: Option<&str>| {
            let known = tests.standing(&ws, "c1", dirty).await?;
            Ok::<_, Problem>(known.map(|known| (known.state, known.n_passed, known.n_failed)))
        };
        assert_eq!(standing(None).await?, None);
        let all = |second: State| vec![case("a", State::Done), case("b", second), case("c", State::Done)];
        run(test_run("c1"), all(State::Failed), State::Failed).await?;
        assert_eq!(standing(None).await?, Some((State::Failed, 2, 1)));
        run(test_run("c1"), vec![case("a", State::Done)], State::Done).await?;
        assert_eq!(standing(None).await?, Some((State::Failed, 2, 1)));
        // Another tool of the same project.
        let python = TestRunRow {
            framework: "pytest".to_owned(),
            ..test_run("c1")
        };
        run(python.clone(), vec![case("python", State::Done)], State::Done).await?;
        assert_eq!(standing(None).await?, Some((State::Failed, 3, 1)));
        run(test_run("c1"), vec![case("b", State::Done)], State::Done).await?;
        assert_eq!(standing(None).await?, Some((State::Done, 4, 0)));
        // It did not get to its tests.
        run(python, Vec::new(), State::Failed).await?;
        assert_eq!(standing(None).await?, Some((State::Failed, 4, 0)));
        // Changes on top, and other commits, are other sources.
        let dirty = TestRunRow {
            dirty: Some("d1".to_owned()),
            ..test_run("c1")
        };
        run(dirty, vec![case("b", State::Failed)], State::Failed).await?;
        run(test_run("c2"), vec![case("b", State::Failed)], State::Failed).await?;
        assert_eq!(standing(Some("d1")).await?, Some((State::Failed, 0, 1)));
        assert_eq!(standing(None).await?, Some((State::Failed, 4, 0)));
        Ok(())
    });
}

#[test]
fn the_strip_of_a_test_holds_its_last_results() {
    check(|store, _| async move {
        let ws = workspace();
        let mut runs = Vec::new();
        for n in 0..STRIP + 5 {
            let run = store.tests().start_run(test_run(&format!("c{n}"))).await?;
            let state = if n % 3 == 0 { State::Failed } else { State::Done };
            store
                .tests()
                .add_results(run.id, vec![case("adds", state), case("skips", State::Skipped)])
                .await?;
            let ended = store.tests().end_run(run.id, state, 42).await?;
            assert_eq!(
                (ended.n_passed + ended.n_failed, ended.n_skipped, ended.duration_ms),
                (1, 1, 42)
            );
            runs.push((run.id, state));
        }
        let history = store.tests().history(&ws).await?;
        assert_eq!(history.cases.len(), 2);
        let adds = &history.cases[0];
        assert_eq!(
            (adds.name.as_str(), adds.n_runs, adds.n_failed),
            ("adds", STRIP as u64 + 5, 12)
        );
        let strip: Vec<(i64, State)> = adds.strip.iter().map(|point| (point.run, point.state)).collect();
        assert_eq!(strip, runs[5..]);
        assert!(adds.strip.iter().all(|point| history.runs.contains_key(&point.run)));

        // Tried again in the same run: counted once, the later result stands.
        let run = store.tests().start_run(test_run("again")).await?;
        store.tests().add_results(run.id, vec![case("adds", State::Failed)]).await?;
        let long = "é".repeat(OUTPUT_BYTES);
        let flaky = CaseResult {
            flaky: true,
            output: long.clone(),
            ..case("adds", State::Done)
        };
        store.tests().add_results(run.id, vec![flaky]).await?;
        let row = store.tests().run(run.id).await?.expect("there");
        assert_eq!((row.n_passed, row.n_failed, row.n_flaky), (1, 0, 1));
        let result = store.tests().result(&ws, "shop::cart", "adds", None).await?.expect("there");
        assert!(result.flaky && result.output.len() < OUTPUT_BYTES + 40 && result.output.contains("… (+"));
        assert_eq!(result.output_bytes, long.len() as u64);
        assert_eq!(store.tests().results(run.id).await?.len(), 1);
        let over_time = store.tests().case_results(&ws, "shop::cart", "adds", 3).await?;
        assert_eq!(
            over_time.iter().map(|(run, _)| run.id).collect::<Vec<_>>(),
            [run.id, run.id - 1, run.id - 2]
        );
        assert_eq!(
            store.tests().last_states(&ws).await?[&("shop::cart".to_owned(), "skips".to_owned())],
            State::Skipped
        );

        assert!(store.tests().free_outputs(0).await? > 0);
        let freed = store
            .tests()
            .result(&ws, "shop::cart", "adds", None)
            .await?
            .expect("the result itself stays");
        assert_eq!((freed.output.as_str(), freed.state), ("", State::Done));
        Ok(())
    });
}

#[test]
fn a_healthy_deployment_takes_the_place_of_the_one_before() {
    check(|store, now| async move {
        let deployments = store.deployments();
        let first = deployments.begin(deployment("1.0.0", "production")).await?;
        let n = deployments
            .intent(first.id, "start", serde_json::json!({ "port": 1 }))
            .await?;
        let open = deployments.steps(first.id).await?;
        assert_eq!((open[0].state, open[0].ended_at, n), (State::InProgress, None, 1));
        deployments
            .result(first.id, n, State::Done, serde_json::json!({ "pid": 5 }))
            .await?;
        deployments.end(first.id, State::Done, None).await?;
        now.fetch_add(60_000, Ordering::Relaxed);
        let second = deployments
            .begin(DeploymentRow {
                previous: Some(first.id),
                ..deployment("1.1.0", "production")
            })
            .await?;
        deployments
            .end(
                second.id,
                State::Failed,
                Some(Problem::environment(msg!("verbatim", text = "unhealthy"))),
            )
            .await?;
        assert_eq!(
            deployments.live(&workspace(), "production").await?.map(|row| row.id),
            Some(first.id)
        );
        let third = deployments.begin(deployment("1.1.1", "production")).await?;
        let third = deployments.end(third.id, State::Done, None).await?;
        assert_eq!(deployments.live(&workspace(), "production").await?, Some(third));
        let before = deployments.get(first.id).await?.expect("there");
        assert_eq!(before.healthy_until, Some(at(NOON_MS + 60_000)));
        assert_eq!(before.inputs, deployment("", "").inputs);
        assert_eq!(deployments.list(&workspace(), Some("production"), 2).await?.len(), 2);
        assert_eq!(deployments.list(&workspace(), Some("staging"), 9).await?, vec![]);
        Ok(())
    });
}

#[test]
fn an_environment_is_locked_for_one_at_a_time() {
    check(|store, now| async move {
        let (ws, hour) = (workspace(), Duration::from_hours(1));
        let deployments = store.deployments();
        assert_eq!(
            deployments.lock(&ws, "production", "ada", Some(4), hour).await?,
            LockAnswer::Taken
        );
        assert_eq!(
            deployments.lock(&ws, "production", "ada", None, hour).await?,
            LockAnswer::Taken,
            "renewed"
        );
        now.fetch_add(7_200_000, Ordering::Relaxed);
        let row = deployments.lock_of(&ws, "production").await?.expect("held");
        assert_eq!((row.deployment, row.holder.is_alive()), (Some(4), true));
        deployments.unlock(&ws, "production").await?;
        assert_eq!(
            deployments.unlock(&ws, "production").await.expect_err("not held").code,
            "lock-lost"
        );
        assert_eq!(deployments.locks().await?, vec![]);
        assert!(store.leases().take("sampling", hour).await?);
        store.leases().release("sampling").await?;
        assert_eq!(store.leases().list().await?, vec![]);

        // What one job holds, another one of this process does not get.
        let held = store.leases().hold("backup", hour).await?.expect("free");
        assert!(store.leases().hold("backup", hour).await?.is_none());
        assert!(held.renew(hour).await?);
        held.release().await?;
        let held = store.leases().hold("backup", hour).await?.expect("given back");
        // A job that is dropped gives it back as well.
        drop(held);
        let mut n_looked = 0;
        while store.leases().hold("backup", hour).await?.is_none() {
            n_looked += 1;
            assert!(n_looked < 1000, "it is never given back");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        Ok(())
    });
}

#[test]
fn the_audit_log_tells_when_it_was_changed() {
    let folder = tempfile::tempdir().expect("folder");
    let entry = |n: i32| AuditEntry {
        who: "ada".to_owned(),
        act: "deploy.begin".to_owned(),
        workspace: Some(workspace()),
        environment: Some("production".to_owned()),
        deployment: None,
        data: serde_json::json!({ "n": n, "z": 1, "a": [1.5, "x"] }),
    };
    let open = || Store::open(folder.path(), Clock::system()).expect("opens");
    let store = open();
    block_on(async {
        for n in 0..5 {
            store.audit().append(entry(n)).await.expect("appended");
        }
        let verdict = store.audit().verify().await.expect("verified");
        assert_eq!((verdict.n_entries, verdict.broken_at), (5, None));
        let last = store.audit().list(&workspace(), Some("production"), 1).await.expect("listed");
        assert_eq!((last[0].n, &last[0].hash), (5, &verdict.head));
    });
    drop(store);
    let conn = rusqlite::Connection::open(folder.path().join("ledger.sqlite")).expect("opens");
    assert!(
        conn.execute("UPDATE audit SET who = 'eve' WHERE n = 3", ()).is_err(),
        "append-only"
    );
    assert!(conn.execute("DELETE FROM audit WHERE n = 3", ()).is_err(), "append-only");
    // Somebody who knows the checksum too: the chain still tells.
    conn.execute_batch("DROP TRIGGER audit_is_append_only_2; DELETE FROM audit WHERE n = 3")
        .expect("deleted");
    conn.close().expect("closed");
    let store = open();
    let verdict = block_on(store.audit().verify()).expect("verified");
    assert_eq!((verdict.n_entries, verdict.broken_at), (2, Some(3)));
    block_on(store.audit().append(entry(9))).expect("the log goes on");
    assert_eq!(block_on(store.audit().verify()).expect("verified").broken_at, Some(3));
}

#[test]
fn an_audit_log_whose_end_was_cut_off_is_not_whole() {
    let folder = tempfile::tempdir().expect("a folder");
    let entry = || AuditEntry {
        who: "sim".to_owned(),
        act: "deploy.begin".to_owned(),
        workspace: Some(workspace()),
        environment: Some("production".to_owned()),
        deployment: None,
        data: serde_json::Value::Null,
    };
    let open = || Store::open(folder.path(), Clock::system()).expect("opens");
    for (kept, broken_at) in [(2, 3), (0, 1)] {
        let store = open();
        for _ in 0..5 {
            block_on(store.audit().append(entry())).expect("appended");
        }
        drop(store);
        let conn = rusqlite::Connection::open(folder.path().join("ledger.sqlite")).expect("opens");
        let sql = format!("DROP TRIGGER IF EXISTS audit_is_append_only_2; DELETE FROM audit WHERE n > {kept}");
        conn.execute_batch(&sql).expect("deleted");
        conn.close().expect("closed");
        let verdict = block_on(open().audit().verify()).expect("verified");
        assert_eq!((verdict.n_entries, verdict.broken_at), (kept, Some(broken_at)));
    }
}

#[test]
fn small_things_are_kept() {
    check(|store, now| async move {
        let workspaces = store.workspaces();
        let shop = Workspace::at(Path::new("/home/x/shop"));
        let mut row = workspaces.add(&shop).await?;
        row.pinned = true;
        "work".clone_into(&mut row.group);
        workspaces.save(row.clone()).await?;
        workspaces.add(&Workspace::at(Path::new("/home/x/a"))).await?;
        assert_eq!(
            workspaces
                .add(&Workspace {
                    name: "Shop".to_owned(),
                    ..shop.clone()
                })
                .await?
                .group,
            "work",
            "added twice"
        );
        workspaces.opened(&shop.id).await?;
        let names: Vec<String> = workspaces.list().await?.into_iter().map(|row| row.name).collect();
        assert_eq!(names, ["Shop", "a"]);
        assert_eq!(
            workspaces.get(&shop.id).await?.and_then(|row| row.opened_at),
            Some(at(NOON_MS))
        );
        assert!(workspaces.remove(&shop.id).await? && !workspaces.remove(&shop.id).await?);

        store.kv().set("window", &serde_json::json!({ "w": 1200 })).await?;
        store.kv().set("window", &(1, 2)).await?;
        assert_eq!(store.kv().get::<(i32, i32)>("window").await?, Some((1, 2)));
        assert_eq!(store.kv().get::<String>("window").await?, None, "another shape");
        store.kv().remove("window").await?;
        assert_eq!(store.kv().get::<(i32, i32)>("window").await?, None);

        let entry = UndoRow {
            id: 0,
            workspace: workspace(),
            area: "code".to_owned(),
            what: "discard".to_owned(),
            title: msg!("verbatim", text = "src/main.rs"),
            data: serde_json::json!({ "blob": "abc" }),
            at: at(NOON_MS),
            undone_at: None,
        };
        let kept = store.undo().add(entry.clone()).await?;
        let dropped = store.undo().add(entry).await?;
        store.undo().forget(dropped.id).await?;
        now.fetch_add(1000, Ordering::Relaxed);
        assert_eq!(store.undo().undone(kept.id).await?.undone_at, Some(at(NOON_MS + 1000)));
        assert_eq!(store.undo().list(&workspace(), 9).await?.len(), 1);
        let next = store.undo().add(UndoRow { id: 0, ..kept.clone() }).await?;
        assert!(next.id > dropped.id, "the number of a removed row is not used again");

        let ran = store.instances().started(instance("shop-1", None)).await?;
        assert_eq!(store.instances().running(Some(&workspace())).await?.len(), 1);
        let end = InstanceEnd {
            exit_code: None,
            signal: Some(9),
            cause: "crashed".to_owned(),
        };
        store.instances().ended(ran.id, end).await?;
        let late = store
            .instances()
            .ended(
                ran.id,
                InstanceEnd {
                    cause: "stopped".to_owned(),
                    ..InstanceEnd::default()
                },
            )
            .await?;
        assert_eq!(
            (late.cause.as_str(), late.signal),
            ("crashed", Some(9)),
            "the first end stays"
        );
        assert_eq!(store.instances().running(None).await?, vec![]);
        assert_eq!(store.instances().history(&workspace(), Some("staging"), 5).await?.len(), 1);
        Ok(())
    });
}
