"""What every list has: its table as a file, and the filters that somebody saved."""

from typing import Any

from django import template
from django.http import HttpRequest

from ppr_portal.pages import filter_pages

register = template.Library()


@register.filter
def as_xlsx(csv_address: str) -> str:
    """Return where the table of a CSV address is an Excel file."""
    if "format=csv" in csv_address:
        return csv_address.replace("format=csv", "format=xlsx")
    return f"{csv_address}{'&' if '?' in csv_address else '?'}format=xlsx"


@register.inclusion_tag("components/_saved_filters.html", takes_context=True)
def saved_filters(context: template.Context) -> dict[str, Any]:
    """Show the filters that the reader saved for this page, and offer to save the one that is on."""
    request: HttpRequest = context["request"]
    return {"saved": filter_pages.shown(request), "csrf_token": context.get("csrf_token")}
