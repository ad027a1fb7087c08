"""A package with a method, installed for a test: a module and the record of its entry points."""


def install(folder, name, module, code, package="their-package"):
    """Write the installed package; `folder` has to be on the path. Return the file of the module.

    name : of the method. module : full name of its module. code : its content.
    """
    file = folder.joinpath(*module.split(".")).with_suffix(".py")
    file.parent.mkdir(parents=True, exist_ok=True)
    if file.parent != folder:
        (file.parent / "__init__.py").touch()
    file.write_text(code, encoding="utf-8")
    record = folder / f"{package.replace('-', '_')}-1.0.dist-info"
    record.mkdir(exist_ok=True)
    (record / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n", encoding="utf-8"
    )
    (record / "entry_points.txt").write_text(f"[amtl.methods]\n{name} = {module}\n", encoding="utf-8")
    return file
