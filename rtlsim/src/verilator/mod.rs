//! The engine that compiles the design with Verilator and loads the result.
//!
//! All loops over cycles run in the compiled library. Tracing costs speed even
//! where no window is open, so it is a second library, built when
//! [`Options::trace`] asks for it, one for VCD, one for FST.

mod build;
mod header;

use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::path::Path;

use libloading::Library;
use tempfile::TempDir;

use crate::simulation::{
    Memory, MemoryInfo, Port, PortInfo, Records, RunResult, RunSpec, Shape, Simulation, may_trace,
    words_of,
};
use crate::{Engine, Error, Options, Project, Result, Tools, Waveform};

type Handle = *mut c_void;

/// The C interface, as `shim.cpp` defines it.
struct Api {
    destroy: unsafe extern "C" fn(Handle),
    message: unsafe extern "C" fn(Handle) -> *const c_char,
    stopped: unsafe extern "C" fn(Handle) -> c_int,
    cycle: unsafe extern "C" fn(Handle) -> u64,
    poke: unsafe extern "C" fn(Handle, u32, *const u32),
    peek: unsafe extern "C" fn(Handle, u32, *mut u32) -> c_int,
    cycles: unsafe extern "C" fn(Handle, u64) -> c_int,
    run: unsafe extern "C" fn(Handle, u64, u32, *const u32, u32, *mut u64, *mut u32) -> c_int,
    records: unsafe extern "C" fn(Handle, u32, *mut *const u64, *mut *const u32, *mut u64),
    memory_read: unsafe extern "C" fn(Handle, u32, u64, u64, *mut u32),
    memory_write: unsafe extern "C" fn(Handle, u32, u64, u64, *const u32),
    trace: Option<TraceApi>,
}

struct TraceApi {
    start: unsafe extern "C" fn(Handle, *const c_char) -> c_int,
    stop: unsafe extern "C" fn(Handle),
}

/// A design compiled by Verilator.
pub(crate) struct Model {
    handle: Handle,
    api: Api,
    shape: Shape,
    format: Option<Waveform>,
    tracing: bool,
    // The library outlives its handle, the images every read of them.
    _library: Library,
    _images: TempDir,
}

// SAFETY: the handle is owned, and the library keeps no state by thread
// between calls.
unsafe impl Send for Model {}

/// Builds the library if the cache has none; says whether it had to.
pub(crate) fn prepare(project: &Project, tools: &Tools, options: &Options) -> Result<bool> {
    let (_, built) = build::build(project, tools, options)?;
    Ok(built)
}

pub(crate) fn lint(project: &Project, tools: &Tools) -> Result<String> {
    build::lint(project, tools)
}

pub(crate) fn open(project: &Project, tools: &Tools, options: &Options) -> Result<Model> {
    let (built, _) = build::build(project, tools, options)?;
    let images = tempfile::tempdir().map_err(|e| Error::io(std::env::temp_dir(), e))?;
    project.write_images(images.path())?;
    let failed = |e: libloading::Error| Error::Load {
        path: built.library.clone(),
        message: e.to_string(),
    };
    // SAFETY: the library is one that this crate compiled; its initializers
    // are those of Verilator's run-time library.
    let library = unsafe { Library::new(&built.library) }.map_err(failed)?;
    // SAFETY: the types are those of `shim.cpp`.
    let (create, bind, api) = unsafe {
        type Create = unsafe extern "C" fn(u32, u32, *const c_char) -> Handle;
        type Bind =
            unsafe extern "C" fn(Handle, *const c_char, *const c_char, *mut u32, *mut u64) -> c_int;
        let create = *library.get::<Create>(b"rtlsim_create\0").map_err(failed)?;
        let bind = *library.get::<Bind>(b"rtlsim_memory\0").map_err(failed)?;
        (create, bind, symbols(&library).map_err(failed)?)
    };
    let path = c_string(&images.path().to_string_lossy())?;
    let (random, seed) = options.power_up.parameters();
    // SAFETY: the path is a C string; the handle is freed in `drop`.
    let handle = unsafe { create(u32::from(random), seed, path.as_ptr()) };
    let mut model = Model {
        handle,
        api,
        shape: built.shape,
        format: options.trace,
        tracing: false,
        _library: library,
        _images: images,
    };
    model.check_stopped()?;
    for path in &project.memories {
        model.bind_memory(bind, &project.top, path)?;
    }
    Ok(model)
}

