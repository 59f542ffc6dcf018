/* Runs a network on an accelerator from a PC: loads an image file, steps through a text file of
   input frames (integers, one frame per line) and prints the outputs of each, one line per frame.

   posix PORT IMAGE FRAMES [TIMEOUT_MS [ATTEMPTS]] */
#define _DEFAULT_SOURCE
#define _DARWIN_C_SOURCE

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "image_file.h"

#define MAX_BUFFER 16384
#define MAX_VALUES 4096

/* The speed of the link as termios.h has it: a name, or where names are numbers its number. */
#if defined(B1000000) && THRESH_DEFAULT_BAUD == 1000000
#define LINE_SPEED B1000000
#elif B9600 == 9600
#define LINE_SPEED THRESH_DEFAULT_BAUD
#else
#error "termios.h has no name for the speed of the link, THRESH_DEFAULT_BAUD"
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

/* A serial break, as long as the system makes it. */
static void tty_break(void *context)
{
    const int *file = (const int *)context;
    (void)tcsendbreak(*file, 0);
}

/* Whether nobody else has the port. Other programs of Thresh see the lock, any program TIOCEXCL,
   which a pseudo-terminal would keep after this program has ended. */
static int tty_claim(int file, const char *path)
{
    if (flock(file, LOCK_EX | LOCK_NB) < 0) {
        return 0;
    }
    if (strncmp(path, "/dev/pts/", 9) != 0) {
        (void)ioctl(file, TIOCEXCL);
    }
    return 1;
}

/* Whether the port is raw and at the link's speed; where a driver cannot do it, tcsetattr need not
   say so. */
static int tty_set(int file, struct termios *line)
{
    line->c_iflag = 0;
    line->c_oflag = 0;
    line->c_lflag = 0;
    line->c_cflag = CS8 | CREAD | CLOCAL;
    line->c_cc[VMIN] = 1;
    line->c_cc[VTIME] = 0;
    return cfsetispeed(line, LINE_SPEED) == 0 && cfsetospeed(line, LINE_SPEED) == 0 &&
           tcsetattr(file, TCSAFLUSH, line) == 0 && tcgetattr(file, line) == 0 &&
           cfgetospeed(line) == LINE_SPEED;
}

/* An open port, or negative with what is wrong with it. */
static int tty_open(const char *path, const char **wrong)
{
    struct termios line;
    int file = open(path, O_RDWR | O_NOCTTY);
    *wrong = file < 0 && errno == EBUSY ? "is in use by another program"
                                        : "cannot be opened as a serial port";
    if (file < 0 || tcgetattr(file, &line) < 0) {
        return -1;
    }
    if (!tty_claim(file, path)) {
        *wrong = "is in use by another program";
        return -1;
    }
    if (!tty_set(file, &line)) {
        static char text[64];
        (void)snprintf(text, sizeof text, "cannot be set to %lu baud, the speed of the link",
                       (unsigned long)THRESH_DEFAULT_BAUD);
        *wrong = text;
        return -1;
    }
    return file;
}

static void tty_close(int file)
{
    (void)ioctl(file, TIOCNXCL);
    close(file);
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

/* Loads the image and runs the frames on an open port. */
static int serve(char **argv, int argc, int port, const thresh_image *image, FILE *frames)
{
    static uint8_t buffer[MAX_BUFFER];
    thresh_transport transport = {tty_write, tty_read, NULL};
    thresh_device device;
    thresh_error error;
    int ran = 0;
    transport.context = &port;
    error = thresh_init(&device, &transport, buffer, sizeof buffer);
    device.line_break = tty_break;
    device.nonce = (uint16_t)((unsigned)time(NULL) * 31u ^ (unsigned)getpid());
    if (argc > 4) {
        device.timeout_ms = (uint32_t)strtoul(argv[4], NULL, 10);
    }
    if (argc > 5) {
        device.attempts = (uint16_t)strtoul(argv[5], NULL, 10);
    }
    if (error == THRESH_OK) {
        error = thresh_load(&device, image);
    }
    if (error == THRESH_OK) {
        ran = run(&device, frames, &error);
    }
    if (error != THRESH_OK) {
        return complain(argv[1], thresh_error_text(error));
    }
    if (ran < 0) {
        return complain(argv[3], "holds a frame that does not fit the network's inputs");
    }
    fprintf(stderr, "%lu packets were sent again\n", (unsigned long)device.repeated);
    return 0;
}

int main(int argc, char **argv)
{
    thresh_image image;
    uint8_t *memory = NULL;
    const char *wrong;
    FILE *frames;
    int port, status;
    if (argc < 4) {
        return complain(argv[0], "PORT IMAGE FRAMES [TIMEOUT_MS [ATTEMPTS]] are needed");
    }
    if ((port = tty_open(argv[1], &wrong)) < 0) {
        return complain(argv[1], wrong);
    }
    if (thresh_image_file(argv[2], &image, &memory) < 0) {
        status = complain(argv[2], "is not a network image, or is damaged");
    } else if (!(frames = fopen(argv[3], "r"))) {
        status = complain(argv[3], "cannot be opened");
    } else {
        status = serve(argv, argc, port, &image, frames);
        fclose(frames);
    }
    free(memory);
    tty_close(port);
    return status;
}
