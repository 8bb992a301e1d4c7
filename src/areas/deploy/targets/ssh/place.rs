//! Where a deployment stands on its host: the folder with its releases, the unit, and what is asked of it there.

use super::Shown;
use super::scripts;
use super::unit;
use crate::adapters::World;
use crate::adapters::process::{Output, Stdin};
use crate::adapters::ssh::{Call, Connection};
use crate::areas::deploy::inputs::{Inputs, Part};
use crate::areas::deploy::settings;
use crate::areas::deploy::targets::Site;
use crate::areas::devops::project::{self, Words, fill};
use crate::base::{Problem, SafeText};
use crate::msg;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// What the settings of the environment's instances are called below a release.
pub(super) const ENV_FILE: &str = "environment";

/// What the secrets among them are called there.
pub(super) const SECRETS_FILE: &str = "secrets";

/// Deployments in which a former name of the unit is looked for.
const MAX_LOOKED: u32 = 200;

/// What is needed to find the unit again; stands in the instance's row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Handle {
    pub host: String,
    pub dir: String,
    pub unit: String,
    /// The folder below `releases`.
    pub release: String,
    /// systemd's name of this start of the unit (`InvocationID`, systemd.exec(5)).
    pub invocation: String,
}

/// A deployment's place with everything that goes there.
pub(super) struct Place {
    pub(super) host: String,
    pub(super) dir: String,
    pub(super) unit: String,
    pub(super) release: String,
    pub(super) keep: u32,
    pub(super) files: Vec<Sent>,
    /// Whose the folder and the unit are.
    pub(super) mark: String,
    /// The program that runs, when it is one of the files.
    pub(super) program: Option<String>,
}

/// One file of a release.
pub(super) struct Sent {
    /// Below the release's folder.
    pub(super) path: String,
    pub(super) sha256: String,
    pub(super) mode: &'static str,
    pub(super) content: Stdin,
}

impl Place {
    pub(super) fn of(site: &Site) -> Result<Self, Problem> {
        let inputs = &site.inputs;
        let project::Target::Ssh {
            host,
            dir: Some(dir),
            unit: Some(unit),
            run,
            keep,
            ..
        } = &inputs.target
        else {
            return Err(Problem::internal(msg!(
                "deploy-inputs-lost",
                id = site.deployment.to_string()
            )));
        };
        let (dir, unit) = (dir.to_string_lossy().into_owned(), unit.clone());
        let mark = unit::mark(&unit, &inputs.environment);
        let words = words(site, &dir);
        let mut files = Vec::new();
        for part in inputs.parts.iter().filter(|part| part.name != unit::PART) {
            let staged = Inputs::staged(&site.folder, part);
            files.push(Sent {
                path: below(part),
                sha256: part.sha256.clone(),
                mode: if crate::adapters::deliver::is_executable(&staged) {
                    "755"
                } else {
                    "644"
                },
                content: Stdin::File(staged),
            });
        }
        let mut settings = BTreeMap::new();
        for (key, value) in settings::plain(inputs, &words)? {
            settings.insert(key, value);
        }
        if let Some(port) = inputs.target.port() {
            settings.insert("PORT".to_owned(), port.to_string());
        }
        files.push(text_file(ENV_FILE, unit::environment(&settings)?, "600"));
        let text = unit::text(site, &dir, &mark, &words)?;
        files.push(text_file(&unit, text, "644"));
        let program = run.first().map(|program| fill(program, &words)).transpose()?;
        let program = program.and_then(|program| program.strip_prefix(&format!("{dir}/current/")).map(str::to_owned));
        Ok(Self {
            host: host.clone(),
            release: release_name(&inputs.label, &files),
            keep: *keep,
            dir,
            unit,
            files,
            mark,
            program,
        })
    }

    /// The mark is that of a unit which this environment had in the folder before it was called otherwise, as its deployments tell.
    pub(super) async fn was_marked(&self, site: &Site, mark: &str) -> Result<bool, Problem> {
        let environment = &site.inputs.environment;
        let deployments = site.world.store().deployments();
        let known = deployments.list(&site.workspace, Some(environment), MAX_LOOKED).await?;
        Ok(known.iter().any(|row| {
            let target = Inputs::of(row).map(|inputs| inputs.target);
            matches!(
                target,
                Ok(project::Target::Ssh { dir: Some(dir), unit: Some(unit), .. })
                    if dir == Path::new(&self.dir) && unit::mark(&unit, environment) == mark
            )
        }))
    }

    pub(super) fn folder(&self) -> String {
        format!("{}/releases/{}", self.dir, self.release)
    }

    pub(super) fn handle(&self, invocation: &str) -> Handle {
        Handle {
            host: self.host.clone(),
            dir: self.dir.clone(),
            unit: self.unit.clone(),
            release: self.release.clone(),
            invocation: invocation.to_owned(),
        }
    }

