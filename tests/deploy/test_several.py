"""Two chat servers behind Debian's nginx, on Debian's PostgreSQL, one of which is killed while twenty people ask."""

import asyncio
import os
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

import httpx
import pytest

from benchmarks.load import Browser, conversation_of
from rag.serving.database import Database
from rag.serving.database.tables import turns
from tests.conftest import ROOT
from tests.databases import postgresql
from tests.proxies import free_port, nginx

PEOPLE = 20
_MOST_S = 900  # of a minute or two, since people ask until they are answered
QUESTIONS = ["蓝采薇每天爬多高的塔吊？", "灯塔守护员是谁？", "夜校在哪里？"]

pytestmark = [pytest.mark.alone, pytest.mark.slow, pytest.mark.cluster]  # a minute


@dataclass
class Person:
    """Somebody with a page open, at an address of their own, since nginx spreads people by theirs."""

    number: int
    again: int = 0
    answered: list[str] = field(default_factory=list)
    talk: str = ""

    async def ask_all(self, url):
        transport = httpx.AsyncHTTPTransport(verify=False, local_address=f"127.0.0.{10 + self.number}")
        async with httpx.AsyncClient(base_url=f"{url}/papers/", transport=transport, timeout=60) as http:
            lost = False
            browser = await opened(http)
            for question in QUESTIONS:
                while question not in self.answered:
                    try:
                        if lost:  # as the page, which opens again by itself
                            browser = await opened(http)
                            lost, kept = False, await self._kept(http, question)
                            if kept:
                                self.answered.append(question)
                                continue
                            self.again += 1
                        await self._ask(browser, question)
                    except (httpx.HTTPError, RuntimeError, ValueError):
                        lost = True
                        await asyncio.sleep(0.5)

    async def _kept(self, http, question):
        """Whether the conversation has the answer already."""
        reply = await http.get(f"conversations/{self.talk}.md") if self.talk else None
        return reply is not None and reply.status_code == 200 and question in reply.text

    async def _ask(self, browser, question):
        done = False
        async for shown in browser.call("chat", [question, self.talk, None, None, "", "", "", ""]):
            self.talk = self.talk or conversation_of(shown)
            done |= 'class=\\"answer' in shown
        if not done:
            raise RuntimeError("no answer")
        self.answered.append(question)


async def opened(http):
    return Browser(http, (await http.get("config")).raise_for_status().json())


@contextmanager
def chat_servers(archive, url):
    """Two, and their ports."""
    ports, environment = [free_port(), free_port()], {**os.environ, "BAOWEN_DATABASE": url}
    command = [sys.executable, "-m", "tests.serving.fakes", str(archive)]
    servers = [subprocess.Popen([*command, str(port), "Slow", "20"], cwd=ROOT, env=environment) for port in ports]
    try:
        for port in ports:
            wait_for(f"http://127.0.0.1:{port}/ready")
        yield ports, servers
    finally:
        for server in servers:
            server.kill()
            server.wait(10)


def wait_for(url):
    for _ in range(600):
        with suppress(httpx.HTTPError):
            if httpx.get(url).status_code == 200:
                return
        time.sleep(0.1)
    raise AssertionError(f"{url} does not come")


async def asking(people, url, server):
    """All ask; once half of the answers have come a server is killed."""

    async def kill():
        while sum(len(person.answered) for person in people) < PEOPLE * len(QUESTIONS) // 2:
            await asyncio.sleep(0.02)
        server.kill()

    async with asyncio.TaskGroup() as group:
        group.create_task(kill())
        for person in people:
            group.create_task(person.ask_all(url))


def test_no_conversation_is_lost_with_a_server(archive_folder, tmp_path):
    people = [Person(number) for number in range(PEOPLE)]
    with (
        postgresql() as database,
        chat_servers(archive_folder, database.url) as (ports, servers),
        nginx(tmp_path, ports) as url,
    ):
        asyncio.run(asyncio.wait_for(asking(people, url, servers[0]), _MOST_S))
        with Database(database.url).writing() as connection:
            kept = connection.execute(turns.select().order_by(turns.c.number)).all()
    talks = {}
    for turn in kept:
        talks.setdefault((turn.person, turn.conversation), []).append(turn.question)
    print(f"asked again: {sum(person.again for person in people)} of {len(kept)} answers")
    assert list(talks.values()) == [QUESTIONS] * PEOPLE
    assert {conversation for _, conversation in talks} == {person.talk for person in people}
    assert 0 < sum(person.again for person in people) <= PEOPLE
