//! AWS's prices and how they add up.
//!
//! us-east-1, x86-64, first tier, from aws.amazon.com/lambda/pricing, /api-gateway/pricing (HTTP API), as of 2026-06.

/// Dollars.
const LAMBDA_REQUEST: f64 = 0.20 / 1e6;
const LAMBDA_GB_SECOND: f64 = 0.000_016_666_7;
const HTTP_API_REQUEST: f64 = 1.00 / 1e6;
/// The HTTP API meters in pieces of 512 KB.
const HTTP_API_PIECE: f64 = 512.0 * 1024.0;
/// Lambda gives CPU by memory: so many MB are one vCPU.
const MB_PER_VCPU: f64 = 1769.0;

pub const PRICES: &str = "prices: us-east-1, x86-64, first tier, 2026-06, aws.amazon.com/lambda/pricing and /api-gateway/pricing: Lambda $0.20 a million requests + \
    $0.0000166667 a GB-second, HTTP API $1.00 a million requests of up to 512 KB";
pub const FORMULA: &str = "formula: requests of a million events × (HTTP API + Lambda request + GB × billed s); billed ms = ⌈wall − CPU + CPU × max(1, 1769 MB ÷ memory)⌉, \
    as Lambda gives a vCPU for 1769 MB and a core of this machine is taken for one; free tiers, transfer, logs and pollers are left out";

/// One invocation as measured, on a whole core.
#[derive(Debug, Clone, Copy)]
pub struct Invocation {
    pub wall_ms: f64,
    pub cpu_ms: f64,
    /// What the function is given by `template.yaml`.
    pub memory_mb: f64,
    pub events: f64,
    pub request_bytes: f64,
}

impl Invocation {
    /// With a smaller share of a core than it was measured with, its own computing takes longer; its waiting doesn't.
    pub fn billed_ms(self) -> f64 {
        let slower = (MB_PER_VCPU / self.memory_mb).max(1.0);
        let cpu = self.cpu_ms.min(self.wall_ms);
        (self.wall_ms - cpu + cpu * slower).ceil()
    }

    /// Dollars for a million events, of the function alone.
    pub fn lambda(self) -> f64 {
        let each = LAMBDA_REQUEST + LAMBDA_GB_SECOND * self.memory_mb / 1024.0 * self.billed_ms() / 1000.0;
        each * 1e6 / self.events
    }

    /// Dollars for a million events, of the gateway before it.
    pub fn gateway(self) -> f64 {
        HTTP_API_REQUEST * (self.request_bytes / HTTP_API_PIECE).ceil().max(1.0) * 1e6 / self.events
    }
}

/// Dollars for a million events of what is paid by the hour, at that many events a second all day.
pub fn by_the_hour(dollars: f64, events_per_second: f64) -> f64 {
    dollars / (events_per_second * 3600.0) * 1e6
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(a: f64, b: f64) -> bool {
        (a - b).abs() < 1e-9
    }

    #[test]
    fn waiting_costs_what_it_takes_and_computing_more() {
        let whole = Invocation { wall_ms: 10.0, cpu_ms: 2.0, memory_mb: 1769.0, events: 1.0, request_bytes: 700.0 };
        assert!(near(whole.billed_ms(), 10.0));
        assert!(near(Invocation { memory_mb: 884.5, ..whole }.billed_ms(), 12.0));
        assert!(near(Invocation { memory_mb: 3538.0, ..whole }.billed_ms(), 10.0));
        assert!(near(Invocation { cpu_ms: 20.0, ..whole }.billed_ms(), 10.0));
    }

    #[test]
    fn a_million_events_cost_by_batch() {
        let one = Invocation { wall_ms: 4.0, cpu_ms: 0.0, memory_mb: 512.0, events: 1.0, request_bytes: 700.0 };
        assert!(near(one.gateway(), 1.0));
        assert!(near(one.lambda(), 0.20 + 0.000_016_666_7 * 0.5 * 0.004 * 1e6));
        let hundred = Invocation { events: 100.0, request_bytes: 600.0 * 1024.0, ..one };
        assert!(near(hundred.gateway(), 0.02));
        assert!(near(by_the_hour(0.36, 100.0), 1.0));
    }
}
