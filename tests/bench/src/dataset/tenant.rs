//! A tenant with one app on so many devices.

#[derive(Debug, Clone)]
pub struct Tenant {
    pub name: String,
    pub devices: u64,
}

impl Tenant {
    pub fn of(devices: u64) -> Self {
        Self { name: format!("bench-{}", short(devices)), devices }
    }

    /// "1M", "100k"
    pub fn size(&self) -> String {
        short(self.devices)
    }
}

fn short(devices: u64) -> String {
    match devices {
        whole if whole >= 1_000_000 && whole % 1_000_000 == 0 => format!("{}M", whole / 1_000_000),
        whole if whole >= 1000 && whole % 1000 == 0 => format!("{}k", whole / 1000),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_short() {
        assert_eq!(
            [1_000_000, 100_000, 2500, 25].map(|devices| Tenant::of(devices).size()),
            ["1M", "100k", "2500", "25"]
        );
    }
}
