//! Secrets in files: each sealed with age for one key, whose own file only the user may read; a passphrase may protect that too.
//! Writing needs the public half alone, so no older secret is ever opened or written again when a new one is set.

use super::{Asker, PASSPHRASE_VAR};
use crate::base::{Hidden, Problem};
use crate::files;
use crate::masks::Masks;
use crate::msg;
use age::secrecy::{ExposeSecret as _, SecretString};
use age::{DecryptError, x25519};
use std::fs::File;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

pub(super) const MAX_BYTES: u64 = 1 << 20;
/// scrypt's work (2^17): about half a second for each guess.
const WORK: u8 = 17;
const SEALED_HEAD: &[u8] = b"age-encryption.org/";

/// The key that opens the files.
pub(super) struct Key {
    /// Its secret half, as it is or sealed with a passphrase.
    identity: PathBuf,
    /// Its public half.
    recipient: PathBuf,
    masks: Masks,
    opened: Mutex<Option<x25519::Identity>>,
}

impl Key {
    pub(super) fn new(identity: PathBuf, recipient: PathBuf, masks: Masks) -> Self {
        Self {
            identity,
            recipient,
            masks,
            opened: Mutex::default(),
        }
    }

    fn opened(&self) -> MutexGuard<'_, Option<x25519::Identity>> {
        self.opened.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn is_protected(&self) -> bool {
        files::read(&self.identity, MAX_BYTES).is_ok_and(|bytes| bytes.starts_with(SEALED_HEAD))
    }

    pub(super) fn is_locked(&self) -> bool {
        self.is_protected() && self.opened().is_none()
    }

    pub(super) fn seal(&self, bytes: &[u8]) -> Result<Vec<u8>, Problem> {
        let sealed = age::encrypt(&self.recipient()?, bytes);
        sealed.map_err(|error| Problem::internal(msg!("secret-failed")).details(error))
    }

    pub(super) fn unseal(&self, path: &Path, sealed: &[u8], asker: Option<&Asker>) -> Result<Vec<u8>, Problem> {
        let identity = self.identity(asker)?;
        age::decrypt(&identity, sealed).map_err(|error| {
            Problem::environment(msg!("secret-file-broken", path = path))
                .code("secret-unreadable")
                .details(error)
                .hint(msg!("secret-file-broken-hint"))
        })
    }

    /// The public half; makes a key where there is none.
    fn recipient(&self) -> Result<x25519::Recipient, Problem> {
        let _alone = self.alone()?;
        if let Some(text) = files::read_text_if_there(&self.recipient, MAX_BYTES)? {
            // What nobody could open any more is not sealed.
            check_private(&self.identity)?;
            check_private(&self.recipient)?;
            return text.trim().parse().map_err(|error: &str| self.broken(&error));
        }
        let identity = if self.identity.exists() {
            self.identity(None)?
        } else {
            let identity = x25519::Identity::generate();
            self.write(&identity, None)?;
            identity
        };
        let recipient = identity.to_public();
        files::write_atomic_with_mode(&self.recipient, format!("{recipient}\n").as_bytes(), Some(0o600))?;
        Ok(recipient)
    }

    /// Nobody else makes or changes the key meanwhile.
    fn alone(&self) -> Result<File, Problem> {
        let path = self.recipient.with_file_name(".lock");
        let failed = |error: std::io::Error| files::write_problem(&path, &error);
        let file = File::options()
            .create(true)
            .append(true)
            .mode(0o600)
            .open(&path)
            .map_err(failed)?;
        rustix::fs::flock(&file, rustix::fs::FlockOperation::LockExclusive).map_err(|error| failed(error.into()))?;
        Ok(file)
    }

    fn write(&self, identity: &x25519::Identity, passphrase: Option<&Hidden>) -> Result<(), Problem> {
        let secret = identity.to_string();
        let text = format!(
            "# The key of Chantier's secrets. Who reads this file and {} reads them.\n# public key: {}\n{}\n",
            self.recipient.parent().unwrap_or(Path::new("")).display(),
            identity.to_public(),
            secret.expose_secret()
        );
        let bytes = match passphrase {
            None => text.into_bytes(),
            Some(passphrase) => {
                let mut recipient = age::scrypt::Recipient::new(secret_of(passphrase));
                recipient.set_work_factor(WORK);
                let sealed = age::encrypt(&recipient, text.as_bytes());
                sealed.map_err(|error| Problem::internal(msg!("secret-failed")).details(error))?
            }
        };
        files::write_atomic_with_mode(&self.identity, &bytes, Some(0o600))
    }

