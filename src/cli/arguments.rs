//! What a user may type.

mod backend;
mod operation;
mod state;

pub use backend::{Init, StateIn, StateInOut, Workspace};
pub use operation::{Completion, Operation, Refresh, Refreshing};
pub use state::{Import, State, StateMove, StatePush, StateRecover, StateRemove, StateReplaceProvider, Taint};

use crate::ops::Given;
use crate::state::backend::StateFiles;
use clap::{Arg, ArgAction, ArgMatches, Args, FromArgMatches, Parser, Subcommand};
use std::path::PathBuf;

/// Ids of the two flags of [`Variables`].
const VAR: &str = "variable";
const VAR_FILE: &str = "variable-file";

/// Plans and provisions AI compute, in the Terraform language
///
/// Declare workloads and resources in *.wl.hcl and *.tf files; Windlass compares them with the live cloud, shows what it would do, and does exactly what
/// was approved. Flags may be written with one dash or two.
#[derive(Parser, Debug)]
#[command(
    name = "windlass",
    version,
    disable_version_flag = true,
    propagate_version = false,
    infer_long_args = false,
    args_override_self = true,
    arg_required_else_help = true
)]
#[command(after_help = "Examples:
  windlass -chdir=examples/quickstart -sandbox apply   try it on a simulated cloud
  windlass plan -out=plan.windlass                     save what would be done
  windlass apply plan.windlass                         do exactly that")]
pub struct Cli {
    /// Options of every command.
    #[command(flatten)]
    pub global: Global,
    /// The command.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// Print the version
    #[arg(long)]
    pub version: bool,
}

/// Options of every command; they may stand before or after it.
#[derive(Args, Debug, Clone)]
pub struct Global {
    /// Work in this folder
    #[arg(long, global = true, value_name = "FOLDER")]
    pub chdir: Option<PathBuf>,
    /// Use the simulated cloud in .windlass/sandbox: no credentials, no cost
    #[arg(long, global = true)]
    pub sandbox: bool,
    /// Write no colours (so does the variable NO_COLOR)
    #[arg(long, global = true)]
    pub no_color: bool,
    /// Where there are warnings and no errors, only list them
    #[arg(long, global = true)]
    pub compact_warnings: bool,
}

