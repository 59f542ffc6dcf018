import re
import shutil
import subprocess
from dataclasses import replace

import numpy as np
import pytest
from link_bench import geometry, network

from thresh.host.c_header import link_header, network_header
from thresh.layout.image import build_image
from thresh.layout.link import IDENTITY_FIELDS, Command, Fault, Region
from thresh.model.input_scaling import InputScaling

IMAGE = build_image(network(5, 13, 3, kinds=("lstm", "linear"), classes=('"a"', "b?\\", "ü")),
                    geometry(packet_bytes=512))  # fmt: skip
CC = shutil.which("cc")
THRESH_H = (
    "#include <stddef.h>\n#include <stdint.h>\n"
    "typedef struct { unsigned needs[9]; unsigned bytes; const uint8_t *body; void *a, *b; }"
    " thresh_image;\n"
)
"""As much of the driver's header as a network's header needs."""


def macros(text):
    """Values of all macros that are numbers."""
    return {name: int(value) for name, value in re.findall(r"#define (\w+) (-?\d+)u?\n", text)}


def test_the_link_header_has_every_command_fault_region_and_field():
    constants = macros(link_header())
    for prefix, members in (("COMMAND", Command), ("FAULT", Fault), ("REGION", Region)):
        for member in members:
            assert constants[f"THRESH_{prefix}_{member.name}"] == member.value
    at = 0
    for name, size in IDENTITY_FIELDS:
        assert constants[f"THRESH_IDENTITY_{name.upper()}_AT"] == at
        at += size
    assert constants["THRESH_IDENTITY_BYTES"] == at


def test_the_network_header_holds_the_image():
    text = network_header(IMAGE)
    constants = macros(text)
    body = re.search(r"network_body\[\w+\] = \{(.*?)\};", text, re.S)
    values = bytes(int(number) for number in re.findall(r"\d+", body.group(1)))
    assert len(values) == constants["NETWORK_BODY_BYTES"]
    assert values[:256] == IMAGE.table.astype("<u2").tobytes()
    assert values[256:268] == np.array(IMAGE.header, "<u2").tobytes()
    assert values[268:] == IMAGE.weights.tobytes()


def test_the_network_header_has_sizes_and_register_map():
    constants = macros(network_header(IMAGE, "digits"))
    first, second = IMAGE.placement.layers
    wanted = {
        "INPUTS": 5, "OUTPUTS": 3, "LAYERS": 2, "BUFFER_BYTES": 512,
        "LAYER0_UNITS": 13, "LAYER0_H": first.h_base, "LAYER0_S": first.s_base,
        "LAYER0_ACCUMULATORS": first.accumulator_base, "LAYER0_REFERENCE": first.h_segment,
        "LAYER1_H": second.h_base,
    }  # fmt: skip
    assert {name: constants[f"DIGITS_{name}"] for name in wanted} == wanted
    assert "DIGITS_LAYER1_S" not in constants


@pytest.mark.parametrize("name", ["", "1st", "a-b", "a b", "größe"])
def test_refuses_a_name_that_c_cannot_have(name):
    with pytest.raises(ValueError, match=f"must be a C identifier, not {name!r}"):
        network_header(IMAGE, name)


def test_a_network_name_cannot_end_the_comment():
    image = build_image(network(5, 12, 3, name="a */ #error\nb"), geometry())
    assert network_header(image).splitlines()[0] == "/* a ? #error?b"


SCALING = InputScaling(
    offsets=(1013.25, -3e-7, 0.1, 0.0, 5.5), scales=(0.03, 1 / 3e-7, 7.0, 1e6, 1.0)
)


@pytest.mark.skipif(CC is None, reason="no C compiler")
@pytest.mark.parametrize("scaling", [None, SCALING])
@pytest.mark.parametrize("optimise", ["-O0", "-O3"])
def test_inputs_become_the_same_integers_in_c(tmp_path, scaling, optimise):
    net = replace(network(5, 13, 3), scaling=scaling)
    random, unit = np.random.default_rng(1), 2.0**-net.input_format.frac
    x = random.normal(0, 3, (500, 5))
    x[:100] = np.round(x[:100] / unit) * unit + random.choice([0.5, -0.5], (100, 5)) * unit
    x[100:104] = np.array([1e300, -1e300, np.inf, -np.inf])[:, None]
    if scaling is not None:
        x = x / np.array(scaling.scales) + np.array(scaling.offsets)
    (tmp_path / "network.h").write_text(network_header(build_image(net, geometry())))
    (tmp_path / "thresh.h").write_text(THRESH_H)
    values = ", ".join(repr(float(value)) for value in x.ravel()).replace("inf", "INFINITY")
    (tmp_path / "main.c").write_text(
        '#include <math.h>\n#include <stdio.h>\n#include "network.h"\n'
        f"static const double x[] = {{{values}}};\nint main(void) {{\n"
        "for (unsigned n = 0; n < sizeof x / sizeof *x; n++)\n"
        '    printf("%d\\n", network_input(n % NETWORK_INPUTS, x[n]));\n'
        "return (int)(network_image.bytes == 0);\n}\n"
    )
    subprocess.run(
        [CC, optimise, "-Wall", "-Wextra", "-Wno-missing-braces", "-Werror", "-std=c99", "main.c",
         "-o", "main"],
        cwd=tmp_path, check=True,
    )  # fmt: skip
    out = subprocess.run([tmp_path / "main"], capture_output=True, text=True, check=True).stdout
    assert list(map(int, out.split())) == net.input_integers(x).ravel().tolist()


@pytest.mark.skipif(CC is None, reason="no C compiler")
def test_class_names_come_out_of_c_as_they_went_in(tmp_path):
    (tmp_path / "network.h").write_text(network_header(IMAGE))
    (tmp_path / "thresh.h").write_text(THRESH_H)
    (tmp_path / "main.c").write_text(
        '#include <stdio.h>\n#include "network.h"\nint main(void) {\n'
        'printf("%s\\n%s\\n%s\\n", NETWORK_CLASS_0, NETWORK_CLASS_1, NETWORK_CLASS_2);\n'
        "return network_image.body != network_body; }\n"
    )
    command = [CC, "-std=c99", "-Wall", "main.c", "-o", "main"]
    subprocess.run(command, cwd=tmp_path, check=True, timeout=30)
    run = subprocess.run([tmp_path / "main"], capture_output=True, timeout=10, check=True)
    assert run.stdout.decode().splitlines() == list(IMAGE.network.classes)
