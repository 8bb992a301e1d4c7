//! The output of units and containers of other machines, asked over the one kept connection to each: a unit's journal with the times and
//! severities that it keeps, a container's output with the times of its engine.

use super::Entry;
use super::source::{Last, Teller};
use crate::adapters::docker::stamp;
use crate::adapters::ssh::{Call, Connection};
use crate::adapters::systemd::{self, Manager};
use crate::areas::deploy::targets::ssh::Handle;
use crate::areas::operate::{Instance, far, units};
use crate::base::{LogLine, Problem, Stream, Timestamp};
use crate::msg;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Who is not in one of the journal's groups may read it as root, where nobody has to be asked for a password.
const JOURNAL: &str = "export LC_ALL=C; if [ \"$(id -u)\" != 0 ] && ! id -nG | grep -Eqw 'adm|systemd-journal|wheel' && \
sudo -n true 2>/dev/null; then exec sudo -n journalctl \"$@\"; fi; exec journalctl \"$@\"";
const WITHIN: Duration = Duration::from_secs(20);
/// The list of a unit's lives.
const MAX_BYTES: usize = 16 << 20;

/// What another machine is asked for.
#[derive(Clone, Debug)]
pub(in crate::areas::operate) struct FarLog {
    pub(super) host: String,
    pub(super) of: FarSource,
}

#[derive(Clone, Debug)]
pub(in crate::areas::operate) enum FarSource {
    Unit { name: String, life: Life },
    Container { id: String, is_previous: bool },
}

/// Which of a unit's lives is meant.
#[derive(Clone, Debug)]
pub(in crate::areas::operate) enum Life {
    All,
    /// The one before the one that runs, or that ran last.
    Previous {
        is_running: bool,
    },
    /// By systemd's name of it.
    Of(String),
}

/// The log of an instance of another machine; None for one of this machine.
pub(super) fn of(instance: &Instance, is_previous: bool) -> Option<FarLog> {
    let (host, kind, name) = far::of_id(&instance.id)?;
    let of = if kind == "unit" {
        let is_running = instance.is_running();
        let life = if is_previous {
            Life::Previous { is_running }
        } else {
            Life::All
        };
        FarSource::Unit {
            name: name.to_owned(),
            life,
        }
    } else {
        FarSource::Container {
            id: name.to_owned(),
            is_previous,
        }
    };
    Some(FarLog {
        host: host.to_owned(),
        of,
    })
}

impl FarLog {
    /// A unit that was deployed: of one that runs everything, also what it wrote before it was started again; else that life.
    pub(super) fn of_deployed(unit: Handle, is_over: bool) -> Self {
        let is_told = is_over && !unit.invocation.is_empty();
        Self {
            host: unit.host,
            of: FarSource::Unit {
                name: unit.unit,
                life: if is_told { Life::Of(unit.invocation) } else { Life::All },
            },
        }
    }

    /// The command there that says it.
    async fn argv(
        &self,
        connection: &Connection,
        n_lines: Option<u32>,
        follow: bool,
        cancel: &CancellationToken,
    ) -> Result<Vec<String>, Problem> {
        match &self.of {
            FarSource::Unit { name, life } => {
                let invocation = match life {
                    Life::All => None,
                    Life::Of(invocation) => Some(invocation.clone()),
                    Life::Previous { is_running } => Some(previous(connection, name, *is_running, cancel).await?),
                };
                let follow = follow && invocation.is_none();
                let mut argv: Vec<String> = ["sh", "-c", JOURNAL, "journalctl"].map(str::to_owned).to_vec();
                argv.extend(systemd::journal_args(
                    Manager::System,
                    name,
                    invocation.as_deref(),
                    n_lines,
                    follow,
                ));
                Ok(argv)
            }
            FarSource::Container { id, is_previous } => {
                let mut argv: Vec<String> = ["docker", "logs", "--timestamps"].map(str::to_owned).to_vec();
                argv.push(n_lines.map_or_else(|| "--tail=all".to_owned(), |n| format!("--tail={n}")));
                if *is_previous {
                    argv.push(format!("--until={}", begun(connection, id, cancel).await?));
                } else if follow {
                    argv.push("--follow".to_owned());
                }
                argv.push(id.clone());
                Ok(argv)
            }
        }
    }

