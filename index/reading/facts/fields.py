"""The names of an article's fields in sources: one table for front matter, labelled lines, JSON, CSV and meta tags."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from index.types import JsonObject

from ...errors import BaowenError
from ..content.characters import INVISIBLE

# Our name, and other names, without case, spaces, hyphens and underscores.
NAMES = {
    "title": (
        "title headline heading head newstitle articletitle name 标题 题目 正题 主题 主标题 大标题 "
        "文章标题 新闻标题 新闻名称 文章题目 题名 篇名 標題 題目 正題 題名 biaoti"
    ),
    "kicker": "kicker introtitle pretitle yinti overline eyebrow shouldertitle 引题 眉题 肩题 肩标题 引標題 引題 眉題",
    "subtitle": "subtitle subheading subhead deck secondtitle futi fubiaoti 副题 副标题 子标题 副題 副標題",
    "text": (
        "text content body contents article articlebody maintext fulltext newscontent contenttext "
        "articletext articlecontent articlebodytext rawcontent paragraphs story zhengwen neirong "
        "正文 内容 全文 文章内容 新闻内容 文章正文 文本 內容"
    ),
    "date": (
        "date publishtime pubdate pubtime publishdate published publishedat publishedtime publicationdate "
        "publicationtime datepublished datetime time issuedate releasedate releasetime newsdate posttime "
        "postdate docdate riqi shijian 日期 时间 发布时间 发布日期 出版日期 出版时间 刊发日期 刊发时间 发表时间 "
        "发表日期 见报日期 见报时间 报纸日期 日期时间 更新时间 最新更新 最后更新 创建时间 建立时间 "
        "時間 出版時間 發佈時間 發布時間 更新時間 最後更新 建立時間"
    ),
    "paper": (
        "paper newspaper papername newspapername source sourcename media medianame publication publisher "
        "sitename outlet origin journal laiyuan baozhi 报纸 报名 报刊 报纸名称 报纸名 来源 文章来源 新闻来源 信息来源 "
        "稿源 出处 媒体 媒体名称 转自 报社 刊名 报刊名称 报刊名 报纸来源 報紙 報名 來源 出處 刊名"
    ),
    "page": (
        "page pageno pagenum pagenumber pageid p banci edition editionno 版次 版面 版 版号 版别 版序 页码 页 所在"
        "版面 本文所属版次 所属版次 版面号 版號"
    ),
    "section": (
        "section sectionname column columnname columns category channel pagename pagetitle layoutname "
        "nodename rubric editionname lanmu 栏目 专栏 版名 版面名称 版面名 频道 栏目名称 分类 欄目 專欄"
    ),
    "reporters": (
        "reporters reporter author authors byline writer writers creator authorname zuozhe jizhe 作者 记者 撰稿 撰稿人 "
        "撰文 采写 文字 新闻作者 文章作者 署名 责任者 责任人 記者 採寫"
    ),
    "correspondents": "correspondents correspondent 通讯员 特约通讯员 通訊員",
    "photographers": "photographers photographer photo 摄影 摄影记者 图片 供图 攝影",
    "id": "id articleid newsid docid aid guid uuid contentid",
    "url": (
        "url link href permalink sourceurl articleurl pageurl pdfurl 链接 网址 原文链接 原文 地址 "
        "原文地址 文章链接 連結"
    ),
    "editors": "editor editors 编辑 责编 责任编辑 责任校对 校对 審校 編輯 責任編輯 美编 审核 审校 监审",
    "counted": (
        "views viewcount comments likes 浏览量 浏览次数 浏览 点击 点击数 点击量 点击率 阅读 阅读量 "
        "阅读次数 评论 评论数 字数 字体 字号 字体大小 分享 分享到 关键词 标签 keywords tags 摘要 abstract "
        "summary description 语言 language 采集时间 抓取时间 更新时间戳 时间戳 crawltime timestamp"
    ),
    "year": "yyyy year 年 年份",
    "month": "mm month 月 月份",
    "day": "dd day 日 号",
}
_SPARE = re.compile(r"[\s_\-]+")
_PREFIX = re.compile(r"^(?:(?:og|article|dc|dcterms|twitter|itemprop|news|weibo|wechat)[:.])+", re.IGNORECASE)
_ADDED = re.compile(r"[_\-\s](?:raw|orig|original|clean|cleaned|str|zh|cn)$", re.IGNORECASE)  # title_raw
_PAGE_AS_SECTION = re.compile(r"第?\s*[A-Z]?\d{1,3}\s*版?|第?[一二三四五六七八九十]{1,3}版")
OURS = {name: ours for ours, names in NAMES.items() for name in names.split()}


def our_name(name: str) -> str:
    """Our name for a field, or an empty string if it is not in the table."""
    bare = _ADDED.sub("", _PREFIX.sub("", str(name).strip()))
    return OURS.get(_SPARE.sub("", bare).lower(), "")


def given_names(text: str) -> dict[str, str]:
    """Parse ``title=headline,text=content`` into a dict from our names to a source's names.

    Raises:
        BaowenError: a part does not contain ``=``, or names a field that we do not have.
    """
    names: dict[str, str] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        ours, sign, theirs = (piece.strip() for piece in part.partition("="))
        if not sign or not theirs or ours not in NAMES:
            raise BaowenError(
                f"--map 读不懂 {part!r}；写成 title=headline,text=content，左边可用 (fields): {' '.join(NAMES)}"
            )
        names[ours] = theirs
    return names


@dataclass(frozen=True)
class Mapped:
    """A record with our names; ``how`` maps each to the source's name, ``rest`` contains the unknown fields."""

    values: JsonObject
    how: dict[str, str] = field(default_factory=dict)
    rest: JsonObject = field(default_factory=dict)


