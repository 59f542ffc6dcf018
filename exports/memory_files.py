"""What memories begin with, as files beside the Verilog, loops, or words in it."""

import re

WORD = re.compile(r"\s*(\w+)\s?\[(\d+)\] = (\d+)'([hd])([0-9a-fx_]+);")
FEW = 16
"""Words of a memory that stay in the source whatever they are."""

LOOPED = 1024
"""Zeros that a loop writes at most: Yosys takes the square of their number for it."""


def with_memory_files(verilog: str, *, stem: str, apart: bool) -> dict[str, str]:
    """Yosys' Verilog with shorter beginnings of its memories.

    Parameters
    ----------
    verilog : str
        As ``write_verilog`` writes it.
    stem : str
        What the file is called; those of memories begin with it.
    apart : bool
        Words, but for a few zeros, lie in files that ``$readmemh`` reads, one hexadecimal word a
        line; otherwise they stay in the source.

    Returns
    -------
    dict of str to str
        Texts by file name; the Verilog's is ``<stem>.v``.
    """
    files: dict[str, str] = {}
    lines: list[str] = []
    block: list[str] = []
    module = stem
    for line in verilog.splitlines():
        if line.startswith("module "):
            module = line.split("(")[0].split()[1]
        if block or line == "  initial begin":
            block.append(line)
            if line == "  end":
                lines += _shorter(block, module, files, apart)
                block = []
            continue
        lines.append(line)
    return {f"{stem}.v": "\n".join(lines) + "\n"} | files


def _shorter(block: list[str], module: str, files: dict[str, str], apart: bool) -> list[str]:
    """The lines of an ``initial`` block of one memory."""
    found = [WORD.fullmatch(line) for line in block[1:-1]]
    words = {int(word[2]): word for word in found if word is not None}
    if len(words) != len(found) or len(words) <= FEW or set(words) != set(range(len(words))):
        return block
    name, bits = words[0][1], int(words[0][3])
    values = [int(word[5].replace("x", "0"), 16 if word[4] == "h" else 10)
              for _, word in sorted(words.items())]  # fmt: skip
    if not any(values) and len(values) <= LOOPED:
        n = f"{name}_word"
        return [
            f"  integer {n};",
            "  initial",
            f"    for ({n} = 0; {n} < {len(values)}; {n} = {n} + 1)",
            f"      {name}[{n}] = {bits}'d0;",
        ]
    if not apart:
        return block
    file, digits = f"{module}_{name}.mem", -(-bits // 4)
    files[file] = "".join(f"{value:0{digits}x}\n" for value in values)
    return [f'  initial $readmemh("{file}", {name}, 0, {len(values) - 1});']
