// The multiplier of the ECP5.
//
// Source: Lattice, "ECP5 and ECP5-5G sysDSP Usage Guide", FPGA-TN-02205 (before: TN1267): operands
// of 18 bits, each signed or not, and registers for operands, pipeline and product, each with a clock,
// an enable and a reset of four. Operands shifted in from a neighbour, the third operand and the way
// to an ALU are left out: what asks for them is refused.

// A register of the multiplier, or none.
module MULT18X18D_register #(
    parameter WIDTH = 18,
    parameter CLOCK = "NONE",
    parameter ENABLE = "CE0",
    parameter RESET = "RST0",
    parameter RESETMODE = "SYNC"
) (
    input [3:0] clocks, enables, resets,
    input [WIDTH-1:0] d,
    output [WIDTH-1:0] q
);
    // The last letter of a name is its number.
    function [1:0] digit(input [39:0] name);
        digit = name[1:0];
    endfunction
    multiplier_register #(.WIDTH(WIDTH), .USED(CLOCK != "NONE"), .RESET_MODE(RESETMODE)) kept (
        .clock(clocks[digit(CLOCK)]), .enable(enables[digit(ENABLE)]),
        .reset(resets[digit(RESET)]), .d(d), .q(q)
    );
endmodule

module MULT18X18D (
    input A17, A16, A15, A14, A13, A12, A11, A10, A9, A8, A7, A6, A5, A4, A3, A2, A1, A0,
    input B17, B16, B15, B14, B13, B12, B11, B10, B9, B8, B7, B6, B5, B4, B3, B2, B1, B0,
    input C17, C16, C15, C14, C13, C12, C11, C10, C9, C8, C7, C6, C5, C4, C3, C2, C1, C0,
    input SIGNEDA, SIGNEDB, SOURCEA, SOURCEB,
    input CLK3, CLK2, CLK1, CLK0,
    input CE3, CE2, CE1, CE0,
    input RST3, RST2, RST1, RST0,
    input SRIA17, SRIA16, SRIA15, SRIA14, SRIA13, SRIA12, SRIA11, SRIA10, SRIA9, SRIA8, SRIA7,
    SRIA6, SRIA5, SRIA4, SRIA3, SRIA2, SRIA1, SRIA0,
    input SRIB17, SRIB16, SRIB15, SRIB14, SRIB13, SRIB12, SRIB11, SRIB10, SRIB9, SRIB8, SRIB7,
    SRIB6, SRIB5, SRIB4, SRIB3, SRIB2, SRIB1, SRIB0,
    output P35, P34, P33, P32, P31, P30, P29, P28, P27, P26, P25, P24, P23, P22, P21, P20, P19, P18,
    P17, P16, P15, P14, P13, P12, P11, P10, P9, P8, P7, P6, P5, P4, P3, P2, P1, P0
);
    parameter REG_INPUTA_CLK = "NONE", REG_INPUTA_CE = "CE0", REG_INPUTA_RST = "RST0";
    parameter REG_INPUTB_CLK = "NONE", REG_INPUTB_CE = "CE0", REG_INPUTB_RST = "RST0";
    parameter REG_INPUTC_CLK = "NONE", REG_INPUTC_CE = "CE0", REG_INPUTC_RST = "RST0";
    parameter REG_PIPELINE_CLK = "NONE", REG_PIPELINE_CE = "CE0", REG_PIPELINE_RST = "RST0";
    parameter REG_OUTPUT_CLK = "NONE", REG_OUTPUT_CE = "CE0", REG_OUTPUT_RST = "RST0";
    parameter CLK0_DIV = "ENABLED", CLK1_DIV = "ENABLED";
    parameter CLK2_DIV = "ENABLED", CLK3_DIV = "ENABLED";
    parameter HIGHSPEED_CLK = "NONE", GSR = "ENABLED", CAS_MATCH_REG = "FALSE";
    parameter SOURCEB_MODE = "B_SHIFT", MULT_BYPASS = "DISABLED", RESETMODE = "SYNC";

    generate
        if (MULT_BYPASS != "DISABLED" || HIGHSPEED_CLK != "NONE" || REG_INPUTC_CLK != "NONE")
            MULT18X18D_has_no_model_of_this_mode refused ();
    endgenerate

    wire [3:0] clocks = {CLK3, CLK2, CLK1, CLK0}, enables = {CE3, CE2, CE1, CE0};
    wire [3:0] resets = {RST3, RST2, RST1, RST0};
    wire [18:0] operand_a = {SIGNEDA & A17, A17, A16, A15, A14, A13, A12, A11, A10, A9, A8, A7, A6,
        A5, A4, A3, A2, A1, A0};
    wire [18:0] operand_b = {SIGNEDB & B17, B17, B16, B15, B14, B13, B12, B11, B10, B9, B8, B7, B6,
        B5, B4, B3, B2, B1, B0};
    wire [18:0] a, b;
    wire signed [37:0] product = $signed(a) * $signed(b);
    wire [35:0] piped, p;
    MULT18X18D_register #(
        .WIDTH(19), .CLOCK(REG_INPUTA_CLK), .ENABLE(REG_INPUTA_CE), .RESET(REG_INPUTA_RST),
        .RESETMODE(RESETMODE)
    ) input_a (.clocks(clocks), .enables(enables), .resets(resets), .d(operand_a), .q(a));
    MULT18X18D_register #(
        .WIDTH(19), .CLOCK(REG_INPUTB_CLK), .ENABLE(REG_INPUTB_CE), .RESET(REG_INPUTB_RST),
        .RESETMODE(RESETMODE)
    ) input_b (.clocks(clocks), .enables(enables), .resets(resets), .d(operand_b), .q(b));
    MULT18X18D_register #(
        .WIDTH(36), .CLOCK(REG_PIPELINE_CLK), .ENABLE(REG_PIPELINE_CE), .RESET(REG_PIPELINE_RST),
        .RESETMODE(RESETMODE)
    ) pipeline (.clocks(clocks), .enables(enables), .resets(resets), .d(product[35:0]), .q(piped));
    MULT18X18D_register #(
        .WIDTH(36), .CLOCK(REG_OUTPUT_CLK), .ENABLE(REG_OUTPUT_CE), .RESET(REG_OUTPUT_RST),
        .RESETMODE(RESETMODE)
    ) last (.clocks(clocks), .enables(enables), .resets(resets), .d(piped), .q(p));
    assign {P35, P34, P33, P32, P31, P30, P29, P28, P27, P26, P25, P24, P23, P22, P21, P20, P19,
        P18, P17, P16, P15, P14, P13, P12, P11, P10, P9, P8, P7, P6, P5, P4, P3, P2, P1, P0} = p;
endmodule
