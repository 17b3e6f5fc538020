"""The shape of an article that is no rectangle."""

import pytest

from index.regions import Box, Region, Sheet, pack_regions, unpack_regions
from index.shapes import shape


def lines(left, top, width, count, short=()):
    """Lines of a column, in hundredths of the page; ``short``: those that end a paragraph."""
    boxes = (
        Box(left / 100, row / 100, (left + (width / 3 if row in short else width)) / 100, (row + 1) / 100)
        for row in range(top, top + count)
    )
    return [Region("line", box, Sheet()) for box in boxes]


def inside(corners, x, y):
    """Whether a point lies in a polygon: a ray from it crosses its sides an odd number of times."""
    crossed = 0
    for (left, top), (right, bottom) in zip(corners, corners[1:] + corners[:1], strict=True):
        if (top > y) != (bottom > y):
            crossed += x < left + (y - top) * (right - left) / (bottom - top)
    return crossed % 2 == 1


HEADLINE = [Region("headline", Box(0.1, 0.1, 0.9, 0.15), Sheet())]


def boxes(regions):
    return [region.box for region in regions]


def middles(regions):
    return [((box.left + box.right) / 2, (box.top + box.bottom) / 2) for box in boxes(regions)]


def turned(regions):
    return [Region(r.kind, Box(r.box.top, r.box.left, r.box.bottom, r.box.right), r.sheet) for r in regions]


@pytest.mark.parametrize("vertical", [False, True], ids=["horizontal", "vertical"])
def test_an_article_below_half_of_its_headline_leaves_the_other_half_out(vertical):
    own = [*HEADLINE, *lines(10, 17, 18, 40, {30, 44}), *lines(30, 17, 18, 40, {20, 21, 50})]
    other = [*lines(51, 20, 18, 37, {25}), *lines(71, 20, 19, 30)]
    own, other = (turned(own), turned(other)) if vertical else (own, other)
    corners = list(shape(own, boxes(other)))
    assert 6 <= len(corners) <= 8
    assert all(inside(corners, *middle) for middle in middles(own))
    assert not any(inside(corners, *middle) for middle in middles(other))


def test_between_two_long_columns_another_article_is_left_out():
    own = [*HEADLINE, *lines(10, 17, 20, 40), *lines(32, 17, 20, 8), *lines(54, 17, 20, 40)]
    other = lines(32, 27, 20, 30)
    corners = list(shape(own, boxes(other)))
    assert all(inside(corners, *middle) for middle in middles(own))
    assert not any(inside(corners, *middle) for middle in middles(other))


@pytest.mark.parametrize(
    ("own", "other"),
    [
        ([], lines(10, 10, 20, 5)),
        (HEADLINE, lines(10, 17, 20, 5)),
        ([*HEADLINE, *lines(10, 17, 18, 40)], []),  # what is free beside it is its own
        ([*HEADLINE, *lines(10, 17, 38, 40), *lines(50, 17, 38, 20)], lines(10, 58, 38, 10)),
        (lines(10, 10, 30, 40), [Region("line", Box(0.399, 0.1, 0.7, 0.4), Sheet())]),  # they touch
        ([Region("line", Box(0.5, 0.5, 0.5, 0.5), Sheet())] * 2, lines(40, 40, 30, 30)),
    ],
    ids=["nothing", "one", "free", "apart", "touching", "no size"],
)
def test_a_rectangle_without_others_is_the_shape(own, other):
    assert shape(own, boxes(other)) == ()


def test_a_polygon_that_the_source_gives_is_kept():
    given = ((0.1, 0.1), (0.5, 0.1), (0.5, 0.3), (0.3, 0.3), (0.3, 0.6), (0.1, 0.6))
    region = Region("area", Box(0.1, 0.1, 0.5, 0.6), Sheet(), points=given)
    kept = unpack_regions(pack_regions([region, *HEADLINE]))
    assert kept == (region, *HEADLINE)
    assert shape(kept[:1]) == given
    assert shape([region, region]) == ()
    assert kept[0].as_dict()["points"][2] == [0.5, 0.3]
    assert "points" not in HEADLINE[0].as_dict()
