# Code: branches, tags, remotes, joining histories, operations and conflicts
code-job-rename-branch = Rename branch { $from } to { $to }
code-job-delete-branch = Delete branch { $name }
code-job-set-upstream = Let { $name } follow { $upstream }
code-job-unset-upstream = Let { $name } follow no branch
code-job-merge = Merge { $name }
code-job-rebase = Rebase onto { $name }
code-job-run-plan = { $n ->
    [one] Rebase one commit
   *[other] Rebase { $n } commits
}
code-job-cherry-pick = { $n ->
    [one] Cherry-pick one commit
   *[other] Cherry-pick { $n } commits
}
code-job-revert = { $n ->
    [one] Revert one commit
   *[other] Revert { $n } commits
}
code-job-reset = Reset to { $name }
code-job-create-tag = Create tag { $name }
code-job-delete-tag = Delete tag { $name }
code-job-add-remote = Add remote { $name }
code-job-rename-remote = Rename remote { $from } to { $to }
code-job-set-remote-url = Change the address of { $name }
code-job-remove-remote = Remove remote { $name }
code-job-prune-remote = Prune { $name }
code-job-push-tag = Push tag { $name }
code-job-delete-remote-branch = Delete { $name } there
code-job-delete-remote-tag = Delete tag { $name } there
code-job-continue = Continue
code-job-skip = Skip a step
code-job-abort = Abort
code-job-bisect-start = Begin to bisect
code-job-bisect-reset = End the bisect
code-job-bisect = Judge a commit
code-job-resolve = Resolve { $path }
code-job-conflict = Read a conflict
code-job-plan = Read the commits to rebase
code-job-preview = Look ahead
code-job-under-way = Read what is under way

code-told-renamed = Renamed to { $name }
code-told-deleted = { $name } deleted
code-told-merged = { $name } merged
code-told-rebased = Rebased
code-told-picked = { $n ->
    [one] One commit picked
   *[other] { $n } commits picked
}
code-told-reverted = { $n ->
    [one] One commit reverted
   *[other] { $n } commits reverted
}
code-told-reset = Reset
code-told-removed = Remote { $name } removed
code-told-aborted = Given up: everything is as it was before
code-told-resolved = { $path } resolved

code-undo-merge = Merged { $what }
code-undo-rebase = Rebased onto { $what }
code-undo-pick = Cherry-picked { $what }
code-undo-revert = Reverted { $what }
code-undo-reset = Reset to { $what }
code-undo-rename = Renamed branch { $what }
code-undo-delete-branch = Deleted branch { $what }
code-undo-tag = Created tag { $what }
code-undo-delete-tag = Deleted tag { $what }
code-undo-upstream = Set what branch { $what } follows
code-undo-add-remote = Added remote { $what }
code-undo-change-remote = Changed remote { $what }
code-undo-remove-remote = Removed remote { $what }
code-undo-prune-remote = Pruned remote { $what }
code-undo-fetch = Fetched { $what }, with branches that were removed or rewritten there
code-undo-fetch-all = Fetched, with branches that were removed or rewritten there
code-undo-push-over = Pushed over { $what }
code-undo-delete-there = Deleted { $what } there
code-undo-by-push = What was there before is pushed there again, if nobody has pushed since
code-told-fetch-took = Branches that were removed or rewritten there changed here too
code-host-title = Is this the right machine?
code-host-text = ssh has not met this machine before, so git did not go on
code-host-name = Machine
code-host-kind = Key type
code-host-fingerprint = Fingerprint
code-host-note = Compare the fingerprint with the one that the owner of the machine publishes. If they differ, somebody stands in between. Accepting writes the key into your known_hosts, and what was asked for is done again
code-host-accept = Accept the key and try again
code-search-good = Bisect: it is good here…
code-search-bad = Bisect: it is bad here…
code-missed = No test ran this line
code-n-missed = { $n ->
    [one] one untested line
   *[other] { $n } untested lines
}
code-undo-bisect-start = Began to bisect below { $what }
code-undo-bisect-reset = Ended the bisect on { $what }
code-undo-bisect = Judged a commit ({ $what })
code-undo-resolve = Resolved { $what }
code-undo-continue = Went on with what was under way on { $what }
code-undo-skip = Skipped a step on { $what }
code-undo-abort = Gave up what was under way on { $what }

