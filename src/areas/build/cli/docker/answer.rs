//! Answers about the container engine, as documents and as text.

use super::{ComposeVerb, ContainerVerb, DockerVerb, ImageVerb, NetworkVerb, VolumeVerb, image_of};
use crate::areas::build::docker::model::Model;
use crate::areas::cli::Answer;
use crate::base::docker::{ContainerRow, HistoryRow, Image, NetworkRow, PruneItem, Stats, VolumeRow, short_id};
use crate::base::{Catalog, format};
use crate::msg;
use serde_json::{Value, json};

/// Rows with columns as wide as what they hold.
fn table(rows: &[Vec<String>]) -> String {
    let n = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |i: usize| {
        rows.iter()
            .filter_map(|row| row.get(i))
            .map(|cell| cell.chars().count())
            .max()
            .unwrap_or(0)
    };
    let widths: Vec<usize> = (0..n).map(|i| width(i).min(60)).collect();
    let mut text = String::new();
    for row in rows {
        let cells: Vec<String> = row
            .iter()
            .zip(&widths)
            .map(|(cell, width)| format!("{cell:<width$}"))
            .collect();
        text.push_str(cells.join("  ").trim_end());
        text.push('\n');
    }
    text
}

fn of(schema: &'static str, data: Value, text: String) -> Answer {
    Answer { schema, data, text }
}

/// What is only changed is not listed for people.
fn listed<T>(is_asked: bool, things: &[T], row: impl Fn(&T) -> Vec<String>) -> String {
    if is_asked {
        table(&things.iter().map(row).collect::<Vec<_>>())
    } else {
        String::new()
    }
}

fn names(users: &[String]) -> String {
    if users.is_empty() {
        "–".to_owned()
    } else {
        users.join(", ")
    }
}

pub(super) fn answer(verb: &DockerVerb, docker: &Model, texts: &Catalog) -> Answer {
    match verb {
        DockerVerb::Image { verb } => image_answer(verb, docker, texts),
        DockerVerb::Container { verb } => container_answer(verb, docker, texts),
        DockerVerb::Volume {
            verb: VolumeVerb::Show { .. },
        }
        | DockerVerb::Network {
            verb: NetworkVerb::Show { .. },
        } => shown(docker),
        DockerVerb::Volume { verb } => of(
            "chantier.build.volumes/1",
            json!({ "volumes": docker.volumes() }),
            listed(matches!(verb, VolumeVerb::List), docker.volumes(), volume_row),
        ),
        DockerVerb::Network { verb } => of(
            "chantier.build.networks/1",
            json!({ "networks": docker.networks() }),
            listed(matches!(verb, NetworkVerb::List), docker.networks(), network_row),
        ),
        DockerVerb::Disk => disk_answer(docker, texts),
        DockerVerb::Prune(_) => prune_answer(docker, texts),
        DockerVerb::Compose { verb } => {
            let projects = docker.projects();
            let rows = projects.iter().map(|project| {
                vec![
                    project.name.clone(),
                    format!("{}/{}", project.n_running, project.n_containers),
                    project.services.join(", "),
                    project.folder.display().to_string(),
                ]
            });
            let text = if matches!(verb, ComposeVerb::List) {
                table(&rows.collect::<Vec<_>>())
            } else {
                String::new()
            };
            of("chantier.build.compose/1", json!({ "projects": projects }), text)
        }
    }
}

fn shown(docker: &Model) -> Answer {
    let shown = docker.last_shown();
    let text = shown.map(|shown| format!("{}\n", shown.text)).unwrap_or_default();
    of(
        "chantier.build.inspect/1",
        json!({ "inspect": shown.map(|shown| &shown.raw) }),
        text,
    )
}

