"""The complete configuration: its entries with their options, and the checks beyond the schema."""

from amtl.errors import InputError, nearest
from workbench import plugins
from workbench.config.plugin_folders import load_spec, use_plugins
from workbench.config.values import validated
from workbench.config.yaml_files import load_schema

# The schema of the configuration; its `$defs` are those of the entries, without their options.
SCHEMA = "config.schema.yaml"
# Each section of entries, and the key by which an entry names the built-in one that it varies.
KINDS = {"datasets": "dataset", "methods": "method"}
# The keys of `run` that name entries.
NAMED_BY = {"datasets": ("datasets", "ablation_datasets"), "methods": ("methods", "ablations")}
# The kinds of plug-ins that the report shows.
OUTPUTS = ("tables", "figures")
# An entry with this key is a table of the user's own, whatever its name.
TABLE = "table"
# The keys of an entry that its functions do not receive.
NOT_OPTIONS = ("dataset", "method", "methods", "title", "loss", "splits")
NOT_OPTIONS += ("question", "max_iterations", "not_on")


def normalise(config):
    """Return `config` with every default filled in and with one form of keys and numbers.

    ``datasets`` and ``methods`` of the result hold the entries that ``run`` names or `config` gives. An entry
    has ``dataset`` or ``method`` (the built-in behind it), ``module`` (its full name), ``title``, ``options``
    (what its functions receive), and ``loss`` (``auto`` where a file decides on the kind of tasks),
    ``splits`` and ``methods``, or ``question``, ``max_iterations`` and ``not_on``. Only modules of these
    entries are imported. Raises InputError that names the key, and the nearest valid name where a name is
    unknown.
    """
    filled = validated(config, load_schema(SCHEMA))
    use_plugins(filled["plugins"])
    run, benchmark = filled["run"], filled["benchmark"]
    if run["name"] == "benchmark":
        raise InputError("config: run.name: 'benchmark' is taken by the published benchmark; choose another")
    run["strict"] = filled.pop("strict", run["strict"])
    for section, kind in KINDS.items():
        given, modules = filled[section], plugins.find_entries(section, filled["plugins"])
        named = set(given)
        known = {*modules, *given}
        for key in NAMED_BY[section]:
            _require_known(f"run.{key}", run[key], known, kind)
            named.update(run[key] or ())
        # What the entries of the other section say about those of this one.
        other, key = {"datasets": ("methods", "not_on"), "methods": ("datasets", "methods")}[section]
        for name, entry in filled[other].items():
            _require_known(f"{other}.{name}.{key}", entry.get(key), known, kind)
        filled[section] = {
            name: complete(section, name, modules, given.get(name, {})) for name in sorted(named)
        }
    if run["ablation_datasets"] is None:
        run["ablation_datasets"] = list(run["datasets"])
    _check_ablations(run, filled["methods"])
    outputs = [name for each in OUTPUTS for name in plugins.find(each, filled["plugins"])]
    _require_known("report.outputs", filled["report"]["outputs"], outputs, "table or figure")
    cases = list(plugins.find("cases"))
    _require_known("benchmark.cases", benchmark["cases"], cases, "case")
    benchmark["cases"] = benchmark["cases"] or cases
    return filled


def complete(section, name, modules, entry):
    """Return an entry with its defaults, its title and its module.

    section : ``datasets`` or ``methods``. modules : {name: module} of the built-in ones and of the plug-ins.
    """
    kind, common = KINDS[section], load_schema(SCHEMA)["$defs"][section]
    base = str(entry.get(kind, TABLE if section == "datasets" and TABLE in entry else name))
    if base not in modules:
        raise InputError(f"config: {section}.{name}.{kind}: unknown {kind} {base!r}{nearest(base, modules)}")
    spec = load_spec(section, base, modules[base])
    for option in spec.options.keys() & common["properties"].keys():
        raise InputError(
            f"{modules[base]}: option {option!r} has the name of a common key; rename the option"
        )
    schema = common | {"properties": properties_of(spec, common["properties"])}
    options = validated(entry, schema, (section, name))
    own = {key: options.pop(key) for key in NOT_OPTIONS if key in options}
    complete = {kind: base, "title": spec.title if base == name else name, **own}
    if section == "datasets" and spec.kind_of is None:
        complete["loss"] = loss_of(name, complete["loss"], spec.kind)
    return complete | {"module": modules[base], "options": options}


def properties_of(spec, common):
    """Return the schema of the keys of an entry: common ones, with a method's defaults, and its own."""
    own = getattr(spec, "defaults", {})
    return common | {key: common[key] | {"default": default} for key, default in own.items()} | spec.options


def loss_of(name, loss, kind):
    """Return the loss of the fits on dataset `name`. loss : as configured. kind : of its tasks."""
    if loss == "logistic" and kind == "regression":
        raise InputError(f"config: datasets.{name}.loss: logistic loss needs classes; use squared")
    return ("squared" if kind == "regression" else "logistic") if loss == "auto" else loss


def _require_known(key, names, known, kind):
    """Raise InputError for the first of `names`, a list or None, that is not in `known`."""
    for index, name in enumerate(names or ()):
        if name not in known:
            raise InputError(f"config: {key}[{index}]: unknown {kind} {name!r}{nearest(name, known)}")


def _check_ablations(run, methods):
    """Raise InputError for an ablation that varies no method of the run, or that runs on no dataset."""
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
    # Datasets outside the run are allowed: one file may name the ablations and a later file the datasets.
    if run["ablations"] and not set(run["ablation_datasets"]) & set(run["datasets"]):
        raise InputError(
            "config: run.ablation_datasets: none of its datasets is in run.datasets; add one that is, or set "
            "run.ablations: []"
        )
