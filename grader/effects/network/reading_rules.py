"""Routes, ACL rules and security group rules, read from the replies they stand in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, TypeAlias

from grader.effects.network.blocks import Block
from grader.effects.network.model import Acl, AclRule, GroupRule, Route, SecurityGroup, TargetKind
from grader.effects.network.ports import ALL_PORTS, TCP, UDP, Ports, read_ports, read_protocol
from grader.effects.network.values import code, items, mapping, text

Fields: TypeAlias = Mapping[str, Any]
Lists: TypeAlias = Mapping[str, tuple[Block, ...]]

_TARGETS: Final[Mapping[str, TargetKind]] = {
    "NatGatewayId": "nat-gateway",
    "EgressOnlyInternetGatewayId": "egress-only-internet-gateway",
    "VpcPeeringConnectionId": "vpc-peering-connection",
    "TransitGatewayId": "other",
    "LocalGatewayId": "other",
    "CarrierGatewayId": "other",
    "NetworkInterfaceId": "other",
    "InstanceId": "other",
    "CoreNetworkArn": "other",
    "OdbNetworkArn": "other",
    "IpAddress": "other",
}
# `create-route --gateway-id nat-…` is what AWS turns into NatGatewayId; some emulators leave it where it was.
_GATEWAYS: Final[Mapping[str, TargetKind]] = {
    "local": "local",
    "igw-": "internet-gateway",
    "nat-": "nat-gateway",
    "eigw-": "egress-only-internet-gateway",
    "vpce-": "vpc-endpoint",
}
# "Constraints: Positive integer from 1 to 32766. The range 32767 to 65535 is reserved for internal use."
# https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateNetworkAclEntry.html (2026-11-23)
_LAST_NUMBER: Final = 32766


def read_route(fields: Fields, lists: Lists) -> Iterator[Route]:
    """The route, once for every block of its prefix list; what has no destination is no route."""
    target, kind = _read_target(fields)
    propagated = code(fields.get("Origin")) in ("enablevgwroutepropagation", "advertisement")
    for key in ("DestinationCidrBlock", "DestinationIpv6CidrBlock"):
        if (block := Block.parse(fields.get(key))) is not None:
            yield Route(text(fields.get(key)), target, kind, block, propagated=propagated)
    name = text(fields.get("DestinationPrefixListId"))
    for one in lists.get(name, (None,)) if name else ():
        yield Route(name, target, kind, one, prefix_list=True)


def _read_target(fields: Fields) -> tuple[str, TargetKind]:
    for key, kind in _TARGETS.items():
        if text(fields.get(key)):
            return text(fields.get(key)), kind
    target = text(fields.get("GatewayId"))
    kinds = [kind for start, kind in _GATEWAYS.items() if target.startswith(start)]
    return target, kinds[0] if kinds else "other" if target else "lost"


def read_acl(fields: Fields) -> Acl:
    """A network ACL with those of its rules that AWS would have."""
    rules = [_read_acl_rule(entry) for entry in items(fields.get("Entries"))]
    subnet_ids = (text(association.get("SubnetId")) for association in items(fields.get("Associations")))
    return Acl(
        id=text(fields.get("NetworkAclId")),
        vpc_id=text(fields.get("VpcId")),
        default=fields.get("IsDefault") is True,
        subnet_ids=frozenset(subnet_id for subnet_id in subnet_ids if subnet_id),
        rules=tuple(sorted({rule for rule in rules if rule is not None})),
    )


def _read_acl_rule(fields: Fields) -> AclRule | None:
    """The rule, or None where AWS would not have it: no number of its own, no CIDR block, ports missing or reversed.

    The `*` rules that the replies hold as 32767 and up are left out too: what no rule lets in is denied anyway.
    """
    number, action = fields.get("RuleNumber"), code(fields.get("RuleAction"))
    block = Block.parse(fields.get("CidrBlock")) or Block.parse(fields.get("Ipv6CidrBlock"))
    protocol = read_protocol(fields.get("Protocol"))
    egress = fields.get("Egress")
    if not isinstance(number, int) or not 1 <= number <= _LAST_NUMBER or not isinstance(egress, bool):
        return None
    if block is None or protocol is None or action not in ("allow", "deny"):
        return None
    ports = _acl_ports(protocol, mapping(fields.get("PortRange")))
    return None if ports is None else AclRule(number, egress, action == "allow", protocol, block, ports)


def _acl_ports(protocol: int, fields: Fields) -> Ports | None:
    """The ports of a rule: all of them, "regardless of any ports that you specify", but for TCP and UDP, which need
    a range ("Required if specifying protocol 6 (TCP) or 17 (UDP)").
    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateNetworkAclEntry.html (2026-11-23)
    """
    return read_ports(fields.get("From"), fields.get("To")) if protocol in (TCP, UDP) else ALL_PORTS


def read_group(fields: Fields, lists: Lists) -> SecurityGroup:
    """A security group and its rules, one for every source or destination."""
    rules = [
        rule
        for key, egress in (("IpPermissions", False), ("IpPermissionsEgress", True))
        for permission in items(fields.get(key))
        for rule in _read_permission(permission, egress, lists)
    ]
    return SecurityGroup(text(fields.get("GroupId")), text(fields.get("VpcId")), tuple(rules))


def _read_permission(fields: Fields, egress: bool, lists: Lists) -> Iterator[GroupRule]:
    protocol = read_protocol(fields.get("IpProtocol"))
    if protocol is None:
        return
    ranged = protocol in (TCP, UDP)
    ports = read_ports(fields.get("FromPort"), fields.get("ToPort")) if ranged else ALL_PORTS
    if ports is None:
        return
    for key, cidr in (("IpRanges", "CidrIp"), ("Ipv6Ranges", "CidrIpv6")):
        for one in items(fields.get(key)):
            if (block := Block.parse(one.get(cidr))) is not None:
                yield GroupRule(egress, protocol, ports, block)
    for pair in items(fields.get("UserIdGroupPairs")):
        yield GroupRule(egress, protocol, ports, group_id=text(pair.get("GroupId")) or "?")
    for one in items(fields.get("PrefixListIds")):
        for found in lists.get(text(one.get("PrefixListId")), (None,)):
            yield GroupRule(egress, protocol, ports, found)
