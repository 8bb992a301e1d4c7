# deploy
deploy-job-refresh = Read the environments
deploy-job-run = Deploy to { $environment }
deploy-job-run-version = Deploy { $version } to { $environment }
deploy-job-roll-back = Roll back { $environment }
deploy-job-stop = Stop { $environment }
deploy-job-scale = { $environment }: { $n ->
    [one] one instance
   *[other] { $n } instances
}
deploy-job-weigh = Weigh what a return means for the data of { $environment }
deploy-job-recover = Recover what was left half-way
deploy-job-show = Read a deployment
deploy-job-audit = Verify the audit log

deploy-kind-deploy = deployment
deploy-kind-rollback = rollback
deploy-kind-stop = stop
deploy-act-words = { $what }: { $end }
deploy-act-scale = number of instances
deploy-act-recover = recovery
deploy-act-rebuild = rebuild
deploy-act-rehearse = rehearsed rollback
deploy-act-plan = plan
deploy-act-approval = approval
deploy-act-release = release
deploy-act-begin = begun
deploy-act-refused = refused
deploy-act-promote = promoted
deploy-act-abort = aborted
deploy-act-decide = decided
deploy-act-confirm = step confirmed
deploy-act-skip = step skipped
deploy-act-back = going back
deploy-act-went-back = went back
deploy-act-end = ended
deploy-act-outside = done by hand
deploy-act-yes = given
deploy-act-no = denied
deploy-act-withdraw = withdrawn
deploy-act-restore = restored
deploy-target-process = local processes
deploy-protected = protected

deploy-step-lock = Lock the environment
deploy-step-check = Check artifacts, ports and disk
deploy-step-stage = Stage the artifacts
deploy-step-stop = Stop the old instances
deploy-step-backup = Copy the data
deploy-step-migrate = Migrate the data
deploy-step-restore = Bring the former data back
deploy-step-put-back = Put the data back
deploy-step-start = Start the new instances
deploy-step-gate = Health gates
deploy-step-verify = Verify what runs
deploy-step-clean-up = End what was started
deploy-step-return = Return to the version before
deploy-step-not-reached = Not reached

deploy-note-lock = Held by { $who }
deploy-note-check = { $n ->
    [0] No artifact to check
    [one] One artifact has the right sum
   *[other] { $n } artifacts have the right sums
}
deploy-note-stage = { $n ->
    [0] Nothing to copy
    [one] One file copied
   *[other] { $n } files copied
}
deploy-note-stop = { $n ->
    [0] None was running
    [one] One instance ended
   *[other] { $n } instances ended
}
deploy-note-start = { $n ->
    [one] Process { $pids }
   *[other] Processes { $pids }
}
deploy-note-start-named = { $names }
deploy-note-start-unit = { $unit } on { $host }
deploy-note-gate = { $n ->
    [one] One gate holds
   *[other] { $n } gates hold
}
deploy-note-verify = { $version } runs
deploy-note-return = { $version } runs again
deploy-note-backup = { $rows ->
    [one] One row
   *[other] { $rows } rows
} of { $tables ->
    [one] one table
   *[other] { $tables } tables
} copied
deploy-note-migrate = { $n ->
    [0] No table changed
    [one] One table changed
   *[other] { $n } tables changed
}
deploy-note-restore = { $rows ->
    [one] One row
   *[other] { $rows } rows
} of { $tables ->
    [one] one table
   *[other] { $tables } tables
} as before, sums compared
deploy-note-data-same = The data are as they were
deploy-data-copy-hint = Put the copy { $path } back with the database’s own program, then: chantier recover { $environment }
deploy-note-data-kept = The data stay migrated: the version before ran on and has written to them
deploy-no-migration-there = Migrations can not be run in a target of the kind { $target }
deploy-migration-slow = The migration did not end within { $secs } s
deploy-data-written = Something was written to the data of { $environment } meanwhile
deploy-data-choice = The data of { $environment } were changed for a newer version, and { $n ->
    [one] one table was
   *[other] { $n } tables were
} written to since: { $version } can not simply come back
deploy-data-choice-hint = Choose: --restore-data brings back the data from before, --keep-data leaves them; what they are now is copied first
deploy-no-backup = There is no copy of the data from before { $version } was replaced
deploy-backup-gone-hint = It was removed with old ones (`keep`); --keep-data goes back without it
deploy-weighed-restore = The data were changed for a newer version and not written to since: those of { $version } come back
deploy-weighed-choose = { $n ->
    [one] The data were changed for a newer version, and one table was written to since
   *[other] The data were changed for a newer version, and { $n } tables were written to since
}
deploy-weighed-keep = { $version } works with the migrated data: they stay
deploy-weighed-migrate = The data are those of an older version: they are copied, and migrated to what { $version } needs
deploy-weighed-same = The data stay as they are
deploy-backup-words = Copy: { $rows ->
    [one] One row
   *[other] { $rows } rows
} of { $tables ->
    [one] one table
   *[other] { $tables } tables
}, { $bytes }
deploy-backup-forgotten = Copy: { $rows ->
    [one] One row
   *[other] { $rows } rows
} of { $tables ->
    [one] one table
   *[other] { $tables } tables
}, removed meanwhile
deploy-fact-backup = Data
deploy-data-title = Data
deploy-data-keep = Keep the data of now
deploy-data-restore = Bring back the data from before; those of now are copied first
deploy-data-undecided = Choose…

