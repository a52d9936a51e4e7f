//! From a project to a shared library: Verilator's binary, then the C++
//! compiler, without make or Perl.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use super::header;
use crate::project::{KeyHash, write};
use crate::simulation::Shape;
use crate::tools::{Compiler, Tools, Verilator};
use crate::{Cache, Compile, Error, Options, Project, Result, Waveform};

const SHIM: &str = include_str!("shim.cpp");
const RUNTIME: &str = include_str!("runtime.cpp");
const LIBRARY: &str = "model.so";
const HEADER: &str = "Vdut.h";
/// Includes what every model and the shim read before their own.
const COMMON: &str = "common.h";

const FLAGS: &[&str] = &[
    "-std=c++17",
    "-fPIC",
    // Models of several versions live in one process: nothing may be shared.
    "-fvisibility=hidden",
    "-w",
    "-DVL_TIME_CONTEXT",
    "-DVL_USER_FINISH",
    "-DVL_USER_STOP",
    "-DVL_USER_FATAL",
    "-DVL_USER_WARN",
    "-DVM_COVERAGE=0",
    "-DVM_SC=0",
];

/// A compiled model.
pub(super) struct Built {
    pub library: PathBuf,
    pub shape: Shape,
}

/// Finds the project's library in the cache or builds it; says which.
pub(super) fn build(project: &Project, tools: &Tools, options: &Options) -> Result<(Built, bool)> {
    let Options {
        trace,
        compile,
        ref cache,
        ..
    } = *options;
    project.check()?;
    let (verilator, compiler) = (tools.verilator()?, tools.compiler()?);
    if trace == Some(Waveform::Fst) {
        compiler.has_fst_headers(&verilator)?;
    }
    let job = Job {
        project,
        verilator,
        compiler,
        trace,
        compile,
    };
    let (dir, built) = cache.entry(&job.key(), |aside| job.run(aside, cache))?;
    let path = dir.join(HEADER);
    let text = fs::read_to_string(&path).map_err(|e| Error::io(path, e))?;
    let shape = Shape::new(header::ports(&text)?, &project.clock)?;
    let library = dir.join(LIBRARY);
    Ok((Built { library, shape }, built))
}

/// Runs Verilator's linter with all warnings; returns what it says.
pub(super) fn lint(project: &Project, tools: &Tools) -> Result<String> {
    project.check()?;
    let verilator = tools.verilator()?;
    let dir = tempfile::tempdir().map_err(|e| Error::io(std::env::temp_dir(), e))?;
    let waivers = write_inputs(project, dir.path())?;
    let mut command = verilator_command(&verilator, project, dir.path());
    command.args(["--lint-only", "-Wall", "-Wno-fatal"]);
    let (good, said) = finish("verilator", &mut command, &[waivers, sources(project)])?;
    if good {
        Ok(said)
    } else {
        Err(Error::rejected("verilator", &said, &project.names()))
    }
}

struct Job<'a> {
    project: &'a Project,
    verilator: Verilator,
    compiler: Compiler,
    trace: Option<Waveform>,
    compile: Compile,
}

