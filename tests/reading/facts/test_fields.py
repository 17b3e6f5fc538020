"""Names of fields: the table, what goes before it, and what cannot be read."""

import pytest

from index.errors import BaowenError
from index.reading.facts.fields import given_names, mapped


def test_the_first_name_with_a_value_counts_and_ours_goes_first():
    found = mapped({"headline": "甲", "title": "", "content": "文。", "source_url": "x", "foo": 1})
    assert found.values == {"title": "甲", "text": "文。", "url": "x"}
    assert found.how == {"title": "headline", "text": "content", "url": "source_url"}
    assert found.rest["foo"] == 1


def test_a_source_s_own_name_goes_before_the_table():
    assert mapped({"title": "甲", "bt": "乙"}, {"title": "bt"}).values["title"] == "乙"


def test_a_page_kept_as_a_section_is_a_page():
    assert mapped({"section": "第02版"}).values == {"page": "第02版"}


def test_names_are_given_as_pairs():
    assert given_names("title=bt, text=nr") == {"title": "bt", "text": "nr"}
    assert given_names("") == {}


@pytest.mark.parametrize("text", ["title", "title=", "nothing=bt"])
def test_names_that_cannot_be_read_are_said(text):
    with pytest.raises(BaowenError, match="--map 读不懂"):
        given_names(text)
