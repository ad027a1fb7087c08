"""The paper's numbers as printed, and which of our datasets stand beside them."""

import pytest

from helpers.made_up_results import TITLES, dataset, run_of
from workbench.papers.lee2016 import numbers as paper

# Copied from the paper's two tables by hand, independently of the module.
TABLE_1 = """
STL 20.87 0.36 14.76 0.62 12.44 0.62 10.34 0.13 58.33 1.10
MTFL 19.34 0.37 14.12 0.55 12.29 0.67 9.92 0.04 65.00 0.42
GO-MTL 19.18 0.39 14.44 1.34 11.92 1.48 9.87 0.09 62.46 0.25
SC-MTL 19.85 0.30 14.64 0.50 12.36 0.74 10.12 0.05 66.39 0.65
Curriculum-simple 20.87 0.36 14.56 0.45 12.28 0.15 10.30 0.13 57.37 1.66
SMTL 20.87 0.36 14.00 0.41 12.24 0.58 10.19 0.05 59.05 0.40
AMTL-noLoss 20.86 0.36 14.24 0.53 12.56 0.59 10.18 0.05 58.20 0.32
AMTL 18.80 0.22 12.92 1.37 11.48 1.21 10.13 0.08 56.83 1.11
AMTL-Curriculum 20.33 0.29 13.68 1.42 11.84 1.46 10.16 0.05 56.99 1.09
"""
TABLE_2 = """
STL 54.05 0.82 45.85 1.36
MTFL 55.44 0.94 47.95 1.20
GO-MTL 55.18 0.85 47.05 1.35
SC-MTL 54.37 0.98 47.60 1.26
Curriculum-simple 54.05 0.82 45.25 1.26
SMTL 54.09 0.85 46.00 1.16
AMTL-noLoss 53.93 0.76 48.20 1.33
AMTL 53.19 0.77 40.80 1.46
AMTL-imbalanced 53.09 0.76 40.00 1.71
"""


@pytest.mark.parametrize(
    ("name", "columns", "text"),
    [
        ("table1", ["Synthetic", "MNIST", "USPS", "School", "AWA"], TABLE_1),
        ("table2", ["Synthetic", "ImageNet-Room"], TABLE_2),
    ],
)
def test_the_numbers_are_as_printed(name, columns, text):
    printed = {}
    for line in text.split("\n")[1:-1]:
        title, *numbers = line.split()
        pairs = zip(map(float, numbers[::2]), map(float, numbers[1::2]), strict=True)
        for column, pair in zip(columns, pairs, strict=True):
            printed[column, title] = pair
    ours = {
        (column, TITLES[method]): pair
        for column, rows in paper.TABLES[name].items()
        for method, pair in rows.items()
    }
    assert ours == printed
    assert list(paper.COLUMNS[name]) == columns


def test_the_runtime_is_as_printed():
    assert paper.RUNTIME == {"Synthetic": {"amtl": (167.29, 7.41), "amtl-curriculum": (7.71, 0.16)}}


def test_each_dataset_stands_beside_its_column():
    beside = {name: (table, column) for name, (table, column, _) in paper.DATASETS.items()}
    assert beside == {
        "synthetic": ("table1", "Synthetic"),
        "synthetic-authors": ("table1", "Synthetic"),
        "mnist": ("table1", "MNIST"),
        "usps": ("table1", "USPS"),
        "usps-authors": ("table1", "USPS"),
        "school": ("table1", "School"),
        "awa": ("table1", "AWA"),
        "imbalanced": ("table2", "Synthetic"),
        "imbalanced-authors": ("table2", "Synthetic"),
        "imagenet-room": ("table2", "ImageNet-Room"),
    }
    for table, columns in paper.COLUMNS.items():
        for column, name in columns.items():
            assert paper.place(name)[:2] == (table, column)
    # A stand-in has no number of the paper beside it.
    assert paper.place("awa2")[:2] == ("table1", None)


def test_datasets_stand_in_the_papers_order_and_others_last():
    run = run_of(
        ["mine", "mnist", "imbalanced", dataset("fewer", dataset="synthetic")],
        [],
        not_run={"school": "no file"},
    )
    assert [each.name for each in paper.table_datasets("table1", run)] == ["fewer", "mnist", "school", "mine"]
    assert [each.name for each in paper.table_datasets("table2", run)] == ["imbalanced"]
