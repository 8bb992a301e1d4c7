//! What Monitor does: one async function per command.

use super::dora::{self, Delivery, Outage};
use super::{
    Command, ErrorAct, Query, Standing, UnitAct, Update, WatchUnit, alerts, answer, compare, errors, history, lead, objectives,
    prometheus, status_page, subjects, watch,
};
use crate::adapters::World;
use crate::adapters::store::alerts::SilenceRow;
use crate::adapters::trust::TrustState;
use crate::adapters::{files, user, user_unit};
use crate::areas::deploy::acts::has_touched;
use crate::areas::devops::project;
use crate::areas::{JobCtx, JobSpec, operate};
use crate::base::{Catalog, Lang, Problem, State, Timestamp, Workspace, WriteTo};
use crate::engine::Overlap;
use crate::msg;
use futures::StreamExt as _;
use std::collections::BTreeSet;

const AREA: &str = "monitor";

/// The job of a command.
pub fn plan(world: &World, command: Command) -> JobSpec {
    let world = world.clone();
    match command {
        Command::LoadChecks { workspace } => {
            let id = workspace.id.clone();
            JobSpec::new(AREA, msg!("monitor-job-load"), move |cx| load(cx, world, workspace))
                .workspace(&id)
                .key(format!("monitor/load/{id}"), Overlap::Latest)
                .quiet()
        }
        Command::RunChecks { workspace, names } => {
            let id = workspace.id.clone();
            JobSpec::new(AREA, msg!("monitor-job-run", name = workspace.name.as_str()), move |cx| {
                run(cx, world, workspace, names)
            })
            .workspace(&id)
            .key(format!("monitor/run/{id}"), Overlap::Latest)
        }
        Command::LoadAlerts { workspace } => {
            let id = workspace.id.clone();
            JobSpec::new(AREA, msg!("monitor-job-alerts"), move |cx| async move {
                tell_alerts(&cx, &world, &workspace).await
            })
            .workspace(&id)
            .key(format!("monitor/alerts/{id}"), Overlap::Latest)
            .quiet()
        }
        Command::AckAlert { workspace, id: alert } => {
            let id = workspace.id.clone();
            JobSpec::new(AREA, msg!("monitor-job-ack", n = alert), move |cx| {
                ack(cx, world, workspace, alert)
            })
            .workspace(&id)
        }
        Command::Silence {
            workspace,
            rule,
            subject,
            secs,
            reason,
        } => {
            let id = workspace.id.clone();
            JobSpec::new(AREA, msg!("monitor-job-silence"), move |cx| async move {
                if rule != "*" {
                    alerts::known_rule(&workspace, &rule)?;
                }
                let now = world.clock().now();
                let until = Timestamp::from_second(now.as_second().saturating_add(secs.min(366 * 86_400) as i64));
                let silence = SilenceRow {
                    id: 0,
                    workspace: workspace.id.clone(),
                    rule,
                    subject,
                    at: now,
                    until: until.unwrap_or(now),
                    by: user::name(),
                    reason,
                };
                world.store().alerts().silence(silence).await?;
                tell_alerts(&cx, &world, &workspace).await
            })
            .workspace(&id)
        }
        Command::EndSilence { workspace, id: silence } => {
            let id = workspace.id.clone();
            JobSpec::new(AREA, msg!("monitor-job-end-silence"), move |cx| async move {
                let known = world.store().alerts().silences(&workspace.id).await?;
                if known.iter().all(|one| one.id != silence) {
                    return Err(Problem::user(msg!("monitor-no-silence", n = silence)).code("not-found"));
                }
                world.store().alerts().end_silence(silence).await?;
                tell_alerts(&cx, &world, &workspace).await
            })
            .workspace(&id)
        }
        Command::TestChannels { workspace, channel } => {
            let id = workspace.id.clone();
            JobSpec::new(AREA, msg!("monitor-job-test"), move |cx| test(cx, world, workspace, channel))
                .workspace(&id)
                .key(format!("monitor/test/{id}"), Overlap::Latest)
        }
        Command::Watch {
            workspaces,
            listen,
            with_runbooks,
        } => JobSpec::new(AREA, msg!("monitor-job-watch"), move |cx| async move {
            if !with_runbooks {
                return watch::run(&cx, &world, workspaces, listen).await;
            }
            if watch::watched(&world, &workspaces).await?.is_empty() {
                let problem = Problem::user(msg!("watch-nothing-added")).code("nothing-added");
                cx.problem(problem.hint(msg!("watch-nothing-added-hint"))).await;
            }
            let schedules = operate::schedules::run(&cx, &world, workspaces.clone());
            tokio::try_join!(watch::run(&cx, &world, workspaces, listen), schedules).map(drop)
        })
        .key("monitor/watch", Overlap::Replace)
        .quiet(),
        Command::Compare {
            workspace,
            deployment,
            secs,
        } => {
            let id = workspace.id.clone();
            JobSpec::new(AREA, msg!("monitor-job-compare"), move |cx| async move {
                let comparison = compare::find(&world, &workspace, deployment, secs).await?;
                cx.update(Update::Compared {
                    workspace: workspace.id,
                    comparison: Box::new(comparison),
                })
                .await;
                Ok(())
            })
            .workspace(&id)
            .key(format!("monitor/compare/{id}"), Overlap::Latest)
            .quiet()
        }
        Command::LoadObjectives { workspace } => {
            let id = workspace.id.clone();
            JobSpec::new(AREA, msg!("monitor-job-objectives"), move |cx| async move {
                let (found, problems) = objectives::find(&world, &workspace).await?;
                for problem in problems {
                    cx.problem(problem).await;
                }
                cx.update(Update::ObjectivesFound {
                    workspace: workspace.id,
                    objectives: Box::new(found),
                })
                .await;
                Ok(())
            })
            .workspace(&id)
            .key(format!("monitor/objectives/{id}"), Overlap::Latest)
            .quiet()
        }
        Command::WritePage { workspace, to, lang } => {
            let id = workspace.id.clone();
            JobSpec::new(AREA, msg!("monitor-job-page", path = &to.path), move |cx| {
                write_page(cx, world, workspace, to, lang)
            })
            .workspace(&id)
        }
        Command::LoadErrors { workspace } => {
            let id = workspace.id.clone();
            JobSpec::new(AREA, msg!("monitor-job-errors"), move |cx| async move {
                // Which logs are read, the ledger says; nothing of the workspace runs.
                errors::round(&world, &workspace).await?;
                tell_errors(&cx, &world, &workspace).await
            })
            .workspace(&id)
            .key(format!("monitor/errors/{id}"), Overlap::Latest)
            .quiet()
        }
        Command::ChangeError {
            workspace,
            id: error,
            act,
        } => {
            let id = workspace.id.clone();
            JobSpec::new(AREA, msg!("monitor-job-error", n = error), move |cx| {
                change_error(cx, world, workspace, error, act)
            })
            .workspace(&id)
        }
        Command::KeepUnit { act } => {
            JobSpec::new(AREA, msg!("monitor-job-unit"), move |cx| keep_unit(cx, world, act)).key("monitor/unit", Overlap::Refuse)
        }
        Command::ShowHistory { workspace, query } => {
            let id = workspace.id.clone();
            JobSpec::new(AREA, msg!("monitor-job-history"), move |cx| show(cx, world, workspace, query))
                .workspace(&id)
                .key(format!("monitor/history/{id}"), Overlap::Latest)
                .quiet()
        }
        Command::AskPrometheus { workspace, question } => {
            let id = workspace.id.clone();
            // Charts of a window that is looked at, and questions of one's own.
            let is_quiet = question.promql.is_none();
            let spec = JobSpec::new(AREA, msg!("monitor-job-prometheus"), move |cx| async move {
                prometheus::tell(&cx, &world, &workspace, question).await
            });
            let spec = spec.workspace(&id).key(format!("monitor/prometheus/{id}"), Overlap::Latest);
            if is_quiet { spec.quiet() } else { spec }
        }
        Command::ShowExecutions { workspace, environment } => {
            let id = workspace.id.clone();
            JobSpec::new(AREA, msg!("monitor-job-executions"), move |cx| async move {
                let executions = history::executions(&world, &workspace, environment.as_deref()).await?;
                cx.update(Update::ExecutionsListed {
                    workspace: workspace.id,
                    executions,
                })
                .await;
                Ok(())
            })
            .workspace(&id)
            .key(format!("monitor/executions/{id}"), Overlap::Latest)
            .quiet()
        }
        Command::ComputeDora { workspace, days } => {
            let id = workspace.id.clone();
            JobSpec::new(AREA, msg!("monitor-job-dora"), move |cx| compute(cx, world, workspace, days))
                .workspace(&id)
                .key(format!("monitor/dora/{id}"), Overlap::Latest)
                .quiet()
        }
    }
}

