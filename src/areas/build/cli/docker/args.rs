//! What can be typed about the container engine.

use std::path::PathBuf;

#[derive(Clone, Debug, clap::Subcommand)]
pub enum DockerVerb {
    /// Images: built, tagged, saved, run
    Image {
        #[command(subcommand)]
        verb: ImageVerb,
    },
    /// Containers, made here or elsewhere
    Container {
        #[command(subcommand)]
        verb: ContainerVerb,
    },
    /// Volumes, with who uses them
    Volume {
        #[command(subcommand)]
        verb: VolumeVerb,
    },
    /// Networks, with who is on them
    Network {
        #[command(subcommand)]
        verb: NetworkVerb,
    },
    /// What images, containers, volumes and build cache take on disk
    Disk,
    /// Remove what nothing uses; without --yes it only says what that is
    Prune(PruneArgs),
    /// Compose projects
    Compose {
        #[command(subcommand)]
        verb: ComposeVerb,
    },
}

#[derive(Clone, Debug, clap::Subcommand)]
pub enum ImageVerb {
    /// Every image, newest first
    List,
    /// What the engine says of an image
    Show { image: String },
    /// The layers of an image, newest first
    History { image: String },
    /// Build an image from a folder with its Dockerfile
    Build(BuildArgs),
    /// Make a container from an image and run it
    Run(RunArgs),
    /// Give an image one more name
    Tag {
        image: String,
        /// NAME:TAG
        tag: String,
    },
    /// Remove images by tag or id
    Remove {
        #[arg(required = true)]
        images: Vec<String>,
        /// Also when it has other tags or a stopped container uses it
        #[arg(short, long)]
        force: bool,
    },
    /// Write images with their layers and tags to a tar file
    Save {
        #[arg(required = true)]
        images: Vec<String>,
        /// The file to write
        #[arg(short, long)]
        output: PathBuf,
        /// Write over a file that is there
        #[arg(long)]
        force: bool,
    },
    /// Read images from a tar file that save wrote
    Load { file: PathBuf },
    /// Make an image of one layer from a tar file of a tree
    Import {
        file: PathBuf,
        /// NAME:TAG
        tag: String,
        /// A Dockerfile instruction for its settings: CMD, ENV, EXPOSE ...
        #[arg(short, long)]
        change: Vec<String>,
    },
}

#[derive(Clone, Debug, clap::Args)]
pub struct BuildArgs {
    /// The build context; this folder when not given
    pub folder: Option<PathBuf>,
    /// NAME:TAG
    #[arg(short, long)]
    pub tag: Vec<String>,
    /// Another Dockerfile, relative to the folder
    #[arg(short, long)]
    pub file: Option<PathBuf>,
    /// NAME=value of an ARG
    #[arg(long)]
    pub build_arg: Vec<String>,
    /// NAME=value
    #[arg(long)]
    pub label: Vec<String>,
    /// The stage to stop at
    #[arg(long)]
    pub target: Option<String>,
    /// Build every step anew
    #[arg(long)]
    pub no_cache: bool,
    /// Ask the registry for newer base images
    #[arg(long)]
    pub pull: bool,
}

#[derive(Clone, Debug, clap::Args)]
pub struct RunArgs {
    pub image: String,
    /// Instead of the image's own command
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    pub command: Vec<String>,
    /// The container's name
    #[arg(long)]
    pub name: Option<String>,
    /// Do not wait for its end
    #[arg(short, long)]
    pub detach: bool,
    /// 8080:80, 127.0.0.1:8080:80/tcp, or 80
    #[arg(short, long)]
    pub publish: Vec<String>,
    /// NAME=value, or NAME as it is here
    #[arg(short, long)]
    pub env: Vec<String>,
    /// VOLUME:/path or /host/path:/path, with :ro
    #[arg(short, long)]
    pub volume: Vec<String>,
    /// The network it joins
    #[arg(long)]
    pub network: Option<String>,
    /// no, on-failure, always or unless-stopped
    #[arg(long)]
    pub restart: Option<String>,
    /// The folder in which the command starts
    #[arg(long)]
    pub workdir: Option<String>,
    /// The user it runs as
    #[arg(short, long)]
    pub user: Option<String>,
    /// Instead of the image's own entrypoint
    #[arg(long)]
    pub entrypoint: Option<String>,
    /// NAME=value
    #[arg(short, long)]
    pub label: Vec<String>,
    /// Remove the container when it ends
    #[arg(long)]
    pub rm: bool,
    /// All rights on this machine; wants --allow-host
    #[arg(long)]
    pub privileged: bool,
    /// It may reach out of its box: host network, sensitive folders, the engine's socket
    #[arg(long)]
    pub allow_host: bool,
}

