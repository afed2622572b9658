//! A simulated fleet of devices that sends its update lifecycles over HTTP, and a plain tally of what must be counted.
//!
//! Nothing here comes from the system itself: the contract of the API and of its numbers is written down a second time,
//! from the client's side, so that a mistake on either side shows as a disagreement.
//!
//! - [`Fleet`] describes the traffic; [`Fleet::deliveries`] generates it lazily and deterministically.
//! - [`Sender`] posts deliveries, with retries.
//! - [`Expected`] counts what was sent.

mod catalogue;
mod delivery;
mod event;
mod expected;
mod fleet;
mod sender;
mod wire;

pub use delivery::{Delivery, Encoding, Framing};
pub use event::{Detail, DeviceInfo, Dialect, Event, EventType, Failure, Metrics, NetworkInfo};
pub use expected::{Active, Adoption, Answers, Expected, Failures, Metric, Performance, Versions, Window};
pub use fleet::{Deliveries, Fleet, Size};
pub use sender::{Counters, SendError, Sender};
