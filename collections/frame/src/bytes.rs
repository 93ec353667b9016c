//! Numbers as people read them.
//!
//! In: a number of bytes. Out: text, in the unit that suits it.

use std::fmt::{Display, Formatter};

/// A number of bytes, shown in the unit that suits it.
///
/// # Examples
/// ```
/// # use taskweave_frame as frame;
/// assert_eq!(frame::Bytes(3 << 20).to_string(), "3.0 MiB");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bytes(pub u64);

impl Display for Bytes {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        const UNITS: [&str; 6] = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
        if self.0 < 1024 {
            return write!(f, "{} byte{}", self.0, if self.0 == 1 { "" } else { "s" });
        }
        let power = (self.0.ilog2() / 10) as usize;
        write!(f, "{:.1} {}", self.0 as f64 / 1024_f64.powi(power as i32), UNITS[power - 1])
    }
}
