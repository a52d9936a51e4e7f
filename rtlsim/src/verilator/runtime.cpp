// Verilator's own run-time library, with files looked up beside the images of
// the running simulation: a relative name would else depend on the process.
#include <cstdio>
namespace std {
FILE* rtlsim_fopen(const char* name, const char* mode);
}
#define fopen rtlsim_fopen
#include "verilated.cpp"
#undef fopen
#include "verilated_threads.cpp"
#if VM_TRACE_FST
#include "verilated_fst_c.cpp"
#elif VM_TRACE
#include "verilated_vcd_c.cpp"
#endif
