//! The output of a container, with its next lives where it is followed.

use super::source::{Last, Piece, Teller};
use super::{Entry, LINES_PER_UPDATE};
use crate::adapters::docker::{Engine, Written};
use crate::base::{LogLine, Problem, Timestamp};
use crate::msg;
use futures::StreamExt as _;
use std::time::Duration;

/// How often a container that ended is looked for, and for how long: a restart, or a new one in its place.
const LOOK_EVERY: Duration = Duration::from_millis(500);
const COMES_BACK_WITHIN: Duration = Duration::from_mins(1);

impl Teller {
    /// Lines as they come, and no more than the last ones of what was there. None of what `is_wanted` refuses.
    pub(super) async fn container(&mut self, engine: &Engine, id: &str, before: Option<Timestamp>) -> Result<(), Problem> {
        let follow = self.follow && before.is_none();
        // Made anew it has another id, and the same name.
        let known = if follow {
            engine.container(id).await.map_err(|fault| fault.problem())?
        } else {
            None
        };
        let mut told = self.life(engine, id, before, None, follow).await?;
        while let Some(known) = known.as_ref().filter(|known| known.is_running()) {
            let note = msg!("log-container-ended", name = known.name.as_str());
            self.say(Piece::Note(self.world.texts().msg(&note))).await?;
            if !self.comes_back(engine, &known.name).await? {
                return Ok(());
            }
            told = self.life(engine, &known.name, None, told, true).await?.max(told);
        }
        Ok(())
    }

    /// It runs again, in time.
    async fn comes_back(&self, engine: &Engine, name: &str) -> Result<bool, Problem> {
        let until = tokio::time::Instant::now() + COMES_BACK_WITHIN;
        while tokio::time::Instant::now() < until {
            tokio::select! {
                () = self.cancel.cancelled() => return Err(Problem::cancelled()),
                () = tokio::time::sleep(LOOK_EVERY) => {}
            }
            let there = engine.container(name).await.map_err(|fault| fault.problem())?;
            if there.is_some_and(|there| there.is_running()) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// What it wrote, and writes until it ends; behind `after`, where that was told already. Gives the time of the last line.
    async fn life(
        &mut self,
        engine: &Engine,
        id: &str,
        before: Option<Timestamp>,
        after: Option<Timestamp>,
        follow: bool,
    ) -> Result<Option<Timestamp>, Problem> {
        let clock = self.world.clock().clone();
        // What is filtered is filtered out of everything.
        let is_all = self.n_lines.is_none() || before.is_some() || after.is_some() || !self.takes_all();
        let n = if is_all { None } else { self.n_lines };
        let lines = engine.written(id, n, follow, move || clock.now()).await;
        let mut lines = lines.map_err(|fault| fault.problem())?.ready_chunks(LINES_PER_UPDATE);
        let mut last = Last::new(self.n_lines.filter(|_| is_all && after.is_none()), self.world.clock().now());
        let mut newest = None;
        loop {
            let Some(chunk) = self.next_of(follow, &mut last, lines.next()).await? else {
                self.tell_last(&mut last).await?;
                return Ok(newest);
            };
            let mut fault = None;
            let mut told = Vec::new();
            for piece in chunk {
                match piece {
                    Ok(written) => {
                        newest = newest.max(Some(written.at));
                        if before.is_none_or(|before| written.at < before) && after.is_none_or(|after| written.at > after) {
                            told.push(self.entry(&written));
                        }
                    }
                    Err(why) => fault = Some(why),
                }
            }
            let told = self.sift(told);
            self.hand_on(&mut last, told, newest).await?;
            if let Some(fault) = fault {
                return Err(fault.problem());
            }
        }
    }

    /// With all its bytes, where they are more than is shown.
    fn entry(&self, written: &Written) -> Entry {
        let masked = self.world.masks().mask_bytes(&written.bytes);
        let line = LogLine::foreign(written.at, written.stream, &masked);
        Entry::of(line, &masked, self.is_whole)
    }
}
