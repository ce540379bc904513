"""Endpoints as URLs: whatever is taken for a host comes out of the URL again, and what is none is refused."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kloom.capi.endpoints import host_problem, name_of, port_problem, server_of

names = st.from_regex(r"([a-z0-9]([-a-z0-9]{0,8}[a-z0-9])?\.){0,3}[a-z]([-a-z0-9]{0,8}[a-z0-9])?", fullmatch=True)
hosts = st.ip_addresses().map(str) | names


@given(hosts, st.integers(1, 65535))
def test_host_and_port_come_out_again(host, port):
    assert host_problem(host) is None
    assert port_problem(port) is None
    url = urlsplit(server_of(host, port))
    assert (url.scheme, url.port, url.path) == ("https", port, "")
    assert url.hostname == host
    if ":" in host:
        assert f"[{ip_address(host)}]" in server_of(host, port)


WRONG = """
https://10.0.0.10 10.0.0.10:6443 [fd00::1] fd00::1::2 fe80::1%eth0 -a a- a/b a_b 999.0.0.1 10.0.0 10.0.0.010 1 a.1
""".split()  # noqa: SIM905  # a table of words


@pytest.mark.parametrize("host", [*WRONG, "", "a b", 1, None])
def test_what_is_no_host(host):
    assert host_problem(host)


@pytest.mark.parametrize("port", [0, -1, 65536, "6443", True, 6443.5, None])
def test_what_is_no_port(port):
    assert port_problem(port)


def test_the_name_in_cluster_api_is_the_alias_in_lower_case():
    assert name_of("cluster-A") == "cluster-a"
