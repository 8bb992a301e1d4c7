//! What people read of environments and deployments on the command line: one line each.

use crate::areas::deploy::data::{self, Kept, Weighed};
use crate::areas::deploy::{Continuous, Deployment, Environment, Recovered, RecoveredBy, rehearsal};
use crate::base::{Catalog, State, format, safe};
use crate::msg;
use std::fmt::Write as _;

/// What a return means for the data.
pub(super) fn weighed_text(weighed: &Weighed, texts: &Catalog) -> String {
    let back = msg!("deploy-weighed-back", version = &weighed.version, id = weighed.to.to_string());
    let mut text = format!("{}\n{}\n", texts.msg(&back), texts.msg(&weighed.head()));
    if let Some(kept) = &weighed.backup {
        writeln!(text, "{}", kept_words(kept, texts)).ok();
    }
    for one in &weighed.written {
        writeln!(text, "  {}", safe::plain(&data::line(one))).ok();
    }
    text
}

/// The copy of the data: when, how many rows, how large.
fn kept_words(kept: &Kept, texts: &Catalog) -> String {
    let bytes = format::bytes(kept.bytes, texts);
    texts.msg(&kept.words(&bytes))
}

pub(super) fn environment_line(one: &Environment, texts: &Catalog) -> String {
    let (version, commit) = match one.shown() {
        Some(live) => (live.version.as_str(), live.commit.as_deref().map_or("–", format::short_oid)),
        None => ("–", "–"),
    };
    let n_up = one
        .instances
        .iter()
        .filter(|instance| instance.state == State::Running)
        .count();
    // Of what does not answer nobody knows whether it runs.
    let is_unknown = one.instances.iter().any(|instance| instance.state == State::Unknown);
    let n_up = if is_unknown { "?".to_owned() } else { n_up.to_string() };
    let protected = if one.is_protected {
        texts.t("deploy-protected")
    } else {
        "".into()
    };
    let urls = one.urls.join(" ");
    let shares: Vec<String> = one
        .traffic
        .iter()
        .filter(|_| one.traffic.len() > 1)
        .map(|share| format!("{} {} %", share.version, share.percent))
        .collect();
    let shares = shares.join(", ");
    let proven = one.rollback.as_ref();
    let proven = proven.map_or_else(String::new, |proven| rehearsal::cli::proven_words(proven, texts));
    let asks = one.asks.as_ref().map_or_else(String::new, |asks| {
        let why = texts.msg(&asks.problem.summary);
        texts.msg(&msg!("deploy-asks-why", why = why))
    });
    let why = one.why.as_ref().map_or_else(String::new, |why| texts.msg(why));
    let follows = one.continuous.as_ref().map_or_else(String::new, |one| one.words(texts));
    let withdrawn = one.live.as_ref().and_then(|live| {
        let back = one.returns.iter().find(|back| back.deployment == live.id)?;
        back.obstacle.as_ref().map(|obstacle| texts.msg(obstacle))
    });
    let withdrawn = withdrawn.unwrap_or_default();
    format!(
        "{:<14} {:<12} {version:<16} {commit:<8} {n_up}/{} {protected} {urls} {shares} {proven} {follows} {asks} {why} {withdrawn}\n",
        one.name,
        texts.t(one.state.key()),
        one.n_wanted
    )
}

/// What an environment can return to, a line each: the number that a return names, and how it was there.
pub(super) fn return_lines(one: &Environment, texts: &Catalog) -> String {
    let mut text = String::new();
    for back in one.returns.iter().filter(|back| back.healthy_until.is_some()) {
        let commit = back.commit.as_deref().map_or("–", format::short_oid);
        let how = texts.msg(back.obstacle.as_ref().unwrap_or(&back.how()));
        writeln!(
            text,
            "    ← {:<6} {:<16} {commit:<8} {:<12} {how}  {}",
            back.deployment,
            back.version,
            back.who,
            back.differs()
        )
        .ok();
    }
    text
}

impl Continuous {
    /// The branch, whether somebody follows it, and what came of its last commit.
    pub(in crate::areas::deploy) fn words(&self, texts: &Catalog) -> String {
        let key = if self.is_followed {
            "deploy-follows"
        } else {
            "deploy-follows-not"
        };
        let said = texts.msg(&crate::base::Msg::new(key).with("branch", self.branch.as_str()));
        match &self.last {
            Some(last) => format!("{said}, {} {}", format::short_oid(&last.commit), texts.t(last.state.key())),
            None => said,
        }
    }
}

pub(super) fn deployment_line(row: &Deployment, texts: &Catalog) -> String {
    let commit = row.commit.as_deref().map_or("–", format::short_oid);
    let why = row
        .problem
        .as_ref()
        .map_or_else(String::new, |problem| texts.msg(&problem.summary));
    let kept = row
        .backup
        .as_ref()
        .map_or_else(String::new, |kept| format!("{}  ", kept_words(kept, texts)));
    format!(
        "{:>5}  {}  {:<14} {:<16} {commit:<8} {:<14} {:<12} {:<12} {kept}{why}\n",
        row.id,
        format::local(row.started_at).strftime("%Y-%m-%d %H:%M:%S"),
        row.environment,
        row.version,
        texts.t(row.kind.key()),
        texts.t(row.state.key()),
        row.who
    )
}

pub(super) fn recovered_line(one: &Recovered, texts: &Catalog) -> String {
    let runs = one.runs.clone().unwrap_or_else(|| "–".to_owned());
    let said = match one.did {
        RecoveredBy::Dropped => msg!("deploy-recovered-dropped", version = &one.version, runs = runs),
        RecoveredBy::Finished => msg!("deploy-recovered-finished", version = &one.version),
        RecoveredBy::Returned => msg!("deploy-recovered-returned", version = &one.version, runs = runs),
        RecoveredBy::Stopped => msg!("deploy-recovered-stopped", version = &one.version),
    };
    format!("{:<14} {}\n", one.environment, texts.msg(&said))
}
