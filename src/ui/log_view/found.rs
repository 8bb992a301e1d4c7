//! Which lines pass the filter, and which belong to the trace of the line before them; a part of the lines in each frame.

use super::{LogSource, LogState};
use crate::base::log::Traces;
use crate::base::{Level, LogLine, Stream};
use crate::log_text;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Lines that are examined per frame when a filter starts over; the rest follows in the next frames.
const SCAN_PER_FRAME: u64 = 20_000;

/// A line that is shown, and those that are folded into it.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) number: u64,
    children: Vec<u64>,
}

/// One line on the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shown {
    pub(super) number: u64,
    /// So many lines are folded into it, or could be.
    pub(super) n_below: usize,
    pub(super) is_below: bool,
}

/// Everything that decides what is shown.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Key {
    log: u64,
    filter: String,
    level: Option<Level>,
    only_errors_stream: bool,
    fold: bool,
    hidden_sources: BTreeSet<usize>,
    since: Option<crate::base::Timestamp>,
    until: Option<crate::base::Timestamp>,
}

/// The lines that pass, as far as they were examined.
#[derive(Clone, Debug, Default)]
pub(super) struct Lines {
    found: VecDeque<Found>,
    /// Lines whose trace is open.
    unfolded: BTreeSet<u64>,
    /// The first line that was not examined yet.
    next: u64,
    end: u64,
    is_filtered: bool,
    groups: BTreeMap<usize, Group>,
    key: Key,
}

/// What was seen last of one source.
#[derive(Clone, Debug, Default)]
struct Group {
    traces: Traces,
    level: Option<Level>,
    head: Option<u64>,
    /// The head is one of the lines that are shown.
    is_shown: bool,
}

impl LogState {
    pub(super) fn key(&self, source: &LogSource<'_>) -> Key {
        Key {
            log: source.log,
            filter: if self.mark_only { String::new() } else { self.filter.clone() },
            level: self.level,
            only_errors_stream: self.only_errors_stream,
            fold: self.fold,
            hidden_sources: self.hidden_sources.clone(),
            since: self.since,
            until: self.until,
        }
    }
}

impl Key {
    fn is_filter(&self) -> bool {
        !self.filter.is_empty()
            || self.level.is_some()
            || self.only_errors_stream
            || !self.hidden_sources.is_empty()
            || self.since.is_some()
            || self.until.is_some()
    }
}

impl Lines {
    pub(super) fn log(&self) -> u64 {
        self.key.log
    }

    pub(super) fn is_filtered(&self) -> bool {
        self.is_filtered
    }

    /// Examines what is new, or everything again when the filter changed. True when there is more to examine.
    pub(super) fn update(&mut self, key: Key, search: &log_text::Search, source: &LogSource<'_>) -> bool {
        // Fewer lines than were looked at: it began anew.
        let end = source.first + source.len as u64;
        if self.key != key || end < self.next {
            *self = Self {
                is_filtered: key.is_filter(),
                unfolded: if self.key.log == key.log {
                    std::mem::take(&mut self.unfolded)
                } else {
                    BTreeSet::new()
                },
                key,
                next: source.first,
                ..Self::default()
            };
        }
        self.end = end;
        while self.found.front().is_some_and(|found| found.number < source.first) {
            self.found.pop_front();
        }
        self.next = self.next.max(source.first);
        if !self.is_filtered && !self.key.fold {
            return false;
        }
        let n = if self.is_filtered {
            SCAN_PER_FRAME
        } else {
            3 * SCAN_PER_FRAME
        };
        let stop = self.end.min(self.next + n);
        for number in self.next..stop {
            let Some(line) = source.get(number) else { break };
            self.examine(number, line, search, source);
        }
        self.next = stop.max(self.next);
        stop < self.end
    }

