# devops
devops-job-thread = Look up the thread

devops-project-broken = chantier.toml: { $why }
devops-project-not-a-list = chantier.toml: this section is a list
devops-project-not-a-list-hint = Write its head in double brackets: [[task]]
devops-project-twice = chantier.toml: “{ $name }” stands there twice; the first one counts
exec-left-behind = { $n ->
    [one] { $name } left a process behind, and it was ended: { $command }
   *[other] { $name } left { $n } processes behind, and they were ended: { $command } …
}
exec-left-behind-hint = What has to stay belongs into an [[environment]], a container or a unit of systemd
devops-project-name-line = chantier.toml: the name “{ $name }” is more than one line
devops-project-name-line-hint = A name stands in lists, one line each: leave out line breaks and control characters
devops-project-run-line = chantier.toml: “{ $line }” is one word, and a command is a list of words
devops-project-run-line-hint = Write { $words }; a line for a shell is ["sh", "-c", "…"]
devops-prometheus-query = The query “{ $query }” does not close what it opens
devops-project-unknown = chantier.toml: there is no section “{ $name }”
devops-project-unknown-hint = The sections are { $names }
devops-project-outside = chantier.toml: “{ $name }” lies outside of the workspace
devops-project-none = chantier.toml: { $key } says nothing
devops-project-empty-run = chantier.toml: “{ $name }” has nothing to run
devops-project-artifact-task = Write it as a [[task]] of chantier.toml, or leave “task” out: then the first build of the project makes it
devops-project-missing = chantier.toml: there is no { $kind ->
    [notify] channel (notify)
   *[other] { $kind }
} “{ $name }”
devops-project-word = “{ $word }” in braces is not a word that is known here
devops-project-word-hint = Known here are { $words }; braces that are meant are doubled: {"{{"}{ $word }{"}}"}

devops-job-load = Load the workspaces
devops-job-add = Add { $path }
devops-job-remove = Remove { $name } from the list
devops-job-trust = Trust { $name }
devops-job-distrust = Stop trusting { $name }
devops-job-scan = Look for projects
devops-job-board = Refresh the board
devops-job-machine = Inspect this machine
devops-job-runs-watch = Watch what other programs run
devops-job-runs = List the runs
devops-job-run = Read a run
devops-job-again = Run { $run } again
devops-job-sample = Unpack the sample project into { $path }
devops-job-sample-change = Make the change “{ $name }” in the sample project

devops-board-failed = The workspace could not be read
devops-machine-failed = The machine could not be inspected
devops-not-a-folder = { $path } is not a folder
devops-no-roots = There is no folder to look in
devops-no-roots-hint = Name one, or set the roots in Configuration
devops-no-deployment = There is no deployment { $id }
devops-no-run = There is no run { $run }
devops-run-no-program = The run { $run } started no program
devops-sample-broken = The sample project inside the program is damaged
devops-sample-no-change = The sample project has no change “{ $name }”
devops-sample-not-empty = { $path } is not empty
devops-sample-not-empty-hint = Name a new folder for the sample project
devops-problem-build = { $task } failed
devops-problem-tests-ran = The tests could not run
devops-problem-tests = { $n ->
    [one] One test fails
   *[other] { $n } tests fail
}
devops-problem-deployment = The deployment of { $version } to { $environment } failed
devops-problem-instance = { $name } has died
devops-problem-incident = Open incident: { $title }
devops-problem-check = The check { $name } fails
devops-problem-project = { $n ->
    [one] One entry of chantier.toml can not be read
   *[other] { $n } entries of chantier.toml can not be read
}
devops-problem-conflicts = There are conflicts to resolve
devops-no-target = “{ $text }” names nothing
devops-no-target-hint = Write item:ID, commit:OID, run:N, release:V, environment:NAME or instance:N
devops-untrusted = not trusted
devops-trust-changed = changed since it was trusted

devops-tab-workspaces = Workspaces
devops-tab-machines = Machines
devops-tab-runs = Runs
devops-subtitle = { $n ->
    [one] 1 workspace
   *[other] { $n } workspaces
}{ $wrong ->
    [0] { "" }
    [one] , 1 needs attention
   *[other] , { $wrong } need attention
}
devops-runs-subtitle = { $n ->
    [0] Nothing has run yet
    [one] 1 run in the ledger
   *[other] { $n } runs in the ledger
}
devops-add = Add a workspace…
devops-scan = Scan folders…
devops-scan-roots = Scan the root folders
devops-sample = Try the sample project…
devops-inspect = Inspect again
devops-filter = Filter workspaces
devops-filter-tools = Filter tools
devops-filter-runs = Search runs
devops-search-runs = Search the runs
devops-filter-nothing = Nothing passes the filter
devops-board-empty = The projects you work on stand here
devops-no-group = Ungrouped

