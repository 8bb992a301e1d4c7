//! The one filter language of Plan, for table, board, timeline and command line: words that are looked for, and terms such as
//! `type:bug`, `-label:x`, `due<2026-12-01`, `is:blocked`, `no:estimate`. Terms stand beside each other: all must be true.

pub mod complete;
mod fuzzy;

pub use fuzzy::{Haystack, fold};

use super::links::Links;
use super::model::Plan;
use super::{Item, Kind, Priority, estimate, quick, workflow};
use crate::base::{Problem, SafeText};
use crate::msg;
use jiff::civil::Date;
use std::cmp::Ordering;
use std::collections::BTreeSet;

/// The keys of terms, for completion and messages.
pub const KEYS: [&str; 17] = [
    "id",
    "title",
    "type",
    "state",
    "priority",
    "label",
    "assignee",
    "milestone",
    "parent",
    "depends",
    "estimate",
    "start",
    "due",
    "created",
    "updated",
    "text",
    "test",
];

/// The words behind `is:`.
pub const IS: [&str; 8] = ["open", "done", "busy", "late", "blocked", "parent", "part", "backlog"];

/// The words behind `has:` and `no:`.
pub const HAS: [&str; 11] = [
    "due",
    "start",
    "estimate",
    "assignee",
    "label",
    "milestone",
    "parent",
    "depends",
    "priority",
    "criteria",
    "test",
];

/// How a value is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// `key:value`: is it, or holds it.
    Is,
    Less,
    LessOrSame,
    More,
    MoreOrSame,
}

/// One term of a filter.
#[derive(Clone, Debug, PartialEq)]
enum Term {
    /// A word somewhere in id, title, type, labels, assignee or milestone.
    Word(String),
    Field {
        key: &'static str,
        op: Op,
        values: Vec<String>,
    },
    Is(&'static str),
    Has(&'static str),
}

/// A filter that was understood, and what of it was not.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Filter {
    /// With true for what must not be.
    terms: Vec<(bool, Term)>,
    /// What is not understood; such a term is left out.
    pub problems: Vec<Problem>,
}

/// What the terms refer to beside the items.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Context {
    pub today: Date,
    /// Who `me` is.
    pub me: Option<String>,
}

/// A piece of a filter as it is typed: where it starts and ends, and the text without quotes.
#[derive(Clone, Debug, PartialEq)]
pub struct Piece {
    pub start: usize,
    pub end: usize,
    pub text: String,
    is_quoted: bool,
}

/// Parts a filter at its spaces, quotes kept together.
pub fn pieces(text: &str) -> Vec<Piece> {
    let mut out: Vec<Piece> = Vec::new();
    let mut piece: Option<Piece> = None;
    let mut in_quotes = false;
    for (at, c) in text.char_indices() {
        if c == '"' {
            in_quotes = !in_quotes;
            let piece = piece.get_or_insert_with(|| Piece {
                start: at,
                end: at,
                text: String::new(),
                is_quoted: true,
            });
            piece.end = at + 1;
        } else if c.is_whitespace() && !in_quotes {
            out.extend(piece.take());
        } else {
            let piece = piece.get_or_insert_with(|| Piece {
                start: at,
                end: at,
                text: String::new(),
                is_quoted: false,
            });
            piece.text.push(c);
            piece.end = at + c.len_utf8();
        }
    }
    out.extend(piece);
    out
}

/// Key, operator and value of a piece; None for a plain word.
pub fn parts(text: &str) -> Option<(&str, Op, &str)> {
    let at = text.find([':', '<', '>', '='])?;
    let key = &text[..at];
    if key.is_empty() || !key.chars().all(|c| c.is_ascii_alphabetic()) {
        return None;
    }
    let rest = &text[at..];
    // `due:<2027-04-10` is written so elsewhere.
    let has_order = key_of(key).is_some_and(|key| ORDERED.contains(&key));
    let order = rest
        .strip_prefix(':')
        .filter(|rest| has_order && rest.starts_with(['<', '>']));
    let rest = order.unwrap_or(rest);
    Some(if let Some(value) = rest.strip_prefix("<=") {
        (key, Op::LessOrSame, value)
    } else if let Some(value) = rest.strip_prefix(">=") {
        (key, Op::MoreOrSame, value)
    } else if let Some(value) = rest.strip_prefix('<') {
        (key, Op::Less, value)
    } else if let Some(value) = rest.strip_prefix('>') {
        (key, Op::More, value)
    } else {
        (key, Op::Is, &rest[1..])
    })
}

