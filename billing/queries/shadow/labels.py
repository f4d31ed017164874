"""Labels and agents of a present file that nothing here is called, so that a person can say what they mean."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from billing.models import ShadowRun
from billing.queries.shadow import bill, kinds, pay
from billing.queries.shadow.file import Definition, FileLine, label_of

Counted = tuple[str, int]


@dataclass(frozen=True, kw_only=True)
class Unknown:
    """Texts that mean nothing yet, each with how many lines bear it, most frequent first."""

    labels: tuple[Counted, ...]
    agents: tuple[Counted, ...]


def find_unknown(*, run: ShadowRun, definition: Definition, lines: Sequence[FileLine]) -> Unknown:
    """Return the labels and agents of a file that neither a choice nor their words explain.

    Args:
        run: whose file.
        definition: how it is read, with the meanings chosen so far.
        lines: as they were read.
    """
    labels: Counter[str] = Counter()
    agents: Counter[str] = Counter()
    if run.side == ShadowRun.Side.PAY:
        known = pay.Agents(definition)
        for line in lines:
            text, kind = line.keys.get("agent", ""), line.keys.get("kind", "")
            if text and known.find(text)[0] is None:
                agents[text] += 1
            if definition.grain == ShadowRun.Grain.LINE and not (definition.meanings.get(kind) or kinds.suggest_meaning(keys=line.keys)):
                labels[kind] += 1
    elif definition.grain != ShadowRun.Grain.TOTAL and (invoice := bill.find_invoice(run=run)):
        classes = bill.Classes(bill.read_side(invoice=invoice))
        for line in lines:
            label = label_of(keys=line.keys, grain=definition.grain)
            if not line.keys.get("case") and not (definition.meanings.get(label) or classes.meaning(line.keys)):
                labels[label] += 1
    return Unknown(labels=_ordered(labels), agents=_ordered(agents))


def _ordered(counted: Counter[str]) -> tuple[Counted, ...]:
    return tuple(sorted(counted.items(), key=lambda item: (-item[1], item[0])))
