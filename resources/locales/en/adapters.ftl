# adapters

# The store
store-io = { $path } can not be read or written
store-io-hint = Check the folder's owner, rights and disk, then try again
store-damaged = The ledger's file is damaged
store-row-damaged = A row of the ledger is damaged ({ $table } { $key })
store-rows-damaged = { $n ->
    [one] One row of the ledger is damaged and left out
   *[other] { $n } rows of the ledger are damaged and left out
}
store-doctor-hint = Run “chantier doctor --read-data” to see what is damaged and what can be done
store-newer = { $path } was written by a newer Chantier (format { $found }, this one knows { $known }); it is left as it is
store-newer-hint = Start the newer Chantier, or choose another folder with --home
store-missing = There is no { $table } { $key }
store-damaged-in-use = { $path } is damaged and another Chantier has it open
store-damaged-in-use-hint = End the other Chantier, then start again: the damaged file is then put aside
store-closed = The ledger is closed
store-panicked = A write to the ledger ended by a fault of the program
store-full = The disk is full: the ledger could not be written
store-full-hint = Make space; everything that was confirmed before is kept, and the next write goes on
store-busy = Another program keeps the ledger busy
store-busy-hint = Try again; if it lasts, see which program has the file open
store-unwritable = The ledger can not be opened for writing
store-disk-error = The disk reported an error: the last write to the ledger was not confirmed
store-internal = The ledger refused a statement
store-put-aside = { $file } was damaged. It is kept as { $path }; { $saved ->
    [one] one sound row was
   *[other] { $saved } sound rows were
} taken over into a new one
store-put-aside-hint = Nothing wrong was taken over; what is missing can still be looked for in the kept file
store-memory-only = { $path } can not be written: this session is kept in memory only and forgotten at the end
store-forgets = What is done here must be written down first, and the ledger can not be written
store-memory-only-hint = Make the folder writable or free some space, or choose another one with --home
store-lock-lost = The lock of { $environment } is no longer held by this program
git-not-a-repository = Not in a git repository: { $path }
git-not-a-repository-hint = Make one with `chantier code init`, choose another folder, or name a repository below this one with --repo
git-other-owner = This repository belongs to another user: { $path }
git-other-owner-hint = If you trust its owner, run: git config --global --add safe.directory '{ $path }'
git-nested-bare = A bare repository stands among the files of a checkout, and its settings are not trusted: { $path }
git-nested-bare-hint = Open the checkout itself, or move the bare repository out of it
git-bare = A bare repository has no files to change: { $path }
git-worktree-elsewhere = The repository's settings say that its files are elsewhere: { $path }
git-worktree-elsewhere-hint = Look at core.worktree in its configuration, or open that folder
git-plan-moved = { $branch } is not what this plan was read from: commits came or went since, or another branch is checked out
git-plan-moved-hint = Nothing was changed; read the plan again
git-worktree-moved = This worktree was at { $path } when git last looked
git-worktree-moved-hint = Type “git worktree repair” here: git then knows where it is now
git-corrupt-index = The index of this repository can not be read
git-corrupt-index-hint = Move .git/index away and run `git reset`: files keep their content, what was staged has to be staged again
git-no-such-revision = No commit, branch or tag is called { $name }
git-cut-off-hint = The history of this clone is cut off; git fetch --unshallow brings the rest
git-disk-full = There is no room left on the file system of { $path }
git-undo-in-part = { $n ->
    [one] One step was done before this one; with --force this one is done too
   *[other] { $n } steps were done before this one; with --force this one is done too
}
git-disk-full-hint = Make room and do it again: what could not be written was not changed
git-filter-failed = A filter program that this repository asks for is missing or failed
git-tracked = { $path } is tracked: ignoring it would change nothing
git-tracked-hint = Take it out of git first: git rm --cached
git-filter-failed-hint = Install it (for large files: git-lfs), or see what it said
git-no-commit-yet = There is no commit yet
git-no-commit-yet-hint = Stage something and commit it
git-no-upstream = The branch { $name } follows no other branch
git-no-upstream-hint = Name the commit below, like HEAD~3, or where to put the commits with --onto
git-nothing-stashed = Nothing is stashed
git-no-such-stash = There is no stash { $name }
git-no-such-stash-hint = chantier code stash list shows their numbers
git-no-such-hunk = { $path } has { $n ->
    [one] one hunk
   *[other] { $n } hunks
}: there is no hunk { $hunk }
git-tag-not-signed = The tag could not be signed
git-tag-not-signed-hint = Look at user.signingKey and the agent, or make the tag without a signature
git-switch-stash-hint = Commit, stash or discard these changes first; chantier code switch --stash takes them along
git-no-such-path = There is no file { $path }, and git knows none
git-bad-expression = The expression is not one that git can read
git-no-such-change = Nothing changed at { $path }
git-changed-meanwhile-hint = It may have changed since it was shown: look at it again
git-no-such-line = Line { $line } of { $path } did not change
git-no-such-line-hint = Lines are counted as the difference shows them: added ones on the new side, removed ones on the old side
git-no-lines = { $path } has no lines that could be taken alone
git-no-lines-hint = Take the whole file
git-denied = Reading the repository was not permitted
git-unreadable = The repository can not be read
git-other-refs = Branches and tags of this repository are kept as reftable, which Chantier does not read
git-other-refs-hint = git refs migrate --ref-format=files keeps them as files and loses nothing (git 2.46 and later)
git-other-ids = Commits of this repository have SHA-256 ids, which Chantier does not read
git-other-ids-hint = git init ../copy && git fast-export --all | git -C ../copy fast-import makes a copy with the usual ids and the whole history
git-file-failed = Could not be read or written: { $path }


