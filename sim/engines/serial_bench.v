// The accelerator between two ends of its serial line: whole frames for benches, bits for the pins.
//
// A bench puts escaped bytes into `question`, the first lowest, then inverts `ask`. `asked` follows
// when the last bit has left. What lies between two ENDs of the answer stands in `answer`; then
// `answered` is inverted.
module serial_bench #(
    parameter DIVISOR = 4,
    parameter BYTES = 1026
) (
    input clk,
    input ask,
    input [8 * BYTES - 1:0] question,
    input [15:0] question_bytes,
    output reg asked,
    output reg answered,
    output reg [8 * BYTES - 1:0] answer,
    output reg [15:0] answer_bytes
);
    localparam [7:0] END = 8'hc0;

    // Sending: start bit, eight data bits, stop bit.
    reg rx;
    reg [8:0] out_bits;
    reg [3:0] out_left;
    reg [15:0] out_timer, out_at;
    reg sending;
    // Receiving: sampled in the middle of each bit.
    wire tx;
    reg [9:0] in_bits;
    reg [3:0] in_left;
    reg [15:0] in_timer, in_at;
    wire [7:0] in_byte = in_bits[9:2];

    initial begin
        rx = 1;
        sending = 0;
        asked = 0;
        answered = 0;
        answer_bytes = 0;
        out_left = 0;
        out_timer = 0;
        out_at = 0;
        in_left = 0;
        in_at = 0;
    end

    always @(posedge clk) begin
        if (!sending) begin
            if (ask != asked) begin
                sending <= 1;
                out_at <= 0;
                out_left <= 0;
                out_timer <= 0;
            end
        end else if (out_timer != 0) begin
            out_timer <= out_timer - 1;
        end else if (out_left != 0) begin
            rx <= out_bits[0];
            out_bits <= {1'b1, out_bits[8:1]};
            out_left <= out_left - 1;
            out_timer <= DIVISOR - 1;
        end else if (out_at != question_bytes) begin
            rx <= 0;
            out_bits <= {1'b1, question[8 * out_at +: 8]};
            out_left <= 9;
            out_timer <= DIVISOR - 1;
            out_at <= out_at + 1;
        end else begin
            sending <= 0;
            asked <= ask;
        end
    end

    always @(posedge clk) begin
        if (in_left == 0) begin
            if (!tx) begin
                in_left <= 10;
                in_timer <= DIVISOR / 2 - 1;
            end
        end else if (in_timer != 0) begin
            in_timer <= in_timer - 1;
        end else begin
            in_timer <= DIVISOR - 1;
            in_bits <= {tx, in_bits[9:1]};
            in_left <= in_left - 1;
            if (in_left == 1 && tx) begin
                if (in_byte !== END) begin
                    if (in_at < BYTES) begin
                        answer[8 * in_at +: 8] <= in_byte;
                        in_at <= in_at + 1;
                    end
                end else if (in_at != 0) begin
                    answer_bytes <= in_at;
                    in_at <= 0;
                    answered <= !answered;
                end
            end
        end
    end

    thresh_accelerator dut (
        .clk(clk),
        .rst(1'b0),
        .rx(rx),
        .tx(tx),
        .loaded(),
        .busy(),
        .fired()
    );
endmodule
