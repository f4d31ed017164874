"""Light, dark, or what the system says. The choice is a cookie, so the page comes in the right colors at once.

Whoever is signed in keeps the choice on all devices; what a device chose holds where they chose nothing.
"""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from agents.models import User

COOKIE = "ppr_theme"
THEMES = ("light", "dark")
COOKIE_SECONDS = 60 * 60 * 24 * 365


def theme_of(request: HttpRequest) -> str:
    """Return the chosen look, or nothing for the system's."""
    chosen = getattr(getattr(request, "user", None), "theme", "") or request.COOKIES.get(COOKIE, "")
    return chosen if chosen in THEMES else ""


@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    """Keep the chosen look and go back to where it was chosen."""
    chosen = request.POST.get("theme", "")
    kept = chosen if chosen in THEMES else ""
    if request.user.is_authenticated and request.user.theme != kept:
        User.objects.filter(pk=request.user.pk).update(theme=kept)
    response = way_back(request)
    remember(response, kept, is_secure=request.is_secure())
    return response


def way_back(request: HttpRequest, *, otherwise: str = "/") -> HttpResponseRedirect:
    """Return to the page on which something was chosen, never to another host; otherwise to a page of ours."""
    back = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    return HttpResponseRedirect(back if is_ours else otherwise)


def remember(response: HttpResponse, theme: str, *, is_secure: bool) -> None:
    """Keep a look on this device; an empty one leaves it to the system again."""
    if theme in THEMES:
        response.set_cookie(COOKIE, theme, max_age=COOKIE_SECONDS, samesite="Lax", secure=is_secure)
    else:
        response.delete_cookie(COOKIE, samesite="Lax")
