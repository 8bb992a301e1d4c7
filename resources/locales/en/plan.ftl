# Plan: items of work
plan-job-load = Read the plan
plan-job-watch = Watch the plan
plan-job-create = New item “{ $title }”
plan-job-show = Read { $id }
plan-job-check = Check the plan
plan-job-edit = Change { $id }
plan-job-move =
    { $state ->
        [ready] Move { $id } to “{ plan-state-ready }”
        [in-progress] Move { $id } to “{ plan-state-in-progress }”
        [review] Move { $id } to “{ plan-state-review }”
        [done] Move { $id } to “{ plan-state-done }”
       *[other] Move { $id } to “{ $state }”
    }
plan-job-delete = Remove { $id }
plan-job-undo = Take an act on items back
plan-job-acts = Tell the acts on items
plan-job-restore = Take back a removed item
plan-undo-delete = Removed { $id }, { $title }

plan-kind-feature = Feature
plan-kind-bug = Bug
plan-kind-performance = Performance
plan-kind-chore = Chore
plan-kind-milestone = Milestone
plan-priority-urgent = Urgent
plan-priority-high = High
plan-priority-medium = Medium
plan-priority-low = Low
plan-state-ready = Ready
plan-state-in-progress = In progress
plan-state-review = Review
plan-state-done = Done
plan-column-other = Other states

plan-field-state = State
plan-field-type = Type
plan-field-priority = Priority
plan-field-labels = Labels
plan-field-assignee = Assignee
plan-field-due = Due
plan-field-estimate = Estimate
plan-field-milestone = Milestone
plan-field-parent = Part of
plan-field-depends = Needs
plan-field-created = Created
plan-field-file = File

plan-flaw-too-large = The file is larger than { $kib } KiB
plan-flaw-utf8 = The file is not UTF-8
plan-flaw-conflict = The file holds a merge conflict that is not solved
plan-flaw-no-front-matter = The file does not start with --- and its values
plan-flaw-not-closed = The values are not closed by a line ---
plan-flaw-yaml = The values at the top are not valid YAML
plan-flaw-key-twice = “{ $key }” stands there twice
plan-flaw-conflict-hint = `chantier code conflicts { $file }` shows both sides; until it is solved, the file stays as it is
plan-in-conflict = in conflict
plan-solve = Solve the merge conflict
plan-flaw-odd-layout = “{ $key }” is written in a way that only a hand should change
plan-flaw-hint = Mend it in an editor; until then the file stays as it is

plan-remark-missing = “{ $key }” is missing
plan-remark-value = “{ $key }” holds more than plain values
plan-remark-date = “{ $key }” is no date: { $text }
plan-remark-date-hint = Write it like 2026-12-01
plan-remark-days = “due” is before “start”
plan-remark-days-hint = The last day is not before the first
plan-remark-estimate = “estimate” is no effort: { $text }
plan-remark-estimate-hint = Write it like 3h, 2d, 1.5w, or 5 for points
plan-remark-kind = There is no type “{ $word }”
plan-remark-state = The workflow has no state “{ $word }”
plan-remark-priority = There is no priority “{ $word }”
plan-remark-rank = “rank” is no number: { $text }
plan-remark-words-hint = The words are { $words }

plan-no-item = There is no item “{ $id }”
plan-no-item-hint = chantier plan list shows them all
plan-quick-priority = “{ $word }” is no priority
plan-quick-words-hint = Write { $words }, or \{ $word } as a word of the title
plan-quick-due = “{ $word }” is no day
plan-quick-due-hint = Write { $key }:2026-12-01, { $key }:today, { $key }:tomorrow, { $key }:friday, { $key }:5d or { $key }:2w, or \{ $word } as a word of the title
plan-quick-estimate = “{ $word }” is no effort
plan-quick-estimate-hint = Write ~3h, ~2d, ~1.5w, or ~5 for points, or \{ $word } as a word of the title
plan-no-title = An item needs a title
plan-no-title-hint = Say in a few words what is to be done
plan-no-state = The workflow has no state “{ $word }”
plan-no-way = { $id } can not go from { $from } to { $to }
plan-no-way-hint = From there it may go to { $states }
plan-changed-meanwhile =
    { $key ->
        [none] { $id } was changed in its file meanwhile
       *[other] “{ $key }” of { $id } was changed in its file meanwhile
    }
plan-changed-meanwhile-hint = What stands there now is shown; change it again if it is still wanted
plan-body-cut = The text of { $id } is too long to be changed here; open its file
plan-no-criterion = { $id } has no such criterion any more
plan-no-criterion-number = { $id } has no criterion of that number
plan-criteria-count =
    { $n ->
        [0] It has none
        [one] It has one
       *[other] They are numbered from 1 to { $n }
    }
