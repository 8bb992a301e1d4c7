# test
test-job-refresh = Refresh
