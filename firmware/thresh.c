#include <string.h>

#include "thresh_packet.h"

static uint32_t get32(const uint8_t *data)
{
    return (uint32_t)thresh_get16(data) | (uint32_t)thresh_get16(data + 2) << 16;
}

thresh_error thresh_init(thresh_device *device, const thresh_transport *transport,
                         uint8_t *buffer, size_t buffer_bytes)
{
    memset(device, 0, sizeof *device);
    device->transport = *transport;
    device->buffer = buffer;
    device->buffer_bytes = buffer_bytes;
    device->timeout_ms = 1000;
    device->attempts = 8;
    device->nonce = 1;
    device->written = 0xfffffffful;
    return buffer_bytes < THRESH_IDENTITY_BYTES + THRESH_PACKET_OVERHEAD ? THRESH_BUFFER_SMALL
                                                                        : THRESH_OK;
}

static thresh_identity identity_of(const uint8_t *answer)
{
    thresh_identity who;
    who.loaded = answer[THRESH_IDENTITY_LOADED_AT];
    who.lanes = thresh_get16(answer + THRESH_IDENTITY_LANES_AT);
    who.pointwise_lanes = answer[THRESH_IDENTITY_POINTWISE_LANES_AT];
    who.weight_bits = answer[THRESH_IDENTITY_WEIGHT_BITS_AT];
    who.value_bits = answer[THRESH_IDENTITY_VALUE_BITS_AT];
    who.sparse = answer[THRESH_IDENTITY_SPARSE_AT];
    who.weight_depth = thresh_get16(answer + THRESH_IDENTITY_WEIGHT_DEPTH_MINUS_1_AT) + 1ul;
    who.accumulator_depth = thresh_get16(answer + THRESH_IDENTITY_ACCUMULATOR_DEPTH_MINUS_1_AT) + 1ul;
    who.state_depth = thresh_get16(answer + THRESH_IDENTITY_STATE_DEPTH_MINUS_1_AT) + 1ul;
    who.value_depth = thresh_get16(answer + THRESH_IDENTITY_VALUE_DEPTH_MINUS_1_AT) + 1ul;
    who.packet_bytes = thresh_get16(answer + THRESH_IDENTITY_PACKET_BYTES_AT);
    who.clock_khz = get32(answer + THRESH_IDENTITY_CLOCK_KHZ_AT);
    return who;
}

static int power_of_two(uint32_t value)
{
    return value && !(value & (value - 1u));
}

/* Whether an accelerator can be built like this: every size later on comes from these. */
static int possible(const thresh_identity *who)
{
    uint32_t widest = (uint32_t)who->lanes * who->weight_bits / 32u;
    return who->lanes >= THRESH_MIN_LANES && who->lanes <= THRESH_MAX_LANES &&
           power_of_two(who->lanes) && (who->weight_bits == 4u || who->weight_bits == 8u) &&
           who->value_bits >= THRESH_MIN_VALUE_BITS && who->value_bits <= THRESH_MAX_VALUE_BITS &&
           power_of_two(who->pointwise_lanes) && who->pointwise_lanes <= widest &&
           who->packet_bytes >= THRESH_MIN_PACKET_BYTES &&
           who->packet_bytes <= THRESH_MAX_PACKET_BYTES;
}

thresh_error thresh_identify(thresh_device *device)
{
    const uint8_t *answer = device->buffer + 2;
    thresh_identity who;
    thresh_question ask;
    thresh_error error;
    thresh_empty_question(&ask);
    ask.head[0] = (uint8_t)(device->nonce & 0xffu);
    ask.head[1] = (uint8_t)(device->nonce >> 8);
    ask.head_bytes = THRESH_NONCE_BYTES;
    device->taken_in = device->nonce;
    if (device->line_break) {
        device->line_break(device->transport.context);
    }
    error = thresh_exchange(device, THRESH_COMMAND_IDENTIFY, &ask, device->buffer,
                            device->buffer_bytes, THRESH_IDENTITY_BYTES);
    if (error == THRESH_REFUSED_LENGTH) { /* version 1 knows no nonce */
        return THRESH_PROTOCOL_OTHER;
    }
    if (error != THRESH_OK) {
        return error;
    }
    who = identity_of(answer);
    if (answer[THRESH_IDENTITY_PROTOCOL_AT] != THRESH_PROTOCOL || !possible(&who)) {
        return THRESH_PROTOCOL_OTHER;
    }
    device->identity = who;
    if (device->layers) { /* the network in use must fit whoever answers now */
        (void)thresh_check_network(device);
    }
    return THRESH_OK;
}

