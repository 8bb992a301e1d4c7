# The toolkit (ui-) and the frame of the window
ui-cancel = Cancel
ui-dialog-missing = Something above is still missing
ui-retry = Retry
ui-copy-details = Copy details
ui-copy-of = Copy { $what }
ui-more-tabs = All tabs
ui-other-actions = Other actions
ui-more-actions = More actions
ui-type-to-confirm = Type { $word } to confirm
ui-loading = Loading
ui-progress-of = { $done } of { $total }
ui-progress-count = { $n } so far
ui-reset-columns = Reset columns
ui-thread = Thread
ui-undo-of = Undo { $what }
ui-fold = Fold
ui-unfold = Unfold
ui-close = Close
ui-log = Output
ui-log-following = following
ui-log-follow = Follow
ui-log-copy = Copy lines
ui-log-copy-line = Copy line
ui-log-filter = Filter or regex
ui-log-all = All levels
ui-log-info = Info and above
ui-log-warnings = Warnings and above
ui-log-errors = Errors only
ui-log-only-stderr = Only the error stream
ui-log-times = Times
ui-log-no-match = No line passes the filter
ui-log-empty = No output yet
ui-log-whole-line = Whole line
ui-log-view = View
ui-log-fold = Stack traces as one line
ui-log-mark-only = Only mark what the filter finds
ui-log-form = Structured lines
ui-log-form-raw = As they are
ui-log-form-message = Message and values
ui-log-form-columns = Columns
ui-log-sources = Sources
ui-log-all-times = Every time
ui-log-marks = Bookmarks
ui-log-marks-clear = Remove all bookmarks
ui-log-mark = Bookmark
ui-log-unmark = Remove the bookmark
ui-log-export = Write the lines to a file
ui-log-code = Open the code
ui-log-from-here = Only from here on
ui-log-to-here = Only up to here
ui-log-col-level = level
ui-log-col-message = message
ui-log-trace = { $n ->
    [one] { $n } more line of the trace
   *[other] { $n } more lines of the trace
}
ui-key-escape = Esc
ui-key-enter = Enter
ui-key-ctrl = Ctrl
ui-key-alt = Alt
ui-key-shift = Shift
ui-key-left = Left
ui-key-right = Right
ui-key-up = Up
ui-key-down = Down
ui-key-home = Home
ui-key-end = End
ui-key-plus = Plus
ui-key-minus = Minus
ui-palette-hint = Search or run a command
ui-palette-nothing = Nothing matches
ui-palette-choose = choose
ui-palette-run = run
ui-palette-count = { $n } of { $total }
ui-number-range = A whole number from { $from } to { $to }
ui-not-a-duration = A duration like 30s, 10m or 1h30m
ui-diff = Difference
ui-diff-none = The contents are the same
ui-diff-mode = Only the file mode changed, { $old } to { $new }
ui-diff-binary = Binary file, { $old } before, { $new } after
ui-diff-too-large = { $size }, { $lines } lines: too much to show at once
ui-diff-large-file = { $size }: too much to show at once
ui-diff-hopeless = { $size }, { $lines } changed lines: more than is shown here; your editor can
ui-diff-hopeless-file = { $size }: more than is shown here; your editor can
ui-diff-submodule = Submodule from { $old } to { $new }
ui-diff-show-anyway = Show all the same
ui-diff-from = from { $path }
ui-diff-no-newline = no line break at the end
ui-diff-crlf = CR LF

# The frame of the window
shell-title = { $workspace }, { $area } – Chantier
shell-title-busy = { $workspace }, { $area }, { $n ->
    [one] one job running
   *[other] { $n } jobs running
} – Chantier
shell-all-workspaces = All workspaces
shell-all-environments = All environments
shell-workspace-of = Workspace: { $name }
shell-environment-of = Environment: { $name }
shell-find-workspace = Find a workspace
shell-add-workspace = Add a workspace…
shell-untrusted = not trusted
shell-n-jobs = { $n ->
    [one] 1 job
   *[other] { $n } jobs
}
shell-n-problems = { $n ->
    [0] No problems
    [one] 1 problem
   *[other] { $n } problems
}
shell-n-workspaces = { $n ->
    [one] 1 workspace
   *[other] { $n } workspaces
}
shell-n-changed = { $n ->
    [0] no changes
    [one] 1 changed
   *[other] { $n } changed
}
shell-n-conflicts = { $n ->
    [one] 1 conflict
   *[other] { $n } conflicts
}
shell-watching-of = watching { $n } of { $max } folders
shell-watching = { $n ->
    [one] watching 1 folder
   *[other] watching { $n } folders
}
shell-polling = looking every few seconds
shell-ahead-behind = { $ahead } ahead of the upstream branch, { $behind } behind it

