/* An accelerator behind a transport that keeps what is written, and lies where it is told to. */
#ifndef LYING_H
#define LYING_H

#include <stdlib.h>
#include <string.h>

#include "network.h"

#define ROOM 8192u

typedef struct lying {
    uint8_t identity[THRESH_IDENTITY_BYTES];
    uint8_t memories[7][65536u * 2u];
    uint16_t nonce;
    int taken; /* another host has identified: every question is damaged */
    uint8_t question[ROOM];
    size_t asked;
    int escaped;
    uint8_t answer[2u * ROOM];
    size_t from, to;
    unsigned long answers;
    /* Changes the payload of an answer; its new length. */
    size_t (*lie)(struct lying *, uint8_t command, uint8_t *payload, size_t bytes);
} lying;

static uint16_t lying_crc(const uint8_t *data, size_t bytes, uint16_t nonce)
{
    uint16_t crc = THRESH_CRC_INITIAL;
    size_t n;
    for (n = 0; n < bytes; n++) {
        int bit;
        crc = (uint16_t)(crc ^ data[n] << 8);
        for (bit = 0; bit < 8; bit++) {
            crc = (uint16_t)(crc & 0x8000u ? crc << 1 ^ THRESH_CRC_POLYNOMIAL : crc << 1);
        }
        crc = (uint16_t)(n == 1u ? crc ^ nonce : crc);
    }
    return (uint16_t)~crc;
}

static void put16(uint8_t *at, unsigned value)
{
    at[0] = (uint8_t)value;
    at[1] = (uint8_t)(value >> 8);
}

static void lying_init(lying *device)
{
    static const uint8_t needs[] = {THRESH_PROTOCOL, 1};
    memset(device, 0, sizeof *device);
    memcpy(device->identity, needs, sizeof needs);
    put16(device->identity + THRESH_IDENTITY_LANES_AT, network_image.lanes);
    device->identity[THRESH_IDENTITY_POINTWISE_LANES_AT] = network_image.pointwise_lanes;
    device->identity[THRESH_IDENTITY_WEIGHT_BITS_AT] = network_image.weight_bits;
    device->identity[THRESH_IDENTITY_VALUE_BITS_AT] = network_image.value_bits;
    device->identity[THRESH_IDENTITY_SPARSE_AT] = network_image.sparse;
    put16(device->identity + THRESH_IDENTITY_WEIGHT_DEPTH_MINUS_1_AT, 4095);
    put16(device->identity + THRESH_IDENTITY_ACCUMULATOR_DEPTH_MINUS_1_AT, 511);
    put16(device->identity + THRESH_IDENTITY_STATE_DEPTH_MINUS_1_AT, 255);
    put16(device->identity + THRESH_IDENTITY_VALUE_DEPTH_MINUS_1_AT, 127);
    put16(device->identity + THRESH_IDENTITY_PACKET_BYTES_AT, 256);
    memcpy(device->memories[THRESH_REGION_TABLE], network_body,
           2u * THRESH_MAX_LAYERS * THRESH_TABLE_WORDS);
    memcpy(device->memories[THRESH_REGION_HEADER],
           network_body + 2u * THRESH_MAX_LAYERS * THRESH_TABLE_WORDS, 2u * THRESH_HEADER_FIELDS);
    memcpy(device->memories[THRESH_REGION_WEIGHTS], network_body + THRESH_BODY_HEAD_BYTES,
           NETWORK_BODY_BYTES - THRESH_BODY_HEAD_BYTES);
}

/* What an honest accelerator answers; its length. */
static size_t lying_execute(lying *device, const uint8_t *question, size_t bytes, uint8_t *payload)
{
    static const size_t sizes[7] = {0, 2, 2, 0, 0, 2, 4};
    uint8_t region = bytes > 2 ? (uint8_t)(question[2] % 7u) : 0;
    size_t lanes = network_image.lanes, size = sizes[region], at, count;
    size = region == THRESH_REGION_WEIGHTS ? lanes * network_image.weight_bits / 8u : size;
    size = region == THRESH_REGION_ACCUMULATORS ? 4u * network_image.pointwise_lanes : size;
    size = region == THRESH_REGION_STATE ? 2u * network_image.pointwise_lanes : size;
    at = bytes > 4 ? (question[3] | (size_t)question[4] << 8) * size % 65536u : 0;
    switch (question[1]) {
    case THRESH_COMMAND_IDENTIFY:
        device->nonce = (uint16_t)(question[2] | question[3] << 8);
        memcpy(payload, device->identity, sizeof device->identity);
        return sizeof device->identity;
    case THRESH_COMMAND_WRITE:
        memcpy(device->memories[region] + at, question + 5, bytes - 5u);
        return 0;
    case THRESH_COMMAND_READ:
        count = question[5] * size;
        memcpy(payload, device->memories[region] + at, count);
        return count;
    case THRESH_COMMAND_STEP:
        memset(payload, 1, 1024);
        count = (NETWORK_OUTPUTS + lanes - 1u) / lanes * lanes;
        return 4u + 2u * count;
    default:
        return 0;
    }
}

static void lying_say(lying *device, uint8_t byte)
{
    if (byte == THRESH_END || byte == THRESH_ESCAPE) {
        device->answer[device->to++] = THRESH_ESCAPE;
        byte = byte == THRESH_END ? THRESH_ESCAPED_END : THRESH_ESCAPED_ESCAPE;
    }
    device->answer[device->to++] = byte;
}

static void lying_reply(lying *device)
{
    uint8_t packet[ROOM];
    size_t n, bytes;
    uint16_t crc;
    packet[0] = device->question[0];
    packet[1] = (uint8_t)(device->question[1] | THRESH_REPLY);
    bytes = lying_execute(device, device->question, device->asked - 2u, packet + 2);
    device->answers++;
    if (device->taken) {
        packet[0] = 0;
        packet[1] = THRESH_ERROR | THRESH_FAULT_PACKET;
        bytes = 0;
    } else if (device->lie) {
        bytes = device->lie(device, device->question[1], packet + 2, bytes);
    }
    crc = lying_crc(packet, bytes + 2u, device->taken ? 0 : device->nonce);
    packet[bytes + 2u] = (uint8_t)(crc >> 8);
    packet[bytes + 3u] = (uint8_t)crc;
    device->from = device->to = 0;
    device->answer[device->to++] = THRESH_END;
    for (n = 0; n < bytes + 4u; n++) {
        lying_say(device, packet[n]);
    }
    device->answer[device->to++] = THRESH_END;
}

static int lying_write(void *context, const uint8_t *data, size_t size)
{
    lying *device = (lying *)context;
    for (; size--; data++) {
        if (*data == THRESH_END) {
            if (device->asked >= 4) {
                lying_reply(device);
            }
            device->asked = 0;
            device->escaped = 0;
        } else if (*data == THRESH_ESCAPE) {
            device->escaped = 1;
        } else if (device->asked < ROOM) {
            device->question[device->asked++] =
                device->escaped ? (*data == THRESH_ESCAPED_END ? THRESH_END : THRESH_ESCAPE) : *data;
            device->escaped = 0;
        }
    }
    return 0;
}

static int lying_read(void *context, uint8_t *data, size_t size, uint32_t timeout_ms)
{
    lying *device = (lying *)context;
    size_t left = device->to - device->from;
    (void)timeout_ms;
    size = size < left ? size : left;
    memcpy(data, device->answer + device->from, size);
    device->from += size;
    return (int)size;
}

#endif