devops-col-workspace = Workspace
devops-col-branch = Branch
devops-col-changes = Changes
devops-col-build = Build
devops-col-tests = Tests
devops-col-version = Version
devops-col-deployed = Deployed
devops-col-live = Live
devops-col-problems = Problems
devops-col-program = Program
devops-col-path = Folder
devops-col-tool = Tool
devops-col-run = Run
devops-col-state = State
devops-col-started = Started
devops-col-took = Took
devops-col-exit = Exit
devops-col-environment = Environment

devops-state-missing = folder gone
devops-state-failed = failing
devops-state-degraded = needs a look
devops-taken-over = The folder of { $name } is gone ({ $path }); this is the same project, and its history goes on here: { $n ->
    [one] one row
   *[other] { $n } rows
}
devops-of-the-system = { $path } is no project: it is of the system
devops-of-the-system-hint = Name the folder of a project
devops-state-good = all good
devops-state-nothing = nothing has run
devops-trusted = trusted
devops-n-failed = { $n } failed
devops-n-problems = { $n ->
    [one] 1 problem
   *[other] { $n } problems
}
devops-clean = nothing to commit
devops-n-staged = { $n } staged
devops-n-unstaged = { $n } not staged
devops-n-untracked = { $n } untracked
devops-n-conflicted = { $n } in conflict
devops-upstream = Upstream
devops-even = even with { $upstream }
devops-ahead-behind = { $ahead } ahead, { $behind } behind
devops-commit = Commit
devops-changed = Changed
devops-trust-label = Trust
devops-group-label = Group

devops-open = Work in it
devops-trust = Trust…
devops-distrust = Stop trusting
devops-refresh = Refresh
devops-group = Put into a group…
devops-group-title = Group of { $name }
devops-group-confirm = Put into this group
devops-group-hint = Services, tools, clients
devops-copy-path = Copy the path
devops-remove = Remove…
devops-remove-title = Remove { $name } from the list?
devops-remove-text = Its files stay where they are, and so does its history. Adding the folder again brings everything back.

devops-found-so-far = { $n ->
    [one] 1 project so far
   *[other] { $n } projects so far
}
devops-found = { $n ->
    [0] No new project
    [one] 1 new project
   *[other] { $n } new projects
} in { $folders } folders
devops-found-add = { $n ->
    [one] Add 1 workspace
   *[other] Add { $n } workspaces
}
devops-found-all = Tick all
devops-found-none = Tick none
devops-found-wait = Looking for repositories and projects below the folder
devops-found-nothing = Every project below the folder is on the board already, or there is none

devops-this-machine = This machine
devops-machine-empty = The facts of this machine and the tools on it stand here
devops-system = System
devops-kernel = Kernel
devops-cpu = Processor
devops-cpus = { $n } × { $name }
devops-memory = Memory
devops-memory-of = { $used } of { $total } used, { $percent }
devops-load = Load
devops-uptime = Up for
devops-disks = Disks
devops-disk-free = { $free } free of { $total }
devops-tools = Tools
devops-tool-missing = not found

devops-runs-left = { $n ->
    [one] The oldest of { $all } is not listed; “--limit { $all }” lists them all
   *[other] The { $n } oldest of { $all } are not listed; “--limit { $all }” lists them all
}
devops-runs-empty = Every command that Chantier runs is kept here with its output
devops-runs-all-hint = With --all, the runs of every workspace are shown
devops-run-copy-line = Copy the row
devops-run-copy-lines = Copy the rows
devops-run-commit = Show the commit
devops-run-environment = Show the environment
devops-runs-only-failed = Only failed
devops-runs-older = Older runs
devops-runs-shown = { $n } of { $total }
devops-run-steps = Steps
devops-run-dirty = with changes
devops-run-command = Command
devops-run-cwd = Folder
devops-run-output = Output
devops-run-stop = Stop
devops-run-again = Run again
devops-run-copy = Copy the command
devops-run-show = Show in activity

devops-welcome-title = Welcome to Chantier
devops-welcome-text = From the first idea to the service in production on one desktop: plan, code, build, test, release, deploy, operate and monitor the projects on this machine. Everything stays here; there is no account and no server.
devops-welcome-add = Add a project
devops-welcome-add-text = A folder with a repository or sources
devops-welcome-scan = Find projects
devops-welcome-scan-text = Looks below a folder and lists what it finds
devops-welcome-sample = Look around first
devops-welcome-sample-text = A small service with its history, plan, tests and environments
devops-welcome-drop = Or drop a folder on this window