deploy-gate-status = { $what } answered { $status } instead of { $expected } until the deadline of { $after } s
deploy-gate-text = { $what } did not say { $text } until the deadline of { $after } s
deploy-gate-refused = { $what }: nobody listened until the deadline of { $after } s
deploy-gate-slow = { $what } did not answer within { $timeout } ms until the deadline of { $after } s
deploy-gate-no-host = { $what }: there was no such host until the deadline of { $after } s
deploy-gate-bad-address = Not an address: { $what }
deploy-gate-closed = { $what } closed the connection without an answer until the deadline of { $after } s
deploy-gate-fault = { $what } gave no answer until the deadline of { $after } s: { $why }
deploy-gate-exited = { $what } ended with code { $code } until the deadline of { $after } s: { $words }
deploy-gate-dead = { $instance } is not running
deploy-gate-too-few = { $what } was good only { $good } of { $needed } times in a row until the deadline of { $after } s
deploy-gate-late = { $what } answered well only after { $took } s; the deadline is { $after } s
deploy-gate-no-try = { $what } was not tried before the deadline of { $after } s
deploy-died = { $instance } ended by itself
deploy-died-code = { $instance } ended by itself with exit code { $code }
deploy-died-signal = { $instance } was ended by { $signal }

probe-good = Answers
probe-good-status = Answers { $status }
probe-wrong-status = Answers { $status } instead of { $expected }
probe-text-missing = Does not say { $text }
probe-wrong-version = Says { $found } runs instead of { $expected }
probe-no-version = Does not say that { $expected } runs
probe-exited = Exit code { $code }: { $words }
probe-dead = Not running

deploy-returned = { $version } runs again in { $environment }
deploy-cancelled-returned = Stopped; { $version } runs again in { $environment }
deploy-nothing-before = There was no version before: nothing runs in { $environment }
deploy-nothing-changed = { $environment } was not changed
deploy-return-failed = The version before did not come back in { $environment } either; look at its log