/// # Safety
/// The library must be one compiled from `shim.cpp`.
unsafe fn symbols(library: &Library) -> std::result::Result<Api, libloading::Error> {
    // SAFETY: the types of `Api` are those of `shim.cpp`, as the caller says.
    unsafe {
        let start = library.get(b"rtlsim_trace_start\0");
        let stop = library.get(b"rtlsim_trace_stop\0");
        Ok(Api {
            destroy: *library.get(b"rtlsim_destroy\0")?,
            message: *library.get(b"rtlsim_message\0")?,
            stopped: *library.get(b"rtlsim_stopped\0")?,
            cycle: *library.get(b"rtlsim_cycle\0")?,
            poke: *library.get(b"rtlsim_poke\0")?,
            peek: *library.get(b"rtlsim_peek\0")?,
            cycles: *library.get(b"rtlsim_cycles\0")?,
            run: *library.get(b"rtlsim_run\0")?,
            records: *library.get(b"rtlsim_records\0")?,
            memory_read: *library.get(b"rtlsim_memory_read\0")?,
            memory_write: *library.get(b"rtlsim_memory_write\0")?,
            trace: match (start, stop) {
                (Ok(start), Ok(stop)) => Some(TraceApi {
                    start: *start,
                    stop: *stop,
                }),
                _ => None,
            },
        })
    }
}

impl Model {
    fn bind_memory(
        &mut self,
        bind: unsafe extern "C" fn(
            Handle,
            *const c_char,
            *const c_char,
            *mut u32,
            *mut u64,
        ) -> c_int,
        top: &str,
        path: &str,
    ) -> Result<()> {
        let full = format!("{top}.{path}");
        let (scope, leaf) = full.rsplit_once('.').unwrap_or((top, path));
        let (scope, leaf) = (c_string(scope)?, c_string(leaf)?);
        let (mut width, mut depth) = (0, 0);
        // SAFETY: the handle is live, the strings and places outlive the call.
        let found = unsafe {
            let names = (scope.as_ptr(), leaf.as_ptr());
            bind(self.handle, names.0, names.1, &mut width, &mut depth)
        };
        if found == 0 {
            return Err(Error::NoSuchMemory {
                name: path.to_owned(),
                reason: "the design has no array of this name".to_owned(),
            });
        }
        self.shape.memories.push(MemoryInfo {
            path: path.to_owned(),
            width,
            depth,
        });
        Ok(())
    }

    fn check_stopped(&self) -> Result<()> {
        // SAFETY: the handle is live; the message is copied before it changes.
        unsafe {
            if (self.api.stopped)(self.handle) == 0 {
                return Ok(());
            }
            let message = CStr::from_ptr((self.api.message)(self.handle));
            Err(Error::Stopped {
                cycle: self.cycle(),
                message: message.to_string_lossy().into_owned(),
            })
        }
    }

    fn records(&self, index: usize, words_per_record: usize) -> Records {
        let (mut cycles, mut words, mut count) = (std::ptr::null(), std::ptr::null(), 0);
        // SAFETY: the handle is live; the run that has just ended filled the
        // buffers, which hold `count` cycles and that many records.
        unsafe {
            (self.api.records)(
                self.handle,
                index as u32,
                &mut cycles,
                &mut words,
                &mut count,
            );
            let count = count as usize;
            Records {
                cycles: copy(cycles, count),
                words: copy(words, count * words_per_record),
                words_per_record,
            }
        }
    }
}

/// # Safety
/// `from` must point at `count` values, or `count` be zero.
unsafe fn copy<T: Copy>(from: *const T, count: usize) -> Vec<T> {
    if count == 0 {
        return Vec::new();
    }
    // SAFETY: as the caller says.
    unsafe { std::slice::from_raw_parts(from, count) }.to_vec()
}

fn c_string(text: &str) -> Result<CString> {
    CString::new(text).map_err(|_| Error::Project(format!("a zero byte in `{text}`")))
}

impl Simulation for Model {
    fn engine(&self) -> Engine {
        Engine::Verilator
    }

    fn ports(&self) -> &[PortInfo] {
        &self.shape.ports
    }

