//! The kernel: pure dispatcher (inputs in, effects out), and the loop on a real tokio runtime.

use chantier::base::{Clock, JobId, LogLine, Msg, Problem, Progress, Timestamp, Unit};
use chantier::engine::{
    Dispatcher, Effect, Event, IdSource, Input, JobCtx, JobEvent, JobSpec, JobTable, Link, LogWriter, Outcome, Overlap, Sink,
    link, run,
};
use futures::future::BoxFuture;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::Semaphore;

fn check_dispatcher(steps: &[(Input, &[Effect])]) {
    let mut dispatcher = Dispatcher::default();
    for (i, (input, effects)) in steps.iter().enumerate() {
        assert_eq!(dispatcher.on(input.clone()), *effects, "step {i}: {input:?}");
    }
}

fn start(id: u64, overlap: Overlap) -> Input {
    Input::Start {
        id: JobId(id),
        key: Some("k".to_owned()),
        overlap,
    }
}

const fn job(id: u64) -> JobId {
    JobId(id)
}

#[test]
fn jobs_without_a_key_run_side_by_side() {
    let plain = |id| Input::Start {
        id: JobId(id),
        key: None,
        overlap: Overlap::Refuse,
    };
    check_dispatcher(&[
        (plain(1), &[Effect::Spawn(job(1))]),
        (plain(2), &[Effect::Spawn(job(2))]),
        (Input::Ended(job(1)), &[]),
        (Input::Cancel(job(2)), &[Effect::Cancel(job(2))]),
        (Input::Cancel(job(9)), &[]),
    ]);
}

#[test]
fn replace_cancels_the_running_job_and_starts_the_newest_when_it_has_ended() {
    check_dispatcher(&[
        (start(1, Overlap::Replace), &[Effect::Spawn(job(1))]),
        (start(2, Overlap::Replace), &[Effect::Cancel(job(1))]),
        (start(3, Overlap::Replace), &[Effect::Drop(job(2)), Effect::Cancel(job(1))]),
        (Input::Ended(job(1)), &[Effect::Spawn(job(3))]),
        (Input::Ended(job(3)), &[]),
        (start(4, Overlap::Replace), &[Effect::Spawn(job(4))]),
    ]);
}

#[test]
fn latest_keeps_one_waiting_and_drops_the_older_one() {
    check_dispatcher(&[
        (start(1, Overlap::Latest), &[Effect::Spawn(job(1))]),
        (start(2, Overlap::Latest), &[]),
        (start(3, Overlap::Latest), &[Effect::Drop(job(2))]),
        (Input::Cancel(job(3)), &[Effect::Drop(job(3))]),
        (start(4, Overlap::Latest), &[]),
        (Input::Ended(job(1)), &[Effect::Spawn(job(4))]),
    ]);
}

#[test]
fn refuse_names_the_job_that_is_in_the_way() {
    check_dispatcher(&[
        (start(1, Overlap::Refuse), &[Effect::Spawn(job(1))]),
        (
            start(2, Overlap::Refuse),
            &[Effect::Refuse {
                id: job(2),
                running: job(1),
            }],
        ),
        (Input::Ended(job(1)), &[]),
        (start(3, Overlap::Refuse), &[Effect::Spawn(job(3))]),
    ]);
}

#[test]
fn parallel_jobs_of_one_key_must_all_end_before_the_waiting_one_starts() {
    check_dispatcher(&[
        (start(1, Overlap::Parallel), &[Effect::Spawn(job(1))]),
        (start(2, Overlap::Parallel), &[Effect::Spawn(job(2))]),
        (start(3, Overlap::Latest), &[]),
        (Input::Ended(job(1)), &[]),
        (Input::Ended(job(2)), &[Effect::Spawn(job(3))]),
    ]);
}

/// What a test job does.
#[derive(Clone)]
enum Order {
    Count(u32),
    Wait,
    Panic,
    PanicBeforeTheFirstAwait,
    Children,
    Chatter(u32),
    Deaf,
    Fail,
}

type Ctx = JobCtx<u32>;

/// Remembers what it was told, in order.
#[derive(Default)]
struct Memory {
    told: Mutex<Vec<(JobId, JobEvent)>>,
    log: Arc<Mutex<BTreeMap<JobId, Vec<u8>>>>,
    fails: bool,
}

