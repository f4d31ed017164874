"""Records that only grow, or that are fixed once approved, cannot be emptied at once either, whoever asks."""

import pytest
from django.db import IntegrityError, connection, transaction

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "table",
    [
        "agents_caseevent",
        "agents_resolutiontransition",
        "billing_bookedline",
        "billing_earning",
        "billing_settlement",
        "billing_settlementline",
    ],
)
def test_records_cannot_be_truncated(table: str) -> None:
    said = f"the records of {table} are kept and cannot be truncated"
    with pytest.raises(IntegrityError, match=said), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {table} CASCADE")


def test_what_they_hang_on_takes_none_with_it() -> None:
    with pytest.raises(IntegrityError, match="cannot be truncated"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("TRUNCATE agents_agent CASCADE")
