"""The process in which files and pictures are read, with limits on memory, time and file size, and without settings.

It reads requests from standard input and writes answers to standard output, both framed as in ``frames``, until
standard input ends.
"""

from __future__ import annotations

import contextlib
import logging
import os
import resource
import signal
import sys
from typing import IO

from ..reading import Issue, UnreadableFileError, read_issue
from ..reading.scanning.pictures import pictures
from ..storage.images import encoded
from .frames import Failure, IssueFiles, PageFile, PageImage, Request, receive, send

_LARGEST_FILE = 1 << 30  # bytes per file that it may write to the temporary folder


def main() -> None:
    """Serve requests until the parent process closes the pipe."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent process decides when to stop
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # library output must not mix with the answers
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_FSIZE, _LARGEST_FILE)
    for noisy in ("pdfminer", "chardet", "trafilatura"):
        logging.getLogger(noisy).setLevel(logging.ERROR)
    with contextlib.suppress(BrokenPipeError):
        send(answers, "ready")
        while (request := receive(sys.stdin.buffer)) is not None:
            _answer(answers, request)


def _answer(answers: IO[bytes], request: Request) -> None:
    used = sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
    _limit(resource.RLIMIT_CPU, int(used + request.seconds) + 1)
    _limit(resource.RLIMIT_DATA, request.memory)
    try:
        send(answers, _done(request.work))
    except UnreadableFileError as error:
        send(answers, Failure(str(error), sentence=True))
    except MemoryError:
        send(answers, Failure("memory"))
    except Exception as error:  # our own bug or a library's: report the file and keep serving
        send(answers, Failure(f"{type(error).__name__}: {error}"[:300]))


def _done(work: IssueFiles | PageFile) -> Issue | PageImage:
    if isinstance(work, IssueFiles):
        options = work.options
        return read_issue(work.files, options.fields, recognised=options.recognised, later=options.later)
    (picture,) = pictures(work.path, [work.page], work.longest)
    data, (width, height) = encoded(picture.image, work.longest, work.most)
    return PageImage(data, width, height)


def _limit(kind: int, value: int) -> None:
    """Lower a limit of this process; a lower existing limit stays, and systems without the limit are skipped."""
    with contextlib.suppress(OSError, ValueError):
        _, hard = resource.getrlimit(kind)
        resource.setrlimit(kind, (value if hard == resource.RLIM_INFINITY else min(value, hard), hard))