/// The commands.
#[derive(Subcommand, Debug)]
pub enum Command {
    /// Set up modules and back end, and check that everything needed is there
    #[command(
        after_help = "Examples:\n  windlass init\n  windlass -chdir=examples/quickstart init\n  windlass init -backend-config=bucket=states -backend-config=key=chat\n  windlass init -migrate-state"
    )]
    Init(Init),
    /// Install the modules that the configuration calls from elsewhere
    #[command(after_help = "Examples:\n  windlass get\n  windlass get -update")]
    Get(Get),
    /// Check the configuration without looking at state or cloud
    #[command(after_help = "Examples:\n  windlass validate\n  windlass validate -json")]
    Validate(Json),
    /// Bring files into the canonical form
    #[command(
        name = "fmt",
        after_help = "Examples:\n  windlass fmt\n  windlass fmt -recursive -check -diff   for continuous integration\n  windlass fmt - < main.tf"
    )]
    Format(Format),
    /// Show what apply would do
    #[command(
        after_help = "Examples:\n  windlass plan\n  windlass plan -var 'size=3' -out=plan.windlass\n  windlass plan -detailed-exitcode   exit 2 when there are changes\n  windlass plan -json                what happens, one JSON object a line\n  windlass plan -target=module.web   that part only\n  windlass plan -replace='aws_instance.web[0]'\n  windlass plan -refresh-only        what another hand changed"
    )]
    Plan(Plan),
    /// Do it: make the cloud as declared, or apply a saved plan
    #[command(
        after_help = "Examples:\n  windlass apply\n  windlass apply plan.windlass\n  windlass -sandbox apply -auto-approve\n  windlass apply -json plan.windlass   what happens, one JSON object a line"
    )]
    Apply(Apply),
    /// Delete everything that the state holds
    #[command(after_help = "Examples:\n  windlass destroy\n  windlass -sandbox destroy -auto-approve")]
    Destroy(Destroy),
    /// Record in the state what is there now; plan -refresh-only shows it first
    #[command(
        after_help = "Examples:\n  windlass refresh\n  windlass plan -refresh-only    see what another hand changed\n  windlass apply -refresh-only   the same as refresh, after a look and a yes"
    )]
    Refresh(Refresh),
    /// Try expressions on variables, locals and what the state has
    #[command(
        after_help = "Examples:\n  windlass console\n  echo 'cidrsubnet(\"10.0.0.0/16\", 4, 2)' | windlass console\n  windlass console -var 'size=3'"
    )]
    Console(Console),
    /// Print the module that a workload stands for, as Terraform accepts it
    #[command(after_help = "Examples:\n  windlass eject quickstart > modules/quickstart/main.tf\n  windlass -sandbox eject")]
    Eject(Eject),
    /// Print which resource waits for which, for tools that draw
    #[command(
        after_help = "Examples:\n  windlass graph | dot -Tsvg > graph.svg\n  windlass graph -format=svg > graph.svg\n  windlass graph -format=mermaid\n  windlass graph -plan=plan.windlass   the steps of a saved plan"
    )]
    Graph(Graph),
    /// Print what the language has, for tools
    #[command(subcommand, after_help = "Example:\n  windlass metadata functions -json")]
    Metadata(Metadata),
    /// Print which module requires which providers
    #[command(after_help = "Examples:\n  windlass providers\n  windlass providers schema -json   the types that they have")]
    Providers(Providers),
    /// Show the state, or a saved plan
    #[command(
        after_help = "Examples:\n  windlass show\n  windlass show -json plan.windlass\n  windlass show -markdown plan.windlass > comment.md\n  windlass show -html plan.windlass > plan.html"
    )]
    Show(Show),
    /// Show outputs
    #[command(after_help = "Examples:\n  windlass output\n  windlass output -raw bucket")]
    Output(Output),
    /// Look into the state
    #[command(subcommand, after_help = "Examples:\n  windlass state list\n  windlass state show aws_vpc.main")]
    State(State),
    /// Take an existing object into the state
    #[command(after_help = "Example:\n  windlass import aws_vpc.main vpc-0a1b2c3d\n\nAn import block does the same with a plan before.")]
    Import(Import),
    /// Mark an object as one that the next apply replaces; plan -replace does the same without touching the state
    Taint(Taint),
    /// Take that mark away
    Untaint(Taint),
    /// Remove a lock that nobody holds any more
    #[command(after_help = "Example:\n  windlass force-unlock 8f2c1d9e-6f0b-4a3c-9a53-0c2f4b1e7d11")]
    ForceUnlock(ForceUnlock),
    /// Several states of one configuration
    #[command(
        subcommand,
        after_help = "Examples:\n  windlass workspace list\n  windlass workspace new staging\n  windlass workspace select -or-create production"
    )]
    Workspace(Workspace),
    /// Print the version
    Version(Json),
    /// Write a script by which a shell completes commands and flags
    #[command(
        after_help = "Examples:\n  source <(windlass completion bash)\n  windlass completion zsh > ~/.zfunc/_windlass\n  windlass completion fish > ~/.config/fish/completions/windlass.fish"
    )]
    Completion(Completion),
    /// The simulated cloud
    #[command(
        subcommand,
        after_help = "Examples:\n  windlass sandbox status\n  windlass sandbox faults set 'capacity zone=us-east-1a'\n  windlass sandbox serve"
    )]
    Sandbox(Sandbox),
}

impl Command {
    /// Whether the answer is a stream of JSON objects instead of text.
    pub fn streams(&self) -> bool {
        match self {
            Command::Init(flags) => flags.json,
            _ => self.planning().is_some_and(|planning| planning.json),
        }
    }

    /// The values of variables that its flags give.
    pub fn variables(&self) -> &[Given] {
        match self {
            Command::Init(flags) => &flags.variables.0,
            Command::Get(flags) => &flags.variables.0,
            Command::Console(flags) => &flags.variables.0,
            Command::Eject(flags) => &flags.variables.0,
            _ => self.planning().map_or(&[], |planning| &planning.variables.0),
        }
    }

    /// Other files of the state that its flags name.
    pub fn state_files(&self) -> StateFiles {
        match self {
            Command::Plan(flags) => flags.state.files(),
            Command::Apply(flags) => flags.state.files(),
            Command::Destroy(flags) => flags.state.files(),
            Command::Refresh(flags) => flags.state.files(),
            Command::Console(flags) => flags.state.files(),
            Command::Output(flags) => flags.state.files(),
            Command::Import(flags) => flags.state.files(),
            Command::Taint(flags) | Command::Untaint(flags) => flags.state.files(),
            Command::State(flags) => flags.files(),
            _ => StateFiles::default(),
        }
    }

    /// What decides the plan of a command that plans.
    fn planning(&self) -> Option<&Planning> {
        match self {
            Command::Plan(flags) => Some(&flags.planning),
            Command::Apply(flags) => Some(&flags.planning),
            Command::Destroy(flags) => Some(&flags.planning),
            Command::Refresh(flags) => Some(&flags.planning),
            Command::Import(flags) => Some(&flags.planning),
            _ => None,
        }
    }
}

/// `-json` alone.
#[derive(Args, Debug)]
pub struct Json {
    /// Write JSON
    #[arg(long)]
    pub json: bool,
}