code-now-merge = Merging { $name }
code-now-rebase = Rebasing { $branch } onto { $onto }
code-now-rebase-detached = Rebasing onto { $onto }
code-now-pick = Cherry-picking
code-now-revert = Reverting
code-now-bisect = Bisecting
code-now-mailbox = Applying patches
code-step-of = step { $step } of { $of }
code-stopped-to-edit = stopped to edit: amend the commit, then continue
code-all-resolved = nothing in conflict
code-n-in-conflict = { $n ->
    [one] 1 file in conflict
   *[other] { $n } files in conflict
}
code-resolve-n = { $n ->
    [one] Resolve 1 file
   *[other] Resolve { $n } files
}
code-continue = Continue
code-skip = Skip this step
code-abort = Abort
code-bisect-good = Good
code-bisect-bad = Bad
code-bisect-end = End the bisect
code-now-bisect-found = The bisect is over
code-bisect-found = the first bad commit
code-bisect-left = { $n ->
    [one] one commit left
   *[other] { $n } commits left, about { $steps ->
        [one] one verdict
       *[other] { $steps } verdicts
    }
}
code-cli-bisect-end-hint = That is the first bad commit; go back with: chantier code bisect reset
code-undo-index = Changed nothing in the index
code-under-way = Finish what is under way first
code-is-here = HEAD is here
code-is-current = It is the current branch

code-tab-conflicts = Conflicts
code-tab-rebase = Rebase
code-remotes = Remotes
code-column-ahead = Ahead
code-column-merged = Merged
code-column-last = Last commit
code-in-step = in step
code-merged = merged
code-unmerged = not merged
code-tag-annotated = annotated tag
code-tag-lightweight = lightweight tag
code-fact-kind = Kind
code-address = Address
code-push-address = Push address
code-rename = Rename…
code-rename-title = Rename { $name }
code-rename-do = Rename
code-new-name = New name
code-set-upstream = Set upstream…
code-set-upstream-title = Which branch { $name } follows
code-set-upstream-do = Set upstream
code-no-upstream-choice = none
code-branch-go = Switch to it
code-merge-into = Merge { $name } into { $here }
code-merge-options = Merge with options…
code-merge-title = Merge { $name }
code-merge-do = Merge
code-merge-mode = How
code-merge-auto = As git is configured
code-merge-no-ff = Always with a merge commit
code-merge-ff = Only fast-forward
code-merge-squash = Squash: stage the changes, no commit
code-merge-message-hint = Empty takes git's own message
code-rebase-onto = Rebase { $here } onto { $name }
code-rebase-here = Rebase { $here } onto this commit
code-rebase-interactive = Rebase interactively…
code-rebase-upstream = Rebase what is not pushed…
code-rebase-from = Rebase from here…
code-quick-reword = Reword…
code-quick-squash = Squash into the one below…
code-quick-drop = Drop…
code-nothing-below = There is no commit below it
code-merge-stays = A merge stays as it is
code-pick-onto = Cherry-pick onto { $here }
code-pick-n-onto = Cherry-pick { $n } commits onto { $here }
code-revert-n = Revert { $n } commits
code-revert = Revert
code-reset-here = Reset { $here } to here…
code-reset-title = Reset to { $name }
code-reset-do = Reset
code-reset-mode = What is set back
code-reset-soft = Soft: only the branch
code-reset-mixed = Mixed: branch and index
code-reset-hard = Hard: branch, index and files
code-reset-note = It can be taken back in the tab Undo
code-delete-branch = Delete branch
code-delete-unmerged-title = Delete { $name }, which is not merged?
code-delete-unmerged-text = Its commits are in no other branch that it follows. The deletion can be taken back in the tab Undo.
code-delete-there = Delete there
code-delete-there-title = Delete { $name } in the other repository?
code-delete-there-text = Everybody who fetches will miss it. Chantier can not take that back.
code-tag-here = New tag here…
code-new-tag = New tag…
code-new-tag-title = New tag
code-tag-at = At
code-tag-message-hint = With a message the tag is annotated
code-tag-sign = Sign it
code-delete-tag = Delete tag
code-push-tag-to = Push to { $remote }
code-delete-tag-there = Delete on { $remote }
code-prune = Prune
code-add-remote = Add remote…
code-add-remote-title = Add a remote
code-add-remote-do = Add remote
code-remote-url = Change address…
code-remote-url-title = Address of { $name }
code-remote-url-do = Change address
code-copy-address = Copy address
code-remove-remote = Remove remote
code-remove-remote-title = Remove { $name }?
code-remove-remote-text = Its branches are forgotten here; nothing happens there.
code-preview-wait = Looking ahead…
code-switch-overwrites = { $n ->
    [one] One changed file would be overwritten
   *[other] { $n } changed files would be overwritten
}
code-switch-replaces = { $n ->
    [one] An ignored file is written over; undo brings it back
   *[other] { $n } ignored files are written over; undo brings them back
}
code-switch-carries = { $n ->
    [0] Nothing is changed
    [one] One changed file comes along
   *[other] { $n } changed files come along
}
code-switch-changes = Local changes
code-switch-carry = Take them along
code-switch-stash-apply = Stash them and bring them back there
code-switch-stash = Stash them and leave them there
code-stash-kept = { $name } is checked out, but the stashed changes do not fit on it
code-stash-kept-hint = Resolve the conflicts, then drop the stash: nothing of it is lost
code-push-dialog = Push with options…
code-push-title = Push
code-push-force-do = Overwrite
code-push-brings = { $n ->
    [0] Nothing new for { $to }
    [one] One commit goes to { $to }
   *[other] { $n } commits go to { $to }
}
code-push-first = { $name } was not pushed before: it will be made there, and followed
code-submodules-exposed = { $n ->
    [one] The submodule { $first } has changes that git would throw away too
   *[other] { $n } submodules have changes that git would throw away too, { $first } first
}
code-submodules-exposed-hint = Commit or stash them in there first, or keep git out of submodules: git config submodule.recurse false
code-push-remote = Remote
code-push-where = Where to
code-push-other = The branch follows { $other }: “--into-upstream” pushes there, “-u” makes one of its own name and follows that
code-push-overwrites = { $n ->
    [one] One commit is only there: a push takes it away
   *[other] { $n } commits are only there: a push takes them away
}
code-push-refused = { $n ->
    [one] One commit is only there: the push would be refused
   *[other] { $n } commits are only there: the push would be refused
}
code-push-refused-hint = Get what is there first with: chantier code pull
code-push-force = Overwrite, if it still is where the last fetch saw it
code-push-tags = Also annotated tags of what is pushed

