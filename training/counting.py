"""Train the network that reads counting questions.

Run: ``python -m training.counting rag/search/counting.npz``. With ``--leave WRITER`` (several may be given) the
questions of a writer are left out of the training, and how many of them are then read rightly is printed.
"""

from __future__ import annotations

import argparse
import datetime
import json
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from benchmarks.counting import Example, outcome, read_examples
from index.config import Settings
from index.models.pair import STATES_OF, OnnxPairModel
from rag.search.counting_questions import read_counting
from rag.search.counting_tagger import (
    FEATURES,
    KINDS,
    LABELS,
    NOTHING,
    TAGS,
    UNKNOWN,
    WIDTH,
    CountingTagger,
    QuestionPart,
    Tagged,
    features,
    plain,
)

_FOLDER = Path(__file__).parent
QUESTIONS = _FOLDER / "counting.jsonl"
_ABOUT_ARTICLES = ("questions.jsonl", "lesson2.jsonl")  # questions that count nothing
_OF_THOSE = 900
_SEED = 20261130
_MEMBERS = 3
_EPOCHS = 8
_BATCH = 32
_ALIKE = 16  # batches
_RATE = 2e-3
_EXCHANGED = 4  # copies of a question with other parts
_REDUCED, _EMBEDDED, _INNER, _LAYERS = 96, 48, 128, 3
_DROPPED = 0.2
_HIDDEN = 384  # of one layer of the pair model
_HIDE_IN_PARTS, _HIDE = 0.5, 0.1  # share of characters that are read as unknown ones
_DAY = datetime.date(2026, 11, 30)


@dataclass(frozen=True)
class Seen:
    """What the network is given of a question: states and features of its characters."""

    states: np.ndarray[Any, Any]
    features: np.ndarray[Any, Any]


def about_articles() -> list[Example]:
    """Questions about articles, from the lessons of the language model: they count nothing."""
    lines = [line for name in _ABOUT_ARTICLES for line in (_FOLDER / name).read_text(encoding="utf-8").splitlines()]
    questions = {one["q"] for line in lines for kind in ("told", "untold") for one in json.loads(line).get(kind, ())}
    some = random.Random(_SEED).sample(sorted(questions), _OF_THOSE)
    return [Example(question, Tagged(NOTHING, 1.0, either=False, parts=()), "articles") for question in some]


def exchanged(example: Example, others: dict[str, list[str]], random_: random.Random) -> Example:
    """The question with other topics, names and dates in the place of its own."""
    text, at, parts = "", 0, []
    for part in example.tagged.parts:
        text += example.question[at : part.start]
        group = part.label if part.label not in ("without", "headline", "body") else "topic"
        own = example.question[part.start : part.end]
        new = random_.choice(others[group]) if random_.random() < 0.85 else own
        parts.append(QuestionPart(part.label, len(text), len(text) + len(new)))
        text, at = text + new, part.end
    text += example.question[at:]
    tagged = Tagged(example.tagged.kind, 1.0, example.tagged.either, tuple(parts))
    return Example(text, tagged, example.writer)


