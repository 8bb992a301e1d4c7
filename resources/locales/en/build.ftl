# Build
build-job-refresh = Look up tasks and runs
build-job-build = Build { $name }
build-job-run = { $task } in { $name }
build-job-show = Look up a run

build-failed = { $task } failed
build-no-such-task = There is no task “{ $name }”
build-nothing-to-build = Nothing here says how it is built
build-no-tasks-hint = Add a [[task]] to chantier.toml, or open a folder with Cargo.toml, package.json or a Makefile
build-tasks-hint = There are { $names }
build-no-run = There is no build { $run }
build-manifest-broken = { $file }: { $why }
build-artifact-missing = The build did not make the artifact “{ $name }” at { $path }
build-artifact-missing-hint = Correct its path in chantier.toml

build-hint-explain = rustc --explain { $code } tells more
build-hint-disk = The disk is full: free space, then run it again
build-hint-linker = Install the linker { $linker } (on Debian and Ubuntu: apt install build-essential)
build-hint-component = Install it: rustup component add { $name }
build-hint-command = Install “{ $name }”, or correct its name
build-hint-library = Install the development files of the library { $name }
build-hint-header = Install the package that contains { $file }, or add its folder with -I
build-hint-locked = Cargo.lock does not fit Cargo.toml: run cargo update --workspace, or leave out --locked
build-hint-tab = Lines of a recipe begin with a tab, not with spaces
build-hint-no-rule = The makefile has no rule for “{ $name }”: correct the name, or create the file
build-hint-no-script = package.json has no script “{ $name }”
build-hint-module = Install the dependencies: npm install ({ $name } is missing)
build-hint-network = The network could not be reached; what is needed may have to be fetched once while online
build-hint-fmt = Run cargo fmt
build-hint-permission = Check the owner and the permission bits of what it could not open

build-counts = { $errors ->
    [0] no errors
    [one] { $errors } error
   *[other] { $errors } errors
}, { $warnings ->
    [0] no warnings
    [one] { $warnings } warning
   *[other] { $warnings } warnings
}
build-line-started = { $task }
