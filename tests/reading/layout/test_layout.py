"""Pages that only show where their lines stand: columns, headlines side by side, vertical text, turned pictures."""

import math
import random
from dataclasses import replace

import pytest

from index.reading import read_issue
from index.reading.content.characters import clean, unlikely
from index.reading.formats import FileText, PageText, pdf, scan
from index.reading.layout import scans
from index.reading.layout.columns import layout_blocks, vertical_blocks
from index.reading.layout.glyphs import lines_of
from index.reading.layout.lines import Line
from index.reading.scanning import recogniser
from index.reading.scanning.recogniser import Recognition
from index.regions import Box, Sheet

LEFT = ["渡口昨起每日加开两班渡船，", "早晚各一班，票价不变。"]
RIGHT = ["夜校新添算术一科，由镇上", "教员轮流授课，免收学费。"]
SHEET = Sheet("", 1, 600, 800)


def line(left, top, size, text, **more):
    box = Box(left / 600, top / 800, (left + size * len(text)) / 600, (top + size) / 800)
    return Line(left, top, left + size * len(text), top + size, text, box=box, **more)


def column(left, top, texts, size=10):
    return [line(left, top + 14 * at, size, text) for at, text in enumerate(texts)]


def texts(blocks):
    return [(block.form.value, block.level, block.text) for block in blocks]


def standing(lines):
    """Horizontal lines as characters of vertical lines, on a page of 600: the first line stands at the right."""
    return [
        Line(600 - row.bottom, row.left + size * at, 600 - row.top, row.left + size * (at + 1), character)
        for row in lines
        for size in [row.bottom - row.top]
        for at, character in enumerate(row.text)
    ]


ALONE = [line(20, 40, 24, "两家同日出新"), *column(20, 80, LEFT), *column(180, 80, RIGHT)]
PAIR = [
    line(20, 40, 20, "渡船加开"),
    line(180, 40, 16, "夜校添科"),
    *column(20, 80, LEFT),
    *column(180, 80, RIGHT),
    line(20, 140, 20, "下面一条"),
    *column(20, 180, ["下面一条的正文写在这里。"]),
]


def test_a_headline_over_columns_in_two_lines_is_one_though_recognition_sees_two_sizes():
    lines = [
        line(20, 20, 22, "渡船加开夜班后两岸的"),
        line(20, 50, 24, "店铺"),
        *column(20, 90, LEFT),
        *column(180, 90, RIGHT),
    ]
    assert texts(layout_blocks([replace(line, confidence=0.9) for line in lines]))[0] == (
        "heading",
        1,
        "渡船加开夜班后两岸的店铺",
    )


def test_a_headline_over_two_columns_comes_first():
    first, *rest = layout_blocks(ALONE)
    assert texts([first]) == [("heading", 1, "两家同日出新")]
    assert "".join(block.text for block in rest) == "".join([*LEFT, *RIGHT])


@pytest.mark.parametrize("way", ["horizontal", "vertical"])
def test_headlines_side_by_side_keep_their_texts(way):
    blocks = layout_blocks(PAIR) if way == "horizontal" else vertical_blocks(standing(PAIR))
    assert texts(blocks) == [
        ("heading", 1, "渡船加开"),
        ("text", 0, "".join(LEFT)),
        ("heading", 1, "夜校添科"),
        ("text", 0, "".join(RIGHT)),
        ("heading", 1, "下面一条"),
        ("text", 0, "下面一条的正文写在这里。"),
    ]


def test_a_headline_of_two_lines_is_one_heading_with_two_places():
    rows = [line(20, 40, 24, "两家同日出新"), line(20, 70, 24, "镇民称便"), *column(20, 110, LEFT)]
    first = layout_blocks(rows, sheet=SHEET)[0]
    assert first.text == "两家同日出新镇民称便"
    assert [(place.text, place.box.top) for place in first.places] == [("两家同日出新", 0.05), ("镇民称便", 70 / 800)]


def glyphs(rows):
    return [
        Line(row.left + size * at, row.top, row.left + size * (at + 1), row.bottom, character)
        for row in rows
        for size in [row.bottom - row.top]
        for at, character in enumerate(row.text)
    ]


