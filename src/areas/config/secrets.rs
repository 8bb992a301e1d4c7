//! The secrets as Configuration shows and changes them: names, where each is kept, and which project files refer to it. Never a value.

use super::Update;
use crate::adapters::World;
use crate::adapters::secrets::{self, Place, typed};
use crate::areas::JobCtx;
use crate::areas::devops::project::alerts::ChannelKind;
use crate::areas::devops::project::checks::CheckKind;
use crate::areas::devops::project::{self, ProjectFile};
use crate::base::{Catalog, Hidden, Lang, Msg, Problem, Timestamp};
use crate::msg;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// What can be asked of the secrets. Values without a word of the user's yet are asked for at the terminal, or read from standard input.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "snake_case")]
pub enum Act {
    List,
    Set {
        name: String,
        value: Option<Hidden>,
        lang: Lang,
    },
    Remove {
        name: String,
    },
    /// For as long as the program runs.
    Unlock {
        passphrase: Hidden,
    },
    Protect {
        passphrase: Option<Hidden>,
        lang: Lang,
    },
    Unprotect,
}

/// Somewhere that a secret is referred to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Use {
    pub workspace: String,
    pub file: PathBuf,
    /// `production: env.DB_PASSWORD`.
    pub place: String,
}

/// One secret, or one that is referred to and not there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Secret {
    pub name: String,
    /// None: it is not there.
    pub place: Option<Place>,
    pub set_at: Option<Timestamp>,
    /// Others can read its file: it is not used until they can not.
    pub is_open: bool,
    pub uses: Vec<Use>,
}

/// Everything that may be known.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Seen {
    pub secrets: Vec<Secret>,
    /// Where a value that is set now would be kept.
    pub place: Option<Place>,
    /// Why it could not be kept.
    pub hindrance: Option<Problem>,
    pub is_protected: bool,
    pub is_locked: bool,
    pub at: Timestamp,
}

/// What a job of this is called.
pub(super) fn title(act: &Act) -> Msg {
    match act {
        Act::List => msg!("config-job-secrets"),
        Act::Set { name, .. } => msg!("config-job-secret-set", name = name.as_str()),
        Act::Remove { name } => msg!("config-job-secret-remove", name = name.as_str()),
        Act::Unlock { .. } => msg!("config-job-secret-unlock"),
        Act::Protect { .. } => msg!("config-job-secret-protect"),
        Act::Unprotect => msg!("config-job-secret-unprotect"),
    }
}

/// Does it, and tells what there is then.
pub(super) async fn carry_out(cx: &JobCtx, world: &World, root: Option<PathBuf>, act: Act) -> Result<(), Problem> {
    let store = world.secrets();
    match act {
        Act::List => {}
        Act::Set { name, value, lang } => {
            secrets::check_name(&name)?;
            let value = match value {
                Some(value) => value,
                None => ask(cx, lang, msg!("config-secret-ask", name = name.as_str())).await?,
            };
            store.set(&name, &value).await?;
        }
        Act::Remove { name } => store.remove(&name).await?,
        Act::Unlock { passphrase } => store.unlock(passphrase).await?,
        Act::Protect { passphrase, lang } => {
            let passphrase = match passphrase {
                Some(passphrase) => passphrase,
                None => twice(cx, lang).await?,
            };
            if passphrase.is_empty() {
                return Err(Problem::user(msg!("config-passphrase-empty")).code("secret-passphrase"));
            }
            store.protect(Some(passphrase)).await?;
        }
        Act::Unprotect => store.protect(None).await?,
    }
    cx.update(Update::SecretsListed(Box::new(look(cx, world, root).await?))).await;
    Ok(())
}

async fn ask(cx: &JobCtx, lang: Lang, words: Msg) -> Result<Hidden, Problem> {
    let prompt = format!("{} ", Catalog::new(lang).msg(&words));
    cx.blocking(move |_| typed::value(&prompt)).await
}

/// Somebody who types what he does not see makes mistakes; a pipe does not.
async fn twice(cx: &JobCtx, lang: Lang) -> Result<Hidden, Problem> {
    let first = ask(cx, lang, msg!("config-passphrase-ask")).await?;
    if typed::is_terminal() && ask(cx, lang, msg!("config-passphrase-again")).await? != first {
        return Err(Problem::user(msg!("config-passphrase-differs")).code("secret-passphrase"));
    }
    Ok(first)
}