async fn load(cx: JobCtx, world: World, workspace: Workspace) -> Result<(), Problem> {
    cx.update(Update::ChecksLoading {
        workspace: workspace.id.clone(),
    })
    .await;
    let found = async {
        let (subjects, problems) = subjects::checks(&world, &workspace).await?;
        Ok((answer::stand_all(&world, &subjects).await?, problems))
    };
    match found.await {
        Ok((checks, problems)) => {
            for problem in problems {
                cx.problem(problem).await;
            }
            if let Ok(TrustState::Changed { .. }) = world.trust().state(&workspace)
                && let Err(untrusted) = world.trust().check(&workspace)
            {
                cx.problem(watch::still_watched(&workspace, untrusted)).await;
            }
            cx.update(Update::ChecksLoaded {
                workspace: workspace.id,
                checks,
            })
            .await;
            Ok(())
        }
        Err(problem) => {
            cx.update(Update::ChecksFailed {
                workspace: workspace.id,
                problem: Problem::clone(&problem),
            })
            .await;
            Err(problem)
        }
    }
}

async fn run(cx: JobCtx, world: World, workspace: Workspace, names: Vec<String>) -> Result<(), Problem> {
    world.trust().check(&workspace)?;
    let (mut subjects, problems) = subjects::checks(&world, &workspace).await?;
    for problem in problems {
        cx.problem(problem).await;
    }
    if subjects.is_empty() {
        return Err(Problem::user(msg!("monitor-no-checks")).hint(msg!("monitor-no-checks-hint")));
    }
    for name in &names {
        if subjects.iter().all(|subject| subject.name != *name) {
            let known: Vec<&str> = subjects.iter().map(|subject| subject.name.as_str()).collect();
            return Err(Problem::user(msg!("monitor-no-check", name = name.as_str()))
                .code("not-found")
                .hint(msg!("monitor-no-check-hint", names = known.join(", "))));
        }
    }
    subjects.retain(|subject| names.is_empty() || names.contains(&subject.name));
    // Those that others need say first where they stand.
    let mut down = Vec::new();
    let mut left = subjects;
    while !left.is_empty() {
        let waiting: Vec<String> = left.iter().map(|subject| subject.name.clone()).collect();
        let is_ready = |subject: &subjects::Subject| subject.needs.iter().all(|need| !waiting.contains(need));
        let (ready, later): (Vec<_>, Vec<_>) = left.into_iter().partition(is_ready);
        // A circle is told where the file is read; here it must only end.
        let (ready, later) = if ready.is_empty() { (later, ready) } else { (ready, later) };
        left = later;
        let asked = ready.into_iter().map(|subject| {
            let (world, cancel) = (world.clone(), cx.cancel_token().clone());
            async move { answer::ask(&world, &subject, &cancel).await }
        });
        let mut answers = futures::stream::iter(asked).buffered(watch::MAX_ASKED);
        while let Some(answered) = answers.next().await {
            let (check, samples) = answered?;
            world.store().samples().insert(samples).await?;
            if check.standing.is_down() || check.standing == Standing::AtRisk {
                down.push(format!("{}: {}", check.name, check.message));
            }
            cx.update(Update::CheckAnswered {
                workspace: workspace.id.clone(),
                check: Box::new(check),
            })
            .await;
        }
    }
    match down.len() {
        0 => Ok(()),
        n => Err(Problem::environment(msg!("monitor-down", n = n))
            .code("down")
            .details(down.join("\n"))),
    }
}

