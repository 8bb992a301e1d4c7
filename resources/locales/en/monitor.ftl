# monitor
monitor-job-refresh = Refresh
