//! Swarm through the API of an engine that manages one: services, their tasks, and secrets. Swarm itself rolls out and rolls back.

use super::{Engine, Fault, LogPiece, logs, plain_ref};
use crate::base::docker::{ServiceNow, ServiceSeen, ServiceSpec, SwarmSeen, TaskSeen};
use crate::base::{Hidden, SafeText, Timestamp};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bollard::models;
use bollard::query_parameters::{LogsOptions, UpdateServiceOptions};
use futures::stream::BoxStream;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;

/// Services of which nothing runs that are asked why.
const MAX_ASKED: usize = 20;
/// A secret as a file that only its container reads.
const SECRET_MODE: u32 = 0o444;

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn map(value: &Value) -> BTreeMap<String, String> {
    let entries = value.as_object().into_iter().flatten();
    entries.map(|(key, value)| (key.clone(), text(value))).collect()
}

fn service(value: &Value) -> ServiceSeen {
    let spec = &value["Spec"];
    ServiceSeen {
        id: text(&value["ID"]),
        index: value["Version"]["Index"].as_u64().unwrap_or(0),
        labels: map(&spec["Labels"]),
        replicas: spec["Mode"]["Replicated"]["Replicas"].as_u64().unwrap_or(0) as u32,
        image: text(&spec["TaskTemplate"]["ContainerSpec"]["Image"]),
        update: text(&value["UpdateStatus"]["State"]),
        update_note: text(&value["UpdateStatus"]["Message"]),
    }
}

fn service_now(value: &Value) -> ServiceNow {
    let (spec, status) = (&value["Spec"], &value["ServiceStatus"]);
    let number = |key: &str| status[key].as_u64().and_then(|n| u32::try_from(n).ok()).unwrap_or(0);
    ServiceNow {
        name: SafeText::new(&text(&spec["Name"])).into_string(),
        labels: map(&spec["Labels"]),
        image: SafeText::new(&text(&spec["TaskTemplate"]["ContainerSpec"]["Image"])).into_string(),
        n_running: number("RunningTasks"),
        n_wanted: number("DesiredTasks"),
        error: String::new(),
    }
}

fn task(value: &Value) -> TaskSeen {
    let (spec, status) = (&value["Spec"]["ContainerSpec"], &value["Status"]);
    let ports = status["PortStatus"]["Ports"].as_array().into_iter().flatten();
    TaskSeen {
        id: text(&value["ID"]),
        slot: value["Slot"].as_u64().unwrap_or(0) as u32,
        node: text(&value["NodeID"]),
        image: text(&spec["Image"]),
        labels: map(&spec["Labels"]),
        wanted: text(&value["DesiredState"]),
        state: text(&status["State"]),
        error: text(&status["Err"]),
        container: Some(text(&status["ContainerStatus"]["ContainerID"])).filter(|id| !id.is_empty()),
        pid: status["ContainerStatus"]["PID"]
            .as_u64()
            .and_then(|pid| u32::try_from(pid).ok()),
        exit_code: status["ContainerStatus"]["ExitCode"].as_i64(),
        port: ports
            .filter_map(|port| port["PublishedPort"].as_u64())
            .find_map(|port| u16::try_from(port).ok()),
    }
}

fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

/// As the API wants it.
fn body(spec: &ServiceSpec) -> Result<models::ServiceSpec, Fault> {
    let mounts: Vec<Value> = spec
        .volumes
        .iter()
        .map(|(source, target)| json!({ "Type": "volume", "Source": source, "Target": target }))
        .collect();
    let secrets: Vec<Value> = spec
        .secrets
        .iter()
        .map(|secret| {
            let file = json!({ "Name": secret.file, "UID": "0", "GID": "0", "Mode": SECRET_MODE });
            json!({ "File": file, "SecretID": secret.id, "SecretName": secret.name })
        })
        .collect();
    let container = json!({
        "Image": spec.image,
        "Args": (!spec.command.is_empty()).then_some(&spec.command),
        "Env": spec.env,
        "Labels": spec.container_labels,
        "User": spec.user,
        "Mounts": mounts,
        "Secrets": secrets,
        "StopGracePeriod": nanos(spec.stop_grace),
    });
    let update = json!({
        "Parallelism": spec.parallelism,
        "Delay": nanos(spec.delay),
        "FailureAction": "rollback",
        "Monitor": nanos(spec.monitor),
        "MaxFailureRatio": 0.0,
        "Order": if spec.starts_first { "start-first" } else { "stop-first" },
    });
    let mut back = update.clone();
    back["FailureAction"] = "pause".into();
    let networks: Vec<Value> = spec.networks.iter().map(|name| json!({ "Target": name })).collect();
    let ports: Vec<Value> = spec
        .port
        .iter()
        .map(|port| {
            json!({
                "Protocol": "tcp",
                "TargetPort": port.inside,
                "PublishedPort": port.published,
                "PublishMode": if port.on_host { "host" } else { "ingress" },
            })
        })
        .collect();
    let whole = json!({
        "Name": spec.name,
        "Labels": spec.labels,
        "TaskTemplate": {
            "ContainerSpec": container,
            "RestartPolicy": { "Condition": "any", "Delay": nanos(Duration::from_secs(1)) },
            "Placement": { "Constraints": spec.constraints },
            "Networks": networks,
        },
        "Mode": { "Replicated": { "Replicas": spec.replicas } },
        "UpdateConfig": update,
        "RollbackConfig": back,
        "EndpointSpec": { "Mode": "vip", "Ports": ports },
    });
    serde_json::from_value(whole).map_err(|error| Fault::Broken(error.to_string()))
}

