"""What a column of a table holds: numbers, categories, dates or texts, and what is suspicious about it."""

import re
from dataclasses import dataclass, field

import numpy as np

from amtl.errors import InputError
from workbench.datasets._tables import text

NUMBER, CATEGORY, DATE, TEXT, EMPTY = "number", "category", "date", "text", "empty"
# A text column with more different values than this is no category.
MAX_LEVELS = 50
# A column of texts in which more than this share are numbers has mistyped numbers.
MISTYPED = 0.8
# Different values are counted up to this number, first in a sample of rows.
MAX_COUNTED, SAMPLE_ROWS = 10_000, 50_000
# Fewer rows than this may all differ by chance.
MIN_ROWS_OF_IDENTIFIER = 30
SUSPICIOUS_CORRELATION = 0.9
IDENTIFIER = re.compile(r"(.*[_ .-])?(id|uuid|guid|index|rownames?|row)([_ .#-].*)?", re.IGNORECASE)
DATE_PATTERN = r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}([ T].*)?|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}( .*)?"


@dataclass
class Column:
    """A column: its kind, the number of missing values and of different ones, and what is suspicious.

    unusable : why it cannot be a feature, or an empty text. suspicious : why it should not be one: it is left
    out unless the user names it. findings : what the user should know.
    """

    name: str
    kind: str
    missing: int
    distinct: int
    unusable: str = ""
    suspicious: str = ""
    findings: list = field(default_factory=list)


def numbers(file, series):
    """Return a column as float64 (n,), NaN for missing values, or None if it holds something else.

    Numbers with a decimal comma are read, too. Raises InputError that names the row of an infinite or
    mistyped number.
    """
    import pandas as pd

    kind = series.dtype.kind if isinstance(series.dtype, np.dtype) else ""
    if isinstance(series.dtype, pd.CategoricalDtype):
        return numbers(file, series.astype(series.cat.categories.dtype))
    if kind in "iufb" and kind or (not kind and pd.api.types.is_numeric_dtype(series)):
        values = series.to_numpy(dtype=np.float64, na_value=np.nan)
        infinite = np.isinf(values)
        if infinite.any():
            row = int(np.argmax(infinite))
            raise InputError(
                f"{file}: column {series.name!r}, row {row + 1} is infinite; correct it, or leave it empty"
            )
        return values
    if kind and kind not in "OUS":
        return None
    found = texts(series)
    present = found.notna()
    values = pd.to_numeric(found, errors="coerce")
    good = int(values.notna().sum())
    total = int(present.sum())
    if total == 0:
        return None
    if good < total:
        # A column of texts has few different ones.
        others = pd.Series(found[present & values.isna()].unique())
        both = others.str.fullmatch(text.BOTH_MARKS)
        commas = others.str.fullmatch(text.DECIMAL_COMMA)
        thousands = others.str.fullmatch(text.THOUSANDS[","])
        if both.any() and (both | commas | thousands).all():
            raise InputError(
                f"{file}: column {series.name!r} holds numbers such as {others[both].iloc[0]!r}, with a "
                "mark of thousands; write them with a decimal point and no other mark"
            )
        if commas.all():
            if thousands.all():
                raise InputError(
                    f"{file}: column {series.name!r} holds numbers such as {others.iloc[0]!r}: is the comma "
                    "a decimal mark or one of thousands? Write them with a decimal point and no other mark"
                )
            return numbers(file, pd.to_numeric(found.str.replace(",", ".", regex=False)))
        if good > MISTYPED * total:
            row = int(np.argmax((present & values.isna()).to_numpy()))
            raise InputError(
                f"{file}: column {series.name!r}, row {row + 1}: {found.iloc[row]!r} is not a number, but "
                f"{good:,} others are; correct it, leave it empty, or name the column in `categorical` or "
                "`drop`"
            )
        return None
    return numbers(file, values)


def texts(series):
    """Return a column as one-line texts; missing values stay missing, and 3.0 becomes ``3``."""
    import pandas as pd

    if pd.api.types.is_bool_dtype(series):
        return series.astype(str)
    if pd.api.types.is_numeric_dtype(series):
        values = series.to_numpy(dtype=np.float64, na_value=np.nan)
        codes, present = pd.factorize(values)
        whole = (present == np.round(present)).all() and (np.abs(present) < 1e15).all()
        shown = np.array([f"{each:.0f}" if whole else repr(float(each)) for each in present] + [None], object)
        return pd.Series(shown[codes], dtype=object)
    # Most columns of texts repeat few values, so each is cleaned once.
    codes, values = pd.factorize(series.reset_index(drop=True))
    cleaned = np.array([text.clean(_decoded(each)) for each in values] + [None], dtype=object)
    cleaned[cleaned == ""] = None
    return pd.Series(cleaned[codes], dtype=object)


def _decoded(value):
    return value.decode("utf-8", errors="replace") if isinstance(value, bytes) else str(value)


