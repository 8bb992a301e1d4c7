//! Code: real repositories made by git's program in temporary folders, compared with what git's program says of them.

mod acts;
mod blame;
mod branching;
mod conflicts;
mod differ;
mod fixture;
mod history;
mod hunks;
mod jobs;
mod kill;
mod lanes;
mod lines;
mod odd;
mod page;
mod page_branching;
mod rebase;
mod scale;
mod signing;
mod ssh;
mod status;
mod submodules;
mod todos;
mod undo;
mod undo_acts;
mod worktrees;
