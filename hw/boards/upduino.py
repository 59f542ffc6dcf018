"""UPduino 3.1: an iCE40UP5K whose flash shares its wires with the USB bridge."""

from thresh.hw.board import Board, Constant, Crystal, Light, Loader, Pad, Uart

SERIAL = {"IO_STANDARD": "SB_LVCMOS", "PULLUP": 1}

BOARDS = (
    Board(
        name="upduino",
        title="UPduino 3.1",
        device="iCE40UP5K",
        package="SG48",
        clock=Crystal(
            sites="20", hz=12e6, needs="solder the jumper OSC, which brings 12 MHz to pin 20"
        ),
        clock_hz=39e6,  # at 42e6 one of three seeds routed for 44.0 MHz, less than 1.08 times that
        uart=Uart(
            rx=Pad(sites="15", attributes=SERIAL),
            tx=Pad(sites="14", attributes=SERIAL),
            port="FT232H: on Linux a /dev/ttyUSB, after flashing once it is plugged in again",
        ),
        lights={
            "loaded": Light(sites="39", inverted=True, label="green LED", net="led_g"),
            "fired": Light(sites="41", inverted=True, label="red LED", net="led_r"),
            "busy": Light(sites="40", inverted=True, label="blue LED", net="led_b"),
        },
        constants=(
            Constant(
                name="flash_select",
                sites="16",
                level=1,
                why="a selected flash would answer on the serial port's wires",
            ),
        ),
        loader=Loader(options=("--board", "ice40_generic", "--cable", "ft232"), to_sram=None),
        usb_ids=("0403:6014",),
    ),
)
