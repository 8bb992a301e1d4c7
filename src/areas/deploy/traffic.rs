//! HAProxy in front of an environment's instances: started here and found again, or adopted; which instance gets how much.
//! Instances come and go by its runtime API alone: nothing is reloaded, no connection is cut by a switch.

use super::Share;
use super::targets::{self, Site};
use crate::adapters::process::{Cmd, Detached};
use crate::adapters::proxy::{Answers, Proxy, Server, Taking};
use crate::adapters::store::instances::InstanceRow;
use crate::adapters::{World, deliver, files, http};
use crate::areas::devops::project::Traffic;
use crate::base::Problem;
use crate::msg;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Marks the HAProxy of an environment by its folder.
const MARK: &str = "CHANTIER_PROXY";
const BACKEND: &str = "instances";
/// Instances that one HAProxy of ours has places for, old and new ones together.
const PLACES: usize = 64;
/// What a server weighs that gets as much as every other one.
pub const FULL: u32 = 100;
/// How long HAProxy may take until it answers.
const START_LIMIT: Duration = Duration::from_secs(10);
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// The way in to one environment. Cheap to clone.
#[derive(Clone)]
pub struct Front {
    world: World,
    rules: Traffic,
    root: PathBuf,
    /// Of the HAProxy that is started here: configuration, socket, log.
    folder: PathBuf,
}

impl Front {
    /// None where nobody stands in front.
    pub fn of(site: &Site) -> Option<Self> {
        let rules = site.inputs.traffic.clone()?;
        Some(Self::new(
            &site.world,
            rules,
            site.inputs.root.clone(),
            site.folder.parent()?.join("proxy"),
        ))
    }

    pub fn new(world: &World, rules: Traffic, root: PathBuf, folder: PathBuf) -> Self {
        Self {
            world: world.clone(),
            rules,
            root,
            folder,
        }
    }

    /// HAProxy of ours runs before what was there, and nothing of these inputs asks for it any more.
    pub async fn is_left(site: &Site) -> bool {
        let wants = matches!(site.inputs.traffic, Some(Traffic::Haproxy { socket: None, .. }));
        let Some(folder) = site.folder.parent().filter(|_| !wants) else {
            return false;
        };
        running_in(&site.world, folder.join("proxy")).await.is_some()
    }

    /// Ends it.
    pub async fn close_left(site: &Site) {
        let Some(folder) = site.folder.parent() else { return };
        if let Some(known) = running_in(&site.world, folder.join("proxy")).await {
            site.world.processes().stop_detached(&known, Duration::from_secs(1)).await;
        }
    }

    fn proxy(&self) -> Proxy {
        let Traffic::Haproxy { socket, backend, .. } = &self.rules;
        match (socket, backend) {
            (Some(socket), Some(backend)) => Proxy {
                socket: self.root.join(socket),
                backend: backend.clone(),
            },
            _ => Proxy {
                socket: self.folder.join("admin.sock"),
                backend: BACKEND.to_owned(),
            },
        }
    }

    fn is_adopted(&self) -> bool {
        let Traffic::Haproxy { socket, .. } = &self.rules;
        socket.is_some()
    }

    /// Where it is asked, when that is known.
    pub fn address(&self) -> Option<(String, u16)> {
        let Traffic::Haproxy { listen, bind, .. } = &self.rules;
        Some((bind.clone(), (*listen)?))
    }

    fn drain_limit(&self) -> Duration {
        let Traffic::Haproxy { drain, .. } = &self.rules;
        drain.0
    }

