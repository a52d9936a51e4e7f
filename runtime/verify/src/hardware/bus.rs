//! Handshakes of the host port.

use super::{Hardware, HardwareError};
use rtlsim::{Capture, RunSpec};

/// Cycles that a bus access may take before the port counts as dead.
pub(super) const PATIENCE: u64 = 64;

impl Hardware {
    pub(super) fn write(&mut self, addr: u32, data: u32) -> Result<(), HardwareError> {
        self.sim.poke(self.ports.wdata, &[data])?;
        self.access(addr, true).map(|_| ())
    }

    pub(super) fn read(&mut self, addr: u32) -> Result<u32, HardwareError> {
        self.access(addr, false)
    }

    /// One handshake; gives what the bus reads in the cycle of the acknowledge.
    fn access(&mut self, addr: u32, write: bool) -> Result<u32, HardwareError> {
        self.sim.poke(self.ports.addr, &[addr])?;
        self.sim.poke(self.ports.write, &[u32::from(write)])?;
        self.sim.poke(self.ports.req, &[1])?;
        let mut captures = Vec::new();
        if !write {
            captures.push(Capture {
                valid: Some(self.ports.ack),
                ports: vec![self.ports.rdata],
            });
        }
        let result = self.sim.run(&RunSpec {
            max: PATIENCE,
            until: Some(self.ports.ack),
            captures,
        })?;
        if !result.reached {
            return Err(HardwareError::Bus(addr));
        }
        let data = result.records.first().and_then(|r| r.words.last());
        Ok(data.copied().unwrap_or(0))
    }
}
