"""Whether a sentence of the newspaper may support an answer."""

from __future__ import annotations

import re

from index.words import folded, people, question_words

from .contrasts import about_another, about_another_work
from .kinds import asks_where, asks_who, tells_kind
from .ranking import asks_when
from .results import Passage

# The time asked for is still open.
_UNDECIDED = re.compile(
    r"(?:时间|日期|日程|档期)[^，。,;]{0,6}(?:尚未|还未|仍未|暂未|并未|尚待|有待|还没有?)[^，。,;]{0,6}(?:确定|公布|敲定|披露|透露|公开|明确)"
    r"|(?:时间|日期|日程|档期)待定"
)
# What was planned and did not come: 原定6月1日举行. With what came instead it is one: 原定6月1日，推迟至6月8日.
_NO_LONGER = re.compile(r"原[定拟]|(?<![按照依])原计划|易地举[办行]")
_INSTEAD = re.compile(r"改[为在至到由期]|推迟|延[期至]|提前|移[师至]|现[改定]|更[改换]|取消")
_PLANNED = re.compile(r"预计|预期|有望|或将|拟[于在]|暂定|计划[于在将]|据传|传闻|爆料")
_SAYS = "表示|说|称|介绍|指出|透露|认为|强调|坦言|回应|解释|告诉"
_ASKS_WHO_SPOKE = re.compile(f"{_SAYS}|提出|宣布|呼吁|建议|要求")
_SPEAKS = re.compile(rf"[^,。;:、]{{0,8}}?(?:{_SAYS})(?:了|道)?(?=[,:\"“「]|$)")
_OF_THE_SPEAKER = re.compile(r"[我他她咱]|自己|本人")
_SOUGHT = re.compile(r"(\w\w)(?:是|叫|有)?(?:谁|何人|哪位|哪些人)?\W*$")  # the end of 旗手 in 旗手是谁 and 谁是旗手
_PAUSE = re.compile(r"[,。;:、]")


def tells(question: str, sentence: str, passage: Passage) -> bool:
    """Whether ``sentence``, of ``passage``, tells the kind of thing that is asked for and may support an answer."""
    return not no_evidence(question, sentence, passage) and tells_kind(question, sentence)


def no_evidence(question: str, sentence: str, passage: Passage) -> bool:
    """Whether ``sentence``, of ``passage``, supports no answer.

    So it is where it is about another, where the time asked for is not known yet, where a time or a place was planned
    that came otherwise, and where those whom a question *who* might mean only speak in it.
    """
    asked, told = folded(question), folded(sentence)
    undecided = asks_when(asked) and _UNDECIDED.search(told)
    return (
        bool(undecided)
        or _came_otherwise(asked, told)
        or _only_speak(asked, told)
        or about_another(question, sentence, passage.dateline)
        or about_another_work(question, sentence, passage.article.heading + passage.article.body)
    )


def planned(question: str, sentence: str) -> bool:
    """Whether ``sentence`` tells of a plan or a forecast, which ``question`` does not ask for."""
    return bool(_PLANNED.search(folded(sentence))) and not _PLANNED.search(folded(question))


def _came_otherwise(asked: str, told: str) -> bool:
    asks = asks_when(asked) or asks_where(asked)
    return bool(asks and _NO_LONGER.search(told)) and not (_INSTEAD.search(told) or _NO_LONGER.search(asked))


def _only_speak(asked: str, told: str) -> bool:
    """Whether all who are named in ``told`` just say something, by no role that is asked for, and not of themselves.

    Not where what is asked for is spoken of, for the tagger does not know the names of all.
    """
    if not asks_who(asked) or _ASKS_WHO_SPOKE.search(asked) or _OF_THE_SPEAKER.search(told):
        return False
    sought = _SOUGHT.search(asked)
    if sought and sought[1] in told:
        return False
    named = {name for name in people(told) if name not in asked}
    places = [place for name in named for place in re.finditer(re.escape(name), told)]
    return bool(places) and not any(_does_more(asked, place) for place in places)


def _does_more(asked: str, name: re.Match[str]) -> bool:
    role = _PAUSE.split(name.string[: name.start()])[-1]
    speaks = _SPEAKS.match(name.string, name.end())
    return not speaks or any(word in role for word in question_words(asked) if len(word) > 1)
