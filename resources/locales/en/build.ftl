# Build
build-job-refresh = Look up tasks and runs
build-job-build = Build { $name }
build-job-run = { $task } in { $name }
build-job-show = Look up a run

build-no-such-task = There is no task “{ $name }”
build-several-tasks = Several tasks are called “{ $name }”
build-several-tasks-hint = Say which one: { $names }
build-nothing-to-build = Nothing here says how it is built
build-no-tasks-broken = No task can be read: mend the file, or add a [[task]] to chantier.toml
build-no-tasks-hint = Add a [[task]] to chantier.toml, or open a folder with Cargo.toml, package.json or a Makefile
build-no-tests = Nothing says whether { $commit } is green: the project has no task that runs tests
build-no-tests-hint = Name checks or a pipeline in chantier.toml, below [environment.continuous]
build-tasks-hint = There are { $names }
build-tasks-more-hint = There are { $names } and { $n } more
build-no-run = There is no build { $run }
build-manifest-broken = { $file }: { $why }
build-artifact-missing = The build did not make the artifact “{ $name }” at { $path }
build-artifact-missing-hint = Correct its path in chantier.toml
build-artifact-leads-out = “{ $path }” leads out of the worktree and is not kept

build-hint-explain = rustc --explain { $code } tells more
build-hint-disk = The disk is full: free space, then run it again
build-hint-linker = Install the linker { $linker } (on Debian and Ubuntu: apt install build-essential)
build-hint-component = Install it: rustup component add { $name }
build-hint-python = This Python has no `{ $name }`: python3 -m pip install { $name }
build-hint-npm = `{ $name }` is not installed here: run `npm install` first
build-hint-command = Install “{ $name }”, or correct its name
build-hint-library = Install the development files of the library { $name }
build-hint-header = Install the package that contains { $file }, or add its folder with -I
build-hint-locked = Cargo.lock does not fit Cargo.toml: run cargo update --workspace, or leave out --locked
build-hint-tab = Lines of a recipe begin with a tab, not with spaces
build-hint-no-rule = The makefile has no rule for “{ $name }”: correct the name, or create the file
build-hint-no-script = package.json has no script “{ $name }”
build-hint-module = Install the dependencies: npm install ({ $name } is missing)
build-hint-network = The network could not be reached; what is needed may have to be fetched once while online
build-hint-fmt = Run cargo fmt
build-hint-permission = Check the owner and the permission bits of what it could not open

build-counts = { $errors ->
    [0] no errors
    [one] { $errors } error
   *[other] { $errors } errors
}, { $warnings ->
    [0] no warnings
    [one] { $warnings } warning
   *[other] { $warnings } warnings
}
build-line-started = { $task }

build-tab-tasks = Tasks
build-tab-runs = Runs
build-tab-artifacts = Artifacts
build-source-project = chantier.toml
build-source-cargo = Cargo
build-source-npm = package.json
build-source-python = Python
build-source-make = Make
build-kind-build = build
build-kind-check = check
build-kind-test = test
build-kind-run = run
build-kind-other = other
build-col-task = Task
build-col-kind = Kind
build-col-dir = Folder
build-col-last = Last run
build-col-state = State
build-col-when = When
build-col-trend = Trend
build-col-time = Time
build-col-run = Run
build-col-commit = Commit
build-col-warnings = Warnings
build-col-size = Size
build-col-artifact = Artifact
build-col-sha256 = SHA-256
build-col-kept = Copy
build-kept = kept
build-freed = freed
build-never = never run
build-n-errors = { $n ->
    [one] { $n } error
   *[other] { $n } errors
}
build-n-warnings = { $n ->
    [one] { $n } warning
   *[other] { $n } warnings
}
build-run = Run { $task }
build-stop = Stop { $task }
build-refresh = Refresh
build-show-log = Show the log
build-whole-log = Search the whole log
build-copy-command = Copy the command
build-copy-sha256 = Copy the SHA-256
build-copy-path = Copy the path of the copy
build-fact-command = Command
build-fact-written = Written in
build-fact-timeout = Time limit
build-fact-run = Run
build-fact-made-at = Made at
build-run-number = run { $run }
build-with-changes = with changes
build-messages = Messages
build-filter = Filter
build-filter-nothing = Nothing here has this in its name
build-untrusted = Trust the workspace first: its tasks are programs
build-choose-workspace = Choose a workspace to see its tasks
build-runs-empty = Here stand the runs of tasks
build-artifacts-empty = Here stand the files that builds gave, each with its SHA-256
build-subtitle = { $n ->
    [one] { $n } task
   *[other] { $n } tasks
}{ $failed ->
    [0] {""}
    [one] , { $failed } failed in its last run
   *[other] , { $failed } failed in their last run
}

