"""The lab vpc-nat: right networks in any shape pass, wrong ones in any disguise fail, no emulator costs marks.

Accounts are written down as boto3 would tell of them, so that each costs milliseconds; what emulators make of real
submissions is the self-test's.
"""

from __future__ import annotations

import json
import random
import re
import time
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError
from effects.vpcs import ALLOW_ALL, Account, right, route, set_routes

from grader import engine
from grader.aws import Aws
from grader.engine import Judgement
from grader.lab import Lab, find
from grader.report import Outcome, canonical

ALL = [
    "vpc_exists",
    "vpc_has_its_addresses",
    "tiers_span_two_zones",
    "aws_accepts_the_subnets",
    "internet_gateway_is_attached",
    "public_hosts_get_an_address",
    "public_hosts_reach_the_internet",
    "internet_reaches_public_hosts",
    "private_hosts_go_out_by_nat",
    "nat_gateways_work",
    "nobody_reaches_private_hosts",
]
TIERS, ACCEPTED, GATEWAY, ADDRESSES, OUT, IN, BY_NAT, NATS, CLOSED = ALL[2:]
OPERATIONS = {
    "Vpcs": "describe_vpcs",
    "Subnets": "describe_subnets",
    "RouteTables": "describe_route_tables",
    "InternetGateways": "describe_internet_gateways",
    "EgressOnlyInternetGateways": "describe_egress_only_internet_gateways",
    "NatGateways": "describe_nat_gateways",
    "Addresses": "describe_addresses",
    "NetworkAcls": "describe_network_acls",
    "VpcEndpoints": "describe_vpc_endpoints",
    "VpcPeeringConnections": "describe_vpc_peering_connections",
}
WHERE_NAMED = {
    "NetworkInterfaces": "describe_network_interfaces",
    "Reservations": "describe_instances",
}  # asked where a route leads to one
Change = Callable[[Account], object]


class Client:
    """The account's describe calls, and what this emulator does not know."""

    def __init__(self, account: Account, unknown: tuple[str, ...] = ()) -> None:
        self._replies = {
            name: {key: account.replies.get(key, [])}
            for key, name in {**OPERATIONS, **WHERE_NAMED}.items()
            if name not in unknown
        }
        self._options = account.replies.get("VpcBlockPublicAccessOptions")

    def __getattr__(self, operation: str) -> Callable[..., dict[str, Any]]:
        return lambda **asked: self._reply(operation, asked)

    def can_paginate(self, operation: str) -> bool:
        return False

    def _reply(self, operation: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        if operation == "describe_vpc_block_public_access_options" and self._options:
            return {"VpcBlockPublicAccessOptions": self._options}
        if operation == "get_managed_prefix_list_entries" and asked["PrefixListId"] == "pl-half":
            return {"Entries": [{"Cidr": "128.0.0.0/1"}]}
        if operation not in self._replies:
            raise ClientError({"Error": {"Code": "InvalidAction", "Message": operation}}, operation)
        return self._replies[operation]


def built() -> Account:
    """The right answer, with the lab's names and tags."""
    account = right()
    account.find("Vpcs", "vpc-a")["Tags"] = tags(Name="labgrade-7be3d2")
    for subnet in account.replies["Subnets"]:
        tier, number = subnet["SubnetId"].split("-")
        subnet |= {"Tags": tags(Tier=tier), "AvailabilityZone": f"us-east-1{'ab'[int(number) - 1]}"}
    return account


def tags(**named: str) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in named.items()]


def seen(account: Account, *, lacks: str = "", unknown: tuple[str, ...] = ()) -> Aws:
    client = Client(account, unknown)
    access = SimpleNamespace(account="123456789012", region="us-east-1", client=lambda _service, _region: client)
    emulator: Any = SimpleNamespace(access=access, name="an emulator")
    return Aws(emulator, lambda capability: capability.id.rpartition(".")[2] != lacks)


@pytest.fixture(scope="module")
def lab() -> Lab:
    return find("vpc-nat")


def judged(lab: Lab, account: Account, **how: Any) -> Judgement:
    return engine.judge(lab, seen(account, **how), lab.values(None), {}, seconds=60)


def ended(judgement: Judgement, outcome: Outcome) -> list[str]:
    return [check.id for check in judgement.checks if check.outcome is outcome]


