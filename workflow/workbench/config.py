"""The configuration: defaults from the schema, strict validation, and the key reference in config/README.md.

``python -m workbench.config`` prints the key reference; with ``--write FILE`` it renews the tables in FILE, and
with ``--check FILE ...`` it says what is wrong with files of configuration before Snakemake reads them.
"""

import argparse
import ast
import contextlib
import copy
import json
import math
from functools import cache
from pathlib import Path

import yaml
from jsonschema import Draft202012Validator

from amtl.errors import InputError, nearest
from workbench import pages, yaml_text
from workbench.datasets import _registry as registry
from workbench.errors import run
from workbench.result_files import write_text

PACKAGE = Path(__file__).resolve().parent
SCHEMA = PACKAGE.parent / "schemas" / "config.schema.yaml"
KINDS = {"datasets": "dataset", "methods": "method"}
# The keys of `run` that name entries beside run.datasets and run.methods.
SUBSETS = {"datasets": "ablation_datasets", "methods": "ablations"}
# The keys of an entry that are not options of its module or of its fit.
NAMING = ("dataset", "loss", "method", "title", "question")
TRUTH_VALUES = {"true": True, "false": False}


@cache
def load_schema():
    """Return the schema of the configuration."""
    return yaml.safe_load(SCHEMA.read_text(encoding="utf-8"))


@cache
def facts(folder, module):
    """Return the constants (TITLE, KIND, OPTIONS, ...) of a dataset's or a method's module.

    folder : ``datasets`` or ``methods``. A dataset's module imports little; a method's module brings in the
        solvers, so its constants are literals that are read from the syntax tree.
    """
    if folder == "datasets":
        return vars(registry.load(module))
    tree = ast.parse((PACKAGE / folder / f"{module}.py").read_text(encoding="utf-8"))
    found = {}
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            try:
                found[node.targets[0].id] = ast.literal_eval(node.value)
            except ValueError:
                continue
    return found


@cache
def builtin(folder):
    """Return {entry name: module name} of the datasets or methods that the project offers."""
    if folder == "datasets":
        modules = registry.names()
    else:
        files = sorted((PACKAGE / folder).glob("*.py"))
        modules = [file.stem for file in files if "OPTIONS" in facts(folder, file.stem)]
    return {module.replace("_", "-"): module for module in modules}


@cache
def benchmark_cases():
    """Return the names of the benchmark's cases: the files in `workbench.benchmark.cases`."""
    files = (PACKAGE / "benchmark" / "cases").glob("[a-z]*.py")
    return sorted(file.stem.replace("_", "-") for file in files)


def normalise(config):
    """Return `config` with every default filled in.

    ``datasets`` and ``methods`` of the answer hold all entries, built in and given, each with its ``module``,
    its common keys and its ``options``. Raises InputError that names the key and the nearest valid name.
    """
    _require_text_keys(config)
    schema = _schema_for(config)
    config = _read_text(config, schema)
    _check(config, schema)
    _refuse_non_finite(config)
    filled = _fill(config, schema)
    filled["run"]["strict"] = filled.pop("strict", filled["run"]["strict"])
    for folder, kind in KINDS.items():
        given = filled[folder]
        names = dict.fromkeys([*builtin(folder), *given])
        for key in (folder, SUBSETS[folder]):
            for name in filled["run"][key] or []:
                if name not in names:
                    raise InputError(f"config: run.{key}: unknown {kind} {name!r}{nearest(name, names)}")
        filled[folder] = {name: _complete(folder, name, given.get(name, {})) for name in names}
    _check_ablations(filled["run"], filled["methods"])
    _check_cases(filled["benchmark"])
    return filled


def _require_text_keys(value, path=()):
    """Raise InputError for a key that YAML takes for a number, a date or a truth value (on, no)."""
    if isinstance(value, dict):
        for key, content in value.items():
            if not isinstance(key, str):
                where = ".".join(path) or "top level"
                raise InputError(
                    f"config: {where}: the key {key!r} is not a text to YAML; put it in quotes to use it"
                )
            _require_text_keys(content, (*path, key))


def _check_cases(benchmark):
    """Raise InputError for a case that there is not; fill in all of them."""
    if benchmark["cases"] is None:
        benchmark["cases"] = list(benchmark_cases())
    for name in benchmark["cases"]:
        if name not in benchmark_cases():
            hint = nearest(name, benchmark_cases())
            raise InputError(f"config: benchmark.cases: unknown case {name!r}{hint}")


