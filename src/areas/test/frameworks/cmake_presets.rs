//! Which preset configures a CMake project, and where: `CMakePresets.json`, `CMakeUserPresets.json` and what they include.
//! The format: CMake's manual, cmake-presets(7).

use serde_json::Value;
use std::path::{Path, PathBuf};

/// Presets that inherit from each other, files that include each other.
const MAX_DEPTH: usize = 8;

/// A preset that configures a project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preset {
    pub name: String,
    /// Its build folder, relative to the project; None where that can not be told.
    pub dir: Option<PathBuf>,
}

/// The presets of all files.
#[derive(Default)]
struct Presets {
    configure: Vec<Value>,
    build: Vec<Value>,
    test: Vec<Value>,
}

/// The preset that the first tests want, else the first build, else the first that counts on this machine. `read` gives the text of a file
/// of the project, `folder` is the project's own.
pub fn chosen(read: &dyn Fn(&Path) -> Option<String>, folder: &Path) -> Option<Preset> {
    let mut presets = Presets::default();
    for name in ["CMakePresets.json", "CMakeUserPresets.json"] {
        presets.read(read, Path::new(name), MAX_DEPTH);
    }
    let usable = |name: &str| presets.find(name).is_some_and(|preset| presets.counts(preset, MAX_DEPTH));
    let wanted = presets.test.iter().chain(&presets.build).filter(|preset| !is_hidden(preset));
    let mut wanted = wanted
        .filter_map(|preset| text(preset, "configurePreset"))
        .filter(|name| usable(name));
    let first = || {
        let mut own = presets
            .configure
            .iter()
            .filter(|preset| !is_hidden(preset) && presets.counts(preset, MAX_DEPTH));
        own.find_map(|preset| text(preset, "name"))
    };
    let name = wanted.next().or_else(first)?;
    let dir = presets.binary_dir(presets.find(name)?, MAX_DEPTH);
    Some(Preset {
        name: name.to_owned(),
        dir: dir.and_then(|dir| below(&expanded(dir, name, folder)?)),
    })
}

fn text<'a>(value: &'a Value, key: &str) -> Option<&'a str> {
    value.get(key).and_then(Value::as_str)
}

fn is_hidden(preset: &Value) -> bool {
    preset.get("hidden").and_then(Value::as_bool).unwrap_or(false)
}

impl Presets {
    fn read(&mut self, read: &dyn Fn(&Path) -> Option<String>, file: &Path, depth: usize) {
        let json = read(file).and_then(|text| serde_json::from_str::<Value>(&text).ok());
        let (Some(json), Some(depth)) = (json, depth.checked_sub(1)) else {
            return;
        };
        for other in json.get("include").and_then(Value::as_array).into_iter().flatten() {
            let other = other.as_str().filter(|other| !other.contains('$')).map(Path::new);
            if let Some(other) = other {
                self.read(read, &file.parent().unwrap_or(Path::new("")).join(other), depth);
            }
        }
        for (key, all) in [
            ("configurePresets", &mut self.configure),
            ("buildPresets", &mut self.build),
            ("testPresets", &mut self.test),
        ] {
            all.extend(json.get(key).and_then(Value::as_array).into_iter().flatten().cloned());
        }
    }

    fn find(&self, name: &str) -> Option<&Value> {
        self.configure.iter().find(|preset| text(preset, "name") == Some(name))
    }

    fn parents<'a>(&'a self, preset: &'a Value) -> impl Iterator<Item = &'a Value> {
        let inherits = preset.get("inherits");
        let many = inherits
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str);
        let names = inherits.and_then(Value::as_str).into_iter().chain(many);
        names.filter_map(|name| self.find(name))
    }

    /// The build folder as it is written, here or in what is inherited.
    fn binary_dir<'a>(&'a self, preset: &'a Value, depth: usize) -> Option<&'a str> {
        let depth = depth.checked_sub(1)?;
        text(preset, "binaryDir").or_else(|| self.parents(preset).find_map(|parent| self.binary_dir(parent, depth)))
    }

    /// Whether the preset is for this machine. What can not be told does not speak against it.
    fn counts(&self, preset: &Value, depth: usize) -> bool {
        let Some(depth) = depth.checked_sub(1) else { return false };
        match preset.get("condition") {
            Some(condition) => holds(condition),
            None => self.parents(preset).all(|parent| self.counts(parent, depth)),
        }
    }
}

fn holds(condition: &Value) -> bool {
    let side = |key: &str| {
        let host = if cfg!(target_os = "macos") { "Darwin" } else { "Linux" };
        let words = text(condition, key)?.replace("${hostSystemName}", host);
        (!words.contains('$')).then_some(words)
    };
    let listed = || {
        let list = condition.get("list").and_then(Value::as_array)?;
        let word = side("string")?;
        Some(list.iter().any(|one| one.as_str() == Some(&word)))
    };
    let is_same = || Some(side("lhs")? == side("rhs")?);
    let told = match condition {
        Value::Bool(holds) => Some(*holds),
        _ => match text(condition, "type").unwrap_or_default() {
            "const" => condition.get("value").and_then(Value::as_bool),
            "equals" => is_same(),
            "notEquals" => is_same().map(|is| !is),
            "inList" => listed(),
            "notInList" => listed().map(|is| !is),
            _ => None,
        },
    };
    told.unwrap_or(true)
}

/// With the macros that are known here; None when there are others.
fn expanded(dir: &str, name: &str, folder: &Path) -> Option<String> {
    let own = folder.file_name().unwrap_or_default().to_string_lossy();
    let text = dir
        .replace("${sourceDir}/", "")
        .replace("${presetName}", name)
        .replace("${sourceDirName}", &own)
        .replace(
            "${hostSystemName}",
            if cfg!(target_os = "macos") { "Darwin" } else { "Linux" },
        );
    (!text.contains('$')).then_some(text)
}

fn below(dir: &str) -> Option<PathBuf> {
    let dir = super::imports::normal(Path::new(dir));
    (dir.is_relative() && !dir.as_os_str().is_empty()).then_some(dir)
}
