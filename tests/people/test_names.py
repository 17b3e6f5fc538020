"""Pages of names, and what people correct in them."""

import json
import random
import sys

import pytest

from index.errors import BaowenError
from index.overlay.log import Overlay
from index.overlay.names import NameEdits, hide, merge, read_names
from index.storage.current import CurrentStore
from index.storage.snapshots import ArchiveFolder
from index.storage.store import Filter
from rag import Archive, cli
from rag.people.page import name_page
from rag.people.quotations import quotations
from rag.search.counting import counted_answer
from rag.search.counting_questions import Counted

from .conftest import ARTICLES, build_named


def page(folder, name, kind=None, **more):
    return name_page(CurrentStore(folder)(), read_names(Overlay(folder)), name, kind, **more)


def test_a_page_has_reports_months_company_and_quotations(named):
    found = page(named, "彭望舒")
    assert (found.kind, found.total, found.months) == ("person", 2, {"2025-04": 2})
    assert found.appears_with["person"] == {"贺知遥": 1}
    assert found.appears_with["organisation"] == {"江州市总工会": 1, "江州总工会": 1}
    assert [report.article.id for report in found.reports] == ["b", "a"]
    assert [(q.article.id, q.text) for q in found.quotations] == [
        ("b", "报名的人比去年多一倍，教室不够用了。"),
        ("a", "夜校每周三晚上开课，不收学费。"),
    ]
    assert json.dumps(found.as_dict(), ensure_ascii=False)


def test_an_alias_is_joined_where_a_text_states_it_and_nowhere_else(named):
    found = page(named, "江州市总工会")
    assert found.aliases == {"市总": 1}
    assert [report.article.id for report in found.reports] == ["a"]  # c says 市总 and does not say whose it is
    marked = [m for s in found.reports[0].snippets for m in s.marks]
    assert len(marked) == 2


def test_nobody_is_quoted_whose_name_only_stands_near(named):
    assert page(named, "贺知遥").quotations == ()
    quoted = article_of("他走后，贺知遥没有来。“今天下雨，活动改期。”主持人说。")
    assert list(quotations(quoted, ["贺知遥"])) == []


def article_of(body):
    from index.article import Article

    return Article("x", "", body)


def test_merged_names_are_one_in_pages_queries_and_counts(named, settings):
    overlay = Overlay(named)
    [edit] = merge(overlay, "小王", "organisation", ["江州总工会"], "江州市总工会")
    found = page(named, "江州总工会")
    assert (found.name, found.total, found.merged) == ("江州市总工会", 2, ("江州总工会",))
    archive = Archive.open(named, settings)
    hits = archive.search_all("单位:江州总工会")
    assert hits.total == 2
    assert hits.facets(["organisation"])["organisation"] == {"江州市总工会": 2}
    overlay.undo(edit.number, "小李")
    assert archive.search_all("单位:江州总工会").total == 1
    assert [(e.who, e.action, e.undone) for e in overlay.edits()] == [
        ("小王", "merge name", True),
        ("小李", "undo", False),
    ]


def test_the_most_mentioned_are_counted_by_merged_names(named, settings):
    merge(Overlay(named), "小王", "organisation", ["江州总工会"], "江州市总工会")
    archive = Archive.open(named, settings)
    asked = (archive.store, Counted("most_organisation", '"夜校"'), "", Filter(), None)
    apart = counted_answer(*asked)
    assert apart.search.counts == {"江州市总工会": 1, "江州总工会": 1}
    found = counted_answer(*asked, edits=lambda: archive.name_edits)
    assert (found.search.counts, found.search.listed_total) == ({"江州市总工会": 2}, 2)
    assert [citation.passage.article.id for citation in found.citations] == ["a", "b"]


def test_what_is_no_name_has_no_page_and_no_count(named, settings):
    hide(Overlay(named), "小王", "person", "贺知遥")
    with pytest.raises(BaowenError, match="没有认出"):
        page(named, "贺知遥")
    assert Archive.open(named, settings).search_all("夜校").facets(["person"]) == {"person": {"彭望舒": 2}}


@pytest.mark.parametrize(
    ("do", "said"),
    [
        (lambda o: merge(o, "w", "person", ["彭望舒"], "彭望舒"), "已经是同一个"),
        (lambda o: merge(o, "w", "people", ["彭望舒"], "贺知遥"), "no such kind"),
        (lambda o: merge(o, "w", "person", [" "], "贺知遥"), "1 到 100"),
        (lambda o: o.undo(7, "w"), "no such correction"),
    ],
)
def test_wrong_corrections_are_refused(named, do, said):
    with pytest.raises(BaowenError, match=said):
        do(Overlay(named))
    assert not (named / "overlay.sqlite").exists() or Overlay(named).edits() == []


