# Code: changes, history, branches, undo
code-job-init = Make { $path } a git repository
code-init = Make it a repository
code-init-in-one = Already in the repository { $path }
code-told-init = A repository with the branch { $branch }
code-no-repository = This folder is not in a git repository. In one, every state of the files can be kept, compared and brought back.
code-piped = { $name } { $words } (run { $run })
code-pipeline-run = { $name }, run { $run }
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
code-job-take-back = Take back entry { $id }
code-job-take-back-last = { $n ->
    [one] Take back the last step
   *[other] Take back the last { $n } steps
}
code-job-redo = { $n ->
    [one] Do the next step again
   *[other] Do the next { $n } steps again
}
code-job-redo-entry = Do entry { $id } again
code-job-fetch = Fetch
code-job-pull = Pull
code-job-push = Push
code-job-open = Open { $path }

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
code-diff-conflicted = in conflict: what the current branch has (-) beside the file (+)
code-submodule-changed-inside = The commit is the same; files inside it changed
code-is-bare = a bare repository, without files
code-look-without-space = Ignore white space
code-look-with-space = Show changes of white space
code-look-more = More lines around changes
code-look-less = Fewer lines around changes
code-look-around = { $n ->
    [0] Only the changed lines
   *[other] { $n } lines around changes
}
code-look-whole = The whole file
code-look-end = This is the end of the scale
code-look-only-space = Only white space differs
code-n-passed = { $n } passed
code-look-spaceless = white space ignored
code-bisect-from = It was good here: bisect by hand from here to the newest

code-undo-empty = Nothing to take back
code-undo-with = Take it back with: chantier code undo --entry { $id }
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
code-undo-pull = Pulled { $what }
code-undo-take-back = Took back { $what }
code-took-back = Took back: { $what }
code-did-again = Done again: { $what }
code-steps-told = { $what }, and { $n } more
code-undo-is-undone = taken back
code-undo-is-interrupted = interrupted
code-undo-n-index = { $n ->
    [one] The index at one path
   *[other] The index at { $n } paths
}
code-undo-stashes = Stashes: { $from } become { $to }
code-undo-operation-back = What git was in the middle of comes back
code-undo-operation-gone = Git is in the middle of nothing afterwards
code-undo-n-settings = { $n ->
    [one] One setting of a branch, remote or submodule
   *[other] { $n } settings of branches, remotes or submodules
}
code-undo-collisions = { $n ->
    [one] Changed since then
   *[other] { $n } things changed since then
}

code-one-path-for-parts = Hunks and lines are counted in one file: name exactly one path
code-not-lines = Not a line number or a range like 20-24: { $word }
code-no-message = A commit needs a message
code-no-message-hint = Write one line that says what changes
code-unresolved = { $n ->
    [one] One file is still in conflict
   *[other] { $n } files are still in conflict
}
code-nothing-staged = Nothing is staged
code-nothing-staged-hint = Stage files or hunks first, or commit all changes of tracked files
code-diff-compare-hint = For commits: chantier code compare --patch { $ends }
code-nothing-changed-hint = No file differs from the last commit
code-no-identity = Git does not know who commits
code-no-identity-hint = Set it once: git config --global user.name "Your Name", and user.email likewise
code-not-signed = The commit could not be signed
code-not-signed-hint = Look at user.signingKey and the agent, or turn commit.gpgSign off
code-said-of = { $what }: { $words }
code-commit-refused = The commit was refused
code-amend-published = The commit that this replaces is on { $remote } already
code-amend-published-hint = Others may have it; the next push has to overwrite it there (push --force-with-lease)
code-bad-date = “{ $text }” is no date
code-bad-date-hint = Such as 2026-03-01, “2 weeks ago” or yesterday
code-told-rebase-stopped = The rebase waits: change the commit, then continue
code-put-away = Your own changes are put away and come back at its end
code-left-out = { $n ->
    [one] A repository inside was left to itself: { $paths }
   *[other] { $n } repositories inside were left to themselves: { $paths }
}
code-left-out-hint = Make a submodule of it, ignore it, or name it
code-hook-after = That is done; the hook { $hook } ended with a failure afterwards
code-fewer-steps = { $n ->
    [one] Only one step was there, not { $wanted }
   *[other] Only { $n } steps were there, not { $wanted }
}
code-job-untracked = Look into an untracked folder
code-folder-changes = { $n ->
    [one] One change in { $path }
   *[other] { $n } changes in { $path }
}
code-untracked-more = { $n ->
    [one] and one more file
   *[other] and { $n } more files
}
code-hook-refused = The hook { $hook } refused the commit
code-hook-silent-hint = It said nothing. A commit without the hooks is possible (--no-verify)

