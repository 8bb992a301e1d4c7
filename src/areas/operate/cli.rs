//! `chantier operate <verb>`.

mod found;
mod host;
mod logs;
mod more;

pub use host::SortWord;
pub use logs::{FormWord, LevelWord, LogArgs};
pub use more::{IncidentVerb, RunbookVerb};

use found::{find, find_all, short_id};

use super::logs::LogOrder;
use super::{Command as Words, Instance, Update};
use crate::areas::cli::{Answer, Here, Verb as AreaVerb};
use crate::areas::{Command, Model, build, deploy};
use crate::base::{Catalog, Problem, format};
use crate::msg;
use serde_json::json;

#[derive(Clone, Debug, clap::Subcommand)]
pub enum Verb {
    /// Everything that runs, or should
    List {
        /// Of every workspace that was added, and what belongs to none
        #[arg(long)]
        all: bool,
    },
    /// One instance, by name, number or part of the name
    Show {
        name: String,
        /// Also one that belongs to no workspace
        #[arg(long)]
        all: bool,
    },
    /// Look once a second until it is stopped
    Watch {
        #[arg(long)]
        all: bool,
    },
    /// Stop instances: TERM, a grace, KILL
    Stop {
        /// Instances or compose projects; nothing is done when one of them is not known
        #[arg(required = true)]
        names: Vec<String>,
        /// Also those that belong to no workspace
        #[arg(long)]
        all: bool,
        /// From the polite signal to KILL; without it what each was made with
        #[arg(long, value_name = "DURATION")]
        grace: Option<String>,
    },
    /// Start instances that have ended
    Start {
        /// Instances or compose projects; nothing is done when one of them is not known
        #[arg(required = true)]
        names: Vec<String>,
        /// Also those that belong to no workspace
        #[arg(long)]
        all: bool,
    },
    /// Let containers stand still until they are started or stopped
    Pause {
        /// Instances or compose projects; nothing is done when one of them is not known
        #[arg(required = true)]
        names: Vec<String>,
        /// Also those that belong to no workspace
        #[arg(long)]
        all: bool,
    },
    /// Stop and start instances
    Restart {
        /// Instances or compose projects; nothing is done when one of them is not known
        #[arg(required = true)]
        names: Vec<String>,
        /// Also those that belong to no workspace
        #[arg(long)]
        all: bool,
        /// From the polite signal to KILL; without it what each was made with
        #[arg(long, value_name = "DURATION")]
        grace: Option<String>,
    },
    /// Another number of instances of the version that is live in an environment
    Scale {
        environment: String,
        /// How many shall run
        n: u32,
        /// The environment's name once more: needed where it is protected
        #[arg(long, value_name = "ENVIRONMENT")]
        yes: Option<String>,
    },
    /// Take containers away for good
    Remove {
        /// Instances or compose projects; nothing is done when one of them is not known
        #[arg(required = true)]
        names: Vec<String>,
        /// Also those that run: they are stopped before
        #[arg(long)]
        force: bool,
        /// Also those that belong to no workspace
        #[arg(long)]
        all: bool,
    },
    /// Run a command in a container: its output and its exit code
    Exec {
        name: String,
        /// As this user
        #[arg(short, long)]
        user: Option<String>,
        /// In this folder
        #[arg(long)]
        workdir: Option<String>,
        /// On a terminal of its own
        #[arg(short, long)]
        terminal: bool,
        /// It reads what comes on the input: a dump that is played back
        #[arg(short, long, conflicts_with = "terminal")]
        interactive: bool,
        /// Also one that belongs to no workspace
        #[arg(long)]
        all: bool,
        /// The command and its arguments, behind --
        #[arg(last = true, required = true)]
        argv: Vec<String>,
    },
    Logs(LogArgs),
    /// Incidents: opened, noted, closed with a cause
    Incident {
        #[command(subcommand)]
        verb: IncidentVerb,
    },
    /// What changed since the last version that worked
    Changed {
        name: String,
        /// Also an instance that belongs to no workspace
        #[arg(long)]
        all: bool,
    },
    /// What runs, key by key, against what chantier.toml says now
    Drift {
        /// An instance; without one every instance that was deployed from here
        name: Option<String>,
    },
    /// Maintenance by name, of chantier.toml
    Runbook {
        #[command(subcommand)]
        verb: RunbookVerb,
    },
    /// What happened to what runs: engine, units, deployments, starts and ends, incidents, alerts
    Events {
        /// How far back: 90s, 15m, 6h, 2d
        #[arg(long, default_value = "1d", value_name = "DURATION")]
        since: String,
        /// Go on until it is stopped
        #[arg(short, long)]
        follow: bool,
        /// Only what one source tells: container, unit, kernel, deployment, instance, runbook, incident or alert
        #[arg(long, value_name = "NAME")]
        kind: Vec<String>,
        /// Of every workspace that was added
        #[arg(long)]
        all: bool,
    },
    /// This machine: processes, disks, network, ports, sensors
    Host {
        /// Which processes come first
        #[arg(long, value_enum, default_value_t)]
        sort: SortWord,
        /// How many processes are named
        #[arg(short, long, value_name = "N")]
        lines: Option<usize>,
    },
    /// A signal to a process, and what became of it
    Signal {
        pid: u32,
        /// TERM, KILL, STOP, CONT, HUP, INT, USR1 or USR2
        #[arg(short, long, default_value = "TERM", value_name = "NAME")]
        signal: String,
    },
    /// The code that a line of a log or of a stack trace comes from, at the commit that is deployed
    Where {
        line: String,
        /// The instance that wrote it
        #[arg(long, value_name = "NAME")]
        on: Option<String>,
    },
}

