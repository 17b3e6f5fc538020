"""Dates and times in Chinese text: where they are, which days they cover, and whether two of them agree.

2023年8月7日19时30分, 二〇二三年四月, 8月7日, 7日, 去年底, 上周五, 昨晚, 第三季度, 18时. What is relative
(去年, 昨天, 7日) is counted from a day that the caller gives: an article's date, or today.
"""

from __future__ import annotations

import calendar
import datetime
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from .digits import DIGITS, plain, read_numeral

Day = datetime.date

_CHINESE = r"(?<![一二三四五六七八九十几两])[一二三四五六七八九十]{1,3}"
_N = rf"(?:(?<!\d)(?<!\d[.,])\d{{1,2}}|{_CHINESE})"
_M = rf"(?:(?<!\d)(?<!\d[.,])(?:0?[1-9]|1[0-2])|{_CHINESE})"
_D = rf"(?:(?<!\d)(?<!\d[.,])(?:0?[1-9]|[12]\d|3[01])|{_CHINESE})"
_NO_DAY = r"(?![元圆游]|均[线价值]|报(?![道告名送纸社])|本(?![报市次届月周刊台省县]))"  # 3日本 names Japan
_TO = r"\s?(?:至|到|[-\u2013\u2014~、和及或])\s?"
_NEXT = r"(?:\d{1,2}|[一二三四五六七八九十]{1,3})\s?"
_YEAR = r"(?<!\d)(?<!\d[.,])(?:1[0-9]|20|21)\d\d|[一二][零〇一二三四五六七八九]{3}"
_NO_YEAR = r"(?!历史|[级轻龄]|[多余来])(?!(?<=00年)前(?!后))"  # 2000年历史 is an age
_HALF_DAY = r"凌晨|清晨|早上|早晨|上午|中午|正午|下午|午后|傍晚|晚上|晚间|深夜|夜间|夜里|当晚|晚|早"
_WEEKDAY = r"[一二三四五六日天末](?!年|岁|[次场个名位](?!单))"
_ATOM = re.compile(
    r"(?P<iso>(?<![\d./-])(?:19|20)\d\d(?P<mark>[-/.])\d{1,2}(?P=mark)\d{1,2}(?![\d./-]))"
    r"|(?P<isomonth>(?<![\d./-])(?:19|20)\d\d[-/](?:0[1-9]|1[0-2])(?![\d./-]))"
    r"|(?P<era>(?:\d{2}|[一二]十[一-九]?)世纪(?:(?:\d0|[一二三四五六七八九]十)年代)?|(?<!\d)\d0年代|[一二三四五六七八九]十年代)"
    rf"|(?P<year>{_YEAR})(?:\s?年{_NO_YEAR}|(?=\s?[-至到\u2013\u2014~]\s?(?:19|20)\d\d\s?年))"
    r"|(?P<short>(?<!\d)(?<!\d[.,])\d\d|(?<![一二两三四五六七八九十百千万几数])[零〇一二六七八九][零〇一二三四五六七八九])年"
    r"|(?P<thatyear>大前年|[今去前明后本]年)(?![级轻])"
    r"|(?P<part>[上下]半年|前?第?[一二三四1-4]季度|(?:年|岁)[初中底末])"
    rf"|(?P<month>{_M})(?:\s?月(?![饼亮球光薪租])份?|(?={_TO}{_NEXT}月))"
    r"|(?P<thatquarter>(?:上上?|本|这)个?季度)"
    r"|(?P<thatmonth>上+个?月|本月|这个月|当月|下个?月)(?!球)"
    r"|(?P<tenth>[上中下]旬)|(?P<edge>(?<=[年月份])[初底末](?!期))"
    rf"|(?P<day>{_D})(?:\s?日{_NO_DAY}|号(?![线楼院称码令])|(?={_TO}{_NEXT}[日号]))"
    rf"|(?P<week>(?:上+|下|本|这)?个?(?<![一二三四五六七八九十两几数\d多半整])(?:周|星期|礼拜)(?P<weekday>{_WEEKDAY})"
    r"|(?:上+|下|本|这)个?(?:周|星期|礼拜)(?![年岁]))"
    r"|(?P<named>(?:大+前|大后|[今昨前明后同])[天日]|[今昨明][早晚晨夜])"
    rf"|(?P<half>{_HALF_DAY})?(?P<hour>{_N})(?:(?P<exact>时)(?![代期间差空速])(?:\s?(?P<minute>{_NEXT})分(?!之))?"
    rf"|点(?:钟|整|许|(?P<quarter>半|[一三]刻)|(?P<minutes>零?{_NEXT})分(?!之)|(?P<loose>(?![一二三四五六七八九\d]))))"
    r"|(?<![\d:.])(?P<digital>(?:[01]?\d|2[0-4]):[0-5]\d)(?::[0-5]\d)?(?![\d:])"
)
_RANK = {
    "iso": 2, "isomonth": 2, "year": 0, "short": 0, "thatyear": 0, "part": 1, "month": 1,
    "thatmonth": 1, "thatquarter": 1, "tenth": 2, "edge": 2, "day": 2,
    "named": 2, "week": 2, "hour": 3, "digital": 3, "era": 3,
}  # fmt: skip
_GAP = re.compile(r"[的\s]?")
_JOIN = re.compile(r"\s?(?:至|到|[-\u2013\u2014~、和及与或])\s?")
_EVENING = ("下午", "午后", "傍晚", "晚上", "晚间", "晚", "当晚", "深夜", "夜间", "夜里")
_LASTING = re.compile(r"(?:为期|连续|历时|长达|共|近|超|逾|达|每)$")
_MONTHS = {
    "上半年": (1, 6), "下半年": (7, 12), "年初": (1, 2), "岁初": (1, 2), "年中": (6, 7),
    "年底": (11, 12), "年末": (11, 12),
    "岁末": (11, 12), "初": (1, 2), "底": (11, 12), "末": (11, 12),
}  # fmt: skip
_DAYS = {"上旬": (1, 10), "中旬": (11, 20), "下旬": (21, 31), "初": (1, 10), "底": (21, 31), "末": (21, 31)}


