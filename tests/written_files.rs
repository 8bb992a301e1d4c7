//! Files that are written for the user: one that is there stays unless `--force` says otherwise, or it is a page that Chantier wrote.

use crate::support::cli::{Called, Home};
use chantier::adapters::files;
use chantier::base::{Over, WriteTo};
use std::path::Path;

const PRECIOUS: &str = "precious\n";

/// Refused while a foreign file is there, which stays; written over with `--force`.
fn check(home: &Home, dir: &Path, args: &[&str], file: &str) {
    let call = |more: &[&str]| -> Called {
        let mut all = args.to_vec();
        all.extend(more);
        home.call_in(dir, &all)
    };
    let path = dir.join(file);
    std::fs::write(&path, PRECIOUS).unwrap();
    let refused = call(&[]);
    assert_eq!(refused.code, 1, "{args:?}: {}", refused.out);
    assert!(
        refused.err.contains("exists already") && refused.err.contains("--force"),
        "{args:?}: {}",
        refused.err
    );
    assert_eq!(std::fs::read_to_string(&path).unwrap(), PRECIOUS, "{args:?}");
    call(&["--force"]).ok();
    assert_ne!(std::fs::read_to_string(&path).unwrap(), PRECIOUS, "{args:?}");
}

#[test]
fn no_export_writes_over_a_file_that_is_there() {
    let home = Home::new();
    let dir = home.sample();
    for (args, file) in [
        (vec!["plan", "export", "items.csv"], "items.csv"),
        (vec!["plan", "export", "items.json", "--filter", "is:open"], "items.json"),
        (vec!["monitor", "page", "--to", "status.html"], "status.html"),
        (vec!["config", "export", "settings.toml"], "settings.toml"),
        (vec!["code", "repos", "freeze", "--output", "frozen.xml"], "frozen.xml"),
        (
            vec!["operate", "logs", "--file", "README.md", "--to", "lines.txt"],
            "lines.txt",
        ),
    ] {
        check(&home, &dir, &args, file);
    }
    // A page is made to be written again and again.
    home.call_in(&dir, &["monitor", "page", "--to", "status.html"]).ok();
}

#[test]
fn a_name_that_is_taken_is_refused_replaced_or_left_beside() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("plan.csv");
    let write = |over: Over, text: &str| {
        let to = WriteTo {
            path: path.clone(),
            over,
        };
        files::write_out(&to, text.as_bytes(), Some("<!-- mine -->"))
    };
    let text = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
    assert_eq!(write(Over::Refuse, "one").unwrap(), path);
    assert_eq!(write(Over::Refuse, "two").unwrap_err().code, "exists");
    assert_eq!(text("plan.csv"), "one");
    assert_eq!(write(Over::Beside, "three").unwrap(), folder.path().join("plan (2).csv"));
    assert_eq!(write(Over::Beside, "four").unwrap(), folder.path().join("plan (3).csv"));
    write(Over::Replace, "<!-- mine -->").unwrap();
    // What carries the mark was written for the same purpose.
    write(Over::Refuse, "five").unwrap();
    assert_eq!(
        (text("plan.csv"), text("plan (2).csv")),
        ("five".to_owned(), "three".to_owned())
    );
    // A link that leads nowhere is a name that is taken too.
    std::fs::remove_file(&path).unwrap();
    std::os::unix::fs::symlink(folder.path().join("elsewhere"), &path).unwrap();
    assert_eq!(write(Over::Refuse, "six").unwrap_err().code, "exists");
}
