//! Files that come into a folder, or under a pattern, while it is followed.

use super::source::{Source, begin};
use super::ways::{Wanted, Way};
use super::{LogOrder, MAX_SOURCES};
use crate::adapters::World;
use crate::adapters::log_file::{FileId, arrived, is_group};
use crate::areas::JobCtx;
use crate::base::Problem;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::Duration;
use tokio::time::Instant;

/// How often it is looked for files that are new.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// What was seen of the folders and patterns of an order.
pub(super) struct Arrivals {
    groups: Vec<PathBuf>,
    /// Every file that was there, with what it is known by wherever it is moved to.
    seen: BTreeMap<PathBuf, FileId>,
    ids: BTreeSet<FileId>,
    due: Instant,
}

impl Arrivals {
    /// What is there now is no news.
    pub(super) async fn begin(cx: &JobCtx, order: &LogOrder) -> Result<Self, Problem> {
        let files = order.files.clone();
        let groups = cx
            .blocking(move |_| Ok(files.into_iter().filter(|file| is_group(file)).collect()))
            .await?;
        let mut arrivals = Self {
            groups,
            seen: BTreeMap::new(),
            ids: BTreeSet::new(),
            due: Instant::now() + LOOK_EVERY,
        };
        arrivals.look(cx).await?;
        Ok(arrivals)
    }

    /// The files that are new since the last look.
    async fn look(&mut self, cx: &JobCtx) -> Result<Vec<PathBuf>, Problem> {
        let (groups, seen, ids) = (self.groups.clone(), self.seen.clone(), self.ids.clone());
        let found = cx.blocking(move |_| Ok(arrived(&groups, &seen, &ids, MAX_SOURCES))).await?;
        self.ids.extend(found.there.values().copied());
        self.seen.extend(found.there);
        Ok(found.new)
    }

    /// A source for each that is new, from its start.
    pub(super) async fn next(
        &mut self,
        cx: &JobCtx,
        world: &World,
        order: &LogOrder,
        there: &[Source],
    ) -> Result<Vec<Source>, Problem> {
        if self.groups.is_empty() || Instant::now() < self.due {
            return Ok(Vec::new());
        }
        self.due = Instant::now() + LOOK_EVERY;
        let sieve = order.filter.sieve()?;
        // All of it came while it was followed.
        let whole = LogOrder {
            n_lines: None,
            ..order.clone()
        };
        let mut sources = Vec::new();
        for path in self.look(cx).await? {
            let name = path
                .file_name()
                .map(|name| name.to_string_lossy().into_owned())
                .unwrap_or_default();
            let number = there.len() + sources.len();
            // One that came just when the sources began is among them.
            let is_known = there.iter().any(|source| source.path.as_ref() == Some(&path));
            if !is_known && sieve.takes_source(&name) && number < MAX_SOURCES {
                let wanted = Wanted::new(name, Way::File(path.into()));
                sources.push(begin(cx, world, &whole, &sieve, number as u16, wanted));
            }
        }
        Ok(sources)
    }
}
