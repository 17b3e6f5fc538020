"""Counts from the commonest values of each part of an index, against counting everything."""

import random
from collections import Counter

import pytest
import tantivy

from index.search.facets import EVERY, counted


@pytest.fixture(scope="module")
def index():
    """An index of several parts, with few common and many rare names; and the names of its documents."""
    schema = tantivy.SchemaBuilder()
    schema.add_unsigned_field("number", indexed=True, fast=True)
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
            document.add_unsigned("number", len(documents))
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
@pytest.mark.parametrize("size", [1, 5, 20, 89, EVERY])
@pytest.mark.parametrize("word", ["a", "b", "none"])
def test_counts_are_those_of_the_documents(index, few, size, word):
    made, documents = index
    searcher = made.searcher()
    assert searcher.num_segments > 1
    query = tantivy.Query.term_query(made.schema, "text", word, index_option="position")
    found = counted(searcher, made.schema, query, {"name": size}, few)["name"]
    expected = Counter(name for held, names in documents if held == word for name in names)
    best = sorted(expected.values(), reverse=True)[:size]
    assert sorted(found.values(), reverse=True)[:size] == best
    assert all(expected[name] == count for name, count in found.items())


@pytest.mark.parametrize("most", [7, 30, 89])
def test_all_values_are_counted_where_one_search_returns_fewer(index, most):
    made, documents = index
    found = counted(made.searcher(), made.schema, tantivy.Query.all_query(), {"name": EVERY}, most=most)["name"]
    assert found == Counter(name for _, names in documents for name in names)
    assert len(found) > 60


def test_fields_that_together_have_more_values_than_one_search_returns():
    schema = tantivy.SchemaBuilder()
    schema.add_unsigned_field("number", indexed=True, fast=True)
    for field in "ab":
        schema.add_text_field(field, tokenizer_name="raw", index_option="basic", fast=True)
    made = tantivy.Index(schema.build())
    writer = made.writer(30_000_000, 1)
    for number in range(40_000):
        document = tantivy.Document()
        document.add_unsigned("number", number)
        document.add_text("a", f"a{number}")
        document.add_text("b", f"b{number}")
        document.add_text("b", f"c{number}")
        writer.add_document(document)
    writer.commit()
    writer.wait_merging_threads()
    made.reload()
    found = counted(made.searcher(), made.schema, tantivy.Query.all_query(), {"a": EVERY, "b": EVERY})
    assert {field: len(values) for field, values in found.items()} == {"a": 40_000, "b": 80_000}
    assert set(found["b"].values()) == {1}
    some = counted(made.searcher(), made.schema, tantivy.Query.all_query(), {"a": 30_000, "b": 30_000})
    assert all(count == 1 for values in some.values() for count in values.values())
