//! Debian packages (deb(5)): an archive of `debian-binary`, `control.tar.gz` and `data.tar.gz`. The same content gives the same bytes.

use super::deliver::{Kept, failed, keep_with, mode_of};
use crate::base::Problem;
use crate::msg;
use flate2::{Compression, GzBuilder};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Component, Path, PathBuf};

/// What goes into a package, and what is said of it.
#[derive(Clone, Debug)]
pub struct Deb {
    pub package: String,
    /// As `debian_version` has it.
    pub version: String,
    /// As `architecture_of` has it.
    pub architecture: String,
    /// `Ada Lovelace <ada@example.org>`.
    pub maintainer: String,
    pub section: String,
    pub depends: Vec<String>,
    /// One line; what stands below it tells more.
    pub description: String,
    /// Where a file is put, from `/`, and where it comes from.
    pub files: BTreeMap<PathBuf, PathBuf>,
}

impl Deb {
    pub fn file_name(&self) -> String {
        format!("{}_{}_{}.deb", self.package, self.version, self.architecture)
    }

    /// Writes the package.
    pub fn pack(&self, to: &Path, mtime: u64) -> Result<Kept, Problem> {
        self.check()?;
        let data = self.data(mtime).map_err(|error| failed(to, &error))?;
        let control = self.control(data.kibibytes, mtime);
        let control = control.map_err(|error| failed(to, &error))?;
        keep_with(to, 0o644, |out| {
            let mut ar = ar::Builder::new(out);
            let parts: [(&[u8], &[u8]); 3] = [
                (b"debian-binary", b"2.0\n"),
                (b"control.tar.gz", &control),
                (b"data.tar.gz", &data.bytes),
            ];
            for (name, bytes) in parts {
                let mut header = ar::Header::new(name.to_vec(), bytes.len() as u64);
                header.set_mode(0o100_644);
                header.set_mtime(mtime);
                ar.append(&header, bytes)?;
            }
            Ok(())
        })
    }

    /// What dpkg would refuse, or would read as something else.
    pub fn check(&self) -> Result<(), Problem> {
        let wrong = |what: &str, value: &str| {
            Err(Problem::config(msg!("deb-wrong", what = what, value = value)).hint(msg!("deb-wrong-hint", what = what)))
        };
        let mut letters = self.package.chars();
        let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        if self.package.len() < 2 || !letters.next().is_some_and(is_plain) || !letters.all(|c| is_plain(c) || "+-.".contains(c)) {
            return wrong("package", &self.package);
        }
        if !self.maintainer.contains('<') || !self.maintainer.ends_with('>') {
            return wrong("maintainer", &self.maintainer);
        }
        let lines = [
            ("maintainer", &self.maintainer),
            ("section", &self.section),
            ("description", &self.description),
        ];
        let depends = self.depends.iter().map(|one| ("depends", one));
        for (what, value) in lines.into_iter().chain(depends) {
            let may_be_long = what == "description";
            let is_strange = |c: char| c.is_control() && !(may_be_long && c == '\n');
            if value.trim().is_empty() || value.chars().any(is_strange) {
                return wrong(what, value);
            }
        }
        for path in self.files.keys() {
            let is_plain = path
                .components()
                .all(|part| matches!(part, Component::RootDir | Component::Normal(_)));
            if !path.is_absolute() || !is_plain || path.parent().is_none() {
                return wrong("files", &path.display().to_string());
            }
        }
        Ok(())
    }

    fn control(&self, kibibytes: u64, mtime: u64) -> io::Result<Vec<u8>> {
        let mut text = String::new();
        let fields = [
            ("Package", self.package.as_str()),
            ("Version", &self.version),
            ("Architecture", &self.architecture),
            ("Maintainer", &self.maintainer),
            ("Installed-Size", &kibibytes.to_string()),
            ("Depends", &self.depends.join(", ")),
            ("Section", &self.section),
            ("Priority", "optional"),
            ("Description", &described(&self.description)),
        ];
        for (name, value) in fields.into_iter().filter(|(_, value)| !value.is_empty()) {
            writeln!(text, "{name}: {value}").ok();
        }
        // What an administrator may change there is kept by dpkg.
        let kept: String = self
            .files
            .keys()
            .filter(|path| path.starts_with("/etc"))
            .map(|path| format!("{}\n", path.display()))
            .collect();
        let mut tar = tar::Builder::new(GzBuilder::new().mtime(0).write(Vec::new(), Compression::best()));
        for (name, text) in [("./control", text), ("./conffiles", kept)] {
            if !text.is_empty() {
                let mut header = header(tar::EntryType::Regular, 0o644, mtime);
                header.set_size(text.len() as u64);
                tar.append_data(&mut header, name, text.as_bytes())?;
            }
        }
        tar.into_inner()?.finish()
    }

