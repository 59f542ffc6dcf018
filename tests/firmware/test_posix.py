"""The POSIX example, on image files that are not whole and on ports that are taken."""

import fcntl
import json
import re
import struct
import subprocess
import sys
import zlib

import numpy as np
import pytest
from drivers.c_driver import CC, FIRMWARE, SANITIZED, compiled, run
from link_bench import deadline, geometry, golden, network, walk

from thresh.host.c_header import link_header
from thresh.host.client import Client
from thresh.host.errors import LinkError
from thresh.host.transport import SerialTransport
from thresh.layout.image import build_image, save_image
from thresh.sim.device_twin import DeviceTwin
from thresh.sim.pty_server import PtyServer

NET, X = network(5, 13, 3), walk(4, 5)

GET_EXCLUSIVE = 0x80045440
"""Linux's TIOCGEXCL."""

pytestmark = [
    pytest.mark.skipif(CC is None, reason="no C compiler"),
    pytest.mark.skipif(sys.platform != "linux", reason="asks Linux who has a terminal"),
]


@pytest.fixture(autouse=True)
def _deadline():
    with deadline(120):
        yield


@pytest.fixture(scope="module")
def posix(tmp_path_factory):
    return compiled(
        tmp_path_factory.mktemp("posix"), *FIRMWARE.glob("examples/*.c"), flags=SANITIZED
    )


@pytest.fixture
def files(tmp_path):
    image, frames = tmp_path / "image", tmp_path / "frames"
    save_image(build_image(NET, geometry()), image)
    np.savetxt(frames, X, fmt="%d")
    return image, frames


def sealed(text, data):
    """An image with another header and a good CRC-32."""
    old, body = struct.unpack_from("<II", data, 8)
    data = data[:8] + struct.pack("<II", len(text), body) + text + data[16 + old : -4]
    return data + struct.pack("<I", zlib.crc32(data))


def header_of(data):
    return data[16 : 16 + struct.unpack_from("<I", data, 8)[0]]


def test_no_image_with_a_flipped_byte_is_run(posix, files):
    image, frames = files
    whole, device = image.read_bytes(), DeviceTwin(geometry())
    random = np.random.default_rng(1)
    places = {*range(0, 20), *random.integers(0, len(whole), 60).tolist(), len(whole) - 1}
    with PtyServer(device) as server:
        for place in sorted(places):
            image.write_bytes(
                whole[:place] + bytes((whole[place] ^ 1 << place % 8,)) + whole[place + 1 :]
            )
            result = run(posix, server.path, image, frames, 5000)
            assert (result.returncode, result.stdout) == (2, "")
            assert "is not a network image, or is damaged" in result.stderr
    assert device.executed == 0


def test_the_header_is_read_by_its_names_and_places(posix, files):
    image, frames = files
    whole = image.read_bytes()
    text = json.loads(header_of(whole))
    text["network"]["name"] = '"packed": true, "lanes": 128, \\"geometry": {'
    text["after"] = {"geometry": {"lanes": 9}, "list": [1, -2.5e3, "}", [], {}, None, True]}
    image.write_bytes(sealed(json.dumps(text, indent=1).encode(), whole))
    with PtyServer(DeviceTwin(geometry())) as server:
        result = run(posix, server.path, image, frames, 5000)
    assert result.returncode == 0, result.stderr
    came = [[int(word) for word in line.split()] for line in result.stdout.splitlines()]
    np.testing.assert_array_equal(came, golden(NET, X)[0])


@pytest.mark.parametrize(
    "edit",
    [
        lambda text: text[:-1],
        lambda text: text + b"}",
        lambda text: text.replace(b'"lanes": 4', b'"lanes": -4'),
        lambda text: text.replace(b'"lanes": 4', b'"lanes": 99999999999'),
        lambda text: text.replace(b'"lanes": 4', b'"lanes": 0'),
        lambda text: text.replace(b'"lanes": 4', b'"lanes": "4"'),
        lambda text: text.replace(b'"geometry"', b'"other"'),
        lambda text: text.replace(b'"geometry": {', b'"geometry": {"columns": "sdram", '),
        lambda text: b'{"a": ' + 1000 * b"[" + 1000 * b"]" + b"," + text[1:],
        lambda text: b'{"a": "\\',
        lambda text: b"",
        lambda text: b'{"geometry": {}, ' + text[1:],
    ],
)
def test_headers_that_are_none_are_refused(posix, files, edit):
    image, frames = files
    whole = image.read_bytes()
    changed = edit(header_of(whole))
    assert changed != header_of(whole)
    image.write_bytes(sealed(changed, whole))
    with PtyServer(DeviceTwin(geometry())) as server:
        result = run(posix, server.path, image, frames, 5000)
    assert (result.returncode, result.stdout) == (2, "")
    assert "is not a network image, or is damaged" in result.stderr


