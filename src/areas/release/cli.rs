//! `chantier release <verb>`.

use super::{
    Change, ChangeKind, Check, Command as Words, Deliverable, Level, PackageNext, Readiness, Step, Together, Undo, Update, Wish,
    changelog,
};
use crate::areas::cli::{Answer, Here, Verb as AreaVerb};
use crate::areas::{Command, Model};
use crate::base::{Catalog, Problem, State, format};
use crate::msg;
use serde_json::json;
use std::fmt::Write as _;
use std::path::PathBuf;

/// Versions that are listed where nobody says how many.
const LISTED: usize = 200;
/// Packages of one kind of difference that are named to people; the document has all.
const MAX_PACKAGES: usize = 30;

#[derive(Clone, Debug, clap::Subcommand)]
pub enum Verb {
    /// The next version, why it is that one, and whether it can be made
    Next {
        #[arg(long, value_enum)]
        bump: Option<Bump>,
        /// The next pre-release of a channel: `beta`
        #[arg(long, value_name = "CHANNEL", conflicts_with = "bump")]
        pre: Option<String>,
        /// One of the packages of a monorepo
        #[arg(long, value_name = "NAME")]
        package: Option<String>,
    },
    /// The packages of a monorepo with versions of their own, and the next one of each
    Packages,
    /// The text that the changelog will get
    Changelog { version: Option<String> },
    /// Make the next version: files, changelog, commit, build, tag, archive; goes on with one that was begun
    Run {
        version: Option<String>,
        #[arg(long, value_enum, conflicts_with = "version")]
        bump: Option<Bump>,
        /// The next pre-release of a channel: `beta`
        #[arg(long, value_name = "CHANNEL", conflicts_with_all = ["version", "bump"])]
        pre: Option<String>,
        /// One of the packages of a monorepo
        #[arg(long, value_name = "NAME")]
        package: Option<String>,
    },
    /// The steps of the next version, or how far the one is that was begun
    Steps,
    /// Several repositories as one release: check, freeze, tag all or none, push, keep the frozen manifest
    Together {
        version: String,
        /// Only look whether it could be done
        #[arg(long)]
        check: bool,
        /// Tag only
        #[arg(long)]
        no_push: bool,
    },
    /// Carry the procedure out in a throw-away worktree, without tag and push
    Rehearse {
        /// One of the packages of a monorepo
        #[arg(long, value_name = "NAME")]
        package: Option<String>,
    },
    /// Say that what a step waits for is so, and go on
    Confirm {
        step: String,
        /// What was looked at, and what was seen
        #[arg(long, default_value = "")]
        note: String,
        /// A file that shows it; a copy is kept with the version
        #[arg(long, value_name = "FILE")]
        evidence: Option<PathBuf>,
    },
    /// Go on with a release that stopped
    Resume,
    /// Take back a release that was not pushed yet, step by step
    Abort,
    /// Build a version that was made elsewhere, or whose files are lost, again from its tag
    Again { version: String },
    /// Every version, its files, and where it runs
    List {
        /// At most this many
        #[arg(short = 'n', long, value_name = "N", default_value_t = LISTED)]
        limit: usize,
    },
    /// One version
    Show { version: String },
    /// Which version is where: versions by environments
    Matrix,
    /// Block a version: nobody deploys it or goes back to it
    Withdraw {
        version: String,
        /// Why, for those who meet it later
        reason: String,
    },
    /// Make a withdrawn version good again
    Restore { version: String },
    /// Whether the files of a version are those that were made and signed
    Verify { version: String },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Bump {
    Patch,
    Minor,
    Major,
}

impl Bump {
    fn wish(self) -> Wish {
        let level = match self {
            Self::Patch => Level::Patch,
            Self::Minor => Level::Minor,
            Self::Major => Level::Major,
        };
        Wish::Level { level }
    }
}

fn wish(version: Option<&String>, bump: Option<Bump>, pre: Option<&String>) -> Wish {
    match (version, bump, pre) {
        (Some(version), ..) => Wish::Version {
            version: version.clone(),
        },
        (None, Some(bump), _) => bump.wish(),
        (None, None, Some(name)) => Wish::Channel { name: name.clone() },
        (None, None, None) => Wish::Commits,
    }
}

impl AreaVerb for Verb {
    fn commands(&self, here: &Here) -> Result<Vec<Command>, Problem> {
        let workspace = here.workspace.clone();
        let words = match self {
            Self::Next { bump, pre, package } => Words::Prepare {
                workspace,
                wish: wish(None, *bump, pre.as_ref()),
                package: package.clone(),
            },
            Self::Packages => Words::ListPackages { workspace },
            Self::Changelog { version } => Words::Prepare {
                workspace,
                wish: wish(version.as_ref(), None, None),
                package: None,
            },
            Self::Run {
                version,
                bump,
                pre,
                package,
            } => Words::Run {
                workspace,
                wish: wish(version.as_ref(), *bump, pre.as_ref()),
                package: package.clone(),
                notes: None,
            },
            Self::Steps => Words::Prepare {
                workspace,
                wish: Wish::Commits,
                package: None,
            },
            Self::Confirm { step, note, evidence } => Words::Confirm {
                workspace,
                step: step.clone(),
                note: note.clone(),
                evidence: evidence.as_ref().map(|file| here.cwd.join(file)),
            },
            Self::Together {
                version, check: true, ..
            } => Words::LookTogether {
                workspace,
                version: version.clone(),
            },
            Self::Together { version, no_push, .. } => Words::Together {
                workspace,
                version: version.clone(),
                pushes: !no_push,
            },
            Self::Rehearse { package } => Words::Rehearse {
                workspace,
                wish: Wish::Commits,
                package: package.clone(),
            },
            Self::Resume => Words::Resume { workspace },
            Self::Abort => Words::Abort { workspace },
            Self::Again { version } => Words::Again {
                workspace,
                version: version.clone(),
            },
            Self::List { .. } | Self::Matrix | Self::Show { .. } => Words::List { workspace },
            Self::Withdraw { version, reason } => Words::Withdraw {
                workspace,
                version: version.clone(),
                reason: Some(reason.clone()),
            },
            Self::Restore { version } => Words::Withdraw {
                workspace,
                version: version.clone(),
                reason: None,
            },
            Self::Verify { version } => Words::Verify {
                workspace,
                version: version.clone(),
            },
        };
        Ok(vec![words.into()])
    }

