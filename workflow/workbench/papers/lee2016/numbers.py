"""The numbers that the paper prints: Tables 1 and 2, the runtimes, and which of our datasets they belong to.

Source: Lee, Yang, Hwang, "Asymmetric Multi-task Learning Based on Task Relatedness and Loss",
ICML 2016 (JMLR W&CP 48, pages 230-238). Every value is (mean, the number after ±, over 5 splits): RMSE for
Synthetic and School, error in % for the others, seconds for the runtime. The paper calls ± the "standard
error for 95 % confidence interval"; in Table 2 it is one standard error, for School 1.96 standard errors.
"""

CITATION = "Lee, Yang and Hwang, ICML 2016"

TABLES = {
    "table1": {
        "Synthetic": {
            "stl": (20.87, 0.36),
            "mtfl": (19.34, 0.37),
            "go-mtl": (19.18, 0.39),
            "sc-mtl": (19.85, 0.30),
            "curriculum-simple": (20.87, 0.36),
            "smtl": (20.87, 0.36),
            "amtl-noloss": (20.86, 0.36),
            "amtl": (18.80, 0.22),
            "amtl-curriculum": (20.33, 0.29),
        },
        "MNIST": {
            "stl": (14.76, 0.62),
            "mtfl": (14.12, 0.55),
            "go-mtl": (14.44, 1.34),
            "sc-mtl": (14.64, 0.50),
            "curriculum-simple": (14.56, 0.45),
            "smtl": (14.00, 0.41),
            "amtl-noloss": (14.24, 0.53),
            "amtl": (12.92, 1.37),
            "amtl-curriculum": (13.68, 1.42),
        },
        "USPS": {
            "stl": (12.44, 0.62),
            "mtfl": (12.29, 0.67),
            "go-mtl": (11.92, 1.48),
            "sc-mtl": (12.36, 0.74),
            "curriculum-simple": (12.28, 0.15),
            "smtl": (12.24, 0.58),
            "amtl-noloss": (12.56, 0.59),
            "amtl": (11.48, 1.21),
            "amtl-curriculum": (11.84, 1.46),
        },
        "School": {
            "stl": (10.34, 0.13),
            "mtfl": (9.92, 0.04),
            "go-mtl": (9.87, 0.09),
            "sc-mtl": (10.12, 0.05),
            "curriculum-simple": (10.30, 0.13),
            "smtl": (10.19, 0.05),
            "amtl-noloss": (10.18, 0.05),
            "amtl": (10.13, 0.08),
            "amtl-curriculum": (10.16, 0.05),
        },
        "AWA": {
            "stl": (58.33, 1.10),
            "mtfl": (65.00, 0.42),
            "go-mtl": (62.46, 0.25),
            "sc-mtl": (66.39, 0.65),
            "curriculum-simple": (57.37, 1.66),
            "smtl": (59.05, 0.40),
            "amtl-noloss": (58.20, 0.32),
            "amtl": (56.83, 1.11),
            "amtl-curriculum": (56.99, 1.09),
        },
    },
    "table2": {
        "Synthetic": {
            "stl": (54.05, 0.82),
            "mtfl": (55.44, 0.94),
            "go-mtl": (55.18, 0.85),
            "sc-mtl": (54.37, 0.98),
            "curriculum-simple": (54.05, 0.82),
            "smtl": (54.09, 0.85),
            "amtl-noloss": (53.93, 0.76),
            "amtl": (53.19, 0.77),
            "amtl-imbalanced": (53.09, 0.76),
        },
        "ImageNet-Room": {
            "stl": (45.85, 1.36),
            "mtfl": (47.95, 1.20),
            "go-mtl": (47.05, 1.35),
            "sc-mtl": (47.60, 1.26),
            "curriculum-simple": (45.25, 1.26),
            "smtl": (46.00, 1.16),
            "amtl-noloss": (48.20, 1.33),
            "amtl": (40.80, 1.46),
            "amtl-imbalanced": (40.00, 1.71),
        },
    },
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

# Built-in dataset behind each column of the paper's tables, for the claims. A stand-in has no column.
COLUMNS = {
    "table1": {"Synthetic": "synthetic", "MNIST": "mnist", "USPS": "usps", "School": "school", "AWA": "awa"},
    "table2": {"Synthetic": "imbalanced", "ImageNet-Room": "imagenet-room"},
}


def place(dataset):
    """Return (table, the paper's column or None, head of our column) of a built-in dataset.

    A dataset that the paper does not have stands in Table 1 without a column of the paper.
    """
    return DATASETS.get(dataset, ("table1", None, "this run"))


def table_datasets(table, run):
    """Return the run's datasets, available or not, that stand in `table`, in the paper's order."""
    ranks = {name: rank for rank, name in enumerate(DATASETS)}
    found = [each for each in (*run.datasets, *run.not_run) if place(built_in(each))[0] == table]
    return sorted(found, key=lambda each: ranks.get(built_in(each), len(ranks)))


def built_in(info):
    """Return the built-in dataset behind a `DatasetInfo` or a `NotRun`."""
    return getattr(info, "dataset", info.name)
