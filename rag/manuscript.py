"""Checks every sentence of a text against the archive, for manuscripts and for answers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from index.article import Article
from index.config import Settings
from index.errors import BaowenError
from index.models.embedder import Embedder
from index.models.pair import PairModel
from index.storage.store import Filter, Store
from index.text.passages import sentences

from .query.validation import check_text
from .results import Verdict
from .retrieval.hybrid import search
from .verification.checker import Attest, check
from .verification.claims import bare

_SEARCHED = 6  # passages, whose articles a sentence is compared with
_NOTHING_STATED = "这句话没有可以核对的内容"


def verdicts(
    store: Store,
    embedder: Embedder,
    pair: PairModel,
    text: str,
    articles: Sequence[str] | None,
    question: str,
    settings: Settings,
    attest: Attest | None = None,
) -> Iterator[Verdict]:
    """Yield a verdict for each sentence of ``text``.

    Raises:
        BaowenError: the text is empty, or an article of ``articles`` is not in the archive.
    """
    spans = sentences(check_text("文稿", text))
    if not spans:
        raise BaowenError("没有可核对的文字 (nothing to check)；请给出一句或一段话")
    named = None if articles is None else articles_of(store, articles)
    return (_verdict(store, embedder, pair, text[s.start : s.end], named, question, settings, attest) for s in spans)


def articles_of(store: Store, ids: Sequence[str]) -> list[Article]:
    """Return the articles with these ids.

    Raises:
        BaowenError: one of them is not in the archive, which the message names, or it is a single string.
    """
    if isinstance(ids, str):
        raise BaowenError("要给一列文章编号 (a list of ids)；一篇请写成 [编号]")
    found = []
    for identity in ids:
        article = store.catalogue.article(identity)
        if article is None:
            raise BaowenError(f"馆藏没有编号为 {identity!r} 的文章 (no such article)；编号见 baowen search --json")
        found.append(article)
    return found


def _verdict(
    store: Store,
    embedder: Embedder,
    pair: PairModel,
    sentence: str,
    named: Sequence[Article] | None,
    question: str,
    settings: Settings,
    attest: Attest | None,
) -> Verdict:
    if len(bare(sentence)) < 2:
        return Verdict(sentence, False, (_NOTHING_STATED,))
    if named is None:
        asked = f"{question} {sentence}".strip()[: settings.answers.max_question]
        found = search(store, embedder, [(asked, Filter())], _SEARCHED, settings.retrieval)[0]
        named = list({passage.article.id: passage.article for passage in found}.values())
    return check(pair, sentence, named, attest)