struct MemoryLog(JobId, Arc<Mutex<BTreeMap<JobId, Vec<u8>>>>);

impl LogWriter for MemoryLog {
    fn write(&mut self, bytes: &[u8]) {
        self.1.lock().unwrap().entry(self.0).or_default().extend_from_slice(bytes);
    }
    fn finish(self: Box<Self>) -> Option<Problem> {
        None
    }
}

impl Sink<u32> for Memory {
    fn job<'a>(&'a self, id: JobId, event: &'a JobEvent) -> BoxFuture<'a, Result<(), Problem>> {
        self.told.lock().unwrap().push((id, event.clone()));
        let result = if self.fails {
            Err(Problem::environment(Msg::verbatim("disk full")))
        } else {
            Ok(())
        };
        Box::pin(async move { result })
    }
    fn log_writer(&self, id: JobId) -> Option<Box<dyn LogWriter>> {
        Some(Box::new(MemoryLog(id, Arc::clone(&self.log))))
    }
    fn tap(&self, _at: Timestamp, _event: &Event<u32>) {}
}

struct Bench {
    link: Link<Order, u32>,
    events: Vec<Event<u32>>,
    jobs: JobTable,
    memory: Arc<Memory>,
    engine: tokio::task::JoinHandle<()>,
}

fn plan(gate: Arc<Semaphore>) -> impl Fn(Order) -> JobSpec<u32> + Send {
    move |order| {
        let gate = Arc::clone(&gate);
        let (key, overlap) = match order {
            Order::Wait => (Some("wait"), Overlap::Replace),
            _ => (None, Overlap::Parallel),
        };
        let mut spec = JobSpec::new("test", Msg::verbatim("job"), move |cx: Ctx| {
            if let Order::PanicBeforeTheFirstAwait = order {
                panic!("at once");
            }
            work(cx, order, gate)
        });
        if let Some(key) = key {
            spec = spec.key(key, overlap);
        }
        spec
    }
}

async fn work(cx: Ctx, order: Order, gate: Arc<Semaphore>) -> Result<(), Problem> {
    match order {
        Order::Count(n) => {
            for i in 0..n {
                cx.update(i).await;
            }
        }
        Order::Wait => {
            let permit = cx.until_cancelled(gate.acquire()).await?;
            drop(permit);
        }
        Order::Panic => {
            tokio::task::yield_now().await;
            panic!("on purpose");
        }
        Order::PanicBeforeTheFirstAwait => unreachable!(),
        Order::Children => {
            let first = cx.span(Msg::verbatim("first"), |child| async move {
                child.update(7u32).await;
                Ok(7)
            });
            let second = cx.span(Msg::verbatim("second"), |_| async move {
                Err::<u32, _>(Problem::user(Msg::verbatim("no")))
            });
            let (first, second) = futures::join!(first, second);
            assert_eq!(first.unwrap(), 7);
            assert_eq!(second.unwrap_err().summary, Msg::verbatim("no"));
        }
        Order::Chatter(n) => {
            for i in 0..n {
                let text = format!("line {i}");
                cx.log_bytes(format!("{text}\n").as_bytes());
                cx.log(LogLine::note(cx.now(), text));
                cx.progress(Progress::of(u64::from(i + 1), u64::from(n), Unit::Steps));
            }
        }
        Order::Deaf => std::future::pending::<()>().await,
        Order::Fail => return Err(Problem::user(Msg::verbatim("broken"))),
    }
    Ok(())
}

impl Bench {
    fn new() -> (Self, Arc<Semaphore>) {
        Self::with(Memory::default())
    }

    fn with(memory: Memory) -> (Self, Arc<Semaphore>) {
        let gate = Arc::new(Semaphore::new(0));
        let clock = Clock::new(|| Timestamp::from_second(1_000_000).unwrap());
        let (link, port) = link(IdSource::counting_from(1), clock);
        let memory = Arc::new(memory);
        let engine = tokio::spawn(run(port, plan(Arc::clone(&gate)), Arc::clone(&memory) as Arc<dyn Sink<u32>>));
        (
            Self {
                link,
                events: Vec::new(),
                jobs: JobTable::default(),
                memory,
                engine,
            },
            gate,
        )
    }

