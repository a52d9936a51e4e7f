// The C interface of a compiled model. `rtlsim_ports.h` is generated beside
// this file and says what differs between models: the number of ports, the
// index of the clock, and where each port lies.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <vector>

#include "verilated.h"
#include "verilated_syms.h"
#if VM_TRACE_FST
#include "verilated_fst_c.h"
using Waveform = VerilatedFstC;
#elif VM_TRACE
#include "verilated_vcd_c.h"
using Waveform = VerilatedVcdC;
#endif
#include "Vdut.h"

#define EXPORT extern "C" __attribute__((visibility("default")))

namespace {

// Storage of a value: Verilator uses the smallest of these that fits.
enum class Kind : uint8_t { C8, C16, C32, C64, Wide };

struct Cell {
    void* data;
    Kind kind;
    uint32_t words;
};

Kind kind_of(uint32_t bits) {
    if (bits <= 8) return Kind::C8;
    if (bits <= 16) return Kind::C16;
    if (bits <= 32) return Kind::C32;
    if (bits <= 64) return Kind::C64;
    return Kind::Wide;
}

size_t bytes_of(Kind kind, uint32_t words) {
    switch (kind) {
    case Kind::C8: return 1;
    case Kind::C16: return 2;
    case Kind::C32: return 4;
    case Kind::C64: return 8;
    default: return size_t{words} * 4;
    }
}

inline void load(const Cell& cell, uint32_t* out) {
    switch (cell.kind) {
    case Kind::C8: *out = *static_cast<const uint8_t*>(cell.data); break;
    case Kind::C16: *out = *static_cast<const uint16_t*>(cell.data); break;
    case Kind::C32: *out = *static_cast<const uint32_t*>(cell.data); break;
    case Kind::C64: {
        const uint64_t value = *static_cast<const uint64_t*>(cell.data);
        out[0] = static_cast<uint32_t>(value);
        out[1] = static_cast<uint32_t>(value >> 32);
        break;
    }
    default: std::memcpy(out, cell.data, size_t{cell.words} * 4);
    }
}

inline void store(const Cell& cell, const uint32_t* in) {
    switch (cell.kind) {
    case Kind::C8: *static_cast<uint8_t*>(cell.data) = static_cast<uint8_t>(*in); break;
    case Kind::C16: *static_cast<uint16_t*>(cell.data) = static_cast<uint16_t>(*in); break;
    case Kind::C32: *static_cast<uint32_t*>(cell.data) = *in; break;
    case Kind::C64:
        *static_cast<uint64_t*>(cell.data) = uint64_t{in[1]} << 32 | in[0];
        break;
    default: std::memcpy(cell.data, in, size_t{cell.words} * 4);
    }
}

template <typename T> Cell cell(T& value, uint32_t bits) {
    const uint32_t words = (bits + 31) / 32;
    return {static_cast<void*>(&value), kind_of(bits), words};
}

}  // namespace

#include "rtlsim_ports.h"

namespace {

constexpr uint32_t NONE = 0xffffffff;

struct Capture {
    uint32_t valid = NONE;
    std::vector<uint32_t> ports;
    std::vector<uint64_t> cycles;
    std::vector<uint32_t> words;
};

struct Memory {
    Cell first;
    size_t stride;
};

struct Simulation {
    std::unique_ptr<VerilatedContext> context;
    std::unique_ptr<Vdut> model;
#if VM_TRACE
    std::unique_ptr<Waveform> trace;
#endif
    Cell ports[RTLSIM_PORTS];
    std::vector<Memory> memories;
    std::vector<Capture> captures;
    std::string images;
    std::string message;
    uint64_t cycle = 0;
    uint64_t last = 0;
    bool dumped = false;
    bool dirty = true;
    bool stopped = false;

    void dump(uint64_t time) {
        context->time(time);
#if VM_TRACE
        // A waveform cannot go back or stand still.
        if (!trace || (dumped && time <= last)) return;
        trace->dump(time);
        dumped = true;
        last = time;
#endif
    }

    // Ten units a cycle: inputs change from 0 on, the clock rises at 5 and
    // falls at 9. Inputs poked and settled several times each get a unit.
    void settle() {
        if (!dirty) return;
        model->eval();
        dirty = false;
        const uint64_t start = cycle * 10;
        const uint64_t next = dumped && last >= start ? last + 1 : start;
        if (next < start + 5) dump(next);
    }

