"""Answers: documents that are made from questions, for people and for programs."""
