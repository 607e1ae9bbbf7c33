"""Alarms reach a person.

*Looks at*: that every alarm acts on something, and that every topic alarms go to has a confirmed subscriber; actions
of alerts and the receivers of their groups (Azure), notification channels of alert policies (Google Cloud)
*Why*: an alarm that nobody hears is worse than none: it looks like care
*Fix*: set alarm_actions to a topic, and add aws_sns_topic_subscription; confirm the message that it sends
*Source*: AWS Foundational Security Best Practices, CloudWatch.15; NIST SP 800-53 rev 5, SI-4(5); Azure Monitor docs,
"Action groups"; Cloud Monitoring docs, "Notification channels"
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding, broken, judged
from standfast.audit.reading import any_holds, flag, items
from standfast.audit.table import OneOf, Setting, judge, written
from standfast.blueprint import Resource

ID = "alarms-reach-someone"
TITLE = "Alarms reach a person"
SEVERITY = "medium"
AWS = ("aws_cloudwatch_metric_alarm", "aws_sns_topic")

SUBSCRIPTION = "aws_sns_topic_subscription"


TABLE = {
    "azurerm_monitor_metric_alert": Setting("action.action_group_id", written),
    "azurerm_monitor_action_group": OneOf(
        (
            Setting("email_receiver.email_address", written),
            Setting("sms_receiver.phone_number", written),
            Setting("webhook_receiver.service_uri", written),
            Setting("azure_app_push_receiver.email_address", written),
        )
    ),
    "google_monitoring_alert_policy": Setting("notification_channels", written),
}
KINDS = (*AWS, *TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    yield from judge(estate, TABLE, "it reaches somebody", "it reaches nobody")
    topics: dict[str, Resource] = {}
    for alarm in estate.of("aws_cloudwatch_metric_alarm"):
        if not items(alarm, "alarm_actions"):
            yield broken(alarm, "it tells nobody", "set alarm_actions to a topic")
        for topic in estate.targets(alarm, "alarm_actions", "aws_sns_topic"):
            topics[topic.address] = topic
    for topic in topics.values():
        found = estate.linked(SUBSCRIPTION, "topic_arn", topic)
        heard = (
            any_holds(_confirmed(estate, one) for one in found) if found else estate.absent(SUBSCRIPTION, "topic_arn")
        )
        bad = "nobody has confirmed that alarms reach them" if found else "alarms go to it, and nobody listens"
        fix = "confirm the message it sent" if found else f"add {SUBSCRIPTION}"
        yield judged(topic, heard, "somebody listens to it", bad, fix)


def _confirmed(estate: Estate, one: Resource) -> bool | None:
    """What is planned is confirmed once it stands; what stands says whether it was."""
    pending = flag(one, "pending_confirmation")
    return True if estate.planned else None if pending is None else not pending
