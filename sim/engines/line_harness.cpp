// Runs a Verilated thresh_accelerator and speaks its serial line, bit by bit.
//
// Built by sim/engines/compiled.py with VERILATED_HEADER and VERILATED_CLASS defined; called through ctypes.

#include <cstdint>
#include <deque>

#include VERILATED_HEADER
#include "memories.h"
#include "verilated.h"

namespace {

struct Line {
    VerilatedContext context;
    VERILATED_CLASS top;
    unsigned divisor;
    std::deque<uint8_t> out;
    // Sending to the accelerator: start bit, eight data bits, stop bit.
    unsigned send_bits = 0, send_timer = 0, send_shift = 0;
    // Receiving from it.
    unsigned receive_bits = 0, receive_timer = 0, receive_shift = 0;
    bool broken = false;
    uint64_t cycles = 0;

    // Random values only where the source was compiled for them.
    Line(unsigned bit, int seed)
        : top((context.randReset(2), context.randSeed(seed), &context), "TOP"), divisor(bit) {
        top.rst = 0;
        top.rx = 1;
        top.clk = 0;
        top.eval();
    }

    void receive() {
        if (receive_bits == 0) {
            if (!top.tx) {
                receive_bits = 10;
                receive_timer = divisor / 2;
            }
        } else if (--receive_timer == 0) {
            receive_timer = divisor;
            receive_shift = (receive_shift >> 1) | (unsigned(top.tx) << 9);
            if (--receive_bits == 0 && top.tx) out.push_back(uint8_t(receive_shift >> 1));
        }
    }

    void tick() {
        if (send_bits != 0 && --send_timer == 0) {
            send_timer = divisor;
            send_shift >>= 1;
            if (--send_bits == 0) send_shift = 1;
        }
        top.rx = broken ? 0 : send_bits == 0 ? 1 : send_shift & 1;
        top.clk = 1;
        top.eval();
        top.clk = 0;
        top.eval();
        ++cycles;
        receive();
    }

    void send(uint8_t byte) {
        send_shift = (unsigned(byte) << 1) | 0x200;
        send_bits = 10;
        send_timer = divisor;
        while (send_bits != 0) tick();
    }
};

}  // namespace

extern "C" {

void *line_open(unsigned divisor, int seed) { return new Line(divisor, seed); }

void line_close(void *handle) { delete static_cast<Line *>(handle); }

uint64_t line_cycles(void *handle) { return static_cast<Line *>(handle)->cycles; }

void line_send(void *handle, const uint8_t *data, unsigned size) {
    auto &line = *static_cast<Line *>(handle);
    for (unsigned at = 0; at < size; ++at) line.send(data[at]);
}

void line_tick(void *handle, uint64_t cycles) {
    auto &line = *static_cast<Line *>(handle);
    while (cycles-- != 0) line.tick();
}

// Lets cycles pass until as many as `quiet` have in which the accelerator neither spoke nor was busy.
void line_rest(void *handle, uint64_t quiet) {
    auto &line = *static_cast<Line *>(handle);
    for (uint64_t passed = 0; passed < quiet; ++passed) {
        line.tick();
        if (line.top.busy || line.receive_bits != 0) passed = 0;
    }
}

// Holds the line low.
void line_break(void *handle, uint64_t cycles) {
    auto &line = *static_cast<Line *>(handle);
    line.broken = true;
    while (cycles-- != 0) line.tick();
    line.broken = false;
}

// Drives the reset.
void line_reset(void *handle, int level) { static_cast<Line *>(handle)->top.rst = level; }

// Bytes the accelerator has sent, at most `size`.
unsigned line_receive(void *handle, uint8_t *data, unsigned size) {
    auto &line = *static_cast<Line *>(handle);
    unsigned taken = 0;
    while (taken < size && !line.out.empty()) {
        data[taken++] = line.out.front();
        line.out.pop_front();
    }
    return taken;
}

THRESH_MEMORIES(line, Line)

}  // extern "C"
