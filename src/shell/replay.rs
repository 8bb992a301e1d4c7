//! A recording instead of an engine: its events reach the model at their own pace, step by step, or up to a chosen place.

use super::front::{Front, Outside, Pick};
use crate::areas::{Command, Event, Update};
use crate::base::{JobId, Settings, Timestamp, Workspace};
use crate::engine::record::Recorded;
use egui::Context;
use std::sync::Arc;
use std::time::Instant;

/// Where a recording stands.
pub struct Timeline {
    events: Vec<Recorded<Update>>,
    /// Events that the model has.
    next: usize,
    /// Events that the model should have at once, without waiting for their time.
    target: usize,
    /// Since when it plays, and the recorded time of that moment.
    playing: Option<(Instant, Timestamp)>,
    /// The model has to start over before the next event.
    starts_over: bool,
}

impl Timeline {
    /// Shows the recording's end at first: what a test or a colleague wants to see is the result.
    pub fn new(events: Vec<Recorded<Update>>) -> Self {
        let target = events.len();
        Self {
            events,
            next: 0,
            target,
            playing: None,
            starts_over: false,
        }
    }

    pub fn len(&self) -> usize {
        self.events.len()
    }

    pub fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    /// Events shown.
    pub fn at(&self) -> usize {
        self.next.max(self.target.min(self.events.len()))
    }

    pub fn is_playing(&self) -> bool {
        self.playing.is_some()
    }

    /// The recorded time of what is shown.
    pub fn time(&self) -> Option<Timestamp> {
        let shown = self.at().saturating_sub(1);
        self.events.get(shown).map(|event| event.at)
    }

    /// Seconds from the first event to the last.
    pub fn span_secs(&self) -> f64 {
        match (self.events.first(), self.events.last()) {
            (Some(first), Some(last)) => crate::base::time::secs_between(first.at, last.at),
            _ => 0.0,
        }
    }

    /// Seconds from the first event to what is shown.
    pub fn at_secs(&self) -> f64 {
        match (self.events.first(), self.time()) {
            (Some(first), Some(now)) => crate::base::time::secs_between(first.at, now),
            _ => 0.0,
        }
    }

    pub fn toggle(&mut self) {
        if self.playing.take().is_some() {
            return;
        }
        if self.at() >= self.events.len() {
            self.seek(0);
        }
        if let Some(event) = self.events.get(self.at().min(self.events.len().saturating_sub(1))) {
            self.playing = Some((Instant::now(), event.at));
        }
    }

    /// One event on.
    pub fn step(&mut self) {
        self.playing = None;
        self.target = (self.at() + 1).min(self.events.len());
    }

    /// Shows this many events.
    pub fn seek(&mut self, n_events: usize) {
        self.playing = None;
        self.target = n_events.min(self.events.len());
        if self.target < self.next {
            self.next = 0;
            self.starts_over = true;
        }
    }

    /// True once after a way back: the model is to be emptied.
    pub fn take_starts_over(&mut self) -> bool {
        std::mem::take(&mut self.starts_over)
    }

    fn poll(&mut self) -> Option<Event> {
        let next = self.events.get(self.next)?;
        let due = match self.playing {
            _ if self.next < self.target => true,
            Some((since, from)) => next.at.as_millisecond() - from.as_millisecond() <= since.elapsed().as_millis() as i64,
            None => false,
        };
        if !due {
            return None;
        }
        let event = next.event.clone();
        self.next += 1;
        if self.next == self.events.len() {
            self.playing = None;
        }
        Some(event)
    }

    /// Seconds until the next event is due; None when nothing plays.
    pub fn due_in_secs(&self) -> Option<f32> {
        let (since, from) = self.playing?;
        let next = self.events.get(self.next)?;
        let wait_ms = next.at.as_millisecond() - from.as_millisecond() - since.elapsed().as_millis() as i64;
        Some(wait_ms.max(0) as f32 / 1000.0)
    }
}

/// A recording behind the window: nothing can be asked.
pub struct Replay {
    timeline: Timeline,
    settings: Arc<Settings>,
}

impl Replay {
    pub fn new(events: Vec<Recorded<Update>>, settings: Settings) -> Self {
        Self {
            timeline: Timeline::new(events),
            settings: Arc::new(settings),
        }
    }
}

impl Front for Replay {
    fn start(&mut self, _command: Command) -> Option<JobId> {
        None
    }

    fn cancel(&mut self, _id: JobId) {}

    fn poll(&mut self) -> Option<Event> {
        self.timeline.poll()
    }

    fn poll_outside(&mut self) -> Option<Outside> {
        None
    }

    fn wake(&mut self, _ctx: &Context) {}

    fn now(&self) -> Timestamp {
        self.timeline.time().unwrap_or_default()
    }

    fn settings(&self) -> Arc<Settings> {
        Arc::clone(&self.settings)
    }

    fn pick(&mut self, _pick: Pick) {}

    fn open_url(&mut self, _url: String) {}

    fn describe_trust(&mut self, _workspace: Workspace) {}

    fn save(&mut self, _state: serde_json::Value, _wait: bool) {}

    fn timeline(&mut self) -> Option<&mut Timeline> {
        Some(&mut self.timeline)
    }
}
