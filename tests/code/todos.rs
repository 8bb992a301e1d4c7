//! The inventory of TODO and the like on real repositories, and files opened in editors.

use super::fixture::{Fixture, path};
use chantier::adapters::editor::{self, Place, Surroundings};
use chantier::base::repo::Todo;
use std::path::PathBuf;

fn words() -> Vec<String> {
    vec!["TODO".into(), "FIXME".into()]
}

async fn todos(fixture: &Fixture) -> Vec<Todo> {
    let (repo, cancel) = (fixture.repo(), &fixture.cancel);
    let status = fixture.git.status_now(repo, cancel).await.unwrap();
    let files = fixture.git.todos(repo, &words(), &status, cancel).await.unwrap();
    let mut todos = Vec::new();
    for file in &files {
        let authors = fixture.git.todo_authors(repo, file, cancel).await.unwrap_or_default();
        for todo in &file.todos {
            let author = authors.get(&todo.line).cloned();
            todos.push(Todo { author, ..todo.clone() });
        }
    }
    todos
}

fn shown(todos: &[Todo]) -> Vec<String> {
    let author = |todo: &Todo| {
        todo.author
            .as_ref()
            .map_or_else(|| "-".to_owned(), |author| author.name.clone())
    };
    todos
        .iter()
        .map(|todo| {
            format!(
                "{}:{} {} {} ({})",
                todo.path.display(),
                todo.line,
                todo.word,
                todo.text,
                author(todo)
            )
        })
        .collect()
}

#[tokio::test]
async fn todos_are_found_blamed_and_followed() {
    let fixture = Fixture::new();
    fixture.write(
        "a.rs",
        "// TODO: first, see MA-1\nfn todo() {}\n/* FIXME second */\nlet TODOS = 1; // xTODO no\n",
    );
    fixture.write(b"b\xe9.txt", b"TODO(ada) odd name\r\n");
    fixture.write("data.bin", b"\0TODO in binary\n");
    fixture.write("ignored.log", "TODO ignored\n");
    fixture.write(".gitignore", "*.log\n");
    fixture.commit_all("one");
    fixture.write("new.rs", "// TODO new\n");
    let first = todos(&fixture).await;
    let names = [
        "a.rs:1 TODO first, see MA-1 (Ada Lovelace)",
        "a.rs:3 FIXME second (Ada Lovelace)",
    ];
    assert_eq!(shown(&first)[..2], names);
    assert!(
        shown(&first)[2].ends_with(":1 TODO (ada) odd name (Ada Lovelace)"),
        "{:?}",
        shown(&first)
    );
    assert_eq!(shown(&first)[3..], ["new.rs:1 TODO new (-)"]);
    assert_eq!(first[0].author.as_ref().unwrap().at.as_second(), 1_600_000_000);
    // A line is put before: what was committed keeps its author on its new number.
    fixture.write("a.rs", "// FIXME mine\n// TODO: first, see MA-1\n");
    std::fs::remove_file(fixture.path("new.rs")).unwrap();
    let second = todos(&fixture).await;
    assert_eq!(
        shown(&second)[..2],
        ["a.rs:1 FIXME mine (-)", "a.rs:2 TODO first, see MA-1 (Ada Lovelace)"]
    );
    assert_eq!(second.len(), 3);
    assert_eq!(second[0].path, path("a.rs"));
}

fn argv(configured: &[&str], surroundings: &Surroundings, there: &[&str]) -> Result<Vec<String>, chantier::base::Problem> {
    let configured: Vec<String> = configured.iter().map(|word| (*word).to_owned()).collect();
    let place = Place {
        file: PathBuf::from("/w/a b.rs"),
        line: 12,
        column: 3,
    };
    let argv = editor::command(&configured, surroundings, &place, |name| there.contains(&name))?;
    Ok(argv.into_iter().map(|word| word.into_string().unwrap()).collect())
}

#[test]
fn each_editor_gets_the_place_in_its_own_words() {
    let none = Surroundings::default();
    let cases: [(&[&str], &[&str]); 8] = [
        (&["code"], &["code", "--goto", "/w/a b.rs:12:3"]),
        (
            &["/opt/zed/bin/zed", "--new"],
            &["/opt/zed/bin/zed", "--new", "/w/a b.rs:12:3"],
        ),
        (&["idea.sh"], &["idea.sh", "--line", "12", "--column", "3", "/w/a b.rs"]),
        (&["subl"], &["subl", "/w/a b.rs:12:3"]),
        (&["kate"], &["kate", "-l", "12", "-c", "3", "/w/a b.rs"]),
        (&["gvim", "--remote"], &["gvim", "--remote", "+12", "/w/a b.rs"]),
        (&["my-editor"], &["my-editor", "/w/a b.rs"]),
        (&["my", "{file}#{line},{column}", "-x"], &["my", "/w/a b.rs#12,3", "-x"]),
    ];
    for (configured, expected) in cases {
        assert_eq!(argv(configured, &none, &[]).unwrap(), expected);
    }
}

#[test]
fn without_a_setting_the_surroundings_say_which_editor() {
    let mut around = Surroundings {
        visual: Some("'code' --wait".into()),
        editor: Some("vim".into()),
        has_display: true,
    };
    assert_eq!(argv(&[], &around, &[]).unwrap()[..2], ["code", "--wait"]);
    around.visual = None;
    let problem = argv(&[], &around, &[]).unwrap_err();
    assert_eq!(problem.code, "needs-terminal");
    assert_eq!(
        argv(&[], &around, &["xterm"]).unwrap(),
        ["xterm", "-e", "vim", "+12", "/w/a b.rs"]
    );
    around.has_display = false;
    assert_eq!(argv(&[], &around, &["xterm"]).unwrap_err().code, "needs-terminal");
    let none = Surroundings::default();
    assert_eq!(argv(&[], &none, &["zed", "kate"]).unwrap()[0], "zed");
    assert_eq!(argv(&[], &none, &[]).unwrap_err().code, "no-editor");
}
