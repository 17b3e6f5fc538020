"""Libraries' formats: ALTO, PAGE, hOCR and METS give the same articles, with their places."""

import re
import time
from itertools import pairwise

import pytest

from index.reading import read_issue
from index.regions import Box
from index.sources import find_sources

from ..libraries import (
    BODY,
    FIRST,
    FOURTH,
    HEIGHT,
    MODS,
    OTHER,
    OTHER_TITLE,
    SECOND,
    THIRD,
    TITLE,
    WIDTH,
    ZONES,
    alto,
    box,
    hocr,
    mets,
    page_xml,
)

SHUFFLED = [ZONES[2], ZONES[4], ZONES[0], ZONES[3], ZONES[1]]
ORDER = [3, 5, 1, 4, 2]  # of the shuffled zones


def read(tmp_path, text, name="a.xml"):
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return read_issue([(path, name)])


@pytest.mark.parametrize(
    ("text", "name"),
    [
        *((alto(version=version), "a.xml") for version in (2, 3, 4)),
        (alto(SHUFFLED, order=ORDER), "a.xml"),
        (page_xml(), "a.xml"),
        (page_xml(SHUFFLED, order=ORDER), "a.xml"),
        (hocr(), "a.hocr"),
        (hocr(), "a.html"),
    ],
    ids=["alto2", "alto3", "alto4", "alto4 order", "page", "page order", "hocr", "hocr as html"],
)
def test_one_page_in_each_format(tmp_path, text, name):
    issue = read(tmp_path, text, name)
    assert issue.failed == []
    assert [(a.title, a.paragraphs) for a in issue.articles] == [(TITLE, BODY), (OTHER_TITLE, [OTHER])]
    first = issue.articles[0]
    lines = {first.body[region.start : region.end]: region for region in first.regions if region.kind == "line"}
    assert list(lines) == [FIRST, SECOND, THIRD, FOURTH]
    for (text, *rest), region in zip(ZONES[1][1] + ZONES[2][1], lines.values(), strict=True):
        left, top, right, bottom = box((text, *rest))
        expected = Box(left / WIDTH, top / HEIGHT, right / WIDTH, bottom / HEIGHT)
        assert region.box == expected
        assert region.confidence == pytest.approx(0.9)
        assert (region.sheet.image, region.sheet.number, region.source) == ("a.tif", 1, name)
    assert [region.kind for region in first.regions if region.kind != "line"] == ["headline"]


def test_alto_2_says_the_order_by_the_next_block(tmp_path):
    text = alto(SHUFFLED, version=2)
    for before, after in pairwise(ORDER):
        text = text.replace(f'ID="B{before}"', f'ID="B{before}" IDNEXT="B{after}"')
    assert [a.paragraphs for a in read(tmp_path, text).articles] == [BODY, [OTHER]]


def test_a_word_cut_at_the_line_s_end_is_whole_again(tmp_path):
    cut = (
        '<TextBlock ID="X"><TextLine><String CONTENT="这台"/><String CONTENT="loco"/><HYP CONTENT="-"/></TextLine>'
        '<TextLine><String CONTENT="motive"/><SP/><String CONTENT="works"/></TextLine>'
        '<TextLine><String CONTENT="well"/><SP/><String CONTENT="。"/></TextLine></TextBlock>'
    )
    assert "这台locomotive works well。" in read(tmp_path, alto(extra=cut)).articles[-1].body


def test_a_headline_in_the_zone_of_its_text_is_found_and_tags_are_believed(tmp_path):
    zones = [("text", [*ZONES[0][1], *ZONES[1][1]]), ZONES[2]]
    assert [(a.title, a.paragraphs) for a in read(tmp_path, alto(zones)).articles] == [(TITLE, BODY)]
    small = alto([("text", [(TITLE, 100, 100, 20)]), *ZONES[1:3]])
    tagged = small.replace("<Layout>", '<Tags><LayoutTag ID="T1" LABEL="Heading"/></Tags><Layout>')
    tagged = tagged.replace('ID="B1"', 'ID="B1" TAGREFS="T1"')
    assert read(tmp_path, tagged).articles[0].title == TITLE


