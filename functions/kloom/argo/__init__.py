"""Argo CD's Applications: what they are made of, and what they may be called."""
