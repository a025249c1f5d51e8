"""Tests of forges; a package, so that they share the contract."""
