# monitor
monitor-job-refresh = Actualiser
