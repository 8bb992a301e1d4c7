# release
release-job-prepare = Look at the next version
release-job-run = Release the next version
release-job-run-version = Release { $version }
release-job-resume = Go on with a release
release-job-confirm = Confirm { $step }
release-job-abort = Take back a release
release-job-packages = Look for packages
release-job-list = Read the deliverables
release-job-withdraw = Withdraw { $version }
release-job-restore = Make { $version } good again
release-job-again = Build { $version } again from its tag
release-job-verify = Verify the files of { $version }
release-build-keep = Keep the artifacts
release-build-task = Build { $task }

release-level-patch = patch
release-level-minor = minor
release-level-major = major

release-kind-added = Added
release-kind-changed = Changed
release-kind-deprecated = Deprecated
release-kind-removed = Removed
release-kind-fixed = Fixed
release-kind-security = Security
release-kind-other = Not in the changelog

release-step-named = { $name }
release-step-ready = Look whether it can be made
release-step-bump = Set the version
release-step-changelog = Write the changelog
release-step-commit = Commit
release-step-build = Build the artifacts
release-step-tag = Tag
release-step-pack = Pack the artifacts
release-step-publish = Push
release-step-task = Run a task
release-step-check = Check
release-step-confirm = Confirm
release-step-record = Record the release
release-step-waits = waits for you

release-note-files = { $names }
release-note-no-file = No file changes
release-note-commit = { $commit }
release-note-commit-none = The current commit is the release
release-note-build = { $names }
release-note-build-none = The project names no artifact
release-note-tag = { $tag }
release-note-archive = { $n ->
    [one] One file
   *[other] { $n } files
}
release-note-archive-none = Nothing to pack
release-note-pushed = { $remotes }
release-note-confirmed = { $by }
release-note-confirmed-with = { $by }: { $note }
release-note-check-none = Nothing to check here
release-note-left-out = Left out in a rehearsal
release-note-back = Taken back
release-note-record = { $n ->
    [0] Recorded without files
    [one] Recorded with one file
   *[other] Recorded with { $n } files
}

release-why-first = The first version
release-why-asked = Asked for
release-why-files-ahead = The version files say { $version } already
release-why-breaking = { $n ->
    [one] One change breaks something
   *[other] { $n } changes break something
}
release-why-breaking-zero = { $n ->
    [one] One change breaks something; below 1.0.0 that moves the second number
   *[other] { $n } changes break something; below 1.0.0 that moves the second number
}
release-why-feature = { $n ->
    [one] One change adds something
   *[other] { $n } changes add something
}
release-why-fix = { $n ->
    [one] One small change
   *[other] { $n } small changes
}
release-nothing = Nothing to release since { $last }
release-nothing-hint = No commit since then changes anything for those who use it; ask for a version to release all the same
release-no-version = There is no version to make
release-bad-version = Not a version: { $text }
release-bad-version-hint = Write it like 1.4.0 or 2.0.0-rc.1
release-no-such-version = There is no version { $version }
release-no-commit = There is no commit to release
release-no-commit-hint = Commit something first

