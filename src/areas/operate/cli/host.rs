//! `chantier operate host`, `signal`, `events` and `drift`: what people read of this machine.

use crate::areas::Model;
use crate::areas::cli::Answer;
use crate::base::happening::{Happening, HappeningKind};
use crate::base::host::{HostLook, HostProcess, HostSignal};
use crate::base::{Catalog, Problem, format};
use crate::msg;
use serde_json::json;
use std::cmp::Reverse;
use std::fmt::Write as _;

/// Processes that are named at most, unless all are asked for.
/// Characters of a command line that are shown.
const MAX_COMMAND: usize = 160;
const TOP: usize = 20;

/// What `--sort` takes.
#[derive(Clone, Copy, Debug, Default, clap::ValueEnum)]
pub enum SortWord {
    #[default]
    Cpu,
    Memory,
    Pid,
}

/// The signal of a word.
pub(super) fn signal_of(word: &str) -> Result<HostSignal, Problem> {
    let names: Vec<&str> = HostSignal::ALL.iter().map(|signal| signal.word()).collect();
    HostSignal::from_word(word).ok_or_else(|| {
        Problem::user(msg!("host-no-signal", name = word)).hint(msg!("host-no-signal-hint", names = names.join(", ")))
    })
}

pub(super) fn host_answer(model: &Model, sort: SortWord, n: Option<usize>, texts: &Catalog) -> Answer {
    let look = model.operate.host.as_deref();
    Answer {
        schema: "chantier.operate.host/1",
        data: json!({ "host": look }),
        text: look.map_or_else(String::new, |look| text_of(look, sort, n, texts)),
    }
}

fn text_of(look: &HostLook, sort: SortWord, n: Option<usize>, texts: &Catalog) -> String {
    let mut text = String::new();
    let bytes = |n: u64| format::bytes(n, texts);
    let cpu = look.cpu.map_or("–".to_owned(), |share| format::percent(share, texts));
    let load: Vec<String> = look.load.iter().map(|load| format::decimal(*load, 2, texts)).collect();
    let lines = [
        format!("{}  {}", look.name, format::duration_secs(look.uptime_secs as f64, texts)),
        format!(
            "{:<12} {cpu} x {}  {}",
            texts.t("operate-col-cpu"),
            look.n_cpus,
            load.join(" ")
        ),
        format!(
            "{:<12} {}",
            texts.t("operate-col-memory"),
            texts.msg(&msg!(
                "host-memory-used",
                used = bytes(look.memory_used_bytes),
                total = bytes(look.memory_bytes)
            ))
        ),
    ];
    for line in lines {
        writeln!(text, "{line}").ok();
    }
    for disk in &look.disks {
        writeln!(
            text,
            "{:<12} {}",
            disk.mount,
            texts.msg(&msg!(
                "devops-disk-free",
                free = bytes(disk.free_bytes),
                total = bytes(disk.total_bytes)
            ))
        )
        .ok();
    }
    let rate = |value: Option<f64>| value.map_or("–".to_owned(), |value| bytes(value as u64));
    let of_containers = look.interfaces.iter().filter(|one| one.is_of_containers());
    let n_of_containers = of_containers.count();
    for one in look.interfaces.iter().filter(|one| !one.is_of_containers()) {
        writeln!(text, "{:<12} ↓ {}/s  ↑ {}/s", one.name, rate(one.receive), rate(one.send)).ok();
    }
    if n_of_containers > 0 {
        writeln!(
            text,
            "{}",
            texts.msg(&msg!("host-interfaces-of-containers", n = n_of_containers))
        )
        .ok();
    }
    for port in &look.ports {
        let open = Some(texts.t("host-port-open")).filter(|_| port.is_open()).unwrap_or_default();
        let line = format!("{:<24} {} ({})  {open}", port.shown(), port.name, port.pid);
        writeln!(text, "{}", line.trim_end()).ok();
    }
    for sensor in &look.sensors {
        writeln!(text, "{:<24} {}", sensor.name, format::decimal(sensor.value, 1, texts)).ok();
    }
    let mut processes: Vec<&HostProcess> = look.processes.iter().collect();
    match sort {
        SortWord::Cpu => processes.sort_by(|a, b| {
            let (a_cpu, b_cpu) = (a.cpu_percent.unwrap_or(0.0), b.cpu_percent.unwrap_or(0.0));
            b_cpu.total_cmp(&a_cpu).then(b.memory_bytes.cmp(&a.memory_bytes))
        }),
        SortWord::Memory => processes.sort_by_key(|process| Reverse(process.memory_bytes)),
        SortWord::Pid => processes.sort_by_key(|process| process.pid),
    }
    for process in processes.iter().take(n.unwrap_or(TOP)) {
        let cpu = process
            .cpu_percent
            .map_or("–".to_owned(), |cpu| format::percent(cpu / 100.0, texts));
        writeln!(
            text,
            "{:>8} {:<12} {} {cpu:>8} {:>10}  {}",
            process.pid,
            process.user,
            process.state,
            bytes(process.memory_bytes),
            shortened(if process.command.is_empty() {
                &process.name
            } else {
                &process.command
            })
        )
        .ok();
    }
    text
}

