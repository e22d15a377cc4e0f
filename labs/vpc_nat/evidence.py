"""Failures with their evidence: which subnet, which hop, which rule."""

from __future__ import annotations

from grader.checks import Failure, Text, say, sentences
from grader.effects.network import Verdict

from .account import Account, Subnet, tags_of
from .words import blocked_there, named, nudge, shortened

_NEAR_FIX = say("Keys and values of tags are compared letter by letter.")
_FEW_FIX = say("The tag Tier is each subnet's own: a Name says nothing of the tier.")
ACLS = "https://docs.aws.amazon.com/vpc/latest/userguide/nacl-ephemeral-ports.html"


def no_such_vpc(every: list[dict[str, object]]) -> Failure:
    """No VPC has the name."""
    names = sorted({tags_of(vpc).get("Name", "") for vpc in every} - {""})
    if not names:
        return Failure(say("no VPC of the account has a Name at all."))
    return Failure(say("no VPC has that Name, only {names}.", names=[f'"{shortened(name)}"' for name in names[:5]]))


def one_tier_too_small(tier: str, account: Account) -> Failure | None:
    """Fewer than two subnets with just that tag, or all of them in one zone."""
    subnets = [subnet for subnet in account.tier(tier) if subnet.is_exact]
    zones = sorted({subnet.zone for subnet in subnets})
    if len(subnets) > 1 and len(zones) > 1:
        return None
    wanted = say("two subnets or more with the tag Tier={tier}, in two availability zones or more.", tier=tier)
    strange = [subnet for subnet in account.tier(tier) if not subnet.is_exact]
    if len(subnets) < 2:
        return Failure(_too_few(tier, subnets, strange), wanted=wanted, fix=_FEW_FIX if not strange else _NEAR_FIX)
    shown = [named(subnet) for subnet in subnets[:4]]
    found = say("all the subnets tagged Tier={tier} are in {zone}: {subnets}.", tier=tier, zone=zones[0], subnets=shown)
    fix = say("A subnet is in one zone for good. Which zone is chosen when it is made.")
    return Failure(found, wanted=wanted, fix=fix)


def _too_few(tier: str, subnets: list[Subnet], strange: list[Subnet]) -> Text:
    count = say("no subnet is tagged Tier={tier}.", tier=tier)
    if subnets:
        count = say("only {subnet} is tagged Tier={tier}.", subnet=named(subnets[0]), tier=tier)
    if not strange:
        return count
    one, written = named(strange[0]), shortened(strange[0].tier)
    near = say('The tag Tier of {subnet} is "{written}", which is another value.', subnet=one, written=written)
    if not written:
        near = say("{subnet} has a tag whose key is nearly Tier, and is another key.", subnet=one)
    return sentences(count, near)


def not_reached(account: Account, subnet: Subnet, verdict: Verdict, what: Text) -> Failure:
    """A walk that is blocked: `what` cannot be done from or to the subnet."""
    blocked = verdict.blocked
    if blocked is None:
        return Failure(say("{what}: {subnet}.", what=what, subnet=named(subnet)))
    found = say(
        "{what} in {subnet}. {there}",
        what=what,
        subnet=named(subnet),
        there=blocked_there(account, verdict, blocked),
    )
    doc = {"network-acl": ACLS}.get(blocked.hop.kind)
    return Failure(found, fix=nudge(account, verdict, blocked), doc=doc)


def not_by_nat(subnet: Subnet, verdict: Verdict) -> Failure:
    """It gets out, and past every NAT gateway."""
    gateways = sorted(verdict.through("internet-gateway"))
    found = say("a host in {subnet} goes out by {gateways} itself.", subnet=named(subnet), gateways=gateways)
    return Failure(found, fix=say("Who goes out by an internet gateway itself is reached by it, too."))


def open_to_all(account: Account, subnet: Subnet, verdict: Verdict) -> Failure:
    """Somebody gets in."""
    ports = verdict.forward[-1].ports
    tables = account.network.tables_of(account.network.subnets[subnet.id])
    main = any(table.main for table in tables)
    found = say(
        "anybody on the internet can open a connection to a host in {subnet} that has a public address, on ports "
        "{ports}: it comes in by {gateway}, and {table} sends the answers back there.",
        subnet=named(subnet),
        ports=[f"{first}-{last}" if first < last else f"{first}" for first, last in ports[:3]],
        gateway=next((hop.id for hop in verdict.forward if hop.kind == "internet-gateway"), "?"),
        table=next((table.id for table in tables), "?"),
    )
    fix = say("This subnet has no table of its own, so the VPC's main table routes for it.") if main else None
    return Failure(found, wanted=say("nobody gets in, whatever address a host is given by mistake."), fix=fix)
