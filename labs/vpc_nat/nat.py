"""The gateways themselves: is the internet gateway the VPC's own, and do the NAT gateways work?"""

from __future__ import annotations

from grader.checks import Failure, Given, Inconclusive, say
from grader.effects.network import Verdict
from grader.effects.network.blocks import RFC1918, RFC6598
from grader.effects.network.model import NatGateway, Route

from . import evidence, mended
from .account import PRIVATE, PUBLIC, Account, Subnet
from .readback import keeps_addresses_of_nat_gateways
from .walks import Walks, alike
from .words import NUDGES, blocked_there, named, nudge, shortened

REGIONAL = "https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateways-regional.html"


def gateway_failure(account: Account) -> Failure | None:
    """Why the VPC's routes to the internet do not lead to an internet gateway of its own; None where they do."""
    network, vpc_id = account.network, account.vpc_id
    for route in mended.routes_of(network, vpc_id):
        if route.kind != "internet-gateway":
            continue
        gateway = network.internet_gateways.get(route.target)
        if gateway is None:
            found = say("a route leads to {id}, which is not there (any more).", id=route.target)
            return Failure(found, fix=NUDGES["target_gone"])
        if not gateway.vpc_ids:
            found = say("a route leads to {id}, which is attached to no VPC.", id=route.target)
            return Failure(found, fix=NUDGES["target_detached"])
        if vpc_id not in gateway.vpc_ids:
            vpcs = sorted(gateway.vpc_ids)
            found = say("a route leads to {id}, which is attached to {vpcs}.", id=route.target, vpcs=vpcs)
            return Failure(found, fix=NUDGES["target_elsewhere"])
        first = network.internet_gateway_of(vpc_id)
        if first is not None and route.target != first.id:
            return _second_gateway(route.target, first.id)
    if network.internet_gateway_of(vpc_id) is None:
        return Failure(say("no internet gateway is attached to {vpc}.", vpc=vpc_id))
    return None


def _second_gateway(gateway_id: str, first: str) -> Failure:
    words = "a route leads to {id}, but {first} is attached to the VPC, and AWS attaches one internet gateway only."
    return Failure(say(words, id=gateway_id, first=first), fix=say("One internet gateway serves all of a VPC's zones."))


def not_a_nat_gateway(walks: Walks, subnet: Subnet) -> Failure | None:
    """A private subnet sends to an instance, a transit gateway or the like, which may lead on, and is not asked for."""
    target = led_elsewhere(walks, subnet)
    if target is None:
        return None
    found = say("{subnet} sends to {target}, which is no NAT gateway.", subnet=named(subnet), target=target)
    return Failure(found, fix=say("A NAT gateway is a thing of its own, and its id says so."))


def not_an_internet_gateway(walks: Walks, subnet: Subnet) -> Failure | None:
    """The same of a public subnet."""
    target = led_elsewhere(walks, subnet)
    if target is None:
        return None
    found = say("{subnet} sends to {target}, which is no internet gateway.", subnet=named(subnet), target=target)
    return Failure(found, fix=say("A VPC touches the internet in one place. Where do public hosts send to?"))


def led_away(verdict: Verdict) -> bool:
    """Does a way end at something that is none of the gateways of this lab, or in what nobody can say?"""
    blocked = verdict.blocked
    if verdict.reachable is None or blocked is None:
        return verdict.reachable is None
    rules = blocked.hop.rules
    return blocked.reason == "source_dest_check" or any(isinstance(one, Route) and one.kind == "other" for one in rules)


def led_elsewhere(walks: Walks, subnet: Subnet) -> str | None:
    """Where a route of the subnet sends public addresses, if that is none of the gateways that this lab is about."""
    network = walks.as_if
    routes = [route for table in network.tables_of(network.subnets[subnet.id]) for route in table.routes]
    return next((shortened(route.target) for route in routes if route.kind == "other" and _holds_public(route)), None)


def _holds_public(route: Route) -> bool:
    block = route.block
    inside = block is not None and any(private.covers(block) for private in (*RFC1918, *RFC6598))
    return block is not None and block.version == 4 and not inside


