# release
release-job-refresh = Refresh
