//! The secrets of the program, outside of every repository: in the desktop's keyring (Secret Service) where it answers and keeps
//! what it is given, else each in a file encrypted with age. What is known of a secret without opening it is its name and place.

mod file;
pub mod handed;
mod service;
pub mod typed;

use super::files;
use super::masks::Masks;
use crate::base::settings::SecretPlace;
use crate::base::{Hidden, Problem, Timestamp};
use crate::msg;
use file::Key;
use futures::future::BoxFuture;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

/// How a file refers to a secret.
pub const PREFIX: &str = "secret:";
/// Where the passphrase is looked for when nobody can be asked: never on a command line.
pub const PASSPHRASE_VAR: &str = "CHANTIER_SECRETS_PASSPHRASE";
pub const MAX_VALUE_BYTES: usize = 64 * 1024;
const MAX_NAME_LEN: usize = 64;
/// Values before the present one that are still masked: what runs may have been started with one of them.
const FORMER: usize = 5;
const SEALED: &str = "age";
/// An empty file that says: this one is in the keyring.
const MARKER: &str = "keyring";

/// Asks the user for the passphrase; None when they gave it up. Blocks.
pub type Asker = Arc<dyn Fn() -> Option<Hidden> + Send + Sync>;

/// Where a secret is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    Keyring,
    File,
}

/// A secret, as far as anybody may know it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    pub name: String,
    pub place: Place,
    /// When its value was set.
    pub set_at: Option<Timestamp>,
    /// Its file can be read by others, and is not used.
    pub is_open: bool,
}

/// What is sealed.
#[derive(Serialize, Deserialize)]
struct Entry {
    /// A file that was renamed is no other secret.
    name: String,
    value: String,
    #[serde(default)]
    former: Vec<String>,
}

/// The store. Cheap to clone; says nothing of its content when printed.
#[derive(Clone)]
pub struct Secrets(Arc<Inner>);

struct Inner {
    folder: PathBuf,
    key: Key,
    masks: Masks,
    wanted: RwLock<SecretPlace>,
    asker: RwLock<Option<Asker>>,
    /// Values that were resolved, for those who can not wait.
    held: Mutex<BTreeMap<String, Hidden>>,
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Secrets({})", self.0.folder.display())
    }
}

/// The name that a value refers to: the value is nothing but `secret:NAME`.
pub fn reference(value: &str) -> Option<&str> {
    value.trim().strip_prefix(PREFIX)
}

/// Fails when a secret can not have this name.
pub fn check_name(name: &str) -> Result<(), Problem> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if name.is_empty() || name.len() > MAX_NAME_LEN || name.starts_with(['-', '.']) || !name.chars().all(is_plain) {
        return Err(Problem::user(msg!("secret-name-wrong", name = name))
            .code("secret-name")
            .hint(msg!("secret-name-wrong-hint")));
    }
    Ok(())
}

/// A name that nothing is kept under.
pub fn missing(name: &str) -> Problem {
    Problem::user(msg!("secret-missing", name = name))
        .code("no-secret")
        .hint(msg!("secret-missing-hint", name = name))
}

impl Secrets {
    pub fn new(data: &Path, settings: &Path, masks: Masks) -> Self {
        let folder = data.join("secrets");
        Self(Arc::new(Inner {
            key: Key::new(settings.join("secrets-identity"), folder.join("recipient"), masks.clone()),
            folder,
            masks,
            wanted: RwLock::default(),
            asker: RwLock::default(),
            held: Mutex::default(),
        }))
    }

    /// Takes over where the user wants new values to be kept.
    pub fn configure(&self, wanted: SecretPlace) {
        *self.0.wanted.write().unwrap_or_else(PoisonError::into_inner) = wanted;
    }

    /// From now on somebody can be asked for the passphrase.
    pub fn ask_with(&self, asker: Asker) {
        *self.0.asker.write().unwrap_or_else(PoisonError::into_inner) = Some(asker);
    }

