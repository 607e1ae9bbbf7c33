"""EKS: add-ons, access entries and pod identities, which moto lacks, and what a cluster and its nodes were asked to be.

docs.aws.amazon.com/eks/latest/APIReference: Cluster, Nodegroup, Addon, AccessEntry, PodIdentityAssociation; read
2026-11. A cluster has a security group of its own, which AWS makes and takes away with it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

from standfast.worlds.emulator.shims import added, around

# What a cluster was asked to be, and what it is where it was not asked: attribute -> (field of the request, default).
ASKED = {
    "access_config": ("accessConfig", {"authenticationMode": "CONFIG_MAP"}),
    "upgrade_policy": ("upgradePolicy", {"supportType": "EXTENDED"}),
    "zonal_shift_config": ("zonalShiftConfig", {"enabled": False}),
}
VERSION = "v1.0.0-eksbuild.1"  # of every add-on that names none
WAYS = ("addons", "access-entries", "pod-identity-associations")


def install() -> None:
    from moto.core.responses import ActionResult, EmptyResult
    from moto.core.utils import utcnow
    from moto.ec2.models import ec2_backends
    from moto.eks import urls
    from moto.eks.exceptions import ResourceNotFoundException
    from moto.eks.models import EKSBackend
    from moto.eks.responses import EKSResponse
    from moto.moto_api._internal import mock_random

    for way in WAYS:
        for below in ("$", "/(?P<rest>.+)$"):
            urls.url_paths[f"{{0}}/clusters/(?P<name>[^/]+)/{way}{below}"] = urls.response.dispatch

    def path_of(self: Any) -> tuple[Any, str, str]:
        """The cluster a request is about, and what stands behind it: `addons`, `coredns`."""
        words = unquote(self.path).strip("/").split("/", 3)
        return self.eks_backend.describe_cluster(words[1]), words[2], words[3] if len(words) > 3 else ""

    def absent(what: str) -> ResourceNotFoundException:
        return ResourceNotFoundException(message=f"{what} not found")

    def kept(self: Any, kind: str) -> dict[str, Any]:
        cluster, _, _ = path_of(self)
        return cluster.__dict__.setdefault(f"our_{kind}", {})

    def found(self: Any, kind: str, key: str) -> dict[str, Any]:
        try:
            return kept(self, kind)[key]
        except KeyError:
            raise absent(key) from None

    def arn(self: Any, kind: str, *rest: str) -> str:
        backend = self.eks_backend
        return f"arn:{backend.partition}:eks:{backend.region_name}:{backend.account_id}:{kind}/{'/'.join(rest)}"

    def one(kind: str, about: dict[str, Any]) -> Any:
        return ActionResult({kind: about})

    # clusters

    @around(EKSResponse, "create_cluster")
    def create_cluster(original: Any, self: Any) -> Any:
        told = original(self)
        cluster = self.eks_backend.clusters[self._get_param("name")]
        for attribute, (name, default) in ASKED.items():
            asked = dict(self._get_param(name) or default)
            asked.pop("bootstrapClusterCreatorAdminPermissions", None)  # asked, never told
            setattr(cluster, attribute, asked)
        logs = (cluster.logging or {}).get("clusterLogging", ())
        cluster.logging = {"clusterLogging": [log for log in logs if log.get("enabled")]}
        ec2 = ec2_backends[self.current_account][self.region]
        vpc = ec2.get_subnet(cluster.resources_vpc_config["subnetIds"][0]).vpc_id
        name = f"eks-cluster-sg-{cluster.name}-{mock_random.get_random_string(8)}"
        group = ec2.create_security_group(name, "EKS created security group", vpc_id=vpc)
        private = {"securityGroupIds": [], "publicAccessCidrs": []}
        made = {"clusterSecurityGroupId": group.id, "vpcId": vpc}
        cluster.resources_vpc_config = {**private, **cluster.resources_vpc_config, **made}
        network = cluster.kubernetes_network_config or {}
        cluster.kubernetes_network_config = {"ipFamily": "ipv4", "serviceIpv4Cidr": "172.20.0.0/16", **network}
        return told

    @around(EKSResponse, "delete_cluster")
    def delete_cluster(original: Any, self: Any) -> Any:
        cluster = self.eks_backend.describe_cluster(self._get_param("name"))
        told = original(self)
        group = cluster.resources_vpc_config["clusterSecurityGroupId"]
        ec2_backends[self.current_account][self.region].delete_security_group(group_id=group)
        return told

    # nodes

    @around(EKSResponse, "create_nodegroup")
    def create_nodegroup(original: Any, self: Any) -> Any:
        told = original(self)
        nodes = self.eks_backend.describe_nodegroup(self._get_param("name"), self._get_param("nodegroupName"))
        nodes.update_config = self._get_param("updateConfig") or {"maxUnavailable": 1}
        nodes.node_repair_config = self._get_param("nodeRepairConfig")
        nodes.remote_access = None
        if nodes.launch_template:
            nodes.disk_size = None
        return told

    # add-ons

    @added(EKSResponse)
    def create_addon(self: Any) -> Any:
        cluster, _, _ = path_of(self)
        name = self._get_param("addonName")
        addon = {
            "addonName": name,
            "clusterName": cluster.name,
            "status": "ACTIVE",
            "addonVersion": self._get_param("addonVersion") or VERSION,
            "addonArn": arn(self, "addon", cluster.name, name, str(mock_random.uuid4())),
            "createdAt": utcnow(),
            "modifiedAt": utcnow(),
            "tags": self._get_param("tags") or {},
            "configurationValues": self._get_param("configurationValues"),
            "podIdentityAssociations": list(associated(self, cluster.name, self._get_param("podIdentityAssociations"))),
        }
        kept(self, "addons")[name] = addon
        return one("addon", addon)

    def associated(self: Any, cluster: str, asked: Any) -> Iterator[str]:
        """An add-on's own associations are associations like any other; it names them by their ARN."""
        for wanted in asked or ():
            yield associate(self, cluster, "kube-system", wanted["serviceAccount"], wanted["roleArn"], {})[
                "associationArn"
            ]

    @added(EKSResponse)
    def describe_addon(self: Any) -> Any:
        return one("addon", found(self, "addons", path_of(self)[2]))

    @added(EKSResponse)
    def list_addons(self: Any) -> Any:
        return ActionResult({"addons": sorted(kept(self, "addons"))})

    @added(EKSResponse)
    def delete_addon(self: Any) -> Any:
        addon = found(self, "addons", path_of(self)[2])
        for association in addon["podIdentityAssociations"]:
            kept(self, "identities").pop(association.rpartition("/")[2], None)
        kept(self, "addons").pop(addon["addonName"])
        return one("addon", {**addon, "status": "DELETING"})

    # who may do what in the cluster

    @added(EKSResponse)
    def create_access_entry(self: Any) -> Any:
        cluster, _, _ = path_of(self)
        principal = self._get_param("principalArn")
        entry = {
            "clusterName": cluster.name,
            "principalArn": principal,
            "kubernetesGroups": self._get_param("kubernetesGroups") or [],
            "accessEntryArn": arn(
                self, "access-entry", cluster.name, principal.replace(":", "/"), str(mock_random.uuid4())
            ),
            "createdAt": utcnow(),
            "modifiedAt": utcnow(),
            "tags": self._get_param("tags") or {},
            "username": self._get_param("username") or principal,
            "type": self._get_param("type") or "STANDARD",
        }
        kept(self, "entries")[principal] = {"entry": entry, "policies": {}}
        return one("accessEntry", entry)

    def principal_of(self: Any) -> tuple[str, str]:
        principal, _, policy = path_of(self)[2].partition("/access-policies")
        return principal, policy.strip("/")

    @added(EKSResponse)
    def describe_access_entry(self: Any) -> Any:
        return one("accessEntry", found(self, "entries", principal_of(self)[0])["entry"])

    @added(EKSResponse)
    def delete_access_entry(self: Any) -> Any:
        kept(self, "entries").pop(principal_of(self)[0], None)
        return EmptyResult()

    @added(EKSResponse)
    def associate_access_policy(self: Any) -> Any:
        principal, _ = principal_of(self)
        policy = {
            "policyArn": self._get_param("policyArn"),
            "accessScope": {"namespaces": [], **self._get_param("accessScope")},
            "associatedAt": utcnow(),
            "modifiedAt": utcnow(),
        }
        found(self, "entries", principal)["policies"][policy["policyArn"]] = policy
        cluster = path_of(self)[0].name
        return ActionResult({"clusterName": cluster, "principalArn": principal, "associatedAccessPolicy": policy})

    @added(EKSResponse)
    def list_associated_access_policies(self: Any) -> Any:
        principal, _ = principal_of(self)
        policies = list(found(self, "entries", principal)["policies"].values())
        told = {"clusterName": path_of(self)[0].name, "principalArn": principal, "associatedAccessPolicies": policies}
        return ActionResult(told)

    @added(EKSResponse)
    def disassociate_access_policy(self: Any) -> Any:
        principal, policy = principal_of(self)
        found(self, "entries", principal)["policies"].pop(policy, None)
        return EmptyResult()

    # which pods have which role

    def associate(self: Any, cluster: str, space: str, account: str, role: str, tags: dict[str, str]) -> dict[str, Any]:
        name = f"a-{mock_random.get_random_string(17).lower()}"
        identity = {
            "clusterName": cluster,
            "namespace": space,
            "serviceAccount": account,
            "roleArn": role,
            "associationArn": arn(self, "podidentityassociation", cluster, name),
            "associationId": name,
            "tags": tags,
            "createdAt": utcnow(),
            "modifiedAt": utcnow(),
        }
        kept(self, "identities")[name] = identity
        return identity

    @added(EKSResponse)
    def create_pod_identity_association(self: Any) -> Any:
        asked = (self._get_param(name) for name in ("namespace", "serviceAccount", "roleArn", "tags"))
        space, account, role, tags = asked
        return one("association", associate(self, path_of(self)[0].name, space, account, role, tags or {}))

    @added(EKSResponse)
    def describe_pod_identity_association(self: Any) -> Any:
        return one("association", found(self, "identities", path_of(self)[2]))

    @added(EKSResponse)
    def list_pod_identity_associations(self: Any) -> Any:
        return ActionResult({"associations": list(kept(self, "identities").values())})

    @added(EKSResponse)
    def delete_pod_identity_association(self: Any) -> Any:
        association = found(self, "identities", path_of(self)[2])
        kept(self, "identities").pop(association["associationId"])
        return one("association", association)

    # tags of what is not a cluster

    @around(EKSBackend, "list_tags_for_resource")
    def list_tags_for_resource(original: Any, self: Any, resource_arn: str) -> Any:
        for cluster in self.clusters.values():
            for nodes in cluster.nodegroups.values():
                if nodes.arn == resource_arn:
                    return nodes.tags
        return original(self, resource_arn)
