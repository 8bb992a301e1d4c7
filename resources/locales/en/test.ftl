# Test
test-job-refresh = Look up the tests
test-job-list = List the tests of { $name }
test-job-run-all = Test { $name }
test-job-run-failed = Run the failed tests of { $name }
test-job-run-named = Test { $names }
test-job-run-some = { $n ->
    [one] Run { $n } test
   *[other] Run { $n } tests
}
test-job-site = { $runner } in { $dir }
test-job-import = Import { $file }
test-job-show = Look up test results

test-failed = { $total ->
    [one] The only test failed
   *[other] { $failed } of { $total } tests failed
}
test-does-not-compile = The tests do not compile: { $what }
test-explain-hint = rustc --explain { $code } tells more
test-collect-failed = The tests could not be collected: { $what }
test-import-hint = `{ $name }` can not be imported here: if it is this project, python3 -m pip install --editable . (in .venv, which is found), else install it
test-runner-failed = { $runner } could not run the tests: { $what }
test-no-sites = No tests were found here
test-no-sites-hint = Chantier knows cargo test, cargo-nextest, pytest, unittest, go test, CTest, scripts of package.json that run vitest, jest, mocha, node --test or tape, and tasks of kind “test” in chantier.toml that print TAP or write JUnit files
test-not-listed = { $runner } in { $dir } can not name its tests before they have run
test-not-listed-hint = Run them once: chantier test run
test-npm-hint = The tools of package.json are not installed here: run `npm install` first
test-none-found = The run found no tests
test-none-found-hint = Check filters and the names of the test files
test-none-failed = No test failed in its last run
test-none-failed-hint = Run all of them
test-no-such = There is no test “{ $names }”
test-no-such-hint = “chantier test list” names them all
test-gone = { $name } is gone: run { $run } of everything did not have it any more; this is what it said last
test-several = “{ $name }” means { $n } tests
test-no-run = There is no run { $run }
test-no-pytest = pytest is not installed for { $python }
test-no-environment-hint = This is a project of { $tool }, and its environment is not here: { $command }
test-no-pytest-hint = Install it: { $python } -m pip install pytest, or the package python3-pytest
test-list-unreadable = The list of { $runner } could not be read
test-junit-truncated = The report ends in the middle; what came before was taken over
test-junit-broken = The report is not well-formed; what came before was taken over
test-junit-none = The file is no JUnit report
test-junit-too-deep = The report is nested too deeply
test-junit-doctype = The report declares a document type; its entities were not used

test-n-tests = { $n ->
    [0] no tests
    [one] { $n } test
   *[other] { $n } tests
}
test-counts = { $passed } passed, { $failed } failed, { $skipped } skipped
test-line-started = { $runner }: { $what }

test-tab-results = Results
test-tab-runs = Runs
test-col-test = Test
test-col-state = State
test-col-history = Last 30 runs
test-col-time = Time
test-col-when = When
test-col-runner = Runner
test-col-what = What
test-col-commit = Commit
test-n-passed = { $n } passed
test-n-skipped = { $n } skipped
test-n-flaky = { $n } flaky
test-n-not-run = { $n } not run
test-word-passed = passed
test-word-failed = failed
test-word-skipped = skipped
test-word-flaky = flaky
test-word-fixed = fixed
test-word-not-run = not run
test-word-new-failure = new failure
test-word-failed-runs = failed { $n } runs
test-failed-of = { $failed } of { $total }
test-n-failed = { $n } failed
test-strip = { $passed } of the last { $total } passed
test-run-number = run #{ $run }
test-what-all = all
test-what-failed = what had failed
test-what-changed = what had changed
test-what-changed-since = what had changed since { $revision }
test-with-changes = with changes
test-why-in = in { $commit }, { $age }
test-fact-run = Run
test-fact-since = Failing since
test-fact-reason = Reason
test-output = Output
test-past = Last results

test-run-all = Run all
test-run-failed = Run failed { $n }
test-run-again = Run again
test-run-n = { $n ->
    [one] Run { $n } test
   *[other] Run { $n } tests
}
test-stop = Stop
test-find = Find tests
test-import = Import a JUnit file…
test-refresh = Refresh
test-copy-name = Copy name
test-copy-output = Copy output
test-show-log = Show the log
test-filter = Filter tests
test-filter-nothing = No test has this in its name
test-running = Tests are running
test-untrusted = Trust the workspace first: its tests are programs
test-choose-workspace = Choose a workspace to see its tests
test-empty = Here stand the tests and how they did in their last thirty runs
test-runs-empty = Here stand the runs of tests
test-subtitle = { $n ->
    [one] { $n } test
   *[other] { $n } tests
}{ $failed ->
    [0] , none failing
   *[other] , { $failed } failing
}
test-col-passed = Passed
test-col-failed = Failed
test-col-skipped = Skipped
test-col-number = No.

