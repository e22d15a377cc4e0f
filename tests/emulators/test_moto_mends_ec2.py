"""What moto forgets of a VPC, by the API and from templates, and that the mended one does not.

Each blind spot is asserted on moto as it is, too: the day it sees, that test fails and the mend goes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
from botocore.exceptions import ClientError

from grader.emulators import moto

NUMBERS = count()
NAMES = {"Ref": "Vpc"}


@pytest.fixture(scope="module")
def mended() -> Iterator[moto.Moto]:
    with moto.launch(services=("ec2", "cloudformation")) as starting:
        yield starting.ready()


@pytest.fixture(scope="module")
def unmended() -> Iterator[moto.Moto]:
    with moto.launch(services=("ec2", "cloudformation"), mended=False) as starting:
        yield starting.ready()


class Network:
    """A VPC with a subnet, a NAT gateway in it, and a route table."""

    def __init__(self, emulator: moto.Moto) -> None:
        self.ec2: Any = emulator.access.client("ec2")
        self.vpc = self.ec2.create_vpc(CidrBlock="10.20.0.0/16")["Vpc"]["VpcId"]
        self.subnet = self.ec2.create_subnet(VpcId=self.vpc, CidrBlock="10.20.0.0/24")["Subnet"]["SubnetId"]
        address = self.ec2.allocate_address(Domain="vpc")["AllocationId"]
        made = self.ec2.create_nat_gateway(SubnetId=self.subnet, AllocationId=address)
        self.nat = made["NatGateway"]["NatGatewayId"]
        self.table = self.ec2.create_route_table(VpcId=self.vpc)["RouteTable"]["RouteTableId"]

    def routed(self, replace: bool = False, **target: str) -> dict[str, Any]:
        """The default route, made or replaced, as it reads."""
        call = self.ec2.replace_route if replace else self.ec2.create_route
        call(RouteTableId=self.table, DestinationCidrBlock="0.0.0.0/0", **target)
        routes = self.ec2.describe_route_tables(RouteTableIds=[self.table])["RouteTables"][0]["Routes"]
        found: dict[str, Any] = next(route for route in routes if route["DestinationCidrBlock"] == "0.0.0.0/0")
        return found


@pytest.mark.parametrize("replace", [False, True])
def test_a_nat_gateway_given_as_a_gateway_is_one(replace: bool, mended: moto.Moto) -> None:
    network = Network(mended)
    if replace:
        gateway = network.ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
        network.routed(GatewayId=gateway)
    route = network.routed(replace, GatewayId=network.nat)
    assert route["NatGatewayId"] == network.nat
    assert "GatewayId" not in route


def test_moto_forgets_a_nat_gateway_given_as_a_gateway(unmended: moto.Moto) -> None:
    network = Network(unmended)
    assert "NatGatewayId" not in network.routed(GatewayId=network.nat)


@pytest.mark.parametrize("key", ["NatGatewayId", "GatewayId"])
def test_a_nat_gateway_that_is_not_there_is_refused(key: str, mended: moto.Moto) -> None:
    with pytest.raises(ClientError) as refused:
        Network(mended).routed(**{key: "nat-0123456789abcdef0"})
    assert refused.value.response["Error"]["Code"] == "InvalidNatGatewayID.NotFound"


def test_moto_routes_to_a_nat_gateway_that_is_not_there(unmended: moto.Moto) -> None:
    assert "NatGatewayId" not in Network(unmended).routed(NatGatewayId="nat-0123456789abcdef0")


def test_other_targets_are_as_before(mended: moto.Moto) -> None:
    network = Network(mended)
    assert network.routed(NatGatewayId=network.nat)["NatGatewayId"] == network.nat
    gateway = network.ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    assert network.routed(replace=True, GatewayId=gateway)["GatewayId"] == gateway


def subnet_by_zone_id(emulator: moto.Moto) -> dict[str, Any]:
    network = Network(emulator)
    made: dict[str, Any] = network.ec2.create_subnet(
        VpcId=network.vpc, CidrBlock="10.20.9.0/24", AvailabilityZoneId="use1-az1"
    )["Subnet"]
    return made


def test_a_subnet_gives_no_public_addresses_by_itself(mended: moto.Moto) -> None:
    made = subnet_by_zone_id(mended)
    assert (made["MapPublicIpOnLaunch"], made["DefaultForAz"]) == (False, False)


def test_moto_takes_the_first_subnet_of_a_zone_id_for_a_default_one(unmended: moto.Moto) -> None:
    assert subnet_by_zone_id(unmended)["MapPublicIpOnLaunch"] is True


# Templates.


def resource(kind: str, **properties: Any) -> dict[str, Any]:
    return {"Type": f"AWS::EC2::{kind}", "Properties": properties}


BLOCKS = {"Fn::Cidr": [{"Fn::GetAtt": ["Vpc", "CidrBlock"]}, "4", "8"]}
SUBNET = resource("Subnet", VpcId=NAMES, CidrBlock="10.20.0.0/24")
TABLE = resource("RouteTable", VpcId=NAMES)


def deployed(emulator: moto.Moto, **resources: Any) -> tuple[Any, dict[str, str]]:
    """A VPC with these in it; a client, and the physical ids by name. Raises AssertionError with the failure."""
    cloudformation: Any = emulator.access.client("cloudformation")
    name = f"stack-{next(NUMBERS)}"
    template = {"Resources": {"Vpc": resource("VPC", CidrBlock="10.20.0.0/16"), **resources}}
    cloudformation.create_stack(StackName=name, TemplateBody=json.dumps(template))
    events = cloudformation.describe_stack_events(StackName=name)["StackEvents"]
    assert events[0]["ResourceStatus"] == "CREATE_COMPLETE", [event.get("ResourceStatusReason") for event in events]
    listed = cloudformation.describe_stack_resources(StackName=name)["StackResources"]
    return emulator.access.client("ec2"), {
        one.get("LogicalResourceId", ""): one.get("PhysicalResourceId", "") for one in listed
    }


def gives_addresses(emulator: moto.Moto) -> bool:
    place = {"CidrBlock": "10.20.0.0/24", "AvailabilityZone": "us-east-1a"}  # not the first subnet of its zone
    subnet = resource("Subnet", VpcId=NAMES, MapPublicIpOnLaunch="true", **place)
    ec2, ids = deployed(emulator, Subnet=subnet)
    return bool(ec2.describe_subnets(SubnetIds=[ids["Subnet"]])["Subnets"][0]["MapPublicIpOnLaunch"])


def test_a_templates_subnet_gives_public_addresses_where_it_says_so(mended: moto.Moto) -> None:
    assert gives_addresses(mended)


def test_moto_leaves_map_public_ip_on_launch_out(unmended: moto.Moto) -> None:
    assert not gives_addresses(unmended)


def associated(emulator: moto.Moto) -> bool:
    uses = resource("SubnetRouteTableAssociation", RouteTableId={"Ref": "Table"}, SubnetId={"Ref": "Subnet"})
    ec2, ids = deployed(emulator, Subnet=SUBNET, Table=TABLE, Uses=uses)
    found = ec2.describe_route_tables(RouteTableIds=[ids["Table"]])["RouteTables"][0]["Associations"]
    return [one.get("SubnetId") for one in found] == [ids["Subnet"]]


def test_a_template_associates_a_table_with_a_subnet(mended: moto.Moto) -> None:
    assert associated(mended)


def test_moto_leaves_the_table_unassociated(unmended: moto.Moto) -> None:
    assert not associated(unmended)


ADDRESS = resource("EIP")
NAT = resource("NatGateway", SubnetId={"Ref": "Subnet"}, AllocationId={"Fn::GetAtt": ["Address", "AllocationId"]})


def test_a_templates_nat_gateway_has_the_address_of_a_bare_eip(mended: moto.Moto) -> None:
    ec2, ids = deployed(mended, Subnet=SUBNET, Address=ADDRESS, Nat=NAT)
    found = ec2.describe_nat_gateways(NatGatewayIds=[ids["Nat"]])["NatGateways"][0]
    assert found["NatGatewayAddresses"][0]["PublicIp"] == ids["Address"]
    assert found["ConnectivityType"] == "public"


def test_moto_makes_a_bare_eip_of_no_vpc(unmended: moto.Moto) -> None:
    with pytest.raises((AssertionError, ClientError)):
        deployed(unmended, Subnet=SUBNET, Address=ADDRESS, Nat=NAT)


PRIVATE_NAT = resource("NatGateway", SubnetId={"Ref": "Subnet"}, ConnectivityType="private")


def test_a_templates_nat_gateway_may_be_private(mended: moto.Moto) -> None:
    ec2, ids = deployed(mended, Subnet=SUBNET, Nat=PRIVATE_NAT)
    assert ec2.describe_nat_gateways(NatGatewayIds=[ids["Nat"]])["NatGateways"][0]["ConnectivityType"] == "private"


def test_moto_wants_an_allocation_of_every_nat_gateway(unmended: moto.Moto) -> None:
    with pytest.raises((AssertionError, ClientError)):
        deployed(unmended, Subnet=SUBNET, Nat=PRIVATE_NAT)


def route_of(emulator: moto.Moto, **properties: Any) -> dict[str, Any]:
    """A template's route beside the local one."""
    route = resource("Route", RouteTableId={"Ref": "Table"}, **properties)
    ec2, ids = deployed(emulator, Subnet=SUBNET, Table=TABLE, Nat=PRIVATE_NAT, Route=route)
    found: dict[str, Any] = ec2.describe_route_tables(RouteTableIds=[ids["Table"]])["RouteTables"][0]["Routes"][1]
    return {**found, "nat": ids["Nat"]}


