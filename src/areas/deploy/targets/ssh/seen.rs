//! What is only looked at of a unit that was deployed: what it uses, and what it wrote.

use super::place::{as_root, connect};
use super::{LOOKED, SHORT, handle, recent};
use crate::adapters::World;
use crate::adapters::store::instances::InstanceRow;
use crate::base::{Problem, Timestamp};
use serde::Deserialize;
use tokio_util::sync::CancellationToken;

/// As systemd counts it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    pub memory_bytes: Option<u64>,
    pub n_processes: u32,
    /// How often systemd has started it again by itself.
    pub n_restarts: u32,
}

/// What an instance uses on its machine; nothing where that does not answer soon.
pub async fn usage(world: &World, instance: &InstanceRow) -> Option<Usage> {
    let shown = recent(world, &handle(instance)?, LOOKED).await.ok()?;
    Some(Usage {
        memory_bytes: shown.get("MemoryCurrent").parse().ok().filter(|bytes| *bytes < u64::MAX),
        n_processes: shown.get("TasksCurrent").parse().unwrap_or(0),
        n_restarts: shown.get("NRestarts").parse().unwrap_or(0),
    })
}

#[derive(Deserialize)]
struct Line {
    #[serde(rename = "__REALTIME_TIMESTAMP")]
    at: String,
    #[serde(rename = "MESSAGE", default)]
    text: serde_json::Value,
}

/// Lines of its journal from a moment on, the last ones where there are more than `n_lines`.
pub async fn journal(
    world: &World,
    instance: &InstanceRow,
    since: Timestamp,
    n_lines: u32,
) -> Result<Vec<(Timestamp, String)>, Problem> {
    let Some(handle) = handle(instance) else {
        return Ok(Vec::new());
    };
    let never = CancellationToken::new();
    let host = connect(world, &handle.host, &never).await?;
    let (since, n) = (format!("@{}", since.as_second()), n_lines.to_string());
    let of = format!("_SYSTEMD_UNIT={}", handle.unit);
    let script = r#"journalctl --quiet --no-pager --output=json --output-fields=MESSAGE --since="$1" --lines="$2" "$3""#;
    let said = as_root(&host, script, &[&since, &n, &of], SHORT, &never).await?;
    let line = |line: &str| {
        let line: Line = serde_json::from_str(line).ok()?;
        let at = Timestamp::from_microsecond(line.at.parse().ok()?).ok()?;
        // What is no text stands there as its bytes.
        Some((at, line.text.as_str()?.to_owned()))
    };
    Ok(said.lines().filter_map(line).collect())
}
