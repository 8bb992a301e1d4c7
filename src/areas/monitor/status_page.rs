//! The status page: one HTML file for others, with where every check stands, its days, its answer times, and incidents. Nothing is
//! loaded and no script runs.

use super::{CheckRow, Standing, answer, subjects};
use crate::adapters::World;
use crate::adapters::store::checks::CheckHourRow;
use crate::adapters::store::incidents::IncidentRow;
use crate::areas::test::report::{escaped, head};
use crate::base::{Catalog, Problem, State, Timestamp, Workspace, format, time};
use crate::msg;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Days of each check, and of incidents.
const DAYS: i64 = 90;
const INCIDENT_DAYS: i64 = 30;
const STYLE: &str = include_str!("../../../resources/status.css");

/// One day of a check.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Day {
    pub date: Date,
    /// Of good answers; None where nobody asked.
    pub share: Option<f64>,
}

/// What tells that a file is a page that this wrote: such a one may be written over.
pub const MARK: &str = "content=\"chantier monitor page\"";

/// One check of the page.
#[derive(Clone, Debug, PartialEq)]
pub struct Shown {
    pub check: CheckRow,
    /// Oldest first, one for each day.
    pub days: Vec<Day>,
    /// Mean answer time of the hours of the last day, in ms; None where nobody asked.
    pub hours: Vec<Option<f64>>,
}

/// What the page tells.
pub struct Told {
    pub name: String,
    pub at: Timestamp,
    pub zone: TimeZone,
    pub checks: Vec<Shown>,
    pub incidents: Vec<IncidentRow>,
}

/// Gathers what the page tells.
pub async fn gather(world: &World, workspace: &Workspace) -> Result<(Told, Vec<Problem>), Problem> {
    let (found, problems) = subjects::checks(world, workspace).await?;
    let rows = answer::stand_all(world, &found).await?;
    let (now, zone) = (world.clock().now(), TimeZone::system());
    let today = now.to_zoned(zone.clone()).date();
    let back = |days: i64| Timestamp::from_second(now.as_second() - days * 86_400).unwrap_or(Timestamp::MIN);
    let mut checks = Vec::new();
    for check in rows {
        let hours = world
            .store()
            .checks()
            .hours(&workspace.id, &check.name, back(DAYS), now)
            .await?;
        checks.push(Shown {
            days: days(&hours, today, &zone),
            hours: last_hours(&hours, now),
            check,
        });
    }
    let mut incidents = world.store().incidents().list(&workspace.id, false, 200).await?;
    incidents.retain(|incident| incident.closed_at.is_none_or(|closed| closed >= back(INCIDENT_DAYS)));
    let told = Told {
        name: workspace.name.clone(),
        at: now,
        zone,
        checks,
        incidents,
    };
    Ok((told, problems))
}

/// The days up to this one, by the calendar of a time zone.
pub fn days(hours: &[CheckHourRow], today: Date, zone: &TimeZone) -> Vec<Day> {
    let mut sums: BTreeMap<Date, (u64, u64)> = BTreeMap::new();
    for hour in hours {
        let date = hour.at.to_zoned(zone.clone()).date();
        let sum = sums.entry(date).or_default();
        sum.0 += hour.n;
        sum.1 += hour.n_up;
    }
    let span = |back: i64| jiff::Span::new().days(-back);
    (0..DAYS)
        .rev()
        .filter_map(|back| today.checked_add(span(back)).ok())
        .map(|date| Day {
            date,
            share: sums
                .get(&date)
                .filter(|(n, _)| *n > 0)
                .map(|(n, n_up)| *n_up as f64 / *n as f64),
        })
        .collect()
}

fn last_hours(hours: &[CheckHourRow], now: Timestamp) -> Vec<Option<f64>> {
    let this_hour = now.as_second() - now.as_second().rem_euclid(3600);
    let of = |back: i64| {
        let at = this_hour - back * 3600;
        let hour = hours.iter().find(|hour| hour.at.as_second() == at)?;
        (hour.n_up > 0).then(|| hour.latency_total_ms / hour.n_up as f64)
    };
    (0..24).rev().map(of).collect()
}

