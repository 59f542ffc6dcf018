#include <string.h>

#include "thresh_sums.h"

#define VERSION 1u

static thresh_layer layer_of(const thresh_device *device, uint8_t number)
{
    static const uint16_t cells[] = THRESH_CELLS;
    thresh_layer layer;
    uint16_t cell;
    layer.words = device->table + (size_t)number * THRESH_TABLE_WORDS;
    cell = cells[layer.words[THRESH_TABLE_KIND] & 15u];
    layer.passes = (uint8_t)(cell & 0xffu);
    layer.register_bytes = 2u * (size_t)(cell >> 8) * device->identity.lanes *
                           (layer.words[THRESH_TABLE_BLOCKS_MINUS_1] + (size_t)1u);
    layer.sent = layer.words[THRESH_TABLE_KIND] & THRESH_TABLE_ENCODED
                     ? layer.words[THRESH_TABLE_UNITS_MINUS_1] + (size_t)1u
                     : 0u;
    return layer;
}

/* What a state begins with, and its size. */
static thresh_error describe(const thresh_device *device, uint8_t head[THRESH_STATE_HEAD_BYTES],
                             size_t *bytes)
{
    uint16_t crc = THRESH_CRC_INITIAL;
    uint8_t number, n;
    if (!device->layers) {
        return THRESH_REFUSED_NOT_LOADED;
    }
    *bytes = THRESH_STATE_HEAD_BYTES + 2u * (size_t)device->inputs;
    for (number = 0; number < device->layers; number++) {
        thresh_layer layer = layer_of(device, number);
        for (n = 0; n < THRESH_TABLE_WORDS; n++) {
            if (n != THRESH_TABLE_THRESHOLD_H) {
                crc = thresh_crc_next(crc, (uint8_t)(layer.words[n] & 0xffu));
                crc = thresh_crc_next(crc, (uint8_t)(layer.words[n] >> 8));
            }
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
    uint8_t head[THRESH_STATE_HEAD_BYTES];
    return describe(device, head, bytes);
}

thresh_error thresh_save(thresh_device *device, uint8_t *state, size_t bytes)
{
    size_t needed;
    uint8_t number;
    uint8_t head[THRESH_STATE_HEAD_BYTES];
    thresh_error error = describe(device, head, &needed);
    if (error == THRESH_OK && bytes < needed) {
        error = THRESH_BUFFER_SMALL;
    }
    if (error != THRESH_OK) {
        return error;
    }
    memcpy(state, head, sizeof head);
    state += sizeof head;
    error = thresh_read(device, THRESH_REGION_REFERENCES, 0, state, 2u * (size_t)device->inputs);
    state += 2u * (size_t)device->inputs;
    for (number = 0; error == THRESH_OK && number < device->layers; number++) {
        thresh_layer layer = layer_of(device, number);
        error = thresh_read(device, THRESH_REGION_STATE, layer.words[THRESH_TABLE_H_BASE], state,
                            layer.register_bytes);
        state += layer.register_bytes;
        if (error == THRESH_OK) {
            error = thresh_read(device, THRESH_REGION_REFERENCES,
                                layer.words[THRESH_TABLE_H_SEGMENT], state, 2u * layer.sent);
        }
        state += 2u * layer.sent;
    }
    return error;
}

/* Where accumulators' weights come from: the image's body, or the accelerator. */
static thresh_weights weights_of(thresh_device *device, const thresh_image *image)
{
    thresh_weights from;
    from.device = device;
    from.body = image ? image->body : NULL;
    from.words = from.body ? image->weight_words : device->identity.weight_depth;
    from.word_bytes = thresh_word_bytes(device, THRESH_REGION_WEIGHTS);
    from.first = 0;
    from.held = 0;
    return from;
}

static thresh_error restore_layer(thresh_weights *from, const thresh_layer *layer,
                                  const uint8_t *inputs, const uint8_t *state)
{
    const uint8_t *own = state + layer->register_bytes;
    thresh_error error =
        thresh_write(from->device, THRESH_REGION_STATE, layer->words[THRESH_TABLE_H_BASE], state,
                     layer->register_bytes);
    if (error == THRESH_OK) {
        error = thresh_write(from->device, THRESH_REGION_REFERENCES,
                             layer->words[THRESH_TABLE_H_SEGMENT], own, 2u * layer->sent);
    }
    return error == THRESH_OK ? thresh_accumulate(from, layer, inputs, own) : error;
}

thresh_error thresh_restore(thresh_device *device, const thresh_image *image,
                            const uint8_t *state, size_t bytes)
{
    const uint8_t *inputs = state + THRESH_STATE_HEAD_BYTES;
    thresh_weights from;
    size_t needed;
    uint8_t number;
    uint8_t head[THRESH_STATE_HEAD_BYTES];
    thresh_error error = describe(device, head, &needed);
    if (error == THRESH_OK && (bytes < needed || memcmp(head, state, sizeof head) != 0 ||
                               device->identity.sparse > 1u)) {
        error = THRESH_STATE_OTHER;
    }
    if (error == THRESH_OK && image) {
        error = thresh_check_image(device, image);
    }
    if (error == THRESH_OK) {
        error = thresh_new_sequence(device);
    }
    if (error == THRESH_OK) {
        error = thresh_write(device, THRESH_REGION_REFERENCES, 0, inputs,
                             2u * (size_t)device->inputs);
    }
    from = weights_of(device, image);
    state = inputs + 2u * (size_t)device->inputs;
    for (number = 0; error == THRESH_OK && number < device->layers; number++) {
        thresh_layer layer = layer_of(device, number);
        error = restore_layer(&from, &layer, inputs, state);
        inputs = state + layer.register_bytes;
        state = inputs + 2u * layer.sent;
    }
    return error;
}
