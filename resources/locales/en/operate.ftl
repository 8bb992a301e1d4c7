# Operate: instances now
operate-job-list = Look at the instances
operate-job-inspect = Look at { $name }
operate-known = What is known of it
operate-known-deployment = Deployment
operate-known-who = Deployed by
operate-known-target = Target
operate-known-command = Command
operate-known-variables = Variables (names)
operate-known-image = Image
operate-known-folder = Working folder
operate-known-user = User
operate-known-parent = Started by
operate-known-made = Made
operate-known-restart = Restart policy
operate-known-limits = Limits
operate-known-networks = Networks
operate-known-mounts = Mounts
operate-known-labels = Labels
operate-known-code = Exit code
operate-known-error = Error
operate-known-health = Own health check
operate-known-description = Description
operate-known-unit-file = Unit file
operate-known-state = State of the unit
operate-job-watch = Watch the instances
operate-job-pause = Pause { $name }
operate-job-stop = Stop { $name }
operate-job-start = Start { $name }
operate-job-restart = Restart { $name }
operate-job-logs = Read the output of { $name }
operate-kind-deployed = deployed
operate-kind-process = process
operate-kind-container = container
operate-no-ports = The listening ports could not be read
operate-runs-already = { $name } runs already
operate-not-started = { $name } was started and has ended at once
operate-not-ours = { $name } was not started by a deployment
operate-not-ours-hint = Start it the way it was started before; it can be stopped here
operate-of-service = { $name } is a task of a Swarm service: Swarm would start another one at once
operate-of-service-elsewhere = The service itself: docker service scale { $service }=0, or docker service update --force { $service }
operate-of-service-hint = Stop its environment in Deploy
operate-gone = { $name } is not there any more
operate-is-handled = { $name } is being started, stopped or restarted already
operate-is-handled-hint = Wait until that is done, then look again
operate-not-stopped = { $name } could not be stopped
operate-not-stopped-hint = It belongs to another user, or it hangs in the kernel
operate-no-log = { $name } has no log that is known
operate-no-log-hint = The output of what was deployed is kept; of other processes the system knows where it goes
operate-several = Several instances are called “{ $name }”
operate-none = There is no instance “{ $name }”
operate-nothing-hint = Nothing runs here; deploy something first
operate-none-hint = There are { $names }; with --all also what belongs to no workspace
operate-look = Look again
operate-everything = Show everything on this machine
operate-here-only = Show this workspace only
operate-instances = Instances
operate-n-instances = { $n ->
    [one] { $n } instance
   *[other] { $n } instances
}
operate-empty = Here you see what runs: the instances of your deployments, processes that listen on a port, containers. Nothing of these workspaces runs now
operate-empty-deploy = Open Deploy
operate-filter = Filter instances
operate-filter-nothing = No instance matches
operate-no-environment = Without an environment
operate-stopped = stopped
operate-cause-exited = ended
operate-cause-created = never started
operate-cause-paused = stands still
operate-cause-dead = ended, and could not be removed
operate-cause-crashed = crashed
operate-cause-lost = lost sight of
operate-cause-stopped = stopped on purpose
operate-cause-replaced = replaced by another version
operate-kind-on = { $kind } on { $machine }
operate-log = Log
operate-log-of = Output of { $name }
operate-col-name = Instance
operate-col-state = State
operate-col-version = Version
operate-col-cpu = CPU
operate-col-memory = Memory
operate-col-ports = Ports
operate-col-up = Up for
operate-col-pid = PID
operate-look-failed = failed
operate-look-degraded = degraded
operate-look-unknown = unknown
operate-col-kind = Kind
operate-col-restarts = Restarts
operate-col-machine = Machine
operate-environment = Environment
operate-workspace = Workspace
operate-address = Address
operate-processes = Processes
operate-started = Started
operate-ended = Ended
operate-engine-says = Engine says
operate-container = Container
operate-pause = Pause
operate-pause-n = Pause { $n } instances
operate-pause-title = Pause { $names }?
operate-pause-why = It stands still and answers nobody until it is started
operate-not-pausable = { $name } can not be paused
operate-not-pausable-hint = Only a container of this machine can stand still
operate-restart = Restart
operate-restart-n = Restart { $n } instances
operate-restart-title = Restart { $names }?
operate-restart-why = It does not answer until it is up again
operate-start = Start
operate-start-n = Start { $n } instances
operate-stop = Stop…
operate-stop-n = Stop { $n } instances…
operate-stop-title = Stop { $names }?
operate-stop-why = It gets time to end by itself, then it is ended; it can be started again here
operate-stop-foreign-why = It gets time to end by itself, then it is ended; Chantier did not start it and can not start it again
operate-open = Open in the browser
operate-copy-address = Copy the address
operate-cause-failed = ended with its deployment, which failed
operate-job-remove = Remove { $name }
operate-job-file = Open { $path }
operate-job-run-log = Open the log of run { $run }
operate-run-log = Log of run { $run }
operate-job-page = Read { $path }
operate-job-search = Search { $path }
operate-job-close = Close the log file
operate-job-export = Write lines into { $path }
operate-kind-unit = service
operate-why-oom = out of memory
operate-why-oom-loop = out of memory, { $n } restarts
operate-why-loop = crash loop, { $n } restarts
operate-why-loop-code = crash loop, { $n } restarts, code { $code }
operate-why-engine = not started: { $why }
operate-why-unhealthy = unhealthy
operate-why-service = { $running } of { $wanted } run
operate-why-service-says = { $running } of { $wanted } run: { $why }
operate-why-suspended = stopped by a signal (SIGSTOP)
operate-why-paused = paused
operate-why-restarting = restarting
operate-why-killed = killed
operate-why-signal = ended by { $signal }
operate-why-ended = ended
operate-why-created = created, never started
operate-why-exit = ended with code { $code }
operate-why-timeout = took too long
operate-why-start-limit = given up after { $n } restarts
operate-why-watchdog = watchdog not answered
operate-why-result = failed: { $result }
operate-told-term = asked to end ({ $signal }), waiting up to { $secs } s
operate-told-kill = did not end in time, killed now (KILL)
operate-told-killed = did not end in time and was killed (KILL)
operate-told-manager = the service manager was asked
operate-unit-rights-hint = Services of the system need rights: sudo systemctl restart { $name }
operate-not-removable = { $name } can not be removed here
operate-not-removable-hint = Containers can be removed; what was deployed is stopped, and a service is disabled where it is written down
operate-not-removed = { $name } is still there
operate-removed = { $name } was removed
operate-remove-runs = { $name } runs
operate-remove-runs-hint = Stop it first, or say --force
operate-no-exec = { $name } is no container of this machine
operate-no-exec-hint = Commands run in containers; for others open a terminal
operate-remove = Remove…
operate-remove-n = Remove { $n } containers…
operate-remove-title = Remove { $names }?
operate-remove-why = The container and what it wrote outside of its volumes are gone; there is no way back
operate-previous = Log of the life before
operate-disk = Disk
operate-network = Network
operate-rates = { $first }/s in, { $second }/s out
operate-health = Health
operate-healthy = healthy
operate-unhealthy = unhealthy
operate-health-starting = starting
operate-project = Compose project
operate-tab-logs = Log files
operate-log-of-n = Output of { $n } instances, by time
operate-log-previous-of = Output of { $name }, the life before
operate-log-file = Open a log file…
operate-log-folder = Open a folder of logs…
operate-log-close = Close
operate-logs-empty = Here log files of any size are read: searched, followed, their stack traces folded, JSON lines shown readably. Nothing is open
operate-n-lines = { $n ->
    [one] { $n } line
   *[other] { $n } lines
}
operate-n-hits = { $n ->
    [one] { $n } hit
   *[other] { $n } hits
}

