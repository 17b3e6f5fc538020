"""Replace characters that differ from what readers see; done once, when a text is read."""

from __future__ import annotations

import re
import unicodedata

# Radicals without a decomposition in Unicode, in code point order, and the characters they represent.
_RADICALS = dict(
    zip(
        "⺁⺊⺌⺍⺎⺏⺐⺓⺔⺗⺘⺛⺝⺞⺟⺠⺡⺢⺣⺤⺧⺩⺪⺫⺬⺭⺮⺯⺰⺱⺳⺴⺵⺶⺷⺹⺺⺻⺼⺽⺾⺿⻀⻁⻂⻃⻄⻅⻆⻇⻈⻉⻊⻋⻌⻍⻎⻏⻐⻑⻒⻓⻔⻖⻗⻘⻙⻚⻛⻜⻝⻞⻟⻠⻡⻢⻣⻤⻥⻦⻧⻨⻩⻪⻫⻬⻭⻮⻯⻰⻱⻲⻳",
        "厂卜小小兀尣尢幺彑心扌旡月歹母民氵水灬爪牛王疋目示礻竹糸纟罓网罒网羊羊耂肀聿肉臼艹艹艹虎衤覀西见角角讠贝足车辶辶辶阝钅長長长门阝雨青韦页风飞食食飠饣首马骨鬼鱼鸟卤麦黄黾斉齐歯齿竜龙龜亀龟",
        strict=True,
    )
)
# Punctuation for vertical columns.
_VERTICAL = dict(
    zip(
        "︐︑︒︓︔︕︖︗︘︙︰︱︵︶︷︸︹︺︻︼︽︾︿﹀﹁﹂﹃﹄",
        "，、。：；！？〖〗…：—（）｛｝〔〕【】《》〈〉「」『』",
        strict=True,
    )
)
_MISSING = "\ufffd"
_BULLETS = range(0xF020, 0xF100)  # characters of symbol fonts, as Word stores them
_FOLDED = re.compile(r"[\u2e80-\u2fdf\uf900-\ufb06\ufe10-\ufe19\ufe30-\ufe44\ue000-\uf8ff]")
_CHINESE = re.compile(r"[\u3400-\u9fff]")
_LEAST_CHINESE = 40  # minimum number of characters for a judgement
_LEAST_KNOWN = 0.85
INVISIBLE = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\u00ad]")  # marks of width, direction, hyphens
_DROPPED = re.compile(r"[\x00-\x08\x0e-\x1f\x7f\ufffe\uffff]")


def clean(text: str) -> str:
    """Fold Kangxi radicals, compatibility and vertical forms, and ligatures (ﬁ), and remove control characters.

    A private-use character becomes U+FFFD and a symbol font's bullet ●, because nobody could search for them.
    """
    if _DROPPED.search(text):
        text = _DROPPED.sub("", text)
    return _FOLDED.sub(_fold, text) if _FOLDED.search(text) else text


def _fold(match: re.Match[str]) -> str:
    character = match[0]
    if "\ue000" <= character <= "\uf8ff":
        return "●" if ord(character) in _BULLETS else _MISSING
    plain = _RADICALS.get(character) or _VERTICAL.get(character)
    return plain or unicodedata.normalize("NFKC", character)


def unlikely(text: str) -> bool:
    """Whether a longer text has mostly rare Chinese characters, as a wrong glyph map produces.

    Nearly all characters of a newspaper are among the 6,763 of GB 2312 or, for traditional ones, the 13,000 of Big5. Of
    random characters, only a third and two thirds are.
    """
    chinese = _CHINESE.findall(text)
    if len(chinese) < _LEAST_CHINESE:
        return False
    known = (sum(_is_in(character, name) for character in chinese) for name in ("gb2312", "big5"))
    return max(known) < _LEAST_KNOWN * len(chinese)


def _is_in(character: str, encoding: str) -> bool:
    try:
        character.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True
