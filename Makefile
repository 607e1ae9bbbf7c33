# setup leaves the command at .venv/bin/standfast; demo and test each set up what they need. See scripts/.
.PHONY: setup demo test check regen clean

setup:
	@scripts/setup

demo: setup
	@scripts/demo

test: setup
	@scripts/tools & fetching=$$!; scripts/check; found=$$?; wait $$fetching && exit $$found # what is fetched mostly waits
	@scripts/test

check: setup
	@scripts/check

regen: setup
	@scripts/regen

clean:
	rm -rf .venv .tools out
