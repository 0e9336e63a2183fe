"""Checks the addresses of the register over the network, politely, and without being led into a private one."""
