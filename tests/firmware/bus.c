/* The driver on a compiled bus shell: frames of a clip, with a sequence that is set aside in their
   middle; prints one line of integers per frame, other lines begin with a word. */
#include <stdio.h>
#include <string.h>

#include "network.h"
#include "places.h"
#include "thresh_bus.h"
#include "thresh_map.h"

#define ASIDE 20 /* frames before another sequence comes */

extern void *flat_open(void);
extern void flat_close(void *simulation);
extern void flat_tick(void *simulation, const uint64_t *inputs, uint64_t *outputs);

static uint64_t in[IN_SLOTS], out[OUT_SLOTS];
static void *simulation;
static unsigned long cycles, transfers;

static void tick(void)
{
    flat_tick(simulation, in, out);
    cycles++;
}

static int pipelined;

#ifdef IN_WB_STB
/* A transfer, classic or pipelined; one in three is behind some cycles of rest. */
static int transfer(uint32_t address, uint32_t *value, int writes)
{
    unsigned n;
    for (n = 0; transfers % 3 == 0 && n < transfers % 7; n++) {
        tick();
    }
    transfers++;
    in[IN_WB_PIPELINED] = (uint64_t)pipelined;
    in[IN_WB_CYC] = in[IN_WB_STB] = 1;
    in[IN_WB_WE] = (uint64_t)writes;
    in[IN_WB_ADR] = address / 4u;
    in[IN_WB_SEL] = 15;
    in[IN_WB_DAT_W] = *value;
    do {
        tick();
        in[IN_WB_STB] = (uint64_t)!pipelined;
    } while (!out[OUT_WB_ACK] && !out[OUT_WB_ERR]);
    *value = (uint32_t)out[OUT_WB_DAT_R];
    in[IN_WB_CYC] = in[IN_WB_STB] = 0;
    return out[OUT_WB_ERR] ? -1 : 0;
}

#define SEND NULL
#define RECEIVE NULL
#else
static int transfer(uint32_t address, uint32_t *value, int writes)
{
    unsigned taken, answer;
    transfers++;
    in[IN_S_AXI_AWADDR] = in[IN_S_AXI_ARADDR] = address;
    in[IN_S_AXI_WDATA] = *value;
    in[IN_S_AXI_WSTRB] = 15;
    in[IN_S_AXI_AWVALID] = in[IN_S_AXI_WVALID] = (uint64_t)writes;
    in[IN_S_AXI_ARVALID] = (uint64_t)!writes;
    in[IN_S_AXI_BREADY] = in[IN_S_AXI_RREADY] = 1;
    do {
        tick();
        taken = writes ? (unsigned)out[OUT_S_AXI_AWREADY] : (unsigned)out[OUT_S_AXI_ARREADY];
    } while (!taken);
    in[IN_S_AXI_AWVALID] = in[IN_S_AXI_WVALID] = in[IN_S_AXI_ARVALID] = 0;
    do {
        tick();
        answer = writes ? (unsigned)out[OUT_S_AXI_BVALID] : (unsigned)out[OUT_S_AXI_RVALID];
    } while (!answer);
    *value = (uint32_t)out[OUT_S_AXI_RDATA];
    return (writes ? out[OUT_S_AXI_BRESP] : out[OUT_S_AXI_RRESP]) ? -1 : 0;
}

static int send(void *context, int16_t x, int last)
{
    (void)context;
    in[IN_S_AXIS_TDATA] = (uint16_t)x;
    in[IN_S_AXIS_TLAST] = (uint64_t)last;
    in[IN_S_AXIS_TVALID] = 1;
    do {
        tick();
    } while (!out[OUT_S_AXIS_TREADY]);
    in[IN_S_AXIS_TVALID] = 0;
    return 0;
}

static int receive(void *context, int16_t *output, int *last)
{
    unsigned n;
    (void)context;
    for (n = 0; n < 100000 && !out[OUT_M_AXIS_TVALID]; n++) {
        tick();
    }
    if (!out[OUT_M_AXIS_TVALID]) {
        return -1;
    }
    *output = (int16_t)(uint16_t)out[OUT_M_AXIS_TDATA];
    *last = (int)out[OUT_M_AXIS_TLAST];
    in[IN_M_AXIS_TREADY] = 1;
    tick();
    in[IN_M_AXIS_TREADY] = 0;
    tick();
    return 0;
}

#define SEND send
#define RECEIVE receive
#endif

static int read_register(void *context, uint32_t address, uint32_t *value)
{
    (void)context;
    *value = 0;
    return transfer(address, value, 0);
}

static int write_register(void *context, uint32_t address, uint32_t value)
{
    (void)context;
    return transfer(address, &value, 1);
}

