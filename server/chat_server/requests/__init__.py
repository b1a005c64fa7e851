"""How each request is granted: a module for each thing that people do.

Handlers are short: what they do is done by the domain, and they say it in the
protocol's words. They return the reply, or None where the reply is sent by others.
"""
