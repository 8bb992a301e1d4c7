//! `chantier devops <verb>`.

mod runs;

use super::clone::folder_name;
use super::machines::FarMachine;
use super::{Command as Words, Machine, RunFilter, TrustState, Update, WorkspaceInfo};
use crate::areas::cli::{Answer, Here, Verb as AreaVerb};
use crate::areas::{Command, Model};
use crate::base::{Catalog, JobId, Problem, SafeText, State, Target, Workspace, WorkspaceId, format};
use crate::msg;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

#[derive(Clone, Debug, clap::Subcommand)]
pub enum Verb {
    /// Add folders as workspaces
    Add {
        #[arg(required = true)]
        paths: Vec<PathBuf>,
        /// A heading to sort them under
        #[arg(long, default_value = "")]
        group: String,
    },
    /// Bring a repository from elsewhere and add it as a workspace
    Clone {
        /// As git takes it: https, ssh or a folder
        url: String,
        /// A new or empty folder (default: the repository's name, in the current folder)
        dir: Option<PathBuf>,
        /// A heading to sort it under
        #[arg(long, default_value = "")]
        group: String,
    },
    /// Take workspaces from the list; their files and history stay
    Remove {
        /// Their names or folders; none is the one you stand in
        workspaces: Vec<String>,
    },
    /// The workspaces and how they stand
    List,
    /// How workspaces stand: repository, build, tests, version, deployment, instances
    Show {
        /// Their names or folders; none is the one you stand in
        workspaces: Vec<String>,
    },
    /// Look for projects below folders (default: the roots of the settings)
    Scan { roots: Vec<PathBuf> },
    /// Let the programs of workspaces run
    Trust {
        /// Their names or folders; none is the one you stand in
        workspaces: Vec<String>,
    },
    /// Do not let them run any more
    Distrust {
        /// Their names or folders; none is the one you stand in
        workspaces: Vec<String>,
    },
    /// This machine: facts and tools with their versions
    Machine,
    /// The machines that can be worked on: of the ssh configuration, and the contexts of Docker
    Machines {
        #[command(subcommand)]
        verb: Option<MachineVerb>,
    },
    /// What was run, newest first
    Runs {
        /// Only what failed or was interrupted
        #[arg(long)]
        failed: bool,
        /// Only this area
        #[arg(long)]
        area: Option<String>,
        /// Of all workspaces
        #[arg(long)]
        all: bool,
        /// At most this many
        #[arg(short = 'n', long, value_name = "N")]
        limit: Option<u32>,
        /// Words in title, command line, commit or environment
        #[arg(default_value = "")]
        text: String,
    },
    /// One run with everything below it and the end of its output
    Run { id: u64 },
    /// Run the same program once more
    Again { id: u64 },
    /// The chain item - commit - run - release - deployment - instance of a thing:
    /// `item:ID`, `commit:OID`, `run:N`, `release:V`, `environment:NAME`, `instance:N`; without one, of the workspace
    Thread { of: Option<String> },
    /// Unpack the sample project into a new folder and add it
    Sample { dir: PathBuf },
}

#[derive(Clone, Debug, clap::Subcommand)]
pub enum MachineVerb {
    /// Connect to a machine and ask what it is
    Test { name: String },
    /// Accept the key that a machine shows
    Accept {
        name: String,
        /// As its owner told it: SHA256:...
        fingerprint: String,
    },
    /// List what runs on a machine in Operate
    Watch {
        name: String,
        /// Not any more
        #[arg(long)]
        off: bool,
    },
}

impl MachineVerb {
    fn command(&self) -> Words {
        match self {
            Self::Test { name } => Words::TestMachine { name: name.clone() },
            Self::Accept { name, fingerprint } => Words::AcceptMachine {
                name: name.clone(),
                fingerprint: fingerprint.clone(),
            },
            Self::Watch { name, off } => Words::WatchMachine {
                name: name.clone(),
                is_on: !off,
            },
        }
    }
}

