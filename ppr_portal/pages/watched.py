"""Pages whose answer may take long: what stands in its place until it is there."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django_htmx.http import HttpResponseClientRefresh

from agents.operations.jobs.kept_answers import Refused, Waiting
from ppr_portal import stored_sentences
from ppr_portal.pages.entry import PortalRequest

Answer = TypeVar("Answer")


def show_answer(
    request: PortalRequest,
    *,
    state: Answer | Refused | Waiting,
    template: str,
    context: Mapping[str, Any],
    watch_url: str,
    show: Callable[[Answer], HttpResponse],
) -> HttpResponse:
    """Show an answer, or how far a worker is with it, or why there is none.

    Args:
        request: a page, a file, or the part of the page that asks every second.
        state: as `kept_answers.read_or_start` returns it.
        template: shows `progress`, with the address to look at again, or a `refusal`.
        context: what it shows besides.
        watch_url: where the answer will stand; a file that is not there yet leads to it.
        show: shows the answer.
    """
    if isinstance(state, Waiting):
        if request.GET.get("format") == "csv":
            return redirect(watch_url)
        return render(request, template, {**context, "progress": state, "watch_url": watch_url})
    if request.htmx:
        # Whoever watched sees all of it now.
        return HttpResponseClientRefresh()
    if isinstance(state, Refused):
        # A worker may have made it, who speaks no reader's language.
        return render(request, template, {**context, "refusal": stored_sentences.tell(str(state.message))})
    return show(state)
