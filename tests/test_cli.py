import json
import subprocess
import sys

import pytest

import baowen
from rag.alerts.kept import Kept
from rag.web.history.history import History
from tests.alerts.conftest import Press

from .conftest import ISSUES, FakeEmbedder
from .reading.libraries import alto


def test_parse_prints_one_article_a_line_with_paragraphs(run):
    status, out, _ = run("parse", ISSUES, "--json")
    articles = [json.loads(line) for line in out.splitlines()]
    assert status == 0
    assert len(articles) == 26
    assert articles[0]["title"] == "江州三年培育高技能人才一万二千名"
    assert isinstance(articles[0]["body"], list)
    assert (articles[0]["page"], articles[0]["pages"]) == (1, [1, 3])


def test_parse_gives_places_and_export_gives_them_back(run, tmp_path):
    (tmp_path / "江州日报2025-04-18第02版.xml").write_text(alto(), encoding="utf-8")
    status, out, _ = run("parse", tmp_path, "--json", "--regions")
    first = json.loads(out.splitlines()[0])
    assert (status, [region["kind"] for region in first["regions"]]) == (0, ["headline", *["line"] * 4])
    assert "regions" not in json.loads(run("parse", ISSUES, "--json")[1].splitlines()[0])
    assert run("parse", tmp_path, "--regions")[0] == 2
    run("build", tmp_path)
    status, out, _ = run("export", "jsonl")
    assert (status, len(out.splitlines())) == (0, 2)
    assert len(json.loads(out.splitlines()[0])["regions"]) == 5
    assert run("export", "alto", "--to", tmp_path / "out")[:2] == (0, f"1 个版面的 ALTO 在 {tmp_path / 'out'}\n")
    assert run("export", "iiif", "--to", tmp_path / "out")[:2] == (0, f"1 期的 IIIF 清单在 {tmp_path / 'out'}\n")
    assert run("export", "docx")[0] == 2
    status, _, error = run("export", "alto", "--until", "2000-01-01")
    assert (status, error.count("没有一篇文章记有版面位置")) == (1, 1)


def test_build_search_and_remove(run):
    status, out, _ = run("build", ISSUES, "--json")
    report = json.loads(out)
    assert status == 0
    assert set(report) >= {"added", "changed", "removed", "unchanged", "failed", "articles", "passages", "seconds"}
    assert (report["added"], report["articles"]) == (4, 26)
    status, out, _ = run("search", "灯塔守护员", "-k", 2, "--json")
    hits = [json.loads(line) for line in out.splitlines()]
    assert [hit["rank"] for hit in hits] == [1, 2]
    assert set(hits[0]) == {"rank", "score", "text", "start", "end", "article"}
    assert hits[0]["article"]["title"] == "灯塔守护员换上太阳能灯"
    status, out, _ = run("remove", hits[0]["article"]["id"])
    assert status == 0
    assert "25 篇" in out


def test_adding_what_is_not_read_adds_nothing_and_fails(run, tmp_path):
    run("build", ISSUES)
    (tmp_path / "a.csv").write_text("x")
    for _ in range(2):
        status, out, err = run("add", tmp_path / "a.csv")
        assert status == 1
        assert "新增 0、改动 0、删除 0、未变 0、失败 1 个文件" in out
        assert "新增 0 个" in err
    assert "25 篇" not in run("add", ISSUES / "2025-04-18/01.md")[1]
    assert run("add", ISSUES / "2025-04-18/01.md")[0] == 0