    // One rising edge; the sample was taken before.
    void clock() {
        uint8_t* level = static_cast<uint8_t*>(ports[RTLSIM_CLOCK].data);
        const uint64_t start = cycle * 10;
        context->time(start + 5);
        *level = 1;
        model->eval();
        dump(start + 5);
        if (stopped) return;
        context->time(start + 9);
        *level = 0;
        model->eval();
        dump(start + 9);
        ++cycle;
    }
};

// The simulation that runs on this thread: the callbacks below have no other
// way to it.
thread_local Simulation* current = nullptr;

struct Running {
    explicit Running(Simulation* simulation) {
        current = simulation;
        Verilated::threadContextp(simulation->context.get());
    }
    ~Running() { current = nullptr; }
};

// Verilator reseeds its generator through process-wide state while it builds
// a model, so models are built one at a time.
std::mutex building;

bool is_high(const Simulation& simulation, uint32_t port) {
    return *static_cast<const uint8_t*>(simulation.ports[port].data) != 0;
}

template <typename Body> int guarded(Simulation* simulation, Body body) {
    if (simulation->stopped) return 1;
    Running running{simulation};
    try {
        body();
    } catch (const std::exception& error) {
        simulation->stopped = true;
        if (simulation->message.empty()) simulation->message = error.what();
    }
    return simulation->stopped ? 1 : 0;
}

void stop(const char* what, const char* file, int line) {
    if (!current) throw std::runtime_error(what);
    current->stopped = true;
    if (!current->message.empty()) return;
    current->message = what;
    if (file && *file) {
        current->message += std::string(" at ") + file + ":" + std::to_string(line);
    }
}

}  // namespace

// Called by the run-time library in place of ending the process.
void vl_finish(const char* file, int line, const char*) { stop("$finish", file, line); }
void vl_stop(const char* file, int line, const char*) {
    stop("$stop or a failed check", file, line);
}
void vl_fatal(const char* file, int line, const char*, const char* message) {
    stop(message, file, line);
    throw std::runtime_error(message);
}
void vl_warn(const char* file, int line, const char* hierarchy, const char* message) {
    // A memory that should have contents and has none is no matter for a warning.
    if (std::strstr(message, "$readmem file not found")) {
        vl_fatal(file, line, hierarchy, message);
    }
    std::fprintf(stderr, "%%Warning: %s:%d: %s\n", file, line, message);
}

namespace std {
FILE* rtlsim_fopen(const char* name, const char* mode);
FILE* rtlsim_fopen(const char* name, const char* mode) {
    if (current && name[0] != '/') {
        if (FILE* file = fopen((current->images + "/" + name).c_str(), mode)) return file;
    }
    return fopen(name, mode);
}
}  // namespace std

EXPORT void* rtlsim_create(uint32_t power_up, uint32_t seed, const char* images) {
    auto simulation = std::make_unique<Simulation>();
    simulation->images = images;
    simulation->context = std::make_unique<VerilatedContext>();
    simulation->context->randReset(power_up ? 2 : 0);
    simulation->context->randSeed(static_cast<int>(seed));
#if VM_TRACE
    simulation->context->traceEverOn(true);
#endif
    std::lock_guard<std::mutex> lock{building};
    guarded(simulation.get(), [&] {
        simulation->model = std::make_unique<Vdut>(simulation->context.get(), "");
        rtlsim_bind(*simulation->model, simulation->ports);
        const std::vector<uint32_t> zero(RTLSIM_WIDEST);
        for (uint32_t i = 0; i < RTLSIM_PORTS; ++i) {
            if (rtlsim_is_input[i]) store(simulation->ports[i], zero.data());
        }
        simulation->settle();
    });
    return simulation.release();
}

EXPORT void rtlsim_destroy(void* handle) {
    auto* simulation = static_cast<Simulation*>(handle);
    {
        Running running{simulation};
#if VM_TRACE
        if (simulation->trace) simulation->trace->close();
#endif
        try {
            if (simulation->model) simulation->model->final();
        } catch (const std::exception&) {
            // Nobody is left to hear of it.
        }
        simulation->model.reset();
    }
    delete simulation;
}

EXPORT const char* rtlsim_message(void* handle) {
    return static_cast<Simulation*>(handle)->message.c_str();
}

EXPORT int rtlsim_stopped(void* handle) {
    return static_cast<Simulation*>(handle)->stopped ? 1 : 0;
}

EXPORT uint64_t rtlsim_cycle(void* handle) { return static_cast<Simulation*>(handle)->cycle; }

EXPORT void rtlsim_poke(void* handle, uint32_t port, const uint32_t* words) {
    auto* simulation = static_cast<Simulation*>(handle);
    store(simulation->ports[port], words);
    simulation->dirty = true;
}

EXPORT int rtlsim_peek(void* handle, uint32_t port, uint32_t* words) {
    auto* simulation = static_cast<Simulation*>(handle);
    return guarded(simulation, [&] {
        simulation->settle();
        load(simulation->ports[port], words);
    });
}

EXPORT int rtlsim_cycles(void* handle, uint64_t count) {
    auto* simulation = static_cast<Simulation*>(handle);
    return guarded(simulation, [&] {
        simulation->settle();
        while (count-- && !simulation->stopped) simulation->clock();
    });
}

