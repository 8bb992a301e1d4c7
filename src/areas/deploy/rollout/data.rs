//! The part of a rollout that changes data: copied first, changed once, and after a failure made what they were, counted and summed.

use super::Rollout;
use crate::adapters::database::{self, Backup, Database, Facts};
use crate::adapters::store::deployments::StepRow;
use crate::areas::JobCtx;
use crate::areas::deploy::data::{self, Data};
use crate::areas::deploy::{StepName, inputs, targets};
use crate::areas::devops::project::fill;
use crate::base::{Problem, State};
use crate::msg;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::PathBuf;
use tokio_util::sync::CancellationToken;

/// Tables whose rows and sums stand in the log of a step.
const LOGGED: usize = 500;
/// The code of a problem that leaves the data other than they were: nothing may be started on them.
pub(in crate::areas::deploy) const NOT_BACK: &str = "data-not-back";

impl Rollout {
    /// Whether the database can be reached, and how many bytes a copy of it may take.
    pub(super) async fn data_bytes(&self) -> Result<u64, Problem> {
        if self.site.inputs.data == Data::Keep {
            return Ok(0);
        }
        match data::connect(&self.site.inputs, self.world()).await? {
            Some(database) => database.size(self.world().processes(), &self.site.stop).await,
            None => Ok(0),
        }
    }

    /// Copies the data and changes them, where the deployment does that. Whoever could not bear it has been stopped.
    pub async fn change_data(&self) -> Result<(), Problem> {
        if self.site.inputs.data == Data::Keep {
            return Ok(());
        }
        let Some(database) = data::connect(&self.site.inputs, self.world()).await? else {
            return Ok(());
        };
        self.check_stop()?;
        let backup = self.back_up(&database).await?;
        match self.site.inputs.data.clone() {
            Data::Restore { backup: former, expects } => self.restore(&database, &backup, &former, expects).await,
            _ if self.site.inputs.migration().is_empty() => Ok(()),
            _ => self.migrate(&database, &backup).await,
        }
    }

    /// Back when the copy is on disk and the journal names it, with the rows and the sum of each table.
    async fn back_up(&self, database: &Database) -> Result<Backup, Problem> {
        let path = self.free_path("", database);
        let intent = json!({ "path": path, "database": database.name() });
        self.step(StepName::Backup, intent, async |cx: JobCtx| {
            let backup = database.back_up(&path, self.world().processes(), &self.site.stop).await?;
            // Known before anything is changed; where the version before runs on, its data are not put back after a failure.
            if !self.site.inputs.strategy.runs_on() {
                database.prove(&backup, self.world().processes(), &self.site.stop).await?;
            }
            tell(&cx, &backup.facts);
            let note = msg!(
                "deploy-note-backup",
                rows = backup.facts.n_rows(),
                tables = backup.facts.tables.len()
            );
            let value = serde_json::to_value(&backup).unwrap_or_default();
            Ok((backup, value, Some(note)))
        })
        .await
    }

    async fn migrate(&self, database: &Database, before: &Backup) -> Result<(), Problem> {
        let inputs = &self.site.inputs;
        let words = inputs.words(&self.site.folder).set("instance", "1");
        let words = words.set("port", inputs.port(1).unwrap_or(0).to_string());
        let run = inputs
            .migration()
            .iter()
            .map(|word| fill(word, &words))
            .collect::<Result<Vec<_>, _>>()?;
        self.step(
            StepName::Migrate,
            json!({ "run": run, "version": self.row.version }),
            async |cx: JobCtx| {
                targets::of(inputs).run_once(&self.site, &cx, &run).await?;
                let after = database.facts(self.world().processes(), &self.site.stop).await?;
                tell(&cx, &after);
                let n = before.facts.differences(&after).len();
                Ok(((), json!({ "facts": after }), Some(msg!("deploy-note-migrate", n = n))))
            },
        )
        .await
    }

    /// The data become what they were when `former` was made.
    async fn restore(
        &self,
        database: &Database,
        present: &Backup,
        former: &Backup,
        expects: Option<String>,
    ) -> Result<(), Problem> {
        if expects.is_some_and(|expects| expects != present.facts.digest()) {
            return Err(
                Problem::user(msg!("deploy-data-written", environment = &self.row.environment))
                    .code("needs-data-choice")
                    .hint(msg!("deploy-data-choice-hint")),
            );
        }
        let intent = json!({ "from": former.path, "database": database.name() });
        self.step(StepName::Restore, intent, async |cx: JobCtx| {
            database.restore(former, self.world().processes(), &self.site.stop).await?;
            tell(&cx, &former.facts);
            let note = restored(&former.facts);
            Ok(((), json!({ "facts": former.facts }), Some(note)))
        })
        .await
    }

