"""Looks for each thing before it makes it, and so can be run again and again. It runs itself twice."""

import os
from ipaddress import ip_network

import boto3
from botocore.exceptions import ClientError

ec2 = boto3.client("ec2")
name, cidr = os.environ["LAB_VPC_NAME"], os.environ["LAB_VPC_CIDR"]
blocks = [str(block) for block in ip_network(cidr).subnets(new_prefix=20)]
zones = [zone["ZoneName"] for zone in ec2.describe_availability_zones()["AvailabilityZones"]][:2]
SUBNETS = [("public", blocks[0], zones[0]), ("public", blocks[1], zones[1])]
SUBNETS += [("private", blocks[8], zones[0]), ("private", blocks[9], zones[1])]


def found(operation, key, **tags):
    """What has these tags and was not deleted."""
    filters = [{"Name": f"tag:{tag}", "Values": [value]} for tag, value in tags.items()]
    there = getattr(ec2, operation)(Filters=filters)[key]
    return next((one for one in there if one.get("State") != "deleted"), None)


def tagged(kind, **tags):
    return [{"ResourceType": kind, "Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}]


def build():
    vpc = found("describe_vpcs", "Vpcs", Name=name)
    vpc = vpc or ec2.create_vpc(CidrBlock=cidr, TagSpecifications=tagged("vpc", Name=name))["Vpc"]
    vpc = vpc["VpcId"]
    gateway = found("describe_internet_gateways", "InternetGateways", Name=name)
    if gateway is None:
        kind = tagged("internet-gateway", Name=name)
        gateway = ec2.create_internet_gateway(TagSpecifications=kind)["InternetGateway"]
        ec2.attach_internet_gateway(InternetGatewayId=gateway["InternetGatewayId"], VpcId=vpc)
    subnets = {"public": [], "private": []}
    for tier, block, zone in SUBNETS:
        subnets[tier].append(subnet(vpc, tier, block, zone))
    nat = found("describe_nat_gateways", "NatGateways", Name=name)
    if nat is None:
        address = ec2.allocate_address(Domain="vpc")["AllocationId"]
        kind = tagged("natgateway", Name=name)
        nat = ec2.create_nat_gateway(SubnetId=subnets["public"][0], AllocationId=address, TagSpecifications=kind)
        nat = nat["NatGateway"]
    routed(vpc, "public", subnets["public"], GatewayId=gateway["InternetGatewayId"])
    routed(vpc, "private", subnets["private"], NatGatewayId=nat["NatGatewayId"])


def subnet(vpc, tier, block, zone):
    there = found("describe_subnets", "Subnets", Name=block, Tier=tier)
    if there is None:
        kind = tagged("subnet", Name=block, Tier=tier)
        there = ec2.create_subnet(VpcId=vpc, CidrBlock=block, AvailabilityZone=zone, TagSpecifications=kind)["Subnet"]
    value = {"Value": tier == "public"}
    ec2.modify_subnet_attribute(SubnetId=there["SubnetId"], MapPublicIpOnLaunch=value)
    return there["SubnetId"]


def routed(vpc, tier, subnets, **target):
    table = found("describe_route_tables", "RouteTables", Name=tier)
    if table is None:
        table = ec2.create_route_table(VpcId=vpc, TagSpecifications=tagged("route-table", Name=tier))["RouteTable"]
    where = {"RouteTableId": table["RouteTableId"], "DestinationCidrBlock": "0.0.0.0/0"}
    there = [route for route in table["Routes"] if route.get("DestinationCidrBlock") == "0.0.0.0/0"]
    ec2.replace_route(**where, **target) if there else ec2.create_route(**where, **target)
    mine = {association.get("SubnetId") for association in table["Associations"]}
    for one in set(subnets) - mine:
        ec2.associate_route_table(RouteTableId=table["RouteTableId"], SubnetId=one)


build()
build()
