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
test-runner-failed = { $runner } could not run the tests: { $what }
test-no-sites = No tests were found here
test-no-sites-hint = Chantier knows cargo test, cargo-nextest and pytest, and tasks of kind “test” in chantier.toml that write JUnit files
test-none-found = The run found no tests
test-none-found-hint = Check filters and the names of the test files
test-none-failed = No test failed in its last run
test-none-failed-hint = Run all of them
test-no-such = There is no test “{ $names }”
test-no-such-hint = “chantier test list” names them all
test-several = “{ $name }” means { $n } tests
test-no-run = There is no run { $run }
test-no-pytest = pytest is not installed for this Python
test-no-pytest-hint = Install it: python3 -m pip install pytest, or the package python3-pytest
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