deploy-no-environment = There is no environment { $name }
deploy-no-environment-hint = There are { $names }
deploy-left-out = { $environment } is no longer in chantier.toml
deploy-left-out-hint = It still runs: “chantier deploy stop { $environment }” ends it; or give it its name back
deploy-no-environments-hint = Describe one in chantier.toml under [[environment]]
deploy-needs-confirmation = { $environment } is protected
deploy-needs-confirmation-hint = Type its name, or give “--yes { $environment }”
deploy-needs-release = Only releases go to { $environment }, because it is protected
deploy-needs-release-hint = Release a version first, or deploy this build to another environment
deploy-locked-by = { $owner } deploys { $version } to { $environment } now (deployment { $id }, process { $pid })
deploy-locked = { $owner } changes { $environment } now (process { $pid })
deploy-locked-hint = Wait until it has ended, or stop it
deploy-artifact-unknown = { $environment } names the artifact { $name }, which does not exist
deploy-artifact-unknown-hint = Describe it in chantier.toml under [[artifact]]
deploy-no-release = { $workspace } has no release
deploy-no-release-hint = Make one with “chantier release run”
deploy-latest-older = The newest good release is { $version }, which is older than { $live }, which runs in { $environment }
deploy-latest-older-hint = Name it: “chantier deploy run { $environment } { $version }”; the way back with its settings and data is “deploy rollback”
deploy-no-such-version = There is no release { $version }
deploy-no-such-version-hint = The newest are { $versions }
deploy-withdrawn = { $version } was withdrawn: { $reason }
deploy-withdrawn-hint = Take another version, or make it good again: chantier release restore { $version }
deploy-signature-hint = Its files are not what was signed. Withdraw it, and make another version.
deploy-release-without = { $version } has no artifact { $name }
deploy-release-without-hint = Release again with that artifact in chantier.toml
deploy-not-built = The artifact { $name } was not built
deploy-not-built-hint = Run its build task first
deploy-part-gone = The artifact { $name } of { $version } is gone
deploy-staged-gone-hint = Nothing was ended; “chantier recover { $environment }” brings the files back
deploy-part-gone-hint = Choose another version, or “chantier release again { $version }” builds it anew from its tag
deploy-part-changed = The artifact { $name } of { $version } is not what was released
deploy-part-changed-hint = Somebody changed the file; it is not used. “chantier release again { $version }” builds it anew from its tag
deploy-run-empty = { $environment } runs nothing: its target has no command
deploy-no-folder = There is no folder { $path }
deploy-port-of = Port { $port } is used by { $environment }
deploy-port-of-hint = “chantier deploy stop { $environment }” ends it; or give one of the two another port
deploy-port-taken = Port { $port } is used by another program
deploy-port-taken-hint = End that program, or give { $environment } another port
deploy-disk-full = { $free } MB are free on the disk, { $wanted } MB are needed
deploy-disk-full-hint = Free some space first
deploy-stop-failed = { $instance } could not be ended (process { $pid })
deploy-stop-failed-hint = It belongs to another user, or hangs in the kernel; end it by hand
deploy-nothing-runs = Nothing is deployed in { $environment }
deploy-no-return = Deployment { $id } can not be returned to in { $environment }
deploy-why-return-failed = the return to { $version } failed
deploy-why-front = what stands in front of it and shares its requests out does not answer
deploy-why-front-none = what stands in front of it sends no request to it: chantier recover { $environment }
deploy-why-left-out = no longer in chantier.toml
deploy-why-silent = { $target } could not be asked: what runs there is not known now
deploy-why-left = the deployment of { $version } was left where it failed
deploy-weighed-back = { $version } comes back (deployment { $id })
deploy-no-version-there = { $version } is no version that { $environment } can return to
deploy-no-version-there-hint = There is { $names }
deploy-no-return-hint = It must have been healthy there; see “chantier deploy list --json”
deploy-no-version-before = There is no version to return to in { $environment }
deploy-no-deployment = There is no deployment { $id }
deploy-obstacle-gone = Its files are gone
deploy-obstacle-changed = Its files were changed
deploy-inputs-lost = What deployment { $id } was made with can not be read
deploy-inputs-lost-hint = Deploy the version anew

deploy-interrupted = Interrupted; a later deployment took its place
deploy-interrupted-untouched = Interrupted before anything was changed
deploy-interrupted-returned = Interrupted; { $version } was brought back
deploy-interrupted-stopped = Interrupted; there was no version before, so nothing runs
deploy-unknown-hint = Nothing is assumed of what runs in { $environment }. When the machine answers again: chantier deploy recover
deploy-data-not-back-hint = The data are not what they were, so nothing was started on them. End what uses them, then: chantier deploy recover
deploy-recovered-nothing = Nothing was left half-way
deploy-recovered-dropped = { $version } had changed nothing yet; { $runs } runs
deploy-recovered-finished = { $version } is healthy and was finished
deploy-recovered-returned = { $version } was taken back; { $runs } runs again
deploy-recovered-stopped = { $version } was taken back; nothing runs

