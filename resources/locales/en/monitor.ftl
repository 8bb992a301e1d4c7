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
monitor-no-metric-hint = Write cpu, memory, latency or up
monitor-no-duration = “{ $text }” is not a duration
monitor-elsewhere = Another program watches already
monitor-metric-cpu = CPU
monitor-metric-memory = Memory
monitor-metric-latency = Latency
monitor-metric-up = Up
monitor-dora-frequency-line = Deployment frequency   { $n } a week ({ $total } in all)
monitor-dora-lead-line = Lead time for changes  { $time } (median of { $n } commits)
monitor-dora-failure-line = Change failure rate    { $rate } ({ $n } of { $total })
monitor-dora-restore-line = Time to restore        { $time } (median of { $n })