impl AreaVerb for Verb {
    fn commands(&self, here: &Here) -> Result<Vec<Command>, Problem> {
        let workspace = || here.workspace.clone();
        let words = match self {
            Self::Add { paths, group } => {
                let add = |path: &PathBuf| {
                    Words::AddWorkspace {
                        path: here.cwd.join(path),
                        group: group.clone(),
                    }
                    .into()
                };
                return Ok(paths.iter().map(add).collect());
            }
            Self::Clone { url, dir, group } => {
                let name = dir.clone().unwrap_or_else(|| folder_name(url).into());
                // A folder counts from here, wherever git runs.
                let here_is = here.cwd.join(url);
                let url = if here_is.is_dir() {
                    here_is.to_string_lossy().into_owned()
                } else {
                    url.clone()
                };
                Words::Clone {
                    url,
                    into: here.cwd.join(name),
                    group: group.clone(),
                }
            }
            Self::List => {
                return Ok(vec![
                    Words::LoadWorkspaces.into(),
                    Words::RefreshBoard { workspaces: Vec::new() }.into(),
                ]);
            }
            Self::Show { .. } => Words::RefreshBoard { workspaces: meant(here) },
            Self::Remove { .. } => return Ok(each(here, |workspace| Words::RemoveWorkspace { workspace })),
            Self::Trust { .. } => return Ok(each(here, |workspace| Words::TrustWorkspace { workspace })),
            Self::Distrust { .. } => return Ok(each(here, |workspace| Words::DistrustWorkspace { workspace })),
            Self::Scan { roots } => Words::ScanRoots {
                // `scan .` names folders without the dot.
                roots: roots.iter().map(|root| here.cwd.join(root).components().collect()).collect(),
            },
            Self::Machine => Words::InspectMachine,
            Self::Machines { verb } => verb.as_ref().map_or(Words::ListMachines, MachineVerb::command),
            Self::Runs {
                failed,
                area,
                all,
                limit,
                text,
            } => {
                let workspace = (!all).then(|| here.workspace.id.clone());
                let filter = RunFilter {
                    workspace,
                    area: area.clone(),
                    text: text.clone(),
                    only_failed: *failed,
                    before: None,
                    limit: *limit,
                };
                let list = Words::ListRuns { filter };
                if *all {
                    // Whose each is.
                    return Ok(vec![Words::LoadWorkspaces.into(), list.into()]);
                }
                list
            }
            Self::Run { id } => Words::ShowRun { job: JobId(*id) },
            Self::Again { id } => Words::RunAgain {
                workspace: workspace(),
                job: JobId(*id),
            },
            Self::Thread { of } => Words::ShowThread {
                of: target(of.as_deref(), here)?,
                at: Some(here.workspace.clone()),
            },
            Self::Sample { dir } => Words::UnpackSample { dir: here.cwd.join(dir) },
        };
        Ok(vec![words.into()])
    }

    fn names(&self) -> &[String] {
        match self {
            Self::Remove { workspaces }
            | Self::Show { workspaces }
            | Self::Trust { workspaces }
            | Self::Distrust { workspaces } => workspaces,
            _ => &[],
        }
    }

    fn adds(&self) -> &[PathBuf] {
        match self {
            Self::Add { paths, .. } => paths,
            _ => &[],
        }
    }

