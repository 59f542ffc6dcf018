#include <string.h>

#include "thresh_bus_access.h"
#include "thresh_packet.h"

#define PATIENCE 1000000ul

uint32_t thresh_get(thresh_access *to, uint32_t address)
{
    uint32_t value = 0;
    if (to->error == THRESH_OK && to->bus->read(to->bus->context, address, &value) < 0) {
        to->error = THRESH_TRANSPORT;
    }
    return to->error == THRESH_OK ? value : 0u;
}

void thresh_put(thresh_access *to, uint32_t address, uint32_t value)
{
    if (to->error == THRESH_OK && to->bus->write(to->bus->context, address, value) < 0) {
        to->error = THRESH_TRANSPORT;
    }
}

static uint32_t patience_of(const thresh_bus *bus)
{
    return bus->patience ? bus->patience : PATIENCE;
}

uint32_t thresh_await(thresh_access *to, uint32_t address, uint32_t mask, int one)
{
    uint32_t left = patience_of(to->bus), value;
    do {
        value = thresh_get(to, address);
        if (to->error != THRESH_OK || !(value & mask) == !one) {
            return value;
        }
    } while (--left);
    to->error = THRESH_NO_ANSWER;
    return 0;
}

void thresh_put_bytes(uint8_t *data, uint32_t value, size_t bytes)
{
    for (; bytes--; value >>= 8) {
        *data++ = (uint8_t)(value & 0xffu);
    }
}

static size_t part_of(size_t bytes, size_t at)
{
    return bytes - at < 4u ? bytes - at : 4u;
}

/* Everything that IDENTIFY answers on a serial line. */
static void identify(thresh_access *to, uint8_t *answer)
{
    uint32_t who = thresh_get(to, THRESH_MAP_IDENTITY);
    uint32_t widths = thresh_get(to, THRESH_MAP_WIDTHS);
    uint32_t weights = thresh_get(to, THRESH_MAP_WEIGHT_DEPTHS);
    uint32_t values = thresh_get(to, THRESH_MAP_VALUE_DEPTHS);
    answer[THRESH_IDENTITY_PROTOCOL_AT] = (uint8_t)THRESH_FIELD(who, IDENTITY_PROTOCOL);
    answer[THRESH_IDENTITY_LOADED_AT] = (uint8_t)THRESH_FIELD(who, IDENTITY_LOADED);
    thresh_put_bytes(answer + THRESH_IDENTITY_LANES_AT, THRESH_FIELD(who, IDENTITY_LANES), 2);
    answer[THRESH_IDENTITY_POINTWISE_LANES_AT] =
        (uint8_t)THRESH_FIELD(widths, WIDTHS_POINTWISE_LANES);
    answer[THRESH_IDENTITY_WEIGHT_BITS_AT] = (uint8_t)THRESH_FIELD(widths, WIDTHS_WEIGHT_BITS);
    answer[THRESH_IDENTITY_VALUE_BITS_AT] = (uint8_t)THRESH_FIELD(widths, WIDTHS_VALUE_BITS);
    answer[THRESH_IDENTITY_SPARSE_AT] = (uint8_t)THRESH_FIELD(widths, WIDTHS_COLUMNS);
    thresh_put_bytes(answer + THRESH_IDENTITY_WEIGHT_DEPTH_MINUS_1_AT,
                     THRESH_FIELD(weights, WEIGHT_DEPTHS_WEIGHTS_MINUS_1), 2);
    thresh_put_bytes(answer + THRESH_IDENTITY_ACCUMULATOR_DEPTH_MINUS_1_AT,
                     THRESH_FIELD(weights, WEIGHT_DEPTHS_ACCUMULATORS_MINUS_1), 2);
    thresh_put_bytes(answer + THRESH_IDENTITY_STATE_DEPTH_MINUS_1_AT,
                     THRESH_FIELD(values, VALUE_DEPTHS_STATE_MINUS_1), 2);
    thresh_put_bytes(answer + THRESH_IDENTITY_VALUE_DEPTH_MINUS_1_AT,
                     THRESH_FIELD(values, VALUE_DEPTHS_VALUES_MINUS_1), 2);
    thresh_put_bytes(answer + THRESH_IDENTITY_PACKET_BYTES_AT, THRESH_MAX_PACKET_BYTES, 2);
    thresh_put_bytes(answer + THRESH_IDENTITY_CLOCK_KHZ_AT, thresh_get(to, THRESH_MAP_CLOCK), 4);
}

