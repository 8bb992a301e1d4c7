//! Floor 3: one folder per menu. This file holds the closed lists: which areas there are, what can be asked of them,
//! what can be learnt from them, what is known.
//!
//! Each area has the same five files: `mod.rs` (its words), `model.rs` (what is known; pure), `jobs.rs` (what is done),
//! `page.rs` (what is seen), `cli.rs` (what is typed), and folders or files of logic named for what they know.

pub mod cli;
pub mod page;

pub mod build;
pub mod code;
pub mod config;
pub mod deploy;
pub mod devops;
pub mod monitor;
pub mod operate;
pub mod plan;
pub mod release;
pub mod test;

use crate::adapters::World;
use crate::base::{Problem, Target, ThreadStep, Workspace};
use crate::engine;
use serde::{Deserialize, Serialize};

/// The areas in the order of the sidebar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AreaId {
    DevOps,
    Plan,
    Code,
    Build,
    Test,
    Release,
    Deploy,
    Operate,
    Monitor,
    Config,
}

impl AreaId {
    pub const ALL: [Self; 10] = [
        Self::DevOps,
        Self::Plan,
        Self::Code,
        Self::Build,
        Self::Test,
        Self::Release,
        Self::Deploy,
        Self::Operate,
        Self::Monitor,
        Self::Config,
    ];

    /// The area's word on the command line, in JSON, in the ledger and in file names.
    pub fn word(self) -> &'static str {
        match self {
            Self::DevOps => "devops",
            Self::Plan => "plan",
            Self::Code => "code",
            Self::Build => "build",
            Self::Test => "test",
            Self::Release => "release",
            Self::Deploy => "deploy",
            Self::Operate => "operate",
            Self::Monitor => "monitor",
            Self::Config => "config",
        }
    }

    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|area| area.word() == word)
    }

    /// The key of the area's name in the locales.
    pub fn key(self) -> &'static str {
        match self {
            Self::DevOps => "area-devops",
            Self::Plan => "area-plan",
            Self::Code => "area-code",
            Self::Build => "area-build",
            Self::Test => "area-test",
            Self::Release => "area-release",
            Self::Deploy => "area-deploy",
            Self::Operate => "area-operate",
            Self::Monitor => "area-monitor",
            Self::Config => "area-config",
        }
    }
}

/// The first of these items that the plan has, as a step of a thread. The thread is told to the left of the plan, so it asks here.
async fn item_step(cx: &JobCtx, workspace: &Workspace, ids: Vec<String>) -> Result<Option<ThreadStep>, Problem> {
    let at = workspace.clone();
    cx.blocking(move |_| plan::followed::step::first_of(&at, &ids)).await
}

/// Remembers which items the commits of a workspace name, before a thread goes through them.
async fn notice_items(cx: &JobCtx, world: &World, workspace: &Workspace) -> Result<(), Problem> {
    plan::followed::notice(cx, world, workspace).await
}

/// The page that shows a target.
pub fn area_of(target: &Target) -> AreaId {
    match target {
        Target::Page { area, .. } => AreaId::from_word(area).unwrap_or(AreaId::DevOps),
        Target::Workspace { .. } | Target::Run { .. } => AreaId::DevOps,
        Target::Item { .. } => AreaId::Plan,
        Target::Commit { .. } | Target::ChangedFile { .. } => AreaId::Code,
        Target::Task { .. } => AreaId::Build,
        Target::TestCase { .. } => AreaId::Test,
        Target::Release { .. } => AreaId::Release,
        Target::Environment { .. } | Target::Deployment { .. } => AreaId::Deploy,
        Target::Instance { .. } | Target::Log { .. } => AreaId::Operate,
        Target::Check { .. } => AreaId::Monitor,
        Target::Setting { .. } => AreaId::Config,
    }
}

macro_rules! areas {
    ($($variant:ident $module:ident),* $(,)?) => {
        /// Everything that can be asked.
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        #[serde(tag = "area", content = "command", rename_all = "snake_case")]
        pub enum Command {
            $($variant($module::Command)),*
        }

        /// Everything that can be learnt.
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        #[serde(tag = "area", content = "update", rename_all = "snake_case")]
        pub enum Update {
            $($variant($module::Update)),*
        }

        $(
            impl From<$module::Command> for Command {
                fn from(command: $module::Command) -> Self {
                    Self::$variant(command)
                }
            }

            impl From<$module::Update> for Update {
                fn from(update: $module::Update) -> Self {
                    Self::$variant(update)
                }
            }
        )*

        /// Everything that is known, plain data; changes only in `apply`.
        #[derive(Clone, Debug, Default)]
        pub struct Model {
            pub jobs: engine::JobTable,
            $(pub $module: $module::model::Model,)*
        }

        impl Model {
            /// O(1) per event.
            pub fn apply(&mut self, event: Event) {
                match event {
                    engine::Event::Job(id, event) => self.jobs.apply(id, &event),
                    $(engine::Event::Update(Update::$variant(update)) => self.$module.apply(update),)*
                }
            }
        }

        /// The job that a command stands for.
        pub fn plan(world: &World, command: Command) -> JobSpec {
            let asked = command.repeatable().and_then(|command| serde_json::to_string(&command).ok());
            let spec = match command {
                $(Command::$variant(command) => $module::jobs::plan(world, command),)*
            };
            JobSpec { asked, ..spec }
        }

        /// One page per area, with what the user sees and selects there.
        #[derive(Default)]
        pub struct Pages {
            $(pub $module: $module::page::Page,)*
        }

        impl Pages {
            pub fn get_mut(&mut self, area: AreaId) -> &mut dyn page::Page {
                match area {
                    $(AreaId::$variant => &mut self.$module,)*
                }
            }

            pub fn get(&self, area: AreaId) -> &dyn page::Page {
                match area {
                    $(AreaId::$variant => &self.$module,)*
                }
            }
        }
    };
}

areas! {
    DevOps devops,
    Plan plan,
    Code code,
    Build build,
    Test test,
    Release release,
    Deploy deploy,
    Operate operate,
    Monitor monitor,
    Config config,
}

impl Command {
    /// What "Run again" asks for: of what runs programs of the project, and changes nothing that counts beyond.
    fn repeatable(&self) -> Option<Self> {
        match self {
            Self::Build(command) => command.repeatable().map(Self::from),
            Self::Test(command) => command.repeatable().map(Self::from),
            _ => None,
        }
    }

    /// What a job was asked for, of a workspace as it is now. None for words of another version of the program.
    pub fn once_more(asked: &str, workspace: &Workspace) -> Option<Self> {
        let mut asked: serde_json::Value = serde_json::from_str(asked).ok()?;
        *asked.get_mut("command")?.get_mut("workspace")? = serde_json::to_value(workspace).ok()?;
        serde_json::from_value(asked).ok()
    }
}

pub type Event = engine::Event<Update>;
pub type JobSpec = engine::JobSpec<Update>;
pub type JobCtx = engine::JobCtx<Update>;
pub type Link = engine::Link<Command, Update>;