    fn answer(&self, here: &Here, model: &Model, texts: &Catalog) -> Answer {
        let devops = &model.devops;
        match self {
            Self::Add { .. } | Self::Clone { .. } | Self::Sample { .. } | Self::List => {
                let rows: Vec<Value> = devops.infos().iter().map(|info| workspace_json(info, model)).collect();
                let text = devops.infos().iter().map(|info| workspace_line(info, model, texts)).collect();
                let schema = if matches!(self, Self::List) {
                    "chantier.devops.list/1"
                } else {
                    "chantier.devops.add/1"
                };
                Answer {
                    schema,
                    data: json!({ "workspaces": rows }),
                    text,
                }
            }
            Self::Remove { .. } | Self::Trust { .. } | Self::Distrust { .. } => {
                let workspaces = meant(here);
                Answer {
                    schema: "chantier.devops.workspace/1",
                    data: json!({ "workspace": workspaces[0], "workspaces": workspaces }),
                    text: workspaces
                        .iter()
                        .map(|workspace| format!("{}\n", shown(&workspace.root)))
                        .collect(),
                }
            }
            Self::Show { .. } => {
                let workspaces = meant(here);
                let mut text = String::new();
                for workspace in &workspaces {
                    if workspaces.len() > 1 {
                        writeln!(text, "{}", shown(&workspace.root)).ok();
                    }
                    text += &devops
                        .row(&workspace.id)
                        .map_or_else(String::new, |row| board_text(row, texts));
                }
                let rows: Vec<Value> = workspaces
                    .iter()
                    .map(|workspace| json!({ "workspace": workspace, "board": devops.row(&workspace.id) }))
                    .collect();
                Answer {
                    schema: "chantier.devops.show/1",
                    data: json!({ "workspace": workspaces[0], "board": devops.row(&workspaces[0].id), "workspaces": rows }),
                    text,
                }
            }
            Self::Scan { .. } => {
                let text = devops
                    .found
                    .iter()
                    .map(|project| format!("{}  {}\n", shown(&project.path), super::page::words::kinds(&project.kinds)))
                    .collect();
                let data = json!({ "projects": devops.found, "n_folders": devops.n_scanned });
                Answer {
                    schema: "chantier.devops.scan/1",
                    data,
                    text,
                }
            }
            Self::Machine => {
                let mut text = String::new();
                if let Some(machine) = devops.machine.value() {
                    machine_text(&mut text, machine, texts);
                }
                Answer {
                    schema: "chantier.devops.machine/1",
                    data: json!({ "machine": devops.machine.value() }),
                    text,
                }
            }
            Self::Machines { verb } => machines_answer(devops.machines.as_deref().unwrap_or_default(), verb.as_ref(), texts),
            Self::Runs { all, .. } => {
                let name_of = |id: &WorkspaceId| Some(devops.workspace(id)?.name.clone()).filter(|_| *all);
                let mut text = runs::list(&devops.runs, &name_of, texts);
                let left = devops.n_runs.saturating_sub(devops.runs.len() as u64);
                if left > 0 {
                    let said = msg!("devops-runs-left", n = left, all = devops.n_runs);
                    writeln!(text, "{}", texts.msg(&said)).ok();
                }
                if devops.runs.is_empty() && !all {
                    writeln!(text, "{}", texts.msg(&msg!("devops-runs-all-hint"))).ok();
                }
                let rows: Vec<Value> = devops.runs.iter().map(|run| runs::json_of(run, texts)).collect();
                Answer {
                    schema: "chantier.devops.runs/1",
                    data: json!({ "runs": rows, "n_total": devops.n_runs }),
                    text,
                }
            }
            Self::Run { .. } | Self::Again { .. } => {
                let Some(detail) = &devops.run else {
                    return Answer {
                        schema: "chantier.devops.run/1",
                        data: Value::Null,
                        text: String::new(),
                    };
                };
                let mut text = runs::line(&detail.run, 0, None, texts);
                for child in &detail.children {
                    text.push_str(&runs::line(child, 1, None, texts));
                }
                for line in &detail.lines {
                    writeln!(text, "{}", line.text).ok();
                }
                let children: Vec<Value> = detail.children.iter().map(|run| runs::json_of(run, texts)).collect();
                let lines: Vec<&str> = detail.lines.iter().map(|line| line.text.as_str()).collect();
                let data = json!({ "run": runs::json_of(&detail.run, texts), "children": children, "output": lines });
                Answer {
                    schema: "chantier.devops.run/1",
                    data,
                    text,
                }
            }
            Self::Thread { of } => {
                let thread = target(of.as_deref(), here)
                    .ok()
                    .and_then(|of| devops.thread(&of))
                    .and_then(|thread| thread.value());
                let mut text = String::new();
                for step in thread.map_or(&[][..], |thread| &thread.steps) {
                    let kind = texts.t(step.kind.key());
                    let state = texts.t(step.state.key());
                    writeln!(text, "{kind:<12} {state:<12} {} {}", step.name, step.note_in(texts)).ok();
                }
                Answer {
                    schema: "chantier.devops.thread/1",
                    data: json!({ "thread": thread }),
                    text,
                }
            }
        }
    }
}