static uint32_t depth_of(const thresh_identity *who, uint8_t region)
{
    switch (region) {
    case THRESH_REGION_WEIGHTS:
        return who->weight_depth;
    case THRESH_REGION_ACCUMULATORS:
        return who->accumulator_depth;
    case THRESH_REGION_STATE:
        return who->state_depth;
    case THRESH_REGION_REFERENCES:
        return who->value_depth;
    case THRESH_REGION_TABLE:
        return THRESH_MAX_LAYERS * THRESH_TABLE_WORDS;
    case THRESH_REGION_HEADER:
        return THRESH_HEADER_WORDS;
    default:
        return THRESH_COUNTER_WORDS;
    }
}

/* Names the first of so many words, which count up by themselves; the size of one, 0 where there
   are none. */
static size_t point(thresh_access *to, const thresh_device *device, const uint8_t *head,
                    size_t bytes)
{
    size_t size = thresh_word_bytes(device, head[0]);
    uint32_t address = thresh_get16(head + 1);
    if (!size || address + bytes / size > depth_of(&device->identity, head[0])) {
        to->error = THRESH_REFUSED_RANGE;
        return 0;
    }
    thresh_put(to, THRESH_MAP_MEMORY_ADDRESS,
               (uint32_t)head[0] << THRESH_MAP_MEMORY_ADDRESS_REGION_AT | address);
    return to->error == THRESH_OK ? size : 0;
}

/* A word between its memory and the window. */
static void move(thresh_access *to, uint32_t command)
{
    thresh_put(to, THRESH_MAP_MEMORY_COMMAND, command);
    (void)thresh_await(to, THRESH_MAP_MEMORY_COMMAND, THRESH_MAP_MEMORY_COMMAND_BUSY_MASK, 0);
}

static void write_words(thresh_access *to, const thresh_device *device, const thresh_question *ask)
{
    size_t size = point(to, device, ask->head, ask->data_bytes), first, at, n;
    if (ask->head[0] == THRESH_REGION_COUNTERS) {
        to->error = THRESH_REFUSED_RANGE;
    }
    for (first = 0; to->error == THRESH_OK && first < ask->data_bytes; first += size) {
        for (at = 0; at < size; at += 4) {
            uint32_t value = 0;
            for (n = part_of(size, at); n--;) {
                value = value << 8 | ask->data[first + at + n];
            }
            thresh_put(to, THRESH_MAP_MEMORY_WINDOW + (uint32_t)at, value);
        }
        move(to, THRESH_MAP_MEMORY_COMMAND_WRITE_MASK);
    }
}

static void read_words(thresh_access *to, const thresh_device *device, const uint8_t *head,
                       uint8_t *data, size_t bytes)
{
    size_t size = point(to, device, head, bytes), first, at;
    for (first = 0; to->error == THRESH_OK && first < bytes; first += size) {
        move(to, THRESH_MAP_MEMORY_COMMAND_READ_MASK);
        for (at = 0; at < size; at += 4) {
            thresh_put_bytes(data + first + at,
                             thresh_get(to, THRESH_MAP_MEMORY_WINDOW + (uint32_t)at),
                             part_of(size, at));
        }
    }
}

/* Sets the register and waits until what it begins is over. That is said some cycles later, for
   which a read is made that is not looked at. */
static void control(thresh_access *to, uint32_t bits)
{
    uint32_t left = patience_of(to->bus), value;
    thresh_put(to, THRESH_MAP_CONTROL, bits);
    (void)thresh_get(to, THRESH_MAP_CONTROL);
    do {
        thresh_forget_outputs(to);
        value = thresh_get(to, THRESH_MAP_CONTROL);
        if (to->error != THRESH_OK || !(value & THRESH_MAP_CONTROL_BUSY_MASK)) {
            return;
        }
    } while (--left);
    to->error = THRESH_NO_ANSWER;
}

