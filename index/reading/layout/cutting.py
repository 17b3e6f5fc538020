"""The reading order of the lines of a page: recursive cuts along white space and rules.

Based on XY-cut (Nagy and Seth, 1984), with newspaper conventions: headlines that are alone in a band begin a new module
of the page; a module with several headlines side by side contains several articles; a headline over columns comes
before them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from .lines import Line, Rule

_GUTTER = 0.6  # of the usual size: minimum width of a white gutter between columns
_BAND = 0.9  # of the usual size: minimum height of a white band that separates text
_ROW = 0.1  # of the usual size: the white space around a headline is often no larger than between lines
_TOP = 1.0  # of the usual size: how far below the top of a row its first lines may begin
_SAME_ROW = 0.5  # of the usual size: maximum distance between the middles of pieces of one line
_TOUCH = 0.35  # of the usual size: how far the boxes of lines may overlap a rule
_ACROSS = 0.7  # of a part's width or height: minimum share that a rule must cross to divide the part
_ASTRAY = 0.06  # of a part's lines: maximum share that may cross a gutter
_LEAST_COLUMN = 4  # minimum lines of a column if some lines cross its gutter
_MOST_LEADING = 6  # maximum rows above columns that span several of them

Side = Callable[[Line | Rule], tuple[float, float]]


def usual_size(lines: Sequence[Line]) -> float:
    """The size of most characters."""
    sizes = sorted((line.height, max(1, len(line.text))) for line in lines)
    half = sum(count for _, count in sizes) / 2
    for size, count in sizes:
        half -= count
        if half <= 0:
            return size
    return 0.0


def reading_order(lines: Sequence[Line], heading: float, rules: Sequence[Rule] = ()) -> list[list[Line]]:
    """The lines in reading order, by columns.

    Args:
        heading: minimum size of a headline, as a multiple of the usual size.
        rules: the rules printed between columns and articles.
    """
    if not lines:
        return []
    return list(_Cutter(usual_size(lines), heading, rules).cut(list(lines)))


def _down(line: Line | Rule) -> tuple[float, float]:
    return line.top, line.bottom


def _across(line: Line | Rule) -> tuple[float, float]:
    return line.left, line.right


def _crossed(lines: Sequence[Line], rules: Sequence[Rule], along: Side, side: Side) -> list[float]:
    """The positions on ``side`` of rules that run along most of a part."""
    start, end = min(along(line)[0] for line in lines), max(along(line)[1] for line in lines)
    crossing = [r for r in rules if min(end, along(r)[1]) - max(start, along(r)[0]) >= _ACROSS * (end - start)]
    return [sum(side(rule)) / 2 for rule in crossing]


class _Cutter:
    """Cuts a page whose text is mostly of one size."""

    def __init__(self, usual: float, heading: float, rules: Sequence[Rule]) -> None:
        self.usual = usual
        self.least_large = heading * usual
        self.lying = [rule for rule in rules if not rule.stands]
        self.standing = [rule for rule in rules if rule.stands]

    def cut(self, lines: list[Line]) -> Iterator[list[Line]]:
        """Yield the columns of a part in order."""
        for parts in self._ways(lines):
            if len(parts) > 1:
                for part in parts:
                    yield from self.cut(part)
                return
        yield self._in_rows(lines)

    def _in_rows(self, lines: list[Line]) -> list[Line]:
        """The lines of a column from top to bottom, and pieces of one line from left to right."""
        rows: list[list[Line]] = []
        for line in sorted(lines, key=lambda line: line.top + line.bottom):
            middle = (line.top + line.bottom) / 2
            if not rows or middle - (rows[-1][0].top + rows[-1][0].bottom) / 2 > _SAME_ROW * self.usual:
                rows.append([])
            rows[-1].append(line)
        return [line for row in rows for line in sorted(row, key=lambda line: line.left)]

    def _ways(self, lines: list[Line]) -> Iterator[list[list[Line]]]:
        """Yield ways to cut a part, best first; a single part means that it cannot be cut that way."""
        yield self._between_rules(lines)
        rows = self._split(lines, _down, _ROW * self.usual)
        yield self._modules(rows)
        yield self._columns(lines)
        yield self._headed(rows)
        yield self._halves(lines)
        yield self._split(lines, _down, _BAND * self.usual)

    def _between_rules(self, lines: list[Line]) -> list[list[Line]]:
        """The parts above and below rules that cross the whole part."""
        return self._at(lines, _down, _crossed(lines, self.lying, _across, _down))

    def _columns(self, lines: list[Line]) -> list[list[Line]]:
        """The parts side by side, separated by white space or a rule through the whole part."""
        parts = self._split(lines, _across, _GUTTER * self.usual)
        if len(parts) > 1:
            return parts
        return self._at(lines, _across, _crossed(lines, self.standing, _down, _across))

    def _at(self, lines: list[Line], side: Side, places: Sequence[float]) -> list[list[Line]]:
        """The parts between positions that no line crosses."""
        touch = _TOUCH * self.usual
        open_places = [
            place for place in sorted(places) if not any(side(x)[0] + touch < place < side(x)[1] - touch for x in lines)
        ]
        parts: list[list[Line]] = [[] for _ in range(len(open_places) + 1)]
        for line in lines:
            middle = sum(side(line)) / 2
            parts[sum(place < middle for place in open_places)].append(line)
        return [part for part in parts if part]

    def _modules(self, rows: list[list[Line]]) -> list[list[Line]]:
        """Group rows so that each group begins with headlines; rows above the first headline are also a group.

        A headline over columns is separated from them later, when it is known whether several are side by side.
        """
        modules: list[list[Line]] = []
        above_is_large = True
        for row in rows:
            if not modules or (self._begins_large(row) and not above_is_large):
                modules.append([])
            modules[-1].extend(row)
            above_is_large = self._is_large(row)
        return modules

    def _headed(self, rows: list[list[Line]]) -> list[list[Line]]:
        """The rows that span several columns, and the columns below them."""
        for count in range(1, min(_MOST_LEADING, len(rows) - 1) + 1):
            if not (len(rows[count - 1]) == 1 or self._is_large(rows[count - 1])):
                break
            below = [line for row in rows[count:] for line in row]
            if len(self._columns(below)) > 1:
                return [*rows[:count], below]
        return []

    def _begins_large(self, row: Sequence[Line]) -> bool:
        """Whether the text at the top of a row is large; normal text may begin next to a tall headline."""
        top = min(line.top for line in row)
        return self._is_large([line for line in row if line.top - top < _TOP * self.usual])

    def _is_large(self, row: Sequence[Line]) -> bool:
        return all(line.height >= self.least_large for line in row)

    def _halves(self, lines: list[Line]) -> list[list[Line]]:
        """Two columns, of which a few lines were recognised as one across the gutter; empty if there are none."""
        if self.usual <= 0:
            return []
        margin = _GUTTER * self.usual / 2
        allowed = _ASTRAY * len(lines)
        best: tuple[int, float] | None = None
        for step in sorted({round(line.right / margin) + 1 for line in lines}):  # few positions, however many lines
            place = step * margin
            crossing = sum(line.left < place - margin and line.right > place + margin for line in lines)
            before = [line for line in lines if line.right <= place + margin]
            after = [line for line in lines if line.left >= place - margin]
            if crossing <= allowed and _stand_beside(before, after) and (best is None or crossing < best[0]):
                best = crossing, place
        if best is None:
            return []
        left = [line for line in lines if line.left < best[1] - margin]
        return [left, [line for line in lines if line.left >= best[1] - margin]]

    def _split(self, lines: list[Line], side: Side, gap: float) -> list[list[Line]]:
        """The parts in order, separated by at least ``gap`` of white space."""
        parts: list[list[Line]] = []
        reach = float("-inf")
        for line in sorted(lines, key=side):
            start, end = side(line)
            if not parts or start - reach >= gap:
                parts.append([])
            parts[-1].append(line)
            reach = max(reach, end)
        return parts


def _stand_beside(before: list[Line], after: list[Line]) -> bool:
    """Whether two groups of lines are columns of one part: both have enough lines and cover much the same height."""
    if min(len(before), len(after)) < _LEAST_COLUMN:
        return False
    spans = [(min(line.top for line in side), max(line.bottom for line in side)) for side in (before, after)]
    shared = min(end for _, end in spans) - max(start for start, _ in spans)
    return shared > min(end - start for start, end in spans) / 2
