"""Names of countries, and addresses as papers have them."""

from django.utils import translation

from billing import countries

STORED = "Alder Home LLC\n1 Mill Road\nAustin, Texas 78701\nUnited States"


def test_an_address_ends_with_its_country_in_words() -> None:
    with translation.override("es"):
        # Papers are issued in the portal's own language, whoever asks for them.
        assert countries.write_address(
            legal_name="Alder Home LLC", street="1 Mill Road", postcode="78701", city="Austin, Texas", country="US"
        ) == (STORED)


def test_a_stored_address_is_told_with_its_country_in_the_readers_language() -> None:
    with translation.override("es"):
        assert countries.tell(STORED).splitlines()[-1] == "Estados Unidos"
        assert countries.tell("Alder Home LLC\n78701 Austin, Texas\nUS").splitlines()[-1] == "Estados Unidos"
        assert countries.tell("Alder Home") == "Alder Home"
    assert countries.tell(STORED) == STORED


def test_an_address_stays_the_same_however_it_is_written() -> None:
    assert countries.is_same("Alder Home LLC\n1 Mill Road\n78701 Austin, Texas\nUS", STORED)
    assert not countries.is_same("Alder Home LLC\n1 Mill Road\n78701 Austin, Texas\nMX", STORED)
    assert not countries.is_same("Alder Home LLC\n2 Mill Road\n78701 Austin, Texas\nUS", STORED)