test-no-jobs = { $runner } can not be told how many tests run at once
test-no-tool = { $tool } is not installed in { $dir }
test-hung = { $runner } gave no result for { $secs } s and was ended; what came after it did not run
test-hung-many = { $n ->
    [one] { $runner } hung more often than it is started again; one test was not run, after { $secs } s of silence each time
   *[other] { $runner } hung more often than it is started again; { $n } tests were not run, after { $secs } s of silence each time
}
test-crashed-many = { $n ->
    [one] { $runner } ended early more often than it is started again; one test was not run
   *[other] { $runner } ended early more often than it is started again; { $n } tests were not run
}
test-runner-cut = { $runner } was ended before all of its tests had run
test-not-all = { $runner } ended after { $done } of the { $total } tests that it had chosen
test-line-running = Still running for { $secs } s: { $names } (a limit ends it: --timeout 1m, or timeout in [test] of chantier.toml)
test-line-silent = No result for { $secs } s (a limit ends a test that hangs: --timeout 1m, or timeout in [test] of chantier.toml)
test-line-was-running = Stopped while this ran: { $names }
test-withheld-hint = { $name } is set in your shell, and is not among the variables that programs are given: chantier config set tools.pass_env { $name }
test-hung-hint = A longer limit: chantier test run --timeout 5m
test-no-duration = “{ $text }” is no duration such as 500ms, 30s or 2m
test-job-run-changed = Test what changed in { $name }
test-none-changed = Nothing that a test sees has changed
test-rule-cargo = packages with a changed file and those that need them
test-rule-go = packages with a changed file and those whose tests are built with them
test-rule-imports = test files that changed or import what changed
test-rule-needs = all of it, as it needs a package in which a file has changed
test-rule-data = all of it, as no import says which tests read a file that has changed
test-rule-site = all of it, as this tool does not tell what its tests need
test-all-suites = all tests
test-n-suites = { $n ->
    [one] { $n } suite
   *[other] { $n } suites
}
test-reason = { $runner } in { $dir }, { $n ->
    [one] { $n } changed file
   *[other] { $n } changed files
}: { $suites } ({ $rule })
test-job-flaky = Find out about { $name }
test-job-report = Write reports of the tests of { $name }
test-job-record = Record { $name }
test-not-alone = { $name } can not be run alone by its tool
test-not-alone-hint = Chantier can not select single tests of tape and of tasks in chantier.toml
test-nothing-to-compare = There are no two runs of all tests of one runner
test-nothing-to-report = There are no results to report
test-report-failed = The report could not be made
test-report-title = Test report
test-report-failures = Failures
test-report-slowest = Slowest
test-report-all = All tests
test-badge = tests
test-tab-coverage = Coverage
test-coverage-broken = The coverage file could not be read: { $why }
test-coverage-elsewhere = { $n ->
    [one] The file of the report is not in this workspace: { $path }
   *[other] None of the { $n } files of the report is in this workspace, such as { $path }
}
test-coverage-elsewhere-hint = Make the report for these sources, or import it in their workspace
test-no-coverage = There is no coverage yet
test-no-coverage-hint = Take over a file of lcov, Cobertura or llvm-cov: chantier test coverage import FILE
test-no-plan = There is no test plan “{ $name }”
test-no-plan-case = The plan “{ $plan }” has no case “{ $name }”
test-plan-broken = The test plan “{ $name }” can not be read: { $why }
test-change-new-failure = new failures
test-change-still-failing = still failing
test-change-fixed = fixed
test-change-slower = slower
test-change-faster = faster
test-change-added = added
test-change-gone = gone
test-change-not-run = not run this time
test-verdict-genuine = genuine failure
test-verdict-flaky = flaky
test-verdict-environment = depends on its environment
test-verdict-steady = steady
test-flaky-always = it failed every time, alone, under load and beside the others
test-flaky-alone = alone, with nothing changed, it passed and failed
test-flaky-needs-others = alone it always failed, and not beside the others: it needs something that they leave behind
test-flaky-load = it fails only while the machine is busy
test-flaky-company = it fails only beside the others: they share something
test-flaky-gone = it failed before and not once now
test-flaky-never = it passed every time
test-tries = { $failed } of { $total } failed
test-flaky-verdict = { $name }: { $verdict }
test-flaky-alone-word = Alone
test-flaky-load-word = Under load
test-flaky-company-word = With all others
test-flaky-past-word = Before
test-gate-pass-rate = { $found } % passed, { $wanted } % are asked for ({ $failed ->
    [0] none failed
    [one] 1 failed
   *[other] { $failed } failed
})
test-gate-nothing-ran = no test was run, { $wanted } % asked
test-gate-broken-off = the newest run of { $runners } did not come to its end
test-gate-new-failures = { $n ->
    [0] no new failure
    [one] { $n } new failure
   *[other] { $n } new failures
}
test-gate-coverage = { $found } % of the lines were run, { $wanted } % are asked for
test-gate-coverage-change = { $found } % of the lines were run, { $before } % before
test-gate-coverage-first = { $found } % of the lines were run, and nothing is known of before
test-gate-no-coverage = nothing is known of coverage
test-gate-more = { $n ->
    [0] All other gates are reached
    [1] One more gate is not reached
   *[other] { $n } more gates are not reached
}
test-gate-met = reached
test-gate-not-met = not reached
test-written = Written: { $path }
test-compare-head = Run { $before } and run { $after }
test-n-same = { $n } as before
test-covered = { $percent } % of { $total } lines
test-covered-before = { $percent } % before
test-missed-changed = { $n ->
    [0] no changed line was missed
    [one] { $n } changed line that no test ran
   *[other] { $n } changed lines that no test ran
}
test-tab-failures = Failures
test-tab-compare = Compare
test-col-change = Change
test-col-before = Before
test-col-after = After
test-col-message = Message
test-col-error = Error
test-col-count = Tests
test-col-file = File
test-col-covered = Run by tests
test-col-lines = Lines
test-col-changed = Changed lines
test-col-missed = Not run
test-changed-covered = all run
test-changed-missed = { $n } not run
test-failures-empty = Here stand the failures, grouped by what they say
test-compare-empty = Here stand two runs beside each other: what failed newly, was fixed or became slower
test-compare-newest = Compare the two newest
test-compare-with = Compare with run #{ $run }
test-coverage-empty = Here stands which lines the tests ran
test-coverage-import = Import a coverage file…
test-run-changed = Run what changed
test-n-stale = { $n } stale
test-word-stale = { $word }, stale
test-stale-hint = The sources have changed since this result
test-judge = Is it flaky?
test-flaky-title = Flaky?
test-by-hand = People carry this out
test-plan-expected = Expected: { $words }
test-no-message = Without a message
test-mark-passed = Mark passed
test-mark-failed = Mark failed
test-mark-skipped = Mark skipped
test-tab-slow = Slow and leaking
test-slow-no-times = No test left anything behind, and the tool that ran them tells no times: cargo test says only which of them passed. With cargo-nextest the slowest ones stand here
test-slow-empty = The slowest tests stand here once tests have run, and those that leave processes, files or ports behind
test-col-left = Left behind
test-leaves = leaves { $what } behind
test-left-unknown = This run (which test it was is not known; a test that is run alone is named)
test-left-output = something that keeps its output open
test-left-processes = { $n ->
    [one] one process
   *[other] { $n } processes
}
test-left-files = { $n ->
    [one] one file
   *[other] { $n } files
}
test-left-ports = { $n ->
    [one] one port
   *[other] { $n } ports
}
test-job-debug = Debug { $name }
test-debug = Debug
test-debug-title = Debugger
test-debug-open = Open in a terminal
test-debug-copy = Copy the command
test-debug-install = For example: { $command }
test-no-debugger = No debugger was found: { $name }
test-no-debug = { $name } can not be run by itself, and so can not be debugged
test-run-coverage = Run all with coverage
test-no-coverage-of = { $runner } in { $dir } does not tell which lines it ran
test-coverage-plugin-hint = pip install pytest-cov
test-coverage-import-hint = A file of lcov, Cobertura, llvm-cov, coverage.py or go is taken over: chantier test coverage import FILE
test-plan-twice = There are two test plans that are called “{ $name }”; the TOML file is taken
test-plan-no-cases = The test plan “{ $name }” has no case
test-plan-no-cases-hint = A case is a heading “## [ ] login: Log in” in Markdown, or a [[case]] with id and title in TOML
test-plan-no-tests = No case of the test plan “{ $name }” names a test
test-plan-no-tests-hint = A case names one as test list prints it: test = "cargo/calc tests::adds", or Test: in Markdown
test-job-plan = Run the test plan { $name }
test-plan-run = Run its test
test-plan-run-all = Run the plan’s tests
test-plan-note = Note
test-plan-evidence = Attach a file…