process-missing = { $program } is not installed
process-missing-hint = Install it, or say where it is: chantier config set tools.paths.{ $program } /PATH
process-install-hint = Install it
process-missing-tool = tools.paths.{ $name } in the settings names { $path }, which is not there
process-missing-tool-hint = Correct it, or let it be searched for again: chantier config reset tools.paths.{ $name }
process-relative = { $program } is a relative path
process-relative-hint = Name the program alone, or give its absolute path
process-lines-cut = { $lines ->
    [one] A line of the output is longer than { $max } KiB: { $bytes } bytes of it were left out
   *[other] { $lines } lines of the output are longer than { $max } KiB: { $bytes } bytes of them were left out
}
process-lines-cut-hint = The log marks the places: … (+bytes B). What is needed whole can be written to a file by the program itself
process-not-executable = { $program } can not be run
process-not-executable-hint = It is not a file that may be executed; check its permissions
process-no-interpreter = { $program } needs { $interpreter }, which is not there
process-argv-too-long = The arguments are too long: { $size } bytes
process-argv-too-long-hint = Name fewer files at once, or hand them over in a file
process-bad-folder = { $path } is not a folder
process-bad-folder-hint = It may have been moved or removed; refresh the workspace
process-spawn = { $program } could not be started
process-log = The log { $path } can not be written
process-exit-code = { $program } ended with code { $code }
process-exit-signal = { $program } was ended by { $signal }
process-exit-killed-hint = Somebody killed it, or the machine ran out of memory
process-timed-out = { $program } took too long and was ended after { $secs } s{ $killed ->
    [1] , by force
   *[other] {""}
}
process-memory-limit = { $program } needed more memory than its limit and was ended

trust-never = { $name } is not trusted yet: its programs may not run
trust-replaced = Another folder stands where { $name } was, or it has another owner
trust-changed = Files of { $name } that name commands have changed since you trusted it
trust-hint = Look at what it runs, then trust it in the DevOps page or with --trust
trust-broken = The list of trusted workspaces is broken: { $path }
trust-broken-hint = Correct the file or remove it; nothing is trusted until then

