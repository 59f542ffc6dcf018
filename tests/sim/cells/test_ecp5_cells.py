"""The models of the ECP5's cells do what Lattice says of them, in every mode."""

import random
import re
from dataclasses import replace
from pathlib import Path

import pytest
from cells.flat_cells import Cell, CellBench

COMPILED = Path(__file__).parent.parent.parent.parent / "build" / "sim"
CYCLES = 600
WIDTHS = [(1, 1), (2, 2), (4, 4), (9, 9), (18, 18), (36, 36), (18, 9), (1, 18), (36, 18), (9, 36)]
MODES = ("NORMAL", "WRITETHROUGH", "READBEFOREWRITE")
PINS = {"DI": 18, "AD": 14, "CE": 1, "OCE": 1, "WE": 1, "RST": 1}


def ram(widths, *, write="NORMAL", registers=("NOREG", "NOREG"), **parameters):
    """A block RAM whose first and last initial values are given."""
    given = {"RESETMODE": '"SYNC"', "INITVAL_00": initial(0), "INITVAL_3F": initial(63)}
    for side, width, register in zip("AB", widths, registers, strict=True):
        given |= {f"DATA_WIDTH_{side}": width, f"REGMODE_{side}": f'"{register}"'}
        given[f"WRITEMODE_{side}"] = f'"{write}"'
    buses = {f"{pin}{side}": width for pin, width in PINS.items() for side in "AB"}
    # 36 bits are one port's to write and the other's to read.
    ties = {"WEB": "1'b0"} if 36 in widths else {}
    for side in "AB":
        ties |= {f"CS{side}{bit}": "1'b0" for bit in range(3)}
    return Cell(
        kind="DP16KD",
        parameters=given | {key: f'"{value}"' for key, value in parameters.items()},
        buses={name: width for name, width in buses.items() if name not in ties},
        ties=ties,
        outputs={"DOA": 18, "DOB": 18},
        clocks=("CLKA", "CLKB"),
    )


def initial(number):
    return f"320'h{random.Random(number).getrandbits(320):080x}"


REGISTERED = (("NOREG", "OUTREG"), ("OUTREG", "NOREG"))
RAMS = [
    ram(widths, write=MODES[number % 3], registers=REGISTERED[number % 2])
    for number, widths in enumerate(WIDTHS)
]
RAMS += [
    ram((18, 9), write=write, registers=registers) for write in MODES for registers in REGISTERED
]
RAMS.append(ram((9, 9), RESETMODE="ASYNC", registers=("NOREG", "OUTREG")))


