"""Pages in markdown with parts that are made: what stands between two marks is renewed, the rest is kept."""

import re


def renew(text, kind, parts):
    """Return `text` with each part of ``parts`` = {name: markdown} between its marks.

    The marks are the lines ``<!-- KIND: NAME -->`` and ``<!-- end -->``; a part without marks is left out.
    """
    for name, part in parts.items():
        pattern = re.compile(rf"(<!-- {kind}: {re.escape(name)} -->\n).*?(<!-- end -->)", re.DOTALL)
        text = pattern.sub(lambda match, part=part: f"{match[1]}{part.strip()}\n{match[2]}", text)
    return text
