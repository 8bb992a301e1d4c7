//! `chantier build image|container|volume|network|disk|prune|compose`, in the words of the `docker` command.

mod answer;
mod args;

pub use args::*;

use super::super::docker::model::{image_is, pick};
use super::super::docker::{Command as Words, ComposeAct, ComposeProject, Deed, Update};
use super::super::{Command as Build, Update as BuildUpdate};
use crate::adapters::docker::ContainerAct;
use crate::areas::cli::{Answer, Here};
use crate::areas::{Command, Model};
use crate::base::docker::{BuildSpec, Kind, PruneWhat, RunSpec};
use crate::base::{Catalog, Problem, WriteTo};
use std::path::{Path, PathBuf};

fn absolute(here: &Here, path: &Path) -> PathBuf {
    here.cwd.join(path)
}

/// `NAME=value`; a bare name takes its value from the environment, or is left out.
fn pair(word: &str) -> Option<(String, String)> {
    match word.split_once('=') {
        Some((name, value)) => Some((name.to_owned(), value.to_owned())),
        None => Some((word.to_owned(), std::env::var(word).ok()?)),
    }
}

fn pairs(words: &[String]) -> std::collections::BTreeMap<String, String> {
    words.iter().filter_map(|word| pair(word)).collect()
}

impl RunArgs {
    fn spec(&self, here: &Here) -> RunSpec {
        // `./data:/data` is a folder here, as the `docker` command takes it since 23.
        let volume = |word: &String| match word.split_once(':') {
            Some((source, rest)) if source.starts_with('.') => format!("{}:{rest}", absolute(here, Path::new(source)).display()),
            _ => word.clone(),
        };
        RunSpec {
            image: self.image.clone(),
            name: self.name.clone(),
            command: self.command.clone(),
            entrypoint: self.entrypoint.clone().map(|word| vec![word]),
            ports: self.publish.clone(),
            env: self
                .env
                .iter()
                .filter_map(|word| pair(word).map(|(name, value)| format!("{name}={value}")))
                .collect(),
            volumes: self.volume.iter().map(volume).collect(),
            network: self.network.clone(),
            restart: self.restart.clone(),
            workdir: self.workdir.clone(),
            user: self.user.clone(),
            labels: pairs(&self.label),
            privileged: self.privileged,
            auto_remove: self.rm,
            allow_host: self.allow_host,
        }
    }
}

fn act(containers: &[String], act: ContainerAct) -> Words {
    Words::Act {
        containers: containers.to_vec(),
        act,
    }
}

impl ImageVerb {
    fn command(&self, here: &Here) -> Words {
        match self {
            Self::List => Words::Look,
            Self::Show { image } => Words::Show {
                kind: Kind::Image,
                name: image.clone(),
            },
            Self::History { image } => Words::Show {
                kind: Kind::Image,
                name: image.clone(),
            },
            Self::Build(args) => Words::Build {
                workspace: here.workspace.clone(),
                spec: BuildSpec {
                    folder: absolute(here, args.folder.as_deref().unwrap_or(Path::new("."))),
                    dockerfile: args.file.clone(),
                    tags: args.tag.clone(),
                    args: pairs(&args.build_arg),
                    labels: pairs(&args.label),
                    target: args.target.clone(),
                    no_cache: args.no_cache,
                    pull: args.pull,
                    ..BuildSpec::default()
                },
            },
            Self::Run(args) => args.command(here),
            Self::Tag { image, tag } => Words::Tag {
                image: image.clone(),
                tag: tag.clone(),
            },
            Self::Remove { images, force } => Words::RemoveImages {
                images: images.clone(),
                force: *force,
            },
            Self::Save { images, output, force } => Words::Save {
                images: images.clone(),
                file: WriteTo::new(absolute(here, output), *force),
            },
            Self::Load { file } => Words::Load {
                file: absolute(here, file),
            },
            Self::Import { file, tag, change } => Words::Import {
                file: absolute(here, file),
                tag: tag.clone(),
                changes: change.clone(),
            },
        }
    }
}

impl RunArgs {
    fn command(&self, here: &Here) -> Words {
        Words::Run {
            spec: self.spec(here),
            starts: true,
            follows: !self.detach,
        }
    }
}

