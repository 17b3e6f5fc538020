"""The ``baowen`` command: results on standard output, progress and errors on standard error."""

from __future__ import annotations

import json
import logging
import os
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from index.errors import BaowenError
from index.words import harmless, visible

if TYPE_CHECKING:
    from collections.abc import Iterable

    from index.report import Report

if TYPE_CHECKING:
    from .results import Answer, Verdict

log = logging.getLogger("baowen")
app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="报问：向报纸馆藏提问 · Ask a newspaper archive.",
)

_INTERRUPTED = 130  # what shells give a command that Ctrl-C ended

Sources = Annotated[list[Path], typer.Argument(help="报纸文件或文件夹 · newspaper files or folders", metavar="SRC…")]
Folder = Annotated[Path | None, typer.Option("--archive", help="馆藏文件夹 · the archive's folder")]
AsJson = Annotated[bool, typer.Option("--json", help="每行一个 JSON 对象 · one JSON object a line")]
Since = Annotated[str | None, typer.Option(help="起始日期 · first date, 2024-07-01")]
Until = Annotated[str | None, typer.Option(help="截止日期 · last date, included")]
AsOf = Annotated[str | None, typer.Option(help="问题里的“昨天”从哪天算起 · today, for the question")]


@app.command()
def parse(
    files: Sources,
    as_json: AsJson = False,
    explain: Annotated[bool, typer.Option("--explain", help="逐行说明 · what each line was taken for")] = False,
    names: Annotated[
        str, typer.Option("--map", help="来源自己的字段名 · names of fields, title=headline,text=content")
    ] = "",
) -> None:
    """把版面切成文章，不入馆 · show the articles of pages without indexing them."""
    from index.reading import read_issue
    from index.reading.fields import given_names
    from index.report import Report
    from index.sources import find_sources, unread_kinds

    fields = given_names(names)
    found = find_sources(files)
    report = Report(problems=list(found.failed))
    count = 0
    for source in found.sources:
        issue = read_issue(((file.path, file.source) for file in source.files), fields)
        report.problems.extend(issue.failed)
        report.warnings.extend(issue.warnings)
        count += len(issue.articles)
        if explain:
            _explain(issue, as_json=as_json)
            continue
        for article in issue.articles:
            if as_json:
                _print_json(article.as_dict() | {"body": article.paragraphs})
            else:
                _print_article(article)
    _warn(report.notes)
    if found.unread:
        log.warning("%s", unread_kinds(found.unread))
    if report.problems and not count:
        raise BaowenError("没有读出文章 (no article could be read)")


@app.command()
def build(
    sources: Sources,
    archive: Folder = None,
    as_json: AsJson = False,
    check: Annotated[Path | None, typer.Option(help="发布前须答得出的问题集 · questions to pass, JSONL")] = None,
    min_hit5: Annotated[float, typer.Option(min=0, max=1, help="前五命中率下限 · least hit@5 for --check")] = 0.9,
) -> None:
    """建立或更新馆藏，使它与 SRC 一致 · make the archive equal to SRC."""
    _build(sources, archive, as_json, keep_others=False, check=check, min_hit5=min_hit5)


@app.command()
def add(sources: Sources, archive: Folder = None, as_json: AsJson = False) -> None:
    """加入或替换，不删除别的 · add or replace, remove nothing."""
    if not _build(sources, archive, as_json, keep_others=True).read:
        raise BaowenError("给的文件都没有读出来，新增 0 个 (nothing that was given could be read)")


@app.command()
def watch(sources: Sources, archive: Folder = None) -> None:
    """守着文件夹，新的报纸到了就收入 · index new or changed files as they arrive."""
    from index.config import Settings
    from index.embedder import LazyEmbedder
    from index.sources import lower_priority
    from index.watching import watch as watch_folder

    settings = Settings.load()
    lower_priority()
    watch_folder(sources, archive or settings.archive, LazyEmbedder(settings), settings.passages)


@app.command()
def remove(
    ids: Annotated[list[str], typer.Argument(help="文章编号 · article ids", metavar="ID…")], archive: Folder = None
) -> None:
    """按编号删除文章 · remove articles by id."""
    from index.build import remove as remove_articles
    from index.config import Settings
    from index.embedder import LazyEmbedder

    settings = Settings.load()
    report = remove_articles(ids, archive or settings.archive, LazyEmbedder(settings), settings.passages)
    _say(f"删除 {report.removed} 篇；馆藏现有 {report.articles} 篇、{report.passages} 段")


