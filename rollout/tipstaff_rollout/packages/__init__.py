"""Debian and RPM packages, made and read without a tool of either; repeatable byte for byte."""
