# cli
cli-problem = error:
cli-warning = warning:
cli-more = { $n ->
    [one] … and one more line
   *[other] … and { $n } more lines
}
cli-skipped = { $n ->
    [one] … { $n } line is not shown here
   *[other] … { $n } lines are not shown here
}
man-name = NAME
man-synopsis = SYNOPSIS
man-options = OPTIONS
man-commands = COMMANDS
cli-empty = There is nothing here yet
cli-nothing-to-do = Nothing was asked for
cli-nothing-to-do-hint = Name an area and a verb: chantier code status
cli-no-cwd = The current folder can not be found
cli-help-usage = Usage:
cli-help-commands = Commands
cli-help-arguments = Arguments
cli-help-options = Options
cli-help-globals = Options of the whole program
cli-help-help = Print help
cli-help-version = Print version
cli-help-values = [possible values: { $values }]
cli-help-default = [default: { $value }]
cli-help-env = [env: { $name }]
cli-wrong-unknown = There is no argument “{ $arg }”
cli-wrong-verb = There is no command “{ $verb }”
cli-wrong-missing = { $arg } is missing
cli-wrong-no-value = { $arg } wants a value
cli-wrong-value = “{ $value }” is no value for { $arg }
cli-wrong-conflict = { $arg } can not be used with { $other }
cli-wrong-count = { $arg } wants another number of values
cli-wrong-utf8 = An argument is not valid UTF-8
cli-wrong-no-verb = A verb is missing
cli-wrong-path = PATH opens the window; an area takes --workspace
cli-wrong-near = Near: { $near }
cli-wrong-hint = --help says what can be typed here

session-no-runtime = The program's threads could not be started
session-interrupted = { $n ->
    [one] One job was running when the program was ended; it is marked as interrupted
   *[other] { $n } jobs were running when the program was ended; they are marked as interrupted
}
session-workspace-twice = Several workspaces are called “{ $name }”
session-workspace-twice-hint = Name the folder instead
session-no-workspace = There is no workspace “{ $name }”
session-no-workspace-hint = Known are { $names }
cli-no-such-word = Neither a command nor a folder: { $word }
cli-no-such-word-hint = “chantier help” lists the commands, “chantier help AREA” its verbs; “chantier FOLDER” opens the window on a project
cli-bad-recording = This line is no event: { $why }
cli-folder-gone = The folder of this workspace is gone: { $path }
cli-folder-gone-hint = Where it is now it is added with “chantier devops add PATH”
cli-still-stopping = It is still being stopped; Ctrl+C once more ends it at once
cli-lost = What was to be read could not be written
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
tour-change-proof = { $n ->
    [one] git sees { $n } changed file
   *[other] git sees { $n } changed files
}
tour-build-proof = { $name } was built ({ $bytes } bytes, SHA-256 { $sha256 }…) and kept
tour-test-proof = { $n ->
    [one] { $n } test passed, none failed
   *[other] { $n } tests passed, none failed
}
tour-commit-proof = { $commit } names the item { $item }
tour-release-proof = { $version } is tagged { $tag } and has { $n ->
    [one] { $n } artifact with its sum
   *[other] { $n } artifacts with their sums
}
tour-deploy-proof = { $environment } runs { $version }; its { $n ->
    [one] instance answers
   *[other] { $n } instances answer
} and says so itself
tour-broken-proof = { $version } did not become healthy; { $back } was brought back and answers
tour-live-proof = { $n ->
    [one] { $n } instance was seen live
   *[other] { $n } instances were seen live
}, { $samples ->
    [one] { $samples } sample written
   *[other] { $samples } samples written
}
tour-history-proof = { $points } points, { $deployments } deployments and { $executions } executions are remembered
tour-dora-proof = { $n ->
    [one] { $n } deployment to production
   *[other] { $n } deployments to production
}, { $rate } % of them failed, and were mended
tour-thread-proof = From the instance back to { $item }: { $n ->
    [one] { $n } link, not missing
   *[other] { $n } links, none missing
}
tour-stop-proof = Nothing of it runs any more
tour-not-true = The step “{ $step }” is not true
tour-true = Every step is true
tour-kept = The project stands in { $path }
