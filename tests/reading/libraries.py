"""One small page written in each of the libraries' formats: zones of (kind, lines), a line (text, left, top, size)."""

WIDTH, HEIGHT = 1000, 1400
TITLE = "澄江铁桥合龙"
FIRST = "澄江铁桥昨日午后合龙，两岸"  # the paragraph goes on in the second column
SECOND = "居民往来不再候船。桥长三百二"
THIRD = "十米，历时两年。"
FOURTH = "桥面下月铺设，年内通车。"
BODY = [FIRST + SECOND + THIRD, FOURTH]
OTHER_TITLE = "平沙镇添设夜校"
OTHER = "平沙镇昨起开办夜校，每周三晚上课。"

ZONES = [
    ("heading", [(TITLE, 100, 100, 60)]),
    ("text", [(FIRST, 100, 200, 20), (SECOND, 100, 224, 20)]),
    ("text", [(THIRD, 500, 200, 20), (FOURTH, 540, 224, 20)]),
    ("heading", [(OTHER_TITLE, 100, 600, 40)]),
    ("text", [(OTHER, 100, 660, 20)]),
]


def box(line):
    text, left, top, size = line
    return left, top, left + size * len(text), top + size


def hull(lines):
    boxes = [box(line) for line in lines]
    return tuple(pick(b[side] for b in boxes) for side, pick in enumerate((min, min, max, max)))


def alto(zones=ZONES, version=4, order=None, extra="", first=1):
    """A page as ALTO; ``order``: the zones' numbers in reading order, where the page gives one."""
    blocks = ""
    for number, (_, lines) in enumerate(zones, first):
        rows = ""
        for line in lines:
            left, top, right, bottom = box(line)
            place = f'HPOS="{left}" VPOS="{top}" WIDTH="{right - left}" HEIGHT="{bottom - top}"'
            rows += f'<TextLine {place}><String CONTENT="{line[0]}" WC="0.9" {place}/></TextLine>'
        blocks += f'<TextBlock ID="B{number}">{rows}</TextBlock>'
    named = "".join(f'<ElementRef REF="B{number}"/>' for number in order or ())
    reading = f"<ReadingOrder><OrderedGroup>{named}</OrderedGroup></ReadingOrder>" if named else ""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><alto xmlns="http://www.loc.gov/standards/alto/ns-v{version}#">'
        f"<Description><MeasurementUnit>pixel</MeasurementUnit><sourceImageInformation><fileName>a.tif</fileName>"
        f"</sourceImageInformation></Description><Layout>"
        f'<Page ID="P1" WIDTH="{WIDTH}" HEIGHT="{HEIGHT}">{reading}<PrintSpace>{blocks}{extra}</PrintSpace></Page>'
        f"</Layout></alto>"
    )


def page_xml(zones=ZONES, order=None):
    """A page as PAGE XML."""

    def coords(sides):
        left, top, right, bottom = sides
        return f'<Coords points="{left},{top} {right},{top} {right},{bottom} {left},{bottom}"/>'

    regions = ""
    for number, (kind, lines) in enumerate(zones, 1):
        rows = "".join(
            f'<TextLine id="r{number}l{at}">{coords(box(line))}'
            f'<TextEquiv conf="0.9"><Unicode>{line[0]}</Unicode></TextEquiv></TextLine>'
            for at, line in enumerate(lines)
        )
        kind = "heading" if kind == "heading" else "paragraph"
        regions += f'<TextRegion id="r{number}" type="{kind}">{coords(hull(lines))}{rows}</TextRegion>'
    named = "".join(f'<RegionRefIndexed index="{at}" regionRef="r{n}"/>' for at, n in enumerate(order or ()))
    reading = f'<ReadingOrder><OrderedGroup id="g">{named}</OrderedGroup></ReadingOrder>' if named else ""
    return (
        '<PcGts xmlns="http://schema.primaresearch.org/PAGE/gts/pagecontent/2019-07-15">'
        f'<Page imageFilename="a.tif" imageWidth="{WIDTH}" imageHeight="{HEIGHT}">{reading}{regions}</Page></PcGts>'
    )


def hocr(zones=ZONES):
    """A page as hOCR."""

    def place(sides):
        return "bbox " + " ".join(map(str, sides))

    areas = ""
    for _, lines in zones:
        rows = "".join(
            f"<span class='ocr_line' title='{place(box(line))}; x_size {line[3]}'>"
            + " ".join(
                f"<span class='ocrx_word' title='{place(box(line))}; x_wconf 90'>{word}</span>" for word in line[0]
            )
            + "</span>"
            for line in lines
        )
        areas += f"<div class='ocr_carea' title='{place(hull(lines))}'><p class='ocr_par'>{rows}</p></div>"
    title = f"image &quot;a.tif&quot;; bbox 0 0 {WIDTH} {HEIGHT}; ppageno 0"
    return (
        "<?xml version='1.0' encoding='UTF-8'?><html><head><meta name='ocr-system' content='tesseract'/></head><body>"
        f"<div class='ocr_page' title='{title}'>{areas}</div></body></html>"
    )


def mets(articles, files, head="", hrefs="file://./alto/{}"):
    """An issue as METS: ``articles``: (label, [(part, file number, block)]); ``files``: names below alto/."""
    places = "".join(
        f'<file ID="A{n}"><FLocat LOCTYPE="URL" xlink:href="{hrefs.format(name)}"/></file>'
        for n, name in enumerate(files, 1)
    )
    pages = "".join(
        f'<div TYPE="PAGE" ORDER="{n}"><fptr><area FILEID="A{n}"/></fptr></div>' for n in range(1, len(files) + 1)
    )
    divs = ""
    for label, areas in articles:
        inner = "".join(
            f'<div TYPE="{part}"><fptr><area BETYPE="IDREF" BEGIN="{block}" FILEID="A{n}"/></fptr></div>'
            for part, n, block in areas
        )
        divs += f'<div TYPE="ARTICLE" LABEL="{label}">{inner}</div>'
    return (
        '<mets xmlns="http://www.loc.gov/METS/" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'xmlns:mods="http://www.loc.gov/mods/v3">{head}<fileSec><fileGrp>{places}</fileGrp></fileSec>'
        f'<structMap TYPE="PHYSICAL"><div TYPE="ISSUE">{pages}</div></structMap>'
        f'<structMap TYPE="LOGICAL"><div TYPE="ISSUE">{divs}</div></structMap></mets>'
    )


MODS = (
    "<dmdSec><mdWrap><xmlData><mods:mods><mods:titleInfo><mods:title>澄江日报</mods:title></mods:titleInfo>"
    "<mods:originInfo><mods:dateIssued>1947-05-02</mods:dateIssued></mods:originInfo></mods:mods></xmlData></mdWrap>"
    "</dmdSec>"
)