@pytest.mark.parametrize("key", ["NatGatewayId", "GatewayId"])
def test_a_templates_route_leads_to_the_nat_gateway(key: str, mended: moto.Moto) -> None:
    route = route_of(mended, DestinationCidrBlock="0.0.0.0/0", **{key: {"Ref": "Nat"}})
    assert route["NatGatewayId"] == route["nat"]


def test_a_templates_route_may_be_for_ipv6(mended: moto.Moto) -> None:
    route = route_of(mended, DestinationIpv6CidrBlock="64:ff9b::/96", NatGatewayId={"Ref": "Nat"})
    assert route["DestinationIpv6CidrBlock"] == "64:ff9b::/96"


def block_of(emulator: moto.Moto, cidr: Any, zone: Any) -> tuple[str, str]:
    made = resource("Subnet", VpcId=NAMES, CidrBlock=cidr, AvailabilityZone=zone)
    ec2, ids = deployed(emulator, Subnet=made)
    found = ec2.describe_subnets(SubnetIds=[ids["Subnet"]])["Subnets"][0]
    return found["CidrBlock"], found["AvailabilityZone"]


FROM_BLOCKS = {"Fn::Select": ["2", BLOCKS]}
FROM_ZONES = {"Fn::Select": [1, {"Fn::GetAZs": {"Ref": "AWS::Region"}}]}