    fn asker(&self) -> Option<Asker> {
        self.0.asker.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn held(&self) -> MutexGuard<'_, BTreeMap<String, Hidden>> {
        self.0.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn sealed(&self, name: &str) -> PathBuf {
        self.0.folder.join(format!("{name}.{SEALED}"))
    }

    fn marker(&self, name: &str) -> PathBuf {
        self.0.folder.join(format!("{name}.{MARKER}"))
    }

    /// Every secret, by name. Opens none and asks nobody.
    pub fn list(&self) -> Result<Vec<Kept>, Problem> {
        if !self.0.folder.is_dir() {
            return Ok(Vec::new());
        }
        let mut found: BTreeMap<String, Kept> = BTreeMap::new();
        for entry in files::list_dir(&self.0.folder)? {
            let name = entry.name.to_string_lossy();
            let Some((name, kind)) = name.rsplit_once('.') else { continue };
            let place = match kind {
                SEALED => Place::File,
                MARKER => Place::Keyring,
                _ => continue,
            };
            if check_name(name).is_err() || (place == Place::Keyring && found.contains_key(name)) {
                continue;
            }
            let kept = Kept {
                name: name.to_owned(),
                place,
                set_at: entry.modified,
                is_open: place == Place::File && file::check_private(&entry.path).is_err(),
            };
            found.insert(name.to_owned(), kept);
        }
        Ok(found.into_values().collect())
    }

    /// There is a secret of this name.
    pub fn has(&self, name: &str) -> bool {
        check_name(name).is_ok() && (self.sealed(name).exists() || self.marker(name).exists())
    }

    /// The files are opened with a passphrase.
    pub fn is_protected(&self) -> bool {
        self.0.key.is_protected()
    }

    /// The passphrase is wanted, and was not given yet.
    pub fn is_locked(&self) -> bool {
        self.0.key.is_locked()
    }

    /// Where a value that is set now would be kept. `may_ask`: the user may be asked to unlock the keyring.
    pub async fn place(&self, may_ask: bool) -> Result<Place, Problem> {
        let wanted = *self.0.wanted.read().unwrap_or_else(PoisonError::into_inner);
        match wanted {
            SecretPlace::File => Ok(Place::File),
            SecretPlace::Keyring => service::check(may_ask)
                .await
                .map(|()| Place::Keyring)
                .map_err(service::Why::problem),
            SecretPlace::Auto => match service::check(may_ask).await {
                Ok(()) => Ok(Place::Keyring),
                Err(why) if why.is_absence() => Ok(Place::File),
                Err(why) => Err(why.problem()),
            },
        }
    }

    /// Keeps a value under a name; from now on it is masked wherever it appears. What is kept under other names is not touched.
    pub async fn set(&self, name: &str, value: &Hidden) -> Result<Place, Problem> {
        check_name(name)?;
        let text = value.reveal();
        if text.is_empty() || text.len() > MAX_VALUE_BYTES || text.contains('\0') {
            return Err(Problem::user(msg!("secret-value-wrong", name = name))
                .code("secret-value")
                .hint(msg!("secret-value-wrong-hint", kib = MAX_VALUE_BYTES / 1024)));
        }
        self.0.masks.add(text);
        let place = self.place(true).await?;
        let mut former = Vec::new();
        if self.has(name) {
            match self.read(name).await {
                Ok(entry) => {
                    former = entry.former;
                    if entry.value != text {
                        former.insert(0, entry.value);
                    }
                    former.truncate(FORMER);
                }
                // What can not be read any more is there to be replaced.
                Err(problem) if matches!(&*problem.code, "secret-unreadable" | "no-secret") => {}
                Err(problem) => return Err(problem),
            }
        }
        let entry = Entry {
            name: name.to_owned(),
            value: text.to_owned(),
            former,
        };
        let bytes = serde_json::to_vec(&entry).unwrap_or_default();
        let (own, name) = (self.clone(), name.to_owned());
        match place {
            Place::Keyring => {
                service::set(&self.0.folder, &name, &bytes)
                    .await
                    .map_err(service::Why::problem)?;
                blocking(move || {
                    files::create_private_dir(&own.0.folder)?;
                    files::write_atomic_with_mode(&own.marker(&name), b"", Some(0o600))?;
                    // It counts before the keyring, so it goes last.
                    files::remove_file(&own.sealed(&name))?;
                    own.held().remove(&name);
                    Ok(())
                })
                .await?;
            }
            Place::File => {
                let was_marked = self.marker(&name).exists();
                let of_file = name.clone();
                blocking(move || {
                    files::create_private_dir(&own.0.folder)?;
                    let sealed = own.0.key.seal(&bytes)?;
                    files::write_atomic_with_mode(&own.sealed(&of_file), &sealed, Some(0o600))?;
                    own.held().remove(&of_file);
                    Ok(())
                })
                .await?;
                if was_marked {
                    self.forget_in_keyring(&name).await?;
                }
            }
        }
        Ok(place)
    }

    /// Removes a secret with everything that is known of it.
    pub async fn remove(&self, name: &str) -> Result<(), Problem> {
        check_name(name)?;
        if !self.has(name) {
            return Err(missing(name));
        }
        if self.marker(name).exists() {
            self.forget_in_keyring(name).await?;
        }
        files::remove_file(&self.sealed(name))?;
        self.held().remove(name);
        Ok(())
    }

    async fn forget_in_keyring(&self, name: &str) -> Result<(), Problem> {
        service::remove(&self.0.folder, name).await.map_err(service::Why::problem)?;
        files::remove_file(&self.marker(name))
    }

    /// Makes the values of these names ready for `value`, as they are now. The first that can not be had is told.
    pub async fn resolve(&self, names: impl IntoIterator<Item = &str>) -> Result<(), Problem> {
        for name in names {
            let entry = self.read(name).await?;
            self.held().insert(name.to_owned(), Hidden::new(entry.value));
        }
        Ok(())
    }

    /// A value that was resolved.
    pub fn value(&self, name: &str) -> Result<Hidden, Problem> {
        self.held().get(name).cloned().ok_or_else(|| missing(name))
    }

    /// Learns every value that can be had without asking anybody, so that it is masked. What can not be had is left out; it is a
    /// problem only when nobody can tell which there are.
    pub async fn learn(&self) -> Result<(), Problem> {
        let kept = self.list().map_err(|problem| problem.hint(msg!("secrets-not-masked-hint")))?;
        for kept in kept {
            if kept.place == Place::File && self.is_locked() {
                continue;
            }
            drop(self.read_quietly(&kept.name).await);
        }
        Ok(())
    }

    async fn read(&self, name: &str) -> Result<Entry, Problem> {
        self.read_with(name, true).await
    }

    async fn read_quietly(&self, name: &str) -> Result<Entry, Problem> {
        self.read_with(name, false).await
    }

    fn read_with<'a>(&'a self, name: &'a str, may_ask: bool) -> BoxFuture<'a, Result<Entry, Problem>> {
        Box::pin(self.read_now(name, may_ask))
    }

    async fn read_now(&self, name: &str, may_ask: bool) -> Result<Entry, Problem> {
        check_name(name)?;
        let path = self.sealed(name);
        let bytes = if path.exists() {
            let (own, asker) = (self.clone(), self.asker().filter(|_| may_ask));
            blocking(move || {
                file::check_private(&path)?;
                let sealed = files::read(&path, file::MAX_BYTES)?;
                own.0.key.unseal(&path, &sealed, asker.as_ref())
            })
            .await?
        } else if self.marker(name).exists() {
            let found = service::get(&self.0.folder, name, may_ask).await;
            found.map_err(service::Why::problem)?
        } else {
            return Err(missing(name));
        };
        let entry: Entry = serde_json::from_slice(&bytes).map_err(|_| unreadable(name))?;
        if entry.name != name {
            return Err(unreadable(name));
        }
        for value in entry.former.iter().chain([&entry.value]) {
            self.0.masks.add(value);
        }
        Ok(entry)
    }

    /// Opens what a passphrase protects, for as long as the program runs.
    pub async fn unlock(&self, passphrase: Hidden) -> Result<(), Problem> {
        let own = self.clone();
        blocking(move || own.0.key.unlock(&passphrase)).await?;
        self.learn().await
    }

    /// From now on the files open with this passphrase; None: with the key's file alone.
    pub async fn protect(&self, passphrase: Option<Hidden>) -> Result<(), Problem> {
        let (own, asker) = (self.clone(), self.asker());
        blocking(move || {
            files::create_private_dir(&own.0.folder)?;
            own.0.key.protect(passphrase.as_ref(), asker.as_ref())
        })
        .await
    }
}

fn unreadable(name: &str) -> Problem {
    Problem::environment(msg!("secret-unreadable", name = name))
        .code("secret-unreadable")
        .hint(msg!("secret-unreadable-hint", name = name))
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T, Problem> + Send + 'static) -> Result<T, Problem> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) => Err(Problem::internal(msg!("secret-failed")).details(error)),
    }
}
