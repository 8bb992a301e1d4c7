//! The table of licences that the About page shows says exactly what is linked.

use cargo_metadata::{CargoOpt, DependencyKind, MetadataCommand, PackageId};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Name, version and licence of every crate of others that is linked on Linux, one per line, as cargo knows them.
fn linked() -> String {
    let metadata = MetadataCommand::new()
        .manifest_path(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml"))
        .features(CargoOpt::SomeFeatures(Vec::new()))
        .other_options(["--locked", "--offline", "--filter-platform", "x86_64-unknown-linux-gnu"].map(str::to_owned))
        .exec()
        .unwrap();
    let resolve = metadata.resolve.as_ref().unwrap();
    let nodes: BTreeMap<&PackageId, _> = resolve.nodes.iter().map(|node| (&node.id, node)).collect();
    let root = resolve.root.as_ref().unwrap();
    let mut seen: BTreeSet<&PackageId> = BTreeSet::new();
    let mut waiting = vec![root];
    while let Some(id) = waiting.pop() {
        if seen.insert(id) {
            let linked = nodes[id]
                .deps
                .iter()
                .filter(|dep| dep.dep_kinds.iter().any(|kind| kind.kind == DependencyKind::Normal));
            waiting.extend(linked.map(|dep| &dep.pkg));
        }
    }
    let mut rows: Vec<String> = metadata
        .packages
        .iter()
        .filter(|package| seen.contains(&package.id) && package.source.is_some())
        .map(|package| {
            let licence = package.license.as_deref().unwrap_or("see its files");
            format!("{}\t{}\t{licence}\n", package.name, package.version)
        })
        .collect();
    rows.sort();
    rows.concat()
}

/// With `CHANTIER_UPDATE=1` the table is written anew.
#[test]
fn the_table_of_licences_is_that_of_the_lock_file() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("resources/licences.tsv");
    let linked = linked();
    if std::env::var_os("CHANTIER_UPDATE").is_some() {
        std::fs::write(&file, &linked).unwrap();
    }
    let kept = std::fs::read_to_string(&file).unwrap();
    let (kept, linked): (BTreeSet<&str>, BTreeSet<&str>) = (kept.lines().collect(), linked.lines().collect());
    let missing: Vec<_> = linked.difference(&kept).collect();
    let stale: Vec<_> = kept.difference(&linked).collect();
    assert!(
        missing.is_empty() && stale.is_empty(),
        "resources/licences.tsv: missing {missing:#?}, stale {stale:#?}; run this test with CHANTIER_UPDATE=1"
    );
}

/// What may be linked stands in `.deny.toml`; `cargo deny` is not on every machine, the table is.
#[test]
fn every_licence_is_one_that_is_allowed() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let rules: toml::Table = std::fs::read_to_string(root.join(".deny.toml")).unwrap().parse().unwrap();
    let words = |value: &toml::Value| -> BTreeSet<String> {
        let list = value.as_array().unwrap().iter();
        list.map(|word| word.as_str().unwrap().to_owned()).collect()
    };
    let allowed = words(&rules["licenses"]["allow"]);
    let exceptions: BTreeMap<String, BTreeSet<String>> = rules["licenses"]["exceptions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["crate"].as_str().unwrap().to_owned(), words(&one["allow"])))
        .collect();
    let table = std::fs::read_to_string(root.join("resources/licences.tsv")).unwrap();
    for line in table.lines() {
        let fields: Vec<&str> = line.split('\t').collect();
        let (name, licence) = (fields[0], fields[2]);
        let is_allowed = |word: &str| {
            let word = word.trim().trim_matches(['(', ')']);
            allowed.contains(word) || exceptions.get(name).is_some_and(|more| more.contains(word))
        };
        // Every part that is joined by AND, and of those joined by OR one.
        let is_fine = licence
            .replace('/', " OR ")
            .split(" AND ")
            .all(|part| part.split(" OR ").any(is_allowed));
        assert!(is_fine, "{line}");
    }
}