impl Verb {
    /// The names that it is about, and whether those of no workspace are meant too.
    fn meant(&self) -> (&[String], bool) {
        match self {
            Self::List { all } | Self::Watch { all } => (&[], *all),
            Self::Show { name, all } | Self::Exec { name, all, .. } | Self::Changed { name, all } => {
                (std::slice::from_ref(name), *all)
            }
            Self::Stop { names, all, .. }
            | Self::Start { names, all }
            | Self::Pause { names, all }
            | Self::Restart { names, all, .. }
            | Self::Remove { names, all, .. } => (names, *all),
            Self::Logs(args) => (&args.names, args.all),
            Self::Incident { verb } => (verb.instance().map_or(&[], std::slice::from_ref), false),
            Self::Drift { name } => (name.as_ref().map_or(&[], std::slice::from_ref), false),
            Self::Where { on, .. } => (on.as_ref().map_or(&[], std::slice::from_ref), false),
            Self::Events { all, .. } => (&[], *all),
            Self::Scale { .. } | Self::Runbook { .. } | Self::Host { .. } | Self::Signal { .. } => (&[], false),
        }
    }

    /// It does something to all that were named, of which a compose project is one name.
    fn is_act(&self) -> bool {
        matches!(
            self,
            Self::Stop { .. } | Self::Start { .. } | Self::Pause { .. } | Self::Restart { .. } | Self::Remove { .. }
        )
    }
}

impl AreaVerb for Verb {
    fn commands(&self, here: &Here) -> Result<Vec<Command>, Problem> {
        let (_, all) = self.meant();
        let workspaces = if all { Vec::new() } else { vec![here.workspace.clone()] };
        match self {
            Self::Watch { .. } => return Ok(vec![Words::Watch { workspaces, secs: None }.into()]),
            Self::Logs(args) => {
                args.check()?;
                if args.names.is_empty() || args.lives {
                    let lives = args.lives(&here.workspace.id);
                    let order = LogOrder {
                        lives,
                        ..args.order(Vec::new(), here)?
                    };
                    return Ok(vec![Words::ShowLogs { order }.into()]);
                }
            }
            Self::Incident { verb } if verb.instance().is_none() => return Ok(vec![verb.command(here, None)]),
            Self::Where { on: None, line } => return Ok(vec![code_of(here, None, line)]),
            Self::Events { since, follow, kind, .. } => {
                host::kinds_of(kind)?;
                let words = Words::ShowEvents {
                    workspaces,
                    since_secs: host::secs_of(since)?,
                    follow: *follow,
                };
                return Ok(vec![words.into()]);
            }
            Self::Drift { name: None } => {
                let words = Words::FindDrift {
                    workspace: here.workspace.clone(),
                    instances: Vec::new(),
                };
                return Ok(vec![words.into()]);
            }
            Self::Scale { environment, n, yes } => {
                let scale = deploy::Command::Scale {
                    workspace: here.workspace.clone(),
                    environment: environment.clone(),
                    n: *n,
                    confirmed: yes.clone(),
                };
                return Ok(vec![scale.into(), Words::List { workspaces }.into()]);
            }
            Self::Host { .. } => return Ok(vec![Words::LookAtHost.into()]),
            Self::Signal { pid, signal } => {
                let signal = host::signal_of(signal)?;
                let words = Words::Signal {
                    pid: *pid,
                    start: None,
                    signal,
                };
                return Ok(vec![words.into()]);
            }
            Self::Runbook { .. } => return Ok(vec![Words::ListRunbooks { workspaces }.into()]),
            _ => {}
        }
        Ok(vec![Words::List { workspaces }.into()])
    }