@app.command()
def search(
    question: str,
    k: Annotated[int, typer.Option("-k", help="条数 · how many")] = 5,
    since: Since = None,
    until: Until = None,
    issue: Annotated[str | None, typer.Option(help="只查这一天的报纸 · one issue, 2024-07-30")] = None,
    paper: Annotated[str | None, typer.Option(help="只查这种报纸 · one newspaper")] = None,
    page: Annotated[int | None, typer.Option(help="只查这一版 · one page")] = None,
    section: Annotated[str | None, typer.Option(help="只查这个版名 · one section")] = None,
    reporter: Annotated[str | None, typer.Option(help="只查此人的报道 · one reporter")] = None,
    as_of: AsOf = None,
    any_date: Annotated[bool, typer.Option("--any-date", help="不从问题里读日期 · read no dates from it")] = False,
    archive: Folder = None,
    as_json: AsJson = False,
) -> None:
    """检索段落 · find passages."""
    narrow = {"paper": paper, "page": page, "section": section, "reporter": reporter, "as_of": as_of}
    opened = _open(archive)
    found = opened.search(question, k, since or issue, until or issue, read_dates=not any_date, **narrow)
    _say_narrowing(found.narrowing)
    for rank, passage in enumerate(found.passages, 1):
        if as_json:
            _print_json({"rank": rank} | passage.as_dict())
        else:
            _say(f"{rank}. {_place(passage.article)}  [{passage.score:.4f}]\n   {passage.text}\n")


@app.command()
def ask(
    question: str,
    since: Since = None,
    until: Until = None,
    as_of: AsOf = None,
    archive: Folder = None,
    as_json: AsJson = False,
    explain: Annotated[
        bool, typer.Option("--explain", help="说明每句话怎么核对的 · say how each sentence was checked")
    ] = False,
) -> None:
    """提问，得到注明出处的回答 · get a cited answer."""
    from .results import Done, Found, Token

    opened = _open(archive)
    for event in opened.stream(question, since=since, until=until, as_of=as_of):
        if isinstance(event, Found):
            _say_narrowing(event.narrowing)
        if isinstance(event, Token) and not as_json and sys.stderr.isatty():
            sys.stderr.write(event.text)
            sys.stderr.flush()
        if isinstance(event, Done):
            answer = event.answer
            if as_json:
                _print_json(answer.as_dict())
                continue
            if sys.stderr.isatty():
                sys.stderr.write("\n\n")
            _say(answer.text)
            for citation in answer.citations:
                _say(f"[{citation.number}] {_place(citation.passage.article)}\n    “{citation.quote}”")
            if explain:
                _explain_answer(answer)


def _explain_answer(answer: Answer) -> None:
    """How each sentence was checked, and what the model said where that is not given as the answer."""
    for sentence in (*answer.sentences, *([answer.draft] if answer.draft else [])):
        if sentence.verdict:
            _say(_judged(sentence.verdict))
    if answer.confidence is not None:
        _say(f"答得对的概率 (probability of being right): {answer.confidence:.2f}")


def _judged(verdict: Verdict) -> str:
    """A verdict in a line or two."""
    mark = "✓ 有依据" if verdict.supported else "✗ 无依据"
    reasons = f"\n    {'；'.join(verdict.reasons)}" if verdict.reasons else ""
    return f"{mark} ({verdict.probability:.2f}) {verdict.sentence}{reasons}"


@app.command()
def check(
    file: Annotated[
        str, typer.Argument(help="文稿，- 为标准输入 · a manuscript, - for standard input", metavar="FILE|-")
    ],
    article: Annotated[
        list[str] | None, typer.Option(help="只对照这些文章 · judge against these articles alone")
    ] = None,
    archive: Folder = None,
    as_json: AsJson = False,
) -> None:
    """核对文稿的每一句 · judge each sentence of a manuscript."""
    text = _manuscript(file)
    for verdict in _open(archive).checking(text, article):
        if as_json:
            _print_json(verdict.as_dict())
            continue
        _say(_judged(verdict))
        for citation in verdict.citations[:1]:
            _say(f"    {_place(citation.passage.article)}：“{citation.quote}”")