release-check-clean = Clean work tree
release-check-clean-yes = Nothing is uncommitted
release-check-clean-plan = { $n ->
    [one] Nothing but one item of the plan is uncommitted
   *[other] Nothing but { $n } items of the plan is uncommitted
}
release-check-clean-no = { $n ->
    [one] One path is uncommitted: { $first }
   *[other] { $n } paths are uncommitted, the first is { $first }
}
release-check-clean-hint = Commit or discard them first, so that the version is what the commit says
release-check-branch = On a branch
release-check-branch-on = { $name }
release-check-branch-detached = HEAD is on no branch
release-check-branch-busy = A merge, rebase or the like is under way
release-check-branch-hint = Finish it or switch to a branch first
release-check-version = Higher than the last version
release-check-version-yes = { $next } comes after { $last }
release-check-version-no = { $next } does not come after { $last }
release-check-version-first = { $next } is the first one
release-check-tag = Tag is free
release-check-tag-yes = { $tag } is free
release-check-tag-no = { $tag } is taken
release-check-tag-hint = Ask for a higher version
release-why-pre = { $last } leads to it
release-check-upstream = Up to date with its upstream
release-check-upstream-behind = { $n ->
    [one] One commit of the upstream is not here
   *[other] { $n } commits of the upstream are not here
}
release-check-upstream-hint = Pull them before the release: its push would be refused
release-tag-there = { $remote } has { $tag } already, at the commit { $commit }
release-tag-there-hint = Somebody else was quicker: “git fetch --tags { $remote }”, then release again with a higher version; what was begun is taken back by “chantier release abort”
release-check-remotes = A place to push to
release-archive-no-file = { $path } is no file of the workspace
release-archive-no-file-hint = Correct archive_files of [release] in chantier.toml
release-check-history = The whole history
release-check-history-shallow = This clone is shallow: older commits and tags are not here
release-check-history-hint = git fetch --unshallow --tags
release-check-packages-own = Packages
release-check-tags = Tags
release-check-tags-unread = { $n ->
    [one] One tag names no version that is understood ({ $first })
   *[other] { $n } tags name no version that is understood ({ $first }, …)
}
release-check-tags-hint = A version has three numbers (1.2.0); what stands around it is said by release.tag in chantier.toml
release-check-tests-empty = The last run found no tests
release-verify-tag = Tag { $tag }
release-verify-tag-same = names { $commit }
release-verify-tag-moved = { $tag } names { $now } now; the version was made from { $then }
release-verify-tag-gone = There is no tag { $tag } any more
release-no-such-version-hint = “chantier release list” has those that there are; of a package NAME@VERSION
release-said = { $name }: { $text }
release-changelog-outdated = Your text was written before the last commits came: look whether it tells of them
release-check-tests = Tests at this commit
release-check-tests-none = Not run at this commit
release-check-tests-passed = { $n ->
    [one] One passed
   *[other] { $n } passed
}
release-check-tests-failed = { $n ->
    [one] One failed
   *[other] { $n } failed
}
release-check-tests-broken = The run did not come to its end
release-check-tests-before = { $n ->
    [one] One that failed before was not run here
   *[other] { $n } that failed before were not run here
}
release-check-tests-hint = Run the tests first
release-check-files = Version files
release-check-files-yes = { $n ->
    [one] { $files } says { $version }
   *[other] { $files } say { $version }
}
release-check-files-none = No file states the version; only the tag will
release-check-files-hint = Name the files in chantier.toml under [release], as version_files
release-check-changelog = Changelog
release-check-changelog-written = { $path } tells of this version already
release-check-changelog-draft = { $told ->
    [one] Drafted from one commit
   *[other] Drafted from { $told } commits
}{ $covered ->
    [0] { "" }
   *[other] , { $covered } told by hand
}
release-check-changelog-foreign = { $path } is kept by hand and not written to
release-check-changelog-foreign-hint = Write the version there yourself, or begin a CHANGELOG.md; what the commits say stands in the tag
release-check-changelog-empty = There is nothing to tell

release-files-differ = { $path } says { $version }, { $first } says { $known }
release-files-differ-hint = Make them state the same version
release-file-missing = There is no { $path }
release-file-missing-hint = Correct version_files in chantier.toml
release-file-unknown = Not known where { $path } states the version
release-file-unknown-hint = Cargo.toml, Cargo.lock, package.json, package-lock.json, pyproject.toml, Python files and VERSION are known; name others under files, with a pattern
release-file-broken = { $path } can not be read as what it is
release-file-pattern = { $path } says nothing like { $pattern }
release-file-pattern-hint = Correct files under [release] in chantier.toml; the pattern holds what stands around {"{version}"} in one line
release-file-touched = { $path } was changed since the release was begun
release-file-touched-hint = Take the release back with “chantier release abort”, or undo that change

release-no-task = The artifact { $artifact } names the task { $task }, which does not exist
release-task-empty = The task { $task } runs nothing
release-artifact-missing = The build did not leave the artifact { $name }
release-artifact-missing-hint = Correct its path in chantier.toml
release-artifact-changed = The artifact { $name } changed while it was kept

