# setup leaves the command at .venv/bin/standfast; demo and test each set up what they need. See scripts/.
.PHONY: setup demo test check regen clean

setup:
	@scripts/setup

demo: setup
	@scripts/demo

test: setup
	@scripts/check
	@scripts/test

check: setup
	@scripts/check

regen: setup
	@scripts/regen

clean:
	rm -rf .venv .tools out
