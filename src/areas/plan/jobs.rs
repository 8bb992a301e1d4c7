//! What Plan does: one async function per command.

use super::Command;
use crate::adapters::World;
use crate::areas::JobSpec;
use crate::msg;

const AREA: &str = "plan";

/// The job of a command.
pub fn plan(_world: &World, command: Command) -> JobSpec {
    match command {
        Command::Refresh { workspace } => {
            let id = workspace.id.clone();
            JobSpec::new(AREA, msg!("plan-job-refresh"), move |cx| async move {
                cx.update(super::Update::Refreshed { workspace: workspace.id }).await;
                Ok(())
            })
            .workspace(&id)
            .quiet()
        }
    }
}
