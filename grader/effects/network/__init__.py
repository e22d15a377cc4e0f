"""What becomes of a packet in a VPC: read what boto3 describes, ask who reaches whom, be told every hop.

    vpc = network.read(ec2.describe_subnets(), ec2.describe_route_tables(), …)
    verdict = network.walk(vpc, network.Host("subnet-1"), network.INTERNET, port=443)
    verdict.reachable, verdict.blocked, verdict.through("nat-gateway")

Followed are TCP and UDP over IPv4 and IPv6 by route tables (longest prefix, prefix lists, main tables, gateway route
tables up to an appliance), internet, egress-only and zonal NAT gateways, VPC peering, gateway endpoints, network ACLs
and security groups, and the answers. Said to be out of scope are ICMP and other protocols, transit, local, carrier
and virtual private gateways, appliances and Gateway Load Balancer endpoints, Cloud WAN, NAT64, regional NAT gateways
(AWS makes and routes them a table of their own), VPC Block Public Access with its exclusions, and VPCs of others.
Not asked are endpoint policies, Network Firewall rules without a route to them, and traffic from a VPC to its own
public addresses.
"""

from grader.effects.network.model import Network
from grader.effects.network.questions import open_to_internet, reached_from_internet, reaches_internet
from grader.effects.network.reading import read
from grader.effects.network.verdict import EXPLANATION_CODES, Blocked, Hop, OutOfScope, Part, Verdict, Way
from grader.effects.network.walk import INTERNET, INTERNET_V6, Host, Internet, walk

__all__ = [
    "EXPLANATION_CODES",
    "INTERNET",
    "INTERNET_V6",
    "Blocked",
    "Hop",
    "Host",
    "Internet",
    "Network",
    "OutOfScope",
    "Part",
    "Verdict",
    "Way",
    "open_to_internet",
    "reached_from_internet",
    "reaches_internet",
    "read",
    "walk",
]
