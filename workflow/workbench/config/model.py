"""The complete configuration: its entries with their options, and the checks beyond the schema."""

import copy
from functools import cache

import yaml

from amtl.errors import InputError, nearest
from workbench import plugins
from workbench.config.plugin_folders import check_plugins, load_spec
from workbench.config.values import require_text_keys, validated
from workbench.schema_files import schema_file

SCHEMA = schema_file("config.schema.yaml")
# Each section of entries, and the key by which an entry names the built-in one that it varies.
KINDS = {"datasets": "dataset", "methods": "method"}
# The keys of `run` that name entries.
NAMED_BY = {"datasets": ("datasets", "ablation_datasets"), "methods": ("methods", "ablations")}
# The keys of an entry that its functions do not receive.
NOT_OPTIONS = ("dataset", "method", "title", "loss", "question")


@cache
def load_schema():
    """Return the schema of the configuration, without the options of datasets and methods."""
    return yaml.safe_load(SCHEMA.read_text(encoding="utf-8"))


def common_keys(section):
    """Return the schemas of the keys that every entry of ``datasets`` or ``methods`` has."""
    return load_schema()["properties"][section]["additionalProperties"]["properties"]


def normalise(config):
    """Return `config` with every default filled in and with one form of keys and numbers.

    ``datasets`` and ``methods`` of the result hold the entries that ``run`` names or `config` gives. An entry
    has ``dataset`` or ``method`` (the built-in behind it), ``module`` (its full name), ``title``, ``options``
    (what its functions receive), and ``loss`` or ``question``. Only modules of these entries are imported.
    Raises InputError that names the key, and the nearest valid name where a name is unknown.
    """
    require_text_keys(config)
    rule = load_schema()["properties"]["plugins"]
    folders = validated(config.get("plugins", rule["default"]), rule, ("plugins",))
    check_plugins(folders)
    modules = {section: plugins.find(section, folders) for section in KINDS}
    filled = validated(config, _schema_for(config, modules))
    run = filled["run"]
    run["strict"] = filled.pop("strict", run["strict"])
    for section in KINDS:
        given = filled[section]
        _check_names(run, section, modules[section].keys() | given.keys())
        named = [name for key in NAMED_BY[section] for name in run[key] or ()]
        filled[section] = {
            name: _complete_entry(section, name, given.get(name, {}), modules[section])
            for name in sorted({*named, *given})
        }
    _check_ablations(run, filled["methods"])
    _check_cases(filled["benchmark"])
    return filled


def complete(section, name, folders):
    """Return the entry of a built-in dataset or method that a configuration does not mention.

    section : ``datasets`` or ``methods``. folders : the plug-in folders.
    """
    return _complete_entry(section, name, {}, plugins.find(section, folders))


def entry_schema(section, name, module):
    """Return the schema of an entry of the built-in `name`: the common keys and the options of its spec."""
    schema = copy.deepcopy(load_schema()["properties"][section]["additionalProperties"])
    options = load_spec(section, name, module).options
    for option in options.keys() & schema["properties"].keys():
        raise InputError(f"{module}: option {option!r} has the name of a common key; rename the option")
    schema["properties"].update(options)
    return schema


def _schema_for(config, modules):
    """Return the schema of `config`, in which every given entry has the options of its built-in."""
    schema = copy.deepcopy(load_schema())
    for section in KINDS:
        given = config.get(section)
        entries = given.items() if isinstance(given, dict) else ()
        schema["properties"][section]["properties"] = {
            name: _schema_of(section, name, entry, modules[section])
            for name, entry in entries
            if isinstance(entry, dict)
        }
    return schema


def _schema_of(section, name, entry, modules):
    """Return the schema of the entry `name`; raise InputError if there is no built-in behind it."""
    kind = KINDS[section]
    base = entry.get(kind, name)
    if not isinstance(base, str) or base not in modules:
        key = f"{section}.{name}.{kind}" if kind in entry else f"{section}.{name}"
        advice = "" if kind in entry else f" (a new entry names a built-in one with the key `{kind}`)"
        raise InputError(f"config: {key}: unknown {kind} {str(base)!r}{nearest(base, modules)}{advice}")
    return entry_schema(section, base, modules[base])


def _complete_entry(section, name, entry, modules):
    """Return the entry with its defaults, its title and its module."""
    kind = KINDS[section]
    base = entry.get(kind, name)
    module = modules[base]
    spec = load_spec(section, base, module)
    options = validated(entry, entry_schema(section, base, module), (section, name))
    own = {key: options.pop(key) for key in NOT_OPTIONS if key in options}
    complete = {kind: base, "title": spec.title if base == name else name}
    complete |= own | {"module": module, "options": options}
    if section == "datasets":
        regression = spec.kind == "regression"
        if complete["loss"] == "auto":
            complete["loss"] = "squared" if regression else "logistic"
        if complete["loss"] == "logistic" and regression:
            raise InputError(f"config: datasets.{name}.loss: logistic loss needs classes; use squared")
    return complete


def _check_names(run, section, known):
    """Raise InputError for an unknown name of an entry in `run`."""
    for key in NAMED_BY[section]:
        for index, name in enumerate(run[key] or ()):
            if name not in known:
                raise InputError(
                    f"config: run.{key}[{index}]: unknown {KINDS[section]} {name!r}{nearest(name, known)}"
                )


def _check_ablations(run, methods):
    """Raise InputError for an ablation that varies no method of the run; fill in the datasets."""
    for index, name in enumerate(run["ablations"]):
        key, varied = f"config: run.ablations[{index}]", methods[name]["method"]
        if name in run["methods"]:
            raise InputError(
                f"{key}: {name!r} is in run.methods too; add an entry with another name under `methods`"
            )
        if varied not in run["methods"]:
            raise InputError(
                f"{key}: {name!r} varies {varied!r}, which is not in run.methods; add it there, or "
                f"remove {name!r} here"
            )
    if run["ablation_datasets"] is None:
        run["ablation_datasets"] = list(run["datasets"])
    # Datasets outside the run are allowed: one file may name the ablations and a later file the datasets.
    if run["ablations"] and not set(run["ablation_datasets"]) & set(run["datasets"]):
        raise InputError(
            "config: run.ablation_datasets: none of its datasets is in run.datasets; add one that is, or set "
            "run.ablations: []"
        )


def _check_cases(benchmark):
    """Raise InputError for an unknown benchmark case; fill in all cases for null."""
    known = list(plugins.find("cases"))
    if benchmark["cases"] is None:
        benchmark["cases"] = known
    for index, name in enumerate(benchmark["cases"]):
        if name not in known:
            raise InputError(f"config: benchmark.cases[{index}]: unknown case {name!r}{nearest(name, known)}")
