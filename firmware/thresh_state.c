#include <string.h>

#include "thresh_sums.h"

#define HEAD_BYTES 8u
#define VERSION 1u

static thresh_error read_layer(thresh_device *device, uint8_t number, thresh_layer *layer,
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
        thresh_layer layer;
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
        thresh_layer layer;
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

thresh_error thresh_restore(thresh_device *device, const thresh_image *image,
                            const uint8_t *state, size_t bytes)
{
    const uint8_t *inputs = state + HEAD_BYTES;
    const uint8_t *at = inputs + 2u * (size_t)device->inputs;
    thresh_weights from;
    size_t needed;
    uint16_t crc = 0;
    uint8_t number;
    uint8_t head[HEAD_BYTES];
    thresh_error error = describe(device, head, &needed);
    if (error == THRESH_OK && (bytes < needed || memcmp(head, state, sizeof head) != 0 ||
                               device->identity.lanes > THRESH_MAX_LANES)) {
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
        thresh_layer layer;
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
            error = thresh_accumulate(&from, &layer, inputs, at);
            inputs = at;
            at += 2u * layer.sent;
        }
    }
    return error;
}
