"""Made-up articles in which words meet in every way that a query can ask for."""

import json
import random

from index.text.names import Name

_WORDS = [
    "工会", "高温", "津贴", "高温津贴", "职工", "户外", "劳动者", "技师", "工作站", "港口", "集团",
    "公交", "专线", "夜校", "读书", "读书月", "江州", "云桥", "发布", "通知", "标准", "每月",
    "三百元", "GPT", "ABC", "2025", "100%", "乾隆", "乾燥", "王芳", "王小芳", "李敏", "王",
    "芳", "的", "了", "在", "是", "与", "或", "非", "AND", "后来", "皇后",
]  # fmt: skip
_TRADITIONAL = {
    "职工": "職工",
    "劳动者": "勞動者",
    "专线": "專線",
    "发布": "發佈",
    "读书": "讀書",
    "ABC": "ＡＢＣ",
    "后来": "後來",
}
_SIGNS = ["", "", "", "", "，", "。", " ", "　", "“", "”", "、", "：", "\n"]
_PAPERS = ["江州劳动报", "江州晚報", "云桥日报", ""]
_SECTIONS = ["要闻", "民生关注", "文化", ""]
_REPORTERS = ["王芳", "李敏", "歐陽明", "Smith"]

# What the tagger knows, as it is printed; both spellings of a name are one name.
NAMES = {
    "王芳": "person",
    "王小芳": "person",
    "李敏": "person",
    "工会": "organisation",
    "港口": "organisation",
    "集团": "organisation",
    "江州": "place",
    "云桥": "place",
    "专线": "place",
    "專線": "place",
}


class KnownNames:
    """Finds these names wherever they stand."""

    def names(self, text):
        found = ((name, text.find(name), kind) for name, kind in NAMES.items())
        return [Name(name, place, place + len(name), kind) for name, place, kind in found if place >= 0]


def write_corpus(path, count=300, seed=1):
    """Write the articles as JSONL; their texts differ, so that none is folded as a reprint."""
    rng = random.Random(seed)
    lines = []
    for number in range(count):
        date = f"{rng.choice((2023, 2024))}-{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d}"
        record = {
            "id": f"a{number}",
            "title": _text(rng, 4),
            "kicker": _text(rng, 3) if rng.random() < 0.3 else "",
            "subtitle": _text(rng, 3) if rng.random() < 0.3 else "",
            "text": _text(rng, rng.choice((3, 20, 60))) + f"编号{number}",
            "date": date if rng.random() < 0.9 else None,
            "paper": rng.choice(_PAPERS),
            "page": rng.randint(1, 8),
            "section": rng.choice(_SECTIONS),
            "reporters": rng.sample(_REPORTERS, rng.randint(0, 2)),
        }
        lines.append(json.dumps({name: value for name, value in record.items() if value}, ensure_ascii=False))
    path.write_text("\n".join(lines), encoding="utf-8")


def _text(rng, words):
    chosen = (rng.choice(_WORDS) for _ in range(words))
    return "".join((_TRADITIONAL.get(w, w) if rng.random() < 0.5 else w) + rng.choice(_SIGNS) for w in chosen).strip()


REPRINTED, TEXTS = 44, 28  # articles, and different texts among them
_SAID = "全市户外劳动者的高温津贴标准由每人每月二百元调整为三百元，按月发放四个月，发放时间为六月至九月，第{}号。"
_MONTHS = ("2023-11", "2023-12", "2024-01", "2024-03", "2024-04", "2024-05")


def write_reprinted(path):
    """Write reports on one matter: three texts are printed often, far from each other, one with other signs."""
    lines = []
    for number in range(REPRINTED):
        text = _SAID.format(number % 3 if number % 5 in (0, 1) else number)
        record = {
            "id": f"r{number:02d}",
            "title": f"题{number}",
            "date": f"{_MONTHS[number % 6]}-{number // 6 + 1:02d}",
            "paper": _PAPERS[number % 2],
            "text": text.replace("，", " ， ") if number == 5 else text,
        }
        lines.append(json.dumps(record, ensure_ascii=False))
    path.write_text("\n".join(lines), encoding="utf-8")
