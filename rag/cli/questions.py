"""Commands that search, answer and evaluate: search, ask, check, eval, calibrate."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from index.errors import BaowenError
from index.search.query import narrowed

from .auditing import note
from .hits import HitOptions, print_hits
from .options import AsJson, Folder, archive_folder, open_archive
from .printing import place, print_answer, print_json, say

if TYPE_CHECKING:
    from rag.results import Answer, MetadataFilter, Verdict

Since = Annotated[str | None, typer.Option(help="起始日期 · first date, e.g. 2024-07-01")]
Until = Annotated[str | None, typer.Option(help="截止日期 · last date (included)")]
QuestionArgument = Annotated[str, typer.Argument(help="问题 · the question", metavar="QUESTION")]
AsOf = Annotated[str | None, typer.Option(help="问题里的“昨天”从哪天算起 · date to take as today")]


def search(
    question: QuestionArgument,
    k: Annotated[int, typer.Option("-k", help="条数 · number of passages")] = 5,
    since: Since = None,
    until: Until = None,
    issue: Annotated[str | None, typer.Option(help="只查这一天的报纸 · only this day's issue, e.g. 2024-07-30")] = None,
    paper: Annotated[str | None, typer.Option(help="只查这种报纸 · only this newspaper")] = None,
    page: Annotated[int | None, typer.Option(help="只查这一版 · only this page")] = None,
    section: Annotated[str | None, typer.Option(help="只查这个版名 · only this section")] = None,
    reporter: Annotated[str | None, typer.Option(help="只查此人的报道 · only this reporter")] = None,
    as_of: AsOf = None,
    any_date: Annotated[
        bool, typer.Option("--any-date", help="不从问题里读日期 · ignore dates in the question")
    ] = False,
    every: Annotated[
        bool, typer.Option("--all", help="列出全部命中，用检索式 · list every hit; QUESTION is a query")
    ] = False,
    sort: Annotated[str, typer.Option(help="--all：relevance、newest、oldest")] = "relevance",
    mode: Annotated[str, typer.Option(help="--all：words 字面、meaning 语义、both")] = "words",
    facets: Annotated[
        bool, typer.Option("--facets", help="--all：最后一行给出分布 · end with a line of counts")
    ] = False,
    export: Annotated[
        str | None,
        typer.Option(
            help="--all：csv、xlsx、ris、bibtex、csl、noteexpress、gbt、txt，或 CSL 样式文件 · or a style, FILE.csl"
        ),
    ] = None,
    archive: Folder = None,
    as_json: AsJson = False,
) -> None:
    """检索段落；--all 列出全部命中 · find passages, or all hits with --all."""
    if every:
        days = f"{since or issue or ''}..{until or issue or ''}"
        fields = {"日期": days, "报名": paper, "版": page, "版名": section, "作者": reporter}
        asked = HitOptions(narrowed(question, fields), sort, mode, facets, export, as_json)
        print_hits(open_archive(archive), asked)
        return
    from rag import Filter

    where = Filter(since or issue, until or issue, paper, page, section, reporter)
    found = open_archive(archive).search(question, k, where=where, as_of=as_of, read_dates=not any_date)
    _say_narrowing(found.narrowing)
    for rank, passage in enumerate(found.passages, 1):
        if as_json:
            print_json({"rank": rank} | passage.as_dict())
        else:
            say(f"{rank}. {place(passage.article)}  [{passage.score:.4f}]\n   {passage.text}\n")


def _say_narrowing(narrowing: MetadataFilter | None) -> None:
    if narrowing is not None:
        named = narrowing.since or narrowing.until
        dates = f"{narrowing.since or ''} 至 {narrowing.until or ''}".strip() if named else ""
        page = f"第{narrowing.page}版" if narrowing.page is not None else ""
        note = f"按问题里的“{narrowing.phrase}”只查 (searching only) {dates}{page}；加 --any-date 则全查"
        typer.echo(note, err=True)


def ask(
    question: QuestionArgument,
    since: Since = None,
    until: Until = None,
    as_of: AsOf = None,
    archive: Folder = None,
    as_json: AsJson = False,
    explain: Annotated[
        bool, typer.Option("--explain", help="说明每句话怎么核对的 · show how each sentence was checked")
    ] = False,
) -> None:
    """提问，得到注明出处的回答 · answer a question with citations."""
    from rag.results import Done, Found, Token

    opened = open_archive(archive)
    for event in opened.stream(question, since=since, until=until, as_of=as_of):
        if isinstance(event, Found):
            _say_narrowing(event.narrowing)
        if isinstance(event, Token) and not as_json and sys.stderr.isatty():
            sys.stderr.write(event.text)
            sys.stderr.flush()
        if isinstance(event, Done):
            answer = event.answer
            articles = [citation.passage.article.id for citation in answer.citations]
            note("asked", question=question, snapshot=answer.snapshot, outcome=answer.kind, articles=articles)
            if as_json:
                print_json(answer.as_dict())
                continue
            if sys.stderr.isatty():
                sys.stderr.write("\n\n")
            print_answer(answer)
            if explain:
                _explain_answer(answer)


def _explain_answer(answer: Answer) -> None:
    """Print how each sentence was checked, including the model's draft if it was not used as the answer."""
    for sentence in (*answer.sentences, *([answer.draft] if answer.draft else [])):
        if sentence.verdict:
            say(_judged(sentence.verdict))
    if answer.confidence is not None:
        say(f"答得对的概率 (probability of being right): {answer.confidence:.2f}")


