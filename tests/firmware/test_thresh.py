import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from drivers.c_driver import CC, FIRMWARE, SANITIZED, compiled, run
from link_bench import Noise, compare, deadline, geometry, golden, network, pruned, walk

from thresh.host.c_header import link_header, network_header
from thresh.host.client import Client
from thresh.host.transport import DirectTransport
from thresh.layout.image import build_image, save_image
from thresh.model.network import Network
from thresh.model.readout import read_out, to_host
from thresh.sim.device_twin import DeviceTwin
from thresh.sim.golden import GoldenModel
from thresh.sim.pty_server import PtyServer

NET = network(5, 13, 3)
DEEP = network(5, 13, 6, 3, kinds=("lstm", "rnn_tanh", "linear"), shift=11)

SPARSE = {"sparse": True, "weight_depth": 4096}
SHAPES = (
    {}, {"lanes": 8, "pointwise_lanes": 2}, {"weight_bits": 4, "lanes": 8}, {"lanes": 8, **SPARSE},
    {"weight_bits": 4, "lanes": 16, "pointwise_lanes": 2, **SPARSE},
)  # fmt: skip

pytestmark = pytest.mark.skipif(CC is None, reason="no C compiler")


@pytest.fixture(autouse=True)
def _deadline():
    with deadline(60):
        yield


@pytest.fixture(scope="module")
def posix(tmp_path_factory):
    return compiled(tmp_path_factory.mktemp("posix"), *FIRMWARE.glob("examples/*.c"))


def packets_of(folder, x):
    path = folder / "packets.txt"
    np.savetxt(path, x, fmt="%d")
    return path


def image_of(folder, net, shape):
    path = folder / "image.bin"
    save_image(build_image(net, shape), path)
    return path


@pytest.mark.parametrize("net", [NET, DEEP], ids=["gru", "lstm-rnn"])
@pytest.mark.parametrize("changes", [{"pointwise_lanes": 1}, {"pointwise_lanes": 2}, SPARSE])
def test_the_posix_example_prints_the_golden_outputs(posix, tmp_path, net, changes):
    shape = geometry(lanes=8, **changes)
    x = walk(40, 5)
    wanted, _ = golden(net, x)
    with PtyServer(DeviceTwin(shape)) as server:
        image, packets = image_of(tmp_path, net, shape), packets_of(tmp_path, x)
        result = run(posix, server.path, image, packets, 5000)
    assert (result.returncode, result.stderr) == (0, "0 packets were sent again\n")
    came = [[int(word) for word in line.split()] for line in result.stdout.splitlines()]
    np.testing.assert_array_equal(came, wanted)


def test_a_network_of_real_size(posix, tmp_path):
    net = network(40, 128, 10, threshold=2000)
    shape = geometry(
        lanes=8, weight_depth=16384, accumulator_depth=1024, state_depth=256, value_depth=256
    )
    x = walk(30, 40)
    with PtyServer(DeviceTwin(shape)) as server:
        image, packets = image_of(tmp_path, net, shape), packets_of(tmp_path, x)
        result = run(posix, server.path, image, packets, 5000)
    came = [[int(word) for word in line.split()] for line in result.stdout.splitlines()]
    np.testing.assert_array_equal(came, golden(net, x)[0])


@pytest.mark.parametrize("seed", range(3))
def test_a_line_that_drops_repeats_and_corrupts_changes_no_integer(posix, tmp_path, seed):
    shape = geometry()
    x = walk(50, 5)
    noise = Noise(DeviceTwin(shape), 0.001, seed)
    with PtyServer(noise) as server:
        image, packets = image_of(tmp_path, NET, shape), packets_of(tmp_path, x)
        result = run(posix, server.path, image, packets, 20, 200)
    assert result.returncode == 0, result.stderr
    came = [[int(word) for word in line.split()] for line in result.stdout.splitlines()]
    np.testing.assert_array_equal(came, golden(NET, x)[0])
    assert int(result.stderr.split()[0]) > 0


