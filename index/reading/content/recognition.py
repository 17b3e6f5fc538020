"""Convert the Markdown of recognition tools (tags, grounding marks, formulas) to what readers see."""

from __future__ import annotations

import html
import re

_SIGNS = re.compile(r"<(?:!--|\||/?[a-zA-Z])|\$[^$\n]{1,200}\$|\\\(|:(?:un)?selected:|^\{\d+\}-{8,}", re.MULTILINE)
_AZURE = re.compile(r"<!--\s*PageHeader\s*=\s*\"([^\"]*)\"\s*-->")
_PAGE_BREAK = re.compile(r"<!--\s*(?:PageBreak|page[\s_-]?break)\s*-->", re.IGNORECASE)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_GROUNDING = re.compile(
    r"<\|ref\|>(?P<kind>[^<]*)<\|/ref\|>\s*(?:<\|det\|>.*?<\|/det\|>)?|<\|det\|>.*?<\|/det\|>|<\|/?[a-z_]+\|>",
    re.DOTALL,
)
_KINDS = re.compile(
    r"^(?:image|text|title|sub_title|table|figure|header|footer|equation|formula|list|caption|image_caption|"
    r"table_caption|page_number|reference|footnote|aside_text)$"
)
_TABLE = re.compile(r"<table\b.*?</table\s*>", re.DOTALL | re.IGNORECASE)
_IMAGE = re.compile(r"<img\b[^>]*>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""\b(alt|src)\s*=\s*(?:"([^"]*)"|'([^']*)')""", re.IGNORECASE)
_BREAKING = re.compile(
    r"<br\s*/?>|</?(?:div|p|center|figure|figcaption|section|article|header|footer|li|ul|ol|tr|h[1-6])\b[^>]*>",
    re.IGNORECASE,
)
_INLINE = re.compile(
    r"</?(?:span|sup|sub|u|b|i|em|strong|font|a|mark|small|big|ins|del|s|page_number|watermark|img)\b[^>]*>",
    re.IGNORECASE,
)
_MATH = re.compile(r"\$\$?(?P<dollar>[^$\n]{1,200})\$\$?|\\\((?P<round>[^\n]{1,200}?)\\\)")
_PLAIN_MATH = re.compile(r"[\d\s.,%％+\-=×~～/:()（）°℃a-zA-Z]*\d[\d\s.,%％+\-=×~～/:()（）°℃a-zA-Z]*")
_MATH_WORDS = {
    r"\%": "%", r"\times": "×", r"\sim": "～", r"\pm": "±", r"\cdot": "·", r"\circ": "°", r"\leq": "≤",
    r"\geq": "≥", r"\le": "≤", r"\ge": "≥", r"\div": "÷", r"\approx": "≈", r"\neq": "≠", r"\to": "→",
    r"\rightarrow": "→", r"\textcircled": "", r"\sqrt": "√", r"\mu": "μ", r"\Omega": "Ω", r"\alpha": "α",
    r"\beta": "β", r"\degree": "°", r"\prime": "′", r"\ldots": "…", r"\cdots": "…", r"\bullet": "●", r"\$": "$",
    r"\&": "&", r"\#": "#",
}  # fmt: skip
_FONT = re.compile(
    r"\\(?:mathrm|mathbf|mathsf|mathit|mathcal|mathbb|text|textbf|textit|textrm|operatorname|rm|bf|"
    r"boldsymbol|left|right|displaystyle)\b"
)
_FRACTION = re.compile(r"\\[dt]?frac\s*\{([^{}]*)\}\s*\{([^{}]*)\}")


def plain(text: str) -> str:
    """``text`` without a recognition tool's marks; other text is returned unchanged."""
    if not _SIGNS.search(text):
        return text
    if "<|" in text:
        text = _GROUNDING.sub(_without_mark, text)
    if "<!--" in text:
        text = _COMMENT.sub("", _PAGE_BREAK.sub("\n\f\n", _AZURE.sub(r"\1\n", text)))
    if "<" in text:
        text = _without_tags(text)
    if "$" in text or r"\(" in text:
        text = _MATH.sub(_without_math, text)
    return re.sub(r":(?:un)?selected:", "", text)


def _without_mark(match: re.Match[str]) -> str:
    kind = (match["kind"] or "").strip()
    return "" if not kind or _KINDS.match(kind) else kind


def _without_tags(text: str) -> str:
    text = _TABLE.sub(_rows, text)
    text = _IMAGE.sub(_markdown_image, text)
    return _INLINE.sub("", _BREAKING.sub("\n", text))


def _rows(match: re.Match[str]) -> str:
    from .markup import html_blocks

    rows = [block.text for block in html_blocks(match[0]) if block.text]
    return "\n" + "\n".join(f"| {row} |" if "|" in row else row for row in rows) + "\n"


def _markdown_image(match: re.Match[str]) -> str:
    found = {name.lower(): html.unescape(a or b) for name, a, b in _ATTRIBUTE.findall(match[0])}
    alt = found.get("alt", "")
    alt = "" if alt.lower() in ("image", "img", "figure", "picture") else re.sub(r"[\[\]\n]", " ", alt)
    address = re.sub(r"[()\s]", "", found.get("src", ""))
    return f"\n![{alt}]({address})\n"


def _without_math(match: re.Match[str]) -> str:
    r"""A formula as plain text: ``$3 7 . 5 ^ { \circ } \mathrm { C }$`` becomes 37.5°C."""
    formula = match["dollar"] or match["round"]
    if "\\" not in formula and "^" not in formula and "_" not in formula and not _PLAIN_MATH.fullmatch(formula):
        return match[0]
    formula = _FRACTION.sub(r"\1/\2", _FONT.sub("", formula))
    formula = re.sub(r"\\(?:[a-zA-Z]+|[%$&#])", lambda word: _MATH_WORDS.get(word[0], word[0][1:]), formula)
    formula = re.sub(r"[{}]|\\[,;:! ]|~", "", formula)
    formula = re.sub(r"\^\s*°", "°", formula)
    return re.sub(r"(?<![a-zA-Z])\s+|\s+(?![a-zA-Z])", "", formula).replace("°C", "°C").strip()