def mapped(record: Mapping[str, object], overrides: Mapping[str, str] | None = None) -> Mapped:
    """``record`` with our names; if two source names match one field, the first with a value is used.

    Args:
        overrides: our name → the source's name, which takes precedence over the table.
    """
    given = {theirs: ours for ours, theirs in (overrides or {}).items()}
    values: JsonObject = {}
    how: dict[str, str] = {}
    rest: JsonObject = {}
    ranked = sorted(
        record.items(), key=lambda pair: (str(pair[0]) not in given, our_name(str(pair[0])) != str(pair[0]))
    )
    for name, value in ranked:
        ours = given.get(str(name)) or our_name(str(name))
        if ours == "section" and _PAGE_AS_SECTION.fullmatch(str(value).strip()):
            ours = "page"
        if not ours or (ours == "text" and not _is_text(value)):
            rest[str(name)] = value
        elif values.get(ours) in (None, "", []):
            values[ours] = value
            how[ours] = str(name)
        else:
            rest[str(name)] = value
    return Mapped(values, how, rest)


def _is_text(value: object) -> bool:
    """Whether a value can be a body: a string, or a list of paragraphs."""
    if isinstance(value, list):
        return bool(value) and all(
            isinstance(item, str) or (isinstance(item, dict) and paragraph(item)) for item in value
        )
    return isinstance(value, str)


def paragraph(item: Mapping[str, object]) -> str:
    """The text of a paragraph given as an object; empty if it has no text or is itself an article."""
    if any(our_name(str(name)) == "title" for name in item):
        return ""
    return next((value for name, value in item.items() if our_name(str(name)) == "text" and isinstance(value, str)), "")


def as_text(value: object) -> str:
    """A body's text, with one paragraph per line."""
    if isinstance(value, list):
        return "\n".join(item if isinstance(item, str) else paragraph(item) for item in value)
    return str(value or "")


def as_line(value: object) -> str:
    """A short field's text: list items are joined by 、, objects are ignored."""
    if isinstance(value, list | tuple):
        return "、".join(as_line(item) for item in value if as_line(item))
    if value is None or isinstance(value, dict):
        return str(value.get("name", "")) if isinstance(value, dict) else ""
    return " ".join(INVISIBLE.sub("", str(value)).split())


def as_id(value: object) -> str:
    """An id exactly as given, including invisible characters, because other programs look articles up by it."""
    return " ".join(str(value).split()) if isinstance(value, str) else as_line(value)
