// Runs a Verilated thresh_core without anything between the frames.
//
// Built by sim/engines/compiled.py with VERILATED_HEADER and VERILATED_CLASS defined; called through ctypes.

#include <cstdint>
#include <cstring>
#include <memory>

#include VERILATED_HEADER
#include "memories.h"
#include "verilated.h"

// Verilator writes the second of two underscores as a code.
#define PORT(group, name) group##___05F##name

namespace {

// A port of up to 64 bits is an integer, a wider one an array of 32-bit words.
template <typename Port>
void put(Port &port, const uint8_t *bytes, unsigned size) {
    std::memset(&port, 0, sizeof(port));
    std::memcpy(&port, bytes, size < sizeof(port) ? size : sizeof(port));
}

template <typename Port>
void get(const Port &port, uint8_t *bytes, unsigned size) {
    std::memset(bytes, 0, size);
    std::memcpy(bytes, &port, size < sizeof(port) ? size : sizeof(port));
}

struct Simulation {
    VerilatedContext context;
    VERILATED_CLASS top;
    uint64_t cycles = 0;

    Simulation() : top(&context, "TOP") {
        top.rst = 0;
        top.clk = 0;
        top.eval();
    }

    // Settle with these inputs, before the edge.
    void settle() {
        top.clk = 0;
        top.eval();
    }

    void edge() {
        top.clk = 1;
        top.eval();
        ++cycles;
    }

    void tick() {
        settle();
        edge();
    }
};

}  // namespace

extern "C" {

void *thresh_open() { return new Simulation; }

void thresh_close(void *handle) { delete static_cast<Simulation *>(handle); }

uint64_t thresh_cycles(void *handle) { return static_cast<Simulation *>(handle)->cycles; }

// Write `count` words of `size` bytes to a region.
void thresh_write(void *handle, unsigned region, unsigned address, const uint8_t *data,
                  unsigned size, unsigned count) {
    auto &sim = *static_cast<Simulation *>(handle);
    auto &top = sim.top;
    top.PORT(access, enable) = 1;
    top.PORT(access, region) = region;
    sim.tick();
    for (unsigned word = 0; word < count; ++word) {
        top.PORT(access, address) = address + word;
        put(top.PORT(access, write_data), data + word * size, size);
        top.PORT(access, write) = 1;
        sim.tick();
        top.PORT(access, write) = 0;
        sim.tick();
    }
    top.PORT(access, enable) = 0;
    sim.tick();
}

// Read `count` words of `size` bytes; `latency` is gateware/core.py's READ_LATENCY.
void thresh_read(void *handle, unsigned region, unsigned address, uint8_t *data, unsigned size,
                 unsigned count, unsigned latency) {
    auto &sim = *static_cast<Simulation *>(handle);
    auto &top = sim.top;
    top.PORT(access, enable) = 1;
    top.PORT(access, region) = region;
    for (unsigned word = 0; word < count; ++word) {
        top.PORT(access, address) = address + word;
        for (unsigned wait = 0; wait < latency; ++wait) sim.tick();
        get(top.PORT(access, read_data), data + word * size, size);
    }
    top.PORT(access, enable) = 0;
    sim.tick();
}

// Wait until nothing is under way; 0 when that takes more than `limit` cycles.
int thresh_rest(void *handle, uint64_t limit) {
    auto &sim = *static_cast<Simulation *>(handle);
    for (uint64_t wait = 0; wait < limit; ++wait) {
        if (!sim.top.busy) return 1;
        sim.tick();
    }
    return 0;
}

int thresh_new_sequence(void *handle, uint64_t limit) {
    auto &sim = *static_cast<Simulation *>(handle);
    sim.top.new_sequence = 1;
    sim.tick();
    sim.top.new_sequence = 0;
    sim.tick();
    return thresh_rest(handle, limit);
}

// Run `steps` steps of `inputs` values each, as fast as the core takes them. `done[t]` is the
// cycle at which step t was complete. Returns the steps completed within `limit` cycles each.
unsigned thresh_run(void *handle, const uint16_t *x, unsigned inputs, unsigned steps,
                    uint64_t *done, uint64_t limit) {
    auto &sim = *static_cast<Simulation *>(handle);
    auto &top = sim.top;
    uint64_t fed = 0, total = uint64_t(inputs) * steps, waited = 0;
    unsigned completed = 0;
    while (completed < steps && waited < limit) {
        top.PORT(x, valid) = fed < total;
        if (fed < total) top.PORT(x, payload) = x[fed];
        sim.settle();
        const bool taken = top.PORT(x, valid) && top.PORT(x, ready);
        const bool complete = top.done;
        sim.edge();
        ++waited;
        fed += taken;
        if (complete) {
            done[completed++] = sim.cycles;
            waited = 0;
        }
    }
    top.PORT(x, valid) = 0;
    return completed;
}

THRESH_MEMORIES(thresh, Simulation)

}  // extern "C"
