# deploy
deploy-job-refresh = Read the environments
deploy-job-run = Deploy to { $environment }
deploy-job-run-version = Deploy { $version } to { $environment }
deploy-job-roll-back = Roll back { $environment }
deploy-job-stop = Stop { $environment }
deploy-job-recover = Recover what was left half-way
deploy-job-show = Read a deployment
deploy-job-audit = Verify the audit log

deploy-kind-deploy = deployment
deploy-kind-rollback = rollback
deploy-kind-stop = stop
deploy-protected = protected

deploy-step-lock = Lock the environment
deploy-step-check = Check artifacts, ports and disk
deploy-step-stage = Stage the artifacts
deploy-step-stop = Stop the old instances
deploy-step-start = Start the new instances
deploy-step-gate = Health gates
deploy-step-verify = Verify what runs
deploy-step-clean-up = End what was started
deploy-step-return = Return to the version before

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
deploy-note-gate = { $n ->
    [one] One gate holds
   *[other] { $n } gates hold
}
deploy-note-verify = { $version } runs
deploy-note-return = { $version } runs again

deploy-gate-status = { $what } answered { $status } instead of { $expected } until the deadline of { $after } s
deploy-gate-text = { $what } did not say { $text } until the deadline of { $after } s
deploy-gate-refused = { $what }: nobody listened until the deadline of { $after } s
deploy-gate-slow = { $what } did not answer within { $timeout } ms until the deadline of { $after } s
deploy-gate-no-host = { $what }: there was no such host until the deadline of { $after } s
deploy-gate-bad-address = Not an address: { $what }
deploy-gate-fault = { $what } gave no answer until the deadline of { $after } s: { $why }
deploy-gate-dead = { $instance } is not running
deploy-gate-too-few = { $what } was good only { $good } of { $needed } times in a row until the deadline of { $after } s
deploy-gate-no-try = { $what } was not tried before the deadline of { $after } s
deploy-died = { $instance } ended by itself
deploy-died-code = { $instance } ended by itself with exit code { $code }
deploy-died-signal = { $instance } was ended by { $signal }

probe-good = Answers
probe-good-status = Answers { $status }
probe-wrong-status = Answers { $status } instead of { $expected }
probe-text-missing = Does not say { $text }
probe-dead = Not running

deploy-returned = { $version } runs again in { $environment }
deploy-cancelled-returned = Stopped; { $version } runs again in { $environment }
deploy-nothing-before = There was no version before: nothing runs in { $environment }
deploy-nothing-changed = { $environment } was not changed
deploy-return-failed = The version before did not come back in { $environment } either; look at its log

deploy-no-environment = There is no environment { $name }
deploy-no-environment-hint = There are { $names }
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
deploy-no-such-version = There is no release { $version }
deploy-no-such-version-hint = The newest are { $versions }
deploy-withdrawn = { $version } was withdrawn
deploy-release-without = { $version } has no artifact { $name }
deploy-release-without-hint = Release again with that artifact in chantier.toml
deploy-not-built = The artifact { $name } was not built
deploy-not-built-hint = Run its build task first
deploy-part-gone = The artifact { $name } of { $version } is gone
deploy-part-gone-hint = Choose another version, or release it again
deploy-part-changed = The artifact { $name } of { $version } is not what was released
deploy-part-changed-hint = Somebody changed the file; it is not used. Release the version again
deploy-run-empty = { $environment } runs nothing: its target has no command
deploy-no-folder = There is no folder { $path }
deploy-port-taken = Port { $port } is used by another program
deploy-port-taken-hint = End that program, or give { $environment } another port
deploy-disk-full = { $free } MB are free on the disk, { $wanted } MB are needed
deploy-disk-full-hint = Free some space first
deploy-stop-failed = { $instance } could not be ended (process { $pid })
deploy-stop-failed-hint = It belongs to another user, or hangs in the kernel; end it by hand
deploy-nothing-runs = Nothing is deployed in { $environment }
deploy-no-return = Deployment { $id } can not be returned to in { $environment }
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
