"""Units and measure words: which follow a number, which mean the same, and how one is converted into another."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

# What is measured: units of one kind, with how many of the first each is.
_SCALES: dict[str, dict[str, Fraction | int]] = {
    "length": {
        "米|m": 1, "公里|千米|km": 1000, "里|华里": 500, "厘米|公分|cm": Fraction(1, 100), "分米": Fraction(1, 10),
        "毫米|mm": Fraction(1, 1000), "微米|μm|um": Fraction(1, 10**6), "纳米|nm": Fraction(1, 10**9),
        "海里": 1852, "英里": Fraction(1609344, 1000), "英寸|寸": Fraction(254, 10**4), "英尺": Fraction(3048, 10**4),
    },
    "mass": {
        "克|g": 1, "公斤|千克|kg": 1000, "斤|市斤": 500, "吨|t|公吨": 10**6, "毫克|mg": Fraction(1, 1000),
        "微克|μg|ug": Fraction(1, 10**6), "克拉": Fraction(1, 5),
    },
    "area": {
        "平方米|平米|㎡|m²|m2": 1, "亩": Fraction(2000, 3), "公顷": 10**4, "平方公里|平方千米|km²|km2": 10**6,
        "平方厘米": Fraction(1, 10**4), "顷": Fraction(200000, 3),
    },
    "volume": {
        "立方米|立方|m³|m3": 1, "升|公升|l": Fraction(1, 1000), "毫升|ml": Fraction(1, 10**6),
    },
    "barrel": {"桶": 1},
    "time": {
        "秒|秒钟|s": 1, "分钟|min": 60, "小时|个小时|钟头|个钟头|h": 3600, "天|日": 86400,
        "周|星期|个星期|个礼拜|礼拜": 604800, "毫秒|ms": Fraction(1, 1000),
    },
    "months": {"个月|月": 1, "年|周年": 12, "个季度": 3, "季": 3},
    "age": {"岁|周岁": 1},
    "temperature": {"℃|°c|度|摄氏度|°": 1},
    "power": {"瓦|w": 1, "千瓦|kw": 1000, "兆瓦|mw": 10**6, "吉瓦|gw": 10**9},
    "energy": {"千瓦时|度电|kwh": 1, "兆瓦时|mwh": 1000},
    "pressure": {"帕": 1, "百帕": 100, "千帕": 1000, "兆帕": 10**6},
    "volts": {"伏|伏特|v": 1, "千伏|kv": 1000},
    "data": {"字节|b": 1, "kb": 2**10, "mb|兆": 2**20, "gb|g字节": 2**30, "tb": 2**40},
    "frequency": {"赫兹|hz": 1, "千赫|khz": 1000, "兆赫|mhz": 10**6, "ghz": 10**9},
    "yuan": {"元|块|块钱|圆|人民币|元人民币|人民币元|¥|元钱|rmb": 1, "角钱|毛钱|毛": Fraction(1, 10), "分钱": Fraction(1, 100)},
    "dollar": {"美元|美金|$|usd": 1}, "euro": {"欧元|€": 1}, "pound": {"英镑|£": 1},
    "yen": {"日元|日圆": 1}, "won": {"韩元|韩币": 1}, "hkd": {"港元|港币": 1}, "rouble": {"卢布": 1},
    "francs": {"瑞士法郎|瑞郎": 1}, "australian": {"澳元": 1}, "canadian": {"加元": 1}, "rupee": {"卢比": 1}, "baht": {"泰铢": 1},
    "share": {"%|‰|成|半": 1},
    "points": {"个百分点|百分点": 1}, "base points": {"个基点|基点": 1}, "times": {"倍": 1}, "off": {"折": 1},
    "index": {"点": 1}, "score": {"分": 1}, "magnitude": {"级": 1},
    "visits": {"人次": 1}, "decibel": {"分贝|db": 1},
}  # fmt: skip

# What is counted: words of one line mean the same, and 个 and 项 may stand for each other line.
_COUNTED = (
    "人|名|位|个人|口|例|员", "家|户", "件|起|宗|桩", "种|类|款", "条|道", "场|次|回|遍|趟", "届|期", "辆|台|部|架|艘|列",
    "座|栋|幢|所|处", "套|间", "层|楼", "棵|株", "只|头|匹|尾|羽", "枚|颗|粒", "张|幅|份", "本|册|卷", "篇|则|首", "支|枝|根|把",
    "片|段|节|集|页|句|字|词", "门|堂|课", "批|轮|组|队|对|双|副|团|班|排|步|代|局|盘|球|站|站点|档|票|席|顶|盏|面|股|笔|杯|瓶|箱|袋|包|碗|盒|顿|餐|桌",
    "车次|航班|床|张床位|处所|个点", "手", "星|星级", "年级|等奖|号楼|等功|方",
)  # fmt: skip
_ANY = "个|项"

# Where one of these follows, the word before is no measure word: 三名单位代表 has 名, 人员名单 has none.
_GUARDS = {
    "手": "[机术段续表里上中工势足]", "星": "[期座球光星]", "季": "[度节]",
    "个": "性|别|体|税", "人": "民|工智|生观|类|才|均|们|造|权", "家": "庭|具|园|乡|电|常", "名": "单(?!打)|义|称|誉|为|列|下|牌",
    "位": "[于置列居数]", "口": "[径号味岸头腔吻碑罩语红述音]", "条": "[件例约款理]", "道": "[路德理教具歉口里]",
    "部": "[门分队长署委落件]", "场": "[地馆景所合面]", "所": "[有以谓在得属长]", "处": "[理于分罚置长方]", "把": "[手握关]",
    "段": "落", "节": "[目日约能水奏气假]", "门": "[口户槛诊店将前外峡县头]", "本": "[科次月年地土来身报质领事市省届期轮周]",
    "期": "[间待望货限末盼刊]", "级": "别", "对": "[于方外比口象接手待策话应此其照抗华]", "分": "[别析配之布类为成享公局部支明工散离化]",
    "组": "[织成长建合]", "代": "[表理替价码言驾]", "次": "[日要于品子性序元]", "点": "[评赞名击燃缀]", "步": "[行伐骤入枪]",
    "层": "[面次出]", "座": "[谈位右椅落]", "台": "[湾风阶北山州儿词河县]", "头": "[条部版脑发盔号痛疼衔像]", "份": "[额子]",
    "张": "[家某姓口]", "片": "[区面子]", "首": "[次先都席届批个位家发相府要创任富站日月轮长脑钢]", "队": "[员伍长友列医内史]",
    "包": "[括含裹装容围头公]", "声": "[音明称誉势援]", "笔": "[者试记画下]", "股": "[份市票东权价]", "面": "(?![旗镜锦墙])",
    "回": "[家到来复应忆国报答归收顾升落族乡京暖放访馈购程迁民]", "支": "[持付出部援行撑架柱护局教委]|队伍建", "里": "[屯桥庄河岛山店面程]",
    "方": "(?![木土沙])", "成": "[立为功员本长都分果品熟交绩人年效就行套语形因型千百]", "员": "(?!大将|干部|民警)", "楼": "[盘市宇房]",
    "元": "[旦素宵首年老勋帅件]", "块": "儿", "日": "[报元圆均本常益渐后前]", "天": "[气然津下空地才府河涯水桥池安真线]",
    "年": "[级轻龄华货味画终薪均]", "站": "[在点长台]", "票": "[房价务据]", "米": "[饭粉面]", "克": "[服制隆]", "角": "", "兆": "[丰瓦赫]",
    "周": "[年岁边围一二三四五六日末期]", "月": "[球亮饼光]", "度": "[假过]", "桶": "装", "席": "[位卷]", "面旗": "", "则": "[是为有不会要可将]",
    "类": "[似别型]", "起": "[来到点步源床飞草诉航码伏]", "户": "[籍外口型]", "项": "链", "种": "[植子族地]", "卷": "[入]",
    "课": "[程堂题本]", "字": "[节母典体幕]", "班": "[子级长]", "集": "[团中体合成]", "圆": "[满形桌]", "间": "[接隔谍]", "员工": "",
    "排": "[名除放列队水]", "轮": "[流船胎椅]", "团": "[队体结员长]", "副": "[理主总市校书省县会院部局]", "双": "[方边向减]", "局": "[面势部长]", "球": "[员队迷场]",
    "句": "[子]", "列": "[车为入席出]", "页": "[面岩]", "折": "[扣射腾叠]", "度电": "", "升": "[级至到高值学降温]", "斤": "[两]",
}  # fmt: skip

_LATIN = (
    r"(?:(?i:km/h|km²|km2|km|kg|kwh|kw|kv|mwh|mw|gw|m²|m2|m³|m3|mm|cm|ml|mg|nm|um|gb|mb|tb|kb|ghz|mhz|khz|hz|db|min|°c)"
    r"|ms|[mgthLWV])"  # 5G is no weight
)


@dataclass(frozen=True)
class Unit:
    """A kind of thing that is measured or counted, and the factor to the kind's first unit."""

    kind: str
    factor: Fraction
    counted: bool = False


