#!/bin/bash
set -eu
aws cloudformation deploy --stack-name network --template-file template.yaml \
    --parameter-overrides "VpcName=$LAB_VPC_NAME" "VpcCidr=$LAB_VPC_CIDR"
for subnet in $(aws ec2 describe-subnets --filters Name=tag:Tier,Values=public --query 'Subnets[].SubnetId' --output text); do
    aws ec2 modify-subnet-attribute --subnet-id "$subnet" --map-public-ip-on-launch
done