def test_a_template_computes_blocks_and_names_zones(mended: moto.Moto) -> None:
    assert block_of(mended, FROM_BLOCKS, FROM_ZONES) == ("10.20.2.0/24", "us-east-1b")


@pytest.mark.parametrize(("cidr", "zone"), [(FROM_BLOCKS, "us-east-1a"), ("10.20.0.0/24", FROM_ZONES)])
def test_moto_knows_neither_cidr_nor_the_zones_of_a_ref(cidr: Any, zone: Any, unmended: moto.Moto) -> None:
    with pytest.raises((AssertionError, ClientError)):
        block_of(unmended, cidr, zone)


ACL = {
    "Acl": resource("NetworkAcl", VpcId=NAMES),
    "In": resource(
        "NetworkAclEntry",
        NetworkAclId={"Ref": "Acl"},
        RuleNumber=100,
        Protocol=6,
        RuleAction="allow",
        CidrBlock="0.0.0.0/0",
        PortRange={"From": 1024, "To": 65535},
    ),
    "Out": resource(
        "NetworkAclEntry",
        NetworkAclId={"Ref": "Acl"},
        RuleNumber=100,
        Protocol=-1,
        RuleAction="deny",
        Egress="true",
        CidrBlock="10.0.0.0/8",
    ),
    "Uses": resource("SubnetNetworkAclAssociation", NetworkAclId={"Ref": "Acl"}, SubnetId={"Ref": "Subnet"}),
}


def test_a_templates_network_acl_is_the_subnets_own(mended: moto.Moto) -> None:
    ec2, ids = deployed(mended, Subnet=SUBNET, **ACL)
    found = ec2.describe_network_acls(NetworkAclIds=[ids["Acl"]])["NetworkAcls"][0]
    rules = {
        (one["Egress"], one["RuleNumber"], one["RuleAction"], one["Protocol"], (one.get("PortRange") or {}).get("From"))
        for one in found["Entries"]
    }
    assert {(False, 100, "allow", "6", 1024), (True, 100, "deny", "-1", None)} <= rules
    assert [one["SubnetId"] for one in found["Associations"]] == [ids["Subnet"]]
    every = ec2.describe_network_acls(Filters=[{"Name": "association.subnet-id", "Values": [ids["Subnet"]]}])
    assert [one["NetworkAclId"] for one in every["NetworkAcls"]] == [ids["Acl"]]


def test_moto_makes_no_network_acl_of_a_template(unmended: moto.Moto) -> None:
    ec2, ids = deployed(unmended, Subnet=SUBNET, Acl=ACL["Acl"])
    assert "Acl" not in ids
    found = ec2.describe_network_acls(Filters=[{"Name": "association.subnet-id", "Values": [ids["Subnet"]]}])
    assert [one["IsDefault"] for one in found["NetworkAcls"]] == [True]
