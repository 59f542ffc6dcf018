"""iCESugar 1.5: an iCE40UP5K with a USB bridge that is a drive, a programmer and a serial port."""

from thresh.hw.board import Board, Crystal, Light, Loader, Pad, Uart

SERIAL = {"IO_STANDARD": "SB_LVCMOS", "PULLUP": 1}

BOARDS = (
    Board(
        name="icesugar",
        title="iCESugar",
        device="iCE40UP5K",
        package="SG48",
        clock=Crystal(sites="35", hz=12e6),
        clock_hz=42e6,
        uart=Uart(
            rx=Pad(sites="4", attributes=SERIAL),
            tx=Pad(sites="6", attributes=SERIAL),
            port="iCELink: on Linux a /dev/ttyACM",
        ),
        lights={
            "loaded": Light(sites="41", inverted=True, label="green LED", net="led_g"),
            "fired": Light(sites="40", inverted=True, label="red LED", net="led_r"),
            "busy": Light(sites="39", inverted=True, label="blue LED", net="led_b"),
        },
        flash_memory={
            "cs": Pad(sites="16", inverted=True),
            "clk": Pad(sites="15"),
            "copi": Pad(sites="14"),
            "cipo": Pad(sites="17"),
            "wp": Pad(sites="12", inverted=True),
            "hold": Pad(sites="13", inverted=True),
        },
        loader=Loader(
            tool="icesprog",
            options=(),
            to_flash=(),
            to_sram=None,
            where="it is in wuxx/icesugar on GitHub, or copy the bitstream to the drive iCELink",
        ),
        usb_ids=("1d50:602b",),
    ),
)
