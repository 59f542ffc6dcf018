/* Calls the driver as a caller does whose accelerator lies in one way, and prints how they end. */
#include <stdio.h>
#include <unistd.h>

#include "lying.h"

static lying other;
static int rows; /* of the table read so far */

static uint8_t *word(unsigned layer, unsigned column)
{
    return other.memories[THRESH_REGION_TABLE] + 2u * (layer * THRESH_TABLE_WORDS + column);
}

/* The blocks of a layer change after the table has been read twice. */
static size_t grow(lying *device, uint8_t command, uint8_t *payload, size_t bytes)
{
    if (command == THRESH_COMMAND_READ && device->question[2] == THRESH_REGION_TABLE &&
        bytes == 2u * THRESH_TABLE_WORDS && device->question[3] == 0 && rows++ > 1) {
        put16(payload + 2u * THRESH_TABLE_BLOCKS_MINUS_1, 60);
    }
    return bytes;
}

static thresh_error restored(thresh_device *device, const thresh_image *image)
{
    size_t bytes = 0;
    uint8_t *state;
    thresh_error error = thresh_state_bytes(device, &bytes);
    state = (uint8_t *)malloc(bytes + 1u);
    if (error == THRESH_OK) {
        error = thresh_save(device, state, bytes);
    }
    if (error == THRESH_OK) {
        state = (uint8_t *)realloc(state, bytes);
        error = thresh_restore(device, image, state, bytes);
    }
    free(state);
    return error;
}

static thresh_error attempt(const char *fault, thresh_device *device)
{
    int16_t x[NETWORK_INPUTS] = {0}, *outputs = (int16_t *)malloc(2u * 400u);
    uint8_t *exact = (uint8_t *)malloc(NETWORK_STATE_BYTES), zeros[1024] = {0};
    thresh_image image = network_image;
    thresh_error error;
    alarm(10);
    memset(other.memories[THRESH_REGION_REFERENCES], 1, 256);
    if (strcmp(fault, "outputs") == 0) {
        put16(word(NETWORK_LAYERS - 1u, THRESH_TABLE_UNITS_MINUS_1), 399);
    } else if (strcmp(fault, "columns") == 0) {
        put16(word(0, THRESH_TABLE_STRIDE), 5000);
    } else if (strcmp(fault, "hidden") == 0) {
        put16(word(1, THRESH_TABLE_HIDDEN), 3000);
        put16(word(1, THRESH_TABLE_STRIDE), 3003);
    } else if (strcmp(fault, "weights") == 0) {
        put16(word(0, THRESH_TABLE_WEIGHT_BASE), 4000);
    } else if (strcmp(fault, "endless") == 0) {
        put16(other.identity + THRESH_IDENTITY_LANES_AT, 512);
    } else if (strcmp(fault, "value-bits") == 0) {
        other.identity[THRESH_IDENTITY_VALUE_BITS_AT] = 0;
    } else if (strcmp(fault, "grows") == 0) {
        other.lie = grow;
    }
    error = thresh_attach(device);
    other.taken = strcmp(fault, "taken") == 0;
    if (strcmp(fault, "stranger") == 0) { /* what comes is for another host */
        other.nonce ^= 0x100;
    }
    if (error == THRESH_OK || strcmp(fault, "endless") == 0) {
        error = thresh_write(device, THRESH_REGION_WEIGHTS, 0, zeros, 512);
    }
    if (strcmp(fault, "value-bits") == 0) {
        error = thresh_set_thresholds(device, 0, 1, 1);
    }
    if (error == THRESH_OK && strcmp(fault, "outputs") == 0) {
        error = thresh_step(device, x, NETWORK_INPUTS, outputs, device->outputs, NULL);
    }
    if (error == THRESH_OK && strcmp(fault, "grows") == 0) {
        error = thresh_save(device, exact, NETWORK_STATE_BYTES);
    }
    if (error == THRESH_OK) {
        error = restored(device, strcmp(fault, "hidden") ? &image : NULL);
    }
    free(outputs);
    free(exact);
    return error;
}

int main(int argc, char **argv)
{
    thresh_transport transport = {lying_write, lying_read, NULL};
    uint8_t *buffer = (uint8_t *)malloc(NETWORK_BUFFER_BYTES);
    thresh_device device;
    transport.context = &other;
    lying_init(&other);
    thresh_init(&device, &transport, buffer, NETWORK_BUFFER_BYTES);
    printf("%d\n", attempt(argv[argc - 1], &device));
    free(buffer);
    return 0;
}
