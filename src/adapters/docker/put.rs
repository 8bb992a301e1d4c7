//! Files that are put into a container before it runs: they are in its own layer, and neither its settings nor its image tells of them.

use super::{Engine, Fault};
use crate::base::Hidden;
use bollard::query_parameters::UploadToContainerOptions;

impl Engine {
    /// Puts files into a folder of a container, each by its name; whoever runs in it may read them.
    pub async fn put_files(&self, id: &str, folder: &str, given: &[(String, Hidden)]) -> Result<(), Fault> {
        let archive = pack(folder, given).map_err(|error| Fault::Broken(error.to_string()))?;
        let options = UploadToContainerOptions {
            path: "/".to_owned(),
            ..UploadToContainerOptions::default()
        };
        let client = self.client().await?;
        let body = bollard::body_full(archive.into());
        let put = client.upload_to_container(super::plain_ref(id)?, Some(options), body);
        self.within(self.time_limit * 2, put).await
    }
}

fn pack(folder: &str, given: &[(String, Hidden)]) -> std::io::Result<Vec<u8>> {
    let mut tar = tar::Builder::new(Vec::new());
    let folder = folder.trim_matches('/');
    let mut header = tar::Header::new_ustar();
    header.set_entry_type(tar::EntryType::Directory);
    header.set_mode(0o755);
    header.set_size(0);
    tar.append_data(&mut header, format!("{folder}/"), std::io::empty())?;
    for (name, value) in given {
        let bytes = value.reveal().as_bytes();
        let mut header = tar::Header::new_ustar();
        header.set_entry_type(tar::EntryType::Regular);
        // As Swarm's secrets: whom the program runs as is not known here.
        header.set_mode(0o444);
        header.set_size(bytes.len() as u64);
        tar.append_data(&mut header, format!("{folder}/{name}"), bytes)?;
    }
    tar.into_inner()
}