plan-is-there = There is a file { $path } already
plan-nothing-to-undo = There is no act on items to take back
plan-act-undone = taken back
plan-undo-past-hint = It is act { $number }, and what it wrote stands otherwise here, as on another branch; the act before it: chantier plan undo { $before }; all of them: chantier plan undo --list
plan-nothing-to-restore = There is no removed item to take back

plan-check-found =
    { $n ->
        [one] The plan has one problem
       *[other] The plan has { $n } problems
    }
plan-check-twice = The id { $id } stands in more than one file
plan-check-twice-hint = `chantier plan renumber FILE` gives the newer one another id
plan-check-link = { $id } points to { $to }, which is not there
plan-check-milestone = { $id } belongs to the milestone “{ $to }”, which is not there
plan-check-milestone-hint = `chantier plan new "milestone: { $name }"` makes it
plan-check-waits = An item waits for itself, by what it needs and by its parts: { $ids }
plan-check-circle = “{ $key }” runs in a circle: { $ids }
plan-show-board = Show the board
plan-check-limit = { $state ->
    [ready] { plan-state-ready }
    [in-progress] { plan-state-in-progress }
    [review] { plan-state-review }
    [done] { plan-state-done }
   *[other] { $state }
} holds { $n ->
    [one] { $n } item
   *[other] { $n } items
}, { $limit ->
    [one] { $limit } is allowed
   *[other] { $limit } are allowed
}

plan-cli-none = No items
plan-cli-sound =
    { $n ->
        [0] No items, nothing wrong
        [one] One item, nothing wrong
       *[other] { $n } items, nothing wrong
    }
plan-cli-created = Created { $id }
plan-cli-changed = Changed { $id }
plan-cli-undone = Taken back: { $what }
plan-cli-restored = { $id } is back
plan-cli-deleted = Removed { $id }; chantier plan restore { $undo } takes it back
plan-cli-value = “{ $typed }” can not be set: { $key }
plan-cli-day-hint = Write it like 2026-12-01, today, friday, 5d or 2w
plan-cli-value-hint = Write key=value; the keys are title, type, state, priority, labels, label+, label-, start, due, estimate, assignee, parent, depends, depends+, depends-, milestone, criterion+, done+, note+
plan-due-on = due { $day }
plan-unreadable-count =
    { $n ->
        [one] One file can not be read: chantier plan check
       *[other] { $n } files can not be read: chantier plan check
    }

plan-tab-board = Board
plan-tab-table = Table
plan-tab-problems = Problems
plan-new = New item…
plan-refresh = Read again
plan-edit = Edit…
plan-move-to = Move to { $state }
plan-move-n-to = Move { $n } items to { $state }
plan-delete-n = Remove { $n } items
plan-copy-n = Copy { $n } ids
plan-delete = Remove { $id }
plan-copy = Copy { $id }
plan-removed = Removed { $id }
plan-filter = Filter items
plan-filter-empty = No item has these words
plan-choose-workspace = Choose a workspace above to see its plan
plan-empty = What is to be done in this workspace stands here, one Markdown file each in .chantier/plan
plan-no-problems = Nothing is wrong with this plan
plan-subtitle =
    { $n ->
        [one] one item
       *[other] { $n } items
    }, { $busy } in progress
plan-subtitle-milestone = , milestone { $name } at { $percent } %
plan-of-limit = { $n } of { $limit }
plan-shown-of = { $n } shown, { $all }
plan-add-to = New item in { $state }
plan-late = late
plan-criteria-done = { $n } of { $all } criteria are met
plan-share = { $n } of { $all }
plan-field-id = Id
plan-field-title = Title
plan-field-criteria = Criteria
plan-acceptance = Acceptance
plan-add-criterion = Add a criterion
plan-add-note = Add a note
plan-text = Text
plan-belongs = Belongs to it
plan-belongs-none = No item names this milestone yet
plan-created-on = since { $day }
plan-today = today
plan-in-days =
    { $n ->
        [one] tomorrow
       *[other] in { $n } days
    }
plan-days-ago =
    { $n ->
        [one] yesterday
       *[other] { $n } days ago
    }

plan-form-left = The changes to { $id } were not saved
plan-form-again = Open the form again
plan-form-new = New item
plan-form-create = Create item
plan-form-edit = Edit { $id }
plan-form-save = Save { $id }
plan-title-hint = What is to be done, in a few words
plan-quick-help = Signs in the title count too: bug: at its start, #label, !high, @me, ^milestone, ~3h, start:friday, due:2026-12-01
plan-priority-none = None
plan-labels-hint = api, storage
plan-assignee-hint = me, or a name
plan-due-hint = 2026-12-01, tomorrow or 5d
plan-estimate-hint = 3h or 2d
plan-depends-hint = Ids, parted by commas
plan-text-hint = Why, how, and what must be true in the end: - [ ] …
