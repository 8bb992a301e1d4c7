//! Children that misbehave (rows 18 to 29 of the list of faults): each ends, is named, and leaves nobody behind.

use crate::support::children::*;
use chantier::adapters::masks::Masks;
use chantier::adapters::process::{Cause, Limits, LogSink, Processes};
use chantier::base::Stream;
use rustix::process::Signal;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Starts, waits for the line `ready`, cancels, and gives what ended it.
async fn cancel_when_ready(processes: &Processes, script: &str) -> chantier::adapters::process::Exit {
    let cancel = CancellationToken::new();
    let mut running = processes.start(sh(script), &cancel, None).unwrap();
    wait_for_line(&mut running, "ready").await;
    cancel.cancel();
    let exit = running.exit().await;
    assert_none_left(processes);
    exit
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_ends_politely_is_not_killed() {
    for processes in both_ways() {
        let exit = cancel_when_ready(&processes, "trap 'exit 5' TERM; echo ready; while :; do sleep 0.01; done").await;
        assert_eq!((exit.cause, exit.code), (Cause::Cancelled, Some(5)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn row_18_ignores_term() {
    for processes in both_ways() {
        let exit = cancel_when_ready(&processes, "trap '' TERM INT HUP; echo ready; while :; do sleep 0.01; done").await;
        assert_eq!((exit.cause, exit.signal), (Cause::Cancelled, Some(9)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn row_19_forks_setsid_daemonises() {
    // Three generations: in the group, in a session of its own, and orphaned; all ignore TERM.
    let tree = "trap '' TERM; sleep 1000 & setsid sh -c 'sleep 1000 & sleep 1000' & \
                (setsid sh -c '(setsid sleep 1000 >/dev/null 2>&1 </dev/null &)' >/dev/null 2>&1 </dev/null &); \
                sleep 0.05; echo ready; wait";
    for processes in both_ways() {
        let exit = cancel_when_ready(&processes, tree).await;
        assert_eq!(exit.cause, Cause::Cancelled);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_daemon_left_behind_by_one_that_ended_well_is_ended() {
    for processes in both_ways() {
        let (lines, exit) = lines_of(&processes, sh("(setsid sleep 1000 >/dev/null 2>&1 </dev/null &); echo done")).await;
        assert_eq!(lines, ["o done"]);
        assert_eq!((exit.code, exit.leaked, exit.cause), (Some(0), true, Cause::Exited));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn row_20_fork_bomb_under_a_limit() {
    let processes = processes();
    let limits = Limits {
        max_pids: Some(64),
        max_memory_bytes: None,
    };
    // Bounded by itself too, should there be no limit: 200 processes in all.
    let bomb = "i=0; while [ $i -lt 200 ]; do sleep 1000 & i=$((i+1)); done; echo ready; wait";
    let cancel = CancellationToken::new();
    let mut running = processes.start(sh(bomb).limits(limits), &cancel, None).unwrap();
    if !running.has_limits() {
        eprintln!("SKIPPED row 20: no pids controller that can be used here");
        return;
    }
    let line = wait_for_line(&mut running, "fork").await;
    assert!(line.starts_with("e "), "the shell says that it can not fork: {line}");
    assert!(processes.tagged_pids().len() <= 64);
    cancel.cancel();
    running.exit().await;
    assert_none_left(&processes);
}

#[tokio::test(flavor = "multi_thread")]
async fn row_21_flood() {
    for flow in [
        chantier::adapters::process::Flow::Wait,
        chantier::adapters::process::Flow::Drop,
    ] {
        let processes = processes();
        let n_bytes: u64 = 512 * 1024 * 1024;
        let n_logged = Arc::new(AtomicU64::new(0));
        let sink = Arc::clone(&n_logged);
        let tee: Box<dyn LogSink> = Box::new(move |bytes: &[u8]| {
            sink.fetch_add(bytes.len() as u64, Ordering::Relaxed);
        });
        let line = "a line of output as long as those that compilers and servers usually print, about one hundred bytes long..";
        let cmd = sh(&format!("yes '{line}' | head -c {n_bytes}")).flow(flow);
        let before = rss_anon_kb();
        let mut running = processes.start(cmd, &never(), Some(tee)).unwrap();
        let (mut n_lines, mut peak) = (0, before);
        while let Some(batch) = running.next().await {
            n_lines += batch.len() as u64 + batch.n_dropped_lines;
            peak = peak.max(rss_anon_kb());
        }
        let exit = running.exit().await;
        assert!(exit.is_success(), "{exit:?}");
        assert_eq!(n_logged.load(Ordering::Relaxed), n_bytes);
        assert_eq!(n_lines, n_bytes.div_ceil(line.len() as u64 + 1));
        println!(
            "flood {flow:?}: {:.2} GB/s, grew {} kB",
            n_bytes as f64 / exit.wall.as_secs_f64() / 1e9,
            peak - before
        );
        assert_none_left(&processes);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_on_one_stream_does_not_drown_the_other() {
    let processes = processes();
    let mut running = processes
        .start(sh("yes & yes & sleep 0.05; echo oops >&2; wait"), &never(), None)
        .unwrap();
    assert_eq!(wait_for_line(&mut running, "oops").await, "e oops");
    drop(running);
    wait_until_none_left(&processes).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn descendants_without_environment_are_ended_too() {
    for processes in both_ways() {
        let sleep = format!("sleep 1000.{}{}", std::process::id(), fastrand::u16(..));
        let script = format!("trap '' TERM; env -i setsid {sleep} & echo ready; wait");
        let exit = cancel_when_ready(&processes, &script).await;
        assert_eq!(exit.cause, Cause::Cancelled);
        let left = std::process::Command::new("pgrep").args(["-fx", &sleep]).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&left.stdout), "");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn row_22_one_line_of_100_mb() {
    let processes = processes();
    let n_bytes = 100_000_000_u64;
    let n_logged = Arc::new(AtomicU64::new(0));
    let sink = Arc::clone(&n_logged);
    let tee: Box<dyn LogSink> = Box::new(move |bytes: &[u8]| {
        sink.fetch_add(bytes.len() as u64, Ordering::Relaxed);
    });
    let mut lines = Vec::new();
    let cmd = sh(&format!("head -c {n_bytes} /dev/zero; echo; echo after"));
    processes
        .run(cmd, &never(), Some(tee), |batch| {
            lines.extend(batch.lines().map(|line| (line.bytes.len() as u64, line.n_cut_bytes)));
        })
        .await
        .unwrap();
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[0].0 + lines[0].1, n_bytes);
    assert!(lines[0].0 <= chantier::adapters::process::MAX_LINE_BYTES as u64);
    assert_eq!(lines[1], (5, 0));
    assert_eq!(n_logged.load(Ordering::Relaxed), n_bytes + 7);
    assert_none_left(&processes);
}

#[tokio::test(flavor = "multi_thread")]
async fn row_26_stdout_kept_open() {
    for processes in both_ways() {
        let (lines, exit) = lines_of(&processes, sh("sleep 1000 & echo said; exit 0")).await;
        assert_eq!(lines, ["o said"]);
        assert_eq!((exit.code, exit.leaked), (Some(0), true));
        assert!(exit.is_success(), "the command itself did well");
        // The same by a tool whose answer is captured.
        let output = processes
            .output(sh("setsid sleep 1000 & echo said"), &never(), 100)
            .await
            .unwrap();
        assert_eq!((output.stdout_text().as_str(), output.exit.leaked), ("said\n", true));
        assert_none_left(&processes);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pipeline_that_ends_by_itself_is_no_leak() {
    for processes in both_ways() {
        for _ in 0..20 {
            let (lines, exit) = lines_of(&processes, sh("yes | head -n 3; (sleep 0.02; echo late) &")).await;
            assert_eq!(lines, ["o y", "o y", "o y", "o late"]);
            assert!(!exit.leaked);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn row_27_reads_the_terminal() {
    for processes in both_ways() {
        let script =
            "read line || echo no input; if (exec </dev/tty) 2>/dev/null; then head -c1 </dev/tty; else echo no terminal; fi";
        let (lines, exit) = lines_of(&processes, sh(script)).await;
        assert_eq!(lines, ["o no input", "o no terminal"]);
        assert!(exit.is_success());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn row_28_timers_stop_while_stopped() {
    for processes in both_ways() {
        let timeout = Duration::from_millis(400);
        let mut running = processes
            .start(sh("echo ready; sleep 1000").timeout(timeout), &never(), None)
            .unwrap();
        wait_for_line(&mut running, "ready").await;
        running.signal(Signal::STOP);
        // Longer than the whole time-out: it must not have run out meanwhile.
        tokio::time::sleep(timeout * 2).await;
        let pid = running.pid();
        let state = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
        assert!(state.contains(") T "), "stopped, not ended: {state}");
        running.signal(Signal::CONT);
        let exit = running.exit().await;
        assert_eq!(exit.cause, Cause::TimedOut);
        assert_none_left(&processes);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_child_can_be_cancelled() {
    for processes in both_ways() {
        let cancel = CancellationToken::new();
        let mut running = processes
            .start(
                sh("trap 'exit 3' TERM; echo ready; while :; do sleep 0.01; done"),
                &cancel,
                None,
            )
            .unwrap();
        wait_for_line(&mut running, "ready").await;
        running.signal(Signal::STOP);
        cancel.cancel();
        let exit = running.exit().await;
        assert_eq!((exit.cause, exit.code), (Cause::Cancelled, Some(3)));
        assert_none_left(&processes);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn row_29_the_signal_is_named() {
    for processes in both_ways() {
        for (signal, name) in [("SEGV", "SIGSEGV"), ("KILL", "SIGKILL"), ("ABRT", "SIGABRT")] {
            let (_, exit) = lines_of(&processes, sh(&format!("kill -{signal} $$; sleep 1000"))).await;
            assert_eq!(exit.cause, Cause::Signal { name: name.to_owned() });
            let problem = exit.problem("tool").unwrap();
            assert_eq!(problem.summary.key, "process-exit-signal");
            assert_eq!(problem.hint.is_some(), signal == "KILL");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn row_29_the_memory_limit_is_named() {
    let processes = processes();
    let limits = Limits {
        max_pids: None,
        max_memory_bytes: Some(32 * 1024 * 1024),
    };
    // tail keeps the whole last line: 300 MB if it may.
    let running = processes
        .start(
            sh("exec tail -n 1 /dev/zero").limits(limits).timeout(Duration::from_mins(1)),
            &never(),
            None,
        )
        .unwrap();
    if !running.has_limits() {
        eprintln!("SKIPPED row 29: no memory controller that can be used here");
        return;
    }
    let exit = running.exit().await;
    assert_eq!(exit.cause, Cause::MemoryLimit, "{exit:?}");
    assert_none_left(&processes);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_time_out_is_named_and_counts() {
    for processes in both_ways() {
        let (_, exit) = lines_of(&processes, sh("sleep 1000").timeout(Duration::from_millis(50))).await;
        assert_eq!(exit.cause, Cause::TimedOut);
        assert_eq!(exit.problem("sleep").unwrap().code, "timed-out");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn dropping_kills() {
    for processes in both_ways() {
        let mut running = processes
            .start(sh("trap '' TERM; setsid sleep 1000 & echo ready; wait"), &never(), None)
            .unwrap();
        wait_for_line(&mut running, "ready").await;
        drop(running);
        wait_until_none_left(&processes).await;
        // A future that is dropped in the middle.
        let (token, script) = (never(), sh("trap '' TERM; setsid sleep 1000 & sleep 1000"));
        tokio::select! {
            _ = processes.output(script, &token, 100) => panic!("it does not end"),
            () = tokio::time::sleep(Duration::from_millis(50)) => {}
        }
        wait_until_none_left(&processes).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_of_the_program_kills_all() {
    for processes in both_ways() {
        let mut all = Vec::new();
        for _ in 0..5 {
            let mut running = processes
                .start(sh("trap '' TERM; setsid sleep 1000 & echo ready; wait"), &never(), None)
                .unwrap();
            wait_for_line(&mut running, "ready").await;
            all.push(running);
        }
        assert!(processes.tagged_pids().len() >= 10);
        processes.kill_all();
        assert_none_left(&processes);
        assert!(
            processes.start(sh("true"), &never(), None).is_err(),
            "none is started any more"
        );
        for running in all {
            assert_eq!(running.exit().await.signal, Some(9));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_hangs_holds_up_no_cancel() {
    for processes in both_ways() {
        let cancel = CancellationToken::new();
        let running = processes.start(sh("trap '' TERM; yes"), &cancel, None).unwrap();
        // Nobody reads: the pipe and the queue are full, and still it ends.
        tokio::time::sleep(Duration::from_millis(50)).await;
        cancel.cancel();
        wait_until_none_left(&processes).await;
        assert_eq!(running.exit().await.cause, Cause::Cancelled);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_killed_program_left_is_ended_by_the_next() {
    // The owner in the tag is a process that has ended: what is tagged by it is an orphan.
    let gone = std::process::Command::new("true")
        .spawn()
        .and_then(|mut child| child.wait().map(|_| child.id()))
        .unwrap();
    let processes = processes();
    let (_, rest) = processes.owner_tag().split_once('-').unwrap();
    let mut orphan = std::process::Command::new("setsid")
        .args(["sleep", "1000"])
        .env("CHANTIER_TAG", format!("{gone}-{rest}-0"))
        .spawn()
        .unwrap();
    let mut bystander = processes.start(sh("echo ready; sleep 1000"), &never(), None).unwrap();
    wait_for_line(&mut bystander, "ready").await;
    while processes.end_orphans() == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let status = orphan.wait().unwrap();
    assert_eq!(std::os::unix::process::ExitStatusExt::signal(&status), Some(9));
    assert_eq!(processes.tagged_pids().len(), 2, "the children of the living are not touched");
    drop(bystander);
    wait_until_none_left(&processes).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_at_once() {
    let processes = processes();
    let all = (0..100).map(|n| {
        let processes = processes.clone();
        tokio::spawn(async move {
            let mut lines = Vec::new();
            let script = format!("echo {n}; echo {n} >&2");
            let exit = processes
                .run(sh(&script), &never(), None, |batch| lines.extend(lettered(&batch)))
                .await
                .unwrap();
            lines.sort();
            assert_eq!((lines, exit.is_success()), (vec![format!("e {n}"), format!("o {n}")], true));
        })
    });
    for one in all.collect::<Vec<_>>() {
        one.await.unwrap();
    }
    assert_none_left(&processes);
}

#[tokio::test(flavor = "multi_thread")]
async fn row_61_a_secret_over_a_thousand_writes() {
    let masks = Masks::new();
    let secret = "correct horse/battery+staple=ünï";
    masks.add(secret);
    let processes = processes_with(true, &masks);
    let log = Arc::new(std::sync::Mutex::new(Vec::new()));
    let sink = Arc::clone(&log);
    let tee: Box<dyn LogSink> = Box::new(move |bytes: &[u8]| sink.lock().unwrap().extend_from_slice(bytes));
    // One byte per write, thirty times over.
    let script = r#"n=0; while [ $n -lt 30 ]; do printf '%s ' "$S" | od -An -v -to1 -w1 | while read byte; do printf "\\$byte"; done; n=$((n+1)); done"#;
    let mut text = Vec::new();
    processes
        .run(sh(script).env("S", secret), &never(), Some(tee), |batch| {
            for line in batch.lines().filter(|line| line.stream == Stream::Out) {
                text.extend_from_slice(line.bytes);
            }
        })
        .await
        .unwrap();
    let expected = "*** ".repeat(30);
    assert_eq!(String::from_utf8_lossy(&text), expected);
    assert_eq!(String::from_utf8_lossy(&log.lock().unwrap()), expected);
}

fn rss_anon_kb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    status
        .lines()
        .find_map(|line| line.strip_prefix("RssAnon:")?.trim().strip_suffix(" kB")?.trim().parse().ok())
        .unwrap()
}

#[test]
fn the_end_of_the_runtime_ends_its_children() {
    for processes in both_ways() {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        let running = runtime.block_on(async {
            let mut running = processes
                .start(sh("trap '' TERM; setsid sleep 1000 & echo ready; wait"), &never(), None)
                .unwrap();
            wait_for_line(&mut running, "ready").await;
            running
        });
        drop(runtime);
        drop(running);
        for _ in 0..500 {
            if processes.tagged_pids().is_empty() {
                break;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        assert_none_left(&processes);
        if let Ok(cgroup) = std::fs::read_dir("/sys/fs/cgroup/unified").or_else(|_| std::fs::read_dir("/sys/fs/cgroup")) {
            let owner = processes.owner_tag();
            assert!(
                !cgroup
                    .flatten()
                    .any(|entry| entry.file_name().to_string_lossy().contains(owner)),
                "its group is removed"
            );
        }
    }
}
