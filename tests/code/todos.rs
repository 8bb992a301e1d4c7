//! The inventory of TODO and the like on real repositories, and files opened in editors.

use super::fixture::{Fixture, path};
use chantier::adapters::editor::{self, Place, Surroundings};
use chantier::adapters::git::Git;
use chantier::adapters::masks::Masks;
use chantier::adapters::process::{ProcessConfig, Processes};
use chantier::base::Clock;
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

#[tokio::test]
async fn what_was_found_is_kept_over_sessions_by_content() {
    let fixture = Fixture::new();
    let cache = fixture.dir.path().join("cache");
    for n in 0..20 {
        fixture.write(format!("f{n}.rs"), format!("// TODO number {n}\n"));
    }
    fixture.write("none.rs", "nothing\n");
    fixture.commit_all("one");
    let session = || {
        let processes = Processes::new(ProcessConfig::default(), Masks::default(), Clock::system());
        Fixture {
            git: Git::new(processes).caching_in(cache.clone()),
            root: fixture.root.clone(),
            dir: tempfile::tempdir().unwrap(),
            cancel: fixture.cancel.clone(),
        }
    };
    let first = session();
    let wanted = shown(&todos(&first).await);
    assert_eq!(wanted.len(), 20);
    first.git.keep_todos(&first.root).unwrap();
    let kept: Vec<PathBuf> = std::fs::read_dir(&cache)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    assert_eq!(kept.len(), 1);
    let text = std::fs::read_to_string(&kept[0]).unwrap();
    // What the next session says comes from there: a word that no file has is believed.
    let oid = fixture.text(&["rev-parse", "HEAD:f3.rs"]);
    std::fs::write(&kept[0], text.replace("number 3", "from the cache")).unwrap();
    let second = shown(&todos(&session()).await);
    assert_eq!(
        second
            .iter()
            .filter(|line| line.contains("from the cache (Ada Lovelace)"))
            .count(),
        1
    );
    assert!(text.contains(&oid));
    // A content that changed is another one; and what can not be read counts as nothing.
    fixture.write("f3.rs", "// TODO anew\n");
    fixture.commit_all("two");
    let third = session();
    let changed = shown(&todos(&third).await);
    assert!(
        changed.iter().any(|line| line.starts_with("f3.rs:1 TODO anew")),
        "{changed:?}"
    );
    third.git.keep_todos(&third.root).unwrap();
    assert!(
        !std::fs::read_to_string(&kept[0]).unwrap().contains(&oid),
        "only what is there now is kept"
    );
    std::fs::write(&kept[0], "{ broken").unwrap();
    assert_eq!(shown(&todos(&session()).await), changed);
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

#[tokio::test]
async fn of_sources_only_comments_count_and_of_everything_else_all() {
    let fixture = Fixture::new();
    fixture.write(
        "a.rs",
        "let a = \"TODO in a string\"; // TODO one\nlet b = r#\"x \" // TODO raw\"#; /* TODO two\n TODO three */\nfn f<'a>(x: &'a str) { '\"'; } // TODO four\nmsg(\"\nTODO in a long one\n\");\nconst TODO: u8 = 1;\n",
    );
    fixture.write("b.py", "x = 'TODO no'\n\"\"\"TODO one\"\"\"\ny = \"it's\"  # TODO two\n");
    fixture.write("c.js", "f(`\n// TODO no\n`); // don't TODO one\n");
    fixture.write("d.sh", "echo TODO\n# it's TODO one\n");
    fixture.write("e.txt", "\"TODO one\"\n");
    fixture.write("f.unknown", "TODO one\n");
    fixture.commit_all("one");
    let found: Vec<String> = todos(&fixture)
        .await
        .iter()
        .map(|todo| format!("{}:{} {}", todo.path.display(), todo.line, todo.text))
        .collect();
    let expected = [
        "a.rs:1 one",
        "a.rs:2 two",
        "a.rs:3 three",
        "a.rs:4 four",
        "b.py:2 one\"\"\"",
        "b.py:3 two",
        "c.js:3 one",
        "d.sh:2 one",
        "e.txt:1 one\"",
        "f.unknown:1 one",
    ];
    assert_eq!(found, expected);
}
