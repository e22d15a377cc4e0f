"""Accounts drawn at random: the lab's right answer, and then some things done to it."""

from __future__ import annotations

import random
from typing import Any

from effects.vpc_answers import other_vpc
from effects.vpcs import Account, right, set_routes

BLOCKS = ("0.0.0.0/0", "0.0.0.0/1", "128.0.0.0/1", "198.51.100.0/24", "198.51.100.0/25", "198.51.100.128/25")
PEERS = ("0.0.0.0/0",) * 6 + ("10.20.0.0/16", "198.51.100.0/25", "198.51.100.128/25", "10.20.2.0/25", "10.20.0.0/23")
PORTS = ("443", "443", "0-65535", "1024-65535", "1024-65535", "32768-65535", "32768-60999", "49152-65535", "1024-32767")
TARGETS = ("igw-a", "igw-a", "nat-a", "nat-a", "nat-b", "igw-gone", "nat-gone", "pcx-a")
ALL = ("public-1", "public-2", "private-1", "private-2")


def random_account(draw: random.Random) -> Account:
    account = right()
    if draw.random() < 0.6:
        other_vpc(account)
        account.peer("pcx-a", "vpc-a", "vpc-b", status=draw.choice(("active", "active", "pending-acceptance")))
        ways = {table["RouteTableId"]: draw.random() < 0.7 for table in account.replies["RouteTables"]}
        for name, peered in ways.items():
            cidr = "10.20.0.0/16" if name == "rtb-elsewhere" else "10.30.0.0/16"
            add_route(account, name, cidr, "pcx-a") if peered else None
    if draw.random() < 0.6:
        subnet = draw.choice(ALL)
        account.nat("nat-b", subnet, f"10.20.{ALL.index(subnet)}.101")
    for change in draw.choices(CHANGES, k=draw.choice((0, 1, 1, 2, 2, 3, 4))):
        change(account, draw)
    return account


def add_route(account: Account, table: str, cidr: str, target: str) -> None:
    item = account.find("RouteTables", table)
    kept = {
        one["DestinationCidrBlock"]: next(v for k, v in one.items() if k.endswith("Id")) for one in item["Routes"][1:]
    }
    set_routes(account, table, {**kept, cidr: target})


def a_route_more(account: Account, draw: random.Random) -> None:
    add_route(
        account, draw.choice(("rtb-main", "rtb-public", "rtb-private")), draw.choice(BLOCKS), draw.choice(TARGETS)
    )


def a_route_within(account: Account, draw: random.Random) -> None:
    cidr = f"10.20.{draw.randrange(4)}.0/24"
    add_route(account, draw.choice(("rtb-public", "rtb-private")), cidr, draw.choice(("nat-a", "nat-b")))


def a_route_less(account: Account, draw: random.Random) -> None:
    routes: list[dict[str, Any]] = account.find("RouteTables", draw.choice(("rtb-public", "rtb-private")))["Routes"]
    del routes[draw.randrange(1, len(routes) + 1) :]


def another_table(account: Account, draw: random.Random) -> None:
    subnet = draw.choice(ALL)
    for table in account.replies["RouteTables"]:
        table["Associations"] = [one for one in table["Associations"] if one.get("SubnetId") != subnet]
    name = draw.choice(("rtb-public", "rtb-private", "", ""))
    if name:
        account.find("RouteTables", name)["Associations"].append({"SubnetId": subnet, "Main": False})


def another_main(account: Account, draw: random.Random) -> None:
    name = draw.choice(("rtb-public", "rtb-private"))
    for table in account.replies["RouteTables"]:
        if table["VpcId"] == "vpc-a":
            table["Associations"] = [one for one in table["Associations"] if not one.get("Main")]
    account.find("RouteTables", name)["Associations"].append({"Main": True})


def another_nat(account: Account, draw: random.Random) -> None:
    nat = account.find("NatGateways", "nat-a")
    change = draw.randrange(4)
    if change == 0:
        subnet = draw.choice(ALL)
        nat["SubnetId"] = subnet
        nat["NatGatewayAddresses"][0]["PrivateIp"] = f"10.20.{ALL.index(subnet)}.100"
    elif change == 1:
        nat["State"] = draw.choice(("deleted", "failed", "pending"))
    elif change == 2:
        nat["ConnectivityType"] = "private"
    else:
        nat["NatGatewayAddresses"][0].pop("PublicIp", None)
        nat["NatGatewayAddresses"][0].pop("AllocationId", None)


def another_igw(account: Account, draw: random.Random) -> None:
    vpcs = [item["VpcId"] for item in account.replies["Vpcs"] if item["VpcId"] != "vpc-a"]
    attachments = [{"State": "available", "VpcId": vpc} for vpc in draw.sample([*vpcs, ""], 1) if vpc]
    account.find("InternetGateways", "igw-a")["Attachments"] = attachments


def an_acl(account: Account, draw: random.Random) -> None:
    name = f"acl-{len(account.replies['NetworkAcls'])}"
    chosen = draw.sample(ALL, draw.choice((1, 1, 2, 4)))
    for acl in account.replies["NetworkAcls"]:
        acl["Associations"] = [one for one in acl["Associations"] if one["SubnetId"] not in chosen]
    rules = {}
    for way in ("inbound", "outbound"):
        lines = [acl_line(100 + n, draw) for n in range(draw.randrange(1, 5))]
        if draw.random() < 0.7:
            lines += ["200 allow tcp 443 0.0.0.0/0", f"210 allow tcp {draw.choice(PORTS[2:])} 0.0.0.0/0"]
        rules[way] = lines if draw.random() < 0.8 else ["100 allow all - 0.0.0.0/0"]
    account.acl(name, *chosen, **rules)


def acl_line(number: int, draw: random.Random) -> str:
    action = draw.choice(("allow", "allow", "allow", "deny"))
    if draw.random() < 0.15:
        return f"{number} {action} {draw.choice(('all', 'udp', 'icmp', '50'))} 443 {draw.choice(PEERS)}"
    return f"{number} {action} tcp {draw.choice((*PORTS, '900-100'))} {draw.choice(PEERS)}"


CHANGES = (
    *(a_route_more, a_route_more, a_route_within, a_route_less, another_table, another_main),
    *(another_nat, another_igw, an_acl, an_acl, an_acl, an_acl),
)