# Logs
log-bad-pattern = “{ $pattern }” is not a regular expression
log-truncated = { $name }: truncated
log-replaced = { $name }: replaced
log-container-ended = { $name } ended; what comes when it runs again follows here
log-no-file = { $path } is no file
log-folder-empty = No log file stands in { $path }
log-folder-empty-hint = Names with “log”, and .txt, .out, .err, .jsonl; also .gz and .zst
log-folder-large = { $path } holds more than { $n } logs: the first ones are shown
log-many-sources = More than { $n } logs at once are not merged
log-no-source = No source is called “{ $name }”
log-far-failed = { $host } did not tell the log
log-no-previous = No life of { $name } before this one is known
log-nothing-named = Nothing was named
log-nothing-named-hint = Name an instance (chantier operate list), a file with --file, or a run with --run
log-pipe-follow = What is piped in is read to its end, and can not be followed
log-pipe-follow-hint = Leave out --follow; a file and an instance can be followed
log-bad-time = “{ $text }” is no time
log-bad-time-hint = Write 10m, 14:02, yesterday, 2026-11-26 or 2026-11-26T14:02
log-broken-archive = { $path } is damaged
log-packed-otherwise = { $path } is packed with { $kind }: only gzip and zstd are read
log-packed-otherwise-hint = Unpack it first, or pipe what comes out into chantier operate logs --file -
log-too-large = { $path } is too large when it is unpacked
log-not-open = { $path } is not open
log-was-truncated = truncated, shown anew
log-was-replaced = replaced by a new file
log-exported = { $n ->
    [one] { $n } line was written into { $path }
   *[other] { $n } lines were written into { $path }
}

