//! What the page works out from a plan and keeps: counts, the order of the columns, what the filter leaves, the rows of the table.

use super::key_of;
use crate::areas::plan::model::Plan;
use crate::areas::plan::{Item, Kind, Priority, check, order};
use crate::base::Problem;
use crate::ui::memo::Memo;
use crate::ui::table::Sort;
use jiff::civil::Date;
use std::cmp::Ordering;
use std::collections::HashMap;
use std::path::Path;
use std::rc::Rc;

/// An item, as board and table know it.
#[derive(Clone, Debug)]
pub(super) struct Card {
    pub(super) key: u64,
    pub(super) file: Rc<Path>,
}

/// What is said of the whole plan.
#[derive(Debug, Default)]
pub(super) struct Summary {
    pub(super) n_in_progress: usize,
    /// The next milestone and how many percent of it are done.
    pub(super) milestone: Option<(String, usize)>,
    /// Of each milestone the file, by title.
    milestones: HashMap<String, Rc<Path>>,
}

impl Summary {
    fn of(plan: &Plan) -> Self {
        let share = |milestone: &Item| {
            let share = plan.share_of(milestone);
            let percent = (share.n_done * 100).checked_div(share.n_all)?;
            Some((milestone.title.clone(), percent))
        };
        let milestones = plan.items.values().filter(|item| item.kind == Kind::Milestone);
        // The first of several with one title, as the files are ordered.
        let milestones = milestones.map(|item| (item.title.clone(), Rc::from(item.file.as_path())));
        let mut by_title = HashMap::new();
        for (title, file) in milestones {
            by_title.entry(title).or_insert(file);
        }
        Self {
            n_in_progress: plan.n_in_progress(),
            milestone: plan.next_milestone().and_then(share),
            milestones: by_title,
        }
    }

    /// The milestone with this title.
    pub(super) fn milestone<'a>(&self, plan: &'a Plan, title: &str) -> Option<&'a Item> {
        plan.items.get(&**self.milestones.get(title)?)
    }
}

/// The items in the order of the board.
#[derive(Debug, Default)]
pub(super) struct Columns {
    /// The last one is for states that the workflow does not know.
    pub(super) columns: Vec<Vec<Card>>,
    /// Of each item the file, by key.
    files: HashMap<u64, Rc<Path>>,
}

impl Columns {
    fn of(plan: &Plan) -> Self {
        let mut ranked: Vec<Vec<(f64, &Item)>> = vec![Vec::new(); plan.workflow.columns.len() + 1];
        for item in plan.items.values() {
            ranked[plan.column_of(item)].push((order::rank(item), item));
        }
        let mut files = HashMap::with_capacity(plan.items.len());
        let columns = ranked.into_iter().map(|mut items| {
            items.sort_by(|(a_rank, a), (b_rank, b)| a_rank.total_cmp(b_rank).then_with(|| a.id.cmp(&b.id)));
            let cards = items.into_iter().map(|(_, item)| Card {
                key: key_of(item),
                file: Rc::from(item.file.as_path()),
            });
            cards
                .inspect(|card| drop(files.insert(card.key, Rc::clone(&card.file))))
                .collect()
        });
        let columns = columns.collect();
        Self { columns, files }
    }

    pub(super) fn item<'a>(&self, plan: &'a Plan, key: u64) -> Option<&'a Item> {
        plan.items.get(&**self.files.get(&key)?)
    }
}

/// What the filter leaves of the columns.
#[derive(Debug, Default)]
pub(super) struct Filtered {
    pub(super) columns: Vec<Vec<Card>>,
    /// The keys of the columns, for the board.
    pub(super) keys: Vec<Rc<[u64]>>,
}

/// A line of the table.
#[derive(Debug)]
pub(super) enum Line {
    /// The column, and how many items follow.
    Group(usize, usize),
    Item(Card),
}

type Filter = (u64, String);

/// Each part is worked out when it is first looked at after a change.
#[derive(Default)]
pub(super) struct Shown {
    summary: Memo<u64, Summary>,
    problems: Memo<u64, Vec<Problem>>,
    columns: Memo<u64, Columns>,
    filtered: Memo<Filter, Filtered>,
    lines: Memo<(Filter, Option<Sort>, bool), Vec<Line>>,
}

impl Shown {
    pub(super) fn summary(&self, plan: &Plan) -> Rc<Summary> {
        self.summary.get(plan.generation, || Summary::of(plan))
    }

