//! The system that is simulated: this machine's programs, a folder with a root file system, or one that is taken from an image once and kept.

use crate::adapters::docker::ContainerAct;
use crate::adapters::process::Cmd;
use crate::adapters::sandbox::Base;
use crate::adapters::{World, files, scan};
use crate::areas::JobCtx;
use crate::areas::devops::exec;
use crate::areas::devops::project::RehearsalRules;
use crate::base::docker::{Kind, RunSpec};
use crate::base::{Problem, Workspace};
use crate::msg;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

/// Root folders of images that are kept; the ones that were made first go first.
const KEPT: usize = 3;

/// What stands at `/`, and the environment that comes with it.
pub(super) struct Root {
    pub base: Base,
    pub env: BTreeMap<String, String>,
}

pub(super) async fn root(cx: &JobCtx, world: &World, workspace: &Workspace, rules: &RehearsalRules) -> Result<Root, Problem> {
    if let Some(image) = &rules.image {
        return of_image(cx, world, image).await;
    }
    let base = match &rules.base {
        None => Base::Here,
        Some(folder) => {
            let folder = workspace.root.join(folder);
            if !scan::is_dir(&folder) {
                let problem = Problem::config(msg!("build-rehearsal-no-base", path = &folder)).code("not-found");
                return Err(problem.hint(msg!("build-rehearsal-no-base-hint")));
            }
            Base::Folder(folder)
        }
    };
    Ok(Root {
        base,
        env: BTreeMap::new(),
    })
}

async fn of_image(cx: &JobCtx, world: &World, image: &str) -> Result<Root, Problem> {
    let engine = world.docker();
    let seen = engine.inspect(Kind::Image, image).await.map_err(|fault| {
        let problem = fault.problem();
        if problem.code == "not-found" {
            let problem = Problem::user(msg!("docker-no-image", image = image)).code("not-found");
            problem.hint(msg!("docker-no-image-hint"))
        } else {
            problem
        }
    })?;
    let env = seen["Config"]["Env"].as_array().into_iter().flatten();
    let env = env
        .filter_map(|pair| pair.as_str()?.split_once('='))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let id = seen["Id"].as_str().unwrap_or_default().trim_start_matches("sha256:");
    let id: String = id.chars().filter(char::is_ascii_hexdigit).take(24).collect();
    let all = world.dirs().cache.join("rehearsals");
    let folder = all.join(&id);
    if !scan::is_dir(&folder) {
        files::create_private_dir(&all)?;
        let tar = all.join(format!("{id}-{}.tar", cx.id().0));
        let part = all.join(format!("{id}-{}.part", cx.id().0));
        let made = unpack(cx, world, image, &tar, &part).await;
        let placed = made.and_then(|()| files::rename(&part, &folder));
        for left in [&tar, &part] {
            files::remove_dir_all(left).or_else(|_| files::remove_file(left)).ok();
        }
        placed?;
        forget_old(&all)?;
    }
    Ok(Root {
        base: Base::Folder(folder),
        env,
    })
}

/// A container that is never started lends its root folder.
async fn unpack(cx: &JobCtx, world: &World, image: &str, tar: &Path, part: &Path) -> Result<(), Problem> {
    let engine = world.docker();
    let spec = RunSpec {
        image: image.to_owned(),
        command: vec!["true".to_owned()],
        network: Some("none".to_owned()),
        labels: [("chantier.rehearsal".to_owned(), cx.id().0.to_string())].into(),
        ..RunSpec::default()
    };
    let container = engine.create(&spec).await?;
    let exported = tokio::select! {
        () = cx.cancel_token().cancelled() => Err(Problem::cancelled()),
        exported = engine.export_root(&container, tar) => exported.map(drop),
    };
    let removed = engine
        .act(&container, &ContainerAct::Remove { force: true }, Duration::ZERO)
        .await;
    exported?;
    removed.map_err(|fault| fault.problem())?;
    files::create_private_dir(part)?;
    let cmd = Cmd::new("tar")
        .args(["--extract", "--no-same-owner", "--exclude=dev/*", "--file"])
        .arg(tar)
        .arg("--directory")
        .arg(part)
        .cwd(part);
    let exit = exec::run_tool(cx, world, cmd, |_| {}).await?;
    exit.problem("tar").map_or(Ok(()), Err)
}

fn forget_old(all: &Path) -> Result<(), Problem> {
    let mut kept: Vec<_> = files::list_dir(all)?.into_iter().filter(|entry| entry.is_dir).collect();
    kept.sort_by_key(|entry| std::cmp::Reverse(entry.modified));
    for old in kept.into_iter().skip(KEPT) {
        files::remove_dir_all(&old.path)?;
    }
    Ok(())
}
