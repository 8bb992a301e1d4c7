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
        // The time of the day, else a fraction by the id, parts items of one day, so that there is room between them.
        let fraction = if let Some(time) = item.created_time {
            let seconds = i32::from(time.hour()) * 3600 + i32::from(time.minute()) * 60 + i32::from(time.second());
            f64::from(seconds) / 86_400.0
        } else {
            let hash = item.id.bytes().fold(0x811c_9dc5_u32, |hash, byte| {
                (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
            });
            f64::from(hash % 1000) / 1000.0
        };
        f64::from(priority) * 100_000.0 + f64::from(days) + fraction
    })
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
