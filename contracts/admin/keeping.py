"""What cannot be deleted because other records rest on it: told kind by kind, without reading those records."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from django.db.models import PROTECT, RESTRICT, Model
from django.db.models.deletion import get_candidate_relations_to_delete
from django.http import HttpRequest
from django.utils.text import capfirst

from contracts import reading

# Whoever asks whether a source may go need not wait until millions of its rows are counted.
COUNTED_MAX = 1_000


class KeepsWhatIsUsed:
    """An admin of records on which others rest; Django would read all of those to list them."""

    def get_deleted_objects(self, objs: Iterable[Model], request: HttpRequest) -> Any:
        """Return what a deletion would take along, or what stands in its way."""
        in_the_way = [words for one in objs for words in _list_users(one)]
        return ([], {}, set(), in_the_way) if in_the_way else super().get_deleted_objects(objs, request)  # type: ignore[misc]


def _list_users(record: Model) -> Iterable[str]:
    """Name each kind of record that rests on one, with how many there are."""
    counts: Counter[str] = Counter()
    for relation in get_candidate_relations_to_delete(record._meta):
        if relation.on_delete in (PROTECT, RESTRICT):
            found = relation.related_model._base_manager.filter(**{relation.field.name: record})
            counts[str(relation.related_model._meta.verbose_name_plural)] += found.order_by()[: COUNTED_MAX + 1].count()
    for name, count in counts.items():
        if count:
            number = reading.write_number(f"{min(count, COUNTED_MAX):,}")
            yield f"{record}: {capfirst(name)} ({number}{'+' if count > COUNTED_MAX else ''})"
