#include <string.h>

#include "thresh_packet.h"

#define TABLE_BYTES (2u * THRESH_MAX_LAYERS * THRESH_TABLE_WORDS)
#define HEADER_BYTES (2u * THRESH_HEADER_FIELDS)

/* Keeps what later calls need to know of one word of the layer table. */
static void note_table(thresh_device *device, uint32_t number, uint16_t word)
{
    uint8_t layer = (uint8_t)(number / THRESH_TABLE_WORDS);
    uint32_t column = number % THRESH_TABLE_WORDS;
    if (device->layers && layer >= device->layers) {
        return;
    }
    if (column == THRESH_TABLE_KIND && (word & THRESH_TABLE_ENCODED)) {
        device->encoded = (uint8_t)(device->encoded | 1u << layer);
    }
    if (column == THRESH_TABLE_KIND && (word & THRESH_TABLE_LAST_LAYER)) {
        device->layers = (uint8_t)(layer + 1u);
    }
    if (column == THRESH_TABLE_UNITS_MINUS_1 && device->layers) {
        device->outputs = (uint16_t)(word + 1u);
    }
}

static void note_header(thresh_device *device, uint32_t number, uint16_t word)
{
    if (number == THRESH_HEADER_INPUTS_MINUS_1) {
        device->inputs = (uint16_t)(word + 1u);
    } else if (number == THRESH_HEADER_OUTPUT_WORDS_MINUS_1) {
        device->output_words = (uint16_t)(word + 1u);
    }
}

static void note(thresh_device *device, uint8_t region, uint32_t first, const uint8_t *data,
                 size_t bytes)
{
    size_t n;
    for (n = 0; n + 1u < bytes && region != THRESH_REGION_WEIGHTS; n += 2) {
        uint32_t number = first + (uint32_t)(n / 2u);
        if (region == THRESH_REGION_TABLE) {
            note_table(device, number, thresh_get16(data + n));
        } else {
            note_header(device, number, thresh_get16(data + n));
        }
    }
}

static void forget(thresh_device *device)
{
    device->layers = 0;
    device->encoded = 0;
}

static thresh_error commit(thresh_device *device, uint8_t complete)
{
    uint8_t answer[THRESH_BARE_ANSWER];
    thresh_question ask;
    thresh_empty_question(&ask);
    ask.head[0] = complete;
    ask.head_bytes = 1;
    return thresh_exchange(device, THRESH_COMMAND_COMMIT, &ask, answer, sizeof answer, 0);
}

/* Sends the next bytes of the image's body to a memory, a packet at a time. */
static thresh_error load_region(thresh_device *device, const thresh_image *image, uint8_t region,
                                uint32_t *position, uint32_t bytes)
{
    size_t size = thresh_word_bytes(device, region);
    size_t most = device->identity.packet_bytes - THRESH_PACKET_OVERHEAD - THRESH_WRITE_OVERHEAD;
    uint32_t at = 0;
    if (!image->body && most > device->buffer_bytes) {
        most = device->buffer_bytes;
    }
    most = most / size * size;
    if (!most) {
        return THRESH_BUFFER_SMALL;
    }
    while (at < bytes) {
        size_t now = bytes - at < most ? (size_t)(bytes - at) : most;
        const uint8_t *chunk = image->body ? image->body + *position : device->buffer;
        thresh_error error;
        if (!image->body && image->source(image->context, device->buffer, now) != now) {
            return THRESH_IMAGE_BROKEN;
        }
        error = thresh_write(device, region, (uint16_t)(at / size), chunk, now);
        if (error != THRESH_OK) {
            return error;
        }
        note(device, region, at / 2u, chunk, now);
        at += (uint32_t)now;
        *position += (uint32_t)now;
    }
    return THRESH_OK;
}

static thresh_error load_all(thresh_device *device, const thresh_image *image)
{
    uint32_t position = 0;
    thresh_error error = commit(device, 0);
    if (error == THRESH_OK) {
        error = load_region(device, image, THRESH_REGION_TABLE, &position, TABLE_BYTES);
    }
    if (error == THRESH_OK) {
        error = load_region(device, image, THRESH_REGION_HEADER, &position, HEADER_BYTES);
    }
    if (error == THRESH_OK) {
        error = load_region(device, image, THRESH_REGION_WEIGHTS, &position,
                            image->body_bytes - THRESH_BODY_HEAD_BYTES);
    }
    if (error == THRESH_OK && !device->layers) {
        error = THRESH_IMAGE_BROKEN;
    }
    return error == THRESH_OK ? commit(device, 1) : error;
}

