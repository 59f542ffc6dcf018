"""The boards, and which of them hold a network."""

from dataclasses import asdict, dataclass
from typing import Any

from thresh.hw.board import Board, Crystal
from thresh.hw.chips import CHIPS
from thresh.hw.estimates.estimate import Estimate as Figures
from thresh.reports.shown import Shown
from thresh.reports.table import Table, facts, grid

SEEN = "None of the boards has been seen at work; docs/boards.md says which were routed."

PRICES = (
    "KiB of weights on the chip, MiB of SDRAM beside it, MHz of crystal and accelerator. "
    "Price of one chip, coarsely: $ below 10 US dollars, $$ to 30, $$$ above; a board costs more."
)


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class BoardSheet(Shown):
    """One board: what it has, where its pins are, what it asks of you."""

    board: Board

    @property
    def title(self) -> str:
        """The board's."""
        return self.board.title

    @property
    def summary(self) -> str:
        """Its device and lanes."""
        return f"{self.board.device}, {self.board.geometry.lanes} lanes"

    def to_dict(self) -> dict[str, Any]:
        """As ``thresh boards BOARD --json`` prints it."""
        board, geometry = self.board, self.board.geometry
        crystal = board.clock if isinstance(board.clock, Crystal) else None
        return {
            "name": board.name,
            "title": board.title,
            "device": board.device,
            "package": board.package,
            "speed": board.speed or None,
            "price_class": CHIPS[board.device].price,
            "lanes": geometry.lanes,
            "pointwise_lanes": geometry.pointwise_lanes,
            "weight_bytes": geometry.weight_depth * geometry.weight_word_bits // 8,
            "sdram_bytes": board.sdram.size_bytes if board.sdram else 0,
            "crystal_mhz": crystal.hz / 1e6 if crystal else None,
            "clock_pin": crystal.sites if crystal else None,
            "clock_mhz": board.clock_hz / 1e6,
            "needs": crystal.needs if crystal else "a crystal: its oscillator is too inaccurate",
            "receives": board.uart.rx.sites,
            "sends": board.uart.tx.sites,
            "port": board.uart.port,
            "baud": board.baud,
            "lights": {
                name: {"label": light.label, "pin": light.sites}
                for name, light in board.lights.items()
            },
            "held": [
                {"pin": pin.sites, "level": pin.level, "why": pin.why} for pin in board.constants
            ],
            "loader": [board.loader.tool, *board.loader.options, *board.loader.to_flash],
            "usb_ids": list(board.usb_ids),
        }

    def tables(self) -> list[Table | str]:
        """One table."""
        data = self.to_dict()
        speed = f", speed {data['speed']}" if data["speed"] else ""
        rows: list[tuple[str, object]] = [
            ("device", f"{data['device']} {data['package']}{speed} ({data['price_class']})"),
            ("lanes x pointwise lanes", f"{data['lanes']} x {data['pointwise_lanes']}"),
            ("weights on the chip", f"{data['weight_bytes']:,} bytes"),
            *([("SDRAM", f"{data['sdram_bytes']:,} bytes")] if data["sdram_bytes"] else []),
            ("crystal → clock, MHz", clock_text(data)),
            *([("it needs", data["needs"])] if data["needs"] else []),
            ("serial port", f"{data['port']}; {data['baud']:,} baud"),
            ("receives, sends on pin", f"{data['receives']}, {data['sends']}"),
        ]
        shows = {"loaded": "a network is loaded", "busy": "a step is under way",
                 "fired": "neurons fire"}  # fmt: skip
        rows += [
            (shows[name], f"{light['label']}, pin {light['pin']}")
            for name, light in data["lights"].items()
        ]
        rows += [
            (f"pin {pin['pin']} is held {'high' if pin['level'] else 'low'}", pin["why"])
            for pin in data["held"]
        ]
        rows += [
            ("is written by", " ".join(data["loader"])),
            ("USB", ", ".join(data["usb_ids"]) or "-"),
        ]
        return [facts(self.title, rows)]


def clock_text(data: dict[str, Any]) -> str:
    """Crystal and clock in MHz, for people."""
    crystal = data["crystal_mhz"]
    return f"{'inside' if crystal is None else f'{crystal:g}'} → {data['clock_mhz']:g}"


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class BoardList(Shown):
    """Boards under each other."""

    boards: tuple[Board, ...]

    @property
    def title(self) -> str:
        """What they are."""
        return "Boards"

    @property
    def summary(self) -> str:
        """How many."""
        return f"{len(self.boards)} boards"

    def to_dict(self) -> dict[str, Any]:
        """As ``thresh boards --json`` prints it."""
        return {"boards": [BoardSheet(board=board).to_dict() for board in self.boards]}

    def tables(self) -> list[Table | str]:
        """A row each."""
        columns = ("board", "device", "$", "lanes", "KiB", "SDRAM", "MHz", "serial")
        rows = [
            (
                data["name"], data["device"], data["price_class"], data["lanes"],
                data["weight_bytes"] >> 10, data["sdram_bytes"] >> 20 or "-",
                clock_text(data).replace(" ", ""), data["port"].split()[0].strip(",:"),
            )
            for data in self.to_dict()["boards"]
        ]  # fmt: skip
        return [grid(self.title, columns, rows), PRICES, SEEN]


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Fitting(Shown):
    """A network against several boards.

    Parameters
    ----------
    name : str
        Of the network.
    boards : tuple of Board
    figures : tuple of `thresh.hw.estimates.estimate.Estimate`
        One of each board.
    """

    name: str
    boards: tuple[Board, ...]
    figures: tuple[Figures, ...]

    @property
    def fits(self) -> list[str]:
        """Names of the boards that hold the network."""
        return [found.fit.board for found in self.figures if found.fit.fits]

    @property
    def advice(self) -> str | None:
        """What to change for the board of most memory, where none holds the network."""
        if self.fits:
            return None
        geometries = [board.geometry for board in self.boards]
        sizes = [one.weight_depth * one.weight_word_bits for one in geometries]
        return self.figures[sizes.index(max(sizes))].fit.advice

    @property
    def title(self) -> str:
        """The network."""
        return f"{self.name} on every board"

    @property
    def summary(self) -> str:
        """On how many it fits."""
        return f"fits {len(self.fits)} of {len(self.boards)} boards"

    def to_dict(self) -> dict[str, Any]:
        """As ``thresh estimate --json`` without a board prints it."""
        return {
            "network": self.name,
            "fits": self.fits,
            "boards": [
                {
                    "board": board.name,
                    "device": board.device,
                    "price_class": CHIPS[board.device].price,
                    "lanes": found.fit.lanes,
                    "fits": found.fit.fits,
                    "advice": found.fit.advice,
                    "cycles": asdict(found.cycles),
                    "clock_mhz": found.clock_mhz,
                    "frames_per_second": found.frames_per_second,
                }
                for board, found in zip(self.boards, self.figures, strict=True)
            ],
        }

    def tables(self) -> list[Table | str]:
        """A row each."""
        columns = ("board", "device", "$", "lanes", "fits", "frames per second, mean", "worst")
        rows = []
        for row in self.to_dict()["boards"]:
            rates = row["frames_per_second"]
            mean = "unknown" if rates["mean"] is None else rates["mean"]
            shown = (mean, rates["worst"]) if row["fits"] else ("-", "-")
            rows.append(
                (row["board"], row["device"], row["price_class"], row["lanes"],
                 "yes" if row["fits"] else "NO", *shown)
            )  # fmt: skip
        return [grid(self.title, columns, rows)]