    fn entry(&self, line: &[u8], stream: Stream, now: Timestamp, is_whole: bool) -> Option<Entry> {
        match &self.of {
            FarSource::Unit { .. } => units::entry_of(line, now).map(|(line, all)| Entry::of(line, &all, is_whole)),
            FarSource::Container { .. } => {
                let (at, text) = stamp(line);
                // What has no time is said by docker itself.
                Some(Entry::of(LogLine::foreign(at?, stream, text), text, is_whole))
            }
        }
    }
}

async fn asked(connection: &Connection, argv: &[&str], cancel: &CancellationToken) -> Result<String, Problem> {
    let mut call = Call::new(argv).timeout(WITHIN);
    call.max_bytes = MAX_BYTES;
    let output = connection.run(call, cancel).await?;
    if !output.exit.is_success() {
        return Err(refused(connection.host(), &String::from_utf8_lossy(&output.stderr)));
    }
    Ok(output.stdout_text())
}

fn refused(host: &str, words: &str) -> Problem {
    Problem::environment(msg!("log-far-failed", host = host))
        .code("far-log")
        .details(words.trim())
}

/// The life of a unit before the one that is now, or that was last.
async fn previous(connection: &Connection, name: &str, is_running: bool, cancel: &CancellationToken) -> Result<String, Problem> {
    let args = systemd::lives_args(Manager::System, name);
    let argv: Vec<&str> = ["sh", "-c", JOURNAL, "journalctl"]
        .into_iter()
        .chain(args.iter().map(String::as_str))
        .collect();
    let mut lives = systemd::parse_lives(&asked(connection, &argv, cancel).await?);
    if is_running {
        lives.pop();
    }
    lives
        .pop()
        .ok_or_else(|| Problem::user(msg!("log-no-previous", name = name)).code("no-log"))
}

/// When the life of a container ended that was before the one that is now; of one that has ended, when its last one began. The engine
/// says that a life began when its first lines are written already.
async fn begun(connection: &Connection, id: &str, cancel: &CancellationToken) -> Result<String, Problem> {
    let argv = [
        "docker",
        "inspect",
        "--format",
        "{{.State.StartedAt}} {{.State.FinishedAt}} {{.State.Running}} {{.RestartCount}}",
        id,
    ];
    let told = asked(connection, &argv, cancel).await?;
    match told.split_whitespace().collect::<Vec<_>>()[..] {
        [_, ended, "true", _] if !ended.starts_with("0001-") => Ok(ended.to_owned()),
        [began, _, "false", n_restarts] if n_restarts != "0" => Ok(began.to_owned()),
        _ => Err(Problem::user(msg!("log-no-previous", name = id)).code("no-log")),
    }
}

impl Teller {
    /// Lines of another machine as they come, and no more than the last ones of what was there.
    pub(super) async fn far(&mut self, log: &FarLog, now: Timestamp) -> Result<(), Problem> {
        let cancel = self.cancel.clone();
        let connection = self.world.ssh().connect(&log.host, &cancel).await?;
        let n = if self.takes_all() { self.n_lines } else { None };
        let mut last = Last::new(self.n_lines.filter(|_| n.is_none()), now);
        let argv = log.argv(&connection, n, self.follow, &cancel).await?;
        let argv: Vec<&str> = argv.iter().map(String::as_str).collect();
        let mut following = connection.start(&argv, &cancel)?;
        // What the program there says of itself.
        let mut words = String::new();
        while let Some(batch) = self.next_of(self.follow, &mut last, following.next()).await? {
            let mut entries = Vec::new();
            for line in batch.lines() {
                match log.entry(line.bytes, line.stream, now, self.is_whole) {
                    Some(entry) => entries.push(entry),
                    None if line.stream == Stream::Err && words.len() < 4096 => {
                        words.push_str(&String::from_utf8_lossy(line.bytes));
                        words.push('\n');
                    }
                    None => {}
                }
            }
            let newest = entries.iter().map(|entry| entry.line.at).max();
            let told = self.sift(entries);
            self.hand_on(&mut last, told, newest).await?;
        }
        self.tell_last(&mut last).await?;
        if following.end().await?.is_success() {
            return Ok(());
        }
        Err(refused(&log.host, &words))
    }
}
