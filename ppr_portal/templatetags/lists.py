"""What every list has: its table as a file, and the filters that somebody saved."""

from django import template

register = template.Library()


@register.filter
def as_xlsx(csv_address: str) -> str:
    """Return where the table of a CSV address is an Excel file."""
    if "format=csv" in csv_address:
        return csv_address.replace("format=csv", "format=xlsx")
    return f"{csv_address}{'&' if '?' in csv_address else '?'}format=xlsx"
