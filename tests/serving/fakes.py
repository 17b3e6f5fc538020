"""A model as slow as the tests need it, and a server of it."""

import sys
import time
from functools import partial

from app import serve
from index.config import Settings
from rag import Archive

from ..conftest import FakeEmbedder, FakeGenerator, FakePairModel

REPLY = "蓝采薇每天要爬68米高的塔吊。"


class Talker(FakeGenerator):
    """Never comes to an end: it reads for a while, then counts, until it is left."""

    def __init__(self, *, reads=2, pause=0.05):
        super().__init__()
        self.reads, self.pause = reads, pause
        self.running = False

    def stream(self, messages, max_tokens):
        self.running = True
        try:
            number = 0
            while True:
                time.sleep(self.pause)
                number += 1
                yield "" if number <= self.reads else f"{number}、"
        finally:
            self.running = False


class Slow(FakeGenerator):
    """Says its reply piece by piece."""

    def stream(self, messages, max_tokens):
        for piece in super().stream(messages, max_tokens):
            time.sleep(0.03)
            yield piece


def opened(folder, generator, **answers):
    settings = Settings(embedder={"model": "fake"}, answers=answers)
    archive = Archive.open(folder, settings)
    archive.embedder, archive._generator, archive._pair = FakeEmbedder(), generator, FakePairModel()
    return archive


if __name__ == "__main__":
    folder, port, model, finishing = sys.argv[1:]
    talker = {"Talker": Talker, "Slow": partial(Slow, REPLY)}[model]()
    serve(opened(folder, talker, finishing_seconds=float(finishing)), "127.0.0.1", int(port))
