# release
release-job-refresh = Actualiser
