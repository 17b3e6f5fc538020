"""Two servers behind a proxy, one of which is lost: the page goes on with the other by itself."""

import re
import socket
import threading
from contextlib import contextmanager, suppress

from playwright.sync_api import expect

from rag.web.sites.site import Site

from ..conftest import FakeEmbedder, opened
from .browsers import NEEDED, QUESTION, REPLY, SlowGenerator, ask, leaving
from .conftest import opening, serving

pytestmark = NEEDED


class Proxy:
    """Hands connections on to the one server that it knows."""

    def __init__(self, listening, server):
        self.server, self.open = server, []
        self._listening = listening

    def lose(self, server):
        """Cut all connections off, and know another server."""
        self.server = server
        for one in self.open:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def accept(self):
        with suppress(OSError):
            while True:
                pair = [self._listening.accept()[0], socket.create_connection(self.server)]
                self.open += pair
                for ways in (pair, pair[::-1]):
                    threading.Thread(target=relay, args=ways, daemon=True).start()


def relay(source, target):
    with suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    for one in (source, target):
        with suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)


@contextmanager
def proxy(server):
    with socket.create_server(("127.0.0.1", 0)) as listening:
        made = Proxy(listening, server)
        threading.Thread(target=made.accept, daemon=True).start()
        yield made, f"http://127.0.0.1:{listening.getsockname()[1]}"
        for one in made.open:
            one.close()


def place(address):
    host, port = address.removeprefix("http://").split(":")
    return host, int(port)


def test_a_conversation_goes_on_elsewhere_and_what_was_under_way_is_asked_again(browser, served, sample):
    first, site = served
    site.archive._generator, held = SlowGenerator(REPLY), SlowGenerator(REPLY)
    held.may_speak.clear()
    other = Site(opened(sample, site.archive.settings, FakeEmbedder(), held), site.history)
    with serving(other) as second, proxy(place(first)) as (between, address), opening(browser, address) as open_page:
        page = open_page()
        ask(page)
        expect(page.locator("#chat .answer")).to_have_count(1)
        with leaving(open_page.problems):
            page.wait_for_url(re.compile(r"\?c="))  # the last event of an answer: now nothing is under way
            between.lose(place(second))
            ask(page, "那灯塔守护员是谁？")
            expect(page.locator("#chat .working .pulse")).to_be_visible()
            between.lose(place(first))
            expect(page.locator("#chat .answer")).to_have_count(2)
        expect(page.locator("#chat .said")).to_have_text([QUESTION, "那灯塔守护员是谁？"])
        expect(page.locator("#talks li[data-conversation]")).to_have_count(1)
        expect(page.locator("#question textarea")).to_have_value("")
        held.may_speak.set()
