"""Network ACLs in templates: three types that moto 5.2.5 does not know."""
# ruff: noqa: ARG003 -- the signatures are CloudFormationModel's

from __future__ import annotations

from typing import Any

from moto.core.common_models import CloudFormationModel
from moto.ec2.models import EC2Backend, ec2_backends

Json = dict[str, Any]


def apply() -> None:
    """CloudFormationModel's own subclasses are the types that moto knows: the classes are all it takes."""


class _Part:
    """What moto has and templates cannot make: CloudFormationModel's subclasses are the types that it knows."""

    def __init__(self, physical_resource_id: str) -> None:
        self.physical_resource_id = physical_resource_id

    @staticmethod
    def cloudformation_name_type() -> str:
        """None has a name of its own."""
        return ""

    @classmethod
    def has_cfn_attr(cls, attr: str) -> bool:
        """The one that AWS has of each."""
        return attr in ("Id", "AssociationId")

    def get_cfn_attribute(self, attribute_name: str) -> Any:
        """Its own id."""
        return self.physical_resource_id

    def is_created(self) -> bool:
        """At once."""
        return True

    @classmethod
    def create_from_cloudformation_json(
        cls, resource_name: str, cloudformation_json: Json, account_id: str, region_name: str, **kwargs: Any
    ) -> Any:
        """By the call of the API."""
        return cls(cls.made(ec2_backends[account_id][region_name], cloudformation_json["Properties"]))

    @staticmethod
    def made(backend: EC2Backend, properties: Json) -> str:
        """Makes it; its id."""
        raise NotImplementedError


class NetworkAcl(_Part, CloudFormationModel):
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-networkacl.html"""

    @staticmethod
    def cloudformation_type() -> str:
        """Its type."""
        return "AWS::EC2::NetworkAcl"

    @staticmethod
    def made(backend: EC2Backend, properties: Json) -> str:
        """Without any rule that lets something through."""
        return backend.create_network_acl(properties["VpcId"], tags=properties.get("Tags")).id


class NetworkAclEntry(_Part, CloudFormationModel):
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-networkaclentry.html"""

    @staticmethod
    def cloudformation_type() -> str:
        """Its type."""
        return "AWS::EC2::NetworkAclEntry"

    @staticmethod
    def made(backend: EC2Backend, properties: Json) -> str:
        """Of the traffic that comes in, where the template does not say Egress."""
        acl, number = properties["NetworkAclId"], int(properties["RuleNumber"])
        ports = properties.get("PortRange") or {}
        backend.create_network_acl_entry(
            network_acl_id=acl,
            rule_number=number,
            protocol=str(properties["Protocol"]),
            rule_action=properties["RuleAction"],
            egress=str(properties.get("Egress", False)).lower() == "true",
            cidr_block=properties.get("CidrBlock"),  # type: ignore[arg-type]
            icmp_code=(properties.get("Icmp") or {}).get("Code"),
            icmp_type=(properties.get("Icmp") or {}).get("Type"),
            port_range_from=ports.get("From"),
            port_range_to=ports.get("To"),
            ipv6_cidr_block=properties.get("Ipv6CidrBlock"),
        )
        return f"{acl}|{number}"


class SubnetNetworkAclAssociation(_Part, CloudFormationModel):
    """In place of the subnet's ACL before.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-subnetnetworkaclassociation.html
    """

    @staticmethod
    def cloudformation_type() -> str:
        """Its type."""
        return "AWS::EC2::SubnetNetworkAclAssociation"

    @staticmethod
    def made(backend: EC2Backend, properties: Json) -> str:
        """The new association's id."""
        subnet = properties["SubnetId"]
        before = next(
            association.id
            for acl in backend.describe_network_acls()
            for association in acl.associations
            if association.subnet_id == subnet
        )
        return backend.replace_network_acl_association(before, properties["NetworkAclId"]).id
