//! `arrays.npz`: the arrays of a case by name.

use super::error::GoldenProblem;
use super::settings::ArrayEntry;
use spidec_data::npy;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Seek};
use zip::ZipArchive;
use zip::result::ZipError;

/// An array in C order.
#[derive(Clone, Debug)]
pub(super) struct Array {
    pub shape: Vec<usize>,
    pub values: Vec<f64>,
}

/// All arrays of a case, and which of them were looked at.
#[derive(Clone, Debug, Default)]
pub(super) struct Arrays {
    pub all: BTreeMap<String, Array>,
    seen: RefCell<BTreeSet<String>>,
}

impl Arrays {
    /// Reads the arrays that `case.json` lists; memory grows with what the archive holds.
    pub fn read(file: impl Read + Seek, entries: &[ArrayEntry]) -> Result<Arrays, GoldenProblem> {
        let mut archive = ZipArchive::new(file).map_err(unreadable)?;
        let mut arrays = Arrays::default();
        for entry in entries {
            let name = &entry.name;
            let mut member =
                archive
                    .by_name(&format!("{name}.npy"))
                    .map_err(|error| match error {
                        ZipError::FileNotFound => missing(name, "case.json lists it"),
                        error => unreadable(error),
                    })?;
            let damaged = |error: spidec_data::DataProblem| match error {
                spidec_data::DataProblem::Array { what, .. } => GoldenProblem::array(name, what),
                error => GoldenProblem::array(name, error.to_string()),
            };
            let array = npy::Array::read(name, &mut member).map_err(damaged)?;
            if !["float64", "int8", "int64"].contains(&entry.dtype.as_str()) {
                let what = format!("its type is {}, not float64, int8 or int64", entry.dtype);
                return Err(GoldenProblem::array(name, what));
            }
            let shape: Vec<usize> = array.extents().iter().map(|&n| n as usize).collect();
            if shape != entry.shape {
                let wanted = &entry.shape;
                let what = format!("its shape is {shape:?}, case.json says {wanted:?}");
                return Err(GoldenProblem::array(name, what));
            }
            let values = array.values();
            if let Some(k) = values.iter().position(|value| !value.is_finite()) {
                let what = format!("value {k} (from 0) is {}, not finite", values[k]);
                return Err(GoldenProblem::array(name, what));
            }
            arrays.all.insert(name.clone(), Array { shape, values });
        }
        Ok(arrays)
    }

    /// An array that may be there.
    pub fn find(&self, name: &str) -> Option<&Array> {
        let array = self.all.get(name)?;
        self.seen.borrow_mut().insert(name.to_string());
        Some(array)
    }

    /// An array that must be there.
    pub fn get(&self, name: &str) -> Result<&Array, GoldenProblem> {
        self.find(name)
            .ok_or_else(|| missing(name, "each case of this kind has it"))
    }

    /// As [`Arrays::get`], of a shape.
    pub fn shaped(&self, name: &str, shape: &[usize]) -> Result<&[f64], GoldenProblem> {
        let array = self.get(name)?;
        if array.shape == shape {
            return Ok(&array.values);
        }
        let found = &array.shape;
        let what = format!("its shape is {found:?}, the settings come to {shape:?}");
        Err(GoldenProblem::array(name, what))
    }

    /// Names of the arrays that were not looked at.
    pub fn unseen(&self) -> Vec<String> {
        let seen = self.seen.borrow();
        let names = self.all.keys().filter(|name| !seen.contains(*name));
        names.cloned().collect()
    }
}

fn missing(name: &str, why: &'static str) -> GoldenProblem {
    GoldenProblem::Missing {
        name: name.into(),
        why,
    }
}

fn unreadable(error: ZipError) -> GoldenProblem {
    match error {
        ZipError::Io(error) => GoldenProblem::Read(error),
        error => GoldenProblem::Archive(error.to_string()),
    }
}
