/* Exercises the driver on the serial port given: prints one line of integers per result. */
#define _POSIX_C_SOURCE 200809L

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#include "network.h"

#define STEPS 10

static int port;

static int put(void *context, const uint8_t *data, size_t size)
{
    (void)context;
    return write(port, data, size) == (ssize_t)size ? 0 : -1;
}

static int get(void *context, uint8_t *data, size_t size, uint32_t timeout_ms)
{
    struct pollfd waiting = {0, POLLIN, 0};
    (void)context;
    waiting.fd = port;
    return poll(&waiting, 1, (int)timeout_ms) > 0 ? (int)read(port, data, size) : 0;
}

static void steps(thresh_device *device, int first)
{
    int16_t x[NETWORK_INPUTS], outputs[NETWORK_OUTPUTS];
    uint32_t cycles = 0;
    for (int step = first; step < first + STEPS; step++) {
        for (int n = 0; n < (int)NETWORK_INPUTS; n++) {
            x[n] = (int16_t)((step * 1237 + n * n * 311) % 4001 - 2000);
        }
        printf("%d", thresh_step(device, x, NETWORK_INPUTS, outputs, NETWORK_OUTPUTS, &cycles));
        for (int n = 0; n < (int)NETWORK_OUTPUTS; n++) {
            printf(" %d", outputs[n]);
        }
        printf("\n");
    }
}

int main(int argc, char **argv)
{
    static uint8_t buffer[NETWORK_BUFFER_BYTES], other[NETWORK_BUFFER_BYTES];
    static uint8_t words[4u * NETWORK_LAYER0_UNITS], state[NETWORK_STATE_BYTES];
    size_t size = 0;
    uint32_t hash = 0;
    thresh_transport transport = {put, get, NULL};
    thresh_device device, late;
    thresh_image wrong = network_image;
    int16_t none[1] = {0};
    port = open(argv[argc - 1], O_RDWR | O_NOCTTY);
    printf("init %d", thresh_init(&late, &transport, other, 25));
    printf(" %d\n", thresh_init(&late, &transport, other, sizeof other));
    printf("attach %d\n", thresh_attach(&late));
    thresh_init(&device, &transport, buffer, sizeof buffer);
    printf("unloaded %d %d", thresh_step(&device, none, 1, none, 1, NULL),
           thresh_set_thresholds(&device, 0, 1, 1));
    printf(" %d\n", thresh_network_hash(&device, &hash));
    wrong.lanes *= 2;
    printf("lanes %d\n", thresh_load(&device, &wrong));
    wrong = network_image;
    wrong.body_bytes--;
    printf("short %d\n", thresh_load(&device, &wrong));
    printf("load %d", thresh_load(&device, &network_image));
    printf(" %lu\n", (unsigned long)device.identity.clock_khz);
    printf("hash %d", thresh_network_hash(&device, &hash));
    printf(" %d\n", hash == NETWORK_HASH);
    printf("sequence %d\n", thresh_new_sequence(&device));
    steps(&device, 0);
    printf("shape %d\n", thresh_step(&device, none, 1, none, 1, NULL));
    printf("thresholds %d %d %d %d\n", thresh_set_thresholds(&device, 0, 900, -1),
           thresh_set_thresholds(&device, 1, 77, -1), thresh_set_thresholds(&device, 1, -1, 5),
           thresh_set_thresholds(&device, 2, 0, 0));
    steps(&device, STEPS);
    printf("save %d", thresh_state_bytes(&device, &size));
    printf(" %lu %d", (unsigned long)size, thresh_save(&device, state, size - 1u));
    printf(" %d\n", thresh_save(&device, state, size));
    thresh_new_sequence(&device);
    steps(&device, 3);
    state[6] ^= 1u;
    printf("restore %d", thresh_restore(&device, &network_image, state, size));
    state[6] ^= 1u;
    printf(" %d", thresh_restore(&device, &network_image, state, size - 1u));
    printf(" %d\n", thresh_restore(&device, &network_image, state, size));
    steps(&device, 2 * STEPS);
    printf("attach %d", thresh_attach(&late));
    printf(" %u %u\n", late.inputs, late.outputs);
    printf("restore %d\n", thresh_restore(&late, NULL, state, size));
    steps(&late, 2 * STEPS);
    printf("references %d", thresh_read(&late, THRESH_REGION_REFERENCES,
                                        NETWORK_LAYER0_REFERENCE, words, 2u * NETWORK_LAYER0_UNITS));
    for (unsigned n = 0; n < NETWORK_LAYER0_UNITS; n++) {
        printf(" %d", (int16_t)(words[2 * n] | words[2 * n + 1] << 8));
    }
    printf("\nrange %d %d %d\n", thresh_read(&late, THRESH_REGION_STATE, 65000, words, 2),
           thresh_read(&late, 9, 0, words, 2), thresh_write(&late, 0, 0, words, 3));
    printf("write %d\n", thresh_write(&late, THRESH_REGION_COUNTERS, 0, words, 4));
    return 0;
}
