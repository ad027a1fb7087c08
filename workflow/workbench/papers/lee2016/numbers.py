"""The numbers that the paper prints: Tables 1 and 2, the runtimes, and which of our datasets they belong to.

Source: Lee, Yang, Hwang, "Asymmetric Multi-task Learning Based on Task Relatedness and Loss",
ICML 2016 (JMLR W&CP 48, pages 230-238). Every value is (mean, the number after ±, over 5 splits): RMSE for
Synthetic and School, error in % for the others, seconds for the runtime. The paper calls ± the "standard
error for 95 % confidence interval"; in Table 2 it is one standard error, for School 1.96 standard errors.
"""

CITATION = "Lee, Yang and Hwang, ICML 2016"

# Built-in dataset behind each column of the paper's tables, for the claims. A stand-in has no column.
COLUMNS = {
    "table1": {"Synthetic": "synthetic", "MNIST": "mnist", "USPS": "usps", "School": "school", "AWA": "awa"},
    "table2": {"Synthetic": "imbalanced", "ImageNet-Room": "imagenet-room"},
}
# The rows of the tables, in the order of their columns.
_ROWS = {
    "table1": {
        "stl": ((20.87, 0.36), (14.76, 0.62), (12.44, 0.62), (10.34, 0.13), (58.33, 1.10)),
        "mtfl": ((19.34, 0.37), (14.12, 0.55), (12.29, 0.67), (9.92, 0.04), (65.00, 0.42)),
        "go-mtl": ((19.18, 0.39), (14.44, 1.34), (11.92, 1.48), (9.87, 0.09), (62.46, 0.25)),
        "sc-mtl": ((19.85, 0.30), (14.64, 0.50), (12.36, 0.74), (10.12, 0.05), (66.39, 0.65)),
        "curriculum-simple": ((20.87, 0.36), (14.56, 0.45), (12.28, 0.15), (10.30, 0.13), (57.37, 1.66)),
        "smtl": ((20.87, 0.36), (14.00, 0.41), (12.24, 0.58), (10.19, 0.05), (59.05, 0.40)),
        "amtl-noloss": ((20.86, 0.36), (14.24, 0.53), (12.56, 0.59), (10.18, 0.05), (58.20, 0.32)),
        "amtl": ((18.80, 0.22), (12.92, 1.37), (11.48, 1.21), (10.13, 0.08), (56.83, 1.11)),
        "amtl-curriculum": ((20.33, 0.29), (13.68, 1.42), (11.84, 1.46), (10.16, 0.05), (56.99, 1.09)),
    },
    "table2": {
        "stl": ((54.05, 0.82), (45.85, 1.36)),
        "mtfl": ((55.44, 0.94), (47.95, 1.20)),
        "go-mtl": ((55.18, 0.85), (47.05, 1.35)),
        "sc-mtl": ((54.37, 0.98), (47.60, 1.26)),
        "curriculum-simple": ((54.05, 0.82), (45.25, 1.26)),
        "smtl": ((54.09, 0.85), (46.00, 1.16)),
        "amtl-noloss": ((53.93, 0.76), (48.20, 1.33)),
        "amtl": ((53.19, 0.77), (40.80, 1.46)),
        "amtl-imbalanced": ((53.09, 0.76), (40.00, 1.71)),
    },
}
# {table: {column: {method: (mean, the number after ±)}}}
TABLES = {
    table: {
        column: {method: row[i] for method, row in _ROWS[table].items()} for i, column in enumerate(columns)
    }
    for table, columns in COLUMNS.items()
}

# Seconds on Synthetic, section 4.1.
RUNTIME = {"Synthetic": {"amtl": (167.29, 7.41), "amtl-curriculum": (7.71, 0.16)}}

# Built-in dataset -> (table, column of the paper beside it, head of our own column in that group).
DATASETS = {
    "synthetic": ("table1", "Synthetic", "generated"),
    "synthetic-authors": ("table1", "Synthetic", "authors' file"),
    "mnist": ("table1", "MNIST", "this run"),
    "usps": ("table1", "USPS", "this run"),
    "usps-authors": ("table1", "USPS", "authors' file"),
    "school": ("table1", "School", "this run"),
    "awa": ("table1", "AWA", "this run"),
    "imbalanced": ("table2", "Synthetic", "generated"),
    "imbalanced-authors": ("table2", "Synthetic", "authors' files"),
    "imagenet-room": ("table2", "ImageNet-Room", "this run"),
}


def place(dataset):
    """Return (table, the paper's column or None, head of our column) of a built-in dataset.

    A dataset that the paper does not have stands in Table 1 without a column of the paper.
    """
    return DATASETS.get(dataset, ("table1", None, "this run"))


def is_about_paper(run):
    """Return whether the run has a dataset of the paper; a run of other data says nothing about the paper."""
    return any(each.dataset in DATASETS for each in run.datasets)


def table_datasets(table, run):
    """Return the run's datasets, available or not, that stand in `table`, in the paper's order."""
    ranks = list(DATASETS)
    found = [each for each in (*run.datasets, *run.not_run) if place(each.dataset)[0] == table]
    return sorted(found, key=lambda each: ranks.index(each.dataset) if each.dataset in ranks else len(ranks))