@dataclass(frozen=True)
class DateMention:
    """A date or a time that a text states, as far as it states it.

    ``part`` is the part of the year or month (上半年, 下旬). ``since`` and ``until`` are the first and the last day
    that it covers, both None where the year is not known.
    """

    text: str
    start: int
    end: int
    year: int | None = None
    month: int | None = None
    day: int | None = None
    hour: int | None = None
    minute: int | None = None
    part: str = ""
    since: Day | None = None
    until: Day | None = None

    def in_year(self, year: int) -> tuple[Day, Day] | None:
        """The first and last day covered if the year is ``year``; None where there is no such day."""
        if self.since and self.until:
            return self.since, self.until
        if self.month is None and (self.day or not self.part) and self.year is None:
            return None
        try:
            return _covered(year, self.month, self.day, self.part)
        except ValueError:  # 13月, 2月30日
            return None


def dates(text: str, base: Day | None = None, *, short_years: bool = False) -> list[DateMention]:
    """The dates and times that ``text`` states, in order.

    Args:
        text: any text.
        base: what 昨天 and 去年 are counted from; None leaves the year of such dates open.
        short_years: whether 23年 alone is a year: in a question about newspapers it is, in an article three out of
            four are durations.
    """
    found: list[DateMention] = []
    for atoms in _groups(plain(text), short_years=short_years):
        before = found[-1] if found and _JOIN.fullmatch(text[found[-1].end : atoms[0].start()]) else None
        mention = _resolved(atoms, base, before)
        if mention is not None:
            found.append(replace(mention, text=text[mention.start : mention.end]))
    return found


def date_spans(clean: str) -> list[tuple[int, int]]:
    """Where the dates of a ``plain`` text are."""
    return [(atoms[0].start(), atoms[-1].end()) for atoms in _groups(clean, short_years=False)]


def agrees(a: DateMention, b: DateMention) -> bool:
    """Whether two mentions can be of the same time: 8月7日 agrees with 2023年8月7日, and 2023年 with both."""
    for one, other in ((a.hour, b.hour), (a.minute, b.minute)):
        if one is not None and other is not None and one != other:
            return False
    if a.year and b.year and a.year != b.year:
        return False
    year = a.year or b.year or 2000
    first = replace(a, month=a.month or (b.month if a.day else None)).in_year(year)
    second = replace(b, month=b.month or (a.month if b.day else None)).in_year(year)
    if first is None or second is None:
        return a.day is None or b.day is None or a.day == b.day
    shared = max(first[0], second[0]), min(first[1], second[1])
    return shared in (first, second)


