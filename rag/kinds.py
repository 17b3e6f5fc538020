"""What kind of thing a question asks for, and whether a sentence tells one that the question does not name."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

from babel import Locale

from index.words import folded, names, naming_words, people, tagged

from .contrasts import about_another
from .ranking import asks_when, says_when
from .terms import MONTHS, terms

_ASKS_WHO = re.compile(
    r"谁|何人|哪位|哪些人|(?:创始人|作者|导演|主演|主持人|冠军|得主|院长|校长|主席)(?:是|叫|有|[?？]?$)"
)
_ASKS_FOR_REPORTER = re.compile(
    r"(?:谁|哪[位个名几些]{1,2}记者)(?:采写|报道)"
    r"|(?:报道|文章|新闻|消息|稿件?)(?:是|由)(?:谁|哪[位个名几些]{1,2}记者)(?:采写|报道|撰写|写)"
    r"|(?:报道|文章|新闻|消息|稿件?)的?(?:记者|通讯员|作者)(?:是|叫|有|[?？]?$)"
)
_ASKS_FOR_SEVERAL = re.compile(r"哪些|哪几|列出|列举|分别|几个方面|几项")
_ASKS_NUMBER = re.compile(
    r"多少|多大|多高|多长|多远|多重|几[个名人次家项件年天岁位种条倍]|第几|比分|占比|百分之几|售价|票价"
)
_NUMBER = re.compile(
    r"\d+(?:\.\d+)?|[零一二两三四五六七八九十百千万亿]{2,}|[一二两三四五六七八九十](?!位数)(?=[个名人次家项件年月周天岁位种条倍元米里斤吨亩层届场支只篇张辆户成])|半"
)
# A day or a year is no number that is asked for, unless days or years are.
_CALENDAR = re.compile(
    r"(?:令和|平成|昭和)(?:\d{1,2}|元)年|\d{4}年|[\d一二三四五六七八九十]{1,3}月(?:[\d一二三四五六七八九十]{1,3}[日号])?|\d{1,2}[日号]|(?:当地|北京)时间"
    rf"|(?:{'|'.join(MONTHS)})[a-z]*\.? \d{{1,2}}(?:, ?\d{{4}})?"
)
# A share of something is not its size.
_SHARE = re.compile(r"\d+(?:\.\d+)?(?:%|个百分点)|百分之[零一二三四五六七八九十百点]+")
_ASKS_SHARE = re.compile(r"[率比占增涨降跌减幅%]|百分|浓度|含量|几成|gdp")
_ASKS_DAYS = re.compile(r"(?:多少|几)[年月日天号]|多长")
_ASKS_WHERE = re.compile(
    r"哪里|哪儿|(?<!如)何[处地]|什么地方|在哪(?=[举召开上下办?？,，。\s]|$)|哪[个座]?(?:城市|国家|省|市|县|区|州|洲|国|村|镇|岛|地)"
    r"|(?:起点|终点|地点|产地|首都|籍贯)(?:是|在|[?？]?$)"
)
_ASKS_COUNTRY = re.compile(r"哪(?:一?个|些|几个)?国|(?:主席|主办|举办|东道)国")
_NO_COUNTRY = {"XA", "XB", "ZZ"}  # of the CLDR's codes: placeholders
_COUNTRIES_IN_SHORT = {"沙特", "阿联酋", "波黑", "印尼", "苏联", "东盟", "非盟", "巴勒斯坦"}
_ASKS_PEOPLE = re.compile(r"(?:多少|几)(?:个人|[人名位])|人数(?:是|为|有|达|[?？]?$)")
_PEOPLE = re.compile(
    r"(?:\d|[零一二两三四五六七八九十百千万亿半])[多余几]?[万亿]?[多余]?\s*(?:个人|[人名位例])|\d[万亿]"
)
_PLACE = re.compile(r"(?:[市省县区镇乡村州国岛湖山街路馆场院园厅堂寺宫楼站港城塔桥江河海洋店]|(?<!院)校)$")
# Times that are written otherwise than ``says_when`` looks for.
_TIME = re.compile(
    r"[零〇一二三四五六七八九十]+[年月日号时天]|\d+(?:个?[年月天周]|个?小时|分钟|秒)|[今去前明]年|[今昨明前后][天日]"
    r"|[上本下这]个?(?:周|星期)[一二三四五六日天]?|周[一二三四五六日]|星期[一二三四五六日天]|[年月][初底末]|[上下]半年|[上中下]旬|[春夏秋冬][天季]"
    r"|同期|春节|元旦|国庆|中秋|端午|清明|除夕|年代|世纪|[上下]午|凌晨|清晨|傍晚|早上|晚上"
)
_ASKS_DAY = re.compile(r"日期|哪一?[天日]|几[日号]|日(?=(?:时间|[是在])?[?？]?$)")
_YEARS_ONLY = re.compile(r"(?:\d{4}|[零〇一二三四五六七八九]{4}|[今去前明])年(?![底初末春夏秋冬])")
# 枪手是枪手, 导演是江州七位大导演; not 学校是江州职工学校
_TAUTOLOGY = re.compile(r"(\w{2,})(?:就?是|叫)(?:\w*?[一二两三四五六七八九十几数\d]+[名位个家支]大?)?\1(?!\w)")
# That a list is out does not tell who is on it.
_ONLY_ANNOUNCES = re.compile(
    r"(?:名单|结果|榜单|奖项|答案)[已均全部正式都将于]*(?:出炉|公布|揭晓|发布|公开)了?[。.!！]?$"
)
_ONE_OF_A_KIND = re.compile(r"一[名位]([^,，。;；]*?)[。.!！]?$")
# Then the answer may be the question's own words.
_ASKS_YES_NO = re.compile(r"吗|是否|有没有|是不是|能否|能不能|可否|会不会|对不对")
_OFFERS_A_CHOICE = re.compile(r"还是|(?<![谁哪])(?:和|与|跟|、|或)[^，,]{2,}(?:谁|哪[个家支队国位边一])")
_DATE = re.compile(r"(\d{4}年)(?:(\d{1,2}月)(?:\d{1,2}[日号])?)?")
_PART_OF_DATE = re.compile(r"[年月]?[初底末春夏秋冬]|[上中下][旬半]|年中")  # after a date: 2022年底, 11月下旬


def tells_kind(question: str, sentence: str) -> bool:
    """Whether ``sentence`` tells the kind of thing that is asked for: a time, a number, a person, a place.

    True where the question asks for none of them.
    """
    return _tells(question, sentence, _names_a_person, _names_a_place)


def dodges(question: str, answer: str) -> bool:
    """Whether an answer tells nothing of the kind that is asked for, or nothing but the question's own words.

    Where a person or a place is asked for, anything named that the question does not name may be one: jieba's tagger
    misses many.
    """
    if about_another(question, answer) or not _tells(question, answer, _may_name_one, _may_name_one):
        return True
    return _says_nothing(question, answer) or _leaves_unnamed(question, answer)


def left_out(question: str, answer: str, quotation: str) -> set[str]:
    """People whom ``quotation`` names together with one who is in the answer, and who are in neither text."""
    asked, told, plain = folded(question), folded(answer), folded(quotation)
    known = "|".join(re.escape(name) for name in sorted({*people(plain)}, key=len, reverse=True))
    if not known:
        return set()
    together = re.finditer(rf"(?:{known})(?:(?:以?及|[、和与,/])(?:{known}))+", plain)
    groups = [set(re.findall(known, match.group())) for match in together]
    return {
        name
        for group in groups
        if any(member in told for member in group)
        for name in group
        if name not in told and name not in asked
    }


def asks_who(question: str) -> bool:
    """Whether a person is asked for."""
    return bool(_ASKS_WHO.search(folded(question)))


def asks_where(question: str) -> bool:
    """Whether a place or a country is asked for."""
    asked = folded(question)
    return bool(_ASKS_WHERE.search(asked) or _ASKS_COUNTRY.search(asked))


def asks_for_reporter(question: str) -> bool:
    """Whether it is asked who reported something, which an article's signature tells and not its text."""
    return bool(_ASKS_FOR_REPORTER.search(question))


