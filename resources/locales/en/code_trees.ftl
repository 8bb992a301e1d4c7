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
code-undo-add-worktree = Added a worktree for { $what }
code-undo-remove-worktree = Removed the worktree { $what }
git-no-such-worktree = No worktree is { $name }
git-many-worktrees = More than one worktree is { $name }
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

# Submodules
code-tab-submodules = Submodules
code-submodules-hint = Repositories that stand inside this one at a recorded commit
code-column-recorded = Recorded
code-fact-follows = Follows
code-submodule-add = Add submodule…
code-submodule-add-title = Add a submodule
code-submodule-add-do = Add
code-submodule-update-all = Update all
code-submodule-update = Check out the recorded commit
code-submodule-fetch = Initialise and check out
code-submodule-newest = Check out the newest commit
code-submodule-sync = Take its address over
code-submodule-deinit = Empty its folder…
code-submodule-deinit-title = Empty the folder of { $path }?
code-submodule-deinit-text = Its files go. Its commits stay in the repository below .git, and it can be checked out again
code-submodule-deinit-dirty = Its files go, with what changed in there. The changes are kept in its own undo timeline, for when it is checked out again; ignored files are not
code-submodule-hostile = its address runs a program
code-submodule-as-recorded = as recorded
code-submodule-not-initialised = not initialised
code-submodule-new-commits = other commit
code-submodule-modified = changed
code-submodule-untracked = untracked files
code-submodule-missing-commit = recorded commit is missing
code-submodule-conflicted = in conflict
code-submodule-not-recorded = no commit recorded
code-submodule-unreadable = can not be read
code-submodule-no-commits = Its commits are not here, or it is not checked out
code-job-submodules = Look at the submodules
code-job-submodules-init = Initialise the submodules
code-job-submodule-init = Initialise { $name }
code-job-submodules-update = Update the submodules
code-job-submodule-update = Update { $name }
code-job-submodules-sync = Take the submodules’ addresses over
code-job-submodule-sync = Take the address of { $name } over
code-job-submodules-deinit = Empty the submodules
code-job-submodule-deinit = Empty { $name }
code-job-submodule-add = Add the submodule { $name }
code-told-submodules-update = Submodules updated
code-told-submodule-update = { $name } updated
code-told-submodules-deinit = Submodules emptied
code-told-submodule-deinit = { $name } emptied
code-told-submodule-added = Submodule { $name } added
code-undo-add-submodule = Added the submodule { $what }
git-no-submodules = There are no submodules
git-no-submodule = No submodule stands at { $path }
git-submodule-hostile = The address of the submodule { $path } would run a program
git-submodule-hostile-hint = Look at .gitmodules: such an address is no address of a repository, and is never used
git-submodule-file = git does not clone submodules from folders of this machine
git-submodule-file-hint = Where you trust the folder, git config --global protocol.file.allow always lets it
git-submodule-transport = git does not allow this kind of address for a submodule
git-submodule-dirty = Files changed in the submodule
git-submodule-dirty-hint = Commit or stash them there, or force it: they are kept in its undo timeline then
git-submodule-no-commit = The recorded commit is not in the submodule’s repository, nor where it comes from
git-submodule-no-commit-hint = It may not have been pushed yet

# Several repositories
code-tab-repositories = Repositories
code-filter-repositories = Filter repositories
code-repos-hint = Repositories inside this workspace stand here, with what a manifest wants of each
code-repos-cut = There are more folders than are searched
code-repos-of = Repository of { $name }
code-repos-fetch = Fetch all repositories
code-repos-read = Read repositories again
code-repos-freeze = Freeze…
code-repos-freeze-title = Freeze the exact commits of all repositories
code-repos-freeze-do = Write the file
code-repos-freeze-note = A manifest of Repo, or TOML when the name ends in .toml. A file that is there is replaced
code-repos-file = File, below the workspace
code-repos-n-frozen = { $n ->
    [one] One repository, at its exact commit
   *[other] { $n } repositories, each at its exact commit
}
code-repos-copy = Copy as text
code-repos-frozen = Frozen in { $path }
code-repos-compare = Compare states…
code-repos-compare-title = Compare two states of the repositories
code-repos-compare-do = Compare
code-repos-compare-note = Each is a manifest or a frozen state; without the second, what is checked out
code-repos-checked-out = what is checked out
code-repos-same = No repository differs
code-repos-added = only in the second
code-repos-removed = only in the first
code-manifest = Manifest
code-manifest-none = None
code-manifest-choose = Choose a file…
code-manifest-found = Use the one that is found
code-repos-not-fetched = { $n ->
    [one] One of { $of } repositories could not be fetched
   *[other] { $n } of { $of } repositories could not be fetched
}
code-column-repository = Repository
code-column-wanted = Wanted
code-column-drift = Manifest
code-fact-groups = Groups
code-fact-copied = Files it puts elsewhere
code-repo-fetching = being fetched
code-repo-failed = failed
code-drift-none = in no manifest
code-drift-not-here = not here
code-drift-in-step = as wanted
code-drift-no-revision = wanted revision is not here
code-drift-apart = { $ahead ->
    [0] { $behind } behind
   *[other] { $behind ->
        [0] { $ahead } ahead
       *[other] { $ahead } ahead, { $behind } behind
    }
}
code-frozen-dirty = has changes that are in no commit
code-frozen-unpushed = its commit is on no remote branch
code-frozen-broken = The frozen state can not be read
code-job-repos = Look at the repositories
code-job-repos-fetch = Fetch all repositories
code-job-repo-fetch = Fetch { $name }
code-job-repos-freeze = Freeze the repositories
code-job-repos-diff = Compare states of the repositories
code-manifest-broken = The manifest is no XML
code-manifest-truncated = The manifest ends in the middle
code-manifest-unknown = Element { $element } of the manifest is not understood, and passed over
code-manifest-no-name = Element { $element } has no name
code-manifest-outside = { $path } does not stand below the workspace
code-manifest-twice = Two projects stand at { $path }
code-manifest-misplaced = Element { $element } belongs into a project
code-manifest-no-project = No project before it is { $name }
code-manifest-no-remote = Project { $path } names a remote that there is not: { $remote }

# Pictures
code-picture-svg = A drawing in SVG: its text is compared
ui-picture-beside = Side by side
ui-picture-swipe = Swipe
ui-picture-onion = Onion skin
ui-picture-share = How much of the new one is shown
git-picture-too-long = more than { $limit } bytes are not read
git-picture-too-large = { $width } × { $height } pixels are too many to be decoded
git-picture-unreadable = it can not be decoded