shell-activity = Activity
shell-activity-close = Close the activity panel
shell-n-running = { $n } running
shell-n-ended = { $n } ended
shell-no-jobs = Nothing has run since the program was opened
shell-show-quiet = Show background jobs
shell-hide-quiet = Hide background jobs
shell-show-run = Show in runs
shell-show = Show
shell-undo = Undo
shell-stop = Stop
shell-stop-job = Stop “{ $title }”
shell-resize-activity = Height of the activity panel
shell-resize-list = Width of the job list
shell-resize-detail = Width of the detail

shell-problems = Problems
shell-no-problems = Nothing has gone wrong since the program was opened
shell-problems-clear = Clear the list
shell-problem-times = { $n } times
shell-problem-job = Job { $job }

page-show-workspaces = Show the workspaces
page-open-place = Open { $place }
page-clear-filter = Clear the filter
shell-shortcuts = Keyboard
shell-shortcuts-window = Window
shell-shortcuts-lists = Lists and dialogs
shell-shortcuts-pages = Pages
shell-shortcut-list = Go to the list of this page
shell-shortcut-primary = Do what the page is for
shell-shortcut-config = Open the configuration
shell-shortcut-palette = Search or run a command
shell-shortcut-filter = Filter this page
shell-shortcut-refresh = Refresh this page
shell-shortcut-activity = Show or hide the activity panel
shell-shortcut-sidebar = Fold or unfold the sidebar
shell-shortcut-problems = Show the problems
shell-shortcut-back = Go back
shell-shortcut-forward = Go forward
shell-shortcut-undo = Take back what was just done
shell-shortcut-menu = Open the menu of what is chosen
shell-shortcut-page-help = Help on this page
shell-help-title = { $page }: what it is for
shell-shortcut-help = Show the keys
shell-shortcut-larger = Make everything larger
shell-shortcut-smaller = Make everything smaller
shell-shortcut-ends = Go to the first or the last row
shell-shortcut-extend = Select more or fewer rows
shell-shortcut-all = Select every row
shell-shortcut-quit = Quit
shell-shortcut-move = Move
shell-shortcut-open = Open
shell-shortcut-copy = Copy the rows
shell-shortcut-close = Close what is on top

shell-palette-actions = Actions
shell-palette-pages = Pages
shell-palette-workspaces = Workspaces
shell-palette-things = Items, commits, runs
shell-palette-window = Window
shell-palette-search = Search everywhere

shell-banner-untrusted = { $name } is not trusted yet: you can look at everything, nothing of it runs
shell-banner-changed = In { $name } the files that name commands have changed since you trusted it: nothing of it runs
shell-banner-missing = The folder of { $name } is gone: { $path }
shell-banner-project = { $n ->
    [one] chantier.toml has an error at line { $line }: { $why }
   *[other] chantier.toml has { $n } errors, the first at line { $line }: { $why }
}
shell-banner-open = Open chantier.toml
shell-gone = The folder of { $name } is gone. Bring it back, or add it where it is now; what is known of it stays
shell-trust-button = Trust…
shell-trust-title = Trust { $name }?
shell-trust-confirm = Trust { $name }
shell-trust-means = Its builds, tests, hooks and deployment plans run programs with your rights. Trust it when you know who wrote it.
shell-trust-without = Without trust you can read everything: files, history, plan, results. When chantier.toml or what stands in .chantier/deploy changes, you are asked again; scripts of package.json, Makefiles and the like run as they stand.
shell-trust-files = Files that name commands
shell-trust-changed = What has changed since you trusted it
shell-trust-replaced = Another folder stands at this path than the one you trusted

shell-pick-folder = Choose a folder
shell-pick-file = Choose a file
shell-path = Path
shell-path-note = This desktop has no file dialog; type the whole path
shell-path-choose-folder = Choose the folder
shell-path-choose-file = Choose the file
shell-drop = Drop a folder to add it as a workspace

shell-quit-title = { $n ->
    [one] One job is still running
   *[other] { $n } jobs are still running
}
shell-quit-text = Closing the window stops what runs. Instances that were deployed keep running.
shell-quit-stop = Stop and close

shell-replay-disabled = A recording is being played; nothing can be run
shell-replay-play = Play
shell-replay-pause = Pause
shell-replay-step = One event on
shell-replay-position = Place in the recording
shell-replay-time = { $at } of { $span }, event { $n } of { $total }

shell-no-display = There is no display to open a window on
shell-no-gl = The window can not be drawn: no usable OpenGL
shell-no-window = The window was closed by the display
shell-no-window-hint = The command line does the same without a window: chantier --help
shell-replay-hint = With --events it is told here, with --json as one document
ui-chart-reset = Whole time
ui-chart-nothing = No values in this time
ui-why = Why
ui-not-yet = not yet

shell-tour = Tour
shell-tour-count = { $n } of { $total }
shell-tour-close = End the tour
shell-tour-runs = The step runs

shell-cpu = { $percent } % CPU
shell-notify-done = Done in { $lasted }
shell-notify-cancelled = Stopped

ui-saying-note = What was looked at, and what was seen
ui-saying-confirm = Confirm
ui-saying-attach = Attach a file…
ui-saying-needs-file = Attach the file that shows it first
