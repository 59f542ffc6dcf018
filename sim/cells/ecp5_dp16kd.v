// The block RAM of the ECP5.
//
// Source: Lattice, "ECP5 and ECP5-5G Memory Usage Guide", FPGA-TN-02204 (before: TN1264): write modes,
// byte enables, output registers and their reset. Which bit of a word an address names, and where an
// initial value lies, is as Yosys and nextpnr configure the device.
//
// A bit that one port reads in the cycle in which the other writes it is undefined; it is read
// inverted here. Of a byte that both write in one cycle, one port's bits are kept.

// One port: what it reads and writes of the four bytes that begin at `first`.
module DP16KD_port #(
    parameter WIDTH = 18,
    parameter WRITEMODE = "NORMAL",
    parameter REGMODE = "NOREG",
    parameter RESETMODE = "SYNC"
) (
    input clock, run, write, advance, reset,
    input [13:0] address,
    input [35:0] data,
    input [35:0] four,       // as they are
    input [35:0] disturbed,  // bits of them that the other port writes now
    output [10:0] first,
    output [35:0] writes,    // bits of them that are written now
    output [35:0] stored,    // as they will be
    output [35:0] q
);
    wire [3:0] enabled = WIDTH == 36 ? address[3:0] : WIDTH == 18 ? {2'b00, address[1:0]} : 4'b0001;
    wire [3:0] place = WIDTH == 1 ? {1'b0, address[2:0]} : WIDTH == 2 ? {1'b0, address[2:1], 1'b0}
        : WIDTH == 4 ? {1'b0, address[2], 2'b00} : 4'd0;
    localparam [35:0] OWN = 36'hfffffffff >> (36 - WIDTH);
    wire [35:0] bytes = {{9{enabled[3]}}, {9{enabled[2]}}, {9{enabled[1]}}, {9{enabled[0]}}};
    wire stops = RESETMODE == "SYNC" && reset;

    assign first = WIDTH == 36 ? {address[13:5], 2'b00}
        : WIDTH == 18 ? {address[13:4], 1'b0} : address[13:3];
    assign writes = run && write && !stops ? (OWN << place) & bytes : 36'b0;
    assign stored = (four & ~writes) | ((data << place) & writes);

    wire [35:0] seen = (WRITEMODE == "READBEFOREWRITE" || !write ? four : stored) ^ disturbed;
    reg [35:0] fetched = 0, late = 0;
    generate
        if (RESETMODE == "SYNC") begin
            always @(posedge clock) begin
                if (reset) fetched <= 0;
                else if (run && !(write && WRITEMODE == "NORMAL")) fetched <= (seen >> place) & OWN;
                if (reset) late <= 0;
                else if (advance) late <= fetched;
            end
        end else begin
            always @(posedge clock, posedge reset) begin
                if (reset) fetched <= 0;
                else if (run && !(write && WRITEMODE == "NORMAL")) fetched <= (seen >> place) & OWN;
                if (reset) late <= 0;
                else if (advance) late <= fetched;
            end
        end
    endgenerate
    assign q = REGMODE == "OUTREG" ? late : fetched;
endmodule

module DP16KD (
    input DIA17, DIA16, DIA15, DIA14, DIA13, DIA12, DIA11, DIA10, DIA9, DIA8, DIA7, DIA6, DIA5,
    DIA4, DIA3, DIA2, DIA1, DIA0,
    input ADA13, ADA12, ADA11, ADA10, ADA9, ADA8, ADA7, ADA6, ADA5, ADA4, ADA3, ADA2, ADA1, ADA0,
    input CEA, OCEA, CLKA, WEA, RSTA, CSA2, CSA1, CSA0,
    output DOA17, DOA16, DOA15, DOA14, DOA13, DOA12, DOA11, DOA10, DOA9, DOA8, DOA7, DOA6, DOA5,
    DOA4, DOA3, DOA2, DOA1, DOA0,
    input DIB17, DIB16, DIB15, DIB14, DIB13, DIB12, DIB11, DIB10, DIB9, DIB8, DIB7, DIB6, DIB5,
    DIB4, DIB3, DIB2, DIB1, DIB0,
    input ADB13, ADB12, ADB11, ADB10, ADB9, ADB8, ADB7, ADB6, ADB5, ADB4, ADB3, ADB2, ADB1, ADB0,
    input CEB, OCEB, CLKB, WEB, RSTB, CSB2, CSB1, CSB0,
    output DOB17, DOB16, DOB15, DOB14, DOB13, DOB12, DOB11, DOB10, DOB9, DOB8, DOB7, DOB6, DOB5,
    DOB4, DOB3, DOB2, DOB1, DOB0
);
    parameter DATA_WIDTH_A = 18;
    parameter REGMODE_A = "NOREG";
    parameter WRITEMODE_A = "NORMAL";
    parameter CSDECODE_A = "0b000";
    parameter CLKAMUX = "CLKA";
    parameter DATA_WIDTH_B = 18;
    parameter REGMODE_B = "NOREG";
    parameter WRITEMODE_B = "NORMAL";
    parameter CSDECODE_B = "0b000";
    parameter CLKBMUX = "CLKB";
    parameter RESETMODE = "SYNC";
    parameter ASYNC_RESET_RELEASE = "SYNC";
    parameter GSR = "ENABLED";
    parameter [319:0] INITVAL_00 = 0, INITVAL_01 = 0, INITVAL_02 = 0, INITVAL_03 = 0, INITVAL_04 =
        0, INITVAL_05 = 0, INITVAL_06 = 0, INITVAL_07 = 0, INITVAL_08 = 0, INITVAL_09 = 0,
        INITVAL_0A = 0, INITVAL_0B = 0, INITVAL_0C = 0, INITVAL_0D = 0, INITVAL_0E = 0, INITVAL_0F =
        0, INITVAL_10 = 0, INITVAL_11 = 0, INITVAL_12 = 0, INITVAL_13 = 0, INITVAL_14 = 0,
        INITVAL_15 = 0, INITVAL_16 = 0, INITVAL_17 = 0, INITVAL_18 = 0, INITVAL_19 = 0, INITVAL_1A =
        0, INITVAL_1B = 0, INITVAL_1C = 0, INITVAL_1D = 0, INITVAL_1E = 0, INITVAL_1F = 0,
        INITVAL_20 = 0, INITVAL_21 = 0, INITVAL_22 = 0, INITVAL_23 = 0, INITVAL_24 = 0, INITVAL_25 =
        0, INITVAL_26 = 0, INITVAL_27 = 0, INITVAL_28 = 0, INITVAL_29 = 0, INITVAL_2A = 0,
        INITVAL_2B = 0, INITVAL_2C = 0, INITVAL_2D = 0, INITVAL_2E = 0, INITVAL_2F = 0, INITVAL_30 =
        0, INITVAL_31 = 0, INITVAL_32 = 0, INITVAL_33 = 0, INITVAL_34 = 0, INITVAL_35 = 0,
        INITVAL_36 = 0, INITVAL_37 = 0, INITVAL_38 = 0, INITVAL_39 = 0, INITVAL_3A = 0, INITVAL_3B =
        0, INITVAL_3C = 0, INITVAL_3D = 0, INITVAL_3E = 0, INITVAL_3F = 0;

    // Two bytes of nine bits lie in 20 bits of an initial value.
    wire [20479:0] initial_value = {INITVAL_3F, INITVAL_3E, INITVAL_3D, INITVAL_3C, INITVAL_3B,
        INITVAL_3A, INITVAL_39, INITVAL_38, INITVAL_37, INITVAL_36, INITVAL_35, INITVAL_34,
        INITVAL_33, INITVAL_32, INITVAL_31, INITVAL_30, INITVAL_2F, INITVAL_2E, INITVAL_2D,
        INITVAL_2C, INITVAL_2B, INITVAL_2A, INITVAL_29, INITVAL_28, INITVAL_27, INITVAL_26,
        INITVAL_25, INITVAL_24, INITVAL_23, INITVAL_22, INITVAL_21, INITVAL_20, INITVAL_1F,
        INITVAL_1E, INITVAL_1D, INITVAL_1C, INITVAL_1B, INITVAL_1A, INITVAL_19, INITVAL_18,
        INITVAL_17, INITVAL_16, INITVAL_15, INITVAL_14, INITVAL_13, INITVAL_12, INITVAL_11,
        INITVAL_10, INITVAL_0F, INITVAL_0E, INITVAL_0D, INITVAL_0C, INITVAL_0B, INITVAL_0A,
        INITVAL_09, INITVAL_08, INITVAL_07, INITVAL_06, INITVAL_05, INITVAL_04, INITVAL_03,
        INITVAL_02, INITVAL_01, INITVAL_00};
    reg [8:0] bytes [0:2047];
    integer number;
    initial
        for (number = 0; number < 2048; number = number + 1)
            bytes[number] = initial_value[20 * (number / 2) + 9 * (number % 2) +: 9];

    wire [13:0] address_a = {ADA13, ADA12, ADA11, ADA10, ADA9, ADA8, ADA7, ADA6, ADA5, ADA4, ADA3,
        ADA2, ADA1, ADA0};
    wire [17:0] data_a = {DIA17, DIA16, DIA15, DIA14, DIA13, DIA12, DIA11, DIA10, DIA9, DIA8, DIA7,
        DIA6, DIA5, DIA4, DIA3, DIA2, DIA1, DIA0};
    wire [13:0] address_b = {ADB13, ADB12, ADB11, ADB10, ADB9, ADB8, ADB7, ADB6, ADB5, ADB4, ADB3,
        ADB2, ADB1, ADB0};
    wire [17:0] data_b = {DIB17, DIB16, DIB15, DIB14, DIB13, DIB12, DIB11, DIB10, DIB9, DIB8, DIB7,
        DIB6, DIB5, DIB4, DIB3, DIB2, DIB1, DIB0};
    wire [10:0] first_a, first_b;
    wire [35:0] writes_a, writes_b, stored_a, stored_b, q_a, q_b;

    // Bits that a port writes, as the other port counts them.
    wire beside = first_a[10:2] == first_b[10:2];
    wire [35:0] row_a = writes_a << 9 * first_a[1:0], row_b = writes_b << 9 * first_b[1:0];
    wire [35:0] to_a = beside ? row_b >> 9 * first_a[1:0] : 36'b0;
    wire [35:0] to_b = beside ? row_a >> 9 * first_b[1:0] : 36'b0;

    wire clock_a = CLKAMUX == "INV" ? ~CLKA : CLKA;
    wire run_a = CEA && {CSA2, CSA1, CSA0} == selected(CSDECODE_A);
    DP16KD_port #(
        .WIDTH(DATA_WIDTH_A), .WRITEMODE(WRITEMODE_A), .REGMODE(REGMODE_A), .RESETMODE(RESETMODE)
    ) port_a (
        .clock(clock_a), .run(run_a), .write(WEA), .advance(OCEA), .reset(RSTA),
        .address(address_a), .data({data_b, data_a}), .disturbed(to_a), .first(first_a),
        .four({
            bytes[first_a | 11'd3], bytes[first_a | 11'd2], bytes[first_a | 11'd1], bytes[first_a]
        }),
        .writes(writes_a), .stored(stored_a), .q(q_a)
    );
    always @(posedge clock_a) begin
        if (writes_a[8:0] != 0) bytes[first_a] <= stored_a[8:0];
        if (writes_a[17:9] != 0) bytes[first_a | 11'd1] <= stored_a[17:9];
        if (writes_a[26:18] != 0) bytes[first_a | 11'd2] <= stored_a[26:18];
        if (writes_a[35:27] != 0) bytes[first_a | 11'd3] <= stored_a[35:27];
    end

    wire clock_b = CLKBMUX == "INV" ? ~CLKB : CLKB;
    wire run_b = CEB && {CSB2, CSB1, CSB0} == selected(CSDECODE_B);
    DP16KD_port #(
        .WIDTH(DATA_WIDTH_B), .WRITEMODE(WRITEMODE_B), .REGMODE(REGMODE_B), .RESETMODE(RESETMODE)
    ) port_b (
        .clock(clock_b), .run(run_b), .write(WEB), .advance(OCEB), .reset(RSTB),
        .address(address_b), .data({18'b0, data_b}), .disturbed(to_b), .first(first_b),
        .four({
            bytes[first_b | 11'd3], bytes[first_b | 11'd2], bytes[first_b | 11'd1], bytes[first_b]
        }),
        .writes(writes_b), .stored(stored_b), .q(q_b)
    );
    always @(posedge clock_b) begin
        if (writes_b[8:0] != 0) bytes[first_b] <= stored_b[8:0];
        if (writes_b[17:9] != 0) bytes[first_b | 11'd1] <= stored_b[17:9];
        if (writes_b[26:18] != 0) bytes[first_b | 11'd2] <= stored_b[26:18];
        if (writes_b[35:27] != 0) bytes[first_b | 11'd3] <= stored_b[35:27];
    end

    function [2:0] selected(input [39:0] decode);  // "0b" and three digits
        selected = {decode[16], decode[8], decode[0]};
    endfunction

    // 36 bits are written by port A, their upper half from port B's pins, and read by port B, their
    // lower half from port A's.
    assign {DOA17, DOA16, DOA15, DOA14, DOA13, DOA12, DOA11, DOA10, DOA9, DOA8, DOA7, DOA6, DOA5,
        DOA4, DOA3, DOA2, DOA1, DOA0} = DATA_WIDTH_B == 36 ? q_b[17:0] : q_a[17:0];
    assign {DOB17, DOB16, DOB15, DOB14, DOB13, DOB12, DOB11, DOB10, DOB9, DOB8, DOB7, DOB6, DOB5,
        DOB4, DOB3, DOB2, DOB1, DOB0} = DATA_WIDTH_B == 36 ? q_b[35:18] : q_b[17:0];
endmodule