    /// Fails when it could not take in so many further instances. Changes nothing.
    pub async fn check(&self, n_wanted: usize) -> Result<(), Problem> {
        if self.is_adopted() {
            let servers = self.proxy().servers().await?;
            let n_free = servers.iter().filter(|server| server.taking == Taking::Nothing).count();
            if n_free < n_wanted {
                return Err(no_place(&self.proxy(), n_free, n_wanted));
            }
            // A socket that only tells is known before anything is started: a server that takes nothing stays so.
            let free: Vec<Server> = servers
                .into_iter()
                .filter(|server| server.taking == Taking::Nothing)
                .take(1)
                .collect();
            self.proxy().set(&free).await?;
            return Ok(());
        }
        if n_wanted * 2 > PLACES {
            return Err(no_place(&self.proxy(), PLACES / 2, n_wanted));
        }
        self.program()?;
        // The one that runs has its port already, unless it listens elsewhere.
        let has_it = match self.running().await {
            Some(_) => self.written()?.is_some_and(|text| text.contains(&self.bound())),
            None => false,
        };
        if let Some((_, port)) = self.address()
            && !has_it
            && !http::is_port_free(port)
        {
            return Err(Problem::environment(msg!("deploy-port-taken", port = port.to_string()))
                .code("port-taken")
                .hint(msg!("deploy-listen-taken-hint")));
        }
        Ok(())
    }

    /// Debian keeps it where only root looks by itself.
    fn program(&self) -> Result<PathBuf, Problem> {
        let processes = self.world.processes();
        let found = ["haproxy", "/usr/sbin/haproxy", "/usr/local/sbin/haproxy"]
            .iter()
            .find_map(|name| processes.resolve(name, Some(&self.root)).ok());
        found.ok_or_else(|| {
            Problem::environment(msg!("deploy-no-haproxy"))
                .code("no-haproxy")
                .hint(msg!("deploy-no-haproxy-hint"))
        })
    }

