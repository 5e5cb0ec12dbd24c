"""Bugs to practise on: each breaks one promise of the server, and some attack or scenario must notice.

A server has those that ``AUTH_SERVER_PLANTED_BUGS`` names, in a test world only. The rules know nothing of them: a bug
is put in when a server is put together (`auth_server.planted_bugs.planting`). docs/security.md lists them all.
"""
