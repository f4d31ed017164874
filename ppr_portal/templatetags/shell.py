"""Small parts of every page: icons, states, and the look that a person chose."""

from datetime import date, datetime

from django import template
from django.conf import settings
from django.forms import BoundField
from django.http import HttpRequest
from django.template.loader_tags import BLOCK_CONTEXT_KEY
from django.utils import translation
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from contracts import clock
from contracts.translation import gettext_lazy as _
from ppr_portal import papers
from ppr_portal.pages import viewer
from ppr_portal.pages.person import appearance

register = template.Library()


@register.simple_tag
def icon(name: str, extra: str = "") -> SafeString:
    """Draw a symbol of the sprite; it repeats words that stand beside it, so it is silent."""
    look = f"icon {extra}".strip()
    return format_html('<svg class="{}" aria-hidden="true"><use href="#{}"/></svg>', look, name)


@register.filter
def without_hint(field: BoundField) -> SafeString:
    """Draw a field without the words that its library puts inside it, where the page gives it a label of its own."""
    return field.as_widget(attrs={"placeholder": ""})


@register.filter
def in_fours(text: str) -> str:
    """Write a long key in groups of four, as people type it.

    >>> in_fours("ABCDEFGHIJ")
    'ABCD EFGH IJ'
    """
    return " ".join(text[place : place + 4] for place in range(0, len(text), 4))


STATES = {
    "pending": _("Pending"),
    "confirmed": _("Confirmed"),
    "assumed": _("Assumed"),
    "held": _("Held"),
    "reopened": _("Reopened"),
    "void": _("Void"),
    "warn": _("Watch"),
    "stop": _("Stopped"),
}


@register.simple_tag
def state(code: str, look: str = "", words: str = "") -> SafeString:
    """Show a state as its shape and its word; `look` is "pill" for the state of the whole page."""
    extra = f" state--{look}" if look else ""
    return format_html(
        '<span class="state state--{}{}"><svg class="icon" aria-hidden="true"><use href="#s-{}"/></svg>{}</span>',
        code,
        extra,
        code,
        words or STATES[code],
    )


@register.simple_tag(takes_context=True)
def theme(context: template.Context) -> str:
    """Return the look that this person chose: light, dark, or nothing for the system's."""
    request: HttpRequest | None = context.get("request")
    return appearance.theme_of(request) if request else ""


@register.simple_tag
def page_language() -> str:
    """Return the language of the page as browsers and screen readers know it: en-US or es."""
    language, dash, country = (translation.get_language() or settings.LANGUAGE_CODE).partition("-")
    return f"{language}{dash}{country.upper()}"


@register.simple_tag(takes_context=True)
def page_title(context: template.Context) -> SafeString:
    """Return what the page writes as its title, for an attribute: a template cannot show a block of its own twice."""
    title = context.render_context[BLOCK_CONTEXT_KEY].get_block("title").render(context)
    return mark_safe(title.replace('"', "&quot;"))  # noqa: S308 (the block escaped what it shows)


@register.simple_tag
def paper_query() -> str:
    """Return what the address of a PDF needs to give a copy in the reader's language."""
    return papers.copy_query()


@register.simple_tag(takes_context=True)
def current_viewer(context: template.Context) -> viewer.Viewer | None:
    """Return who looks at the page, or nothing on pages before sign-in."""
    request: HttpRequest | None = context.get("request")
    return viewer.viewer_of(request) if request else None


@register.simple_tag
def opened_at() -> datetime:
    """Return when the page was opened, by the business clock: paper says as of when it is."""
    return clock.now()


@register.simple_tag
def demo_today() -> date | None:
    """Return the day at which the demo company's clock stands, where it stands, if it is stopped."""
    fixed: datetime | None = settings.PPR_NOW
    return fixed.date() if fixed else None
