//! Code: real repositories made by git's program in temporary folders, compared with what git's program says of them.

mod acts;
mod blame;
mod branching;
mod conflicts;
mod fixture;
mod history;
mod hunks;
mod jobs;
mod lanes;
mod odd;
mod page;
mod page_branching;
mod rebase;
mod status;
mod undo;
