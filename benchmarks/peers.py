"""Retrieval by a peer: ``python peers.py llama_index|haystack FOLDER``, run in the peer's environment.

``FOLDER/task.json`` contains the folder of the sentence model, articles, questions and depth. Writes
``FOLDER/found.json``: for each question, the ids of the articles found, best first.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any


def llama_index(task: dict[str, Any]) -> list[list[str]]:
    """LlamaIndex with its defaults: SentenceSplitter, in-memory vector index, cosine."""
    from llama_index.core import Document, Settings, VectorStoreIndex
    from llama_index.embeddings.huggingface import HuggingFaceEmbedding

    Settings.embed_model = HuggingFaceEmbedding(
        model_name=task["model"], query_instruction="query: ", text_instruction="passage: ", embed_batch_size=32
    )
    documents = [Document(text=a["text"], doc_id=a["id"]) for a in task["articles"]]
    retriever = VectorStoreIndex.from_documents(documents).as_retriever(similarity_top_k=task["depth"])
    return [[str(hit.node.ref_doc_id) for hit in retriever.retrieve(question)] for question in task["questions"]]


def haystack(task: dict[str, Any]) -> list[list[str]]:
    """Haystack's hybrid pipeline: DocumentSplitter, BM25 and embedding retrievers, DocumentJoiner by RRF."""
    from haystack import Document, Pipeline
    from haystack.components.embedders import SentenceTransformersDocumentEmbedder, SentenceTransformersTextEmbedder
    from haystack.components.joiners import DocumentJoiner
    from haystack.components.retrievers.in_memory import InMemoryBM25Retriever, InMemoryEmbeddingRetriever
    from haystack.document_stores.in_memory import InMemoryDocumentStore

    store = InMemoryDocumentStore(embedding_similarity_function="cosine")
    embed = SentenceTransformersDocumentEmbedder(model=task["model"], prefix="passage: ", progress_bar=False)
    documents = [
        Document(content=text, meta={"article": a["id"]}) for a in task["articles"] for text in _pieces(a["text"])
    ]
    store.write_documents(embed.run(documents)["documents"])
    pipeline = Pipeline()
    pipeline.add_component(
        "embedder", SentenceTransformersTextEmbedder(model=task["model"], prefix="query: ", progress_bar=False)
    )
    pipeline.add_component("dense", InMemoryEmbeddingRetriever(store, top_k=task["depth"]))
    pipeline.add_component("bm25", InMemoryBM25Retriever(store, top_k=task["depth"]))
    pipeline.add_component("joiner", DocumentJoiner(join_mode="reciprocal_rank_fusion", top_k=task["depth"]))
    pipeline.connect("embedder.embedding", "dense.query_embedding")
    pipeline.connect("dense", "joiner")
    pipeline.connect("bm25", "joiner")
    found = []
    for question in task["questions"]:
        answer = pipeline.run({"embedder": {"text": question}, "bm25": {"query": question}})
        found.append([document.meta["article"] for document in answer["joiner"]["documents"]])
    return found


def _pieces(text: str, length: int = 250) -> list[str]:
    """Split by characters, because Haystack's splitter counts words between spaces, which Chinese does not have."""
    return [text[start : start + length] for start in range(0, len(text), length)]


if __name__ == "__main__":
    where = Path(sys.argv[2])
    found = {"llama_index": llama_index, "haystack": haystack}[sys.argv[1]](
        json.loads((where / "task.json").read_text(encoding="utf-8"))
    )
    (where / "found.json").write_text(json.dumps(found), encoding="utf-8")
