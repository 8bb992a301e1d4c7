//! Floor 4: the tour. The sample project taken through its life cycle: each step is commands of the areas and a proof from the model.
//! The command line runs all steps in a row, the window one per click; both use the ordinary engine.

use crate::areas::code::act::Act;
use crate::areas::{self, Command, Model, build, code, deploy, devops, monitor, operate, plan, release, test};
use crate::base::repo::CommitAct;
use crate::base::{Msg, Problem, State, Target, ThreadKind, Workspace, WorkspaceId};
use crate::msg;
use std::path::{Path, PathBuf};

/// The steps, in the order of the life cycle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum StepId {
    Unpack,
    Item,
    Change,
    Build,
    Test,
    Commit,
    Release,
    Staging,
    Production,
    Broken,
    Live,
    History,
    Dora,
    Thread,
    Stop,
}

impl StepId {
    pub const ALL: [Self; 15] = [
        Self::Unpack,
        Self::Item,
        Self::Change,
        Self::Build,
        Self::Test,
        Self::Commit,
        Self::Release,
        Self::Staging,
        Self::Production,
        Self::Broken,
        Self::Live,
        Self::History,
        Self::Dora,
        Self::Thread,
        Self::Stop,
    ];

    /// The stable word, in JSON.
    pub fn word(self) -> &'static str {
        self.key().trim_start_matches("tour-")
    }

    /// The key of its title in the locales.
    pub fn key(self) -> &'static str {
        match self {
            Self::Unpack => "tour-unpack",
            Self::Item => "tour-item",
            Self::Change => "tour-change",
            Self::Build => "tour-build",
            Self::Test => "tour-test",
            Self::Commit => "tour-commit",
            Self::Release => "tour-release",
            Self::Staging => "tour-staging",
            Self::Production => "tour-production",
            Self::Broken => "tour-broken",
            Self::Live => "tour-live",
            Self::History => "tour-history",
            Self::Dora => "tour-dora",
            Self::Thread => "tour-thread",
            Self::Stop => "tour-stop",
        }
    }
}

/// One command of a step.
pub struct Order {
    pub command: Command,
    /// A command without end is stopped once this holds.
    pub is_enough: fn(&Model) -> bool,
    /// The step wants it to fail; the proof looks at how.
    pub must_fail: bool,
}

impl Order {
    fn plain(command: impl Into<Command>) -> Self {
        Self {
            command: command.into(),
            is_enough: |_| false,
            must_fail: false,
        }
    }

    fn until(command: impl Into<Command>, is_enough: fn(&Model) -> bool) -> Self {
        Self {
            command: command.into(),
            is_enough,
            must_fail: false,
        }
    }

    fn failing(command: impl Into<Command>) -> Self {
        Self {
            command: command.into(),
            is_enough: |_| false,
            must_fail: true,
        }
    }
}

/// What the tour has learnt on its way.
#[derive(Clone, Debug, Default)]
pub struct Tour {
    dir: PathBuf,
    workspace: Option<Workspace>,
    item: Option<String>,
    version: Option<String>,
    head: Option<String>,
}

const PRODUCTION: &str = "production";
const STAGING: &str = "staging";

impl Tour {
    /// A tour that unpacks the sample into this new or empty folder.
    pub fn new(dir: &Path) -> Self {
        Self {
            dir: dir.to_path_buf(),
            ..Self::default()
        }
    }

    /// A tour that stands already, to be ended.
    pub fn again(workspace: &Workspace) -> Self {
        Self {
            dir: workspace.root.clone(),
            workspace: Some(workspace.clone()),
            ..Self::default()
        }
    }

    pub fn workspace(&self) -> Option<&Workspace> {
        self.workspace.as_ref()
    }

