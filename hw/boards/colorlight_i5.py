"""Colorlight i5 7.0: an ECP5 on a SODIMM, in Muse Lab's extension board."""

from thresh.hw.board import Board, Crystal, Light, Loader, Pad, Uart

BOARDS = (
    Board(
        name="colorlight-i5",
        title="Colorlight i5",
        device="LFE5U-25F",
        package="BG381",
        speed="6",
        clock=Crystal(sites="P3", hz=25e6),
        clock_hz=120e6,
        uart=Uart(
            rx=Pad(sites="H18", attributes={"IO_TYPE": "LVCMOS33", "PULLMODE": "UP"}),
            tx=Pad(sites="J17"),
            port="debugger of the extension board: on Linux a /dev/ttyACM",
        ),
        lights={"loaded": Light(sites="U16", inverted=True, label="LED D2", net="led")},
        loader=Loader(
            options=("--board", "colorlight-i5"),
            # Its flash comes locked.
            to_flash=("--unprotect-flash", "--write-flash"),
        ),
        usb_ids=("0d28:0204",),
    ),
)
