"""What emulators lose of a VPC before a checker reads it, so that no right answer pays for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from botocore.exceptions import ClientError

from grader.access import Access
from grader.checks import capability

ROUTES = "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateRoute.html"
ACLS = "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateNetworkAclEntry.html"
NATS = "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_NatGatewayAddress.html"
PAGES = "https://docs.aws.amazon.com/vpc/latest/reachability/what-is-reachability-analyzer.html"
PROBE_CIDR = "10.255.0.0/24"


@capability("tell where a route leads that was given a NAT gateway as GatewayId", evidence=ROUTES)
def keeps_targets_of_routes(access: Access) -> bool:
    with _scratch_vpc(access) as (ec2, vpc):
        subnet = ec2.create_subnet(VpcId=vpc, CidrBlock=PROBE_CIDR)["Subnet"]["SubnetId"]
        nat = ec2.create_nat_gateway(SubnetId=subnet, ConnectivityType="private")["NatGateway"]["NatGatewayId"]
        table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
        try:
            ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=nat)
            routes = ec2.describe_route_tables(RouteTableIds=[table])["RouteTables"][0]["Routes"]
        except ClientError:
            return True  # refused: nothing is lost on the way
        finally:
            ec2.delete_nat_gateway(NatGatewayId=nat)
            ec2.delete_route_table(RouteTableId=table)
            ec2.delete_subnet(SubnetId=subnet)
        return any(nat in (route.get("NatGatewayId"), route.get("GatewayId")) for route in routes)


@capability("tell which ports a rule of a network ACL is for", evidence=ACLS)
def keeps_ports_of_acl_rules(access: Access) -> bool:
    with _scratch_vpc(access) as (ec2, vpc):
        acl = ec2.create_network_acl(VpcId=vpc)["NetworkAcl"]["NetworkAclId"]
        try:
            ec2.create_network_acl_entry(
                NetworkAclId=acl,
                RuleNumber=100,
                Protocol="6",
                RuleAction="allow",
                Egress=False,
                CidrBlock="0.0.0.0/0",
                PortRange={"From": 443, "To": 443},
            )
            entries = ec2.describe_network_acls(NetworkAclIds=[acl])["NetworkAcls"][0]["Entries"]
        except ClientError:
            return True
        finally:
            ec2.delete_network_acl(NetworkAclId=acl)
        return any((entry.get("PortRange") or {}).get("From") == 443 for entry in entries)


@capability("tell which Elastic IP address a NAT gateway has", evidence=NATS)
def keeps_addresses_of_nat_gateways(access: Access) -> bool:
    with _scratch_vpc(access) as (ec2, vpc):
        subnet = ec2.create_subnet(VpcId=vpc, CidrBlock=PROBE_CIDR)["Subnet"]["SubnetId"]
        address = ec2.allocate_address(Domain="vpc")["AllocationId"]
        nat = ec2.create_nat_gateway(SubnetId=subnet, AllocationId=address)["NatGateway"]["NatGatewayId"]
        try:
            told = ec2.describe_nat_gateways(NatGatewayIds=[nat])["NatGateways"][0].get("NatGatewayAddresses") or []
        finally:
            ec2.delete_nat_gateway(NatGatewayId=nat)
            ec2.release_address(AllocationId=address)
            ec2.delete_subnet(SubnetId=subnet)
        return any(one.get("AllocationId") == address for one in told)


@capability("carry packets, and labgrade does not follow all of this way itself", evidence=PAGES)
def is_followed(_access: Access) -> bool:
    return False


@contextmanager
def _scratch_vpc(access: Access) -> Iterator[tuple[Any, str]]:
    ec2 = access.client("ec2")
    vpc = ec2.create_vpc(CidrBlock=PROBE_CIDR)["Vpc"]["VpcId"]
    try:
        yield ec2, vpc
    finally:
        ec2.delete_vpc(VpcId=vpc)
