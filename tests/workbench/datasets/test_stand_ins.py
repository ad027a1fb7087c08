"""Words by their part of speech, sentences by block, and windows by their user."""

import numpy as np
import pytest

from helpers.datasets import fails, options_of
from helpers.made_up_files import sentences, window, write_arff, write_sentences
from workbench.datasets import conll_chunks, conll_tags, wisdm_people, wisdm_users
from workbench.datasets._common import fit_scale
from workbench.datasets._readers import conll, wisdm

# CoNLL-2000 tags


def test_a_token_knows_its_neighbours_and_counts_once(tmp_path):
    text = "The DT B\ncat NN I\nsat VBD B\n\nThe DT B\nCat NN I\nsat VBD B\n\nthe DT B\ncat NN I\nsat VBD B\n"
    sentences = conll.read_sentences(write_sentences(tmp_path / "a.zip", text), conll.TRAINING)
    found = conll_tags.distinct_tokens([[token[:2] for token in sentence] for sentence in sentences])
    assert found == {
        "DT": [("The", "", "cat"), ("the", "", "cat")],
        "NN": [("cat", "the", "sat"), ("Cat", "the", "sat")],
        "VBD": [("sat", "cat", "")],
    }


def test_the_features_of_a_token():
    assert conll_tags.describe("Mid-1980s", "the", "") == (
        "word=mid-1980s",
        *("<1=m", ">1=s", "<2=mi", ">2=0s", "<3=mid", ">3=80s"),
        "shape=Aa-0a",
        *("before=the", "before>=the", "after=", "after>="),
    )


def crc32(text):
    """CRC-32 bit by bit, with the reflected polynomial; 0xCBF43926 for "123456789"."""
    code = 0xFFFFFFFF
    for byte in text.encode():
        code ^= byte
        for _ in range(8):
            code = (code >> 1) ^ (0xEDB88320 if code & 1 else 0)
    return code ^ 0xFFFFFFFF


def test_the_hash_is_the_same_everywhere():
    assert crc32("123456789") == 0xCBF43926
    token = ("cat", "the", "sat")
    expected = np.zeros(4096)
    for text in conll_tags.describe(*token):
        expected[crc32(text) % 4096] += 1.0 if crc32(text) >= 1 << 31 else -1.0
    assert np.array_equal(conll_tags.hash_features([token])[0], expected)
    assert np.abs(expected).sum() == 12


def test_classes_are_the_tags_with_enough_tokens(tmp_path):
    path = write_sentences(tmp_path / "a.zip", sentences())
    sizes = {"train_rows": 20, "validation_rows": 20, "test_rows": 20}
    options = options_of("conll-tags", tag_tokens=60, components=5, **sizes)
    split = conll_tags.make_split(1, options, {conll.ARCHIVE: path}, 0)
    assert split.tasks == ("NN", "VBZ")
    for part in (split.train, split.validation, split.test):
        assert part.X.shape == (40, 6) and np.bincount(part.y.astype(int)).tolist() == [20, 20]
    few = options | {"test_rows": 21}
    fails(lambda: conll_tags.make_split(1, few, {conll.ARCHIVE: path}, 0), "'NN'", "60 rows", "61")
    none = options | {"tag_tokens": 61}
    fails(
        lambda: conll_tags.make_split(1, none, {conll.ARCHIVE: path}, 0),
        "conll-tags",
        "tag_tokens",
        "61",
    )


def test_the_real_tags(shared_data):
    path = shared_data / "conll2000" / "conll2000.zip"
    sentences = conll.read_sentences(path, conll.TRAINING)
    assert len(sentences) == 8936 and sum(map(len, sentences)) == 211_727
    found = conll_tags.distinct_tokens([[token[:2] for token in sentence] for sentence in sentences])
    tokens = [token for group in found.values() for token in group]
    assert len(tokens) == len(set(tokens)), "no token is in two parts"
    assert sum(len(group) >= 90 for group in found.values()) == 37


@pytest.mark.parametrize(
    ("text", "expected"),
    [("a b c\nno tag\n", ("line 2", "2 fields")), ("a b c\n\na b c d\n", ("line 3", "4 fields"))],
)
def test_a_line_that_is_not_a_token(tmp_path, text, expected):
    path = write_sentences(tmp_path / "a.zip", text)
    fails(lambda: conll.read_sentences(path, conll.TRAINING), path, conll.TRAINING, *expected)


def test_text_that_is_not_utf_8(tmp_path):
    path = write_sentences(tmp_path / "a.zip", b"\xff\xfe NN O\n")
    fails(lambda: conll.read_sentences(path, conll.TRAINING), path, conll.TRAINING)


def test_damaged_archives(tmp_path):
    path = write_sentences(tmp_path / "a.zip", sentences(), member="other.txt")
    fails(lambda: conll.read_sentences(path, conll.TRAINING), path, conll.TRAINING)
    path = write_sentences(tmp_path / "b.zip", sentences())
    content = path.read_bytes()
    path.write_bytes(content.replace(b"word1 NN", b"word2 NN"))
    fails(lambda: conll.read_sentences(path, conll.TRAINING), path, "CRC")
    path.write_bytes(content[:500])
    fails(lambda: conll.read_sentences(path, conll.TRAINING), path)
    fails(lambda: conll.read_sentences(tmp_path / "c.zip", conll.TRAINING), tmp_path / "c.zip")


