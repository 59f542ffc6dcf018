"""The command line ``thresh``: its table of commands, and how errors reach people."""

import importlib
import os
import sys
from collections.abc import Sequence
from io import TextIOWrapper
from keyword import iskeyword

import click

from thresh.extras import missing_extra
from thresh.model.text import shown

COMMANDS = {
    "demo": "Run the whole line on spoken digits: audio to bitstream.",
    "golden": "Run the golden model: what is heard, and the work it took.",
    "sim": "Simulate the accelerator and compare every integer with the golden model.",
    "verilog": "Write an accelerator as Verilog, with its C header and FuseSoC core.",
    "boards": "List the boards, and say what one of them has and needs.",
    "build": "Synthesise, place and route a bitstream for a board.",
    "flash": "Write a bitstream to a board.",
    "run": "Run clips on an accelerator behind a serial port.",
    "import": "Import a network of PyTorch, ONNX, Keras or plain arrays.",
    "export": "Write a model file as ONNX (QDQ) or as plain arrays.",
    "info": "Say what a model file, network image or input file holds.",
    "image": "Lay a network out for a board's memories and write its image.",
    "estimate": "Say which boards a network fits and what a frame costs, before any build.",
    "train": "Train a delta network on labelled sequences of your own.",
    "score": "Say how well a network hears: misses and false accepts of a word, or the confusion.",
    "explore": "Search a network's thresholds: what they save and what they cost in accuracy.",
    "selftest": "Try an accelerator's memories, its link and every kind of layer.",
    "doctor": "Say which tools this machine has and what is missing for which command.",
    "listen": "Show what a device hears: a board, or a simulated one.",
    "replay": "Run what was recorded while listening again, every integer compared.",
    "report": "Write the page of an earlier demo again.",
}
"""Commands in the order in which help lists them; each is ``command`` of `module_of` it."""

ABOUT_BOARDS = ("boards", "build", "estimate", "flash", "image")
"""Those in the folder ``boards``."""

USAGE_STATUS, INTERRUPT_STATUS = 2, 130


def module_of(name: str) -> str:
    """The module of a command: its name, with ``_`` behind a word that Python keeps to itself."""
    folder = "thresh.cli.boards" if name in ABOUT_BOARDS else "thresh.cli"
    return f"{folder}.{name}_" if iskeyword(name) else f"{folder}.{name}"


class Commands(click.Group):
    """A group that imports a command's module only when the command is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(module_of(cmd_name)).command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="thresh-hdl", message="thresh %(version)s")
def cli() -> None:
    """Turn a trained recurrent network into an FPGA accelerator that works only on changes.

    Every command takes --json, which prints one JSON object on standard output.
    """


def sentence(error: BaseException) -> str:
    """What people read about ``error``, on one line."""
    if isinstance(error, click.ClickException):
        text = error.format_message()
    elif isinstance(error, ModuleNotFoundError):
        text = str(missing_extra(error) or error)
    elif isinstance(error, OSError) and error.strerror:
        text = f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    else:
        text = str(error) or type(error).__name__
    return shown(text)


def run(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status.

    Parameters
    ----------
    arguments : sequence of str, optional
        Words after ``thresh``; the process's own when absent.

    Returns
    -------
    int
        0 when all is well, 1 when something compared unequal, 2 for bad input or use, 130 when
        interrupted.
    """
    try:
        status = cli.main(args=arguments, prog_name="thresh", standalone_mode=False)
        return status if isinstance(status, int) else 0
    except (KeyboardInterrupt, click.Abort) as error:
        kept = str(error.__cause__ or error)
        print(f"thresh: interrupted{f': {shown(kept)}' if kept else ''}", file=sys.stderr)
        return INTERRUPT_STATUS
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except ModuleNotFoundError as error:
        if missing_extra(error) is None:
            raise
        print(f"thresh: {sentence(error)}", file=sys.stderr)
    except (click.ClickException, ValueError, OSError) as error:
        print(f"thresh: {sentence(error)}", file=sys.stderr)
    return USAGE_STATUS


def main() -> None:
    """Entry point of the ``thresh`` command."""
    if isinstance(sys.stdout, TextIOWrapper):  # a pipe on Windows, where not all letters are known
        sys.stdout.reconfigure(errors="backslashreplace")
    status = run()
    try:
        sys.stdout.flush()
    except OSError as error:
        print(f"thresh: standard output: {sentence(error)}", file=sys.stderr)
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = USAGE_STATUS
    sys.exit(status)
