"""Calls that a RELAY session owns: `offers` are those it is offered, `dialing` starts one."""
