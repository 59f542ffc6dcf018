"""Builds and loads the compiled loops of delta_loop.cpp, once per machine and PyTorch."""

import hashlib
import logging
import os
import platform
import shutil
import sysconfig
import tempfile
from functools import lru_cache
from pathlib import Path

import torch
from torch import Tensor

SOURCES = sorted(Path(__file__).parent.glob("delta_*.[ch]*"))
"""The loops and their headers."""

SWITCH = "THRESH_COMPILED"
"""Environment variable; 0 says that nothing is compiled."""

INSTRUCTIONS = {
    "AVX2": ["-mavx2", "-mfma"],
    "AVX512": ["-mavx2", "-mfma", "-mavx512f", "-mavx512bw", "-mavx512dq", "-mavx512vl"],
}
"""Compiler options by what PyTorch says of the processor."""

_log = logging.getLogger(__name__)


def flags() -> list[str]:
    """Compiler options for this processor."""
    extra = INSTRUCTIONS.get(torch.backends.cpu.get_cpu_capability(), [])
    threads = [] if platform.system() == "Darwin" else ["-fopenmp"]
    return ["-O3", "-fno-math-errno", "-fno-trapping-math", *threads, *extra]


def library() -> Path:
    """Where the built loops lie: one file per source, PyTorch, processor and options."""
    parts = (torch.__version__, platform.machine(), *flags())
    text = b"".join(path.read_bytes() for path in SOURCES) + " ".join(parts).encode()
    key = hashlib.sha256(text).hexdigest()[:16]
    folder = os.environ.get("TORCH_EXTENSIONS_DIR")
    folder = folder or Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "thresh"
    return Path(folder) / f"delta_loop-{key}.so"


def build(path: Path) -> None:
    """Compile the loops to ``path``, which appears whole or not at all."""
    from torch.utils import cpp_extension

    source = next(path for path in SOURCES if path.suffix == ".cpp")
    _log.info("Compiling %s once, which takes half a minute", source.name)
    path.parent.mkdir(parents=True, exist_ok=True)
    scripts = sysconfig.get_path("scripts")  # where the wheel of ninja puts it
    os.environ["PATH"] = os.pathsep.join((os.environ.get("PATH", os.defpath), scripts))
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        cpp_extension.load(
            path.stem, [str(source)], extra_cflags=flags(),
            extra_ldflags=[flag for flag in flags() if flag == "-fopenmp"], build_directory=folder,
            is_python_module=False,
        )  # fmt: skip
        partial = Path(folder) / "partial"
        shutil.copy(Path(folder) / f"{path.stem}.so", partial)
        partial.replace(path)


@lru_cache
def available() -> bool:
    """Whether the compiled loops are loaded; builds them first when they are not there."""
    if os.environ.get(SWITCH) == "0":
        return False
    try:
        path = library()
        if not path.exists():
            build(path)
        elif not hasattr(torch.ops.thresh_delta_loop, "forward"):
            torch.ops.load_library(path)
    except (OSError, RuntimeError, ImportError) as error:
        _log.warning("Delta layers run several times slower: %s", str(error).splitlines()[0])
        return False
    return True


def serves(values: Tensor) -> bool:
    """Whether the compiled loops can run on tensors like ``values``."""
    suits = values.device.type == "cpu" and values.dtype in (torch.float32, torch.float64)
    return suits and len(values) > 0 and available()