def _judged(verdict: Verdict) -> str:
    """A verdict as one or two lines."""
    mark = "✓ 有依据" if verdict.supported else "✗ 无依据"
    reasons = f"\n    {'；'.join(verdict.reasons)}" if verdict.reasons else ""
    return f"{mark} ({verdict.probability:.2f}) {verdict.sentence}{reasons}"


def check(
    file: Annotated[
        str, typer.Argument(help="文稿，- 为标准输入 · text to check; - for standard input", metavar="FILE|-")
    ],
    article: Annotated[
        list[str] | None, typer.Option(help="只对照这些文章 · check against these articles only")
    ] = None,
    archive: Folder = None,
    as_json: AsJson = False,
) -> None:
    """核对文稿的每一句 · check each sentence of a text against the archive."""
    text = _manuscript(file)
    for verdict in open_archive(archive).checking(text, article):
        if as_json:
            print_json(verdict.as_dict())
            continue
        say(_judged(verdict))
        for citation in verdict.citations[:1]:
            say(f"    {place(citation.passage.article)}：“{citation.quote}”")


def _manuscript(file: str) -> str:
    """Read the text to check."""
    if file == "-":
        return sys.stdin.read()
    try:
        return Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BaowenError(f"无法读取文稿 {file} (cannot read): {error}") from error


def evaluate(
    file: Annotated[Path, typer.Argument(help="问题集 · questions (JSONL)", metavar="FILE.jsonl")],
    archive: Folder = None,
    answers: Annotated[bool, typer.Option("--answers", help="也给回答打分（慢）· score answers too (slow)")] = False,
    as_json: AsJson = False,
) -> None:
    """用问题集打分 · score retrieval and answers on a set of questions."""
    from rag.evaluation.runner import evaluate as run
    from rag.evaluation.runner import read_questions

    scores = run(open_archive(archive), read_questions(file), with_answers=answers)
    if as_json:
        print_json(scores)
    else:
        retrievers = scores.pop("retrievers")
        say(" " * 8 + "".join(f"{metric:>22}" for metric in retrievers["fused"]))
        for retriever, measured in retrievers.items():
            cells = [f"{s['mean']:.3f} ({s['low']:.3f}–{s['high']:.3f})" for s in measured.values()]
            say(f"{retriever:8}" + "".join(f"{cell:>22}" for cell in cells))
        for name, value in scores.items():
            if name not in retrievers["fused"]:
                say(f"{name:16} {value:.4f}" if isinstance(value, float) else f"{name:16} {value}")


def calibrate(
    file: Annotated[Path, typer.Argument(help="问题集 · questions (JSONL)", metavar="QUESTIONS.jsonl")],
    archive: Folder = None,
    as_json: AsJson = False,
) -> None:
    """为现用的语言模型定阈值，写进 baowen.toml · fit thresholds for the language model and save them.

    问题的形式同 eval；没有 answer 的是馆藏里没有答案的。
    The questions are as for eval; one without an answer has none in the archive.
    """
    from index.config import CONFIG_FILE, Settings
    from rag.archive import Archive
    from rag.evaluation.calibration import fit, rows, undecided, write
    from rag.evaluation.runner import read_questions

    settings = Settings.load()
    opened = Archive.open(archive_folder(archive), undecided(settings))
    found = fit(rows(opened, read_questions(file)), settings)
    write(found, settings.generator.model, CONFIG_FILE)
    if as_json:
        print_json({"model": settings.generator.model, **asdict(found)})
        return
    say(
        f"已写入 {CONFIG_FILE}：answers.answered = {found.answered}，answers.quoted = {found.quoted}；"
        f"在这些问题上平均得分 (mean score on these questions) {found.before:.3f} → {found.after:.3f}"
    )