/// The page.
pub fn html(told: &Told, texts: &Catalog) -> String {
    let title = format!("{} – {}", told.name, texts.t("monitor-page-title"));
    let mut out = head(&title, texts).replacen("</style>", &format!("{STYLE}</style>"), 1);
    out = out.replacen("<title>", &format!("<meta name=\"generator\" {MARK}><title>"), 1);
    let at = told.at.to_zoned(told.zone.clone());
    let (class, words) = overall(told, texts);
    writeln!(
        out,
        "<header><h1>{}</h1><p><time>{}</time></p></header>\n<section class=\"overall {class}\" role=\"status\"><i>{}</i> {}</section>",
        escaped(&told.name),
        at.strftime("%Y-%m-%d %H:%M %Z"),
        mark(class),
        escaped(&words)
    )
    .ok();
    let mut groups: BTreeMap<Option<&str>, Vec<&Shown>> = BTreeMap::new();
    for shown in &told.checks {
        groups.entry(shown.check.environment.as_deref()).or_default().push(shown);
    }
    for (environment, group) in groups {
        let name = environment.map_or_else(|| texts.t("monitor-page-others").into_owned(), str::to_owned);
        writeln!(out, "<section><h2>{}</h2>", escaped(&name)).ok();
        for shown in group {
            check_html(&mut out, shown, texts);
        }
        out.push_str("</section>\n");
    }
    incidents_html(&mut out, told, texts);
    writeln!(
        out,
        "<footer>{}</footer></body></html>",
        escaped(&texts.msg(&msg!("monitor-page-foot", days = DAYS)))
    )
    .ok();
    out
}

/// The class of colour and the word of a state; always both, and a mark beside them.
fn class(standing: Standing) -> &'static str {
    match standing.state() {
        State::Failed => "fail",
        State::Degraded => "flaky",
        State::Running => "pass",
        _ => "skip",
    }
}

fn mark(class: &str) -> &'static str {
    match class {
        "fail" => "✕",
        "flaky" => "▲",
        "pass" => "●",
        _ => "○",
    }
}

fn overall(told: &Told, texts: &Catalog) -> (&'static str, String) {
    let n_down = told
        .checks
        .iter()
        .filter(|shown| class(shown.check.standing) == "fail")
        .count();
    let n_bad = told
        .checks
        .iter()
        .filter(|shown| class(shown.check.standing) == "flaky")
        .count();
    let n_known = told
        .checks
        .iter()
        .filter(|shown| class(shown.check.standing) == "pass")
        .count();
    match (n_down, n_bad, n_known) {
        (0, 0, 0) => ("skip", texts.t("monitor-page-nothing").into_owned()),
        (0, 0, _) => ("pass", texts.t("monitor-page-all-up").into_owned()),
        (0, n, _) => ("flaky", texts.msg(&msg!("monitor-page-impaired", n = n))),
        (n, ..) => ("fail", texts.msg(&msg!("monitor-page-down", n = n))),
    }
}

