"""Two tiers in two zones: the public one talks with the internet, the private one goes out by NAT, nobody comes in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from grader.checks import Aws, Failure, Given, check, require, say
from grader.effects.network.blocks import Block

from . import evidence, nat, picture, refused
from .account import PRIVATE, PUBLIC, Account, Subnet, read, vpcs_named
from .walks import Walks
from .words import named

_GUIDE = "https://docs.aws.amazon.com/vpc/latest/userguide/"
VPCS = f"{_GUIDE}create-vpc.html"
BLOCKS = f"{_GUIDE}vpc-cidr-blocks.html"
SUBNETS = f"{_GUIDE}configure-subnets.html"
SIZES = f"{_GUIDE}subnet-sizing.html"
GATEWAYS = f"{_GUIDE}VPC_Internet_Gateway.html"
ADDRESSES = f"{_GUIDE}subnet-public-ip.html"
ROUTES = f"{_GUIDE}subnet-route-tables.html"
NATS = f"{_GUIDE}vpc-nat-gateway.html"
NAT_BASICS = f"{_GUIDE}nat-gateway-basics.html"
SCENARIO = f"{_GUIDE}vpc-example-private-subnets-nat.html"


@check(
    weight=5,
    doc=VPCS,
    why="People and programs find a VPC by its name, and its id is another one in every account. Where two have one "
    "name, nobody can say which of them is meant.",
    fix="The whole name is in LAB_VPC_NAME. On AWS a VPC's name is its tag Name, and nothing else.",
)
def vpc_exists(aws: Aws, given: Given) -> Walks:
    """There is just one VPC named {vpc_name}."""
    found = vpcs_named(aws, given.vpc_name)
    if not found:
        raise evidence.no_such_vpc(aws.pages("ec2", "describe_vpcs", "Vpcs"))
    ids = [str(vpc["VpcId"]) for vpc in found]
    require(
        len(ids) == 1,
        say("{count} VPCs have that Name: {ids}. None of them was looked at.", count=len(ids), ids=sorted(ids)[:10]),
        fix=say("A script that is run again makes another VPC. Delete the ones that you do not mean."),
    )
    return Walks(read(aws, ids[0]))


@check(
    weight=5,
    needs=vpc_exists,
    doc=BLOCKS,
    why="The addresses of a VPC are agreed on with the networks that it will be joined to. Those of another range "
    "meet somebody else's one day, and a VPC's first range can never be changed.",
    fix="The whole block is in LAB_VPC_CIDR, with its size behind the slash.",
)
def vpc_has_its_addresses(aws: Aws, given: Given) -> None:
    """The VPC has the addresses {vpc_cidr}."""
    del aws
    account = given.found(vpc_exists).account
    blocks = [str(block) for block in account.network.vpcs[account.vpc_id].blocks if block.version == 4]
    wanted = Block.parse(given.vpc_cidr)
    require(str(wanted) in blocks, say("{vpc} has {blocks}.", vpc=account.vpc_id, blocks=blocks or ["none"]))


@check(
    weight=15,
    needs=vpc_exists,
    doc=SUBNETS,
    why="A zone is a data centre or a few. When one fails, a tier that has hosts in another goes on working. And who "
    "starts a host picks its subnet by the tag: it is the only thing that tells the tiers apart.",
    fix="Each subnet is in one zone, and each tier has subnets in two zones.",
)
def tiers_span_two_zones(aws: Aws, given: Given) -> None:
    """Two subnets or more are tagged `Tier=public` and two or more `Tier=private`, each tier in two zones or more."""
    del aws
    account = given.found(vpc_exists).account
    failures = [failure for tier in (PUBLIC, PRIVATE) if (failure := evidence.one_tier_too_small(tier, account))]
    if failures and any(not subnet.is_exact for tier in (PUBLIC, PRIVATE) for subnet in account.tier(tier)):
        given.note(say("Subnets that are tagged nearly right were judged as if they were tagged as the task says."))
    if failures:
        raise failures[0]


@check(
    weight=5,
    needs=vpc_exists,
    doc=SIZES,
    why="AWS refuses a subnet that overlaps another one, lies outside its VPC, or is of a size that it does not make. "
    "An emulator may take it, and then nothing that was built on it exists on AWS.",
    fix="Draw the ranges side by side. None touches another, and all lie in the VPC's.",
)
def aws_accepts_the_subnets(aws: Aws, given: Given) -> None:
    """There are subnets of a tier, and AWS would accept all of the VPC's subnets as they stand."""
    del aws
    account = given.found(vpc_exists).account
    require(account.tier(PUBLIC) or account.tier(PRIVATE), say("the VPC has no subnet of either tier."))
    for found, fix in refused.subnets(account):
        given.note(say("The other requirements were judged as if AWS had made every subnet as it stands."))
        raise Failure(found, fix=fix)