    /// A release that stands at a step for a person is not made: a script that goes on from here must know.
    fn then(&self, here: &Here, model: &Model) -> Result<Vec<Command>, Problem> {
        let known = model.release.of(&here.workspace.id);
        if let (Self::Show { version }, Some(all)) = (self, known.and_then(|known| known.deliverables.value()))
            && meant(all, version).is_none()
        {
            let wanted = super::packages::parse(version)?;
            let problem = Problem::user(msg!("release-no-such-version", version = wanted)).code("not-found");
            return Err(problem.hint(msg!("release-no-such-version-hint")));
        }
        let several = known.map_or(0, |known| known.only_together.len());
        if several > 0
            && !matches!(
                self,
                Self::Together { .. } | Self::Abort | Self::List { .. } | Self::Show { .. } | Self::Matrix
            )
        {
            return Err(Problem::user(msg!("release-only-together", n = several))
                .code("several-repositories")
                .hint(msg!("release-only-together-hint")));
        }
        if let (Self::Together { check: true, .. }, Some(found)) = (self, known.and_then(|known| known.together.as_ref())) {
            super::together::is_ready(found, true)?;
        }
        let readiness = known.and_then(|known| known.readiness.value());
        let unfinished = readiness.and_then(|readiness| readiness.unfinished.as_ref());
        match (self, unfinished) {
            (Self::Run { .. } | Self::Resume | Self::Confirm { .. }, Some(unfinished)) if unfinished.waits => {
                let (version, step) = (&unfinished.version, &unfinished.step);
                Err(Problem::user(msg!("release-waits", version = version, step = step))
                    .code("waiting")
                    .hint(msg!("release-waits-hint", step = step)))
            }
            _ => Ok(Vec::new()),
        }
    }

    fn lists_project(&self) -> bool {
        matches!(self, Self::Next { .. } | Self::Steps)
    }

