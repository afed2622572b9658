//! Where things are: what was built, what was set up, and what a run leaves behind.

use anyhow::{Context, bail};
use std::path::{Path, PathBuf};

/// The folders of this clone.
#[derive(Debug, Clone)]
pub struct Place {
    /// cargo's, which this program was built in.
    target: PathBuf,
    /// Beside this program.
    programs: PathBuf,
    root: PathBuf,
}

impl Place {
    pub fn find() -> anyhow::Result<Self> {
        let program = std::env::current_exe().context("this program's own path")?;
        let target = program.ancestors().find(|folder| folder.join("CACHEDIR.TAG").exists());
        let target = target.context("this program isn't in cargo's target folder")?;
        let root = std::env::current_dir().context("the current folder")?;
        if !root.join("template.yaml").exists() {
            bail!("run this in the clone: `make bench`");
        }
        let programs = program.parent().unwrap_or(target).to_owned();
        Ok(Self { target: target.to_owned(), programs, root })
    }

    /// Results, and data that is kept for the next run.
    pub fn results(&self) -> PathBuf {
        self.target.join("bench")
    }

    /// Flamegraphs.
    pub fn profiles(&self) -> PathBuf {
        self.target.join("profile")
    }

    /// What one section keeps while it runs.
    pub fn scratch(&self, section: &str) -> anyhow::Result<Scratch> {
        let folder = self.results().join(format!("state-{}-{section}", std::process::id()));
        std::fs::create_dir_all(&folder).with_context(|| format!("{} can't be made", folder.display()))?;
        Ok(Scratch(folder))
    }

    pub fn program(&self, name: &str) -> anyhow::Result<PathBuf> {
        let path = self.programs.join(name);
        if !path.is_file() {
            bail!("no `{name}` beside this program: run `make bench`, which builds it");
        }
        Ok(path)
    }

    /// The clone's `.local/`, made by `make setup`.
    pub fn local(&self) -> PathBuf {
        self.root.join(".local")
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The zip of a Lambda function, where `make build` has made it.
    pub fn zip(&self, function: &str) -> Option<PathBuf> {
        let zip = self.target.join("lambda").join(function).join("bootstrap.zip");
        zip.is_file().then_some(zip)
    }

    /// AWS's runtime interface emulator, out of the SAM command's package.
    pub fn emulator(&self) -> Option<PathBuf> {
        let machine = if cfg!(target_arch = "aarch64") { "arm64" } else { "x86_64" };
        let pythons = std::fs::read_dir(self.local().join("venv/lib")).ok()?.flatten();
        pythons
            .map(|python| python.path().join(format!("site-packages/samcli/local/rapid/aws-lambda-rie-{machine}")))
            .find(|path| path.is_file())
    }
}

/// A folder that goes when its owner does.
pub struct Scratch(PathBuf);

impl Scratch {
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
