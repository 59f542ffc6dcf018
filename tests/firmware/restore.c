/* Saves the state of the network in the accelerator on the serial port given, begins another
   sequence, and restores it: with the embedded weights, or with the accelerator's own. */
#define _POSIX_C_SOURCE 200809L

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#include "network.h"

static int put(void *port, const uint8_t *data, size_t size)
{
    return write(*(int *)port, data, size) == (ssize_t)size ? 0 : -1;
}

static int get(void *port, uint8_t *data, size_t size, uint32_t timeout_ms)
{
    struct pollfd waiting = {0, POLLIN, 0};
    waiting.fd = *(int *)port;
    return poll(&waiting, 1, (int)timeout_ms) > 0 ? (int)read(*(int *)port, data, size) : 0;
}

int main(int argc, char **argv)
{
    static uint8_t buffer[NETWORK_BUFFER_BYTES], state[NETWORK_STATE_BYTES];
    int port = open(argv[argc - 1], O_RDWR | O_NOCTTY);
    thresh_transport transport = {put, get, NULL};
    thresh_device device;
    transport.context = &port;
    thresh_init(&device, &transport, buffer, sizeof buffer);
    printf("%d", thresh_attach(&device));
    printf(" %d", thresh_save(&device, state, sizeof state));
    printf(" %d", thresh_new_sequence(&device));
    printf(" %d\n",
           thresh_restore(&device, argc > 2 ? NULL : &network_image, state, sizeof state));
    return 0;
}