release-unfinished = The release of { $version } is unfinished
release-unfinished-hint = “chantier release resume” goes on with it, “chantier release abort” takes it back
release-nothing-unfinished = No release is unfinished, and none that was made here can be taken back
release-nothing-unfinished-hint = “chantier release run” begins one
release-pushed-already = { $tag } was given out already
release-pushed-already-hint = “chantier release resume” finishes { $version }; withdraw it then, if nobody should use it
release-stopped-hint = { $version } stands where it is; “chantier release resume” tries this step again, “chantier release abort” takes everything back
release-stopped-final-hint = { $version } was given out and can only be finished: “chantier release resume”
release-runs-elsewhere = A release is being made here already
release-runs-elsewhere-hint = Wait until it has ended, or stop it there
release-waits = The release of { $version } waits for somebody to confirm { $step }
release-waits-hint = “chantier release confirm { $step } --note WHAT --evidence FILE” goes on
release-nothing-waits = No step of { $version } waits for a person
release-nothing-waits-hint = It stands at { $step }; “chantier release resume” goes on
release-waits-elsewhere = { $step } is not what the release waits for
release-waits-elsewhere-hint = It waits for { $step }
release-evidence-missing = { $step } wants a file that shows it
release-evidence-missing-hint = Name one with --evidence FILE
release-step-no-task = There is no task { $task }
release-step-no-task-hint = Name one of the tasks in chantier.toml
release-no-remote = There is no remote { $remote }
release-no-remote-hint = Correct remotes of the step in chantier.toml
release-no-remotes = There is no remote to push to
release-no-remotes-hint = Add one with git remote add, or let publish run a task
release-undo-step = Take back { $step }: { $task }
release-back-edited = { $n ->
    [one] { $names } was changed by hand meanwhile and stays as it is
   *[other] { $names } were changed by hand meanwhile and stay as they are
}
release-back-edited-hint = Commit it, or go back with git restore, before the next release
release-undo-task = taken back by { $name }
release-undo-stays = what it does stays
release-undo-never = From here on nothing can be taken back: others have the version
release-taken-back = Everything is as it was before { $version } was begun
release-not-taken-back = { $version } stands half-way; “chantier release abort” tries again to take it back
release-left-behind = The branch no longer has the commit { $commit } that { $tag } names
release-left-behind-hint = Take it back with chantier release abort, and make the release again
release-push-rejected-hint = Others pushed to the branch meanwhile. If { $version } is among it (a merge request), “git fetch” and “chantier release resume” push its tag alone; else chantier release abort takes it back, and chantier code pull gets their work
release-moved-on = The repository went on since the release of { $version } was begun
release-moved-on-hint = Go back to the commit of the release (“git reset --keep { $commit }”), or remove what it changed by hand

