// Runs a module as flat_harness.cpp does, beside an SDRAM at its pins: a core without anything between its cycles.
//
// Inputs and outputs are 64-bit slots; where each port lies, sim/engines/compiled_chip.py says.

#include "flat_harness.cpp"
#include "sdram_chip.h"

namespace {

// Slots of the pins, in this order in sim/engines/compiled_chip.py.
struct Pins {
    unsigned command, bank, address, drives, value, mask, read;
};

// The same of an access port.
struct Access {
    unsigned enable, region, address, write, write_data, read_data;
};

// The same of what makes a core step.
struct Steps {
    unsigned valid, payload, ready, done;
};

struct Beside {
    Simulation &simulation;
    sdram::Model chip;
    uint64_t *const in, *const out;
    const Pins pins;

    // An edge of both; false when the chip refuses it.
    bool tick() {
        simulation.tick(in, out);
        const int dq = out[pins.drives] ? int(out[pins.value]) : -1;
        const int word = chip.step(out[pins.command], out[pins.bank], out[pins.address], dq,
                                   out[pins.mask]);
        in[pins.read] = word < 0 ? 0 : word;
        return chip.violation.empty();
    }
};

Beside &of(void *handle) { return *static_cast<Beside *>(handle); }

}  // namespace

extern "C" {

void *chip_open(void *simulation, uint64_t *in, uint64_t *out, const unsigned *pins,
                const int64_t *numbers, double clock_hz) {
    Pins places;
    std::memcpy(&places, pins, sizeof places);
    return new Beside{*static_cast<Simulation *>(simulation), {numbers, clock_hz}, in, out, places};
}

void chip_close(void *handle) { delete &of(handle); }

uint16_t *chip_words(void *handle) { return of(handle).chip.words.data(); }

int64_t chip_cycle(void *handle) { return of(handle).chip.cycle; }

int64_t chip_busy(void *handle) { return of(handle).chip.busy; }

int64_t chip_commands(void *handle, unsigned command) { return of(handle).chip.commands[command]; }

const char *chip_violation(void *handle) { return of(handle).chip.violation.c_str(); }

// An edge of the chip alone.
int chip_step(void *handle, unsigned command, unsigned bank, unsigned address, int dq,
              unsigned mask) {
    return of(handle).chip.step(command, bank, address, dq, mask);
}

int chip_tick(void *handle) { return of(handle).tick(); }

// Let cycles pass until an output is 0; the cycles, or -1 when that takes more than `limit`.
int64_t chip_until_zero(void *handle, unsigned slot, int64_t limit) {
    auto &both = of(handle);
    for (int64_t cycles = 1; cycles <= limit; ++cycles) {
        if (!both.tick()) return -1;
        if (!both.out[slot]) return cycles;
    }
    return -1;
}

// Feed the values of a step until it is done; its cycles, or -1 when they are more than `limit`.
int64_t chip_feed(void *handle, const unsigned *slots, const uint64_t *x, unsigned count,
                  int64_t limit) {
    auto &both = of(handle);
    Steps at;
    std::memcpy(&at, slots, sizeof at);
    unsigned sent = 0;
    for (int64_t cycles = 1; cycles <= limit; ++cycles) {
        both.in[at.valid] = sent < count;
        if (sent < count) both.in[at.payload] = x[sent];
        if (!both.tick()) return -1;
        if (sent < count && both.out[at.ready]) ++sent;
        if (both.out[at.done]) return cycles;
    }
    return -1;
}

// Write words of `size` slots to a region, from address 0 on.
int chip_write(void *handle, const unsigned *slots, unsigned region, const uint64_t *words,
               unsigned size, unsigned count) {
    auto &both = of(handle);
    Access at;
    std::memcpy(&at, slots, sizeof at);
    both.in[at.enable] = 1;
    both.in[at.region] = region;
    bool good = both.tick();
    for (unsigned word = 0; word < count; ++word) {
        both.in[at.address] = word;
        std::memcpy(both.in + at.write_data, words + size_t(word) * size, size * sizeof *words);
        for (const int write : {1, 0}) {
            both.in[at.write] = write;
            good = both.tick() && good;
        }
    }
    both.in[at.enable] = 0;
    return both.tick() && good;
}

// Read words of `size` slots of a region, each `latency` cycles behind its address.
int chip_read(void *handle, const unsigned *slots, unsigned region, const unsigned *addresses,
              uint64_t *words, unsigned size, unsigned count, unsigned latency) {
    auto &both = of(handle);
    Access at;
    std::memcpy(&at, slots, sizeof at);
    bool good = true;
    both.in[at.enable] = 1;
    both.in[at.region] = region;
    for (unsigned word = 0; word < count; ++word) {
        both.in[at.address] = addresses[word];
        for (unsigned wait = 0; wait <= latency; ++wait) good = both.tick() && good;
        std::memcpy(words + size_t(word) * size, both.out + at.read_data, size * sizeof *words);
    }
    both.in[at.enable] = 0;
    return both.tick() && good;
}

}  // extern "C"
