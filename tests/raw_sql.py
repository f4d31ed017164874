"""What the database itself refuses, raw SQL included."""

import pytest
from django.db import DatabaseError, connection, transaction


def refuse_sql(statement: str, *values: object) -> str:
    """Run a statement that the database must refuse, and return what it says."""
    with pytest.raises(DatabaseError) as refusal, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)
    return str(refusal.value)
