// Runs a Verilated module with one wide input and one wide output, a cycle per call.
//
// Built by sim/engines/compiled.py with VERILATED_HEADER and VERILATED_CLASS defined; called through ctypes.

#include <cstdint>
#include <cstring>

#include VERILATED_HEADER
#include "memories.h"
#include "verilated.h"

namespace {

struct Simulation {
    VerilatedContext context;
    VERILATED_CLASS top;
    uint64_t cycles = 0;

    Simulation() : top(&context, "TOP") {
        top.rst = 0;
        top.clk = 0;
        top.eval();
    }

    // Settle with these inputs, keep the outputs as they are just before the edge, and tick.
    void tick(const uint64_t *inputs, uint64_t *outputs) {
        std::memcpy(&top.i, inputs, sizeof(top.i));
        top.clk = 0;
        top.eval();
        std::memcpy(outputs, &top.o, sizeof(top.o));
        top.clk = 1;
        top.eval();
        ++cycles;
    }
};

}  // namespace

extern "C" {

void *flat_open() { return new Simulation; }

void flat_close(void *handle) { delete static_cast<Simulation *>(handle); }

uint64_t flat_cycles(void *handle) { return static_cast<Simulation *>(handle)->cycles; }

void flat_tick(void *handle, const uint64_t *inputs, uint64_t *outputs) {
    static_cast<Simulation *>(handle)->tick(inputs, outputs);
}

THRESH_MEMORIES(flat, Simulation)

}  // extern "C"
