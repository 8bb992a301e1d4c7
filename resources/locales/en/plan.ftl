# plan
plan-job-refresh = Refresh
