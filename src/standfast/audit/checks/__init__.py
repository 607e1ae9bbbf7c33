"""The checks: one file each, found by being here. A module has `CHECK` and `check(estate)`; its docstring explains."""