/// Keys whose values come one after the other.
const ORDERED: [&str; 6] = ["start", "due", "created", "updated", "estimate", "priority"];

/// The key that a word stands for.
fn key_of(word: &str) -> Option<&'static str> {
    let word = word.to_lowercase();
    if let Some(key) = KEYS.iter().find(|key| **key == word) {
        return Some(key);
    }
    Some(match word.as_str() {
        "kind" => "type",
        "status" => "state",
        "labels" | "tag" | "tags" => "label",
        "who" | "owner" | "assignees" => "assignee",
        "needs" | "blockedby" => "depends",
        "of" => "parent",
        "body" => "text",
        "prio" => "priority",
        _ => return None,
    })
}

/// The signs of a new item's line, and the keys that they stand for.
const SIGNS: [(char, &str); 4] = [('#', "label"), ('@', "assignee"), ('!', "priority"), ('^', "milestone")];
/// Words that are offered in place of an unknown one.
const MAX_WORDS: usize = 20;

impl Filter {
    /// Reads a filter; never fails as a whole.
    pub fn parse(text: &str) -> Self {
        let mut filter = Self::default();
        for piece in pieces(text) {
            let (is_not, body) = match piece.text.strip_prefix('-') {
                Some(rest) if !rest.is_empty() => (true, rest),
                _ => (false, piece.text.as_str()),
            };
            if body.is_empty() {
                continue;
            }
            match term_of(body, piece.is_quoted) {
                Ok(Some(term)) => filter.terms.push((is_not, term)),
                // `due:` while it is being typed.
                Ok(None) => {}
                Err(problem) => filter.problems.push(problem),
            }
        }
        filter
    }

    /// The same, where a filter that is not understood must not be taken for another one.
    pub fn strict(text: &str) -> Result<Self, Problem> {
        let filter = Self::parse(text);
        match filter.problems.first() {
            Some(problem) => Err(problem.clone()),
            None => Ok(filter),
        }
    }

    /// Values of the filter that nothing in the plan has: most likely they are written wrongly.
    pub fn strange(&self, plan: &Plan) -> Vec<Problem> {
        let mut out = Vec::new();
        for (_, term) in &self.terms {
            let Term::Field { key, op: Op::Is, values } = term else {
                continue;
            };
            let of = |item: &Item| -> Vec<String> {
                match *key {
                    "type" => vec![item.kind.word().to_owned()],
                    "state" => vec![item.state.clone()],
                    "label" => item.labels.clone(),
                    "assignee" => item.assignee.iter().cloned().collect(),
                    "milestone" => item.milestone.iter().cloned().collect(),
                    _ => Vec::new(),
                }
            };
            let mut known: BTreeSet<String> = plan.items.values().flat_map(of).collect();
            match *key {
                "type" => known.extend(Kind::ALL.iter().map(|kind| kind.word().to_owned())),
                "state" => known.extend(plan.workflow.columns.iter().map(|column| column.state.clone())),
                "milestone" => {
                    let all = plan.items.values().filter(|item| item.kind == Kind::Milestone);
                    known.extend(all.flat_map(|item| [item.title.clone(), item.id.clone()]));
                }
                "label" | "assignee" => {}
                _ => continue,
            }
            let is_known = |value: &String| {
                let is_meant =
                    *key == "assignee" && value.eq_ignore_ascii_case("me") || *key == "type" && Kind::known(value).is_some();
                is_meant || known.iter().any(|word| holds(word, value) || workflow::same(word, value))
            };
            for value in values.iter().filter(|value| !is_known(value)) {
                let words: Vec<&str> = known.iter().take(MAX_WORDS).map(String::as_str).collect();
                out.push(unknown(value, &words));
            }
        }
        out
    }

    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// Whether words are looked for: then the best hits come first.
    pub fn has_words(&self) -> bool {
        self.terms
            .iter()
            .any(|(is_not, term)| !is_not && matches!(term, Term::Word(_)))
    }

