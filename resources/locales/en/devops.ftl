# devops
