/* A Thresh accelerator whose registers lie on a bus, as the Wishbone and the AXI shell have them: the
   functions of thresh.h work on it as they do on a serial line. thresh_map.h has the registers. */
#ifndef THRESH_BUS_H
#define THRESH_BUS_H

#include "thresh.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct thresh_bus {
    /* A register of 32 bits at its byte address; 0, or negative where the bus answers with an error. */
    int (*read)(void *context, uint32_t address, uint32_t *value);
    int (*write)(void *context, uint32_t address, uint32_t value);
    /* Where values have streams of their own, as the AXI shell's: the next input, with TLAST if it is
       a frame's last, and the next output with its TLAST, in order; 0, or negative on failure. A DMA
       sends what it gathered at the last input. NULL where values go through registers. */
    int (*send)(void *context, int16_t x, int last);
    int (*receive)(void *context, int16_t *output, int *last);
    void *context;
    uint32_t patience; /* reads until what is waited for must have happened, 0: a million */
} thresh_bus;

/* In the place of thresh_init; the bus is used as long as the device. THRESH_ARGUMENT where values
   have to go over streams and there are no functions for them. Commands are not repeated here:
   attempts and timeout_ms mean nothing. After THRESH_NO_ANSWER of a step begin a new sequence. */
thresh_error thresh_init_bus(thresh_device *device, const thresh_bus *bus, uint8_t *buffer,
                             size_t buffer_bytes);

/* Registers in the processor's own address space, the first of them at base. */
thresh_bus thresh_mapped(volatile void *base);

#ifdef __cplusplus
}
#endif

#endif
