"""A server under attack: what everybody else notices of one hostile client at a time."""
