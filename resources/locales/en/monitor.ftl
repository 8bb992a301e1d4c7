# Monitor: checks, history, executions, DORA
monitor-job-load = Read the checks
monitor-job-run = Ask the checks of { $name }
monitor-job-watch = Watch checks and instances
monitor-job-history = Read the history
monitor-job-executions = Read the executions
monitor-job-dora = Compute the DORA numbers
monitor-incident = { $check } is down: { $why }
monitor-no-checks = There is nothing to check
monitor-no-checks-hint = Write a [[check]] into chantier.toml, or deploy to an environment that has a health gate
monitor-down = { $n ->
    [one] One check is down
   *[other] { $n } checks are down
}
monitor-no-metric = There is no metric “{ $name }”
monitor-no-subject = Nothing called “{ $name }” was measured
monitor-no-subject-hint = There is { $names }
monitor-left-out = { $n } more
monitor-left-out-hint = { $n } more: choose with --subject or --environment
monitor-no-rule = There is no alert rule “{ $name }”
monitor-no-rule-hint = There is { $names }; * means every rule
monitor-no-rules-hint = Write [[alert]] in chantier.toml
monitor-scrape-silent = { $name } gives no metrics ({ $url }): { $why }
monitor-scrape-no-metrics = it answers “{ $line }”, which is no metric
monitor-scrape-status = it answers { $status }
monitor-scrape-long = it answers with more than { $mb } MB
monitor-scrape-many = { $name } tells { $n } series, { $kept } are kept
monitor-scrape-many-hint = Choose with keep, or raise max_series, in [[scrape]] of chantier.toml
monitor-no-metric-hint = Write cpu, memory, latency, up, free, value or days
monitor-no-metric-scraped-hint = Among others there is { $names }; Chantier’s own are cpu, memory, latency, up, free, value and days
monitor-buckets = The buckets of a histogram are not drawn one by one (“{ $name }”)
monitor-no-duration = “{ $text }” is not a duration
monitor-elsewhere = Another program watches already
monitor-metric-cpu = CPU
monitor-metric-memory = Memory
monitor-metric-latency = Latency
monitor-metric-up = Up
monitor-dora-frequency-line = Deployment frequency   { $n } a week ({ $total } in all)
monitor-dora-lead-line = Lead time for changes  { $time } (median of { $n ->
    [one] { $n } commit
   *[other] { $n } commits
})
monitor-dora-failure-line = Change failure rate    { $rate } ({ $n } of { $total })
monitor-dora-restore-line = Time to restore        { $time } (median of { $n })
monitor-tab-dashboards = Dashboards
monitor-tab-checks = Checks
monitor-tab-history = History
monitor-range-minutes = 20 min
monitor-range-hour = 1 h
monitor-range-day = 24 h
monitor-range-week = 7 d
monitor-trust-changed = { $name } changed since it was trusted: the watch goes on with what was trusted
monitor-old-answer = Last asked { $ago }: { $was }, { $why }
monitor-range-month = 30 d
monitor-check-now = Check now
monitor-is-checking = The checks are being asked
monitor-look = Read again
monitor-edit-checks = Edit the checks
monitor-whole = Show the whole time
monitor-n-checks = { $n ->
    [0] no checks
    [one] { $n } check
   *[other] { $n } checks
}
monitor-n-down = { $n } down
monitor-n-at-risk = { $n } at risk
monitor-n-open-incidents = { $n ->
    [one] { $n } open incident
   *[other] { $n } open incidents
}
monitor-n-deployments = { $n ->
    [one] { $n } deployment shown
   *[other] { $n } deployments shown
}
monitor-filter-checks = Filter checks
monitor-filter-history = Filter the history
monitor-filter-nothing = Nothing matches
monitor-no-workspace = Choose a workspace above: its checks, measurements and DORA numbers stand here
monitor-up = up
monitor-said = { $what }: { $why }
monitor-is-down = down
monitor-at-risk = at risk
monitor-col-state = State
monitor-col-name = Check
monitor-col-what = What is asked
monitor-col-uptime = Uptime
monitor-col-recent = Last answers
monitor-col-since = Since
monitor-col-environment = Environment
monitor-col-instance = Instance
monitor-col-version = Version
monitor-col-started = Started
monitor-col-lasted = Lasted
monitor-col-exit = Exit
monitor-why = Why
monitor-every = Every
monitor-asked = Asked
monitor-answer = Answer
monitor-recent-words = { $good } of { $n } answers were good
monitor-replaced = replaced
monitor-no-lives = No instance was ever started here. Each start, stop and crash of a deployed version is kept in this list
monitor-open-deploy = Open Deploy
monitor-nothing-measured = Nothing was measured in this time. Instances of deployments are measured every five seconds while this program runs
monitor-of-one-core = of one core
monitor-share-up = share of good answers
monitor-broken-off = A question was broken off by a fault in this program
monitor-not-watched = not watched yet
monitor-watching = watching { $checks ->
    [one] { $checks } check
   *[other] { $checks } checks
} and { $instances ->
    [one] { $instances } instance
   *[other] { $instances } instances
}, { $samples ->
    [one] { $samples } sample
   *[other] { $samples } samples
}
monitor-dora-frequency = Deployment frequency
monitor-dora-lead = Lead time for changes
monitor-dora-failure = Change failure rate
monitor-dora-restore = Time to restore
monitor-dora-a-week = a week
monitor-dora-median-of = median of { $n }
monitor-dora-n-of = { $n } of { $total }
monitor-trend-none = nothing before
monitor-trend-same = as before
monitor-trend-up = up from { $was }
monitor-trend-down = down from { $was }
monitor-n-of-n-up = { $n } of { $total } up
monitor-incidents = Incidents
monitor-n-open = { $n } open
monitor-incident-over = { $ago }, lasted { $lasted }
monitor-incident-since = open for { $lasted }
monitor-job-prometheus = Ask Prometheus
monitor-no-server = No server is called { $name }
monitor-no-servers = No Prometheus server is known
monitor-no-servers-hint = Name one in chantier.toml ([[prometheus]] with name and url), or ask one with --url http://127.0.0.1:9090
monitor-which-server = { $n } servers are known: which one is asked?
monitor-which-server-hint = --server with one of these: { $names }
monitor-answer-long = The answer is longer than { $mb } MB
monitor-no-prometheus = What answered (HTTP { $status }) is no Prometheus server
monitor-query-wrong = The server did not take the query: { $why }
monitor-query-hint = It was asked at { $url }
monitor-query-nothing = nothing in that time
monitor-no-time = Not a time: { $text }
monitor-no-time-hint = Write it like 2027-01-15T20:00:00Z
