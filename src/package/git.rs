//! Packages in git repositories, by the `git` program: it knows the user's keys, credential helpers and proxies.
//!
//! Only the wanted commit is fetched where the server allows that; the history is not kept. A branch, tag or commit is resolved by
//! name first, so that an unknown one is told from a server that does not answer.

use super::{PackageError, Settings, folder};
use crate::address::module_source::Package;
use base64::Engine;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use tokio::process::Command;

type Fallible<T> = Result<T, PackageError>;

/// Parts of the query that are for us.
const OWN_QUERY: [&str; 3] = ["ref", "depth", "sshkey"];

/// Fetches a repository's files into a folder that does not exist yet.
///
/// # Errors
/// git is missing or says no.
pub(super) async fn fetch(package: &Package, into: &Path, settings: &Settings) -> Fallible<()> {
    let url = package.url_without(&OWN_QUERY);
    let reference = package.query("ref").filter(|reference| !reference.is_empty());
    if reference.as_ref().is_some_and(|reference| reference.starts_with('-') || reference.contains(['\0', '\n'])) {
        return Err(PackageError::new(format!("{:?} can't be a branch, tag or commit", reference.unwrap_or_default())));
    }
    if let Some(depth) = package.query("depth")
        && depth.parse::<u32>().is_err()
    {
        return Err(PackageError::new(format!("depth is {depth:?}; it must be a number")));
    }
    let key = package.query("sshkey").map(|key| write_key(&key, into)).transpose()?;
    let git = Git { folder: into, url: &url, settings, key: key.as_deref() };
    let done = git.checkout(reference.as_deref()).await;
    if let Some(key) = key {
        let _ = std::fs::remove_file(key);
    }
    done
}

/// Writes a private key beside the folder, for the owner's eyes.
fn write_key(encoded: &str, beside: &Path) -> Fallible<PathBuf> {
    let key = base64::engine::general_purpose::STANDARD.decode(encoded.replace(' ', "+").trim());
    let key = key.map_err(|_| PackageError::new("sshkey is not a private key in Base64"))?;
    let path = beside.with_extension("key");
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(&path).and_then(|mut file| std::io::Write::write_all(&mut file, &key));
    written.map(|()| path.clone()).map_err(|error| PackageError::file(&path, error))
}

struct Git<'a> {
    folder: &'a Path,
    url: &'a str,
    settings: &'a Settings,
    key: Option<&'a Path>,
}

/// What the remote says of a name.
enum Named {
    /// A branch, a tag or another full name such as `refs/pull/1/head`.
    Known(String),
    /// Perhaps a commit.
    Other,
}

impl Git<'_> {
    async fn checkout(&self, reference: Option<&str>) -> Fallible<()> {
        std::fs::create_dir_all(self.folder).map_err(|error| PackageError::file(self.folder, error))?;
        self.run(&["init", "--quiet", "--template="]).await?;
        self.run(&["config", "remote.origin.url", self.url]).await?;
        let commit = match (self.named(reference).await?, reference) {
            (Named::Known(name), _) => self.by_name(&name).await?,
            (Named::Other, Some(reference)) => self.commit(reference).await?,
            (Named::Other, None) => return Err(PackageError::new("the repository has no commit")),
        };
        self.run(&["checkout", "--quiet", "--detach", &commit]).await?;
        if self.folder.join(".gitmodules").exists() {
            self.run(&["submodule", "--quiet", "update", "--init", "--recursive"]).await?;
        }
        folder::remove_history(self.folder).map_err(|error| PackageError::file(self.folder, error))
    }

    /// Asks the remote what a name is; no name is the default branch.
    async fn named(&self, reference: Option<&str>) -> Fallible<Named> {
        let Some(name) = reference else {
            let listed = self.run(&["ls-remote", "--quiet", "origin", "HEAD"]).await?;
            return Ok(if names(&listed).any(|found| found == "HEAD") { Named::Known("HEAD".to_owned()) } else { Named::Other });
        };
        let (tag, branch) = (format!("refs/tags/{name}"), format!("refs/heads/{name}"));
        let listed = self.run(&["ls-remote", "--quiet", "origin", &tag, &branch, name]).await?;
        let has = |wanted: &str| names(&listed).any(|found| found == wanted);
        Ok(if has(&tag) {
            Named::Known(tag)
        } else if has(&branch) {
            Named::Known(branch)
        } else if name.starts_with("refs/") && has(name) {
            Named::Known(name.to_owned())
        } else {
            Named::Other
        })
    }

    /// Fetches one name, without history where the server allows it.
    async fn by_name(&self, name: &str) -> Fallible<String> {
        let shallow = self.run(&["fetch", "--quiet", "--no-tags", "--depth=1", "origin", name]).await;
        if shallow.is_err() {
            self.run(&["fetch", "--quiet", "--no-tags", "origin", name]).await?;
        }
        self.resolve("FETCH_HEAD").await
    }

    /// Fetches a commit by its id or the first digits of it.
    async fn commit(&self, id: &str) -> Fallible<String> {
        let is_hexadecimal = id.bytes().all(|byte| byte.is_ascii_hexdigit());
        if matches!(id.len(), 40 | 64)
            && is_hexadecimal
            && self.run(&["fetch", "--quiet", "--no-tags", "--depth=1", "origin", id]).await.is_ok()
        {
            return self.resolve(id).await;
        }
        let unknown = || PackageError::new(format!("the repository has no branch, tag or commit {id:?}"));
        if id.len() < 4 || !is_hexadecimal {
            return Err(unknown());
        }
        // A server need not give out a commit by its id: then everything is fetched and searched.
        self.run(&["fetch", "--quiet", "--tags", "origin", "+refs/heads/*:refs/remotes/origin/*"]).await?;
        self.resolve(id).await.map_err(|_| unknown())
    }

    async fn resolve(&self, name: &str) -> Fallible<String> {
        let id = self.run(&["rev-parse", "--verify", "--quiet", &format!("{name}^{{commit}}")]).await?;
        Ok(id.trim().to_owned())
    }

    async fn run(&self, arguments: &[&str]) -> Fallible<String> {
        let mut command = Command::new("git");
        command.arg("-C").arg(self.folder).args(["-c", "advice.detachedHead=false", "-c", "init.defaultBranch=main"]).args(arguments);
        // Several run side by side, so none may ask.
        command.env("GIT_TERMINAL_PROMPT", "0").env("LC_ALL", "C").stdin(Stdio::null()).kill_on_drop(true);
        // A hook of git may have started us; its repository is not meant.
        for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY"] {
            command.env_remove(name);
        }
        if let Some(key) = self.key {
            let shell = self.settings.variable("GIT_SSH_COMMAND").unwrap_or("ssh");
            command.env("GIT_SSH_COMMAND", format!("{shell} -i '{}'", key.display()));
        }
        let output = command.output().await.map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => PackageError::new("git must be available and on the PATH"),
            _ => PackageError::new(format!("git can't be started: {error}")),
        })?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
        }
        let said = String::from_utf8_lossy(&output.stderr);
        let what = arguments.iter().find(|argument| !argument.starts_with('-')).copied().unwrap_or_default();
        let said = said.trim();
        Err(PackageError::new(format!("git {what} failed ({}){}{said}", output.status, if said.is_empty() { "" } else { ": " })))
    }
}

/// The names in what `ls-remote` printed.
fn names(listed: &str) -> impl Iterator<Item = &str> {
    listed.lines().filter_map(|line| line.split_once('\t')).map(|(_, name)| name)
}
