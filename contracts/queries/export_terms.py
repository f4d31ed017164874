"""Everything that was promised as one YAML document: the same terms always give the same bytes."""

from typing import Any

from contracts import terms_parts, terms_reading, yaml_text
from contracts.models import Contract


def export_terms(*, contract: Contract | None = None) -> str:
    """Return query types, channels, clients with contracts and versions, and pay plans as YAML.

    Args:
        contract: only this one, with its client and every query type and channel; None: everything.

    Returns: text in which money is written as decimal strings, parts as percent, days as YYYY-MM-DD, every field named.
    """
    content: dict[str, object] = {"format": terms_reading.FORMAT}
    for name, part in terms_parts.DOCUMENT:
        rows = [terms_parts.write_row(part=part, row=row) for row in part.model._default_manager.order_by("pk")]
        if contract is not None:
            rows = _only(name, rows, contract)
        content[name] = terms_parts.sort_rows(part=part, rows=rows)
    return yaml_text.write_yaml(content=content)


def _only(name: str, rows: list[dict[str, Any]], contract: Contract) -> list[dict[str, Any]]:
    """Leave only what one contract rests on."""
    if name == "pay_plans":
        return []
    if name != "clients":
        return rows
    mine = [row for row in rows if row["code"] == contract.client.code]
    return [{**row, "contracts": [one for one in row["contracts"] if one["code"] == contract.code]} for row in mine]
