#include "thresh_packet.h"

#include <string.h>

void thresh_empty_question(thresh_question *ask)
{
    memset(ask, 0, sizeof *ask);
}

uint16_t thresh_get16(const uint8_t *data)
{
    return (uint16_t)(data[0] | (uint16_t)((uint16_t)data[1] << 8));
}

uint16_t thresh_crc_next(uint16_t crc, uint8_t byte)
{
    uint8_t bit;
    crc = (uint16_t)(crc ^ (uint16_t)((uint16_t)byte << 8));
    for (bit = 0; bit < 8; bit++) {
        uint16_t top = (uint16_t)(crc & 0x8000u);
        crc = (uint16_t)(crc << 1);
        if (top) {
            crc = (uint16_t)(crc ^ THRESH_CRC_POLYNOMIAL);
        }
    }
    return crc;
}

uint32_t thresh_checksum_next(uint32_t crc, const uint8_t *data, size_t bytes)
{
    uint8_t bit;
    for (; bytes; bytes--) {
        crc ^= *data++;
        for (bit = 0; bit < 8; bit++) {
            crc = crc >> 1 ^ (crc & 1u ? 0xedb88320ul : 0u);
        }
    }
    return crc;
}

/* A packet on its way out, in pieces. */
typedef struct {
    const thresh_transport *transport;
    int failed;
    uint16_t crc;
    size_t used;
    uint8_t piece[64];
} sender;

static void send_raw(sender *out, uint8_t byte)
{
    out->piece[out->used++] = byte;
    if (out->used == sizeof out->piece) {
        if (!out->failed) {
            out->failed = out->transport->write(out->transport->context, out->piece, out->used) < 0;
        }
        out->used = 0;
    }
}

static void send_byte(sender *out, uint8_t byte)
{
    out->crc = thresh_crc_next(out->crc, byte);
    if (byte == THRESH_END || byte == THRESH_ESCAPE) {
        send_raw(out, THRESH_ESCAPE);
        byte = (uint8_t)(byte == THRESH_END ? THRESH_ESCAPED_END : THRESH_ESCAPED_ESCAPE);
    }
    send_raw(out, byte);
}

static thresh_error send_packet(thresh_device *device, uint8_t command, const thresh_question *ask)
{
    sender out;
    uint16_t crc;
    size_t n;
    out.transport = &device->transport;
    out.failed = 0;
    out.crc = THRESH_CRC_INITIAL;
    out.used = 0;
    send_raw(&out, THRESH_END);
    send_byte(&out, device->sequence);
    send_byte(&out, command);
    if (command != THRESH_COMMAND_IDENTIFY) {
        out.crc = (uint16_t)(out.crc ^ device->taken_in);
    }
    for (n = 0; n < ask->head_bytes; n++) {
        send_byte(&out, ask->head[n]);
    }
    for (n = 0; n < ask->data_bytes; n++) {
        send_byte(&out, ask->data[n]);
    }
    for (n = 0; n < ask->value_count; n++) {
        uint16_t value = (uint16_t)ask->values[n];
        send_byte(&out, (uint8_t)(value & 0xffu));
        send_byte(&out, (uint8_t)(value >> 8));
    }
    crc = (uint16_t)~out.crc;
    send_byte(&out, (uint8_t)(crc >> 8));
    send_byte(&out, (uint8_t)(crc & 0xffu));
    send_raw(&out, THRESH_END);
    if (out.used && !out.failed) {
        out.failed = out.transport->write(out.transport->context, out.piece, out.used) < 0;
    }
    return out.failed ? THRESH_TRANSPORT : THRESH_OK;
}

/* Next byte of the line: 1, 0 when the time is over, negative on failure. */
static int next_byte(thresh_device *device, uint8_t *byte)
{
    if (device->received_at == device->received_end) {
        int count = device->transport.read(device->transport.context, device->received,
                                           sizeof device->received, device->timeout_ms);
        if (count <= 0 || (size_t)count > sizeof device->received) {
            return count ? -1 : 0;
        }
        device->received_at = 0;
        device->received_end = (uint8_t)count;
    }
    *byte = device->received[device->received_at++];
    return 1;
}

typedef enum { HEARD, PLAIN, OTHER, DAMAGED, SILENT, LOST } hearing;

/* Whether the CRC at the end of a packet is right, which takes in a nonce. */
static int intact(const uint8_t *packet, size_t bytes, uint16_t nonce)
{
    uint16_t crc = THRESH_CRC_INITIAL;
    size_t n;
    for (n = 0; n < bytes; n++) {
        crc = thresh_crc_next(crc, packet[n]);
        if (n == 1u) {
            crc = (uint16_t)(crc ^ nonce);
        }
    }
    return crc == THRESH_CRC_RESIDUE;
}

