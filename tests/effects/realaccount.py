"""What an account makes of the namespaces of a RealNetwork: its describe replies, read anew, for ip and nft."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from effects.realwires import OUTSIDE, PUBLIC_HOSTS, SUBNETS, at, host_ip, public_ip


class Translation:
    """An account's describe replies, read anew, as lines for ip and nft."""

    def __init__(self, replies: Mapping[str, Any], ports: Mapping[int, int]) -> None:
        self.replies, self.ports = replies, ports
        self.places = {item["SubnetId"]: SUBNETS.index(item["CidrBlock"]) for item in replies["Subnets"]}
        self.vpcs = {item["SubnetId"]: item["VpcId"] for item in replies["Subnets"]}
        self.nats = {item["NatGatewayId"]: (n, item) for n, item in enumerate(replies["NatGateways"])}

    def config(self) -> tuple[dict[str, list[str]], dict[str, str]]:
        lines: dict[str, list[str]] = {"fabric": ["route flush table 30", "route flush table 31"]}
        rules = {"igw": self._gateway()}
        for subnet, k in self.places.items():
            lines[f"s{k}"] = ["route flush table 200", "route flush table 110", "route flush table 111"]
            lines[f"s{k}"] += self._routes(subnet)
            rules[f"s{k}"] = self._filter(subnet)
        for n, nat in self.nats.values():
            home, place = nat["NatGatewayAddresses"][0]["PrivateIp"], self.places[nat["SubnetId"]]
            lines["fabric"].append(f"route add default via 10.255.0.2 dev s{place}nat{n} onlink table {30 + n}")
            lines[f"s{place}"].append(f"route add default via {home} dev br0 table {110 + n}")
            lines[f"n{n}"] = [f"addr flush dev e{k}" for k in range(len(SUBNETS))]
            lines[f"n{n}"] += [f"addr add {home}/24 dev e{place}"]
            lines[f"n{n}"] += [f"route add default via {at(SUBNETS[place], 1)} dev e{place}"]
            rules[f"n{n}"] = self._nat(home)
        return lines, rules

    def _routes(self, subnet: str) -> Iterator[str]:
        tables = [table for table in self.replies["RouteTables"] if table["VpcId"] == self.vpcs[subnet]]
        explicit = [table for table in tables if _associated(table, "SubnetId", subnet)]
        main = [table for table in tables if _associated(table, "Main", True)]
        mine = SUBNETS[self.places[subnet]]
        yield f"route add {mine} dev br0 table 200"
        for route in (explicit or main)[0]["Routes"]:
            if route.get("DestinationCidrBlock") not in (None, mine):
                yield f"route add {self._way(route, subnet)} table 200"

    def _way(self, route: Mapping[str, Any], subnet: str) -> str:
        cidr, target = route["DestinationCidrBlock"], _target(route)
        if target == "local":
            return f"{cidr} via 10.255.0.1 dev local onlink"
        if target in self.nats and self._works(target, subnet):
            n, nat = self.nats[target]
            home = nat["NatGatewayAddresses"][0]["PrivateIp"]
            beside = nat["SubnetId"] == subnet
            return f"{cidr} via {home} dev br0" if beside else f"{cidr} via 10.255.0.1 dev nat{n} onlink"
        if self._attached(target, self.vpcs[subnet]):
            return f"{cidr} via 10.255.0.1 dev igw onlink"
        peers = [item for item in self.replies["VpcPeeringConnections"] if item["VpcPeeringConnectionId"] == target]
        if peers and peers[0]["Status"]["Code"] == "active":
            return f"{cidr} via 10.255.0.1 dev peer onlink"
        return f"blackhole {cidr}"

    def _works(self, target: str, subnet: str) -> bool:
        nat = self.nats[target][1]
        return nat["State"] in ("available", "pending") and nat["VpcId"] == self.vpcs[subnet]

    def _attached(self, target: str, vpc: str) -> bool:
        gateways = [item for item in self.replies["InternetGateways"] if item["InternetGatewayId"] == target]
        return any(one["VpcId"] == vpc for item in gateways for one in item["Attachments"])

    def _filter(self, subnet: str) -> str:
        acls = [acl for acl in self.replies["NetworkAcls"] if acl["VpcId"] == self.vpcs[subnet]]
        explicit = [acl for acl in acls if _associated(acl, "SubnetId", subnet)]
        found = (explicit or [acl for acl in acls if acl["IsDefault"]] or [None])[0]
        chains = []
        for egress, name, peer in ((True, "out", "daddr"), (False, "in", "saddr")):
            entries = [entry for entry in found["Entries"] if entry["Egress"] is egress] if found else []
            entries.sort(key=lambda entry: entry["RuleNumber"])
            lines = [line for entry in entries if (line := _acl_line(entry, peer))]
            chains.append(f"chain {name} {{ {' '.join(lines)} {'drop;' if found else 'accept;'} }}")
        lines_of_chains = "\n".join(chains)
        return f"""table ip acl {{
            {lines_of_chains}
            chain forward {{ type filter hook forward priority 0; policy accept;
                iifname "br0" oifname != "br0" jump out; iifname != "br0" oifname "br0" jump in; }}
        }}"""

    def _gateway(self) -> str:
        pairs = {host_ip(k, n): public_ip(k, n) for k in range(len(SUBNETS) - 1) for n in PUBLIC_HOSTS}
        for n, nat in self.nats.values():
            address = nat["NatGatewayAddresses"][0]
            if nat.get("ConnectivityType") != "private" and address.get("PublicIp"):
                pairs[address["PrivateIp"]] = f"{OUTSIDE}.{201 + n}"
        if not self._any_attached():
            pairs = {"10.255.255.255": "10.255.255.255"}
        out = ", ".join(f"{private} : {public}" for private, public in pairs.items())
        into = ", ".join(f"{public} : {private}" for private, public in pairs.items())
        return f"""table ip nat {{
            map out {{ type ipv4_addr : ipv4_addr; elements = {{ {out} }} }}
            map into {{ type ipv4_addr : ipv4_addr; elements = {{ {into} }} }}
            chain prerouting {{ type filter hook prerouting priority -300; policy accept;
                iifname "fabric" ip daddr 10.0.0.0/8 drop;
                iifname "fabric" ip saddr != @out drop; iifname "internet" ip daddr != @into drop;
                iifname "fabric" ip saddr set ip saddr map @out;
                iifname "internet" ip daddr set ip daddr map @into; }}
        }}"""

    def _any_attached(self) -> bool:
        return any(one["VpcId"] == "vpc-a" for item in self.replies["InternetGateways"] for one in item["Attachments"])

    def _nat(self, home: str) -> str:
        ports = ", ".join(f"{port} : {home} . {other}" for port, other in self.ports.items())
        return f"""table ip nat {{
            chain forward {{ type filter hook forward priority 0; policy accept;
                ct state invalid drop; ct state new tcp flags & (syn | ack) != syn drop; }}
            chain postrouting {{ type nat hook postrouting priority 100; policy accept;
                snat ip to tcp sport map {{ {ports} }}; snat to {home}; }}
        }}"""


def _associated(item: Mapping[str, Any], key: str, value: object) -> bool:
    return any(association.get(key) == value for association in item["Associations"])


def _target(route: Mapping[str, Any]) -> str:
    keys = ("GatewayId", "NatGatewayId", "VpcPeeringConnectionId")
    return next((str(route[key]) for key in keys if key in route), "")


def _acl_line(entry: Mapping[str, Any], peer: str) -> str:
    """A rule as nft has it; nothing for one that has nothing to do with TCP over IPv4, or that AWS refuses."""
    if entry["Protocol"] not in ("-1", "6") or "CidrBlock" not in entry:
        return ""
    what = "meta l4proto tcp"
    if entry["Protocol"] == "6":
        first, last = entry["PortRange"]["From"], entry["PortRange"]["To"]
        if first > last:
            return ""
        what = f"tcp dport {first}-{last}" if first < last else f"tcp dport {first}"
    everyone = entry["CidrBlock"] == "0.0.0.0/0"
    verdict = "accept" if entry["RuleAction"] == "allow" else "drop"
    return f"{what} {'' if everyone else f'ip {peer} ' + entry['CidrBlock']} {verdict};"
