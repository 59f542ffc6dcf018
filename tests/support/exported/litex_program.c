/* Runs on the system's processor: loads the network over the bus, steps through the clip and says
   every output. An interrupt counts the frames. */
#include "clip.h"
#include "generated/csr.h"
#include "generated/mem.h"
#include "generated/soc.h"
#include "network.h"
#include "thresh_bus.h"
#include "thresh_map.h"

#define END 0x7e57ed00u

extern uint32_t bss[], bss_end[];

static volatile uint32_t frames;

static volatile uint32_t *at(uint32_t address)
{
    return (volatile uint32_t *)(uintptr_t)address;
}

static void say(uint32_t word)
{
    *at(CSR_RESULT_WORD_ADDR) = word;
}

void *memset(void *to, int value, size_t bytes)
{
    uint8_t *byte = (uint8_t *)to;
    while (bytes--) {
        *byte++ = (uint8_t)value;
    }
    return to;
}

void *memcpy(void *to, const void *from, size_t bytes)
{
    uint8_t *byte = (uint8_t *)to;
    const uint8_t *source = (const uint8_t *)from;
    while (bytes--) {
        *byte++ = *source++;
    }
    return to;
}

int memcmp(const void *one, const void *other, size_t bytes)
{
    const uint8_t *a = (const uint8_t *)one, *b = (const uint8_t *)other;
    for (; bytes--; a++, b++) {
        if (*a != *b) {
            return *a < *b ? -1 : 1;
        }
    }
    return 0;
}

__attribute__((interrupt, aligned(4))) static void on_interrupt(void)
{
    if (*at(CSR_THRESH_EV_PENDING_ADDR) & 1u) {
        frames++;
        *at(THRESH_BASE + THRESH_MAP_INTERRUPT) = THRESH_MAP_INTERRUPT_FRAME_MASK;
        while (*at(CSR_THRESH_EV_STATUS_ADDR) & 1u) {
        }
    }
}

static void enable_interrupts(void)
{
    *at(THRESH_BASE + THRESH_MAP_INTERRUPT_ENABLE) = THRESH_MAP_INTERRUPT_ENABLE_FRAME_MASK;
    *at(CSR_THRESH_EV_ENABLE_ADDR) = 1;
    __asm__ volatile("csrw mtvec, %0" ::"r"(on_interrupt));
    __asm__ volatile("csrw 0xbc0, %0" ::"r"(1u << THRESH_INTERRUPT));
    __asm__ volatile("csrs mie, %0" ::"r"(0x800u));
    __asm__ volatile("csrs mstatus, %0" ::"r"(8u));
}

int main(void)
{
    static uint8_t buffer[NETWORK_BUFFER_BYTES];
    static thresh_device device;
    static thresh_bus bus;
    int16_t outputs[NETWORK_OUTPUTS];
    bus = thresh_mapped(at(THRESH_BASE));
    say((uint32_t)thresh_init_bus(&device, &bus, buffer, sizeof buffer));
    say((uint32_t)thresh_load(&device, &network_image));
    say((uint32_t)thresh_new_sequence(&device));
    enable_interrupts();
    for (unsigned frame = 0; frame < CLIP_FRAMES; frame++) {
        say((uint32_t)thresh_step(&device, clip[frame], NETWORK_INPUTS, outputs, NETWORK_OUTPUTS,
                                  NULL));
        for (unsigned n = 0; n < NETWORK_OUTPUTS; n++) {
            say((uint32_t)(int32_t)outputs[n]);
        }
    }
    say(frames);
    say(END);
    for (;;) {
    }
}

__attribute__((naked, section(".text.start"))) void start(void)
{
    __asm__ volatile("la sp, 0x10008000\n"
                     "la t0, bss\n"
                     "la t1, bss_end\n"
                     "1: bge t0, t1, 2f\n"
                     "sw zero, 0(t0)\n"
                     "addi t0, t0, 4\n"
                     "j 1b\n"
                     "2: call main\n");
}