git-program-missing = git is not installed
git-program-odd-version = git does not say its version
git-program-too-much = git answered with more than { $limit } bytes
git-program-untrusted-network = The workspace is not trusted: git may not talk to other machines for it
git-program-odd-driver = The repository's configuration names a program in a way that can not be switched off
git-program-locked-by = The repository is in use by { $holder }
git-program-locked = The repository is locked, but no program that holds the lock was found
git-program-locked-hint = If no git is running, remove { $path }
git-program-other-owner = { $path } belongs to another user
git-program-other-owner-hint = If you trust it, add it to safe.directory in git's configuration
git-program-no-repository = { $path } is not a git repository
git-program-bare = { $path } holds a bare repository, which could run programs
git-program-host-changed = The key of the other machine is not the one that is known
git-program-host-changed-hint = Somebody may stand in between. Only if its owner confirms the new fingerprint, forget the old key with ssh-keygen -R, then connect once with ssh in a terminal
git-program-host-unknown = The key of the other machine is not known yet
git-program-host-unknown-hint = Connect to it once with ssh in a terminal and compare the fingerprint with its owner’s, then try again
git-program-host-key = The key of { $host } is not known yet: { $kind } { $fingerprint }
git-program-host-key-hint = Compare the fingerprint with the one its owner publishes. If it is the same, accept it where the window asks, or do this again with --accept-host { $fingerprint }
git-program-no-fingerprint = { $text } is not a fingerprint
git-program-no-access = The other side asks for credentials that are not there
git-program-no-access-hint = Set up an ssh key or a credential helper, then try again in a terminal

files-missing = { $path } does not exist
files-denied = { $path }: permission denied
files-denied-hint = Check the owner and the permissions
files-unreadable = { $path } can not be read
files-exists = { $path } exists already
files-exists-hint = Choose another name; on the command line --force writes over it
files-unwritable = { $path } can not be written
files-not-a-file = { $path } is not a file
files-too-large = { $path } is larger than { $limit } bytes
files-not-utf8 = { $path } is not UTF-8 text
files-disk-full = The disk is full: { $path } was not written
files-disk-full-hint = Make space and try again; the old content is whole
files-read-only = { $path } stands on a read-only file system
files-read-only-hint = Choose another folder, or --home
files-leads-out = { $path } leads out of { $root }
files-leads-out-hint = A link or a .. on the way points outside; nothing was done
files-turn = Another program is changing files in { $path }
files-turn-hint = Try again; a chantier that stands still may have to be ended first
files-no-home = There is no home folder for this user
files-no-home-hint = Set HOME, or give a folder with --home
files-home-other-hint = Make it writable, or give another folder with --home
files-home-unusable = Chantier can not write in { $path } { $why ->
    [read-only] (its file system is read-only)
    [denied] (permission is denied)
    [disk-full] (the disk is full)
   *[other] (it can not be made)
}
store-log-missing = The log of { $job } is not there
store-log-missing-hint = It was freed to keep the budget of logs, or removed by hand
store-log-damaged = The log { $path } is damaged
store-log-full = The disk is full: the log { $path } is not complete
store-log-full-hint = The job itself is not hurt; make space for the next one
store-log-writer-gone = The writer of logs has ended

# The settings file
settings-io = The settings file { $path } can not be read or written
settings-syntax = { $path }, line { $line }: this is not TOML
settings-syntax-hint = The line is left out, everything else is in force
settings-repair-first-hint = Repair the line in an editor first; the file is left as it is
settings-unknown-key = The settings file has a key that is not known: { $key }
settings-unknown-key-hint = It is kept in the file and has no effect
settings-no-such-key = There is no setting { $key }
settings-list-hint = “chantier config list” shows every setting
settings-did-you-mean = Did you mean { $key }?
settings-wrong-value = This is no value for { $key }
settings-relative = { $key } wants whole paths; { $path } is none
settings-ignored-hint = It has no effect
settings-default-hint = The default { $default } is in force
settings-limits = { $key } must lie between { $least } and { $greatest }
settings-nearest-hint = The nearest allowed value is in force

