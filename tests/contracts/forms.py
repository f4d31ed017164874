"""Reads a page's form as a browser would send it, so that a test changes one field and posts the rest."""

from typing import Any

from lxml import html


def read_form(content: bytes) -> dict[str, Any]:
    """Return name and value of every control of the page's change form; rows that a script would add are left out."""
    [form] = [form for form in html.fromstring(content.decode()).forms if (form.get("id") or "").endswith("_form")]
    return {name: value or "" for name, value in form.form_values() if "__prefix__" not in name}