/// Whether the state is locked.
#[derive(Args, Debug)]
pub struct Lock {
    /// Lock the state
    #[arg(long, action = ArgAction::Set, num_args = 0..=1, require_equals = true, default_value_t = true, default_missing_value = "true", value_name = "BOOL")]
    pub lock: bool,
    /// How long to wait for a locked state, such as 30s or 5m
    #[arg(long, default_value = "0s", value_name = "DURATION")]
    pub lock_timeout: String,
}

/// `-var` and `-var-file` in the order they were given in: the later ones win.
#[derive(Debug, Default)]
pub struct Variables(pub Vec<Given>);

impl Args for Variables {
    fn augment_args(command: clap::Command) -> clap::Command {
        let text = Arg::new(VAR).long("var").value_name("NAME=VALUE").help("Value of a variable; may be given several times");
        let file = Arg::new(VAR_FILE).long("var-file").value_name("FILE").help("File of variables; may be given several times");
        command.arg(text.action(ArgAction::Append)).arg(file.action(ArgAction::Append).value_parser(clap::value_parser!(PathBuf)))
    }

    fn augment_args_for_update(command: clap::Command) -> clap::Command {
        Variables::augment_args(command)
    }
}

impl FromArgMatches for Variables {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Variables, clap::Error> {
        let texts = matches.get_many::<String>(VAR).into_iter().flatten().cloned().map(Given::Text);
        let files = matches.get_many::<PathBuf>(VAR_FILE).into_iter().flatten().cloned().map(Given::File);
        let places = |id| matches.indices_of(id).into_iter().flatten();
        let mut given: Vec<(usize, Given)> = places(VAR).zip(texts).chain(places(VAR_FILE).zip(files)).collect();
        given.sort_by_key(|(place, _)| *place);
        Ok(Variables(given.into_iter().map(|(_, given)| given).collect()))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Variables::from_arg_matches(matches)?;
        Ok(())
    }
}

/// What decides a plan.
#[derive(Args, Debug)]
pub struct Planning {
    /// `-var` and `-var-file`.
    #[command(flatten)]
    pub variables: Variables,
    /// Go on although most objects of a provider are gone; they are made anew
    #[arg(long)]
    pub allow_gone: bool,
    /// How many operations run side by side
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..), value_name = "N")]
    pub parallelism: u16,
    /// Ask for what is missing
    #[arg(long, action = ArgAction::Set, num_args = 0..=1, require_equals = true, default_value_t = true, default_missing_value = "true", value_name = "BOOL")]
    pub input: bool,
    /// Write what happens as JSON, one object a line; asks nothing
    #[arg(long)]
    pub json: bool,
    /// Whether the state is locked.
    #[command(flatten)]
    pub lock: Lock,
}

/// `get`.
#[derive(Args, Debug)]
pub struct Get {
    /// Values of variables.
    #[command(flatten)]
    pub variables: Variables,
    /// Fetch modules anew that are installed already
    #[arg(long)]
    pub update: bool,
}

/// What may be done with the lock of modules.
#[derive(clap::ValueEnum, Clone, Copy, Debug)]
pub enum LockFile {
    /// Nothing
    Readonly,
}

/// `plan`.
#[derive(Args, Debug)]
pub struct Plan {
    /// What decides the plan.
    #[command(flatten)]
    pub planning: Planning,
    /// What kind of plan, and of what.
    #[command(flatten)]
    pub operation: Operation,
    /// Other files of the state.
    #[command(flatten)]
    pub state: StateIn,
    /// Write the plan to this file
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Write the configuration of imported objects that no resource block declares to this new file
    #[arg(long, value_name = "FILE")]
    pub generate_config_out: Option<PathBuf>,
    /// Exit with 2 when there are changes, 0 when there are none, 1 on error
    #[arg(long)]
    pub detailed_exitcode: bool,
}

/// `apply`.
#[derive(Args, Debug)]
pub struct Apply {
    /// What decides the plan.
    #[command(flatten)]
    pub planning: Planning,
    /// What kind of plan, and of what.
    #[command(flatten)]
    pub operation: Operation,
    /// Do not ask
    #[arg(long)]
    pub auto_approve: bool,
    /// Other files of the state.
    #[command(flatten)]
    pub state: StateInOut,
    /// A saved plan; it is not asked about
    #[arg(value_name = "PLAN")]
    pub plan_file: Option<PathBuf>,
}

/// `destroy`.
#[derive(Args, Debug)]
pub struct Destroy {
    /// What decides the plan.
    #[command(flatten)]
    pub planning: Planning,
    /// What kind of plan, and of what.
    #[command(flatten)]
    pub operation: Operation,
    /// Do not ask
    #[arg(long)]
    pub auto_approve: bool,
    /// Other files of the state.
    #[command(flatten)]
    pub state: StateInOut,
}