class BlockRam:
    """What the usage guide says of a block RAM, bit by bit."""

    def __init__(self, cell):
        def text(name):
            return cell.parameters[name].strip('"')

        self.widths = [cell.parameters[f"DATA_WIDTH_{side}"] for side in "AB"]
        self.modes = [text(f"WRITEMODE_{side}") for side in "AB"]
        self.late = [text(f"REGMODE_{side}") == "OUTREG" for side in "AB"]
        self.asynchronous = text("RESETMODE") == "ASYNC"
        self.writes_b = "WEB" not in cell.ties
        self.bits = {}
        for block in range(64):
            value = int(cell.parameters.get(f"INITVAL_{block:02X}", "0'h0").split("h")[1], 16)
            for row in range(16):
                for bit in range(18):
                    place = 2 * (16 * block + row) + bit // 9, bit % 9
                    self.bits[place] = value >> 20 * row + bit & 1
        self.kept = [[0] * 36, [0] * 36]
        self.registers = [[0] * 36, [0] * 36]

    def places(self, port, address):
        width = self.widths[port]
        if width < 9:
            low = address & 7 & -width
            return [(address >> 3, low + bit) for bit in range(width)]
        first = (address >> 3) & -(width // 9)
        return [(first + bit // 9, bit % 9) for bit in range(width)]

    def enabled(self, port, address):
        width = self.widths[port]
        if width < 18:
            return [1] * width
        return [address >> bit // 9 & 1 for bit in range(width)]

    def cycle(self, values):
        """What is seen before an edge, then the edge."""
        pins = [{pin: values.get(f"{pin}{side}", 0) for pin in PINS} for side in "AB"]
        if not self.writes_b:
            pins[1]["WE"] = 0
        for port in range(2) if self.asynchronous else ():
            if pins[port]["RST"]:
                self.kept[port], self.registers[port] = [0] * 36, [0] * 36
        outputs = [self.registers[port] if self.late[port] else self.kept[port] for port in (0, 1)]
        low, high = outputs[0][:18], outputs[1][:18]
        if self.widths[1] == 36:
            low, high = outputs[1][:18], outputs[1][18:]
        seen = {"DOA": number(low), "DOB": number(high)}
        written = [self._written(port, pins) for port in (0, 1)]
        for port, own in enumerate(pins):
            self._edge(port, own, written)
        for bits in written:
            self.bits |= bits
        return seen

    def _written(self, port, pins):
        own = pins[port]
        stopped = own["RST"] and not self.asynchronous
        if not (own["CE"] and own["WE"]) or stopped:
            return {}
        data = own["DI"] | (pins[1]["DI"] << 18 if self.widths[port] == 36 else 0)
        places, enabled = self.places(port, own["AD"]), self.enabled(port, own["AD"])
        return {
            place: data >> bit & 1
            for bit, (place, on) in enumerate(zip(places, enabled, strict=True))
            if on
        }

    def _edge(self, port, own, written):
        if own["RST"]:
            self.kept[port], self.registers[port] = [0] * 36, [0] * 36
            return
        if own["OCE"]:
            self.registers[port] = self.kept[port]
        if not own["CE"] or (own["WE"] and self.modes[port] == "NORMAL"):
            return
        now = self.bits | (written[port] if self.modes[port] == "WRITETHROUGH" else {})
        places = self.places(port, own["AD"])
        bits = [now[place] ^ (place in written[1 - port]) for place in places]
        self.kept[port] = bits + [0] * (36 - len(bits))


def number(bits):
    return sum(bit << at for at, bit in enumerate(bits))


def accesses(seed=1):
    """Few words at both ends, both ports, one of which writes at a time."""
    draw = random.Random(seed)
    words = [0, 1, 2, 3, 5, 8, 0x1F, 0x3FE0, 0x3FFF, 0x3FF8, 0x3FF0]
    for _ in range(CYCLES):
        write = draw.random() < 0.5
        yield {
            "DIA": draw.getrandbits(18), "DIB": draw.getrandbits(18),
            "ADA": draw.choice(words) ^ draw.getrandbits(4),
            "ADB": draw.choice(words) ^ draw.getrandbits(4),
            "WEA": write, "WEB": not write and draw.random() < 0.5,
            **{pin: draw.random() < 0.9 for pin in ("CEA", "CEB", "OCEA", "OCEB")},
            **{pin: draw.random() < 0.03 for pin in ("RSTA", "RSTB")},
        }  # fmt: skip


@pytest.fixture(scope="module")
def rams():
    bench = CellBench(RAMS, COMPILED)
    drive = [{name: int(value) for name, value in values.items()} for values in accesses()]
    yield drive, list(bench.run(drive))
    bench.flat.close()


@pytest.mark.parametrize("place", range(len(RAMS)), ids=lambda n: name_of(RAMS[n]))
def test_block_ram(place, rams):
    drive, seen = rams
    model = BlockRam(RAMS[place])
    wanted = [model.cycle(values) for values in drive]
    assert [values[place] for values in seen] == wanted
    assert len({tuple(values.items()) for values in wanted}) > 3


def name_of(cell):
    return re.sub(
        r"[^\w-]", "", "-".join(str(v) for v in cell.parameters.values() if "'" not in str(v))
    )


def test_the_modes_of_a_block_ram_differ(rams):
    """Else one could be another by mistake, and nothing would show it."""
    _, seen = rams
    places = {str(vars(cell)): place for place, cell in enumerate(RAMS)}.values()
    assert len({str([values[place] for values in seen]) for place in places}) == len(places)


OPERANDS = {"A": 18, "B": 18, "SIGNEDA": 1, "SIGNEDB": 1, "CE0": 1, "CE1": 1, "RST0": 1}
REGISTERS = ("INPUTA", "INPUTB", "PIPELINE", "OUTPUT")


def multiplier(*registers, reset="SYNC", enable="CE0"):
    given = {f"REG_{name}_CLK": '"CLK0"' for name in registers}
    given |= {f"REG_{name}_CE": f'"{enable}"' for name in registers}
    return Cell(
        kind="MULT18X18D",
        parameters=given | {"RESETMODE": f'"{reset}"'},
        buses=OPERANDS,
        ties={},
        outputs={"P": 36},
        clocks=("CLK0",),
    )


MULTIPLIERS = [
    multiplier(),
    multiplier("INPUTA"),
    multiplier("INPUTB"),
    multiplier("PIPELINE"),
    multiplier("OUTPUT"),
    multiplier("INPUTA", "INPUTB", "OUTPUT"),
    multiplier(*REGISTERS),
    multiplier(*REGISTERS, reset="ASYNC"),
    multiplier(*REGISTERS, enable="CE1"),
]


class Product:
    """What the usage guide says of a multiplier: `REGISTERS` that it has, or passes by."""

    def __init__(self, cell):
        self.has = [name for name in REGISTERS if f"REG_{name}_CLK" in cell.parameters]
        self.asynchronous = "ASYNC" in cell.parameters["RESETMODE"]
        self.enable = "CE1" if '"CE1"' in cell.parameters.values() else "CE0"
        self.kept = dict.fromkeys(REGISTERS, 0)

    def cycle(self, values):
        if values["RST0"] and self.asynchronous:
            self.kept = dict.fromkeys(REGISTERS, 0)
        found = {}

        def passed(name, value):
            found[name] = value
            return self.kept[name] if name in self.has else value

        a, b = (
            passed(f"INPUT{side}", signed(values[side], values[f"SIGNED{side}"])) for side in "AB"
        )
        product = passed("OUTPUT", passed("PIPELINE", (a * b) & (1 << 36) - 1))
        if values["RST0"]:
            self.kept = dict.fromkeys(REGISTERS, 0)
        elif values[self.enable]:
            self.kept = found
        return {"P": product}


def signed(value, negative):
    return value - (1 << 18) * (negative and value >> 17)


def test_multiplier():
    draw = random.Random(2)
    ends = [0, 1, (1 << 17) - 1, 1 << 17, (1 << 18) - 1]
    drive = [{"A": a, "B": b} for a in ends for b in ends]
    drive += [{side: draw.getrandbits(18) for side in "AB"} for _ in range(CYCLES)]
    for values in drive:
        values |= {f"SIGNED{side}": draw.getrandbits(1) for side in "AB"}
        values |= {pin: int(draw.random() < 0.9) for pin in ("CE0", "CE1")}
        values["RST0"] = int(draw.random() < 0.03)
    bench = CellBench(MULTIPLIERS, COMPILED)
    seen = list(bench.run(drive))
    bench.flat.close()
    for place, cell in enumerate(MULTIPLIERS):
        model = Product(cell)
        assert [values[place] for values in seen] == [model.cycle(values) for values in drive]
    # One register before the product is one behind it, as far as anybody sees.
    assert len({str([values[place] for values in seen]) for place in range(len(MULTIPLIERS))}) == 8


def test_a_mode_that_is_not_modelled_is_refused(tmp_path):
    cell = replace(multiplier(), parameters={"MULT_BYPASS": '"ENABLED"'})
    with pytest.raises(ValueError, match="could not compile"):
        CellBench([cell], tmp_path)
