import pytest

from index.text.aliases import Alias, aliases
from index.text.names import Name

FULL = "江州市劳动模范协会"


def stated(text):
    start = text.index(FULL)
    return list(aliases(text, [Name(FULL, start, start + len(FULL), "organisation")]))


@pytest.mark.parametrize(
    "text",
    [
        f"{FULL}（以下简称“劳模协会”）昨天成立。",
        f"{FULL}(简称劳模协会)昨天成立。",
        f"“{FULL}”（下称：“劳模协会”）昨天成立。",
        f"{FULL}（以下统称为“劳模协会”）昨天成立。",
    ],
)
def test_a_short_name_that_the_text_gives_is_joined(text):
    assert stated(text) == [Alias("劳模协会", FULL, "organisation")]


def test_two_short_names():
    text = f"{FULL}（以下简称“劳模协会”或“协会方”）"
    assert [alias.short for alias in stated(text)] == ["劳模协会", "协会方"]


@pytest.mark.parametrize(
    "text",
    [
        f"{FULL}（劳模协会）昨天成立。",  # a bracket that does not say so
        f"{FULL}昨天印发办法（以下简称“办法”）。",  # something else between
        f"{FULL}（以下简称“{FULL}”）",
    ],
)
def test_what_the_text_does_not_join_stays_apart(text):
    assert stated(text) == []