code-rebase-run = { $n ->
    [one] Rebase one commit
   *[other] Rebase { $n } commits
}
code-rebase-autosquash = Autosquash
code-rebase-branch-stays = { $name } stays on the old commits (--update-refs takes it along)
code-rebase-branches-leave = { $n ->
    [one] Leave the other branch
   *[other] Leave { $n } other branches
}
code-rebase-branches-move = { $n ->
    [one] Another branch moves along
   *[other] { $n } other branches move along
}
code-rebase-branches-stay = { $n ->
    [one] Another branch stays on the old commits
   *[other] { $n } other branches stay on the old commits
}
code-rebase-branches-take = { $n ->
    [one] Take the other branch along
   *[other] Take { $n } other branches along
}
code-rebase-close = Close
code-rebase-again = Read the plan again
code-rebase-moved = The branch has moved since the plan was read
code-rebase-nothing = There is no commit to rebase
code-rebase-of = { $n ->
    [one] One commit
   *[other] { $n } commits
} on top of { $below }, applied from top to bottom
code-rebase-published = { $n ->
    [one] One commit is already published
   *[other] { $n } commits are already published
}
code-rebase-published-hint = Others may have built on them: a rebase makes new commits in their place
code-rebase-merges-kept = { $n ->
    [one] One merge is made again
   *[other] { $n } merges are made again
}
code-rebase-keep-merges = Keep the merges
code-rebase-leave-merges = Leave the merges out
code-rebase-merges = { $n ->
    [one] One merge is left out
   *[other] { $n } merges are left out
}
code-published = published
code-rebase-up = Move up
code-rebase-down = Move down
code-rebase-message = Message of { $commit }
code-rebase-joined-hint = Empty joins both messages
code-step-pick = Pick
code-step-reword = Reword
code-step-edit = Edit
code-step-squash = Squash
code-step-fixup = Fixup
code-step-drop = Drop
code-step-pick-hint = Pick: as it is
code-step-reword-hint = Reword: another message
code-step-edit-hint = Edit: stop there to amend
code-step-squash-hint = Squash: join the one above
code-step-fixup-hint = Fixup: join, message stays
code-step-drop-hint = Drop: leave it out
code-step-exec = Run
code-step-break = Break
code-step-exec-hint = Run: a command, stop when it fails
code-step-break-hint = Break: stop there

