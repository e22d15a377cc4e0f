"""IPv6 beside IPv4: the private subnets go out by an egress-only internet gateway, and nobody comes in."""

import os
from ipaddress import ip_network

import boto3

ec2 = boto3.client("ec2")
blocks = [str(block) for block in ip_network(os.environ["LAB_VPC_CIDR"]).subnets(new_prefix=24)]
zones = [zone["ZoneName"] for zone in ec2.describe_availability_zones()["AvailabilityZones"]][:2]


def tagged(kind, **tags):
    return [{"ResourceType": kind, "Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}]


def subnet(tier, block, zone):
    made = ec2.create_subnet(
        VpcId=vpc, CidrBlock=block, AvailabilityZone=zone, TagSpecifications=tagged("subnet", Tier=tier)
    )
    return made["Subnet"]["SubnetId"]


def table(subnets, **target):
    made = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    ec2.create_route(RouteTableId=made, DestinationCidrBlock="0.0.0.0/0", **target)
    for one in subnets:
        ec2.associate_route_table(RouteTableId=made, SubnetId=one)
    return made


vpc = ec2.create_vpc(
    CidrBlock=os.environ["LAB_VPC_CIDR"], AmazonProvidedIpv6CidrBlock=True, TagSpecifications=tagged("vpc", Name=os.environ["LAB_VPC_NAME"])
)["Vpc"]["VpcId"]
public = [subnet("public", block, zone) for block, zone in zip(blocks[:2], zones)]
private = [subnet("private", block, zone) for block, zone in zip(blocks[10:12], zones)]

gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
public_table = table(public, GatewayId=gateway)
for one in public:
    ec2.modify_subnet_attribute(SubnetId=one, MapPublicIpOnLaunch={"Value": True})

address = ec2.allocate_address(Domain="vpc")["AllocationId"]
nat = ec2.create_nat_gateway(SubnetId=public[0], AllocationId=address)["NatGateway"]["NatGatewayId"]
ec2.get_waiter("nat_gateway_available").wait(NatGatewayIds=[nat])
private_table = table(private, NatGatewayId=nat)

whole = ec2.describe_vpcs(VpcIds=[vpc])["Vpcs"][0]["Ipv6CidrBlockAssociationSet"][0]["Ipv6CidrBlock"]
for one, block in zip([*public, *private], ip_network(whole).subnets(new_prefix=64)):
    ec2.associate_subnet_cidr_block(SubnetId=one, Ipv6CidrBlock=str(block))
    ec2.modify_subnet_attribute(SubnetId=one, AssignIpv6AddressOnCreation={"Value": True})
way_out = ec2.create_egress_only_internet_gateway(VpcId=vpc)["EgressOnlyInternetGateway"]
ec2.create_route(RouteTableId=public_table, DestinationIpv6CidrBlock="::/0", GatewayId=gateway)
ec2.create_route(
    RouteTableId=private_table,
    DestinationIpv6CidrBlock="::/0",
    EgressOnlyInternetGatewayId=way_out["EgressOnlyInternetGatewayId"],
)