deploy-audit-whole = { $n ->
    [0] The audit log is empty
    [one] The audit log is whole: one entry
   *[other] The audit log is whole: { $n } entries
}
deploy-audit-broken = The audit log is broken at entry { $n }
deploy-audit-broken-hint = An entry was changed or removed; nothing from there on proves anything

deploy-tab-environments = Environments
deploy-tab-history = History
deploy-tab-audit = Audit log
deploy-subtitle = { $n ->
    [one] One environment
   *[other] { $n } environments
}{ $running ->
    [0] { "" }
    [one] , one rollout running
   *[other] , { $running } rollouts running
}
deploy-no-workspace = Choose a workspace to see its environments
deploy-environments-empty = No environment yet; describe one in chantier.toml under [[environment]]
deploy-edit-project = Edit chantier.toml
deploy-history-empty = Nothing was deployed yet
deploy-audit-empty = Nothing was changed yet
deploy-filter-history = Filter deployments
deploy-filter-audit = Filter entries
deploy-filter-nothing = Nothing has these words
deploy-refresh = Look again
deploy-button = Deploy…
deploy-version = Deploy { $version }…
deploy-to = Deploy to { $environment }…
deploy-roll-back = Roll back { $environment }…
deploy-stop = Stop { $environment }…
deploy-open = Open { $url }
deploy-cancel = Stop and return
deploy-log = Log
deploy-runs-already = A rollout runs already
deploy-recover-now = Recover
deploy-verify = Verify the audit log
deploy-state-healthy = healthy
deploy-state-degraded = degraded
deploy-state-down = down
deploy-state-changing = changing
deploy-state-asks = decide
deploy-asks-you = a step failed: it waits for you
deploy-state-interrupted = interrupted
deploy-state-empty = empty
deploy-nothing-yet = Nothing is deployed
deploy-instances = { $n } of { $wanted }
deploy-promote = Promote…
deploy-promote-to = Promote { $version } to { $environment }
deploy-rollout = { $version } to { $environment }
deploy-by = { $who }, { $when }
deploy-instead-of = Instead of { $previous }
deploy-gate-col-what = Health gate
deploy-gate-col-instance = Instance
deploy-gate-col-good = In a row
deploy-gate-col-tries = Last tries
deploy-gate-col-last = Last answer
deploy-gate-good = { $good } of { $needed }
deploy-gate-tries = { $n ->
    [one] One try
   *[other] { $n } tries
}
deploy-protected-note = Changes only when its name is typed
deploy-open-note = Changes without a question
deploy-fact-version = Version
deploy-fact-commit = Commit
deploy-fact-who = By
deploy-fact-deployment = Deployment
deploy-fact-target = Target
deploy-fact-lock = Locked by
deploy-fact-healthy-from = Healthy from
deploy-fact-healthy-until = Healthy until
deploy-fact-run = Run
deploy-instances-title = Instances
deploy-returns-title = Return to
deploy-instance-died = died { $ago }
deploy-returns-note = { $n ->
    [0] none is ready
    [one] one is ready
   *[other] { $n } are ready
}
deploy-return-live = runs, healthy for { $age }
deploy-return-until = healthy until { $age } ago
deploy-return-ignored = never healthy, ignored: { $reason }
deploy-return-healthy = healthy until { $until }
deploy-return-differs = With the settings of its time: { $settings }
deploy-return-now = runs now
deploy-roll-back-button = Roll back…
deploy-roll-back-to = Roll back to { $version }
deploy-steps = Steps
deploy-show-steps = Show the steps
deploy-col-id = No.
deploy-col-date = When
deploy-col-environment = Environment
deploy-col-version = Version
deploy-col-state = Outcome
deploy-col-took = Took
deploy-col-why = Why
deploy-col-act = Act
deploy-col-hash = Hash
deploy-audit-unverified = Not verified yet
deploy-dialog-title = Deploy to { $environment }
deploy-dialog-text = The old instances are stopped, the new ones are started and must pass every health gate.
deploy-dialog-rolling = The instances are replaced one batch after the other; each must pass every health gate.
deploy-dialog-blue-green = The new instances start beside the old ones. When they pass every health gate, every request goes to them, and the old ones are stopped.
deploy-dialog-canary = The new instances start beside the old ones and get a part of the requests, more with each step.
deploy-dialog-returns = If one does not hold, the version before comes back by itself.
deploy-dialog-ends = If one does not hold, what was started is ended.
deploy-dialog-asks = If one does not hold, you are asked what to do.
deploy-choice = Version
deploy-choice-built = Last build   { $commit }   { $when }
deploy-make-version = Release a version
deploy-make-again = Build one from its tag
deploy-nothing-to-deploy = There is no release and no build to deploy
deploy-failed-here = { $version } failed here { $ago }: { $why }
deploy-failed-mark = failed here
deploy-failed-show = Deployment { $id }
deploy-version-now = Deploy { $version }
deploy-now = Deploy
deploy-rollback-title = Roll { $environment } back to { $version }
deploy-rollback-text = It runs again with the files and settings of its time, and must pass the same health gates.
deploy-rollback-now = Roll back to { $version }
deploy-stop-title = Stop { $environment }
deploy-stop-text = Every instance is ended. A deployment or a rollback starts it again.
deploy-stop-now = Stop { $environment }
deploy-scale = Scale { $environment }…
deploy-scale-title = How many instances of { $environment }
deploy-scale-now = Run { $n }
deploy-scale-n = Instances
deploy-scale-text = New instances have to pass the gates, or they are taken away again; the last ones end first. The next deployment starts as many as chantier.toml says.
deploy-scale-range = An environment runs 1 to { $max } instances
deploy-scale-range-hint = Stop it with “chantier deploy stop { $environment }”
deploy-scale-not-there = Instances of a { $target } target are not started one by one
deploy-scale-not-there-hint = Say how many in chantier.toml (or in the compose file), and deploy
deploy-type-name = { $environment } is protected; type its name to go on

