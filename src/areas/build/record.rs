//! Between the ledger's rows and what pages and answers show of a run.

use super::matchers::{Diagnostic, Severity};
use super::{RunRow, artifacts};
use crate::adapters::World;
use crate::adapters::store::builds::{self, ArtifactRow, BuildRow, DiagnosticRow};
use crate::areas::JobCtx;
use crate::areas::test::source::Sources;
use crate::base::{Place, Problem, State, Workspace};

/// Messages of one run that the ledger keeps.
pub(super) const DIAGNOSTICS_KEPT: usize = 300;

/// A run that begins now, as the ledger keeps it until it has ended.
pub(super) fn begun(cx: &JobCtx, workspace: &Workspace, sources: &Sources, (task, kind): (String, &str)) -> BuildRow {
    BuildRow {
        job: cx.id(),
        workspace: workspace.id.clone(),
        task,
        kind: kind.to_owned(),
        commit: sources.commit.clone(),
        dirty: sources.dirty.clone(),
        environment: None,
        state: State::InProgress,
        started_at: cx.now(),
        duration_ms: 0,
        n_errors: 0,
        n_warnings: 0,
        diagnostics: Vec::new(),
    }
}

pub(super) fn run_row(row: &BuildRow, bytes: Option<u64>) -> RunRow {
    RunRow {
        job: row.job,
        task: row.task.clone(),
        source: builds::tool_of(&row.kind).to_owned(),
        state: row.state,
        started_at: row.started_at,
        duration_ms: row.duration_ms,
        n_errors: row.n_errors,
        n_warnings: row.n_warnings,
        commit: row.commit.clone(),
        is_dirty: row.dirty.is_some(),
        bytes,
    }
}

pub(super) fn diagnostic_row(diagnostic: &Diagnostic) -> DiagnosticRow {
    let place = diagnostic.place.as_ref();
    DiagnosticRow {
        severity: diagnostic.severity.word().to_owned(),
        message: diagnostic.message.clone(),
        code: diagnostic.code.clone(),
        path: place.map(|place| place.path.clone()),
        line: place.and_then(|place| place.line),
        column: place.and_then(|place| place.column),
        source: diagnostic.source.clone(),
        rendered: diagnostic.rendered.clone(),
    }
}

pub(super) fn diagnostic_of(row: DiagnosticRow) -> Diagnostic {
    Diagnostic {
        severity: Severity::from_word(&row.severity),
        message: row.message,
        code: row.code,
        place: row.path.map(|path| Place {
            path,
            line: row.line,
            column: row.column,
        }),
        suggestion: row
            .rendered
            .lines()
            .find_map(|line| Some(line.trim_start().strip_prefix("= help: ")?.to_owned())),
        rendered: row.rendered,
        source: row.source,
    }
}

pub(super) fn diagnostic_rows(diagnostics: &[Diagnostic]) -> Vec<DiagnosticRow> {
    diagnostics.iter().take(DIAGNOSTICS_KEPT).map(diagnostic_row).collect()
}

/// Milliseconds since the run began.
pub(super) fn duration_ms(cx: &JobCtx, row: &BuildRow) -> u64 {
    (cx.now().as_millisecond() - row.started_at.as_millisecond()).max(0) as u64
}

/// Writes a run with what it gave, and frees what the budget does not allow.
pub(super) async fn write(world: &World, row: BuildRow, kept: Vec<ArtifactRow>) -> Result<Vec<ArtifactRow>, Problem> {
    let kept = world.store().builds().record(row, kept).await?;
    if !kept.is_empty() {
        let max_bytes = world.settings().retention.artifacts_max_mb * 1_000_000;
        artifacts::keep_budget(world, max_bytes).await?;
    }
    Ok(kept)
}
