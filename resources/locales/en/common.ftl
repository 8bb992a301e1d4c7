# Words that every area uses: states, units, ages, the thread, the areas' names
verbatim = { $text }

area-devops = DevOps
area-plan = Plan
area-code = Code
area-build = Build
area-test = Test
area-release = Release
area-deploy = Deploy
area-operate = Operate
area-monitor = Monitor
area-config = Configuration

state-failed = failed
state-degraded = degraded
state-unknown = unknown
state-in-progress = in progress
state-queued = queued
state-running = running
state-done = done
state-none = none
state-skipped = skipped
state-stale = stale
state-cancelled = cancelled
state-interrupted = interrupted

unit-b = B
unit-kb = kB
unit-mb = MB
unit-gb = GB
unit-tb = TB
unit-ms = ms
unit-s = s
unit-min = min
unit-h = h
unit-d = d
unit-y = y

age-now = now
age-until = in { $age }
age-ago = { $age } ago

thread-item = Item
thread-commit = Commit
thread-build = Build
thread-test = Tests
thread-release = Release
thread-deployment = Deploy
thread-instance = Instance
thread-incident = Incident

problem-cancelled = Stopped
problem-refused = { $title } is running already
problem-panicked = { $title } ended by a fault of the program
problem-panicked-hint = The rest of the program goes on; report the details
problem-too-slow-to-stop = { $title } did not stop in time and was ended
