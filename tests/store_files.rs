//! What stands beside the databases: logs per job, the settings file, and the doctor's view of it all.

use crate::store::{block_on, clock, deployment, new_job};
use chantier::adapters::doctor::{self, DoctorOptions};
use chantier::adapters::logs::Logs;
use chantier::adapters::settings_file::{SettingsFile, parse};
use chantier::adapters::store::Store;
use chantier::adapters::store::instances::{InstanceEnd, InstanceRow};
use chantier::adapters::upkeep;
use chantier::base::settings::{Retention, ThemeChoice};
use chantier::base::{JobId, Lang, Settings, State, WriteTo};
use std::path::Path;
use std::time::Duration;

fn logs(max_bytes: u64) -> (tempfile::TempDir, Logs) {
    let folder = tempfile::tempdir().expect("folder");
    let logs = Logs::new(folder.path().join("logs"), max_bytes);
    (folder, logs)
}

#[test]
fn a_log_keeps_the_exact_bytes_before_and_after_it_is_compressed() {
    let (folder, logs) = logs(100 << 20);
    block_on(async {
        let writer = logs.create(JobId(12_345)).await.expect("created");
        let mut truth = Vec::new();
        for n in 0..60_000 {
            let mut line = format!("{n} ").into_bytes();
            line.extend((0..n % 50).map(|_| fastrand::u8(..)).filter(|byte| *byte != b'\n'));
            line.extend_from_slice(b"\xff\x00\r\n");
            writer.append(&line).await;
            truth.extend_from_slice(&line);
        }
        let lines: Vec<&[u8]> = truth.split_inclusive(|byte| *byte == b'\n').collect();
        // Visible while it is written, as soon as the writer has nothing else to do.
        let mut live = logs.read_tail(JobId(12_345), 3).await.expect("read");
        while live.total < truth.len() as u64 {
            tokio::task::yield_now().await;
            live = logs.read_tail(JobId(12_345), 3).await.expect("read");
        }
        assert_eq!(live.bytes, lines[lines.len() - 3..].concat());
        let end = writer.finish().await;
        assert_eq!((end.bytes, end.left_out, end.problem), (truth.len() as u64, 0, None));
        assert_eq!(end.file, "000012/12345.log");
        assert!(!logs.folder().join(&end.file).exists() && logs.folder().join("000012/12345.log.zst").exists());

        for n_lines in [0, 1, 7, 5000, 59_999, 60_000, 70_000] {
            let tail = logs.read_tail(JobId(12_345), n_lines).await.expect("read");
            let wanted = lines[lines.len().saturating_sub(n_lines)..].concat();
            assert_eq!(
                (tail.bytes == wanted, tail.from),
                (true, (truth.len() - wanted.len()) as u64),
                "{n_lines}"
            );
        }
        for _ in 0..50 {
            let from = fastrand::usize(..truth.len());
            let len = fastrand::usize(..300_000);
            let part = logs.read_range(JobId(12_345), from as u64, len).await.expect("read");
            assert!(part.bytes == truth[from..(from + len).min(truth.len())], "{from} {len}");
        }
        let beyond = logs.read_range(JobId(12_345), truth.len() as u64 + 5, 9).await.expect("read");
        assert_eq!(beyond.bytes, b"");
        let to = folder.path().join("export.log");
        assert_eq!(
            logs.export(JobId(12_345), to.clone()).await.expect("exported"),
            truth.len() as u64
        );
        assert!(std::fs::read(to).expect("read") == truth);
        // Any zstd can read it.
        let file = std::fs::File::open(logs.folder().join("000012/12345.log.zst")).expect("opens");
        assert!(zstd::stream::decode_all(file).expect("decodes") == truth);
        assert_eq!(logs.read_tail(JobId(1), 5).await.expect_err("no log").code, "not-found");
    });
}