deploy-step-close = Close the way in
deploy-step-proxy = Open the way in
deploy-step-switch = Send the requests to them
deploy-step-weight = Shift the weight
deploy-step-pause = Watch the canary
deploy-step-watch = Stays healthy
deploy-step-drain = Drain the old instances
deploy-step-promote = Promotion asked for
deploy-step-abort = Abort asked for
deploy-step-ask = Somebody has to decide
deploy-step-decide = Decided
deploy-note-proxy = HAProxy listens on { $address }
deploy-note-switch = { $n ->
    [one] One instance gets every request
   *[other] { $n } instances get every request
}
deploy-note-weight = { $percent } % to the new version
deploy-note-drain = { $n ->
    [0] Every connection has ended
    [one] One connection did not end within the limit; going on
   *[other] { $n } connections did not end within the limit; going on
}
deploy-note-pause = { $secs } s
deploy-note-by-hand = Until somebody promotes it
deploy-note-promoted = Promoted by { $who }
deploy-note-ignored = Ignored by { $who }: { $reason }
deploy-note-decided = { $choice ->
        [retry] Tried again, as { $who } decided
        [abort] Left as it is, as { $who } decided
       *[other] The version before comes back, as { $who } decided
    }
deploy-note-undecided = Nobody decided in time: the version before comes back
deploy-note-watched = Healthy for { $secs } s
deploy-note-judged = { $n ->
    [one] One answer: { $what }
   *[other] { $n } answers: { $what }
}
deploy-note-judging = { $secs ->
    [0] Until { $n } answers hold: { $what }
   *[other] { $secs } s and { $n } answers: { $what }
}
deploy-judge-bad = { $what }: { $value } where { $bound } was asked for, { $n } times in a row
deploy-judge-unknown = { $what } could not be measured, { $n } times in a row
deploy-judge-no-number = There is no number to judge by
deploy-judged-answers = { $n } of { $needed } answers of the new version
deploy-judged-col-what = Judged by
deploy-judged-col-bound = Asked for
deploy-judged-col-value = New version
deploy-judged-col-beside = Old version
deploy-project-wrong-hint = Mend chantier.toml first: what was meant may be just what could not be read. Nothing was changed
deploy-job-follow = Follow the branch of { $environment }
deploy-follow-proves = Is { $commit } green?
deploy-followed-already = The branch of { $environment } is followed already
deploy-followed-elsewhere = Another program does it
deploy-not-continuous = { $environment } follows no branch
deploy-not-continuous-hint = Name one in chantier.toml: [environment.continuous] with branch = "main"
deploy-follow = Follow { $branch }
deploy-unfollow = Follow { $branch } no more
deploy-follows = follows { $branch }
deploy-follows-not = { $branch } is not followed
deploy-fact-continuous = Branch
deploy-note-batch = Batch { $i } of { $n }
deploy-note-asked = Asked for by { $who }
deploy-note-kept = { $version } still runs
deploy-watch-bad = { $what } was bad { $n } times in a row while it was watched
deploy-no-progress = No further instance became healthy within { $after } s
deploy-no-haproxy = There is no HAProxy on this machine
deploy-no-haproxy-hint = Install the package haproxy, or name one that runs with traffic.socket and traffic.backend
deploy-listen-taken-hint = End that program, or listen on another port
deploy-haproxy-died = HAProxy did not start
deploy-no-place = The backend { $backend } has { $free } free places, { $wanted } are needed
deploy-no-place-hint = Give it more servers that are disabled, as “server-template s 1-16 127.0.0.1:1 disabled”
deploy-no-ports = No free ports were found beside those of the running instances
deploy-aborted-returned = Aborted by { $who }; { $version } runs again in { $environment }
deploy-nothing-waits = No deployment of { $environment } waits for a promotion
deploy-nothing-waits-hint = See “chantier deploy list”
deploy-nothing-asks = No deployment of { $environment } asks for a decision
deploy-nothing-asks-hint = See “chantier deploy list”
deploy-ignore-needs-all = The failure in { $environment } can not be ignored: not every instance runs
deploy-ignore-needs-reason = To ignore a failure takes a reason
deploy-ignore-needs-reason-hint = chantier deploy decide { $environment } ignore --reason "…"
deploy-asks-hint = Decide within { $mins } min: chantier deploy decide { $environment } retry, abort or rollback
deploy-asks-hint-ignore = Decide within { $mins } min: chantier deploy decide { $environment } retry, ignore --reason "…", abort or rollback
deploy-asks-why = asks for a decision: { $why }
deploy-asks-until-ended = Without a decision it is ended in { $left }
deploy-asks-until = Without a decision the version before comes back in { $left }
deploy-left = { $environment } was left as it is; “chantier deploy rollback { $environment }{ $yes }” brings the version before back
deploy-job-decide = Decide in { $environment }
deploy-decide-in = { $environment }: { $choice }
deploy-decide-retry = Try again
deploy-decide-retry-hover = The gates are asked again; where an instance has ended, all are started again
deploy-decide-ignore = Go on all the same…
deploy-decide-ignore-hover = As if the step had succeeded, with a reason that stays in the journal
deploy-decide-abort = Leave as it is
deploy-decide-abort-hover = The deployment ends here as failed, and nothing comes back
deploy-decide-roll-back = Roll back
deploy-decide-roll-back-hover = The version before comes back
deploy-ignore-title = Go on in { $environment } in spite of the failure
deploy-ignore-reason = Reason
deploy-ignore-text = The deployment goes on as if the step had succeeded. The reason stays in the journal and in the audit log.
deploy-job-approve = Approve for { $environment }
deploy-approve-title = Approve a version for { $environment }
deploy-approve-yes = Approve
deploy-approve-no = Refuse
deploy-approve-by = Who says it
deploy-approve-says = The word
deploy-approve-note = What was looked at, or why not
deploy-fact-approvals = Approvals
deploy-approvals-note = A version needs approvals first
deploy-approvals-anybody = anybody but who deploys
deploy-approvals-need = { $n ->
    [one] one of { $who }
   *[other] { $n } of { $who }
}
deploy-approve-text = The word holds for exactly these files and settings, and stays in the audit log.
deploy-approved = approved by { $by }
deploy-approved-note = approved by { $by }: { $note }
deploy-refused-note = refused by { $by }: { $note }
deploy-approval-no = { $by } refuses { $version } for { $environment }
deploy-approval-lacks = { $version } lacks approvals for { $environment }: { $n } of { $needed }
deploy-approval-lacks-hint = chantier deploy approve { $environment } { $version } --as NAME
deploy-approval-not-asked = { $environment } asks for no approvals
deploy-approval-not-asked-hint = Write approvals = {"{"} from = ["…"] {"}"} into the environment “{ $environment }” of chantier.toml
deploy-approval-not-yours = { $by } may not approve for { $environment }
deploy-approval-not-yours-hint = These may: { $names }
deploy-approval-own = { $by } is the one who deploys: somebody else has to approve
deploy-approval-own-hint = Name in chantier.toml who may: approvals = {"{"} from = ["…"] {"}"}
deploy-nothing-to-abort = Nothing is being deployed to { $environment }
deploy-job-promote = Promote in { $environment }
deploy-job-abort = Abort in { $environment }
deploy-promote-canary = Promote { $version } in { $environment }
deploy-promote-now = Promote
deploy-promote-text = The canary goes on to its next step.
deploy-promote-fully = To 100 %
deploy-promote-fully-hover = Every request to the new version, without any further pause
deploy-promote-next = Promote
deploy-abort = Abort
deploy-abort-canary = Abort { $version } in { $environment }
deploy-traffic-title = Requests
deploy-share = { $n ->
    [0] { $percent } %, no connection
    [one] { $percent } %, one connection
   *[other] { $percent } %, { $n } connections
}
deploy-waits-by-hand = { $version } gets { $percent } %; waits for you
deploy-waits-until = { $version } gets { $percent } %
deploy-waits-judged = { $version } gets { $percent } % and is judged
deploy-strategy-recreate = recreate
deploy-strategy-rolling = rolling
deploy-strategy-blue-green = blue/green
deploy-strategy-canary = canary

