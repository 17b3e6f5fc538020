"""Corrections of misread text: one place, whoever corrects it and in whatever order."""

import threading
from dataclasses import replace

import pytest

from index.article import Article, Corrected, dump_article, load_article
from index.errors import BaowenError
from index.overlay.log import Overlay
from index.overlay.names import hide
from index.overlay.places import Corrections, as_read, mark_of, stretch, stretch_of_read
from index.overlay.texts import correct, keep, statuses, withdraw
from index.regions import Box, Region, Sheet

ARTICLE = Article(
    "a#1", "渡口加开夜班", "渡囗昨起每日加开两班渡船，早晚各一班。\n船务所说，夜班开到秋牧以后为止。", date="1958-06-02"
)


class Shelf:
    """A catalogue of some articles."""

    def __init__(self, *articles):
        self.articles = articles

    def article(self, identity):
        return next((a for a in self.articles if a.id == identity), None)

    def headed(self, date, heading):
        return [a for a in self.articles if (a.date, as_read(a).heading) == (date, heading)]


@pytest.fixture
def overlay(tmp_path):
    return Overlay(tmp_path)


def now(overlay, article=ARTICLE):
    return Corrections.read(overlay).apply(as_read(article))


def states(overlay, *articles):
    return [(s.correction.number, s.state) for s in statuses(overlay, Shelf(*articles))]


def test_only_what_differs_is_replaced_and_the_original_is_kept(overlay):
    edit = correct(overlay, ARTICLE, "夜班开到秋牧以后", "夜班开到秋收以后", who="甲")
    found = now(overlay)
    assert found.body == ARTICLE.body.replace("秋牧", "秋收")
    (place,) = found.corrections
    assert (place.original, found.body[place.start : place.end], place.who, place.time) == ("牧", "收", "甲", edit.time)
    assert as_read(found) == ARTICLE


@pytest.mark.parametrize(
    ("original", "replacement", "after"),
    [
        ("两班渡船", "两班大渡船", "两班大渡船"),
        ("，早晚各一班", "", "渡船。"),
        ("渡囗", "渡", "渡昨起"),
        ("渡囗", "", "昨起"),
    ],
    ids=["put-in", "left-out", "shortened", "left-out-in-front"],
)
def test_a_place_that_was_put_in_or_left_out_can_be_shown(overlay, original, replacement, after):
    correct(overlay, ARTICLE, original, replacement, who="甲")
    found = now(overlay)
    assert after in found.body
    (place,) = found.corrections
    assert place.start < place.end
    assert place.original


@pytest.mark.parametrize(
    ("original", "replacement", "said"),
    [
        ("渡船，早晚各一班。\n船务所", "渡船。", "一段之内"),
        ("渡囗", "渡口\u202e", "一段之内"),
        ("渡囗", "口" * 501, "最多 500 字"),
        ("没有的话", "有", "没有“没有的话”"),
        ("班", "般", "不止一处"),
        ("", "有", "请给出"),
        ("渡囗", "渡囗", "原来读出的文字"),
    ],
    ids=["two-paragraphs", "control", "too-long", "not-there", "twice", "empty", "unchanged"],
)
def test_what_does_not_do_is_refused_and_not_recorded(overlay, original, replacement, said):
    with pytest.raises(BaowenError, match=said):
        correct(overlay, ARTICLE, original, replacement, who="甲")
    assert overlay.edits() == []


def test_a_paragraph_is_not_emptied(overlay):
    with pytest.raises(BaowenError, match="不能没有字"):
        correct(overlay, Article("b", "", "囗\n其余。"), "囗", "", who="甲")


