"""How long a signature holds, to the instant."""

from datetime import timedelta

import pytest

from agents.intake.vendors import signatures
from tests.factories import NOON


@pytest.mark.parametrize("direction", [1, -1])
def test_a_signature_holds_for_five_minutes_and_no_longer(direction: int) -> None:
    signed = signatures.Signed(method="POST", url="http://portal.example.org/", headers={}, body=b"", now=NOON)
    bound = direction * timedelta(minutes=5)

    signed.fresh(NOON + bound)
    with pytest.raises(signatures.BadSignature, match="older than five minutes"):
        signed.fresh(NOON + bound + direction * timedelta(microseconds=1))
