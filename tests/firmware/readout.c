/* Reads lines of the last layer's inputs, and writes what the embedded readout makes of each. */
#include <stdio.h>

#include "network.h"

int main(void)
{
    int16_t h[NETWORK_OUTPUTS], outputs[NETWORK_READOUT_OUTPUTS];
    unsigned at = 0;
    int value;
    while (scanf("%d", &value) == 1) {
        h[at++] = (int16_t)value;
        if (at == NETWORK_OUTPUTS) {
            thresh_read_out(&network_readout, h, outputs);
            for (at = 0; at < NETWORK_READOUT_OUTPUTS; at++) {
                printf("%d%c", outputs[at], at + 1 < NETWORK_READOUT_OUTPUTS ? ' ' : '\n');
            }
            at = 0;
        }
    }
    return 0;
}
