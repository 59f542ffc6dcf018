"""The way from numbers in their own unit to a network's inputs, as a C function."""

from thresh.model.network import Network

PER_LINE = 4


def input_lines(network: Network, prefix: str) -> list[str]:
    """Lines of C that define ``<prefix>_input``: the same integers as `Network.input_integers`.

    Parameters
    ----------
    network : Network
    prefix : str
        A C identifier in small letters.
    """
    form, scaled = network.input_format, "value"
    lines: list[str] = []
    if network.scaling is not None:
        lines = _array(f"{prefix}_offsets", network.scaling.offsets)
        lines += _array(f"{prefix}_scales", network.scaling.scales)
        scaled = f"(value - {prefix}_offsets[input]) * {prefix}_scales[input]"
    return [
        *lines,
        "",
        "/* Input number `input` of a step from its own unit: scaled, rounded, clipped. */",
        f"static inline int16_t {prefix}_input(unsigned input, double value)",
        "{",
        f"    double scaled = {scaled};",
        f"    double steps = scaled * {2.0**form.frac!r} + 0.5;",
        "    int32_t whole;",
        "    (void)input;",
        f"    if (!(steps >= {form.lowest}.0)) {{",
        f"        return {form.lowest};",
        "    }",
        f"    if (steps >= {form.highest}.0) {{",
        f"        return {form.highest};",
        "    }",
        "    whole = (int32_t)steps;",
        "    return (int16_t)(whole - (whole > steps));",
        "}",
    ]


def _array(name: str, values: tuple[float, ...]) -> list[str]:
    texts = [repr(value) for value in values]
    rows = [texts[at : at + PER_LINE] for at in range(0, len(texts), PER_LINE)]
    return [
        "",
        f"static const double {name}[{len(texts)}] = {{",
        *(f"    {', '.join(row)}," for row in rows),
        "};",
    ]