code-tab-changes = Changes
code-tab-history = History
code-tab-branches = Branches
code-tab-undo = Undo
code-choose-workspace = Choose a workspace to see its changes and its history
code-no-status = What changed in the workspace stands here
code-bare = A bare repository has no files: look at its history and branches
code-all-committed = Everything is committed
code-choose-file = Choose a file to see what changed in it
code-tree = Changed files
code-half-unstaged = Not staged { $n }
code-half-conflict = In conflict { $n }
code-half-staged-files = Staged { $n }
code-stage-all = Stage all
code-unstage-all = Unstage all
code-stage-files = { $n ->
    [one] Stage
   *[other] Stage { $n } files
}
code-unstage-files = { $n ->
    [one] Unstage
   *[other] Unstage { $n } files
}
code-discard-files = { $n ->
    [one] Discard changes
   *[other] Discard changes of { $n } files
}
code-copy-path = Copy path
code-stage-hunk = Stage hunk
code-unstage-hunk = Unstage hunk
code-discard-hunk = Discard
code-lines-staged = { $staged ->
    [0] { $n ->
        [one] one line
       *[other] { $n } lines
    }
   *[other] { $staged } of { $n } lines staged
}
code-stage-lines = { $n ->
    [one] Stage line
   *[other] Stage { $n } lines
}
code-unstage-lines = { $n ->
    [one] Unstage line
   *[other] Unstage { $n } lines
}
code-open = Open in editor
code-discard-lines = { $n ->
    [one] Discard line
   *[other] Discard { $n } lines
}
code-unified = Unified
code-side-by-side = Side by side
code-half-staged = staged in part
code-is-staged = staged
code-not-staged = not staged
code-change-added = added
code-change-modified = modified
code-change-deleted = deleted
code-change-renamed = renamed
code-change-copied = copied
code-change-type = other kind of file
code-change-untracked = untracked
code-change-conflicted = in conflict
code-summary = First line of the message
code-summary-hint = What changes
code-summary-chars = { $n } / { $limit }
code-body = Rest of the message
code-body-hint = Why, and what to know about it
code-amend = Amend
code-amend-moved = Another commit is the last one by now: { $commit }
code-amend-moved-hint = Look at it, then tick “Amend” again to change that one, or untick it to make a commit of its own
code-amend-button = Amend the last commit
code-committing = Committing…
code-committing-stop = Stop the commit
code-commit = Commit
code-commit-button = { $n ->
    [one] Commit 1 file
   *[other] Commit { $n } files
}
code-told-discarded = Changes discarded
code-told-committed = Committed
code-told-amended = Amended
code-told-switched = Switched
code-told-taken-back = Taken back
code-told-redone = Done again
code-fetch = Fetch
code-pull = Pull
code-push = Push
code-refresh = Read again
code-n-commits = { $n ->
    [one] One commit
   *[other] { $n } commits
}
code-n-commits-more = The newest { $n } commits
code-n-names = { $branches ->
    [one] One branch
   *[other] { $branches } branches
}, { $tags ->
    [one] one tag
   *[other] { $tags } tags
}
code-n-files = { $n ->
    [one] 1 file
   *[other] { $n } files
}
code-filter-files = Filter files
code-filter-commits = Search commits (author: path: since:)
code-thing-branch = Branch { $name }
code-search-commits = Search the commits
code-compare-with = Compare with { $here }
code-job-ignore = Ignore files
code-told-ignored = Ignored from now on
code-undo-ignore = Ignored { $what }
code-no-author = { $author } names nobody
code-restore-file = Put this version into the checkout
code-job-restore = { $n ->
    [one] Restore a file
   *[other] Restore { $n } files
}
code-told-restored = { $n ->
    [one] The file is as { $name } has it
   *[other] { $n } files are as { $name } has them
}
code-undo-restore = { $n ->
    [one] Restored a file from { $what }
   *[other] Restored { $n } files from { $what }
}
code-fixup-of-merge = { $name } is a merge: nothing can be put into it
code-fixup-of-merge-hint = Commit it on its own
code-message-is-template = The message is still the template
code-only-repositories = { $n ->
    [one] This folder is no repository; one stands below it
   *[other] This folder is no repository; { $n } stand below it
}
code-no-author-hint = Write it like Ada Lovelace <ada@example.org>
code-stash-files = { $n ->
    [one] Put this file away…
   *[other] Put these { $n } files away…
}
code-stash-only = { $n ->
    [one] Only { $first }; everything else stays as it is
   *[other] Only these { $n } files: { $first } and others; everything else stays as it is
}
code-ignore-file = Ignore (.gitignore)
code-filter-branches = Filter branches
code-nothing-found = No commit is like this
code-path-as-it-is = A path is taken as it is: a * in it is no pattern
code-no-commits = Nothing was committed yet
code-close-diff = Close the difference
code-column-file = File
code-column-graph = Graph
code-column-message = Message
code-column-author = Author
code-column-commit = Commit
code-column-age = Age
code-column-name = Name
code-column-upstream = Upstream
code-column-what = What was done
code-column-paths = Files
code-local = Local branches
code-remote = Remote branches
code-tags = Tags
code-no-branches = The branches and tags of the repository stand here
code-elsewhere = in another worktree
code-upstream-gone = upstream is gone
code-new-branch = New branch…
code-new-branch-title = New branch
code-create = Create
code-branch-name-hint = feature/what-it-does
code-branch-from = Starts at
code-branch-here = New branch here…
code-switch-to = Switch to { $name }
code-look-at-commit = Switch to this commit
code-copy-name = Copy name
code-copy-commit = Copy commit id
code-files = Files
code-all-files = Show all { $n } files
code-fact-path = Path
code-fact-change = Change
code-fact-conflict = Conflict
code-fact-lines = Lines
code-fact-mode = Mode
code-fact-commit = Commit
code-fact-parent = Parent
code-fact-parents = Merge of
code-fact-author = Author
code-fact-committer = Committer
code-fact-date = Date
code-fact-signature = Signature
code-signed = signed, not checked
code-fact-changed = Changed
code-take-back = Take back
code-take-back-last = Take back the last step
code-take-back-until = Take back everything from here on
code-take-back-anyway = Take back anyway
code-redo = Redo
code-redo-next = Redo the next step
code-redo-until = Redo everything up to here
code-redo-anyway = Redo anyway
code-undo-hint = What you stage, discard, commit or switch stands here, to be taken back
code-key-stage = Stage or unstage the row
code-key-tick = Tick the selected lines of the difference
code-key-whole = All differences of the commit
code-key-apply = Put the stash back
code-key-take-back = Take the step back, or do it again
code-key-move-step = Move the step
code-key-space = Space
code-key-alt-arrows = Alt+↑ ↓
code-undo-would-restore = Taking it back restores
code-undo-would-redo = Doing it again puts in place
code-undo-nothing-more = Nothing else
code-undo-collisions-hint = Taken anyway, what stands there now is kept as an entry of its own
code-fact-when = When
code-fact-moved = Moved
code-fact-kept = Kept
code-fact-step = Step
code-column-moved = Moved
code-job-weather = Read what became of commits
code-column-built = Built
code-column-tested = Tested
code-column-deployed = Deployed
code-built = built
code-n-failed = { $n } failed
code-weather = Weather
code-fact-item = Item
code-column-released = Released
code-incident = incident { $id }
code-job-commit-graph = Write commit-graph
code-history-all = All branches
code-history-head = This branch
code-order-date = By date
code-order-topology = By branch
code-n-found = { $n ->
    [one] One commit found
   *[other] { $n } commits found
}
code-n-found-so-far = { $n } found so far
code-n-found-more = The newest { $n } hits: narrow the search to see others
code-n-read = { $n } commits read so far
code-search-help = Words of the message, a branch or a commit id; author: path: content: regex: since: until:
code-write-graph = Write commit-graph
code-write-graph-hint = Git writes an index of the history into its own folder: reading and searching become many times quicker
code-graph-missing = Many commits stand in no commit-graph
code-graph-broken = The commit-graph of this repository is damaged and is not used
code-job-blame = Find who wrote each line
code-blame = Blame
code-file-history = History of the file
code-blame-back = Back
code-blame-close = Back to the history
code-blame-checkout = as in the checkout
code-blame-empty = The file is empty
code-blame-before = Before this change
code-blame-choose = Choose a line first
code-blame-first = The file begins with this change
code-blame-uncommitted = not committed yet
code-blame-so-far = { $n } of { $of } lines
code-blame-no-line = There is no line { $line }: the file has { $n }
code-blame-began = Line { $line } is as { $commit } made it when the file began: there is nothing before it
code-blame-new = The file is not committed yet: there is nothing before its lines
code-column-line = Line
code-column-text = Text
code-compared = Comparison
code-compare-from = From
code-compare-to = To
code-compare-swap = Swap sides
code-compare-end = End the comparison
code-compare-same = Nothing differs
code-compare-files = Compare with the files
code-job-todos = Look for what is left to do
code-tab-todos = To do
code-filter-todos = Filter lines
code-no-todos = No line says TODO or FIXME
code-column-word = Word
code-column-place = Place
code-copy-place = Copy place
code-show-commit = Show commit
code-job-stash = Stash changes
code-job-stash-apply = Put a stash back
code-job-stash-drop = Drop a stash
code-job-stashes = Read stashes
code-job-commit-help = Read what helps to write a message
code-job-fixup = Fix up { $name }
code-told-stashed = Stashed
code-told-stash-applied = Stash put back
code-told-stash-dropped = Stash dropped
code-told-fixed-up = Fixed up
code-undo-fixup = Fixed up { $what }
code-undo-stash = { $n ->
    [one] Stashed { $what }
   *[other] Stashed { $n } files, { $what }
}
code-undo-stash-apply = Put stash back: { $what }
code-undo-stash-pop = Popped stash: { $what }
code-undo-stash-drop = Dropped stash: { $what }
code-no-stashes = Nothing was stashed
code-tab-stashes = Stashes
code-stash = Stash
code-stash-open = Stash…
code-stash-title = Stash changes
code-stash-message-hint = What it was about
code-stash-untracked = Untracked files too
code-stash-keep-index = Leave what is staged in place
code-stash-hint = What you stash stands here, to be put back
code-stash-apply = Apply
code-stash-pop = Pop
code-stash-branch = Branch from it…
code-stash-drop = Drop
code-column-made-on = Made on
code-fixup = Fix up with what is staged
code-fixup-in-operation = Git is in the middle of something
code-fixup-in-operation-hint = Finish or abort it first
code-fixup-elsewhere = “{ $name }” is no commit of this branch
code-fixup-conflicts = The commits after it could not all be made again
code-fixup-conflicts-hint = Resolve the conflicts and continue the rebase, or take the step back
code-signoff = Sign off
code-signs-with = Signed ({ $format })
code-run-hooks = Run the hooks: { $names }
code-message-type = Type
code-message-scope = Scope
code-last-messages = Messages
code-message-no-type = No type, like “fix: …”
code-message-no-scope = The scope is not right
code-message-no-description = Nothing stands after the type
code-message-no-body = The body begins after an empty line
