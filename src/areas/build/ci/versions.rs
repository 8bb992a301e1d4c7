//! Which version a setup action asks for, and whether the program of this machine is one of those.

use super::{Workflow, actions};
use crate::adapters::{World, scan};
use crate::areas::JobCtx;
use crate::areas::devops::machine;
use crate::base::Problem;
use semver::{Version, VersionReq};
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

/// `1.19.8` is one of `1.19`, `1.19.x`, `v1`, `~1.19`, `>=1.18 <2` and `1.18 || 1.19`; `stable` is what is no beta and no nightly. What is
/// written otherwise is not told: it counts as another one.
pub(super) fn is_one(here: &str, wanted: &str) -> bool {
    let (number, tail) = here.split_once('-').unwrap_or((here, ""));
    // A program that says two numbers has the third one too.
    let whole: Vec<&str> = number.split('.').chain(["0", "0"]).take(3).collect();
    let Ok(here) = Version::parse(&whole.join(".")) else {
        return false;
    };
    let wanted = wanted.trim().trim_matches(['"', '\'']);
    let asked = |one: &str| {
        let one = one.trim();
        let one = one.strip_prefix('v').unwrap_or(one);
        let is_bare = one.starts_with(|first: char| first.is_ascii_digit()) && !one.contains(['x', 'X', '*']);
        let comparators: Vec<&str> = one.split_whitespace().collect();
        let range = if is_bare { format!("={one}") } else { comparators.join(", ") };
        VersionReq::parse(&range).is_ok_and(|range| range.matches(&here))
    };
    tail.is_empty() && (wanted == "stable" || wanted.split("||").any(asked))
}
