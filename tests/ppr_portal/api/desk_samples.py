"""Small webhooks of our own making, in each vendor's shape, by which an agent solves a case; and what is stored of each."""

from typing import Any

MARCH_7 = 1_457_361_000  # 2016-03-07T14:30:00Z

SOLVED: dict[str, tuple[Any, list[str]]] = {
    "zendesk": (
        {
            "id": "7f1e",
            "type": "zen:event-type:ticket.status_changed",
            "time": "2016-03-07T14:30:00.123456789Z",
            "detail": {"id": "31", "actor_id": "70", "requester_id": "90", "status": "SOLVED", "via": {"channel": "email"}},
            "event": {"previous": "OPEN", "current": "SOLVED"},
        },
        ["31 solution_offered 2016-03-07T14:30:00Z by user 70"],
    ),
    "intercom": (
        {
            "type": "notification_event",
            "topic": "conversation.admin.closed",
            "id": "notif_1",
            "data": {
                "item": {
                    "type": "conversation",
                    "id": "215468715468715",
                    "created_at": MARCH_7 - 60,
                    "state": "closed",
                    "source": {"author": {"type": "user", "id": "u1", "email": "ann@example.org"}},
                    "contacts": {"contacts": [{"type": "contact", "id": "u1"}]},
                    "conversation_parts": {
                        "conversation_parts": [
                            {"id": "8", "part_type": "close", "created_at": MARCH_7, "author": {"type": "admin", "id": "70"}},
                            {"id": "9", "part_type": "comment", "created_at": MARCH_7 + 5, "author": {"type": "bot", "id": "3"}},
                        ]
                    },
                }
            },
        },
        [
            "215468715468715 contact 2016-03-07T14:29:00Z in message",
            "215468715468715 opened 2016-03-07T14:29:00Z",
            "215468715468715 closed 2016-03-07T14:30:00Z by admin 70",
            "215468715468715 contact 2016-03-07T14:30:05Z by bot 3 (bot) out message",
        ],
    ),
    "chatwoot": (
        {
            "event": "conversation_resolved",
            "id": 31,
            "status": "resolved",
            "timestamp": MARCH_7,
            "inbox_id": 2,
            "channel": "Channel::WebWidget",
            "meta": {"sender": {"id": 90, "name": "Ann"}, "assignee": {"id": 70}},
        },
        ["31 solution_offered 2016-03-07T14:30:00Z by user 70"],
    ),
    "freshdesk": (
        {
            "freshdesk_webhook": {
                "ticket_id": "31",
                "triggered_event": "{status:{from:2,to:4}}",
                "ticket_updated_at": "2016-03-07T09:30:00-05:00",
                "ticket_agent_id": "70",
                "requester_email": "ann@example.org",
            }
        },
        ["31 solution_offered 2016-03-07T14:30:00Z by agent 70"],
    ),
    "zammad": (
        {
            "ticket": {
                "id": 31,
                "state": "closed",
                "customer_id": 90,
                "updated_by_id": 70,
                "created_at": "2016-03-07T14:00:00.000Z",
                "updated_at": "2016-03-07T14:31:00.000Z",
                "close_at": "2016-03-07T14:30:00.000Z",
            },
            "article": {
                "id": 5,
                "sender": "Agent",
                "type": "email",
                "internal": False,
                "created_at": "2016-03-07T14:29:00.000Z",
                "created_by_id": 70,
                "body": "Dear Ann",
            },
        },
        [
            "31 opened 2016-03-07T14:00:00Z",
            "31 contact 2016-03-07T14:29:00Z by user 70 out message",
            "31 closed 2016-03-07T14:30:00Z by user 70",
        ],
    ),
    "hubspot": (
        [
            {
                "eventId": 1,
                "subscriptionType": "ticket.propertyChange",
                "objectId": 31,
                "occurredAt": MARCH_7 * 1000,
                "propertyName": "closed_date",
                "propertyValue": "1457361000000",
                "changeSource": "CRM_UI",
                "sourceId": "userId:70",
            },
            {"eventId": 1, "subscriptionType": "ticket.creation", "objectId": 31, "occurredAt": (MARCH_7 - 60) * 1000},
            {"eventId": 2, "subscriptionType": "contact.creation", "objectId": 90, "occurredAt": (MARCH_7 - 60) * 1000},
        ],
        ["31 opened 2016-03-07T14:29:00Z", "31 closed 2016-03-07T14:30:00Z by user 70"],
    ),
    "front": (
        {
            "id": "evt_1",
            "type": "archive",
            "emitted_at": MARCH_7 + 0.678,
            "conversation": {"id": "cnv_1", "created_at": MARCH_7 - 60.5, "recipient": {"handle": "ann@example.org"}, "tags": []},
            "source": {"_meta": {"type": "teammate"}, "data": {"id": "tea_70", "email": "agent@example.org"}},
        },
        ["cnv_1 opened 2016-03-07T14:28:59Z", "cnv_1 closed 2016-03-07T14:30:00Z by teammate tea_70"],
    ),
    "helpscout": (
        {
            "id": 31,
            "type": "email",
            "status": "closed",
            "createdAt": "2016-03-07T14:00:00Z",
            "closedAt": "2016-03-07T14:30:00Z",
            "closedBy": 70,
            "primaryCustomer": {"id": 90, "email": "ann@example.org"},
            "_embedded": {
                "threads": [
                    {"id": 1, "type": "customer", "createdAt": "2016-03-07T14:00:00Z", "createdBy": {"id": 70, "type": "customer"}},
                    {"id": 2, "type": "note", "createdAt": "2016-03-07T14:01:00Z", "createdBy": {"id": 70, "type": "user"}},
                ]
            },
        },
        [
            "31 opened 2016-03-07T14:00:00Z",
            "31 contact 2016-03-07T14:00:00Z in message",
            "31 closed 2016-03-07T14:30:00Z by user 70",
        ],
    ),
}
