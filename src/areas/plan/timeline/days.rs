//! Days of work as numbers: Monday to Friday, five a week, so that a length is a difference.

use jiff::ToSpan as _;
use jiff::civil::{Date, date};

/// A Monday.
const ZERO: Date = date(2000, 1, 3);

/// The number of a day; a day of the weekend is the Monday after it.
pub fn day_of(date: Date) -> i64 {
    let days = i64::from((date - ZERO).get_days());
    let (week, day) = (days.div_euclid(7), days.rem_euclid(7));
    week * 5 + day.min(5)
}

/// The same for an end: a day of the weekend is the Friday before it.
pub fn last_day_of(date: Date) -> i64 {
    let days = i64::from((date - ZERO).get_days());
    let (week, day) = (days.div_euclid(7), days.rem_euclid(7));
    week * 5 + day.min(4)
}

/// The day that has this number.
pub fn day_at(number: i64) -> Date {
    let (week, day) = (number.div_euclid(5), number.rem_euclid(5));
    let days = (week * 7 + day).clamp(-700_000, 2_900_000);
    ZERO.checked_add(days.days()).unwrap_or(ZERO)
}
