"""Sentence embedders: any object with ``encode``; the default is a sentence-transformers model."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from index.config import Settings
from index.errors import BaowenError

from .devices import device_of
from .packaged import made_once, packaged_file, packaged_name

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

# Raise this when the folder made from the packaged file changes, so that old folders are rebuilt.
_FOLDER_VERSION = 1
_ON_CUDA = 16  # times as many texts at a time, or as many as its memory allows


class Embedder(Protocol):
    """Turns texts into vectors. ``name`` is recorded in every archive built with it."""

    name: str

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        ...

    def encode(self, texts: Sequence[str], *, query: bool = False) -> NDArray[np.float32]:
        """Vectors of unit length, shape (texts, dimension); ``query``: the texts are questions, not passages."""
        ...


class SentenceEmbedder:
    """A loaded sentence-transformers model.

    Args:
        batch_size: texts embedded at a time; halved for good while the memory of a CUDA device is too small for them.
    """

    def __init__(self, name: str, model: SentenceTransformer, batch_size: int = 64) -> None:
        dimension = model.get_embedding_dimension()
        if dimension is None:
            raise BaowenError(f"向量模型 {name} 没有固定的维数 (the embedder has no fixed dimension)")
        self.name = name
        self.dimension: int = dimension
        self.model = model
        self._batch_size = batch_size

    def encode(self, texts: Sequence[str], *, query: bool = False) -> NDArray[np.float32]:
        """Vectors of unit length, shape (texts, dimension), with the model's own query or document prompt."""
        if not texts:
            return np.zeros((0, self.dimension), np.float32)
        import torch

        encode = self.model.encode_query if query else self.model.encode_document
        options = {"normalize_embeddings": True, "show_progress_bar": False}
        while True:
            try:
                return np.asarray(encode(list(texts), batch_size=self._batch_size, **options), dtype=np.float32)
            except torch.OutOfMemoryError as error:
                if self._batch_size == 1:
                    raise BaowenError(f'显存不够 (out of memory): {self.name}；请设 embedder.device = "cpu"') from error
                self._batch_size //= 2
            torch.cuda.empty_cache()  # not while the error keeps what was being computed


class LazyEmbedder:
    """The configured sentence model, loaded for the first text, so that a build with nothing to do does not load it."""

    def __init__(self, settings: Settings) -> None:
        self.name = settings.embedder.model
        self._settings = settings
        self._lock = threading.Lock()
        self._loaded: Embedder | None = None

    @property
    def loaded(self) -> Embedder:
        """The model itself, local or on a server."""
        with self._lock:
            if self._loaded is None:
                self._loaded = self._load()
            return self._loaded

    def _load(self) -> Embedder:
        if self._settings.embedder.url is None:
            return load_embedder(self._settings)
        from .remote_embedder import RemoteEmbedder

        return RemoteEmbedder(self._settings.embedder)

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return self.loaded.dimension

    def encode(self, texts: Sequence[str], *, query: bool = False) -> NDArray[np.float32]:
        """Like ``SentenceEmbedder.encode``."""
        return self.loaded.encode(texts, query=query)


def load_embedder(settings: Settings) -> SentenceEmbedder:
    """Load the configured sentence model.

    The packaged model runs in ONNX Runtime on the CPU and in torch at half precision on CUDA; other models always run
    in torch. A name that is not a folder is looked up on the hub, which happens only if the user configured it.

    Raises:
        BaowenError: the model cannot be loaded, or ONNX was requested and the model has no ONNX graph.
    """
    options = settings.embedder
    name = packaged_name(options.model)
    source = str(packaged_folder(name, settings.cache, settings.weights_mirror)) if name else options.model
    device = device_of(options.device)
    graph = Path(source, "onnx", "encoder.onnx")
    if options.backend == "onnx" and not graph.is_file():
        raise BaowenError(f'{options.model} 没有 {graph} (no ONNX graph); 请设 embedder.backend = "torch"')
    use_onnx = options.backend == "onnx" or (options.backend == "auto" and device == "cpu" and graph.is_file())
    try:
        model = _load_onnx(Path(source)) if use_onnx else _load_torch(source, device)
    except (OSError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise BaowenError(f"无法加载向量模型 {options.model} (cannot load the embedder): {reason}") from error
    return SentenceEmbedder(options.model, model, options.batch_size * (_ON_CUDA if device.startswith("cuda") else 1))


def _load_torch(source: str, device: str) -> SentenceTransformer:
    import torch
    from sentence_transformers import SentenceTransformer

    dtype = torch.float16 if device.startswith("cuda") else torch.float32
    is_local = Path(source).is_dir()  # only a name that is not a folder is looked up on the hub
    return SentenceTransformer(source, device=device, model_kwargs={"dtype": dtype}, local_files_only=is_local)


def _load_onnx(folder: Path) -> SentenceTransformer:
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Normalize, Pooling

    from .e5 import MAX_TOKENS, PROMPTS
    from .onnx_encoder import OnnxEncoder

    pooling = Pooling.load(str(folder), subfolder="1_Pooling")
    modules = [OnnxEncoder(folder, MAX_TOKENS), pooling, Normalize()]
    return SentenceTransformer(modules=modules, prompts=PROMPTS, device="cpu")


def packaged_folder(name: str, cache: Path, mirror: str | None = None) -> Path:
    """The model folder, created once from the packaged file."""

    def write(folder: Path) -> None:
        from .e5 import read_e5, write_sentence_transformer
        from .e5_graph import write_onnx

        model = read_e5(packaged_file(name, cache, mirror))
        write_sentence_transformer(model, folder)
        (folder / "onnx").mkdir()
        write_onnx(model, folder / "onnx" / "encoder.onnx")

    return made_once(cache / "models" / f"{name}-v{_FOLDER_VERSION}", write)
