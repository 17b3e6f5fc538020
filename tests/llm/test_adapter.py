import gguf
import numpy as np
import pytest

from index.config import Settings
from rag.llm.adapter import Adapter, adapter, gguf_name, transformers_name

MODEL = Settings().generator.model


def test_the_packaged_model_has_one_and_no_other_has():
    own = adapter(MODEL)
    assert own.parts
    for a, b in own.parts.values():
        assert len(a) == b.shape[1]
        assert np.isfinite(a).all()
        assert np.abs(b).max() > 0
    assert adapter("packaged:qwen2.5-coder-0.5b-instruct") is None
    assert adapter("/somewhere/model.gguf") is None


def test_rows_are_those_of_the_whole_change():
    draw = np.random.default_rng(1)
    a, b = draw.normal(size=(2, 5)).astype(np.float32), draw.normal(size=(7, 2)).astype(np.float32)
    own = Adapter({"blk.0.ffn_up.weight": (a, b)}, "1")
    parts = [own.rows("blk.0.ffn_up.weight", slice(start, start + 3)) for start in (0, 3, 6)]
    assert np.allclose(np.concatenate(parts), b @ a, atol=1e-5)
    assert own.rows("blk.0.ffn_down.weight", slice(0, 3)) == 0


@pytest.mark.parametrize("name", ["blk.3.attn_q.weight", "blk.27.ffn_gate.weight", "blk.0.attn_output.weight"])
def test_names_in_transformers_lead_back(name):
    assert gguf_name(f"base_model.model.{transformers_name(name).removesuffix('.weight')}") == name


def test_llama_cpp_gets_a_file_of_the_same_numbers(tmp_path):
    a, b = np.ones((2, 5), np.float32), np.full((7, 2), 0.5, np.float32)
    Adapter({"blk.0.ffn_up.weight": (a, b)}, "1").write_gguf(tmp_path / "adapter.gguf")
    reader = gguf.GGUFReader(tmp_path / "adapter.gguf")
    tensors = {tensor.name: tensor.data for tensor in reader.tensors}
    assert np.array_equal(tensors["blk.0.ffn_up.weight.lora_a"], a)
    assert np.array_equal(tensors["blk.0.ffn_up.weight.lora_b"], b)
    assert reader.fields["adapter.lora.alpha"].contents() == 2.0  # the rank: nothing is scaled
    assert reader.fields["general.type"].contents() == "adapter"