    /// After a failure, when nothing of this deployment runs any more: the data become what they were before it, and are compared.
    /// Where the version before ran on meanwhile they stay, because it has written to them.
    pub async fn put_back(&self) -> Result<(), Problem> {
        let steps = self.world().store().deployments().steps(self.row.id).await?;
        let Some(before) = steps.iter().find_map(data::backup_of) else {
            return Ok(());
        };
        let of = |step: &StepRow| StepName::from_word(&step.name);
        let is_changed = |step: &StepRow| matches!(of(step), Some(StepName::Migrate | StepName::Restore | StepName::Start));
        let is_back = |step: &StepRow| of(step) == Some(StepName::PutBack) && step.state == State::Done;
        // What was put back may have been changed again, by another try.
        let since = steps.iter().rposition(is_back).map_or(0, |at| at + 1);
        if !steps[since..].iter().any(is_changed) {
            return Ok(());
        }
        let runs_on = self.site.inputs.strategy.runs_on();
        let result = self
            .step(StepName::PutBack, json!({ "from": before.path }), async |cx: JobCtx| {
                if runs_on {
                    return Ok(((), json!({ "kept": true }), Some(msg!("deploy-note-data-kept"))));
                }
                // What a killed program had started to change them must not go on.
                self.world().processes().end_orphans();
                self.put(&cx, &before).await
            })
            .await;
        let way_out = || {
            msg!(
                "deploy-data-copy-hint",
                path = &before.path,
                environment = &self.row.environment
            )
        };
        result.map_err(|problem| Problem {
            code: NOT_BACK.to_owned(),
            hint: Some(problem.hint.clone().unwrap_or_else(way_out)),
            ..problem
        })
    }

    async fn put(&self, cx: &JobCtx, before: &Backup) -> Result<((), Value, Option<crate::base::Msg>), Problem> {
        let processes = self.world().processes();
        let Some(database) = data::connect(&self.site.inputs, self.world()).await? else {
            return Ok(((), Value::Null, None));
        };
        // It must come to its end, whoever wishes to stop.
        let stop = CancellationToken::new();
        let now = database.facts(processes, &stop).await;
        if now.as_ref().is_ok_and(|now| *now == before.facts) {
            tell(cx, &before.facts);
            return Ok(((), json!({ "same": true }), Some(msg!("deploy-note-data-same"))));
        }
        let aside = database
            .back_up(&self.free_path("-failed", &database), processes, &stop)
            .await?;
        database.restore(before, processes, &stop).await?;
        tell(cx, &before.facts);
        Ok(((), json!({ "aside": aside.path }), Some(restored(&before.facts))))
    }

    /// A file that is not there yet.
    fn free_path(&self, word: &str, database: &Database) -> PathBuf {
        let folder = inputs::folder_of(self.world(), &self.row.workspace, &self.row.environment).join("backups");
        let name = |n: u32| {
            let n = if n == 1 { String::new() } else { format!("-{n}") };
            folder.join(format!("{}{word}{n}.{}", self.row.id, database.extension()))
        };
        (1..=u32::MAX)
            .map(name)
            .find(|path| !path.exists())
            .unwrap_or_else(|| name(0))
    }

    /// Removes the copies of old deployments: those of the newest ones and of the live one stay.
    pub(super) async fn forget_backups(&self) -> Result<(), Problem> {
        let Some(rules) = &self.site.inputs.database else {
            return Ok(());
        };
        let keep = rules.keep.max(1) as usize;
        let deployments = self.world().store().deployments();
        let steps = deployments.backups(&self.row.workspace, Some(&self.row.environment)).await?;
        let live = deployments.live(&self.row.workspace, &self.row.environment).await?;
        let mut kept = BTreeSet::new();
        kept.extend(live.map(|row| row.id));
        let mut old = Vec::new();
        for step in &steps {
            if kept.len() < keep || kept.contains(&step.deployment) {
                kept.insert(step.deployment);
            }
            if !kept.contains(&step.deployment) {
                let made = step.result["path"].as_str().or(step.result["aside"].as_str());
                old.extend(made.map(PathBuf::from));
            }
        }
        self.off_thread(move || old.iter().try_for_each(|path| database::forget(path)))
            .await
    }
}

fn restored(facts: &Facts) -> crate::base::Msg {
    msg!("deploy-note-restore", rows = facts.n_rows(), tables = facts.tables.len())
}

fn tell(cx: &JobCtx, facts: &Facts) {
    for line in facts.lines().into_iter().take(LOGGED) {
        cx.note(line);
    }
}
