"""Import a terms document: whole or not at all, and never over a version that somebody was promised."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.translation import gettext

from contracts import lint_sentences, terms_parts, terms_reading, yaml_text
from contracts.models import BusinessCalendar, Channel, QueryType, ResolutionPolicy, VersionStatus
from contracts.operations import versions
from contracts.queries import calendar_words, lint
from contracts.rules import errors
from contracts.rules.lint import dates

# What people may change at any time: names, and how long a client's words are kept. Everything else of a stored row moves money.
RENAMED = ("name", "is_simulated", "keeps_comments", "comment_days", "raw_days", "held_days")


REFERRED = MappingProxyType({"query_type": QueryType, "channel": Channel, "calendar": BusinessCalendar})


class UnableToImport(ValueError):
    """A document that was refused as a whole, with every fault and its place; nothing was written."""

    def __init__(self, faults: list[errors.InvalidInput]) -> None:
        super().__init__("; ".join(f"/{'/'.join(str(part) for part in fault.path)}: {fault.message}" for fault in faults))
        self.faults = faults


@dataclass
class ImportedTerms:
    """What an import did, as names of rows, and what lint found in versions in force that people are to weigh, with its place.

    `kept_errors` is what would stop an activation today, of versions that were stored as in force all the same.
    """

    created: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    unchanged_count: int = 0
    warnings: list[errors.InvalidInput] = field(default_factory=list)
    kept_errors: list[errors.InvalidInput] = field(default_factory=list)


def import_terms(*, text: str | bytes, dry_run: bool = False, as_in_force: bool = False) -> ImportedTerms:
    """Store the terms of a document that are not there yet, and update drafts.

    Args:
        text: YAML as `export_terms` writes it.
        dry_run: whether to say what would be done, and do nothing.
        as_in_force: whether versions were in force where the document was written, so that errors of lint in them, such as of a minimum
            wage that rose since, are told and not refused. What lacks or contradicts so that nothing can be computed is refused still.

    Returns: the rows created and updated, and how many were already as the document says.
    Raises: UnableToImport with all faults: what cannot be read, where an active or ended version differs, and what would stop the
        activation of a version that the document puts in force.
    Source: formats.md, `import_terms`; design.md section 4: a change is a new version.
    """
    try:
        content = yaml_text.read_yaml(text=text)
    except errors.InvalidInput as refused:
        raise UnableToImport([refused]) from refused
    reading = terms_reading.read_document(content)
    if reading.faults:
        raise UnableToImport(reading.faults)
    with transaction.atomic():
        merge = _Merge(faults=reading.faults, as_in_force=as_in_force)
        for name, _ in terms_parts.DOCUMENT:
            for item in reading.items[name]:
                merge.take(item, None)
        if merge.faults:
            raise UnableToImport(merge.faults)
        transaction.set_rollback(dry_run)
    return merge.done


@dataclass
class _Merge:
    """One import under way: what was done, and what is wrong with the rest."""

    faults: list[errors.InvalidInput]
    as_in_force: bool
    done: ImportedTerms = field(default_factory=ImportedTerms)

    def take(self, item: terms_reading.Item, owner: Any) -> None:
        """Store one row of the document and what belongs to it, or write down why not."""
        if item.part in terms_parts.VERSIONS:
            self._take_version(item, owner)
            return
        if item.part is terms_parts.CALENDAR:
            self._take_calendar(item, owner)
            return
        found: Any = item.part.model._default_manager.filter(code=item.values["code"]).first()
        if found is None:
            found = self._create(item, owner)
            if found is None:
                return
            self.done.created.append(f"{item.part.model._meta.verbose_name} {item.values['code']}")
        else:
            self._update_named(item, found, owner)
        for _, child in _all_children(item):
            self.take(child, found)

    def _update_named(self, item: terms_reading.Item, found: Any, owner: Any) -> None:
        """Rename a client, contract, plan, query type or channel; refuse to move what active versions rest on."""
        kind = f"{item.part.model._meta.verbose_name} {found.code}"
        if owner is not None and getattr(found, f"{item.part.owner}_id") != owner.pk:
            message = gettext("The %(kind)s is here already and belongs to somebody else; choose another code.")
            self._refuse(message % {"kind": kind}, item, "code")
        changed = [one for one in item.part.fields if getattr(found, one.column) != item.values[one.column]]
        for one in changed:
            if one.name not in RENAMED:
                message = gettext("The %(kind)s has %(here)s here; changing it would move what was promised. Use another code.")
                self._refuse(message % {"kind": kind, "here": getattr(found, one.column)}, item, one.name)
            setattr(found, one.column, item.values[one.column])
        if changed and not self.faults:
            found.save(update_fields=[one.column for one in changed])
            self.done.updated.append(kind)
        self.done.unchanged_count += not changed

    def _take_version(self, item: terms_reading.Item, owner: Any) -> None:
        siblings = item.part.model._default_manager.filter(**{item.part.owner: owner})
        found: Any = siblings.select_for_update().filter(number=item.values["number"]).first()
        if found is None:
            self._create_version(item, owner, siblings)
            return
        different = list(_differences(item, terms_parts.write_row(part=item.part, row=found)))
        if not different:
            self.done.unchanged_count += 1
        elif found.status == VersionStatus.DRAFT and item.values["status"] == VersionStatus.DRAFT:
            self._rewrite(item, found)
            self.done.updated.append(str(found))
        elif found.status == VersionStatus.DRAFT:
            message = gettext("%(version)s is a draft here and %(status)s in the document; activate it in the administration.")
            self._refuse(message % {"version": found, "status": _status_words(item.values["status"])}, item, "status")
        else:
            for path, difference in different:
                message = gettext("%(version)s is %(status)s and cannot change: %(difference)s. Make a new version.")
                values = {"version": found, "status": _status_words(found.status), "difference": difference}
                self.faults.append(errors.InvalidInput(message % values, path=path))

    def _take_calendar(self, item: terms_reading.Item, owner: Any) -> None:
        """Store a calendar as written; one that a version in force names is only ever told further holidays in the administration."""
        found = BusinessCalendar.objects.filter(code=item.values["code"]).first()
        if found is None:
            made = self._create(item, owner)
            if made is not None:
                self._create_below(item, made)
                self.done.created.append(f"{BusinessCalendar._meta.verbose_name} {made.code}")
            return
        kind = f"{BusinessCalendar._meta.verbose_name} {found.code}"
        if found.client_id != owner.pk:
            message = gettext("The %(kind)s is here already and belongs to somebody else; choose another code.")
            self._refuse(message % {"kind": kind}, item, "code")
            return
        different = list(_differences(item, terms_parts.write_row(part=item.part, row=found)))
        self.done.unchanged_count += not different
        if not different or self.faults:
            return
        if calendar_words.is_in_use(calendar=found):
            for path, difference in different:
                message = gettext(
                    "The calendar %(code)s is named by a version in force and is kept: %(difference)s. Write another calendar."
                )
                self.faults.append(errors.InvalidInput(message % {"code": found.code, "difference": difference}, path=path))
            return
        self._rewrite(item, found)
        self.done.updated.append(kind)

    def _create_version(self, item: terms_reading.Item, owner: Any, siblings: models.QuerySet[Any]) -> None:
        status = item.values["status"]
        if status != VersionStatus.DRAFT:
            self._refuse_overlap(item, siblings)
        if self.faults:
            # A refused document is still looked through to its end, but nothing more is written.
            return
        made = self._create(item, owner, status=VersionStatus.DRAFT)
        if made is None:
            return
        self._create_below(item, made)
        if status != VersionStatus.DRAFT and not self.faults:
            self._lint(item, made)
        for step in (VersionStatus.ACTIVE, VersionStatus.ENDED) if status == VersionStatus.ENDED else (status,):
            if made.status != step and not self.faults:
                made.status = step
                made.save(update_fields=["status"])
        if made.status != VersionStatus.DRAFT:
            versions.follow_up(version=made)
        self.done.created.append(str(made))

    def _lint(self, item: terms_reading.Item, made: Any) -> None:
        """Refuse what would stop the activation of a version that comes in force, and tell what only warns."""
        try:
            versions.refuse_gaps(version=made)
            found = lint.lint_version(version=made) if self.as_in_force else versions.refuse_findings(version=made)
            if any(one.code == "invalid" for one in found):
                versions.refuse_findings(version=made)
        except versions.UnableToActivate as refused:
            message = gettext("%(what)s Import it as a draft, or mend it in the document.")
            self._refuse(message % {"what": refused}, item)
            return
        for one in found:
            words = f"{made}: {lint_sentences.tell(one.what)} {lint_sentences.tell(one.remedy)}"
            told = self.done.kept_errors if one.severity == "error" else self.done.warnings
            told.append(errors.InvalidInput(words, path=item.path))

    def _refuse_overlap(self, item: terms_reading.Item, siblings: models.QuerySet[Any]) -> None:
        spans = [
            dates.Span(label=str(one), path=item.path, effective_from=one.effective_from, effective_to=one.effective_to)
            for one in siblings.exclude(status=VersionStatus.DRAFT)
        ]
        days = {"effective_from": item.values["effective_from"], "effective_to": item.values["effective_to"]}
        spans.append(dates.Span(label=f"version {item.values['number']}", path=item.path, **days))
        told = ((one, lint_sentences.tell(one.what), lint_sentences.tell(one.remedy)) for one in dates.lint_spans(spans=spans))
        self.faults += [errors.InvalidInput(f"{what} {remedy}", path=one.path) for one, what, remedy in told]

    def _rewrite(self, item: terms_reading.Item, found: Any) -> None:
        """Bring a row that nobody was promised, and all that belongs to it, to what the document says."""
        for _, accessor, part in (*item.part.only, *item.part.children):
            part.model._default_manager.filter(**{part.owner: found}).delete()
            # What was read before the deletion is not what is stored any more.
            found._state.fields_cache.pop(accessor, None)
        for column, value in item.values.items():
            setattr(found, column, value)
        if self._is_valid(item, found):
            found.save()
            self._create_below(item, found)

    def _create_below(self, item: terms_reading.Item, owner: Any) -> None:
        for part, child in _all_children(item):
            made = self._create(child, owner)
            if made is not None and (part.children or part.only):
                self._create_below(child, made)

    def _create(self, item: terms_reading.Item, owner: Any, **fixed: Any) -> Any:
        values = {**item.values, **fixed}
        for one in item.part.fields:
            if one.is_reference and values[one.column] is not None:
                values[one.column] = self._find(one.name, values[one.column], item)
        made = item.part.model(**values, **({item.part.owner: owner} if item.part.owner else {}))
        if not self._is_valid(item, made) or self.faults:
            return None
        made.save(force_insert=True)
        return made

    def _find(self, name: str, code: str, item: terms_reading.Item) -> Any:
        model: Any = REFERRED[name]
        found = model.objects.filter(code=code).first()
        if found is None:
            message = gettext('There is no %(kind)s "%(code)s", neither here nor in the document; add it to %(list)s.')
            self._refuse(message % {"kind": model._meta.verbose_name, "code": code, "list": f"{name}s"}, item, name)
        return found

    def _is_valid(self, item: terms_reading.Item, made: Any) -> bool:
        """Check what the database would refuse, so that it is said with its place."""
        before = len(self.faults)
        if isinstance(made, ResolutionPolicy) and made.reopen_effect == "reduced_price" and made.reduced_price_bp is None:
            # Said at the field that is empty; the constraint would only name the policy.
            self._refuse(gettext("A reduced price needs the part that stays, 0% to 100%."), item, "reduced_price")
            return False
        for constraint in made._meta.constraints:
            if isinstance(constraint, models.CheckConstraint):
                try:
                    constraint.validate(type(made), made)
                except ValidationError:
                    rule = constraint.name.replace("_", " ")
                    self._refuse(gettext("These values contradict each other: %(rule)s.") % {"rule": rule}, item)
        return len(self.faults) == before

    def _refuse(self, message: str, item: terms_reading.Item, *inner: str) -> None:
        self.faults.append(errors.InvalidInput(message, path=(*item.path, *inner)))


def _all_children(item: terms_reading.Item) -> Iterator[tuple[terms_parts.Part, terms_reading.Item]]:
    for name, _, part in item.part.only:
        held = item.only.get(name)
        if held is not None:
            yield part, held
    for name, _, part in item.part.children:
        for child in item.children[name]:
            yield part, child


def _differences(item: terms_reading.Item, stored: dict[str, Any]) -> Iterator[tuple[terms_reading.Path, str]]:
    """Give each place where a document differs from what is stored, with both values in words."""
    shown = item.show()
    for one in item.part.fields:
        if shown[one.name] != stored[one.name]:
            name = one.name.replace("_", " ")
            values = {"name": name, "here": _say(stored[one.name]), "there": _say(shown[one.name])}
            yield (*item.path, one.name), gettext("%(name)s is %(here)s here and %(there)s in the document") % values
    for name, _, _ in item.part.only:
        held, kept = item.only.get(name), stored[name]
        if held is not None and kept is not None:
            yield from _differences(held, kept)
        elif held is not None or kept is not None:
            words = gettext("the %(name)s is missing here") if kept is None else gettext("the %(name)s is missing in the document")
            yield (*item.path, name), words % {"name": name.replace("_", " ")}
    for name, _, part in item.part.children:
        rows = {tuple(row[key] for key in part.key): row for row in stored[name]}
        for child in item.children[name]:
            kept = rows.pop(child.key, None)
            if kept is None:
                yield child.path, gettext("this row of %(name)s is not here") % {"name": name.replace("_", " ")}
            else:
                yield from _differences(child, kept)
        for key in rows:
            row = ", ".join(_say(value) for value in key)
            words = gettext("the row %(row)s of %(name)s is missing in the document")
            yield (*item.path, name), words % {"row": row, "name": name.replace("_", " ")}


def _say(value: Any) -> str:
    return gettext("empty") if value in (None, "") else str(value)


def _status_words(status: str) -> str:
    return str(VersionStatus(status).label).lower()
