// An SDRAM that refuses to be driven against its timing: sim/sdram_model.py, which says what it is, for compiled
// simulations. tests/sim/test_sdram_model.py holds both to the same rules, and one to the other on random commands.

#ifndef THRESH_SDRAM_CHIP_H
#define THRESH_SDRAM_CHIP_H

#include <algorithm>
#include <array>
#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

namespace sdram {

// Of layout/sdram_chip.py.
enum Command : unsigned { NOP, STOP, READ, WRITE, ACTIVATE, PRECHARGE, REFRESH, SET_MODE };
constexpr const char *NAMES[] = {"NOP",      "STOP",      "READ",    "WRITE",
                                 "ACTIVATE", "PRECHARGE", "REFRESH", "SET_MODE"};
constexpr unsigned ALL_BANKS = 1 << 10;

constexpr int64_t LONG_AGO = -(int64_t(1) << 40);
constexpr unsigned MOST_WORDS = 8;  // of a burst
constexpr unsigned AHEAD = 16;      // edges within which a word that is read is driven

// The same numbers in the same order in sim/engines/compiled_chip.py: sizes, then cycles.
struct Chip {
    int64_t bank_bits, row_bits, column_bits, cas_latency, first_refreshes;
    int64_t row_to_column, precharge, activate_to_activate, row_cycle, row_active, row_active_most,
        refresh, refresh_every, write_recovery, set_mode, power_up;
};

struct Bank {
    int64_t row = -1, activated = LONG_AGO, precharged = LONG_AGO;
    int64_t written = LONG_AGO;  // last word of a write
    int64_t read = LONG_AGO;     // READ of the last burst, plus its length
};

struct Violation {};

class Model {
   public:
    const Chip chip;
    const double clock_hz;
    std::vector<uint16_t> words;
    int64_t cycle = 0, busy = 0;
    std::array<int64_t, 8> commands{};
    std::string violation;  // the first

    Model(const int64_t *numbers, double hertz)
        : chip(copied(numbers)),
          clock_hz(hertz),
          words(size_t(1) << (chip.row_bits + chip.bank_bits + chip.column_bits)),
          banks(size_t(1) << chip.bank_bits) {
        output.fill(-1);
    }

    // One rising edge of the clock; `dq` is what the controller drives, or -1. Returns what the chip drives until the
    // next edge, or -1. Of what a chip does behind its first violation nothing is known.
    int step(unsigned command, unsigned bank, unsigned address, int dq, unsigned mask) {
        if (!violation.empty()) return -1;
        try {
            return edge(command, bank, address, dq, mask);
        } catch (const Violation &) {
            return -1;
        }
    }

   private:
    enum Driver { NOBODY, CONTROLLER, CHIP };

    std::vector<Bank> banks;
    int64_t refreshed = LONG_AGO, mode_set = LONG_AGO, refreshes = 0;
    int64_t burst = 0, burst_ends = LONG_AGO;
    std::array<int, AHEAD> output{};
    std::array<uint32_t, MOST_WORDS> input{};
    unsigned inputs = 0, taken = 0, last_mask = 0;
    Driver driver = NOBODY;
    int64_t driven = LONG_AGO;

    static Chip copied(const int64_t *numbers) {
        Chip chip;
        std::memcpy(&chip, numbers, sizeof chip);
        return chip;
    }

    [[noreturn]] void refuse(const char *rule, ...) {
        char text[200];
        const int begin = std::snprintf(text, sizeof text, "cycle %lld: ", (long long)cycle);
        va_list values;
        va_start(values, rule);
        std::vsnprintf(text + begin, sizeof text - begin, rule, values);
        va_end(values);
        violation = text;
        throw Violation{};
    }

    int edge(unsigned command, unsigned bank, unsigned address, int dq, unsigned mask) {
        if (command) obey(command, bank, address);
        if (cycle - refreshed > chip.refresh_every && refreshes)
            refuse("no refresh for %lld cycles (tREFI)", (long long)chip.refresh_every);
        if (taken < inputs) {
            if (dq < 0) refuse("the controller drives no data for its WRITE");
            store(input[taken++], dq, mask);
        } else if (dq >= 0) {
            refuse("the controller drives the bus without a WRITE");
        }
        int &slot = output[cycle % AHEAD];
        int word = slot;
        slot = -1;
        if (last_mask) word = -1;  // what the mask's last edge said holds two edges later
        last_mask = mask;
        if (dq >= 0) drive(CONTROLLER, cycle);
        if (word >= 0) drive(CHIP, cycle + 1);
        ++cycle;
        return word;
    }

    // `who` drives during the cycle that ends with edge `when`.
    void drive(Driver who, int64_t when) {
        static const char *const names[] = {"", "controller", "chip"};
        if (who != driver && when - driven < 2)
            refuse("bus contention: the %s drives after the %s", names[who], names[driver]);
        driver = who;
        driven = when;
        ++busy;
    }

