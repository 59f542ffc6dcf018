"""Sipeed Tang Nano 20K: a GW2AR-18 and a USB bridge that is programmer and serial port."""

from thresh.hw.board import Board, Crystal, Light, Loader, Pad, Uart

PULLED_UP = {"IO_TYPE": "LVCMOS33", "PULL_MODE": "UP"}

BOARDS = (
    Board(
        name="tang-nano-20k",
        title="Tang Nano 20K",
        device="GW2AR-LV18",
        package="QN88",
        speed="C8/I7",
        clock=Crystal(sites="4", hz=27e6),
        clock_hz=54e6,
        uart=Uart(
            rx=Pad(sites="70", attributes=PULLED_UP),
            tx=Pad(sites="69"),
            port="BL616: on Linux the second /dev/ttyUSB",
        ),
        lights={
            role: Light(sites=site, inverted=True, label=f"LED {number}", net="led", number=number)
            for number, (role, site) in enumerate(
                (("loaded", "15"), ("busy", "16"), ("fired", "17"))
            )
        },
        loader=Loader(options=("--board", "tangnano20k")),
        usb_ids=("0403:6010",),
    ),
)
