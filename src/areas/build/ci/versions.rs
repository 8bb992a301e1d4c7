//! Which version a setup action asks for, and whether the program of this machine is one of those.

use super::{Workflow, actions};
use crate::adapters::{World, scan};
use crate::areas::JobCtx;
use crate::areas::devops::machine;
use crate::base::Problem;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

/// A program as it stands on the disk, and what it said of itself.
type Asked = BTreeMap<(PathBuf, Option<SystemTime>), Option<String>>;

/// Each program is asked once, and again when it has changed.
static ASKED: Mutex<Asked> = Mutex::new(BTreeMap::new());

/// The programs of which a version is wanted.
pub(super) fn asked_for(workflows: &[Workflow]) -> BTreeSet<&'static str> {
    let jobs = workflows.iter().flat_map(|workflow| &workflow.jobs);
    let jobs = jobs.filter(|job| job.lacks.iter().any(|lack| lack.what.key == "build-ci-version"));
    let wanted: BTreeSet<&str> = jobs.flat_map(|job| &job.tools).map(String::as_str).collect();
    actions::programs().filter(|program| wanted.contains(program)).collect()
}

/// Their versions, as far as they say them.
pub(super) async fn of(
    cx: &JobCtx,
    world: &World,
    programs: BTreeSet<&'static str>,
) -> Result<BTreeMap<String, String>, Problem> {
    let mut found = BTreeMap::new();
    for program in programs {
        cx.check()?;
        let Ok(path) = world.processes().resolve(program, None) else {
            continue;
        };
        let place = (path.clone(), scan::modified(&path));
        let known = ASKED.lock().unwrap_or_else(PoisonError::into_inner).get(&place).cloned();
        let version = if let Some(version) = known {
            version
        } else {
            let version = machine::version_of(world, cx.cancel_token(), program).await;
            cx.check()?;
            let mut asked = ASKED.lock().unwrap_or_else(PoisonError::into_inner);
            asked.insert(place, version.clone());
            version
        };
        found.extend(version.map(|version| (program.to_owned(), version)));
    }
    Ok(found)
}

/// `1.19.8` is one of `1.19`, `1.19.x`, `v1` and `>=1.18`; `stable` is what is no beta and no nightly. What is written otherwise is not
/// told: it counts as another one.
pub(super) fn is_one(here: &str, wanted: &str) -> bool {
    let (number, tail) = here.split_once('-').unwrap_or((here, ""));
    let wanted = wanted.trim().trim_matches(['"', '\'']);
    if wanted == "stable" {
        return tail.is_empty();
    }
    let numbers = |text: &str| -> Option<Vec<u64>> { text.split('.').map(|part| part.parse().ok()).collect() };
    let Some(number) = numbers(number) else { return false };
    if let Some(least) = wanted.strip_prefix(">=").and_then(|least| numbers(least.trim())) {
        return number >= least;
    }
    let wanted = wanted.strip_prefix('v').unwrap_or(wanted);
    let fixed: Vec<&str> = wanted
        .split('.')
        .take_while(|part| !matches!(*part, "x" | "X" | "*"))
        .collect();
    let fixed: Option<Vec<u64>> = fixed.iter().map(|part| part.parse().ok()).collect();
    fixed.is_some_and(|fixed| number.starts_with(&fixed)) && tail.is_empty()
}