    fn examine(&mut self, number: u64, line: &LogLine, search: &log_text::Search, source: &LogSource<'_>) {
        let plain = log_text::plain(line);
        let lane = match &source.origin {
            Some(origin) => origin(number.saturating_sub(source.first) as usize),
            None => 0,
        };
        let key = &self.key;
        let group = self.groups.entry(lane).or_default();
        let is_below = key.fold && line.stream != Stream::Note && group.traces.continues(&plain);
        if key.level.is_some() && !is_below {
            // The lines below a message are indented and state no level of their own.
            let belongs_to_last = plain.starts_with([' ', '\t']);
            group.level = line.level().or(group.level.filter(|_| belongs_to_last));
        }
        let passes = key
            .level
            .is_none_or(|wanted| group.level.is_some_and(|level| level >= wanted))
            && (!key.only_errors_stream || line.stream == Stream::Err)
            && !key.hidden_sources.contains(&lane)
            && key.since.is_none_or(|since| line.at >= since)
            && key.until.is_none_or(|until| line.at <= until)
            && (key.filter.is_empty() || search.matches(&plain));
        if !is_below {
            group.head = Some(number);
            group.is_shown = passes;
            if passes {
                self.found.push_back(Found {
                    number,
                    children: Vec::new(),
                });
            }
            return;
        }
        let Some(head) = group.head else { return };
        // A hit inside a trace shows the whole of it.
        if passes && !group.is_shown {
            group.is_shown = true;
            let below: Vec<u64> = (head + 1..number).filter(|_| source.origin.is_none()).collect();
            let at = self.found.partition_point(|found| found.number < head);
            self.found.insert(
                at,
                Found {
                    number: head,
                    children: below,
                },
            );
        }
        if group.is_shown
            && let Ok(at) = self.found.binary_search_by_key(&head, |found| found.number)
        {
            self.found[at].children.push(number);
        }
    }

    /// Places of the open traces, and how many lines they add.
    fn opened(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        self.unfolded.iter().filter_map(|head| {
            let at = self.found.binary_search_by_key(head, |found| found.number).ok()?;
            let n = self.found[at].children.len();
            (n > 0).then_some((at, n))
        })
    }

    /// Lines on the screen, of what was examined and, without a filter, of what was not yet.
    pub(super) fn n_shown(&self) -> usize {
        if !self.is_filtered && !self.key.fold {
            return self.end.saturating_sub(self.next) as usize;
        }
        let rest = if self.is_filtered {
            0
        } else {
            self.end.saturating_sub(self.next)
        };
        self.found.len() + self.opened().map(|(_, n)| n).sum::<usize>() + rest as usize
    }

    /// The line in a place of the screen.
    pub(super) fn shown(&self, place: usize, first: u64) -> Option<Shown> {
        let alone = |number| Shown {
            number,
            n_below: 0,
            is_below: false,
        };
        if !self.is_filtered && !self.key.fold {
            return Some(alone(first + place as u64));
        }
        let mut before = 0;
        for (at, n) in self.opened() {
            let head = at + before;
            if place <= head {
                break;
            }
            if place <= head + n {
                let number = *self.found[at].children.get(place - head - 1)?;
                return Some(Shown {
                    is_below: true,
                    ..alone(number)
                });
            }
            before += n;
        }
        match self.found.get(place - before) {
            Some(found) => Some(Shown {
                n_below: found.children.len(),
                ..alone(found.number)
            }),
            None if self.is_filtered => None,
            None => Some(alone(self.next + (place - before - self.found.len()) as u64)).filter(|one| one.number < self.end),
        }
    }

    /// The place on the screen of a line, or of the trace that it is folded into.
    pub(super) fn place_of(&self, number: u64, first: u64) -> usize {
        if !self.is_filtered && !self.key.fold {
            return number.saturating_sub(first) as usize;
        }
        let at = self.found.partition_point(|found| found.number <= number);
        let at = at.saturating_sub(1);
        let before: usize = self.opened().filter(|(opened, _)| *opened < at).map(|(_, n)| n).sum();
        at + before
    }

    pub(super) fn is_open(&self, head: u64) -> bool {
        self.unfolded.contains(&head)
    }

    pub(super) fn toggle(&mut self, head: u64) {
        if !self.unfolded.remove(&head) {
            self.unfolded.insert(head);
        }
    }

    /// The last line of the trace that is folded into this one.
    pub(super) fn last_below(&self, head: u64) -> Option<u64> {
        let at = self.found.binary_search_by_key(&head, |found| found.number).ok()?;
        self.found[at].children.last().copied()
    }

    /// Every line that is shown or folded into one that is.
    pub(super) fn passing(&self, first: u64) -> Vec<u64> {
        if !self.is_filtered {
            return (first..self.end).collect();
        }
        let all = self
            .found
            .iter()
            .flat_map(|found| std::iter::once(found.number).chain(found.children.iter().copied()));
        let mut all: Vec<u64> = all.collect();
        all.sort_unstable();
        all
    }
}
