"""One task of sentences whose words tell their chunks."""

from amtl.splits import Split
from workbench.datasets._sentences import make_part

CLASSES = ["B-NP", "B-VP", "I-NP", "O"]
NOUN, VERB, END = (("dog", "NN"), "I-NP"), (("runs", "VBZ"), "B-VP"), ((".", "."), "O")


def make_split(repeats=6):
    """Return the split; its parts have the same four sentences, `repeats` times."""
    article = ("the", "DT"), "B-NP"
    sentences = [
        [article, NOUN, VERB, END],
        [(("it", "PRP"), "B-NP"), VERB, END],
        [VERB, article, NOUN, END],
        [article, NOUN, NOUN, VERB],
    ]
    part = make_part([sentences * repeats], CLASSES)
    meta = {"classes": CLASSES, "template": "chunking"}
    return Split("synthetic", 1, "sequence", ("news",), part, part, part, ranked_by="f1_loss", meta=meta)
