"""Accounts in the shape of boto3's describe replies, for the tests of the packet walker."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from grader.effects import network
from grader.effects.network import Network

ALLOW_ALL = ("100 allow all - 0.0.0.0/0",)
TARGETS = {
    "nat-": "NatGatewayId",
    "eigw-": "EgressOnlyInternetGatewayId",
    "pcx-": "VpcPeeringConnectionId",
    "tgw-": "TransitGatewayId",
    "eni-": "NetworkInterfaceId",
    "i-": "InstanceId",
}
KEYS = (
    "Vpcs Subnets RouteTables InternetGateways EgressOnlyInternetGateways NatGateways Addresses NetworkAcls "
    "SecurityGroups NetworkInterfaces VpcPeeringConnections VpcEndpoints PrefixLists"
)


class Account:
    """What `describe_*` would answer, written down in few words."""

    def __init__(self) -> None:
        self.replies: dict[str, Any] = {key: [] for key in KEYS.split()}

    def read(self) -> Network:
        return network.read(copy.deepcopy(self.replies))

    def find(self, key: str, id: str) -> dict[str, Any]:
        """The item of a reply that holds this id."""
        found: dict[str, Any] = next(item for item in self.replies[key] if id in item.values())
        return found

    def drop(self, key: str, id: str) -> None:
        self.replies[key].remove(self.find(key, id))

    def vpc(self, id: str, cidr: str, ipv6: str = "") -> None:
        item: dict[str, Any] = {"VpcId": id, "CidrBlock": cidr}
        if ipv6:
            item["Ipv6CidrBlockAssociationSet"] = [
                {"Ipv6CidrBlock": ipv6, "Ipv6CidrBlockState": {"State": "associated"}}
            ]
        self.replies["Vpcs"].append(item)

    def subnet(self, id: str, cidr: str, vpc: str = "vpc-a", *, public: bool = False, ipv6: str = "") -> None:
        item: dict[str, Any] = {"SubnetId": id, "VpcId": vpc, "CidrBlock": cidr, "MapPublicIpOnLaunch": public}
        if ipv6:
            item["Ipv6CidrBlockAssociationSet"] = [
                {"Ipv6CidrBlock": ipv6, "Ipv6CidrBlockState": {"State": "associated"}}
            ]
            item["AssignIpv6AddressOnCreation"] = True
        self.replies["Subnets"].append(item)

    def igw(self, id: str, *vpcs: str) -> None:
        attachments = [{"State": "available", "VpcId": vpc} for vpc in vpcs]
        self.replies["InternetGateways"].append({"InternetGatewayId": id, "Attachments": attachments})

    def nat(self, id: str, subnet: str, private_ip: str = "", vpc: str = "vpc-a", **more: Any) -> None:
        address = {"AllocationId": f"eipalloc-{id}", "PublicIp": "198.18.0.9", "PrivateIp": private_ip}
        item = {"NatGatewayId": id, "SubnetId": subnet, "VpcId": vpc, "State": "available"}
        self.replies["NatGateways"].append({**item, "NatGatewayAddresses": [address], **more})

    def table(
        self,
        id: str,
        routes: Mapping[str, str],
        *subnets: str,
        vpc: str = "vpc-a",
        main: bool = False,
    ) -> None:
        associations: list[dict[str, Any]] = [{"SubnetId": subnet, "Main": False} for subnet in subnets]
        associations += [{"Main": True}] if main else []
        cidr = self.find("Vpcs", vpc)["CidrBlock"]
        local = {"DestinationCidrBlock": cidr, "GatewayId": "local", "Origin": "CreateRouteTable", "State": "active"}
        found = [local, *(route(*pair) for pair in routes.items())]
        item = {"RouteTableId": id, "VpcId": vpc, "Associations": associations, "Routes": found}
        self.replies["RouteTables"].append(item)

    def acl(
        self,
        id: str,
        *subnets: str,
        inbound: Iterable[str] = (),
        outbound: Iterable[str] = (),
        vpc: str = "vpc-a",
        default: bool = False,
    ) -> None:
        entries = [entry(line, egress=False) for line in inbound] + [entry(line, egress=True) for line in outbound]
        entries += [entry("32767 deny all - 0.0.0.0/0", egress=egress) for egress in (False, True)]
        associations = [{"SubnetId": subnet} for subnet in subnets]
        item = {
            "NetworkAclId": id,
            "VpcId": vpc,
            "IsDefault": default,
            "Associations": associations,
            "Entries": entries,
        }
        self.replies["NetworkAcls"].append(item)

    def peer(self, id: str, *vpcs: str, status: str = "active") -> None:
        ends = {f"{end}VpcInfo": {"VpcId": vpc} for end, vpc in zip(("Requester", "Accepter"), vpcs, strict=True)}
        self.replies["VpcPeeringConnections"].append({"VpcPeeringConnectionId": id, "Status": {"Code": status}, **ends})


def route(destination: str, target: str) -> dict[str, Any]:
    kind = "DestinationPrefixListId" if destination.startswith("pl-") else "DestinationCidrBlock"
    if ":" in destination:
        kind = "DestinationIpv6CidrBlock"
    fields = {kind: destination, "Origin": "CreateRoute", "State": "active"}
    key = next((key for start, key in TARGETS.items() if target.startswith(start)), "GatewayId")
    return {**fields, key: target} if target else fields


def entry(line: str, *, egress: bool) -> dict[str, Any]:
    """An ACL entry from `number action protocol ports cidr`: `100 allow tcp 1024-65535 0.0.0.0/0`."""
    number, action, protocol, ports, cidr = line.split()
    numbers = {"all": "-1", "tcp": "6", "udp": "17", "icmp": "1"}
    found: dict[str, Any] = {"RuleNumber": int(number), "RuleAction": action, "Egress": egress}
    found["Protocol"] = numbers.get(protocol, protocol)
    found["Ipv6CidrBlock" if ":" in cidr else "CidrBlock"] = cidr
    if ports != "-":
        first, _, last = ports.partition("-")
        found["PortRange"] = {"From": int(first), "To": int(last or first)}
    return found


def right() -> Account:
    """The right answer to the lab, written the plain way: two zones, one NAT gateway, a table for each tier."""
    account = Account()
    account.vpc("vpc-a", "10.20.0.0/16")
    account.subnet("public-1", "10.20.0.0/24", public=True)
    account.subnet("public-2", "10.20.1.0/24", public=True)
    account.subnet("private-1", "10.20.2.0/24")
    account.subnet("private-2", "10.20.3.0/24")
    account.igw("igw-a", "vpc-a")
    account.nat("nat-a", "public-1", "10.20.0.100")
    account.table("rtb-main", {}, main=True)
    account.table("rtb-public", {"0.0.0.0/0": "igw-a"}, "public-1", "public-2")
    account.table("rtb-private", {"0.0.0.0/0": "nat-a"}, "private-1", "private-2")
    account.acl("acl-default", inbound=ALLOW_ALL, outbound=ALLOW_ALL, default=True)
    return account


PUBLIC, PRIVATE = ("public-1", "public-2"), ("private-1", "private-2")
Change = Callable[[Account], None]


def set_routes(account: Account, table: str, routes: Mapping[str, str]) -> None:
    """The routes of a table beside the local one."""
    item = account.find("RouteTables", table)
    item["Routes"] = [item["Routes"][0], *(route(*pair) for pair in routes.items())]