impl Engine {
    /// What this engine is in a swarm.
    pub async fn swarm(&self) -> Result<SwarmSeen, Fault> {
        let client = self.client().await?;
        let told = self.within(self.time_limit, client.json("/info")).await?;
        let swarm = &told["Swarm"];
        Ok(SwarmSeen {
            node: text(&swarm["NodeID"]),
            is_manager: swarm["ControlAvailable"].as_bool().unwrap_or(false),
            n_nodes: swarm["Nodes"].as_u64().unwrap_or(0) as u32,
        })
    }

    /// The address by which the other nodes know this one.
    pub async fn node_address(&self, node: &str) -> Result<String, Fault> {
        let client = self.client().await?;
        let path = format!("/nodes/{}", plain_ref(node)?);
        let told = self.within(self.time_limit, client.json(&path)).await?;
        Ok(text(&told["Status"]["Addr"]))
    }

    pub async fn service(&self, name: &str) -> Result<Option<ServiceSeen>, Fault> {
        let client = self.client().await?;
        let path = format!("/services/{}", plain_ref(name)?);
        match self.within(self.time_limit, client.json(&path)).await {
            Ok(told) => Ok(Some(service(&told))),
            Err(Fault::Gone) => Ok(None),
            Err(fault) => Err(fault),
        }
    }

    /// Every service; refused by an engine that manages no swarm.
    pub async fn services(&self) -> Result<Vec<ServiceNow>, Fault> {
        let client = self.client().await?;
        let told = self.within(self.time_limit, client.json("/services?status=true")).await?;
        let mut services: Vec<ServiceNow> = told.as_array().into_iter().flatten().map(service_now).collect();
        services.retain(|service| !service.name.is_empty());
        for service in services
            .iter_mut()
            .filter(|one| one.n_running == 0 && one.n_wanted > 0)
            .take(MAX_ASKED)
        {
            let tasks = self.tasks(&service.name).await.unwrap_or_default();
            // The tasks that shall run say why they do not.
            let why = tasks
                .into_iter()
                .find(|task| task.wanted == "running" && !task.error.is_empty());
            service.error = why.map_or_else(String::new, |task| SafeText::new(&task.error).into_string());
        }
        Ok(services)
    }

    /// Every task of a service, also those that have ended.
    pub async fn tasks(&self, service: &str) -> Result<Vec<TaskSeen>, Fault> {
        let client = self.client().await?;
        let filters = json!({ "service": [plain_ref(service)?] }).to_string();
        let filters: String = form_urlencoded::byte_serialize(filters.as_bytes()).collect();
        let told = self
            .within(self.time_limit, client.json(&format!("/tasks?filters={filters}")))
            .await?;
        Ok(told.as_array().into_iter().flatten().map(task).collect())
    }

    pub async fn create_service(&self, spec: &ServiceSpec) -> Result<(), Fault> {
        let client = self.client().await?;
        let asked = client.create_service(body(spec)?, None);
        self.within(self.time_limit * 2, asked).await.map(drop)
    }

    /// Fails when somebody else has changed it since it was seen.
    pub async fn update_service(&self, seen: &ServiceSeen, spec: &ServiceSpec) -> Result<(), Fault> {
        let client = self.client().await?;
        let options = UpdateServiceOptions {
            version: seen.index as i32,
            ..UpdateServiceOptions::default()
        };
        let asked = client.update_service(plain_ref(&seen.id)?, body(spec)?, options, None);
        self.within(self.time_limit * 2, asked).await.map(drop)
    }

    pub async fn remove_service(&self, name: &str) -> Result<(), Fault> {
        let client = self.client().await?;
        self.within(self.time_limit, client.delete_service(plain_ref(name)?)).await
    }

    /// The last lines of a task's output, wherever it runs.
    pub async fn task_logs(
        &self,
        task: &str,
        n_lines: u32,
        follow: bool,
        now: impl Fn() -> Timestamp + Send + 'static,
    ) -> Result<BoxStream<'static, LogPiece>, Fault> {
        let client = self.client().await?;
        let options = LogsOptions {
            follow,
            stdout: true,
            stderr: true,
            tail: n_lines.to_string(),
            ..LogsOptions::default()
        };
        let pieces = client.task_logs(plain_ref(task)?, Some(options));
        let pieces = logs::living(self, client.allowance.clone(), pieces);
        Ok(logs::lines_of(pieces, now))
    }

    /// The ids of the secrets with this label, by their names.
    pub async fn swarm_secrets(&self, label: (&str, &str)) -> Result<BTreeMap<String, String>, Fault> {
        let client = self.client().await?;
        let told = self.within(self.time_limit, client.json("/secrets")).await?;
        let is_ours = |value: &&Value| value["Spec"]["Labels"][label.0].as_str() == Some(label.1);
        let ours = told.as_array().into_iter().flatten().filter(is_ours);
        Ok(ours.map(|value| (text(&value["Spec"]["Name"]), text(&value["ID"]))).collect())
    }

    /// Gives its id.
    pub async fn create_swarm_secret(&self, name: &str, label: (&str, &str), value: &Hidden) -> Result<String, Fault> {
        let client = self.client().await?;
        let spec = models::SecretSpec {
            name: Some(name.to_owned()),
            labels: Some([(label.0.to_owned(), label.1.to_owned())].into()),
            data: Some(BASE64_STANDARD.encode(value.reveal())),
            ..models::SecretSpec::default()
        };
        let made = self.within(self.time_limit, client.create_secret(spec)).await?;
        Ok(made.id)
    }

    /// Refused while a service uses it.
    pub async fn remove_swarm_secret(&self, id: &str) -> Result<(), Fault> {
        let client = self.client().await?;
        self.within(self.time_limit, client.delete_secret(plain_ref(id)?)).await
    }
}