    /// Whether a term asks how items hang together: then `score` wants the links of the plan, else empty ones will do.
    pub fn needs_links(&self) -> bool {
        self.terms.iter().any(|(_, term)| match term {
            Term::Field { key, .. } => matches!(*key, "milestone" | "parent" | "estimate"),
            Term::Is(word) => matches!(*word, "blocked" | "parent"),
            Term::Word(_) | Term::Has(_) => false,
        })
    }

    /// How well an item fits: None when it does not, and the more the better.
    pub fn score(&self, item: &Item, hay: &Haystack, plan: &Plan, links: &Links<'_>, context: &Context) -> Option<i32> {
        let mut score = 0;
        for (is_not, term) in &self.terms {
            let hit = match term {
                Term::Word(word) => fuzzy::score(word, hay, *is_not),
                Term::Field { key, op, values } => field_fits(item, key, *op, values, plan, links, context).then_some(0),
                Term::Is(word) => is_fits(item, word, plan, links, context).then_some(0),
                Term::Has(word) => has(item, word).then_some(0),
            };
            match hit {
                Some(more) if !is_not => score += more,
                None if *is_not => {}
                _ => return None,
            }
        }
        Some(score)
    }

    /// The items that fit in the order of the plan's files, for callers that ask once.
    pub fn items<'a>(&self, plan: &'a Plan, links: &Links<'a>, context: &Context) -> Vec<&'a Item> {
        let fits = |item: &&Item| self.score(item, &Haystack::of(item), plan, links, context).is_some();
        plan.items.values().filter(fits).collect()
    }
}

fn unknown(word: &str, words: &[&str]) -> Problem {
    let problem = Problem::user(msg!("plan-filter-unknown", word = SafeText::new(word))).code("filter");
    if words.is_empty() {
        return problem.hint(msg!("plan-filter-none-yet"));
    }
    problem.hint(msg!("plan-remark-words-hint", words = words.join(", ")))
}

fn term_of(text: &str, is_quoted: bool) -> Result<Option<Term>, Problem> {
    // As a new item is typed.
    let signed = SIGNS.iter().find_map(|(sign, key)| Some((*key, text.strip_prefix(*sign)?)));
    let is_value = |(key, rest): &(&str, &str)| {
        rest.starts_with(char::is_alphanumeric) && (*key != "label" || rest.starts_with(char::is_alphabetic))
    };
    if let Some((key, rest)) = signed.filter(|signed| !is_quoted && is_value(signed)) {
        let values = vec![rest.to_owned()];
        check_values(key, Op::Is, &values)?;
        return Ok(Some(Term::Field { key, op: Op::Is, values }));
    }
    if !is_quoted && matches!(text, "OR" | "AND") {
        return Err(Problem::user(msg!("plan-filter-or", word = text))
            .code("filter")
            .hint(msg!("plan-filter-or-hint")));
    }
    // A quoted piece that starts with its quote is words, whatever stands in it.
    let Some((key, op, value)) = parts(text).filter(|_| !is_quoted || parts(text).is_some_and(|(key, ..)| key_of(key).is_some()))
    else {
        return Ok(Some(Term::Word(fold(text))));
    };
    let one_of = |words: &'static [&'static str]| {
        let known = words.iter().find(|word| word.eq_ignore_ascii_case(value)).copied();
        known.ok_or_else(|| unknown(value, words))
    };
    match key.to_lowercase().as_str() {
        _ if value.is_empty() => return Ok(None),
        "is" => return one_of(&IS).map(|word| Some(Term::Is(word))),
        "has" => return one_of(&HAS).map(|word| Some(Term::Has(word))),
        "no" => {
            return one_of(&HAS).map(|word| {
                Some(Term::Field {
                    key: "no",
                    op: Op::Is,
                    values: vec![word.to_owned()],
                })
            });
        }
        "http" | "https" => return Ok(Some(Term::Word(fold(text)))),
        _ => {}
    }
    let Some(key) = key_of(key) else {
        let mut words: Vec<&str> = KEYS.to_vec();
        words.extend(["is", "has", "no"]);
        return Err(unknown(key, &words));
    };
    let values: Vec<String> = value
        .split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .map(str::to_owned)
        .collect();
    if values.is_empty() {
        return Ok(None);
    }
    check_values(key, op, &values)?;
    Ok(Some(Term::Field { key, op, values }))
}

