# operate
operate-job-refresh = Actualiser
