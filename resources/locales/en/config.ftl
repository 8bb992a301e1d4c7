# Configuration
config-job-load = Read the settings
config-job-watch = Watch the settings
config-job-set = Set { $key }
config-job-reset = Reset { $key }
config-job-tools = Look for tools
config-job-doctor = Examine the data
config-job-check = Check { $path }
config-job-export = Copy the settings to { $path }
config-job-import = Take over the settings of { $path }

config-section-general = General
config-section-appearance = Appearance
config-section-language = Language
config-section-workspaces = Workspaces
config-section-tools = Tools
config-section-retention = Retention
config-section-git = Git
config-section-docker = Docker
config-section-machines = Machines
config-section-notifications = Notifications
config-section-keys = Keyboard
config-notify = Desktop notifications
config-notify-help = Tell the desktop when a long job ends while the window is in the background, and of alerts that a project sends there
config-git-here = Git on this machine
config-git-here-words = Who commits, what is signed and which hooks run is what git’s own configuration says; Chantier keeps no copy of it.
config-git-program = Program
config-git-workspace = Workspace
config-git-signs = Commits are signed with
config-git-unsigned = not signed
config-git-hooks = Hooks that run
config-git-template = Template of messages
config-git-open = Work with the repository
config-docker-words = The engine is found through DOCKER_HOST, the context of the “docker” command, or its usual sockets.
config-docker-program = Program
config-docker-engine = Engine
config-docker-address = Address
config-docker-system = System
config-docker-held = Holds
config-docker-holds = { $images ->
    [one] { $images } image
   *[other] { $images } images
}, { $containers ->
    [one] { $containers } container
   *[other] { $containers } containers
}, { $volumes ->
    [one] { $volumes } volume
   *[other] { $volumes } volumes
}, { $networks ->
    [one] { $networks } network
   *[other] { $networks } networks
}
config-docker-contexts = Contexts of the docker command
config-docker-no-context = No other context is configured
config-docker-open = Images, containers, volumes and networks
config-machines-words = Machines come from the ssh configuration of the user, with its keys, its jump hosts and its known hosts; there is no second list.
config-machines-ssh = Machines of the ssh configuration
config-machines-none = The ssh configuration names no machine
config-machines-open = Machines with their facts, tests and terminals
config-keys-words = These hold everywhere; the keys of a page stand in its menus, and “?” shows them.
config-trust-title = Trusted workspaces
config-trust-words = A workspace that is not trusted is only looked at: nothing of it runs, no hook, no filter, no task.
config-trust-look = Look at it
config-protected-title = Protected environments of { $workspace }
config-protected-words = What changes them wants their name typed; they are marked in chantier.toml.
config-protected-none = None is protected

config-stop-grace = Time to stop
config-stop-grace-help = How long a process that is asked to end may take before it is ended by force; a second Ctrl+C waits for nobody
config-notify-after = Notify after
config-notify-after-help = A job that took at least this long tells the desktop when it ends while the window is in the background
config-max-parallel = Jobs at once
config-max-parallel-help = Tests and builds that run at the same time; 0 means one per core
config-editor = Editor
config-editor-help = The program that opens a file at a line, with { "{file}" } and { "{line}" }; empty follows VISUAL and EDITOR
config-todo-words = Words of what is left to do
config-todo-words-help = Lines with one of these words stand in the tab To do of Code
config-theme = Theme
config-theme-help = Dark, light, or as the system has it
config-theme-system = As the system
config-theme-dark = Dark
config-theme-light = Light
config-scale = Scale
config-scale-help = The size of everything in the window, from 0.75 to 2
config-dense = Dense rows
config-dense-help = Rows of 22 points instead of 26
config-language = Language
config-language-help = The language of the window and of the command line
config-language-system = As the system
config-language-en = English
config-language-fr = Français
config-roots = Folders to scan
config-roots-help = Projects are looked for below these folders
config-scan-depth = Scan depth
config-scan-depth-help = How many folders deep projects are looked for
config-max-watches = Watched folders
config-max-watches-help = Folders that are watched at most; above it changes are found by looking now and then, which is said. 0 follows the system’s limit
config-pass-env = Variables that programs are given
config-pass-env-help = From the environment that Chantier was started in, beside the usual ones, such as DATABASE_URL or DJANGO_*; tokens and passwords stay out unless they are named here
config-tool-paths = Paths of tools
config-tool-paths-help = A program that stands here is not looked for on the PATH
config-logs-max = Logs in all
config-logs-max-help = The oldest logs are removed beyond this size
config-log-max-per-job = Log of one job
config-log-max-per-job-help = Of what a job says beyond this size only the end is kept
config-samples-max = Samples
config-samples-max-help = The oldest samples of the monitors are removed beyond this size
config-artifacts-max = Artifacts
config-artifacts-max-help = The oldest artifacts that run nowhere are removed beyond this size
config-runs-max-days = History of runs
config-runs-max-days-help = Runs older than this are forgotten
config-undo-max-entries = Undo steps
config-undo-max-entries-help = Steps in each repository that can be taken back or done again; the oldest go first
config-undo-max-mb = Kept for undo
config-undo-max-mb-help = Contents of files that the undo timeline of a repository keeps; the oldest steps go first

