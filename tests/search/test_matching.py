"""The matcher against regular expressions, and what would take those for ever."""

import random
import re
import time

import pytest

from index.article import Article
from index.search.expression import Near, Text, Wild
from index.search.matching import occurrences, occurs
from index.search.parser import parse
from rag.search.snippets import snippets


def pattern(words):
    if isinstance(words, Near):
        a, b, gap = re.escape(words.first), re.escape(words.second), f".{{0,{words.distance}}}"
        return re.compile(f"{a}{gap}{b}|{b}{gap}{a}")
    return re.compile(
        "".join(f".{{{p.least},{p.most}}}" if isinstance(p, Wild) else re.escape(p) for p in words.pieces)
    )


def made_up_words(rng):
    words = ["".join(rng.choices("甲乙丙", k=rng.randint(1, 3))) for _ in range(rng.randint(1, 4))]
    if rng.random() < 0.3:
        return Near(words[0], words[-1], rng.choice((0, 1, 3, 20)))
    pieces = [words[0]]
    for word in words[1:]:
        least = rng.randint(0, 2)
        pieces += [Wild(least, least + rng.choice((0, 1, 5, 20)) or 1), word]
    ends = ([Wild(2, 2)], [])
    return Text((*rng.choice(ends), *pieces, *rng.choice(ends)))


def test_finds_what_a_regular_expression_finds():
    rng, stood = random.Random(5), 0
    for _ in range(3000):
        words = made_up_words(rng)
        text = "".join(rng.choices("甲乙丙丁", weights=(5, 3, 1, 3), k=rng.choice((0, 1, 8, 60))))
        expected = [match.span() for match in pattern(words).finditer(text)]
        assert list(occurrences(words, text)) == expected, (words, text)
        assert occurs(words, text) == bool(expected)
        stood += len(expected) > 1
    assert stood > 100


@pytest.mark.parametrize("stars", [5, 50])
def test_wildcards_that_fit_in_very_many_ways_take_no_long(stars):
    words = parse("的*" * stars + "zz")
    article = Article("a", "", "zz" + "的" * 20_000)
    begun = time.thread_time()
    assert not occurs(words, article.body)
    assert snippets(article, words)[0].marks == ()
    assert time.thread_time() - begun < 5
