# build
build-job-refresh = Refresh