# The doctor
doctor-ok = sound
doctor-unknown = not known
doctor-folder = Data folder { $path }
doctor-folder-missing = not there yet
doctor-folder-no-folder = is not a folder
doctor-folder-read-only = nothing can be written there
doctor-folder-open = others can look into it (mode { $mode })
doctor-folder-open-hint = Set its mode to 700
doctor-disk = Free space
doctor-disk-free = { $mb } MB
doctor-format = Format of { $file }
doctor-no-file = not there yet
doctor-format-old = version { $found }, the newest is { $known }
doctor-format-old-hint = The next start of Chantier brings it up to date, after a copy
doctor-structure = Structure of { $file }
doctor-damaged = damaged
doctor-damaged-hint = Start Chantier once: what is sound is taken over into a new file, the damaged one is kept
doctor-rows = Every row of { $file }
doctor-rows-ok = { $n ->
    [one] one row read
   *[other] { $n } rows read
}
doctor-rows-hint = Damaged rows are left out everywhere; everything else can be used
doctor-audit = Chain of the audit log
doctor-audit-ok = { $n ->
    [one] one entry, unbroken
   *[other] { $n } entries, unbroken
}
doctor-audit-broken = broken at entry { $n }
doctor-audit-hint = An entry was changed or removed outside Chantier, or the disk damaged it
doctor-logs = Logs that the ledger names
doctor-logs-ok = { $n ->
    [one] one log, there
   *[other] { $n } logs, all there
}
doctor-logs-missing = { $n ->
    [one] one is missing or damaged
   *[other] { $n } are missing or damaged
}
doctor-logs-hint = The runs themselves are remembered; only their output is lost
doctor-kept = Artifacts and files of releases
doctor-kept-ok = { $n ->
    [one] one file, there
   *[other] { $n } files, all there
}
doctor-kept-read = { $n ->
    [one] one file, unchanged
   *[other] { $n } files, all unchanged
}
doctor-kept-wrong = { $n ->
    [one] one is missing or changed
   *[other] { $n } are missing or changed
}
doctor-kept-hint = They can not be deployed or gone back to; bring them back from a copy, or build and release again
doctor-trust = Trust in workspaces
doctor-trust-ok = { $n ->
    [one] one workspace
   *[other] { $n } workspaces
}
doctor-tools = Programs that the settings name, and git
doctor-locks = Locks and leases of programs that are gone
doctor-jobs = Runs whose program is gone
doctor-instances = Instances whose process is gone
doctor-deployments = Deployments that stand half-way
doctor-deployments-hint = Open Deploy, or run “chantier deploy recover”, to finish it or roll it back
doctor-orphans = Processes that a killed program had started
doctor-processes = Processes of instances that were ended
doctor-processes-hint = End the process by hand, or adopt it in Operate
doctor-left = { $n } found
doctor-repair-hint = “chantier doctor --repair” clears this
doctor-half-written = Half-written files
doctor-removed = { $n } removed
doctor-put-aside = Damaged files that were kept
git-outside-checkout = Not a file below the top of the checkout, or behind a link: { $path }
git-not-a-file = Not a plain file: { $path }
git-not-a-file-hint = Submodules, repositories inside and special files are left alone: do this by hand
git-too-large-to-keep = Too large to be kept for an undo: { $path }
git-too-large-to-keep-hint = Remove it by hand, or ignore it
git-conflicted = In conflict: { $path }
git-conflicted-hint = Resolve the conflict and stage the file
git-filtered = A filter changes the content between the index and the file: { $path }
git-filtered-hint = Do this with the whole file
git-taken-back = Entry { $id } was taken back already
git-taken-back-hint = Do it again with: chantier code redo --entry { $id }
git-not-taken-back = Entry { $id } was not taken back
git-not-taken-back-hint = Take it back with: chantier code undo --entry { $id }
git-other-than-remote = { $branch } here is another commit than { $remote }
git-other-than-remote-hint = Go to { $branch } and pull, or look at { $remote } as a commit: chantier code switch refs/remotes/{ $remote }
git-outside-sparse = These files are outside of the sparse checkout
git-outside-sparse-hint = Add their folder to it first: git sparse-checkout add FOLDER
git-act-upstream-gone = The branch that this one follows is gone from the remote
git-act-upstream-gone-hint = Push this branch anew, or choose another upstream
git-is-submodule = { $path } is a submodule
git-is-submodule-hint = Bring it to the commit that is staged with: chantier code submodule update { $path }
git-act-unstaged-left = Files are changed and not staged
git-act-unstaged-left-hint = Amend the commit with them, stage them, or discard them; then continue
git-edited-meanwhile = { $path } was edited since git wrote its marks; what was edited would be lost
git-edited-meanwhile-hint = Mark it as resolved as it is, or take the blocks all the same (--force)
git-act-push-refused = The hook { $hook } refused the push
git-act-hook-refused = The hook { $hook } refused it
git-act-merge-hook-hint = The merge waits: mend what the hook says, then continue, or abort it
git-act-exec-failed = { $command } failed
git-act-exec-failed-hint = The rebase waits there: mend it and continue, or abort
git-act-name-taken = There is a branch { $name }, and no other can have a part of its name as its own
git-stash-untracked-hint = It is not tracked: stash it with --include-untracked
git-no-such-undo = There is no undo entry { $id }
git-went-on = { $n ->
    [one] Changed since then: { $first }
   *[other] { $n } things changed since then, { $first } first
}
git-went-on-hint = Take back the newer steps first, or take it anyway: what stands there now is kept
git-nothing-to-undo = Nothing is left to be taken back
git-nothing-to-redo = Nothing is there to be done again
git-nothing-to-redo-hint = What was taken back before the newest step can still be done again by its number
git-untrusted = Changing a repository runs what it names, and this workspace is not trusted: { $path }
git-bad-branch-name = Not a name for a branch: { $name }
git-bad-branch-name-hint = Letters, digits, dashes and slashes do; no spaces, no “..”, no end in “.lock”
git-branch-exists = There is a branch of that name: { $name }
git-branch-elsewhere = Another worktree has checked out { $name }
git-switch-overwrites = { $n ->
    [one] Switching to { $name } would overwrite changes in one file
   *[other] Switching to { $name } would overwrite changes in { $n } files
}
git-switch-overwrites-hint = Commit or discard these changes first

