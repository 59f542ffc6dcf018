"""The command line's table, errors and exit status."""

import importlib
import subprocess
import sys

import click
import pytest
from cli_cases import refusal

from thresh.cli import main


def test_every_command_in_the_table_exists_and_takes_json():
    for name in main.COMMANDS:
        command = importlib.import_module(main.module_of(name)).command
        assert command.name == name
        assert "--json" in {option for item in command.params for option in item.opts}, name


def test_every_command_explains_itself(capsys):
    for name in main.COMMANDS:
        assert main.run([name, "--help"]) == 0
        assert "--json" in capsys.readouterr().out


def test_help_imports_no_heavy_package():
    program = (
        "import sys; from thresh.cli.main import run; run(['--help']);"
        "print(sorted({'numpy', 'amaranth', 'matplotlib', 'rich'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout.splitlines()[-1] == "[]"
    assert "golden" in done.stdout


def test_an_unknown_command_is_refused(capsys):
    assert "nosuch" in refusal(capsys, "nosuch")


def test_a_missing_argument_is_refused(capsys):
    assert "MODEL" in refusal(capsys, "golden")


def test_a_missing_file_is_named(capsys, tmp_path):
    assert refusal(capsys, "info", tmp_path / "none").endswith("none: No such file or directory")


@pytest.mark.parametrize(
    ("error", "status", "text"),
    [
        (KeyboardInterrupt(), 130, "interrupted"),
        (ValueError("the value is wrong"), 2, "the value is wrong"),
        (OSError("the line is dead"), 2, "the line is dead"),
        (ModuleNotFoundError("x", name="cocotb.handle"), 2, 'pip install "thresh-hdl[flow]"'),
        (click.exceptions.Exit(1), 1, ""),
    ],
)
def test_errors_become_one_line_and_a_status(monkeypatch, capsys, error, status, text):
    def fail(**_):
        raise error

    monkeypatch.setattr(main, "cli", click.Command("thresh", callback=fail))
    assert main.run([]) == status
    captured = capsys.readouterr()
    assert text in captured.err
    assert len(captured.err.strip().splitlines()) == bool(text)


def test_a_missing_package_of_its_own_is_not_hidden(monkeypatch):
    def fail(**_):
        raise ModuleNotFoundError("x", name="thresh.nothing")

    monkeypatch.setattr(main, "cli", click.Command("thresh", callback=fail))
    with pytest.raises(ModuleNotFoundError):
        main.run([])
