//! Actions of GitHub that need not run because what they bring is here: the checkout, and tools that this machine has. Pure data.

use super::events::PULL_REQUEST;
use super::yaml::Node;
use super::{Does, Facts, Lack, Weight, versions};
use crate::msg;
use std::path::{Component, Path};

/// Actions that bring a tool: the program, and the input that says which version.
const SETUPS: &[(&str, &str, &str)] = &[
    ("actions/setup-node", "node", "node-version"),
    ("actions/setup-python", "python3", "python-version"),
    ("actions/setup-go", "go", "go-version"),
    ("actions/setup-java", "java", "java-version"),
    ("actions/setup-dotnet", "dotnet", "dotnet-version"),
    ("ruby/setup-ruby", "ruby", "ruby-version"),
    ("actions/setup-ruby", "ruby", "ruby-version"),
    ("dtolnay/rust-toolchain", "cargo", "toolchain"),
    ("actions-rs/toolchain", "cargo", "toolchain"),
    ("actions-rust-lang/setup-rust-toolchain", "cargo", "toolchain"),
    ("hecrj/setup-rust-action", "cargo", "rust-version"),
    ("moonrepo/setup-rust", "cargo", "channel"),
    ("shivammathur/setup-php", "php", "php-version"),
    ("astral-sh/setup-uv", "uv", "version"),
    ("yezz123/setup-uv", "uv", "uv-version"),
    ("snok/install-poetry", "poetry", "version"),
    ("pnpm/action-setup", "pnpm", "version"),
    ("oven-sh/setup-bun", "bun", "bun-version"),
    ("denoland/setup-deno", "deno", "deno-version"),
    ("extractions/setup-just", "just", "just-version"),
    ("erlef/setup-beam", "erl", "otp-version"),
    ("hashicorp/setup-terraform", "terraform", "terraform_version"),
    ("azure/setup-helm", "helm", "version"),
    ("azure/setup-kubectl", "kubectl", "version"),
    ("docker/setup-buildx-action", "docker", "version"),
    ("bufbuild/buf-setup-action", "buf", "version"),
    ("arduino/setup-protoc", "protoc", "version"),
    ("gradle/actions/setup-gradle", "gradle", "gradle-version"),
    ("gradle/gradle-build-action", "gradle", "gradle-version"),
    ("stCarolas/setup-maven", "mvn", "maven-version"),
    ("lukka/get-cmake", "cmake", "cmakeVersion"),
    ("jwlawson/actions-setup-cmake", "cmake", "cmake-version"),
    ("seanmiddleditch/gha-setup-ninja", "ninja", "version"),
    ("mlugg/setup-zig", "zig", "version"),
    ("goto-bus-stop/setup-zig", "zig", "version"),
];

/// Actions without which the result is the same.
const CACHES: &[&str] = &[
    "actions/cache",
    "actions/cache/restore",
    "actions/cache/save",
    "Swatinem/rust-cache",
    "mozilla-actions/sccache-action",
    "hendrikmuhs/ccache-action",
    "step-security/harden-runner",
];

/// The programs that setup actions bring.
pub(super) fn programs() -> impl Iterator<Item = &'static str> {
    SETUPS.iter().map(|(_, program, _)| *program)
}

/// What an action comes to here.
pub(super) struct Known {
    pub does: Does,
    pub lack: Option<(Weight, crate::base::Msg)>,
    /// The program that it brings and that is here.
    pub tool: Option<&'static str>,
}

