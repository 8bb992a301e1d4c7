# devops
devops-job-thread = Look up the thread

devops-project-broken = chantier.toml: { $why }
devops-project-not-a-list = chantier.toml: this section is a list
devops-project-not-a-list-hint = Write its head in double brackets: [[task]]
devops-project-twice = chantier.toml: “{ $name }” stands there twice; the first one counts
devops-project-unknown = chantier.toml: there is no section “{ $name }”
devops-project-unknown-hint = The sections are { $names }
devops-project-outside = chantier.toml: the artifact “{ $name }” lies outside the workspace
devops-project-empty-run = chantier.toml: “{ $name }” has nothing to run
devops-project-missing = chantier.toml: there is no { $kind } “{ $name }”
devops-project-word = “{ $word }” in braces is not a word that is known here
devops-project-word-hint = Known here are { $words }

devops-job-load = Load the workspaces
devops-job-add = Add { $path }
devops-job-remove = Remove { $name } from the list
devops-job-trust = Trust { $name }
devops-job-distrust = Stop trusting { $name }
devops-job-scan = Look for projects
devops-job-board = Refresh the board
devops-job-machine = Inspect this machine
devops-job-runs = List the runs
devops-job-run = Read a run
devops-job-again = Run { $run } again
devops-job-sample = Unpack the sample project into { $path }
devops-job-sample-change = Make the change “{ $name }” in the sample project

devops-board-failed = The workspace could not be read
devops-machine-failed = The machine could not be inspected
devops-not-a-folder = { $path } is not a folder
devops-no-roots = There is no folder to look in
devops-no-roots-hint = Name one, or set the roots in Configuration
devops-no-run = There is no run { $run }
devops-run-no-program = The run { $run } started no program
devops-sample-broken = The sample project inside the program is damaged
devops-sample-no-change = The sample project has no change “{ $name }”
devops-sample-not-empty = { $path } is not empty
devops-sample-not-empty-hint = Name a new folder for the sample project
devops-problem-build = { $task } failed
devops-problem-tests = { $n ->
    [one] One test fails
   *[other] { $n } tests fail
}
devops-problem-deployment = The deployment of { $version } to { $environment } failed
devops-problem-instance = { $name } has died
devops-problem-conflicts = There are conflicts to resolve
devops-no-target = “{ $text }” names nothing
devops-no-target-hint = Write item:ID, commit:OID, run:N, release:V, environment:NAME or instance:N
devops-untrusted = not trusted
devops-trust-changed = changed since it was trusted
