# deploy: rehearsals of the way back
deploy-job-rehearse = Rehearse the rollback of { $environment }
deploy-rehearse = Rehearse the rollback of { $environment }…
deploy-rehearse-now = Rehearse { $version }
deploy-rehearse-short = Rehearse
deploy-rehearse-title = Rehearse a deployment to { $environment } and the way back
deploy-rehearse-text = On a clone with ports, files and data of its own: what runs now is deployed, then the version, and it is taken back; rows and sums of every table are compared. { $environment } is not touched, its data are copied once.
deploy-rehearse-runs = A rehearsal is running
deploy-rehearsal-of = Rehearsal { $from } → { $version } and back, on a clone of { $environment }
deploy-rehearsal-stop = Stop
deploy-rehearsal-clone = Make the clone
deploy-rehearsal-now = Deploy what runs now
deploy-rehearsal-next = Deploy the next version
deploy-rehearsal-bear = Return to it with the changed data
deploy-rehearsal-back = Return with the data put back
deploy-rehearsal-compare = Compare the data
deploy-rehearsal-remove = Remove the clone
deploy-rehearsal-note-clone = Files and ports of its own
deploy-rehearsal-note-removed = Nothing of it is left
deploy-rehearsal-deployments = Deployments on the clone, for `deploy show`: { $ids }
deploy-rehearsal-col-table = Table
deploy-rehearsal-rows-before = before
deploy-rehearsal-rows-between = between
deploy-rehearsal-rows-after = after
deploy-rehearsal-same-rows = same
deploy-rehearsal-own-rows = the version writes to it whenever it runs
deploy-rehearsal-other-rows = other than before
deploy-fact-rollback = Rollback
deploy-proven = Rollback { $version } → { $from } proven { $ago }
deploy-proven-failed = Rollback { $version } → { $from } failed in the rehearsal { $ago }
deploy-proven-stale = Rollback unproven; { $version } → { $from } was proven { $ago }
deploy-proven-short = proven { $ago }
deploy-proven-failed-short = failed { $ago }
deploy-unproven-short = unproven
deploy-unproven = Rollback unproven
deploy-rehearsal-nothing = Nothing runs in { $environment } that one could return to
deploy-rehearsal-nothing-hint = Deploy a version first; the next one can be rehearsed
deploy-rehearsal-itself = { $version } is what runs in { $environment }
deploy-rehearsal-itself-hint = Name the version that shall come next, or give --built
deploy-rehearsal-interrupted = The program that rehearsed was ended; its clone was removed
deploy-rehearsal-failed-hint = It failed on a clone; { $environment } was not touched
deploy-rehearsal-differs = { $n ->
    [one] After the return to { $version } one table is not what it was
   *[other] After the return to { $version } { $n } tables are not what they were
}
deploy-rehearsal-same = The copy of the data would be the data themselves
deploy-rehearsal-ssh = { $environment } can not be cloned: the unit and the release folders on { $host } are there once
deploy-rehearsal-compose = { $environment } can not be cloned: a compose project brings volumes, networks and ports of its own that a second one would share
deploy-rehearsal-swarm = { $environment } can not be cloned: a second service beside it would share its volumes, networks and port
deploy-rehearsal-far = { $environment } can not be cloned: its containers run on { $host }, where nobody looks for free ports
deploy-rehearsal-docker-data = { $environment } can not be cloned: how a container reaches its database is not known here
deploy-rehearsal-docker-shared = { $environment } can not be cloned: its containers share { $what }, which the clone would share with them
deploy-rehearsal-cannot-hint = Local processes, with SQLite or PostgreSQL, and containers without volumes can be rehearsed
deploy-rehearsal-port = A clone would use the port { $port } of the environment itself: { $place } names it
deploy-rehearsal-port-hint = Write {"{port}"} instead of the number in chantier.toml, and deploy that once
deploy-rehearsal-data = A clone would reach the data or the folder of the environment itself: { $place } names them
deploy-rehearsal-data-hint = Write {"{database}"} or a relative path in chantier.toml, and deploy that once; instances find PostgreSQL by PGHOST, PGDATABASE and the like
deploy-rehearsal-moved = What runs keeps its data in { $before }, the next version in { $after }: that can not be rehearsed
deploy-rehearsal-large = { $path } has no history and holds { $bytes } MB: it is not copied
deploy-rehearsal-large-hint = Make it a git repository: then only the files of the commit are taken
deploy-rehearsal-createdb-hint = The clone gets a database of its own: the role needs CREATEDB

# deploy: what is lost
deploy-job-rebuild = Recover what is lost in { $environment }
deploy-rebuild = Recover what is lost in { $environment }…
deploy-rebuild-title = Recover { $environment }
deploy-rebuild-now = Recover
deploy-rebuild-text = Instances that do not run any more are started again in { $version }, the gates judge them, and they get requests. What runs is left alone, and so are the data.
deploy-rebuild-note-missing = { $n ->
    [one] One instance is missing
   *[other] { $n } instances are missing
}
deploy-rebuild-silent = It is not known whether { $instance } runs: nobody answers there
deploy-rebuild-silent-hint = Nothing was assumed and nothing was started; try again when it answers
deploy-rebuild-other = { $environment } should run { $version }, not { $other }
deploy-rebuild-other-hint = To change the version, deploy it: `chantier deploy run`
deploy-rebuild-nothing = Nothing should run in { $environment }: it was stopped, or never held a version
deploy-rebuild-nothing-hint = `chantier deploy run { $environment }` starts a version there
deploy-rebuild-unknown = The journal does not know what ran in { $environment }
deploy-rebuild-unknown-hint = No files of a version with a tag are kept here either: build and release one, then deploy it
deploy-rebuild-choose-hint = Say which version shall run: --release, one of { $versions }
deploy-rebuilt = { $version } runs in { $environment } again: { $n ->
    [one] one instance was started
   *[other] { $n } instances were started
}
deploy-rebuilt-nothing = { $version } runs in { $environment }; nothing was missing
deploy-rebuilt-routed = { $version } runs in { $environment }; the requests go to it again
deploy-rebuilt-files = The journal did not know { $version }: it was taken from the files that are kept of it
