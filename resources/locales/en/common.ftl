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
unit-points = pt
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

# What the readers of TOML say of a value
wrong-missing = The key “{ $key }” is missing
wrong-missing-of = “{ $name }” lacks the key “{ $key }”
wrong-twice = The key “{ $key }” stands there twice
wrong-key = There is no key “{ $key }” here; known are { $known }
wrong-no-keys = There is no key “{ $key }” here, nor any other
wrong-word = “{ $word }” is none of the words that are known here: { $known }
wrong-any = This is not what has to stand here
wrong-value = “{ $found }” can not stand here: { $expected ->
    [text] a text in quotes is expected
    [natural] a whole number from 0 is expected
    [whole] a whole number is expected
    [number] a number is expected
    [flag] true or false is expected
    [list] a list in [ ] is expected
    [table] a table is expected
    [simple] a text, a number, true or false is expected
   *[other] { $expected } is expected
}
wrong-unclosed = Something begins here and has no end: { $sign } is missing
wrong-unquoted = A value is missing here, or the quotes around a text
wrong-no-value = This key has no value; write it like key = "value"
wrong-again = This key stands there already
wrong-comma = A comma is missing between two values
wrong-no-key = A key is expected here, made of letters without accents, digits, - and _
wrong-escape = Behind \ only one of these can stand: { $known }
wrong-literal = This is no number, no date and neither true nor false
wrong-size = This is no size; write it like 500000000, "500 MB" or "2 GiB"
wrong-window = A window between two moments has no days, and ends after it begins
wrong-day = “{ $word }” is no day; write mon, tue, wed, thu, fri, sat or sun
wrong-moment = “{ $word }” is no moment; write it like "2026-12-24T18:00"
wrong-time = “{ $word }” is no time; write it like "02:30"
wrong-duration = “{ $word }” is no duration; write it like "500ms", "10s", "5m" or "2h"

month-1 = Jan
month-2 = Feb
month-3 = Mar
month-4 = Apr
month-5 = May
month-6 = Jun
month-7 = Jul
month-8 = Aug
month-9 = Sep
month-10 = Oct
month-11 = Nov
month-12 = Dec
