"""OrangeCrab r0.2 in two sizes: an ECP5 whose USB is its own, without a serial bridge."""

from thresh.hw.board import Board, Crystal, Light, Loader, Pad, Uart


def _orangecrab(size: str) -> Board:
    return Board(
        name=f"orangecrab-{size.lower()}",
        title=f"OrangeCrab {size}",
        device=f"LFE5U-{size}",
        package="MG285",
        speed="8",
        clock=Crystal(sites="A9", hz=48e6),
        clock_hz=120e6,
        uart=Uart(
            rx=Pad(sites="N17", attributes={"IO_TYPE": "LVCMOS33", "PULLMODE": "UP"}),
            tx=Pad(sites="M18"),
            port="header pins 0 (receives) and 1 (sends): an adapter of 3.3 V",
        ),
        lights={
            "loaded": Light(sites="M3", inverted=True, label="green LED", net="led_g"),
            "fired": Light(sites="K4", inverted=True, label="red LED", net="led_r"),
            "busy": Light(sites="J3", inverted=True, label="blue LED", net="led_b"),
        },
        flash_memory={
            "cs": Pad(sites="U17", inverted=True),
            "copi": Pad(sites="U18"),
            "cipo": Pad(sites="T18"),
            "wp": Pad(sites="R18", inverted=True),
            "hold": Pad(sites="N18", inverted=True),
        },
        loader=Loader(
            tool="dfu-util",
            options=("--device", "1209:5af0", "--alt", "0", "--download"),
            to_flash=(),
            to_sram=None,
            where="install it, and hold the button while the board is plugged in",
        ),
        usb_ids=("1209:5af0",),
    )


BOARDS = tuple(_orangecrab(size) for size in ("25F", "85F"))
