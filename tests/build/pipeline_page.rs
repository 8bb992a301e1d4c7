//! Pipelines as they are written and as they are drawn.

use crate::support::window::{Collected, now, three_workspaces, window, workspace};
use chantier::areas::build::pipelines::{Defined, JobRow, Of, PipelineRun, StartedBy};
use chantier::areas::build::{Command, Update};
use chantier::areas::devops::project;
use chantier::areas::page::{Intent, UiIntent};
use chantier::base::settings::ThemeChoice;
use chantier::base::{JobId, Lang, State, Workspace};
use chantier::shell::App;
use egui::{Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use std::path::Path;

fn wrong(text: &str) -> (String, Option<u32>) {
    let (file, problems) = project::parse(text, Path::new("chantier.toml"));
    assert!(file.pipelines.is_empty(), "what is wrong is not offered");
    let problem = problems.first().expect("a problem");
    let texts = chantier::base::Catalog::new(Lang::En);
    (
        texts.msg(&problem.summary),
        problem.place.as_ref().and_then(|place| place.line),
    )
}

#[test]
fn what_is_wrong_with_a_pipeline_is_told_with_its_line() {
    let job = |name: &str, rest: &str| format!("[[pipeline.job]]\nname = \"{name}\"\nrun = [\"true\"]\n{rest}\n");
    let head = "[[pipeline]]\nname = \"ci\"\n";
    let ring = format!(
        "{head}{}{}{}",
        job("a", "needs = [\"c\"]"),
        job("b", "needs = [\"a\"]"),
        job("c", "needs = [\"b\"]")
    );
    assert_eq!(
        wrong(&ring),
        (
            "chantier.toml: the jobs of “ci” wait for each other: a → c → b → a".to_owned(),
            Some(4)
        )
    );
    let (words, line) = wrong(&format!("{head}{}", job("a", "needs = [\"nope\"]")));
    assert_eq!(
        (words.as_str(), line),
        ("chantier.toml: “a” needs “nope”, and there is no such job", Some(6))
    );
    let (words, _) = wrong(&format!("{head}{}", job("a", "stage = \"x\"")));
    assert!(words.contains("stage “x”"), "{words}");
    let (words, _) = wrong(&format!("{head}[[pipeline.job]]\nname = \"a\"\n"));
    assert!(words.contains("neither `run` nor `steps`"), "{words}");
    let (words, _) = wrong(&format!(
        "{head}[[pipeline.job]]\nname = \"a\"\nsteps = [{{ task = \"x\", test = \"all\" }}]\n"
    ));
    assert!(words.contains("exactly one"), "{words}");
    let (words, _) = wrong(&format!("{head}{}", job("a", "artifacts = [\"../x\"]")));
    assert!(words.contains("leads out"), "{words}");
    let (words, line) = wrong(&format!("{head}{}", job("a", "timout = \"1m\"")));
    assert!(words.contains("timout"), "{words}");
    assert_eq!(line, Some(6));
    assert!(wrong(head).0.contains("no [[pipeline.job]]"));
}

fn row(key: &str, column: usize, needs: &[&str], state: State) -> JobRow {
    JobRow {
        key: key.to_owned(),
        title: String::new(),
        column,
        needs: needs.iter().map(|need| (*need).to_owned()).collect(),
        state,
        attempt: u32::from(state != State::Queued),
        job: (state != State::Queued).then_some(JobId(70)),
        started_at: (state != State::Queued).then(now),
        ended_at: None,
        reused_from: None,
        problem: None,
        why: None,
        gives: Vec::new(),
        n_errors: 0,
        n_warnings: 0,
        may_fail: false,
        left_out: None,
        notes: Vec::new(),
    }
}

/// The window with the tab Pipelines of a workspace.
pub(super) fn pipelines_of(front: Collected, place: &Workspace) -> Harness<'static, App<Collected>> {
    let mut harness = window(front);
    harness.run();
    harness
        .state_mut()
        .ask(Intent::Ui(UiIntent::SelectWorkspace(Some(place.id.clone()))));
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Num4);
    harness.run();
    harness.get_by_label_contains("Pipelines").click();
    harness.run();
    harness
}

#[test]
fn the_graph_is_live_and_a_run_is_stopped_and_taken_up_from_the_page() {
    let mut front = Collected::new(ThemeChoice::Dark, Lang::En);
    three_workspaces(&mut front);
    let place = workspace("meteo-api");
    let jobs = vec![
        row("lint", 0, &[], State::Done),
        row("test (n=1)", 1, &["lint"], State::InProgress),
        row("package", 2, &["test (n=1)"], State::Queued),
    ];
    let mut run = PipelineRun {
        id: 7,
        pipeline: "ci".to_owned(),
        commit: "0123456789abcdef0123456789abcdef01234567".to_owned(),
        is_dirty: false,
        started_by: StartedBy::Commit,
        state: State::InProgress,
        job: JobId(60),
        started_at: now(),
        ended_at: None,
        jobs,
    };
    front.tell(Update::PipelinesDefined {
        workspace: place.id.clone(),
        pipelines: vec![Defined {
            name: "ci".to_owned(),
            on: Vec::new(),
            branches: Vec::new(),
            jobs: Vec::new(),
            line: Some(3),
            ci: None,
        }],
        problems: Vec::new(),
    });
    front.tell(Update::PipelineRunChanged {
        workspace: place.id.clone(),
        run: Box::new(run.clone()),
    });
    let mut harness = pipelines_of(front, &place);
    harness.get_by_label_contains("lint, done");
    harness.get_by_label_contains("test (n=1), in progress");
    harness.state_mut().front().commands.clear();
    harness
        .get_all_by_label("Stop run 7")
        .next()
        .expect("it can be stopped")
        .click();
    harness.run();
    let stop = chantier::areas::Command::from(Command::StopPipeline {
        workspace: place.clone(),
        run: 7,
    });
    assert!(harness.state_mut().front().commands.contains(&stop));
    let mut ended = row("test (n=1)", 1, &["lint"], State::Failed);
    ended.problem = Some(chantier::base::Problem::user(chantier::base::Msg::verbatim("two tests fail")));
    harness.state_mut().front().tell(Update::PipelineJobChanged {
        workspace: place.id.clone(),
        run: 7,
        job: Box::new(ended.clone()),
    });
    harness.run();
    harness.get_by_label_contains("test (n=1), failed").click();
    harness.run();
    harness.get_by_label_contains("two tests fail");
    run.state = State::Failed;
    run.jobs[1] = ended;
    harness.state_mut().front().tell(Update::PipelineRunChanged {
        workspace: place.id.clone(),
        run: Box::new(run),
    });
    harness.run();
    harness.state_mut().front().commands.clear();
    // What is done with the run stands where no job is selected.
    harness.get_by_label_contains("test (n=1), failed").click();
    harness.run();
    harness
        .get_all_by_label("Resume run 7")
        .next()
        .expect("it can be resumed")
        .click();
    harness.run();
    let resume = chantier::areas::Command::from(Command::ResumePipeline {
        workspace: place.clone(),
        run: Some(7),
    });
    assert!(harness.state_mut().front().commands.contains(&resume));
    harness.get_all_by_label("Run ci on HEAD").next().expect("offered").click();
    harness.run();
    let start = chantier::areas::Command::from(Command::RunPipeline {
        workspace: place,
        pipeline: "ci".to_owned(),
        of: Of::Commit {
            revision: "HEAD".to_owned(),
        },
        started_by: StartedBy::Hand,
        is_anew: false,
    });
    assert!(harness.state_mut().front().commands.contains(&start));
}
