# Plan: filter, time, milestones, forecast, following, exchange, templates
plan-job-cover-many = How far the items on the board have come
plan-job-cover = How far { $id } has come
plan-job-edit-many =
    { $n ->
        [one] Change one item
       *[other] Change { $n } items
    }
plan-job-export = Write items as { $format }
plan-job-follow = Let items follow their work
plan-job-forecast = Forecast
plan-job-history = Read the history of the items
plan-job-import = Read items from { $path }
plan-job-renumber = Give { $path } another id
plan-job-rules = Write the rules of the plan
plan-job-template = Make the items of { $name }
plan-job-templates = Look for templates
plan-job-view = Save the view { $name }
plan-job-view-remove = Remove the view { $name }

plan-field-start = Start
plan-field-waiting = Wait for it
plan-field-parts = Parts
plan-field-origin = Comes from
plan-field-progress = Progress
plan-field-forecast = Forecast

plan-filter-unknown = “{ $word }” is not understood
plan-filter-none-yet = No item of the plan has one yet
plan-filter-estimate = “{ $text }” is no estimate
plan-filter-order = “{ $key }” has no order
plan-filter-order-hint = < and > go with start, due, created, updated, estimate and priority
plan-filter-day-hint = Write it like 2026-12-01, 2026-12, today, friday, 5d, 2w or -3d

plan-blocked-by = waits for { $ids }
plan-roll-up = { $n } of { $all } parts, { $percent } %
plan-roll-up-effort = , { $done } of { $all }
plan-many-failed = { $n } of { $all } items could not be changed
plan-made-many =
    { $n ->
        [0] No items were made
        [one] One item was made
       *[other] { $n } items were made
    }
plan-bulk-all = An empty filter would change every item
plan-bulk-all-hint = Say which ones: is:open are all that are not done
plan-no-file = There is no file { $path } in this workspace

