"""One pay run at a time: whoever moves it on holds its row."""

from billing.models import PayRun


def lock_pay_run(*, run_id: int) -> PayRun:
    """Return a run that nobody else moves until the transaction ends.

    Args:
        run_id: of a run that is there.
    """
    return PayRun.objects.select_for_update(of=["self"], no_key=True).select_related("site", "agent").get(pk=run_id)