    pub(super) fn problems(&self, plan: &Plan) -> Rc<Vec<Problem>> {
        self.problems.get(plan.generation, || check::problems(plan))
    }

    pub(super) fn columns(&self, plan: &Plan) -> Rc<Columns> {
        self.columns.get(plan.generation, || Columns::of(plan))
    }

    pub(super) fn filtered(&self, plan: &Plan, filter: &str) -> Rc<Filtered> {
        self.filtered.get((plan.generation, filter.to_owned()), || {
            let all = self.columns(plan);
            let fits = |card: &&Card| filter.is_empty() || plan.items.get(&*card.file).is_some_and(|item| item.matches(filter));
            let columns: Vec<Vec<Card>> = all
                .columns
                .iter()
                .map(|cards| cards.iter().filter(fits).cloned().collect())
                .collect();
            let keys = columns.iter().map(|cards| cards.iter().map(|card| card.key).collect());
            Filtered {
                keys: keys.collect(),
                columns,
            }
        })
    }

    /// The rows of the table in the order that is asked for.
    pub(super) fn lines(&self, plan: &Plan, filter: &str, sort: Option<&Sort>, is_grouped: bool) -> Rc<Vec<Line>> {
        let key = ((plan.generation, filter.to_owned()), sort.cloned(), is_grouped);
        self.lines.get(key, || {
            let filtered = self.filtered(plan, filter);
            if !is_grouped {
                let all = filtered.columns.iter().flatten();
                return sorted(plan, sort, all).into_iter().map(Line::Item).collect();
            }
            let mut lines = Vec::new();
            for (index, cards) in filtered.columns.iter().enumerate().filter(|(_, cards)| !cards.is_empty()) {
                lines.push(Line::Group(index, cards.len()));
                lines.extend(sorted(plan, sort, cards.iter()).into_iter().map(Line::Item));
            }
            lines
        })
    }
}

/// What a column of the table is sorted by, worked out once per item.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum SortKey<'a> {
    Exact(&'a str),
    Text(String),
    Kind(&'a Kind),
    Column(usize),
    Priority(Priority),
    Labels(&'a [String]),
    Day(Date),
    Share(usize, usize),
}

impl<'a> SortKey<'a> {
    /// None where the item has no value.
    fn of(plan: &Plan, item: &'a Item, column: &str) -> Option<Self> {
        let text = |text: &Option<String>| text.as_ref().map(|text| Self::Text(text.to_lowercase()));
        match column {
            "id" => Some(Self::Exact(&item.id)),
            "title" => Some(Self::Text(item.title.to_lowercase())),
            "type" => Some(Self::Kind(&item.kind)),
            "state" => Some(Self::Column(plan.column_of(item))),
            "priority" => item.priority.map(Self::Priority),
            "assignee" => text(&item.assignee),
            "labels" => Some(Self::Labels(&item.labels)),
            "due" => item.due.map(Self::Day),
            "milestone" => text(&item.milestone),
            "criteria" => Some(Self::Share(item.n_criteria_done(), item.criteria.len())),
            "estimate" => text(&item.estimate),
            _ => item.created.map(Self::Day),
        }
    }
}

fn sorted<'a>(plan: &Plan, sort: Option<&Sort>, cards: impl Iterator<Item = &'a Card>) -> Vec<Card> {
    let Some(sort) = sort else { return cards.cloned().collect() };
    let keyed = cards.filter_map(|card| {
        let item = plan.items.get(&*card.file)?;
        Some((SortKey::of(plan, item, &sort.column), order::rank(item), item, card))
    });
    let mut keyed: Vec<_> = keyed.collect();
    keyed.sort_by(|(a_key, a_rank, a, _), (b_key, b_rank, b, _)| {
        let ordering = match (a_key, b_key) {
            (Some(a), Some(b)) if sort.descending => b.cmp(a),
            (Some(a), Some(b)) => a.cmp(b),
            // What has no value stands at the end, whichever way.
            (None, Some(_)) => Ordering::Greater,
            (Some(_), None) => Ordering::Less,
            (None, None) => Ordering::Equal,
        };
        ordering.then_with(|| a_rank.total_cmp(b_rank)).then_with(|| a.id.cmp(&b.id))
    });
    keyed.into_iter().map(|(.., card)| card.clone()).collect()
}
