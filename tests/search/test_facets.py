"""Counts from the commonest values of each part of an index, against counting everything."""

import random
from collections import Counter

import pytest
import tantivy

from index.search.facets import ALL, counted


@pytest.fixture(scope="module")
def index():
    """An index of several parts, with few common and many rare names; and the names of its documents."""
    schema = tantivy.SchemaBuilder()
    schema.add_text_field("name", tokenizer_name="raw", index_option="basic", fast=True)
    schema.add_text_field("text", tokenizer_name="whitespace")
    made = tantivy.Index(schema.build())
    rng = random.Random(2)
    documents = []
    for part in range(3):
        writer = made.writer(15_000_000, 1)
        for _ in range(120):
            # what is common in one part is rare in another
            names = {f"n{int(rng.paretovariate(0.6)) * (part + 1) % 90}" for _ in range(4)}
            word = rng.choice(["a", "b"])
            document = tantivy.Document()
            for name in names:
                document.add_text("name", name)
            document.add_text("text", word)
            writer.add_document(document)
            documents.append((word, names))
        writer.commit()
        writer.wait_merging_threads()
    made.reload()
    return made, documents


@pytest.mark.parametrize("few", [1, 3, 10, 1000])
@pytest.mark.parametrize("size", [1, 5, 20, 89, ALL])
@pytest.mark.parametrize("word", ["a", "b", "none"])
def test_counts_are_those_of_the_documents(index, few, size, word):
    made, documents = index
    searcher = made.searcher()
    assert searcher.num_segments > 1
    query = tantivy.Query.term_query(made.schema, "text", word, index_option="position")
    found = counted(searcher, query, {"name": size}, few)["name"]
    expected = Counter(name for held, names in documents if held == word for name in names)
    best = sorted(expected.values(), reverse=True)[:size]
    assert sorted(found.values(), reverse=True)[:size] == best
    assert all(expected[name] == count for name, count in found.items())
