docker-job-look = Look at the container engine
docker-job-watch = Watch the container engine
docker-job-show = Ask the container engine
docker-job-disk = Disk use of the container engine
docker-job-tag = Tag { $image } as { $tag }
docker-job-remove = Remove { $names }
docker-job-save = Save { $names }
docker-job-load = Load { $path }
docker-job-build = Build image { $name }
docker-job-run = Run { $image }
docker-job-start = Start { $names }
docker-job-stop = Stop { $names }
docker-job-restart = Restart { $names }
docker-job-kill = Kill { $names }
docker-job-pause = Pause { $names }
docker-job-rename = Rename { $name } to { $to }
docker-job-logs = Output of { $name }
docker-job-stats = What containers need
docker-job-top = Processes of { $name }
docker-job-exec = { $command } in { $name }
docker-job-create = Create { $name }
docker-job-connect = { $name } and network { $network }
docker-job-plan-prune = Find what nothing uses
docker-job-prune = Remove what nothing uses
docker-job-compose = Compose project { $name }
docker-several = Several things begin with { $name }
docker-no-container = There is no container { $name }
docker-no-volume = There is no volume { $name }
docker-no-network = There is no network { $name }
docker-ended = { $name } ended with exit code { $code }
docker-image-used = { $image } is used by { $by }
docker-image-used-hint = Remove those containers first, or force it: a stopped container loses its image then
docker-volume-used = { $name } is used by { $by }
docker-exec-none-hint = Whether the container has a program { $program }, and may run it, is what its image decides; “sh” and “cat” are in most
docker-exec-failed = { $command } ended with exit code { $code }
docker-exec-goes-on = The command goes on in { $name }; it can not be reached from here
docker-no-terminal = Chantier was not started from a terminal
docker-no-terminal-hint = Leave out --tty
docker-dockerfile-outside = { $path } is not in the build context
docker-no-dockerfile = There is no { $path }
docker-no-dockerfile-hint = Name the Dockerfile with --file, or another folder
docker-build-failed = The image can not be built
docker-build-step-failed = The image can not be built: { $step }
docker-no-compose = There is no compose program on this machine
docker-no-compose-hint = Install docker-compose, the compose plugin of docker, or podman-compose
docker-line-built = Built { $image }
docker-reclaimable = { $size } to be freed
docker-freed = { $n ->
    [0] Nothing was removed
    [one] 1 thing removed, { $size } freed
   *[other] { $n } things removed, { $size } freed
}
docker-would-free = { $n ->
    [0] Nothing is unused
    [one] 1 thing would be removed, { $size } freed
   *[other] { $n } things would be removed, { $size } freed
}
docker-stayed = { $name } is used now, and stays
docker-tab-images = Images
docker-tab-containers = Containers
docker-tab-volumes = Volumes
docker-tab-networks = Networks
docker-tab-disk = Disk
docker-subtitle = { $engine } { $version }, { $n ->
    [0] no container running
    [one] 1 container running
   *[other] { $n } containers running
}
docker-lost = What was known is shown as unknown; the engine is asked again every second
docker-images-empty = Images that are built, loaded or pulled stand here
docker-containers-empty = Containers stand here, running or not, whoever made them
docker-volumes-empty = Volumes stand here, with the containers that use them
docker-networks-empty = Networks stand here, with the containers on them
docker-disk-empty = What the engine keeps on disk stands here
docker-col-image = Image
docker-col-id = ID
docker-col-users = Used by
docker-col-created = Created
docker-col-size = Size
docker-col-state = State
docker-col-name = Name
docker-col-project = Project
docker-col-ports = Ports
docker-col-driver = Driver
docker-col-subnet = Subnet
docker-col-kind = Kind
docker-col-in-use = In use
docker-col-reclaimable = To be freed
docker-col-largest = Largest
docker-col-step = Step
docker-col-instruction = Instruction
docker-col-line = Line
docker-col-time = Time
docker-no-tag = no tag
docker-builtin = built in
docker-steps = Steps of the build
docker-building = Building { $name }
docker-built = Built { $name }, { $cached ->
    [0] nothing from the cache
    [one] 1 step from the cache
   *[other] { $cached } steps from the cache
}
docker-build-broken = { $name } was not built
docker-step-running = running
docker-step-done = done
docker-step-cached = cached
docker-step-failed = failed
docker-build = Build image…
docker-load = Load images from a file…
docker-run = Run container…
docker-new-volume = New volume…
docker-new-network = New network…
docker-prune = Remove what nothing uses…
docker-look = Look again
docker-run-image = Run…
docker-tag-image = Tag…
docker-save-image = Save to a file…
docker-remove-image = Remove image
docker-remove-image-text = The image is gone from this machine; it can be built or loaded again
docker-remove-image-tags = All its tags go with it: { $tags }
docker-remove-title = Remove { $name }?
docker-copy-id = Copy ID
docker-exec = Run a command…
docker-exec-title = Run a command in { $name }
docker-exec-note = Its output appears below, with that of the container
docker-restart = Restart
docker-pause = Pause
docker-unpause = Unpause
docker-start = Start
docker-stop = Stop
docker-stop-title = Stop { $name }?
docker-stop-text = TERM first, KILL after the grace of the settings; it can be started again
docker-kill = Kill
docker-kill-title = Kill { $name }?
docker-kill-text = It has no time to save anything
docker-top = Processes
docker-rename = Rename…
docker-open = Open in browser
docker-compose-up = Bring { $name } up
docker-compose-down = Take { $name } down
docker-compose-down-text = The project's containers and networks are removed; its named volumes stay
docker-remove-container = Remove container
docker-remove-container-text = What it wrote outside of volumes is lost, and its anonymous volumes
docker-remove-running-text = It runs and is killed; what it wrote outside of volumes is lost, and its anonymous volumes
docker-remove-volume = Remove volume
docker-remove-volume-text = What is in it is lost
docker-network-builtin = The engine's own
docker-connect = Connect a container…
docker-disconnect = Disconnect { $name }
docker-remove-network = Remove network
docker-remove-network-text = Nobody is on it; it can be made again
docker-inspect = What the engine says
docker-needs = Needs
docker-cpu = CPU
docker-memory = Memory
docker-io = Network ↓ { $received } ↑ { $sent }, disk read { $read }, written { $written }
docker-n-layers = { $n ->
    [one] 1 layer
   *[other] { $n } layers
}
docker-layers = History
docker-fact-tags = Tags
docker-fact-platform = Platform
docker-fact-entrypoint = Entrypoint
docker-fact-command = Command
docker-fact-workdir = Folder
docker-fact-user = User
docker-fact-mounts = Mounts
docker-fact-networks = Network
docker-fact-restart = Restart
docker-fact-error = Error
docker-fact-mountpoint = Where
docker-fact-scope = Scope
docker-fact-way-out = Way out
docker-internal = No way out of the network
docker-form-folder = Build context
docker-form-pick = Choose folder…
docker-form-tag = Name and tag
docker-form-dockerfile = Dockerfile
docker-form-target = Stage to stop at
docker-form-args = Build arguments, one a line
docker-form-no-cache = Build every step anew
docker-form-ports = Ports to publish, one a line
docker-form-env = Environment, one a line
docker-form-volumes = Volumes and folders, one a line
docker-form-allow = It may
docker-form-file = File to write
docker-prune-do = Remove
docker-prune-all = Every image without a container, not only those without a tag
docker-prune-volumes = Volumes that no container uses; their data is lost
docker-prune-looking = Looking for what nothing uses
docker-prune-type = Type { $word } to remove volumes with their data
docker-prune-word = volumes
docker-and-more = and { $n } more
