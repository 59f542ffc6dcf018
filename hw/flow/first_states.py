"""The state in which a state machine of an ECP5 begins, where each of its states has a bit."""

import re
from typing import Any

CODE = re.compile(
    r"^ *attribute \\init \d+'(\d+)\n(?: *attribute .*\n)* *wire .*\\fsm_state$", re.M
)
"""The first state's code of a state machine in RTLIL."""


def set_first_states(module: dict[str, Any]) -> int:
    """Let the first state's bit of every such machine begin as one; how many machines there are.

    Yosys' `fsm` forgets with which value the register begins that it gives a bit per state. Other
    families reset it after power-up. The registers of an ECP5 begin as the bitstream says and have
    no reset: with all bits zero, no machine would ever be in a state.

    Codes are sorted from their lowest bit on, so that the state of code zero, which `check_codes`
    asks the first one to be, has the lowest bit of the new register.

    Parameters
    ----------
    module : dict
        Top module of a Yosys JSON netlist, changed in place.

    Raises
    ------
    ValueError
        When a first state's bit is no flip-flop, or one that has a reset.
    """
    registers = {
        cell["connections"]["Q"][0]: cell
        for cell in module["cells"].values()
        if cell["type"] == "TRELLIS_FF"
    }
    machines = {
        name: net["bits"]
        for name, net in module["netnames"].items()
        if "onehot" in net["attributes"]
    }
    for name, bits in machines.items():
        register = registers.get(bits[0])
        if register is None or register["connections"]["LSR"] != ["0"]:
            raise ValueError(f"The first state of {name} has no flip-flop without a reset")
        register["parameters"]["REGSET"] = "SET"
    return len(machines)


def check_codes(rtlil: str) -> None:
    """Refuse a design with a state machine whose first state's code is not zero.

    Raises
    ------
    ValueError
    """
    if others := [code for code in CODE.findall(rtlil) if int(code, 2)]:
        raise ValueError(f"A state machine begins in the state of code {others[0]}, not of zero")