def test_characters_are_lines_in_the_direction_in_which_they_are_drawn():
    lines, vertical = lines_of(glyphs(ALONE))
    assert ([row.text for row in lines], vertical) == (
        [ALONE[0].text, LEFT[0], RIGHT[0], LEFT[1], RIGHT[1]],
        False,
    )
    lines, vertical = lines_of(standing(ALONE))
    assert ([row.text for row in lines], vertical) == ([row.text for row in ALONE], True)


def test_words_in_latin_letters_keep_apart():
    row = [
        line(0, 0, 10, "a"),
        line(10, 0, 10, "b"),
        line(24, 0, 10, "c"),
        line(34, 0, 10, "中"),
        line(48, 0, 10, "文"),
    ]
    assert [found.text for found in lines_of(row)[0]] == ["ab c中文"]


# PDF


@pytest.fixture
def write_pdf(tmp_path):
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfgen.canvas import Canvas

    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))

    def write(pages):
        canvas = Canvas(str(tmp_path / "a.pdf"), pagesize=(600, 800))
        for rows in pages:
            for row in rows:
                canvas.setFont("STSong-Light", row.height)
                canvas.drawString(row.left, 800 - row.top - 0.88 * row.height, row.text)
            canvas.showPage()
        canvas.save()
        return tmp_path / "a.pdf"

    return write


@pytest.mark.parametrize("turn", [glyphs, standing], ids=["horizontal", "vertical"])
def test_a_pdf_is_read_in_either_direction_with_its_places(write_pdf, turn):
    path = write_pdf([turn(PAIR)])
    articles = read_issue([(path, "a.pdf")]).articles
    assert [(a.title, a.body) for a in articles] == [
        ("渡船加开", "".join(LEFT)),
        ("夜校添科", "".join(RIGHT)),
        ("下面一条", "下面一条的正文写在这里。"),
    ]
    first = articles[0].regions[1]
    assert articles[0].body[first.start : first.end] == LEFT[0]
    shown = turn([PAIR[2]])
    assert first.box.left == pytest.approx(min(g.left for g in shown) / 600, abs=0.005)
    assert first.box.bottom == pytest.approx(max(g.bottom for g in shown) / 800, abs=0.005)


def test_a_wrong_map_of_characters_is_told_from_text():
    chance = random.Random(1)
    wrong = "".join(chr(chance.randrange(0x4E00, 0x9FA5)) for _ in range(200))
    traditional = "蘆灣渡口每遇大風行旅苦之今邑紳捐資添設義渡四艘往來稱便" * 4
    assert [unlikely(text) for text in (wrong, traditional, "".join(LEFT + RIGHT) * 4, "囧囧")] == [
        True,
        False,
        False,
        False,
    ]


def test_pages_with_a_wrong_map_are_recognised_and_the_others_are_not(write_pdf, monkeypatch):
    chance = random.Random(1)
    wrong = [
        line(20, 40 + 14 * n, 10, "".join(chr(chance.randrange(0x4E00, 0x9FA5)) for _ in range(20))) for n in range(9)
    ]
    path = write_pdf([ALONE, wrong])
    monkeypatch.setattr(pdf, "can_recognise", lambda: False)
    issue = read_issue([(path, "a.pdf")])
    assert "需要文字识别" in issue.failed[0]
    assert [article.title for article in issue.articles] == [ALONE[0].text]
    asked = []

    def recognised(path, options, only):
        asked.append(only)
        return FileText([PageText({}, layout_blocks(PAIR), 2)])

    monkeypatch.setattr(pdf, "can_recognise", lambda: True)
    monkeypatch.setattr(pdf, "recognised", recognised)
    assert [a.title for a in read_issue([(path, "a.pdf")]).articles] == [
        ALONE[0].text,
        "渡船加开",
        "夜校添科",
        "下面一条",
    ]
    assert asked == [[2]]


# Recognised lines


def quads(rows, degrees=0.0):
    """Lines as recognition gives them, on a page turned about its middle."""
    turn = math.radians(degrees)

    def corner(x, y):
        x, y = x - 300, y - 400
        return [300 + x * math.cos(turn) - y * math.sin(turn), 400 + x * math.sin(turn) + y * math.cos(turn)]

    return [
        scans.RecognisedLine(
            [corner(x, y) for x, y in ((r.left, r.top), (r.right, r.top), (r.right, r.bottom), (r.left, r.bottom))],
            r.text,
            0.9,
        )
        for r in rows
    ]