/// A command line as far as a row goes; the document has all of it.
fn shortened(command: &str) -> String {
    match command.char_indices().nth(MAX_COMMAND) {
        Some((end, _)) => format!("{}…", &command[..end]),
        None => command.to_owned(),
    }
}

pub(super) fn signal_answer(model: &Model, texts: &Catalog) -> Answer {
    let told = model.operate.signalled;
    let text = told.map_or_else(String::new, |(pid, signal, after)| {
        let words = msg!("host-signalled", signal = signal.word(), after = texts.t(after.key()));
        format!("{pid}: {}\n", texts.msg(&words))
    });
    Answer {
        schema: "chantier.operate.signal/1",
        data: json!({ "pid": told.map(|(pid, ..)| pid), "signal": told.map(|(_, signal, _)| signal), "after": told.map(|(.., after)| after) }),
        text,
    }
}

/// `90s`, `15m`, `6h`, `2d`.
pub(super) fn secs_of(text: &str) -> Result<u32, Problem> {
    let wrong = || Problem::user(msg!("event-no-duration", text = text)).hint(msg!("event-no-duration-hint"));
    let unit = text.trim().chars().last().ok_or_else(wrong)?;
    let per = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3600,
        'd' => 86_400,
        'w' => 604_800,
        _ => return Err(wrong()),
    };
    let number: u32 = text.trim().trim_end_matches(unit).parse().map_err(|_| wrong())?;
    number.checked_mul(per).filter(|secs| *secs > 0).ok_or_else(wrong)
}

/// The kinds that were named; none means all.
pub(super) fn kinds_of(words: &[String]) -> Result<Vec<HappeningKind>, Problem> {
    let of = |word: &String| {
        let found = HappeningKind::ALL.into_iter().find(|kind| kind.word() == word.as_str());
        let names: Vec<&str> = HappeningKind::ALL.iter().map(|kind| kind.word()).collect();
        found.ok_or_else(|| {
            Problem::user(msg!("event-no-kind", name = word.as_str())).hint(msg!("event-no-kind-hint", names = names.join(", ")))
        })
    };
    words.iter().map(of).collect()
}

/// One line for each; None when nothing passes.
pub(super) fn event_lines<'a>(events: impl Iterator<Item = &'a Happening>, kinds: &[String], texts: &Catalog) -> Option<String> {
    let kinds = kinds_of(kinds).unwrap_or_default();
    let lines: Vec<String> = events
        .filter(|one| kinds.is_empty() || kinds.contains(&one.kind))
        .map(|one| {
            let at = format::local(one.at).strftime("%Y-%m-%d %H:%M:%S").to_string();
            format!(
                "{at}  {:<11} {:<28} {}",
                texts.t(one.kind.key()),
                one.name,
                texts.msg(&one.what)
            )
        })
        .collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

pub(super) fn events_answer(model: &Model, kinds: &[String], follow: bool, texts: &Catalog) -> Answer {
    let wanted = kinds_of(kinds).unwrap_or_default();
    let events: Vec<serde_json::Value> = model
        .operate
        .events
        .iter()
        .filter(|one| wanted.is_empty() || wanted.contains(&one.kind))
        .map(|one| {
            json!({ "at": one.at, "kind": one.kind, "state": one.state, "name": one.name, "what": texts.msg(&one.what), "workspace": one.workspace })
        })
        .collect();
    // What was followed has been read already.
    let text = event_lines(model.operate.events.iter(), kinds, texts).filter(|_| !follow);
    Answer {
        schema: "chantier.operate.events/1",
        data: json!({ "events": events, "since": model.operate.events_since }),
        text: text.map_or_else(String::new, |text| text + "\n"),
    }
}

pub(super) fn drift_answer(model: &Model, texts: &Catalog) -> Answer {
    let drifts = &model.operate.drifts;
    let mut text = String::new();
    let absent = texts.t("drift-absent");
    for drift in drifts {
        let environment = drift.environment.as_deref().unwrap_or("–");
        writeln!(text, "{environment} {}", drift.name).ok();
        for problem in &drift.problems {
            writeln!(text, "  ! {}", texts.msg(&problem.summary)).ok();
        }
        if drift.items.is_empty() && drift.problems.is_empty() {
            writeln!(text, "  {}", texts.t("drift-nothing")).ok();
        }
        for item in &drift.items {
            let running = item.running.as_deref().unwrap_or(&absent);
            let wanted = item.wanted.as_deref().unwrap_or(&absent);
            writeln!(text, "  {:<24} {running} → {wanted}", item.key).ok();
        }
    }
    if drifts.is_empty() {
        writeln!(text, "{}", texts.t("drift-none-deployed")).ok();
    }
    Answer {
        schema: "chantier.operate.drift/1",
        data: json!({ "drifts": drifts }),
        text,
    }
}