def asks_for_several(question: str) -> bool:
    """Whether several things are asked for."""
    return bool(_ASKS_FOR_SEVERAL.search(question))


def _says_nothing(question: str, answer: str) -> bool:
    asked, told = terms(question), terms(answer)
    repeats = all(word in asked.text for word in told.words) and told.numbers <= asked.numbers
    own_words = _ASKS_YES_NO.search(question) or _OFFERS_A_CHOICE.search(question)
    only_announces = not (own_words or asks_when(asked.text)) and _ONLY_ANNOUNCES.search(answer)
    return (repeats and not own_words) or bool(only_announces or _TAUTOLOGY.search(answer))


def _leaves_unnamed(question: str, answer: str) -> bool:
    """Whether someone is asked for and told as one of a kind that the question names: 一名记者 for which reporter."""
    asked, told = folded(question), folded(answer)
    one = _ONE_OF_A_KIND.search(told)
    if not one or not asks_who(asked) or _names_a_person(asked, told):
        return False
    return all(word in asked for word in naming_words(one[1], adverbs=False))


_Names = Callable[[str, str], bool]


def _tells(question: str, sentence: str, names_a_person: _Names, names_a_place: _Names) -> bool:
    asked, plain = folded(question), folded(sentence)
    if _OFFERS_A_CHOICE.search(asked):
        return True
    if asks_when(asked):
        when = _YEARS_ONLY.sub(" ", plain) if _ASKS_DAY.search(asked) else plain
        return says_when(asked, when) or _names_another(_TIME, asked, when)
    undated = _CALENDAR.sub(" ", plain)
    if _ASKS_PEOPLE.search(asked):
        return _names_another(_PEOPLE, asked, undated)
    if _ASKS_NUMBER.search(asked):
        counted = plain if _ASKS_DAYS.search(asked) else undated
        return _names_another(_NUMBER, asked, counted if _ASKS_SHARE.search(asked) else _SHARE.sub(" ", counted))
    if _ASKS_WHO.search(asked):
        return names_a_person(asked, undated)
    if _ASKS_COUNTRY.search(asked):
        return any(name in undated and name not in asked for name in _countries())
    return names_a_place(asked, _TIME.sub(" ", undated)) if _ASKS_WHERE.search(asked) else True


