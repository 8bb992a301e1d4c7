//! Floor 2: the kernel. A front asks with commands, jobs do the work, events tell; knows no area and no adapter.
//!
//!     Link --Request--> run (plan, Dispatcher, tokio tasks) --Event--> Link --> the front's model
//!
//! One ordered, bounded channel carries every event; a `Sink` (the ledger) hears of it before the front does.

use chantier_base as base;
use chantier_base::msg;

pub mod ctx;
pub mod dispatcher;
pub mod event;
pub mod job;
pub mod link;
pub mod outlet;
pub mod record;
pub mod run;
pub mod table;

pub use ctx::{JobCtx, LINES_PER_FLUSH};
pub use dispatcher::{Dispatcher, Effect, Input};
pub use event::{Event, JobEvent, Outcome, Request};
pub use job::{JobResult, JobSpec, Overlap};
pub use link::{IdSource, Link, Port, Wake, link};
pub use outlet::{LogWriter, Sink};
pub use run::run;
pub use table::{JobRow, JobTable};
