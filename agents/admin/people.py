"""Sites, teams, agents and the people who sign in."""

from typing import Any

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from allauth.usersessions.models import UserSession
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import display
from unfold.forms import AdminPasswordChangeForm, UserChangeForm
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from agents import models as people
from agents.access import Role
from agents.admin.base import Explained
from contracts.admin.keeping import KeepsWhatIsUsed
from contracts.admin.reading import NamesItsCells

# Second factors, sessions and tokens belong to the person, who sees and ends them on pages of their own.
for model in (Group, Authenticator, SocialAccount, SocialApp, SocialToken, UserSession):
    admin.site.unregister(model)

ROLE_NAMES = {
    Role.AGENT: _("agent"),
    Role.LEAD: _("team lead"),
    Role.CONTRACT_ADMIN: _("contract admin"),
    Role.APPROVER: _("pay approver"),
    Role.AUDITOR: _("auditor"),
    Role.CLIENT: _("client contact"),
}


@admin.register(people.User)
class UserAdmin(KeepsWhatIsUsed, DjangoUserAdmin, ModelAdmin):
    form = UserChangeForm
    change_password_form = AdminPasswordChangeForm
    list_display = ["email", "name", "role_names", "is_active", "last_login"]
    list_filter = ["groups", "is_active", "is_staff"]
    search_fields = ["email", "name"]
    ordering = ["email"]
    filter_horizontal = []
    fieldsets = [
        (None, {"fields": ["email", "password", "name"]}),
        (_("What they may do"), {"fields": ["is_active", "is_staff", "is_superuser", "groups"]}),
        (_("Dates"), {"fields": ["last_login", "date_joined"]}),
    ]
    add_fieldsets = [(None, {"fields": ["email", "name", "usable_password", "password1", "password2"], "classes": ["wide"]})]
    readonly_fields = ["last_login", "date_joined"]

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        return super().get_queryset(request).prefetch_related("groups")

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        """Offer the few roles to be ticked, each by its name."""
        field = super().formfield_for_manytomany(db_field, request, **options)
        if db_field.name == "groups" and field is not None:
            field.widget = UnfoldAdminCheckboxSelectMultipleWidget()
            field.choices = [(group.pk, name_role(group.name)) for group in Group.objects.order_by("name")]
            field.label, field.help_text = _("Roles"), db_field.help_text
        return field

    @display(description=_("Roles"))
    def role_names(self, user: Any) -> str:
        return ", ".join(name_role(group.name) for group in user.groups.all()) or str(_("none"))


def name_role(name: str) -> str:
    """Name a role in the reader's language; a group that somebody made keeps its name."""
    return str(ROLE_NAMES.get(name, name.replace("_", " ")))


@admin.register(Group)
class GroupAdmin(DjangoGroupAdmin, ModelAdmin):
    """Roles."""


class ShiftBandInline(NamesItsCells, TabularInline):
    model = people.ShiftBand
    extra = 0


@admin.register(people.Site)
class SiteAdmin(KeepsWhatIsUsed, ModelAdmin):
    inlines = [ShiftBandInline]
    list_display = ["name", "code", "timezone"]
    search_fields = ["name", "code"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Keep the time zone by which a pay run ended its month: by another one, hours would be paid twice or not at all."""
        return ["timezone"] if obj is not None and obj.pay_runs.exists() else []


class MembershipInline(NamesItsCells, Explained, TabularInline):
    help_texts = {
        "agent": _("Who is in the team."),
        "team": _("Which team the agent is in; one at a time."),
    }
    model = people.TeamMembership
    extra = 0
    autocomplete_fields = ["agent", "team"]


@admin.register(people.Team)
class TeamAdmin(KeepsWhatIsUsed, ModelAdmin):
    list_display = ["name", "code", "site", "lead", "agent_count"]
    list_filter = ["site"]
    search_fields = ["name", "code"]
    list_select_related = ["site", "lead"]
    autocomplete_fields = ["site", "lead"]
    inlines = [MembershipInline]

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        current = models.Q(memberships__effective_to=None)
        return super().get_queryset(request).annotate(members=models.Count("memberships", filter=current))

    @display(description=_("Agents now"), ordering="members")
    def agent_count(self, team: Any) -> int:
        return int(team.members)


class PlanAssignmentInline(NamesItsCells, TabularInline):
    model = people.PlanAssignment
    extra = 0
    autocomplete_fields = ["plan"]


class IdentityInline(NamesItsCells, TabularInline):
    model = people.SourceIdentity
    extra = 0
    fields = ["source", "space", "value"]
    readonly_fields = fields
    can_delete = False
    verbose_name_plural = _("Names that sources use for this agent")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(people.ClientContact)
class ClientContactAdmin(ModelAdmin):
    list_display = ["user", "client"]
    list_filter = ["client"]
    search_fields = ["user__email", "user__name", "client__name"]
    list_select_related = ["user", "client"]
    autocomplete_fields = ["user", "client"]


@admin.register(people.Agent)
class AgentAdmin(KeepsWhatIsUsed, ModelAdmin):
    list_display = ["name", "code", "site", "employed_from", "employed_to", "is_simulated"]
    list_filter = ["site", "is_simulated", "memberships__team"]
    search_fields = ["name", "code", "user__email", "identities__value"]
    list_select_related = ["site"]
    autocomplete_fields = ["site", "user"]
    inlines = [MembershipInline, PlanAssignmentInline, IdentityInline]
