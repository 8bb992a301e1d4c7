//! What the page works out from a plan and keeps: counts, the order of the columns, what the filter leaves, the rows of the table.

use super::key_of;
use super::milestones::{self, Known};
use crate::areas::plan::filter::{Context, Filter, Haystack};
use crate::areas::plan::links::Links;
use crate::areas::plan::milestones::Burn;
use crate::areas::plan::model::Plan;
use crate::areas::plan::timeline::{self, Schedule};
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
    /// How well each fits, where words are looked for; else empty.
    scores: HashMap<u64, i32>,
    /// What of the filter is not understood.
    pub(super) problems: Vec<Problem>,
}

/// The cards of one lane of the board.
#[derive(Debug)]
pub(super) struct Lane {
    /// The value that they share; empty for none.
    pub(super) value: String,
    pub(super) keys: Vec<Rc<[u64]>>,
    pub(super) n_cards: usize,
}

/// A line of the table.
#[derive(Debug)]
pub(super) enum Line {
    /// The value that they share, and how many items follow.
    Group(String, usize),
    Item(Card),
}

/// The plan, the filter, the day and the user.
type Asked = (u64, String, Context);

/// The texts of a plan in which words are looked for.
type Index = HashMap<u64, Haystack>;

/// Each part is worked out when it is first looked at after a change.
#[derive(Default)]
pub(super) struct Shown {
    summary: Memo<u64, Summary>,
    problems: Memo<u64, Vec<Problem>>,
    columns: Memo<u64, Columns>,
    index: Memo<u64, Index>,
    filtered: Memo<Asked, Filtered>,
    lines: Memo<(Asked, Option<Sort>, String), Vec<Line>>,
    lanes: Memo<(Asked, String), Vec<Lane>>,
    schedule: Memo<Asked, Schedule>,
    milestones: Memo<u64, Vec<Known>>,
    burn: Memo<(u64, u64, std::path::PathBuf, Date), Burn>,
    blocked: Memo<u64, std::collections::HashSet<u64>>,
    pub(super) offers: Memo<(u64, String), Vec<crate::ui::offers::Offer>>,
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

    /// Items that wait for something.
    pub(super) fn is_blocked(&self, plan: &Plan, item: &Item) -> bool {
        let blocked = self.blocked.get(plan.generation, || {
            let links = Links::of(plan);
            plan.items
                .values()
                .filter(|item| links.is_blocked(item))
                .map(key_of)
                .collect()
        });
        blocked.contains(&key_of(item))
    }

    pub(super) fn milestones(&self, plan: &Plan) -> Rc<Vec<Known>> {
        self.milestones.get(plan.generation, || milestones::known(plan))
    }

    pub(super) fn burn(&self, plan: &Plan, history: u64, file: &Path, day: Date, work_out: impl FnOnce() -> Burn) -> Rc<Burn> {
        self.burn.get((plan.generation, history, file.to_path_buf(), day), work_out)
    }

    pub(super) fn schedule(&self, plan: &Plan, filter: &str, context: &Context) -> Rc<Schedule> {
        let key = (plan.generation, filter.to_owned(), context.clone());
        self.schedule.get(key, || {
            let filtered = self.filtered(plan, filter, context);
            let cards = filtered.columns.iter().flatten();
            let items: Vec<&Item> = cards.filter_map(|card| plan.items.get(&*card.file)).collect();
            timeline::schedule(plan, &Links::of(plan), &items, context.today)
        })
    }

    fn index(&self, plan: &Plan) -> Rc<Index> {
        self.index.get(plan.generation, || {
            plan.items.values().map(|item| (key_of(item), Haystack::of(item))).collect()
        })
    }