http-bad-address = Not an address: { $text }
http-no-such-host = No such host
http-refused = Nobody listens
http-timed-out = No answer within { $after } ms
tls-ended = The certificate ended on { $date }, { $days ->
    [one] { $days } day
   *[other] { $days } days
} ago
tls-not-yet = The certificate is not good before { $date }
tls-by-self = The certificate is signed by itself; where it is yours, name it as ca
tls-unknown-issuer = The certificate is signed by nobody whom this machine knows; the one who signed it can be named as ca
tls-other-name = The certificate is for { $names }, not for { $asked }
tls-not-spoken = No TLS is spoken at this port
http-closed = Closes the connection without an answer
http-tls = No secure connection: { $why }
http-other = { $why }
deliver-failed = Could not read or write { $path }
deliver-full-hint = The disk is full; free some space
deliver-no-file = Not a plain file: { $path }
desktop-not-a-web-link = Only links to web pages are opened
desktop-no-browser = { $url } could not be opened in a browser
desktop-no-browser-hint = Set a default browser, or copy the link
watch-limit = { $path } has more than { $limit } folders to watch, which is this program’s share of the system’s watches: it is looked at every { $secs } seconds instead
watch-limit-hint = Raise fs.inotify.max_user_watches, or ignore folders with many files

# The container engine
docker-away = There is no container engine on this machine
docker-away-at = There is no container engine where { $host } points to
docker-away-at-hint = Without DOCKER_HOST and DOCKER_CONTEXT the engine of this machine is asked; docker context ls lists the others
docker-unsupported = The container engine at { $what } can not be spoken to
docker-unsupported-hint = Unix sockets and plain tcp:// are supported; for ssh:// and TLS open a tunnel to its socket and set DOCKER_HOST=unix://…
docker-broken = The container engine gives no useful answer
docker-silent = The container engine does not answer within { $secs } s
docker-broken-hint = Look whether its service runs; what was known of its containers is shown as unknown
docker-gone = The container is not there any more
git-no-such-file = There is no file { $path } in this commit
git-too-large-to-blame = The file is too large to be blamed: { $bytes } bytes