devops-welcome-tour = See it done
devops-welcome-tour-text = A sample project from the plan to production and back, one click a step
devops-tour = Take the tour

devops-step-needs = chantier.toml: the step “{ $step }” needs { $key } (check needs one of run and check, confirm a name)
devops-step-stray = chantier.toml: { $key } says nothing in the step “{ $step }”
devops-step-order = chantier.toml: the step “{ $before }” belongs before “{ $step }”
devops-step-lacks = chantier.toml: no [[release.step]] is of the kind “{ $kind }”
devops-step-check = chantier.toml: there is no check “{ $check }”; there are { $names }
devops-tag-pattern = chantier.toml: “{ $tag }” is no form of a tag
devops-tag-pattern-hint = It has {"{version}"} in it, and nothing that git takes in no name, such as a space
devops-file-pattern = chantier.toml: the pattern “{ $pattern }” has no {"{version}"} in it
devops-pipeline-empty = chantier.toml: the pipeline “{ $name }” has no [[pipeline.job]]
devops-pipeline-no-job = chantier.toml: “{ $job }” needs “{ $need }”, and there is no such job
devops-pipeline-no-stage = chantier.toml: “{ $job }” is in the stage “{ $stage }”, which `stages` does not name
devops-pipeline-no-task = chantier.toml: “{ $job }” runs the task “{ $task }”, and there is no such [[task]]
devops-pipeline-ring = chantier.toml: the jobs of “{ $name }” wait for each other: { $ring }
devops-pipeline-step = chantier.toml: a step of “{ $job }” must have exactly one of `run`, `task` and `test`
devops-pipeline-no-steps = chantier.toml: “{ $job }” has neither `run` nor `steps`
devops-pipeline-outside = chantier.toml: { $path } of “{ $job }” leads out of the project
devops-pipeline-too-many = chantier.toml: the matrix of “{ $job }” has { $n } cells; at most 256 are run
devops-pipeline-no-cells = chantier.toml: the matrix of “{ $job }” leaves nothing to run
devops-pipeline-no-axis = chantier.toml: `exclude` of “{ $job }” names “{ $axis }”, which its matrix has not
devops-pipeline-no-value = chantier.toml: `exclude` of “{ $job }” names { $axis } = “{ $value }”, a value that its matrix has not
devops-pipeline-twice = chantier.toml: the pipeline “{ $name }” has two jobs of the name “{ $job }”
devops-matcher-wrong = chantier.toml: the matcher “{ $name }”: { $why }

