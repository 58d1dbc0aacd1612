"""How the command fails: a sentence or two on standard error and an exit code, never a stack trace.

0    it is done, and it ended as it should
1    the run did not end as it should, or what was asked about is not ready
2    usage, or input that cannot be read
3    the host cannot be reached, or its key is missing or wrong
4    the host refuses the command (unknown run, already ended, taken by another run)
70   a bug of ours; BRIDGEHEAD_DEBUG=1 shows the trace
130  stopped with Ctrl-C
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from enum import IntEnum
from typing import Any

from typer import Abort, Exit
from typer.core import TyperGroup


class Code(IntEnum):
    """The command's exit codes; see the module's docstring."""

    DONE = 0
    ENDED_BADLY = 1
    BAD_INPUT = 2
    UNREACHABLE = 3
    REFUSED = 4
    BUG = 70
    INTERRUPTED = 130


class Problem(Exception):
    """What a person is told: a sentence, then details one to a line, then the exit code."""

    def __init__(self, message: str, details: Iterable[str] = (), code: Code = Code.BAD_INPUT) -> None:
        super().__init__(message)
        self.message = message
        self.details = tuple(details)
        self.code = code


class Commands(TyperGroup):
    """The group of all commands: turns problems into messages and exit codes in this one place."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except Problem as problem:
            _tell(problem)
            raise Exit(problem.code) from None
        except KeyboardInterrupt:
            _tell(Problem("stopped", code=Code.INTERRUPTED))
            raise Exit(Code.INTERRUPTED) from None
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # nobody reads any more
            raise Exit(Code.DONE) from None
        except (Exit, Abort):
            raise
        except Exception as bug:
            if os.environ.get("BRIDGEHEAD_DEBUG") or type(bug).__module__.startswith("typer."):
                raise
            _tell(Problem(f"a bug in bridgehead: {type(bug).__name__}: {bug}", ["BRIDGEHEAD_DEBUG=1 shows the trace"]))
            raise Exit(Code.BUG) from None


def _tell(problem: Problem) -> None:
    from cli.terminal import stderr

    console = stderr()
    console.print(f"[bold red]error[/]: {_literal(problem.message)}", highlight=False, soft_wrap=True)
    for detail in problem.details:
        console.print(f"  {_literal(detail)}", highlight=False, soft_wrap=True)


def _literal(text: str) -> str:
    from rich.markup import escape

    return escape(text)
