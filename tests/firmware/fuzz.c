/* Every function of the driver against answers with a good CRC whose bytes are wrong, another time
   than the last. fuzz SEED ANSWERS prints how many there were and how the calls ended. */
#include <stdio.h>
#include <unistd.h>

#include "lying.h"

static uint64_t seed;
static unsigned rate;
static unsigned long well, ill;

static unsigned pick(unsigned below)
{
    seed = seed * 6364136223846793005ull + 1442695040888963407ull;
    return (unsigned)(seed >> 33) % below;
}

static size_t lie(lying *device, uint8_t command, uint8_t *payload, size_t bytes)
{
    static const uint8_t bounds[] = {0, 1, 2, 4, 15, 16, 127, 128, 254, 255};
    unsigned changes;
    (void)command;
    if (pick(100) >= rate) {
        return bytes;
    }
    for (changes = 1 + pick(3); changes && bytes; changes--) {
        uint8_t *at = payload + pick((unsigned)bytes);
        *at = pick(2) ? bounds[pick(sizeof bounds)] : (uint8_t)(*at ^ 1u << pick(8));
    }
    if (pick(40) == 0) {
        payload[-2] = (uint8_t)pick(256);
    }
    if (pick(40) == 0) {
        payload[-1] = (uint8_t)pick(256);
    }
    if (pick(40) == 0) {
        bytes = pick(600);
    }
    (void)device;
    return bytes;
}

static void count(thresh_error error)
{
    *(error == THRESH_OK ? &well : &ill) += 1;
}

static void step(thresh_device *device)
{
    size_t inputs = device->inputs, outputs = device->outputs;
    int16_t *x = (int16_t *)calloc(inputs + 1u, 2), *y = (int16_t *)malloc(2u * outputs + 1u);
    uint32_t cycles;
    count(thresh_step(device, x, inputs, y, outputs, pick(2) ? &cycles : NULL));
    free(x);
    free(y);
}

static void keep(thresh_device *device, const thresh_image *image)
{
    size_t bytes = 0;
    uint8_t *state;
    if (thresh_state_bytes(device, &bytes) != THRESH_OK) {
        return;
    }
    bytes += pick(3) ? 0u : pick(2);
    state = (uint8_t *)malloc(bytes);
    memset(state, 7, bytes);
    if (thresh_save(device, state, bytes) == THRESH_OK) {
        count(thresh_restore(device, image, state, bytes));
    }
    free(state);
}

static void words(thresh_device *device)
{
    uint8_t region = (uint8_t)pick(8);
    size_t bytes = thresh_word_bytes(device, region) * (pick(70) + 1u);
    uint8_t *data = (uint8_t *)calloc(bytes + 1u, 1);
    count(thresh_read(device, region, (uint16_t)pick(65536), data, bytes));
    if (region != THRESH_REGION_TABLE && region != THRESH_REGION_HEADER) {
        count(thresh_write(device, region, (uint16_t)pick(512), data, bytes));
    }
    free(data);
}

static void act(thresh_device *device, const thresh_image *image)
{
    switch (pick(9)) {
    case 0:
        count(thresh_identify(device));
        return;
    case 1:
        count(thresh_attach(device));
        return;
    case 2:
        count(thresh_load(device, image));
        return;
    case 3:
        count(thresh_set_thresholds(device, (uint8_t)pick(9), (int32_t)pick(40000) - 9,
                                    (int32_t)pick(40000) - 9));
        return;
    case 4:
        words(device);
        return;
    case 5:
        keep(device, image);
        return;
    case 6:
        keep(device, NULL);
        return;
    case 7:
        count(thresh_new_sequence(device));
        return;
    default:
        step(device);
    }
}

/* A device and a buffer of its own, and calls in any order. */
static void session(lying *other)
{
    thresh_transport transport = {lying_write, lying_read, NULL};
    size_t room = pick(4) ? 300u + pick(300) : 26u + pick(300);
    uint8_t *buffer = (uint8_t *)malloc(room), *body = (uint8_t *)malloc(NETWORK_BODY_BYTES);
    thresh_image image = network_image;
    thresh_device device;
    unsigned calls;
    memcpy(body, network_body, NETWORK_BODY_BYTES);
    image.body = body;
    transport.context = other;
    lying_init(other);
    other->lie = lie;
    count(thresh_init(&device, &transport, buffer, room));
    rate = pick(3) ? pick(12) : pick(100);
    count(pick(2) ? thresh_attach(&device) : thresh_load(&device, &image));
    for (calls = pick(12); calls; calls--) {
        act(&device, &image);
    }
    free(buffer);
    free(body);
}

int main(int argc, char **argv)
{
    static lying other;
    unsigned long answers = 0, wanted = strtoul(argv[argc - 1], NULL, 10);
    seed = strtoul(argv[1], NULL, 10);
    while (answers < wanted) {
        alarm(20); /* a session takes milliseconds: one that does not end is a fault */
        session(&other);
        answers += other.answers;
    }
    printf("%lu %lu %lu\n", answers, well, ill);
    return 0;
}
