#include "thresh_packet.h"

static uint32_t depth_left(uint32_t depth, uint32_t base)
{
    return base < depth ? depth - base : 0;
}

/* Columns of all passes of a layer, as its weight memory holds them. */
static uint32_t columns_of(uint8_t passes, uint32_t hidden, uint32_t come)
{
    uint32_t columns = 0;
    for (; passes; passes = (uint8_t)(passes >> 2)) {
        columns += (passes & 1u ? hidden : 0u) + (passes & 2u ? come : 0u);
    }
    return columns;
}

static uint32_t passes_of(uint8_t passes)
{
    uint32_t count = 0;
    for (; passes; passes = (uint8_t)(passes >> 2)) {
        count++;
    }
    return count;
}

/* Whether a layer's weights lie in their memory; columns in SDRAM lie elsewhere. */
static int weights_fit(const thresh_identity *who, const uint16_t *words, uint8_t passes,
                       uint32_t come)
{
    uint32_t base = words[THRESH_TABLE_WEIGHT_BASE], blocks = words[THRESH_TABLE_BLOCKS_MINUS_1] + 1u;
    uint32_t hidden = words[THRESH_TABLE_HIDDEN], stride = words[THRESH_TABLE_STRIDE], column;
    if (who->sparse > 1u) {
        return 1;
    }
    if (who->sparse) {
        column = words[THRESH_TABLE_COLUMN_WORDS] % THRESH_COLUMN_WORDS_END;
        return column * stride <= depth_left(who->weight_depth / 2u, base);
    }
    return columns_of(passes, hidden, come) <= depth_left(who->weight_depth, base) / blocks;
}

/* Whether a layer that is told come values lies inside the memories. */
static int layer_fits(const thresh_identity *who, const uint16_t *words, uint32_t come)
{
    static const uint16_t cells[] = THRESH_CELLS;
    uint16_t kind = words[THRESH_TABLE_KIND], cell = cells[kind & 15u];
    uint8_t passes = (uint8_t)(cell & 0xffu);
    uint32_t units = words[THRESH_TABLE_UNITS_MINUS_1] + 1u;
    uint32_t blocks = words[THRESH_TABLE_BLOCKS_MINUS_1] + 1u;
    uint32_t beats = (uint32_t)who->lanes / who->pointwise_lanes;
    uint32_t hidden = passes & 0x55u ? units : 0u;
    int encoded = (kind & THRESH_TABLE_ENCODED) != 0;
    if (!cell || blocks != (units - 1u) / who->lanes + 1u || (hidden && !encoded) ||
        words[THRESH_TABLE_HIDDEN] != hidden || words[THRESH_TABLE_STRIDE] != hidden + come) {
        return 0;
    }
    if (encoded && units > depth_left(who->value_depth, words[THRESH_TABLE_H_SEGMENT])) {
        return 0;
    }
    return blocks * beats * (uint32_t)(cell >> 8) <=
               depth_left(who->state_depth, words[THRESH_TABLE_H_BASE]) &&
           blocks * beats * passes_of(passes) <=
               depth_left(who->accumulator_depth, words[THRESH_TABLE_ACCUMULATOR_BASE]) &&
           weights_fit(who, words, passes, come);
}

thresh_error thresh_check_network(thresh_device *device)
{
    const thresh_identity *who = &device->identity;
    uint32_t come = device->header[THRESH_HEADER_INPUTS_MINUS_1] + 1u, units = 0, words;
    uint8_t layers = 0, encoded = 0;
    uint16_t kind = 0;
    device->layers = 0;
    if (come > who->value_depth || come > 0xffffu) {
        return THRESH_IMAGE_BROKEN;
    }
    while (!(kind & THRESH_TABLE_LAST_LAYER)) {
        const uint16_t *row = device->table + (size_t)layers * THRESH_TABLE_WORDS;
        if (layers == THRESH_MAX_LAYERS || (layers && !(encoded >> (layers - 1u) & 1u)) ||
            !layer_fits(who, row, come)) {
            return THRESH_IMAGE_BROKEN;
        }
        kind = row[THRESH_TABLE_KIND];
        encoded = (uint8_t)(encoded | (kind & THRESH_TABLE_ENCODED ? 1u << layers : 0u));
        come = units = row[THRESH_TABLE_UNITS_MINUS_1] + 1u;
        layers++;
    }
    words = ((units - 1u) / who->lanes + 1u) * (who->lanes / who->pointwise_lanes);
    if (units > 0xffffu || device->header[THRESH_HEADER_OUTPUT_WORDS_MINUS_1] + 1u != words) {
        return THRESH_IMAGE_BROKEN;
    }
    device->layers = layers;
    device->encoded = encoded;
    device->inputs = (uint16_t)(device->header[THRESH_HEADER_INPUTS_MINUS_1] + 1u);
    device->outputs = (uint16_t)units;
    device->output_words = (uint16_t)words;
    return THRESH_OK;
}

thresh_error thresh_check_image(const thresh_device *device, const thresh_image *image)
{
    const thresh_identity *who = &device->identity;
    uint32_t word = (uint32_t)thresh_word_bytes(device, THRESH_REGION_WEIGHTS);
    if (image->lanes != who->lanes || image->pointwise_lanes != who->pointwise_lanes ||
        image->weight_bits != who->weight_bits || image->value_bits != who->value_bits ||
        image->sparse != who->sparse || image->weight_words > who->weight_depth ||
        image->accumulator_words > who->accumulator_depth ||
        image->state_words > who->state_depth || image->values > who->value_depth) {
        return THRESH_IMAGE_OTHER;
    }
    return image->body_bytes == THRESH_BODY_HEAD_BYTES + image->weight_words * word
               ? THRESH_OK
               : THRESH_IMAGE_BROKEN;
}