@cache
def _countries() -> frozenset[str]:
    """Their names by the Unicode CLDR, with unions of countries and what newspapers shorten."""
    named = (name for code, name in Locale("zh").territories.items() if code.isalpha() and code not in _NO_COUNTRY)
    return frozenset((*named, *_COUNTRIES_IN_SHORT))


def _names_a_person(asked: str, plain: str) -> bool:
    return "·" in plain or any(name not in asked for name in people(plain))


def _names_a_place(asked: str, plain: str) -> bool:
    places = (word for word, tag in tagged(plain) if tag[0] == "n" and len(word) > 1 and _PLACE.search(word))
    return "·" in plain or any(name not in asked for name in (*names(plain), *places))


def _may_name_one(asked: str, plain: str) -> bool:
    return _names_a_person(asked, plain) or any(word not in asked for word in naming_words(plain, adverbs=True))


def _names_another(kind: re.Pattern[str], asked: str, plain: str) -> bool:
    return any(match.group() not in asked for match in kind.finditer(plain))


def with_whole_dates(question: str, sentence: str, quotes: str) -> str:
    """Make the dates of ``sentence`` as full as they are quoted: 2022年11月 for one becomes 2022年11月30日.

    Not those of the question: 2022年考研 is no exam of 2022年6月; nor what is quoted as short too, nor a part of it:
    2022年底 is no 2022年11月21日.
    """
    full = [match.group() for match in _DATE.finditer(quotes)]

    def whole(match: re.Match[str]) -> str:
        if match.group() in question or match.group() in full or _PART_OF_DATE.match(sentence, match.end()):
            return match.group()
        fuller = {date for date in full if date.startswith(match.group())}
        longest = max(fuller, key=len, default=match.group())
        return longest if all(longest.startswith(date) for date in fuller) else match.group()

    return _DATE.sub(whole, sentence)
