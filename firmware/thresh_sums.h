/* Between the driver's own files: accumulators from weights and references. */
#ifndef THRESH_SUMS_H
#define THRESH_SUMS_H

#include "thresh_packet.h"

#define THRESH_CHUNK_BYTES 256u

/* A layer of the network in use. */
typedef struct {
    const uint16_t *words; /* its row of the table */
    uint8_t passes;        /* two bits each: 1 for the hidden list, 2 for the input list */
    size_t register_bytes; /* of the kept state, with padding */
    size_t sent;           /* references of its output */
} thresh_layer;

/* The weight words in their order: from an image in memory, or a piece at a time from the
   accelerator. */
typedef struct {
    thresh_device *device;
    const uint8_t *body;
    uint32_t words; /* there are, in either */
    size_t word_bytes;
    uint32_t first;
    size_t held;
    uint8_t chunk[THRESH_CHUNK_BYTES];
} thresh_weights;

/* M = bias + W reference of one layer, whose inputs' and own references these are. */
thresh_error thresh_accumulate(thresh_weights *from, const thresh_layer *layer,
                               const uint8_t *inputs, const uint8_t *own);

#endif