/* The next packet, unescaped and checked, ours or PLAIN; *bytes counts without the CRC. An overlong
   one is most likely the late answer to an earlier question: OTHER, unless it claims to be ours. */
static hearing hear_packet(thresh_device *device, uint8_t *packet, size_t room, size_t *bytes,
                          uint32_t *patience)
{
    size_t used = 0;
    int escaped = 0, overlong = 0;
    for (;;) {
        uint8_t byte = 0;
        int got = *patience ? next_byte(device, &byte) : 0;
        if (got <= 0) {
            return got ? LOST : SILENT;
        }
        (*patience)--;
        if (byte == THRESH_END) {
            if (used) {
                break;
            }
            escaped = 0;
        } else if (byte == THRESH_ESCAPE && !escaped) {
            escaped = 1;
        } else {
            if (escaped && byte == THRESH_ESCAPED_END) {
                byte = THRESH_END;
            } else if (escaped && byte == THRESH_ESCAPED_ESCAPE) {
                byte = THRESH_ESCAPE;
            }
            escaped = 0;
            if (used < room) {
                packet[used++] = byte;
            } else {
                overlong = 1;
            }
        }
    }
    if (overlong) {
        return packet[0] == device->sequence ? DAMAGED : OTHER;
    }
    if (used >= THRESH_PACKET_OVERHEAD) {
        *bytes = used - 2u;
        if (intact(packet, used, device->taken_in)) {
            return HEARD;
        }
        if (intact(packet, used, 0)) {
            return PLAIN;
        }
    }
    return DAMAGED;
}

static thresh_error refusal(uint8_t fault)
{
    switch (fault) {
    case THRESH_FAULT_COMMAND:
        return THRESH_REFUSED_COMMAND;
    case THRESH_FAULT_LENGTH:
        return THRESH_REFUSED_LENGTH;
    case THRESH_FAULT_NOT_LOADED:
        return THRESH_REFUSED_NOT_LOADED;
    case THRESH_FAULT_RANGE:
        return THRESH_REFUSED_RANGE;
    case THRESH_FAULT_CHECKSUM:
        return THRESH_REFUSED_CHECKSUM;
    case THRESH_FAULT_NO_NETWORK:
        return THRESH_REFUSED_NO_NETWORK;
    default:
        return THRESH_REFUSED_OTHER;
    }
}

thresh_error thresh_exchange(thresh_device *device, uint8_t command, const thresh_question *ask,
                             uint8_t *packet, size_t room, size_t payload_bytes)
{
    uint16_t attempt, taken = 0;
    int silent = 1;
    if (room < THRESH_PACKET_OVERHEAD || room - THRESH_PACKET_OVERHEAD < payload_bytes) {
        return THRESH_BUFFER_SMALL;
    }
    if (device->exchange) {
        return device->exchange(device, command, ask, packet + 2, payload_bytes);
    }
    device->sequence++;
    for (attempt = 0; attempt < device->attempts; attempt++) {
        uint32_t patience = 16384u + 4u * (uint32_t)room;
        thresh_error error = send_packet(device, command, ask);
        if (error != THRESH_OK) {
            return error;
        }
        device->repeated += attempt ? 1u : 0u;
        for (;;) {
            size_t bytes = 0;
            hearing heard = hear_packet(device, packet, room, &bytes, &patience);
            if (heard == LOST) {
                return THRESH_TRANSPORT;
            }
            if (heard == SILENT) {
                break;
            }
            silent = 0;
            if ((heard == HEARD || heard == PLAIN) &&
                packet[1] == (THRESH_ERROR | THRESH_FAULT_PACKET)) {
                taken++;
                break;
            }
            /* of the plain ones only those of an accelerator that knows no nonce */
            if (heard == PLAIN && (command != THRESH_COMMAND_IDENTIFY ||
                                   (packet[1] & 0xf0u) != THRESH_ERROR)) {
                heard = DAMAGED;
            }
            if (heard == DAMAGED) {
                break;
            }
            if (heard == OTHER || packet[0] != device->sequence) {
                continue;
            }
            if ((packet[1] & 0xf0u) == THRESH_ERROR) {
                return refusal((uint8_t)(packet[1] & 0x0fu));
            }
            if (packet[1] == (command | THRESH_REPLY)) {
                return bytes == payload_bytes + 2u ? THRESH_OK : THRESH_PROTOCOL_OTHER;
            }
        }
    }
    if (silent) {
        return THRESH_NO_ANSWER;
    }
    return taken == attempt ? THRESH_TAKEN : THRESH_NO_WHOLE_ANSWER;
}