thresh_error thresh_load(thresh_device *device, const thresh_image *image)
{
    const thresh_identity *who = &device->identity;
    thresh_error error = thresh_identify(device);
    size_t word = thresh_word_bytes(device, THRESH_REGION_WEIGHTS);
    if (error != THRESH_OK) {
        return error;
    }
    if (image->lanes != who->lanes || image->pointwise_lanes != who->pointwise_lanes ||
        image->weight_bits != who->weight_bits || image->value_bits != who->value_bits ||
        image->sparse != who->sparse ||
        image->weight_words > who->weight_depth ||
        image->accumulator_words > who->accumulator_depth ||
        image->state_words > who->state_depth || image->values > who->value_depth) {
        return THRESH_IMAGE_OTHER;
    }
    if (image->body_bytes != THRESH_BODY_HEAD_BYTES + image->weight_words * (uint32_t)word ||
        (!image->body && !image->source)) {
        return THRESH_IMAGE_BROKEN;
    }
    forget(device);
    error = load_all(device, image);
    if (error != THRESH_OK) {
        forget(device);
    }
    return error;
}

thresh_error thresh_attach(thresh_device *device)
{
    uint8_t words[2 * THRESH_TABLE_WORDS];
    uint16_t layer;
    thresh_error error = thresh_identify(device);
    forget(device);
    if (error != THRESH_OK) {
        return error;
    }
    if (!device->identity.loaded) {
        return THRESH_REFUSED_NOT_LOADED;
    }
    error = thresh_read(device, THRESH_REGION_HEADER, 0, words, HEADER_BYTES);
    if (error != THRESH_OK) {
        return error;
    }
    note(device, THRESH_REGION_HEADER, 0, words, HEADER_BYTES);
    for (layer = 0; layer < THRESH_MAX_LAYERS && !device->layers; layer++) {
        uint16_t first = (uint16_t)(layer * THRESH_TABLE_WORDS);
        error = thresh_read(device, THRESH_REGION_TABLE, first, words, sizeof words);
        if (error != THRESH_OK) {
            return error;
        }
        note(device, THRESH_REGION_TABLE, first, words, sizeof words);
    }
    return device->layers ? THRESH_OK : THRESH_IMAGE_BROKEN;
}

static thresh_error write_word(thresh_device *device, uint8_t region, uint32_t address,
                               int32_t value)
{
    uint8_t word[2];
    word[0] = (uint8_t)((uint32_t)value & 0xffu);
    word[1] = (uint8_t)((uint32_t)value >> 8 & 0xffu);
    return thresh_write(device, region, (uint16_t)address, word, sizeof word);
}

thresh_error thresh_set_thresholds(thresh_device *device, uint8_t layer, int32_t threshold_x,
                                   int32_t threshold_h)
{
    uint32_t own = (uint32_t)layer * THRESH_TABLE_WORDS + THRESH_TABLE_THRESHOLD_H;
    int32_t highest;
    thresh_error error = THRESH_OK;
    if (!device->layers) {
        return THRESH_REFUSED_NOT_LOADED;
    }
    highest = (int32_t)((1ul << (device->identity.value_bits - 1u)) - 1ul);
    if (layer >= device->layers || threshold_x > highest || threshold_h > highest ||
        (threshold_h >= 0 && !(device->encoded >> layer & 1u))) {
        return THRESH_ARGUMENT;
    }
    if (threshold_x >= 0 && layer) {
        error = write_word(device, THRESH_REGION_TABLE, own - THRESH_TABLE_WORDS, threshold_x);
    } else if (threshold_x >= 0) {
        error = write_word(device, THRESH_REGION_HEADER, THRESH_HEADER_THRESHOLD_X, threshold_x);
    }
    if (error == THRESH_OK && threshold_h >= 0) {
        error = write_word(device, THRESH_REGION_TABLE, own, threshold_h);
    }
    return error;
}

const char *thresh_error_text(thresh_error error)
{
    switch (error) {
    case THRESH_OK:
        return "No error";
    case THRESH_NO_ANSWER:
        return "No answer: is it the right port, and is the accelerator configured?";
    case THRESH_NO_WHOLE_ANSWER:
        return "No whole answer: the line damages what it carries";
    case THRESH_TRANSPORT:
        return "The serial port was lost";
    case THRESH_PROTOCOL_OTHER:
        return "What answers speaks another version of the protocol";
    case THRESH_IMAGE_OTHER:
        return "The image is laid out for another accelerator or too large for this one";
    case THRESH_IMAGE_BROKEN:
        return "The image is broken or incomplete";
    case THRESH_BUFFER_SMALL:
        return "The buffer given to thresh_init is too small";
    case THRESH_ARGUMENT:
        return "An argument does not fit the loaded network";
    case THRESH_STATE_OTHER:
        return "The state was saved from another network or accelerator";
    case THRESH_REFUSED_COMMAND:
        return "The accelerator refused: it does not know the command";
    case THRESH_REFUSED_LENGTH:
        return "The accelerator refused: the payload has the wrong length";
    case THRESH_REFUSED_NOT_LOADED:
        return "No network is loaded";
    case THRESH_REFUSED_RANGE:
        return "The accelerator refused: the address lies outside its memories";
    case THRESH_REFUSED_OTHER:
        return "The accelerator refused for a reason that is not known here";
    }
    return "Unknown error";
}
