//! The bill of materials of a version, as CycloneDX 1.5 in JSON, from what the lock files say. The same sources give the same bytes.

use super::locks::{Hash, Package};
use crate::base::{Problem, Timestamp};
use crate::msg;
use cyclonedx_bom::external_models::normalized_string::NormalizedString;
use cyclonedx_bom::models::bom::{Bom, SpecVersion, UrnUuid};
use cyclonedx_bom::models::component::{Classification, Component, Components, Scope};
use cyclonedx_bom::models::dependency::{Dependencies, Dependency};
use cyclonedx_bom::models::hash::{Hash as Sum, HashAlgorithm, HashValue, Hashes};
use cyclonedx_bom::models::metadata::Metadata;
use cyclonedx_bom::models::tool::{Tool, Tools};
use cyclonedx_bom::validation::Validate as _;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeSet;

/// What the version is.
pub struct Subject<'a> {
    pub name: &'a str,
    pub version: &'a str,
    pub commit: &'a str,
    pub at: Timestamp,
}

/// The document.
pub fn document(subject: &Subject<'_>, packages: &[Package]) -> Result<String, Problem> {
    let root = format!("{}@{}", subject.name, subject.version);
    let itself = itself(subject, packages);
    let packages: Vec<&Package> = packages
        .iter()
        .filter(|one| itself.is_none_or(|itself| itself.address() != one.address()))
        .collect();
    let known: BTreeSet<String> = packages.iter().map(|one| one.address()).collect();
    let own = packages.iter().filter(|one| one.is_own).map(|one| one.address());
    let needed = itself.into_iter().flat_map(|itself| itself.needs.iter().cloned());
    let of_root: BTreeSet<String> = own.chain(needed).filter(|address| known.contains(address)).collect();
    let mut needs_of_root: Vec<String> = of_root.into_iter().collect();
    if needs_of_root.is_empty() {
        let needed: BTreeSet<&String> = packages.iter().flat_map(|one| &one.needs).collect();
        needs_of_root = known.iter().filter(|address| !needed.contains(address)).cloned().collect();
    }
    let mut dependencies = vec![Dependency {
        dependency_ref: root.clone(),
        dependencies: needs_of_root,
    }];
    dependencies.extend(packages.iter().map(|one| Dependency {
        dependency_ref: one.address(),
        dependencies: one.needs.iter().filter(|need| known.contains(*need)).cloned().collect(),
    }));
    let mut bom = Bom {
        version: 1,
        serial_number: UrnUuid::new(serial(subject)).ok(),
        spec_version: SpecVersion::V1_5,
        components: Some(Components(packages.iter().map(|one| component(one)).collect())),
        dependencies: Some(Dependencies(dependencies)),
        ..Bom::default()
    };
    let mut main = Component::new(Classification::Application, subject.name, subject.version, Some(root));
    main.purl = itself.and_then(|itself| itself.address().parse().ok());
    bom.metadata = Some(Metadata {
        timestamp: subject.at.to_string().try_into().ok(),
        tools: Some(Tools::List(vec![Tool::new(
            "Chantier",
            "chantier",
            env!("CARGO_PKG_VERSION"),
        )])),
        component: Some(main),
        ..Metadata::default()
    });
    let failed = |details: String| Problem::internal(msg!("release-sbom-failed")).details(details);
    let found = bom.validate_version(SpecVersion::V1_5);
    if found.has_errors() {
        return Err(failed(format!("{found:?}")));
    }
    let mut bytes = Vec::new();
    bom.output_as_json_v1_5(&mut bytes)
        .map_err(|error| failed(error.to_string()))?;
    bytes.push(b'\n');
    String::from_utf8(bytes).map_err(|error| failed(error.to_string()))
}

/// The package of the repository that the document is about, by its name.
fn itself<'a>(subject: &Subject<'_>, packages: &'a [Package]) -> Option<&'a Package> {
    let normal = |name: &str| name.to_lowercase().replace('_', "-");
    packages
        .iter()
        .find(|one| one.is_own && normal(&one.name) == normal(subject.name))
}

fn component(package: &Package) -> Component {
    let address = package.address();
    let mut component = Component::new(
        Classification::Library,
        &package.name,
        &package.version,
        Some(address.clone()),
    );
    // npm's scopes are groups there.
    if let Some((group, name)) = package.name.split_once('/').filter(|_| package.kind == "npm") {
        component.group = Some(NormalizedString::new(group));
        component.name = NormalizedString::new(name);
    }
    component.purl = address.parse().ok();
    component.scope = Some(if package.is_dev { Scope::Excluded } else { Scope::Required });
    component.hashes = package.hash.as_ref().map(|hash| {
        let (alg, text) = match hash {
            Hash::Sha256(text) => (HashAlgorithm::SHA_256, text),
            Hash::Sha512(text) => (HashAlgorithm::SHA_512, text),
        };
        Hashes(vec![Sum {
            alg,
            content: HashValue(text.clone()),
        }])
    });
    component
}

/// A UUID (version 8: of one's own making) that names these sources and no others.
fn serial(subject: &Subject<'_>) -> String {
    let words = [subject.name, subject.version, subject.commit].join("\0");
    let mut bytes: [u8; 32] = Sha256::digest(words.as_bytes()).into();
    bytes[6] = bytes[6] & 0x0f | 0x80;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let text: String = bytes[..16].iter().map(|byte| format!("{byte:02x}")).collect();
    format!(
        "urn:uuid:{}-{}-{}-{}-{}",
        &text[..8],
        &text[8..12],
        &text[12..16],
        &text[16..20],
        &text[20..]
    )
}