    /// What a step asks for, first half. Some steps need what the first half told: see `more`.
    pub fn orders(&self, step: StepId) -> Result<Vec<Order>, Problem> {
        if step == StepId::Unpack {
            return Ok(vec![Order::plain(devops::Command::UnpackSample { dir: self.dir.clone() })]);
        }
        let workspace = self.workspace.clone().ok_or_else(|| broken(step, "no workspace"))?;
        let commit = |message: String| {
            [
                Order::plain(Act::Stage { paths: Vec::new() }.on(&workspace)),
                Order::plain(
                    Act::Commit(CommitAct {
                        message,
                        ..CommitAct::default()
                    })
                    .on(&workspace),
                ),
                Order::plain(code::Command::Refresh {
                    workspace: workspace.clone(),
                }),
            ]
        };
        let change = |name: &str| devops::Command::ChangeSample {
            workspace: workspace.clone(),
            change: name.to_owned(),
        };
        let release = || release::Command::Run {
            workspace: workspace.clone(),
            wish: release::Wish::Commits,
            package: None,
            notes: None,
        };
        let deploy = |environment: &str| deploy::Command::Run {
            workspace: workspace.clone(),
            environment: environment.to_owned(),
            what: deploy::What::Latest,
            confirmed: Some(environment.to_owned()),
        };
        let refresh_deploy = || deploy::Command::Refresh {
            workspace: workspace.clone(),
        };
        Ok(match step {
            StepId::Unpack => Vec::new(),
            StepId::Item => vec![
                Order::plain(plan::Command::CreateQuick {
                    workspace: workspace.clone(),
                    line: "feature: Greet every visitor by name #greeting !high".to_owned(),
                    draft: plan::Draft {
                        state: Some("in-progress".to_owned()),
                        ..plan::Draft::default()
                    },
                }),
                Order::plain(plan::Command::Load { workspace }),
            ],
            StepId::Change => vec![
                Order::plain(change("feature")),
                Order::plain(code::Command::Refresh {
                    workspace: workspace.clone(),
                }),
            ],
            StepId::Build => vec![
                Order::plain(build::Command::Run {
                    workspace: workspace.clone(),
                    task: None,
                }),
                Order::plain(build::Command::Refresh { workspace }),
            ],
            StepId::Test => vec![Order::plain(test::Command::Run {
                workspace,
                what: test::What::All,
                limits: test::frameworks::Limits::default(),
            })],
            StepId::Commit => {
                let item = self.item.clone().unwrap_or_default();
                commit(format!("feat: greet a visitor by name\n\nPlan: {item}\n")).into()
            }
            StepId::Release => {
                vec![Order::plain(release()), Order::plain(release::Command::List { workspace })]
            }
            StepId::Staging => vec![Order::plain(deploy(STAGING)), Order::plain(refresh_deploy())],
            StepId::Production => vec![Order::plain(deploy(PRODUCTION)), Order::plain(refresh_deploy())],
            StepId::Broken => {
                let mut orders = vec![Order::plain(change("broken"))];
                orders.extend(commit("feat: remember the visitors in a database\n".to_owned()));
                orders.push(Order::plain(release()));
                orders.push(Order::failing(deploy(PRODUCTION)));
                orders.push(Order::plain(refresh_deploy()));
                orders
            }
            StepId::Live => vec![
                Order::until(
                    operate::Command::Watch {
                        workspaces: vec![workspace.clone()],
                        secs: None,
                    },
                    |model| {
                        let both = model.operate.all().iter().filter(|instance| instance.is_running()).count() >= 2;
                        both && model.operate.rings.values().filter(|ring| ring.cpu.len() >= 2).count() >= 2
                    },
                ),
                Order::until(
                    monitor::Command::Watch {
                        listen: None,
                        with_runbooks: false,
                        workspaces: vec![workspace],
                    },
                    |model| {
                        model
                            .monitor
                            .watch
                            .is_some_and(|watch| watch.is_elsewhere || (watch.n_samples >= 8 && watch.n_checks >= 2))
                    },
                ),
            ],
            StepId::History => vec![
                Order::plain(monitor::Command::ShowHistory {
                    workspace: workspace.clone(),
                    query: monitor::Query::default(),
                }),
                Order::plain(monitor::Command::ShowExecutions {
                    workspace: workspace.clone(),
                    environment: None,
                }),
                Order::plain(monitor::Command::LoadChecks { workspace }),
            ],
            StepId::Dora => vec![Order::plain(monitor::Command::ComputeDora { workspace, days: 30 })],
            StepId::Thread => vec![Order::plain(operate::Command::List {
                workspaces: vec![workspace],
            })],
            StepId::Stop => {
                let stop = |environment: &str| deploy::Command::Stop {
                    workspace: workspace.clone(),
                    environment: environment.to_owned(),
                    confirmed: Some(environment.to_owned()),
                };
                vec![
                    Order::plain(stop(STAGING)),
                    Order::plain(stop(PRODUCTION)),
                    Order::plain(operate::Command::List {
                        workspaces: vec![workspace],
                    }),
                ]
            }
        })
    }

