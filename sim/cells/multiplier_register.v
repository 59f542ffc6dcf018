// What the multipliers of ECP5 and Gowin keep operands and products in.

// A register that is there or passed by, its reset in step with the clock or not.
module multiplier_register #(
    parameter WIDTH = 18,
    parameter USED = 1'b0,
    parameter RESET_MODE = "SYNC"
) (
    input clock, enable, reset,
    input [WIDTH-1:0] d,
    output [WIDTH-1:0] q
);
    reg [WIDTH-1:0] kept = 0;
    assign q = USED ? kept : d;
    generate
        if (RESET_MODE == "SYNC") begin
            always @(posedge clock)
                if (reset) kept <= 0;
                else if (enable) kept <= d;
        end else begin
            always @(posedge clock, posedge reset)
                if (reset) kept <= 0;
                else if (enable) kept <= d;
        end
    endgenerate
endmodule