plan-cli-no-time = What is to become of { $id } is not said
plan-cli-no-time-hint = Say --by 3d, --start 2026-12-01 or --due 2026-12-01
plan-cli-by = “{ $typed }” is no time
plan-cli-by-hint = Write it like 3d, 2w or -3d; the last day is not before the first
plan-cli-days = The last day would be before the first
plan-cli-days-hint = It would begin on { $start } and end on { $due }
plan-timeline-ends =
    { $n ->
        [one] Everything is done on { $day } at the earliest; one item is on the critical path (#)
       *[other] Everything is done on { $day } at the earliest; { $n } items are on the critical path (#)
    }

plan-milestones-none = There is no milestone yet: an item of the type milestone is one
plan-milestone-none = There is no milestone “{ $id }”
plan-milestone-none-hint = `chantier plan milestone list` shows them all, `chantier plan new "milestone: { $name }"` makes it
plan-milestone-line = { $n } of { $all } done, { $percent } %
plan-burn-line = { $left } left of { $all }

plan-forecast-nothing = Nothing is open
plan-forecast-little = Too little is known: { $done } done; the history tells for { $n } of them how long they took, and it takes { $least }
plan-forecast-by = { $sure } % sure by { $day }
plan-forecast-data = { $open } open, { $busy } of them in progress; from { $n } finished ones (half took less than { $median } days), { $lanes } in progress at once, { $trials } runs

plan-followed-nothing = Nothing happened that would change an item
plan-followed-tick = { $id }: { $test } passed, its criterion is met
plan-followed-untick = { $id }: { $test } failed, its criterion is not met any more
plan-bind-unknown = No run had a test named “{ $test }”: the criterion is met when one passes
plan-bind-near = “{ $word }” is known
plan-followed-gone = { $id }: there is no test { $test } any more, its criterion is not met
plan-followed-rule = { $id } moves to { $state }: { $what }

plan-rules-none = No rule moves items by itself; chantier plan rules --usual writes those that suit most projects
plan-rules-way = From { $from } an item may go to { $to }
plan-rule-wrong = “{ $typed }” is no rule
plan-rule-hint = Write EVENT=STATE; the events are commit, merged, tests, criteria, released, deployed and deployed@ENVIRONMENT
plan-rule-file = The rules can not be written into chantier.toml
plan-rule-environment = A rule names the environment “{ $name }”, which is not there
plan-rule-commit = A commit that names an item moves it to { $state }
plan-rule-merged = An item whose commit is in the main branch moves to { $state }
plan-rule-tests = An item whose tests passed moves to { $state }
plan-rule-criteria = An item whose criteria are all met moves to { $state }
plan-rule-released = An item that is in a release moves to { $state }
plan-rule-deployed = An item that was deployed and is healthy moves to { $state }
plan-rule-deployed-to = An item that was deployed to { $environment } and is healthy there moves to { $state }

plan-views-empty = No view is saved yet
plan-views-none = There is no view “{ $name }”
plan-views-no-name = A view needs a name
plan-views-twice = The view “{ $name }” stands there twice
plan-views-group = The view “{ $name }” is grouped by something else than { $words }
plan-views-toml = The file of the saved views is not valid TOML

plan-import-updated = { $n ->
    [one] One item was changed to say what the file says
   *[other] { $n } items were changed to say what the file says
}
plan-import-differ = { $n ->
    [one] The file says something else of one item; --update takes it over
   *[other] The file says something else of { $n } items; --update takes it over
}
plan-export-ending = Items are not written as “{ $ending }”
plan-export-ending-hint = Name a file that ends in .csv or .json, or say --format csv, json, github or gitlab
plan-filter-or = A filter knows no { $word }: every term must fit
plan-filter-or-hint = Several values of one key are written with commas: type:bug,feature
plan-import-json = The file is not valid JSON
plan-import-no-list = The file holds no list of items
plan-import-pulls = { $n ->
    [one] { $n } pull request is no issue, and is left out
   *[other] { $n } pull requests are no issues, and are left out
}
plan-import-csv = The file is not valid CSV
plan-import-quote = Row { $n } opens a quote that nothing closes: what follows is no row, and it is left out
plan-import-columns = No key is meant by the columns { $names }: they stay with the items under their own names
plan-import-column-twice = The column “{ $name }” is a second one for { $key }: its words count
plan-import-row = Row { $n } has no title, and is left out
plan-import-mapped = Row { $n }: there is no { $key } “{ $word }” here; it becomes { $taken }, and the word stays with the item
plan-import-left = Row { $n }: { $key } can not be “{ $word }”; it stays empty, and the word stays with the item
plan-import-file-hint = Name a file of items: CSV, JSON, or issues of GitHub or GitLab as JSON
plan-import-no-title = The table has no column “title”
plan-import-no-title-hint = The columns are { $words }; others stay with the item
plan-import-would = { $n ->
    [one] { $n } item
   *[other] { $n } items
} would be made, { $known } are here already ({ $format })
plan-import-done = { $n ->
    [one] { $n } item
   *[other] { $n } items
} made, { $known } were here already ({ $format })
plan-export-done = { $n ->
    [one] { $n } item
   *[other] { $n } items
} written to { $path }

plan-template-items =
    { $n ->
        [one] one item
       *[other] { $n } items
    }
plan-template-none = There is no template “{ $name }”
plan-template-wrong = The template “{ $name }” is not right
plan-template-value = The template { $name } has no word “{ $word }”
plan-template-value-hint = Write --set WORD=VALUE

plan-cover-branch = Branch
plan-cover-live = Live
plan-coverage = Coverage
plan-cover-commits = { $n ->
    [one] { $n } commit
   *[other] { $n } commits
}, last { $oid }
plan-cover-tests = { $failed ->
    [0] { $passed } passed
   *[other] { $passed } passed, { $failed } failed
}
plan-cover-healthy = healthy
plan-cover-incident = incident: { $title }

plan-tab-timeline = Timeline
plan-tab-milestones = Milestones
plan-group-by = Group by
plan-lanes-by = Lanes by
plan-group-none = No groups
plan-lanes-none = No lanes
plan-view-none = All items
plan-view-save = Save view…
plan-view-remove = Remove this view
plan-view-name = Name
plan-view-save-title = Save this view
plan-view-save-do = Save
plan-none-of-it = None
plan-selected =
    { $n ->
        [one] one selected
       *[other] { $n } selected
    }
plan-bulk-state = Set state
plan-bulk-priority = Set priority
plan-bulk-label = Add a label
plan-bulk-assignee = Set assignee
plan-bulk-clear = Clear selection
plan-changed-many =
    { $n ->
        [one] One item changed
       *[other] { $n } items changed
    }
plan-timeline-none = No item has these words
plan-timeline-day = Days
plan-timeline-week = Weeks
plan-timeline-month = Months
plan-timeline-followers = Move along what waits
plan-timeline-planned = Planned until { $planned }, could be done on { $day }, { $n } on the critical path
plan-timeline-summary = Done on { $day } at the earliest, { $n } on the critical path
plan-timeline-said = { $id } { $title }, { $start } to { $end }
plan-timeline-critical = critical path
plan-timeline-slack =
    { $n ->
        [0] no room to slip
        [one] may slip one day
       *[other] may slip { $n } days
    }
plan-done-open = Still open at { $id }: needed items { $needs }, parts { $parts }, criteria { $criteria }, definition of done { $checks }
plan-moved-into = { $id } is now in “{ $state }”
plan-moved-to = { $id } now from { $start } to { $end }
plan-burn-down = Burn-down
plan-burn-up = Burn-up
plan-burn-left = Left
plan-burn-ideal = Even pace
plan-burn-all = All
plan-burn-done = Done
plan-burn-due = Due
plan-burn-none = No history yet: the items of this milestone were not committed
plan-forecast-title = Forecast
plan-forecast-chart = Runs that are done by
plan-forecast-sure = { $day }, { $sure } % sure
plan-forecast-ask = Ask again
plan-history-note =
    { $n ->
        [0] no commit of items yet
        [one] from one commit
       *[other] from { $n } commits
    }
plan-done-list = Definition of done
plan-decisions = Decisions
plan-import = Import…
plan-export-csv = Export as CSV…
plan-export-json = Export as JSON…
plan-import-title = Import { $path }
plan-import-do = Import
plan-import-known = here as { $id }
plan-template = From a template…
plan-template-title = Items from a template
plan-template-do = Make items
plan-template-which = Template
plan-rules = Rules…
plan-rules-title = What moves items by itself
plan-rules-usual = Use the usual rules
plan-rules-edit = Edit chantier.toml
plan-follow = Follow now
plan-new-id = Give { $file } another id
plan-parts = Parts
