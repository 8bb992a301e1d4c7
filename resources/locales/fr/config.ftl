# config
config-job-refresh = Actualiser
