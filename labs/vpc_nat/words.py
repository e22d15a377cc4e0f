"""What is said of subnets, hops and what blocks there, in the student's own names."""

from __future__ import annotations

from grader.checks import Text, say, sentences
from grader.effects.network import Blocked, Verdict

from .account import Account, Subnet

LONGEST = 60  # letters of a name that somebody else chose
SHOWN_BLOCKS = 2

# By the reason of what blocks: a nudge for who built it.
NUDGES = {
    "acl": say("A network ACL is asked in both directions, and its lowest matching number decides."),
    "acl_default_out": say("A network ACL of one's own denies what none of its rules lets through, in each direction."),
    "acl_default": say("A network ACL remembers nothing: answers need a rule of their own, for the ports they go to."),
    "loop": say("A NAT gateway has to be where a route leads to the internet gateway, not back to itself."),
    "nat_answer": say("What is called from the internet answers by the internet gateway, not by a NAT gateway."),
    "no_elastic_ip": say("A public NAT gateway has an Elastic IP address, which is allocated first."),
    "no_public_ip": say(
        "An internet gateway carries only what has a public address. A private host has none: who sends for it?"
    ),
    "no_route": say("Which route table is this subnet's? One that is named for no subnet routes for none of them."),
    "other_answer": say("What the internet is to answer goes out by the internet gateway."),
    "private_nat": say("A private NAT gateway leads to other networks. For the internet it is public."),
    "interface_idle": say("A route to an interface leads somewhere only once an instance has it."),
    "source_dest_check": say("Every interface checks addresses unless it is told not to."),
    "target_detached": say("A gateway is attached to a VPC before anything is sent to it."),
    "target_elsewhere": say("A route leads to something in its own VPC. Compare the ids."),
    "target_gone": say("Is what the route names still there? A route does not follow what replaces it."),
    "wrong_arrival": say("The longest prefix wins: which route takes the answer?"),
}

_UNROUTED = say("This subnet was given that table. Does the table lack a route, or is it meant for another subnet?")
_PARTLY_ROUTED = say(
    "A table takes an address nowhere that none of its routes covers. For the internet one route covers every address, "
    "or several do so together."
)


def named(subnet: Subnet) -> Text:
    """`subnet-1 "web-a" (10.20.1.0/24, us-east-1a)`."""
    if subnet.name:
        name = shortened(subnet.name)
        return say('{id} "{name}" ({cidr}, {zone})', id=subnet.id, name=name, cidr=subnet.cidr, zone=subnet.zone)
    return say("{id} ({cidr}, {zone})", id=subnet.id, cidr=subnet.cidr, zone=subnet.zone)


def shortened(text: str) -> str:
    """As much of it as a report has room for."""
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def nudge(account: Account, verdict: Verdict, blocked: Blocked) -> Text | None:
    """Towards what blocks: a rule that is missing on the way out is not about answers, and a table that routes for some
    addresses is the right one; one that was associated may be."""
    if blocked.reason == "no_route" and 0 < verdict.share < 1:
        return _PARTLY_ROUTED
    table = account.network.route_tables.get(blocked.hop.id)
    if blocked.reason == "no_route" and table is not None and not table.main:
        return _UNROUTED
    out = blocked.reason == "acl_default" and blocked.leg != "back"
    return NUDGES.get("acl_default_out" if out else blocked.reason)


def blocked_there(account: Account, verdict: Verdict, blocked: Blocked) -> Text:
    """Where it ends, on which leg, and what AWS's Reachability Analyzer calls it."""
    lost = say("The answer is lost on its way back.") if blocked.leg == "back" else None
    code = say("AWS's Reachability Analyzer calls this {code}.", code=blocked.code)
    return sentences(_partly(verdict), lost, blocked.text, _whose(account, blocked), _led_there(verdict, blocked), code)


def _led_there(verdict: Verdict, blocked: Blocked) -> Text | None:
    """The route that led to the gateway which does not carry it on."""
    if blocked.reason not in ("no_public_ip", "nat_answer", "loop", "private_nat"):
        return None
    hops = verdict.back if blocked.leg == "back" else verdict.forward
    routes = [(hop.id, str(hop.rules[0])) for hop in hops if hop.kind == "route-table" and hop.rules]
    if not routes:
        return None
    return say("It was sent there by the route {route} of {table}.", route=routes[-1][1], table=routes[-1][0])


def _partly(verdict: Verdict) -> Text | None:
    """Which addresses it is about, where others fare better."""
    if not 0 < verdict.share < 1:
        return None
    part = next(part for part in verdict.parts if part.way.reachable is verdict.reachable)
    blocks = [cidr for block in part.destinations for cidr in block.cidrs()]
    sources = [cidr for block in part.sources for cidr in block.cidrs()]
    shown, more = blocks[:SHOWN_BLOCKS], len(blocks) > SHOWN_BLOCKS
    if len({other.destinations for other in verdict.parts}) == 1:
        shown, more = sources[:SHOWN_BLOCKS], len(sources) > SHOWN_BLOCKS
    if more:
        return say("This is so for a part of the addresses, {blocks} and more.", blocks=shown)
    return say("This is so for a part of the addresses, {blocks}.", blocks=shown)


def _whose(account: Account, blocked: Blocked) -> Text | None:
    """Which subnets an ACL or a table is for, where that is not said yet: they are looked up by it."""
    network = account.network
    if blocked.hop.kind == "network-acl" and blocked.hop.id in network.acls:
        users = [one for one in account.subnets if _acl_of(account, one) == blocked.hop.id]
        return say("It is the network ACL of {subnets}.", subnets=[one.id for one in users[:4]]) if users else None
    table = network.route_tables.get(blocked.hop.id)
    if table is not None and table.main and blocked.reason == "no_route":
        return say("It is the main table, which routes for every subnet that has no table of its own.")
    return None


def _acl_of(account: Account, subnet: Subnet) -> str:
    found = account.network.subnets.get(subnet.id)
    acl = account.network.acl_of(found) if found else None
    return acl.id if acl else ""
