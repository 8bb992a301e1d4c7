//! What a version is given out as: copies of its artifacts, archives, a Debian package, a bill of materials, their sums and a signature.

use super::artifacts::Made;
use super::{locks, sbom};
use crate::adapters::World;
use crate::adapters::deb::{Deb, architecture_of, debian_version};
use crate::adapters::deliver::{self, Content, Kept, Packed};
use crate::adapters::files::{self, Beneath};
use crate::adapters::{secrets, signing};
use crate::areas::devops::project::{self, DebRules, ReleaseRules};
use crate::base::{Problem, SafeText, Timestamp};
use crate::msg;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::path::{Component, Path, PathBuf};

/// The list of the files' sums, as `sha256sum --check` reads it.
pub const SUMS: &str = "SHA256SUMS";
/// Its signature, as `minisign -V` reads it.
pub const SIGNATURE: &str = "SHA256SUMS.minisig";
/// How the names of files begin that belong to every archive.
const TOLD_OF_ITSELF: [&str; 5] = ["LICENSE", "LICENCE", "COPYING", "NOTICE", "README"];

/// Everything that is needed, so that it can be done off the async threads.
pub struct Order {
    pub rules: ReleaseRules,
    /// The workspace's folder.
    pub root: PathBuf,
    /// Those below it whose lock files tell what the version is made of.
    pub lock_folders: Vec<PathBuf>,
    /// Where the files of the version are kept.
    pub folder: PathBuf,
    /// The file of its container image, which is there already.
    pub image: Option<PathBuf>,
    pub name: String,
    pub description: Option<String>,
    pub version: String,
    pub commit: String,
    /// `NAME <ADDRESS>` of who made the commit.
    pub committer: String,
    /// When, in seconds since 1970.
    pub mtime: u64,
    /// Markdown.
    pub notes: String,
    pub made: Vec<Made>,
    pub secrets: Secrets,
}

/// What signing needs of the surroundings.
#[derive(Clone, Default)]
pub struct Secrets {
    home: Option<PathBuf>,
    password: Option<String>,
}

impl Secrets {
    /// Asks for the password where the rules say which secret it is.
    pub async fn of(world: &World, rules: &ReleaseRules) -> Result<Self, Problem> {
        let env = world.processes().base_env();
        let password = match (&rules.sign_key, rules.sign_password.as_deref()) {
            (Some(_), Some(wanted)) => {
                let Some(name) = secrets::reference(wanted) else {
                    return Err(Problem::config(msg!("sign-password-form")).hint(msg!("sign-password-form-hint")));
                };
                world.secrets().resolve([name]).await?;
                Some(world.secrets().value(name)?.reveal().to_owned())
            }
            _ => signing::password(world.processes().masks()),
        };
        Ok(Self {
            home: env.get(OsStr::new("HOME")).map(PathBuf::from),
            password,
        })
    }

    /// The key's file: absolute, or below the home folder as `~/...`; a secret has no place in a repository.
    fn key(&self, path: &Path) -> Result<PathBuf, Problem> {
        let found = match (path.strip_prefix("~"), &self.home) {
            (Ok(rest), Some(home)) => home.join(rest),
            _ => path.to_path_buf(),
        };
        if found.is_absolute() {
            return Ok(found);
        }
        Err(Problem::config(msg!("sign-key-inside", path = path))
            .code("sign-key")
            .hint(msg!("sign-key-inside-hint")))
    }
}

/// What would fail only after the tag is set, looked at before.
pub fn check(
    rules: &ReleaseRules,
    secrets: &Secrets,
    name: &str,
    version: &str,
    committer: &str,
    description: Option<&str>,
) -> Result<(), Problem> {
    if let Some(key) = &rules.sign_key {
        let signed = signing::sign(&secrets.key(key)?, secrets.password.clone(), b"", "")?;
        if let Some(public) = &rules.public_key {
            signing::verify(public, b"", &signed)?;
        }
    }
    if let Some(deb) = &rules.deb {
        deb_of(deb, name, version, committer, description, BTreeMap::new(), "all")?.check()?;
    }
    Ok(())
}

