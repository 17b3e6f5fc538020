"""Drawn pages come back from every format with all their articles and places; the benchmark of them goes on."""

import json
import sys
from itertools import cycle, islice

import numpy as np
import pytest

from benchmarks import scans
from benchmarks.drawn_pages import draw_page, write_pdf
from benchmarks.library_pages import write_hocr, write_mets, write_page
from benchmarks.printed_pages import placed, printed
from benchmarks.scans import Cell, Journal, Scores, scored
from index.reading import read_issue

SENTENCES = [
    "渡口昨晚添了两盏航标灯，夜航的货船不必再靠岸等天亮。",
    "青禾江南岸的夜校每周三上课，镇上一百二十六人报了名。",
    "新修的石板桥长三百二十米，两岸居民往来不再候船。",
    "粮站今年收进稻谷四千八百吨，比去年多一成。",
    "老码头的仓库改成了图书馆，星期天开到晚上九点。",
]
TITLES = ["渡口添灯夜航便利", "夜校开课百人报名", "石板新桥年内通车", "粮站收粮多一成", "老码头有了图书馆"]


def article(number):
    body = ["".join(islice(cycle(SENTENCES[number:] + SENTENCES[:number]), 2 + number % 3)) for _ in range(3)]
    return {"title": TITLES[number], "kicker": "", "subtitle": "", "reporters": [], "body": body, "pages": [3]}


@pytest.fixture(params=[False, True], ids=["horizontal", "vertical"])
def page(request):
    return draw_page([article(number) for number in range(5)], 4, vertical=request.param, seed=3)


def write(kind, page, folder):
    path = folder / {"page": "a.xml", "hocr": "a.hocr", "pdf": "a.pdf"}.get(kind, "")
    if kind == "mets":
        return write_mets(page, folder / "mets")
    {"page": write_page, "hocr": write_hocr, "pdf": write_pdf}[kind](page, path)
    return path


@pytest.mark.parametrize("kind", ["mets", "page", "hocr", "pdf"])
def test_a_page_comes_back_with_all_its_articles_and_places(tmp_path, page, kind):
    path = write(kind, page, tmp_path)
    articles = read_issue([(path, path.name)]).articles
    scores = scored(page, articles, np.eye(3))
    assert (scores.gold, scores.found, scores.titles, scores.parsed) == (5, 5, 5, 5)
    assert sum(scores.distances) == 0
    assert min(scores.overlaps) > 0.9
    for found in articles:
        spans = [(region.start, region.end) for region in found.regions if region.kind == "line"]
        assert "".join(found.body[start:end] for start, end in spans) == found.body.replace("\n", "")


@pytest.mark.parametrize("kind", ["worn", "photo"])
def test_a_printed_page_lies_where_its_matrix_says(kind):
    page = draw_page([article(0)], 2)
    page.runs, page.rules, page.photos = [], [], [(190.0, 270.0, 200.0, 280.0)]  # one dark mark
    image, place = printed(page, kind, 72, seed=1)
    dots = np.asarray(image, float)
    (across, down), middle = placed(np.array([[195 / page.width, 275 / page.height]]), place)[0], np.array(dots.shape)
    row, column = (np.array([down, across]) * middle).astype(int)
    mark = dots[row - 3 : row + 4, column - 3 : column + 4].mean()
    around = dots[row - 40 : row - 25, column - 3 : column + 4].mean()
    assert mark < around - 20


def test_the_benchmark_goes_on_where_it_was_interrupted(tmp_path, monkeypatch, capsys):
    gold = {"articles": [article(number % 5) for number in range(20)]}
    (tmp_path / "eval" / "pages_dev").mkdir(parents=True)
    (tmp_path / "eval" / "pages_dev" / "gold.jsonl").write_text(json.dumps(gold), encoding="utf-8")
    measured = []

    def measure(cell, page, number, *_):
        measured.append((str(cell), number))
        if len(measured) == 3:
            raise KeyboardInterrupt
        return Scores(1, 2, 2, 1, 1, [0.1], [0.9], ["题"], [5.0], [4.0])

    monkeypatch.setattr(scans, "measure", measure)
    monkeypatch.setattr(scans, "RESULTS", tmp_path / "scans.json")
    journal = tmp_path / "journal.jsonl"

    def run(*more):
        command = ["scans", str(tmp_path), "--kinds", "hocr", "worn", "--pdf", "1", "--scans", "2", "--dpi", "150"]
        monkeypatch.setattr(sys, "argv", [*command, "--ways", "vertical", "--journal", str(journal), *more])
        scans.main()

    with pytest.raises(KeyboardInterrupt):
        run()
    first, second, third = ("hocr vertical", 0), ("worn vertical 150 dpi", 0), ("worn vertical 150 dpi", 1)
    assert measured == [first, second, third]
    with journal.open("a", encoding="utf-8") as file:
        file.write(json.dumps({"kind": third[0], "page": 1, "reader": "another", "scores": {}}) + '\n{"kind": "cu')
    journal.write_text(journal.read_text(encoding="utf-8").rpartition("\n")[0] + "\n", encoding="utf-8")
    run("--minutes", "0")
    assert len(measured) == 3
    run()
    assert measured[3:] == [third]
    run()
    assert len(measured) == 4
    assert json.loads((tmp_path / "scans.json").read_text())["worn vertical 150 dpi"] == {
        "pages": 2,
        "articles": 4,
        "articles_f1": 0.5,
        "headline_exact": 1.0,
        "edit_distance": 0.1,
        "region_iou": 0.9,
        "seconds_a_page": 5.0,
        "core_seconds_a_page": 4.0,
    }
    run("--again")
    assert measured[4:] == [first, second, third]
    assert Journal(journal).results()["worn vertical 150 dpi"]["pages"] == 2
    assert "NOT FOUND" in capsys.readouterr().out


def test_each_kind_of_page_has_a_name_of_its_own():
    cells = [
        Cell("clean", True, 150),
        Cell("clean", True, 300),
        Cell("clean", True, 150, True),
        Cell("clean", False, 150),
    ]
    assert len({str(cell) for cell in cells}) == 4
    assert str(cells[2]) == "clean vertical 150 dpi traditional"
