"""Pictures of pages before they are laid out: straightened, lines cut and read, results kept."""

import numpy as np
import pytest

from index.reading import read_issue
from index.reading.formats import Options, scan
from index.reading.layout.scans import RecognisedLine
from index.reading.scanning import recogniser
from index.reading.scanning.engine import Reading
from index.reading.scanning.recogniser import Recogniser, Recognition
from index.reading.scanning.results import Results
from index.reading.scanning.standing import laid
from index.reading.scanning.straight import skew, straightened

pytest.importorskip("cv2", reason="the ocr extra is not installed")


class FakeEngine:
    """Boxes are given; a line is surely read that is dark in its upper left corner."""

    def __init__(self, boxes, *, turned=False):
        self.boxes, self.turned = boxes, turned

    def find(self, _):
        return np.array([[*box[0], *box[2]] for box in self.boxes], np.float64).reshape(-1, 4)

    def read(self, lines):
        half = [line[: len(line) // 2, : len(line) // 2] for line in lines]
        return [Reading("甲", (0.9 if corner.mean() < 200 else 0.3,)) for corner in half]

    def are_turned(self, lines):
        return [self.turned for _ in lines]


def box(left, top, right, bottom):
    return [[left, top], [right, top], [right, bottom], [left, bottom]]


def page_with(*marks, size=(200, 300)):
    picture = np.full((*size, 3), 250, np.uint8)
    for left, top, right, bottom in marks:
        picture[top:bottom, left:right] = 10
    return picture


@pytest.mark.parametrize("mark", [(21, 21, 29, 29), (32, 21, 40, 29)], ids=["standing", "lying"])
def test_tall_boxes_are_laid_down_or_turned_as_they_are_read_more_surely(mark):
    cells = [(21, top, 40, top + 18) for top in (43, 65, 87, 109)]
    (found,) = Recogniser(FakeEngine([box(19, 19, 42, 129)]))(page_with(mark, *cells)).lines
    assert found[1:] == ("甲", 0.9, (0.9,))


def test_a_box_over_two_columns_is_cut_at_the_gutter():
    ink = [(20 + 20 * n, 50, 36 + 20 * n, 66) for n in range(4)] + [
        (140 + 20 * n, 50, 156 + 20 * n, 66) for n in range(4)
    ]
    found = Recogniser(FakeEngine([box(16, 46, 222, 70)]))(page_with(*ink)).lines
    lefts = [corners[0][0] for corners, *_ in found]
    rights = [corners[1][0] for corners, *_ in found]
    assert lefts == pytest.approx([20, 140], abs=3)
    assert rights == pytest.approx([96, 216], abs=3)


def test_white_within_a_line_is_no_gutter_where_text_stands_above_and_below():
    row = [(20, 50, 76, 66), (100, 50, 216, 66)]  # a stop and a quotation mark leave as much white
    beside = [(20, top, 216, top + 16) for top in (26, 74)]
    found = Recogniser(FakeEngine([box(16, 46, 222, 70)]))(page_with(*row, *beside)).lines
    assert len(found) == 1


def column(left, *spans):
    """A vertical line of 16 dots' width: ink from one place to another."""
    return [(left, top, left + 16, bottom) for top, bottom in spans]


CHARACTERS = [(top, top + 16) for top in range(20, 180, 20)]


def test_white_beside_a_short_column_is_no_gutter():
    ink = [*column(60, (20, 80), (104, 180)), *column(84, *CHARACTERS)]  # on one side only
    found = Recogniser(FakeEngine([box(56, 16, 80, 184)]))(page_with(*ink)).lines
    assert len(found) == 1


def test_white_through_text_beside_a_column_is_a_gutter():
    ink = [mark for left in (36, 60, 84) for mark in column(left, (20, 80), (104, 180))]
    found = Recogniser(FakeEngine([box(56, 16, 80, 184)]))(page_with(*ink)).lines
    assert [round(corners[0][1]) for corners, *_ in found] == pytest.approx([18, 102], abs=2)


@pytest.mark.parametrize("beside", [[], column(84, *CHARACTERS)])
def test_a_line_that_detection_parted_at_a_mark_is_whole(beside):
    ink = [*column(60, (20, 90), (110, 180)), (61, 103, 64, 107), *beside]
    found = Recogniser(FakeEngine([box(57, 17, 79, 93), box(57, 107, 79, 183)]))(page_with(*ink)).lines
    assert len(found) == 1


@pytest.mark.parametrize(
    "between",
    [column(36, (20, 90), (110, 180)), [(30, 99, 160, 101)]],
    ids=["a gutter", "a rule"],
)
def test_lines_on_both_sides_of_a_gutter_or_a_rule_stay_two(between):
    ink = [*column(60, (20, 90), (110, 180)), *between]
    found = Recogniser(FakeEngine([box(57, 17, 79, 93), box(57, 107, 79, 183)]))(page_with(*ink)).lines
    assert len(found) == 2


def test_a_thick_box_is_trimmed_to_its_line_without_the_edge_of_the_next():
    ink = [*column(60, (20, 180)), *column(84, (20, 180))]
    (found,) = Recogniser(FakeEngine([box(52, 16, 87, 184)]))(page_with(*ink)).lines
    assert [corner[0] for corner in found[0][:2]] == pytest.approx([60, 76], abs=3)


def test_a_box_over_the_edges_of_the_lines_beside_it_is_as_thick_as_its_own():
    letters = column(60, *((top, top + 4) for top in range(20, 180, 20)))  # little ink between columns that are full
    ink = [*letters, *column(36, *CHARACTERS), *column(84, *CHARACTERS)]
    boxes = [box(33, 16, 55, 184), box(45, 16, 92, 184), box(81, 16, 103, 184)]
    found = Recogniser(FakeEngine(boxes))(page_with(*ink)).lines
    assert [round(corners[1][0] - corners[0][0]) for corners, *_ in found] == pytest.approx([18, 18, 18], abs=3)


@pytest.mark.parametrize(("mark", "end"), [((108, 114), 111), ((104, 110), 99)], ids=["cut by the box", "outside"])
def test_a_mark_at_a_line_s_end_is_the_line_s(mark, end):
    ink = [*column(60, (20, 36), (40, 56), (60, 76), (80, 96)), (70, mark[0], 73, mark[1]), (75, mark[0], 78, mark[1])]
    (found,) = Recogniser(FakeEngine([box(57, 17, 79, end)]))(page_with(*ink)).lines
    assert found[0][2][1] == pytest.approx(mark[1] + 2, abs=2)


def test_a_box_that_reaches_into_its_neighbour_loses_that_part():
    ink = [(20, 50, 100, 66), (112, 46, 220, 70)]
    found = Recogniser(FakeEngine([box(18, 48, 104, 68), box(80, 42, 224, 74)]))(page_with(*ink))
    assert [round(corners[0][0]) for corners, *_ in found.lines] == pytest.approx([18, 110], abs=4)


def test_a_page_upside_down_is_told_from_a_sample_and_its_lines_keep_their_places():
    picture = page_with((20, 60, 100, 66), (88, 50, 100, 60))  # dark in the corner that comes first when turned
    corners, _, sure, _ = Recogniser(FakeEngine([box(18, 48, 104, 68)], turned=True))(picture).lines[0]
    assert sure == 0.9
    assert corners[0] == pytest.approx([103, 67], abs=4)  # the upper left of the text is the lower right of the page


def test_rules_are_long_thin_and_alone():
    rule, text = (20, 100, 280, 102), [(20 + 12 * n, 120, 31 + 12 * n, 121) for n in range(20)]
    body = (20, 150, 280, 190)
    (found,) = Recogniser(FakeEngine([box(18, 148, 282, 192)]))(page_with(rule, body, *text[:1])).rules
    assert found[0] == pytest.approx([20, 100], abs=2)
    assert found[2] == pytest.approx([280, 102], abs=2)


@pytest.mark.parametrize("degrees", [-7.3, -2.2, -0.4, 0.0, 1.5, 3.0])
def test_a_turned_page_is_straightened_and_points_are_found_again(degrees):
    from PIL import Image

    lines = ((80, top, 80 + 50 * (9 + top % 11), top + 12) for top in range(80, 700, 25))
    drawn = Image.fromarray(page_with(*lines, size=(800, 1200)))
    turned = np.asarray(drawn.rotate(-degrees, Image.Resampling.BICUBIC, fillcolor=(250, 250, 250)))
    assert skew(turned[..., 0]) == pytest.approx(degrees, abs=0.15)
    straight, turn = straightened(turned)
    assert skew(straight[..., 0]) == 0.0
    middle = np.array([[straight.shape[1] / 2, straight.shape[0] / 2]])
    assert turn.back(middle)[0] == pytest.approx([600, 400], abs=1)


def test_a_stop_of_a_vertical_line_comes_to_where_horizontal_text_has_it():
    line = np.full((60, 20), 250, np.uint8)
    line[2:18, 2:18] = 0
    line[23:28, 13:18] = 0  # in the upper right corner of the second character's place
    line[42:58, 2:18] = 0
    cell = laid(line)[:, 20:40] < 100
    down, across = np.nonzero(cell)
    assert down.mean() > 10
    assert across.mean() < 10


def test_a_quotation_mark_stays_in_its_corner():
    line = np.full((60, 20), 250, np.uint8)
    line[2:18, 2:18] = line[42:58, 2:18] = 0
    line[22:28, 11:14] = line[22:28, 16:19] = 0
    down, _ = np.nonzero(laid(line)[:, 20:40] < 100)
    assert down.mean() < 10


def test_a_mark_at_a_vertical_line_s_end_has_a_place_of_its_own():
    line = np.full((69, 22), 250, np.uint8)
    for top in (2, 22, 42):
        line[top : top + 16, 2:20] = 0
    line[61:67, 3:7] = 0
    ink = (laid(line) < 100).any(axis=0)
    edges = np.flatnonzero(np.diff(ink.astype(int)))
    assert list(edges[1::2] - edges[::2]) == [18, 18, 18, 4]


def test_digits_of_a_vertical_line_stand_close():
    line = np.full((80, 20), 250, np.uint8)
    for top, width in ((2, 16), (22, 7), (42, 7), (62, 16)):
        line[top : top + 16, 2 : 2 + width] = 0
    ink = (laid(line) < 100).any(axis=0)
    edges = np.flatnonzero(np.diff(ink.astype(int)))
    assert list(edges[1::2] - edges[::2]) == [16, 7, 7, 16]
    assert edges[4] - edges[3] <= 3


@pytest.mark.parametrize("gap", [0, 2, 9])
def test_a_vertical_line_is_laid_down_character_by_character(gap):
    marks = [12, 14, 18, 13]  # the characters' widths
    line = np.full((len(marks) * (20 + gap), 22, 3), 250, np.uint8)
    for number, mark in enumerate(marks):
        top = number * (20 + gap) + 2
        line[top : top + 16, 1 : 1 + mark] = 0
    ink = (laid(line)[..., 0] < 100).any(axis=0)
    edges = np.flatnonzero(np.diff(ink.astype(int)))
    assert list(edges[1::2] - edges[::2]) == marks


def test_every_page_of_a_tiff_is_recognised_one_at_a_time(tmp_path, monkeypatch):
    from PIL import Image

    path = tmp_path / "a.tif"
    first, *rest = [Image.new("L", (60, 80), 10 * n) for n in range(3)]
    first.save(path, save_all=True, append_images=rest)
    seen = []

    def recognise(picture):
        seen.append(int(picture[0, 0, 0]))
        return Recognition([RecognisedLine(box(1, 2, 30, 12), "渡口昨起加开", 0.9)], [])

    monkeypatch.setattr(recogniser, "recogniser", lambda: recognise)
    monkeypatch.setattr(scan, "can_recognise", lambda: True)
    kept = tmp_path / "recognised.sqlite"
    for _ in range(2):  # the second time nothing is recognised again
        assert [page.number for page in scan.read_scan(path, Options(recognised=kept)).pages] == [1, 2, 3]
        assert seen == [0, 10, 20]
    Results(kept).keep([])
    scan.read_scan(path, Options(recognised=kept))
    assert len(seen) == 6
    assert scan.read_scan(path, Options(later=True)).waiting
    assert len(seen) == 6


def test_results_of_recognition_that_are_damaged_are_made_again(tmp_path, caplog):
    kept = tmp_path / "recognised.sqlite"
    kept.write_bytes(b"no database" * 99)
    results, picture = Results(kept), page_with((20, 50, 100, 66))
    assert results.get(picture) is None
    assert "已损坏" in caplog.text
    found = Recognition([RecognisedLine(box(1, 2, 3, 4), "渡口", 0.75, (0.9, 0.6))], [box(5, 6, 7, 8)])
    results.put(picture, "a", found)
    assert results.get(picture) == found
    assert results.get(picture[::-1]) is None


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.png", b"\x89PNG\r\n\x1a\n" + b"\0" * 40),
        ("a.jpg", b"\xff\xd8\xff\xe0 cut"),
        ("a.tif", b"II*\0\x08\0\0\0\xff\xff" + b"\xff" * 200),
        ("a.tif", b"MM\0*" + b"\0" * 30),
        ("a.png", b"GIF89a" + b"\xff" * 30),
        ("a.jp2", b"\0\0\0\x0cjP  \r\n\x87\n" + b"\0" * 40),
    ],
)
def test_broken_pictures_are_named(tmp_path, monkeypatch, name, data):
    (tmp_path / name).write_bytes(data)
    monkeypatch.setattr(scan, "can_recognise", lambda: True)
    monkeypatch.setattr(recogniser, "recogniser", lambda: lambda picture: Recognition([], []))
    (failed,) = read_issue([(tmp_path / name, name)]).failed
    assert "不是可读的图片" in failed