/// What the archives hold beside the artifacts: the files that the project names, else its licence and what it says of itself.
pub fn extras(root: &Path, rules: &ReleaseRules) -> Result<Vec<PathBuf>, Problem> {
    if rules.archives.is_empty() {
        return Ok(Vec::new());
    }
    let beneath = Beneath::open(root)?;
    if rules.archive_files.is_empty() {
        let is_wanted = |name: &str| {
            let name = name.to_uppercase();
            TOLD_OF_ITSELF.iter().any(|start| name.starts_with(start))
        };
        let entries = files::list_dir(root)?.into_iter().filter(|entry| !entry.is_dir);
        let names = entries.map(|entry| PathBuf::from(entry.name));
        // A link that leads out of the folder is none of its files.
        let is_own = |path: &PathBuf| beneath.read_text(path, files::MAX_TEXT_BYTES).is_ok();
        let mut found: Vec<PathBuf> = names
            .filter(|path| is_wanted(&path.to_string_lossy()))
            .filter(is_own)
            .collect();
        found.sort();
        return Ok(found);
    }
    for path in &rules.archive_files {
        let is_inside = path
            .components()
            .all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
        if !is_inside || !root.join(path).is_file() {
            return Err(Problem::config(msg!("release-archive-no-file", path = path))
                .code("not-found")
                .hint(msg!("release-archive-no-file-hint"))
                .at_place(root.join(project::FILE_NAME), 0, 0));
        }
    }
    Ok(rules.archive_files.clone())
}

/// What was written.
pub struct Packing {
    /// Names and files, the sums and their signature last.
    pub kept: Vec<(String, Kept)>,
    /// Lock files that could not be read, so that the bill of materials does not tell of them.
    pub unread: Vec<String>,
    /// What lock files ask for without one version: it tells nothing of that either.
    pub loose: Vec<String>,
}

/// Writes everything below the version's folder.
pub fn pack(order: &Order) -> Result<Packing, Problem> {
    let top = format!("{}-{}", plain_name(&order.name), order.version);
    let mut kept: Vec<(String, Kept)> = Vec::new();
    let mut packed = vec![Packed {
        name: "RELEASE-NOTES.md".to_owned(),
        content: Content::Text(format!("# {} {}\n\n{}\n", order.name, order.version, order.notes)),
    }];
    let mut used = BTreeSet::new();
    for one in &order.made {
        let mut file_name = one.file_name.clone();
        if !used.insert(file_name.clone()) {
            file_name = format!("{}-{file_name}", plain_name(&one.name));
        }
        let copy = deliver::keep(&one.path, &order.folder.join(&file_name))?;
        if copy.sha256 != one.sha256 {
            return Err(Problem::environment(msg!("release-artifact-changed", name = &one.name)).code("artifact-changed"));
        }
        packed.push(Packed {
            name: file_name,
            content: Content::File(copy.path.clone()),
        });
        kept.push((one.name.clone(), copy));
    }
    for file in extras(&order.root, &order.rules)? {
        let name = file.to_string_lossy().into_owned();
        if used.insert(name.clone()) {
            packed.push(Packed {
                name,
                content: Content::File(order.root.join(&file)),
            });
        }
    }
    let (mut unread, mut loose) = (Vec::new(), Vec::new());
    let programs: Vec<PathBuf> = kept.iter().map(|(_, file)| file.path.clone()).collect();
    if order.rules.sbom && locks::has_any(&order.root, &order.lock_folders) {
        let found = locks::read(&order.root, &order.lock_folders)?;
        (unread, loose) = (found.broken, found.loose);
        let packages = found.packages;
        if !packages.is_empty() {
            let subject = sbom::Subject {
                name: &order.name,
                version: &order.version,
                commit: &order.commit,
                at: Timestamp::from_second(i64::try_from(order.mtime).unwrap_or(0)).unwrap_or_default(),
            };
            let text = sbom::document(&subject, &packages)?;
            let name = format!("{top}.cdx.json");
            let file = deliver::keep_text(&text, &order.folder.join(&name))?;
            packed.push(Packed {
                name: name.clone(),
                content: Content::Text(text),
            });
            kept.push((name, file));
        }
    }
    let architecture = architecture_of(programs.iter().map(PathBuf::as_path));
    let architecture = architecture.map_err(|error| Problem::environment(msg!("deb-unread")).details(error))?;
    // What runs on one kind of machine only says so in its name.
    let top = if architecture == "all" {
        top
    } else {
        format!("{top}-linux-{architecture}")
    };
    // An image or a package may be all that a version is.
    let has_content = !order.made.is_empty() || !order.rules.archive_files.is_empty();
    for format in order.rules.archives.iter().filter(|_| has_content) {
        let archive = format!("{top}.{}", format.extension());
        let archived = deliver::pack(&order.folder.join(&archive), *format, &top, &packed, order.mtime)?;
        kept.push((archive, archived));
    }
    if let Some(rules) = &order.rules.deb {
        let further = rules.files.values().map(|from| order.root.join(from));
        let all: Vec<PathBuf> = programs
            .iter()
            .cloned()
            .chain(further)
            .filter(|path| path.is_file())
            .collect();
        let architecture = architecture_of(all.iter().map(PathBuf::as_path));
        let architecture = architecture.map_err(|error| Problem::environment(msg!("deb-unread")).details(error))?;
        let deb = order.deb(rules, &programs, architecture)?;
        let name = deb.file_name();
        let file = deb.pack(&order.folder.join(&name), order.mtime)?;
        kept.push((name, file));
    }
    if let Some(image) = &order.image {
        let missing = || Problem::environment(msg!("deliver-no-file", path = image.as_path())).code("not-found");
        let file = deliver::look(image)?.ok_or_else(missing)?;
        let name = image.file_name().unwrap_or_default().to_string_lossy().into_owned();
        kept.push((name, file));
    }
    order.seal(&mut kept)?;
    Ok(Packing { kept, unread, loose })
}