def _check_ablations(run, methods):
    """Raise InputError for an ablation that says nothing about a method of the run; fill in the datasets."""
    for name in run["ablations"]:
        varied = methods[name]["method"]
        if name in run["methods"]:
            raise InputError(
                f"config: run.ablations: {name!r} is in run.methods too; a new entry under `methods` with "
                "another name varies it"
            )
        if varied not in run["methods"]:
            raise InputError(
                f"config: run.ablations: {name!r} varies {varied!r}, which is not in run.methods; add it "
                f"there, or take {name!r} out"
            )
    if run["ablation_datasets"] is None:
        run["ablation_datasets"] = list(run["datasets"])
    # Some may be missing there: one file of configuration names the ablations, a later one the datasets.
    if run["ablations"] and not set(run["ablation_datasets"]) & set(run["datasets"]):
        raise InputError(
            "config: run.ablation_datasets: none of its datasets is in run.datasets; add one that is, or set "
            "run.ablations: []"
        )


def entry_schema(folder, module):
    """Return the schema of an entry: the common keys and the options of its module."""
    schema = copy.deepcopy(load_schema()["properties"][folder]["additionalProperties"])
    schema["properties"].update(facts(folder, module)["OPTIONS"])
    return schema


def _schema_for(config):
    """Return the schema of `config`, in which every entry has the options of the module that it names."""
    schema = copy.deepcopy(load_schema())
    for folder in KINDS:
        given = config.get(folder)
        entries = given.items() if isinstance(given, dict) else ()
        schema["properties"][folder]["properties"] = {
            str(name): entry_schema(folder, _module(folder, name, entry))
            for name, entry in entries
            if isinstance(entry, dict)
        }
    return schema


def _module(folder, name, entry):
    """Return the module behind an entry; raise InputError, with the nearest name, if there is none."""
    kind = KINDS[folder]
    key = f"{folder}.{name}.{kind}" if kind in entry else f"{folder}.{name}"
    base = entry.get(kind, name)
    if not isinstance(base, str) or base not in builtin(folder):
        hint = nearest(base, builtin(folder))
        raise InputError(
            f"config: {key}: no built-in {kind} {str(base)!r}{hint} (a new entry names one as `{kind}`)"
        )
    return builtin(folder)[base]


def _complete(folder, name, entry):
    """Return the entry with its defaults and its module; what the module's functions take is in `options`."""
    kind = KINDS[folder]
    module = _module(folder, name, entry)
    options = _fill(entry, entry_schema(folder, module))
    naming = {key: options.pop(key) for key in NAMING if key in options}
    complete = {kind: name, **naming, "module": module, "options": options}
    constants = facts(folder, module)
    if folder == "methods":
        complete.setdefault("title", constants["TITLE"] if complete[kind] == name else name)
    else:
        regression = constants["KIND"] == "regression"
        if complete["loss"] == "auto":
            complete["loss"] = "squared" if regression else "logistic"
        if complete["loss"] == "logistic" and regression:
            raise InputError(f"config: datasets.{name}.loss: logistic loss needs classes; use squared")
    return complete


def _fill(value, schema):
    """Return a copy of `value` with the defaults of `schema`'s properties."""
    if not isinstance(value, dict):
        return copy.deepcopy(value)
    filled = {key: copy.deepcopy(content) for key, content in value.items()}
    for key, part in schema.get("properties", {}).items():
        if key in filled or "default" in part:
            filled[key] = _fill(filled.get(key, part.get("default")), part)
    return filled


def _read_text(value, schema):
    """Return `value` with text read as a number or a truth value where `schema` asks for one, and 2.0 as 2.

    Snakemake hands over all that stands inside a value of --config as text, and YAML takes 1e-6 for text.
    To JSON 2.0 is an integer; Python cannot count with it.
    """
    if isinstance(value, dict):
        parts = schema.get("properties", {})
        return {key: _read_text(content, parts.get(key, {})) for key, content in value.items()}
    if isinstance(value, list):
        return [_read_text(content, schema.get("items", {})) for content in value]
    if isinstance(value, str) and not _valid(value, schema):
        # The type alone decides here, so that a number out of range is reported as that number.
        kind = {"type": schema["type"]} if "type" in schema else schema
        for read in (int, float, TRUTH_VALUES.__getitem__):
            with contextlib.suppress(ValueError, KeyError):
                if _valid(read(value), kind):
                    return _whole(read(value), schema)
    return _whole(value, schema)


