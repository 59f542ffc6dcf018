// Runs a Verilated thresh_device between its pins: two clocks that drift, one of which stops, a
// microphone, a flash, a host at the line, and the stages that the module shows.
//
// Built by sim/engines/compiled.py with VERILATED_HEADER and VERILATED_CLASS defined; called
// through ctypes by sim/device/compiled.py. Times are picoseconds.

#include <cstdint>
#include <cstring>
#include <deque>
#include <vector>

#include VERILATED_HEADER
#include "verilated.h"

namespace {

// What is asked of the simulation; the same fields in the same order in sim/device/compiled.py.
struct Settings {
    uint64_t audio_period, core_period;  // mean
    uint64_t audio_spread, core_spread;  // largest deviation of a period, drawn anew now and then
    uint64_t phase;                      // of the core's clock, and of every start after it
    uint64_t start_least, start_most;    // from `wanted` until the core's clock runs
    uint64_t seed;
    uint64_t bit_cycles;                 // of the line, in audio cycles
    uint64_t i2s_bits;                   // of a word; 0: PDM
};

enum Stage { SAMPLE, FEATURE, COUNT, OUTPUT, SCORE, BEST, BEST_SCORE, CYCLES, STAGES };

struct Heard {
    int64_t frame, label, decided, pin;
};

// SPI mode 0, command 0x03, asleep until 0xAB.
struct Flash {
    std::vector<uint8_t> array;
    unsigned bits = 0, byte = 0;
    uint32_t command = 0;
    bool selected = false, clock = false, asleep = true;

    template <typename Top>
    void follow(Top &top) {
        const bool select = !top.cs_n, level = top.sck;
        if (select && !selected) bits = command = 0;
        if (!select && selected && bits == 8 && command == 0xAB) asleep = false;
        if (select && level && !clock) {
            if (bits < 32) command = command << 1 | top.mosi;
            ++bits;
        }
        if (select && clock && !level && bits >= 32 && !asleep && command >> 24 == 0x03) {
            const size_t place = (command & 0xFFFFFF) + (bits - 32) / 8;
            top.miso = array.empty() ? 1 : array[place % array.size()] >> (7 - bits % 8) & 1;
        }
        selected = select;
        clock = level;
    }
};

// The host's side of the line: a byte each way, bit by bit, in audio cycles.
struct Line {
    std::deque<uint8_t> out, in;
    unsigned send_bits = 0, send_timer = 0, send_shift = 0;
    unsigned receive_bits = 0, receive_timer = 0, receive_shift = 0;

    int level(unsigned divisor) {
        if (send_bits != 0 && --send_timer == 0) {
            send_timer = divisor;
            send_shift >>= 1;
            if (--send_bits == 0) send_shift = 1;
        }
        if (send_bits == 0 && !out.empty()) {
            send_shift = unsigned(out.front()) << 1 | 0x200;
            out.pop_front();
            send_bits = 10;
            send_timer = divisor;
        }
        return send_bits == 0 ? 1 : send_shift & 1;
    }

    void receive(int tx, unsigned divisor) {
        if (receive_bits == 0) {
            if (!tx) {
                receive_bits = 10;
                receive_timer = divisor / 2;
            }
        } else if (--receive_timer == 0) {
            receive_timer = divisor;
            receive_shift = receive_shift >> 1 | unsigned(tx) << 9;
            if (--receive_bits == 0 && tx) in.push_back(uint8_t(receive_shift >> 1));
        }
    }
};

struct Device {
    VerilatedContext context;
    VERILATED_CLASS top;
    Settings settings;
    Flash flash;
    Line line;
    std::vector<int64_t> stages[STAGES];
    std::vector<Heard> words;
    uint64_t random, now = 0, audio_next, core_next;
    uint64_t audio_period, core_period, audio_cycles = 0, core_cycles = 0, frame_cycles = 0;
    uint64_t wakes = 0;
    bool wanted = false;
    size_t announced = 0;
    // An I2S microphone: what it saw of its clocks, and where in a frame it is.
    bool clock = false, select = true;
    int64_t place = 0;
    int32_t word = 0;
    std::deque<int32_t> waiting;
    std::vector<int32_t> said;

    Device(const Settings &given, const uint8_t *bytes, size_t count)
        : top(&context, "TOP"), settings(given), random(given.seed + 88172645463325252u) {
        flash.array.assign(bytes, bytes + count);
        audio_period = settings.audio_period;
        core_period = settings.core_period;
        audio_next = audio_period;
        core_next = settings.phase;
        top.rst = top.audio_rst = 0;
        top.clk = top.audio_clk = 0;
        top.rx = 1;
        top.miso = 1;
        top.eval();
    }

    uint64_t draw() {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        return random;
    }

    uint64_t drifted(uint64_t period, uint64_t spread) {
        return spread == 0 ? period : period - spread + draw() % (2 * spread + 1);
    }

    void core_edge() {
        if (top.feature_valid) stages[FEATURE].push_back(int16_t(top.feature));
        if (top.count_valid) stages[COUNT].push_back(top.count);
        if (top.output_valid) stages[OUTPUT].push_back(int16_t(top.output));
        if (top.score_valid) stages[SCORE].push_back(int16_t(top.score));
        if (top.over) {
            if (top.announced)
                words.push_back({int64_t(stages[BEST].size()), top.best, int64_t(now), -1});
            stages[BEST].push_back(top.best);
            stages[BEST_SCORE].push_back(int16_t(top.best_score));
            stages[CYCLES].push_back(int64_t(frame_cycles));
            frame_cycles = 0;
        }
        top.clk = 1;
        top.eval();
        flash.follow(top);
        top.clk = 0;
        top.eval();
        ++core_cycles;
        ++frame_cycles;
        if (core_cycles % 997 == 0) core_period = drifted(settings.core_period, settings.core_spread);
    }

