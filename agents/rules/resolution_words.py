"""What each rule of a resolution's life says, in words an agent and a client understand."""

from collections.abc import Mapping
from types import MappingProxyType

TRANSITION_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "solution_offered": "An agent offered a solution; it waits for the customer's yes or for silence.",
        "answer_acknowledged": "The customer said yes to an agent's answer that nobody had called a solution.",
        "closed_without_offer": "An agent closed the case without an earlier offer; the closing is the claim that it is solved.",
        "no_further_action": "An agent said that nothing more can be done; the policy counts that as a resolution.",
        "no_further_action_excluded": "An agent said that nothing more can be done; the policy does not count that.",
        "customer_acknowledged": "The customer acknowledged the solution.",
        "silence": "The silence window after the agent's last message passed without a word from the customer.",
        "agent_closed": "The agent closed the case, which is enough under this policy.",
        "qa_passed": "A QA reviewer accepted the solution.",
        "client_approved": "The client approved the solution.",
        "customer_returned": "The customer came back on this case.",
        "customer_contact": "The customer asked again on this case.",
        "reopened": "The help desk reopened the case.",
        "worked": "The help desk says that the case is open and worked on again.",
        "qa_failed": "A QA reviewer refused the solution.",
        "client_declined": "The client declined the solution.",
        "repeat_contact": "The same customer came back about the same query type in another case.",
        "returned_after_window": "The customer came back after the reopen window; the resolution stands.",
        "excluded": "The case is excluded from counting.",
        "merged": "The case was merged into another one.",
        "superseded": "What was learned later leaves no resolution of its own here, so it does not count.",
        "taken_back": "What was learned later takes back an earlier step, which was right when it was written:",
        "restored": "What took it back was put right, so it is again what its other steps say.",
    }
)

UNIT_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "counted": "It is verified and counts.",
        "pending": "It is not verified yet.",
        "reopened": "The customer came back, so it does not count.",
        "void": "It is excluded from counting.",
        "cap_once_per_case": "Another resolution of this case counts already.",
        "cap_customer_day": "Another resolution for this customer counts on that day.",
    }
)

FCR_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "initial_interaction": "Resolved as a result of the initial interaction with a qualified agent.",
        "first_message": "The first message of a qualified agent resolved it.",
        "status_only": "The source records no contacts; no handover and no return show before the resolution.",
        "reopened": "The customer came back on the case.",
        "repeat_contact": "The customer came back about the same query type in another case.",
        "refused": "The solution was refused by QA or by the client.",
        "no_qualified_interaction": "No interaction with a qualified agent came before the solution.",
        "information_requested": "The agent had to ask for more information.",
        "further_contact": "It took a further contact after the initial interaction.",
        "transferred": "The case was transferred before it was solved.",
        "escalated": "The case was escalated before it was solved.",
        "other_agent": "Another agent than the one of the initial interaction solved it.",
        "unverified": "A solution or an answer was offered and is not verified yet.",
        "no_resolution": "No solution was offered.",
        "not_assisted": "Only a bot, the help desk itself or a self-service channel offered a solution.",
        "excluded": "The case, or this way of ending it, is excluded from counting.",
        "escalated_appropriately": "An exception: the escalation was marked appropriate, which never hurts the agent.",
        "later_episode": "FCR is asked once per case, of its first resolution.",
    }
)

INHIBITOR_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "transfer": "It was handed over to somebody else.",
        "missing_knowledge": "The agent did not know the answer and had to look it up or to ask.",
        "missing_access": "The agent lacked the access that the solution needed.",
        "information_requested": "The agent had to ask the customer for more information.",
        "product_defect": "The product itself was at fault.",
        "policy": "A policy kept the agent from solving it at once.",
        "unknown": "The source does not say why.",
    }
)