    /// Sends the secrets of the instance: into a file beside the release's own, for root alone. Neither they nor a sum of them stand in a
    /// command line or in the name of the release.
    pub(super) async fn hand_over(&self, site: &Site, host: &Connection, cancel: &CancellationToken) -> Result<(), Problem> {
        let hidden = settings::hidden(&site.inputs, &words(site, &self.dir), site.world.secrets())?;
        if hidden.is_empty() {
            return Ok(());
        }
        let given: BTreeMap<String, String> = hidden
            .into_iter()
            .map(|(name, value)| (name, value.reveal().to_owned()))
            .collect();
        let content = unit::environment(&given)?.into_bytes();
        let to = format!("{}/{SECRETS_FILE}", self.folder());
        let n_bytes = content.len().to_string();
        let call = script(scripts::GIVE, &[&to, &n_bytes]);
        let call = Call::new(&call).timeout(Duration::from_mins(2)).stdin(Stdin::Bytes(content));
        let told = succeeded(host.host(), host.run(call, cancel).await?)?;
        if told.trim() == "taken" {
            return Ok(());
        }
        let problem = msg!("ssh-file-differs", host = host.host(), path = SECRETS_FILE);
        Err(Problem::environment(problem).code("artifact-changed"))
    }

    /// Sum and path of every file, as the scripts take them.
    pub(super) fn sums(&self) -> Vec<&str> {
        let pairs = self.files.iter().map(|file| [file.sha256.as_str(), file.path.as_str()]);
        pairs.flatten().collect()
    }

    /// The kernel runs this file itself: what a script is run by is another.
    pub(super) fn is_native(&self, path: &str) -> bool {
        let sent = self.files.iter().find(|file| file.path == path);
        match sent.map(|file| &file.content) {
            Some(Stdin::File(staged)) => crate::adapters::deliver::is_elf(staged),
            _ => false,
        }
    }

    /// Those that are not there as they must be.
    pub(super) async fn missing(&self, host: &Connection, cancel: &CancellationToken) -> Result<Vec<&Sent>, Problem> {
        let folder = self.folder();
        let args: Vec<&str> = std::iter::once(folder.as_str()).chain(self.sums()).collect();
        let told = as_root(host, scripts::MISSING, &args, Duration::from_mins(5), cancel).await?;
        Ok(self.named(&told))
    }

    /// The same, and what systemd says of the unit.
    pub(super) async fn looked(&self, host: &Connection, cancel: &CancellationToken) -> Result<(Vec<&Sent>, Shown), Problem> {
        let folder = self.folder();
        let both = [scripts::ASIDE, scripts::MISSING, scripts::BACK, scripts::SHOW].concat();
        let args = [&*self.dir, &*self.unit, &*folder];
        let args: Vec<&str> = args.into_iter().chain(self.sums()).collect();
        let told = as_root(host, &both, &args, Duration::from_mins(5), cancel).await?;
        Ok((self.named(&told), Shown::of(&told)))
    }

    /// Those whose numbers were told, a line each.
    fn named(&self, told: &str) -> Vec<&Sent> {
        let numbers = told.lines().filter_map(|line| line.trim().parse::<usize>().ok());
        numbers.filter_map(|n| self.files.get(n)).collect()
    }

    /// The files as they are sent: what is at hand goes together, what is read from a file by itself.
    pub(super) fn loads<'a>(missing: &[&'a Sent]) -> Vec<Vec<&'a Sent>> {
        let (texts, mut loads): (Vec<_>, Vec<_>) = missing.iter().partition(|file| matches!(file.content, Stdin::Bytes(_)));
        let mut loads: Vec<Vec<&Sent>> = loads.drain(..).map(|file| vec![file]).collect();
        if !texts.is_empty() {
            loads.push(texts);
        }
        loads
    }

    /// Sends the files of one load; afterwards they are there, whole and on disk.
    pub(super) async fn send(&self, host: &Connection, load: &[&Sent], cancel: &CancellationToken) -> Result<(), Problem> {
        let mut content = Stdin::Null;
        let mut args = vec![self.dir.clone(), self.mark.clone()];
        for file in load {
            let size = match (&file.content, &mut content) {
                (Stdin::Bytes(bytes), Stdin::Bytes(all)) => {
                    all.extend(bytes);
                    bytes.len().to_string()
                }
                (Stdin::Bytes(bytes), first) => {
                    *first = Stdin::Bytes(bytes.clone());
                    bytes.len().to_string()
                }
                (other, only) => {
                    *only = other.clone();
                    String::new()
                }
            };
            let to = format!("{}/{}", self.folder(), file.path);
            args.extend([to, file.sha256.clone(), file.mode.to_owned(), size]);
        }
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        let call = script(scripts::TAKE, &args);
        let call = Call::new(&call).timeout(Duration::from_mins(30)).stdin(content);
        let output = host.run(call, cancel).await?;
        let told = succeeded(host.host(), output)?;
        if told.trim() == "taken" {
            return Ok(());
        }
        let path = told.trim().strip_prefix("other=").unwrap_or(&self.dir);
        let problem = msg!("ssh-file-differs", host = host.host(), path = path);
        Err(Problem::environment(problem).code("artifact-changed"))
    }
}

