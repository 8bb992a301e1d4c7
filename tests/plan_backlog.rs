//! Tasks of Backlog.md as its own program writes and reads them (backlog.md 1.52): names of files, numbers, keys, marks, folders.

use chantier::areas::plan::folder::Folder;
use chantier::areas::plan::item::Source;
use chantier::areas::plan::{Change, Draft, Item, Kind, body};
use chantier::base::Workspace;
use jiff::civil::{Date, date};
use std::path::{Path, PathBuf};

const TODAY: Date = date(2026, 11, 28);
const CONFIG: &str = "project_name: \"proj\"\nstatuses: [\"To Do\", \"In Progress\", \"Done\"]\nlabels: []\nzero_padded_ids: 0\ntask_prefix: \"task\"\n";
const ONE: &str = "---\nid: TASK-1\ntitle: One\nstatus: To Do\nassignee:\n  - '@sara'\n  - '@bob'\ncreated_date: '2026-11-28 03:21'\n\
    due_date: '2027-05-05'\nlabels:\n  - a\ndependencies: []\npriority: high\ntype: docs\nordinal: 1000\n---\n\n\
    ## Definition of Done\n<!-- DOD:BEGIN -->\n- [ ] #1 Checked\n<!-- DOD:END -->\n\n\
    ## Implementation Notes\n\n<!-- SECTION:NOTES:BEGIN -->\nimpl note\n<!-- SECTION:NOTES:END -->\n";

struct Project {
    _temp: tempfile::TempDir,
    workspace: Workspace,
}

