//! What the program itself needs, for the status bar. Looked at only when something is drawn anyway, so that it costs no frame.

use crate::adapters::host::OwnUsage;
use crate::base::{Catalog, Timestamp, format, time};
use crate::msg;

/// Looks that are closer together tell nothing.
const EVERY_SECS: f64 = 2.0;

/// The last look, and the share of a core since the one before.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Usage {
    last: Option<(Timestamp, OwnUsage)>,
    cpu_share: Option<f64>,
}

impl Usage {
    pub(super) fn is_due(&self, now: Timestamp) -> bool {
        self.last.is_none_or(|(at, _)| time::secs_between(at, now) >= EVERY_SECS)
    }

    pub(super) fn take(&mut self, now: Timestamp, seen: OwnUsage) {
        if let Some((at, before)) = self.last {
            let secs = time::secs_between(at, now);
            self.cpu_share = (secs > 0.0).then(|| ((seen.cpu_secs - before.cpu_secs) / secs).max(0.0));
        }
        self.last = Some((now, seen));
    }

    /// `84 MB`, `0.3 % CPU`; nothing where nothing is known.
    pub(super) fn words(&self, texts: &Catalog) -> Vec<String> {
        let Some((_, seen)) = self.last else { return Vec::new() };
        let mut words = vec![format::bytes(seen.memory_bytes, texts)];
        words.extend(self.cpu_share.map(|share| {
            let percent = format::decimal(share * 100.0, 1, texts);
            texts.msg(&msg!("shell-cpu", percent = percent))
        }));
        words
    }
}
