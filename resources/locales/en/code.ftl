# Code: changes, history, branches, undo
code-job-refresh = Read what changed
code-job-watch = Watch for changes
code-job-diff = Compare
code-job-history = Read history
code-job-commit-detail = Read a commit
code-job-refs = Read branches and tags
code-job-undo = Read what can be taken back
code-job-stage = Stage
code-job-unstage = Unstage
code-job-discard = Discard changes
code-job-commit = Commit { $summary }
code-job-amend = Amend the last commit
code-job-branch = Create branch { $name }
code-job-switch = Switch to { $name }
code-job-take-back = Take back { $id }
code-job-fetch = Fetch
code-job-pull = Pull
code-job-push = Push

code-clean = nothing changed
code-n-conflicted = { $n } in conflict
code-n-staged = { $n } staged
code-n-unstaged = { $n } not staged
code-n-untracked = { $n } untracked
code-n-more = { $n ->
    [one] and one more
   *[other] and { $n } more
}
code-watching = { $n ->
    [one] Watching one folder
   *[other] Watching { $n } folders
}
code-diff-binary = Binary files differ
code-diff-too-large = Too large to be shown
code-diff-submodule = Submodule

code-undo-empty = Nothing to take back
code-undo-with = Take it back with: chantier code undo { $id }
code-undo-pruned = { $n ->
    [one] The oldest undo entry was removed
   *[other] The { $n } oldest undo entries were removed
}
code-undo-discard = { $n ->
    [one] Discarded { $what }
   *[other] Discarded { $n } files, { $what } and others
}
code-undo-discard-hunk = Discarded a hunk of { $what }
code-undo-stage = { $n ->
    [one] Staged { $what }
   *[other] Staged { $n } files, { $what } and others
}
code-undo-unstage = { $n ->
    [one] Unstaged { $what }
   *[other] Unstaged { $n } files, { $what } and others
}
code-undo-commit = Committed { $what }
code-undo-amend = Amended { $what }
code-undo-switch = Switched to { $what }
code-undo-branch = Created branch { $what }
code-undo-take-back = Took back { $what }
code-undo-number = Not the number of an undo entry: { $word }

code-one-path-for-hunks = Hunks are counted in one file: name exactly one path
code-no-message = A commit needs a message
code-no-message-hint = Write one line that says what changes
code-unresolved = { $n ->
    [one] One file is still in conflict
   *[other] { $n } files are still in conflict
}
code-nothing-staged = Nothing is staged
code-nothing-staged-hint = Stage files or hunks first, or commit all changes of tracked files
code-nothing-changed-hint = No file differs from the last commit
code-no-identity = Git does not know who commits
code-no-identity-hint = Set it once: git config --global user.name "Your Name", and user.email likewise
code-not-signed = The commit could not be signed
code-not-signed-hint = Look at user.signingKey and the agent, or turn commit.gpgSign off
code-commit-refused = The commit was refused
code-commit-refused-hint = A hook of the repository may have said no: its words stand above and in the job's log
code-no-remote = This repository has no remote
code-no-remote-hint = Add one: git remote add origin ADDRESS
code-push-rejected = The other repository has commits that are not here
code-push-rejected-hint = Pull first, then push again
code-pull-diverged = Both sides have new commits
code-pull-diverged-hint = Choose once how to join them: git config pull.rebase true (or false)
code-no-upstream = This branch follows no other branch
code-no-upstream-hint = Push it once, and it will
