#include "thresh_packet.h"

#define TABLE_BYTES (2u * THRESH_MAX_LAYERS * THRESH_TABLE_WORDS)
#define HEADER_BYTES (2u * THRESH_HEADER_FIELDS)

/* Keeps words of the header or the table, to be checked when all are there. */
static void keep(thresh_device *device, uint8_t region, uint32_t first, const uint8_t *data,
                 size_t bytes)
{
    uint32_t n, words = (uint32_t)(bytes / 2u);
    for (n = 0; n < words && region == THRESH_REGION_TABLE; n++) {
        device->table[first + n] = thresh_get16(data + 2u * n);
    }
    for (n = 0; n < words && region == THRESH_REGION_HEADER; n++) {
        device->header[first + n] = thresh_get16(data + 2u * n);
    }
}

static thresh_error commit(thresh_device *device, uint8_t complete)
{
    uint8_t answer[THRESH_BARE_ANSWER], n;
    thresh_question ask;
    thresh_error error;
    thresh_empty_question(&ask);
    ask.head[0] = complete;
    for (n = 0; n < 4u; n++) {
        ask.head[n + 1u] = (uint8_t)(~device->written >> 8u * n & 0xffu);
    }
    ask.head_bytes = THRESH_COMMIT_BYTES;
    error = thresh_exchange(device, THRESH_COMMAND_COMMIT, &ask, answer, sizeof answer, 0);
    if (!complete) {
        device->written = 0xfffffffful;
    }
    return error;
}

/* Sends the next bytes of the image's body to a memory, a packet at a time; sum is the register of a
   CRC-32 over all of them. */
static thresh_error load_region(thresh_device *device, const thresh_image *image, uint8_t region,
                                uint32_t *position, uint32_t *sum, uint32_t bytes)
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
        keep(device, region, at / 2u, chunk, now);
        *sum = thresh_checksum_next(*sum, chunk, now);
        at += (uint32_t)now;
        *position += (uint32_t)now;
    }
    return THRESH_OK;
}

/* Says which network this is; 0 says nothing. */
static thresh_error write_hash(thresh_device *device, uint32_t hash)
{
    uint8_t words[THRESH_HASH_BYTES], n;
    hash = hash ? hash : 1u;
    for (n = 0; n < THRESH_HASH_BYTES; n++) {
        words[n] = (uint8_t)(hash >> 8u * n & 0xffu);
    }
    return thresh_write(device, THRESH_REGION_HEADER, THRESH_HEADER_HASH, words, sizeof words);
}

static thresh_error load_all(thresh_device *device, const thresh_image *image)
{
    uint32_t position = 0, sum = 0xfffffffful;
    thresh_error error = commit(device, 0);
    if (error == THRESH_OK) {
        error = load_region(device, image, THRESH_REGION_TABLE, &position, &sum, TABLE_BYTES);
    }
    if (error == THRESH_OK) {
        error = load_region(device, image, THRESH_REGION_HEADER, &position, &sum, HEADER_BYTES);
    }
    if (error == THRESH_OK) {
        error = thresh_check_network(device);
    }
    if (error == THRESH_OK) {
        error = load_region(device, image, THRESH_REGION_WEIGHTS, &position, &sum,
                            image->body_bytes - THRESH_BODY_HEAD_BYTES);
    }
    if (error == THRESH_OK) {
        error = write_hash(device, ~sum & 0xfffffffful);
    }
    return error == THRESH_OK ? commit(device, 1) : error;
}

thresh_error thresh_load(thresh_device *device, const thresh_image *image)
{
    thresh_error error = thresh_identify(device);
    if (error == THRESH_OK) {
        error = thresh_check_image(device, image);
    }
    if (error == THRESH_OK && !image->body && !image->source) {
        error = THRESH_IMAGE_BROKEN;
    }
    if (error != THRESH_OK) {
        return error;
    }
    device->layers = 0;
    error = load_all(device, image);
    if (error != THRESH_OK) {
        device->layers = 0;
    }
    return error;
}

/* Reads all of a region and keeps it; a table's row or less at a time. */
static thresh_error read_and_keep(thresh_device *device, uint8_t region, uint32_t bytes)
{
    uint8_t words[2u * THRESH_TABLE_WORDS];
    uint32_t at;
    for (at = 0; at < bytes; at += sizeof words) {
        size_t now = bytes - at < sizeof words ? (size_t)(bytes - at) : sizeof words;
        thresh_error error = thresh_read(device, region, (uint16_t)(at / 2u), words, now);
        if (error != THRESH_OK) {
            return error;
        }
        keep(device, region, at / 2u, words, now);
    }
    return THRESH_OK;
}

thresh_error thresh_attach(thresh_device *device)
{
    thresh_error error;
    device->layers = 0;
    error = thresh_identify(device);
    if (error == THRESH_OK && !device->identity.loaded) {
        error = THRESH_REFUSED_NOT_LOADED;
    }
    if (error == THRESH_OK) {
        error = read_and_keep(device, THRESH_REGION_HEADER, HEADER_BYTES);
    }
    if (error == THRESH_OK) {
        error = read_and_keep(device, THRESH_REGION_TABLE, TABLE_BYTES);
    }
    return error == THRESH_OK ? thresh_check_network(device) : error;
}

thresh_error thresh_network_hash(thresh_device *device, uint32_t *hash)
{
    uint8_t words[THRESH_HASH_BYTES];
    thresh_error error = thresh_identify(device);
    if (error == THRESH_OK && !device->identity.loaded) {
        error = THRESH_REFUSED_NOT_LOADED;
    }
    if (error == THRESH_OK) {
        error = thresh_read(device, THRESH_REGION_HEADER, THRESH_HEADER_HASH, words, sizeof words);
    }
    if (error == THRESH_OK) {
        *hash = (uint32_t)thresh_get16(words) | (uint32_t)thresh_get16(words + 2) << 16;
    }
    return error;
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
        return "The serial port was lost, or the bus answered with an error";
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
    case THRESH_REFUSED_CHECKSUM:
        return "The accelerator refused: what was written is not what was sent";
    case THRESH_REFUSED_NO_NETWORK:
        return "The accelerator's memories hold no network, so that none is loaded any more";
    case THRESH_REFUSED_OTHER:
        return "The accelerator refused for a reason that is not known here";
    case THRESH_TAKEN:
        return "Another program uses the accelerator, or it was restarted";
    }
    return "Unknown error";
}