impl Project {
    fn new(files: &[(&str, &str)]) -> Self {
        let temp = tempfile::tempdir().unwrap();
        let root = temp.path().canonicalize().unwrap().join("proj");
        for (name, text) in files {
            let path = root.join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        Self {
            _temp: temp,
            workspace: Workspace::at(&root),
        }
    }

    fn folder(&self) -> Folder {
        Folder::open(&self.workspace).unwrap()
    }

    fn create(&self, draft: Draft) -> Item {
        self.folder().create(&draft, TODAY, |below| fastrand::u32(..below)).unwrap()
    }

    fn text(&self, file: &Path) -> String {
        std::fs::read_to_string(self.workspace.root.join(file)).unwrap()
    }

    fn edit(&self, id: &str, changes: &[Change]) -> String {
        let item = self.folder().edit(id, changes, None, TODAY).unwrap();
        self.text(&item.file)
    }
}

fn titled(title: &str) -> Draft {
    Draft {
        title: title.into(),
        ..Draft::default()
    }
}

#[test]
fn a_new_task_has_the_name_the_number_and_the_keys_that_its_program_reads() {
    let project = Project::new(&[
        ("backlog/config.yml", CONFIG),
        ("backlog/tasks/task-1 - One.md", ONE),
        (
            "backlog/completed/task-7 - Done.md",
            "---\nid: TASK-7\ntitle: Done\nstatus: Done\n---\n",
        ),
        (
            "backlog/archive/tasks/task-9 - Away.md",
            "---\nid: TASK-9\ntitle: Away\nstatus: Done\n---\n",
        ),
    ]);
    let made = project.create(Draft {
        kind: Kind::Bug,
        due: Some(date(2027, 2, 2)),
        labels: vec!["api".into()],
        ..titled("From chantier")
    });
    assert_eq!(made.id, "TASK-10");
    assert_eq!(made.file, PathBuf::from("backlog/tasks/task-10 - From-chantier.md"));
    assert_eq!(
        (made.kind, made.due, made.labels),
        (Kind::Bug, Some(date(2027, 2, 2)), vec!["api".to_owned()])
    );
    let text = project.text(&made.file);
    for line in [
        "\ntype: bug\n",
        "\ndue_date: '2027-02-02'\n",
        "\nlabels:\n  - 'api'\n",
        "\nordinal: 2000\n",
    ] {
        assert!(text.contains(line), "{line:?} in {text}");
    }
    assert!(!text.contains("\ndue: "), "{text}");
}

#[test]
fn prefix_and_digits_are_those_of_the_settings() {
    for (config, known, id, file) in [
        (CONFIG.replace("\"task\"", "\"story\""), None, "STORY-1", "story-1 - Two.md"),
        (
            CONFIG.replace("_ids: 0", "_ids: 4"),
            Some("TASK-0001"),
            "TASK-0002",
            "task-0002 - Two.md",
        ),
        // Older versions wrote ids in lower case.
        (CONFIG.to_owned(), Some("task-3"), "task-4", "task-4 - Two.md"),
    ] {
        let project = Project::new(&[("backlog/config.yml", &config), ("backlog/tasks/.gitkeep", "")]);
        if let Some(known) = known {
            let text = format!("---\nid: {known}\ntitle: One\nstatus: To Do\n---\n");
            let path = format!("backlog/tasks/{} - One.md", known.to_lowercase());
            std::fs::write(project.workspace.root.join(path), text).unwrap();
        }
        let made = project.create(titled("Two"));
        assert_eq!(
            (made.id.as_str(), made.file.file_name().unwrap().to_str().unwrap()),
            (id, file)
        );
    }
}

#[test]
fn a_twin_of_a_number_gets_the_next_one_and_a_name_that_its_program_sees() {
    let project = Project::new(&[
        ("backlog/config.yml", CONFIG),
        ("backlog/tasks/task-1 - One.md", ONE),
        (
            "backlog/tasks/TASK-1 - Two.md",
            "---\nid: TASK-1\ntitle: Two\nstatus: To Do\n---\n",
        ),
    ]);
    let (_, item) = project
        .folder()
        .renumber(Path::new("backlog/tasks/TASK-1 - Two.md"), TODAY, |below| {
            fastrand::u32(..below)
        })
        .unwrap();
    assert_eq!(
        (item.id.as_str(), item.file.as_path()),
        ("TASK-2", Path::new("backlog/tasks/task-2 - Two.md"))
    );
}

#[test]
fn what_is_added_stands_between_the_marks_of_its_section() {
    let project = Project::new(&[("backlog/config.yml", CONFIG), ("backlog/tasks/task-1 - One.md", ONE)]);
    let text = project.edit(
        "task-1",
        &[Change::Note("my note".into()), Change::AddCheck("Reviewed".into())],
    );
    let expected = ONE
        .replace("impl note\n", "impl note\n\n- 2026-11-28: my note\n")
        .replace("- [ ] #1 Checked\n", "- [ ] #1 Checked\n- [ ] #2 Reviewed\n");
    assert_eq!(text, expected);
    // Where the sections are not there yet they come with their marks.
    let made = project.create(titled("Two"));
    let text = project.edit(
        &made.id,
        &[
            Change::Note("seen".into()),
            Change::Note("again".into()),
            Change::AddCheck("Reviewed".into()),
        ],
    );
    let notes = "## Implementation Notes\n\n<!-- SECTION:NOTES:BEGIN -->\n- 2026-11-28: seen\n- 2026-11-28: again\n<!-- SECTION:NOTES:END -->\n";
    let done = "## Definition of Done\n\n<!-- DOD:BEGIN -->\n- [ ] #1 Reviewed\n<!-- DOD:END -->\n";
    assert!(text.contains(notes) && text.contains(done), "{text}");
    assert_eq!(body::checks(&text).len(), 1);
}

#[test]
fn the_days_types_and_people_of_a_task_are_read_and_a_day_is_set_under_its_own_key() {
    let project = Project::new(&[("backlog/config.yml", CONFIG), ("backlog/tasks/task-1 - One.md", ONE)]);
    let item = project.folder().item("task-1").unwrap();
    assert_eq!(
        (item.due, item.assignee.as_deref()),
        (Some(date(2027, 5, 5)), Some("sara, bob"))
    );
    assert!(item.remarks.is_empty(), "{:?}", item.remarks);
    let text = project.edit("task-1", &[Change::Due(Some(date(2027, 1, 5)))]);
    assert_eq!(text, ONE.replace("'2027-05-05'", "'2027-01-05'"));
    let made = project.create(titled("Two"));
    let text = project.edit(&made.id, &[Change::Due(Some(date(2027, 1, 5)))]);
    assert!(
        text.contains("\ndue_date: 2027-01-05\n") && !text.contains("\ndue: "),
        "{text}"
    );
}

#[test]
fn the_other_places_of_its_folder_are_found_and_none_that_leads_out() {
    let root_config = format!("{CONFIG}backlog_directory: \"project/work\"\n");
    for (config, text, home) in [
        (".backlog/config.yml", CONFIG, ".backlog"),
        ("backlog.config.yml", root_config.as_str(), "project/work"),
    ] {
        let task = format!("{home}/tasks/task-1 - One.md");
        let project = Project::new(&[(config, text), (&task, ONE)]);
        let plan = project.folder().plan().unwrap();
        let item = plan.item("TASK-1").unwrap_or_else(|| panic!("{home} is not seen"));
        assert_eq!(item.source, Source::Backlog);
        let made = project.create(titled("Two"));
        assert_eq!((made.id.as_str(), made.source), ("TASK-2", Source::Backlog));
        assert_eq!(made.file, Path::new(home).join("tasks/task-2 - Two.md"));
    }
    let out = "backlog_directory: \"../elsewhere\"\n";
    let project = Project::new(&[("backlog.config.yml", out), ("../elsewhere/tasks/task-1 - One.md", ONE)]);
    assert!(project.folder().all().unwrap().is_empty());
    assert_eq!(project.create(titled("Two")).source, Source::Chantier);
}

#[test]
fn the_states_of_a_project_are_those_of_its_settings() {
    let config = CONFIG.replace(
        "[\"To Do\", \"In Progress\", \"Done\"]",
        "[\"Later\", \"Doing\", \"QA\", \"Released\"]\ndefault_status: \"Doing\"",
    );
    let task = ONE.replace("To Do", "QA");
    let project = Project::new(&[("backlog/config.yml", &config), ("backlog/tasks/task-1 - One.md", &task)]);
    let plan = project.folder().plan().unwrap();
    let states: Vec<&str> = plan.workflow.columns.iter().map(|column| column.state.as_str()).collect();
    assert_eq!(states, ["Later", "Doing", "QA", "Released"]);
    assert_eq!(plan.column_of(plan.item("TASK-1").unwrap()), 2);
    let text = project.edit("task-1", &[Change::State("released".into())]);
    assert_eq!(text, task.replace("status: QA", "status: Released"));
    let made = project.create(titled("Two"));
    assert_eq!(made.state, "Doing");
    assert!(project.text(&made.file).contains("\nstatus: Doing\n"));
}

/// Tasks name a milestone by its id, and people by its title.
#[test]
fn milestones_of_the_tool_are_milestones() {
    use chantier::areas::plan::filter::{Context, Filter};
    use chantier::areas::plan::links::Links;
    let task = ONE.replace("ordinal: 1000", "milestone: m-7");
    let project = Project::new(&[
        ("backlog/config.yml", CONFIG),
        ("backlog/tasks/task-1 - One.md", &task),
        (
            "backlog/milestones/m-7 - v-1.md",
            "---\nid: m-7\ntitle: \"v 1\"\n---\n\n## Description\n\nMilestone: v 1\n",
        ),
    ]);
    let plan = project.folder().plan().unwrap();
    let milestone = plan.item("m-7").expect("it is there");
    assert_eq!(
        (&milestone.kind, milestone.title.as_str(), milestone.remarks.len()),
        (&Kind::Milestone, "v 1", 0)
    );
    assert_eq!(plan.share_of(milestone).n_all, 1);
    let context = Context { today: TODAY, me: None };
    for filter in ["milestone:\"v 1\"", "milestone:m-7"] {
        let found = Filter::strict(filter).unwrap().items(&plan, &Links::of(&plan), &context);
        assert_eq!(
            found.iter().map(|item| item.id.as_str()).collect::<Vec<_>>(),
            ["TASK-1"],
            "{filter}"
        );
    }
    assert!(chantier::areas::plan::check::problems(&plan).is_empty());
    // Its number is none of the tasks'.
    assert_eq!(project.create(titled("Two")).id, "TASK-2");
}

/// `assignee: @sara` is no YAML, and its own program reads and writes it.
#[test]
fn names_without_quotes_are_read_and_stay_as_they_are() {
    let task =
        "---\nid: TASK-1\ntitle: One\nstatus: To Do\nassignee: @sara\nreporter: @bob # who saw it\nlabels: []\n---\n\nText\n";
    let listed = task.replace("@sara", "[@sara, \"@ann\", tom]");
    for (text, people) in [(task, "sara"), (&listed, "sara, ann, tom")] {
        let project = Project::new(&[("backlog/config.yml", CONFIG), ("backlog/tasks/task-1 - One.md", text)]);
        let plan = project.folder().plan().unwrap();
        assert!(plan.unreadable.is_empty(), "{:?}", plan.unreadable);
        assert_eq!(plan.item("TASK-1").unwrap().assignee.as_deref(), Some(people));
        let edited = project.edit("task-1", &[Change::Title("Two".into())]);
        assert_eq!(edited, text.replace("title: One", "title: Two"));
        let edited = project.edit("task-1", &[Change::Assignee(Some("eve".into()))]);
        assert!(
            edited.contains("\nassignee: [\"@eve\"]\n") && edited.contains("\nreporter: @bob # who saw it\n"),
            "{edited}"
        );
    }
    // In a file of ours it is a mistake, and is told.
    let project = Project::new(&[(".chantier/plan/PL-1AAA.md", task)]);
    assert_eq!(project.folder().plan().unwrap().unreadable.len(), 1);
}

#[test]
fn an_edit_says_its_moment_as_its_program_does() {
    let now: chantier::base::Timestamp = "2026-11-28T23:05:40Z".parse().unwrap();
    let dated = |date: &str| ONE.replace("due_date:", &format!("updated_date: {date}\ndue_date:"));
    let project = Project::new(&[("backlog/config.yml", CONFIG)]);
    let file = project.workspace.root.join("backlog/tasks/task-1 - One.md");
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    for known in ["'2026-08-02 07:28'", "2025-06-08"] {
        std::fs::write(&file, dated(known)).unwrap();
        let folder = project.folder().at(now);
        folder.edit("task-1", &[Change::Title("Two".into())], None, TODAY).unwrap();
        let expected = dated("'2026-11-28 23:05'").replace("title: One", "title: Two");
        assert_eq!(std::fs::read_to_string(&file).unwrap(), expected);
    }
    let made = project
        .folder()
        .at(now)
        .create(&titled("New"), TODAY, |below| fastrand::u32(..below))
        .unwrap();
    assert!(project.text(&made.file).contains("\ncreated_date: '2026-11-28 23:05'\n"));
    assert!(made.remarks.is_empty(), "{:?}", made.remarks);
}