def test_two_people_who_take_one_correction_back(named):
    overlay = Overlay(named)
    [edit] = merge(overlay, "a", "person", ["彭望舒"], "贺知遥")
    overlay.undo(edit.number, "b")
    with pytest.raises(BaowenError, match="撤销过"):
        overlay._added("c", "undo", {}, edit.number)  # as if both had looked before either wrote


def test_a_name_that_is_markup_is_text(named):
    name = "<script>alert(1)</script>"
    merge(Overlay(named), "w", "person", [name], "彭望舒")
    assert page(named, "彭望舒").merged == (name,)


def expected_groups(log):
    """The slow way: who stands with whom after merges in order, each a set with its head."""
    groups = []  # [head, members]
    for name, into in log:
        mine = next((g for g in groups if name in g[1]), None) or [name, {name}]
        other = next((g for g in groups if into in g[1]), None) or [into, {into}]
        groups = [g for g in groups if g is not mine and g is not other]
        groups.append(mine if mine is other else [other[0], mine[1] | other[1]])
    return {head: members for head, members in groups if len(members) > 1}


def test_200_random_orders_of_merging_undoing_rebuilding_rolling_back_and_renaming(tmp_path):
    rng = random.Random(5)
    folder = build_named(tmp_path, to=tmp_path / "archive-0")
    names = ["彭望舒", "贺知遥", "彭望书", "王芳", "王方"]
    overlay, log = Overlay(folder), {}
    for order in range(200):
        for _ in range(4):
            way = rng.choice(["merge", "merge", "undo", "rename", "rollback"])
            if way == "merge":
                held = NameEdits.of(overlay.standing())
                a, b = rng.sample(names, 2)
                if held.root("person", a) != held.root("person", b):
                    [edit] = merge(overlay, "w", "person", [a], b)
                    log[edit.number] = (edit.details["name"], b)
            elif way == "undo" and log:
                number = rng.choice(sorted(log))
                overlay.undo(number, "w")
                del log[number]
            elif way == "rename":
                folder = folder.rename(tmp_path / f"archive-{order}-{rng.random()}")
                overlay = Overlay(folder)
            elif way == "rollback" and ArchiveFolder(folder).before(ArchiveFolder(folder).require_current()):
                ArchiveFolder(folder).rollback()
        if order % 20 == 0:  # a source that changed
            changed = [article | {"text": article["text"] + f"第{order}次。"} for article in ARTICLES]
            build_named(tmp_path, changed, folder)
        groups = NameEdits.of(overlay.standing()).groups("person")
        assert {group[0]: set(group) for group in groups} == expected_groups(log.values())
        if order % 20 == 0:
            totals = {name: page(folder, name, "person").total for name in ("彭望舒", "贺知遥")}
            one = any({"彭望舒", "贺知遥"} <= set(group) for group in groups)
            assert totals == ({"彭望舒": 3, "贺知遥": 3} if one else {"彭望舒": 2, "贺知遥": 2})


@pytest.fixture
def run(named, monkeypatch, capsys):
    monkeypatch.setenv("BAOWEN_EMBEDDER__MODEL", "fake")
    monkeypatch.setenv("BAOWEN_ARCHIVE", str(named))

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["baowen", *arguments])
        with pytest.raises(SystemExit) as stopped:
            cli.main()
        captured = capsys.readouterr()
        return stopped.value.code, captured.out, captured.err

    return run


def test_the_command_shows_and_corrects(run):
    status, out, _ = run("names", "彭望舒", "--json")
    assert (status, json.loads(out)["total"]) == (0, 2)
    status, out, _ = run("names", "贺知遥", "--merge", "彭望舒", "--who", "小王", "--json")
    assert (status, json.loads(out)["who"]) == (0, "小王")
    assert "3 篇报道" in run("names", "贺知遥")[1]
    assert run("names", "--undo", "1")[0] == 0
    assert [json.loads(line)["undone"] for line in run("names", "--edits", "--json")[1].splitlines()] == [True, False]
    status, out, err = run("names", "无此人")
    assert (status, out) == (1, "")
    assert "没有认出" in err
