/* Registers of a bus: private to the driver. */
#ifndef THRESH_BUS_ACCESS_H
#define THRESH_BUS_ACCESS_H

#include "thresh_bus.h"
#include "thresh_map.h"

#define THRESH_FIELD(value, name) \
    (((value) & THRESH_MAP_##name##_MASK) >> THRESH_MAP_##name##_AT)

/* Accesses one behind another: after an error no more are made, and 0 is read. */
typedef struct {
    const thresh_bus *bus;
    thresh_error error;
} thresh_access;

uint32_t thresh_get(thresh_access *to, uint32_t address);
void thresh_put(thresh_access *to, uint32_t address, uint32_t value);

/* Reads a register until one of the bits under the mask is 1, or, where none shall be, all are 0. */
uint32_t thresh_await(thresh_access *to, uint32_t address, uint32_t mask, int one);

/* Low bytes first. */
void thresh_put_bytes(uint8_t *data, uint32_t value, size_t bytes);

/* The values of a frame, over registers or streams; outputs are bytes as on a serial line. */
void thresh_put_inputs(thresh_access *to, const int16_t *x, size_t count);
void thresh_get_outputs(thresh_access *to, uint8_t *outputs, size_t count);

/* Reads outputs that nobody took, of a frame that was given up. */
void thresh_forget_outputs(thresh_access *to);

#endif
