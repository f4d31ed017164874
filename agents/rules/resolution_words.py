"""What each rule of a resolution's life says, in words an agent and a client understand."""

from collections.abc import Mapping
from types import MappingProxyType

from contracts.rules import sentences

TRANSITION_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "solution_offered": sentences.sentence("An agent offered a solution; it waits for the customer's yes or for silence."),
        "answer_acknowledged": sentences.sentence("The customer said yes to an agent's answer that nobody had called a solution."),
        "closed_without_offer": sentences.sentence(
            "An agent closed the case without an earlier offer; the closing is the claim that it is solved."
        ),
        "no_further_action": sentences.sentence("An agent said that nothing more can be done; the policy counts that as a resolution."),
        "no_further_action_excluded": sentences.sentence("An agent said that nothing more can be done; the policy does not count that."),
        "customer_acknowledged": sentences.sentence("The customer acknowledged the solution."),
        "silence": sentences.sentence("The silence window after the agent's last message passed without a word from the customer."),
        "agent_closed": sentences.sentence("The agent closed the case, which is enough under this policy."),
        "qa_passed": sentences.sentence("A QA reviewer accepted the solution."),
        "client_approved": sentences.sentence("The client approved the solution."),
        "customer_returned": sentences.sentence("The customer came back on this case."),
        "customer_contact": sentences.sentence("The customer asked again on this case."),
        "reopened": sentences.sentence("The help desk reopened the case."),
        "worked": sentences.sentence("The help desk says that the case is open and worked on again."),
        "qa_failed": sentences.sentence("A QA reviewer refused the solution."),
        "client_declined": sentences.sentence("The client declined the solution."),
        "repeat_contact": sentences.sentence("The same customer came back about the same query type in another case."),
        "returned_after_window": sentences.sentence("The customer came back after the reopen window; the resolution stands."),
        "excluded": sentences.sentence("The case is excluded from counting."),
        "merged": sentences.sentence("The case was merged into another one."),
        "superseded": sentences.sentence("What was learned later leaves no resolution of its own here, so it does not count."),
        "taken_back": sentences.sentence("What was learned later takes back an earlier step, which was right when it was written:"),
        "restored": sentences.sentence("What took it back was put right, so it is again what its other steps say."),
    }
)

UNIT_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "counted": sentences.sentence("It is verified and counts."),
        "pending": sentences.sentence("It is not verified yet."),
        "reopened": sentences.sentence("The customer came back, so it does not count."),
        "void": sentences.sentence("It is excluded from counting."),
        "cap_once_per_case": sentences.sentence("Another resolution of this case counts already."),
        "cap_customer_day": sentences.sentence("Another resolution for this customer counts on that day."),
    }
)

FCR_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "initial_interaction": sentences.sentence("Resolved as a result of the initial interaction with a qualified agent."),
        "first_message": sentences.sentence("The first message of a qualified agent resolved it."),
        "status_only": sentences.sentence("The source records no contacts; no handover and no return show before the resolution."),
        "reopened": sentences.sentence("The customer came back on the case."),
        "repeat_contact": sentences.sentence("The customer came back about the same query type in another case."),
        "refused": sentences.sentence("The solution was refused by QA or by the client."),
        "no_qualified_interaction": sentences.sentence("No interaction with a qualified agent came before the solution."),
        "information_requested": sentences.sentence("The agent had to ask for more information."),
        "further_contact": sentences.sentence("It took a further contact after the initial interaction."),
        "transferred": sentences.sentence("The case was transferred before it was solved."),
        "escalated": sentences.sentence("The case was escalated before it was solved."),
        "other_agent": sentences.sentence("Another agent than the one of the initial interaction solved it."),
        "unverified": sentences.sentence("A solution or an answer was offered and is not verified yet."),
        "no_resolution": sentences.sentence("No solution was offered."),
        "not_assisted": sentences.sentence("Only a bot, the help desk itself or a self-service channel offered a solution."),
        "excluded": sentences.sentence("The case, or this way of ending it, is excluded from counting."),
        "escalated_appropriately": sentences.sentence("An exception: the escalation was marked appropriate, which never hurts the agent."),
        "later_episode": sentences.sentence("FCR is asked once per case, of its first resolution."),
    }
)

INHIBITOR_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "transfer": sentences.sentence("It was handed over to somebody else."),
        "missing_knowledge": sentences.sentence("The agent did not know the answer and had to look it up or to ask."),
        "missing_access": sentences.sentence("The agent lacked the access that the solution needed."),
        "information_requested": sentences.sentence("The agent had to ask the customer for more information."),
        "product_defect": sentences.sentence("The product itself was at fault."),
        "policy": sentences.sentence("A policy kept the agent from solving it at once."),
        "unknown": sentences.sentence("The source does not say why."),
    }
)
