//! A whole machine at one moment, as plain data: processes, disks, network, ports, sensors.

use super::Timestamp;
use serde::{Deserialize, Serialize};
use std::net::{IpAddr, SocketAddr};

/// One process.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct HostProcess {
    pub pid: u32,
    pub parent: u32,
    /// In clock ticks since boot: with the number it names the process for good.
    pub start: u64,
    pub name: String,
    /// Its arguments, secrets masked; empty for the kernel's own.
    pub command: String,
    pub user: String,
    /// The letter of proc(5): R, S, D, Z, T, I.
    pub state: char,
    /// Of one core; None at the first look.
    pub cpu_percent: Option<f64>,
    pub memory_bytes: u64,
    pub n_threads: u32,
    pub started_at: Option<Timestamp>,
}

/// A mounted file system.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct HostDisk {
    pub mount: String,
    pub file_system: String,
    pub total_bytes: u64,
    pub free_bytes: u64,
}

/// A device that is read and written, bytes per second; None at the first look.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct HostDevice {
    pub name: String,
    pub read: Option<f64>,
    pub write: Option<f64>,
    /// Of the time, how much it was busy, of 1.
    pub busy: Option<f64>,
}

/// A network interface, bytes per second; None at the first look.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct HostInterface {
    pub name: String,
    pub is_up: bool,
    pub receive: Option<f64>,
    pub send: Option<f64>,
    pub received_bytes: u64,
    pub sent_bytes: u64,
    pub n_errors: u64,
}

/// A port that somebody listens on.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct HostPort {
    pub port: u16,
    pub pid: u32,
    pub name: String,
    /// Where it listens; `0.0.0.0` and `::` are everywhere. Empty where that is not known.
    #[serde(default)]
    pub addresses: Vec<IpAddr>,
}

impl HostPort {
    /// Whoever reaches this machine reaches it.
    pub fn is_open(&self) -> bool {
        self.addresses.iter().any(|address| !address.is_loopback())
    }

    /// `127.0.0.1:8080`, `[::1]:8080`, `*:8080` for everywhere.
    pub fn shown(&self) -> String {
        if self.addresses.iter().any(IpAddr::is_unspecified) {
            return format!("*:{}", self.port);
        }
        let each = self
            .addresses
            .iter()
            .map(|address| SocketAddr::new(*address, self.port).to_string());
        let all: Vec<String> = each.collect();
        if all.is_empty() {
            format!(":{}", self.port)
        } else {
            all.join(" ")
        }
    }
}

impl HostInterface {
    /// One that an engine of containers made, for one of them or for a network of theirs.
    pub fn is_of_containers(&self) -> bool {
        ["veth", "br-", "docker", "podman", "cni", "virbr"]
            .iter()
            .any(|prefix| self.name.starts_with(prefix))
    }
}

/// What a sensor measures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SensorKind {
    /// Degrees Celsius.
    #[default]
    Temperature,
    /// Turns per minute.
    Fan,
}

/// A sensor of the machine's.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct HostSensor {
    pub name: String,
    pub kind: SensorKind,
    pub value: f64,
    /// From here on it is too much.
    pub limit: Option<f64>,
}

/// The whole machine.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct HostLook {
    pub at: Timestamp,
    pub name: String,
    /// Of all cores together, of 1; None at the first look.
    pub cpu: Option<f64>,
    pub n_cpus: u32,
    /// Over 1, 5 and 15 minutes.
    pub load: [f64; 3],
    pub memory_bytes: u64,
    pub memory_used_bytes: u64,
    pub swap_bytes: u64,
    pub swap_used_bytes: u64,
    pub uptime_secs: u64,
    pub processes: Vec<HostProcess>,
    pub disks: Vec<HostDisk>,
    pub devices: Vec<HostDevice>,
    pub interfaces: Vec<HostInterface>,
    pub ports: Vec<HostPort>,
    pub sensors: Vec<HostSensor>,
}

/// What a process can be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HostSignal {
    /// End, please.
    Term,
    /// End, now.
    Kill,
    /// Stand still.
    Stop,
    /// Go on.
    Cont,
    /// Hang up; many read their settings again.
    Hup,
    Int,
    Usr1,
    Usr2,
}

impl HostSignal {
    pub const ALL: [Self; 8] = [
        Self::Term,
        Self::Kill,
        Self::Stop,
        Self::Cont,
        Self::Hup,
        Self::Int,
        Self::Usr1,
        Self::Usr2,
    ];

    /// As the field says it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Term => "TERM",
            Self::Kill => "KILL",
            Self::Stop => "STOP",
            Self::Cont => "CONT",
            Self::Hup => "HUP",
            Self::Int => "INT",
            Self::Usr1 => "USR1",
            Self::Usr2 => "USR2",
        }
    }

    /// `term`, `TERM` or `SIGTERM`.
    pub fn from_word(word: &str) -> Option<Self> {
        let upper = word.to_ascii_uppercase();
        let name = upper.strip_prefix("SIG").unwrap_or(&upper);
        Self::ALL.into_iter().find(|signal| signal.word() == name)
    }
}
