"""Routes of what belongs to whoever is signed in: looks, language, search, saved filters, notifications."""

from django.urls import path

from ppr_portal.pages.person import appearance, filters, notifications, preferences, search

urlpatterns = [
    path("appearance/", appearance.choose, name="appearance"),
    path("language/", preferences.choose_language, name="language"),
    path("preferences/", preferences.preferences, name="preferences"),
    path("search/", search.search, name="search"),
    path("filters/", filters.filter_saving, name="filter_saving"),
    path("filters/<int:pk>/default/", filters.filter_default, name="filter_default"),
    path("filters/<int:pk>/deletion/", filters.filter_deletion, name="filter_deletion"),
    path("filters/<int:pk>/restoring/", filters.filter_restoring, name="filter_restoring"),
    path("notifications/", notifications.notifications, name="notifications"),
    path("notifications/count/", notifications.count, name="notification_count"),
    path("notifications/reading/", notifications.reading, name="notification_reading"),
    path("notifications/preferences/", notifications.notification_preferences, name="notification_preferences"),
    path("notifications/<int:pk>/", notifications.notification, name="notification"),
]
