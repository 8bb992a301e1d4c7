//! Where the ticks of a chart stand and what they say.

use crate::base::{Catalog, Timestamp, format};

/// Round numbers from `low` to at least `high`, no more than `most` steps; the step and the ticks.
pub fn ticks(low: f64, high: f64, most: usize) -> (f64, Vec<f64>) {
    let span = (high - low).abs().max(1e-9);
    let raw = span / most.max(1) as f64;
    let power = 10_f64.powf(raw.log10().floor());
    let step = [1.0, 2.0, 2.5, 5.0, 10.0]
        .into_iter()
        .map(|m| m * power)
        .find(|step| *step >= raw * 0.999)
        .unwrap_or(power * 10.0);
    let first = (low / step).floor();
    let last = ((high / step) - 1e-9).ceil().max(first + 1.0);
    let n = ((last - first) as usize).min(100);
    (step, (0..=n).map(|i| (first + i as f64) * step).collect())
}

/// A value with as many decimals as the step needs.
pub fn value_text(value: f64, step: f64, texts: &Catalog) -> String {
    let power = step.abs().max(1e-9).log10().floor();
    // 2.5 needs one place more than its power says.
    let extra = if (step / 10_f64.powf(power) - 2.5).abs() < 1e-6 {
        1.0
    } else {
        0.0
    };
    let places = if value == 0.0 {
        0
    } else {
        (extra - power).clamp(0.0, 6.0) as usize
    };
    if places == 0 && value.abs() >= 1000.0 {
        let sign = if value < 0.0 { "-" } else { "" };
        return format!("{sign}{}", format::count(value.abs().round() as u64, texts));
    }
    format::decimal(if value == 0.0 { 0.0 } else { value }, places, texts)
}

/// Times that stand on whole minutes, hours or days of the machine's zone, at most `most` of them, with their words.
pub fn time_ticks(from: f64, to: f64, most: usize, texts: &Catalog) -> Vec<(f64, String)> {
    const STEPS: [f64; 22] = [
        1.0,
        2.0,
        5.0,
        10.0,
        15.0,
        30.0,
        60.0,
        120.0,
        300.0,
        600.0,
        900.0,
        1800.0,
        3600.0,
        7200.0,
        10_800.0,
        21_600.0,
        43_200.0,
        86_400.0,
        172_800.0,
        604_800.0,
        1_209_600.0,
        2_592_000.0,
    ];
    let span = (to - from).max(1.0);
    let step = STEPS
        .into_iter()
        .find(|step| span / step <= most.max(1) as f64)
        .unwrap_or(span);
    let offset = at(from).map_or(0.0, |at| f64::from(format::local(at).offset().seconds()));
    let mut tick = ((from + offset) / step).ceil() * step - offset;
    let mut all = Vec::new();
    while tick <= to && all.len() < 100 {
        all.push((tick, time_text(tick, step, texts)));
        tick += step;
    }
    all
}

fn time_text(secs: f64, step: f64, texts: &Catalog) -> String {
    let Some(local) = at(secs).map(format::local) else {
        return String::new();
    };
    let is_midnight = local.hour() == 0 && local.minute() == 0 && local.second() == 0;
    if step >= 86_400.0 || is_midnight && step >= 3600.0 {
        return format::day_of_month(local.date(), texts);
    }
    let pattern = if step < 60.0 { "%H:%M:%S" } else { "%H:%M" };
    local.strftime(pattern).to_string()
}

/// A moment to the second, for the read-out.
pub fn moment_text(secs: f64, span: f64, texts: &Catalog) -> String {
    let Some(local) = at(secs).map(format::local) else {
        return String::new();
    };
    if span > 86_400.0 {
        format!("{} {}", format::day_of_month(local.date(), texts), local.strftime("%H:%M"))
    } else {
        local.strftime("%H:%M:%S").to_string()
    }
}

fn at(secs: f64) -> Option<Timestamp> {
    Timestamp::from_millisecond((secs * 1000.0) as i64).ok()
}
