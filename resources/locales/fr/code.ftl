# code
code-job-refresh = Actualiser
