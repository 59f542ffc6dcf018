// Runs the system until its program has said its last word; a line for each.
#include <cstdint>
#include <cstdio>

#include "Vsoc.h"
#include "verilated.h"

int main()
{
    static const uint32_t END = 0x7e57ed00u;
    static const unsigned long PATIENCE = 100000000ul;
    VerilatedContext context;
    Vsoc soc{&context, "TOP"};
    unsigned long cycle = 0;
    soc.sys_rst = 0;
    for (; cycle < PATIENCE; cycle++) {
        soc.sys_clk = 0;
        soc.eval();
        soc.sys_clk = 1;
        soc.eval();
        if (soc.says) {
            std::printf("%ld\n", static_cast<long>(static_cast<int32_t>(soc.said)));
            if (soc.said == END) {
                std::fprintf(stderr, "%lu cycles\n", cycle);
                return 0;
            }
        }
    }
    std::fprintf(stderr, "nothing more after %lu cycles\n", cycle);
    return 1;
}
