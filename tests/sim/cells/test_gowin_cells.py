"""The models of the GW2A's cells do what Gowin says of them."""

import random

import pytest
from cells.flat_cells import Cell, CellBench

CYCLES = 500
PINS = {"DI": 36, "AD": 14, "CE": 1, "OCE": 1, "WRE": 1, "RESET": 1}
BYTES = {1: 1, 2: 1, 4: 1, 8: 1, 9: 1, 16: 2, 18: 2, 32: 4, 36: 4}


def initial(number, bits):
    return f"{bits}'h{random.Random(number).getrandbits(bits):x}"


def ram(kind, *widths, writes=(0, 0), reads=(0, 0), reset="SYNC"):
    """A block RAM whose first and last rows have values at power-up."""
    single, semi, bits = len(widths) == 1, kind.startswith("SD"), 288 if "9" in kind else 256
    given = {f"INIT_RAM_{row}": initial(int(row, 16), bits) for row in ("00", "3F")}
    names = [("", "")] if single else [("A", "0"), ("B", "1")]
    buses, ties, outputs = {}, {}, {}
    for (side, number), width, write, read in zip(names, widths, writes, reads, strict=False):
        given["BIT_WIDTH" + f"_{number}" * (not single)] = width
        buses |= {f"{pin}{side}": size for pin, size in PINS.items()}
        ties[f"BLKSEL{side}"] = "3'b000"
        outputs[f"DO{side}"] = 36
        if not semi:
            given |= {f"READ_MODE{number}": read, f"WRITE_MODE{number}": write}
    if semi:  # One side writes, the other reads.
        given["READ_MODE"], outputs = reads[1], {"DO": 36}
        used = ("ADA", "CEA", "ADB", "CEB", "RESETB")
        buses = {pin: size for pin, size in buses.items() if pin in used} | {"DI": 36, "OCE": 1}
        ties["RESETA"] = "1'b0"
    return Cell(
        kind=kind, parameters=given | {"RESET_MODE": f'"{reset}"'}, buses=buses, ties=ties,
        outputs=outputs, clocks=tuple(f"CLK{side}" for side, _ in names), numbered=False,
    )  # fmt: skip


RAMS = [
    *(ram("DPB", width, width) for width in (1, 2, 4, 8, 16)),
    *(ram("DPX9B", *widths) for widths in ((9, 9), (18, 18), (18, 9))),
    *(ram("DPX9B", 18, 18, writes=(mode, mode)) for mode in (1, 2)),
    ram("DPB", 2, 2, writes=(1, 1)),
    ram("DPB", 2, 16, writes=(2, 0), reads=(1, 0)),
    ram("DPX9B", 18, 18, reads=(0, 1), reset="ASYNC"),
    *(ram("SDPB", *widths) for widths in ((32, 32), (8, 8), (32, 1))),
    ram("SDPX9B", 36, 36),
    ram("SDPX9B", 36, 9, reads=(0, 1)),
    ram("SP", 4),
    ram("SPX9", 18, writes=(2,)),
]