def _manuscript(file: str) -> str:
    """What is to be checked."""
    if file == "-":
        return sys.stdin.read()
    try:
        return Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BaowenError(f"无法读取文稿 {file} (cannot read): {error}") from error


@app.command()
def chat(
    archive: Folder = None,
    host: Annotated[str, typer.Option(help="监听地址 · address to listen on")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="端口 · port")] = 7860,
    auth: Annotated[str | None, typer.Option(help="登录 · login, 用户:密码 user:password")] = None,
    passwords: Annotated[Path | None, typer.Option(help="密码文件 · password file (baowen passwd)")] = None,
    feed: Annotated[
        Path | None, typer.Option(help="允许在网页上添加报纸，存到这里 · let issues be added, kept here")
    ] = None,
) -> None:
    """打开问答网页 · serve the web chat."""
    from app import serve

    from .web.feed import Feed
    from .web.login import Passwords

    known = Passwords(passwords) if passwords else None
    if auth is not None:
        user, colon, password = auth.partition(":")
        if not (user and colon and password):
            raise BaowenError("--auth 要写成 用户:密码 (must be user:password)")
        known = Passwords.of_one(user, password)
    opened = _open(archive)
    fed = Feed(feed, _folder(archive), opened.embedder, opened.settings) if feed else None
    serve(opened, host, port, passwords=known, feed=fed)


@app.command()
def passwd(
    name: Annotated[str, typer.Argument(help="用户名 · user name", metavar="NAME")],
    file: Annotated[Path, typer.Option(help="密码文件 · the password file")] = Path("data/passwords.txt"),
) -> None:
    """设置网页登录的密码 · set a password for the web chat."""
    from .web.login import set_password

    password = typer.prompt("密码 (password)", hide_input=True, confirmation_prompt=True, err=True)
    set_password(file, name, password)
    _say(f"已写入 {file}；请用 baowen chat --passwords {file}")


@app.command()
def feedback(
    liked: Annotated[bool, typer.Option("--liked", help="只要点了赞的 · only those that were liked")] = False,
) -> None:
    """导出读者的评价，每行一个问题，可供 baowen eval · export what readers thought, a question a line."""
    from index.config import Settings

    from .web.history import History, as_question

    for turn in History(Settings.load().history).rated():
        if turn.liked or not liked:
            _print_json(as_question(turn))


@app.command(context_settings={"ignore_unknown_options": True})  # an answer's id may begin with -
def forget(
    name: Annotated[
        str, typer.Argument(help="用户名，或此人任一回答的编号 · user name, or id of an answer", metavar="NAME")
    ],
) -> None:
    """抹去一个人问过的、得到的和评价过的 · erase what somebody asked, was answered and thought of it.

    没有登录的读者没有用户名：用其任一回答的分享链接 /answers/编号 末尾的编号。
    Readers without a login have no name: give the id at the end of the link to one of their answers.
    """
    from index.config import Settings

    from .web.history import History

    path = Settings.load().history
    if not path.is_file():
        raise BaowenError(f"没有历史文件 {path} (no history); 请查配置 history")
    history = History(path)
    try:
        shared = history.turn(name)
        gone = history.forget(shared.person if shared else name)
    finally:
        history.close()
    if not gone:
        raise BaowenError(f"历史 {path} 里没有 {name} (nothing of theirs in the history)")
    _say(f"已抹去 {gone} 条问答 (erased)")


@app.command()
def info(archive: Folder = None, as_json: AsJson = False) -> None:
    """列出馆藏的快照和本机的读入速度 · list the archive's snapshots and how fast models read here."""
    from index.config import Settings
    from index.maintenance import describe

    from .generation.speed import reading_speeds

    speeds = reading_speeds(Settings.load().cache)
    for snapshot in describe(_folder(archive)):
        if as_json:
            _print_json(snapshot | {"reading_speed": speeds})
        else:
            mark = "*" if snapshot["current"] else " "
            _say(f"{mark} " + "  ".join(f"{key}={value}" for key, value in snapshot.items() if key != "current"))
    if not as_json:
        for model, speed in speeds.items():
            _say(f"{model}：每秒读 {speed:.0f} 个词元 (tokens a second)")