impl Order {
    fn deb(&self, rules: &DebRules, programs: &[PathBuf], architecture: &str) -> Result<Deb, Problem> {
        let package = package_name(rules, &self.name);
        let mut files = BTreeMap::new();
        for path in programs {
            let name = path.file_name().unwrap_or_default();
            let to = if deliver::is_executable(path) {
                Path::new("/usr/bin").join(name)
            } else {
                Path::new("/usr/share").join(&package).join(name)
            };
            files.insert(to, path.clone());
        }
        for (to, from) in &rules.files {
            let is_inside = from
                .components()
                .all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
            let source = self.root.join(from);
            if !is_inside || !source.is_file() {
                return Err(Problem::config(msg!("deb-no-file", path = from))
                    .code("not-found")
                    .hint(msg!("deb-no-file-hint")));
            }
            files.insert(to.clone(), source);
        }
        // Where Debian's readers look for it.
        let terms = files::list_dir(&self.root)?.into_iter().find(|entry| {
            let name = entry.name.to_string_lossy().to_uppercase();
            !entry.is_dir && ["LICENSE", "LICENCE", "COPYING"].iter().any(|start| name.starts_with(start))
        });
        if let Some(terms) = terms {
            let to = Path::new("/usr/share/doc").join(&package).join("copyright");
            files.entry(to).or_insert(terms.path);
        }
        let description = self.description.as_deref();
        deb_of(
            rules,
            &self.name,
            &self.version,
            &self.committer,
            description,
            files,
            architecture,
        )
    }

    /// The sums of everything, and their signature.
    fn seal(&self, kept: &mut Vec<(String, Kept)>) -> Result<(), Problem> {
        let sums: String = kept
            .iter()
            .map(|(_, file)| {
                let name = file.path.file_name().unwrap_or_default().to_string_lossy();
                format!("{}  {name}\n", file.sha256)
            })
            .collect();
        kept.push((SUMS.to_owned(), deliver::keep_text(&sums, &self.folder.join(SUMS))?));
        if let Some(key) = &self.rules.sign_key {
            let comment = format!("timestamp:{}\tfile:{SUMS}\t{} {}", self.mtime, self.name, self.version);
            let key = self.secrets.key(key)?;
            let signature = signing::sign(&key, self.secrets.password.clone(), sums.as_bytes(), &comment)?;
            let file = deliver::keep_text(&signature, &self.folder.join(SIGNATURE))?;
            kept.push((SIGNATURE.to_owned(), file));
        }
        Ok(())
    }
}

fn package_name(rules: &DebRules, name: &str) -> String {
    match &rules.package {
        Some(package) => package.clone(),
        None => plain_name(&name.to_lowercase()).replace('_', "-"),
    }
}

fn deb_of(
    rules: &DebRules,
    name: &str,
    version: &str,
    committer: &str,
    description: Option<&str>,
    files: BTreeMap<PathBuf, PathBuf>,
    architecture: &str,
) -> Result<Deb, Problem> {
    let deb = Deb {
        package: package_name(rules, name),
        version: debian_version(version),
        architecture: architecture.to_owned(),
        maintainer: rules.maintainer.clone().unwrap_or_else(|| committer.to_owned()),
        section: rules.section.clone().unwrap_or_else(|| "misc".to_owned()),
        depends: rules.depends.clone(),
        description: rules
            .description
            .clone()
            .or(description.map(str::to_owned))
            .unwrap_or_else(|| name.to_owned()),
        files,
    };
    deb.check()?;
    Ok(deb)
}

/// What can stand in a file's name.
fn plain_name(name: &str) -> String {
    SafeText::new(name)
        .as_str()
        .chars()
        .map(|c| if c.is_alphanumeric() || "-_.".contains(c) { c } else { '-' })
        .collect()
}
