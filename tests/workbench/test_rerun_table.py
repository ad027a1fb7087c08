"""The table of what runs again: every row names a test that is there, and every such test has a row."""

import ast
import re


def test_rows_and_tests_agree(project):
    table = (project / "docs" / "reruns.md").read_text(encoding="utf-8")
    rows = [line for line in table.splitlines() if line.startswith("| ")][1:]
    named = [re.search(r"`(test_\w+)` \|$", row) for row in rows if "`test_mutations.py`" not in row]
    assert all(named), rows
    names = [match[1] for match in named]
    assert len(set(names)) == len(names) and len(rows) == len(names) + 1
    source = (project / "tests" / "workflow" / "test_reruns.py").read_text(encoding="utf-8")
    functions = [node.name for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)]
    assert set(names) == {name for name in functions if name.startswith("test_")}
