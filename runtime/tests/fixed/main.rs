//! The fixed-point engine against a second, direct implementation, against real arithmetic, and at
//! its edges.

mod gradient;
mod leaky;
mod naive;
mod networks;
mod reference;
mod rules;