class Side:
    """A port of a block RAM: its width, modes, and what it holds."""

    def __init__(self, width, write, read):
        self.width, self.write, self.read = width, write, read
        self.kept = self.register = 0

    def places(self, address):
        """Byte and bit of each bit of a word, and whether it is written."""
        if self.width < 8:
            low = address & 7 & -self.width
            return [(address >> 3, low + bit, 1) for bit in range(self.width)]
        count = BYTES[self.width]
        size = self.width // count
        first = (address >> 3) & -count
        return [
            (first + bit // size, bit % size, count == 1 or address >> bit // size & 1)
            for bit in range(self.width)
        ]


class BlockRam:
    """What the user guide says of a block RAM, bit by bit."""

    def __init__(self, cell):
        given, self.cell = cell.parameters, cell
        byte = 9 if "9" in cell.kind else 8
        self.semi = cell.kind.startswith("SD")
        numbers = ("",) if "BIT_WIDTH" in given else ("0", "1")
        self.sides = [
            Side(
                given["BIT_WIDTH" + f"_{n}" * (n != "")], given.get(f"WRITE_MODE{n}", 0),
                given["READ_MODE"] if self.semi else given[f"READ_MODE{n}"],
            )
            for n in numbers
        ]  # fmt: skip
        self.asynchronous = "ASYNC" in given["RESET_MODE"]
        self.bits = {(at, bit): 0 for at in range(2048) for bit in range(byte)}
        for row in (0x00, 0x3F):
            value = int(given[f"INIT_RAM_{row:02X}"].split("h")[1], 16)
            for bit in range(32 * byte):
                self.bits[32 * row + bit // byte, bit % byte] = value >> bit & 1

    def pins(self, values):
        """Of every side, by their names without it."""
        if len(self.sides) == 1:
            return [{pin: values[pin] for pin in PINS}]
        sides = [{pin: values.get(f"{pin}{side}", 0) for pin in PINS} for side in "AB"]
        if self.semi:
            sides[0] |= {"DI": values["DI"], "WRE": 1, "RESET": 0}
            sides[1] |= {"OCE": values["OCE"], "WRE": 0}
        return sides

    def cycle(self, values):
        """What is seen before an edge, then the edge."""
        pins = self.pins(values)
        for side, own in zip(self.sides, pins, strict=True):
            if self.asynchronous and own["RESET"]:
                side.kept = side.register = 0
        shown = [side.register if side.read else side.kept for side in self.sides]
        seen = dict(zip(self.cell.outputs, shown[-len(self.cell.outputs) :], strict=True))
        written = [self._written(*pair) for pair in zip(self.sides, pins, strict=True)]
        for number, (side, own) in enumerate(zip(self.sides, pins, strict=True)):
            others = [bits for other, bits in enumerate(written) if other != number]
            self._edge(side, own, others)
        for bits in written:
            self.bits |= bits
        return seen

    @staticmethod
    def _written(side, own):
        if not (own["CE"] and own["WRE"]):
            return {}
        places = side.places(own["AD"])
        return {
            (at, bit): own["DI"] >> number & 1 for number, (at, bit, on) in enumerate(places) if on
        }

    def _edge(self, side, own, others):
        late = side.kept
        if own["CE"] and not (own["WRE"] and side.write == 0):
            side.kept = own["DI"] & (1 << side.width) - 1
            if not own["WRE"] or side.write == 2:
                places = [place[:2] for place in side.places(own["AD"])]
                clashes = [any(place in bits for bits in others) for place in places]
                read = zip(places, clashes, strict=True)
                side.kept = sum((self.bits[p] ^ clash) << n for n, (p, clash) in enumerate(read))
        if own["OCE"]:
            side.register = late
        if own["RESET"]:
            side.kept = side.register = 0


def accesses():
    """Few words at both ends; two ports never write one row at a time."""
    draw = random.Random(1)
    words = [0, 1, 2, 8, 0x10, 0x1F, 0x3FE0, 0x3FFF, 0x3FF0]
    for _ in range(CYCLES):
        write = draw.random() < 0.5
        values = {f"DI{side}": draw.getrandbits(36) for side in ("", "A", "B")}
        values |= {f"AD{side}": draw.choice(words) ^ draw.getrandbits(5) for side in ("", "A", "B")}
        values |= {"WRE": write, "WREA": write, "WREB": not write and draw.random() < 0.5}
        for side in ("", "A", "B"):
            values |= {f"{pin}{side}": draw.random() < 0.9 for pin in ("CE", "OCE")}
            values[f"RESET{side}"] = draw.random() < 0.03
        yield {name: int(value) for name, value in values.items()}


@pytest.fixture(scope="module")
def rams(tmp_path_factory):
    bench = CellBench(RAMS, tmp_path_factory.mktemp("rams"), "gowin")
    drive = list(accesses())
    yield drive, list(bench.run(drive))
    bench.flat.close()


@pytest.mark.parametrize("place", range(len(RAMS)), ids=lambda n: f"{n}-{RAMS[n].kind}")
def test_block_ram(place, rams):
    drive, seen = rams
    model = BlockRam(RAMS[place])
    wanted = [model.cycle(values) for values in drive]
    assert [values[place] for values in seen] == wanted
    assert len({tuple(values.items()) for values in wanted}) > 1


def test_the_modes_of_a_block_ram_differ(rams):
    """Else one could be another by mistake, and nothing would show it."""
    _, seen = rams
    assert len({str([values[n] for values in seen]) for n in range(len(RAMS))}) == len(RAMS)


REGISTERS = ("AREG", "BREG", "PIPE_REG", "OUT_REG")


def multiplier(*registers, reset="SYNC"):
    return Cell(
        kind="MULT18X18",
        parameters={name: int(name in registers) for name in REGISTERS}
        | {"MULT_RESET_MODE": f'"{reset}"'},
        buses={"A": 18, "B": 18, "ASIGN": 1, "BSIGN": 1, "CE": 1, "RESET": 1},
        ties={"ASEL": "1'b0", "BSEL": "1'b0", "SIA": "18'd0", "SIB": "18'd0"},
        outputs={"DOUT": 36},
        clocks=("CLK",),
        numbered=False,
    )


MULTIPLIERS = [
    multiplier(), multiplier("AREG"), multiplier("BREG"), multiplier("PIPE_REG"),
    multiplier("OUT_REG"), multiplier(*REGISTERS), multiplier(*REGISTERS, reset="ASYNC"),
]  # fmt: skip


class Product:
    """What the user guide says of a multiplier: registers that it has, or passes by."""

    def __init__(self, cell):
        self.kept = {name: 0 for name in REGISTERS if cell.parameters[name]}
        self.asynchronous = "ASYNC" in cell.parameters["MULT_RESET_MODE"]

    def cycle(self, values):
        """What is seen before an edge, then the edge."""
        if self.asynchronous and values["RESET"]:
            self.kept = dict.fromkeys(self.kept, 0)
        now = {name: values[name[0]] for name in ("AREG", "BREG")}
        a, b = (
            signed(self.kept.get(name, now[name]), values[f"{name[0]}SIGN"])
            for name in ("AREG", "BREG")
        )
        now["PIPE_REG"] = a * b % (1 << 36)
        now["OUT_REG"] = self.kept.get("PIPE_REG", now["PIPE_REG"])
        seen = self.kept.get("OUT_REG", now["OUT_REG"])
        if values["RESET"]:
            self.kept = dict.fromkeys(self.kept, 0)
        elif values["CE"]:
            self.kept = {name: now[name] for name in self.kept}
        return {"DOUT": seen}


def signed(value, is_signed):
    return value - (1 << 18) if is_signed and value >> 17 else value


def test_multiplier(tmp_path):
    draw = random.Random(2)
    edges = [0, 1, (1 << 17) - 1, 1 << 17, (1 << 18) - 1]
    drive = [
        {
            **{pin: draw.choice([*edges, draw.getrandbits(18)]) for pin in ("A", "B")},
            **{pin: draw.getrandbits(1) for pin in ("ASIGN", "BSIGN")},
            "CE": int(draw.random() < 0.9),
            "RESET": int(draw.random() < 0.05),
        }
        for _ in range(CYCLES)
    ]
    bench = CellBench(MULTIPLIERS, tmp_path, "gowin")
    seen = list(bench.run(drive))
    bench.flat.close()
    for place, cell in enumerate(MULTIPLIERS):
        model = Product(cell)
        assert [values[place] for values in seen] == [model.cycle(values) for values in drive]
    # PIPE_REG alone and OUT_REG alone are the same.
    assert len({str([values[n] for values in seen]) for n in range(len(MULTIPLIERS) - 1)}) == 5