def test_ctrl_c_ends_a_command_with_130_and_a_word(run, monkeypatch):
    def interrupted(*arguments, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr(FakeEmbedder, "encode", interrupted)
    status, _, err = run("build", ISSUES)
    assert status == 130
    assert "已中断" in err


def test_ctrl_c_while_the_command_is_still_imported_is_no_traceback(monkeypatch, capsys):
    class Interrupting:
        def find_spec(self, name, *more):
            if name == "rag.cli":
                raise KeyboardInterrupt

    monkeypatch.delitem(sys.modules, "rag.cli")
    monkeypatch.setattr(sys, "meta_path", [Interrupting(), *sys.meta_path])
    with pytest.raises(SystemExit) as stopped:
        baowen.main()
    assert stopped.value.code == 130
    assert capsys.readouterr().err == "\n已中断 (interrupted)\n"


def test_info_verify_and_rollback(run):
    run("build", ISSUES)
    _, out, _ = run("info", "--json")
    assert json.loads(out)["articles"] == 26
    assert run("verify")[0] == 0
    status, _, err = run("rollback")
    assert status == 1
    assert "没有更早的完好快照" in err


def test_eval_scores_retrieval(run, tmp_path):
    run("build", ISSUES)
    questions = tmp_path / "questions.jsonl"
    questions.write_text('{"question": "灯塔守护员守了多少年塔", "answer": "26年"}\n', encoding="utf-8")
    status, out, _ = run("eval", questions, "--json")
    assert status == 0
    scores = json.loads(out)
    assert scores["hit@5"] == 1.0
    assert scores["retrievers"]["bm25"]["hit@5"]["mean"] == 1.0
    status, out, _ = run("eval", questions)
    assert [line.split()[0] for line in out.splitlines()] == ["hit@1", "bm25", "dense", "fused", "questions"]


def test_search_says_what_it_read_from_the_question(run):
    run("build", ISSUES)
    status, out, err = run("search", "4月18日的头版有什么新闻", "--json")
    assert status == 0
    assert "2025-04-18 至 2025-04-18第1版" in err
    assert all(1 in json.loads(line)["article"]["pages"] for line in out.splitlines())
    _, out, err = run("search", "4月18日的头版有什么新闻", "--any-date", "-k", "30", "--json")
    assert err == ""
    assert any(1 not in json.loads(line)["article"]["pages"] for line in out.splitlines())


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (["search", "问", "-k", "0"], 1, "k=0"),
        (["search", ""], 1, "问题是空的"),
        (["search", "问", "--since", "2024-13-01"], 1, "不是日期"),
        (["search", "问" * 10_000], 1, "问题太长"),
        (["search", "问", "--archive", "/"], 1, "不是报问馆藏"),
        (["build", "没有这个文件夹"], 1, "没有这个文件"),
        (["parse", "没有.md"], 1, "没有这个文件"),
        (["eval", "没有.jsonl"], 1, "无法读取问题集"),
        (["chat", "--auth", "nobody"], 1, "用户:密码"),
        (["chat", "--passwords", "没有.txt"], 1, "无法读取密码文件"),
        (["chat", "--host", "0.0.0.0", "--feed", "added"], 1, "needs a login"),
        (["ask"], 2, "Missing argument"),
        (["frobnicate"], 2, "No such command"),
        (["search", "问", "-k", "x"], 2, "-k"),
    ],
)
def test_wrong_input_is_one_clear_line_and_the_right_status(run, arguments, status, message):
    run("build", ISSUES)
    code, out, err = run(*arguments)
    assert code == status
    assert message in err
    assert "Traceback" not in err
    assert out == ""


def test_a_password_is_asked_for_and_kept_hashed(run, monkeypatch, tmp_path):
    monkeypatch.setattr("typer.prompt", lambda *_, **__: "correct horse")
    status, out, _ = run("passwd", "小王", "--file", tmp_path / "p.txt")
    assert (status, "--passwords" in out) == (0, True)
    assert (tmp_path / "p.txt").read_text(encoding="utf-8").startswith("小王:$2b$")
    assert run("passwd", "小 王", "--file", tmp_path / "p.txt")[0] == 1