editor-none = No editor is set
editor-none-hint = Set one in Configuration, General, Editor: code --goto {"{"}file{"}"}:{"{"}line{"}"}, or VISUAL in your environment
editor-needs-terminal = { $name } needs a terminal, and no terminal program was found
editor-needs-terminal-hint = Type in a terminal: { $command }
editor-no-file = There is no file { $path }
editor-failed = The editor ended at once: { $command }
git-nothing-to-stash = There is no change to stash
git-stash-overwrites = { $n ->
    [one] A change of one file is in the way of the stash
   *[other] Changes of { $n } files are in the way of the stash
}
git-stash-branch-exists = A branch of that name exists
git-stash-conflicts = The stash is in conflict with the files; it was kept
git-stash-conflicts-hint = Resolve the conflicts, or take the step back
docker-refused = The container engine refuses
docker-ignore-bad = .dockerignore: { $pattern } is no pattern
docker-ignore-bad-hint = Put a backslash before a character that shall stand for itself
docker-reaches-out = This container would reach out of its box: { $what }
docker-reaches-out-hint = Leave it out, or say that it is wanted (--allow-host on the command line)
docker-bad-restart = { $word } is no restart policy: no, on-failure, always or unless-stopped
docker-no-image = There is no image { $image } on this machine
docker-no-image-hint = Build, load or import it first; nothing is pulled behind your back
docker-bad-port = { $port } is no port to publish
docker-bad-port-hint = Write 8080:80, 127.0.0.1:8080:80/tcp, or 80 for a free port of this machine
docker-kind-container = Container
docker-kind-image = Image
docker-kind-volume = Volume
docker-kind-network = Network
docker-kind-build-cache = Build cache

deb-wrong = The Debian package can not have this { $what }: { $value }
deb-wrong-hint = Set release.deb.{ $what } in chantier.toml. A package’s name is of a-z, 0-9, +, - and .; a maintainer is written NAME <ADDRESS>.
deb-no-file = There is no file { $path } for the Debian package
deb-no-file-hint = release.deb.files names files of the repository: where they are put = where they stand.
deb-unread = A file of the Debian package could not be read
sign-key-wrong = The key { $path } can not sign
sign-key-wrong-hint = It must be a secret key of minisign; minisign -G makes one.
secrets-not-masked-hint = What the secrets hold can not be hidden in what is shown and kept until that folder can be read
sign-password-wrong = The password does not open the key { $path }
sign-password-wrong-hint = Set it anew: “chantier config secret set NAME” with the name that release.sign_password says
sign-key-inside = The key { $path } is not outside of the repository
sign-key-inside-hint = Write an absolute path, or one that begins with ~/: a secret has no place in a repository.
sign-password-missing = The key { $path } wants a password
sign-password-missing-hint = Set the variable { $variable }, or use a key without one (minisign -G -W).
sign-public-wrong = The public key is none of minisign’s
sign-public-wrong-hint = release.public_key in chantier.toml is the second line of the .pub file; it begins with RW.
sign-bad = The signature is not good
sign-missing = The version is not signed
sign-missing-hint = The project wants signatures (release.public_key): make a version with release.sign_key set.
sign-not-listed = The signed sums do not name { $name } as it was recorded