    async fn step(&mut self) -> Event<u32> {
        let event = tokio::time::timeout(Duration::from_mins(1), self.link.next())
            .await
            .expect("no event")
            .expect("the engine ended");
        if let Event::Job(id, event) = &event {
            self.jobs.apply(*id, event);
        }
        self.events.push(event.clone());
        event
    }

    async fn until_ended(&mut self, id: JobId) -> Outcome {
        loop {
            if let Event::Job(job, JobEvent::Ended { outcome, .. }) = self.step().await
                && job == id
            {
                return outcome;
            }
        }
    }

    async fn until_started(&mut self, id: JobId) {
        while !matches!(self.step().await, Event::Job(job, JobEvent::Started { .. }) if job == id) {}
    }
}

#[tokio::test]
async fn a_job_tells_its_life_in_order_and_the_ledger_hears_it_first() {
    let (mut bench, _) = Bench::new();
    let id = bench.link.start(Order::Count(3));
    assert_eq!(bench.until_ended(id).await, Outcome::Done);
    let updates: Vec<u32> = bench
        .events
        .iter()
        .filter_map(|event| if let Event::Update(n) = event { Some(*n) } else { None })
        .collect();
    assert_eq!(updates, [0, 1, 2]);
    assert!(matches!(bench.events[0], Event::Job(_, JobEvent::Queued { .. })));
    assert!(matches!(bench.events[1], Event::Job(_, JobEvent::Started { .. })));
    let told = bench.memory.told.lock().unwrap();
    assert!(matches!(
        told.last(),
        Some((
            _,
            JobEvent::Ended {
                outcome: Outcome::Done,
                ..
            }
        ))
    ));
}

#[tokio::test]
async fn a_panic_ends_that_job_only() {
    let (mut bench, _) = Bench::new();
    for order in [Order::Panic, Order::PanicBeforeTheFirstAwait] {
        let id = bench.link.start(order);
        let Outcome::Failed { problem } = bench.until_ended(id).await else {
            panic!("it must fail")
        };
        assert_eq!(problem.kind, chantier::base::ProblemKind::Internal);
        assert!(
            problem.details.contains("on purpose") || problem.details.contains("at once"),
            "{problem:?}"
        );
        assert_eq!(problem.job, Some(id));
    }
    let id = bench.link.start(Order::Count(1));
    assert_eq!(bench.until_ended(id).await, Outcome::Done);
}

#[tokio::test]
async fn a_cancelled_job_ends_as_cancelled_and_a_replaced_one_makes_room() {
    let (mut bench, gate) = Bench::new();
    let first = bench.link.start(Order::Wait);
    bench.until_started(first).await;
    let second = bench.link.start(Order::Wait);
    assert_eq!(bench.until_ended(first).await, Outcome::Cancelled);
    bench.until_started(second).await;
    bench.link.cancel(second);
    assert_eq!(bench.until_ended(second).await, Outcome::Cancelled);
    gate.add_permits(1);
    let third = bench.link.start(Order::Wait);
    assert_eq!(bench.until_ended(third).await, Outcome::Done);
}

#[tokio::test]
async fn children_have_their_own_rows_and_give_their_error_back() {
    let (mut bench, _) = Bench::new();
    let id = bench.link.start(Order::Children);
    assert_eq!(bench.until_ended(id).await, Outcome::Done);
    let states: Vec<_> = bench.jobs.children(id).map(|row| row.state.word()).collect();
    assert_eq!(states, ["done", "failed"]);
}

#[tokio::test]
async fn a_flood_of_lines_is_bounded_in_the_view_and_whole_in_the_log() {
    let (mut bench, _) = Bench::new();
    let n = 50_000;
    let id = bench.link.start(Order::Chatter(n));
    assert_eq!(bench.until_ended(id).await, Outcome::Done);
    let row = bench.jobs.get(id).unwrap();
    assert_eq!(row.lines.len() as u64 + row.n_skipped, u64::from(n));
    assert!(row.lines.len() <= chantier::engine::table::LINES_KEPT);
    assert_eq!(row.lines.back().unwrap().text, format!("line {}", n - 1));
    assert_eq!(row.progress.as_ref().unwrap().done, u64::from(n));
    let log = bench.memory.log.lock().unwrap();
    assert_eq!(log[&id].iter().filter(|byte| **byte == b'\n').count(), n as usize);
}

