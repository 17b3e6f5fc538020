"""The question about one of several things that are compared, in the reader's words."""

from __future__ import annotations

import re

_COMPARE = re.compile(r"^(?:请问|请|帮我|麻烦你?|试着?)*(?:比较|对比|比一比|对照|说说)(?:一下|下)?")
_TOGETHER = re.compile(
    r"^[两二三四](?:个?[市地省县国人年月天日次者家届版方]|个?(?:城市|地方|省份|公司|人))(?=[，,的在各分上下一二\d]|$)"
)
_TWICE = re.compile(r"^[两二三]次(?=[\u4e00-\u9fff])")
_BESIDE = re.compile(r"^(?:相比(?:较|起来)?|比起来|比较起来|比较|比)(?=[，,])")
EACH = r"各(?!地|界|种|国|类|方|大|位|省|自治)"  # 各是多少 (各地, 各类 compare nothing)
_EACH = re.compile(rf"{EACH}自?|分别|之间")
_QUANTITY = re.compile(
    r"人数|[额率量值价数](?![据字])|比例|增速|增幅|票房|金额|房价|价格|利润|收入|产量|销量|GDP|CPI|PMI|指数|多少|金牌|奖牌|面积|长度|[高宽深长]度"
)
_DIFFER = (
    r"(?:有(?:什么|何|哪些|啥|多大)?(?:大?的)?(?:不同|不一样|区别|差别|差异|变化|差距)|(?:有什么)?异同|不同在哪里?)"
    r"(?:之处|在哪里?)?"
)
_APART = r"(?:相差|差)(?:了)?(?:多少|多大|多远)"
_ASKED = re.compile(rf"(?:{_DIFFER}|{_APART})(?=[？?。]?$|[，,])")
_ADJECTIVE = "快|慢|长|短|高|低|大|小|多|少|深|浅|重|轻|远|近|久|早|晚|贵|便宜|强|弱|宽|厚"
# What chooses, and by which degree: 谁 and 刑期长, 哪条 and 埋得深.
WHICH = r"(?:谁|哪一?(?:个|条|次|家|座|种|位|款|支|所|部|市|省|县|国|年|月|天|场|届|边|里|地))"
DEGREE = rf"[^？?，,。]{{0,9}}?(?:更加?|比较|相对|最)?(?:{_ADJECTIVE})(?:一些|一点|点|些)?(?:[？?，,。]|$)"
_WHOSE = re.compile(rf"[，,]?{WHICH}的(?={DEGREE})")
_WHICH = re.compile(rf"{WHICH}(?={DEGREE})")
_DEGREE = re.compile(
    rf"(?P<before>[^？?，,]*?)(?:更加?|比较|相对|最)?(?P<how>{_ADJECTIVE})(?:一些|一点|点|些)?(?=[？?，,]|$)"
)
_MANY = {"多": "多少", "少": "多少", "贵": "多少钱", "便宜": "多少钱", "早": "什么时候", "晚": "什么时候"}
_OPPOSITE = {"慢": "快", "短": "长", "低": "高", "小": "大", "浅": "深", "轻": "重", "近": "远", "弱": "强"}
_REST = re.compile(r"[，,？?](?:便宜|贵|多|少|高|低|快|慢|大|小|长|短|相差|差)[^，,？?]{0,4}(?:多少|几)[^，,？?]{0,4}")


def asked_of(before: str, item: str, after: str) -> str:
    """A question about ``item`` alone, from the words before and after the things that are compared."""
    before = _COMPARE.sub("", before)
    after = _BESIDE.sub("", _TOGETHER.sub("", after))
    after = _BESIDE.sub("", _TWICE.sub("", after))
    after = _REST.sub("", _EACH.sub("", after))
    whole = f"{before}{item}{after}"
    if _ASKED.search(whole):
        whole = _ASKED.sub(lambda _: _how(whole), whole, count=1)
    else:
        whole = _degrees(before + item, after)
        if not re.search(r"多|几|什么|怎|如何|吗|谁|哪|何", whole):
            whole = whole.strip("？?。，,") + _how(whole)
    return re.sub(r"[，,]{2,}", "，", whole).strip("？?。，,") + "？"


def asked_how(matter: str) -> str:
    """What is asked of each report on a matter: how much it is, or what happened."""
    return f"{matter}是多少？" if of_quantity(matter) else f"{matter}，发生了什么？"


def of_quantity(matter: str) -> bool:
    """Whether a matter is a quantity, which reports give a figure of: 死亡人数, 油价."""
    return bool(_QUANTITY.search(matter))


def _how(asked: str) -> str:
    return "是多少" if _QUANTITY.search(asked) else "是怎样的"


def _degrees(head: str, after: str) -> str:
    """谁的刑期长 → 的刑期多长; 哪个增长更快 → 增长多快; what does not choose stays as it is."""
    choice = _WHOSE.search(after) or _WHICH.search(after)
    if choice is None:
        return head + after
    joint = "的" if choice.re is _WHOSE else ""
    rest = after[choice.end() :]
    degree = _DEGREE.match(rest)
    if degree is None:
        return head + after[: choice.start()] + joint + rest
    how = degree["how"]
    asked = _MANY.get(how) or f"多{_OPPOSITE.get(how, how)}"
    return head + after[: choice.start()] + joint + degree["before"] + asked + rest[degree.end() :]
