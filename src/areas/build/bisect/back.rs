//! Where nobody knows a good commit: the way back from the bad one, in steps that double, until one does not fail.

use super::range::{first_parents, short};
use super::search::Verdict;
use super::{Look, Question, look};
use crate::adapters::World;
use crate::areas::JobCtx;
use crate::base::{Problem, Workspace};
use crate::msg;
use std::path::Path;

/// The good end, with what was seen on the way. A commit that can not be told is the end where none is good: the test may be younger.
pub(super) async fn good(
    cx: &JobCtx,
    world: &World,
    workspace: &Workspace,
    top: &Path,
    question: &Question,
    bad: &str,
) -> Result<(String, Vec<Look>), Problem> {
    let line = first_parents(cx, world, top, bad).await?;
    let owner = format!("job-{}", cx.id().0);
    let mut looks: Vec<Look> = Vec::new();
    let mut unclear = None;
    let mut at = 0;
    while let Some(oid) = line.get(at) {
        cx.check()?;
        let began = cx.now();
        let name = format!("{}-back", short(oid));
        let place = (owner.as_str(), name.as_str());
        let title = msg!("bisect-job-look", commit = short(oid));
        let of = oid.clone();
        let seen = cx.span(title, |cx| async move {
            Box::pin(look::look(&cx, world, workspace, question, &of, place)).await
        });
        let verdict = seen.await?;
        looks.push(Look {
            oid: oid.clone(),
            verdict,
            at: cx.now(),
            duration_ms: (cx.now().as_millisecond() - began.as_millisecond()).max(0) as u64,
            is_repeat: false,
            round: looks.len() as u32 + 1,
        });
        match verdict {
            // The search itself says that the bad end does not fail.
            _ if at == 0 && verdict != Verdict::Bad => return Ok((line.get(1).unwrap_or(oid).clone(), looks)),
            Verdict::Good => return Ok((oid.clone(), looks)),
            Verdict::Skip => {
                unclear.get_or_insert_with(|| oid.clone());
            }
            Verdict::Bad => unclear = None,
        }
        // The first commit of all is looked at too.
        at = if at + 1 == line.len() {
            line.len()
        } else {
            (at * 2).max(1).min(line.len() - 1)
        };
    }
    if let Some(oid) = unclear {
        return Ok((oid, looks));
    }
    let oldest = line.last().map_or("", String::as_str);
    let problem = msg!("bisect-always-red", what = question.words(), commit = short(oldest));
    Err(Problem::user(problem)
        .code("no-good-commit")
        .hint(msg!("bisect-never-green-hint")))
}
