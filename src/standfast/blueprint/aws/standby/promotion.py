"""Databases of the second of two serving sites take over by themselves when the first is lost. Decision 0033.

    health checks of the DNS -> alarm -> rule (both in us-east-1, where AWS measures them)
                             -> rule here -> Systems Manager runs the steps below

The first step is the fence: the DNS never sends a user to the first site again until a person says so. Only then is a
replica promoted: two databases are never written to at once by users.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from standfast.blueprint.aws.edge.domain import MOVED, PRIVATE_ZONE, write_host
from standfast.blueprint.aws.keys import LOGS_KEY
from standfast.blueprint.aws.policy import OWN_ACCOUNT, allow, arn, assumed_by, document
from standfast.blueprint.aws.site import Kept, Part, Site
from standfast.blueprint.model import Join, Json, Ref, Resource, Var
from standfast.problem import Problem

GLOBAL = "us-east-1"  # where Route 53 measures and is changed (Route 53 guide, "Monitoring health checks")
NEVER = (
    256  # answers that a health check wants when it shall never be well again: more than there can be (API reference)
)
SETTLE = "PT1M"  # until a database that was told to take over says that it is busy
LOST, TOPIC = "first_site_lost", Ref("aws_sns_topic.alarms", "arn")
DOCUMENT = "promote"
SWITCH = Var("well")  # the first site's own health check, an output there


def resources(site: Site) -> Iterator[Resource]:
    kept = [one for one in site.databases if site.writes_there(one)]
    if not kept:
        return
    part = Part("data", site.system.where("reliability.recovery.region"), "watch")
    yield _alarm(site, part)
    yield from _heard(site, part)
    yield from _roles(site, part, kept)
    yield _steps(site, part, kept)


def problems(site: Site) -> Iterator[Problem]:
    """Where nothing can promote the databases by itself, so that what the plan promises would need a person."""
    if not (site.together and site.databases and site.first is None):
        return
    place = site.system.where("reliability.recovery.region")
    what = "the databases of a second serving site could not take over by themselves"
    fix = "promise a larger rto for region: then a person decides"
    if site.plan.region == GLOBAL:
        why = f"the loss of {GLOBAL} is noticed, and the DNS is changed, in {GLOBAL} itself"
        yield Problem(what, why, f"{fix}; or put the first site elsewhere under rules: regions", place)
    if site.private or not site.public:
        why = "health checks of the DNS ask from the internet, and nothing of this system answers there"
        yield Problem(what, why, fix, place)


def _alarm(site: Site, part: Part) -> Resource:
    title = site.name("first-site-lost", limit=255)
    settings = {
        "alarm_name": title,
        "alarm_description": "No public service of the first site answers anywhere in the world",
        "namespace": "AWS/Route53",
        "metric_name": "ChildHealthCheckHealthyCount",
        "statistic": "Maximum",
        "dimensions": {"HealthCheckId": SWITCH},
        "comparison_operator": "LessThanThreshold",
        "threshold": 1,
        "period": 60,
        "evaluation_periods": 1,
        "treat_missing_data": "notBreaching",  # what is not measured is not lost
    }
    why = "Nothing of the first site answers, three checks in a row: users are here already, now the data follows."
    return part.make("aws_cloudwatch_metric_alarm", LOST, settings, why, tag=title, provider=_far(site))


def _far(site: Site) -> str:
    """The alias of the provider for the region of the DNS; none where that is this one."""
    return "" if site.plan.region == GLOBAL else GLOBAL.replace("-", "_")


def _heard(site: Site, part: Part) -> Iterator[Resource]:
    """The alarm, heard in its own region and passed on to this one."""
    pattern = Json(
        {
            "source": ["aws.cloudwatch"],
            "detail-type": ["CloudWatch Alarm State Change"],
            "resources": [Ref(f"aws_cloudwatch_metric_alarm.{LOST}", "arn")],
            "detail": {"state": {"value": ["ALARM"]}},
        }
    )
    starts = Ref("aws_iam_role.start_promotion", "arn")
    if far := _far(site):
        name = site.name("first-site-lost")
        rule = {"name": name, "event_pattern": pattern, "description": "Passes the alarm on to where the data is"}
        yield part.make("aws_cloudwatch_event_rule", "pass_on", rule, tag=name, provider=far)
        to = {"rule": Ref("aws_cloudwatch_event_rule.pass_on", "name"), "arn": _bus(site), "role_arn": starts}
        yield part.make("aws_cloudwatch_event_target", "pass_on", to, provider=far)
    name = site.name("promote")
    rule = {"name": name, "event_pattern": pattern, "description": "Promotes the databases when the first site is lost"}
    yield part.make("aws_cloudwatch_event_rule", DOCUMENT, rule, tag=name)
    runs = {
        "rule": Ref(f"aws_cloudwatch_event_rule.{DOCUMENT}", "name"),
        "arn": arn("ssm", f"automation-definition/{site.name('promote')}:$DEFAULT", site.plan.region),
        "role_arn": starts,
        "input": Json({"Reason": ["No public service of the first site answered"]}),
    }
    yield part.make("aws_cloudwatch_event_target", DOCUMENT, runs, depends_on=(f"aws_ssm_document.{DOCUMENT}",))


def _bus(site: Site) -> Join:
    return arn("events", "event-bus/default", site.plan.region)


def _roles(site: Site, part: Part, kept: list[Kept]) -> Iterator[Resource]:
    name = site.name("start-promotion")
    trust = {"name": name, "assume_role_policy": assumed_by("events.amazonaws.com", OWN_ACCOUNT)}
    yield part.make("aws_iam_role", "start_promotion", trust, "Passes the alarm on, and starts the steps.", tag=name)
    steps = arn("ssm", f"automation-definition/{site.name('promote')}:*", site.plan.region)
    to_ssm = {"StringEquals": {"iam:PassedToService": "ssm.amazonaws.com"}}
    starts = (
        allow("events:PutEvents", _bus(site), "PassOn"),
        allow("ssm:StartAutomationExecution", steps, "Start"),
        allow("iam:PassRole", Ref("aws_iam_role.promotion", "arn"), "HandOver", condition=to_ssm),
    )
    policy = {"name": "start", "role": Ref("aws_iam_role.start_promotion", "id"), "policy": document(*starts)}
    yield part.make("aws_iam_role_policy", "start_promotion", policy)

    name = site.name("promotion")
    trust = {"name": name, "assume_role_policy": assumed_by("ssm.amazonaws.com", OWN_ACCOUNT)}
    yield part.make("aws_iam_role", "promotion", trust, "What the steps may do, and nothing else.", tag=name)
    databases = [Ref(f"aws_db_instance.{one.id}", "arn") for one in kept]
    zone = Join(("arn:aws:route53:::hostedzone/", PRIVATE_ZONE))
    may = (
        allow("route53:UpdateHealthCheck", Join(("arn:aws:route53:::healthcheck/", SWITCH)), "Fence"),
        allow(["rds:DescribeDBInstances", "rds:PromoteReadReplica"], databases, "Promote"),
        allow("route53:ChangeResourceRecordSets", zone, "Rename"),
        allow("sns:Publish", TOPIC, "Tell"),
        allow(["kms:Decrypt", "kms:GenerateDataKey"], LOGS_KEY, "SealWhatIsTold"),
    )
    policy = {"name": "promote", "role": Ref("aws_iam_role.promotion", "id"), "policy": document(*may)}
    yield part.make("aws_iam_role_policy", "promotion", policy)


def _steps(site: Site, part: Part, kept: list[Kept]) -> Resource:
    """A database that cannot be promoted holds up no other. Run again, they leave alone what is promoted already."""
    steps = [_call("fence", "route53", "UpdateHealthCheck", HealthCheckId=SWITCH, HealthThreshold=NEVER)]
    for number, one in enumerate(kept, 1):
        database = Ref(f"aws_db_instance.{one.id}", "identifier")
        promote = _call(f"promote{number}", "rds", "PromoteReadReplica", DBInstanceIdentifier=database)
        steps.append({**promote, "onFailure": "Continue"})
    steps.append({"name": "settle", "action": "aws:sleep", "inputs": {"Duration": SETTLE}})
    for number, one in enumerate(kept, 1):
        steps += [_ready(number, one), _renamed(number, one)]
    said = f"{site.system.name}: the databases in {site.plan.region} took over. {{{{ Reason }}}}."
    steps.append({**_call("tell", "sns", "Publish", TopicArn=TOPIC, Message=said), "onFailure": "Continue"})
    content = {
        "schemaVersion": "0.3",
        "description": "Takes the first site out of the DNS, promotes the databases here, leads the services to them",
        "assumeRole": Ref("aws_iam_role.promotion", "arn"),
        "parameters": {
            "Reason": {"type": "String", "default": "Started by hand", "description": "Why, for the record"}
        },
        "mainSteps": steps,
    }
    name = site.name("promote")
    settings = {"name": name, "document_type": "Automation", "document_format": "JSON", "content": Json(content)}
    why = "The fence comes first: where it fails, nothing is promoted."
    return part.make("aws_ssm_document", DOCUMENT, settings, why, tag=name)


def _call(name: str, service: str, api: str, **inputs: Any) -> dict[str, Any]:
    return {"name": name, "action": "aws:executeAwsApi", "inputs": {"Service": service, "Api": api, **inputs}}


def _ready(number: int, kept: Kept) -> dict[str, Any]:
    inputs = {
        "Service": "rds",
        "Api": "DescribeDBInstances",
        "DBInstanceIdentifier": Ref(f"aws_db_instance.{kept.id}", "identifier"),
        "PropertySelector": "$.DBInstances[0].DBInstanceStatus",
        "DesiredValues": ["available"],
    }
    wait = {"name": f"ready{number}", "action": "aws:waitForAwsResourceProperty", "timeoutSeconds": 1800}
    return {**wait, "onFailure": "Continue", "inputs": inputs}


def _renamed(number: int, kept: Kept) -> dict[str, Any]:
    record = {
        "Name": Join(write_host(kept)),
        "Type": "CNAME",
        "TTL": MOVED,
        "ResourceRecords": [{"Value": Ref(f"aws_db_instance.{kept.id}", "address")}],
    }
    batch = {"Changes": [{"Action": "UPSERT", "ResourceRecordSet": record}]}
    change = _call(f"lead{number}", "route53", "ChangeResourceRecordSets", HostedZoneId=PRIVATE_ZONE, ChangeBatch=batch)
    return {**change, "onFailure": "Continue"}
