//! Compares spidec's engines with simulated hardware.