code-conflicts-none = Nothing is in conflict
code-conflict-both-modified = both modified
code-conflict-both-added = both added
code-conflict-both-deleted = both deleted
code-conflict-deleted-by-us = deleted by us
code-conflict-deleted-by-them = deleted by them
code-conflict-added-by-us = added by us
code-conflict-added-by-them = added by them
code-conflict-binary = binary
code-conflict-submodule = submodule
code-conflict-link = link
code-conflict-mixed = other kind of file
code-conflict-renamed = renamed from { $path }
code-conflict-of = Conflict { $at } of { $of }
code-conflict-n = Conflict { $n }
code-conflict-open = Conflict { $n } is not decided
code-conflict-n-open = { $n ->
    [one] 1 conflict is not decided
   *[other] { $n } conflicts are not decided
}
code-conflict-all-decided = all decided
code-conflict-edited = edited since
code-conflict-edited-hint = The file was edited since git wrote it. Deciding here starts anew from the three versions; what stands in the file can be brought back in the tab Undo.
code-conflict-show-base = Show the base
code-conflict-fold = { $n } lines agree
code-conflict-result = Result
code-conflict-edit = Edit
code-conflict-edit-n = Result of conflict { $n }
code-conflict-reopen = Decide again
code-conflict-not-typable = The file is not plain UTF-8 text: choose a side, or edit it in your editor
code-conflict-next = Next conflict
code-conflict-previous = Previous conflict
code-side-base = Base
code-side-ours = Ours
code-side-theirs = Theirs
code-take-ours = Take ours
code-take-theirs = Take theirs
code-take-base = Take base
code-take-both = Take both
code-take-ours-first = Ours first, then theirs
code-take-theirs-first = Theirs first, then ours
code-whole-ours = Whole file as ours
code-whole-ours-deleted = Delete it, as ours
code-whole-theirs = Whole file as theirs
code-whole-theirs-deleted = Delete it, as theirs
code-whole-base = Whole file as the base
code-resolve = Resolve
code-resolve-file = Mark as resolved
code-resolve-as-it-is = Mark as resolved as it stands
code-resolve-with-marks = Mark as resolved with its marks
code-resolve-with-marks-text = The file may still have conflict marks; they would be committed.
code-conflict-no-file = no file
code-conflict-former-path = Renamed from
code-conflict-why-deleted-by-us = We deleted the file, and the other side changed it. Choose which of both counts.
code-conflict-why-deleted-by-them = The other side deleted the file, and we changed it. Choose which of both counts.
code-conflict-why-renamed = The sides renamed the file in different ways. Keep the path here, or delete it.
code-conflict-why-submodule = Both sides moved the submodule to different commits. Choose one of them.
code-conflict-why-link = Both sides changed where the link leads. Choose one of them.
code-conflict-why-mixed = The sides made different kinds of file of it. Choose one of them.
code-conflict-why-binary = The file can not be merged line by line. Choose the version of one side.
code-cli-conflicts = { $n ->
    [one] One conflict
   *[other] { $n } conflicts
}
code-cli-resolve-hint = Resolve the files below, then: chantier code continue (or skip, or abort)
code-cli-resolve-merge-hint = Resolve the files below, then: chantier code continue (or abort)
code-cli-continue-merge-hint = Go on with: chantier code continue (or abort)
code-cli-edit-hint = Stopped to edit: change the commit (chantier code commit --amend), then: chantier code continue (or skip, or abort)
code-cli-bisect-hint = Judge the commit with: chantier code bisect good (or bad, or skip); end it with: chantier code bisect reset
code-cli-continue-hint = Go on with: chantier code continue (or skip, or abort)

