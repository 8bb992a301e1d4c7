//! What can be typed behind `chantier plan`.

use super::beside::{FilterArgs, MilestoneVerb, TemplateVerb, ViewVerb};
use crate::areas::plan::exchange::Format;
use jiff::civil::Date;
use std::path::PathBuf;

#[derive(Clone, Debug, clap::Subcommand)]
pub enum Verb {
    /// List items in the order of the board
    #[command(alias = "ls")]
    List {
        /// Only this state
        #[arg(long, short)]
        state: Option<String>,
        /// Only this type: feature, bug, performance, chore, milestone
        #[arg(long = "type", short = 't', value_name = "TYPE")]
        kind: Option<String>,
        /// Only with this label
        #[arg(long, short)]
        label: Option<String>,
        /// Only of this person
        #[arg(long, short)]
        assignee: Option<String>,
        /// A saved view: its filter comes first
        #[arg(long)]
        view: Option<String>,
        /// By this value instead of the order of the board: due, priority, title ...; `-due` is the other way round
        #[arg(long, allow_hyphen_values = true)]
        sort: Option<String>,
        /// A filter: `type:bug -label:x due<2026-12-01 is:blocked words`; quote it as a whole
        words: Vec<String>,
    },
    /// Make an item from one line: `feature: Show the tide #api !high @me ^2.6.0 ~3h due:2026-12-01`
    New {
        #[arg(required = true)]
        line: Vec<String>,
        /// The state to start in, instead of the first one
        #[arg(long, short)]
        state: Option<String>,
    },
    /// Show one item
    Show { id: String },
    /// Change values: title type state priority labels start due estimate assignee parent depends milestone, `label+=x`, `label-=x`, `depends+=id`, `criterion+=text`; an empty value clears
    Set {
        id: String,
        #[arg(required = true, value_name = "KEY=VALUE")]
        values: Vec<String>,
    },
    /// Move an item to a state
    Move { id: String, state: String },
    /// Move an item to the last state
    Done { id: String },
    /// Tick an acceptance criterion by its number, from 1
    Tick {
        id: String,
        number: usize,
        /// Take the tick away
        #[arg(long)]
        undo: bool,
        /// A line of the definition of done, not a criterion
        #[arg(long)]
        done: bool,
    },
    /// Say which test proves a criterion: it ticks and unticks itself from then on; no test unbinds it
    Bind {
        id: String,
        number: usize,
        test: Option<String>,
    },
    /// Write a decision down (ADR) with the day
    Decide {
        id: String,
        title: String,
        /// accepted, proposed, rejected or superseded
        #[arg(long, default_value = "accepted")]
        status: String,
        /// Why, and what follows from it
        #[arg(long, default_value = "")]
        text: String,
    },
    /// Change all items of a filter: `plan bulk "label:api is:open" priority=high`
    Bulk {
        filter: String,
        #[arg(required = true, value_name = "KEY=VALUE")]
        values: Vec<String>,
    },
    /// Items as a tree of what is part of what, with estimates and progress added up
    Tree {
        #[command(flatten)]
        of: FilterArgs,
    },
    /// Items on an axis of time, with the critical path
    Timeline {
        #[command(flatten)]
        of: FilterArgs,
    },
    /// Move an item in time
    Reschedule {
        id: String,
        /// The first day
        #[arg(long)]
        start: Option<Date>,
        /// The last day
        #[arg(long)]
        due: Option<Date>,
        /// Later by so much, `-3d` for earlier
        #[arg(long, allow_hyphen_values = true)]
        by: Option<String>,
        /// What waits for it moves along where it must
        #[arg(long)]
        followers: bool,
    },
    /// Milestones: progress, burn-down, forecast
    #[command(subcommand)]
    Milestone(MilestoneVerb),
    /// When the items of a filter will be done, simulated from the cycle times of those that are (all open ones when no filter is given)
    Forecast {
        #[command(flatten)]
        of: FilterArgs,
        /// Another seed for the simulation
        #[arg(long)]
        seed: Option<u64>,
    },
    /// Let the items follow now what happened to commits, tests, releases and deployments
    Follow,
    /// The rules that move items by themselves, and how states may follow each other
    Rules {
        /// Write rules instead: `commit=in-progress`, `merged=review`, `tests=review`, `criteria=review`, `released=done`, `deployed@production=done`
        #[arg(long, value_name = "EVENT=STATE", num_args = 1..)]
        set: Vec<String>,
        /// Write the rules that suit most projects
        #[arg(long, conflicts_with = "set")]
        usual: bool,
        /// Take every rule away
        #[arg(long, conflicts_with_all = ["set", "usual"])]
        clear: bool,
    },
    /// Saved views
    #[command(subcommand)]
    View(ViewVerb),
    /// Read items of another program; those that came before are known again
    Import {
        file: PathBuf,
        /// What the file is written in, when it is not seen from it
        #[arg(long)]
        format: Option<Format>,
        /// Only say what would be made
        #[arg(long)]
        preview: bool,
        /// Take over what the file says otherwise of items that are here already
        #[arg(long)]
        update: bool,
    },
    /// Write items for another program, to a file or to standard output
    Export {
        file: Option<PathBuf>,
        /// Write over a file that is there
        #[arg(long, requires = "file")]
        force: bool,
        #[arg(long)]
        format: Option<Format>,
        /// Only what this filter leaves
        #[arg(long, default_value = "", allow_hyphen_values = true)]
        filter: String,
    },
    /// Item trees that are made in one go
    #[command(subcommand)]
    Template(TemplateVerb),
    /// Give one of two files with the same id another one
    Renumber { file: PathBuf },
    /// Add a note with the day
    Note {
        id: String,
        #[arg(required = true)]
        text: Vec<String>,
    },
    /// Remove an item; `restore` takes it back
    Delete { id: String },
    /// Take the last deletion back, or the one with this number
    Restore { number: Option<i64> },
    /// Take the last act on items back: new, set, move, bulk, import, delete and the like; or the one of a number
    Undo {
        number: Option<i64>,
        /// Only tell the acts, with their numbers
        #[arg(long, conflicts_with = "number")]
        list: bool,
    },
    /// Say what is wrong: files that can not be read, links to nothing, circles, limits; ends with 1 when something is
    Check,
    /// Plan modules, models and fields; generate them, read them back, compare
    #[command(subcommand)]
    Module(crate::areas::plan::modules::cli::ModuleVerb),
}
