"""What is written of the registers, read back by other people's programs."""

import re
import shutil
import subprocess

import pytest
from link_bench import geometry

from thresh.exports.register_texts import register_header, register_table, system_rdl
from thresh.layout.registers import Access, constants, register_map

SHAPE = geometry(lanes=16)
MAP = register_map(window_words=4, values=True)


def test_systemrdl_is_read_back_as_the_description(tmp_path):
    compiler = pytest.importorskip("systemrdl")
    path = tmp_path / "map.rdl"
    path.write_text(system_rdl(MAP, "thresh_wishbone", constants(SHAPE, 48_000)))
    reader = compiler.RDLCompiler()
    reader.compile_file(str(path))
    top = reader.elaborate().top
    found = {}
    for register in top.registers(unroll=True):
        name = register.get_path_segment(array_suffix="_{index:d}")
        found[name] = register
    assert top.inst_name == "thresh_wishbone"
    wanted = {}
    for register in MAP:
        for word in range(register.words):
            name = f"{register.name}_{word}" if register.words > 1 else register.name
            wanted[name] = register, register.address + 4 * word
    assert set(found) == set(wanted)
    known = constants(SHAPE, 48_000)
    for name, (register, address) in wanted.items():
        assert found[name].absolute_address == address
        fields = {field.inst_name: field for field in found[name].fields()}
        assert set(fields) == {field.name for field in register.fields}
        for field in register.fields:
            read = fields[field.name]
            assert (read.low, read.high) == (field.at, field.top)
            assert read.is_sw_writable == (field.access not in (Access.CONSTANT, Access.READ))
            assert read.is_sw_readable == (field.access not in (Access.PULSE, Access.WRITE))
            if field.access == Access.CONSTANT:
                assert read.get_property("reset") == known[f"{register.name}.{field.name}"]


def test_the_c_header_compiles_and_has_every_address(tmp_path):
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        pytest.skip("there is no C compiler here")
    header = register_header(MAP)
    (tmp_path / "thresh_map.h").write_text(header)
    names = re.findall(r"#define (\w+) \w+", header)
    lines = "".join(f'    printf("{name} %lu\\n", (unsigned long){name});\n' for name in names)
    program = (
        f'#include <stdio.h>\n#include "thresh_map.h"\nint main(void) {{\n{lines}return 0;}}\n'
    )
    (tmp_path / "all.c").write_text(program)
    subprocess.run(
        [compiler, "-std=c99", "-Wall", "-Wextra", "-Werror", "all.c", "-o", "all"],
        cwd=tmp_path, check=True,
    )  # fmt: skip
    said = subprocess.run([tmp_path / "all"], capture_output=True, text=True, check=True).stdout
    values = {name: int(value) for name, value in (line.split() for line in said.splitlines())}
    for register in MAP:
        name = f"THRESH_MAP_{register.name.upper()}"
        assert values[name] == register.address
        for field in register.fields:
            assert values[f"{name}_{field.name.upper()}_AT"] == field.at
            assert values[f"{name}_{field.name.upper()}_MASK"] == field.mask


def test_the_table_has_a_line_for_every_field():
    lines = register_table(MAP).splitlines()
    assert len(lines) == 2 + sum(len(register.fields) for register in MAP)
    assert "| 80 to 8c | `memory_window` | 31:0 | `bits` | read, write |" in lines[-1]
    assert lines[2].startswith("| 00 | `identity` | 7:0 | `protocol` | constant |")
