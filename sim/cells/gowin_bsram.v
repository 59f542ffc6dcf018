// The block RAM (BSRAM) of Gowin's GW2A: one port, two, or one that writes and one that reads.
//
// Source: Gowin, "BSRAM & SSRAM User Guide", UG285: 2048 bytes of 8 bits, or of 9 in the cells whose
// names have an X9; an address of 14 bits counts bits, but for the ninth of a byte, and below a word of
// two or four bytes its lowest bits enable bytes to be written. WRITE_MODE 0: a port that writes keeps
// its output; 1: it shows what is written; 2: it shows what was there before. READ_MODE 1: a register
// follows. What one port writes and the other reads at one edge is undefined; here its bits are inverted.

module gowin_bsram #(
    parameter BYTE = 8,
    parameter WIDTH_A = 8,
    parameter WIDTH_B = 8,
    parameter READ_A = 1'b0,
    parameter READ_B = 1'b0,
    parameter WRITE_A = 2'd0,
    parameter WRITE_B = 2'd0,
    parameter RESET_MODE = "SYNC",
    parameter [64*32*BYTE-1:0] INIT = 0
) (
    input clk_a, ce_a, wre_a, oce_a, reset_a, clk_b, ce_b, wre_b, oce_b, reset_b,
    input [13:0] ad_a, ad_b,
    input [35:0] di_a, di_b,
    output [35:0] do_a, do_b
);
    reg [BYTE-1:0] kept[0:2047];
    integer first;
    initial for (first = 0; first < 2048; first = first + 1) kept[first] = INIT[first*BYTE+:BYTE];

    wire [4*BYTE-1:0] new_a, new_b;
    wire [3:0] written_a, written_b;
    wire [4*BYTE-1:0] touched_a, touched_b;
    wire one_row = ad_a[13:5] == ad_b[13:5];
    wire [4*BYTE-1:0] hit_a = one_row ? touched_b : 0, hit_b = one_row ? touched_a : 0;
    wire [10:0] at_a = {ad_a[13:5], 2'b0}, at_b = {ad_b[13:5], 2'b0};
    wire [4*BYTE-1:0] old_a = {kept[at_a|3], kept[at_a|2], kept[at_a|1], kept[at_a]};
    wire [4*BYTE-1:0] old_b = {kept[at_b|3], kept[at_b|2], kept[at_b|1], kept[at_b]};

    gowin_bsram_port #(BYTE, WIDTH_A, READ_A, WRITE_A, RESET_MODE) a(
        clk_a, ce_a, wre_a, oce_a, reset_a, ad_a, di_a, old_a, hit_a, new_a, touched_a, written_a, do_a);
    gowin_bsram_port #(BYTE, WIDTH_B, READ_B, WRITE_B, RESET_MODE) b(
        clk_b, ce_b, wre_b, oce_b, reset_b, ad_b, di_b, old_b, hit_b, new_b, touched_b, written_b, do_b);
    genvar lane;
    generate
        for (lane = 0; lane < 4; lane = lane + 1) begin
            always @(posedge clk_a) if (written_a[lane]) kept[at_a|lane] <= new_a[lane*BYTE+:BYTE];
            always @(posedge clk_b) if (written_b[lane]) kept[at_b|lane] <= new_b[lane*BYTE+:BYTE];
        end
    endgenerate
endmodule

