"""Corrections of texts survive whatever is done to the archive; what they are about is compared with a plain model."""

import re
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from index.build import build, publish_corrections, remove
from index.config import PassageSettings, Settings
from index.errors import BaowenError
from index.maintenance import verify
from index.overlay.log import FILE
from index.overlay.places import as_read
from index.overlay.texts import correct
from index.storage.snapshots import ArchiveFolder
from rag import Archive

from ..conftest import FakeEmbedder

CUTTING = PassageSettings()
TITLE = "渡口加开夜班"
WORDS = [("秋牧", "冬藏"), ("渡囗", "埠头"), ("每曰", "隔夜")]  # what each place of the source may read
BODY = (
    "船务所的布告昨天贴在石桥东头，{0}以后夜船照开，票价不变，往来的镇民不必绕行。\n\n"
    "布告又说，{1}的灯要在天黑以前点上，由值夜的船工看守到天明，油钱由船务所出。\n\n"
    "船工们商定轮流值夜，{2}两人，遇有大风大雨便添一人，家在对岸的可以先回。"
)
OTHER = "# 夜校添设算术科\n\n夜校新添算术一科，每周三晚开课，不收学费，渡囗的船工也可以来听讲。\n"


@dataclass(frozen=True)
class Source:
    """What a file has of the article: its name, a paragraph in front, and which word stands at each place."""

    name: str = "01.md"
    front: int = 0
    words: tuple[int, ...] = (0, 0, 0)

    @property
    def text(self):
        body = BODY.format(*(WORDS[place][word] for place, word in enumerate(self.words)))
        return f"编者按，本版第{self.front}次改稿，前稿作废。\n\n{body}" if self.front else body

    @property
    def page(self):
        return f"江州晨报 2031-03-04 第1版\n\n{OTHER}\n# {TITLE}\n\n{self.text}\n"


@dataclass
class Made:
    """A correction, and the article that it was made of."""

    number: int
    place: int
    text: str
    source: Source
    withdrawn: bool = False


