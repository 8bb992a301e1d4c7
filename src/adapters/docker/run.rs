//! Containers made from an image: ports, environment, volumes and command; what reaches out of the container is named before.

use super::{Engine, Fault};
use crate::base::Problem;
use crate::base::docker::RunSpec;
use crate::msg;
use bollard::models::{ContainerCreateBody, HostConfig, PortBinding, RestartPolicy, RestartPolicyNameEnum};
use bollard::query_parameters::{CreateContainerOptions, WaitContainerOptions};
use futures::StreamExt as _;
use std::collections::HashMap;

/// Folders of the machine that give a container the machine.
const SENSITIVE: [&str; 11] = [
    "/", "/bin", "/boot", "/dev", "/etc", "/lib", "/proc", "/root", "/sys", "/usr", "/var",
];

/// What of a wish reaches out of the container: each one gives it the machine, or much of it.
pub fn dangers(spec: &RunSpec) -> Vec<String> {
    let mut found = Vec::new();
    if spec.privileged {
        found.push("--privileged".to_owned());
    }
    if spec.network.as_deref() == Some("host") {
        found.push("--network host".to_owned());
    }
    for volume in &spec.volumes {
        let source = volume.split(':').next().unwrap_or_default();
        let path = source.trim_end_matches('/');
        let path = if source.starts_with('/') && path.is_empty() {
            "/"
        } else {
            path
        };
        let is_socket = path.ends_with("docker.sock") || path.ends_with("podman.sock") || path.ends_with("containerd.sock");
        if is_socket || SENSITIVE.contains(&path) {
            found.push(format!("-v {volume}"));
        }
    }
    found
}

impl Engine {
    /// Makes a container and does not start it; gives its id.
    pub async fn create(&self, spec: &RunSpec) -> Result<String, Problem> {
        let found = dangers(spec);
        if !found.is_empty() && !spec.allow_host {
            let problem = Problem::user(msg!("docker-reaches-out", what = found.join(", "))).code("reaches-out");
            return Err(problem.hint(msg!("docker-reaches-out-hint")));
        }
        let (exposed, bindings) = ports(&spec.ports)?;
        let restart = match spec.restart.as_deref() {
            None | Some("" | "no") => None,
            Some("always") => Some(RestartPolicyNameEnum::ALWAYS),
            Some("on-failure") => Some(RestartPolicyNameEnum::ON_FAILURE),
            Some("unless-stopped") => Some(RestartPolicyNameEnum::UNLESS_STOPPED),
            Some(other) => return Err(Problem::user(msg!("docker-bad-restart", word = other))),
        };
        let host = HostConfig {
            port_bindings: (!bindings.is_empty()).then_some(bindings),
            binds: (!spec.volumes.is_empty()).then(|| spec.volumes.clone()),
            network_mode: spec.network.clone(),
            privileged: spec.privileged.then_some(true),
            auto_remove: spec.auto_remove.then_some(true),
            restart_policy: restart.map(|name| RestartPolicy {
                name: Some(name),
                maximum_retry_count: None,
            }),
            ..HostConfig::default()
        };
        let list = |words: &[String]| (!words.is_empty()).then(|| words.to_vec());
        let body = ContainerCreateBody {
            image: Some(spec.image.clone()),
            cmd: list(&spec.command),
            entrypoint: spec.entrypoint.clone(),
            env: list(&spec.env),
            exposed_ports: list(&exposed),
            working_dir: spec.workdir.clone(),
            user: spec.user.clone(),
            labels: (!spec.labels.is_empty()).then(|| spec.labels.clone().into_iter().collect()),
            host_config: Some(host),
            ..ContainerCreateBody::default()
        };
        let options = CreateContainerOptions {
            name: spec.name.clone(),
            ..CreateContainerOptions::default()
        };
        let made = async {
            let client = self.client().await?;
            self.within(self.time_limit * 2, client.create_container(Some(options), body))
                .await
        };
        match made.await {
            Ok(made) => Ok(made.id),
            // Nothing is pulled behind the user's back.
            Err(Fault::Gone) => {
                let problem = Problem::user(msg!("docker-no-image", image = spec.image.as_str())).code("not-found");
                Err(problem.hint(msg!("docker-no-image-hint")))
            }
            Err(fault) => Err(fault.problem()),
        }
    }

    /// Waits for a container's end; gives its exit code.
    pub async fn wait(&self, id: &str) -> Result<i64, Fault> {
        let client = self.client().await?;
        let options = WaitContainerOptions {
            condition: "not-running".to_owned(),
        };
        let told = client.wait_container(super::plain_ref(id)?, Some(options));
        let mut told = super::logs::living(
            self,
            client.allowance.clone(),
            told.map(|item| match item {
                Err(bollard::errors::Error::DockerContainerWaitError { code, .. }) => Ok(code),
                Ok(ended) => Ok(ended.status_code),
                Err(error) => Err(error),
            }),
        );
        told.next().await.unwrap_or(Err(Fault::Gone))
    }
}

type Bindings = HashMap<String, Option<Vec<PortBinding>>>;

/// `80`, `8080:80`, `127.0.0.1:8080:80`, each with `/tcp` or `/udp`.
fn ports(wanted: &[String]) -> Result<(Vec<String>, Bindings), Problem> {
    let mut exposed = Vec::new();
    let mut bindings = Bindings::new();
    for word in wanted {
        let bad = || {
            Problem::user(msg!("docker-bad-port", port = word.as_str()))
                .code("bad-port")
                .hint(msg!("docker-bad-port-hint"))
        };
        let (numbers, protocol) = word.split_once('/').unwrap_or((word, "tcp"));
        if !matches!(protocol, "tcp" | "udp" | "sctp") {
            return Err(bad());
        }
        let (rest, inside) = match numbers.rsplit_once(':') {
            Some((rest, inside)) => (Some(rest), inside),
            None => (None, numbers),
        };
        let (ip, outside) = match rest.map(|rest| rest.rsplit_once(':')) {
            Some(Some((ip, outside))) => (Some(ip.trim_matches(['[', ']'])), Some(outside)),
            Some(None) => (None, rest),
            None => (None, None),
        };
        let is_number = |text: &str| text.parse::<u16>().is_ok_and(|port| port > 0);
        let is_ip = ip.is_none_or(|ip| ip.parse::<std::net::IpAddr>().is_ok());
        if !is_number(inside) || !outside.is_none_or(|port| port.is_empty() || is_number(port)) || !is_ip {
            return Err(bad());
        }
        let key = format!("{inside}/{protocol}");
        exposed.push(key.clone());
        let binding = PortBinding {
            host_ip: ip.map(str::to_owned),
            host_port: outside.map(str::to_owned),
        };
        bindings.entry(key).or_default().get_or_insert_default().push(binding);
    }
    Ok((exposed, bindings))
}
