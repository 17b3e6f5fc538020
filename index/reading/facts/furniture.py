"""Lines that belong to the page, not to an article, and references to other pages.

Each rule is data: a role, a pattern, and the reason shown by ``--explain``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ..blocks import Block, Form
from .dates import number
from .fields import our_name
from .imprint import paper_name, read_imprint
from .roles import MAKERS

_LONGEST_LINE = 120
_PAGE_NUMBER = r"[A-Z]?0*(?P<page>\d{1,3}|[一二三四五六七八九十]{1,3})"
_MARKS = r"[□■◎●◆▲△▼▶►▷◀★※\->]*\s*"
_POINTERS = r"(?:[▶►▷>＞»→]+|[…·.]{2,})"
_TURN = r"(?:下[转轉]|[转轉]|转载?自?至)"
JUMP_TO = re.compile(
    rf"^{_MARKS}[（(【\[]?\s*{_TURN}\s*(?:本[报報])?第?\s*{_PAGE_NUMBER}\s*版?\s*[)）】\]]?\s*{_MARKS}$"
)
JUMP_TO_TAIL = re.compile(
    rf"[（(【\[]\s*(?:全文)?下[转轉]\s*第?\s*{_PAGE_NUMBER}\s*版\s*[)）】\]]\s*$|"
    rf"[▶►▲▼]+\s*下[转轉]\s*第?\s*[A-Z]?0*(?P<page_marked>\d{{1,3}}|[一二三四五六七八九十]{{1,3}})\s*版\s*$"
)
JUMP_FROM = re.compile(
    rf"^{_MARKS}[（(【\[]?\s*(?:上接|[紧緊]接|接)\s*(?:本[报報])?第?\s*{_PAGE_NUMBER}\s*版\s*[)）】\]]?\s*"
)
_GUIDE = re.compile(
    r"^(?:今日)?(?:[导導][读讀]|要[闻聞][导導][读讀]|本期[导導][读讀]|今日看[点點]|内容提要|今日要目|"
    r"本[报報]今日要目)\s*[:：]?$"
)
_GUIDE_ITEM = re.compile(
    rf"^[-*·●▲▶■]?\s*.{{2,60}}[\s…·.—]*[（(]?(?:第?{_PAGE_NUMBER}\s*版|[A-Z]?\d{{1,2}}\s*版)[)）]?$"
)


@dataclass(frozen=True)
class FurnitureRule:
    """Lines that match ``pattern`` have the role ``role``."""

    role: str
    pattern: re.Pattern[str]
    why: str


# Words of a site's tools; the weak ones also occur in newspapers, so a single weak word is not enough.
_STRONG = (
    r"上一[篇版页期条]|下一[篇版页期条]|上篇|下篇|网站首页|首页|返回(?:目录|首页|顶部|列表|上页|"
    r"主页)?|回(?:到)?顶部|放大|缩小|默认|还原|朗读|播放|暂停|"
    r"分享(?:到|至|按钮)?|新浪微博|腾讯微博|微信|微博|QQ空间|QQ好友|QQ|朋友圈|人人网|复制链接|"
    r"打印(?:本页|本稿)?|关闭(?:窗口|本页)?|加入收藏|收藏(?:本页)?|"
    r"设为首页|联系我们|关于我们|网站地图|广告服务|登录|注册|退出|搜索|高级搜索|PDF版?(?:下载|文件)?|"
    r"版面(?:导航|概览|图|列表|目录)|标题导航|文章导航|"
    r"往期(?:回顾|报纸|查询)?|按日期(?:查询|查阅|检索)|日期检索|数字报(?:首页)?|电子版|手机版|电脑版|"
    r"查看更多|阅读全文|展开全文|展开|收起|点击(?:查看|阅读)?(?:原文|全文|大图)?|查看(?:原文|全文|大图)|"
    r"原文链接|原创(?=$)|发表评论|我要评论|点赞|在看|纠错|投诉|字号|字体|简体|繁体|繁體|English|A[+\-]|T[+\-]"
)
_WEAK = r"原创|目录|下载|更多|评论|赞|大|中|小|正常|原文|检索|帮助|举报|恢复|豆瓣|收藏"
_SEPARATORS = r"[\s　|｜丨/·>》«»<>←→↑↓：:\[\]【】（）()+\-＋－,，、&\d]*"
_TOOL = re.compile(rf"(?P<strong>{_STRONG})|(?:{_WEAK})", re.IGNORECASE)
_TOOL_LINE = re.compile(rf"^{_SEPARATORS}(?:(?>{_STRONG}|{_WEAK}){_SEPARATORS})++$", re.IGNORECASE)
RULES = (
    FurnitureRule(
        "editors",
        re.compile(rf"^(?:[【\[]我要[纠糾][错錯][】\]])?\s*{MAKERS}(?:[\s；;，,/／|｜]*{MAKERS})*$"),
        "names the makers of the page",
    ),
    FurnitureRule(
        "hotline",
        re.compile(
            r"^(?:(?:本[报報])?(?:新闻|读者|报料|爆料|服务|投稿|发行|广告|订阅|监督|值班|24小时|举报|"
            r"联系)*(?:[热熱][线線]|邮箱|[电電][话話]|QQ群?)"
            r"\s*[:：]?\s*[A-Za-z0-9@._\-—－、/()（）]+[\s　；;]*)+$|"
            r"^(?:本[报報])?(?:官方)?(?:微信)?(?:公众号|客户端|微博)\s*[:：].{1,30}$"
        ),
        "a telephone line",
    ),
    FurnitureRule(
        "weather",
        re.compile(
            r"^(?:今日|今天|明日|明天|本市)?天[气氣](?:[预預][报報])?(?:\s*[:：].{0,60}|\s.{0,60}(?:℃|"
            r"度|风|風|级).{0,10})$"
        ),
        "today's weather",
    ),
    FurnitureRule(
        "imprint",
        re.compile(
            r"^.{0,12}(?:国内统一刊号|国内统一连续出版物号|邮发代号|CN\s*\d{2}-\d{4}|零售[价價]|"
            r"[总總]第?\s*\d+\s*期|印刷[厂廠]?[:：]|社址[:：]|本[报報]地址[:：]|"
            r"本[报報](?:常年)?法律[顾顧][问問]|"
            r"今日(?:共)?\s*\d+\s*版|共\s*\d+\s*(?:个)?版).{0,60}$|"
            r"^第\d{2,6}[期号號](?:\s+\S{2,12}(?:出版|主办|主管))+$"
            r"|^(?:主管|主办|出版|社长|总编辑|总编|国际标准)(?:单位|部门)?\s*[:：].{2,60}$"
            r"|^[A-Z][A-Z .&'\-]{2,40}(?:DAILY|NEWS|TIMES|POST|RIBAO|WANBAO|BAO|EVENING|WEEKLY)[A-Z ]{0,20}$"
            r"|^\S{2,16}(?:出版|主办|主管|承办)(?:\s+\S{2,16}(?:出版|主办|主管|承办))*$"
        ),
        "the paper's imprint",
    ),
    FurnitureRule(
        "tools",
        re.compile(
            r"^(?:相关(?:新闻|阅读|链接|报道|文章|稿件|推荐)|推荐阅读|延伸阅读|热门推荐|猜你喜欢|"
            r"热点新闻)\s*(?:[:：].{0,60})?$"
            r"|^(?:网站)?首页\s*[>»›→/].{0,60}$|^[<«\s]*[上下]一[篇版页期条]\s*[:：]?.{0,60}$|"
            r"^(?:分享(?:到|至)|字[号体]|(?:您的)?(?:当前)?位置|"
            r"浏览(?:量|次数)?|点击(?:数|量|率)?|阅读(?:量|次数|数)?|人气|责任编辑)\s*[:：].{0,60}$"
        ),
        "a site's tools",
    ),
    FurnitureRule(
        "site",
        re.compile(
            r"^.{0,40}(?:版权所有(?!者)|版权归|All Rights? Reserved|Copyright|©|ICP[备证]|公网安备|"
            r"技术支持[:：]|未经.{0,14}授权|不得.{0,8}转载|免责声明|许可证(?:号|编号)|"
            r"举报电话|违法和不良信息|建议使用.{0,20}浏览器|收录于|喜欢此内容|预览时标签|滑动看下一个|"
            r"轻触阅读原文|阅读原文|浏览器.{0,16}(?:版本|升级|兼容|设置)|无法正常显示|请.{0,6}(?:启用|"
            r"开启|打开).{0,8}JavaScript).{0,80}$",
            re.IGNORECASE,
        ),
        "a site's notice",
    ),
    FurnitureRule(
        "site",
        re.compile(
            r"^点击(?:上方|下方|文末|蓝字).{0,12}(?:关注|订阅).{0,6}$|^.{0,6}(?:扫一扫|扫码|扫描.{0,4}二维码|长按.{0,6}二维码|微信扫).{0,40}$|^.{0,4}(?:关注|"
            r"订阅).{0,16}(?:公众号|客户端|视频号).{0,16}$"
            r"|^.{0,20}(?:加入|下[载載]|[订訂][阅閱]|追[踪蹤]|按[赞讚]|[关關]注).{0,16}(?:粉[丝絲][团團專专][页頁]?|APP(?![A-Za-z])|"
            r"[电電]子[报報]|LINE好友).{0,30}$"
        ),
        "asks the reader to follow",
    ),
    FurnitureRule(
        "link",
        re.compile(
            r"^(?:(?:PDF|原文|本文|文章|阅读)?\s*(?:链接|地址|网址|URL|"
            r"Link|官网)\s*[:：]\s*)?(?:https?://|www\.)\S+$|^(?:PDF|原文|文章)\s*链接\s*[:：]?.{0,60}$",
            re.IGNORECASE,
        ),
        "an address",
    ),
    FurnitureRule(
        "contents",
        re.compile(
            r"^共\s*\d+\s*(?:个)?版(?:面)?.{0,30}$|^(?:收录|本期)?(?:文章|稿件)(?:共)?\s*\d+\s*篇$|^[\d\s\-—]{6,}$"
        ),
        "an amount or length",
    ),
    FurnitureRule(
        "contents",
        re.compile(
            r"^[\-—·•]?\s*\d{1,3}\s*[\-—·•]$|"
            r"^第\s*\d{1,3}\s*页(?:\s*[/，,]?\s*共\s*\d{1,4}\s*页)?$|^Page \d{1,3} of \d{1,4}$"
        ),
        "the number of a page",
    ),
    FurnitureRule("contents", re.compile(r"^[（(\[【]?\s*(?:完|END|全文完)\s*[】\])）]?$"), "the end"),
    FurnitureRule("site", re.compile(r"^[（(\[【]?\s*(?:公益)?[广廣]告\s*[】\])）]?$"), "marks an advertisement"),
    FurnitureRule(
        "editors",
        re.compile(r"^[（(]?本版(?:.{0,4})(?:图片|照片|文图|图文|文字|稿件|摄影).{0,24}(?:摄影?|采写|提供)[)）]?$"),
        "says whose the texts and pictures of the page are",
    ),
    FurnitureRule(
        "guide",
        re.compile(
            rf"^{_MARKS}[（(【\[]?(?:更多|详细|相关|全文|报道|新闻|内容|详情|文|图|全|请|敬请|详)*见(?:今日|本报)?第?{_PAGE_NUMBER}\s*版[)）】\]]?$"
            rf"|^{_MARKS}\S.{{1,40}}?\s*{_POINTERS}\s*[（(]?(?:第?[A-Z]?\d{{1,2}}\s*版|[A-Z]\d{{1,2}})[)）]?$"
            rf"|^(?:第?[A-Z]?\d{{1,2}}\s*版|[A-Z]\d{{1,2}})\s*(?:{_POINTERS}|[｜|])\s*\S.{{1,40}}$"
        ),
        "points to another page",
    ),
)


def is_masthead(text: str) -> bool:
    """Whether a line is a page heading: little more than a date, perhaps with the page and its section."""
    found = read_imprint(text)
    return found is not None and found.is_heading


def mark(blocks: Sequence[Block]) -> None:
    """Assign roles to all blocks that are page furniture."""
    in_guide = False
    for block in blocks:
        if block.role:
            continue
        if block.form is Form.IMAGE:
            block.take("image", "an image")
            continue
        text = block.text if len(block.text) <= _LONGEST_LINE else ""
        in_guide = (in_guide and bool(_GUIDE_ITEM.match(text))) or bool(_GUIDE.match(text))
        if in_guide:
            block.take("guide", "the page's guide to other pages")
        elif text:
            _mark_line(block, text)


def _mark_line(block: Block, text: str) -> None:
    if JUMP_FROM.match(text):
        return  # the text continues after it
    if JUMP_TO.match(text):
        block.take("jump to", "sends the reader to a later page")
    elif found := read_imprint(text):
        block.imprint = found
        names_issue = block.form is Form.HEADING and found.paper and found.date
        block.take(*(_HEADING if found.is_heading or names_issue else _SOURCE))
    elif (bare := _LATIN_TAIL.sub("", text))[-1:] in ("报", "報") and paper_name(bare) == bare.strip():
        block.take("masthead", "only a paper's name")
    elif block.link and len(text) <= 60 and block.form is not Form.HEADING:
        block.take("link", "a link")
    elif text[-1] in ":：" and our_name(text[:-1]):
        block.take("contents", "a label without a value")
    elif text[-1] in "。！？；，" and not _SITE_SENTENCE.search(text):
        return
    elif _is_tools(text):
        block.take("tools", "a site's tools")
    elif rule := next((rule for rule in RULES if rule.pattern.match(text)), None):
        block.take(rule.role, rule.why)


def _is_tools(text: str) -> bool:
    """Whether a line consists of a site's tools: 上一篇 下一篇, 字号：大 中 小."""
    if not _TOOL_LINE.match(text):
        return False
    tools = list(_TOOL.finditer(text))
    return len(tools) > 1 or any(tool["strong"] for tool in tools)


_SITE_SENTENCE = re.compile(
    r"粉[丝絲][团團專专]|APP(?![A-Za-z])|浏览器|JavaScript|扫一扫|扫码|二维码|公众号|ICP[备证]|©"
)
_LATIN_TAIL = re.compile(r"\s+[A-Z][A-Za-z .&'\-]{2,40}$")  # 江州日报 JIANGZHOU DAILY
_HEADING = ("masthead", "the masthead: date and page")
_SOURCE = ("source", "names the source of the article")


def page_number(text: str) -> int:
    """``3``, ``三`` or ``十二`` as a number."""
    return number(text)
