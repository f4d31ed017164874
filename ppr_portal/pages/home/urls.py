"""Routes of what each role opens first."""

from django.urls import path

from ppr_portal.pages.home import landing

urlpatterns = [
    path("", landing.home, name="home"),
    path("more/", landing.more, name="more"),
]
