//! The timeline as text: one line per item, a bar of letters on an axis of days or weeks.

use super::{Bar, Schedule, Shape};
use crate::base::{Catalog, SafeText};
use crate::msg;
use jiff::ToSpan as _;
use jiff::civil::Date;

/// Letters for the axis.
const WIDTH: i32 = 56;
const TITLE: usize = 34;

/// Draws the schedule; `#` is on the critical path, `=` is not, `-` is done, `|` is today.
pub fn draw(schedule: &Schedule, today: Date, texts: &Catalog) -> String {
    let (Some(first), Some(last)) = (schedule.first, schedule.last) else {
        return format!("{}\n", texts.t("plan-cli-none"));
    };
    let (first, last) = (first.min(today), last.max(today));
    let n_days = (last - first).get_days() + 1;
    // Days a letter.
    let step = (n_days + WIDTH - 1) / WIDTH;
    let n = ((n_days + step - 1) / step).max(1) as usize;
    let column = |day: Date| (((day - first).get_days() / step).max(0) as usize).min(n - 1);
    let mut out = String::new();
    let mut head: Vec<char> = vec![' '; n];
    let mut at = 0;
    while at + 6 <= n {
        let day = first.checked_add((at as i32 * step).days()).unwrap_or(first);
        for (offset, c) in format!("{:02}-{:02}", day.month(), day.day()).chars().enumerate() {
            head[at + offset] = c;
        }
        at += 8;
    }
    let pad = " ".repeat(TITLE + 12);
    out.push_str(&format!("{pad}{}\n", head.into_iter().collect::<String>().trim_end()));
    for bar in &schedule.bars {
        let mut row: Vec<char> = vec![' '; n];
        row[column(today)] = '|';
        let letter = letter_of(bar);
        for cell in &mut row[column(bar.start)..=column(bar.end)] {
            *cell = letter;
        }
        let indent = "  ".repeat(bar.depth.min(6));
        let title: String = SafeText::new(&bar.title).into_string();
        let title = cut(&format!("{indent}{title}"), TITLE);
        let late = if bar.is_late {
            format!("  {}", texts.t("plan-late"))
        } else {
            String::new()
        };
        let row: String = row.into_iter().collect();
        out.push_str(&format!("{:<10}{title}  {}{late}\n", bar.id, row.trim_end()));
    }
    if let Some(ends) = schedule.ends {
        let n_critical = schedule.bars.iter().filter(|bar| bar.is_critical).count();
        out.push_str(&format!(
            "{}\n",
            texts.msg(&msg!("plan-timeline-ends", day = ends.to_string(), n = n_critical))
        ));
    }
    if !schedule.circle.is_empty() {
        let ids = schedule.circle.join(" → ");
        out.push_str(&format!(
            "{}\n",
            texts.msg(&msg!("plan-check-circle", key = "depends", ids = ids))
        ));
    }
    out
}

fn letter_of(bar: &Bar) -> char {
    match bar.shape {
        Shape::Milestone => '*',
        Shape::Parent => '_',
        Shape::Work if bar.is_done => '-',
        Shape::Work if bar.is_critical => '#',
        Shape::Work => '=',
    }
}

fn cut(text: &str, width: usize) -> String {
    let n = text.chars().count();
    if n <= width {
        return format!("{text}{}", " ".repeat(width - n));
    }
    let short: String = text.chars().take(width - 1).collect();
    format!("{short}…")
}
