"""The C driver against an accelerator that lies: nothing beyond a buffer, no call without end."""

import shutil
import subprocess
from pathlib import Path

import pytest
from drivers.c_driver import CC, FIRMWARE, FLAGS, SANITIZED, SOURCES, compiled, run, write_headers
from link_bench import geometry, network, pruned

from thresh.host.c_header import network_header
from thresh.layout.image import build_image

HERE = Path(__file__).parent
SHAPES = {
    "dense": {"lanes": 8, "pointwise_lanes": 2, "weight_depth": 4096},
    "nibbles": {"weight_bits": 4, "lanes": 8, "weight_depth": 4096},
    "sparse": {"lanes": 8, "sparse": True, "weight_depth": 4096},
}
OK, PROTOCOL_OTHER, IMAGE_BROKEN, NOT_LOADED = 0, 4, 6, 12
NO_WHOLE_ANSWER, TAKEN = 2, 17

pytestmark = pytest.mark.skipif(CC is None, reason="no C compiler")


def program(folder, source, shape):
    net = network(5, 13, 6, 3, kinds=("gru", "lstm", "linear"), shift=11,
                  weight_bits=SHAPES[shape].get("weight_bits", 8))  # fmt: skip
    image = build_image(pruned(net, 0.5), geometry(**SHAPES[shape]))
    (folder / "network.h").write_text(network_header(image))
    return compiled(folder, HERE / source, flags=(*SANITIZED, "-O1", "-fno-sanitize-recover"))


@pytest.fixture(scope="module")
def faults(tmp_path_factory):
    return program(tmp_path_factory.mktemp("faults"), "faults.c", "dense")


@pytest.mark.parametrize(
    ("fault", "ends"),
    [
        ("none", OK),
        ("outputs", IMAGE_BROKEN),
        ("columns", IMAGE_BROKEN),
        ("hidden", IMAGE_BROKEN),
        ("weights", IMAGE_BROKEN),
        ("endless", 8),
        ("value-bits", NOT_LOADED),
        ("grows", OK),
        ("taken", TAKEN),
        ("stranger", NO_WHOLE_ANSWER),
    ],
)
def test_a_lie_is_found_where_it_arrives_or_changes_nothing(faults, fault, ends):
    result = run(faults, fault)
    assert (result.returncode, result.stderr, result.stdout) == (0, "", f"{ends}\n")


def fuzzed(folder, shape, seed, answers):
    result = run(program(folder, "fuzz.c", shape), seed, answers, timeout=1500)
    assert (result.returncode, result.stderr) == (0, "")
    came, well, ill = map(int, result.stdout.split())
    assert came >= answers
    assert well > answers / 200
    assert ill > answers / 200


@pytest.mark.parametrize("shape", SHAPES)
def test_wrong_answers_with_a_good_crc(tmp_path, shape):
    fuzzed(tmp_path, shape, seed=1, answers=17_000)


@pytest.mark.slow
@pytest.mark.parametrize("shape", SHAPES)
def test_a_million_wrong_answers(tmp_path, shape):
    fuzzed(tmp_path, shape, seed=2, answers=340_000)


FOREIGN = {
    "32 bit": [("cc", "-m32"), ("i686-linux-gnu-gcc",), ("arm-linux-gnueabihf-gcc",)],
    "big endian": [
        ("powerpc-linux-gnu-gcc",),
        ("s390x-linux-gnu-gcc",),
        ("arm-linux-gnueabihf-gcc", "-mbig-endian"),
    ],
}


def works(compiler, source):
    command = [*compiler, "-c", source, "-o", source.with_suffix(".o")]
    return shutil.which(compiler[0]) and not subprocess.run(command, capture_output=True).returncode


@pytest.mark.parametrize("target", FOREIGN)
def test_other_machines_compile_the_driver_without_a_warning(tmp_path, target):
    include = tmp_path / "include.c"
    include.write_text("#include <stdint.h>\n#include <string.h>\n")
    compiler = next((words for words in FOREIGN[target] if works(words, include)), None)
    if compiler is None:
        pytest.skip(f"no compiler with headers for {target}")
    write_headers(tmp_path)
    for source in SOURCES:
        command = [*compiler, *FLAGS, f"-I{FIRMWARE}", f"-I{tmp_path}", "-c", source]
        subprocess.run([*command, "-o", tmp_path / "object.o"], check=True, timeout=60)
