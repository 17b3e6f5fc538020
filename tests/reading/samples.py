"""One small file of every kind that is read, made here; broken ones are made from them."""

import gzip
import io
import json
import struct
import tarfile
import zipfile

TITLE = "渡口添了两盏灯"
TEXT = "青禾江南渡口昨晚添了两盏航标灯，一红一绿，夜航的货船不必再靠岸等天亮。"
MORE = "渡口主任陆鹤年说，灯用太阳能，阴天也能亮五夜，每盏花了八百六十元。"
LINES = (TITLE, TEXT, MORE)
_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_A = 'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
_P = 'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"'
_OD = "urn:oasis:names:tc:opendocument:xmlns"
_SECTOR = 512


def zipped(members):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def tarred(members, mode="w"):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as archive:
        for name, content in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


def sevenfold(members, **options):
    import py7zr

    buffer = io.BytesIO()
    with py7zr.SevenZipFile(buffer, "w", **options) as archive:
        for name, content in members.items():
            archive.writestr(content, name)
    return buffer.getvalue()


def compound(streams):
    """A compound file of a few streams, each padded so that it lies in sectors of its own."""
    padded = {
        name: data.ljust(4096, b"\0") + b"\0" * (-max(4096, len(data)) % _SECTOR) for name, data in streams.items()
    }
    table, body, entries = [0xFFFFFFFD, 0xFFFFFFFE], b"", [_entry("Root Entry", 5, 1, 0xFFFFFFFE, 0)]
    for number, (name, data) in enumerate(padded.items(), 1):
        start, count = len(table), len(data) // _SECTOR
        following = number + 1 if number < len(padded) else 0xFFFFFFFF
        entries.append(_entry(name, 2, following, start, len(data)))
        table += [*range(start + 1, start + count), 0xFFFFFFFE]
        body += data
    head = bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 16
    head += struct.pack("<5H6x9I", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    head += struct.pack("<109I", 0, *[0xFFFFFFFF] * 108)
    fat = struct.pack(f"<{len(table)}I", *table).ljust(_SECTOR, b"\xff")
    return head + fat + b"".join(entries).ljust(_SECTOR, b"\0") + body


def _entry(name, kind, link, start, size):
    child, right = (link, 0xFFFFFFFF) if kind == 5 else (0xFFFFFFFF, link)
    label = name.encode("utf-16-le") + b"\0\0"
    return label.ljust(64, b"\0") + struct.pack(
        "<HBB3I36xIQ", len(label), kind, 1, 0xFFFFFFFF, right, child, start, size
    )


def word97(text, *, headers="", flags=0x0200):
    """A Word file whose text is two pieces: one of wide characters, one of narrow ones; with ``headers`` it is one."""
    main, narrow = text + headers, "" if headers else "end"
    head = bytearray(0x400)
    struct.pack_into("<H", head, 0x0A, flags)
    struct.pack_into("<iii", head, 0x4C, len(text + narrow), 0, len(headers))
    wide = main.encode("utf-16-le")
    places = (0x400, (0x400 + len(wide)) * 2 | 0x40000000)
    pieces = struct.pack("<3i", 0, len(main), len(main) + len(narrow))
    pieces += b"".join(struct.pack("<HIH", 0, place, 0) for place in places)
    table = b"\x01\x02\x00xx\x02" + struct.pack("<I", len(pieces)) + pieces
    struct.pack_into("<II", head, 0x1A2, 0, len(table))
    return compound({"WordDocument": bytes(head) + wide + narrow.encode(), "1Table": table})


def _docx():
    body = "".join(f"<w:p><w:r><w:t>{line}</w:t></w:r></w:p>" for line in LINES)
    return zipped({"word/document.xml": f"<w:document {_W}><w:body>{body}</w:body></w:document>"})


def _pptx():
    shapes = ('<p:ph type="title"/>', TITLE), ("", TEXT), ("", MORE)
    slide = "".join(
        f"<p:sp><p:nvSpPr><p:nvPr>{holder}</p:nvPr></p:nvSpPr><p:txBody><a:p><a:r><a:t>{text}</a:t></a:r></a:p>"
        "</p:txBody></p:sp>"
        for holder, text in shapes
    )
    return zipped({"ppt/slides/slide1.xml": f"<p:sld {_A} {_P}><p:cSld><p:spTree>{slide}</p:spTree></p:cSld></p:sld>"})


def _ofd():
    objects = "".join(
        f'<ofd:TextObject Boundary="20 {top} {10 * len(text)} {size}" Size="{size}"><ofd:TextCode X="0" Y="5">{text}'
        "</ofd:TextCode></ofd:TextObject>"
        for top, size, text in ((20, 10, TITLE), (40, 4, TEXT), (48, 4, MORE))
    )
    name = 'xmlns:ofd="http://www.ofdspec.org/2016"'
    page = f"<ofd:Page {name}><ofd:Area><ofd:PhysicalBox>0 0 420 297</ofd:PhysicalBox></ofd:Area>{objects}</ofd:Page>"
    return zipped(
        {
            "OFD.xml": f"<ofd:OFD {name}><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:OFD>",
            "Doc_0/Document.xml": f'<ofd:Document {name}><ofd:Page BaseLoc="Pages/Page_0/Content.xml"/></ofd:Document>',
            "Doc_0/Pages/Page_0/Content.xml": page,
        }
    )


def _odt():
    body = "".join(f"<text:p>{line}</text:p>" for line in LINES)
    return zipped(
        {"content.xml": f'<office:doc xmlns:office="{_OD}:office:1.0" xmlns:text="{_OD}:text:1.0">{body}</office:doc>'}
    )


def _ods():
    def cell(text):
        return f'<table:table-cell office:value-type="string"><text:p>{text}</text:p></table:table-cell>'

    rows = "".join(
        f"<table:table-row>{''.join(map(cell, row))}</table:table-row>"
        for row in (("标题", "正文", "日期"), (TITLE, TEXT + MORE, "2031-03-04"))
    )
    names = f'xmlns:office="{_OD}:office:1.0" xmlns:text="{_OD}:text:1.0" xmlns:table="{_OD}:table:1.0"'
    root = "office:document-content"
    sheet = f'<office:spreadsheet><table:table table:name="a">{rows}</table:table></office:spreadsheet>'
    return zipped(
        {
            "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
            "META-INF/manifest.xml": "<manifest/>",
            "content.xml": f"<{root} {names}><office:body>{sheet}</office:body></{root}>",
        }
    )


def _xlsx():
    import openpyxl

    book, buffer = openpyxl.Workbook(), io.BytesIO()
    book.active.append(["标题", "正文"])
    book.active.append([TITLE, TEXT + MORE])
    book.save(buffer)
    return buffer.getvalue()


def _epub():
    page = f"<html><body><h1>{TITLE}</h1><p>{TEXT}</p><p>{MORE}</p></body></html>"
    return zipped(
        {
            "META-INF/container.xml": '<container><rootfile full-path="a.opf"/></container>',
            "a.opf": '<package><item id="a" href="a.xhtml"/><itemref idref="a"/></package>',
            "a.xhtml": page,
        }
    )


def _rtf():
    codes = "\\par ".join("".join(f"\\u{ord(c)}?" for c in line) for line in LINES)
    return ("{\\rtf1\\ansi\\ansicpg936{\\fonttbl{\\f0 SimSun;}}" + codes + "\\par}").encode()


MARKDOWN = f"# {TITLE}\n\n{TEXT}\n\n{MORE}\n".encode()
HTML = (
    f"<html><head><title>{TITLE}</title></head><body><h1>{TITLE}</h1><p>{TEXT}</p><p>{MORE}</p></body></html>".encode()
)
_HEAD = "MIME-Version: 1.0\nSubject: ferry\nContent-Type:"
_MAIL = f"{_HEAD} text/plain; charset=utf-8\n\n{TITLE}\n\n{TEXT}\n{MORE}\n".encode()
_MHT = f'{_HEAD} multipart/related; boundary="b"\n\n--b\nContent-Type: text/html; charset=utf-8\n\n'.encode()
_ALTO = (
    '<alto><Layout><Page WIDTH="100" HEIGHT="100"><PrintSpace><TextBlock>'
    f'<TextLine HPOS="1" VPOS="1" WIDTH="90" HEIGHT="4"><String CONTENT="{TEXT}"/></TextLine>'
    "</TextBlock></PrintSpace></Page></Layout></alto>"
).encode()


def samples():
    """Suffix → the bytes of a file of that kind that reads well."""
    record = {"title": TITLE, "text": f"{TEXT}\n{MORE}", "date": "2031-03-04"}
    return {
        ".md": MARKDOWN,
        ".txt": "\n".join(LINES).encode("gb18030"),
        ".html": HTML,
        ".mht": _MHT + HTML + b"\n--b--\n",
        ".eml": _MAIL,
        ".jsonl": json.dumps(record, ensure_ascii=False).encode(),
        ".csv": f"标题,正文\n{TITLE},{TEXT}{MORE}\n".encode(),
        ".xml": _ALTO,
        ".docx": _docx(),
        ".odt": _odt(),
        ".ods": _ods(),
        ".xlsx": _xlsx(),
        ".pptx": _pptx(),
        ".ofd": _ofd(),
        ".epub": _epub(),
        ".rtf": _rtf(),
        ".doc": word97("\r".join((*LINES, ""))),
        ".zip": zipped({"a.md": MARKDOWN}),
        ".tar": tarred({"a.md": MARKDOWN}),
        ".tgz": tarred({"a.md": MARKDOWN}, "w:gz"),
        ".7z": sevenfold({"a.md": MARKDOWN}),
        ".gz": gzip.compress(MARKDOWN, mtime=0),
    }
