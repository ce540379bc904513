"""Cluster API and BYOH: what bare-metal clusters are made of."""
