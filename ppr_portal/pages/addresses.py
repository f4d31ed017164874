"""Parts of addresses: a day such as 2016-03-01, and where a statement stands."""

from datetime import date

from django.urls import register_converter

# The first day of the period that a page is about.
PERIOD = "<day:period_start>"
STATEMENT = f"agents/<int:agent_id>/statements/{PERIOD}"


class DayConverter:
    """A day in an address: 2016-03-01."""

    regex = r"\d{4}-\d{2}-\d{2}"

    def to_python(self, value: str) -> date:
        """Read a day; ValueError means that the address is no page."""
        return date.fromisoformat(value)

    def to_url(self, value: date) -> str:
        """Write a day."""
        return value.isoformat()


register_converter(DayConverter, "day")