    fn answer(&self, here: &Here, model: &Model, texts: &Catalog) -> Answer {
        let known = model.release.of(&here.workspace.id);
        let readiness = known.and_then(|known| known.readiness.value());
        let deliverables = known
            .and_then(|known| known.deliverables.value())
            .map_or(&[][..], Vec::as_slice);
        match self {
            Self::Next { .. } | Self::Abort => Answer {
                schema: "chantier.release.next/1",
                data: json!({ "readiness": readiness, "can_release": readiness.is_some_and(Readiness::can_release) }),
                text: readiness.map_or_else(String::new, |readiness| next_text(readiness, texts)),
            },
            Self::Changelog { .. } => Answer {
                schema: "chantier.release.changelog/1",
                data: json!({
                    "version": readiness.and_then(|readiness| readiness.next.as_ref()).map(|next| &next.version),
                    "draft": readiness.map(|readiness| &readiness.draft),
                    "has_hand_written": readiness.map(|readiness| readiness.has_hand_written),
                }),
                text: readiness.map_or_else(String::new, |readiness| readiness.draft.clone()),
            },
            Self::Run { .. } | Self::Resume | Self::Confirm { .. } => {
                let made = deliverables.first();
                Answer {
                    schema: "chantier.release.run/1",
                    data: json!({
                        "release": made,
                        "steps": known.map(|known| &known.steps),
                        "unpushed": readiness.and_then(|readiness| readiness.unpushed.as_ref()),
                        "unfinished": readiness.and_then(|readiness| readiness.unfinished.as_ref()),
                    }),
                    text: made.map_or_else(String::new, |made| deliverable_text(made, texts)) + &unpushed_text(readiness, texts),
                }
            }
            Self::Together { .. } => {
                let together = known.and_then(|known| known.together.as_ref());
                Answer {
                    schema: "chantier.release.together/1",
                    data: json!({ "together": together }),
                    text: together.map_or_else(String::new, |together| together_text(together, texts)),
                }
            }
            Self::Rehearse { .. } => {
                let rehearsed = readiness.and_then(|readiness| readiness.rehearsed.as_ref());
                Answer {
                    schema: "chantier.release.rehearse/1",
                    data: json!({ "rehearsed": rehearsed }),
                    text: rehearsed.map_or_else(String::new, |rehearsed| steps_text(&rehearsed.steps, texts)),
                }
            }
            Self::Steps => Answer {
                schema: "chantier.release.steps/1",
                data: json!({
                    "steps": readiness.map(|readiness| &readiness.procedure),
                    "unfinished": readiness.and_then(|readiness| readiness.unfinished.as_ref()),
                }),
                text: readiness.map_or_else(String::new, |readiness| steps_text(&readiness.procedure, texts)),
            },
            Self::Packages => {
                let packages = known.map_or(&[][..], |known| &known.packages);
                Answer {
                    schema: "chantier.release.packages/1",
                    data: json!({ "packages": packages }),
                    text: if packages.is_empty() {
                        format!("{}\n", texts.t("release-no-packages"))
                    } else {
                        packages.iter().map(|package| package_text(package, texts)).collect()
                    },
                }
            }
            Self::List { limit } => {
                let shown = &deliverables[..deliverables.len().min(*limit)];
                let mut text: String = shown.iter().map(|one| line_of(one, texts)).collect();
                let left = deliverables.len() - shown.len();
                if left > 0 {
                    let said = msg!("release-list-left", n = left, all = deliverables.len());
                    writeln!(text, "{}", texts.msg(&said)).ok();
                }
                Answer {
                    schema: "chantier.release.list/1",
                    data: json!({ "releases": shown, "n_releases": deliverables.len() }),
                    text,
                }
            }
            Self::Matrix => {
                let environments = known.map_or(&[][..], |known| &known.environments);
                let rows = super::matrix::rows(deliverables, environments);
                Answer {
                    schema: "chantier.release.matrix/1",
                    data: json!({ "environments": super::matrix::columns(deliverables, environments), "versions": rows }),
                    text: matrix_text(deliverables, environments, texts),
                }
            }
            Self::Verify { version } => {
                let wanted = version.strip_prefix('v').unwrap_or(version);
                let checks = known.and_then(|known| known.verified.get(wanted));
                Answer {
                    schema: "chantier.release.verify/1",
                    data: json!({ "version": wanted, "checks": checks }),
                    text: checks.map_or_else(String::new, |checks| {
                        checks.iter().map(|check| check_text(check, texts)).collect()
                    }),
                }
            }
            Self::Show { version } | Self::Again { version } | Self::Withdraw { version, .. } | Self::Restore { version } => {
                let found = meant(deliverables, version);
                Answer {
                    schema: "chantier.release.show/1",
                    data: json!({ "release": found }),
                    text: found.map_or_else(String::new, |found| deliverable_text(found, texts)),
                }
            }
        }
    }
}

/// The one that was typed: as a version, or by its tag.
fn meant<'a>(all: &'a [Deliverable], typed: &str) -> Option<&'a Deliverable> {
    let wanted = super::packages::parse(typed).ok();
    let is_it = |one: &&Deliverable| wanted.as_deref() == Some(one.version.as_str());
    all.iter()
        .find(is_it)
        .or_else(|| all.iter().find(|one| one.tag.as_deref() == Some(typed.trim())))
}

