"""Parse search queries; an error says what is wrong and where.

    query  = and {OR and}        and  = not {[AND] not}        not = [NOT] atom
    atom   = ( query ) | field:atom | word | "phrase" | "word word"~8

Signs may be half or full width, operators may be Chinese: 与 或 非.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from index.errors import BaowenError
from index.text.folding import fold

from .expression import FARTHEST, LONGEST_GAP, And, Expression, Near, Not, Or, Part, Text, Value, Wild, wanted
from .values import Field, field_named, parse_pages, read_dates

_LONGEST = 2000  # characters of a query
_MOST_WORDS = 100
_DEEPEST = 30  # nested brackets
_OPERATORS = {"AND": "AND", "与": "AND", "與": "AND", "OR": "OR", "或": "OR", "NOT": "NOT", "非": "NOT"}
_WIDE = str.maketrans("（）：～＊？＂　", '():~*?" ')
_CLOSING = {'"': '"', "“": "”", "”": "”"}
_ENDS_WORD = '()"“”'
_FIELD = re.compile(r"(?P<name>[^\W\d_]+):")
_DISTANCE = re.compile(r"~(?P<n>\d*)")
_NEAR_ALONE = re.compile(r"~\d*$")
_SHOWN = 12  # characters of the query shown before and after an error


class QueryError(BaowenError):
    """A query that cannot be parsed; ``position`` is the position of the error in characters."""

    def __init__(self, query: str, position: int, problem: str) -> None:
        self.position = position
        before, after = query[max(0, position - _SHOWN) : position], query[position : position + _SHOWN]
        super().__init__(f"查询第 {position + 1} 个字处：{problem}：{before}▶{after}")


@dataclass(frozen=True)
class _Token:
    """``kind``: ( ) AND OR NOT field word phrase end; ``escaped``: positions in ``text`` after a backslash."""

    kind: str
    position: int
    text: str = ""
    escaped: frozenset[int] = frozenset()
    field: Field | None = None
    distance: int | None = None


def parse(query: str) -> Expression:
    """Parse a query.

    Raises:
        QueryError: it is empty, too long or malformed; the message shows the position.
    """
    if len(query) > _LONGEST:
        raise QueryError(query, _LONGEST, f"查询太长，共 {len(query)} 字，最多 {_LONGEST} 字 (too long)")
    if not query.strip():
        raise QueryError(query, 0, "查询是空的，请写要查的词 (empty)")
    return _Parser(query).parsed()


class _Parser:
    """Recursive descent over the tokens of one query."""

    def __init__(self, query: str) -> None:
        self._query = query
        self._tokens = list(_tokens(query))
        self._place = 0
        self._depth = 0

    def parsed(self) -> Expression:
        """The whole query."""
        found = self._any(None)
        if self._next.kind == ")":
            raise self._error("右括号没有配对 (unbalanced bracket)")
        if len(wanted(found)) > _MOST_WORDS:
            raise QueryError(self._query, 0, f"要查的词太多，最多 {_MOST_WORDS} 个 (too many words)")
        return found

    @property
    def _next(self) -> _Token:
        return self._tokens[self._place]

    def _take(self) -> _Token:
        self._place += 1
        return self._tokens[self._place - 1]

    def _error(self, problem: str, token: _Token | None = None) -> QueryError:
        return QueryError(self._query, (token or self._next).position, problem)

    def _any(self, field: Field | None) -> Expression:
        parts = [self._all(field)]
        while self._next.kind == "OR":
            self._take()
            parts.append(self._all(field))
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def _all(self, field: Field | None) -> Expression:
        parts = [self._one(field)]
        while self._next.kind not in ("OR", ")", "end"):
            if self._next.kind == "AND":
                self._take()
            parts.append(self._one(field))
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def _one(self, field: Field | None) -> Expression:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise self._error(f"括号或 NOT 套得太深，最多 {_DEEPEST} 层 (nested too deep)")
        try:
            return self._atom(field)
        finally:
            self._depth -= 1

    def _atom(self, field: Field | None) -> Expression:
        token = self._take()
        if token.kind == "NOT":
            return Not(self._one(field))
        if token.kind == "(":
            if self._next.kind == ")":
                raise self._error("括号里没有要查的词 (a word is missing)")
            inner = self._any(field)
            if self._next.kind != ")":
                raise self._error("左括号没有配对 (unbalanced bracket)", token)
            self._take()
            return inner
        if token.kind == "field":
            if field is not None:
                raise self._error("字段里不能再写字段 (a field within a field)", token)
            if self._next.kind not in ("(", "word", "phrase"):
                raise self._error(f"“{token.text}:”后面要有值 (a value is missing)")
            return self._one(token.field)
        if token.kind in ("word", "phrase"):
            return self._value(token, field)
        raise self._error("这里缺一个要查的词 (a word is missing)", token)

    def _value(self, token: _Token, field: Field | None) -> Expression:
        if field is None or field == "title" or field == "body":
            return self._text(token, field)
        if token.distance is not None:
            raise self._error("“~”只用于题名和正文 (near is for texts)", token)
        if field == "date" or field == "page":
            read = read_dates if field == "date" else parse_pages
            try:
                return read(unicodedata.normalize("NFKC", token.text).strip())
            except ValueError as error:
                raise self._error(str(error), token) from None
        return Value(field, self._pieces(token, whole=True))

    def _text(self, token: _Token, part: Part | None) -> Expression:
        if token.distance is None:
            return Text(self._pieces(token, whole=False), part)
        words = [folded for word in token.text.split() if (folded := fold(word))]
        if len(words) < 2:
            raise self._error('“~”前面的引号里要有两个用空格分开的词，如 "高温 津贴"~8 (two words are needed)', token)
        pairs = tuple(Near(a, b, token.distance, part) for a, b in pairwise(words))
        return pairs[0] if len(pairs) == 1 else And(pairs)

    def _pieces(self, token: _Token, *, whole: bool) -> tuple[str | Wild, ...]:
        """The characters and wildcards of a word; with ``whole``, wildcards at its ends count too."""
        pieces: list[str | Wild] = []
        for wild, text in _split(token):
            piece = Wild.of(text.count("?"), many="*" in text) if wild else fold(text)
            if piece:
                pieces.append(piece)
        if not any(isinstance(piece, str) for piece in pieces):
            raise self._error("要有通配符和空白以外的字 (characters are needed)", token)
        if any(isinstance(piece, Wild) and piece.least > LONGEST_GAP for piece in pieces):
            raise self._error(f"连着的 ? 太多，最多 {LONGEST_GAP} 个 (too many wildcards)", token)
        if not whole:
            for end in (0, -1):
                if isinstance(piece := pieces[end], Wild):
                    pieces[end : end + 1 or None] = [Wild(piece.least, piece.least)] if piece.least else []
        return tuple(pieces)


def _split(token: _Token) -> Iterator[tuple[bool, str]]:
    """Yield runs of wildcards (True) and of other characters (False) in a word."""
    plain = token.text.translate(_WIDE)
    start = 0
    wild = [token.kind == "word" and c in "?*" and place not in token.escaped for place, c in enumerate(plain)]
    for end in range(1, len(plain) + 1):
        if end == len(plain) or wild[end] != wild[start]:
            yield wild[start], plain[start:end] if wild[start] else token.text[start:end]
            start = end


def _tokens(query: str) -> Iterator[_Token]:
    plain = query.translate(_WIDE)
    place = 0
    while place < len(plain):
        character = plain[place]
        if character.isspace():
            place += 1
        elif character in "()":
            yield _Token(character, place)
            place += 1
        elif character in _CLOSING:
            token, place = _phrase(query, plain, place)
            yield token
        elif match := _FIELD.match(plain, place):
            yield _field(query, match)
            place = match.end()
        else:
            token, place = _word(query, plain, place)
            yield token
    yield _Token("end", len(query))


def _field(query: str, match: re.Match[str]) -> _Token:
    field = field_named(match["name"])
    if field is None:
        problem = f"没有“{match['name']}”这个字段；要查冒号本身，请给整个词加引号 (unknown field)"
        raise QueryError(query, match.start(), problem)
    return _Token("field", match.start(), match["name"], field=field)


def _phrase(query: str, plain: str, start: int) -> tuple[_Token, int]:
    text, escaped, place = _run(plain, query, start + 1, _CLOSING[plain[start]])
    if place >= len(plain):
        raise QueryError(query, start, "引号没有配对 (unbalanced quotation mark)")
    place += 1
    if not fold(text):
        raise QueryError(query, start, "引号里没有字 (nothing between the quotation marks)")
    distance = None
    if match := _DISTANCE.match(plain, place):
        if not match["n"] or int(match["n"]) > FARTHEST:
            problem = f"“~”后面要有 0 到 {FARTHEST} 的数，指相隔最多几个字 (a number is needed)"
            raise QueryError(query, match.start(), problem)
        distance, place = int(match["n"]), match.end()
    return _Token("phrase", start, text, escaped, distance=distance), place


def _word(query: str, plain: str, start: int) -> tuple[_Token, int]:
    text, escaped, place = _run(plain, query, start, "")
    if not escaped and (operator := _OPERATORS.get(unicodedata.normalize("NFKC", text))):
        return _Token(operator, start, text), place
    if match := _NEAR_ALONE.search(plain, start, place):
        raise QueryError(query, match.start(), '“~”要跟在引号后面，如 "高温 津贴"~8 (near needs a phrase)')
    return _Token("word", start, text, escaped), place


def _run(plain: str, query: str, place: int, closing: str) -> tuple[str, frozenset[int], int]:
    r"""Characters up to ``closing`` or, for a word, up to its end; ``\`` escapes the next one."""
    taken: list[str] = []
    escaped: set[int] = set()
    while place < len(plain):
        if plain[place] == "\\" and place + 1 < len(plain):
            place += 1
            escaped.add(len(taken))
        elif plain[place] == closing if closing else plain[place].isspace() or plain[place] in _ENDS_WORD:
            break
        taken.append(query[place])
        place += 1
    return "".join(taken), frozenset(escaped), place
