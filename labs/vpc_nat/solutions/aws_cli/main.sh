#!/bin/bash
# The main table serves the private subnets. The NAT gateway's id goes where a gateway's id goes.
set -eu

net=${LAB_VPC_CIDR%.0.0/16}
ec2() { aws ec2 "$@" --output text; }

vpc=$(ec2 create-vpc --cidr-block "$LAB_VPC_CIDR" --query Vpc.VpcId \
    --tag-specifications "ResourceType=vpc,Tags=[{Key=Name,Value=$LAB_VPC_NAME}]")
subnet() { # tier, third number, zone
    ec2 create-subnet --vpc-id "$vpc" --cidr-block "$net.$2.0/24" --availability-zone "${AWS_REGION}$3" \
        --tag-specifications "ResourceType=subnet,Tags=[{Key=Tier,Value=$1}]" --query Subnet.SubnetId
}
public_a=$(subnet public 1 a)
public_b=$(subnet public 2 b)
subnet private 11 a
subnet private 12 b

gateway=$(ec2 create-internet-gateway --query InternetGateway.InternetGatewayId)
ec2 attach-internet-gateway --internet-gateway-id "$gateway" --vpc-id "$vpc"
public=$(ec2 create-route-table --vpc-id "$vpc" --query RouteTable.RouteTableId)
ec2 create-route --route-table-id "$public" --destination-cidr-block 0.0.0.0/0 --gateway-id "$gateway"
for subnet in $public_a $public_b; do
    ec2 associate-route-table --route-table-id "$public" --subnet-id "$subnet"
    ec2 modify-subnet-attribute --subnet-id "$subnet" --map-public-ip-on-launch
done

address=$(ec2 allocate-address --domain vpc --query AllocationId)
nat=$(ec2 create-nat-gateway --subnet-id "$public_a" --allocation-id "$address" --query NatGateway.NatGatewayId)
main=$(ec2 describe-route-tables --query 'RouteTables[0].RouteTableId' \
    --filters "Name=vpc-id,Values=$vpc" Name=association.main,Values=true)
ec2 create-route --route-table-id "$main" --destination-cidr-block 0.0.0.0/0 --gateway-id "$nat"
