//! Everything that is known of one instance: how it was made, what it may use, what it is joined to, and what its own check said last.
//! Values that may be secret are named and not shown.

use super::{Instance, InstanceKind, units};
use crate::adapters::World;
use crate::adapters::docker::Fault;
use crate::adapters::process::{About, shell_quoted};
use crate::adapters::store::holder;
use crate::adapters::systemd::Unit;
use crate::areas::deploy::inputs::Inputs;
use crate::areas::devops::project::Target;
use crate::base::docker::Kind;
use crate::base::{Catalog, Msg, Problem, SafeText};
use crate::msg;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Answers of a container's own check that are shown.
const N_HEALTH: usize = 3;
/// Characters of one value.
const MAX_VALUE: usize = 400;

/// What is known of an instance, in the order in which it is read.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Details {
    pub facts: Vec<Known>,
}

/// One thing that is known, with one value or several.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Known {
    pub what: Msg,
    pub values: Vec<String>,
}

impl Known {
    /// The values in the language of the reader.
    pub fn words(&self, texts: &Catalog) -> Vec<String> {
        let is_target = self.what.key == "operate-known-target";
        let word = |value: &String| match value.as_str() {
            "process" if is_target => texts.t("deploy-target-process").into_owned(),
            value => value.to_owned(),
        };
        self.values.iter().map(word).collect()
    }
}

impl Details {
    fn push(&mut self, what: Msg, value: impl AsRef<str>) {
        self.many(what, std::iter::once(value));
    }

    fn many(&mut self, what: Msg, values: impl IntoIterator<Item = impl AsRef<str>>) {
        let short = |value: &str| {
            let cut: String = value.trim().chars().take(MAX_VALUE).collect();
            SafeText::new(&cut).into_string()
        };
        let values: Vec<String> = values.into_iter().map(|value| short(value.as_ref())).collect();
        let values: Vec<String> = values.into_iter().filter(|value| !value.is_empty()).collect();
        if !values.is_empty() {
            self.facts.push(Known { what, values });
        }
    }
}

/// Asks whoever runs it. Of one on another machine nothing more is known than the list says.
pub async fn find(world: &World, instance: &Instance) -> Result<Details, Problem> {
    let mut details = Details::default();
    if instance.id.starts_with("far:") {
        return Ok(details);
    }
    if let Some(deployment) = instance.deployment
        && let Some(row) = world.store().deployments().get(deployment).await?
    {
        let commit = row.commit.as_deref().map(crate::base::format::short_oid).unwrap_or_default();
        details.push(
            msg!("operate-known-deployment"),
            format!("{} {} {commit}", row.id, row.version),
        );
        details.push(msg!("operate-known-who"), &row.who);
        if let Ok(inputs) = Inputs::of(&row) {
            details.push(msg!("operate-known-target"), inputs.target.kind());
            if instance.container.is_none() {
                let argv = argv_of(instance, &inputs);
                let command = if argv.is_empty() {
                    quoted(inputs.target.texts())
                } else {
                    quoted(argv.iter().map(String::as_str))
                };
                details.push(msg!("operate-known-command"), command);
            }
            details.many(msg!("operate-known-variables"), inputs.env.keys());
        }
    }
    // Who can not be asked, or knows it no more, takes nothing from what is known without them.
    if let Some(container) = &instance.container {
        match world.docker().inspect(Kind::Container, container).await {
            Ok(told) => of_container(&told, &mut details),
            Err(Fault::Gone) => {}
            Err(fault) => details.push(msg!("operate-known-error"), world.texts().msg(&fault.problem().summary)),
        }
    } else if let (InstanceKind::Unit, Some((manager, name))) = (instance.kind, units::of_id(&instance.id)) {
        match world.systemd().show(manager, &[name.to_owned()]).await {
            Ok(units) => units.iter().take(1).for_each(|unit| of_unit(unit, &mut details)),
            Err(problem) => details.push(msg!("operate-known-error"), world.texts().msg(&problem.summary)),
        }
    }
    if let (InstanceKind::Process, Some(pid)) = (instance.kind, instance.pid) {
        of_process(&About::of(pid), &mut details);
    }
    if let Some(path) = &instance.log_path {
        details.push(msg!("operate-log"), path.display().to_string());
    }
    for known in &mut details.facts {
        for value in &mut known.values {
            *value = world.masks().mask_str(value).into_owned();
        }
    }
    Ok(details)
}

/// What a process of this machine really runs, while it lives: the project file only says how that is put together.
fn argv_of(instance: &Instance, inputs: &Inputs) -> Vec<String> {
    let living = instance
        .pid
        .zip(instance.pid_start)
        .filter(|(pid, start)| matches!(inputs.target, Target::Process { .. }) && holder::is_running(*pid, *start));
    living.map(|(pid, _)| About::of(pid).argv).unwrap_or_default()
}

fn quoted<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    words.into_iter().map(shell_quoted).collect::<Vec<_>>().join(" ")
}

/// What the system says of a process that was found.
pub fn of_process(about: &About, details: &mut Details) {
    details.push(msg!("operate-known-command"), quoted(about.argv.iter().map(String::as_str)));
    if let Some(folder) = &about.folder {
        details.push(msg!("operate-known-folder"), folder.display().to_string());
    }
    details.many(msg!("operate-known-user"), &about.user);
    let parent = about.parent.as_ref().map(|(pid, name)| format!("{pid} {name}"));
    details.many(msg!("operate-known-parent"), parent);
}