def test_a_task_is_a_block_of_consecutive_sentences(tmp_path):
    path = write_sentences(
        tmp_path / "a.zip", "\n\n".join(f"word{k} NN B-NP\ngoes VBZ B-VP" for k in range(61))
    )
    sizes = {"train_rows": 10, "validation_rows": 10, "test_rows": 10}
    options = options_of("conll-chunks", tasks=2, **sizes)
    split = conll_chunks.make_split(1, options, {conll.ARCHIVE: path}, 0)
    assert split.kind == "sequence" and split.meta["classes"] == ["B-NP", "B-VP"]
    words = [{word for word, _ in part.X} - {"goes"} for part in (split.train, split.validation, split.test)]
    assert [len(each) for each in words] == [20] * 3 and len(set.union(*words)) == 60
    # The first block has 31 sentences, of which each part has ten.
    first = {word for word, _ in split.test.X[: split.test.sentences[10]]} - {"goes"}
    assert first <= {f"word{k}" for k in range(31)}
    few = options | {"test_rows": 11}
    fails(
        lambda: conll_chunks.make_split(1, few, {conll.ARCHIVE: path}, 0), "conll-chunks", "30", "31", "tasks"
    )


# WISDM


def test_windows_are_standardized_by_the_training_rows(tmp_path):
    lines = [window(user, 100.0 * user + 7 * k, number=k) for user in (1, 2) for k in range(6)]
    path = write_arff(tmp_path / "a.arff", lines)
    options = options_of("wisdm-users", train_rows=3, validation_rows=2, test_rows=1)
    split = wisdm_users.make_split(1, options, {wisdm.FILE: path}, 0)
    assert split.tasks == ("1", "2") and split.train.X.shape == (6, 42)
    assert np.allclose(split.train.X[:, :-1].mean(axis=0), 0)
    assert np.allclose(split.train.X[:, :-1].std(axis=0), 1)
    rows = np.concatenate([split.train.X, split.validation.X, split.test.X])
    assert len(np.unique(rows, axis=0)) == 12


def test_every_activity_of_a_person_is_divided_alike(tmp_path):
    lines = [window(user, 100.0 * user + 7 * k, number=k) for user in (1, 2) for k in range(8)]
    lines += [window(1, 50.0 + 9 * k).replace("Walking", "Jogging") for k in range(4)]
    # Too few of one activity to divide.
    lines += [window(2, 70.0 + 9 * k).replace("Walking", "Sitting") for k in range(2)]
    raw = {wisdm.FILE: write_arff(tmp_path / "a.arff", lines)}
    split = wisdm_people.make_split(1, options_of("wisdm-people"), raw, 0)
    assert split.tasks == ("1", "2") and split.kind == "multiclass"
    jogging, sitting, walking = (
        split.meta["classes"].index(each) for each in ("Jogging", "Sitting", "Walking")
    )
    counts = sum(
        np.bincount(part.y.astype(int), minlength=6) for part in (split.train, split.validation, split.test)
    )
    assert (counts[jogging], counts[sitting], counts[walking]) == (4, 0, 16)
    lines += [window(3, 5.0), window(3, 6.0)]
    raw = {wisdm.FILE: write_arff(tmp_path / "b.arff", lines)}
    fails(
        lambda: wisdm_people.make_split(1, options_of("wisdm-people"), raw, 0),
        "wisdm-people",
        "3 has no label",
    )


def test_windows_lose_constants_and_repetitions(tmp_path):
    lines = [window(7, 1.0), window(7, 2.0, missing=True), window(9, 5.0), window(7, 1.0, number=2)]
    X, users, _ = wisdm.read_windows(write_arff(tmp_path / "a.arff", lines))
    assert users.tolist() == [7, 7, 9] and X.shape == (3, 41)
    assert np.argwhere(np.isnan(X)).tolist() == [[1, 6]]
    assert X[:, 0].tolist() == [1.0, 2.0, 5.0]
    X, _, _ = wisdm.read_windows(write_arff(tmp_path / "b.arff", [window(7, 1.0), window(7, 2.0)]))
    assert X.shape == (2, 41), "a column of two values varies"


def test_the_scale_comes_from_the_training_rows_alone():
    train = np.array([[1.0, 4.0], [3.0, np.nan], [5.0, 8.0], [7.0, 6.0]])
    scale = fit_scale(train)
    scaled = scale(train)
    assert np.allclose(scaled.mean(axis=0), 0) and np.allclose(scaled.std(axis=0), 1)
    assert scaled[1, 1] == 0.0
    assert np.allclose(scale(np.array([[4.0 + np.sqrt(5.0), np.nan]])), [[1.0, 0.0]])


def test_the_real_windows(shared_data):
    X, users, _ = wisdm.read_windows(shared_data / "wisdm" / wisdm.FILE)
    assert X.shape == (5357, 42) and len(np.unique(users)) == 36
    assert np.bincount(users)[1:].min() == 60, "30 + 15 + 15 windows of every user"
    assert sorted(np.flatnonzero(np.isnan(X).any(axis=0))) == [32, 33, 34]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("1,33,0.5", "3 fields"),
        (window(1, 0.0).replace(",7,", ",seven,"), "'seven'"),
        (window("?", 0.0), "'?'"),
        (window("1" * 5000, 0.0), "1'"),
        (window("1.5", 0.0), "'1.5'"),
        (window(1, 0.0).replace(",7,", ",nan,"), "'nan'"),
    ],
)
def test_a_line_that_is_not_a_window(tmp_path, line, expected):
    path = write_arff(tmp_path / "a.arff", [window(1, 0.0), line])
    fails(lambda: wisdm.read_windows(path), path, "line 5", expected)


def test_damaged_arff_files(tmp_path):
    path = tmp_path / "a.arff"
    path.write_text("@relation r\n", encoding="utf-8")
    fails(lambda: wisdm.read_windows(path), path, "@data")
    write_arff(path, [])
    fails(lambda: wisdm.read_windows(path), path, "@data")
    path.write_bytes(b"\xff\xfe\x00")
    fails(lambda: wisdm.read_windows(path), path)