impl Job<'_> {
    fn key(&self) -> String {
        let mut hash = self.tool_hash("model");
        self.project.hash_into(&mut hash);
        hash.field(self.project.lint_waivers.as_deref().unwrap_or(""));
        hash.field(SHIM);
        hash.field(format!("{:?}", self.compile));
        format!("verilator-{}", hash.finish())
    }

    fn tool_hash(&self, kind: &str) -> KeyHash {
        let mut hash = KeyHash::new(kind);
        hash.field(&self.verilator.identity);
        hash.field(&self.compiler.identity);
        hash.field(self.compiler.program.to_string_lossy().as_bytes());
        hash.field(format!("{:?}", self.trace));
        hash.field(RUNTIME);
        // How the tools are called and what is generated for them.
        hash.field(include_str!("build.rs"));
        hash.field(include_str!("header.rs"));
        hash
    }

    fn arguments(&self) -> Vec<&'static str> {
        let mut arguments = vec!["--cc", "--prefix", "Vdut", "--Mdir", "cpp", "-O3"];
        arguments.extend([
            "--x-assign",
            "unique",
            "--x-initial",
            "unique",
            "-Wno-fatal",
        ]);
        // Other front ends warn in other places; `lint` shows the warnings.
        arguments.extend(["-Wno-lint", "-Wno-style"]);
        arguments.extend(match self.trace {
            None => None,
            Some(Waveform::Vcd) => Some("--trace"),
            Some(Waveform::Fst) => Some("--trace-fst"),
        });
        arguments
    }

    fn run(&self, dir: &Path, cache: &Cache) -> Result<()> {
        let names = self.project.names();
        let configuration = write_inputs(self.project, dir)?;
        let mut command = verilator_command(&self.verilator, self.project, dir);
        command.args(self.arguments());
        let inputs = [configuration, sources(self.project)];
        let (good, said) = finish("verilator", &mut command, &inputs)?;
        if !good {
            return Err(Error::rejected("verilator", &said, &names));
        }

        let cpp = dir.join("cpp");
        let path = cpp.join(HEADER);
        let text = fs::read_to_string(&path).map_err(|e| Error::io(&path, e))?;
        let shape = Shape::new(header::ports(&text)?, &self.project.clock)?;
        write(&dir.join(HEADER), &text)?;
        write(&cpp.join("rtlsim_ports.h"), header::binding(&shape))?;
        write(&cpp.join("rtlsim_shim.cpp"), SHIM)?;
        let parts = self.unity(&cpp)?;
        // Set-up code runs once: optimizing it is most of the compile time.
        let levels = match self.compile {
            Compile::Quick => ["-O0"; 2],
            Compile::Balanced => ["-O1"; 2],
            Compile::Thorough => ["-O3", "-O1"],
        };
        let common = self.common(cache)?;
        let mut children = Vec::new();
        for (part, level) in parts.iter().zip(levels) {
            let object = format!("{part}.o");
            let mut command = self.compile(&cpp, level);
            if let Some(common) = &common {
                command.arg("-include").arg(common);
            }
            command.args(["-c", &format!("{part}.cpp"), "-o", &object]);
            let child = spawn(&mut command)?;
            children.push((object, child));
        }
        // Beside the others, where it is not there yet.
        let runtime = self.runtime(cache);
        let children = children.into_iter();
        let objects = children.map(|(object, child)| self.wait(child).map(|()| object));
        // None is left running.
        let objects: Vec<Result<String>> = objects.collect();
        let objects: Vec<String> = objects.into_iter().collect::<Result<_>>()?;
        let mut link = Command::new(&self.compiler.program);
        link.current_dir(&cpp)
            .args(["-shared", "-pthread", "-o"])
            .arg(dir.join(LIBRARY))
            .args(objects)
            .arg(runtime?);
        if self.trace == Some(Waveform::Fst) {
            let lz4 = self.verilator.fst_wants_lz4().then_some("-llz4");
            link.args(lz4).arg("-lz");
        }
        self.wait(spawn(&mut link)?)?;
        fs::remove_dir_all(&cpp).map_err(|e| Error::io(&cpp, e))
    }

    /// Joins the generated files, so that headers are read once: into what runs in every cycle and what
    /// sets up; where neither is optimized, into one. Gives their names, without `.cpp`.
    fn unity(&self, cpp: &Path) -> Result<&'static [&'static str]> {
        let mut names = Vec::new();
        for entry in fs::read_dir(cpp).map_err(|e| Error::io(cpp, e))? {
            let name = entry.map_err(|e| Error::io(cpp, e))?.file_name();
            names.extend(name.into_string());
        }
        names.retain(|name| name.starts_with("Vdut") && name.ends_with(".cpp"));
        names.sort();
        let (mut slow, mut fast) = (String::new(), String::from("#include \"Vdut.h\"\n"));
        for name in names {
            let set_up = name.contains("__Slow") || name.contains("__Syms");
            let file = if set_up { &mut slow } else { &mut fast };
            file.push_str(&format!("#include \"{name}\"\n"));
        }
        fast.push_str("#include \"rtlsim_shim.cpp\"\n");
        if self.compile == Compile::Quick {
            write(&cpp.join("all.cpp"), fast + &slow)?;
            return Ok(&["all"]);
        }
        write(&cpp.join("fast.cpp"), fast)?;
        write(&cpp.join("slow.cpp"), slow)?;
        Ok(&["fast", "slow"])
    }

    /// Verilator's own library, compiled once per tool and compiler version.
    fn runtime(&self, cache: &Cache) -> Result<PathBuf> {
        let key = format!("runtime-{}", self.tool_hash("runtime").finish());
        let (dir, _) = cache.entry(&key, |aside| {
            write(&aside.join("runtime.cpp"), RUNTIME)?;
            let mut command = self.compile(aside, "-O1");
            command.args(["-c", "runtime.cpp", "-o", "runtime.o"]);
            self.wait(spawn(&mut command)?)
        })?;
        Ok(dir.join("runtime.o"))
    }

    /// Where reading headers is most of the work, they are read once for all models. Of the compilers
    /// GCC alone takes what it read from a folder that was renamed since.
    fn common(&self, cache: &Cache) -> Result<Option<PathBuf>> {
        if self.compile != Compile::Quick || self.compiler.identity.contains("clang") {
            return Ok(None);
        }
        let mut hash = self.tool_hash("common");
        hash.field(SHIM);
        let key = format!("common-{}", hash.finish());
        let (dir, _) = cache.entry(&key, |aside| {
            let known = |line: &&str| line.starts_with("#include <");
            let lines = SHIM.lines().filter(known);
            let lines: Vec<&str> = lines.chain(["#include \"verilated.h\"", ""]).collect();
            write(&aside.join(COMMON), lines.join("\n"))?;
            let mut command = self.compile(aside, "-O0");
            let read = format!("{COMMON}.gch");
            command.args(["-x", "c++-header", COMMON, "-o", &read]);
            self.wait(spawn(&mut command)?)
        })?;
        Ok(Some(dir.join(COMMON)))
    }

    /// A call of the compiler in a folder, to be given files.
    fn compile(&self, dir: &Path, level: &str) -> Command {
        let include = self.verilator.root.join("include");
        let traces = |format| u8::from(self.trace == Some(format));
        let mut command = Command::new(&self.compiler.program);
        command
            .current_dir(dir)
            .args(FLAGS)
            .arg(level)
            .arg(format!("-DVM_TRACE={}", u8::from(self.trace.is_some())))
            .arg(format!("-DVM_TRACE_VCD={}", traces(Waveform::Vcd)))
            .arg(format!("-DVM_TRACE_FST={}", traces(Waveform::Fst)))
            .arg("-I.")
            .arg("-I")
            .arg(include.join("vltstd"))
            .arg("-I")
            .arg(&include);
        command
    }

    fn wait(&self, child: Child) -> Result<()> {
        let program = &self.compiler.program;
        let output = child
            .wait_with_output()
            .map_err(|e| Error::io(program, e))?;
        if output.status.success() {
            return Ok(());
        }
        let said = String::from_utf8_lossy(&output.stderr);
        Err(Error::rejected("C++ compiler", &said, &[]))
    }
}

