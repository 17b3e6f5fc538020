"""A page whose lines stand where the test says: as a picture, and as a PDF."""

from PIL import Image

TITLE_SIZE, SIZE, PAGE = 24, 10, (600, 800)
HEADLINE = ("渡口加开夜班", 40, 60, TITLE_SIZE)
LINES = [
    ("渡口昨起每日加开两班渡船，", 60, 100, SIZE),
    ("早晚各一班，票价不变，镇民", 40, 116, SIZE),
    ("往来不必再绕行石桥。", 40, 132, SIZE),
    ("船务所说，夜班开到秋收以后", 320, 100, SIZE),
    ("为止。", 320, 116, SIZE),
]

OTHER_HEADLINE = ("夜校添设算术科", 40, 300, TITLE_SIZE)
OTHER_LINES = [("夜校新添算术一科，每周三晚", 60, 340, SIZE), ("开课，不收学费。", 40, 356, SIZE)]
NEXT_HEADLINE = ("石桥修缮完工", 40, 60, TITLE_SIZE)
NEXT_LINES = [("石桥修缮昨日完工，车马照常", 60, 100, SIZE), ("通行。", 40, 116, SIZE)]


def sides(line):
    text, left, top, size = line
    return left / PAGE[0], top / PAGE[1], (left + size * len(text)) / PAGE[0], (top + size) / PAGE[1]


def drawn(path):
    """A page with HEADLINE and LINES as black boxes, which is all that a test of places needs."""
    picture = Image.new("L", (PAGE[0] * 2, PAGE[1] * 2), 245)
    for line in [HEADLINE, *LINES]:
        left, top, right, bottom = sides(line)
        whole = [round(left * 1200), round(top * 1600), round(right * 1200), round(bottom * 1600)]
        picture.paste(20, tuple(whole))
    picture.save(path)


def write_pdf(path, *pages):
    """A PDF with a text layer; ``pages``: the lines of each page, the headlines among them."""
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfgen.canvas import Canvas

    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    canvas = Canvas(str(path), pagesize=PAGE)
    for lines in pages or [[HEADLINE, *LINES]]:
        for text, left, top, size in lines:
            canvas.setFont("STSong-Light", size)
            canvas.drawString(left, PAGE[1] - top - 0.88 * size, text)
        canvas.showPage()
    canvas.save()


def covered(true, marked):
    """How much of the true boxes the marked ones cover, and how much larger they are."""

    def area(box):
        return max(0.0, box[2] - box[0]) * max(0.0, box[3] - box[1])

    shared = sum(
        area((max(a[0], b[0]), max(a[1], b[1]), min(a[2], b[2]), min(a[3], b[3]))) for a in true for b in marked
    )
    whole = sum(map(area, true))
    return shared / whole, sum(map(area, marked)) / whole
