# Plan: modules, models and fields
plan-modules-job-load = Read the planned modules
plan-modules-job-watch = Watch the planned modules
plan-modules-job-check = Check the planned modules
plan-modules-job-undo = Take back a change of the planned modules
plan-modules-job-redo = Do a change of the planned modules again
plan-modules-job-preview = Work out the files of { $module }
plan-modules-job-generate = Generate { $module }
plan-modules-job-read = Read modules from { $path }
plan-modules-job-compare = Compare plan and code
plan-modules-undo-add = Add { $name }
plan-modules-undo-connect = Connect { $from } to { $to }
plan-modules-undo-drift = Take over what the code says
plan-modules-undo-fix = Put findings right
plan-modules-undo-move = Move models
plan-modules-undo-new = New module { $name }
plan-modules-undo-read = { $n ->
    [one] Read { $n } module
   *[other] Read { $n } modules
}
plan-modules-undo-remove = Remove { $name }
plan-modules-undo-rename = Rename { $name } to { $to }
plan-modules-undo-set = Change { $name }
plan-modules-undone = Taken back: { $title }
plan-modules-redone = Done again: { $title }
plan-modules-nothing-to-undo = There is no change of the planned modules to take back
plan-modules-nothing-to-redo = There is no change of the planned modules to do again
plan-modules-also = Changed with it: { $names }
plan-modules-written = Wrote { $file }
plan-modules-unchanged = Nothing to change

# Files
plan-modules-not-toml = { $file } is no TOML
plan-modules-not-toml-hint = Mend the file at this place; until then the module is neither shown nor written
plan-modules-conflict-hint = `chantier code conflicts { $file }` shows both sides; solve it, then generate the module: the other files follow
plan-modules-not-json = { $path } is no JSON
plan-modules-not-python = { $path } has a line that is no Python; the rest is read
plan-modules-not-xml = { $path } is no XML; what stands before this place is read
plan-modules-unreadable = The file of { $module } can not be read
plan-modules-odd = { $key } is not what a module file has there
plan-modules-odd-layout = The file of { $module } has a layout that is not changed by a program
plan-modules-odd-layout-hint = Change it by hand, or write it as `chantier plan module new` does
plan-modules-changed-meanwhile = { $file } was changed meanwhile
plan-modules-changed-meanwhile-hint = Nothing was written; look at it again and repeat
plan-modules-bad-name = { $name } can not be the name of a module
plan-modules-bad-name-hint = Letters, digits, _ and - only
plan-modules-no-such = There is no { $name } in the plan
plan-modules-no-such-hint = Names are module, module/model, model/field, model/view:list, module/group:name
plan-modules-is-there = { $name } is there already
plan-modules-is-there-hint = Give it another name with --to, or replace it with --replace
plan-modules-is-there-new-hint = Choose another name, or change it with `chantier plan module set { $name } …`
plan-modules-view-there-hint = There is { $words }; another view of this kind says which one it extends, with --set inherit=MODULE.ID
plan-modules-several-views = { $name } could be one of { $n } views
plan-modules-leads-out = { $path } leads out of the folder
plan-modules-leads-out-hint = Only paths below the workspace, without ..
plan-modules-many-read = { $n } modules were found, one name is not enough
plan-modules-nothing-read = No module was found in { $path }
plan-modules-nothing-read-hint = A folder with __manifest__.py, Cargo.toml, package.json or pyproject.toml, or one that holds such folders