release-tab-next = Next version
release-tab-deliverables = Deliverables
release-subtitle = { $n ->
    [one] { $last } to { $next }, one commit
   *[other] { $last } to { $next }, { $n } commits
}
release-subtitle-first = { $next } will be the first version
release-subtitle-nothing = Nothing to release since { $last }
release-no-workspace = Choose a workspace to see its versions
release-button = Release { $version }…
release-button-any = Release a version…
release-confirm = Release { $version }
release-go-on = Go on with { $version }
release-runs-already = A release runs already
release-refresh = Look again
release-take-back = Take { $version } back…
release-take-back-text = Nobody has it yet: its tag, its files and its commit go, it is no longer recorded, and what it changed becomes as it was before. The remotes are asked first.
release-unpushed = { $version } is not pushed to { $remotes } yet: “{ $command }” gives it out, “chantier release abort” takes it back
release-unpushed-nowhere = { $version } is in this repository only, and can be taken back
release-unpushed-to = { $version } is not pushed to { $remotes } yet, and can be taken back
release-unpushed-no-remote = { $version } is in this repository only, which has no remote; “chantier release abort” takes it back
release-back-deployed = { $version } was deployed to { $environment }
release-back-there = { $tag } is on { $remote } already
release-back-commit-there = The commit of the release is on { $branch } already
release-back-unknown = Nobody knows whether { $remote } has the version: it does not answer
release-back-unknown-hint = Try again when it can be reached, or remove the remote if it is gone for good
release-back-moved = There are commits on top of the release of { $version }, or HEAD is elsewhere
release-back-moved-hint = Undo its commit with “git revert { $commit }” and its tag with “git tag -d { $tag }”, or go back to it first
release-back-hint = Withdraw it if nobody should use it: “chantier release withdraw { $version } REASON”
release-word-reason = { $reason }
release-word-withdrawn = { $reason } ({ $by }, { $day })
release-word-line = withdrawn: { $reason } ({ $by }, { $day })
release-word-restored = good again ({ $by }, { $day })
release-words = What was said of it
release-withdrawn-already = { $version } is withdrawn already: { $said }
release-withdrawn-already-hint = “chantier release restore { $version }” makes it good again; then it can be withdrawn for another reason
release-not-withdrawn = { $version } is not withdrawn
release-list-left = { $n ->
    [one] The oldest of { $all } is not listed; “--limit { $all }” lists them all
   *[other] The { $n } oldest of { $all } are not listed; “--limit { $all }” lists them all
}
release-stands = The release of { $version } stands before its step { $step }
release-abort = Take the release back…
release-abort-title = Take back the release of { $version }?
release-abort-text = Its tag, its files and its commit go, and what it changed becomes as it was before. Tasks are taken back where the project says how.
release-abort-final = It was given out, so that it can only be finished
release-to-confirm = Confirm { $step }…
release-tab-procedure = Procedure
release-steps-done = { $done } of { $all } done
release-procedure-usual = This is what is done where chantier.toml names no [[release.step]]. Until the tag everything is taken back by itself when a step fails.
release-head-proposed = This is what will be done
release-head-runs = { $step } runs
release-head-waits = Waits for somebody to confirm: { $step }
release-head-failed = Stopped at: { $step }
release-head-done = Everything is done
release-confirmed-by = { $by }, { $since }
release-dialog-steps = The steps of the project are carried out: { $names }. What fails stands until you go on or take it back.
release-dialog-final = From “{ $step }” on nothing can be taken back
release-filter = Filter versions
release-filter-nothing = No version has these words
release-matrix-empty = No version was made here yet; what is only a tag of others stands under Deliverables
release-none = No version was made yet
release-state-ready = ready
release-state-forbidden = not ready
release-state-nothing = nothing to release
release-state-unfinished = unfinished
release-state-made = released
release-state-elsewhere = tagged elsewhere
release-state-withdrawn = withdrawn
release-last = Last version { $tag }, { $since }
release-unfinished-since = { $version } was begun { $since } and is unfinished
release-checks = Checks
release-checks-failed = { $n ->
    [one] one forbids the release
   *[other] { $n } forbid the release
}
release-steps = Release of { $version }
release-more = and { $n } more
release-breaking = breaking
release-covered = Told by hand in the changelog
release-changelog-title = Changelog
release-changelog-hint = What is new for those who use it
release-changelog-drafted = Drafted from the commits; what you write here goes into the file
release-changelog-merged = What stands under “Unreleased” is kept, what only the commits tell is added
release-changelog-edited = Your own text; it goes into the file as it stands here
release-changelog-reset = Back to the draft
release-dialog-title = Release a version
release-dialog-text = The version files and the changelog are written and committed, the artifacts are built from that commit, then it is tagged and packed. Until the tag everything is taken back when a step fails.
release-choice-commits = As the commits say
release-choice-own = Other
release-choice-pre = Pre-release
release-choice-channel = Channel
release-bad-channel = { $name } is no name of a channel
release-bad-channel-hint = Letters, digits and hyphens, such as alpha, beta or rc.
release-col-version = Version
release-col-date = Made
release-col-commit = Commit
release-col-tag = Tag
release-col-files = Files
release-col-size = Size
release-col-places = Runs in
release-fact-previous = Before it
release-notes = Notes
release-place-since = for { $age }
release-place-failed = failed { $ago }
release-place-until = until { $age } ago
release-copy-folder = Copy the folder's path
release-copy-sums = Copy the SHA-256 sums
release-to-deploy = Go to Deploy