async fn tell_alerts(cx: &JobCtx, world: &World, workspace: &Workspace) -> Result<(), Problem> {
    let (found, problems) = alerts::find(world, workspace).await?;
    for problem in problems {
        cx.problem(problem).await;
    }
    cx.update(Update::AlertsLoaded {
        workspace: workspace.id.clone(),
        alerts: Box::new(found),
    })
    .await;
    Ok(())
}

async fn ack(cx: JobCtx, world: World, workspace: Workspace, id: i64) -> Result<(), Problem> {
    let store = world.store().alerts();
    let found = store.get(id).await?.filter(|row| row.workspace == workspace.id);
    let Some(found) = found else {
        return Err(Problem::user(msg!("monitor-no-alert", n = id)).code("not-found"));
    };
    if found.state != "firing" {
        return Err(Problem::user(msg!("monitor-alert-not-firing", n = id)).code("not-firing"));
    }
    let (now, by) = (world.clock().now(), user::name());
    store
        .change(id, move |row| {
            row.acked_at = row.acked_at.or(Some(now));
            if row.acked_by.is_empty() {
                row.acked_by.clone_from(&by);
            }
        })
        .await?;
    store.forget_repeats(id).await?;
    tell_alerts(&cx, &world, &workspace).await
}

async fn test(cx: JobCtx, world: World, workspace: Workspace, channel: Option<String>) -> Result<(), Problem> {
    world.trust().check(&workspace)?;
    let (file, problems) = project::read(&workspace.root)?;
    let names: Vec<&str> = file.channels.iter().map(|one| one.common.name.as_str()).collect();
    let wanted: Vec<_> = file
        .channels
        .iter()
        .filter(|one| channel.as_ref().is_none_or(|name| *name == one.common.name))
        .collect();
    if wanted.is_empty() {
        // An entry that could not be read is the likely reason.
        if let Some(problem) = problems.into_iter().next() {
            return Err(problem);
        }
        let problem = match &channel {
            Some(name) => Problem::user(msg!("monitor-no-channel", name = name.as_str())).code("not-found"),
            None => Problem::user(msg!("monitor-no-channels")).code("not-found"),
        };
        return Err(if names.is_empty() {
            problem.hint(msg!("monitor-no-channels-hint"))
        } else {
            problem.hint(msg!("monitor-no-check-hint", names = names.join(", ")))
        });
    }
    let mut first = None;
    for one in wanted {
        let problem = alerts::test_channel(&world, &workspace, one, cx.cancel_token()).await.err();
        cx.update(Update::ChannelTested {
            workspace: workspace.id.clone(),
            channel: one.common.name.clone(),
            problem: problem.clone(),
        })
        .await;
        first = first.or(problem);
    }
    first.map_or(Ok(()), Err)
}

