//! Which version is where: a row per version, a column per environment.

use super::{Deliverable, Place};
use crate::base::{Catalog, Msg, State, Timestamp, format};
use crate::msg;
use serde::Serialize;

/// One version and where it is or was.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Row {
    pub version: String,
    /// Why nobody may deploy it.
    pub withdrawn: Option<String>,
    /// By column; None where it never was.
    pub places: Vec<Option<Place>>,
}

/// The environments in the order in which a version moves on; then those that the project no longer names, but where one still runs.
pub fn columns(deliverables: &[Deliverable], environments: &[String]) -> Vec<String> {
    let mut columns = environments.to_vec();
    for place in deliverables
        .iter()
        .flat_map(|one| &one.places)
        .filter(|place| place.until.is_none())
    {
        if !columns.contains(&place.environment) {
            columns.push(place.environment.clone());
        }
    }
    columns
}

/// Highest version first, as the deliverables stand; without those that were only tagged elsewhere.
pub fn rows(deliverables: &[Deliverable], environments: &[String]) -> Vec<Row> {
    let columns = columns(deliverables, environments);
    let row = |one: &Deliverable| Row {
        version: one.version.clone(),
        withdrawn: one.withdrawn.clone(),
        places: columns
            .iter()
            .map(|name| one.places.iter().find(|place| place.environment == *name).cloned())
            .collect(),
    };
    let is_known = |one: &&Deliverable| one.id != 0 || !one.places.is_empty();
    deliverables.iter().filter(is_known).map(row).collect()
}

impl Place {
    /// How it stands there: since when, until when, or when it was tried in vain.
    pub fn told(&self, now: Timestamp, texts: &Catalog) -> (State, Msg) {
        match self.until {
            Some(at) if self.has_failed => (State::Failed, msg!("release-place-failed", ago = format::ago(at, now, texts))),
            Some(until) => (State::None, msg!("release-place-until", age = format::age(until, now, texts))),
            None => (
                State::Running,
                msg!("release-place-since", age = format::age(self.since, now, texts)),
            ),
        }
    }
}