release-tab-matrix = Matrix
release-again = Build again from its tag
release-elsewhere = The files of { $version } are not here: it was made elsewhere
release-elsewhere-hint = “chantier release again { $version }” builds it from its tag
release-again-no-tag-hint = No tag of it is here: “git fetch --tags” brings those of others
release-again-differs = What the tag of { $version } gives now is not what was given out under that name
release-again-differs-hint = Nothing was kept: make a new version, or bring back the files of { $version } from a copy of the home folder
release-nothing-again-hint = Its files are not here: “chantier release again { $version }” builds them from its tag
release-verify = Verify the files
release-verified = Verification
release-verified-good = { $n ->
    [one] One file as it was made
   *[other] { $n } files as they were made
}
release-verify-file = { $name }
release-verify-signature = Signature
release-verify-same = as it was made; SHA-256 { $sum }
release-verify-gone = is no longer at { $path }
release-verify-changed = was changed: SHA-256 is { $now }, it was { $then }
release-verify-signed = good: { $comment }
release-verify-unsigned = not signed
release-verify-no-key = signed, but the project names no public key
release-verify-no-key-hint = Write minisign’s public key to release.public_key in chantier.toml.
release-verify-failed-hint = Withdraw { $version }, or make it again under another version: files of a version never change.
release-withdraw = Withdraw…
release-withdraw-title = Withdraw { $version }?
release-withdraw-text = Nobody can deploy it or go back to it any more. What runs already goes on, and you can take this back.
release-withdraw-reason = Why
release-withdraw-reason-hint = What is wrong with it
release-withdraw-confirm = Withdraw
release-withdraw-why = A version is withdrawn with a reason
release-withdraw-why-hint = Say in a few words what is wrong with it: Deploy tells it to everybody who meets the version.
release-withdraw-unknown-hint = Only versions that were made here can be withdrawn: chantier release list
release-restore = Make good again
release-check-packing = Signature and package
release-found-packing-key = The key is there and fits
release-found-packing-deb = The package can be made
release-found-packing-both = The key fits, and the package can be made
release-sbom-failed = The bill of materials could not be written
release-lock-loose = { $n ->
    [one] One requirement names no version, so the bill of materials does not tell of it
   *[other] { $n } requirements name no version, so the bill of materials does not tell of them
}
release-lock-loose-hint = Pin them, as with “pip freeze” or “pip-compile”.
release-lock-unread = { $path } can not be read, so the bill of materials does not tell of it
release-lock-unread-hint = Let its tool write it anew; release.sbom = false makes no bill of materials.