@check(
    weight=5,
    needs=vpc_exists,
    doc=GATEWAYS,
    why="A VPC touches the internet in one place, its internet gateway. A route to one that is not attached is a black "
    "hole, and AWS refuses to make it.",
    fix="A gateway is made, and then attached. A route names the one that is attached to its own VPC.",
)
def internet_gateway_is_attached(aws: Aws, given: Given) -> None:
    """An internet gateway is attached to the VPC, and routes to the internet name that one."""
    del aws
    account = given.found(vpc_exists).account
    failure = nat.gateway_failure(account)
    if failure:
        given.note(say("The other requirements were judged as if that internet gateway were attached to your VPC."))
        raise failure


@check(
    weight=10,
    needs=vpc_exists,
    doc=ADDRESSES,
    why="An internet gateway carries only what has a public address. Where the subnet gives none, each host has to ask "
    "for one when it is started, and one day somebody forgets.",
    fix="It is an attribute of the subnet, and off where nobody switches it on.",
)
def public_hosts_get_an_address(aws: Aws, given: Given) -> None:
    """A host launched in any public subnet gets a public address by itself."""
    del aws
    account = given.found(vpc_exists).account
    for subnet in _tier(account, PUBLIC):
        if not account.network.subnets[subnet.id].maps_public_ip:
            given.note(say("What public hosts reach was judged as if they had public addresses."))
            found = say("a host launched in {subnet} gets no public address.", subnet=named(subnet))
            raise Failure(found)


@check(
    weight=10,
    needs=vpc_exists,
    doc=ROUTES,
    why="Each packet is looked up in the route table of its subnet and in no other: a table that no subnet is "
    "associated with routes nothing. Network ACLs are asked about the answers, too.",
    fix="Follow one packet: the subnet's table, its network ACL, and the same for the answer.",
)
def public_hosts_reach_the_internet(aws: Aws, given: Given) -> None:
    """A host in any public subnet can open HTTPS to the internet, and gets the answers."""
    del aws
    walks = given.found(vpc_exists)
    for subnet in _tier(walks.account, PUBLIC):
        raw = walks.out_of_public(subnet)
        if nat.led_away(raw) and (failure := nat.not_an_internet_gateway(walks, subnet)):
            raise failure
        verdict = walks.settled(raw, given)
        if not verdict.reachable:
            what = say("HTTPS to the internet does not work from a host")
            raise evidence.not_reached(walks.account, subnet, verdict, what)


@check(
    weight=10,
    needs=vpc_exists,
    doc=GATEWAYS,
    why="Customers come from anywhere and from any port of theirs. What lets them in and does not let the answers out "
    "looks to them like a server that is down.",
    fix="Follow a customer's packet in, and the answer out: it goes to the port that the customer came from.",
)
def internet_reaches_public_hosts(aws: Aws, given: Given) -> None:
    """Anybody on the internet can open HTTPS to a host in any public subnet, and gets the answers."""
    del aws
    walks = given.found(vpc_exists)
    for subnet in _tier(walks.account, PUBLIC):
        verdict = walks.settled(walks.into_public(subnet), given)
        if not verdict.reachable:
            what = say("HTTPS from the internet does not work to a host")
            raise evidence.not_reached(walks.account, subnet, verdict, what)