fn image_answer(verb: &ImageVerb, docker: &Model, texts: &Catalog) -> Answer {
    match verb {
        ImageVerb::Show { .. } => shown(docker),
        ImageVerb::History { image } => {
            let of_image = image_of(docker, image)
                .ok()
                .and_then(|image| docker.shown(crate::base::docker::Kind::Image, &image.id));
            let history: &[HistoryRow] = of_image.map_or(&[], |shown| shown.history.as_slice());
            let rows = history.iter().map(|row| {
                vec![
                    short_id(&row.id).to_owned(),
                    format::bytes(row.bytes, texts),
                    row.created_by.clone(),
                    row.comment.clone(),
                ]
            });
            let text = table(&rows.collect::<Vec<_>>());
            of("chantier.build.history-of-image/1", json!({ "history": history }), text)
        }
        ImageVerb::Build(_) => {
            let build = docker.build.as_ref();
            let data = json!({
                "image": build.and_then(|build| build.image.as_ref()),
                "tags": build.map_or(&[] as &[_], |build| build.tags.as_slice()),
                "steps": build.map_or(&[] as &[_], |build| build.steps.as_slice()),
            });
            of("chantier.build.image-build/1", data, String::new())
        }
        ImageVerb::Run(args) => container_made(docker, args.detach),
        ImageVerb::List => {
            let rows = docker.images().iter().map(|image| image_row(image, texts));
            let text = table(&rows.collect::<Vec<_>>());
            of("chantier.build.images/1", json!({ "images": docker.images() }), text)
        }
        _ => of("chantier.build.images/1", json!({ "images": docker.images() }), String::new()),
    }
}

fn image_row(image: &Image, texts: &Catalog) -> Vec<String> {
    vec![
        short_id(&image.id).to_owned(),
        if image.tags.is_empty() {
            "<none>".to_owned()
        } else {
            image.tags.join(", ")
        },
        format::bytes(image.bytes, texts),
        names(&image.users),
    ]
}

fn volume_row(volume: &VolumeRow) -> Vec<String> {
    vec![volume.name.clone(), volume.driver.clone(), names(&volume.users)]
}

fn network_row(network: &NetworkRow) -> Vec<String> {
    vec![
        short_id(&network.id).to_owned(),
        network.name.clone(),
        network.driver.clone(),
        network.subnets.join(", "),
        names(&network.users),
    ]
}

fn container_row(row: &ContainerRow) -> Vec<String> {
    vec![
        short_id(&row.id).to_owned(),
        row.name.clone(),
        row.image.clone(),
        row.state.clone(),
        row.status.clone(),
        row.ports.join(", "),
    ]
}

pub(super) fn containers(rows: &[ContainerRow]) -> String {
    table(&rows.iter().map(container_row).collect::<Vec<_>>())
}

/// Its name is told when nobody waits for its end.
fn container_made(docker: &Model, is_named: bool) -> Answer {
    let made = docker.deeds.front().and_then(|(_, names, _)| names.first());
    let row = made.and_then(|name| docker.containers().iter().find(|row| row.name == *name));
    of(
        "chantier.build.container/1",
        json!({ "name": made, "container": row }),
        made.filter(|_| is_named).map(|name| format!("{name}\n")).unwrap_or_default(),
    )
}

pub(super) fn stats_line(stats: &Stats, name: Option<&str>, texts: &Catalog) -> String {
    let cpu = stats
        .cpu_percent
        .map_or_else(|| "–".to_owned(), |cpu| format::percent(cpu / 100.0, texts));
    format!(
        "{:<20}  {cpu:>8}  {:>9}  ↓{} ↑{}  {}",
        name.unwrap_or_else(|| short_id(&stats.container)),
        format::bytes(stats.memory_bytes, texts),
        format::bytes(stats.received_bytes, texts),
        format::bytes(stats.sent_bytes, texts),
        stats.n_processes
    )
}