/// `fmt`.
#[derive(Args, Debug)]
pub struct Format {
    /// Write the names of files that are not in canonical form
    #[arg(long, action = ArgAction::Set, num_args = 0..=1, require_equals = true, default_value_t = true, default_missing_value = "true", value_name = "BOOL")]
    pub list: bool,
    /// Write the files; never with -check
    #[arg(long, action = ArgAction::Set, num_args = 0..=1, require_equals = true, default_value_t = true, default_missing_value = "true", value_name = "BOOL")]
    pub write: bool,
    /// Show what differs
    #[arg(long)]
    pub diff: bool,
    /// Write no file; exit with 3 when one is not in canonical form
    #[arg(long)]
    pub check: bool,
    /// Format the files in folders below too
    #[arg(long)]
    pub recursive: bool,
    /// Files and folders; "-" is standard input
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
}

/// `console`.
#[derive(Args, Debug)]
pub struct Console {
    /// Values of variables.
    #[command(flatten)]
    pub variables: Variables,
    /// Other files of the state.
    #[command(flatten)]
    pub state: StateIn,
}

/// `eject`.
#[derive(Args, Debug)]
pub struct Eject {
    /// Values of variables.
    #[command(flatten)]
    pub variables: Variables,
    /// Which; may be left out when there is only one
    #[arg(value_name = "WORKLOAD")]
    pub workload: Option<String>,
}

/// `graph`.
#[derive(Args, Debug)]
pub struct Graph {
    /// The language
    #[arg(long, value_enum, default_value_t = GraphFormat::Dot)]
    pub format: GraphFormat,
    /// Draw the steps of this saved plan instead of the resources of the configuration
    #[arg(long, value_name = "FILE")]
    pub plan: Option<PathBuf>,
}

/// Languages of graphs.
#[derive(clap::ValueEnum, Clone, Copy, Debug)]
pub enum GraphFormat {
    /// Graphviz
    Dot,
    /// Mermaid
    Mermaid,
    /// A picture for browsers
    Svg,
}

/// `metadata`.
#[derive(Subcommand, Debug)]
pub enum Metadata {
    /// The functions with what they take and return
    Functions(Json),
}

/// `providers`.
#[derive(Args, Debug)]
pub struct Providers {
    /// What else; without it, the tree.
    #[command(subcommand)]
    pub what: Option<ProvidersOf>,
}

/// `providers …`.
#[derive(Subcommand, Debug)]
pub enum ProvidersOf {
    /// The types with their attributes and blocks
    Schema(Json),
}

/// `show`.
#[derive(Args, Debug)]
pub struct Show {
    /// Write JSON
    #[arg(long)]
    pub json: bool,
    /// Write a saved plan as Markdown, for a comment under a change request
    #[arg(long, conflicts_with = "json", requires = "file")]
    pub markdown: bool,
    /// Write a saved plan as one HTML page that needs no network
    #[arg(long, conflicts_with_all = ["json", "markdown"], requires = "file")]
    pub html: bool,
    /// A saved plan or a state file; without it, the state
    #[arg(value_name = "FILE")]
    pub file: Option<PathBuf>,
}

/// `output`.
#[derive(Args, Debug)]
pub struct Output {
    /// Write JSON
    #[arg(long)]
    pub json: bool,
    /// Other files of the state.
    #[command(flatten)]
    pub state: StateIn,
    /// Write a string, number or truth value without quotes
    #[arg(long, conflicts_with = "json", requires = "name")]
    pub raw: bool,
    /// Which; without it, all
    #[arg(value_name = "NAME")]
    pub name: Option<String>,
}

/// `force-unlock`.
#[derive(Args, Debug)]
pub struct ForceUnlock {
    /// Do not ask
    #[arg(long)]
    pub force: bool,
    /// The lock's id, from the message that refused the run
    #[arg(value_name = "ID")]
    pub id: String,
}

/// `sandbox`.
#[derive(Subcommand, Debug)]
pub enum Sandbox {
    /// What is in it
    Status(Json),
    /// Empty it: cloud, state and faults
    Reset,
    /// Serve it until interrupted, for other tools and several windlass processes
    Serve {
        /// Where to listen; port 0 chooses one
        #[arg(long, default_value = "127.0.0.1:0", value_name = "ADDRESS")]
        address: std::net::SocketAddr,
    },
    /// Faults: list, set or clear them
    #[command(subcommand)]
    Faults(Faults),
}

/// `sandbox faults`.
#[derive(Subcommand, Debug)]
pub enum Faults {
    /// List those in force
    List,
    /// Add one, such as 'capacity zone=us-east-1a' or 'throttle rate=5'
    Set {
        /// Name and settings
        #[arg(value_name = "FAULT", required = true)]
        fault: Vec<String>,
    },
    /// Remove all, or one
    Clear {
        /// Its number in the list
        #[arg(value_name = "ID")]
        id: Option<u64>,
    },
}
