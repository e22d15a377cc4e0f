"""The sentences behind each reason: what a student reads of a blocked way, and of one that is out of scope."""

from typing import Final

BLOCKED: Final = {
    "acl": "The network ACL {id} does not let ports {ports} through ({rules}).",
    "acl_default": "The network ACL {id} has no rule that lets ports {ports} through.",
    "endpoint_protocol": "The gateway endpoint {id} takes TCP only.",
    "group": "No rule of the security group {id} lets ports {ports} through.",
    "group_empty": "The security group {id} has no rule in this direction.",
    "ipv6_only": "The egress-only internet gateway {id} carries IPv6 only.",
    "loop": "The route tables send the traffic round in a circle; it came to {id} again.",
    "nat_failed": "The NAT gateway {id} failed when it was made.",
    "nat_answer": "The answer goes through the NAT gateway {id}, which gives it another address than the one called.",
    "no_address": "The interface {id} has no address of this version.",
    "no_elastic_ip": "The NAT gateway {id} has no Elastic IP address, so nothing on the internet can answer it.",
    "no_gateway": "The VPC {id} has no internet gateway attached.",
    "no_host": "There is no {id}.",
    "no_public_ip": "The host in {id} has no public address, and an internet gateway gives it none.",
    "no_route": "The route table {id} has no route to this destination.",
    "no_subnet": "No subnet of {id} holds the destination.",
    "other_answer": "The answer leaves by the route {rules}, and so not by the internet gateway that it came in by.",
    "outbound_only": "The egress-only internet gateway {id} lets no connection in.",
    "peer_range": "The destination lies outside the VPC behind the peering connection {id}.",
    "private_destination": "The internet gateway {id} carries nothing to a private address.",
    "private_nat": "The NAT gateway {id} is private: the internet gateway drops what comes from it.",
    "target_detached": "The route {rules} leads to a gateway that is attached to no VPC.",
    "target_elsewhere": "The route {rules} leads to a target in another VPC.",
    "target_gone": "The route {rules} leads to a target that is not there (any more).",
    "unknown_address": "The internet gateway {id} knows no public address of this host.",
    "wrong_arrival": "The traffic arrives at another place than the one called: {id}.",
}

UNCLEAR: Final = {
    "ambiguous_route": "The route table {id} has two routes of equal rank for this destination.",
    "ambiguous_table": "More than one route table says that it routes for {id}.",
    "ingress_routing": "The gateway route table {id} sends arriving traffic to an appliance, which is not followed.",
    "lost_target": "This emulator lost the target of a route in {id}, so nobody can say where it leads.",
    "nat64": "What {id} does with IPv6 is not followed.",
    "no_outside": "All of these addresses belong to the VPC of {id} itself.",
    "no_table": "No route table was found for {id}.",
    "not_followed": "Where {id} sends traffic is not followed.",
    "not_read": "{kind} {id} was not looked at.",
    "prefix_list": "The prefix list {id} was not read.",
    "protocol": "Only TCP and UDP are followed, not {id}.",
    "public_access": "VPC Block Public Access is on, and its exclusions are not followed.",
    "regional_nat": "The NAT gateway {id} is regional; its own route table is not followed.",
    "too_many_parts": "The rules around {id} cut the addresses into too many parts.",
}