# Other machines
ssh-nul = What shall be done on { $host } holds a character that no program can be given
ssh-bad-host = { $host } is not the name of a machine
ssh-bad-host-hint = Write target.host as the user’s own ssh knows it: a name of ~/.ssh/config, or a host, or user@host
ssh-host-changed = The key of { $host } is not the one that is known
ssh-host-unknown = The key of { $host } is not known yet
ssh-host-key = The key of { $host } is not known yet: { $kind } { $fingerprint }
ssh-host-key-hint = Compare the fingerprint with the one its owner publishes. If it is the same, connect once with ssh { $host } in a terminal and accept it there
ssh-no-access = { $host } does not let us in
ssh-no-access-hint = Chantier uses your own ssh without asking for passwords: ssh -o BatchMode=yes { $host } true must work in a terminal
ssh-unreachable = { $host } can not be reached
ssh-unreachable-hint = Look whether ssh { $host } works in a terminal. What runs there is not known until it answers again
ssh-lost = The connection to { $host } broke
ssh-slow = { $host } did not answer in time
ssh-no-root = { $host } does not let Chantier install a unit there
ssh-no-root-hint = Log in as root, or let the user of ssh { $host } run sudo without a password: sudo -n true must work there
ssh-disk-full = The disk of { $host } is full
ssh-disk-full-hint = Make space there, or keep fewer releases (target.keep), then try again
ssh-failed = A command failed on { $host }
ssh-file-differs = { $path } on { $host } is not what it must be
ssh-file-differs-hint = Run “chantier recover { $environment }”: it brings the files back as they were deployed
ssh-no-systemd = { $host } does not run systemd
ssh-read-only = { $path } on { $host } can not be written
ssh-foreign = { $path } on { $host } belongs to something else
ssh-foreign-hint = Choose another target.dir or target.unit, or remove there by hand what stands in the way
ssh-port-taken = Port { $port } of { $host } is taken by another program
ssh-port-taken-hint = See which one with ssh { $host } ss -ltnp, and stop it or choose another target.port than { $port }
ssh-not-started = { $unit } does not start on { $host }
ssh-not-stopped = { $unit } does not stop on { $host }
ssh-runs-other = { $unit } on { $host } runs something else than what was asked for
ssh-bad-folder = { $path } can not be the folder of a deployment
ssh-bad-folder-hint = Write an absolute path of at least two names, like /opt/app
ssh-bad-unit = { $name } is not the name of a unit
ssh-bad-unit-hint = Letters, digits, hyphens, dots and underscores: app, or app.service
ssh-bad-user = { $name } is not the name of a user
ssh-bad-setting = The setting { $name } can not be given to a unit
ssh-bad-word = A word of target.run can not be given to systemd: { $text }
ssh-late = Somebody else changes { $host } at the same time

proxy-no-backend = HAProxy has no backend { $backend }
proxy-not-set = HAProxy did not take what was set for the server { $server }
proxy-not-set-hint = Look at what it said; somebody else may set the same server
proxy-away = HAProxy does not answer at { $socket }
proxy-away-hint = Start it, or look at its “stats socket” line
proxy-not-admin = HAProxy lets nobody change its servers there
proxy-not-admin-hint = Its “stats socket” line needs “level admin”
proxy-bad-name = Not a name for HAProxy: { $name }

# database
database-failed = The database { $database } did not do what it was asked
database-in-use = Somebody uses the database { $database }
database-in-use-hint = End the program that has it open, then try again
database-broken = The database { $database } is damaged
database-backup-gone = The copy of the data is gone: { $path }
database-backup-changed = The copy of the data was changed: { $path }
database-no-way-back = The data of { $database } could not be put back, so nothing of them is changed
database-no-way-back-hint = Give the role what the message names, such as the ownership of those objects; or leave “database” out and migrate by a task of your own
database-differs = { $database } is not what it was after the copy was put back
database-secret-form = A password is named by where it is
database-secret-form-hint = Write password = "secret:NAME" or "env:NAME"
database-secret-missing = The variable { $name } with the password of the database is not set
database-secret-missing-hint = Set { $name } where Chantier is started

# Services
systemd-refused = The service manager ({ $manager }) did not do it
doctor-settings = Settings ({ $path })
doctor-settings-good = every line is in force
doctor-setting = Settings, line { $line }
settings-import-hint = Nothing of the file was taken over