    fn then(&self, here: &Here, model: &Model) -> Result<Vec<Command>, Problem> {
        let (names, _) = self.meant();
        let instances = if self.is_act() {
            find_all(model, names)?
        } else {
            let of_environment = |name: &String| -> Vec<Instance> {
                let is_it = |one: &&Instance| one.deployment.is_some() && one.environment.as_ref() == Some(name);
                model.operate.all().iter().filter(is_it).cloned().collect()
            };
            let mut found = Vec::new();
            for name in names {
                let all = if matches!(self, Self::Drift { .. }) {
                    of_environment(name)
                } else {
                    Vec::new()
                };
                if all.is_empty() {
                    found.push(find(model, name)?.clone());
                }
                found.extend(all);
            }
            found
        };
        Ok(vec![match self {
            Self::Show { .. } => {
                let instance = instances.into_iter().next().map(Box::new);
                let inspect = instance.map(|instance| Words::Inspect { instance }.into());
                return Ok(inspect.into_iter().collect());
            }
            Self::List { .. }
            | Self::Watch { .. }
            | Self::Host { .. }
            | Self::Signal { .. }
            | Self::Scale { .. }
            | Self::Events { .. } => {
                return Ok(Vec::new());
            }
            Self::Stop { grace, .. } => Words::Stop {
                instances,
                grace_secs: grace_of(grace.as_deref())?,
            }
            .into(),
            Self::Start { .. } => Words::Start { instances }.into(),
            Self::Pause { .. } => Words::Pause { instances }.into(),
            Self::Restart { grace, .. } => Words::Restart {
                instances,
                grace_secs: grace_of(grace.as_deref())?,
            }
            .into(),
            Self::Remove { force, .. } => {
                if let Some(running) = instances.iter().find(|instance| instance.is_running() && !force) {
                    let problem = Problem::user(msg!("operate-remove-runs", name = running.name.as_str())).code("running");
                    return Err(problem.hint(msg!("operate-remove-runs-hint")));
                }
                Words::Remove { instances }.into()
            }
            Self::Exec {
                user,
                workdir,
                terminal,
                interactive,
                argv,
                ..
            } => {
                let container = instances.first().and_then(|instance| instance.container.clone());
                let Some(container) = container else {
                    let name = names.first().map(String::as_str).unwrap_or_default();
                    let problem = Problem::user(msg!("operate-no-exec", name = name)).code("no-container");
                    return Err(problem.hint(msg!("operate-no-exec-hint")));
                };
                let exec = build::docker::Command::Exec {
                    container,
                    argv: argv.clone(),
                    env: Vec::new(),
                    user: user.clone(),
                    workdir: workdir.clone(),
                    on_terminal: *terminal,
                    with_input: *interactive,
                    hands_out: here.hands_out && !terminal,
                };
                build::Command::Docker(exec).into()
            }
            Self::Logs(args) if args.names.is_empty() || args.lives => return Ok(Vec::new()),
            Self::Incident { verb } if verb.instance().is_none() => return Ok(Vec::new()),
            Self::Where { on: None, .. } | Self::Drift { name: None } => return Ok(Vec::new()),
            Self::Drift { .. } => Words::FindDrift {
                workspace: here.workspace.clone(),
                instances,
            }
            .into(),
            Self::Incident { verb } => verb.command(here, instances.into_iter().next()),
            Self::Where { line, .. } => code_of(here, instances.into_iter().next(), line),
            Self::Runbook { verb } => return verb.then(here, model),
            Self::Changed { .. } => {
                let Some(instance) = instances.into_iter().next() else {
                    return Ok(Vec::new());
                };
                let workspace = here.workspace.clone();
                Words::FindChanges { workspace, instance }.into()
            }
            Self::Logs(args) => Words::ShowLogs {
                order: args.order(instances, here)?,
            }
            .into(),
        }])
    }

