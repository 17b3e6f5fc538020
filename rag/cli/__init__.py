"""The ``baowen`` command: results on standard output, progress and errors on standard error."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable

import typer

from index.errors import BaowenError
from index.secret import without_logins
from index.text.words import harmless

from . import (
    alerts,
    archives,
    auditing,
    chat,
    corrections,
    exporting,
    keys,
    machine,
    packs,
    pages,
    people,
    questions,
    stories,
)
from .printing import OneLine

log = logging.getLogger("baowen")
app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="报问：向报纸馆藏提问 · Ask a newspaper archive.",
)

_INTERRUPTED = 130  # the usual status of a command ended by Ctrl-C

# In the order of the help.
command: Callable[..., None]
for command in (pages.parse, pages.fetch, pages.build, pages.add, pages.watch, pages.remove):
    app.command()(command)
for command in (
    questions.search,
    people.names,
    corrections.correct,
    stories.thread,
    stories.reprints,
    stories.compare,
    stories.report,
    alerts.saved,
    alerts.alerts,
    questions.ask,
    questions.check,
    chat.chat,
    chat.passwd,
    chat.feedback,
):
    app.command()(command)
app.command(context_settings={"ignore_unknown_options": True})(chat.forget)  # an answer's id may begin with -
for command in (
    archives.info,
    archives.verify,
    archives.migrate,
    archives.rollback,
    archives.copy,
    exporting.export,
    packs.pack,
    packs.unpack,
    machine.doctor,
    auditing.audit,
    keys.key,
):
    app.command()(command)
app.command(name="eval")(questions.evaluate)
app.command()(questions.calibrate)


def main() -> None:
    """Run the command. A problem the user can fix is reported as one line on standard error, with exit status 1."""
    to_terminal = logging.StreamHandler()
    to_terminal.setFormatter(_formatter())
    logging.basicConfig(level=logging.INFO, handlers=[to_terminal])
    for noisy in ("httpx", "sentence_transformers", "transformers", "pdfminer", "chardet"):
        logging.getLogger(noisy).setLevel(logging.ERROR)
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    status = 0
    try:
        status = app(standalone_mode=False) or 0  # Typer returns 130 after Ctrl-C
        if status == _INTERRUPTED:
            raise KeyboardInterrupt
    except BaowenError as error:
        sys.stderr.write(f"错误：{harmless(str(error))}\n")
        status = 1
    except typer.Exit as request:
        status = request.exit_code
    except (KeyboardInterrupt, typer.Abort):
        sys.stderr.write("\n已中断 (interrupted)\n")
        status = _INTERRUPTED
    except BrokenPipeError:
        sys.stderr.close()
    except Exception as error:
        status = _usage_error(error)
    sys.exit(status)


def _formatter() -> logging.Formatter:
    """The configured log format; the command itself reports an invalid configuration."""
    from index.config import Settings
    from rag.logs import AsJson

    try:
        return AsJson() if Settings.load().logs == "json" else OneLine()
    except BaowenError:
        return OneLine()


def _usage_error(error: Exception) -> int:
    """Show a usage error as click does, with status 2; any other error as one line, with status 1."""
    show = getattr(error, "show", None)
    if show is not None:
        show()
        return int(getattr(error, "exit_code", 2))
    log.debug("unexpected", exc_info=error)
    reason = harmless(without_logins(" ".join(str(error).split())))[:300]
    sys.stderr.write(
        f"错误：{type(error).__name__}: {reason}（意外错误，馆藏没有改动；请把这一行连同命令报告给我们）\n"
    )
    return 1