    fn memories(&self) -> &[MemoryInfo] {
        &self.shape.memories
    }

    fn cycle(&self) -> u64 {
        // SAFETY: the handle is live.
        unsafe { (self.api.cycle)(self.handle) }
    }

    fn poke(&mut self, port: Port, words: &[u32]) -> Result<()> {
        let words = self.shape.poke(port, words)?;
        // SAFETY: the handle is live, the words are as many as the port has.
        unsafe { (self.api.poke)(self.handle, port.0, words.as_ptr()) };
        Ok(())
    }

    fn peek(&mut self, port: Port) -> Result<Vec<u32>> {
        let mut words = vec![0; words_of(self.shape.port(port)?.width)];
        // SAFETY: as for `poke`.
        unsafe { (self.api.peek)(self.handle, port.0, words.as_mut_ptr()) };
        self.check_stopped()?;
        Ok(words)
    }

    fn cycles(&mut self, count: u64) -> Result<()> {
        // SAFETY: the handle is live.
        unsafe { (self.api.cycles)(self.handle, count) };
        self.check_stopped()
    }

    fn run(&mut self, spec: &RunSpec) -> Result<RunResult> {
        self.shape.run(spec)?;
        let mut packed = Vec::new();
        for capture in &spec.captures {
            packed.push(capture.valid.map_or(u32::MAX, |p| p.0));
            packed.push(capture.ports.len() as u32);
            packed.extend(capture.ports.iter().map(|p| p.0));
        }
        let until = spec.until.map_or(u32::MAX, |p| p.0);
        let captures = spec.captures.len() as u32;
        let (mut cycles, mut reached) = (0, 0);
        // SAFETY: the handle is live; `packed` describes `captures` captures
        // of ports that have just been checked.
        unsafe {
            (self.api.run)(
                self.handle,
                spec.max,
                until,
                packed.as_ptr(),
                captures,
                &mut cycles,
                &mut reached,
            )
        };
        self.check_stopped()?;
        let records = spec.captures.iter().enumerate();
        Ok(RunResult {
            cycles,
            reached: reached != 0,
            records: records
                .map(|(i, capture)| self.records(i, self.shape.record_words(capture)))
                .collect(),
        })
    }

    fn read_memory(&mut self, memory: Memory, first: u64, count: u64) -> Result<Vec<u32>> {
        let info = self.shape.memory(memory, first, count)?;
        let mut words = vec![0; count as usize * words_of(info.width)];
        // SAFETY: the handle is live, the range lies within the memory.
        unsafe {
            (self.api.memory_read)(self.handle, memory.0, first, count, words.as_mut_ptr());
        }
        Ok(words)
    }

    fn write_memory(&mut self, memory: Memory, first: u64, words: &[u32]) -> Result<()> {
        let count = self.shape.memory_write(memory, first, words)?;
        // SAFETY: as for `read_memory`.
        unsafe { (self.api.memory_write)(self.handle, memory.0, first, count, words.as_ptr()) };
        Ok(())
    }

    fn trace_start(&mut self, path: &Path) -> Result<()> {
        may_trace(self.format, path)?;
        let Some(trace) = &self.api.trace else {
            return Err(Error::Trace("the library has no tracing".to_owned()));
        };
        if self.tracing {
            return Err(Error::Trace("a window is open already".to_owned()));
        }
        // The library cannot say why a file cannot be written; this can.
        std::fs::File::create(path).map_err(|e| Error::io(path, e))?;
        let path = c_string(&path.to_string_lossy())?;
        // SAFETY: the handle is live, the path outlives the call.
        unsafe { (trace.start)(self.handle, path.as_ptr()) };
        self.check_stopped()?;
        self.tracing = true;
        Ok(())
    }

    fn trace_stop(&mut self) -> Result<()> {
        match &self.api.trace {
            Some(trace) if self.tracing => {
                // SAFETY: the handle is live.
                unsafe { (trace.stop)(self.handle) };
                self.tracing = false;
                Ok(())
            }
            _ => Err(Error::Trace("no window is open".to_owned())),
        }
    }
}

impl Drop for Model {
    fn drop(&mut self) {
        // SAFETY: the handle is live and used no more.
        unsafe { (self.api.destroy)(self.handle) };
    }
}
