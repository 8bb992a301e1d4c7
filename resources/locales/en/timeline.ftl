# Time lines of runs
build-tab-timeline = Timeline
build-job-timeline = Read a time line
build-timeline-none = Nothing has run here yet
build-timeline-of = Timeline of { $task }
build-timeline-bare = What it did inside is not known
build-timeline-critical = Critical path: { $time } of { $all }
build-timeline-critical-title = Critical path, longest first
build-timeline-after = Start
build-timeline-path = Path
build-timeline-is-critical = on the critical path
build-timeline-beside = beside other work
build-show-timeline = Show the time line
build-span-run = run
build-span-job = job
build-span-step = step
build-span-compile = compiler
build-span-script = build script