def _groups(clean: str, *, short_years: bool) -> Iterator[list[re.Match[str]]]:
    """The parts of each date: year, month, day and time that follow each other."""
    group: list[re.Match[str]] = []
    for atom in _ATOM.finditer(clean):
        kind = _kind(atom)
        follows = bool(group) and bool(_GAP.fullmatch(clean[group[-1].end() : atom.start()]))
        if follows and _RANK[_kind(group[-1])] < _RANK[kind] and _kind(group[-1]) not in ("week", "era"):
            group.append(atom)
            continue
        yield from _kept(group, short_years)
        joined = bool(group) and bool(_JOIN.fullmatch(clean[group[-1].end() : atom.start()]))
        group = [atom] if _states_a_date(atom, joined=joined) else []
    yield from _kept(group, short_years)


def _kept(group: list[re.Match[str]], short_years: bool) -> Iterator[list[re.Match[str]]]:
    if group and (short_years or _kind(group[-1]) != "short"):
        yield group


def _kind(atom: re.Match[str]) -> str:
    return next(name for name in _RANK if atom[name])


def _states_a_date(atom: re.Match[str], *, joined: bool) -> bool:
    """Whether the first part of a date states one: 18号 and 十日 do only after a month, 为期3日 is a duration."""
    day = atom["day"]
    if day:
        arabic = day.isascii() and not atom.group().endswith("号")
        lasting = _LASTING.search(atom.string, max(0, atom.start() - 2), atom.start())
        return joined or (arabic and not lasting and atom.string[atom.end() : atom.end() + 1] not in ("内", "间", "后"))
    loose = atom["loose"] is not None and not atom["half"]  # 3点 are points, too
    return not (loose or atom["edge"] or atom["tenth"] or atom.group() in ("一时", "十时"))


def _resolved(atoms: list[re.Match[str]], base: Day | None, before: DateMention | None) -> DateMention | None:
    start, end = atoms[0].start(), atoms[-1].end()
    known = DateMention("", start, end, before.year if before else None)
    if before and (atoms[0]["day"] and not atoms[0]["month"]):
        known = replace(known, month=before.month)
    for atom in atoms:
        known = _read(atom, known, base)
    if (known.month or 0) > 12 or (known.hour or 0) > 24 or (known.minute or 0) > 59:
        return None
    if known.day and known.month is None and base and atoms[0]["day"]:  # 记者7日获悉
        near = base if known.day <= base.day else base.replace(day=1) - datetime.timedelta(days=1)
        known = replace(known, year=near.year, month=near.month)
    if known.since is None and known.year is not None:
        covered = known.in_year(known.year)
        if covered is None:
            return None
        known = replace(known, since=covered[0], until=covered[1])
    return known


def _read(atom: re.Match[str], known: DateMention, base: Day | None) -> DateMention:
    """``known`` with what one part of a date states."""
    kind = _kind(atom)
    text = atom[kind]
    if kind in ("part", "tenth", "edge"):
        return replace(known, part=text)
    if kind in ("year", "short"):
        return replace(known, year=_year(text, base))
    if kind == "month":
        return replace(known, month=_number(text))
    if kind == "day":
        return replace(known, day=_number(text))
    if kind == "iso":
        year, month, day = map(int, text.split(atom["mark"]))
        return replace(known, year=year, month=month, day=day)
    if kind == "era":
        since, until = _era(text) or (None, None)
        return replace(known, since=since, until=until)
    if kind == "isomonth":
        year, month = map(int, re.split("[-/]", text))
        return replace(known, year=year, month=month)
    if kind in ("hour", "digital"):
        return _at(atom, known)
    return _counted(kind, atom, known, base) if base else known


