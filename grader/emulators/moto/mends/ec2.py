"""EC2: a route to a NAT gateway leads there however it was named, and a subnet gives public addresses when told to."""

from __future__ import annotations

from typing import Any

from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models import EC2Backend
from moto.ec2.models.route_tables import Route
from moto.ec2.models.subnets import Subnet

NAT_GATEWAY = "nat-"
REPLACED = (
    "destination_cidr_block",
    "destination_ipv6_cidr_block",
    "destination_prefix_list_id",
    "nat_gateway_id",
    "egress_only_igw_id",
    "transit_gateway_id",
)

_create_route = EC2Backend.create_route
_replace_route = EC2Backend.replace_route
_create_subnet = EC2Backend.create_subnet


def apply() -> None:
    """moto 5.2.5 forgets a NAT gateway that is given as GatewayId, or that is not there; and it takes the first subnet
    in a zone for a default one, which gives its hosts public addresses."""
    EC2Backend.create_route = create_route  # type: ignore[method-assign,assignment]
    EC2Backend.replace_route = replace_route  # type: ignore[method-assign,assignment]
    EC2Backend.create_subnet = create_subnet  # type: ignore[method-assign,assignment]


def create_route(self: EC2Backend, *args: Any, **kwargs: Any) -> Route:
    """As moto's, to the NAT gateway that is meant. Local ones are moto's own."""
    return _create_route(self, *args, **_to_nat_gateway(self, kwargs))


def replace_route(self: EC2Backend, *args: Any, **kwargs: Any) -> Route:
    """Likewise; moto passes what may be a NAT gateway by its place."""
    places = dict(zip(REPLACED, args[1:], strict=False))
    return _replace_route(self, args[0], **_to_nat_gateway(self, {**places, **kwargs}))


def create_subnet(self: EC2Backend, vpc_id: str, *args: Any, **kwargs: Any) -> Subnet:
    """ "By default, nondefault subnets have the IPv4 public addressing attribute set to false".

    https://docs.aws.amazon.com/vpc/latest/userguide/subnet-public-ip.html (2026-11-25)
    """
    made = _create_subnet(self, vpc_id, *args, **kwargs)
    if not self.get_vpc(vpc_id).is_default:
        made.default_for_az = made.map_public_ip_on_launch = False
    return made


def _to_nat_gateway(backend: EC2Backend, given: dict[str, Any]) -> dict[str, Any]:
    """ "GatewayId: The ID of an internet gateway or virtual private gateway"; a NAT gateway's is taken there, too.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateRoute.html (2026-11-25)
    """
    found = given.get("nat_gateway_id") or given.get("gateway_id") or ""
    if not found.startswith(NAT_GATEWAY):
        return given
    if found not in backend.nat_gateways:
        raise EC2ClientError("InvalidNatGatewayID.NotFound", f"The natGateway ID '{found}' does not exist")
    return {**given, "gateway_id": None, "nat_gateway_id": found}
