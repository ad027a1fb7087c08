"""The CRF on CoNLL-2000 as one task."""

import pytest

pytest.importorskip("numba")

from amtl import MTLSequenceTagger, chunk_f1, chunking_features  # noqa: E402
from workbench.datasets._readers.conll import ARCHIVE, TEST, TRAINING, read_sentences  # noqa: E402


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_chunk_f1_with_the_chosen_first_step(data_folder):
    archive = data_folder / "conll2000" / ARCHIVE
    if not archive.is_file():
        pytest.skip(f"{ARCHIVE} is not in {data_folder}; set DATA to a folder that has it")
    features, labels = {}, {}
    for member in (TRAINING, TEST):
        sentences = read_sentences(archive, member)
        features[member] = [chunking_features(sentence) for sentence in sentences]
        labels[member] = [[chunk for _, _, chunk in sentence] for sentence in sentences]
    tagger = MTLSequenceTagger("identity", evaluate=False).fit([features[TRAINING]], [labels[TRAINING]])
    assert chunk_f1(labels[TEST], tagger.predict([features[TEST]])[0]) >= 0.935
