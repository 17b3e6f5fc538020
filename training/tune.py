"""Train the adapter of the packaged language model, ``rag/llm/adapter.npz``.

Run: ``python -m training.tune DATA 1 first.npz``, then ``python -m training.tune DATA 2 OUT.npz --start first.npz``.
Each takes an hour on two cores with AMX and needs the extra ``training``. The lessons' data was written by hand for a
number of news articles: questions that the article answers, with a right and a wrong answer; questions on its matter
that it does not answer, with what a careless reader would say; and pairs of true and false claims in the same words.
The model learns to write the right answers, and to answer the yes-or-no questions of ``rag/generation/self_check.py``.
"""

from __future__ import annotations

import argparse
import json
import math
import random
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import torch
from peft import LoraConfig, PeftModel, get_peft_model
from sklearn.metrics import roc_auc_score
from transformers import AutoModelForCausalLM, AutoTokenizer

from benchmarks.data import read_jsonl
from index.article import Article
from index.config import Settings
from index.models.packaged import packaged_file, packaged_name
from rag.generation.context import context
from rag.generation.drafting import messages
from rag.generation.self_check import SelfCheck, agrees, fits, has
from rag.llm import ChatMessage
from rag.llm.adapter import gguf_name
from rag.llm.transformers import converted
from rag.query import division, rewriting
from rag.results import Passage

from .tree import Tree

_READ = 1000  # characters of an article
_FROM_LAYER, _RANK, _SCALE = 10, 8, 2.0
_WARM_UP = 20  # articles
_MATRICES = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
_TOGETHER = 12  # questions without articles of one step, whose prompts begin alike
_PACKED = ("rewrites", "divisions")
_TASKS = ("told", *_PACKED, "claims")
_HELD_PACKS = 4  # of each kind, for evaluation

Written = dict[str, Any]


@dataclass(frozen=True)
class Lesson:
    """The data of a lesson, with the numbers of questions and claims drawn at random from each article.

    ``drafts``: the share of drafts that are used for judging. ``held_out``: the number of articles for evaluation.
    ``share``: the part of the entries that is used, by their first task, if it is not all of them.
    """

    files: tuple[str, ...]
    rate: float
    told: int
    untold: int
    claims: int
    drafts: float
    held_out: int
    claims_alone: int = 0
    share: Mapping[str, float] = field(default_factory=dict)