def _counted(kind: str, atom: re.Match[str], known: DateMention, base: Day) -> DateMention:
    """``known`` with what is counted from ``base``: 去年, 上月, 上周五, 昨天."""
    text = atom[kind]
    if kind == "thatyear":
        offset = {"大前": -3, "前": -2, "去": -1, "明": 1, "后": 2}.get(text[:-1], 0)
        return replace(known, year=base.year + offset)
    if kind == "thatmonth":
        months = 12 * base.year + base.month - 1 - text.count("上") + text.count("下")
        return replace(known, year=months // 12, month=months % 12 + 1)
    if kind == "thatquarter":
        quarters = 4 * base.year + (base.month - 1) // 3 - text.count("上")
        return replace(known, year=quarters // 4, part=f"第{quarters % 4 + 1}季度")
    if kind == "week":
        since, until = _week(text, atom["weekday"], base)
        return replace(known, year=since.year, since=since, until=until)
    if kind == "named":
        day = base + datetime.timedelta(days=_days_off(text))
        if known.year is not None:  # 去年今天
            return replace(known, month=day.month, day=day.day)
        return replace(known, year=day.year, month=day.month, day=day.day)
    return known


def _days_off(name: str) -> int:
    if "前" in name:
        return -2 - name.count("大")
    if "后" in name:
        return 2 + name.count("大")
    return {"昨": -1, "明": 1}.get(name[0], 0)


def _week(text: str, weekday: str | None, base: Day) -> tuple[Day, Day]:
    monday = base - datetime.timedelta(days=base.weekday() + 7 * text.count("上") - 7 * text.count("下"))
    if weekday is None:
        return monday, monday + datetime.timedelta(days=6)
    if weekday == "末":
        return monday + datetime.timedelta(days=5), monday + datetime.timedelta(days=6)
    day = monday + datetime.timedelta(days="一二三四五六日".index(weekday.replace("天", "日")))
    if text[0] in "周星礼" and day > base:
        day -= datetime.timedelta(days=7)
    return day, day


def _at(atom: re.Match[str], known: DateMention) -> DateMention:
    if atom["digital"]:
        hour, minute = map(int, atom["digital"].split(":"))
        return replace(known, hour=hour, minute=minute)
    hour = _number(atom["hour"])
    if hour < 12 and (atom["half"] in _EVENING or atom.string[atom.start() - 1 : atom.start()] in ("晚", "夜")):
        hour += 12
    quarter = {"半": 30, "一刻": 15, "三刻": 45}.get(atom["quarter"] or "")
    printed = atom["minute"] or atom["minutes"]
    return replace(known, hour=hour, minute=_number(printed) if printed else quarter)


def _number(text: str) -> int:
    return int(read_numeral(text.strip()).value)


def _year(text: str, base: Day | None) -> int:
    year = int("".join(str(DIGITS.get(c, c)) for c in text))
    if year >= 100:
        return year
    return year + (2000 if year <= ((base.year if base else 2050) + 5) % 100 else 1900)


def _covered(year: int, month: int | None, day: int | None, part: str) -> tuple[Day, Day]:
    if month is None:
        first, last = _MONTHS.get(part) or _quarter(part) or (1, 12)
        return Day(year, first, 1), _last_of(year, last)
    if day:
        return Day(year, month, day), Day(year, month, day)
    from_day, to_day = _DAYS.get(part, (1, 31))
    return Day(year, month, from_day), _last_of(year, month) if to_day == 31 else Day(year, month, to_day)


def _era(text: str) -> tuple[Day, Day] | None:
    """The days of a century or a decade; None of a decade that may be of this century or the last: 20年代."""
    century, decade = re.search(r"(.+)世纪", text), re.search(r"(?:世纪|^)(.+)年代", text)
    since, years = 100 * _number(century[1]) - 99 if century else 1901, 100
    if decade:
        tens = _number(decade[1])
        if century is None and tens < 30:
            return None
        since, years = since - 1 + tens, 10
    return Day(since, 1, 1), Day(since + years - 1, 12, 31)


def _quarter(part: str) -> tuple[int, int] | None:
    match = re.search(r"(前)?第?([一二三四1-4])季度", part)
    if match is None:
        return None
    last = 3 * _number(match[2])
    return (1 if match[1] else last - 2), last


def _last_of(year: int, month: int) -> Day:
    return Day(year, month, calendar.monthrange(year, month)[1])
