"""Names that people can read, and every tool takes, at every level of a design in RTLIL."""

import re
from collections import defaultdict

IDENTIFIER = re.compile(r"\\\S+")
CONNECT = re.compile(r"(\s*connect )(\S+) (.*)")
WHOLE = re.compile(r"(\S+)(?: \[(?:(\d+):)?(\d+)\])?")
WIRE = re.compile(
    r"\s*(?:wire width (\d+)(?: (input|output) \d+)?(?:\s+signed)?|memory .*)\s+(\S+)\s*$"
)
_WORDS = """\
always and assert assign automatic before begin bit break buf byte case cell chandle checker class
config const context continue cover cross deassign default disable do edge else end endcase
endfunction endmodule enum event expect export extends extern final for force forever fork
function generate global if implements import initial inout input inside int integer
interface join let local logic longint macromodule matches modport module nand new nor not
null or output package packed parameter priority process program property protected pure
rand real ref reg release repeat restrict return rtl scalared sequence shortint signed small
solve static string strong struct super supply0 supply1 table tagged task this throughout
time timeprecision timeunit tri type typedef union unique unsigned use var vectored virtual
void wait weak while wildcard wire with within wor xnor xor
"""
KEYWORDS = frozenset(_WORDS.split())
"""Of Verilog and SystemVerilog, as far as they are words that somebody would give to a signal."""


class Module:
    """One module's lines, and what its names are linked to.

    Parameters
    ----------
    name : str
        With its backslash, as all names here.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.lines: list[str] = []
        self.widths: dict[str, int] = {}
        self.ports: list[str] = []
        self.instances: list[str] = []
        self.names: dict[str, str] = {}


class ReadableNames:
    """Renames modules, ports, signals and instances of a design that Amaranth wrote.

    A port without a name of its own gets the name that its net has in the nearest module; a number
    behind a name goes where it is not needed to tell two apart.

    Parameters
    ----------
    text : str
        RTLIL in which no module is instantiated twice.
    """

    def __init__(self, text: str) -> None:
        self._modules: dict[str, Module] = {}
        self._links: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
        self._parts: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
        self._read(text)
        taken: set[str] = set()
        self._types = {name: _unique(_plain(name), taken) for name in self._modules}
        for module in self._modules.values():
            self._choose(module)

    def _read(self, text: str) -> None:
        module, child = Module(""), ""
        for line in text.splitlines():
            words = line.split()
            if not words or (words[0] == "attribute" and words[1] != r"\init"):
                continue
            if words[0] == "module":
                module = self._modules[words[1]] = Module(words[1])
            module.lines.append(line)
            if found := WIRE.match(line):
                module.widths[found[3]] = int(found[1] or 0)
                if found[2]:
                    module.ports.append(found[3])
            elif words[0] == "cell" and words[1].startswith("\\"):
                child = words[1]
                module.instances.append(words[2])
            elif words[0] in ("end", "cell"):
                child = ""
            elif (connect := CONNECT.match(line)) and (child or not line.startswith("    ")):
                self._link(module, child, connect[2], connect[3])

    def _link(self, module: Module, child: str, port: str, value: str) -> None:
        """Note that two names are one net, or that one is a part of the other."""
        found, end = WHOLE.fullmatch(value), (child or module.name, port)
        if found is not None and found[1] in module.widths:
            width = module.widths[found[1]]
            bits = int(found[2] or found[3]) - int(found[3]) + 1 if found[3] else width
            if bits == width:
                self._links[module.name, found[1]].append(end)
                self._links[end].append((module.name, found[1]))
                return
        for part in IDENTIFIER.findall(value):
            self._parts[module.name, part].append(end)
            self._parts[end].append((module.name, part))

    def _choose(self, module: Module) -> None:
        taken: set[str] = set()
        named = [*module.ports, *module.instances, *module.widths]
        for clean in (True, False):
            for name in named:
                if (
                    name.startswith("\\")
                    and name not in module.names
                    and clean == ("$" not in name)
                ):
                    wanted = self._given(module, name) if name.startswith(r"\port$") else name
                    module.names[name] = _unique(_plain(wanted), taken)

    def _given(self, module: Module, name: str) -> str:
        """What the net of a port without a name is called elsewhere."""
        seen = [(module.name, name)]
        for links in (self._links, self._parts):
            for where in seen:
                for end in links[where]:
                    if end[1].startswith("\\") and not end[1].startswith(r"\port$"):
                        return end[1]
                    if end not in seen:
                        seen.append(end)
        return rf"\net{name.split('$')[1]}"

    def renamed(self) -> str:
        """The design with its new names."""
        return "\n".join(line for module in self._modules.values() for line in self._module(module))

    def _module(self, module: Module) -> list[str]:
        lines, child = [], None

        def local(found: re.Match) -> str:
            return "\\" + module.names.get(found[0], found[0][1:])

        for line in module.lines:
            words = line.split()
            if words[0] == "module":
                line = f"module \\{self._types[module.name]}"
            elif words[0] == "cell":
                child = self._modules.get(words[1])
                kind = f"\\{self._types[words[1]]}" if child else words[1]
                line = f"  cell {kind} {IDENTIFIER.sub(local, words[2])}"
            elif words[0] == "parameter" and words[1] == r"\MEMID":
                line = f'    parameter \\MEMID "\\\\{module.names[words[2][2:-1]]}"'
            elif words[0] == "connect" and line.startswith("    "):
                found = CONNECT.match(line)
                assert found is not None
                port = f"\\{child.names[found[2]]}" if child else found[2]
                line = f"{found[1]}{port} {IDENTIFIER.sub(local, found[3])}"
            elif words[0] not in ("parameter", "attribute"):
                line = IDENTIFIER.sub(local, line)
            lines.append(line)
        return lines


def _plain(name: str) -> str:
    """An identifier of letters, digits and single underscores."""
    stem = re.sub(r"\$\d+$", "", name.removeprefix("\\"))
    stem = re.sub(r"\W+", "_", stem.replace("__payload", "_data"))
    stem = re.sub(r"_{2,}", "_", stem).strip("_") or "signal"
    if stem in KEYWORDS or stem[0].isdigit():
        stem = f"{stem}_now" if stem in KEYWORDS else f"n{stem}"
    return stem


def _unique(name: str, taken: set[str]) -> str:
    number, chosen = 1, name
    while chosen in taken:
        number += 1
        chosen = f"{name}_{number}"
    taken.add(chosen)
    return chosen
