"""iCEBreaker 1.0: an iCE40UP5K with a two-channel USB bridge and three PMOD sockets."""

from thresh.hw.board import Board, Crystal, Light, Loader, Pad, Uart

SERIAL = {"IO_STANDARD": "SB_LVTTL", "PULLUP": 1}

BOARDS = (
    Board(
        name="icebreaker",
        title="iCEBreaker",
        device="iCE40UP5K",
        package="SG48",
        clock=Crystal(sites="35", hz=12e6),
        clock_hz=42e6,
        uart=Uart(
            rx=Pad(sites="6", attributes=SERIAL),
            tx=Pad(sites="9", attributes=SERIAL),
            port="FT2232H, channel B: on Linux the second /dev/ttyUSB",
        ),
        lights={
            "loaded": Light(sites="37", inverted=True, label="green LED", net="led_g"),
            "fired": Light(sites="11", inverted=True, label="red LED", net="led_r"),
        },
        flash_memory={
            "cs": Pad(sites="16", inverted=True),
            "clk": Pad(sites="15"),
            "copi": Pad(sites="14"),
            "cipo": Pad(sites="17"),
            "wp": Pad(sites="12", inverted=True),
            "hold": Pad(sites="13", inverted=True),
        },
        loader=Loader(options=("--board", "ice40_generic"), to_sram=None),
        usb_ids=("0403:6010",),
    ),
)
