import itertools

from hypothesis import given
from hypothesis import strategies as st

from index.text.passages import cut_passages, sentences

TEXT = st.text(st.sampled_from("甲乙丙，。！？“”…；\n a1（）"), max_size=400)


def texts(body, spans):
    return [body[span.start : span.end] for span in spans]


def test_sentences_end_at_stops_with_their_closing_quotes():
    body = "他说：“好。”然后走了！真的？\n第二段…"
    assert texts(body, sentences(body)) == ["他说：“好。”", "然后走了！", "真的？", "第二段…"]


def test_the_mark_of_a_title_ends_no_sentence():
    body = "他唱《出发！》。《没有写完！他走了。\n《家》好看！"
    assert texts(body, sentences(body)) == ["他唱《出发！》。", "《没有写完！", "他走了。", "《家》好看！"]


def test_passages_hold_whole_sentences_up_to_the_length():
    body = "一二三四。" * 10
    assert texts(body, cut_passages(body, 22, 100)) == ["一二三四。" * 4, "一二三四。" * 4, "一二三四。" * 2]


def test_only_an_over_long_sentence_is_cut_and_then_at_clauses():
    body = "短句。" + "，".join("甲" * 10 for _ in range(10)) + "。短句。"
    parts = texts(body, cut_passages(body, 40, 60))
    assert parts[0].startswith("短句。甲")
    assert all(len(part) <= 60 for part in parts)
    assert all(part.endswith(("，", "。")) for part in parts)


def test_a_five_megabyte_line_without_stops_is_cut_in_time():
    body = "字" * 5_000_000
    spans = cut_passages(body, 250, 400)
    assert max(span.end - span.start for span in spans) <= 400
    assert "".join(texts(body, spans)) == body


@given(TEXT, st.integers(20, 60))
def test_passages_cover_every_character_once_and_in_order(body, length):
    spans = cut_passages(body, length, length)
    assert all(0 <= span.start < span.end <= len(body) for span in spans)
    assert all(a.end <= b.start for a, b in itertools.pairwise(spans))
    bare = "".join("".join(texts(body, spans)).split())
    assert bare == "".join(body.split())