fn check_html(out: &mut String, shown: &Shown, texts: &Catalog) {
    let check = &shown.check;
    let class = class(check.standing);
    let word = texts.t(check.standing.key());
    write!(
        out,
        "<article class=\"check\"><h3>{} <b class=\"{class}\"><i>{}</i> {}</b></h3>",
        escaped(&check.name),
        mark(class),
        escaped(&word)
    )
    .ok();
    if check.standing != Standing::Up && !check.message.is_empty() {
        write!(out, "<p class=\"why\">{}</p>", escaped(&check.message)).ok();
    }
    out.push_str("<div class=\"days\">");
    for day in &shown.days {
        let (class, words) = match day.share {
            None => ("none", texts.t("monitor-page-not-asked").into_owned()),
            Some(share) => {
                let class = match share {
                    share if share >= 0.999 => "pass",
                    share if share >= 0.95 => "flaky",
                    _ => "fail",
                };
                (class, percent(share, texts))
            }
        };
        let title = format!("{} · {words}", day.date);
        write!(out, "<i class=\"{class}\" title=\"{}\"></i>", escaped(&title)).ok();
    }
    out.push_str("</div><p class=\"facts\">");
    let asked: Vec<f64> = shown.days.iter().filter_map(|day| day.share).collect();
    if !asked.is_empty() {
        let mean = asked.iter().sum::<f64>() / asked.len() as f64;
        let words = texts.msg(&msg!("monitor-page-uptime", share = percent(mean, texts), days = asked.len()));
        write!(out, "<span>{}</span>", escaped(&words)).ok();
    }
    if let Some(ms) = check.latency_ms {
        let words = format::duration_secs(ms / 1000.0, texts);
        write!(out, "<span>{}</span>", escaped(&words)).ok();
    }
    sparkline(out, &shown.hours, &texts.t("monitor-page-times"));
    out.push_str("</p></article>\n");
}

/// Nines matter, and rounding must not say that nothing ever failed.
fn percent(share: f64, texts: &Catalog) -> String {
    if share >= 1.0 {
        return format!("{} %", format::decimal(100.0, 0, texts));
    }
    format!("{} %", format::decimal((share * 100.0).min(99.99), 2, texts))
}

fn sparkline(out: &mut String, hours: &[Option<f64>], name: &str) {
    let most = hours.iter().flatten().copied().fold(0.0, f64::max);
    if most <= 0.0 {
        return;
    }
    let (width, height) = (120.0, 20.0);
    let step = width / (hours.len().max(2) - 1) as f64;
    let mut path = String::new();
    let mut is_drawing = false;
    for (i, hour) in hours.iter().enumerate() {
        let Some(ms) = hour else {
            is_drawing = false;
            continue;
        };
        let (x, y) = (i as f64 * step, height - 1.0 - ms / most * (height - 2.0));
        let order = if is_drawing { 'L' } else { 'M' };
        // One hour alone is a dot.
        let dot = if is_drawing { "" } else { "h0.1" };
        write!(path, "{order}{x:.1} {y:.1}{dot}").ok();
        is_drawing = true;
    }
    write!(
        out,
        "<svg class=\"times\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" role=\"img\" aria-label=\"{}\"><path d=\"{path}\"/></svg>",
        escaped(name)
    )
    .ok();
}

fn incidents_html(out: &mut String, told: &Told, texts: &Catalog) {
    writeln!(out, "<section><h2>{}</h2>", escaped(&texts.t("monitor-incidents"))).ok();
    if told.incidents.is_empty() {
        let words = texts.msg(&msg!("monitor-page-no-incidents", days = INCIDENT_DAYS));
        write!(out, "<p class=\"why\">{}</p>", escaped(&words)).ok();
    }
    for incident in &told.incidents {
        let opened = incident.opened_at.to_zoned(told.zone.clone());
        let until = incident.closed_at.unwrap_or(told.at);
        let lasted = format::duration_secs(time::secs_between(incident.opened_at, until), texts);
        let (class, words) = match incident.closed_at {
            None => ("fail", texts.msg(&msg!("monitor-incident-since", lasted = lasted))),
            Some(_) => ("pass", texts.msg(&msg!("monitor-page-lasted", lasted = lasted))),
        };
        writeln!(
            out,
            "<article><h3>{} <b class=\"{class}\"><i>{}</i> {}</b></h3><p class=\"why\"><time>{}</time>{}</p></article>",
            escaped(&incident.title),
            mark(class),
            escaped(&words),
            opened.strftime("%Y-%m-%d %H:%M"),
            if incident.cause.is_empty() {
                String::new()
            } else {
                format!(" · {}", escaped(&incident.cause))
            }
        )
        .ok();
    }
    out.push_str("</section>\n");
}
