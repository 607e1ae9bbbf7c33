"""How fast code that others wrote is audited beside Checkov, in one run: python benchmarks/audit.py

standfast  `standfast audit FOLDER`: code read, every check, reachability, the findings as text
checkov    `checkov -d FOLDER --framework terraform --compact --quiet --skip-download`: what it does with the same files

Four folders, made here and thrown away: some 60 resources of AWS as people write them; 7,200 from modules inside
modules, 6 x 5 x 5 x 4 by `for_each`, twelve resources in the innermost; a quarter of those, for the growth; 7,200
from two levels, 24 x 25, of which Checkov makes every instance: of four levels it makes a tenth, and does not say so.
Each is a whole process from start to end, in seconds of the processor with all it starts, so that other work on the
machine counts less, and its largest memory. Both ran once before, so that Python's modules are compiled.

Checkov is the pinned one of .tools/checkov, which `scripts/checkov/setup` makes (--python: another environment's).
Goals: 8 times faster on the small folder, 30 times on the large one, growth of n^1.1 at most, under 300 MB.
"""

from __future__ import annotations

import argparse
import math
import os
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
TOP = HERE.parent
SMALL, LARGE, GROWTH, MEMORY = 8.0, 30.0, 1.1, 300.0
PROVIDER = 'provider "aws" {\n  region = "eu-west-1"\n}\n'

LEAF = """
variable "name" { type = string }
variable "cidr" { type = string }
variable "tags" { type = map(string) }
variable "open" { type = bool }

locals {
  full = lower(format("%s-%s", var.name, substr(sha256(var.name), 0, 6)))
  tags = merge(var.tags, { Name = local.full })
}

resource "aws_s3_bucket" "data" {
  bucket = "${local.full}-data"
  tags   = local.tags
}

resource "aws_s3_bucket_public_access_block" "data" {
  bucket                  = aws_s3_bucket.data.id
  block_public_acls       = !var.open
  block_public_policy     = !var.open
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_versioning" "data" {
  bucket = aws_s3_bucket.data.id
  versioning_configuration {
    status = var.open ? "Suspended" : "Enabled"
  }
}

resource "aws_kms_key" "data" {
  description         = "Data of ${local.full}"
  enable_key_rotation = !var.open
}

resource "aws_sqs_queue" "jobs" {
  name              = local.full
  kms_master_key_id = aws_kms_key.data.arn
}

resource "aws_sns_topic" "news" {
  name              = "${local.full}-news"
  kms_master_key_id = aws_kms_key.data.arn
}

resource "aws_cloudwatch_log_group" "app" {
  name              = "/app/${local.full}"
  retention_in_days = var.open ? 7 : 365
}

resource "aws_vpc" "own" {
  cidr_block = var.cidr
}

resource "aws_security_group" "app" {
  name   = local.full
  vpc_id = aws_vpc.own.id
  dynamic "ingress" {
    for_each = toset(["443", "8443"])
    content {
      protocol    = "tcp"
      from_port   = ingress.value
      to_port     = ingress.value
      cidr_blocks = [var.open ? "0.0.0.0/0" : var.cidr]
    }
  }
}

resource "aws_db_instance" "main" {
  identifier          = local.full
  engine              = "postgres"
  instance_class      = "db.t4g.small"
  allocated_storage   = 20
  storage_encrypted   = !var.open
  deletion_protection = true
  publicly_accessible = var.open
  kms_key_id          = aws_kms_key.data.arn
  tags                = local.tags
}

resource "aws_iam_role" "app" {
  name = local.full
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } }]
  })
}

resource "aws_iam_role_policy" "app" {
  role = aws_iam_role.app.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = var.open ? ["s3:*"] : ["s3:GetObject"]
      Resource = "${aws_s3_bucket.data.arn}/*"
    }]
  })
}
"""


def nested(folder: Path, widths: tuple[int, ...]) -> int:
    """Modules inside modules, so many of each by `for_each`; returns how many resources they make."""
    for level, width in enumerate(widths):
        where = folder if level == 0 else folder / "modules" / f"level{level}"
        where.mkdir(parents=True, exist_ok=True)
        inside = f"level{level + 1}"
        source = f"./modules/{inside}" if level == 0 else f"../{inside}"
        names = ", ".join(f'"n{k}"' for k in range(width))
        given = '"all"' if level == 0 else "var.name"
        head = PROVIDER if level == 0 else 'variable "name" { type = string }\n'
        last = level + 1 == len(widths)
        more = (
            '\n  cidr   = cidrsubnet("10.0.0.0/8", 12, tonumber(trimprefix(each.key, "n")))'
            '\n  tags   = { part = each.key }\n  open   = each.key == "n0"'
            if last
            else ""
        )
        (where / "main.tf").write_text(
            f'{head}\nmodule "part" {{\n  source   = "{source}"\n  for_each = toset([{names}])\n'
            f'  name     = "${{{given}}}-${{each.key}}"{more}\n}}\n'
        )
    leaf = folder / "modules" / f"level{len(widths)}"
    leaf.mkdir(parents=True)
    (leaf / "main.tf").write_text(LEAF)
    return math.prod(widths) * LEAF.count("\nresource ")


