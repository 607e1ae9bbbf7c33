"""Which environment of a spec a verb works on: `--environment`. docs/spec.md."""

from __future__ import annotations

import argparse


def spec_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("spec", help="the spec file")
    environment_argument(parser)


def environment_argument(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--environment", metavar="NAME", default="", help="an environment of the spec (default: production)"
    )
