"""The shells that can be exported: their modules, ports and benches."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from amaranth.lib import wiring

from thresh.gateware.shells.axi_shell import AxiShell
from thresh.gateware.shells.stream_shell import StreamShell
from thresh.gateware.shells.uart_shell import UartShell
from thresh.gateware.shells.wishbone_shell import WishboneShell
from thresh.layout.image import Image
from thresh.layout.registers import Register, register_map, window_words

from .clip import line_files, stream_files

CLOCKED = {
    "clk": "The clock of everything; all other ports belong to its rising edge unless said.",
    "rst": "Synchronous reset, high for one cycle of `clk` or more. Registers have the same values "
    "at power-up, so that a design without a reset ties it to 0. Memories keep what they hold.",
}


@dataclass(frozen=True, kw_only=True)
class Shell:
    """One shell.

    Parameters
    ----------
    name : str
        As ``--shell`` has it; of the templates as well.
    top : str
        The Verilog module.
    title : str
    ports : dict of str to str
        What each port is, by its name in Verilog.
    make : callable
        From image, preload, clock in Hz and baud to the component.
    vectors : callable
        From image, clip and preload to the files that the benches read.
    driver : bool
        The C driver speaks to it.
    bench : str
        Of the templates of its benches.
    values : bool or None
        Whether values go through its registers; None where it has none.
    """

    name: str
    top: str
    title: str
    ports: dict[str, str]
    make: Callable[..., wiring.Component]
    vectors: Callable[..., dict[str, str]]
    driver: bool
    bench: str
    values: bool | None = None

    def registers(self, image: Image) -> tuple[Register, ...]:
        """Its registers, none where there is no bus."""
        if self.values is None:
            return ()
        return register_map(window_words=window_words(image.geometry), values=self.values)

    def component(self, image: Image, *, preload: bool, **settings: Any) -> wiring.Component:
        """The component for a network."""
        kept = image if preload else None
        longest = max(image.network.inputs, image.network.layers[-1].units)
        return self.make(
            geometry=image.geometry, image=kept, longest=longest, **settings
        )  # fmt: skip


def _uart(
    *, geometry: Any, image: Image | None, clock_hz: float, baud: int, **_: Any
) -> wiring.Component:
    return UartShell(geometry=geometry, image=image, clock_hz=clock_hz, baud=baud)


def _stream(*, geometry: Any, image: Image | None, **_: Any) -> wiring.Component:
    return StreamShell(geometry=geometry, image=image)


def _wishbone(
    *, geometry: Any, image: Image | None, clock_hz: float, longest: int, **_: Any
) -> wiring.Component:
    khz, depth = round(clock_hz / 1000), 1 << max(4, (longest - 1).bit_length())
    return WishboneShell(geometry=geometry, image=image, clock_khz=khz, queue_depth=depth)


def _axi(*, geometry: Any, image: Image | None, clock_hz: float, **_: Any) -> wiring.Component:
    return AxiShell(geometry=geometry, image=image, clock_khz=round(clock_hz / 1000))


UART = Shell(
    name="uart",
    bench="uart",
    top="thresh_accelerator",
    title="An accelerator behind a serial line",
    ports=CLOCKED
    | {
        "rx": "The line in: 8 data bits, no parity, 1 stop bit, high at rest. It may change at any "
        "time: two registers synchronise it.",
        "tx": "The line out, high at rest.",
        "loaded": "A network is there: COMMIT 1 came, or it is preloaded, and no step has shown "
        "that it is none.",
        "busy": "A step or a new sequence is under way.",
        "fired": "High for a cycle for each event: a value that is sent.",
    },
    make=_uart,
    vectors=line_files,
    driver=True,
)

STREAM = Shell(
    name="stream",
    bench="stream",
    top="thresh_stream",
    title="A core with streams",
    ports=CLOCKED
    | {
        "x_valid": "An input is offered. It and `x_data` hold until `x_ready`.",
        "x_ready": "The input is taken at this clock edge. Low without a network, while another "
        "frame's outputs have not been taken (for the last input of a frame), and while memories "
        "are reached.",
        "x_data": "The input, two's complement, in the network's input format. Frames follow each "
        "other without a mark: the network knows how many inputs it has.",
        "y_valid": "An output is offered. It, `y_data` and `y_last` hold until `y_ready`.",
        "y_ready": "The output is taken at this clock edge.",
        "y_data": "The output, two's complement, in the network's output format.",
        "y_last": "It is the last output of its frame.",
        "new_sequence": "High for a cycle: state and references to zero, once the frame under way "
        "is over. Inputs that came for an unfinished frame are forgotten.",
        "loaded": "The memories hold a whole network. When it rises a sequence begins. Tie it to 1 "
        "where the network is preloaded; lower it while another one is written.",
        "memory_valid": "A word is to be written or read. It and what belongs to it hold until "
        "`memory_ready`.",
        "memory_ready": "The request is taken at this clock edge, between two frames.",
        "memory_write": "1: `memory_data` is written. 0: the word is read and comes out at "
        "`word_data`.",
        "memory_region": "Which memory: 0 weights, 1 layer table, 2 header, 3 accumulators, "
        "4 state, 5 references, 6 counters (read only).",
        "memory_address": "The word's number in its memory.",
        "memory_data": "The word, in the lowest bits where its memory is narrower.",
        "word_valid": "A word that was read is offered until `word_ready`.",
        "word_ready": "The word is taken at this clock edge.",
        "word_data": "The word; bits beyond its memory's width mean nothing.",
        "fault": "A frame showed that the memories hold no network: it has no outputs, and no "
        "input is taken. Low again once `loaded` is.",
        "busy": "A frame, a word or a new sequence is under way, or outputs have not been taken.",
        "fired": "High for a cycle for each event: a value that is sent.",
        "inputs_minus_1": "Inputs of the network's frames, less one.",
        "outputs_minus_1": "Outputs of its frames, less one.",
    },
    make=_stream,
    vectors=stream_files,
    driver=False,
)

IRQ = {
    "irq": "High while an event that is enabled has happened and was not cleared.",
}

WISHBONE = Shell(
    name="wishbone",
    bench="bus",
    top="thresh_wishbone",
    title="A core behind a Wishbone bus",
    ports=CLOCKED
    | {
        "wb_pipelined": "Constant. 1: B4 pipelined, every cycle with `wb_stb` is a transfer. 0: B4 "
        "classic, `wb_stb` stays until the answer.",
        "wb_cyc": "A bus cycle is under way.",
        "wb_stb": "A transfer is asked for.",
        "wb_we": "It writes.",
        "wb_adr": "Register, counted in words of 32 bits: the byte address without its two lowest "
        "bits.",
        "wb_sel": "Which bytes are written.",
        "wb_dat_w": "What is written.",
        "wb_dat_r": "What was read, together with `wb_ack`.",
        "wb_ack": "The answer, a cycle after the transfer.",
        "wb_err": "The answer where there is no such register.",
        "wb_stall": "Always 0.",
    }
    | IRQ,
    make=_wishbone,
    vectors=stream_files,
    driver=True,
    values=True,
)

_AXI = {
    "awaddr": "Byte address of a register that is written.",
    "awprot": "Not looked at.",
    "awvalid": "It is there.",
    "awready": "It is taken, together with the data.",
    "wdata": "What is written.",
    "wstrb": "Which bytes of it.",
    "wvalid": "It is there.",
    "wready": "It is taken, together with the address.",
    "bresp": "0: done. 2: there is no such register.",
    "bvalid": "The answer to a write is there.",
    "bready": "It is taken.",
    "araddr": "Byte address of a register that is read.",
    "arprot": "Not looked at.",
    "arvalid": "It is there.",
    "arready": "It is taken.",
    "rdata": "What was read.",
    "rresp": "0: done. 2: there is no such register.",
    "rvalid": "It is there.",
    "rready": "It is taken.",
}

AXI = Shell(
    name="axi",
    bench="bus",
    top="thresh_axi",
    title="A core with AXI4-Stream values and AXI4-Lite registers",
    ports=CLOCKED
    | {f"s_axi_{name}": f"AXI4-Lite. {text}" for name, text in _AXI.items()}
    | {
        "s_axis_tdata": "An input, two's complement, in the lowest bits.",
        "s_axis_tvalid": "It is there, and stays until it is taken.",
        "s_axis_tready": "It is taken at this clock edge.",
        "s_axis_tlast": "It is the frame's last. Where that is not the network's last input, the "
        "event `misplaced` says so.",
        "m_axis_tdata": "An output, two's complement, extended to 16 bits.",
        "m_axis_tvalid": "It is there, and stays until it is taken.",
        "m_axis_tready": "It is taken at this clock edge.",
        "m_axis_tlast": "It is its frame's last.",
    }
    | IRQ,
    make=_axi,
    vectors=stream_files,
    driver=True,
    values=False,
)

SHELLS = {shell.name: shell for shell in (UART, STREAM, AXI, WISHBONE)}
"""By the name that ``--shell`` takes."""