def _whole(value, schema):
    """Return `value` as int if it is whole and `schema` asks for an integer, by its type or its choices."""
    wanted = "integer" in schema.get("type", "integer")
    return int(value) if wanted and isinstance(value, float) and value.is_integer() else value


def _valid(value, schema):
    return Draft202012Validator(schema).is_valid(value)


def _check(value, schema):
    """Raise InputError for the first key of `value` that breaks `schema`."""
    errors = sorted(
        Draft202012Validator(schema).iter_errors(value), key=lambda error: list(map(str, error.path))
    )
    if not errors:
        return
    error = errors[0]
    path = list(map(str, error.absolute_path))
    if error.validator == "additionalProperties":
        valid = error.schema.get("properties", {})
        unknown = next(key for key in error.instance if key not in valid)
        key = ".".join([*path, str(unknown)])
        raise InputError(f"config: unknown key {key}{nearest(unknown, valid)}")
    where = ".".join(path) or "top level"
    message = error.message.replace("\n", " ")
    raise InputError(f"config: {where}: {message}; config/README.md describes this key")


def _refuse_non_finite(value, path=()):
    """Raise InputError for NaN or infinity, which no schema keyword rules out."""
    if isinstance(value, float) and not math.isfinite(value):
        raise InputError(f"config: {'.'.join(path)}: {value} is not a finite number; give one that is")
    if isinstance(value, dict):
        for key, content in value.items():
            _refuse_non_finite(content, (*path, str(key)))


def document():
    """Return {section: markdown table} of every key, made from the schema and the modules' OPTIONS."""
    sections = load_schema()["properties"]
    tables = {}
    for name in ("run", "data", "report", "benchmark"):
        tables[name] = _table(name, sections[name]["properties"])
    for folder in KINDS:
        common = sections[folder]["additionalProperties"]["properties"]
        blocks = [_table(f"{folder}.NAME", common)]
        for entry, module in builtin(folder).items():
            options = facts(folder, module)["OPTIONS"]
            if options:
                blocks.append(f"Options of `{entry}`:\n\n{_table(f'{folder}.{entry}', options)}")
            else:
                blocks.append(f"`{entry}` has no options of its own.")
        tables[folder] = "\n\n".join(blocks)
    return tables


def _table(prefix, properties):
    lines = ["| key | meaning | unit | default | example |", "|---|---|---|---|---|"]
    for key, part in properties.items():
        default = _show(part["default"]) if "default" in part else "–"
        meaning = " ".join(part["description"].split()).replace("|", "\\|")
        if "enum" in part:
            meaning += f" One of {', '.join(map(_show, part['enum']))}."
        unit, example = part.get("unit", "–"), _show(_example(part))
        lines.append(f"| `{prefix}.{key}` | {meaning} | {unit} | {default} | {example} |")
    return "\n".join(lines)


def _show(value):
    return f"`{json.dumps(value)}`"


def _example(part):
    """Return the first example, or another choice than the default."""
    if "examples" in part:
        return part["examples"][0]
    choices = part.get("enum") or ([True, False] if part.get("type") == "boolean" else [])
    others = [choice for choice in choices if choice != part.get("default")]
    return others[0] if others else part.get("default")


def renew(text):
    """Return the markdown `text` with the tables between its ``<!-- keys: SECTION -->`` marks made anew."""
    return pages.renew(text, "keys", document())


def check_file(path):
    """Raise InputError that names the file `path` and the line unless it is YAML with keys at its top."""
    try:
        content = yaml_text.load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(
            f"{path}: this configuration cannot be read ({error.strerror}); name another one"
        ) from None
    except (ValueError, yaml.YAMLError) as error:
        reason = " ".join(str(error).split())
        raise InputError(f"{path}: this configuration is not valid YAML: {reason}; mend it there") from None
    if not isinstance(content, dict):
        raise InputError(f"{path}: this configuration has no keys; config/README.md describes them")


def main():
    parser = argparse.ArgumentParser(description="Print the reference of all configuration keys.")
    parser.add_argument("--write", metavar="FILE", type=Path, help="renew the tables in this markdown file")
    parser.add_argument("--check", metavar="FILE", type=Path, nargs="+", help="check that these are YAML")
    args = parser.parse_args()
    for file in args.check or []:
        check_file(file)
    if args.check:
        return
    if args.write:
        write_text(args.write, renew(args.write.read_text(encoding="utf-8")))
    else:
        print("\n\n".join(document().values()))


if __name__ == "__main__":
    run(main)
