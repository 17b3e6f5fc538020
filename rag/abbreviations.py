"""Names in short and written out: 法网 is the 法国网球公开赛, 工信部 the 工业和信息化部; and 我国 is 中国."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import accumulate, pairwise

from index.words import cut

_SHORT = re.compile(r"[\u4e00-\u9fff]{2,4}")
_BETWEEN = r"[\u4e00-\u9fff]{0,6}?"  # what is left out of a name between two of its characters
_REST = re.compile(r"[\u4e00-\u9fff]{1,6}")  # its last character and what may belong to the same word


@lru_cache(maxsize=4096)
def says(text: str, word: str) -> bool:
    """Whether ``text`` holds ``word``, or what it is short for; a Chinese newspaper says 我国 for 中国.

    A short form takes characters of a name in order, each the first of a word or of the same word as the one before:
    法网 of 法国|网球|公开赛, 工信部 of 工业|和|信息化|部.
    """
    if any(form in text for form in {word, word.replace("中国", "我国"), word.replace("我国", "中国")}):
        return True
    if not _SHORT.fullmatch(word):
        return False
    spread = _BETWEEN.join(f"({character})" for character in word)
    return any(_is_short(match) for match in re.finditer(f"(?={spread})", text))


def _is_short(match: re.Match[str]) -> bool:
    places = [match.start(group) for group in range(1, len(match.groups()) + 1)]
    name = _REST.match(match.string, places[-1])
    written = match.string[places[0] : name.end() if name else None]
    starts = set(accumulate((len(word) for word in cut(written)), initial=places[0]))
    further = [after for before, after in pairwise(places) if any(before < start <= after for start in starts)]
    return bool(further) and starts.issuperset(further)
