"""The packaged models: lines are found and read, and models that are missing or damaged are named."""

from pathlib import Path

import numpy as np
import pytest

from index.reading import read_issue
from index.reading.content.files import UnreadableFileError
from index.reading.formats import scan
from index.reading.scanning import engine, recogniser

pytest.importorskip("cv2", reason="the ocr extra is not installed")


@pytest.fixture(scope="module")
def packaged():
    if not engine.are_installed():
        pytest.skip("the ocr extra is not installed")
    return engine.PackagedEngine()


@pytest.fixture
def font():
    from PIL import ImageFont

    fonts = sorted(Path("/usr/share/fonts").rglob("NotoSerifCJK-Regular.ttc"))
    if not fonts:
        pytest.skip("no Chinese font to draw a page with (Debian: fonts-noto-cjk)")
    return ImageFont.truetype(str(fonts[0]), 30, index=2)


def drawn(text, font, size=(700, 60)):
    from PIL import Image, ImageDraw

    picture = Image.new("RGB", size, "white")
    ImageDraw.Draw(picture).text((20, 8), text, font=font, fill=0)
    return np.asarray(picture)


@pytest.mark.parametrize("text", ["渡口昨起加开三班夜船", "聽說東關橋樑廠擴編後僅剩幾臺舊車", "产量增长12.5%"])
def test_a_line_is_read_in_either_script_with_a_probability_for_each_character(packaged, font, text):
    (read,) = packaged.read([drawn(text, font)])
    assert read.text == text
    assert len(read.sure) == len(text)
    assert 0.8 < read.confidence <= 1
    turned = drawn(text, font)[::-1, ::-1]
    assert packaged.are_turned([drawn(text, font), turned]) == [False, True]


def test_lines_are_given_back_in_order_whatever_their_length(packaged, font):
    texts = ["渡口昨起加开三班夜船往来两岸", "渡口", "渡口昨起加开", *["夜船"] * 5]
    lines = [drawn(text, font, (40 + 30 * len(text), 60)) for text in texts]
    assert [read.text for read in packaged.read(lines)] == texts
    assert packaged.read([]) == []


def test_lines_are_found_where_they_stand(packaged, font):
    page = np.full((1000, 900, 3), 255, np.uint8)
    page[200:260, 100:800] = drawn("渡口昨起加开三班夜船往来两岸", font)
    page[400:460, 100:800] = drawn("居民不再候船", font)
    found = packaged.find(page)
    assert found[np.argsort(found[:, 1])] == pytest.approx(
        np.array([[120, 212, 540, 250], [120, 412, 300, 450]]), abs=12
    )
    assert len(packaged.find(np.full((1000, 900, 3), 255, np.uint8))) == 0


@pytest.mark.parametrize("shape", [(1, 1), (3, 2400), (2400, 3)])
def test_a_strip_is_not_enlarged_beyond_what_a_page_has(packaged, shape, monkeypatch):
    seen = []
    monkeypatch.setattr(engine, "_run", lambda _, pictures: seen.append(pictures.shape) or np.zeros((1, 1, 32, 32)))
    packaged.find(np.full((*shape, 3), 255, np.uint8))
    assert max(seen[0]) <= 2432


def test_a_damaged_model_is_named_with_the_line_that_installs_it(tmp_path, monkeypatch):
    from PIL import Image

    (tmp_path / "models").mkdir()
    for name in engine._MODELS:
        (tmp_path / "models" / name).write_bytes(b"other bytes")
    monkeypatch.setattr(engine, "_file", lambda name: tmp_path / "models" / name)
    recogniser.recogniser.cache_clear()
    with pytest.raises(UnreadableFileError, match=r"已损坏.*pip install --force-reinstall 'rapidocr"):
        engine.PackagedEngine()
    Image.new("L", (60, 80), 255).save(tmp_path / "a.png")
    monkeypatch.setattr(scan, "can_recognise", lambda: True)
    assert "已损坏" in read_issue([(tmp_path / "a.png", "a.png")]).failed[0]


def test_a_package_without_these_models_is_as_if_it_were_missing(tmp_path, monkeypatch):
    monkeypatch.setattr(engine, "_file", lambda name: tmp_path / name)
    assert not scan.can_recognise()
