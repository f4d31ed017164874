"""Routes of what belongs to whoever is signed in, on every page: search, notifications, saved filters."""

from django.urls import path

from ppr_portal.pages import notifications, search

urlpatterns = [
    path("search/", search.search, name="search"),
    path("notifications/", notifications.notifications, name="notifications"),
    path("notifications/count/", notifications.count, name="notification_count"),
    path("notifications/reading/", notifications.reading, name="notification_reading"),
    path("notifications/preferences/", notifications.notification_preferences, name="notification_preferences"),
    path("notifications/<int:pk>/", notifications.notification, name="notification"),
]
