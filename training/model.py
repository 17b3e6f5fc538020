"""The trained network: the packaged sentence model's encoder with four small heads, in torch."""

from __future__ import annotations

from pathlib import Path

from tokenizers import Tokenizer
from torch import Tensor, nn
from transformers import BertModel

MAX_TOKENS = 288


class PairModel(nn.Module):
    """Reads a query (a question or a statement) together with a text.

    Heads: ``answers`` (does the text answer the question), ``span`` (start and end of the answer), ``supports`` (does
    the text support the statement), ``flags`` (which tokens of the statement it does not support). All give logits.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.encoder = BertModel.from_pretrained(folder, add_pooling_layer=False, attn_implementation="sdpa")
        for part in self.encoder.modules():
            if isinstance(part, nn.Dropout):
                part.p = 0.0
        self.encoder.embeddings.word_embeddings.weight.requires_grad = False
        hidden = self.encoder.config.hidden_size
        self.heads = nn.Linear(hidden, 2)  # answers, supports; from the first token
        self.tokens = nn.Linear(hidden, 3)  # start, end, flag; for every token

    def forward(self, ids: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Return logits (batch, 2) and (batch, tokens, 3) for token ids (batch, tokens)."""
        states = self.encoder(input_ids=ids, attention_mask=mask).last_hidden_state
        return self.heads(states[:, 0]), self.tokens(states)


def load_tokenizer(folder: Path) -> Tokenizer:
    """Return the sentence model's tokenizer, for pairs of at most ``MAX_TOKENS`` tokens."""
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.enable_truncation(MAX_TOKENS, strategy="only_second")
    return tokenizer
