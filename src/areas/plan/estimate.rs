//! Estimates as people write them: `3h`, `2d`, `1.5w`, `2d 4h`; a plain number is a number of points.

/// Hours of a day of work.
pub const HOURS_A_DAY: f64 = 8.0;
/// More is no estimate: some twenty years of one person.
const MAX_HOURS: f64 = 40_000.0;
/// Days of a week of work.
pub const DAYS_A_WEEK: f64 = 5.0;

/// How much work it is: hours of work, points, or both when several are added up.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Effort {
    pub hours: f64,
    pub points: f64,
}

impl Effort {
    pub fn is_nothing(self) -> bool {
        self.hours <= 0.0 && self.points <= 0.0
    }

    pub fn plus(self, other: Self) -> Self {
        Self {
            hours: self.hours + other.hours,
            points: self.points + other.points,
        }
    }

    /// Whole days of work it takes, at least one; a point counts as a day.
    pub fn days(self) -> u32 {
        (self.hours / HOURS_A_DAY + self.points).ceil().clamp(1.0, 5000.0) as u32
    }

    /// `2d 4h`, `5 p`, `2d 4h + 5 p`; empty for nothing.
    pub fn text(self) -> String {
        let mut parts: Vec<String> = Vec::new();
        if self.hours > 0.0 {
            let days = (self.hours / HOURS_A_DAY).floor();
            let hours = ((self.hours - days * HOURS_A_DAY) * 10.0).round() / 10.0;
            let words = [(days, "d"), (hours, "h")];
            let words = words.iter().filter(|(n, _)| *n > 0.0).map(|(n, unit)| format!("{n}{unit}"));
            parts.push(words.collect::<Vec<_>>().join(" "));
        }
        if self.points > 0.0 {
            parts.push(format!("{} p", (self.points * 10.0).round() / 10.0));
        }
        parts.join(" + ")
    }
}

/// Reads an estimate; None for what is none.
pub fn parse(text: &str) -> Option<Effort> {
    let text = text.trim().to_lowercase();
    if let Ok(points) = text.trim_end_matches([' ', 'p']).parse::<f64>() {
        return (0.0..=MAX_HOURS).contains(&points).then_some(Effort { hours: 0.0, points });
    }
    let mut rest = text.as_str();
    let mut hours = 0.0;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.' && c != ',')?;
        let number: f64 = rest[..end].replace(',', ".").parse().ok()?;
        rest = rest[end..].trim_start();
        let end = rest.find(|c: char| !c.is_alphabetic()).unwrap_or(rest.len());
        let unit = match &rest[..end] {
            "min" | "m" | "mn" => 1.0 / 60.0,
            "h" | "hour" | "hours" | "heure" | "heures" => 1.0,
            "d" | "day" | "days" | "j" | "jour" | "jours" => HOURS_A_DAY,
            "w" | "week" | "weeks" | "semaine" | "semaines" => HOURS_A_DAY * DAYS_A_WEEK,
            _ => return None,
        };
        hours += number * unit;
        rest = rest[end..].trim_start();
    }
    (hours > 0.0 && hours <= MAX_HOURS).then_some(Effort { hours, points: 0.0 })
}
