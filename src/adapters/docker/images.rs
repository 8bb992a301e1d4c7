//! Images: their history, tags and removal, and the way out to a tar file and back.

use super::logs::living;
use super::{Engine, Fault, moment_of, plain_ref};
use crate::base::docker::HistoryRow;
use crate::base::{Problem, SafeText};
use crate::files;
use bollard::query_parameters::{CreateImageOptions, ImportImageOptions, RemoveImageOptions, TagImageOptions};
use futures::stream::BoxStream;
use futures::{StreamExt as _, TryStreamExt as _};
use std::path::Path;
use tokio::io::AsyncWriteExt as _;
use tokio_util::io::ReaderStream;

/// What came of writing images to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Saved {
    pub bytes: u64,
}

impl Engine {
    /// Newest first.
    pub async fn history(&self, id: &str) -> Result<Vec<HistoryRow>, Fault> {
        let client = self.client().await?;
        let told = self.within(self.time_limit, client.image_history(plain_ref(id)?)).await?;
        let safe = |text: String| SafeText::new(&text).into_string();
        let rows = told.into_iter().map(|row| HistoryRow {
            created_at: moment_of(row.created),
            bytes: row.size.try_into().unwrap_or(0),
            created_by: safe(row.created_by),
            comment: safe(row.comment),
            tags: row.tags.into_iter().map(safe).collect(),
            id: safe(row.id),
        });
        Ok(rows.collect())
    }

    /// `name` with or without a tag.
    pub async fn tag(&self, id: &str, name: &str) -> Result<(), Fault> {
        let client = self.client().await?;
        let (repo, tag) = repo_and_tag(name);
        let options = TagImageOptions {
            repo: Some(repo.to_owned()),
            tag: Some(tag.unwrap_or("latest").to_owned()),
        };
        self.within(self.time_limit, client.tag_image(plain_ref(id)?, Some(options)))
            .await
    }

    /// By tag: the tag goes, and the image with its last one. By id: the image with all its tags, when `force` is given.
    /// Gives what went, as the engine says it.
    pub async fn remove_image(&self, name: &str, force: bool, with_parents: bool) -> Result<Vec<String>, Fault> {
        let limit = self.time_limit * 6;
        let client = self.clone().time_limit(limit).client().await?;
        let options = RemoveImageOptions {
            force,
            noprune: !with_parents,
            ..RemoveImageOptions::default()
        };
        let told = self
            .within(limit, client.remove_image(plain_ref(name)?, Some(options), None))
            .await?;
        Ok(told.into_iter().filter_map(|item| item.deleted.or(item.untagged)).collect())
    }

    /// Images with their layers and tags, as `docker save` writes them; the file is complete or not there.
    pub async fn save(&self, names: &[String], file: &Path) -> Result<Saved, Problem> {
        let client = self.client().await.map_err(|fault| fault.problem())?;
        let mut refs = Vec::new();
        for name in names {
            refs.push(plain_ref(name).map_err(|fault| fault.problem())?);
        }
        to_file(living(self, client.allowance.clone(), client.export_images(&refs)), file).await
    }

    /// The root folder of a container as a tar file; the file is complete or not there.
    pub async fn export_root(&self, container: &str, file: &Path) -> Result<Saved, Problem> {
        let client = self.client().await.map_err(|fault| fault.problem())?;
        let container = plain_ref(container).map_err(|fault| fault.problem())?;
        to_file(
            living(self, client.allowance.clone(), client.export_container(container)),
            file,
        )
        .await
    }

    /// Reads what `save` wrote; gives the names of what was loaded.
    pub async fn load(&self, file: &Path) -> Result<Vec<String>, Problem> {
        let client = self.client().await.map_err(|fault| fault.problem())?;
        let source = tokio::fs::File::open(file)
            .await
            .map_err(|error| files::read_problem(file, &error))?;
        let told = client.import_image_stream(ImportImageOptions::default(), ReaderStream::new(source), None);
        let mut told = living(self, client.allowance.clone(), told);
        let mut names = Vec::new();
        while let Some(info) = told.next().await {
            let info = info.map_err(|fault| fault.problem())?;
            if let Some(name) = info.stream.as_deref().and_then(|line| line.trim().split_once(": ")) {
                names.push(SafeText::new(name.1).into_string());
            }
        }
        Ok(names)
    }

    /// A tree of files as an image of one layer, as `docker import` makes it. Gives the id.
    pub async fn import(&self, file: &Path, name: &str, changes: &[String]) -> Result<String, Problem> {
        let client = self.client().await.map_err(|fault| fault.problem())?;
        let source = tokio::fs::File::open(file)
            .await
            .map_err(|error| files::read_problem(file, &error))?;
        let (repo, tag) = repo_and_tag(name);
        let options = CreateImageOptions {
            from_src: Some("-".to_owned()),
            repo: Some(repo.to_owned()),
            tag: Some(tag.unwrap_or("latest").to_owned()),
            changes: changes.to_vec(),
            ..CreateImageOptions::default()
        };
        let body = bollard::body_try_stream(ReaderStream::new(source).map_ok(Into::into));
        let told = client.create_image(Some(options), Some(body), None);
        let mut told = living(self, client.allowance.clone(), told);
        let mut id = String::new();
        while let Some(info) = told.next().await {
            let info = info.map_err(|fault| fault.problem())?;
            if let Some(status) = info.status.filter(|status| status.starts_with("sha256:")) {
                id = SafeText::new(&status).into_string();
            }
        }
        Ok(id)
    }
}

/// A colon behind the last slash parts the tag; one before it belongs to a port.
pub(super) fn repo_and_tag(name: &str) -> (&str, Option<&str>) {
    let start = name.rfind('/').map_or(0, |at| at + 1);
    match name[start..].rfind(':') {
        Some(at) => (&name[..start + at], Some(&name[start + at + 1..])),
        None => (name, None),
    }
}

/// Written beside and put into its place when the last piece is on the disk.
async fn to_file<T: AsRef<[u8]>>(mut pieces: BoxStream<'_, Result<T, Fault>>, file: &Path) -> Result<Saved, Problem> {
    let beside = file.with_extension("tar.part");
    let result = async {
        let fail = |error: std::io::Error| files::write_problem(file, &error);
        let mut out = tokio::fs::File::create(&beside).await.map_err(fail)?;
        let mut bytes = 0;
        while let Some(piece) = pieces.next().await {
            let piece = piece.map_err(|fault| fault.problem())?;
            bytes += piece.as_ref().len() as u64;
            out.write_all(piece.as_ref()).await.map_err(fail)?;
        }
        out.sync_all().await.map_err(fail)?;
        tokio::fs::rename(&beside, file).await.map_err(fail)?;
        Ok(Saved { bytes })
    };
    let result: Result<Saved, Problem> = result.await;
    if result.is_err() {
        tokio::fs::remove_file(&beside).await.ok();
    }
    result
}