def failed(judgement: Judgement) -> list[str]:
    assert not ended(judgement, Outcome.ERROR), [str(check.message) for check in judgement.checks]
    assert not ended(judgement, Outcome.INCONCLUSIVE), [str(check.message) for check in judgement.checks]
    return ended(judgement, Outcome.FAILED)


def found(judgement: Judgement, check: str) -> str:
    return next(str(one.found) for one in judgement.checks if one.id == check)


def told(judgement: Judgement) -> str:
    return " ".join(str(note.message) for note in judgement.notes)


def both(account: Account, *changes: Change) -> Account:
    for change in changes:
        change(account)
    return account


def subnet(account: Account, id: str, cidr: str, zone: str = "us-east-1c", tier: str = "", **more: Any) -> None:
    account.subnet(id, cidr, **more)
    account.find("Subnets", id).update(AvailabilityZone=zone, Tags=tags(Tier=tier) if tier else [])


def routed(table: str, **routes: str) -> Change:
    named = {"all": "0.0.0.0/0", "low": "0.0.0.0/1", "high": "128.0.0.0/1", "v6": "::/0", "list": "pl-half"}
    return lambda account: set_routes(account, table, {named[key]: target for key, target in routes.items()})


def acl(*subnets: str, inbound: tuple[str, ...] = ALLOW_ALL, outbound: tuple[str, ...] = ALLOW_ALL) -> Change:
    return lambda account: account.acl("acl-own", *subnets, inbound=inbound, outbound=outbound)


def associated(table: str, *subnets: str) -> Change:
    def change(account: Account) -> None:
        item = account.find("RouteTables", table)
        item["Associations"] = [{"SubnetId": one, "Main": False} for one in subnets]

    return change


def retagged(subnet_id: str, **named: str) -> Change:
    def change(account: Account) -> None:
        account.find("Subnets", subnet_id)["Tags"] = tags(**named)

    return change


def main_table(**routes: str) -> Change:
    return routed("rtb-main", **routes)


def nat_in(subnet_id: str, **more: Any) -> Change:
    def change(account: Account) -> None:
        account.drop("NatGateways", "nat-a")
        account.nat("nat-a", subnet_id, **more)

    return change


def second_vpc(**more: Any) -> Change:
    def change(account: Account) -> None:
        account.vpc("vpc-b", "172.20.0.0/16")
        account.find("Vpcs", "vpc-b").update(more)

    return change


def ipv6(account: Account) -> None:
    account.find("Vpcs", "vpc-a")["Ipv6CidrBlockAssociationSet"] = [
        {"Ipv6CidrBlock": "2001:4860::/56", "Ipv6CidrBlockState": {"State": "associated"}}
    ]
    for number, item in enumerate(account.replies["Subnets"]):
        block = {"Ipv6CidrBlock": f"2001:4860:0:{number}::/64", "Ipv6CidrBlockState": {"State": "associated"}}
        item |= {"Ipv6CidrBlockAssociationSet": [block], "AssignIpv6AddressOnCreation": True}
    account.replies["EgressOnlyInternetGateways"].append(
        {"EgressOnlyInternetGatewayId": "eigw-a", "Attachments": [{"State": "attached", "VpcId": "vpc-a"}]}
    )


def one_address_for_two(account: Account) -> None:
    """A NAT gateway in each zone, and both were given the same Elastic IP address."""
    addresses = account.find("NatGateways", "nat-a")["NatGatewayAddresses"]
    account.nat("nat-b", "public-2", NatGatewayAddresses=addresses)
    associated("rtb-private", "private-1")(account)
    account.table("rtb-private-b", {"0.0.0.0/0": "nat-b"}, "private-2")


def made_again(account: Account) -> None:
    """The Elastic IP address of a NAT gateway that was deleted, given to the next one."""
    addresses = account.find("NatGateways", "nat-a")["NatGatewayAddresses"]
    nat_in("public-1", State="deleted")(account)
    account.nat("nat-b", "public-1", NatGatewayAddresses=addresses)
    routed("rtb-private", all="nat-b")(account)


def gateway_table(account: Account) -> None:
    """A route table of the internet gateway that sends what arrives nowhere but straight on."""
    account.table("rtb-edge", {})
    account.find("RouteTables", "rtb-edge")["Associations"] = [{"GatewayId": "igw-a", "Main": False}]


