import boto3

ec2 = boto3.client("ec2")
assert any(gateway["State"] == "available" for gateway in ec2.describe_nat_gateways()["NatGateways"])
assert any(
    route.get("NatGatewayId") for table in ec2.describe_route_tables()["RouteTables"] for route in table["Routes"]
)
