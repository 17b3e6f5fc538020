"""``baowen correct``."""

import json

from ..conftest import ISSUES

ID = "issues/2025-04-18/03.md#2"


def listed(run, *more):
    return [json.loads(line) for line in run("correct", "--list", "--json", *more)[1].splitlines()]


def test_a_text_is_corrected_found_withdrawn_and_stays_so_over_a_rollback(run, tmp_path):
    run("build", ISSUES)
    body = next(
        a["article"]["body"]
        for a in map(json.loads, run("search", "塔吊 绣花姑娘", "-k", 20, "--json")[1].splitlines())
        if a["article"]["id"] == ID
    )
    word = body[:8]
    status, out, err = run("correct", ID, word, "改后的文字", "--who", "甲", "--later")
    assert (status, err) == (0, "")
    assert "未发布" in out
    assert [c["published"] for c in listed(run)] == [False]
    assert "发布了 1 篇" in run("correct", "--publish")[1]
    assert [(c["who"], c["state"], c["published"]) for c in listed(run)] == [("甲", "in force", True)]

    (tmp_path / "more.jsonl").write_text('{"id": "7", "text": "植物园的郁金香开了。"}\n', encoding="utf-8")
    run("add", tmp_path / "more.jsonl")
    assert "000001.000001" in run("rollback")[1]
    assert listed(run)[0]["published"] is True

    assert run("correct", "--withdraw", 1, "--who", "乙")[0] == 0
    assert [(c["state"], c["published"]) for c in listed(run)] == [("withdrawn", False)]
    assert run("correct", "--review")[1] == ""


def test_what_cannot_be_corrected_is_one_sentence(run):
    run("build", ISSUES)
    for arguments, said in (
        (("没有", "甲", "乙"), "no such article"),
        ((ID, "没有的话", "乙"), "not in the article"),
        ((), "请给出编号"),
        (("--withdraw", 9), "没有编号为 9"),
    ):
        status, out, err = run("correct", *arguments)
        assert (status, out, err.count("\n")) == (1, "", 1)
        assert said in err