config-source-file = set
config-source-default = default
config-tool-missing = not found
config-unsound =
    { $n ->
        [one] One check failed
       *[other] { $n } checks failed
    }
config-check-found =
    { $n ->
        [one] { $path } has one error
       *[other] { $path } has { $n } errors
    }
config-check-sound = Nothing wrong; tasks: { $tasks }, pipelines: { $pipelines }, artifacts: { $artifacts }, environments: { $environments }, checks: { $checks }

config-section-health = Health
config-section-about = About
config-subtitle =
    { $n ->
        [0] every setting has its default
        [one] one setting is not the default
       *[other] { $n } settings are not the default
    }
config-search = Search settings
config-used = { $used } are kept now
config-job-measure = Measure what is kept
config-nothing-found = No setting has these words
config-open-section = Open { $name }
config-copy-path = Copy the path of the settings file
config-set-here = set, default { $default }
config-reset = Reset
config-yes = yes
config-no = no
config-empty = empty
config-limits = From { $min } to { $max }
config-add-folder = Add folder…
config-remove-folder = Take { $path } off the list
config-no-tool-paths = None; programs are found on the PATH
config-tools-empty = The programs that projects need, with their versions, stand here
config-tools-found = Found on this machine
config-find-tools = Look for tools
config-choose = Choose…
config-choose-tool = Choose the program { $name }
config-no-version = says no version
config-health-help = Examines the data folder: the ledger, the samples, logs, locks and free space. It works beside running jobs.
config-health-empty = Nothing was examined yet
config-examine = Examine
config-examine-deep = Examine, and read every byte
config-examined = Structure examined
config-examined-deep = Every byte read
config-repair = Repair
config-repair-ask = Locks and leases of programs that are gone are cleared, and half-written files are removed
config-repaired = repaired
config-about-what = A desktop DevOps workbench: plan, code, build, test, release, deploy, operate and monitor the projects on this machine, offline.
config-about-version = Version
config-about-licence = Licence
config-about-settings = Settings
config-about-network = Network
config-about-network-none = only for what you ask; no account, no telemetry, no update check
config-about-fonts = Fonts
config-about-fonts-words = Inter, JetBrains Mono, Noto Sans Symbols 2 and Noto Emoji, under the SIL Open Font License 1.1; icons are Material Icons under the Apache License 2.0
config-about-crates =
    { $n ->
        [one] Built from one crate
       *[other] Built from { $n } crates
    }
config-about-crate = Crate
config-about-show = Show licences
config-about-hide = Hide licences
config-about-copy = Copy licences

config-job-init = Write a project file in { $path }
config-job-edit-project = Edit chantier.toml
config-init-head = This project as code, for Chantier. Every part is optional; what tools say already is found without it.
config-init-check = `chantier config check` explains every error; the README of Chantier describes every key.
config-init-found = Found without any entry here:
config-init-task = A command of your own, by name: words, never a line for a shell.
config-init-artifact = What a build leaves, and what a release keeps with its SHA-256 sum.
config-init-pipeline = A pipeline: jobs in clean worktrees of a commit, with what they need, in parallel, taken up again when they were interrupted
config-init-release = How versions are made; without this, the version files in the root and the tags that are there.
config-init-environment = Where versions run, in the order in which one moves on; `chantier deploy run staging` brings one there.
config-init-check-example = What is watched afterwards.
config-init-done = { $path } is written; nothing of it is in the repository yet
config-init-exists = { $path } is there already
config-init-exists-hint = chantier config check examines it
config-names-nothing = { $key } names { $path }, which is not there now