#[derive(Clone, Debug, clap::Subcommand)]
pub enum ContainerVerb {
    /// Every container, running or not
    List,
    /// The same whenever something happens in the engine, until it is stopped
    Watch,
    /// What the engine says of a container
    Show { container: String },
    /// Make a container and do not start it
    Create(RunArgs),
    /// Make a container and run it
    Run(RunArgs),
    /// Start containers
    Start {
        #[arg(required = true)]
        containers: Vec<String>,
    },
    /// Stop containers: TERM, the grace of the settings, KILL
    Stop {
        #[arg(required = true)]
        containers: Vec<String>,
    },
    /// Stop and start containers
    Restart {
        #[arg(required = true)]
        containers: Vec<String>,
    },
    /// Send containers a signal
    Kill {
        #[arg(required = true)]
        containers: Vec<String>,
        /// Its name
        #[arg(short, long, default_value = "KILL")]
        signal: String,
    },
    /// Halt every process of containers
    Pause {
        #[arg(required = true)]
        containers: Vec<String>,
    },
    /// Let halted containers go on
    Unpause {
        #[arg(required = true)]
        containers: Vec<String>,
    },
    /// Remove containers with their anonymous volumes
    Remove {
        #[arg(required = true)]
        containers: Vec<String>,
        /// Also running ones: they are killed
        #[arg(short, long)]
        force: bool,
    },
    /// Give a container another name
    Rename { container: String, name: String },
    /// The output of a container
    Logs {
        container: String,
        /// Go on with what comes, until it is stopped
        #[arg(short, long)]
        follow: bool,
        /// Lines before
        #[arg(short, long, default_value_t = 100)]
        n: u32,
    },
    /// Processor, memory, network and disk of running containers
    Stats {
        containers: Vec<String>,
        /// Once a second, until it is stopped
        #[arg(short, long)]
        follow: bool,
    },
    /// The processes of a container
    Top { container: String },
    /// Run a command in a container
    Exec(ExecArgs),
}

#[derive(Clone, Debug, clap::Args)]
pub struct ExecArgs {
    pub container: String,
    /// The command and its arguments
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
    pub command: Vec<String>,
    /// On this terminal
    #[arg(short, long)]
    pub tty: bool,
    /// It reads what comes on the input
    #[arg(short, long, conflicts_with = "tty")]
    pub interactive: bool,
    /// NAME=value
    #[arg(short, long)]
    pub env: Vec<String>,
    /// The user it runs as
    #[arg(short, long)]
    pub user: Option<String>,
    /// The folder in which it starts
    #[arg(long)]
    pub workdir: Option<String>,
}

#[derive(Clone, Debug, clap::Subcommand)]
pub enum VolumeVerb {
    /// Every volume, with who uses it
    List,
    /// What the engine says of a volume
    Show { volume: String },
    /// Make a volume
    Create {
        /// The engine makes one up when not given
        name: Option<String>,
        /// Another driver than local
        #[arg(short, long)]
        driver: Option<String>,
    },
    /// Remove volumes that no container uses; what is in them is lost
    Remove {
        #[arg(required = true)]
        volumes: Vec<String>,
    },
}

#[derive(Clone, Debug, clap::Subcommand)]
pub enum NetworkVerb {
    /// Every network, with who is on it
    List,
    /// What the engine says of a network
    Show { network: String },
    /// Make a network
    Create {
        name: String,
        /// bridge when not given
        #[arg(short, long)]
        driver: Option<String>,
        /// 10.7.0.0/24
        #[arg(long)]
        subnet: Option<String>,
        /// Without a way out
        #[arg(long)]
        internal: bool,
    },
    /// Remove networks that nobody is on
    Remove {
        #[arg(required = true)]
        networks: Vec<String>,
    },
    /// Join a container to a network
    Connect { network: String, container: String },
    /// Take a container off a network
    Disconnect { network: String, container: String },
}

#[derive(Clone, Debug, clap::Args)]
pub struct PruneArgs {
    /// Every image without a container, not only those without a tag
    #[arg(short, long)]
    pub all: bool,
    /// Also volumes that no container uses: their data is lost
    #[arg(long)]
    pub volumes: bool,
    /// Only say what would be removed
    #[arg(long, conflicts_with = "yes")]
    pub preview: bool,
    /// Remove it
    #[arg(short, long)]
    pub yes: bool,
}

#[derive(Clone, Debug, clap::Subcommand)]
pub enum ComposeVerb {
    /// The projects that containers belong to
    List,
    /// Create and start what the compose file says
    Up(ComposeArgs),
    /// Stop and remove the project's containers and networks
    Down(ComposeArgs),
    /// Get the project's images from their registry
    Pull(ComposeArgs),
    /// Follow the output of the project's containers
    Logs(ComposeArgs),
}

#[derive(Clone, Debug, clap::Args)]
pub struct ComposeArgs {
    /// A project by name, as its containers' labels say it; the one of this folder when not given
    pub project: Option<String>,
    /// Another compose file
    #[arg(short, long)]
    pub file: Vec<PathBuf>,
}
