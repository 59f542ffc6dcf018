/* Driver of a Thresh accelerator behind a serial line, or, with thresh_bus.h, on a bus. C99, no heap,
   no dependency.

   The caller gives two functions that move bytes and one buffer; every function below returns
   THRESH_OK or what went wrong. A command is executed once, however often its packet has to be
   repeated on a bad line. Nothing here is safe to call from two threads at a time. */
#ifndef THRESH_H
#define THRESH_H

#include <stddef.h>
#include <stdint.h>

#include "thresh_link.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
    THRESH_OK = 0,
    THRESH_NO_ANSWER,       /* nothing came back */
    THRESH_NO_WHOLE_ANSWER, /* bytes came back, never a whole answer */
    THRESH_TRANSPORT,       /* a callback reported a failure */
    THRESH_PROTOCOL_OTHER,  /* another protocol version, or no accelerator */
    THRESH_IMAGE_OTHER,     /* the image is laid out for another accelerator or too large */
    THRESH_IMAGE_BROKEN,    /* the image is no image, or its source ended early */
    THRESH_BUFFER_SMALL,
    THRESH_ARGUMENT,
    THRESH_STATE_OTHER,     /* the state was saved from another network or accelerator */
    THRESH_REFUSED_COMMAND, /* from here on the accelerator refused */
    THRESH_REFUSED_LENGTH,
    THRESH_REFUSED_NOT_LOADED,
    THRESH_REFUSED_RANGE,
    THRESH_REFUSED_CHECKSUM,
    THRESH_REFUSED_NO_NETWORK,
    THRESH_REFUSED_OTHER,
    THRESH_TAKEN /* another program has identified since, or the board was restarted */
} thresh_error;

/* One sentence without a full stop. */
const char *thresh_error_text(thresh_error error);

/* The register of a CRC-32 behind more bytes, of an image or of what is written: it begins with ones
   and is inverted at last. */
uint32_t thresh_checksum_next(uint32_t crc, const uint8_t *data, size_t bytes);

typedef struct {
    /* Sends all bytes; 0, or negative on failure. */
    int (*write)(void *context, const uint8_t *data, size_t size);
    /* Waits up to timeout_ms for a first byte, then takes at most size bytes that are there;
       how many, 0 when the time is over, negative on failure. */
    int (*read)(void *context, uint8_t *data, size_t size, uint32_t timeout_ms);
    void *context;
} thresh_transport;

typedef struct {
    uint8_t loaded; /* a complete network is in the memories */
    uint8_t pointwise_lanes;
    uint8_t weight_bits;
    uint8_t value_bits;
    uint8_t sparse; /* columns without their zeros */
    uint16_t lanes;
    uint16_t packet_bytes;
    uint32_t weight_depth;
    uint32_t accumulator_depth;
    uint32_t state_depth;
    uint32_t value_depth;
    uint32_t clock_khz;
} thresh_identity;

/* A network image: what it needs, then its body (layer table, header, weights) in memory, or
   from a function that gives the next size bytes and returns how many it gave. */
typedef struct {
    uint16_t lanes;
    uint8_t pointwise_lanes;
    uint8_t weight_bits;
    uint8_t value_bits;
    uint8_t sparse;
    uint32_t weight_words;
    uint32_t accumulator_words;
    uint32_t state_words;
    uint32_t values;
    uint32_t body_bytes;
    const uint8_t *body; /* NULL: from source */
    size_t (*source)(void *context, uint8_t *data, size_t size);
    void *context;
} thresh_image;

/* A last linear layer that is not in the accelerator. */
typedef struct {
    uint16_t inputs, outputs;
    uint8_t shift; /* from sums to values of value_bits */
    uint8_t value_bits;
    uint8_t kind; /* THRESH_KIND_LINEAR and so on */
    int8_t table_shift; /* from values to places in the table */
    uint16_t table_last;
    const int8_t *weights; /* output by output */
    const int32_t *biases;
    const uint16_t *table; /* of sigmoid; NULL where the kind needs none */
} thresh_readout;

struct thresh_question;
struct thresh_bus;

