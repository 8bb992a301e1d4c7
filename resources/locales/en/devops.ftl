# devops
devops-job-thread = Look up the thread
