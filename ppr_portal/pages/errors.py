"""What people read when a page cannot be shown. A page that is not theirs and a page that is not there read the same."""

import logging
import secrets

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import loader

from ppr_portal.pages import viewer

LOGGER = logging.getLogger(__name__)
# Without letters and digits that are confused when read out.
LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"


def closed(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer for a page that is missing or not open to this person, without telling which."""
    found = viewer.viewer_of(request)
    layout = "base.html" if found else "entrance.html"
    return render(request, "errors/closed.html", {"layout": layout, "viewer": found}, status=404)


def refused(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer for an act that this person may not do. It reads like a missing page, but says so to programs."""
    response = closed(request, exception)
    response.status_code = 403
    return response


def unreadable(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer for an address or a form that makes no sense."""
    return HttpResponse(loader.render_to_string("errors/unreadable.html"), status=400)


def stale(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer for a form that was open too long, or was sent from elsewhere."""
    return HttpResponse(loader.render_to_string("errors/stale.html", {"path": request.path}), status=403)


def broken(request: HttpRequest) -> HttpResponse:
    """Answer for a fault of ours: no query, since the database may be the fault, and a code that finds the line in the log."""
    code = "-".join("".join(secrets.choice(LETTERS) for _ in range(3)) for _ in range(2))
    LOGGER.error("help code %s: %s %s", code, request.method, request.path)
    return HttpResponse(loader.render_to_string("errors/broken.html", {"code": code, "path": request.path}), status=500)
