//! Floor 1: the outside world, one neighbour per module; `World` is the one handle to all of them.

use chantier_base as base;
use chantier_base::msg;

pub mod artifacts;
pub mod database;
pub mod deb;
pub mod decoding;
pub mod deliver;
pub mod desktop;
pub mod dirs;
pub mod dns;
pub mod docker;
pub mod doctor;
pub mod editor;
pub mod exporter;
pub mod files;
pub mod git;
pub mod host;
pub mod http;
pub mod kept_folders;
pub mod log_file;
pub mod log_part;
pub mod logs;
pub mod machine;
pub mod mail;
pub mod masks;
pub mod ports;
pub mod process;
pub mod proxy;
pub mod rates;
pub mod sampler;
pub mod sandbox;
pub mod scan;
pub mod secrets;
pub mod settings_file;
pub mod signing;
pub mod ssh;
pub mod store;
pub mod systemd;
pub mod terminal;
pub mod terminals;
pub mod tls;
pub mod trust;
pub mod upkeep;
pub mod user;
pub mod user_unit;
pub mod walk;
pub mod watch;

use crate::base::{Catalog, Clock, Lang, Settings};
use std::ffi::OsStr;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

/// The one handle to the outside world. Cheap to clone.
#[derive(Clone)]
pub struct World(Arc<Inner>);

struct Inner {
    clock: Clock,
    dirs: dirs::Dirs,
    settings_file: settings_file::SettingsFile,
    settings: RwLock<Arc<Settings>>,
    /// Asked for by the call, before what is set.
    lang: OnceLock<Lang>,
    store: store::Store,
    logs: logs::Logs,
    masks: masks::Masks,
    secrets: secrets::Secrets,
    processes: process::Processes,
    trust: trust::Trust,
    git: git::Git,
    git_program: git::program::GitProgram,
    host: host::Host,
    docker: docker::Engine,
    ssh: ssh::Ssh,
    log_files: log_file::LogFiles,
    systemd: systemd::Systemd,
    terminals: terminals::Terminals,
}

impl World {
    /// Puts the neighbours together. The store is opened before, because what it says of itself must be told.
    pub fn new(
        clock: Clock,
        dirs: dirs::Dirs,
        settings_file: settings_file::SettingsFile,
        settings: Settings,
        store: store::Store,
        logs: logs::Logs,
    ) -> Self {
        let masks = masks::Masks::new();
        let processes = process::Processes::new(process::ProcessConfig::default(), masks.clone(), clock.clone());
        let inner = Inner {
            trust: trust::Trust::new(&dirs.data),
            git: git::Git::new(processes.clone())
                .caching_in(dirs.cache.join("todos"))
                .asking_in(dirs.cache.join("ssh")),
            git_program: git::program::GitProgram::new(processes.clone()),
            secrets: secrets::Secrets::new(&dirs.data, &dirs.settings, masks.clone()),
            host: host::Host::default(),
            docker: docker::Engine::from_env(),
            ssh: ssh::Ssh::new(processes.clone(), &dirs.cache),
            log_files: log_file::LogFiles::default(),
            systemd: systemd::Systemd::new(processes.clone()),
            terminals: terminals::Terminals::default(),
            settings: RwLock::default(),
            lang: OnceLock::new(),
            clock,
            dirs,
            settings_file,
            store,
            logs,
            masks,
            processes,
        };
        let world = Self(Arc::new(inner));
        world.set_settings(settings);
        world
    }

    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    pub fn dirs(&self) -> &dirs::Dirs {
        &self.0.dirs
    }

    /// The settings as they were read last.
    pub fn settings(&self) -> Arc<Settings> {
        Arc::clone(&self.0.settings.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The texts in the user's language, for what is kept or sent while nobody looks.
    pub fn texts(&self) -> Catalog {
        let spoken = || {
            let env = self.processes().base_env();
            Lang::spoken(|name| env.get(OsStr::new(name)).map(|value| value.to_string_lossy().into_owned()))
        };
        let asked = self.0.lang.get().copied();
        Catalog::new(asked.or(self.settings().general.language).unwrap_or_else(spoken))
    }

    /// The language that this call asked for.
    pub fn speak(&self, lang: Lang) {
        // Asked for once, at the start.
        self.0.lang.set(lang).ok();
    }

    /// Takes over settings that were read or changed; processes obey them from now on.
    pub fn set_settings(&self, settings: Settings) {
        let grace = std::time::Duration::from_secs(settings.general.stop_grace_secs);
        self.0
            .processes
            .configure(grace, settings.tools.paths.clone(), &settings.tools.pass_env);
        self.0.secrets.configure(settings.security.secrets);
        self.0.git.set_undo_budget(git::Budget {
            max_entries: settings.retention.undo_max_entries,
            max_bytes: settings.retention.undo_max_mb * 1_000_000,
        });
        *self.0.settings.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(settings);
    }

    pub fn settings_file(&self) -> &settings_file::SettingsFile {
        &self.0.settings_file
    }

    /// The ledger and the samples.
    pub fn store(&self) -> &store::Store {
        &self.0.store
    }

    /// The output of jobs.
    pub fn logs(&self) -> &logs::Logs {
        &self.0.logs
    }

    /// The secrets of the program, by name.
    pub fn secrets(&self) -> &secrets::Secrets {
        &self.0.secrets
    }

    /// Secrets that no output may show.
    pub fn masks(&self) -> &masks::Masks {
        &self.0.masks
    }

    pub fn processes(&self) -> &process::Processes {
        &self.0.processes
    }

    pub fn trust(&self) -> &trust::Trust {
        &self.0.trust
    }

    /// Repositories, read without running a program.
    pub fn git(&self) -> &git::Git {
        &self.0.git
    }

    /// Git's program, for what changes a repository or talks to another.
    pub fn git_program(&self) -> &git::program::GitProgram {
        &self.0.git_program
    }

    pub fn host(&self) -> &host::Host {
        &self.0.host
    }

    /// The container engine of this machine, if there is one.
    pub fn docker(&self) -> &docker::Engine {
        &self.0.docker
    }

    /// The log file that is open in the window.
    pub fn log_files(&self) -> &log_file::LogFiles {
        &self.0.log_files
    }

    /// The service managers of this machine.
    pub fn systemd(&self) -> &systemd::Systemd {
        &self.0.systemd
    }

    /// The terminals that are open in the window.
    pub fn terminals(&self) -> &terminals::Terminals {
        &self.0.terminals
    }

    /// Other machines, through the user's ssh.
    pub fn ssh(&self) -> &ssh::Ssh {
        &self.0.ssh
    }
}
