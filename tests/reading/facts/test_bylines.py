"""Bylines as printed: words for roles before, after and between names."""

import pytest

from index.reading.facts.bylines import bare_names, byline_line
from index.reading.facts.people import opening

A, B, C = "方砚舟", "计雨荷", "于归"


@pytest.mark.parametrize(
    ("line", "reporters", "correspondents", "photographers"),
    [
        (f"文|{A} 图|{B}", [A], [], [B]),
        (f"文丨{A}", [A], [], []),
        (f"文·{A}", [A], [], []),
        (f"文 {A} 图 {B}", [A], [], [B]),
        (f"■{A}/文 {B}/摄", [A], [], [B]),
        (f"{A} 文 {B} 摄", [A], [], [B]),
        (f"本报记者 {A} 文 {B} 图", [A], [], [B]),
        (f"文/图 本报记者 {A}", [A], [], [A]),
        (f"文/本报记者 {A}", [A], [], []),
        (f"图文/{A}", [A], [], [A]),
        (f"云泽融媒记者 {A}", [A], [], []),
        (f"青禾日报客户端记者 {A} {B}", [A, B], [], []),
        (f"记者｜{A} 编辑｜{C}", [A], [], []),
        (f"[记者 {A}]", [A], [], []),
        (f"【记者{A}报道】", [A], [], []),
        (f"〔記者{A}／蘆灣報導〕", [A], [], []),
        (f"{A} 本报记者", [A], [], []),
        (f"本报记者 {A} 发自芦湾", [A], [], []),
        (f"本报记者 {A} 芦湾报道", [A], [], []),
        (f"口述：{A} 整理：{B}", [A, B], [], []),
        (f"记者 {A} 通讯员 {B} 摄影报道", [A], [B], [A, B]),
        ("●方砚舟 计雨荷", [A, B], [], []),
        ("记者 文 强", ["文强"], [], []),
        ("记者 付 文 于 归", ["付文", "于归"], [], []),
        ("聂 文 计雨荷", ["聂文", "计雨荷"], [], []),
        ("本报记者 程是颉", ["程是颉"], [], []),
        (f"（本报记者{A}整理）", [A], [], []),
        (f"（综合本报记者{A}、{B}报道）", [A, B], [], []),
        (f"本报记者 {A}摄", [], [], [A]),
        ("本报记者 于  归摄", [], [], ["于归"]),
        (f"本报记者 {A}文 {B}摄", [A], [], [B]),
        (f"本报记者 {A}摄影报道", [A], [], [A]),
        (f"本报记者 {A}报道", [A], [], []),
        ("本报记者 阿依古丽·买买提", ["阿依古丽·买买提"], [], []),
    ],
)
def test_a_byline_names_people_by_role(line, reporters, correspondents, photographers):
    people = byline_line(line)
    assert people is not None
    assert (people.reporters, people.correspondents, people.photographers) == (
        reporters,
        correspondents,
        photographers,
    )


@pytest.mark.parametrize(
    "line",
    ["一位老记者的手记", "作者单位：云泽大学", "记者在现场看到", "图文并茂的家书", "文化惠民进山村", "编辑 于归"],
)
def test_other_lines_with_such_words_are_no_bylines(line):
    assert byline_line(line) is None


@pytest.mark.parametrize("line", ["储玉坤", "欧阳自远", "卡尔·费", "阿依古丽·买买提"])
def test_a_line_with_a_name_only(line):
    people = bare_names(line)
    assert people is not None
    assert people.reporters == [line]


@pytest.mark.parametrize("line", ["广告", "广西", "智慧", "水利部", "国资委", "自强·勇立潮头", "大地春秋·传承"])
def test_words_that_begin_like_rare_surnames_are_no_names(line):
    assert bare_names(line) is None


@pytest.mark.parametrize(
    ("head", "dateline", "reporters"),
    [
        (f"【本报讯】记者{A}报道：", "本报讯", [A]),
        (f"记者{A}从芦湾报道：", "", [A]),
        (f"（记者{A}）", "", [A]),
        (f"本报讯　记者 {A}　通讯员 {B}　", "本报讯", [A]),
        ("新华社芦湾8日专电 ", "新华社芦湾8日专电", []),
        ("【芦湾讯】", "芦湾讯", []),
        ("芦湾八日电：", "芦湾八日电", []),
        ("5月8日讯 ", "5月8日讯", []),
    ],
)
def test_datelines_with_and_without_a_sender(head, dateline, reporters):
    found = opening(f"{head}泵站昨天开机试运行。")
    assert found is not None
    assert (found.dateline, found.people.reporters, found.rest) == (dateline, reporters, "泵站昨天开机试运行。")


@pytest.mark.parametrize(
    "text",
    [
        "每日电讯社来了新人。",
        "他十日电告家里。",
        "【文/云泽网 方砚舟】泵站昨天开机。",
        "（记者手记）泵站昨天开机。",
        "【时政快讯】泵站昨天开机。",
        "一天讯息很多。",
    ],
)
def test_sentences_are_no_datelines(text):
    assert opening(text) is None
