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
store-put-aside = The ledger was damaged. It is kept as { $path }; { $saved ->
    [one] one sound row was
   *[other] { $saved } sound rows were
} taken over into a new one
store-put-aside-hint = Nothing wrong was taken over; what is missing can still be looked for in the kept file
store-memory-only = { $path } can not be written: this session is kept in memory only and forgotten at the end
store-memory-only-hint = Make the folder writable or free some space, or choose another one with --home
store-lock-lost = The lock of { $environment } is no longer held by this program
git-not-a-repository = Not in a git repository: { $path }
git-not-a-repository-hint = Make one with `git init`, or choose another folder
git-other-owner = This repository belongs to another user: { $path }
git-other-owner-hint = If you trust its owner, run: git config --global --add safe.directory '{ $path }'
git-nested-bare = A bare repository stands among the files of a checkout, and its settings are not trusted: { $path }
git-nested-bare-hint = Open the checkout itself, or move the bare repository out of it
git-bare = A bare repository has no files to change: { $path }
git-worktree-elsewhere = The repository's settings say that its files are elsewhere: { $path }
git-worktree-elsewhere-hint = Look at core.worktree in its configuration, or open that folder
git-corrupt-index = The index of this repository can not be read
git-corrupt-index-hint = Move .git/index away and run `git reset`: files keep their content, what was staged has to be staged again
git-no-such-revision = No commit, branch or tag is called { $name }
git-no-such-change = Nothing changed at { $path }
git-changed-meanwhile-hint = It may have changed since it was shown: look at it again
git-denied = Reading the repository was not permitted
git-unreadable = The repository can not be read
git-file-failed = Could not be read or written: { $path }
