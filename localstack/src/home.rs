//! Where the clone is: what was downloaded and what is kept lie in its `.local/`.

use anyhow::{Context, bail};
use std::path::{Path, PathBuf};

/// The clone's `.local/`: `OTA_HOME`'s, or that of the folder above this program or above the current one which has it.
///
/// # Errors
/// There is none: nothing has been set up.
pub(crate) fn local() -> anyhow::Result<PathBuf> {
    if let Some(home) = std::env::var_os("OTA_HOME") {
        return Ok(PathBuf::from(home).join(".local"));
    }
    let program = std::env::current_exe().context("this program's own path")?;
    let current = std::env::current_dir().context("the current folder")?;
    let above =
        |start: &Path| start.ancestors().map(|folder| folder.join(".local")).find(|local| local.join("kafka").is_dir());
    match above(&program).or_else(|| above(&current)) {
        Some(local) => Ok(local),
        None => bail!("the engines aren't here: run `make setup` in the clone, or set OTA_HOME to it"),
    }
}
