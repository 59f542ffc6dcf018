#include <string.h>

#include "thresh_frame.h"

#define HEAD_BYTES 8u
#define VERSION 1u
#define MAX_LANES 128u
#define CHUNK_BYTES 256u

/* A layer of the network in use, as its table has it. */
typedef struct {
    uint16_t words[THRESH_TABLE_WORDS];
    uint8_t passes;       /* two bits each: 1 for the hidden list, 2 for the input list */
    size_t register_bytes; /* of the kept state, with padding */
    size_t sent;           /* references of its output */
} layer_entry;

static thresh_error read_layer(thresh_device *device, uint8_t number, layer_entry *layer,
                               uint16_t *crc)
{
    static const uint16_t cells[] = THRESH_CELLS;
    uint8_t row[2u * THRESH_TABLE_WORDS];
    uint16_t cell, n;
    thresh_error error = thresh_read(device, THRESH_REGION_TABLE,
                                     (uint16_t)(number * THRESH_TABLE_WORDS), row, sizeof row);
    if (error != THRESH_OK) {
        return error;
    }
    for (n = 0; n < THRESH_TABLE_WORDS; n++) {
        layer->words[n] = thresh_get16(row + 2u * n);
        if (n != THRESH_TABLE_THRESHOLD_H) {
            *crc = thresh_crc_next(thresh_crc_next(*crc, row[2u * n]), row[2u * n + 1u]);
        }
    }
    cell = cells[layer->words[THRESH_TABLE_KIND] & 15u];
    layer->passes = (uint8_t)(cell & 0xffu);
    layer->register_bytes = 2u * (size_t)(cell >> 8) * device->identity.lanes *
                            (layer->words[THRESH_TABLE_BLOCKS_MINUS_1] + 1u);
    layer->sent = layer->words[THRESH_TABLE_KIND] & THRESH_TABLE_ENCODED
                      ? layer->words[THRESH_TABLE_UNITS_MINUS_1] + 1u
                      : 0u;
    return THRESH_OK;
}

/* What a state begins with, and its size. */
static thresh_error describe(thresh_device *device, uint8_t head[HEAD_BYTES], size_t *bytes)
{
    uint16_t crc = THRESH_CRC_INITIAL;
    uint8_t number;
    if (!device->layers) {
        return THRESH_REFUSED_NOT_LOADED;
    }
    *bytes = HEAD_BYTES + 2u * (size_t)device->inputs;
    for (number = 0; number < device->layers; number++) {
        layer_entry layer;
        thresh_error error = read_layer(device, number, &layer, &crc);
        if (error != THRESH_OK) {
            return error;
        }
        *bytes += layer.register_bytes + 2u * layer.sent;
    }
    memcpy(head, "THSC", 4);
    head[4] = VERSION;
    head[5] = device->layers;
    head[6] = (uint8_t)(crc & 0xffu);
    head[7] = (uint8_t)(crc >> 8);
    return THRESH_OK;
}

thresh_error thresh_state_bytes(thresh_device *device, size_t *bytes)
{
    uint8_t head[HEAD_BYTES];
    return describe(device, head, bytes);
}

thresh_error thresh_save(thresh_device *device, uint8_t *state, size_t bytes)
{
    size_t needed, at = HEAD_BYTES + 2u * (size_t)device->inputs;
    uint16_t crc = 0;
    uint8_t number;
    uint8_t head[HEAD_BYTES];
    thresh_error error = describe(device, head, &needed);
    if (error == THRESH_OK && bytes < needed) {
        return THRESH_BUFFER_SMALL;
    }
    if (error == THRESH_OK) {
        memcpy(state, head, sizeof head);
        error = thresh_read(device, THRESH_REGION_REFERENCES, 0, state + HEAD_BYTES,
                            2u * (size_t)device->inputs);
    }
    for (number = 0; error == THRESH_OK && number < device->layers; number++) {
        layer_entry layer;
        error = read_layer(device, number, &layer, &crc);
        if (error == THRESH_OK) {
            error = thresh_read(device, THRESH_REGION_STATE, layer.words[THRESH_TABLE_H_BASE],
                                state + at, layer.register_bytes);
        }
        if (error == THRESH_OK) {
            at += layer.register_bytes;
            error = thresh_read(device, THRESH_REGION_REFERENCES,
                                layer.words[THRESH_TABLE_H_SEGMENT], state + at, 2u * layer.sent);
            at += 2u * layer.sent;
        }
    }
    return error;
}