class Mute:
    def receive(self, data):
        return b""


@pytest.mark.parametrize(
    ("device", "shape", "edit", "sentence"),
    [
        (Mute(), geometry(), bytes, "No answer: is it the right port"),
        (DeviceTwin(geometry(lanes=8)), geometry(), bytes, "laid out for another accelerator"),
        (DeviceTwin(geometry()), geometry(), lambda image: image[:-900], "not a network image"),
        (
            DeviceTwin(geometry()),
            geometry(),
            lambda image: b"RIFF" + image,
            "is not a network image",
        ),
        (DeviceTwin(geometry()), geometry(), lambda image: image[:9], "not a network image"),
    ],
)
def test_the_posix_example_says_what_is_wrong(posix, tmp_path, device, shape, edit, sentence):
    image = image_of(tmp_path, NET, shape)
    image.write_bytes(edit(image.read_bytes()))
    with PtyServer(device) as server:
        result = run(posix, server.path, image, packets_of(tmp_path, walk(2, 5)), 20)
    assert result.returncode == 2
    assert sentence in result.stderr
    assert result.stdout == ""
    assert not getattr(device, "loaded", False)


def test_the_posix_example_refuses_frames_and_ports_that_are_none(posix, tmp_path):
    image, packets = image_of(tmp_path, NET, geometry()), tmp_path / "packets.txt"
    assert "cannot be opened as a serial port" in run(posix, tmp_path / "no", image, packets).stderr
    for text in ("1 2 3\n", "1 2 3 4 x\n", "1 2 3 4 32768\n"):
        packets.write_text(text)
        with PtyServer(DeviceTwin(geometry())) as server:
            result = run(posix, server.path, image, packets, 5000)
        assert result.returncode == 2
        assert "holds a frame that does not fit" in result.stderr


def test_an_embedded_network_runs_and_every_function_refuses_what_it_must(tmp_path):
    (tmp_path / "network.h").write_text(network_header(build_image(NET, geometry())))
    check = Path(__file__).with_name("check.c")
    program = compiled(tmp_path, check, flags=SANITIZED)
    with PtyServer(DeviceTwin(geometry(), clock_khz=12_345)) as server:
        result = run(program, server.path)
    assert (result.returncode, result.stderr) == (0, "")
    lines = result.stdout.splitlines()
    steps = [[int(word) for word in line.split()] for line in lines if line[0] in "-0123456789"]
    words = [line for line in lines if line[0] not in "-0123456789"]
    t = np.arange(30)[:, None] * 1237 + np.arange(5) ** 2 * 311
    x = t % 4001 - 2000
    model = GoldenModel(NET)
    wanted = [model.step(values[None])[0] for values in x[:10]]
    layers = [
        type(layer)(**{n: getattr(layer, n) for n in layer.__dataclass_fields__} | fields)
        for layer, fields in zip(
            NET.layers, ({"threshold_x": 900, "threshold_h": 77}, {"threshold_x": 77}), strict=True
        )
    ]
    model.network = Network(layers=tuple(layers))
    wanted += [model.step(values[None])[0] for values in x[10:20]]
    wanted += list(golden(model.network, x[3:13])[0])
    # Restored twice: with the embedded weights, and with those that are in the accelerator.
    wanted += [model.step(values[None])[0] for values in x[20:]] * 2
    np.testing.assert_array_equal(steps, np.pad(wanted, ((0, 0), (1, 0))))
    reference = " ".join(map(str, model.layers[0].reference_h[0]))
    ok, small, argument, other, broken, saved, missing, out = 0, 7, 8, 5, 6, 9, 12, 13
    size = 8 + 2 * (5 + 2 * 16 + 4 - 3)  # padded state, and references
    assert words == [
        f"init {small} {ok}",
        f"attach {missing}",
        f"unloaded {missing} {missing} {missing}",
        f"lanes {other}",
        f"short {broken}",
        f"load {ok} 12345",
        f"hash {ok} 1",
        f"sequence {ok}",
        f"shape {argument}",
        f"thresholds {ok} {ok} {argument} {argument}",
        f"save {ok} {size} {small} {ok}",
        f"restore {saved} {saved} {ok}",
        f"attach {ok} 5 3",
        f"restore {ok}",
        f"references {ok} {reference}",
        f"range {out} {argument} {argument}",
        f"write {out}",
    ]


