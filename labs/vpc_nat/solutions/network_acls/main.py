"""Each tier has a network ACL that lets through what it needs and no more."""

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
    CidrBlock=os.environ["LAB_VPC_CIDR"], TagSpecifications=tagged("vpc", Name=os.environ["LAB_VPC_NAME"])
)["Vpc"]["VpcId"]
public = [subnet("public", block, zone) for block, zone in zip(blocks[:2], zones)]
private = [subnet("private", block, zone) for block, zone in zip(blocks[10:12], zones)]

gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
table(public, GatewayId=gateway)
for one in public:
    ec2.modify_subnet_attribute(SubnetId=one, MapPublicIpOnLaunch={"Value": True})

address = ec2.allocate_address(Domain="vpc")["AllocationId"]
nat = ec2.create_nat_gateway(SubnetId=public[0], AllocationId=address)["NatGateway"]["NatGatewayId"]
ec2.get_waiter("nat_gateway_available").wait(NatGatewayIds=[nat])
table(private, NatGatewayId=nat)


def acl(subnets, inbound, outbound):
    made = ec2.create_network_acl(VpcId=vpc)["NetworkAcl"]["NetworkAclId"]
    for egress, rules in ((False, inbound), (True, outbound)):
        for number, (first, last, block) in enumerate(rules, 1):
            ec2.create_network_acl_entry(
                NetworkAclId=made,
                RuleNumber=100 * number,
                Protocol="6",
                RuleAction="allow",
                Egress=egress,
                CidrBlock=block,
                PortRange={"From": first, "To": last},
            )
    for old in ec2.describe_network_acls(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["NetworkAcls"]:
        for association in old["Associations"]:
            if association["SubnetId"] in subnets:
                ec2.replace_network_acl_association(
                    AssociationId=association["NetworkAclAssociationId"], NetworkAclId=made
                )
    return made


ANYWHERE = "0.0.0.0/0"
# Answers to a Linux host go to ports from 32768 on; to a NAT gateway and to customers, from 1024 on.
acl(private, inbound=[(32768, 65535, ANYWHERE)], outbound=[(443, 443, ANYWHERE)])
acl(
    public,
    inbound=[(443, 443, ANYWHERE), (1024, 65535, ANYWHERE)],
    outbound=[(443, 443, ANYWHERE), (1024, 65535, ANYWHERE)],
)
