"""Guessing passwords, in simulated time: bounded by every way in, and others still log in."""

import base64
import contextlib
import threading

import pytest

from rag.web.access.doors import Doors, TooManyGuessesError
from rag.web.access.guesses import Guesses


class CountedPasswords:
    """Knows one password, and counts how often it was asked."""

    def __init__(self):
        self.asked = 0
        self.lock = threading.Lock()

    def check(self, name, password):
        with self.lock:
            self.asked += 1
        return (name, password) in (("编辑", "对的"), ("读者", "也对"))


@pytest.fixture
def now(monkeypatch):
    moment = [0.0]
    monkeypatch.setattr("rag.web.access.guesses._now", lambda: moment[0])
    return moment


@pytest.fixture
def doors(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return Doors(CountedPasswords())


def form(doors, name, password, address):
    return doors.by_password(name, password, address)


def basic(doors, name, password, address):
    token = base64.b64encode(f"{name}:{password}".encode()).decode()
    return doors.by_authorization(f"Basic {token}", address) == name


def bearer(doors, name, password, address):
    return doors.by_authorization(f"Bearer {name}:{password}".encode().decode("latin-1"), address) == name


def test_100_000_guesses_in_an_hour_are_bounded_by_every_way_in(doors, now):
    """From 50 addresses at once, by all three ways in turn; one of them guesses rightly at its end, too late."""
    assert form(doors, "编辑", "对的", "10.0.0.8")
    doors.passwords.asked = refused = longest = 0
    ways = (form, basic, bearer)
    for number in range(100_000):
        now[0] = number * 0.036
        try:
            assert not ways[number % 3](doors, "编辑", f"猜{number}", f"10.1.{number % 50}.1")
        except TooManyGuessesError as error:
            refused += 1
            longest = max(longest, error.seconds)
    assert doors.passwords.asked < 50
    assert longest <= 900
    assert refused == 100_000 - doors.passwords.asked
    with pytest.raises(TooManyGuessesError):  # the right one is not looked at either
        form(doors, "编辑", "对的", "10.1.7.1")
    for way in ways:
        assert way(doors, "编辑", "对的", "10.0.0.8"), "the editor, from where they always are"
        assert way(doors, "读者", "也对", "10.0.0.9"), "somebody else, from elsewhere"
    now[0] += 3700
    assert form(doors, "编辑", "对的", "10.1.7.1")


def test_one_address_that_tries_many_names_is_slowed_too(doors, now):
    for number in range(10_000):
        now[0] = number * 0.36
        with contextlib.suppress(TooManyGuessesError):
            form(doors, f"人{number}", "123456", "10.1.1.1")
    assert doors.passwords.asked < 25


def test_guesses_that_come_at_once_are_counted(doors, now):
    """Those that begin while others are still being looked at do not slip through."""
    started, may_end = threading.Barrier(6), threading.Event()
    check = doors.passwords.check

    def slow(name, password):
        may_end.wait(10)
        return check(name, password)

    doors.passwords.check = slow
    seen = []

    def guess(number):
        started.wait(10)
        try:
            seen.append(form(doors, "编辑", f"{number}", "10.1.1.1"))
        except TooManyGuessesError:
            seen.append("late")
            may_end.set()

    threads = [threading.Thread(target=guess, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert sorted(map(str, seen)) == ["False"] * 5 + ["late"]


def test_the_right_password_sent_again_and_again_is_never_slowed(doors, now):
    assert all(bearer(doors, "编辑", "对的", "10.0.0.8") for _ in range(200))


def test_all_addresses_of_an_ipv6_subscriber_are_one(now):
    guesses = Guesses()
    for number in range(5):
        assert guesses.begin(f"人{number}", f"2001:db8:1:2::{number}") == 0
    assert guesses.begin("人", "2001:db8:1:2:ffff::9") > 0
    assert guesses.begin("人", "2001:db8:1:3::9") == 0
    assert guesses.begin("人", "::ffff:10.0.0.1") == 0
