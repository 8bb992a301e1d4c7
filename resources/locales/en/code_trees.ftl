# Code: worktrees
code-tab-worktrees = Worktrees
code-worktrees-hint = Other checkouts of this repository stand here, each with a branch of its own
code-column-checked-out = Checked out
code-column-changes = Changes
code-column-state = State
code-column-path = Path
code-fact-branch = Branch
code-fact-checked-out = Checked out in
code-fact-locked-because = Locked because
code-fact-prunable = Of no use
code-checked-out-in = Checked out in { $path }
code-detached = on no branch
code-open-workspace = Open as workspace
code-worktree-main = main
code-worktree-locked = locked
code-worktree-stale = gone
code-worktree-under-way = in the middle of something
code-worktree-counting = What changed there is being counted
code-worktree-add = New worktree…
code-worktree-add-for = New worktree here…
code-worktree-add-title = New worktree
code-worktree-new-branch = A new branch
code-worktree-branch = A branch that is there
code-worktree-detached = A commit, on no branch
code-worktree-lock = Lock
code-worktree-lock-open = Lock…
code-worktree-lock-title = Lock { $name }
code-worktree-reason = Reason
code-worktree-reason-hint = on a disk that is not always there
code-worktree-unlock = Unlock
code-worktree-move = Move…
code-worktree-move-title = Move { $name }
code-worktree-move-do = Move
code-worktree-prune = Forget worktrees that are gone…
code-worktree-prune-title = Forget worktrees that are gone
code-worktree-prune-do = Forget
code-worktree-nothing-stale = Every worktree is there
code-worktree-remove = Remove worktree…
code-worktree-remove-title = Remove the worktree { $name }?
code-worktree-remove-text = Its folder goes, and the branch stays. It can be taken back; ignored folders and large ignored files, like build results, can not
code-worktree-remove-dirty = { $n ->
    [0] Its folder goes, and the branch stays.
    [one] One changed file goes with its folder. It is kept in the undo timeline; ignored folders and large ignored files are not
   *[other] { $n } changed files go with its folder. They are kept in the undo timeline; ignored folders and large ignored files are not
}
code-job-worktrees = Look at the worktrees
code-job-worktree-add = Make a worktree for { $name }
code-job-worktree-remove = Remove the worktree { $name }
code-job-worktree-lock = Lock the worktree { $name }
code-job-worktree-unlock = Unlock the worktree { $name }
code-job-worktree-move = Move the worktree { $name }
code-job-worktree-prune = Forget worktrees that are gone
code-told-worktree-added = Worktree made for { $name }
code-told-worktree-removed = Worktree { $name } removed
code-undo-remove-worktree = Removed the worktree { $what }
git-no-such-worktree = No worktree, or more than one, is { $name }
git-no-such-worktree-hint = Name it by its path, as the list of worktrees shows it
git-main-worktree = The main checkout can not be locked, moved or removed like a worktree
git-current-worktree = The worktree that is worked in can not be moved or removed
git-current-worktree-hint = Do it from another checkout of the repository
git-worktree-locked = The worktree { $name } is locked
git-worktree-locked-hint = Unlock it first
git-worktree-is-locked = It is locked already
git-worktree-is-unlocked = It is not locked
git-worktree-dirty = { $n ->
    [one] One change in the worktree { $name } would be lost
   *[other] { $n } changes in the worktree { $name } would be lost
}
git-worktree-dirty-hint = Commit or stash them there, or force it: they are kept in the undo timeline then
git-worktree-submodules = Submodules are checked out in the worktree { $name }
git-worktree-submodules-hint = Their repositories go with it, with commits that were never pushed
git-worktree-submodules-stay = A worktree with submodules can not be moved
git-worktree-missing = A worktree is known at that path, and its folder is gone
git-worktree-missing-hint = Forget the worktrees that are gone, then make it again
git-worktree-exists = Something stands there already