#[tokio::test]
async fn a_burst_of_events_wakes_the_front_once() {
    let (mut bench, _) = Bench::new();
    let n_wakes = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&n_wakes);
    bench.link.wake().set(move || {
        counter.fetch_add(1, Ordering::SeqCst);
    });
    let id = bench.link.start(Order::Count(1000));
    assert_eq!(bench.until_ended(id).await, Outcome::Done);
    // `next` never rests the wake, so a thousand events are one burst.
    assert_eq!(n_wakes.load(Ordering::SeqCst), 1);
    while bench.link.poll().is_some() {}
    let id = bench.link.start(Order::Count(1000));
    assert_eq!(bench.until_ended(id).await, Outcome::Done);
    assert_eq!(n_wakes.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_slow_front_slows_the_job_and_memory_stays_bounded() {
    let (mut bench, _) = Bench::new();
    let id = bench.link.start(Order::Count(100_000));
    bench.until_started(id).await;
    for _ in 0..1000 {
        tokio::task::yield_now().await;
    }
    // Nobody reads: the job is stuck behind the bounded channel, so it can not have ended.
    assert!(
        !bench
            .memory
            .told
            .lock()
            .unwrap()
            .iter()
            .any(|(_, event)| matches!(event, JobEvent::Ended { .. }))
    );
    assert_eq!(bench.until_ended(id).await, Outcome::Done);
}

#[tokio::test(start_paused = true)]
async fn a_job_that_does_not_stop_is_dropped_after_its_time() {
    let (mut bench, _) = Bench::new();
    let id = bench.link.start(Order::Deaf);
    bench.until_started(id).await;
    bench.link.cancel(id);
    assert_eq!(bench.until_ended(id).await, Outcome::Cancelled);
    let id = bench.link.start(Order::Count(1));
    assert_eq!(bench.until_ended(id).await, Outcome::Done);
}

#[tokio::test(start_paused = true)]
async fn shutdown_ends_every_job_and_then_the_engine() {
    let (mut bench, _) = Bench::new();
    let waits = bench.link.start(Order::Wait);
    let deaf = bench.link.start(Order::Deaf);
    bench.until_started(deaf).await;
    bench.link.shutdown();
    let mut ended = Vec::new();
    while let Some(event) = bench.link.next().await {
        if let Event::Job(id, JobEvent::Ended { outcome, .. }) = event {
            assert_eq!(outcome, Outcome::Cancelled);
            ended.push(id);
        }
    }
    ended.sort();
    assert_eq!(ended, [waits, deaf]);
    bench.engine.await.unwrap();
}

#[tokio::test]
async fn when_the_ledger_fails_the_job_goes_on_and_it_is_said() {
    let (mut bench, _) = Bench::with(Memory {
        fails: true,
        ..Memory::default()
    });
    let id = bench.link.start(Order::Count(1));
    assert_eq!(bench.until_ended(id).await, Outcome::Done);
    assert!(
        bench
            .jobs
            .get(id)
            .unwrap()
            .problems
            .iter()
            .any(|problem| problem.summary == Msg::verbatim("disk full"))
    );
    let id = bench.link.start(Order::Fail);
    assert!(matches!(bench.until_ended(id).await, Outcome::Failed { .. }));
}

#[test]
fn a_recording_reads_back_what_was_written_and_names_bad_lines() {
    use chantier::engine::record::{from_text, to_line};
    let at = Timestamp::from_second(5).unwrap();
    let event: Event<u32> = Event::Job(
        JobId(4),
        JobEvent::Ended {
            outcome: Outcome::Failed {
                problem: Problem::cancelled(),
            },
            at,
        },
    );
    let text = format!(
        "{}\nnot json\n{}\n",
        to_line(at, &event).unwrap(),
        to_line(at, &Event::Update(3u32)).unwrap()
    );
    let (events, bad) = from_text::<u32>(&text);
    assert_eq!(
        events.iter().map(|line| line.event.clone()).collect::<Vec<_>>(),
        [event, Event::Update(3)]
    );
    assert_eq!(bad.len(), 1);
    assert_eq!(bad[0].0, 2);
}