size_t thresh_word_bytes(const thresh_device *device, uint8_t region)
{
    if (!device->identity.lanes) {
        return 0;
    }
    switch (region) {
    case THRESH_REGION_WEIGHTS:
        return (size_t)device->identity.lanes * device->identity.weight_bits / 8u;
    case THRESH_REGION_ACCUMULATORS:
        return (size_t)device->identity.pointwise_lanes * 4u;
    case THRESH_REGION_STATE:
        return (size_t)device->identity.pointwise_lanes * 2u;
    case THRESH_REGION_TABLE:
    case THRESH_REGION_HEADER:
    case THRESH_REGION_REFERENCES:
        return 2;
    case THRESH_REGION_COUNTERS:
        return 4;
    default:
        return 0;
    }
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Whether so many bytes are whole words from the address on, which addresses reach. */
static thresh_error whole_words(size_t size, uint16_t address, size_t bytes)
{
    if (!size || bytes % size) {
        return THRESH_ARGUMENT;
    }
    return bytes / size > 0x10000ul - address ? THRESH_REFUSED_RANGE : THRESH_OK;
}

static void address_question(thresh_question *ask, uint8_t region, uint32_t address)
{
    thresh_empty_question(ask);
    ask->head[0] = region;
    ask->head[1] = (uint8_t)(address & 0xffu);
    ask->head[2] = (uint8_t)(address >> 8 & 0xffu);
    ask->head_bytes = THRESH_WRITE_OVERHEAD;
}

thresh_error thresh_read(thresh_device *device, uint8_t region, uint16_t address, uint8_t *data,
                         size_t bytes)
{
    size_t size = thresh_word_bytes(device, region), at = 0;
    size_t most = smaller(device->identity.packet_bytes, device->buffer_bytes);
    thresh_error refused = whole_words(size, address, bytes);
    if (refused != THRESH_OK) {
        return refused;
    }
    if (most < THRESH_PACKET_OVERHEAD + size) {
        return THRESH_BUFFER_SMALL;
    }
    most = smaller((most - THRESH_PACKET_OVERHEAD) / size, THRESH_MAX_READ_WORDS) * size;
    while (at < bytes) {
        size_t now = smaller(most, bytes - at);
        thresh_question ask;
        thresh_error error;
        address_question(&ask, region, address + (uint32_t)(at / size));
        ask.head[ask.head_bytes++] = (uint8_t)(now / size);
        error = thresh_exchange(device, THRESH_COMMAND_READ, &ask, device->buffer,
                                device->buffer_bytes, now);
        if (error != THRESH_OK) {
            return error;
        }
        memcpy(data + at, device->buffer + 2, now);
        at += now;
    }
    return THRESH_OK;
}

thresh_error thresh_write(thresh_device *device, uint8_t region, uint16_t address,
                          const uint8_t *data, size_t bytes)
{
    size_t size = thresh_word_bytes(device, region), at = 0;
    size_t most = device->identity.packet_bytes;
    thresh_error refused = whole_words(size, address, bytes);
    if (refused != THRESH_OK) {
        return refused;
    }
    most = (most - THRESH_PACKET_OVERHEAD - THRESH_WRITE_OVERHEAD) / size * size;
    while (at < bytes) {
        uint8_t answer[THRESH_BARE_ANSWER];
        thresh_question ask;
        thresh_error error;
        address_question(&ask, region, address + (uint32_t)(at / size));
        ask.data = data + at;
        ask.data_bytes = smaller(most, bytes - at);
        error = thresh_exchange(device, THRESH_COMMAND_WRITE, &ask, answer, sizeof answer, 0);
        if (error != THRESH_OK) {
            return error;
        }
        device->written = thresh_checksum_next(device->written, ask.head, ask.head_bytes);
        device->written = thresh_checksum_next(device->written, ask.data, ask.data_bytes);
        at += ask.data_bytes;
    }
    return THRESH_OK;
}

thresh_error thresh_new_sequence(thresh_device *device)
{
    uint8_t answer[THRESH_BARE_ANSWER];
    thresh_question ask;
    thresh_empty_question(&ask);
    return thresh_exchange(device, THRESH_COMMAND_NEW_SEQUENCE, &ask, answer, sizeof answer, 0);
}

thresh_error thresh_step(thresh_device *device, const int16_t *x, size_t inputs,
                         int16_t *outputs, size_t output_count, uint32_t *cycles)
{
    size_t bytes = 4u + 2u * (size_t)device->output_words * device->identity.pointwise_lanes, n;
    thresh_question ask;
    thresh_error error;
    if (!device->layers) {
        return THRESH_REFUSED_NOT_LOADED;
    }
    if (inputs != device->inputs || output_count != device->outputs) {
        return THRESH_ARGUMENT;
    }
    thresh_empty_question(&ask);
    ask.values = x;
    ask.value_count = inputs;
    error = thresh_exchange(device, THRESH_COMMAND_STEP, &ask, device->buffer,
                            device->buffer_bytes, bytes);
    if (error != THRESH_OK) {
        return error;
    }
    if (cycles) {
        *cycles = get32(device->buffer + 2);
    }
    for (n = 0; n < output_count; n++) {
        uint16_t value = thresh_get16(device->buffer + 6 + 2 * n);
        outputs[n] = (int16_t)(value < 0x8000u ? (int32_t)value : (int32_t)value - 0x10000l);
    }
    return THRESH_OK;
}