    // What the microphone says next: of the stimulus, and beyond it silence.
    int32_t say() {
        const int32_t silence = settings.i2s_bits == 0 ? int32_t(said.size() & 1) : 0;
        said.push_back(waiting.empty() ? silence : waiting.front());
        if (!waiting.empty()) waiting.pop_front();
        return said.back();
    }

    // The next bit, or the next level of an I2S data pin.
    void microphone() {
        if (settings.i2s_bits == 0) {
            top.mic_data = top.loaded ? unsigned(say()) : draw() & 1;
            return;
        }
        const bool level = top.mic_clock;
        if (level && !clock) {
            // The part sees the word select at the rising edge.
            const bool begins = select && !top.mic_select;
            place = begins ? 0 : place + 1;
            if (begins) word = say();
            select = top.mic_select;
        }
        if (clock && !level) {
            const bool inside = !select && place < int64_t(settings.i2s_bits);
            top.mic_data = inside ? word >> (settings.i2s_bits - 1 - place) & 1 : draw() & 1;
        }
        clock = level;
    }

    void audio_edge() {
        if (top.sample_valid) stages[SAMPLE].push_back(int16_t(top.sample));
        if (top.heard && announced < words.size()) words[announced++].pin = int64_t(now);
        microphone();
        top.rx = line.level(unsigned(settings.bit_cycles));
        top.audio_clk = 1;
        top.eval();
        top.audio_clk = 0;
        top.eval();
        line.receive(top.tx, unsigned(settings.bit_cycles));
        ++audio_cycles;
        if (audio_cycles % 997 == 0)
            audio_period = drifted(settings.audio_period, settings.audio_spread);
        if (bool(top.wanted) == wanted) return;
        wanted = top.wanted;
        if (!wanted) return;
        const uint64_t range = settings.start_most - settings.start_least + 1;
        const uint64_t start = now + settings.start_least + draw() % range;
        if (core_next <= start) core_next = start + 1;
        ++wakes;
    }

    void step() {
        // A clock that is not wanted stands low.
        if (!wanted || audio_next <= core_next) {
            now = audio_next;
            audio_next += audio_period;
            audio_edge();
        } else {
            now = core_next;
            core_next += core_period;
            core_edge();
        }
    }
};

Device &device(void *handle) { return *static_cast<Device *>(handle); }

}  // namespace

extern "C" {

void *device_open(const Settings *settings, const uint8_t *flash, uint64_t size) {
    return new Device(*settings, flash, size);
}

void device_close(void *handle) { delete static_cast<Device *>(handle); }

// The microphone says `count` bits or words, in `limit` audio cycles at most; how many are left.
uint64_t device_hear(void *handle, const int32_t *stimulus, uint64_t count, uint64_t limit) {
    auto &sim = device(handle);
    sim.waiting.insert(sim.waiting.end(), stimulus, stimulus + count);
    for (const uint64_t end = sim.audio_cycles + limit;
         !sim.waiting.empty() && sim.audio_cycles < end;)
        sim.step();
    return sim.waiting.size();
}

// All that it said since the network was there.
uint64_t device_said(void *handle, int32_t *data) {
    const auto &said = device(handle).said;
    if (data && !said.empty()) std::memcpy(data, said.data(), said.size() * sizeof(int32_t));
    return said.size();
}

// Until the core sleeps; at most `limit` audio cycles. Whether it does.
int device_rest(void *handle, uint64_t limit) {
    auto &sim = device(handle);
    for (const uint64_t end = sim.audio_cycles + limit; sim.audio_cycles < end;) {
        if (!sim.wanted && sim.audio_cycles != 0) return 1;
        sim.step();
    }
    return !sim.wanted;
}

void device_wait(void *handle, uint64_t audio_cycles) {
    auto &sim = device(handle);
    for (const uint64_t end = sim.audio_cycles + audio_cycles; sim.audio_cycles < end;) sim.step();
}

void device_send(void *handle, const uint8_t *data, uint64_t size) {
    auto &sim = device(handle);
    sim.line.out.insert(sim.line.out.end(), data, data + size);
}

uint64_t device_receive(void *handle, uint8_t *data, uint64_t size) {
    auto &in = device(handle).line.in;
    uint64_t taken = 0;
    for (; taken < size && !in.empty(); in.pop_front()) data[taken++] = in.front();
    return taken;
}

// All integers of a stage; how many there are.
uint64_t device_stage(void *handle, unsigned stage, int64_t *data) {
    const auto &seen = device(handle).stages[stage];
    if (data && !seen.empty()) std::memcpy(data, seen.data(), seen.size() * sizeof(int64_t));
    return seen.size();
}

// Frame, label, and the times of decision and pin of every announcement.
uint64_t device_words(void *handle, int64_t *data) {
    const auto &words = device(handle).words;
    if (data && !words.empty()) std::memcpy(data, words.data(), words.size() * sizeof(Heard));
    return words.size();
}

// Time, audio cycles, core cycles, wakes; loaded, fell_back, the pins of decisions.
void device_state(void *handle, uint64_t *state) {
    auto &sim = device(handle);
    const uint64_t seen[] = {sim.now, sim.audio_cycles, sim.core_cycles, sim.wakes,
                             sim.top.loaded, sim.top.fell_back, sim.top.word, sim.top.label};
    std::memcpy(state, seen, sizeof(seen));
}

}  // extern "C"