def including_posix(tmp_path, before):
    """`posix.c` on a system whose termios.h is another one."""
    source = tmp_path / "other_system.c"
    source.write_text(
        f"#define _DEFAULT_SOURCE\n#define _DARWIN_C_SOURCE\n#include <termios.h>\n{before}\n"
        f'#include "{FIRMWARE}/examples/posix.c"\n'
    )
    return source, FIRMWARE / "examples" / "image_file.c"


def test_a_port_that_does_not_take_the_speed_is_refused(tmp_path, files):
    """POSIX lets tcsetattr succeed when any one of the settings was made."""
    sources = including_posix(
        tmp_path,
        "static int slower(int file, int when, struct termios *line)\n"
        "{ cfsetospeed(line, B115200); return tcsetattr(file, when, line); }\n"
        "#define tcsetattr slower",
    )
    program = compiled(tmp_path, *sources, flags=(*SANITIZED, f"-I{FIRMWARE}/examples"))
    with PtyServer(DeviceTwin(geometry())) as server:
        refused = run(program, server.path, *files, 5000)
        wanted = f"{server.path}: cannot be set to 1000000 baud, the speed of the link\n"
    assert (refused.returncode, refused.stderr) == (2, wanted)


ANOTHER_SPEED = """\
#include "thresh_link.h"
#undef THRESH_DEFAULT_BAUD
#define THRESH_DEFAULT_BAUD 9u"""


@pytest.mark.parametrize(
    ("before", "fits"),
    [
        ("", True),
        ("#undef B1000000", False),
        ("#undef B1000000\n#undef B9600\n#define B9600 9600", True),
        (ANOTHER_SPEED, False),
    ],
    ids=["name", "no name", "numbers", "another speed"],
)
def test_no_other_speed_is_compiled_in(tmp_path, capfd, before, fits):
    sources = including_posix(tmp_path, before)
    try:
        compiled(tmp_path, *sources, flags=(*SANITIZED, f"-I{FIRMWARE}/examples"))
    except subprocess.CalledProcessError:
        assert "has no name for the speed of the link" in capfd.readouterr().err
        assert not fits
    else:
        assert fits


@pytest.mark.parametrize(
    "constant", ["IMAGE_MAGIC", "IMAGE_VERSION", "IMAGE_HEAD_BYTES", "STATE_HEAD_BYTES"]
)
def test_what_python_says_of_files_is_generated(constant):
    text = link_header()
    assert len(re.findall(rf"#define THRESH_{constant} \d+u\n", text)) == 1
    assert any(f"THRESH_{constant}" in path.read_text() for path in FIRMWARE.rglob("*.c"))


class Watching(DeviceTwin):
    """Notes whether its port is marked for one program alone, and who else may open it."""

    def receive(self, data):
        if not self.executed:
            word = fcntl.ioctl(self.server._port, GET_EXCLUSIVE, bytes(4))
            self.exclusive = bool(int.from_bytes(word, "little"))
            with pytest.raises(LinkError, match="is in use by another program"):
                SerialTransport(self.server.path)
        return super().receive(data)


@pytest.mark.parametrize("link", [False, True], ids=["pty", "other name"])
def test_only_one_program_has_the_port(posix, files, tmp_path, link):
    device = Watching(geometry())
    with PtyServer(device) as server:
        device.server, path = server, server.path
        if link:  # only under its own name is a pseudo-terminal known as one
            path = tmp_path / "port"
            path.symlink_to(server.path)
        assert run(posix, path, *files, 5000).returncode == 0
        word = fcntl.ioctl(server._port, GET_EXCLUSIVE, bytes(4))
        assert (device.exclusive, any(word)) == (link, False)
        with SerialTransport(server.path) as port:
            Client(port).identify()
            taken = run(posix, server.path, *files, 5000)
    assert (taken.returncode, taken.stdout) == (2, "")
    assert taken.stderr == f"{server.path}: is in use by another program\n"
