"""Vectors come from the RFC's definitions by `slow_tree`; most of them must be refused."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongzhi.proof import merkle
from gongzhi.proof.tests import slow_tree
from gongzhi.proof.verifier import verify

LARGEST = 40
DATA = [bytes([number]) * (number % 5) for number in range(LARGEST)]
DATA[0] = b""


def stored(size):
    """Nodes as the database keeps them, grown in uneven batches."""
    leaves = [merkle.leaf_hash(one) for one in DATA[:size]]
    kept = {(0, index): value for index, value in enumerate(leaves)}
    done = 0
    for step in (1, 2, 5, 1, 13, 100):
        growth = merkle.grow(done, kept, leaves[done : done + step])
        kept.update({(level, index): value for level, index, value in growth.nodes})
        done = min(done + step, size)
        assert growth.root == slow_tree.mth(DATA[:done])
        if done == size:
            break
    return kept


def reader(kept):
    asked = []

    def read(nodes):
        asked.extend(nodes)
        return {node: kept[node] for node in nodes}

    read.asked = asked
    return read


@pytest.mark.parametrize("size", range(1, LARGEST + 1))
def test_the_proofs_are_those_of_the_definition_and_hold(size):
    kept, root = stored(size), slow_tree.mth(DATA[:size])
    assert merkle.root_at(size, reader(kept)) == root
    for index in range(size):
        proof = merkle.prove(merkle.inclusion_ranges(index, size), reader(kept))
        assert proof == slow_tree.path(index, DATA[:size])
        assert merkle.includes(proof, leaf=merkle.leaf_hash(DATA[index]), index=index, size=size, root=root)
    for first in range(1, size + 1):
        proof = merkle.prove(merkle.consistency_ranges(first, size), reader(kept))
        assert proof == slow_tree.proof(first, DATA[:size])
        assert merkle.consistent(
            proof, first=first, second=size, first_root=slow_tree.mth(DATA[:first]), second_root=root
        )


def damaged(proof):
    """Everything that one might do to a proof."""
    for place in range(len(proof)):
        yield [*proof[:place], *proof[place + 1 :]]
        yield [*proof[:place], proof[place], *proof[place:]]
        yield [*proof[:place], bytes([proof[place][0] ^ 1]) + proof[place][1:], *proof[place + 1 :]]
        yield [*proof[:place], proof[place][:-1], *proof[place + 1 :]]
        yield [*proof[:place], proof[place] + b"\0", *proof[place + 1 :]]
        yield [*proof[:place], proof[place].hex(), *proof[place + 1 :]]
    for place in range(len(proof) - 1):
        yield [*proof[:place], proof[place + 1], proof[place], *proof[place + 2 :]]
    yield [*proof, bytes(32)]
    yield [bytes(32), *proof]
    yield [*proof, merkle.EMPTY_ROOT]


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 7, 8, 11, 16, 21, 33])
def test_every_other_path_leaf_index_size_or_root_is_refused(size):
    root = slow_tree.mth(DATA[:size])
    for index in range(size):
        proof, leaf = slow_tree.path(index, DATA[:size]), merkle.leaf_hash(DATA[index])
        for wrong in damaged(proof):
            assert not merkle.includes(wrong, leaf=leaf, index=index, size=size, root=root)
        for other in {*range(-2, size + 3), 1 << 63, True, None} - {index}:
            if type(other) is not int or other != index:
                assert not merkle.includes(proof, leaf=leaf, index=other, size=size, root=root)
        assert not merkle.includes(proof, leaf=merkle.leaf_hash(b"other"), index=index, size=size, root=root)
        assert not merkle.includes(proof, leaf=leaf[:-1], index=index, size=size, root=root)
        assert not merkle.includes(proof, leaf=leaf, index=index, size=size, root=merkle.EMPTY_ROOT)
        assert not merkle.includes(proof, leaf=leaf, index=index, size=0, root=root)
        assert not merkle.includes(proof, leaf=leaf, index=index, size=-size, root=root)
        # A leaf is no inner node, and its data are no leaf hash.
        assert not merkle.includes(proof, leaf=hashlib.sha256(DATA[index]).digest(), index=index, size=size, root=root)


@pytest.mark.parametrize("size", [1, 2, 3, 5, 8, 13, 21])
def test_the_verifier_alone_takes_the_same_proofs_and_no_other(size):
    """It shares no code with the platform: its own check against the definition, its own tree too."""
    root, tree = slow_tree.mth(DATA[:size]), verify.Tree()
    for one in DATA[:size]:
        tree.add(merkle.leaf_hash(one))
    assert tree.root() == root
    for index in range(size):
        proof, leaf = slow_tree.path(index, DATA[:size]), merkle.leaf_hash(DATA[index])
        assert verify.reaches(proof, leaf=leaf, index=index, size=size, root=root)
        for wrong in damaged(proof):
            if all(type(part) is bytes for part in wrong):
                assert not verify.reaches(wrong, leaf=leaf, index=index, size=size, root=root)
        for other in {*range(-2, size + 3), 1 << 63} - {index}:
            assert not verify.reaches(proof, leaf=leaf, index=other, size=size, root=root)
        for wrong_size in (0, -size, index):
            assert not verify.reaches(proof, leaf=leaf, index=index, size=wrong_size, root=root)
        assert not verify.reaches(proof, leaf=leaf, index=index, size=size, root=merkle.EMPTY_ROOT)


@pytest.mark.parametrize(
    ("first", "second"), [(1, 2), (1, 7), (2, 3), (3, 7), (4, 7), (6, 7), (4, 8), (8, 21), (6, 33)]
)
def test_every_other_consistency_proof_is_refused(first, second):
    roots = {"first_root": slow_tree.mth(DATA[:first]), "second_root": slow_tree.mth(DATA[:second])}
    proof = slow_tree.proof(first, DATA[:second])
    assert merkle.consistent(proof, first=first, second=second, **roots)
    for wrong in damaged(proof):
        assert not merkle.consistent(wrong, first=first, second=second, **roots)
    assert not merkle.consistent([], first=first, second=second, **roots)
    assert not merkle.consistent(proof, first=second, second=first, **roots)
    assert not merkle.consistent(
        proof, first=first, second=second, first_root=roots["second_root"], second_root=roots["first_root"]
    )
    for name in roots:
        for value in (merkle.EMPTY_ROOT, bytes(32), b"", roots[name][:-1]):
            assert not merkle.consistent(proof, first=first, second=second, **{**roots, name: value})
    for wrong_first in {0, -1, *range(1, second + 2)} - {first}:
        assert not merkle.consistent(proof, first=wrong_first, second=second, **roots)


@pytest.mark.parametrize("proof", [[], [bytes(32)], [merkle.EMPTY_ROOT]])
@pytest.mark.parametrize("second", [0, 1, 5])
def test_nothing_is_consistent_with_an_empty_tree_not_even_itself(proof, second):
    for root in (merkle.EMPTY_ROOT, bytes(32), slow_tree.mth(DATA[:second])):
        assert not merkle.consistent(proof, first=0, second=second, first_root=merkle.EMPTY_ROOT, second_root=root)


def test_equal_sizes_need_equal_roots_and_an_empty_path():
    root = slow_tree.mth(DATA[:5])
    assert merkle.consistent([], first=5, second=5, first_root=root, second_root=root)
    assert not merkle.consistent([], first=5, second=5, first_root=root, second_root=bytes(32))
    assert not merkle.consistent([root], first=5, second=5, first_root=root, second_root=root)


def test_no_proof_is_made_for_a_leaf_or_a_tree_that_is_not_there():
    for index, size in ((0, 0), (1, 1), (-1, 3), (3, 3)):
        with pytest.raises(ValueError):
            merkle.inclusion_ranges(index, size)
    for first, second in ((0, 0), (0, 3), (4, 3), (-1, 2)):
        with pytest.raises(ValueError):
            merkle.consistency_ranges(first, second)


@given(st.integers(1, 1_000_000), st.data())
def test_a_proof_in_a_large_tree_reads_few_rows(size, data):
    index = data.draw(st.integers(0, size - 1))
    first = data.draw(st.integers(1, size))
    most = 2 * size.bit_length() + 2
    for ranges in (merkle.inclusion_ranges(index, size), merkle.consistency_ranges(first, size)):
        assert sum(len(merkle.complete_subtrees(*one)) for one in ranges) <= most
        assert len(ranges) <= size.bit_length() + 1


@given(st.lists(st.binary(max_size=8), min_size=1, max_size=70), st.data())
def test_trees_of_any_data_prove_their_leaves_and_their_beginnings(data, draw):
    leaves = [merkle.leaf_hash(one) for one in data]
    kept = {(0, index): value for index, value in enumerate(leaves)}
    growth = merkle.grow(0, {}, leaves)
    kept.update({(level, index): value for level, index, value in growth.nodes})
    assert growth.root == slow_tree.mth(data)
    index = draw.draw(st.integers(0, len(data) - 1))
    first = draw.draw(st.integers(1, len(data)))
    path = merkle.prove(merkle.inclusion_ranges(index, len(data)), reader(kept))
    assert merkle.includes(path, leaf=leaves[index], index=index, size=len(data), root=growth.root)
    steps = merkle.prove(merkle.consistency_ranges(first, len(data)), reader(kept))
    assert merkle.consistent(
        steps, first=first, second=len(data), first_root=slow_tree.mth(data[:first]), second_root=growth.root
    )
