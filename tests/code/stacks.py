"""A CloudFormation to make stacks on: moto's, as a server on loopback inside this process.

moto knows some forty types. What it reads wrongly in the types it knows is put right here; a type it does not know
it leaves out without a word, so whoever uses this asks what stands, and never believes that all of it does.
"""

from __future__ import annotations

import json
import logging
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
import pytest
from botocore.config import Config

UNMADE = "arn:aws:unmade:::"  # before the name of a resource that moto has not made
KEY = "only-in-the-emulator"


@contextmanager
def emulated() -> Iterator[Any]:
    """A function `client(service, region)` on a fresh account."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MOTO_IAM_LOAD_MANAGED_POLICIES", "true")
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            patch.delenv(name)
        from moto.server import ThreadedMotoServer

        _correct(patch)
        for name in ("werkzeug", "moto"):
            patch.setattr(logging.getLogger(name), "disabled", True)
        server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        server.start()
        host, port = server.get_host_and_port()
        session = boto3.Session(KEY, KEY)
        config = Config(proxies={}, retries={"max_attempts": 1}, s3={"addressing_style": "path"})

        def client(service: str, region: str) -> Any:
            return session.client(service, region_name=region, endpoint_url=f"http://{host}:{port}", config=config)

        try:
            yield client
        finally:
            server.stop()


def _correct(patch: pytest.MonkeyPatch) -> None:
    """What moto reads otherwise than the page of the type in CloudFormation's template reference (read 2026-11)."""
    from moto.cloudformation import parsing
    from moto.cloudformation.exceptions import UnformattedGetAttTemplateException
    from moto.ec2.models import ec2_backends
    from moto.ec2.models.route_tables import RouteTable
    from moto.kms.models import Key
    from moto.rds.models import DBInstance, DBParameterGroup
    from moto.route53.models import FakeZone

    original = parsing.clean_json

    def clean_json(value: Any, resources: Any) -> Any:
        """Fn::Sub: attributes may have points in them, `${!x}` is `${x}`, and what is put in is not read again.
        A resource that moto has not made has no attributes: its name stands for it."""
        if isinstance(value, dict) and "Fn::Sub" in value:
            text, given = value["Fn::Sub"] if isinstance(value["Fn::Sub"], list) else (value["Fn::Sub"], {})

            def said(found: re.Match[str]) -> str:
                name = found[1]
                if name.startswith("!"):
                    return f"${{{name[1:]}}}"
                if name in given:
                    return str(clean_json(given[name], resources))
                ask = {"Fn::GetAtt": name.split(".", 1)} if "." in name else {"Ref": name}
                return str(clean_json(ask, resources))

            return re.sub(r"\$\{([^}]*)\}", said, text)
        if isinstance(value, dict) and isinstance(value.get("Fn::GetAtt"), list):
            value = {"Fn::GetAtt": [value["Fn::GetAtt"][0], ".".join(value["Fn::GetAtt"][1:])]}
        if isinstance(value, dict) and "Fn::GetAtt" in value and resources.get(value["Fn::GetAtt"][0]) is None:
            return UNMADE + ".".join(value["Fn::GetAtt"])
        if isinstance(value, dict) and "Ref" in value and resources[value["Ref"]] is None:
            return UNMADE + value["Ref"]
        return original(value, resources)

    patch.setattr(parsing, "clean_json", clean_json)

    def name_servers(zone: Any, attribute: str) -> Any:
        if attribute != "NameServers":
            raise UnformattedGetAttTemplateException
        return list(zone.delegation_set.name_servers) if zone.delegation_set else []

    patch.setattr(FakeZone, "has_cfn_attr", staticmethod(lambda attribute: attribute == "NameServers"), raising=False)
    patch.setattr(FakeZone, "get_cfn_attribute", name_servers, raising=False)
    patch.setattr(DBParameterGroup, "physical_resource_id", property(lambda group: group.name), raising=False)

    ask_database = DBInstance.get_cfn_attribute

    def attribute_of_database(database: Any, attribute: str) -> Any:
        if attribute == "MasterUserSecret.SecretArn":  # moto makes none for a database of a stack
            return f"{UNMADE}{database.db_instance_identifier}"
        return database.db_instance_arn if attribute == "DBInstanceArn" else ask_database(database, attribute)

    patch.setattr(DBInstance, "get_cfn_attribute", attribute_of_database)
    make_key = Key.create_from_cloudformation_json

    def create_key(name: str, template: Any, account: str, region: str, **more: Any) -> Any:
        said = dict(template["Properties"])
        said["Tags"] = [{"TagKey": one["Key"], "TagValue": one["Value"]} for one in said.get("Tags", ())]
        said["KeyPolicy"] = json.dumps(said["KeyPolicy"])
        return make_key(name, {**template, "Properties": said}, account, region, **more)

    patch.setattr(Key, "create_from_cloudformation_json", staticmethod(create_key))

    def delete_table(table: Any, account: str, region: str) -> None:  # moto says it has, and has not
        ec2_backends[account][region].delete_route_table(table.id)

    patch.setattr(RouteTable, "delete", delete_table, raising=False)
    models = {**parsing.get_model_map(), "AWS::CertificateManager::Certificate": _certificate()}
    patch.setattr(parsing, "get_model_map", lambda: models)


def _certificate() -> Any:
    """A certificate as moto's ACM makes it: a listener asks whether it is there."""
    from moto.acm.models import acm_backends
    from moto.core.common_models import BaseModel

    class Certificate(BaseModel):
        def __init__(self, arn: str, region: str):
            self.physical_resource_id, self.region = arn, region
            self.type = "AWS::CertificateManager::Certificate"

        @staticmethod
        def cloudformation_name_type() -> str:
            return ""

        @staticmethod
        def is_created() -> bool:
            return True

        @classmethod
        def create_from_cloudformation_json(cls, name: str, template: Any, account: str, region: str, **_: Any) -> Any:
            domain = template["Properties"]["DomainName"]
            arn = acm_backends[account][region].request_certificate(domain, name, [], [])
            return cls(arn, region)

        def delete(self, account: str, region: str) -> None:
            acm_backends[account][region].delete_certificate(self.physical_resource_id)

    return Certificate