fn machine_text(text: &mut String, machine: &Machine, texts: &Catalog) {
    let memory = format::bytes(machine.memory_bytes, texts);
    writeln!(
        text,
        "{}  {}  {} x {}  {memory}",
        machine.name, machine.os, machine.n_cpus, machine.cpu
    )
    .ok();
    for disk in &machine.disks {
        let (free, total) = (format::bytes(disk.free_bytes, texts), format::bytes(disk.total_bytes, texts));
        writeln!(text, "{}  {free} / {total}", disk.mount).ok();
    }
    for tool in &machine.tools {
        let path = tool.path.as_ref().map_or("–".to_owned(), |path| shown(path));
        writeln!(text, "{:<14} {path}  {}", tool.name, tool.version).ok();
    }
}

/// The list, or the one that was tested with everything that it said.
fn machines_answer(all: &[FarMachine], verb: Option<&MachineVerb>, texts: &Catalog) -> Answer {
    let mut text = String::new();
    for far in all {
        let answer = far
            .answer_ms
            .map_or("–".to_owned(), |ms| texts.msg(&msg!("machine-ms", n = ms)));
        let watched = if far.is_watched { "*" } else { "" };
        writeln!(
            text,
            "{:<24} {:<14} {:<12} {answer:>8}  {}{watched}",
            far.name,
            texts.t(far.kind.key()),
            texts.t(far.state.key()),
            far.address
        )
        .ok();
        if let (Some(facts), Some(MachineVerb::Test { .. } | MachineVerb::Accept { .. })) = (&far.facts, verb) {
            machine_text(&mut text, facts, texts);
        }
        if let Some(engine) = &far.engine {
            writeln!(text, "{:<14} {engine}", texts.t("machine-engine")).ok();
        }
    }
    Answer {
        schema: "chantier.devops.machines/1",
        data: json!({ "machines": all }),
        text,
    }
}

/// The workspaces that were named, or the one where the user stands.
fn meant(here: &Here) -> Vec<Workspace> {
    if here.named.is_empty() {
        vec![here.workspace.clone()]
    } else {
        here.named.clone()
    }
}

fn each(here: &Here, words: impl Fn(Workspace) -> Words) -> Vec<Command> {
    meant(here).into_iter().map(|workspace| words(workspace).into()).collect()
}

/// Reads `item:ID` and the like.
fn target(of: Option<&str>, here: &Here) -> Result<Target, Problem> {
    let workspace = here.workspace.id.clone();
    let Some(of) = of else {
        return Ok(Target::Workspace { workspace });
    };
    let wrong = || Problem::user(msg!("devops-no-target", text = of)).hint(msg!("devops-no-target-hint"));
    let Some((kind, name)) = of.split_once(':') else {
        return Ok(plain_target(of, workspace));
    };
    let name = name.trim().to_owned();
    Ok(match kind {
        "item" => Target::Item { workspace, id: name },
        "commit" => Target::Commit { workspace, oid: name },
        "run" => Target::Run {
            job: JobId(name.trim_start_matches('#').parse().map_err(|_| wrong())?),
        },
        "release" => Target::Release {
            workspace,
            version: name.strip_prefix('v').unwrap_or(&name).to_owned(),
        },
        "environment" => Target::Environment { workspace, name },
        "instance" => Target::Instance { id: name },
        _ => return Err(wrong()),
    })
}

