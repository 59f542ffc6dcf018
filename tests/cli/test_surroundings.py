"""The machine around a command: names, homes, disks and terminals of all kinds."""

import errno
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from cli_cases import answer, refusal, small_network

from thresh.model.model_file import save_network

ROOT = Path(__file__).parent.parent.parent
COMMAND = [sys.executable, "-c", "from thresh.cli.main import main; main()"]


@pytest.fixture
def folder(tmp_path):
    """A network and sequences in a folder with a name of other letters, and spaces."""
    place = tmp_path / "Größe 大 é'"
    place.mkdir()
    save_network(small_network(), place / "mödel.safetensors")
    np.save(place / "x.npy", np.random.default_rng(1).normal(size=(3, 9, 5)))
    return place


def test_names_of_any_letters_are_read_and_written(capsys, folder):
    model = folder / "mödel.safetensors"
    assert answer(capsys, "golden", model, folder / "x.npy")["sequences"] == 3
    page, image = folder / "Übersicht.html", folder / "netz 1.img"
    answer(capsys, "image", model, "icebreaker", "-o", image)
    answer(capsys, "explore", model, folder / "x.npy", "--levels", "3", "--rounds", "0",
           "--processes", "1", "--journal", folder / "j", "-o", page)  # fmt: skip
    assert answer(capsys, "info", image)
    assert "<title>" in page.read_text(encoding="utf-8")


@pytest.mark.parametrize("encoding", ["cp1252", "ascii"])
def test_names_that_a_pipe_has_no_letters_for_are_shown_with_escapes(folder, encoding):
    model = folder / "mödel.safetensors"
    done = subprocess.run(
        [*COMMAND, "info", model],
        env=os.environ | {"PYTHONIOENCODING": encoding, "COLUMNS": "300"}, capture_output=True,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, b"")
    assert str(model).encode(encoding, "backslashreplace") in done.stdout


@pytest.mark.parametrize("home", [None, "/nowhere"])
def test_a_user_without_a_home_is_served(folder, home):
    kept = {name: value for name, value in os.environ.items() if not name.startswith("XDG")}
    kept.pop("HOME", None)
    done = subprocess.run(
        [*COMMAND, "golden", folder / "mödel.safetensors", folder / "x.npy", "--json"],
        env=kept | ({} if home is None else {"HOME": home}), capture_output=True, text=True,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
def test_a_full_disk_behind_standard_output_is_one_sentence(folder):
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [*COMMAND, "info", folder / "mödel.safetensors"],
            stdout=full, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
    assert done.returncode == 2
    assert re.fullmatch(r"thresh: [^\n]*No space left on device\n", done.stderr)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EACCES])
def test_what_cannot_be_written_leaves_one_sentence_and_nothing_else(
    capsys, folder, monkeypatch, number
):
    def fails(*words):
        raise OSError(number, os.strerror(number), str(folder / "n.img"))

    before = sorted(folder.iterdir())
    monkeypatch.setattr("os.replace", fails)
    model = folder / "mödel.safetensors"
    text = refusal(capsys, "image", model, "icebreaker", "-o", folder / "n.img")
    assert text == f"{folder / 'n.img'}: {os.strerror(number)}"
    assert sorted(folder.iterdir()) == before


@pytest.mark.skipif(sys.platform == "win32", reason="terminals of POSIX")
@pytest.mark.parametrize(("term", "most"), [("dumb", 300), ("xterm", 6000)])
def test_a_recorded_terminal_keeps_little(folder, term, most):
    import pty

    master, slave = pty.openpty()
    words = ["explore", folder / "mödel.safetensors", folder / "x.npy", "--levels", "3", "--rounds",
             "0", "--processes", "1", "--journal", folder / "j", "--json"]  # fmt: skip
    program = subprocess.Popen(
        [*COMMAND, *words], env=os.environ | {"TERM": term}, stdout=subprocess.DEVNULL, stderr=slave
    )
    os.close(slave)
    said = b""
    try:
        while part := os.read(master, 4096):
            said += part
    except OSError:  # the other end is closed
        pass
    os.close(master)
    assert program.wait() == 0
    assert len(said) <= most
    assert term != "dumb" or b"\x1b" not in said


def found_by_bootstrap(folder, url):
    """What `bootstrap` says of an installed distribution called ``thresh``."""
    code = re.search(r"<<'PYTHON'\n(.*?)\nPYTHON\n", (ROOT / "bootstrap").read_text(), re.DOTALL)[1]
    info = folder / "site" / "thresh-0.1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: thresh\nVersion: 0.1.0\n")
    (info / "direct_url.json").write_text(f'{{"url": "{url}", "dir_info": {{"editable": true}}}}')
    done = subprocess.run(
        [sys.executable, "-S", "-c", code], cwd=folder, capture_output=True, text=True, check=True,
        env={"PYTHONPATH": str(folder / "site")},
    )  # fmt: skip
    return done.stdout.strip()


def test_bootstrap_removes_its_own_old_distribution_alone(tmp_path):
    assert found_by_bootstrap(tmp_path / "a", (tmp_path / "a").as_uri()) == "ours"
    assert found_by_bootstrap(tmp_path / "b", "file:///elsewhere") == ""
