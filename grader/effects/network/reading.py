"""The replies of boto3's describe calls, read into a model without ever raising.

What a reply leaves out is taken as AWS's default; an item without its id is left out; so is an association that is
no longer. Nothing that is known from a state alone is believed where the thing itself can be looked at: emulators
call a route "active" whose target is long gone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias, TypeVar

from grader.effects.network.blocks import Block, read_blocks
from grader.effects.network.model import (
    Endpoint,
    Gateway,
    Interface,
    NatGateway,
    Network,
    Peering,
    RouteTable,
    Subnet,
    Vpc,
)
from grader.effects.network.reading_rules import Lists, read_acl, read_group, read_route
from grader.effects.network.values import code, items, mapping, text

T = TypeVar("T")
Fields: TypeAlias = Mapping[str, Any]

_UNDERSTOOD = frozenset(
    {
        "Addresses",
        "EgressOnlyInternetGateways",
        "InternetGateways",
        "NatGateways",
        "NetworkAcls",
        "NetworkInterfaces",
        "PrefixLists",
        "Reservations",
        "RouteTables",
        "SecurityGroups",
        "Subnets",
        "VpcBlockPublicAccessOptions",
        "VpcEndpoints",
        "VpcPeeringConnections",
        "Vpcs",
    }
)
_ENDED = frozenset({"disassociating", "disassociated", "failing", "failed", "detaching", "detached"})
_GONE = frozenset({"deleting", "deleted", "failed", "rejected", "expired"})


def read(*replies: object) -> Network:
    """A network from replies such as `describe_subnets()`, in any order, or from one mapping with all of their keys.

    PrefixLists are those of `describe_prefix_lists`; a customer's own are taken with their `Entries` added to each.
    """
    found = {key: value for key, value in _together(replies).items() if key in _UNDERSTOOD}
    lists = {text(item.get("PrefixListId")): _read_list(item) for item in items(found.get("PrefixLists"))}
    subnets = _by_id(found, "Subnets", "SubnetId", _read_subnet)
    allocations, holders = _allocations(found), _holders(items(found.get("NatGateways")))
    unchecked = _unchecked(items(found.get("Reservations")))
    options = mapping(found.get("VpcBlockPublicAccessOptions"))
    return Network(
        vpcs=_by_id(found, "Vpcs", "VpcId", _read_vpc),
        subnets=subnets,
        route_tables=_by_id(found, "RouteTables", "RouteTableId", lambda item: _read_table(item, lists)),
        internet_gateways=_by_id(found, "InternetGateways", "InternetGatewayId", _gateway("InternetGatewayId")),
        egress_only_gateways=_by_id(
            found, "EgressOnlyInternetGateways", "EgressOnlyInternetGatewayId", _gateway("EgressOnlyInternetGatewayId")
        ),
        nat_gateways=_by_id(
            found, "NatGateways", "NatGatewayId", lambda item: _read_nat(item, subnets, allocations, holders)
        ),
        acls=_by_id(found, "NetworkAcls", "NetworkAclId", read_acl),
        security_groups=_by_id(found, "SecurityGroups", "GroupId", lambda item: read_group(item, lists)),
        peerings=_by_id(found, "VpcPeeringConnections", "VpcPeeringConnectionId", _read_peering),
        endpoints=_by_id(found, "VpcEndpoints", "VpcEndpointId", _read_endpoint),
        interfaces=_by_id(
            found, "NetworkInterfaces", "NetworkInterfaceId", lambda item: _read_interface(item, unchecked)
        ),
        public_access_blocked=code(options.get("InternetGatewayBlockMode")) in ("block-bidirectional", "block-ingress"),
        known=frozenset(found),
    )


def _together(replies: Iterable[object]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for reply in replies:
        for key, value in mapping(reply).items():
            if isinstance(value, list | tuple):
                found[key] = [*items(found.get(key)), *items(value)]
            elif isinstance(value, Mapping):
                found[key] = value
    return found


def _by_id(found: Fields, key: str, id_key: str, make: Callable[[Fields], T]) -> dict[str, T]:
    return {text(item.get(id_key)): make(item) for item in items(found.get(key)) if text(item.get(id_key))}


def _read_list(item: Fields) -> tuple[Block, ...]:
    cidrs = item.get("Cidrs")
    entries = [entry.get("Cidr") for entry in items(item.get("Entries"))]
    return read_blocks([*(cidrs if isinstance(cidrs, list) else []), *entries])


def _cidrs(item: Fields) -> tuple[Block, ...]:
    """The blocks of a VPC or a subnet of both versions, less those whose association has ended."""
    found = [item.get("CidrBlock")]
    for key, cidr, state in (
        ("CidrBlockAssociationSet", "CidrBlock", "CidrBlockState"),
        ("Ipv6CidrBlockAssociationSet", "Ipv6CidrBlock", "Ipv6CidrBlockState"),
    ):
        sets = items(item.get(key))
        found += [one.get(cidr) for one in sets if code(mapping(one.get(state)).get("State")) not in _ENDED]
    return tuple(dict.fromkeys(read_blocks(found)))


def _read_vpc(item: Fields) -> Vpc:
    return Vpc(text(item.get("VpcId")), _cidrs(item))


def _read_subnet(item: Fields) -> Subnet:
    return Subnet(
        id=text(item.get("SubnetId")),
        vpc_id=text(item.get("VpcId")),
        blocks=_cidrs(item),
        maps_public_ip=item.get("MapPublicIpOnLaunch") is True,
        assigns_ipv6=item.get("AssignIpv6AddressOnCreation") is True,
    )


def _read_table(item: Fields, lists: Lists) -> RouteTable:
    standing = [
        association
        for association in items(item.get("Associations"))
        if code(mapping(association.get("AssociationState")).get("State")) not in _ENDED
    ]
    return RouteTable(
        id=text(item.get("RouteTableId")),
        vpc_id=text(item.get("VpcId")),
        main=any(association.get("Main") is True for association in standing),
        subnet_ids=_ids(standing, "SubnetId"),
        gateway_ids=_ids(standing, "GatewayId"),
        routes=tuple(route for fields in items(item.get("Routes")) for route in read_route(fields, lists)),
    )


def _ids(found: Iterable[Fields], key: str) -> frozenset[str]:
    return frozenset(text(item.get(key)) for item in found if text(item.get(key)))


def _gateway(id_key: str) -> Callable[[Fields], Gateway]:
    """AWS gives an attached gateway the state "available", and no state to one that is not; emulators may leave it."""

    def read_gateway(item: Fields) -> Gateway:
        attached = [one for one in items(item.get("Attachments")) if code(one.get("State")) not in _ENDED]
        return Gateway(text(item.get(id_key)), _ids(attached, "VpcId"))

    return read_gateway


def _allocations(found: Fields) -> frozenset[str] | None:
    """The ids of the Elastic IP addresses there are; None where nobody asked."""
    return _ids(items(found.get("Addresses")), "AllocationId") if "Addresses" in found else None


def _holders(nats: Iterable[Fields]) -> dict[str, str]:
    """The NAT gateway that holds each Elastic IP address: the first one, as replies list what was made first, first.

    AWS cannot make a second one with it: "Elastic IP address eipalloc-xxxxxxxx is already associated"
    (Resource.AlreadyAssociated). MiniStack makes it.
    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_NatGateway.html (2026-11-25)
    """
    found: dict[str, str] = {}
    for item in nats:
        if code(item.get("State")) not in ("deleting", "deleted", "failed"):
            for address in items(item.get("NatGatewayAddresses")):
                found.setdefault(text(address.get("AllocationId")), text(item.get("NatGatewayId")))
    return found


def _read_nat(
    item: Fields, subnets: Mapping[str, Subnet], allocations: frozenset[str] | None, holders: Mapping[str, str]
) -> NatGateway:
    subnet_id = text(item.get("SubnetId"))
    subnet = subnets.get(subnet_id)
    addresses = [one for one in items(item.get("NatGatewayAddresses")) if code(one.get("Status")) != "failed"]
    # moto gives an address that has nothing to do with the subnet: one that cannot be is as good as none.
    places = [place for place in read_blocks(one.get("PrivateIp") for one in addresses) if _holds(subnet, place)]
    id, given = text(item.get("NatGatewayId")), sorted(_ids(addresses, "AllocationId"))
    rival = next((holders[one] for one in given if holders.get(one, id) != id), "")
    return NatGateway(
        id=id,
        vpc_id=text(item.get("VpcId")) or (subnet.vpc_id if subnet else ""),
        subnet_id=subnet_id,
        state=code(item.get("State")) or "available",
        public=code(item.get("ConnectivityType")) != "private",
        regional=code(item.get("AvailabilityMode")) == "regional",
        elastic_ip=not rival and any(_has_elastic_ip(one, allocations) for one in addresses),
        private_ip=places[0] if places else None,
        rival=rival,
    )


def _holds(subnet: Subnet | None, place: Block) -> bool:
    return subnet is not None and any(block.covers(place) for block in subnet.blocks)


def _has_elastic_ip(address: Fields, allocations: frozenset[str] | None) -> bool:
    """A public address is believed; an allocation that nobody made is not (AWS: InvalidAllocationID.NotFound)."""
    allocation = text(address.get("AllocationId"))
    return bool(text(address.get("PublicIp")) or (allocation and (allocations is None or allocation in allocations)))


def _read_peering(item: Fields) -> Peering:
    ends = [mapping(item.get(key)) for key in ("RequesterVpcInfo", "AccepterVpcInfo")]
    return Peering(
        id=text(item.get("VpcPeeringConnectionId")),
        active=code(mapping(item.get("Status")).get("Code")) in ("active", ""),
        vpc_ids=tuple(text(end.get("VpcId")) for end in ends),
    )


def _read_endpoint(item: Fields) -> Endpoint:
    return Endpoint(
        id=text(item.get("VpcEndpointId")),
        vpc_id=text(item.get("VpcId")),
        kind=code(item.get("VpcEndpointType")) or "gateway",
        available=code(item.get("State")) not in _GONE,
    )


def _unchecked(reservations: Iterable[Fields]) -> frozenset[str]:
    """The instances without a source/destination check: moto tells it of the instance, and not of its interface."""
    instances = (instance for one in reservations for instance in items(one.get("Instances")))
    return frozenset(text(one.get("InstanceId")) for one in instances if one.get("SourceDestCheck") is False)


def _read_interface(item: Fields, unchecked: frozenset[str]) -> Interface:
    attachment = mapping(item.get("Attachment"))
    check = False if text(attachment.get("InstanceId")) in unchecked else item.get("SourceDestCheck")
    return Interface(
        id=text(item.get("NetworkInterfaceId")),
        subnet_id=text(item.get("SubnetId")),
        private_ip=text(item.get("PrivateIpAddress")) or None,
        public_ip=bool(text(mapping(item.get("Association")).get("PublicIp"))),
        ipv6=any(text(one.get("Ipv6Address")) for one in items(item.get("Ipv6Addresses"))),
        security_groups=tuple(sorted(_ids(items(item.get("Groups")), "GroupId"))),
        instance_id=text(attachment.get("InstanceId")),
        attached=bool(attachment) and code(attachment.get("Status")) not in _ENDED,
        checks_addresses=check if isinstance(check, bool) else None,
    )