    fn data(&self, mtime: u64) -> io::Result<Data> {
        let mut tar = tar::Builder::new(GzBuilder::new().mtime(0).write(Vec::new(), Compression::best()));
        let mut folders = BTreeSet::new();
        let mut kibibytes = 0;
        for (path, from) in &self.files {
            let inside = Path::new(".").join(path.strip_prefix("/").unwrap_or(path));
            let above: Vec<&Path> = inside
                .ancestors()
                .skip(1)
                .filter(|path| !path.as_os_str().is_empty())
                .collect();
            for folder in above.into_iter().rev() {
                if folders.insert(folder.to_path_buf()) {
                    let mut header = header(tar::EntryType::Directory, 0o755, mtime);
                    header.set_size(0);
                    tar.append_data(&mut header, folder.join(""), io::empty())?;
                    kibibytes += 1;
                }
            }
            let file = File::open(from)?;
            let meta = file.metadata()?;
            let mut header = header(tar::EntryType::Regular, mode_of(&meta), mtime);
            header.set_size(meta.len());
            kibibytes += meta.len().div_ceil(1024);
            tar.append_data(&mut header, inside, file.take(meta.len()))?;
        }
        Ok(Data {
            bytes: tar.into_inner()?.finish()?,
            kibibytes,
        })
    }
}

struct Data {
    bytes: Vec<u8>,
    kibibytes: u64,
}

fn header(kind: tar::EntryType, mode: u32, mtime: u64) -> tar::Header {
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(kind);
    header.set_mode(mode);
    header.set_mtime(mtime);
    header.set_uid(0);
    header.set_gid(0);
    header.set_username("root").ok();
    header.set_groupname("root").ok();
    header
}

/// Further lines begin with a blank, and one that is empty is a dot.
fn described(text: &str) -> String {
    let mut lines = text.trim().lines().map(str::trim_end);
    let first = lines.next().unwrap_or_default().to_owned();
    lines.fold(first, |all, line| match line {
        "" => all + "\n .",
        line => format!("{all}\n {line}"),
    })
}

/// `1.2.0-rc.1` sorts before `1.2.0` there only as `1.2.0~rc.1`.
pub fn debian_version(version: &str) -> String {
    version.replacen('-', "~", 1).replace('-', ".")
}

/// The name of the architecture that the first of these programs is for; `all` when none of them is a program.
pub fn architecture_of<'a>(files: impl Iterator<Item = &'a Path>) -> io::Result<&'static str> {
    for path in files {
        let mut start = Vec::new();
        File::open(path)?.take(20).read_to_end(&mut start)?;
        // Magic, class, byte order; the machine stands at 18 (elf(5)).
        let Some(machine) = start.get(18..20).filter(|_| start.starts_with(b"\x7fELF")) else {
            continue;
        };
        let bytes = [machine[0], machine[1]];
        let is_little = start[5] == 1;
        let machine = if is_little {
            u16::from_le_bytes(bytes)
        } else {
            u16::from_be_bytes(bytes)
        };
        let name = match (machine, start[4], is_little) {
            (62, 2, _) => "amd64",
            (62, ..) => "x32",
            (3, ..) => "i386",
            (183, ..) => "arm64",
            (40, ..) => "armhf",
            (243, 2, _) => "riscv64",
            (21, 2, true) => "ppc64el",
            (22, 2, _) => "s390x",
            (258, 2, _) => "loong64",
            _ => continue,
        };
        return Ok(name);
    }
    Ok("all")
}