fn next_text(readiness: &Readiness, texts: &Catalog) -> String {
    let mut text = String::new();
    if let Some(unfinished) = &readiness.unfinished {
        let said = msg!("release-unfinished", version = &unfinished.version);
        writeln!(text, "{}", texts.msg(&said)).ok();
    }
    text.push_str(&unpushed_text(Some(readiness), texts));
    match (&readiness.next, &readiness.nothing) {
        (Some(next), _) => {
            let last = readiness.last.as_ref().map_or("–", |last| last.version.as_str());
            writeln!(text, "{last} → {}  {}", next.version, texts.msg(&next.why)).ok();
        }
        (None, Some(nothing)) => {
            writeln!(text, "{}", texts.msg(&nothing.summary)).ok();
        }
        (None, None) => {}
    }
    for check in &readiness.checks {
        text.push_str(&check_text(check, texts));
    }
    for kind in ChangeKind::ALL {
        let of_kind: Vec<&Change> = readiness
            .changes
            .iter()
            .filter(|change| changelog::told_as(change) == kind)
            .collect();
        if of_kind.is_empty() {
            continue;
        }
        writeln!(text, "{}", texts.t(kind.key())).ok();
        for change in of_kind {
            let scope = change.scope.as_ref().map_or_else(String::new, |scope| format!("{scope}: "));
            let breaking = if change.breaking.is_some() { "! " } else { "" };
            writeln!(text, "  {} {breaking}{scope}{}", format::short_oid(&change.oid), change.text).ok();
        }
    }
    // Below what changed: there may be hundreds.
    if let Some(bill) = &readiness.bill {
        for (sign, list) in [("+", &bill.added), ("~", &bill.updated), ("-", &bill.removed)] {
            for one in list.iter().take(MAX_PACKAGES) {
                writeln!(text, "  {sign} {} {}", one.name, one.told()).ok();
            }
            let left = list.len().saturating_sub(MAX_PACKAGES);
            if left > 0 {
                writeln!(text, "  {sign} {}", texts.msg(&msg!("release-more", n = left))).ok();
            }
        }
    }
    text
}

/// What others do not have yet, how they get it, and how it is taken back.
fn unpushed_text(readiness: Option<&Readiness>, texts: &Catalog) -> String {
    let unpushed = readiness.and_then(|readiness| readiness.unpushed.as_ref());
    unpushed.map_or_else(String::new, |unpushed| format!("{}\n", texts.msg(&unpushed.told())))
}

fn check_text(check: &Check, texts: &Catalog) -> String {
    let state = texts.t(check.state.key());
    let said = msg!("release-said", name = texts.msg(&check.name), text = texts.msg(&check.found));
    let mut text = format!("  {state:<12} {}\n", texts.msg(&said));
    if let Some(hint) = check.hint.as_ref().filter(|_| check.state == State::Failed) {
        writeln!(text, "               {}", texts.msg(hint)).ok();
    }
    text
}

fn together_text(together: &Together, texts: &Catalog) -> String {
    let mut text = format!("{}\n", together.tag);
    for member in &together.members {
        let branch = member.branch.as_deref().unwrap_or("–");
        let pushed = member.pushed.join(", ");
        let commit = format::short_oid(&member.commit);
        writeln!(text, "{:<28} {commit:<9} {branch:<16} {pushed}", member.path).ok();
        for check in member.checks.iter().filter(|check| check.state != State::Done) {
            text.push_str(&check_text(check, texts));
        }
    }
    text
}

fn package_text(package: &PackageNext, texts: &Catalog) -> String {
    let last = package.last.as_ref().map_or("–", |last| last.version.as_str());
    let next = package.next.as_ref().map_or("–", |next| next.version.as_str());
    let why = match (&package.next, &package.problem) {
        (Some(next), _) => texts.msg(&next.why),
        (None, Some(problem)) => texts.msg(&problem.summary),
        (None, None) => String::new(),
    };
    let name = &package.package.name;
    format!("{name:<24} {last:>10} → {next:<10} {why}\n")
}

