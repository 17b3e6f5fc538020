"""Hits and counts against a plain scan of the texts."""

import re
from collections import Counter
from itertools import pairwise

import pytest

from benchmarks.search_oracle import FACETS, Questions, facets
from index.search.facets import EVERY
from index.search.parser import parse


def found(store, query):
    expression = parse(query)
    search = store.search
    return {article.id for article in search.articles(search.numbers(expression, "oldest", 100_000))}


def test_generated_queries_of_every_operator_find_what_a_scan_finds(made_up, scanned):
    asked = Questions(scanned, seed=3).make(200)
    for question in asked:
        assert found(made_up, question.query) == question.hits(scanned), question.query
        assert made_up.search.count(parse(question.query)) == len(question.hits(scanned)), question.query
    hits = Counter(question.operator for question in asked if question.hits(scanned))
    assert len(hits) == 15
    assert min(hits.values()) > 1  # none of the operators was asked for what stands nowhere


def test_facets_count_what_a_scan_counts(made_up, scanned):
    for question in Questions(scanned, seed=4).make(20):
        hits = question.hits(scanned)
        expected = facets([x for x in scanned if x.article.id in hits])
        counted = made_up.search.facets(parse(question.query), FACETS, EVERY)
        assert counted == expected, question.query


def test_names_of_every_kind_are_counted_and_found(made_up, scanned):
    everywhere = facets(scanned)
    for kind, field in (("person", "人物"), ("organisation", "单位"), ("place", "地点")):
        assert len(everywhere[kind]) >= 2
        for name, count in everywhere[kind].items():
            hits = {x.article.id for x in scanned if name in x.names[kind]}
            assert found(made_up, f'{field}:"{name}"') == hits
            assert len(hits) == count


@pytest.mark.parametrize("query", ["的", "的 了 在", "的 OR 了", '"的 了"~3', "是 NOT 的"])
def test_words_that_say_nothing_are_characters_like_others(made_up, scanned, query):
    words = {word: {x.article.id for x in scanned if any(word in t for t in x.texts(""))} for word in "的了在是"}
    expected = {
        "的": words["的"],
        "的 了 在": words["的"] & words["了"] & words["在"],
        "的 OR 了": words["的"] | words["了"],
        '"的 了"~3': {x.article.id for x in scanned if any(re.search("的.{0,3}了|了.{0,3}的", t) for t in x.texts(""))},
        "是 NOT 的": words["是"] - words["的"],
    }
    assert found(made_up, query) == expected[query] != set()


@pytest.mark.parametrize("sort", ["newest", "oldest"])
def test_sorted_by_date_then_page_and_those_without_a_date_last(made_up, sort):
    search = made_up.search
    articles = search.articles(search.numbers(parse("工"), sort, 1000))
    dated = [article for article in articles if article.date]
    assert articles[: len(dated)] == dated
    days = [article.date for article in dated]
    assert days == sorted(days, reverse=sort == "newest")
    for one, other in pairwise(dated):
        assert one.date != other.date or one.page <= other.page


@pytest.mark.parametrize("sort", ["relevance", "newest", "oldest"])
def test_pages_neither_repeat_nor_lose(made_up, sort):
    search, expression = made_up.search, parse("工 OR 王 OR 江州")
    paged = [n for start in range(0, 400, 7) for n in search.numbers(expression, sort, 7, start)]
    assert len(paged) == len(set(paged)) == search.count(expression)
    assert paged == search.numbers(expression, sort, 1000)


def test_a_word_in_the_headline_or_more_of_it_ranks_first(made_up):
    first = made_up.search.articles(made_up.search.numbers(parse("高温津贴"), "relevance", 1))[0]
    assert "高温津贴" in "".join(first.heading.split()) + "".join(first.body.split())


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("劳动者", "勞動者"),
        ("ABC", "ＡＢＣ"),
        ("abc", "ABC"),
        ("乾隆", "干隆"),
        ("后来", "後來"),
        ('"高温 津贴"', "高温津贴"),
    ],
)
def test_ways_to_write_the_same_find_the_same(made_up, one, other):
    assert found(made_up, one) == found(made_up, other) != set()


def test_no_phrase_crosses_from_one_headline_into_the_next(made_up, scanned):
    for x in scanned:
        for one, other in pairwise(x.titles):
            across = one[-2:] + other[:2]
            inside = {y.article.id for y in scanned if any(across in text for text in y.texts("title"))}
            assert found(made_up, f'题名:"{across}"') == inside


@pytest.mark.parametrize("sort", ["relevance", "newest"])
@pytest.mark.parametrize(("limit", "offset"), [(20, 10**12), (10**12, 0), (10**30, 10**30)])
def test_pages_beyond_what_there_is_are_empty_or_end_with_it(made_up, sort, limit, offset):
    found = made_up.search.numbers(parse("工"), sort, limit, offset)
    assert len(found) == (0 if offset else made_up.search.count(parse("工")))
