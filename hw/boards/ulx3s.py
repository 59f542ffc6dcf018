"""ULX3S 3.x in its four sizes: an ECP5 with SDRAM, and an ESP32 beside it."""

from thresh.hw.board import Board, Constant, Crystal, Light, Loader, Pad, Uart
from thresh.layout.sdram_chip import ULX3S_SDRAM

WEAK = {"IO_TYPE": "LVCMOS33", "DRIVE": "4"}
FLASH = {"PULLMODE": "NONE", "DRIVE": "4", "IO_TYPE": "LVCMOS33"}
FAST = {"PULLMODE": "NONE", "DRIVE": "4", "SLEWRATE": "FAST", "IO_TYPE": "LVCMOS33"}


def _fast(sites: str, *, inverted: bool = False) -> Pad:
    return Pad(sites=sites, inverted=inverted, attributes=FAST)


def _ulx3s(size: str) -> Board:
    return Board(
        name=f"ulx3s-{size.lower()}",
        title=f"ULX3S {size}",
        device=f"LFE5U-{size}",
        package="BG381",
        speed="6",
        clock=Crystal(sites="G2", hz=25e6),
        clock_hz=120e6,
        uart=Uart(
            rx=Pad(sites="M1"), tx=Pad(sites="L4"), port="FT231X: on Linux a /dev/ttyUSB"
        ),
        lights={
            role: Light(
                sites=site, label=f"LED {number}", net="led", number=number, attributes=WEAK
            )
            for number, (role, site) in enumerate(
                (("loaded", "B2"), ("busy", "C2"), ("fired", "C1"))
            )
        },
        constants=(
            Constant(
                name="wifi",
                net="wifi_gpio0",
                sites="L2",
                level=1,
                why="the ESP32 beside the FPGA restarts the board when this pin floats low",
                attributes=WEAK | {"PULLMODE": "UP"},
            ),
        ),
        flash_memory={
            "cs": Pad(sites="R2", inverted=True, attributes=FLASH),
            "copi": Pad(sites="W2", attributes=FLASH),
            "cipo": Pad(sites="V2", attributes=FLASH),
            "hold": Pad(sites="W1", inverted=True, attributes=FLASH),
            "wp": Pad(sites="Y2", inverted=True, attributes=FLASH),
        },
        loader=Loader(options=("--board", "ulx3s")),
        usb_ids=("0403:6015",),
        sdram=ULX3S_SDRAM,
        sdram_pads={
            "clk": _fast("F19"),
            "clk_en": _fast("F20"),
            "cs": _fast("P20", inverted=True),
            "we": _fast("T20", inverted=True),
            "ras": _fast("R20", inverted=True),
            "cas": _fast("T19", inverted=True),
            "ba": _fast("P19 N20"),
            "a": _fast("M20 M19 L20 L19 K20 K19 K18 J20 J19 H20 N19 G20 G19"),
            "dq": _fast("J16 L18 M18 N18 P18 T18 T17 U20 E19 D20 D19 C20 E18 F18 J18 J17"),
            "dqm": _fast("U19 E20"),
        },
    )  # fmt: skip


BOARDS = tuple(_ulx3s(size) for size in ("12F", "25F", "45F", "85F"))