fn spawn(command: &mut Command) -> Result<Child> {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|e| Error::io(command.get_program(), e))
}

/// Writes all that Verilator reads; returns its configuration files.
fn write_inputs(project: &Project, dir: &Path) -> Result<Vec<String>> {
    const HEAD: &str = "`verilator_config\n";
    project.write_sources(dir)?;
    let mut files = Vec::new();
    if let Some(waivers) = &project.lint_waivers {
        write(&dir.join("rtlsim_waivers.vlt"), waivers)?;
        files.push("rtlsim_waivers.vlt".to_owned());
    }
    if !project.memories.is_empty() {
        // Any module: which one the path leads to is known only later.
        let leaves = project.memories.iter().map(|path| {
            let leaf = path.rsplit('.').next().unwrap_or(path);
            format!("public_flat_rw -module \"*\" -var \"{leaf}\"\n")
        });
        let mut lines: Vec<String> = leaves.collect();
        lines.sort();
        lines.dedup();
        let text = HEAD.to_owned() + &lines.concat();
        write(&dir.join("rtlsim_memories.vlt"), text)?;
        files.push("rtlsim_memories.vlt".to_owned());
    }
    Ok(files)
}

fn sources(project: &Project) -> Vec<String> {
    project.compiled().map(str::to_owned).collect()
}

fn verilator_command(verilator: &Verilator, project: &Project, dir: &Path) -> Command {
    let mut command = Command::new(&verilator.binary);
    command
        .current_dir(dir)
        .env("VERILATOR_ROOT", &verilator.root)
        .args(["--top-module", &project.top, "-I."]);
    for (name, value) in &project.parameters {
        command.arg(format!("-G{name}={value}"));
    }
    command
}

fn finish(
    tool: &'static str,
    command: &mut Command,
    inputs: &[Vec<String>],
) -> Result<(bool, String)> {
    let path = PathBuf::from(command.get_program());
    let output = command
        .args(inputs.iter().flatten())
        .output()
        .map_err(|e| Error::ToolBroken {
            tool,
            path,
            message: e.to_string(),
        })?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    Ok((output.status.success(), said))
}
