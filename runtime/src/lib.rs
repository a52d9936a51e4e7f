//! spidec's reference engines: floating point, fixed point, array.
