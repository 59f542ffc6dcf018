#include "thresh_bus_access.h"

#ifdef THRESH_MAP_X

/* How much the queue has of what is waited for. */
static uint32_t await_level(thresh_access *to, uint32_t mask, uint32_t at)
{
    return (thresh_await(to, THRESH_MAP_LEVELS, mask, 1) & mask) >> at;
}

static void write_inputs(thresh_access *to, const int16_t *x, size_t count)
{
    uint32_t room = 0;
    for (; to->error == THRESH_OK && count; count--) {
        if (!room) {
            room = await_level(to, THRESH_MAP_LEVELS_X_ROOM_MASK, THRESH_MAP_LEVELS_X_ROOM_AT);
        }
        thresh_put(to, THRESH_MAP_X, (uint16_t)*x++);
        room--;
    }
}

static void read_outputs(thresh_access *to, uint8_t *outputs, size_t count)
{
    uint32_t there = 0, value;
    for (; to->error == THRESH_OK && count; count--) {
        if (!there) {
            there = await_level(to, THRESH_MAP_LEVELS_Y_THERE_MASK, THRESH_MAP_LEVELS_Y_THERE_AT);
        }
        value = thresh_get(to, THRESH_MAP_Y);
        there--;
        if (to->error == THRESH_OK &&
            (value & (THRESH_MAP_Y_VALID_MASK | THRESH_MAP_Y_LAST_MASK)) !=
                (THRESH_MAP_Y_VALID_MASK | (count == 1u ? THRESH_MAP_Y_LAST_MASK : 0u))) {
            to->error = THRESH_PROTOCOL_OTHER;
        }
        thresh_put_bytes(outputs, THRESH_FIELD(value, Y_VALUE), 2);
        outputs += 2;
    }
}

#endif

static void send_inputs(thresh_access *to, const int16_t *x, size_t count)
{
    for (; to->error == THRESH_OK && count; count--) {
        if (to->bus->send(to->bus->context, *x++, count == 1u) < 0) {
            to->error = THRESH_TRANSPORT;
        }
    }
}

static void receive_outputs(thresh_access *to, uint8_t *outputs, size_t count)
{
    for (; to->error == THRESH_OK && count; count--) {
        int16_t value = 0;
        int last = 0;
        if (to->bus->receive(to->bus->context, &value, &last) < 0) {
            to->error = THRESH_TRANSPORT;
        } else if (!last != (count != 1u)) {
            to->error = THRESH_PROTOCOL_OTHER;
        }
        thresh_put_bytes(outputs, (uint16_t)value, 2);
        outputs += 2;
    }
}

void thresh_put_inputs(thresh_access *to, const int16_t *x, size_t count)
{
    if (to->bus->send) {
        send_inputs(to, x, count);
    }
#ifdef THRESH_MAP_X
    else {
        write_inputs(to, x, count);
    }
#endif
}

void thresh_get_outputs(thresh_access *to, uint8_t *outputs, size_t count)
{
    if (to->bus->receive) {
        receive_outputs(to, outputs, count);
    }
#ifdef THRESH_MAP_X
    else {
        read_outputs(to, outputs, count);
    }
#endif
}

void thresh_forget_outputs(thresh_access *to)
{
#ifdef THRESH_MAP_X
    if (!to->bus->receive) {
        uint32_t levels = thresh_get(to, THRESH_MAP_LEVELS);
        uint32_t there = THRESH_FIELD(levels, LEVELS_Y_THERE);
        while (there--) {
            (void)thresh_get(to, THRESH_MAP_Y);
        }
    }
#else
    (void)to;
#endif
}
