import datetime

import pytest

from rag.query.metadata_filter import read_metadata_filter

TODAY, LAST = datetime.date(2026, 11, 23), datetime.date(2025, 4, 18)


@pytest.mark.parametrize(
    ("question", "since", "until", "page"),
    [
        ("2024年7月30日第2版讲了什么？", "2024-07-30", "2024-07-30", 2),
        ("７月３０日的报纸有什么要闻", "2024-07-30", "2024-07-30", None),
        ("二月三日的报道", "2025-02-03", "2025-02-03", None),
        ("上周有什么新闻？", "2026-11-16", "2026-11-22", None),
        ("昨天的头版说了什么", "2026-11-22", "2026-11-22", 1),
        ("上个月有哪些文章写到灯塔", "2026-10-01", "2026-10-31", None),
        ("2024年7月有哪些关于职工之家的报道", "2024-07-01", "2024-07-31", None),
        ("去年上半年关于养老的报道有哪些", "2025-01-01", "2025-06-30", None),
        ("2024年第三季度的新闻", "2024-07-01", "2024-09-30", None),
        ("2024年2月下旬的报纸", "2024-02-21", "2024-02-29", None),
        ("9月至10月的报道里谁被提到", "2024-09-01", "2024-10-31", None),
        ("2024-07-30的报纸登了什么", "2024-07-30", "2024-07-30", None),
        ("最近三天有哪些新闻", "2026-11-20", "2026-11-23", None),
        ("头版讲了什么", None, None, 1),
        ("第十二版有什么", None, None, 12),
    ],
)
def test_dates_and_pages_of_the_newspaper_are_read(question, since, until, page):
    read = read_metadata_filter(question, TODAY, LAST)
    assert (read.since, read.until, read.page) == (since, until, page)
    assert all(part in question or part in ("7月30日",) for part in read.phrase.split())


@pytest.mark.parametrize(
    "question",
    [
        "2022年英特尔全年营收",
        "7月30日发生了什么",
        "2023年12月1日起正式实施的是哪项办法",
        "2023年国考计划招录多少人",
        "指南（2023版）是针对什么的？",
        "第一版主是谁",
        "针对2006年媒体的错误报道，她怎么回应？",
        "2月30日的报纸",
        "13月的报道",
        "",
    ],
)
def test_dates_of_events_narrow_nothing(question):
    assert read_metadata_filter(question, TODAY, LAST) is None