build-job-pipeline = Pipeline { $pipeline } of { $name }
build-job-pipeline-job = { $job } of { $pipeline }
build-job-resume = Resume a pipeline of { $name }
build-job-stop = Stop run { $run }
build-job-watch = Watch for commits
build-no-such-pipeline = There is no pipeline “{ $name }” in chantier.toml at { $commit }
build-no-pipelines-hint = Add a [[pipeline]] with [[pipeline.job]] entries to chantier.toml; `chantier init` shows how
build-no-pipeline-run = There is no run { $run } of a pipeline here
build-pipeline-no-repository-hint = Pipelines run on commits: put the folder under git first (git init)
build-pipeline-nothing-to-resume = No run was interrupted
build-pipeline-going-on = Run { $run } is going on
build-pipeline-is-done = Run { $run } is done: nothing is left of it
build-pipeline-is-over = Run { $run } is over
build-pipeline-failed = { $pipeline } failed: { $job }
build-pipeline-timed-out = { $job } was given { $secs } s and took longer
build-pipeline-no-tests = Nothing here is tested with “{ $runner }”
build-pipeline-lfs = The commit keeps files with Git LFS, and git-lfs is not installed: in the worktree stand their pointers
build-pipeline-lfs-hint = Install git-lfs; “git lfs install” makes git use it
build-pipeline-submodules = The commit has submodules: in the worktree their folders are empty
build-commit-foreign = { $commit } was only fetched, and its chantier.toml says other commands than the one that you trust
build-commit-foreign-hint = Look at it and check it out, then run it
build-attempt = attempt { $n }
build-reused = from run { $run }
build-n-jobs = { $n ->
    [one] { $n } job
   *[other] { $n } jobs
}
build-on-commit = on each commit
build-on-change = on change
build-by-hand = by hand
build-tab-pipelines = Pipelines
build-pipeline-runs-empty = Here stand the runs of pipelines
build-col-jobs = Jobs
build-col-started-by = Started
build-pipeline-run = Run { $pipeline } on HEAD
build-pipeline-run-changes = Run { $pipeline } on what is saved
build-pipeline-run-anew = Run { $pipeline } anew
build-pipeline-resume = Resume run { $run }
build-pipeline-stop = Stop run { $run }
build-pipeline-not-run = not run yet
build-pipeline-note = run { $run } of { $pipeline }
build-pipeline-attempts = Attempts
build-pipeline-waits-for = Waits for
build-pipeline-gives = Gives
build-pipeline-may-fail = may fail
build-failure-allowed = failure allowed
build-pipeline-graph = Jobs of { $pipeline }
build-pipeline-watched = Starts
build-pipeline-line = chantier.toml:{ $line }
build-line-watching = Waiting for commits

