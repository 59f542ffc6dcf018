"""From a board and a network image to a routed bitstream."""

import json
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from thresh.hw.board import MARGIN, Board
from thresh.hw.board_platform import platform_of
from thresh.hw.device_tops import DeviceTop
from thresh.hw.estimates.block_rams import LUT_RAM_WORDS
from thresh.hw.families import FAMILIES, constraint_options, pack_arguments, router_options
from thresh.hw.tops import BoardTop
from thresh.layout.geometry import Geometry
from thresh.layout.image import Image, save_image
from thresh.model.files import write_atomically
from thresh.tools.programs import end_programs
from thresh.tools.toolchain import ToolTimeout, run_tool, tool_version

from .board_accelerator import accelerator_of
from .first_states import check_codes
from .netlist import BEGINNING, SOURCES, finish_netlist
from .report import Report, read_report
from .result import BuildResult, routed_clocks
from .stage import Stage, digest

NAME = "thresh"

NO_COLLISION_LOGIC = "setparam -set COLLISION_X_MASK 1'1 t:$memrd_v2 r:CLK_ENABLE=1 %i"
"""No bypass around memories whose accelerator never reads and writes a word in one cycle."""

TWO_CLOCKS = NO_COLLISION_LOGIC + " w:audio_clk %m %d"
"""The same of a device, but for the memories that its audio domain shares with the core's."""

SMALL_MEMORIES = 'setattr -set ram_style "distributed" ' + " ".join(
    f"thresh.core.{name}/m:*" for name in ("queue", "sender", "spotter")
)
"""A device's memories of 256 words that an ECP5 keeps in logic: a 12F has no block RAM for them."""

SHORT_MEMORIES = (
    f'setattr -set ram_style "distributed" t:$mem_v2 r:SIZE<={LUT_RAM_WORDS["gowin"]} %i '
    "r:WR_PORTS>=1 %i"
)
"""Memories that a Gowin device keeps in logic: the weights want its block RAMs."""

ONE_HOT = 'setattr -set fsm_encoding "one-hot" w:fsm_state'
"""A bit per state. All are zero, which is no state, until the reset that follows power-up; an
ECP5 has none, and gets the first one set by `first_states`."""

SMALL_LOGIC = "scratchpad -copy abc9.script.flow2 abc9.script"
"""Yosys' script that maps to fewer cells: 3 % fewer for a whole UP5K accelerator."""

Progress = Callable[[str], None]


def build(
    board: Board,
    image: Image | None,
    *,
    out_dir: Path | str,
    seeds: Sequence[int] = (1, 2, 3),
    geometry: Geometry | None = None,
    jobs: int = 1,
    minutes: float | None = None,
    progress: Progress | None = None,
) -> BuildResult:
    """Build the accelerator for a board; a repeated build takes its results from ``out_dir``.

    Parameters
    ----------
    board : Board
    image : Image or None
        Carried by the bitstream, or written beside it where the device cannot carry it.
    out_dir : Path
        Folder of all products; reports of every seed are kept in it.
    seeds : sequence of int
        One place and route each.
    geometry : Geometry, optional
        Of the accelerator; the image's, else the board's, when not given.
    jobs : int
        Routings at a time.
    minutes : float, optional
        A seed that takes longer is given up.
    progress : function of str, optional
        Told each step.

    Raises
    ------
    ValueError
        When a tool is missing or fails, no seed is routed in time, or the image is of another
        geometry.
    """
    core = accelerator_of(board, image, geometry)
    carried = image is None or board.preloads or core.sdram

    def keep(bitstream: Path) -> Path:
        assert image is not None
        path = bitstream.with_suffix(".img")
        save_image(image, path)
        return path

    return build_core(
        board, core, lanes=core.geometry.lanes, out_dir=out_dir, seeds=seeds, jobs=jobs,
        minutes=minutes, progress=progress, beside=None if carried else keep,
    )  # fmt: skip


def build_core(
    board: Board,
    core,
    *,
    lanes: int,
    out_dir: Path | str,
    seeds: Sequence[int] = (1, 2, 3),
    jobs: int = 1,
    minutes: float | None = None,
    progress: Progress | None = None,
    beside: Callable[[Path], Path] | None = None,
) -> BuildResult:
    """`build` for any core that `BoardTop` takes, or a whole `DeviceTop`.

    ``beside`` is given the bitstream, writes the network image beside it, and says where.
    """
    if not seeds:
        raise ValueError("A build needs at least one seed")
    if jobs < 1:
        raise ValueError(f"The jobs of a build must be at least 1, not {jobs}")
    say = progress or (lambda text: None)
    folder = Path(out_dir)
    family = FAMILIES[board.family]
    key = synthesise(board, core, folder, say)
    whole = isinstance(core, DeviceTop)
    own_options = core.router_options if whole else ()
    clocks_hz = core.clocks_hz if whole else {"sync": board.clock_hz}

    def route(seed: int) -> Report | None:
        return _route(board, own_options, folder, key, seed, minutes, say)

    pool = ThreadPoolExecutor(min(jobs, len(seeds)))
    try:
        tried = dict(zip(seeds, pool.map(route, seeds), strict=True))
    except BaseException:
        end_programs()  # of the other seeds
        raise
    finally:
        pool.shutdown(cancel_futures=True)
    reports = {seed: report for seed, report in tried.items() if report}
    if not reports:
        raise ValueError(f"No seed was routed in {minutes:g} minutes")
    given_up = tuple(seed for seed in seeds if seed not in reports)
    best = max(reports, key=lambda seed: reports[seed].fmax_mhz)
    bitstream = _pack(board, folder, best, say)
    clocks = routed_clocks(folder, tuple(reports), clocks_hz)
    result = BuildResult(
        board=board.name,
        device=board.device,
        lanes=lanes,
        clock_mhz=board.clock_hz / 1e6,
        fmax_mhz={seed: report.fmax_mhz for seed, report in reports.items()},
        utilization=reports[best].utilization,
        bitstream=bitstream,
        image=beside(bitstream) if beside else None,
        tools={name: tool_version(name) for name in ("yosys", family.router)},
        met=not given_up and all(clock.met for clock in clocks.values()),
        critical_path=reports[best].critical_path,
        given_up=given_up,
        clocks=clocks,
    )
    write_atomically(folder / "build.json", json.dumps(result.to_dict(), indent=2) + "\n")
    return result