async fn write_page(cx: JobCtx, world: World, workspace: Workspace, to: WriteTo, lang: Lang) -> Result<(), Problem> {
    let (told, problems) = status_page::gather(&world, &workspace).await?;
    for problem in problems {
        cx.problem(problem).await;
    }
    let html = status_page::html(&told, &Catalog::new(lang));
    let bytes = html.len() as u64;
    // Whoever writes the page again and again says so once.
    let to = cx
        .blocking(move |_| files::write_out(&to, html.as_bytes(), Some(status_page::MARK)))
        .await?;
    cx.update(Update::PageWritten {
        workspace: workspace.id,
        to,
        bytes,
    })
    .await;
    Ok(())
}

async fn tell_errors(cx: &JobCtx, world: &World, workspace: &Workspace) -> Result<(), Problem> {
    let errors = errors::list(world, workspace).await?;
    cx.update(Update::ErrorsFound {
        workspace: workspace.id.clone(),
        errors,
    })
    .await;
    Ok(())
}

async fn change_error(cx: JobCtx, world: World, workspace: Workspace, id: i64, act: ErrorAct) -> Result<(), Problem> {
    let store = world.store().errors();
    let found = store.get(id).await?.filter(|row| row.workspace == workspace.id);
    if found.is_none() {
        return Err(Problem::user(msg!("monitor-no-error", n = id)).code("not-found"));
    }
    let by = user::name();
    store
        .change(id, move |row| {
            row.by.clone_from(&by);
            match &act {
                ErrorAct::Acknowledge => "acknowledged".clone_into(&mut row.state),
                ErrorAct::Reopen => {
                    "new".clone_into(&mut row.state);
                    row.resolved_in = None;
                }
                ErrorAct::Resolve { version } => {
                    "resolved".clone_into(&mut row.state);
                    row.resolved_in.clone_from(version);
                }
            }
        })
        .await?;
    tell_errors(&cx, &world, &workspace).await
}

