"""Broken and hostile pictures, PDFs and library files: no crash, bounded time and memory, clear words."""

import io
import resource
import struct
import zlib

import pytest

from index.reading import read_issue
from index.reading.formats import pdf, scan
from index.reading.layout.scans import RecognisedLine
from index.reading.scanning import recogniser
from index.reading.scanning.recogniser import Recognition
from tests.reading.broken import SECONDS, broken
from tests.reading.libraries import TITLE, alto, hocr, mets, page_xml


def picture(kind, **more):
    from PIL import Image, ImageDraw

    pages = [Image.new("L", (300, 400), 240) for _ in range(2)]
    for page in pages:
        ImageDraw.Draw(page).rectangle((40, 40, 260, 60), fill=20)
    data = io.BytesIO()
    pages[0].save(data, kind, **more, **({"save_all": True, "append_images": pages[1:]} if kind == "TIFF" else {}))
    return data.getvalue()


def portable():
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfgen.canvas import Canvas

    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    data = io.BytesIO()
    canvas = Canvas(data, pagesize=(300, 400))
    for size, top, text in ((24, 350, TITLE), (10, 300, "澄江铁桥昨日午后合龙，两岸居民往来不再候船。")):
        canvas.setFont("STSong-Light", size)
        canvas.drawString(40, top, text)
    canvas.save()
    return data.getvalue()


KINDS = {
    "a.pdf": portable(),
    "a.tif": picture("TIFF"),
    "b.tif": picture("TIFF", compression="tiff_lzw"),
    "a.png": picture("PNG"),
    "a.jpg": picture("JPEG"),
    "alto.xml": alto().encode(),
    "page.xml": page_xml().encode(),
    "mets.xml": mets([(TITLE, [("TITLE", 1, "B1"), ("BODY", 1, "B2")])], ["0001.xml"], hrefs="{}").encode(),
    "a.hocr": hocr().encode(),
}


def png_of(width, height, data=b""):
    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(data)) + chunk(b"IEND", b"")


def tiff_in_a_ring(pages=1):
    """A TIFF whose last page names its first as the next one."""
    tags = [(256, 9), (257, 9), (258, 8), (259, 1), (262, 1), (273, 8), (277, 1), (278, 9), (279, 81)]
    page = struct.pack("<H", len(tags)) + b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags)
    size = len(page) + 4
    places = [8 + size * n for n in range(pages)]
    return (
        b"II*\0" + struct.pack("<I", 8) + b"".join(page + struct.pack("<I", at) for at in [*places[1:], 8]) + b"\0" * 99
    )


def pdf_of(page, stream=b"", catalogue=b"/Pages 2 0 R", packed=False):
    data = zlib.compress(stream) if packed else stream
    objects = [
        b"<</Type/Catalog " + catalogue + b">>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/Contents 4 0 R " + page + b">>",
        b"<</Length %d%s>>stream\n" % (len(data), b"/Filter/FlateDecode" if packed else b"") + data + b"\nendstream",
    ]
    body = b"".join(b"%d 0 obj%sendobj\n" % (number, text) for number, text in enumerate(objects, 1))
    return b"%PDF-1.4\n" + body + b"trailer<</Root 1 0 R/Size 5>>\n%%EOF"


HOSTILE = {
    "a.png": [png_of(60_000, 60_000), png_of(2**31 - 1, 1), png_of(0, 0), png_of(4000, 4000, b"\0" * 16_004_000)],
    "a.tif": [tiff_in_a_ring(), tiff_in_a_ring(3), b"II*\0" + struct.pack("<I", 2**32 - 8), b"II+\0" + b"\xff" * 64],
    "a.pdf": [
        pdf_of(b"/MediaBox[0 0 1e30 1e30]", b"BT ET"),
        pdf_of(b"/MediaBox[0 0 0 0]", b"BT ET"),
        pdf_of(b"/MediaBox[0 0 nan -5]"),
        pdf_of(b"/Kids[3 0 R]/Type/Pages/Count 9999999"),
        pdf_of(b"/MediaBox[0 0 300 400]", b"q " * 200_000, packed=True),
        pdf_of(b"/MediaBox[0 0 300 400]", b"[" * 100_000, packed=True),
        pdf_of(b"/MediaBox[0 0 300 400]", b"\0" * 50_000_000, packed=True),
        pdf_of(b"/MediaBox[0 0 300 400]", b"", b"/Pages 1 0 R/Type/Pages/Kids[1 0 R]"),
        pdf_of(b"/MediaBox[0 0 300 400]/Resources<</XObject<</A 4 0 R>>>>", b"/A Do /A Do"),
    ],
}


@pytest.fixture(autouse=True)
def recognition(monkeypatch):
    """Recognition that decodes the picture and reads one line."""
    place = [[40, 40], [260, 40], [260, 60], [40, 60]]
    found = Recognition([RecognisedLine(place, TITLE, 0.9)], [])
    monkeypatch.setattr(recogniser, "recogniser", lambda: lambda dots: found if dots.size else Recognition([], []))
    for module in (scan, pdf):
        monkeypatch.setattr(module, "can_recognise", lambda: True)


@pytest.mark.filterwarnings("ignore")  # the readers' warnings about broken files
@pytest.mark.parametrize("name", KINDS)
def test_broken_and_hostile_pages_are_read_or_refused_in_words(tmp_path, name):
    (tmp_path / "0001.xml").write_bytes(KINDS["alto.xml"])
    path = tmp_path / name
    before, count = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, 0
    path.write_bytes(KINDS[name])
    whole = read_issue([(path, name)])
    assert whole.failed == []
    assert TITLE in "".join(article.title + article.body for article in whole.articles)
    for data in broken(KINDS[name], HOSTILE.get(name, ())):
        path.write_bytes(data)
        start = sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
        issue = read_issue([(path, name)])
        assert sum(resource.getrusage(resource.RUSAGE_SELF)[:2]) - start < SECONDS
        assert issue.articles or issue.failed or issue.pages, data[:200]
        for sentence in issue.failed:
            assert len(sentence) < 600
            assert "(" in sentence
        for article in issue.articles:
            for region in article.regions:
                assert 0 <= region.box.left < region.box.right <= 1
                assert 0 <= region.box.top < region.box.bottom <= 1
        count += 1
    assert count >= 20
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 768 << 10  # KiB