    void wait(int64_t since, int64_t wanted, const char *symbol) {
        if (cycle - since < wanted)
            refuse("%lld cycles, %lld wanted (%s)", (long long)(cycle - since), (long long)wanted,
                   symbol);
    }

    template <typename Member>
    int64_t latest(Member Bank::*member) const {
        int64_t found = LONG_AGO;
        for (const Bank &one : banks) found = std::max(found, one.*member);
        return found;
    }

    void obey(unsigned command, unsigned bank, unsigned address) {
        ++commands[command];
        if (cycle < chip.power_up) refuse("%s while the chip powers up", NAMES[command]);
        wait(refreshed, chip.refresh, "tRFC");
        wait(mode_set, chip.set_mode, "tMRD");
        if (command == READ || command == WRITE) {
            begin(command, bank, address);
        } else if (command == ACTIVATE) {
            activate(bank, address);
        } else if (command == PRECHARGE) {
            if (address & ALL_BANKS)
                for (unsigned number = 0; number < banks.size(); ++number) precharge(number);
            else
                precharge(bank);
        } else if (command == STOP) {
            refuse("STOP is not modelled");
        } else {
            rest(command, address);
        }
    }

    void activate(unsigned number, unsigned row) {
        Bank &bank = banks[number];
        if (!burst || refreshes < chip.first_refreshes)
            refuse("ACTIVATE before the mode was set and the first refreshes came");
        if (bank.row >= 0) refuse("ACTIVATE of bank %u, which is open", number);
        if (row >= 1u << chip.row_bits) refuse("ACTIVATE of row %u, which is none", row);
        wait(bank.precharged, chip.precharge, "tRP");
        wait(bank.activated, chip.row_cycle, "tRC");
        wait(latest(&Bank::activated), chip.activate_to_activate, "tRRD");
        bank.row = row;
        bank.activated = cycle;
    }

    void precharge(unsigned number) {
        Bank &bank = banks[number];
        if (bank.row >= 0) {
            wait(bank.activated, chip.row_active, "tRAS");
            held(number);
        }
        wait(bank.written, chip.write_recovery, "tWR");
        if (cycle < bank.read) refuse("PRECHARGE of bank %u cuts a burst that is read", number);
        bank.row = -1;
        bank.precharged = cycle;
    }

    void held(unsigned number) {
        if (cycle - banks[number].activated > chip.row_active_most)
            refuse("bank %u was open for too long (tRAS)", number);
    }

    // REFRESH and SET_MODE, for which every bank rests.
    void rest(unsigned command, unsigned mode) {
        for (const Bank &bank : banks)
            if (bank.row >= 0) refuse("%s while a bank is open", NAMES[command]);
        wait(latest(&Bank::precharged), chip.precharge, "tRP");
        if (command == REFRESH) {
            refreshed = cycle;
            ++refreshes;
            return;
        }
        mode_set = cycle;
        const unsigned latency = mode >> 4 & 7;
        if (latency != chip.cas_latency)
            refuse("CAS latency %u at %g MHz", latency, clock_hz / 1e6);
        if ((mode & 7) > 3 || mode & ~0x77u) refuse("mode 0x%03x is not modelled", mode);
        burst = int64_t(1) << (mode & 7);
    }

    void begin(unsigned command, unsigned number, unsigned column) {
        Bank &bank = banks[number];
        if (bank.row < 0) refuse("%s of bank %u, which is not open", NAMES[command], number);
        if (column >= 1u << chip.column_bits)
            refuse("%s of column %u, which is none", NAMES[command], column);
        wait(bank.activated, chip.row_to_column, "tRCD");
        held(number);
        if (cycle < burst_ends) refuse("%s cuts a burst", NAMES[command]);
        const uint32_t base = uint32_t(bank.row << chip.bank_bits | number) << chip.column_bits;
        const uint32_t length = burst, start = base + (column & -length);
        burst_ends = cycle + burst;
        if (command == WRITE) {
            inputs = length;
            taken = 0;
            for (uint32_t n = 0; n < length; ++n) input[n] = start + (column + n) % length;
            bank.written = burst_ends - 1;
            return;
        }
        bank.read = burst_ends;
        const int64_t first = cycle + chip.cas_latency - 1;
        for (uint32_t n = 0; n < length; ++n)
            output[(first + n) % AHEAD] = words[start + (column + n) % length];
    }

    void store(uint32_t address, unsigned dq, unsigned mask) {
        const unsigned kept = (mask & 1) * 0xFFu | (mask >> 1) * 0xFF00u;
        words[address] = (words[address] & kept) | (dq & ~kept & 0xFFFFu);
    }
};

}  // namespace sdram

#endif
