// Memories of a Verilated design by name: what they hold at power-up, and bits that turn over.
//
// The harnesses include it. A memory is known where the Verilog says that it is public, see
// sim/engines/open_memories.py.

#ifndef THRESH_MEMORIES_H
#define THRESH_MEMORIES_H

#include <cstdint>
#include <cstring>
#include <random>
#include <string>

#include "verilated.h"
#include "verilated_syms.h"

namespace memories {

struct Memory {
    std::string name;
    uint8_t *data;
    unsigned words, bits, size;  // bytes of a word

    bool zero() const {
        for (size_t at = 0; at < size_t(words) * size; ++at)
            if (data[at]) return false;
        return true;
    }

    void flip(unsigned word, unsigned bit) { data[size_t(word) * size + bit / 8] ^= 1u << bit % 8; }
};

template <typename Visit>
void each(VerilatedContext &context, Visit visit) {
    const VerilatedScopeNameMap *scopes = context.scopeNameMap();
    if (!scopes) return;
    for (const auto &scope : *scopes) {
        if (!scope.second->varsp()) continue;
        for (const auto &found : *scope.second->varsp()) {
            const VerilatedVar &variable = found.second;
            if (variable.udims() != 1) continue;
            visit(Memory{std::string(scope.first) + "." + found.first,
                         static_cast<uint8_t *>(variable.datap()),
                         unsigned(variable.unpackedRanges()[0].elements()), variable.entBits(),
                         variable.entSize()});
        }
    }
}

// A line "name words bits zero" for each memory, at most `size` bytes; the bytes there are.
inline unsigned list(VerilatedContext &context, char *text, unsigned size) {
    std::string all;
    each(context, [&](const Memory &memory) {
        all += memory.name + "\t" + std::to_string(memory.words) + "\t" +
               std::to_string(memory.bits) + "\t" + std::to_string(memory.zero()) + "\n";
    });
    std::memcpy(text, all.data(), all.size() < size ? all.size() : size);
    return unsigned(all.size());
}

inline int flip(VerilatedContext &context, const char *name, unsigned word, unsigned bit) {
    int done = 0;
    each(context, [&](Memory memory) {
        if (memory.name != name || word >= memory.words || bit >= memory.bits) return;
        memory.flip(word, bit);
        ++done;
    });
    return done;
}

// Noise in every memory that is zero; those that are not are tables.
inline void scramble(VerilatedContext &context, unsigned seed) {
    std::mt19937 random(seed);
    each(context, [&](Memory memory) {
        if (!memory.zero()) return;
        for (unsigned word = 0; word < memory.words; ++word)
            for (unsigned bit = 0; bit < memory.bits; ++bit)
                if (random() & 1) memory.flip(word, bit);
    });
}

}  // namespace memories

// What every harness exports, of a structure with a member `context`.
#define THRESH_MEMORIES(prefix, Type)                                                        \
    unsigned prefix##_memories(void *handle, char *text, unsigned size) {                    \
        return memories::list(static_cast<Type *>(handle)->context, text, size);             \
    }                                                                                        \
    int prefix##_flip(void *handle, const char *name, unsigned word, unsigned bit) {         \
        return memories::flip(static_cast<Type *>(handle)->context, name, word, bit);        \
    }                                                                                        \
    void prefix##_scramble(void *handle, unsigned seed) {                                    \
        memories::scramble(static_cast<Type *>(handle)->context, seed);                      \
    }

#endif
