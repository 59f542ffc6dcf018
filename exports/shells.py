"""The shells that can be exported: their modules, ports and benches."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from amaranth.lib import wiring

from thresh.gateware.shells.stream_shell import StreamShell
from thresh.gateware.shells.uart_shell import UartShell
from thresh.layout.image import Image

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
    """

    name: str
    top: str
    title: str
    ports: dict[str, str]
    make: Callable[..., wiring.Component]
    vectors: Callable[..., dict[str, str]]
    driver: bool

    def component(self, image: Image, *, preload: bool, **settings: Any) -> wiring.Component:
        """The component for a network."""
        kept = image if preload else None
        return self.make(geometry=image.geometry, image=kept, **settings)


def _uart(*, geometry: Any, image: Image | None, clock_hz: float, baud: int) -> wiring.Component:
    return UartShell(geometry=geometry, image=image, clock_hz=clock_hz, baud=baud)


def _stream(*, geometry: Any, image: Image | None, **_: Any) -> wiring.Component:
    return StreamShell(geometry=geometry, image=image)


UART = Shell(
    name="uart",
    top="thresh_accelerator",
    title="An accelerator behind a serial line",
    ports=CLOCKED
    | {
        "rx": "The line in: 8 data bits, no parity, 1 stop bit, high at rest. It may change at any "
        "time: two registers synchronise it.",
        "tx": "The line out, high at rest.",
        "loaded": "A network is there: COMMIT 1 came, or it is preloaded.",
        "busy": "A step or a new sequence is under way.",
        "fired": "High for a cycle for each event: a value that is sent.",
    },
    make=_uart,
    vectors=line_files,
    driver=True,
)

STREAM = Shell(
    name="stream",
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
        "busy": "A frame, a word or a new sequence is under way, or outputs have not been taken.",
        "fired": "High for a cycle for each event: a value that is sent.",
        "inputs_minus_1": "Inputs of the network's frames, less one.",
        "outputs_minus_1": "Outputs of its frames, less one.",
    },
    make=_stream,
    vectors=stream_files,
    driver=False,
)

SHELLS = {shell.name: shell for shell in (UART, STREAM)}
"""By the name that ``--shell`` takes."""
