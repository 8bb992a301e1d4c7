//! Floor 0: plain types that every floor speaks. No input, no output, no clock, no thread.

pub mod blame;
pub mod diff;
pub mod docker;
pub mod format;
pub mod git_act;
pub mod git_path;
pub mod graph;
pub mod happening;
pub mod hidden;
pub mod host;
pub mod host_key;
pub mod ids;
pub mod loadable;
pub mod log;
pub mod operation;
pub mod picture;
pub mod problem;
pub mod progress;
pub mod repo;
pub mod repos;
pub mod safe;
pub mod screen;
pub mod settings;
pub mod state;
pub mod target;
pub mod text;
pub mod thread;
pub mod time;
pub mod trees;
pub mod workspace;
pub mod write_to;
pub mod wrong_value;

pub use git_path::GitPath;
pub use graph::{GraphLine, GraphRow};
pub use hidden::Hidden;
pub use host_key::HostKey;
pub use ids::{JobId, WorkspaceId, hash_of};
pub use loadable::Loadable;
pub use log::{Level, LogLine, Stream};
pub use problem::{Place, Problem, ProblemKind};
pub use progress::{Progress, Unit};
pub use repo::{Change, Head, RepoSummary};
pub use safe::{SafeText, cut_mark};
pub use settings::Settings;
pub use state::State;
pub use target::Target;
pub use text::{Arg, Catalog, Lang, Msg};
pub use thread::{Thread, ThreadKind, ThreadStep};
pub use time::{Clock, Timestamp};
pub use workspace::{ProjectKind, Workspace};
pub use write_to::{Over, WriteTo};

/// A message by key with named values: `msg!("build-started", task = name, n = 3)`.
#[macro_export]
macro_rules! msg {
    ($key:literal $(, $name:ident = $value:expr)* $(,)?) => {
        $crate::Msg::new($key)$(.with(stringify!($name), $value))*
    };
}