    fn answer(&self, _here: &Here, model: &Model, texts: &Catalog) -> Answer {
        let operate = &model.operate;
        match self {
            Self::Logs(_) => logs_answer(model, texts),
            Self::Incident { verb } => verb.answer(model, texts),
            Self::Runbook { verb } => verb.answer(model, texts),
            Self::Changed { .. } => more::changed_answer(model, texts),
            Self::Drift { .. } => host::drift_answer(model, texts),
            Self::Where { .. } => more::code_answer(model),
            Self::Events { follow, kind, .. } => host::events_answer(model, kind, *follow, texts),
            Self::Host { sort, lines } => host::host_answer(model, *sort, *lines, texts),
            Self::Signal { .. } => host::signal_answer(model, texts),
            Self::Show { name, .. } => {
                let instance = find(model, name).ok();
                let known = operate.details.as_ref();
                let details = known.filter(|(id, _)| instance.is_some_and(|instance| instance.id == *id));
                let mut text = instance.map_or_else(String::new, |instance| line_of(instance, texts) + "\n");
                text.extend(details.iter().flat_map(|(_, details)| &details.facts).map(|known| {
                    let values = known.words(texts).join(&format!("\n{:24}", ""));
                    format!("  {:<20}  {values}\n", texts.msg(&known.what))
                }));
                Answer {
                    schema: "chantier.operate.show/1",
                    data: json!({ "instance": instance, "details": details.map(|(_, details)| details) }),
                    text,
                }
            }
            Self::Scale { environment, .. } => {
                let is_there = |instance: &&Instance| instance.environment.as_ref() == Some(environment);
                let all: Vec<&Instance> = operate.all().iter().filter(is_there).collect();
                Answer {
                    schema: "chantier.operate.scale/1",
                    text: all.iter().map(|instance| line_of(instance, texts) + "\n").collect(),
                    data: json!({ "instances": all }),
                }
            }
            Self::Exec { .. } => {
                let log = model.build.docker.log.iter().flat_map(|log| &log.lines);
                let lines: Vec<&str> = log.map(|line| line.text.as_str()).collect();
                Answer {
                    schema: "chantier.operate.exec/1",
                    data: json!({ "lines": lines, "code": model.build.docker.executed.as_ref().map(|(_, code)| *code) }),
                    text: String::new(),
                }
            }
            _ => {
                let is_list = matches!(self, Self::List { .. });
                let problems = operate
                    .problems
                    .iter()
                    .map(|problem| format!("! {}\n", texts.msg(&problem.summary)));
                let lines = problems.chain(operate.all().iter().map(|instance| line_of(instance, texts) + "\n"));
                Answer {
                    schema: "chantier.operate.list/1",
                    data: json!({ "instances": operate.all(), "problems": operate.problems, "removed": operate.removed }),
                    text: if is_list { lines.collect() } else { String::new() },
                }
            }
        }
    }

    fn exit_code(&self, model: &Model) -> Option<u8> {
        let (_, code) = model
            .build
            .docker
            .executed
            .as_ref()
            .filter(|_| matches!(self, Self::Exec { .. }))?;
        u8::try_from(*code).ok()
    }

    fn lists_project(&self) -> bool {
        matches!(self, Self::Runbook { verb: RunbookVerb::List })
    }

    fn is_endless(&self) -> bool {
        matches!(
            self,
            Self::Watch { .. } | Self::Logs(LogArgs { follow: true, .. }) | Self::Events { follow: true, .. }
        )
    }

    fn shows(&self, update: &crate::areas::Update, texts: &Catalog) -> Option<String> {
        let crate::areas::Update::Operate(update) = update else {
            return None;
        };
        match (self, update) {
            (Self::Watch { .. }, Update::Seen { instances, .. }) => Some(
                instances
                    .iter()
                    .map(|instance| line_of(instance, texts))
                    .collect::<Vec<_>>()
                    .join("\n"),
            ),
            (Self::Events { follow: true, kind, .. }, Update::Happened { events }) => {
                host::event_lines(events.iter(), kind, texts)
            }
            _ => None,
        }
    }