def top_of(board: Board, core):
    """What stands on the board's pins: ``core`` behind a `BoardTop`, or a `DeviceTop` itself."""
    return core if isinstance(core, DeviceTop) else BoardTop(board=board, core=core)


def synthesise(board: Board, core, folder: Path, say: Progress) -> str:
    """Write the netlist and pin constraints of a core to ``folder``; what they depend on.

    Raises
    ------
    ValueError
        When Yosys is missing or fails.
    """
    folder.mkdir(parents=True, exist_ok=True)
    family = FAMILIES[board.family]
    say("generating the netlist")
    files = generate(board, core)
    for suffix in ("il", "ys", family.constraints):
        write_atomically(folder / f"{NAME}.{suffix}", files[suffix])
    passes = SOURCES + BEGINNING if board.family == "ecp5" else ""
    netlist = Stage(folder, f"{NAME}.json", files["il"], files["ys"], passes, tool_version("yosys"))
    if not netlist.done:
        say(f"synthesis (Yosys {tool_version('yosys')})")
        with netlist:
            run_tool(
                "yosys",
                ["-q", "-l", "yosys.log", f"{NAME}.ys"],
                folder=folder,
                log=folder / "yosys.out",
            )
            if passes:
                check_codes(files["il"])
                finish_netlist(folder / f"{NAME}.json")
    return netlist.key + files[family.constraints]


def generate(board: Board, core) -> dict[str, str]:
    """RTLIL, Yosys script and pin constraints by suffix: ``il``, ``ys``, and the family's."""
    platform = platform_of(board)
    top = top_of(board, core)
    script = [NO_COLLISION_LOGIC, ONE_HOT, SMALL_LOGIC]
    if isinstance(top, DeviceTop):
        script[0] = TWO_CLOCKS
        script += [SMALL_MEMORIES] if board.family == "ecp5" else []
    if board.family == "gowin":
        script = [NO_COLLISION_LOGIC, SMALL_LOGIC]
    plan = platform.prepare(
        top,
        NAME,
        emit_src=False,
        script_after_read="\n".join(script),
        script_before_memories=SHORT_MEMORIES,
        synth_opts=FAMILIES[board.family].synth_options,
    )
    return {
        suffix: plan.files[f"{NAME}.{suffix}"]
        for suffix in ("il", "ys", FAMILIES[board.family].constraints)
    }


def _route(
    board: Board, extra: Sequence[str], folder: Path, key: str, seed: int, minutes: float | None,
    say: Progress,
) -> Report | None:  # fmt: skip
    """Route one seed, if it is not routed yet; None when that takes longer than ``minutes``."""
    family = FAMILIES[board.family]
    report = f"seed{seed}.report.json"
    options = [*router_options(board), *extra, "--seed", str(seed)]
    stage = Stage(folder, report, key, *options, tool_version(family.router))
    if not stage.done:
        say(f"place and route, seed {seed} (nextpnr {tool_version(family.router)})")
        files = ["--json", f"{NAME}.json", "--report", report, "--log", f"seed{seed}.log"]
        files += constraint_options(board, f"{NAME}.{family.constraints}")
        files += [family.routed_option, f"seed{seed}.{family.routed}"]
        try:
            with stage:
                run_tool(
                    family.router,
                    [*options, "--quiet", "--timing-allow-fail", *files],
                    folder=folder,
                    log=folder / f"seed{seed}.out",
                    minutes=minutes,
                )
        except ToolTimeout:
            say(f"seed {seed} is given up: it is not routed after {minutes:g} minutes")
            return None
    return read_report(folder / report, board.clock_hz / 1e6 * MARGIN)


def _pack(board: Board, folder: Path, seed: int, say: Progress) -> Path:
    """The bitstream of a routed seed, packed if it is not packed yet."""
    family = FAMILIES[board.family]
    routed = folder / f"seed{seed}.{family.routed}"
    bitstream = folder / f"{NAME}.{family.bitstream}"
    packed = Stage(folder, bitstream.name, digest(routed.read_bytes()))
    if not packed.done:
        say(f"packing seed {seed}")
        with packed:
            run_tool(
                family.packer,
                pack_arguments(board, routed.name, bitstream.name),
                folder=folder,
                log=folder / "pack.log",
            )
    return bitstream