_LESSONS = {
    1: Lesson(
        ("questions", "claims"), 2e-4, 4, 3, claims=2, drafts=0.4, held_out=16, claims_alone=5,
        share={"claims": 0.3},
    ),
    2: Lesson(("lesson2",), 1e-4, 3, 2, claims=4, drafts=0.5, held_out=8),
    3: Lesson(("lesson3",), 1e-4, 4, 1, claims=3, drafts=0.7, held_out=8),
    4: Lesson(("lesson3", "rewrites"), 1e-4, 4, 1, claims=3, drafts=0.7, held_out=8, share={"told": 0.5}),
    5: Lesson(
        ("lesson3", "rewrites", "divisions"), 1e-4, 4, 1, claims=3, drafts=0.7, held_out=8,
        share={"told": 0.12, "rewrites": 0.2},
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Example:
    """A chat with the right reply and, for yes or no, the other one. ``label``: whether the right reply is yes."""

    task: str
    chat: list[ChatMessage]
    reply: str
    other: str = ""
    label: bool = True


@dataclass(frozen=True)
class Packed:
    """The examples of an article as a tree; ``targets``: each example, its nodes, and the tokens to predict there."""

    tree: Tree
    targets: Sequence[tuple[Example, list[int], list[int]]]


def read_written(lesson: Lesson) -> list[Written]:
    """Read the hand-written data of a lesson, one entry per article; questions without articles are put together."""
    files = (resources.files(__package__).joinpath(f"{name}.jsonl") for name in lesson.files)
    written = [json.loads(line) for file in files for line in file.read_text(encoding="utf-8").splitlines()]
    about = [one for one in written if "question" not in one]
    return [
        *about,
        *_packs("rewrites", [w for w in written if "alone" in w]),
        *_packs("divisions", [w for w in written if "kind" in w]),
    ]


def _packs(task: str, written: Sequence[Written]) -> Iterator[Written]:
    for start in range(0, len(written), _TOGETHER):
        pack = written[start : start + _TOGETHER]
        yield {"id": pack[0].get("id", f"{task}-{start}"), task: pack}


def some(written: Written, lesson: Lesson, rng: random.Random) -> Written:
    """Draw the part of an article's data that is used in one step."""

    def drawn(key: str, most: int) -> list[Any]:
        own = written.get(key, [])
        return rng.sample(own, min(most, len(own)))

    claims = lesson.claims if written.get("told") else lesson.claims_alone
    limits = {"told": lesson.told, "untold": lesson.untold, "claims": claims, **dict.fromkeys(_PACKED, _TOGETHER)}
    return {"id": written["id"]} | {key: drawn(key, most) for key, most in limits.items()}


def examples(written: Mapping[str, Any], read: str, drafts: float, rng: random.Random) -> Iterator[Example]:
    """Yield the examples of an article.

    Args:
        written: the article's hand-written data.
        read: the article as the model's context.
        drafts: the share of drafts that are used for judging.
    """
    for told in written.get("told", []):
        yield Example("draft", messages(told["q"], read), told["right"])
        yield _yes_or_no(has(told["q"], read), True)
        for draft, label in ((told["right"], True), (told["wrong"], False), *told.get("drafts", ())):
            if rng.random() < drafts:
                yield _yes_or_no(fits(told["q"], read, draft), label)
    for untold in written.get("untold", []):
        yield _yes_or_no(has(untold["q"], read), False)
        if rng.random() < drafts:
            yield _yes_or_no(fits(untold["q"], read, untold["wrong"]), False)
    for claim in written.get("claims", []):
        yield _yes_or_no(agrees(claim["true"], read), True)
        yield _yes_or_no(agrees(claim["false"], read), False)
    for asked in written.get("rewrites", []):
        history = [(question, answer) for question, answer in asked["history"]]
        chat = rewriting.messages(asked["question"], history)
        yield Example("rewrite", chat, f"{rewriting.REWRITTEN}{asked['alone']}")
    for asked in written.get("divisions", []):
        yield Example("divide", division.messages(asked["question"]), _division(asked))


def _division(asked: Written) -> str:
    if asked["kind"] == "course":
        return f"{division.COURSE}：{asked['topic']}"
    return "\n".join("：".join(part) for part in asked.get("parts", ())) or division.UNDIVIDED


def _yes_or_no(check: SelfCheck, label: bool) -> Example:
    yes, no = check.answers
    return Example(check.name, check.messages, yes if label else no, no if label else yes, label)


class Trainer:
    """The model with its adapter, and the news articles.

    Args:
        data: the folder with ``eval/news_20k.jsonl.gz``.
    """

    def __init__(self, data: Path) -> None:
        settings = Settings.load()
        self.name = settings.generator.model
        path = packaged_file(packaged_name(self.name) or "", settings.cache, settings.weights_mirror)
        folder = converted(path, settings.cache, None)
        self._tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
        bare = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.bfloat16, local_files_only=True).eval()
        layers = list(range(_FROM_LAYER, bare.config.num_hidden_layers))
        options = LoraConfig(
            r=_RANK, lora_alpha=int(_RANK * _SCALE), target_modules=_MATRICES, layers_to_transform=layers
        )
        self.model: PeftModel = get_peft_model(bare.requires_grad_(False), options, autocast_adapter_dtype=False)
        self._news = {record["id"]: record for record in read_jsonl(data / "eval" / "news_20k.jsonl.gz")}

    def packed(self, written: Written, drafts: float, rng: random.Random) -> Packed:
        """Return an article's examples, with a share of the drafts."""
        tree, read = Tree(), self._read(written["id"])
        return Packed(tree, [self._target(tree, example) for example in examples(written, read, drafts, rng)])

    def _read(self, identity: str) -> str:
        """An article as the model's context; empty for questions that are not about one."""
        if (record := self._news.get(identity)) is None:
            return ""
        body = record["text"].strip()
        article = Article(identity, "", body, date=record.get("date") or None)
        return context([Passage(body, 0.0, 0, len(body), article)], _READ)

    def _target(self, tree: Tree, example: Example) -> tuple[Example, list[int], list[int]]:
        asked = list(self._tokenizer.apply_chat_template(example.chat, add_generation_prompt=True, return_dict=False))
        reply = self._tokenizer.encode(example.reply, add_special_tokens=False)
        reply = reply[:1] if example.other else [*reply, self._tokenizer.eos_token_id]
        return example, tree.add([*asked, *reply[:-1]])[len(asked) - 1 :], reply

    def losses(self, packed: Packed) -> tuple[torch.Tensor, list[float]]:
        """Return the mean negative log-likelihood of each reply, and the log-odds of a yes (0 for other replies)."""
        tree = packed.tree
        seen = torch.from_numpy(tree.attention())
        mask = torch.zeros(seen.shape, dtype=torch.bfloat16).masked_fill(~seen, float("-inf"))[None, None]
        bare = self.model.get_base_model()
        tokens, places = torch.tensor([tree.tokens]), torch.tensor([tree.places])
        states = bare.model(input_ids=tokens, position_ids=places, attention_mask=mask, use_cache=False)
        nodes = [node for _, own, _ in packed.targets for node in own]
        logits = bare.lm_head(states.last_hidden_state[0][nodes]).float()
        wanted = torch.tensor([token for _, _, reply in packed.targets for token in reply])
        each = torch.nn.functional.cross_entropy(logits, wanted, reduction="none")
        losses, odds, at = [], [], 0
        for example, own, reply in packed.targets:
            losses.append(each[at : at + len(own)].mean())
            odds.append(self._odds(example, reply, logits[at].detach()) if example.other else 0.0)
            at += len(own)
        return torch.stack(losses), odds

    def _odds(self, example: Example, reply: list[int], logits: torch.Tensor) -> float:
        other = self._tokenizer.encode(example.other, add_special_tokens=False)[0]
        return float(logits[reply[0]] - logits[other]) * (1 if example.label else -1)

    def report(self, held: Sequence[Written]) -> None:
        """Print the losses of drafts and the ROC AUC of yes or no on held-out articles."""
        losses: defaultdict[str, list[float]] = defaultdict(list)
        odds: defaultdict[str, list[tuple[bool, float]]] = defaultdict(list)
        for written in held:
            packed = self.packed(written, 1.0, random.Random(1))
            with torch.inference_mode():
                own, yes = self.losses(packed)
            for (example, _, _), loss, value in zip(packed.targets, own.tolist(), yes, strict=True):
                losses[example.task].append(loss)
                odds[example.task].append((example.label, value))
        for task, values in losses.items():
            labels, scores = zip(*odds[task], strict=True)
            area = f", area under the curve {roc_auc_score(labels, scores):.3f}" if len(set(labels)) > 1 else ""
            print(f"  {task}: loss {np.mean(values):.3f}{area} ({len(values)})", flush=True)

    def load(self, path: Path) -> None:
        """Load a saved adapter, to continue training."""
        with np.load(path) as arrays, torch.no_grad():
            for name, a, b in self._parts():
                a.copy_(torch.from_numpy(arrays[f"{name}.a"]))
                b.copy_(torch.from_numpy(arrays[f"{name}.b"].astype(np.float32) / _SCALE))

    def save(self, path: Path) -> None:
        """Write the adapter, in half precision."""
        arrays: dict[str, Any] = {"model": np.array(self.name)}
        for name, a, b in self._parts():
            arrays[f"{name}.a"] = a.detach().float().numpy().astype(np.float16)
            arrays[f"{name}.b"] = (b.detach().float() * _SCALE).numpy().astype(np.float16)
        np.savez(path, **arrays)

    def _parts(self) -> Iterator[tuple[str, torch.Tensor, torch.Tensor]]:
        for name, module in self.model.named_modules():
            if "default" in getattr(module, "lora_A", ()):
                yield gguf_name(name), module.lora_A["default"].weight, module.lora_B["default"].weight


def _used(written: Written, lesson: Lesson, rng: random.Random) -> bool:
    share = next((lesson.share.get(task, 1.0) for task in _TASKS if written.get(task)), 1.0)
    return share == 1.0 or rng.random() < share


def train(trainer: Trainer, lesson: Lesson, most: int | None, out: Path) -> None:
    """Train on each article once, in random order; the adapter is saved every 20 articles."""
    rng = random.Random(7)
    written = read_written(lesson)
    rng.shuffle(written)
    held_of = {"told": lesson.held_out, **dict.fromkeys(_PACKED, _HELD_PACKS)}
    held = [one for task, most in held_of.items() for one in [w for w in written if w.get(task)][:most]]
    apart = {one["id"] for one in held}
    whole = [one for one in written if one["id"] not in apart]
    asked = [one for one in whole if _used(one, lesson, rng)][:most]
    trainer.report(held)
    narrow = [part for part in trainer.model.parameters() if part.requires_grad]
    full = [part.detach().float().requires_grad_() for part in narrow]  # small updates would vanish in bfloat16
    optimiser = torch.optim.AdamW(full, weight_decay=0.0, betas=(0.9, 0.98))
    for step, one in enumerate(asked, 1):
        losses, _ = trainer.losses(trainer.packed(some(one, lesson, rng), lesson.drafts, rng))
        (losses.sum() / 16).backward()  # type: ignore[no-untyped-call]
        for wide, part in zip(full, narrow, strict=True):
            wide.grad, part.grad = part.grad.float() if part.grad is not None else None, None
        torch.nn.utils.clip_grad_norm_(full, 1.0)
        falling = 0.05 + 0.95 * (1 + math.cos(math.pi * step / len(asked))) / 2
        for group in optimiser.param_groups:
            group["lr"] = lesson.rate * min(1.0, step / _WARM_UP) * falling
        optimiser.step()
        with torch.no_grad():
            for wide, part in zip(full, narrow, strict=True):
                part.copy_(wide)
        if step % 20 == 0:
            print(f"{step} of {len(asked)}: loss {losses.mean():.3f}", flush=True)
            trainer.save(out)
    trainer.save(out)
    trainer.report(held)


def main() -> None:
    """Train and save."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("lesson", type=int, choices=_LESSONS)
    parser.add_argument("out", type=Path, help="the adapter, saved during training; not the one in use")
    parser.add_argument("--start", type=Path, help="the adapter of the previous lesson")
    parser.add_argument("--most", type=int, help="number of articles, for a trial")
    options = parser.parse_args()
    torch.manual_seed(0)
    trainer = Trainer(options.data)
    if options.start:
        trainer.load(options.start)
    train(trainer, _LESSONS[options.lesson], options.most, options.out)


if __name__ == "__main__":
    main()