# Findings
plan-modules-error = error
plan-modules-warning = warning
plan-modules-counts = { $errors ->
    [one] { $errors } error
   *[other] { $errors } errors
}, { $warnings ->
    [one] { $warnings } warning
   *[other] { $warnings } warnings
}
plan-modules-check-found = { $n ->
    [one] { $n } error stops the generation
   *[other] { $n } errors stop the generation
}
plan-modules-sound = Nothing is wrong in { $n ->
    [one] { $n } module
   *[other] { $n } modules
} with { $models ->
    [one] { $models } model
   *[other] { $models } models
}
plan-modules-twice-module = The module { $name } is in { $file } too
plan-modules-twice-here = The model { $name } stands twice in this file
plan-modules-other-language = { $name } uses { $module }, which is made from the template “{ $other }”: code of the template “{ $own }” can not
plan-modules-bad-version = “{ $version }” is no version that a module of the template “{ $template }” can have
plan-modules-license = “{ $license }” is no licence that Odoo knows
plan-modules-values-twice = { $name } has the value “{ $value }” twice
plan-modules-size = { $name } has a size that is not above zero
plan-modules-domain = The domain of { $name } is no Python
plan-modules-formula = The formula of { $name } is no expression of Python
plan-modules-active-default = { $name } has no default: new records are hidden by Odoo at once
plan-modules-fix-active = Make new records active
plan-modules-active = { $name } is no boolean: Odoo hides records by a field of this name
plan-modules-twice-model = The model { $name } is made by { $module } too
plan-modules-circle = The modules depend on each other in a circle: { $way }
plan-modules-name-module = { $name } is no name for a module: small letters, digits and _ only
plan-modules-name-model = { $name } is no name for a model: small letters, digits, _ and . only
plan-modules-name-taken = With the template “{ $template }” a model can not be called { $name }: the generated code has that name itself
plan-modules-name-same = { $name } and { $other } would be one file or one type in the generated code
plan-modules-name-field = { $name } is no name for a field: small letters, digits and _ only
plan-modules-reserved = { $name } is a name that every model has already
plan-modules-field-taken = With the template “{ $template }” a field can not be called { $name }: the code around it needs that name
plan-modules-type = { $kind } is no type of field ({ $name })
plan-modules-default = The default of { $name } is no { $kind }
plan-modules-default-clock = { $name } can not begin with what the clock says: a Rust package has no calendar. Give a day, as 2026-01-15
plan-modules-no-way = { $name } goes the way { $way }, but { $field } points to no model
plan-modules-no-key = { $name } can have no key { $key }
plan-modules-unknown-key = { $name } has the key { $key }, which nothing reads
plan-modules-wrong-value = { $key } of { $name } can not be “{ $value }”
plan-modules-wanted-text = A text
plan-modules-wanted-whole = A whole number
plan-modules-wanted-number = A number
plan-modules-wanted-day = A day, as 2026-01-15, or { $word }
plan-modules-wanted-moment = A moment, as 2026-01-15 09:30:00, or { $word }
plan-modules-wanted-json = JSON, as {"{"}"a": 1{"}"}
plan-modules-wanted-code = Code behind a =, as =lambda self: self.env.user.ids
plan-modules-wanted-flag-or-whole = true, false or a whole number
plan-modules-wanted-list = Texts, separated by commas
plan-modules-wanted-choices = Words separated by commas, each with a label if need be: draft:Draft,done:Done
plan-modules-wanted-digits = Two whole numbers, all digits and those behind the point: 12,2
plan-modules-wanted-place = Two whole numbers: 120,80
plan-modules-wanted-table = A table, which is written in the file only
plan-modules-wanted-rights = Letters of r (read), w (write), c (create) and d (delete)
plan-modules-no-target = { $name } points to no model
plan-modules-unknown-target = { $name } points to { $model }, which is in no module of the plan
plan-modules-not-reached = { $name } is in { $module }, which the module does not depend on
plan-modules-no-inverse = { $name } has no inverse in { $model }
plan-modules-inverse-missing = { $name } names { $inverse } as its inverse, which { $model } has not got
plan-modules-wrong-inverse = The inverse { $inverse } of { $name } does not point back to { $model }
plan-modules-no-values = { $name } has no values to choose from
plan-modules-no-currency = { $name } is an amount without a currency
plan-modules-no-field = { $name } names the field { $field }, which is not planned
plan-modules-no-fields = { $name } has no fields
plan-modules-no-group = { $name } names the group { $group }, which no module has
plan-modules-no-access = Nobody is given access to { $name }
plan-modules-rights = The rights of { $group } are letters of r, w, c and d
plan-modules-constraint = The constraint { $name } says neither sql nor check
plan-modules-check-python = The check of { $name } is no expression of Python
plan-modules-check-name = The check of { $name } names { $word }, which it has not got: fields are record.{ $word }
plan-modules-check-fields = The check of { $name } reads no field of record: it would never be called
plan-modules-view-type = There is no view { $kind }: the views are { $words }
plan-modules-view-date = { $name } has no date of its own: its calendar shows the days on which records were made
plan-modules-view-activity = Activities need { $mixin }, which { $name } is not made from
plan-modules-menu-model = The menu { $name } opens { $model }, which is in no module
plan-modules-menu-parent = The menu { $name } stands below { $parent }, which is no menu
plan-modules-menu-circle = The menu stands below itself: { $way }
plan-modules-menu-empty = The menu { $name } opens nothing and has nothing below it: Odoo hides it
plan-modules-fix-access = Give { $group } access
plan-modules-fix-add-field = Add { $name }
plan-modules-fix-add-model = Add the model { $model }
plan-modules-fix-out-of-view = Take { $name } out of the view
plan-modules-fix-currency = Use { $name }
plan-modules-fix-depend = Depend on { $module }
plan-modules-fix-undepend = Let { $module } not depend on { $other }
plan-modules-fix-extend = Extend { $name }
plan-modules-fix-group = Add the group { $name }
plan-modules-fix-inverse = Choose { $name }
plan-modules-fix-key = Call it { $key }
plan-modules-fix-value = Write { $value }
plan-modules-fix-no-value = Remove { $key }
plan-modules-fix-all = Apply all fixes
plan-modules-fixed = { $n ->
    [one] { $n } fix was applied
   *[other] { $n } fixes were applied
}
plan-modules-mended = { $name }: { $label }
plan-modules-fix-no-default = Remove the default
plan-modules-fix-rename = Rename to { $name }
plan-modules-fix-rights = Set the rights to { $rights }
plan-modules-fix-target = Point to { $model }
plan-modules-fix-top = Put { $name } at the top
plan-modules-fix-type = Use { $kind }
plan-modules-fix-inherit = Make it from { $name }
plan-modules-fix-values = Add values to begin with