// `spec` holds, for each capture: the valid port or NONE, the number of ports,
// the ports.
EXPORT int rtlsim_run(void* handle, uint64_t max, uint32_t until, const uint32_t* spec,
                      uint32_t captures, uint64_t* done, uint32_t* reached) {
    auto* simulation = static_cast<Simulation*>(handle);
    *done = 0;
    *reached = 0;
    simulation->captures.assign(captures, Capture{});
    for (Capture& capture : simulation->captures) {
        capture.valid = *spec++;
        const uint32_t ports = *spec++;
        capture.ports.assign(spec, spec + ports);
        spec += ports;
    }
    return guarded(simulation, [&] {
        simulation->settle();
        while (*done < max && !*reached && !simulation->stopped) {
            for (Capture& capture : simulation->captures) {
                if (capture.valid != NONE && !is_high(*simulation, capture.valid)) continue;
                capture.cycles.push_back(simulation->cycle);
                for (const uint32_t port : capture.ports) {
                    const Cell& cell = simulation->ports[port];
                    const size_t at = capture.words.size();
                    capture.words.resize(at + cell.words);
                    load(cell, capture.words.data() + at);
                }
            }
            *reached = until != NONE && is_high(*simulation, until);
            simulation->clock();
            ++*done;
        }
    });
}

// What a capture of the latest run recorded; valid until the next one.
EXPORT void rtlsim_records(void* handle, uint32_t index, const uint64_t** cycles,
                           const uint32_t** words, uint64_t* count) {
    const Capture& capture = static_cast<Simulation*>(handle)->captures[index];
    *cycles = capture.cycles.data();
    *words = capture.words.data();
    *count = capture.cycles.size();
}

// The width and depth of an array of vectors; false for anything else.
// Versions that know several packed dimensions have `entBits`, and leave what
// `elements(0)` reads unset.
template <typename Var>
static auto array_shape(const Var& var, uint32_t* width, uint64_t* depth, int)
    -> decltype(var.entBits(), true) {
    *width = var.entBits();
    *depth = static_cast<uint64_t>(var.elements(1));
    return var.udims() == 1;
}

// Older versions have not. They describe an array of single bits like a
// vector; only where it is longer than its storage can the two be told apart.
template <typename Var>
static bool array_shape(const Var& var, uint32_t* width, uint64_t* depth, long) {
    const int first = var.elements(0);
    const bool bits = var.udims() == 0 && var.vltype() == VLVT_UINT8 && first > 8;
    *width = bits ? 1 : static_cast<uint32_t>(first);
    *depth = static_cast<uint64_t>(bits ? first : var.elements(1));
    return bits || var.udims() == 1;
}

// Binds the next memory; 0 if there is none of this name.
EXPORT int rtlsim_memory(void* handle, const char* scope, const char* name, uint32_t* width,
                         uint64_t* depth) {
    auto* simulation = static_cast<Simulation*>(handle);
    const VerilatedScope* found = simulation->context->scopeFind(scope);
    VerilatedVar* var = found ? found->varFind(name) : nullptr;
    if (!var || !array_shape(*var, width, depth, 0)) return 0;
    const Kind kind = kind_of(*width);
    const uint32_t words = (*width + 31) / 32;
    simulation->memories.push_back({{var->datap(), kind, words}, bytes_of(kind, words)});
    return 1;
}

static Cell entry(const Memory& memory, uint64_t index) {
    Cell cell = memory.first;
    cell.data = static_cast<char*>(cell.data) + index * memory.stride;
    return cell;
}

EXPORT void rtlsim_memory_read(void* handle, uint32_t index, uint64_t first, uint64_t count,
                               uint32_t* words) {
    const Memory& memory = static_cast<Simulation*>(handle)->memories[index];
    for (uint64_t i = 0; i < count; ++i) {
        load(entry(memory, first + i), words + i * memory.first.words);
    }
}

EXPORT void rtlsim_memory_write(void* handle, uint32_t index, uint64_t first, uint64_t count,
                                const uint32_t* words) {
    auto* simulation = static_cast<Simulation*>(handle);
    const Memory& memory = simulation->memories[index];
    for (uint64_t i = 0; i < count; ++i) {
        store(entry(memory, first + i), words + i * memory.first.words);
    }
    simulation->dirty = true;
}

#if VM_TRACE
EXPORT int rtlsim_trace_start(void* handle, const char* path) {
    auto* simulation = static_cast<Simulation*>(handle);
    return guarded(simulation, [&] {
        simulation->settle();
        auto trace = std::make_unique<Waveform>();
        simulation->model->trace(trace.get(), 99);
        trace->open(path);
        if (!trace->isOpen()) throw std::runtime_error("cannot write the waveform");
        simulation->trace = std::move(trace);
        simulation->dumped = false;
        simulation->dump(simulation->cycle * 10);
    });
}

EXPORT void rtlsim_trace_stop(void* handle) {
    auto* simulation = static_cast<Simulation*>(handle);
    Running running{simulation};
    if (simulation->trace) simulation->trace->close();
    simulation->trace.reset();
}
#endif