@check(
    weight=15,
    needs=vpc_exists,
    doc=SCENARIO,
    why="A private host has no public address. What it sends to the internet gets there only through a NAT gateway, "
    "which sends it on under its own.",
    fix="Follow one packet from each private subnet: its table, its network ACL, the NAT gateway, and the answer back.",
)
def private_hosts_go_out_by_nat(aws: Aws, given: Given) -> None:
    """HTTPS to the internet from any private subnet goes by a NAT gateway, and the answers come back to the host."""
    del aws
    walks = given.found(vpc_exists)
    for subnet in _tier(walks.account, PRIVATE):
        raw = walks.out_of_private(subnet)
        if nat.led_away(raw) and (failure := nat.not_a_nat_gateway(walks, subnet)):
            raise failure
        verdict = walks.settled(raw, given)
        if not verdict.reachable:
            what = say("HTTPS to the internet does not work from a host")
            raise evidence.not_reached(walks.account, subnet, verdict, what)
        if not verdict.only_through("nat-gateway", "vpc-endpoint"):
            raise evidence.not_by_nat(subnet, verdict)


@check(
    weight=10,
    needs=vpc_exists,
    doc=NAT_BASICS,
    why="A NAT gateway sends on what it gets from an address of its own. It needs a public one, and a subnet whose "
    "route table leads to the internet gateway: in a private subnet, it would send everything to itself.",
    fix="Look at the gateway as if it were a host: which subnet, which route table, which public address?",
)
def nat_gateways_work(aws: Aws, given: Given) -> None:
    """The NAT gateways that private subnets use are zonal, public and available, and reach the internet themselves."""
    del aws
    walks = given.found(vpc_exists)
    _tier(walks.account, PRIVATE)
    nat.require_at_work(walks, given)


@check(
    weight=10,
    needs=vpc_exists,
    doc=NATS,
    why="A host that is given a public address by mistake is found within minutes by those who try every address. "
    "In a private subnet that changes nothing: the way in is missing, not only the address.",
    fix="What makes a subnet private is its route table, and not its tag.",
)
def nobody_reaches_private_hosts(aws: Aws, given: Given) -> None:
    """The VPC reaches the internet, and nobody there can open a connection to a host in a private subnet."""
    del aws
    walks = given.found(vpc_exists)
    subnets = _tier(walks.account, PRIVATE)
    for subnet in subnets:
        verdict = walks.settled(walks.into_private(subnet), given)
        if verdict.reachable:
            raise evidence.open_to_all(walks.account, subnet, verdict)
    require(
        walks.connected(),
        say("nothing in your VPC has a way to the internet yet."),
        wanted=say("hosts that reach the internet, and private ones that nobody reaches."),
        why=say("Whether a door keeps people out shows only where there is a way to it."),
        fix=say("Begin with the public subnets: an internet gateway, and a route to it."),
    )


def _tier(account: Account, tier: str) -> tuple[Subnet, ...]:
    """The subnets of a tier, at least one."""
    found = account.tier(tier)
    require(
        found,
        say("the VPC has no subnet tagged Tier={tier}, so there is nothing to judge.", tier=tier),
        fix=say("The tag Tier tells a subnet's tier, with just that key and one of the two values."),
    )
    return found


def model(aws: Aws, given: Given) -> Mapping[str, Any]:
    """The VPC as it was read, with a packet's way from each tier, for the report's picture."""
    found = vpcs_named(aws, given.vpc_name)
    return picture.drawn(Walks(read(aws, str(found[0]["VpcId"]))), given) if len(found) == 1 else {}