release-goes-with-whole = { $name } has the version of the whole repository
release-goes-with-whole-hint = Ask for the next version without naming a package; all that go together get it
release-why-with-whole = Goes with the whole repository
release-only-packages = { $n ->
    [one] One package has a version of its own, and the whole repository has none
   *[other] { $n } packages have versions of their own, and the whole repository has none
}
release-only-packages-hint = Name one with --package, or open it in the list of packages: { $names }. What tags of the whole look like is said by release.tag in chantier.toml
release-no-package = There is no package { $name }
release-no-package-hint = There are { $names }
release-no-packages = No package has a version of its own
release-no-packages-hint = Members of Cargo’s and npm’s workspaces with their own version are found; others are named as [[release.package]]
release-package-empty = No file in { $path } states the version of { $name }
release-package-empty-hint = Name it in version_files of the package; where only the tag states the version, write what it looks like as tag
release-tab-packages = Packages
release-packages-none = No package of this workspace has a version of its own
release-package-look = Look at its next version
release-package-whole = Back to the whole
release-package-of = Package { $name }
release-col-package = Package
release-col-last = Last
release-col-next = Next
release-col-changes = Changes
release-col-why = Why
release-job-rehearse = Rehearse the release
release-rehearse = Rehearse
release-rehearse-forbidden = First comes what forbids the release
release-rehearsed = rehearsed { $since }
release-rehearsed-failed = rehearsal failed { $since }
release-rehearsal-of = Rehearsal of { $version }
release-bill = Packages since the last version
release-bill-added = added
release-bill-removed = removed
release-bill-updated = updated
release-check-flaky = Flaky tests
release-check-flaky-yes = { $n ->
    [one] One test failed and passed on the same sources: { $first }
   *[other] { $n } tests failed and passed on the same sources, the first is { $first }
}
release-check-flaky-no = None in the last results
release-check-flaky-unknown = No test was run yet
release-check-items = Items of the milestone
release-check-items-none = No milestone is open
release-check-items-done = { $milestone } is done
release-check-items-open = { $n ->
    [one] One is open in { $milestone }: { $first }
   *[other] { $n } are open in { $milestone }, the first is { $first }
}
release-check-todos = TODOs added
release-check-todos-no = None since the last version
release-check-todos-yes = { $n ->
    [one] One since the last version, at { $first }
   *[other] { $n } since the last version, the first at { $first }
}
release-check-migrations = Migrations added
release-check-migrations-no = None since the last version
release-check-migrations-yes = { $n ->
    [one] One since the last version: { $first }
   *[other] { $n } since the last version, the first is { $first }
}
release-check-packages = Bill of materials
release-check-packages-none = The last version and this commit have no lock file in common: nothing to compare
release-check-packages-found = { $added } added, { $updated } updated, { $removed } removed since the last version
release-check-advisories = Advisories
release-check-advisories-no = None is known for these packages
release-check-advisories-yes = { $n ->
    [0] No vulnerability
    [one] One vulnerability
   *[other] { $n } vulnerabilities
}{ $notices ->
    [0] { "" }
    [one] , one notice
   *[other] , { $notices } notices
}: { $first }
release-check-advisories-hint = { $ids }
release-check-rollback = Rollback
release-check-rollback-yes = Done before: { $environment } went back to { $version }
release-check-rollback-no = No environment ever went back to an earlier version
release-check-rollback-proven = Proven on a clone of { $environment }, { $version } → { $from }, { $days ->
    [0] today
    [one] yesterday
   *[other] { $days } days ago
}
release-check-rollback-unproven = Failed on a clone of { $environment }, { $version } → { $from }, { $days ->
    [0] today
    [one] yesterday
   *[other] { $days } days ago
}
release-check-rehearsal = Rehearsal
release-check-rehearsal-none = Never rehearsed
release-check-rehearsal-stale = { $version } was rehearsed at another commit
release-check-rehearsal-good = { $version } was rehearsed at this commit
release-check-rehearsal-failed = Failed at this commit: { $step }
release-job-look-together = Look at the repositories
release-job-together = Release { $version } of all repositories
release-together-one = Only one repository is here
release-together-one-hint = “chantier release run” releases it
release-only-together = { $n ->
    [one] This workspace is in no repository itself and holds one
   *[other] This workspace is in no repository itself and holds { $n }: they are released together
}
release-only-together-hint = “chantier release together VERSION --check” looks at them, without --check it releases them; “--repo PATH” works in one of them
release-together-version-first = Type the version first, like 2.0.0
release-together-here = Here
release-together-not-here = The manifest names it, and it is not here
release-together-commit = Commit
release-together-unpushed = Pushed
release-together-unpushed-yes = The commit is on no remote yet
release-together-stashes = Stashes
release-together-stashes-yes = { $n ->
    [one] One stash is in no commit
   *[other] { $n } stashes are in no commit
}
release-together-not-ready = { $n ->
    [one] { $path } is not ready
   *[other] { $path } and others are not ready
}
release-together-made = { $version } was made already
release-together-untagged = No repository has the tag
release-together-half = Some remotes have { $version }: “chantier release together { $version }” goes on, “chantier release abort” leaves it
release-together-unfinished-hint = “chantier release together { $version }” goes on with it, “chantier release abort” leaves it
release-tab-repositories = Repositories
release-together-moved = { $remote } would refuse { $branch }: others have pushed to it
release-together-left = { $n ->
    [one] One repository keeps { $tag }: its remote has it
   *[other] { $n } repositories keep { $tag }: their remotes have it
}
release-together-abort-text = Its tags go where no remote has them yet.
release-together-text = All repositories of the workspace get one tag, or none does; then each is pushed, and the exact commits are kept with the version.
release-together-look = Look at them
release-together-look-first = Look at the repositories first; nothing may forbid it
release-together-run = Release all
release-together-title = Release { $version } of all repositories?
release-together-confirm = Each is tagged and pushed with its branch. Once one remote has it, nothing is taken back.
release-together-pushed = tagged, pushed to { $remotes }
release-together-tagged = tagged
release-check-image = Container image
release-found-image = It will be called { $name }
release-build-image = Build the image { $name }
release-image-name = { $name } is no name for an image
release-image-name-hint = Small letters, digits, . _ - and /, without a tag: the version is the tag