static void frames(thresh_device *device, int first, int end)
{
    int16_t outputs[NETWORK_OUTPUTS];
    uint32_t taken = 0;
    for (int frame = first; frame < end; frame++) {
        printf("%d", thresh_step(device, clip[frame], NETWORK_INPUTS, outputs, NETWORK_OUTPUTS,
                                 &taken));
        for (int n = 0; n < (int)NETWORK_OUTPUTS; n++) {
            printf(" %d", outputs[n]);
        }
        printf(" %lu\n", (unsigned long)taken);
    }
}

static int nothing(void *context, int16_t x, int last)
{
    (void)context;
    (void)x;
    return last;
}

/* What the accelerator refuses on a serial line, and what only a bus can say. */
static void refusals(thresh_device *device, const thresh_bus *good)
{
    uint8_t other[64] = {0};
    size_t state = thresh_word_bytes(device, THRESH_REGION_STATE);
    uint32_t value;
    thresh_bus bus = *good;
    thresh_device late;
    printf("range %d %d", thresh_read(device, THRESH_REGION_STATE, 65000, other, state),
           thresh_read(device, 9, 0, other, 2));
    printf(" %d", thresh_write(device, THRESH_REGION_COUNTERS, 0, other, 4));
    printf(" %d\n", thresh_write(device, THRESH_REGION_HEADER, 7, other, 4));
    printf("register %d\n", read_register(NULL, 0x7c, &value));
    bus.send = nothing;
    bus.receive = NULL;
    printf("values %d", thresh_init_bus(&late, &bus, other, sizeof other));
    bus = *good;
    printf(" %d", thresh_init_bus(&late, &bus, other, 8));
    printf(" %d\n", thresh_init_bus(&late, &bus, other, sizeof other));
}

int main(int argc, char **argv)
{
    static uint8_t buffer[NETWORK_BUFFER_BYTES], state[NETWORK_STATE_BYTES];
    static uint8_t read[NETWORK_LAYERS * THRESH_TABLE_WORDS * 2u];
    thresh_bus bus = {read_register, write_register, SEND, RECEIVE, NULL, 5000};
    thresh_device device;
    int16_t one[NETWORK_OUTPUTS];
    pipelined = argc > 1 && strcmp(argv[1], "pipelined") == 0;
    simulation = flat_open();
    printf("init %d\n", thresh_init_bus(&device, &bus, buffer, sizeof buffer));
    printf("attach %d\n", thresh_attach(&device));
    printf("load %d", thresh_load(&device, &network_image));
    printf(" %lu %lu\n", (unsigned long)device.identity.clock_khz, (unsigned long)device.repeated);
    printf("table %d", thresh_read(&device, THRESH_REGION_TABLE, 0, read, sizeof read));
    printf(" %d\n", memcmp(read, network_body, sizeof read));
    printf("sequence %d\n", thresh_new_sequence(&device));
    frames(&device, 0, ASIDE);
    printf("save %d\n", thresh_save(&device, state, sizeof state));
    printf("sequence %d\n", thresh_new_sequence(&device));
    frames(&device, 0, 3);
    refusals(&device, &bus);
    printf("restore %d\n", thresh_restore(&device, &network_image, state, sizeof state));
    frames(&device, ASIDE, CLIP_FRAMES);
    printf("thresholds %d\n", thresh_set_thresholds(&device, 0, 0, 0));
    printf("attach %d\n", thresh_attach(&device));
    printf("sequence %d\n", thresh_new_sequence(&device));
    frames(&device, 0, 2);
    /* Someone takes the network away between two steps. */
    write_register(NULL, THRESH_MAP_CONTROL, 0);
    printf("away %d", thresh_step(&device, clip[0], NETWORK_INPUTS, one, NETWORK_OUTPUTS, NULL));
    printf(" %d\n", thresh_new_sequence(&device));
    /* A layer table without an end is found by the step; a whole network is then loaded again. */
    printf("load %d", thresh_load(&device, &network_image));
    memcpy(read, network_body, sizeof read);
    read[2u * ((NETWORK_LAYERS - 1u) * THRESH_TABLE_WORDS) + 1u] &= 0xfeu;
    printf(" %d", thresh_write(&device, THRESH_REGION_TABLE, 0, read, sizeof read));
    printf(" %d", thresh_step(&device, clip[0], NETWORK_INPUTS, one, NETWORK_OUTPUTS, NULL));
    printf(" %d", thresh_new_sequence(&device));
    printf(" %d", thresh_load(&device, &network_image));
    printf(" %d\n", thresh_new_sequence(&device));
    frames(&device, 0, 1);
    fprintf(stderr, "%lu cycles, %lu transfers\n", cycles, transfers);
    flat_close(simulation);
    return 0;
}
