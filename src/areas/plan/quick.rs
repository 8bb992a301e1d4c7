//! The line for quick adding: `feature: Show the tide #api !high @me ^2.6.0 ~3h start:friday due:2026-12-01`.
//! A sign counts at the start of a word; `\#` is a plain sign; what is no value stays in the title, or is refused by `strict`.

use super::{Draft, Kind, Priority, estimate};
use crate::base::{Problem, SafeText};
use crate::msg;
use jiff::ToSpan as _;
use jiff::civil::{Date, Weekday};

/// Reads the line; never fails. `today` is for `due:today`, `due:tomorrow` and `start:5d`.
pub fn parse(line: &str, today: Date) -> Draft {
    read(Draft::default(), line, today).0
}

/// The same on top of what is known, what the line says counts more; a priority, a day or an estimate that is none is refused.
pub fn strict(draft: Draft, line: &str, today: Date) -> Result<Draft, Problem> {
    let (draft, refused) = read(draft, line, today);
    let Some(sign) = refused.first() else {
        return match (draft.start, draft.due) {
            (Some(start), Some(due)) if due < start => Err(super::say::days_crossed(start, due)),
            _ => Ok(draft),
        };
    };
    let word = SafeText::new(&sign.word);
    let words: Vec<String> = Priority::ALL.iter().map(|priority| format!("!{}", priority.word())).collect();
    let (what, hint) = match sign.mark {
        '!' => (
            msg!("plan-quick-priority", word = word.clone()),
            msg!("plan-quick-words-hint", words = words.join(", "), word = word.clone()),
        ),
        's' | 'd' => (
            msg!("plan-quick-due", word = word.clone()),
            msg!(
                "plan-quick-due-hint",
                key = if sign.mark == 's' { "start" } else { "due" },
                word = word.clone()
            ),
        ),
        _ => (
            msg!("plan-quick-estimate", word = word.clone()),
            msg!("plan-quick-estimate-hint", word = word.clone()),
        ),
    };
    Err(Problem::user(what).code("value").hint(hint))
}

/// The draft, and the signs whose words are no value.
fn read(mut draft: Draft, line: &str, today: Date) -> (Draft, Vec<Sign>) {
    let mut refused: Vec<Sign> = Vec::new();
    let mut rest = line.trim();
    if let Some((word, after)) = rest.split_once(':')
        && let Some(kind) = Kind::known(word.trim())
    {
        draft.kind = kind;
        rest = after.trim_start();
    }
    let mut title: Vec<String> = Vec::new();
    let mut pending: Option<Sign> = None;
    for word in rest.split_whitespace() {
        // `@"Maëlle Roy"`: up to the closing quote.
        if let Some(sign) = &mut pending {
            sign.text.push(' ');
            sign.text.push_str(word.trim_end_matches('"'));
            if word.ends_with('"') {
                let sign = pending.take().expect("matched just above");
                apply(&mut draft, &mut title, &mut refused, &sign, today);
            }
            continue;
        }
        if let Some(plain) = word
            .strip_prefix('\\')
            .filter(|plain| plain.starts_with(['#', '!', '@', '^', '~']) || DAYS.iter().any(|(key, _)| plain.starts_with(key)))
        {
            title.push(plain.to_owned());
            continue;
        }
        let Some(sign) = Sign::of(word) else {
            title.push(word.to_owned());
            continue;
        };
        match sign.text.strip_prefix('"') {
            Some(open) if !open.ends_with('"') => {
                pending = Some(Sign {
                    text: open.to_owned(),
                    ..sign
                });
            }
            Some(whole) => {
                let text = whole.trim_end_matches('"').to_owned();
                apply(&mut draft, &mut title, &mut refused, &Sign { text, ..sign }, today);
            }
            None => apply(&mut draft, &mut title, &mut refused, &sign, today),
        }
    }
    if let Some(sign) = pending {
        apply(&mut draft, &mut title, &mut refused, &sign, today);
    }
    draft.title = title.join(" ");
    (draft, refused)
}

/// Keys whose values are days, and their marks.
const DAYS: [(&str, char); 2] = [("due:", 'd'), ("start:", 's')];

#[derive(Clone)]
struct Sign {
    mark: char,
    text: String,
    word: String,
}

impl Sign {
    fn of(word: &str) -> Option<Self> {
        let day = DAYS.iter().find_map(|(key, mark)| Some((*mark, word.strip_prefix(key)?)));
        let (mark, text) = match day {
            Some(day) => day,
            None => {
                let mark = word.chars().next().filter(|c| matches!(c, '#' | '!' | '@' | '^' | '~'))?;
                (mark, &word[1..])
            }
        };
        (!text.is_empty()).then(|| Self {
            mark,
            text: text.to_owned(),
            word: word.to_owned(),
        })
    }
}

fn apply(draft: &mut Draft, title: &mut Vec<String>, refused: &mut Vec<Sign>, sign: &Sign, today: Date) {
    let text = sign.text.as_str();
    match sign.mark {
        // `#12` is a number, not a label.
        '#' if !text.chars().all(|c| c.is_ascii_digit()) => {
            if !draft.labels.iter().any(|label| label == text) {
                draft.labels.push(text.to_owned());
            }
        }
        '!' if Priority::from_word(text).is_some() => draft.priority = Priority::from_word(text),
        '@' => draft.assignee = Some(text.to_owned()),
        '^' => draft.milestone = Some(text.to_owned()),
        '~' if estimate::parse(text).is_some() => draft.estimate = Some(text.to_owned()),
        'd' if day(text, today).is_some() => draft.due = day(text, today),
        's' if day(text, today).is_some() => draft.start = day(text, today),
        mark => {
            let is_meant = match mark {
                '!' => text.chars().all(char::is_alphabetic),
                '~' => text.starts_with(|c: char| c.is_ascii_digit()),
                mark => matches!(mark, 'd' | 's'),
            };
            if is_meant {
                refused.push(sign.clone());
            }
            title.push(sign.word.clone());
        }
    }
}

/// The days of the week by their names; one means the next that comes.
const WEEKDAYS: [([&str; 2], Weekday); 7] = [
    (["monday", "lundi"], Weekday::Monday),
    (["tuesday", "mardi"], Weekday::Tuesday),
    (["wednesday", "mercredi"], Weekday::Wednesday),
    (["thursday", "jeudi"], Weekday::Thursday),
    (["friday", "vendredi"], Weekday::Friday),
    (["saturday", "samedi"], Weekday::Saturday),
    (["sunday", "dimanche"], Weekday::Sunday),
];

/// `2026-12-01`, `today`, `tomorrow`, `friday`, `5d` or `2w`.
pub fn day(text: &str, today: Date) -> Option<Date> {
    let word = text.to_lowercase().replace('’', "'");
    match word.as_str() {
        "today" | "aujourd'hui" => return Some(today),
        "tomorrow" | "demain" => return today.tomorrow().ok(),
        _ => {}
    }
    if let Some((_, weekday)) = WEEKDAYS.iter().find(|(names, _)| names.contains(&word.as_str())) {
        return today.nth_weekday(1, *weekday).ok();
    }
    let number = |unit: char| {
        text.strip_suffix(unit)
            .and_then(|digits| digits.parse::<i32>().ok())
            .filter(|n| (0..10_000).contains(n))
    };
    if let Some(days) = number('d') {
        return today.checked_add(days.days()).ok();
    }
    if let Some(weeks) = number('w') {
        return today.checked_add(weeks.weeks()).ok();
    }
    text.parse().ok()
}