devops-strategy-parallel = chantier.toml: “{ $name }” replaces no instance at once; max_parallel is 1 or more
devops-strategy-deadlines = chantier.toml: “{ $name }” needs min_healthy_time < healthy_deadline <= progress_deadline
devops-strategy-traffic = chantier.toml: “{ $name }” can not do { $strategy } without [environment.traffic]
devops-strategy-steps = chantier.toml: “{ $name }” needs canary steps with rising weights from 1 to 99
devops-judge-whole = chantier.toml: “{ $name }” judges by { $metric } without all that it needs: errors and latency take max, min or max_ratio alone; prometheus takes server and query, command takes run, each with max or min
devops-judge-http = chantier.toml: “{ $name }” can not judge by { $metric }: HAProxy counts answers only with traffic.mode = "http"
devops-continuous-protected = chantier.toml: “{ $name }” is protected; nothing comes there by itself
devops-approvals-many = { $name }: { $n } approvals can not come from { $from }
devops-approvals-continuous = { $name }: what asks for approvals can follow no branch
devops-traffic-where = chantier.toml: the traffic of “{ $name }” needs listen, or socket and backend
devops-traffic-port = chantier.toml: the traffic of “{ $name }” needs target.port
devops-strategy-host = chantier.toml: “{ $name }” can not do { $strategy }: which ports are free on another machine is not known
devops-traffic-host = chantier.toml: “{ $name }” can not have [environment.traffic]: its containers are on another machine
devops-strategy-compose = chantier.toml: “{ $name }” can not do { $strategy }: Compose puts the new containers into the place of the old ones
devops-traffic-compose = chantier.toml: “{ $name }” can not have [environment.traffic]: the compose files say who listens where
devops-strategy-swarm = chantier.toml: “{ $name }” can not do { $strategy }: Swarm puts the new tasks into the place of the old ones; take recreate or rolling
devops-traffic-swarm = chantier.toml: “{ $name }” can not have [environment.traffic]: Swarm shares the requests itself
devops-swarm-port = chantier.toml: “{ $name }” publishes at its nodes and says neither port nor inside_port
devops-swarm-volume = chantier.toml: “{ $name }” can not have the volume { $volume }; it is written “name:/folder”, and folders of a node are not given
devops-strategy-target = chantier.toml: “{ $name }” can not do { $strategy }: a unit of systemd is there once
devops-database-where = chantier.toml: the database of “{ $name }” needs `file` for sqlite, `name` for postgres
devops-database-password = chantier.toml: the password of the database of “{ $name }” is named as "secret:NAME" or "env:NAME", never written
devops-database-target = chantier.toml: “{ $name }” can not copy a database for { $target }: its programs run elsewhere
devops-database-strategy = chantier.toml: { $strategy } lets the old version of “{ $name }” run on changed data; say `compatible = true` where it can
devops-schedule-wrong = “{ $text }” is no schedule
devops-schedule-never = “{ $text }” never comes
devops-schedule-hint = Such as "every 6h", "@daily" or "30 2 * * mon-fri" (minute, hour, day, month, weekday)
devops-runbook-asks = The runbook { $name } asks before it runs, and so has no schedule: take out confirm or schedule
devops-runbook-empty = The runbook “{ $name }” has no steps
devops-runbook-step = A step of the runbook “{ $name }” needs either a task or a command (run)
devops-runbook-word = The runbook “{ $name }” is of no environment, so { $word } stands for nothing
devops-runbook-word-hint = Say environment = "…", or take the word out
devops-check-timeout = The check “{ $name }” has no time to answer: timeout is 0
devops-check-path = “{ $path }” is no path into JSON: names and places like queue.jobs[0].state, a name with dots like ["a.b"]
devops-prometheus-api = “{ $url }”: without /api/v1, which is added to it
devops-environment-value = chantier.toml: “{ $name }”: { $key } can not be “{ $value }”
devops-project-kind = There is no kind “{ $kind }” here: { $names }
devops-check-interval = { $name } is asked too often: an interval is a second or more
devops-check-slo = The SLO of { $name } is a percentage between 0 and 100, such as 99.9
devops-check-method = There is no method “{ $method }”: { $names }
devops-check-no-tls = { $name } asks for a certificate, and its address is not https
devops-check-compares-nothing = { $name } is compared with nothing: write `equals`, `above` or `below`
devops-check-secret = A secret of { $name } is written "secret:NAME"
devops-check-whose = { $name } needs an `environment` or `{ $key }`: it says not what to look at
devops-check-pattern = The pattern of { $name } is wrong: { $why }
devops-check-disk = { $name } needs `min_free_percent` or `min_free`
devops-check-percent = A percentage of { $name } is between 0 and 100
devops-check-elsewhere = { $name } is asked on this machine, and { $environment } is on another: there a check has `expect_status`, `expect_text` and `expect_version` alone
devops-check-ring = Checks need each other in a circle: { $ring }
devops-alert-of-what = { $name } needs either `check` or `metric`
devops-alert-limit = { $name } needs one of `above`, `below` and `absent`
devops-alert-check-limit = { $name } is about a check: `above`, `below`, `clear` and `absent` belong to a metric
devops-alert-no-slo = { $name } looks at an error budget, and its check has no `slo`
devops-alert-clear = `clear` of { $name } is on the wrong side of its limit
devops-alert-metric = There is no metric “{ $metric }”: { $names }, or one that a [[scrape]] brings
devops-secret-reference = The password of { $name } is named as "secret:NAME" or "env:NAME", never written
devops-mail-to = { $name } has nobody in `to`
devops-mail-address = Not an e-mail address: { $address }
devops-mail-login = { $name } needs both `user` and `password`, or neither
devops-mail-clear = { $name } would send a password in the clear: write `security = "starttls"` or `"tls"`
devops-clone = Clone…
devops-clone-title = Clone a repository
devops-clone-confirm = Clone
devops-clone-url = Address
devops-clone-below = In the folder
devops-clone-into = It goes to { $path }
devops-clone-not-empty = { $path } is not empty
devops-clone-not-empty-hint = Name a new or empty folder for the repository
devops-clone-failed = { $url } could not be cloned
devops-job-clone = Clone { $url }
devops-welcome-clone = Clone a repository
devops-welcome-clone-text = Bring one here by its address, with git's own credentials, and add it
