"""The words that lie beside the cases: what each file holds, and the arithmetic, so that a stranger needs nobody."""

import pathlib

from billing.evidence_file import columns

TEXT = pathlib.Path(__file__).parent / "readme.txt"
PLACE = "{columns}\n"


def write_readme() -> str:
    """Return README.txt: the arithmetic, with the columns of cases.csv."""
    described = "".join(f"  {column.name:20}{column.words}\n" for column in columns.COLUMNS)
    return TEXT.read_text(encoding="utf-8").replace(PLACE, described)