async fn keep_unit(cx: JobCtx, world: World, act: UnitAct) -> Result<(), Problem> {
    let (processes, dirs, cancel) = (world.processes(), world.dirs(), cx.cancel_token());
    let done = match act {
        UnitAct::Install => user_unit::install(processes, dirs, cancel).await,
        UnitAct::Remove => user_unit::remove(processes, cancel).await.map(drop),
        UnitAct::Status => Ok(()),
    };
    let facts = user_unit::facts(processes, dirs, cancel).await?;
    let leases = world.store().leases().list().await?;
    let lease = leases
        .into_iter()
        .find(|lease| lease.name == watch::LEASE && lease.holder.is_alive() && lease.until > cx.now());
    let unit = WatchUnit {
        path: facts.path,
        is_written: facts.is_written,
        is_current: facts.is_current,
        active: facts.active,
        enabled: facts.enabled,
        watcher: lease.as_ref().map(|lease| lease.holder.pid),
        watches_since: lease.map(|lease| lease.since),
    };
    cx.update(Update::UnitFound { unit: Box::new(unit) }).await;
    done
}

async fn show(cx: JobCtx, world: World, workspace: Workspace, query: Query) -> Result<(), Problem> {
    cx.update(Update::HistoryLoading {
        workspace: workspace.id.clone(),
    })
    .await;
    let history = history::find(&world, &workspace, query).await?;
    cx.update(Update::HistoryFound {
        workspace: workspace.id,
        history: Box::new(history),
    })
    .await;
    Ok(())
}

/// Production is the last protected environment of the project file, or its last one.
fn production(workspace: &Workspace) -> Result<(String, Vec<Problem>), Problem> {
    let (file, problems) = project::read(&workspace.root)?;
    let last = file
        .environments
        .iter()
        .rfind(|environment| environment.is_protected())
        .or(file.environments.last());
    let name = last.map_or_else(|| "production".to_owned(), |environment| environment.name.clone());
    Ok((name, problems))
}

async fn compute(cx: JobCtx, world: World, workspace: Workspace, days: u32) -> Result<(), Problem> {
    let (environment, problems) = production(&workspace)?;
    for problem in problems {
        cx.problem(problem).await;
    }
    let store = world.store();
    let mut rows = store.deployments().list(&workspace.id, Some(&environment), 2000).await?;
    rows.retain(|row| row.kind != "stop" && row.state != State::InProgress);
    rows.reverse();
    // One that was refused before it changed anything is no deployment to production.
    let mut refused = BTreeSet::new();
    for row in rows.iter().filter(|row| row.healthy_from.is_none()) {
        if !has_touched(&world, row.id).await? {
            refused.insert(row.id);
        }
    }
    rows.retain(|row| !refused.contains(&row.id));
    let incidents = store.incidents().list(&workspace.id, false, 2000).await?;
    let mut deliveries = Vec::new();
    let mut outages: Vec<Outage> = incidents
        .iter()
        .filter(|row| row.environment.as_deref() == Some(environment.as_str()))
        .map(|row| Outage {
            from: row.opened_at,
            to: row.closed_at,
        })
        .collect();
    outages.extend(dora::outages(&rows));
    let mut running: Option<String> = None;
    let mut delivered = BTreeSet::new();
    for (i, row) in rows.iter().enumerate() {
        cx.check()?;
        // The version that runs once more changes nothing.
        if row.healthy_from.is_some() && row.commit.is_some() && row.commit == running {
            continue;
        }
        let is_rollback = row.kind == "rollback";
        let was_rolled_back = rows.get(i + 1).is_some_and(|next| next.kind == "rollback");
        let had_incident = incidents.iter().any(|incident| incident.deployment == Some(row.id));
        let is_failed = row.healthy_from.is_none() || was_rolled_back || had_incident;
        let mut commits_at = Vec::new();
        if let (Some(commit), Some(_), false) = (&row.commit, row.healthy_from, is_rollback)
            && delivered.insert(commit.clone())
        {
            commits_at = lead::commit_times(&world, &workspace, running.as_deref(), commit, &cx).await;
        }
        if row.healthy_from.is_some() {
            running.clone_from(&row.commit);
        }
        deliveries.push(Delivery {
            started_at: row.started_at,
            healthy_at: row.healthy_from,
            is_rollback,
            is_failed,
            commits_at,
        });
    }
    let dora = dora::compute(&deliveries, &outages, &environment, days, cx.now());
    cx.update(Update::DoraComputed {
        workspace: workspace.id,
        dora: Box::new(dora),
    })
    .await;
    Ok(())
}