/// Values of a closed list and of days are checked while the filter is read, so that a typing error is told.
fn check_values(key: &'static str, op: Op, values: &[String]) -> Result<(), Problem> {
    for value in values {
        let is_known = match key {
            "start" | "due" | "created" | "updated" => days(value, Date::constant(2000, 1, 1)).is_some(),
            "priority" => value == "none" || Priority::from_word(value).is_some(),
            "estimate" => estimate::parse(value).is_some(),
            _ if op != Op::Is => false,
            _ => true,
        };
        if is_known {
            continue;
        }
        return Err(match key {
            "start" | "due" | "created" | "updated" => {
                let problem = Problem::user(msg!("plan-remark-date", key = key, text = SafeText::new(value)));
                problem.code("filter").hint(msg!("plan-filter-day-hint"))
            }
            "priority" => unknown(value, &Priority::ALL.map(Priority::word)),
            "estimate" => Problem::user(msg!("plan-filter-estimate", text = SafeText::new(value)))
                .code("filter")
                .hint(msg!("plan-estimate-hint")),
            _ => Problem::user(msg!("plan-filter-order", key = key))
                .code("filter")
                .hint(msg!("plan-filter-order-hint")),
        });
    }
    Ok(())
}

/// The first and the last day that a word means: `2027-04` is a month, `2027` a year.
fn days(text: &str, today: Date) -> Option<(Date, Date)> {
    let is_number = |part: &str, n: usize| part.len() == n && part.bytes().all(|byte| byte.is_ascii_digit());
    let year = text
        .get(..4)
        .filter(|year| is_number(year, 4))
        .and_then(|year| year.parse().ok());
    let month = text
        .get(4..)
        .and_then(|rest| rest.strip_prefix('-'))
        .filter(|month| is_number(month, 2));
    match (year, month.and_then(|month| month.parse().ok())) {
        (Some(year), Some(month)) => {
            let first = Date::new(year, month, 1).ok()?;
            Some((first, first.last_of_month()))
        }
        (Some(year), None) if text.len() == 4 => {
            let first = Date::new(year, 1, 1).ok()?;
            Some((first, first.last_of_year()))
        }
        _ => day(text, today).map(|day| (day, day)),
    }
}

/// A day as the quick line knows it, and days that are over: `-5d`, `yesterday`.
fn day(text: &str, today: Date) -> Option<Date> {
    if matches!(text, "yesterday" | "hier") {
        return today.yesterday().ok();
    }
    match text.strip_prefix('-') {
        Some(ago) => {
            let ahead = quick::day(ago, today)?;
            let days = (ahead - today).get_days();
            today.checked_sub(jiff::Span::new().days(days)).ok()
        }
        None => quick::day(text, today),
    }
}

fn ordered(op: Op, ordering: Ordering) -> bool {
    match op {
        Op::Is => ordering == Ordering::Equal,
        Op::Less => ordering == Ordering::Less,
        Op::LessOrSame => ordering != Ordering::Greater,
        Op::More => ordering == Ordering::Greater,
        Op::MoreOrSame => ordering != Ordering::Less,
    }
}

fn holds(text: &str, value: &str) -> bool {
    fold(text).contains(&fold(value))
}

