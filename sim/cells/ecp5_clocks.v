// The ECP5's clock cells, without times: a clock that is always there.

// Source: Lattice, "ECP5 and ECP5-5G sysCLOCK PLL/DLL Design and Usage Guide", FPGA-TN-02200. Every
// output is the input's clock, and it is locked from the start.
module EHXPLLL (
    input CLKI, CLKFB, PHASESEL1, PHASESEL0, PHASEDIR, PHASESTEP, PHASELOADREG, STDBY, PLLWAKESYNC, RST,
    input ENCLKOP, ENCLKOS, ENCLKOS2, ENCLKOS3,
    output CLKOP, CLKOS, CLKOS2, CLKOS3, LOCK, INTLOCK, REFCLK, CLKINTFB
);
    parameter CLKI_DIV = 1, CLKFB_DIV = 1, CLKOP_DIV = 8, CLKOS_DIV = 8;
    parameter CLKOP_ENABLE = "ENABLED", CLKOS_ENABLE = "DISABLED", CLKOS2_ENABLE = "DISABLED";
    parameter CLKOS3_ENABLE = "DISABLED", CLKOP_CPHASE = 0, CLKOS_CPHASE = 0;
    parameter CLKOP_FPHASE = 0, CLKOS_FPHASE = 0, FEEDBK_PATH = "CLKOP";
    parameter OUTDIVIDER_MUXA = "DIVA", OUTDIVIDER_MUXB = "DIVB", OUTDIVIDER_MUXC = "DIVC";
    parameter OUTDIVIDER_MUXD = "DIVD", STDBY_ENABLE = "DISABLED", PLLRST_ENA = "DISABLED";
    parameter INTFB_WAKE = "DISABLED", DPHASE_SOURCE = "DISABLED";
    assign CLKOP = CLKI, CLKOS = CLKI, LOCK = 1'b1;
    assign CLKOS2 = 1'b0, CLKOS3 = 1'b0, INTLOCK = 1'b1, REFCLK = CLKI, CLKINTFB = 1'b0;
endmodule

// The same: an enable that counts from the falling edge on, so that no clock is cut short.
module DCCA (input CLKI, CE, output CLKO);
    reg enabled = 0;
    always @(negedge CLKI) enabled <= CE;
    assign CLKO = CLKI & enabled;
endmodule
