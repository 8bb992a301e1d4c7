//! The order of a column: by `rank` where an item was moved by hand, else by priority and age.
//! A place between any two items can be named by one number, so a move changes one file only.

use super::{Item, Priority};
use std::cmp::Ordering;

/// Where an item stands in its column, lowest first.
pub fn rank(item: &Item) -> f64 {
    item.rank.unwrap_or_else(|| {
        let priority = match item.priority {
            Some(Priority::Urgent) => 0,
            Some(Priority::High) => 1,
            Some(Priority::Medium) => 2,
            None => 3,
            Some(Priority::Low) => 4,
        };
        let epoch = jiff::civil::date(2000, 1, 1);
        let days = item.created.map_or(0, |day| (day - epoch).get_days()).clamp(0, 99_999);
        // The time of the day, else the id, parts items of one day, so that there is room between them.
        let fraction = if let Some(time) = item.created_time {
            let seconds = i32::from(time.hour()) * 3600 + i32::from(time.minute()) * 60 + i32::from(time.second());
            f64::from(seconds) / 86_400.0
        } else {
            by_id(&item.id)
        };
        f64::from(priority) * 100_000.0 + f64::from(days) + fraction
    })
}

/// A fraction of a day that grows with the id as people count: `FC-9` stands before `FC-10`, and both before `FC-1AB`.
fn by_id(id: &str) -> f64 {
    let end = id.rsplit('-').next().unwrap_or(id);
    if let Ok(number) = end.parse::<u32>() {
        return f64::from(number.min(49_999)) / 100_000.0;
    }
    let places = end.bytes().take(4).fold((0.0, 1.0), |(sum, place), byte| {
        let place = place / 37.0;
        let digit = match byte {
            b'0'..=b'9' => byte - b'0' + 1,
            _ if byte.is_ascii_alphabetic() => byte.to_ascii_lowercase() - b'a' + 11,
            _ => 0,
        };
        (sum + f64::from(digit) * place, place)
    });
    0.5 + places.0 / 2.001
}

pub fn compare(a: &Item, b: &Item) -> Ordering {
    rank(a).total_cmp(&rank(b)).then_with(|| a.id.cmp(&b.id))
}

/// The shortest number that lies between two ranks. None when no number does.
pub fn between(above: Option<f64>, below: Option<f64>) -> Option<f64> {
    match (above, below) {
        (None, None) => Some(0.0),
        (Some(above), None) => Some((above + 1.0).floor()),
        (None, Some(below)) => Some((below - 1.0).ceil()),
        (Some(above), Some(below)) => {
            let middle = above + (below - above) / 2.0;
            if !(above < middle && middle < below) {
                return None;
            }
            let short = (0..=9).map(|places: i32| {
                let scale = 10_f64.powi(places);
                (middle * scale).round() / scale
            });
            let mut fitting = short.filter(|number| above < *number && *number < below);
            Some(fitting.next().unwrap_or(middle))
        }
    }
}