/* The weight words in their order: from an image in memory, or a piece at a time from the
   accelerator. */
typedef struct {
    thresh_device *device;
    const uint8_t *body;
    size_t word_bytes;
    uint32_t first;
    size_t held;
    uint8_t chunk[CHUNK_BYTES];
} weight_source;

static thresh_error weight_word(weight_source *from, uint32_t address, const uint8_t **word)
{
    if (from->body) {
        *word = from->body + THRESH_BODY_HEAD_BYTES + address * from->word_bytes;
        return THRESH_OK;
    }
    if (address < from->first || address >= from->first + from->held) {
        uint32_t left = from->device->identity.weight_depth - address;
        thresh_error error;
        from->first = address;
        from->held = CHUNK_BYTES / from->word_bytes;
        from->held = from->held < left ? from->held : left;
        error = thresh_read(from->device, THRESH_REGION_WEIGHTS, (uint16_t)address, from->chunk,
                            from->held * from->word_bytes);
        if (error != THRESH_OK) {
            from->held = 0;
            return error;
        }
    }
    *word = from->chunk + (address - from->first) * from->word_bytes;
    return THRESH_OK;
}

static int32_t weight_of(const thresh_device *device, const uint8_t *word, size_t lane)
{
    int32_t value = device->identity.weight_bits == 4u ? word[lane / 2u] >> 4u * (lane % 2u) & 15
                                                       : word[lane];
    int32_t limit = (int32_t)(1ul << device->identity.weight_bits);
    return value < limit / 2 ? value : value - limit;
}

/* sums += columns of references, from weight word address on. */
static thresh_error add_columns(weight_source *from, uint32_t *address, const uint8_t *references,
                                size_t count, uint32_t *sums)
{
    size_t n, lane;
    for (n = 0; n < count; n++, (*address)++) {
        uint16_t raw = thresh_get16(references + 2u * n);
        int32_t value = raw < 0x8000u ? (int32_t)raw : (int32_t)raw - 0x10000l;
        const uint8_t *word;
        thresh_error error = raw ? weight_word(from, *address, &word) : THRESH_OK;
        if (error != THRESH_OK) {
            return error;
        }
        for (lane = 0; raw && lane < from->device->identity.lanes; lane++) {
            sums[lane] += (uint32_t)(value * weight_of(from->device, word, lane));
        }
    }
    return THRESH_OK;
}

/* Adds the sums of a block's pass to its accumulators, which hold the biases. */
static thresh_error add_sums(thresh_device *device, uint16_t address, const uint32_t *sums)
{
    uint8_t words[4u * MAX_LANES];
    size_t lane, lanes = device->identity.lanes;
    thresh_error error = thresh_read(device, THRESH_REGION_ACCUMULATORS, address, words, 4u * lanes);
    for (lane = 0; lane < lanes; lane++) {
        uint8_t *word = words + 4u * lane;
        uint32_t sum = sums[lane] + ((uint32_t)thresh_get16(word) |
                                     (uint32_t)thresh_get16(word + 2) << 16);
        word[0] = (uint8_t)(sum & 0xffu);
        word[1] = (uint8_t)(sum >> 8 & 0xffu);
        word[2] = (uint8_t)(sum >> 16 & 0xffu);
        word[3] = (uint8_t)(sum >> 24);
    }
    return error == THRESH_OK
               ? thresh_write(device, THRESH_REGION_ACCUMULATORS, address, words, 4u * lanes)
               : error;
}