// A port: which of the four bytes around its address it writes, and what it shows.
module gowin_bsram_port #(
    parameter BYTE = 8,
    parameter WIDTH = 8,
    parameter READ_MODE = 1'b0,
    parameter WRITE_MODE = 2'd0,
    parameter RESET_MODE = "SYNC"
) (
    input clk, ce, wre, oce, reset,
    input [13:0] ad,
    input [35:0] di,
    input [4*BYTE-1:0] old, hit,
    output reg [4*BYTE-1:0] fresh, touched,
    output reg [3:0] written,
    output [35:0] shown
);
    localparam BYTES = WIDTH < 8 ? 1 : WIDTH / 8;
    wire [1:0] byte_at = BYTES == 4 ? 2'd0 : BYTES == 2 ? {ad[4], 1'b0} : ad[4:3];
    wire [2:0] bit_at = WIDTH >= 8 ? 3'd0 : ad[2:0] & ~(WIDTH[2:0] - 3'd1);
    wire [3:0] enabled = BYTES == 4 ? ad[3:0] : BYTES == 2 ? {2'b0, ad[1:0]} : 4'd1;
    wire [35:0] mask = WIDTH < 8 ? (36'd1 << WIDTH) - 36'd1 : (36'd1 << BYTES * BYTE) - 36'd1;
    wire [5:0] shift = byte_at * BYTE + bit_at;
    wire [35:0] wide_mask = mask << shift, past = {4'b0, old ^ hit} >> shift & mask;
    wire [35:0] around = ({4'b0, old} & ~wide_mask) | ((di & mask) << shift & wide_mask);
    always @* begin
        fresh = around[4*BYTE-1:0];
        written = (ce & wre) ? enabled << byte_at : 4'd0;
        touched = {{BYTE{written[3]}}, {BYTE{written[2]}}, {BYTE{written[1]}}, {BYTE{written[0]}}}
            & wide_mask[4*BYTE-1:0];
    end

    reg [35:0] latch = 0, register = 0;
    wire [35:0] next = !wre || WRITE_MODE == 2 ? past : WRITE_MODE == 1 ? di & mask : latch;
    assign shown = READ_MODE ? register : latch;
    generate
        if (RESET_MODE == "SYNC") begin
            always @(posedge clk) begin
                if (reset) latch <= 0; else if (ce) latch <= next;
                if (reset) register <= 0; else if (oce) register <= latch;
            end
        end else begin
            always @(posedge clk, posedge reset)
                if (reset) latch <= 0; else if (ce) latch <= next;
            always @(posedge clk, posedge reset)
                if (reset) register <= 0; else if (oce) register <= latch;
        end
    endgenerate
endmodule

// What a cell holds at first, as each of them names it.
`define BSRAM_CONTENTS(none) \
    parameter INIT_RAM_00 = none, INIT_RAM_01 = none, INIT_RAM_02 = none, INIT_RAM_03 = none; \
    parameter INIT_RAM_04 = none, INIT_RAM_05 = none, INIT_RAM_06 = none, INIT_RAM_07 = none; \
    parameter INIT_RAM_08 = none, INIT_RAM_09 = none, INIT_RAM_0A = none, INIT_RAM_0B = none; \
    parameter INIT_RAM_0C = none, INIT_RAM_0D = none, INIT_RAM_0E = none, INIT_RAM_0F = none; \
    parameter INIT_RAM_10 = none, INIT_RAM_11 = none, INIT_RAM_12 = none, INIT_RAM_13 = none; \
    parameter INIT_RAM_14 = none, INIT_RAM_15 = none, INIT_RAM_16 = none, INIT_RAM_17 = none; \
    parameter INIT_RAM_18 = none, INIT_RAM_19 = none, INIT_RAM_1A = none, INIT_RAM_1B = none; \
    parameter INIT_RAM_1C = none, INIT_RAM_1D = none, INIT_RAM_1E = none, INIT_RAM_1F = none; \
    parameter INIT_RAM_20 = none, INIT_RAM_21 = none, INIT_RAM_22 = none, INIT_RAM_23 = none; \
    parameter INIT_RAM_24 = none, INIT_RAM_25 = none, INIT_RAM_26 = none, INIT_RAM_27 = none; \
    parameter INIT_RAM_28 = none, INIT_RAM_29 = none, INIT_RAM_2A = none, INIT_RAM_2B = none; \
    parameter INIT_RAM_2C = none, INIT_RAM_2D = none, INIT_RAM_2E = none, INIT_RAM_2F = none; \
    parameter INIT_RAM_30 = none, INIT_RAM_31 = none, INIT_RAM_32 = none, INIT_RAM_33 = none; \
    parameter INIT_RAM_34 = none, INIT_RAM_35 = none, INIT_RAM_36 = none, INIT_RAM_37 = none; \
    parameter INIT_RAM_38 = none, INIT_RAM_39 = none, INIT_RAM_3A = none, INIT_RAM_3B = none; \
    parameter INIT_RAM_3C = none, INIT_RAM_3D = none, INIT_RAM_3E = none, INIT_RAM_3F = none;
`define BSRAM_ALL_CONTENTS \
        INIT_RAM_3F, INIT_RAM_3E, INIT_RAM_3D, INIT_RAM_3C, INIT_RAM_3B, INIT_RAM_3A, INIT_RAM_39, INIT_RAM_38, \
        INIT_RAM_37, INIT_RAM_36, INIT_RAM_35, INIT_RAM_34, INIT_RAM_33, INIT_RAM_32, INIT_RAM_31, INIT_RAM_30, \
        INIT_RAM_2F, INIT_RAM_2E, INIT_RAM_2D, INIT_RAM_2C, INIT_RAM_2B, INIT_RAM_2A, INIT_RAM_29, INIT_RAM_28, \
        INIT_RAM_27, INIT_RAM_26, INIT_RAM_25, INIT_RAM_24, INIT_RAM_23, INIT_RAM_22, INIT_RAM_21, INIT_RAM_20, \
        INIT_RAM_1F, INIT_RAM_1E, INIT_RAM_1D, INIT_RAM_1C, INIT_RAM_1B, INIT_RAM_1A, INIT_RAM_19, INIT_RAM_18, \
        INIT_RAM_17, INIT_RAM_16, INIT_RAM_15, INIT_RAM_14, INIT_RAM_13, INIT_RAM_12, INIT_RAM_11, INIT_RAM_10, \
        INIT_RAM_0F, INIT_RAM_0E, INIT_RAM_0D, INIT_RAM_0C, INIT_RAM_0B, INIT_RAM_0A, INIT_RAM_09, INIT_RAM_08, \
        INIT_RAM_07, INIT_RAM_06, INIT_RAM_05, INIT_RAM_04, INIT_RAM_03, INIT_RAM_02, INIT_RAM_01, INIT_RAM_00

module DPB (
    input [15:0] DIA, DIB,
    input [13:0] ADA, ADB,
    input [2:0] BLKSELA, BLKSELB,
    input CLKA, CEA, WREA, OCEA, RESETA, CLKB, CEB, WREB, OCEB, RESETB,
    output [15:0] DOA, DOB
);
    parameter READ_MODE0 = 1'b0, READ_MODE1 = 1'b0, WRITE_MODE0 = 2'b0, WRITE_MODE1 = 2'b0;
    parameter BIT_WIDTH_0 = 16, BIT_WIDTH_1 = 16, BLK_SEL_0 = 3'b0, BLK_SEL_1 = 3'b0;
    parameter RESET_MODE = "SYNC";
    `BSRAM_CONTENTS(256'd0)
    wire [35:0] wide_a, wide_b;
    assign DOA = wide_a[15:0], DOB = wide_b[15:0];
    gowin_bsram #(8, BIT_WIDTH_0, BIT_WIDTH_1, READ_MODE0, READ_MODE1, WRITE_MODE0, WRITE_MODE1, RESET_MODE, {
        `BSRAM_ALL_CONTENTS
    }) cells(
        CLKA, CEA && BLKSELA == BLK_SEL_0, WREA, OCEA, RESETA,
        CLKB, CEB && BLKSELB == BLK_SEL_1, WREB, OCEB, RESETB,
        ADA, ADB, {20'd0, DIA}, {20'd0, DIB}, wide_a, wide_b);
endmodule

module DPX9B (
    input [17:0] DIA, DIB,
    input [13:0] ADA, ADB,
    input [2:0] BLKSELA, BLKSELB,
    input CLKA, CEA, WREA, OCEA, RESETA, CLKB, CEB, WREB, OCEB, RESETB,
    output [17:0] DOA, DOB
);
    parameter READ_MODE0 = 1'b0, READ_MODE1 = 1'b0, WRITE_MODE0 = 2'b0, WRITE_MODE1 = 2'b0;
    parameter BIT_WIDTH_0 = 18, BIT_WIDTH_1 = 18, BLK_SEL_0 = 3'b0, BLK_SEL_1 = 3'b0;
    parameter RESET_MODE = "SYNC";
    `BSRAM_CONTENTS(288'd0)
    wire [35:0] wide_a, wide_b;
    assign DOA = wide_a[17:0], DOB = wide_b[17:0];
    gowin_bsram #(9, BIT_WIDTH_0, BIT_WIDTH_1, READ_MODE0, READ_MODE1, WRITE_MODE0, WRITE_MODE1, RESET_MODE, {
        `BSRAM_ALL_CONTENTS
    }) cells(
        CLKA, CEA && BLKSELA == BLK_SEL_0, WREA, OCEA, RESETA,
        CLKB, CEB && BLKSELB == BLK_SEL_1, WREB, OCEB, RESETB,
        ADA, ADB, {18'd0, DIA}, {18'd0, DIB}, wide_a, wide_b);
endmodule

module SDPB (
    input [31:0] DI,
    input [13:0] ADA, ADB,
    input [2:0] BLKSELA, BLKSELB,
    input CLKA, CEA, RESETA, CLKB, CEB, OCE, RESETB,
    output [31:0] DO
);
    parameter READ_MODE = 1'b0, BIT_WIDTH_0 = 32, BIT_WIDTH_1 = 32;
    parameter BLK_SEL_0 = 3'b0, BLK_SEL_1 = 3'b0, RESET_MODE = "SYNC";
    `BSRAM_CONTENTS(256'd0)
    wire [35:0] unused, wide;
    assign DO = wide[31:0];
    gowin_bsram #(8, BIT_WIDTH_0, BIT_WIDTH_1, 1'b0, READ_MODE, 2'd0, 2'd0, RESET_MODE, {
        `BSRAM_ALL_CONTENTS
    }) cells(
        CLKA, CEA && BLKSELA == BLK_SEL_0, 1'b1, 1'b1, RESETA,
        CLKB, CEB && BLKSELB == BLK_SEL_1, 1'b0, OCE, RESETB,
        ADA, ADB, {4'd0, DI}, 36'd0, unused, wide);
endmodule

module SDPX9B (
    input [35:0] DI,
    input [13:0] ADA, ADB,
    input [2:0] BLKSELA, BLKSELB,
    input CLKA, CEA, RESETA, CLKB, CEB, OCE, RESETB,
    output [35:0] DO
);
    parameter READ_MODE = 1'b0, BIT_WIDTH_0 = 36, BIT_WIDTH_1 = 36;
    parameter BLK_SEL_0 = 3'b0, BLK_SEL_1 = 3'b0, RESET_MODE = "SYNC";
    `BSRAM_CONTENTS(288'd0)
    wire [35:0] unused, wide;
    assign DO = wide[35:0];
    gowin_bsram #(9, BIT_WIDTH_0, BIT_WIDTH_1, 1'b0, READ_MODE, 2'd0, 2'd0, RESET_MODE, {
        `BSRAM_ALL_CONTENTS
    }) cells(
        CLKA, CEA && BLKSELA == BLK_SEL_0, 1'b1, 1'b1, RESETA,
        CLKB, CEB && BLKSELB == BLK_SEL_1, 1'b0, OCE, RESETB,
        ADA, ADB, DI, 36'd0, unused, wide);
endmodule

module SP (
    input [31:0] DI,
    input [13:0] AD,
    input [2:0] BLKSEL,
    input CLK, CE, WRE, OCE, RESET,
    output [31:0] DO
);
    parameter READ_MODE = 1'b0, WRITE_MODE = 2'b0, BIT_WIDTH = 32, BLK_SEL = 3'b0;
    parameter RESET_MODE = "SYNC";
    `BSRAM_CONTENTS(256'd0)
    wire [35:0] unused, wide;
    assign DO = wide[31:0];
    gowin_bsram #(8, BIT_WIDTH, BIT_WIDTH, READ_MODE, 1'b0, WRITE_MODE, 2'd0, RESET_MODE, {
        `BSRAM_ALL_CONTENTS
    }) cells(
        CLK, CE && BLKSEL == BLK_SEL, WRE, OCE, RESET,
        CLK, 1'b0, 1'b0, 1'b0, 1'b0,
        AD, 14'd0, {4'd0, DI}, 36'd0, wide, unused);
endmodule

module SPX9 (
    input [35:0] DI,
    input [13:0] AD,
    input [2:0] BLKSEL,
    input CLK, CE, WRE, OCE, RESET,
    output [35:0] DO
);
    parameter READ_MODE = 1'b0, WRITE_MODE = 2'b0, BIT_WIDTH = 36, BLK_SEL = 3'b0;
    parameter RESET_MODE = "SYNC";
    `BSRAM_CONTENTS(288'd0)
    wire [35:0] unused, wide;
    assign DO = wide[35:0];
    gowin_bsram #(9, BIT_WIDTH, BIT_WIDTH, READ_MODE, 1'b0, WRITE_MODE, 2'd0, RESET_MODE, {
        `BSRAM_ALL_CONTENTS
    }) cells(
        CLK, CE && BLKSEL == BLK_SEL, WRE, OCE, RESET,
        CLK, 1'b0, 1'b0, 1'b0, 1'b0,
        AD, 14'd0, DI, 36'd0, wide, unused);
endmodule
