//! The list of all settings: one list that page, command line and search go by. What is not in it can not be set.

use crate::base::text::split_words;

/// The parts of the page that hold settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Section {
    General,
    Appearance,
    Language,
    Workspaces,
    Git,
    Tools,
    Notifications,
    Retention,
    Security,
}

impl Section {
    pub const ALL: [Self; 9] = [
        Self::General,
        Self::Appearance,
        Self::Language,
        Self::Workspaces,
        Self::Git,
        Self::Tools,
        Self::Notifications,
        Self::Retention,
        Self::Security,
    ];

    pub fn word(self) -> &'static str {
        match self {
            Self::General => "general",
            Self::Appearance => "appearance",
            Self::Language => "language",
            Self::Workspaces => "workspaces",
            Self::Git => "git",
            Self::Tools => "tools",
            Self::Notifications => "notifications",
            Self::Retention => "retention",
            Self::Security => "security",
        }
    }

    pub fn key(self) -> &'static str {
        match self {
            Self::General => "config-section-general",
            Self::Appearance => "config-section-appearance",
            Self::Language => "config-section-language",
            Self::Workspaces => "config-section-workspaces",
            Self::Git => "config-section-git",
            Self::Tools => "config-section-tools",
            Self::Notifications => "config-section-notifications",
            Self::Retention => "config-section-retention",
            Self::Security => "config-section-security",
        }
    }
}

/// What a value is, and so how it is asked for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    Yes,
    /// A whole number; `unit` is the key of its unit in the locales.
    Whole {
        min: i64,
        max: i64,
        unit: Option<&'static str>,
    },
    Decimal {
        min: f64,
        max: f64,
        step: f64,
    },
    /// Words and the keys of their names; the empty word stands for "not set".
    Choice(&'static [(&'static str, &'static str)]),
    /// A program and its arguments.
    Words,
    Folders,
    /// Programs by name, each with a path.
    Paths,
}

/// One setting.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Setting {
    pub key: &'static str,
    pub section: Section,
    pub kind: Kind,
    /// The key of its name in the locales.
    pub label: &'static str,
    /// The key of the sentence that explains it.
    pub help: &'static str,
    /// It counts from the next start.
    pub needs_restart: bool,
}

const fn setting(key: &'static str, section: Section, kind: Kind, label: &'static str, help: &'static str) -> Setting {
    Setting {
        key,
        section,
        kind,
        label,
        help,
        needs_restart: false,
    }
}

const fn whole(min: i64, max: i64, unit: &'static str) -> Kind {
    Kind::Whole {
        min,
        max,
        unit: Some(unit),
    }
}

const fn count(min: i64, max: i64) -> Kind {
    Kind::Whole { min, max, unit: None }
}

