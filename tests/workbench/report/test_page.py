"""The report's page: safe, complete in itself, small, and without sections that do not apply."""

import html
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from urllib.parse import unquote, unquote_to_bytes

import pytest

from amtl.errors import InputError
from helpers.made_up_report import PAPERS, page, results
from workbench.jobs import to_json
from workbench.papers.verdicts import NOT_JUDGED
from workbench.report.page import content, graphs, render, verdicts
from workbench.run_info import NotRun
from workbench.scores import read_csv

EVIL = "</script><b id=injected>&'\""
OWN = tuple(each for each in PAPERS if each[1] in ("table1", "transfer", "gains"))


class Parsed(HTMLParser):
    """The elements of a page: tags with attributes, and the text of scripts."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.scripts, self._script = [], [], False
        self.title = html.unescape(re.search("<title>(.*)</title>", text)[1])
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag == "script":
            self._script = True
            self.scripts.append("")

    def handle_endtag(self, tag):
        self._script = self._script and tag != "script"

    def handle_data(self, data):
        if self._script:
            self.scripts[-1] += data

    def values(self, attribute):
        return [attributes[attribute] for _, attributes in self.tags if attributes.get(attribute)]

    @property
    def graphs(self):
        return json.loads(self.scripts[0])


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("report")
    run, inputs = results(folder, title=EVIL)
    run = replace(run, not_run=(NotRun("awa", EVIL, "awa", EVIL),))
    return folder, run, inputs, page(folder, run, inputs, name=EVIL)


def test_titles_cannot_leave_their_place(made):
    parsed = Parsed(made[3])
    assert "injected" not in parsed.values("id")
    assert EVIL in parsed.title
    assert len(parsed.scripts) == 2 and parsed.graphs["datasets"][0]["title"] == EVIL


def test_a_caption_can_include_no_file_and_no_html(tmp_path):
    (tmp_path / "secret").write_text("a secret", encoding="utf-8")
    for text in (f".. include:: {tmp_path}/secret", ".. raw:: html\n\n   <b id=injected>"):
        with pytest.raises(InputError, match="caption"):
            content.to_html(text)
    assert content.to_html("An *emphasis* and <b>") == "<p>An <em>emphasis</em> and &lt;b&gt;</p>\n"


def test_every_anchor_resolves_and_ids_are_unique(made):
    parsed = Parsed(made[3])
    ids = parsed.values("id")
    assert len(ids) == len(set(ids))
    anchors = {address[1:] for address in parsed.values("href") if address.startswith("#")}
    assert anchors <= set(ids) and {"C1", "C6", "C15", "summary"} <= anchors


def test_page_needs_no_other_file(made):
    parsed = Parsed(made[3])
    loaded = [*parsed.values("src"), *(facts["href"] for tag, facts in parsed.tags if tag == "link")]
    assert loaded and all(address.startswith("data:") for address in loaded)
    assert all(address.startswith(("#", "data:")) for address in parsed.values("href"))
    # A picture refers to its own parts alone; %23 is #.
    assert not re.search(r"url\((?!%23)", made[3]) and "@import" not in made[3]


def test_claims_have_their_verdict_and_evidence(made):
    folder, text = made[0], made[3]
    for row in read_csv(folder / "tables" / "claims.csv").to_dict("records"):
        (article,) = re.findall(rf'<article class="claim" id="{row["claim"]}".*?</article>', text, re.DOTALL)
        assert row["verdict"] in article and "<details>" in article
    summary = text.partition('id="summary"')[2].partition("</section>")[0]
    assert len(re.findall(r'<li><a href="#C\d+">', summary)) == 15
    assert "figures-against-paper" in summary


def test_search_suggests_a_claim_of_the_page(made):
    (example,) = re.findall(r'placeholder="Search, e.g. (\w+)"', made[3])
    assert f'data-find="{example}"' in made[3]


def test_statements_are_shown_as_claims_are(project):
    assert verdicts.tables(["table1", "statements"]) == ("statements", "statement-evidence", "Survey")
    assert verdicts.tables(["table1"]) == (None, None, None)
    folder = project / "results" / "published" / "statements"
    found = verdicts.read(folder / "statements.csv", folder / "statement-evidence.csv")
    assert all(statement["sets"][0]["parts"] for statement in found)
    counts = {verdict: number for verdict, _, number in verdicts.count(found)}
    assert sum(counts.values()) == len(found) and counts[NOT_JUDGED] == 1
    needed = [part["needed"] for statement in found for part in statement["sets"][0]["parts"]]
    assert "" in needed and any(re.match(r"[\d,]+ splits", text) for text in needed)


def test_csv_of_a_table_is_in_the_page(made):
    folder, text = made[0], made[3]
    files = {f["download"]: f["href"] for _, f in Parsed(text).tags if "download" in f}
    assert files.keys() == {"claims.csv", "evidence.csv", "table1.csv", "transfer.csv"}
    kind, _, table = files["table1.csv"].partition(",")
    assert kind == "data:text/csv;charset=utf-8"
    assert unquote_to_bytes(table) == (folder / "tables" / "table1.csv").read_bytes()


def test_picture_in_the_page_is_the_figure(made):
    folder, text = made[0], made[3]
    shown = [f["src"] for name, f in Parsed(text).tags if name == "img"]
    assert all(src.startswith("data:image/svg+xml,") for src in shown)
    drawn = [path.read_text(encoding="utf-8") for path in (folder / "figures").glob("*.svg")]
    assert {unquote(src.partition(",")[2]) for src in shown} == {
        re.sub(r"\s*\n\s*", " ", each) for each in drawn
    }


def test_address_of_a_text_is_short_and_keeps_any_character():
    text = "a,b & <c> \"d\" 'e' 100 % #1 \\ é\n" + 100 * "0.123,"
    address = content.data_address("text/csv", text.encode())
    kind, _, shown = address.partition(",")
    assert kind == "data:text/csv" and unquote(shown) == text
    assert html.escape(address) == address and len(address) < 1.1 * len(text)


def test_run_without_claims_and_graphs_has_no_such_sections(tmp_path):
    run, inputs = results(tmp_path, dataset="mine", graphs=())
    text = page(tmp_path, run, inputs, OWN)
    ids = Parsed(text).values("id")
    assert not {"claims", "learned-graphs", "graph", "C1"} & set(ids)
    assert "C6" not in text.partition("<body>")[2].partition("<script")[0]
    assert Parsed(text).graphs is None
    # The result comes first all the same.
    assert "tables-table1" in text.partition('id="summary"')[2].partition("</section>")[0]


def test_many_datasets_have_a_row_each_in_the_summary(tmp_path, monkeypatch):
    run, inputs = results(tmp_path, dataset="mine", graphs=())
    outputs = [*OWN, ("tables", "best-methods")]
    for many, first in ((content.MANY_DATASETS, "tables-table1"), (0, "tables-best-methods")):
        monkeypatch.setattr(content, "MANY_DATASETS", many)
        summary = page(tmp_path, run, inputs, outputs).partition('id="summary"')[2].partition("</section>")[0]
        assert re.findall(r'id="(tables-[a-z0-9-]+)"', summary) == [first]


def test_graphs_hold_what_the_fits_hold(made):
    _, run, inputs, text = made
    data = Parsed(text).graphs
    (dataset,) = data["datasets"]
    assert [each["title"] for each in dataset["methods"]] == ["AMTL", "AMTL-Curriculum"]
    weights = inputs["fits"].arrays("synthetic", "amtl", 2)["B"]
    graph = dataset["methods"][0]["graphs"]["2"]
    edges = [graph["edges"][i : i + 3] for i in range(0, len(graph["edges"]), 3)]
    assert graph["count"] == len(edges) == (weights > 0).sum()
    assert [weight for *_, weight in edges] == sorted((weight for *_, weight in edges), reverse=True)
    assert all(weight == pytest.approx(weights[s, t], rel=1e-3) for s, t, weight in edges)
    assert graph["losses"] == pytest.approx([0.1 + t for t in range(12)])
    # STL's mean error on task 3 is 22.15, and AMTL's is 4 lower in each split.
    assert graph["gains"][2] == pytest.approx(100 * 4 / (22 + 0.15), rel=1e-3)


def test_report_of_many_tasks_and_splits_stays_small(tmp_path):
    run, inputs = results(tmp_path, tasks=139, splits=10, dataset="school")
    text = page(tmp_path, run, inputs, OWN)
    found = Parsed(text).graphs["datasets"][0]["methods"][0]["graphs"]
    assert list(found) == [str(k) for k in range(1, graphs.MAX_SPLITS + 1)]
    assert len(found["1"]["edges"]) == 3 * graphs.MAX_EDGES < 3 * found["1"]["count"]
    assert len(text.encode()) < 1_000_000


def test_splits_are_left_out_where_the_graphs_are_large(made, monkeypatch):
    _, run, inputs, _ = made
    everything = graphs.collect(run, inputs["fits"], inputs["scores"])
    monkeypatch.setattr(graphs, "MAX_CHARACTERS", len(to_json(everything)) - 1)
    data = graphs.collect(run, inputs["fits"], inputs["scores"])
    assert data["splits"] == 1 and list(data["datasets"][0]["methods"][0]["graphs"]) == ["1"]


def test_a_page_over_the_limit_is_an_error(made, monkeypatch):
    folder, run, inputs, _ = made
    monkeypatch.setattr(render, "MAX_BYTES", 10_000)
    with pytest.raises(InputError, match="10,000"):
        page(folder, run, inputs)


def test_same_results_give_the_same_bytes(made):
    folder, run, inputs, text = made
    assert page(folder, run, inputs, name=EVIL) == text
