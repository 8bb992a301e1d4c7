# build
build-job-refresh = Actualiser
