"""Files beside a dispute: added by whoever may say something, given out to whoever sees it."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from billing import access
from billing.models import DisputeAttachment
from billing.operations import attach_file
from contracts import clock
from ppr_portal.pages.entry import PortalRequest, portal_page


@require_POST
@portal_page
def dispute_attachment(request: PortalRequest, pk: int) -> HttpResponse:
    """Add a file to a dispute."""
    get_object_or_404(access.disputes_for(request.user, on=request.today), pk=pk)
    if not access.may_comment(request.user):
        raise Http404
    file = request.FILES.get("file")
    if file is None:
        messages.error(request, _("Choose a file first."))
        return redirect("dispute", pk=pk)
    try:
        content = file.read(attach_file.BYTES_MAX + 1)
        made = attach_file.attach_file(dispute_id=pk, name=file.name or "", content=content, person=request.user, as_of=clock.now())
        messages.success(request, _("%(file)s stands beside the dispute.") % {"file": made.document.name})
    except attach_file.UnableToAttach as refused:
        messages.error(request, str(refused))
    return redirect("dispute", pk=pk)


@require_safe
@portal_page
def dispute_file(request: PortalRequest, pk: int) -> HttpResponse:
    """Give out a file of a dispute as it came; a browser saves it and never runs it."""
    seen = DisputeAttachment.objects.filter(dispute__in=access.disputes_for(request.user, on=request.today))
    document = get_object_or_404(seen.select_related("document"), pk=pk).document
    headers = {"Content-Disposition": content_disposition_header(as_attachment=True, filename=document.name) or "attachment"}
    headers["X-Content-Type-Options"] = "nosniff"
    return HttpResponse(bytes(document.content), content_type=document.content_type, headers=headers)
