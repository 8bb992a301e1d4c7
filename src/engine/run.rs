//! The engine's loop: requests and ends in, tokio tasks out. It ends when the front is gone or asks for it.

use super::outlet::Outlet;
use super::{Dispatcher, Effect, Event, Input, JobCtx, JobEvent, JobSpec, Outcome, Port, Request, Sink};
use crate::base::{JobId, Problem};
use crate::msg;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::task::AbortHandle;
use tokio_util::sync::CancellationToken;

/// Jobs that jobs have asked for and that have not been started yet.
const ASKED: usize = 64;

struct Live<U> {
    cancel: CancellationToken,
    cx: JobCtx<U>,
    title: crate::base::Msg,
    stop_limit: Duration,
    task: Option<AbortHandle>,
}

enum Told {
    Ended(JobId),
    StopLimit(JobId),
}

/// Runs until shutdown; every job it started has ended when it returns. Must be called on a tokio runtime.
pub async fn run<C, U>(mut port: Port<C, U>, plan: impl Fn(C) -> JobSpec<U> + Send, sink: Arc<dyn Sink<U>>)
where
    C: Send + 'static,
    U: Send + 'static,
{
    let (asked_tx, mut asked_rx) = mpsc::channel(ASKED);
    let outlet = Outlet {
        events: port.events,
        wake: port.wake,
        sink,
        clock: port.clock,
        ids: port.ids,
        asked: asked_tx,
    };
    let (told_tx, mut told_rx) = mpsc::channel(1024);
    let mut engine = Engine {
        outlet,
        dispatcher: Dispatcher::default(),
        live: BTreeMap::new(),
        specs: BTreeMap::new(),
        told: told_tx,
    };
    let mut is_open = true;
    while is_open || !engine.live.is_empty() {
        tokio::select! {
            request = port.requests.recv(), if is_open => match request {
                Some(Request::Start(id, command)) => {
                    let spec = plan(command);
                    engine.start(id, spec).await;
                }
                Some(Request::Cancel(id)) => engine.apply(Input::Cancel(id)).await,
                Some(Request::Shutdown) | None => {
                    is_open = false;
                    engine.cancel_all().await;
                }
            },
            Some((id, spec)) = asked_rx.recv(), if is_open => engine.start(id, spec).await,
            told = told_rx.recv() => match told {
                Some(Told::Ended(id)) => {
                    engine.live.remove(&id);
                    engine.apply(Input::Ended(id)).await;
                }
                Some(Told::StopLimit(id)) => engine.drop_job(id).await,
                None => break,
            },
        }
        if engine.outlet.ids.runs_low() {
            let ids = engine.outlet.ids.clone();
            tokio::task::spawn_blocking(move || ids.refill());
        }
    }
}

struct Engine<U> {
    outlet: Outlet<U>,
    dispatcher: Dispatcher,
    live: BTreeMap<JobId, Live<U>>,
    /// Jobs that were told of and have not started.
    specs: BTreeMap<JobId, JobSpec<U>>,
    told: mpsc::Sender<Told>,
}

impl<U: Send + 'static> Engine<U> {
    async fn start(&mut self, id: JobId, spec: JobSpec<U>) {
        if spec.is_done {
            return;
        }
        // A front that has just heard of an end must not be refused because of it.
        let over: Vec<JobId> = self
            .live
            .iter()
            .filter(|(_, live)| live.cx.has_ended())
            .map(|(id, _)| *id)
            .collect();
        for id in over {
            self.live.remove(&id);
            self.apply(Input::Ended(id)).await;
        }
        let cancel = CancellationToken::new();
        let cx = JobCtx::new(
            id,
            spec.area,
            spec.workspace.clone(),
            spec.quiet,
            cancel.clone(),
            self.outlet.clone(),
        );
        cx.tell_queued(spec.title.clone(), None, spec.asked.clone()).await;
        self.live.insert(
            id,
            Live {
                cancel,
                cx,
                title: spec.title.clone(),
                stop_limit: spec.stop_limit,
                task: None,
            },
        );
        let input = Input::Start {
            id,
            key: spec.key.clone(),
            overlap: spec.overlap,
        };
        self.specs.insert(id, spec);
        self.apply(input).await;
    }

    async fn apply(&mut self, input: Input) {
        for effect in self.dispatcher.on(input) {
            match effect {
                Effect::Spawn(id) => self.spawn(id),
                Effect::Cancel(id) => self.cancel(id),
                Effect::Drop(id) => self.end_unstarted(id, Outcome::Cancelled).await,
                Effect::Refuse { id, running } => {
                    let title = self.live.get(&running).map(|live| live.title.clone());
                    let name = title.map(|title| {
                        title.args.first().map_or(title.key.to_string(), |(_, arg)| match arg {
                            crate::base::Arg::Text(text) => text.clone(),
                            crate::base::Arg::Number(n) => n.to_string(),
                        })
                    });
                    let mut problem = Problem::user(msg!("problem-refused", title = name.unwrap_or_default())).code("refused");
                    problem.job = Some(running);
                    problem.at = Some(self.outlet.clock.now());
                    self.end_unstarted(id, Outcome::Failed { problem }).await;
                }
            }
        }
    }

    fn spawn(&mut self, id: JobId) {
        let (Some(spec), Some(live)) = (self.specs.remove(&id), self.live.get_mut(&id)) else {
            return;
        };
        let cx = live.cx.clone();
        let told = self.told.clone();
        let run = spec.run;
        let title = spec.title;
        let task = tokio::spawn(async move {
            let inner = cx.clone();
            // The job's error is told with its end; there is nobody else to give it to. The closure is called inside the future, so that its panic is caught too.
            drop(cx.live(title, async move { run(inner).await }).await);
            if told.send(Told::Ended(id)).await.is_err() {
                // The engine is gone: nobody waits for this end.
            }
        });
        live.task = Some(task.abort_handle());
    }

    fn cancel(&mut self, id: JobId) {
        let Some(live) = self.live.get(&id) else { return };
        if live.cancel.is_cancelled() {
            return;
        }
        live.cancel.cancel();
        let told = self.told.clone();
        let stop_limit = live.stop_limit;
        tokio::spawn(async move {
            tokio::time::sleep(stop_limit).await;
            drop(told.send(Told::StopLimit(id)).await);
        });
    }

    async fn cancel_all(&mut self) {
        let waiting: Vec<JobId> = self.specs.keys().copied().collect();
        for id in waiting {
            self.apply(Input::Cancel(id)).await;
        }
        let running: Vec<JobId> = self.dispatcher.running().collect();
        for id in running {
            self.cancel(id);
        }
    }

    /// The job did not end in time: its future is dropped, and with it everything it holds.
    async fn drop_job(&mut self, id: JobId) {
        let Some(live) = self.live.remove(&id) else { return };
        if let Some(task) = &live.task {
            task.abort();
        }
        let problem = Problem::internal(msg!("problem-too-slow-to-stop", title = live.title.key.to_string()));
        self.outlet.send(Event::Job(id, JobEvent::Problem(problem))).await;
        live.cx.end(Outcome::Cancelled).await;
        self.apply_ended(id).await;
    }

    async fn apply_ended(&mut self, id: JobId) {
        for effect in self.dispatcher.on(Input::Ended(id)) {
            if let Effect::Spawn(next) = effect {
                self.spawn(next);
            }
        }
    }

    async fn end_unstarted(&mut self, id: JobId, outcome: Outcome) {
        self.specs.remove(&id);
        if let Some(live) = self.live.remove(&id) {
            live.cx.end(outcome).await;
        }
    }
}