/// What a word without its kind means: `#12` a run, `v1.2.0` a version, `AB-12CD` an item, anything else what git calls a commit.
fn plain_target(of: &str, workspace: WorkspaceId) -> Target {
    let of = of.trim();
    let version = of.strip_prefix('v').unwrap_or(of);
    let is_version = version.contains('.') && version.starts_with(|c: char| c.is_ascii_digit());
    let is_item = of.split_once('-').is_some_and(|(left, right)| {
        let is_word = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit());
        left.starts_with(|c: char| c.is_ascii_uppercase()) && is_word(left) && is_word(right)
    });
    match of.strip_prefix('#').and_then(|number| number.parse().ok()) {
        Some(number) => Target::Run { job: JobId(number) },
        None if is_version => Target::Release {
            workspace,
            version: version.to_owned(),
        },
        None if is_item => Target::Item {
            workspace,
            id: of.to_owned(),
        },
        None => Target::Commit {
            workspace,
            oid: of.to_owned(),
        },
    }
}

fn workspace_json(info: &WorkspaceInfo, model: &Model) -> Value {
    json!({
        "id": info.workspace.id,
        "name": info.workspace.name,
        "root": info.workspace.root,
        "group": info.group,
        "trust": info.trust,
        "kinds": info.kinds,
        "is_missing": info.is_missing,
        "board": model.devops.row(&info.workspace.id),
    })
}

fn workspace_line(info: &WorkspaceInfo, model: &Model, texts: &Catalog) -> String {
    let branch = model
        .devops
        .row(&info.workspace.id)
        .and_then(|row| row.repo.as_ref())
        .map_or(String::new(), |repo| repo.head_name());
    let trust = match info.trust {
        _ if info.is_missing => texts.t("devops-state-missing").into_owned(),
        TrustState::Trusted => String::new(),
        TrustState::Untrusted => texts.t("devops-untrusted").into_owned(),
        TrustState::Changed => texts.t("devops-trust-changed").into_owned(),
    };
    format!(
        "{:<24} {branch:<24} {}  {trust}\n",
        info.workspace.name,
        shown(&info.workspace.root)
    )
}

/// A path in one line of text.
fn shown(path: &Path) -> String {
    SafeText::from_bytes(path.as_os_str().as_encoded_bytes()).into_string()
}

fn board_text(row: &super::BoardRow, texts: &Catalog) -> String {
    let mut text = String::new();
    if let Some(repo) = &row.repo {
        let name = repo.head_name();
        writeln!(text, "{name}  +{} -{}  {}", repo.n_ahead, repo.n_behind, repo.n_changed()).ok();
    }
    for (key, mark) in [
        ("thread-build", &row.build),
        ("thread-test", &row.tests),
        ("thread-deployment", &row.deployed),
    ] {
        let stale = if mark.is_stale {
            texts.t(State::Stale.key()).into_owned()
        } else {
            String::new()
        };
        writeln!(
            text,
            "{:<12} {} {} {stale}",
            texts.t(key),
            texts.t(mark.state.key()),
            mark.note
        )
        .ok();
    }
    writeln!(
        text,
        "{:<12} {}",
        texts.t("thread-release"),
        row.version.as_deref().unwrap_or("–")
    )
    .ok();
    writeln!(
        text,
        "{:<12} {} / {}",
        texts.t("thread-instance"),
        row.n_live,
        row.n_instances
    )
    .ok();
    for problem in &row.problems {
        writeln!(text, "! {}", texts.msg(problem)).ok();
    }
    text
}

/// One live line for people, for what they want to see while it happens.
pub fn line(update: &Update, _texts: &Catalog) -> Option<String> {
    match update {
        Update::WorkspaceAdded { workspace } => Some(shown(&workspace.workspace.root)),
        _ => None,
    }
}
