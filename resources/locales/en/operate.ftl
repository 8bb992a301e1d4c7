# operate
operate-job-refresh = Refresh
