"""Small ECP5 netlists, as Yosys writes them, and what they compute."""

import random

CLOCK = 2
IN, BITS = 100, 18


def flip_flop(data, output, **changed):
    parameters = {"CEMUX": "1 ", "CLKMUX": "CLK", "LSRMUX": "LSR", "REGSET": "RESET"}
    connections = {"CLK": [CLOCK], "DI": [data], "LSR": ["0"], "Q": [output]}
    for name, value in changed.items():
        (parameters if name in parameters else connections)[name] = value
    directions = {port: "output" if port == "Q" else "input" for port in connections}
    return {
        "type": "TRELLIS_FF",
        "parameters": parameters,
        "connections": connections,
        "port_directions": directions,
    }


def block(kind, inputs, outputs, **parameters):
    connections = {name: [bit] for name, bit in (inputs | outputs).items()}
    directions = {name: "input" for name in inputs} | {name: "output" for name in outputs}
    return {
        "type": kind,
        "parameters": parameters,
        "connections": connections,
        "port_directions": directions,
    }


class Evaluator:
    """Runs a netlist of flip-flops, one memory and one multiplier."""

    def __init__(self, module):
        self.module = module
        self.nets = {"0": 0, "1": 1}
        self.stages = {name: [0] * 4 for name in module["cells"]}

    def number(self, cell, prefix, count):
        bits = (cell["connections"].get(f"{prefix}{n}", ["0"])[0] for n in range(count))
        return sum(self.nets.get(bit, 0) << n for n, bit in enumerate(bits))

    def drive(self, cell, prefix, value, count):
        for n in range(count):
            if f"{prefix}{n}" in cell["connections"]:
                self.nets[cell["connections"][f"{prefix}{n}"][0]] = value >> n & 1

    def cycle(self, inputs):
        for bit, value in zip(self.module["ports"]["i"]["bits"], inputs, strict=True):
            self.nets[bit] = value
        self.settle()
        after = {}
        for name, cell in self.module["cells"].items():
            stages, parameters = self.stages[name], cell["parameters"]
            if cell["type"] == "TRELLIS_FF":
                after[name] = [self.nets.get(cell["connections"]["DI"][0], 0)]
            elif cell["type"] == "DP16KD":
                address = self.number(cell, "ADB", 14)
                after[name] = [address * 40503 >> 3 & (1 << BITS) - 1, stages[0]]
            else:
                a, b = self.operands(cell, stages)
                piped = stages[2] if "REG_PIPELINE_CLK" in parameters else a * b
                after[name] = [
                    self.number(cell, "A", BITS),
                    self.number(cell, "B", BITS),
                    a * b,
                    piped,
                ]
        self.stages = after
        self.settle()
        bits = self.module["ports"]["o"]["bits"] + self.module["ports"]["extra"]["bits"]
        return [self.nets.get(bit, 0) for bit in bits]

    def operands(self, cell, stages):
        parameters = cell["parameters"]
        a = stages[0] if "REG_INPUTA_CLK" in parameters else self.number(cell, "A", BITS)
        b = stages[1] if "REG_INPUTB_CLK" in parameters else self.number(cell, "B", BITS)
        return a, b

    def settle(self):
        cells = sorted(self.module["cells"].items(), key=lambda item: item[1]["type"] != "DP16KD")
        for kind in ("DP16KD", "TRELLIS_FF", "MULT18X18D"):
            for name, cell in cells:
                stages, parameters = self.stages[name], cell["parameters"]
                if cell["type"] != kind:
                    continue
                if kind == "DP16KD":
                    late = parameters.get("REGMODE_B") == "OUTREG"
                    self.drive(cell, "DOB", stages[late], BITS)
                elif kind == "TRELLIS_FF":
                    self.nets[cell["connections"]["Q"][0]] = stages[0]
                else:
                    a, b = self.operands(cell, stages)
                    late = "REG_OUTPUT_CLK" in parameters
                    self.drive(cell, "P", stages[3] if late else a * b, 36)


def outputs(module):
    draw = random.Random(1)
    evaluator = Evaluator(module)
    return [evaluator.cycle([draw.getrandbits(1) for _ in range(2 * BITS)]) for _ in range(60)]
