#include <string.h>

#include "thresh_sums.h"

static thresh_error weight_word(thresh_weights *from, uint32_t address, const uint8_t **word)
{
    if (address >= from->words) {
        return THRESH_IMAGE_BROKEN;
    }
    if (from->body) {
        *word = from->body + THRESH_BODY_HEAD_BYTES + address * from->word_bytes;
        return THRESH_OK;
    }
    if (address < from->first || address >= from->first + from->held) {
        uint32_t left = from->words - address;
        thresh_error error;
        from->first = address;
        from->held = THRESH_CHUNK_BYTES / from->word_bytes;
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

static uint8_t field_of(const thresh_device *device, const uint8_t *word, size_t lane)
{
    return device->identity.weight_bits == 4u ? word[lane / 2u] >> 4u * (lane % 2u) & 15u
                                              : word[lane];
}

static int32_t weight_of(const thresh_device *device, const uint8_t *word, size_t lane)
{
    int32_t value = field_of(device, word, lane);
    int32_t limit = (int32_t)(1ul << device->identity.weight_bits);
    return value < limit / 2 ? value : value - limit;
}

static int32_t reference_of(const uint8_t *references, size_t n)
{
    uint16_t raw = thresh_get16(references + 2u * n);
    return raw < 0x8000u ? (int32_t)raw : (int32_t)raw - 0x10000l;
}

/* sums += row of sparse columns of references. A column is pairs of words from pair on: the lanes'
   weights, and how many rows further than the pair before each lies. Words come in even numbers
   from even addresses, so that a pair is never cut. */
static thresh_error add_row(thresh_weights *from, uint32_t pair, uint16_t column_words, uint16_t row,
                            const uint8_t *references, size_t count, uint32_t *sums)
{
    size_t n, lane, lanes = from->device->identity.lanes;
    for (n = 0; n < count; n++, pair += column_words) {
        int32_t value = reference_of(references, n);
        uint16_t rows[THRESH_MAX_LANES] = {0}, word;
        for (word = 0; value && word < column_words; word++) {
            const uint8_t *weights, *offsets;
            thresh_error error = weight_word(from, 2u * (pair + word), &weights);
            if (error == THRESH_OK) {
                error = weight_word(from, 2u * (pair + word) + 1u, &offsets);
            }
            if (error != THRESH_OK) {
                return error;
            }
            for (lane = 0; lane < lanes; lane++) {
                rows[lane] = (uint16_t)(rows[lane] + field_of(from->device, offsets, lane));
                if (rows[lane] == row) {
                    sums[lane] += (uint32_t)(value * weight_of(from->device, weights, lane));
                }
            }
        }
    }
    return THRESH_OK;
}

/* sums += columns of references, from weight word address on. */
static thresh_error add_columns(thresh_weights *from, uint32_t *address, const uint8_t *references,
                                size_t count, uint32_t *sums)
{
    size_t n, lane;
    for (n = 0; n < count; n++, (*address)++) {
        int32_t value = reference_of(references, n);
        const uint8_t *word;
        thresh_error error = value ? weight_word(from, *address, &word) : THRESH_OK;
        if (error != THRESH_OK) {
            return error;
        }
        for (lane = 0; value && lane < from->device->identity.lanes; lane++) {
            sums[lane] += (uint32_t)(value * weight_of(from->device, word, lane));
        }
    }
    return THRESH_OK;
}

/* Adds the sums of a block's pass to its accumulators, which hold the biases. */
static thresh_error add_sums(thresh_device *device, uint16_t address, const uint32_t *sums)
{
    uint8_t words[4u * THRESH_MAX_LANES];
    size_t lane, lanes = device->identity.lanes;
    thresh_error error = thresh_read(device, THRESH_REGION_ACCUMULATORS, address, words, 4u * lanes);
    if (error != THRESH_OK) {
        return error;
    }
    for (lane = 0; lane < lanes; lane++) {
        uint8_t *word = words + 4u * lane;
        uint32_t sum = sums[lane] + ((uint32_t)thresh_get16(word) |
                                     (uint32_t)thresh_get16(word + 2) << 16);
        word[0] = (uint8_t)(sum & 0xffu);
        word[1] = (uint8_t)(sum >> 8 & 0xffu);
        word[2] = (uint8_t)(sum >> 16 & 0xffu);
        word[3] = (uint8_t)(sum >> 24);
    }
    return thresh_write(device, THRESH_REGION_ACCUMULATORS, address, words, 4u * lanes);
}

/* M = bias + W reference of one layer, in the order in which its weights lie: for each group of
   blocks, pass by pass. Sparse columns are gone through for every one of these rows. */
thresh_error thresh_accumulate(thresh_weights *from, const thresh_layer *layer,
                               const uint8_t *inputs, const uint8_t *own)
{
    thresh_device *device = from->device;
    uint32_t weights = layer->words[THRESH_TABLE_WEIGHT_BASE];
    uint16_t address = layer->words[THRESH_TABLE_ACCUMULATOR_BASE];
    size_t hidden = layer->words[THRESH_TABLE_HIDDEN];
    size_t input_count = layer->words[THRESH_TABLE_STRIDE] - hidden;
    uint16_t beats = device->identity.lanes / device->identity.pointwise_lanes;
    uint32_t group = beats < THRESH_PAIRED_BELOW ? 2u : 1u;
    uint16_t row = 0, column_words;
    uint32_t first, blocks = layer->words[THRESH_TABLE_BLOCKS_MINUS_1] + 1u;
    column_words = layer->words[THRESH_TABLE_COLUMN_WORDS] % THRESH_COLUMN_WORDS_END;
    for (first = 0; first < blocks; first += group) {
        uint32_t together = blocks - first < group ? blocks - first : group, block;
        uint8_t passes;
        for (passes = layer->passes; passes; passes = (uint8_t)(passes >> 2)) {
            for (block = 0; block < together; block++, row++) {
                uint32_t sums[THRESH_MAX_LANES];
                size_t sent = passes & 1u ? hidden : 0u, come = passes & 2u ? input_count : 0u;
                thresh_error error;
                memset(sums, 0, sizeof sums);
                if (device->identity.sparse) {
                    uint32_t behind = weights + (uint32_t)hidden * column_words;
                    error = add_row(from, weights, column_words, row, own, sent, sums);
                    if (error == THRESH_OK) {
                        error = add_row(from, behind, column_words, row, inputs, come, sums);
                    }
                } else {
                    error = add_columns(from, &weights, own, sent, sums);
                    if (error == THRESH_OK) {
                        error = add_columns(from, &weights, inputs, come, sums);
                    }
                }
                if (error == THRESH_OK) {
                    error = add_sums(device, address, sums);
                }
                if (error != THRESH_OK) {
                    return error;
                }
                address = (uint16_t)(address + beats);
            }
        }
    }
    return THRESH_OK;
}