impl ContainerVerb {
    fn command(&self, here: &Here) -> Words {
        match self {
            Self::List => Words::Look,
            Self::Watch => Words::Watch { secs: u32::MAX },
            Self::Show { container } => Words::Show {
                kind: Kind::Container,
                name: container.clone(),
            },
            Self::Create(args) => Words::Run {
                spec: args.spec(here),
                starts: false,
                follows: false,
            },
            Self::Run(args) => args.command(here),
            Self::Start { containers } => act(containers, ContainerAct::Start),
            Self::Stop { containers } => act(containers, ContainerAct::Stop),
            Self::Restart { containers } => act(containers, ContainerAct::Restart),
            Self::Kill { containers, signal } => act(containers, ContainerAct::Kill(signal.clone())),
            Self::Pause { containers } => act(containers, ContainerAct::Pause),
            Self::Unpause { containers } => act(containers, ContainerAct::Unpause),
            Self::Remove { containers, force } => act(containers, ContainerAct::Remove { force: *force }),
            Self::Rename { container, name } => Words::Rename {
                container: container.clone(),
                to: name.clone(),
            },
            Self::Logs { container, follow, n } => Words::Logs {
                container: container.clone(),
                n_lines: *n,
                follow: *follow,
            },
            Self::Stats { containers, follow } => Words::Stats {
                containers: containers.clone(),
                once: !follow,
            },
            Self::Top { container } => Words::Top {
                container: container.clone(),
            },
            Self::Exec(args) => Words::Exec {
                container: args.container.clone(),
                argv: args.command.clone(),
                env: args.env.clone(),
                user: args.user.clone(),
                workdir: args.workdir.clone(),
                on_terminal: args.tty,
                with_input: args.interactive,
                hands_out: here.hands_out && !args.tty,
            },
        }
    }
}

impl DockerVerb {
    pub fn commands(&self, here: &Here) -> Vec<Command> {
        let words = match self {
            Self::Image { verb } => verb.command(here),
            Self::Container { verb } => verb.command(here),
            Self::Volume { verb } => match verb {
                VolumeVerb::List => Words::Look,
                VolumeVerb::Show { volume } => Words::Show {
                    kind: Kind::Volume,
                    name: volume.clone(),
                },
                VolumeVerb::Create { name, driver } => Words::CreateVolume {
                    name: name.clone(),
                    driver: driver.clone(),
                },
                VolumeVerb::Remove { volumes } => Words::RemoveVolumes {
                    volumes: volumes.clone(),
                },
            },
            Self::Network { verb } => match verb {
                NetworkVerb::List => Words::Look,
                NetworkVerb::Show { network } => Words::Show {
                    kind: Kind::Network,
                    name: network.clone(),
                },
                NetworkVerb::Create {
                    name,
                    driver,
                    subnet,
                    internal,
                } => Words::CreateNetwork {
                    name: name.clone(),
                    driver: driver.clone(),
                    subnet: subnet.clone(),
                    is_internal: *internal,
                },
                NetworkVerb::Remove { networks } => Words::RemoveNetworks {
                    networks: networks.clone(),
                },
                NetworkVerb::Connect { network, container } => Words::Connect {
                    network: network.clone(),
                    container: container.clone(),
                    connects: true,
                },
                NetworkVerb::Disconnect { network, container } => Words::Connect {
                    network: network.clone(),
                    container: container.clone(),
                    connects: false,
                },
            },
            Self::Disk => Words::Disk,
            Self::Prune(args) => Words::PlanPrune {
                what: PruneWhat {
                    all_images: args.all,
                    volumes: args.volumes,
                },
            },
            Self::Compose { verb } => return verb.commands(here),
        };
        vec![Build::Docker(words).into()]
    }

    /// What was planned is carried out, when that was asked for.
    pub fn then(&self, here: &Here, model: &Model) -> Vec<Command> {
        let plan = model.build.docker.plan.clone();
        match (self, plan) {
            (Self::Prune(args), Some(plan)) if args.yes && !args.preview => vec![Build::Docker(Words::Prune { plan }).into()],
            (Self::Compose { verb }, _) => verb.then(here, model),
            _ => Vec::new(),
        }
    }

    pub fn exit_code(&self, model: &Model) -> Option<u8> {
        let runs_a_program = matches!(
            self,
            Self::Container {
                verb: ContainerVerb::Exec(_) | ContainerVerb::Run(_)
            } | Self::Image { verb: ImageVerb::Run(_) }
        );
        let (_, code) = model.build.docker.executed.as_ref().filter(|_| runs_a_program)?;
        u8::try_from(*code).ok()
    }