@pytest.mark.parametrize("degrees", [-3, -1, 0, 2, 5])
def test_a_turned_page_is_laid_out_as_if_it_were_straight(degrees):
    blocks = scans.recognised_blocks(quads(PAIR, degrees), SHEET)
    assert texts(blocks) == texts(layout_blocks(PAIR))
    place = blocks[1].places[0]
    corners = quads(PAIR, degrees)[2][0]
    assert place.box.left == pytest.approx(min(x for x, _ in corners) / 600)
    assert place.confidence == 0.9


def test_boxes_of_uneven_thickness_make_no_headline():
    rows = [*column(20, 80, [*LEFT, *RIGHT] * 2)]
    thick = [line(r.left, r.top, 10, r.text) for r in rows]
    found = quads(thick)
    for number, (corners, *_) in enumerate(found):
        for corner in corners[2:]:
            corner[1] += (0, 6, 3)[number % 3]
    assert {block.form.value for block in scans.recognised_blocks(found, SHEET)} == {"text"}


def test_a_line_recognised_over_the_gutter_does_not_mix_the_columns():
    texts_left, texts_right = (
        [f"左栏第{n}行写到这里还没完" for n in range(20)],
        [f"右栏第{n}行接着往下写" for n in range(20)],
    )
    rows = [*column(20, 80, texts_left), *column(180, 80, texts_right)]
    rows[7] = line(20, rows[7].top, 10, texts_left[7] + texts_right[7])
    del rows[27]
    whole = "".join(block.text for block in layout_blocks(rows))
    assert whole.index("左栏第19行") < whole.index("右栏第0行")


def upright(row):
    """A line as recognition gives it on a page of vertical lines."""
    left, right, top, bottom = 600 - row.bottom, 600 - row.top, row.left, row.right
    return scans.RecognisedLine([[left, top], [right, top], [right, bottom], [left, bottom]], row.text, 0.8)


def test_recognised_lines_that_stand_are_read_from_the_right():
    assert texts(scans.recognised_blocks([upright(row) for row in PAIR], SHEET)) == texts(layout_blocks(PAIR))


@pytest.mark.parametrize(
    ("recognised", "meant"),
    [
        ("新渠全长3・4公里昨天放水", "新渠全长3.4公里昨天放水"),
        ("今天气温25一30度有小雨", "今天气温25—30度有小雨"),
        ("秋粮收成比去年多7·5％", "秋粮收成比去年多7.5％"),
    ],
)
def test_marks_between_the_digits_of_a_line_that_stands_are_points_and_dashes(recognised, meant):
    standing_line = scans.RecognisedLine([[580, 40], [590, 40], [590, 180], [580, 180]], recognised, 0.9)
    lying_line = scans.RecognisedLine([[40, 40], [180, 40], [180, 50], [40, 50]], recognised, 0.9)
    assert [block.text for block in scans.recognised_blocks([standing_line], SHEET)] == [meant]
    assert [block.text for block in scans.recognised_blocks([lying_line], SHEET)] == [recognised]


@pytest.mark.parametrize("turn", [quads, lambda rows: [upright(row) for row in rows]], ids=["horizontal", "vertical"])
def test_characters_that_may_be_misread_are_named_in_the_body_and_in_the_headline(tmp_path, monkeypatch, turn):
    from PIL import Image

    rows = [row._replace(sure=[0.99] * len(row.text)) for row in turn(ALONE)]
    for at, offset in ((0, 1), (2, 3)):  # a character of the headline, and one of the second line of the body
        rows[at].sure[offset] = 0.79
    monkeypatch.setattr(recogniser, "recogniser", lambda: lambda picture: Recognition(rows, []))
    monkeypatch.setattr(scan, "can_recognise", lambda: True)
    Image.new("L", (600, 800), 255).save(tmp_path / "a.png")
    (article,) = read_issue([(tmp_path / "a.png", "a.png")]).articles
    headline, *lines = [region for region in article.regions if region.kind in ("headline", "line")]
    assert (headline.text, headline.doubtful) == (rows[0].text, (1,))
    assert [article.body[offset] for region in lines for offset in region.doubtful] == [rows[2].text[3]]
    assert [bool(region.doubtful) for region in lines] == [False, True, *[False] * (len(lines) - 2)]


def test_lines_that_are_hardly_sure_are_left_out():
    rows = quads(ALONE)
    rows[0] = rows[0]._replace(confidence=0.2)
    assert all(block.form.value == "text" for block in scans.recognised_blocks(rows, SHEET))