    /// What a step asks for once its first half has told what there is.
    pub fn more(&self, step: StepId, model: &Model) -> Result<Vec<Order>, Problem> {
        if step != StepId::Thread {
            return Ok(Vec::new());
        }
        let of = self
            .instance(model)
            .ok_or_else(|| broken(step, "no instance in production"))?;
        Ok(vec![Order::plain(devops::Command::ShowThread { of, at: None })])
    }

    fn instance(&self, model: &Model) -> Option<Target> {
        let instance = model.operate.all().iter().find(|instance| {
            instance.environment.as_deref() == Some(PRODUCTION)
                && instance.is_running()
                && instance.kind == operate::InstanceKind::Deployed
        })?;
        Some(Target::Instance { id: instance.id.clone() })
    }

    /// The thing that a step was about, to be looked at once it is true.
    pub fn shows(&self, step: StepId, model: &Model) -> Option<Target> {
        let workspace = self.workspace.as_ref()?.id.clone();
        let environment = |name: &str| Target::Environment {
            workspace: workspace.clone(),
            name: name.to_owned(),
        };
        match step {
            StepId::Staging => Some(environment(STAGING)),
            StepId::Production | StepId::Broken => Some(environment(PRODUCTION)),
            StepId::Thread => self.instance(model),
            _ => None,
        }
    }

