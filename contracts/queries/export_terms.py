"""Everything that was promised as one YAML document: the same terms always give the same bytes."""

from contracts import terms_parts, terms_reading, yaml_text


def export_terms() -> str:
    """Return query types, channels, clients with contracts and versions, and pay plans as YAML.

    Returns: text in which money is written as decimal strings, parts as percent, days as YYYY-MM-DD, every field named.
    """
    content: dict[str, object] = {"format": terms_reading.FORMAT}
    for name, part in terms_parts.DOCUMENT:
        rows = [terms_parts.write_row(part=part, row=row) for row in part.model._default_manager.order_by("pk")]
        content[name] = terms_parts.sort_rows(part=part, rows=rows)
    return yaml_text.write_yaml(content=content)