@pytest.mark.parametrize("arguments", [(), ("device",)], ids=["image", "device"])
@pytest.mark.parametrize("shape", SHAPES)
def test_a_saved_sequence_of_any_network_goes_on_in_every_integer(tmp_path, shape, arguments):
    kinds, bits = ("lstm", "li_gru", "min_gru", "gru"), shape.get("weight_bits", 8)
    net = pruned(network(5, 13, 6, 9, 3, kinds=kinds, shift=11, weight_bits=bits), 0.5)
    shape = geometry(**shape)
    (tmp_path / "network.h").write_text(network_header(build_image(net, shape)))
    twin, x = DeviceTwin(shape), walk(14, 5, stride=2000)
    wanted, model = golden(net, x)
    client = Client(DirectTransport(twin))
    client.load(build_image(net, shape))
    client.new_sequence()
    for values in x[:6]:
        client.step(values)
    with PtyServer(twin) as server:
        source = Path(__file__).with_name("restore.c")
        program = compiled(tmp_path, source, flags=SANITIZED)
        result = run(program, *arguments, server.path)
    assert (result.returncode, result.stdout) == (0, "0 0 0 0\n")
    client.identify()  # the C program had the line meanwhile
    outputs = [client.step(values).outputs for values in x[6:]]
    np.testing.assert_array_equal(outputs, wanted[6:])
    compare(client, model)


def test_the_headers_serve_c_plus_plus(tmp_path):
    compiler = shutil.which("c++")
    if compiler is None:
        pytest.skip("no C++ compiler")
    (tmp_path / "thresh_link.h").write_text(link_header())
    (tmp_path / "network.h").write_text(network_header(build_image(NET, geometry())))
    source = tmp_path / "main.cpp"
    source.write_text(
        '#include "network.h"\nint main() { return network_image.body != network_body; }\n'
    )
    command = [compiler, "-Wall", "-Wextra", "-Werror", f"-I{FIRMWARE}", f"-I{tmp_path}", source]
    subprocess.run([*command, "-o", tmp_path / "main"], check=True, timeout=60)
    subprocess.run([tmp_path / "main"], check=True, timeout=10)


@pytest.mark.parametrize("kind", ["linear", "linear_relu", "linear_sigmoid", "linear_tanh"])
@pytest.mark.parametrize("value_bits", [8, 16])
def test_a_readout_gives_the_same_integers_in_c(tmp_path, kind, value_bits):
    net = to_host(network(5, 13, 4, kinds=("gru", kind), value_bits=value_bits, threshold=0))
    shape = geometry(value_bits=value_bits)
    (tmp_path / "network.h").write_text(network_header(build_image(net, shape)))
    program = compiled(tmp_path, Path(__file__).with_name("readout.c"))
    highest = (1 << value_bits - 1) - 1
    h = np.random.default_rng(1).integers(-highest - 1, highest + 1, (500, 13))
    h[0], h[1] = -highest - 1, highest
    h[2:200] //= 64
    lines = "\n".join(" ".join(map(str, row)) for row in h)
    done = subprocess.run([program], input=lines, capture_output=True, text=True, timeout=30)
    came = [[int(word) for word in line.split()] for line in done.stdout.splitlines()]
    wanted = read_out(net, h)
    assert len(np.unique(wanted)) > 30
    np.testing.assert_array_equal(came, wanted)
