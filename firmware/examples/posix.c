/* Runs a network on an accelerator from a PC: loads an image file, steps through a text file of
   input frames (integers, one frame per line) and prints the outputs of each, one line per frame.

   posix PORT IMAGE FRAMES [TIMEOUT_MS [ATTEMPTS]] */
#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "thresh.h"

#define IMAGE_HEAD 16
#define MAX_BUFFER 16384
#define MAX_VALUES 4096

#ifdef B1000000
#define LINE_SPEED B1000000
#else
#define LINE_SPEED B115200
#endif

static int tty_write(void *context, const uint8_t *data, size_t size)
{
    const int *file = (const int *)context;
    while (size) {
        ssize_t count = write(*file, data, size);
        if (count < 0 && errno != EINTR) {
            return -1;
        }
        if (count > 0) {
            data += count;
            size -= (size_t)count;
        }
    }
    return 0;
}

static int tty_read(void *context, uint8_t *data, size_t size, uint32_t timeout_ms)
{
    const int *file = (const int *)context;
    struct pollfd waiting;
    int ready;
    waiting.fd = *file;
    waiting.events = POLLIN;
    do {
        ready = poll(&waiting, 1, (int)timeout_ms);
    } while (ready < 0 && errno == EINTR);
    return ready > 0 ? (int)read(*file, data, size) : ready;
}

static int tty_open(const char *path)
{
    struct termios line;
    int file = open(path, O_RDWR | O_NOCTTY);
    if (file < 0 || tcgetattr(file, &line) < 0) {
        return -1;
    }
    line.c_iflag = 0;
    line.c_oflag = 0;
    line.c_lflag = 0;
    line.c_cflag = CS8 | CREAD | CLOCAL;
    line.c_cc[VMIN] = 1;
    line.c_cc[VTIME] = 0;
    if (cfsetispeed(&line, LINE_SPEED) < 0 || cfsetospeed(&line, LINE_SPEED) < 0 ||
        tcsetattr(file, TCSAFLUSH, &line) < 0) {
        return -1;
    }
    return file;
}

static size_t file_source(void *context, uint8_t *data, size_t size)
{
    return fread(data, 1, size, (FILE *)context);
}

static uint32_t little(const uint8_t *data)
{
    return (uint32_t)data[0] | (uint32_t)data[1] << 8 | (uint32_t)data[2] << 16 |
           (uint32_t)data[3] << 24;
}

/* The number that follows "key": in the image's JSON description; 0 when there is none. */
static uint32_t number_of(const char *text, const char *key)
{
    char quoted[40];
    const char *found;
    (void)snprintf(quoted, sizeof quoted, "\"%s\":", key);
    found = strstr(text, quoted);
    return found ? (uint32_t)strtoul(found + strlen(quoted), NULL, 10) : 0;
}

/* Reads an image file up to its body, which thresh_load then takes from the file. */
static int open_image(const char *path, thresh_image *image)
{
    uint8_t head[IMAGE_HEAD];
    FILE *file = fopen(path, "rb");
    char *text;
    uint32_t length;
    size_t word;
    if (!file || fread(head, 1, sizeof head, file) != sizeof head || memcmp(head, "THRS", 4) != 0) {
        return -1;
    }
    length = little(head + 8);
    if (length > 1u << 20 || !(text = (char *)malloc((size_t)length + 1u))) {
        return -1;
    }
    if (fread(text, 1, length, file) != length) {
        free(text);
        return -1;
    }
    text[length] = '\0';
    memset(image, 0, sizeof *image);
    image->lanes = (uint16_t)number_of(text, "lanes");
    image->pointwise_lanes = (uint8_t)number_of(text, "serial");
    image->weight_bits = (uint8_t)number_of(text, "weight_bits");
    image->value_bits = (uint8_t)number_of(text, "value_bits");
    image->sparse = strstr(text, "\"packed\": true") != NULL;
    image->accumulator_words = number_of(text, "accumulator_depth");
    image->state_words = number_of(text, "state_depth");
    image->values = number_of(text, "value_depth");
    image->body_bytes = little(head + 12);
    word = (size_t)image->lanes * image->weight_bits / 8u;
    if (word) {
        image->weight_words = (uint32_t)((image->body_bytes - THRESH_BODY_HEAD_BYTES) / word);
    }
    image->source = file_source;
    image->context = file;
    free(text);
    return word && image->body_bytes > THRESH_BODY_HEAD_BYTES ? 0 : -1;
}

/* Steps through the frames; 0 when all were run, negative when one is no frame. */
static int run(thresh_device *device, FILE *frames, thresh_error *error)
{
    static int16_t x[MAX_VALUES], outputs[MAX_VALUES];
    size_t n;
    if (device->inputs > MAX_VALUES || device->outputs > MAX_VALUES) {
        return -1;
    }
    *error = thresh_new_sequence(device);
    while (*error == THRESH_OK) {
        for (n = 0; n < device->inputs; n++) {
            int value;
            int got = fscanf(frames, "%d", &value);
            if (got == EOF && n == 0) {
                return 0;
            }
            if (got != 1 || value < INT16_MIN || value > INT16_MAX) {
                return -1;
            }
            x[n] = (int16_t)value;
        }
        *error = thresh_step(device, x, device->inputs, outputs, device->outputs, NULL);
        for (n = 0; n < device->outputs && *error == THRESH_OK; n++) {
            printf(n ? " %d" : "%d", outputs[n]);
        }
        putchar('\n');
    }
    return 0;
}

static int complain(const char *name, const char *what)
{
    fprintf(stderr, "%s: %s\n", name, what);
    return 2;
}

int main(int argc, char **argv)
{
    static uint8_t buffer[MAX_BUFFER];
    thresh_transport transport = {tty_write, tty_read, NULL};
    thresh_device device;
    thresh_image image;
    thresh_error error;
    FILE *frames;
    int port, ran;
    if (argc < 4) {
        return complain(argv[0], "PORT IMAGE FRAMES [TIMEOUT_MS [ATTEMPTS]] are needed");
    }
    if ((port = tty_open(argv[1])) < 0) {
        return complain(argv[1], "cannot be opened as a serial port");
    }
    if (open_image(argv[2], &image) < 0) {
        return complain(argv[2], "is not a network image");
    }
    if (!(frames = fopen(argv[3], "r"))) {
        return complain(argv[3], "cannot be opened");
    }
    transport.context = &port;
    error = thresh_init(&device, &transport, buffer, sizeof buffer);
    if (argc > 4) {
        device.timeout_ms = (uint32_t)strtoul(argv[4], NULL, 10);
    }
    if (argc > 5) {
        device.attempts = (uint16_t)strtoul(argv[5], NULL, 10);
    }
    if (error == THRESH_OK) {
        error = thresh_load(&device, &image);
    }
    if (error != THRESH_OK) {
        return complain(argv[1], thresh_error_text(error));
    }
    ran = run(&device, frames, &error);
    if (error != THRESH_OK) {
        return complain(argv[1], thresh_error_text(error));
    }
    if (ran < 0) {
        return complain(argv[3], "holds a frame that does not fit the network's inputs");
    }
    fprintf(stderr, "%lu packets were sent again\n", (unsigned long)device.repeated);
    fclose(frames);
    fclose((FILE *)image.context);
    close(port);
    return 0;
}
