"""Routes of the portal. Pages are grouped by the person who opens them."""

from django.contrib import admin
from django.urls import include, path

from ppr_portal.pages import health

urlpatterns = [
    path("admin/", admin.site.urls),
    path("accounts/", include("allauth.account.urls")),
    path("health/", health.health, name="health"),
]
