# plan
plan-job-refresh = Actualiser
