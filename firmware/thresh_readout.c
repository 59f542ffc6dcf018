#include "thresh.h"

/* value / 2**shift to the nearest integer, halves upwards. */
static int64_t shift_round(int64_t value, int shift)
{
    int64_t one = 1;
    if (shift <= 0) {
        return value * (one << -shift);
    }
    value += one << (shift - 1);
    return value >= 0 ? value >> shift : -((-value + (one << shift) - 1) >> shift);
}

static int32_t clip(int64_t value, int32_t lowest, int32_t highest)
{
    return value < lowest ? lowest : value > highest ? highest : (int32_t)value;
}

void thresh_read_out(const thresh_readout *readout, const int16_t *h, int16_t *outputs)
{
    const int8_t *weight = readout->weights;
    int32_t half = (int32_t)1 << (readout->value_bits - 2), highest = 2 * half - 1;
    uint16_t output, input;
    for (output = 0; output < readout->outputs; output++) {
        int64_t sum = readout->biases[output];
        int32_t value;
        for (input = 0; input < readout->inputs; input++) {
            sum += (int32_t)*weight++ * h[input];
        }
        value = clip(shift_round(sum, readout->shift), -highest - 1, highest);
        if (readout->kind == THRESH_KIND_LINEAR_RELU && value < 0) {
            value = 0;
        }
        if (readout->table) {
            int32_t index = clip(shift_round(value, readout->table_shift), -readout->table_last,
                                 readout->table_last);
            value = readout->table[index < 0 ? -index : index];
            if (readout->kind == THRESH_KIND_LINEAR_TANH) {
                value = index < 0 ? half - value : value - half;
            } else if (index < 0) {
                value = 2 * half - value;
            }
        }
        outputs[output] = (int16_t)value;
    }
}
