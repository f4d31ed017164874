"""The agent's home."""

from django.http import HttpResponse
from django.shortcuts import render

from ppr_portal.pages.entry import PortalRequest


def home(request: PortalRequest) -> HttpResponse:
    return render(request, "agent/home.html", {})