fn field_fits(item: &Item, key: &str, op: Op, values: &[String], plan: &Plan, links: &Links<'_>, context: &Context) -> bool {
    let any = |fits: &dyn Fn(&str) -> bool| values.iter().any(|value| fits(value));
    let date = |date: Option<Date>| {
        let Some(date) = date else { return false };
        let fits = |(first, last): (Date, Date)| match op {
            Op::Is => (first..=last).contains(&date),
            Op::Less | Op::MoreOrSame => ordered(op, date.cmp(&first)),
            Op::LessOrSame | Op::More => ordered(op, date.cmp(&last)),
        };
        any(&|value| days(value, context.today).is_some_and(fits))
    };
    match key {
        "id" => any(&|value| fold(&item.id).ends_with(&fold(value)) || holds(&item.id, value)),
        "title" => any(&|value| holds(&item.title, value)),
        "type" => any(&|value| Kind::from(value.to_owned()) == item.kind),
        "state" => any(&|value| workflow::same(value, &item.state)),
        "priority" if op == Op::Is => any(&|value| Priority::from_word(value) == item.priority),
        // Urgent counts most, and is the first of the list.
        "priority" => item.priority.is_some_and(|priority| {
            any(&|value| Priority::from_word(value).is_some_and(|wanted| ordered(op, wanted.cmp(&priority))))
        }),
        "label" => any(&|value| item.labels.iter().any(|label| fold(label) == fold(value))),
        "assignee" => any(&|value| {
            let wanted = if value.eq_ignore_ascii_case("me") {
                context.me.as_deref().unwrap_or("me")
            } else {
                value
            };
            item.assignee.as_ref().is_some_and(|name| holds(name, wanted))
        }),
        "milestone" => any(&|value| is_in_milestone(item, value, links)),
        "parent" => any(&|value| is_below(item, value, links)),
        "depends" => any(&|value| {
            item.depends.iter().any(|id| {
                id.eq_ignore_ascii_case(value) || id.rsplit('-').next().is_some_and(|end| end.eq_ignore_ascii_case(value))
            })
        }),
        "estimate" => {
            let effort = links.effort(item);
            !effort.is_nothing()
                && any(&|value| {
                    estimate::parse(value).is_some_and(|wanted| {
                        let of = |effort: estimate::Effort| effort.hours + effort.points * estimate::HOURS_A_DAY;
                        ordered(op, of(effort).total_cmp(&of(wanted)))
                    })
                })
        }
        "start" => date(item.start),
        "due" => date(item.due),
        "created" => date(item.created),
        "updated" => date(item.updated.or(item.created)),
        "text" => any(&|value| holds(&item.body, value)),
        "test" => any(&|value| {
            item.criteria
                .iter()
                .any(|criterion| criterion.test.as_ref().is_some_and(|test| holds(test, value)))
        }),
        "no" => !has(item, &values[0]),
        _ => {
            debug_assert!(plan.items.is_empty(), "a key that nobody reads: {key}");
            false
        }
    }
}

fn is_in_milestone(item: &Item, value: &str, links: &Links<'_>) -> bool {
    let named = |name: &str| name.eq_ignore_ascii_case(value) || fold(name) == fold(value);
    if item.milestone.as_deref().is_some_and(|name| {
        named(name)
            || links
                .item(name)
                .is_some_and(|milestone| named(&milestone.title) || named(&milestone.id))
    }) {
        return true;
    }
    // Or by the id of the milestone whose title the item names.
    links
        .item(value)
        .is_some_and(|milestone| milestone.kind == Kind::Milestone && item.milestone.as_deref() == Some(milestone.title.as_str()))
}

/// Part of it, however deep.
fn is_below(item: &Item, value: &str, links: &Links<'_>) -> bool {
    let mut parent = item.parent.clone();
    // No plan is deeper; a circle ends.
    for _ in 0..64 {
        let Some(id) = parent else { return false };
        if id.eq_ignore_ascii_case(value) || id.rsplit('-').next().is_some_and(|end| end.eq_ignore_ascii_case(value)) {
            return true;
        }
        parent = links.item(&id).and_then(|above| above.parent.clone());
    }
    false
}

fn is_fits(item: &Item, word: &str, plan: &Plan, links: &Links<'_>, context: &Context) -> bool {
    let is_done = item.is_done(&plan.workflow);
    match word {
        "open" => !is_done,
        "done" => is_done,
        "busy" => plan.workflow.is_in_progress(&item.state),
        "late" => !is_done && item.due.is_some_and(|due| due < context.today),
        "blocked" => links.is_blocked(item),
        "parent" => !links.children(&item.id).is_empty(),
        "part" => item.parent.is_some(),
        _ => item.source == super::Source::Backlog,
    }
}

fn has(item: &Item, word: &str) -> bool {
    match word {
        "due" => item.due.is_some(),
        "start" => item.start.is_some(),
        "estimate" => item.estimate.is_some(),
        "assignee" => item.assignee.is_some(),
        "label" => !item.labels.is_empty(),
        "milestone" => item.milestone.is_some(),
        "parent" => item.parent.is_some(),
        "depends" => !item.depends.is_empty(),
        "priority" => item.priority.is_some(),
        "criteria" => !item.criteria.is_empty(),
        _ => item.criteria.iter().any(|criterion| criterion.test.is_some()),
    }
}
