"""Where Prometheus finds what to scrape: servers and pods by the tags and labels that the infrastructure code gives.

A service in containers without servers (ECS on Fargate, Container Apps, Cloud Run) has no address to scrape: its
figures come through the collector of `watch/otel`, which writes them here.
"""

from __future__ import annotations

from typing import Any

from standfast.plan import Choice, Plan

Json = dict[str, Any]
NODE, POD_LABEL = 9100, "app.kubernetes.io/name"
SUBSCRIPTION, PROJECT = "AZURE-SUBSCRIPTION-ID", "GOOGLE-PROJECT-ID"  # nobody but the user knows them
FILTERS = "labels.system={system} AND labels.component={component}"


def jobs(plan: Plan) -> list[Json]:
    """One job for each service that can be scraped, and one for the hosts of each that has servers."""
    ports = {service.name: service.port for service in plan.system.services}
    found = []
    for choice in sorted(plan.choices, key=lambda one: one.component):
        if choice.component not in ports:
            continue
        if choice.kind == "server":
            found += [_servers(plan, choice, ports[choice.component]), _hosts(plan, choice)]
        if choice.kind == "pod":
            found.append(_pods(plan, choice, ports[choice.component]))
    return found


def pushed(plan: Plan) -> list[str]:
    """Services whose figures must be written to Prometheus, because nothing can be scraped."""
    return sorted(one.component for one in plan.choices if one.kind == "container")


def _servers(plan: Plan, choice: Choice, port: int) -> Json:
    """The instances of a service in this region; the service's own port serves /metrics."""
    found, relabelled = _found(plan, choice, port)
    fixed = [
        {"target_label": "system", "replacement": plan.system.name},
        {"target_label": "service", "replacement": choice.component},
    ]
    return {"job_name": choice.component, **found, "relabel_configs": [*relabelled, *fixed]}


def _hosts(plan: Plan, choice: Choice) -> Json:
    """The exporter on the servers of a service. It says `component`: its `up` is not the service's."""
    found, relabelled = _found(plan, choice, NODE)
    fixed = [
        {"target_label": "system", "replacement": plan.system.name},
        {"target_label": "component", "replacement": choice.component},
    ]
    # a slash is in no name of a service
    return {"job_name": f"hosts/{choice.component}", **found, "relabel_configs": [*relabelled, *fixed]}


def _found(plan: Plan, choice: Choice, port: int) -> tuple[Json, list[Json]]:
    """The discovery of a cloud's servers, and what it says of each."""
    system, component = plan.system.name, choice.component
    if plan.cloud == "azure":
        found = {
            "azure_sd_configs": [
                {"subscription_id": SUBSCRIPTION, "authentication_method": "ManagedIdentity", "port": port}
            ]
        }
        return found, [
            _keep("__meta_azure_machine_tag_system", system),
            _keep("__meta_azure_machine_tag_component", component),
            _copied("__meta_azure_machine_name", "instance"),
            _copied("__meta_azure_machine_location", "zone"),
        ]
    if plan.cloud == "gcp":
        filters = FILTERS.format(system=system, component=component)
        zones = [{"project": PROJECT, "zone": zone, "port": port, "filter": filters} for zone in plan.zones]
        return {"gce_sd_configs": zones}, [
            _keep("__meta_gce_instance_status", "RUNNING"),
            _copied("__meta_gce_instance_name", "instance"),
            _copied("__meta_gce_zone", "zone", ".*/([^/]+)"),
        ]
    filters = [
        {"name": "tag:system", "values": [system]},
        {"name": "tag:component", "values": [component]},
        {"name": "instance-state-name", "values": ["running"]},
    ]
    return {"ec2_sd_configs": [{"region": plan.region, "port": port, "filters": filters}]}, [
        _copied("__meta_ec2_instance_id", "instance"),
        _copied("__meta_ec2_availability_zone", "zone"),
    ]


def _pods(plan: Plan, choice: Choice, port: int) -> Json:
    """The pods of a service: Prometheus runs in the same cluster."""
    system = plan.system.name
    found = {
        "role": "pod",
        "namespaces": {"names": [system]},
        "selectors": [{"role": "pod", "label": f"{POD_LABEL}={choice.component}"}],
    }
    return {
        "job_name": choice.component,
        "kubernetes_sd_configs": [found],
        "relabel_configs": [
            _keep("__meta_kubernetes_pod_container_port_number", str(port)),
            _keep("__meta_kubernetes_pod_phase", "Running"),
            _copied("__meta_kubernetes_pod_name", "instance"),
            _copied("__meta_kubernetes_pod_node_name", "node"),
            {"target_label": "system", "replacement": system},
            {"target_label": "service", "replacement": choice.component},
        ],
    }


def _keep(label: str, value: str) -> Json:
    return {"source_labels": [label], "regex": value, "action": "keep"}


def _copied(label: str, name: str, pattern: str = "") -> Json:
    return {"source_labels": [label], **({"regex": pattern} if pattern else {}), "target_label": name}
