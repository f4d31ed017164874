"""What cannot be deleted because other records rest on it: told kind by kind, without reading those records."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import PROTECT, RESTRICT, Exists, ForeignKey, Model, OuterRef, QuerySet
from django.db.models.deletion import get_candidate_relations_to_delete
from django.http import HttpRequest
from django.utils.text import capfirst

from contracts import reading

# Whoever asks whether a source may go need not wait until millions of its rows are counted.
COUNTED_MAX = 1_000
# Of thousands that were selected, so many are named.
NAMED_MAX = 5


class KeepsWhatIsUsed:
    """An admin of records on which others rest; Django would read all of those to list them."""

    def get_deleted_objects(self, objs: Iterable[Model], request: HttpRequest) -> Any:
        """Return what a deletion would take along, or what stands in its way."""
        in_the_way = list(_list_users(list(objs)))
        return ([], {}, set(), in_the_way) if in_the_way else super().get_deleted_objects(objs, request)  # type: ignore[misc]


@dataclass(kw_only=True)
class _Users:
    """Records of one kind that rest on others: how many, and on which."""

    count: int = 0
    rested_on: dict[Any, Model] = field(default_factory=dict)


def _list_users(records: Sequence[Model]) -> Iterator[str]:
    """Name each kind of record that rests on some, with how many there are and on which; as many queries for many as for a few."""
    if not records:
        return
    kinds: dict[str, _Users] = {}
    for relation in get_candidate_relations_to_delete(records[0]._meta):
        if relation.on_delete not in (PROTECT, RESTRICT):
            continue
        found = relation.related_model._base_manager.order_by()
        count = found.filter(**{f"{relation.field.name}__in": records})[: COUNTED_MAX + 1].count()
        if count:
            users = kinds.setdefault(str(relation.related_model._meta.verbose_name_plural), _Users())
            users.count += count
            users.rested_on |= {one.pk: one for one in _rested_on(records, relation.field, found)}
    for name, users in kinds.items():
        number = reading.write_number(f"{min(users.count, COUNTED_MAX):,}")
        named = [str(one) for one in list(users.rested_on.values())[:NAMED_MAX]]
        more = ["…"] if len(users.rested_on) > NAMED_MAX else []
        yield f"{', '.join(named + more)}: {capfirst(name)} ({number}{'+' if users.count > COUNTED_MAX else ''})"


def _rested_on(records: Sequence[Model], link: ForeignKey[Any, Any], found: QuerySet[Any]) -> Sequence[Model]:
    """Return the first of the records on which others rest by a link, one more than are named."""
    if len(records) == 1:
        return records
    used = Exists(found.filter(**{link.name: OuterRef(link.target_field.name)}))
    chosen = type(records[0])._base_manager.filter(used, pk__in=[one.pk for one in records])
    return list(chosen.order_by("pk")[: NAMED_MAX + 1])
