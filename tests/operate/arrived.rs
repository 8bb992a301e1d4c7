//! Files that come into a folder, or under a pattern, while it is followed.

use super::{Service, workspace};
use crate::support::cli::Home;
use crate::support::heard::Heard;
use std::process::Stdio;

#[test]
fn a_file_that_comes_into_a_followed_folder_is_followed_too_and_what_a_rotation_leaves_is_not() {
    let home = Home::new();
    let dir = workspace(&home, "shop");
    let logs = dir.join("logs");
    std::fs::create_dir(&logs).unwrap();
    std::fs::write(logs.join("app-29.log"), "one\ntwo\n").unwrap();
    let mut child = Service(
        home.program(&dir, &["operate", "logs", "--file", "logs", "--follow", "-n", "1"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap(),
    );
    let mut heard = Heard::of(vec![Box::new(child.0.stdout.take().unwrap())]);
    heard.until("two");
    // A copy and a packed one say nothing new; the file of the next day does, from its start.
    std::fs::copy(logs.join("app-29.log"), logs.join("app-29.log.1")).unwrap();
    std::fs::write(logs.join("app-28.log.gz"), "two").unwrap();
    std::fs::write(logs.join("app-30.log"), "three\nfour\n").unwrap();
    let all = heard.until("app-30.log | four");
    assert_eq!(all, ["two", "app-30.log | three", "app-30.log | four"]);
    std::fs::rename(logs.join("app-30.log"), logs.join("old.log")).unwrap();
    std::fs::write(logs.join("app-31.log"), "five\n").unwrap();
    let all = heard.until("app-31.log | five");
    assert_eq!(all.len(), 4, "{all:?}");
}