build-job-reproduce = Build { $name } twice
build-job-reproduce-once = Build { $n } of 2
build-job-match = Read output with matchers
build-hint-tool = Install { $tool } ({ $from })
build-not-reproducible = Two builds of { $task } differ: { $file } from byte { $offset } on
build-not-reproducible-hint = Look there for times, paths and random numbers (cmp, diffoscope)
build-nothing-to-compare = { $task } leaves no artifact that could be compared
build-nothing-to-compare-hint = Name it in chantier.toml: an [[artifact]] with its path, and with “task” where a [[task]] of the file makes it
build-same = the same
build-differs = differs from byte { $offset } on
build-matcher-wrong = The matcher finds nothing: { $why }
build-n-matched = { $n ->
    [0] nothing found
    [one] { $n } message
   *[other] { $n } messages
} in { $lines ->
    [one] { $lines } line
   *[other] { $lines } lines
}
build-step = { $measure } { $before } → { $after } (medians of { $n_before } and { $n_after })
build-measure-duration = Duration
build-measure-warnings = Warnings
build-measure-bytes = Size
build-tab-trend = Trend
build-tab-rehearsals = Rehearsals
build-col-environment = Environment
build-col-version = Version
build-col-base = Simulated system
build-col-ready = Ready after
build-job-rehearse = Rehearse { $name }
build-job-rehearse-in = Rehearse for { $environment }
build-rehearse = Rehearse for { $environment }
build-rehearsal-stop = Stop the rehearsal
build-rehearsals-empty = No rehearsal yet. What was built runs in a simulation of an environment's system: its settings, clean files, no network but loopback.
build-rehearsal-of = { $version } for { $environment }
build-rehearsal-here = programs of this machine
build-rehearsal-ready = Ready after { $ms } ms
build-rehearsal-listens = Listened on { $addresses }
build-rehearsal-polite = Ended by itself { $ms } ms after it was asked to
build-rehearsal-killed = Did not end when it was asked to and was killed after { $ms } ms
build-rehearsal-gates = Health gates
build-rehearsal-tries = { $n ->
    [one] One try
   *[other] { $n } tries
}
build-rehearsal-smoke = Programs beside it
build-rehearsal-printed = Last lines printed
build-rehearsal-no-such = There is no environment { $environment }
build-rehearsal-no-such-hint = chantier.toml has: { $names }
build-rehearsal-none = chantier.toml has no environment that could be rehearsed
build-rehearsal-none-hint = Write an [[environment]] with what runs there; `chantier init` shows how
build-rehearsal-no-base = The simulated system is to be made of { $path }, which is no folder
build-rehearsal-no-base-hint = `base` in [environment.rehearsal] is a folder with a root file system, as debootstrap or `docker export` give it
build-rehearsal-no-bwrap = Rehearsals need the programs bwrap and nsenter
build-rehearsal-no-bwrap-hint = apt install bubblewrap util-linux
sandbox-no-program = Chantier's own program file is not where it was
sandbox-no-program-hint = It was replaced while it ran: start Chantier again
build-rehearsal-no-run = { $environment } does not say in `target.run` what runs there
build-rehearsal-no-run-hint = A rehearsal starts `run`; a target of the kind { $kind } without it can not be rehearsed
build-rehearsal-no-start = Nothing had begun in the simulated system after ten seconds
build-rehearsal-refused = This machine does not allow the simulation
build-rehearsal-refused-hint = bubblewrap needs user namespaces: see kernel.unprivileged_userns_clone, or the AppArmor profile of bwrap
build-rehearsal-no-program = { $program } can not be run in the simulated system
build-rehearsal-no-program-hint = What it is, or a library or interpreter that it needs, is missing there: name another `base`, or make an artifact of the file
build-rehearsal-ended = { $program } ended by itself
build-rehearsal-died-hint = In the simulated system it has a clean checkout, the environment's settings, no other file of yours, and no network
build-rehearsal-older = What was built last is of { $commit }; HEAD is { $head }
build-rehearsal-older-hint = Build again, or name the commit: --commit HEAD
build-rehearsal-smoke-hint = It ran beside the program, in the same simulated system
build-trend-empty = Here is shown how a task's builds move from commit to commit, once it was built twice
build-trend-steady = No commit has moved it
build-job-compare-tasks = Look up the tasks of before
build-since = New tasks since…
build-since-compare = Compare
build-since-revision = A branch, a tag or a commit
build-since-note = Since { $revision }: { $n } new, { $changed } changed, { $gone } gone
build-since-end = End the comparison
build-task-new = new
build-task-changed = changed
build-task-gone = gone
build-try-matcher = Try a problem matcher
build-copy-matcher = Copy for chantier.toml
build-matcher-json = Problem matcher, as in chantier.toml or in VS Code’s JSON
build-matcher-output = Output
build-by-commit = by a commit
build-by-change = by a change
build-hint-cmake = Configure it first: the task `cmake configure`
build-hint-go-get = Add the module: go get { $package }
build-hint-go-sum = Run go mod tidy
build-no-terminal-hint = Call it from a terminal, or leave --tty away
pipeline-artifact-clash = { $path } comes from several jobs with { $n } different contents; the last one stands{ $more ->
    [0] {""}
    [one] , and so for one more file
   *[other] , and so for { $more } more files
}
pipeline-artifact-clash-hint = Give each job a path of its own