def test_pictures_and_captions_keep_their_places(tmp_path):
    picture = '<Illustration ID="I" HPOS="500" VPOS="300" WIDTH="200" HEIGHT="280"/>'
    (region,) = [r for r in read(tmp_path, alto(ZONES[:3], extra=picture)).articles[0].regions if r.kind == "picture"]
    assert region.box == Box(0.5, 300 / HEIGHT, 0.7, 580 / HEIGHT)
    captioned = page_xml(ZONES[:3]).replace('id="r3" type="paragraph"', 'id="r3" type="caption"')
    article = read(tmp_path, captioned).articles[0]
    assert article.captions == (THIRD + FOURTH,)
    assert [r.kind for r in article.regions].count("caption") == 2


# METS

JUMP = [("text", [(SECOND, 100, 200, 20), (THIRD, 100, 224, 20)]), ("text", [(OTHER, 100, 600, 20)])]


def issue_folder(tmp_path, hrefs="file://./alto/{}", files=("0001.xml", "0002.xml")):
    folder = tmp_path / "issue"
    (folder / "alto").mkdir(parents=True)
    pages = [[("text", [("澄江日报", 400, 20, 40)]), ZONES[0], ("text", ZONES[1][1][:1])], JUMP]
    for name, zones in zip(files, pages, strict=True):
        (folder / "alto" / name).write_text(alto(zones), encoding="utf-8")
    articles = [
        (TITLE, [("TITLE", 1, "B2"), ("BODY", 1, "B3"), ("BODY", 2, "B1")]),
        (OTHER_TITLE, [("BODY", 2, "B2")]),
    ]
    (folder / "mets.xml").write_text(mets(articles, files, MODS, hrefs), encoding="utf-8")
    return folder


@pytest.mark.parametrize("hrefs", ["file://./alto/{}", "alto/{}", "./alto/{}", "alto\\{}", "file:alto/{}"])
def test_mets_says_which_blocks_of_which_pages_an_article_is(tmp_path, hrefs):
    path = issue_folder(tmp_path, hrefs) / "mets.xml"
    issue = read_issue([(path, "mets.xml")])
    assert issue.failed == []
    assert [(a.title, a.body, a.pages) for a in issue.articles] == [
        (TITLE, FIRST + SECOND + THIRD, (1, 2)),
        (OTHER_TITLE, OTHER, (2,)),
    ]
    first = issue.articles[0]
    assert (first.paper, first.date) == ("澄江日报", "1947-05-02")
    assert [(r.kind, r.page, first.body[r.start : r.end]) for r in first.regions if r.kind == "line"] == [
        ("line", 1, FIRST),
        ("line", 2, SECOND),
        ("line", 2, THIRD),
    ]
    assert len({region.sheet for region in first.regions}) == 2
    assert "澄江日报" in [segment.text for page in issue.pages for segment in page.ledger]


def test_the_pages_that_a_mets_names_are_read_once(tmp_path):
    folder = issue_folder(tmp_path)
    (source,) = find_sources([folder]).sources
    assert [file.name for file in source.files] == ["0001.xml", "0002.xml", "mets.xml"]
    issue = read_issue((file.path, file.source) for file in source.files)
    assert [article.id for article in issue.articles] == ["issue/mets.xml#1", "issue/mets.xml#2"]


def test_mets_without_articles_gives_its_pages_in_order(tmp_path):
    folder = issue_folder(tmp_path)
    (folder / "mets.xml").write_text(mets([], ["0002.xml", "0001.xml"], MODS), encoding="utf-8")
    pages = read_issue([(folder / "mets.xml", "mets.xml")]).pages
    assert [(page.facts.page, page.facts.date) for page in pages] == [(1, "1947-05-02"), (2, "1947-05-02")]


@pytest.mark.parametrize("href", ["../{}", "http://example.org/{}", "/etc/{}", "file:///etc/{}", "%2e%2e/{}"])
def test_mets_reads_nothing_outside_its_folder(tmp_path, href):
    (tmp_path / "secret.xml").write_text(alto(), encoding="utf-8")
    (tmp_path / "issue").mkdir()
    text = mets([(TITLE, [("BODY", 1, "B2")])], ["secret.xml"], hrefs=href)
    issue = read(tmp_path / "issue", text, "mets.xml")
    assert issue.articles == []
    assert "ALTO" in issue.failed[0]


# Broken and hostile files

