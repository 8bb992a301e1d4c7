# cli
cli-problem = error:
cli-skipped = … { $n } lines are in the log only
cli-nothing-to-do = Nothing was asked for
cli-nothing-to-do-hint = Name an area and a verb: chantier code status
cli-no-cwd = The current folder can not be found

session-no-runtime = The program's threads could not be started
session-interrupted = { $n ->
    [one] One job was running when the program was ended; it is marked as interrupted
   *[other] { $n } jobs were running when the program was ended; they are marked as interrupted
}
session-workspace-twice = Several workspaces are called “{ $name }”
session-workspace-twice-hint = Name the folder instead
session-no-workspace = There is no workspace “{ $name }”
session-no-workspace-hint = Known are { $names }
cli-bad-recording = This line is no event: { $why }
cli-not-sound = Something is not sound

tour-unpack = Unpack the sample project
tour-item = Plan an item
tour-change = Change the sources
tour-build = Build
tour-test = Run the tests
tour-commit = Commit
tour-release = Release a version
tour-staging = Deploy to staging
tour-production = Deploy to production
tour-broken = Deploy a broken version
tour-live = Watch it live
tour-history = Look at its history
tour-dora = Compute the DORA numbers
tour-thread = Follow the thread
tour-stop = Stop what runs
tour-unpack-proof = { $path } is a clean repository on { $branch }, added and trusted
tour-item-proof = { $item } stands in the plan, in the state “{ $state }”
tour-change-proof = git sees { $n } changed files
tour-build-proof = { $name } was built ({ $bytes } bytes, SHA-256 { $sha256 }…) and kept
tour-test-proof = { $n } tests passed, none failed
tour-commit-proof = { $commit } names the item { $item }
tour-release-proof = { $version } is tagged { $tag } and has { $n } artifacts with their sums
tour-deploy-proof = { $environment } runs { $version }; its { $n ->
    [one] instance answers
   *[other] { $n } instances answer
} and says so itself
tour-broken-proof = { $version } did not become healthy; { $back } was brought back and answers
tour-live-proof = { $n } instances were seen live, { $samples } samples written
tour-history-proof = { $points } points, { $deployments } deployments and { $executions } executions are remembered
tour-dora-proof = { $n } deployments to production, { $rate } % of them failed, and were mended
tour-thread-proof = From the instance back to { $item }: { $n } links, none missing
tour-stop-proof = Nothing of it runs any more
tour-not-true = The step “{ $step }” is not true
tour-true = Every step is true
tour-kept = The project stands in { $path }