def test_a_picture_of_too_many_dots_is_refused(tmp_path, monkeypatch):
    import struct
    import zlib

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 60_000, 60_000, 1, 0, 0, 0, 0)
    png = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 999)) + chunk(b"IEND", b"")
    (tmp_path / "a.png").write_bytes(png)
    monkeypatch.setattr(scan, "can_recognise", lambda: True)
    (failed,) = read_issue([(tmp_path / "a.png", "a.png")]).failed
    assert "图片" in failed


@pytest.mark.parametrize(
    "data",
    [
        b"%PDF-1.7",
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 1 0 R>>endobj trailer<</Root 1 0 R>>",
        b"%PDF-1.4" + b"<<" * 9000,
    ],
)
def test_broken_pdfs_are_named(tmp_path, monkeypatch, data):
    (tmp_path / "a.pdf").write_bytes(data)
    monkeypatch.setattr(scan, "can_recognise", lambda: False)
    issue = read_issue([(tmp_path / "a.pdf", "a.pdf")])
    assert issue.articles == []
    assert issue.failed[0].startswith(str(tmp_path / "a.pdf"))


def test_a_scanned_page_among_pages_of_text_is_recognised(tmp_path, monkeypatch):
    from PIL import Image
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfgen.canvas import Canvas

    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    Image.new("L", (300, 400), 200).save(tmp_path / "scan.png")
    canvas = Canvas(str(tmp_path / "a.pdf"), pagesize=(600, 800))
    for row in ALONE:
        canvas.setFont("STSong-Light", row.height)
        canvas.drawString(row.left, 800 - row.top - 0.88 * row.height, row.text)
    canvas.showPage()
    canvas.drawImage(str(tmp_path / "scan.png"), 0, 0, 600, 800)
    canvas.setFont("STSong-Light", 8)
    canvas.drawString(300, 10, "2")
    canvas.showPage()
    canvas.save()
    monkeypatch.setattr(pdf, "can_recognise", lambda: True)
    monkeypatch.setattr(pdf, "recognised", lambda *_: FileText([PageText({}, layout_blocks(PAIR), 2)]))
    titles = [article.title for article in read_issue([(tmp_path / "a.pdf", "a.pdf")]).articles]
    assert titles == [ALONE[0].text, "渡船加开", "夜校添科", "下面一条"]


@pytest.mark.parametrize(("head", "count"), [("", 1), ("青禾日报 2031年3月5日 第2版", 2)], ids=["document", "paper"])
def test_text_that_runs_over_the_end_of_a_page_is_one_document_unless_pages_are_headed(write_pdf, head, count):
    def set_page(lines, number):
        placed = column(70, 80, lines, 12)
        return [line(70, 30, 12, head or "青禾船行文集"), *placed, line(290, 760, 12, str(number))]

    first = [
        "渡口主任陆鹤年在船行住了三十年，每天傍晚都要去看一回灯",
        "他说灯亮着，船就不会走错，夜里起雾的时候更是如此，老",
    ]
    second = ["船工们都记得他提着马灯在岸上走的样子，一走就是半夜。", "后来装了航标灯，他仍旧每天傍晚去看，风雨无阻。"]
    third = ["去年冬天他退休了，船行给他立了一块牌子，写着看灯的人。"]
    path = write_pdf([set_page(lines, at) for at, lines in enumerate((first, second, third), 1)])
    articles = read_issue([(path, "a.pdf")]).articles
    bodies = "\n".join(article.body for article in articles)
    assert (len(articles) == 1) is (count == 1)
    if count == 1:
        assert "夜里起雾的时候更是如此，老船工们都记得" in bodies
        assert "青禾船行文集" not in bodies
        assert articles[0].pages == (1, 2, 3)


@pytest.mark.parametrize(
    ("drawn", "read"),
    [("一\u2f00", "一"), ("\u2fa5\u91cc", "里"), ("𝑛𝑛", "𝑛"), ("天天向上", "天天向上"), ("OO", "OO")],
)
def test_a_glyph_that_is_named_twice_is_read_once(drawn, read):
    assert pdf._once(clean(drawn)) == read


def test_ligatures_are_read_as_their_letters():
    assert clean("ﬁnal oﬃce ﬂow") == "final office flow"
