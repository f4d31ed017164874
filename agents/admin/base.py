"""Admin pages of records that people read and never edit by hand."""

from typing import Any

from django.http import HttpRequest
from unfold.admin import ModelAdmin, TabularInline


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
