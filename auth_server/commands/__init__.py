"""What ``python -m auth_server`` can be told to do: one module a command, loaded when it is named.

A command is a module with `add_arguments`, which says what it takes, and `run`, which does it and gives the exit code.
"""
