bisect-job-run = Find the commit that broke { $what }
bisect-job-load = Load searches
bisect-job-forget = Forget a search
bisect-job-look = Look at { $commit }
bisect-broken = The command broke off in a way that says nothing of the commit
bisect-not-before = { $good } does not lead to { $bad }
bisect-not-before-hint = Name a good commit from which the bad one comes
bisect-never-green = The history knows no commit at which { $what } was green
bisect-never-green-hint = Name one with --good
bisect-left = { $n ->
    [one] 1 commit is left
   *[other] { $n } commits are left
}
bisect-bad-is-unclear = { $commit } can not be told: it was skipped there
bisect-bad-is-unclear-hint = Name a commit where it fails with --bad; the code 125 says that a commit can not be told
bisect-bad-is-good = { $commit } does not fail
bisect-bad-is-good-hint = Name a commit that fails with --bad; one that fails seldom wants more --repeats
bisect-flaky = It fails now and then, also at the bad end: one failure counts as bad, { $n } looks were made there
bisect-good-is-bad = { $commit } fails already
bisect-good-is-bad-hint = Name an earlier commit with --good
bisect-unclear = { $n ->
    [one] 1 commit is left that can not be told
   *[other] One of { $n } commits, which can not be told apart
}
bisect-good = good
bisect-bad = bad
bisect-skip = can not be told
bisect-found = { $commit } is the first bad commit: { $summary }
bisect-carried = In releases: { $releases }; in running instances: { $instances }
bisect-counts = { $steps } steps in { $rounds } rounds, { $repeats } looks at ends and again, of { $n } commits
bisect-tab = Bisect
bisect-empty = Searches for the commit that broke something stand here; begin one at a failed run
bisect-state-found = found
bisect-state-unclear = unclear
bisect-state-running = searching
bisect-state-stopped = stopped
bisect-col-question = What fails
bisect-col-range = Range
bisect-col-left = Left
bisect-col-rounds = Rounds
bisect-guilty = First bad
bisect-author = Author
bisect-in-releases = Releases
bisect-in-instances = Instances
bisect-diff = Difference
bisect-one-of = One of these
bisect-stop = Stop
bisect-resume = Go on
bisect-forget = Forget this search
bisect-forget-text = Its verdicts are lost; the next one begins anew
bisect-forget-running = It runs
bisect-looks = Looks
bisect-again = again
bisect-begin = Find the commit that broke it
bisect-new = Search for a guilty commit…
bisect-form-title = Search the commit that broke something
bisect-form-do = Search
bisect-form-kind = What fails
bisect-form-task = Task
bisect-form-test = Test
bisect-form-command = Command
bisect-form-command-note = Exit code 0 is good, 125 can not be told, 128 and more ends the search, others are bad
bisect-form-good = Good commit
bisect-form-good-hint = the last one that the history has green
bisect-form-bad = Bad commit
bisect-form-first-parent = Only along the first parents: merges as a whole
bisect-form-repeats = Further looks at a commit that fails
bisect-form-at-once = Commits at once, 0 is what the cores allow
