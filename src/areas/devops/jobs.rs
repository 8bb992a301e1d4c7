//! What DevOps does: one async function per command.

use super::Command;
use crate::adapters::World;
use crate::areas::JobSpec;
use crate::msg;

const AREA: &str = "devops";

/// The job of a command.
pub fn plan(_world: &World, command: Command) -> JobSpec {
    match command {
        Command::ShowThread { of } => JobSpec::new(AREA, msg!("devops-job-thread"), move |cx| async move {
            cx.update(super::Update::ThreadFound {
                of,
                thread: crate::base::Thread::default(),
            })
            .await;
            Ok(())
        })
        .quiet(),
    }
}