git-not-in-conflict = { $path } is not in conflict
git-no-blocks = { $path } can only be resolved as a whole
git-no-blocks-hint = Take the version of one side
git-undecided = Not every conflict of { $path } is decided
git-undecided-hint = Decide each one, then mark the file as resolved
git-marks-left = Conflict marks are left in { $path }
git-marks-left-hint = Remove the lines that begin with <<<<<<<, ======= and >>>>>>>, or mark it with its marks (--force)
git-bad-name = { $name } can not be a name here
git-no-such-remote = There is no remote { $name }
git-no-remote = This repository has no remote
git-no-remote-hint = Add one in the tab Branches, or: chantier code remote add origin ADDRESS
git-which-remote = There are several remotes, and nothing says which one { $branch } goes to: { $remotes }
git-which-remote-hint = Name it once, and it is remembered: chantier code push --remote { $name }; in the window: “Push with options…”
git-bad-address = { $url } is no address of a repository
git-follows-other = { $branch } follows { $other }, which is called otherwise
git-follows-other-hint = Push to { $own } and follow it with “chantier code push -u”, or into { $other } with “--into-upstream”
git-pushes-nothing = git’s settings push nothing of { $branch } (push.default = nothing)
git-pushes-nothing-hint = Name the remote: “chantier code push --remote NAME”, or follow a branch there with “-u”
git-in-other-worktree = Another worktree has { $branch } checked out by now
git-in-other-worktree-hint = Switch that one to another branch first: “chantier code worktree list” shows it
git-not-on-a-branch = HEAD is on no branch
git-not-on-a-branch-hint = Switch to a branch, or make one here
git-nothing-under-way = Nothing is under way
git-nothing-under-way-hint = A step that ended, such as a stash that came back with conflicts, is taken back with: chantier code undo
git-bisect-unclear = Only commits that were skipped are left: it is one of them
git-bisect-unclear-hint = Judge one of them by its name with git, or end it with: chantier code bisect reset
git-no-skip-in-merge = A merge has no step to skip
git-no-skip-in-merge-hint = Go on with: chantier code continue; give it up with: chantier code abort
git-no-continue-in-bisect = A bisect goes on by judging the commit
git-not-bisecting = No bisect is under way
git-not-bisecting-hint = Begin one with: chantier code bisect start BAD GOOD
git-bisect-under-way = A bisect is under way already
git-still-in-conflict = Files are still in conflict
git-which-parent = { $commit } is a merge: its changes count beside one of its parents
git-which-parent-hint = Say beside which one: --mainline 1 is what the merge brought into its first parent
git-no-such-parent = { $commit } has { $n ->
    [one] one parent
   *[other] { $n } parents
} and no parent { $parent }
code-pick-beside = Cherry-pick onto { $here } against parent { $n } ({ $parent })
code-revert-beside = Revert against parent { $n } ({ $parent })
code-merges-one-by-one = Merges are taken one by one
git-plan-too-long = More than { $n } commits: choose a commit nearer to HEAD
git-plan-empty = The plan is empty
git-plan-across-merges = { $step } would change places with commits of another branch
git-plan-across-merges-hint = Leave it among its neighbours, or leave the merges out: “Leave the merges out” in the window, “--no-rebase-merges” on the command line
git-plan-no-command = A step that runs nothing: write a command behind exec
git-plan-nothing-to-join = Nothing stands before { $step } that it could join
git-plan-no-message-hint = In a list, it stands behind the commit: reword { $commit } A new first line
git-plan-no-message = { $step } needs a message
git-plan-unreadable = The plan can not be read
git-plan-odd-line = Not a line of a plan: { $line }
git-act-conflict = { $n ->
    [0] Git could not join the changes by itself
    [one] One file is in conflict
   *[other] { $n } files are in conflict
}
git-act-conflict-hint = Resolve the files (chantier code conflicts), then continue; abort gives everything up
git-act-overwrites = Local changes would be overwritten
git-act-dirty = Local changes are in the way
git-act-unmerged = The branch has commits that are nowhere else
git-act-unmerged-hint = Merge it first, or delete it by force: it can be taken back
git-act-checked-out = The branch is checked out
git-act-checked-out-hint = Switch to another branch first; another worktree may have it too
git-act-exists = That name is taken
git-act-unrelated = The two histories have no commit in common
git-act-no-fast-forward = It can not be fast-forwarded: both sides have new commits
git-act-no-fast-forward-hint = Merge or rebase instead
code-pull-merge = Pull with a merge
code-pull-rebase = Pull with a rebase
git-act-diverged = Both sides have new commits
git-act-diverged-hint = Pull with a merge or with a rebase; git config pull.rebase true (or false) makes one of them usual
git-act-no-upstream = This branch follows no other branch
git-act-no-upstream-hint = Push it once, or set its upstream
git-act-stale = The branch there is no longer where the last fetch saw it: nothing was overwritten
git-act-stale-hint = Fetch, look at what is new there, and decide again
git-act-hook-declined = The other repository refused it
git-act-replaced = What is there is a commit that was replaced here
git-act-replaced-hint = Nobody else pushed since: put yours in its place with “chantier code push --force-with-lease”, or Overwrite in “Push with options…”
git-act-rejected = The other repository has commits that are not here
git-act-rejected-hint = Pull first, then push again
git-act-empty = Nothing is left of this step
git-act-empty-hint = Skip it, or commit something first
git-act-under-way = Something else is under way
git-act-under-way-hint = Continue or abort it first
git-act-unreachable = The other repository can not be reached
git-act-unreachable-hint = Look at the address, the network and your access
git-act-gone-there = It is not there any more
git-act-gone-there-hint = Prune the remote to forget it here
git-act-log-hint = What git said stands in the job's log
code-unstaged-by-git = What was staged is among the changes now: git put it aside and back, and what it stands on changed there too