class Network(nn.Module):
    """As ``counting_tagger.forward`` computes it."""

    def __init__(self, characters: int) -> None:
        super().__init__()
        self.states = nn.Linear(len(STATES_OF) * _HIDDEN, _REDUCED)
        self.characters = nn.Embedding(characters, _EMBEDDED)
        self.inner = nn.Linear(_REDUCED + _EMBEDDED + FEATURES, _INNER)
        self.layers = nn.ModuleList(nn.Conv1d(_INNER, _INNER, WIDTH, padding=WIDTH // 2) for _ in range(_LAYERS))
        self.kind = nn.Linear(2 * _INNER, len(KINDS))
        self.either = nn.Linear(2 * _INNER, 1)
        self.tags = nn.Linear(3 * _INNER, len(TAGS))
        self.drop = nn.Dropout(_DROPPED)

    def forward(self, states: Tensor, characters: Tensor, known: Tensor, mask: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Logits of kinds (batch, kinds), of ``either`` (batch), of tags (batch, characters, tags)."""
        x = torch.cat([self.states(self.drop(states)), self.characters(characters), known], dim=-1)
        there = mask[..., None]
        x = functional.gelu(self.inner(x), approximate="tanh") * there
        for layer in self.layers:
            around = layer(self.drop(x).transpose(1, 2)).transpose(1, 2)
            x = (x + functional.gelu(around, approximate="tanh")) * there
        most = x.masked_fill(there == 0, -1e4).amax(dim=1)
        whole = torch.cat([most, x.sum(dim=1) / mask.sum(dim=1, keepdim=True)], dim=-1)
        beside = torch.cat([x, whole[:, None].expand(-1, x.shape[1], -1)], dim=-1)
        whole = self.drop(whole)
        return self.kind(whole), self.either(whole)[:, 0], self.tags(self.drop(beside))


class Trainer:
    """Trains members on the same questions."""

    def __init__(self, examples: Sequence[Example], model: OnnxPairModel, seed: int = _SEED) -> None:
        random_ = random.Random(seed)
        others: dict[str, list[str]] = {label: [] for label in LABELS}
        outside: Counter[str] = Counter()
        for example in examples:
            inside: set[int] = set()
            for part in example.tagged.parts:
                others[part.label].append(example.question[part.start : part.end])
                inside.update(range(part.start, part.end))
            outside.update(c for at, c in enumerate(plain(example.question)) if at not in inside)
        self.characters = "".join(sorted(c for c, count in outside.items() if count >= 3))
        self._numbers = {c: number for number, c in enumerate(self.characters, UNKNOWN + 1)}
        copies = [
            exchanged(example, others, random_) if example.tagged.parts else example
            for example in examples
            for _ in range(_EXCHANGED if example.tagged.parts else 1)
        ]
        self._examples = [*examples, *copies]
        self._seen: dict[str, Seen] = {}
        for example in self._examples:
            if example.question not in self._seen:
                self._seen[example.question] = seen(example.question, model)

    def member(self, seed: int) -> Network:
        """Train one member."""
        torch.manual_seed(seed)
        random_, numbers = random.Random(seed), np.random.default_rng(seed)
        network = Network(len(self.characters) + UNKNOWN + 1)
        optimizer = torch.optim.AdamW(network.parameters(), lr=_RATE, weight_decay=0.01)
        steps = _EPOCHS * (len(self._examples) // _BATCH + 1)
        step = 0
        for _ in range(_EPOCHS):
            for given, kinds, either, tags in self._batches(random_, numbers):
                for group in optimizer.param_groups:
                    group["lr"] = _RATE * min(1.0, step / 100) * (1 - step / steps)
                found = network(*given)
                loss = functional.cross_entropy(found[0], kinds, label_smoothing=0.03)
                loss = loss + 0.3 * functional.binary_cross_entropy_with_logits(found[1], either)
                loss = loss + 4 * functional.cross_entropy(found[2].flatten(0, 1), tags.flatten(), ignore_index=-100)
                optimizer.zero_grad()
                loss.backward()  # type: ignore[no-untyped-call]
                nn.utils.clip_grad_norm_(network.parameters(), 1.0)
                optimizer.step()
                step += 1
        return network.eval()

    def _batches(self, random_: random.Random, numbers: np.random.Generator) -> Iterator[Any]:
        order = random_.sample(self._examples, len(self._examples))
        for at in range(0, len(order), _ALIKE * _BATCH):  # questions of one length together: little is padded
            order[at : at + _ALIKE * _BATCH] = sorted(order[at : at + _ALIKE * _BATCH], key=lambda e: len(e.question))
        starts = range(0, len(order), _BATCH)
        for at in random_.sample(starts, len(starts)):
            some = order[at : at + _BATCH]
            shape = (len(some), max(len(example.question) for example in some))
            states = np.zeros((*shape, len(STATES_OF) * _HIDDEN), np.float32)
            characters, known = np.zeros(shape, np.int64), np.zeros((*shape, FEATURES), np.float32)
            mask, tags = np.zeros(shape, np.float32), np.full(shape, -100)
            for row, example in enumerate(some):
                length = len(example.question)
                own, of = self._seen[example.question], tags_of(example)
                hidden = numbers.random(length) < np.where(of > 0, _HIDE_IN_PARTS, _HIDE)
                states[row, :length], known[row, :length], mask[row, :length] = own.states, own.features, 1
                ids = [self._numbers.get(c, UNKNOWN) for c in plain(example.question)]
                characters[row, :length], tags[row, :length] = np.where(hidden, UNKNOWN, ids), of
            kinds = torch.tensor([KINDS.index(example.tagged.kind) for example in some])
            either = torch.tensor([float(example.tagged.either) for example in some])
            given = [torch.from_numpy(array) for array in (states, characters, known, mask)]
            yield given, kinds, either, torch.from_numpy(tags)


def seen(question: str, model: OnnxPairModel) -> Seen:
    """What the network is given of a question."""
    text = plain(question)
    states = model.states(text)
    return Seen(states.of_characters(len(text)).astype(np.float16), features(text, states))


def tags_of(example: Example) -> np.ndarray[Any, Any]:
    """The number of each character's tag."""
    tags = np.zeros(len(example.question), np.int64)
    for part in example.tagged.parts:
        tags[part.start : part.end] = TAGS.index(f"I-{part.label}")
        tags[part.start] = TAGS.index(f"B-{part.label}")
    return tags


def packed(members: Sequence[Network], characters: str) -> dict[str, Any]:
    """The arrays of ``counting.npz``, members first."""
    states = [member.state_dict() for member in members]
    arrays = {name: np.stack([state[name].numpy().astype(np.float16) for state in states]) for name in states[0]}
    return {**arrays, "characters": np.array(characters)}


def compare(examples: Sequence[Example], tagger: CountingTagger, model: OnnxPairModel) -> Counter[str]:
    """How many are read rightly, wrongly, are left to the model, or taken though they count nothing."""
    found: Counter[str] = Counter()
    for example in examples:
        counted = read_counting(example.question, model, tagger, _DAY)
        result = outcome(example, counted, _DAY)
        found[result] += 1
        if result in ("misread", "taken", "left"):
            print(result, example.question, counted, sep="\t")
    return found


def main() -> None:
    """Train and write, or compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("target", type=Path)
    parser.add_argument("--leave", nargs="*", default=[], metavar="WRITER")
    parser.add_argument("--members", type=int, default=_MEMBERS)
    options = parser.parse_args()
    torch.set_num_threads(1)
    examples = read_examples(QUESTIONS)
    model = OnnxPairModel(Settings().cache)
    trained = [example for example in examples if example.writer not in options.leave]
    trainer = Trainer([*trained, *about_articles()], model)
    members = [trainer.member(_SEED + number) for number in range(options.members)]
    np.savez_compressed(options.target, **packed(members, trainer.characters))
    if options.leave:
        left = [example for example in examples if example.writer in options.leave]
        print(dict(compare(left, CountingTagger(options.target), model)))


if __name__ == "__main__":
    main()
