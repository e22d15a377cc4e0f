"""What AWS would not have made of subnets, in plain words beside AWS's own code."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from grader.checks import Text, say
from grader.effects.network.blocks import Block

from .account import Account, Subnet
from .words import named

LARGEST, SMALLEST = 2**16, 2**4  # addresses of a /16 and a /28


def subnets(account: Account) -> Iterator[tuple[Text, Text]]:
    """Each thing that AWS refuses, with a nudge.

    "The CIDR block of a subnet can be the same as the CIDR block for the VPC […], or a subset […]. The allowed block
    size is between a /28 netmask and /16 netmask. […] the CIDR blocks of the subnets cannot overlap."
    https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html (2026-11-25)
    The codes: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html (2026-11-25)
    """
    blocks = {subnet: block for subnet in account.subnets if (block := Block.parse(subnet.cidr)) is not None}
    yield from _outside(account, blocks)
    for subnet, block in blocks.items():
        if not SMALLEST <= block.size <= LARGEST:
            found = say("{subnet} is of a size that AWS does not make (InvalidSubnet.Range).", subnet=named(subnet))
            yield found, say("A subnet has a /16 at most and a /28 at least: five of its addresses are AWS's own.")
    for (one, first), (other, second) in combinations(sorted(blocks.items(), key=lambda pair: pair[1]), 2):
        if second.first <= first.last:
            words = "{one} and {other} share addresses, and AWS refuses the second one (InvalidSubnet.Conflict)."
            yield say(words, one=named(one), other=named(other)), say("Give each subnet a range that is no other's.")


def _outside(account: Account, blocks: dict[Subnet, Block]) -> Iterator[tuple[Text, Text]]:
    vpc = account.network.vpcs[account.vpc_id]
    for subnet, block in blocks.items():
        if not any(whole.covers(block) for whole in vpc.blocks):
            words = "{subnet} lies outside the VPC's {blocks} (InvalidSubnet.Range)."
            shown = [str(whole) for whole in vpc.blocks if whole.version == 4]
            yield say(words, subnet=named(subnet), blocks=shown), say("A subnet is a part of its VPC's addresses.")