def peering_to(vpc: str) -> Change:
    return lambda account: account.peer("pcx-a", "vpc-a", vpc)


RIGHT: dict[str, tuple[Change, ...]] = {
    "the plain way": (),
    "the private subnets on the main table": (associated("rtb-private"), main_table(all="nat-a")),
    "the public subnets on the main table": (associated("rtb-public"), main_table(all="igw-a")),
    "halves of the internet, for one tier in another order": (
        routed("rtb-private", high="nat-a", low="nat-a"),
        routed("rtb-public", low="igw-a", high="igw-a"),
    ),
    "a more specific route to the same NAT gateway": (routed("rtb-private", all="nat-a", high="nat-a"),),
    "half the internet to another NAT gateway": (
        lambda account: account.nat("nat-b", "public-2"),
        routed("rtb-private", all="nat-a", high="nat-b"),
    ),
    "a prefix list of the customer's own to the NAT gateway": (routed("rtb-private", all="nat-a", list="nat-a"),),
    "a NAT gateway in an untagged public subnet": (
        lambda account: subnet(account, "edge-1", "10.20.8.0/28"),
        associated("rtb-public", "public-1", "public-2", "edge-1"),
        nat_in("edge-1"),
    ),
    "a NAT gateway that AWS is still making": (nat_in("public-1", State="pending"),),
    "a NAT gateway's id where a gateway's belongs": (
        lambda account: account.find("RouteTables", "rtb-private")["Routes"][1].update(
            GatewayId="nat-a", NatGatewayId=None
        ),
    ),
    "private ACLs from 32768 on, and HTTPS out": (
        acl(
            "private-1",
            "private-2",
            inbound=("100 allow tcp 32768-65535 0.0.0.0/0",),
            outbound=("100 allow tcp 443-443 0.0.0.0/0",),
        ),
    ),
    "denied numbers that come too late": (
        acl("private-1", inbound=(*ALLOW_ALL, "200 deny all - 0.0.0.0/0"), outbound=ALLOW_ALL),
    ),
    "a denied port that is nobody's": (
        acl("public-1", inbound=("50 deny tcp 22-22 0.0.0.0/0", *ALLOW_ALL), outbound=ALLOW_ALL),
    ),
    "untagged subnets that are cut off, and one of another tier": (
        lambda account: subnet(account, "spare", "10.20.99.0/28"),
        lambda account: subnet(account, "data", "10.20.98.0/24", tier="data"),
    ),
    "IPv6 with an egress-only gateway beside": (
        ipv6,
        routed("rtb-public", all="igw-a", v6="igw-a"),
        routed("rtb-private", all="nat-a", v6="eigw-a"),
    ),
    "a second VPC, and a route to it": (
        second_vpc(),
        peering_to("vpc-b"),
        lambda account: account.find("RouteTables", "rtb-private")["Routes"].append(route("172.20.0.0/16", "pcx-a")),
    ),
    "private hosts that get public addresses, and still go out by the NAT gateway": (
        lambda account: account.find("Subnets", "private-1").update(MapPublicIpOnLaunch=True),
    ),
    "an Elastic IP address that its last NAT gateway gave back": (made_again,),
    "a route table of the internet gateway that changes nothing": (gateway_table,),
    "a second internet gateway that nothing leads to": (lambda account: account.igw("igw-b", "vpc-a"),),
    "the same destination again, written with bits behind the slash": (
        lambda account: account.find("RouteTables", "rtb-private")["Routes"].append(route("1.2.3.4/0", "igw-a")),
    ),
    "names in any script, and at their limit": (
        retagged("public-1", Tier="public", Name="웹-" + "x" * 250),
        retagged("private-1", Tier="private", Name="<script>{0}{name}%s‮\x1b[31m"),
    ),
    "a NAT gateway that nobody uses and that does not work": (
        lambda account: account.nat("nat-old", "private-1", ConnectivityType="private"),
    ),
}


@pytest.mark.parametrize("changes", RIGHT.values(), ids=RIGHT)
def test_a_right_network_in_any_shape_gets_full_marks(changes: tuple[Change, ...], lab: Lab) -> None:
    judgement = judged(lab, both(built(), *changes))
    assert failed(judgement) == []
    assert ended(judgement, Outcome.PASSED) == ALL


