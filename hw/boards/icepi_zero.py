"""Icepi Zero 1.3: an ECP5 in the shape of a Raspberry Pi Zero."""

from thresh.hw.board import Board, Crystal, Light, Loader, Pad, Uart

WEAK = {"IO_TYPE": "LVCMOS33", "DRIVE": "4"}

BOARDS = (
    Board(
        name="icepi-zero",
        title="Icepi Zero",
        device="LFE5U-25F",
        package="BG256",
        speed="6",
        clock=Crystal(sites="M1", hz=50e6, attributes={"IO_TYPE": "LVCMOS33", "PULLMODE": "NONE"}),
        clock_hz=120e6,
        uart=Uart(
            rx=Pad(sites="K16", attributes={"IO_TYPE": "LVCMOS33", "PULLMODE": "UP"}),
            tx=Pad(sites="K15", attributes=WEAK),
            port="FT231X: on Linux a /dev/ttyUSB",
        ),
        lights={
            role: Light(
                sites=site, label=f"LED {number}", net="led", number=number, attributes=WEAK
            )
            for number, (role, site) in enumerate(
                (("loaded", "E13"), ("busy", "D14"), ("fired", "E12"))
            )
        },
        flash_memory={
            "cs": Pad(sites="N8", inverted=True),
            "copi": Pad(sites="T8"),
            "cipo": Pad(sites="T7"),
            "wp": Pad(sites="M7", inverted=True),
            "hold": Pad(sites="N7", inverted=True),
        },
        loader=Loader(options=("--board", "icepi-zero")),
        usb_ids=("0403:6015",),
    ),
)  # fmt: skip
