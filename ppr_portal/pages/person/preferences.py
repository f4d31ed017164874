"""How a person wants to read the portal: language, days and times, numbers, colors. What they leave open is decided for them."""

from collections import defaultdict

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from agents.models import User
from agents.models.users import Clock, NumberFormat, Theme
from contracts import reading
from contracts.translation import gettext_lazy
from ppr_portal.pages.entry import PortalRequest, portal_page
from ppr_portal.pages.fields import LongSelect
from ppr_portal.pages.person import appearance

# Each language is written as the people who speak it write it.
AS_MY_BROWSER = ("", gettext_lazy("As my browser says"))
AS_MY_LANGUAGE = ("", gettext_lazy("As in my language"))
AS_MY_DEVICE = ("", gettext_lazy("As my device says"))


class PreferencesForm(forms.ModelForm):
    """What a person may choose."""

    language = forms.ChoiceField(label=gettext_lazy("Language"), required=False, choices=[AS_MY_BROWSER, *settings.LANGUAGES])
    time_zone = forms.ChoiceField(
        label=gettext_lazy("Time zone"),
        required=False,
        widget=LongSelect,
        help_text=gettext_lazy("Times are shown in it. Workdays and pay periods stay those of the site."),
    )
    number_format = forms.ChoiceField(label=gettext_lazy("Numbers"), required=False, choices=[AS_MY_LANGUAGE, *NumberFormat.choices])
    clock = forms.ChoiceField(label=gettext_lazy("Times of day"), required=False, choices=[AS_MY_LANGUAGE, *Clock.choices])
    theme = forms.ChoiceField(label=gettext_lazy("Colors"), required=False, choices=[AS_MY_DEVICE, *Theme.choices])

    class Meta:
        model = User
        fields = ["language", "time_zone", "number_format", "clock", "theme"]

    def __init__(self, *args: object, site_name: str, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        first = _("As at %(site)s") % {"site": site_name} if site_name else _("As at my site")
        self.fields["time_zone"].choices = [("", first), *_zones()]  # type: ignore[attr-defined]


def _zones() -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the time zones that cities name, by continent."""
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for name in reading.zone_names():
        area, slash, city = name.partition("/")
        if slash and area not in ("Etc", "SystemV", "US", "Canada", "Mexico", "Brazil", "Chile"):
            found[area].append((name, city.replace("_", " ").replace("/", ", ")))
    return list(found.items())


@require_http_methods(["GET", "HEAD", "POST"])
@portal_page
def preferences(request: PortalRequest) -> HttpResponse:
    """Show and keep how a person reads the portal."""
    form = PreferencesForm(request.POST or None, instance=request.user, site_name=request.viewer.person.site_name)
    if request.method == "POST" and form.is_valid():
        User.objects.filter(pk=request.user.pk).update(**form.cleaned_data)
        with translation.override(form.cleaned_data["language"] or translation.get_language()):
            messages.success(request, _("Kept. Every page is written like this from now on, on all your devices."))
        response = redirect("preferences")
        appearance.remember(response, form.cleaned_data["theme"], is_secure=request.is_secure())
        return response
    return render(request, "preferences.html", {"form": form}, status=422 if form.errors else 200)


@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    """Keep the language that somebody chose before signing in, on this device, and go back to where it was chosen."""
    response = appearance.way_back(request)
    chosen = request.POST.get("language", "")
    if chosen in dict(settings.LANGUAGES):
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME, chosen, max_age=appearance.COOKIE_SECONDS, samesite="Lax", secure=request.is_secure()
        )
    return response