def _known() -> dict[str, Unit]:
    units = {
        name: Unit(kind, Fraction(factor))
        for kind, scale in _SCALES.items()
        for names, factor in scale.items()
        for name in names.split("|")
    }
    for names in _COUNTED:
        units |= {name: Unit(names, Fraction(1), counted=True) for name in names.split("|")}
    return units | {name: Unit(_ANY, Fraction(1), counted=True) for name in _ANY.split("|")}


KNOWN = _known()
_TAILED = ("千米", "千克", "千瓦", "千瓦时", "千伏", "千赫", "千帕", "百帕")


def _unit_pattern() -> str:
    spoken = [n for n in KNOWN if not n.isascii() or n == "%"]
    spoken = [n for n in spoken if n[0] not in "百千万半¥€£" or n in _TAILED]
    guarded = (
        re.escape(n) + (f"(?!{_GUARDS[n]})" if _GUARDS.get(n) else "") for n in sorted(spoken, key=len, reverse=True)
    )
    one = rf"(?:{'|'.join(guarded)}|{_LATIN}(?![A-Za-z0-9]))"
    return rf"\ ?{one}(?:/{one})?"


UNIT = re.compile(_unit_pattern())


def unit_of(printed: str) -> Unit:
    """What a printed unit means; 公里/小时 is a kind of its own, an unknown unit too."""
    name = printed.strip().lower()
    if name in ("km/h", "公里每小时"):
        name = "公里/小时"
    if name.endswith("分之"):
        return KNOWN["%"]
    if name in KNOWN:
        return KNOWN[name]
    above, slash, below = name.partition("/")
    if slash and above in KNOWN and below in KNOWN:
        over, under = KNOWN[above], KNOWN[below]
        return Unit(f"{over.kind}/{under.kind}", over.factor / under.factor)
    return Unit(name, Fraction(1))


def compatible(a: str, b: str) -> bool:
    """Whether two printed units can measure the same; none printed fits each, 个 fits whatever is counted."""
    one, other = unit_of(a), unit_of(b)
    return not (a and b) or one.kind == other.kind or (one.counted and other.counted and _ANY in (one.kind, other.kind))
