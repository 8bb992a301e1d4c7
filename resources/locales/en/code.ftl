# code
code-job-refresh = Refresh