/* Where the accelerator says that it has no network, a call ends with why. */
static void check_loaded(thresh_access *to, thresh_error why)
{
    uint32_t value = thresh_get(to, THRESH_MAP_IDENTITY);
    if (to->error == THRESH_OK && !THRESH_FIELD(value, IDENTITY_LOADED)) {
        to->error = why;
    }
}

/* Inputs, outputs, and the cycles that the step took, as STEP answers; nothing of a frame before it
   may be under way. */
static void step(thresh_access *to, const thresh_device *device, const thresh_question *ask,
                 uint8_t *answer, size_t bytes)
{
    static const uint8_t cycles[] = {THRESH_REGION_COUNTERS, THRESH_COUNTER_STEP_CYCLES, 0};
    thresh_error found;
    check_loaded(to, THRESH_REFUSED_NOT_LOADED);
    (void)thresh_await(to, THRESH_MAP_CONTROL, THRESH_MAP_CONTROL_BUSY_MASK, 0);
    memset(answer, 0, bytes);
    thresh_put_inputs(to, ask->values, ask->value_count);
    thresh_get_outputs(to, answer + 4, device->outputs);
    if (to->error == THRESH_OK) {
        read_words(to, device, cycles, answer, 4);
    } else if (to->error == THRESH_NO_ANSWER || to->error == THRESH_TRANSPORT) {
        found = to->error; /* no outputs come where the table is no network's */
        to->error = THRESH_OK;
        check_loaded(to, THRESH_REFUSED_NO_NETWORK);
        to->error = to->error == THRESH_OK ? found : to->error;
    }
}

static thresh_error exchange(thresh_device *device, uint8_t command, const thresh_question *ask,
                             uint8_t *payload, size_t bytes)
{
    thresh_access to;
    to.bus = device->bus;
    to.error = THRESH_OK;
    switch (command) {
    case THRESH_COMMAND_IDENTIFY:
        identify(&to, payload);
        break;
    case THRESH_COMMAND_WRITE:
        write_words(&to, device, ask);
        break;
    case THRESH_COMMAND_READ:
        read_words(&to, device, ask->head, payload, bytes);
        break;
    case THRESH_COMMAND_COMMIT:
        control(&to, ask->head[0] ? THRESH_MAP_CONTROL_LOADED_MASK : 0u);
        break;
    case THRESH_COMMAND_NEW_SEQUENCE:
        check_loaded(&to, THRESH_REFUSED_NOT_LOADED);
        control(&to, THRESH_MAP_CONTROL_LOADED_MASK | THRESH_MAP_CONTROL_NEW_SEQUENCE_MASK);
        break;
    case THRESH_COMMAND_STEP:
        step(&to, device, ask, payload, bytes);
        break;
    default:
        to.error = THRESH_REFUSED_COMMAND;
    }
    return to.error;
}

thresh_error thresh_init_bus(thresh_device *device, const thresh_bus *bus, uint8_t *buffer,
                             size_t buffer_bytes)
{
    static const thresh_transport none;
    thresh_error error = thresh_init(device, &none, buffer, buffer_bytes);
    device->bus = bus;
    device->exchange = exchange;
#ifdef THRESH_MAP_X
    return !bus->send == !bus->receive ? error : THRESH_ARGUMENT;
#else
    return bus->send && bus->receive ? error : THRESH_ARGUMENT;
#endif
}

static int read_mapped(void *context, uint32_t address, uint32_t *value)
{
    *value = ((volatile uint32_t *)context)[address / 4u];
    return 0;
}

static int write_mapped(void *context, uint32_t address, uint32_t value)
{
    ((volatile uint32_t *)context)[address / 4u] = value;
    return 0;
}

thresh_bus thresh_mapped(volatile void *base)
{
    thresh_bus bus = {read_mapped, write_mapped, NULL, NULL, NULL, 0};
    bus.context = (void *)(uintptr_t)base;
    return bus;
}