/// What the engine says of a container (`docker inspect`).
pub fn of_container(json: &Value, details: &mut Details) {
    let text = |path: &str| json.pointer(path).and_then(Value::as_str).unwrap_or_default();
    let number = |path: &str| json.pointer(path).and_then(Value::as_i64).unwrap_or(0);
    let list = |path: &str| {
        let all = json.pointer(path).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        all.iter().filter_map(Value::as_str)
    };
    let table = |path: &str| json.pointer(path).and_then(Value::as_object).into_iter().flatten();
    details.push(msg!("operate-known-image"), text("/Config/Image"));
    let argv = std::iter::once(text("/Path")).chain(list("/Args"));
    details.push(msg!("operate-known-command"), quoted(argv.filter(|word| !word.is_empty())));
    details.push(msg!("operate-known-folder"), text("/Config/WorkingDir"));
    details.push(msg!("operate-known-user"), text("/Config/User"));
    details.push(msg!("operate-known-made"), text("/Created"));
    let restart = match (
        text("/HostConfig/RestartPolicy/Name"),
        number("/HostConfig/RestartPolicy/MaximumRetryCount"),
    ) {
        (name, 0) => name.to_owned(),
        (name, most) => format!("{name}:{most}"),
    };
    details.push(msg!("operate-known-restart"), restart);
    let mut limits = Vec::new();
    if number("/HostConfig/Memory") > 0 {
        limits.push(format!("memory {} MiB", number("/HostConfig/Memory") / (1 << 20)));
    }
    if number("/HostConfig/NanoCpus") > 0 {
        limits.push(format!("cpus {}", number("/HostConfig/NanoCpus") as f64 / 1e9));
    }
    if number("/HostConfig/PidsLimit") > 0 {
        limits.push(format!("pids {}", number("/HostConfig/PidsLimit")));
    }
    details.many(msg!("operate-known-limits"), limits);
    let published = table("/NetworkSettings/Ports").flat_map(|(inside, places)| {
        let of = |place: &Value, key: &str| place[key].as_str().unwrap_or_default().to_owned();
        let places = places.as_array().map_or(&[][..], Vec::as_slice);
        let told: Vec<String> = places
            .iter()
            .map(|place| format!("{}:{} → {inside}", of(place, "HostIp"), of(place, "HostPort")))
            .collect();
        if told.is_empty() { vec![inside.clone()] } else { told }
    });
    details.many(msg!("operate-col-ports"), published);
    let networks = table("/NetworkSettings/Networks").map(|(name, network)| {
        let address = network["IPAddress"].as_str().unwrap_or_default();
        format!("{name} {address}")
    });
    details.many(msg!("operate-known-networks"), networks);
    let mounts = json
        .pointer("/Mounts")
        .and_then(Value::as_array)
        .map_or(&[][..], Vec::as_slice);
    let mounts = mounts.iter().map(|mount| {
        let of = |key: &str| mount[key].as_str().unwrap_or_default();
        let from = if of("Name").is_empty() { of("Source") } else { of("Name") };
        let note = if mount["RW"] == false { " (ro)" } else { "" };
        format!("{from} → {}{note}", of("Destination"))
    });
    details.many(msg!("operate-known-mounts"), mounts);
    let names = list("/Config/Env").map(|pair| pair.split('=').next().unwrap_or_default());
    details.many(msg!("operate-known-variables"), names);
    let labels = table("/Config/Labels").map(|(name, value)| format!("{name}={}", value.as_str().unwrap_or_default()));
    details.many(msg!("operate-known-labels"), labels);
    if text("/State/Status") != "running" {
        details.push(msg!("operate-known-code"), number("/State/ExitCode").to_string());
        details.push(msg!("operate-known-error"), text("/State/Error"));
    }
    let answers = json.pointer("/State/Health/Log").and_then(Value::as_array);
    let answers = answers.map_or(&[][..], Vec::as_slice);
    let answers = answers[answers.len().saturating_sub(N_HEALTH)..].iter().map(|answer| {
        let (end, code) = (
            answer["End"].as_str().unwrap_or_default(),
            answer["ExitCode"].as_i64().unwrap_or(0),
        );
        let end = end.get(..19).unwrap_or(end);
        format!("{end}  {code}  {}", answer["Output"].as_str().unwrap_or_default().trim())
    });
    details.many(msg!("operate-known-health"), answers);
}

/// What the service manager says of a unit.
fn of_unit(unit: &Unit, details: &mut Details) {
    let path = |path: &Option<std::path::PathBuf>| path.as_ref().map_or_else(String::new, |path| path.display().to_string());
    details.push(msg!("operate-known-description"), &unit.description);
    details.push(
        msg!("operate-known-unit-file"),
        format!("{} {}", path(&unit.fragment), unit.file_state),
    );
    details.push(msg!("operate-known-command"), path(&unit.program));
    details.push(msg!("operate-known-folder"), path(&unit.folder));
    details.push(msg!("operate-known-state"), format!("{} ({})", unit.active, unit.sub));
    if unit.result != "success" {
        details.push(msg!("operate-known-error"), &unit.result);
    }
}