# Incidents, runbooks, what changed, where the code is
operate-tab-incidents = Incidents
operate-tab-runbooks = Runbooks
operate-changed = What changed
operate-changed-ask = What changed since it worked
operate-job-changed = What changed for { $name }
operate-job-runbook = Runbook { $name }
operate-job-step = { $n }. { $name }
incident-job-list = Look at the incidents
incident-job-show = Look at incident { $id }
incident-job-open = Open an incident
incident-job-note = Note on incident { $id }
incident-job-close = Close incident { $id }
incident-no-title = An incident needs a title
incident-none = There is no incident { $id }
incident-elsewhere = Incident { $id } is one of the workspace { $workspace }
incident-elsewhere-hint = Say it there, or with -w { $workspace }
incident-none-hint = “chantier operate incident list” names them
incident-note-empty = A note needs words
incident-cause-stays = Incident { $id } is closed, with this cause
incident-cause-stays-hint = What was learnt since is a note: chantier operate incident note { $id } TEXT
incident-no-cause = An incident is closed with its cause
incident-no-cause-hint = Say in a few words why it happened
incident-deploy-began = Deployment of { $version } to { $environment } began
incident-deployed = { $version } was deployed to { $environment }
incident-deploy-failed = Deployment of { $version } to { $environment } failed
incident-started = { $name } started
incident-unhealthy = { $name } was ended, as its checks failed
incident-crashed = { $name } crashed
incident-crashed-code = { $name } crashed with code { $code }
incident-stopped = { $name } stopped
incident-check-down = Check { $name } is down: { $why }
incident-check-slow = Check { $name } is slow or at risk: { $why }
incident-check-unknown = Check { $name } could not be answered: { $why }
incident-check-maintenance = Check { $name } is in maintenance
incident-check-up = Check { $name } is up
incident-check-flaps = { $n ->
    [one] Check { $name } goes up and down, { $n } time until { $until }
   *[other] Check { $name } goes up and down, { $n } times until { $until }
}
incident-note = { $by }: { $text }
incident-opened = Opened by { $by }
incident-over = Closed
incident-closed = Closed: { $cause }
incident-open = open
incident-is-closed = closed
incident-n-open = { $n ->
    [0] No incident is open
    [one] { $n } incident is open
   *[other] { $n } incidents are open
}
incident-empty = Here stand the incidents: what was down, what happened around it, and why. There is none
incident-filter = Filter incidents
incident-filter-nothing = No incident matches
incident-col-title = Incident
incident-col-opened = Opened
incident-col-lasted = Lasted
incident-col-cause = Cause
incident-by-check = check { $name }
incident-by = Opened by
incident-timeline = What happened
incident-add-note = Add a note
incident-note-hint = What was seen or done
incident-title-hint = What is wrong
incident-open-now = Open an incident
incident-open-on = Open an incident
incident-cause-hint = Cause: why it happened
incident-close = Close
changed-kind-commit = Commits
changed-kind-setting = Settings (chantier.toml)
changed-kind-variable = Variables
changed-kind-dependency = Dependencies
changed-kind-host = Machine
changed-kind-instance = Crashes
changed-boot = The machine was restarted
changed-nothing = Nothing that is known has changed
changed-no-commit = One of the two versions has no commit: code, settings and dependencies can not be compared
changed-no-version = No version of { $name } before this one is known
changed-no-version-hint = Versions are known from deployments
changed-since-version = since { $version }
runbook-job-watch = Run runbooks at their times
runbook-job-list = Look at the runbooks
runbook-run = Run
runbook-run-title = Run { $name }?
runbook-word-hint = { $word } stands for what is live in { $environment }: deploy something there first
runbook-none = There is no runbook “{ $name }”
runbook-none-hint = There are { $names }
runbook-none-at-all-hint = Write [[runbook]] into chantier.toml: a name and steps
runbook-confirm = { $name } asks before it runs
runbook-confirm-hint = Say --yes
runbook-confirm-typed-hint = Its environment is protected: say --yes { $environment }
runbook-empty = Here stand the runbooks of chantier.toml: maintenance by name, step by step. There is none
runbook-edit = Open chantier.toml
runbook-filter = Filter runbooks
runbook-filter-nothing = No runbook matches
runbook-col-name = Runbook
runbook-col-description = Description
runbook-col-steps = Steps
runbook-col-next = Next
runbook-schedule = Schedule
runbook-runs-already = { $name } runs already since { $at }
runbook-runs-already-hint = Run { $run } does it: wait for its end, or stop it there
runbook-still-runs = { $name } is due again and still runs: it is left out this time
runbook-still-runs-hint = A longer schedule, or a timeout on its steps
runbook-missed = { $name } was due at { $at }, and nobody was there to run it
runbook-missed-hint = catch_up = true makes up for it; chantier watch install watches without the window
runbook-col-last = Last run
where-job = Look for the code of a line
where-no-commit = There is no commit to look in
where-nothing = No place in the code was found for this line
where-nothing-hint = Frames of stack traces are found by file and line, messages by the words that stand in the code
where-no-workspace = Choose a workspace to look for the code in
where-frame = Code of the frame
where-message = Code of the message
where-differs = the file here is not the one that is deployed
log-lives-left-out = { $n ->
    [one] One older life is left out
   *[other] { $n } older lives are left out
}
log-lives-left-out-hint = A shorter time, an environment or a version leaves fewer
log-lives-gone = { $n ->
    [one] Of one life no log was kept
   *[other] Of { $n } lives no log was kept
}
log-no-lives = Nothing that ran in that time has a log
log-no-lives-hint = Deployed instances are kept with their output; try a longer time (--since 30d), or “chantier monitor executions”
log-bad-span = Not a span of time: { $text }
log-bad-span-hint = Write it like 10m, 1h or 1d
log-counted = { $n ->
    [one] { $n } line
   *[other] { $n } lines
}, errors: { $errors }, warnings: { $warnings }
operate-tab-history = Log history
operate-span-hour = 1 hour
operate-span-day = 24 hours
operate-span-week = 7 days
operate-span-month = 30 days
operate-history-workspace = Choose a workspace: the history is of its instances
operate-history-empty = Searches what the instances of this workspace wrote, also those that run no more, in every version
operate-history-search = Search the logs
operate-history-hint = Words, or a regular expression
operate-history-lines = Lines
operate-history-errors = Errors
operate-history-counted = Lines per { $part }
operate-history-of = { $n ->
    [one] The log of one life
   *[other] The logs of { $n } lives
}