#[test]
fn a_log_past_its_cap_keeps_its_head_and_its_end_and_says_how_much_is_missing() {
    let (_folder, logs) = logs(1000);
    block_on(async {
        let writer = logs.create(JobId(1)).await.expect("created");
        let lines: Vec<String> = (0..100).map(|n| format!("{n:098}\n")).collect();
        for line in &lines {
            writer.append(line.as_bytes()).await;
        }
        let end = writer.finish().await;
        let all = logs.read_range(JobId(1), 0, 5000).await.expect("read");
        assert_eq!((all.total, end.bytes), (all.bytes.len() as u64, all.bytes.len() as u64));
        let whole = lines.concat();
        assert!(all.bytes.starts_with(&whole.as_bytes()[..1000]));
        let mark = format!("\n… (+{} B)\n", end.left_out);
        assert!(String::from_utf8_lossy(&all.bytes).ends_with(&format!("{mark}{}", lines[99])));
        assert_eq!(end.bytes + end.left_out, (whole.len() + mark.len()) as u64);
        // A line that is longer than that, and no line at all.
        let writer = logs.create(JobId(2)).await.expect("created");
        writer.append(&[b'x'; 5000]).await;
        let end = writer.finish().await;
        let all = logs.read_range(JobId(2), 0, 9000).await.expect("read");
        let mark = "\n… (+3875 B)\n".len();
        assert_eq!((end.left_out, all.bytes.len()), (3875, 1000 + mark + 125));
    });
}

#[test]
fn logs_keep_their_budget_oldest_first_and_are_put_in_order_after_a_crash() {
    let (_folder, logs) = logs(1 << 20);
    block_on(async {
        for job in 1..=10 {
            let writer = logs.create(JobId(job)).await.expect("created");
            writer.append(&[b'x'; 1000]).await;
            writer.finish().await;
        }
        let freed = logs.keep_budget(5000, |job| job == JobId(2)).await.expect("freed");
        assert_eq!(freed.jobs, [1, 3, 4, 5, 6].map(JobId));
        assert_eq!((freed.bytes, freed.bytes_kept), (5000, 5000));
        assert!(logs.read_tail(JobId(2), 1).await.is_ok() && logs.read_tail(JobId(3), 1).await.is_err());

        // As a killed program leaves it.
        let path = logs.folder().join("000000/11.log");
        std::fs::write(&path, vec![b'y'; 50_000]).expect("written");
        std::fs::write(logs.folder().join("000000/11.log.zst.tmp"), b"half").expect("written");
        std::fs::write(logs.folder().join("000000/12.log"), vec![b'z'; 50_000]).expect("written");
        assert_eq!(logs.tidy(Duration::ZERO, |job| job == JobId(12)).await.expect("tidied"), 1);
        assert!(!path.exists() && logs.folder().join("000000/12.log").exists());
        assert_eq!(logs.len(JobId(11)).await.expect("read"), 50_000);
    });
}

#[test]
fn a_damaged_compressed_log_is_told_and_never_shown_wrong() {
    let (_folder, logs) = logs(10 << 20);
    block_on(async {
        let truth: Vec<u8> = (0..100_000).flat_map(|n: u32| format!("line {n}\n").into_bytes()).collect();
        let writer = logs.create(JobId(5)).await.expect("created");
        writer.append(&truth).await;
        writer.finish().await;
        let path = logs.folder().join("000000/5.log.zst");
        let sound = std::fs::read(&path).expect("read");
        for _ in 0..300 {
            let mut bytes = sound.clone();
            let n = fastrand::usize(..bytes.len());
            bytes[n] ^= 1 << fastrand::u8(..8);
            std::fs::write(&path, &bytes).expect("written");
            match logs.read_range(JobId(5), 0, truth.len()).await {
                Ok(part) => assert!(
                    part.bytes == truth[..part.bytes.len()] && part.bytes.len() == truth.len(),
                    "byte {n}"
                ),
                Err(problem) => assert_eq!(problem.code, "store-damaged", "byte {n}: {problem:?}"),
            }
            std::fs::write(&path, &sound[..n]).expect("written");
            assert!(logs.read_range(JobId(5), 0, 10).await.is_err(), "cut at {n}");
        }
    });
}

