/* Packets of the serial link: private to the driver. */
#ifndef THRESH_PACKET_H
#define THRESH_PACKET_H

#include "thresh.h"

/* A command's payload: a few bytes, then bytes, then values. */
typedef struct thresh_question {
    uint8_t head[8];
    size_t head_bytes;
    const uint8_t *data;
    size_t data_bytes;
    const int16_t *values;
    size_t value_count;
} thresh_question;

#define THRESH_BARE_ANSWER 8u /* bytes for an answer without payload, with room to spare */

void thresh_empty_question(thresh_question *ask);

uint16_t thresh_get16(const uint8_t *data);

uint16_t thresh_crc_next(uint16_t crc, uint8_t byte);

/* Sends a packet until its own answer comes back whole. The answer is collected in packet, which
   has room bytes; its payload of exactly payload_bytes then lies at packet + 2. */
thresh_error thresh_exchange(thresh_device *device, uint8_t command, const thresh_question *ask,
                             uint8_t *packet, size_t room, size_t payload_bytes);

/* Takes the network that device->header and device->table describe into use, if every later access
   to memories and buffers then lies inside them; THRESH_IMAGE_BROKEN otherwise, with none in use. */
thresh_error thresh_check_network(thresh_device *device);

/* THRESH_OK where the image is laid out for the accelerator and as long as it says. */
thresh_error thresh_check_image(const thresh_device *device, const thresh_image *image);

#endif
