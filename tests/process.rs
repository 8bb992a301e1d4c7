//! Running programs: environment, lines, exit, input, instances that outlive the program, and the file search.

use crate::support::children::*;
use chantier::adapters::masks::Masks;
use chantier::adapters::process::{Cause, Cmd, Flow, ProcessConfig, Processes, Stopped, allowed_env};
use chantier::base::Problem;
use std::ffi::OsString;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

#[tokio::test(flavor = "multi_thread")]
async fn lines_of_both_streams_arrive_with_their_ends_read() {
    let (lines, exit) = lines_of(
        &processes(),
        sh(r"printf 'one\ntwo\r\n10%%\r20%%\r\nlast'; printf 'oops\n' >&2; exit 3"),
    )
    .await;
    let mut sorted = lines.clone();
    sorted.sort();
    assert_eq!(sorted, ["e oops", "o 20%", "o last", "o one", "o two", "p 10%"]);
    assert_eq!((exit.code, exit.signal, exit.cause.clone()), (Some(3), None, Cause::Exited));
    assert!(!exit.leaked && !exit.is_success());
    assert_eq!(exit.problem("sh").expect("code 3").summary.key, "process-exit-code");
}

#[tokio::test(flavor = "multi_thread")]
async fn streams_are_interleaved_as_they_arrive() {
    let (lines, _) = lines_of(
        &processes(),
        sh("echo a; sleep 0.3; echo b >&2; sleep 0.3; echo c; sleep 0.3; echo d >&2"),
    )
    .await;
    assert_eq!(lines, ["o a", "e b", "o c", "e d"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn exact_bytes_reach_the_log() {
    // Row 23: invalid UTF-8, NUL, BOM, CR and CRLF are kept exactly.
    let processes = processes();
    let log = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&log);
    let script = r"printf '\357\273\277bom\r\nbad \377\376 nul \000 end\rlone\r\r\nno end'";
    let mut lines = Vec::new();
    let tee: Box<dyn chantier::adapters::process::LogSink> =
        Box::new(move |bytes: &[u8]| sink.lock().unwrap().extend_from_slice(bytes));
    let exit = processes
        .run(sh(script), &never(), Some(tee), |batch| {
            lines.extend(batch.lines().map(|line| (line.bytes.to_vec(), line.is_progress)));
        })
        .await
        .unwrap();
    assert!(exit.is_success());
    let expected = b"\xef\xbb\xbfbom\r\nbad \xff\xfe nul \0 end\rlone\r\r\nno end";
    assert_eq!(*log.lock().unwrap(), expected);
    let expected: [(&[u8], bool); 5] = [
        (b"\xef\xbb\xbfbom", false),
        (b"bad \xff\xfe nul \0 end", true),
        (b"lone", true),
        (b"", false),
        (b"no end", false),
    ];
    assert_eq!(
        lines
            .iter()
            .map(|(bytes, progress)| (bytes.as_slice(), *progress))
            .collect::<Vec<_>>(),
        expected
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_child_reads_what_it_is_given_and_nothing_else() {
    let processes = processes();
    // Larger than any pipe.
    let input = vec![b'x'; 3_000_000];
    let output = processes.output(sh("wc -c").stdin(input), &never(), 1000).await.unwrap();
    assert_eq!(output.stdout_text().trim(), "3000000");
    // One that reads nothing of it.
    let output = processes
        .output(sh("exec true").stdin(vec![b'x'; 3_000_000]), &never(), 1000)
        .await
        .unwrap();
    assert!(output.exit.is_success());
    let output = processes.output(sh("cat; echo end"), &never(), 1000).await.unwrap();
    assert_eq!(output.stdout_text(), "end\n");
    assert_none_left(&processes);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_small_tools_answer_is_bounded() {
    let output = processes().output(sh("yes | head -c 100000"), &never(), 1000).await.unwrap();
    assert!(output.truncated && output.stdout.len() == 1000 && output.exit.is_success());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_environment_is_an_allow_list() {
    let config = ProcessConfig {
        env: [
            ("PATH", "bin:/usr/bin::/bin"),
            ("HOME", "/tmp"),
            ("AWS_SECRET_ACCESS_KEY", "x"),
            ("NODE_AUTH_TOKEN", "x"),
            ("LC_TIME", "C"),
        ]
        .map(|(name, value)| (name.into(), value.into()))
        .to_vec(),
        ..ProcessConfig::default()
    };
    let processes = Processes::new(config, Masks::new(), chantier::base::Clock::system());
    let output = processes
        .output(Cmd::new("env").env("ADDED", "1").env_remove("LC_TIME"), &never(), 10_000)
        .await
        .unwrap();
    let text = output.stdout_text();
    let mut names: Vec<_> = text
        .lines()
        .filter_map(|line| line.split('=').next())
        .filter(|name| *name != "_" && *name != "SHLVL")
        .collect();
    names.sort_unstable();
    assert_eq!(names, ["ADDED", "CHANTIER_TAG", "HOME", "PATH", "PWD"]);
    assert!(text.contains("PATH=/usr/bin:/bin\n"), "{text}");
    assert!(text.contains("PWD=/tmp\n"), "{text}");
}

#[test]
fn tokens_in_the_environment_are_not_inherited() {
    let env = allowed_env(
        [("GITHUB_TOKEN", "x"), ("NODE_AUTH_TOKEN", "x"), ("XDG_RUNTIME_DIR", "/run")]
            .map(|(n, v)| (OsString::from(n), OsString::from(v))),
        &[],
    );
    assert_eq!(env.keys().collect::<Vec<_>>(), ["XDG_RUNTIME_DIR"]);
}

#[test]
fn variables_that_the_user_names_are_inherited() {
    let set = ["DATABASE_URL", "DJANGO_DEBUG", "DJANGO_TOKEN", "MY_TOKEN", "OTHER"];
    let vars = set.map(|name| (OsString::from(name), OsString::from("x")));
    let named = ["DATABASE_URL", "DJANGO_*", "MY_TOKEN", "*"].map(str::to_owned);
    let env = allowed_env(vars, &named);
    // By a beginning no secret is meant, and everything is none.
    assert_eq!(env.keys().collect::<Vec<_>>(), ["DATABASE_URL", "DJANGO_DEBUG", "MY_TOKEN"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_workspace_can_not_bring_its_own_tools() {
    let dir = tempfile::tempdir().unwrap();
    let bin = dir.path().join("bin");
    std::fs::create_dir(&bin).unwrap();
    write_script(&bin.join("chantier-test-tool"), "#!/bin/sh\necho from the workspace\n");
    let config = ProcessConfig {
        env: vec![
            ("PATH".into(), format!("{}:/usr/bin:/bin", bin.display()).into()),
            ("HOME".into(), "/root".into()),
        ],
        ..ProcessConfig::default()
    };
    let processes = Processes::new(config, Masks::new(), chantier::base::Clock::system());
    assert!(processes.resolve("chantier-test-tool", None).is_ok());
    let problem = problem_of(
        processes
            .output(Cmd::new("chantier-test-tool").workspace(dir.path()), &never(), 100)
            .await
            .err(),
    );
    assert_eq!(
        (problem.code.as_str(), problem.summary.key.as_ref()),
        ("not-found", "process-missing")
    );
    // A link from elsewhere into the workspace is no way around it.
    let outside = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(bin.join("chantier-test-tool"), outside.path().join("chantier-test-tool")).unwrap();
    let config = ProcessConfig {
        env: vec![("PATH".into(), outside.path().into()), ("HOME".into(), "/root".into())],
        ..ProcessConfig::default()
    };
    let processes = Processes::new(config, Masks::new(), chantier::base::Clock::system());
    assert!(processes.resolve("chantier-test-tool", Some(dir.path())).is_err());
    assert!(
        processes.resolve("chantier-test-tool", Some(Path::new("/"))).is_ok(),
        "a workspace above the home folder hides nothing"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_can_not_run_is_said_in_words() {
    // Row 30.
    let processes = processes();
    let dir = tempfile::tempdir().unwrap();
    let plain = dir.path().join("plain");
    std::fs::write(&plain, "echo no").unwrap();
    let no_interpreter = dir.path().join("script");
    write_script(&no_interpreter, "#!/no/such/interpreter -x\n");
    let cases: [(Cmd, &str); 7] = [
        (Cmd::new("chantier-no-such-program"), "process-missing"),
        (Cmd::new("/no/such/program"), "process-missing"),
        (Cmd::new("./plain").cwd(dir.path()), "process-relative"),
        (Cmd::new(&plain), "process-not-executable"),
        (Cmd::new(dir.path()), "process-not-executable"),
        (Cmd::new(&no_interpreter), "process-no-interpreter"),
        (Cmd::new("true").cwd(dir.path().join("gone")), "process-bad-folder"),
    ];
    for (cmd, key) in cases {
        let problem = problem_of(processes.output(cmd, &never(), 100).await.err());
        assert_eq!(problem.summary.key, key);
        assert!(problem.hint.is_some(), "{key} has a hint");
    }
    let one_long = Cmd::new("true").arg("x".repeat(2 * 1024 * 1024));
    let many = Cmd::new("true").args(std::iter::repeat_n("x".repeat(1000), 3000));
    for cmd in [one_long, many] {
        let problem = problem_of(processes.output(cmd, &never(), 100).await.err());
        assert_eq!(problem.summary.key, "process-argv-too-long");
    }
    assert_none_left(&processes);
}

#[tokio::test(flavor = "multi_thread")]
async fn cpu_time_of_the_whole_tree_is_counted() {
    for processes in both_ways() {
        let (_, exit) = lines_of(
            &processes,
            sh("for i in 1 2; do sh -c 'i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done'; done"),
        )
        .await;
        assert!(exit.cpu_user > Duration::from_millis(20), "{exit:?}");
        assert!(exit.wall >= exit.cpu_user / 4, "{exit:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_reader_gets_all_or_a_count() {
    let processes = processes();
    let count = 400_000;
    let script = format!("i=0; yes 0123456789abcdef | head -n {count}");
    for flow in [Flow::Wait, Flow::Drop] {
        let log = Arc::new(Mutex::new(0_usize));
        let sink = Arc::clone(&log);
        let tee: Box<dyn chantier::adapters::process::LogSink> =
            Box::new(move |bytes: &[u8]| *sink.lock().unwrap() += bytes.len());
        let mut running = processes.start(sh(&script).flow(flow), &never(), Some(tee)).unwrap();
        let (mut n_seen, mut n_dropped) = (0, 0);
        if flow == Flow::Drop {
            // Nobody reads until the child has ended by itself: it was never held up.
            let pid = running.pid();
            while std::fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| !stat.contains(") Z ")) {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        }
        while let Some(batch) = running.next().await {
            n_seen += batch.len() as u64;
            n_dropped += batch.n_dropped_lines;
        }
        assert!(running.exit().await.is_success());
        assert_eq!(n_seen + n_dropped, count);
        assert_eq!(n_dropped > 0, flow == Flow::Drop);
        assert_eq!(*log.lock().unwrap() as u64, count * 17, "the log has every byte");
    }
    assert_none_left(&processes);
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_are_masked_in_lines_log_argv_and_errors() {
    let masks = Masks::new();
    masks.add("hunter2-secret");
    let processes = processes_with(true, &masks);
    let log = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&log);
    let tee: Box<dyn chantier::adapters::process::LogSink> =
        Box::new(move |bytes: &[u8]| sink.lock().unwrap().extend_from_slice(bytes));
    let cmd = sh("printf 'user hunter2-'; sleep 0.05; printf 'secret end\n'; printf '%s' \"$S\" | base64 >&2")
        .env("S", "hunter2-secret");
    let mut lines = Vec::new();
    processes
        .run(cmd, &never(), Some(tee), |batch| lines.extend(lettered(&batch)))
        .await
        .unwrap();
    assert_eq!(lines[0], "o user *** end");
    assert!(lines[1].starts_with("e ***"), "{lines:?}");
    assert!(!String::from_utf8_lossy(&log.lock().unwrap()).contains("hunter2"));
    let cmd = Cmd::new("curl").arg("https://u:hunter2-secret@host/").arg("it's");
    assert_eq!(
        cmd.display(&masks),
        r"curl https://u:'***'@host/ 'it'\''s'"
            .replace("u:'***'@host/", "u:***@host/")
            .replace("https", "'https")
            .replace("host/ ", "host/' ")
    );
    let output = processes
        .output(sh("echo hunter2-secret >&2; exit 1"), &never(), 100)
        .await
        .unwrap();
    let problem = output.success("tool").expect_err("code 1");
    assert_eq!(problem.details, "***");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_instance_goes_on_is_found_again_and_stopped() {
    for uses_groups in [true, false] {
        let dir = tempfile::tempdir().unwrap();
        let log = dir.path().join("instance.log");
        let first = processes_with(uses_groups, &Masks::new());
        // Ready is what the child says as the program that it became: before that it still has the trap.
        let script = "trap 'echo bye; exit 7' TERM; setsid sh -c 'echo ready; exec sleep 1000' & while :; do sleep 0.02; done";
        let detached = first.start_detached(sh(script), &log).unwrap();
        wait_for_text(&log, "ready").await;
        // The end of the program that started it does not touch it.
        first.kill_all();
        assert!(first.is_alive(&detached));
        let second = processes_with(uses_groups, &Masks::new());
        assert!(second.is_alive(&detached));
        assert!(second.detached_pids(&detached).len() >= 2);
        let mut other = detached.clone();
        other.start_ticks += 1;
        assert!(!second.is_alive(&other), "a reused pid is another process");
        assert_eq!(
            second.stop_detached(&detached, Duration::from_secs(5)).await,
            Stopped::Politely
        );
        let text = std::fs::read_to_string(&log).unwrap();
        assert!(text.starts_with("ready\n") && text.ends_with("bye\n"), "{text}");
        assert_eq!(second.detached_pids(&detached), Vec::<u32>::new());
        assert_eq!(first.wait_detached(&detached).await.and_then(|end| end.code), Some(7));
        assert_eq!(first.detached_end(&detached).and_then(|end| end.code), Some(7));
        assert_eq!(
            second.stop_detached(&detached, Duration::from_secs(5)).await,
            Stopped::Already
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stubborn_instance_is_killed() {
    for uses_groups in [true, false] {
        let dir = tempfile::tempdir().unwrap();
        let log = dir.path().join("instance.log");
        let processes = processes_with(uses_groups, &Masks::new());
        let detached = processes
            .start_detached(
                sh("trap '' TERM; setsid sh -c 'trap \"\" TERM; sleep 1000' & echo ready; wait"),
                &log,
            )
            .unwrap();
        wait_for_text(&log, "ready").await;
        assert_eq!(
            processes.stop_detached(&detached, Duration::from_millis(100)).await,
            Stopped::Killed
        );
        assert_eq!(processes.detached_pids(&detached), Vec::<u32>::new());
        assert_eq!(processes.wait_detached(&detached).await.and_then(|end| end.signal), Some(9));
    }
}

async fn wait_for_text(path: &Path, text: &str) {
    for _ in 0..1000 {
        if std::fs::read_to_string(path).is_ok_and(|content| content.contains(text)) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("{text} never appeared in {}", path.display());
}

fn problem_of(error: Option<chantier::adapters::process::ProcessError>) -> Problem {
    error.expect("it must not start").into()
}

fn write_script(path: &Path, text: &str) {
    std::fs::write(path, text).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

/// While a program is copied, a child that is begun beside it has the copy open until it becomes its own program.
#[test]
fn a_program_that_was_written_just_now_can_be_run_beside_others() {
    // Alone in a process: what other tests begin by themselves has the copies open too.
    if std::env::var_os("CHANTIER_TEST_ALONE").is_none() {
        let alone = std::process::Command::new(std::env::current_exe().unwrap())
            .args([
                "process::a_program_that_was_written_just_now_can_be_run_beside_others",
                "--exact",
            ])
            .env("CHANTIER_TEST_ALONE", "1")
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&alone.stdout);
        assert!(alone.status.success() && said.contains("1 passed"), "{said}");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    std::thread::scope(|scope| {
        for number in 0..4 {
            let (runtime, folder) = (&runtime, folder.path());
            scope.spawn(move || {
                let processes = processes();
                for round in 0..60 {
                    let program = folder.join(format!("true-{number}-{round}"));
                    std::fs::copy("/bin/true", &program).unwrap();
                    let (lines, exit) = runtime.block_on(lines_of(&processes, Cmd::new(&program)));
                    assert!(exit.is_success(), "{lines:?} {exit:?}");
                }
            });
        }
    });
}