/// Says in full where the instances of a target stand, from the project's name where the file says nothing: a later change of that
/// name moves nothing.
pub fn complete(target: &mut project::Target, project: &str) -> Result<(), Problem> {
    if let project::Target::Ssh {
        dir, unit, unit_file, ..
    } = target
    {
        let name = plain_name(project);
        let folder = folder(dir.as_deref(), &name)?;
        *dir = Some(folder.into());
        *unit = Some(unit_name(unit.as_deref(), unit_file.as_deref(), &name)?);
    }
    Ok(())
}

/// The words that stand in commands and settings there.
pub(super) fn words(site: &Site, dir: &str) -> Words {
    let words = site
        .inputs
        .words(Path::new(&format!("{dir}/current")))
        .set("instance", "1")
        .set("dir", dir);
    match site.inputs.target.port() {
        Some(port) => words.set("port", port.to_string()),
        None => words,
    }
}

/// Runs a script as root and gives what it said; a script that fails is an error in its own words.
pub(super) async fn as_root(
    host: &Connection,
    text: &str,
    args: &[&str],
    timeout: Duration,
    cancel: &CancellationToken,
) -> Result<String, Problem> {
    let argv = script(text, args);
    let output = host.run(Call::new(&argv).timeout(timeout), cancel).await?;
    succeeded(host.host(), output)
}

fn script<'a>(text: &'a str, args: &[&'a str]) -> Vec<&'a str> {
    let mut argv = vec!["sh", "-c", scripts::AS_ROOT, "chantier", text, "chantier"];
    argv.extend(args);
    argv
}

fn succeeded(host: &str, output: Output) -> Result<String, Problem> {
    if output.exit.is_success() {
        return Ok(output.stdout_text());
    }
    let words = String::from_utf8_lossy(&output.stderr).into_owned();
    let problem = if output.exit.code == Some(126) {
        Problem::environment(msg!("ssh-no-root", host = host))
            .code("no-root")
            .hint(msg!("ssh-no-root-hint", host = host))
    } else if words.contains("No space left on device") {
        Problem::environment(msg!("ssh-disk-full", host = host))
            .code("disk-full")
            .hint(msg!("ssh-disk-full-hint"))
    } else {
        Problem::environment(msg!("ssh-failed", host = host)).code("host-failed")
    };
    let told = SafeText::new(words.trim()).into_string();
    Err(problem.details(told))
}

/// The connection to an instance's host.
pub(super) async fn connect(world: &World, host: &str, cancel: &CancellationToken) -> Result<Connection, Problem> {
    world.ssh().connect(host, cancel).await
}

fn text_file(path: &str, text: String, mode: &'static str) -> Sent {
    Sent {
        path: path.to_owned(),
        sha256: crate::adapters::files::sha256_of(text.as_bytes()),
        mode,
        content: Stdin::Bytes(text.into_bytes()),
    }
}

/// Where a part stands below the release's folder.
fn below(part: &Part) -> String {
    Inputs::staged(&PathBuf::new(), part).to_string_lossy().into_owned()
}

/// `VERSION-ID`: the same files and settings give the same folder, so that going back finds what is there.
fn release_name(label: &str, files: &[Sent]) -> String {
    let mut all = String::new();
    for file in files {
        all.push_str(&format!("{} {} {}\n", file.sha256, file.mode, file.path));
    }
    let id = crate::adapters::files::sha256_of(all.as_bytes());
    format!("{}-{}", plain_name(label), &id[..10])
}

/// Only what is safe in the name of a file or unit.
fn plain_name(text: &str) -> String {
    let name: String = text
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || "-_.+".contains(c) {
                c
            } else {
                '-'
            }
        })
        .collect();
    let name = name.trim_start_matches(['.', '-', '+']).to_owned();
    if name.is_empty() { "app".to_owned() } else { name }
}

fn folder(wanted: Option<&Path>, name: &str) -> Result<String, Problem> {
    let Some(wanted) = wanted else {
        return Ok(format!("/opt/{name}"));
    };
    let text = wanted.to_string_lossy().into_owned();
    let n_deep = wanted.components().count();
    let is_plain = wanted
        .components()
        .all(|part| matches!(part, std::path::Component::RootDir | std::path::Component::Normal(_)));
    if !wanted.is_absolute() || !is_plain || n_deep < 3 || text.chars().any(char::is_control) {
        return Err(Problem::config(msg!("ssh-bad-folder", path = wanted)).hint(msg!("ssh-bad-folder-hint")));
    }
    Ok(text.trim_end_matches('/').to_owned())
}

fn unit_name(wanted: Option<&str>, file: Option<&Path>, name: &str) -> Result<String, Problem> {
    let of_file = file.and_then(Path::file_name).map(|name| name.to_string_lossy().into_owned());
    let wanted = wanted.map(str::to_owned).or(of_file).unwrap_or_else(|| name.to_owned());
    let base = wanted.strip_suffix(".service").unwrap_or(&wanted);
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.:".contains(c);
    if base.is_empty() || base.starts_with(['-', '.']) || base.len() > 200 || !base.chars().all(is_plain) {
        return Err(Problem::config(msg!("ssh-bad-unit", name = &wanted)).hint(msg!("ssh-bad-unit-hint")));
    }
    Ok(format!("{base}.service"))
}
