"""Examples of AWS's pages on network ACLs and security groups, told to the walker."""

from __future__ import annotations

import pytest
from effects.vpcs import ALLOW_ALL, Account, entry

from grader.effects.network import INTERNET, INTERNET_V6, Host, Internet, Verdict, walk

HOME = Internet.at("192.0.2.0/24")


def told(verdict: Verdict) -> str:
    return verdict.blocked.code if verdict.blocked else str(verdict.reachable)


def way_of(account: Account, address: str) -> str:
    verdict = walk(account.read(), Host("subnet", public_ip=True), Internet.at(address))
    tables = [hop for hop in verdict.forward if hop.kind == "route-table"]
    return str(tables[0].rules[0]).split()[-1] if tables and tables[0].rules else told(verdict)


def plain(routes: dict[str, str], cidr: str = "10.0.0.0/16") -> Account:
    account = Account()
    account.vpc("vpc-a", cidr)
    account.subnet("subnet", cidr.replace("/16", "/24"), public=True)
    account.igw("igw-a", "vpc-a")
    account.table("rtb-a", routes, "subnet")
    return account


CUSTOM_ACL = {
    "inbound": (
        "100 allow tcp 80 0.0.0.0/0",
        "110 allow tcp 443 0.0.0.0/0",
        "120 allow tcp 22 192.0.2.0/24",
        "130 allow tcp 3389 192.0.2.0/24",
        "140 allow tcp 32768-65535 0.0.0.0/0",
    ),
    "outbound": (
        "100 allow tcp 80 0.0.0.0/0",
        "110 allow tcp 443 0.0.0.0/0",
        "120 allow tcp 1024-65535 192.0.2.0/24",
        "140 allow tcp 32768-65535 0.0.0.0/0",
    ),
}


@pytest.mark.parametrize(("client", "port", "expected"), [(HOME, 22, True), (HOME, 443, True), (INTERNET, 22, False)])
def test_the_custom_acl_lets_in_what_its_page_says(client: Internet, port: int, expected: bool) -> None:
    """https://docs.aws.amazon.com/vpc/latest/userguide/vpc-network-acls.html#custom-network-acl"""
    account = plain({"0.0.0.0/0": "igw-a"})
    account.acl("acl-a", "subnet", **CUSTOM_ACL)
    assert walk(account.read(), client, Host("subnet"), port=port).reachable is expected


def test_the_custom_acl_lets_its_hosts_out_and_denies_port_139() -> None:
    """https://docs.aws.amazon.com/vpc/latest/userguide/vpc-network-acls.html#custom-network-acl:
    "destined for port 139 …, it doesn't match any of the rules, and the * rule ultimately denies the packet."
    """
    account = plain({"0.0.0.0/0": "igw-a"})
    account.acl("acl-a", "subnet", **CUSTOM_ACL)
    assert walk(account.read(), Host("subnet"), INTERNET, port=443).reachable is True
    verdict = walk(account.read(), HOME, Host("subnet"), port=139)
    assert verdict.blocked is not None
    assert (verdict.blocked.code, verdict.blocked.reason) == ("SUBNET_ACL_RESTRICTION", "acl_default")


def test_the_custom_acl_answers_clients_from_32768_on_only_as_its_page_warns() -> None:
    """https://docs.aws.amazon.com/vpc/latest/userguide/vpc-network-acls.html#custom-network-acl: "an example only"."""
    account = plain({"0.0.0.0/0": "igw-a"})
    account.acl("acl-a", "subnet", **CUSTOM_ACL)
    blocked = walk(account.read(), INTERNET, Host("subnet")).blocked
    assert blocked is not None
    assert (blocked.leg, blocked.ports) == ("back", ((1024, 32767),))


def test_the_recommended_acls_of_a_public_and_a_private_subnet_let_private_hosts_out() -> None:
    """https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Scenario2.html, "Recommended network ACL rules"."""
    account = plain({"0.0.0.0/0": "igw-a"})
    account.subnet("private", "10.0.1.0/24")
    account.nat("nat-a", "subnet", "10.0.0.50")
    account.table("rtb-b", {"0.0.0.0/0": "nat-a"}, "private")
    account.acl(
        "acl-public",
        "subnet",
        inbound=("100 allow tcp 80 0.0.0.0/0", "110 allow tcp 443 0.0.0.0/0", "140 allow tcp 1024-65535 0.0.0.0/0"),
        outbound=(
            *("100 allow tcp 80 0.0.0.0/0", "110 allow tcp 443 0.0.0.0/0", "120 allow tcp 1433 10.0.1.0/24"),
            *("140 allow tcp 32768-65535 0.0.0.0/0", "150 allow tcp 22 10.0.1.0/24"),
        ),
    )
    account.acl(
        "acl-private",
        "private",
        inbound=(
            *("100 allow tcp 1433 10.0.0.0/24", "120 allow tcp 22 10.0.0.0/24", "130 allow tcp 3389 10.0.0.0/24"),
            "140 allow tcp 1024-65535 0.0.0.0/0",
        ),
        outbound=(
            "100 allow tcp 80 0.0.0.0/0",
            "110 allow tcp 443 0.0.0.0/0",
            "120 allow tcp 32768-65535 10.0.0.0/24",
        ),
    )
    network = account.read()
    assert walk(network, Host("private"), INTERNET).reachable is True
    assert walk(network, Host("subnet"), Host("private"), port=1433).reachable is True
    assert told(walk(network, Host("subnet"), Host("private"), port=3306)) == "SUBNET_ACL_RESTRICTION"


