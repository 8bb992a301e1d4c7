# test
test-job-refresh = Actualiser