    /// The secret half. Where a passphrase protects it, that of the surroundings opens it, or the one that the user types.
    fn identity(&self, asker: Option<&Asker>) -> Result<x25519::Identity, Problem> {
        if let Some(identity) = self.opened().clone() {
            return Ok(identity);
        }
        check_private(&self.identity)?;
        let bytes = files::read(&self.identity, MAX_BYTES)?;
        if !bytes.starts_with(SEALED_HEAD) {
            return self.remember(&String::from_utf8_lossy(&bytes));
        }
        let of_surroundings = std::env::var(PASSPHRASE_VAR).ok().filter(|text| !text.is_empty());
        let passphrase = match (of_surroundings, asker) {
            (Some(text), _) => Hidden::new(text),
            (None, Some(asker)) => asker().ok_or_else(Problem::cancelled)?,
            (None, None) => {
                return Err(Problem::user(msg!("secret-locked"))
                    .code("secret-locked")
                    .hint(msg!("secret-locked-hint", variable = PASSPHRASE_VAR)));
            }
        };
        self.open(&bytes, &passphrase)
    }

    pub(super) fn unlock(&self, passphrase: &Hidden) -> Result<(), Problem> {
        check_private(&self.identity)?;
        let bytes = files::read(&self.identity, MAX_BYTES)?;
        if !bytes.starts_with(SEALED_HEAD) {
            return Ok(());
        }
        self.open(&bytes, passphrase).map(drop)
    }

    fn open(&self, sealed: &[u8], passphrase: &Hidden) -> Result<x25519::Identity, Problem> {
        self.masks.add(passphrase.reveal());
        let mut identity = age::scrypt::Identity::new(secret_of(passphrase));
        identity.set_max_work_factor(WORK + 5);
        let text = age::decrypt(&identity, sealed).map_err(|error| match error {
            DecryptError::DecryptionFailed | DecryptError::KeyDecryptionFailed | DecryptError::NoMatchingKeys => {
                Problem::user(msg!("secret-passphrase-wrong"))
                    .code("secret-passphrase")
                    .hint(msg!("secret-passphrase-wrong-hint"))
            }
            error => self.broken(&error),
        })?;
        self.remember(&String::from_utf8_lossy(&text))
    }

    fn remember(&self, text: &str) -> Result<x25519::Identity, Problem> {
        let line = text
            .lines()
            .map(str::trim)
            .find(|line| !line.is_empty() && !line.starts_with('#'));
        let identity: x25519::Identity = line.unwrap_or_default().parse().map_err(|error: &str| self.broken(&error))?;
        *self.opened() = Some(identity.clone());
        Ok(identity)
    }

    fn broken(&self, error: &dyn std::fmt::Display) -> Problem {
        Problem::environment(msg!("secret-key-broken", path = &self.identity))
            .code("secret-unreadable")
            .details(error)
            .hint(msg!("secret-key-broken-hint"))
    }

    pub(super) fn protect(&self, passphrase: Option<&Hidden>, asker: Option<&Asker>) -> Result<(), Problem> {
        self.recipient()?;
        let _alone = self.alone()?;
        let identity = self.identity(asker)?;
        if let Some(passphrase) = passphrase {
            self.masks.add(passphrase.reveal());
        }
        self.write(&identity, passphrase)
    }
}

fn secret_of(text: &Hidden) -> SecretString {
    SecretString::from(text.reveal().to_owned())
}

/// Fails when anybody but the user may read or write the file.
pub(super) fn check_private(path: &Path) -> Result<(), Problem> {
    let meta = std::fs::metadata(path).map_err(|error| files::read_problem(path, &error))?;
    let is_ours = meta.uid() == rustix::process::getuid().as_raw();
    let for_others = meta.mode() & 0o077;
    if is_ours && for_others == 0 {
        return Ok(());
    }
    Err(Problem::environment(msg!(
        "secret-file-open",
        path = path,
        mode = format!("{:04o}", meta.mode() & 0o7777)
    ))
    .code("secret-open")
    .hint(msg!("secret-file-open-hint", path = path)))
}
