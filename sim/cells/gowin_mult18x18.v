// The multiplier of the Gowin GW2A.
//
// Source: Gowin, "Digital Signal Processing (DSP) User Guide", UG287: operands of 18 bits, each signed
// or not, and registers for operands, pipeline and product, which are used or passed by. Operands
// shifted in from a neighbour are left out: what asks for them is refused.

module MULT18X18 (
    input [17:0] A, SIA, B, SIB,
    input ASIGN, BSIGN, ASEL, BSEL, CE, CLK, RESET,
    output [35:0] DOUT,
    output [17:0] SOA, SOB
);
    parameter AREG = 1'b0, BREG = 1'b0, OUT_REG = 1'b0, PIPE_REG = 1'b0;
    parameter ASIGN_REG = 1'b0, BSIGN_REG = 1'b0, SOA_REG = 1'b0;
    parameter MULT_RESET_MODE = "SYNC";

    wire [18:0] a, b;
    wire [35:0] pipeline;
    multiplier_register #(18, AREG, MULT_RESET_MODE) rega(CLK, CE, RESET, A, a[17:0]);
    multiplier_register #(18, BREG, MULT_RESET_MODE) regb(CLK, CE, RESET, B, b[17:0]);
    wire asign, bsign;
    multiplier_register #(1, ASIGN_REG, MULT_RESET_MODE) regas(CLK, CE, RESET, ASIGN, asign);
    multiplier_register #(1, BSIGN_REG, MULT_RESET_MODE) regbs(CLK, CE, RESET, BSIGN, bsign);
    assign a[18] = asign & a[17], b[18] = bsign & b[17];
    wire signed [35:0] wide_a = $signed(a), wide_b = $signed(b);
    wire [35:0] product = wide_a * wide_b;
    multiplier_register #(36, PIPE_REG, MULT_RESET_MODE) regp(CLK, CE, RESET, product, pipeline);
    multiplier_register #(36, OUT_REG, MULT_RESET_MODE) rego(CLK, CE, RESET, pipeline, DOUT);
    assign SOA = 18'd0, SOB = 18'd0;
    initial if (SOA_REG) $fatal(1, "MULT18X18: shifted operands have no model");
    always @(posedge CLK)
        if (ASEL | BSEL) $fatal(1, "MULT18X18: shifted operands have no model");
endmodule
