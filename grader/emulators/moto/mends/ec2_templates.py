"""AWS::EC2 in templates: the properties that moto leaves out, through the calls of the API."""
# ruff: noqa: ARG001 -- the signatures are CloudFormationModel's

from __future__ import annotations

import ipaddress
from typing import Any

from moto.cloudformation import parsing
from moto.ec2.models import ec2_backends
from moto.ec2.models.elastic_ip_addresses import ElasticAddress
from moto.ec2.models.nat_gateways import NatGateway
from moto.ec2.models.route_tables import Route
from moto.ec2.models.subnets import Subnet, SubnetRouteTableAssociation

Json = dict[str, Any]

_create_subnet = Subnet.create_from_cloudformation_json.__func__  # type: ignore[attr-defined]
_clean_json = parsing.clean_json


def apply() -> None:
    """moto 5.2.5 leaves MapPublicIpOnLaunch out, associates no table with a subnet, makes no private NAT gateway and
    no route for IPv6, and knows neither Fn::Cidr nor Fn::GetAZs of a Ref."""
    Subnet.create_from_cloudformation_json = classmethod(create_subnet)  # type: ignore[assignment,arg-type]
    SubnetRouteTableAssociation.create_from_cloudformation_json = classmethod(associate)  # type: ignore[assignment,arg-type]
    ElasticAddress.create_from_cloudformation_json = classmethod(allocate)  # type: ignore[assignment,arg-type]
    NatGateway.create_from_cloudformation_json = classmethod(create_nat_gateway)  # type: ignore[assignment,arg-type]
    Route.create_from_cloudformation_json = classmethod(create_route)  # type: ignore[assignment,arg-type]
    parsing.clean_json = clean_json


def create_subnet(
    cls: Any, resource_name: str, cloudformation_json: Json, account_id: str, region_name: str, **kwargs: Any
) -> Subnet:
    """moto's, and then its attributes."""
    made: Subnet = _create_subnet(cls, resource_name, cloudformation_json, account_id, region_name, **kwargs)
    if _is_true(cloudformation_json["Properties"].get("MapPublicIpOnLaunch")):
        made.map_public_ip_on_launch = True
    return made


def associate(
    cls: Any, resource_name: str, cloudformation_json: Json, account_id: str, region_name: str, **kwargs: Any
) -> SubnetRouteTableAssociation:
    """moto's, and the table's own word for it."""
    properties, backend = cloudformation_json["Properties"], ec2_backends[account_id][region_name]
    table, subnet = properties["RouteTableId"], properties["SubnetId"]
    backend.associate_route_table(route_table_id=table, subnet_id=subnet)
    return backend.create_subnet_association(route_table_id=table, subnet_id=subnet)


def allocate(
    cls: Any, resource_name: str, cloudformation_json: Json, account_id: str, region_name: str, **kwargs: Any
) -> ElasticAddress:
    """ "vpc" is the only Domain that is left, and the default.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-eip.html (2026-11-25)
    """
    properties, backend = cloudformation_json.get("Properties") or {}, ec2_backends[account_id][region_name]
    made = backend.allocate_address(domain="vpc")
    if instance := properties.get("InstanceId"):
        backend.associate_address(instance=backend.get_instance(instance), allocation_id=made.allocation_id)
    return made


def create_nat_gateway(
    cls: Any, resource_name: str, cloudformation_json: Json, account_id: str, region_name: str, **kwargs: Any
) -> NatGateway:
    """With what the template says of it."""
    properties, backend = cloudformation_json["Properties"], ec2_backends[account_id][region_name]
    return backend.create_nat_gateway(
        subnet_id=properties["SubnetId"],
        allocation_id=properties.get("AllocationId", ""),
        tags={tag["Key"]: tag["Value"] for tag in properties.get("Tags") or []},
        connectivity_type=properties.get("ConnectivityType", "public"),
    )


def create_route(
    cls: Any, resource_name: str, cloudformation_json: Json, account_id: str, region_name: str, **kwargs: Any
) -> Route:
    """To every target and destination that a template may name."""
    properties, backend = cloudformation_json["Properties"], ec2_backends[account_id][region_name]
    return backend.create_route(
        properties["RouteTableId"],
        destination_cidr_block=properties.get("DestinationCidrBlock"),
        destination_ipv6_cidr_block=properties.get("DestinationIpv6CidrBlock"),
        destination_prefix_list_id=properties.get("DestinationPrefixListId"),
        gateway_id=properties.get("GatewayId"),
        instance_id=properties.get("InstanceId"),
        nat_gateway_id=properties.get("NatGatewayId"),
        egress_only_igw_id=properties.get("EgressOnlyInternetGatewayId"),
        transit_gateway_id=properties.get("TransitGatewayId"),
        interface_id=properties.get("NetworkInterfaceId"),
        vpc_peering_connection_id=properties.get("VpcPeeringConnectionId"),
    )


def clean_json(resource_json: Any, resources_map: Any) -> Any:
    """moto's, with Fn::Cidr, and Fn::GetAZs of whatever names a region."""
    if isinstance(resource_json, dict) and "Fn::Cidr" in resource_json:
        return cidr(*clean_json(resource_json["Fn::Cidr"], resources_map))
    if isinstance(resource_json, dict) and isinstance(resource_json.get("Fn::GetAZs"), dict):
        resource_json = {"Fn::GetAZs": clean_json(resource_json["Fn::GetAZs"], resources_map)}
    return _clean_json(resource_json, resources_map)


def cidr(block: Any, count: Any, bits: Any = 8) -> list[str]:
    """The first blocks of so many host bits: "Subnet bits is the inverse of subnet mask".

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-cidr.html
    (2026-11-25)
    """
    whole = ipaddress.ip_network(str(block))
    parts = whole.subnets(new_prefix=whole.max_prefixlen - int(bits))
    return [str(part) for part, _ in zip(parts, range(int(count)), strict=False)]


def _is_true(value: Any) -> bool:
    return str(value).lower() == "true"