class World:
    """A folder with one page, its archive, and a model of what the archive should say."""

    def __init__(self, folder):
        self.folder, self.archive = folder, folder / "archive"
        self.embedder, self.made, self.count = FakeEmbedder(), [], 0
        self.file = Source()
        self.states = {}  # build → the article's source as that build has it, None where it was removed
        self.opened = None
        self.rebuild()
        self.opened = Archive.open(self.archive, Settings(embedder={"model": "fake"}))
        self.opened.embedder = self.embedder
        self.stale = self.article()

    # What is done

    def rebuild(self):
        pages = self.folder / "issues"
        shutil.rmtree(pages, ignore_errors=True)
        pages.mkdir()
        (pages / self.file.name).write_text(self.file.page, encoding="utf-8")
        build([pages], self.archive, self.embedder, CUTTING)
        self.held = self.states[self.number] = self.file

    def correct(self, place):
        self.correct_from(place, self.article())

    def correct_unseen(self, place):
        """Somebody whose page is from before: refused where the place was corrected since."""
        if self.stale and self.held and as_read(self.stale) == as_read(self.article()):
            self.correct_from(place, self.stale)

    def correct_from(self, place, seen):
        if seen is None:
            with pytest.raises(BaowenError, match="no such article"):
                self.opened.correct_text("issues/01.md#9", "甲", "乙", who="甲")
            return
        self.count += 1
        shown = self.shown(place)
        there = next(word for word in self.ever(place) if word in seen.body)
        text = f"更{self.count}正"
        at = seen.body.index(there)
        if there != shown:
            with pytest.raises(BaowenError, match=r"already corrected|withdrawn meanwhile"):
                self.record(seen, there, text, at)
            return
        edit = self.record(seen, there, text, at)
        self.made.append(Made(edit.number, place, text, self.held))
        self.publish()

    def record(self, seen, there, text, at):
        return correct(self.opened.overlay, seen, there, text, who="甲", start=at)

    def withdraw(self, place):
        if standing := self.standing(place):
            self.opened.withdraw_correction(standing[-1].number, who="乙")
            standing[-1].withdrawn = True
            self.publish()

    def keep(self, place):
        for made in [m for m in self.standing(place) if self.applies(m) and m.source.text != self.held.text]:
            edit = self.opened.keep_correction(made.number, who="乙")
            made.withdrawn = True
            self.made.append(Made(edit.number, place, made.text, self.held))
        self.publish()

    def change_here(self, place):
        words = list(self.file.words)
        words[place] = 1 - words[place]
        self.file = Source(self.file.name, self.file.front, tuple(words))

    def change_elsewhere(self, place):
        self.file = Source(self.file.name, self.file.front + 1, self.file.words)

    def rename(self, place):
        self.file = Source("A1.md" if self.file.name == "01.md" else "01.md", self.file.front, self.file.words)

    def remove(self, place):
        if article := self.article():
            remove([article.id], self.archive, self.embedder, CUTTING)
            self.held = self.states[self.number] = None

    def rollback(self, place):
        try:
            ArchiveFolder(self.archive).rollback()
        except BaowenError:
            return
        self.publish()
        self.held = self.states[self.number]

    def publish(self):
        publish_corrections(self.archive, self.embedder, CUTTING)

    # What should be

    @property
    def number(self):
        return int(re.match(r"\d+", ArchiveFolder(self.archive).require_current().name)[0])

    def article(self):
        return next((a for a in self.opened.articles(9) if a.title == TITLE), None)

    def ever(self, place):
        """Every reading that the place has had, the latest first."""
        return [m.text for m in reversed(self.made) if m.place == place] + list(WORDS[place])

    def standing(self, place):
        return [m for m in self.made if m.place == place and not m.withdrawn]

    def applies(self, made):
        if self.held is None:
            return False
        same_word = made.source.words[made.place] == self.held.words[made.place]
        return made.source.text == self.held.text or (made.source.name == self.held.name and same_word)

    def shown(self, place):
        texts = [m.text for m in self.standing(place) if self.applies(m)]
        return texts[-1] if texts else WORDS[place][self.held.words[place]]

    def state(self, made):
        if made.withdrawn:
            return "withdrawn"
        if self.held is None or made.source.text != self.held.text:
            return "for review"
        return "in force" if self.shown(made.place) == made.text else "replaced"

    # What is found

    def check(self):
        article = self.article()
        assert (article is None) == (self.held is None)
        other = next(a for a in self.opened.articles(9) if a.title != TITLE)
        assert (other.corrections, "渡囗的船工" in other.body) == ((), True)
        if article:
            read = self.held.text.replace("\n\n", "\n")
            assert as_read(article).body == read
            for place, (first, second) in enumerate(WORDS):
                read = read.replace([first, second][self.held.words[place]], self.shown(place))
            assert article.body == read
        found = {s.correction.number: (s.state, s.published) for s in self.opened.corrections()}
        assert {m.number: self.state(m) for m in self.made} == {n: state for n, (state, _) in found.items()}
        assert all(published for state, published in found.values() if state == "in force")
        for made in self.made:
            wanted = 1 if self.held and self.shown(made.place) == made.text else 0
            assert self.opened.search_all(made.text).total == wanted

    def check_whole(self):
        verify(self.archive, self.embedder)
        self.rebuild()
        again = self.folder / "again"
        again.mkdir()
        if (self.archive / FILE).is_file():
            ArchiveFolder(again)._snapshots.mkdir()
            shutil.copyfile(self.archive / FILE, again / FILE)
        build([self.folder / "issues"], again, self.embedder, CUTTING)
        fresh = Archive.open(again, Settings(embedder={"model": "fake"})).articles(9)
        assert fresh == self.opened.articles(9)


def test_a_corrected_headline_survives_renaming_and_can_be_withdrawn(tmp_path):
    world = World(tmp_path)
    edit = correct(world.opened.overlay, world.article(), "渡口", "埠口", who="甲", part="title")
    world.publish()
    world.rename(0)
    world.rebuild()
    assert [a.title for a in world.opened.articles(9) if a.corrections] == ["埠口加开夜班"]
    assert [(s.state, s.published) for s in world.opened.corrections()] == [("in force", True)]
    world.opened.withdraw_correction(edit.number, who="乙")
    world.publish()
    assert world.article().corrections == ()


STEPS = ["correct", "correct", "correct_unseen", "withdraw", "keep", "remove", "rollback"]
CHANGES = ["rebuild", "change_here", "change_elsewhere", "rename"]  # of the files, which are then built


@settings(max_examples=200, deadline=None, derandomize=True, phases=[Phase.generate])
@given(st.lists(st.tuples(st.sampled_from(STEPS + CHANGES), st.integers(0, 2)), min_size=1, max_size=8))
def test_in_whatever_order_corrections_stand_until_they_are_withdrawn(steps):
    left = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)  # an open index may still write its lock there
    with left as folder, pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr("index.storage.snapshots.fsync", lambda path: None)
        world = World(Path(folder).resolve())
        for step, place in steps:
            before = world.article()
            if step != "rebuild":
                getattr(world, step)(place)
            if step in CHANGES:
                world.rebuild()
            world.check()
            world.stale = before
        world.check_whole()
