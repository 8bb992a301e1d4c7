# deploy
deploy-job-refresh = Refresh