    pub fn is_endless(&self) -> bool {
        match self {
            Self::Container { verb } => matches!(
                verb,
                ContainerVerb::Watch | ContainerVerb::Logs { follow: true, .. } | ContainerVerb::Stats { follow: true, .. }
            ),
            Self::Compose { verb } => matches!(verb, ComposeVerb::Logs(_)),
            _ => false,
        }
    }

    pub fn shows(&self, update: &crate::areas::Update, texts: &Catalog) -> Option<String> {
        let crate::areas::Update::Build(BuildUpdate::Docker(update)) = update else {
            return None;
        };
        match (self, update) {
            (
                Self::Container {
                    verb: ContainerVerb::Watch,
                },
                Update::Seen { held, .. },
            ) => Some(answer::containers(&held.containers).trim_end().to_owned()),
            (
                Self::Container {
                    verb: ContainerVerb::Watch,
                },
                Update::Lost { problem },
            ) => Some(texts.msg(&problem.summary)),
            (
                Self::Container {
                    verb: ContainerVerb::Logs { follow: true, .. },
                },
                Update::LogLines { lines, .. },
            ) => {
                let lines: Vec<&str> = lines.iter().map(|line| line.text.as_str()).collect();
                (!lines.is_empty()).then(|| lines.join("\n"))
            }
            (
                Self::Container {
                    verb: ContainerVerb::Stats { follow: true, .. },
                },
                Update::Sampled { stats },
            ) => Some(
                stats
                    .iter()
                    .map(|one| answer::stats_line(one, None, texts))
                    .collect::<Vec<_>>()
                    .join("\n"),
            ),
            _ => None,
        }
    }

    pub fn answer(&self, model: &Model, texts: &Catalog) -> Answer {
        answer::answer(self, &model.build.docker, texts)
    }
}

impl ComposeVerb {
    fn args(&self) -> Option<(&ComposeArgs, ComposeAct)> {
        Some(match self {
            Self::List => return None,
            Self::Up(args) => (args, ComposeAct::Up),
            Self::Down(args) => (args, ComposeAct::Down),
            Self::Pull(args) => (args, ComposeAct::Pull),
            Self::Logs(args) => (args, ComposeAct::Logs),
        })
    }

    fn commands(&self, here: &Here) -> Vec<Command> {
        match self.args() {
            // A project by its name: the labels of its containers say where it is.
            None => vec![Build::Docker(Words::Look).into()],
            Some((args, _)) if args.project.is_some() => vec![Build::Docker(Words::Look).into()],
            Some((args, act)) => {
                let project = ComposeProject {
                    name: None,
                    folder: here.cwd.clone(),
                    files: args.file.iter().map(|file| absolute(here, file)).collect(),
                };
                let workspace = here.workspace.clone();
                vec![Build::Docker(Words::Compose { workspace, act, project }).into()]
            }
        }
    }

    fn then(&self, here: &Here, model: &Model) -> Vec<Command> {
        let Some((args, act)) = self.args() else { return Vec::new() };
        let Some(name) = &args.project else { return Vec::new() };
        let known = model
            .build
            .docker
            .projects()
            .into_iter()
            .find(|project| project.name == *name);
        let mut project = ComposeProject {
            name: Some(name.clone()),
            folder: known.as_ref().map_or_else(|| here.cwd.clone(), |known| known.folder.clone()),
            files: known.map(|known| known.files).unwrap_or_default(),
        };
        if !args.file.is_empty() {
            project.folder.clone_from(&here.cwd);
            project.files = args.file.iter().map(|file| absolute(here, file)).collect();
        }
        let workspace = here.workspace.clone();
        vec![Build::Docker(Words::Compose { workspace, act, project }).into()]
    }
}

/// One live line for people, for what they want to see while it happens.
pub fn line(update: &Update, texts: &Catalog) -> Option<String> {
    match update {
        Update::Acted { names, deed, .. } if !names.is_empty() && !matches!(deed, Deed::Started) => Some(names.join("\n")),
        Update::BuildEnded { image: Some(image), .. } => Some(texts.msg(&crate::msg!(
            "docker-line-built",
            image = crate::base::docker::short_id(image)
        ))),
        _ => None,
    }
}

/// What was meant, for an answer about one thing; a problem says that it is not there.
fn image_of<'a>(docker: &'a super::super::docker::model::Model, word: &str) -> Result<&'a crate::base::docker::Image, Problem> {
    pick(docker.images(), word, |row| &row.id, |row| image_is(row, word))
        .map_err(|_| Problem::user(crate::msg!("docker-no-image", image = word)))
}
