//! The order of what ran: by time, whichever program has which numbers; what others ended; what counts for a commit.

use super::{NOON_MS, at, build, case, check, end, new_job, test_run, workspace};
use chantier::adapters::store::builds::BuildRow;
use chantier::adapters::store::holder::Holder;
use chantier::adapters::store::jobs::{JobFilter, NewJob};
use chantier::adapters::store::tests::TestRunRow;
use chantier::adapters::store::thread::ThreadEnd;
use chantier::base::{JobId, State};
use std::time::Duration;

#[test]
fn runs_stand_in_the_order_of_their_times_page_by_page() {
    check(|store, _| async move {
        let jobs = store.jobs();
        // A window has the numbers from 1, a command line those from 1000; they run by turns.
        for (id, ms) in [(1, 10), (1000, 20), (2, 30), (1001, 30), (3, 50)] {
            let at = at(NOON_MS + ms);
            jobs.queued(NewJob { at, ..new_job(id) }).await?;
        }
        let mut seen = Vec::new();
        let mut before = None;
        loop {
            let filter = JobFilter {
                before,
                limit: 2,
                ..JobFilter::default()
            };
            let page = jobs.list(filter).await?;
            let Some(last) = page.last() else { break };
            before = Some(last.id);
            seen.extend(page.iter().map(|row| row.id.0));
        }
        assert_eq!(seen, [3, 1001, 2, 1000, 1]);
        Ok(())
    });
}

#[test]
fn what_other_programs_ended_is_told_once_and_nothing_of_ones_own() {
    check(|store, _| async move {
        let jobs = store.jobs();
        for id in [1, 2, 3] {
            jobs.queued(new_job(id)).await?;
        }
        jobs.ended(JobId(1), end(State::Done)).await?;
        let other = Holder {
            pid: u32::MAX - 3,
            ..Holder::current()
        };
        for id in [2, 3] {
            let holder = other.clone();
            jobs.change(JobId(id), move |row| row.holder = holder.clone()).await?;
        }
        jobs.ended(JobId(2), end(State::Failed)).await?;
        let told = jobs.ended_elsewhere(at(NOON_MS)).await?;
        assert_eq!(told.iter().map(|row| row.id.0).collect::<Vec<_>>(), [2]);
        let last = told[0].ended_at.unwrap();
        assert!(jobs.ended_elsewhere(last).await?.is_empty());
        Ok(())
    });
}

#[test]
fn a_commit_is_told_by_what_ran_on_it_and_not_by_what_ran_with_changes_on_top() {
    check(|store, _| async move {
        let commit = || ThreadEnd::Commit {
            workspace: workspace(),
            oid: "c1".to_owned(),
        };
        let run = async |dirty: Option<&str>, states: &[State]| {
            let row = TestRunRow {
                dirty: dirty.map(str::to_owned),
                ..test_run("c1")
            };
            let run = store.tests().start_run(row).await?;
            let names = ["a", "b", "c"];
            let results = names.iter().zip(states).map(|(name, state)| case(name, *state)).collect();
            store.tests().add_results(run.id, results).await?;
            let state = if states.contains(&State::Failed) {
                State::Failed
            } else {
                State::Done
            };
            store.tests().end_run(run.id, state, 1).await
        };
        run(Some("d1"), &[State::Done, State::Failed]).await?;
        let told = store.threads().follow(commit()).await?;
        assert_eq!(told.has_changes, (false, true), "nothing else is known of it");
        run(None, &[State::Done, State::Done]).await?;
        // One test alone, and then a dirty tree again.
        run(None, &[State::Done]).await?;
        run(Some("d2"), &[State::Failed]).await?;
        store.builds().record(build(1, "c1"), Vec::new()).await?;
        let changed = BuildRow {
            dirty: Some("d2".to_owned()),
            state: State::Failed,
            ..build(2, "c1")
        };
        store.builds().record(changed, Vec::new()).await?;
        let told = store.threads().follow(commit()).await?;
        let standing = told.standing.unwrap();
        assert_eq!((standing.state, standing.n_passed, standing.n_failed), (State::Done, 2, 0));
        assert_eq!(told.has_changes, (false, false));
        assert_eq!((told.builds[0].job, told.builds[0].state), (JobId(1), State::Done));
        Ok(())
    });
}

/// A clock that was ahead once must not hide what is built now until that day comes.
#[test]
fn the_last_build_is_none_that_lies_in_the_future() {
    check(|store, _| async move {
        let builds = store.builds();
        let ahead = BuildRow {
            started_at: at(NOON_MS + 2 * 365 * 86_400_000),
            ..build(1, "c1")
        };
        builds.record(ahead, Vec::new()).await?;
        let last = async || builds.last(&workspace()).await.map(|row| row.map(|row| row.job));
        assert_eq!(last().await?, Some(JobId(1)), "there is no other");
        for (job, ms) in [(2, -9000), (3, -8000)] {
            let now = BuildRow {
                started_at: at(NOON_MS + ms),
                ..build(job, "c1")
            };
            builds.record(now, Vec::new()).await?;
            assert_eq!(last().await?, Some(JobId(job)));
        }
        Ok(())
    });
}

/// Who asks and does something else before looking at the answer takes nobody's turn.
#[test]
fn a_question_is_answered_while_others_wait_that_nobody_polls() {
    check(|store, _| async move {
        let jobs = store.jobs();
        let mut left: Vec<_> = (0..40).map(|_| Box::pin(jobs.list(JobFilter::default()))).collect();
        for question in &mut left {
            drop(futures::poll!(question.as_mut()));
        }
        for _ in 0..10 {
            let answer = tokio::time::timeout(Duration::from_secs(30), jobs.list(JobFilter::default())).await;
            answer.expect("those before it hold up nobody")?;
        }
        // And each of them has its answer.
        for question in left {
            assert_eq!(question.await?, vec![]);
        }
        Ok(())
    });
}