def test_a_lower_number_decides_whatever_a_higher_one_says() -> None:
    """https://docs.aws.amazon.com/vpc/latest/userguide/vpc-network-acls.html#nacl-rules"""
    account = plain({"0.0.0.0/0": "igw-a"})
    account.acl(
        "acl-a", "subnet", inbound=ALLOW_ALL, outbound=("90 allow tcp 443 0.0.0.0/0", "95 deny tcp 443 0.0.0.0/0")
    )
    assert walk(account.read(), Host("subnet"), INTERNET).reachable is True


def test_an_acl_is_not_asked_within_its_subnet() -> None:
    """https://docs.aws.amazon.com/vpc/latest/userguide/vpc-network-acls.html#nacl-basics: "not … within a subnet"."""
    account = plain({})
    account.acl("acl-a", "subnet")
    here = Host("subnet", private_ip="10.0.0.8")
    assert walk(account.read(), here, Host("subnet", private_ip="10.0.0.9")).reachable is True


def test_rules_for_ipv4_say_nothing_of_ipv6() -> None:
    """https://docs.aws.amazon.com/vpc/latest/userguide/vpc-network-acls.html#custom-network-acl: "separate"."""
    account = plain({"0.0.0.0/0": "igw-a", "::/0": "igw-a"})
    account.find("Subnets", "subnet").update(
        Ipv6CidrBlockAssociationSet=[{"Ipv6CidrBlock": "2600:1f00::/64"}], AssignIpv6AddressOnCreation=True
    )
    account.acl("acl-a", "subnet", inbound=ALLOW_ALL, outbound=ALLOW_ALL, default=True)
    assert told(walk(account.read(), Host("subnet"), INTERNET_V6)) == "SUBNET_ACL_RESTRICTION"
    entries = account.find("NetworkAcls", "acl-a")["Entries"]
    entries += [entry("101 allow all - ::/0", egress=egress) for egress in (True, False)]
    assert walk(account.read(), Host("subnet"), INTERNET_V6).reachable is True


def test_security_groups_let_the_answer_through_and_add_up() -> None:
    """https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html"""
    account = plain({"0.0.0.0/0": "igw-a"})
    anywhere = {"IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    https = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, **anywhere}
    ssh = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, **anywhere}
    account.replies["SecurityGroups"] = [
        {"GroupId": "sg-web", "VpcId": "vpc-a", "IpPermissions": [https], "IpPermissionsEgress": []},
        {"GroupId": "sg-ssh", "VpcId": "vpc-a", "IpPermissions": [ssh], "IpPermissionsEgress": []},
    ]
    network = account.read()
    host = Host("subnet", security_groups=("sg-web", "sg-ssh"))
    assert [walk(network, INTERNET, host, port=port).reachable for port in (443, 22, 80)] == [True, True, False]
    assert told(walk(network, INTERNET, host, port=80)) == "ENI_SG_RULES_MISMATCH"
    assert told(walk(network, host, INTERNET)) == "SG_HAS_NO_RULES"


def test_a_group_that_names_a_group_admits_its_members() -> None:
    """https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html, "Security group referencing"."""
    account = plain({})
    everything = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    members = {"IpProtocol": "tcp", "FromPort": 1433, "ToPort": 1433, "UserIdGroupPairs": [{"GroupId": "sg-web"}]}
    account.replies["SecurityGroups"] = [
        {"GroupId": "sg-web", "IpPermissionsEgress": [everything]},
        {"GroupId": "sg-db", "IpPermissions": [members]},
    ]
    network, database = account.read(), Host("subnet", security_groups=("sg-db",))
    member, stranger = Host("subnet", security_groups=("sg-web",)), Host("subnet")
    assert walk(network, member, database, port=1433).reachable is True
    assert told(walk(network, stranger, database, port=1433)) == "ENI_SG_RULES_MISMATCH"
