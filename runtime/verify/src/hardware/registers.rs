//! What the host port holds, and where.

/// Regions of the host port's address space, see `spidec_host.v`.
pub(super) mod region {
    pub const REGISTERS: u32 = 0;
    pub const PROGRAM: u32 = 1 << 24;
    pub const INPUT: u32 = 2 << 24;
    pub const WEIGHTS: u32 = 3 << 24;
    pub const STATES: u32 = 4 << 24;
    pub const COUNTS: u32 = 6 << 24;
    pub const ERRORS: u32 = 8 << 24;
    pub const CONSTANTS: u32 = 9 << 24;
}

/// Offsets in the register region.
pub(super) mod register {
    pub const IDENTITY: u32 = 0;
    pub const MACHINE: u32 = 1;
    pub const DESIGN: u32 = 2;
    pub const CONTROL: u32 = 4;
    pub const STATUS: u32 = 5;
    pub const PREDICTION: u32 = 6;
    pub const LIMIT: u32 = 7;
    pub const LABEL: u32 = 9;
    pub const SEED: u32 = 10;
    pub const SAMPLE: u32 = 12;
    /// `COUNTERS + 8 * kind + stage`.
    pub const COUNTERS: u32 = 64;
    /// Counters of the whole sample.
    pub const WHOLE: u32 = COUNTERS + 40;
    /// The first membrane and weight that were clamped.
    pub const FIRST: u32 = COUNTERS + 48;
}

/// What the identity register holds: "SPDC".
pub(super) const IDENTITY: u32 = 0x5350_4443;
