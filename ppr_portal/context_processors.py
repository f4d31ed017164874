"""What every template may show."""

import json
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.templatetags.static import static


def portal(request: HttpRequest) -> dict[str, Any]:
    """Give templates the htmx settings for their meta tag, and whether this is the demo."""
    return {"htmx_config": json.dumps(settings.HTMX_CONFIG), "is_demo": settings.PPR_MODE == "demo"}


def unfold_environment(request: HttpRequest) -> list[str] | None:
    """Label the admin of a demo, so that nobody mistakes it for real pay."""
    return ["Demo", "info"] if settings.PPR_MODE == "demo" else None


def administration_css(request: HttpRequest) -> str:
    """Give the admin what its tables lack."""
    return static("css/administration.css")


def administration_js(request: HttpRequest) -> str:
    """Give the admin's tabs to the keyboard."""
    return static("js/administration.js")


def icon_url(request: HttpRequest) -> str:
    """Give the admin the portal's own icon."""
    return static("icon.svg")
