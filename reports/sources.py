"""An accelerator that was written as source files."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from thresh.layout.image import Image

from .placed import usage
from .shown import Shown
from .table import Table, facts


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Sources(Shown):
    """Source files that were written.

    Parameters
    ----------
    folder : Path
    image : `thresh.layout.image.Image`
    shell : str
        What lies around the core: ``"uart"``, ``"stream"``, ...
    top : str
        The Verilog module.
    sizes : dict
        Bytes by file name.
    lines : int
        Of the Verilog.
    """

    folder: Path
    image: Image
    shell: str
    top: str
    sizes: dict[str, int]
    lines: int

    @property
    def title(self) -> str:
        """Folder, network and lanes."""
        lanes = self.image.geometry.lanes
        return f"{self.folder}: accelerator for {self.image.network.name}, {lanes} lanes"

    @property
    def summary(self) -> str:
        """Lines and files."""
        return f"{self.lines:,} lines of Verilog in {self.top}.v, {len(self.sizes)} files"

    def to_dict(self) -> dict[str, Any]:
        """As ``thresh verilog --json`` prints it."""
        names = {
            "output": str(self.folder),
            "shell": self.shell,
            "top": self.top,
            "files": sorted(self.sizes),
        }
        return names | usage(self.image)

    def tables(self) -> list[Table | str]:
        """Every file and its size."""
        rows: list[tuple[str, object]] = [
            (name, f"{size:,} bytes") for name, size in sorted(self.sizes.items())
        ]
        return [facts(self.title, rows)]
