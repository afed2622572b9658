//! Other people's clients, in their own languages: the scripts are in `tests/clients`.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{DATABASE, shared};

/// A place from the environment, or where the project's setup puts it.
fn place(variable: &str, default: &str) -> PathBuf {
    let path = std::env::var_os(variable)
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(default), PathBuf::from);
    assert!(path.exists(), "{} is missing: run `make test`, which brings it, or set {variable}", path.display());
    path
}

fn check(command: &mut Command) {
    let port = shared().address.port().to_string();
    let output = command.args([&port, DATABASE]).output().unwrap();
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{out}\n{err}");
}

fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients").join(name)
}

#[test]
fn clickhouse_connect() {
    check(Command::new(place("OTA_CLIENT_PYTHON", ".local/venv/bin/python")).arg(script("check.py")));
}

#[test]
fn node_client() {
    let modules = place("OTA_CLIENT_NODE_MODULES", ".local/clients/node_modules");
    check(Command::new("node").env("OTA_CLIENT_NODE_MODULES", modules).arg(script("check.mjs")));
}