/* M = bias + W reference of one layer, in the order in which its weights lie: for each group of
   blocks, pass by pass. */
static thresh_error accumulate(weight_source *from, const layer_entry *layer, const uint8_t *inputs,
                               const uint8_t *own)
{
    thresh_device *device = from->device;
    uint32_t weights = layer->words[THRESH_TABLE_WEIGHT_BASE];
    uint16_t address = layer->words[THRESH_TABLE_ACCUMULATOR_BASE];
    size_t hidden = layer->words[THRESH_TABLE_HIDDEN];
    size_t input_count = layer->words[THRESH_TABLE_STRIDE] - hidden;
    uint16_t vector = device->identity.lanes / device->identity.serial;
    uint32_t group = vector < THRESH_PAIRED_BELOW ? 2u : 1u;
    uint32_t first, blocks = layer->words[THRESH_TABLE_BLOCKS_MINUS_1] + 1u;
    for (first = 0; first < blocks; first += group) {
        uint32_t together = blocks - first < group ? blocks - first : group, block;
        uint8_t passes;
        for (passes = layer->passes; passes; passes = (uint8_t)(passes >> 2)) {
            for (block = 0; block < together; block++) {
                uint32_t sums[MAX_LANES];
                thresh_error error;
                memset(sums, 0, sizeof sums);
                error = add_columns(from, &weights, own, passes & 1u ? hidden : 0u, sums);
                if (error == THRESH_OK) {
                    error = add_columns(from, &weights, inputs, passes & 2u ? input_count : 0u,
                                        sums);
                }
                if (error == THRESH_OK) {
                    error = add_sums(device, address, sums);
                }
                if (error != THRESH_OK) {
                    return error;
                }
                address = (uint16_t)(address + vector);
            }
        }
    }
    return THRESH_OK;
}

thresh_error thresh_restore(thresh_device *device, const thresh_image *image,
                            const uint8_t *state, size_t bytes)
{
    const uint8_t *inputs = state + HEAD_BYTES;
    const uint8_t *at = inputs + 2u * (size_t)device->inputs;
    weight_source from;
    size_t needed;
    uint16_t crc = 0;
    uint8_t number;
    uint8_t head[HEAD_BYTES];
    thresh_error error = describe(device, head, &needed);
    if (error == THRESH_OK && (bytes < needed || memcmp(head, state, sizeof head) != 0 ||
                               device->identity.lanes > MAX_LANES)) {
        return THRESH_STATE_OTHER;
    }
    from.device = device;
    from.body = image ? image->body : NULL;
    from.word_bytes = thresh_word_bytes(device, THRESH_REGION_WEIGHTS);
    from.held = 0;
    if (error == THRESH_OK) {
        error = thresh_new_sequence(device);
    }
    if (error == THRESH_OK) {
        error = thresh_write(device, THRESH_REGION_REFERENCES, 0, inputs,
                             2u * (size_t)device->inputs);
    }
    for (number = 0; error == THRESH_OK && number < device->layers; number++) {
        layer_entry layer;
        error = read_layer(device, number, &layer, &crc);
        if (error == THRESH_OK) {
            error = thresh_write(device, THRESH_REGION_STATE, layer.words[THRESH_TABLE_H_BASE], at,
                                 layer.register_bytes);
        }
        if (error == THRESH_OK) {
            at += layer.register_bytes;
            error = thresh_write(device, THRESH_REGION_REFERENCES,
                                 layer.words[THRESH_TABLE_H_SEGMENT], at, 2u * layer.sent);
        }
        if (error == THRESH_OK) {
            error = accumulate(&from, &layer, inputs, at);
            inputs = at;
            at += 2u * layer.sent;
        }
    }
    return error;
}