def test_what_readers_thought_becomes_questions(run, monkeypatch, tmp_path):
    monkeypatch.setenv("BAOWEN_HISTORY", str(tmp_path / "history.sqlite"))
    history = History(tmp_path / "history.sqlite")
    answer = {"answer": "26年[1]。", "citations": [{"passage": {"article": {"id": "a"}}}]}
    turns = [history.add("甲", "c", question, answer) for question in ("守了多少年？", "谁？", "没人评")]
    history.rate("甲", turns[0].id, True)
    history.rate("甲", turns[1].id, False, "引文不对")
    lines = [json.loads(line) for line in run("feedback")[1].splitlines()]
    assert [line["question"] for line in lines] == ["守了多少年？", "谁？"]
    assert lines[0]["article_ids"] == ["a"]
    assert len(run("feedback", "--liked")[1].splitlines()) == 1


def test_somebody_is_forgotten_without_a_trace_while_the_server_runs(run, monkeypatch, tmp_path):
    path = tmp_path / "history.sqlite"
    monkeypatch.setenv("BAOWEN_HISTORY", str(path))
    history = History(path)  # the server's
    answer = {"answer": "二十六年", "citations": []}
    asked = {who: history.add(who, "c", f"{who}问的秘密", answer) for who in ("甲", "乙", "丙")}
    history.rate("甲", asked["甲"].id, False, "甲的评语")
    assert (path.stat().st_mode & 0o777) == 0o600
    assert run("forget", "甲")[0] == 0
    assert run("forget", asked["乙"].id)[0] == 0  # who has no login is known by an answer
    left = b"".join(file.read_bytes() for file in tmp_path.glob("history.sqlite*"))
    assert [text.encode() in left for text in ("甲问的秘密", "甲的评语", "乙问的秘密", "丙问的秘密")] == [False] * 3 + [
        True
    ]
    assert history.turns("甲", "c") == []
    assert len(history.turns("丙", "c")) == 1
    status, _, error = run("forget", "甲")
    assert status == 1
    assert "nothing of theirs" in error


def test_an_answers_id_may_begin_with_a_dash(run, monkeypatch, tmp_path):
    monkeypatch.setenv("BAOWEN_HISTORY", str(tmp_path / "history.sqlite"))
    monkeypatch.setattr("secrets.token_urlsafe", lambda size: "-k-3")
    History(tmp_path / "history.sqlite").add("甲", "c", "谁？", {"answer": "", "citations": []})
    assert run("forget", "-k-3")[0] == 0


def test_an_unknown_setting_is_named(run, monkeypatch):
    monkeypatch.setenv("BAOWEN_EMBEDER", "x")
    code, _, err = run("info")
    assert code == 1
    assert "BAOWEN_EMBEDER" in err


def test_a_value_out_of_bounds_is_named(run, monkeypatch, tmp_path):
    (tmp_path / "baowen.toml").write_text("[passages]\nlength = 5\n")
    code, _, err = run("info")
    assert code == 1
    assert "passages.length" in err


def test_the_module_is_the_command():
    done = subprocess.run([sys.executable, "-m", "rag", "--help"], capture_output=True, text=True, cwd=ISSUES.parent)
    assert done.returncode == 0
    assert "报问" in done.stdout


def test_what_people_keep_is_packed_when_asked_and_comes_back_where_asked(run, tmp_path, archive_folder, monkeypatch):
    monkeypatch.setenv("BAOWEN_KEPT", str(tmp_path / "kept.sqlite"))
    assert run("pack", archive_folder, tmp_path / "a.baowen", "--kept")[0] == 1
    Kept(tmp_path / "kept.sqlite").save("甲", Press().search_all("塔吊"))
    assert run("pack", archive_folder, tmp_path / "a.baowen", "--kept")[0] == 0
    status, out, _ = run("unpack", tmp_path / "a.baowen", tmp_path / "one")
    assert (status, "--kept 文件" in out) == (0, True)
    assert run("unpack", tmp_path / "a.baowen", tmp_path / "two", "--kept", tmp_path / "back.sqlite")[0] == 0
    assert [search.name for search in Kept(tmp_path / "back.sqlite").searches("甲")] == ["塔吊"]