@app.command()
def verify(archive: Folder = None, as_json: AsJson = False) -> None:
    """核对当前快照 · check the current snapshot."""
    from index.config import Settings
    from index.embedder import LazyEmbedder
    from index.maintenance import verify as verify_archive

    report = verify_archive(_folder(archive), LazyEmbedder(Settings.load()))
    if as_json:
        _print_json(report)
    else:
        _say(f"完好：{report['articles']} 篇、{report['passages']} 段，抽查重算 {report['embedded_again']} 段")


@app.command()
def rollback(archive: Folder = None) -> None:
    """回到上一个快照 · go back to the previous snapshot."""
    from index.snapshots import ArchiveFolder

    folder = ArchiveFolder(_folder(archive))
    with folder.writing():
        _say(f"现在使用快照 {folder.rollback().name}")


@app.command(name="eval")
def evaluate(
    file: Annotated[Path, typer.Argument(help="问题集 · questions, JSONL", metavar="FILE.jsonl")],
    archive: Folder = None,
    answers: Annotated[bool, typer.Option("--answers", help="也给回答打分（慢）· score answers too (slow)")] = False,
    as_json: AsJson = False,
) -> None:
    """用问题集打分 · score retrieval, and answers, on a set of questions."""
    from .evaluation import evaluate as run
    from .evaluation import read_questions

    scores = run(_open(archive), read_questions(file), with_answers=answers)
    if as_json:
        _print_json(scores)
    else:
        legs = scores.pop("legs")
        _say(" " * 8 + "".join(f"{metric:>22}" for metric in legs["fused"]))
        for leg, measured in legs.items():
            cells = [f"{s['mean']:.3f} ({s['low']:.3f}–{s['high']:.3f})" for s in measured.values()]
            _say(f"{leg:8}" + "".join(f"{cell:>22}" for cell in cells))
        for name, value in scores.items():
            if name not in legs["fused"]:
                _say(f"{name:16} {value:.4f}" if isinstance(value, float) else f"{name:16} {value}")


@app.command()
def fetch(
    url: Annotated[str, typer.Argument(help="某天某一版的地址 · address of a page of any day", metavar="URL")],
    since: Annotated[datetime | None, typer.Option(help="起始日期 · first date", formats=["%Y-%m-%d"])] = None,
    until: Annotated[datetime | None, typer.Option(help="截止日期 · last date", formats=["%Y-%m-%d"])] = None,
    to: Annotated[Path, typer.Option(help="存到这里 · folder to keep it in")] = Path("issues"),
    rate: Annotated[float, typer.Option(min=0.01, max=5, help="每秒最多请求几次 · requests a second at most")] = 1,
    limit: Annotated[int, typer.Option(min=1, help="最多请求几次 · requests at most")] = 2000,
) -> None:
    """从网上取数字报，供 build 读 · fetch an e-paper's editions for build to read."""
    from index.fetching import fetch as fetch_editions

    if since and until and since > until:
        raise typer.BadParameter("--since 晚于 --until (is after it)")
    given = fetch_editions(url, to, since and since.date(), until and until.date(), rate=rate, limit=limit)
    _say(f"{given}；存在 {to}，可运行 baowen build {to}")