/// Every setting, in the order of the page.
pub fn settings() -> Vec<Setting> {
    use Section::{Appearance, General, Git, Language, Notifications, Retention, Security, Tools, Workspaces};
    vec![
        setting(
            "general.stop_grace_secs",
            General,
            whole(0, 3600, "unit-s"),
            "config-stop-grace",
            "config-stop-grace-help",
        ),
        setting(
            "general.max_parallel",
            General,
            count(0, 1024),
            "config-max-parallel",
            "config-max-parallel-help",
        ),
        setting("general.editor", General, Kind::Words, "config-editor", "config-editor-help"),
        setting(
            "appearance.theme",
            Appearance,
            Kind::Choice(&[
                ("system", "config-theme-system"),
                ("dark", "config-theme-dark"),
                ("light", "config-theme-light"),
            ]),
            "config-theme",
            "config-theme-help",
        ),
        setting(
            "appearance.scale",
            Appearance,
            Kind::Decimal {
                min: 0.75,
                max: 2.0,
                step: 0.05,
            },
            "config-scale",
            "config-scale-help",
        ),
        setting("appearance.dense", Appearance, Kind::Yes, "config-dense", "config-dense-help"),
        setting(
            "general.language",
            Language,
            Kind::Choice(&[
                ("", "config-language-system"),
                ("en", "config-language-en"),
                ("fr", "config-language-fr"),
            ]),
            "config-language",
            "config-language-help",
        ),
        setting(
            "workspaces.roots",
            Workspaces,
            Kind::Folders,
            "config-roots",
            "config-roots-help",
        ),
        setting(
            "workspaces.scan_depth",
            Workspaces,
            count(0, 32),
            "config-scan-depth",
            "config-scan-depth-help",
        ),
        setting(
            "workspaces.max_watches",
            Workspaces,
            count(0, 10_000_000),
            "config-max-watches",
            "config-max-watches-help",
        ),
        setting(
            "code.todo_words",
            Git,
            Kind::Words,
            "config-todo-words",
            "config-todo-words-help",
        ),
        setting(
            "tools.paths",
            Tools,
            Kind::Paths,
            "config-tool-paths",
            "config-tool-paths-help",
        ),
        setting(
            "tools.pass_env",
            Tools,
            Kind::Words,
            "config-pass-env",
            "config-pass-env-help",
        ),
        setting(
            "general.notify",
            Notifications,
            Kind::Yes,
            "config-notify",
            "config-notify-help",
        ),
        setting(
            "general.notify_after_secs",
            Notifications,
            whole(0, 86_400, "unit-s"),
            "config-notify-after",
            "config-notify-after-help",
        ),
        setting(
            "retention.logs_max_mb",
            Retention,
            whole(1, 1_000_000, "unit-mb"),
            "config-logs-max",
            "config-logs-max-help",
        ),
        setting(
            "retention.log_max_mb_per_job",
            Retention,
            whole(1, 100_000, "unit-mb"),
            "config-log-max-per-job",
            "config-log-max-per-job-help",
        ),
        setting(
            "retention.samples_max_mb",
            Retention,
            whole(1, 1_000_000, "unit-mb"),
            "config-samples-max",
            "config-samples-max-help",
        ),
        setting(
            "retention.artifacts_max_mb",
            Retention,
            whole(1, 10_000_000, "unit-mb"),
            "config-artifacts-max",
            "config-artifacts-max-help",
        ),
        setting(
            "retention.runs_max_days",
            Retention,
            whole(1, 36_500, "unit-d"),
            "config-runs-max-days",
            "config-runs-max-days-help",
        ),
        setting(
            "retention.undo_max_entries",
            Retention,
            count(1, 10_000),
            "config-undo-max-entries",
            "config-undo-max-entries-help",
        ),
        setting(
            "retention.undo_max_mb",
            Retention,
            whole(1, 1_000_000, "unit-mb"),
            "config-undo-max-mb",
            "config-undo-max-mb-help",
        ),
        setting(
            "security.secrets",
            Security,
            Kind::Choice(&[
                ("auto", "config-secrets-auto"),
                ("keyring", "config-secrets-keyring"),
                ("file", "config-secrets-file"),
            ]),
            "config-secrets",
            "config-secrets-help",
        ),
    ]
}

/// The setting that a key belongs to; `tools.paths.git` belongs to `tools.paths`.
pub fn find(key: &str) -> Option<Setting> {
    settings().into_iter().find(|setting| {
        setting.key == key
            || setting.kind == Kind::Paths
                && key
                    .strip_prefix(setting.key)
                    .is_some_and(|rest| rest.starts_with('.') && rest.len() > 1)
    })
}

impl Setting {
    /// True when every word stands in its key, name or explanation.
    pub fn matches(&self, key: &str, words: &str, texts: &crate::base::Catalog) -> bool {
        let all = format!("{key}\n{}\n{}", texts.t(self.label), texts.t(self.help)).to_lowercase();
        words.split_whitespace().all(|word| all.contains(&word.to_lowercase()))
    }
}

/// A TOML list of texts.
pub fn toml_list(words: &[String]) -> String {
    toml::Value::Array(words.iter().cloned().map(toml::Value::String).collect()).to_string()
}

/// A value as people type it, as TOML: lists may be written as words.
pub fn typed(key: &str, value: &str) -> String {
    let kind = settings()
        .into_iter()
        .find(|setting| setting.key == key)
        .map(|setting| setting.kind);
    match kind {
        Some(Kind::Words) if !value.trim_start().starts_with('[') => toml_list(&split_words(value)),
        _ => value.to_owned(),
    }
}
