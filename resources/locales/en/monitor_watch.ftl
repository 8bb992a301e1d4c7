# Monitor: answers of checks, alerts
monitor-job-alerts = Read the alerts
monitor-job-ack = Acknowledge alert { $n }
monitor-job-silence = Silence alerts
monitor-job-end-silence = End a silence
monitor-job-test = Test the channels
monitor-wrong = wrong
monitor-flapping = flapping
monitor-slow = slow
monitor-maintenance = maintenance
monitor-maintenance-until = Maintenance until { $until }
monitor-need-down = Unknown because { $name } is down
monitor-nothing-there = Nothing of it is deployed
monitor-place = { $name }, { $what }: { $why }; { $good } of { $n } answer
monitor-slow-why = Answers in { $took } ms, more than { $limit } ms
monitor-flapping-why = Goes up and down within the last { $n } answers; now: { $last }
monitor-no-check = There is no check “{ $name }”
monitor-no-check-hint = There are { $names }
monitor-metric-free = Free space
monitor-metric-value = Value
monitor-metric-days = Days until the certificate ends
ask-not-there = There is no { $name }
ask-json-missing = { $path } is not in the answer
ask-value-differs = { $name } is { $found } instead of { $wanted }
ask-value-no-number = { $name } is { $found }, which is no number
ask-value-not-above = { $name } is { $found }, not above { $limit }
ask-value-not-below = { $name } is { $found }, not below { $limit }
ask-redirected-on = Sends on and on: still { $status } after { $n } redirections, to { $location }
ask-redirected = Answers { $status } instead of { $expected }: go to { $location }; redirects = 5 goes there
ask-text-missing-in = Does not say { $text } in its first { $megabytes } MB
ask-text-there = Says { $text }
ask-no-json = The answer is no JSON
ask-tls-refused-as-wanted = Refused as expected: { $why }
ask-tls-other-problem = Refused because of { $why } instead of { $wanted }
ask-tls-trusted = The certificate is trusted, though { $wanted } is expected
ask-tls-ends = The certificate ends in { $days } days, before the { $wanted } that are asked for
ask-tls-good = The certificate is good for { $days } days
ask-dns-no-server = This machine names no DNS server
ask-dns-refused = The server says { $word }
ask-dns-refused-own = This machine’s DNS server { $server } says { $word }; /etc/hosts is not asked
ask-dns-none = There is no { $record } record
ask-dns-without = { $found } has no { $part }
ask-found = { $found }
ask-n-run = { $n ->
    [one] One process runs
   *[other] { $n } processes run
}
ask-suspended = { $n ->
    [one] One is stopped by a signal (SIGSTOP)
   *[other] { $n } are stopped by a signal (SIGSTOP)
}, { $running ->
    [0] none runs
    [one] one runs
   *[other] { $running } run
}
ask-none-runs = No { $name } runs
ask-too-few-run = { $n } run instead of { $wanted }
ask-unit = { $state } ({ $sub })
ask-unit-failed = failed ({ $result })
ask-container-state = { $state }, exit code { $code }
ask-container-unhealthy = Unhealthy: { $why }
ask-container-unwell = Unhealthy
ask-container-loop = Restarts again and again: { $n } times so far
ask-container-paused = Paused: it stands still
ask-container-starting = Starting, not healthy yet
ask-container-healthy = Healthy
ask-container-runs = Running
ask-output-differs = Does not print { $pattern }: { $words }
ask-exited = Exit code { $code }
ask-disk = { $free } free ({ $percent } %)
ask-disk-percent = { $free } free ({ $percent } %), less than { $wanted } %
ask-disk-bytes = { $free } free ({ $percent } %), less than { $wanted }
ask-no-value = No value
mail-failed = { $server } does not take the e-mail
monitor-burns = Burns its error budget { $rate } times as fast as an SLO of { $slo } % allows
monitor-absent = No { $metric } for { $age }
monitor-beyond = { $metric } is { $value } { $sign } { $limit }
monitor-within = { $metric } is { $value }
monitor-told-title = [{ $word }] { $workspace }: { $subject }
monitor-alert-gone = no longer watched: chantier.toml does not name it any more
monitor-message-resolved = resolved
monitor-message-was = It was: { $message }
monitor-message-again = still firing
monitor-message-environment = environment: { $value }
monitor-message-since = since: { $value }
monitor-message-until = until: { $value }
monitor-message-incident = incident: { $value }
monitor-test-message = This is a test: nothing is wrong
monitor-webhook-refused = The webhook answers { $status }
monitor-no-channel = There is no channel “{ $name }”
monitor-no-channels = Nobody would be told
monitor-no-channels-hint = Write a [[notify]] into chantier.toml
monitor-no-alert = There is no alert { $n }
monitor-alert-not-firing = Alert { $n } does not fire: there is nothing to acknowledge
monitor-no-silence = There is no silence { $n }
monitor-severity-info = info
monitor-severity-warning = warning
monitor-severity-critical = critical
monitor-alert-firing = firing
monitor-alert-acked = acknowledged
monitor-alert-silenced = silenced
monitor-alert-pending = pending
monitor-alert-resolved = resolved
monitor-delivery-queued = waits
monitor-delivery-sending = being sent
monitor-delivery-done = delivered
monitor-delivery-failed = given up
monitor-delivery-unsure = unsure: the program ended while it was sent
monitor-told-fired = told
monitor-told-again = told again
monitor-told-resolved = told that it is over
monitor-silence-line = Silence { $n }: { $rule } { $subject } until { $until }, by { $by }
monitor-no-alerts = Nothing fired
monitor-rule-unheard = Nobody has told this metric so far
monitor-no-alerts-hint = Rules are written as [[alert]] in chantier.toml, and channels as [[notify]]
monitor-channel-takes = took the message
monitor-tab-alerts = Alerts
monitor-filter-alerts = Filter alerts
monitor-n-firing = { $n ->
    [one] { $n } alert fires
   *[other] { $n } alerts fire
}
monitor-col-rule = Rule
monitor-col-subject = About
monitor-col-severity = Severity
monitor-col-message = Message
monitor-ack = Acknowledge
monitor-silence-hours = Silence for 2 h
monitor-silence-day = Silence for a day
monitor-unsilence = End the silence
monitor-test-channels = Test the channels
monitor-edit-alerts = Edit the rules
monitor-fired = Fired
monitor-resolved = Resolved
monitor-acked-by = Acknowledged by
monitor-deliveries = Who was told
monitor-nobody-told = Nobody
monitor-rules = Rules
monitor-channels = Channels
monitor-silences = Silences
monitor-everything = everything
monitor-silence-until = { $rule } until { $until }
monitor-incident-n = Incident { $n }
monitor-col-incident = Incident
monitor-needs = Needs
monitor-col-kind = Kind
monitor-job-unit = Keep the watch as a unit of systemd
monitor-not-recording = Nothing is recorded: { $why }
monitor-records-again = { $n ->
    [0] Recording goes on; nothing is missing
    [one] Recording goes on; { $n } sample is missing
   *[other] Recording goes on; { $n } samples are missing
}
watch-unit-refused = systemd refuses { $path }
watch-unit-away = The systemd of your user does not answer
watch-unit-away-hint = The file is written: in a session with systemd, `systemctl --user enable --now { $unit }` starts it
watch-unit-not-written = There is no unit: `chantier watch install` writes { $path }
watch-unit-written = Unit { $path }
watch-unit-old = Unit { $path }, written by another program or with other folders: `chantier watch install` writes it again
watch-unit-state = { $active }, { $enabled }
watch-watched-by = Process { $pid } watches since { $since }
watch-nobody = Nobody watches now
watch-nothing-added = No workspace is added: nothing is watched until one is
watch-nothing-added-hint = Add it with chantier devops add PATH; what is added meanwhile is watched at once
monitor-job-compare = Compare before and after a deployment
monitor-job-objectives = Compute up-time and error budgets
monitor-job-page = Write the status page { $path }
monitor-no-deployment = There is no deployment { $n }
monitor-nothing-deployed = No deployment became healthy yet
monitor-compare-line = { $environment }: { $version } after { $before } (deployment { $n })
monitor-compare-nothing = Nothing was measured around it
monitor-median = median
monitor-p95 = 95th percentile
monitor-lives-line = { $starts ->
    [one] { $starts } start
   *[other] { $starts } starts
}, { $crashes ->
    [one] { $crashes } crash
   *[other] { $crashes } crashes
}
monitor-all-checks = all checks
monitor-over-days = in { $n } days
monitor-full-at = full on { $at } at { $pace } a day
monitor-full-late = not full within a year at { $pace } a day
monitor-full-never = the space does not shrink
monitor-page-written = { $path }, { $size }
monitor-page-title = Status
monitor-page-others = Checks
monitor-page-foot = Each bar is a day of the last { $days }. Made by Chantier
monitor-page-nothing = Nothing was asked yet
monitor-page-all-up = Everything is up
monitor-page-impaired = { $n ->
    [one] One check is impaired
   *[other] { $n } checks are impaired
}
monitor-page-down = { $n ->
    [one] One check is down
   *[other] { $n } checks are down
}
monitor-page-not-asked = not asked
monitor-page-uptime = { $share } up in { $days ->
    [one] { $days } day
   *[other] { $days } days
}
monitor-page-times = Answer times of the last day
monitor-page-no-incidents = No incident in the last { $days } days
monitor-page-lasted = lasted { $lasted }
monitor-tab-objectives = Objectives
monitor-slo-broken = broken
monitor-slo-danger = in danger
monitor-slo-kept = kept
monitor-slo-none = no objective
monitor-environment-row = all of { $name }
monitor-no-slo-hint = A [[check]] in chantier.toml with `slo = 99.9` has an error budget
monitor-col-slo = Objective
monitor-col-left = Budget left
monitor-col-forecast = Forecast
monitor-burn-in = Burn in { $n } h
monitor-what-it-means = What it means
monitor-slo-meaning = The objective says which share of the answers has to be good. What it allows to fail is the error budget; at a burn of 1× it lasts exactly for the time. Maintenance and answers that could not be had do not count
monitor-instances-lived = How instances lived
monitor-range-year = 1 y
monitor-compare-title = Before and after
monitor-compare-link = Deployment { $n } to { $environment }
monitor-compare-values = median { $before } → { $after }, p95 { $p95_before } → { $p95_after }
monitor-percentiles = Latency percentiles
monitor-dora-definitions = How the four are counted
monitor-dora-frequency-means = Deployment frequency: deployments to the last protected environment a week, without returns to an older version
monitor-dora-lead-means = Lead time: from a commit to the moment when the version that brings it is healthy; of squashed and rebased commits, from the work behind them
monitor-dora-failure-means = Change failure rate: deployments that never became healthy, were rolled back, or during which an incident began
monitor-dora-restore-means = Time to restore: from the failure or the opening of the incident until it is healthy again
monitor-job-errors = Read the errors of instances
monitor-job-error = Change error { $n }
monitor-no-error = There is no error { $n }
monitor-no-errors = No instance wrote a trace of an error
monitor-error-new = new
monitor-error-acknowledged = acknowledged
monitor-error-resolved = resolved
monitor-error-back = came back
monitor-suspect-line = suspect { $suspect }
monitor-tab-errors = Errors
monitor-filter-errors = Filter errors
monitor-col-error = Error
monitor-col-count = Count
monitor-col-last = Last seen
monitor-col-first = First seen
monitor-col-place = Where
monitor-first-version = First in version
monitor-resolved-in = Resolved in
monitor-suspect = Suspect commit
monitor-trace = Last trace
monitor-resolve-next = Resolved
monitor-reopen = Reopen
watch-listen-where = { $address } is no address of this machine's own
watch-listen-where-hint = Write 127.0.0.1:9200 or [::1]:9200
watch-listen-failed = Nobody can listen at { $address }
watch-listening = Metrics at { $address }
monitor-per-second = per second
monitor-retries = Retries
