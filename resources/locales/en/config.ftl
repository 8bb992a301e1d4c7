# config
config-job-refresh = Refresh