fn container_answer(verb: &ContainerVerb, docker: &Model, texts: &Catalog) -> Answer {
    match verb {
        ContainerVerb::Show { .. } => shown(docker),
        ContainerVerb::Create(_) => container_made(docker, false),
        ContainerVerb::Run(args) => container_made(docker, args.detach),
        ContainerVerb::Logs { follow, .. } => {
            let lines: Vec<&str> = docker
                .log
                .iter()
                .flat_map(|log| &log.lines)
                .map(|line| line.text.as_str())
                .collect();
            let text = if *follow {
                String::new()
            } else {
                lines.iter().map(|line| format!("{line}\n")).collect()
            };
            of("chantier.build.container-logs/1", json!({ "lines": lines }), text)
        }
        ContainerVerb::Stats { follow, .. } => {
            let last: Vec<&Stats> = docker.stats.values().filter_map(|ring| ring.back()).collect();
            let name = |id: &str| {
                docker
                    .containers()
                    .iter()
                    .find(|row| row.id == id)
                    .map(|row| row.name.as_str())
            };
            let lines = last.iter().map(|one| stats_line(one, name(&one.container), texts) + "\n");
            let text = if *follow { String::new() } else { lines.collect() };
            of("chantier.build.container-stats/1", json!({ "stats": last }), text)
        }
        ContainerVerb::Top { .. } => {
            let top = docker.top.as_ref().map(|(_, top)| top);
            let rows: Vec<Vec<String>> = top
                .map(|top| std::iter::once(top.titles.clone()).chain(top.processes.clone()).collect())
                .unwrap_or_default();
            of("chantier.build.container-top/1", json!({ "top": top }), table(&rows))
        }
        ContainerVerb::Exec(_) => {
            let lines: Vec<&str> = docker
                .log
                .iter()
                .flat_map(|log| &log.lines)
                .map(|line| line.text.as_str())
                .collect();
            let code = docker.executed.as_ref().map(|(_, code)| *code);
            of(
                "chantier.build.container-exec/1",
                json!({ "code": code, "lines": lines }),
                String::new(),
            )
        }
        ContainerVerb::List => {
            let text = containers(docker.containers());
            of(
                "chantier.build.containers/1",
                json!({ "containers": docker.containers() }),
                text,
            )
        }
        _ => of(
            "chantier.build.containers/1",
            json!({ "containers": docker.containers() }),
            String::new(),
        ),
    }
}

fn disk_answer(docker: &Model, texts: &Catalog) -> Answer {
    let rows = docker.disk.value().map(Vec::as_slice).unwrap_or_default();
    let lines = rows.iter().map(|row| {
        vec![
            texts.t(row.kind.key()).into_owned(),
            format!("{}/{}", row.n_active, row.n),
            format::bytes(row.bytes, texts),
            texts.msg(&msg!(
                "docker-reclaimable",
                size = format::bytes(row.reclaimable_bytes, texts)
            )),
        ]
    });
    of(
        "chantier.build.disk/1",
        json!({ "disk": rows }),
        table(&lines.collect::<Vec<_>>()),
    )
}

fn prune_answer(docker: &Model, texts: &Catalog) -> Answer {
    let line = |item: &PruneItem| {
        vec![
            texts.t(item.kind.key()).into_owned(),
            short_id(&item.id).to_owned(),
            item.name.clone(),
            format::bytes(item.bytes, texts),
        ]
    };
    if let Some((removed, kept, bytes)) = &docker.pruned {
        let mut text = table(&removed.iter().map(line).collect::<Vec<_>>());
        text.push_str(&texts.msg(&msg!("docker-freed", n = removed.len(), size = format::bytes(*bytes, texts))));
        text.push('\n');
        for item in kept {
            text.push_str(&texts.msg(&msg!("docker-stayed", name = item.name.as_str())));
            text.push('\n');
        }
        return of(
            "chantier.build.prune/1",
            json!({ "removed": removed, "kept": kept, "bytes": bytes }),
            text,
        );
    }
    let plan = docker.plan.as_ref();
    let items: &[PruneItem] = plan.map_or(&[], |plan| plan.items.as_slice());
    let mut text = table(&items.iter().map(line).collect::<Vec<_>>());
    let bytes = plan.map_or(0, |plan| plan.bytes);
    text.push_str(&texts.msg(&msg!(
        "docker-would-free",
        n = items.len(),
        size = format::bytes(bytes, texts)
    )));
    text.push('\n');
    of("chantier.build.prune/1", json!({ "plan": plan }), text)
}
