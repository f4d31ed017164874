"""What admin pages share: forms whose every field is explained, and records that people read and never edit by hand."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.http import HttpRequest
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import display

from contracts import stored_texts
from contracts.translation import gettext_lazy


class Explained:
    """A form that says more of a field than its model does, or says it where the model does not."""

    help_texts: ClassVar[Mapping[str, str]] = {}

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **options: Any) -> Any:
        return super().get_form(request, obj, change, **{"help_texts": dict(self.help_texts), **options})  # type: ignore[misc]

    def get_formset(self, request: HttpRequest, obj: Any = None, **options: Any) -> Any:
        return super().get_formset(request, obj, **{"help_texts": dict(self.help_texts), **options})  # type: ignore[misc]


class TellsItsMessage:
    """Records whose message is stored in English and told in the reader's language; fields and columns name `told_message`."""

    @display(description=gettext_lazy("Message"), ordering="message")
    def told_message(self, record: Any) -> str:
        return stored_texts.tell_sentence(record.message)


class _ReadOnly:
    """Records that jobs write: shown in full, changed by nobody here."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ReadOnlyAdmin(_ReadOnly, ModelAdmin):
    """A list and a page to read."""

    list_filter_submit = True
    show_full_result_count = False
    list_per_page = 50


class ReadOnlyInline(_ReadOnly, TabularInline):
    """Rows to read inside another page."""

    extra = 0
    can_delete = False
    tab = True