    fn shows_of(&self, update: &crate::areas::Update, model: &Model, _texts: &Catalog) -> Option<String> {
        let (Self::Logs(args), crate::areas::Update::Operate(update)) = (self, update) else {
            return None;
        };
        let sources = model.operate.log.as_ref().map_or(&[][..], |log| &log.sources);
        args.lines(update, sources)
    }
}

/// `30s`, `2m`.
fn grace_of(text: Option<&str>) -> Result<Option<u32>, Problem> {
    let secs = text.map(host::secs_of).transpose()?;
    Ok(secs)
}

/// Where in the code of this workspace.
fn code_of(here: &Here, instance: Option<Instance>, line: &str) -> Command {
    Words::FindCode {
        workspace: here.workspace.clone(),
        instance,
        line: line.to_owned(),
    }
    .into()
}

/// People have read the lines already, as they came.
fn logs_answer(model: &Model, texts: &Catalog) -> Answer {
    let operate = &model.operate;
    let log = operate.log.clone().unwrap_or_default();
    let entries = log.lines.iter().zip(&log.origins).map(|(line, origin)| {
        json!({
            "at": line.at,
            "source": log.sources.get(usize::from(*origin)),
            "level": line.level(),
            "text": crate::base::safe::plain(&line.text),
        })
    });
    let text = operate.exported.as_ref().map(|(path, n_lines)| {
        let told = msg!("log-exported", n = *n_lines, path = path.as_path());
        texts.msg(&told) + "\n"
    });
    let counts = log.counts.iter().map(|count| {
        let is_fine = !log.count_secs.is_multiple_of(60);
        let form = if is_fine { "%Y-%m-%d %H:%M:%S" } else { "%Y-%m-%d %H:%M" };
        let at = format::local(count.at).strftime(form).to_string();
        let told = msg!(
            "log-counted",
            n = count.n,
            errors = count.n_errors,
            warnings = count.n_warnings
        );
        format!("{at}  {}\n", texts.msg(&told))
    });
    let text = text.unwrap_or_else(|| counts.collect());
    Answer {
        schema: "chantier.operate.logs/1",
        data: json!({
            "lines": log.lines.iter().map(|line| &line.text).collect::<Vec<_>>(),
            "entries": entries.collect::<Vec<_>>(),
            "sources": log.sources,
            "n_left_out": log.n_dropped,
            "counts": log.counts,
            "written": operate.exported.as_ref().map(|(path, n_lines)| json!({ "file": path, "n_lines": n_lines })),
        }),
        text,
    }
}

/// The beginning of a long reason says what it is; `--json` has all of it.
const MAX_STATE: usize = 60;

fn line_of(instance: &Instance, texts: &Catalog) -> String {
    let state = match &instance.why {
        Some(why) => texts.msg(why),
        None => texts.t(instance.state.key()).into_owned(),
    };
    let state = match state.char_indices().nth(MAX_STATE) {
        Some((end, _)) => format!("{}…", &state[..end]),
        None => state,
    };
    let cpu = instance
        .cpu_percent
        .map_or("–".to_owned(), |cpu| format::percent(cpu / 100.0, texts));
    let memory = instance
        .memory_bytes
        .map_or("–".to_owned(), |bytes| format::bytes(bytes, texts));
    let ports: Vec<String> = instance.ports.iter().map(ToString::to_string).collect();
    let environment = instance.environment.as_deref().unwrap_or("–");
    let version = instance.version.as_deref().unwrap_or("–");
    format!(
        "{:<6} {environment:<12} {:<22} {version:<10} {state:<10} {cpu:>7} {memory:>9}  {}",
        short_id(instance),
        instance.name,
        ports.join(",")
    )
}

/// One live line for people, for what they want to see while it happens.
pub fn line(update: &Update, texts: &Catalog) -> Option<String> {
    match update {
        Update::Acted { instance } => Some(line_of(instance, texts)),
        Update::Told { name, what } => Some(format!("{name}: {}", texts.msg(what))),
        Update::RunbookStepped { step, n, n_steps, .. } => Some(format!("● {n}/{n_steps} {step}")),
        Update::Removed { name, .. } => Some(texts.msg(&msg!("operate-removed", name = name.as_str()))),
        _ => None,
    }
}
