//! Volumes and networks: made, connected and removed.

use super::{Engine, Fault, plain_ref};
use bollard::models::{
    Ipam, IpamConfig, NetworkConnectRequest, NetworkCreateRequest, NetworkDisconnectRequest, VolumeCreateRequest,
};
use bollard::query_parameters::RemoveVolumeOptions;
use std::collections::HashMap;

impl Engine {
    /// Gives the name, which the engine makes up when none is given.
    pub async fn create_volume(&self, name: Option<&str>, driver: Option<&str>) -> Result<String, Fault> {
        let client = self.client().await?;
        let request = VolumeCreateRequest {
            name: name.map(str::to_owned),
            driver: driver.map(str::to_owned),
            ..VolumeCreateRequest::default()
        };
        let made = self.within(self.time_limit, client.create_volume(request)).await?;
        Ok(made.name)
    }

    /// What is in it is lost. The engine refuses while a container uses it.
    pub async fn remove_volume(&self, name: &str) -> Result<(), Fault> {
        let client = self.client().await?;
        let asked = client.remove_volume(plain_ref(name)?, None::<RemoveVolumeOptions>);
        self.within(self.time_limit, asked).await
    }

    /// Gives the id.
    pub async fn create_network(
        &self,
        name: &str,
        driver: Option<&str>,
        subnet: Option<&str>,
        is_internal: bool,
    ) -> Result<String, Fault> {
        let client = self.client().await?;
        let ipam = subnet.map(|subnet| Ipam {
            config: Some(vec![IpamConfig {
                subnet: Some(subnet.to_owned()),
                ..IpamConfig::default()
            }]),
            ..Ipam::default()
        });
        let request = NetworkCreateRequest {
            name: name.to_owned(),
            driver: driver.map(str::to_owned),
            internal: Some(is_internal),
            ipam,
            labels: Some(HashMap::new()),
            ..NetworkCreateRequest::default()
        };
        let made = self.within(self.time_limit, client.create_network(request)).await?;
        Ok(made.id)
    }

    pub async fn remove_network(&self, id: &str) -> Result<(), Fault> {
        let client = self.client().await?;
        self.within(self.time_limit, client.remove_network(plain_ref(id)?)).await
    }

    pub async fn connect(&self, network: &str, container: &str) -> Result<(), Fault> {
        let client = self.client().await?;
        let request = NetworkConnectRequest {
            container: container.to_owned(),
            ..NetworkConnectRequest::default()
        };
        let asked = client.connect_network(plain_ref(network)?, request);
        self.within(self.time_limit, asked).await
    }

    pub async fn disconnect(&self, network: &str, container: &str) -> Result<(), Fault> {
        let client = self.client().await?;
        let request = NetworkDisconnectRequest {
            container: container.to_owned(),
            force: None,
        };
        let asked = client.disconnect_network(plain_ref(network)?, request);
        self.within(self.time_limit, asked).await
    }
}