def describe(file, series, categorical=False):
    """Return the `Column` of a column.

    categorical : whether the user calls it a category, whatever it holds. A mistyped number is a finding.
    """
    import pandas as pd

    name, missing = series.name, int(series.isna().sum())
    if missing == len(series):
        return Column(name, EMPTY, missing, 0, unusable="has no values")
    try:
        values = None if categorical else numbers(file, series)
    except InputError as error:
        return Column(name, TEXT, missing, series.nunique(), unusable=str(error))
    if values is not None:
        return _describe_numbers(name, values)
    if pd.api.types.is_datetime64_any_dtype(series):
        return Column(name, DATE, missing, series.nunique(), unusable=_use_of_dates(name))
    found = texts(series).dropna()
    distinct = found.nunique()
    if not categorical and found.iloc[:1000].str.fullmatch(DATE_PATTERN).all():
        return Column(name, DATE, missing, distinct, unusable=_use_of_dates(name))
    column = Column(name, CATEGORY, len(series) - len(found), distinct)
    if distinct == 1:
        column.suspicious = "has the same value in all rows"
    elif distinct == len(found) >= MIN_ROWS_OF_IDENTIFIER:
        column.suspicious = "has another text in every row, as an identifier has"
        column.kind = TEXT
    if distinct > MAX_LEVELS and not categorical:
        column.kind = TEXT
        column.unusable = column.suspicious or _use_of_texts(found, distinct)
    return column


def _use_of_texts(found, distinct):
    """Return why a column with many texts is no feature. found : its texts."""
    import pandas as pd

    others = found[pd.to_numeric(found, errors="coerce").isna()]
    if len(others) < len(found) / 2:
        return (
            f"has {len(found) - len(others):,} numbers and {len(others):,} other texts, such as "
            f"{others.iloc[0]!r}; write these as numbers, or leave them empty, to use it"
        )
    return (
        f"is a text with {distinct:,} different values, more than {MAX_LEVELS}; name it in `categorical` "
        "to use it"
    )


def _use_of_dates(name):
    return f"is a date; use it to divide the rows (split_by: {{time: {name}}}), or write it as a number"


def _describe_numbers(name, values):
    present = values[~np.isnan(values)]
    column = Column(name, NUMBER, len(values) - len(present), 0)
    if len(present) == 0:
        column.kind, column.unusable = EMPTY, "has no values"
        return column
    low, high = present.min(), present.max()
    if low == high:
        column.distinct, column.suspicious = 1, "has the same value in all rows"
        return column
    column.distinct = count_distinct(present)
    if IDENTIFIER.fullmatch(name):
        column.findings.append("is named like an identifier")
    whole = len(present) == len(values) >= MIN_ROWS_OF_IDENTIFIER and (present == np.round(present)).all()
    in_order = whole and (np.diff(present) > 0).all()
    if in_order or (whole and high - low < 2 * len(values) and len(np.unique(present)) == len(values)):
        column.suspicious = "has another whole number in every row, as an identifier has"
    return column


def count_distinct(values):
    """Return the number of different values, or `MAX_COUNTED` for that many and more."""
    few = len(np.unique(values[:SAMPLE_ROWS]))
    return MAX_COUNTED if few >= MAX_COUNTED else min(len(np.unique(values)), MAX_COUNTED)


def compare_with_target(column, values, target, is_class):
    """Note in `column` whether the feature is a copy of the target, or determines it.

    values, target : (n,) without missing values in common; of a class or a category the codes. is_class :
    whether the target is a class.
    """
    if len(values) < 3 or column.distinct < 2:
        return
    if column.kind == NUMBER and not is_class:
        with np.errstate(invalid="ignore", divide="ignore"):
            correlation = np.corrcoef(values, target)[0, 1]
        if abs(correlation) > 1.0 - 1e-9:
            column.suspicious = "is the target, up to scale and offset"
            return
        if abs(correlation) > SUSPICIOUS_CORRELATION:
            column.findings.append(
                f"has correlation {correlation:.2f} with the target: is it known before the target is?"
            )
    if column.distinct > len(values) / 2 or column.distinct >= MAX_COUNTED:
        if is_class and column.kind == NUMBER and _separates(values, target):
            column.findings.append(
                "separates the classes without an error: is it known before the target is?"
            )
        return
    # The target is a function of the feature if each value comes with one value of the target.
    pairs = len(np.unique(np.column_stack([values, target]), axis=0))
    seen = len(np.unique(values))
    if pairs == seen:
        if seen == len(np.unique(target)):
            column.suspicious = "is the target under other names: each value comes with one of the target"
        else:
            column.findings.append("determines the target: each of its values comes with one value of it")


def _separates(values, classes):
    """Return whether the values of each class lie in a range of their own. A few rows may do so by chance."""
    if len(values) < MIN_ROWS_OF_IDENTIFIER:
        return False
    codes = classes.astype(int)
    low, high = np.full(codes.max() + 1, np.inf), np.full(codes.max() + 1, -np.inf)
    np.minimum.at(low, codes, values)
    np.maximum.at(high, codes, values)
    order = np.argsort(low)[: len(np.unique(codes))]
    return bool((high[order[:-1]] < low[order[1:]]).all())