class _OneLine(logging.Formatter):
    """A message in one line that a terminal shows and does not obey, whatever a file is called; errors as usual."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802
        """The message."""
        return harmless(record.message)


def main() -> None:
    """Run the command; a problem the user can mend is one line on standard error and exit status 1."""
    to_terminal = logging.StreamHandler()
    to_terminal.setFormatter(_OneLine())
    logging.basicConfig(level=logging.INFO, handlers=[to_terminal])
    for noisy in ("httpx", "sentence_transformers", "transformers", "pdfminer", "chardet"):
        logging.getLogger(noisy).setLevel(logging.ERROR)
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    status = 0
    try:
        status = app(standalone_mode=False) or 0  # Typer returns the status of what it ended itself: 130 for Ctrl-C
        if status == _INTERRUPTED:
            raise KeyboardInterrupt
    except BaowenError as error:
        sys.stderr.write(f"错误：{harmless(str(error))}\n")
        status = 1
    except typer.Exit as request:
        status = request.exit_code
    except (KeyboardInterrupt, typer.Abort):
        sys.stderr.write("\n已中断 (interrupted)\n")
        status = _INTERRUPTED
    except BrokenPipeError:
        sys.stderr.close()
    except Exception as error:
        status = _usage_error(error)
    sys.exit(status)


def _usage_error(error: Exception) -> int:
    """Show a wrong usage as click does, with status 2; anything else as one line, with status 1."""
    show = getattr(error, "show", None)
    if show is not None:
        show()
        return int(getattr(error, "exit_code", 2))
    log.debug("unexpected", exc_info=error)
    reason = harmless(" ".join(str(error).split()))[:300]
    sys.stderr.write(
        f"错误：{type(error).__name__}: {reason}（意外错误，馆藏没有改动；请把这一行连同命令报告给我们）\n"
    )
    return 1


def _build(
    sources: list[Path],
    archive: Path | None,
    as_json: bool,
    *,
    keep_others: bool,
    check: Path | None = None,
    min_hit5: float = 0.9,
) -> Report:
    from index.build import build as build_archive
    from index.config import Settings
    from index.embedder import LazyEmbedder
    from index.sources import lower_priority

    lower_priority()
    settings = Settings.load()
    embedder = LazyEmbedder(settings)
    gate = None
    if check is not None:
        from .evaluation import hit5_gate, read_questions

        gate = hit5_gate(read_questions(check), embedder, settings, min_hit5)
    report = build_archive(
        sources, archive or settings.archive, embedder, settings.passages, keep_others=keep_others, gate=gate
    )
    _warn(report.notes)
    if as_json:
        _print_json(report.as_dict())
    else:
        _say(str(report))
    return report


def _open(archive: Path | None) -> Any:
    from .archive import Archive

    return Archive.open(_folder(archive))


def _folder(archive: Path | None) -> Path:
    from index.config import Settings

    return archive or Settings.load().archive


def _say_narrowing(narrowing: Any) -> None:
    if narrowing is not None:
        named = narrowing.since or narrowing.until
        dates = f"{narrowing.since or ''} 至 {narrowing.until or ''}".strip() if named else ""
        page = f"第{narrowing.page}版" if narrowing.page is not None else ""
        note = f"按问题里的“{narrowing.phrase}”只查 (searching only) {dates}{page}；加 --any-date 则全查"
        typer.echo(note, err=True)


def _place(article: Any) -> str:
    parts = [article.paper, article.date, f"第{article.page}版" if article.page else ""]
    where = " ".join(part for part in parts if part)
    return harmless(f"《{article.title}》{where} ({article.id})")


def _explain(issue: Any, *, as_json: bool) -> None:
    """Every piece of every page: its line, what it was taken for, and why."""
    for source, fields in issue.fields.items():
        if as_json:
            _print_json({"source": source, "fields": fields})
        else:
            _say(f"== {source}  {' '.join(f'{ours}={theirs}' for ours, theirs in fields.items())}")
    for page in issue.pages:
        if not as_json:
            found = "、".join(f"{name}: {origin}" for name, origin in page.facts.origins)
            _say(f"== {page.source}  date={page.facts.date} page={page.facts.page} paper={page.facts.paper}  ({found})")
        for segment in page.ledger:
            if as_json:
                _print_json({"source": page.source, **vars(segment)})
            else:
                _say(f"{segment.line:5}  {segment.role:13} {segment.text[:60]}  ← {segment.why}")


def _print_article(article: Any) -> None:
    _say(f"== {article.title or '（无题）'}  {article.id}")
    for name in ("kicker", "subtitle", "section", "date", "pages", "reporters", "correspondents", "photographers"):
        if value := getattr(article, name):
            _say(f"   {name}: {' '.join(map(str, value)) if isinstance(value, tuple) else value}")
    for paragraph in article.paragraphs:
        _say(f"   　　{paragraph}")
    _say("")


def _print_json(value: dict[str, Any]) -> None:
    print(json.dumps(value, ensure_ascii=False))


def _say(text: str) -> None:
    print(visible(text))


def _warn(notes: Iterable[str]) -> None:
    for note in notes:
        log.warning("%s", note)
