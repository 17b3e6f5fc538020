"""The page's words: every message has its Chinese, and the catalogue has nothing that is not said."""

import datetime
import re

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from rag.web.history.history import Conversation
from rag.web.rendering.days import by_day
from rag.web.rendering.text import LOCALES, Translator

from ...conftest import ROOT

METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2.ext:babel_extract")]
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "say": None, "say_many": (1, 2)}


@pytest.fixture(scope="module")
def catalogue():
    with (LOCALES / "zh" / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return read_po(file, locale="zh")


def test_every_message_has_its_chinese_and_no_other_is_kept(catalogue):
    found = extract_from_dir(ROOT / "rag" / "web", METHODS, options_map={}, keywords=KEYWORDS)
    said = {message if isinstance(message, str) else tuple(message[:2]) for _, _, message, *_ in found}
    kept = {message.id: message.string for message in catalogue if message.id}
    assert len(said) > 100
    assert set(kept) == said
    for message, chinese in kept.items():
        english, other = (message, chinese) if isinstance(message, str) else (message[0], chinese[0])
        assert other, english
        assert set(re.findall(r"%\(\w+\)s", english)) == set(re.findall(r"%\(\w+\)s", other)), english


def test_one_and_several_are_told_apart():
    one, many = "%(num)s article", "%(num)s articles"
    english, chinese = Translator("en"), Translator("zh")
    assert [english.say_many(one, many, n, num=n) for n in (1, 2)] == ["1 article", "2 articles"]
    assert chinese.say_many(one, many, 2, num=2) == "2 篇"


def test_conversations_stand_under_their_day():
    now = datetime.datetime(2026, 3, 10, 12, tzinfo=datetime.UTC)
    ages = {"a": 0, "b": 0, "c": 1, "d": 3, "e": 40}
    held = [Conversation(i, i, (now - datetime.timedelta(days=age)).isoformat()) for i, age in ages.items()]
    days = by_day(held, Translator("zh"), now)
    assert [(day, [talk.id for talk in talks]) for day, talks in days] == [
        ("今天", ["a", "b"]),
        ("昨天", ["c"]),
        ("七天内", ["d"]),
        ("2026-01", ["e"]),
    ]
