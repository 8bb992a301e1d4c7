# deploy
deploy-job-refresh = Actualiser
