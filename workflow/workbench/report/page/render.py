"""From the content to the page: the templates with the style and the script in them."""

import base64
import hashlib
from pathlib import Path

from amtl.errors import InputError
from workbench.jobs import to_json

FOLDER = Path(__file__).parent / "templates"
MAX_BYTES = 6_000_000


def render(content):
    """Return the page of `content.build`'s variables. Raises InputError for a page that is too large."""
    import jinja2
    from markupsafe import Markup

    loader = jinja2.FileSystemLoader(FOLDER)
    environment = jinja2.Environment(
        loader=loader, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    style, script = ((FOLDER / f"page.{kind}").read_text(encoding="utf-8") for kind in ("css", "js"))
    # The browser runs this script and no other.
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    page = environment.get_template("page.html").render(
        **content,
        style=Markup(style),
        script=Markup(script),
        script_hash=digest,
        # It escapes <, > and &, so no text can end the element.
        graphs_json=Markup(to_json(content["graphs"])),
    )
    size = len(page.encode())
    if size > MAX_BYTES:
        raise InputError(
            f"results/report.html: {size:,} bytes, more than {MAX_BYTES:,}; select fewer datasets or methods"
        )
    return page
