"""``thresh selftest``: whether an accelerator behind a serial port is whole."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from thresh.host.client import Client
from thresh.host.selftest.trial import self_test
from thresh.host.transport import DirectTransport, SerialTransport, Transport
from thresh.hw.known_boards import find_board
from thresh.layout.link import DEFAULT_BAUD
from thresh.model.files import BUILDS
from thresh.progress import told
from thresh.reports.hardware.selftest import SelfTest

from .output import fail, given, json_option, show_report


@click.command("selftest")
@click.option("-p", "--port", help="Serial port, such as /dev/ttyUSB1 or COM3.")
@click.option("--baud", default=DEFAULT_BAUD, show_default=True, help="Bits per second.")
@click.option("--timeout", default=1.0, show_default=True, help="Seconds to wait for an answer.")
@click.option("--simulate", metavar="BOARD", help="The simulated accelerator of a board instead.")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="Write a page too (report.html)."
)
@json_option
def command(
    port: str | None, baud: int, timeout: float, simulate: str | None, output: Path | None,
    as_json: bool,
) -> None:  # fmt: skip
    """Try an accelerator's memories, its link and every kind of layer.

    Every memory is written and read back, packets are as long as they may be, and a small network
    of every kind must answer as the golden model does. The network that was loaded is lost. Status
    1 when something is wrong.
    """
    if (port is None) == (simulate is None):
        raise click.UsageError("Give either --port or --simulate.")
    if simulate and given("baud"):
        raise click.UsageError("--baud is for a --port: a simulated line has the board's own.")
    with _line(port, baud, simulate) as transport, told(True, "testing") as update:
        where = f"the simulated {simulate}" if port is None else port
        client = Client(transport, timeout=timeout)
        held = client.network_hash()
        findings = self_test(client, update)
        found = SelfTest(
            where=where, identity=client.identity, findings=findings, network_hash=held
        )
    if output:
        found.to_html(output)
    show_report(found, as_json=as_json)
    if not found.whole:
        fail(None)


@contextmanager
def _line(port: str | None, baud: int, board: str | None) -> Iterator[Transport]:
    """The port, or a simulated line."""
    if port is not None:
        with SerialTransport(port, baud) as transport:
            yield transport
        return
    assert board is not None
    from thresh.simulation import simulated_line

    with simulated_line(find_board(board).geometry, BUILDS / "sim") as line:
        yield DirectTransport(line)
