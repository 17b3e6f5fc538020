"""Train the pair model on the examples, on the CPU in bfloat16 with float32 master weights and frozen lowest layers.

Run: ``python -m training.train EXAMPLES.jsonl OUT`` (options: ``--batch``, ``--rate``, ``--share``).
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from tokenizers import Encoding, Tokenizer
from torch import Tensor
from torch.nn import functional

from index.config import Settings
from index.models.embedder import packaged_folder
from index.models.packaged import packaged_name

from .model import PairModel, load_tokenizer

SEED = 20261128
HELD_OUT = 1500
IGNORED = -100
FROZEN = 4  # of the twelve layers, and the vocabulary; the other 8 layers and the heads are trained
# Examples of each source in one run, which takes less than an hour on two cores.
COUNTS = {
    "qa": 3600,
    "qa-deleted": 1800,
    "qa-near": 500,
    "qa-exchanged": 1200,
    "cloze": 900,
    "cloze-deleted": 350,
    "cloze-exchanged": 350,
    "claim-true": 3400,
    "claim-answer": 3200,
    "claim-edited": 2600,
    "claim-deleted": 600,
    "news-true": 2500,
    "news-false": 3600,
    "news-deleted": 400,
}


@dataclass
class Row:
    """An example as token ids and targets; ``flags``: 0 or 1 for tokens of a statement, otherwise ``IGNORED``."""

    ids: list[int]
    task: str
    label: int
    start: int
    end: int
    flags: list[int]


def encoded(example: dict[str, Any], tokenizer: Tokenizer) -> Row:
    """Return the token ids and targets of an example."""
    code: Encoding = tokenizer.encode(example["query"], example["text"])
    flags = [IGNORED] * len(code.ids)
    start = end = -1
    for place, (sequence, (left, right)) in enumerate(zip(code.sequence_ids, code.offsets, strict=True)):
        if sequence == 0 and right > left and example["task"] == "check":
            flags[place] = int(any(left < b and a < right for a, b in example["flags"]))
        if sequence == 1 and right > left and example["span"][0] >= 0:
            if left <= example["span"][0] < right:
                start = place
            if left < example["span"][1] <= right:
                end = place
    if start < 0 or end < start:
        start = end = -1
    return Row(code.ids, example["task"], example["label"], start, end, flags)


def batches(rows: list[Row], size: int, rng: random.Random) -> Iterator[list[Row]]:
    """Yield batches of rows of similar length, in random order."""
    order = list(range(len(rows)))
    rng.shuffle(order)
    pools = [order[i : i + size * 40] for i in range(0, len(order), size * 40)]
    for pool in pools:
        pool.sort(key=lambda place: len(rows[place].ids))
        chunks = [pool[i : i + size] for i in range(0, len(pool), size)]
        rng.shuffle(chunks)
        for chunk in chunks:
            yield [rows[place] for place in chunk]


def tensors(batch: list[Row]) -> tuple[Tensor, Tensor, Tensor]:
    """Return ids, mask and flags, padded."""
    width = max(len(row.ids) for row in batch)
    ids = torch.tensor([row.ids + [1] * (width - len(row.ids)) for row in batch])
    mask = torch.tensor([[1] * len(row.ids) + [0] * (width - len(row.ids)) for row in batch])
    flags = torch.tensor([row.flags + [IGNORED] * (width - len(row.ids)) for row in batch])
    return ids, mask, flags


def loss_of(model: PairModel, batch: list[Row]) -> Tensor:
    """Return the mean over the rows of the summed losses of the heads that they have targets for."""
    ids, mask, flags = tensors(batch)
    heads, tokens = model(ids, mask)
    heads, tokens = heads.float(), tokens.float()
    label = torch.tensor([float(row.label) for row in batch])
    read = torch.tensor([row.task == "read" for row in batch])
    total = torch.zeros(())
    if read.any():
        total = total + functional.binary_cross_entropy_with_logits(heads[read, 0], label[read], reduction="sum")
    if (~read).any():
        total = total + functional.binary_cross_entropy_with_logits(heads[~read, 1], label[~read], reduction="sum")
        own = flags != IGNORED
        weight = own.sum(1, keepdim=True).clamp(min=1).expand_as(flags)
        each = functional.binary_cross_entropy_with_logits(tokens[..., 2][own], flags[own].float(), reduction="none")
        total = total + 3.0 * (each / weight[own]).sum()
    spans = [place for place, row in enumerate(batch) if row.start >= 0]
    if spans:
        logits = tokens[spans].masked_fill(mask[spans].unsqueeze(-1) == 0, -1e4)
        starts = torch.tensor([batch[place].start for place in spans])
        ends = torch.tensor([batch[place].end for place in spans])
        total = total + 0.5 * functional.cross_entropy(logits[..., 0], starts, reduction="sum")
        total = total + 0.5 * functional.cross_entropy(logits[..., 1], ends, reduction="sum")
    return total / len(batch)


@torch.no_grad()
def evaluate(model: PairModel, rows: list[Row]) -> dict[str, float]:
    """Return the accuracy of the two labels and the share of exact spans."""
    model.eval()
    right = {"read": [], "check": []}
    spans = []
    for start in range(0, len(rows), 64):
        batch = rows[start : start + 64]
        ids, mask, _ = tensors(batch)
        heads, tokens = model(ids, mask)
        for place, row in enumerate(batch):
            right[row.task].append((heads[place, int(row.task == "check")] > 0).item() == bool(row.label))
            if row.start >= 0:
                logits = tokens[place, : len(row.ids)]
                spans.append(logits[:, 0].argmax().item() == row.start and logits[:, 1].argmax().item() == row.end)
    model.train()
    mean = {name: sum(values) / max(1, len(values)) for name, values in (*right.items(), ("span", spans))}
    return {name: round(value, 4) for name, value in mean.items()}


def main() -> None:
    """Train for one pass over the examples."""
    parser = argparse.ArgumentParser()
    parser.add_argument("examples", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--share", type=float, default=1.0)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--rate", type=float, default=1.5e-4)
    options = parser.parse_args()
    torch.manual_seed(SEED)
    rng = random.Random(SEED)
    settings = Settings()
    folder = packaged_folder(packaged_name("packaged:multilingual-e5-small") or "", settings.cache)
    tokenizer = load_tokenizer(folder)
    examples = [json.loads(line) for line in options.examples.open(encoding="utf-8")]
    held, examples = examples[:HELD_OUT], chosen(examples[HELD_OUT:], options.share)
    rows, held_rows = ([encoded(one, tokenizer) for one in some] for some in (examples, held))
    model = frozen(PairModel(folder)).to(torch.bfloat16)
    trained = {name: p for name, p in model.named_parameters() if p.requires_grad}
    masters = {name: p.detach().float().clone() for name, p in trained.items()}
    optimiser = torch.optim.AdamW(masters.values(), lr=options.rate, weight_decay=0.01)
    steps = -(-len(rows) // options.batch)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, options.rate, total_steps=steps + 50, pct_start=0.06)
    started, mean = time.time(), 0.0
    for step, batch in enumerate(batches(rows, options.batch, rng)):
        loss = loss_of(model, batch)
        loss.backward()
        for name, parameter in trained.items():
            masters[name].grad = None if parameter.grad is None else parameter.grad.float()
            parameter.grad = None
        torch.nn.utils.clip_grad_norm_(masters.values(), 1.0)
        optimiser.step()
        schedule.step()
        with torch.no_grad():
            for name, parameter in trained.items():
                parameter.copy_(masters[name])
        mean = 0.98 * mean + 0.02 * loss.item() if step else loss.item()
        if step % 50 == 49:
            rate = (step + 1) * options.batch / (time.time() - started)
            print(f"{step + 1}/{steps} loss {mean:.4f} {rate:.1f} pairs/s", flush=True)
        if step % 400 == 399 or step == steps - 1:
            torch.save(masters, options.out)
    print(evaluate(model, held_rows), flush=True)


def chosen(examples: list[dict[str, Any]], share: float) -> list[dict[str, Any]]:
    """Return the first examples of each source, as many as ``COUNTS`` times ``share``."""
    left = {source: round(count * share) for source, count in COUNTS.items()}
    found = []
    for example in examples:
        if left[example["source"]] > 0:
            left[example["source"]] -= 1
            found.append(example)
    return found


def frozen(model: PairModel) -> PairModel:
    """Freeze the model's vocabulary and lowest layers."""
    for part in (model.encoder.embeddings, *model.encoder.encoder.layer[:FROZEN]):
        part.requires_grad_(requires_grad=False)
    return model


if __name__ == "__main__":
    main()