deploy-reaches-out = The containers of { $environment } would reach out to the machine: { $what }
deploy-reaches-out-hint = Leave it out, or allow it with target.allow = ["{ $allow }"]
deploy-other-image = { $instance } was not made from the image that was staged
compose-missing = Neither docker compose nor docker-compose is there
compose-missing-hint = Install the Compose plugin of Docker, or the package docker-compose
swarm-no-manager = The engine manages no swarm
swarm-no-manager-hint = Make one with “docker swarm init”, or let docker talk to a manager
swarm-not-ours = There is a service { $service } that was not made by this environment
swarm-not-ours-hint = Give target.service another name, or remove the service first
swarm-too-many = { $n } tasks can not publish one port at { $nodes ->
    [one] one node
   *[other] { $nodes } nodes
}
swarm-gone = The service { $service } was removed while it was brought up
swarm-rolled-back = Swarm took the update of { $service } back: { $why }
swarm-paused = Swarm paused the update of { $service }: { $why }
swarm-failed = The tasks of { $service } do not stay: { $why }
swarm-late = Swarm did not bring { $service } up in time: { $why }
swarm-other-node = It runs on another node, { $node }
compose-no-yaml = Line { $line } of a compose file is no YAML
compose-no-services = The compose files have no service
compose-no-service = The compose files have no service { $name }
compose-other-services = The service { $name } does not stand in the compose files that are named
compose-other-services-hint = Name every file in target.files; what they include is not looked into
compose-image-changed = The image { $image } is not the one any more that version { $version } ran with
compose-not-there = Compose has made no container of { $name }
docker-host-away = The container engine of { $host } does not answer
docker-host-away-hint = See that it runs there, and that your user of { $host } may talk to it (group docker)
deploy-not-in-commit = There is no { $path } in commit { $commit }
deploy-compose-file-hint = There is { $name }: write files = ["{ $name }"] to the environment’s target
deploy-no-image-kept = It is not known any more which image was staged

deploy-job-preview = Find out what would change in { $environment }
deploy-preview-head = { $environment }: { $from } → { $to }
deploy-preview-instances = { $started ->
    [one] One instance would be started
   *[other] { $started } instances would be started
}, { $stopped ->
    [0] none stopped
    [one] one stopped
   *[other] { $stopped } stopped
}
deploy-preview-more = { $n ->
    [one] One further change
   *[other] { $n } further changes
}