def require_at_work(walks: Walks, given: Given) -> None:
    """Raise Failure for the first NAT gateway that private subnets use and that does not work.

    Where they use none (which is charged elsewhere), one that works will do.
    """
    used = list(walks.nats_used())
    private = walks.account.tier(PRIVATE)[0]
    failures = [_failure(walks, nat_id, subnet, given) for nat_id, subnet in used or _unused(walks, private)]
    if not failures:
        raise Failure(
            say("the VPC has no NAT gateway."), fix=say("It is made in a subnet, with an Elastic IP address.")
        )
    if used or all(failures):
        for failure in filter(None, failures):
            given.note(say("What private hosts reach was judged as if the NAT gateways worked."))
            raise failure
    if walks.account.loses_addresses:
        raise Inconclusive(keeps_addresses_of_nat_gateways)


def _unused(walks: Walks, subnet: Subnet) -> list[tuple[str, Subnet]]:
    return [(nat_id, subnet) for nat_id in walks.nats_there()]


def _failure(walks: Walks, nat_id: str, subnet: Subnet, given: Given) -> Failure | None:
    """Why a NAT gateway does not work for a private subnet; None where it does."""
    nat = walks.account.network.nat_gateways.get(nat_id)
    if nat is None or nat.state in ("deleted", "deleting"):
        found = say("private subnets send to {id}, which was deleted or never made.", id=nat_id)
        return Failure(found, fix=NUDGES["target_gone"])
    return _in_itself(walks.account, nat) or _not_out(walks, nat, subnet, given)


def _in_itself(account: Account, nat: NatGateway) -> Failure | None:
    """What is wrong with it wherever it is.

    A public one is made with an Elastic IP address, or AWS refuses it: "If you create a public NAT gateway, you must
    specify an elastic IP address."
    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-natgateway.html (2026-11-25)
    """
    if nat.vpc_id != account.vpc_id:
        found = say("{id} is in another VPC, {vpc}.", id=nat.id, vpc=nat.vpc_id)
        return Failure(found, fix=NUDGES["target_elsewhere"])
    if nat.regional:
        found = say("{id} is a regional NAT gateway, and this lab asks for zonal ones.", id=nat.id)
        return Failure(found, fix=say("A zonal NAT gateway is made in a subnet."), doc=REGIONAL)
    if nat.state == "failed":
        return Failure(say("AWS could not make {id}: its state is failed.", id=nat.id))
    if not nat.public:
        return Failure(say("{id} is a private NAT gateway.", id=nat.id), fix=NUDGES["private_nat"])
    if nat.rival:
        words = "{id} has the Elastic IP address of {rival}: AWS fails to make it (Resource.AlreadyAssociated)."
        found = say(words, id=nat.id, rival=nat.rival)
        return Failure(found, fix=say("An Elastic IP address serves one NAT gateway. How many gateways are there?"))
    if not nat.elastic_ip:
        found = say("{id} has no Elastic IP address, and AWS would refuse to make it.", id=nat.id)
        return Failure(found, fix=NUDGES["no_elastic_ip"])
    return None


def _elsewhere(nat: NatGateway, home: Subnet, target: str, given: Given) -> Failure | None:
    """Its subnet sends it away from the internet gateway. Of a public one that is charged elsewhere."""
    if home.near == PUBLIC:
        given.note(say("The NAT gateways were judged as if the public subnets reached the internet."))
        return None
    words = "{id} is in {subnet}, which sends to {target}, and that is no internet gateway."
    return Failure(say(words, id=nat.id, subnet=named(home), target=target))


def _not_out(walks: Walks, nat: NatGateway, subnet: Subnet, given: Given) -> Failure | None:
    """It does not reach the internet. What bars the hosts of its public subnet in the same way is charged there."""
    home, raw = walks.account.subnet(nat.subnet_id), walks.through_nat(subnet, nat.id)
    if led_away(raw) and home and (target := led_elsewhere(walks, home)):
        return _elsewhere(nat, home, target, given)
    verdict = walks.settled(raw, given)
    if verdict.reachable or verdict.blocked is None:
        return None
    if home and home.near == PUBLIC and alike(walks.out_of_public(home).blocked, verdict.blocked):
        given.note(say("The NAT gateways were judged as if the public subnets reached the internet."))
        return None
    there = blocked_there(walks.account, verdict, verdict.blocked)
    where = named(home) if home else nat.subnet_id
    found = say(
        "{id} is in {subnet}, and does not reach the internet from there. {there}", id=nat.id, subnet=where, there=there
    )
    doc = evidence.ACLS if verdict.blocked.hop.kind == "network-acl" else None
    return Failure(found, fix=nudge(walks.account, verdict, verdict.blocked), doc=doc)