# Lists and generation
plan-modules-none = No modules are planned
plan-modules-n-fields = { $n ->
    [one] { $n } field
   *[other] { $n } fields
}
plan-modules-not-sound = { $module } is not generated: { $n ->
    [one] { $n } error
   *[other] { $n } errors
}
plan-modules-not-sound-hint = See and mend them with `chantier plan module check`
plan-modules-no-template = There is no template { $name }
plan-modules-no-template-hint = There are { $names }, and your own in { $folder }
plan-modules-template-wrong = The template { $name } has a wrong template.toml
plan-modules-template-empty = The template { $name } lists no files
plan-modules-template-twice = The template { $name } gives { $path } where it gives { $other } already
plan-modules-template-twice-hint = Each file needs a path of its own; one for each model has the name of the model in it
plan-modules-template-failed = The template { $name } failed
plan-modules-conflicts = { $n ->
    [one] { $n } file of { $module } was changed both by hand and by the plan
   *[other] { $n } files of { $module } were changed both by hand and by the plan
}
plan-modules-conflicts-hint = Nothing was written; choose what to do with them (--on-conflict marks, mine or generated)
plan-modules-generated = { $n ->
    [0] { $module } is as planned; nothing was written
    [one] { $n } file of { $module } was written
   *[other] { $n } files of { $module } were written
}
plan-modules-committed = Committed { $commit } { $branch }
plan-modules-file-conflict = conflict
plan-modules-file-foreign = not generated
plan-modules-file-merged = merged
plan-modules-file-changed = changed
plan-modules-file-new = new
plan-modules-file-removed = removed
plan-modules-file-left = left as it is
plan-modules-file-edited = edited by hand
plan-modules-file-deleted = removed by hand
plan-modules-file-unsolved = holds a conflict
plan-modules-deleted = { $n ->
    [one] { $n } file was removed by hand
   *[other] { $n } files were removed by hand
}
plan-modules-n-left = { $n ->
    [one] { $n } file is of nothing in the plan any more, but it was changed by hand: it stays, and no other file names it
   *[other] { $n } files are of nothing in the plan any more, but they were changed by hand: they stay, and no other file names them
}
plan-modules-n-deleted = { $n ->
    [one] { $n } file was removed by hand and stays away; --on-conflict generated brings it back
   *[other] { $n } files were removed by hand and stay away; --on-conflict generated brings them back
}
plan-modules-file-same = unchanged
plan-modules-file-moved = was { $path }
plan-modules-moved = moved
plan-modules-read-counts = { $models ->
    [one] { $models } model
   *[other] { $models } models
}, { $fields ->
    [one] { $fields } field
   *[other] { $fields } fields
}
plan-modules-read-done = { $n ->
    [one] { $n } module read into the plan
   *[other] { $n } modules read into the plan
}
plan-modules-read-dry = { $n ->
    [one] { $n } module found, nothing was written
   *[other] { $n } modules found, nothing was written
}
plan-modules-drift-unwritten = { $module } is not written yet
plan-modules-drift-none = { $module } is as planned
plan-modules-drift-some = { $module }: { $n ->
    [one] { $n } difference
   *[other] { $n } differences
}
plan-modules-only-plan = only in the plan
plan-modules-only-code = only in the code
plan-modules-differs = plan and code differ