/// What `uses: NAME@REF` with these inputs comes to; `with` is filled as far as it can be told.
pub(super) fn known(uses: &str, with: &[(String, String)], facts: &Facts<'_>) -> Known {
    let (name, reference) = uses.split_once('@').unwrap_or((uses, ""));
    let input = |wanted: &str| with.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str());
    if name == "actions/checkout" {
        let said = |key: &str| input(key).filter(|value| !value.is_empty());
        let other = said("repository").filter(|repository| !repository.eq_ignore_ascii_case(&facts.repository));
        let moved = said("ref").filter(|wanted| !is_here(wanted, facts));
        if let Some(what) = other.or(moved) {
            return skipped(msg!("build-ci-other-checkout", what = what));
        }
        let path = said("path").map(|path| path.trim_start_matches("./").trim_end_matches('/'));
        let Some(path) = path.filter(|path| !path.is_empty() && *path != ".") else {
            return Known {
                does: Does::Here {
                    why: msg!("build-ci-checkout"),
                },
                lack: None,
                tool: None,
            };
        };
        let is_below = Path::new(path).components().all(|part| matches!(part, Component::Normal(_)));
        // An expression in it is told only when the job runs.
        if !is_below || path.contains("${{") {
            return skipped(msg!("build-ci-other-checkout", what = path));
        }
        return doing(Does::Checkout { path: path.into() });
    }
    let with = || with.to_vec();
    if name == "actions/upload-artifact" {
        let joins = matches!(reference, "v1" | "v2" | "v3") || ["v1.", "v2.", "v3."].iter().any(|old| reference.starts_with(old));
        return doing(Does::Upload { with: with(), joins });
    }
    let is_elsewhere = ["run-id", "repository", "artifact-ids"]
        .iter()
        .any(|key| input(key).is_some_and(|value| !value.is_empty()));
    if name == "actions/download-artifact" && !is_elsewhere {
        return doing(Does::Download { with: with() });
    }
    if CACHES.contains(&name) {
        let why = msg!("build-ci-cache", action = uses);
        return Known {
            does: Does::Skipped { why },
            lack: None,
            tool: None,
        };
    }
    if name == "taiki-e/install-action" {
        let tools = input("tool").unwrap_or(reference);
        let names = tools.split(',').map(|tool| tool.trim().split('@').next().unwrap_or_default());
        let is_here = |tool: &&str| (facts.has_program)(tool) || (facts.has_program)(&format!("cargo-{tool}"));
        let missing: Vec<&str> = names.filter(|tool| !is_here(tool)).collect();
        if missing.is_empty() {
            return here(tools, uses);
        }
        return lacking(&missing.join(", "), uses);
    }
    let Some((_, program, version)) = SETUPS.iter().find(|(known, ..)| known.eq_ignore_ascii_case(name)) else {
        return skipped(msg!("build-ci-action", action = uses));
    };
    if !(facts.has_program)(program) {
        return lacking(program, uses);
    }
    // It brings the tool and runs it.
    if input("arguments").is_some_and(|arguments| !arguments.is_empty()) {
        return skipped(msg!("build-ci-action", action = uses));
    }
    let of_reference = (name == "dtolnay/rust-toolchain" && reference != "master").then_some(reference);
    let mut known = here(program, uses);
    known.tool = Some(program);
    if let Some(wanted) = input(version).filter(|wanted| !wanted.is_empty()).or(of_reference) {
        let differs = |what| Some((Weight::Differs, what));
        known.lack = match facts.versions.get(*program) {
            Some(here) if versions::is_one(here, wanted) => None,
            Some(here) => differs(msg!(
                "build-ci-version-here",
                tool = *program,
                wanted = wanted,
                here = here.as_str()
            )),
            None => differs(msg!("build-ci-version", tool = *program, wanted = wanted)),
        };
    }
    known
}

/// A ref that is what is checked out: the branch, its commit, or the merge of a pull request that stands for it.
fn is_here(wanted: &str, facts: &Facts<'_>) -> bool {
    let of_branch = wanted.strip_prefix("refs/heads/").unwrap_or(wanted) == facts.branch;
    let of_commit = wanted.len() >= 7 && facts.commit.starts_with(wanted);
    of_branch || of_commit || wanted == PULL_REQUEST
}

fn doing(does: Does) -> Known {
    Known {
        does,
        lack: None,
        tool: None,
    }
}

fn here(tool: &str, uses: &str) -> Known {
    Known {
        does: Does::Here {
            why: msg!("build-ci-tool-here", tool = tool, action = uses),
        },
        lack: None,
        tool: None,
    }
}

fn lacking(tool: &str, uses: &str) -> Known {
    let why = msg!("build-ci-tool-missing", tool = tool, action = uses);
    Known {
        does: Does::Skipped { why: why.clone() },
        lack: Some((Weight::LeftOut, why)),
        tool: None,
    }
}

fn skipped(why: crate::base::Msg) -> Known {
    Known {
        does: Does::Skipped { why: why.clone() },
        lack: Some((Weight::Skipped, why)),
        tool: None,
    }
}

/// What scripts ask for that a desktop does not give by itself.
pub(super) fn of_script(script: &Node, lacks: &mut Vec<Lack>) {
    let Some(text) = script.text() else { return };
    let has_sudo = text
        .split(|c: char| !(c.is_alphanumeric() || c == '-' || c == '_'))
        .any(|word| word == "sudo");
    if has_sudo {
        lacks.push(Lack {
            weight: Weight::Differs,
            what: msg!("build-ci-sudo"),
            line: Some(script.line),
        });
    }
}