async fn look(cx: &JobCtx, world: &World, root: Option<PathBuf>) -> Result<Seen, Problem> {
    let rows = world.store().workspaces().list().await?;
    let mut roots: BTreeMap<PathBuf, String> = rows.into_iter().map(|row| (row.root.clone(), row.name)).collect();
    if let Some(root) = root {
        let name = root.file_name().unwrap_or_default().to_string_lossy().into_owned();
        roots.entry(root).or_insert(name);
    }
    let kept = world.secrets().list()?;
    let mut uses = cx.blocking(move |_| Ok(uses_in(&roots))).await?;
    let mut found: Vec<Secret> = kept
        .into_iter()
        .map(|kept| Secret {
            uses: uses.remove(&kept.name).unwrap_or_default().into_iter().collect(),
            name: kept.name,
            place: Some(kept.place),
            set_at: kept.set_at,
            is_open: kept.is_open,
        })
        .collect();
    found.extend(uses.into_iter().map(|(name, uses)| Secret {
        name,
        place: None,
        set_at: None,
        is_open: false,
        uses: uses.into_iter().collect(),
    }));
    found.sort_by(|a, b| a.name.cmp(&b.name));
    let (place, hindrance) = match world.secrets().place(false).await {
        Ok(place) => (Some(place), None),
        Err(problem) => (None, Some(problem)),
    };
    Ok(Seen {
        secrets: found,
        place,
        hindrance,
        is_protected: world.secrets().is_protected(),
        is_locked: world.secrets().is_locked(),
        at: cx.now(),
    })
}

fn uses_in(roots: &BTreeMap<PathBuf, String>) -> BTreeMap<String, BTreeSet<Use>> {
    let mut found: BTreeMap<String, BTreeSet<Use>> = BTreeMap::new();
    for (root, workspace) in roots {
        let file = root.join(project::FILE_NAME);
        for (name, place) in references(&project::read_as_far(root).0) {
            found.entry(name).or_default().insert(Use {
                workspace: workspace.clone(),
                file: file.clone(),
                place,
            });
        }
    }
    found
}

/// Every reference of a project file, with its place.
fn references(project: &ProjectFile) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut add = |value: &str, place: String| {
        found.extend(project::secrets_in(value).into_iter().map(|name| (name, place.clone())));
    };
    let env_of = |owner: &str, env: &BTreeMap<String, String>| -> Vec<(String, String)> {
        env.iter()
            .map(|(name, value)| (value.clone(), format!("{owner}: env.{name}")))
            .collect()
    };
    let mut envs: Vec<(String, String)> = Vec::new();
    for task in &project.tasks {
        envs.extend(env_of(&format!("task {}", task.name), &task.env));
    }
    envs.extend(env_of("test", &project.test.env));
    for pipeline in &project.pipelines {
        envs.extend(env_of(&format!("pipeline {}", pipeline.name), &pipeline.env));
        for job in &pipeline.jobs {
            let owner = format!("pipeline {}, job {}", pipeline.name, job.name);
            envs.extend(env_of(&owner, &job.env));
            envs.extend(job.steps.iter().flat_map(|step| env_of(&owner, &step.env)));
        }
    }
    for (value, place) in envs {
        add(&value, place);
    }
    for environment in &project.environments {
        for (name, value) in &environment.env {
            add(value, format!("{}: env.{name}", environment.name));
        }
        if let Some(password) = environment.database.as_ref().and_then(|rules| rules.password.as_deref()) {
            add(password, format!("{}: database.password", environment.name));
        }
    }
    for check in &project.checks {
        let place = |key: &str| format!("check {}: {key}", check.name);
        match &check.kind {
            CheckKind::Http(http) => {
                for (name, value) in &http.headers {
                    add(value, place(&format!("headers.{name}")));
                }
            }
            CheckKind::Command(command) => {
                for (name, value) in &command.env {
                    add(value, place(&format!("env.{name}")));
                }
            }
            CheckKind::Postgres(postgres) => {
                if let Some(password) = &postgres.password {
                    add(password, place("password"));
                }
            }
            _ => {}
        }
    }
    for channel in &project.channels {
        let place = |key: &str| format!("notify {}: {key}", channel.common.name);
        match &channel.kind {
            ChannelKind::Webhook(webhook) => {
                for (name, value) in &webhook.headers {
                    add(value, place(&format!("headers.{name}")));
                }
            }
            ChannelKind::Email(email) => {
                if let Some(password) = &email.password {
                    add(password, place("password"));
                }
            }
            _ => {}
        }
    }
    if let Some(password) = &project.release.sign_password {
        add(password, "release.sign_password".to_owned());
    }
    found
}

/// A problem for each reference to a secret that is not there, at its place in the text.
pub(super) fn lacking(world: &World, project: &ProjectFile, text: &str, file: &Path) -> Vec<Problem> {
    let names: BTreeSet<String> = references(project).into_iter().map(|(name, _)| name).collect();
    let lacking = names
        .into_iter()
        .filter(|name| secrets::check_name(name).is_ok() && !world.secrets().has(name));
    lacking
        .map(|name| {
            let reference = format!("{}{name}", secrets::PREFIX);
            // Not where a longer name only begins with it.
            let is_whole = |at: &usize| {
                let next = text[at + reference.len()..].chars().next();
                !next.is_some_and(|c| c.is_alphanumeric() || "-_.".contains(c))
            };
            let at = text.match_indices(&reference).map(|(at, _)| at).find(is_whole).unwrap_or(0);
            secrets::missing(&name).at_byte(file, text, at)
        })
        .collect()
}
