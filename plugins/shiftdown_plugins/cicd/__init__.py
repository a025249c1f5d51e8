"""Pipelines: what runs on every change."""