    pub(super) fn filtered(&self, plan: &Plan, filter: &str, context: &Context) -> Rc<Filtered> {
        self.filtered.get((plan.generation, filter.to_owned(), context.clone()), || {
            let all = self.columns(plan);
            let wanted = Filter::parse(filter);
            let mut scores = HashMap::new();
            let columns: Vec<Vec<Card>> = if wanted.is_empty() {
                all.columns.clone()
            } else {
                let index = self.index(plan);
                let links = if wanted.needs_links() {
                    Links::of(plan)
                } else {
                    Links::default()
                };
                let mut fits = |card: &&Card| {
                    let (Some(item), Some(hay)) = (plan.items.get(&*card.file), index.get(&card.key)) else {
                        return false;
                    };
                    let score = wanted.score(item, hay, plan, &links, context);
                    if let Some(score) = score.filter(|_| wanted.has_words()) {
                        scores.insert(card.key, score);
                    }
                    score.is_some()
                };
                all.columns
                    .iter()
                    .map(|cards| cards.iter().filter(&mut fits).cloned().collect())
                    .collect()
            };
            let keys = columns.iter().map(|cards| cards.iter().map(|card| card.key).collect());
            Filtered {
                keys: keys.collect(),
                columns,
                scores,
                problems: wanted.problems,
            }
        })
    }

    /// The rows of the table in the order that is asked for.
    pub(super) fn lines(&self, plan: &Plan, filter: &str, context: &Context, sort: Option<&Sort>, group: &str) -> Rc<Vec<Line>> {
        let key = (
            (plan.generation, filter.to_owned(), context.clone()),
            sort.cloned(),
            group.to_owned(),
        );
        self.lines.get(key, || {
            let filtered = self.filtered(plan, filter, context);
            let all = filtered.columns.iter().flatten();
            let mut cards = sorted(plan, sort, all);
            if sort.is_none() && !filtered.scores.is_empty() {
                cards.sort_by_key(|card| std::cmp::Reverse(filtered.scores.get(&card.key).copied().unwrap_or(0)));
            }
            if group.is_empty() {
                return cards.into_iter().map(Line::Item).collect();
            }
            let mut lines = Vec::new();
            for (value, cards) in grouped(plan, group, cards) {
                lines.push(Line::Group(value, cards.len()));
                lines.extend(cards.into_iter().map(Line::Item));
            }
            lines
        })
    }

    /// The lanes of the board: per value the cards of each column.
    pub(super) fn lanes(&self, plan: &Plan, filter: &str, context: &Context, group: &str) -> Rc<Vec<Lane>> {
        let key = ((plan.generation, filter.to_owned(), context.clone()), group.to_owned());
        self.lanes.get(key, || {
            let filtered = self.filtered(plan, filter, context);
            let cards = filtered.columns.iter().flatten().cloned().collect();
            let n_columns = filtered.columns.len();
            let lane = |(value, cards): (String, Vec<Card>)| {
                let mut columns: Vec<Vec<u64>> = vec![Vec::new(); n_columns];
                for card in &cards {
                    if let Some(item) = plan.items.get(&*card.file) {
                        columns[plan.column_of(item)].push(card.key);
                    }
                }
                Lane {
                    value,
                    n_cards: cards.len(),
                    keys: columns.into_iter().map(Rc::from).collect(),
                }
            };
            grouped(plan, group, cards).into_iter().map(lane).collect()
        })
    }
}

/// Cards by the value of a key, in the order of the values; none of it last. An item with several labels stands under the first.
fn grouped(plan: &Plan, group: &str, cards: Vec<Card>) -> Vec<(String, Vec<Card>)> {
    let mut groups: std::collections::BTreeMap<(bool, usize, String), Vec<Card>> = std::collections::BTreeMap::new();
    for card in cards {
        let Some(item) = plan.items.get(&*card.file) else { continue };
        let (rank, value) = group_of(plan, item, group);
        groups.entry((value.is_empty(), rank, value)).or_default().push(card);
    }
    groups.into_iter().map(|((_, _, value), cards)| (value, cards)).collect()
}

fn group_of(plan: &Plan, item: &Item, group: &str) -> (usize, String) {
    let text = |text: &Option<String>| (0, text.clone().unwrap_or_default());
    match group {
        "state" => (plan.column_of(item), item.state.clone()),
        "type" => {
            let rank = Kind::ALL
                .iter()
                .position(|kind| *kind == item.kind)
                .unwrap_or(Kind::ALL.len());
            (rank, item.kind.word().to_owned())
        }
        "priority" => item
            .priority
            .map_or((0, String::new()), |priority| (priority as usize, priority.word().to_owned())),
        "assignee" => text(&item.assignee),
        "label" => (0, item.labels.first().cloned().unwrap_or_default()),
        "milestone" => text(&item.milestone),
        _ => text(&item.parent),
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
            "start" => item.start.map(Self::Day),
            "parent" => text(&item.parent),
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
