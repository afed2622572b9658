//! Ports on the loopback interface.

use anyhow::{Context, bail};
use std::{io::ErrorKind, net::TcpListener};

/// Which port a server takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Port {
    /// Any that is free.
    Free,
    At(u16),
}

impl From<u16> for Port {
    /// 0 is any that is free.
    fn from(port: u16) -> Self {
        if port == 0 { Self::Free } else { Self::At(port) }
    }
}

impl Port {
    /// A port that nobody listens on now. `variable` is what moves it.
    pub(super) fn claim(self, variable: &str) -> anyhow::Result<u16> {
        let wanted = match self {
            Self::Free => 0,
            Self::At(port) => port,
        };
        match TcpListener::bind(("127.0.0.1", wanted)) {
            Ok(listener) => Ok(listener.local_addr()?.port()),
            Err(error) if error.kind() == ErrorKind::AddrInUse => {
                bail!("port {wanted} is taken: stop what listens there, or set {variable} to another one")
            }
            Err(error) => Err(error).with_context(|| format!("port {wanted} ({variable})")),
        }
    }
}
