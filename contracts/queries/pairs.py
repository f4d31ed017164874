"""Stored name-value pairs as a table that people read, instead of JSON."""

from collections.abc import Mapping
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString


def show_pairs(*, pairs: Any) -> SafeString:
    """Return pairs, or a list of them, as nested tables; empty ones as a dash."""
    if isinstance(pairs, Mapping):
        rows = format_html_join(
            "",
            '<tr><th scope="row" class="p-1 pr-4 text-left font-normal align-top">{}</th><td class="p-1">{}</td></tr>',
            ((str(name).replace("_", " "), show_pairs(pairs=value)) for name, value in pairs.items()),
        )
        return format_html("<table>{}</table>", rows)
    if isinstance(pairs, list):
        return format_html_join("", '<div class="mb-1">{}</div>', ((show_pairs(pairs=item),) for item in pairs)) or format_html("{}", "–")
    return format_html("{}", "–" if pairs in (None, "") else pairs)
