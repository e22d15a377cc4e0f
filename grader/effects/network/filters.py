"""What network ACLs and security groups let through, port by port."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from grader.effects.network.blocks import Block
from grader.effects.network.model import Acl, AclRule, GroupRule, SecurityGroup
from grader.effects.network.ports import ALL, Ports, both, minus, union


@dataclass(frozen=True)
class Packet:
    """A packet, or all the packets that differ in nothing that anybody asks: addresses of one part, a set of ports."""

    protocol: int
    source: Block
    destination: Block
    ports: Ports


@dataclass(frozen=True)
class Judgement:
    """The destination ports that pass and those that do not, and the rules that said so for each."""

    allowed: Ports
    denied: Ports
    allowing: tuple[AclRule, ...] = ()
    denying: tuple[AclRule, ...] = ()


def judge(acl: Acl, packet: Packet, egress: bool) -> Judgement:
    """What the ACL says: the lowest number that matches a port decides for it, and what none matches is denied.

    "We evaluate the rules in order, starting with the lowest numbered rule … If the traffic matches a rule, the rule
    is applied and we do not evaluate any additional rules." The port range of a rule is that of the destination, in
    either direction. IPv4 traffic meets rules with an IPv4 block only: "none of the rules for the IPv4 traffic apply
    to the IPv6 traffic".
    https://docs.aws.amazon.com/vpc/latest/userguide/vpc-network-acls.html#nacl-rules (2026-11-23)
    https://docs.aws.amazon.com/vpc/latest/userguide/vpc-network-acls.html#custom-network-acl (2026-11-23)
    """
    peer = packet.destination if egress else packet.source
    left, allowed = packet.ports, []
    deciding: dict[bool, list[AclRule]] = {True: [], False: []}
    for rule in acl.rules:
        if rule.egress is not egress or rule.protocol not in (ALL, packet.protocol) or not rule.block.covers(peer):
            continue
        taken = both(left, rule.ports)
        if taken:
            deciding[rule.allow].append(rule)
            allowed += [taken] if rule.allow else []
            left = minus(left, rule.ports)
    passing = union(allowed)
    return Judgement(passing, minus(packet.ports, passing), tuple(deciding[True]), tuple(deciding[False]))


@dataclass(frozen=True)
class Opening:
    """The destination ports that security groups let through, the rules that do, and whether one is unknown."""

    allowed: Ports
    rules: tuple[GroupRule, ...]
    unclear: bool


def admit(groups: Iterable[SecurityGroup], packet: Packet, egress: bool, peers: frozenset[str]) -> Opening:
    """What the groups let through together; `peers` are the groups of the other end.

    "When you associate multiple security groups with a resource, the rules from each security group are aggregated to
    form a single set of rules". They are stateful: nobody asks them about the answer.
    https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html (2026-11-23)
    """
    peer = packet.destination if egress else packet.source
    rules = [
        rule
        for group in groups
        for rule in group.rules
        if rule.egress is egress and rule.protocol in (ALL, packet.protocol) and both(packet.ports, rule.ports)
    ]
    matching = [
        rule for rule in rules if rule.group_id in peers or (rule.block is not None and rule.block.covers(peer))
    ]
    unclear = any(rule.block is None and rule.group_id is None for rule in rules)
    return Opening(both(packet.ports, union(rule.ports for rule in matching)), tuple(matching), unclear)
