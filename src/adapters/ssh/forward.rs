//! A socket of another machine, brought here over the kept connection: for the user alone, and gone with the connection.

use super::{Connection, Kept, Using, lock, trouble};
use crate::base::Problem;
use crate::process::{Cause, Cmd};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

const WITHIN: Duration = Duration::from_secs(20);
const MAX_SAID: usize = 16 * 1024;

/// Where the sockets of a machine are here, by their path there.
pub(super) type Forwards = tokio::sync::Mutex<BTreeMap<String, PathBuf>>;

/// The connection is kept for as long as this is.
pub struct Forward {
    path: PathBuf,
    _using: Using,
}

impl Forward {
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Connection {
    /// The socket with this path there. Whether anybody listens at it is seen by who speaks to it.
    pub async fn forward(&self, there: &str, cancel: &CancellationToken) -> Result<Forward, Problem> {
        self.kept.n_using.fetch_add(1, Ordering::SeqCst);
        let using = Using(Arc::clone(&self.kept));
        let mut known = self.kept.forwards.lock().await;
        if let Some(path) = known.get(there) {
            let path = path.clone();
            return Ok(Forward { path, _using: using });
        }
        let path = self.ssh.new_socket()?;
        // The settings of the user's made the connection; what they forward besides is not asked for here.
        let shown = |path: &Path| path.to_string_lossy().replace('%', "%%");
        let cmd = Cmd::new("ssh")
            .env("LC_ALL", "C")
            .args(["-F", "/dev/null", "-o", "BatchMode=yes", "-o"])
            .arg(format!("ControlPath={}", shown(&self.kept.socket)))
            .args(["-O", "forward", "-L"])
            .arg(format!("{}:{there}", shown(&path)))
            .args(["--", &self.host])
            .timeout(WITHIN);
        let output = self.ssh.processes.output(cmd, cancel, MAX_SAID).await?;
        match output.exit.cause {
            Cause::Cancelled => return Err(Problem::cancelled()),
            Cause::TimedOut => return Err(trouble::slow(&self.host)),
            _ if !output.exit.is_success() => {
                let words = String::from_utf8_lossy(&output.stderr).into_owned();
                return Err(trouble::lost(&self.host).details(words.trim()));
            }
            _ => {}
        }
        *lock(&self.kept.last_used) = Instant::now();
        known.insert(there.to_owned(), path.clone());
        Ok(Forward { path, _using: using })
    }
}

/// The connection has ended.
pub(super) async fn remove(kept: &Kept) {
    for path in kept.forwards.lock().await.values() {
        crate::files::remove_file(path).ok();
    }
}