    /// Looks at what is known now and says what it proves; an error when the step is not true.
    pub fn prove(&mut self, step: StepId, model: &Model) -> Result<Msg, Problem> {
        let fail = |why: String| Err(broken(step, &why));
        if step == StepId::Unpack {
            let info = model
                .devops
                .infos()
                .iter()
                .find(|info| info.workspace.root.ends_with(self.dir.file_name().unwrap_or_default()));
            let Some(info) = info else {
                return fail("the workspace was not added".to_owned());
            };
            self.workspace = Some(info.workspace.clone());
            let repo = model.devops.row(&info.workspace.id).and_then(|row| row.repo.as_ref());
            let Some(repo) = repo.filter(|repo| !repo.is_dirty() && repo.oid.is_some()) else {
                return fail("no clean repository".to_owned());
            };
            self.head.clone_from(&repo.oid);
            return Ok(msg!(
                "tour-unpack-proof",
                path = info.workspace.root.as_path(),
                branch = repo.head_name()
            ));
        }
        let Some(workspace) = self.workspace.clone() else {
            return fail("no workspace".to_owned());
        };
        let id = &workspace.id;
        match step {
            StepId::Unpack => fail(String::new()),
            StepId::Item => {
                let item = model.plan.last.get(id).map(|last| last.id.clone());
                let Some(item) = item else {
                    return fail("no item was made".to_owned());
                };
                let Some(found) = model.plan.plan(id).and_then(|plan| plan.item(&item)) else {
                    return fail(format!("{item} is not in the plan"));
                };
                self.item = Some(item.clone());
                Ok(msg!("tour-item-proof", item = item, state = found.state.as_str()))
            }
            StepId::Change => match model.code.status(id) {
                Some(status) if status.n_paths() >= 4 => Ok(msg!("tour-change-proof", n = status.n_paths())),
                status => fail(format!("{:?} changed paths", status.map(base_count))),
            },
            StepId::Build => {
                let builds = model.build.get(id);
                let artifact = builds.and_then(|builds| builds.artifacts().first());
                let run = builds.and_then(|builds| builds.runs().first());
                match (artifact, run) {
                    (Some(artifact), Some(run)) if run.state == State::Done => {
                        let sha256 = artifact.sha256.get(..12).unwrap_or_default();
                        Ok(msg!(
                            "tour-build-proof",
                            name = artifact.name.as_str(),
                            bytes = artifact.bytes,
                            sha256 = sha256
                        ))
                    }
                    _ => fail("no artifact was kept".to_owned()),
                }
            }
            StepId::Test => match model.test.get(id).and_then(test::model::Tests::last_run) {
                Some(run) if run.n_failed == 0 && run.n_passed >= 20 => Ok(msg!("tour-test-proof", n = run.n_passed)),
                run => fail(format!("{run:?}")),
            },
            StepId::Commit => {
                let head = head_of(model, id);
                if head.is_none() || head == self.head {
                    return fail("HEAD did not move".to_owned());
                }
                self.head.clone_from(&head);
                let head = head.unwrap_or_default();
                Ok(msg!(
                    "tour-commit-proof",
                    commit = crate::base::format::short_oid(&head),
                    item = self.item.clone().unwrap_or_default()
                ))
            }
            StepId::Release => {
                let list = model.release.of(id).and_then(|known| known.deliverables.value());
                let Some(made) = list.and_then(|list| list.first()).filter(|made| !made.artifacts.is_empty()) else {
                    return fail("no version with artifacts".to_owned());
                };
                self.version = Some(made.version.clone());
                let tag = made.tag.clone().unwrap_or_default();
                Ok(msg!(
                    "tour-release-proof",
                    version = made.version.as_str(),
                    tag = tag,
                    n = made.artifacts.len()
                ))
            }
            StepId::Staging => self.runs(model, id, STAGING, step),
            StepId::Production => self.runs(model, id, PRODUCTION, step),
            StepId::Broken => {
                let failed = model
                    .deploy
                    .of(id)
                    .and_then(|known| known.overview.value())
                    .and_then(|overview| {
                        overview
                            .history
                            .iter()
                            .find(|deployment| deployment.environment == PRODUCTION && deployment.state == State::Failed)
                    });
                let Some(failed) = failed else {
                    return fail("the broken version was not refused".to_owned());
                };
                let failed = failed.version.clone();
                self.runs(model, id, PRODUCTION, step)?;
                Ok(msg!(
                    "tour-broken-proof",
                    version = failed,
                    back = self.version.clone().unwrap_or_default()
                ))
            }
            StepId::Live => {
                let n = model
                    .operate
                    .all()
                    .iter()
                    .filter(|instance| instance.is_running() && instance.memory_bytes.is_some())
                    .count();
                let samples = model.monitor.watch.map_or(0, |watch| watch.n_samples);
                let is_elsewhere = model.monitor.watch.is_some_and(|watch| watch.is_elsewhere);
                if n >= 2 && (samples > 0 || is_elsewhere) {
                    Ok(msg!("tour-live-proof", n = n, samples = samples))
                } else {
                    fail(format!("{n} live"))
                }
            }
            StepId::History => {
                let history = model.monitor.histories.get(id).and_then(|history| history.value());
                let n_points: usize = history.map_or(0, |history| {
                    history
                        .charts
                        .iter()
                        .flat_map(|chart| &chart.series)
                        .map(|series| series.points.len())
                        .sum()
                });
                let n_markers = history.map_or(0, |history| history.deployments.len());
                let n_executions = model.monitor.executions.get(id).map_or(0, Vec::len);
                if n_points > 0 && n_markers >= 3 && n_executions >= 3 {
                    Ok(msg!(
                        "tour-history-proof",
                        points = n_points,
                        deployments = n_markers,
                        executions = n_executions
                    ))
                } else {
                    fail(format!(
                        "{n_points} points, {n_markers} deployments, {n_executions} executions"
                    ))
                }
            }
            StepId::Dora => match model.monitor.dora.get(id) {
                Some(dora)
                    if dora.n_deployments == 2 && dora.n_failed == 1 && dora.lead_time_secs.is_some() && dora.n_restored >= 1 =>
                {
                    let rate = dora.change_failure_rate.unwrap_or(0.0) * 100.0;
                    Ok(msg!("tour-dora-proof", n = dora.n_deployments, rate = rate))
                }
                dora => fail(format!("{dora:?}")),
            },
            StepId::Thread => {
                let thread = self
                    .instance(model)
                    .and_then(|of| model.devops.thread(&of).and_then(|thread| thread.value().cloned()));
                let steps = thread.unwrap_or_default().steps;
                let missing: Vec<&str> = ThreadKind::ALL
                    .into_iter()
                    .filter(|kind| *kind != ThreadKind::Incident)
                    .filter(|kind| !steps.iter().any(|step| step.kind == *kind && step.target.is_some()))
                    .map(ThreadKind::key)
                    .collect();
                let has_item = steps
                    .iter()
                    .any(|step| step.kind == ThreadKind::Item && Some(&step.name) == self.item.as_ref());
                if missing.is_empty() && has_item {
                    Ok(msg!(
                        "tour-thread-proof",
                        item = self.item.clone().unwrap_or_default(),
                        n = steps.len()
                    ))
                } else {
                    fail(format!("missing: {missing:?}, item: {has_item}"))
                }
            }
            StepId::Stop => {
                let n = model.operate.all().iter().filter(|instance| instance.is_running()).count();
                if n == 0 {
                    Ok(msg!("tour-stop-proof"))
                } else {
                    fail(format!("{n} still run"))
                }
            }
        }
    }

