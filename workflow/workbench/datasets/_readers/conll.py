"""Reading the text of the CoNLL-2000 shared task: words, parts of speech and chunks."""

from amtl.errors import InputError
from workbench.datasets._readers import archives

ARCHIVE = "conll2000.zip"
TRAINING, TEST = "conll2000/train.txt", "conll2000/test.txt"
# The real text has three million bytes.
MAX_TEXT_BYTES = 100_000_000


def read_sentences(path, member):
    """Return the sentences of a member of the archive, each a list of (word, tag, chunk).

    Raises InputError, naming the member and the line, unless each line is a word, its tag and its chunk.
    """
    with archives.open_member(path, member, MAX_TEXT_BYTES) as stream:
        content = stream.read()
    try:
        lines = content.decode("utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: {member}: is not text in UTF-8 ({error}); get a fresh copy") from None
    sentences = [[]]
    for number, line in enumerate(lines, 1):
        fields = line.split()
        if not fields:
            sentences.append([])
        elif len(fields) == 3:
            sentences[-1].append(tuple(fields))
        else:
            raise InputError(
                f"{path}: {member}, line {number}, has {len(fields)} fields, expected a word, its tag and "
                "its chunk; get a fresh copy"
            )
    return [sentence for sentence in sentences if sentence]
