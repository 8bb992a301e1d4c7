//! `chantier operate host` and `signal`: what people read of this machine.

use crate::areas::Model;
use crate::areas::cli::Answer;
use crate::base::host::{HostLook, HostProcess, HostSignal};
use crate::base::{Catalog, Problem, format};
use crate::msg;
use serde_json::json;
use std::cmp::Reverse;
use std::fmt::Write as _;

/// Processes that are named at most, unless all are asked for.
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
    HostSignal::from_word(word)
        .ok_or_else(|| Problem::user(msg!("host-no-signal", name = word)).hint(msg!("host-no-signal-hint", names = names.join(", "))))
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
        format!("{:<12} {cpu} x {}  {}", texts.t("operate-col-cpu"), look.n_cpus, load.join(" ")),
        format!(
            "{:<12} {} / {}",
            texts.t("operate-col-memory"),
            bytes(look.memory_used_bytes),
            bytes(look.memory_bytes)
        ),
    ];
    for line in lines {
        writeln!(text, "{line}").ok();
    }
    for disk in &look.disks {
        writeln!(text, "{:<12} {} / {}", disk.mount, bytes(disk.free_bytes), bytes(disk.total_bytes)).ok();
    }
    let rate = |value: Option<f64>| value.map_or("–".to_owned(), |value| bytes(value as u64));
    for one in &look.interfaces {
        writeln!(text, "{:<12} ↓ {}/s  ↑ {}/s", one.name, rate(one.receive), rate(one.send)).ok();
    }
    for port in &look.ports {
        writeln!(text, ":{:<11} {} ({})", port.port, port.name, port.pid).ok();
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
            if process.command.is_empty() { &process.name } else { &process.command }
        )
        .ok();
    }
    text
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
