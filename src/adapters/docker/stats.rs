//! What a container needs, moment by moment.

use super::logs::living;
use super::{Engine, Fault, Memory, cgroup, plain_ref};
use crate::base::Timestamp;
use crate::base::docker::Stats;
use bollard::models::ContainerStatsResponse;
use bollard::query_parameters::StatsOptions;
use futures::StreamExt as _;
use futures::stream::BoxStream;

/// Processor time and memory of a container, straight from the kernel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Needs {
    pub container: String,
    pub cpu_ns: u64,
    pub memory_bytes: u64,
}

impl Memory {
    /// Of every running container that the last look knew, where its control group can be read. Asks no engine; blocks for a moment.
    pub fn sample(&self) -> Vec<Needs> {
        let running = self.lives.iter().filter(|(_, life)| life.state == "running");
        let read = running.filter_map(|(id, life)| {
            let (cpu_ns, memory_bytes) = cgroup::read(life.pid?, id)?;
            Some(Needs {
                container: id.clone(),
                cpu_ns,
                memory_bytes,
            })
        });
        read.collect()
    }
}

impl Engine {
    /// About once a second, until the container or the engine ends.
    pub async fn stats(
        &self,
        id: &str,
        now: impl Fn() -> Timestamp + Send + 'static,
    ) -> Result<BoxStream<'static, Result<Stats, Fault>>, Fault> {
        let client = self.client().await?;
        let id = plain_ref(id)?.to_owned();
        self.within(self.time_limit, client.inspect_container(&id, None)).await?;
        let options = StatsOptions {
            stream: true,
            one_shot: false,
        };
        let told = living(self, client.allowance.clone(), client.stats(&id, Some(options)));
        Ok(told.map(move |told| Ok(stats(&id, now(), &told?))).boxed())
    }
}

/// By the formulas of the `docker stats` command (docker/cli, cli/command/container/stats_helpers.go).
fn stats(id: &str, at: Timestamp, told: &ContainerStatsResponse) -> Stats {
    let cpu = |stats: &Option<bollard::models::ContainerCpuStats>| {
        let stats = stats.as_ref()?;
        Some((
            stats.cpu_usage.as_ref()?.total_usage?,
            stats.system_cpu_usage?,
            stats.online_cpus,
        ))
    };
    let cpu_percent = match (cpu(&told.precpu_stats), cpu(&told.cpu_stats)) {
        (Some((before, system_before, _)), Some((now, system_now, cores))) if system_now > system_before => {
            let share = now.saturating_sub(before) as f64 / (system_now - system_before) as f64;
            Some(share * f64::from(cores.unwrap_or(1).max(1)) * 100.0)
        }
        _ => None,
    };
    let memory = told.memory_stats.as_ref();
    let kept = memory.and_then(|memory| memory.stats.as_ref());
    let cache = kept.and_then(|stats| stats.get("total_inactive_file").or_else(|| stats.get("inactive_file")));
    let networks = told.networks.iter().flatten().map(|(_, network)| network);
    let (received_bytes, sent_bytes) = networks.fold((0, 0), |(received, sent), network| {
        (received + network.rx_bytes.unwrap_or(0), sent + network.tx_bytes.unwrap_or(0))
    });
    let blocks = told
        .blkio_stats
        .as_ref()
        .and_then(|io| io.io_service_bytes_recursive.as_ref());
    let moved = |word: &str| {
        let entries = blocks.into_iter().flatten();
        let of_kind = entries.filter(|entry| entry.op.as_deref().is_some_and(|op| op.eq_ignore_ascii_case(word)));
        of_kind.filter_map(|entry| entry.value).sum()
    };
    Stats {
        container: id.to_owned(),
        at,
        cpu_percent,
        memory_bytes: memory
            .and_then(|memory| memory.usage)
            .unwrap_or(0)
            .saturating_sub(cache.copied().unwrap_or(0)),
        memory_limit_bytes: memory.and_then(|memory| memory.limit),
        received_bytes,
        sent_bytes,
        read_bytes: moved("read"),
        written_bytes: moved("write"),
        n_processes: told.pids_stats.as_ref().and_then(|pids| pids.current).unwrap_or(0),
    }
}