fn steps_text(steps: &[Step], texts: &Catalog) -> String {
    let mut text = String::new();
    let mut is_final = false;
    for step in steps {
        if step.undo == Undo::Never && !std::mem::replace(&mut is_final, true) {
            writeln!(text, "  -- {}", texts.t("release-undo-never")).ok();
        }
        let state = texts.t(if step.waits { "release-step-waits" } else { step.state.key() });
        write!(text, "  {state:<14} {}", texts.msg(&step.title())).ok();
        if let Some(note) = &step.note {
            write!(text, ": {}", texts.msg(note)).ok();
        }
        if let Some(undo) = step.undo.told() {
            write!(text, "  ({})", texts.msg(&undo)).ok();
        }
        text.push('\n');
        if let Some(look) = step.text.as_ref().filter(|_| step.confirmed.is_none()) {
            writeln!(text, "                 {look}").ok();
        }
        if let Some(evidence) = step.confirmed.as_ref().and_then(|said| said.evidence.as_ref()) {
            writeln!(text, "                 {}", evidence.path.display()).ok();
        }
    }
    text
}

fn matrix_text(deliverables: &[Deliverable], environments: &[String], texts: &Catalog) -> String {
    let columns = super::matrix::columns(deliverables, environments);
    let rows = super::matrix::rows(deliverables, environments);
    let widths: Vec<usize> = columns.iter().map(|name| name.chars().count().max(12)).collect();
    let mut text = format!("{:<16}", "");
    for (name, width) in columns.iter().zip(&widths) {
        write!(text, "  {name:<width$}").ok();
    }
    text.push('\n');
    for row in rows {
        write!(text, "{:<16}", row.version).ok();
        for (place, width) in row.places.iter().zip(&widths) {
            let said = match place {
                None => "–".to_owned(),
                Some(place) => {
                    let (mark, at) = match place.until {
                        Some(at) if place.has_failed => ("✗", at),
                        None => ("●", place.since),
                        Some(until) => ("○", until),
                    };
                    format!("{mark} {}", at.to_zoned(jiff::tz::TimeZone::UTC).date())
                }
            };
            write!(text, "  {said:<width$}").ok();
        }
        if let Some(why) = &row.withdrawn {
            let word = texts.t("release-state-withdrawn");
            write!(text, "  {}", texts.msg(&msg!("release-said", name = word, text = why))).ok();
        }
        text.push('\n');
    }
    text
}

fn line_of(one: &Deliverable, texts: &Catalog) -> String {
    let day = one.at.to_zoned(jiff::tz::TimeZone::UTC).date();
    let bytes: u64 = one.artifacts.iter().map(|file| file.bytes).sum();
    let size = if bytes == 0 {
        "–".to_owned()
    } else {
        format::bytes(bytes, texts)
    };
    let places: Vec<&str> = one
        .places
        .iter()
        .filter(|place| place.until.is_none())
        .map(|place| place.environment.as_str())
        .collect();
    let tag = one.tag.as_deref().unwrap_or("–");
    let withdrawn = one.withdrawn_told().map_or_else(String::new, |said| {
        let word = texts.t("release-state-withdrawn");
        format!("  {}", texts.msg(&msg!("release-said", name = word, text = texts.msg(&said))))
    });
    format!(
        "{:<16} {day}  {}  {tag:<16} {size:>9}  {}{withdrawn}\n",
        one.version,
        format::short_oid(&one.commit),
        places.join(", ")
    )
}

fn deliverable_text(one: &Deliverable, texts: &Catalog) -> String {
    let mut text = line_of(one, texts);
    for file in &one.artifacts {
        let size = format::bytes(file.bytes, texts);
        writeln!(text, "  {}  {size:>9}  {}", file.sha256, file.path.display()).ok();
    }
    for word in &one.words {
        writeln!(text, "  {}", texts.msg(&word.line())).ok();
    }
    if !one.notes.is_empty() {
        writeln!(text, "\n{}", one.notes.trim_end()).ok();
    }
    if !one.steps.is_empty() {
        write!(text, "\n{}", steps_text(&one.steps, texts)).ok();
    }
    text
}

/// One live line for people, for what they want to see while it happens.
pub fn line(update: &Update, texts: &Catalog) -> Option<String> {
    let Update::StepChanged { step, .. } = update else {
        return None;
    };
    if matches!(step.state, State::InProgress | State::Queued) && !step.waits {
        return None;
    }
    let note = step
        .note
        .as_ref()
        .map_or_else(String::new, |note| format!("  {}", texts.msg(note)));
    let state = texts.t(if step.waits { "release-step-waits" } else { step.state.key() });
    Some(format!("{state:<12} {}{note}", texts.msg(&step.title())))
}