def flat(folder: Path, times: int = 5) -> int:
    """The same twelve resources by hand, without modules."""
    folder.mkdir()
    (folder / "provider.tf").write_text(PROVIDER)
    _, _, resources = LEAF.partition("\nresource ")
    for k in range(times):
        text = f"resource {resources}".replace("local.full", f"local.full{k}").replace("local.tags", f"local.tags{k}")
        for name in ("data", "jobs", "news", "app", "own", "main"):
            text = text.replace(f'" "{name}" {{', f'" "{name}{k}" {{')
            for kind in ("bucket", "kms_key", "vpc", "iam_role"):
                text = text.replace(f"{kind}.{name}.", f"{kind}.{name}{k}.")
        text = text.replace("var.open", "true" if k == 0 else "false").replace("var.cidr", f'"10.{k}.0.0/16"')
        names = f'locals {{\n  full{k} = "app-{k}"\n  tags{k} = {{ part = "{k}" }}\n}}\n'
        (folder / f"app{k}.tf").write_text(f"{names}\n{text}")
    return times * LEAF.count("\nresource ")


def measured(command: list[str], output: Path) -> tuple[float, float]:
    """Seconds of the processor and MB of a process with its children. Stops where it does not audit."""
    with output.open("wb") as file:
        environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "", "NO_COLOR": "1", "LOG_LEVEL": "ERROR"}
        process = subprocess.Popen(command, stdout=file, stderr=subprocess.STDOUT, env=environment)
        _, status, used = os.wait4(process.pid, 0)
    code = os.waitstatus_to_exitcode(status)
    if code not in (0, 1, 2):
        sys.exit(f"{' '.join(command)} ended with {code}:\n{output.read_text()[-2000:]}")
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--python", default=str(TOP / ".tools/checkov/bin/python"), help="an environment with Checkov")
    parser.add_argument("--small", action="store_true", help="leave out the large folder, which takes Checkov minutes")
    args = parser.parse_args()
    if not Path(args.python).exists():
        subprocess.run([TOP / "scripts" / "checkov" / "setup"], check=True)
    ours = [str(TOP / ".venv/bin/standfast"), "audit"]
    quiet = ["--framework", "terraform", "--compact", "--quiet", "--skip-download"]
    theirs = [args.python, "-m", "checkov.main", *quiet, "-d"]
    failed = False
    with tempfile.TemporaryDirectory() as made:
        root = Path(made)
        count = flat(root / "small")
        measured([*ours, str(root / "small")], root / "warm")
        measured([*theirs, str(root / "small")], root / "warm")
        one, memory = min(measured([*ours, str(root / "small")], root / "out") for _ in range(3))
        other, more = min(measured([*theirs, str(root / "small")], root / "out2") for _ in range(2))
        print(f"{count} resources: standfast {one:.2f} s, {memory:.0f} MB; checkov {other:.2f} s, {more:.0f} MB: "
              f"{other / one:.1f}x (goal {SMALL:.0f}x)")  # fmt: skip
        failed |= other / one < SMALL
        few = nested(root / "quarter", (3, 5, 5, 2))
        many = nested(root / "large", (6, 5, 5, 4))
        short, _ = measured([*ours, str(root / "quarter")], root / "out")
        long, memory = measured([*ours, str(root / "large")], root / "out")
        growth = math.log(long / short) / math.log(many / few)
        print(f"{few} resources: standfast {short:.2f} s")
        print(f"{many} resources: standfast {long:.2f} s, {memory:.0f} MB (goal {MEMORY:.0f} MB), "
              f"growth n^{growth:.2f} (goal {GROWTH})")  # fmt: skip
        failed |= memory > MEMORY or growth > GROWTH
        if not args.small:
            other, more = measured([*theirs, str(root / "large")], root / "out2")
            print(f"{many} resources, four levels deep: checkov {other:.2f} s, {more:.0f} MB: {other / long:.1f}x "
                  f"(goal {LARGE:.0f}x)")  # fmt: skip
            failed |= other / long < LARGE
            wide = nested(root / "wide", (24, 25))
            long, memory = measured([*ours, str(root / "wide")], root / "out")
            other, more = measured([*theirs, str(root / "wide")], root / "out2")
            print(f"{wide} resources, two levels deep: standfast {long:.2f} s, {memory:.0f} MB; "
                  f"checkov {other:.2f} s, {more:.0f} MB: {other / long:.1f}x (goal {LARGE:.0f}x)")  # fmt: skip
            failed |= other / long < LARGE
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
