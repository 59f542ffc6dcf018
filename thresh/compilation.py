"""From a network to an accelerator: its dimensions, its cost, and where everything lies."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from thresh.hw.board import Board
from thresh.hw.estimates.board_geometry import board_geometry, geometry_for, sdram_geometry
from thresh.hw.estimates.estimate import estimate
from thresh.hw.estimates.fit import estimate_fit
from thresh.hw.estimates.sdram import estimate_sdram
from thresh.hw.known_boards import board_of
from thresh.layout.geometry import COLUMNS, Geometry
from thresh.layout.image import build_image
from thresh.layout.sdram_image import build_sdram_image
from thresh.model.given import flag, one_of, real, whole
from thresh.model.network import Network as Integers
from thresh.performance.activity import Activity, read_note
from thresh.reports.estimate import Estimate
from thresh.reports.hardware.boards import Fitting
from thresh.reports.hardware.sdram import SdramCost

from .accelerator import Accelerator

if TYPE_CHECKING:
    from thresh.reports.device.estimate import DeviceEstimate

    from .network import Network

LANES = 8
"""Without a board."""


def compile_network(
    network: "Network",
    board: str | Board | None,
    *,
    lanes: int | None,
    pointwise_lanes: int | None,
    columns: str,
    sparse: bool,
) -> Accelerator:
    """`thresh.Network.compile`."""
    integers = network.integers
    one_of("columns", columns, COLUMNS)
    flag("sparse", sparse)
    lanes = None if lanes is None else whole("lanes", lanes)
    if pointwise_lanes is not None:
        pointwise_lanes = whole("pointwise_lanes", pointwise_lanes)
    if columns == "sdram":
        return _compile_sdram(network, board, lanes, pointwise_lanes, sparse)
    if board is None:
        geometry = geometry_for(
            integers,
            lanes=LANES if lanes is None else lanes,
            pointwise_lanes=pointwise_lanes,
            sparse=sparse,
        )
        return Accelerator(network, build_image(integers, geometry))
    target = board_of(board)
    if pointwise_lanes is not None:
        raise ValueError(
            f"The pointwise lanes of {target.name} follow its lanes: leave them out, or compile "
            f"without a board"
        )
    geometry = board_geometry(target, network=integers, lanes=lanes, sparse=sparse)
    if advice := estimate_fit(integers, target, geometry).advice:
        raise ValueError(advice)
    return Accelerator(network, build_image(integers, geometry), target)


def _compile_sdram(
    network: "Network",
    board: str | Board | None,
    lanes: int | None,
    pointwise_lanes: int | None,
    sparse: bool,
) -> Accelerator:
    """An accelerator just large enough, with its columns in the board's SDRAM."""
    target = None if board is None else board_of(board)
    integers = network.integers
    geometry = _sdram_geometry(integers, target, lanes, pointwise_lanes, sparse)
    assert target is not None
    assert target.sdram is not None
    image = build_sdram_image(integers, geometry, target.sdram)
    return Accelerator(network, image, target)


def _sdram_geometry(
    network: Integers,
    board: Board | None,
    lanes: int | None,
    pointwise_lanes: int | None,
    sparse: bool,
) -> Geometry:
    """The smallest accelerator with columns in the board's SDRAM, if there is one."""
    if board is None or board.sdram is None:
        came = f"not {board.name}" if board else "and are not written as Verilog"
        raise ValueError(f"Columns in SDRAM need a board that has one, such as ulx3s-85f, {came}")
    geometry = sdram_geometry(network, sparse=sparse)
    for name, wanted in (("lanes", lanes), ("pointwise_lanes", pointwise_lanes)):
        if wanted not in (None, fixed := getattr(geometry, name)):
            raise ValueError(
                f"Columns in SDRAM need {name} = {fixed} for {geometry.weight_bits}-bit weights, "
                f"not {wanted}"
            )
    return geometry


def estimate_network(
    network: Integers,
    board: str | Board,
    *,
    lanes: int | None = None,
    columns: str = "chip",
    sparse: bool = False,
    geometry: Geometry | None = None,
    device: str | None = None,
    activity: Activity | float | None = None,
) -> "Estimate | DeviceEstimate | SdramCost":
    """`thresh.Network.estimate`; ``geometry`` stands for ``lanes`` and ``sparse``."""
    target = board_of(board)
    one_of("columns", columns, COLUMNS)
    flag("sparse", sparse)
    lanes = None if lanes is None else whole("lanes", lanes)
    if activity is not None and not isinstance(activity, Activity):
        real("activity", activity)
    if device is not None:
        if (lanes, columns, sparse) != (None, "chip", False):
            raise ValueError(
                f"A device on {target.name} has the board's own lanes and columns: choose none"
            )
        return _estimate_device(network, target, device, activity)
    used = read_note(network) if activity is None else activity
    if geometry is None and columns == "sdram":
        geometry = _sdram_geometry(network, target, lanes, None, sparse)
    if geometry is not None and geometry.columns == "sdram":
        figures = estimate_sdram(network, target, geometry, used)
        return SdramCost(name=network.name, figures=figures)
    shape = geometry or board_geometry(target, network=network, lanes=lanes, sparse=sparse)
    return Estimate(name=network.name, figures=estimate(network, target, shape, used))


def estimate_boards(
    network: Integers, boards: Sequence[Board], activity: Activity | float | None
) -> Fitting:
    """`thresh.Network.boards`."""
    if activity is not None and not isinstance(activity, Activity):
        real("activity", activity)
    used = read_note(network) if activity is None else activity
    figures = tuple(estimate(network, board, activity=used) for board in boards)
    return Fitting(name=network.name, boards=tuple(boards), figures=figures)


def _estimate_device(
    network: Integers, board: Board, kind: str, activity: Activity | float | None
) -> "DeviceEstimate":
    from thresh.hw.device_boards import find_device_board
    from thresh.hw.estimates.device import device_current, device_fit
    from thresh.reports.device.estimate import DeviceEstimate

    device = find_device_board(board.name)
    used = read_note(network) if activity is None else activity
    shape, current = device_current(device, network, kind, used)
    return DeviceEstimate(
        name=network.name, shape=shape, fit=device_fit(device, network, shape), current=current,
        cells=board.family == "ice40",
    )  # fmt: skip
