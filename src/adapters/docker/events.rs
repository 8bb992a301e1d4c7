//! What happens to containers and services, as the engine tells it: since a moment, and on.

use super::{Engine, Fault};
use crate::base::{SafeText, Timestamp};
use bollard::models::{EventMessage, EventMessageTypeEnum};
use bollard::query_parameters::EventsOptions;
use futures::StreamExt as _;
use futures::stream::BoxStream;
use std::collections::{BTreeMap, HashMap};

/// One event of the engine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EngineEvent {
    pub at: Timestamp,
    pub is_service: bool,
    pub id: String,
    pub name: String,
    pub image: String,
    /// `start`, `die`, `oom`, `health_status: unhealthy` ...
    pub action: String,
    pub exit_code: Option<i32>,
    pub signal: Option<i32>,
    /// The labels of a container, among what else the engine says of it.
    pub labels: BTreeMap<String, String>,
}

impl Engine {
    /// From `since` to `until`; without an end also what comes, until nobody listens. The engine keeps its last 256 events.
    pub async fn happenings(
        &self,
        since: Timestamp,
        until: Option<Timestamp>,
    ) -> Result<BoxStream<'static, Result<EngineEvent, Fault>>, Fault> {
        let client = self.client().await?;
        let kinds = ["container", "service"].map(str::to_owned).to_vec();
        let options = EventsOptions {
            since: Some(moment(since)),
            until: until.map(moment),
            filters: Some(HashMap::from([("type".to_owned(), kinds)])),
        };
        let told = client.events(Some(options)).filter_map(|event| {
            futures::future::ready(match event {
                Ok(event) => event_of(event).map(Ok),
                // One that can not be read tells nothing.
                Err(bollard::errors::Error::JsonDataError { .. }) => None,
                Err(error) => Some(Err(error)),
            })
        });
        Ok(super::logs::living(self, client.allowance.clone(), told))
    }
}

/// As the engine reads it, to the nanosecond: what happened in this second is not left out.
fn moment(at: Timestamp) -> String {
    format!("{}.{:09}", at.as_second(), at.subsec_nanosecond())
}

fn event_of(event: EventMessage) -> Option<EngineEvent> {
    let is_service = match event.typ? {
        EventMessageTypeEnum::CONTAINER => false,
        EventMessageTypeEnum::SERVICE => true,
        _ => return None,
    };
    let nanos = event
        .time_nano
        .map(i128::from)
        .or_else(|| Some(i128::from(event.time?) * 1_000_000_000))?;
    let actor = event.actor.unwrap_or_default();
    let attributes = actor.attributes.unwrap_or_default();
    let text = |key: &str| SafeText::new(attributes.get(key).map_or("", String::as_str)).into_string();
    let number = |key: &str| attributes.get(key).and_then(|value| value.parse().ok());
    Some(EngineEvent {
        at: Timestamp::from_nanosecond(nanos).ok()?,
        is_service,
        id: SafeText::new(&actor.id.unwrap_or_default()).into_string(),
        name: text("name"),
        image: text("image"),
        action: SafeText::new(&event.action.unwrap_or_default()).into_string(),
        exit_code: number("exitCode"),
        signal: number("signal"),
        labels: attributes.into_iter().collect(),
    })
}