WRONG: dict[str, tuple[tuple[Change, ...], list[str], str]] = {
    "no NAT gateway at all": (
        (lambda account: account.drop("NatGateways", "nat-a"), routed("rtb-private")),
        [BY_NAT, NATS],
        "no route to this destination",
    ),
    "a NAT gateway that failed": ((nat_in("public-1", State="failed"),), [NATS], "failed"),
    "a regional NAT gateway": ((nat_in("", AvailabilityMode="regional"),), [NATS], "regional"),
    "a NAT gateway of another VPC": (
        (second_vpc(), lambda account: account.subnet("far", "172.20.0.0/24", "vpc-b"), nat_in("far", vpc="vpc-b")),
        [NATS],
        "another VPC",
    ),
    "an allocation that nobody made": (
        (nat_in("public-1", NatGatewayAddresses=[{"AllocationId": "eipalloc-none"}]),),
        [NATS],
        "no Elastic IP",
    ),
    "one Elastic IP address for two NAT gateways": ((one_address_for_two,), [NATS], "Elastic IP address of nat-a"),
    "one of two NAT gateways broken": (
        (lambda account: account.nat("nat-b", "private-1"), routed("rtb-private", all="nat-a", high="nat-b")),
        [NATS],
        "nat-b is in private-1",
    ),
    "half the internet to nowhere": (
        (second_vpc(), peering_to("vpc-b"), routed("rtb-private", all="nat-a", high="pcx-a")),
        [BY_NAT],
        "a part of the addresses",
    ),
    "a prefix list that leads past the NAT gateway": (
        (routed("rtb-private", all="nat-a", list="igw-a"),),
        [BY_NAT, CLOSED],
        "no public address",
    ),
    "private hosts with addresses, by the internet gateway": (
        (
            routed("rtb-private", all="igw-a"),
            lambda account: account.find("Subnets", "private-1").update(MapPublicIpOnLaunch=True),
        ),
        [BY_NAT, CLOSED],
        "private-1 (10.20.2.0/24, us-east-1a) goes out by igw-a itself",
    ),
    "IPv6 opens the private tier": (
        (ipv6, routed("rtb-private", all="nat-a", v6="igw-a")),
        [CLOSED],
        "anybody on the internet can open a connection to a host in private-1",
    ),
    "one port is enough": (
        (
            routed("rtb-private", all="igw-a"),
            acl("private-1", "private-2", inbound=("100 allow tcp 22-22 0.0.0.0/0",)),
        ),
        [BY_NAT, CLOSED],
        "ports 22:",
    ),
    "a NAT gateway that lets in one private subnet only": (
        (acl("public-1", inbound=("90 allow all - 10.20.2.0/24", "95 deny all - 10.20.0.0/16", *ALLOW_ALL)),),
        [NATS],
        "nat-a is in public-1",
    ),
    "an egress-only gateway for IPv4": ((ipv6, routed("rtb-private", all="eigw-a")), [BY_NAT], "carries IPv6 only"),
    "an ACL that drops a few client ports": (
        (acl("public-1", outbound=("100 allow tcp 443-443 0.0.0.0/0", "110 allow tcp 2048-65535 0.0.0.0/0")),),
        [IN],
        "1024-2047",
    ),
    "an ACL that lets in half the internet": (
        (acl("public-2", inbound=("100 allow all - 0.0.0.0/1", "110 allow all - 10.20.0.0/16")),),
        [OUT, IN],
        "a part of the addresses",
    ),
    "an ACL with its range reversed": (
        (acl("private-2", inbound=("100 allow tcp 65535-32768 0.0.0.0/0",)),),
        [BY_NAT],
        "has no rule that lets ports 32768-60999 through",
    ),
    "UDP for TCP": (
        (acl("private-2", inbound=("100 allow udp 0-65535 0.0.0.0/0",)),),
        [BY_NAT],
        "The answer is lost on its way back",
    ),
    "the default ACL emptied": (
        (lambda account: account.replies["NetworkAcls"].clear(), lambda account: account.acl("acl-d", default=True)),
        [OUT, IN, BY_NAT, NATS, CLOSED],
        "acl-d has no rule",
    ),
    "the third public subnet forgotten": (
        (lambda account: subnet(account, "public-3", "10.20.50.0/24", tier="public"),),
        [ADDRESSES, OUT, IN],
        "gets no public address",
    ),
    "a subnet outside the VPC": (
        (lambda account: subnet(account, "public-3", "10.99.0.0/24", tier="public", public=True),
         associated("rtb-public", "public-1", "public-2", "public-3")),
        [ACCEPTED],
        "outside the VPC's 10.20.0.0/16",
    ),
    "two subnets share addresses": (
        (lambda account: subnet(account, "spare", "10.20.2.128/25"),),
        [ACCEPTED],
        "InvalidSubnet.Conflict",
    ),
    "a key in small letters": (
        (retagged("private-1", tier="private"), retagged("private-2", tier="private")),
        [TIERS],
        "is another key",
    ),
    "a space in the tag": ((retagged("public-2", Tier="public "),), [TIERS], '"public "'),
    "two internet gateways, one for each subnet": (
        (
            lambda account: account.igw("igw-b", "vpc-a"),
            associated("rtb-public", "public-1"),
            lambda account: account.table("rtb-public-b", {"0.0.0.0/0": "igw-b"}, "public-2"),
        ),
        [GATEWAY],
        "a route leads to igw-b, but igw-a is attached",
    ),
    "a gateway that was deleted": (
        (lambda account: account.drop("InternetGateways", "igw-a"),),
        [GATEWAY],
        "not there (any more)",
    ),
    "a route to a second, unattached gateway": (
        (lambda account: account.igw("igw-b"), routed("rtb-public", low="igw-a", high="igw-b")),
        [GATEWAY],
        "igw-b, which is attached to no VPC",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("changes", "checks", "evidence"), WRONG.values(), ids=WRONG)
def test_a_wrong_network_loses_just_what_it_is_about(
    changes: tuple[Change, ...], checks: list[str], evidence: str, lab: Lab
) -> None:
    judgement = judged(lab, both(built(), *changes))
    assert failed(judgement) == checks
    assert evidence in " ".join(found(judgement, check) for check in checks)


def test_a_route_to_a_part_of_the_internet_is_told_to_cover_all_of_it_not_which_table_it_is_in(lab: Lab) -> None:
    judgement = judged(lab, both(built(), routed("rtb-private", low="nat-a")))
    assert failed(judgement) == [BY_NAT]
    check = next(one for one in judgement.checks if one.id == BY_NAT)
    assert "a part of the addresses" in str(check.found)
    assert "one route covers every address, or several do so together" in str(check.fix)


def test_a_subnet_without_a_route_is_told_of_its_table_or_of_the_route(lab: Lab) -> None:
    def nudge(*changes: Change) -> str:
        judgement = judged(lab, both(built(), *changes))
        return str(next(one for one in judgement.checks if one.id == BY_NAT).fix)

    assert "Does the table lack a route, or is it meant for another" in nudge(routed("rtb-private"))
    lone = both(built(), lambda account: subnet(account, "lone", "10.20.77.0/24", tier="private"))
    told = next(one for one in judged(lab, lone).checks if one.id == BY_NAT)
    assert "Which route table is this subnet's?" in str(told.fix)


def test_two_vpcs_of_the_name_are_both_named_and_neither_is_guessed(lab: Lab) -> None:
    judgement = judged(lab, both(built(), second_vpc(Tags=tags(Name="labgrade-7be3d2"))))
    assert failed(judgement) == ["vpc_exists"]
    assert ended(judgement, Outcome.SKIPPED) == ALL[1:]
    assert "vpc-a, vpc-b" in found(judgement, "vpc_exists")
    assert judgement.model == {}


def test_an_account_with_nothing_but_the_vpc_earns_no_more_than_that(lab: Lab) -> None:
    account = Account()
    account.vpc("vpc-a", "10.20.0.0/16")
    account.find("Vpcs", "vpc-a")["Tags"] = tags(Name="labgrade-7be3d2")
    account.table("rtb-main", {}, main=True)
    assert ended(judged(lab, account), Outcome.PASSED) == ["vpc_exists", "vpc_has_its_addresses"]


def test_subnets_that_are_cut_off_prove_nothing_about_doors(lab: Lab) -> None:
    account = both(built(), routed("rtb-public"), routed("rtb-private"))
    judgement = judged(lab, account)
    assert CLOSED in failed(judgement)
    assert "nothing in your VPC has a way to the internet" in found(judgement, CLOSED)


def made_anew(account: Account, seed: int) -> Account:
    """The same network, made in another order by a tool that makes things side by side: other ids, other lists.

    What is the first of its kind on AWS stays so: a VPC's gateways, and the routes of a table.
    """
    drawn, anew = random.Random(seed), Account()
    written = json.dumps(account.replies)
    for old in sorted(set(re.findall(r'Id": "((?!pl-|local)[^"]+)"', written))):
        kind = old.partition("-")[0] if old[0] in "rniev" and "-" in old else "subnet"
        written = written.replace(f'"{old}"', f'"{kind}-{drawn.getrandbits(68):017x}"')
    anew.replies = json.loads(written)
    for key in sorted(anew.replies.keys() - {"InternetGateways"}):
        if isinstance(anew.replies[key], list):
            drawn.shuffle(anew.replies[key])
    return anew


def as_told(judgement: Judgement) -> dict[str, Any]:
    """All that a report would say, ids renumbered."""
    checks = [[one.id, one.outcome, str(one.message), str(one.found), str(one.fix)] for one in judgement.checks]
    kept = {"lab": {}, "submission": None, "run": None, "parameters": {}, "model": judgement.model}
    return canonical({**kept, "checks": checks, "notes": [note.to_json() for note in judgement.notes]})


@pytest.mark.parametrize("changes", [*RIGHT.values(), *(one for one, *_ in WRONG.values())], ids=[*RIGHT, *WRONG])
def test_the_order_in_which_things_were_made_changes_no_word(changes: tuple[Change, ...], lab: Lab) -> None:
    account = both(built(), *changes)
    first, *others = [as_told(judged(lab, made_anew(account, seed))) for seed in range(8)]
    for other in others:
        assert other == first


@pytest.mark.parametrize(
    ("change", "note"),
    [
        (lambda account: account.find("InternetGateways", "igw-a")["Attachments"].clear(), "were attached to your VPC"),
        (lambda account: account.find("Subnets", "public-1").update(MapPublicIpOnLaunch=False), "had public addresses"),
        (nat_in("private-1"), "as if the NAT gateways worked"),
        (routed("rtb-public"), "as if the public subnets reached the internet"),
        (retagged("private-1", Tier="Private"), "tagged nearly right"),
        (lambda account: subnet(account, "tiny", "10.20.90.0/29"), "as if AWS had made every subnet"),
    ],
)
def test_what_is_judged_as_if_it_were_mended_is_said(change: Change, note: str, lab: Lab) -> None:
    assert note in told(judged(lab, both(built(), change)))


def test_the_same_cause_in_a_public_subnet_is_not_charged_to_the_nat_gateway_too(lab: Lab) -> None:
    judgement = judged(lab, both(built(), acl("public-1", "public-2", outbound=())))
    assert failed(judgement) == [OUT, IN]


# What emulators lose.


def lost_target(account: Account) -> None:
    routes = account.find("RouteTables", "rtb-private")["Routes"]
    routes[1] = {"DestinationCidrBlock": "0.0.0.0/0", "State": "active"}


def no_ports(account: Account) -> None:
    account.acl("acl-own", "private-1", inbound=("100 allow tcp 32768-65535 0.0.0.0/0",), outbound=ALLOW_ALL)
    for entry in account.find("NetworkAcls", "acl-own")["Entries"]:
        entry.pop("PortRange", None)


def no_address(account: Account) -> None:
    account.find("NatGateways", "nat-a")["NatGatewayAddresses"] = []


LOSSES: dict[str, tuple[Change, str, list[str], list[str]]] = {
    "the target of a route": (lost_target, "keeps_targets_of_routes", [BY_NAT, CLOSED], [BY_NAT]),
    "the ports of an ACL": (no_ports, "keeps_ports_of_acl_rules", [OUT, IN, BY_NAT, NATS, CLOSED], [BY_NAT]),
    "the address of a NAT gateway": (no_address, "keeps_addresses_of_nat_gateways", [NATS], [NATS]),
}


@pytest.mark.parametrize(("change", "capability", "unseen", "blamed"), LOSSES.values(), ids=LOSSES)
def test_what_an_emulator_loses_is_inconclusive_there_and_blamed_elsewhere(
    change: Change, capability: str, unseen: list[str], blamed: list[str], lab: Lab
) -> None:
    account = both(built(), change)
    forgetful = judged(lab, account, lacks=capability)
    assert ended(forgetful, Outcome.INCONCLUSIVE) == unseen
    assert ended(forgetful, Outcome.FAILED) == []
    assert failed(judged(lab, account)) == blamed


def test_a_nat_gateway_in_a_private_subnet_fails_even_where_its_address_is_lost(lab: Lab) -> None:
    account = both(built(), nat_in("private-1", NatGatewayAddresses=[]))
    judgement = judged(lab, account, lacks="keeps_addresses_of_nat_gateways")
    assert ended(judgement, Outcome.FAILED) == [NATS]
    assert "round in a circle" in found(judgement, NATS)


def test_calls_that_an_emulator_does_not_know_cost_nothing(lab: Lab) -> None:
    unknown = ("describe_egress_only_internet_gateways", "describe_vpc_endpoints", "describe_vpc_peering_connections")
    assert failed(judged(lab, built(), unknown=unknown)) == []


def access_blocked(account: Account) -> None:
    account.replies["VpcBlockPublicAccessOptions"] = {"InternetGatewayBlockMode": "block-ingress"}


@pytest.mark.parametrize(
    ("changes", "unseen"),
    [
        ((access_blocked,), [OUT, IN, BY_NAT, NATS, CLOSED]),
    ],
)  # fmt: skip
def test_what_is_not_followed_is_inconclusive_and_said(
    changes: tuple[Change, ...], unseen: list[str], lab: Lab
) -> None:
    judgement = judged(lab, both(built(), *changes))
    assert ended(judgement, Outcome.INCONCLUSIVE) == unseen
    assert "not followed" in told(judgement)


@pytest.mark.parametrize("target", ["tgw-a", "vgw-a", "cagw-a", "whatever"])
@pytest.mark.parametrize(("table", "fails"), [("rtb-private", [BY_NAT]), ("rtb-public", [OUT, IN])])
def test_what_leads_neither_to_a_nat_gateway_nor_to_the_internet_gateway_is_charged(
    target: str, table: str, fails: list[str], lab: Lab
) -> None:
    judgement = judged(lab, both(built(), routed(table, all=target)))
    assert ended(judgement, Outcome.INCONCLUSIVE) == []
    assert failed(judgement) == fails
    assert any(target in str(check.message) for check in judgement.checks)


def told_of_the_instance(account: Account) -> None:
    """That it checks no addresses, and of its interface that it does: as moto tells it."""
    nat_instance(check=True)(account)
    account.replies["Reservations"] = [{"Instances": [{"InstanceId": "i-a", "SourceDestCheck": False}]}]


def nat_instance(check: bool | None = None, instance: str = "i-a") -> Change:
    """An interface in a public subnet: an instance's, unless that is empty."""
    item: dict[str, Any] = {"NetworkInterfaceId": "eni-a", "SubnetId": "public-1", "SourceDestCheck": check}
    if instance:
        item["Attachment"] = {"Status": "attached", "InstanceId": instance}
    return lambda account: account.replies["NetworkInterfaces"].append(item)


@pytest.mark.parametrize(
    ("instance", "unseen"),
    [
        (lambda _account: None, []),
        (nat_instance(check=True), []),
        (nat_instance(check=False, instance=""), []),
        (nat_instance(check=False), [CLOSED]),
        (nat_instance(), [CLOSED]),
        (told_of_the_instance, [CLOSED]),
    ],
    ids=["gone", "checks addresses", "nobody's", "a NAT instance", "too little is known", "as moto tells it"],
)
@pytest.mark.parametrize("target", ["eni-a", "i-a"])
def test_an_instance_in_place_of_the_nat_gateway_is_charged_once(
    target: str, instance: Change, unseen: list[str], lab: Lab
) -> None:
    judgement = judged(lab, both(built(), instance, routed("rtb-private", all=target)))
    assert ended(judgement, Outcome.ERROR) == []
    assert ended(judgement, Outcome.FAILED) == [BY_NAT]
    assert "which is no NAT gateway" in found(judgement, BY_NAT)
    assert ended(judgement, Outcome.INCONCLUSIVE) == unseen


def test_the_second_route_to_a_destination_is_refused_by_aws_and_does_not_count(lab: Lab) -> None:
    twin = route("0.0.0.0/0", "igw-a")
    account = both(built(), lambda account: account.find("RouteTables", "rtb-private")["Routes"].append(twin))
    assert failed(judged(lab, account)) == []


# Bad input: the right verdict in bounded time.


def crowded(account: Account, more: int = 100) -> None:
    """Subnets by the hundred, and as many VPCs of others with tables and ACLs."""
    for number in range(more):
        tier = ("public", "private")[number % 2]
        cidr = f"10.20.{100 + number // 16}.{number % 16 * 16}/28"
        subnet(account, f"{tier}-more{number}", cidr, tier=tier, public=True)
        account.find("RouteTables", f"rtb-{tier}")["Associations"].append({"SubnetId": f"{tier}-more{number}"})
        account.vpc(f"vpc-{number}", "10.20.0.0/16")
        account.table(f"rtb-{number}", {"0.0.0.0/0": "igw-a"}, vpc=f"vpc-{number}", main=True)
        account.acl(f"acl-{number}", vpc=f"vpc-{number}", default=True)


def test_hundreds_of_resources_are_judged_rightly_in_bounded_time(lab: Lab) -> None:
    began = time.monotonic()
    assert failed(judged(lab, both(built(), crowded))) == []
    assert time.monotonic() - began < 60


def test_one_bad_subnet_among_hundreds_is_found_and_drawn(lab: Lab) -> None:
    account = both(built(), lambda account: crowded(account, 30), acl("private-more7", outbound=()))
    judgement = judged(lab, account)
    assert failed(judgement) == [BY_NAT]
    assert "private-more7 " in found(judgement, BY_NAT)


def test_route_tables_that_send_each_other_round_end(lab: Lab) -> None:
    changes = (
        lambda account: account.nat("nat-b", "private-2"),
        lambda account: account.table("rtb-round", {"0.0.0.0/0": "nat-b"}, "public-1"),
        associated("rtb-public", "public-2"),
        routed("rtb-private", all="nat-a"),
    )
    judgement = judged(lab, both(built(), *changes))
    assert NATS in failed(judgement)
    assert "round in a circle" in found(judgement, NATS)


@pytest.mark.parametrize("key", sorted(OPERATIONS))
def test_replies_without_what_they_should_hold_are_no_errors(key: str, lab: Lab) -> None:
    account = built()
    account.replies[key] = [{name: item[name] for name in list(item)[:1]} for item in account.replies[key]]
    assert ended(judged(lab, account), Outcome.ERROR) == []


def test_the_emulator_is_asked_little_and_nothing_twice(lab: Lab) -> None:
    asked: list[str] = []
    aws = seen(built())
    client = aws.emulator.access.client("ec2", "us-east-1")
    reply = client._reply
    client._reply = lambda operation, given: asked.append(operation) or reply(operation, given)
    engine.judge(lab, aws, lab.values(None), {}, seconds=60)
    assert len(asked) == len(set(asked)) == aws.reads == len(OPERATIONS) + 1


# The picture.


def test_the_picture_shows_the_subnet_in_which_the_packet_is_stuck(lab: Lab) -> None:
    model: Any = judged(lab, both(built(), acl("private-2", inbound=()))).model
    way = model["ways"][2]
    assert (model["drawing"], way["subnet"], way["reached"], way["wanted"]) == ("network", "private-2", False, True)
    assert way["code"] == "SUBNET_ACL_RESTRICTION"
    assert way["back"][-1]["id"] == "acl-own"
    assert [one["id"] for one in model["subnets"]] == ["public-1", "private-1", "public-2", "private-2"]


def test_the_picture_draws_what_is_there_and_nothing_mended(lab: Lab) -> None:
    for changes in ((nat_in("private-1"),), (lambda account: account.drop("InternetGateways", "igw-a"),), ()):
        assert "ideal" not in str(judged(lab, both(built(), *changes)).model)