typedef struct thresh_device {
    thresh_transport transport;
    uint8_t *buffer;
    size_t buffer_bytes;
    uint32_t timeout_ms; /* for each wait; 1000 after thresh_init */
    uint16_t attempts;   /* times a packet is sent; 8 after thresh_init */
    uint32_t repeated;   /* packets sent again so far */
    uint16_t nonce;      /* 1 after thresh_init; draw one by lot where programs share a line: the
                            accelerator listens to the one that identified last */
    /* Holds the line low for 20 bit times or more, after which the accelerator has forgotten half a
       packet; thresh_identify calls it with the transport's context. NULL after thresh_init. */
    void (*line_break)(void *context);

    thresh_identity identity; /* after thresh_identify, and only one that makes sense */
    uint8_t layers;           /* these after thresh_load or thresh_attach, 0 before */
    uint8_t encoded;          /* bit n: layer n sends deltas */
    uint16_t inputs;
    uint16_t outputs;
    uint16_t output_words;

    uint16_t header[THRESH_HEADER_FIELDS]; /* private from here on; checked like the table */
    uint16_t table[THRESH_MAX_LAYERS * THRESH_TABLE_WORDS];
    uint16_t taken_in; /* the nonce, by the accelerator */
    uint32_t written;  /* the register of a CRC-32 */
    uint8_t sequence;
    uint8_t received_at;
    uint8_t received_end;
    uint8_t received[32];
    const struct thresh_bus *bus; /* where there is no line, and what is then done for a packet */
    thresh_error (*exchange)(struct thresh_device *device, uint8_t command,
                             const struct thresh_question *ask, uint8_t *payload, size_t bytes);
} thresh_device;

/* The buffer holds answers and pieces of an image: the accelerator's packet_bytes, or 8 bytes and
   the outputs padded to whole blocks of lanes if that is more. It belongs to the device until it
   is no longer used. */
thresh_error thresh_init(thresh_device *device, const thresh_transport *transport,
                         uint8_t *buffer, size_t buffer_bytes);

/* Must come first, also after anything else has talked to the accelerator. An identity that no
   accelerator has is THRESH_PROTOCOL_OTHER, and the one before is kept. */
thresh_error thresh_identify(thresh_device *device);

/* Load a network; steps are refused until it is complete. */
thresh_error thresh_load(thresh_device *device, const thresh_image *image);

/* Use the network that is in the accelerator already. Its table is read and checked here once;
   later calls rely on that and never on what the accelerator says again. */
thresh_error thresh_attach(thresh_device *device);

/* Which network is in the accelerator, asked behind a thresh_identify: the CRC-32 of the body of the
   image that was loaded, as a host in Python says it too (_HASH in a network's header); 0 where
   nobody said. */
thresh_error thresh_network_hash(thresh_device *device, uint32_t *hash);

/* State and references to zero, accumulators to bias. */
thresh_error thresh_new_sequence(thresh_device *device);

/* One step: device->inputs values in, device->outputs values out; cycles may be NULL. */
thresh_error thresh_step(thresh_device *device, const int16_t *x, size_t inputs,
                         int16_t *outputs, size_t output_count, uint32_t *cycles);

/* readout->outputs values from the readout->inputs values that thresh_step gives. */
void thresh_read_out(const thresh_readout *readout, const int16_t *h, int16_t *outputs);

/* Change thresholds for the steps that follow; negative leaves one as it is. threshold_x of a
   layer after the first is threshold_h of the one before it. */
thresh_error thresh_set_thresholds(thresh_device *device, uint8_t layer, int32_t threshold_x,
                                   int32_t threshold_h);

/* Bytes that thresh_save fills for the network in use; a network's header has them as well. */
thresh_error thresh_state_bytes(thresh_device *device, size_t *bytes);

/* Keeps the state of the sequence under way, which goes on undisturbed. */
thresh_error thresh_save(thresh_device *device, uint8_t *state, size_t bytes);

/* Goes on from a saved state instead of the sequence under way, in an accelerator built alike with
   the same network: outputs are those of a sequence that was never interrupted. Accumulators are
   computed with the weights of the loaded image, or, where it is NULL or its body not in memory,
   with the accelerator's own, which takes the time of loading. Takes about 1.5 KiB of stack.
   Networks whose columns lie in SDRAM are THRESH_STATE_OTHER. */
thresh_error thresh_restore(thresh_device *device, const thresh_image *image,
                            const uint8_t *state, size_t bytes);

/* Bytes of one word of a THRESH_REGION; 0 for an unknown one and before thresh_identify. */
size_t thresh_word_bytes(const thresh_device *device, uint8_t region);

/* Whole words, little endian; bytes must be a multiple of thresh_word_bytes. */
thresh_error thresh_read(thresh_device *device, uint8_t region, uint16_t address, uint8_t *data,
                         size_t bytes);
thresh_error thresh_write(thresh_device *device, uint8_t region, uint16_t address,
                          const uint8_t *data, size_t bytes);

#ifdef __cplusplus
}
#endif

#endif
