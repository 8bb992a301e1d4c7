# devops
devops-job-thread = Chercher le fil