def test_a_headline_is_corrected_and_found_again_under_another_id(overlay):
    read = replace(ARTICLE, title="渡囗加开夜班", kicker="船务所布告")
    correct(overlay, read, "渡囗加", "渡口加", who="甲")  # the body has no such words
    found = now(overlay, read)
    assert (found.title, found.kicker, found.body) == ("渡口加开夜班", read.kicker, read.body)
    (place,) = found.corrections
    assert (place.part, place.start, place.end, place.original) == ("title", 1, 2, "囗")
    assert as_read(found) == read == as_read(load_article(found.id, dump_article(found), found.body))
    renamed = now(overlay, replace(read, id="b#7"))
    assert renamed.title == found.title
    assert states(overlay, renamed) == [(1, "in force")]
    changed = replace(read, body=read.body + "末班照旧。")
    assert states(overlay, now(overlay, changed)) == [(1, "for review")]
    keep(overlay, Shelf(now(overlay, changed)), 1, "乙")
    assert states(overlay, now(overlay, changed)) == [(1, "withdrawn"), (2, "in force")]


def test_the_same_words_of_headline_and_body_are_told_apart(overlay):
    read = replace(ARTICLE, title="渡囗加开夜班")
    correct(overlay, read, "渡囗", "渡口", who="甲")
    correct(overlay, now(overlay, read), "渡囗", "渡口", who="甲", part="title")
    found = now(overlay, read)
    assert (found.title[:2], found.body[:2], [c.part for c in found.corrections]) == ("渡口", "渡口", ["body", "title"])
    with pytest.raises(BaowenError, match="no such part"):
        correct(overlay, read, "渡囗", "渡口", who="甲", part="byline")


def test_who_names_words_that_somebody_has_just_corrected_is_told_by_whom(overlay):
    correct(overlay, ARTICLE, "秋牧", "秋收", who="甲")
    with pytest.raises(BaowenError, match=r"甲 已于 .*“牧”更正为“收”"):
        correct(overlay, ARTICLE, "秋牧", "秋祭", who="乙")


def test_two_people_correct_two_words_of_one_line(overlay):
    correct(overlay, ARTICLE, "渡囗昨起", "渡口昨起", who="甲", start=0)
    correct(overlay, ARTICLE, "每日", "每夜", who="乙", start=ARTICLE.body.index("每日"))  # saw the page as it was
    assert now(overlay).body.startswith("渡口昨起每夜加开")
    assert [place.who for place in now(overlay).corrections] == ["甲", "乙"]


def test_who_has_not_seen_an_earlier_correction_of_the_place_is_told(overlay):
    correct(overlay, ARTICLE, "秋牧", "秋收", who="甲")
    with pytest.raises(BaowenError, match=r"甲 已于 .*“牧”更正为“收”"):
        correct(overlay, ARTICLE, "秋牧", "秋祭", who="乙", start=ARTICLE.body.index("秋牧"))
    assert len(overlay.edits()) == 1


def test_who_has_seen_it_replaces_it_and_when_withdrawn_it_is_back(overlay):
    correct(overlay, ARTICLE, "秋牧", "秋收", who="甲")
    seen = now(overlay)
    edit = correct(overlay, seen, "到秋收以后", "至秋祭以后", who="乙", start=seen.body.index("到秋收"))
    assert "开至秋祭以后" in now(overlay).body
    assert as_read(now(overlay)) == ARTICLE
    assert states(overlay, now(overlay)) == [(1, "replaced"), (2, "in force")]
    withdraw(overlay, edit.number, "乙")
    assert "开到秋收以后" in now(overlay).body
    assert states(overlay, now(overlay)) == [(1, "in force"), (2, "withdrawn")]