    /// Starts it where it does not run. True when it was started just now and sends requests nowhere yet.
    pub async fn open(&self) -> Result<bool, Problem> {
        if self.is_adopted() {
            self.proxy().servers().await?;
            return Ok(false);
        }
        let (path, text) = (self.path(), self.config());
        if let Some(known) = self.running().await {
            if self.is_as_wanted()? && self.proxy().is_up().await {
                return Ok(false);
            }
            self.world.processes().stop_detached(&known, Duration::from_secs(1)).await;
        }
        files::create_private_dir(&self.folder)?;
        files::write_atomic(&path, text.as_bytes())?;
        let log = self.folder.join("haproxy.log");
        let cmd = Cmd::new(self.program()?)
            .args(["-db", "-f", "haproxy.cfg"])
            .cwd(&self.folder)
            .workspace(&self.root)
            .env(MARK, &self.folder);
        let handle = self.world.processes().start_detached(cmd, &log)?;
        let until = tokio::time::Instant::now() + START_LIMIT;
        while !self.proxy().is_up().await {
            if !self.world.processes().is_alive(&handle) || tokio::time::Instant::now() > until {
                self.world.processes().stop_detached(&handle, Duration::from_secs(1)).await;
                let words = deliver::last_lines(&log, 15, 64 * 1024);
                let words: Vec<_> = words.iter().map(|line| String::from_utf8_lossy(line)).collect();
                return Err(Problem::environment(msg!("deploy-haproxy-died"))
                    .code("no-proxy")
                    .details(crate::base::SafeText::multiline(&words.join("\n"))));
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
        Ok(true)
    }

    fn path(&self) -> PathBuf {
        self.folder.join("haproxy.cfg")
    }

    fn written(&self) -> Result<Option<String>, Problem> {
        files::read_text_if_there(&self.path(), files::MAX_TEXT_BYTES)
    }

    fn is_as_wanted(&self) -> Result<bool, Problem> {
        Ok(self.written()?.as_deref() == Some(&self.config()))
    }

    /// The one that runs was started with other rules: to open it is to end it first.
    pub async fn is_another(&self) -> Result<bool, Problem> {
        Ok(!self.is_adopted() && self.running().await.is_some() && !self.is_as_wanted()?)
    }

    /// Ends the one that was started here.
    pub async fn close(&self) {
        if let Some(known) = self.running().await {
            self.world.processes().stop_detached(&known, Duration::from_secs(1)).await;
        }
    }

    /// The one that was started here, by this program or another one before.
    async fn running(&self) -> Option<Detached> {
        running_in(&self.world, self.folder.clone()).await
    }

    fn bound(&self) -> String {
        let Traffic::Haproxy { listen, bind, .. } = &self.rules;
        format!("    bind {bind}:{}\n", listen.unwrap_or_default())
    }

    fn config(&self) -> String {
        let Traffic::Haproxy { mode, .. } = &self.rules;
        let bound = self.bound();
        let forwarded = match mode {
            crate::areas::devops::project::Mode::Http => "    timeout http-request 30s\n    option forwardfor\n",
            crate::areas::devops::project::Mode::Tcp => "",
        };
        format!(
            "# Written by Chantier; its servers are set while it runs.
global
    stats socket unix@admin.sock mode 600 level admin
defaults
    mode {}
    timeout connect 5s
    timeout client 1m
    timeout server 1m
{forwarded}    retries 3
    option redispatch
frontend front
{bound}    default_backend {BACKEND}
backend {BACKEND}
    balance roundrobin
    server-template s 1-{PLACES} 127.0.0.1:1 disabled
",
            mode.word()
        )
    }

    /// From now on these instances get requests by their weights, and those of `resting` only what their connections still bring.
    /// Servers of ours that belong to no instance any more give their places back.
    pub async fn route(&self, wanted: &[(&InstanceRow, u32)], resting: &[&InstanceRow]) -> Result<(), Problem> {
        let proxy = self.proxy();
        let servers = proxy.servers().await?;
        let ours: BTreeSet<String> = wanted
            .iter()
            .map(|(row, _)| *row)
            .chain(resting.iter().copied())
            .filter_map(address)
            .collect();
        let mut set = Vec::new();
        let mut used: BTreeSet<&str> = servers
            .iter()
            .filter(|server| server.taking != Taking::Nothing && (self.is_adopted() || ours.contains(&server.address)))
            .map(|server| server.name.as_str())
            .collect();
        for (row, weight) in wanted {
            let Some(address) = address(row) else { continue };
            let has = servers
                .iter()
                .find(|server| server.address == address && server.taking != Taking::Nothing);
            let place = has.or_else(|| servers.iter().find(|server| !used.contains(server.name.as_str())));
            let Some(place) = place else {
                return Err(no_place(&proxy, servers.len() - used.len(), wanted.len()));
            };
            used.insert(&place.name);
            set.push(Server {
                name: place.name.clone(),
                address,
                weight: *weight,
                taking: Taking::Requests,
                n_connections: 0,
                answers: Answers::default(),
            });
        }
        // HAProxy lets a server that comes wait by what all weigh at that moment: those that are there lose weight first, so that a share
        // holds from the first requests on.
        let comes = |set: &Server| {
            let is_there =
                |known: &Server| known.name == set.name && known.address == set.address && known.taking == Taking::Requests;
            set.weight == 0 || !servers.iter().any(is_there)
        };
        set.sort_by_key(comes);
        let rest: BTreeSet<String> = resting.iter().copied().filter_map(address).collect();
        for server in &servers {
            if server.taking == Taking::Nothing || set.iter().any(|set| set.name == server.name) {
                continue;
            }
            let taking = if rest.contains(&server.address) {
                Taking::Rest
            } else if self.is_adopted() {
                continue;
            } else {
                Taking::Nothing
            };
            set.push(Server {
                taking,
                ..server.clone()
            });
        }
        proxy.set(&set).await.map(drop)
    }

    /// Waits until no connection to these instances is left; gives how many are when the limit is over.
    pub async fn drain(&self, rows: &[&InstanceRow], stop: &CancellationToken) -> Result<u32, Problem> {
        self.turn(rows, Taking::Rest).await?;
        let until = tokio::time::Instant::now() + self.drain_limit();
        loop {
            let left: u32 = self.of_rows(rows).await?.iter().map(|server| server.n_connections).sum();
            if left == 0 || tokio::time::Instant::now() >= until {
                return Ok(left);
            }
            tokio::select! {
                () = stop.cancelled() => return Err(Problem::cancelled()),
                () = tokio::time::sleep(LOOK_EVERY) => {}
            }
        }
    }

    /// These instances give their places back.
    pub async fn leave(&self, rows: &[&InstanceRow]) -> Result<(), Problem> {
        self.turn(rows, Taking::Nothing).await
    }

    async fn turn(&self, rows: &[&InstanceRow], taking: Taking) -> Result<(), Problem> {
        let found = self.of_rows(rows).await?;
        let set: Vec<Server> = found.into_iter().map(|server| Server { taking, ..server }).collect();
        if set.is_empty() {
            return Ok(());
        }
        self.proxy().set(&set).await.map(drop)
    }

    async fn of_rows(&self, rows: &[&InstanceRow]) -> Result<Vec<Server>, Problem> {
        let addresses: BTreeSet<String> = rows.iter().copied().filter_map(address).collect();
        let mut servers = self.proxy().servers().await?;
        servers.retain(|server| server.taking != Taking::Nothing && addresses.contains(&server.address));
        Ok(servers)
    }

    /// What these instances together have answered; the mean is that of each by how much it answered.
    pub async fn answers(&self, rows: &[InstanceRow]) -> Result<Answers, Problem> {
        let rows: Vec<&InstanceRow> = rows.iter().collect();
        let each = self.of_rows(&rows).await?;
        let n: u64 = each.iter().map(|server| server.answers.n).sum();
        let all_ms: u64 = each.iter().map(|server| server.answers.mean_ms * server.answers.n).sum();
        Ok(Answers {
            n,
            n_bad: each.iter().map(|server| server.answers.n_bad).sum(),
            mean_ms: all_ms / n.max(1),
        })
    }

    /// How the requests are shared now, by version, as HAProxy says. Err when it does not answer.
    pub async fn shares(&self, rows: &[InstanceRow]) -> Result<Vec<Share>, Problem> {
        let servers = self.proxy().servers().await?;
        let mut shares: Vec<Share> = Vec::new();
        let mut weights = Vec::new();
        for row in rows {
            let Some(address) = address(row) else { continue };
            let Some(server) = servers
                .iter()
                .find(|server| server.address == address && server.taking != Taking::Nothing)
            else {
                continue;
            };
            let version = row.version.clone().unwrap_or_default();
            let weight = if server.taking == Taking::Requests { server.weight } else { 0 };
            match shares.iter().position(|share| share.version == version) {
                Some(at) => {
                    shares[at].n_servers += 1;
                    shares[at].n_connections += server.n_connections;
                    weights[at] += weight;
                }
                None => {
                    shares.push(Share {
                        version,
                        percent: 0,
                        n_servers: 1,
                        n_connections: server.n_connections,
                    });
                    weights.push(weight);
                }
            }
        }
        let all: u32 = weights.iter().sum();
        for (share, weight) in shares.iter_mut().zip(weights) {
            share.percent = (weight * 100 + all / 2).checked_div(all).unwrap_or(0);
        }
        Ok(shares)
    }
}

/// The HAProxy of this folder.
async fn running_in(world: &World, folder: PathBuf) -> Option<Detached> {
    let processes = world.processes().clone();
    let found = tokio::task::spawn_blocking(move || processes.detached_with(MARK, &folder.to_string_lossy()));
    found.await.ok()?.into_iter().next()
}

fn address(row: &InstanceRow) -> Option<String> {
    let (host, port) = targets::of_instance(row).address(row)?;
    Some(format!("{host}:{port}"))
}

fn no_place(proxy: &Proxy, n_free: usize, n_wanted: usize) -> Problem {
    let told = msg!(
        "deploy-no-place",
        backend = proxy.backend.as_str(),
        free = n_free,
        wanted = n_wanted
    );
    Problem::config(told).code("no-place").hint(msg!("deploy-no-place-hint"))
}

/// What one new and one old server weigh when the new ones together get this percentage of the requests.
pub fn weights(percent: u32, n_new: usize, n_old: usize) -> (u32, u32) {
    if n_old == 0 || n_new == 0 {
        return (FULL, FULL);
    }
    let new = u64::from(percent) * n_old as u64;
    let old = u64::from(100 - percent.min(100)) * n_new as u64;
    let (mut a, mut b) = (new, old);
    while b > 0 {
        (a, b) = (b, a % b);
    }
    let (new, old) = (new / a.max(1), old / a.max(1));
    // HAProxy takes weights up to 256.
    let most = new.max(old);
    let fit = |weight: u64| match weight {
        0 => 0,
        weight if most > 256 => ((weight * 256 + most / 2) / most).max(1) as u32,
        weight => weight as u32,
    };
    (fit(new), fit(old))
}