# The tab Modules
plan-tab-modules = Modules
plan-modules-subtitle = { $n ->
    [one] { $n } module
   *[other] { $n } modules
}, { $models ->
    [one] { $models } model
   *[other] { $models } models
}
plan-modules-empty = Here stand the modules that are planned: models, fields and how they point to each other
plan-modules-new = New module…
plan-modules-new-title = New module
plan-modules-into = Into the folder { $folder }
plan-modules-new-model = New model
plan-modules-create-module = Create module
plan-modules-create-model = Create model
plan-modules-add-model = Model
plan-modules-generate = Generate…
plan-modules-undo = Undo the change of modules
plan-modules-redo = Redo the change of modules
plan-modules-read = Read modules from a folder…
plan-modules-compare = Compare with the code
plan-modules-remove = Remove { $name }
plan-modules-rename = Rename…
plan-modules-rename-title = Rename { $name }
plan-modules-rename-now = Rename
plan-modules-connect = Connect
plan-modules-filter = Filter models
plan-modules-graph = Graph
plan-modules-table = Table
plan-modules-canvas = Graph of the planned models
plan-modules-larger = Larger
plan-modules-smaller = Smaller
plan-modules-fit = Fit
plan-modules-tidy = Tidy up
plan-modules-outside = outside
plan-modules-n-errors = { $n ->
    [one] { $n } error
   *[other] { $n } errors
}
plan-modules-n-warnings = { $n ->
    [one] { $n } warning
   *[other] { $n } warnings
}
plan-modules-model-note = { $module }, { $fields ->
    [one] { $fields } field
   *[other] { $fields } fields
}
plan-modules-model = Model
plan-modules-models = Models
plan-modules-module = Module
plan-modules-field = Field
plan-modules-fields = Fields
plan-modules-add-field = Add a field: name type target
plan-modules-name = Name
plan-modules-name-by-itself = made from the target
plan-modules-title = Title
plan-modules-order = Order
plan-modules-rec-name = Named by
plan-modules-type-label = Type
plan-modules-target = Target
plan-modules-inverse = Inverse
plan-modules-label = Label
plan-modules-values = Values
plan-modules-help = Help
plan-modules-compute = Computed by
plan-modules-required = Required
plan-modules-readonly = Read only
plan-modules-extends = Adds fields to a model of another module
plan-modules-views = Views
plan-modules-access = Access rights
plan-modules-constraints = Constraints
plan-modules-groups = Groups
plan-modules-menus = Menus
plan-modules-add-view = Add a view…
plan-modules-add-access = Add an access right…
plan-modules-add-constraint = Add a constraint…
plan-modules-add-group = Add a group…
plan-modules-add-menu = Add a menu…
plan-modules-part-title = Add to { $name }: { $list }
plan-modules-add = Add
plan-modules-group = Group
plan-modules-may-read = Read
plan-modules-may-write = Write
plan-modules-may-create = Create
plan-modules-may-delete = Delete
plan-modules-opens = Opens
plan-modules-opens-nothing = nothing
plan-modules-below = Below
plan-modules-at-the-top = at the top
plan-modules-position = Position
plan-modules-inherits-view = Changes view
plan-modules-after = After field
plan-modules-xpath = XPath
plan-modules-checked-by = Checked by
plan-modules-check-code = Python
plan-modules-sql = SQL
plan-modules-rule = Rule
plan-modules-message = Message
plan-modules-implies = Implies
plan-modules-action = Action
plan-modules-sequence = Sequence
plan-modules-summary = Summary
plan-modules-category = Category
plan-modules-license-label = License
plan-modules-website = Website
plan-modules-depends = Depends on
plan-modules-version = Version
plan-modules-folder = Folder
plan-modules-author = Author
plan-modules-template = Template
plan-modules-as-many2one = many2one: many of these point to one
plan-modules-as-one2many = one2many: one of these has many, with its other side
plan-modules-as-many2many = many2many: many to many
plan-modules-against = Against the code
plan-modules-not-compared = Not compared yet
plan-modules-as-planned = { $n ->
    [one] { $n } model as planned
   *[other] { $n } models as planned
}
plan-modules-show-difference = Preview difference…
plan-modules-read-back = Take over from the code
plan-modules-branch = Branch
plan-modules-here = this checkout
plan-modules-commit = Commit
plan-modules-no-commit = no commit
plan-modules-write = { $n ->
    [one] Write { $n } file
   *[other] Write { $n } files
}
plan-modules-file = File
plan-modules-files = Files
plan-modules-n-conflicts = { $n ->
    [one] { $n } file was changed both by hand and by the plan
   *[other] { $n } files were changed both by hand and by the plan
}
plan-modules-conflict = Then
plan-modules-conflict-refuse = write nothing
plan-modules-conflict-marks = write both with marks
plan-modules-conflict-mine = leave them as they are
plan-modules-conflict-generated = write what the plan gives