def test_of_two_at_the_same_moment_one_is_told(tmp_path):
    barrier, said = threading.Barrier(2), []

    class Together(Overlay):
        def add(self, *args, **details):
            barrier.wait()
            edit = super().add(*args, **details)
            barrier.wait()
            return edit

    def one(who, text):
        try:
            correct(Together(tmp_path), ARTICLE, "秋牧", text, who=who)
        except BaowenError as error:
            said.append(str(error))

    threads = [threading.Thread(target=one, args=pair) for pair in (("甲", "秋收"), ("乙", "秋祭"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ["already corrected" in text for text in said] == [True]
    assert len(Overlay(tmp_path).standing("correct text")) == 1


def test_back_to_what_was_read_is_a_withdrawal(overlay):
    correct(overlay, ARTICLE, "秋牧", "秋收", who="甲")
    with pytest.raises(BaowenError, match="--withdraw"):
        correct(overlay, now(overlay), "秋收", "秋牧", who="乙")


def test_a_changed_source_is_offered_for_review(overlay):
    correct(overlay, ARTICLE, "秋牧", "秋收", who="甲")
    elsewhere = Article(ARTICLE.id, ARTICLE.title, "来源另加一段。\n" + ARTICLE.body, date=ARTICLE.date)
    here = Article(ARTICLE.id, ARTICLE.title, ARTICLE.body.replace("秋牧以后", "秋后"), date=ARTICLE.date)
    assert "秋收" in now(overlay, elsewhere).body
    assert now(overlay, here) == here
    assert states(overlay, elsewhere) == states(overlay, here) == states(overlay) == [(1, "for review")]
    with pytest.raises(BaowenError, match="已不在文章里"):
        keep(overlay, Shelf(here), 1, "乙")
    edit = keep(overlay, Shelf(elsewhere), 1, "乙")
    assert states(overlay, elsewhere) == [(1, "withdrawn"), (edit.number, "in force")]
    assert edit.details["kept"] == 1
    with pytest.raises(BaowenError, match="没有变"):
        keep(overlay, Shelf(elsewhere), edit.number, "乙")


def test_a_place_that_is_there_twice_is_for_review(overlay):
    correct(overlay, Article("b", "", "囗一囗"), "囗一囗", "口一囗", who="甲")
    assert now(overlay, Article("b", "", "囗一囗，囗一囗。")).corrections == ()


def test_a_renamed_article_keeps_its_correction_and_another_with_its_id_has_none(overlay):
    correct(overlay, ARTICLE, "秋牧", "秋收", who="甲")
    renamed = Article("b#7", ARTICLE.title, ARTICLE.body, date=ARTICLE.date)
    other = Article(ARTICLE.id, "新闻", "另一篇文章。", date=ARTICLE.date)
    assert "秋收" in now(overlay, renamed).body
    assert now(overlay, other) == other
    assert states(overlay, other, renamed) == [(1, "in force")]
    assert mark_of(renamed) != mark_of(Article("b#7", ARTICLE.title, ARTICLE.body, date="1958-06-03"))


def test_a_correction_of_a_name_is_no_correction_of_text(overlay):
    hide(overlay, "甲", "place", "渡口")
    with pytest.raises(BaowenError, match="没有编号为 1 的文字更正"):
        withdraw(overlay, 1, "甲")


def test_regions_follow_the_corrected_text(overlay):
    line = Region("line", Box(0, 0, 1, 0.1), Sheet(), start=20, end=len(ARTICLE.body))
    correct(overlay, ARTICLE, "两班渡船", "两班大渡船", who="甲")
    placed = Article(ARTICLE.id, ARTICLE.title, ARTICLE.body, date=ARTICLE.date, regions=(line,))
    found = Corrections.read(overlay).apply(placed)
    assert found.body[found.regions[0].start : found.regions[0].end] == ARTICLE.body[20:]


def test_every_stretch_is_the_same_stretch_on_both_sides():
    article = Article(
        "a", "", "甲乙丁丁戊", corrections=(Corrected(1, 2, 4, "丙", "", ""), Corrected(2, 4, 5, "己庚", "", ""))
    )
    read = as_read(article)
    assert read.body == "甲乙丙己庚"
    for start in range(5):
        for end in range(start + 1, 6):
            part = stretch(article, start, end)
            assert stretch_of_read(article, part.read_start, part.read_end) == part
            assert (part.start, part.end) == (start, end) or "丁" in article.body[part.start : part.end]


def test_corrections_are_kept_with_the_article_and_plain_articles_are_stored_as_before():
    place = Corrected(3, 0, 1, "囗", "甲", "2031-01-01")
    article = Article("a", "题", "口", corrections=(place,))
    assert load_article("a", dump_article(article), "口") == article
    assert "corrections" not in dump_article(ARTICLE)
