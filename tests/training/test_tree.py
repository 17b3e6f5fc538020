import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from training.tree import Tree

SEQUENCES = st.lists(st.lists(st.integers(0, 3), min_size=1, max_size=8), min_size=1, max_size=6)


def test_what_sequences_begin_with_is_there_once():
    tree = Tree()
    first, second = tree.add([5, 6, 7]), tree.add([5, 6, 8, 9])
    assert (first, second) == ([0, 1, 2], [0, 1, 3, 4])
    assert tree.tokens == [5, 6, 7, 8, 9]
    assert tree.places == [0, 1, 2, 2, 3]


@given(SEQUENCES)
def test_a_sequence_sees_itself_alone_and_in_its_order(sequences):
    tree = Tree()
    added = [tree.add(sequence) for sequence in sequences]
    seen = tree.attention()
    for sequence, nodes in zip(sequences, added, strict=True):
        assert [tree.tokens[node] for node in nodes] == sequence
        assert [tree.places[node] for node in nodes] == list(range(len(sequence)))
        for count, node in enumerate(nodes, 1):
            assert set(np.flatnonzero(seen[node])) == set(nodes[:count])