NESTED = "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
LAUGHS = f'<!DOCTYPE a [<!ENTITY a "哈哈哈哈">{NESTED}]>'
OUTSIDE = '<!DOCTYPE a [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
XML = [alto(), page_xml(), mets([(TITLE, [("BODY", 1, "B2")])], ["0001.xml"])]


def with_entities(text, declared, name):
    body = text.partition("?>")[2] or text
    return declared + body.replace(TITLE, f"&{name};", 1)


@pytest.mark.parametrize("text", XML, ids=["alto", "page", "mets"])
@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: with_entities(text, LAUGHS, "j"),
        lambda text: with_entities(text, OUTSIDE, "a"),
        lambda text: text[: len(text) // 2],
        lambda text: "<" * 1000 + text,
        lambda text: text.replace("<", "<x>" * 3, 1),
        lambda text: text.replace("</", "<" + "y>" * 300, 1),
        lambda text: "<d>" * 100_000,
        lambda text: text.replace("utf-8", "no-such").replace("UTF-8", "no-such") + "\0",
        lambda text: "<tei/>",
        lambda text: text[:60],
    ],
    ids=["laughs", "outside", "cut", "brackets", "nested", "unclosed", "deep", "encoding", "other", "head"],
)
def test_broken_and_hostile_xml_is_refused_in_words(tmp_path, text, spoil):
    started = time.process_time()
    issue = read(tmp_path, spoil(text))
    assert issue.articles == []
    assert issue.failed[0].startswith(str(tmp_path / "a.xml"))
    assert len(issue.failed[0]) < 600
    assert time.process_time() - started < 5


@pytest.mark.parametrize(
    ("name", "value"), [("WIDTH", "-5"), ("HEIGHT", "nan"), ("WIDTH", "1e400"), ("HPOS", "east"), ("VPOS", "")]
)
def test_wrong_sizes_cost_the_place_and_not_the_text(tmp_path, name, value):
    text = re.sub(rf'\b{name}="\d+"', f'{name}="{value}"', alto())
    issue = read(tmp_path, text)
    assert TITLE in "".join(article.title + article.body for article in issue.articles)
    for article in issue.articles:
        for region in article.regions:
            sides = (region.box.left, region.box.top, region.box.right, region.box.bottom)
            assert all(0 <= side <= 1 for side in sides)


def test_hocr_of_many_pages_and_without_one(tmp_path):
    page = hocr().partition("<body>")[2].partition("</body>")[0]
    issue = read(tmp_path, hocr().replace("</body>", page + "</body>"), "a.hocr")
    assert [page.facts.page for page in issue.pages] == [1, 2]
    assert "没有页" in read(tmp_path, "<html><meta name='ocr-system'><body>甲</body></html>", "b.hocr").failed[0]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text[: len(text) * 2 // 3],
        lambda text: text.replace("<span", "<div>" * 200 + "<span", 1),
        lambda text: text.replace("bbox 0 0 1000 1400", "bbox 0 0 0 0"),
        lambda text: text.replace("bbox", "bbox 1e999 -7 x nan"),
        lambda text: text.replace("title='bbox", "title='" + "bbox " * 20_000),
        lambda text: text.replace("image &quot;a.tif&quot;", "image &quot;../../etc/passwd&quot;"),
        lambda text: text.replace("</html>", "</html>" * 5000),
        lambda text: text.replace("<head>", "<head><!DOCTYPE a [<!ENTITY a SYSTEM 'file:///etc/passwd'>]>&a;"),
    ],
    ids=["cut", "deep", "no size", "no numbers", "long title", "way up", "closed", "entity"],
)
def test_broken_hocr_keeps_its_text_and_places_within_the_page(tmp_path, spoil):
    started = time.process_time()
    issue = read(tmp_path, spoil(hocr()), "a.hocr")
    text = "".join(article.title + article.body for article in issue.articles)
    assert TITLE in text
    assert "root:" not in text
    for article in issue.articles:
        for region in article.regions:
            assert 0 <= region.box.left < region.box.right <= 1
            assert "/" not in region.sheet.image
    assert time.process_time() - started < 5


def test_hocr_of_which_nothing_can_be_read_is_named(tmp_path):
    for text in (hocr([]), hocr().replace("<span", "<div>" * 50_000 + "<span", 1)):
        issue = read(tmp_path, text, "a.hocr")
        assert bool(issue.articles) != bool(issue.failed)
