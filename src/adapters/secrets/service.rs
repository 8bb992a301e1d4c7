//! Secrets in the keyring of the desktop, by the Secret Service of D-Bus: only in a collection that outlives the session.

use crate::base::Problem;
use crate::msg;
use futures::future::BoxFuture;
use secret_service::{Collection, EncryptionType, Error, SecretService};
use std::collections::HashMap;
use std::path::Path;
use std::time::Duration;

/// How long the service may take for an answer that needs nobody.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long the user may take to unlock it.
const ASKED: Duration = Duration::from_secs(90);
/// It is gone when the user logs out.
const OF_SESSION: &str = "/org/freedesktop/secrets/collection/session";
const CONTENT: &str = "application/json";

/// Why the keyring can not be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Why {
    /// No D-Bus, no service there, or none that keeps anything.
    Absent(String),
    Locked,
    /// There is no such secret in it any more.
    Gone,
    Failed(String),
}

impl Why {
    /// There is no keyring at all.
    pub(super) fn is_absence(&self) -> bool {
        matches!(self, Self::Absent(_))
    }

    pub(super) fn problem(self) -> Problem {
        match self {
            Self::Absent(words) => Problem::environment(msg!("secret-no-keyring"))
                .code("no-keyring")
                .details(words)
                .hint(msg!("secret-no-keyring-hint")),
            Self::Locked => Problem::environment(msg!("secret-keyring-locked"))
                .code("secret-locked")
                .hint(msg!("secret-keyring-locked-hint")),
            Self::Gone => Problem::environment(msg!("secret-keyring-gone"))
                .code("no-secret")
                .hint(msg!("secret-keyring-gone-hint")),
            Self::Failed(words) => Problem::environment(msg!("secret-keyring-failed"))
                .code("keyring")
                .details(words)
                .hint(msg!("secret-no-keyring-hint")),
        }
    }
}

impl From<Error> for Why {
    fn from(error: Error) -> Self {
        match error {
            Error::Locked | Error::Prompt | Error::PromptDisconnected => Self::Locked,
            Error::Unavailable => Self::Absent(error.to_string()),
            Error::NoResult => Self::Gone,
            error => Self::Failed(error.to_string()),
        }
    }
}

/// Boxed, as everything here: D-Bus has deep types, and nobody else shall have to look into them.
type Asked<'a, T> = BoxFuture<'a, Result<T, Why>>;

/// Whether values would be kept there. Unlocks it where somebody may and can be asked.
pub(super) fn check(may_ask: bool) -> Asked<'static, ()> {
    Box::pin(async move {
        let service = connect().await?;
        let collection = default(&service).await?;
        unlocked(&collection, may_ask).await
    })
}

pub(super) fn set<'a>(home: &'a Path, name: &'a str, content: &'a [u8]) -> Asked<'a, ()> {
    Box::pin(async move {
        let service = connect().await?;
        let collection = default(&service).await?;
        unlocked(&collection, true).await?;
        let home = home.display().to_string();
        let label = format!("Chantier: {name}");
        let made = collection.create_item(&label, attributes(&home, name), content, true, CONTENT);
        within(made).await.map(drop)
    })
}

pub(super) fn get<'a>(home: &'a Path, name: &'a str, may_ask: bool) -> Asked<'a, Vec<u8>> {
    Box::pin(async move {
        let service = connect().await?;
        let home = home.display().to_string();
        let found = within(service.search_items(attributes(&home, name))).await?;
        let item = match (found.unlocked.into_iter().next(), found.locked.into_iter().next()) {
            (Some(item), _) => item,
            (None, Some(item)) if may_ask && has_screen() => {
                let unlocking = tokio::time::timeout(ASKED, item.unlock()).await;
                unlocking.map_err(|_| Why::Locked)??;
                item
            }
            (None, Some(_)) => return Err(Why::Locked),
            (None, None) => return Err(Why::Gone),
        };
        within(item.get_secret()).await
    })
}

pub(super) fn remove<'a>(home: &'a Path, name: &'a str) -> Asked<'a, ()> {
    Box::pin(async move {
        let service = connect().await?;
        let home = home.display().to_string();
        let found = within(service.search_items(attributes(&home, name))).await?;
        if !found.locked.is_empty() {
            let collection = default(&service).await?;
            unlocked(&collection, true).await?;
        }
        for item in found.unlocked.iter().chain(&found.locked) {
            within(item.delete()).await?;
        }
        Ok(())
    })
}

/// What an item is found by; homes have secrets each of their own.
fn attributes<'a>(home: &'a str, name: &'a str) -> HashMap<&'a str, &'a str> {
    HashMap::from([("application", "chantier"), ("home", home), ("name", name)])
}

fn connect() -> Asked<'static, SecretService<'static>> {
    Box::pin(async {
        match tokio::time::timeout(PATIENCE, SecretService::connect(EncryptionType::Dh)).await {
            Ok(Ok(service)) => Ok(service),
            // Whatever keeps it from answering: there is none that could be used.
            Ok(Err(error)) => Err(Why::Absent(error.to_string())),
            Err(_) => Err(Why::Absent(String::new())),
        }
    })
}

/// The collection that new items go to, when it outlives the session.
async fn default<'a>(service: &'a SecretService<'_>) -> Result<Collection<'a>, Why> {
    let found = within(service.get_default_collection()).await;
    match found {
        Ok(collection) if collection.collection_path.as_str() == OF_SESSION => Err(Why::Absent(OF_SESSION.to_owned())),
        Ok(collection) => Ok(collection),
        Err(Why::Gone) => Err(Why::Absent(String::new())),
        Err(why) => Err(why),
    }
}

async fn unlocked(collection: &Collection<'_>, may_ask: bool) -> Result<(), Why> {
    if !within(collection.is_locked()).await? {
        return Ok(());
    }
    if !may_ask || !has_screen() {
        return Err(Why::Locked);
    }
    let unlocking = tokio::time::timeout(ASKED, collection.unlock()).await;
    unlocking.map_err(|_| Why::Locked)??;
    if within(collection.is_locked()).await? {
        return Err(Why::Locked);
    }
    Ok(())
}

/// The service asks the user in a window of its own.
fn has_screen() -> bool {
    ["WAYLAND_DISPLAY", "DISPLAY"]
        .iter()
        .any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
}

async fn within<T>(asked: impl Future<Output = Result<T, Error>>) -> Result<T, Why> {
    match tokio::time::timeout(PATIENCE, asked).await {
        Ok(answer) => answer.map_err(Why::from),
        Err(_) => Err(Why::Failed(format!("{} s", PATIENCE.as_secs()))),
    }
}
