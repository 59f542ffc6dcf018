// Gowin's rPLL, without times: its outputs are the input's clock, and it is locked from the start.
//
// Source: Gowin, "Clock User Guide", UG286.

module rPLL (
    input CLKIN, CLKFB, RESET, RESET_P,
    input [5:0] FBDSEL, IDSEL, ODSEL,
    input [3:0] PSDA, FDLY, DUTYDA,
    output CLKOUT, LOCK, CLKOUTP, CLKOUTD, CLKOUTD3
);
    parameter FCLKIN = "100.0", DEVICE = "GW1N-1", CLKFB_SEL = "internal";
    parameter IDIV_SEL = 0, FBDIV_SEL = 0, ODIV_SEL = 8;
    assign CLKOUT = CLKIN, LOCK = ~RESET;
    assign CLKOUTP = 1'b0, CLKOUTD = 1'b0, CLKOUTD3 = 1'b0;
endmodule