const COMMENTED: &str = "# mine
[general]
language = \"fr\" # as at home
editor = [\"code\", \"-g\", \"{file}:{line}\"]

[appearance]
theme = \"dark\"
scale = 1.25

[tools.paths]
git = \"/opt/git/bin/git\"

[extension]
future = { deep = true } # kept
";

#[test]
fn settings_change_one_key_and_keep_every_other_byte() {
    let folder = tempfile::tempdir().expect("folder");
    let file = SettingsFile::new(folder.path().join("deep/settings.toml"));
    assert_eq!(file.load(), (Settings::default(), vec![]), "no file is no problem");
    file.set("general.language", &toml::Value::String("fr".to_owned()))
        .expect("a new file");
    assert_eq!(file.load().0.general.language, Some(Lang::Fr));
    std::fs::write(file.path(), COMMENTED).expect("written");

    let (settings, problems) = file.load();
    assert_eq!(
        (settings.appearance.theme, settings.appearance.scale),
        (ThemeChoice::Dark, 1.25)
    );
    assert_eq!(settings.tools.paths["git"], Path::new("/opt/git/bin/git"));
    assert_eq!(
        problems.iter().map(|problem| problem.code.as_str()).collect::<Vec<_>>(),
        ["settings-unknown-key"]
    );
    let place = problems[0].place.clone().expect("placed");
    assert_eq!((place.line, place.column), (Some(14), Some(12)), "{place:?}");

    let settings = file.set_text("general.language", "en").expect("set");
    assert_eq!(settings.general.language, Some(Lang::En));
    file.set_text("appearance.scale", "1.5").expect("set");
    file.set_text("tools.paths.\"my.tool\"", "/x/y z")
        .expect("text without quotes");
    file.set_text("retention.logs_max_mb", "50").expect("a new section");
    let expected = COMMENTED
        .replace("\"fr\"", "\"en\"")
        .replace("1.25", "1.5")
        .replace("bin/git\"\n", "bin/git\"\n\"my.tool\" = \"/x/y z\"\n");
    let text = std::fs::read_to_string(file.path()).expect("read");
    assert_eq!(text, format!("{expected}\n[retention]\nlogs_max_mb = 50\n"));

    for (key, value, code) in [
        ("general.langage", "fr", "settings-unknown-key"),
        ("no.such", "1", "settings-unknown-key"),
        ("general", "1", "settings-wrong-value"),
        ("", "1", "settings-unknown-key"),
        ("general.language", "klingon", "settings-wrong-value"),
        ("general.max_parallel", "-1", "settings-wrong-value"),
        ("appearance.scale", "9", "settings-wrong-value"),
        ("retention.logs_max_mb", "\"many\"", "settings-wrong-value"),
    ] {
        let problem = file.set_text(key, value).expect_err(key);
        assert_eq!(problem.code, code, "{key} = {value}: {problem:?}");
    }
    let hint = file
        .set_text("general.langage", "fr")
        .expect_err("a slip")
        .hint
        .expect("helped");
    assert_eq!(hint.key, "settings-did-you-mean");
    assert_eq!(
        std::fs::read_to_string(file.path()).expect("read"),
        text,
        "a refusal writes nothing"
    );

    let row = |key: &str| file.rows().into_iter().find(|row| row.key == key).expect(key);
    assert_eq!(
        (
            row("appearance.scale").value,
            row("appearance.scale").default,
            row("appearance.scale").is_set
        ),
        ("1.5".to_owned(), "1.0".to_owned(), true)
    );
    assert!(!row("appearance.dense").is_set);
    file.set_text("appearance.scale", "1.1").expect("set");
    assert_eq!(row("appearance.scale").value, "1.1", "as it was written");
    file.set_text("appearance.scale", "1.5").expect("set");
    file.reset("general.language").expect("reset");
    assert_eq!(
        (row("general.language").value, row("general.language").is_set),
        (String::new(), false)
    );
    file.reset("general.never_there").expect("nothing to do");

    let copy = folder.path().join("copy.toml");
    file.export(&WriteTo::new(copy.clone(), false)).expect("exported");
    file.set_text("appearance.dense", "true").expect("set");
    let (settings, problems) = file.import(&copy).expect("imported");
    assert_eq!((settings.appearance.dense, problems.len()), (false, 1));
    assert!(folder.path().join("deep/settings.toml.before-import").exists());
    std::fs::write(&copy, "[[[").expect("written");
    assert_eq!(file.import(&copy).expect_err("no TOML").code, "settings-syntax");
    assert!(!file.load().0.appearance.dense);
}

#[test]
fn broken_settings_cost_only_what_is_broken() {
    // (text, (line, column) and code of each problem, what still holds)
    type Still = fn(&Settings) -> bool;
    let cases: [(&str, &[(u32, u32, &str)], Still); 9] = [
        (
            "[appearance]\nscale = = 2\ndense = true\n",
            &[(2, 9, "settings-syntax")],
            |s| s.appearance.dense,
        ),
        (
            "[appearance]\nscale = \"big\"\ndense = true\n",
            &[(2, 1, "settings-wrong-value")],
            |s| s.appearance.dense && s.appearance.scale == 1.0,
        ),
        ("[appearance]\nscale = 7\n", &[(2, 1, "settings-wrong-value")], |s| {
            s.appearance.scale == 2.0
        }),
        (
            "[appearance\nscale = 1.5\n[general]\nmax_parallel = 3\n",
            &[(1, 12, "settings-syntax")],
            |s| s.general.max_parallel == 3,
        ),
        (
            "[general]\nmax_parallel = 3\nmax_parallel = 4\n",
            &[(3, 1, "settings-syntax")],
            |s| s.general.max_parallel == 3,
        ),
        (
            "[general]\nmax_parallel = -3\neditor = 5\nlanguage = \"fr\"\n",
            &[(2, 1, "settings-wrong-value"), (3, 1, "settings-wrong-value")],
            |s| s.general.language == Some(Lang::Fr) && s.general.editor.is_empty(),
        ),
        (
            "é = 1\n[x]\ny = 2\n[appearance]\ndense = true",
            &[(1, 1, "settings-syntax"), (3, 1, "settings-unknown-key")],
            |s| s.appearance.dense,
        ),
        (
            "general = 5\n[appearance]\ndense = true\n",
            &[(1, 1, "settings-wrong-value")],
            |s| s.appearance.dense,
        ),
        (
            "[appearance]\ndense = true\n[general]\neditor = [\"a\",\n",
            &[(4, 15, "settings-syntax")],
            |s| s.appearance.dense,
        ),
    ];
    for (text, expected, still) in cases {
        let (settings, problems) = parse(text, Path::new("s.toml"));
        let found: Vec<(u32, u32, &str)> = problems
            .iter()
            .map(|problem| {
                let place = problem.place.as_ref().expect("placed");
                (place.line.unwrap_or(0), place.column.unwrap_or(0), problem.code.as_str())
            })
            .collect();
        assert_eq!(found, expected, "{text}\n{problems:?}");
        assert!(still(&settings), "{text}\n{settings:?}");
    }
    // Whatever the bytes are.
    for _ in 0..2000 {
        let mut bytes = COMMENTED.as_bytes().to_vec();
        for _ in 0..fastrand::usize(1..6) {
            let n = fastrand::usize(..bytes.len());
            bytes[n] = *fastrand::choice(b"[]=\"'\n#{}\x00\xff,.x5").expect("not empty");
        }
        drop(parse(&String::from_utf8_lossy(&bytes), Path::new("s.toml")));
    }
}

#[test]
fn a_broken_settings_file_is_not_written_over() {
    let folder = tempfile::tempdir().expect("folder");
    let file = SettingsFile::new(folder.path().join("settings.toml"));
    let text = "[general]\nlanguage = fr\n";
    std::fs::write(file.path(), text).expect("written");
    assert_eq!(
        file.set_text("appearance.dense", "true").expect_err("refused").code,
        "settings-syntax"
    );
    assert_eq!(std::fs::read_to_string(file.path()).expect("read"), text);
    std::fs::write(file.path(), b"[general]\nmax_parallel = 2 # \xff\xfe\n").expect("written");
    assert_eq!(file.load().0.general.max_parallel, 2);
    let as_folder = SettingsFile::new(folder.path());
    let (settings, problems) = as_folder.load();
    assert_eq!((settings, problems[0].code.as_str()), (Settings::default(), "settings-io"));
}

fn examine(data: &Path, options: DoctorOptions) -> Vec<(String, State)> {
    let checks = doctor::examine(data, &data.join("logs"), options, clock().0.now());
    checks
        .into_iter()
        .filter(|check| check.state != State::Done)
        .map(|check| (check.id, check.state))
        .collect()
}

#[test]
fn the_doctor_finds_a_used_store_sound_and_names_what_is_not() {
    let folder = tempfile::tempdir().expect("folder");
    let data = folder.path().join("data");
    let deep = DoctorOptions {
        read_data: true,
        repair: false,
    };
    assert_eq!(
        examine(&data, deep)[0],
        ("folder".to_owned(), State::Skipped),
        "nothing there yet"
    );
    let store = Store::open(&data, clock().0).expect("opens");
    let logs = Logs::new(data.join("logs"), 1 << 20);
    block_on(async {
        for id in 1..=3 {
            store.jobs().queued(new_job(id)).await.expect("written");
            let writer = logs.create(JobId(id)).await.expect("created");
            writer.append(&vec![b'x'; 20_000 * id as usize]).await;
            let end = writer.finish().await;
            store.jobs().log_file(JobId(id), end.file).await.expect("written");
        }
        store
            .jobs()
            .change(JobId(1), |row| row.ended_at = Some(row.queued_at))
            .await
            .expect("written");
        store
            .jobs()
            .change(JobId(1), |row| row.state = State::Done)
            .await
            .expect("written");
        assert_eq!(examine(&data, deep), vec![], "while it is open");

        // A job, a lock, a lease and a deployment of a process that is gone.
        let gone = chantier::adapters::store::holder::Holder {
            pid: u32::MAX - 3,
            start: 5,
            boot: String::new(),
        };
        let holder = gone.clone();
        store
            .jobs()
            .change(JobId(2), move |row| row.holder = holder.clone())
            .await
            .expect("written");
        let half = store.deployments().begin(deployment("1", "staging")).await.expect("written");
        store
            .deployments()
            .change(half.id, move |row| row.holder = gone.clone())
            .await
            .expect("written");
        store.leases().take("sampling", Duration::from_secs(5)).await.expect("taken");
    });
    std::fs::remove_file(data.join("logs/000000/1.log.zst")).expect("removed");
    std::fs::write(data.join("logs/000000/9.log.zst.tmp"), b"x").expect("written");
    let conn = rusqlite::Connection::open(data.join("ledger.sqlite")).expect("opens");
    conn.execute("UPDATE jobs SET area = 'wrong' WHERE id = 3", ())
        .expect("flipped");
    conn.close().expect("closed");
    let found = examine(&data, deep);
    let expected = [
        ("ledger-rows", State::Failed),
        ("logs", State::Degraded),
        ("jobs", State::Degraded),
        ("deployments", State::Degraded),
        ("half-written", State::Degraded),
    ];
    assert_eq!(found, expected.map(|(id, state)| (id.to_owned(), state)));
    let left = examine(
        &data,
        DoctorOptions {
            read_data: false,
            repair: true,
        },
    );
    assert!(!left.iter().any(|(id, _)| id == "jobs"), "{left:?}");
    assert!(
        left.iter().any(|(id, _)| id == "deployments"),
        "somebody must decide: {left:?}"
    );
    assert_eq!(
        block_on(store.jobs().get(JobId(2))).expect("read").map(|row| row.state),
        Some(State::Interrupted)
    );
    assert_eq!(
        block_on(store.jobs().get(JobId(3))).expect_err("damaged").code,
        "store-damaged"
    );
    assert_eq!(store.problems()[0].code, "store-damaged");
}

#[test]
fn everything_that_grows_is_kept_within_its_budget() {
    let folder = tempfile::tempdir().expect("folder");
    let (clock, now) = clock();
    let store = Store::open(folder.path(), clock.clone()).expect("opens");
    let logs = Logs::new(folder.path().join("logs"), 10 << 20);
    let small = Retention {
        logs_max_mb: 1,
        samples_max_mb: 1,
        runs_max_days: 30,
        ..Retention::default()
    };
    block_on(async {
        for id in 1..=4 {
            store.jobs().queued(new_job(id)).await.expect("written");
            let writer = logs.create(JobId(id)).await.expect("created");
            let noise: Vec<u8> = (0..400_000).map(|_| fastrand::u8(..)).collect();
            writer.append(&noise).await;
            let end = writer.finish().await;
            store.jobs().log_file(JobId(id), end.file).await.expect("written");
            if id < 4 {
                store
                    .jobs()
                    .change(JobId(id), |row| row.state = State::Done)
                    .await
                    .expect("written");
                store
                    .jobs()
                    .change(JobId(id), |row| row.ended_at = Some(row.queued_at))
                    .await
                    .expect("written");
            }
        }
        let kept = upkeep::run(&store, &logs, &Retention::default(), clock.now())
            .await
            .expect("done");
        assert!(kept.is_empty(), "{kept:?}");
        let kept = upkeep::run(&store, &logs, &small, clock.now()).await.expect("done");
        assert_eq!((kept.n_logs, kept.n_runs), (2, 0), "{kept:?}");
        assert_eq!(
            store.jobs().get(JobId(1)).await.expect("read").expect("there").log_file,
            None,
            "a freed log is not looked for"
        );
        assert!(
            store
                .jobs()
                .get(JobId(3))
                .await
                .expect("read")
                .expect("there")
                .log_file
                .is_some()
        );
        let sound = doctor::examine(
            folder.path(),
            logs.folder(),
            DoctorOptions {
                read_data: true,
                repair: false,
            },
            clock.now(),
        );
        assert!(
            doctor::is_sound(&sound) && sound.iter().all(|check| check.id != "logs" || check.state == State::Done),
            "{sound:?}"
        );
        now.fetch_add(31 * 86_400_000, std::sync::atomic::Ordering::Relaxed);
        let kept = upkeep::run(&store, &logs, &small, clock.now()).await.expect("done");
        assert_eq!(
            kept.n_runs, 0,
            "one look at a clock that is wrong ages nothing away: {kept:?}"
        );
        let mut n_runs = 0;
        for _ in 0..31 {
            n_runs += upkeep::run(&store, &logs, &small, clock.now()).await.expect("done").n_runs;
        }
        assert_eq!(n_runs, 3, "what has not ended stays");
    });
}

#[test]
fn the_doctor_does_not_take_a_container_that_lives_on_for_one_that_is_left() {
    let folder = tempfile::tempdir().expect("folder");
    let data = folder.path().join("data");
    let store = Store::open(&data, clock().0).expect("opens");
    let pid = std::process::id();
    let of_container = || InstanceRow {
        kind: "container".to_owned(),
        pid: Some(pid),
        pid_start: chantier::adapters::store::holder::start_of(pid),
        container: Some("c0ffee".to_owned()),
        ..crate::monitor::numbers::instance("shop-web-1")
    };
    let is_told = || {
        examine(&data, DoctorOptions::default())
            .iter()
            .any(|(id, _)| id == "processes")
    };
    block_on(async {
        let first = store.instances().started(of_container()).await.expect("written");
        store
            .instances()
            .ended(first.id, InstanceEnd::by("replaced"))
            .await
            .expect("written");
        assert!(is_told(), "it runs, and no instance has it");
        // The next deployment found nothing to change, and kept it.
        store.instances().started(of_container()).await.expect("written");
        assert!(!is_told());
    });
}