    /// The environment is healthy with the version of the tour.
    fn runs(&self, model: &Model, id: &WorkspaceId, environment: &str, step: StepId) -> Result<Msg, Problem> {
        let overview = model.deploy.of(id).and_then(|known| known.overview.value());
        let found = overview.and_then(|overview| overview.environments.iter().find(|known| known.name == environment));
        let live = found.and_then(|found| found.live.as_ref()).map(|live| live.version.clone());
        let n = found.map_or(0, |found| {
            found
                .instances
                .iter()
                .filter(|instance| instance.state == State::Running)
                .count()
        });
        if live == self.version && live.is_some() && n > 0 {
            Ok(msg!(
                "tour-deploy-proof",
                environment = environment,
                version = live.unwrap_or_default(),
                n = n
            ))
        } else {
            Err(broken(
                step,
                &format!("{environment}: {live:?}, {n} running, wanted {:?}", self.version),
            ))
        }
    }
}

fn base_count(status: &crate::base::repo::Status) -> u64 {
    status.n_paths()
}

fn head_of(model: &Model, id: &WorkspaceId) -> Option<String> {
    model.code.status(id).and_then(|status| status.summary.oid.clone())
}

fn broken(step: StepId, why: &str) -> Problem {
    Problem::internal(msg!("tour-not-true", step = step.word()))
        .details(why)
        .code("not-true")
}

/// The page that shows what a step did.
pub fn page_of(step: StepId) -> areas::AreaId {
    use areas::AreaId;
    match step {
        StepId::Unpack | StepId::Thread => AreaId::DevOps,
        StepId::Item => AreaId::Plan,
        StepId::Change | StepId::Commit => AreaId::Code,
        StepId::Build => AreaId::Build,
        StepId::Test => AreaId::Test,
        StepId::Release => AreaId::Release,
        StepId::Staging | StepId::Production | StepId::Broken => AreaId::Deploy,
        StepId::Live | StepId::Stop => AreaId::Operate,
        StepId::History | StepId::Dora => AreaId::Monitor,
    }
}
