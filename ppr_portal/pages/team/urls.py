"""Routes of a lead's pages about their team."""

from django.urls import path

from ppr_portal.pages.team import lead, load_map, team_agent, week_changes

urlpatterns = [
    path("team/", lead.team, name="team"),
    path("team/agents/<int:pk>/", team_agent.agent, name="team_agent"),
    path("team/load/", load_map.load_map, name="load_map"),
    path("team/changes/", week_changes.changes, name="week_changes"),
]
